//! What recipients a server takes, where the operator asked for that to be tried.

use jiff::Timestamp;

use super::super::check::Check;
use super::super::finding::{Finding, Inapplicable, Unknown, Word};
use super::super::reach;
use super::super::subjects::{Said, each_address};
use crate::shared::evidence::scan::{Evidence, Intrusive, Server, SmtpReply};

/// Mail for postmaster has to be taken (RFC 5321 §4.5.1).
pub(in super::super) fn postmaster(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    recipient(Check::Postmaster, evidence, |tried| &tried.postmaster)
}

/// Whoever takes mail for nobody has to bounce it, mostly to a stranger.
pub(in super::super) fn unknown_recipient(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    recipient(Check::UnknownRecipient, evidence, |tried| &tried.unknown_recipient)
}

/// Mail from strangers to strangers is not to be taken.
pub(in super::super) fn relay(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    recipient(Check::Relay, evidence, |tried| &tried.relay)
}

/// Whether a server does not relay and calls that transient: 454 is of permissions, and X.7.1 is "delivery not
/// authorized" (RFC 3463 §3.8). Postfix says so unless told otherwise (defer_unauth_destination).
fn defers_relay(reply: &SmtpReply) -> bool {
    reply.code == 454 && reply.lines.first().is_some_and(|line| line.starts_with("4.7.1 "))
}

fn recipient(check: Check, evidence: &Evidence, reply: fn(&Intrusive) -> &Option<SmtpReply>) -> Vec<Finding> {
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

#[cfg(test)]
mod tests {
    use super::super::super::tests::sample::{self, inconclusive, is, not_applicable, reply};
    use super::*;
    use crate::shared::evidence::scan::Reach;

    #[test]
    fn words() {
        for check in [postmaster, unknown_recipient, relay] {
            let measured = |evidence: &Evidence| check(evidence, sample::now())[0].measured.clone();
            let mut evidence = sample::perfect();
            assert_eq!(measured(&evidence), not_applicable(Inapplicable::OnlyIntrusive));
            for (answer, expected) in [
                (Some(reply(250, &["2.1.5 Ok"])), is(Word::Accepted)),
                (Some(reply(550, &["5.1.1 no such user"])), is(Word::Refused)),
                (Some(reply(450, &["4.2.0 greylisted"])), inconclusive(Unknown::Limited)),
                (Some(reply(354, &["?"])), inconclusive(Unknown::NoAnswer)),
                (None, inconclusive(Unknown::NoAnswer)),
            ] {
                evidence.servers[0].intrusive = Some(Intrusive {
                    postmaster: answer.clone(),
                    unknown_recipient: answer.clone(),
                    relay: answer,
                });
                assert_eq!(measured(&evidence), expected);
            }
            evidence.servers[1].intrusive = evidence.servers[0].intrusive.take();
            evidence.servers[0].reach = Reach::TimedOut;
            assert_eq!(measured(&evidence), not_applicable(Inapplicable::OtherAddressCounts));
            evidence.servers[1].reach = Reach::TimedOut;
            assert_eq!(measured(&evidence), inconclusive(Unknown::NoConnection));
            sample::null_mx(&mut evidence);
            assert_eq!(measured(&evidence), not_applicable(Inapplicable::NoMail));
        }
    }

    #[test]
    fn a_relay_that_is_denied_for_now_is_denied() {
        let mut evidence = sample::perfect();
        let mut measured = |answer: SmtpReply| {
            evidence.servers[0].intrusive = Some(Intrusive {
                postmaster: Some(answer.clone()),
                unknown_recipient: None,
                relay: Some(answer),
            });
            [relay, postmaster].map(|check| check(&evidence, sample::now())[0].measured.clone())
        };
        let limited = || inconclusive(Unknown::Limited);
        let denied = reply(454, &["4.7.1 <mailassay@example.org>: Relay access denied"]);
        assert_eq!(measured(denied), [is(Word::Refused), limited()]);
        assert_eq!(measured(reply(451, &["4.7.1 Greylisted"])), [limited(), limited()]);
    }

    #[test]
    fn each_check_has_its_own_recipient() {
        let mut evidence = sample::perfect();
        evidence.servers[0].intrusive = Some(Intrusive {
            postmaster: Some(reply(250, &["Ok"])),
            unknown_recipient: Some(reply(550, &["no"])),
            relay: None,
        });
        let measured = [postmaster, unknown_recipient, relay].map(|check| check(&evidence, sample::now()));
        let expected = [is(Word::Accepted), is(Word::Refused), inconclusive(Unknown::NoAnswer)];
        assert_eq!(measured.map(|findings| findings[0].measured.clone()), expected);
    }
}
