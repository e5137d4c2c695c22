//! Lindenberg's table of an MX's reception, its rows and its colour.

use std::net::IpAddr;

use serde::Serialize;

use super::qte;
use super::view::{Place, View};
use crate::receiving::checks::{Check, Item, Measured, Word};
use crate::shared::evidence::TlsVersion;
use crate::shared::evidence::scan::Path;

/// The colour that Lindenberg's test would give.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lindenberg {
    /// Whether there is an MX host, or may be one.
    pub applies: bool,
    pub colour: Colour,
    /// Qualified transport encryption; none: not known.
    pub qte: Option<bool>,
    /// RFC 7672: MX, addresses and TLSA secure, and a match at every MX host.
    pub rfc7672: Option<bool>,
    /// RFC 8461: an enforced policy that lists every MX host, whose certificates are valid.
    pub rfc8461: Option<bool>,
    /// The MX hosts, by preference.
    pub mx: Vec<LindenbergMx>,
}

/// The colours, the worst first; grey: not known, or there is no MX host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Colour {
    /// An MX host without STARTTLS.
    Red,
    /// Certificates that are not valid.
    Yellow,
    /// All certificates valid.
    White,
    /// RFC 7672 or qualified transport encryption.
    Green,
    /// Grey: it could not be found out.
    Grey,
}

impl Colour {
    /// The name as JSON has it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Red => "red",
            Self::Yellow => "yellow",
            Self::White => "white",
            Self::Green => "green",
            Self::Grey => "grey",
        }
    }
}

/// What a cell of the table says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case", tag = "kind", content = "word")]
pub enum Cell {
    /// The check's word; of several addresses the worst one's.
    Is(Word),
    /// The question does not arise.
    NotApplicable,
    /// It could not be found out.
    Unknown,
}

/// One row: a mail server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LindenbergMx {
    pub host: String,
    /// Its preferences.
    pub preferences: Vec<u16>,
    pub addresses: Vec<IpAddr>,
    /// The names of the roots that its certificates lead to.
    pub roots: Vec<String>,
    /// The state of the MX records.
    pub mx: Cell,
    /// The state of its addresses.
    pub a: Cell,
    /// The state of its TLSA records, or of their denial.
    pub tlsa: Cell,
    /// Whether STARTTLS is offered.
    pub starttls: Cell,
    /// Whether it is mandatory.
    pub mandatory: Cell,
    /// The TLS versions of all its addresses together.
    pub versions: Vec<TlsVersion>,
    /// Whether its certificates lead to a public root.
    pub trust: Cell,
    /// Whether they are for the host.
    pub name: Cell,
    /// Whether they match TLSA records.
    pub tlsa_match: Cell,
    /// Whether the MTA-STS policy lists the host and its certificates fit.
    pub mta_sts: Cell,
}

fn starttls(view: View<'_>) -> bool {
    everywhere(view, |view, place| view.holds(Check::Starttls, place, &[Word::Present]))
}

fn everywhere(view: View<'_>, ask: impl Fn(View<'_>, Place<'_>) -> bool) -> bool {
    view.hosts().all(|host| view.places(host).iter().all(|place| ask(view, *place)))
}

pub(super) fn rfc7672(view: View<'_>, place: Place<'_>) -> bool {
    view.holds(Check::Starttls, place, &[Word::Present])
        && view.holds(Check::MxRrset, place, &[Word::Secure])
        && view.holds(Check::MxAddresses, place, &[Word::Secure])
        && qte::dane(view, place)
}

pub(super) fn rfc8461(view: View<'_>, place: Place<'_>) -> bool {
    view.holds(Check::Starttls, place, &[Word::Present])
        && view.holds(Check::MtaStsRecord, place, &[Word::Present])
        && view.holds(Check::MtaStsPolicy, place, &[Word::Enforce])
        && view.holds(Check::MtaStsMx, place, &[Word::Matched])
        && qte::certified(view, place)
}

fn colour(view: View<'_>) -> Colour {
    if !starttls(view) {
        Colour::Red
    } else if everywhere(view, rfc7672) || qte::capable(view) {
        Colour::Green
    } else if everywhere(view, qte::certified) {
        Colour::White
    } else {
        Colour::Yellow
    }
}

pub(super) fn grade(view: View<'_>) -> Lindenberg {
    let (worst, best) = (colour(view.assuming(false)), colour(view.assuming(true)));
    let none = view.hosts().next().is_none();
    let known = |ask: fn(View<'_>) -> bool| if none { None } else { view.known(ask) };
    Lindenberg {
        applies: view.receives(),
        colour: if none || worst != best { Colour::Grey } else { best },
        qte: known(qte::capable),
        rfc7672: known(|view| everywhere(view, rfc7672)),
        rfc8461: known(|view| everywhere(view, rfc8461)),
        mx: view.hosts().map(|host| row(view, host)).collect(),
    }
}

fn row(view: View<'_>, host: &str) -> LindenbergMx {
    let evidence = view.evidence;
    let mx = evidence.mx.iter().find(|mx| mx.host == host);
    let cell = |check: Check| cell(view, host, check);
    let mut addresses: Vec<IpAddr> =
        mx.map(|mx| mx.a.records().iter().chain(mx.aaaa.records()).copied().collect()).unwrap_or_default();
    addresses.dedup();
    let mut roots: Vec<String> = evidence
        .examined
        .iter()
        .filter(|examined| examined.host == host)
        .filter_map(|examined| match &examined.path {
            Path::Trusted { root } => Some(root.clone()),
            Path::Untrusted { .. } => None,
        })
        .collect();
    roots.sort();
    roots.dedup();
    let mut versions: Vec<TlsVersion> = Vec::new();
    for place in view.places(host) {
        if let Some((_, finding)) = view.finding(Check::Versions, place)
            && let Measured::Items { items, .. } = &finding.measured
        {
            versions.extend(items.iter().filter_map(|item| match item {
                Item::Version(version) => Some(*version),
                _ => None,
            }));
        }
    }
    versions.sort();
    versions.dedup();
    LindenbergMx {
        host: host.to_owned(),
        preferences: mx.map(|mx| mx.preferences.clone()).unwrap_or_default(),
        addresses,
        roots,
        mx: cell(Check::MxRrset),
        a: cell(Check::MxAddresses),
        tlsa: cell(Check::TlsaState),
        starttls: cell(Check::Starttls),
        mandatory: cell(Check::StarttlsMandatory),
        versions,
        trust: cell(Check::CertTrust),
        name: cell(Check::CertName),
        tlsa_match: cell(Check::TlsaMatch),
        mta_sts: cell(Check::MtaStsMx),
    }
}

/// The worst of a host's addresses: a word that comes later in the check's list, else what is not known.
fn cell(view: View<'_>, host: &str, check: Check) -> Cell {
    let words = match check.scale() {
        crate::receiving::checks::Scale::Words(words) => words,
        _ => &[],
    };
    let cells = view.places(host).into_iter().map(|place| match view.finding(check, place) {
        Some((_, finding)) => match &finding.measured {
            Measured::Is { word } => Cell::Is(*word),
            Measured::NotApplicable { .. } => Cell::NotApplicable,
            _ => Cell::Unknown,
        },
        None => Cell::Unknown,
    });
    let rank = |cell: &Cell| match cell {
        Cell::NotApplicable => 0,
        Cell::Is(word) if words.first() == Some(word) => 1,
        Cell::Unknown => 2,
        Cell::Is(word) => 3 + words.iter().position(|other| other == word).unwrap_or(0),
    };
    cells.max_by_key(rank).unwrap_or(Cell::Unknown)
}
