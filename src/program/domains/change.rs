//! What differs between two scans of a domain: what the domain changed, told apart from what our rules did.

use std::collections::{BTreeMap, BTreeSet};

use crate::receiving::checks::Check;
use crate::receiving::grades::Receiving;
use crate::receiving::profiles::Status;
use crate::shared::evidence::scan::{Evidence, LookupResult, RealHandshake};
use crate::shared::time::Timestamp;

use super::verdict::{Verdict, rules};

/// How many lines of one kind of fact are compared.
const LINES_MAX: usize = 200;

/// What differs between an earlier scan of a domain and a later one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changes {
    /// When the earlier of both scans ended.
    pub since: Timestamp,
    /// What the domain publishes or shows now and did not, or the other way round.
    pub facts: Vec<FactChange>,
    /// What became of checks because the domain is another: both scans by the rules of today.
    pub theirs: Vec<Changed>,
    /// What became of the earlier scan because our rules are others: by the rules of then and by those of today.
    pub ours: Vec<Changed>,
    /// Whether our rules are others.
    pub other_rules: bool,
}

/// A check that came to something else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Changed {
    pub check: Check,
    /// What it came to; none: there was no such check.
    pub before: Option<Status>,
    pub after: Option<Status>,
}

/// Which way it went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Way {
    Better,
    Worse,
    /// One of both could not be found out, so that nobody knows.
    Open,
    /// The question arises, or arises no more.
    Other,
}

impl Changed {
    /// Which way it went.
    pub fn way(&self) -> Way {
        let rated = |status: Option<Status>| match status {
            Some(Status::Passed | Status::Info) => Some(0),
            Some(Status::Recommendation) => Some(1),
            Some(Status::Failed) => Some(2),
            _ => None,
        };
        let open = Some(Status::Inconclusive);
        match (rated(self.before), rated(self.after)) {
            _ if self.before == open || self.after == open => Way::Open,
            (Some(before), Some(after)) if after < before => Way::Better,
            (Some(before), Some(after)) if after > before => Way::Worse,
            _ => Way::Other,
        }
    }
}

/// A kind of thing that a domain publishes or shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fact {
    Mx,
    Addresses,
    Tlsa,
    Certificates,
    MtaSts,
    TlsRpt,
    Spf,
    Dmarc,
    NameServers,
    Ds,
}

impl Fact {
    /// All, in the order in which they are told.
    pub const ALL: [Self; 10] = [
        Self::Mx,
        Self::Addresses,
        Self::Tlsa,
        Self::Certificates,
        Self::MtaSts,
        Self::TlsRpt,
        Self::Spf,
        Self::Dmarc,
        Self::NameServers,
        Self::Ds,
    ];

    /// Its name in texts.
    pub fn name(self) -> &'static str {
        match self {
            Self::Mx => "mx",
            Self::Addresses => "addresses",
            Self::Tlsa => "tlsa",
            Self::Certificates => "certificates",
            Self::MtaSts => "mta-sts",
            Self::TlsRpt => "tlsrpt",
            Self::Spf => "spf",
            Self::Dmarc => "dmarc",
            Self::NameServers => "name-servers",
            Self::Ds => "ds",
        }
    }
}

/// What came and went of one kind, as it stands in DNS or in a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FactChange {
    pub fact: Fact,
    pub gone: Vec<String>,
    pub new: Vec<String>,
}

impl Changes {
    /// What differs between an earlier scan, which the rules of its time judged so, and a later one.
    pub fn between(then: &Verdict, earlier: &Evidence, later: &Evidence) -> Self {
        let judged = |evidence: &Evidence| Verdict::of(&Receiving::of(evidence, evidence.to)).statuses;
        let (before, after) = (judged(earlier), judged(later));
        let other_rules = then.rules != rules();
        let ours = if other_rules { differing(&then.statuses, &before) } else { Vec::new() };
        let facts = Fact::ALL.into_iter().filter_map(|fact| changed(fact, earlier, later)).collect();
        Self { since: earlier.to, facts, theirs: differing(&before, &after), ours, other_rules }
    }

    /// Whether nothing differs.
    pub fn is_empty(&self) -> bool {
        self.facts.is_empty() && self.theirs.is_empty() && self.ours.is_empty()
    }
}

/// The checks that came to something else, what is worse first. That a question is not part of the profile is no change.
fn differing(before: &BTreeMap<String, Status>, after: &BTreeMap<String, Status>) -> Vec<Changed> {
    let told = |status: Option<&Status>| status.copied().filter(|status| *status != Status::NotScored);
    let changed = |check: &Check| {
        let (before, after) = (told(before.get(check.id())), told(after.get(check.id())));
        (before != after).then_some(Changed { check: *check, before, after })
    };
    let mut all: Vec<Changed> = Check::ALL.iter().filter_map(changed).collect();
    all.sort_by_key(|changed| {
        let order = match changed.way() {
            Way::Worse => 0,
            Way::Better => 1,
            Way::Open => 2,
            Way::Other => 3,
        };
        (order, std::cmp::Reverse(changed.after.map_or(0, Status::rank)))
    });
    all
}

/// None where nothing differs, and where one of both scans does not know.
fn changed(fact: Fact, earlier: &Evidence, later: &Evidence) -> Option<FactChange> {
    let (before, after) = (lines(fact, earlier)?, lines(fact, later)?);
    let gone: Vec<String> = before.difference(&after).take(LINES_MAX).cloned().collect();
    let new: Vec<String> = after.difference(&before).take(LINES_MAX).cloned().collect();
    (!gone.is_empty() || !new.is_empty()).then_some(FactChange { fact, gone, new })
}

/// All that is known of one kind; none where something of it could not be found out.
fn lines(fact: Fact, evidence: &Evidence) -> Option<BTreeSet<String>> {
    let names = &evidence.names;
    match fact {
        Fact::Mx => written(&names.mx, |mx| format!("{} {}", mx.preference, mx.host)),
        Fact::Addresses => all(evidence.mx.iter().flat_map(|mx| {
            [&mx.a, &mx.aaaa].map(|looked| written(looked, |ip| format!("{} {ip}", mx.host)))
        })),
        Fact::Tlsa => all(evidence
            .mx
            .iter()
            .map(|mx| written(mx.tlsa.counting(), |tlsa| format!("{} {tlsa}", mx.host)))),
        Fact::Certificates => certificates(evidence),
        Fact::MtaSts => texts(&names.mta_sts.record, "v=STSv1"),
        Fact::TlsRpt => texts(&names.tlsrpt, "v=TLSRPTv1"),
        Fact::Spf => names.spf.policies.first().and_then(|policy| texts(&policy.txt, "v=spf1")),
        Fact::Dmarc => names.dmarc.walk.first().and_then(|looked| texts(looked, "v=DMARC1")),
        Fact::NameServers => written(&names.ns, Clone::clone),
        Fact::Ds => written(&names.ds, |ds| format!("{} {} {}", ds.key_tag, ds.algorithm, ds.digest_type)),
    }
}

fn all(parts: impl Iterator<Item = Option<BTreeSet<String>>>) -> Option<BTreeSet<String>> {
    parts.collect::<Option<Vec<_>>>().map(|parts| parts.into_iter().flatten().collect())
}

fn written<T>(looked: &LookupResult<T>, write: impl Fn(&T) -> String) -> Option<BTreeSet<String>> {
    (!looked.unknown()).then(|| looked.records().iter().map(write).collect())
}

/// TXT records that begin so, whatever the case of letters; what others publish at the name is of no concern.
fn texts(looked: &LookupResult<String>, begin: &str) -> Option<BTreeSet<String>> {
    let is_one = |text: &String| text.get(..begin.len()).is_some_and(|own| own.eq_ignore_ascii_case(begin));
    written(looked, Clone::clone).map(|texts| texts.into_iter().filter(is_one).collect())
}

/// The servers' own certificates, if every address showed one.
fn certificates(evidence: &Evidence) -> Option<BTreeSet<String>> {
    let of = |server: &crate::shared::evidence::scan::Server| {
        let Some(RealHandshake::Completed(completed)) = &server.handshake else { return None };
        let sha256 = completed.chain.first()?;
        let certificate = evidence.certificates.get(sha256)?;
        let day = certificate.not_after.strftime("%Y-%m-%d");
        Some(format!("{} {} (… {day}, SHA-256 {sha256:.16})", server.host, certificate.issuer))
    };
    evidence.servers.iter().map(of).collect()
}
