use serde::{Deserialize, Serialize};

use crate::error::{Code, Invalid};
use crate::events::EventType;
use crate::ids::{TemplateId, UserId};
use crate::json::{self, Extra};
use crate::operation::{Operation, operation};
use crate::operations::merchant::CardTemplate;
use crate::personal::Personal;
use crate::words::api_words;

api_words! {
    /// A person's gender as on the document.
    ///
    /// ```
    /// use bananatech_core::operations::user::Gender;
    /// assert_eq!(Gender::Male.as_str(), "MALE");
    /// assert_eq!(Gender::from("X").as_str(), "X");
    /// ```
    pub enum Gender {
        /// The word that was seen.
        Male = "MALE",
        /// A guess.
        Female = "FEMALE",
    }
}

api_words! {
    /// The kind of identity document.
    ///
    /// ```
    /// use bananatech_core::operations::user::IdentificationType;
    /// assert_eq!(IdentificationType::Passport.as_str(), "PASSPORT");
    /// assert_eq!(IdentificationType::from("ID_CARD").as_str(), "ID_CARD");
    /// ```
    pub enum IdentificationType {
        /// The only word that was seen.
        Passport = "PASSPORT",
    }
}

/// Register a user. [`Registered`] only acknowledges: wait for `USER_CREATE_RESULT` with `APPROVED`.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
pub struct Register {
    /// Always needed (02-Getting-Started).
    pub email: Personal,
    /// Decides which other fields are needed (02-Getting-Started).
    pub template_id: TemplateId,
    /// The international dialling code, needed if the template `requires_phone_only`. With or without `+` isn't documented.
    pub dial_code: Option<Personal>,
    /// The phone number, likewise.
    pub phone_number: Option<Personal>,
    /// Needed if the template `requires_kyc`.
    pub kyc_data: Option<Box<KycData>>,
    /// Fields that the contract doesn't name, as they came.
    #[serde(flatten)]
    pub extra: Extra,
}

/// Who the user is. All fields' names were seen; which are required isn't documented, so none is forced.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
pub struct KycData {
    /// First name.
    pub first_name: Option<Personal>,
    /// Last name.
    pub last_name: Option<Personal>,
    /// Gender.
    pub gender: Option<Gender>,
    /// Date of birth. The format isn't documented (guess: `YYYY-MM-DD`).
    pub date_of_birth: Option<Personal>,
    /// The kind of document.
    pub identification_type: Option<IdentificationType>,
    /// The document's number.
    pub identification_number: Option<Personal>,
    /// The document's front, base64. Formats and sizes aren't documented.
    pub front_img_base64: Option<Personal>,
    /// The document's back, base64.
    pub back_img_base64: Option<Personal>,
    /// The user holding the document, base64.
    pub handheld_img_base64: Option<Personal>,
    /// When the document was issued. The unit isn't documented (guess: milliseconds since 1970).
    pub issue: Option<i64>,
    /// When it expires. The unit isn't documented (guess: milliseconds since 1970).
    pub expiry: Option<i64>,
    /// The country. Two letters or three isn't documented.
    pub country_code: Option<Personal>,
    /// Region.
    pub region: Option<Personal>,
    /// City.
    pub city: Option<Personal>,
    /// Postcode.
    pub postcode: Option<Personal>,
    /// Street and house.
    pub address_line: Option<Personal>,
    /// Fields that the contract doesn't name, as they came.
    #[serde(flatten)]
    pub extra: Extra,
}

/// The answer to [`Register`]. Its fields are inferred: later requests speak of the user's id "from the registration".
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
pub struct Registered {
    /// The user's id (inferred).
    #[serde(default, deserialize_with = "json::guess")]
    pub user_id: Option<UserId>,
    /// The API's words (guess).
    #[serde(default, deserialize_with = "json::guess")]
    pub message: Option<Personal>,
    /// Fields that the contract doesn't name, as they came.
    #[serde(flatten)]
    pub extra: Extra,
}

impl Register {
    /// The two fields that are always needed; the others may be set then.
    ///
    /// ```
    /// use bananatech_core::{operations::user::Register, TemplateId};
    /// let mut register = Register::new("ada@example.com", TemplateId::from(1));
    /// register.phone_number = Some("5550100".into());
    /// ```
    pub fn new(email: &str, template_id: TemplateId) -> Self {
        Self {
            email: email.into(),
            template_id,
            dial_code: None,
            phone_number: None,
            kyc_data: None,
            extra: Extra::new(),
        }
    }

    /// Checks that it has what its template requires (02-Getting-Started).
    ///
    /// Errors, caused by the caller: [`Code::TemplateMismatch`]; [`Code::FieldRequired`] for `kyc_data`, `dial_code` or
    /// `phone_number`.
    ///
    /// ```
    /// use bananatech_core::operations::{merchant::CardTemplate, user::Register};
    /// use bananatech_core::TemplateId;
    /// let template: CardTemplate = serde_json::from_str(r#"{"id": 1, "requires_kyc": true}"#).unwrap();
    /// let error = Register::new("ada@example.com", TemplateId::from(1)).check_for(&template).unwrap_err();
    /// assert_eq!(error.field(), "kyc_data");
    /// ```
    pub fn check_for(&self, template: &CardTemplate) -> Result<(), Invalid> {
        self.check()?;
        if template.id != self.template_id {
            return Err(Invalid::new(
                "template_id",
                Code::TemplateMismatch,
                "the id of the template that it is checked against",
            ));
        }
        let required = |needed: Option<bool>, given: bool, field: &'static str| {
            if needed == Some(true) && !given {
                return Err(Invalid::new(
                    field,
                    Code::FieldRequired,
                    "a value, as the template requires it",
                ));
            }
            Ok(())
        };
        required(template.requires_kyc, self.kyc_data.is_some(), "kyc_data")?;
        required(
            template.requires_phone_only,
            self.dial_code.is_some(),
            "dial_code",
        )?;
        required(
            template.requires_phone_only,
            self.phone_number.is_some(),
            "phone_number",
        )
    }
}

impl Operation for Register {
    operation!(Register => Registered);

    /// [`Code::FieldRequired`] if the e-mail address is empty.
    fn check(&self) -> Result<(), Invalid> {
        if self.email.as_str().is_empty() {
            return Err(Invalid::new(
                "email",
                Code::FieldRequired,
                "an e-mail address",
            ));
        }
        Ok(())
    }

    fn open_fields(&self) -> Option<&'static str> {
        let kyc_data = self.kyc_data.as_ref();
        if !self.extra.is_empty() {
            return Some("");
        }
        kyc_data
            .is_some_and(|kyc_data| !kyc_data.extra.is_empty())
            .then_some("kyc_data")
    }

    fn confirmed_by(&self) -> Option<EventType> {
        Some(EventType::UserCreateResult)
    }
}
