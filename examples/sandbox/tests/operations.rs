//! Every operation: what it answers, what it refuses, what its webhook says.

mod common;

use bananatech_sandbox::{Command, ErrorStyle, PATHS, Settings, magic};
use common::{Bench, read, request};
use serde_json::{Value, json};

const CARD: &str = "1234567890123456";

#[test]
fn every_broken_envelope_gets_the_same_answer() {
    let mut bench = Bench::new();
    let good = request("/merchant/get_account_balance", "{}");
    assert_eq!(bench.issuer.handle(&good, bench.now).status, 200);
    let mut broken = Vec::new();
    let mut variant = |outcome, change: &dyn Fn(&mut bananatech_sandbox::ApiRequest)| {
        let mut request = good.clone();
        change(&mut request);
        broken.push((outcome, request));
    };
    let without = |name: &'static str| {
        move |request: &mut bananatech_sandbox::ApiRequest| {
            request.headers.retain(|(known, _)| known != name);
        }
    };
    variant("envelope_content_type_missing", &without("content-type"));
    variant("envelope_content_type", &|request| {
        request.headers[0].1 = "text/plain".to_owned();
    });
    variant("envelope_merchant_id", &without("merchant-id"));
    variant("envelope_merchant_id", &|request| {
        request.headers[1].1 = "not a uuid".to_owned();
    });
    variant("envelope_merchant_unknown", &|request| {
        request.headers[1].1 = "00000000-0000-0000-0000-000000000000".to_owned();
    });
    variant("envelope_hmac_missing", &without("x-hmac"));
    variant("envelope_hmac_missing", &|request| {
        request.headers.push(("X-HMAC".to_owned(), "00".to_owned()));
    });
    variant("envelope_mac", &|request| {
        request.headers[2].1 = "0".repeat(64);
    });
    variant("envelope_body_not_json", &|request| {
        request.body = b"not json".to_vec();
    });
    variant("envelope_body_not_json", &|request| request.body.clear());
    variant("envelope_body_fields", &|request| {
        request.body = b"{}".to_vec();
    });
    variant("envelope_body_fields", &|request| {
        let text = String::from_utf8(request.body.clone()).unwrap();
        request.body = text.replace('}', ",\"more\":1}").into_bytes();
    });
    for plaintext in ["not json", "[]", r#"{"a":1,"a":1}"#] {
        broken.push((
            "envelope_plaintext_not_json",
            request("/merchant/get_account_balance", plaintext),
        ));
    }
    for (outcome, request) in broken {
        let response = bench.issuer.handle(&request, bench.now);
        assert_eq!(response.status, 400);
        assert_eq!(
            String::from_utf8(response.body).unwrap(),
            r#"{"message":"The request could not be authenticated","code":"invalid_envelope"}"#
        );
        assert_eq!(response.outcome, outcome, "the operator is told");
    }
    let mut elsewhere = good;
    elsewhere.path = "/card/nothing".to_owned();
    assert_eq!(bench.issuer.handle(&elsewhere, bench.now).status, 404);
}

#[test]
fn refusals_are_plain_or_sealed_and_repeat_nothing() {
    let body = r#"{"user_id":12345,"template_id":1,"card_number":"canary"}"#;
    for (errors, sealed) in [(ErrorStyle::Plain, false), (ErrorStyle::Sealed, true)] {
        let mut bench = Bench::with(Settings {
            errors,
            ..Settings::default()
        });
        let response = bench
            .issuer
            .handle(&request("/card/assign", body), bench.now);
        assert_eq!(response.status, 400);
        let outside: Value = serde_json::from_slice(&response.body).unwrap();
        assert_eq!(outside["encrypted_payload"].is_string(), sealed);
        assert_eq!(
            read(&response),
            json!({ "message": "The card number must be 16-19 digits", "code": "card_number_format", "field": "card_number" })
        );
    }
}

#[test]
fn every_operation_refuses_fields_that_are_not_its_own() {
    let mut bench = Bench::new();
    for path in PATHS {
        let (status, answer) = bench.call(path, json!({ "usr_id": 1 }));
        assert_eq!(
            (status, answer),
            (
                400,
                json!({ "message": "A field is not part of this operation", "code": "unknown_field", "field": "usr_id" })
            ),
            "{path}"
        );
    }
    // A name that could be a value isn't repeated.
    let (_, answer) = bench.call("/card/assign", json!({ CARD: 1 }));
    assert_eq!(answer["code"], "unknown_field");
    assert_eq!(answer.get("field"), None);
}

#[test]
fn account_balance_and_templates() {
    let mut bench = Bench::new();
    assert_eq!(
        bench.ok("/merchant/get_account_balance", json!({})),
        json!({ "balance": 10000.0, "currency": "USD" })
    );
    let templates = bench.ok("/merchant/get_card_templates", json!({}));
    assert_eq!(templates["total"], 6);
    let expected = json!({
        "id": 1, "description": "Physical", "type": "Physical", "payment_system": "Visa",
        "apply_fee": 5.0, "recharge_fee": 1.0, "refund_fee": 0.5, "activate_min_limit": 10.0,
        "recharge_min_limit": 10.0, "recharge_max_limit": 5000.0, "limit_per_tx": 1000.0, "limit_per_day": 2000.0,
        "limit_per_month": 10000.0, "requires_kyc": false, "requires_phone_only": false, "needs_activation": true,
        "requires_initial_deposit": false
    });
    assert_eq!(templates["data"][0], expected);
    assert_eq!(
        templates["data"][2]["apply_fee"], 1.5,
        "a share is a bare number"
    );
}

#[test]
fn webhook_url() {
    let mut bench = Bench::new();
    for field in ["url", "webhook_url"] {
        bench.ok(
            "/merchant/set_webhook_url",
            json!({ field: "http://127.0.0.1:1/hook" }),
        );
    }
    for body in [
        json!({}),
        json!({ "url": "https://example.com" }),
        json!({ "url": 5 }),
        json!({ "url": "http://a b" }),
    ] {
        bench.refused("/merchant/set_webhook_url", body);
    }
}

#[test]
fn webhooks_wait_until_there_is_an_address() {
    let mut bench = Bench::new();
    bench.control("merchants/webhook-url", json!({ "url": null }));
    bench.ok(
        "/card/assign",
        json!({ "user_id": 12345, "template_id": 1, "card_number": CARD }),
    );
    assert!(bench.types().is_empty());
    assert_eq!(bench.issuer.next_due(bench.now).unwrap(), None);
    bench.ok(
        "/merchant/set_webhook_url",
        json!({ "url": "http://127.0.0.1:1/hook" }),
    );
    assert_eq!(bench.types(), ["CARD_ASSIGN_RESULT"]);
}

#[test]
fn registration() {
    let mut bench = Bench::new();
    let kyc = json!({
        "first_name": "Ada", "last_name": "Lovelace", "gender": "FEMALE", "date_of_birth": "1990-12-10",
        "identification_type": "PASSPORT", "identification_number": "X1", "front_img_base64": "AA==",
        "issue": 1_600_000_000_000_i64, "expiry": 1_900_000_000_000_i64, "country_code": "GB"
    });
    let id = bench.ok(
        "/user/register",
        json!({ "email": "ada@example.com", "template_id": 5, "kyc_data": kyc }),
    )["user_id"]
        .clone();
    let (_, list) = bench.call("/user/get_users", json!({ "search": "ADA" }));
    assert_eq!(
        (&list["total"], &list["data"][0]["status"]),
        (&json!(1), &json!("PENDING"))
    );
    assert_eq!(
        bench.refused("/card/apply", json!({ "user_id": id, "template_id": 5 })),
        "user_not_approved"
    );
    assert_eq!(
        bench.run(1000),
        [(
            "USER_CREATE_RESULT".to_owned(),
            json!({ "user_id": id, "status": "APPROVED" })
        )]
    );
    bench.ok("/card/apply", json!({ "user_id": id, "template_id": 5 }));
    assert_eq!(
        bench.refused("/card/apply", json!({ "user_id": id, "template_id": 6 })),
        "phone_required"
    );

    let phone = bench.ok(
        "/user/register",
        json!({ "email": "p@example.com", "template_id": 6, "dial_code": "+44", "phone_number": "7700900000" }),
    );
    bench.run(1000);
    bench.ok(
        "/card/apply",
        json!({ "user_id": phone["user_id"], "template_id": 6 }),
    );
    assert_eq!(
        bench.refused(
            "/card/apply",
            json!({ "user_id": phone["user_id"], "template_id": 5 })
        ),
        "kyc_required"
    );

    for (body, code) in [
        (json!({ "template_id": 1 }), "missing_field"),
        (json!({ "email": "a@example.com" }), "missing_field"),
        (
            json!({ "email": "nobody", "template_id": 1 }),
            "invalid_field",
        ),
        (
            json!({ "email": "a@example.com", "template_id": 99 }),
            "template_not_found",
        ),
        (
            json!({ "email": "a@example.com", "template_id": "1" }),
            "invalid_field",
        ),
        (
            json!({ "email": "a@example.com", "template_id": 5 }),
            "missing_field",
        ),
        (
            json!({ "email": "a@example.com", "template_id": 5, "kyc_data": { "first_name": "A" } }),
            "missing_field",
        ),
        (
            json!({ "email": "a@example.com", "template_id": 5, "kyc_data": { "firstName": "A" } }),
            "unknown_field",
        ),
        (
            json!({ "email": "a@example.com", "template_id": 6, "dial_code": "44" }),
            "missing_field",
        ),
        (
            json!({ "email": "a@example.com", "template_id": 6, "dial_code": "44", "phone_number": "x" }),
            "invalid_field",
        ),
    ] {
        assert_eq!(
            bench.refused("/user/register", body.clone()),
            code,
            "{body}"
        );
    }
    bench.sound();
}

#[test]
fn kyc_decisions() {
    let mut bench = Bench::new();
    bench.ok(
        "/user/register",
        json!({ "email": "a+reject@example.com", "template_id": 2 }),
    );
    let events = bench.run(1000);
    assert_eq!(events[0].1["status"], "REJECTED");
    assert!(events[0].1["message"].is_string());

    let id = bench.ok(
        "/user/register",
        json!({ "email": "pending@example.com", "template_id": 2 }),
    )["user_id"]
        .clone();
    assert!(bench.run(3_600_000).is_empty(), "left to be decided");
    bench.control(
        "users/decide",
        json!({ "user_id": id, "decision": "approve" }),
    );
    assert_eq!(
        bench.run(1000),
        [(
            "USER_CREATE_RESULT".to_owned(),
            json!({ "user_id": id, "status": "APPROVED" })
        )]
    );
    bench.control(
        "users/decide",
        json!({ "user_id": id, "decision": "reject", "message": "document expired" }),
    );
    assert_eq!(bench.run(1000)[0].1["message"], "document expired");
    assert_eq!(
        bench.control_refused(
            "users/decide",
            json!({ "user_id": 1, "decision": "approve" })
        ),
        "user_not_found"
    );
    bench.sound();
}

#[test]
fn assignment_is_decided_later() {
    let mut bench = Bench::new();
    let id = bench.ok(
        "/card/assign",
        json!({ "user_id": 12345, "template_id": 1, "card_number": CARD }),
    )["card_id"]
        .clone();
    assert_eq!(
        bench.refused(
            "/card/get_information",
            json!({ "user_id": 12345, "card_id": id })
        ),
        "card_not_found",
        "no card is there yet"
    );
    let state = bench.issuer.audit().unwrap();
    assert_eq!((state.pending_operations, state.pending_deliveries), (1, 0));
    assert!(bench.issuer.due(bench.now.plus_ms(49)).unwrap().is_empty());
    let occur_time = bench.now.plus_ms(50).0;
    assert_eq!(
        bench.run(1000),
        [(
            "CARD_ASSIGN_RESULT".to_owned(),
            json!({ "card_id": id, "status": "SUCCESS", "occur_time": occur_time })
        )]
    );
    assert_eq!(bench.status(id.as_i64().unwrap()), "TBA");
    assert_eq!(bench.balance(), 9995.0, "the fee");
    bench.sound();
}

#[test]
fn failed_assignments_name_no_card_and_cost_nothing() {
    let mut bench = Bench::new();
    bench.assigned(CARD);
    for (number, reason) in [
        (
            magic::CARD_NUMBER_NOT_FOUND,
            "101:0 - card number not exist",
        ),
        ("9999999999999999", "101:0 - card number not exist"),
        (
            magic::CARD_NUMBER_ALREADY_ASSIGNED,
            magic::REASON_ALREADY_ASSIGNED,
        ),
        (CARD, magic::REASON_ALREADY_ASSIGNED),
        (magic::CARD_NUMBER_PROVIDER_TROUBLE, magic::REASON_PROVIDER),
    ] {
        let id = bench.ok(
            "/card/assign",
            json!({ "user_id": 67890, "template_id": 1, "card_number": number }),
        )["card_id"]
            .clone();
        let occur_time = bench.now.plus_ms(50).0;
        let data = json!({ "status": "FAILED", "error_reason": reason, "user_id": 67890, "occur_time": occur_time });
        assert_eq!(bench.run(1000), [("CARD_ASSIGN_RESULT".to_owned(), data)]);
        assert_eq!(
            bench.refused(
                "/card/get_information",
                json!({ "user_id": 67890, "card_id": id })
            ),
            "card_not_found"
        );
    }
    assert_eq!(bench.balance(), 9995.0);
    for (body, code) in [
        (
            json!({ "user_id": 12345, "template_id": 1, "card_number": "123456789012345" }),
            "card_number_format",
        ),
        (
            json!({ "user_id": 12345, "template_id": 1, "card_number": "12345678901234567890" }),
            "card_number_format",
        ),
        (
            json!({ "user_id": 12345, "template_id": 1, "card_number": "1234 5678 9012 3456" }),
            "card_number_format",
        ),
        (
            json!({ "user_id": 12345, "template_id": 1, "card_number": 1234567890123456_i64 }),
            "invalid_field",
        ),
        (
            json!({ "user_id": 12345, "template_id": 2, "card_number": CARD }),
            "template_is_virtual",
        ),
        (
            json!({ "user_id": 1, "template_id": 1, "card_number": CARD }),
            "user_not_found",
        ),
        (
            json!({ "user_id": 12345.0, "template_id": 1, "card_number": CARD }),
            "invalid_field",
        ),
    ] {
        assert_eq!(bench.refused("/card/assign", body.clone()), code, "{body}");
    }
    bench.sound();
}

#[test]
fn two_assignments_of_one_card_race() {
    let mut bench = Bench::new();
    for user in [12345, 67890] {
        bench.ok(
            "/card/assign",
            json!({ "user_id": user, "template_id": 1, "card_number": CARD }),
        );
    }
    let statuses: Vec<Value> = bench
        .run(1000)
        .into_iter()
        .map(|(_, data)| data["status"].clone())
        .collect();
    assert_eq!(statuses, ["SUCCESS", "FAILED"]);
    bench.sound();
}

#[test]
fn activation() {
    let mut bench = Bench::new();
    let id = bench.assigned(CARD);
    let alter =
        |pin: Value| json!({ "user_id": 12345, "card_id": id, "alter": "ACTIVATE", "pin": pin });
    for (pin, code) in [
        (json!("12345"), "pin_format"),
        (json!("1234567"), "pin_format"),
        (json!("12345a"), "pin_format"),
        (json!("１２３４５６"), "pin_format"),
        (json!(123456), "invalid_field"),
        (json!(null), "missing_field"),
    ] {
        assert_eq!(bench.refused("/card/update_status", alter(pin)), code);
    }
    assert_eq!(
        bench.ok("/card/update_status", alter(json!("123456"))),
        json!({ "message": "Operation requested" })
    );
    assert_eq!(
        bench.refused("/card/update_status", alter(json!("123456"))),
        "operation_pending"
    );
    let occur_time = bench.now.plus_ms(50).0;
    let data = json!({ "card_id": id, "card_number": CARD, "status": "SUCCESS", "occur_time": occur_time });
    assert_eq!(bench.run(1000), [("CARD_ACTIVATE_RESULT".to_owned(), data)]);
    assert_eq!(bench.status(id), "ACTIVE");
    assert_eq!(
        bench.refused("/card/update_status", alter(json!("123456"))),
        "card_state"
    );

    let rejected = bench.assigned(magic::CARD_NUMBER_ACTIVATION_REJECTED);
    bench.ok(
        "/card/update_status",
        json!({ "user_id": 12345, "card_id": rejected, "alter": "ACTIVATE", "pin": "123456" }),
    );
    assert_eq!(bench.run(1000)[0].1["status"], "FAILED");
    assert_eq!(bench.status(rejected), "TBA");
    bench.sound();
}

#[test]
fn virtual_cards() {
    let mut bench = Bench::new();
    // Active at once.
    let id = bench.ok("/card/apply", json!({ "user_id": 12345, "template_id": 2 }))["card_id"]
        .as_i64()
        .unwrap();
    let occur_time = bench.now.plus_ms(50).0;
    let data = json!({ "template_id": 2, "user_id": 12345, "card_id": id, "status": "SUCCESS", "occur_time": occur_time });
    assert_eq!(bench.run(1000), [("CARD_APPLY_RESULT".to_owned(), data)]);
    assert_eq!(bench.status(id), "ACTIVE");
    assert_eq!(bench.balance(), 9998.0);
    // With a deposit; the fee is 1.5 per cent of it.
    let id = bench.ok(
        "/card/apply",
        json!({ "user_id": 12345, "template_id": 3, "deposit_amount": 500.0 }),
    )["card_id"]
        .as_i64()
        .unwrap();
    assert_eq!(bench.types(), ["CARD_APPLY_RESULT", "CARD_BALANCE_CHANGE"]);
    assert_eq!(bench.balance(), 9998.0 - 507.5);
    let balance = bench.ok(
        "/card/get_balance",
        json!({ "user_id": 12345, "card_id": id }),
    );
    assert_eq!(
        balance,
        json!({ "balance": 500.0, "refund_amount": 0.0, "currency": "USD" })
    );
    // To be activated, without a PIN.
    let id = bench.ok("/card/apply", json!({ "user_id": 12345, "template_id": 4 }))["card_id"]
        .as_i64()
        .unwrap();
    bench.run(1000);
    assert_eq!(bench.status(id), "TBA");
    let alter = json!({ "user_id": 12345, "card_id": id, "alter": "ACTIVATE" });
    let mut with_pin = alter.clone();
    with_pin["pin"] = json!("123456");
    assert_eq!(
        bench.refused("/card/update_status", with_pin),
        "invalid_field"
    );
    bench.ok("/card/update_status", alter);
    assert_eq!(bench.types(), ["CARD_ACTIVATE_RESULT"]);
    assert_eq!(
        bench.refused(
            "/card/set_pin",
            json!({ "user_id": 12345, "card_id": id, "pin": "1234" })
        ),
        "card_is_virtual"
    );

    for (body, code) in [
        (
            json!({ "user_id": 12345, "template_id": 1 }),
            "template_is_physical",
        ),
        (
            json!({ "user_id": 12345, "template_id": 2, "deposit_amount": 50 }),
            "invalid_field",
        ),
        (
            json!({ "user_id": 12345, "template_id": 3 }),
            "missing_field",
        ),
        (
            json!({ "user_id": 12345, "template_id": 3, "deposit_amount": 49.99 }),
            "amount_below_minimum",
        ),
        (
            json!({ "user_id": 12345, "template_id": 3, "deposit_amount": 5000.01 }),
            "amount_above_maximum",
        ),
        (
            json!({ "user_id": 12345, "template_id": 3, "deposit_amount": "500.0" }),
            "invalid_field",
        ),
    ] {
        assert_eq!(bench.refused("/card/apply", body.clone()), code, "{body}");
    }
    // The provider rejects.
    let before = bench.balance();
    let id = bench.ok(
        "/card/apply",
        json!({ "user_id": 12345, "template_id": 3, "deposit_amount": 66.01 }),
    )["card_id"]
        .clone();
    assert_eq!(bench.run(1000)[0].1["status"], "FAILED");
    assert_eq!(
        bench.refused(
            "/card/get_balance",
            json!({ "user_id": 12345, "card_id": id })
        ),
        "card_not_found"
    );
    assert_eq!(bench.balance(), before);
    bench.sound();
}

#[test]
fn recharge() {
    let mut bench = Bench::new();
    let id = bench.plastic();
    let body = |amount: Value| json!({ "user_id": 12345, "card_id": id, "amount": amount });
    assert_eq!(
        bench.ok("/card/recharge", body(json!(100.0))),
        json!({ "message": "Card recharge request sent successfully" })
    );
    assert_eq!(bench.balance(), 9995.0 - 101.0, "set aside at once");
    let occur_time = bench.now.plus_ms(50).0;
    let events = bench.run(1000);
    assert_eq!(
        events[0],
        (
            "CARD_RECHARGE_RESULT".to_owned(),
            json!({
                "template_id": 1, "user_id": 12345, "card_id": id, "transaction_id": 300_001, "receive_amount": 100.0,
                "status": "SUCCESS", "currency": "USD", "description": "RECHARGE", "occur_time": occur_time
            })
        )
    );
    assert_eq!(
        events[1],
        (
            "CARD_BALANCE_CHANGE".to_owned(),
            json!({
                "card_id": id, "amount": 100.0, "available": 100.0, "before_available": 0.0, "currency": "USD",
                "occur_time": occur_time
            })
        )
    );
    for (amount, code) in [
        (json!(9.99), "amount_below_minimum"),
        (json!(5000.01), "amount_above_maximum"),
        (json!(0), "invalid_field"),
        (json!(-10), "invalid_field"),
        (json!("100"), "invalid_field"),
        (json!(10.001), "invalid_field"),
        (json!(null), "missing_field"),
    ] {
        assert_eq!(
            bench.refused("/card/recharge", body(amount.clone())),
            code,
            "{amount}"
        );
    }
    assert_eq!(
        bench.refused(
            "/card/recharge",
            json!({ "user_id": 67890, "card_id": id, "amount": 100 })
        ),
        "card_not_found"
    );
    // 4894 is left after one more, and the fee of 1 isn't covered.
    bench.ok("/card/recharge", body(json!(5000)));
    assert_eq!(bench.balance(), 4893.0);
    assert_eq!(
        bench.refused("/card/recharge", body(json!(4893))),
        "insufficient_merchant_balance"
    );
    bench.control("merchants/top-up", json!({ "amount": 1.0 }));
    bench.ok("/card/recharge", body(json!(4893)));
    assert_eq!(bench.balance(), 0.0);
    bench.run(1000);
    bench.sound();
}

#[test]
fn recharges_that_go_wrong() {
    let mut bench = Bench::new();
    let id = bench.plastic();
    let before = bench.balance();
    bench.ok(
        "/card/recharge",
        json!({ "user_id": 12345, "card_id": id, "amount": 66.01 }),
    );
    let events = bench.run(1000);
    assert_eq!(events.len(), 1, "no balance has changed");
    assert_eq!(
        (&events[0].1["status"], &events[0].1["receive_amount"]),
        (&json!("FAILED"), &json!(0.0))
    );
    assert_eq!(bench.balance(), before, "all comes back");
    let list = bench.ok(
        "/card/get_transactions",
        json!({ "card_id": id, "status": "FAILED" }),
    );
    assert_eq!(list["total"], 1);

    bench.ok(
        "/card/recharge",
        json!({ "user_id": 12345, "card_id": id, "amount": 66.02 }),
    );
    assert!(bench.run(3_600_000).is_empty(), "its webhook never comes");
    let balance = bench.ok(
        "/card/get_balance",
        json!({ "user_id": 12345, "card_id": id }),
    );
    assert_eq!(balance["balance"], 66.02, "yet it has happened");

    bench.ok(
        "/card/recharge",
        json!({ "user_id": 12345, "card_id": id, "amount": 66.03 }),
    );
    assert!(bench.run(30_000).is_empty());
    assert_eq!(bench.types().len(), 2, "late");

    // Locked before the provider comes to the recharge.
    let before = bench.balance();
    bench.ok(
        "/card/update_status",
        json!({ "user_id": 12345, "card_id": id, "alter": "LOCK" }),
    );
    bench.ok(
        "/card/recharge",
        json!({ "user_id": 12345, "card_id": id, "amount": 50 }),
    );
    let events = bench.run(1000);
    assert_eq!(events[0].0, "CARD_STATUS_CHANGE");
    assert_eq!(
        (events[1].0.as_str(), &events[1].1["status"]),
        ("CARD_RECHARGE_RESULT", &json!("FAILED"))
    );
    assert_eq!(bench.balance(), before);
    bench.sound();
}

#[test]
fn lock_unlock_and_close() {
    let mut bench = Bench::new();
    let id = bench.funded();
    let alter = |word: &str| json!({ "user_id": 12345, "card_id": id, "alter": word });
    assert_eq!(
        bench.refused("/card/update_status", alter("UNLOCK")),
        "card_state"
    );
    assert_eq!(
        bench.refused("/card/update_status", alter("lock")),
        "invalid_field"
    );
    bench.ok("/card/update_status", alter("LOCK"));
    let occur_time = bench.now.plus_ms(50).0;
    let data = json!({ "card_id": id, "status": "SUCCESS", "card_status": "LOCKED", "occur_time": occur_time });
    assert_eq!(bench.run(1000), [("CARD_STATUS_CHANGE".to_owned(), data)]);
    assert_eq!(
        bench.refused(
            "/card/recharge",
            json!({ "user_id": 12345, "card_id": id, "amount": 50 })
        ),
        "card_state"
    );
    assert_eq!(
        bench.refused(
            "/card/set_pin",
            json!({ "user_id": 12345, "card_id": id, "pin": "1234" })
        ),
        "card_state"
    );
    assert_eq!(
        bench.refused("/card/update_status", alter("LOCK")),
        "card_state"
    );
    bench.ok("/card/update_status", alter("UNLOCK"));
    assert_eq!(bench.run(1000)[0].1["card_status"], "ACTIVE");

    let before = bench.balance();
    bench.ok("/card/update_status", alter("CLOSE"));
    let occur_time = bench.now.plus_ms(50).0;
    let events = bench.run(1000);
    let data = json!({
        "card_id": id, "transaction_id": 300_002, "refund_amount": 99.5, "status": "SUCCESS", "occur_time": occur_time
    });
    assert_eq!(events[0], ("CARD_CLOSE_RESULT".to_owned(), data));
    assert_eq!(events[1].0, "CARD_BALANCE_CHANGE");
    assert_eq!(
        bench.balance(),
        before + 99.5,
        "the rest less the refund fee"
    );
    assert_eq!(bench.status(id), "CLOSED");
    for word in ["ACTIVATE", "LOCK", "UNLOCK", "CLOSE"] {
        let mut body = alter(word);
        if word == "ACTIVATE" {
            body["pin"] = json!("123456");
        }
        assert_eq!(bench.refused("/card/update_status", body), "card_state");
    }
    bench.sound();
}

#[test]
fn pins_can_be_changed_and_are_not_kept() {
    let mut bench = Bench::new();
    let id = bench.funded();
    let purchase = |pin: &str| json!({ "card_id": id, "amount": 1, "pin": pin });
    assert_eq!(
        bench.control("purchases/authorize", purchase("123456"))["approved"],
        true
    );
    for (pin, code) in [
        ("123", "pin_format"),
        ("1234567", "pin_format"),
        ("12a4", "pin_format"),
        ("", "invalid_field"),
    ] {
        assert_eq!(
            bench.refused(
                "/card/set_pin",
                json!({ "user_id": 12345, "card_id": id, "pin": pin })
            ),
            code
        );
    }
    let answer = bench.ok(
        "/card/set_pin",
        json!({ "user_id": 12345, "card_id": id, "pin": "6789" }),
    );
    assert_eq!(
        answer,
        json!({ "success": true, "message": "PIN set successfully" })
    );
    assert_eq!(
        bench.control("purchases/authorize", purchase("123456"))["declined"],
        "wrong_pin"
    );
    assert_eq!(
        bench.control("purchases/authorize", purchase("6789"))["approved"],
        true
    );
}

#[test]
fn information_may_be_masked() {
    let mut seed: Value = serde_json::from_str(include_str!("../src/seed.json")).unwrap();
    seed["merchants"][0]["full_card_numbers"] = json!(false);
    let mut bench = Bench::new();
    bench.control("seed", seed);
    let id = bench.ok(
        "/card/assign",
        json!({ "user_id": 12345, "template_id": 1, "card_number": CARD }),
    )["card_id"]
        .clone();
    bench.run(1000);
    let information = bench.ok(
        "/card/get_information",
        json!({ "user_id": 12345, "card_id": id }),
    );
    assert_eq!(
        (&information["number"], &information["cvv"]),
        (&json!("123456******3456"), &json!("***"))
    );
    assert_eq!(information["expiry_date"], "01/28");
}

#[test]
fn lists_are_paged_filtered_and_ordered() {
    let mut bench = Bench::new();
    let id = bench.plastic();
    for amount in [30, 10, 20] {
        bench.ok(
            "/card/recharge",
            json!({ "user_id": 12345, "card_id": id, "amount": amount }),
        );
        bench.run(24 * 3_600_000);
    }
    let amounts = |list: &Value| -> Vec<f64> {
        list["data"]
            .as_array()
            .unwrap()
            .iter()
            .map(|item| item["amount"].as_f64().unwrap())
            .collect()
    };
    let path = "/card/get_transactions";
    let list = bench.ok(
        path,
        json!({ "order_by": "amount", "desc": false, "skip": 1, "limit": 1 }),
    );
    assert_eq!((amounts(&list), &list["total"]), (vec![20.0], &json!(3)));
    let list = bench.ok(path, json!({}));
    assert_eq!(amounts(&list), [20.0, 10.0, 30.0], "the newest first");
    assert_eq!(
        list["data"][2],
        json!({
            "id": 300_001, "card_id": id, "amount": 30.0, "currency": "USD", "type": "RECHARGE", "status": "SUCCESS",
            "created_at": "2024-01-15T10:30:02Z", "merchant_name": "RECHARGE"
        })
    );
    let list = bench.ok(
        path,
        json!({ "start_date": "2024-01-16", "end_date": "2024-01-16" }),
    );
    assert_eq!(amounts(&list), [10.0]);
    assert_eq!(bench.ok(path, json!({ "type": "PURCHASE" }))["total"], 0);
    assert_eq!(bench.ok(path, json!({ "user_id": 67890 }))["total"], 0);
    assert_eq!(bench.ok(path, json!({ "search": "rechar" }))["total"], 3);
    assert_eq!(
        bench.ok(path, json!({ "search": "%' OR 1=1 --" }))["total"],
        0
    );
    for body in [
        json!({ "order_by": "id; DROP TABLE cards" }),
        json!({ "limit": 0 }),
        json!({ "limit": 101 }),
        json!({ "skip": -1 }),
        json!({ "start_date": "yesterday" }),
        json!({ "desc": "true" }),
    ] {
        assert_eq!(bench.refused(path, body), "invalid_field");
    }
    for (path, columns) in [
        (path, "id, created_at, amount"),
        ("/user/get_users", "id, created_at"),
        ("/merchant/get_webhook_records", "id, created_at"),
    ] {
        let (_, answer) = bench.call(path, json!({ "order_by": "name" }));
        assert_eq!(
            (&answer["field"], &answer["message"]),
            (
                &json!("order_by"),
                &json!(format!("must be one of {columns}"))
            )
        );
    }
    let records = bench.ok(
        "/merchant/get_webhook_records",
        json!({ "callback_type": "CARD_ACTIVATE_RESULT" }),
    );
    assert_eq!(records["total"], 1);
    assert_eq!(records["data"][0]["status"], "DELIVERED");
    let payload = &records["data"][0]["payload"];
    assert_eq!(payload["card_number"], "123456******3456");
    assert_eq!(
        (&payload["card_id"], &payload["status"]),
        (&json!(id), &json!("SUCCESS"))
    );
    assert!(payload["occur_time"].is_i64(), "the rest is as it was sent");
    let sent = bench
        .issuer
        .control(
            Command::Deliveries {
                state: None,
                event_type: Some("CARD_ACTIVATE_RESULT".to_owned()),
            },
            bench.now,
        )
        .unwrap()
        .value();
    assert_eq!(
        sent["deliveries"][0]["payload"]["card_number"], CARD,
        "control shows what was sent"
    );
    assert_eq!(
        bench.ok(
            "/user/get_users",
            json!({ "order_by": "id", "desc": false })
        )["data"][0]["user_id"],
        12345
    );
}

#[test]
fn purchases() {
    let mut bench = Bench::new();
    let id = bench.funded();
    let available = |bench: &mut Bench| {
        bench.ok(
            "/card/get_balance",
            json!({ "user_id": 12345, "card_id": id }),
        )["balance"]
            .clone()
    };
    let authorized = bench.control(
        "purchases/authorize",
        json!({ "card_id": id, "amount": 40.0, "merchant_name": "Coffee" }),
    );
    let transaction = authorized["transaction"]["id"].clone();
    let events = bench.run(1000);
    assert_eq!(events[0].0, "TRANSACTION_CREATED");
    assert_eq!(events[0].1["merchant_name"], "Coffee");
    assert_eq!(
        (
            &events[1].1["amount"],
            &events[1].1["available"],
            &events[1].1["before_available"]
        ),
        (&json!(100.0), &json!(60.0), &json!(100.0))
    );
    let close = json!({ "user_id": 12345, "card_id": id, "alter": "CLOSE" });
    assert_eq!(
        bench.refused("/card/update_status", close.clone()),
        "authorization_open"
    );
    bench.sound();
    bench.control(
        "purchases/clear",
        json!({ "transaction_id": transaction, "amount": 35.0 }),
    );
    assert_eq!(available(&mut bench), 65.0);
    assert_eq!(
        bench.control_refused("purchases/clear", json!({ "transaction_id": transaction })),
        "transaction_state"
    );
    assert_eq!(
        bench.control_refused(
            "purchases/reverse",
            json!({ "transaction_id": transaction })
        ),
        "transaction_state"
    );
    bench.control(
        "purchases/refund",
        json!({ "transaction_id": transaction, "amount": 5.0 }),
    );
    assert_eq!(available(&mut bench), 70.0);
    assert_eq!(
        bench.control_refused(
            "purchases/refund",
            json!({ "transaction_id": transaction, "amount": 30.01 })
        ),
        "invalid_field"
    );

    let other = bench.control(
        "purchases/authorize",
        json!({ "card_id": id, "amount": 10 }),
    )["transaction"]["id"]
        .clone();
    bench.control("purchases/reverse", json!({ "transaction_id": other }));
    assert_eq!(available(&mut bench), 70.0);
    bench.control("corrections", json!({ "card_id": id, "amount": -0.5 }));
    assert_eq!(
        bench.control_refused("corrections", json!({ "card_id": id, "amount": -70 })),
        "invalid_field"
    );
    assert_eq!(available(&mut bench), 69.5);
    assert!(bench.types().contains(&"CARD_CORRECTION".to_owned()));

    let declined = bench.control(
        "purchases/authorize",
        json!({ "card_id": id, "amount": 69.51 }),
    );
    assert_eq!(
        (&declined["approved"], &declined["declined"]),
        (&json!(false), &json!("insufficient_funds"))
    );
    assert_eq!(declined["transaction"]["status"], "FAILED");
    // A refund after closing can be had back, but not spent.
    bench.ok("/card/update_status", close);
    bench.run(1000);
    bench.control("purchases/refund", json!({ "transaction_id": transaction }));
    let balance = bench.ok(
        "/card/get_balance",
        json!({ "user_id": 12345, "card_id": id }),
    );
    assert_eq!(
        balance,
        json!({ "balance": 0.0, "refund_amount": 30.0, "currency": "USD" })
    );
    bench.sound();
}

#[test]
fn spending_limits() {
    let mut bench = Bench::new();
    let id = bench.plastic();
    bench.ok(
        "/card/recharge",
        json!({ "user_id": 12345, "card_id": id, "amount": 5000 }),
    );
    bench.run(1000);
    bench.control("corrections", json!({ "card_id": id, "amount": 20000 }));
    let buy = |bench: &mut Bench, amount: f64| {
        bench.control(
            "purchases/authorize",
            json!({ "card_id": id, "amount": amount }),
        )["declined"]
            .clone()
    };
    assert_eq!(buy(&mut bench, 1000.01), "limit_per_tx");
    for _ in 0..5 {
        assert_eq!(buy(&mut bench, 1000.0), Value::Null);
        assert_eq!(buy(&mut bench, 1000.0), Value::Null);
        assert_eq!(buy(&mut bench, 0.01), "limit_per_day");
        bench.run(24 * 3_600_000);
    }
    assert_eq!(buy(&mut bench, 0.01), "limit_per_month");
    bench.run(31 * 24 * 3_600_000);
    assert_eq!(buy(&mut bench, 1000.0), Value::Null);
    bench.sound();
}

#[test]
fn three_ds_and_wallets() {
    let mut bench = Bench::new();
    let id = bench.funded();
    let confirm = json!({ "user_id": 12345, "card_id": id });
    assert_eq!(
        bench.refused("/card/3ds_confirm", confirm.clone()),
        "three_ds_not_found"
    );
    bench.control("3ds", json!({ "card_id": id, "amount": 12.5 }));
    let events = bench.run(1000);
    assert_eq!(
        (events[0].0.as_str(), &events[0].1["amount"]),
        ("CARD_3DS", &json!(12.5))
    );
    bench.ok("/card/3ds_confirm", confirm.clone());
    assert_eq!(
        bench.refused("/card/3ds_confirm", confirm.clone()),
        "three_ds_settled"
    );
    bench.control("3ds", json!({ "card_id": id, "amount": 12.5 }));
    bench.run(5 * 60_000);
    assert_eq!(
        bench.refused("/card/3ds_confirm", confirm),
        "three_ds_expired"
    );

    bench.control("wallet-verifications", json!({ "card_id": id }));
    let events = bench.run(1000);
    assert_eq!(events[0].0, "CARD_VERIFICATION");
    assert_eq!(events[0].1["otp"].as_str().unwrap().len(), 6);
}

#[test]
fn one_merchant_never_sees_another() {
    let mut seed: Value = serde_json::from_str(include_str!("../src/seed.json")).unwrap();
    let other = "0aa0aaaa-0000-4000-8000-000000000001";
    seed["merchants"].as_array_mut().unwrap().push(json!({
        "id": other, "name": "Other", "balance": 5, "keys": [{ "text": "another-key-0123", "codec": "utf8" }]
    }));
    let mut bench = Bench::new();
    bench.control("seed", seed);
    bench.control(
        "merchants/webhook-url",
        json!({ "url": "http://127.0.0.1:9/" }),
    );
    let id = bench.plastic();
    let mut call = |path: &str, body: Value| {
        bench.control(
            "call",
            json!({ "merchant_id": other, "path": path, "body": body }),
        )
    };
    assert_eq!(
        call("/merchant/get_account_balance", json!({}))["body"]["balance"],
        5.0
    );
    let answer = call(
        "/card/get_information",
        json!({ "user_id": 12345, "card_id": id }),
    );
    assert_eq!(
        (&answer["status"], &answer["body"]["code"]),
        (&json!(400), &json!("card_not_found"))
    );
    for path in [
        "/card/get_transactions",
        "/user/get_users",
        "/merchant/get_webhook_records",
    ] {
        assert_eq!(call(path, json!({}))["body"]["total"], 0, "{path}");
    }
    // Nor can it speak for the first with its own key.
    let mut request = request("/merchant/get_account_balance", "{}");
    request.headers[1].1 = other.to_owned();
    assert_eq!(
        bench.issuer.handle(&request, bench.now).outcome,
        "envelope_mac"
    );
}
