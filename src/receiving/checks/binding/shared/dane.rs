//! DANE (RFC 7672, RFC 7671): the records of a host as a sender takes them.

use crate::receiving::checks::{Inapplicable, Measured, Unknown, Word, lines};
use crate::shared::evidence::Security;
use crate::shared::evidence::scan::{
    Broken, Evidence, LookupResult, MxHost, NameAnswer, NameFailure, TlsaNames,
};
use crate::shared::policy::Tlsa;

/// What decides how a sender takes the records of a host: the answer at the expanded name and, where that has none, the
/// one at the original; and the addresses, where it is they that are not signed.
pub(in crate::receiving::checks) fn seen(mx: &MxHost) -> Vec<String> {
    let counts = counting(&mx.tlsa);
    let before = mx.tlsa.expanded.iter().filter(|expanded| !std::ptr::eq(*expanded, counts));
    let unsigned = [&mx.a, &mx.aaaa].into_iter().filter(|looked| address_is_insecure(looked));
    let unsigned = unsigned.filter(|_| matches!(state(mx), Ok(Word::Insecure) | Err(_)));
    let answers = before.flat_map(lines::of).chain(lines::of(counts));
    answers.chain(unsigned.flat_map(lines::of)).collect()
}

/// The records that a sender takes from a host, each once; otherwise why it takes none.
pub(in crate::receiving::checks) fn published(mx: &MxHost) -> Result<Vec<&Tlsa>, Measured> {
    match state(mx) {
        Ok(Word::Present) => {
            let mut records: Vec<&Tlsa> = Vec::new();
            for record in counting(&mx.tlsa).records() {
                if !records.contains(&record) {
                    records.push(record);
                }
            }
            Ok(records)
        }
        Ok(Word::Absent | Word::Unproven) => Err(Measured::NotApplicable { why: Inapplicable::NoRecord }),
        Ok(Word::Insecure) => Err(Measured::NotApplicable { why: Inapplicable::Unsigned }),
        Ok(_) => Err(Measured::Inconclusive { why: Unknown::DnsBogus }),
        Err(why) => Err(Measured::Inconclusive { why }),
    }
}

/// Why there may be records that are not among those: some were left out.
pub(in crate::receiving::checks) fn cut(evidence: &Evidence, mx: &MxHost) -> Option<Unknown> {
    lines::cut(evidence, counting(&mx.tlsa))
}

/// What a sender makes of a host's TLSA records, as a word of [`Check::Tlsa`].
pub(in crate::receiving::checks) fn state(mx: &MxHost) -> Result<Word, Unknown> {
    let looked = counting(&mx.tlsa);
    match &looked.answer {
        NameAnswer::Records { .. } => match looked.weakest() {
            Security::Secure if [&mx.a, &mx.aaaa].into_iter().any(address_is_insecure) => Ok(Word::Insecure),
            Security::Secure => Ok(Word::Present),
            Security::Insecure => Ok(Word::Insecure),
            Security::Bogus => Ok(Word::Bogus),
            Security::Indeterminate => Err(Unknown::DnsIndeterminate),
        },
        NameAnswer::NoData | NameAnswer::NoName => match looked.weakest() {
            Security::Secure | Security::Insecure => Ok(Word::Absent),
            Security::Bogus => Ok(Word::Unproven),
            Security::Indeterminate => Err(Unknown::DnsIndeterminate),
        },
        NameAnswer::Failed { failure: NameFailure::Bogus } => match &looked.broken {
            Some(Broken::NoProof) => Ok(Word::Unproven),
            _ => Ok(Word::Bogus),
        },
        // A sender must not read a failure as "none" (RFC 7672 §2.1.2), and neither do we.
        NameAnswer::Failed { .. } | NameAnswer::NotAsked => {
            Err(lines::unknown(looked).unwrap_or(Unknown::DnsFailed))
        }
    }
}

/// The look-up that decides: at the expanded name, unless that is known to have no records (RFC 7672 §2.2.3).
fn counting(names: &TlsaNames) -> &LookupResult<Tlsa> {
    match &names.expanded {
        Some(expanded) if !expanded.denied() || expanded.weakest() == Security::Bogus => expanded,
        _ => &names.original,
    }
}

/// Whether addresses come without a signature, and through no alias: then a sender does not ask for TLSA
/// (RFC 7672 §2.2.2). Behind an alias the name before it counts, too.
fn address_is_insecure(looked: &LookupResult<std::net::IpAddr>) -> bool {
    looked.hops.is_empty() && !looked.records().is_empty() && looked.security == Security::Insecure
}
