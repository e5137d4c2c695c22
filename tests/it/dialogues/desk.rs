//! A desk that does as the dialogue says, and a journal in memory.

use std::collections::HashMap;
use std::future::Future;
use std::net::IpAddr;
use std::pin::Pin;

use mailassay::sending::history::{
    Ending, Fact, Link, NotRecorded, Observation, Offer, Phase, Recorder, Seq,
};
use mailassay::sending::listener::{Contact, Desk, DotReply, Recipients, Transaction};
use mailassay::sending::trial::LinkId;
use mailassay::shared::time::{Timestamp, after};
use parking_lot::Mutex;
use tokio::sync::watch;

/// What the desk offers and answers, and what it was asked.
pub(super) struct Scripted {
    /// For how long no STARTTLS is offered to a source, from its first EHLO, in seconds.
    pub(super) window_s: u32,
    pub(super) phase: Phase,
    pub(super) dot: DotReply,
    first_ehlo: Mutex<HashMap<IpAddr, Timestamp>>,
    /// The local part whose dots are not answered.
    never_answers: Option<String>,
    saw: watch::Sender<Vec<String>>,
}

impl Scripted {
    pub(super) fn new() -> Self {
        let dot = DotReply { code: 451, status: "4.7.1", text: "Held: this is a test".to_owned() };
        let (first_ehlo, saw) = (Mutex::default(), watch::Sender::default());
        Self { window_s: 0, phase: Phase::A, dot, first_ehlo, never_answers: None, saw }
    }

    /// `window 180`, `phase B`, `answers 250 2.0.0 text`.
    pub(super) fn follow(&mut self, text: &str) -> Option<()> {
        let (verb, rest) = text.split_once(' ')?;
        match verb {
            "window" => self.window_s = rest.parse().ok()?,
            "never-answers" => self.never_answers = Some(format!("{rest}@")),
            "phase" => self.phase = if rest == "B" { Phase::B } else { Phase::A },
            "answers" => {
                let mut parts = rest.splitn(3, ' ');
                let code = parts.next()?.parse().ok()?;
                let status = parts.next()?.to_owned().leak();
                self.dot = DotReply { code, status, text: parts.next()?.to_owned() };
            }
            _ => return None,
        }
        Some(())
    }

    pub(super) fn saw(&self) -> Vec<String> {
        self.saw.borrow().clone()
    }

    /// Returns when it was called so.
    pub(super) async fn sees(&self, prefix: &str) {
        let mut saw = self.saw.subscribe();
        saw.wait_for(|saw| saw.iter().any(|saw| saw.starts_with(prefix))).await.unwrap();
    }

    fn see(&self, what: String) {
        self.saw.send_modify(|saw| saw.push(what));
    }
}

impl Desk for Scripted {
    fn offer(&self, at: Timestamp, contact: &Contact) -> Offer {
        self.see(format!("offer {}", contact.ehlo));
        let first = *self.first_ehlo.lock().entry(contact.source.ip()).or_insert(at);
        Offer { starttls: at >= after(first, self.window_s), phase: self.phase }
    }

    fn answer(
        &self,
        _at: Timestamp,
        transaction: Transaction,
        message: Vec<u8>,
    ) -> Pin<Box<dyn Future<Output = DotReply> + Send + '_>> {
        let message = String::from_utf8_lossy(&message).escape_debug().to_string();
        self.see(format!("answer {} {message}", say(&transaction)));
        let path = transaction.reverse_path.unwrap_or_default();
        let never = self.never_answers.as_ref().is_some_and(|local| path.starts_with(local.as_str()));
        let waited_for = WaitedFor { desk: self, number: Some(transaction.number) };
        Box::pin(async move {
            let mut waited_for = waited_for;
            // As the real one waits for its disk.
            tokio::task::yield_now().await;
            if never {
                std::future::pending::<()>().await;
            }
            waited_for.number = None;
            self.dot.clone()
        })
    }

    fn ended_early(&self, _at: Timestamp, transaction: Transaction, how: Ending) {
        let how = match how {
            Ending::Aborted => "aborted".to_owned(),
            Ending::Refused { code } => format!("refused {code}"),
            Ending::Complete(_) => "complete".to_owned(),
        };
        self.see(format!("ended {how} {}", say(&transaction)));
    }
}

/// An answer that somebody waits for.
struct WaitedFor<'a> {
    desk: &'a Scripted,
    number: Option<u16>,
}

impl Drop for WaitedFor<'_> {
    fn drop(&mut self) {
        if let Some(number) = self.number {
            self.desk.see(format!("dropped {number}"));
        }
    }
}

fn say(transaction: &Transaction) -> String {
    let to = match &transaction.recipients {
        Recipients::Tests(tests) => {
            tests.iter().map(|test| format!("{}/{}", test.case, test.language.tag())).collect::<Vec<_>>()
        }
        Recipients::Operator(addresses) => addresses.clone(),
    };
    let from = transaction.reverse_path.as_deref().unwrap_or("<>");
    let tls = if transaction.tls { "tls" } else { "clear" };
    let refused = match transaction.refused_recipients {
        0 => String::new(),
        count => format!(" and {count} refused"),
    };
    format!("{} {tls} {from} {}{refused}", transaction.number, to.join(","))
}

/// All facts, in order.
pub(super) struct Journal {
    facts: Mutex<Vec<Fact>>,
    closed: watch::Sender<usize>,
}

impl Journal {
    pub(super) fn new() -> Self {
        Self { facts: Mutex::default(), closed: watch::Sender::new(0) }
    }

    pub(super) fn facts(&self) -> Vec<serde_json::Value> {
        self.facts.lock().iter().map(|fact| serde_json::to_value(fact).unwrap()).collect()
    }

    /// Whether the judge takes a link for a refusal of our certificate.
    pub(super) fn refused(&self, id: LinkId) -> Option<bool> {
        let facts = self.facts.lock().clone();
        let of_link = facts.into_iter().enumerate().filter(|(_, fact)| fact.link() == Some(id));
        let mut observed =
            of_link.map(|(n, fact)| Observation { seq: Seq(n as i64), at: Timestamp::UNIX_EPOCH, fact });
        let mut link = Link::open(&observed.next()?)?;
        observed.for_each(|observation| link.note(&observation));
        Some(link.refused_certificate())
    }

    /// Returns when as many links were closed as were opened.
    pub(super) async fn all_closed(&self) {
        let opened = self.facts.lock().iter().filter(|fact| matches!(fact, Fact::LinkOpened { .. })).count();
        let mut closed = self.closed.subscribe();
        closed.wait_for(|closed| *closed >= opened).await.unwrap();
    }
}

impl Recorder for Journal {
    fn note(&self, _at: Timestamp, fact: Fact) {
        let closed = matches!(fact, Fact::LinkClosed(_));
        self.facts.lock().push(fact);
        if closed {
            self.closed.send_modify(|count| *count += 1);
        }
    }

    fn commit(
        &self,
        at: Timestamp,
        fact: Fact,
    ) -> Pin<Box<dyn Future<Output = Result<Seq, NotRecorded>> + Send + '_>> {
        self.note(at, fact);
        let seq = Seq(self.facts.lock().len() as i64);
        Box::pin(async move { Ok(seq) })
    }
}
