//! Groups and primes of key exchange, and the hashes that sign it.

use jiff::Timestamp;

use super::probe_lines::{chosen, first_of_each, hellos, of_version, refused};
use super::surveyed::{inconclusive, instead, old_version, open, surveyed, unknown};
use super::undecided;
use crate::receiving::checks::check::Check;
use crate::receiving::checks::finding::{Finding, Inapplicable, Item, Unknown, Word};
use crate::receiving::checks::subjects::{Said, each_address};
use crate::receiving::checks::tables::Tables;
use crate::shared::evidence::TlsVersion;
use crate::shared::evidence::scan::{Depth, Evidence, Hello, Known, Server, Survey, hash_of_scheme};

/// [`Check::Groups`].
pub(in crate::receiving::checks) fn groups(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    each_address(Check::Groups, evidence, |_, server| match surveyed(evidence, server) {
        Err(measured) => measured.into(),
        Ok(survey) => {
            let prime = |dh: &crate::shared::evidence::scan::DhParameters| Item::Prime {
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
                return no_parameter(&survey).seen(suites_seen(server));
            }
            let rows = seen.iter().filter_map(|item| match item {
                Item::Prime { sha256, bits } => {
                    let name = Tables::embedded().prime(sha256).map_or("-", |(name, _)| name);
                    Some(format!("{name} ({bits} bits, SHA-256 {sha256})"))
                }
                _ => None,
            });
            Said::items(seen.clone(), complete).open(open).details(rows).seen(seen_groups(server, &survey))
        }
    })
}

/// What first shows each group and prime, and the refusals that are about groups or about suites over finite fields.
fn seen_groups(server: &Server, survey: &Survey) -> Vec<String> {
    let finite = |suite: &u16| Tables::embedded().suite(*suite).is_some_and(undecided::is_finite_field);
    let about = |hello: &Hello| {
        let finite = hello.version < TlsVersion::TLS13 && hello.suites.0.iter().any(finite);
        (finite || !Survey::any_group(hello)) && !survey.version(hello.version).no()
    };
    let accepted = first_of_each(server, |chose| {
        let group = chose.group().map(|group| (chose.version() == TlsVersion::TLS13, group));
        let prime = chose.dh().map(|dh| dh.sha256.as_str());
        group.map(|group| (Some(group), None)).into_iter().chain(prime.map(|p| (None, Some(p)))).collect()
    });
    [accepted, refused(server, about)].concat()
}

/// What first shows each suite.
fn suites_seen(server: &Server) -> Vec<String> {
    first_of_each(server, |chose| vec![chose.suite()])
}

/// The first choice of a suite whose key exchange is signed.
fn first_signed(server: &Server) -> Vec<String> {
    let chose = chosen(server).find(|chose| Survey::is_signed(chose.suite()));
    chose.map(|chose| chose.line()).into_iter().collect()
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
pub(in crate::receiving::checks) fn post_quantum(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    each_address(Check::PostQuantum, evidence, |_, server| match surveyed(evidence, server) {
        Err(measured) => measured.into(),
        Ok(survey) => match survey.post_quantum() {
            Known::Yes => Said::is(Word::Present),
            Known::No => Said::is(Word::Absent),
            Known::Unknown(gap) => inconclusive(gap).into(),
        }
        .seen(seen_hybrids(server, survey.post_quantum())),
    })
}

/// The first choice of such a group; where there is none, what became of the hellos that offered one, and of TLS 1.3.
fn seen_hybrids(server: &Server, known: Known) -> Vec<String> {
    let hybrid = |group: &u16| Survey::is_post_quantum(*group);
    if known.yes() {
        let chose = chosen(server).find(|chose| chose.group().as_ref().is_some_and(hybrid));
        return chose.map(|chose| chose.line()).into_iter().collect();
    }
    let asked =
        hellos(server, |hello| hello.version == TlsVersion::TLS13 && hello.groups.0.iter().any(hybrid));
    if asked.is_empty() { of_version(server, TlsVersion::TLS13) } else { asked }
}

/// [`Check::HandshakeHash`]: of TLS 1.2. Before it, the hash was MD5 with SHA-1, or SHA-1 (RFC 4346 §7.4.3); in TLS
/// 1.3 the weak ones cannot be used (RFC 8446 §4.2.3).
pub(in crate::receiving::checks) fn handshake_hash(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    each_address(Check::HandshakeHash, evidence, |_, server| {
        let survey = match surveyed(evidence, server) {
            Err(measured) => return measured.into(),
            Ok(survey) => survey,
        };
        let version = match old_version(&survey) {
            Err(measured) => return instead(server, measured),
            Ok(version) => version,
        };
        let signed = survey.suites(version).iter().any(|suite| Survey::is_signed(*suite));
        if version < TlsVersion::TLS12 && survey.version(TlsVersion::TLS12).no() {
            return match signed {
                true => Said::items([Item::Hash("SHA-1".to_owned())], true),
                false => Said::not_applicable(Inapplicable::NoSuchParameter),
            }
            .seen(if signed { first_signed(server) } else { suites_seen(server) })
            .seen(of_version(server, TlsVersion::TLS12));
        }
        let seen: Vec<_> = survey.hashes().map(|name| Item::Hash(name.to_owned())).collect();
        let complete = ["SHA-1", "SHA-224"].iter().all(|hash| !survey.hash(hash).unknown());
        let undecided = undecided::hashes(&survey, Tables::embedded());
        let open = open(undecided.iter().filter(|_| signed).map(|hash| survey.hash(hash)));
        if seen.is_empty() && open.is_none() {
            return match signed {
                true => Said::from(inconclusive(survey.rest())),
                false => Said::not_applicable(Inapplicable::NoSuchParameter),
            }
            .seen(suites_seen(server));
        }
        Said::items(seen, complete).open(open).seen(seen_hashes(server))
    })
}

/// What first shows each hash in TLS 1.2, and the refusals that are about hashes.
fn seen_hashes(server: &Server) -> Vec<String> {
    let signed = first_of_each(server, |chose| {
        let scheme = chose.scheme().filter(|_| chose.version() == TlsVersion::TLS12);
        scheme.and_then(hash_of_scheme).into_iter().collect()
    });
    [signed, refused(server, |hello| !Survey::any_scheme(hello))].concat()
}
