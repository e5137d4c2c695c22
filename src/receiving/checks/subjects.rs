//! Over what a check goes: the domain, its MX hosts, their addresses; and what it says where there is none.

use std::net::IpAddr;

use super::check::Check;
use super::lines::{self, unknown};
use crate::receiving::checks::shared::starttls::unasked;
use crate::receiving::checks::{Finding, Inapplicable, Item, Measured, Note, Subject, Unknown, Word};
use crate::shared::evidence::scan::{Evidence, MxHost, NameAnswer, Server};

/// What a check says of a subject that the caller knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Said {
    measured: Measured,
    details: Vec<String>,
    evidence: Vec<String>,
    notes: Vec<Note>,
}

impl Said {
    /// How many rows of details and lines of evidence one finding has at most.
    const LINES_MAX: usize = 100;

    /// One of the check's words.
    pub(super) fn is(word: Word) -> Self {
        Measured::Is { word }.into()
    }

    pub(super) fn count(count: u32) -> Self {
        Measured::Count { count }.into()
    }

    /// Things to be rated, of which doubles go.
    pub(super) fn items(all: impl IntoIterator<Item = Item>, complete: bool) -> Self {
        let mut items = Vec::new();
        for item in all {
            if !items.contains(&item) {
                items.push(item);
            }
        }
        Measured::Items { items, complete, open: None }.into()
    }

    /// Of items: why worse ones cannot be ruled out, where they cannot. Without any item nothing is known.
    pub(super) fn open(mut self, why: Option<Unknown>) -> Self {
        if let (Measured::Items { items, complete, open }, Some(why)) = (&mut self.measured, why) {
            if items.is_empty() {
                self.measured = Measured::Inconclusive { why };
            } else {
                (*complete, *open) = (false, Some(why));
            }
        }
        self
    }

    /// The question does not arise.
    pub(super) fn not_applicable(why: Inapplicable) -> Self {
        Measured::NotApplicable { why }.into()
    }

    /// It could not be found out.
    pub(super) fn inconclusive(why: Unknown) -> Self {
        Measured::Inconclusive { why }.into()
    }

    /// With rows for a person.
    pub(super) fn details(mut self, rows: impl IntoIterator<Item = String>) -> Self {
        self.details.extend(rows);
        self.details.truncate(Self::LINES_MAX);
        self
    }

    /// With one row for a person.
    pub(super) fn detail(self, row: impl Into<String>) -> Self {
        self.details([row.into()])
    }

    /// With what was seen, in the words of the protocols.
    pub(super) fn seen(mut self, lines: impl IntoIterator<Item = String>) -> Self {
        for line in lines {
            if self.evidence.len() < Self::LINES_MAX && !self.evidence.contains(&line) {
                self.evidence.push(line);
            }
        }
        self
    }

    /// Where nothing was seen yet: why that is so. Of what was decided the check itself has to say what decides.
    fn or_seen(self, lines: impl FnOnce() -> Vec<String>) -> Self {
        let undecided =
            matches!(self.measured, Measured::NotApplicable { .. } | Measured::Inconclusive { .. });
        if undecided && self.evidence.is_empty() { self.seen(lines()) } else { self }
    }

    /// With what is worth to be known beside it.
    pub(super) fn notes(mut self, notes: impl IntoIterator<Item = Note>) -> Self {
        self.notes.extend(notes);
        self
    }

    pub(super) fn evidence(&self) -> &[String] {
        &self.evidence
    }

    /// What was measured.
    pub(super) fn measured(&self) -> &Measured {
        &self.measured
    }

    fn of(self, check: Check, subject: Subject) -> Finding {
        let Self { measured, details, evidence, notes } = self;
        Finding { check, subject, measured, details, evidence, notes }
    }
}

impl From<Measured> for Said {
    fn from(measured: Measured) -> Self {
        Self { measured, details: Vec::new(), evidence: Vec::new(), notes: Vec::new() }
    }
}

/// One finding, about the domain.
pub(super) fn domain(check: Check, evidence: &Evidence, said: Said) -> Vec<Finding> {
    vec![said.of(check, Subject::Domain { domain: evidence.domain.clone() })]
}

/// One finding for each host that MX records name, whatever it is.
pub(super) fn each_mx(check: Check, evidence: &Evidence, say: impl Fn(&MxHost) -> Said) -> Vec<Finding> {
    let of = |host: &MxHost| say(host).of(check, Subject::Mx { host: host.host.clone() });
    let findings: Vec<_> = evidence.mx.iter().map(of).collect();
    if findings.is_empty() { domain(check, evidence, no_host(evidence)) } else { findings }
}

/// One finding for each MX host. Where there is none, one about the domain that says why. A host that is an IP
/// literal has no names to look at (RFC 5321 §5.1).
pub(super) fn each_host(check: Check, evidence: &Evidence, say: impl Fn(&MxHost) -> Said) -> Vec<Finding> {
    let mut findings = Vec::new();
    for host in hosts(evidence) {
        let said = match literal(&host.host) {
            Some(_) => Said::not_applicable(Inapplicable::NoAddress).seen(mx_lines(evidence, &host.host)),
            None => say(host).or_seen(|| of_servers(evidence, host)),
        };
        findings.push(said.of(check, Subject::Mx { host: host.host.clone() }));
    }
    if findings.is_empty() { domain(check, evidence, no_host(evidence)) } else { findings }
}

/// One finding for each address of each MX host. A host without addresses has one that says why; without hosts it
/// is about the domain.
pub(super) fn each_address(
    check: Check,
    evidence: &Evidence,
    say: impl Fn(&MxHost, &Server) -> Said,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    for host in hosts(evidence) {
        let before = findings.len();
        for server in evidence.servers_of(&host.host) {
            let subject = Subject::Address { host: host.host.clone(), ip: server.ip };
            let said = say(host, server).or_seen(|| unasked(server));
            findings.push(said.of(check, subject));
        }
        if findings.len() == before {
            let subject = Subject::Mx { host: host.host.clone() };
            findings.push(no_address(evidence, host).of(check, subject));
        }
    }
    if findings.is_empty() { domain(check, evidence, no_host(evidence)) } else { findings }
}

/// The MX hosts that are looked at. `localhost` is none: nothing but the sender itself answers there.
pub(in crate::receiving) fn hosts(evidence: &Evidence) -> impl Iterator<Item = &MxHost> {
    evidence.mx.iter().filter(|host| !localhost(&host.host))
}

/// Whether a name means the sender's own host (RFC 6761 §6.3).
pub(super) fn localhost(name: &str) -> bool {
    name == "localhost" || name.ends_with(".localhost")
}

/// The address that a name in an MX record is, where it is none.
pub(super) fn literal(name: &str) -> Option<IpAddr> {
    let bare = name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(name);
    let bare = bare.strip_prefix("ipv6:").unwrap_or(bare);
    bare.parse().ok()
}

/// Why there is no MX host.
pub(super) fn no_host(evidence: &Evidence) -> Said {
    let names = &evidence.names;
    let mut seen = lines::of(&names.mx);
    // A name that does not exist has no addresses either, and nobody asks for them.
    let why_unknown = match unknown(&names.mx) {
        None if names.mx.answer == NameAnswer::NoData => {
            seen.extend([lines::of(&names.a), lines::of(&names.aaaa)].concat());
            unknown(&names.a).or(unknown(&names.aaaa))
        }
        other => other,
    };
    match why_unknown {
        Some(why) => Said::inconclusive(why),
        None => Said::not_applicable(Inapplicable::NoMail),
    }
    .seen(seen)
}

/// What is to be said of a domain that takes no mail; none: it may take some.
pub(super) fn no_mail(evidence: &Evidence) -> Option<Said> {
    let said = no_host(evidence);
    (evidence.mx.is_empty() && matches!(said.measured, Measured::NotApplicable { .. })).then_some(said)
}

/// The MX records that name a host.
pub(super) fn mx_lines(evidence: &Evidence, host: &str) -> Vec<String> {
    let named = evidence.names.mx.clone().map(|record| (record.host == host).then_some(record));
    if named.records().is_empty() { Vec::new() } else { lines::of(&named) }
}

/// What the servers of a host showed instead of answers; without servers, its addresses.
fn of_servers(evidence: &Evidence, host: &MxHost) -> Vec<String> {
    let seen: Vec<String> = evidence.servers_of(&host.host).flat_map(unasked).collect();
    if seen.is_empty() { [lines::of(&host.a), lines::of(&host.aaaa)].concat() } else { seen }
}

fn no_address(evidence: &Evidence, host: &MxHost) -> Said {
    let seen = match literal(&host.host) {
        Some(_) => mx_lines(evidence, &host.host),
        None => [lines::of(&host.a), lines::of(&host.aaaa)].concat(),
    };
    let said = match unknown(&host.a).or(unknown(&host.aaaa)) {
        _ if literal(&host.host).is_some() => Said::not_applicable(Inapplicable::NoAddress),
        Some(why) => Said::inconclusive(why),
        // Addresses without a server: the evidence was cut.
        None if !host.a.records().is_empty() || !host.aaaa.records().is_empty() => {
            Said::inconclusive(Unknown::Cut)
        }
        None => Said::not_applicable(Inapplicable::NoAddress),
    };
    said.seen(seen)
}
