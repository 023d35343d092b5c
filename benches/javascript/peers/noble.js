import { cbc } from "@noble/ciphers/aes.js";
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { bytes, decoder, equal, forged, fromHex, hex, joined, platformBase64, request } from "./common.js";

/** `@noble/ciphers` and `@noble/hashes`: audited, plain JavaScript. */
export const noble = (secret) => {
  const key = bytes(secret);
  const state = hmac.create(sha256, key);
  const mac = (text) => state.clone().update(bytes(text)).digest();
  return {
    name: "noble",
    seal(target, body, iv = crypto.getRandomValues(new Uint8Array(16))) {
      const payload = platformBase64.encode(joined(iv, cbc(key, iv).encrypt(bytes(JSON.stringify(body)))));
      return request(target, payload, hex(mac(payload)));
    },
    open(text) {
      const { encrypted_payload: payload, hmac: told, type } = JSON.parse(text);
      if (!equal(mac(payload), fromHex(told))) forged();
      const sealed = platformBase64.decode(payload);
      const plaintext = cbc(key, Uint8Array.from(sealed.subarray(0, 16))).decrypt(sealed.subarray(16));
      return { type, data: JSON.parse(decoder.decode(plaintext)) };
    },
  };
};
