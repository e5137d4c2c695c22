//! What is counted since the start. It follows the journal, so that nothing is counted that is not noted.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::Mutex;
use serde::{Deserialize, Serialize};

use crate::sending::history::{Fact, Observation, PolicyFetched, TrialEnd, VerdictDelivery};
use crate::sending::journal::Subscriber;
use crate::sending::persona::PersonaId;
use crate::sending::trial::LinkId;
use crate::shared::evidence::Handshake;

/// How many links are followed to their end at a time; of more, those that began first are counted as they are.
const PASSING_LINKS_MAX: usize = 4_096;

/// The types of questions that are told apart.
const TYPES: [&str; 16] = [
    "A", "AAAA", "ANY", "CAA", "CDS", "CNAME", "DNSKEY", "DS", "HTTPS", "MX", "NS", "NSEC", "PTR", "SOA",
    "TLSA", "TXT",
];
/// The answers that are told apart.
const ANSWERS: [&str; 6] = ["NOERROR", "NXDOMAIN", "REFUSED", "SERVFAIL", "FORMERR", "NOTIMP"];
/// What stands for all others.
const OTHER: &str = "other";

/// Numbers by two names.
pub(super) type ByTwo = BTreeMap<String, BTreeMap<String, u64>>;

/// What was counted since the start.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counted {
    /// Links that ended, by persona and outcome.
    pub links: BTreeMap<String, BTreeMap<String, u64>>,
    /// Questions to DNS that were noted, by type and answer.
    pub questions: BTreeMap<String, BTreeMap<String, u64>>,
    /// Visits to the policy host by outcome.
    pub fetches: BTreeMap<String, u64>,
    pub trials_opened: u64,
    /// Trials that ended, by the way they did.
    pub trials_ended: BTreeMap<String, u64>,
    /// What became of verdicts.
    pub verdicts: BTreeMap<String, u64>,
    /// Scans of senders' domains.
    pub scans: u64,
}

impl Counted {
    /// Nothing yet. What may come is there with a zero, so that a rate begins with the first.
    fn new() -> Self {
        let zeros = |names: &[&str]| names.iter().map(|name| ((*name).to_owned(), 0)).collect();
        Self {
            fetches: zeros(&["policy", "other-status", "no-request"]),
            trials_ended: zeros(&["settled", "expired", "unjudged"]),
            verdicts: zeros(&["sent", "withheld", "failed"]),
            ..Self::default()
        }
    }

    /// The links of all personas that came to this outcome.
    pub fn links_that(&self, outcome: &str) -> u64 {
        self.links.values().filter_map(|outcomes| outcomes.get(outcome)).sum()
    }
}

/// Counts what happens.
#[derive(Debug, Default)]
pub struct Tally {
    /// What is replayed was counted when it happened.
    begun: AtomicBool,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    counted: Counted,
    passing: BTreeMap<LinkId, Passing>,
}

impl Default for State {
    fn default() -> Self {
        Self { counted: Counted::new(), passing: BTreeMap::new() }
    }
}

/// A link that has not ended.
#[derive(Debug, Default)]
struct Passing {
    persona: Option<PersonaId>,
    /// Whether a handshake completed, once one ended.
    tls: Option<bool>,
    mail: bool,
    /// The code that the last message was answered with.
    code: Option<u16>,
}

impl Passing {
    fn outcome(&self) -> &'static str {
        match (self.code, self.mail, self.tls) {
            (Some(200..300), ..) => "acknowledged",
            (Some(451), ..) => "held",
            (Some(_), ..) => "refused",
            (None, true, _) => "broken-off",
            (None, false, Some(true)) => "left-in-tls",
            (None, false, Some(false)) => "tls-failed",
            (None, false, None) => "left-in-clear",
        }
    }
}

impl Tally {
    /// The replay is over.
    pub fn begin(&self) {
        self.begun.store(true, Ordering::Relaxed);
    }

    /// A trial was opened, which no observation says by itself.
    pub fn trial_opened(&self) {
        self.state.lock().counted.trials_opened += 1;
    }

    /// What was counted so far.
    pub fn counted(&self) -> Counted {
        self.state.lock().counted.clone()
    }
}

impl Subscriber for Tally {
    fn committed(&self, observation: &Observation) {
        if self.begun.load(Ordering::Relaxed) {
            self.state.lock().note(&observation.fact);
        }
    }
}

impl State {
    fn note(&mut self, fact: &Fact) {
        let counted = &mut self.counted;
        match fact {
            Fact::Queried(queried) => {
                let known =
                    |name: &str, names: &[&'static str]| names.iter().find(|one| **one == name).copied();
                let rtype = known(&queried.rtype, &TYPES).unwrap_or(OTHER);
                let answer = known(&queried.rcode, &ANSWERS).unwrap_or(OTHER);
                add_of(&mut counted.questions, rtype, answer);
            }
            Fact::PolicyFetched(fetched) => add(&mut counted.fetches, fetch(fetched)),
            Fact::TrialEnded(ended) => {
                let how = match ended.end {
                    TrialEnd::Settled => "settled",
                    TrialEnd::Expired => "expired",
                    TrialEnd::Unjudged => "unjudged",
                };
                add(&mut counted.trials_ended, how);
            }
            Fact::VerdictHandled(handled) => {
                let what = match handled.delivery {
                    VerdictDelivery::Sent { .. } => "sent",
                    VerdictDelivery::Withheld { .. } => "withheld",
                    VerdictDelivery::Failed { .. } => "failed",
                };
                add(&mut counted.verdicts, what);
            }
            Fact::Scanned(_) => counted.scans += 1,
            fact => self.follow(fact),
        }
    }

    /// Follows a link to its end.
    fn follow(&mut self, fact: &Fact) {
        if let Fact::LinkOpened { link, persona, .. } = fact {
            if self.passing.len() >= PASSING_LINKS_MAX
                && let Some((_, oldest)) = self.passing.pop_first()
            {
                self.count(&oldest);
            }
            self.passing.insert(*link, Passing { persona: persona.clone(), ..Passing::default() });
            return;
        }
        let Some(link) = fact.link() else { return };
        if matches!(fact, Fact::LinkClosed(_)) {
            if let Some(passing) = self.passing.remove(&link) {
                self.count(&passing);
            }
            return;
        }
        let Some(passing) = self.passing.get_mut(&link) else { return };
        match fact {
            Fact::HelloSeen { persona: Some(persona), .. } => passing.persona = Some(persona.clone()),
            Fact::HandshakeEnded { handshake, .. } => {
                passing.tls = Some(matches!(handshake, Handshake::Completed(_)));
            }
            Fact::Received(_) => passing.mail = true,
            Fact::Answered { code, .. } => passing.code = Some(*code),
            _ => {}
        }
    }

    fn count(&mut self, passing: &Passing) {
        let persona = passing.persona.as_ref().map_or("none", |persona| persona.0.as_str());
        add_of(&mut self.counted.links, persona, passing.outcome());
    }
}

fn fetch(fetched: &PolicyFetched) -> &'static str {
    match fetched.status {
        Some(200) => "policy",
        Some(_) => "other-status",
        None => "no-request",
    }
}

fn add(counts: &mut BTreeMap<String, u64>, name: &str) {
    match counts.get_mut(name) {
        Some(count) => *count += 1,
        None => drop(counts.insert(name.to_owned(), 1)),
    }
}

fn add_of(counts: &mut ByTwo, first: &str, second: &str) {
    match counts.get_mut(first) {
        Some(counts) => add(counts, second),
        None => drop(counts.insert(first.to_owned(), BTreeMap::from([(second.to_owned(), 1)]))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sending::history::{LinkClosed, Queried, Seq, Transport};
    use crate::shared::evidence::Party;
    use crate::shared::time::Timestamp;

    fn tell(tally: &Tally, fact: Fact) {
        tally.committed(&Observation { seq: Seq(1), at: Timestamp::UNIX_EPOCH, fact });
    }

    fn open(link: u64, persona: &str) -> Fact {
        let (source, local) =
            ("192.0.2.1:1".parse().expect("an address"), "192.0.2.25:25".parse().expect("an address"));
        Fact::LinkOpened {
            link: LinkId(link),
            source,
            local,
            persona: Some(PersonaId::from(persona)),
            entrance: None,
        }
    }

    fn closed(link: u64) -> Fact {
        Fact::LinkClosed(LinkClosed { link: LinkId(link), by: Party::Sender, quit: true, alert: None })
    }

    #[test]
    fn a_link_is_counted_once_and_by_what_became_of_it() {
        let tally = Tally::default();
        tell(&tally, open(1, "ut"));
        tell(&tally, closed(1));
        assert_eq!(tally.counted(), Counted::new(), "what is replayed was counted before");
        tally.begin();
        for (link, codes) in [(2, &[451, 250][..]), (3, &[451]), (4, &[]), (5, &[554])] {
            tell(&tally, open(link, "ut"));
            for code in codes {
                tell(&tally, Fact::Answered { link: LinkId(link), number: 0, code: *code });
            }
            tell(&tally, closed(link));
            tell(&tally, closed(link));
        }
        let links = tally.counted().links;
        let told: Vec<_> = links["ut"].iter().map(|(outcome, count)| (outcome.as_str(), *count)).collect();
        assert_eq!(told, [("acknowledged", 1), ("held", 1), ("left-in-clear", 1), ("refused", 1)]);
    }

    #[test]
    fn links_without_end_take_only_so_much_memory() {
        let tally = Tally::default();
        tally.begin();
        for link in 0..PASSING_LINKS_MAX as u64 + 3 {
            tell(&tally, open(link, "ut"));
        }
        assert_eq!(tally.state.lock().passing.len(), PASSING_LINKS_MAX);
        assert_eq!(tally.counted().links_that("left-in-clear"), 3);
    }

    #[test]
    fn nothing_that_a_stranger_names_becomes_a_label() {
        let tally = Tally::default();
        tally.begin();
        let source = "192.0.2.1:53".parse().expect("an address");
        for (rtype, rcode) in [("TLSA", "NOERROR"), ("TYPE65280", "NOERROR"), ("TYPE1234", "BADVERS")] {
            let (name, dnssec_ok, transport) = ("x.example".to_owned(), true, Transport::Udp);
            let (rtype, rcode) = (rtype.to_owned(), rcode.to_owned());
            tell(&tally, Fact::Queried(Queried { source, transport, name, rtype, dnssec_ok, rcode }));
        }
        let questions = tally.counted().questions;
        assert_eq!(questions.keys().collect::<Vec<_>>(), ["TLSA", "other"]);
        assert_eq!(questions["other"], BTreeMap::from([("NOERROR".to_owned(), 1), ("other".to_owned(), 1)]));
    }
}
