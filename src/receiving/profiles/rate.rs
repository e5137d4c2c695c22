//! What a profile says of a finding.

use serde::{Deserialize, Serialize};

use super::order::Ruling;
use super::{Breach, Circumstance, Entry, Profile, Rule, Section, Worst};
use crate::receiving::checks::{Finding, Inapplicable, Item, Level, Measured, Scope, Tables};

/// What is known of the world of a finding, beside it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Circumstances {
    /// Whether the MX host has a usable TLSA record of usage DANE-TA.
    pub dane_ta: bool,
    /// Whether every certificate matches a secure TLSA record, all of usage DANE-EE.
    pub dane_ee: bool,
    /// Whether the domain has no MX records, and is measured at its own addresses.
    pub implicit_mx: bool,
    /// Whether there is a null MX beside others (RFC 7505 §3 forbids it).
    pub beside_null_mx: bool,
}

/// What a finding comes to, in internet.nl's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    Passed,
    /// Neither good nor bad, and worth knowing.
    Info,
    /// Should be better; also what should be phased out.
    Recommendation,
    Failed,
    /// The question does not arise.
    NotApplicable,
    /// It could not be found out.
    Inconclusive,
    /// Not part of the profile.
    NotScored,
}

impl Status {
    /// How bad it is beside others. What could not be found out is worse than a recommendation, and better than a
    /// failure.
    pub fn rank(self) -> u8 {
        match self {
            Self::NotScored => 0,
            Self::NotApplicable => 1,
            Self::Info => 2,
            Self::Passed => 3,
            Self::Recommendation => 4,
            Self::Inconclusive => 5,
            Self::Failed => 6,
        }
    }
}

/// Points, as a range where it is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Points {
    /// If all that is not known is bad.
    pub least: u16,
    /// If all that is not known is good.
    pub most: u16,
    /// The most that there are to be had.
    pub of: u16,
    /// Whether they count in the maximum; false: only if the question arises at another MX host.
    pub counted: bool,
}

/// A profile's opinion of one finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Rated {
    /// The level: of several aspects the worst.
    pub level: Level,
    /// Whether it could have come to a failure.
    #[serde(skip)]
    pub may_fail: bool,
    /// The points, where the profile gives any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub points: Option<Points>,
    /// The items that make it bad, the worst first.
    #[serde(skip)]
    pub affected: Vec<Item>,
    /// What breaks the order of suites.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub breach: Option<Breach>,
    /// Each aspect, where the profile asks more than one thing.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub aspects: Vec<Aspect>,
}

/// One of several things that a profile asks of a check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Aspect {
    /// Its name in the profile.
    pub name: String,
    pub level: Level,
}

impl From<Level> for Status {
    fn from(level: Level) -> Self {
        match level {
            Level::Good | Level::Sufficient => Self::Passed,
            Level::Info => Self::Info,
            Level::Notice | Level::PhaseOut => Self::Recommendation,
            Level::Insufficient => Self::Failed,
            Level::NotApplicable => Self::NotApplicable,
            Level::Inconclusive => Self::Inconclusive,
            Level::NotScored => Self::NotScored,
        }
    }
}

impl Rated {
    /// What it comes to.
    pub fn status(&self) -> Status {
        self.level.into()
    }

    /// A finding of a check that the profile does not know.
    fn not_scored() -> Self {
        Self {
            level: Level::NotScored,
            may_fail: false,
            points: None,
            affected: Vec::new(),
            breach: None,
            aspects: Vec::new(),
        }
    }
}

impl Profile {
    /// Rates a finding.
    pub fn rate(&self, finding: &Finding, circumstances: Circumstances) -> Rated {
        let mut rated: Option<Rated> = None;
        for entry in self.entries(finding.check) {
            let one = self.rate_by(entry, finding, circumstances);
            let aspect = entry.aspect.clone().map(|name| Aspect { name, level: one.level });
            rated = Some(match rated {
                None => Rated { aspects: aspect.into_iter().collect(), ..one },
                Some(mut before) => {
                    before.aspects.extend(aspect);
                    let may_fail = before.may_fail || one.may_fail;
                    let (before, one) = (Rated { may_fail, ..before }, Rated { may_fail, ..one });
                    if weight(one.status()) > weight(before.status()) {
                        Rated { aspects: before.aspects, ..one }
                    } else {
                        before
                    }
                }
            });
        }
        rated.unwrap_or_else(Rated::not_scored)
    }

    /// Whether something was measured at hosts that this profile's rules do not look at.
    fn strange(&self, finding: &Finding, circumstances: Circumstances) -> bool {
        finding.check.scope() != Scope::Domain
            && (circumstances.implicit_mx && !self.implicit_mx
                || circumstances.beside_null_mx && !self.beside_null_mx)
    }

    fn rate_by(&self, entry: &Entry, finding: &Finding, circumstances: Circumstances) -> Rated {
        let given = |circumstance: Option<Circumstance>| match circumstance {
            Some(Circumstance::DaneTa) => circumstances.dane_ta,
            Some(Circumstance::DaneEe) => circumstances.dane_ee,
            None => false,
        };
        let worst = match (given(entry.required_with), given(entry.excused_with)) {
            (true, _) => Worst::Fail,
            (false, true) => Worst::Notice,
            (false, false) => entry.worst,
        };
        let elsewhere = || Points {
            least: entry.elsewhere.points,
            most: entry.elsewhere.points,
            of: entry.points,
            counted: !entry.elsewhere.left_out,
        };
        let nothing = Points { least: 0, most: 0, of: entry.points, counted: false };
        let may_fail = worst.at_worst(entry.rule.worst_level()) == Level::Insufficient;
        let rated = |level: Level, points: Points, ruling: Ruling| Rated {
            level,
            may_fail,
            points: (entry.points > 0).then_some(points),
            affected: ruling.affected,
            breach: ruling.breach,
            aspects: Vec::new(),
        };
        match &finding.measured {
            _ if self.strange(finding, circumstances) => {
                rated(Level::NotApplicable, nothing, Ruling::default())
            }
            Measured::NotApplicable { why } if nobody(entry, *why) => {
                rated(Level::NotApplicable, nothing, Ruling::default())
            }
            Measured::NotApplicable { .. } if !matches!(entry.rule, Rule::Always(_)) => {
                rated(Level::NotApplicable, elsewhere(), Ruling::default())
            }
            measured => {
                let ruling = entry.rule.apply(measured, Tables::embedded());
                let Some(level) = ruling.level else {
                    return inconclusive(entry, may_fail);
                };
                let word = match measured {
                    Measured::Is { word } => entry.worth.get(word).copied(),
                    _ => None,
                };
                let points = word.unwrap_or(if level == Level::Insufficient { 0 } else { entry.points });
                let points = Points { least: points, most: points, of: entry.points, counted: true };
                rated(worst.at_worst(level), points, ruling)
            }
        }
    }
}

/// Whether there is nobody to ask, so that nothing can be won or lost: no TLS, or no MX host with an address. Only
/// whether a host has addresses at all is asked of one that has none.
fn nobody(entry: &Entry, why: Inapplicable) -> bool {
    let of_host = entry.check.scope() != Scope::Domain;
    match why {
        Inapplicable::NoStarttls => true,
        Inapplicable::NoMail => of_host,
        Inapplicable::NoAddress => of_host && entry.section != Some(Section::Ipv6),
        _ => false,
    }
}

fn inconclusive(entry: &Entry, may_fail: bool) -> Rated {
    let points = Points { least: 0, most: entry.points, of: entry.points, counted: true };
    Rated {
        level: Level::Inconclusive,
        may_fail,
        points: (entry.points > 0).then_some(points),
        ..Rated::not_scored()
    }
}

/// Which of two aspects speaks for the check: a failure, else what is not known, else the worse.
fn weight(status: Status) -> u8 {
    match status {
        Status::NotScored | Status::NotApplicable => 0,
        Status::Passed => 1,
        Status::Info => 2,
        Status::Recommendation => 3,
        Status::Inconclusive => 4,
        Status::Failed => 5,
    }
}
