//! Who would not deliver to a domain: the models of senders, played against what it publishes and shows.
//!
//! What a scan could not find out is played in each way that is possible: only what comes out the same in all of them is
//! said. A scan names the host in TLS (SNI); what a server shows to senders that do not is taken to be the same.

use std::collections::BTreeSet;

use crate::receiving::checks::{Check, Measured, Subject, Word};
use crate::receiving::grades::Receiving;
use crate::sending::verdict::Term;
use crate::sending::verdict::model::{
    Act, Dane, Intent, Offered, PolicyState, Published, SenderModel, Shown, TlsaState,
};
use crate::shared::evidence::Security;
use crate::shared::evidence::scan::{MxHost, Reach, Server};
use crate::shared::evidence::{Fetch, FetchOutcome};
use crate::shared::policy::Policy;

/// Who delivers, by the terms of models.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outlook {
    /// In the order of the terms, each of models once.
    pub groups: Vec<Group>,
    /// Whether every address of the mail servers could be asked.
    pub whole: bool,
}

/// The senders of a term.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    pub term: Term,
    pub delivery: Delivery,
    /// Why some or all of them do not, and at which hosts.
    pub reasons: BTreeSet<(Reason, String)>,
}

/// What becomes of the mail of senders.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Delivery {
    /// None of them delivers.
    Refused,
    /// Some of them do not, by what else they do.
    SomeRefuse,
    /// It is delivered in clear.
    Clear,
    Encrypted,
    /// That depends on what could not be found out, or on which host they meet.
    Open,
}

/// Why a sender does not deliver at a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// STARTTLS is not offered.
    NoStarttls,
    /// The certificate does not verify for the host's name.
    Certificate,
    /// No TLSA record fits the certificate.
    TlsaMismatch,
    /// Whether there are TLSA records cannot be found out (RFC 7672 §2.1.2).
    TlsaFailed,
    /// There are no TLSA records, and the sender delivers to no host without.
    NoTlsa,
    /// The MTA-STS policy does not list the host.
    Unlisted,
}

impl Reason {
    /// Its name in texts.
    pub fn name(self) -> &'static str {
        match self {
            Self::NoStarttls => "no-starttls",
            Self::Certificate => "certificate",
            Self::TlsaMismatch => "tlsa-mismatch",
            Self::TlsaFailed => "tlsa-failed",
            Self::NoTlsa => "no-tlsa",
            Self::Unlisted => "unlisted",
        }
    }
}

/// How one model's mail may end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Fate {
    NotDelivered,
    Clear,
    Encrypted,
}

/// An address that answers, in each way that it may be.
struct Place<'a> {
    host: &'a str,
    published: Vec<Published>,
    offered: Vec<Offered>,
}

impl Outlook {
    /// By what was found of a domain; none where no mail server answered.
    pub fn of(receiving: &Receiving<'_>) -> Option<Self> {
        let (places, whole) = places(receiving);
        if places.is_empty() {
            return None;
        }
        let models = SenderModel::all();
        let group = |term: Term| {
            let of_term = models.iter().filter(|model| Term::of(model) == term);
            let mut reasons = BTreeSet::new();
            let fates: Vec<BTreeSet<Fate>> =
                of_term.map(|model| fates(model, &places, whole, &mut reasons)).collect();
            let delivery = delivery(&fates);
            // Where all is open, so are the reasons.
            let refused = matches!(delivery, Delivery::Refused | Delivery::SomeRefuse);
            Group { term, delivery, reasons: if refused { reasons } else { BTreeSet::new() } }
        };
        Some(Self { groups: Term::OF_MODELS.into_iter().map(group).collect(), whole })
    }

    /// The groups whose mail ends so.
    pub fn with(&self, delivery: Delivery) -> impl Iterator<Item = &Group> {
        self.groups.iter().filter(move |group| group.delivery == delivery)
    }
}

fn delivery(fates: &[BTreeSet<Fate>]) -> Delivery {
    let only = |fate: Fate| move |fates: &BTreeSet<Fate>| fates.len() == 1 && fates.contains(&fate);
    if fates.iter().all(only(Fate::NotDelivered)) {
        Delivery::Refused
    } else if fates.iter().any(only(Fate::NotDelivered)) {
        Delivery::SomeRefuse
    } else if fates.iter().all(only(Fate::Encrypted)) {
        Delivery::Encrypted
    } else if fates.iter().all(only(Fate::Clear)) {
        Delivery::Clear
    } else {
        Delivery::Open
    }
}

/// How a model's mail may end: it goes from address to address, in the order of preferences, until one takes the mail.
fn fates(
    model: &SenderModel,
    places: &[Place<'_>],
    whole: bool,
    reasons: &mut BTreeSet<(Reason, String)>,
) -> BTreeSet<Fate> {
    let (mut fates, mut why) = (BTreeSet::new(), BTreeSet::new());
    for place in places {
        let mut goes_on = false;
        for (published, offered) in place.ways() {
            match model.acts(published, offered) {
                Act::Clear => drop(fates.insert(Fate::Clear)),
                Act::Delivers { .. } => drop(fates.insert(Fate::Encrypted)),
                act => {
                    goes_on = true;
                    why.insert((reason(model, act, published, offered), place.host.to_owned()));
                }
            }
        }
        if !goes_on {
            return fates;
        }
    }
    fates.insert(Fate::NotDelivered);
    if !whole {
        // One of those that were not asked may take it, in whatever way.
        fates.extend([Fate::Clear, Fate::Encrypted]);
    }
    if fates.len() == 1 {
        reasons.append(&mut why);
    }
    fates
}

fn reason(model: &SenderModel, act: Act, published: Published, offered: Offered) -> Reason {
    match act {
        Act::Avoids if published.tlsa == TlsaState::Failed && model.dane != Dane::Off => Reason::TlsaFailed,
        Act::Avoids => Reason::NoTlsa,
        Act::Shuns { .. } => Reason::Unlisted,
        Act::Leaves => Reason::NoStarttls,
        Act::Refuses { sni } => {
            let shown = if sni { offered.with_sni } else { offered.without_sni };
            match model.intends(published) {
                Intent::Connect { check, .. } if check.tlsa && !shown.tlsa => Reason::TlsaMismatch,
                _ => Reason::Certificate,
            }
        }
        Act::Clear | Act::Delivers { .. } => Reason::Certificate,
    }
}

impl Place<'_> {
    fn ways(&self) -> impl Iterator<Item = (Published, Offered)> {
        self.published.iter().flat_map(|published| self.offered.iter().map(|offered| (*published, *offered)))
    }
}

/// The addresses that answer, in the order in which senders try them, and whether there are no others.
fn places<'a>(receiving: &'a Receiving<'_>) -> (Vec<Place<'a>>, bool) {
    let evidence = receiving.evidence;
    let (mut places, mut whole) = (Vec::new(), true);
    for mx in &evidence.mx {
        for server in evidence.servers_of(&mx.host) {
            match server.reach {
                Reach::Reached => places.push(Place {
                    host: &mx.host,
                    published: published(receiving, mx, server),
                    offered: offered(receiving, server),
                }),
                // Nobody gets a connection there.
                Reach::Refused => {}
                Reach::TimedOut | Reach::Unreachable { .. } | Reach::NotTried { .. } => whole = false,
            }
        }
    }
    (places, whole)
}

/// What a check says of a subject: a word, or nothing that is known.
fn word(receiving: &Receiving<'_>, check: Check, is: impl Fn(&Subject) -> bool) -> Option<Word> {
    let mut findings = receiving.findings.iter();
    let finding = findings.find(|finding| finding.check == check && is(&finding.subject))?;
    match finding.measured {
        Measured::Is { word } => Some(word),
        _ => None,
    }
}

fn of_address(server: &Server) -> impl Fn(&Subject) -> bool {
    move |subject| matches!(subject, Subject::Address { host, ip } if *host == server.host && *ip == server.ip)
}

fn does_not_arise(receiving: &Receiving<'_>, check: Check, is: impl Fn(&Subject) -> bool) -> bool {
    let mut findings = receiving.findings.iter();
    let finding = findings.find(|finding| finding.check == check && is(&finding.subject));
    finding.is_none_or(|finding| matches!(finding.measured, Measured::NotApplicable { .. }))
}

const EITHER: [bool; 2] = [true, false];

/// What a server offers, in each way that is possible.
fn offered(receiving: &Receiving<'_>, server: &Server) -> Vec<Offered> {
    let said = |check: Check| word(receiving, check, of_address(server));
    let starttls: &[bool] = match said(Check::Starttls) {
        Some(Word::Present) => &EITHER[..1],
        Some(_) => &EITHER[1..],
        None => &EITHER,
    };
    let webpki: &[bool] = match (said(Check::CertTrust), said(Check::CertName)) {
        (Some(Word::Trusted), Some(Word::Matched)) => &EITHER[..1],
        (Some(word), _) if word != Word::Trusted => &EITHER[1..],
        (_, Some(Word::Unmatched)) => &EITHER[1..],
        _ => &EITHER,
    };
    let tlsa: &[bool] = match said(Check::TlsaMatch) {
        Some(Word::Matched) => &EITHER[..1],
        Some(_) => &EITHER[1..],
        None if does_not_arise(receiving, Check::TlsaMatch, of_address(server)) => &EITHER[1..],
        None => &EITHER,
    };
    let mut all = Vec::new();
    for &starttls in starttls {
        for &webpki in webpki {
            for &tlsa in tlsa {
                let shown = Shown { webpki, tlsa };
                all.push(Offered { starttls, with_sni: shown, without_sni: shown });
            }
        }
    }
    all
}

/// What is published of a host, in each way that senders may take it.
fn published(receiving: &Receiving<'_>, mx: &MxHost, server: &Server) -> Vec<Published> {
    let tlsa = tlsa(receiving, mx, server);
    let policy = policy(receiving, mx);
    let pairs = tlsa.into_iter().flat_map(|tlsa| policy.iter().map(move |policy| (tlsa, *policy)));
    pairs.map(|(tlsa, policy)| Published { tlsa, policy }).collect()
}

fn tlsa(receiving: &Receiving<'_>, mx: &MxHost, server: &Server) -> Vec<TlsaState> {
    let of_host = |subject: &Subject| matches!(subject, Subject::Mx { host } if *host == mx.host);
    let unusable = word(receiving, Check::TlsaMatch, of_address(server)) == Some(Word::Unusable);
    let state = match word(receiving, Check::Tlsa, of_host) {
        Some(Word::Present) if unusable => TlsaState::Unusable,
        Some(Word::Present) => TlsaState::Usable,
        Some(Word::Absent | Word::Insecure) => TlsaState::None,
        Some(Word::Bogus | Word::Unproven) => TlsaState::Failed,
        _ if does_not_arise(receiving, Check::Tlsa, of_host) => TlsaState::None,
        _ => return vec![TlsaState::None, TlsaState::Usable, TlsaState::Failed],
    };
    // Where the MX records are not signed, some senders look for TLSA records all the same (RFC 7672 §2.2.1).
    match receiving.evidence.names.mx.weakest() {
        Security::Secure => vec![state],
        _ if state == TlsaState::None => vec![state],
        _ => vec![TlsaState::None, state],
    }
}

fn policy(receiving: &Receiving<'_>, mx: &MxHost) -> Vec<PolicyState> {
    let of_domain = |subject: &Subject| matches!(subject, Subject::Domain { .. });
    let enforced = match read(receiving.evidence.names.mta_sts.fetch.as_ref()) {
        Some(policy) if policy.lists(&mx.host) => PolicyState::Listed,
        Some(_) => PolicyState::Unlisted,
        None => PolicyState::None,
    };
    match word(receiving, Check::MtaStsPolicy, of_domain) {
        Some(Word::Enforce) => vec![enforced],
        // Some obey what others throw away (RFC 8461 §3.2).
        Some(Word::Invalid) => vec![PolicyState::None, enforced],
        Some(_) => vec![PolicyState::None],
        None if does_not_arise(receiving, Check::MtaStsPolicy, of_domain) => vec![PolicyState::None],
        None => vec![PolicyState::None, PolicyState::Listed],
    }
}

fn read(fetch: Option<&Fetch>) -> Option<Policy> {
    match &fetch?.outcome {
        FetchOutcome::Answered { status: 200, body, cut: false, .. } => Policy::parse(body).ok(),
        _ => None,
    }
}
