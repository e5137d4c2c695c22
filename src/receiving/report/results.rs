//! The answer at the top, and what each profile says.

use super::checks::{listed, titles};
use super::scores::{self, percentage};
use super::{OWN, Telling};
use crate::receiving::checks as verdict;
use crate::receiving::checks::{Category, Level, Measured, Subject, Unknown, Word};
use crate::receiving::grades::{
    Bsi, Colour, Criterion, Grade, Ground, Letter, Lindenberg, Luxsci, Medal, Need, NoMail, Own, Qte, Rating,
    Score, SectionVerdict,
};
use crate::receiving::profiles::Status;
use crate::shared::evidence::scan::{Connections, NameAnswer};
use crate::shared::text::{Body, Check, Found, Section, Tone, clean};

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
fn failed(telling: Telling<'_>) -> Vec<verdict::Check> {
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
    sentences.push(grade_sentence(telling, "recv-grade"));
    sentences.extend(ground(telling));
    let failed = failed(telling);
    if !failed.is_empty() {
        let count = titles(telling, failed.iter().copied()).len();
        let blanks = [("count", count.into()), ("list", listed(telling, failed).into())];
        let id = if grade_key(telling) == "no-mail" { "recv-failed-no-mail" } else { "recv-failed" };
        sentences.push(words.tell(id, &blanks));
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

/// What the grade means, and where something spoils it, what and where: the text `<id>-<grade>`, or that of the grade
/// and its ground, if there is one.
pub(super) fn grade_sentence(telling: Telling<'_>, id: &str) -> String {
    let id = format!("{id}-{}", grade_key(telling));
    let ground = own(telling).and_then(|own| own.ground).map(ground_name);
    let null = match telling.grade("no-mail") {
        Some(Grade::NoMail(no_mail)) if no_mail.null_mx == Some(true) => Some("null".to_owned()),
        _ => None,
    };
    let with_ground = format!("{id}-{}", ground.or(null).unwrap_or_default());
    let id = if telling.words.has(&with_ground) { with_ground } else { id };
    let domain = clean(&telling.receiving.evidence.domain);
    telling.words.tell(&id, &[("place", place(telling).into()), ("domain", domain.into())])
}

fn own(telling: Telling<'_>) -> Option<&Own> {
    match telling.grade(OWN) {
        Some(Grade::Mailassay(own)) => Some(own),
        _ => None,
    }
}

/// As it is serialised, which ends the names of texts.
fn ground_name(ground: Ground) -> String {
    let name = serde_json::to_value(ground).ok();
    name.and_then(|name| Some(name.as_str()?.to_owned())).unwrap_or_default()
}

/// Where what keeps the grade from being better was found.
fn place(telling: Telling<'_>) -> String {
    match own(telling).and_then(|own| own.culprit.as_ref()) {
        Some((host, Some(ip))) => format!("{} [{ip}]", clean(host)),
        Some((host, None)) => clean(host),
        None => clean(&telling.receiving.evidence.domain),
    }
}

/// The checks that the shown profile rates and that could not be made. That an operator has no source for routes is no
/// news of this domain.
fn open_checks(telling: Telling<'_>) -> Vec<verdict::Check> {
    let Some(rating) = telling.rating() else { return Vec::new() };
    let no_source = Measured::Inconclusive { why: Unknown::NoSource };
    let all = telling.receiving.findings.iter().zip(&rating.rated);
    let open = all
        .filter(|(finding, rated)| rated.status() == Status::Inconclusive && finding.measured != no_source);
    open.map(|(finding, _)| finding.check).collect()
}

/// What keeps the grade from being better, where the sentence on the grade does not say it.
fn ground(telling: Telling<'_>) -> Vec<String> {
    let Some(own) = own(telling) else { return Vec::new() };
    let words = telling.words;
    let mut sentences = Vec::new();
    let told = own.letter.is_some() && !matches!(own.letter, Some(Letter::A | Letter::APlus));
    if let Some(ground) = own.ground.filter(|_| !told) {
        let mut id = format!("recv-ground-{}", ground_name(ground));
        if ground == Ground::OneBinding {
            id = format!("{id}-{}", binding(telling));
        }
        sentences.push(words.tell(&id, &[("place", place(telling).into())]));
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

/// Which of DANE and MTA-STS protects mail to the place that keeps the grade from being better.
fn binding(telling: Telling<'_>) -> &'static str {
    let host = own(telling).and_then(|own| own.culprit.as_ref()).map(|(host, _)| host.as_str());
    let all = |check, word| {
        let at = |subject: &Subject| host.is_none() || subject.host().is_none_or(|other| Some(other) == host);
        let mut of_check =
            telling.receiving.findings.iter().filter(|one| one.check == check && at(&one.subject));
        let any = of_check.clone().next().is_some();
        any && of_check.all(|one| one.measured == Measured::Is { word })
    };
    let dane = all(verdict::Check::TlsaMatch, Word::Matched);
    let mta_sts =
        all(verdict::Check::MtaStsPolicy, Word::Enforce) && all(verdict::Check::MtaStsMx, Word::Matched);
    match (dane, mta_sts) {
        (true, false) => "dane",
        (false, true) => "mta-sts",
        _ => "disagree",
    }
}

/// All results in one line, and why they differ, if they do.
pub(super) fn others(telling: Telling<'_>) -> String {
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
    let line = telling.words.tell("recv-term", &blanks);
    std::iter::once(line).chain(difference(telling)).collect::<Vec<_>>().join(". ")
}

/// Why others think better of the domain than our grade, or worse, in one sentence.
fn difference(telling: Telling<'_>) -> Option<String> {
    let words = telling.words;
    let own = own(telling)?;
    let good = |profile: &&str| {
        telling.receiving.ratings.of(profile).is_some_and(|rating| result(telling, rating).0 == Tone::Good)
    };
    let overlook = |systems: &[&str], what: String| {
        let list: Vec<String> = systems
            .iter()
            .filter(|one| good(one))
            .map(|one| words.say(&format!("recv-name-{one}")))
            .collect();
        let blanks =
            [("count", list.len().into()), ("list", words.all_of(&list).into()), ("what", what.into())];
        (!list.is_empty()).then(|| words.tell("recv-others-overlook", &blanks))
    };
    let ground = own.letter.and(own.ground).map(|ground| format!("recv-overlooked-{}", ground_name(ground)));
    if let Some(told) = ground
        .filter(|id| words.has(id))
        .and_then(|id| overlook(&["luxsci", "lindenberg", "qte"], words.say(&id)))
    {
        return Some(told);
    }
    // What is insufficient about TLS is no matter of these two, which ask what is possible with a good sender.
    let weak: Vec<_> =
        failed(telling).into_iter().filter(|check| check.category() == Category::Tls).collect();
    if !weak.is_empty()
        && let Some(told) = overlook(&["lindenberg", "qte"], listed(telling, weak))
    {
        return Some(told);
    }
    let sections = scores::failed_sections(telling);
    let well = matches!(own.letter, Some(Letter::APlus | Letter::A | Letter::B));
    (well && !sections.is_empty())
        .then(|| words.tell("recv-others-more", &[("list", words.all_of(&sections).into())]))
}

/// A line for each profile, the chosen one first.
pub(super) fn profiles(telling: Telling<'_>) -> Section {
    let order = [OWN, "internetnl-2025", "internetnl-v2", "luxsci", "lindenberg", "qte", "bsi", "no-mail"];
    let own = telling.receiving.ratings.profiles.iter().map(|rating| &rating.profile);
    let own = own.filter(|profile| profile.is_own).map(|profile| profile.name.as_str());
    let mut names: Vec<&str> = order.into_iter().chain(own).collect();
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
    let no_mail = matches!(
        telling.receiving.ratings.of(OWN).map(|own| &own.grade),
        Some(Grade::Mailassay(own)) if !own.applies
    );
    let none = || if no_mail { (Tone::Info, "–".to_owned()) } else { open() };
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

/// What stands under a profile's result.
fn how(telling: Telling<'_>, rating: &Rating) -> Vec<String> {
    let words = telling.words;
    match &rating.grade {
        Grade::Internetnl(score) => {
            scores::internetnl(telling, score, rating.profile.name == "internetnl-2025")
        }
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
        Grade::Mailassay(_) => vec![grade_sentence(telling, "recv-grade")],
        Grade::NoMail(no_mail) => vec![no_mail_how(telling, no_mail)],
    }
}

/// What a domain without mail lacks to say so.
fn no_mail_how(telling: Telling<'_>, no_mail: &NoMail) -> String {
    let words = telling.words;
    let asked = [("null-mx", no_mail.null_mx), ("spf", no_mail.spf), ("dmarc", no_mail.dmarc)];
    let missing = asked.into_iter().filter(|(_, kept)| *kept == Some(false));
    let missing: Vec<String> = missing.map(|(name, _)| words.say(&format!("recv-no-mail-{name}"))).collect();
    match no_mail.kept {
        Some(true) => words.say("recv-no-mail-good"),
        Some(false) => words.tell("recv-no-mail-bad", &[("list", words.all_of(&missing).into())]),
        None => words.say("recv-no-mail-open"),
    }
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
    if luxsci.letter.is_none() {
        sentences.push(words.say("recv-qte-unknown-means"));
    }
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

/// Results in few words, for the verdict mail: our grade, and the others' in one line.
pub(super) fn brief(telling: Telling<'_>) -> Found {
    let (tone, result) = match telling.receiving.ratings.of(OWN) {
        Some(rating) => result(telling, rating),
        None => (Tone::Inconclusive, "?".to_owned()),
    };
    let title = telling.words.say(&format!("recv-profile-{OWN}"));
    Found { tone, title, result, sentences: vec![others(telling)], ..Found::default() }
}
