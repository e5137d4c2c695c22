//! What comes in and goes out: bodies within limits, problems, and what is left of a quota.

mod named;
mod problem;
mod quota;
mod received;

pub(super) use named::Named;
pub(super) use problem::{Problem, other_method};
pub(super) use quota::{CLIENT_POLICY, DOMAIN_POLICY, KEY_POLICY, Quota};
pub(super) use received::{Unusable, read};
