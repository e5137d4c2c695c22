//! Whether announcements are valid.

use crate::receiving::checks::Word;
use crate::receiving::checks::rpki::shared::group::group;
use crate::receiving::checks::subjects::Said;
use crate::shared::evidence::scan::{Evidence, Purpose, Rpki};

/// One invalid announcement is enough; that all are valid is said only of all.
pub(in crate::receiving::checks) fn valid(evidence: &Evidence, purpose: Purpose) -> Said {
    let group = match group(evidence, purpose) {
        Ok(group) => group,
        Err(said) => return said,
    };
    let any = |wanted: Rpki| group.routed.iter().flatten().any(|rpki| *rpki == wanted);
    let said = if any(Rpki::Invalid) {
        Said::is(Word::Invalid)
    } else if let Some(why) = group.unknown {
        Said::inconclusive(why)
    } else if any(Rpki::NotFound) {
        Said::is(Word::NotFound)
    } else {
        Said::is(if group.routed.is_empty() { Word::Unrouted } else { Word::Valid })
    };
    group.detailed(said)
}
