//! Observations, the links that they make up, and a trial's history as it is judged.
//!
//! An observation is a fact that a listener noted: past tense, with its time, without an opinion and without a trial.
//! Which trial it belongs to is computed by [`crate::sending::trials`].

mod link;
mod lookups;
mod observation;
mod outcome;
mod place;
mod report;
mod sender;
mod smtp;
mod trial;

pub use link::{Closing, Link, LinkState, TlsPart};
pub use lookups::{ContactsLost, FetchesLost, Lost, PolicyFetched, Queried, QueriesLost, Transport};
pub use observation::{Fact, NotRecorded, Observation, Recorder};
pub use outcome::{
    LabelsIssued, Scanned, SelfCheck, SelfChecked, TrialEnd, TrialEnded, VerdictDelivery, VerdictHandled,
};
pub use place::{Noted, Place, Seq};
pub use report::{Enclosed, ReportCame, ReportReading, ReportReceived, read_file_name};
pub use sender::{SenderDomain, Unanswerable, addressee};
pub use smtp::{
    Ending, Irregularity, LinkClosed, MessageFacts, NoReply, Offer, Phase, Received, Recipient, TlsRequired,
};
pub use trial::{Attributed, Beyond, History, Scan, SourceRecord, Strength};
