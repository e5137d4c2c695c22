//! LuxSci's TLS Checker: a table of MX hosts and the letter of the worst.

use serde::Serialize;

use super::view::{Place, View};
use crate::receiving::checks::{Check, Item, Measured, Word};
use crate::shared::evidence::TlsVersion;
use crate::shared::evidence::scan::{Evidence, RealHandshake};

/// The letter that LuxSci's checker would give.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Luxsci {
    /// Whether there is an MX host, or may be one.
    pub applies: bool,
    /// The letter of the worst MX host; none: not known, or there are no hosts.
    pub letter: Option<LuxsciLetter>,
    /// Whether mail can be delivered with TLS enforced: every host does TLS 1.0, 1.2 or 1.3 with a suite of NIST
    /// SP 800-52 Rev. 1, or one that is better. None: not known.
    pub forced_tls: Option<bool>,
    /// The MX hosts, by preference.
    pub mx: Vec<LuxsciMx>,
    /// What keeps the letter open.
    pub open: Vec<Check>,
}

/// LuxSci's letters, the best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub enum LuxsciLetter {
    #[serde(rename = "A+")]
    APlus,
    A,
    #[serde(rename = "A-")]
    AMinus,
    #[serde(rename = "B+")]
    BPlus,
    C,
    D,
    F,
}

impl LuxsciLetter {
    /// The letter as it is shown.
    pub fn name(self) -> &'static str {
        match self {
            Self::APlus => "A+",
            Self::A => "A",
            Self::AMinus => "A-",
            Self::BPlus => "B+",
            Self::C => "C",
            Self::D => "D",
            Self::F => "F",
        }
    }
}

/// One MX host: LuxSci's columns. None: not known, or the question does not arise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LuxsciMx {
    pub host: String,
    /// Its preferences.
    pub preferences: Vec<u16>,
    #[serde(rename = "grade")]
    pub letter: Option<LuxsciLetter>,
    /// SMTP TLS enabled.
    pub starttls: Option<bool>,
    /// The name in its certificate.
    pub certificate: Option<String>,
    /// Whether that can be verified: path, dates and name.
    pub verifiable: Option<bool>,
    /// SSL 3.0, and 2.0, off.
    pub ssl3_off: Option<bool>,
    /// TLS 1.0 supported; to be known only.
    pub tls10: Option<bool>,
    /// TLS 1.2 or 1.3 supported.
    pub tls12: Option<bool>,
    /// Weak suites off.
    pub weak_off: Option<bool>,
    /// A suite of NIST SP 800-52 Rev. 1, or better.
    pub nist_r1: Option<bool>,
    /// A suite of NIST SP 800-52 Rev. 2, or better.
    pub nist_r2: Option<bool>,
    /// MTA-STS: a policy that tests or enforces.
    pub mta_sts: Option<bool>,
    pub recommendations: Vec<Advice>,
}

/// What to do, the most important first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Advice {
    /// Offer STARTTLS.
    OfferStarttls,
    /// Support TLS 1.2.
    SupportTls12,
    /// Turn SSL 3.0 and 2.0 off.
    TurnSsl3Off,
    /// Use a certificate of a public authority that is valid now.
    UseTrustedCertificate,
    /// Support a suite of NIST SP 800-52 Rev. 1.
    SupportNistR1,
    /// Use a certificate with the host's name.
    MatchName,
    /// Turn weak suites off.
    TurnWeakSuitesOff,
    /// Support a suite of NIST SP 800-52 Rev. 2.
    SupportNistR2,
    /// Publish an MTA-STS policy.
    PublishMtaSts,
}

/// What is asked of a host, at each of its addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asked {
    Starttls,
    Tls12,
    Ssl3Off,
    Trusted,
    NistR1,
    Named,
    WeakOff,
    NistR2,
}

impl Asked {
    const STRONG: [Self; 4] = [Self::Tls12, Self::Ssl3Off, Self::Trusted, Self::NistR1];
    const SLIGHT: [Self; 3] = [Self::Named, Self::WeakOff, Self::NistR2];

    fn met(self, view: View<'_>, place: Place<'_>) -> bool {
        match self {
            Self::Starttls => view.holds(Check::Starttls, place, &[Word::Present]),
            Self::Tls12 => view.aspect(Check::Versions, "tls-1.2", place),
            Self::Ssl3Off => view.aspect(Check::Versions, "ssl-3", place),
            Self::Trusted => view.holds(Check::CertTrust, place, &[Word::Trusted]),
            Self::NistR1 => view.aspect(Check::Suites, "nist-r1", place),
            Self::Named => view.holds(Check::CertName, place, &[Word::Matched]),
            Self::WeakOff => view.aspect(Check::Suites, "weak", place),
            Self::NistR2 => view.aspect(Check::Suites, "nist-r2", place),
        }
    }

    fn everywhere(self, view: View<'_>, host: &str) -> bool {
        view.places(host).iter().all(|place| self.met(view, *place))
    }

    fn advice(self) -> Advice {
        match self {
            Self::Starttls => Advice::OfferStarttls,
            Self::Tls12 => Advice::SupportTls12,
            Self::Ssl3Off => Advice::TurnSsl3Off,
            Self::Trusted => Advice::UseTrustedCertificate,
            Self::NistR1 => Advice::SupportNistR1,
            Self::Named => Advice::MatchName,
            Self::WeakOff => Advice::TurnWeakSuitesOff,
            Self::NistR2 => Advice::SupportNistR2,
        }
    }
}

fn letter(view: View<'_>, host: &str) -> LuxsciLetter {
    if !Asked::Starttls.everywhere(view, host) {
        return LuxsciLetter::F;
    }
    let broken = |asked: &[Asked]| asked.iter().filter(|asked| !asked.everywhere(view, host)).count();
    match (broken(&Asked::STRONG), broken(&Asked::SLIGHT)) {
        (0, 0) => LuxsciLetter::APlus,
        (0, 1) => LuxsciLetter::A,
        (0, 2) => LuxsciLetter::AMinus,
        (0, _) => LuxsciLetter::BPlus,
        (1, _) => LuxsciLetter::C,
        (2, _) => LuxsciLetter::D,
        (_, _) => LuxsciLetter::F,
    }
}

pub(super) fn grade(view: View<'_>) -> Luxsci {
    let worst = |unknown: bool| view.hosts().map(|host| letter(view.assuming(unknown), host)).max();
    let letter = worst(false).filter(|letter| worst(true) == Some(*letter));
    let forced = |view: View<'_>| {
        view.hosts().all(|host| {
            let version = |place: &Place<'_>| view.aspect(Check::Versions, "forced-tls", *place);
            Asked::Starttls.everywhere(view, host)
                && view.places(host).iter().all(version)
                && Asked::NistR1.everywhere(view, host)
        })
    };
    let asked = [Check::Starttls, Check::Versions, Check::Suites, Check::CertTrust, Check::CertName];
    Luxsci {
        applies: view.receives(),
        letter,
        forced_tls: if view.hosts().next().is_none() { None } else { view.known(forced) },
        mx: view.hosts().map(|host| row(view, host)).collect(),
        open: if letter.is_none() { view.open(&asked) } else { Vec::new() },
    }
}

fn row(view: View<'_>, host: &str) -> LuxsciMx {
    let known = |asked: Asked| {
        let places = view.places(host);
        // Of a host without STARTTLS nothing else can be asked.
        let arises = asked == Asked::Starttls
            || places.iter().any(|place| view.holds(Check::Starttls, *place, &[Word::Present]));
        if arises { view.known(|view| asked.everywhere(view, host)) } else { None }
    };
    let tls10 = || {
        let accepts = |place: Place<'_>| match &view.finding(Check::Versions, place)?.1.measured {
            Measured::Items { items, .. } if items.contains(&Item::Version(TlsVersion(0x0301))) => Some(true),
            Measured::Items { complete: true, .. } => Some(false),
            _ => None,
        };
        let all: Vec<Option<bool>> = view.places(host).into_iter().map(accepts).collect();
        match (all.contains(&Some(true)), all.contains(&None)) {
            (true, _) => Some(true),
            (false, true) => None,
            (false, false) => Some(false),
        }
    };
    let both = |a: Option<bool>, b: Option<bool>| match (a, b) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        _ => None,
    };
    let starttls = known(Asked::Starttls);
    let (worst, best) = (letter(view.assuming(false), host), letter(view.assuming(true), host));
    let mta_sts = view.known(|view| {
        let domain = Place { host: "", ip: None };
        view.holds(Check::MtaStsPolicy, domain, &[Word::Enforce, Word::Testing])
    });
    let all = [Asked::Starttls].into_iter().chain(Asked::STRONG).chain(Asked::SLIGHT);
    let mut recommendations: Vec<Advice> =
        all.filter(|asked| known(*asked) == Some(false)).map(Asked::advice).collect();
    recommendations.extend((mta_sts == Some(false)).then_some(Advice::PublishMtaSts));
    let mx = view.evidence.mx.iter().find(|mx| mx.host == host);
    LuxsciMx {
        host: host.to_owned(),
        preferences: mx.map(|mx| mx.preferences.clone()).unwrap_or_default(),
        letter: (worst == best).then_some(best),
        starttls,
        certificate: certificate_name(view.evidence, host),
        verifiable: both(known(Asked::Trusted), known(Asked::Named)),
        ssl3_off: known(Asked::Ssl3Off),
        tls10: if starttls == Some(false) { None } else { tls10() },
        tls12: known(Asked::Tls12),
        weak_off: known(Asked::WeakOff),
        nist_r1: known(Asked::NistR1),
        nist_r2: known(Asked::NistR2),
        mta_sts,
        recommendations,
    }
}

/// The common name of the certificate that a real handshake, or a hello, was shown; without one the first name.
fn certificate_name(evidence: &Evidence, host: &str) -> Option<String> {
    let shown = evidence.servers_of(host).find_map(|server| match &server.handshake {
        Some(RealHandshake::Completed(completed)) => completed.chain.first(),
        _ => None,
    });
    let examined = || evidence.examined.iter().find(|examined| examined.host == host)?.chain.first();
    let certificate = evidence.certificates.get(shown.or_else(examined)?)?;
    let common = certificate.subject.split(',').find_map(|part| part.trim().strip_prefix("CN="));
    common.map(str::to_owned).or_else(|| certificate.names.first().cloned())
}
