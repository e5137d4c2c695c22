//! Our own letter: what a sender that checks gets at the worst address of the worst MX host.

use std::net::IpAddr;

use serde::Serialize;

use super::lindenberg::{rfc7672, rfc8461};
use super::qte;
use super::view::{Place, View};
use crate::receiving::checks::{Check, Level, Measured, Unknown, Word};
use crate::shared::evidence::scan::NotTried;

/// The letters, the best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub enum Letter {
    #[serde(rename = "A+")]
    APlus,
    A,
    B,
    C,
    D,
    F,
}

impl Letter {
    /// The letter as it is shown.
    pub fn name(self) -> &'static str {
        match self {
            Self::APlus => "A+",
            Self::A => "A",
            Self::B => "B",
            Self::C => "C",
            Self::D => "D",
            Self::F => "F",
        }
    }
}

/// Our own letter for the domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Own {
    /// Whether there is an MX host to grade, or may be one.
    pub applies: bool,
    /// The letter; none where it applies: `?`, something that could not be found out could change it.
    pub letter: Option<Letter>,
    /// The letter if all that is not known is bad, and if all of it is good.
    pub range: Option<(Letter, Letter)>,
    /// What keeps it from being better, the first that does, of what is certain.
    pub ground: Option<Ground>,
    /// The MX host of that, and the address if it is one's.
    pub culprit: Option<(String, Option<IpAddr>)>,
    /// The checks that could change it.
    pub open: Vec<Check>,
}

/// Why it is no better letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ground {
    /// F: no STARTTLS.
    NoStarttls,
    /// F: signed names that do not validate.
    Bogus,
    /// F: TLSA records that no certificate matches.
    TlsaMismatch,
    /// F: an enforced MTA-STS policy that the host does not fulfil.
    MtaStsUnfulfilled,
    /// D: no version of TLS 1.2 or above.
    OldVersion,
    /// D: no forward secrecy.
    NoForwardSecrecy,
    /// C: the certificate is neither valid for WebPKI nor matched by a secure TLSA record.
    CertificateUnproven,
    /// B: neither DANE nor an enforced MTA-STS policy.
    NoBinding,
    /// A: only one of DANE and MTA-STS, or they do not agree.
    OneBinding,
    /// A: no TLS reporting.
    NoTlsRpt,
    /// A: something else is insufficient.
    Insufficient,
}

impl Ground {
    /// In the order in which they are asked: the worst letter first.
    const ALL: [Self; 11] = [
        Self::NoStarttls,
        Self::Bogus,
        Self::TlsaMismatch,
        Self::MtaStsUnfulfilled,
        Self::OldVersion,
        Self::NoForwardSecrecy,
        Self::CertificateUnproven,
        Self::NoBinding,
        Self::OneBinding,
        Self::NoTlsRpt,
        Self::Insufficient,
    ];

    fn letter(self) -> Letter {
        match self {
            Self::NoStarttls | Self::Bogus | Self::TlsaMismatch | Self::MtaStsUnfulfilled => Letter::F,
            Self::OldVersion | Self::NoForwardSecrecy => Letter::D,
            Self::CertificateUnproven => Letter::C,
            Self::NoBinding => Letter::B,
            Self::OneBinding | Self::NoTlsRpt | Self::Insufficient => Letter::A,
        }
    }

    fn avoided(self, view: View<'_>, place: Place<'_>) -> bool {
        match self {
            Self::NoStarttls => view.holds(Check::Starttls, place, &[Word::Present]),
            Self::Bogus => sound(view, place),
            Self::TlsaMismatch => {
                // Records that nobody can use bind nothing (RFC 7672 §2.2).
                view.holds_or(Check::TlsaMatch, place, &[Word::Matched, Word::Unusable], true)
                    || view.holds(Check::Tlsa, place, &[Word::Insecure, Word::Absent])
            }
            Self::MtaStsUnfulfilled => {
                let bound = view.holds_or(
                    Check::MtaStsPolicy,
                    place,
                    &[Word::Testing, Word::Nothing, Word::Invalid, Word::Unfetched],
                    true,
                );
                bound || view.holds_or(Check::MtaStsMx, place, &[Word::Matched], true)
            }
            Self::OldVersion => view.aspect(Check::Versions, "tls-1.2", place),
            Self::NoForwardSecrecy => view.aspect(Check::Suites, "forward-secret", place),
            Self::CertificateUnproven => qte::certified(view, place) || qte::dane(view, place),
            Self::NoBinding => rfc7672(view, place) || rfc8461(view, place),
            Self::OneBinding => {
                rfc7672(view, place)
                    && rfc8461(view, place)
                    && view.holds(Check::BindingsAgree, place, &[Word::Agrees])
            }
            Self::NoTlsRpt => view.holds(Check::TlsRpt, place, &[Word::Present]),
            Self::Insufficient => nothing_insufficient(view),
        }
    }
}

/// Whether nothing on the way to the host is bogus.
fn sound(view: View<'_>, place: Place<'_>) -> bool {
    let validates =
        [Check::DomainValid, Check::MxValid, Check::MxRrset, Check::MxAddresses, Check::TlsaState];
    let good = [Word::Secure, Word::Insecure, Word::Unsupported];
    validates.iter().all(|check| view.holds_or(*check, place, &good, true))
        && view.holds_or(Check::Tlsa, place, &[Word::Present, Word::Absent, Word::Insecure], true)
}

/// Whether it is what this host, or this program, can never measure: nobody's fault.
fn ours(measured: &Measured) -> bool {
    match measured {
        Measured::Inconclusive { why } => matches!(
            why,
            Unknown::NoSource
                | Unknown::SourceFailed
                | Unknown::NoIpv6Here
                | Unknown::UnlistedIssuer
                // What was not asked yet when old evidence was gathered.
                | Unknown::NotAsked
                // Who asks for one address has chosen to.
                | Unknown::NotTried { why: NotTried::NotAsked }
        ),
        _ => false,
    }
}

/// Whether no finding is insufficient.
fn nothing_insufficient(view: View<'_>) -> bool {
    view.findings.iter().zip(view.rated).all(|(finding, rated)| match rated.level {
        Level::Insufficient => false,
        Level::Inconclusive => view.unknown || !rated.may_fail || ours(&finding.measured),
        _ => true,
    })
}

/// The first ground that is not avoided somewhere, and where.
fn first<'a>(view: View<'a>) -> Option<(Ground, Place<'a>)> {
    let mut places: Vec<Place<'a>> = view.hosts().flat_map(|host| view.places(host)).collect();
    if places.is_empty() {
        // It may receive mail, and where is not known: only what holds of the domain can be said.
        places.push(Place { host: "", ip: None });
    }
    Ground::ALL.into_iter().find_map(|ground| {
        places.iter().find(|place| !ground.avoided(view, **place)).map(|place| (ground, *place))
    })
}

pub(super) fn grade(view: View<'_>) -> Own {
    if !view.receives() {
        let nothing =
            Own { applies: false, letter: None, range: None, ground: None, culprit: None, open: Vec::new() };
        return nothing;
    }
    let letter =
        |found: &Option<(Ground, Place<'_>)>| found.map_or(Letter::APlus, |(ground, _)| ground.letter());
    let (bad, good) = (first(view.assuming(false)), first(view.assuming(true)));
    let (worst, best) = (letter(&bad), letter(&good));
    let asked = [
        Check::MxRecords,
        Check::MxRrset,
        Check::MxAddresses,
        Check::DomainValid,
        Check::MxValid,
        Check::TlsaState,
        Check::Tlsa,
        Check::TlsaMatch,
        Check::Starttls,
        Check::Versions,
        Check::Suites,
        Check::CertTrust,
        Check::CertName,
        Check::MtaStsRecord,
        Check::MtaStsPolicy,
        Check::MtaStsMx,
        Check::TlsRpt,
        Check::BindingsAgree,
    ];
    let certain = worst == best;
    // With a range, the ground is of the better end: it holds whatever the rest turns out to be.
    let culprit = good.map(|(_, place)| (place.host.to_owned(), place.ip));
    let culprit = culprit.filter(|(host, _)| !host.is_empty());
    Own {
        applies: true,
        letter: certain.then_some(best),
        range: Some((worst, best)),
        ground: good.map(|(ground, _)| ground),
        culprit,
        open: match certain {
            true => Vec::new(),
            // Nothing insufficient: any check can keep it from the best letter.
            false if best == Letter::APlus => everything_open(view, &asked),
            false => view.open(&asked),
        },
    }
}

/// Those of `asked` that could not be found out, and all others that could be insufficient.
fn everything_open(view: View<'_>, asked: &[Check]) -> Vec<Check> {
    let mut open = view.open(asked);
    for (finding, rated) in view.findings.iter().zip(view.rated) {
        let may_fail = rated.level == Level::Inconclusive && rated.may_fail;
        if may_fail && !ours(&finding.measured) && !open.contains(&finding.check) {
            open.push(finding.check);
        }
    }
    open
}
