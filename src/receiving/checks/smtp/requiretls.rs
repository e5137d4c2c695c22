//! REQUIRETLS (RFC 8689), announced in TLS.

use jiff::Timestamp;

use crate::receiving::checks::check::{Category, Check, Definition, Scale, Scope};
use crate::receiving::checks::shared::starttls::over_tls;
use crate::receiving::checks::smtp::shared::extensions::{lines, unseen};
use crate::receiving::checks::subjects::{Said, each_address};
use crate::receiving::checks::{Finding, Word};
use crate::shared::evidence::scan::Evidence;

pub(super) static CHECK: Definition = Definition {
    id: "smtp-requiretls",
    category: Category::Smtp,
    scope: Scope::Address,
    scale: Scale::Words(&[Word::Present, Word::Absent]),
    judge: requiretls,
    en: r"REQUIRETLS
    .present = The server announces REQUIRETLS (RFC 8689): a sender can demand TLS for a single mail, on the whole way.
    .absent = The server does not announce REQUIRETLS (RFC 8689).
    .why = Few servers know it so far.
    .todo = Nothing has to be done.",
    de: r"REQUIRETLS
    .present = Der Server kündigt REQUIRETLS an (RFC 8689): Ein Absender kann für eine einzelne Mail TLS auf dem ganzen Weg verlangen.
    .absent = Der Server kündigt REQUIRETLS (RFC 8689) nicht an.
    .why = Bisher beherrschen es nur wenige Server.
    .todo = Es ist nichts zu tun.",
    ..Definition::BARE
};

/// Announced in TLS, where alone it counts (RFC 8689 §2).
pub(in crate::receiving::checks) fn requiretls(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
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
