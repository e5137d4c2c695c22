//! The published part for other programs: tables, documents, a feed of changes, and a badge to be hosted by whoever earned it.

mod badge;
mod document;
mod feed;
mod table;

pub use badge::{Badge, badge};
pub use document::{SCHEMA, document};
pub use feed::feed;
pub use table::table;

use crate::shared::time::Timestamp;

use super::register::{Entry, HallEntry};
use super::settings::Settings;

/// What is exported.
#[derive(Clone, Copy, Debug)]
pub struct Export<'a> {
    /// What is public, in the order of the table.
    pub entries: &'a [Entry],
    pub hall: &'a [HallEntry],
    pub settings: &'a Settings,
    /// Where the site is, without a final slash.
    pub site: &'a str,
    pub now: Timestamp,
}
