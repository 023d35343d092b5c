//! The server around the issuer: sockets, the clock and the deliveries.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use http_body_util::BodyExt as _;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;

use crate::control::Command;
use crate::error::{Error, Refusal};
use crate::issuer::{ApiRequest, ApiResponse, ControlError, Issuer};
use crate::json::{Json, json_object};
use crate::outbox::{Delivery, Outcome};
use crate::time::Timestamp;

/// The path under which control is.
pub const CONTROL: &str = "/_sandbox/";

/// The largest body that is read. Registration may carry three images.
const LARGEST_BODY: usize = 32 * 1024 * 1024;

/// So many of the newest log lines are kept for control.
const LOG_LINES: usize = 1000;

/// Takes a log line. It never holds a key, a card number, a PIN, a CVV or a payload.
pub type Log = Arc<dyn Fn(&str) + Send + Sync>;

/// Log lines to standard error.
pub fn log_to_stderr() -> Log {
    Arc::new(|line| eprintln!("{line}"))
}

/// No log lines at all.
pub fn no_log() -> Log {
    Arc::new(|_| ())
}

#[derive(Clone)]
struct Shared {
    issuer: Arc<Mutex<Issuer>>,
    changed: Arc<Notify>,
    log: Log,
    newest: Arc<Mutex<VecDeque<String>>>,
    request_timeout: Duration,
}

impl Shared {
    /// Logs a line, and keeps it for control.
    fn say(&self, line: String) {
        (self.log)(&line);
        let mut newest = self.newest.lock().unwrap_or_else(PoisonError::into_inner);
        if newest.len() == LOG_LINES {
            newest.pop_front();
        }
        newest.push_back(line);
    }

    /// The newest lines, the last one last.
    fn newest(&self) -> Vec<Json> {
        let newest = self.newest.lock().unwrap_or_else(PoisonError::into_inner);
        newest.iter().map(|line| line.as_str().into()).collect()
    }

    /// Does something with the issuer, away from the threads that serve sockets: SQLite waits for the disk.
    async fn with<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Issuer, Timestamp) -> T + Send + 'static,
    ) -> Option<T> {
        let issuer = Arc::clone(&self.issuer);
        tokio::task::spawn_blocking(move || {
            // A poisoned lock means that a transaction was rolled back: the issuer is as it was before.
            let mut issuer = issuer.lock().unwrap_or_else(PoisonError::into_inner);
            work(&mut issuer, clock())
        })
        .await
        .ok()
    }
}

/// The time of the machine's clock.
pub fn clock() -> Timestamp {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// Serves the API, control and the deliveries until `shutdown` completes; then takes no more, finishes what it has
/// begun, and returns. That takes no longer than [`Settings`] say: a request that hasn't come in by then is cut off.
///
/// [`Settings`]: crate::Settings
pub async fn serve(
    listener: TcpListener,
    issuer: Issuer,
    log: Log,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let millis = |ms: u32| Duration::from_millis(ms.into());
    let request_timeout = millis(issuer.settings().request_timeout_ms);
    let shutdown_timeout = millis(issuer.settings().shutdown_timeout_ms);
    let shared = Shared {
        issuer: Arc::new(Mutex::new(issuer)),
        changed: Arc::new(Notify::new()),
        log,
        newest: Arc::default(),
        request_timeout,
    };
    let client = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .build()
        .map_err(io::Error::other)?;
    let (stop, stopped) = watch::channel(());
    let deliveries = tokio::spawn(deliver_all(shared.clone(), client, stopped));
    // Not `axum::serve`: it has no time limit for a request's head, and waits for half a request for ever.
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(request_timeout);
    let graceful = GracefulShutdown::new();
    let mut connections = JoinSet::new();
    let mut shutdown = pin!(shutdown);
    loop {
        let stream = tokio::select! {
            () = &mut shutdown => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                Err(error) => {
                    shared.say(format!("error accept: {error}"));
                    // There may be no file descriptors left: some time may bring some back.
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    continue;
                }
            },
            Some(_) = connections.join_next() => continue,
        };
        let shared = shared.clone();
        let service = service_fn(move |request: Request<Incoming>| {
            let shared = shared.clone();
            async move { Ok::<_, Infallible>(answer(&shared, request).await) }
        });
        let connection = graceful.watch(http.serve_connection(TokioIo::new(stream), service));
        connections.spawn(async move {
            // An error is the client's: it went away, or was too slow.
            let _ = connection.await;
        });
    }
    drop(listener);
    drop(stop);
    // Whoever hasn't sent the whole of a request by then is cut off.
    let _ = tokio::time::timeout(shutdown_timeout, graceful.shutdown()).await;
    connections.shutdown().await;
    // A panic there has been reported already; what it left undone is in the database.
    let _ = deliveries.await;
    Ok(())
}

async fn answer(shared: &Shared, request: Request<Incoming>) -> Response {
    let began = Instant::now();
    let (parts, body) = request.into_parts();
    let control_path = parts.uri.path().strip_prefix(CONTROL);
    let read = read(body, &parts.headers, shared.request_timeout).await;
    let (shown, outcome, response) = match (read, control_path) {
        (Ok(body), Some(path)) => {
            let (outcome, response) = control(shared, &parts, path, &body).await;
            // Control's paths hold no secret, but an unknown one could hold anything.
            let known = if outcome == "not_found" {
                "(unknown)"
            } else {
                path
            };
            (format!("{CONTROL}{known}"), outcome, response)
        }
        (Ok(body), None) => {
            let (outcome, response) = api(shared, &parts, body).await;
            (api_path(&parts).to_owned(), outcome, response)
        }
        (Err(unread), control_path) => {
            let shown = match control_path {
                Some(_) => format!("{CONTROL}(unread)"),
                None => api_path(&parts).to_owned(),
            };
            let (outcome, response) = unread.response();
            (shown, outcome, response)
        }
    };
    shared.changed.notify_one();
    shared.say(format!(
        "request {} {shown} status={} outcome={outcome} ms={}",
        method(&parts.method),
        response.status().as_u16(),
        began.elapsed().as_millis()
    ));
    response
}

/// An operation's path for the log. An unknown one could hold anything.
fn api_path(parts: &Parts) -> &'static str {
    Issuer::known_path(parts.uri.path()).unwrap_or("(unknown)")
}

/// Why a body wasn't read.
enum Unread {
    TooLarge,
    TooSlow,
    Broken,
}

impl Unread {
    fn response(self) -> (&'static str, Response) {
        let (status, refusal) = match self {
            Unread::TooLarge => (
                StatusCode::PAYLOAD_TOO_LARGE,
                Refusal::new("too_large", "The body is larger than 32 MiB"),
            ),
            Unread::TooSlow => (
                StatusCode::REQUEST_TIMEOUT,
                Refusal::new("too_slow", "The body didn't come in in time"),
            ),
            Unread::Broken => (
                StatusCode::BAD_REQUEST,
                Refusal::new("broken_body", "The body ends before its end"),
            ),
        };
        let mut response = json(status, &refusal.body());
        response
            .headers_mut()
            .insert(header::CONNECTION, HeaderValue::from_static("close"));
        (refusal.code, response)
    }
}

/// Reads a body. One that is too large is read to its end all the same, and forgotten: a client that is still sending
/// when the connection is closed sees a reset instead of the answer.
async fn read(mut body: Incoming, headers: &HeaderMap, limit: Duration) -> Result<Vec<u8>, Unread> {
    let promised = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    let mut too_large = promised.is_some_and(|length| length > LARGEST_BODY);
    if too_large && headers.contains_key(header::EXPECT) {
        // The client asks first, and sends nothing if it is told so.
        return Err(Unread::TooLarge);
    }
    let mut whole = Vec::new();
    let all = async {
        while let Some(frame) = body.frame().await {
            let Ok(data) = frame.map_err(|_| Unread::Broken)?.into_data() else {
                continue;
            };
            too_large |= whole.len() + data.len() > LARGEST_BODY;
            if too_large {
                whole = Vec::new();
            } else {
                whole.extend_from_slice(&data);
            }
        }
        Ok(())
    };
    let ended = tokio::time::timeout(limit, all).await;
    match ended {
        _ if too_large => Err(Unread::TooLarge),
        Ok(Ok(())) => Ok(whole),
        Ok(Err(unread)) => Err(unread),
        Err(_) => Err(Unread::TooSlow),
    }
}

/// A method's name for the log. An unknown one could be anything.
fn method(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::DELETE => "DELETE",
        _ => "(other)",
    }
}

async fn api(shared: &Shared, parts: &Parts, body: Vec<u8>) -> (&'static str, Response) {
    if parts.method != Method::POST {
        let refusal = Refusal::new("method_not_allowed", "Every operation is a POST");
        return (
            refusal.code,
            json(StatusCode::METHOD_NOT_ALLOWED, &refusal.body()),
        );
    }
    let headers = parts
        .headers
        .iter()
        .filter_map(|(name, value)| {
            Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
        })
        .collect();
    let request = ApiRequest {
        path: parts.uri.path().to_owned(),
        headers,
        body,
    };
    match shared
        .with(move |issuer, now| issuer.handle(&request, now))
        .await
    {
        Some(ApiResponse {
            status,
            body,
            outcome,
        }) => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            (outcome, bytes(status, body))
        }
        None => ("internal", internal()),
    }
}

async fn control(
    shared: &Shared,
    parts: &Parts,
    path: &str,
    body: &[u8],
) -> (&'static str, Response) {
    let Parts {
        method,
        uri,
        headers,
        ..
    } = parts;
    // Control is for this machine. A web page that reaches it through a name it has pointed here is not.
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok())
        .unwrap_or_default();
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    let browser = headers.contains_key(header::ORIGIN);
    if browser || !matches!(name, "127.0.0.1" | "localhost") {
        let refusal = Refusal::new("forbidden", "Control is only for programs on this machine");
        return (refusal.code, json(StatusCode::FORBIDDEN, &refusal.body()));
    }
    if *method == Method::GET && path == "health" {
        return ("ok", json(StatusCode::OK, &json_object! { "status": "ok" }));
    }
    if *method == Method::GET && path == "log" {
        let log = json_object! { "log": shared.newest() };
        return ("ok", json(StatusCode::OK, &log));
    }
    let query = uri.query().unwrap_or_default();
    let command = match Command::parse(method.as_str(), path, query, body) {
        None => {
            let refusal = Refusal::new("not_found", "There is no such command");
            return (refusal.code, json(StatusCode::NOT_FOUND, &refusal.body()));
        }
        Some(Err(refusal)) => {
            return (refusal.code, json(StatusCode::BAD_REQUEST, &refusal.body()));
        }
        Some(Ok(command)) => command,
    };
    match shared
        .with(move |issuer, now| issuer.control(command, now))
        .await
    {
        Some(Ok(done)) => ("ok", json(StatusCode::OK, &done)),
        Some(Err(ControlError::Refused(refusal))) => {
            (refusal.code, json(StatusCode::BAD_REQUEST, &refusal.body()))
        }
        Some(Err(ControlError::Failed(error))) => {
            shared.say(format!("error {error}"));
            ("internal", internal())
        }
        None => ("internal", internal()),
    }
}

fn internal() -> Response {
    json(
        StatusCode::INTERNAL_SERVER_ERROR,
        &Refusal::new("internal", "The sandbox failed").body(),
    )
}

fn json(status: StatusCode, body: &Json) -> Response {
    bytes(status, body.text().into_bytes())
}

fn bytes(status: StatusCode, body: Vec<u8>) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], body).into_response()
}

/// Sends what is due until the other end of `stopped` is dropped, then waits for what is on its way.
async fn deliver_all(shared: Shared, client: reqwest::Client, mut stopped: watch::Receiver<()>) {
    let mut running = JoinSet::new();
    loop {
        let due: Option<Result<_, Error>> = shared
            .with(|issuer, now| {
                let deliveries = issuer.due(now)?;
                Ok((deliveries, issuer.next_due(clock())?))
            })
            .await;
        let wait = match due {
            Some(Ok((deliveries, next))) => {
                for delivery in deliveries {
                    running.spawn(deliver(shared.clone(), client.clone(), delivery));
                }
                next.map_or(Duration::from_secs(3600), |next| {
                    Duration::from_millis(u64::try_from(next.0 - clock().0).unwrap_or(0))
                })
            }
            Some(Err(error)) => {
                shared.say(format!("error {error}"));
                Duration::from_secs(1)
            }
            None => Duration::from_secs(1),
        };
        tokio::select! {
            _ = shared.changed.notified() => {}
            _ = tokio::time::sleep(wait) => {}
            Some(_) = running.join_next() => {}
            _ = stopped.changed() => break,
        }
    }
    while running.join_next().await.is_some() {}
}

async fn deliver(shared: Shared, client: reqwest::Client, delivery: Delivery) {
    let began = Instant::now();
    let Delivery {
        id,
        attempt,
        event_type,
        url,
        body,
        cut,
        timeout_ms,
    } = delivery;
    let timeout = Duration::from_millis(u64::try_from(timeout_ms).unwrap_or(0));
    let sent = async {
        match cut {
            true => send_half(&url, &body).await,
            false => send(&client, &url, body).await,
        }
    };
    let outcome = tokio::time::timeout(timeout, sent)
        .await
        .unwrap_or(Outcome::TimedOut);
    let settled = shared
        .with(move |issuer, now| issuer.delivered(id, outcome, now))
        .await;
    if let Some(Err(error)) = settled {
        shared.say(format!("error {error}"));
    }
    shared.changed.notify_one();
    shared.say(format!(
        "delivery id={id} type={event_type} attempt={attempt} outcome={outcome} ms={}",
        began.elapsed().as_millis()
    ));
}

async fn send(client: &reqwest::Client, url: &str, body: Vec<u8>) -> Outcome {
    let sent = client
        .post(url)
        .header(header::CONTENT_TYPE, "application/json")
        .body(body)
        .send()
        .await;
    match sent {
        Ok(response) => Outcome::Answered(response.status().as_u16()),
        Err(_) => Outcome::Unreachable,
    }
}

/// Promises the whole body, sends half of it, and hangs up.
async fn send_half(url: &str, body: &[u8]) -> Outcome {
    let Ok(url) = reqwest::Url::parse(url) else {
        return Outcome::Unreachable;
    };
    let (Some(host), Some(port)) = (url.host_str(), url.port_or_known_default()) else {
        return Outcome::Unreachable;
    };
    let head = format!(
        "POST {} HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        url.path(),
        body.len()
    );
    let half = body.split_at(body.len() / 2).0;
    match TcpStream::connect((host.trim_matches(['[', ']']), port)).await {
        Ok(mut stream) => {
            let _ = stream.write_all(&[head.as_bytes(), half].concat()).await;
            let _ = stream.flush().await;
            Outcome::Cut
        }
        Err(_) => Outcome::Unreachable,
    }
}
