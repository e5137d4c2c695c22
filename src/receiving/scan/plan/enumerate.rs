//! What only the full depth asks: every suite of every version, every group, and with the suites the inner order and
//! the finite-field parameters of each.

use crate::shared::evidence::TlsVersion;
use crate::shared::evidence::scan::Depth;

use super::groups::curves;
use super::offers;
use super::state::{PlanState, Step};

/// Every suite of TLS 1.2, or the highest version below TLS 1.3, and of TLS 1.3.
pub(super) fn suites(state: &PlanState<'_>) -> Option<Step> {
    full(state)?;
    let old = state.survey.old_version();
    let versions = [old, Some(TlsVersion::TLS13)];
    versions.into_iter().flatten().find_map(|version| all_of(state, version))
}

/// Every suite of the other old versions.
pub(super) fn old_versions(state: &PlanState<'_>) -> Option<Step> {
    full(state)?;
    [0x0302, 0x0301, 0x0300].into_iter().find_map(|version| all_of(state, TlsVersion(version)))
}

fn full(state: &PlanState<'_>) -> Option<()> {
    (state.depth == Depth::Full).then_some(())
}

/// By removal: all that is open is offered until it is refused. The fit suites go together, so that the choices
/// among them show the whole order.
fn all_of(state: &PlanState<'_>, version: TlsVersion) -> Option<Step> {
    state.survey.version(version).yes().then_some(())?;
    let all = offers::all_suites(version).into_iter();
    let open: Vec<u16> = all.filter(|suite| state.survey.suite(version, *suite).unknown()).collect();
    let fit: Vec<u16> = open.iter().copied().filter(|suite| offers::is_fit(*suite)).collect();
    let chunk = state.chunk(version, if fit.is_empty() { open } else { fit })?;
    Some((state.numbered(&format!("all-{:04x}-", version.0)), chunk))
}

/// Every group: of TLS 1.3 from the favourite down, then of the versions below.
pub(super) fn groups(state: &PlanState<'_>) -> Option<Step> {
    full(state)?;
    let survey = state.survey;
    let unknown = |tls13: bool| -> Vec<u16> {
        offers::all_groups(tls13).into_iter().filter(|group| survey.group(tls13, *group).unknown()).collect()
    };
    if survey.version(TlsVersion::TLS13).yes() {
        let suites = survey.suites(TlsVersion::TLS13).to_vec();
        if survey.favourite_group.is_none() && state.probes("all-groups13-").next().is_none() {
            let all = offers::all_groups(true);
            let question = offers::with_groups(TlsVersion::TLS13, suites, all);
            return Some((state.numbered("all-groups13-"), question));
        }
        let open = unknown(true);
        if !suites.is_empty() && !open.is_empty() {
            let question = offers::with_groups(TlsVersion::TLS13, suites, open);
            return state
                .unless_asked(state.numbered("all-groups13-"), question)
                .or_else(|| old_groups(state));
        }
    }
    old_groups(state)
}

fn old_groups(state: &PlanState<'_>) -> Option<Step> {
    let survey = state.survey;
    let version = survey.old_version()?;
    let all = offers::all_groups(false).into_iter();
    let open: Vec<u16> = all.filter(|group| survey.group(false, *group).unknown()).collect();
    (!open.is_empty()).then_some(())?;
    curves(state, "all-groups-", version, open)
}
