//! The core against the vectors of an independent implementation.
#![allow(missing_docs)]

use std::collections::BTreeMap;

use bananatech_core::operations::card::Recharge;
use bananatech_core::operations::merchant::GetAccountBalance;
use bananatech_core::{
    ActivationPin, Amount, AnyOperation, AnyResponse, Brand, CardId, CardNumber, Code, Cvv,
    DisplayedNumber, Error, Event, Expiry, Invalid, Iv, Json, KeyCodec, Luhn, OpenFailure,
    Operation as _, OperationKind, Pin, PinContext, SecretKey, UserId,
};
use bananatech_tests::{cases, each, merchant, merchant_with};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

fn bytes(hex: &str) -> Vec<u8> {
    assert!(hex.len().is_multiple_of(2));
    (0..hex.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap())
        .collect()
}

fn iv(hex: &str) -> Iv {
    Iv::try_from(bytes(hex).as_slice()).unwrap()
}

/// Any operation that can be opened with: a rejection hands out its body as it is.
fn opened(merchant: &bananatech_core::Merchant, body: &str) -> Result<String, Error> {
    match merchant.read(&GetAccountBalance::default(), 400, body.as_bytes()) {
        Err(Error::Rejected(rejection)) if rejection.is_authenticated() => {
            Ok(rejection.body().to_owned())
        }
        Err(error) => Err(error),
        Ok(_) => panic!("400 is no success"),
    }
}

#[derive(Deserialize)]
struct Envelope {
    name: String,
    codec: String,
    key_text: String,
    key_hex: String,
    iv_hex: String,
    plaintext: String,
    payload: String,
    hmac: String,
    request_body: String,
    response_body: String,
}

#[test]
fn seals_to_the_byte() {
    for case in cases::<Envelope>("envelope.json", "cases") {
        let merchant = merchant(&case.codec, &case.key_text);
        assert_eq!(
            merchant.test_answer(&case.plaintext, iv(&case.iv_hex)),
            case.response_body,
            "{}",
            case.name
        );
        // The same by the key's bytes: the codec did what it should.
        let by_bytes = merchant_with(SecretKey::from_bytes(&bytes(&case.key_hex)).unwrap());
        assert_eq!(
            by_bytes.test_answer(&case.plaintext, iv(&case.iv_hex)),
            case.response_body,
            "{}",
            case.name
        );
    }
}

#[test]
fn opens_what_was_sealed() {
    for case in cases::<Envelope>("envelope.json", "cases") {
        let merchant = merchant(&case.codec, &case.key_text);
        if serde_json::from_str::<Value>(&case.plaintext).is_ok() {
            assert_eq!(merchant.diagnose(case.response_body.as_bytes()), None);
            assert_eq!(
                opened(&merchant, &case.response_body).unwrap(),
                case.plaintext,
                "{}",
                case.name
            );
        } else {
            assert_eq!(
                merchant.diagnose(case.response_body.as_bytes()),
                Some(OpenFailure::NotJson),
                "{}",
                case.name
            );
        }
    }
}

#[test]
fn requests_are_the_sealed_plaintext_and_its_signature() {
    let mut seen = 0;
    for case in cases::<Envelope>("envelope.json", "cases") {
        let merchant = merchant(&case.codec, &case.key_text);
        for kind in OperationKind::ALL {
            let Ok(operation) = AnyOperation::from_json(*kind, &case.plaintext) else {
                continue;
            };
            // Only where our JSON is the very text of the vector can the bytes be the same.
            if bananatech_core::Operation::wire_body(&operation).as_str() != case.plaintext {
                continue;
            }
            seen += 1;
            let call = merchant.call(operation, iv(&case.iv_hex)).unwrap();
            let request = call.request();
            assert_eq!(request.body(), case.request_body, "{}", case.name);
            assert!(request.body().contains(&case.payload));
            let hmac = request.headers().iter().find(|h| h.name == "X-HMAC");
            assert_eq!(hmac.unwrap().value, case.hmac, "{}", case.name);
        }
    }
    assert!(
        seen >= 10,
        "only {seen} vectors were an operation's own text"
    );
}

#[derive(Deserialize)]
struct Accepted {
    name: String,
    codec: String,
    key_text: String,
    body: String,
    plaintext: String,
}

#[test]
fn opens_unusual_spellings() {
    for case in cases::<Accepted>("envelope_accepted.json", "cases") {
        let merchant = merchant(&case.codec, &case.key_text);
        assert_eq!(
            opened(&merchant, &case.body).unwrap(),
            case.plaintext,
            "{}",
            case.name
        );
    }
}

#[derive(Deserialize)]
struct Rejected {
    name: String,
    codec: String,
    key_text: String,
    body: String,
    reason: String,
}

#[test]
fn refuses_all_alike_and_tells_operators_why() {
    for case in cases::<Rejected>("envelope_rejected.json", "cases") {
        let merchant = merchant(&case.codec, &case.key_text);
        for status in [200, 400] {
            let error = merchant
                .read(&GetAccountBalance::default(), status, case.body.as_bytes())
                .unwrap_err();
            assert_eq!(error, Error::NotAuthentic, "{}", case.name);
        }
        if case.body.contains("\"type\"") {
            let error = merchant.receive(case.body.as_bytes()).unwrap_err();
            assert_eq!(error, Error::NotAuthentic, "{}", case.name);
        }
        let expected = match case.reason.as_str() {
            "mac_not_hex" | "mac_length" => OpenFailure::MacFormat,
            "mac_mismatch" => OpenFailure::MacMismatch,
            "payload_not_base64" => OpenFailure::PayloadNotBase64,
            "payload_too_short" | "payload_not_blocks" => OpenFailure::PayloadLength,
            "bad_padding" => OpenFailure::Padding,
            "not_utf8" => OpenFailure::NotUtf8,
            "not_json" => OpenFailure::NotJson,
            other => panic!("a new reason: {other}"),
        };
        assert_eq!(
            merchant.diagnose(case.body.as_bytes()),
            Some(expected),
            "{}",
            case.name
        );
    }
}

#[derive(Deserialize)]
struct Key {
    name: String,
    codec: String,
    key_text: String,
    ok: bool,
    key_hex: Option<String>,
    code: Option<String>,
    got_bytes: Option<usize>,
}

#[test]
fn reads_keys_by_their_codec() {
    for case in cases::<Key>("keys.json", "cases") {
        let codec = KeyCodec::parse(&case.codec).unwrap();
        let key = SecretKey::from_text(&case.key_text, codec);
        assert_eq!(key.is_ok(), case.ok, "{}", case.name);
        match key {
            Ok(key) => {
                let expected = SecretKey::from_bytes(&bytes(&case.key_hex.unwrap())).unwrap();
                let sealed =
                    |key| merchant_with(key).test_answer("{}", Iv::from_random_bytes([3; 16]));
                assert_eq!(sealed(key), sealed(expected), "{}", case.name);
            }
            Err(error) => {
                assert_eq!(
                    Some(error.code().as_str()),
                    case.code.as_deref(),
                    "{}",
                    case.name
                );
                assert!(error.expected().contains(&case.codec), "{}", case.name);
                if let Some(got) = case.got_bytes {
                    assert!(
                        error.expected().ends_with(&format!("got {got}")),
                        "{}",
                        case.name
                    );
                }
            }
        }
    }
}

#[derive(Deserialize)]
struct Number {
    name: String,
    text: String,
    ok: bool,
    code: Option<String>,
    luhn: Option<String>,
    masked: Option<String>,
    last4: Option<String>,
    bin6: Option<String>,
    bin8: Option<String>,
    brand: Option<String>,
}

#[test]
fn judges_card_numbers() {
    for case in cases::<Number>("card_number.json", "cases") {
        let name = &case.name;
        let number = CardNumber::parse(&case.text);
        assert_eq!(number.is_ok(), case.ok, "{name}");
        match number {
            Ok(number) => {
                let luhn = match number.luhn() {
                    Luhn::Valid => "valid",
                    Luhn::Invalid => "invalid",
                };
                assert_eq!(Some(luhn), case.luhn.as_deref(), "{name}");
                assert_eq!(Some(number.masked()), case.masked, "{name}");
                assert_eq!(Some(number.last4()), case.last4.as_deref(), "{name}");
                assert_eq!(Some(number.bin6()), case.bin6.as_deref(), "{name}");
                assert_eq!(Some(number.bin8()), case.bin8.as_deref(), "{name}");
                assert_eq!(
                    number.brand().map(Brand::as_str),
                    case.brand.as_deref(),
                    "{name}"
                );
            }
            Err(error) => assert_code(&error, case.code.as_deref(), name),
        }
    }
}

fn assert_code(error: &Invalid, code: Option<&str>, name: &str) {
    assert_eq!(Some(error.code().as_str()), code, "{name}");
}

#[derive(Deserialize)]
struct Digits {
    name: String,
    kind: Option<String>,
    text: String,
    ok: bool,
    code: Option<String>,
    weaknesses: Option<Vec<String>>,
}

#[test]
fn judges_pins() {
    let unknown = PinContext::default();
    for case in cases::<Digits>("pin.json", "cases") {
        let verdict = match case.kind.as_deref() {
            Some("activation") => ActivationPin::parse(&case.text).map(|pin| pin.review(&unknown)),
            Some("change") => Pin::parse(&case.text).map(|pin| pin.review(&unknown)),
            other => panic!("a new kind: {other:?}"),
        };
        assert_eq!(verdict.is_ok(), case.ok, "{}", case.name);
        match verdict {
            Ok(found) => {
                let found = found.iter().map(|weakness| weakness.as_str().to_owned());
                assert_eq!(Some(found.collect()), case.weaknesses, "{}", case.name);
            }
            Err(error) => assert_code(&error, case.code.as_deref(), &case.name),
        }
    }
}

#[test]
fn judges_cvvs() {
    for case in cases::<Digits>("cvv.json", "cases") {
        let verdict = Cvv::parse(&case.text);
        assert_eq!(verdict.is_ok(), case.ok, "{}", case.name);
        if let Err(error) = verdict {
            assert_code(&error, case.code.as_deref(), &case.name);
        }
    }
}

#[derive(Deserialize)]
struct Date {
    name: String,
    text: String,
    ok: bool,
    code: Option<String>,
    month: Option<u8>,
    year: Option<u16>,
    #[serde(default)]
    expired_at_cases: Vec<ExpiredAt>,
}

#[derive(Deserialize)]
struct ExpiredAt {
    year: u16,
    month: u8,
    expired: bool,
}

#[test]
fn judges_expiry_dates() {
    for case in cases::<Date>("expiry.json", "cases") {
        let expiry = Expiry::parse(&case.text);
        assert_eq!(expiry.is_ok(), case.ok, "{}", case.name);
        match expiry {
            Ok(expiry) => {
                assert_eq!(Some(expiry.month()), case.month, "{}", case.name);
                assert_eq!(Some(expiry.year()), case.year, "{}", case.name);
                assert_eq!(expiry.to_string(), case.text, "{}", case.name);
                for at in case.expired_at_cases {
                    assert_eq!(
                        expiry.is_expired(at.year, at.month).unwrap(),
                        at.expired,
                        "{}",
                        case.name
                    );
                }
            }
            Err(error) => assert_code(&error, case.code.as_deref(), &case.name),
        }
    }
}

#[derive(Deserialize)]
struct AmountCase {
    name: String,
    json: String,
    ok: bool,
    text: Option<String>,
    code: Option<String>,
}

#[test]
fn reads_amounts_exactly() {
    for case in cases::<AmountCase>("amount.json", "cases") {
        // In a field, as everywhere: so the code can be seen.
        let body = format!(r#"[{{"id":1,"amount":{}}}]"#, case.json);
        let read = AnyResponse::from_json(OperationKind::GetTransactions, &body);
        assert_eq!(read.is_ok(), case.ok, "{}", case.name);
        match read {
            Ok(AnyResponse::GetTransactions(page)) => {
                assert_eq!(
                    Some(page.data[0].amount.to_string()),
                    case.text,
                    "{}",
                    case.name
                );
            }
            Ok(_) => panic!("not a page of transactions"),
            Err(error) if error.code() == Code::JsonSyntax => {
                // No JSON reader would get as far as the amount.
                assert_eq!(case.code.as_deref(), Some("amount.format"), "{}", case.name);
            }
            Err(error) if case.json == "null" => {
                // In a field, null counts as absent.
                assert_eq!(error.code(), Code::FieldRequired);
            }
            Err(error) => {
                assert_code(&error, case.code.as_deref(), &case.name);
                assert_eq!(error.field(), "[0].amount");
            }
        }
    }
}

#[test]
fn refuses_amounts_that_a_program_calculated_in_floats() {
    let read = |amount: &str| {
        let body = format!(r#"{{"user_id":1,"card_id":2,"amount":{amount}}}"#);
        AnyOperation::from_json(OperationKind::Recharge, &body)
    };
    for exact in ["0.3", "1e2", "123456789012.345", "\"0.30000000000000004\""] {
        assert!(read(exact).is_ok(), "{exact}");
    }
    for calculated in ["0.30000000000000004", "1234567890123.456"] {
        let error = read(calculated).unwrap_err();
        assert_eq!(error.code(), Code::AmountRange, "{calculated}");
        assert_eq!(error.field(), "amount", "{calculated}");
    }
}

#[test]
fn refuses_to_send_amounts_that_no_currency_has() {
    let check = |text: &str| {
        let recharge = Recharge {
            user_id: UserId::from(1),
            card_id: CardId::from(2),
            amount: amount(text),
        };
        recharge.check().map_err(|error| error.code())
    };
    for sent in ["20", "0.01", "33.12345678", "5.10000000000000000000"] {
        assert_eq!(check(sent), Ok(()), "{sent}");
    }
    for refused in ["33.123456789", "0.30000000000000004", "0.000000001"] {
        assert_eq!(check(refused), Err(Code::AmountDecimals), "{refused}");
    }
}

#[derive(Deserialize)]
struct Sum {
    a: String,
    b: String,
    sum: Option<String>,
    difference: Option<String>,
}

#[derive(Deserialize)]
struct Compared {
    a: String,
    b: String,
    order: i8,
}

#[derive(Deserialize)]
struct Percent {
    amount: String,
    percent: String,
    fee: Option<String>,
}

fn amount(text: &str) -> Amount {
    Amount::parse(text).unwrap()
}

/// Equal as numbers; where the vectors have no result, an error, or a result that the library can still hold exactly.
fn assert_amount(got: Result<Amount, Invalid>, expected: Option<&str>, what: &str) {
    match (got, expected) {
        (Ok(got), Some(expected)) => assert_eq!(got, amount(expected), "{what}"),
        (Err(error), None) => assert_eq!(error.code(), Code::AmountRange, "{what}"),
        (got, expected) => panic!("{what}: {got:?}, expected {expected:?}"),
    }
}

#[test]
fn computes_exactly() {
    for case in cases::<Sum>("amount.json", "sums") {
        let (a, b) = (amount(&case.a), amount(&case.b));
        let what = format!("{} and {}", case.a, case.b);
        assert_amount(a.plus(b), case.sum.as_deref(), &what);
        assert_amount(a.minus(b), case.difference.as_deref(), &what);
    }
    for case in cases::<Compared>("amount.json", "compare") {
        assert_eq!(
            amount(&case.a).cmp(&amount(&case.b)),
            case.order.cmp(&0),
            "{} and {}",
            case.a,
            case.b
        );
    }
    for case in cases::<Percent>("amount.json", "percent") {
        assert_amount(
            amount(&case.amount).percent(amount(&case.percent)),
            case.fee.as_deref(),
            &format!("{} % of {}", case.percent, case.amount),
        );
    }
}

/// The vectors hold unknown fields apart; on the wire and in our JSON they stand among the others.
fn flat(mut object: Map<String, Value>) -> Value {
    if let Some(Value::Object(extra)) = object.remove("extra") {
        object.extend(extra);
    }
    Value::Object(object)
}

/// An object's fields, each by its exact text.
type Fields = BTreeMap<String, Box<RawValue>>;

/// Compares what was written with a case: fields that the vectors hold by their exact text, and the others as values.
fn assert_fields(
    mut written: Fields,
    expected: Value,
    exact: &BTreeMap<String, String>,
    name: &str,
) {
    for (field, text) in exact {
        let kept = written.remove(field);
        assert_eq!(
            kept.as_deref().map(RawValue::get),
            Some(text.as_str()),
            "{name}: {field}"
        );
    }
    let written: Map<String, Value> = written
        .into_iter()
        .map(|(field, raw)| (field, serde_json::from_str(raw.get()).unwrap()))
        .collect();
    assert_eq!(Value::Object(written), expected, "{name}");
}

#[derive(Deserialize)]
struct EventCase {
    name: String,
    #[serde(rename = "type")]
    event_type: String,
    data: String,
    ok: bool,
    event: Option<Map<String, Value>>,
    unrecognized: Option<UnrecognizedCase>,
    code: Option<String>,
    #[serde(default)]
    extra_text: BTreeMap<String, String>,
    codec: String,
    key_text: String,
    iv_hex: String,
    body: String,
}

#[derive(Deserialize)]
struct UnrecognizedCase {
    field: String,
    code: String,
}

/// An event as JSON.
#[derive(Deserialize)]
struct Tagged {
    #[serde(rename = "type")]
    tag: String,
    data: Box<RawValue>,
}

#[test]
fn reads_every_event() {
    each("events.json", "cases", |case: EventCase| {
        let name = &case.name;
        let merchant = merchant(&case.codec, &case.key_text);
        // Only the JSON around the payload may differ from what we'd seal ourselves.
        let ours = merchant.test_webhook(&case.event_type, &case.data, iv(&case.iv_hex));
        assert_eq!(
            serde_json::from_str::<Value>(&ours).unwrap(),
            serde_json::from_str::<Value>(&case.body).unwrap(),
            "{name}"
        );
        let received = merchant.receive(case.body.as_bytes());
        assert_eq!(received.is_ok(), case.ok, "{name}: {received:?}");
        let delivery = match received {
            Ok(delivery) => delivery,
            Err(error) => {
                assert_eq!(Some(error.code().as_str()), case.code.as_deref(), "{name}");
                return;
            }
        };
        let data = case.data.trim();
        assert_eq!(delivery.key_id(), "test");
        assert_eq!(delivery.data().as_str(), case.data, "{name}");
        let event = delivery.event();
        assert_eq!(event.event_type().as_str(), case.event_type, "{name}");
        let written = event.to_json();
        let tagged: Tagged = serde_json::from_str(&written).unwrap();
        // What is passed on as JSON reads back as the same event.
        assert_eq!(Event::from_json(&written).as_ref(), Ok(event), "{name}");

        if let Some(expected) = case.unrecognized {
            let Event::Unrecognized(unrecognized) = event else {
                panic!("{name}: {written:?}");
            };
            assert_eq!(
                (unrecognized.field.as_str(), unrecognized.code.as_str()),
                (expected.field.as_str(), expected.code.as_str()),
                "{name}"
            );
            assert_eq!(tagged.tag, "unrecognized", "{name}");
            let fields: Fields = serde_json::from_str(tagged.data.get()).unwrap();
            assert_eq!(fields["data"].get(), data, "{name}");
            let text = |field: &str| serde_json::from_str::<String>(fields[field].get()).unwrap();
            assert_eq!(text("type"), case.event_type, "{name}");
            assert_eq!(text("field"), expected.field, "{name}");
            assert_eq!(text("code"), expected.code, "{name}");
            assert!(!text("expected").is_empty(), "{name}");
            return;
        }
        assert!(
            !matches!(event, Event::Unrecognized(_)),
            "{name}: {written:?}"
        );
        assert_eq!(tagged.tag, case.event_type, "{name}");
        let expected = case.event.unwrap();
        if expected.len() == 1
            && (expected.contains_key("data") || expected.contains_key("data_text"))
        {
            // Kept whole, digit for digit.
            assert_eq!(tagged.data.get(), data, "{name}");
            return;
        }
        let fields = serde_json::from_str(tagged.data.get()).unwrap();
        assert_fields(fields, flat(expected), &case.extra_text, name);
        // Unknown numbers as they were written, digit for digit.
        for (_, value) in event.extra().unwrap().iter() {
            assert!(data.contains(value.as_str()), "{name}");
        }
    });
}

#[derive(Deserialize)]
struct DeliveryCase {
    name: String,
    ok: bool,
    #[serde(rename = "type")]
    event_type: Option<String>,
    data: Option<String>,
    code: Option<String>,
    max_bytes: Option<usize>,
    codec: String,
    key_text: String,
    body: String,
}

#[test]
fn takes_what_is_a_delivery() {
    each("events.json", "deliveries", |case: DeliveryCase| {
        let name = &case.name;
        let mut merchant = merchant(&case.codec, &case.key_text);
        if let Some(most) = case.max_bytes {
            merchant = merchant.with_limits(most, usize::MAX);
        }
        match merchant.receive(case.body.as_bytes()) {
            Ok(delivery) => {
                assert!(case.ok, "{name}");
                assert_eq!(
                    Some(delivery.data().as_str()),
                    case.data.as_deref(),
                    "{name}"
                );
                assert_eq!(
                    Some(delivery.event_type().as_str()),
                    case.event_type.as_deref(),
                    "{name}"
                );
            }
            Err(error) => assert_eq!(Some(error.code().as_str()), case.code.as_deref(), "{name}"),
        }
    });
}

#[derive(Deserialize)]
struct ResponseCase {
    name: String,
    operation: String,
    status: u16,
    sealed: bool,
    plaintext: String,
    ok: bool,
    response: Option<Map<String, Value>>,
    rejected: Option<RejectedCase>,
    failure: Option<String>,
    #[serde(default)]
    extra_text: BTreeMap<String, String>,
    request_body: Option<String>,
    codec: String,
    key_text: String,
    body: String,
}

#[derive(Deserialize)]
struct RejectedCase {
    status: u16,
    message: Option<String>,
}

#[derive(Deserialize)]
struct RequestCase {
    operation: String,
    body: String,
}

/// An operation of each kind.
fn operations() -> BTreeMap<String, AnyOperation> {
    let requests = cases::<RequestCase>("responses.json", "requests");
    let operations: BTreeMap<_, _> = requests
        .into_iter()
        .map(|request| {
            let kind = OperationKind::from_name(&request.operation).unwrap();
            (
                request.operation,
                AnyOperation::from_json(kind, &request.body).unwrap(),
            )
        })
        .collect();
    assert_eq!(operations.len(), OperationKind::ALL.len());
    operations
}

#[test]
fn reads_every_response() {
    let operations = operations();
    each("responses.json", "cases", |case: ResponseCase| {
        let name = &case.name;
        let merchant = merchant(&case.codec, &case.key_text);
        let kind = OperationKind::from_name(&case.operation).unwrap();
        let request_body = case.request_body.as_deref();
        let read = merchant.read_any(kind, request_body, case.status, case.body.as_bytes());
        if request_body.is_none() {
            // The operation itself reads no otherwise than its kind.
            let same = merchant.read(
                &operations[&case.operation],
                case.status,
                case.body.as_bytes(),
            );
            assert_eq!(same, read, "{name}");
        }
        assert_eq!(read.is_ok(), case.ok, "{name}: {read:?}");
        match read {
            Ok(answer) => {
                assert_eq!(answer.sealed_with().is_some(), case.sealed, "{name}");
                assert_eq!(answer.json().as_str(), case.plaintext, "{name}");
                let written = serde_json::to_string(&answer.into_response()).unwrap();
                let mut expected = flat(case.response.unwrap());
                if let Some(items) = expected.get_mut("data").and_then(Value::as_array_mut) {
                    for item in items {
                        // Records that are kept whole may be anything.
                        if let Value::Object(fields) = item {
                            *item = flat(std::mem::take(fields));
                        }
                    }
                }
                let written = serde_json::from_str(&written).unwrap();
                assert_fields(written, expected, &case.extra_text, name);
            }
            Err(Error::Rejected(rejection)) => {
                let expected = case.rejected.unwrap_or_else(|| panic!("{name}: rejected"));
                assert_eq!(rejection.status(), expected.status, "{name}");
                assert_eq!(rejection.message(), expected.message.as_deref(), "{name}");
                assert_eq!(rejection.is_authenticated(), case.sealed, "{name}");
            }
            Err(Error::NotAuthentic) => {
                assert_eq!(case.failure.as_deref(), Some("not_authentic"), "{name}");
            }
            Err(Error::NotKnown(rejection)) => {
                assert_eq!(case.failure.as_deref(), Some("not_known"), "{name}");
                assert_eq!(rejection.status(), case.status, "{name}");
                assert_eq!(rejection.body(), case.plaintext, "{name}");
                assert_eq!(rejection.is_authenticated(), case.sealed, "{name}");
            }
            Err(Error::Unexpected(error)) => {
                assert_eq!(case.failure.as_deref(), Some("unexpected_answer"), "{name}");
                assert_eq!(error.code(), Code::AnswerShape, "{name}");
            }
            Err(error) => panic!("{name}: {error:?}"),
        }
    });
}

/// A call knows its own request: nobody has to hand it over.
#[test]
fn a_call_refuses_its_own_request_as_the_answer() {
    let case = cases::<ResponseCase>("responses.json", "cases").swap_remove(0);
    for (name, operation) in operations() {
        let merchant = merchant(&case.codec, &case.key_text);
        let call = merchant
            .call(operation, Iv::from_random_bytes([7; 16]))
            .unwrap();
        let request = call.request();
        let hmac = request
            .headers()
            .iter()
            .find(|h| h.name == "X-HMAC")
            .unwrap();
        let mut envelope: Map<String, Value> = serde_json::from_str(request.body()).unwrap();
        envelope.insert("hmac".to_owned(), hmac.value.clone().into());
        let reflected = Value::Object(envelope).to_string();
        for status in [200, 400, 502] {
            let read = call.read(status, reflected.as_bytes());
            assert_eq!(read.unwrap_err(), Error::NotAuthentic, "{name}");
        }
    }
}

/// What isn't sealed may be anybody's: it neither says that an operation was carried out nor that nothing was done.
#[test]
fn takes_no_word_of_an_answer_that_is_not_sealed() {
    let any = merchant("utf8", "response-test-key-of-32-bytes-00");
    let merchant = any.clone().sealed_answers_only();
    let refusal = r#"{"success":false,"message":"no"}"#;
    for &kind in OperationKind::ALL {
        for body in [refusal, r#"{"message":"ok"}"#, "{}", "", "Bad Gateway"] {
            for status in [200, 202, 299] {
                let error = merchant.read_any(kind, None, status, body.as_bytes());
                let error = error.unwrap_err();
                assert!(
                    matches!(error, Error::Unexpected(_)),
                    "{kind:?} {status} {body}"
                );
                assert_eq!(
                    error.code(),
                    Code::AnswerNotSealed,
                    "{kind:?} {status} {body}"
                );
            }
        }
        // A sealed one counts, and so does a status that refuses, whose body needn't be sealed.
        let sealed = merchant.test_answer(refusal, Iv::from_random_bytes([7; 16]));
        for (status, body) in [(200, sealed.as_str()), (400, refusal), (404, "")] {
            let read = merchant.read_any(kind, None, status, body.as_bytes());
            assert!(
                matches!(read, Err(Error::Rejected(_))),
                "{kind:?} {status} {body}"
            );
        }
        let read = merchant.read_any(kind, None, 500, refusal.as_bytes());
        assert!(matches!(read, Err(Error::NotKnown(_))), "{kind:?}");
        // Unless asked for, what is plain counts too.
        let read = any.read_any(kind, None, 200, refusal.as_bytes());
        assert!(matches!(read, Err(Error::Rejected(_))), "{kind:?}");
    }
}

#[derive(Deserialize)]
struct LimitCase {
    name: String,
    operation: String,
    status: u16,
    max_bytes: usize,
    ok: bool,
    code: Option<String>,
    codec: String,
    key_text: String,
    body: String,
}

#[test]
fn looks_at_no_answer_above_the_limit() {
    each("responses.json", "limits", |case: LimitCase| {
        let name = &case.name;
        let merchant =
            merchant(&case.codec, &case.key_text).with_limits(usize::MAX, case.max_bytes);
        let kind = OperationKind::from_name(&case.operation).unwrap();
        match merchant.read_any(kind, None, case.status, case.body.as_bytes()) {
            Ok(_) => assert!(case.ok, "{name}"),
            Err(error) => assert_eq!(Some(error.code().as_str()), case.code.as_deref(), "{name}"),
        }
    });
}

#[test]
fn masked_numbers_stay_masked() {
    for text in ["123456******3456", "**** **** **** 3456", "xxxx3456", ""] {
        let number = DisplayedNumber::from(text);
        assert!(number.full().is_none());
        let kept = Json::parse(&serde_json::to_string(&number).unwrap()).unwrap();
        assert_eq!(kept.to::<String>().unwrap(), text);
    }
}
