//! Closed vocabularies: an enum whose values have one word each, in files, in the journal and in JSON.

/// Defines an enum, its words, and the list of all its values.
macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($(#[$value_meta:meta])* $value:ident = $word:literal,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $name { $($(#[$value_meta])* #[serde(rename = $word)] $value,)* }

        impl $name {
            /// Every value, in the order in which files and tables list them.
            pub const ALL: &'static [Self] = &[$(Self::$value,)*];

            /// The word for it in files and in JSON.
            pub fn word(self) -> &'static str {
                match self { $(Self::$value => $word,)* }
            }
        }
    };
}

pub(crate) use words;
