//! Cipher suites, and how a server chooses among them.

use crate::receiving::checks::Unknown;
use crate::receiving::checks::tables::Tables;
use crate::receiving::checks::tls::shared::surveyed::open;
use crate::receiving::checks::tls::shared::undecided;
use crate::shared::evidence::TlsVersion;
use crate::shared::evidence::scan::{Hello, Survey};

pub(in crate::receiving::checks) fn is_wide(hello: &Hello) -> bool {
    Survey::any_group(hello) && Survey::any_scheme(hello)
}

/// The versions whose suites count: TLS 1.3, and the highest below it.
pub(in crate::receiving::checks) fn in_use(survey: &Survey) -> impl Iterator<Item = TlsVersion> {
    let tls13 = Some(TlsVersion::TLS13).filter(|version| !survey.version(*version).no());
    tls13.into_iter().chain(undecided::old_version(survey))
}

/// Why a suite that matters may have been missed.
pub(in crate::receiving::checks) fn suites_open(survey: &Survey) -> Option<Unknown> {
    let codes = |version| {
        let codes = undecided::suites(survey, Tables::embedded(), version);
        codes.into_iter().map(move |code| survey.suite(version, code))
    };
    // Those of SSL 2.0 are worse than any.
    open(in_use(survey).flat_map(codes).chain([survey.version(TlsVersion(0x0002))]))
}

/// Whether every suite that a version can carry was asked for.
pub(in crate::receiving::checks) fn complete(survey: &Survey, version: TlsVersion) -> bool {
    let mut carried = Tables::embedded().suites().filter(|suite| undecided::carries(version, suite));
    carried.all(|suite| !survey.suite(version, suite.code).unknown())
}
