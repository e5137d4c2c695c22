//! Which names the certificates of ruled cases carry.

use std::collections::BTreeSet;

use crate::sending::identities::pool::Group;
use crate::sending::persona::{Addresses, CaseCertificate, Catalogue, PolicyDefect, RuledCase, Suite};
use crate::sending::trial::{CaseName, HostRole, Label, Part};

/// The ruled cases that are offered: those of the first suite before all others.
pub(super) fn offered<'a>(catalogue: &'a Catalogue, addresses: &Addresses) -> Vec<&'a RuledCase> {
    let mut cases: Vec<_> = catalogue.ruled_cases().filter(|case| addresses.offers(case)).collect();
    cases.sort_by_key(|case| case.suite != Suite::First);
    cases
}

/// The hosts of a case that show a certificate. The sound one is what is left of any case when a trial is over.
pub(super) fn roles(case: &RuledCase) -> impl Iterator<Item = HostRole> {
    let has_bad = case.roles().contains(&HostRole::Bad);
    HostRole::ALL.into_iter().filter(move |role| has_bad || *role == HostRole::Good)
}

/// The names of a host: the permanent one, and a wildcard for those of trials.
pub(super) fn of_host(catalogue: &Catalogue, case: &RuledCase, role: HostRole) -> Vec<String> {
    let alias = (case.host_at(Part::Alias) == Some(role)).then_some(Part::Alias);
    let parts = [case.part_of(role)].into_iter().chain(alias);
    let name = |part| CaseName { case: case.id.0.clone(), label: None, part }.under(catalogue.origin());
    parts.map(name).flat_map(|name| [format!("*.{name}"), name]).collect()
}

/// A name that no host has.
pub(super) fn of_nobody(catalogue: &Catalogue) -> String {
    format!("elsewhere.{}", catalogue.origin())
}

/// The names of the policy hosts of a case: the permanent one, and those of the pool.
pub(super) fn of_policy_host(catalogue: &Catalogue, case: &RuledCase, pool_labels: u32) -> Vec<String> {
    let Some(policy) = &case.mta_sts else { return Vec::new() };
    let name = |label: Option<Label>| {
        CaseName { case: case.id.0.clone(), label, part: Part::PolicyHost }.under(catalogue.origin())
    };
    if policy.defect == Some(PolicyDefect::AtParent) {
        return vec![name(None)];
    }
    let pool = (1..=pool_labels).map(|number| name(Some(Label::of_pool(number))));
    std::iter::once(name(case.fixed_label.clone())).chain(pool).collect()
}

/// Whether a public CA can look at the names of a case: what is bogus it does not believe.
pub(super) fn is_certifiable(case: &RuledCase) -> bool {
    !case.zone.is_bogus()
}

/// What is to be ordered from a public CA. The names of a host are in one certificate, so that they have one key; the two hosts
/// of a case never are, since a sender may take any listed name in a certificate for the host's.
pub(in crate::sending::identities) fn groups(
    catalogue: &Catalogue,
    addresses: &Addresses,
    pool_labels: u32,
) -> Vec<Group> {
    let offered = offered(catalogue, addresses);
    let nobody = of_nobody(catalogue);
    let hosts_of = |case: &&RuledCase, role| of_host(catalogue, case, role);
    let wants = |case: &RuledCase, role| {
        let wanted = roles(case).any(|one| one == role) && is_certifiable(case);
        wanted && case.host(role).certificate == CaseCertificate::PublicCa
    };
    let mut groups = Vec::new();
    for role in [HostRole::Good, HostRole::Bad] {
        let other = if role == HostRole::Good { HostRole::Bad } else { HostRole::Good };
        for case in offered.iter().filter(|case| wants(case, role)) {
            let apart = hosts_of(case, other).into_iter().chain([nobody.clone()]);
            groups.push(Group { names: hosts_of(case, role), apart: apart.collect() });
        }
    }
    let is_other = |case: &&&RuledCase| case.bad.certificate == CaseCertificate::OtherName;
    let hosts: BTreeSet<String> = offered
        .iter()
        .flat_map(|case| HostRole::ALL.into_iter().flat_map(move |role| hosts_of(case, role)))
        .collect();
    if offered.iter().any(|case| is_other(&case)) {
        groups.push(Group { names: vec![nobody], apart: hosts.into_iter().collect() });
    }
    let policy = offered.iter().filter(|case| is_certifiable(case) && !has_bad_certificate(case));
    let policy_hosts = policy.flat_map(|case| of_policy_host(catalogue, case, pool_labels));
    groups.extend(policy_hosts.map(|name| Group { names: vec![name], apart: Vec::new() }));
    groups
}

/// Whether the certificate of its policy host is at fault.
pub(super) fn has_bad_certificate(case: &RuledCase) -> bool {
    case.mta_sts.as_ref().is_some_and(|policy| policy.defect == Some(PolicyDefect::BadCertificate))
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use super::*;
    use crate::sending::persona::CatalogueFiles;

    /// A sender may take any listed name in a certificate for the host's: what a public CA issues must not make a faulty host
    /// sound.
    #[test]
    fn no_group_has_names_of_both_hosts_and_each_is_kept_from_the_other() {
        let catalogue = CatalogueFiles::embedded().catalogue("example.org").expect("it fits");
        let entrances: Vec<IpAddr> = (1..=13).map(|n| Ipv4Addr::new(127, 0, 1, n).into()).collect();
        let addresses = Addresses::default().with_entrances(&entrances);
        let groups = groups(&catalogue, &addresses, 2);
        let of = |name: &str| {
            groups.iter().find(|group| group.names.iter().any(|own| own == name)).expect("a group")
        };
        let (good, bad) = (of("good.sts-unlisted.example.org"), of("*.bad.sts-unlisted.example.org"));
        assert!(bad.names.iter().all(|name| good.apart.contains(name)));
        assert!(good.names.iter().all(|name| bad.apart.contains(name)));
        let other = of("elsewhere.example.org");
        assert!(other.apart.contains(&"bad.sts-badcert-name.example.org".to_owned()));
        assert!(good.apart.contains(&"elsewhere.example.org".to_owned()));
        let names: Vec<_> = groups.iter().flat_map(|group| &group.names).collect();
        for none in
            ["bad.bogus-ds.example.org", "bad.none.example.org", "mta-sts.sts-host-badcert.example.org"]
        {
            assert!(!names.iter().any(|name| *name == none), "{none}");
        }
        for one in
            ["mta-sts.p0002.sts-good.example.org", "*.alias.alias-mx.example.org", "implicit-mx.example.org"]
        {
            assert!(names.iter().any(|name| *name == one), "{one}");
        }
        let first = groups.first().map(|group| group.names.clone());
        assert!(
            first.is_some_and(|names| names[1] == "good.both-conflict.example.org"),
            "the first suite is first"
        );
    }
}
