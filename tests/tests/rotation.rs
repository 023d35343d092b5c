//! A key is rotated, as docs/going-live.md says.
#![allow(missing_docs)]

use bananatech_core::operations::merchant::GetAccountBalance;
use bananatech_core::{
    Code, Endpoints, Error, Invalid, Iv, KeyRing, Merchant, MerchantId, SecretKey,
};

const OLD: [u8; 32] = [1; 32];
const NEW: [u8; 32] = [2; 32];

fn key(bytes: &[u8; 32]) -> Result<SecretKey, Invalid> {
    SecretKey::from_bytes(bytes)
}

fn merchant(ring: KeyRing) -> Result<Merchant, Invalid> {
    let id = MerchantId::parse("6f1c3f9e-52a4-4a0f-9b57-1b8d4a6f2c10")?;
    Ok(Merchant::new(
        id,
        ring,
        Endpoints::new("https://api.example")?,
    ))
}

fn iv() -> Iv {
    Iv::from_random_bytes([3; 16])
}

/// What the merchant sends; the same key makes the same of it.
fn sent(merchant: &Merchant) -> Result<String, Error> {
    let call = merchant.call(GetAccountBalance::default(), iv())?;
    Ok(call.request().body().to_owned())
}

/// With which key the merchant opens a webhook that somebody sealed.
fn opened(merchant: &Merchant, sealer: &Merchant) -> Result<String, Error> {
    let webhook = sealer.test_webhook("CARD_3DS", "{}", iv());
    Ok(merchant.receive(webhook.as_bytes())?.key_id().to_owned())
}

#[test]
fn a_key_is_rotated_in_three_steps() -> Result<(), Error> {
    let old = merchant(KeyRing::new("old", key(&OLD)?)?)?;
    let new = merchant(KeyRing::new("new", key(&NEW)?)?)?;
    assert_ne!(sent(&old)?, sent(&new)?);

    let first = merchant(KeyRing::new("old", key(&OLD)?)?.also_opens("new", key(&NEW)?)?)?;
    let second = merchant(KeyRing::new("new", key(&NEW)?)?.also_opens("old", key(&OLD)?)?)?;
    for (step, sealer) in [(&first, &old), (&second, &new)] {
        assert_eq!(sent(step)?, sent(sealer)?);
        assert_eq!(opened(step, &old)?, "old");
        assert_eq!(opened(step, &new)?, "new");
    }

    let third = merchant(KeyRing::new("new", key(&NEW)?)?)?;
    assert_eq!(sent(&third)?, sent(&new)?);
    assert_eq!(opened(&third, &new)?, "new");
    let error = opened(&third, &old).unwrap_err();
    assert_eq!(error.code(), Code::NotAuthentic);
    Ok(())
}
