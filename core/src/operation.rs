//! What an operation is: its path, its rules, its response, and the event that confirms it.

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::error::{Code, Invalid};
use crate::events::EventType;
use crate::ids::{CardId, UserId};
use crate::json::{self, Json};
use crate::operations as op;

/// How sure a fact of the API is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Certainty {
    /// Read on a page of the vendor's documentation.
    Seen,
    /// Concluded from what was read, and overridable.
    Inferred,
}

mod sealed {
    pub trait Sealed {}
}

/// One of the 15 operations, as a typed request that can be sealed into a call.
///
/// It is implemented by the request types of [`operations`](crate::operations) and by [`AnyOperation`], and can't be
/// implemented outside of this library: what the contract doesn't know is put into a request's `extra` fields.
pub trait Operation: sealed::Sealed + Clone + Send + Sync + Serialize + Into<AnyOperation> {
    /// What the API answers on success.
    type Response: Send + Sync;

    /// Which operation it is.
    fn kind(&self) -> OperationKind;

    /// The rules that hold between the fields; those of single fields hold since the values exist.
    ///
    /// Errors are caused by the caller and name the field.
    fn check(&self) -> Result<(), Invalid> {
        Ok(())
    }

    /// Where it has fields that the contract doesn't name: the object's name, empty for the request itself. `None` if it has
    /// none, or can have none.
    #[doc(hidden)]
    fn open_fields(&self) -> Option<&'static str> {
        None
    }

    /// The type of the event that confirms it, if one does. Until it comes, an acknowledged operation isn't done.
    fn confirmed_by(&self) -> Option<EventType> {
        None
    }

    /// The JSON that is sealed and sent. It holds secrets in clear where the operation does.
    fn wire_body(&self) -> Zeroizing<String> {
        json::text(self)
    }

    /// Reads a successful answer's JSON.
    fn read_response(&self, json: &str) -> Result<Self::Response, Invalid>;
}

/// The parts of [`Operation`](crate::Operation) that are alike for all.
macro_rules! operation {
    ($name:ident => $response:ty) => {
        type Response = $response;
        fn kind(&self) -> crate::operation::OperationKind {
            $name::KIND
        }
        fn read_response(&self, text: &str) -> Result<Self::Response, crate::error::Invalid> {
            crate::operations::read_response($name::KIND.is_confirmed(), text)
        }
    };
}
pub(crate) use operation;

macro_rules! operations {
    ($($(#[$doc:meta])* $name:ident: $module:ident, $text:literal, $path:literal, $certainty:ident, $response:ty;)+) => {
        /// Which of the 15 operations.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[cfg_attr(feature = "ts", derive(ts_rs::TS))]
        pub enum OperationKind {
            $(
                $(#[$doc])*
                #[serde(rename = $text)]
                $name,
            )+
        }

        impl OperationKind {
            /// All 15.
            ///
            /// ```
            /// assert_eq!(bananatech_core::OperationKind::ALL.len(), 15);
            /// ```
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// Its name here: group and title, as `card.recharge`.
            ///
            /// ```
            /// assert_eq!(bananatech_core::OperationKind::Recharge.name(), "card.recharge");
            /// ```
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $text,)+ }
            }

            /// The operation of that name, if there is one.
            ///
            /// ```
            /// use bananatech_core::OperationKind;
            /// assert_eq!(OperationKind::from_name("card.recharge"), Some(OperationKind::Recharge));
            /// ```
            pub fn from_name(name: &str) -> Option<Self> {
                match name { $($text => Some(Self::$name),)+ _ => None }
            }

            /// The path that is used unless [`Endpoints::with_path`](crate::Endpoints::with_path) says another.
            ///
            /// ```
            /// assert_eq!(bananatech_core::OperationKind::SetPin.default_path(), "/card/set_pin");
            /// ```
            pub const fn default_path(self) -> &'static str {
                match self { $(Self::$name => $path,)+ }
            }

            /// Whether the default path was read in the documentation, or follows from the rule that all that were read obey:
            /// `/<group>/<title in snake_case>`.
            ///
            /// ```
            /// use bananatech_core::{Certainty, OperationKind};
            /// assert_eq!(OperationKind::SetPin.path_certainty(), Certainty::Seen);
            /// assert_eq!(OperationKind::Recharge.path_certainty(), Certainty::Inferred);
            /// ```
            pub const fn path_certainty(self) -> Certainty {
                match self { $(Self::$name => Certainty::$certainty,)+ }
            }
        }

        /// Any of the 15 operations: what a plan from elsewhere turns out to hold.
        #[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
        #[serde(untagged)]
        pub enum AnyOperation { $($(#[$doc])* $name(op::$module::$name),)+ }

        /// The response to any of the 15 operations.
        #[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
        #[serde(untagged)]
        pub enum AnyResponse { $($(#[$doc])* $name($response),)+ }

        /// What each operation asks and is answered, for the npm package's types.
        #[cfg(feature = "ts")]
        #[derive(ts_rs::TS)]
        #[ts(tag = "operation")]
        pub enum Exchange {
            $(
                $(#[$doc])*
                #[ts(rename = $text)]
                $name {
                    /// What is asked for.
                    body: op::$module::$name,
                    /// What the API answers on success.
                    response: $response,
                },
            )+
        }

        #[cfg(feature = "ts")]
        impl Exchange {
            /// What is said of an operation's body.
            pub fn docs(kind: OperationKind) -> Option<String> {
                match kind { $(OperationKind::$name => <op::$module::$name as ts_rs::TS>::docs(),)+ }
            }
        }

        impl AnyOperation {
            /// Reads a request's body. Errors name the field; an unknown field is one.
            ///
            /// ```
            /// use bananatech_core::{AnyOperation, OperationKind};
            /// let body = r#"{"user_id": 12345, "card_id": 67890, "amount": "100.00"}"#;
            /// assert!(AnyOperation::from_json(OperationKind::Recharge, body).is_ok());
            /// ```
            pub fn from_json(kind: OperationKind, body: &str) -> Result<Self, Invalid> {
                match kind {
                    $(OperationKind::$name => json::from_str(body).map(Self::$name),)+
                }
            }
        }

        impl AnyResponse {
            /// Reads a response that was passed on as JSON. Errors name the field.
            ///
            /// ```
            /// use bananatech_core::{AnyResponse, OperationKind};
            /// let response = AnyResponse::from_json(OperationKind::Assign, r#"{"card_id": 12345}"#).unwrap();
            /// assert!(matches!(response, AnyResponse::Assign(assigned) if assigned.card_id.get() == 12345));
            /// ```
            pub fn from_json(kind: OperationKind, text: &str) -> Result<Self, Invalid> {
                match kind { $(OperationKind::$name => op::read_response::<$response>(kind.is_confirmed(), text).map(Self::$name),)+ }
            }
        }

        impl sealed::Sealed for AnyOperation {}
        impl Operation for AnyOperation {
            type Response = AnyResponse;
            fn kind(&self) -> OperationKind {
                match self { $(Self::$name(_) => OperationKind::$name,)+ }
            }
            fn check(&self) -> Result<(), Invalid> {
                match self { $(Self::$name(operation) => operation.check(),)+ }
            }
            fn open_fields(&self) -> Option<&'static str> {
                match self { $(Self::$name(operation) => operation.open_fields(),)+ }
            }
            fn confirmed_by(&self) -> Option<EventType> {
                match self { $(Self::$name(operation) => operation.confirmed_by(),)+ }
            }
            fn wire_body(&self) -> Zeroizing<String> {
                match self { $(Self::$name(operation) => operation.wire_body(),)+ }
            }
            fn read_response(&self, json: &str) -> Result<AnyResponse, Invalid> {
                match self { $(Self::$name(operation) => operation.read_response(json).map(AnyResponse::$name),)+ }
            }
        }

        $(
            impl sealed::Sealed for op::$module::$name {}
            impl From<op::$module::$name> for AnyOperation {
                fn from(operation: op::$module::$name) -> Self { Self::$name(operation) }
            }
            impl op::$module::$name {
                pub(crate) const KIND: OperationKind = OperationKind::$name;
            }
        )+
    };
}

operations! {
    /// Get Account Balance (merchant).
    GetAccountBalance: merchant, "merchant.get_account_balance", "/merchant/get_account_balance", Inferred, op::merchant::AccountBalance;
    /// Get Card Templates (merchant).
    GetCardTemplates: merchant, "merchant.get_card_templates", "/merchant/get_card_templates", Inferred, op::merchant::CardTemplates;
    /// Set Webhook URL (merchant).
    SetWebhookUrl: merchant, "merchant.set_webhook_url", "/merchant/set_webhook_url", Inferred, op::Acknowledgement;
    /// Get Webhook Records (merchant).
    GetWebhookRecords: merchant, "merchant.get_webhook_records", "/merchant/get_webhook_records", Seen, op::Page<crate::Json>;
    /// Register (user).
    Register: user, "user.register", "/user/register", Seen, op::user::Registered;
    /// Get Users (user).
    GetUsers: user, "user.get_users", "/user/get_users", Inferred, op::Page<crate::Json>;
    /// Apply (card): order a virtual card.
    Apply: card, "card.apply", "/card/apply", Inferred, op::card::Applied;
    /// Recharge (card): top up.
    Recharge: card, "card.recharge", "/card/recharge", Inferred, op::Acknowledgement;
    /// Update Status (card): activate, lock, unlock, close.
    UpdateStatus: card, "card.update_status", "/card/update_status", Inferred, op::Acknowledgement;
    /// Get Balance (card).
    GetBalance: card, "card.get_balance", "/card/get_balance", Inferred, op::card::CardBalance;
    /// Get Information (card).
    GetInformation: card, "card.get_information", "/card/get_information", Inferred, op::card::CardInformation;
    /// Get Transactions (card).
    GetTransactions: card, "card.get_transactions", "/card/get_transactions", Seen, op::Page<op::card::Transaction>;
    /// Assign (physical cards only).
    Assign: card, "card.assign", "/card/assign", Seen, op::card::Assigned;
    /// Set PIN (physical cards only).
    SetPin: card, "card.set_pin", "/card/set_pin", Seen, op::card::PinSet;
    /// 3DS Confirm (card).
    Confirm3ds: card, "card.3ds_confirm", "/card/3ds_confirm", Inferred, op::Acknowledgement;
}

impl OperationKind {
    /// Whether an event confirms it. Until that comes, an answer says only that the request was taken. For every other operation
    /// the answer is all there is.
    ///
    /// ```
    /// use bananatech_core::OperationKind;
    /// assert!(OperationKind::Recharge.is_confirmed());
    /// assert!(!OperationKind::SetPin.is_confirmed());
    /// ```
    pub const fn is_confirmed(self) -> bool {
        matches!(
            self,
            Self::Register | Self::Apply | Self::Recharge | Self::UpdateStatus | Self::Assign
        )
    }

    /// Whether it only asks. A question that is sent twice does no harm, so it may go over a connection that was kept: HTTP clients send a
    /// request again by themselves when such a connection turns out to be dead. All others change something, also those that no event
    /// confirms.
    ///
    /// ```
    /// use bananatech_core::OperationKind;
    /// assert!(OperationKind::GetBalance.is_question());
    /// assert!(!OperationKind::SetPin.is_question());
    /// ```
    pub const fn is_question(self) -> bool {
        // Each by its name, so that it is said of a new one, too.
        match self {
            Self::GetAccountBalance
            | Self::GetCardTemplates
            | Self::GetWebhookRecords
            | Self::GetUsers
            | Self::GetBalance
            | Self::GetInformation
            | Self::GetTransactions => true,
            Self::SetWebhookUrl
            | Self::Register
            | Self::Apply
            | Self::Recharge
            | Self::UpdateStatus
            | Self::Assign
            | Self::SetPin
            | Self::Confirm3ds => false,
        }
    }
}

/// An operation that was checked, made without a key: what a frontend hands to its backend to be sealed.
///
/// It travels as JSON, `{"operation": "card.recharge", "body": {…}}`, with amounts as strings (many JSON readers round
/// numbers). A PIN or card number is in it in clear: send it over TLS, and keep it out of logs. Read from JSON it is
/// checked anew, so a backend can trust its form; **who may do what is for the backend to decide** before it seals.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    operation: AnyOperation,
}

/// A plan as it travels.
#[derive(Serialize)]
struct Written<'a> {
    operation: OperationKind,
    body: &'a AnyOperation,
}

/// The same, before its body is read.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Unread {
    operation: String,
    body: Json,
}

impl Serialize for Plan {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let written = Written {
            operation: self.operation.kind(),
            body: &self.operation,
        };
        written.serialize(serializer)
    }
}

/// The rules between an operation's fields, and that no field was added under the name of one that is known: it would stand in
/// the request twice.
pub(crate) fn check<O: Operation>(operation: &O) -> Result<(), Invalid> {
    operation.check()?;
    if operation.open_fields().is_some() {
        let any = operation.clone().into();
        AnyOperation::from_json(operation.kind(), &json::text(&any))?;
    }
    Ok(())
}

impl Plan {
    /// Plans an operation. Errors are the operation's own rules, caused by the caller.
    ///
    /// ```
    /// use bananatech_core::{operations::card::Recharge, Amount, CardId, Plan, UserId};
    /// let recharge = Recharge {
    ///     user_id: UserId::from(12345),
    ///     card_id: CardId::from(67890),
    ///     amount: Amount::parse("100.00").unwrap(),
    /// };
    /// let plan = Plan::new(recharge).unwrap();
    /// assert!(plan.to_json().starts_with(r#"{"operation":"card.recharge","body":{"#));
    /// ```
    pub fn new(operation: impl Into<AnyOperation>) -> Result<Self, Invalid> {
        let operation = operation.into();
        check(&operation)?;
        Ok(Self { operation })
    }

    /// Reads a plan that was made elsewhere, and checks it again.
    ///
    /// Errors, caused by whoever made it: [`Code::PlanOperation`], [`Code::JsonSyntax`], or the code of the field that is wrong.
    ///
    /// ```
    /// use bananatech_core::{AnyOperation, Plan};
    /// let plan = Plan::from_json(
    ///     r#"{"operation":"card.recharge","body":{"user_id":12345,"card_id":67890,"amount":"100.00"}}"#,
    /// ).unwrap();
    /// assert!(matches!(plan.operation(), AnyOperation::Recharge(r) if r.card_id.get() == 67890));
    /// ```
    pub fn from_json(text: &str) -> Result<Self, Invalid> {
        Self::from_json_with_open_fields(text, &[])
    }

    /// The same, and takes fields that the contract doesn't name (`extra`) in these operations. In all others, and with
    /// [`Plan::from_json`] in all, such a field is refused with [`Code::FieldUnknown`]. Plans of any operation are read: look at
    /// [`Plan::operation`] for what you allow.
    ///
    /// Whoever can have a text sealed and sees the result could play it back as an answer or a webhook, since the key and the
    /// algorithm are the same in both directions. So allow no open fields to a page or an app that isn't yours alone.
    ///
    /// ```
    /// use bananatech_core::{OperationKind, Plan};
    /// let text = r#"{"operation":"card.3ds_confirm","body":{"transaction_id":7}}"#;
    /// assert!(Plan::from_json(text).is_err());
    /// assert!(Plan::from_json_with_open_fields(text, &[OperationKind::Confirm3ds]).is_ok());
    /// ```
    pub fn from_json_with_open_fields(text: &str, open: &[OperationKind]) -> Result<Self, Invalid> {
        let plan: Unread = json::from_str(text)?;
        let kind = OperationKind::from_name(&plan.operation).ok_or_else(|| {
            Invalid::new("operation", Code::PlanOperation, "the name of an operation")
        })?;
        let operation = AnyOperation::from_json(kind, plan.body.as_str())
            .and_then(|operation| operation.check().map(|()| operation))?;
        match operation.open_fields() {
            Some(object) if !open.contains(&kind) => Err(Invalid::new(
                object,
                Code::FieldUnknown,
                "no other fields than those that are documented",
            )),
            _ => Ok(Self { operation }),
        }
    }

    /// The plan as JSON.
    ///
    /// ```
    /// use bananatech_core::{operations::merchant::GetAccountBalance, Plan};
    /// let plan = Plan::new(GetAccountBalance::default()).unwrap();
    /// assert_eq!(plan.to_json().as_str(), r#"{"operation":"merchant.get_account_balance","body":{}}"#);
    /// ```
    pub fn to_json(&self) -> Zeroizing<String> {
        json::text(self)
    }

    /// What is planned: look here before sealing what somebody else planned.
    ///
    /// ```
    /// use bananatech_core::{operations::merchant::GetAccountBalance, AnyOperation, Plan};
    /// let plan = Plan::new(GetAccountBalance::default()).unwrap();
    /// assert!(matches!(plan.operation(), AnyOperation::GetAccountBalance(_)));
    /// ```
    pub fn operation(&self) -> &AnyOperation {
        &self.operation
    }

    /// What is planned, to be kept.
    ///
    /// ```
    /// use bananatech_core::{operations::merchant::GetAccountBalance, AnyOperation, Plan};
    /// let plan = Plan::new(GetAccountBalance::default()).unwrap();
    /// assert!(matches!(plan.into_operation(), AnyOperation::GetAccountBalance(_)));
    /// ```
    pub fn into_operation(self) -> AnyOperation {
        self.operation
    }
}

impl AnyOperation {
    /// The user that it names. Ask whether whoever planned it may act for this user.
    ///
    /// ```
    /// use bananatech_core::{operations::card::UpdateStatus, AnyOperation, CardId, UserId};
    /// let lock = AnyOperation::from(UpdateStatus::lock(UserId::from(1), CardId::from(2)));
    /// assert_eq!(lock.user_id(), Some(UserId::from(1)));
    /// ```
    pub const fn user_id(&self) -> Option<UserId> {
        // Each by its name, so that a new one isn't forgotten.
        match self {
            Self::Apply(operation) => Some(operation.user_id),
            Self::Assign(operation) => Some(operation.user_id),
            Self::Recharge(operation) => Some(operation.user_id),
            Self::UpdateStatus(operation) => Some(operation.user_id),
            Self::SetPin(operation) => Some(operation.user_id),
            Self::GetBalance(operation) => Some(operation.user_id),
            Self::GetInformation(operation) => Some(operation.user_id),
            Self::GetTransactions(operation) => operation.user_id,
            Self::Confirm3ds(operation) => operation.user_id,
            Self::GetWebhookRecords(operation) => operation.user_id,
            Self::GetAccountBalance(_)
            | Self::GetCardTemplates(_)
            | Self::SetWebhookUrl(_)
            | Self::GetUsers(_)
            | Self::Register(_) => None,
        }
    }

    /// The card that it names. Ask whether whoever planned it may act with this card.
    ///
    /// ```
    /// use bananatech_core::{operations::card::UpdateStatus, AnyOperation, CardId, UserId};
    /// let lock = AnyOperation::from(UpdateStatus::lock(UserId::from(1), CardId::from(2)));
    /// assert_eq!(lock.card_id(), Some(CardId::from(2)));
    /// ```
    pub const fn card_id(&self) -> Option<CardId> {
        match self {
            Self::Recharge(operation) => Some(operation.card_id),
            Self::UpdateStatus(operation) => Some(operation.card_id),
            Self::SetPin(operation) => Some(operation.card_id),
            Self::GetBalance(operation) => Some(operation.card_id),
            Self::GetInformation(operation) => Some(operation.card_id),
            Self::GetTransactions(operation) => operation.card_id,
            Self::Confirm3ds(operation) => operation.card_id,
            Self::GetWebhookRecords(operation) => operation.card_id,
            Self::GetAccountBalance(_)
            | Self::GetCardTemplates(_)
            | Self::SetWebhookUrl(_)
            | Self::GetUsers(_)
            | Self::Register(_)
            | Self::Apply(_)
            | Self::Assign(_) => None,
        }
    }
}

impl From<Plan> for AnyOperation {
    fn from(plan: Plan) -> Self {
        plan.operation
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operations::user::{KycData, Register};
    use crate::{Extra, Json, TemplateId};

    #[test]
    fn a_field_is_not_given_twice() {
        let extra = |name| Extra::new().with(name, Json::parse("1").unwrap());
        let register = |extra, kyc_data| Register {
            extra,
            kyc_data,
            ..Register::new("ada@example.com", TemplateId::from(1))
        };
        let refused = |register: Register| Plan::new(register).unwrap_err();
        let error = refused(register(extra("email"), None));
        assert_eq!(
            (error.code(), error.field()),
            (Code::JsonDuplicateField, "email")
        );
        let kyc_data = KycData {
            extra: extra("gender"),
            ..KycData::default()
        };
        let error = refused(register(Extra::new(), Some(Box::new(kyc_data))));
        assert_eq!(error.field(), "kyc_data.gender");
        assert!(Plan::new(register(extra("nickname"), None)).is_ok());
    }
}
