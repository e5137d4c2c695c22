//! Labels: which trial the names of ruled cases belong to that carry one.
//!
//! A *free* label is anybody's who sends to it first, and leads to the trial that is named after it. A label of the *pool* is
//! public: it is leased, case by case, to one trial, and rests after that until no sender can keep a policy of it any more.
//! Whoever answers for the names of cases asks here how far a trial is, and waits for nothing else.

mod book;
mod issue;
mod spent;

pub(super) use book::LabelBook;
pub use book::Labels;
pub use issue::{Issuer, Wanted};
pub(super) use spent::Spent;

use crate::sending::persona::CaseId;
use crate::sending::trial::Label;

/// What ties evidence to a trial: a free label, whatever the case, or one of the pool at one case.
pub(super) type Key = (Label, Option<CaseId>);

/// What a name of a case with a label is found by.
pub(super) fn key_of(case: &CaseId, label: &Label) -> Key {
    (label.clone(), label.is_of_pool().then(|| case.clone()))
}
