//! The trials: one store, which follows the journal and which everybody asks.
//!
//! It holds the fold ([`crate::sending::history::Attribution`]) behind a lock that is held for one trial's history at a time, or for
//! so much of what leaves memory at a time; both have a limit. Listeners do not take it: what they must know of a source stands apart
//! ([`crate::sending::history::Sources`]). Which trials want to be looked at, and when, is in [`Trials::take`]; a trial can be
//! followed ([`Trials::follow`]). A trial whose verdict was told leaves memory ([`Trials::put_away`]), and is read from
//! the journal when a page asks ([`Trials::read`]).

mod schedule;
mod store;

pub use store::Trials;
