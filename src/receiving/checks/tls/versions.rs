//! Protocol versions.

use jiff::Timestamp;

use super::probe_lines::of_version;
use super::surveyed::{surveyed, unknown};
use crate::receiving::checks::check::Check;
use crate::receiving::checks::finding::{Finding, Item, Unknown};
use crate::receiving::checks::subjects::{Said, each_address};
use crate::shared::evidence::TlsVersion;
use crate::shared::evidence::scan::{Evidence, Known, Survey};

/// The worst first.
const ALL: [TlsVersion; 6] = [
    TlsVersion(0x0002),
    TlsVersion(0x0300),
    TlsVersion(0x0301),
    TlsVersion(0x0302),
    TlsVersion::TLS12,
    TlsVersion::TLS13,
];

/// [`Check::Versions`].
pub(in crate::receiving::checks) fn versions(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    each_address(Check::Versions, evidence, |_, server| match surveyed(evidence, server) {
        Err(measured) => measured.into(),
        Ok(survey) => {
            let accepted = ALL.into_iter().rev().filter(|version| survey.version(*version).yes());
            let complete = ALL.into_iter().all(|version| !survey.version(version).unknown());
            let seen = ALL.into_iter().rev().flat_map(|version| of_version(server, version));
            Said::items(accepted.map(Item::Version), complete).open(lower(&survey)).seen(seen)
        }
    })
}

/// Why a version below all accepted ones may be accepted, too: the lower, the worse.
fn lower(survey: &Survey) -> Option<Unknown> {
    let below = ALL.into_iter().take_while(|version| !survey.version(*version).yes());
    below.into_iter().find_map(|version| match survey.version(version) {
        Known::Unknown(gap) => Some(unknown(gap)),
        Known::Yes | Known::No => None,
    })
}
