//! Benchmarks of the core against named peers, through its public API only.
//!
//! All sides do the same work in the same run: from a typed operation to the request that is sent, from a body to a typed
//! answer or event. Before anything is timed it is asserted that they yield the same bytes.

#[cfg(feature = "backend")]
mod backend;
mod measure;
mod peers;
mod tracking;

use std::cell::RefCell;
use std::fmt::Write as _;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use bananatech_core::operations::card::{GetTransactions, UpdateStatus};
use bananatech_core::{
    CardId, CardNumber, Endpoints, Event, Iv, KeyRing, Luhn, Merchant, MerchantId, SecretKey,
    UserId,
};
use card_validate::Validate;
use creditcard::CreditCard;
use measure::{Effort, Side, compare, side};
use peers::{AwsLc, Body, OpenSsl, Peer};

const BASE_URL: &str = "https://api.example";
const PATH: &str = "/card/get_transactions";
const MERCHANT_ID: &str = "6f1c3f9e-52a4-4a0f-9b57-1b8d4a6f2c10";
const KEY: &[u8; 32] = b"an example key of 32 characters!";
const IV: [u8; 16] = *b"0123456789abcdef";
const SIZES: [(&str, usize); 5] = [
    ("60 B", 60),
    ("200 B", 200),
    ("1 KiB", 1 << 10),
    ("64 KiB", 64 << 10),
    ("4 MiB", 4 << 20),
];

/// As in the vendor's guide.
const WEBHOOK_SHORT: &str = r#"{"card_id":67890,"transaction_id":1,"receive_amount":100.0,"status":"SUCCESS","currency":"USD","occur_time":1691249025085}"#;
/// With the fields that only one version of the documentation has.
const WEBHOOK_LONG: &str = r#"{"card_id":67890,"transaction_id":4711,"receive_amount":100.0,"status":"SUCCESS","currency":"USD","template_id":123,"user_id":12345,"description":"Recharge of the card that was ordered in the spring, asked for by the cardholder in the application and paid by bank transfer","occur_time":1691249025085}"#;

/// Numbers on which all three crates agree: brands that all know, right and wrong check digits, and what is no number.
const NUMBERS: [&str; 8] = [
    "4111111111111111",
    "4111111111111112",
    "5555555555554444",
    "6011111111111117",
    "3530111333300000",
    "5555555555554445",
    "2223003122003222",
    "41111111x1111111",
];

fn merchant() -> Result<Merchant> {
    Ok(Merchant::new(
        MerchantId::parse(MERCHANT_ID)?,
        KeyRing::new("bench", SecretKey::from_bytes(KEY)?)?,
        Endpoints::new(BASE_URL)?,
    ))
}

struct Row {
    name: String,
    result: measure::Result,
}

/// Both peers, by reference, so that sides can share them.
struct Peers {
    openssl: RefCell<OpenSsl>,
    aws_lc: RefCell<AwsLc>,
}

/// A comparison at a size.
type BySize = fn(&Merchant, &Peers, usize, Effort) -> Result<measure::Result>;

fn seal(
    merchant: &Merchant,
    peers: &Peers,
    size: usize,
    effort: Effort,
) -> Result<measure::Result> {
    let body = Body {
        user_id: 12345,
        card_id: 67890,
        search: String::new(),
    };
    let frame = serde_json::to_string(&body)?.len();
    let body = Body {
        search: "s".repeat(size - frame),
        ..body
    };
    let operation = GetTransactions {
        user_id: Some(UserId::from(12345)),
        card_id: Some(CardId::from(67890)),
        search: Some(body.search.clone().into()),
        ..GetTransactions::default()
    };

    let ours = merchant.call(operation.clone(), Iv::from_random_bytes(IV))?;
    let headers = ours.request().headers();
    for theirs in [
        peers.openssl.borrow_mut().request(&body, IV)?,
        peers.aws_lc.borrow_mut().request(&body, IV)?,
    ] {
        ensure!(ours.request().body() == theirs.body, "bodies differ");
        ensure!(ours.request().url() == theirs.url, "URLs differ");
        ensure!(
            headers.iter().any(|h| h.value == theirs.hmac),
            "MACs differ"
        );
        ensure!(
            headers.iter().any(|h| h.value == theirs.merchant_id),
            "merchants differ"
        );
    }

    Ok(compare(
        effort,
        vec![
            side(
                || operation.clone(),
                |operation| merchant.call(operation, Iv::from_random_bytes(IV)),
            ),
            side(
                || body.clone(),
                |body| peers.openssl.borrow_mut().request(&body, IV),
            ),
            side(
                || body.clone(),
                |body| peers.aws_lc.borrow_mut().request(&body, IV),
            ),
        ],
    ))
}

fn open(
    merchant: &Merchant,
    peers: &Peers,
    size: usize,
    effort: Effort,
) -> Result<measure::Result> {
    let frame = r#"{"message":""}"#.len();
    let plaintext = format!(r#"{{"message":"{}"}}"#, "m".repeat(size - frame));
    let body = merchant.test_answer(&plaintext, Iv::from_random_bytes(IV));
    let raw = body.as_bytes();
    let operation = UpdateStatus::lock(UserId::from(12345), CardId::from(67890));

    let ours = merchant.read(&operation, 200, raw)?;
    for theirs in [
        peers.openssl.borrow_mut().answer(raw)?,
        peers.aws_lc.borrow_mut().answer(raw)?,
    ] {
        ensure!(
            ours.message == theirs.message.map(Into::into),
            "answers differ"
        );
    }

    Ok(compare(
        effort,
        vec![
            side(|| (), |()| merchant.read(&operation, 200, raw)),
            side(|| (), |()| peers.openssl.borrow_mut().answer(raw)),
            side(|| (), |()| peers.aws_lc.borrow_mut().answer(raw)),
        ],
    ))
}

fn webhook(
    merchant: &Merchant,
    peers: &Peers,
    data: &str,
    effort: Effort,
) -> Result<measure::Result> {
    let body = merchant.test_webhook("CARD_RECHARGE_RESULT", data, Iv::from_random_bytes(IV));
    let raw = body.as_bytes();
    let delivery = merchant.receive(raw)?;
    let Event::CardRechargeResult(ours) = delivery.event() else {
        anyhow::bail!("another event");
    };
    for theirs in [
        peers.openssl.borrow_mut().event(raw)?,
        peers.aws_lc.borrow_mut().event(raw)?,
    ] {
        let id = ours.transaction_id.map(|id| id.get());
        ensure!(ours.card_id.get() == theirs.card_id && id == theirs.transaction_id);
    }
    Ok(compare(
        effort,
        vec![
            side(|| (), |()| merchant.receive(raw)),
            side(|| (), |()| peers.openssl.borrow_mut().event(raw)),
            side(|| (), |()| peers.aws_lc.borrow_mut().event(raw)),
        ],
    ))
}

/// Whether a number is one with a right check digit, and of a brand that is known.
fn ours_accepts(number: &str) -> bool {
    CardNumber::parse(number)
        .is_ok_and(|number| number.luhn() == Luhn::Valid && number.brand().is_some())
}

fn card_number(effort: Effort) -> Result<measure::Result> {
    for number in NUMBERS {
        let ours = ours_accepts(number);
        ensure!(ours == Validate::from(number).is_ok(), "verdicts differ");
        ensure!(
            ours == CreditCard::parse_str(number).is_ok(),
            "verdicts differ"
        );
    }
    let next = || {
        let mut at = 0;
        move || {
            at = (at + 1) % NUMBERS.len();
            NUMBERS[at]
        }
    };
    let sides: Vec<Side<'_>> = vec![
        side(next(), ours_accepts),
        side(next(), |number| Validate::from(number).is_ok()),
        side(next(), |number| CreditCard::parse_str(number).is_ok()),
    ];
    Ok(compare(effort, sides))
}

/// What the processor can do that matters here.
fn machine() -> String {
    let text = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let field = |name: &str| {
        text.lines()
            .find(|line| line.starts_with(name))
            .and_then(|line| line.split_once(':'))
            .map_or("", |(_, value)| value.trim())
    };
    let flags: Vec<&str> = field("flags").split(' ').collect();
    let known: Vec<&str> = [
        ("aes", "AES-NI"),
        ("sha_ni", "SHA-NI"),
        ("avx2", "AVX2"),
        ("vaes", "VAES"),
        ("avx512f", "AVX-512"),
    ]
    .into_iter()
    .filter(|(flag, _)| flags.contains(flag))
    .map(|(_, name)| name)
    .collect();
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    // The family will do; the exact model is nobody's business.
    let family = ["AMD EPYC", "AMD Ryzen", "Intel(R) Xeon(R)", "Intel(R) Core"]
        .into_iter()
        .find(|family| field("model name").starts_with(family))
        .unwrap_or("a processor");
    let known = if known.is_empty() {
        "none of the instructions that matter here known".to_owned()
    } else {
        known.join(", ")
    };
    format!(
        "{cores} cores of {family} ({}) with {known}",
        std::env::consts::ARCH
    )
}

fn time(nanos: f64) -> String {
    match nanos {
        n if n < 1e3 => format!("{n:.0} ns"),
        n if n < 1e6 => format!("{:.2} µs", n / 1e3),
        n => format!("{:.2} ms", n / 1e6),
    }
}

/// A Markdown table; readable as it is.
fn table(rows: &[Row], peers: [&str; 2]) -> String {
    let mut cells = vec![[
        String::new(),
        "ours".to_owned(),
        peers[0].to_owned(),
        "ratio (least-most)".to_owned(),
        peers[1].to_owned(),
        "ratio (least-most)".to_owned(),
    ]];
    for Row { name, result } in rows {
        let ratio = |at: usize| {
            let ratio = &result.ratios[at];
            format!("{:.2} ({:.2}-{:.2})", ratio.median, ratio.least, ratio.most)
        };
        cells.push([
            name.clone(),
            time(result.nanos[0]),
            time(result.nanos[1]),
            ratio(0),
            time(result.nanos[2]),
            ratio(1),
        ]);
    }
    let width = |column: usize| {
        cells
            .iter()
            .map(|row| row[column].chars().count())
            .max()
            .unwrap_or(0)
    };
    let widths: Vec<usize> = (0..6).map(width).collect();
    let mut text = String::new();
    for (at, row) in cells.iter().enumerate() {
        for (cell, width) in row.iter().zip(&widths) {
            let _ = write!(text, "| {cell:<width$} ");
        }
        text.push_str("|\n");
        if at == 0 {
            for width in &widths {
                let _ = write!(text, "|{}", "-".repeat(width + 2));
            }
            text.push_str("|\n");
        }
    }
    text
}

/// Versions of the peers as they were built: the system's OpenSSL, and what the lock file says.
fn versions() -> Result<String> {
    let lock = include_str!("../../Cargo.lock");
    let locked = |name: &str| -> Result<String> {
        let mark = format!("name = \"{name}\"\nversion = \"");
        // Of several versions the newest is the one that is used here.
        let after = lock.rsplit_once(&mark).context("not in the lock file")?.1;
        let version = after.split('"').next().unwrap_or_default();
        Ok(format!("{name} {version}"))
    };
    Ok(format!(
        "{} ({}), {}, {}, {}, {}",
        openssl::version::version(),
        locked("openssl")?,
        locked("aws-lc-rs")?,
        locked("base64")?,
        locked("card-validate")?,
        locked("creditcard")?,
    ))
}

const ABOUT: &str = "\
Made by `cargo xtask bench --write`. All sides run in one process, interleaved (ours, peer, peer, ours, …), in many short
samples; a time is the median sample, a ratio the median of the peer's time divided by ours in the same round, and behind
it the least and the greatest of that median over blocks of rounds. Above 1 the core is ahead. Before anything is timed,
all sides are asserted to yield the same bytes, values and verdicts.

What is measured is the core's public API, from value to value, and the peers do the same work:

* **seal**: a typed operation to the request that is sent (`Merchant::call`): the JSON, AES-256-CBC, base64, HMAC-SHA256, hex,
  the body around it, URL and headers. The size is that of the JSON.
* **open**: the body of an answer to a typed response (`Merchant::read`): the envelope's JSON, HMAC, base64, AES, the answer's JSON.
* **webhook**: the raw body to a typed event (`Merchant::receive`). The core reads amounts exactly, takes each value in all
  the ways in which the vendor may write it, keeps unknown fields and the exact text, and refuses a field that stands twice;
  the peers read floats into a derived struct, and do none of it.
* **card number**: digits, length, check digit and brand of eight texts, some of them wrong.

OpenSSL is used by EVP with fetched algorithms, cipher contexts that keep their key, and a key object for the MAC that is
prepared once; its base64 too is OpenSSL's. aws-lc-rs does AES-CBC and HMAC with prepared keys, and the crate `base64` the
text. Both read and write JSON by serde's derive, and hex by the crate that the core uses. In short messages most of
OpenSSL's time is the set-up of its MAC through EVP, not arithmetic; aws-lc-rs is the closer peer there.

The core wipes the plaintext that it held, and the peers don't.
";

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let quick = arguments.iter().any(|argument| argument == "--quick");
    let write = arguments
        .iter()
        .position(|argument| argument == "--write")
        .map(|at| arguments.get(at + 1).context("--write needs a path"))
        .transpose()?;
    #[cfg(feature = "backend")]
    if let Ok(urls) = std::env::var("BENCH_DATABASES") {
        let databases: Vec<String> = urls.split(' ').map(str::to_owned).collect();
        print!("{}", backend::report(&databases, quick)?);
        return Ok(());
    }
    let effort = Effort {
        sample: Duration::from_micros(if quick { 50 } else { 300 }),
        blocks: if quick { 3 } else { 9 },
        rounds: if quick { 5 } else { 41 },
    };

    let merchant = merchant()?;
    let peers = Peers {
        openssl: RefCell::new(OpenSsl::new(KEY)?),
        aws_lc: RefCell::new(AwsLc::new(KEY)?),
    };
    // 4 MiB take milliseconds a piece.
    let fewer = Effort {
        rounds: effort.rounds.div_ceil(4),
        ..effort
    };
    let only = arguments
        .iter()
        .position(|argument| argument == "--only")
        .map(|at| arguments.get(at + 1).context("--only needs a word"))
        .transpose()?;
    let wanted = |name: &str| only.is_none_or(|word| name.contains(word.as_str()));
    let mut rows = Vec::new();
    let kinds: [(&str, BySize); 2] = [("seal", seal), ("open", open)];
    for (kind, measure) in kinds {
        for (size_name, size) in SIZES {
            let name = format!("{kind} {size_name}");
            if wanted(&name) {
                let effort = if size > 1 << 20 { fewer } else { effort };
                let result = measure(&merchant, &peers, size, effort)?;
                rows.push(Row { name, result });
            }
        }
    }
    for data in [WEBHOOK_SHORT, WEBHOOK_LONG] {
        let name = format!("webhook {} B", data.len());
        if wanted(&name) {
            let result = webhook(&merchant, &peers, data, effort)?;
            rows.push(Row { name, result });
        }
    }
    let numbers = [Row {
        name: "card number".to_owned(),
        result: card_number(effort)?,
    }];

    let tracking = if wanted("tracking") {
        tracking::report(quick)?
    } else {
        String::new()
    };
    let report = format!(
        "{}\n{}\nMachine: {}.\n\nPeers: {}.\n\n{tracking}",
        table(&rows, ["OpenSSL", "aws-lc-rs"]),
        table(&numbers, ["card-validate", "creditcard"]),
        machine(),
        versions()?,
    );
    print!("{report}");
    if let Some(path) = write {
        std::fs::write(path, format!("# Benchmarks\n\n{ABOUT}\n{report}"))
            .with_context(|| format!("cannot write {path}"))?;
    }
    Ok(())
}
