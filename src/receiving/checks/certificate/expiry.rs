//! Days until the first of the certificates that verifiers rely on expires; 0 if one has.

use jiff::Timestamp;

use crate::receiving::checks::Finding;
use crate::receiving::checks::certificate::shared::chains::{Chain, chains, title};
use crate::receiving::checks::check::{Category, Check, Definition, Scale, Scope};
use crate::receiving::checks::subjects::{Said, each_address};
use crate::receiving::checks::tls::shared::surveyed::unseen_certificate;
use crate::shared::evidence::scan::{Certificate, Evidence};

pub(super) static CHECK: Definition = Definition {
    id: "cert-expiry",
    category: Category::Certificate,
    scope: Scope::Address,
    scale: Scale::Count,
    judge: expiry,
    en: r"Expiry of the certificate
    .count = { $count ->
        [0] A certificate has expired.
        [one] The first certificate expires in one day.
       *[other] The first certificate expires in { $count } days.
    }
    .why = A certificate that expires stops mail from all senders that check it.
    .todo = Renew the certificate now, and let it be renewed by itself from then on.",
    de: r"Ablauf des Zertifikats
    .count = { $count ->
        [0] Ein Zertifikat ist abgelaufen.
        [one] Das erste Zertifikat läuft in einem Tag ab.
       *[other] Das erste Zertifikat läuft in { $count } Tagen ab.
    }
    .why = Mit einem abgelaufenen Zertifikat bleibt die Mail aller Absender aus, die es prüfen.
    .todo = Erneuern Sie das Zertifikat jetzt, und sorgen Sie dafür, dass es künftig automatisch erneuert wird.",
    ..Definition::BARE
};

const SECONDS_A_DAY: i64 = 86_400;

/// [`Check::CertExpiry`]: days begun count, so that 0 means over.
pub(in crate::receiving::checks) fn expiry(evidence: &Evidence, now: Timestamp) -> Vec<Finding> {
    each_address(Check::CertExpiry, evidence, |_, server| match chains(evidence, server) {
        Err(measured) => measured.into(),
        Ok(chains) => {
            let all: Vec<_> = chains.iter().flat_map(Chain::relied).collect();
            let first = all.iter().map(|(_, certificate)| certificate.not_after).min().unwrap_or(now);
            let left_s = first.as_second() - now.as_second();
            let days = u32::try_from(left_s.max(0).div_euclid(SECONDS_A_DAY)).unwrap_or(u32::MAX);
            let begun = u32::from(left_s > 0 && left_s % SECONDS_A_DAY != 0);
            let mut rows: Vec<_> =
                all.iter().map(|sent| format!("{}: {}", title(*sent), sent.1.not_after)).collect();
            rows.dedup();
            let said = match unseen_certificate(evidence, server) {
                Some(why) if left_s > 0 => Said::inconclusive(why),
                _ => Said::count(days.saturating_add(begun)),
            };
            let lines = chains.iter().flat_map(|chain| {
                let until =
                    |sent: (&str, &Certificate)| chain.line(sent, &format!("until {}", sent.1.not_after));
                chain.relied().into_iter().map(until).collect::<Vec<_>>()
            });
            said.details(rows).seen(lines)
        }
    })
}
