//! What to ask an address next: a pure state machine, evidence in, next step out.
//!
//! A plan knows neither network nor clock. What was seen so far is its whole state: a step that the evidence has
//! answered is not taken, and one that it leaves open is. Steps come in the order of their value, so that a scan
//! that is cut short has what decides most. When to take the step is [`super::pace`]'s.

mod enumerate;
mod groups;
mod last;
mod offers;
mod order;
mod state;
mod steps;

use crate::shared::evidence::scan::{Answer, Depth, Probe, Question, Server, SessionFault, Stopped, Survey};

use super::fault::words;

use state::PlanState;

/// The limits of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlanLimits {
    /// The most connections to one address, the first session included; default 20.
    pub connections_max: u32,
    /// The same where everything is enumerated; default 200.
    pub full_connections_max: u32,
    /// How many client-initiated renegotiations are tried on one connection; default 11: internet.nl's guideline
    /// takes up to ten.
    pub renegotiations: u8,
    /// How many questions in a row may time out, or not even be put, before the server is left; default 3.
    pub timeouts_max: usize,
}

impl Default for PlanLimits {
    fn default() -> Self {
        Self { connections_max: 20, full_connections_max: 200, renegotiations: 11, timeouts_max: 3 }
    }
}

/// The plan of one address.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    depth: Depth,
    limits: PlanLimits,
}

/// What a server is asked next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// The first session: EHLO, MAIL in clear, STARTTLS, a real handshake, EHLO in TLS. Another like it where that one
    /// gave no STARTTLS: whether that was chance.
    Session,
    /// A question on a connection of its own.
    Ask {
        /// The step's stable name.
        step: String,
        question: Question,
    },
    /// There is nothing more to do.
    Done {
        /// Why before the end of the plan; none: this is its end.
        stopped: Option<Stopped>,
    },
}

impl Plan {
    /// The plan of a depth.
    pub fn new(depth: Depth, limits: PlanLimits) -> Self {
        Self { depth, limits }
    }

    /// The most connections to one address.
    pub fn connections_max(&self) -> u32 {
        match self.depth {
            Depth::Verdict => self.limits.connections_max,
            Depth::Full => self.limits.full_connections_max,
        }
    }

    /// The next step after what `server` showed so far.
    pub fn next(&self, server: &Server) -> Next {
        if server.session.greeting.is_none() && server.session.fault.is_none() {
            return Next::Session;
        }
        if server.earlier.is_none() && server.session.gives_no_starttls() {
            return match server.connections < self.connections_max() {
                true => Next::Session,
                false => Next::Done { stopped: Some(Stopped::OutOfConnections) },
            };
        }
        if !asks(server) {
            return Next::Done { stopped: None };
        }
        let survey = Survey::of(server);
        let state = self.state(server, &survey);
        let connections_left = self.connections_max().saturating_sub(server.connections);
        let Some((step, question)) = state.next(connections_left) else {
            let more = state.next(u32::MAX).is_some();
            let stopped = more.then(|| self.left(server).unwrap_or(Stopped::OutOfConnections));
            return Next::Done { stopped };
        };
        if let Some(stopped) = self.left(server) {
            return Next::Done { stopped: Some(stopped) };
        }
        if connections_left == 0 {
            return Next::Done { stopped: Some(Stopped::OutOfConnections) };
        }
        Next::Ask { step, question }
    }

    /// The names of the steps that `server` leaves open.
    pub fn unasked(&self, server: &Server) -> Vec<String> {
        let again = server.earlier.is_none() && server.session.gives_no_starttls();
        if server.session.greeting.is_none() || server.session.fault.is_some() || again {
            return vec!["session".to_owned()];
        }
        if !asks(server) {
            return Vec::new();
        }
        let survey = Survey::of(server);
        self.state(server, &survey).open()
    }

    fn state<'a>(&self, server: &'a Server, survey: &'a Survey) -> PlanState<'a> {
        PlanState { server, survey, depth: self.depth, renegotiations: self.limits.renegotiations }
    }

    /// Whether the last questions in a row came to nothing, and how.
    fn left(&self, server: &Server) -> Option<Stopped> {
        let in_vain = |probe: &&Probe| matches!(probe.answer, Answer::TimedOut | Answer::NotPut { .. });
        let count = server.probes.iter().rev().take_while(in_vain).count();
        let last = server.probes.last().filter(|_| count >= self.limits.timeouts_max)?;
        Some(match &last.answer {
            Answer::NotPut { fault: fault @ SessionFault::Reply { .. } } => {
                Stopped::Limited { reason: words(fault) }
            }
            _ => Stopped::Silent,
        })
    }
}

/// Whether there is TLS to ask for: STARTTLS was answered with 220.
fn asks(server: &Server) -> bool {
    server.session.starttls.as_ref().is_some_and(|reply| reply.code == 220)
}
