//! Whether there are ROAs.

use crate::receiving::checks::rpki::shared::group::group;
use crate::receiving::checks::subjects::Said;
use crate::receiving::checks::{Inapplicable, Word};
use crate::shared::evidence::scan::{Evidence, Purpose, Rpki};

/// A ROA covers a prefix if an announcement of it is either valid or invalid (RFC 6811 §2). What is not routed needs
/// none.
pub(in crate::receiving::checks) fn exists(evidence: &Evidence, purpose: Purpose) -> Said {
    let group = match group(evidence, purpose) {
        Ok(group) => group,
        Err(said) => return said,
    };
    let covered = |origins: &&Vec<Rpki>| origins.iter().any(|rpki| *rpki != Rpki::NotFound);
    let with = group.routed.iter().filter(covered).count();
    let said = match (with, group.routed.len() - with, group.unknown) {
        (1.., 1.., _) => Said::is(Word::Partly),
        (_, _, Some(why)) => Said::inconclusive(why),
        (0, 0, None) => Said::not_applicable(Inapplicable::NoAddress),
        (0, 1.., None) => Said::is(Word::Absent),
        (1.., 0, None) => Said::is(Word::All),
    };
    group.detailed(said)
}
