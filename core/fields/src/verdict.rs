/// How far a field's text has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Validity {
    /// It can be sent as it is.
    Valid,
    /// It can't yet, and more typing can make it valid.
    Potential,
    /// No typing after it makes it valid: something has to be taken back.
    Invalid,
}

impl Validity {
    /// A stable name: `valid`, `potential`, `invalid`.
    ///
    /// ```
    /// assert_eq!(bananatech_fields::Validity::Potential.as_str(), "potential");
    /// ```
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Potential => "potential",
            Self::Invalid => "invalid",
        }
    }
}

/// Why a field isn't valid. A stable code, to choose words by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FieldReason {
    /// Nothing was typed.
    Empty,
    /// More has to be typed.
    Incomplete,
    /// A character that the field doesn't have.
    Characters,
    /// More was typed than the field takes.
    TooLong,
    /// No brand's numbers begin like this.
    UnknownBrand,
    /// The check digit is wrong: most likely a digit was mistyped (ISO/IEC 7812-1, annex B).
    CheckDigit,
    /// The month isn't one from 1 to 12.
    Month,
    /// The year isn't one of two or four digits.
    Year,
    /// The card's last month is over.
    Expired,
    /// The year is further ahead than cards are issued for.
    TooFar,
    /// A name of nothing but digits: a card number in the wrong field.
    LooksLikeNumber,
    /// The PIN is easily guessed, and the page asked for a rule instead of advice.
    Weak,
}

impl FieldReason {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::Empty,
        Self::Incomplete,
        Self::Characters,
        Self::TooLong,
        Self::UnknownBrand,
        Self::CheckDigit,
        Self::Month,
        Self::Year,
        Self::Expired,
        Self::TooFar,
        Self::LooksLikeNumber,
        Self::Weak,
    ];

    /// The code: `check_digit`, `too_long` …
    ///
    /// ```
    /// assert_eq!(bananatech_fields::FieldReason::CheckDigit.as_str(), "check_digit");
    /// ```
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Incomplete => "incomplete",
            Self::Characters => "characters",
            Self::TooLong => "too_long",
            Self::UnknownBrand => "unknown_brand",
            Self::CheckDigit => "check_digit",
            Self::Month => "month",
            Self::Year => "year",
            Self::Expired => "expired",
            Self::TooFar => "too_far",
            Self::LooksLikeNumber => "looks_like_number",
            Self::Weak => "weak",
        }
    }
}

/// What is to be said about a field's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FieldVerdict {
    /// How far it has come.
    pub validity: Validity,
    /// Why it isn't valid; nothing if it is.
    pub reason: Option<FieldReason>,
}

impl FieldVerdict {
    pub(crate) const VALID: Self = Self {
        validity: Validity::Valid,
        reason: None,
    };

    pub(crate) const fn potential(reason: FieldReason) -> Self {
        Self {
            validity: Validity::Potential,
            reason: Some(reason),
        }
    }

    pub(crate) const fn invalid(reason: FieldReason) -> Self {
        Self {
            validity: Validity::Invalid,
            reason: Some(reason),
        }
    }

    /// Not complete yet: nothing, or some of it, was typed.
    pub(crate) const fn unfinished(is_empty: bool) -> Self {
        Self::potential(if is_empty {
            FieldReason::Empty
        } else {
            FieldReason::Incomplete
        })
    }

    /// Whether it can be sent as it is.
    pub const fn is_valid(self) -> bool {
        matches!(self.validity, Validity::Valid)
    }

    /// Whether it is valid or can become so by typing on.
    pub const fn is_potentially_valid(self) -> bool {
        !matches!(self.validity, Validity::Invalid)
    }
}
