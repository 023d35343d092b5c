use crate::words::api_words;

api_words! {
    /// A card's status, in the vendor's words.
    ///
    /// ```
    /// use bananatech_core::CardStatus;
    /// assert_eq!(CardStatus::from("TBA"), CardStatus::ToBeActivated);
    /// assert_eq!(CardStatus::from("FROZEN").as_str(), "FROZEN");
    /// ```
    pub enum CardStatus {
        /// Assigned or issued, not yet activated (04-Physical-Cards).
        ToBeActivated = "TBA",
        /// In use (04-Physical-Cards, 05-Card-Operations).
        Active = "ACTIVE",
        /// Locked by the merchant (05-Card-Operations).
        Locked = "LOCKED",
        /// Closed for good. The word is a guess: that closing is possible is documented, its status isn't.
        Closed = "CLOSED",
    }
}
