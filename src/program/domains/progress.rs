//! How far a scan is, for those who watch.

use std::net::IpAddr;

use serde::Serialize;
use tokio::sync::watch;

use crate::receiving::request::{Progress, Step};
use crate::shared::evidence::scan::Evidence;

/// How many addresses are shown: all that a scan looks at.
const ADDRESSES_MAX: usize = Evidence::MX_HOSTS_MAX * Evidence::ADDRESSES_MAX;
/// How much of a question or of a server's words is kept, in characters.
const TEXT_CHARS_MAX: usize = 200;

/// How far a check is, for those who follow it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stage {
    Waiting,
    Running(ScanProgress),
    /// It has ended, well or not: the state of the check says what came of it.
    Ended,
}

/// How far a scan is. Strangers' words are in it as they wrote them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ScanProgress {
    /// How many names were looked up so far.
    pub names: u32,
    /// The last of them, with its type.
    pub last_name: String,
    /// How many addresses are connected to; none: that is not yet known.
    pub addresses_of: Option<usize>,
    /// The addresses that were asked something, in the order in which they were first.
    pub addresses: Vec<AddressProgress>,
    /// Whether networks are being looked up.
    pub networks: bool,
}

/// How far an address is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AddressProgress {
    pub ip: IpAddr,
    /// What it is asked now, by the name of the plan's step.
    pub step: String,
    /// How many connections it took so far.
    pub connections: u32,
    /// How many it will take, as far as can be said.
    pub of: u32,
    /// Why it is left alone for a while, if it is.
    pub waits: Option<Wait>,
}

/// Why an address is left alone for a while.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Wait {
    pub seconds: u32,
    /// In the server's words.
    pub why: String,
}

impl ScanProgress {
    fn take(&mut self, step: Step) {
        match step {
            Step::Name { question } => {
                self.names = self.names.saturating_add(1);
                self.last_name = cut(&question);
            }
            Step::Servers { addresses } => self.addresses_of = Some(addresses),
            Step::Server { ip, step, connections, of } => {
                if let Some(address) = self.address(ip) {
                    *address = AddressProgress { ip, step: cut(&step), connections, of, waits: None };
                }
            }
            Step::Waiting { ip, seconds, why } => {
                if let Some(address) = self.address(ip) {
                    address.waits = Some(Wait { seconds, why: cut(&why) });
                }
            }
            Step::Networks => self.networks = true,
            Step::Idle => {}
        }
    }

    fn address(&mut self, ip: IpAddr) -> Option<&mut AddressProgress> {
        if let Some(place) = self.addresses.iter().position(|address| address.ip == ip) {
            return self.addresses.get_mut(place);
        }
        if self.addresses.len() >= ADDRESSES_MAX {
            return None;
        }
        self.addresses.push(AddressProgress { ip, step: String::new(), connections: 0, of: 0, waits: None });
        self.addresses.last_mut()
    }
}

fn cut(text: &str) -> String {
    text.chars().take(TEXT_CHARS_MAX).collect()
}

/// Tells those who watch a scan of its steps.
pub(super) struct Telling<'a>(pub(super) &'a watch::Sender<Stage>);

impl Progress for Telling<'_> {
    fn step(&self, step: Step) {
        self.0.send_modify(|stage| {
            if let Stage::Running(progress) = stage {
                progress.take(step);
            }
        });
    }
}
