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
