//! Whether announcements are valid.

use crate::receiving::checks::rpki::mx_ns_valid::mx_ns_rpki_valid;
use crate::receiving::checks::rpki::mx_valid::mx_rpki_valid;
use crate::receiving::checks::rpki::ns_valid::ns_rpki_valid;
use crate::receiving::checks::tests::sample::{self, Bent, inconclusive, is, not_applicable};
use crate::receiving::checks::{Inapplicable, Unknown, Word};
use crate::shared::evidence::scan::{Origin, Rpki};

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
