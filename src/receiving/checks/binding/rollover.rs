//! What becomes of TLSA records when key or certificate change.

use jiff::{SignedDuration, Timestamp};

use super::dane::{self, published};
use super::dane_match::{Shown, compare, matched, shown};
use crate::receiving::checks::certificate::Chain;
use crate::receiving::checks::check::Check;
use crate::receiving::checks::finding::{Finding, Inapplicable, Measured, Word};
use crate::receiving::checks::subjects::{Said, each_host};
use crate::receiving::checks::tls::unasked;
use crate::shared::evidence::scan::{Certificate, Evidence, MxHost, Path};
use crate::shared::policy::Tlsa;

/// [`Check::TlsaRollover`] (RFC 7671 §8): two keys, of which one may be the next, or an issuer. Several records of one
/// key are no second key, and a record of an authority that issued nothing here is none of the issuer.
pub(in crate::receiving::checks) fn rollover(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    each_host(Check::TlsaRollover, evidence, |mx| match published(mx) {
        Err(measured) => Said::from(measured).seen(dane::seen(mx)),
        Ok(records) => {
            let Shown { sent, missing } = shown(evidence, mx);
            let usable: Vec<&Tlsa> = records.iter().filter(|record| record.usable()).copied().collect();
            let said = if scheme(&usable, &sent) {
                Said::is(Word::Present)
            } else if let Some(why) = dane::cut(evidence, mx) {
                Said::inconclusive(why)
            } else {
                match missing {
                    // One record is one key, whatever the host shows.
                    Some(measured) if usable.len() > 1 => {
                        Said::from(measured).seen(evidence.servers_of(&mx.host).flat_map(unasked))
                    }
                    _ => Said::is(Word::Absent),
                }
            };
            said.details(records.iter().map(|record| record.to_string()))
                .seen(dane::seen(mx))
                .seen(compared(&usable, &sent))
        }
    })
}

fn compared(records: &[&Tlsa], sent: &[Chain<'_>]) -> Vec<String> {
    let of = |chain: &Chain<'_>| {
        records.iter().map(|record| chain.own(&compare(record, chain))).collect::<Vec<_>>()
    };
    sent.iter().flat_map(of).collect()
}

fn scheme(usable: &[&Tlsa], sent: &[Chain<'_>]) -> bool {
    let of_key = |record: &&&Tlsa| record.usage == 3;
    // Digests of one kind that differ are of different keys, whether or not they are in use.
    let alike = |record: &Tlsa| {
        let same = |other: &&&Tlsa| other.selector == 1 && other.matching == record.matching;
        usable.iter().filter(of_key).filter(same).count()
    };
    let two_keys = usable.iter().filter(of_key).any(|record| record.selector == 1 && alike(record) > 1);
    let mut leaves: Vec<&str> = Vec::new();
    let mut further = false;
    for record in usable.iter().filter(of_key) {
        let fitting = sent.iter().filter(|chain| matched(record, chain)).map(|chain| chain.leaf().0);
        let fitting: Vec<&str> = fitting.collect();
        further |= fitting.is_empty();
        leaves.extend(fitting);
    }
    leaves.sort_unstable();
    leaves.dedup();
    let issuer = |chain: &Chain<'_>| usable.iter().any(|record| record.usage == 2 && matched(record, chain));
    two_keys
        || !leaves.is_empty() && leaves.len() + usize::from(further) > 1
        || !sent.is_empty() && sent.iter().all(issuer)
}

/// A certificate that holds no longer is renewed by a program; in days.
const SHORT_LIVED_DAYS_MAX: i64 = 100;
/// The lifetime up to which half of it is left at a renewal, and not a third; in days.
const HALVED_DAYS_MAX: i64 = 10;

/// [`Check::TlsaRenewal`]: what the next renewal of a short-lived certificate of a public authority does to the records
/// that fit it now.
pub(in crate::receiving::checks) fn renewal(evidence: &Evidence, now: Timestamp) -> Vec<Finding> {
    each_host(Check::TlsaRenewal, evidence, |mx| match published(mx) {
        Err(measured) => Said::from(measured).seen(dane::seen(mx)),
        Ok(records) => {
            let usable: Vec<&Tlsa> = records.iter().filter(|record| record.usable()).copied().collect();
            forecast(evidence, mx, &usable, now).seen(dane::seen(mx))
        }
    })
}

fn forecast(evidence: &Evidence, mx: &MxHost, usable: &[&Tlsa], now: Timestamp) -> Said {
    let Shown { sent, missing } = shown(evidence, mx);
    let renewed: Vec<_> = sent.iter().filter(|chain| is_renewed(chain)).collect();
    let spare = |record: &&&Tlsa| record.usage == 3 && !sent.iter().any(|chain| matched(record, chain));
    let further = usable.iter().any(|record| spare(&record));
    let fates = renewed.iter().filter_map(|chain| {
        let fitting = || usable.iter().filter(|record| matched(record, chain));
        fitting().next()?;
        let word = if further || fitting().any(|record| record.usage == 2) {
            Word::Survives
        } else if fitting().any(|record| record.selector == 1) {
            Word::Depends
        } else {
            Word::Lapses
        };
        Some((word, expected(chain.leaf().1, now), *chain))
    });
    let mut fates: Vec<_> = fates.collect();
    let rank = |word: &Word| match word {
        Word::Lapses => 0,
        Word::Depends => 1,
        _ => 2,
    };
    fates.sort_by_key(|(word, at, _)| (rank(word), *at));
    let inconclusive = missing.filter(|measured| matches!(measured, Measured::Inconclusive { .. }));
    let said = match (fates.first(), inconclusive) {
        (Some((word @ (Word::Lapses | Word::Depends), ..)), _) => {
            dane::cut(evidence, mx).map_or(Said::is(*word), Said::inconclusive)
        }
        (_, Some(measured)) => Said::from(measured).seen(evidence.servers_of(&mx.host).flat_map(unasked)),
        (Some((word, ..)), None) => Said::is(*word),
        (None, None) if renewed.is_empty() => Said::not_applicable(Inapplicable::NoRenewal),
        (None, None) => {
            dane::cut(evidence, mx).map_or(Said::not_applicable(Inapplicable::NoneFits), Said::inconclusive)
        }
    };
    let rows = fates.iter().map(|(_, at, chain)| format!("{}: {}", at.strftime("%Y-%m-%d"), chain.title()));
    let lines = sent.iter().map(|chain| {
        let (_, leaf) = chain.leaf();
        chain.own(&format!("from {} until {}", leaf.not_before, leaf.not_after))
    });
    said.details(rows).seen(lines).seen(compared(usable, &sent))
}

/// Whether a program may be expected to renew it: an authority issued it, for a short time.
fn is_renewed(chain: &Chain<'_>) -> bool {
    let short = lifetime(chain.leaf().1) <= SignedDuration::from_hours(24 * SHORT_LIVED_DAYS_MAX);
    short && matches!(chain.examined.path, Path::Trusted { .. })
}

fn lifetime(certificate: &Certificate) -> SignedDuration {
    certificate.not_after.duration_since(certificate.not_before)
}

/// When a certificate is renewed, as clients of ACME do by default: with a third of its time left, of those of a few
/// days with half; at its end, where that is over.
fn expected(certificate: &Certificate, now: Timestamp) -> Timestamp {
    let whole = lifetime(certificate);
    let left = if whole <= SignedDuration::from_hours(24 * HALVED_DAYS_MAX) { whole / 2 } else { whole / 3 };
    let at = certificate.not_after.saturating_sub(left).unwrap_or(certificate.not_after);
    if at > now { at } else { certificate.not_after }
}
