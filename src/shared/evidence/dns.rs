//! DNS answers and their state.

use serde::{Deserialize, Serialize};

/// What validation says of an answer (RFC 4033 §5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Security {
    /// A chain of trust reaches it.
    Secure,
    /// A chain of trust proves that there is none below some point.
    Insecure,
    /// There should be a chain of trust and it is broken.
    Bogus,
    /// It could not be determined.
    Indeterminate,
}

impl Security {
    /// The weaker of two states.
    #[must_use]
    pub fn weaker(self, other: Self) -> Self {
        let rank = |security| match security {
            Self::Secure => 0,
            Self::Insecure => 1,
            Self::Indeterminate => 2,
            Self::Bogus => 3,
        };
        if rank(self) >= rank(other) { self } else { other }
    }
}
