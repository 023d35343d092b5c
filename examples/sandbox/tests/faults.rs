//! Faults that lie in what is said, not in how it is sent, against the sandbox as a program: the answer's id, somebody
//! else's recharge, the type, the data.

mod common;

use axum::http::StatusCode;
use common::process::{Receiver, Sandbox, call, get, post, settled};
use serde_json::{Value, json};

struct World {
    sandbox: Sandbox,
    receiver: Receiver,
}

impl World {
    async fn start() -> World {
        let receiver = Receiver::start(|_| StatusCode::OK).await;
        let sandbox =
            Sandbox::start(&["--webhook-url", &receiver.url, "--processing-delay-ms", "0"]);
        World { sandbox, receiver }
    }

    async fn control(&self, path: &str, body: Value) -> Value {
        let url = format!("{}/_sandbox/{path}", self.sandbox.base);
        post(url, body).await.unwrap()
    }

    async fn fault(&self, fault: Value) {
        let listed = self.control("faults", fault).await;
        assert!(listed["faults"].is_array(), "{listed}");
    }

    async fn call(&self, path: &str, body: Value) -> (u16, Value) {
        call(&self.sandbox.base, path, body).await.unwrap()
    }

    async fn ok(&self, path: &str, body: Value) -> Value {
        let (status, answer) = self.call(path, body).await;
        assert_eq!(status, 200, "{path}: {answer}");
        answer
    }

    /// Waits until all has happened and been told, and checks the books.
    async fn settled(&self) -> Value {
        let state = settled(&self.sandbox.base).await;
        assert_eq!(state["ledger"]["sound"], true, "{state}");
        assert_eq!(state["faults"], json!([]), "every fault was used");
        state
    }

    /// All that has come since the last time.
    fn events(&self) -> Vec<(String, Value)> {
        std::mem::take(&mut *self.receiver.events.lock().unwrap())
    }

    /// A virtual card, active and empty.
    async fn card(&self) -> i64 {
        let body = json!({ "user_id": 12345, "template_id": 2 });
        let card = self.ok("/card/apply", body).await["card_id"].clone();
        self.settled().await;
        assert_eq!(self.events().len(), 1);
        card.as_i64().unwrap()
    }

    async fn recharge(&self, card: i64, amount: f64) {
        let body = json!({ "user_id": 12345, "card_id": card, "amount": amount });
        self.ok("/card/recharge", body).await;
    }

    async fn recharges(&self, card: i64) -> Vec<Value> {
        let body = json!({ "card_id": card, "type": "RECHARGE", "order_by": "id", "desc": false });
        let list = self.ok("/card/get_transactions", body).await;
        let data = list["data"].as_array().unwrap().clone();
        assert_eq!(list["total"], data.len());
        data
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_assignment_s_number_is_not_the_card_s_id() {
    let world = World::start().await;
    world
        .fault(json!({ "kind": "assignment_number", "count": 1 }))
        .await;
    let assign = json!({ "user_id": 12345, "template_id": 1, "card_number": "1234567890123456" });
    let told = world.ok("/card/assign", assign).await["card_id"].clone();
    assert_eq!(told, 400_001);
    world.settled().await;
    let events = world.events();
    let card = events[0].1["card_id"].clone();
    assert_eq!(
        (events[0].0.as_str(), &events[0].1["status"]),
        ("CARD_ASSIGN_RESULT", &json!("SUCCESS"))
    );
    assert_ne!(card, told);
    let of = |card: &Value| json!({ "user_id": 12345, "card_id": card });
    let (status, answer) = world.call("/card/get_information", of(&told)).await;
    assert_eq!(
        (status, &answer["code"]),
        (400, &json!("card_not_found")),
        "{answer}"
    );
    let information = world.ok("/card/get_information", of(&card)).await;
    assert_eq!(information["status"], "TBA");
    // The fault is used up.
    let number = "4000001200000016";
    let assign = json!({ "user_id": 12345, "template_id": 1, "card_number": number });
    let told = world.ok("/card/assign", assign).await["card_id"].clone();
    world.settled().await;
    assert_eq!(world.events()[0].1["card_id"], told);
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_recharges_in_the_console() {
    let world = World::start().await;
    let card = world.card().await;
    let before = world.settled().await["merchants"][0]["balance"].clone();
    let done = world
        .control(
            "console/recharge",
            json!({ "card_id": card, "amount": 25.5 }),
        )
        .await;
    let state = world.settled().await;
    // In the ledger,
    assert_eq!(
        before.as_f64().unwrap() - state["merchants"][0]["balance"].as_f64().unwrap(),
        25.5
    );
    let balance = json!({ "user_id": 12345, "card_id": card });
    assert_eq!(
        world.ok("/card/get_balance", balance).await["balance"],
        25.5
    );
    // in the list of transactions,
    let list = world.recharges(card).await;
    assert_eq!(list.len(), 1);
    assert_eq!(
        (&list[0]["id"], &list[0]["status"]),
        (&done["transaction"]["id"], &json!("SUCCESS"))
    );
    // and told.
    let events = world.events();
    assert_eq!(events[0].0, "CARD_RECHARGE_RESULT");
    assert_eq!(events[0].1["transaction_id"], list[0]["id"]);
    assert_eq!(events[1].0, "CARD_BALANCE_CHANGE");
    for (body, code) in [
        (json!({ "card_id": 1, "amount": 5 }), "card_not_found"),
        (json!({ "card_id": card, "amount": -5 }), "invalid_field"),
        (
            json!({ "card_id": card, "amount": 99999 }),
            "insufficient_merchant_balance",
        ),
    ] {
        assert_eq!(world.control("console/recharge", body).await["code"], code);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_recharges_the_same_card_with_the_same_amount() {
    let world = World::start().await;
    let card = world.card().await;
    world
        .fault(json!({ "kind": "console_recharge", "count": 1 }))
        .await;
    world.recharge(card, 40.0).await;
    world.settled().await;
    let list = world.recharges(card).await;
    assert_eq!(list.len(), 2);
    for recharge in &list {
        assert_eq!(
            (&recharge["amount"], &recharge["status"]),
            (&json!(40.0), &json!("SUCCESS"))
        );
    }
    let told: Vec<Value> = world
        .events()
        .into_iter()
        .filter(|(kind, _)| kind == "CARD_RECHARGE_RESULT")
        .map(|(_, data)| data["transaction_id"].clone())
        .collect();
    assert_eq!(
        told,
        [list[0]["id"].clone(), list[1]["id"].clone()],
        "the other one's first"
    );
    // With money for one only, the merchant's own goes on and the other waits for a better moment.
    world
        .fault(json!({ "kind": "console_recharge", "count": 1 }))
        .await;
    world.recharge(card, 5000.0).await;
    let state = settled(&world.sandbox.base).await;
    assert_eq!(state["faults"][0]["remaining"], 1);
    assert_eq!(world.recharges(card).await.len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_type_is_changed_on_the_way() {
    let world = World::start().await;
    let card = world.card().await;
    world
        .fault(json!({ "kind": "relabelled", "count": 20, "event_type": "CARD_RECHARGE_RESULT" }))
        .await;
    for _ in 0..20 {
        world.recharge(card, 15.0).await;
    }
    world.settled().await;
    let mut labels = Vec::new();
    for (label, data) in world.events() {
        // The receiver has checked the MAC. The data are a recharge's, whatever they are called.
        if data["transaction_id"].is_i64() {
            assert_eq!(
                (&data["receive_amount"], &data["status"]),
                (&json!(15.0), &json!("SUCCESS"))
            );
            labels.push(label);
        }
    }
    assert_eq!(labels.len(), 20);
    assert!(
        !labels.contains(&"CARD_RECHARGE_RESULT".to_owned()),
        "{labels:?}"
    );
    labels.sort();
    labels.dedup();
    assert!(labels.len() > 1, "not always the same one: {labels:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn data_have_fields_and_words_that_nobody_knows() {
    let world = World::start().await;
    let card = world.card().await;
    world
        .fault(json!({ "kind": "extra_fields", "count": 1, "event_type": "CARD_RECHARGE_RESULT" }))
        .await;
    world.recharge(card, 15.0).await;
    world.settled().await;
    let events = world.events();
    let data = &events[0].1;
    assert_eq!(
        (&data["status"], &data["receive_amount"]),
        (&json!("SUCCESS"), &json!(15.0)),
        "what is known is right"
    );
    assert!(data["provider_sequence"].is_number() && data["provider"].is_object());
    assert!(data["labels"].is_array() && data["is_test"].is_boolean());
    assert!(data.get("note").is_some_and(Value::is_null));
    assert!(data["occur_time"].is_i64());

    let unknown = |kind: &str| json!({ "kind": "unknown_status", "count": 1, "event_type": kind });
    world.fault(unknown("CARD_RECHARGE_RESULT")).await;
    world.recharge(card, 15.0).await;
    world.settled().await;
    assert_eq!(world.events()[0].1["status"], "UNDER_REVIEW");
    world.fault(unknown("CARD_STATUS_CHANGE")).await;
    let lock = json!({ "user_id": 12345, "card_id": card, "alter": "LOCK" });
    world.ok("/card/update_status", lock).await;
    world.settled().await;
    let data = &world.events()[0].1;
    assert_eq!(
        (&data["status"], &data["card_status"]),
        (&json!("UNDER_REVIEW"), &json!("FROZEN"))
    );
    // What is asked for, and what is sent again, is the truth.
    assert_eq!(world.recharges(card).await[1]["status"], "SUCCESS");
    let list = get(format!(
        "{}/_sandbox/deliveries?type=CARD_STATUS_CHANGE",
        world.sandbox.base
    ))
    .await;
    let resend = json!({ "delivery_id": list["deliveries"][0]["id"] });
    world.control("deliveries/resend", resend).await;
    world.settled().await;
    let data = &world.events()[0].1;
    assert_eq!(
        (&data["status"], &data["card_status"]),
        (&json!("SUCCESS"), &json!("LOCKED"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_of_operations_are_not_for_a_type() {
    let world = World::start().await;
    for kind in ["assignment_number", "console_recharge"] {
        let fault = json!({ "kind": kind, "event_type": "CARD_RECHARGE_RESULT" });
        assert_eq!(
            world.control("faults", fault).await["field"],
            "event_type",
            "{kind}"
        );
    }
}

/// What a merchant asks for to find out what has become of an operation.
#[tokio::test(flavor = "multi_thread")]
async fn what_happened_can_be_found_out_by_asking() {
    let world = World::start().await;
    let card = world.card().await;
    world.recharge(card, 66.01).await;
    world.settled().await;
    let list = world.recharges(card).await;
    assert_eq!(
        (list.len(), &list[0]["status"]),
        (1, &json!("FAILED")),
        "failed recharges are listed"
    );
    let register = json!({ "email": "grace.hopper@example.com", "template_id": 2 });
    let user = world.ok("/user/register", register).await["user_id"].clone();
    world.settled().await;
    let search = json!({ "search": "grace.hopper@example.com" });
    let found = world.ok("/user/get_users", search).await;
    assert_eq!(
        (&found["total"], &found["data"][0]["user_id"]),
        (&json!(1), &user)
    );
    assert_eq!(found["data"][0]["status"], "APPROVED");
    let information = json!({ "user_id": 12345, "card_id": card });
    let information = world.ok("/card/get_information", information).await;
    assert_eq!(
        (&information["status"], &information["template_id"]),
        (&json!("ACTIVE"), &json!(2))
    );
    assert_eq!(information["number"].as_str().unwrap().len(), 16);
}
