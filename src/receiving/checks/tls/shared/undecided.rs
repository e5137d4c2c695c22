//! What is still open: the suites, groups and hashes that could make a level of some rule set worse than all that is
//! known to be accepted, or that one accepted example of would settle.
//!
//! The plan of a scan asks until nothing is left here, and a check is conclusive when nothing is: so the one cannot
//! stop short of the other.

use crate::receiving::checks::tables::{Column, Suite, Tables};
use crate::receiving::checks::{Item, Level};
use crate::shared::evidence::TlsVersion;
use crate::shared::evidence::scan::{Known, Survey};

const COLUMNS: [Column; 3] = [Column::Ncsc2025, Column::NcscV2, Column::Bsi];

/// Below TLS 1.3, the highest first.
const OLD: [TlsVersion; 4] = [TlsVersion::TLS12, TlsVersion(0x0302), TlsVersion(0x0301), TlsVersion(0x0300)];

/// The version below TLS 1.3 whose suites count: the highest that is not known to be refused, as internet.nl takes
/// it. None: all are refused.
pub fn old_version(survey: &Survey) -> Option<TlsVersion> {
    OLD.into_iter().find(|version| !survey.version(*version).no())
}

/// The suites of a version that are neither accepted nor refused and matter, the worst first: worse in some rule set
/// than all that is accepted, or an example of what is to be found once.
pub fn suites(survey: &Survey, tables: &Tables, version: TlsVersion) -> Vec<u16> {
    let accepted: Vec<&Suite> = survey.all_suites().iter().filter_map(|code| tables.suite(*code)).collect();
    let worst = accepted.iter().map(|suite| grades(suite)).reduce(|a, b| each(a, b, u8::max));
    let wanted: Vec<fn(&Suite) -> bool> =
        EXAMPLES.into_iter().filter(|example| !accepted.iter().any(|suite| example(suite))).collect();
    let matters = |suite: &Suite| {
        let worse =
            worst.is_none_or(|worst| grades(suite).iter().zip(worst).any(|(own, worst)| *own > worst));
        worse || wanted.iter().any(|example| example(suite))
    };
    let mut open: Vec<&Suite> = tables
        .suites()
        .filter(|suite| carries(version, suite) && survey.suite(version, suite.code).unknown())
        .filter(|suite| matters(suite))
        .collect();
    open.sort_by_key(|suite| std::cmp::Reverse(badness(suite)));
    open.into_iter().map(|suite| suite.code).collect()
}

/// What one accepted suite settles: NIST SP 800-52 Rev. 1 and 2, forward secrecy, and that with BSI's approval.
/// Any forward-secret AEAD suite counts as one of NIST's.
const EXAMPLES: [fn(&Suite) -> bool; 4] = [
    |suite| suite.nist_r1() || suite.fs && suite.aead,
    |suite| suite.nist_r2() || suite.fs && suite.aead,
    |suite| suite.fs,
    |suite| suite.fs && suite.level(Column::Bsi) == Level::Good,
];

/// How bad a suite is: in each column, and whether it is of a class that LuxSci calls weak.
fn grades(suite: &Suite) -> [u8; 4] {
    let [first, second, third] = COLUMNS.map(|column| grade(suite.level(column)));
    [first, second, third, u8::from(!suite.weak.is_empty())]
}

/// The worst in every column come first: one of them settles all.
fn badness(suite: &Suite) -> u8 {
    grades(suite).iter().sum()
}

fn grade(level: Level) -> u8 {
    match level {
        Level::Insufficient => 3,
        Level::PhaseOut => 2,
        Level::Sufficient => 1,
        _ => 0,
    }
}

fn each<const N: usize>(a: [u8; N], b: [u8; N], of: fn(u8, u8) -> u8) -> [u8; N] {
    std::array::from_fn(|n| of(a[n], b[n]))
}

/// Whether a version can carry a suite.
pub fn carries(version: TlsVersion, suite: &Suite) -> bool {
    match suite.min.as_str() {
        "TLS1.3" => version == TlsVersion::TLS13,
        "TLS1.2" => version == TlsVersion::TLS12,
        // SHA-1 suites on curves are of TLS 1.0, whatever OpenSSL labels them (RFC 8422 §1).
        "TLS1.0" => (TlsVersion(0x0301)..=TlsVersion::TLS12).contains(&version),
        _ if Survey::is_ecdhe(suite.code) => (TlsVersion(0x0301)..=TlsVersion::TLS12).contains(&version),
        _ => (TlsVersion(0x0300)..=TlsVersion::TLS12).contains(&version),
    }
}

/// The groups of TLS 1.3, or of the versions below, that are neither accepted nor refused and matter: worse in some
/// rule set than all that is accepted; with TLS 1.3 also the post-quantum hybrids, as long as none is known.
pub fn groups(survey: &Survey, tables: &Tables, tls13: bool) -> Vec<u16> {
    let level = |group: u16| COLUMNS.map(|column| tables.level(&Item::Group(group), column).map_or(0, grade));
    let worst = survey.all_groups().into_iter().map(level).reduce(|a, b| each(a, b, u8::max));
    let hybrids = tls13 && survey.post_quantum().unknown();
    let matters = |group: u16| {
        let worse = worst.is_none_or(|worst| level(group).iter().zip(worst).any(|(own, worst)| *own > worst));
        worse || hybrids && HYBRIDS.contains(&group)
    };
    let open = groups_of(tables, tls13).filter(|group| survey.group(tls13, *group).unknown());
    open.filter(|group| matters(*group)).collect()
}

/// The hybrids with a registered code point for TLS.
const HYBRIDS: [u16; 3] = [0x11ec, 0x11eb, 0x11ed];

/// All groups that TLS 1.3 can carry, or the versions below (on curves; finite fields are negotiated by suites
/// there). Those of other versions are refused by all.
pub fn groups_of(tables: &Tables, tls13: bool) -> impl Iterator<Item = u16> {
    let carried = move |group: &u16| match group {
        0x0017..=0x0019 | 0x001d..=0x001e | 0x0029 => true,
        0x001f..=0x0021 | 0x0100.. => tls13,
        _ => !tls13,
    };
    tables.groups().map(|(group, _)| group).filter(carried)
}

/// The hashes of key exchanges of TLS 1.2 that are open and worse than all that are known to be used.
pub fn hashes(survey: &Survey, tables: &Tables) -> Vec<&'static str> {
    let level = |hash: &str| {
        let item = Item::Hash(hash.to_owned());
        [Column::Ncsc2025, Column::NcscV2].map(|column| tables.level(&item, column).map_or(0, grade))
    };
    let worst = survey.hashes().map(level).reduce(|a, b| each(a, b, u8::max));
    let open = ["MD5", "SHA-1", "SHA-224"].into_iter().filter(|hash| survey.hash(hash).unknown());
    open.filter(|hash| {
        worst.is_none_or(|worst| level(hash).iter().zip(worst).any(|(own, worst)| *own > worst))
    })
    .collect()
}

/// Whether parameters of finite-field key exchange are to be looked at: such a suite is accepted or open, and no
/// prime is known. The suites to ask for.
pub fn finite_field_suites(survey: &Survey, tables: &Tables, version: TlsVersion) -> Vec<u16> {
    if !survey.primes.is_empty() {
        return Vec::new();
    }
    let finite = tables.suites().filter(|suite| carries(version, suite) && is_finite_field(suite));
    let possible = finite.filter(|suite| !survey.suite(version, suite.code).no());
    possible.map(|suite| suite.code).collect()
}

/// Whether the key exchange is ephemeral over a finite field, with a certificate or anonymous.
pub fn is_finite_field(suite: &Suite) -> bool {
    suite.kx.starts_with("DH") && matches!(suite.auth.as_str(), "RSA" | "DSS" | "None")
}

/// Whether the key exchange is one that RFC 10015 forbids in TLS 1.2: RSA, and Diffie-Hellman over finite fields, with a
/// fixed key or an ephemeral one, whoever authenticates.
pub fn is_forbidden(suite: &Suite) -> bool {
    let kx = suite.kx.split(['(', '/']).next().unwrap_or_default();
    matches!(kx, "RSA" | "DH") && matches!(suite.auth.as_str(), "RSA" | "DSS" | "DH" | "None")
}

/// The suites with such a key exchange that are neither accepted nor refused, those that servers have first; none as
/// soon as one is accepted.
pub fn forbidden_suites(survey: &Survey, tables: &Tables, version: TlsVersion) -> Vec<u16> {
    let forbidden = |code: &u16| tables.suite(*code).is_some_and(is_forbidden);
    if survey.all_suites().iter().any(forbidden) {
        return Vec::new();
    }
    let carried = tables.suites().filter(|suite| carries(version, suite) && is_forbidden(suite));
    let mut open: Vec<u16> =
        carried.map(|suite| suite.code).filter(|code| survey.suite(version, *code).unknown()).collect();
    let common = [version, TlsVersion::TLS12].map(Survey::common_suites).concat();
    open.sort_by_key(|code| !common.contains(code));
    open
}

/// Why `open` is not known: the first reason there is. None: it is empty.
pub fn why(open: impl IntoIterator<Item = Known>) -> Option<crate::shared::evidence::scan::Gap> {
    open.into_iter().find_map(|known| match known {
        Known::Unknown(gap) => Some(gap),
        _ => None,
    })
}
