//! One link: reads, lets the session machine decide, writes and notes.

use std::collections::{HashSet, VecDeque};
use std::io;
use std::mem::MaybeUninit;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Sleep, sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::super::port::{Contact, DotReply, Transaction};
use super::super::session::{Action, Event, Session};
use super::budget::Holding;
use super::lines::{Line, Lines};
use super::shared::Shared;
use crate::sending::history::{Fact, Irregularity, LinkClosed, Offer, Phase};
use crate::sending::persona::{Entrance, PersonaId};
use crate::sending::trial::LinkId;
use crate::shared::evidence::{Alert, Party};
use crate::shared::smtp::command::{self, Command};
use crate::shared::smtp::data::{DataReceiver, Findings};
use crate::shared::tls::{self, End};

mod handshake;

/// What one read takes at most, in octets.
const READ_OCTETS: usize = 8192;
/// Replies to pipelined commands are sent together (RFC 2920 §3.2), up to this many octets.
const REPLIES_OCTETS_MAX: usize = 16_384;
/// How long a link that we closed is read on, so that the last reply is not lost to a reset, in milliseconds.
const LINGER_MS: u64 = 500;
/// How long EHLO in TLS waits for its answer where one was injected before it, in milliseconds.
const INJECTED_WAIT_MS: u64 = 700;

/// A link with all that the session machine does not know.
pub(super) struct Link {
    shared: Arc<Shared>,
    id: LinkId,
    source: SocketAddr,
    local: SocketAddr,
    persona: Option<PersonaId>,
    entrance: Option<Entrance>,
    stop: CancellationToken,
    /// Ends when the link has lasted as long as it may.
    lasts: Pin<Box<Sleep>>,
    session: Session,
    /// What the session machine wants done, and is not done yet.
    actions: VecDeque<Action>,
    lines: Lines,
    replies: Vec<u8>,
    message: Vec<u8>,
    holding: Holding,
    noted: HashSet<Irregularity>,
    /// How the stream ended, where that was seen before it was due to be read.
    ended: Option<Party>,
    alert: Option<Alert>,
}

/// Where a conversation leads.
enum Next {
    Upgrade(Phase),
    Closed,
}

impl Link {
    /// A link that was just accepted.
    pub(super) fn new(
        shared: Arc<Shared>,
        id: LinkId,
        tcp: &TcpStream,
        source: SocketAddr,
        stop: CancellationToken,
    ) -> io::Result<Self> {
        let local = tcp.local_addr()?;
        // Replies are small and whole; without this they would wait for the sender's acknowledgements.
        tcp.set_nodelay(true)?;
        let persona = shared.addresses.persona_at(local.ip()).cloned();
        let entrance = shared.addresses.entrance_at(local.ip());
        let host = shared.rules.host_name(persona.as_ref());
        let settings = &shared.rules.settings;
        let lines = Lines::new(settings.command_line_octets_max);
        let lasts = Box::pin(sleep(seconds(settings.session_s)));
        let session = Session::new(id, source, host, entrance);
        let holding = shared.budget.holding(source.ip());
        Ok(Self {
            shared,
            id,
            source,
            local,
            persona,
            entrance,
            stop,
            lasts,
            session,
            actions: VecDeque::new(),
            lines,
            replies: Vec::new(),
            message: Vec::new(),
            holding,
            noted: HashSet::new(),
            ended: None,
            alert: None,
        })
    }

    /// Serves the link to its end.
    pub(super) async fn run(&mut self, mut tcp: TcpStream) {
        let (link, source, local, persona) = (self.id, self.source, self.local, self.persona.clone());
        let entrance = self.entrance;
        self.note(Fact::LinkOpened { link, source, local, persona, entrance });
        self.greet(&mut tcp).await;
        let Next::Upgrade(phase) = self.converse(&mut tcp).await else { return };
        self.upgrade(tcp, phase).await;
    }

    /// Ends the link at once, since the service cannot wait for it. What was still to be done is noted and told,
    /// and not sent any more.
    pub(super) fn cut(&mut self) {
        let end = self.step(&Event::Ended(Party::Us));
        self.actions.extend(end);
        while let Some(action) = self.actions.pop_front() {
            match action {
                Action::EndedEarly(transaction, how) => {
                    self.shared.desk.ended_early((self.shared.clock)(), transaction, how);
                }
                Action::Close { by, quit } => self.note_closed(by, quit),
                Action::Note(Fact::Answered { .. }) => {}
                Action::Note(Fact::Irregular { what, .. }) => self.irregular(what),
                Action::Note(fact) => self.note(fact),
                Action::Reply(_) | Action::ReadData | Action::Ask(_) | Action::Upgrade(_) => {}
            }
        }
    }

    /// Waits a moment for a sender that does not wait for us, and greets.
    async fn greet(&mut self, tcp: &mut TcpStream) {
        let wait_ms = self.shared.rules.settings.early_talker_wait_ms;
        self.glance(tcp, Duration::from_millis(u64::from(wait_ms))).await;
        if self.lines.has_more() {
            self.irregular(Irregularity::EarlyTalker);
        }
        if let Some(peer) = self.session.peer() {
            self.replies.extend(self.shared.rules.greeting(&peer.host).to_wire());
        }
    }

    /// Takes what is there within `wait`, if anything is.
    async fn glance<S: AsyncRead + Unpin>(&mut self, stream: &mut S, wait: Duration) {
        match timeout(wait, read(stream, |octets| self.lines.push(octets))).await {
            Ok(Ok(1..)) => {}
            Ok(ended) => self.ended = Some(self.end(&ended)),
            Err(_) => {}
        }
    }

    async fn converse<S: AsyncRead + AsyncWrite + Unpin>(&mut self, stream: &mut S) -> Next {
        loop {
            let event = match self.line(stream).await {
                Ok(line) => self.event(stream, line).await,
                Err(event) => event,
            };
            if let Some(next) = self.perform(stream, event).await {
                return next;
            }
        }
    }

    /// The next command line, within the time for a command; or what happened instead.
    async fn line<S: AsyncRead + AsyncWrite + Unpin>(&mut self, stream: &mut S) -> Result<Line, Event> {
        if let Some(line) = self.lines.next() {
            return Ok(line);
        }
        self.flush(stream).await;
        let slow = sleep(seconds(self.shared.rules.settings.command_s));
        tokio::pin!(slow);
        loop {
            if let Some(by) = self.ended {
                return Err(Event::Ended(by));
            }
            let read = tokio::select! {
                biased;
                () = &mut slow => return Err(Event::TimedOut),
                () = &mut self.lasts => return Err(Event::TimedOut),
                () = self.stop.cancelled() => return Err(Event::Stop),
                read = read(stream, |octets| self.lines.push(octets)) => read,
            };
            match read {
                Ok(1..) => {}
                ended => self.ended = Some(self.end(&ended)),
            }
            if let Some(line) = self.lines.next() {
                return Ok(line);
            }
        }
    }

    /// A line as the session machine sees it.
    async fn event<S: AsyncRead + Unpin>(&mut self, stream: &mut S, line: Line) -> Event {
        let octets = match line {
            Line::Whole(octets) => octets,
            Line::TooLong => return Event::Malformed(command::Malformed::TooLong),
            Line::Foreign => return Event::Malformed(command::Malformed::Foreign),
            Line::Broken(kinds) => {
                kinds.into_iter().for_each(|what| self.irregular(what));
                return Event::Malformed(command::Malformed::LineEnding);
            }
        };
        let parsed = command::parse(&octets);
        if parsed.lax {
            self.irregular(Irregularity::LaxSyntax);
        }
        let command = match parsed.command {
            Ok(command) => command,
            Err(why) => return Event::Malformed(why),
        };
        if matches!(command, Command::StartTls | Command::Data) && !self.lines.has_more() {
            // What came in clear behind these two matters also where it came in a packet of its own.
            self.glance(stream, Duration::ZERO).await;
        }
        if matches!(command, Command::Hello { .. }) && self.is_injected() {
            // Whoever took for its answer what came in clear goes on at once, before it is answered.
            self.glance(stream, Duration::from_millis(INJECTED_WAIT_MS)).await;
        }
        Event::Command { offer: self.offer(&command), behind: self.lines.has_more(), command }
    }

    /// Whether an answer to EHLO went out in clear behind the 220, and TLS is on.
    fn is_injected(&self) -> bool {
        self.entrance == Some(Entrance::Injecting) && self.session.peer().is_some_and(|peer| peer.tls)
    }

    /// What the desk offers to EHLO in clear.
    fn offer(&self, command: &Command) -> Option<Offer> {
        let Command::Hello { name, .. } = command else { return None };
        if self.session.peer().is_none_or(|peer| peer.tls) {
            return None;
        }
        let now = (self.shared.clock)();
        if let Some(entrance) = self.entrance {
            // No desk is asked: who comes here for the first time is no source whose STARTTLS is withheld elsewhere.
            let starttls = match entrance {
                Entrance::Withheld => !self.shared.withheld.is_withheld(self.source.ip(), now),
                other => other.offers_starttls(),
            };
            let phase = if entrance.is_trusted() { Phase::B } else { Phase::A };
            return Some(Offer { starttls, phase });
        }
        let contact = Contact { link: self.id, source: self.source, ehlo: name.clone() };
        Some(self.shared.desk.offer(now, &contact))
    }

    fn step(&mut self, event: &Event) -> Vec<Action> {
        let session = std::mem::replace(&mut self.session, Session::Closed);
        let (session, actions) = session.step(&self.shared.rules, (self.shared.clock)(), event);
        self.session = session;
        actions
    }

    /// Lets the machine take `event`, and does what it wants until it wants a command.
    async fn perform<S: AsyncRead + AsyncWrite + Unpin>(
        &mut self,
        stream: &mut S,
        event: Event,
    ) -> Option<Next> {
        let actions = self.step(&event);
        self.actions.extend(actions);
        while let Some(action) = self.actions.pop_front() {
            match action {
                Action::Reply(reply) => {
                    self.replies.extend(reply.to_wire());
                    if self.replies.len() > REPLIES_OCTETS_MAX {
                        self.flush(stream).await;
                    }
                }
                Action::Note(fact @ Fact::Answered { .. }) => {
                    // An answer that could not be sent is none.
                    self.flush(stream).await;
                    if self.ended.is_none() {
                        self.note(fact);
                    }
                }
                Action::Note(Fact::Irregular { what, .. }) => self.irregular(what),
                Action::Note(fact) => self.note(fact),
                Action::ReadData => {
                    self.flush(stream).await;
                    let event = self.message(stream).await.map_or_else(|event| event, Event::Dot);
                    let actions = self.step(&event);
                    self.actions.extend(actions);
                }
                Action::Ask(transaction) => {
                    let answer = self.ask(transaction).await;
                    let actions = self.step(&Event::Decided(answer));
                    self.actions.extend(actions);
                }
                Action::EndedEarly(transaction, how) => {
                    self.message = Vec::new();
                    self.holding.release();
                    self.shared.desk.ended_early((self.shared.clock)(), transaction, how);
                }
                Action::Upgrade(phase) => {
                    self.flush(stream).await;
                    return Some(Next::Upgrade(phase));
                }
                Action::Close { by, quit } => {
                    // First, since sending may last until the link is cut.
                    self.note_closed(by, quit);
                    self.flush(stream).await;
                    close(stream, by).await;
                    return Some(Next::Closed);
                }
            }
        }
        // An idle link holds no room for what there was to do.
        self.actions = VecDeque::new();
        None
    }

    /// Reads a message to its end; or what happened instead.
    async fn message<S: AsyncRead + Unpin>(&mut self, stream: &mut S) -> Result<Findings, Event> {
        let settings = &self.shared.rules.settings;
        let pause = seconds(settings.command_s);
        let mut receiver = DataReceiver::new(settings.message_octets_max as usize);
        let mut chunk = self.lines.take();
        loop {
            self.make_room(&mut receiver, chunk.len());
            if let Some(end) = receiver.push(&chunk) {
                self.lines.push(&chunk[end..]);
                let (message, findings) = receiver.finish();
                self.message = message;
                return Ok(findings);
            }
            if let Some(by) = self.ended {
                return Err(Event::Ended(by));
            }
            chunk.resize(READ_OCTETS, 0);
            let read = tokio::select! {
                biased;
                () = &mut self.lasts => return Err(Event::TimedOut),
                read = timeout(pause, stream.read(&mut chunk)) => read.map_err(|_| Event::TimedOut)?,
            };
            match read {
                Ok(n @ 1..) => chunk.truncate(n),
                ended => {
                    self.ended = Some(self.end(&ended));
                    chunk.clear();
                }
            }
        }
    }

    /// Sees that there is room for `more` octets; where there is none, the message is dropped, and its end awaited.
    fn make_room(&mut self, receiver: &mut DataReceiver, more: usize) {
        let (room, kept) = receiver.room();
        let wanted = kept.saturating_add(more).min(self.shared.rules.settings.message_octets_max as usize);
        if wanted <= room || receiver.is_dropped() {
            return;
        }
        match self.holding.grow(wanted) {
            Some(room) => receiver.reserve(room),
            None => {
                receiver.drop_message();
                self.holding.release();
            }
        }
    }

    /// Lets the desk answer the dot.
    async fn ask(&mut self, transaction: Transaction) -> DotReply {
        let message = std::mem::take(&mut self.message);
        let limit = seconds(self.shared.rules.settings.answer_s);
        let answer = self.shared.desk.answer((self.shared.clock)(), transaction, message);
        let answered = timeout(limit, answer).await.unwrap_or_else(|_| {
            tracing::error!(link = %self.id, "the dot was not answered in time; is the journal's disk slow?");
            DotReply { code: 451, status: "4.3.0", text: "Try again later".to_owned() }
        });
        self.holding.release();
        answered
    }

    /// Sends what is to be sent.
    async fn flush<S: AsyncWrite + Unpin>(&mut self, stream: &mut S) {
        let replies = std::mem::take(&mut self.replies);
        if replies.is_empty() || self.ended.is_some() {
            return;
        }
        let sending = async {
            stream.write_all(&replies).await?;
            stream.flush().await
        };
        match timeout(seconds(self.shared.rules.settings.command_s), sending).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => self.ended = Some(self.end(&Err(error))),
            Err(_) => self.ended = Some(Party::Timeout),
        }
    }

    /// Who ended the stream, from a read or write that did.
    fn end(&mut self, outcome: &io::Result<usize>) -> Party {
        match tls::end_of(outcome) {
            // The system gave the sender up.
            _ if matches!(outcome, Err(error) if error.kind() == io::ErrorKind::TimedOut) => Party::Timeout,
            Some(End::Alert(alert)) => {
                self.alert = Some(alert);
                Party::Sender
            }
            Some(End::CloseNotify | End::Bare) => Party::Sender,
            Some(End::Ours(reason)) => {
                tracing::debug!(link = %self.id, reason, "an SMTP link broke");
                Party::Us
            }
            None => Party::Sender,
        }
    }

    fn irregular(&mut self, what: Irregularity) {
        if self.noted.insert(what) {
            self.note(Fact::Irregular { link: self.id, what });
        }
    }

    fn note_closed(&self, by: Party, quit: bool) {
        self.note(Fact::LinkClosed(LinkClosed { link: self.id, by, quit, alert: self.alert }));
    }

    fn note(&self, fact: Fact) {
        self.shared.recorder.note((self.shared.clock)(), fact);
    }
}

/// Closes a stream, and reads on for a moment where the end is ours: octets that nobody reads would make TCP
/// reset the link, and the sender lose our last reply.
async fn close<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut S, by: Party) {
    let linger = async {
        stream.shutdown().await?;
        while by != Party::Sender && read(stream, |_| {}).await? > 0 {}
        Ok::<_, io::Error>(())
    };
    // The link is over whether or not the sender takes notice.
    let _ = timeout(Duration::from_millis(LINGER_MS), linger).await;
}

/// Reads what is there, once something is, and hands it on. The octets lie on the stack while they are read, and nowhere
/// while a link is idle: one of ten thousand that say nothing holds no buffer.
async fn read<S: AsyncRead + Unpin>(stream: &mut S, mut take: impl FnMut(&[u8])) -> io::Result<usize> {
    std::future::poll_fn(|cx| {
        let mut octets = [MaybeUninit::uninit(); READ_OCTETS];
        let mut buffer = ReadBuf::uninit(&mut octets);
        let polled = Pin::new(&mut *stream).poll_read(cx, &mut buffer);
        polled.map_ok(|()| {
            take(buffer.filled());
            buffer.filled().len()
        })
    })
    .await
}

fn seconds(s: u32) -> Duration {
    Duration::from_secs(u64::from(s))
}

#[cfg(test)]
mod tests;
