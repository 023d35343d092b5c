import AES from "crypto-js/aes.js";
import Hex from "crypto-js/enc-hex.js";
import Base64 from "crypto-js/enc-base64.js";
import Utf8 from "crypto-js/enc-utf8.js";
import HmacSHA256 from "crypto-js/hmac-sha256.js";
import WordArray from "crypto-js/lib-typedarrays.js";
import { bytes, equal, forged, request } from "./common.js";

/** crypto-js: no longer maintained, and still what most examples use. */
export const cryptoJs = (secret) => {
  const key = Utf8.parse(secret);
  return {
    name: "crypto-js",
    seal(target, body, iv = crypto.getRandomValues(new Uint8Array(16))) {
      const words = WordArray.create(iv);
      const { ciphertext } = AES.encrypt(JSON.stringify(body), key, { iv: words });
      const payload = Base64.stringify(words.clone().concat(ciphertext));
      return request(target, payload, Hex.stringify(HmacSHA256(payload, key)));
    },
    open(text) {
      const { encrypted_payload: payload, hmac: told, type } = JSON.parse(text);
      if (!equal(bytes(Hex.stringify(HmacSHA256(payload, key))), bytes(told))) forged();
      const sealed = Base64.parse(payload);
      const iv = WordArray.create(sealed.words.slice(0, 4), 16);
      const ciphertext = WordArray.create(sealed.words.slice(4), sealed.sigBytes - 16);
      return { type, data: JSON.parse(AES.decrypt({ ciphertext }, key, { iv }).toString(Utf8)) };
    },
  };
};
