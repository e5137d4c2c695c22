//! The coloured line of each mechanism.

use crate::sending::verdict::{Finding, FindingResult, Judgement, Mechanism, Reason};

use super::telling::Telling;
use super::{answer, message};
use crate::shared::text::{Body, Practice, Practices, Section, Tone, Words, clean};

/// How many sources a mail tells apart.
const APART_MAX: usize = 8;

/// How many stretches of numbers a finding cites.
const RANGES_MAX: usize = 6;

/// A line per mechanism, and one for the mail's own authentication; none where the classic suite was not addressed.
pub(super) fn summary(telling: &Telling<'_>, brief_in_text: bool) -> Option<Section> {
    if telling.account.is_of_cases_alone() {
        return None;
    }
    let judgement = &telling.account.verdict.overall;
    let mut practices: Vec<Practice> =
        shown(judgement).map(|finding| practice(telling, judgement, finding)).collect();
    practices.extend(unseen(telling, judgement));
    practices.extend(message::summary(telling));
    let body = Body::Practices(Practices { practices, brief_in_text });
    let blanks = [
        ("term", answer::term_line(telling).into()),
        ("et", telling.domain(true).into()),
        ("ut", telling.domain(false).into()),
    ];
    // Where there is no room, the labels must do.
    let intro = if brief_in_text { "sending-intro-brief" } else { "sending-intro" };
    Some(Section { intro: telling.words.tell(intro, &blanks), ..telling.titled("sending", body) })
}

/// What is worth a line of its own: that a sound server is not refused goes without saying, and what there was no
/// occasion to see shares one line.
fn shown(judgement: &Judgement) -> impl Iterator<Item = &Finding> {
    judgement.findings.iter().filter(|finding| match finding.mechanism {
        Mechanism::RefusesSoundServer => finding.result == FindingResult::Practised,
        Mechanism::LaxerOnRetry | Mechanism::FallsBackToClearText => {
            finding.reason != Reason::NoOccasion || !nothing_retried(judgement)
        }
        _ => true,
    })
}

/// Whether there was no occasion to see what the sender does after a failure.
fn nothing_retried(judgement: &Judgement) -> bool {
    let unseen = |mechanism| judgement.finding(mechanism).is_some_and(|one| one.reason == Reason::NoOccasion);
    unseen(Mechanism::LaxerOnRetry) && unseen(Mechanism::FallsBackToClearText)
}

fn unseen(telling: &Telling<'_>, judgement: &Judgement) -> Option<Practice> {
    nothing_retried(judgement).then(|| Practice {
        tone: Tone::Inconclusive,
        label: telling.words.say("label-retries"),
        result: telling.words.say("result-unseen"),
        how: telling.words.say("reason-no-occasion-retries"),
        evidence: String::new(),
        meaning: String::new(),
    })
}

/// Each source judged apart, where sources disagree.
pub(super) fn apart(telling: &Telling<'_>) -> Option<Section> {
    let apart = &telling.account.verdict.apart;
    if apart.is_empty() || telling.account.is_of_cases_alone() {
        return None;
    }
    let practices = apart.iter().take(APART_MAX).map(|apart| {
        let judgement = &apart.judgement;
        let decided = shown(judgement).filter(|finding| finding.result != FindingResult::Inconclusive);
        let lines = decided.map(|finding| {
            let practice = practice(telling, judgement, finding);
            format!("{} {}: {}.", practice.tone.symbol(), practice.label, practice.result)
        });
        Practice {
            tone: answer::tone_of(judgement),
            label: apart.source.to_string(),
            result: answer::terms(telling, judgement),
            how: String::new(),
            evidence: String::new(),
            meaning: lines.collect::<Vec<_>>().join(" "),
        }
    });
    Some(telling.section(
        "apart",
        Body::Practices(Practices { practices: practices.collect(), brief_in_text: false }),
    ))
}

fn practice(telling: &Telling<'_>, judgement: &Judgement, finding: &Finding) -> Practice {
    let evidence = telling.evidence(&finding.evidence);
    // Which servers were named says nothing more of it.
    let is_named = finding.mechanism == Mechanism::Sni && matches!(finding.reason, Reason::Shown { .. });
    let how = if is_named { String::new() } else { reason(telling, finding) };
    let how = match (how.is_empty(), evidence.is_empty()) {
        (_, true) => how,
        (true, false) => format!("{}.", message::capital(&evidence)),
        (false, false) => match how.strip_suffix('.') {
            Some(how) => format!("{how} ({evidence})."),
            None => format!("{how} ({evidence})"),
        },
    };
    Practice {
        tone: tone(judgement, finding),
        label: label(telling, finding.mechanism),
        result: telling.words.say(result(finding)),
        how,
        evidence,
        meaning: meaning(telling, judgement, finding),
    }
}

/// "Yes" and "no" of what the label says, which is the opposite of the mechanism's name where that is a fault.
fn result(finding: &Finding) -> &'static str {
    if finding.reason == Reason::NoOccasion {
        return "result-unseen";
    }
    match (finding.result, is_fault(finding.mechanism)) {
        (FindingResult::Practised, false) | (FindingResult::NotPractised, true) => "result-yes",
        (FindingResult::Practised, true) | (FindingResult::NotPractised, false) => "result-no",
        (FindingResult::Broken, _) => "result-broken",
        (FindingResult::Inconclusive, _) => "result-open",
    }
}

/// Whether to practise it is a fault.
fn is_fault(mechanism: Mechanism) -> bool {
    match mechanism {
        Mechanism::ClearTextEt
        | Mechanism::ClearTextUt
        | Mechanism::LaxerOnRetry
        | Mechanism::FallsBackToClearText
        | Mechanism::RefusesSoundServer => true,
        Mechanism::MandatoryTls
        | Mechanism::CertificateChecking
        | Mechanism::Dane
        | Mechanism::MtaSts
        | Mechanism::Sni => false,
    }
}

/// What a result means, and the sections of RFCs; what is open means nothing.
fn meaning(telling: &Telling<'_>, judgement: &Judgement, finding: &Finding) -> String {
    let name = finding.mechanism.name();
    // What a trait means depends on the whole: who never encrypts takes no certificate at all.
    let term = judgement.term().map_or("several", |term| term.name());
    let blanks =
        [("et", telling.domain(true).into()), ("ut", telling.domain(false).into()), ("term", term.into())];
    let id = match (finding.result, &finding.reason) {
        (FindingResult::Inconclusive, _) | (_, Reason::NoOccasion) => return String::new(),
        (FindingResult::Broken, Reason::Undone(by)) => format!("why-undone-{}", by.name()),
        (FindingResult::Broken, _) => "why-overridden".to_owned(),
        (FindingResult::Practised | FindingResult::NotPractised, _) => {
            format!("why-{name}-{}", finding.result.name())
        }
    };
    format!("{} {}", telling.words.tell(&id, &blanks), telling.words.say(&format!("rfc-{name}")))
}

/// The name of a mechanism.
pub(super) fn label(telling: &Telling<'_>, mechanism: Mechanism) -> String {
    let blanks = [("et", telling.domain(true).into()), ("ut", telling.domain(false).into())];
    telling.words.tell(&format!("label-{}", mechanism.name()), &blanks)
}

/// How good a result is: to practise DANE is good, to send in clear is not, and a sender that has one way to
/// know its peer does not need another.
fn tone(judgement: &Judgement, finding: &Finding) -> Tone {
    let practised = |mechanism| {
        judgement.finding(mechanism).is_some_and(|other| other.result == FindingResult::Practised)
    };
    let mandatory = practised(Mechanism::MandatoryTls);
    let checks = practised(Mechanism::CertificateChecking);
    let knows = practised(Mechanism::Dane) || practised(Mechanism::MtaSts) || (mandatory && checks);
    let otherwise = if knows { Tone::Info } else { Tone::Bad };
    match (finding.result, finding.mechanism) {
        _ if finding.reason == Reason::NoOccasion => Tone::Inconclusive,
        (FindingResult::Inconclusive, _) => Tone::Inconclusive,
        (FindingResult::Broken, _) => Tone::Bad,
        (_, Mechanism::Sni) => Tone::Info,
        (FindingResult::Practised, mechanism) if is_fault(mechanism) => Tone::Bad,
        (FindingResult::NotPractised, mechanism) if is_fault(mechanism) => Tone::Good,
        (FindingResult::NotPractised, Mechanism::Dane | Mechanism::MtaSts) => otherwise,
        (FindingResult::NotPractised, _) => Tone::Info,
        (FindingResult::Practised, _) => Tone::Good,
    }
}

/// Why a finding is as it is.
pub(super) fn reason(telling: &Telling<'_>, finding: &Finding) -> String {
    let words = telling.words;
    let servers = |id: &str, servers: &[u8]| {
        let blanks = [("count", servers.len().into()), ("servers", telling.servers(servers).into())];
        words.tell(id, &blanks)
    };
    match &finding.reason {
        Reason::Shown { clear, delivered, refused, left } => {
            let parts = [
                (!clear.is_empty()).then(|| servers("shown-clear", clear)),
                (!delivered.is_empty()).then(|| servers("shown-delivered", delivered)),
                (!refused.is_empty()).then(|| servers("shown-refused", refused)),
                (*left > 0).then(|| words.tell("shown-left", &[("count", (*left).into())])),
            ];
            let parts: Vec<String> = parts.into_iter().flatten().collect();
            if parts.is_empty() { String::new() } else { sentence(&parts.join("; ")) }
        }
        Reason::Silence => special(words, "silence", finding.mechanism),
        Reason::NoOccasion => special(words, "reason-no-occasion", finding.mechanism),
        Reason::BeforePolicy => words.say("reason-before-policy"),
        Reason::Overridden => words.say("reason-overridden"),
        Reason::Undone(by) => words.say(&format!("reason-undone-{}", by.name())),
        Reason::AskedFor => special(words, "reason-asked-for", finding.mechanism),
        Reason::NotProved(missing) if missing.is_empty() => words.say("reason-not-proved-any"),
        Reason::NotProved(missing) => message::capital(&servers("reason-not-proved", missing)),
        Reason::SoundRefused => words.say("reason-sound-refused"),
        Reason::NotMet(missing) if missing.is_empty() => words.say("reason-not-met-any"),
        Reason::NotMet(missing) => message::capital(&servers("reason-not-met", missing)),
        Reason::NoControl(refused) => message::capital(&servers("reason-no-control", refused)),
        Reason::NotAddressed(case) => {
            let domain = telling.account.catalogue.case(&case.as_str().into());
            let domain = domain.map_or_else(|| clean(case), |case| telling.account.catalogue.domain(case));
            words.tell("reason-not-addressed", &[("domain", domain.into())])
        }
        Reason::SharedSource => words.say("reason-shared-source"),
        Reason::OurFault(what) => {
            words.tell("reason-our-fault", &[("what", clean(what.split(';').next().unwrap_or(what)).into())])
        }
        Reason::OurLimit => words.say("reason-our-limit"),
        Reason::NotJudged => words.say("reason-not-judged"),
        Reason::Ambiguous => words.say("reason-ambiguous"),
        Reason::Contradiction => words.say("reason-contradiction"),
    }
}

/// The text of a reason that has one of its own for some mechanisms.
pub(super) fn special(words: &Words, id: &str, mechanism: Mechanism) -> String {
    let own = format!("{id}-{}", mechanism.name());
    words.say(if words.has(&own) { &own } else { id })
}

/// The numbers that evidence is cited by.
pub(super) fn listed(numbers: &[usize]) -> String {
    listed_ranges(numbers, RANGES_MAX).join(", ")
}

/// Ascending numbers with neighbours drawn together, "1–3", "7"; of more than `most` stretches the first and the last.
pub(super) fn listed_ranges(numbers: &[usize], most: usize) -> Vec<String> {
    let neighbours = numbers.chunk_by(|one, next| one + 1 == *next);
    let text = |chunk: &[usize]| match chunk {
        [first, _, .., last] => vec![format!("{first}–{last}")],
        few => few.iter().map(ToString::to_string).collect(),
    };
    let mut ranges: Vec<String> = neighbours.flat_map(text).collect();
    if ranges.len() > most {
        let last = ranges.pop();
        ranges.truncate(most - 1);
        ranges.push("…".to_owned());
        ranges.extend(last);
    }
    ranges
}

/// `text` with a capital letter first and a full stop last.
fn sentence(text: &str) -> String {
    format!("{}.", message::capital(text))
}
