//! What the service knows of itself.

use std::sync::Arc;

use parking_lot::Mutex;

use crate::program::app::supervision::{Supervision, TROUBLE_ADVICE};
use crate::program::app::{Clock, parts};
use crate::program::site::Health;
use crate::sending::history::{Fact, Observation, SelfChecked};
use crate::sending::identities::Identities;
use crate::sending::journal::{Journal, Subscriber};
use crate::shared::time::Timestamp;

use super::rounds::Rounds;

/// The last self-check, as the journal has it.
#[derive(Default)]
pub(in crate::program::app::service) struct LastSelfCheck(Mutex<Option<(Timestamp, SelfChecked)>>);

impl Subscriber for LastSelfCheck {
    fn committed(&self, observation: &Observation) {
        if let Fact::SelfChecked(checked) = &observation.fact {
            *self.0.lock() = Some((observation.at, checked.clone()));
        }
    }
}

impl LastSelfCheck {
    pub(in crate::program::app::service) fn last(&self) -> Option<(Timestamp, SelfChecked)> {
        self.0.lock().clone()
    }
}

/// What the service knows of itself.
pub(in crate::program::app::service) struct Condition {
    pub(in crate::program::app::service) checked: Arc<LastSelfCheck>,
    pub(in crate::program::app::service) supervision: Supervision,
    pub(in crate::program::app::service) journal: Arc<Journal>,
    pub(in crate::program::app::service) identities: Arc<Identities>,
    pub(in crate::program::app::service) rounds: Arc<Rounds>,
    pub(in crate::program::app::service) clock: Clock,
}

impl Health for Condition {
    fn last_self_check(&self) -> Option<(Timestamp, SelfChecked)> {
        self.checked.last()
    }

    fn trouble(&self) -> Option<String> {
        let died = self.supervision.trouble().map(|trouble| format!("{trouble}; {TROUBLE_ADVICE}"));
        let journal = || self.journal.trouble().map(|trouble| trouble.to_string());
        died.or_else(journal).or_else(|| self.rounds.trouble())
    }

    fn is_lasting(&self) -> bool {
        let journal = || self.journal.trouble().is_some_and(|trouble| trouble.is_lasting());
        self.supervision.trouble().is_some() || journal()
    }

    fn warnings(&self) -> Vec<String> {
        let mut warnings = parts::expiry_warnings(&self.identities, (self.clock)());
        warnings.extend(self.rounds.warnings());
        warnings
    }
}
