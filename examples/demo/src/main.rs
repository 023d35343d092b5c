//! One physical card's whole life, from the box in the post to its closing: what the vendor's guides 04-Physical-Cards and
//! 05-Card-Operations describe, over real HTTP against the sandbox, with a real receiver of webhooks.
//!
//! It ends with success only if every step ended as the contract says, the failures included.

mod backend;
mod receiver;
mod sandbox;
mod timeline;

use std::path::PathBuf;

use anyhow::{Context as _, Result, bail, ensure};
use bananatech_core::operations::card::{
    Alter, Assign, GetBalance, GetInformation, GetTransactions, Recharge, SetPin, UpdateStatus,
};
use bananatech_core::operations::merchant::{Fee, GetAccountBalance, GetCardTemplates};
use bananatech_core::{
    ActivationPin, Amount, AnyOperation, CardAction, CardId, CardNumber, CardStatus, Code, Error,
    Event, Outcome, Pages, Personal, Pin, PinContext, Plan, TemplateId, UserId,
};
use clap::Parser;

use crate::backend::Backend;
use crate::receiver::Receiver;
use crate::sandbox::Sandbox;
use crate::timeline::Timeline;

/// Runs one physical card's whole life against the sandbox.
#[derive(Parser)]
struct Arguments {
    /// The sandbox's program.
    #[arg(long, value_name = "FILE")]
    sandbox: PathBuf,
}

/// The approved user, the physical template and the card in the post that the sandbox starts with.
const USER: u32 = 12345;
const TEMPLATE: u32 = 1;
const CARD_IN_THE_POST: &str = "1234567890123456";
/// A number that no card of the provider has.
const MISTYPED: &str = "1234567890123465";

#[tokio::main]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let timeline = Timeline::start();
    let receiver = Receiver::bind().await?;
    let sandbox = Sandbox::start(&arguments.sandbox, &receiver.url()).await?;
    timeline.note(&format!(
        "sandbox at {}, webhooks to {}",
        sandbox.url(),
        receiver.url()
    ));

    let backend = Backend::new(sandbox.url(), receiver, timeline.clone())?;
    let result = life_of_a_card(backend, &timeline).await;
    sandbox.stop().await?;
    result?;
    timeline.end("every step ended as the contract says");
    Ok(())
}

async fn life_of_a_card(mut backend: Backend, timeline: &Timeline) -> Result<()> {
    let (user_id, template_id) = (UserId::from(USER), TemplateId::from(TEMPLATE));
    let hundred = amount("100.00")?;

    timeline.step("the merchant and its card template");
    let before = merchant_balance(&backend).await?;
    timeline.note(&format!("the merchant has {before}"));
    let templates = backend.ask(GetCardTemplates::default()).await?;
    let template = templates
        .data
        .iter()
        .find(|template| template.id == template_id)
        .context("the template is there")?
        .clone();
    timeline.note(&format!(
        "template {template_id}: {}, recharges from {}",
        template.description.as_deref().unwrap_or("no description"),
        shown(template.recharge_min_limit),
    ));

    timeline.step("an assignment that fails: the number was mistyped");
    let assign = |number: &str| -> Result<Assign> {
        Ok(Assign {
            user_id,
            template_id,
            card_number: CardNumber::parse(number)?,
        })
    };
    match backend.carry_out(assign(MISTYPED)?).await? {
        Outcome::Failed { reason } => ensure!(
            reason.as_ref().map(Personal::as_str) == Some("101:0 - card number not exist"),
            "another reason than the contract's: {reason:?}"
        ),
        Outcome::Succeeded { .. } => bail!("a mistyped number was assigned"),
    }
    timeline.note("no card was created; the assignment may be sent again");

    timeline.step("the assignment");
    let assigned = backend.carry_out(assign(CARD_IN_THE_POST)?).await?;
    let Outcome::Succeeded {
        card_id: Some(card_id),
    } = assigned
    else {
        bail!("the assignment should have brought a card: {assigned:?}");
    };
    backend.expect_status(card_id, &CardStatus::ToBeActivated)?;

    timeline.step("a recharge before the activation is refused here, without a call");
    let recharge = |amount| Recharge {
        user_id,
        card_id,
        amount,
    };
    refused_here(&backend, recharge(hundred).into(), timeline)?;

    timeline.step("the activation, with a PIN");
    // As a cardholder's page would do it: a plan is made without a key, travels as JSON, and the backend seals it.
    let pin = ActivationPin::parse("482915")?;
    ensure!(
        pin.review(&PinContext::default()).is_empty(),
        "a PIN that is easily guessed"
    );
    let plan = Plan::new(UpdateStatus::activate_physical(user_id, card_id, pin))?.to_json();
    timeline.note("a page plans it, without a key");
    let plan = Plan::from_json(&plan)?;
    match plan.operation() {
        AnyOperation::UpdateStatus(update)
            if update.user_id == user_id && update.alter == Alter::Activate =>
        {
            timeline.note("the backend sees whose card it is, and seals it");
        }
        _ => bail!("not what this cardholder may do"),
    }
    succeeded(backend.carry_out(plan.into_operation()).await?)?;
    backend.expect_status(card_id, &CardStatus::Active)?;

    timeline.step("a recharge of 100.00");
    let recharge_of_100 = recharge(hundred);
    template.check_recharge(&recharge_of_100)?;
    let charge = template.recharge_charge(hundred, Fee::Flat)?;
    charge.covered_by(merchant_balance(&backend).await?)?;
    timeline.note(&format!(
        "within the template's limits; the merchant will be charged {} and a fee of {}",
        charge.amount, charge.fee
    ));
    let too_little = template.check_recharge(&recharge(amount("1.00")?));
    ensure!(
        too_little
            .as_ref()
            .is_err_and(|e| e.code() == Code::AmountBelowMinimum),
        "1.00 should be too little: {too_little:?}"
    );
    let before_recharge = merchant_balance(&backend).await?;
    succeeded(backend.carry_out(recharge_of_100).await?)?;
    let charged = before_recharge.minus(merchant_balance(&backend).await?)?;
    ensure!(
        charged == charge.total,
        "charged {charged} instead of {}",
        charge.total
    );
    timeline.note(&format!("the merchant was charged {charged}, as computed"));

    timeline.step("the balance");
    let balance = backend.ask(GetBalance { user_id, card_id }).await?;
    ensure!(
        balance.balance == hundred,
        "the balance is {}",
        balance.balance
    );
    timeline.note(&format!(
        "{} {}",
        balance.balance,
        balance
            .currency
            .as_ref()
            .map_or("", |currency| currency.as_str())
    ));

    timeline.step("the card's information, shown masked");
    let information = backend.ask(GetInformation { user_id, card_id }).await?;
    ensure!(
        information.status == CardStatus::Active,
        "it is {}",
        information.status
    );
    let number = information.number.as_ref().context("a number")?.masked();
    ensure!(number == "************3456", "masked as {number}");
    timeline.note(&format!(
        "{number}, good to {}, {}",
        shown(information.expiry_date),
        information.status
    ));

    timeline.step("the transactions, page by page");
    let mut pages = Pages::new(GetTransactions {
        card_id: Some(card_id),
        limit: Some(1),
        ..GetTransactions::default()
    });
    let mut transactions = Vec::new();
    while let Some(request) = pages.next_page() {
        let page = backend.ask(request).await?;
        transactions.extend(pages.accept(page.into_response())?);
    }
    ensure!(
        pages.total() == u64::try_from(transactions.len()).ok(),
        "{} of {:?} transactions",
        transactions.len(),
        pages.total()
    );
    for transaction in &transactions {
        timeline.note(&format!(
            "{} {} {} at {}",
            transaction.id,
            shown(transaction.transaction_type.as_ref()),
            transaction.amount,
            transaction.created_at.as_deref().unwrap_or("no time"),
        ));
    }
    ensure!(
        transactions
            .iter()
            .any(|transaction| transaction.amount == hundred),
        "the recharge isn't among the transactions"
    );

    timeline.step("locking");
    succeeded(
        backend
            .carry_out(UpdateStatus::lock(user_id, card_id))
            .await?,
    )?;
    backend.expect_status(card_id, &CardStatus::Locked)?;

    timeline.step("a recharge while locked is refused, here and by the API");
    refused_here(&backend, recharge(hundred).into(), timeline)?;
    let before_refusal = merchant_balance(&backend).await?;
    match backend.try_anyway(recharge(hundred)).await {
        Err(Error::Rejected(rejection)) => ensure!(rejection.status() == 400, "{rejection}"),
        other => bail!("a locked card was recharged: {other:?}"),
    }
    ensure!(
        merchant_balance(&backend).await? == before_refusal,
        "the refused recharge was charged"
    );

    timeline.step("unlocking");
    succeeded(
        backend
            .carry_out(UpdateStatus::unlock(user_id, card_id))
            .await?,
    )?;
    backend.expect_status(card_id, &CardStatus::Active)?;

    timeline.step("a new PIN: the answer is the outcome, no webhook comes");
    backend
        .check(
            &SetPin {
                user_id,
                card_id,
                pin: Pin::parse("60817")?,
            }
            .into(),
        )
        .context("an active card's PIN may be changed")?;
    let answer = backend
        .ask(SetPin {
            user_id,
            card_id,
            pin: Pin::parse("60817")?,
        })
        .await?;
    timeline.note(answer.message.as_ref().map_or("done", Personal::as_str));

    timeline.step("closing, with a refund of what is left");
    let before_close = merchant_balance(&backend).await?;
    succeeded(
        backend
            .carry_out(UpdateStatus::close(user_id, card_id))
            .await?,
    )?;
    backend.expect_status(card_id, &CardStatus::Closed)?;
    let refund = backend
        .events()
        .iter()
        .find_map(|event| match event {
            Event::CardCloseResult(event) => event.refund_amount,
            _ => None,
        })
        .context("the closing's event says what was refunded")?;
    let refunded = merchant_balance(&backend).await?.minus(before_close)?;
    ensure!(
        refund.is_positive() && refunded == refund,
        "refunded {refunded}, said {refund}"
    );
    timeline.note(&format!("{refund} came back to the merchant"));
    ensure!(
        backend.allowed(card_id).is_empty(),
        "a closed card still allows {:?}",
        backend.allowed(card_id)
    );
    ensure!(backend.open_count() == 0, "something is still open");

    let after = merchant_balance(&backend).await?;
    timeline.note(&format!(
        "the merchant has {after}: the whole life cost {} in fees",
        before.minus(after)?
    ));
    Ok(())
}

async fn merchant_balance(backend: &Backend) -> Result<Amount> {
    // Not documented: the sandbox answers as the library guesses.
    backend
        .ask_quietly(GetAccountBalance::default())
        .await?
        .balance
        .context("a balance")
}

/// The card's state rules it out, so no call is made.
fn refused_here(backend: &Backend, operation: AnyOperation, timeline: &Timeline) -> Result<()> {
    let Some((action, _)) = CardAction::of(&operation) else {
        bail!("an operation that doesn't depend on a card");
    };
    match backend.check(&operation) {
        Err(error) if error.code() == Code::StateNotAllowed => {
            timeline.refused(&format!("{action:?}: {error}"));
            Ok(())
        }
        other => bail!("{action:?} should be refused: {other:?}"),
    }
}

fn succeeded(outcome: Outcome) -> Result<Option<CardId>> {
    match outcome {
        Outcome::Succeeded { card_id } => Ok(card_id),
        Outcome::Failed { reason } => bail!(
            "it failed: {}",
            reason.as_ref().map_or("no reason", Personal::as_str)
        ),
    }
}

fn amount(text: &str) -> Result<Amount> {
    Ok(Amount::parse(text)?)
}

fn shown(value: Option<impl std::fmt::Display>) -> String {
    value.map_or_else(|| "not stated".to_owned(), |value| value.to_string())
}
