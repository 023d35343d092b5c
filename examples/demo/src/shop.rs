//! A merchant's own code around the library's backend: it asks, has things carried out, and follows what the webhooks say.

use std::convert::Infallible;
use std::future::ready;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use bananatech_backend::{BackendError, CallError, Gateway as _, Https, Notice, SentState, Sqlite};
use bananatech_core::operations::card::Recharge;
use bananatech_core::operations::merchant::GetAccountBalance;
use bananatech_core::{
    Amount, AnyOperation, AnyResponse, Assumptions, CardId, CardState, CardStatus, Code,
    DisplayedNumber, Endpoints, Error, Event, KeyCodec, KeyRing, Merchant, MerchantId, Operation,
    Outcome, Personal, Rejection, SecretKey, Timestamp,
};
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::{Instant, timeout_at};

use crate::timeline::Timeline;

/// The merchant that the sandbox starts with. Its key protects nothing.
const MERCHANT_ID: &str = "6f1c3f9e-52a4-4a0f-9b57-1b8d4a6f2c10";
const SECRET_KEY: &str = "sandbox-secret-key-0123456789abc";
/// How long to wait for a webhook before asking.
const PATIENCE: Duration = Duration::from_secs(20);

type Backend = bananatech_backend::Backend<Sqlite, Https>;
type Received = Result<bananatech_backend::Received, BackendError>;

pub(crate) struct Shop {
    pub(crate) backend: Arc<Backend>,
    api: Https,
    received: UnboundedReceiver<Received>,
    /// What the webhooks said.
    pub(crate) events: Vec<Event>,
    timeline: Timeline,
}

impl Shop {
    pub(crate) fn open(
        file: &Path,
        api: &str,
        webhooks: TcpListener,
        timeline: Timeline,
    ) -> Result<Self> {
        let key = SecretKey::from_text(SECRET_KEY, KeyCodec::Utf8)?;
        // The sandbox seals every success, so nothing else is taken for one.
        let merchant = Merchant::new(
            MerchantId::parse(MERCHANT_ID)?,
            KeyRing::new("sandbox", key)?,
            Endpoints::new(api)?,
        )
        .sealed_answers_only();
        let client = Https::client().no_proxy().build()?;
        let api = Https::with_client(merchant.clone(), client);
        // Nobody else ever acts in this sandbox. In production this is when the last of the others stopped.
        let alone = Assumptions::exclusive_since(Timestamp::from_millis(0));
        let backend = Backend::new(merchant, alone, Sqlite::open(file)?, api.clone());
        let backend = Arc::new(backend.ask_after(PATIENCE));
        let (sender, received) = unbounded_channel();
        let app = Router::new()
            .route("/webhooks", post(take_webhook))
            .with_state((Arc::clone(&backend), sender));
        tokio::spawn(async move { axum::serve(webhooks, app).await });
        Ok(Self {
            backend,
            api,
            received,
            events: Vec::new(),
            timeline,
        })
    }

    /// Asks for something: the answer is all there is.
    pub(crate) async fn ask<O: Operation>(&self, operation: O) -> Result<O::Response> {
        self.timeline.request(operation.kind().name());
        let response = self.ask_quietly(operation).await?;
        self.timeline.answer("200, sealed");
        Ok(response)
    }

    async fn ask_quietly<O: Operation>(&self, operation: O) -> Result<O::Response> {
        Ok(self.backend.ask(operation).await?.into_response())
    }

    pub(crate) async fn balance(&self) -> Result<Amount> {
        // Not documented: the sandbox answers as the library guesses.
        let account = self.ask_quietly(GetAccountBalance::default()).await?;
        account.balance.context("a balance")
    }

    /// Has something carried out that an event confirms, and waits until it is certain how it ended.
    pub(crate) async fn carry_out(
        &mut self,
        operation: impl Into<AnyOperation>,
        reference: &str,
    ) -> Result<Outcome> {
        let operation = operation.into();
        self.timeline.request(operation.kind().name());
        let sent = self.backend.send(operation, reference).await?;
        match &sent.state {
            SentState::Taken(answer) => self.timeline.answer(&described(answer)),
            SentState::Refused(rejection) => self.refused(rejection),
            other => self.timeline.refused(&format!("{other:?}")),
        }
        let deadline = Instant::now() + PATIENCE;
        loop {
            let mut outcome = None;
            let take = |notice| {
                if let Notice::Settled(settled) = notice
                    && settled.id == sent.operation.id
                {
                    outcome = settled.outcome;
                }
                ready(Ok::<_, Infallible>(()))
            };
            self.backend.deliver(take).await?;
            // What it is certain by is told first.
            while let Ok(received) = self.received.try_recv() {
                self.follow(received).await?;
            }
            if let Some(outcome) = outcome {
                return Ok(outcome);
            }
            match timeout_at(deadline, self.received.recv()).await {
                Ok(received) => self.follow(received.context("the receiver ended")?).await?,
                // No webhook came.
                Err(_) => ensure!(
                    self.backend.sweep().await?.asked > 0,
                    "the API doesn't tell whether it was carried out"
                ),
            }
        }
    }

    /// The same for what should succeed, and leave the card in a status.
    pub(crate) async fn succeed(
        &mut self,
        operation: impl Into<AnyOperation>,
        reference: &str,
        status: &CardStatus,
    ) -> Result<CardId> {
        let outcome = self.carry_out(operation, reference).await?;
        let Outcome::Succeeded {
            card_id: Some(card_id),
        } = outcome
        else {
            bail!("it should have succeeded: {outcome:?}");
        };
        let card = self.backend.card(card_id).await?;
        let known = card.as_ref().and_then(CardState::status);
        ensure!(known == Some(status), "{known:?} instead of {status}");
        Ok(card_id)
    }

    /// The card's state rules it out, so no call is made.
    pub(crate) async fn refused_here(&self, recharge: Recharge, reference: &str) -> Result<()> {
        match self.backend.send(recharge, reference).await {
            Err(BackendError::Invalid(error)) if error.code() == Code::StateNotAllowed => {
                self.timeline.refused(&format!("Recharge: {error}"));
                Ok(())
            }
            other => bail!("it should be refused: {other:?}"),
        }
    }

    /// Goes past the backend, which wouldn't send this, to see what the API says.
    pub(crate) async fn refused_there(&self, recharge: Recharge) -> Result<()> {
        self.timeline.request(recharge.kind().name());
        match self.api.call(recharge).await {
            Err(CallError::Api(Error::Rejected(rejection))) if rejection.status() == 400 => {
                self.refused(&rejection);
                Ok(())
            }
            other => bail!("it should be refused: {other:?}"),
        }
    }

    fn refused(&self, rejection: &Rejection) {
        let message = rejection.message().unwrap_or("no message");
        self.timeline
            .refused(&format!("{}, {message}", rejection.status()));
    }

    /// Says what a webhook says, and how the card is now.
    async fn follow(&mut self, received: Received) -> Result<()> {
        let event = received?.delivery.into_event();
        self.timeline.webhook(&told(&event));
        if let Some(card_id) = event.card_id()
            && let Some(card) = self.backend.card(card_id).await?
        {
            match (&event, card.balance()) {
                (Event::CardRechargeResult(_), _) => {}
                (Event::CardBalanceChange(_), Some(balance)) => self.timeline.state(&format!(
                    "card {card_id} has {} {} to spend",
                    balance.available, balance.currency
                )),
                _ => self.timeline.state(&card.to_string()),
            }
        }
        self.events.push(event);
        Ok(())
    }
}

/// The raw bytes, not a parsed body; and 200 only once they are stored: after that the webhook doesn't come again.
async fn take_webhook(
    State((backend, sender)): State<(Arc<Backend>, UnboundedSender<Received>)>,
    body: Bytes,
) -> StatusCode {
    let received = backend.receive(&body).await;
    let error = received.as_ref().err();
    let status = error.map_or(200, BackendError::http_status);
    // At the end nobody listens any more.
    let _ = sender.send(received);
    StatusCode::from_u16(status).unwrap_or(StatusCode::SERVICE_UNAVAILABLE)
}

fn described(answer: &AnyResponse) -> String {
    let what = match answer {
        AnyResponse::Assign(assigned) => format!("card_id {} for the assignment", assigned.card_id),
        AnyResponse::Recharge(taken) | AnyResponse::UpdateStatus(taken) => {
            let message = taken.message.as_ref();
            message.map_or("taken", Personal::as_str).to_owned()
        }
        _ => "taken".to_owned(),
    };
    format!("200, sealed: {what}")
}

fn told(event: &Event) -> String {
    let (status, more) = match event {
        Event::CardAssignResult(event) => {
            let reason = event.error_reason.as_ref().map(Personal::as_str);
            (&event.status, reason.map(|reason| format!(": {reason}")))
        }
        Event::CardActivateResult(event) => {
            let number = event.card_number.as_ref().map(DisplayedNumber::masked);
            (&event.status, number.map(|number| format!(" {number}")))
        }
        Event::CardStatusChange(event) => (&event.status, None),
        Event::CardRechargeResult(event) => {
            let amount = event.receive_amount;
            (&event.status, amount.map(|amount| format!(" {amount}")))
        }
        Event::CardCloseResult(event) => {
            let refund = event.refund_amount;
            let refund = refund.map(|refund| format!(" refund {refund}"));
            (&event.status, refund)
        }
        _ => return event.event_type().to_string(),
    };
    let more = more.unwrap_or_default();
    format!("{} {status}{more}", event.event_type())
}
