//! The attack view: what becomes of a mail if somebody on its way interferes.

use crate::sending::verdict::{
    Attack, AttackCell, Beyond, Exposure, Finding, FindingResult, Mechanism, Target, Why, attacks,
};
use crate::shared::text::{Body, Grid, GridCell, GridRow, Section, Tone};

use super::cases;
use super::telling::Telling;
use super::{findings, message};

/// Every cell with its words: what is mailed, shown and written as JSON.
pub(super) struct View {
    title: String,
    intro: String,
    grid: Grid,
}

impl View {
    /// The view; none where ruled cases alone were tested, and none that tells a cell.
    pub(super) fn of(telling: &Telling<'_>) -> Option<Self> {
        let words = telling.words;
        let account = telling.account;
        let cells = attacks(account.catalogue, account.pace, account.history, account.cases);
        if cases::unseen_alone(account, &cells) {
            return None;
        }
        let row = |attack: Attack| GridRow {
            label: words.say(&format!("attack-{}", attack.name())),
            cells: cells.iter().filter(|cell| cell.attack == attack).map(|one| cell(telling, one)).collect(),
        };
        let columns = Target::ALL.map(|target| words.say(&format!("attack-to-{}", target.name())));
        let rows = Attack::ALL.map(row);
        let grid = Grid { columns: columns.into(), rows: rows.into(), notes_in_text: true };
        Some(Self { title: words.say("attack-title"), intro: words.say("attack-intro"), grid })
    }

    /// The view as a section; where there is no room, without the introduction and in text without the notes.
    pub(super) fn section(&self, notes_in_text: bool) -> Section {
        let body = Body::Grid(Grid { notes_in_text, ..self.grid.clone() });
        let intro = if notes_in_text { self.intro.clone() } else { String::new() };
        Section { title: self.title.clone(), intro, body, detailed: false }
    }
}

fn cell(telling: &Telling<'_>, cell: &AttackCell) -> GridCell {
    GridCell {
        tone: match cell.exposure {
            Exposure::Read => Tone::Bad,
            Exposure::ReadUntilKnown => Tone::Warning,
            Exposure::NotRead => Tone::Good,
            Exposure::NotSeen => Tone::Inconclusive,
            Exposure::NothingToBlock => Tone::Info,
        },
        text: telling.words.say(&format!("attack-{}", cell.exposure.name())),
        evidence: message::capital(&telling.evidence(&cell.evidence)),
        note: note(telling, cell),
    }
}

/// Why a cell is as it is, beside the observations that show it.
pub(super) fn note(telling: &Telling<'_>, cell: &AttackCell) -> String {
    let words = telling.words;
    let at_first = (cell.exposure == Exposure::ReadUntilKnown).then(|| words.say("attack-until-known"));
    let why = match &cell.why {
        Why::Shown | Why::Nothing => None,
        Why::Silence(mechanism) => Some(findings::special(words, "silence", *mechanism)),
        Why::Undone(by) => Some(words.say(&format!("reason-undone-{}", by.name()))),
        Why::Open(reason) => {
            let mechanism = match cell.target {
                Target::Dane => Mechanism::Dane,
                Target::MtaSts => Mechanism::MtaSts,
                Target::Nothing => Mechanism::ClearTextUt,
            };
            let (result, reason) = (FindingResult::Inconclusive, reason.clone());
            let finding = Finding { mechanism, result, reason, evidence: Vec::new() };
            Some(findings::reason(telling, &finding))
        }
        Why::Beyond(what) => Some(words.say(match what {
            Beyond::Dnssec => "unknown-dnssec",
            Beyond::ForgedHost => "attack-forged-host",
            Beyond::FailedLookup => "attack-failed-lookup",
            Beyond::Destination => "attack-destination",
        })),
    };
    [at_first, why].into_iter().flatten().collect::<Vec<_>>().join(" ")
}
