//! A request as plain data. Sending it is the caller's.

use std::fmt;

/// An HTTP request, ready to be sent: always `POST`, always JSON.
#[derive(Clone, PartialEq, Eq)]
pub struct SealedRequest {
    pub(crate) url: String,
    pub(crate) headers: [Header; 3],
    pub(crate) body: String,
}

impl SealedRequest {
    /// The HTTP method of every operation.
    pub const METHOD: &'static str = "POST";

    /// The absolute URL.
    ///
    /// ```
    /// # let merchant = include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/merchant.rs"));
    /// use bananatech_core::{operations::card::UpdateStatus, CardId, Iv, UserId};
    /// let lock = UpdateStatus::lock(UserId::from(12345), CardId::from(67890));
    /// let call = merchant.call(lock, Iv::from_random_bytes([9; 16]))?;
    /// assert_eq!(call.request().url(), "https://api.example/card/update_status");
    /// # Ok::<(), bananatech_core::Error>(())
    /// ```
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The headers: `Content-Type`, `Merchant-ID`, `X-HMAC`.
    ///
    /// ```
    /// # let merchant = include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/merchant.rs"));
    /// use bananatech_core::{operations::card::UpdateStatus, CardId, Iv, UserId};
    /// let lock = UpdateStatus::lock(UserId::from(12345), CardId::from(67890));
    /// let call = merchant.call(lock, Iv::from_random_bytes([9; 16]))?;
    /// let names: Vec<_> = call.request().headers().iter().map(|header| header.name).collect();
    /// assert_eq!(names, ["Content-Type", "Merchant-ID", "X-HMAC"]);
    /// # Ok::<(), bananatech_core::Error>(())
    /// ```
    pub fn headers(&self) -> &[Header] {
        &self.headers
    }

    /// The body, to be sent as it is: `{"encrypted_payload": …}`.
    ///
    /// ```
    /// # let merchant = include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/merchant.rs"));
    /// use bananatech_core::{operations::card::UpdateStatus, CardId, Iv, UserId};
    /// let lock = UpdateStatus::lock(UserId::from(12345), CardId::from(67890));
    /// let call = merchant.call(lock, Iv::from_random_bytes([9; 16]))?;
    /// assert!(call.request().body().starts_with(r#"{"encrypted_payload":""#));
    /// # Ok::<(), bananatech_core::Error>(())
    /// ```
    pub fn body(&self) -> &str {
        &self.body
    }
}

impl fmt::Debug for SealedRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SealedRequest")
            .field("url", &self.url)
            .field("headers", &self.headers)
            .field("body_bytes", &self.body.len())
            .finish()
    }
}

/// A header of a request.
#[derive(Clone, PartialEq, Eq)]
pub struct Header {
    /// The name.
    pub name: &'static str,
    /// The value, ASCII.
    pub value: String,
    /// Whether to keep it out of logs, as `Debug` does. The signature doesn't reveal the key, but it lets a request be
    /// sent again, and the API has no replay window.
    pub sensitive: bool,
}

impl fmt::Debug for Header {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = if self.sensitive { "…" } else { &self.value };
        write!(f, "{}: {value}", self.name)
    }
}
