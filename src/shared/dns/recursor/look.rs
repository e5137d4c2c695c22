//! What one question may cost others, and why it ends without an answer.

use std::net::IpAddr;
use std::sync::atomic::{AtomicUsize, Ordering};

use hickory_proto::op::Message;
use hickory_proto::rr::Name;

use crate::shared::evidence::scan::{DnsLimit, NameFailure};

/// How many questions are sent for one question, to all servers together; each may be sent twice. A referral to
/// very many names would else make us ask a stranger's servers for all of them (CVE-2020-8616, "NXNSAttack").
pub(super) const QUESTIONS_MAX: usize = 64;
/// How deep name servers' addresses are looked for whose own servers' addresses have to be looked for.
pub(super) const GLUELESS_DEPTH_MAX: usize = 5;
/// How many times name servers' addresses are looked for, for one question. What is remembered costs no question, and
/// yet work: delegations that name each other's servers are a tree.
pub(super) const HOSTS_MAX: usize = 128;
/// How many reasons of servers are told.
const REASONS_MAX: usize = 3;

/// What a question has cost so far.
#[derive(Default)]
pub(super) struct Allowance {
    questions: AtomicUsize,
    hosts: AtomicUsize,
}

impl Allowance {
    /// Asks whether one more question may be sent.
    pub(super) fn take(&self) -> Result<(), Halt> {
        match self.questions.fetch_add(1, Ordering::Relaxed) < QUESTIONS_MAX {
            true => Ok(()),
            false => Err(Halt::Limit(DnsLimit::Questions)),
        }
    }
}

/// A question on its way.
#[derive(Clone)]
pub(super) struct Look<'a> {
    /// What all of it may cost.
    pub(super) allowance: &'a Allowance,
    /// The name servers whose addresses are being looked for, each for the sake of the one before.
    pub(super) hosts: Vec<Name>,
}

impl<'a> Look<'a> {
    pub(super) fn new(allowance: &'a Allowance) -> Self {
        Self { allowance, hosts: Vec::new() }
    }

    /// The look for the addresses of `host`, for the sake of this one. None: it is being looked for already.
    pub(super) fn inside(&self, host: &Name) -> Result<Option<Self>, Halt> {
        if self.allowance.hosts.fetch_add(1, Ordering::Relaxed) >= HOSTS_MAX {
            return Err(Halt::Limit(DnsLimit::Questions));
        }
        if self.hosts.contains(host) {
            return Ok(None);
        }
        if self.hosts.len() >= GLUELESS_DEPTH_MAX {
            return Err(Halt::Limit(DnsLimit::Glueless));
        }
        let hosts = self.hosts.iter().chain([host]).cloned().collect();
        Ok(Some(Self { allowance: self.allowance, hosts }))
    }
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Halt {
    /// It would cost more than we spend.
    Limit(DnsLimit),
    /// No root server answers.
    NoRoot(String),
    /// No server of a zone answers as it should.
    Failed {
        reason: String,
        /// Whether none said anything in time.
        silent: bool,
    },
}

impl From<Halt> for NameFailure {
    fn from(halt: Halt) -> Self {
        match halt {
            Halt::Limit(limit) => Self::OurLimit { limit },
            Halt::NoRoot(reason) => Self::NoRoot { reason },
            Halt::Failed { silent: true, .. } => Self::Timeout,
            Halt::Failed { reason, .. } => Self::ServerFailure { reason },
        }
    }
}

/// What a server did instead of answering.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// Nothing in time.
    Silent,
    /// It cannot be reached, or must not be called.
    Unreachable(String),
    /// It said what is no answer.
    Said(String),
}

/// What came of the servers of a zone.
#[derive(Default)]
pub(super) struct Tally {
    /// Whom we asked, or may not ask.
    pub(super) tried: Vec<IpAddr>,
    /// How many of them were asked.
    pub(super) asked: usize,
    /// Those of them that said nothing in time.
    pub(super) silent: Vec<IpAddr>,
    /// Those that failed.
    pub(super) failing: Vec<IpAddr>,
    refusals: Vec<(String, Refusal)>,
    /// An answer that others might give better, the first that came.
    pub(super) weak: Option<Message>,
    /// How many such answers came.
    pub(super) weak_answers: usize,
    /// What kept us from asking for all.
    pub(super) beyond: Option<DnsLimit>,
}

impl Tally {
    pub(super) fn refuse(&mut self, by: String, refusal: Refusal) {
        self.refusals.push((by, refusal));
    }

    /// Whether any server said anything at all.
    pub(super) fn was_answered(&self) -> bool {
        self.refusals.iter().any(|(_, refusal)| matches!(refusal, Refusal::Said(_)))
    }

    /// What all of them did: what was said first.
    pub(super) fn halt(self) -> Halt {
        if let Some(limit) = self.beyond {
            return Halt::Limit(limit);
        }
        let mut refusals = self.refusals;
        let silent = !refusals.is_empty() && refusals.iter().all(|(_, refusal)| *refusal == Refusal::Silent);
        refusals.sort_by_key(|(_, refusal)| !matches!(refusal, Refusal::Said(_)));
        let reasons = refusals.iter().take(REASONS_MAX).map(|(by, refusal)| match refusal {
            Refusal::Silent => format!("{by}: no answer in time"),
            Refusal::Unreachable(words) | Refusal::Said(words) => format!("{by}: {words}"),
        });
        let reason = reasons.collect::<Vec<_>>().join("; ");
        let reason = if reason.is_empty() { "the zone names no server".to_owned() } else { reason };
        Halt::Failed { reason, silent }
    }
}
