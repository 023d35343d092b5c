//! Operations without a key.

use bananatech_core as core;
use core::operations::merchant::{CardTemplate, Charge, Fee};
use core::{Amount, AnyOperation, OperationKind};

use crate::Result;
use crate::values::Redacted;

/// An operation that was checked, made without a key: what an app hands to its backend to be sealed.
///
/// A PIN or card number is in `json` in clear: send it over TLS, and keep it out of logs. Who may do what is for the backend
/// to decide before it seals.
#[derive(uniffi::Record)]
pub struct Plan {
    /// What is asked for.
    pub operation: AnyOperation,
    /// As it travels: `{"operation": "card.recharge", "body": {…}}`.
    pub json: Redacted,
}

impl From<core::Plan> for Plan {
    fn from(plan: core::Plan) -> Self {
        Self {
            json: plan.to_json().as_str().into(),
            operation: plan.into_operation(),
        }
    }
}

/// Plans an operation without a key, so in an app too.
///
/// Errors, caused by the caller: the codes of the operation's fields and rules.
#[uniffi::export]
pub fn plan(operation: AnyOperation) -> Result<Plan> {
    Ok(core::Plan::new(operation)?.into())
}

/// Reads a plan that was made elsewhere, and checks it anew. Who may do what is for the backend to decide: look at its
/// `operation` before sealing that.
///
/// Fields that the contract doesn't name (`extra`) are refused.
///
/// Errors, caused by whoever made the plan: `plan.operation`, `field.unknown`, `json.syntax`, `json.duplicate_field`, or the code
/// of the field that is wrong.
#[uniffi::export]
pub fn check_plan(json: Redacted) -> Result<Plan> {
    Ok(core::Plan::from_json(json.expose())?.into())
}

/// The same with a looser check: plans of these operations may have fields that the contract doesn't name (`extra`). Plans of all other
/// operations are taken too, and checked as `checkPlan` does.
///
/// Whoever can have a text of their own sealed, and sees the result, could play it back as an answer or a webhook: use it for nobody whom
/// you don't trust with the Secret Key.
///
/// Errors, caused by whoever made the plan: those of `checkPlan`.
#[uniffi::export]
pub fn check_plan_with_open_fields(json: Redacted, operations: Vec<OperationKind>) -> Result<Plan> {
    Ok(core::Plan::from_json_with_open_fields(json.expose(), &operations)?.into())
}

/// Checks a registration, an application or a recharge against the card template that it is for, before it is sent. A limit
/// that the template doesn't have isn't checked.
///
/// Errors, caused by the caller: `template.mismatch`; `field.required` for what the template requires of a user;
/// `deposit.required`, `deposit.not_taken`; `amount.below_minimum`, `amount.above_maximum`; `plan.operation` for another
/// operation.
#[uniffi::export]
pub fn check_template(template: CardTemplate, operation: AnyOperation) -> Result<()> {
    Ok(template.check_operation(&operation)?)
}

/// What the merchant's account will be charged for an application (deposit and `applyFee`) or a recharge (amount and
/// `rechargeFee`): exact, not rounded. How the template's fee is meant isn't documented, so the caller says it.
///
/// Errors, caused by the caller: `merchant.balance` if a balance is given and doesn't cover it (add funds to the merchant's
/// account); `amount.range` if it can't be computed exactly; `plan.operation` for another operation.
#[uniffi::export(default(balance = None))]
pub fn charge(
    template: CardTemplate,
    operation: AnyOperation,
    fee: Fee,
    balance: Option<Amount>,
) -> Result<Charge> {
    let charge = template.operation_charge(&operation, fee)?;
    if let Some(balance) = balance {
        charge.covered_by(balance)?;
    }
    Ok(charge)
}
