//! What to ask the API for when no event comes, and what its answers mean.

use serde::{Deserialize, Serialize};

use super::OperationId;
use super::operation::{Found, TrackedKind, TrackedOperation};
use crate::card::{CardStatus, DisplayedNumber};
use crate::error::{Code, Invalid};
use crate::ids::{CardId, TemplateId, UserId};
use crate::json::{self, Extra, Json};
use crate::operation::{AnyOperation, AnyResponse, Plan};
use crate::operations::card::{
    CardInformation, GetInformation, GetTransactions, Transaction, TransactionStatus,
    TransactionType,
};
use crate::operations::user::GetUsers;
use crate::paging::AnyPages;
use crate::personal::Personal;
use crate::time::Timestamp;

/// How many records to ask for at once.
const PAGE: u64 = 100;

/// A question to the API about one operation, and what was answered so far. Lists are read page by page.
///
/// It is a value: it can be stored and passed on as JSON. Nothing is asked that moves money.
///
/// ```
/// use bananatech_core::operations::card::UpdateStatus;
/// use bananatech_core::{AnyResponse, CardId, Inquiry, Operation, OperationId, Timestamp, ConfirmedOperation, UserId};
/// let lock = UpdateStatus::lock(UserId::from(67890), CardId::from(12345));
/// let id = OperationId::from_random_bytes([7; 16]);
/// let operation = lock.tracked(id, Timestamp::from_millis(0));
/// let mut inquiry = Inquiry::about(&operation).remove(0);
/// while let Some(plan) = inquiry.next_request() {
///     // Seal it, send it, and read the answer:
///     let answer = AnyResponse::from_json(plan.operation().kind(), r#"{"status":"LOCKED"}"#)?;
///     inquiry.accept(&answer, Timestamp::from_millis(1000))?;
/// }
/// // Then hand it to the tracker: `tracker.learn(&inquiry)`.
/// # Ok::<(), bananatech_core::Invalid>(())
/// ```
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Inquiry {
    /// The operation that it is about.
    pub operation_id: OperationId,
    /// When the first answer was asked for, by the caller's clock.
    pub(super) asked_at: Option<Timestamp>,
    pub(super) question: Question,
}

/// What is asked, and what was answered.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(super) enum Question {
    /// A card's recharges.
    Transactions {
        card_id: CardId,
        pages: AnyPages,
        lines: Vec<Transaction>,
    },
    /// A card's information, and perhaps whether it is the one that the operation made.
    Information {
        user_id: UserId,
        card_id: CardId,
        answer: Option<Seen>,
    },
    /// The merchant's users.
    Users {
        pages: AnyPages,
        email: Option<Personal>,
        approved: Option<UserId>,
        listed: Option<UserId>,
    },
}

/// What a card's information says that counts here.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Seen {
    status: CardStatus,
    last_four: Option<String>,
    template_id: Option<TemplateId>,
}

impl Inquiry {
    /// What to ask about an operation: its own state, never a balance, which says nothing of one operation.
    ///
    /// | operation | question |
    /// |---|---|
    /// | recharge | the card's recharges, all pages |
    /// | activate, lock, unlock, close | the card's information |
    /// | assign, apply | the information of each card that may be its own |
    /// | register | the merchant's users; say the e-mail address with [`Inquiry::with_email`] |
    ///
    /// ```
    /// use bananatech_core::operations::card::UpdateStatus;
    /// use bananatech_core::{CardId, Inquiry, OperationId, Timestamp, ConfirmedOperation, UserId};
    /// let lock = UpdateStatus::lock(UserId::from(67890), CardId::from(12345));
    /// let id = OperationId::from_random_bytes([7; 16]);
    /// let operation = lock.tracked(id, Timestamp::from_millis(0));
    /// assert_eq!(Inquiry::about(&operation).len(), 1);
    /// ```
    pub fn about(operation: &TrackedOperation) -> Vec<Self> {
        let inquiry = |question| Self {
            operation_id: operation.id,
            asked_at: None,
            question,
        };
        let pages = |list: AnyOperation| Plan::new(list).and_then(AnyPages::new).ok();
        let information = |card_id| {
            Some(inquiry(Question::Information {
                user_id: operation.user_id?,
                card_id,
                answer: None,
            }))
        };
        match operation.kind {
            TrackedKind::Recharge => operation
                .card_id
                .and_then(|card_id| {
                    let list = GetTransactions {
                        user_id: operation.user_id,
                        card_id: Some(card_id),
                        limit: Some(PAGE),
                        ..GetTransactions::default()
                    };
                    Some(inquiry(Question::Transactions {
                        card_id,
                        pages: pages(list.into())?,
                        lines: Vec::new(),
                    }))
                })
                .into_iter()
                .collect(),
            TrackedKind::Register => {
                let list = GetUsers {
                    limit: Some(PAGE),
                    ..GetUsers::default()
                };
                let pages = pages(list.into());
                pages
                    .map(|pages| {
                        inquiry(Question::Users {
                            pages,
                            email: None,
                            approved: None,
                            listed: None,
                        })
                    })
                    .into_iter()
                    .collect()
            }
            TrackedKind::Apply | TrackedKind::Assign => {
                let mut cards: Vec<CardId> = operation.answer_id.into_iter().collect();
                for card in &operation.cards {
                    if !cards.contains(card) {
                        cards.push(*card);
                    }
                }
                cards.into_iter().filter_map(information).collect()
            }
            _ => operation
                .card_id
                .and_then(information)
                .into_iter()
                .collect(),
        }
    }

    /// The same question about a registration, for the user with this e-mail address: an operation that is stored doesn't keep it.
    /// Any other question stays as it is.
    ///
    /// ```
    /// use bananatech_core::operations::user::Register;
    /// use bananatech_core::{Inquiry, OperationId, TemplateId, Timestamp, ConfirmedOperation};
    /// let register = Register::new("ada@example.com", TemplateId::from(1));
    /// let id = OperationId::from_random_bytes([7; 16]);
    /// let operation = register.tracked(id, Timestamp::from_millis(0));
    /// let inquiry = Inquiry::about(&operation).remove(0).with_email("ada@example.com");
    /// assert!(inquiry.next_request().is_some());
    /// ```
    #[must_use]
    pub fn with_email(mut self, address: &str) -> Self {
        if let Question::Users { pages, email, .. } = &mut self.question {
            let list = GetUsers {
                search: Some(address.into()),
                limit: Some(PAGE),
                ..GetUsers::default()
            };
            if let Ok(searched) = Plan::new(list).and_then(AnyPages::new) {
                *pages = searched;
                *email = Some(address.into());
            }
        }
        self
    }

    /// The next request to send; `None` once all is answered.
    ///
    /// ```
    /// # use bananatech_core::operations::card::UpdateStatus;
    /// # use bananatech_core::{CardId, Inquiry, OperationId, Timestamp, ConfirmedOperation, UserId};
    /// # let lock = UpdateStatus::lock(UserId::from(67890), CardId::from(12345));
    /// # let operation = lock.tracked(OperationId::from_random_bytes([7; 16]), Timestamp::from_millis(0));
    /// use bananatech_core::{Operation, OperationKind};
    /// let plan = Inquiry::about(&operation).remove(0).next_request().expect("nothing was answered yet");
    /// assert_eq!(plan.operation().kind(), OperationKind::GetInformation);
    /// ```
    pub fn next_request(&self) -> Option<Plan> {
        match &self.question {
            Question::Transactions { pages, .. } | Question::Users { pages, .. } => {
                pages.next_page()
            }
            Question::Information {
                answer: Some(_), ..
            } => None,
            Question::Information {
                user_id, card_id, ..
            } => Plan::new(GetInformation {
                user_id: *user_id,
                card_id: *card_id,
            })
            .ok(),
        }
    }

    /// Takes the answer to [`Inquiry::next_request`], and when that was asked, by the caller's clock.
    ///
    /// Errors with [`Code::PageMismatch`] for the answer to something else (caused by the caller, or by the API).
    ///
    /// ```
    /// # use bananatech_core::operations::card::UpdateStatus;
    /// # use bananatech_core::{AnyResponse, CardId, Inquiry, OperationId, OperationKind, Timestamp, ConfirmedOperation, UserId};
    /// # let lock = UpdateStatus::lock(UserId::from(67890), CardId::from(12345));
    /// # let operation = lock.tracked(OperationId::from_random_bytes([7; 16]), Timestamp::from_millis(0));
    /// let mut inquiry = Inquiry::about(&operation).remove(0);
    /// let answer = AnyResponse::from_json(OperationKind::GetInformation, r#"{"status":"LOCKED"}"#)?;
    /// inquiry.accept(&answer, Timestamp::from_millis(1000))?;
    /// assert!(inquiry.next_request().is_none());
    /// # Ok::<(), bananatech_core::Invalid>(())
    /// ```
    pub fn accept(&mut self, response: &AnyResponse, asked_at: Timestamp) -> Result<(), Invalid> {
        match (&mut self.question, response) {
            (Question::Transactions { pages, lines, .. }, AnyResponse::GetTransactions(page)) => {
                pages.accept(response)?;
                // No more than what counts: where somebody bought what is personal.
                lines.extend(page.data.iter().map(|line| Transaction {
                    merchant_name: None,
                    extra: Extra::new(),
                    ..line.clone()
                }));
            }
            (
                Question::Users {
                    pages,
                    email,
                    approved,
                    listed,
                },
                AnyResponse::GetUsers(page),
            ) => {
                pages.accept(response)?;
                for record in &page.data {
                    let Some(user) = Listed::read(record) else {
                        continue;
                    };
                    let same = email.as_ref().is_some_and(|email| user.has_email(email));
                    if same {
                        *listed = Some(user.id);
                    }
                    if same && user.is_approved() {
                        *approved = Some(user.id);
                    }
                }
            }
            (Question::Information { answer, .. }, AnyResponse::GetInformation(information)) => {
                *answer = Some(Seen::of(information));
            }
            _ => {
                return Err(Invalid::new(
                    "response",
                    Code::PageMismatch,
                    "the answer to the inquiry's next request",
                ));
            }
        }
        self.asked_at.get_or_insert(asked_at);
        Ok(())
    }

    /// As JSON, to be stored.
    ///
    /// ```
    /// # use bananatech_core::operations::card::UpdateStatus;
    /// # use bananatech_core::{CardId, Inquiry, OperationId, Timestamp, ConfirmedOperation, UserId};
    /// # let lock = UpdateStatus::lock(UserId::from(67890), CardId::from(12345));
    /// # let operation = lock.tracked(OperationId::from_random_bytes([7; 16]), Timestamp::from_millis(0));
    /// let inquiry = Inquiry::about(&operation).remove(0);
    /// assert_eq!(Inquiry::from_json(&inquiry.to_json()), Ok(inquiry));
    /// ```
    pub fn to_json(&self) -> String {
        std::mem::take(&mut json::text(self))
    }

    /// Reads what [`Inquiry::to_json`] wrote. Errors name the field (caused by whoever changed it).
    ///
    /// ```
    /// assert!(bananatech_core::Inquiry::from_json("{}").is_err());
    /// ```
    pub fn from_json(text: &str) -> Result<Self, Invalid> {
        json::from_str(text)
    }

    /// Whether the answer to this one tells all that the answer to the other would: both are about one card's recharges.
    ///
    /// ```
    /// use bananatech_core::operations::card::Recharge;
    /// use bananatech_core::{Amount, CardId, ConfirmedOperation, Inquiry, OperationId, Timestamp, UserId};
    /// let inquiry = |id: u8| {
    ///     let recharge = Recharge { user_id: UserId::from(1), card_id: CardId::from(2), amount: Amount::parse(&id.to_string()).unwrap() };
    ///     let operation = recharge.tracked(OperationId::from_random_bytes([id; 16]), Timestamp::from_millis(0));
    ///     Inquiry::about(&operation).remove(0)
    /// };
    /// assert!(inquiry(1).asks_the_same(&inquiry(2)));
    /// ```
    pub fn asks_the_same(&self, other: &Self) -> bool {
        matches!(self.question, Question::Transactions { .. }) && self.question == other.question
    }

    /// The lines of a card's transactions, and the card that was asked about.
    pub(super) fn lines(&self) -> impl Iterator<Item = (&Transaction, CardId)> {
        let (lines, card_id) = match &self.question {
            Question::Transactions { lines, card_id, .. } => (lines.as_slice(), *card_id),
            _ => (&[][..], CardId::from(0)),
        };
        lines.iter().map(move |line| (line, card_id))
    }

    /// Whether the card's transactions were read to the end, as one list that didn't change meanwhile, and each recharge of them has
    /// ended. Only then their absence says something.
    pub(super) fn shows_all_recharges(&self) -> bool {
        let Question::Transactions { pages, .. } = &self.question else {
            return false;
        };
        let ended = |line: &Transaction| {
            let other = line.transaction_type.as_ref();
            other.is_some_and(|kind| *kind != TransactionType::Recharge)
                || matches!(
                    line.status,
                    Some(TransactionStatus::Success | TransactionStatus::Failed)
                )
        };
        is_whole(pages) && self.lines().all(|(line, _)| ended(line))
    }

    /// The same for the merchant's users.
    pub(super) fn shows_all_users(&self) -> bool {
        matches!(&self.question, Question::Users { pages, email: Some(_), .. } if is_whole(pages))
    }

    /// What a card's information shows of a change of status: that it was carried out, if the card is as asked for. Another
    /// status proves nothing yet. Not for others to know: whether another change of this card is under way.
    pub(super) fn status_reached(&self, kind: TrackedKind) -> Option<bool> {
        let Question::Information { answer, .. } = &self.question else {
            return None;
        };
        let status = &answer.as_ref()?.status;
        Some(match kind {
            TrackedKind::Activate | TrackedKind::Unlock => *status == CardStatus::Active,
            TrackedKind::Lock => *status == CardStatus::Locked,
            TrackedKind::Close => *status == CardStatus::Closed,
            _ => return None,
        })
    }

    /// The card that an assignment or application made, if this is it.
    pub(super) fn made_card(&self, operation: &TrackedOperation) -> Option<Found> {
        let Question::Information {
            card_id, answer, ..
        } = &self.question
        else {
            return None;
        };
        let seen = answer.as_ref()?;
        let made = match operation.kind {
            TrackedKind::Assign => {
                operation.last_four.is_some() && seen.last_four == operation.last_four
            }
            // Only a card that came into being meanwhile is asked for.
            TrackedKind::Apply => {
                operation.cards.contains(card_id)
                    && seen.template_id.is_some()
                    && seen.template_id == operation.template_id
            }
            _ => false,
        };
        made.then_some(Found {
            succeeded: true,
            transaction_id: None,
            card_id: Some(*card_id),
        })
    }
}

/// Whether a list was read to its end, completely, and didn't change meanwhile.
fn is_whole(pages: &AnyPages) -> bool {
    pages.next_page().is_none() && pages.is_complete() && pages.is_stable()
}

impl Seen {
    fn of(information: &CardInformation) -> Self {
        Self {
            status: information.status.clone(),
            last_four: information
                .number
                .as_ref()
                .and_then(DisplayedNumber::last4)
                .map(str::to_owned),
            template_id: information.template_id,
        }
    }
}

/// A user as the list shows it. Its fields aren't documented: those are guessed from the registration and its event.
#[derive(Deserialize)]
struct Listed {
    #[serde(alias = "user_id")]
    id: UserId,
    email: Option<Personal>,
    status: Option<String>,
}

impl Listed {
    fn read(record: &Json) -> Option<Self> {
        json::from_vendor(record.as_str()).ok()
    }

    fn has_email(&self, address: &Personal) -> bool {
        self.email
            .as_ref()
            .is_some_and(|email| email.as_str().eq_ignore_ascii_case(address.as_str()))
    }

    fn is_approved(&self) -> bool {
        self.status.as_deref() == Some("APPROVED")
    }
}

impl<'de> Deserialize<'de> for Question {
    /// By hand, since a tag among other fields is nothing that the reader of JSON hands on.
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Parts {
            kind: String,
            card_id: Option<CardId>,
            user_id: Option<UserId>,
            pages: Option<Json>,
            lines: Option<Vec<Transaction>>,
            answer: Option<Seen>,
            email: Option<Personal>,
            approved: Option<UserId>,
            listed: Option<UserId>,
        }

        fn needed<T>(value: Option<T>, field: &'static str) -> Result<T, Invalid> {
            value.ok_or_else(|| json::required(field))
        }

        let parts = Parts::deserialize(deserializer)?;
        // They were checked when they were made: what is stored isn't somebody else's.
        let pages = || AnyPages::from_json(needed(parts.pages.as_ref(), "pages")?.as_str());
        let question = match parts.kind.as_str() {
            "transactions" => needed(parts.card_id, "card_id").and_then(|card_id| {
                Ok(Self::Transactions {
                    card_id,
                    pages: pages()?,
                    lines: needed(parts.lines, "lines")?,
                })
            }),
            "information" => needed(parts.user_id, "user_id").and_then(|user_id| {
                Ok(Self::Information {
                    user_id,
                    card_id: needed(parts.card_id, "card_id")?,
                    answer: parts.answer,
                })
            }),
            "users" => pages().map(|pages| Self::Users {
                pages,
                email: parts.email,
                approved: parts.approved,
                listed: parts.listed,
            }),
            _ => {
                let expected = "transactions, information or users";
                Err(Invalid::new("kind", Code::FieldType, expected))
            }
        };
        question.map_err(Invalid::into_serde)
    }
}
