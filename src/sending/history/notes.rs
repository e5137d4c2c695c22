//! The port through which listeners note what they see. The journal's writer is behind it.

use std::future::Future;
use std::pin::Pin;

use crate::shared::time::Timestamp;

use super::{Fact, Seq};

/// Why a fact is not in the journal: the disk is full, or the writer is gone. The mail that hangs on it is
/// answered with a transient code.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not noted: {0}")]
pub struct NotNoted(pub String);

/// Where facts go.
pub trait Notes: Send + Sync {
    /// Notes a fact without waiting. When the queue is full the fact is dropped and counted: facts that
    /// nothing durable hangs on are not worth stopping a listener for.
    fn note(&self, at: Timestamp, fact: Fact);

    /// Notes a fact and returns when it is on disk.
    fn commit(
        &self,
        at: Timestamp,
        fact: Fact,
    ) -> Pin<Box<dyn Future<Output = Result<Seq, NotNoted>> + Send + '_>>;
}
