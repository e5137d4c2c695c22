//! The extensions announced, in TLS where it was seen.

use jiff::Timestamp;

use crate::receiving::checks::check::{Category, Check, Definition, Scale, Scope};
use crate::receiving::checks::shared::starttls::fault_line;
use crate::receiving::checks::smtp::shared::extensions::{lines, unseen};
use crate::receiving::checks::subjects::{Said, each_address};
use crate::receiving::checks::{Finding, Item, Unknown, reach};
use crate::shared::evidence::scan::{Evidence, Session, SessionFault, SmtpReply, Stage};

pub(super) static CHECK: Definition = Definition {
    id: "smtp-extensions",
    category: Category::Smtp,
    scope: Scope::Address,
    scale: Scale::Items,
    judge: extensions,
    en: r"Extensions announced
    .good = The server announces { $items }.
    .sufficient = The server announces { $items }.
    .phase-out = The server announces { $items }, which should be turned off.
    .insufficient = The server announces { $items }, which should not be offered to everybody.
    .unrated = The server announces { $items }.
    .why = Extensions such as PIPELINING, 8BITMIME, SMTPUTF8, SIZE and CHUNKING make mail faster, or possible in every script.
    .todo = Nothing has to be done.",
    de: r"Angekündigte Erweiterungen
    .good = Der Server kündigt { $items } an.
    .sufficient = Der Server kündigt { $items } an.
    .phase-out = Der Server kündigt { $items } an; das sollte abgeschaltet werden.
    .insufficient = Der Server kündigt { $items } an; das sollte nicht jedem angeboten werden.
    .unrated = Der Server kündigt { $items } an.
    .why = Erweiterungen wie PIPELINING, 8BITMIME, SMTPUTF8, SIZE und CHUNKING machen Mail schneller oder in jeder Schrift möglich.
    .todo = Es ist nichts zu tun.",
    ..Definition::BARE
};

/// How many keywords are kept; IANA's registry has fewer.
const KEYWORDS_MAX: usize = 40;

/// How long a keyword is at most, in octets.
const KEYWORD_OCTETS_MAX: usize = 40;

/// The keywords; in TLS more may be announced, so those in clear are all only where there is no STARTTLS.
pub(in crate::receiving::checks) fn extensions(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
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

fn refusal(session: &Session) -> Option<String> {
    session.fault.as_ref().map(fault_line)
}
