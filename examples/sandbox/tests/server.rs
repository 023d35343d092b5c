//! The server inside a process: what goes over the wire.

mod common;

use std::time::Duration;

use axum::http::StatusCode;
use bananatech_sandbox::seed::MERCHANT_ID;
use bananatech_sandbox::{Issuer, Seed, Settings, random, server};
use common::process::{Receiver, call, get, post, settled};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

/// How long a test waits for what comes in no time.
const LIMIT: Duration = Duration::from_secs(60);

async fn start(
    settings: Settings,
) -> (
    String,
    oneshot::Sender<()>,
    tokio::task::JoinHandle<std::io::Result<()>>,
) {
    let issuer = Issuer::open_in_memory(
        Seed::standard(),
        settings,
        random::reproducible(3),
        server::clock(),
    )
    .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let (stop, stopped) = oneshot::channel();
    let shutdown = async move {
        let _ = stopped.await;
    };
    (
        base,
        stop,
        tokio::spawn(server::serve(listener, issuer, server::no_log(), shutdown)),
    )
}

fn ok(_: usize) -> StatusCode {
    StatusCode::OK
}

#[tokio::test(flavor = "multi_thread")]
async fn a_physical_card_s_life_over_http() {
    let (base, stop, served) = start(Settings::default()).await;
    let receiver = Receiver::start(ok).await;
    let (status, _) = call(
        &base,
        "/merchant/set_webhook_url",
        json!({ "url": receiver.url }),
    )
    .await
    .unwrap();
    assert_eq!(status, 200);
    let assign = json!({ "user_id": 12345, "template_id": 1, "card_number": "1234567890123456" });
    let card = call(&base, "/card/assign", assign).await.unwrap().1["card_id"].clone();
    settled(&base).await;
    for (path, body) in [
        (
            "/card/update_status",
            json!({ "user_id": 12345, "card_id": card, "alter": "ACTIVATE", "pin": "123456" }),
        ),
        (
            "/card/recharge",
            json!({ "user_id": 12345, "card_id": card, "amount": 100.0 }),
        ),
        (
            "/card/update_status",
            json!({ "user_id": 12345, "card_id": card, "alter": "LOCK" }),
        ),
        (
            "/card/update_status",
            json!({ "user_id": 12345, "card_id": card, "alter": "UNLOCK" }),
        ),
        (
            "/card/set_pin",
            json!({ "user_id": 12345, "card_id": card, "pin": "6789" }),
        ),
        (
            "/card/update_status",
            json!({ "user_id": 12345, "card_id": card, "alter": "CLOSE" }),
        ),
    ] {
        let (status, answer) = call(&base, path, body).await.unwrap();
        assert_eq!(status, 200, "{path}: {answer}");
        settled(&base).await;
    }
    let types: Vec<String> = receiver
        .events
        .lock()
        .unwrap()
        .iter()
        .map(|(kind, _)| kind.clone())
        .collect();
    assert_eq!(
        types,
        [
            "CARD_ASSIGN_RESULT",
            "CARD_ACTIVATE_RESULT",
            "CARD_RECHARGE_RESULT",
            "CARD_BALANCE_CHANGE",
            "CARD_STATUS_CHANGE",
            "CARD_STATUS_CHANGE",
            "CARD_CLOSE_RESULT",
            "CARD_BALANCE_CHANGE",
        ]
    );
    stop.send(()).unwrap();
    served.await.unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_hangs_or_is_cut_off_gets_it_again() {
    let (base, _stop, _served) = start(Settings {
        delivery_timeout_ms: 150,
        retry_base_ms: 20,
        processing_delay_ms: 0,
        ..Settings::default()
    })
    .await;
    // The first connection is cut by the sandbox, the second is left hanging by the receiver, the third is answered.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let received = tokio::spawn(async move {
        let (mut first, _) = listener.accept().await.unwrap();
        let mut cut = Vec::new();
        first.read_to_end(&mut cut).await.unwrap();
        let (hanging, _) = listener.accept().await.unwrap();
        let (mut third, _) = listener.accept().await.unwrap();
        let mut buffer = [0; 4096];
        let _ = third.read(&mut buffer).await.unwrap();
        third
            .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            .await
            .unwrap();
        drop(hanging);
        String::from_utf8(cut).unwrap()
    });
    post(
        format!("{base}/_sandbox/merchants/webhook-url"),
        json!({ "url": url }),
    )
    .await
    .unwrap();
    post(
        format!("{base}/_sandbox/faults"),
        json!({ "kind": "cut_connection", "count": 1 }),
    )
    .await
    .unwrap();
    let assign = json!({ "user_id": 12345, "template_id": 1, "card_number": "1234567890123456" });
    call(&base, "/card/assign", assign).await.unwrap();
    let cut = received.await.unwrap();
    let (head, body) = cut.split_once("\r\n\r\n").unwrap();
    let promised: usize = head
        .rsplit_once("Content-Length: ")
        .unwrap()
        .1
        .parse()
        .unwrap();
    assert!(body.len() < promised, "{} of {promised}", body.len());
    settled(&base).await;
    let list = get(format!("{base}/_sandbox/deliveries?state=delivered")).await;
    assert_eq!(list["deliveries"][0]["attempts"], 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_programs_on_this_machine_reach_control() {
    let (base, _stop, _served) = start(Settings::default()).await;
    let client = reqwest::Client::new();
    let url = format!("{base}/_sandbox/reset");
    let rebound = client
        .post(&url)
        .header("Host", "evil.example")
        .send()
        .await
        .unwrap();
    assert_eq!(rebound.status(), 403);
    let page = client
        .post(&url)
        .header("Origin", "https://evil.example")
        .send()
        .await
        .unwrap();
    assert_eq!(page.status(), 403);
    assert_eq!(client.post(&url).send().await.unwrap().status(), 200);
    assert_eq!(client.get(&base).send().await.unwrap().status(), 405);
    assert_eq!(
        client
            .post(format!("{base}/nothing"))
            .send()
            .await
            .unwrap()
            .status(),
        404
    );
    assert_eq!(
        client
            .post(format!("{base}/_sandbox/nothing"))
            .send()
            .await
            .unwrap()
            .status(),
        404
    );
    assert_eq!(get(format!("{base}/_sandbox/health")).await["status"], "ok");
}

/// Sends bytes as they are, and gives all that comes back until the server hangs up. A reset is a failure.
async fn raw(base: &str, request: &[u8]) -> String {
    let address = base.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request).await.unwrap();
    let mut answer = String::new();
    tokio::time::timeout(LIMIT, stream.read_to_string(&mut answer))
        .await
        .expect("the server hangs up")
        .unwrap();
    answer
}

#[tokio::test(flavor = "multi_thread")]
async fn half_a_request_is_not_waited_for_for_ever() {
    let (base, _stop, _served) = start(Settings {
        request_timeout_ms: 100,
        ..Settings::default()
    })
    .await;
    let head = "POST /card/assign HTTP/1.1\r\nHost: sandbox\r\nContent-Length: 100\r\n";
    assert_eq!(
        raw(&base, head.as_bytes()).await,
        "",
        "half a head can't be answered"
    );
    let answer = raw(&base, format!("{head}\r\nhalf a body").as_bytes()).await;
    assert!(
        answer.starts_with("HTTP/1.1 408 Request Timeout\r\n") && answer.contains("\"too_slow\""),
        "{answer}"
    );
    let log = get(format!("{base}/_sandbox/log")).await["log"].to_string();
    assert!(
        log.contains("request POST /card/assign status=408 outcome=too_slow"),
        "{log}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_sends_too_much_is_told_so() {
    let (base, _stop, _served) = start(Settings::default()).await;
    let too_much = vec![b'x'; 32 * 1024 * 1024 + 1];
    let head = "POST /card/assign HTTP/1.1\r\nHost: sandbox\r\n";
    let told = |answer: &str| {
        assert!(
            answer.starts_with("HTTP/1.1 413 Payload Too Large\r\n")
                && answer.contains("\"too_large\""),
            "{answer}"
        );
    };
    // These send all of it before they read: an answer in between, and the end of the connection, would be lost on them.
    let length = format!("{head}Content-Length: {}\r\n\r\n", too_much.len());
    told(&raw(&base, &[length.as_bytes(), &too_much].concat()).await);
    let chunk = format!(
        "{head}Transfer-Encoding: chunked\r\n\r\n{:x}\r\n",
        too_much.len()
    );
    let chunked = [chunk.as_bytes(), &too_much, b"\r\n0\r\n\r\n"].concat();
    told(&raw(&base, &chunked).await);
    // This one asks before it sends.
    let asks = format!(
        "{head}Expect: 100-continue\r\nContent-Length: {}\r\n\r\n",
        too_much.len()
    );
    told(&raw(&base, asks.as_bytes()).await);
    let answer = reqwest::Client::new()
        .post(format!("{base}/card/assign"))
        .body(too_much)
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 413);
    let log = get(format!("{base}/_sandbox/log")).await["log"].to_string();
    let line = "request POST /card/assign status=413 outcome=too_large";
    assert_eq!(log.matches(line).count(), 4, "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_looks_the_same_outside_is_told_apart_in_the_log() {
    let (base, _stop, _served) = start(Settings::default()).await;
    let good = common::request("/merchant/get_account_balance", "{}");
    let mut answers = Vec::new();
    for (content_type, hmac, body) in [
        (None, None, None),
        (Some("text/plain"), None, None),
        (Some("application/json"), None, Some("{\"half")),
        (Some("application/json"), Some("00"), None),
    ] {
        let mut request = reqwest::Client::new()
            .post(format!("{base}{}", good.path))
            .header("Merchant-ID", MERCHANT_ID)
            .header("X-HMAC", hmac.unwrap_or(&good.headers[2].1))
            .body(body.map_or(good.body.clone(), Vec::from));
        if let Some(content_type) = content_type {
            request = request.header("Content-Type", content_type);
        }
        let answer = request.send().await.unwrap();
        answers.push((answer.status().as_u16(), answer.text().await.unwrap()));
    }
    let same = r#"{"message":"The request could not be authenticated","code":"invalid_envelope"}"#;
    assert_eq!(answers, vec![(400, same.to_owned()); 4]);
    let log = get(format!("{base}/_sandbox/log")).await;
    let outcomes: Vec<&str> = log["log"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| {
            let line = line.as_str().unwrap();
            let outcome = line.split_once(" outcome=").unwrap().1;
            outcome.split_once(' ').unwrap().0
        })
        .collect();
    assert_eq!(
        outcomes,
        [
            "envelope_content_type_missing",
            "envelope_content_type",
            "envelope_body_not_json",
            "envelope_mac"
        ]
    );
}
