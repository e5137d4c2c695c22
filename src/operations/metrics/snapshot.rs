//! The state of a service at one instant.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::sending::journal::Figures;
use crate::shared::time::Timestamp;

use super::health::Health;
use super::process::Process;
use super::tally::Counted;

/// The state of a service at one instant, and what was counted since its start.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    /// The program's version.
    pub version: String,
    /// When this was.
    pub at: Timestamp,
    /// When the service began to serve.
    pub started: Timestamp,
    pub health: Health,
    /// The parts that live as long as the service, and whether they do.
    pub parts: BTreeMap<String, bool>,
    /// None where the system does not tell.
    pub process: Option<Process>,
    pub trials: Trials,
    /// What was counted since the start.
    pub counted: Counted,
    /// How many checks of domains wait for a place.
    pub checks_waiting: u64,
    /// None where it could not be read.
    pub outbox: Option<Outbox>,
    pub journal: Journal,
    /// The disks on which the service writes.
    pub disks: Vec<Disk>,
    pub certificates: Vec<Ending>,
    pub signatures: Vec<Ending>,
    pub log: Log,
    /// How often the clock was set while the service ran.
    pub clock_jumps: u64,
}

/// The trials, and what is remembered beside them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trials {
    pub open: u64,
    /// How many may be open.
    pub open_max: u64,
    /// Those that ended a short while ago, and are in memory.
    pub ended: u64,
    /// Those whose pages are read from the journal.
    pub past: u64,
    /// Links, questions and visits that are remembered, by their names.
    pub remembered: BTreeMap<String, u64>,
}

/// The verdicts that are to go out, and those that went.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outbox {
    pub by_state: BTreeMap<String, u64>,
    /// For how long the verdict waits that is due longest, in seconds; 0: none is due.
    pub overdue_s: u64,
}

impl Outbox {
    /// How many are yet to go out.
    pub fn waiting(&self) -> u64 {
        let states = ["pending", "claimed", "interrupted"];
        states.iter().filter_map(|state| self.by_state.get(*state)).sum()
    }
}

/// How large the journal is, and what writing to it costs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Journal {
    /// The database and the files beside it, by their kind, in octets.
    pub octets: BTreeMap<String, u64>,
    /// The largest size of the database, in octets, where there is one.
    pub octets_max: Option<u64>,
    /// Its rows by kind, counted every few minutes; none before that.
    pub rows: Option<BTreeMap<String, u64>>,
    /// What was written since the start.
    pub figures: Figures,
}

/// A disk on which the service writes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Disk {
    /// What lies there: `journal`, `site`, `operator-mail` or `verdicts`.
    pub place: String,
    /// What the service may still write, in octets.
    pub free_octets: u64,
    pub size_octets: u64,
    /// Whether it may be written at all.
    pub writable: bool,
}

/// When something ends that has to be renewed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ending {
    pub name: String,
    pub at: Timestamp,
}

/// What was logged since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Log {
    pub errors: u64,
    pub warnings: u64,
    /// Panics, also those that ended nothing but a link or a trial.
    pub panics: u64,
}
