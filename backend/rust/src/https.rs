//! Sends with reqwest.

use std::time::Duration;

use bananatech_core::{Answer, Iv, Merchant, Operation};

use crate::gateway::{CallError, Gateway};

/// How long to wait for an answer.
const TIMEOUT: Duration = Duration::from_secs(30);

/// The way to the API. Each request is sent once, and no redirect is followed.
///
/// For `https` addresses the crate's feature `rustls` is needed, or TLS of the program's own in `reqwest`.
#[derive(Clone, Debug)]
pub struct Https {
    merchant: Merchant,
    client: reqwest::Client,
}

impl Https {
    /// With a client of its own.
    ///
    /// Errors if the system has no way to check certificates.
    pub fn new(merchant: Merchant) -> Result<Self, reqwest::Error> {
        Ok(Self::with_client(merchant, Self::client().build()?))
    }

    /// What the client has to be, to be changed further: it never sends again by itself, follows no redirect, and waits 30 seconds
    /// for an answer.
    pub fn client() -> reqwest::ClientBuilder {
        reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .timeout(TIMEOUT)
    }

    /// With the caller's client, made of [`Https::client`].
    pub const fn with_client(merchant: Merchant, client: reqwest::Client) -> Self {
        Self { merchant, client }
    }
}

impl Gateway for Https {
    async fn call<O: Operation>(&self, operation: O) -> Result<Answer<O::Response>, CallError> {
        let iv = Iv::from_random_bytes(self.random_bytes());
        let call = self.merchant.call(operation, iv)?;
        let request = call.request();
        let mut builder = self
            .client
            .post(request.url())
            .body(request.body().to_owned());
        for header in request.headers() {
            builder = builder.header(header.name, &header.value);
        }
        let no_answer = |error: reqwest::Error| {
            let never_left = error.is_connect() || error.is_builder();
            let error = error.without_url().into();
            if never_left {
                CallError::NotSent(error)
            } else {
                CallError::NoAnswer(error)
            }
        };
        let response = builder.send().await.map_err(no_answer)?;
        let status = response.status().as_u16();
        let body = response.bytes().await.map_err(no_answer)?;
        Ok(call.read(status, &body)?)
    }

    fn random_bytes(&self) -> [u8; 16] {
        let mut bytes = [0; 16];
        // As the standard library does for its hash maps: without random numbers nothing safe can be done.
        #[expect(
            clippy::expect_used,
            reason = "a machine without random numbers can't seal"
        )]
        getrandom::fill(&mut bytes).expect("the system's random source");
        bytes
    }
}
