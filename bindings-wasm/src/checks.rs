//! Card values and amounts: what a form checks.

use bananatech_core::{
    ActivationPin, Amount, CardNumber, Cvv, Expiry, Pin, PinContext, Weakness, Weaknesses,
    birth_date,
};
use serde::Serialize;
use wasm_bindgen::prelude::*;

use crate::error::Result;
use crate::out::plain;

#[derive(Serialize)]
struct ShownNumber {
    luhn: &'static str,
    masked: String,
    last4: String,
    bin6: String,
    bin8: String,
    brand: Option<&'static str>,
}

/// Checks a card number. Answers what may be shown of it.
#[wasm_bindgen(js_name = cardNumber)]
pub fn card_number(text: String) -> Result {
    let number = CardNumber::parse(&text)?;
    Ok(plain(&ShownNumber {
        luhn: number.luhn().as_str(),
        masked: number.masked(),
        last4: number.last4().to_owned(),
        bin6: number.bin6().to_owned(),
        bin8: number.bin8().to_owned(),
        brand: number.brand().map(|brand| brand.as_str()),
    }))
}

/// Checks a PIN that activates a card. Answers why it is easily guessed.
#[wasm_bindgen(js_name = activationPin)]
pub fn activation_pin(
    text: String,
    birth_date: String,
    phone: String,
    card_number: String,
) -> Result<Vec<String>> {
    let context = pin_context(&birth_date, &phone, &card_number)?;
    Ok(words(ActivationPin::parse(&text)?.review(&context)))
}

/// Checks a new PIN. Answers why it is easily guessed.
#[wasm_bindgen]
pub fn pin(
    text: String,
    birth_date: String,
    phone: String,
    card_number: String,
) -> Result<Vec<String>> {
    let context = pin_context(&birth_date, &phone, &card_number)?;
    Ok(words(Pin::parse(&text)?.review(&context)))
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

fn words(weaknesses: Weaknesses) -> Vec<String> {
    weaknesses
        .iter()
        .map(Weakness::as_str)
        .map(str::to_owned)
        .collect()
}

/// Checks a CVV.
#[wasm_bindgen]
pub fn cvv(text: String) -> Result<()> {
    Ok(Cvv::parse(&text).map(drop)?)
}

#[derive(Serialize)]
struct MonthAndYear {
    month: u8,
    year: u16,
}

/// Reads an expiry date.
#[wasm_bindgen]
pub fn expiry(text: String) -> Result {
    let expiry = Expiry::parse(&text)?;
    Ok(plain(&MonthAndYear {
        month: expiry.month(),
        year: expiry.year(),
    }))
}

/// Whether a card with an expiry date is expired in a month.
#[wasm_bindgen(js_name = isExpired)]
pub fn is_expired(text: String, year: f64, month: f64) -> Result<bool> {
    // A number that is out of range is so too once it is the nearest that the core takes; what isn't whole is no month.
    let month = if month.fract() == 0.0 { month as u8 } else { 0 };
    Ok(Expiry::parse(&text)?.is_expired(year as u16, month)?)
}

/// Checks an amount, given as JSON: a string or a number. Answers its text.
#[wasm_bindgen]
pub fn amount(value: String) -> Result<String> {
    Ok(Amount::from_json(&value)?.to_string())
}

/// The exact sum of two amounts.
#[wasm_bindgen(js_name = amountPlus)]
pub fn amount_plus(a: String, b: String) -> Result<String> {
    let sum = Amount::from_json(&a)?.plus(Amount::from_json(&b)?)?;
    Ok(sum.to_string())
}

/// The exact difference of two amounts.
#[wasm_bindgen(js_name = amountMinus)]
pub fn amount_minus(a: String, b: String) -> Result<String> {
    let difference = Amount::from_json(&a)?.minus(Amount::from_json(&b)?)?;
    Ok(difference.to_string())
}

/// So many per cent of an amount, exactly.
#[wasm_bindgen(js_name = amountPercent)]
pub fn amount_percent(amount: String, percent: String) -> Result<String> {
    let part = Amount::from_json(&amount)?.percent(Amount::from_json(&percent)?)?;
    Ok(part.to_string())
}

/// -1, 0 or 1: which of two amounts is more.
#[wasm_bindgen(js_name = amountCompare)]
pub fn amount_compare(a: String, b: String) -> Result<i32> {
    Ok(Amount::from_json(&a)?.cmp(&Amount::from_json(&b)?) as i32)
}
