//! The core alone, as docs/rust.md shows it: a recharge that is sent, asked about, and confirmed.

use bananatech_core::operations::card::Recharge;
use bananatech_core::{
    Amount, AnyOperation, AnyResponse, Assumptions, Call, CardId, Endpoints, Error, Iv, KeyCodec,
    KeyRing, Merchant, MerchantId, OperationId, SecretKey, Timestamp, Tracker, UserId,
};

type Result<T, E = Box<dyn std::error::Error>> = std::result::Result<T, E>;

fn main() -> Result<()> {
    let secret_key = "only-for-trying-it-out: 32 bytes";
    let since = Timestamp::from_millis(1_767_225_600_000); // 2026-01-01: written down once
    let mut tracker = Tracker::new(Assumptions::exclusive_since(since));
    let now = Timestamp::from_millis(1_770_000_000_000);
    let (random_bytes, more_random_bytes) = ([1; 16], [2; 16]);

    let merchant = Merchant::new(
        MerchantId::parse("6f1c3f9e-52a4-4a0f-9b57-1b8d4a6f2c10")?,
        KeyRing::new("2026-11", SecretKey::from_text(secret_key, KeyCodec::Utf8)?)?,
        Endpoints::new("https://api.example")?, // the vendor's host isn't documented: ask for it
    );

    // `tracker` is a `Tracker` that you store as JSON; `now` a `Timestamp`. The bytes come from the system's random source.
    let recharge = Recharge {
        user_id: UserId::from(12345),
        card_id: CardId::from(200001),
        amount: Amount::parse("100.00")?,
    };
    let call = merchant.call(recharge, Iv::from_random_bytes(random_bytes))?;
    let id = OperationId::from_random_bytes(more_random_bytes);
    let operation = call.tracked(id, now);
    tracker.store(operation)?; // and store the tracker, before you send

    let (status, body) = (
        200,
        merchant.test_answer(r#"{"message": "request sent"}"#, iv()),
    );
    let body = body.as_bytes();

    // Send call.request() with any HTTP client: url(), headers(), body(). Then:
    let report = match call.read(status, body) {
        // It was taken, and not carried out yet.
        Ok(answer) => tracker.acknowledge(id, &answer)?,
        // It was refused: it failed.
        Err(Error::Rejected(rejection)) => tracker.reject(id, &rejection)?,
        // Nothing is known: it stays open.
        Err(error) => return Err(error.into()),
    };
    println!("{:?}", report.verdict); // and report.settled, as in the handler; then store the tracker

    let raw_body = webhook(&merchant, now);
    let now = now.after(3_600_000);

    // Now and then: for which operations should a webhook have come by now?
    for mut inquiry in tracker.overdue(now) {
        while let Some(plan) = inquiry.next_request() {
            let call = merchant.seal(plan, iv())?;
            inquiry.accept(&send(&merchant, &call)?, now)?; // as above: send call.request(), read the answer
        }
        let report = tracker.learn(&inquiry)?;
        println!("{:?}", report.verdict); // and report.settled, as in the handler
    }

    // In the webhook's handler, with the raw body:
    let report = tracker.receive(&merchant.receive(raw_body.as_bytes())?);
    for ended in report.settled {
        println!("{:?}", ended.outcome); // for certain: it succeeded, or it failed
    }

    assert!(tracker.overdue(now.after(86_400_000)).is_empty());
    Ok(())
}

/// What BananaTech says when it is done.
fn webhook(merchant: &Merchant, now: Timestamp) -> String {
    let event = format!(
        r#"{{"card_id": 200001, "transaction_id": 1, "receive_amount": 100, "currency": "USD", "status": "SUCCESS", "occur_time": {}}}"#,
        now.after(1).as_millis()
    );
    merchant.test_webhook("CARD_RECHARGE_RESULT", &event, iv())
}

/// The list that is asked for has nothing yet.
fn send(merchant: &Merchant, call: &Call<AnyOperation>) -> Result<AnyResponse> {
    let empty = merchant.test_answer(r#"{"data": [], "total": 0}"#, iv());
    Ok(call.read(200, empty.as_bytes())?.into_response())
}

fn iv() -> Iv {
    Iv::from_random_bytes([3; 16])
}
