//! Whether there are ROAs.

use jiff::Timestamp;

use super::super::check::Check;
use super::super::finding::{Finding, Inapplicable, Word};
use super::super::subjects::{Said, domain};
use super::group::group;
use crate::shared::evidence::scan::{Evidence, Purpose, Rpki};

/// Of the MX hosts.
pub(in super::super) fn mx_rpki_exists(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    domain(Check::MxRpkiExists, evidence, exists(evidence, Purpose::Mx))
}

/// Of the domain's name servers.
pub(in super::super) fn ns_rpki_exists(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    domain(Check::NsRpkiExists, evidence, exists(evidence, Purpose::NameServer))
}

/// Of the name servers of the MX hosts' zones.
pub(in super::super) fn mx_ns_rpki_exists(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    domain(Check::MxNsRpkiExists, evidence, exists(evidence, Purpose::MxNameServer))
}

/// A ROA covers a prefix if an announcement of it is either valid or invalid (RFC 6811 §2). What is not routed needs
/// none.
fn exists(evidence: &Evidence, purpose: Purpose) -> Said {
    let group = match group(evidence, purpose) {
        Ok(group) => group,
        Err(said) => return said,
    };
    let covered = |origins: &&Vec<Rpki>| origins.iter().any(|rpki| *rpki != Rpki::NotFound);
    let with = group.routed.iter().filter(covered).count();
    let said = match (with, group.routed.len() - with, group.unknown) {
        (1.., 1.., _) => Said::is(Word::Partly),
        (_, _, Some(why)) => Said::inconclusive(why),
        (0, 0, None) => Said::not_applicable(Inapplicable::NoAddress),
        (0, 1.., None) => Said::is(Word::Absent),
        (1.., 0, None) => Said::is(Word::All),
    };
    group.detailed(said)
}

#[cfg(test)]
mod tests {
    use super::super::super::finding::Unknown;
    use super::super::super::tests::sample::{self, Bent, inconclusive, is, not_applicable};
    use super::*;

    fn set(evidence: &mut Evidence, rpki: Option<Rpki>) {
        for network in &mut evidence.networks {
            network.origins.iter_mut().for_each(|origin| origin.rpki = rpki);
        }
    }

    #[test]
    fn words() {
        let cases: Vec<(Bent, _)> = vec![
            (|_| {}, is(Word::All)),
            (|e| set(e, Some(Rpki::Invalid)), is(Word::All)),
            (|e| e.networks[0].origins[0].rpki = Some(Rpki::NotFound), is(Word::Partly)),
            (|e| set(e, Some(Rpki::NotFound)), is(Word::Absent)),
            (
                |e| {
                    set(e, Some(Rpki::NotFound));
                    e.networks[0].routed = Some(false);
                    e.networks[0].origins.clear();
                },
                is(Word::Absent),
            ),
            (
                |e| {
                    e.networks.iter_mut().for_each(|network| {
                        network.routed = Some(false);
                        network.origins.clear();
                    });
                },
                not_applicable(Inapplicable::NoAddress),
            ),
            (|e| set(e, None), inconclusive(Unknown::NoSource)),
            (|e| e.networks.clear(), inconclusive(Unknown::NoSource)),
            (
                |e| {
                    set(e, None);
                    e.networks.iter_mut().for_each(|network| network.failed = true);
                },
                inconclusive(Unknown::SourceFailed),
            ),
            (|e| e.networks[0].routed = None, inconclusive(Unknown::NoSource)),
            (|e| drop(e.networks.remove(0)), inconclusive(Unknown::Cut)),
        ];
        for check in [mx_rpki_exists, ns_rpki_exists, mx_ns_rpki_exists] {
            sample::check_all(check, cases.clone());
        }
    }

    #[test]
    fn groups_without_addresses() {
        let no_mail = || not_applicable(Inapplicable::NoMail);
        let null: Bent = sample::null_mx;
        sample::check_all(mx_rpki_exists, vec![(null, no_mail())]);
        sample::check_all(mx_ns_rpki_exists, vec![(null, no_mail())]);
        sample::check_all(ns_rpki_exists, vec![(null, is(Word::All))]);
        let nobody: Bent = |e| {
            e.names.name_servers.clear();
            sample::times_out(&mut e.names.ns);
        };
        sample::check_all(ns_rpki_exists, vec![(nobody, inconclusive(Unknown::DnsFailed))]);
        let failed: Bent = |e| {
            e.servers.clear();
            sample::breaks(&mut e.mx[0].a);
        };
        sample::check_all(mx_rpki_exists, vec![(failed, inconclusive(Unknown::DnsBogus))]);
    }
}
