//! A recharge, from the request to the certain outcome.

use std::time::{SystemTime, UNIX_EPOCH};

use bananatech_core::operations::card::Recharge;
use bananatech_core::{
    Amount, Assumptions, CardId, Endpoints, Iv, KeyCodec, KeyRing, Merchant, MerchantId,
    OperationId, SecretKey, Timestamp, Tracker, UserId, Verdict,
};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let key = SecretKey::from_text("only-for-trying-it-out: 32 bytes", KeyCodec::Utf8)?;
    let merchant = Merchant::new(
        MerchantId::parse("6f1c3f9e-52a4-4a0f-9b57-1b8d4a6f2c10")?,
        KeyRing::new("2026-11", key)?,
        Endpoints::new("https://api.example")?,
    );
    let recharge = Recharge {
        user_id: UserId::from(12345),
        card_id: CardId::from(200001),
        amount: Amount::parse("100.00")?,
    };
    let call = merchant.call(recharge, iv()?)?;

    // Since then only this system acts for your users and cards. If others act too, use Assumptions::shared().
    let since = Timestamp::from_millis(1_767_225_600_000); // 2026-01-01
    let mut tracker = Tracker::new(Assumptions::exclusive_since(since));
    let id = OperationId::from_random_bytes(random()?);
    let operation = call.tracked(id, now()?);
    tracker.store(operation)?;
    // Store tracker.to_json() here. Then send call.request() once, with any HTTP client.
    let answer = merchant.test_answer(r#"{"message": "request sent"}"#, iv()?);
    tracker.acknowledge(id, &call.read(200, answer.as_bytes())?)?;

    let event = format!(
        r#"{{"card_id": 200001, "transaction_id": 1, "receive_amount": 100, "currency": "USD", "status": "SUCCESS", "occur_time": {}}}"#,
        now()?.as_millis()
    );
    let webhook = merchant.test_webhook("CARD_RECHARGE_RESULT", &event, iv()?);
    let report = tracker.receive(&merchant.receive(webhook.as_bytes())?);
    assert_eq!(report.verdict, Verdict::Settled);
    Ok(())
}

fn now() -> Result<Timestamp, Box<dyn std::error::Error>> {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH)?;
    Ok(Timestamp::from_millis(since_1970.as_millis().try_into()?))
}

/// From the system's random source, new for each message.
fn iv() -> Result<Iv, getrandom::Error> {
    Ok(Iv::from_random_bytes(random()?))
}

fn random() -> Result<[u8; 16], getrandom::Error> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)?;
    Ok(bytes)
}
