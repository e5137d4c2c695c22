//! The medals that the German BSI gives for its guideline on the transport of mail: gold for DANE, silver for MTA-STS.
//! What is said here was measured; the BSI certifies by other means.

use serde::Serialize;

use super::lindenberg::{rfc7672, rfc8461};
use super::view::{Place, View};
use crate::receiving::checks::{Check, Word};

/// Which medal of the BSI the domain would get.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bsi {
    /// Whether there is an MX host, or may be one.
    pub applies: bool,
    /// The medal; none: something that could not be found out could change it, or there is no MX host.
    pub medal: Option<Medal>,
    /// The medal if all that is not known is bad, and if all of it is good; none without MX hosts.
    pub range: Option<(Medal, Medal)>,
    /// What is missing for gold, somewhere at least.
    pub missing: Vec<Criterion>,
    /// What could not be found out.
    pub open: Vec<Criterion>,
}

/// The medals, the best last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Medal {
    Neither,
    /// MTA-STS, at hosts without DANE.
    Silver,
    /// DNSSEC and DANE.
    Gold,
}

impl Medal {
    /// The name as JSON has it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Neither => "neither",
            Self::Silver => "silver",
            Self::Gold => "gold",
        }
    }
}

/// What gold takes, and MTA-STS, which silver takes in place of the last two of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Criterion {
    /// STARTTLS with TLS 1.2 or above and a forward-secret suite of TR-02102-2.
    Tls,
    /// Signed MX records and addresses.
    Dnssec,
    /// Signed TLSA records that match.
    Dane,
    /// An enforced policy that every host fulfils.
    MtaSts,
}

impl Criterion {
    const ALL: [Self; 4] = [Self::Tls, Self::Dnssec, Self::Dane, Self::MtaSts];

    fn met(self, view: View<'_>, place: Place<'_>) -> bool {
        match self {
            Self::Tls => {
                view.holds(Check::Starttls, place, &[Word::Present])
                    && view.aspect(Check::Versions, "tls-1.2", place)
                    && view.aspect(Check::Suites, "bsi-forward-secret", place)
            }
            Self::Dnssec => {
                view.holds(Check::MxRrset, place, &[Word::Secure])
                    && view.holds(Check::MxAddresses, place, &[Word::Secure])
            }
            Self::Dane => rfc7672(view, place),
            Self::MtaSts => rfc8461(view, place),
        }
    }
}

fn medal(view: View<'_>) -> Medal {
    let everywhere = |needed: &dyn Fn(Criterion, Place<'_>) -> bool, of: &[Criterion]| {
        let mut places = view.hosts().flat_map(|host| view.places(host));
        places.all(|place| of.iter().all(|criterion| needed(*criterion, place)))
    };
    let met = |criterion: Criterion, place: Place<'_>| criterion.met(view, place);
    let bound = |criterion: Criterion, place: Place<'_>| match criterion {
        Criterion::MtaSts => criterion.met(view, place) || Criterion::Dane.met(view, place),
        other => other.met(view, place),
    };
    if everywhere(&met, &[Criterion::Tls, Criterion::Dnssec, Criterion::Dane]) {
        Medal::Gold
    } else if everywhere(&bound, &[Criterion::Tls, Criterion::MtaSts]) {
        Medal::Silver
    } else {
        Medal::Neither
    }
}

pub(super) fn grade(view: View<'_>) -> Bsi {
    let none = view.hosts().next().is_none();
    let (worst, best) = (medal(view.assuming(false)), medal(view.assuming(true)));
    let met = |criterion: Criterion| {
        view.known(|view| {
            let mut places = view.hosts().flat_map(|host| view.places(host));
            places.all(|place| criterion.met(view, place))
        })
    };
    let which = |answer: Option<bool>| match none {
        true => Vec::new(),
        false => Criterion::ALL.into_iter().filter(|criterion| met(*criterion) == answer).collect(),
    };
    Bsi {
        applies: view.receives(),
        medal: (!none && worst == best).then_some(best),
        range: (!none).then_some((worst, best)),
        missing: which(Some(false)),
        open: which(None),
    }
}
