//! STARTTLS: whether it is offered, and whether mail is taken without it.

use crate::receiving::checks::lines::dedup;
use crate::receiving::checks::reach::{self, silent};
use crate::receiving::checks::shared::probe_lines::{self, Chose, chosen, whole};
use crate::receiving::checks::{Inapplicable, Measured, Unknown, Word};
use crate::shared::evidence::scan::{
    Answer, Evidence, Reach, RealHandshake, Server, Session, SessionFault, SmtpReply, Stage, Stopped,
};

/// Whether questions of TLS arise at an address, or what is to be said instead.
pub(in crate::receiving::checks) fn over_tls(evidence: &Evidence, server: &Server) -> Result<(), Measured> {
    if let Some(measured) = silent(evidence, server) {
        return Err(measured);
    }
    match offered(server) {
        Ok(Word::Present) => Ok(()),
        Ok(_) => Err(Measured::NotApplicable { why: Inapplicable::NoStarttls }),
        Err(why) => Err(Measured::Inconclusive { why }),
    }
}

/// Why the plan for an address ended early, as a reason for what was not found out.
pub(in crate::receiving::checks) fn stopped(server: &Server) -> Option<Unknown> {
    Some(match server.stopped.as_ref()? {
        Stopped::Limited { .. } => Unknown::Limited,
        Stopped::OutOfTime => Unknown::OutOfTime,
        Stopped::OutOfConnections => Unknown::OutOfConnections,
        Stopped::Silent => Unknown::NoAnswer,
    })
}

/// Whether an address that was reached offers STARTTLS. A refusal for a time (4yz) says nothing, wherever it stands:
/// most are limits. That there is none wants two looks; evidence from before that has one.
pub(in crate::receiving::checks) fn offered(server: &Server) -> Result<Word, Unknown> {
    let session = &server.session;
    let begun = session.starttls.as_ref().is_some_and(|reply| reply.code == 220)
        || server.handshake.is_some()
        || server.probes.iter().any(|probe| !matches!(probe.answer, Answer::NotPut { .. }));
    if begun {
        return Ok(Word::Present);
    }
    // The time for the second look was over.
    if let (None, Some(why)) = (&server.earlier, stopped(server))
        && session.gives_no_starttls()
    {
        return Err(why);
    }
    if let Some(reply) = &session.starttls {
        return if reply.code >= 500 { Ok(Word::Refused) } else { Err(Unknown::Limited) };
    }
    if session.announces("STARTTLS") == Some(false) {
        return Ok(Word::Absent);
    }
    match &session.fault {
        // RFC 5321 §4.2.4: a server without EHLO has no extensions, so not this one either.
        Some(SessionFault::Reply { stage: Stage::Ehlo, reply }) if matches!(reply.code, 500 | 502) => {
            Ok(Word::Absent)
        }
        Some(SessionFault::Reply { stage: Stage::Starttls, reply }) if reply.code >= 500 => Ok(Word::Refused),
        Some(fault @ SessionFault::Reply { .. }) => Err(reach::ended(fault)),
        Some(_) => Err(stopped(server).unwrap_or(Unknown::NoAnswer)),
        None => Err(stopped(server).unwrap_or(Unknown::NoAnswer)),
    }
}

/// Where our client for whole handshakes finished none: the first choice, or else the first answer, that shows TLS.
pub(in crate::receiving::checks) fn shaken(server: &Server) -> Option<String> {
    if matches!(server.handshake, Some(RealHandshake::Completed(_))) {
        return None;
    }
    let put = || server.probes.iter().find(|probe| !matches!(probe.answer, Answer::NotPut { .. }));
    chosen(server).next().map(Chose::line).or_else(|| put().map(probe_lines::line))
}

/// What an address showed instead of an answer: that it was not reached, or how the session went and what ended it.
pub(in crate::receiving::checks) fn unasked(server: &Server) -> Vec<String> {
    if server.reach != Reach::Reached {
        return vec![reach::line(server)];
    }
    let mut lines = session_lines(server);
    lines.extend(whole(server).into_iter().chain(shaken(server)));
    lines.extend(server.stopped.as_ref().map(|stopped| match stopped {
        Stopped::Limited { reason } => format!("limited: {reason}"),
        Stopped::OutOfTime => "out of time".to_owned(),
        Stopped::OutOfConnections => format!("{} connections, the most", server.connections),
        Stopped::Silent => "no answer any more".to_owned(),
    }));
    if lines.is_empty() { vec![reach::line(server)] } else { lines }
}

/// The replies that show whether STARTTLS is offered; before EHLO, the one that ended the session. Of two sessions those
/// of the first as well, and told apart.
pub(in crate::receiving::checks) fn session_lines(server: &Server) -> Vec<String> {
    let Some(earlier) = &server.earlier else { return lines_of(&server.session) };
    let numbered = |number: u8, session: &Session| {
        lines_of(session).into_iter().map(move |line| format!("connection {number}: {line}"))
    };
    numbered(1, earlier).chain(numbered(2, &server.session)).collect()
}

fn lines_of(session: &Session) -> Vec<String> {
    let replies = [("EHLO", &session.ehlo), ("STARTTLS", &session.starttls)];
    let replies = replies.into_iter().filter_map(|(command, reply)| Some(line(command, reply.as_ref()?)));
    dedup(replies.chain(session.fault.as_ref().map(fault_line)))
}

/// How a session ended early.
pub(in crate::receiving::checks) fn fault_line(fault: &SessionFault) -> String {
    let command = |stage: &Stage| match stage {
        Stage::Connect => "connection",
        Stage::Greeting => "greeting",
        Stage::Ehlo => "EHLO",
        Stage::Mail => "MAIL FROM:<>",
        Stage::Starttls => "STARTTLS",
    };
    match fault {
        SessionFault::Reply { stage, reply } => line(command(stage), reply),
        SessionFault::Dropped { stage } => format!("{}: closed", command(stage)),
        SessionFault::TimedOut { stage } => format!("{}: timeout", command(stage)),
        SessionFault::Garbage { stage, reason } => format!("{}: {reason}", command(stage)),
    }
}

/// A command and its reply; of EHLO's only whether STARTTLS is in it matters, and where it is not, what is.
pub(in crate::receiving::checks) fn line(command: &str, reply: &SmtpReply) -> String {
    let first = |line: &String| line.split([' ', '=']).next().map(str::to_owned);
    let text = match command {
        "EHLO" if reply.announces("STARTTLS") => "… STARTTLS …".to_owned(),
        "EHLO" if reply.code == 250 && reply.lines.len() > 1 => {
            reply.lines.iter().skip(1).filter_map(first).collect::<Vec<_>>().join(" ")
        }
        _ => reply.lines.first().cloned().unwrap_or_default(),
    };
    format!("{command}: {} {text}", reply.code).trim_end().to_owned()
}
