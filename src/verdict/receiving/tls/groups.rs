//! Groups and primes of key exchange, and the hashes that sign it.

use jiff::Timestamp;

use super::probe_lines::hellos;
use super::surveyed::{inconclusive, old_version, open, surveyed, unknown};
use super::undecided;
use crate::evidence::TlsVersion;
use crate::evidence::scan::{Depth, Evidence, Known, Survey};
use crate::verdict::receiving::check::Check;
use crate::verdict::receiving::finding::{Finding, Inapplicable, Item, Unknown, Word};
use crate::verdict::receiving::subjects::{Said, each_address};
use crate::verdict::receiving::tables::Tables;

/// [`Check::Groups`].
pub(in crate::verdict::receiving) fn groups(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    each_address(Check::Groups, evidence, |_, server| match surveyed(evidence, server) {
        Err(measured) => measured.into(),
        Ok(survey) => {
            let prime = |dh: &crate::evidence::scan::DhParameters| Item::Prime {
                sha256: dh.sha256.clone(),
                bits: dh.bits,
            };
            let seen: Vec<_> = survey
                .all_groups()
                .into_iter()
                .map(Item::Group)
                .chain(survey.primes.iter().map(prime))
                .collect();
            let complete = evidence.depth == Depth::Full && complete(&survey);
            let open = open(undecided_groups(&survey)).or_else(|| prime_open(&survey));
            if seen.is_empty() && open.is_none() {
                return no_parameter(&survey);
            }
            let rows = seen.iter().filter_map(|item| match item {
                Item::Prime { sha256, bits } => {
                    let name = Tables::embedded().prime(sha256).map_or("-", |(name, _)| name);
                    Some(format!("{name} ({bits} bits, SHA-256 {sha256})"))
                }
                _ => None,
            });
            Said::items(seen.clone(), complete).open(open).details(rows).seen(hellos(server, |_| true))
        }
    })
}

/// The families of groups in use: of TLS 1.3 and of the versions below, there only with suites on curves.
fn in_use(survey: &Survey) -> impl Iterator<Item = bool> {
    let curves = survey
        .old_version()
        .is_some_and(|version| survey.suites(version).iter().any(|suite| Survey::is_ecdhe(*suite)));
    let tls13 = !survey.version(TlsVersion::TLS13).no();
    [tls13.then_some(true), curves.then_some(false)].into_iter().flatten()
}

fn undecided_groups(survey: &Survey) -> Vec<Known> {
    let of = |tls13| {
        let groups = undecided::groups(survey, Tables::embedded(), tls13);
        groups.into_iter().map(move |group| survey.group(tls13, group))
    };
    in_use(survey).flat_map(of).collect()
}

fn complete(survey: &Survey) -> bool {
    let tables = Tables::embedded();
    in_use(survey)
        .all(|tls13| undecided::groups_of(tables, tls13).all(|group| !survey.group(tls13, group).unknown()))
}

/// Why a prime may not have been seen: any prime may be worse than every group.
fn prime_open(survey: &Survey) -> Option<Unknown> {
    let version = survey.old_version()?;
    let suites = undecided::finite_field_suites(survey, Tables::embedded(), version);
    let gap = |suite: &u16| match survey.suite(version, *suite) {
        Known::Unknown(gap) => gap,
        Known::Yes | Known::No => survey.rest(),
    };
    suites.iter().map(gap).next().map(unknown)
}

fn no_parameter(survey: &Survey) -> Said {
    let finite = |suite: u16| Tables::embedded().suite(suite).is_some_and(undecided::is_finite_field);
    let keyed = |version: TlsVersion| {
        survey.suites(version).iter().any(|suite| Survey::is_ecdhe(*suite) || finite(*suite))
    };
    match survey.version(TlsVersion::TLS13) {
        Known::No if !survey.versions().any(keyed) => Said::not_applicable(Inapplicable::NoSuchParameter),
        _ => inconclusive(survey.rest()).into(),
    }
}

/// [`Check::PostQuantum`].
pub(in crate::verdict::receiving) fn post_quantum(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    each_address(Check::PostQuantum, evidence, |_, server| match surveyed(evidence, server) {
        Err(measured) => measured.into(),
        Ok(survey) => match survey.post_quantum() {
            Known::Yes => Said::is(Word::Present),
            Known::No => Said::is(Word::Absent),
            Known::Unknown(gap) => inconclusive(gap).into(),
        }
        .seen(hellos(server, |hello| hello.version == TlsVersion::TLS13)),
    })
}

/// [`Check::HandshakeHash`]: of TLS 1.2. Before it, the hash was MD5 with SHA-1, or SHA-1 (RFC 4346 §7.4.3); in TLS
/// 1.3 the weak ones cannot be used (RFC 8446 §4.2.3).
pub(in crate::verdict::receiving) fn handshake_hash(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    each_address(Check::HandshakeHash, evidence, |_, server| {
        let survey = match surveyed(evidence, server) {
            Err(measured) => return measured.into(),
            Ok(survey) => survey,
        };
        let version = match old_version(&survey) {
            Err(measured) => return measured.into(),
            Ok(version) => version,
        };
        let signed = survey.suites(version).iter().any(|suite| Survey::is_signed(*suite));
        if version < TlsVersion::TLS12 && survey.version(TlsVersion::TLS12).no() {
            return match signed {
                true => Said::items([Item::Hash("SHA-1".to_owned())], true),
                false => Said::not_applicable(Inapplicable::NoSuchParameter),
            };
        }
        let seen: Vec<_> = survey.hashes().map(|name| Item::Hash(name.to_owned())).collect();
        let complete = ["SHA-1", "SHA-224"].iter().all(|hash| !survey.hash(hash).unknown());
        let undecided = undecided::hashes(&survey, Tables::embedded());
        let open = open(undecided.iter().filter(|_| signed).map(|hash| survey.hash(hash)));
        if seen.is_empty() && open.is_none() {
            return match signed {
                true => inconclusive(survey.rest()).into(),
                false => Said::not_applicable(Inapplicable::NoSuchParameter),
            };
        }
        Said::items(seen, complete).open(open).seen(hellos(server, |hello| !hello.schemes.is_empty()))
    })
}
