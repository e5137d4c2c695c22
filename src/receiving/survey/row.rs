//! What the rules of today make of one domain, as a survey counts it.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::receiving::checks::{Level, Outcome};
use crate::receiving::grades::{Colour, Grade, OWN, Receiving};
use crate::receiving::places::Operators;
use crate::shared::evidence::scan::{
    Connections, Evidence, NameAnswer, NameFailure, NotTried, Reach, Server, Stopped,
};
use crate::shared::time::Timestamp;

/// Why a domain, or something of it, was not measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Why {
    /// The survey did not come to it.
    NotBegun,
    /// A fault of this program ended its scan.
    FailedHere,
    /// There is no such name.
    NoSuchName,
    /// It says, or shows, that it receives no mail.
    ReceivesNoMail,
    /// This host could ask no DNS.
    NoDnsHere,
    /// Its name servers did not answer, or not so that it can be used.
    DnsFailed,
    /// Connections were not asked for.
    DnsOnly,
    /// Port 25 is closed from this host.
    Port25ClosedHere,
    /// This host has no IPv6, and the servers nothing else.
    NoIpv6Here,
    /// The operator of this survey excluded its servers.
    Excluded,
    /// Its servers were asked as often today as is allowed.
    TriedOften,
    /// Its servers limit how often they are asked.
    Limited,
    /// Its time was over.
    OutOfTime,
    /// A server could not be reached.
    Unreachable,
    /// A server stopped answering.
    Silent,
    /// Something else could not be found out.
    Open,
}

impl Why {
    /// All of them, in the order in which they are told.
    pub const ALL: [Self; 16] = [
        Self::NotBegun,
        Self::FailedHere,
        Self::NoSuchName,
        Self::ReceivesNoMail,
        Self::NoDnsHere,
        Self::DnsFailed,
        Self::DnsOnly,
        Self::Port25ClosedHere,
        Self::NoIpv6Here,
        Self::Excluded,
        Self::TriedOften,
        Self::Limited,
        Self::OutOfTime,
        Self::Unreachable,
        Self::Silent,
        Self::Open,
    ];

    /// Its name in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::NotBegun => "not-begun",
            Self::FailedHere => "failed-here",
            Self::NoSuchName => "no-such-name",
            Self::ReceivesNoMail => "receives-no-mail",
            Self::NoDnsHere => "no-dns-here",
            Self::DnsFailed => "dns-failed",
            Self::DnsOnly => "dns-only",
            Self::Port25ClosedHere => "port-25-closed-here",
            Self::NoIpv6Here => "no-ipv6-here",
            Self::Excluded => "excluded",
            Self::TriedOften => "tried-often",
            Self::Limited => "limited",
            Self::OutOfTime => "out-of-time",
            Self::Unreachable => "unreachable",
            Self::Silent => "silent",
            Self::Open => "open",
        }
    }

    /// The same in words.
    pub fn words(self) -> &'static str {
        match self {
            Self::NotBegun => "not begun",
            Self::FailedHere => "its scan failed by a fault of this program",
            Self::NoSuchName => "the name does not exist",
            Self::ReceivesNoMail => "receives no mail",
            Self::NoDnsHere => "this host could ask no DNS",
            Self::DnsFailed => "its name servers gave no usable answer",
            Self::DnsOnly => "only DNS was asked",
            Self::Port25ClosedHere => "port 25 is closed from this host",
            Self::NoIpv6Here => "this host has no IPv6",
            Self::Excluded => "excluded by the operator of this survey",
            Self::TriedOften => "its servers had their share of connections for the day",
            Self::Limited => "its servers limit connections",
            Self::OutOfTime => "its time was over",
            Self::Unreachable => "a server could not be reached",
            Self::Silent => "a server stopped answering",
            Self::Open => "something could not be found out",
        }
    }

    /// Whether it lies here and not at the domain, so that it is to be measured again: another day, or from a host that can.
    pub fn is_ours(self) -> bool {
        matches!(self, Self::FailedHere | Self::NoDnsHere | Self::Port25ClosedHere | Self::TriedOften)
    }

    /// What is to be done about a reason that lies here; nothing about any other.
    pub fn advice(self) -> &'static str {
        match self {
            Self::NoDnsHere => "See whether this host may ask name servers (port 53, UDP and TCP)",
            Self::Port25ClosedHere => "No mail server was reached: see whether this host may call port 25",
            Self::TriedOften => "They have another share tomorrow",
            Self::FailedHere => "The log says more; please report it",
            _ => "",
        }
    }

    /// Whether there is nothing to be measured, so that it is in no share.
    pub fn has_nothing(self) -> bool {
        matches!(self, Self::NoSuchName | Self::ReceivesNoMail)
    }
}

/// How much of a domain was measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// Colour, grade and score.
    Whole,
    /// Not all three.
    Part,
    /// None of the three.
    Not,
    /// There is nothing to measure.
    Nothing,
}

impl Extent {
    /// Its name in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Whole => "yes",
            Self::Part => "in-part",
            Self::Not => "no",
            Self::Nothing => "nothing-to-measure",
        }
    }
}

/// What the rules say of one domain, as far as a survey counts it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Row {
    pub domain: String,
    pub values: Vec<String>,
    /// When it was measured; none: it was not begun.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
    /// Lindenberg's colour; none: not measured.
    pub colour: Option<&'static str>,
    /// The letter of our own rules; none: not measured.
    pub letter: Option<&'static str>,
    /// internet.nl's percentage; none: not measured.
    pub score: Option<u8>,
    /// Why one of the three is not there.
    pub why: Option<Why>,
    /// Who operates its mail servers of the best preference.
    pub operators: Vec<String>,
    /// The checks that it fails, each once.
    pub faults: Vec<&'static str>,
    /// The connections that it cost.
    pub connections: u32,
}

impl Row {
    /// One that was not measured.
    pub fn not_begun(domain: &str, values: Vec<String>) -> Self {
        Self {
            domain: domain.to_owned(),
            values,
            at: None,
            colour: None,
            letter: None,
            score: None,
            why: Some(Why::NotBegun),
            operators: Vec::new(),
            faults: Vec::new(),
            connections: 0,
        }
    }

    /// What the profiles in force make of evidence, as of the instant when it was gathered.
    pub fn of(evidence: &Evidence, values: Vec<String>, operators: &Operators) -> Self {
        let receiving = Receiving::of(evidence, evidence.to);
        let (mut colour, mut letter, mut score, mut applies) = (None, None, None, true);
        for rating in &receiving.ratings.profiles {
            match &rating.grade {
                Grade::Lindenberg(grade) if grade.applies && grade.colour != Colour::Grey => {
                    colour = Some(grade.colour.name());
                }
                Grade::Mailassay(own) if rating.profile.name == OWN => {
                    (letter, applies) = (own.letter.map(crate::receiving::grades::Letter::name), own.applies);
                }
                Grade::Internetnl(grade) if rating.profile.name == "internetnl-2025" => score = grade.score,
                _ => {}
            }
        }
        let nothing = nothing(evidence, applies);
        if nothing.is_some() {
            (colour, letter, score) = (None, None, None);
        }
        let open = || [colour.is_none(), letter.is_none(), score.is_none()].contains(&true);
        let why = nothing.or_else(|| open().then(|| why(evidence)));
        Self {
            domain: evidence.domain.clone(),
            values,
            at: Some(evidence.to),
            colour,
            letter,
            score,
            why,
            operators: of_hosts(evidence, operators),
            faults: faults(&receiving),
            connections: evidence.cost.connections,
        }
    }

    /// Whether anything of it was looked at, so that it may fail checks.
    pub fn is_checked(&self) -> bool {
        let is_blind = |why| {
            matches!(why, Why::NotBegun | Why::FailedHere | Why::NoDnsHere | Why::DnsFailed)
                || why.has_nothing()
        };
        self.at.is_some() && !self.why.is_some_and(is_blind)
    }

    /// How much of it was measured.
    pub fn extent(&self) -> Extent {
        let none = self.colour.is_none() && self.letter.is_none() && self.score.is_none();
        match self.why {
            None => Extent::Whole,
            Some(why) if why.has_nothing() => Extent::Nothing,
            Some(_) if none => Extent::Not,
            Some(_) => Extent::Part,
        }
    }
}

/// Why there is nothing to measure, if there is not.
fn nothing(evidence: &Evidence, applies: bool) -> Option<Why> {
    let mx = &evidence.names.mx;
    if mx.answer == NameAnswer::NoName && mx.hops.is_empty() {
        return Some(Why::NoSuchName);
    }
    (!applies).then_some(Why::ReceivesNoMail)
}

/// Why something was not measured: what explains most of it first.
fn why(evidence: &Evidence) -> Why {
    match &evidence.names.mx.answer {
        // Every scan that runs asks for it first.
        NameAnswer::NotAsked => return Why::FailedHere,
        NameAnswer::Failed { failure: NameFailure::NoRoot { .. } } => return Why::NoDnsHere,
        NameAnswer::Failed { .. } => return Why::DnsFailed,
        _ => {}
    }
    if evidence.connections == Connections::NotVouchedFor {
        return Why::DnsOnly;
    }
    if evidence.control.port_25 == Some(false) {
        return Why::Port25ClosedHere;
    }
    evidence.servers.iter().filter_map(of_server).min().unwrap_or(Why::Open)
}

fn of_server(server: &Server) -> Option<Why> {
    match (&server.reach, &server.stopped) {
        (Reach::NotTried { why }, _) => match why {
            NotTried::Excluded | NotTried::SpecialAddress => Some(Why::Excluded),
            NotTried::TriedOften => Some(Why::TriedOften),
            NotTried::OutOfTime => Some(Why::OutOfTime),
            NotTried::NoIpv6Here => Some(Why::NoIpv6Here),
            NotTried::NotVouchedFor | NotTried::TooMany | NotTried::NotAsked => None,
        },
        (_, Some(Stopped::Limited { .. })) => Some(Why::Limited),
        (_, Some(Stopped::OutOfTime)) => Some(Why::OutOfTime),
        (Reach::TimedOut | Reach::Unreachable { .. } | Reach::Refused, _) => Some(Why::Unreachable),
        (_, Some(Stopped::Silent)) => Some(Why::Silent),
        _ => None,
    }
}

/// The operators of the hosts with the best preference.
fn of_hosts(evidence: &Evidence, operators: &Operators) -> Vec<String> {
    let best = evidence.mx.iter().filter_map(|mx| mx.preferences.iter().min()).min();
    let hosts = evidence.mx.iter().filter(|mx| mx.preferences.iter().min() == best);
    hosts.map(|mx| operators.of(&mx.host)).collect::<BTreeSet<_>>().into_iter().collect()
}

/// The checks that our own rules fail, each once.
fn faults(receiving: &Receiving<'_>) -> Vec<&'static str> {
    let Some(own) = receiving.ratings.of(OWN) else { return Vec::new() };
    let failed =
        receiving.findings.iter().zip(&own.rated).filter(|(_, rated)| {
            rated.level == Level::Insufficient || rated.level.outcome() == Outcome::Fail
        });
    failed.map(|(finding, _)| finding.check.id()).collect::<BTreeSet<_>>().into_iter().collect()
}
