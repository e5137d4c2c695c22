//! The cells of a row in words, each with what proves it.

use crate::sending::verdict::{FindingResult, Term};
use crate::shared::text::{Language, Words};
use crate::shared::time::Timestamp;

use super::super::row::{Cell, Colour, DomainRow, Freshness, Noted, Proof, Row, Seen};
use super::super::settings::Settings;
use super::day;

/// A row in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToldRow {
    /// The colour of the row.
    pub colour: Colour,
    pub colour_name: String,
    /// The colour of its sending.
    pub sending_colour: Colour,
    /// That colour and what it means.
    pub sending_colour_means: String,
    /// What trials there are.
    pub amount: String,
    /// What a row wants, where that is not enough.
    pub wanted: Option<String>,
    /// The policy, then a cell for each mechanism.
    pub sending: Vec<ToldCell>,
    pub receiving: Vec<ToldDomain>,
    pub notes: Vec<ToldNote>,
    /// The day of the newest evidence.
    pub newest: Option<String>,
}

/// A cell in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToldCell {
    /// Its name in JSON and in addresses.
    pub id: &'static str,
    pub label: String,
    pub value: String,
    pub proofs: Vec<ToldProof>,
}

/// What proves a cell, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToldProof {
    pub exhibit: i64,
    /// Why; empty where the connections alone say it.
    pub why: String,
    /// "connections 1, 3".
    pub connections: String,
    /// Their numbers.
    pub numbers: Vec<usize>,
}

/// How a domain receives, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToldDomain {
    pub domain: String,
    pub colour: Colour,
    pub colour_name: String,
    pub internetnl: String,
    pub letter: String,
    pub qte: String,
    pub day: String,
    pub exhibit: i64,
}

/// A note in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToldNote {
    pub number: usize,
    pub text: String,
    pub proofs: Vec<ToldProof>,
}

/// A row in words, as it stands at `now`.
pub fn row(row: &Row, settings: &Settings, now: Timestamp, words: &Words) -> ToldRow {
    let freshness = row.sending.freshness(settings, now);
    let (colour, sending_colour) = (row.colour(settings, now), row.sending.colour_at(settings, now));
    let amount = row.sending.amount;
    let blanks = |trials: usize, days: usize, sources: usize| {
        [("trials", trials.into()), ("days", days.into()), ("sources", sources.into())]
    };
    let wanted =
        || words.tell("prov-wanted", &blanks(settings.trials_min, settings.days_min, settings.sources_min));
    let mut sending = vec![term(&row.sending.term, freshness, words)];
    let mechanisms = row.sending.mechanisms().into_iter();
    sending.extend(mechanisms.map(|(id, cell)| mechanism(id, cell, freshness, words)));
    ToldRow {
        colour,
        colour_name: colour_name(colour, words),
        sending_colour,
        sending_colour_means: colour_means(sending_colour, words),
        amount: words.tell("prov-amount", &blanks(amount.trials, amount.days, amount.sources)),
        wanted: (freshness == Freshness::TooLittle).then(wanted),
        sending,
        receiving: row.receiving.iter().map(|one| domain(one, settings, now, words)).collect(),
        notes: row.notes.iter().map(|noted| note(noted, words)).collect(),
        newest: row.newest().map(day),
    }
}

/// The name of a colour.
pub(super) fn colour_name(colour: Colour, words: &Words) -> String {
    words.say(&format!("prov-colour-{}", colour.name()))
}

/// A colour and what it means.
fn colour_means(colour: Colour, words: &Words) -> String {
    format!("{}: {}", colour_name(colour, words), words.say(&format!("prov-colour-{}-means", colour.name())))
}

/// What is said instead of a value, where evidence is not enough or too old.
fn instead(freshness: Freshness, words: &Words) -> Option<String> {
    match freshness {
        Freshness::Fresh => None,
        Freshness::TooLittle => Some(words.say("prov-too-little")),
        Freshness::TooOld => Some(words.say("prov-too-old")),
    }
}

fn seen<T>(seen: &Seen<T>, words: &Words, name: impl Fn(&T) -> String) -> String {
    match seen {
        Seen::Agreed(value) => name(value),
        Seen::Contradictory(values) => {
            let list: Vec<String> = values.iter().map(name).collect();
            words.tell("prov-contradictory", &[("list", words.all_of(&list).into())])
        }
        Seen::NotSeen => words.say("prov-not-seen"),
    }
}

fn term(cell: &Cell<Term>, freshness: Freshness, words: &Words) -> ToldCell {
    let name = |term: &Term| match term {
        Term::PerDestination => words.say("prov-per-destination"),
        term => term.name().to_owned(),
    };
    let value = instead(freshness, words).unwrap_or_else(|| seen(&cell.seen, words, name));
    ToldCell { id: "term", label: words.say("prov-term"), value, proofs: proofs(&cell.proofs, words) }
}

fn mechanism(id: &'static str, cell: &Cell<FindingResult>, freshness: Freshness, words: &Words) -> ToldCell {
    let name = |result: &FindingResult| match result {
        FindingResult::Inconclusive => words.say("prov-not-seen"),
        result => words.say(&format!("prov-{}", result.name())),
    };
    let value = instead(freshness, words).unwrap_or_else(|| seen(&cell.seen, words, name));
    let label = words.say(&format!("prov-{id}"));
    ToldCell { id, label, value, proofs: proofs(&cell.proofs, words) }
}

fn proofs(proofs: &[Proof], words: &Words) -> Vec<ToldProof> {
    let told = |proof: &Proof| ToldProof {
        exhibit: proof.exhibit,
        why: match words.language() {
            Language::En => proof.why.en.clone(),
            Language::De => proof.why.de.clone(),
        },
        connections: connections(&proof.connections, words),
        numbers: proof.connections.clone(),
    };
    proofs.iter().map(told).collect()
}

fn connections(numbers: &[usize], words: &Words) -> String {
    if numbers.is_empty() {
        return String::new();
    }
    let list = ranges(numbers).join(", ");
    words.tell("prov-by-connections", &[("count", numbers.len().into()), ("list", list.into())])
}

/// "1", "3–5": numbers that follow each other as ranges.
fn ranges(numbers: &[usize]) -> Vec<String> {
    let mut ranges: Vec<(usize, usize)> = Vec::new();
    for number in numbers {
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 == *number => *last = *number,
            _ => ranges.push((*number, *number)),
        }
    }
    let told = |(first, last): (usize, usize)| match last - first {
        0 => first.to_string(),
        1 => format!("{first}, {last}"),
        _ => format!("{first}–{last}"),
    };
    ranges.into_iter().map(told).collect()
}

fn domain(row: &DomainRow, settings: &Settings, now: Timestamp, words: &Words) -> ToldDomain {
    let old = instead(row.freshness(settings, now), words);
    let unknown = || words.say("prov-unknown");
    let measure = &row.measure;
    let internetnl = match measure.internetnl {
        Some((least, most)) if least == most => words.tell("prov-percent", &[("score", least.into())]),
        Some((least, most)) => words.tell("prov-percents", &[("least", least.into()), ("most", most.into())]),
        None => unknown(),
    };
    let qte = match measure.qte {
        Some(true) => words.say("prov-practised"),
        Some(false) => words.say("prov-not-practised"),
        None => unknown(),
    };
    let or_old = |value: String| old.clone().unwrap_or(value);
    let colour = row.colour_at(settings, now);
    ToldDomain {
        domain: row.domain.clone(),
        colour,
        colour_name: colour_name(colour, words),
        internetnl: or_old(internetnl),
        letter: or_old(measure.letter.clone().unwrap_or_else(unknown)),
        qte: or_old(qte),
        day: day(row.at),
        exhibit: row.exhibit,
    }
}

fn note(noted: &Noted, words: &Words) -> ToldNote {
    ToldNote {
        number: noted.note.number(),
        text: words.say(&format!("prov-note-{}", noted.note.name())),
        proofs: proofs(&noted.proofs, words),
    }
}

#[cfg(test)]
mod tests {
    use super::ranges;

    #[test]
    fn numbers_that_follow_each_other_are_ranges() {
        assert_eq!(ranges(&[1, 3, 4, 6, 7, 8]), ["1", "3, 4", "6–8"]);
    }
}
