//! A merchant's backend, small: it holds the key, sends calls, takes webhooks, and knows what is open and how the cards are.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result, bail, ensure};
use bananatech_core::{
    Answer, AnyOperation, AnyResponse, Assumptions, Call, CardAction, CardId, CardState,
    CardStatus, Endpoints, Error, Event, Fold, Freshness, Inquiry, Invalid, Iv, KeyCodec, KeyRing,
    Merchant, MerchantId, Operation, OperationId, Outcome, Personal, Request, SecretKey, Settled,
    TimeWindow, Timestamp, Tracker, Verdict,
};

use crate::receiver::Receiver;
use crate::timeline::Timeline;

/// The merchant that the sandbox starts with. Its key protects nothing.
const MERCHANT_ID: &str = "6f1c3f9e-52a4-4a0f-9b57-1b8d4a6f2c10";
const SECRET_KEY: &str = "sandbox-secret-key-0123456789abc";
/// How long to wait for a webhook before asking.
const PATIENCE_MS: i64 = 20_000;
/// Nobody else acts in a sandbox that was started a moment ago. In earnest this is when the last of the others stopped.
const ALONE_FOR_MS: i64 = 24 * 60 * 60 * 1000;

pub(crate) struct Backend {
    merchant: Merchant,
    http: reqwest::Client,
    receiver: Receiver,
    timeline: Timeline,
    tracker: Tracker,
    cards: BTreeMap<CardId, CardState>,
    events: Vec<Event>,
}

impl Backend {
    pub(crate) fn new(url: &str, receiver: Receiver, timeline: Timeline) -> Result<Self> {
        let key = SecretKey::from_text(SECRET_KEY, KeyCodec::Utf8)?;
        Ok(Self {
            // The sandbox seals every success, so nothing else is taken for one.
            merchant: Merchant::new(
                MerchantId::parse(MERCHANT_ID)?,
                KeyRing::new("sandbox", key)?,
                Endpoints::new(url)?,
            )
            .sealed_answers_only(),
            http: reqwest::Client::builder().no_proxy().build()?,
            receiver,
            timeline,
            tracker: Tracker::new(Assumptions::exclusive_since(now().after(-ALONE_FOR_MS))),
            cards: BTreeMap::new(),
            events: Vec::new(),
        })
    }

    /// Asks for something: the answer is all there is.
    pub(crate) async fn ask<O: Operation>(&self, operation: O) -> Result<Answer<O::Response>> {
        self.timeline.request(operation.kind().name());
        let answer = self.ask_quietly(operation).await?;
        self.timeline.answer("200, sealed");
        Ok(answer)
    }

    pub(crate) async fn ask_quietly<O: Operation>(
        &self,
        operation: O,
    ) -> Result<Answer<O::Response>> {
        let call = self.merchant.call(operation, random_iv()?)?;
        let (status, body) = self.send(call.request()).await?;
        Ok(call.read(status, &body)?)
    }

    /// Carries out something that an event confirms: sends it, and waits for its event.
    pub(crate) async fn carry_out(
        &mut self,
        operation: impl Into<AnyOperation>,
    ) -> Result<Outcome> {
        let operation = operation.into();
        self.check(&operation)?;
        let call = self.merchant.call(operation, random_iv()?)?;
        let sent_at = now();
        let id = OperationId::from_random_bytes(random_bytes()?);
        let mut operation = call
            .tracked(id, sent_at)
            .context("an operation that an event confirms")?;
        operation.ask_at = sent_at.after(PATIENCE_MS);
        let deadline = operation.ask_at;
        // In earnest the tracker is in a database, and this is committed before the request is sent.
        self.tracker.store(operation)?;

        let mut settled = match self.exchange(&call).await {
            Ok(answer) => {
                self.describe(&answer);
                self.tracker.acknowledge(id, &answer)?.settled
            }
            Err(Error::Rejected(rejection)) => self.tracker.reject(id, &rejection)?.settled,
            // Whether it was carried out isn't known: its webhook says so, or the API when it is asked.
            Err(_) => Vec::new(),
        };
        loop {
            let mut those = settled.into_iter();
            if let Some(own) = those.find(|one| one.operation.id == id) {
                return Ok(own.outcome);
            }
            let left = deadline.as_millis() - now().as_millis();
            let body = tokio::time::timeout(
                Duration::from_millis(u64::try_from(left).unwrap_or(0)),
                self.receiver.next(),
            )
            .await;
            settled = match body {
                Ok(Some(body)) => self.take_webhook(&body)?,
                Ok(None) => bail!("the receiver ended"),
                Err(_) => self.inquire(id).await?,
            };
        }
    }

    /// Asks about an operation whose webhook didn't come.
    async fn inquire(&mut self, id: OperationId) -> Result<Vec<Settled>> {
        let mut about = self.tracker.overdue(now()).into_iter();
        let inquiry = about.find(|inquiry| inquiry.operation_id == id);
        let mut inquiry: Inquiry =
            inquiry.context("no webhook came, and there is nothing to ask")?;
        while let Some(plan) = inquiry.next_request() {
            let asked_at = now();
            let answer = self.ask(plan.into_operation()).await?;
            inquiry.accept(&answer, asked_at)?;
        }
        let report = self.tracker.learn(&inquiry)?;
        ensure!(
            report.verdict != Verdict::Open,
            "no webhook came, and the API doesn't tell whether it was carried out"
        );
        Ok(report.settled)
    }

    /// Sends what the card's state rules out, to see what the API says.
    pub(crate) async fn try_anyway(
        &self,
        operation: impl Into<AnyOperation>,
    ) -> Result<Answer<AnyResponse>, Error> {
        let iv = random_iv().map_err(|_| Error::NotAuthentic)?;
        let call = self.merchant.call(operation.into(), iv)?;
        self.exchange(&call).await
    }

    async fn exchange(&self, call: &Call<AnyOperation>) -> Result<Answer<AnyResponse>, Error> {
        self.timeline.request(call.operation().kind().name());
        let (status, body) = self
            .send(call.request())
            .await
            // A torn connection says nothing about the operation; here there is none to lose.
            .unwrap_or((503, Vec::new()));
        let answer = call.read(status, &body);
        if let Err(error) = &answer {
            self.timeline.refused(&match error {
                Error::Rejected(rejection) => format!(
                    "{}, {}",
                    rejection.status(),
                    rejection.message().unwrap_or("no message")
                ),
                other => other.to_string(),
            });
        }
        answer
    }

    async fn send(&self, request: &Request) -> Result<(u16, Vec<u8>)> {
        let mut builder = self
            .http
            .post(request.url())
            .body(request.body().to_owned());
        for header in request.headers() {
            builder = builder.header(header.name, &header.value);
        }
        let response = builder.send().await?;
        let status = response.status().as_u16();
        Ok((status, response.bytes().await?.to_vec()))
    }

    fn describe(&self, answer: &AnyResponse) {
        self.timeline.answer(&match answer {
            AnyResponse::Assign(assigned) => {
                format!(
                    "200, sealed: card_id {} for the assignment",
                    assigned.card_id
                )
            }
            AnyResponse::Recharge(taken) | AnyResponse::UpdateStatus(taken) => {
                format!(
                    "200, sealed: {}",
                    taken.message.as_ref().map_or("taken", Personal::as_str)
                )
            }
            _ => "200, sealed".to_owned(),
        });
    }

    /// In earnest all of this is one transaction. What is refused here leaves no trace, and may come again.
    fn take_webhook(&mut self, body: &[u8]) -> Result<Vec<Settled>> {
        let delivery = self.merchant.receive(body)?;
        let event = delivery.event();
        self.timeline.webhook(&told(event));
        let freshness = TimeWindow::default().judge(event.occurred_at(), now());
        ensure!(
            matches!(freshness, Freshness::Fresh | Freshness::NotStated),
            "an event that is {freshness:?}"
        );
        let report = self.tracker.receive(&delivery);
        if report.verdict == Verdict::Repeated {
            self.timeline.state("a repetition: nothing to do");
            return Ok(report.settled);
        }
        if let Some(card_id) = event.card_id() {
            let card = self
                .cards
                .entry(card_id)
                .or_insert_with(|| CardState::new(card_id));
            if card.fold(event) == Fold::Applied {
                match (event, card.balance()) {
                    (Event::CardBalanceChange(_), Some(balance)) => self.timeline.state(&format!(
                        "card {card_id} has {} {} to spend",
                        balance.available, balance.currency
                    )),
                    _ => self.timeline.state(&card.to_string()),
                }
            }
        }
        self.events.push(event.clone());
        Ok(report.settled)
    }

    /// Refuses what the card's state rules out, before a call is made.
    pub(crate) fn check(&self, operation: &AnyOperation) -> Result<(), Invalid> {
        match CardAction::of(operation).and_then(|(_, card_id)| self.cards.get(&card_id)) {
            Some(card) => card.check_operation(operation),
            None => Ok(()),
        }
    }

    pub(crate) fn expect_status(&self, card_id: CardId, status: &CardStatus) -> Result<()> {
        let known = self.cards.get(&card_id).and_then(CardState::status);
        ensure!(
            known == Some(status),
            "the card is {known:?} instead of {status}"
        );
        Ok(())
    }

    pub(crate) fn allowed(&self, card_id: CardId) -> Vec<CardAction> {
        self.cards
            .get(&card_id)
            .map_or_else(Vec::new, |card| card.allowed().collect())
    }

    pub(crate) fn events(&self) -> &[Event] {
        &self.events
    }

    pub(crate) fn open_count(&self) -> usize {
        let operations = self.tracker.operations();
        operations.filter(|operation| operation.is_open()).count()
    }
}

fn told(event: &Event) -> String {
    let more = match event {
        Event::CardAssignResult(event) => match &event.error_reason {
            Some(reason) => format!(" {}: {}", event.status, reason.as_str()),
            None => format!(" {}", event.status),
        },
        Event::CardActivateResult(event) => format!(
            " {} {}",
            event.status,
            event
                .card_number
                .as_ref()
                .map_or_else(String::new, |number| number.masked())
        ),
        Event::CardStatusChange(event) => format!(" {}", event.status),
        Event::CardRechargeResult(event) => format!(
            " {} {}",
            event.status,
            event
                .receive_amount
                .map_or_else(String::new, |amount| amount.to_string())
        ),
        Event::CardCloseResult(event) => format!(
            " {} refund {}",
            event.status,
            event
                .refund_amount
                .map_or_else(String::new, |amount| amount.to_string())
        ),
        _ => String::new(),
    };
    format!("{}{more}", event.event_type())
}

fn random_iv() -> Result<Iv> {
    Ok(Iv::from_random_bytes(random_bytes()?))
}

fn random_bytes() -> Result<[u8; 16]> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).context("the system's random source")?;
    Ok(bytes)
}

fn now() -> Timestamp {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
