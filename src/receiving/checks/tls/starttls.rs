//! STARTTLS: whether it is offered, and whether mail is taken without it.

use jiff::Timestamp;

use super::probe_lines::{self, Chose, chosen, whole};
use crate::receiving::checks::check::Check;
use crate::receiving::checks::finding::{Finding, Inapplicable, Measured, Unknown, Word};
use crate::receiving::checks::lines::dedup;
use crate::receiving::checks::reach;
use crate::receiving::checks::reach::silent;
use crate::receiving::checks::subjects::{Said, each_address};
use crate::shared::evidence::scan::{
    Answer, Evidence, Reach, RealHandshake, Server, Session, SessionFault, SmtpReply, Stage, Stopped,
};

/// [`Check::Starttls`].
pub(in crate::receiving::checks) fn starttls(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    each_address(Check::Starttls, evidence, |_, server| match silent(evidence, server) {
        Some(measured) => measured.into(),
        None => match offered(server) {
            // What no client of ours could use to its end is not called good.
            Ok(Word::Present) if broken_off(server) => Said::inconclusive(Unknown::NoAnswer),
            Ok(Word::Present) if server.earlier.is_some() => Said::inconclusive(Unknown::Unsteady),
            Ok(word) => Said::is(word),
            Err(why) => Said::inconclusive(why),
        }
        .seen(session_lines(server).into_iter().chain(whole(server)).chain(shaken(server))),
    })
}

/// [`Check::StarttlsMandatory`]: 530 to MAIL in clear is what RFC 3207 §4 names for it.
pub(in crate::receiving::checks) fn mandatory(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    each_address(Check::StarttlsMandatory, evidence, |_, server| match over_tls(evidence, server) {
        Err(measured) => measured.into(),
        Ok(()) => {
            let reply = server.session.mail_in_clear.as_ref();
            match reply.map(|reply| reply.code) {
                Some(530) => Said::is(Word::Mandatory),
                Some(250..=259) => Said::is(Word::Optional),
                Some(400..=499) => Said::inconclusive(Unknown::Limited),
                Some(500..=599) => Said::inconclusive(Unknown::Rejected),
                Some(_) => Said::inconclusive(Unknown::NoAnswer),
                None => Said::inconclusive(stopped(server).unwrap_or(Unknown::NoAnswer)),
            }
            .seen(reply.map(|reply| line("MAIL FROM:<>", reply)))
        }
    })
}

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
fn offered(server: &Server) -> Result<Word, Unknown> {
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

/// Whether the real handshake failed for no limit of ours, and no other was finished either: a server may answer
/// hellos soundly and be unable to sign.
fn broken_off(server: &Server) -> bool {
    matches!(server.handshake, Some(RealHandshake::Failed { our_limit: false, .. }))
        && !server.probes.iter().any(|probe| match &probe.answer {
            Answer::Renegotiated(_) => true,
            Answer::Injected { executed } => executed.is_some(),
            _ => false,
        })
}

/// Where our client for whole handshakes finished none: the first choice, or else the first answer, that shows TLS.
fn shaken(server: &Server) -> Option<String> {
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
fn session_lines(server: &Server) -> Vec<String> {
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
fn line(command: &str, reply: &SmtpReply) -> String {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::receiving::checks::tests::sample::{
        check_all, inconclusive, is, not_applicable, null_mx, reply,
    };
    use crate::shared::evidence::scan::{NotTried, Reach, Stopped};

    /// The first address in clear only, with this session.
    fn in_clear(evidence: &mut Evidence) -> &mut Server {
        let server = &mut evidence.servers[0];
        (server.handshake, server.session.starttls, server.session.ehlo_in_tls) = (None, None, None);
        server.probes.clear();
        server
    }

    fn fault(evidence: &mut Evidence, stage: Stage, code: u16) {
        let server = in_clear(evidence);
        server.session.ehlo = None;
        server.session.fault = Some(SessionFault::Reply { stage, reply: reply(code, &["no"]) });
    }

    /// Its only whole handshake failed, by a limit of ours or not.
    fn fails(evidence: &mut Evidence, our_limit: bool) {
        let server = &mut evidence.servers[0];
        let reason = "received fatal alert: InternalError".to_owned();
        server.handshake = Some(RealHandshake::Failed { alert: None, our_limit, reason });
        server
            .probes
            .retain(|probe| !matches!(probe.answer, Answer::Renegotiated(_) | Answer::Injected { .. }));
    }

    #[test]
    fn what_nobody_could_use_to_its_end_is_not_called_good() {
        check_all(
            starttls,
            vec![
                (|e| fails(e, false), inconclusive(Unknown::NoAnswer)),
                (|e| fails(e, true), is(Word::Present)),
            ],
        );
    }

    #[test]
    fn tells_a_limit_from_a_refusal_and_a_refusal_from_absence() {
        check_all(
            starttls,
            vec![
                (|_| {}, is(Word::Present)),
                (|e| in_clear(e).session.ehlo = Some(reply(250, &["mx", "SIZE"])), is(Word::Absent)),
                (|e| in_clear(e).session.starttls = Some(reply(502, &["no"])), is(Word::Refused)),
                (|e| fault(e, Stage::Ehlo, 502), is(Word::Absent)),
                (|e| fault(e, Stage::Starttls, 554), is(Word::Refused)),
                (
                    |e| in_clear(e).session.starttls = Some(reply(454, &["4.7.0 not now"])),
                    inconclusive(Unknown::Limited),
                ),
                (|e| fault(e, Stage::Greeting, 554), inconclusive(Unknown::Rejected)),
                (|e| fault(e, Stage::Greeting, 421), inconclusive(Unknown::Limited)),
                (|e| fault(e, Stage::Ehlo, 504), inconclusive(Unknown::Rejected)),
                (|e| fault(e, Stage::Ehlo, 421), inconclusive(Unknown::Limited)),
                (
                    |e| {
                        let server = in_clear(e);
                        server.session.ehlo = None;
                        server.session.fault = Some(SessionFault::TimedOut { stage: Stage::Greeting });
                    },
                    inconclusive(Unknown::NoAnswer),
                ),
                (|e| in_clear(e).stopped = Some(Stopped::OutOfTime), inconclusive(Unknown::OutOfTime)),
                (null_mx, not_applicable(Inapplicable::NoMail)),
            ],
        );
    }

    /// One look is no proof (R17).
    #[test]
    fn two_connections_must_agree_on_no_starttls() {
        let without =
            || Some(Box::new(Session { ehlo: Some(reply(250, &["mx", "SIZE"])), ..Session::default() }));
        let refused =
            || Some(Box::new(Session { starttls: Some(reply(554, &["no"])), ..Session::default() }));
        let cases: Vec<(crate::receiving::checks::tests::sample::Bent, _)> = vec![
            (|_| {}, is(Word::Absent)),
            (
                |e| {
                    let session = std::mem::take(&mut e.servers[0].session);
                    e.servers[0] = crate::receiving::checks::tests::sample::perfect().servers[0].clone();
                    e.servers[0].earlier = Some(Box::new(session));
                },
                inconclusive(Unknown::Unsteady),
            ),
            (|e| fault(e, Stage::Greeting, 421), inconclusive(Unknown::Limited)),
            (
                |e| {
                    e.servers[0].session = Session::default();
                    e.servers[0].session.fault = Some(SessionFault::TimedOut { stage: Stage::Connect });
                },
                inconclusive(Unknown::NoAnswer),
            ),
        ];
        for earlier in [without, refused] {
            for (bend, expected) in &cases {
                let mut evidence = crate::receiving::checks::tests::sample::perfect();
                in_clear(&mut evidence).session.ehlo = Some(reply(250, &["mx", "SIZE"]));
                evidence.servers[0].earlier = earlier();
                bend(&mut evidence);
                let finding = &starttls(&evidence, crate::receiving::checks::tests::sample::now())[0];
                assert_eq!(finding.measured, *expected);
                assert!(finding.evidence[0].starts_with("connection 1: "), "{finding:?}");
            }
        }
        // The time for the second was over.
        check_all(
            starttls,
            vec![(
                |e| {
                    in_clear(e).session.ehlo = Some(reply(250, &["mx", "SIZE"]));
                    e.servers[0].stopped = Some(Stopped::OutOfTime);
                },
                inconclusive(Unknown::OutOfTime),
            )],
        );
    }

    #[test]
    fn leaves_out_who_never_answers_and_waits_for_who_was_never_tried() {
        let not_tried = |why| Reach::NotTried { why };
        let cases = [
            (Reach::TimedOut, not_applicable(Inapplicable::OtherAddressCounts)),
            (not_tried(NotTried::SpecialAddress), not_applicable(Inapplicable::OtherAddressCounts)),
            (not_tried(NotTried::NotAsked), not_applicable(Inapplicable::OtherAddressCounts)),
            (not_tried(NotTried::OutOfTime), inconclusive(Unknown::OutOfTime)),
            (not_tried(NotTried::NoIpv6Here), not_applicable(Inapplicable::OtherAddressCounts)),
            (not_tried(NotTried::TriedOften), inconclusive(Unknown::NotTried { why: NotTried::TriedOften })),
        ];
        for (reach, expected) in cases {
            let mut evidence = crate::receiving::checks::tests::sample::perfect();
            evidence.servers[0].reach = reach.clone();
            let findings = starttls(&evidence, crate::receiving::checks::tests::sample::now());
            assert_eq!(findings[0].measured, expected, "{reach:?}");
        }
        check_all(
            starttls,
            vec![
                (
                    |e| e.servers.iter_mut().for_each(|server| server.reach = Reach::TimedOut),
                    inconclusive(Unknown::NoConnection),
                ),
                (
                    |e| {
                        e.control.port_25 = Some(false);
                        e.servers.iter_mut().for_each(|server| server.reach = Reach::TimedOut);
                    },
                    inconclusive(Unknown::Port25ClosedHere),
                ),
            ],
        );
    }

    #[test]
    fn mail_in_clear_shows_whether_tls_must_be() {
        let mail = |code: u16| {
            let mut evidence = crate::receiving::checks::tests::sample::perfect();
            evidence.servers[0].session.mail_in_clear = (code > 0).then(|| reply(code, &["."]));
            let findings = mandatory(&evidence, crate::receiving::checks::tests::sample::now());
            findings[0].measured.clone()
        };
        assert_eq!(mail(530), is(Word::Mandatory));
        assert_eq!(mail(250), is(Word::Optional));
        assert_eq!(mail(451), inconclusive(Unknown::Limited));
        assert_eq!(mail(550), inconclusive(Unknown::Rejected));
        assert_eq!(mail(0), inconclusive(Unknown::NoAnswer));
        check_all(
            mandatory,
            vec![(
                |e| in_clear(e).session.ehlo = Some(reply(250, &["mx"])),
                not_applicable(Inapplicable::NoStarttls),
            )],
        );
    }
}
