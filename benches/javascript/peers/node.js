import { bytes, forged, hex, request } from "./common.js";

/** `node:crypto`: OpenSSL, with the processor's instructions for AES and SHA. */
export const nodeCrypto = (crypto, secret) => {
  const key = crypto.createSecretKey(bytes(secret));
  const algorithm = `aes-${key.symmetricKeySize * 8}-cbc`;
  const mac = (text) => crypto.createHmac("sha256", key).update(text);
  return {
    name: "node:crypto",
    seal(target, body, iv = crypto.randomBytes(16)) {
      const cipher = crypto.createCipheriv(algorithm, key, iv);
      const payload = Buffer.concat([iv, cipher.update(JSON.stringify(body)), cipher.final()]).toString("base64");
      return request(target, payload, mac(payload).digest("hex"));
    },
    open(text) {
      const { encrypted_payload: payload, hmac: told, type } = JSON.parse(text);
      if (!crypto.timingSafeEqual(mac(payload).digest(), Buffer.from(told, "hex"))) forged();
      const sealed = Buffer.from(payload, "base64");
      const decipher = crypto.createDecipheriv(algorithm, key, sealed.subarray(0, 16));
      const plaintext = decipher.update(sealed.subarray(16), undefined, "utf8") + decipher.final("utf8");
      return { type, data: JSON.parse(plaintext) };
    },
  };
};
