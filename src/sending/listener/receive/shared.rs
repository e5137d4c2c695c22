//! What all links share.

use std::sync::Arc;

use crate::sending::history::Recorder;
use crate::sending::identities::Identities;
use crate::sending::listener::port::Desk;
use crate::sending::listener::rules::Rules;
use crate::sending::persona::Addresses;
use crate::shared::time::Timestamp;

use super::budget::Budget;
use super::withheld::Withheld;

/// What time it is, from the roof.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// What all links share.
pub(super) struct Shared {
    pub(super) rules: Rules,
    pub(super) addresses: Addresses,
    pub(super) identities: Arc<Identities>,
    pub(super) desk: Arc<dyn Desk>,
    pub(super) recorder: Arc<dyn Recorder>,
    pub(super) clock: Clock,
    pub(super) budget: Arc<Budget>,
    pub(super) withheld: Withheld,
}
