//! What is left of a link that is cut while something is sent to a sender that does not read.

use std::future::Future;

use parking_lot::Mutex;
use tokio::net::TcpListener;

use super::super::super::port::Desk;
use super::super::super::rules::{Rules, Settings};
use super::super::budget::Budget;
use super::super::withheld::Withheld;
use super::*;
use crate::sending::history::{Ending, NotRecorded, Recorder, Seq};
use crate::sending::identities::{self, Identities};
use crate::sending::persona::{Addresses, CatalogueFiles};
use crate::sending::trial::NoTrials;
use crate::shared::time::Timestamp;

/// A desk and a journal that write down in one list what they hear.
#[derive(Default)]
struct Heard(Mutex<Vec<String>>);

impl Heard {
    fn hear(&self, what: String) {
        self.0.lock().push(what);
    }
}

impl Desk for Heard {
    fn offer(&self, _: Timestamp, _: &Contact) -> Offer {
        Offer { starttls: false, phase: Phase::A }
    }

    fn answer(
        &self,
        _: Timestamp,
        transaction: Transaction,
        _: Vec<u8>,
    ) -> Pin<Box<dyn Future<Output = DotReply> + Send + '_>> {
        self.hear(format!("asked {}", transaction.number));
        Box::pin(async { DotReply { code: 451, status: "4.7.1", text: "Held".to_owned() } })
    }

    fn ended_early(&self, _: Timestamp, transaction: Transaction, how: Ending) {
        self.hear(format!("{how:?} {}", transaction.number));
    }
}

impl Recorder for Heard {
    fn note(&self, _: Timestamp, fact: Fact) {
        match fact {
            Fact::LinkClosed(closed) => self.hear(format!("closed by {:?}, quit {}", closed.by, closed.quit)),
            Fact::Answered { code, .. } => self.hear(format!("answered {code}")),
            Fact::Irregular { what, .. } => self.hear(format!("{what:?}")),
            _ => {}
        }
    }

    fn commit(
        &self,
        _: Timestamp,
        _: Fact,
    ) -> Pin<Box<dyn Future<Output = Result<Seq, NotRecorded>> + Send + '_>> {
        Box::pin(async { Ok(Seq(1)) })
    }
}

/// A link in a transaction with a recipient, and who hears of it.
async fn link() -> (Link, Arc<Heard>) {
    let catalogue = Arc::new(CatalogueFiles::embedded().catalogue("test.example").expect("it fits"));
    let folder = tempfile::tempdir().expect("a folder");
    let settings =
        identities::Settings { folder: folder.path().to_owned(), ..identities::Settings::default() };
    let addresses = Addresses { shared: vec![[127, 0, 0, 1].into()], ..Addresses::default() };
    let now = Timestamp::UNIX_EPOCH;
    let identities = Identities::open(settings, (*catalogue).clone(), addresses.clone(), now).expect("made");
    let heard = Arc::new(Heard::default());
    let settings = Settings { bad_commands_max: 0, ..Settings::default() };
    let shared = Shared {
        budget: Arc::new(Budget::new(&settings)),
        rules: Rules { settings, catalogue, phases: Arc::new(NoTrials) },
        withheld: Withheld::default(),
        addresses,
        identities: Arc::new(identities),
        desk: heard.clone(),
        recorder: heard.clone(),
        clock: Arc::new(move || now),
    };
    let socket = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let tcp = TcpStream::connect(socket.local_addr().expect("bound")).await.expect("connects");
    let source = "192.0.2.1:40000".parse().expect("an address");
    let mut link =
        Link::new(Arc::new(shared), LinkId(1), &tcp, source, CancellationToken::new()).expect("a link");
    for line in ["EHLO a", "MAIL FROM:<a@b.example>", "RCPT TO:<en@et.test.example>"] {
        link.perform(&mut tokio::io::empty(), command(line)).await;
    }
    (link, heard)
}

fn command(line: &str) -> Event {
    match command::parse(line.as_bytes()).command {
        Ok(command) => Event::Command { command, offer: None, behind: false },
        Err(why) => Event::Malformed(why),
    }
}

/// The other end of the stream is not read.
#[tokio::test]
async fn a_link_that_is_cut_while_it_sends_leaves_every_trace_once() {
    let answered = ["asked 0", "closed by Us, quit false"];
    for (event, expected) in [
        (command("QUIT"), &["Aborted 0", "closed by Sender, quit true"][..]),
        (command("RSET"), &["Aborted 0", "closed by Us, quit false"]),
        (command("EHLO b"), &["Aborted 0", "closed by Us, quit false"]),
        (command("FOO"), &["BadCommand", "TooManyCommands", "Aborted 0", "closed by Us, quit false"]),
        (command("RCPT TO:<postmaster>"), &["Aborted 0", "closed by Us, quit false"]),
        (Event::TimedOut, &["Aborted 0", "closed by Timeout, quit false"]),
        (Event::Stop, &["Aborted 0", "closed by Us, quit false"]),
        (command("DATA"), &["Aborted 0", "closed by Us, quit false"]),
        (Event::Dot(Findings::default()), &answered),
        (
            Event::Dot(Findings { nul: 1, ..Findings::default() }),
            &["Nul", "Refused { code: 554 } 0", "closed by Us, quit false"],
        ),
    ] {
        let (mut link, heard) = link().await;
        if matches!(event, Event::Dot(_)) {
            let _ = link.step(&command("DATA"));
        }
        // So much waits that the next reply is sent at once, and nobody takes it.
        link.replies = vec![b' '; REPLIES_OCTETS_MAX];
        let (mut stream, _other) = tokio::io::duplex(1);
        let name = format!("{event:?}");
        let performed = tokio::select! {
            biased;
            performed = link.perform(&mut stream, event) => Some(performed.is_some()),
            () = std::future::ready(()) => None,
        };
        assert_eq!(performed, None, "{name}");
        link.cut();
        assert_eq!(*heard.0.lock(), expected, "{name}");
    }
}

/// Ten thousand links that say nothing are ten thousand of these.
#[tokio::test]
async fn an_idle_link_holds_no_buffer() {
    let (mut link, _heard) = link().await;
    let socket = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let tcp = TcpStream::connect(socket.local_addr().expect("bound")).await.expect("connects");
    let octets = std::mem::size_of_val(&link.run(tcp));
    assert!(octets < READ_OCTETS, "{octets} octets");
}
