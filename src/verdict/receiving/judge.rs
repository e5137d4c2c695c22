//! Every check, asked of the evidence.

use jiff::Timestamp;

use super::check::Check;
use super::finding::Finding;
use super::mx;
use crate::evidence::scan::Evidence;

/// A check: what it finds, at least one finding for whatever it is about.
pub(super) type Judgement = fn(&Evidence, Timestamp) -> Vec<Finding>;

/// All findings, in the order of [`Check::ALL`].
pub fn judge(evidence: &Evidence, now: Timestamp) -> Vec<Finding> {
    Check::ALL.iter().filter_map(|check| of(*check)).flat_map(|check| check(evidence, now)).collect()
}

pub(super) fn of(check: Check) -> Option<Judgement> {
    Some(match check {
        Check::MxRecords => mx::mx_records,
        Check::MxDuplicates => mx::mx_duplicates,
        Check::MxConsistency => mx::mx_consistency,
        Check::MxTarget => mx::mx_target,
        _ => return None,
    })
}
