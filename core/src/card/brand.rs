/// A card scheme, told by a number's first digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Brand {
    /// Visa: 4.
    Visa,
    /// Mastercard: 51-55, 2221-2720.
    Mastercard,
    /// UnionPay: 62, 81.
    UnionPay,
    /// Discover: 6011, 644-649, 65.
    Discover,
    /// JCB: 3528-3589.
    Jcb,
    /// Maestro: 5018, 5020, 5038, 5893, 6304, 6759, 6761-6763.
    Maestro,
    /// Mir: 2200-2204.
    Mir,
    /// None of the above.
    Unknown,
}

/// Prefix ranges of one length each. Longer ones are stronger.
const PREFIXES: &[(u16, u16, Brand)] = &[
    (4, 4, Brand::Visa),
    (51, 55, Brand::Mastercard),
    (2221, 2720, Brand::Mastercard),
    (62, 62, Brand::UnionPay),
    (81, 81, Brand::UnionPay),
    (6011, 6011, Brand::Discover),
    (644, 649, Brand::Discover),
    (65, 65, Brand::Discover),
    (3528, 3589, Brand::Jcb),
    (5018, 5018, Brand::Maestro),
    (5020, 5020, Brand::Maestro),
    (5038, 5038, Brand::Maestro),
    (5893, 5893, Brand::Maestro),
    (6304, 6304, Brand::Maestro),
    (6759, 6759, Brand::Maestro),
    (6761, 6763, Brand::Maestro),
    (2200, 2204, Brand::Mir),
];

impl Brand {
    /// The scheme of a number, or of the first digits of one that is being typed: the longest prefix that matches.
    ///
    /// ```
    /// use bananatech_core::Brand;
    /// assert_eq!(Brand::of("5018"), Brand::Maestro);
    /// assert_eq!(Brand::of("52"), Brand::Mastercard);
    /// assert_eq!(Brand::of(""), Brand::Unknown);
    /// ```
    pub fn of(digits: &str) -> Self {
        let first = |length: usize| -> Option<u16> { digits.get(..length)?.parse().ok() };
        (1..=4)
            .rev()
            .find_map(|length| {
                let prefix = first(length)?;
                PREFIXES
                    .iter()
                    .find(|(low, high, _)| {
                        low.checked_ilog10().map(|log| log + 1) == u32::try_from(length).ok()
                            && (*low..=*high).contains(&prefix)
                    })
                    .map(|(_, _, brand)| *brand)
            })
            .unwrap_or(Self::Unknown)
    }

    /// A stable name: `visa`, `mastercard` …
    ///
    /// ```
    /// assert_eq!(bananatech_core::Brand::Visa.as_str(), "visa");
    /// ```
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Visa => "visa",
            Self::Mastercard => "mastercard",
            Self::UnionPay => "unionpay",
            Self::Discover => "discover",
            Self::Jcb => "jcb",
            Self::Maestro => "maestro",
            Self::Mir => "mir",
            Self::Unknown => "unknown",
        }
    }
}
