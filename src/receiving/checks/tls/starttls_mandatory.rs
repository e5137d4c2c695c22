//! Whether the server takes mail without TLS, as far as MAIL shows.

use jiff::Timestamp;

use crate::receiving::checks::check::{Category, Check, Definition, Scale, Scope};
use crate::receiving::checks::shared::starttls::{line, over_tls, stopped};
use crate::receiving::checks::subjects::{Said, each_address};
use crate::receiving::checks::{Finding, Unknown, Word};
use crate::shared::evidence::scan::Evidence;

pub(super) static CHECK: Definition = Definition {
    id: "starttls-mandatory",
    category: Category::Tls,
    scope: Scope::Address,
    scale: Scale::Words(&[Word::Mandatory, Word::Optional]),
    judge: mandatory,
    en: r"Mail without TLS
    .mandatory = The server takes no mail without TLS.
    .optional = As far as MAIL shows, the server takes mail without TLS, too.
    .why = A server for everybody may not demand TLS (RFC 3207 §4); DANE and MTA-STS let senders demand it instead. If all partners are known, demanding it protects more.
    .todo = Nothing has to be done. Only if all senders are known, demand TLS.
    .cost = Whoever cannot do TLS then cannot send mail to you.",
    de: r"Mail ohne TLS
    .mandatory = Der Server nimmt ohne TLS keine Mail an.
    .optional = Soweit ein MAIL-Befehl es zeigt, nimmt der Server auch ohne TLS Mail an.
    .why = Ein Server, der von jedermann Mail annimmt, darf TLS nicht verlangen (RFC 3207 §4); mit DANE und MTA-STS verlangen es stattdessen die Absender. Sind alle Partner bekannt, ist man besser geschützt, wenn man TLS verlangt.
    .todo = Es ist nichts zu tun. Nur wenn alle Absender bekannt sind, verlangen Sie TLS.
    .cost = Wer kein TLS beherrscht, kann Ihnen dann keine Mail schicken.",
    fix: r"
    .postfix = smtpd_tls_security_level = encrypt
    .opensmtpd = listen on 0.0.0.0 port 25 tls-require pki mx hostname { $host }",
    ..Definition::BARE
};

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
