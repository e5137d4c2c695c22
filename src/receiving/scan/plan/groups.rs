//! Which groups, curves and finite-field parameters are accepted.

use crate::receiving::checks::{Tables, undecided};
use crate::shared::evidence::TlsVersion;
use crate::shared::evidence::scan::{Authentication, Survey};

use super::offers;
use super::state::{PlanState, Step};

/// The groups of TLS 1.3 that could make a level worse, and the post-quantum hybrids.
pub(super) fn groups_13(state: &PlanState<'_>) -> Option<Step> {
    state.survey.version(TlsVersion::TLS13).yes().then_some(())?;
    let suites = state.survey.suites(TlsVersion::TLS13).to_vec();
    let open = undecided::groups(state.survey, Tables::embedded(), true);
    (!suites.is_empty() && !open.is_empty()).then_some(())?;
    Some((state.numbered("tls13-groups-"), offers::with_groups(TlsVersion::TLS13, suites, open)))
}

/// The curves of the versions below. A server whose suites on curves are not known yet is asked for these first.
pub(super) fn groups_old(state: &PlanState<'_>) -> Option<Step> {
    let version = state.survey.old_version()?;
    let on_curves = |suite: &u16| Survey::is_ecdhe(*suite);
    let open = undecided::groups(state.survey, Tables::embedded(), false);
    if open.is_empty() {
        return None;
    }
    if !state.survey.suites(version).iter().any(on_curves) {
        let all = offers::all_suites(version).into_iter().filter(on_curves);
        let open: Vec<u16> = all.filter(|suite| state.survey.suite(version, *suite).unknown()).collect();
        return Some((state.numbered("curves-"), state.chunk(version, open)?));
    }
    curves(state, "groups-", version, open)
}

/// An offer of these curves only, with suites on curves that the server accepts. A certificate on a curve may be used
/// only if that curve is offered, too (RFC 8422 §5.3): a server that has no other is then asked again with a curve of
/// certificates behind those in question.
pub(super) fn curves(
    state: &PlanState<'_>,
    step: &str,
    version: TlsVersion,
    groups: Vec<u16>,
) -> Option<Step> {
    let accepted = state.survey.suites(version).iter().copied().filter(|suite| Survey::is_ecdhe(*suite));
    let (bound, free): (Vec<u16>, Vec<u16>) =
        accepted.partition(|suite| Authentication::of_suite(*suite) == Some(Authentication::Ecdsa));
    let name = state.numbered(step);
    if !free.is_empty() {
        return state.unless_asked(name, offers::with_groups(version, free, groups));
    }
    (!bound.is_empty()).then_some(())?;
    if !state.survey.certificate(Authentication::Rsa).no() {
        let other = offers::of_certificate(state.survey, version, Authentication::Rsa).into_iter();
        let open = other.filter(|suite| Survey::is_ecdhe(*suite)).collect();
        if let Some(question) = state.chunk(version, open).filter(|question| !state.asked(question)) {
            return Some((state.numbered("curves-"), question));
        }
    }
    let alone = offers::with_groups(version, bound.clone(), groups.clone());
    if !state.asked(&alone) {
        return Some((name, alone));
    }
    // One at a time: beside a further one that the server likes better, those in question would not be chosen.
    OF_CERTIFICATES.into_iter().filter(|own| !groups.contains(own)).find_map(|own| {
        let beside = groups.iter().copied().chain([own]).collect();
        state.unless_asked(name.clone(), offers::with_groups(version, bound.clone(), beside))
    })
}

/// The curves that certificates are on, the usual one first.
const OF_CERTIFICATES: [u16; 3] = [0x0017, 0x0018, 0x0019];

/// Finite-field parameters.
pub(super) fn finite_field(state: &PlanState<'_>) -> Option<Step> {
    let version = state.survey.old_version()?;
    let mut suites = undecided::finite_field_suites(state.survey, Tables::embedded(), version);
    suites.sort_by_key(|suite| !offers::is_fit(*suite));
    Some((state.numbered("finite-field-"), state.chunk(version, suites)?))
}
