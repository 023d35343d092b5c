use crate::text::is_digit;

/// A card scheme, told by a number's first digits: those that npm's `credit-card-type` 10 knows, in its order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Brand {
    /// Visa.
    Visa,
    /// Mastercard.
    Mastercard,
    /// American Express.
    AmericanExpress,
    /// Diners Club.
    DinersClub,
    /// Discover.
    Discover,
    /// Troy, of Turkey.
    Troy,
    /// JCB.
    Jcb,
    /// UnionPay.
    UnionPay,
    /// Naranja, of Argentina.
    Naranja,
    /// Verve, of Nigeria.
    Verve,
    /// Maestro.
    Maestro,
    /// Elo, of Brazil.
    Elo,
    /// Mir, of Russia.
    Mir,
    /// Hiper, of Brazil.
    Hiper,
    /// Hipercard, of Brazil.
    Hipercard,
}

/// The gaps of most cards: groups of four.
const FOURS: &[u8] = &[4, 8, 12];

impl Brand {
    /// All of them, in the order in which the first of two equally strong matches wins.
    pub const ALL: [Self; 15] = [
        Self::Visa,
        Self::Mastercard,
        Self::AmericanExpress,
        Self::DinersClub,
        Self::Discover,
        Self::Troy,
        Self::Jcb,
        Self::UnionPay,
        Self::Naranja,
        Self::Verve,
        Self::Maestro,
        Self::Elo,
        Self::Mir,
        Self::Hiper,
        Self::Hipercard,
    ];

    /// The brand of a number, or of the first digits of one that is being typed, once nothing else is possible: the
    /// strongest match, which is the one with the longest prefix.
    ///
    /// ```
    /// use bananatech_fields::Brand;
    /// assert_eq!(Brand::of("5018"), Some(Brand::Maestro));
    /// assert_eq!(Brand::of("52"), None, "Mastercard, or Naranja's 527572");
    /// assert_eq!(Brand::of("5200"), Some(Brand::Mastercard));
    /// ```
    pub fn of(digits: &str) -> Option<Self> {
        Brands::of(digits).only()
    }

    /// A stable code: `visa`, `american-express` …
    ///
    /// ```
    /// assert_eq!(bananatech_fields::Brand::AmericanExpress.as_str(), "american-express");
    /// ```
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Visa => "visa",
            Self::Mastercard => "mastercard",
            Self::AmericanExpress => "american-express",
            Self::DinersClub => "diners-club",
            Self::Discover => "discover",
            Self::Troy => "troy",
            Self::Jcb => "jcb",
            Self::UnionPay => "unionpay",
            Self::Naranja => "naranja",
            Self::Verve => "verve",
            Self::Maestro => "maestro",
            Self::Elo => "elo",
            Self::Mir => "mir",
            Self::Hiper => "hiper",
            Self::Hipercard => "hipercard",
        }
    }

    /// The name to show: `American Express`.
    ///
    /// ```
    /// assert_eq!(bananatech_fields::Brand::Jcb.name(), "JCB");
    /// ```
    pub const fn name(self) -> &'static str {
        match self {
            Self::Visa => "Visa",
            Self::Mastercard => "Mastercard",
            Self::AmericanExpress => "American Express",
            Self::DinersClub => "Diners Club",
            Self::Discover => "Discover",
            Self::Troy => "Troy",
            Self::Jcb => "JCB",
            Self::UnionPay => "UnionPay",
            Self::Naranja => "Naranja",
            Self::Verve => "Verve",
            Self::Maestro => "Maestro",
            Self::Elo => "Elo",
            Self::Mir => "Mir",
            Self::Hiper => "Hiper",
            Self::Hipercard => "Hipercard",
        }
    }

    /// How many digits its numbers have, the least first.
    ///
    /// ```
    /// assert_eq!(bananatech_fields::Brand::Visa.lengths(), [16, 18, 19]);
    /// ```
    pub const fn lengths(self) -> &'static [u8] {
        match self {
            Self::Visa | Self::Verve => &[16, 18, 19],
            Self::Mastercard
            | Self::Troy
            | Self::Naranja
            | Self::Elo
            | Self::Hiper
            | Self::Hipercard => &[16],
            Self::AmericanExpress => &[15],
            Self::DinersClub => &[14, 16, 19],
            Self::Discover => &[16, 19],
            Self::Jcb | Self::Mir => &[16, 17, 18, 19],
            Self::UnionPay => &[14, 15, 16, 17, 18, 19],
            Self::Maestro => &[12, 13, 14, 15, 16, 17, 18, 19],
        }
    }

    /// After how many digits a gap is written.
    ///
    /// ```
    /// assert_eq!(bananatech_fields::Brand::AmericanExpress.gaps(), [4, 10]);
    /// ```
    pub const fn gaps(self) -> &'static [u8] {
        match self {
            Self::AmericanExpress | Self::DinersClub => &[4, 10],
            _ => FOURS,
        }
    }

    /// The brand's own name of the security code: `CVV`, `CVC`, `CID` …
    ///
    /// ```
    /// assert_eq!(bananatech_fields::Brand::Mir.security_code(), "CVP2");
    /// ```
    pub const fn security_code(self) -> &'static str {
        match self {
            Self::Visa
            | Self::DinersClub
            | Self::Troy
            | Self::Jcb
            | Self::Naranja
            | Self::Verve => "CVV",
            Self::Mastercard | Self::Maestro | Self::Hiper | Self::Hipercard => "CVC",
            Self::AmericanExpress | Self::Discover => "CID",
            Self::UnionPay => "CVN",
            Self::Elo => "CVE",
            Self::Mir => "CVP2",
        }
    }

    /// How many digits the security code has.
    ///
    /// ```
    /// assert_eq!(bananatech_fields::Brand::AmericanExpress.security_code_length(), 4);
    /// ```
    pub const fn security_code_length(self) -> u8 {
        match self {
            Self::AmericanExpress => 4,
            _ => 3,
        }
    }

    /// The most digits that its numbers have.
    pub(crate) fn longest(self) -> usize {
        self.lengths().last().map_or(0, |most| usize::from(*most))
    }

    /// What stands for it in a set of brands.
    const fn bit(self) -> u16 {
        match self {
            Self::Visa => 1,
            Self::Mastercard => 1 << 1,
            Self::AmericanExpress => 1 << 2,
            Self::DinersClub => 1 << 3,
            Self::Discover => 1 << 4,
            Self::Troy => 1 << 5,
            Self::Jcb => 1 << 6,
            Self::UnionPay => 1 << 7,
            Self::Naranja => 1 << 8,
            Self::Verve => 1 << 9,
            Self::Maestro => 1 << 10,
            Self::Elo => 1 << 11,
            Self::Mir => 1 << 12,
            Self::Hiper => 1 << 13,
            Self::Hipercard => 1 << 14,
        }
    }
}

/// The gaps of a number whose brand isn't known yet.
pub(crate) fn gaps(brand: Option<Brand>) -> &'static [u8] {
    brand.map_or(FOURS, Brand::gaps)
}

/// The brands that a number may still be of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Brands(u16);

impl Brands {
    /// No brand.
    pub(crate) const NONE: Self = Self(0);

    /// The brands that the first digits of a number leave possible. Once each of them is matched by a whole prefix, only
    /// the strongest match is left. All brands for a text without digits; what isn't a digit is passed over.
    ///
    /// ```
    /// use bananatech_fields::{Brand, Brands};
    /// assert!(Brands::of("3").iter().eq([Brand::AmericanExpress, Brand::DinersClub, Brand::Jcb]));
    /// assert!(Brands::of("9").iter().eq([Brand::Troy]));
    /// assert!(Brands::of("1234").is_empty());
    /// ```
    pub fn of(digits: &str) -> Self {
        let digits = digits.bytes().map(|byte| byte.wrapping_sub(b'0'));
        Self::of_digits(digits.filter(|digit| is_digit(*digit)))
    }

    /// The same for what is looked at. Digits of other scripts are passed over.
    pub(crate) fn of_units(units: &[u8]) -> Self {
        Self::of_digits(units.iter().copied().filter(|unit| is_digit(*unit)))
    }

    /// The same for the values of digits.
    #[doc(hidden)]
    pub fn of_digits(digits: impl Iterator<Item = u8>) -> Self {
        let (mut from, mut length) = (0, 0);
        let mut possible = u16::MAX;
        for digit in digits.take(LONGEST_PATTERN) {
            length += 1;
            from = from * 10 + u32::from(digit);
            if length == 2 {
                possible = usize::try_from(from).map_or(0, after_two_digits);
                if possible & DECIDED != 0 {
                    return Self(possible & !DECIDED);
                }
            }
        }
        // The numbers of eight digits that begin so.
        let width_of_all = width(length);
        from *= width_of_all;
        let to = from + width_of_all;
        let mut candidates = Self::NONE;
        let mut strongest = (0, Self::NONE);
        let mut all_are_whole = length > 0;
        // In the order of `PATTERNS`, which is that of the bits.
        while let Some((brand, patterns)) = PATTERNS.get(to_index(possible)) {
            possible &= possible - 1;
            // As there, a brand's first pattern that fits decides how strong the match is.
            let fits = |pattern: &&Pattern| {
                let width = width(pattern.length.into());
                let low = pattern.low * width;
                low < to && from < low + (u32::from(pattern.span) + 1) * width
            };
            let Some(pattern) = patterns.iter().find(fits) else {
                continue;
            };
            candidates.0 |= brand.bit();
            let strength = usize::from(pattern.length);
            if length < strength {
                all_are_whole = false;
            } else if strength > strongest.0 {
                strongest = (strength, Self(brand.bit()));
            }
        }
        if all_are_whole {
            strongest.1
        } else {
            candidates
        }
    }

    /// Whether there is none.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// How many there are.
    pub const fn len(self) -> u32 {
        self.0.count_ones()
    }

    /// Whether a brand is among them.
    pub const fn contains(self, brand: Brand) -> bool {
        self.0 & brand.bit() != 0
    }

    /// The brand, if there is exactly one.
    pub fn only(self) -> Option<Brand> {
        if self.0.is_power_of_two() {
            Brand::ALL
                .get(usize::try_from(self.0.trailing_zeros()).ok()?)
                .copied()
        } else {
            None
        }
    }

    /// Each of them, in the order of [`Brand::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Brand> {
        Brand::ALL
            .into_iter()
            .filter(move |brand| self.contains(*brand))
    }

    /// A bit for each: the first of [`Brand::ALL`] is the lowest.
    pub const fn bits(self) -> u16 {
        self.0
    }
}

/// The digits of the longest pattern.
const LONGEST_PATTERN: usize = 8;

/// The lowest of some bits; behind all if there is none.
fn to_index(bits: u16) -> usize {
    usize::try_from(bits.trailing_zeros()).unwrap_or(usize::MAX)
}

/// How many numbers of eight digits begin with the same digits, by how many these are.
const WIDTHS: [u32; LONGEST_PATTERN + 1] = [
    100_000_000,
    10_000_000,
    1_000_000,
    100_000,
    10_000,
    1_000,
    100,
    10,
    1,
];

fn width(digits: usize) -> u32 {
    WIDTHS.get(digits).copied().unwrap_or(1)
}

/// A range of prefixes of one length.
#[derive(Clone, Copy)]
struct Pattern {
    low: u32,
    span: u16,
    length: u8,
}

const fn one(prefix: u32) -> Pattern {
    range(prefix, prefix)
}

#[expect(clippy::as_conversions, reason = "no other conversion is const")]
const fn range(low: u32, high: u32) -> Pattern {
    let span = (high - low) as u16;
    assert!(low + span as u32 == high, "the range is too wide");
    let length = low.ilog10() as u8 + 1;
    Pattern { low, span, length }
}

/// As `credit-card-type` 10.3 has them, put together where that tells no number otherwise.
const PATTERNS: &[(Brand, &[Pattern])] = &[
    (Brand::Visa, &[one(4)]),
    (
        Brand::Mastercard,
        &[
            range(51, 55),
            range(2221, 2229),
            range(223, 229),
            range(23, 26),
            range(270, 271),
            one(2720),
        ],
    ),
    (Brand::AmericanExpress, &[one(34), one(37)]),
    (
        Brand::DinersClub,
        &[range(300, 305), one(36), range(38, 39)],
    ),
    (Brand::Discover, &[one(6011), range(644, 649), one(65)]),
    (
        Brand::Troy,
        &[
            one(9792),
            one(650052),
            range(650082, 650083),
            one(650092),
            one(650161),
            one(650170),
            one(650173),
            one(650175),
            one(650268),
            one(650271),
            range(650273, 650274),
            range(650456, 650457),
            one(650836),
            range(650846, 650850),
            one(650923),
            one(650987),
            one(650990),
            one(654997),
            one(657366),
            one(657998),
            one(658758),
            range(658767, 658768),
            range(65083700, 65083704),
            range(65085800, 65085804),
            range(65085900, 65085901),
            one(65086000),
            range(65086100, 65086105),
            range(65086200, 65086203),
            range(65875000, 65875003),
            one(65875009),
            range(65875101, 65875104),
            one(65875200),
            one(65875501),
            one(65875601),
            one(65875900),
            range(65876000, 65876002),
            range(65876100, 65876103),
            one(65876110),
            range(65876115, 65876116),
            range(65876200, 65876201),
            one(65876500),
            range(65876504, 65876505),
            range(65876600, 65876602),
            range(65877100, 65877101),
            range(65877600, 65877602),
            one(65877700),
            range(65877801, 65877802),
            range(65878200, 65878202),
            range(65878300, 65878311),
            range(65878400, 65878405),
            range(65878500, 65878505),
            range(65878600, 65878601),
            one(65879800),
            one(65880800),
            one(65880900),
        ],
    ),
    (Brand::Jcb, &[one(2131), one(1800), range(3528, 3589)]),
    (
        Brand::UnionPay,
        &[
            one(620),
            range(62100, 62182),
            range(62184, 62197),
            range(62200, 62205),
            range(622010, 622999),
            range(62207, 62209),
            range(623, 626),
            one(6270),
            one(6272),
            one(6276),
            range(627700, 627779),
            range(627781, 627799),
            range(6282, 6289),
            range(6291, 6292),
            one(810),
            range(8110, 8171),
        ],
    ),
    (Brand::Naranja, &[one(589562), one(402918), one(527572)]),
    (
        Brand::Verve,
        &[
            range(506099, 506127),
            one(506129),
            range(506133, 506150),
            range(506158, 506163),
            one(506166),
            one(506168),
            one(506170),
            one(506173),
            range(506176, 506180),
            one(506184),
            range(506187, 506188),
            one(506191),
            one(506195),
            one(506197),
            range(507865, 507866),
            range(507868, 507877),
            range(507880, 507888),
            one(507900),
            one(507941),
        ],
    ),
    (
        Brand::Maestro,
        &[
            one(493698),
            range(500000, 504174),
            range(504176, 506698),
            range(506779, 508999),
            range(56, 59),
            one(6),
        ],
    ),
    (
        Brand::Elo,
        &[
            range(401178, 401179),
            one(438935),
            range(457631, 457632),
            one(431274),
            one(451416),
            one(457393),
            one(504175),
            range(506699, 506778),
            range(509000, 509999),
            one(627780),
            one(636297),
            one(636368),
            range(650031, 650033),
            range(650035, 650051),
            range(650405, 650439),
            range(650485, 650538),
            range(650541, 650598),
            range(650700, 650718),
            range(650720, 650727),
            range(650901, 650978),
            range(651652, 651679),
            range(655000, 655019),
            range(655021, 655058),
        ],
    ),
    (Brand::Mir, &[range(2200, 2204)]),
    (
        Brand::Hiper,
        &[
            one(637095),
            one(63737423),
            one(63743358),
            one(637568),
            one(637599),
            one(637609),
            one(637612),
        ],
    ),
    (Brand::Hipercard, &[one(606282)]),
];

/// The brands that a number's first two digits leave possible, a bit for each, and [`DECIDED`] if no further digit changes that.
fn after_two_digits(digits: usize) -> u16 {
    BY_TWO_DIGITS.get(digits).copied().unwrap_or(0)
}

/// Behind the bits of the brands.
const DECIDED: u16 = 1 << 15;

const BY_TWO_DIGITS: [u16; 100] = by_two_digits();

#[expect(
    clippy::as_conversions,
    clippy::indexing_slicing,
    reason = "nothing else is const, and what is wrong doesn't compile"
)]
const fn by_two_digits() -> [u16; 100] {
    let mut table = [0_u16; 100];
    // Those of which two digits are a whole pattern.
    let mut whole = [0; 100];
    let mut at = 0;
    while at < PATTERNS.len() {
        let (brand, patterns) = PATTERNS[at];
        assert!(brand.bit() == 1 << at, "not in the order of the bits");
        let mut of_brand = 0;
        while of_brand < patterns.len() {
            let Pattern { low, span, length } = patterns[of_brand];
            let width = WIDTHS[length as usize];
            let last = ((low + span as u32 + 1) * width - 1) / WIDTHS[2];
            let mut two = (low * width / WIDTHS[2]) as usize;
            while two <= last as usize {
                table[two] |= brand.bit();
                if length <= 2 {
                    whole[two] |= brand.bit();
                }
                two += 1;
            }
            of_brand += 1;
        }
        at += 1;
    }
    let mut two = 0;
    while two < 100 {
        if table[two] == whole[two] && table[two].count_ones() <= 1 {
            table[two] |= DECIDED;
        }
        two += 1;
    }
    table
}
