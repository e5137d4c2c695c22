//! The coloured line and the analysis of each mechanism.

use crate::verdict::sending::{Finding, FindingResult, Judgement, Mechanism, Reason};

use super::super::clean::clean;
use super::{Body, Check, Entry, Section, Telling, Tone, message};

/// A line per mechanism, and one for the mail's own authentication.
pub(super) fn summary(telling: &Telling<'_>) -> Section {
    let judgement = &telling.account.verdict.overall;
    let checks = judgement.findings.iter().map(|finding| check(telling, judgement, finding));
    telling.section("sending", Body::Checks(checks.chain(message::summary(telling)).collect()))
}

/// The analysis of each mechanism, with the sections of RFCs.
pub(super) fn analysis(telling: &Telling<'_>) -> Option<Section> {
    let judgement = &telling.account.verdict.overall;
    // What is open stands under "What we could not tell"; what was never seen needs no analysis.
    let silent = |finding: &&Finding| {
        let about_retry =
            matches!(finding.mechanism, Mechanism::LaxerOnRetry | Mechanism::FallsBackToClearText);
        finding.result != FindingResult::Inconclusive
            && (!about_retry || finding.result == FindingResult::Practised)
    };
    let certain = judgement.findings.iter().filter(silent);
    let entries: Vec<Entry> = certain.map(|finding| entry(telling, judgement, finding)).collect();
    (!entries.is_empty()).then(|| telling.section("analysis", Body::Entries(entries)))
}

/// Each source judged apart, where sources disagree.
pub(super) fn apart(telling: &Telling<'_>) -> Option<Section> {
    let apart = &telling.account.verdict.apart;
    if apart.is_empty() {
        return None;
    }
    let entries = apart.iter().map(|apart| {
        let judgement = &apart.judgement;
        let terms: Vec<String> = judgement.candidates.iter().map(|term| term.name().to_owned()).collect();
        let terms = telling.words.one_of(&terms);
        let blanks = [("source", apart.source.to_string().into()), ("terms", terms.into())];
        let id = if judgement.candidates.is_empty() { "apart-contradiction" } else { "apart-source" };
        let decided =
            judgement.findings.iter().filter(|finding| finding.result != FindingResult::Inconclusive);
        let lines = decided.map(|finding| {
            let check = check(telling, judgement, finding);
            format!("{} {}: {}. {}", check.tone.symbol(), check.label, check.result, check.how)
        });
        Entry {
            tone: Tone::Info,
            title: telling.words.tell(id, &blanks),
            text: lines.collect(),
            rests_on: String::new(),
        }
    });
    Some(telling.section("apart", Body::Entries(entries.collect())))
}

fn check(telling: &Telling<'_>, judgement: &Judgement, finding: &Finding) -> Check {
    Check {
        tone: tone(judgement, finding),
        label: label(telling, finding.mechanism),
        result: telling.words.say(&format!("result-{}", finding.result.name())),
        how: reason(telling, finding),
    }
}

fn entry(telling: &Telling<'_>, judgement: &Judgement, finding: &Finding) -> Entry {
    let name = finding.mechanism.name();
    let result = telling.words.say(&format!("result-{}", finding.result.name()));
    // What a trait means depends on the whole: who never encrypts takes no certificate at all.
    let term = judgement.term().map_or("several", |term| term.name());
    let blanks =
        [("et", telling.domain(true).into()), ("ut", telling.domain(false).into()), ("term", term.into())];
    let meaning = match finding.result {
        FindingResult::Inconclusive => reason(telling, finding),
        FindingResult::Broken => telling.words.tell("why-broken", &blanks),
        FindingResult::Practised | FindingResult::NotPractised => {
            telling.words.tell(&format!("why-{name}-{}", finding.result.name()), &blanks)
        }
    };
    let numbers = telling.links_of(&finding.evidence);
    let mut rests_on = vec![telling.words.say(&format!("rfc-{name}"))];
    if !numbers.is_empty() {
        let list = telling.words.all_of(&ranges(&numbers));
        rests_on.insert(
            0,
            telling.words.tell("evidence", &[("count", numbers.len().into()), ("list", list.into())]),
        );
    }
    Entry {
        tone: tone(judgement, finding),
        title: format!("{}: {result}", label(telling, finding.mechanism)),
        text: vec![meaning],
        rests_on: rests_on.join(" "),
    }
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
        (FindingResult::Inconclusive, _) => Tone::Inconclusive,
        (FindingResult::Broken, _) => Tone::Bad,
        (_, Mechanism::Sni) => Tone::Info,
        (
            FindingResult::Practised,
            Mechanism::ClearTextEt
            | Mechanism::ClearTextUt
            | Mechanism::LaxerOnRetry
            | Mechanism::FallsBackToClearText
            | Mechanism::RefusesSoundServer,
        ) => Tone::Bad,
        (
            FindingResult::NotPractised,
            Mechanism::LaxerOnRetry | Mechanism::FallsBackToClearText | Mechanism::RefusesSoundServer,
        ) => Tone::Info,
        (FindingResult::NotPractised, Mechanism::ClearTextEt | Mechanism::ClearTextUt) => Tone::Good,
        (FindingResult::NotPractised, Mechanism::MandatoryTls | Mechanism::CertificateChecking) => Tone::Info,
        (FindingResult::NotPractised, Mechanism::Dane | Mechanism::MtaSts) => otherwise,
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
            if parts.is_empty() { words.say("shown-nothing") } else { sentence(&parts.join("; ")) }
        }
        Reason::Silence => match finding.mechanism {
            Mechanism::Dane => words.tell("silence-dane", &[("ut", telling.domain(false).into())]),
            Mechanism::MtaSts => words.say("silence-mta-sts"),
            _ => words.say("silence"),
        },
        Reason::NoOccasion => words.say("reason-no-occasion"),
        Reason::BeforePolicy => words.say("reason-before-policy"),
        Reason::Overridden => words.say("reason-overridden"),
        Reason::Undone(by) => words.say(&format!("reason-undone-{}", by.name())),
        Reason::AskedFor => words.say(&format!("reason-asked-for-{}", finding.mechanism.name())),
        Reason::NotProved(missing) if missing.is_empty() => words.say("reason-not-met-any"),
        Reason::NotProved(missing) => capital(&servers("reason-not-proved", missing)),
        Reason::SoundRefused => words.say("reason-sound-refused"),
        Reason::NotMet(missing) if missing.is_empty() => words.say("reason-not-met-any"),
        Reason::NotMet(missing) => capital(&servers("reason-not-met", missing)),
        Reason::NoControl(refused) => capital(&servers("reason-no-control", refused)),
        Reason::NotAddressed(case) => {
            let domain = telling.account.catalogue.case(&case.as_str().into());
            let domain = domain.map_or_else(|| clean(case), |case| telling.account.catalogue.domain(case));
            words.tell("reason-not-addressed", &[("domain", domain.into())])
        }
        Reason::SharedSource => words.say("reason-shared-source"),
        Reason::OurFault(what) => words.tell("reason-our-fault", &[("what", clean(what).into())]),
        Reason::OurLimit => words.say("reason-our-limit"),
        Reason::Ambiguous => words.say("reason-ambiguous"),
        Reason::Contradiction => words.say("reason-contradiction"),
    }
}

/// Ascending numbers with neighbours drawn together: "1–3", "7".
fn ranges(numbers: &[usize]) -> Vec<String> {
    let neighbours = numbers.chunk_by(|one, next| one + 1 == *next);
    let text = |chunk: &[usize]| match chunk {
        [first, _, .., last] => vec![format!("{first}–{last}")],
        few => few.iter().map(ToString::to_string).collect(),
    };
    neighbours.flat_map(text).collect()
}

/// `text` with a capital letter first and a full stop last.
fn sentence(text: &str) -> String {
    format!("{}.", capital(text))
}

/// `text` with a capital letter first.
fn capital(text: &str) -> String {
    let mut characters = text.chars();
    let first = characters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}", characters.as_str())
}
