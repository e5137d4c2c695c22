//! Where a survey is kept: a port, so that a file and a database of several nodes can both be it.

mod error;
mod packed;
mod postgres;
mod sqlite;
mod tables;

use std::sync::Arc;

use futures_util::future::BoxFuture;

use super::list::List;
use crate::receiving::places::Places;
use crate::receiving::scan::Shelf;
use crate::shared::evidence::scan::Evidence;
use crate::shared::time::Timestamp;

pub use error::StoreError;
pub use postgres::{LEASE_S, LEASE_S_MIN, PostgresStore, Worker};
pub use sqlite::SqliteStore;
pub use tables::SCHEMA;

/// How many other names of an address are looked at.
const OTHERS_MAX: i64 = 4;

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
    /// None: it was not begun, or is to be measured again and was not yet.
    pub evidence: Option<Box<Evidence>>,
}

/// What there is to be measured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claimed {
    /// These, which nobody else gets meanwhile; never none.
    Tasks(Vec<Task>),
    /// Other workers have what is left. It may come back, so ask again.
    Elsewhere,
    /// All are measured, or given out to this process.
    Nothing,
}

/// What does not end well: it ends only by failing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Never {}

/// Where a survey is kept. A domain is either measured or not begun, whenever the process ends.
pub trait Store: Send + Sync {
    /// Begins a survey, or goes on with it where it was begun.
    fn begin<'a>(&'a self, survey: &'a NewSurvey, now: Timestamp) -> Doing<'a, Begun>;

    /// What is known of it.
    fn begun(&self) -> Doing<'_, Begun>;

    /// Some domains that are to be measured.
    fn claim(&self, at_most: usize) -> Doing<'_, Claimed>;

    /// Holds what was claimed for as long as this is asked on, and fails once it cannot: then other workers may take it up,
    /// and every call is to be ended.
    fn hold(&self) -> Doing<'_, Never>;

    /// Keeps what was seen of a domain.
    fn finish<'a>(&'a self, task: &'a Task, evidence: &'a Evidence) -> Doing<'a, ()>;

    /// Gives back what was claimed and not finished.
    fn give_back(&self) -> Doing<'_, ()>;

    /// Lets the domains be measured again that were measured before an instant. The survey is then of the moment of the oldest
    /// that stays; of `now`, where none does.
    fn reopen(&self, before: Timestamp, now: Timestamp) -> Doing<'_, u64>;

    /// Forgets what servers showed before an instant.
    fn forget_servers(&self, before: Timestamp) -> Doing<'_, ()>;

    /// Some domains after a place, in their order.
    fn page(&self, after: i64, at_most: usize) -> Doing<'_, Vec<Measured>>;

    /// Some domains after a name, by the order of the octets of their names.
    fn page_by_name<'a>(&'a self, after: &'a str, at_most: usize) -> Doing<'a, Vec<Measured>>;

    /// Writes what was put on the shelf and belongs to no domain that was finished yet.
    fn flush(&self) -> Doing<'_, ()>;

    /// Ends the work on it, so that all that was kept is where the survey is named. Nothing is asked of it afterwards.
    fn close(&self) -> Doing<'_, ()>;

    /// Where what servers showed is kept; none: it was opened to be read.
    fn shelf(self: Arc<Self>) -> Option<Arc<dyn Shelf>>;

    /// What all workers on the survey share of an operator's places; none: there is one worker at a time.
    fn places(self: Arc<Self>) -> Option<Arc<dyn Places>>;
}
