//! HTTPS fetches, by us or of us.

use serde::{Deserialize, Serialize};

/// A GET over HTTPS that we made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fetch {
    /// What was asked for.
    pub url: String,
    /// What came of it.
    pub outcome: FetchOutcome,
}

/// What came of a fetch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum FetchOutcome {
    /// An answer, whatever its status.
    Answered {
        /// The HTTP status.
        status: u16,
        /// The media type, as sent.
        content_type: Option<String>,
        /// The body, cut at the limit of the fetch.
        body: String,
        /// Whether the body was longer than the limit.
        cut: bool,
        /// Where a redirect leads, as sent; it was not followed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        location: Option<String>,
    },
    /// No connection, or it broke.
    Unreachable {
        /// In the words of the system.
        reason: String,
    },
    TlsFailed {
        /// In rustls' words.
        reason: String,
    },
    /// The time was over.
    TimedOut,
}
