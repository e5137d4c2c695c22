//! One connection to a mail server: the first session, which sees most, and those that only lead to a question.
//!
//! Everything read is bounded, in octets and in time, also in sum: a server that dribbles is left. Nothing is said
//! before the greeting is whole.

mod bounded;
mod first;
mod limits;
mod linger;
mod port;
mod said;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::timeout_at;

use crate::receiving::probe::{self, Randomness, Renegotiation};
use crate::shared::dial::{self, DialError};
use crate::shared::evidence::scan::{Answer, NotTried, Question, Reach, Session, SessionFault, Stage};
use crate::shared::smtp::{Client, Starttls};

use bounded::Bounded;
use linger::linger;
use said::{TEXT_OCTETS_MAX, cut, fault, leave};

pub use limits::SessionLimits;
pub use port::{Answered, Call, Calling, Calls, First};

/// Real connections.
#[derive(Clone, Debug)]
pub struct Sessions {
    /// How addresses are called.
    pub dial: dial::Settings,
    pub limits: SessionLimits,
    /// For the hellos.
    pub randomness: Randomness,
}

impl Calls for Sessions {
    fn first<'a>(&'a self, call: &'a Call) -> Calling<'a, First> {
        Box::pin(async move {
            match self.dial.smtp_prompt(call.ip).await {
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

    fn ask<'a>(&'a self, call: &'a Call, question: &'a Question) -> Calling<'a, Answered> {
        Box::pin(async move {
            match self.dial.smtp_prompt(call.ip).await {
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
    pub async fn ask_over<S>(&self, stream: S, call: &Call, question: &Question) -> Answered
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
            Answered { answer, chain }
        };
        let asked = match timeout_at(deadline, asking).await {
            Ok(asked) => asked,
            Err(_) if put => Answered { answer: Answer::TimedOut, chain: Vec::new() },
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

fn not_put(fault: SessionFault) -> Answered {
    Answered { answer: Answer::NotPut { fault }, chain: Vec::new() }
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
