//! What the sender's administrator may do.

use fluent::FluentValue;

use crate::sending::history::TrialEnd;
use crate::sending::persona::Standing;
use crate::sending::verdict::{FindingResult, Judgement, Mechanism, Reason, Term};
use crate::shared::evidence::Result8601;

use crate::receiving::report as receiving;
use crate::receiving::report::{Half, Urgency};
use crate::shared::text::{Step, Todo, TodoInText, clean};

use super::answer::{self, is, undone};
use super::telling::Telling;
use crate::shared::text::{Body, Section, Tone};

/// What lines belong to: the names of the texts, which also end those of its own name.
const SYSTEMS: [&str; 7] = ["dns", "command", "opendkim", "postfix", "exim", "sendmail", "exchange"];

/// Something to do: the name of its text, and that of its settings where they are others.
struct Advice {
    text: &'static str,
    settings: &'static str,
    tone: Tone,
}

fn advice(text: &'static str, tone: Tone) -> Advice {
    Advice { text, settings: text, tone }
}

/// What to do about both halves, the most urgent first.
pub(super) struct Steps {
    title: String,
    steps: Vec<Step>,
    /// For those who run no server themselves, or that there is nothing to do.
    last: Option<Step>,
    left_out: String,
}

impl Steps {
    pub(super) fn of(telling: &Telling<'_>) -> Self {
        let words = telling.words;
        let sending = sending(telling);
        let senders = telling.senders();
        let receiving = receiving::steps(telling.account.receiving, telling.told(&senders));
        let mut last = provider(telling, sending.iter().any(|(_, step)| !step.settings.is_empty()));
        let both = telling.account.receiving.is_scanned();
        let of = |half: &'static str| {
            move |(urgency, step): (Urgency, Step)| match both {
                true => {
                    let title = words.tell(half, &[("todo", step.title.as_str().into())]);
                    (urgency, Step { title, ..step })
                }
                false => (urgency, step),
            }
        };
        let sending = sending.into_iter().map(of("advice-sending"));
        let mut steps: Vec<_> = sending.chain(receiving.into_iter().map(of("advice-receiving"))).collect();
        steps.sort_by_key(|(urgency, _)| *urgency);
        if steps.is_empty() && last.is_none() {
            let title = words.say("advice-nothing");
            last = Some(Step { tone: Tone::Info, title, text: Vec::new(), settings: Vec::new() });
        }
        Self {
            title: words.say("advice-title"),
            steps: steps.into_iter().map(|(_, step)| step).collect(),
            last,
            left_out: words.say("advice-elsewhere"),
        }
    }

    /// With the settings of so many steps, of which text shows some.
    pub(super) fn section(&self, in_text: TodoInText, settings_max: usize) -> Section {
        let mut steps = self.steps.clone();
        for step in steps.iter_mut().skip(settings_max) {
            step.settings.clear();
        }
        let shown = |n: usize| if n < in_text.settings { in_text.products } else { 0 };
        let left = steps.len() > in_text.steps
            || self.steps.iter().enumerate().any(|(n, step)| step.settings.len() > shown(n));
        let left_out = if left { self.left_out.clone() } else { String::new() };
        steps.extend(self.last.clone());
        let body = Body::Todo(Todo { steps, in_text, left_out });
        Section { title: self.title.clone(), intro: String::new(), body, detailed: false }
    }
}

/// What to do about sending, and how urgent it is.
fn sending(telling: &Telling<'_>) -> Vec<(Urgency, Step)> {
    let judgement = judged(telling);
    let mut steps = Vec::new();
    if telling.account.is_of_cases_alone() {
        let term = match telling.account.cases.terms[..] {
            [term] => Some(term),
            _ => None,
        };
        steps.extend(by_term(judgement, term));
    } else {
        steps.extend(urgent(telling, judgement));
        steps.extend(by_term(judgement, judgement.term()));
        steps.extend(about_the_test(telling));
    }
    if !faults(telling).is_empty() {
        steps.push(advice("cases-fault", Tone::Bad));
    }
    steps.extend(authentication(telling));
    let urgency = |one: &Advice| match one.text {
        // As long as these stay, mail waits and comes back.
        "sound-refused" | "dane-only" => Urgency::MailIsKeptBack,
        _ => Urgency::of(one.tone),
    };
    steps.iter().map(|one| (urgency(one), step(telling, one))).collect()
}

/// The ruled cases at which the sender acted against the standards.
fn faults(telling: &Telling<'_>) -> Vec<String> {
    let findings = telling.account.cases.findings.iter();
    let faults = findings.filter(|finding| finding.standing == Some(Standing::Fault));
    faults.map(|finding| finding.case.to_string()).collect()
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
fn by_term(judgement: &Judgement, term: Option<Term>) -> Vec<Advice> {
    let dane = |text| Advice { text, settings: "dane", tone: Tone::Warning };
    let mta_sts = || advice("mta-sts", Tone::Info);
    let partners = is(judgement, Mechanism::ClearTextUt, FindingResult::Practised);
    let partners = || partners.then(|| advice("partners", Tone::Info));
    match term {
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
    let mut text = vec![words.tell(&format!("advice-{}.text", advice.text), &blanks(telling))];
    let note = format!("note-{}", advice.settings);
    text.extend(words.has(&note).then(|| words.say(&note)));
    let settings = SYSTEMS.iter().filter_map(|system| {
        let lines = words.lines(&format!("settings-{}.{system}", advice.settings), &blanks(telling));
        (!lines.is_empty()).then(|| (words.say(&format!("system-{system}")), lines))
    });
    Step { tone: advice.tone, title, text, settings: settings.collect() }
}

/// A text for whoever has the settings in hand.
fn provider(telling: &Telling<'_>, asks_for_settings: bool) -> Option<Step> {
    let words = telling.words;
    let senders = telling.senders();
    let asked = receiving::asked(telling.account.receiving, telling.told(&senders));
    let asked = asked.map(|list| words.tell("advice-provider-receiving", &[("list", list.into())]));
    let sending = asks_for_settings.then(|| words.say("advice-provider-sending"));
    let request: Vec<String> = sending.into_iter().chain(asked).collect();
    (!request.is_empty()).then(|| {
        let title = words.tell("advice-provider", &[("request", request.join(" ").into())]);
        Step { tone: Tone::Info, title, text: Vec::new(), settings: Vec::new() }
    })
}

fn blanks(telling: &Telling<'_>) -> Vec<(&'static str, FluentValue<'static>)> {
    let judgement = judged(telling);
    let better = judgement.per_destination.iter().max_by_key(|(_, term)| *term);
    let better = better.and_then(|(case, _)| telling.account.catalogue.case(case));
    let better = better.map(|case| telling.account.catalogue.domain(case)).unwrap_or_default();
    let message = telling.account.history.message();
    let domain = message.and_then(|message| message.from_domain.clone());
    let domain = domain.or_else(|| crate::program::report::link::sender_domain(telling.account.history));
    let senders = telling.senders();
    vec![
        ("et", telling.domain(true).into()),
        ("ut", telling.domain(false).into()),
        ("better", better.into()),
        ("domain", domain.map_or_else(|| "example.org".to_owned(), |domain| clean(&domain)).into()),
        ("senders", receiving::as_spf(&senders).into()),
        ("faults", telling.words.all_of(&faults(telling)).into()),
    ]
}
