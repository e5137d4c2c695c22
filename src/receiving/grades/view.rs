//! Findings, as grades ask for them.

use std::net::IpAddr;

use crate::receiving::checks::{Check, Finding, Inapplicable, Level, Measured, Subject, Word, subjects};
use crate::receiving::profiles::Rated;
use crate::shared::evidence::scan::Evidence;

/// Findings and their rating, under an assumption about all that is not known. Every question is put so that *yes* is
/// the better answer: a grade that comes out alike under both assumptions is certain.
#[derive(Clone, Copy, Debug)]
pub(super) struct View<'a> {
    pub(super) evidence: &'a Evidence,
    pub(super) findings: &'a [Finding],
    pub(super) rated: &'a [Rated],
    /// What is said of what could not be found out.
    pub(super) unknown: bool,
}

/// An MX host and one of its addresses that count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place<'a> {
    pub(super) host: &'a str,
    /// None: the host shows no address that could be looked at.
    pub(super) ip: Option<IpAddr>,
}

impl<'a> View<'a> {
    pub(super) fn assuming(self, unknown: bool) -> Self {
        Self { unknown, ..self }
    }

    /// The MX hosts, by preference; without those that have no address, which senders pass over, unless there is no
    /// other.
    pub(super) fn hosts(self) -> impl Iterator<Item = &'a str> {
        let all = || subjects::hosts(self.evidence).map(|mx| mx.host.as_str());
        let silent = Measured::NotApplicable { why: Inapplicable::NoAddress };
        let mute = move |host: &str| {
            let starttls = |finding: &&Finding| finding.check == Check::Starttls;
            let mut own = self.findings.iter().filter(starttls).filter(|f| f.subject.host() == Some(host));
            own.clone().next().is_some() && own.all(|finding| finding.measured == silent)
        };
        let some = all().any(|host| !mute(host));
        all().filter(move |host| !some || !mute(host))
    }

    /// Whether the domain has an MX host, or it is not known that it has none.
    pub(super) fn receives(self) -> bool {
        let domain = Place { host: "", ip: None };
        let records = self.finding(Check::MxRecords, domain).map(|(_, finding)| &finding.measured);
        let none = matches!(records, Some(Measured::Is { word: Word::Null | Word::Absent }));
        self.hosts().next().is_some() || !none
    }

    /// A host's addresses that count: without those in whose place another one of the host is looked at.
    pub(super) fn places(self, host: &'a str) -> Vec<Place<'a>> {
        let counts = |finding: &&Finding| {
            !matches!(finding.measured, Measured::NotApplicable { why: Inapplicable::OtherAddressCounts })
        };
        let found = self.findings.iter().filter(|finding| finding.check == Check::Starttls).filter(counts);
        let addresses = found.filter_map(|finding| match &finding.subject {
            Subject::Address { host: of, ip } if of == host => Some(Place { host, ip: Some(*ip) }),
            _ => None,
        });
        let mut places: Vec<_> = addresses.collect();
        if places.is_empty() {
            places.push(Place { host, ip: None });
        }
        places
    }

    /// The finding of a check for a place, or for what it belongs to.
    pub(super) fn finding(self, check: Check, place: Place<'_>) -> Option<(usize, &'a Finding)> {
        let fits = |subject: &Subject| match subject {
            Subject::Domain { .. } => Some(0),
            Subject::Mx { host } => (host == place.host).then_some(1),
            Subject::Address { host, ip } => (host == place.host && place.ip == Some(*ip)).then_some(2),
        };
        let found = self.findings.iter().enumerate().filter(|(_, finding)| finding.check == check);
        found
            .filter_map(|found| Some((fits(&found.1.subject)?, found)))
            .max_by_key(|(rank, _)| *rank)
            .map(|f| f.1)
    }

    /// Whether a check found one of the words that `good` allows.
    pub(super) fn holds(self, check: Check, place: Place<'_>, good: &[Word]) -> bool {
        self.holds_or(check, place, good, false)
    }

    /// Likewise; `elsewhere` is said where the question does not arise.
    pub(super) fn holds_or(self, check: Check, place: Place<'_>, good: &[Word], elsewhere: bool) -> bool {
        match self.finding(check, place).map(|(_, finding)| &finding.measured) {
            Some(Measured::Is { word }) => good.contains(word),
            Some(Measured::NotApplicable { .. }) => elsewhere,
            _ => self.unknown,
        }
    }

    /// Whether the profile is content with one aspect of a check.
    pub(super) fn aspect(self, check: Check, aspect: &str, place: Place<'_>) -> bool {
        let Some((index, _)) = self.finding(check, place) else { return self.unknown };
        let rated = self.rated.get(index);
        let level = rated
            .and_then(|rated| rated.aspects.iter().find(|part| part.name == aspect).map(|part| part.level));
        match level {
            Some(Level::Good | Level::Sufficient) => true,
            Some(
                Level::Info | Level::Notice | Level::PhaseOut | Level::Insufficient | Level::NotApplicable,
            ) => false,
            Some(Level::Inconclusive | Level::NotScored) | None => self.unknown,
        }
    }

    /// What is asked under both assumptions; none: it depends.
    pub(super) fn known(self, ask: impl Fn(Self) -> bool) -> Option<bool> {
        let (worst, best) = (ask(self.assuming(false)), ask(self.assuming(true)));
        (worst == best).then_some(best)
    }

    /// Of `checks` those that could not be found out somewhere.
    pub(super) fn open(self, checks: &[Check]) -> Vec<Check> {
        let open = |check: &&Check| {
            let of = |finding: &&Finding| finding.check == **check;
            self.findings
                .iter()
                .filter(of)
                .any(|finding| matches!(finding.measured, Measured::Inconclusive { .. }))
        };
        checks.iter().filter(open).copied().collect()
    }
}
