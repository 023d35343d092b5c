//! Plans, card values, amounts, events: what needs no key.

use bananatech_core::operations::card::CardInformation;
use bananatech_core::operations::merchant::{CardTemplate, Fee};
use bananatech_core::{
    ActivationPin, Amount, AnyOperation, AnyPages, AnyResponse, CardNumber, Code, Cvv, Event,
    Expiry, Freshness, Invalid, JsonWriter, OperationKind, Pin, PinContext, Plan, TimeWindow,
    ToJson, Weakness, Weaknesses, Written, birth_date,
};

use crate::thrown::{Result, unexpected};
use crate::{ours, timestamp};

pub(crate) fn kind(operation: &str) -> Result<OperationKind> {
    OperationKind::from_name(operation).ok_or_else(|| {
        Invalid::new("operation", Code::PlanOperation, "the name of an operation").into()
    })
}

/// Plans an operation, `card.recharge` for one, from the JSON of its body. No key is needed. Answers the plan's JSON.
pub(crate) fn plan(operation: &str, body: &str) -> Result<String> {
    ours(&Plan::new(AnyOperation::from_json(
        kind(operation)?,
        body,
    )?)?)
}

/// Reads a plan that was made elsewhere, and checks it anew. Answers its JSON.
pub(crate) fn check_plan(plan: &str) -> Result<String> {
    ours(&Plan::from_json(plan)?)
}

struct Shown(CardNumber);

impl Written for Shown {
    fn write(&self, out: &mut JsonWriter) {
        out.open();
        out.tag("luhn", self.0.luhn().as_str());
        out.tag("masked", &self.0.masked());
        out.tag("last4", self.0.last4());
        out.tag("bin6", self.0.bin6());
        out.tag("bin8", self.0.bin8());
        if let Some(brand) = self.0.brand() {
            out.tag("brand", brand.as_str());
        }
        out.close();
    }
}

/// Checks a card number. Answers the JSON of what may be shown of it: luhn, masked, last4, bin6, bin8, brand.
pub(crate) fn card_number(text: &str) -> Result<String> {
    ours(&Shown(CardNumber::parse(text)?))
}

/// Checks a PIN that activates a card. Answers why it is easily guessed: words with spaces between.
pub(crate) fn activation_pin(
    text: &str,
    born: &str,
    phone: &str,
    card_number: &str,
) -> Result<String> {
    let context = pin_context(born, phone, card_number)?;
    Ok(words(ActivationPin::parse(text)?.review(&context)))
}

/// Checks a new PIN. Answers why it is easily guessed: words with spaces between.
pub(crate) fn pin(text: &str, born: &str, phone: &str, card_number: &str) -> Result<String> {
    let context = pin_context(born, phone, card_number)?;
    Ok(words(Pin::parse(text)?.review(&context)))
}

/// What is known of the cardholder; empty texts for what isn't.
fn pin_context<'a>(born: &str, phone: &'a str, card_number: &'a str) -> Result<PinContext<'a>> {
    let birth_date = match born {
        "" => None,
        text => Some(birth_date(text)?),
    };
    Ok(PinContext {
        birth_date,
        phone: Some(phone),
        card_number: Some(card_number),
    })
}

fn words(weaknesses: Weaknesses) -> String {
    let words: Vec<_> = weaknesses.iter().map(Weakness::as_str).collect();
    words.join(" ")
}

/// Checks a CVV.
pub(crate) fn cvv(text: &str) -> Result<()> {
    Ok(Cvv::parse(text).map(drop)?)
}

/// Reads an expiry date. Answers the year, times a hundred, and the month: 202612.
pub(crate) fn expiry(text: &str) -> Result<u64> {
    let expiry = Expiry::parse(text)?;
    Ok(u64::from(expiry.year()) * 100 + u64::from(expiry.month()))
}

/// Whether a card with an expiry date is expired in a month.
pub(crate) fn is_expired(text: &str, year: f64, month: f64) -> Result<bool> {
    // A number that is out of range is so too once it is the nearest that the core takes; what isn't whole is no month.
    let month = if month.fract() == 0.0 { month as u8 } else { 0 };
    Ok(Expiry::parse(text)?.is_expired(year as u16, month)?)
}

/// An amount, given as the JSON of a string or a number.
fn read_amount(json: &str) -> Result<Amount> {
    Ok(Amount::from_json(json)?)
}

/// An amount's text.
fn text(amount: Amount) -> String {
    amount.to_json_text().trim_matches('"').to_owned()
}

/// Checks an amount. Answers its text.
pub(crate) fn amount(json: &str) -> Result<String> {
    Ok(text(read_amount(json)?))
}

/// The exact sum of two amounts.
pub(crate) fn amount_plus(a: &str, b: &str) -> Result<String> {
    Ok(text(read_amount(a)?.plus(read_amount(b)?)?))
}

/// The exact difference of two amounts.
pub(crate) fn amount_minus(a: &str, b: &str) -> Result<String> {
    Ok(text(read_amount(a)?.minus(read_amount(b)?)?))
}

/// So many per cent of an amount, exactly.
pub(crate) fn amount_percent(amount: &str, percent: &str) -> Result<String> {
    Ok(text(read_amount(amount)?.percent(read_amount(percent)?)?))
}

/// -1, 0 or 1: which of two amounts is more.
pub(crate) fn amount_compare(a: &str, b: &str) -> Result<i64> {
    Ok(read_amount(a)?.cmp(&read_amount(b)?) as i64)
}

/// Types an event that was passed on as JSON. Answers its JSON.
pub(crate) fn read_event(event: &str) -> Result<String> {
    ours(&Event::from_json(event)?)
}

/// Types a response that was passed on as JSON. Answers its JSON.
pub(crate) fn read_response(operation: &str, response: &str) -> Result<String> {
    AnyResponse::from_json(kind(operation)?, response)?
        .to_javascript()
        .map_err(unexpected)
}

/// How an event's time lies to the clock: 0 for inside the window, less for too old and more for too new, by so many
/// milliseconds; nothing if the event has no time.
pub(crate) fn judge_time(
    event: &str,
    now: f64,
    past_ms: Option<f64>,
    future_ms: Option<f64>,
) -> Result<Option<String>> {
    let default = TimeWindow::default();
    let window = TimeWindow {
        past_ms: past_ms.map_or(default.past_ms, |ms| ms as u32),
        future_ms: future_ms.map_or(default.future_ms, |ms| ms as u32),
    };
    let at = Event::from_json(event)?.occurred_at();
    let (sign, by) = match window.judge(at, timestamp("now", now)?) {
        Freshness::Fresh => ("", 0),
        Freshness::TooOld(by) => ("-", by),
        Freshness::TooNew(by) => ("", by),
        Freshness::NotStated => return Ok(None),
    };
    Ok(Some([sign, &by.to_json_text()].concat()))
}

/// The card's information, passed on as JSON.
pub(crate) fn information(text: &str) -> Result<CardInformation> {
    match AnyResponse::from_json(OperationKind::GetInformation, text)? {
        AnyResponse::GetInformation(information) => Ok(information),
        _ => Err(Invalid::new("", Code::FieldType, "a card's information").into()),
    }
}

/// Checks a registration, an application or a recharge against a card template.
pub(crate) fn check_template(template: &str, plan: &str) -> Result<()> {
    let template = CardTemplate::from_json(template)?;
    Ok(template.check_operation(Plan::from_json(plan)?.operation())?)
}

/// What the merchant will be charged for an application or a recharge, as JSON. With a balance: refused if that doesn't cover it.
pub(crate) fn charge(
    template: &str,
    plan: &str,
    fee: &str,
    balance: Option<&str>,
) -> Result<String> {
    let template = CardTemplate::from_json(template)?;
    let fee = Fee::parse(fee)?;
    let charge = template.operation_charge(Plan::from_json(plan)?.operation(), fee)?;
    if let Some(balance) = balance {
        charge.covered_by(read_amount(balance)?)?;
    }
    ours(&charge)
}

/// Begins going through a list. Answers the text that stands for it.
pub(crate) fn pages(plan: &str) -> Result<String> {
    Ok(AnyPages::new(Plan::from_json(plan)?)?.to_json_text())
}

/// The plan for the next page, if there is one.
pub(crate) fn pages_next(pages: &str) -> Result<Option<String>> {
    AnyPages::from_json(pages)?
        .next_page()
        .map(|plan| ours(&plan))
        .transpose()
}

/// Takes the response to the next page's plan. Answers the new text.
pub(crate) fn pages_accept(pages: &str, response: &str) -> Result<String> {
    let mut pages = AnyPages::from_json(pages)?;
    let response = AnyResponse::from_json(pages.kind(), response)?;
    pages.accept(&response).map_err(unexpected)?;
    Ok(pages.to_json_text())
}

/// How many records there are in all, once a page said so.
pub(crate) fn pages_total(pages: &str) -> Result<Option<String>> {
    let total = AnyPages::from_json(pages)?.total();
    Ok(total.map(|total| total.to_json_text()))
}
