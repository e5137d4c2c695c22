//! Real senders at ruled cases: many of them against one service, each in a network of its own, behind a resolver that
//! validates or one that does not.

pub(crate) mod expect;
pub(crate) mod row;
pub(crate) mod run;
