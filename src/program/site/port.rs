//! What the site asks for.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use tokio::sync::watch;

use crate::operations::metrics;
use crate::sending::history::{SelfChecked, Seq};
use crate::sending::trial::TrialId;
use crate::shared::text::{Language, Tone};
use crate::shared::time::Timestamp;

/// How far a trial is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// It waits for evidence; its page shows the steps.
    Running,
    /// The answer is there, and the sender's domain is still being checked.
    Answered,
    /// Nothing more is to come.
    Finished,
}

impl Stage {
    /// Its name in addresses.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Answered => "answered",
            Self::Finished => "finished",
        }
    }
}

/// A report as it stands in a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// What it says in one line.
    pub title: String,
    /// The answer as HTML, escaped where it must be; empty while the trial runs.
    pub html: String,
    pub language: Language,
    pub stage: Stage,
    /// Whose mail it is about, and when it came; while the trial runs.
    pub about: String,
    /// What happened so far, in order; while the trial runs.
    pub steps: Vec<Step>,
    /// What is still awaited, and until when; a sentence each.
    pub awaited: Vec<String>,
}

/// Something that happened in a trial.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The place of the last observation that it rests on.
    pub seq: Seq,
    pub kind: StepKind,
    /// Its number among those of its kind, from 1. Kind and number name a step for good.
    pub number: usize,
    pub at: Timestamp,
    pub tone: Tone,
    /// What we did, what the sender did, and what follows.
    pub did: String,
    pub seen: String,
    pub follows: String,
}

/// What a step is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StepKind {
    Link,
    Question,
    Fetch,
    Silence,
}

/// A form in which a result is downloaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Json,
    /// The verdict's mail, without the address that it goes to.
    Mail,
}

/// A downloaded result, or that there is none yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Document {
    Whole(Vec<u8>),
    /// The trial still runs, and has no verdict.
    NotYet,
    /// There is no such trial, or it cannot be read now.
    Unknown,
}

/// What became of the wish to delete a trial.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deleted {
    Gone,
    /// Its verdict was not told yet.
    NotYet,
    Unknown,
    /// That could not be written now.
    Failed,
}

/// What became of the wish to be told of the TLS reports about a trial.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    Kept,
    /// It was wished before: nobody is told twice.
    Before,
    /// The address is not that of the trial's sender, or nobody vouches for that.
    NotSender,
    Unknown,
    /// That could not be written now.
    Failed,
}

/// A result beside an earlier one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// What each says; only where both are about mail of the same domain, which somebody vouched for.
    Both {
        /// When the earlier mail came, and the later one.
        times: [Timestamp; 2],
        /// What both were judged by, the same first of all: their answers in one line.
        lines: Vec<Difference>,
    },
    /// The other one is about mail of another domain, or nobody vouched for one of them.
    OtherSender,
    /// One of both still runs.
    NotYet,
    /// There is no such trial.
    Unknown,
}

/// What two results say of the same thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    pub what: String,
    pub before: String,
    pub now: String,
}

/// What is being looked for.
pub type Asked<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Where trials come from.
pub trait Results: Send + Sync {
    /// The report on a trial as it is now, if there is such a trial, in `language` or else in that of its mail. It is made
    /// once for each state, whoever asks.
    fn report<'a>(&'a self, trial: &'a TrialId, language: Option<Language>)
    -> Asked<'a, Option<Arc<Report>>>;

    /// Tells when the report may have changed; closed when there is no such trial any more. None where too many follow.
    fn follow(&self, trial: &TrialId) -> Option<watch::Receiver<Seq>>;

    /// A finished trial's verdict as a file.
    fn document<'a>(&'a self, trial: &'a TrialId, format: Format) -> Asked<'a, Document>;

    /// Keeps the wish of a trial's sender, who names his address, to be told of the TLS reports about it.
    fn want_postscript<'a>(&'a self, _trial: &'a TrialId, _address: &'a str) -> Asked<'a, Wanted> {
        Box::pin(async { Wanted::Unknown })
    }

    /// Deletes a trial.
    fn delete<'a>(&'a self, trial: &'a TrialId) -> Asked<'a, Deleted>;

    /// A trial beside an earlier one.
    fn compare<'a>(
        &'a self,
        trial: &'a TrialId,
        earlier: &'a TrialId,
        language: Language,
    ) -> Asked<'a, Comparison>;
}

/// What the service knows of itself.
pub trait Health: Send + Sync {
    /// The last self-check and its time; none before the first has ended.
    fn last_self_check(&self) -> Option<(Timestamp, SelfChecked)>;

    /// What keeps it from doing its work, in a sentence; none while nothing does.
    fn trouble(&self) -> Option<String>;

    /// Whether only a new start mends that.
    fn is_lasting(&self) -> bool {
        false
    }

    /// What will keep it from that unless somebody does something, such as a certificate that ends soon; a sentence each.
    fn warnings(&self) -> Vec<String> {
        Vec::new()
    }

    /// All of it.
    fn health(&self) -> metrics::Health {
        metrics::Health {
            trouble: self.trouble(),
            is_lasting: self.is_lasting(),
            warnings: self.warnings(),
            last: self.last_self_check(),
        }
    }
}
