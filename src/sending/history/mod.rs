//! Observations, the links and trials that they make up, and the port through which listeners note.
//!
//! An observation is a fact that a listener noted: past tense, with its time, without an opinion and without
//! a trial. Which trial it belongs to is computed by [`Attribution`], which folds the journal from its first
//! line, so that the same journal always gives the same trials.

mod attribution;
mod limits;
mod link;
mod notes;
mod observation;
mod past;
mod scanned;
mod source_book;
mod trial;

pub use attribution::{Attribution, Counts, PutAway, Record};
pub use limits::{Limits, TooMany};
pub use link::{Closing, Link, LinkState, TlsPart};
pub use notes::{NotNoted, Notes};
pub use observation::{
    ContactsLost, Ending, Fact, FetchesLost, Irregularity, LinkClosed, Lost, MessageFacts, NoReply,
    Observation, Offer, Phase, PolicyFetched, Queried, QueriesLost, Received, Recipient, SelfCheck,
    SelfChecked, Seq, Transport,
};
pub use past::{Beyond, Claims, Needed, PAST_KEPT_S, Past, Place, Ties};
pub use scanned::{Scan, Scanned, ToScan};
pub use source_book::{SourceRecord, Sources};
pub use trial::{
    Attributed, History, Noted, Strength, TrialEnd, TrialEnded, VerdictDelivery, VerdictHandled,
};
