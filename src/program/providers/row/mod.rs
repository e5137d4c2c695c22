//! A provider's row, computed from its evidence and from nothing else: each cell says what proves it.
//!
//! Trials that disagree are shown as such; nothing is averaged, and the best of several is nobody's. A row is kept as it
//! was computed; how old its evidence is, is asked when it is shown.

mod colour;
mod note;
mod receiving;
mod sending;
mod shown;

use serde::{Deserialize, Serialize};

use crate::sending::persona::Catalogue;
use crate::sending::verdict::{FindingResult, Term};
use crate::shared::time::{Timestamp, before};

use super::exhibit::{Document, Exhibit};
use super::provider::Provider;
use super::settings::Settings;

pub use colour::Colour;
pub use note::{Note, Noted};
pub use receiving::{CheckShown, DomainRow, Measure, Worth};
pub use shown::{ConnectionShown, FetchShown, QuestionShown, TrialShown};

/// The form of a row in JSON. Fields may be added under the same version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RowSchema {
    #[serde(rename = "mailassay-provider-row/1")]
    V1,
}

/// A row: how a provider sends and receives.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row {
    pub schema: RowSchema,
    /// When it was computed.
    pub computed: Timestamp,
    pub sending: SendingRow,
    /// One for each of its domains that was checked.
    pub receiving: Vec<DomainRow>,
    /// What the table cannot say in a cell.
    pub notes: Vec<Noted>,
    /// All trials, those that do not count with the reason.
    pub trials: Vec<TrialShown>,
    /// All checks, likewise.
    pub checks: Vec<CheckShown>,
}

/// How a provider sends.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SendingRow {
    /// Lindenberg's colour, of evidence that is enough and not too old.
    pub colour: Colour,
    /// What the trials amount to that count.
    pub amount: Amount,
    /// Whether that is enough for a row.
    pub is_enough: bool,
    /// When the last of them was made.
    pub newest: Option<Timestamp>,
    pub term: Cell<Term>,
    /// Clear text to a domain that asks for TLS by DANE and MTA-STS.
    pub clear_where_forbidden: Cell<FindingResult>,
    /// Clear text to a domain that publishes nothing.
    pub clear_elsewhere: Cell<FindingResult>,
    pub dane: Cell<FindingResult>,
    pub mta_sts: Cell<FindingResult>,
    /// Whether certificates are checked where no policy asks for it.
    pub certificates: Cell<FindingResult>,
}

/// How much evidence there is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Amount {
    pub trials: usize,
    /// The days of UTC on which they began.
    pub days: usize,
    /// The addresses that their mail came from.
    pub sources: usize,
}

/// What trials say together, and what proves it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cell<T> {
    pub seen: Seen<T>,
    pub proofs: Vec<Proof>,
}

/// What trials say together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind", content = "value")]
pub enum Seen<T> {
    /// All trials that say something say this.
    Agreed(T),
    /// They say different things.
    Contradictory(Vec<T>),
    /// None says anything.
    NotSeen,
}

/// What proves a cell: a trial, its connections by their numbers there, and in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    pub exhibit: i64,
    pub connections: Vec<usize>,
    pub why: InBoth,
}

/// A sentence in both languages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct InBoth {
    pub en: String,
    pub de: String,
}

/// Why evidence counts, or does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Counting {
    Counts,
    /// Something was wrong with this service on that day.
    RedDay,
    /// A correction has set it aside.
    SetAside,
    /// It had grown old when the row was computed.
    TooOld,
    /// The trial is not over.
    NotOver,
}

/// What a row is computed with.
#[derive(Clone, Copy)]
pub struct Rules<'a> {
    pub catalogue: &'a Catalogue,
    pub settings: &'a Settings,
    /// The days of UTC on which the self-check was red, as `2026-11-29`.
    pub red_days: &'a [String],
}

/// How fresh what a row says is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freshness {
    /// It says something about today.
    Fresh,
    /// There is too little to say anything.
    TooLittle,
    /// Its newest evidence is too old.
    TooOld,
}

impl Row {
    /// The row of `provider` at `now`.
    pub fn of(rules: Rules<'_>, provider: &Provider, exhibits: &[Exhibit], now: Timestamp) -> Self {
        let since = before(now, rules.settings.evidence_s());
        let counting = |exhibit: &Exhibit| rules.counting(exhibit, exhibits, since);
        let judged: Vec<_> = exhibits
            .iter()
            .filter_map(|exhibit| sending::Judged::of(rules.catalogue, exhibit, counting(exhibit)))
            .collect();
        let checks = receiving::checks(exhibits, counting);
        let counted: Vec<_> = judged.iter().filter(|trial| trial.counting == Counting::Counts).collect();
        Self {
            schema: RowSchema::V1,
            computed: now,
            sending: sending::row(rules.settings, &counted),
            receiving: receiving::rows(provider, &checks),
            notes: note::notes(&counted),
            trials: judged.iter().map(|trial| shown::trial(rules.catalogue, trial)).collect(),
            checks,
        }
    }

    /// The colour of the row at `now`: the worse of both directions.
    pub fn colour(&self, settings: &Settings, now: Timestamp) -> Colour {
        let receiving = self.receiving.iter().map(|row| row.colour_at(settings, now));
        receiving.fold(self.sending.colour_at(settings, now), Colour::worse)
    }

    /// When the newest evidence that counts was seen.
    pub fn newest(&self) -> Option<Timestamp> {
        self.receiving.iter().map(|row| row.at).chain(self.sending.newest).max()
    }

    /// Whether it says the same as another, whenever they were computed and from whichever evidence.
    pub fn says_as(&self, other: &Self) -> bool {
        self.summary() == other.summary()
    }

    /// Whether it rests on the same evidence.
    pub fn rests_as(&self, other: &Self) -> bool {
        let numbers = |row: &Self| -> Vec<(i64, Counting)> {
            let trials = row.trials.iter().map(|trial| (trial.exhibit, trial.counting));
            trials.chain(row.checks.iter().map(|check| (check.exhibit, check.counting))).collect()
        };
        numbers(self) == numbers(other)
    }

    /// What it says, without what proves it.
    fn summary(&self) -> impl PartialEq + '_ {
        let sending = &self.sending;
        let receiving: Vec<_> =
            self.receiving.iter().map(|row| (&row.domain, &row.measure, row.colour)).collect();
        let notes: Vec<_> = self.notes.iter().map(|noted| noted.note).collect();
        (
            (sending.colour, sending.is_enough, &sending.term.seen),
            (&sending.clear_where_forbidden.seen, &sending.clear_elsewhere.seen),
            (&sending.dane.seen, &sending.mta_sts.seen, &sending.certificates.seen),
            (receiving, notes),
        )
    }
}

impl SendingRow {
    /// How fresh it is at `now`.
    pub fn freshness(&self, settings: &Settings, now: Timestamp) -> Freshness {
        let since = before(now, settings.evidence_s());
        match self.newest {
            _ if !self.is_enough => Freshness::TooLittle,
            Some(newest) if newest >= since => Freshness::Fresh,
            _ => Freshness::TooOld,
        }
    }

    /// The colour at `now`.
    pub fn colour_at(&self, settings: &Settings, now: Timestamp) -> Colour {
        match self.freshness(settings, now) {
            Freshness::Fresh => self.colour,
            Freshness::TooLittle | Freshness::TooOld => Colour::Grey,
        }
    }

    /// All cells about a mechanism, each with its name in JSON and in texts.
    pub fn mechanisms(&self) -> [(&'static str, &Cell<FindingResult>); 5] {
        [
            ("clear-where-forbidden", &self.clear_where_forbidden),
            ("clear-elsewhere", &self.clear_elsewhere),
            ("dane", &self.dane),
            ("mta-sts", &self.mta_sts),
            ("certificates", &self.certificates),
        ]
    }
}

impl<T> Cell<T> {
    /// What all agree on.
    pub fn agreed(&self) -> Option<&T> {
        match &self.seen {
            Seen::Agreed(value) => Some(value),
            Seen::Contradictory(_) | Seen::NotSeen => None,
        }
    }
}

impl Rules<'_> {
    /// Whether evidence counts.
    fn counting(&self, exhibit: &Exhibit, all: &[Exhibit], since: Timestamp) -> Counting {
        let day = day(exhibit.document.at());
        let is_red = |other: &Exhibit| match &other.document {
            Document::Trial(history) => history.self_checks.iter().any(|checked| {
                let parts = [&checked.dns, &checked.certificates, &checked.policy_host];
                let red = parts.into_iter().any(|part| !part.is_green());
                // One that was red before the trial is in force on its day.
                red && (self::day(checked.at) == day || other.number == exhibit.number)
            }),
            Document::Check(_) => false,
        };
        let is_over = match &exhibit.document {
            Document::Trial(history) => history.ended.is_some(),
            Document::Check(_) => true,
        };
        match () {
            () if exhibit.set_aside => Counting::SetAside,
            () if !is_over => Counting::NotOver,
            () if self.red_days.contains(&day) || all.iter().any(is_red) => Counting::RedDay,
            () if exhibit.document.at() < since => Counting::TooOld,
            () => Counting::Counts,
        }
    }
}

/// The day of UTC.
pub(super) fn day(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d").to_string()
}
