//! internet.nl's score: points by sections, the worst MX host in TLS, a mean of percentages.

mod eras;

use std::collections::BTreeMap;

use serde::Serialize;

use crate::receiving::checks::{Check, Finding, Inapplicable, Measured, Outcome, Scope, Unknown, Word};
use crate::receiving::profiles::{Aggregate, Entry, Points, Profile, Rated, Section, Status};
use crate::shared::evidence::scan::NotTried;

pub use eras::Change;
pub(super) use eras::changes;

/// The percentage that internet.nl would give.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Score {
    /// The percentage; none: it depends on what could not be found out, or nothing was measured.
    pub score: Option<u8>,
    /// The percentage if all that is not known is bad, and if all of it is good.
    pub range: (u8, u8),
    /// The sections, in the order in which they are shown.
    pub sections: Vec<SectionScore>,
    /// Why there is no MX host to test; none: there is one, or it is not known.
    pub mx_case: Option<MxCase>,
    /// Whether the lower bound is 100 and nothing but route authorisation is unmeasured.
    pub hall_of_fame: bool,
}

/// Why there is no MX host to test, as internet.nl tells them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum MxCase {
    /// A null MX (RFC 7505): nothing to test.
    NullMx,
    /// A null MX beside others, which is none; the others are not tested.
    NullMxBesideOthers,
    /// No MX, and SPF that forbids everything: a null MX would say so.
    PublishNullMx,
    NoMx,
}

/// The percentage of one section.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SectionScore {
    pub section: Section,
    /// The percentage; none: not known, not measured, or nothing to measure.
    pub score: Option<u8>,
    /// As of [`Score::range`]; none: it is not part of the mean.
    pub range: Option<(u8, u8)>,
    /// How many points there are.
    pub maximum: u16,
    /// What it comes to.
    pub verdict: SectionVerdict,
    /// Its subtests, in the order of the profile.
    pub subtests: Vec<Subtest>,
}

/// What a section comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SectionVerdict {
    /// All required subtests are good.
    Passed,
    /// A required one is not.
    Failed,
    /// None failed, and points are lost.
    Recommendation,
    /// There is nothing to measure.
    Info,
    /// It depends on what could not be found out.
    Inconclusive,
    /// The operator has no source for it. It is dropped from the mean.
    NotMeasured,
}

/// One subtest over all it was asked of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subtest {
    /// The check; its `internetnl` is the subtest's name.
    pub check: Check,
    /// The worst of all findings.
    pub status: Status,
    /// The finding that makes it so, by its place in the list: the culprit.
    pub culprit: Option<usize>,
    /// The points of the worst MX host, or of the domain; none: it gives none, or is left out.
    pub points: Option<Points>,
    /// All findings, by their places.
    pub findings: Vec<usize>,
}

impl Score {
    pub(super) fn outcome(&self) -> Outcome {
        let has = |verdict| self.sections.iter().any(|section| section.verdict == verdict);
        if has(SectionVerdict::Failed) {
            Outcome::Fail
        } else if has(SectionVerdict::Inconclusive) || self.score.is_none() {
            Outcome::Inconclusive
        } else {
            Outcome::Pass
        }
    }

    /// The sections that are dropped from the mean because they were not measured.
    pub fn not_measured(&self) -> impl Iterator<Item = Section> {
        let dropped = |section: &&SectionScore| section.verdict == SectionVerdict::NotMeasured;
        self.sections.iter().filter(dropped).map(|section| section.section)
    }
}

pub(super) fn score(profile: &Profile, findings: &[Finding], rated: &[Rated]) -> Score {
    let sections: Vec<SectionScore> = Section::ALL
        .into_iter()
        .filter_map(|section| Some((section, *profile.sections.get(&section)?)))
        .map(|(section, aggregate)| Asked { profile, findings, rated, section }.score(aggregate))
        .collect();
    let ranges: Vec<(u8, u8)> = sections.iter().filter_map(|section| section.range).collect();
    let mean = |of: fn(&(u8, u8)) -> u8| {
        let sum: usize = ranges.iter().map(|range| usize::from(of(range))).sum();
        u8::try_from(sum / ranges.len().max(1)).unwrap_or(100)
    };
    let range = (mean(|range| range.0), mean(|range| range.1));
    let only_routes = |section: &SectionScore| {
        section.verdict != SectionVerdict::NotMeasured || section.section == Section::Rpki
    };
    Score {
        score: (!ranges.is_empty() && range.0 == range.1).then_some(range.0),
        range,
        hall_of_fame: !ranges.is_empty() && range.0 == 100 && sections.iter().all(only_routes),
        mx_case: mx_case(findings),
        sections,
    }
}

fn mx_case(findings: &[Finding]) -> Option<MxCase> {
    let is = |check: Check, word: Word| {
        let measured = Measured::Is { word };
        findings.iter().any(|finding| finding.check == check && finding.measured == measured)
    };
    let no_mx = is(Check::MxRecords, Word::Absent) || is(Check::MxRecords, Word::Fallback);
    // `v=spf1 -all` costs no look-up and names nobody: what ends in -all and has no mechanism before it.
    let forbids = findings.iter().any(|finding| {
        finding.check == Check::Spf && finding.details.iter().any(|row| row.trim() == "v=spf1 -all")
    });
    if is(Check::MxRecords, Word::Null) {
        Some(MxCase::NullMx)
    } else if is(Check::MxRecords, Word::Several) {
        Some(MxCase::NullMxBesideOthers)
    } else if no_mx {
        Some(if forbids { MxCase::PublishNullMx } else { MxCase::NoMx })
    } else {
        None
    }
}

/// The findings of one section.
struct Asked<'a> {
    profile: &'a Profile,
    findings: &'a [Finding],
    rated: &'a [Rated],
    section: Section,
}

/// What points are summed over: the domain, or one MX host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Unit<'a> {
    Domain,
    /// None: there is no host, or none is known.
    Host(Option<&'a str>),
}

type Table<'a> = BTreeMap<Unit<'a>, BTreeMap<Check, Points>>;

impl<'a> Asked<'a> {
    fn entries(&self) -> impl Iterator<Item = &'a Entry> {
        let section = self.section;
        self.profile
            .checks()
            .filter_map(|check| self.profile.entry(check))
            .filter(move |entry| entry.section == Some(section))
    }

    /// The findings of a check that count: an address in whose place another was looked at does not.
    fn of(&self, check: Check) -> impl Iterator<Item = (usize, &'a Finding, &'a Rated)> {
        let all = self.findings.iter().zip(self.rated).enumerate();
        all.map(|(index, (finding, rated))| (index, finding, rated)).filter(move |(_, finding, _)| {
            finding.check == check
                && finding.measured != (Measured::NotApplicable { why: Inapplicable::OtherAddressCounts })
        })
    }

    fn unit(finding: &'a Finding) -> Unit<'a> {
        match finding.check.scope() {
            Scope::Domain => Unit::Domain,
            Scope::Mx | Scope::Address => Unit::Host(finding.subject.host()),
        }
    }

    /// Per unit and check the points of the worst address.
    fn table(&self) -> Table<'a> {
        let mut table = Table::new();
        for entry in self.entries() {
            for (_, finding, rated) in self.of(entry.check) {
                let Some(points) = rated.points else { continue };
                let of_unit = table.entry(Self::unit(finding)).or_default();
                let worst = of_unit.entry(entry.check).or_insert(points);
                worst.least = worst.least.min(points.least);
                worst.most = worst.most.min(points.most);
                worst.counted |= points.counted;
            }
        }
        // What counts only beside something else.
        for checks in table.values_mut() {
            for entry in self.entries() {
                let base = entry.counts_with.and_then(|base| checks.get(&base)).copied();
                if let (Some(Points { most: 0, .. }), Some(points)) = (base, checks.get_mut(&entry.check)) {
                    (points.least, points.most, points.counted) = (0, 0, false);
                }
            }
            for entry in self.entries() {
                let Some(needed) = entry.needs else { continue };
                let (may_lack, lacks) = match checks.get(&needed) {
                    Some(needed) => (needed.least < needed.of, needed.most < needed.of),
                    None => self.lacks(needed),
                };
                if let Some(points) = checks.get_mut(&entry.check) {
                    points.least = if may_lack { 0 } else { points.least };
                    points.most = if lacks { 0 } else { points.most };
                }
            }
        }
        // A host without any address that could be asked says nothing about its TLS.
        let mute = |unit: &Unit<'_>| {
            let mut asked = self.findings.iter().filter(|finding| {
                Self::unit(finding) == *unit
                    && finding.check.scope() == Scope::Address
                    && self
                        .profile
                        .entry(finding.check)
                        .is_some_and(|entry| entry.section == Some(self.section))
            });
            let silent = Measured::NotApplicable { why: Inapplicable::NoAddress };
            asked.clone().next().is_some() && asked.all(|finding| finding.measured == silent)
        };
        table.retain(|unit, _| *unit == Unit::Domain || !mute(unit));
        table
    }

    /// Whether a check of the domain that gives no points of its own may have failed, and whether it has.
    fn lacks(&self, check: Check) -> (bool, bool) {
        let has = |status| {
            let mut of_domain = self.of(check).filter(|_| check.scope() == Scope::Domain);
            of_domain.any(|(.., rated)| rated.status() == status)
        };
        (has(Status::Failed) || has(Status::Inconclusive), has(Status::Failed))
    }

    fn score(&self, aggregate: Aggregate) -> SectionScore {
        let table = self.table();
        let counted: Vec<Check> = self
            .entries()
            .map(|entry| entry.check)
            .filter(|check| {
                table.values().any(|checks| checks.get(check).is_some_and(|points| points.counted))
            })
            .collect();
        let (least, most, maximum) = match aggregate {
            Aggregate::Sum => sum(&table, &counted),
            Aggregate::Minimum => minimum(&table, &counted),
        };
        let percent = |points: u32| u8::try_from(100 * points / u32::from(maximum.max(1))).unwrap_or(100);
        let range = (maximum > 0).then(|| (percent(least), percent(most)));
        let verdict = self.verdict(&counted, range, least < u32::from(maximum));
        let range = range.filter(|_| verdict != SectionVerdict::NotMeasured);
        SectionScore {
            section: self.section,
            score: range.filter(|(least, most)| least == most).map(|(least, _)| least),
            range,
            maximum,
            verdict,
            subtests: self.entries().map(|entry| self.subtest(entry, &table, &counted)).collect(),
        }
    }

    fn verdict(&self, counted: &[Check], range: Option<(u8, u8)>, lost: bool) -> SectionVerdict {
        let unmeasured = |finding: &Finding| matches!(&finding.measured, Measured::Inconclusive { why } if not_measured(*why));
        let arises = |(_, finding, _): &(usize, &Finding, &Rated)| {
            !matches!(finding.measured, Measured::NotApplicable { .. })
        };
        let mut scored = counted.iter().flat_map(|check| self.of(*check)).filter(arises).peekable();
        if scored.peek().is_some() && scored.all(|(_, finding, _)| unmeasured(finding)) {
            return SectionVerdict::NotMeasured;
        }
        let matters = |rated: &Rated| rated.may_fail || rated.points.is_some();
        let open = self.entries().any(|entry| {
            self.of(entry.check).any(|(.., rated)| rated.status() == Status::Inconclusive && matters(rated))
        });
        let failed = self
            .entries()
            .any(|entry| self.of(entry.check).any(|(.., rated)| rated.status() == Status::Failed));
        let several = mx_case(self.findings) == Some(MxCase::NullMxBesideOthers);
        match range {
            _ if failed => SectionVerdict::Failed,
            _ if open => SectionVerdict::Inconclusive,
            None if several => SectionVerdict::Recommendation,
            None => SectionVerdict::Info,
            Some(_) if lost => SectionVerdict::Recommendation,
            Some(_) => SectionVerdict::Passed,
        }
    }

    fn subtest(&self, entry: &Entry, table: &Table<'_>, counted: &[Check]) -> Subtest {
        let rank = |status: Status| match status {
            Status::NotScored => 0,
            Status::NotApplicable => 1,
            Status::Passed => 2,
            Status::Info => 3,
            Status::Recommendation => 4,
            Status::Inconclusive => 5,
            Status::Failed => 6,
        };
        let least = |rated: &Rated| std::cmp::Reverse(rated.points.map_or(0, |points| points.least));
        // The first of the worst.
        let worst = self.of(entry.check).min_by_key(|(_, _, rated)| {
            (std::cmp::Reverse(rank(rated.status())), std::cmp::Reverse(least(rated)))
        });
        let points = table.values().filter_map(|checks| checks.get(&entry.check)).copied();
        let status = worst.map_or(Status::NotScored, |(_, _, rated)| rated.status());
        Subtest {
            check: entry.check,
            status,
            culprit: worst.map(|(index, ..)| index).filter(|_| rank(status) > rank(Status::Passed)),
            points: points
                .min_by_key(|points| (points.least, points.most))
                .filter(|_| counted.contains(&entry.check)),
            findings: self.of(entry.check).map(|(index, ..)| index).collect(),
        }
    }
}

/// Whether nothing was asked because nobody is there to ask, or to ask for.
fn not_measured(why: Unknown) -> bool {
    match why {
        Unknown::NoSource | Unknown::SourceFailed => true,
        Unknown::NotTried { why } => why == NotTried::NotVouchedFor,
        _ => false,
    }
}

/// The sums of all checks; of MX hosts the mean, without its fraction.
fn sum(table: &Table<'_>, counted: &[Check]) -> (u32, u32, u16) {
    let mut total = (0, 0, 0);
    for check in counted {
        let points: Vec<&Points> = table.values().filter_map(|checks| checks.get(check)).collect();
        let hosts = u32::try_from(points.len()).unwrap_or(u32::MAX).max(1);
        total.0 += points.iter().map(|points| u32::from(points.least)).sum::<u32>() / hosts;
        total.1 += points.iter().map(|points| u32::from(points.most)).sum::<u32>() / hosts;
        total.2 += points.iter().map(|points| points.of).max().unwrap_or(0);
    }
    total
}

/// The sum of the unit that has the least. All count against the same maximum.
fn minimum(table: &Table<'_>, counted: &[Check]) -> (u32, u32, u16) {
    let of = |checks: &BTreeMap<Check, Points>, points: fn(&Points) -> u16| -> u32 {
        counted.iter().filter_map(|check| checks.get(check)).map(|p| u32::from(points(p))).sum()
    };
    let maximum = |of_host: bool| -> u16 {
        let all = counted.iter().filter(|check| (check.scope() != Scope::Domain) == of_host);
        let points = |check: &&Check| table.values().find_map(|checks| checks.get(check)).map(|p| p.of);
        all.filter_map(|check| points(&check)).sum()
    };
    let maximum = maximum(true).max(maximum(false));
    // A unit in which nothing counts, such as no MX host at all, is none.
    let units = || table.values().filter(|checks| checks.values().any(|points| points.counted));
    let least = units().map(|checks| of(checks, |points| points.least)).min().unwrap_or(0);
    let most = units().map(|checks| of(checks, |points| points.most)).min().unwrap_or(0);
    (least, most, maximum)
}
