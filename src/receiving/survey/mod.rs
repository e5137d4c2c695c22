//! Surveys: many domains measured once each, at the pace that their mail servers bear, and what that comes to together.
//!
//! A domain of a survey is either measured or not begun: what was seen of it is kept in one step. What was seen of a mail
//! server is kept apart, so that all domains of one operator cost its servers what one of them costs. Nothing here judges;
//! what is kept is evidence, and [`Row`] is what the rules of today make of it.

mod board;
mod diff;
mod list;
mod report;
mod row;
mod run;
mod store;
mod tally;

pub use board::{Board, Extents, Snapshot, Wait};
pub use diff::{Difference, Moved, Moves};
pub use list::{Entry, List, ListLimits, Listed, Sample};
pub use report::{Columns, Point, Report, ReportFile, Table};
pub use row::{Extent, Row, Why};
pub use run::{Measures, Run, RunError};
pub use store::{
    Begun, Claimed, Doing, LEASE_S, LEASE_S_MIN, Measured, Never, NewSurvey, PostgresStore, SCHEMA,
    SqliteStore, Store, StoreError, Task, Worker,
};
pub use tally::{COLOURS, LETTERS, SCORES, Share, Tallies, Tally};
