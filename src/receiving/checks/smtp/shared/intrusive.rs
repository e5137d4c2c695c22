//! What recipients a server takes, where the operator asked for that to be tried.

use crate::receiving::checks::check::Check;
use crate::receiving::checks::subjects::{Said, each_address};
use crate::receiving::checks::{Finding, Inapplicable, Unknown, Word, reach};
use crate::shared::evidence::scan::{Evidence, Intrusive, Server, SmtpReply};

/// Whether a server does not relay and calls that transient: 454 is of permissions, and X.7.1 is "delivery not
/// authorized" (RFC 3463 §3.8). Postfix says so unless told otherwise (defer_unauth_destination).
fn defers_relay(reply: &SmtpReply) -> bool {
    reply.code == 454 && reply.lines.first().is_some_and(|line| line.starts_with("4.7.1 "))
}

pub(in crate::receiving::checks) fn recipient(
    check: Check,
    evidence: &Evidence,
    reply: fn(&Intrusive) -> &Option<SmtpReply>,
) -> Vec<Finding> {
    let asked = evidence.servers.iter().any(|server| server.intrusive.is_some());
    each_address(check, evidence, |_, server| {
        if !asked {
            return Said::not_applicable(Inapplicable::OnlyIntrusive);
        }
        if let Some(measured) = reach::silent(evidence, server) {
            return measured.into();
        }
        match server.intrusive.as_ref().and_then(|tried| reply(tried).as_ref()) {
            Some(reply) if check == Check::Relay && defers_relay(reply) => {
                Said::is(Word::Refused).seen([line(reply)])
            }
            reply => said(server, reply),
        }
    })
}

/// 4yz is a limit or greylisting, and no answer to the question.
fn said(server: &Server, reply: Option<&SmtpReply>) -> Said {
    let Some(reply) = reply else {
        let fault = server.session.fault.as_ref().map(reach::ended);
        return Said::inconclusive(fault.unwrap_or(Unknown::NoAnswer));
    };
    match reply.code {
        200..=299 => Said::is(Word::Accepted),
        500..=599 => Said::is(Word::Refused),
        400..=499 => Said::inconclusive(Unknown::Limited),
        _ => Said::inconclusive(Unknown::NoAnswer),
    }
    .seen([line(reply)])
}

fn line(reply: &SmtpReply) -> String {
    format!("RCPT: {} {}", reply.code, reply.lines.join(" / "))
}
