//! Probes as question and outcome: when a refusal is one, and what a hello leaves open.

use std::collections::BTreeSet;

use super::super::super::{Alert, TlsVersion};
use super::super::{
    Answer, Flight, Hello, Probe, Question, RealHandshake, Server, SessionFault, Stage, Stopped,
};
use super::Survey;
use super::families::{COMMON_GROUPS, COMMON_SCHEMES};

/// Why something is not known. None of these says anything about the server's TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Gap {
    /// The plan had no reason to ask.
    NotAsked,
    /// The server limits connections, or said that it is not available for now.
    Limited,
    /// The scan's time was over.
    OutOfTime,
    /// The most connections for one address were used.
    OutOfConnections,
    /// It was asked, and no answer came, or none that can be read.
    NoAnswer,
    /// Our client cannot speak what the server does.
    OurLimit,
}

impl From<&Stopped> for Gap {
    fn from(stopped: &Stopped) -> Self {
        match stopped {
            Stopped::Limited { .. } => Self::Limited,
            Stopped::OutOfTime => Self::OutOfTime,
            Stopped::OutOfConnections => Self::OutOfConnections,
            Stopped::Silent => Self::NoAnswer,
        }
    }
}

impl From<&SessionFault> for Gap {
    fn from(fault: &SessionFault) -> Self {
        match fault {
            SessionFault::Reply { .. } => Self::Limited,
            // A server that closes before it greets has enough of us.
            SessionFault::Dropped { stage: Stage::Connect | Stage::Greeting } => Self::Limited,
            _ => Self::NoAnswer,
        }
    }
}

/// A hello and its outcome.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked<'a> {
    pub(super) hello: &'a Hello,
    pub(super) outcome: Outcome<'a>,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Outcome<'a> {
    Chose(&'a Flight),
    /// By an alert, or without one where that can mean nothing else.
    Refused(Option<Alert>),
    Open(Gap),
}

impl Asked<'_> {
    pub(super) fn any_group(&self) -> bool {
        any_group(self.hello)
    }

    pub(super) fn any_scheme(&self) -> bool {
        any_scheme(self.hello)
    }

    /// Whether a refusal can only be about version and suites.
    pub(super) fn wide(&self) -> bool {
        self.any_group() && self.any_scheme()
    }
}

/// Whether a hello's offer of groups is wide, so that a refusal is not about them.
pub(super) fn any_group(hello: &Hello) -> bool {
    hello.groups.is_empty() || COMMON_GROUPS.iter().all(|group| hello.groups.contains(*group))
}

/// Whether its offer of schemes is wide.
pub(super) fn any_scheme(hello: &Hello) -> bool {
    hello.version < TlsVersion::TLS12 || COMMON_SCHEMES.iter().all(|scheme| hello.schemes.contains(*scheme))
}

/// unrecognized_name (RFC 6066 §3): about the SNI, not about what was offered.
const UNRECOGNIZED_NAME: Alert = Alert(112);
/// protocol_version (RFC 5246 §7.2.2).
pub(super) const PROTOCOL_VERSION: Alert = Alert(70);

/// Whether the server was heard to speak TLS at all.
pub(super) fn speaks(server: &Server) -> bool {
    matches!(server.handshake, Some(RealHandshake::Completed(_)))
        || server.probes.iter().any(|probe| {
            matches!(
                probe.answer,
                Answer::Flight(_) | Answer::Ssl2 { .. } | Answer::Renegotiated(_) | Answer::Injected { .. }
            )
        })
}

/// The places of those probes whose dropped connection is a refusal: the server speaks TLS otherwise, and went on
/// answering afterwards or dropped the same question again. Without that company it may be a limit, or a fault; and
/// of a long offer it may be the length, unless one as long was answered.
pub(super) fn refused_by_drop(server: &Server) -> BTreeSet<usize> {
    if !speaks(server) {
        return BTreeSet::new();
    }
    let answered = |probe: &Probe| {
        matches!(
            probe.answer,
            Answer::Flight(_)
                | Answer::Alert { .. }
                | Answer::Ssl2 { .. }
                | Answer::Renegotiated(_)
                | Answer::Injected { .. }
        )
    };
    let dropped = |probe: &Probe| probe.answer == Answer::Dropped;
    let probes = &server.probes;
    let vouched = |at: usize| {
        let question = &probes[at].question;
        probes[at + 1..].iter().any(answered)
            || probes
                .iter()
                .enumerate()
                .any(|(other, probe)| other != at && dropped(probe) && probe.question == *question)
    };
    let length = |probe: &Probe| match &probe.question {
        Question::Hello(hello) => hello.suites.0.len(),
        _ => 0,
    };
    let longest = probes.iter().filter(|probe| answered(probe)).map(length).max().unwrap_or(0);
    let borne = longest.max(Survey::SUITES_BORNE_MAX);
    let refused = |at: &usize| dropped(&probes[*at]) && vouched(*at) && length(&probes[*at]) <= borne;
    (0..probes.len()).filter(refused).collect()
}

/// All hellos, the first handshake of the mini client among them.
pub(super) fn hellos(server: &Server) -> Vec<Asked<'_>> {
    let refused = refused_by_drop(server);
    server
        .probes
        .iter()
        .enumerate()
        .filter_map(|(at, probe)| {
            let hello = match &probe.question {
                Question::Hello(hello) => hello,
                Question::Renegotiate { hello, .. } => hello,
                Question::Ssl2 | Question::Inject => return None,
            };
            Some(Asked { hello, outcome: outcome(hello, probe, refused.contains(&at)) })
        })
        .collect()
}

/// What came of a question about SSL 2.0.
pub(super) fn ssl2(server: &Server) -> Option<Result<&[String], Option<Gap>>> {
    let refused = refused_by_drop(server);
    let mut best = None;
    for (at, probe) in server.probes.iter().enumerate().filter(|(_, probe)| probe.question == Question::Ssl2)
    {
        match &probe.answer {
            Answer::Ssl2 { ciphers, .. } => return Some(Ok(ciphers)),
            Answer::Alert { .. } | Answer::Flight(_) => best = Some(Err(None)),
            Answer::Dropped if refused.contains(&at) => best = Some(Err(None)),
            Answer::NotPut { fault } => best = best.or(Some(Err(Some(fault.into())))),
            _ => best = best.or(Some(Err(Some(Gap::NoAnswer)))),
        }
    }
    best
}

/// Whether the probe at this place shows that the server does not take STARTTLS with a command behind it: 5yz, or a
/// closed connection, and a later question was put. Then nothing that came in clear is executed within TLS, since
/// there is no TLS. 4yz may have been about anything.
pub(super) fn refused_injection(server: &Server, at: usize) -> bool {
    let put = |probe: &Probe| !matches!(probe.answer, Answer::NotPut { .. });
    let refused = matches!(&server.probes[at].answer, Answer::NotPut { fault } if fault.refuses_pipelining());
    refused && server.probes[at + 1..].iter().any(put)
}

fn outcome<'a>(hello: &Hello, probe: &'a Probe, refused_by_drop: bool) -> Outcome<'a> {
    let chose = |flight: &'a Flight| {
        // What was not offered cannot be chosen (RFC 5246 §7.4.1.3): such an answer says nothing.
        if hello.suites.contains(flight.suite) && flight.version <= hello.version {
            Outcome::Chose(flight)
        } else {
            Outcome::Open(Gap::NoAnswer)
        }
    };
    match &probe.answer {
        Answer::Flight(flight) => chose(flight),
        Answer::Renegotiated(renegotiated) => chose(&renegotiated.flight),
        Answer::Alert { alert: UNRECOGNIZED_NAME } => Outcome::Open(Gap::NoAnswer),
        // decode_error (50) and record_overflow (22): a long offer may have been too long.
        Answer::Alert { alert: Alert(22 | 50) } if hello.suites.0.len() > Survey::SUITES_BORNE_MAX => {
            Outcome::Open(Gap::NoAnswer)
        }
        Answer::Alert { alert } => Outcome::Refused(Some(*alert)),
        Answer::Dropped if refused_by_drop => Outcome::Refused(None),
        Answer::NotPut { fault } => Outcome::Open(fault.into()),
        Answer::OurLimit { .. } => Outcome::Open(Gap::OurLimit),
        Answer::Dropped
        | Answer::TimedOut
        | Answer::Garbage { .. }
        | Answer::Ssl2 { .. }
        | Answer::Injected { .. } => Outcome::Open(Gap::NoAnswer),
    }
}
