//! Values that make things fail on purpose.

use crate::money::Money;

/// A card number that the provider doesn't know (as any number outside the stock): the assignment fails with
/// [`REASON_NOT_FOUND`].
pub const CARD_NUMBER_NOT_FOUND: &str = "4000000000010100";
/// A card number that is someone else's already: the assignment fails with [`REASON_ALREADY_ASSIGNED`].
pub const CARD_NUMBER_ALREADY_ASSIGNED: &str = "4000000000010209";
/// A card number over which the provider has trouble: the assignment fails with [`REASON_PROVIDER`].
pub const CARD_NUMBER_PROVIDER_TROUBLE: &str = "4000000000050007";
/// A card number that can be assigned, but whose activation the provider rejects.
pub const CARD_NUMBER_ACTIVATION_REJECTED: &str = "4000000000090003";
/// A card number that is assigned, but the webhook that says so never comes (it can be resent by control).
pub const CARD_NUMBER_SILENT: &str = "4000000000090102";
/// A card number whose assignment takes [`SLOW_MS`].
pub const CARD_NUMBER_SLOW: &str = "4000000000090201";

/// A recharge or deposit of 66.01: the provider rejects it.
pub const AMOUNT_REJECTED: Money = Money::from_minor(6601);
/// A recharge of 66.02: succeeds, but its webhooks never come.
pub const AMOUNT_SILENT: Money = Money::from_minor(6602);
/// A recharge of 66.03: takes [`SLOW_MS`].
pub const AMOUNT_SLOW: Money = Money::from_minor(6603);

/// How much longer a slow operation takes.
pub const SLOW_MS: i64 = 30_000;

/// The one failure reason that the contract knows literally.
pub const REASON_NOT_FOUND: &str = "101:0 - card number not exist";
/// A guess.
pub const REASON_ALREADY_ASSIGNED: &str = "102:0 - card already assigned";
/// A guess.
pub const REASON_PROVIDER: &str = "500:0 - provider temporarily unavailable";
/// A guess.
pub const REASON_REJECTED: &str = "103:0 - rejected by provider";
/// A guess.
pub const REASON_CARD_STATE: &str = "104:0 - card state changed meanwhile";

/// Magic words in the local part of a user's e-mail address, alone or behind a plus sign: `alice+reject@example.com`.
pub const EMAIL_WORDS: [&str; 9] = [
    "reject",
    "pending",
    "slow",
    "silent",
    "apply-fails",
    "activate-fails",
    "recharge-fails",
    "lock-fails",
    "close-fails",
];

/// Whether the e-mail address carries the magic word.
pub(crate) fn email_says(email: &str, word: &str) -> bool {
    debug_assert!(EMAIL_WORDS.contains(&word));
    email
        .split_once('@')
        .is_some_and(|(local, _)| local.split('+').any(|part| part == word))
}
