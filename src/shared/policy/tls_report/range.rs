//! The time that a report is about: one day of UTC (RFC 8460 §4.1).

use serde_json::{Map, Value};

use crate::shared::time::{Timestamp, before};

use super::defect::DefectKind;
use super::lenient::Lenient;

const DAY_S: i64 = 86_400;

/// The first and the last moment.
pub(super) fn range(
    lenient: &mut Lenient,
    report: &Map<String, Value>,
) -> (Option<Timestamp>, Option<Timestamp>) {
    let Some(range) = lenient.object(report, "date-range") else { return (None, None) };
    let start = moment(lenient, range, "start-datetime");
    let mut end = moment(lenient, range, "end-datetime");
    if let (Some(from), Some(to)) = (start, end) {
        let (from, to) = (from.as_second(), to.as_second());
        let at_midnight = from.rem_euclid(DAY_S) == 0;
        if at_midnight && to == from + DAY_S {
            lenient.note(DefectKind::EndAtMidnight, "end-datetime");
            end = end.map(|end| before(end, 1));
        } else if !at_midnight || to != from + DAY_S - 1 {
            lenient.note(DefectKind::NotADay, "date-range");
        }
    }
    (start, end)
}

/// A time (RFC 3339 §5.6); one that names no offset is read as UTC.
fn moment(lenient: &mut Lenient, range: &Map<String, Value>, field: &str) -> Option<Timestamp> {
    let text = lenient.text(range, field, true)?;
    let read: Option<Timestamp> = text.parse().ok();
    if read.is_some() {
        return read;
    }
    let as_utc: Option<Timestamp> = format!("{text}Z").parse().ok();
    lenient.note(if as_utc.is_some() { DefectKind::NoOffset } else { DefectKind::Unfit }, field);
    as_utc
}
