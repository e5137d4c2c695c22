//! What changed since the last scan, and who would not deliver: sections of a result's page.

use crate::program::domains::{Changed, Changes, Delivery, Group, Kept, Outlook, Way};
use crate::program::site::words;
use crate::receiving::grades::Receiving;
use crate::receiving::profiles::Status;
use crate::receiving::report::{check_title, status_told};
use crate::shared::text::{Body, Check, Findings, Found, Language, Section, Tone, Words, clean, clean_to};

/// How many lines of one kind of fact are shown.
const LINES_MAX: usize = 20;
/// How much of such a line is shown, in characters.
const LINE_CHARS_MAX: usize = 240;
/// How many hosts stand beside a reason.
const HOSTS_MAX: usize = 4;

fn section(title: String, intro: String, body: Body) -> Section {
    Section { title, intro, body, detailed: false }
}

/// What changed since the scan before: what the domain changed, then what our rules did.
pub(super) fn since(before: &Kept, now: &Kept, language: Language) -> Vec<Section> {
    let words = words::of(language);
    let changes = Changes::between(&before.then, &before.evidence, &now.evidence);
    let day = [("day", words.moment(changes.since).into())];
    let title = words.tell("domain-since-title", &day);
    if changes.is_empty() {
        return vec![section(title, words.say("domain-since-nothing"), Body::Nothing)];
    }
    let mut sections = Vec::new();
    let facts = changes.facts.iter().map(|change| {
        let lines = |sign: &'static str, lines: &[String]| -> Vec<String> {
            lines
                .iter()
                .take(LINES_MAX)
                .map(|line| format!("{sign} {}", clean_to(line, LINE_CHARS_MAX)))
                .collect()
        };
        Found {
            tone: Tone::Info,
            title: words.say(&format!("domain-fact-{}", change.fact.name())),
            result: words.say("domain-fact-changed"),
            details: [lines("−", &change.gone), lines("+", &change.new)].concat(),
            ..Found::default()
        }
    });
    let theirs: Vec<Found> =
        changes.theirs.iter().map(|changed| told(changed, words, language)).chain(facts).collect();
    let intro = words.say(if theirs.is_empty() { "domain-since-not-theirs" } else { "domain-since-intro" });
    sections.push(section(title, intro, body(theirs)));
    if changes.other_rules {
        let ours: Vec<Found> = changes.ours.iter().map(|changed| told(changed, words, language)).collect();
        let intro = words.say(if ours.is_empty() { "domain-rules-nothing" } else { "domain-rules-intro" });
        sections.push(section(words.say("domain-rules-title"), intro, body(ours)));
    }
    sections
}

fn body(found: Vec<Found>) -> Body {
    match found.is_empty() {
        true => Body::Nothing,
        false => Body::Findings(Findings { found, ..Findings::default() }),
    }
}

fn told(changed: &Changed, words: &Words, language: Language) -> Found {
    let name = |status: Option<Status>| match status {
        Some(status) => status_told(status, language).1,
        None => words.say("domain-changed-none"),
    };
    let (tone, way) = match changed.way() {
        Way::Better => (Tone::Good, "better"),
        Way::Worse => (Tone::Bad, "worse"),
        Way::Open => (Tone::Inconclusive, "open"),
        Way::Other => (Tone::Info, "other"),
    };
    let blanks = [("before", name(changed.before).into()), ("after", name(changed.after).into())];
    Found {
        tone,
        title: check_title(changed.check, language),
        result: words.say(&format!("domain-changed-{way}")),
        sentences: vec![words.tell("domain-changed", &blanks)],
        ..Found::default()
    }
}

/// Who would not deliver here, and how the others do; none where no mail server answered.
pub(super) fn outlook(receiving: &Receiving<'_>, language: Language) -> Option<Section> {
    let words = words::of(language);
    let outlook = Outlook::of(receiving)?;
    let mut lines = Vec::new();
    for delivery in
        [Delivery::Refused, Delivery::SomeRefuse, Delivery::Clear, Delivery::Open, Delivery::Encrypted]
    {
        lines.extend(outlook.with(delivery).map(|group| line(group, words)));
    }
    let refuses = lines.iter().any(|line| line.tone == Tone::Bad);
    let mut intro = vec![words.say("domain-outlook-modelled")];
    let turned_away = outlook.with(Delivery::Refused).next().is_some();
    intro.push(words.say(match (refuses, turned_away) {
        (true, _) => "domain-outlook-some",
        (false, true) => "domain-outlook-dane-only",
        (false, false) => "domain-outlook-nobody",
    }));
    if !outlook.whole {
        intro.push(words.say("domain-outlook-part"));
    }
    Some(section(words.say("domain-outlook-title"), intro.join(" "), Body::Checks(lines)))
}

fn line(group: &Group, words: &Words) -> Check {
    let (tone, name) = match group.delivery {
        // Who delivers nowhere without DANE is turned away by most domains, and by nobody's fault.
        Delivery::Refused if group.reasons.iter().all(|(reason, _)| reason.name() == "no-tlsa") => {
            (Tone::Info, "refused")
        }
        Delivery::Refused => (Tone::Bad, "refused"),
        Delivery::SomeRefuse => (Tone::Warning, "some-refuse"),
        Delivery::Clear => (Tone::Warning, "clear"),
        Delivery::Open => (Tone::Inconclusive, "open"),
        Delivery::Encrypted => (Tone::Good, "encrypted"),
    };
    let mut reasons: Vec<String> = Vec::new();
    let mut of: Vec<(&'static str, Vec<String>)> = Vec::new();
    for (reason, host) in &group.reasons {
        match of.iter_mut().find(|(name, _)| *name == reason.name()) {
            Some((_, hosts)) => hosts.push(clean(host)),
            None => of.push((reason.name(), vec![clean(host)])),
        }
    }
    for (name, mut hosts) in of {
        let more = hosts.len().saturating_sub(HOSTS_MAX);
        hosts.truncate(HOSTS_MAX);
        if more > 0 {
            hosts.push(words.tell("domain-more-hosts", &[("count", more.into())]));
        }
        let blanks = [("hosts", words.all_of(&hosts).into())];
        reasons.push(words.tell(&format!("domain-reason-{name}"), &blanks));
    }
    // `+` is in no name of a text.
    let term = group.term.name().replace('+', "-");
    let means = words.say(&format!("domain-term-{term}"));
    Check {
        tone,
        label: format!("{} ({means})", group.term.name()),
        result: words.say(&format!("domain-delivery-{name}")),
        how: reasons.join(" "),
    }
}
