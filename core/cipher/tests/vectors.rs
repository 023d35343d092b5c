//! The steps inside the envelope against the published vectors.
#![allow(missing_docs)]

use bananatech_cipher::{Key, hex};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::Value;
use sha2::Sha256;

fn cases(text: &str) -> Vec<Value> {
    let file: Value = serde_json::from_str(text).unwrap();
    file["cases"].as_array().unwrap().clone()
}

fn bytes(case: &Value, field: &str) -> Vec<u8> {
    base16ct::lower::decode_vec(case[field].as_str().unwrap()).unwrap()
}

#[test]
fn aes_cbc_as_in_sp800_38a() {
    for case in cases(include_str!(
        "../../../tests/vectors/aes_cbc_sp800_38a.json"
    )) {
        let key = Key::new(&bytes(&case, "key_hex")).unwrap();
        let iv: [u8; 16] = bytes(&case, "iv_hex").try_into().unwrap();
        let (plaintext, ciphertext) = (
            bytes(&case, "plaintext_hex"),
            bytes(&case, "ciphertext_hex"),
        );

        let (body, _) = key.seal(&iv, &plaintext, "", 0);
        let sealed = STANDARD.decode(&body).unwrap();
        // The standard's example has no padding: ours follows it, a block of its own.
        assert_eq!(sealed[16..16 + ciphertext.len()], ciphertext);
        assert_eq!(sealed.len(), 16 + ciphertext.len() + 16);

        assert_eq!(
            key.open(std::str::from_utf8(&body).unwrap()).unwrap(),
            plaintext
        );
    }
}

#[test]
fn hmac_sha256_as_in_rfc4231() {
    for case in cases(include_str!("../../../tests/vectors/hmac_rfc4231.json")) {
        let mut state = Hmac::<Sha256>::new_from_slice(&bytes(&case, "key_hex")).unwrap();
        state.update(&bytes(&case, "data_hex"));
        let mac = bytes(&case, "mac_hex");
        assert_eq!(state.finalize().into_bytes()[..mac.len()], mac);
    }
}

#[test]
fn every_step_of_sealing() {
    for case in cases(include_str!("../../../tests/vectors/envelope.json")) {
        let key = Key::new(&bytes(&case, "key_hex")).unwrap();
        let iv: [u8; 16] = bytes(&case, "iv_hex").try_into().unwrap();
        let padded = bytes(&case, "padded_hex");
        let ciphertext = bytes(&case, "ciphertext_hex");

        let (body, mac) = key.seal(&iv, &bytes(&case, "plaintext_hex"), "", 0);
        assert_eq!(body, case["payload"].as_str().unwrap().as_bytes());
        assert_eq!(hex(&mac), case["hmac"].as_str().unwrap());

        let sealed = STANDARD.decode(&body).unwrap();
        assert_eq!(sealed[..16], iv);
        assert_eq!(sealed[16..], ciphertext);
        // PKCS7: what is padded is the plaintext, and as many bytes of the pad's length as are missing.
        let plaintext = bytes(&case, "plaintext_hex");
        assert_eq!(padded[..plaintext.len()], plaintext);
        assert_eq!(
            padded.len() - plaintext.len(),
            usize::from(*padded.last().unwrap())
        );
        assert_eq!(
            key.open(case["payload"].as_str().unwrap()).unwrap(),
            plaintext
        );
    }
}
