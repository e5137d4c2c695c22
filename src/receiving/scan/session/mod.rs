//! One connection to a mail server: the first session, which sees most, and those that only lead to a question.
//!
//! Everything read is bounded, in octets and in time, also in sum: a server that dribbles is left. Nothing is said
//! before the greeting is whole.

mod bounded;
mod first;
mod linger;

use std::future::Future;
use std::net::IpAddr;
use std::pin::Pin;
use std::time::Duration;

use rustls::pki_types::CertificateDer;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{Instant, timeout_at};

use crate::receiving::probe;
use crate::receiving::probe::{Limits, Randomness, Renegotiation};
use crate::shared::dial;
use crate::shared::dial::DialError;
use crate::shared::evidence::scan::{
    Answer, Intrusive, NotTried, Question, Reach, RealHandshake, Session, SessionFault, SmtpReply, Stage,
};
use crate::shared::smtp::{
    Client, ClientError, ClientSettings, ReplyLimits, ServerReply, Starttls, Timeouts,
};

use bounded::Bounded;
use linger::linger;

/// A connection under way.
pub type Calling<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// How connections are made; so that a test can play the servers.
pub trait Calls: Send + Sync {
    /// The first session with an address.
    fn first<'a>(&'a self, call: &'a Call) -> Calling<'a, First>;

    /// A connection for one question.
    fn ask<'a>(&'a self, call: &'a Call, question: &'a Question) -> Calling<'a, Asked>;
}

/// Who is called, and what for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Call {
    /// The address.
    pub ip: IpAddr,
    /// The MX host's name, which is also the SNI.
    pub host: String,
    /// The name to say in EHLO.
    pub helo: String,
    /// The domain whose recipients are tried; none: nobody is.
    pub intrusive: Option<String>,
}

/// What the first session showed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct First {
    /// Whether the address could be reached.
    pub reach: Reach,
    /// The session.
    pub session: Session,
    /// The real handshake.
    pub handshake: Option<RealHandshake>,
    /// What the recipients' test showed.
    pub intrusive: Option<Intrusive>,
    /// The certificates of the handshake.
    pub chain: Vec<CertificateDer<'static>>,
}

/// What a question showed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The answer.
    pub answer: Answer,
    /// The certificates in it.
    pub chain: Vec<CertificateDer<'static>>,
}

/// The limits of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionLimits {
    /// How long a greeting is awaited, in seconds; default 60: tarpits and postscreen make clients wait.
    pub greeting_s: u32,
    /// How long each other reply is awaited, in seconds; default 30.
    pub command_s: u32,
    /// How long the real handshake may take, in seconds; default 20.
    pub handshake_s: u32,
    /// How long a whole connection may take, in seconds; default 120.
    pub session_s: u32,
    /// How long a server may take to close its side once we closed ours, in milliseconds and within the whole
    /// connection's time; default 700. Only then the connection is over.
    pub linger_ms: u32,
    /// How much is read in clear, in octets; default 256 KiB.
    pub clear_octets_max: usize,
    /// How much of TLS is read, and for how long.
    pub tls: Limits,
}

impl Default for SessionLimits {
    fn default() -> Self {
        Self {
            greeting_s: 60,
            command_s: 30,
            handshake_s: 20,
            session_s: 120,
            linger_ms: 700,
            clear_octets_max: 256 * 1024,
            tls: Limits::default(),
        }
    }
}

impl SessionLimits {
    fn client(&self) -> ClientSettings {
        let command_s = self.command_s;
        let timeouts = Timeouts {
            greeting_s: self.greeting_s,
            command_s,
            mail_s: command_s,
            rcpt_s: command_s,
            ..Timeouts::default()
        };
        ClientSettings { timeouts, limits: ReplyLimits::default() }
    }

    /// Until when a connection that begins now may last.
    fn deadline(&self) -> Instant {
        Instant::now() + Duration::from_secs(u64::from(self.session_s))
    }

    /// Until when its end is awaited, if it comes now.
    fn linger(&self, deadline: Instant) -> Instant {
        deadline.min(Instant::now() + Duration::from_millis(u64::from(self.linger_ms)))
    }
}

/// Real connections.
#[derive(Clone, Debug)]
pub struct Sessions {
    /// How addresses are called.
    pub dial: dial::Settings,
    /// The limits.
    pub limits: SessionLimits,
    /// For the hellos.
    pub randomness: Randomness,
}

impl Calls for Sessions {
    fn first<'a>(&'a self, call: &'a Call) -> Calling<'a, First> {
        Box::pin(async move {
            match self.dial.smtp(call.ip).await {
                Ok(stream) => self.first_over(stream, call).await,
                Err(error) => First {
                    reach: reach(error),
                    session: Session::default(),
                    handshake: None,
                    intrusive: None,
                    chain: Vec::new(),
                },
            }
        })
    }

    fn ask<'a>(&'a self, call: &'a Call, question: &'a Question) -> Calling<'a, Asked> {
        Box::pin(async move {
            match self.dial.smtp(call.ip).await {
                Ok(stream) => self.ask_over(stream, call, question).await,
                Err(DialError::TimedOut { .. }) => not_put(SessionFault::TimedOut { stage: Stage::Connect }),
                Err(_) => not_put(SessionFault::Dropped { stage: Stage::Connect }),
            }
        })
    }
}

impl Sessions {
    /// The first session over a stream that was just connected.
    pub async fn first_over<S>(&self, stream: S, call: &Call) -> First
    where
        S: AsyncRead + AsyncWrite + Unpin + Send,
    {
        let mut seen = First {
            reach: Reach::Reached,
            session: Session::default(),
            handshake: None,
            intrusive: None,
            chain: Vec::new(),
        };
        let mut stage = Stage::Greeting;
        let deadline = self.limits.deadline();
        let mut stream = Bounded::new(stream, self.limits.clear_octets_max);
        let talking = first::talk(&mut stream, call, &self.limits, &mut seen, &mut stage);
        match timeout_at(deadline, talking).await {
            Ok(Ok(())) => {}
            Ok(Err(fault)) => seen.session.fault = Some(fault),
            // What is seen by then stays; in TLS nothing more is needed.
            Err(_) if seen.handshake.is_some() => {}
            Err(_) => seen.session.fault = Some(SessionFault::TimedOut { stage }),
        }
        linger(stream, self.limits.linger(deadline)).await;
        seen
    }

    /// A question over a stream that was just connected.
    pub async fn ask_over<S>(&self, stream: S, call: &Call, question: &Question) -> Asked
    where
        S: AsyncRead + AsyncWrite + Unpin + Send,
    {
        let mut stage = Stage::Greeting;
        let mut put = false;
        let deadline = self.limits.deadline();
        let mut stream = Bounded::new(stream, self.limits.clear_octets_max);
        let asking = async {
            let stream = match self.open(&mut stream, call, question.injects(), &mut stage).await {
                Ok(stream) => stream,
                Err(fault) => return not_put(fault),
            };
            stream.allow(self.limits.tls.octets_max);
            put = true;
            let (randomness, limits) = (&self.randomness, &self.limits.tls);
            let (answer, chain) = match question {
                Question::Hello(hello) => probe::ask(stream, hello, &call.host, randomness, limits).await,
                Question::Ssl2 => probe::ask_ssl2(stream, randomness, limits).await,
                Question::Renegotiate { hello, tries, inject } => {
                    let question = Renegotiation { hello, tries: *tries, inject: *inject, helo: &call.helo };
                    probe::renegotiate(stream, question, &call.host, randomness, limits).await
                }
                Question::Inject => (probe::inject(stream, &call.host, &call.helo, limits).await, Vec::new()),
            };
            Asked { answer, chain }
        };
        let asked = match timeout_at(deadline, asking).await {
            Ok(asked) => asked,
            Err(_) if put => Asked { answer: Answer::TimedOut, chain: Vec::new() },
            Err(_) => not_put(SessionFault::TimedOut { stage }),
        };
        linger(stream, self.limits.linger(deadline)).await;
        asked
    }

    /// Greeting, EHLO, STARTTLS.
    async fn open<'s, S>(
        &self,
        stream: &'s mut Bounded<S>,
        call: &Call,
        inject: bool,
        stage: &mut Stage,
    ) -> Result<&'s mut Bounded<S>, SessionFault>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let client = self.limits.client();
        let (mut client, greeting) =
            Client::connected(stream, client).await.map_err(|error| fault(error, *stage))?;
        if greeting.code != 220 {
            return Err(leave(client, *stage, &greeting).await);
        }
        *stage = Stage::Ehlo;
        let ehlo = client.ehlo(&call.helo).await.map_err(|error| fault(error, *stage))?;
        if !ehlo.reply.is_positive() {
            return Err(leave(client, *stage, &ehlo.reply).await);
        }
        drop(ehlo);
        *stage = Stage::Starttls;
        let asked = if inject { client.starttls_with_noop().await } else { client.starttls().await };
        match asked.map_err(|error| fault(error, *stage))? {
            Starttls::Go(stream) => Ok(stream),
            Starttls::Refused(client, reply) => Err(leave(client, *stage, &reply).await),
        }
    }
}

/// QUIT, whatever comes of it: the server said what ends this session.
async fn leave<S>(client: Client<S>, stage: Stage, reply: &ServerReply) -> SessionFault
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    // 421: it closes by itself (RFC 5321 §3.8).
    if reply.code != 421 {
        let _ = client.quit().await;
    }
    SessionFault::Reply { stage, reply: kept(reply) }
}

fn not_put(fault: SessionFault) -> Asked {
    Asked { answer: Answer::NotPut { fault }, chain: Vec::new() }
}

fn reach(error: DialError) -> Reach {
    match error {
        DialError::Forbidden { .. } => Reach::NotTried { why: NotTried::SpecialAddress },
        DialError::TimedOut { .. } => Reach::TimedOut,
        DialError::Failed { source, .. } => match source.kind() {
            std::io::ErrorKind::ConnectionRefused => Reach::Refused,
            std::io::ErrorKind::TimedOut => Reach::TimedOut,
            _ => Reach::Unreachable { reason: cut(&source.to_string(), TEXT_OCTETS_MAX) },
        },
    }
}

fn fault(error: ClientError, stage: Stage) -> SessionFault {
    match error {
        ClientError::TimedOut(_) => SessionFault::TimedOut { stage },
        ClientError::Closed => SessionFault::Dropped { stage },
        ClientError::Io(error) if error.kind() != std::io::ErrorKind::InvalidData => {
            SessionFault::Dropped { stage }
        }
        other => SessionFault::Garbage { stage, reason: cut(&other.to_string(), TEXT_OCTETS_MAX) },
    }
}

/// How much of a reason is kept, in octets.
const TEXT_OCTETS_MAX: usize = 300;
/// How much of a reply's text is kept, in octets: EHLO of a usual server has a third of it.
const REPLY_OCTETS_MAX: usize = 1536;
/// How many lines of a reply are kept.
const LINES_MAX: usize = 40;

/// A reply as evidence keeps it.
fn kept(reply: &ServerReply) -> SmtpReply {
    let mut octets_left = REPLY_OCTETS_MAX;
    let keep = |line: &String| {
        let line = cut(line, octets_left.min(TEXT_OCTETS_MAX));
        octets_left -= line.len();
        line
    };
    SmtpReply { code: reply.code, lines: reply.lines.iter().take(LINES_MAX).map(keep).collect() }
}

fn cut(text: &str, octets_max: usize) -> String {
    let end = (0..=octets_max.min(text.len())).rev().find(|end| text.is_char_boundary(*end));
    text[..end.unwrap_or(0)].to_owned()
}
