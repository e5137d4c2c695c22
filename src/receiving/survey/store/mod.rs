//! Where a survey is kept: a port, so that a file and a database of several nodes can both be it.

mod error;
mod packed;
mod sqlite;
mod tables;

use std::sync::Arc;

use futures_util::future::BoxFuture;

use super::list::List;
use crate::receiving::scan::Shelf;
use crate::shared::evidence::scan::Evidence;
use crate::shared::time::Timestamp;

pub use error::StoreError;
pub use sqlite::SqliteStore;
pub use tables::SCHEMA;

/// Something that a store does.
pub type Doing<'a, T> = BoxFuture<'a, Result<T, StoreError>>;

/// What a survey is of.
#[derive(Clone, Debug)]
pub struct NewSurvey {
    /// The domains that were drawn, in the order in which they are measured.
    pub list: List,
    /// How many the whole list has.
    pub listed: usize,
    /// The sample's seed; none: the whole list.
    pub seed: Option<u64>,
    /// Whether only DNS is asked.
    pub dns_only: bool,
}

/// A survey as the store has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Begun {
    /// The names of the attributes.
    pub attributes: Vec<String>,
    /// How many domains the whole list has.
    pub listed: u64,
    /// The sample's seed; none: the whole list.
    pub seed: Option<u64>,
    pub dns_only: bool,
    pub began: Timestamp,
    pub domains: u64,
    /// How many of them were measured.
    pub ended: u64,
}

/// A domain that is to be measured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    pub place: i64,
    pub domain: String,
}

/// A domain of the survey.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Measured {
    pub place: i64,
    pub domain: String,
    pub values: Vec<String>,
    /// None: it was not begun.
    pub evidence: Option<Box<Evidence>>,
}

/// Where a survey is kept. A domain is either measured or not begun, whenever the process ends.
pub trait Store: Send + Sync {
    /// Begins a survey, or goes on with it where it was begun.
    fn begin<'a>(&'a self, survey: &'a NewSurvey, now: Timestamp) -> Doing<'a, Begun>;

    /// What is known of it.
    fn begun(&self) -> Doing<'_, Begun>;

    /// Some domains that are to be measured, which nobody else gets meanwhile; none: all are measured or given out.
    fn claim(&self, at_most: usize) -> Doing<'_, Vec<Task>>;

    /// Keeps what was seen of a domain.
    fn finish<'a>(&'a self, task: &'a Task, evidence: &'a Evidence) -> Doing<'a, ()>;

    /// Lets the domains be measured again that were measured before an instant.
    fn reopen(&self, before: Timestamp) -> Doing<'_, u64>;

    /// Some domains after a place, in their order.
    fn page(&self, after: i64, at_most: usize) -> Doing<'_, Vec<Measured>>;

    /// Writes what was put on the shelf and belongs to no domain that was finished yet.
    fn flush(&self) -> Doing<'_, ()>;

    /// Where what servers showed is kept.
    fn shelf(self: Arc<Self>) -> Arc<dyn Shelf>;
}
