//! A webhook's raw body, and authentic ones with any type and data.
#![no_main]

use bananatech_core::Event;
use bananatech_fuzz::{MERCHANT, choice, iv, no_echo_in_parts, with_canaries};
use libfuzzer_sys::fuzz_target;

const TYPES: [&str; 13] = [
    "USER_CREATE_RESULT",
    "CARD_APPLY_RESULT",
    "CARD_ACTIVATE_RESULT",
    "CARD_ASSIGN_RESULT",
    "CARD_STATUS_CHANGE",
    "CARD_RECHARGE_RESULT",
    "CARD_CLOSE_RESULT",
    "CARD_BALANCE_CHANGE",
    "TRANSACTION_CREATED",
    "CARD_CORRECTION",
    "CARD_3DS",
    "CARD_VERIFICATION",
    "SOMETHING_NEW",
];

fn receive(body: &[u8]) {
    let diagnosis = MERCHANT.diagnose(body);
    match MERCHANT.receive(body) {
        Ok(delivery) => {
            assert_eq!(diagnosis, None);
            assert_eq!(delivery.fingerprint().to_string().len(), 64);
            // What was read can be written, and read again.
            let text = delivery.event().to_json();
            let again = Event::from_json(&text).expect("our own JSON is read");
            assert_eq!(*delivery.event(), again);
        }
        Err(error) => no_echo_in_parts(&error),
    }
}

fuzz_target!(|data: &[u8]| {
    let Some((first, rest)) = choice(data) else {
        return;
    };
    if first == 255 {
        receive(rest);
        if let Ok(text) = std::str::from_utf8(rest) {
            for body in with_canaries(rest.len(), text) {
                receive(body.as_bytes());
            }
        }
        return;
    }
    let Ok(text) = std::str::from_utf8(rest) else {
        return;
    };
    for data in with_canaries(first, text) {
        receive(
            MERCHANT
                .test_webhook(TYPES[first % TYPES.len()], &data, iv())
                .as_bytes(),
        );
        // The type comes from outside as well.
        receive(MERCHANT.test_webhook(&data, "{}", iv()).as_bytes());
    }
});
