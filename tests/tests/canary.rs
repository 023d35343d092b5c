//! Secrets that went in must be found in nothing that is written for people: `Debug`, `Display`, errors.
#![allow(missing_docs)]

use std::fmt::{Debug, Display};

use bananatech_core::operations::card::{Assign, Recharge, SetPin, UpdateStatus};
use bananatech_core::operations::merchant::GetAccountBalance;
use bananatech_core::operations::user::{GetUsers, Register};
use bananatech_core::{
    ActivationPin, Amount, AnyOperation, Assumptions, CardId, CardNumber, Currency, Cvv,
    DisplayedNumber, Endpoints, Error, Event, Expiry, Iv, Json, KeyCodec, KeyRing, Merchant,
    MerchantId, OperationId, OperationKind, Pin, Plan, SecretKey, TemplateId, Timestamp,
    TrackedOperation, Tracker, UserId, fields, json,
};

const PAN: &str = "4929771234567894";
const ACTIVATION_PIN: &str = "917364";
const PIN: &str = "58203";
const CVV: &str = "7391";
const KEY: &str = "canary-key-ZQXJ-0123456789abcdef";
const OTP: &str = "OTP-66021894";
const EMAIL: &str = "canary.person@example.org";
const PAYLOAD: &str = "canary-payload-that-is-no-envelope";
const CANARIES: &[&str] = &[PAN, ACTIVATION_PIN, PIN, CVV, KEY, OTP, EMAIL, PAYLOAD];

#[derive(Default)]
struct Written(Vec<(String, String)>);

impl Written {
    fn debug(&mut self, what: &str, value: &impl Debug) {
        self.0.push((what.to_owned(), format!("{value:?}")));
        self.0.push((what.to_owned(), format!("{value:#?}")));
    }

    fn error(&mut self, what: &str, value: &(impl Debug + Display)) {
        self.debug(what, value);
        self.0.push((what.to_owned(), value.to_string()));
    }

    fn result(&mut self, what: &str, result: &Result<impl Debug, impl Debug + Display>) {
        match result {
            Ok(value) => self.debug(what, value),
            Err(error) => self.error(what, error),
        }
    }

    fn check(&self) {
        assert!(self.0.len() > 60);
        for (what, text) in &self.0 {
            for canary in CANARIES {
                assert!(!text.contains(canary), "{what} leaks {canary}: {text}");
            }
        }
    }
}

fn merchant() -> Merchant {
    Merchant::new(
        MerchantId::parse("6f1c3f9e-52a4-4a0f-9b57-1b8d4a6f2c10").unwrap(),
        KeyRing::new("k", SecretKey::from_text(KEY, KeyCodec::Utf8).unwrap()).unwrap(),
        Endpoints::new("https://api.example").unwrap(),
    )
}

fn iv() -> Iv {
    Iv::from_random_bytes([5; 16])
}

#[test]
fn nothing_written_for_people_holds_a_secret() {
    let mut written = Written::default();
    let merchant = merchant();
    written.debug("merchant", &merchant);
    written.debug("secret key", &SecretKey::from_text(KEY, KeyCodec::Utf8));

    let number = CardNumber::parse(PAN).unwrap();
    written.debug("card number", &number);
    written.debug("displayed", &DisplayedNumber::from(PAN.to_owned()));
    written.debug("masked", &DisplayedNumber::from(format!("x{PAN}")));
    written.debug(
        "pins",
        &(ActivationPin::parse(ACTIVATION_PIN), Pin::parse(PIN)),
    );
    written.debug("cvv", &Cvv::parse(CVV));

    written.debug(
        "number field",
        &fields::number(PAN, fields::NumberRules::default()),
    );
    written.debug("cvv field", &fields::cvv(CVV, fields::CvvLength::Four));
    written.debug("name field", &fields::cardholder_name(EMAIL));
    written.debug("pin field", &fields::pin(PIN, fields::PinRules::default()));
    let context = fields::PinContext {
        birth_date: fields::BirthDate::parse("7391-05-03"),
        phone: Some(PIN),
        card_number: Some(PAN),
    };
    written.debug("pin context", &(context, context.birth_date));
    let caret = fields::FieldSelection::caret(0);
    for what in [
        fields::FieldEdit::Insert { text: CVV },
        fields::FieldEdit::Replace {
            range: caret,
            text: CVV,
        },
        fields::FieldEdit::Changed {
            text: CVV,
            selection: caret,
        },
    ] {
        written.debug("edit", &what);
        let format = fields::FieldFormat::Digits { most: 4 };
        written.debug("edited", &fields::edit(format, "", caret, what));
    }

    let operations: Vec<AnyOperation> = vec![
        Assign {
            user_id: UserId::from(1),
            template_id: TemplateId::from(1),
            card_number: number,
        }
        .into(),
        UpdateStatus::activate_physical(
            UserId::from(1),
            CardId::from(2),
            ActivationPin::parse(ACTIVATION_PIN).unwrap(),
        )
        .into(),
        SetPin {
            user_id: UserId::from(1),
            card_id: CardId::from(2),
            pin: Pin::parse(PIN).unwrap(),
        }
        .into(),
        Register::new(EMAIL, TemplateId::from(1)).into(),
        GetUsers {
            search: Some(EMAIL.into()),
            ..GetUsers::default()
        }
        .into(),
    ];
    let mut tracker = Tracker::new(Assumptions::shared());
    for (number, operation) in (1..).zip(operations) {
        written.debug("operation", &operation);
        let plan = Plan::new(operation.clone()).unwrap();
        // A plan does carry what it plans: this is what shows that the canaries went in.
        assert!(
            CANARIES
                .iter()
                .any(|canary| plan.to_json().contains(canary))
        );
        written.debug("plan", &plan);
        let call = merchant.call(operation.clone(), iv()).unwrap();
        written.debug("call", &call);
        written.debug("request", call.request());
        let id = OperationId::from_random_bytes([number; 16]);
        if let Some(row) = TrackedOperation::of(&operation, id, Timestamp::from_millis(0)) {
            written.0.push(("tracked".to_owned(), row.to_json()));
            written.debug("tracked", &row);
            tracker.store(row).unwrap();
        }
    }
    written.debug("tracker", &tracker);
    written
        .0
        .push(("tracker as JSON".to_owned(), tracker.to_json()));

    for (event_type, data) in [
        (
            "CARD_ACTIVATE_RESULT",
            format!(r#"{{"card_id":1,"card_number":"{PAN}","status":"SUCCESS","occur_time":1}}"#),
        ),
        ("CARD_3DS", format!(r#"{{"otp":"{OTP}","pan":"{PAN}"}}"#)),
        ("CARD_VERIFICATION", format!(r#"{{"otp":"{OTP}"}}"#)),
        ("NEW_TYPE", format!(r#""{OTP}""#)),
        (
            "USER_CREATE_RESULT",
            format!(r#"{{"user_id":1,"status":"APPROVED","pin":"{PIN}"}}"#),
        ),
        // The API's words may repeat what was sent.
        (
            "USER_CREATE_RESULT",
            format!(r#"{{"user_id":1,"status":"REJECTED","message":"{EMAIL} is taken"}}"#),
        ),
        (
            "CARD_ASSIGN_RESULT",
            format!(
                r#"{{"user_id":1,"status":"FAILED","error_reason":"no card {PAN}","occur_time":1}}"#
            ),
        ),
        (
            "CARD_RECHARGE_RESULT",
            format!(
                r#"{{"card_id":1,"status":"FAILED","description":"of card {PAN}","occur_time":1}}"#
            ),
        ),
        // Another type's data; and what can't be read as its type: a field twice, no object, no number.
        (
            "CARD_CLOSE_RESULT",
            format!(r#"{{"card_id":1,"card_number":"{PAN}","status":"SUCCESS","occur_time":1}}"#),
        ),
        (
            "CARD_CLOSE_RESULT",
            format!(r#"{{"card_id":1,"card_id":"{PAN}"}}"#),
        ),
        ("CARD_CLOSE_RESULT", format!(r#""{PAN}""#)),
        (
            "CARD_CLOSE_RESULT",
            format!(r#"{{"card_id":"{PAN}x","status":"SUCCESS","occur_time":1}}"#),
        ),
        // A number that isn't whole text: read, and so hidden too.
        (
            "CARD_ACTIVATE_RESULT",
            format!(
                r#"{{"card_id":1,"card_number":"{PAN}\ud83d","status":"SUCCESS","occur_time":1}}"#
            ),
        ),
    ] {
        let body = merchant.test_webhook(event_type, &data, iv());
        match merchant.receive(body.as_bytes()) {
            Ok(delivery) => {
                written.debug("delivery", &delivery);
                written.debug("data", delivery.data());
                if let Event::Unrecognized(event) = delivery.event() {
                    let what = "unrecognized".to_owned();
                    written.0.push((what, event.expected.clone()));
                }
                written.debug("report", &tracker.receive(&delivery));
            }
            Err(error) => written.error("webhook", &error),
        }
    }
    written.debug("tracker", &tracker);
    written
        .0
        .push(("tracker as JSON".to_owned(), tracker.to_json()));

    for body in [
        PAYLOAD,
        "\"[object Object]\"",
        &format!(r#"{{"encrypted_payload":"{PAYLOAD}","hmac":"{KEY}"}}"#),
    ] {
        written.error("webhook", &merchant.receive(body.as_bytes()).unwrap_err());
        written.debug("diagnosis", &merchant.diagnose(body.as_bytes()));
    }
    for kind in OperationKind::ALL {
        let body = merchant.test_answer(&format!(r#"{{"message":"of card {PAN}"}}"#), iv());
        match merchant.read_any(*kind, None, 200, body.as_bytes()) {
            Ok(answer) => {
                written.debug(&format!("{kind:?}"), &answer);
                written.debug(&format!("{kind:?} as JSON"), answer.json());
            }
            Err(error) => written.error(&format!("{kind:?}"), &error),
        }
    }
    for (status, body) in [
        (400, format!(r#"{{"message":"card {PAN} is unknown"}}"#)),
        (500, PAN.to_owned()),
        (200, format!(r#"["{PAN}"]"#)),
        (200, format!(r#"{{"balance":"{PAN}x"}}"#)),
        (200, format!(r#"{{"error":"card {PAN} is unknown"}}"#)),
    ] {
        match merchant.read(&GetAccountBalance::default(), status, body.as_bytes()) {
            Ok(answer) => written.debug("answer", &answer),
            Err(error) => written.error("answer", &error),
        }
        if let Err(Error::Rejected(rejection) | Error::NotKnown(rejection)) =
            merchant.read(&GetAccountBalance::default(), status, body.as_bytes())
        {
            written.error("rejection", &rejection);
        }
    }
    let information = AnyOperation::from_json(
        OperationKind::GetInformation,
        r#"{"user_id":1,"card_id":2}"#,
    )
    .unwrap();
    let body = format!(
        r#"{{"number":"{PAN}","cvv":"{CVV}","expiry_date":"12/29","status":"ACTIVE","template_id":1,"pin":"{PIN}"}}"#
    );
    written.debug(
        "information",
        &merchant.read(&information, 200, body.as_bytes()).unwrap(),
    );

    written.check();
}

/// Wrong input, of every kind, that holds a canary: no error may repeat it.
#[test]
fn no_error_repeats_what_was_given() {
    let mut written = Written::default();
    for canary in CANARIES {
        for wrong in [
            format!("{canary} "),
            format!("{canary}{canary}{canary}"),
            format!("\"{canary}"),
            format!("-{canary}.{canary}"),
        ] {
            written.result("card number", &CardNumber::parse(&wrong));
            written.result("activation pin", &ActivationPin::parse(&wrong));
            written.result("pin", &Pin::parse(&wrong));
            written.result("cvv", &Cvv::parse(&wrong));
            written.result("expiry", &Expiry::parse(&wrong));
            if let Err(error) = Currency::parse(&wrong) {
                written.error("currency", &error);
            }
            written.result("merchant id", &MerchantId::parse(&wrong));
            written.result("codec", &KeyCodec::parse(&wrong));
            written.result("url", &Endpoints::new(&wrong));
            for codec in [KeyCodec::Utf8, KeyCodec::Hex, KeyCodec::Base64] {
                if let Err(error) = SecretKey::from_text(&wrong, codec) {
                    written.error("key", &error);
                }
            }
            if let Err(error) = Amount::parse(&wrong) {
                written.error("amount", &error);
            }
            if let Err(error) = Json::parse(&wrong) {
                written.error("json", &error);
            }
            let text = serde_json::to_string(&wrong).unwrap();
            for kind in OperationKind::ALL {
                // As a name, as a value of every field, and as the whole.
                for body in [
                    format!("{{{text}:1}}"),
                    format!(
                        r#"{{"user_id":{text},"card_id":{text},"alter":{text},"pin":{text},"skip":{text},"email":[{text}],"url":{text}}}"#
                    ),
                    format!(
                        r#"{{"user_id":1,"card_id":2,"template_id":3,"amount":{text},"alter":{text},"pin":{text},"card_number":{text},"limit":{text}}}"#
                    ),
                    text.clone(),
                    wrong.clone(),
                ] {
                    if let Err(error) = AnyOperation::from_json(*kind, &body) {
                        written.error("operation", &error);
                        written.error("operation", &Error::from(error));
                    }
                    let plan = format!(r#"{{"operation":"{}","body":{body}}}"#, kind.name());
                    if let Err(error) = Plan::from_json(&plan) {
                        written.error("plan", &error);
                    }
                }
            }
            written.error(
                "plan",
                &Plan::from_json(&format!(r#"{{"operation":{text},"body":{{}}}}"#)).unwrap_err(),
            );
            if let Err(error) = Event::from_json(&format!(
                r#"{{"type":"CARD_ASSIGN_RESULT","data":{{"status":{text}}}}}"#
            )) {
                written.error("event", &error);
            }
            if let Err(error) = json::from_str::<Recharge>(&text) {
                written.error("json", &error);
            }
            // A value's own error doesn't repeat it in any format.
            if let Err(error) = serde_json::from_str::<CardNumber>(&text) {
                written.error("serde", &error);
            }
        }
    }
    written.check();
}
