//! Numbers of sessions as spans.

use crate::sending::trial::HostRole;
use crate::shared::policy::tls_report::TlsReport;
use crate::shared::time::Timestamp;

use super::finding::{FieldResult, Untold};
use super::session::{Session, SessionEnd};

/// At least so many, and at most.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) least: u64,
    pub(super) most: u64,
}

impl Span {
    fn add(&mut self, is_certain: bool) {
        self.least += u64::from(is_certain);
        self.most += 1;
    }

    fn text(self) -> String {
        match self.least == self.most {
            true => self.least.to_string(),
            false => format!("{}–{}", self.least, self.most),
        }
    }

    /// What a number is worth beside it; whether more may have been than our log can have seen.
    pub(super) fn weigh(self, reported: Option<u64>, more_unseen: bool) -> FieldResult {
        match reported {
            None => FieldResult::Open(Untold::NotSaid),
            Some(number) if (self.least..=self.most).contains(&number) => FieldResult::Right,
            Some(number) if more_unseen && number > self.most => FieldResult::Open(Untold::BeforeConnecting),
            Some(number) => FieldResult::wrong(number.to_string(), self.text()),
        }
    }
}

/// The sessions of a case at some of its hosts in the range of a report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) tls: Span,
    pub(super) failed: Span,
}

/// Counts the sessions that `is_of` is true for.
pub(super) fn count<'a>(
    sessions: impl Iterator<Item = &'a Session>,
    report: &TlsReport,
    roles: &[HostRole],
) -> Counts {
    let mut counts = Counts::default();
    for session in sessions.filter(|session| roles.contains(&session.role)) {
        let Some(within) = within(session, report) else { continue };
        let is_certain = session.is_certain && within;
        match session.end {
            SessionEnd::Tls => counts.tls.add(is_certain),
            SessionEnd::Failed => counts.failed.add(is_certain),
            SessionEnd::Clear => counts.failed.add(false),
            SessionEnd::Unclear => {
                counts.tls.add(false);
                counts.failed.add(false);
            }
        }
    }
    counts
}

/// Whether a session is wholly in the range of a report; none if it is not in it at all.
pub(super) fn within(session: &Session, report: &TlsReport) -> Option<bool> {
    let (start, end) = (report.start.unwrap_or(Timestamp::MIN), report.end.unwrap_or(Timestamp::MAX));
    let (opened, closed) = (session.opened, session.closed.max(session.opened));
    let touches = |at: Timestamp| start <= at && at.as_second() <= end.as_second();
    match (touches(opened), touches(closed)) {
        (true, true) => Some(true),
        (false, false) => None,
        _ => Some(false),
    }
}
