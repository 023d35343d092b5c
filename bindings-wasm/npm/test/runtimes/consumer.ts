// What else a TypeScript program may import. Checked by the compiler, never run.
import { cardNumber, type ErrorCode } from "bananatech";
import * as plan from "bananatech/plan";
import * as slim from "bananatech/slim";
import compiled from "bananatech/bananatech.wasm";

const brand: string | null = cardNumber("4111111111111111").brand;
const code: ErrorCode = "card_number.digits";

export const ready: Promise<void> = slim.init(new Uint8Array(8));
export const later: Promise<void> = slim.init("/bananatech.wasm");
slim.initSync(compiled);
slim.initSync(new ArrayBuffer(8));
export const same: typeof cardNumber = slim.cardNumber;
export const alike: typeof cardNumber = plan.cardNumber;
// @ts-expect-error: there is no key in it
void plan.Merchant;
void [brand, code];
// @ts-expect-error: no module
slim.initSync(7);
// @ts-expect-error: an address takes time
slim.initSync("/bananatech.wasm");
