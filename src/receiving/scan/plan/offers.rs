//! The hellos of the plan: which suites, groups and schemes are offered, and in which order.

use std::sync::LazyLock;

use crate::receiving::checks::{Column, Item, Level, Suite, Tables, undecided};
use crate::shared::evidence::TlsVersion;
use crate::shared::evidence::scan::{Authentication, CodePoints, Hello, Question, Survey, hash_of_scheme};

/// How many suites a hello offers at most: some servers choke on more than 128.
pub(super) const SUITES_MAX: usize = 120;

/// Suites of TLS 1.3, those that servers have first.
pub(super) fn suites_13() -> Vec<u16> {
    let tables = Tables::embedded();
    let mut suites: Vec<&Suite> = tables.suites().filter(|suite| suite.tls13()).collect();
    suites.sort_by_key(|suite| (rank(suite), suite.code));
    suites.into_iter().map(|suite| suite.code).collect()
}

/// Suites of TLS 1.2 that some rule set of internet.nl does not call insufficient: the best first, and ChaCha20 not
/// at the ends, so that neither this order nor its reverse names it first.
pub(super) fn fit_suites() -> &'static [u16] {
    static FIT: LazyLock<Vec<u16>> = LazyLock::new(|| {
        let fit = |suite: &&Suite| !suite.tls13() && rank(suite) < rank_of(Level::Insufficient) * 2;
        let mut suites: Vec<&Suite> = Tables::embedded().suites().filter(fit).collect();
        // Within a rank, the longest AES-GCM first and ChaCha20 behind it.
        let chacha = |suite: &Suite| u8::from(suite.enc.starts_with("ChaCha"));
        suites.sort_by_key(|suite| (rank(suite), suite.bits < 256, chacha(suite), suite.code));
        suites.into_iter().map(|suite| suite.code).collect()
    });
    &FIT
}

/// The first offer: the fit suites, then others that servers have, as many as an offer takes. An answer to it shows
/// also that offers of this length are borne.
pub(super) fn first_suites() -> &'static [u16] {
    static FIRST: LazyLock<Vec<u16>> = LazyLock::new(|| {
        let mut suites = fit_suites().to_vec();
        let common = [TlsVersion(0x0302), TlsVersion::TLS12].map(Survey::common_suites).concat();
        let rest = Tables::embedded().suites().filter(|suite| !suite.tls13() && !suite.weak.is_empty());
        for code in common.into_iter().chain(rest.map(|suite| suite.code)) {
            if !suites.contains(&code) && suites.len() < SUITES_MAX {
                suites.push(code);
            }
        }
        suites
    });
    &FIRST
}

/// The levels of both eras of internet.nl, added.
fn rank(suite: &Suite) -> u8 {
    rank_of(suite.level(Column::Ncsc2025)) + rank_of(suite.level(Column::NcscV2))
}

fn rank_of(level: Level) -> u8 {
    match level {
        Level::Good => 0,
        Level::Sufficient => 1,
        Level::PhaseOut => 2,
        _ => 3,
    }
}

/// All suites that `version` can carry, the fit ones first.
pub(super) fn all_suites(version: TlsVersion) -> Vec<u16> {
    let tables = Tables::embedded();
    if version == TlsVersion::TLS13 {
        return suites_13();
    }
    let carried = |code: &u16| tables.suite(*code).is_some_and(|suite| undecided::carries(version, suite));
    let rest = tables.suites().map(|suite| suite.code).filter(|code| !fit_suites().contains(code));
    fit_suites().iter().copied().chain(rest).filter(carried).collect()
}

/// Whether the suite is one of the fit.
pub(super) fn is_fit(suite: u16) -> bool {
    fit_suites().contains(&suite)
}

/// The offer for an old version that is not yet known: what matters still, the worst first, and what servers of that
/// version have, so that a refusal is one of the version.
pub(super) fn old_offer(survey: &Survey, version: TlsVersion, suites_max: usize) -> Vec<u16> {
    let common = Survey::common_suites(version);
    let accepted = survey.old_version().map(|known| survey.suites(known)).unwrap_or_default();
    let tables = Tables::embedded();
    let carried = |code: &&u16| tables.suite(**code).is_some_and(|suite| undecided::carries(version, suite));
    let mut offer: Vec<u16> = common.to_vec();
    offer.extend(accepted.iter().filter(carried));
    let open = undecided::suites(survey, tables, version);
    let room = suites_max.saturating_sub(offer.len());
    let mut all: Vec<u16> = open.into_iter().filter(|suite| !offer.contains(suite)).take(room).collect();
    // Bad ones lead: a server that leaves the choice to clients shows one at once.
    offer.sort_by_key(|code| tables.suite(*code).map(|suite| std::cmp::Reverse(rank(suite))));
    all.extend(offer);
    let mut seen = std::collections::BTreeSet::new();
    all.retain(|suite| seen.insert(*suite));
    all.truncate(suites_max);
    all
}

/// The groups of a wide offer: those in use first, then every other.
pub(super) fn all_groups(tls13: bool) -> Vec<u16> {
    let tables = Tables::embedded();
    let level = |group: &u16| {
        let item = Item::Group(*group);
        tables.level(&item, Column::Ncsc2025).map_or(3, rank_of)
    };
    let mut groups: Vec<u16> = undecided::groups_of(tables, tls13).collect();
    groups.sort_by_key(|group| {
        (level(group), FIRST.iter().position(|first| first == group).unwrap_or(FIRST.len()))
    });
    groups
}

/// The hybrids first, then the curves in use.
const FIRST: [u16; 8] = [0x11ec, 0x11eb, 0x11ed, 0x001d, 0x0017, 0x0018, 0x0019, 0x001e];

/// The schemes of a wide offer, the best first.
const SCHEMES: [u16; 25] = [
    0x0403, 0x0503, 0x0603, 0x0807, 0x0808, 0x081a, 0x081b, 0x081c, 0x0804, 0x0805, 0x0806, 0x0809, 0x080a,
    0x080b, 0x0401, 0x0501, 0x0601, 0x0303, 0x0301, 0x0203, 0x0201, 0x0402, 0x0302, 0x0202, 0x0101,
];

/// A wide hello: nothing in it is narrow but, perhaps, its suites. Compression is offered wherever it can be.
pub(super) fn wide(version: TlsVersion, suites: Vec<u16>) -> Hello {
    let tls13 = version == TlsVersion::TLS13;
    let schemes = if version < TlsVersion::TLS12 { vec![] } else { SCHEMES.to_vec() };
    Hello {
        version,
        suites: CodePoints(suites),
        groups: CodePoints(all_groups(tls13)),
        schemes: CodePoints(schemes),
        compression: !tls13,
        share: None,
    }
}

/// As wide, with these groups only.
pub(super) fn with_groups(version: TlsVersion, suites: Vec<u16>, groups: Vec<u16>) -> Question {
    let hello = wide(version, suites);
    Question::Hello(Hello { groups: CodePoints(groups), compression: false, ..hello })
}

/// As wide, with the schemes of these hashes only.
pub(super) fn with_hashes(suites: Vec<u16>, hashes: &[&str]) -> Question {
    let schemes = [0x0101, 0x0201, 0x0202, 0x0203, 0x0301, 0x0302, 0x0303];
    let wanted = |scheme: &u16| hash_of_scheme(*scheme).is_some_and(|hash| hashes.contains(&hash));
    let schemes = schemes.into_iter().filter(wanted).collect();
    let hello = wide(TlsVersion::TLS12, suites);
    Question::Hello(Hello { schemes, compression: false, ..hello })
}

/// TLS 1.3 with the schemes of one kind of certificate only, and a real key share, so that the server goes on to it.
pub(super) fn with_certificate_13(kind: Authentication, suites: Vec<u16>, share: Option<u16>) -> Question {
    let schemes = SCHEMES.into_iter().filter(|scheme| {
        // Those that TLS 1.3 signs with (RFC 8446 §4.2.3).
        let modern = matches!(scheme, 0x0403 | 0x0503 | 0x0603 | 0x0804..=0x081c);
        modern && Authentication::of_scheme(*scheme) == Some(kind)
    });
    let schemes = schemes.collect();
    let hello = Hello { schemes, share, ..wide(TlsVersion::TLS13, suites) };
    Question::Hello(match share {
        // The share first, and no hybrid that the server could ask for instead.
        Some(share) => {
            let others = [0x001d, 0x0017, 0x0018, 0x0019].into_iter().filter(|group| *group != share);
            Hello { groups: CodePoints([share].into_iter().chain(others).collect()), ..hello }
        }
        None => hello,
    })
}

/// Suites of an old version with one kind of certificate that are not known to be refused; the fit and the usual.
pub(super) fn of_certificate(survey: &Survey, version: TlsVersion, kind: Authentication) -> Vec<u16> {
    let own = |code: &u16| Authentication::of_suite(*code) == Some(kind);
    let all = all_suites(version).into_iter().filter(own);
    all.filter(|code| !survey.suite(version, *code).no()).take(Survey::SUITES_BORNE_MAX).collect()
}
