//! The sandbox as a program, and a receiver for its webhooks.
#![allow(dead_code, reason = "every test file uses its own part")]

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, ChildStderr, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use bananatech_sandbox::envelope::open;
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// A sandbox in a process of its own. It ends with this one: its standard input is closed then.
pub(crate) struct Sandbox {
    pub(crate) child: Child,
    pub(crate) base: String,
    stderr: Option<std::thread::JoinHandle<String>>,
}

impl Sandbox {
    pub(crate) fn start(arguments: &[&str]) -> Sandbox {
        let mut child = Command::new(env!("CARGO_BIN_EXE_bananatech-sandbox"))
            .args(["--port", "0", "--exit-with-stdin"])
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let base = line
            .trim_end()
            .strip_prefix("bananatech-sandbox listening on ")
            .expect("one line")
            .to_owned();
        let stderr = child.stderr.take().unwrap();
        let stderr = std::thread::spawn(move || read_all(stderr));
        Sandbox {
            child,
            base,
            stderr: Some(stderr),
        }
    }

    /// As `kill -9` does.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    pub(crate) fn signal(&self, signal: &str) {
        let id = self.child.id().to_string();
        assert!(
            Command::new("kill")
                .args([signal, &id])
                .status()
                .unwrap()
                .success()
        );
    }

    /// The exit code, or nothing if it hasn't ended by then.
    pub(crate) fn wait_at_most(&mut self, limit: Duration) -> Option<Option<i32>> {
        let began = Instant::now();
        while began.elapsed() < limit {
            if let Some(status) = self.child.try_wait().unwrap() {
                return Some(status.code());
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        None
    }

    /// The exit code and all that was logged.
    pub(crate) fn wait(mut self) -> (Option<i32>, String) {
        let code = self.child.wait().unwrap().code();
        (code, self.stderr.take().unwrap().join().unwrap())
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        // Already gone is as good.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn read_all(mut stderr: ChildStderr) -> String {
    let mut text = String::new();
    let _ = stderr.read_to_string(&mut text);
    text
}

pub(crate) async fn post(url: String, body: Value) -> Option<Value> {
    reqwest::Client::new()
        .post(url)
        .json(&body)
        .send()
        .await
        .ok()?
        .json()
        .await
        .ok()
}

pub(crate) async fn get(url: String) -> Value {
    reqwest::get(url).await.unwrap().json().await.unwrap()
}

/// Calls an operation over HTTP, sealed. `None` when there was no answer.
pub(crate) async fn call(base: &str, path: &str, body: Value) -> Option<(u16, Value)> {
    let request = super::request(path, &body.to_string());
    let mut call = reqwest::Client::new()
        .post(format!("{base}{path}"))
        .body(request.body);
    for (name, value) in request.headers {
        call = call.header(name, value);
    }
    let response = call.send().await.ok()?;
    let status = response.status().as_u16();
    let body = response.bytes().await.ok()?.to_vec();
    let response = bananatech_sandbox::ApiResponse {
        status,
        body,
        outcome: "",
    };
    Some((status, super::read(&response)))
}

/// Waits until nothing is pending any more, and gives the state.
pub(crate) async fn settled(base: &str) -> Value {
    for _ in 0..1000 {
        let state = get(format!("{base}/_sandbox/state")).await;
        let none = |kind: &str, word: &str| state[kind][word].is_null();
        if none("operations", "PENDING")
            && none("deliveries", "PENDING")
            && none("deliveries", "SENDING")
        {
            return state;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("not settled");
}

/// What to answer to the so-manieth webhook.
type Answer = fn(usize) -> StatusCode;

#[derive(Clone)]
pub(crate) struct Receiver {
    pub(crate) url: String,
    pub(crate) events: Arc<Mutex<Vec<(String, Value)>>>,
    answer: Answer,
}

impl Receiver {
    pub(crate) async fn start(answer: Answer) -> Receiver {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!(
            "http://{}/hook?token=canary-token",
            listener.local_addr().unwrap()
        );
        let receiver = Receiver {
            url,
            events: Arc::default(),
            answer,
        };
        let app = Router::new().fallback(receive).with_state(receiver.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        receiver
    }

    pub(crate) fn of(&self, kind: &str) -> Vec<Value> {
        let events = self.events.lock().unwrap();
        events
            .iter()
            .filter(|(known, _)| known == kind)
            .map(|(_, data)| data.clone())
            .collect()
    }
}

async fn receive(State(receiver): State<Receiver>, body: Bytes) -> StatusCode {
    let Ok(body) = serde_json::from_slice::<Value>(&body) else {
        return StatusCode::BAD_REQUEST;
    };
    let (payload, hmac) = (
        body["encrypted_payload"].as_str().unwrap(),
        body["hmac"].as_str().unwrap(),
    );
    let Ok((_, plaintext)) = open(&[super::key()], payload, hmac) else {
        return StatusCode::BAD_REQUEST;
    };
    let data = serde_json::from_slice(&plaintext).unwrap_or(json!(null));
    let count = {
        let mut events = receiver.events.lock().unwrap();
        events.push((body["type"].as_str().unwrap().to_owned(), data));
        events.len()
    };
    (receiver.answer)(count)
}
