//! The envelope against values from an independent implementation: Python's `cryptography`, `hmac` and `base64`, with
//! the IV 000102030405060708090a0b0c0d0e0f.

use bananatech_sandbox::envelope::{KeyCodec, OpenError, Sealed, SecretKey, hmac, open, seal};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

const IV: [u8; 16] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];

struct Case {
    key: &'static str,
    codec: KeyCodec,
    plaintext: &'static str,
    payload: &'static str,
    hmac: &'static str,
}

const CASES: [Case; 5] = [
    Case {
        key: "sandbox-secret-key-0123456789abc",
        codec: KeyCodec::Utf8,
        plaintext: "{\"card_id\":12345}",
        payload: "AAECAwQFBgcICQoLDA0OD+i3HVt3JhC37fE/49Rg1kg2cG7UeiO+pjpHBr7UcrMT",
        hmac: "7b12134ecdbd9db17b6defb7424de7cf404af99de24bb4e627b77d44fa494fa8",
    },
    Case {
        key: "0123456789abcdef",
        codec: KeyCodec::Utf8,
        plaintext: "{}",
        payload: "AAECAwQFBgcICQoLDA0OD597lK2kRRispyBIigHJfQk=",
        hmac: "a16c77277cfbdb686d930b979fc329b4b7b39be035ca1830d2b334ca38cbcc58",
    },
    Case {
        key: "000102030405060708090a0b0c0d0e0f1011121314151617",
        codec: KeyCodec::Hex,
        plaintext: "{\"user_id\":12345}",
        payload: "AAECAwQFBgcICQoLDA0ODzRnCaI8+EYGZvF8vsywXneA5myi1Pd6jhlw0QdPoC+n",
        hmac: "4911d0e88e927d0b450512ad0ebd4701c7ba17bf7d3cc488c932b26406360d58",
    },
    Case {
        key: "AAECAwQFBgcICQoLDA0ODw==",
        codec: KeyCodec::Base64,
        plaintext: "{\"exactly\":\"16\"}",
        payload: "AAECAwQFBgcICQoLDA0ODxDwGzsbgWoLwXkEG11FVRYSP32mvj5mSIkbTRfnBnH2",
        hmac: "91d861c42bbb401dbd278f3537de1e12c3f8dcbe3a51cf0bb8bb55270aee0e9a",
    },
    Case {
        key: "any text at all",
        codec: KeyCodec::Sha256,
        plaintext: "{\"name\":\"Zoë\"}",
        payload: "AAECAwQFBgcICQoLDA0ODw9ZlbAKW/O+UvPeEthVtR0=",
        hmac: "151e408c9062cea3344bab4a9bb41c33da05fd32dd2a61198ebeb60d824c8bf6",
    },
];

#[test]
fn seals_and_opens_as_python_does() {
    for case in CASES {
        let key = SecretKey::new(case.key, case.codec).unwrap();
        let expected = Sealed {
            encrypted_payload: case.payload.to_owned(),
            hmac: case.hmac.to_owned(),
        };
        assert_eq!(seal(&key, IV, case.plaintext.as_bytes()), expected);
        let opened = open(std::slice::from_ref(&key), case.payload, case.hmac);
        assert_eq!(opened, Ok((0, case.plaintext.as_bytes().to_vec())));
        let opened = open(&[key], case.payload, &case.hmac.to_uppercase());
        assert!(opened.is_ok(), "hex is read in either case");
    }
}

#[test]
fn keys_are_16_24_or_32_bytes() {
    for length in 0..64 {
        let key = SecretKey::new(&"k".repeat(length), KeyCodec::Utf8);
        assert_eq!(key.is_some(), matches!(length, 16 | 24 | 32), "{length}");
    }
    assert!(SecretKey::new("not hex at all!!", KeyCodec::Hex).is_none());
    assert!(SecretKey::new("not base64 @@@@@", KeyCodec::Base64).is_none());
    let key = SecretKey::new("canary-canary-ca", KeyCodec::Utf8).unwrap();
    assert!(!format!("{key:?}").contains("canary"));
}

#[test]
fn the_mac_is_judged_before_anything_is_decoded() {
    let key = SecretKey::new(CASES[0].key, CASES[0].codec).unwrap();
    let keys = [key];
    assert_eq!(open(&keys, "@@@", &"0".repeat(64)), Err(OpenError::Mac));
    for mac in [
        "",
        "zz",
        &CASES[0].hmac[..62],
        &format!("{}00", CASES[0].hmac),
    ] {
        assert_eq!(open(&keys, CASES[0].payload, mac), Err(OpenError::Mac));
    }
    // Under a right MAC: what isn't base64, has no whole block, or has a wrong padding.
    let mac = |payload: &str| {
        hmac(&keys[0], payload.as_bytes())
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect::<String>()
    };
    let (empty, partial) = (STANDARD.encode(IV), STANDARD.encode([7; 40]));
    for payload in ["@@@", "", "AAAA", &empty, &partial] {
        assert_eq!(
            open(&keys, payload, &mac(payload)),
            Err(OpenError::Payload),
            "{payload}"
        );
    }
    let noise = STANDARD.encode([7; 48]);
    assert_eq!(open(&keys, &noise, &mac(&noise)), Err(OpenError::Padding));
}

#[test]
fn any_key_opens_and_is_named() {
    let new = SecretKey::new(CASES[1].key, CASES[1].codec).unwrap();
    let old = SecretKey::new(CASES[0].key, CASES[0].codec).unwrap();
    let opened = open(&[new, old], CASES[0].payload, CASES[0].hmac);
    assert_eq!(opened.map(|(index, _)| index), Ok(1));
}
