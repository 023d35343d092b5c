// What `bananatech/plan` has of the whole: all that needs no key. It has no `Merchant`, so that a page can't seal by mistake.
export type * from "./index.js";
export {
  CardState,
  Pages,
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
} from "./index.js";
