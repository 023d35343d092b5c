use serde::{Deserialize, Serialize};

use crate::amount::Amount;
use crate::error::{Code, Invalid};
use crate::ids::TemplateId;
use crate::json::{self, Extra};
use crate::operation::{AnyOperation, Operation, operation};
use crate::operations::card::{Apply, Recharge};
use crate::words::api_words;

/// Get Card Templates. Its page couldn't be read: that it takes no fields is a guess.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct GetCardTemplates {
    /// Fields that the contract doesn't name, as they came.
    #[serde(flatten)]
    pub extra: Extra,
}

api_words! {
    /// What kind of card a template makes.
    ///
    /// ```
    /// use bananatech_core::operations::merchant::TemplateType;
    /// assert_eq!(TemplateType::from("Virtual"), TemplateType::Virtual);
    /// assert_eq!(TemplateType::from("Plastic").as_str(), "Plastic");
    /// ```
    pub enum TemplateType {
        /// A virtual card: the only word that was seen (02-Getting-Started).
        Virtual = "Virtual",
        /// A physical card. The word is a guess.
        Physical = "Physical",
    }
}

api_words! {
    /// The card scheme of a template.
    ///
    /// ```
    /// use bananatech_core::operations::merchant::PaymentSystem;
    /// assert_eq!(PaymentSystem::from("Visa"), PaymentSystem::Visa);
    /// assert_eq!(PaymentSystem::Mastercard.as_str(), "Mastercard");
    /// ```
    pub enum PaymentSystem {
        /// Visa.
        Visa = "Visa",
        /// Mastercard.
        Mastercard = "Mastercard",
    }
}

/// A kind of card that the merchant may issue, with its fees and limits (02-Getting-Started; types are inferred).
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
pub struct CardTemplate {
    /// The `template_id` of later requests.
    pub id: TemplateId,
    /// Name or description.
    #[serde(default, deserialize_with = "json::guess")]
    pub description: Option<String>,
    /// Virtual or physical.
    #[serde(rename = "type", default, deserialize_with = "json::guess")]
    pub template_type: Option<TemplateType>,
    /// Visa, Mastercard …
    #[serde(default, deserialize_with = "json::guess")]
    pub payment_system: Option<PaymentSystem>,
    /// The fee for issuing a card. Whether fees are flat or per cent isn't documented.
    #[serde(default, deserialize_with = "json::guess")]
    pub apply_fee: Option<Amount>,
    /// The fee for a recharge.
    #[serde(default, deserialize_with = "json::guess")]
    pub recharge_fee: Option<Amount>,
    /// The fee for a refund.
    #[serde(default, deserialize_with = "json::guess")]
    pub refund_fee: Option<Amount>,
    /// The smallest first recharge.
    #[serde(default, deserialize_with = "json::guess")]
    pub activate_min_limit: Option<Amount>,
    /// The smallest recharge.
    #[serde(default, deserialize_with = "json::guess")]
    pub recharge_min_limit: Option<Amount>,
    /// The largest recharge.
    #[serde(default, deserialize_with = "json::guess")]
    pub recharge_max_limit: Option<Amount>,
    /// The most that one purchase may cost.
    #[serde(default, deserialize_with = "json::guess")]
    pub limit_per_tx: Option<Amount>,
    /// The most that may be spent in a day.
    #[serde(default, deserialize_with = "json::guess")]
    pub limit_per_day: Option<Amount>,
    /// The most that may be spent in a month.
    #[serde(default, deserialize_with = "json::guess")]
    pub limit_per_month: Option<Amount>,
    /// Whether a user needs `kyc_data` to be registered.
    #[serde(default, deserialize_with = "json::guess")]
    pub requires_kyc: Option<bool>,
    /// Whether a user needs a phone number to be registered.
    #[serde(default, deserialize_with = "json::guess")]
    pub requires_phone_only: Option<bool>,
    /// Whether the card must be activated before use.
    #[serde(default, deserialize_with = "json::guess")]
    pub needs_activation: Option<bool>,
    /// Whether an application needs a `deposit_amount`.
    #[serde(default, deserialize_with = "json::guess")]
    pub requires_initial_deposit: Option<bool>,
    /// Fields that the contract doesn't name, as they came.
    #[serde(flatten)]
    pub extra: Extra,
}

/// The merchant's card templates. Whether they come as `{"data": […]}` or as a bare array isn't known: both are read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct CardTemplates {
    /// The templates.
    pub data: Vec<CardTemplate>,
    /// Fields that the contract doesn't name, as they came.
    #[serde(flatten)]
    pub extra: Extra,
}

impl Operation for GetCardTemplates {
    operation!(GetCardTemplates => CardTemplates);

    fn open_fields(&self) -> Option<&'static str> {
        (!self.extra.is_empty()).then_some("")
    }
}

impl GetCardTemplates {
    /// With fields that the contract doesn't know.
    ///
    /// ```
    /// use bananatech_core::{operations::merchant::GetCardTemplates, Extra};
    /// assert_eq!(GetCardTemplates::with(Extra::new()), GetCardTemplates::default());
    /// ```
    pub fn with(extra: Extra) -> Self {
        Self { extra }
    }
}

/// How a template's fee is meant. The documentation doesn't say, so the caller does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub enum Fee {
    /// The same for every amount.
    Flat,
    /// Per cent of the amount.
    Percent,
}

impl Fee {
    /// The meaning of that name, `flat` or `percent`. Errors with [`Code::FieldType`] for another word (caused by the caller).
    ///
    /// ```
    /// use bananatech_core::operations::merchant::Fee;
    /// assert_eq!(Fee::parse("flat"), Ok(Fee::Flat));
    /// assert!(Fee::parse("").is_err());
    /// ```
    pub fn parse(name: &str) -> Result<Self, Invalid> {
        match name {
            "flat" => Ok(Self::Flat),
            "percent" => Ok(Self::Percent),
            _ => Err(Invalid::new("fee", Code::FieldType, "flat or percent")),
        }
    }
}

/// What the merchant's account will be charged: exact, not rounded. How BananaTech rounds a fee isn't documented: what it takes may
/// differ by a fraction of a cent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Charge {
    /// What goes to the card.
    pub amount: Amount,
    /// The template's fee for it.
    pub fee: Amount,
    /// Both together ("recharge amount + recharge fee", 05-Card-Operations).
    pub total: Amount,
}

impl Charge {
    fn of(amount: Amount, fee: Option<Amount>, meant_as: Fee) -> Result<Self, Invalid> {
        let rate = fee.unwrap_or(Amount::ZERO);
        let fee = match meant_as {
            Fee::Flat => rate,
            Fee::Percent => amount.percent(rate)?,
        };
        Ok(Self {
            amount,
            fee,
            total: amount.plus(fee)?,
        })
    }

    /// Whether a balance covers it. Errors with [`Code::MerchantBalance`]: add funds to the merchant account.
    ///
    /// ```
    /// use bananatech_core::operations::merchant::{CardTemplate, Fee};
    /// use bananatech_core::Amount;
    /// let template: CardTemplate = serde_json::from_str(r#"{"id": 1, "recharge_fee": 1.5}"#).unwrap();
    /// let charge = template.recharge_charge(Amount::parse("100").unwrap(), Fee::Percent).unwrap();
    /// assert!(charge.covered_by(Amount::parse("101.50").unwrap()).is_ok());
    /// assert!(charge.covered_by(Amount::parse("101.49").unwrap()).is_err());
    /// ```
    pub fn covered_by(&self, balance: Amount) -> Result<(), Invalid> {
        if balance < self.total {
            return Err(Invalid::new(
                "balance",
                Code::MerchantBalance,
                "a merchant balance that covers the amount and the fee",
            ));
        }
        Ok(())
    }
}

impl CardTemplate {
    /// Reads a template that was passed on as JSON. Errors name the field (caused by the caller).
    ///
    /// ```
    /// use bananatech_core::operations::merchant::CardTemplate;
    /// assert!(CardTemplate::from_json(r#"{"id": 1}"#).is_ok());
    /// ```
    pub fn from_json(text: &str) -> Result<Self, Invalid> {
        json::from_vendor(text)
    }

    /// Checks a recharge against the template's limits, before it is sent.
    ///
    /// Errors, caused by the caller: [`Code::AmountBelowMinimum`] under `recharge_min_limit` (seen, 05-Card-Operations),
    /// [`Code::AmountAboveMaximum`] over `recharge_max_limit` (inferred). A limit that the template doesn't have isn't checked.
    ///
    /// ```
    /// use bananatech_core::operations::{card::Recharge, merchant::CardTemplate};
    /// use bananatech_core::{Amount, CardId, Code, UserId};
    /// let template: CardTemplate = serde_json::from_str(r#"{"id": 1, "recharge_min_limit": 10.0}"#).unwrap();
    /// let recharge = Recharge {
    ///     user_id: UserId::from(12345),
    ///     card_id: CardId::from(67890),
    ///     amount: Amount::parse("9.99").unwrap(),
    /// };
    /// assert_eq!(template.check_recharge(&recharge).unwrap_err().code(), Code::AmountBelowMinimum);
    /// ```
    pub fn check_recharge(&self, recharge: &Recharge) -> Result<(), Invalid> {
        recharge.check()?;
        self.check_amount("amount", recharge.amount, self.recharge_min_limit)
    }

    /// Checks an application: that it is for this template, and has a deposit if and only if one is required.
    ///
    /// The rule for the deposit's size is cut off in the documentation. `activate_min_limit`, "the smallest first top-up",
    /// is taken for its minimum (guess), and `recharge_max_limit` for its maximum (guess).
    ///
    /// Errors, caused by the caller: [`Code::TemplateMismatch`], [`Code::DepositRequired`], [`Code::DepositNotTaken`],
    /// [`Code::AmountBelowMinimum`], [`Code::AmountAboveMaximum`].
    ///
    /// ```
    /// use bananatech_core::operations::{card::Apply, merchant::CardTemplate};
    /// use bananatech_core::{Code, TemplateId, UserId};
    /// let template: CardTemplate =
    ///     serde_json::from_str(r#"{"id": 456, "requires_initial_deposit": true}"#).unwrap();
    /// let apply = Apply::new(UserId::from(12345), TemplateId::from(456));
    /// assert_eq!(template.check_application(&apply).unwrap_err().code(), Code::DepositRequired);
    /// ```
    pub fn check_application(&self, apply: &Apply) -> Result<(), Invalid> {
        apply.check()?;
        if apply.template_id != self.id {
            return Err(Invalid::new(
                "template_id",
                Code::TemplateMismatch,
                "the id of the template that it is checked against",
            ));
        }
        match (self.requires_initial_deposit, apply.deposit_amount) {
            (Some(true), None) => Err(Invalid::new(
                "deposit_amount",
                Code::DepositRequired,
                "a deposit, as the template requires one",
            )),
            (Some(false), Some(_)) => Err(Invalid::new(
                "deposit_amount",
                Code::DepositNotTaken,
                "no deposit, as the template requires none",
            )),
            (_, Some(deposit)) => {
                self.check_amount("deposit_amount", deposit, self.activate_min_limit)
            }
            (_, None) => Ok(()),
        }
    }

    fn check_amount(
        &self,
        field: &'static str,
        amount: Amount,
        minimum: Option<Amount>,
    ) -> Result<(), Invalid> {
        if minimum.is_some_and(|minimum| amount < minimum) {
            return Err(Invalid::new(
                field,
                Code::AmountBelowMinimum,
                "at least the template's minimum",
            ));
        }
        if self
            .recharge_max_limit
            .is_some_and(|maximum| amount > maximum)
        {
            return Err(Invalid::new(
                field,
                Code::AmountAboveMaximum,
                "at most the template's maximum",
            ));
        }
        Ok(())
    }

    /// What the merchant will be charged for a recharge: the amount and `recharge_fee`.
    /// Errors with [`Code::AmountRange`] if it can't be computed exactly.
    ///
    /// ```
    /// use bananatech_core::operations::merchant::{CardTemplate, Fee};
    /// use bananatech_core::Amount;
    /// let template: CardTemplate = serde_json::from_str(r#"{"id": 1, "recharge_fee": 1.5}"#).unwrap();
    /// let charge = template.recharge_charge(Amount::parse("100").unwrap(), Fee::Flat).unwrap();
    /// assert_eq!(charge.total, Amount::parse("101.5").unwrap());
    /// ```
    pub fn recharge_charge(&self, amount: Amount, fee: Fee) -> Result<Charge, Invalid> {
        Charge::of(amount, self.recharge_fee, fee)
    }

    /// What the merchant will be charged for an application: the deposit, if any, and `apply_fee` (inferred from the rule
    /// for recharges). A per-cent fee is taken of the deposit.
    /// Errors with [`Code::AmountRange`] if it can't be computed exactly.
    ///
    /// ```
    /// use bananatech_core::operations::{card::Apply, merchant::{CardTemplate, Fee}};
    /// use bananatech_core::{Amount, TemplateId, UserId};
    /// let template: CardTemplate = serde_json::from_str(r#"{"id": 123, "apply_fee": 5.0}"#).unwrap();
    /// let apply = Apply::new(UserId::from(12345), TemplateId::from(123));
    /// assert_eq!(template.application_charge(&apply, Fee::Flat).unwrap().total, Amount::parse("5").unwrap());
    /// ```
    pub fn application_charge(&self, apply: &Apply, fee: Fee) -> Result<Charge, Invalid> {
        Charge::of(
            apply.deposit_amount.unwrap_or(Amount::ZERO),
            self.apply_fee,
            fee,
        )
    }

    /// Checks whichever operation this template has rules for: a registration ([`Register::check_for`](crate::operations::user::Register::check_for)), an application, or a
    /// recharge.
    ///
    /// Errors, caused by the caller: those of the operation's own check; [`Code::PlanOperation`] for any other operation.
    ///
    /// ```
    /// use bananatech_core::operations::{card::Apply, merchant::CardTemplate};
    /// use bananatech_core::{TemplateId, UserId};
    /// let template = CardTemplate::from_json(r#"{"id": 456}"#).unwrap();
    /// let apply = Apply::new(UserId::from(12345), TemplateId::from(456));
    /// assert!(template.check_operation(&apply.into()).is_ok());
    /// ```
    pub fn check_operation(&self, operation: &AnyOperation) -> Result<(), Invalid> {
        match operation {
            AnyOperation::Register(register) => register.check_for(self),
            AnyOperation::Apply(apply) => self.check_application(apply),
            AnyOperation::Recharge(recharge) => self.check_recharge(recharge),
            _ => Err(not_for_templates()),
        }
    }

    /// What the merchant will be charged for an application or a recharge.
    ///
    /// Errors, caused by the caller: [`Code::AmountRange`] if it can't be computed exactly; [`Code::PlanOperation`] for any other
    /// operation.
    ///
    /// ```
    /// use bananatech_core::operations::{card::Apply, merchant::{CardTemplate, Fee}};
    /// use bananatech_core::{TemplateId, UserId};
    /// let template = CardTemplate::from_json(r#"{"id": 123, "apply_fee": 5.0}"#).unwrap();
    /// let apply = Apply::new(UserId::from(12345), TemplateId::from(123));
    /// assert_eq!(template.operation_charge(&apply.into(), Fee::Flat).unwrap().total.to_string(), "5.0");
    /// ```
    pub fn operation_charge(&self, operation: &AnyOperation, fee: Fee) -> Result<Charge, Invalid> {
        match operation {
            AnyOperation::Apply(apply) => self.application_charge(apply, fee),
            AnyOperation::Recharge(recharge) => self.recharge_charge(recharge.amount, fee),
            _ => Err(not_for_templates()),
        }
    }
}

fn not_for_templates() -> Invalid {
    Invalid::new(
        "operation",
        Code::PlanOperation,
        "an operation that a card template has rules for",
    )
}
