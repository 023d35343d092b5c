//! What is printed on a card or known by its holder, and what is known of a card.

use bananatech_core as core;
use core::operations::card::CardInformation;
use core::{
    Amount, AnyOperation, Brand, CardAction, CardId, CardStatus, Event, Expiry, Extra, Fold,
    KnownBalance, KnownStatus, Luhn, Timestamp, Weakness,
};

use crate::Result;
use crate::fields::{self, PinContext};
use crate::values::{Redacted, Unsigned};

/// What may be shown of a card number (PAN), which has 16 to 19 digits (04-Physical-Cards).
#[derive(uniffi::Record)]
pub struct CardNumberFacts {
    /// Whether the check digit is right: a verdict beside, the vendor's own sample fails it.
    pub luhn: Luhn,
    /// All but the last four digits hidden.
    pub masked: String,
    /// The last four digits.
    pub last4: String,
    /// The first six digits.
    pub bin6: String,
    /// The first eight digits.
    pub bin8: String,
    /// The brand, by the strongest match of its first digits; nothing if no brand's numbers begin so.
    pub brand: Option<Brand>,
}

/// Checks a card number: 16 to 19 digits, without spaces. The check digit is no rule but a verdict, `luhn`.
///
/// Errors, caused by the caller: `card_number.digits`, `card_number.length`.
#[uniffi::export]
pub fn card_number(text: Redacted) -> Result<CardNumberFacts> {
    let number = core::CardNumber::parse(text.expose())?;
    Ok(CardNumberFacts {
        luhn: number.luhn(),
        masked: number.masked(),
        last4: number.last4().to_owned(),
        bin6: number.bin6().to_owned(),
        bin8: number.bin8().to_owned(),
        brand: number.brand(),
    })
}

/// Advice about a PIN.
#[derive(uniffi::Record)]
pub struct PinFacts {
    /// Why it is easily guessed; none if it isn't. Advice, not a rule.
    pub weaknesses: Vec<Weakness>,
}

/// Checks the PIN that activates a physical card: exactly 6 digits.
///
/// Errors, caused by the caller: `pin.digits`, `pin.length`.
#[uniffi::export(default(context = None))]
pub fn activation_pin(text: Redacted, context: Option<PinContext>) -> Result<PinFacts> {
    let pin = core::ActivationPin::parse(text.expose())?;
    Ok(PinFacts {
        weaknesses: fields::listed(pin.review(&fields::context(&context))),
    })
}

/// Checks a new PIN for a physical card: 4 to 6 digits.
///
/// Errors, caused by the caller: `pin.digits`, `pin.length`.
#[uniffi::export(default(context = None))]
pub fn pin(text: Redacted, context: Option<PinContext>) -> Result<PinFacts> {
    let pin = core::Pin::parse(text.expose())?;
    Ok(PinFacts {
        weaknesses: fields::listed(pin.review(&fields::context(&context))),
    })
}

/// Checks a card verification value: 3 or 4 digits.
///
/// Errors, caused by the caller: `cvv.digits`, `cvv.length`.
#[uniffi::export]
pub fn cvv(text: Redacted) -> Result<()> {
    core::Cvv::parse(text.expose())?;
    Ok(())
}

/// Reads an expiry date, written as `MM/YY`.
///
/// Errors, caused by the caller: `expiry.format`, `expiry.month`.
#[uniffi::export]
pub fn expiry(text: String) -> Result<Expiry> {
    Ok(Expiry::parse(&text)?)
}

/// Whether a card is past its expiry date in a given month, by the caller's calendar: it is good to the end of the month that
/// it names.
///
/// Errors, caused by the caller: `expiry.month` for a month that isn't 1 to 12.
#[uniffi::export]
pub fn is_expired(expiry: Expiry, year: i32, month: i32) -> Result<bool> {
    let (year, month) = (Unsigned::of(year, "year")?, Unsigned::of(month, "month")?);
    Ok(expiry.is_expired(year, month)?)
}

/// Reads an amount that somebody typed, in major units: plain decimal digits, with a point and a minus sign at most. Exact, or an
/// error: the platform's own readers take more, and some of it otherwise than it was meant.
///
/// Errors, caused by the caller: `amount.format`, `amount.range` for what can't be held exactly (more than 28 digits).
#[uniffi::export]
pub fn amount(text: String) -> Result<Amount> {
    Ok(Amount::parse(&text)?)
}

/// A card's state, folded from its events in whatever order they come, by one machine or by several (`merge`): the newest by
/// `occurTime` counts, and a closed card stays closed. It holds no secret.
///
/// Of two balances of the same millisecond, the one that began where the other ended is the later one, by `beforeAvailable`; that
/// goes for chains of up to 16, too. Of two such statuses, a card is TBA before it is ACTIVE or LOCKED, and those before it is
/// closed. Where that doesn't decide, it is unclear until something later comes: the status or balance isn't told, and all that are
/// possible are.
///
/// What was observed is stamped with your clock, which may be ahead of the vendor's by up to five minutes. So an observation counts for more
/// than an event only if the event is more than five minutes older. If the event is later than the observation, the event counts. In
/// between, the status is unclear if they contradict one another: ask again five minutes after the event. By a clock that is behind, an
/// observation counts for less than it is worth. All of your machines are taken to have the same time, so of two observations the later
/// one counts.
#[derive(uniffi::Record)]
pub struct CardState {
    /// The card.
    pub card_id: CardId,
    /// The template's `needsActivation`, if it is known: whether an application's success makes a card that is TBA, or one
    /// that is ACTIVE.
    #[uniffi(default)]
    pub needs_activation: Option<bool>,
    /// What was said of its status and wasn't superseded yet. The function `status` says what follows from it.
    #[uniffi(default)]
    pub statuses: Vec<KnownStatus>,
    /// What was said of its balance and wasn't superseded yet. The function `balance` says what follows from it.
    #[uniffi(default)]
    pub balances: Vec<KnownBalance>,
    /// Which version's fields it has, at least. A newer version only adds fields, and an older one keeps them.
    #[uniffi(default = 1)]
    pub version: i64,
    /// Fields that a newer version stored, as they came.
    #[uniffi(default)]
    pub extra: Extra,
}

impl From<core::CardState> for CardState {
    fn from(state: core::CardState) -> Self {
        // Without `..`, so that a field which the core gains can't be forgotten.
        let core::CardState {
            version,
            card_id,
            needs_activation,
            statuses,
            balances,
            extra,
        } = state;
        Self {
            card_id,
            needs_activation,
            statuses,
            balances,
            version: version.into(),
            extra,
        }
    }
}

impl CardState {
    fn core(&self) -> core::CardState {
        core::CardState {
            version: u32::try_from(self.version.max(0)).unwrap_or(u32::MAX),
            card_id: self.card_id,
            needs_activation: self.needs_activation,
            statuses: self.statuses.clone(),
            balances: self.balances.clone(),
            extra: self.extra.clone(),
        }
    }
}

/// A card's state after something was taken in.
#[derive(uniffi::Record)]
pub struct Folded {
    /// To be stored in place of the old one.
    pub state: CardState,
    /// What it did.
    pub fold: Fold,
}

#[uniffi::export]
impl CardState {
    /// The status; none while it isn't known, or unclear.
    pub fn status(&self) -> Result<Option<CardStatus>> {
        Ok(self.core().status().cloned())
    }

    /// As of when it is known to have that status; none where the status is.
    pub fn status_as_of(&self) -> Result<Option<Timestamp>> {
        Ok(self.core().status_as_of())
    }

    /// All statuses that are possible: none while nothing is known, several if it is unclear which is the last one.
    pub fn possible_statuses(&self) -> Result<Vec<CardStatus>> {
        let state = self.core();
        Ok(state.possible_statuses().into_iter().cloned().collect())
    }

    /// The balance as of the newest event that told it; none while it isn't known, or unclear.
    pub fn balance(&self) -> Result<Option<KnownBalance>> {
        Ok(self.core().balance().cloned())
    }

    /// All balances that are possible: none while nothing is known, several if it is unclear which is the last one.
    pub fn possible_balances(&self) -> Result<Vec<KnownBalance>> {
        let state = self.core();
        Ok(state.possible_balances().into_iter().cloned().collect())
    }

    /// What this state and another one of the same card know together: as if one had folded all that either has. It doesn't matter
    /// which is merged into which, in which order, or how often.
    ///
    /// Errors, caused by the caller: `state.mismatch` if it is another card's, if `needsActivation` differs, or if the two differ in
    /// a field that a newer version stored.
    pub fn merge(&self, other: CardState) -> Result<CardState> {
        let mut state = self.core();
        state.merge(&other.core())?;
        Ok(state.into())
    }

    /// Takes an event in. An event of another card, or of a failure, changes nothing.
    pub fn fold(&self, event: Event) -> Result<Folded> {
        let mut state = self.core();
        let fold = state.fold(&event);
        Ok(Folded {
            state: state.into(),
            fold,
        })
    }

    /// Takes in what the API answered when it was asked for the card's information; the time is the caller's clock.
    pub fn observe(&self, information: CardInformation, asked_at: Timestamp) -> Result<Folded> {
        let mut state = self.core();
        let fold = state.observe(&information, asked_at);
        Ok(Folded {
            state: state.into(),
            fold,
        })
    }

    /// What the card's state allows now. While the status isn't known, it rules nothing out. While the status is unclear, an action is
    /// allowed if one of the possible statuses allows it.
    pub fn allowed(&self) -> Result<Vec<CardAction>> {
        Ok(self.core().allowed().collect())
    }

    /// Refuses what the card's state rules out.
    ///
    /// Errors, caused by the caller: `state.not_allowed`.
    pub fn check(&self, action: CardAction) -> Result<()> {
        Ok(self.core().check(action)?)
    }

    /// Refuses an operation on this card that its state rules out, before it is sealed. Any other operation is let pass.
    ///
    /// Errors, caused by the caller: `state.not_allowed`.
    pub fn check_operation(&self, operation: AnyOperation) -> Result<()> {
        Ok(self.core().check_operation(&operation)?)
    }

    /// The state as JSON text, to be stored and read again.
    pub fn json(&self) -> Result<String> {
        Ok(self.core().to_json())
    }
}

/// A card's state, as it was stored.
///
/// Errors, caused by whoever changed the text: the code of the field that is wrong.
#[uniffi::export]
pub fn read_card_state(json: String) -> Result<CardState> {
    Ok(core::CardState::from_json(&json)?.into())
}
