//! From rated findings to results: one system a file.
//!
//! Where something could not be found out, a result is computed twice, once as if all of it were bad and once as if all
//! were good. If both agree, it is the result; else the result is open, and the range is shown.

mod bsi;
mod internetnl;
mod lindenberg;
mod luxsci;
mod no_mail;
mod own;
mod qte;
mod view;

use std::sync::Arc;

use jiff::Timestamp;

use crate::receiving::checks::{Check, Finding, Level, Measured, Outcome, Word};
use crate::receiving::profiles::{Circumstances, Profile, Profiles, Rated, System};
use crate::shared::evidence::scan::Evidence;

pub use bsi::{Bsi, Criterion, Medal};
pub use internetnl::{Change, MxCase, Score, SectionScore, SectionVerdict, Subtest};
pub use lindenberg::{Cell, Colour, Lindenberg, LindenbergMx};
pub use luxsci::{Advice, Luxsci, LuxsciLetter, LuxsciMx};
pub use no_mail::NoMail;
pub use own::{Ground, Letter, Own};
pub use qte::{Need, Qte, QteMx};

use view::View;

/// How a domain receives: what reports take.
#[derive(Clone, Debug)]
pub struct Receiving<'a> {
    pub evidence: &'a Evidence,
    pub findings: Vec<Finding>,
    /// What each profile says of that.
    pub ratings: Ratings,
}

impl<'a> Receiving<'a> {
    /// Judges evidence and rates what is found by the profiles in force.
    pub fn of(evidence: &'a Evidence, now: Timestamp) -> Self {
        Self::rated(evidence, crate::receiving::checks::judge(evidence, now))
    }

    /// Rates findings by the profiles in force.
    pub fn rated(evidence: &'a Evidence, findings: Vec<Finding>) -> Self {
        let ratings = Profiles::in_force().rate(evidence, &findings);
        Self { evidence, findings, ratings }
    }
}

/// What all profiles say.
#[derive(Clone, Debug)]
pub struct Ratings {
    /// One a profile, by its name.
    pub profiles: Vec<Rating>,
    /// What internet.nl's new rules changed for this domain.
    pub changes: Vec<Change>,
}

/// What one profile says.
#[derive(Clone, Debug)]
pub struct Rating {
    pub profile: Arc<Profile>,
    /// Of each finding, in their order.
    pub rated: Vec<Rated>,
    pub grade: Grade,
}

/// A result, by its system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Grade {
    Internetnl(Score),
    /// The letter of the worst MX host.
    Luxsci(Luxsci),
    Lindenberg(Lindenberg),
    /// Whether qualified transport encryption is possible.
    Qte(Qte),
    /// Our own letter.
    Mailassay(Own),
    /// Whether a domain without mail says so.
    NoMail(NoMail),
    Bsi(Bsi),
}

impl Profiles {
    /// Rates findings by each profile.
    pub fn rate(&self, evidence: &Evidence, findings: &[Finding]) -> Ratings {
        let profiles: Vec<Rating> =
            self.all().iter().map(|profile| rating(profile, evidence, findings)).collect();
        let changes = internetnl::changes(&profiles, findings);
        Ratings { profiles, changes }
    }
}

/// The profile whose levels make a finding's outcome, and whose result the exit code is by default.
pub const OWN: &str = "mailassay";

impl Ratings {
    /// What a profile says.
    pub fn of(&self, profile: &str) -> Option<&Rating> {
        self.profiles.iter().find(|rating| rating.profile.name == profile)
    }

    /// The outcome of the finding at `index`: of its level in the profile `mailassay`.
    pub fn outcome(&self, index: usize) -> Outcome {
        let level = self.of(OWN).and_then(|rating| rating.rated.get(index)).map(|rated| rated.level);
        level.unwrap_or(Level::NotScored).outcome()
    }

    /// Whether the domain is worth the hall of fame: 100 % by internet.nl's rules of today, for certain.
    pub fn hall_of_fame(&self) -> bool {
        match self.of("internetnl-2025").map(|rating| &rating.grade) {
            Some(Grade::Internetnl(score)) => score.hall_of_fame,
            _ => false,
        }
    }
}

impl Rating {
    /// What the result comes to: what `--profile` makes the exit code of.
    pub fn outcome(&self) -> Outcome {
        let certain = |good: Option<bool>| match good {
            Some(true) => Outcome::Pass,
            Some(false) => Outcome::Fail,
            None => Outcome::Inconclusive,
        };
        match &self.grade {
            Grade::Internetnl(score) => score.outcome(),
            Grade::Luxsci(luxsci) => match luxsci.applies {
                false => Outcome::NotApplicable,
                true => certain(luxsci.letter.map(|letter| letter < LuxsciLetter::C)),
            },
            Grade::Lindenberg(lindenberg) => match lindenberg.colour {
                Colour::Green | Colour::White => Outcome::Pass,
                Colour::Yellow | Colour::Red => Outcome::Fail,
                Colour::Grey if !lindenberg.applies => Outcome::NotApplicable,
                Colour::Grey => Outcome::Inconclusive,
            },
            Grade::Qte(qte) => match qte.applies {
                false => Outcome::NotApplicable,
                true => certain(qte.capable),
            },
            Grade::Mailassay(own) => {
                let failed = self.rated.iter().any(|rated| rated.level == Level::Insufficient);
                match own.letter {
                    _ if failed => Outcome::Fail,
                    Some(letter) if letter > Letter::B => Outcome::Fail,
                    None if own.applies => Outcome::Inconclusive,
                    Some(_) | None => Outcome::Pass,
                }
            }
            Grade::Bsi(bsi) => match bsi.applies {
                false => Outcome::NotApplicable,
                true => certain(bsi.medal.map(|medal| medal != Medal::Neither)),
            },
            Grade::NoMail(no_mail) => match no_mail.applies {
                Some(false) => Outcome::NotApplicable,
                _ => certain(no_mail.kept),
            },
        }
    }
}

fn rating(profile: &Arc<Profile>, evidence: &Evidence, findings: &[Finding]) -> Rating {
    let records = |word: Word| {
        let is = Measured::Is { word };
        findings.iter().any(|finding| finding.check == Check::MxRecords && finding.measured == is)
    };
    let (implicit_mx, beside_null_mx) = (records(Word::Fallback), records(Word::Several));
    let usable = |host: &str, usage: u8| {
        let mx = evidence.mx.iter().find(|mx| mx.host == host);
        mx.is_some_and(|mx| {
            mx.tlsa.counting().records().iter().any(|record| record.usage == usage && record.usable())
        })
    };
    let matched = |finding: &Finding| {
        let same = |other: &&Finding| other.check == Check::TlsaMatch && other.subject == finding.subject;
        findings
            .iter()
            .find(same)
            .is_some_and(|other| other.measured == (Measured::Is { word: Word::Matched }))
    };
    let rate = |finding: &Finding| {
        let host = finding.subject.host();
        let dane_ta = host.is_some_and(|host| usable(host, 2));
        // Of a certificate that only a DANE-TA record vouches for, path, name and dates count (RFC 7672 §3.1.2).
        let dane_ee = host.is_some_and(|host| usable(host, 3)) && !dane_ta && matched(finding);
        profile.rate(finding, Circumstances { dane_ta, dane_ee, implicit_mx, beside_null_mx })
    };
    let rated: Vec<Rated> = findings.iter().map(rate).collect();
    let view = View { evidence, findings, rated: &rated, unknown: false };
    let grade = match profile.system {
        System::Internetnl => Grade::Internetnl(internetnl::score(profile, findings, &rated)),
        System::Luxsci => Grade::Luxsci(luxsci::grade(view)),
        System::Lindenberg => Grade::Lindenberg(lindenberg::grade(view)),
        System::Qte => Grade::Qte(qte::grade(view)),
        System::Mailassay => Grade::Mailassay(own::grade(view)),
        System::Bsi => Grade::Bsi(bsi::grade(view)),
        System::NoMail => Grade::NoMail(no_mail::grade(view)),
    };
    Rating { profile: Arc::clone(profile), rated, grade }
}

#[cfg(test)]
mod tests;
