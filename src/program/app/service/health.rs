//! What the service knows of itself.

use std::sync::{Arc, Mutex};

use crate::program::app::Clock;
use crate::program::app::supervision::Supervision;
use crate::program::site::Health;
use crate::sending::history::{Fact, Observation, SelfChecked};
use crate::sending::identities::Identities;
use crate::sending::journal::{Journal, Subscriber, lock};
use crate::shared::time::Timestamp;

/// The last self-check, as the journal has it.
#[derive(Default)]
pub(super) struct LastSelfCheck(Mutex<Option<(Timestamp, SelfChecked)>>);

impl Subscriber for LastSelfCheck {
    fn committed(&self, observation: &Observation) {
        if let Fact::SelfChecked(checked) = &observation.fact {
            *lock(&self.0) = Some((observation.at, checked.clone()));
        }
    }
}

impl LastSelfCheck {
    pub(super) fn last(&self) -> Option<(Timestamp, SelfChecked)> {
        lock(&self.0).clone()
    }
}

/// What the service knows of itself.
pub(super) struct Condition {
    pub(super) checked: Arc<LastSelfCheck>,
    pub(super) supervision: Supervision,
    pub(super) journal: Arc<Journal>,
    pub(super) identities: Arc<Identities>,
    pub(super) clock: Clock,
}

impl Health for Condition {
    fn last_self_check(&self) -> Option<(Timestamp, SelfChecked)> {
        self.checked.last()
    }

    fn trouble(&self) -> Option<String> {
        let died = self.supervision.trouble().map(|trouble| trouble.to_string());
        died.or_else(|| self.journal.trouble().map(|trouble| trouble.to_string()))
    }

    fn warnings(&self) -> Vec<String> {
        expiry_warnings(&self.identities, (self.clock)())
    }
}

/// What is to be said of certificates that end soon, in words.
pub(in crate::program::app) fn expiry_warnings(identities: &Identities, now: Timestamp) -> Vec<String> {
    let told = |(name, ends): (String, Timestamp)| {
        let days = (ends.as_second() - now.as_second()).div_euclid(86_400);
        let left = match days {
            ..0 => "has ended".to_owned(),
            0 => "ends today".to_owned(),
            1 => "ends tomorrow".to_owned(),
            days => format!("ends in {days} days"),
        };
        let day = ends.strftime("%Y-%m-%d %H:%M UTC");
        format!(
            "the certificate for {name} {left} ({day}): see why it was not renewed; files are read again within the \
             hour"
        )
    };
    identities.ending_soon(now).into_iter().map(told).collect()
}
