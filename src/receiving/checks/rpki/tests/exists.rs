//! Whether there are ROAs.

use crate::receiving::checks::rpki::mx_exists::mx_rpki_exists;
use crate::receiving::checks::rpki::mx_ns_exists::mx_ns_rpki_exists;
use crate::receiving::checks::rpki::ns_exists::ns_rpki_exists;
use crate::receiving::checks::tests::sample::{self, Bent, inconclusive, is, not_applicable};
use crate::receiving::checks::{Inapplicable, Unknown, Word};
use crate::shared::evidence::scan::{Evidence, Rpki};

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
