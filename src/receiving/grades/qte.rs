//! Qualified transport encryption, as the German data protection conference (DSK) describes it: whether the receiving
//! side makes it possible. Whether senders enforce it is theirs.

use serde::Serialize;

use super::view::{Place, View};
use crate::receiving::checks::{Check, Word};

/// Whether it is possible.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Qte {
    /// Whether there is an MX host, or may be one.
    pub applies: bool,
    /// At every MX host; none: not known. Without MX hosts there is nothing to ask.
    pub capable: Option<bool>,
    pub mx: Vec<QteMx>,
}

/// What one MX host makes possible.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct QteMx {
    pub host: String,
    /// Whether it is possible; none: not known.
    pub capable: Option<bool>,
    /// What is missing, at some of its addresses at least.
    pub missing: Vec<Need>,
    /// What could not be found out.
    pub open: Vec<Need>,
}

/// What qualified transport encryption takes of an MX host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Need {
    Starttls,
    /// TLS 1.2 or 1.3.
    Version,
    /// A forward-secret suite of BSI TR-02102-2.
    Suite,
    /// Signed MX records.
    SignedMx,
    /// Signed addresses of the host.
    SignedAddresses,
    /// A certificate of a public root for the host, in its time; or a signed TLSA record that matches.
    Authentication,
}

impl Need {
    const ALL: [Self; 6] = [
        Self::Starttls,
        Self::Version,
        Self::Suite,
        Self::SignedMx,
        Self::SignedAddresses,
        Self::Authentication,
    ];

    fn met(self, view: View<'_>, place: Place<'_>) -> bool {
        match self {
            Self::Starttls => view.holds(Check::Starttls, place, &[Word::Present]),
            Self::Version => view.aspect(Check::Versions, "tls-1.2", place),
            Self::Suite => view.aspect(Check::Suites, "bsi-forward-secret", place),
            Self::SignedMx => view.holds(Check::MxRrset, place, &[Word::Secure]),
            Self::SignedAddresses => view.holds(Check::MxAddresses, place, &[Word::Secure]),
            Self::Authentication => certified(view, place) || dane(view, place),
        }
    }
}

/// Whether WebPKI vouches for every certificate.
pub(super) fn certified(view: View<'_>, place: Place<'_>) -> bool {
    view.holds(Check::CertTrust, place, &[Word::Trusted])
        && view.holds(Check::CertName, place, &[Word::Matched])
}

/// Whether a secure TLSA record vouches for every certificate.
pub(super) fn dane(view: View<'_>, place: Place<'_>) -> bool {
    view.holds(Check::Tlsa, place, &[Word::Present])
        && view.holds(Check::TlsaState, place, &[Word::Secure])
        && view.holds(Check::TlsaMatch, place, &[Word::Matched])
}

pub(super) fn capable(view: View<'_>) -> bool {
    view.hosts()
        .all(|host| view.places(host).iter().all(|place| Need::ALL.iter().all(|need| need.met(view, *place))))
}

pub(super) fn grade(view: View<'_>) -> Qte {
    let of_host = |host: &str| {
        let met =
            |need: Need| view.known(|view| view.places(host).iter().all(|place| need.met(view, *place)));
        let which = |answer| Need::ALL.into_iter().filter(|need| met(*need) == answer).collect::<Vec<_>>();
        let (missing, open) = (which(Some(false)), which(None));
        let capable = match (missing.is_empty(), open.is_empty()) {
            (false, _) => Some(false),
            (true, true) => Some(true),
            (true, false) => None,
        };
        QteMx { host: host.to_owned(), capable, missing, open }
    };
    let mx: Vec<QteMx> = view.hosts().map(of_host).collect();
    Qte { applies: view.receives(), capable: if mx.is_empty() { None } else { view.known(capable) }, mx }
}
