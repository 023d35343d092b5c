//! All functions that need no key, behind one: what wasm-bindgen makes for an export, on both sides, is more than most of
//! them are.

use bananatech_core::ToJson;
use wasm_bindgen::prelude::*;

use crate::card;
use crate::no_such;
use crate::pending;
use crate::thrown::{Result, Thrown};
use crate::values;

/// Calls a function by its name. Which arguments it takes, and what it answers, stands beside its name below: texts `a` to
/// `d` and numbers `x` to `z`. A number is answered as its text.
#[wasm_bindgen]
#[expect(
    clippy::too_many_arguments,
    reason = "one function with the arguments of all"
)]
pub fn call(
    function: &str,
    a: &str,
    b: &str,
    c: &str,
    d: Option<String>,
    x: Option<f64>,
    y: Option<f64>,
    z: Option<f64>,
) -> core::result::Result<Option<String>, Thrown> {
    dispatch(function, [a, b, c], d.as_deref(), [x, y, z]).map_err(Thrown::from)
}

fn dispatch(
    function: &str,
    [a, b, c]: [&str; 3],
    d: Option<&str>,
    [x, y, z]: [Option<f64>; 3],
) -> Result<Option<String>> {
    // Missing or not a number: refused where a number is needed.
    let number = x.unwrap_or(f64::NAN);
    let answer = match function {
        "version" => env!("CARGO_PKG_VERSION").to_owned(),
        "plan" => values::plan(a, b)?,
        "checkPlan" => values::check_plan(a)?,
        "cardNumber" => values::card_number(a)?,
        "activationPin" => values::activation_pin(a, b, c, d.unwrap_or(""))?,
        "pin" => values::pin(a, b, c, d.unwrap_or(""))?,
        "cvv" => return values::cvv(a).map(|()| None),
        "expiry" => values::expiry(a)?.to_json_text(),
        "isExpired" => values::is_expired(a, number, y.unwrap_or(f64::NAN))?.to_json_text(),
        "amount" => values::amount(a)?,
        "amountPlus" => values::amount_plus(a, b)?,
        "amountMinus" => values::amount_minus(a, b)?,
        "amountPercent" => values::amount_percent(a, b)?,
        "amountCompare" => values::amount_compare(a, b)?.to_json_text(),
        "readEvent" => values::read_event(a)?,
        "readResponse" => values::read_response(a, b)?,
        "judgeTime" => return values::judge_time(a, number, y, z),
        "checkTemplate" => return values::check_template(a, b).map(|()| None),
        "charge" => values::charge(a, b, c, d)?,
        "pages" => values::pages(a)?,
        "pagesNext" => return values::pages_next(a),
        "pagesAccept" => values::pages_accept(a, b)?,
        "pagesTotal" => return values::pages_total(a),
        "cardFold" => card::fold(a, b)?,
        "cardObserve" => card::observe(a, b, number)?,
        "cardNew" => card::new(number, d)?,
        "cardRead" => card::read(a)?,
        "cardAllowed" => card::allowed(a)?,
        "cardCheck" => return card::check(a, b).map(|()| None),
        "cardCheckPlan" => return card::check_plan(a, b).map(|()| None),
        "pending" => return pending::pending(a, number, y.unwrap_or(f64::NAN), d),
        "pendingOpen" => pending::open(d)?,
        "pendingAdd" => pending::add(a, b)?,
        "pendingAcknowledge" => pending::acknowledge(a, number, b)?,
        "pendingReject" => pending::reject(a, number, b)?,
        "pendingSettle" => pending::settle(a, b)?,
        "pendingResolve" => pending::resolve(a, number, b, y)?,
        "pendingWithdraw" => pending::withdraw(a, number)?,
        "pendingTidy" => pending::tidy(a, number)?,
        "pendingList" => pending::list(a, x)?,
        "pendingInquiries" => pending::inquiries(a, number)?,
        _ => return Err(no_such("function").into()),
    };
    Ok(Some(answer))
}
