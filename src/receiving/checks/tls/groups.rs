//! The groups and primes that a server accepts for key exchange.

use jiff::Timestamp;

use crate::receiving::checks::check::{Category, Check, Definition, Scale, Scope};
use crate::receiving::checks::shared::probe_lines::{first_of_each, refused};
use crate::receiving::checks::subjects::{Said, each_address};
use crate::receiving::checks::tables::Tables;
use crate::receiving::checks::tls::shared::groups::suites_seen;
use crate::receiving::checks::tls::shared::surveyed::{inconclusive, open, surveyed, unknown};
use crate::receiving::checks::tls::shared::undecided;
use crate::receiving::checks::{Finding, Inapplicable, Item, Unknown};
use crate::shared::evidence::TlsVersion;
use crate::shared::evidence::scan::{Depth, Evidence, Hello, Known, Server, Survey};

pub(super) static CHECK: Definition = Definition {
    id: "tls-groups",
    category: Category::Tls,
    scope: Scope::Address,
    scale: Scale::Items,
    internetnl: Some("fs_params"),
    judge: groups,
    en: r"Key exchange groups
    .good = All groups that were accepted for key exchange are good ones.
    .sufficient = All groups that were accepted for key exchange are good enough.
    .phase-out = The server accepts { $items } for key exchange, which should be turned off.
    .insufficient = The server accepts { $items } for key exchange, which must be turned off.
    .unrated = The server accepts { $items } for key exchange.
    .why = The group decides how hard it is to compute the key of a recorded connection. Finite fields are slow, and many primes in use are short or of unknown origin; elliptic curves need none.
    .todo = Turn off key exchange over finite fields (DHE), and allow x25519, secp256r1 and secp384r1.
    .cost = Few senders know DHE and no elliptic curves.",
    de: r"Gruppen für den Schlüsselaustausch
    .good = Alle Gruppen, die für den Schlüsselaustausch akzeptiert wurden, sind gut.
    .sufficient = Alle Gruppen, die für den Schlüsselaustausch akzeptiert wurden, sind gut genug.
    .phase-out = Der Server akzeptiert für den Schlüsselaustausch { $items }; das sollte abgeschaltet werden.
    .insufficient = Der Server akzeptiert für den Schlüsselaustausch { $items }; das muss abgeschaltet werden.
    .unrated = Der Server akzeptiert für den Schlüsselaustausch { $items }.
    .why = Von der Gruppe hängt ab, wie schwer sich der Schlüssel einer aufgezeichneten Verbindung berechnen lässt. Endliche Körper sind langsam, und viele verwendete Primzahlen sind kurz oder unbekannter Herkunft; elliptische Kurven brauchen keine.
    .todo = Schalten Sie den Schlüsselaustausch über endlichen Körpern (DHE) ab, und erlauben Sie x25519, secp256r1 und secp384r1.
    .cost = Nur wenige Absender beherrschen DHE, aber keine elliptischen Kurven.",
    fix: r"
    .postfix =
        smtpd_tls_exclude_ciphers = aNULL, kDHE
        tls_eecdh_auto_curves = X25519, X448, prime256v1, secp384r1
    .exim-openssl = tls_dhparam = none",
    ..Definition::BARE
};

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
