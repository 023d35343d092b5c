//! One physical card's whole life, from the box in the post to its closing: what the vendor's guides 04-Physical-Cards and
//! 05-Card-Operations describe, over real HTTP against the sandbox, with a real receiver of webhooks.
//!
//! It ends with success only if every step ended as the contract says, the failures included.

mod sandbox;
mod shop;
mod timeline;

use std::net::Ipv4Addr;
use std::path::PathBuf;

use anyhow::{Context as _, Result, bail, ensure};
use bananatech_backend::Counts;
use bananatech_core::operations::card::{
    Alter, Assign, GetBalance, GetInformation, GetTransactions, Recharge, SetPin, UpdateStatus,
};
use bananatech_core::operations::merchant::{Fee, GetCardTemplates};
use bananatech_core::{
    ActivationPin, Amount, AnyOperation, CardNumber, CardStatus, Code, Event, Outcome, Pages,
    Personal, Pin, PinContext, Plan, TemplateId, UserId,
};
use clap::Parser;
use tokio::net::TcpListener;

use crate::sandbox::Sandbox;
use crate::shop::Shop;
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

/// On one thread, so that a webhook is told before what is certain because of it.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let timeline = Timeline::start();
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let webhooks = format!("http://{}/webhooks", listener.local_addr()?);
    let sandbox = Sandbox::start(&arguments.sandbox, &webhooks).await?;
    let url = sandbox.url();
    timeline.note(&format!("sandbox at {url}, webhooks to {webhooks}"));

    let folder = tempfile::tempdir()?;
    let shop = Shop::open(&folder.path().join("shop.db"), url, listener, timeline)?;
    let result = life_of_a_card(shop, timeline).await;
    sandbox.stop().await?;
    result?;
    timeline.end("every step ended as the contract says");
    Ok(())
}

async fn life_of_a_card(mut shop: Shop, timeline: Timeline) -> Result<()> {
    let (user_id, template_id) = (UserId::from(USER), TemplateId::from(TEMPLATE));
    let hundred = amount("100.00")?;

    timeline.step("the merchant and its card template");
    let before = shop.balance().await?;
    timeline.note(&format!("the merchant has {before}"));
    let templates = shop.ask(GetCardTemplates::default()).await?;
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
    let outcome = shop.carry_out(assign(MISTYPED)?, "mistyped").await?;
    // The reason is the contract's.
    let reason = Some(Personal::from("101:0"));
    ensure!(outcome == Outcome::Failed { reason }, "{outcome:?}");
    timeline.note("no card was created; the assignment may be sent again");

    timeline.step("the assignment");
    let (operation, status) = (assign(CARD_IN_THE_POST)?, CardStatus::ToBeActivated);
    let card_id = shop.succeed(operation, "assign", &status).await?;

    timeline.step("a recharge before the activation is refused here, without a call");
    let recharge = |amount| Recharge {
        user_id,
        card_id,
        amount,
    };
    shop.refused_here(recharge(hundred), "too early").await?;

    timeline.step("the activation, with a PIN");
    // As a cardholder's page would do it: a plan is made without a key, travels as JSON, and the backend seals it.
    let pin = ActivationPin::parse("482915")?;
    pin.require_strong(&PinContext::default())?;
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
    shop.succeed(plan.into_operation(), "activate", &CardStatus::Active)
        .await?;

    timeline.step("a recharge of 100.00");
    let recharge_of_100 = recharge(hundred);
    template.check_recharge(&recharge_of_100)?;
    let charge = template.recharge_charge(hundred, Fee::Flat)?;
    charge.covered_by(shop.balance().await?)?;
    timeline.note(&format!(
        "within the template's limits; the merchant will be charged {} and a fee of {}",
        charge.amount, charge.fee
    ));
    let too_little = template.check_recharge(&recharge(amount("1.00")?));
    ensure!(too_little.is_err_and(|error| error.code() == Code::AmountBelowMinimum));
    let before_recharge = shop.balance().await?;
    shop.succeed(recharge_of_100, "recharge", &CardStatus::Active)
        .await?;
    let charged = before_recharge.minus(shop.balance().await?)?;
    ensure!(charged == charge.total);
    timeline.note(&format!("the merchant was charged {charged}, as computed"));

    timeline.step("the balance");
    let balance = shop.ask(GetBalance { user_id, card_id }).await?;
    ensure!(balance.balance == hundred);
    let currency = shown(balance.currency.as_ref());
    timeline.note(&format!("{} {currency}", balance.balance));

    timeline.step("the card's information, shown masked");
    let information = shop.ask(GetInformation { user_id, card_id }).await?;
    ensure!(information.status == CardStatus::Active);
    let number = information.number.as_ref().context("a number")?.masked();
    ensure!(number == "************3456");
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
        let page = shop.ask(request).await?;
        transactions.extend(pages.accept(page)?);
    }
    ensure!(pages.total() == Some(u64::try_from(transactions.len())?));
    for transaction in &transactions {
        timeline.note(&format!(
            "{} {} {} at {}",
            transaction.id,
            shown(transaction.transaction_type.as_ref()),
            transaction.amount,
            transaction.created_at.as_deref().unwrap_or("no time"),
        ));
    }
    let mut amounts = transactions.iter().map(|transaction| transaction.amount);
    ensure!(amounts.any(|amount| amount == hundred));

    timeline.step("locking");
    let lock = UpdateStatus::lock(user_id, card_id);
    shop.succeed(lock, "lock", &CardStatus::Locked).await?;

    timeline.step("a recharge while locked is refused, here and by the API");
    shop.refused_here(recharge(hundred), "while locked").await?;
    let before_refusal = shop.balance().await?;
    shop.refused_there(recharge(hundred)).await?;
    ensure!(shop.balance().await? == before_refusal);

    timeline.step("unlocking");
    let unlock = UpdateStatus::unlock(user_id, card_id);
    shop.succeed(unlock, "unlock", &CardStatus::Active).await?;

    timeline.step("a new PIN: the answer is the outcome, no webhook comes");
    let pin = Pin::parse("60817")?;
    let set_pin = SetPin {
        user_id,
        card_id,
        pin,
    };
    let answer = shop.ask(set_pin).await?;
    timeline.note(answer.message.as_ref().map_or("done", Personal::as_str));

    timeline.step("closing, with a refund of what is left");
    let before_close = shop.balance().await?;
    let close = UpdateStatus::close(user_id, card_id);
    shop.succeed(close, "close", &CardStatus::Closed).await?;
    let refund = shop
        .events
        .iter()
        .find_map(|event| match event {
            Event::CardCloseResult(event) => event.refund_amount,
            _ => None,
        })
        .context("the closing's event says what was refunded")?;
    let refunded = shop.balance().await?.minus(before_close)?;
    ensure!(refund.is_positive() && refunded == refund);
    timeline.note(&format!("{refund} came back to the merchant"));
    let card = shop.backend.card(card_id).await?.context("a known card")?;
    ensure!(card.allowed().next().is_none());
    // Nothing is open, and everything was told.
    ensure!(shop.backend.counts().await? == Counts::default());

    let after = shop.balance().await?;
    timeline.note(&format!(
        "the merchant has {after}: the whole life cost {} in fees",
        before.minus(after)?
    ));
    Ok(())
}

fn amount(text: &str) -> Result<Amount> {
    Ok(Amount::parse(text)?)
}

fn shown(value: Option<impl std::fmt::Display>) -> String {
    value.map_or_else(|| "not stated".to_owned(), |value| value.to_string())
}
