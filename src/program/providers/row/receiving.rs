//! How a provider's domains receive: the newest check of each that counts.

use serde::{Deserialize, Serialize};

use crate::receiving::grades::{Grade, Receiving};
use crate::shared::evidence::scan::Evidence;
use crate::shared::time::{Timestamp, before};

use super::super::exhibit::{Document, Exhibit};
use super::super::provider::Provider;
use super::super::settings::Settings;
use super::{Colour, Counting, Freshness};

/// The profile that the hall of fame goes by.
const HALL_PROFILE: &str = "internetnl-2025";
/// The percentage that the hall of fame wants.
const FULL: u8 = 100;

/// How a domain receives.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DomainRow {
    pub domain: String,
    /// The check it is by.
    pub exhibit: i64,
    /// When that was.
    pub at: Timestamp,
    /// What it comes to.
    pub measure: Measure,
    /// Lindenberg's colour.
    pub colour: Colour,
}

/// What a check comes to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measure {
    /// The percentage by internet.nl's rules: if all that is not known is bad, and if all of it is good.
    pub internetnl: Option<(u8, u8)>,
    /// Our own letter; none: open, or it does not apply.
    pub letter: Option<String>,
    /// Whether qualified transport encryption is possible at every MX host; none: not known.
    pub qte: Option<bool>,
    /// Whether it is worth the hall of fame.
    pub worth: Worth,
}

/// Whether a check is worth the hall of fame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Worth {
    /// 100 % for certain.
    Full,
    /// Less for certain.
    Failed,
    /// It depends on what could not be found out.
    Open,
}

impl Worth {
    /// Its name in the archive.
    pub fn name(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Failed => "failed",
            Self::Open => "open",
        }
    }

    /// The one of a name.
    pub fn of_name(name: &str) -> Option<Self> {
        [Self::Full, Self::Failed, Self::Open].into_iter().find(|worth| worth.name() == name)
    }
}

/// A check of a domain, and what it comes to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CheckShown {
    pub exhibit: i64,
    pub domain: String,
    pub at: Timestamp,
    pub counting: Counting,
    pub measure: Measure,
    pub colour: Colour,
}

/// All checks among the evidence, by the rules of today.
pub(super) fn checks(exhibits: &[Exhibit], counting: impl Fn(&Exhibit) -> Counting) -> Vec<CheckShown> {
    let check = |exhibit: &Exhibit| {
        let Document::Check(evidence) = &exhibit.document else { return None };
        let (measure, colour) = measure(evidence);
        Some(CheckShown {
            exhibit: exhibit.number,
            domain: evidence.domain.clone(),
            at: evidence.to,
            counting: counting(exhibit),
            measure,
            colour,
        })
    };
    exhibits.iter().filter_map(check).collect()
}

/// The newest check that counts of each of its domains.
pub(super) fn rows(provider: &Provider, checks: &[CheckShown]) -> Vec<DomainRow> {
    let newest = |domain: &String| {
        let counts = |check: &&CheckShown| check.domain == *domain && check.counting == Counting::Counts;
        let check = checks.iter().filter(counts).max_by_key(|check| check.at)?;
        Some(DomainRow {
            domain: domain.clone(),
            exhibit: check.exhibit,
            at: check.at,
            measure: check.measure.clone(),
            colour: check.colour,
        })
    };
    provider.domains.iter().filter_map(newest).collect()
}

fn measure(evidence: &Evidence) -> (Measure, Colour) {
    let receiving = Receiving::of(evidence, evidence.to);
    let grade = |profile| receiving.ratings.of(profile).map(|rating| &rating.grade);
    let internetnl = match grade(HALL_PROFILE) {
        Some(Grade::Internetnl(score)) => Some(score.range),
        _ => None,
    };
    let worth = match internetnl {
        _ if receiving.ratings.hall_of_fame() => Worth::Full,
        Some((_, best)) if best < FULL => Worth::Failed,
        _ => Worth::Open,
    };
    let letter = match grade("mailassay") {
        Some(Grade::Mailassay(own)) => own.letter.map(|letter| letter.name().to_owned()),
        _ => None,
    };
    let qte = match grade("qte") {
        Some(Grade::Qte(qte)) if qte.applies => qte.capable,
        _ => None,
    };
    let colour = match grade("lindenberg") {
        Some(Grade::Lindenberg(lindenberg)) => Colour::of_check(lindenberg.colour),
        _ => Colour::Grey,
    };
    (Measure { internetnl, letter, qte, worth }, colour)
}

impl DomainRow {
    /// How fresh it is at `now`.
    pub fn freshness(&self, settings: &Settings, now: Timestamp) -> Freshness {
        match self.at >= before(now, settings.evidence_s()) {
            true => Freshness::Fresh,
            false => Freshness::TooOld,
        }
    }

    /// The colour at `now`.
    pub fn colour_at(&self, settings: &Settings, now: Timestamp) -> Colour {
        match self.freshness(settings, now) {
            Freshness::Fresh => self.colour,
            Freshness::TooLittle | Freshness::TooOld => Colour::Grey,
        }
    }
}
