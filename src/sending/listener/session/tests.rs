//! Every state with every event, and what holds in any order of events.

use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::sending::listener::Settings;
use crate::sending::listener::port::DotReply;
use crate::sending::persona::CatalogueFiles;
use crate::sending::trial::{LinkId, NoTrials};
use crate::shared::smtp::command;
use crate::shared::smtp::data::Findings;

fn rules() -> Rules {
    let catalogue =
        CatalogueFiles::embedded().catalogue("test.example").expect("the embedded catalogue fits");
    let settings = Settings { commands_max: 50, bad_commands_max: 10, ..Settings::default() };
    Rules { settings, catalogue: Arc::new(catalogue), phases: Arc::new(NoTrials) }
}

const NOW: Timestamp = Timestamp::UNIX_EPOCH;
const OFFER: Offer = Offer { starttls: true, phase: Phase::A };

fn line(text: &str) -> Event {
    match command::parse(text.as_bytes()).command {
        Ok(command) => {
            let offer = matches!(command, Command::Hello { .. }).then_some(OFFER);
            Event::Command { command, offer, behind: false }
        }
        Err(why) => Event::Malformed(why),
    }
}

fn behind(text: &str) -> Event {
    match line(text) {
        Event::Command { command, offer, .. } => Event::Command { command, offer, behind: true },
        other => other,
    }
}

fn events() -> Vec<(&'static str, Event)> {
    let test = "RCPT TO:<en@et.test.example>";
    let dot = |code| DotReply { code, status: "4.7.1", text: "held".to_owned() };
    vec![
        ("EHLO", line("EHLO a")),
        ("HELO", line("HELO a")),
        ("STARTTLS", line("STARTTLS")),
        ("STARTTLS+", behind("STARTTLS")),
        ("MAIL", line("MAIL FROM:<a@b.example>")),
        ("MAIL large", line("MAIL FROM:<> SIZE=99999999999")),
        ("RCPT", line(test)),
        ("RCPT oper", line("RCPT TO:<postmaster>")),
        ("RCPT none", line("RCPT TO:<a@et.test.example>")),
        ("MAIL UTF-8", line("MAIL FROM:<\u{e9}@b.example>")),
        ("MAIL RET", line("MAIL FROM:<a@b.example> RET=HDRS")),
        ("RCPT ORCPT", line(&format!("{test} NOTIFY=NEVER"))),
        ("RCPT bad", line("RCPT TO:a b")),
        ("DATA", line("DATA")),
        ("DATA+", behind("DATA")),
        ("RSET", line("RSET")),
        ("NOOP", line("NOOP")),
        ("VRFY", line("VRFY a")),
        ("EXPN", line("EXPN a")),
        ("HELP", line("HELP")),
        ("QUIT", line("QUIT")),
        ("FOO", line("FOO")),
        ("GET", line("GET / HTTP/1.1")),
        ("Host", line("Host: mx.test.example")),
        ("BDAT", line("BDAT 1")),
        ("long", Event::Malformed(Malformed::TooLong)),
        ("bare LF", Event::Malformed(Malformed::LineEnding)),
        ("dot", Event::Dot(Findings::default())),
        ("dot, foul", Event::Dot(Findings { bare_lf: 1, ..Findings::default() })),
        ("Decided", Event::Decided(dot(451))),
        ("Upgraded", Event::Upgraded { host: "mx".to_owned(), cipher_suite: None, requires_tls: false }),
        ("Ended", Event::Ended(Party::Sender)),
        ("TimedOut", Event::TimedOut),
        ("Stop", Event::Stop),
    ]
}

fn new() -> Session {
    Session::new(LinkId(1), ([192, 0, 2, 1], 25).into(), "mx".to_owned(), None)
}

fn after(events: &[&str]) -> Session {
    let rules = rules();
    events.iter().fold(new(), |session, text| session.step(&rules, NOW, &line(text)).0)
}

fn states() -> Vec<(&'static str, Session)> {
    let (ehlo, mail, rcpt) = ("EHLO a", "MAIL FROM:<a@b.example>", "RCPT TO:<en@et.test.example>");
    let data = after(&[ehlo, mail, rcpt, "DATA"]);
    let deciding = data.clone().step(&rules(), NOW, &Event::Dot(Findings::default())).0;
    let upgrading = after(&[ehlo, "STARTTLS"]);
    let upgraded = Event::Upgraded { host: "mx".to_owned(), cipher_suite: None, requires_tls: false };
    let greeted_tls = upgrading.clone().step(&rules(), NOW, &upgraded).0;
    let ready_tls = greeted_tls.clone().step(&rules(), NOW, &line(ehlo)).0;
    vec![
        ("Greeted", new()),
        ("Ready", after(&[ehlo])),
        ("Mail", after(&[ehlo, mail])),
        ("Mail, RCPT", after(&[ehlo, mail, rcpt])),
        ("Mail, none", after(&[ehlo, mail, "RCPT TO:<a@et.test.example>"])),
        ("MAIL refused", after(&[ehlo, "MAIL FROM:<> SIZE=99999999999"])),
        ("Data", data),
        ("Deciding", deciding),
        ("Upgrading", upgrading),
        ("Greeted, TLS", greeted_tls),
        ("Ready, TLS", ready_tls),
        ("Closed", Session::Closed),
    ]
}

fn name(session: &Session) -> &'static str {
    match session {
        Session::Greeted(_) => "Greeted",
        Session::Ready(_) => "Ready",
        Session::Mail(_) => "Mail",
        Session::Data(_) => "Data",
        Session::Deciding(_) => "Deciding",
        Session::Upgrading(_) => "Upgrading",
        Session::Closed => "Closed",
    }
}

/// `451 asks Ready`: what is done, and the next state; `-` where nothing happens.
fn outcome(state: &Session, event: &Event) -> String {
    let (next, actions) = state.clone().step(&rules(), NOW, event);
    if actions.is_empty() && next == *state {
        return "-".to_owned();
    }
    let mut words: Vec<String> = actions
        .iter()
        .filter_map(|action| match action {
            Action::Reply(reply) => Some(reply.code.to_string()),
            Action::Note(Fact::Irregular { .. }) => Some("!".to_owned()),
            Action::Note(_) | Action::ReadData | Action::Upgrade(_) => None,
            Action::Ask(_) => Some("asks".to_owned()),
            Action::EndedEarly(_, Ending::Aborted) => Some("aborts".to_owned()),
            Action::EndedEarly(..) => Some("refuses".to_owned()),
            Action::Close { by, quit } => Some(match (by, quit) {
                (Party::Sender, true) => "quit".to_owned(),
                (by, _) => format!("{by:?}").to_lowercase(),
            }),
        })
        .collect();
    words.push(name(&next).to_owned());
    words.join(" ")
}

/// For each event what each state makes of it; states that are not named change nothing. `!` is an irregularity
/// that is noted, `aborts` and `refuses` are what the desk is told, `sender`, `us`, `timeout` and `quit` who ended
/// the link.
const TABLE: &str = include_str!("table.txt");

#[test]
fn every_state_takes_every_event() {
    let mut table = String::new();
    for (event_name, event) in events() {
        table.push_str(&format!("{event_name}\n"));
        for (state_name, state) in states() {
            match outcome(&state, &event).as_str() {
                "-" => {}
                outcome => table.push_str(&format!("    {state_name:<13}{outcome}\n")),
            }
        }
    }
    assert_eq!(table, TABLE, "\n{table}");
}

proptest! {
    /// Whatever comes in whatever order: a transaction that began is either asked about or said to have ended,
    /// once, before anything is sent; a command gets one reply, one before it at most where the link is ended;
    /// and a closed session stays so.
    #[test]
    fn every_transaction_has_one_end(choices in prop::collection::vec(any::<prop::sample::Index>(), 0..60)) {
        let (rules, events) = (rules(), events());
        let mut session = new();
        let (mut begun, mut over, mut closed) = (0, Vec::new(), 0);
        for (_, event) in choices.iter().map(|choice| choice.get(&events)).chain([&("", Event::Ended(Party::Sender))]) {
            let before = session.clone();
            let (next, actions) = session.step(&rules, NOW, event);
            begun = next.peer().map_or(begun, |peer| peer.transactions);
            let (mut replies, mut sent) = (0, false);
            for action in &actions {
                match action {
                    Action::Ask(transaction) | Action::EndedEarly(transaction, _) => {
                        // A MAIL that is refused begins and ends in one step.
                        begun = begun.max(transaction.number + 1);
                        over.push(transaction.number);
                        prop_assert!(!sent, "while something is sent the link may be cut: {:?}", actions);
                    }
                    Action::Close { .. } => closed += 1,
                    Action::Reply(reply) => {
                        sent = true;
                        replies += usize::from(reply.code != 421);
                    }
                    _ => {}
                }
            }
            let reads = matches!(before, Session::Greeted(_) | Session::Ready(_) | Session::Mail(_));
            if reads && matches!(event, Event::Command { .. } | Event::Malformed(_)) && next != Session::Closed {
                prop_assert_eq!(replies, 1, "{:?} {:?}", before, event);
            }
            session = next;
        }
        prop_assert_eq!(session, Session::Closed);
        prop_assert_eq!(closed, 1);
        prop_assert_eq!(over, (0..begun).collect::<Vec<_>>());
    }
}
