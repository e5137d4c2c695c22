//! How far each lineage is: one file, written whole, so that a crash leaves it before a step or behind it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The version of the file's form.
pub(super) const VERSION: u32 = 1;

/// All lineages, as the file has them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PoolState {
    /// The version of this form.
    pub version: u32,
    /// The lineages; the first one has every name that the tests need.
    pub lineages: Vec<Lineage>,
}

impl Default for PoolState {
    fn default() -> Self {
        Self { version: VERSION, lineages: Vec::new() }
    }
}

/// Names that are shown together, with the keys that they had, have and will have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lineage {
    /// Its number, from one.
    pub number: u32,
    /// The names that its next certificate is to have.
    pub names: Vec<String>,
    /// The number of the key that is shown.
    pub key: u32,
    /// The key that is to come, while one is planned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<NextKey>,
    /// The key that was shown before, as long as resolvers may still remember its TLSA record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub former: Option<FormerKey>,
    /// When the CA wants the certificate renewed (RFC 9773), as far as it said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<Window>,
    /// What went wrong last, until an order succeeds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub setback: Option<Setback>,
    /// Whether the operator wants the certificate renewed whatever its end.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub renewal_wanted: bool,
}

impl Lineage {
    /// A lineage without certificates.
    pub fn new(number: u32, names: Vec<String>) -> Self {
        Self {
            number,
            names,
            key: 1,
            next: None,
            former: None,
            window: None,
            setback: None,
            renewal_wanted: false,
        }
    }
}

/// A key that is to come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NextKey {
    /// Its number.
    pub key: u32,
    /// Since when its TLSA record is served beside the present one; none before it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published: Option<Timestamp>,
}

/// A key that is shown no more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FormerKey {
    /// Its number.
    pub key: u32,
    /// When the other took its place.
    pub replaced: Timestamp,
}

/// What the CA says of when to renew (RFC 9773 §4.2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Window {
    /// From when to when; none where the CA says nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suggested: Option<(Timestamp, Timestamp)>,
    /// When the certificate ends that it is about: another has a window of its own.
    pub of_end: Timestamp,
    /// When to ask again.
    pub ask_again: Timestamp,
}

/// What went wrong, and when to try again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Setback {
    /// How many attempts in a row failed.
    pub failures: u32,
    /// When the last one did.
    pub at: Timestamp,
    /// Before this nothing is tried.
    pub not_before: Timestamp,
    /// Why, and what to do.
    pub reason: String,
}
