//! The sandbox as a program: its address, its end, its log, and what `kill -9` does to it.

mod common;

use std::time::Duration;

use axum::http::StatusCode;
use bananatech_sandbox::seed::{MERCHANT_ID, SECRET_KEY};
use common::process::{Receiver, Sandbox, call, get, post, settled};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

fn ok(_: usize) -> StatusCode {
    StatusCode::OK
}

#[tokio::test(flavor = "multi_thread")]
async fn kill_9_at_any_moment_loses_and_doubles_nothing() {
    const ROUNDS: u64 = 12;
    const ENOUGH: usize = 20;
    const USERS: [i64; 2] = [12345, 67890];
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("sandbox.db");
    // One in five answers is an error, so that retries are under way as well when the end comes.
    let receiver = Receiver::start(|count| {
        if count % 5 == 0 {
            StatusCode::BAD_GATEWAY
        } else {
            StatusCode::OK
        }
    })
    .await;
    let arguments = [
        "--database",
        database.to_str().unwrap(),
        "--webhook-url",
        &receiver.url,
        "--processing-delay-ms",
        "7",
        "--retry-base-ms",
        "15",
    ];
    let (mut assigned, mut recharged, mut asked) = (0, 0, 0);
    let mut cards: Vec<(i64, i64)> = Vec::new();
    let mut numbers = stock().into_iter();
    let mut rounds = 0;
    // A busy machine does less in a round, and needs more of them.
    while rounds < ROUNDS || (recharged <= ENOUGH && rounds < 50 * ROUNDS) {
        rounds += 1;
        let sandbox = Sandbox::start(&arguments);
        let base = sandbox.base.clone();
        let known = cards.clone();
        let fresh: Vec<String> = numbers.by_ref().take(4).collect();
        let work = tokio::spawn(async move {
            let (mut assigned, mut recharged, mut asked) = (Vec::new(), 0, 0);
            for turn in 0.. {
                if let Some(number) = fresh.get(turn) {
                    let user = USERS[turn % 2];
                    let body = json!({ "user_id": user, "template_id": 1, "card_number": number });
                    match call(&base, "/card/assign", body).await {
                        Some((200, answer)) => {
                            assigned.push((user, answer["card_id"].as_i64().unwrap()))
                        }
                        Some((_, answer)) => panic!("{answer}"),
                        None => break,
                    }
                }
                let Some((user, card)) = known.get(turn % known.len().max(1)) else {
                    if turn < fresh.len() {
                        continue;
                    }
                    break;
                };
                let alter = json!({ "user_id": user, "card_id": card, "alter": "ACTIVATE", "pin": "123456" });
                if call(&base, "/card/update_status", alter).await.is_none() {
                    break;
                }
                asked += 1;
                match call(
                    &base,
                    "/card/recharge",
                    json!({ "user_id": user, "card_id": card, "amount": 10.5 }),
                )
                .await
                {
                    Some((200, _)) => recharged += 1,
                    Some(_) => asked -= 1,
                    None => break,
                }
            }
            (assigned, recharged, asked)
        });
        // Anywhere between the first request and some hundred of them.
        let mut random = [0; 1];
        getrandom::fill(&mut random).unwrap();
        tokio::time::sleep(Duration::from_millis(20 + rounds + u64::from(random[0]))).await;
        sandbox.kill();
        let (new, more, all) = work.await.unwrap();
        assigned += new.len();
        recharged += more;
        asked += all;
        cards.extend(new);
    }

    let sandbox = Sandbox::start(&arguments);
    let state = settled(&sandbox.base).await;
    assert_eq!(state["ledger"]["sound"], true, "{state}");
    assert!(recharged > ENOUGH, "there was work: {recharged}");

    // What was acknowledged is there; what wasn't is there once or not at all.
    let mut transactions = Vec::new();
    while let Some((200, page)) = call(
        &sandbox.base,
        "/card/get_transactions",
        json!({ "type": "RECHARGE", "skip": transactions.len(), "limit": 100 }),
    )
    .await
    {
        let data = page["data"].as_array().unwrap().clone();
        transactions.extend(data.clone());
        if data.is_empty() {
            break;
        }
    }
    assert!(
        (recharged..=asked).contains(&transactions.len()),
        "{recharged} {asked} {}",
        transactions.len()
    );
    let made = state["cards"]
        .as_object()
        .unwrap()
        .values()
        .map(|count| count.as_u64().unwrap())
        .sum::<u64>();
    assert!(
        (assigned as u64..=assigned as u64 + rounds).contains(&made),
        "{assigned} {made}"
    );

    // Each webhook came at least once.
    let told = receiver.of("CARD_RECHARGE_RESULT");
    for transaction in &transactions {
        let told = told
            .iter()
            .find(|event| event["transaction_id"] == transaction["id"]);
        assert_eq!(
            told.map(|event| &event["status"]),
            Some(&transaction["status"]),
            "{transaction}"
        );
    }
    let told = receiver.of("CARD_ASSIGN_RESULT");
    for (_, card) in &cards {
        assert!(
            told.iter()
                .any(|event| event["card_id"] == *card && event["status"] == "SUCCESS"),
            "{card}"
        );
    }

    // The money is where it must be, to the cent.
    let succeeded = transactions
        .iter()
        .filter(|transaction| transaction["status"] == "SUCCESS")
        .count();
    let cents =
        1_000_000 - 500 * i64::try_from(made).unwrap() - 1150 * i64::try_from(succeeded).unwrap();
    let balance = state["merchants"][0]["balance"].to_string();
    assert_eq!(
        bananatech_sandbox::Money::parse(&balance).map(|money| money.minor()),
        Some(cents)
    );
    assert_eq!(state["merchants"][0]["reserved"], 0.0);
}

fn stock() -> Vec<String> {
    let seed: Value = serde_json::from_str(include_str!("../src/seed.json")).unwrap();
    let numbers = seed["stock"].as_array().unwrap().iter();
    numbers
        .map(|number| number.as_str().unwrap().to_owned())
        .filter(|number| !number.starts_with("40000000000"))
        .collect()
}

#[tokio::test]
async fn ends_cleanly_when_told_to() {
    for signal in ["-TERM", "-INT"] {
        let sandbox = Sandbox::start(&[]);
        assert!(
            sandbox.base.starts_with("http://127.0.0.1:"),
            "{}",
            sandbox.base
        );
        assert_eq!(
            get(format!("{}/_sandbox/health", sandbox.base)).await,
            json!({ "status": "ok" })
        );
        sandbox.signal(signal);
        assert_eq!(sandbox.wait().0, Some(0), "{signal}");
    }
    let mut sandbox = Sandbox::start(&[]);
    drop(sandbox.child.stdin.take());
    assert_eq!(sandbox.wait().0, Some(0), "standard input closed");
}

#[tokio::test(flavor = "multi_thread")]
async fn ends_while_requests_are_half_sent() {
    let mut sandbox = Sandbox::start(&["--shutdown-timeout-ms", "200"]);
    let address = sandbox.base.strip_prefix("http://").unwrap().to_owned();
    let idle = TcpStream::connect(&address).await.unwrap();
    let mut head = TcpStream::connect(&address).await.unwrap();
    head.write_all(b"POST /card/assign HTTP/1.1\r\nHost: sandbox\r\n")
        .await
        .unwrap();
    let mut body = TcpStream::connect(&address).await.unwrap();
    body.write_all(
        b"POST /card/assign HTTP/1.1\r\nHost: sandbox\r\nContent-Length: 100\r\nExpect: 100-continue\r\n\r\n",
    )
    .await
    .unwrap();
    let mut go_on = [0; 25];
    body.read_exact(&mut go_on).await.unwrap();
    assert_eq!(
        &go_on, b"HTTP/1.1 100 Continue\r\n\r\n",
        "it waits for the body"
    );
    body.write_all(b"half a body").await.unwrap();
    sandbox.signal("-TERM");
    let code = sandbox.wait_at_most(Duration::from_secs(60));
    assert_eq!(code, Some(Some(0)));
    drop((idle, head, body));
}

#[tokio::test(flavor = "multi_thread")]
async fn finishes_a_delivery_that_is_on_its_way() {
    fn slow(_: usize) -> StatusCode {
        std::thread::sleep(Duration::from_millis(600));
        StatusCode::OK
    }
    let receiver = Receiver::start(slow).await;
    let sandbox = Sandbox::start(&["--webhook-url", &receiver.url, "--processing-delay-ms", "0"]);
    let body = json!({ "user_id": 12345, "template_id": 1, "card_number": "1234567890123456" });
    assert_eq!(
        call(&sandbox.base, "/card/assign", body).await.unwrap().0,
        200
    );
    while receiver.of("CARD_ASSIGN_RESULT").is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    sandbox.signal("-TERM");
    let (code, log) = sandbox.wait();
    assert_eq!(code, Some(0));
    assert!(
        log.contains("delivery id=1 type=CARD_ASSIGN_RESULT attempt=1 outcome=200"),
        "{log}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_holds_no_secret() {
    const PIN: &str = "918273";
    const OTHER_PIN: &str = "47281";
    const NUMBER: &str = "5200001200000015";
    let number = stock()
        .into_iter()
        .find(|number| number.starts_with("52000012"))
        .unwrap_or(NUMBER.to_owned());
    let receiver = Receiver::start(ok).await;
    let sandbox = Sandbox::start(&["--webhook-url", &receiver.url]);
    let base = sandbox.base.clone();
    let control = |path: &str, body: Value| post(format!("{base}/_sandbox/{path}"), body);
    let assign = json!({ "user_id": 12345, "template_id": 1, "card_number": number });
    let card = call(&base, "/card/assign", assign).await.unwrap().1["card_id"].clone();
    settled(&base).await;
    let activate = json!({ "user_id": 12345, "card_id": card, "alter": "ACTIVATE", "pin": PIN });
    call(&base, "/card/update_status", activate).await.unwrap();
    settled(&base).await;
    call(
        &base,
        "/card/recharge",
        json!({ "user_id": 12345, "card_id": card, "amount": 100 }),
    )
    .await
    .unwrap();
    settled(&base).await;
    call(
        &base,
        "/card/set_pin",
        json!({ "user_id": 12345, "card_id": card, "pin": OTHER_PIN }),
    )
    .await
    .unwrap();
    call(
        &base,
        "/card/get_information",
        json!({ "user_id": 12345, "card_id": card }),
    )
    .await
    .unwrap();
    call(
        &base,
        "/user/register",
        json!({ "email": "canary@example.com", "template_id": 2 }),
    )
    .await
    .unwrap();
    control("wallet-verifications", json!({ "card_id": card }))
        .await
        .unwrap();
    control(
        "purchases/authorize",
        json!({ "card_id": card, "amount": 1, "pin": PIN }),
    )
    .await
    .unwrap();
    control(
        "merchants/rotate-key",
        json!({ "key": { "text": "canary-key-01234" } }),
    )
    .await
    .unwrap();
    settled_but_for_the_new_key(&base).await;
    // Secrets where none belong: in paths, headers, methods, and bodies that can't be read.
    let client = reqwest::Client::new();
    for path in [
        format!("/card/{number}"),
        format!("/_sandbox/{SECRET_KEY}"),
        format!("/?pin={PIN}"),
    ] {
        client
            .post(format!("{base}{path}"))
            .body(format!("{PIN} {number}"))
            .send()
            .await
            .unwrap();
    }
    let method = reqwest::Method::from_bytes(PIN.as_bytes()).unwrap();
    client
        .request(method, &base)
        .header("Merchant-ID", SECRET_KEY)
        .header("X-HMAC", PIN)
        .send()
        .await
        .unwrap();
    for path in [
        "call",
        "seed",
        "merchants/rotate-key",
        "purchases/authorize",
    ] {
        client
            .post(format!("{base}/_sandbox/{path}"))
            .body(format!("{{\"pin\":\"{PIN}{SECRET_KEY}"))
            .send()
            .await
            .unwrap();
    }
    let otp = receiver
        .of("CARD_VERIFICATION")
        .first()
        .map(|event| event["otp"].as_str().unwrap().to_owned());
    sandbox.signal("-TERM");
    let (code, log) = sandbox.wait();
    assert_eq!(code, Some(0));
    assert!(log.lines().count() > 15, "{log}");
    let otp = otp.unwrap_or_else(|| "no otp came".to_owned());
    for secret in [
        SECRET_KEY,
        "canary",
        MERCHANT_ID,
        PIN,
        OTHER_PIN,
        &number,
        &otp,
        "encrypted_payload",
    ] {
        assert!(!log.contains(secret), "{secret}: {log}");
    }
    for line in log.lines() {
        assert!(
            line.starts_with("request ") || line.starts_with("delivery "),
            "{line}"
        );
    }
}

/// The receiver can't open what is sealed with the new key, so those deliveries stay pending.
async fn settled_but_for_the_new_key(base: &str) {
    for _ in 0..100 {
        if get(format!("{base}/_sandbox/state")).await["operations"]["PENDING"].is_null() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[test]
fn a_bad_start_says_why_without_a_secret() {
    let folder = tempfile::tempdir().unwrap();
    let seed = folder.path().join("seed.json");
    std::fs::write(
        &seed,
        r#"{"merchants":[{"id":"canary","keys":[{"text":"canary","codec":"canary"}]}]}"#,
    )
    .unwrap();
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_bananatech-sandbox"))
        .args(["--port", "0", "--seed", seed.to_str().unwrap()])
        .output()
        .unwrap();
    assert!(!output.status.success());
    assert!(output.stdout.is_empty());
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        said.contains("seed: line 1, column") && !said.contains("canary"),
        "{said}"
    );
}
