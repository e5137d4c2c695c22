//! The trials: one store, which follows the journal and which everybody asks.
//!
//! It holds the projection ([`Attribution`]), which computes from the journal's first line which trial an
//! observation belongs to, so that the same journal always gives the same trials. The projection is behind a lock
//! that is held for one trial's history at a time, or for so much of what leaves memory at a time; both have a
//! limit. Listeners do not take it: what they must know of a source stands apart. Which trials want to be looked
//! at, and when, is in [`Trials::take`]; a trial can be followed ([`Trials::follow`]). A trial whose verdict was
//! told leaves memory ([`Trials::put_away`]), and is read from the journal when a page asks ([`Trials::read`]).
//! [`Reviewer`] looks at trials that new evidence touches, or whose time has come, and ends those of which
//! [`crate::sending::verdict::progress`] says so.

mod archive;
mod attribution;
mod handful;
mod labels;
mod limits;
mod review;
mod schedule;
mod source_book;
mod store;
mod ties;

pub use archive::{Away, Record};
pub use attribution::{Attribution, Counts};
pub use labels::{Issuer, Labels, Wanted};
pub use limits::{Limits, TooMany};
pub use review::{Judge, ReviewSettings, Reviewed, Reviewer};
pub use source_book::Sources;
pub use store::{Erased, Trials};
