//! How long certificates hold, and in which order they come.

use jiff::Timestamp;

use super::chains::{Chain, chains, title};
use crate::receiving::checks::check::Check;
use crate::receiving::checks::finding::{Finding, Word};
use crate::receiving::checks::subjects::{Said, each_address};
use crate::receiving::checks::tls::unseen_certificate;
use crate::shared::evidence::scan::{Certificate, Evidence};

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

/// [`Check::ChainOrder`] (RFC 5246 §7.4.2: each certificate certifies the one before it, the root may be left out). What
/// no path needs and is over harms clients of old all the same, which look no further than for the first path.
pub(in crate::receiving::checks) fn chain_order(evidence: &Evidence, now: Timestamp) -> Vec<Finding> {
    each_address(Check::ChainOrder, evidence, |_, server| match chains(evidence, server) {
        Err(measured) => measured.into(),
        Ok(chains) => {
            let misordered = chains.iter().any(|chain| !chain.examined.ordered);
            let said = match unseen_certificate(evidence, server) {
                _ if misordered => Said::is(Word::Misordered),
                _ if over(&chains, now).next().is_some() => Said::is(Word::Expired),
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
            let over = over(&chains, now)
                .map(|(chain, sent)| chain.line(sent, &format!("until {}, on no path", sent.1.not_after)));
            said.details(rows).seen(lines).seen(over)
        }
    })
}

/// The certificates that no path goes over and whose time is over.
fn over<'c, 'a>(
    chains: &'c [Chain<'a>],
    now: Timestamp,
) -> impl Iterator<Item = (&'c Chain<'a>, (&'a str, &'a Certificate))> {
    let spare = |chain: &'c Chain<'a>| chain.spare().into_iter().map(move |sent| (chain, sent));
    chains.iter().flat_map(spare).filter(move |(_, sent)| sent.1.not_after < now)
}
