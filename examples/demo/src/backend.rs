//! A merchant's backend, small: it holds the key, sends calls, takes webhooks, and knows what is pending and how the cards are.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result, bail, ensure};
use bananatech_core::{
    Answer, AnyOperation, AnyResponse, Call, CardAction, CardId, CardState, CardStatus,
    Duplicates as _, Endpoints, Error, Event, Fold, Freshness, Invalid, Iv, KeyCodec, KeyRing,
    Merchant, MerchantId, Novelty, Operation, Outcome, PendingOperations, Personal,
    RecentDeliveries, Request, SecretKey, Settlement, TimeWindow, Timestamp,
};

use crate::receiver::Receiver;
use crate::timeline::Timeline;

/// The merchant that the sandbox starts with. Its key protects nothing.
const MERCHANT_ID: &str = "6f1c3f9e-52a4-4a0f-9b57-1b8d4a6f2c10";
const SECRET_KEY: &str = "sandbox-secret-key-0123456789abc";
/// How long to wait for a webhook before asking.
const PATIENCE_MS: i64 = 20_000;

pub(crate) struct Backend {
    merchant: Merchant,
    http: reqwest::Client,
    receiver: Receiver,
    timeline: Timeline,
    pending: PendingOperations,
    cards: BTreeMap<CardId, CardState>,
    deliveries: RecentDeliveries,
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
            pending: PendingOperations::new(),
            cards: BTreeMap::new(),
            deliveries: RecentDeliveries::new(1000),
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
        let deadline = now().after(PATIENCE_MS);
        let pending = call
            .pending(now(), deadline)
            .context("an operation that an event confirms")?;
        // In earnest it is stored here, before it is sent.
        let id = self.pending.add(pending.clone());

        let answer = match self.exchange(&call).await {
            Ok(answer) => answer,
            Err(error) => {
                if let Error::Rejected(rejection) = &error
                    && let Settlement::Settled { operations } = self.pending.reject(id, rejection)
                    && let Some(refused) = operations.into_iter().find(|one| one.id == id)
                {
                    return Ok(refused.outcome);
                }
                // Not known: it stays pending, and is asked for.
                return Err(error.into());
            }
        };
        self.describe(&answer);
        let mut settlement = self.pending.acknowledge(id, &answer);
        loop {
            if let Settlement::Settled {
                operations: settled,
            } = &settlement
                && let Some(one) = settled.iter().find(|one| one.id == id)
            {
                return Ok(one.outcome.clone());
            }
            let left = deadline.as_millis() - now().as_millis();
            let body = tokio::time::timeout(
                Duration::from_millis(u64::try_from(left).unwrap_or(0)),
                self.receiver.next(),
            )
            .await;
            match body {
                Ok(Some(body)) => settlement = self.take_webhook(&body)?,
                Ok(None) => bail!("the receiver ended"),
                Err(_) => {
                    let asks: Vec<_> = pending
                        .inquiries()
                        .iter()
                        .map(|inquiry| inquiry.kind().name())
                        .collect();
                    bail!("no webhook came; whether it was carried out is not known: ask {asks:?}");
                }
            }
        }
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

    fn take_webhook(&mut self, body: &[u8]) -> Result<Settlement> {
        let delivery = self.merchant.receive(body)?;
        let event = delivery.event();
        self.timeline.webhook(&told(event));
        if self.deliveries.remember(delivery.fingerprint())? == Novelty::Duplicate {
            self.timeline.state("a repetition: nothing to do");
            return Ok(Settlement::Duplicate);
        }
        let freshness = TimeWindow::default().judge(event.occurred_at(), now());
        ensure!(
            matches!(freshness, Freshness::Fresh | Freshness::NotStated),
            "an event that is {freshness:?}"
        );
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
        Ok(self.pending.settle(event))
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

    pub(crate) fn pending_count(&self) -> usize {
        self.pending.iter().count()
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
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).context("the system's random source")?;
    Ok(Iv::from_random_bytes(bytes))
}

fn now() -> Timestamp {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
