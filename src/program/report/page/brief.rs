//! The connections in a line each, equal ones joined: what fits into a mail.

use std::collections::BTreeSet;

use crate::sending::history::{Attributed, Link, Phase, Strength};
use crate::sending::persona::{Catalogue, Certificate, Persona, StandsFor, TlsaSpec};

use super::super::link::{LinkOutcome, alert_name, answered, met_by, server_of};
use super::findings::listed_ranges;
use super::telling::Telling;
use crate::shared::text::{Body, Line, Lines, Section};

/// How many lines there are at most; the page has the connections in full.
pub(super) const LINES_MAX: usize = 40;

/// All connections in a line each.
pub(super) struct Brief {
    title: String,
    intro: String,
    lines: Vec<Line>,
    /// What is said where only so many lines are shown.
    more: Vec<String>,
}

/// Equal connections.
struct Joined<'a> {
    numbers: Vec<usize>,
    links: Vec<&'a Link>,
    what: String,
}

impl Brief {
    pub(super) fn of(telling: &Telling<'_>) -> Self {
        let joined = joined(telling);
        let more = |shown: usize| match joined.iter().skip(shown).map(|line| line.links.len()).sum::<usize>()
        {
            0 => String::new(),
            count => telling.words.tell("brief-more", &[("count", count.into())]),
        };
        let links = telling.account.history.links.iter();
        let days: BTreeSet<String> =
            links.map(|link| link.link.opened.strftime("%Y-%m-%d").to_string()).collect();
        let form = if days.len() > 1 { "%m-%d %H:%M:%S" } else { "%H:%M:%S" };
        Self {
            title: telling.words.say("brief-title"),
            intro: intro(telling),
            lines: joined.iter().take(LINES_MAX).map(|joined| line(joined, form)).collect(),
            more: (0..=LINES_MAX).map(more).collect(),
        }
    }

    /// At most `lines_max` lines, of which text shows `in_text`.
    pub(super) fn section(&self, lines_max: usize, in_text: usize) -> Section {
        let in_text = in_text.min(lines_max);
        let more = |shown: usize| self.more.get(shown).cloned().unwrap_or_default();
        let lines = Lines {
            lines: self.lines.iter().take(lines_max).cloned().collect(),
            more: more(lines_max),
            in_text,
            more_in_text: more(in_text),
        };
        let (title, intro) = (self.title.clone(), self.intro.clone());
        Section { title, intro, body: Body::Lines(lines), detailed: false }
    }
}

fn line(joined: &Joined<'_>, form: &str) -> Line {
    let ends = [joined.links.first(), joined.links.last()];
    let mut times: Vec<String> =
        ends.into_iter().flatten().map(|link| link.opened.strftime(form).to_string()).collect();
    times.dedup();
    let text = match joined.links.len() {
        1 => joined.what.clone(),
        count => format!("{} ×{count}", joined.what),
    };
    Line { numbers: listed_ranges(&joined.numbers, 3).join(", "), time: times.join("–"), text, tone: None }
}

fn joined<'a>(telling: &Telling<'a>) -> Vec<Joined<'a>> {
    let mut all: Vec<Joined<'a>> = Vec::new();
    for (n, attributed) in telling.account.history.links.iter().enumerate() {
        let what = what(telling, attributed);
        match all.iter_mut().find(|known| known.what == what) {
            Some(known) => {
                known.numbers.push(n + 1);
                known.links.push(&attributed.link);
            }
            None => all.push(Joined { numbers: vec![n + 1], links: vec![&attributed.link], what }),
        }
    }
    all
}

/// What the servers are that the lines name, and what the marks mean.
fn intro(telling: &Telling<'_>) -> String {
    let words = telling.words;
    let history = telling.account.history;
    let catalogue = telling.account.catalogue;
    let met: Vec<&Persona> = history
        .links
        .iter()
        .flat_map(|link| [server_of(catalogue, &link.link), met_by(catalogue, &link.link)])
        .flatten()
        .collect();
    let mut shown: Vec<&Persona> =
        catalogue.personas().filter(|one| met.iter().any(|met| met.id == one.id)).collect();
    shown.sort_by_key(|persona| persona.server);
    let list: Vec<String> = shown.into_iter().map(|persona| legend(telling, catalogue, persona)).collect();
    let legend = match list.is_empty() {
        true => String::new(),
        false => words.tell("brief-legend", &[("list", list.join("; ").into())]),
    };
    let text = words.tell("brief-intro", &[("legend", legend.into())]);
    let tied = history.links.iter().any(|link| link.strength != Strength::Exact);
    let tied = tied.then(|| words.say("brief-tied"));
    [Some(text), tied, telling.beyond()].into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// What a server is, as far as DANE and MTA-STS go.
fn legend(telling: &Telling<'_>, catalogue: &Catalogue, persona: &Persona) -> String {
    let case = persona.case.as_ref().and_then(|case| catalogue.case(case));
    let id = format!("legend-{}", kind(catalogue, persona));
    let case = case.map(|case| case.id.to_string()).unwrap_or_default();
    telling.words.tell(&id, &[("number", persona.server.into()), ("case", case.into())])
}

/// What kind of server it is, as far as DANE and MTA-STS go: how the names of texts on it end.
pub(super) fn kind(catalogue: &Catalogue, persona: &Persona) -> &'static str {
    let case = persona.case.as_ref().and_then(|case| catalogue.case(case));
    let dane = persona.tlsa == TlsaSpec::Match;
    let mta_sts = persona.in_policy && persona.certificate == Certificate::PublicCa;
    match persona.stands_for {
        StandsFor::StarttlsWithheld => "starttls-withheld",
        StandsFor::NoSni => "no-sni",
        StandsFor::Host if case.is_none_or(|case| case.mta_sts.is_none()) => "bare",
        StandsFor::Host => match (dane, mta_sts) {
            (true, true) => "sound",
            (true, false) => "dane",
            (false, true) => "mta-sts",
            (false, false) => "neither",
        },
    }
}

/// "server 3 (mx03.et): refused our certificate; QUIT".
fn what(telling: &Telling<'_>, attributed: &Attributed) -> String {
    let words = telling.words;
    let link = &attributed.link;
    let mut text = format!("{}: {}", server(telling, link), outcome(telling, link));
    // Of machines that act alike it does not matter which it was.
    if !telling.account.verdict.apart.is_empty() {
        let source = [("source", link.address().to_string().into())];
        text = format!("{text}, {}", words.tell("brief-from", &source));
    }
    match attributed.strength {
        Strength::Exact => text,
        Strength::Weak { shared: false, .. } => format!("{text} *"),
        Strength::Weak { shared: true, .. } => format!("{text} **"),
    }
}

fn server(telling: &Telling<'_>, link: &Link) -> String {
    let words = telling.words;
    let catalogue = telling.account.catalogue;
    if link.entrance.is_some() {
        return telling.ruled(link);
    }
    let Some(counted) = server_of(catalogue, link) else { return words.say("brief-any") };
    let blanks = [("number", counted.server.into()), ("host", counted.id.to_string().into())];
    let id = if counted.stands_for == StandsFor::Host { "brief-host" } else { "brief-server" };
    let mut text = words.tell(id, &blanks);
    if let Some(met) = met_by(catalogue, link).filter(|met| met.id != counted.id) {
        text = words.tell("brief-as", &[("server", text.into()), ("number", met.server.into())]);
    }
    match link.tls.as_ref().filter(|part| part.persona.is_none()).map(|part| part.phase) {
        Some(Phase::A) => format!("{text} ({})", words.say("brief-phase-a")),
        Some(Phase::B) => format!("{text} ({})", words.say("brief-phase-b")),
        None => text,
    }
}

fn outcome(telling: &Telling<'_>, link: &Link) -> String {
    let words = telling.words;
    let outcome = LinkOutcome::of(link);
    let text = match outcome {
        LinkOutcome::MailInClear => words.say("brief-mail-in-clear"),
        LinkOutcome::MailInTls => {
            let version = link.negotiated().map_or_else(|| "TLS".to_owned(), |tls| tls.version.to_string());
            words.tell("brief-mail-in-tls", &[("version", version.into())])
        }
        // Why stands with the server's number.
        LinkOutcome::LeftWithoutMail => words.say("brief-left-without-mail"),
        other => words.say(&format!("outcome-{}", other.name())),
    };
    let end = match outcome {
        LinkOutcome::MailInClear | LinkOutcome::MailInTls => answer(telling, link),
        LinkOutcome::RefusedCertificate | LinkOutcome::TlsFailed | LinkOutcome::Aborted => match link.alert()
        {
            Some(alert) => {
                let name = alert_name(alert.0);
                Some(words.tell("alert", &[("code", alert.0.into()), ("name", name.into())]))
            }
            None => link.closing.as_ref().filter(|closing| closing.quit).map(|_| words.say("closed-quit")),
        },
        _ => None,
    };
    end.into_iter().fold(text, |text, end| format!("{text}, {end}"))
}

/// How the last mail on a link was answered.
fn answer(telling: &Telling<'_>, link: &Link) -> Option<String> {
    let (_, received) = link.transactions.last()?;
    Some(answered(telling.words, link, received))
}
