//! Whether the domain is signed and validates, and the state of its MX records.

use jiff::Timestamp;

use super::super::check::Check;
use super::super::finding::{Finding, Inapplicable, Unknown, Word};
use super::super::lines::{self, unknown_after};
use super::super::subjects::{Said, domain};
use super::state::{own_state, state, word};
use crate::shared::evidence::Security;
use crate::shared::evidence::scan::Evidence;

/// How the domain stands, by its SOA, DS and DNSKEY.
enum Standing {
    /// A chain of trust reaches it.
    Secure,
    /// It is broken.
    Bogus,
    /// The parent vouches for keys that validators do not support, and so for nothing (RFC 4035 §5.2).
    Unsupported,
    /// The parent vouches for keys that we do not support, and others do.
    BeyondUs,
    /// There are keys, and no chain of trust to them: the DS is missing, or the parent is not signed.
    Island,
    /// It is not signed.
    Unsigned,
}

fn standing(evidence: &Evidence) -> Result<Standing, Unknown> {
    let names = &evidence.names;
    let is_delegated = !names.ds.records().is_empty() && names.ds.weakest() == Security::Secure;
    let soa = match state(&names.soa) {
        Err(Unknown::DnsAlgorithm) if is_delegated => return Ok(Standing::BeyondUs),
        soa => soa?,
    };
    Ok(match soa {
        Security::Secure => Standing::Secure,
        Security::Bogus => Standing::Bogus,
        Security::Indeterminate => return Err(Unknown::DnsIndeterminate),
        Security::Insecure if names.ds.records().is_empty() && !names.ds.denied() => {
            return Err(unknown_after(&names.ds, &names.soa).unwrap_or(Unknown::Cut));
        }
        Security::Insecure if is_delegated => Standing::Unsupported,
        Security::Insecure if !names.keys.records().is_empty() => Standing::Island,
        Security::Insecure => Standing::Unsigned,
    })
}

fn seen(evidence: &Evidence) -> Vec<String> {
    let names = &evidence.names;
    [lines::of(&names.soa), lines::of(&names.ds), lines::of(&names.keys)].concat()
}

/// Keys that nobody vouches for do not count: no validator looks at them.
pub(in super::super) fn domain_signed(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    let said = match standing(evidence) {
        Ok(Standing::Secure | Standing::Bogus | Standing::Unsupported | Standing::BeyondUs) => {
            Said::is(Word::Present)
        }
        Ok(Standing::Island | Standing::Unsigned) => Said::is(Word::Absent),
        Err(why) => Said::inconclusive(why),
    };
    let registrar = evidence.registrar.iter().map(|registrar| format!("{}: {registrar}", evidence.domain));
    let said = said.details(evidence.names.zone.clone()).details(registrar);
    domain(Check::DomainSigned, evidence, said.seen(seen(evidence)))
}

/// An island is insecure; of an unsigned domain the question does not arise.
pub(in super::super) fn domain_valid(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    let said = match standing(evidence) {
        Ok(Standing::Secure) => Said::is(Word::Secure),
        Ok(Standing::Bogus) => Said::is(Word::Bogus),
        Ok(Standing::Unsupported) => Said::is(Word::Unsupported),
        Ok(Standing::BeyondUs) => Said::inconclusive(Unknown::DnsAlgorithm),
        Ok(Standing::Island) => Said::is(Word::Insecure),
        Ok(Standing::Unsigned) => Said::not_applicable(Inapplicable::Unsigned),
        Err(why) => Said::inconclusive(why),
    };
    let names = &evidence.names;
    let broken = [lines::broken(&names.soa), lines::broken(&names.ds), lines::broken(&names.keys)];
    let said = said.details(broken.into_iter().flatten()).details(lines::extended(&names.soa));
    domain(Check::DomainValid, evidence, said.seen(seen(evidence)))
}

/// The state of the MX RRset, or of its denial: without it nobody knows that the hosts are the right ones
/// (RFC 7672 §2.2.1).
pub(in super::super) fn mx_rrset(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    let mx = &evidence.names.mx;
    let own = own_state(mx);
    let said = word(state(mx));
    let said = match own {
        Ok(own) if !mx.hops.is_empty() => said.detail(format!("{}: {}", evidence.domain, lines::state(own))),
        _ => said,
    };
    let said = said.details(lines::broken(mx)).details(lines::extended(mx));
    domain(Check::MxRrset, evidence, said.seen(lines::of(mx)))
}

#[cfg(test)]
mod tests {
    use super::super::super::tests::sample::{self, Bent, inconclusive, is, not_applicable};
    use super::*;
    use crate::shared::evidence::scan::{Broken, Hop, NameAnswer};

    fn insecure(evidence: &mut Evidence) {
        let names = &mut evidence.names;
        sample::unsigned(&mut names.soa);
        sample::unsigned(&mut names.keys);
        names.ds.answer = NameAnswer::NoData;
    }

    fn unsigned(evidence: &mut Evidence) {
        insecure(evidence);
        evidence.names.keys.answer = NameAnswer::NoData;
    }

    fn bogus(evidence: &mut Evidence) {
        sample::breaks(&mut evidence.names.soa);
        evidence.names.soa.broken = Some(Broken::Expired { at: sample::in_days(-1) });
    }

    #[test]
    fn words_of_the_domain() {
        let unsupported: Bent = |e| sample::unsigned(&mut e.names.soa);
        let unsigned_parent: Bent = |e| {
            sample::unsigned(&mut e.names.soa);
            sample::unsigned(&mut e.names.ds);
        };
        let beyond_us: Bent = |e| sample::by_ed448(&mut e.names.soa);
        let failed: Bent = |e| sample::times_out(&mut e.names.soa);
        let indeterminate: Bent = |e| sample::indeterminate(&mut e.names.soa);
        let no_ds: Bent = |e| {
            sample::unsigned(&mut e.names.soa);
            sample::times_out(&mut e.names.ds);
        };
        let signed: Vec<(Bent, _)> = vec![
            (|_| {}, is(Word::Present)),
            (bogus, is(Word::Present)),
            (unsupported, is(Word::Present)),
            (beyond_us, is(Word::Present)),
            (insecure, is(Word::Absent)),
            (unsigned_parent, is(Word::Absent)),
            (unsigned, is(Word::Absent)),
            (failed, inconclusive(Unknown::DnsFailed)),
            (no_ds, inconclusive(Unknown::DnsFailed)),
            (indeterminate, inconclusive(Unknown::DnsIndeterminate)),
        ];
        sample::check_all(domain_signed, signed);
        let valid: Vec<(Bent, _)> = vec![
            (|_| {}, is(Word::Secure)),
            (bogus, is(Word::Bogus)),
            (unsupported, is(Word::Unsupported)),
            (beyond_us, inconclusive(Unknown::DnsAlgorithm)),
            (insecure, is(Word::Insecure)),
            (unsigned_parent, is(Word::Insecure)),
            (unsigned, not_applicable(Inapplicable::Unsigned)),
            (failed, inconclusive(Unknown::DnsFailed)),
            (indeterminate, inconclusive(Unknown::DnsIndeterminate)),
        ];
        sample::check_all(domain_valid, valid);
    }

    #[test]
    fn the_reason_is_among_the_details_and_the_evidence() {
        let mut evidence = sample::perfect();
        bogus(&mut evidence);
        let finding = &domain_valid(&evidence, sample::now())[0];
        let expected = "SOA example.net: RRSIG expired 2026-10-31T00:00:00Z";
        assert_eq!(finding.details, [expected]);
        assert!(finding.evidence.iter().any(|line| line == expected), "{finding:?}");
    }

    #[test]
    fn words_of_the_mx_records() {
        let cases: Vec<(Bent, _)> = vec![
            (|_| {}, is(Word::Secure)),
            (|e| e.names.mx.answer = NameAnswer::NoData, is(Word::Secure)),
            (
                |e| {
                    let hop = sample::hop("example.net", "example.org");
                    e.names.mx.hops = vec![Hop { security: Security::Insecure, ..hop }];
                },
                is(Word::Insecure),
            ),
            (|e| sample::unsigned(&mut e.names.mx), is(Word::Insecure)),
            (|e| sample::breaks(&mut e.names.mx), is(Word::Bogus)),
            (|e| sample::times_out(&mut e.names.mx), inconclusive(Unknown::DnsFailed)),
            (|e| sample::indeterminate(&mut e.names.mx), inconclusive(Unknown::DnsIndeterminate)),
        ];
        sample::check_all(mx_rrset, cases);
    }
}
