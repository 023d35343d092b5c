import { checkPlan } from "bananatech/plan";
import { plan } from "bananatech/plan"; // without key and cipher

const wanted = plan.card.recharge({ user_id: 12345, card_id: 200001, amount: "100.00" });
const text = JSON.stringify(wanted); // for your backend

console.log(checkPlan(text).operation);

const first = () => [
  plan.user.register({ email: "ada@example.com", template_id: 1 }),
  plan.card.assign({ user_id: 12345, template_id: 1, card_number: "1234567890123456" }),
  plan.card.updateStatus({ user_id: 12345, card_id: 200001, alter: "ACTIVATE", pin: "482915" }),
];
for (const { operation } of first()) console.log(operation);
