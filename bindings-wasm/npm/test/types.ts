// Checked by the compiler, never run.
import { Merchant, PendingOperations, isBananaTechError, planRecharge, type ErrorCode } from "bananatech";

const merchant = new Merchant({ merchant_id: "", base_url: "", secret_key: "", codec: "hex" });
const call = merchant.card.recharge({ user_id: 1, card_id: 2, amount: "3.00" });
const answered = async (): Promise<string | undefined> => {
  const response = await fetch(call.url, call.init);
  return call.read(response.status, await response.text()).response.message;
};
void answered;

const { event } = merchant.receive(new Uint8Array());
switch (event.type) {
  case "CARD_RECHARGE_RESULT": {
    const amount: string | undefined = event.data.receive_amount;
    const id: number = event.data.card_id;
    void [amount, id];
    break;
  }
  case "CARD_BALANCE_CHANGE": {
    const exact: string = event.data.available;
    void exact;
  }
}

const settlement = new PendingOperations().settle(event);
if (settlement.kind === "settled") {
  const [first] = settlement.operations;
  if (first?.outcome.kind === "failed") void (first.outcome.reason satisfies string | undefined);
}

try {
  planRecharge({ user_id: 1, card_id: 2, amount: 3 });
} catch (error) {
  if (isBananaTechError(error)) {
    const code: ErrorCode = error.code;
    if (code === "amount.not_positive") void error.field;
    // @ts-expect-error: not a code
    if (code === "amount.no_such_rule") void 0;
  }
}

// @ts-expect-error: an id is a number
planRecharge({ user_id: "1", card_id: 2, amount: "3" });
// @ts-expect-error: a parsed object is not a raw body
merchant.receive({ encrypted_payload: "" });
// @ts-expect-error: a field is missing
planRecharge({ user_id: 1, card_id: 2 });
