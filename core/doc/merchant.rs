// The merchant of the documentation's examples.
bananatech_core::Merchant::new(
    bananatech_core::MerchantId::parse("6f1c3f9e-52a4-4a0f-9b57-1b8d4a6f2c10").unwrap(),
    bananatech_core::KeyRing::new(
        "2026-11",
        bananatech_core::SecretKey::from_bytes(&[7; 32]).unwrap(),
    )
    .unwrap(),
    bananatech_core::Endpoints::new("https://api.example").unwrap(),
)
