//! How the journal is: whether it can be written, and whether what follows it may be trusted.

use tokio::sync::watch;

/// What is wrong with a journal.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// The last group of facts was not written. It is tried again with the next one, and passes by itself.
    #[error("the journal cannot be written: {0}")]
    NotWritten(String),
    /// The file is damaged: the next start says what to do about it.
    #[error("the journal is damaged: {0}")]
    Damaged(String),
    /// A subscriber panicked at an observation that is on disk: what it holds may not be trusted any more. A restart reads
    /// the journal anew.
    #[error("a follower of the journal panicked")]
    SubscriberPanicked,
    /// What another node wrote does not read, so that what holds it would not be whole.
    #[error("the journal cannot be followed: {0}; run the same version on all nodes")]
    NotFollowed(String),
    /// The database has less than it confirmed, or other: a standby took its place that had not all, or it was put back from
    /// a backup. What followed it may not be trusted any more.
    #[error(
        "the journal's database went back: {0}; what is gone is missing for good, and a start notes that. Let a standby \
         confirm before it takes over (`synchronous_standby_names`)"
    )]
    WentBack(String),
    /// Another process joined as this node, while this one stood still.
    #[error("another process is the node `{0}` now; give each a `node.name` of its own")]
    Replaced(String),
    /// The task that writes is gone.
    #[error("the writer of the journal panicked")]
    WriterGone,
}

impl Trouble {
    /// Whether it does not pass by itself: the service ends.
    pub fn is_lasting(&self) -> bool {
        !matches!(self, Self::NotWritten(_))
    }
}

/// The writer's end: says how the journal is.
pub(super) struct Condition(watch::Sender<Option<Trouble>>);

/// The handle's end.
#[derive(Clone)]
pub(in crate::sending::journal) struct ConditionSeen(watch::Receiver<Option<Trouble>>);

pub(super) fn condition() -> (Condition, ConditionSeen) {
    let (sender, receiver) = watch::channel(None);
    (Condition(sender), ConditionSeen(receiver))
}

impl Condition {
    /// Says what is wrong, or that nothing is; true if that was otherwise before. What lasts is not taken back.
    pub(super) fn set(&self, trouble: Option<Trouble>) -> bool {
        self.0.send_if_modified(|known| {
            let lasts = known.as_ref().is_some_and(Trouble::is_lasting);
            let will_last = trouble.as_ref().is_some_and(Trouble::is_lasting);
            let changes = !lasts && (will_last || known.is_some() != trouble.is_some());
            if !lasts {
                *known = trouble;
            }
            changes
        })
    }

    /// Whether the subscribers may be trusted.
    pub(super) fn is_trusted(&self) -> bool {
        !self.0.borrow().as_ref().is_some_and(Trouble::is_lasting)
    }
}

impl ConditionSeen {
    /// What is wrong now. The writer of a journal that was closed in order is not missed.
    pub(in crate::sending::journal) fn trouble(&self) -> Option<Trouble> {
        self.0.borrow().clone()
    }

    /// Waits for what only a restart mends, or for the end of the writer.
    pub(in crate::sending::journal) async fn lasting(mut self) -> Trouble {
        let seen = self.0.wait_for(|trouble| trouble.as_ref().is_some_and(Trouble::is_lasting)).await;
        seen.ok().and_then(|trouble| trouble.clone()).unwrap_or(Trouble::WriterGone)
    }
}
