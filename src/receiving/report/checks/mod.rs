//! What each check found, a section for each of our groups.

pub(super) mod sentences;

use std::collections::BTreeSet;

use super::{OWN, Telling};
use crate::receiving::checks::{Category, Check, Finding, Item, Level, Measured, Scale, Subject, Word};
use crate::receiving::profiles::{Breach, PreferenceRule, Profile, Rated, Status};
use crate::shared::evidence::scan::RootsUsed;
use crate::shared::text::{Body, Findings, Found, Section, Tone, clean, clean_to};
use sentences::{item_name, key, named_items, word_name};

/// How many servers stand before a sentence.
const SUBJECTS_NAMED_MAX: usize = 4;
/// How many checks a list names.
pub(super) const CHECKS_NAMED_MAX: usize = 8;
/// How many rows of details a check shows.
const DETAILS_MAX: usize = 8;
/// How many lines of evidence a check shows; JSON has them all.
const EVIDENCE_MAX: usize = 60;
/// How many of each server at least, where they differ.
const EVIDENCE_EACH_MIN: usize = 8;
/// How much of such a row is shown, in characters.
const ROW_CHARS_MAX: usize = 240;

/// The profiles whose rating is named where it is another one.
const OTHERS: [&str; 4] = [OWN, "internetnl-2025", "internetnl-v2", "luxsci"];

const CATEGORIES: [Category; 9] = [
    Category::Mx,
    Category::Ipv6,
    Category::Dnssec,
    Category::Auth,
    Category::Tls,
    Category::Certificate,
    Category::Binding,
    Category::Rpki,
    Category::Smtp,
];

/// A section for each group.
pub(super) fn sections(telling: Telling<'_>) -> Vec<Section> {
    let mut sections: Vec<Section> = Vec::new();
    for category in CATEGORIES {
        let Some(findings) = group(telling, category) else { continue };
        let intro = if sections.is_empty() { telling.words.say("recv-legend") } else { String::new() };
        let title = telling.words.say(&group_key(category));
        sections.push(Section { title, intro, body: Body::Findings(findings), detailed: false });
    }
    sections
}

/// What is to be looked at first, then what is well, and in a sentence a reason what does not apply; none if the group
/// found nothing at all.
fn group(telling: Telling<'_>, category: Category) -> Option<Findings> {
    let words = telling.words;
    let mut findings = Findings::default();
    let mut folded: Vec<(Tone, String, Vec<String>)> = Vec::new();
    for check in of_group(telling, category) {
        let Some((status, found)) =
            worst(telling, check).zip(found(telling, check)).map(|(worst, found)| (worst.status(), found))
        else {
            continue;
        };
        let tone = match status {
            Status::NotApplicable => Tone::Info,
            // Where nothing was seen, why it could not be is all there is to say.
            Status::Inconclusive if found.evidence.is_empty() => Tone::Inconclusive,
            Status::Passed | Status::Info | Status::NotScored => {
                findings.fine.push(found);
                continue;
            }
            Status::Failed | Status::Recommendation | Status::Inconclusive => {
                findings.found.push(found);
                continue;
            }
        };
        let reason = found.sentences.join(" ");
        match folded.iter_mut().find(|(_, known, _)| *known == reason) {
            Some((_, _, titles)) => titles.push(found.title),
            None => folded.push((tone, reason, vec![found.title])),
        }
    }
    findings.found.sort_by_key(|found| std::cmp::Reverse(found.tone == Tone::Bad));
    findings.besides = folded
        .into_iter()
        .map(|(tone, reason, titles)| (tone, format!("{}: {reason}", titles.join(", "))))
        .collect();
    let count = [("count", findings.fine.len().into())];
    findings.fine_title = words.tell("recv-fine", &count);
    let some = !(findings.found.is_empty() && findings.fine.is_empty() && findings.besides.is_empty());
    some.then_some(findings)
}

/// The name of a group's title.
pub(super) fn group_key(category: Category) -> String {
    let name = match category {
        Category::Mx => "mx",
        Category::Ipv6 => "ipv6",
        Category::Dnssec => "dnssec",
        Category::Auth => "auth",
        Category::Tls => "tls",
        Category::Certificate => "certificate",
        Category::Binding => "binding",
        Category::Rpki => "rpki",
        Category::Smtp => "smtp",
    };
    format!("recv-group-{name}")
}

/// All groups, in the order in which they are shown.
pub(super) fn groups() -> impl Iterator<Item = Category> {
    CATEGORIES.into_iter()
}

/// The checks that found something, in their order.
pub(super) fn all(telling: Telling<'_>) -> Vec<Check> {
    let mut checks: Vec<Check> = telling.receiving.findings.iter().map(|finding| finding.check).collect();
    checks.dedup();
    checks
}

/// Those of a group.
pub(super) fn of_group(telling: Telling<'_>, category: Category) -> impl Iterator<Item = Check> {
    all(telling).into_iter().filter(move |check| check.category() == category)
}

/// The worst rating of a check's findings in a group.
pub(super) fn worst_of(telling: Telling<'_>, category: Category) -> Option<Status> {
    of_group(telling, category)
        .filter_map(|check| worst(telling, check).map(|rated| rated.status()))
        .max_by_key(|status: &Status| status.rank())
}

/// The findings of a check with what the shown profile says of each.
pub(super) fn rated<'a>(telling: Telling<'a>, check: Check) -> Vec<(&'a Finding, &'a Rated)> {
    let Some(rating) = telling.rating() else { return Vec::new() };
    let all = telling.receiving.findings.iter().zip(&rating.rated);
    all.filter(|(finding, _)| finding.check == check).collect()
}

/// The worst of them.
pub(super) fn worst<'a>(telling: Telling<'a>, check: Check) -> Option<&'a Rated> {
    rated(telling, check).into_iter().map(|(_, rated)| rated).max_by_key(|rated| rated.status().rank())
}

/// How good something is.
pub(super) fn tone(status: Status) -> Tone {
    match status {
        Status::Passed => Tone::Good,
        Status::Recommendation => Tone::Warning,
        Status::Failed => Tone::Bad,
        Status::Inconclusive => Tone::Inconclusive,
        Status::Info | Status::NotApplicable | Status::NotScored => Tone::Info,
    }
}

/// The level in a word.
pub(super) fn level_name(telling: Telling<'_>, rated: &Rated) -> String {
    if rated.level == Level::Notice {
        return telling.words.say("recv-verdict-recommendation");
    }
    telling.words.say(&format!("recv-level-{}", rated.level.name()))
}

/// All that a check found; none if it found nothing at all.
fn found(telling: Telling<'_>, check: Check) -> Option<Found> {
    let findings = rated(telling, check);
    let worst = worst(telling, check)?;
    let tone = tone(worst.status());
    let words = telling.words;
    let mut sentences = sentences_of(telling, check, &findings);
    sentences.extend(notes(telling, &findings));
    sentences.extend(other_opinions(telling, check, worst));
    let bad = |rated: &Rated| matches!(rated.status(), Status::Failed | Status::Recommendation);
    // Choices among suites are long, and the sentence names the one that counts.
    let long = check.scale() == Scale::Order;
    let details = findings
        .iter()
        .filter(|(_, rated)| bad(rated) && !long)
        .flat_map(|(finding, _)| finding.details.iter().filter(|row| !repeats(row, &finding.subject)));
    let why = match tone {
        Tone::Bad | Tone::Warning => words.tell(&key(check, "why"), &telling.names(None)),
        _ => String::new(),
    };
    Some(Found {
        tone,
        title: words.say(&key(check, "")),
        result: level_name(telling, worst),
        sentences,
        why,
        details: rows(details, DETAILS_MAX),
        evidence: evidence(telling, &findings, long),
    })
}

/// What is worth to be known beside the findings of a check, each once.
fn notes(telling: Telling<'_>, findings: &[(&Finding, &Rated)]) -> Vec<String> {
    let noted: BTreeSet<_> = findings.iter().flat_map(|(finding, _)| &finding.notes).collect();
    noted.into_iter().map(|note| telling.words.say(&sentences::note_key(*note))).collect()
}

/// What the findings of a check cite, the worst first. Where it differs among servers, and does not name them itself,
/// under the name of each. `choices`: the details are part of it.
fn evidence(telling: Telling<'_>, findings: &[(&Finding, &Rated)], choices: bool) -> Vec<String> {
    let mut findings = findings.to_vec();
    findings.sort_by_key(|(_, rated)| std::cmp::Reverse(rated.status().rank()));
    let mut told: Vec<(Vec<&String>, Vec<&Subject>)> = Vec::new();
    for (finding, rated) in findings {
        let mut lines: Vec<_> = finding.evidence.iter().collect();
        let guilty = telltales(telling, finding, rated);
        lines.sort_by_key(|line| !guilty.iter().any(|text| line.contains(text.as_str())));
        lines.extend(finding.details.iter().filter(|_| choices));
        match told.iter_mut().find(|(other, _)| *other == lines) {
            Some((_, subjects)) => subjects.push(&finding.subject),
            None => told.push((lines, vec![&finding.subject])),
        }
    }
    let anonymous = |(lines, subjects): &(Vec<&String>, Vec<&Subject>)| {
        lines.iter().any(|line| !subjects.iter().any(|subject| names(line, subject)))
    };
    if told.len() < 2 || !told.iter().any(anonymous) {
        return rows(told.into_iter().flat_map(|(lines, _)| lines), EVIDENCE_MAX);
    }
    // Nobody's evidence crowds out that of another.
    let each = (EVIDENCE_MAX / told.len()).max(EVIDENCE_EACH_MIN);
    let of = |(lines, subjects): (Vec<&String>, Vec<&Subject>)| {
        let heading = format!("{}:", named(telling, &subjects));
        let shown = rows(lines.into_iter(), each);
        (!shown.is_empty()).then(|| [vec![heading], shown].concat())
    };
    told.into_iter().filter_map(of).flatten().collect()
}

/// What stands in the lines that show why a list of things is no better.
fn telltales(telling: Telling<'_>, finding: &Finding, rated: &Rated) -> Vec<String> {
    let Some(rating) = telling.rating() else { return Vec::new() };
    let items = match (&finding.measured, &rated.breach) {
        (Measured::Items { items, .. }, _) => culprits(&rating.profile, finding.check, items, rated),
        (Measured::Order(_), Some(breach)) => vec![Item::Suite(breach.chosen)],
        _ => Vec::new(),
    };
    let text = |item: &Item| match item {
        Item::Prime { bits, .. } => format!("{bits} bits"),
        Item::Version(version) => format!("-> {version} "),
        item => item_name(item),
    };
    items.iter().map(text).collect()
}

/// Whether a line says which subject it is about.
fn names(line: &str, subject: &Subject) -> bool {
    match subject {
        Subject::Domain { .. } => true,
        Subject::Mx { host } => line.contains(host.as_str()),
        Subject::Address { ip, .. } => line.contains(&ip.to_string()),
    }
}

/// Whether a row says no more than what the finding is about.
fn repeats(row: &str, subject: &Subject) -> bool {
    match subject {
        Subject::Domain { domain } => row == domain,
        Subject::Mx { host } | Subject::Address { host, .. } => row == host,
    }
}

fn rows<'a>(rows: impl Iterator<Item = &'a String>, most: usize) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let fresh = rows.filter(|row| seen.insert(row.as_str()));
    fresh.take(most).map(|row| clean_to(row, ROW_CHARS_MAX)).collect()
}

/// The sentences of some findings of a check, the worst first, each with the servers that it is true of; if one is
/// true of all there are, alone.
pub(super) fn sentences_of(
    telling: Telling<'_>,
    check: Check,
    findings: &[(&Finding, &Rated)],
) -> Vec<String> {
    let mut told: Vec<(u8, String, Vec<&Subject>)> = Vec::new();
    for (finding, rated) in findings {
        let sentence = sentence(telling, check, finding, rated);
        match told.iter_mut().find(|(_, other, _)| *other == sentence) {
            Some((_, _, subjects)) => subjects.push(&finding.subject),
            None => told.push((rated.status().rank(), sentence, vec![&finding.subject])),
        }
    }
    // Which server has to be mended is said even if there is no other.
    let to_mend = |(finding, rated): &(&Finding, &Rated)| {
        matches!(finding.subject, Subject::Mx { .. })
            && matches!(rated.status(), Status::Failed | Status::Recommendation)
    };
    if let [(_, sentence, _)] = told.as_slice()
        && findings.len() == rated(telling, check).len()
        && !findings.iter().any(to_mend)
    {
        return vec![sentence.clone()];
    }
    told.sort_by_key(|(rank, _, _)| std::cmp::Reverse(*rank));
    told.into_iter()
        .map(|(_, sentence, subjects)| format!("{}: {sentence}", named(telling, &subjects)))
        .collect()
}

/// "mx1.example.net [192.0.2.1, 192.0.2.2], mx2.example.net [192.0.2.3]".
pub(super) fn named(telling: Telling<'_>, subjects: &[&Subject]) -> String {
    let mut names: Vec<(String, Vec<String>)> = Vec::new();
    for subject in subjects {
        let (name, ip) = match subject {
            Subject::Domain { domain } => (clean(domain), None),
            Subject::Mx { host } => (clean(host), None),
            Subject::Address { host, ip } => (clean(host), Some(ip.to_string())),
        };
        match names.iter_mut().find(|(known, _)| *known == name) {
            Some((_, addresses)) => addresses.extend(ip),
            None => names.push((name, ip.into_iter().collect())),
        }
    }
    let name = |(name, addresses): &(String, Vec<String>)| {
        let more = addresses.len().saturating_sub(SUBJECTS_NAMED_MAX);
        match addresses.len() {
            0 => name.clone(),
            _ if more > 1 => format!("{name} [{}, …]", addresses[..SUBJECTS_NAMED_MAX].join(", ")),
            _ => format!("{name} [{}]", addresses.join(", ")),
        }
    };
    let names: Vec<String> = names.iter().map(name).collect();
    match names.len().checked_sub(SUBJECTS_NAMED_MAX) {
        Some(more) if more > 1 => {
            let list = names[..SUBJECTS_NAMED_MAX].join(", ");
            telling.words.tell("recv-more-items", &[("list", list.into()), ("count", more.into())])
        }
        _ => names.join(", "),
    }
}

/// What one finding says.
pub(super) fn sentence(telling: Telling<'_>, check: Check, finding: &Finding, rated: &Rated) -> String {
    if let (Measured::Order(order), profile) = (&finding.measured, telling.rating()) {
        let breach = rated.breach.as_ref();
        return match breach {
            None if rated.status() == Status::NotApplicable => telling.words.say(&key(check, "idle")),
            None if order.server_decides == Some(false) => telling.words.say(&key(check, "no-preference")),
            None => telling.words.say(&key(check, "fine")),
            Some(breach) => breach_sentence(telling, check, breach, profile.map(|rating| &*rating.profile)),
        };
    }
    // Of roots that the operator set nobody knows who else trusts them.
    if telling.receiving.evidence.roots == RootsUsed::Own && check == Check::CertTrust {
        match finding.measured {
            Measured::Is { word: Word::Trusted } => return telling.words.say(&key(check, "trusted-own")),
            Measured::Is { word: Word::Untrusted } => return telling.words.say(&key(check, "untrusted-own")),
            _ => {}
        }
    }
    if let (true, Measured::Is { word }) = (check == Check::TlsaRenewal, &finding.measured) {
        // Each row begins with the day, the first is the nearest.
        let day = finding.details.first().and_then(|row| row.split(':').next());
        return sentences::forecast(telling.words, *word, day);
    }
    if let Some(id) = told_apart(telling, check, finding) {
        return telling.words.say(&id);
    }
    let culprits = match (&finding.measured, telling.rating()) {
        (Measured::Items { items, .. }, Some(rating)) => culprits(&rating.profile, check, items, rated),
        _ => Vec::new(),
    };
    sentences::measured(telling.words, check, &finding.measured, rated.level, &culprits)
}

/// The text on the state of TLSA records where it is known whether there are any.
fn told_apart(telling: Telling<'_>, check: Check, finding: &Finding) -> Option<String> {
    let Measured::Is { word } = finding.measured else { return None };
    let host = finding.subject.host().filter(|_| check == Check::TlsaState)?;
    let looked = telling.receiving.evidence.mx.iter().find(|mx| mx.host == host)?.tlsa.counting();
    let which = match looked.records().is_empty() {
        false => "some",
        true if looked.denied() => "none",
        true => return None,
    };
    let id = key(check, &format!("{}-{which}", word_name(word)));
    telling.words.has(&id).then_some(id)
}

/// The items that give a finding its level.
fn culprits(profile: &Profile, check: Check, items: &[Item], rated: &Rated) -> Vec<Item> {
    let level = rated.level;
    // The oldest of several versions that are good enough says more than all.
    if check == Check::Versions && level == Level::Sufficient {
        return items.iter().filter(|item| profile.item_level(check, item) == Some(level)).cloned().collect();
    }
    let guilty =
        rated.affected.iter().filter(|item| profile.item_level(check, item).is_none_or(|l| l == level));
    guilty.cloned().collect()
}

fn breach_sentence(telling: Telling<'_>, check: Check, breach: &Breach, _: Option<&Profile>) -> String {
    let name = |code: u16| item_name(&Item::Suite(code));
    let rule = match breach.rule {
        PreferenceRule::ServerDecides => "server-decides",
        PreferenceRule::Levels => "levels",
        PreferenceRule::KeyExchange => "key-exchange",
        PreferenceRule::Aead => "aead",
        PreferenceRule::Authentication => "authentication",
        PreferenceRule::Size => "size",
        PreferenceRule::AesBeforeChacha => "aes-before-chacha",
    };
    let no_preference = || telling.words.say(&key(check, "no-preference"));
    let Some(better) = breach.better else { return no_preference() };
    let blanks = [
        ("better", name(better).into()),
        ("worse", name(breach.chosen).into()),
        ("rule", telling.words.say(&key(check, &format!("rule-{rule}"))).into()),
    ];
    match breach.rule {
        PreferenceRule::ServerDecides => {
            format!("{} {}", no_preference(), telling.words.tell(&key(check, "pair"), &blanks))
        }
        _ => telling.words.tell(&key(check, "pair"), &blanks),
    }
}

/// Other profiles whose rating differs by more than a shade.
fn other_opinions(telling: Telling<'_>, check: Check, shown: &Rated) -> Option<String> {
    let opinion = |name: &&'static str| {
        // Points that are given whatever was seen are no opinion on it.
        if *name == telling.profile || shown.status() == Status::Inconclusive {
            return None;
        }
        let other = worst(Telling { profile: name, ..telling }, check)?;
        let judged = |tone: Tone| matches!(tone, Tone::Good | Tone::Warning | Tone::Bad);
        let (here, there) = (tone(shown.status()), tone(other.status()));
        (here != there && judged(there)).then(|| {
            let profile = telling.words.say(&format!("recv-profile-{name}"));
            let level = level_name(telling, other);
            telling.words.tell("recv-levels-one", &[("profile", profile.into()), ("level", level.into())])
        })
    };
    let list: Vec<String> = OTHERS.iter().filter_map(opinion).collect();
    (!list.is_empty()).then(|| telling.words.tell("recv-levels", &[("list", list.join("; ").into())]))
}

/// The names of checks, once each.
pub(super) fn titles(telling: Telling<'_>, checks: impl Iterator<Item = Check>) -> Vec<String> {
    let checks: BTreeSet<Check> = checks.collect();
    checks.into_iter().map(|check| telling.words.say(&key(check, ""))).collect()
}

/// Checks by name; of many only their groups.
pub(super) fn listed(telling: Telling<'_>, checks: Vec<Check>) -> String {
    let groups: BTreeSet<Category> = checks.iter().map(|check| check.category()).collect();
    let names = titles(telling, checks.into_iter());
    if names.len() <= CHECKS_NAMED_MAX {
        return names.join(", ");
    }
    let groups = groups.into_iter().map(|group| telling.words.say(&group_key(group)));
    groups.collect::<Vec<_>>().join("; ")
}

/// What a list of things measured at an address holds, for tables.
pub(super) fn items_at(telling: Telling<'_>, check: Check, subject: &Subject) -> String {
    let finding = telling
        .receiving
        .findings
        .iter()
        .find(|finding| finding.check == check && finding.subject == *subject);
    match finding.map(|finding| &finding.measured) {
        Some(Measured::Items { items, .. }) => named_items(telling.words, items),
        Some(Measured::Inconclusive { .. }) => "?".to_owned(),
        _ => "–".to_owned(),
    }
}
