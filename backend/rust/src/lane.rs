//! What only one operation at a time changes: a card's money, a card's status.

use bananatech_core::{CardId, TrackedKind, TrackedOperation};

/// The lane that an operation goes in. Those that make a card or a user have none: what they ask for is personal, so it can't be stored
/// until it is their turn.
pub(crate) fn lane_of(operation: &TrackedOperation) -> Option<String> {
    let what = match operation.kind {
        TrackedKind::Recharge => "money",
        TrackedKind::Activate | TrackedKind::Lock | TrackedKind::Unlock | TrackedKind::Close => {
            "status"
        }
        TrackedKind::Register | TrackedKind::Apply | TrackedKind::Assign => return None,
    };
    operation.card_id.map(|card| format!("card:{card}:{what}"))
}

/// The lanes of a card.
pub(crate) fn lanes_of(card: CardId) -> [String; 2] {
    ["money", "status"].map(|what| format!("card:{card}:{what}"))
}

/// Whether an operation may wait for its turn: the plan is stored until then, and an activation's has the PIN.
pub(crate) const fn can_wait(operation: &TrackedOperation) -> bool {
    !matches!(operation.kind, TrackedKind::Activate)
}
