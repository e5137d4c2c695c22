//! The checks: each is one file, which its section's `mod.rs` registers in a line.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

use jiff::Timestamp;
use serde::{Serialize, Serializer};

use super::measured::{Measured, Note, Subject, Word};
use crate::shared::evidence::scan::Evidence;

/// What checks are grouped by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Category {
    /// The MX records themselves.
    Mx,
    /// Modern addresses.
    Ipv6,
    Dnssec,
    /// Sender authentication records.
    Auth,
    /// STARTTLS and TLS.
    Tls,
    Certificate,
    /// DANE, MTA-STS, TLSRPT.
    Binding,
    /// Route authorisation.
    Rpki,
    Smtp,
}

/// What one finding of a check is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    Domain,
    Mx,
    /// One address of one MX host.
    Address,
}

/// How a check measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    /// One of these words.
    Words(&'static [Word]),
    /// Things that a profile's tables rate one by one.
    Items,
    Count,
    /// The choices of a server among suites.
    Order,
}

/// What a check says of one subject.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    #[serde(rename = "id")]
    pub check: Check,
    /// What it is about.
    pub subject: Subject,
    /// What was measured.
    pub measured: Measured,
    /// Rows of technical details: names, addresses, values as they were seen. No sentences.
    pub details: Vec<String>,
    /// What was seen, in the words of the protocols, such as `MX example.net: 10 mx1.example.net (secure)`.
    pub evidence: Vec<String>,
    /// What is worth to be known beside it, whatever the rating.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<Note>,
}

/// The question of a check to the evidence: at least one finding for whatever it is about.
pub type Judgement = fn(&Evidence, Timestamp) -> Vec<Finding>;

/// All that is of one check alone. How bad what it finds is, profiles say by its identifier.
#[derive(Debug)]
pub struct Definition {
    /// Its identifier, stable.
    pub id: &'static str,
    /// What it is grouped under: the folder of its file.
    pub category: Category,
    /// What one of its findings is about.
    pub scope: Scope,
    /// How it measures.
    pub scale: Scale,
    /// internet.nl's name for it.
    pub internetnl: Option<&'static str>,
    /// What it asks of the evidence.
    pub judge: Judgement,
    /// The words at which senders cannot deliver, or those that check must not.
    pub turns_away: &'static [Word],
    /// The checks that ask for the same, or for what this one rests on: where one of them fails, it asks for nothing.
    pub answered_by: &'static [Check],
    /// What is said of it in English, as a message of Fluent without its name. The value is the title. Attributes: one
    /// per word it may give, or per level for lists (`items` are those of that level); `count` for numbers; `why` it
    /// matters; `todo` what to do; `cost` whom that may lock out. No text may claim more than was measured.
    pub en: &'static str,
    /// The same in German.
    pub de: &'static str,
    /// Lines that mend what it found, the same in every language, made to be pasted: a record, a setting, a command; an
    /// attribute says what they belong to. Paths and addresses are examples. Records whose values were measured are
    /// made by the program. Exim and OpenSSL join a line that ends in a backslash with the next one; Postfix joins one
    /// that begins with a blank with the one before.
    pub fix: &'static str,
    /// Which lines the program makes of what was measured.
    pub made: Option<Made>,
}

/// Records and settings that are made of what was measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Made {
    /// A TLSA record for each key that a host shows.
    Tlsa,
    /// The record and the policy of MTA-STS.
    MtaSts,
    Spf,
    /// The records by which foreign recipients of DMARC reports agree.
    Agreements,
}

impl Definition {
    /// Nothing yet. Who registers a check that lacks what every check has, is told so by the compiler.
    pub const BARE: Self = Self {
        id: "",
        category: Category::Mx,
        scope: Scope::Domain,
        scale: Scale::Words(&[]),
        internetnl: None,
        judge: |_, _| Vec::new(),
        turns_away: &[],
        answered_by: &[],
        en: "",
        de: "",
        fix: "",
        made: None,
    };
}

/// A check: the handle of its [`Definition`].
#[derive(Clone, Copy)]
pub struct Check(&'static Definition);

impl Check {
    /// The check that a definition makes, registered or not.
    pub const fn new(definition: &'static Definition) -> Self {
        Self(definition)
    }

    /// All that is of it alone.
    pub fn definition(self) -> &'static Definition {
        self.0
    }

    /// The identifier, stable.
    pub fn id(self) -> &'static str {
        self.0.id
    }

    /// What it is grouped under.
    pub fn category(self) -> Category {
        self.0.category
    }

    /// What one of its findings is about.
    pub fn scope(self) -> Scope {
        self.0.scope
    }

    /// How it measures.
    pub fn scale(self) -> Scale {
        self.0.scale
    }

    /// internet.nl's name for it.
    pub fn internetnl(self) -> Option<&'static str> {
        self.0.internetnl
    }
}

/// Registers the checks of a section, a line each: the file, and the name of its handle.
macro_rules! checks {
    ($($file:ident $name:ident,)+) => {
        $(mod $file;)+

        /// The checks of this section, in the order in which they are shown.
        pub(super) const CHECKS: &[$crate::receiving::checks::Check] =
            &[$($crate::receiving::checks::Check::$name),+];

        #[expect(non_upper_case_globals, reason = "names of checks")]
        impl $crate::receiving::checks::Check {
            $(
                #[doc = concat!("The check of `", stringify!($file), ".rs`.")]
                pub const $name: Self = Self::new(&$file::CHECK);
            )+
        }

        const _: () = {
            $(assert!(
                !$file::CHECK.id.is_empty() && !$file::CHECK.en.is_empty() && !$file::CHECK.de.is_empty(),
                "a check has an identifier and texts in both languages"
            );)+
        };
    };
}
pub(super) use checks;

impl PartialEq for Check {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.0, other.0)
    }
}

impl Eq for Check {}

impl Ord for Check {
    fn cmp(&self, other: &Self) -> Ordering {
        self.place().cmp(&other.place()).then_with(|| self.id().cmp(other.id()))
    }
}

impl PartialOrd for Check {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Hash for Check {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.id().hash(state);
    }
}

impl fmt::Debug for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

impl Serialize for Check {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.id())
    }
}
