//! What ruled cases showed: what that tells of the sender, and each case with what it expects and what was seen.

mod answer;

use crate::program::report::cases::{described, outcome, tone_of, why};
use crate::sending::persona::{Family, RuledCase, Standing};
use crate::sending::trial::CaseName;
use crate::sending::verdict::{CaseFinding, CaseOutcome, TlsOffered, TraitFinding};
use crate::shared::text::{Body, Practice, Practices, Section, Tone, clean};

use super::message;
use super::message::capital;
use super::telling::Telling;

pub(in crate::program::report) use answer::summary;
pub(super) use answer::{also, paragraphs, subject, tone, unseen_alone};

/// With more cases than this, a mail tells those in full that are not as the standards ask.
const IN_FULL_MAX: usize = 12;

/// How many questions are named of a case.
const ASKED_MAX: usize = 6;

/// How many sources a mail tells apart.
const APART_MAX: usize = 8;

/// What ruled cases showed, as sections; none where the trial is of none. The page has all in full, a mail what is to be
/// looked at.
pub(super) fn sections(telling: &Telling<'_>, all_in_full: bool) -> Vec<Section> {
    let cases = telling.account.cases;
    if cases.findings.is_empty() {
        return Vec::new();
    }
    let all_in_full = all_in_full || cases.findings.len() <= IN_FULL_MAX;
    let mut sections: Vec<Section> = traits(telling).into_iter().collect();
    sections.push(telling.section("cases", Body::Nothing));
    sections.extend(Family::ALL.iter().filter_map(|family| self::family(telling, *family, all_in_full)));
    sections.extend(apart(telling));
    sections
}

/// The cases of a family: the worst first.
fn family(telling: &Telling<'_>, family: Family, all_in_full: bool) -> Option<Section> {
    let found = telling.account.cases.findings.iter();
    let mut found: Vec<(&RuledCase, &CaseFinding)> = found
        .filter_map(|one| Some((telling.account.catalogue.ruled_case(&one.case)?, one)))
        .filter(|(case, _)| case.family == family)
        .collect();
    found.sort_by_key(|(case, one)| {
        (rank(one.standing), one.standing.is_none().then(|| why(telling.words, Some(case), one)))
    });
    let is_told = |one: &CaseFinding| {
        all_in_full || matches!(one.standing, Some(Standing::Fault | Standing::NotPractised))
    };
    let (told, joined): (Vec<_>, Vec<_>) = found.into_iter().partition(|(_, one)| is_told(one));
    let mut practices: Vec<Practice> =
        told.into_iter().map(|(case, one)| practice(telling, case, one)).collect();
    let alike = |one: &CaseFinding, next: &CaseFinding| {
        one.standing == next.standing && (one.standing.is_some() || one.why == next.why)
    };
    for group in joined.chunk_by(|(_, one), (_, next)| alike(one, next)) {
        practices.push(several(telling, group));
    }
    let title = telling.words.say(&format!("cases-family-{}", family.word()));
    let body = Body::Practices(Practices { practices, brief_in_text: false });
    match &body {
        Body::Practices(all) if all.practices.is_empty() => None,
        _ => Some(Section { title, intro: String::new(), body, detailed: false }),
    }
}

/// "✘ A server that DANE forbids (dane-mismatch): fault, mail came encrypted to the first server. The standards ask for …".
fn practice(telling: &Telling<'_>, case: &RuledCase, finding: &CaseFinding) -> Practice {
    let words = telling.words;
    let text = described(case, words);
    let worth = words.say(&format!("cases-worth-{}", worth_name(finding.standing)));
    let seen = outcome(words, case, finding);
    let result = if finding.outcome == CaseOutcome::Unseen { worth } else { format!("{worth}; {seen}") };
    let evidence = telling.evidence(&finding.evidence);
    let rfc = case.rfc.join(", ");
    let places: Vec<&str> =
        [evidence.as_str(), rfc.as_str()].into_iter().filter(|one| !one.is_empty()).collect();
    let sentences =
        [Some(why(words, Some(case), finding)), asked(telling, case, finding), Some(text.expected())];
    let sentences: Vec<String> = sentences.into_iter().flatten().filter(|one| !one.is_empty()).collect();
    let how = sentences.join(" ");
    let how = match how.strip_suffix('.') {
        Some(how) => format!("{how} ({}).", places.join("; ")),
        None => format!("{} ({}).", how, places.join("; ")),
    };
    Practice {
        tone: tone_of(finding.standing),
        label: format!("{} ({})", text.title, case.id),
        result,
        how,
        evidence,
        meaning: text.what,
    }
}

/// Cases of the same worth in one line, and why they stay open where they do.
fn several(telling: &Telling<'_>, group: &[(&RuledCase, &CaseFinding)]) -> Practice {
    let standing = group.first().and_then(|(_, one)| one.standing);
    let list: Vec<String> = group.iter().map(|(case, _)| case.id.to_string()).collect();
    let open = group.first().filter(|(_, one)| one.standing.is_none());
    Practice {
        tone: tone_of(standing),
        label: telling.words.say(&format!("cases-many-{}", worth_name(standing))),
        result: telling.words.all_of(&list),
        how: open.map(|(case, one)| why(telling.words, Some(case), one)).unwrap_or_default(),
        evidence: String::new(),
        meaning: String::new(),
    }
}

/// Which names of a case were asked for, where no mail came that could say more.
fn asked(telling: &Telling<'_>, case: &RuledCase, finding: &CaseFinding) -> Option<String> {
    if !matches!(finding.outcome, CaseOutcome::Held | CaseOutcome::Unseen) {
        return None;
    }
    let catalogue = telling.account.catalogue;
    let mut list: Vec<String> = Vec::new();
    for noted in &telling.account.history.queries {
        let Some((_, name)) = catalogue.read_name(&noted.what.name).filter(|(one, _)| one.id == case.id)
        else {
            continue;
        };
        let plain = CaseName { label: None, ..name }.under("");
        let plain = plain.trim_end_matches(case.id.0.as_str()).trim_end_matches('.');
        let text = format!("{} {plain}", clean(&noted.what.rtype)).trim_end().to_owned();
        if list.len() < ASKED_MAX && !list.contains(&text) {
            list.push(text);
        }
    }
    (!list.is_empty()).then(|| telling.words.tell("cases-asked-names", &[("list", list.join(", ").into())]))
}

/// What the cases tell of the sender, beside the policies that explain them.
fn traits(telling: &Telling<'_>) -> Option<Section> {
    let words = telling.words;
    let cases = telling.account.cases;
    let mut practices: Vec<Practice> = cases.traits.iter().map(|one| of_trait(telling, one)).collect();
    practices.extend(cases.offered.as_ref().map(|offered| self::offered(telling, offered)));
    // Where the classic suite has its say, it stands there.
    practices.extend(telling.account.is_of_cases_alone().then(|| message::summary(telling)).flatten());
    if practices.is_empty() {
        return None;
    }
    let terms: Vec<String> = cases.terms.iter().map(|term| term.name().to_owned()).collect();
    let blanks = [("count", terms.len().into()), ("list", words.one_of(&terms).into())];
    let told = !cases.traits.is_empty();
    let intro = if told { words.tell("traits-terms", &blanks) } else { String::new() };
    let body = Body::Practices(Practices { practices, brief_in_text: false });
    Some(Section { title: words.say("traits-title"), intro, body, detailed: false })
}

fn of_trait(telling: &Telling<'_>, one: &TraitFinding) -> Practice {
    let words = telling.words;
    let name = one.tells.word();
    let value = |value: &&str| {
        // No dot may stand in the name of a text.
        let id = format!("trait-{name}-{}", value.replace('.', "-"));
        if words.has(&id) { words.say(&id) } else { (*value).to_owned() }
    };
    let values: Vec<String> = one.values.iter().map(value).collect();
    let result = match values.as_slice() {
        [] => words.say("trait-unknown"),
        [value] => value.clone(),
        several => words.tell("trait-open", &[("values", words.one_of(several).into())]),
    };
    let by: Vec<String> = one.by.iter().map(ToString::to_string).collect();
    let blanks = [("count", by.len().into()), ("list", words.all_of(&by).into())];
    Practice {
        tone: if one.values.len() == 1 { tone_of(one.standing) } else { Tone::Inconclusive },
        label: words.say(&format!("trait-{name}")),
        result,
        how: if by.is_empty() { String::new() } else { words.tell("trait-by", &blanks) },
        evidence: String::new(),
        meaning: String::new(),
    }
}

/// What the sender offers in TLS, which is told and not judged.
fn offered(telling: &Telling<'_>, offered: &TlsOffered) -> Practice {
    let words = telling.words;
    let versions: Vec<String> = offered.versions.iter().map(ToString::to_string).collect();
    let yes = |is_so: bool| if is_so { "yes" } else { "no" };
    let blanks = [
        ("versions", versions.join(", ").into()),
        ("post-quantum", yes(offered.post_quantum).into()),
        ("dhe", yes(offered.dhe).into()),
        ("rsa", yes(offered.rsa_key_transport).into()),
    ];
    Practice {
        tone: Tone::Info,
        label: words.say("traits-offered"),
        result: words.tell("traits-offered-what", &blanks),
        how: words.say("traits-offered-how"),
        evidence: telling.evidence(&offered.evidence),
        meaning: String::new(),
    }
}

/// What each of several senders did where it is not what is said above.
fn apart(telling: &Telling<'_>) -> Option<Section> {
    let words = telling.words;
    let apart = &telling.account.cases.apart;
    let practices = apart.iter().take(APART_MAX).map(|(source, findings)| {
        let differs = |one: &&CaseFinding| {
            telling.account.cases.finding(&one.case).is_none_or(|overall| overall.outcome != one.outcome)
        };
        let line = |one: &CaseFinding| {
            let seen = telling.account.catalogue.ruled_case(&one.case).map(|case| outcome(words, case, one));
            format!("{} {}: {}.", tone_of(one.standing).symbol(), one.case, seen.unwrap_or_default())
        };
        let lines: Vec<String> = findings.iter().filter(differs).map(line).collect();
        let worst = findings.iter().map(|one| one.standing).min_by_key(|standing| rank(*standing)).flatten();
        Practice {
            tone: tone_of(worst),
            label: source.to_string(),
            result: words.say(&format!("cases-worth-{}", worth_name(worst))),
            how: if lines.is_empty() {
                capital(&words.say("cases-apart-alike")) + "."
            } else {
                lines.join(" ")
            },
            evidence: String::new(),
            meaning: String::new(),
        }
    });
    let practices: Vec<Practice> = practices.collect();
    let body = Body::Practices(Practices { practices, brief_in_text: false });
    (!apart.is_empty()).then(|| telling.titled("cases-apart", body))
}

/// How the texts on what is worth so are called.
fn worth_name(standing: Option<Standing>) -> &'static str {
    standing.map_or("unseen", Standing::word)
}

/// The worst first, and what is open last.
fn rank(standing: Option<Standing>) -> u8 {
    match standing {
        Some(Standing::Fault) => 0,
        Some(Standing::NotPractised) => 1,
        Some(Standing::Conforms) => 2,
        Some(Standing::Allowed) => 3,
        None => 4,
    }
}
