//! What is to be done next: from how far each lineage is, and now. Pure, so that years pass in a test.

use sha2::{Digest, Sha256};

use crate::sending::identities::{Issued, View};
use crate::shared::time::{Timestamp, after};

/// How long nothing may be looked at, in seconds.
const LOOK_S: u32 = 3600;
/// A certificate is renewed when this part of its life is left.
const PART_LEFT: i64 = 3;

/// What the plan goes by.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rules<'a> {
    /// The CA's directory: what another one issued is ordered anew.
    pub(super) directory: &'a str,
    /// The profile that certificates are to have.
    pub(super) profile: Option<&'a str>,
    /// The TTL of TLSA records, in seconds.
    pub(super) ttl_s: u32,
}

/// How long a TLSA record is served before its key is shown, and tolerated after it is gone: two TTLs (RFC 7671 §8.1),
/// in seconds.
pub(super) fn ahead_s(ttl_s: u32) -> u32 {
    ttl_s.saturating_mul(2)
}

/// The next step, of the lineage with this number. The most urgent kind comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
    /// The zone is to have the next key's TLSA record; from then on it counts.
    Publish(u32),
    /// The next key takes the place of the present one.
    Switch(u32),
    /// The former key is forgotten.
    Retire(u32),
    /// A certificate is to be ordered for the key with the second number.
    Order(u32, u32),
    /// The CA is to be asked when it wants the certificate renewed (RFC 9773).
    Ask(u32),
    /// Nothing, until then.
    Wait(Timestamp),
}

/// The most urgent step.
pub(super) fn next(views: &[View], rules: Rules<'_>, now: Timestamp) -> Step {
    let steps = views.iter().flat_map(|view| steps(view, rules, now));
    let due = |(at, step): (Timestamp, Step)| if at <= now { step } else { Step::Wait(at) };
    steps.map(due).min().unwrap_or(Step::Wait(after(now, LOOK_S))).min(Step::Wait(after(now, LOOK_S)))
}

/// What is to be done with a lineage, and from when on.
fn steps(view: &View, rules: Rules<'_>, now: Timestamp) -> Vec<(Timestamp, Step)> {
    let lineage = &view.lineage;
    let number = lineage.number;
    let mut steps = Vec::new();
    // One that was noted under a clock that was ahead must not hold up what is due.
    let setback = lineage.setback.as_ref().filter(|setback| setback.at <= now);
    let allowed = setback.map_or(Timestamp::MIN, |setback| setback.not_before);
    if let Some(former) = &lineage.former {
        steps.push((after(former.replaced, ahead_s(rules.ttl_s)), Step::Retire(number)));
    }
    match &lineage.next {
        Some(next) => {
            let has_certificate =
                view.next_issued.as_ref().is_some_and(|issued| is_as_wanted(view, issued, rules));
            if next.published.is_none() {
                steps.push((Timestamp::MIN, Step::Publish(number)));
            }
            steps.extend(switch_at(view, rules).map(|at| (at, Step::Switch(number))));
            if view.issued.is_none() {
                steps.push((allowed, Step::Order(number, lineage.key)));
            } else if !has_certificate {
                steps.push((allowed, Step::Order(number, next.key)));
            }
        }
        None => steps.push((due_at(view, rules).max(allowed), Step::Order(number, lineage.key))),
    }
    if let Some(issued) = view.issued.as_ref().filter(|issued| issued.directory == rules.directory) {
        let asked = issued.window(lineage);
        steps.push((asked.map_or(Timestamp::MIN, |window| window.ask_again), Step::Ask(number)));
    }
    steps
}

/// From when on the next key may be shown; none while there is none, or no certificate for it as it is wanted.
pub(super) fn switch_at(view: &View, rules: Rules<'_>) -> Option<Timestamp> {
    let published = view.lineage.next.as_ref()?.published?;
    view.next_issued.as_ref().filter(|issued| is_as_wanted(view, issued, rules))?;
    Some(after(published, ahead_s(rules.ttl_s)))
}

/// From when on the certificate that is shown is to be renewed.
pub(super) fn due_at(view: &View, rules: Rules<'_>) -> Timestamp {
    let Some(issued) = &view.issued else { return Timestamp::MIN };
    if view.lineage.renewal_wanted || !is_as_wanted(view, issued, rules) {
        return Timestamp::MIN;
    }
    let left_s = issued.life_s() / PART_LEFT;
    let third = Timestamp::from_second(issued.ends.as_second() - left_s).unwrap_or(issued.ends);
    match issued.window(&view.lineage).and_then(|window| window.suggested) {
        Some((start, end)) => third.min(within(issued, start, end)),
        None => third,
    }
}

/// The names that are ordered: those that a wildcard among them stands for go without saying, and CAs refuse them beside it.
pub(super) fn ordered(names: &[String]) -> Vec<String> {
    let is_covered = |name: &String| {
        name.split_once('.').is_some_and(|(_, domain)| names.contains(&format!("*.{domain}")))
            && !name.starts_with("*.")
    };
    names.iter().filter(|name| !is_covered(name)).cloned().collect()
}

/// Whether a certificate is of the CA and profile that are set, and has every name.
fn is_as_wanted(view: &View, issued: &Issued, rules: Rules<'_>) -> bool {
    issued.directory == rules.directory
        && issued.profile.as_deref() == rules.profile
        && view.lineage.names.iter().all(|name| issued.names(name))
}

/// An instant in the window that the CA suggests, evenly spread over certificates (RFC 9773 §4.2) and the same
/// whenever it is asked for.
fn within(issued: &Issued, start: Timestamp, end: Timestamp) -> Timestamp {
    let digest = Sha256::digest(issued.chain.first().map_or(&[][..], |leaf| leaf.as_ref()));
    let drawn = i64::from(u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]]));
    let span_s = (end.as_second() - start.as_second()).clamp(0, i64::from(u32::MAX));
    let offset_s = (i128::from(span_s) * i128::from(drawn)) >> 32;
    let at_s = start.as_second() + i64::try_from(offset_s).unwrap_or(0);
    Timestamp::from_second(at_s).unwrap_or(start)
}

#[cfg(test)]
mod tests;
