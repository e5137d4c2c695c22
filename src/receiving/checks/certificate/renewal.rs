//! How much of the lifetime of the server's own certificate is left, in percent; of several the least; 0 if it is
//! over.

use jiff::Timestamp;

use crate::receiving::checks::Finding;
use crate::receiving::checks::certificate::shared::chains::{Chain, chains};
use crate::receiving::checks::check::{Category, Check, Definition, Scale, Scope};
use crate::receiving::checks::subjects::{Said, each_address};
use crate::receiving::checks::tls::shared::surveyed::unseen_certificate;
use crate::shared::evidence::scan::{Certificate, Evidence};

pub(super) static CHECK: Definition = Definition {
    id: "cert-renewal",
    category: Category::Certificate,
    scope: Scope::Address,
    scale: Scale::Count,
    judge: renewal,
    answered_by: &[Check::CertExpiry],
    en: r"Renewal of the certificate
    .count = { $count ->
        [0] The certificate's lifetime is over.
       *[other] { $count } % of the certificate's lifetime is left.
    }
    .why = Programs renew with a third of the lifetime left, or half of a few days. With half of that gone, something seems to keep them from it, and there is little time to mend it: certificates live for weeks, some for days.
    .todo = Look why the certificate was not renewed yet, and whether the mail server has loaded the new one.",
    de: r"Erneuerung des Zertifikats
    .count = { $count ->
        [0] Die Laufzeit des Zertifikats ist um.
       *[other] Von der Laufzeit des Zertifikats sind noch { $count } % übrig.
    }
    .why = Programme erneuern, wenn noch ein Drittel der Laufzeit übrig ist, bei wenigen Tagen die Hälfte. Ist davon die Hälfte verstrichen, scheint sie etwas daran zu hindern, und es bleibt wenig Zeit: Zertifikate leben Wochen, manche nur Tage.
    .todo = Sehen Sie nach, warum das Zertifikat noch nicht erneuert wurde, und ob der Mailserver das neue geladen hat.",
    ..Definition::BARE
};

/// [`Check::CertRenewal`]: certificates of six days and of a year are due for renewal at the same share of their time.
pub(in crate::receiving::checks) fn renewal(evidence: &Evidence, now: Timestamp) -> Vec<Finding> {
    each_address(Check::CertRenewal, evidence, |_, server| match chains(evidence, server) {
        Err(measured) => measured.into(),
        Ok(chains) => {
            let least = chains.iter().map(|chain| percent_left(chain.leaf().1, now)).min().unwrap_or(0);
            let said = match unseen_certificate(evidence, server) {
                Some(why) if least > 0 => Said::inconclusive(why),
                _ => Said::count(least),
            };
            let until = |chain: &Chain<'_>| {
                let (_, leaf) = chain.leaf();
                format!("from {} until {}", leaf.not_before, leaf.not_after)
            };
            let rows = chains.iter().map(|chain| format!("{}: {}", chain.title(), until(chain)));
            said.details(rows).seen(chains.iter().map(|chain| chain.own(&until(chain))))
        }
    })
}

/// What is left of a certificate's lifetime, in percent: at least one as long as it holds, and 100 before it begins.
fn percent_left(certificate: &Certificate, now: Timestamp) -> u32 {
    let left_s = certificate.not_after.as_second() - now.as_second();
    let whole_s = certificate.not_after.as_second() - certificate.not_before.as_second();
    if left_s <= 0 || whole_s <= 0 {
        return 0;
    }
    u32::try_from((left_s.saturating_mul(100) / whole_s).clamp(1, 100)).unwrap_or(100)
}
