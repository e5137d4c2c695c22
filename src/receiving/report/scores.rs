//! internet.nl's percentages, categories, and what its newer rules changed.

use super::Telling;
use super::checks::sentences::key;
use crate::receiving::checks::Level;
use crate::receiving::grades::{Change, Grade, Score, SectionScore, SectionVerdict};
use crate::receiving::profiles::Status;
use crate::shared::text::{Body, Check, Section, Tone};

/// How many checks a sentence on changed rules names.
const CHANGES_NAMED_MAX: usize = 8;

/// How many checks of a category are named that failed.
const FAILED_NAMED_MAX: usize = 5;

/// "92 %", "85–92 %".
pub(super) fn percentage(telling: Telling<'_>, score: Option<u8>, range: Option<(u8, u8)>) -> String {
    match (score, range) {
        (Some(score), _) => telling.words.tell("recv-score", &[("score", score.into())]),
        (None, Some((low, high))) => {
            telling.words.tell("recv-score-range", &[("low", low.into()), ("high", high.into())])
        }
        (None, None) => telling.words.say("recv-score-none"),
    }
}

/// What stands under the percentage.
pub(super) fn internetnl(telling: Telling<'_>, score: &Score, newest: bool) -> Vec<String> {
    let words = telling.words;
    let section = |section: &SectionScore| {
        let name = words.say(&format!("recv-inl-{}.short", section.section.name()));
        format!("{name} {}", percentage(telling, section.score, section.range))
    };
    let counted = score.sections.iter().filter(|section| section.range.is_some());
    let mut sentences = vec![format!("{}.", counted.map(section).collect::<Vec<_>>().join(", "))];
    if score.score.is_none() {
        let blanks = [("low", score.range.0.into()), ("high", score.range.1.into())];
        sentences.push(words.tell("recv-score-open", &blanks));
    }
    let dropped = score.sections.iter().filter(|one| one.verdict == SectionVerdict::NotMeasured);
    let dropped: Vec<String> = dropped.map(|one| section_name(telling, one)).collect();
    if !dropped.is_empty() {
        sentences.push(words.tell("recv-score-dropped", &[("list", dropped.join(", ").into())]));
    }
    if newest {
        if score.hall_of_fame {
            sentences.push(words.say("recv-hall"));
        }
        sentences.push(changes(telling));
    }
    sentences
}

/// What the newer rules changed, each check once.
fn changes(telling: Telling<'_>) -> String {
    let mut list: Vec<String> = Vec::new();
    for Change { check, before, after, .. } in &telling.receiving.ratings.changes {
        let judged = |level: &Level| {
            matches!(level, Level::Good | Level::Sufficient | Level::PhaseOut | Level::Insufficient)
        };
        // From good to sufficient nothing follows, nor from a new check that is well.
        let bad = |level: &Level| matches!(level, Level::PhaseOut | Level::Insufficient);
        if !judged(after) || !bad(before) && !bad(after) {
            continue;
        }
        let level = |level: &Level| {
            let name = serde_json::to_value(level).ok();
            let name = name.as_ref().and_then(|name| name.as_str()).unwrap_or_default().to_owned();
            telling.words.say(&format!("recv-level-{name}"))
        };
        let blanks = [
            ("check", telling.words.say(&key(*check, "")).into()),
            ("before", level(before).into()),
            ("now", level(after).into()),
        ];
        let one = telling.words.tell("recv-changed-check", &blanks);
        if !list.contains(&one) {
            list.push(one);
        }
    }
    if list.is_empty() {
        return telling.words.say("recv-unchanged");
    }
    let more = list.len().saturating_sub(CHANGES_NAMED_MAX);
    list.truncate(CHANGES_NAMED_MAX);
    let mut list = list.join(", ");
    if more > 0 {
        list = telling.words.tell("recv-more-items", &[("list", list.into()), ("count", more.into())]);
    }
    telling.words.tell("recv-changed", &[("list", list.into())])
}

fn section_name(telling: Telling<'_>, section: &SectionScore) -> String {
    telling.words.say(&format!("recv-inl-{}", section.section.name()))
}

/// The checks for which a section failed; none if it did not.
fn failed(telling: Telling<'_>, section: &SectionScore) -> Vec<String> {
    if section.verdict != SectionVerdict::Failed {
        return Vec::new();
    }
    let failed = section.subtests.iter().filter(|subtest| subtest.status == Status::Failed);
    let mut names: Vec<String> = failed.map(|subtest| telling.words.say(&key(subtest.check, ""))).collect();
    names.dedup();
    let more = names.len().saturating_sub(FAILED_NAMED_MAX);
    if more > 1 {
        names.truncate(FAILED_NAMED_MAX);
        let list = names.join(", ");
        return vec![telling.words.tell("recv-more-items", &[("list", list.into()), ("count", more.into())])];
    }
    names
}

/// The names of the sections that failed, in few words.
pub(super) fn failed_sections(telling: Telling<'_>) -> Vec<String> {
    let Some(Grade::Internetnl(score)) = telling.grade("internetnl-2025") else { return Vec::new() };
    let failed = score.sections.iter().filter(|section| section.verdict == SectionVerdict::Failed);
    failed.map(|section| telling.words.say(&format!("recv-inl-{}.short", section.section.name()))).collect()
}

/// internet.nl's categories with a sentence each.
pub(super) fn categories(telling: Telling<'_>) -> Option<Section> {
    let score = |profile| match telling.grade(profile) {
        Some(Grade::Internetnl(score)) => Some(score),
        _ => None,
    };
    let (now, former) = (score("internetnl-2025")?, score("internetnl-v2"));
    let line = |section: &SectionScore| {
        let words = telling.words;
        let (tone, verdict) = match section.verdict {
            SectionVerdict::Passed => (Tone::Good, "passed"),
            SectionVerdict::Failed => (Tone::Bad, "failed"),
            SectionVerdict::Recommendation => (Tone::Warning, "recommendation"),
            SectionVerdict::Info => (Tone::Info, "info"),
            SectionVerdict::Inconclusive => (Tone::Inconclusive, "inconclusive"),
            SectionVerdict::NotMeasured => (Tone::Inconclusive, "not-measured"),
        };
        let mut result = words.say(&format!("recv-verdict-{verdict}"));
        if section.range.is_some() {
            result = format!("{result}, {}", percentage(telling, section.score, section.range));
        }
        let failed = failed(telling, section);
        let mut how = match failed.is_empty() {
            true => words.say(&format!("recv-inl-{}.{verdict}", section.section.name())),
            false => words.tell("recv-inl-failed", &[("list", failed.join(", ").into())]),
        };
        let before =
            former.and_then(|former| former.sections.iter().find(|one| one.section == section.section));
        if let Some(before) = before.filter(|before| before.score != section.score && before.range.is_some())
        {
            let score = percentage(telling, before.score, before.range);
            how = format!("{how} {}", words.tell("recv-categories-former", &[("score", score.into())]));
        }
        Check { tone, label: section_name(telling, section), result, how }
    };
    let lines = now.sections.iter().map(line).collect();
    Some(telling.section("categories", Body::Checks(lines)))
}
