import { bytes, decoder, forged, fromHex, hex, joined, platformBase64, request } from "./common.js";

/** WebCrypto: the platform's, asynchronous. */
export const webCrypto = async (secret) => {
  const { subtle } = crypto;
  const raw = bytes(secret);
  const aes = await subtle.importKey("raw", raw, "AES-CBC", false, ["encrypt", "decrypt"]);
  const mac = await subtle.importKey("raw", raw, { name: "HMAC", hash: "SHA-256" }, false, ["sign", "verify"]);
  return {
    name: "WebCrypto",
    isAsync: true,
    async seal(target, body, iv = crypto.getRandomValues(new Uint8Array(16))) {
      const ciphertext = await subtle.encrypt({ name: "AES-CBC", iv }, aes, bytes(JSON.stringify(body)));
      const payload = platformBase64.encode(joined(iv, new Uint8Array(ciphertext)));
      return request(target, payload, hex(new Uint8Array(await subtle.sign("HMAC", mac, bytes(payload)))));
    },
    async open(text) {
      const { encrypted_payload: payload, hmac: told, type } = JSON.parse(text);
      if (!(await subtle.verify("HMAC", mac, fromHex(told), bytes(payload)))) forged();
      const sealed = platformBase64.decode(payload);
      const plaintext = await subtle.decrypt({ name: "AES-CBC", iv: sealed.subarray(0, 16) }, aes, sealed.subarray(16));
      return { type, data: JSON.parse(decoder.decode(plaintext)) };
    },
  };
};
