//! What the sender's administrator may do.

use fluent::FluentValue;

use crate::evidence::Result8601;
use crate::history::TrialEnd;
use crate::verdict::sending::{FindingResult, Judgement, Mechanism, Reason, Term};

use crate::report::layout::{Step, Todo, TodoInText};
use crate::report::receiving::{self, Half};

use super::answer::{self, is, undone};
use super::{Body, Section, Telling, Tone};

/// The products that settings are given for: the names of the texts, and their own.
const PRODUCTS: [(&str, &str); 5] = [
    ("postfix", "Postfix"),
    ("exim", "Exim"),
    ("sendmail", "Sendmail"),
    ("opensmtpd", "OpenSMTPD"),
    ("exchange", "Exchange"),
];

/// Something to do: the name of its text, and that of its settings where they are others.
struct Advice {
    text: &'static str,
    settings: &'static str,
    tone: Tone,
}

fn advice(text: &'static str, tone: Tone) -> Advice {
    Advice { text, settings: text, tone }
}

/// What to do, the most urgent first.
pub(super) fn section(telling: &Telling<'_>, in_text: TodoInText) -> Section {
    let judgement = judged(telling);
    let mut steps = urgent(telling, judgement);
    steps.extend(by_term(judgement));
    steps.extend(about_the_test(telling));
    steps.extend(authentication(telling));
    let mut steps: Vec<Step> = steps.iter().map(|one| step(telling, one)).collect();
    let settings = steps.iter().filter(|step| !step.settings.is_empty()).count();
    if settings > 0 {
        steps.push(provider(telling));
    }
    if steps.is_empty() {
        let title = telling.words.say("advice-nothing");
        steps.push(Step { tone: Tone::Info, title, text: Vec::new(), settings: Vec::new() });
    }
    let left =
        |n: usize, step: &Step| step.settings.len() > if n < in_text.settings { in_text.products } else { 0 };
    let left = steps.iter().enumerate().any(|(n, step)| left(n, step));
    let left_out = if left { telling.words.say("advice-elsewhere") } else { String::new() };
    telling.titled("advice", Body::Todo(Todo { steps, in_text, left_out }))
}

/// Whose policy is to be mended: that of the weaker source.
fn judged<'a>(telling: &Telling<'a>) -> &'a Judgement {
    answer::weaker(telling).map_or(&telling.account.verdict.overall, |apart| &apart.judgement)
}

/// What makes mail wait, or undoes what protects it.
fn urgent(telling: &Telling<'_>, judgement: &Judgement) -> Vec<Advice> {
    let practised = |mechanism| is(judgement, mechanism, FindingResult::Practised);
    let mut steps = Vec::new();
    if practised(Mechanism::RefusesSoundServer) {
        steps.push(advice("sound-refused", Tone::Bad));
    }
    if practised(Mechanism::FallsBackToClearText)
        || undone(judgement) == Some(Mechanism::FallsBackToClearText)
    {
        steps.push(advice("fallback", Tone::Bad));
    }
    if practised(Mechanism::LaxerOnRetry) || undone(judgement) == Some(Mechanism::LaxerOnRetry) {
        steps.push(advice("laxer", Tone::Bad));
    }
    if !telling.account.verdict.apart.is_empty() {
        steps.push(advice("alike", Tone::Bad));
    }
    steps
}

/// What the policy lacks.
fn by_term(judgement: &Judgement) -> Vec<Advice> {
    let dane = |text| Advice { text, settings: "dane", tone: Tone::Warning };
    let mta_sts = || advice("mta-sts", Tone::Info);
    let partners = is(judgement, Mechanism::ClearTextUt, FindingResult::Practised);
    let partners = || partners.then(|| advice("partners", Tone::Info));
    match judgement.term() {
        Some(Term::None) => vec![advice("starttls", Tone::Bad), dane("dane")],
        Some(Term::May | Term::MaySni | Term::MayVerify) => vec![Advice { tone: Tone::Bad, ..dane("dane") }],
        Some(Term::Encrypt | Term::EncryptSni) => vec![dane("encrypt"), mta_sts()],
        Some(Term::Verify) => vec![advice("sni", Tone::Warning), dane("verify")],
        Some(Term::VerifySni) => vec![dane("verify")],
        Some(Term::DaneOnly) => vec![advice("dane-only", Tone::Bad)],
        Some(Term::MtaSts) if is(judgement, Mechanism::Dane, FindingResult::Broken) => {
            let overridden = Advice { text: "override", settings: "mta-sts", tone: Tone::Bad };
            std::iter::once(overridden).chain(partners()).collect()
        }
        Some(Term::MtaSts) => std::iter::once(dane("dane-too")).chain(partners()).collect(),
        Some(Term::Dane) => std::iter::once(mta_sts()).chain(partners()).collect(),
        Some(Term::DaneMtaSts) => partners().into_iter().collect(),
        Some(Term::PerDestination) => {
            vec![Advice { text: "per-destination", settings: "dane", tone: Tone::Warning }]
        }
        None => Vec::new(),
    }
}

/// Another mail, only where it can change the answer: not where it contradicts itself, differs by destination, or
/// where no mail to this suite can tell more.
fn about_the_test(telling: &Telling<'_>) -> Option<Advice> {
    let judgement = &telling.account.verdict.overall;
    if judgement.findings.iter().any(|finding| matches!(finding.reason, Reason::NotAddressed(_))) {
        return Some(advice("both-addresses", Tone::Info));
    }
    let open = judgement.candidates.len() > 1
        && !is(judgement, Mechanism::RefusesSoundServer, FindingResult::Practised);
    let may_change = |reason: &Reason| match reason {
        Reason::NotMet(_)
        | Reason::NotProved(_)
        | Reason::NoControl(_)
        | Reason::NoOccasion
        | Reason::SharedSource
        | Reason::OurFault(_)
        | Reason::NotJudged
        | Reason::OurLimit => true,
        Reason::Shown { .. }
        | Reason::Silence
        | Reason::BeforePolicy
        | Reason::Overridden
        | Reason::Undone(_)
        | Reason::AskedFor
        | Reason::SoundRefused
        | Reason::NotAddressed(_)
        | Reason::Ambiguous
        | Reason::Contradiction => false,
    };
    // That nothing was refused and tried again is so in most trials; no other mail is asked for that.
    let about_policy =
        |mechanism| !matches!(mechanism, Mechanism::LaxerOnRetry | Mechanism::FallsBackToClearText);
    let reasons = judgement.findings.iter().any(|finding| {
        finding.result == FindingResult::Inconclusive
            && about_policy(finding.mechanism)
            && may_change(&finding.reason)
    });
    let expired = telling.account.history.ended.as_ref().is_some_and(|ended| ended.what == TrialEnd::Expired);
    (open && (reasons || expired)).then(|| advice("again", Tone::Info))
}

/// What the message's own authentication asks for. Where the sender's domain was scanned, its records are told of there.
fn authentication(telling: &Telling<'_>) -> Vec<Advice> {
    let Some(message) = telling.account.history.message() else { return Vec::new() };
    let scanned = matches!(telling.account.receiving, Half::Scanned(_));
    let seen = &message.authentication;
    let steps = [
        seen.dkim.is_empty().then_some("dkim"),
        (!scanned && seen.spf.result == Result8601::None).then_some("spf"),
        (!scanned && seen.dmarc.result == Result8601::None).then_some("dmarc"),
    ];
    steps.into_iter().flatten().map(|text| advice(text, Tone::Warning)).collect()
}

fn step(telling: &Telling<'_>, advice: &Advice) -> Step {
    let words = telling.words;
    let title = words.say(&format!("advice-{}", advice.text));
    let text = vec![words.tell(&format!("advice-{}.text", advice.text), &blanks(telling))];
    let settings = PRODUCTS.iter().filter_map(|(key, name)| {
        let lines = words.lines(&format!("settings-{}.{key}", advice.settings), &[]);
        (!lines.is_empty()).then(|| ((*name).to_owned(), lines))
    });
    Step { tone: advice.tone, title, text, settings: settings.collect() }
}

/// A text for who has the settings in hand.
fn provider(telling: &Telling<'_>) -> Step {
    let title = telling.words.say("advice-provider");
    Step { tone: Tone::Info, title, text: Vec::new(), settings: Vec::new() }
}

fn blanks(telling: &Telling<'_>) -> Vec<(&'static str, FluentValue<'static>)> {
    let judgement = judged(telling);
    let better = judgement.per_destination.iter().max_by_key(|(_, term)| *term);
    let better = better.and_then(|(case, _)| telling.account.catalogue.case(case));
    let better = better.map(|case| telling.account.catalogue.domain(case)).unwrap_or_default();
    vec![("et", telling.domain(true).into()), ("ut", telling.domain(false).into()), ("better", better.into())]
}

/// What to do about receiving.
pub(super) fn receiving(telling: &Telling<'_>) -> Option<Section> {
    let mut steps = receiving::steps(telling.account.receiving, telling.words, telling.account.now);
    // To sign is a matter of sending, and is said there.
    let signing = telling.words.say("check-dkim-signature");
    steps.retain(|step| !step.contains(&signing));
    (!steps.is_empty()).then(|| telling.titled("advice-receiving", Body::Steps(steps)))
}
