//! Whether greeting and EHLO name the same full host name, and PTR does, too. `Absent`: they do, and the address has
//! no PTR.

use std::net::Ipv4Addr;

use jiff::Timestamp;

use crate::receiving::checks::check::{Category, Check, Definition, Scale, Scope};
use crate::receiving::checks::lines::{self, unknown};
use crate::receiving::checks::shared::starttls::fault_line;
use crate::receiving::checks::subjects::{Said, each_address};
use crate::receiving::checks::{Finding, Unknown, Word, reach};
use crate::shared::evidence::scan::{Evidence, Reach, Server, SmtpReply};

pub(super) static CHECK: Definition = Definition {
    id: "smtp-name",
    category: Category::Smtp,
    scope: Scope::Address,
    scale: Scale::Words(&[Word::Same, Word::Absent, Word::Differs, Word::Invalid]),
    judge: smtp_name,
    en: r"Names in greeting and EHLO
    .same = Greeting, EHLO and reverse name give the same full host name.
    .absent = Greeting and EHLO give the same full host name; the address has no reverse name.
    .differs = Greeting, EHLO and reverse name, where there is one, do not give the same host name.
    .invalid = Greeting or EHLO gives no full host name, which RFC 5321 §4.3.1 asks for.
    .why = This does no harm to mail that comes in. It makes logs hard to read, and receivers wary of mail from this address.
    .todo = Let the server call itself by the name that its address has in reverse.",
    de: r"Namen in Begrüßung und EHLO
    .same = Begrüßung, EHLO und PTR nennen denselben vollständigen Hostnamen.
    .absent = Begrüßung und EHLO nennen denselben vollständigen Hostnamen; die Adresse hat keinen PTR-Eintrag.
    .differs = Begrüßung, EHLO und, wo es ihn gibt, der PTR-Eintrag nennen nicht denselben Hostnamen.
    .invalid = Begrüßung oder EHLO nennt keinen vollständigen Hostnamen, wie ihn RFC 5321 §4.3.1 verlangt.
    .why = Eingehender Mail schadet das nicht. Es macht Logs schwer lesbar, und Empfänger misstrauen dann Mail von dieser Adresse.
    .todo = Lassen Sie den Server sich mit dem Namen melden, den seine Adresse im PTR-Eintrag hat.",
    fix: r"
    .postfix =
        myhostname = { $host }
        smtpd_banner = $myhostname ESMTP
    .exim = primary_hostname = { $host }
    .opensmtpd = listen on 0.0.0.0 port 25 tls pki mx hostname { $host }",
    ..Definition::BARE
};

/// Greeting, answer to EHLO and PTR name the same host (RFC 5321 §4.2, §4.1.1.1). A name that is no full host name is
/// worse than one that differs.
fn smtp_name(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    each_address(Check::SmtpName, evidence, |_, server| {
        let said = match reach::silent(evidence, server) {
            Some(measured) => measured.into(),
            None => said(evidence, server),
        };
        let session = &server.session;
        let replies = [("greeting", &session.greeting), ("EHLO", &session.ehlo)];
        let said_lines = replies.into_iter().filter_map(|(command, reply)| {
            let reply = reply.as_ref()?;
            Some(format!("{command}: {} {}", reply.code, reply.lines.first()?))
        });
        // What was never reached has a name in DNS, and none that it says.
        let in_dns = if server.reach == Reach::Reached { lines::of(&server.ptr) } else { Vec::new() };
        let names = replies.into_iter().filter_map(|(_, reply)| first_word(reply.as_ref()?));
        said.details(names.map(str::to_owned))
            .details(server.ptr.records().iter().cloned())
            .seen(said_lines)
            .seen(session.fault.as_ref().map(fault_line))
            .seen(in_dns)
    })
}

fn said(evidence: &Evidence, server: &Server) -> Said {
    let session = &server.session;
    let named = |reply: &Option<SmtpReply>, code: u16| match reply {
        Some(reply) if reply.code == code => Ok(first_word(reply).unwrap_or_default().to_ascii_lowercase()),
        _ => Err(session.fault.as_ref().map_or(Unknown::NoAnswer, reach::ended)),
    };
    let (greeting, ehlo) = match (named(&session.greeting, 220), named(&session.ehlo, 250)) {
        (Ok(greeting), Ok(ehlo)) => (greeting, ehlo),
        (Err(why), _) | (_, Err(why)) => return Said::inconclusive(why),
    };
    if !is_host_name(&greeting) || !is_host_name(&ehlo) {
        Said::is(Word::Invalid)
    } else if greeting != ehlo {
        Said::is(Word::Differs)
    } else if let Some(why) = unknown(&server.ptr) {
        Said::inconclusive(why)
    } else if server.ptr.records().is_empty() {
        // There is nothing to compare them with.
        Said::is(Word::Absent)
    } else if server.ptr.records().iter().any(|name| name.eq_ignore_ascii_case(&ehlo)) {
        Said::is(Word::Same)
    } else {
        lines::cut(evidence, &server.ptr).map_or(Said::is(Word::Differs), Said::inconclusive)
    }
}

fn first_word(reply: &SmtpReply) -> Option<&str> {
    reply.lines.first()?.split_ascii_whitespace().next()
}

/// Labels of letters, digits and inner hyphens, at least two, and no address.
fn is_host_name(name: &str) -> bool {
    let label = |label: &str| {
        let inner = |c: char| c.is_ascii_alphanumeric() || c == '-';
        (1..=63).contains(&label.len())
            && label.chars().all(inner)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let name = name.strip_suffix('.').unwrap_or(name);
    name.len() <= 253 && name.contains('.') && name.split('.').all(label) && name.parse::<Ipv4Addr>().is_err()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::receiving::checks::Inapplicable;
    use crate::receiving::checks::tests::sample::{self, Bent, inconclusive, is, not_applicable, reply};
    use crate::shared::evidence::scan::{NameAnswer, NotTried, SessionFault, Stage};

    fn says(evidence: &mut Evidence, greeting: &str, ehlo: &str) {
        evidence.servers[0].session.greeting = Some(reply(220, &[greeting]));
        evidence.servers[0].session.ehlo = Some(reply(250, &[ehlo, "SIZE"]));
    }

    #[test]
    fn words() {
        let cases: Vec<(Bent, _)> = vec![
            (|_| {}, is(Word::Same)),
            (|e| says(e, "MX1.example.net ESMTP", "mx1.example.net Hello"), is(Word::Same)),
            (|e| says(e, "mx1.example.net ESMTP", "mx2.example.net"), is(Word::Differs)),
            (|e| says(e, "other.example.net ESMTP", "other.example.net"), is(Word::Differs)),
            (|e| e.servers[0].ptr.answer = NameAnswer::NoName, is(Word::Absent)),
            (
                |e| {
                    says(e, "mx2.example.net ESMTP", "mx1.example.net");
                    e.servers[0].ptr.answer = NameAnswer::NoName;
                },
                is(Word::Differs),
            ),
            (
                |e| {
                    says(e, "other.example.net ESMTP", "other.example.net");
                    sample::leaves_out(e, |e| e.servers[0].ptr.clone());
                },
                inconclusive(Unknown::Cut),
            ),
            (
                |e| {
                    e.servers[0].session.ehlo = None;
                    let reply = reply(504, &["5.5.2 helo rejected"]);
                    e.servers[0].session.fault = Some(SessionFault::Reply { stage: Stage::Ehlo, reply });
                },
                inconclusive(Unknown::Rejected),
            ),
            (|e| says(e, "ESMTP ready", "mx1.example.net"), is(Word::Invalid)),
            (|e| says(e, "localhost ESMTP", "localhost"), is(Word::Invalid)),
            (|e| says(e, "[192.0.2.1] ESMTP", "[192.0.2.1]"), is(Word::Invalid)),
            (|e| says(e, "192.0.2.1 ESMTP", "192.0.2.1"), is(Word::Invalid)),
            (|e| says(e, "", ""), is(Word::Invalid)),
            (|e| sample::times_out(&mut e.servers[0].ptr), inconclusive(Unknown::DnsFailed)),
            (
                |e| {
                    e.servers[0].session.ehlo = None;
                    let reply = reply(421, &["4.7.0 too many connections"]);
                    e.servers[0].session.fault = Some(SessionFault::Reply { stage: Stage::Ehlo, reply });
                },
                inconclusive(Unknown::Limited),
            ),
            (
                |e| {
                    e.servers[0].session.greeting = None;
                    e.servers[0].session.fault = Some(SessionFault::TimedOut { stage: Stage::Greeting });
                },
                inconclusive(Unknown::NoAnswer),
            ),
            (|e| e.servers[0].reach = Reach::TimedOut, not_applicable(Inapplicable::OtherAddressCounts)),
            (
                |e| {
                    let why = NotTried::NotVouchedFor;
                    e.servers.iter_mut().for_each(|server| server.reach = Reach::NotTried { why });
                },
                inconclusive(Unknown::NotTried { why: NotTried::NotVouchedFor }),
            ),
            (sample::null_mx, not_applicable(Inapplicable::NoMail)),
        ];
        sample::check_all(smtp_name, cases);
    }
}
