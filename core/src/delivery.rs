//! A webhook that was delivered.

use crate::error::Invalid;
use crate::events::{Event, EventType};
use crate::json::Json;
use crate::tracking::Fingerprint;

/// A webhook that was verified, opened and typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    pub(crate) event: Event,
    pub(crate) data: Json,
    pub(crate) key_id: String,
}

impl Delivery {
    /// What it said.
    ///
    /// ```
    /// # let merchant = include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/merchant.rs"));
    /// use bananatech_core::{Event, EventType, Iv};
    /// let body = merchant.test_webhook("CARD_3DS", "{}", Iv::from_random_bytes([9; 16]));
    /// let delivery = merchant.receive(body.as_bytes())?;
    /// assert!(matches!(delivery.event(), Event::Card3ds(_)));
    /// # Ok::<(), bananatech_core::Error>(())
    /// ```
    pub fn event(&self) -> &Event {
        &self.event
    }

    /// What it said, to be kept.
    ///
    /// ```
    /// # let merchant = include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/merchant.rs"));
    /// use bananatech_core::{Event, EventType, Iv};
    /// let body = merchant.test_webhook("CARD_3DS", "{}", Iv::from_random_bytes([9; 16]));
    /// let delivery = merchant.receive(body.as_bytes())?;
    /// assert!(matches!(delivery.into_event(), Event::Card3ds(_)));
    /// # Ok::<(), bananatech_core::Error>(())
    /// ```
    pub fn into_event(self) -> Event {
        self.event
    }

    /// What it said as an [`Event::Unrecognized`], for a language that can't hold what is in it: JavaScript has no integer above
    /// 2^53 - 1. The error is that of [`json::to_string_up_to`](crate::json::to_string_up_to).
    ///
    /// ```
    /// # let merchant = include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/merchant.rs"));
    /// use bananatech_core::{Code, Event, Iv, json};
    /// let data = r#"{"user_id":300,"status":"APPROVED"}"#;
    /// let body = merchant.test_webhook("USER_CREATE_RESULT", data, Iv::from_random_bytes([9; 16]));
    /// let delivery = merchant.receive(body.as_bytes())?;
    /// let error = json::to_string_up_to(delivery.event(), 255).unwrap_err();
    /// let Event::Unrecognized(event) = delivery.unrecognized(&error) else { panic!() };
    /// assert_eq!((event.code, event.field.as_str(), event.data.as_str()), (Code::IdRange, "user_id", data));
    /// # Ok::<(), bananatech_core::Error>(())
    /// ```
    pub fn unrecognized(&self, error: &Invalid) -> Event {
        Event::unrecognized(self.event.event_type(), &self.data, error)
    }

    /// The exact text of the event's data, as it was sealed.
    ///
    /// ```
    /// # let merchant = include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/merchant.rs"));
    /// use bananatech_core::Iv;
    /// let body = merchant.test_webhook("CARD_3DS", r#"{"amount": 1.10}"#, Iv::from_random_bytes([9; 16]));
    /// assert_eq!(merchant.receive(body.as_bytes())?.data().as_str(), r#"{"amount": 1.10}"#);
    /// # Ok::<(), bananatech_core::Error>(())
    /// ```
    pub fn data(&self) -> &Json {
        &self.data
    }

    /// Tells deliveries of the same event apart from others. It is made anew each time.
    ///
    /// ```
    /// # let merchant = include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/merchant.rs"));
    /// use bananatech_core::{Event, EventType, Iv};
    /// let body = merchant.test_webhook("CARD_3DS", "{}", Iv::from_random_bytes([9; 16]));
    /// let delivery = merchant.receive(body.as_bytes())?;
    /// assert_eq!(delivery.fingerprint().to_string().len(), 64);
    /// # Ok::<(), bananatech_core::Error>(())
    /// ```
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(&self.data)
    }

    /// The id of the key that opened it.
    ///
    /// ```
    /// # let merchant = include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/merchant.rs"));
    /// use bananatech_core::{Event, EventType, Iv};
    /// let body = merchant.test_webhook("CARD_3DS", "{}", Iv::from_random_bytes([9; 16]));
    /// let delivery = merchant.receive(body.as_bytes())?;
    /// assert_eq!(delivery.key_id(), "2026-11");
    /// # Ok::<(), bananatech_core::Error>(())
    /// ```
    pub fn key_id(&self) -> &str {
        &self.key_id
    }

    /// The type that the event has.
    ///
    /// ```
    /// # let merchant = include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/merchant.rs"));
    /// use bananatech_core::{Event, EventType, Iv};
    /// let body = merchant.test_webhook("CARD_3DS", "{}", Iv::from_random_bytes([9; 16]));
    /// let delivery = merchant.receive(body.as_bytes())?;
    /// assert_eq!(delivery.event_type(), EventType::Card3ds);
    /// # Ok::<(), bananatech_core::Error>(())
    /// ```
    pub fn event_type(&self) -> EventType {
        self.event.event_type()
    }
}
