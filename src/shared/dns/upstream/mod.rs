//! Where answers come from before they are validated, and what goes wrong with them.

mod cache;
pub(super) mod exchange;
mod forwarder;
mod name_servers;
mod own;
mod referral;

use super::lookup::Asking;
use super::question::Question;
use crate::shared::evidence::scan::{Broken, DnsLimit, ExtendedError, NameFailure};

pub(super) use cache::Cached;
pub(super) use forwarder::Forwarder;
pub(super) use name_servers::NameServers;
pub use own::KnownZones;
pub(super) use own::OwnZones;
pub use referral::Referral;

/// A failure, and what is known of a broken chain of trust.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) failure: NameFailure,
    pub(super) broken: Option<Broken>,
    /// Whether the keys of the trust anchor can be had and are sound. If they are not, nothing validates from here,
    /// which is no fault of the name's.
    pub(super) anchored: bool,
    pub(super) extended_errors: Vec<ExtendedError>,
}

impl From<NameFailure> for Box<Fault> {
    fn from(failure: NameFailure) -> Self {
        Self::new(Fault { failure, broken: None, anchored: true, extended_errors: Vec::new() })
    }
}

impl From<DnsLimit> for Box<Fault> {
    fn from(limit: DnsLimit) -> Self {
        NameFailure::OurLimit { limit }.into()
    }
}

/// A failure by what a server said, or what is wrong with it.
pub(super) fn failed(reason: impl Into<String>) -> NameFailure {
    NameFailure::ServerFailure { reason: reason.into() }
}

/// How much of the text of an extended error is kept, in characters.
const TEXT_CHARS_MAX: usize = 128;

/// A text of others, cut.
pub(super) fn cut(text: &[u8]) -> String {
    String::from_utf8_lossy(text).chars().take(TEXT_CHARS_MAX).collect()
}

/// Where answers come from, before validation.
pub(super) trait Upstream: Send + Sync {
    /// The answer to a question, as it came: with signatures, unjudged.
    fn ask(&self, question: Question) -> Asking<'_, Result<Vec<u8>, NameFailure>>;

    /// Asks whoever answered a question after others of its zone, because the answer was found bogus. `times`: how
    /// often that was done for this question already. Gives what came from there and has to be asked for again;
    /// nothing: there are no others, or enough of them were asked.
    fn demote_source(&self, _: &Question, _times: usize) -> Vec<Question> {
        Vec::new()
    }

    /// What it says beside an answer that it finds bogus itself (RFC 8914). Not every one does.
    fn explain(&self, _: Question) -> Asking<'_, Vec<ExtendedError>> {
        Box::pin(async { Vec::new() })
    }
}
