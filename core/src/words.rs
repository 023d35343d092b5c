//! Words of the API that may grow.

/// A set of words: the known ones, and `Other` with any other word as it came. The macro derives what it can, and writes how the
/// words become text and are read.
macro_rules! api_words {
    ($(#[$meta:meta])* pub enum $name:ident { $($(#[$of_word:meta])* $known:ident = $word:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
        #[cfg_attr(feature = "ts", derive(ts_rs::TS))]
        pub enum $name {
            $(
                $(#[$of_word])*
                #[serde(rename = $word)]
                $known,
            )+
            /// Another word, as it came.
            #[serde(untagged)]
            Other(
                // As `string` alone it would swallow the known words.
                #[cfg_attr(feature = "ts", ts(type = "OtherWord"))]
                String,
            ),
        }

        impl $name {
            /// The word for this value.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$known => $word,)+
                    Self::Other(word) => word,
                }
            }
        }

        impl From<&str> for $name {
            fn from(word: &str) -> Self {
                match word {
                    $($word => Self::$known,)+
                    other => Self::Other(other.to_owned()),
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                crate::json::parsed(deserializer, |word| match word {
                    "" => Err(crate::json::required("")),
                    word => Ok(Self::from(word)),
                })
            }
        }
    };
}
pub(crate) use api_words;
