//! Named sets of suites that rules may ask for.

use serde::Deserialize;

use crate::receiving::checks::{Column, Item, Level, Suite, Tables};

/// A set of suites, by what the tables say of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Set {
    /// NIST SP 800-52 Rev. 1: shall, should or may be offered.
    NistR1,
    /// NIST SP 800-52 Rev. 2: recommended.
    NistR2,
    /// BSI TR-02102-2: recommended.
    Bsi,
    /// Of these the forward-secret ones.
    BsiForwardSecret,
    /// Forward-secret.
    ForwardSecret,
    /// Forward-secret, and the cipher authenticates.
    ForwardSecretAead,
    /// Weak, as LuxSci says it: export, without encryption or authentication, RC2, RC4, DES, 3DES, IDEA, SEED, MD5;
    /// all of SSL 2.0.
    Weak,
}

impl Set {
    /// Whether an item is in it.
    pub fn contains(self, item: &Item, tables: &Tables) -> bool {
        match item {
            Item::Suite(code) => tables.suite(*code).is_some_and(|suite| self.has(suite)),
            Item::Ssl2(_) => self == Self::Weak,
            _ => false,
        }
    }

    fn has(self, suite: &Suite) -> bool {
        let bsi = || suite.level(Column::Bsi) == Level::Good;
        match self {
            Self::NistR1 => suite.nist_r1(),
            Self::NistR2 => suite.nist_r2(),
            Self::Bsi => bsi(),
            Self::BsiForwardSecret => bsi() && suite.fs,
            Self::ForwardSecret => suite.fs,
            Self::ForwardSecretAead => suite.fs && suite.aead,
            Self::Weak => !suite.weak.is_empty(),
        }
    }
}
