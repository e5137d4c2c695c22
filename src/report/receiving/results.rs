//! The answer at the top, and what each profile says.

use super::checks::{listed, titles};
use super::sentences::key;
use super::{OWN, Telling};
use crate::evidence::scan::{Connections, NameAnswer};
use crate::report::clean::clean;
use crate::report::layout::{Body, Check, Found, Section, Tone};
use crate::verdict::receiving::Level;
use crate::verdict::receiving::grade::{
    Bsi, Change, Colour, Criterion, Grade, Letter, Lindenberg, Luxsci, Medal, Need, Own, Qte, Rating, Score,
    SectionScore, SectionVerdict,
};
use crate::verdict::receiving::profile::Status;

/// How many checks a sentence on changed rules names.
const CHANGES_NAMED_MAX: usize = 8;

/// What the domain's grade is called in the names of texts.
pub(super) fn grade_key(telling: Telling<'_>) -> &'static str {
    let no_mail = match telling.grade("no-mail") {
        Some(Grade::NoMail(no_mail)) => no_mail.applies == Some(true),
        _ => false,
    };
    match telling.grade(OWN) {
        _ if no_mail => "no-mail",
        Some(Grade::Mailassay(Own { letter: Some(letter), .. })) => match letter {
            Letter::APlus => "a-plus",
            Letter::A => "a",
            Letter::B => "b",
            Letter::C => "c",
            Letter::D => "d",
            Letter::F => "f",
        },
        _ => "unknown",
    }
}

/// One line that states the answer.
pub(super) fn subject(telling: Telling<'_>) -> String {
    telling.words.tell(&format!("recv-subject-{}", grade_key(telling)), &telling.names(None))
}

/// How good the answer is.
pub(super) fn tone(telling: Telling<'_>) -> Tone {
    match grade_key(telling) {
        "a-plus" | "a" if failed(telling).is_empty() => Tone::Good,
        "a-plus" | "a" | "b" | "c" => Tone::Warning,
        "d" | "f" => Tone::Bad,
        "no-mail" => Tone::Info,
        _ => Tone::Inconclusive,
    }
}

/// What failed without a say in the grade, which is of encryption alone: it makes the exit code, so it is said.
fn failed(telling: Telling<'_>) -> Vec<crate::verdict::receiving::Check> {
    let Some(rating) = telling.receiving.ratings.of(OWN) else { return Vec::new() };
    let told = matches!(grade_key(telling), "c" | "d" | "f");
    let all = telling.receiving.findings.iter().zip(&rating.rated);
    let failed = all.filter(|(_, rated)| !told && rated.level == Level::Insufficient);
    failed.map(|(finding, _)| finding.check).collect()
}

/// What the grade means, what decides it, what disturbed the measurement, and how much is open.
pub(super) fn answer(telling: Telling<'_>) -> Vec<String> {
    let mut sentences = meaning(telling);
    let open = titles(telling, open_checks(telling).into_iter()).len();
    if open > 0 {
        sentences.push(telling.words.tell("recv-open", &[("count", open.into())]));
    }
    sentences
}

/// What the grade means, what decides it, and what disturbed the measurement.
pub(super) fn meaning(telling: Telling<'_>) -> Vec<String> {
    let words = telling.words;
    let evidence = telling.receiving.evidence;
    let mut sentences = Vec::new();
    if evidence.names.mx.answer == NameAnswer::NoName {
        sentences.push(words.say("recv-no-such-name"));
    }
    sentences.push(words.say(&format!("recv-grade-{}", grade_key(telling))));
    sentences.extend(ground(telling));
    let failed = failed(telling);
    if !failed.is_empty() {
        let count = titles(telling, failed.iter().copied()).len();
        let blanks = [("count", count.into()), ("list", listed(telling, failed).into())];
        sentences.push(words.tell("recv-failed", &blanks));
    }
    if evidence.connections == Connections::NotVouchedFor {
        sentences.push(words.say("recv-not-vouched"));
    }
    if evidence.control.port_25 == Some(false) {
        sentences.push(words.say("recv-port-25-closed"));
    }
    if evidence.control.ipv6 == Some(false) {
        sentences.push(words.say("recv-no-ipv6-here"));
    }
    sentences
}

/// The checks that the shown profile rates and that could not be made.
fn open_checks(telling: Telling<'_>) -> Vec<crate::verdict::receiving::Check> {
    let Some(rating) = telling.rating() else { return Vec::new() };
    let all = telling.receiving.findings.iter().zip(&rating.rated);
    all.filter(|(_, rated)| rated.status == Status::Inconclusive).map(|(finding, _)| finding.check).collect()
}

/// What keeps the grade from being better.
fn ground(telling: Telling<'_>) -> Vec<String> {
    let Some(Grade::Mailassay(own)) = telling.grade(OWN) else { return Vec::new() };
    let words = telling.words;
    let mut sentences = Vec::new();
    if let Some(ground) = own.ground {
        let name = serde_json::to_value(ground).ok();
        let name = name.as_ref().and_then(|name| name.as_str()).unwrap_or_default();
        let place = match &own.culprit {
            Some((host, Some(ip))) => format!("{} [{ip}]", clean(host)),
            Some((host, None)) => clean(host),
            None => clean(&telling.receiving.evidence.domain),
        };
        sentences.push(words.tell(&format!("recv-ground-{name}"), &[("place", place.into())]));
    }
    if let (None, Some((worst, best))) = (own.letter, own.range) {
        let open = match own.open.is_empty() {
            true => open_checks(telling),
            false => own.open.clone(),
        };
        let list = listed(telling, open);
        let blanks = [("worst", worst.name().into()), ("best", best.name().into()), ("list", list.into())];
        sentences.push(words.tell("recv-range", &blanks));
    }
    sentences
}

/// All results in one line.
pub(super) fn term(telling: Telling<'_>) -> String {
    let result = |profile: &str| {
        let rating = telling.receiving.ratings.of(profile);
        rating.map_or_else(String::new, |rating| result(telling, rating).1)
    };
    let blanks = [
        ("now", result("internetnl-2025").into()),
        ("luxsci", result("luxsci").into()),
        ("colour", result("lindenberg").into()),
        ("qte", result("qte").into()),
    ];
    telling.words.tell("recv-term", &blanks)
}

/// A line for each profile, the chosen one first.
pub(super) fn profiles(telling: Telling<'_>) -> Section {
    let order = [OWN, "internetnl-2025", "internetnl-v2", "luxsci", "lindenberg", "qte", "bsi", "no-mail"];
    let mut names: Vec<&str> = order.to_vec();
    names.sort_by_key(|name| *name != telling.profile);
    let lines = names.into_iter().filter_map(|name| {
        let rating = telling.receiving.ratings.of(name)?;
        let hidden = matches!(&rating.grade, Grade::NoMail(no_mail) if no_mail.applies != Some(true));
        (!hidden).then(|| line(telling, rating))
    });
    telling.section("results", Body::Checks(lines.collect()))
}

/// What one profile says.
pub(super) fn line(telling: Telling<'_>, rating: &Rating) -> Check {
    let (tone, result) = result(telling, rating);
    let name = format!("recv-profile-{}", rating.profile.name);
    let label =
        if telling.words.has(&name) { telling.words.say(&name) } else { rating.profile.title.clone() };
    Check { tone, label, result, how: how(telling, rating).join(" ") }
}

/// A profile's result in a word, and how good it is.
fn result(telling: Telling<'_>, rating: &Rating) -> (Tone, String) {
    let words = telling.words;
    let open = || (Tone::Inconclusive, "?".to_owned());
    let none = || (Tone::Info, "–".to_owned());
    match &rating.grade {
        Grade::Internetnl(score) => (score_tone(score), percentage(telling, score.score, Some(score.range))),
        Grade::Luxsci(luxsci) if luxsci.mx.is_empty() => none(),
        Grade::Luxsci(luxsci) => luxsci.letter.map_or_else(open, |letter| {
            let tone = match letter.name() {
                "A+" | "A" | "A-" => Tone::Good,
                "B+" => Tone::Warning,
                _ => Tone::Bad,
            };
            // The sign of subtraction, as the texts have it.
            (tone, letter.name().replace('-', "−"))
        }),
        Grade::Lindenberg(Lindenberg { mx, .. }) if mx.is_empty() => none(),
        Grade::Lindenberg(Lindenberg { colour, .. }) => {
            let tone = match colour {
                Colour::Green => Tone::Good,
                Colour::White | Colour::Yellow => Tone::Warning,
                Colour::Red => Tone::Bad,
                Colour::Grey => Tone::Inconclusive,
            };
            (tone, words.say(&format!("recv-colour-{}", colour.name())))
        }
        Grade::Qte(Qte { mx, .. }) if mx.is_empty() => none(),
        Grade::Qte(qte) => {
            let (tone, name) = yes(qte.capable);
            (tone, words.say(&format!("recv-qte-{name}")))
        }
        Grade::Bsi(bsi) if bsi.range.is_none() => none(),
        Grade::Bsi(bsi) => bsi.medal.map_or_else(open, |medal| {
            let tone = if medal == Medal::Neither { Tone::Bad } else { Tone::Good };
            (tone, words.say(&format!("recv-bsi-{}", medal.name())))
        }),
        Grade::Mailassay(own) if !own.applies => none(),
        Grade::Mailassay(own) => match own.letter {
            Some(letter) => (self::tone(telling), letter.name().to_owned()),
            None => open(),
        },
        Grade::NoMail(no_mail) => {
            let (tone, name) = yes(no_mail.kept);
            (tone, words.say(&format!("recv-{name}")))
        }
    }
}

pub(super) fn yes(answer: Option<bool>) -> (Tone, &'static str) {
    match answer {
        Some(true) => (Tone::Good, "yes"),
        Some(false) => (Tone::Bad, "no"),
        None => (Tone::Inconclusive, "unknown"),
    }
}

fn score_tone(score: &Score) -> Tone {
    let has = |verdict| score.sections.iter().any(|section| section.verdict == verdict);
    if has(SectionVerdict::Failed) {
        Tone::Bad
    } else if has(SectionVerdict::Inconclusive) || score.score.is_none() {
        Tone::Inconclusive
    } else if score.score == Some(100) {
        Tone::Good
    } else {
        Tone::Warning
    }
}

/// "92 %", "85–92 %".
fn percentage(telling: Telling<'_>, score: Option<u8>, range: Option<(u8, u8)>) -> String {
    match (score, range) {
        (Some(score), _) => telling.words.tell("recv-score", &[("score", score.into())]),
        (None, Some((low, high))) => {
            telling.words.tell("recv-score-range", &[("low", low.into()), ("high", high.into())])
        }
        (None, None) => telling.words.say("recv-score-none"),
    }
}

/// What stands under a profile's result.
fn how(telling: Telling<'_>, rating: &Rating) -> Vec<String> {
    let words = telling.words;
    match &rating.grade {
        Grade::Internetnl(score) => internetnl(telling, score, rating.profile.name == "internetnl-2025"),
        Grade::Luxsci(luxsci) => luxsci_how(telling, luxsci),
        Grade::Lindenberg(lindenberg) if lindenberg.mx.is_empty() => Vec::new(),
        Grade::Lindenberg(lindenberg) => {
            let means = words.say(&format!("recv-colour-{}-means", lindenberg.colour.name()));
            let row = |name: &str, answer| {
                let name = words.say(&format!("recv-servers-{name}"));
                format!("{name}: {}.", words.say(&format!("recv-{}", yes(answer).1)))
            };
            vec![means, row("dane", lindenberg.rfc7672), row("sts", lindenberg.rfc8461)]
        }
        Grade::Qte(qte) => qte_how(telling, qte),
        Grade::Bsi(bsi) => bsi_how(telling, bsi),
        Grade::Mailassay(_) => vec![words.say(&format!("recv-grade-{}", grade_key(telling)))],
        Grade::NoMail(no_mail) => {
            vec![words.say(match no_mail.kept {
                Some(true) => "recv-no-mail-good",
                Some(false) => "recv-no-mail-bad",
                None => "recv-no-mail-open",
            })]
        }
    }
}

fn internetnl(telling: Telling<'_>, score: &Score, newest: bool) -> Vec<String> {
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

fn luxsci_how(telling: Telling<'_>, luxsci: &Luxsci) -> Vec<String> {
    let words = telling.words;
    if luxsci.mx.is_empty() {
        return Vec::new();
    }
    let mut sentences = Vec::new();
    let worst = luxsci.mx.iter().find(|mx| mx.letter == luxsci.letter).filter(|mx| mx.letter.is_some());
    let differ = luxsci.mx.iter().any(|mx| mx.letter != luxsci.letter);
    if let Some(worst) = worst.filter(|_| differ) {
        sentences.push(words.tell("recv-luxsci-worst", &[("host", clean(&worst.host).into())]));
    }
    sentences.push(words.say(match luxsci.forced_tls {
        Some(true) => "recv-luxsci-forced",
        Some(false) => "recv-luxsci-not-forced",
        None => "recv-luxsci-forced-unknown",
    }));
    sentences
}

fn qte_how(telling: Telling<'_>, qte: &Qte) -> Vec<String> {
    let words = telling.words;
    if qte.mx.is_empty() {
        return Vec::new();
    }
    let mut sentences = vec![words.say(&format!("recv-qte-{}-means", yes(qte.capable).1))];
    let mut missing: Vec<Need> = qte.mx.iter().flat_map(|mx| &mx.missing).copied().collect();
    missing.sort_unstable();
    missing.dedup();
    let missing: Vec<String> = missing.into_iter().map(|need| words.say(need_key(need))).collect();
    if !missing.is_empty() {
        sentences.push(words.tell("recv-qte-missing", &[("list", words.all_of(&missing).into())]));
    }
    sentences
}

/// What the medal means, and what gold still takes.
fn bsi_how(telling: Telling<'_>, bsi: &Bsi) -> Vec<String> {
    let words = telling.words;
    if bsi.range.is_none() {
        return Vec::new();
    }
    let mut sentences =
        vec![words.say(&format!("recv-bsi-{}-means", bsi.medal.map_or("unknown", Medal::name)))];
    let wanted =
        bsi.missing.iter().filter(|one| **one != Criterion::MtaSts || bsi.medal == Some(Medal::Neither));
    let missing: Vec<String> = wanted.map(|one| words.say(criterion_key(*one))).collect();
    if !missing.is_empty() && bsi.medal != Some(Medal::Gold) {
        sentences.push(words.tell("recv-bsi-missing", &[("list", words.all_of(&missing).into())]));
    }
    sentences.push(words.say("recv-bsi-measured"));
    sentences
}

fn criterion_key(criterion: Criterion) -> &'static str {
    match criterion {
        Criterion::Tls => "recv-bsi-tls",
        Criterion::Dnssec => "recv-bsi-dnssec",
        Criterion::Dane => "recv-bsi-dane",
        Criterion::MtaSts => "recv-bsi-mta-sts",
    }
}

fn need_key(need: Need) -> &'static str {
    match need {
        Need::Starttls => "recv-qte-starttls",
        Need::Version => "recv-qte-version",
        Need::Suite => "recv-qte-suite",
        Need::SignedMx => "recv-qte-signed-mx",
        Need::SignedAddresses => "recv-qte-signed-addresses",
        Need::Authentication => "recv-qte-authentication",
    }
}

fn section_name(telling: Telling<'_>, section: &SectionScore) -> String {
    telling.words.say(&format!("recv-inl-{}", section.section.name()))
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
        let mut how = words.say(&format!("recv-inl-{}.{verdict}", section.section.name()));
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

/// Results in few words, for the verdict mail: our grade, and the others' in one line.
pub(super) fn brief(telling: Telling<'_>) -> Found {
    let (tone, result) = match telling.receiving.ratings.of(OWN) {
        Some(rating) => result(telling, rating),
        None => (Tone::Inconclusive, "?".to_owned()),
    };
    let title = telling.words.say(&format!("recv-profile-{OWN}"));
    let sentences = vec![format!("{}.", term(telling))];
    Found { tone, title, result, sentences, ..Found::default() }
}
