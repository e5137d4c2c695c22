//! How long certificates hold, and in which order they come.

use jiff::Timestamp;

use super::chains::{Chain, chains, title};
use crate::evidence::scan::{Certificate, Evidence};
use crate::verdict::receiving::check::Check;
use crate::verdict::receiving::finding::{Finding, Word};
use crate::verdict::receiving::subjects::{Said, each_address};
use crate::verdict::receiving::tls::unseen_certificate;

const SECONDS_A_DAY: i64 = 86_400;

/// [`Check::CertExpiry`]: days begun count, so that 0 means over.
pub(in crate::verdict::receiving) fn expiry(evidence: &Evidence, now: Timestamp) -> Vec<Finding> {
    each_address(Check::CertExpiry, evidence, |_, server| match chains(evidence, server) {
        Err(measured) => measured.into(),
        Ok(chains) => {
            let all: Vec<_> = chains.iter().flat_map(Chain::without_root).collect();
            let first = all.iter().map(|(_, certificate)| certificate.not_after).min().unwrap_or(now);
            let left_s = first.as_second() - now.as_second();
            let days = u32::try_from(left_s.max(0).div_euclid(SECONDS_A_DAY)).unwrap_or(u32::MAX);
            let begun = u32::from(left_s > 0 && left_s % SECONDS_A_DAY != 0);
            let mut rows: Vec<_> =
                all.iter().map(|sent| format!("{}: {}", title(**sent), sent.1.not_after)).collect();
            rows.dedup();
            let said = match unseen_certificate(evidence, server) {
                Some(why) if left_s > 0 => Said::inconclusive(why),
                _ => Said::count(days.saturating_add(begun)),
            };
            let lines = chains.iter().flat_map(|chain| {
                let until =
                    |sent: &(&str, &Certificate)| chain.line(*sent, &format!("until {}", sent.1.not_after));
                chain.without_root().iter().map(until).collect::<Vec<_>>()
            });
            said.details(rows).seen(lines)
        }
    })
}

/// [`Check::ChainOrder`] (RFC 5246 §7.4.2: each certificate certifies the one before it, the root may be left out).
pub(in crate::verdict::receiving) fn chain_order(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    each_address(Check::ChainOrder, evidence, |_, server| match chains(evidence, server) {
        Err(measured) => measured.into(),
        Ok(chains) => {
            let misordered = chains.iter().any(|chain| !chain.examined.ordered);
            let said = match unseen_certificate(evidence, server) {
                _ if misordered => Said::is(Word::Misordered),
                Some(why) => Said::inconclusive(why),
                None if chains.iter().any(Chain::sends_root) => Said::is(Word::RootSent),
                None => Said::is(Word::Ordered),
            };
            let rows = chains.iter().flat_map(|chain| {
                let sent = chain.certificates.iter().enumerate();
                sent.map(|(n, (_, certificate))| {
                    format!("{n}: {} < {}", certificate.subject, certificate.issuer)
                })
            });
            let lines = chains.iter().flat_map(|chain| {
                let issued = |sent: &(&str, &Certificate)| chain.line(*sent, &format!("< {}", sent.1.issuer));
                chain.certificates.iter().map(issued).collect::<Vec<_>>()
            });
            said.details(rows).seen(lines)
        }
    })
}
