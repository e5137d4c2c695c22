//! Whether announcements are valid.

use jiff::Timestamp;

use super::super::check::Check;
use super::super::finding::{Finding, Word};
use super::super::subjects::{Said, domain};
use super::group::group;
use crate::shared::evidence::scan::{Evidence, Purpose, Rpki};

/// Of the MX hosts.
pub(in super::super) fn mx_rpki_valid(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    domain(Check::MxRpkiValid, evidence, valid(evidence, Purpose::Mx))
}

/// Of the domain's name servers.
pub(in super::super) fn ns_rpki_valid(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    domain(Check::NsRpkiValid, evidence, valid(evidence, Purpose::NameServer))
}

/// Of the name servers of the MX hosts' zones.
pub(in super::super) fn mx_ns_rpki_valid(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    domain(Check::MxNsRpkiValid, evidence, valid(evidence, Purpose::MxNameServer))
}

/// One invalid announcement is enough; that all are valid is said only of all.
fn valid(evidence: &Evidence, purpose: Purpose) -> Said {
    let group = match group(evidence, purpose) {
        Ok(group) => group,
        Err(said) => return said,
    };
    let any = |wanted: Rpki| group.routed.iter().flatten().any(|rpki| *rpki == wanted);
    let said = if any(Rpki::Invalid) {
        Said::is(Word::Invalid)
    } else if let Some(why) = group.unknown {
        Said::inconclusive(why)
    } else if any(Rpki::NotFound) {
        Said::is(Word::NotFound)
    } else {
        Said::is(if group.routed.is_empty() { Word::Unrouted } else { Word::Valid })
    };
    group.detailed(said)
}

#[cfg(test)]
mod tests {
    use super::super::super::finding::{Inapplicable, Unknown};
    use super::super::super::tests::sample::{self, Bent, inconclusive, is, not_applicable};
    use super::*;
    use crate::shared::evidence::scan::Origin;

    #[test]
    fn words() {
        let cases: Vec<(Bent, _)> = vec![
            (|_| {}, is(Word::Valid)),
            (|e| e.networks[3].origins[0].rpki = Some(Rpki::NotFound), is(Word::NotFound)),
            (
                |e| {
                    e.networks[0].origins.push(Origin { asn: 64501, rpki: Some(Rpki::Invalid) });
                    e.networks[1].routed = None;
                },
                is(Word::Invalid),
            ),
            (
                |e| {
                    e.networks.iter_mut().for_each(|network| {
                        network.routed = Some(false);
                        network.origins.clear();
                    });
                },
                is(Word::Unrouted),
            ),
            (
                |e| {
                    e.networks[0].routed = Some(false);
                    e.networks[0].origins.clear();
                },
                is(Word::Valid),
            ),
            (|e| e.networks[0].origins[0].rpki = None, inconclusive(Unknown::NoSource)),
            (|e| e.networks[0].origins.clear(), inconclusive(Unknown::NoSource)),
            (
                |e| {
                    e.networks[0].routed = None;
                    e.networks[0].failed = true;
                },
                inconclusive(Unknown::SourceFailed),
            ),
            (|e| e.networks.clear(), inconclusive(Unknown::NoSource)),
        ];
        for check in [mx_rpki_valid, ns_rpki_valid, mx_ns_rpki_valid] {
            sample::check_all(check, cases.clone());
        }
        let null: Bent = sample::null_mx;
        for check in [mx_rpki_valid, mx_ns_rpki_valid] {
            sample::check_all(check, vec![(null, not_applicable(Inapplicable::NoMail))]);
        }
    }

    #[test]
    fn networks_are_told_with_their_names_and_announcements() {
        let finding = &mx_rpki_valid(&sample::perfect(), sample::now())[0];
        assert_eq!(finding.details[0], "192.0.2.0/24 EXAMPLE, Example Ltd, NL: 192.0.2.1");
        assert_eq!(finding.evidence[0], "ROUTE 192.0.2.0/24 AS64500: valid (192.0.2.1)");
    }
}
