//! What a server announces.

use jiff::Timestamp;

use super::super::check::Check;
use super::super::finding::{Finding, Item, Unknown, Word};
use super::super::reach;
use super::super::subjects::{Said, each_address};
use super::super::tls::{fault_line, over_tls, stopped};
use crate::shared::evidence::scan::{
    Evidence, RealHandshake, Server, Session, SessionFault, SmtpReply, Stage,
};

/// How many keywords are kept; IANA's registry has fewer.
const KEYWORDS_MAX: usize = 40;
/// How long a keyword is at most, in octets.
const KEYWORD_OCTETS_MAX: usize = 40;

/// The keywords; in TLS more may be announced, so those in clear are all only where there is no STARTTLS.
pub(in super::super) fn extensions(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    each_address(Check::Extensions, evidence, |_, server| {
        if let Some(measured) = reach::silent(evidence, server) {
            return measured.into();
        }
        let session = &server.session;
        match announcing(session) {
            Ok(Some(ehlo)) => {
                let all = session.ehlo_in_tls.is_some() || session.announces("STARTTLS") == Some(false);
                let items = keywords(ehlo).into_iter().map(Item::Extension);
                let open = (!all).then(|| unseen(server));
                Said::items(items, all)
                    .open(open)
                    .details(ehlo.lines.iter().skip(1).cloned())
                    .seen(lines(session, ehlo))
            }
            Ok(None) => Said::items([], true).seen(refusal(session)),
            Err(why) => Said::inconclusive(why).seen(refusal(session)),
        }
    })
}

/// The better of the two answers to EHLO. None: the server knows no EHLO, and so no extensions (RFC 5321 §4.2.4).
fn announcing(session: &Session) -> Result<Option<&SmtpReply>, Unknown> {
    let accepted = |reply: &&SmtpReply| reply.code == 250;
    let better = session.ehlo_in_tls.as_ref().filter(accepted);
    match better.or(session.ehlo.as_ref().filter(accepted)) {
        Some(reply) => Ok(Some(reply)),
        None => match &session.fault {
            Some(SessionFault::Reply { stage: Stage::Ehlo, reply }) if matches!(reply.code, 500 | 502) => {
                Ok(None)
            }
            Some(fault) => Err(reach::ended(fault)),
            None => Err(Unknown::NoAnswer),
        },
    }
}

/// Well-formed ones, in upper case (RFC 5321 §4.1.1.1).
fn keywords(ehlo: &SmtpReply) -> Vec<String> {
    let words = ehlo.lines.iter().skip(1).filter_map(|line| line.split([' ', '=']).next());
    let formed = words.filter(|word| {
        (1..=KEYWORD_OCTETS_MAX).contains(&word.len())
            && word.bytes().all(|octet| octet.is_ascii_alphanumeric() || octet == b'-')
    });
    formed.take(KEYWORDS_MAX).map(str::to_ascii_uppercase).collect()
}

/// An answer to EHLO, in clear or in TLS.
fn lines(session: &Session, reply: &SmtpReply) -> Vec<String> {
    let command = if session.ehlo_in_tls.as_ref() == Some(reply) { "EHLO in TLS: " } else { "EHLO: " };
    let last = reply.lines.len().saturating_sub(1);
    let line = move |(at, line): (usize, &String)| {
        let before = if at == 0 { command } else { "" };
        format!("{before}{}{}{line}", reply.code, if at == last { ' ' } else { '-' })
    };
    reply.lines.iter().enumerate().map(line).collect()
}

fn refusal(session: &Session) -> Option<String> {
    session.fault.as_ref().map(fault_line)
}

/// Announced in TLS, where alone it counts (RFC 8689 §2).
pub(in super::super) fn requiretls(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    each_address(Check::RequireTls, evidence, |_, server| {
        if let Err(measured) = over_tls(evidence, server) {
            return measured.into();
        }
        match server.session.ehlo_in_tls.as_ref().filter(|reply| reply.code == 250) {
            Some(ehlo) => {
                let present = ehlo.announces("REQUIRETLS");
                Said::is(if present { Word::Present } else { Word::Absent })
                    .seen(lines(&server.session, ehlo))
            }
            None => Said::inconclusive(unseen(server)),
        }
    })
}

/// Why nothing was announced in TLS. Where rustls cannot speak what the server does, there was no TLS for us to say
/// EHLO in.
fn unseen(server: &Server) -> Unknown {
    match (&server.handshake, &server.session.fault) {
        (Some(RealHandshake::Failed { our_limit: true, .. }), _) => Unknown::OurLimit,
        (_, Some(fault)) => reach::ended(fault),
        (_, None) => stopped(server).unwrap_or(Unknown::NoAnswer),
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::finding::{Inapplicable, Measured};
    use super::super::super::tests::sample::{
        self, Bent, inconclusive, is, items, not_applicable, null_mx, reply,
    };
    use super::*;
    use crate::shared::evidence::scan::{Reach, Stopped};

    fn named(keywords: &[&str]) -> Vec<Item> {
        keywords.iter().map(|keyword| Item::Extension((*keyword).to_owned())).collect()
    }

    fn in_clear(evidence: &mut Evidence, ehlo: &[&str]) {
        evidence.servers[0].handshake = None;
        let session = &mut evidence.servers[0].session;
        (session.ehlo_in_tls, session.starttls) = (None, None);
        session.ehlo = Some(reply(250, ehlo));
    }

    fn refused(evidence: &mut Evidence, code: u16) {
        in_clear(evidence, &[]);
        let session = &mut evidence.servers[0].session;
        session.ehlo = None;
        session.fault = Some(SessionFault::Reply { stage: Stage::Ehlo, reply: reply(code, &["no"]) });
    }

    fn beyond_us(evidence: &mut Evidence) {
        let server = &mut evidence.servers[0];
        server.session.ehlo_in_tls = None;
        let reason = "no suite in common".to_owned();
        server.handshake = Some(RealHandshake::Failed { alert: None, our_limit: true, reason });
    }

    #[test]
    fn extensions_are_those_announced_in_tls_or_all_without_it() {
        let in_tls = ["PIPELINING", "SIZE", "8BITMIME", "REQUIRETLS", "SMTPUTF8", "CHUNKING"];
        assert_eq!(extensions(&sample::perfect(), sample::now())[0].measured, items(named(&in_tls)));
        let cases: Vec<(Bent, _)> = vec![
            (|e| in_clear(e, &["mx", "size=1", "AUTH=LOGIN", "b\u{f6}se"]), items(named(&["SIZE", "AUTH"]))),
            (|e| in_clear(e, &["mx"]), items(Vec::new())),
            (|e| refused(e, 502), items(Vec::new())),
            (
                beyond_us,
                Measured::Items {
                    items: named(&["PIPELINING", "SIZE", "STARTTLS", "8BITMIME", "SMTPUTF8", "CHUNKING"]),
                    complete: false,
                    open: Some(Unknown::OurLimit),
                },
            ),
            (|e| refused(e, 421), inconclusive(Unknown::Limited)),
            (|e| refused(e, 550), inconclusive(Unknown::Rejected)),
            (|e| e.servers[0].reach = Reach::Refused, not_applicable(Inapplicable::OtherAddressCounts)),
            (null_mx, not_applicable(Inapplicable::NoMail)),
        ];
        sample::check_all(extensions, cases);
    }

    #[test]
    fn words_of_requiretls() {
        let cases: Vec<(Bent, _)> = vec![
            (|_| {}, is(Word::Present)),
            (|e| e.servers[0].session.ehlo_in_tls = Some(reply(250, &["mx", "SIZE"])), is(Word::Absent)),
            (|e| in_clear(e, &["mx", "REQUIRETLS"]), not_applicable(Inapplicable::NoStarttls)),
            (|e| refused(e, 502), not_applicable(Inapplicable::NoStarttls)),
            (beyond_us, inconclusive(Unknown::OurLimit)),
            (|e| refused(e, 421), inconclusive(Unknown::Limited)),
            (
                |e| {
                    e.servers[0].session.ehlo_in_tls = None;
                    e.servers[0].stopped = Some(Stopped::OutOfTime);
                },
                inconclusive(Unknown::OutOfTime),
            ),
            (|e| e.servers[0].session.ehlo_in_tls = None, inconclusive(Unknown::NoAnswer)),
            (|e| e.servers[0].reach = Reach::Refused, not_applicable(Inapplicable::OtherAddressCounts)),
            (null_mx, not_applicable(Inapplicable::NoMail)),
        ];
        sample::check_all(requiretls, cases);
    }
}
