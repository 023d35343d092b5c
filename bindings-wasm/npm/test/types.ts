// Checked by the compiler, never run.
import {
  CardState,
  Inquiry,
  Merchant,
  Pages,
  RecentDeliveries,
  Tracker,
  activationPin,
  amount,
  cardNumber,
  charge,
  checkPlan,
  checkTemplate,
  cvv,
  expiry,
  isBananaTechError,
  isExpired,
  judgeTime,
  other,
  pin,
  plan,
  readEvent,
  readResponse,
  version,
  type Brand,
  type Call,
  type CardStatus,
  type CardTemplate,
  type ErrorCode,
  type Event,
  type EventOf,
  type Json,
  type KnownEvent,
  type OperationId,
  type OperationName,
  type Operations,
  type PagedName,
  type PinSet,
  type Plan,
  type PlanOf,
  type Report,
  type ResponseTo,
  type TrackedOperation,
  type Transaction,
  type Weakness,
} from "bananatech";
import * as forms from "bananatech/forms";
import * as planOnly from "bananatech/plan";

/** Whether two types are the same, `any` and optional fields included. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const is = <_ extends true>(): void => {};

// Plans: known fields only, amounts as text or number in, as text out.
const planned = plan.card.recharge({ user_id: 1, card_id: 2, amount: 3 });
is<Same<typeof planned, PlanOf<"card.recharge">>>();
is<Same<typeof planned.body.amount, string>>();
planned.operation satisfies "card.recharge";
plan.card.recharge({ user_id: 1, card_id: 2, amount: "3.00" });
// @ts-expect-error: a field is missing
plan.card.recharge({ user_id: 1, card_id: 2 });
// @ts-expect-error: no such field
plan.card.recharge({ user_id: 1, card_id: 2, amount: "3.00", currency: "USD" });
// @ts-expect-error: ids are numbers
plan.card.recharge({ user_id: "1", card_id: 2, amount: "3.00" });
// @ts-expect-error: no body
plan.card.recharge();
// @ts-expect-error: the API's own names
plan.card.recharge({ userId: 1, card_id: 2, amount: "3.00" });
// What may be absent may be undefined.
plan.card.apply({ user_id: 1, template_id: 2, deposit_amount: undefined });
// @ts-expect-error: what has to be there may not
plan.card.recharge({ user_id: 1, card_id: 2, amount: undefined });
// @ts-expect-error: nor null
plan.card.apply({ user_id: 1, template_id: 2, deposit_amount: null });
is<Same<PlanOf<"card.apply">["body"]["deposit_amount"], string | undefined>>();

// A body may be left out exactly where no field is required.
plan.merchant.getAccountBalance();
plan.merchant.getCardTemplates();
plan.merchant.getWebhookRecords();
plan.user.getUsers({ limit: 10 });
plan.card.getTransactions();
plan.card.confirm3ds({ extra: { transaction_id: 7, nested: { a: [1, null] } } });
// @ts-expect-error: what the contract doesn't name stands apart
plan.card.confirm3ds({ transaction_id: 7 });
// @ts-expect-error: `url` is required
plan.merchant.setWebhookUrl();

// Open requests take what the contract doesn't know, in `extra`, closed ones don't. A word that isn't known is said to be another.
const ada = { email: "ada@example.com", template_id: 1 };
plan.user.register({
  ...ada,
  kyc_data: { first_name: "Ada", gender: other("X"), identification_type: "PASSPORT", city: undefined, extra: { nickname: "A" } },
  extra: { referral: [1] },
});
// @ts-expect-error: a misspelt word
plan.user.register({ ...ada, kyc_data: { gender: "MAEL" } });
// @ts-expect-error: a misspelt field
plan.user.register({ ...ada, kyc_data: { frist_name: "Ada" } });
// @ts-expect-error: a misspelt field
plan.user.register({ ...ada, phone_nubmer: "1" });
// @ts-expect-error: no fields are known to be taken beside these
plan.card.recharge({ user_id: 1, card_id: 2, amount: "3.00", extra: { currency: "USD" } });
plan.card.updateStatus({ user_id: 1, card_id: 2, alter: "ACTIVATE", pin: "482915" });
// A PIN only activates.
plan.card.updateStatus({ user_id: 1, card_id: 2, alter: "ACTIVATE", pin: undefined });
plan.card.updateStatus({ user_id: 1, card_id: 2, alter: "LOCK", pin: undefined });
// @ts-expect-error: a PIN only activates
plan.card.updateStatus({ user_id: 1, card_id: 2, alter: "LOCK", pin: "482915" });
// @ts-expect-error: a PIN only activates
merchant.card.updateStatus({ user_id: 1, card_id: 2, alter: "CLOSE", pin: "482915" });
// @ts-expect-error: one of four words
plan.card.updateStatus({ user_id: 1, card_id: 2, alter: "FREEZE" });
// @ts-expect-error: a PIN is text, or its zeros would be lost
plan.card.setPin({ user_id: 1, card_id: 2, pin: 6789 });
plan.card.assign({ user_id: 1, template_id: 2, card_number: "1234567890123456" });
plan.card.getTransactions({ status: other("REVERSED"), type: "RECHARGE", skip: undefined });
// @ts-expect-error: a misspelt word
plan.card.getTransactions({ status: "SUCCES" });

// A plan from elsewhere narrows on its operation.
const foreign = checkPlan(JSON.parse("{}"));
is<Same<typeof foreign, Plan>>();
switch (foreign.operation) {
  case "card.recharge":
    is<Same<typeof foreign.body.amount, string>>();
    break;
  case "user.register":
    is<Same<typeof foreign.body.email, string>>();
    // @ts-expect-error: a registration has no amount
    void foreign.body.amount;
    break;
  default:
    // @ts-expect-error: taken above
    foreign satisfies PlanOf<"card.recharge">;
}

checkPlan({}, { open_fields: ["card.3ds_confirm"] });
// @ts-expect-error: no such operation
checkPlan({}, { open_fields: ["card.top_up"] });

// Calls know their response, and whether something is to be waited for.
const merchant = new Merchant({
  merchant_id: "",
  base_url: "",
  secret_key: "",
  codec: "hex",
  other_keys: [{ key_id: "old", secret_key: "" }],
  paths: { "card.recharge": "/card/top_up" },
  sealed_answers_only: true,
  max_webhook_bytes: 65536,
  max_answer_bytes: 65536,
});
// @ts-expect-error: no such codec
new Merchant({ merchant_id: "", base_url: "", secret_key: "", codec: "latin1" });
// @ts-expect-error: no such operation
new Merchant({ merchant_id: "", base_url: "", secret_key: "", paths: { "card.top_up": "/" } });
// @ts-expect-error: the key is missing
new Merchant({ merchant_id: "", base_url: "" });

const call = merchant.card.recharge({ user_id: 1, card_id: 2, amount: "3.00" }, { iv: new Uint8Array(16) });
is<Same<typeof call, Call<"card.recharge">>>();
call satisfies Call;
const answered = async (): Promise<string | undefined> => {
  const response = await fetch(call.url, call.init);
  return call.read(response.status, await response.text()).message;
};
void answered;
const times = { sent_at: Date.now(), ask_at: Date.now() + 60_000, reference: "order 7" };
is<Same<ReturnType<typeof call.tracked>, TrackedOperation>>();
call.tracked({ sent_at: 0, id: "6f1c3f9e-52a4-4a0f-9b57-1b8d4a6f2c10", template: { id: 1, recharge_fee: "1.5" }, fee: "percent" });
// @ts-expect-error: when it is sent is needed
call.tracked({ reference: "order 7" });
// @ts-expect-error: how the fee is meant isn't documented
call.tracked({ sent_at: 0, template: { id: 1, recharge_fee: "1.5" } });
const balanceCall = merchant.card.getBalance({ user_id: 1, card_id: 2 });
is<Same<ReturnType<typeof balanceCall.tracked>, null>>();
const balance = balanceCall.answer(200, new Uint8Array());
is<Same<typeof balance.response.balance, string>>();
is<Same<typeof balance.response.refund_amount, string | undefined>>();
is<Same<typeof balance.sealed_with, string | null>>();
balance.json satisfies string;
is<Same<ResponseTo<"card.set_pin">, PinSet>>();
// @ts-expect-error: a parsed object is no body
balanceCall.read(200, {});
// @ts-expect-error: an initialisation vector is bytes
merchant.card.getBalance({ user_id: 1, card_id: 2 }, { iv: "" });
merchant.merchant.getCardTemplates().read(200, "").data satisfies CardTemplate[];
merchant.user.getUsers();

// So do sealed plans, and what is read without a call.
is<Same<ReturnType<typeof merchant.seal<"card.set_pin">>, Call<"card.set_pin">>>();
const sealed = merchant.seal(planned);
is<Same<typeof sealed, Call<"card.recharge">>>();
const any = merchant.seal(foreign, { open_fields: ["user.register"] });
if (any.tracked(times) === null) void any.operation;
if (foreign.operation === "card.get_balance") {
  merchant.seal(foreign).read(200, "").balance satisfies string;
}
merchant.seal({ operation: "card.recharge", body: { user_id: 1, card_id: 2, amount: "3.00" } });
// @ts-expect-error: the body is another operation's
merchant.seal({ operation: "card.recharge", body: { email: "", template_id: 1 } });
// @ts-expect-error: no such operation
merchant.seal({ operation: "card.top_up", body: {} });
// @ts-expect-error: text is to be checked first
merchant.seal("{}");
is<Same<ReturnType<typeof readResponse<"card.get_information">>, Operations["card.get_information"]["response"]>>();
readResponse("card.get_information", "{}").status satisfies CardStatus;
merchant.read("card.assign", 200, "").card_id satisfies number;
// @ts-expect-error: no such operation
merchant.read("card.top_up", 200, "");

// What the API adds arrives as JSON, apart, and never as `any`.
const { extra } = merchant.read("card.recharge", 200, "");
is<Same<Json | undefined, NonNullable<typeof extra>[string]>>();
// @ts-expect-error: it may be anything
void extra?.region.length;
// @ts-expect-error: the contract names no such field
void merchant.read("card.recharge", 200, "").region;
// @ts-expect-error: nor in a record of a list
void merchant.read("card.get_transactions", 200, "").data[0]?.region;
merchant.read("card.get_transactions", 200, "").data[0]?.extra?.region satisfies Json | undefined;

// Deliveries are events: known types narrow, unknown ones stay.
const delivery = merchant.receive(new Uint8Array());
delivery.fingerprint satisfies string;
delivery.key_id satisfies string;
delivery.json satisfies string;
delivery satisfies Event;
// @ts-expect-error: a delivery is read-only
delivery.fingerprint = "";
const handle = (event: Event): string => {
  switch (event.type) {
    case "CARD_RECHARGE_RESULT":
      is<Same<typeof event, EventOf<"CARD_RECHARGE_RESULT">>>();
      is<Same<typeof event.data.card_id, number>>();
      is<Same<typeof event.data.receive_amount, string | undefined>>();
      is<Same<typeof event.data.status extends string ? true : false, true>>();
      // @ts-expect-error: another event's field
      void event.data.before_available;
      // @ts-expect-error: a misspelt word
      if (event.data.status === "SUCCES") return "";
      switch (event.data.status) {
        case "SUCCESS":
        case "FAILED":
          event.data.status satisfies "SUCCESS" | "FAILED";
          break;
        // @ts-expect-error: no such word
        case "PENDING":
          break;
        default: {
          const word: string = event.data.status;
          return word;
        }
      }
      return event.data.receive_amount ?? "";
    case "CARD_BALANCE_CHANGE":
      return event.data.available;
    case "CARD_3DS":
      is<Same<typeof event.data, Json>>();
      return "";
    default:
      event.type satisfies string;
      return event.data === null ? event.type : "";
  }
};
handle(delivery);
switch (delivery.type) {
  case "CARD_ASSIGN_RESULT": {
    const id: number | undefined = delivery.data.card_id;
    void [id, delivery.fingerprint];
    break;
  }
  case "CARD_CLOSE_RESULT":
    delivery.data.refund_amount satisfies string | undefined;
    // @ts-expect-error: a close has no such field
    void delivery.data.receive_amount;
    break;
  default:
    delivery.type satisfies string;
    void delivery.data;
}
// Every known type taken, what is left is unknown, with its data.
const rest = (event: Event): Json => {
  switch (event.type) {
    case "USER_CREATE_RESULT":
    case "CARD_APPLY_RESULT":
    case "CARD_ACTIVATE_RESULT":
    case "CARD_ASSIGN_RESULT":
    case "CARD_STATUS_CHANGE":
    case "CARD_RECHARGE_RESULT":
    case "CARD_CLOSE_RESULT":
    case "CARD_BALANCE_CHANGE":
      event.data satisfies object;
      return null;
    case "TRANSACTION_CREATED":
    case "CARD_CORRECTION":
    case "CARD_3DS":
    case "CARD_VERIFICATION":
      return event.data;
    case "unrecognized":
      event.data.type satisfies string;
      is<Same<typeof event.data.code, ErrorCode>>();
      return event.data.data;
    default:
      // @ts-expect-error: no known type is left
      event satisfies KnownEvent;
      event.type satisfies string;
      return event.data;
  }
};
void rest;
// @ts-expect-error: no word that is known
if (delivery.type === "CARD_STATUS_CHANGE" && delivery.data.card_status === "FROZEN") void 0;
if (delivery.type === "CARD_STATUS_CHANGE" && delivery.data.card_status === other("FROZEN")) void 0;
// What it is about, whatever its type.
delivery.user_id satisfies number | undefined;
delivery.card_id satisfies number | undefined;
delivery.transaction_id satisfies number | undefined;
delivery.occurred_at satisfies number | undefined;
// @ts-expect-error: no event is called so
if (delivery.type === "CARD_NO_SUCH") void 0;
const newer: string = delivery.type;
if (newer === "CARD_NO_SUCH") void 0;
const event = readEvent(delivery.json);

// Time, templates, charges.
const freshness = judgeTime(event, Date.now(), { past_ms: 1000 });
if (freshness.verdict === "too_old") freshness.by_ms satisfies number;
// @ts-expect-error: only outside of the window
void (freshness.verdict === "fresh" && freshness.by_ms);
const template: CardTemplate = { id: 1, recharge_fee: "1.5", requires_kyc: true };
checkTemplate(template, planned);
charge(template, planned, "percent", "1000").total satisfies string;
// @ts-expect-error: of no template's concern
checkTemplate(template, plan.card.getTransactions());
// @ts-expect-error: how a fee is meant has two words
charge(template, planned, "tiered");

// Card values and amounts.
cardNumber("").brand satisfies Brand | null;
is<Same<ReturnType<typeof cardNumber>["luhn"], "valid" | "invalid">>();
const weaknesses: Weakness[] = [...pin("", { birth_date: "1987-03-14" }).weaknesses, ...activationPin("").weaknesses];
const dates: number = expiry("12/25").year + expiry("12/25").month;
const checked: void = cvv("123");
isExpired("12/25", 2026, 1) satisfies boolean;
amount.plus("0.1", 0.2) satisfies string;
["2", "1"].sort(amount.compare);
// @ts-expect-error: a bigint has no decimals
amount.parse(1n);
void [weaknesses, dates, checked, version() satisfies string];

// Paging: the records are the list's own.
const pages = new Pages(plan.card.getTransactions({ card_id: 2 }));
const next = pages.next();
if (next !== null) pages.accept(merchant.seal(next).read(200, "")) satisfies Transaction[];
pages.total satisfies number | null;
(pages.is_complete && pages.is_stable) satisfies boolean;
// @ts-expect-error: no list
new Pages(plan.card.getBalance({ user_id: 1, card_id: 2 }));
const all = async (): Promise<void> => {
  for await (const transaction of merchant.pages(plan.card.getTransactions(), fetch)) {
    is<Same<typeof transaction, Transaction>>();
  }
  const users = merchant.pages(plan.user.getUsers(), fetch);
  for await (const record of users) is<Same<typeof record, Json>>();
  users.end?.is_complete satisfies boolean | undefined;
};
void all;
is<Same<PagedName, "card.get_transactions" | "merchant.get_webhook_records" | "user.get_users">>();

// What became of operations. Whether others act has no default.
const tracker = new Tracker({ exclusive_since: Date.now(), clock_tolerance_ms: 1000, final_after_ms: 86_400_000 });
new Tracker({ shared: true, trust_type: true });
// @ts-expect-error: one of the two
new Tracker({});
// @ts-expect-error: one of the two
new Tracker({ clock_tolerance_ms: 1000 });
// @ts-expect-error: and not both
new Tracker({ exclusive_since: 0, shared: true });
// @ts-expect-error: nor neither
new Tracker({ shared: false });
// @ts-expect-error: nothing is assumed by itself
new Tracker();
new Tracker(tracker.assumptions);
const operation = call.tracked(times);
is<Same<typeof operation.amount, string | undefined>>();
is<Same<typeof operation.kind, "register" | "apply" | "assign" | "recharge" | "activate" | "lock" | "unlock" | "close">>();
const id: OperationId = operation.id;
tracker.store(operation) satisfies Report;
// @ts-expect-error: nothing confirms it
tracker.store(balanceCall.tracked(times));
const report = tracker.receive(delivery);
switch (report.verdict.kind) {
  case "settled":
  case "settled_by_count": {
    const [first] = report.settled;
    // @ts-expect-error: there may be none
    void first.outcome;
    if (first?.outcome.kind === "failed") first.outcome.reason satisfies string | undefined;
    if (first?.outcome.kind === "succeeded") first.outcome.card_id satisfies number | undefined;
    break;
  }
  case "clocks_differ":
    report.verdict.milliseconds satisfies number;
    break;
  default:
    report.verdict.kind satisfies
      | "noted" | "open" | "repeated" | "already_ended" | "foreign_activity" | "doubted" | "contradiction";
}
[...report.doubted, ...report.contradicted, ...report.candidates] satisfies OperationId[];
for (const thing of report.things) tracker.nameForeign(thing);
for (const scope of report.foreign_activity) scope satisfies string;
tracker.take(event);
tracker.take(delivery.json);
// @ts-expect-error: only what a merchant opened
tracker.receive(event);
tracker.acknowledge(id, call.read(200, ""));
tracker.find(id, { kind: "succeeded", card_id: 2 }, { transaction_id: 7, at: Date.now() });
// @ts-expect-error: no such outcome
tracker.find(id, { kind: "unknown" }, { at: 0 });
// @ts-expect-error: when it was found
tracker.find(id, { kind: "failed" }, {});
tracker.withdraw(id);
tracker.forgetBefore(Date.now()) satisfies number;
tracker.operation(id) satisfies TrackedOperation | null;
for (const inquiry of [...tracker.overdue(Date.now()), ...Inquiry.about(operation)]) {
  inquiry.operation_id satisfies OperationId;
  const next = Inquiry.fromJson(inquiry.toJson()).withEmail("ada@example.com").nextRequest();
  if (next !== null) inquiry.accept(merchant.seal(next).read(200, ""), Date.now());
  tracker.learn(inquiry);
}
// @ts-expect-error: made by `about`, `overdue` and `fromJson`
new Inquiry("");
Tracker.fromJson(tracker.toJson()).operations() satisfies TrackedOperation[];

// A card's state.
const card = new CardState(2, { needs_activation: true });
card.fold(delivery) satisfies "applied" | "duplicate" | "stale" | "irrelevant";
card.observe(merchant.read("card.get_information", 200, ""), Date.now());
card.checkPlan(planned);
card.check("set_pin");
// @ts-expect-error: no such action
card.check("freeze");
card.balance?.available satisfies string | undefined;
is<Same<typeof card.status, CardStatus | null>>();
is<Same<typeof card.possible_statuses, CardStatus[]>>();
card.possible_balances[0]?.before_available satisfies string | undefined;
card.status_as_of satisfies number | null;
card.merge(new CardState(card.toJSON()));
card.merge(String(card));
card.toJSON().statuses[0]?.observed satisfies boolean | undefined;
// @ts-expect-error: only read
card.status = "ACTIVE";

new RecentDeliveries().remember(delivery.fingerprint) satisfies "new" | "duplicate";

// Tests of a receiver and of a caller, typed by the event and by the operation.
merchant.testWebhook("CARD_3DS", { id: 7 });
merchant.testWebhook("CARD_RECHARGE_RESULT");
merchant.testWebhook("CARD_RECHARGE_RESULT", { card_id: 2, receive_amount: "99.00", user_id: undefined, extra: { batch: 1 } });
merchant.testWebhook("CARD_STATUS_CHANGE", { status: other("PENDING"), card_status: "LOCKED" }, { iv: undefined });
merchant.testWebhook("CARD_STATUS_CHANGE", '{"status": "SUCCES"}');
merchant.testWebhook(other("CARD_NO_SUCH"), { status: "SUCCES" });
// @ts-expect-error: no event is called so
merchant.testWebhook("CARD_NO_SUCH", {});
// @ts-expect-error: this library's own word isn't sent
merchant.testWebhook("unrecognized", {});
// @ts-expect-error: a misspelt word
merchant.testWebhook("CARD_RECHARGE_RESULT", { status: "SUCCES" });
// @ts-expect-error: a misspelt field
merchant.testWebhook("CARD_RECHARGE_RESULT", { recieve_amount: "99.00" });
// @ts-expect-error: another event's field
merchant.testWebhook("CARD_RECHARGE_RESULT", { refund_amount: "99.00" });
merchant.testAnswer("card.get_balance");
merchant.testAnswer("card.get_balance", { balance: "7.50", currency: undefined, extra: { hold: "1" } });
merchant.testAnswer("card.get_transactions", { data: [{ id: 1, amount: "5", type: other("REFUND"), status: "PENDING" }] });
merchant.testAnswer("card.set_pin", "not even JSON", { iv: new Uint8Array(16) });
// @ts-expect-error: no such operation
merchant.testAnswer("card.top_up");
// @ts-expect-error: a misspelt field
merchant.testAnswer("card.get_information", { nubmer: "4111111111111111" });
// @ts-expect-error: a misspelt word
merchant.testAnswer("card.get_information", { status: "ACTIV" });
// @ts-expect-error: which operation is needed
merchant.testAnswer({ message: "Operation requested" });

// What is absent may be undefined, wherever it is given.
new Merchant({ merchant_id: "", base_url: "", secret_key: "", codec: undefined, other_keys: undefined, paths: { "card.recharge": undefined } });
new Tracker({ shared: true, trust_type: undefined, clock_tolerance_ms: undefined });
new CardState(2, { needs_activation: undefined });
checkPlan({}, { open_fields: undefined });
merchant.seal({ operation: "card.apply", body: { user_id: 1, template_id: 2, deposit_amount: undefined } }, { iv: undefined });
call.tracked({ sent_at: 0, id: undefined, ask_at: undefined, reference: undefined, template: undefined, fee: undefined });
checkTemplate({ id: 1, recharge_fee: undefined }, planned);
judgeTime(event, 0, { past_ms: undefined });
tracker.find(id, { kind: "failed", reason: undefined }, { at: 0, transaction_id: undefined });
merchant.diagnose("") satisfies string | null;

// A key is wiped at the end of its scope.
{
  using scoped = new Merchant({ merchant_id: "", base_url: "", secret_key: "" });
  using books = new Tracker({ shared: true });
  void [scoped, books];
}

try {
  merchant.free();
} catch (error) {
  if (isBananaTechError(error)) {
    const code: ErrorCode = error.code;
    if (code === "amount.not_positive") void error.field;
    if (code === "tracking.unknown" || code === "tracking.known" || code === "tracking.owned") void error.field;
    if (code === "tracking.refuted" || code === "operation_id.format") void error.field;
    // @ts-expect-error: not a code
    if (code === "amount.no_such_rule") void 0;
    if (error.category === "rejected") {
      error.rejection.message satisfies string | null;
      tracker.reject(id, error);
    }
    if (error.code === "answer.not_known") tracker.reject(id, error);
    if (error.code === "answer.not_known") error.answer.body satisfies string;
    // @ts-expect-error: not a category
    if (error.category === "fatal") void 0;
  }
}

// Card fields.
const typed = forms.number("4111", { maxLength: null, skipLuhnValidation: true });
is<Same<typeof typed.card, forms.Card | null>>();
is<Same<typeof typed.reason, forms.Reason | null>>();
typed.assignment.isPotentiallyValid satisfies boolean;
// @ts-expect-error: the facts of a brand are the same for all
forms.brands()[0]?.gaps.push(4);
// @ts-expect-error: no text
forms.number(4111);
forms.expiry("12/27", { now: new Date(), maxYears: 10 }).year satisfies number | null;
forms.expiry("12/27", { now: { year: 2026, month: 11 } }).value satisfies string | null;
forms.cvv("123", typed.card?.code.size ?? [3, 4]).value satisfies string;
// @ts-expect-error: no such size
forms.cvv("123", 5);
forms.name("Ada").isValid satisfies boolean;
forms.postalCode("94103", { minLength: 5 }).value satisfies string;
const judged = forms.pin("482915", { activation: true, refuseWeak: true, context: { birth_date: "1987-03-14" } });
// @ts-expect-error: what is said of a PIN doesn't hold it
void judged.value;
is<Same<forms.Weakness, Weakness>>();
is<Same<forms.Brand, Brand>>();
forms.review("4829") satisfies Weakness[];
forms.edit("number", "4111", [4, 4], { insert: "1" }).selection satisfies [number, number];
forms.edit({ digits: 6 }, "4111", [4, 4], { delete: "backward" }).text satisfies string;
forms.edit("expiry", "12", [2, 2], { changed: "122", selection: [3, 3] });
forms.edit({ number: 16 }, "4111", [4, 4], { insert: "1" });
forms.edit("assigned-number", "12", [2, 2], { replace: [0, 2], with: "" });
// @ts-expect-error: no such kind
forms.edit("postal-code", "", [0, 0]);
const attached = forms.attach(document.createElement("input"), "number", { assignment: true });
is<Same<typeof attached.state, forms.NumberField & forms.InputState<"number">>>();
document.createElement("form").addEventListener("fieldstate", ({ detail, target }) => {
  detail.isWrong satisfies boolean;
  detail.reason satisfies forms.Reason | null;
  if (detail.kind === "number") detail.card satisfies forms.Card | null;
  if (detail.kind === "expiry") detail.year satisfies number | null;
  // @ts-expect-error: another kind has no card
  if (detail.kind === "cvv") void detail.card;
  // @ts-expect-error: no such kind
  if (detail.kind === "card-number") void 0;
  target satisfies EventTarget | null;
});
const heard = ({ detail }: forms.FieldStateEvent) => void detail.kind;
document.addEventListener("fieldstate", heard);
document.body.attachShadow({ mode: "open" }).addEventListener("fieldstate", heard);
document.body.attachShadow({ mode: "open" }).removeEventListener("fieldstate", heard);
attached.update();
attached.update({ assignment: false });
// @ts-expect-error: an option of another kind
attached.update({ size: 4 });
attached.detach();
// @ts-expect-error: no input
forms.attach(document.body, "cvv");

// Every operation is in one of the three groups, under one name.
const methods: Record<OperationName, (body: never) => { operation: OperationName }> = {
  "merchant.get_account_balance": plan.merchant.getAccountBalance,
  "merchant.get_card_templates": plan.merchant.getCardTemplates,
  "merchant.set_webhook_url": plan.merchant.setWebhookUrl,
  "merchant.get_webhook_records": plan.merchant.getWebhookRecords,
  "user.register": plan.user.register,
  "user.get_users": plan.user.getUsers,
  "card.apply": plan.card.apply,
  "card.recharge": plan.card.recharge,
  "card.update_status": plan.card.updateStatus,
  "card.get_balance": plan.card.getBalance,
  "card.get_information": plan.card.getInformation,
  "card.get_transactions": plan.card.getTransactions,
  "card.assign": plan.card.assign,
  "card.set_pin": plan.card.setPin,
  "card.3ds_confirm": plan.card.confirm3ds,
};
void methods;

// The entry without a key has the same plans, and nothing to seal them with.
planOnly.plan.card.recharge({ user_id: 1, card_id: 2, amount: "3.00" }) satisfies PlanOf<"card.recharge">;
planOnly.cardNumber("").luhn satisfies "valid" | "invalid";
new planOnly.CardState(2).fold(planOnly.readEvent("{}")) satisfies planOnly.Fold;
// @ts-expect-error: only a type
new planOnly.Merchant({ merchant_id: "", base_url: "", secret_key: "" });

import { Backend, sqlite, type Notice, type Sent } from "bananatech/backend";
import { postgres, type Pool } from "bananatech/backend/postgres";

export const aBackend = async (merchant: Merchant, pool: Pool) => {
  const store = (await Math.random()) > 0.5 ? await sqlite(":memory:") : await postgres(pool);
  const backend = new Backend({ merchant, assumptions: { exclusive_since: 0 }, store });
  const sent: Sent = await backend.send(plan.card.recharge({ user_id: 1, card_id: 2, amount: "5" }), "order 7");
  if (sent.state === "refused") console.log(sent.rejection.status);
  const applied = await backend.send(plan.card.apply({ user_id: 1, template_id: 2 }), "order 8");
  if (applied.state === "taken") applied.response.card_id satisfies number | undefined;
  // @ts-expect-error: what only asks isn't sent
  await backend.send(plan.card.getBalance({ user_id: 1, card_id: 2 }), "");
  // @ts-expect-error: a page's plan is checked first
  await backend.send("{}", "");
  const made: Plan = planOnly.checkPlan("{}");
  if (made.operation === "card.recharge") await backend.send(made, "", { template: undefined, fee: undefined });
  const balance: string = (await backend.ask(plan.card.getBalance({ user_id: 1, card_id: 2 }))).balance;
  const outcome = (await backend.inquire(sent.operation.id))?.outcome?.kind;
  new Backend({ merchant, store, assumptions: { shared: true }, one_at_a_time: undefined, ask_after_ms: undefined, fetch: undefined, onEvent: undefined });
  const received = await backend.receive("{}");
  if (received.status === 200) console.log(received.delivery.type, received.report.verdict.kind);
  await backend.deliver((notice: Notice) => {
    if (notice.kind === "settled") console.log(notice.operation.outcome?.kind);
    if (notice.kind === "not_sent") console.log(notice.code);
  });
  const open: number = (await backend.counts()).open;
  // @ts-expect-error what is assumed has no default
  new Backend({ merchant, store });
  return open;
};
