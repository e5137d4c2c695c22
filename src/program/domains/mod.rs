//! A domain checked because somebody asked for it: on the site, by the API, or the operator for a provider's row.
//!
//! [`Domains::start`] takes what somebody typed and gives a [`CheckId`], the secret of whoever asked. The scan waits for
//! its turn, runs by the one scanner that trials use, so that its budgets for servers are common, and is watched by
//! whoever wants to ([`Domains::follow`]). What was seen is kept in the archive, and never a judgement alone: [`Verdict`]
//! is what the rules of its time said, so that [`Changes`] can tell a change of ours from one of theirs.
//!
//! One scan serves all who ask for the domain within ten minutes. Each gets a link of its own: none learns of another's,
//! and who deletes one deletes no other. [`Outlook`] is who would not deliver there, by the models of senders.

mod budget;
mod change;
mod id;
mod outlook;
mod progress;
mod service;
mod settings;
mod verdict;

pub use crate::program::archive::ArchiveError;
pub use change::{Changed, Changes, Fact, FactChange, Way};
pub use id::{CheckId, NoCheckId};
pub use outlook::{Delivery, Group, Outlook, Reason};
pub use progress::{AddressProgress, ScanProgress, Stage, Wait};
pub use service::{Domains, Kept, Parts, Past, Refused, Scans, State};
pub use settings::Settings;
pub use verdict::{Verdict, rules};
