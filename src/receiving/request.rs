//! What is to be scanned, and who watches.

use std::net::IpAddr;

use crate::shared::evidence::DkimOutcome;
use crate::shared::evidence::scan::{Connections, Depth};

/// What is to be scanned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The domain, in A-labels, in lower case, without the final dot.
    pub domain: String,
    /// The domain of MAIL FROM, where its organisational domain is another.
    pub envelope: Option<String>,
    /// The DKIM signatures of the mail received, for a trial.
    pub signatures: Option<Vec<DkimOutcome>>,
    /// Whether connections to its servers are allowed.
    pub connections: Connections,
    /// How much is asked.
    pub depth: Depth,
    /// Whether recipients are tried, too; never for a trial.
    pub intrusive: bool,
    /// Only this address of its MX hosts.
    pub only: Option<IpAddr>,
    /// The name to say in EHLO: a host name or an address literal.
    pub helo: String,
}

impl Request {
    /// Of a domain that nobody wrote from: all that decides ratings is asked, and no recipient tried.
    pub fn of(domain: String, helo: String) -> Self {
        Self {
            domain,
            envelope: None,
            signatures: None,
            connections: Connections::Allowed,
            depth: Depth::Verdict,
            intrusive: false,
            only: None,
            helo,
        }
    }
}

/// How far a scan is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// A name is looked up.
    Name { question: String },
    /// Connections to so many addresses begin.
    Servers { addresses: usize },
    /// An address is asked a further question.
    Server {
        ip: IpAddr,
        /// The plan's step.
        step: String,
        /// How many connections it took so far.
        connections: u32,
        /// How many it will take, as far as can be said.
        of: u32,
    },
    /// The scan waits before it asks an address again.
    Waiting {
        ip: IpAddr,
        /// How long, in seconds.
        seconds: u32,
        /// Why, in the server's words.
        why: String,
    },
    /// Nothing is asked of its servers for now: others are at them, or they are left alone.
    Idle,
    /// Networks are looked up.
    Networks,
}

/// Whoever watches a scan.
pub trait Progress: Send + Sync {
    /// The scan takes a step.
    fn step(&self, step: Step);
}

/// Nobody watches.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Progress for Silent {
    fn step(&self, _: Step) {}
}
