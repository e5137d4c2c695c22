//! The connection history in full.

use crate::sending::history::{Attributed, Ending, Irregularity, Link, Received, Strength};
use crate::sending::persona::StandsFor;
use crate::sending::trial::Tie;
use crate::shared::evidence::Party;
use crate::shared::time::Timestamp;

use super::super::link::{LinkOutcome, addresses, alert_name, answered, met_by, server_of};
use super::message;
use super::telling::Telling;
use crate::shared::text::{Body, Connection, Section, Tone, clean, clean_to};

/// How many links a page shows; the JSON has them all.
const CONNECTIONS_MAX: usize = 250;

/// How much of a name or address is shown here, in characters.
const NAME_CHARS_MAX: usize = 100;

/// The connection history.
pub(super) fn section(telling: &Telling<'_>) -> Section {
    let links = &telling.account.history.links;
    let (mut day, mut last_sender) = (String::new(), String::new());
    let mut connections = Vec::new();
    for (n, attributed) in links.iter().take(CONNECTIONS_MAX).enumerate() {
        let this_day = attributed.link.opened.strftime("%Y-%m-%d").to_string();
        let mut connection = connection(telling, n + 1, attributed);
        // The sender stands where it is another than on the line before.
        let this_sender = sender(&attributed.link);
        if this_sender != last_sender {
            connection.details.push(telling.words.tell("from", &[("sender", this_sender.clone().into())]));
            last_sender = this_sender;
        }
        if this_day != day {
            connection.day = Some(telling.words.tell("day", &[("day", this_day.clone().into())]));
            day = this_day;
        }
        connections.push(connection);
    }
    let summary = telling.words.tell("connections-summary", &[("count", links.len().into())]);
    let mut section = telling.section("connections", Body::Connections(summary, connections));
    if links.len() > CONNECTIONS_MAX {
        let more = [("count", (links.len() - CONNECTIONS_MAX).into())];
        section.intro = format!("{} {}", section.intro, telling.words.tell("connections-more", &more));
    }
    if let Some(beyond) = telling.beyond() {
        section.intro = format!("{} {beyond}", section.intro);
    }
    section
}

fn connection(telling: &Telling<'_>, number: usize, attributed: &Attributed) -> Connection {
    let link = &attributed.link;
    let outcome = LinkOutcome::of(link);
    let mut details = vec![ending(telling, link, outcome)];
    details.extend(handshake(telling, link));
    details.extend(link.transactions.iter().map(|(_, received)| transaction(telling, link, received)));
    details.extend(tie(telling, attributed.strength));
    Connection {
        number,
        tone: tone(outcome),
        day: None,
        time: time(telling, link),
        server: server(telling, link),
        transport: match (&link.tls, link.negotiated()) {
            (_, Some(negotiated)) => negotiated.version.to_string(),
            (Some(_), None) => telling.words.say("transport-tls"),
            (None, _) => telling.words.say("transport-plain"),
        },
        details,
    }
}

/// How good a link is, as far as a single one can show that.
pub(super) fn tone(outcome: LinkOutcome) -> Tone {
    match outcome {
        LinkOutcome::MailInClear => Tone::Bad,
        LinkOutcome::MailInTls => Tone::Good,
        LinkOutcome::LeftWithoutMail | LinkOutcome::RefusedCertificate | LinkOutcome::NoMailInTls => {
            Tone::Info
        }
        LinkOutcome::OurLimit | LinkOutcome::TlsFailed | LinkOutcome::Aborted | LinkOutcome::Open => {
            Tone::Inconclusive
        }
    }
}

/// "mail.example.net, 198.51.100.7".
fn sender(link: &Link) -> String {
    let name = link.ehlo.last().map(|name| clean_to(name, NAME_CHARS_MAX));
    name.into_iter().chain([link.address().to_string()]).collect::<Vec<_>>().join(", ")
}

fn time(telling: &Telling<'_>, link: &Link) -> String {
    let clock = |at: Timestamp| at.strftime("%H:%M:%S").to_string();
    let end =
        link.closing.as_ref().map_or_else(|| telling.words.say("time-open"), |closing| clock(closing.at));
    format!("{}–{end}", clock(link.opened))
}

/// "Server 3 (mx03.et)"; where a mail counts for another server than the link met, both.
fn server(telling: &Telling<'_>, link: &Link) -> String {
    let catalogue = telling.account.catalogue;
    if link.entrance.is_some() {
        return message::capital(&telling.ruled(link));
    }
    let Some(counted) = server_of(catalogue, link) else { return telling.words.say("server-any") };
    let mut text = telling.words.tell("server", &[("number", counted.server.into())]);
    if counted.stands_for == StandsFor::Host {
        text = format!("{text} ({})", counted.id);
    }
    match met_by(catalogue, link) {
        Some(met) if met.id != counted.id => {
            format!("{text} {}", telling.words.tell("server-as", &[("number", met.server.into())]))
        }
        _ => text,
    }
}

/// How the link ended.
fn ending(telling: &Telling<'_>, link: &Link, outcome: LinkOutcome) -> String {
    let words = telling.words;
    let mut text = words.say(&format!("outcome-{}", outcome.name()));
    let alert = link.alert().map(|alert| {
        let name = alert_name(alert.0);
        words.tell("alert", &[("code", alert.0.into()), ("name", name.into())])
    });
    let quit = link.closing.as_ref().map(|closing| match closing.by {
        Party::Sender if closing.quit => words.say("closed-quit"),
        Party::Sender => words.say("closed-sender"),
        Party::Us => words.say("closed-us"),
        Party::Timeout => words.say("closed-timeout"),
    });
    for part in alert.into_iter().chain(quit) {
        text = format!("{text}; {part}");
    }
    if link.starttls.is_some_and(|code| code != 220) {
        text = format!("{text}; {}", words.say("starttls-unoffered"));
    }
    if link.irregularities.contains(&Irregularity::ForeignProtocol) {
        text = format!("{text}; {}", words.say("foreign-protocol"));
    }
    let others: Vec<_> =
        link.irregularities.iter().filter(|what| **what != Irregularity::ForeignProtocol).collect();
    if !others.is_empty() {
        let mut kinds: Vec<String> = Vec::new();
        for what in others {
            let kind = serde_json::to_value(what).ok().and_then(|value| Some(value.as_str()?.to_owned()));
            kinds.extend(kind.filter(|kind| !kinds.contains(kind)));
        }
        text = format!("{text}; {}", words.tell("irregular", &[("kinds", kinds.join(", ").into())]));
    }
    text
}

/// What TLS was agreed on, which name was asked for, and which certificate was shown without one.
fn handshake(telling: &Telling<'_>, link: &Link) -> Option<String> {
    let words = telling.words;
    let part = link.tls.as_ref()?;
    let mut parts: Vec<String> = Vec::new();
    if let Some(negotiated) = link.negotiated() {
        parts.push(clean(&negotiated.cipher_suite));
        parts.extend(negotiated.group.as_ref().map(|group| clean(group)));
    }
    match &part.hello.sni {
        Some(name) => parts.push(format!("SNI {}", clean_to(name, NAME_CHARS_MAX))),
        None => parts.push(words.say("sni-none")),
    }
    if part.persona.is_none() && link.entrance.is_none() {
        let phase = match part.phase {
            crate::sending::history::Phase::A => "certificate-phase-a",
            crate::sending::history::Phase::B => "certificate-phase-b",
        };
        parts.push(words.say(phase));
    }
    if let Some(failure) = link.tls_failed() {
        parts.push(clean(&failure.reason));
    }
    Some(parts.join(", "))
}

/// "From: <j***m@example.net> To: <en@et.example.org> Signatures: Dkim", and how the dot was answered.
fn transaction(telling: &Telling<'_>, link: &Link, received: &Received) -> String {
    let words = telling.words;
    let from = received.reverse_path.as_ref().map(|path| clean_to(&path.redacted, NAME_CHARS_MAX));
    let to: Vec<String> =
        addresses(telling.account.catalogue, received).map(|address| format!("<{address}>")).collect();
    let to = if to.is_empty() { words.say("recipients-none") } else { to.join(", ") };
    let mut text = format!("From: <{}> To: {to}", from.unwrap_or_default());
    if let Some(signatures) = signatures(received) {
        text = format!("{text} Signatures: {signatures}");
    }
    let end = answered(telling.words, link, received);
    format!("{text} ({end})")
}

/// `Dkim`, `Arc`, as far as the mail carries them.
fn signatures(received: &Received) -> Option<String> {
    let Ending::Complete(message) = &received.ending else { return None };
    let seen = &message.authentication;
    let names = [(!seen.dkim.is_empty()).then_some("Dkim"), (seen.arc.sets > 0).then_some("Arc")];
    let names: Vec<&str> = names.into_iter().flatten().collect();
    (!names.is_empty()).then(|| names.join(", "))
}

/// Why a link without a mail of the trial is shown at all.
pub(super) fn tie(telling: &Telling<'_>, strength: Strength) -> Option<String> {
    let Strength::Weak { tie, shared } = strength else { return None };
    let by = match tie {
        Tie::Address => "tie-address",
        Tie::Network => "tie-network",
        Tie::Domain => "tie-domain",
    };
    let mut text = telling.words.say(by);
    if shared {
        text = format!("{text} {}", telling.words.say("tie-shared"));
    }
    Some(text)
}
