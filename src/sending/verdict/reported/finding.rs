//! What is found out about reports. The wording is `report`'s.

use std::net::IpAddr;

use crate::sending::history::{Noted, ReportCame, ReportReceived, Seq};
use crate::sending::persona::CaseId;
use crate::shared::policy::tls_report::{Defect, PolicyType, ResultType, TlsReport};
use crate::shared::time::{Timestamp, UtcDay};

/// What the reports about a trial are worth.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reported {
    /// One for each report, in the order in which they came.
    pub reports: Vec<ReportFinding>,
    /// Cases that had sessions on a day of which a report has come, and of which none says anything so far.
    pub without: Vec<(CaseId, UtcDay)>,
}

/// What one report is worth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportFinding {
    /// Its place in the journal.
    pub seq: Seq,
    /// When it came.
    pub at: Timestamp,
    /// Who says that it is his, as he writes it.
    pub organization: String,
    /// The domain whose DKIM signature vouches for it; none: anybody may have sent it.
    pub vouched_by: Option<String>,
    /// Whether it came by HTTPS, and not by mail.
    pub by_https: bool,
    /// Where it came from.
    pub source: IpAddr,
    pub start: Option<Timestamp>,
    pub end: Option<Timestamp>,
    /// What of it departs from the standard.
    pub defects: Vec<Defect>,
    pub lines: Vec<LineFinding>,
}

impl ReportFinding {
    pub(super) fn new(noted: &Noted<ReportReceived>, report: &TlsReport, lines: Vec<LineFinding>) -> Self {
        Self {
            seq: noted.seq,
            at: noted.at,
            organization: report.organization_name.clone(),
            vouched_by: noted.what.vouched_by().map(str::to_owned),
            by_https: matches!(noted.what.came, ReportCame::Https { .. }),
            source: noted.what.source(),
            start: report.start,
            end: report.end,
            defects: report.defects.clone(),
            lines,
        }
    }

    /// How many fields are right, and how many wrong.
    pub fn score(&self) -> (usize, usize) {
        let fields = || self.lines.iter().flat_map(|line| &line.fields);
        let right = fields().filter(|field| field.result == FieldResult::Right).count();
        let wrong = fields().filter(|field| field.result.is_wrong()).count();
        (right, wrong)
    }
}

/// What a line of a report is worth, field by field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineFinding {
    pub case: CaseId,
    pub policy_type: PolicyType,
    pub subject: Subject,
    pub fields: Vec<FieldFinding>,
}

/// What a line is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A policy, and all sessions under it.
    Policy,
    /// Sessions that failed alike.
    Failure(ResultType),
    /// Sessions that failed by our log, and that no line tells of.
    Missing,
}

/// What a field is worth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldFinding {
    /// The field as RFC 8460 calls it.
    pub field: &'static str,
    pub result: FieldResult,
}

/// Whether a field says what our log says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FieldResult {
    Right,
    /// It says something else.
    Wrong {
        /// As the report has it.
        reported: String,
        /// As our log has it.
        ours: String,
    },
    /// Our log cannot tell.
    Open(Untold),
}

impl FieldResult {
    /// Whether it is wrong.
    pub fn is_wrong(&self) -> bool {
        matches!(self, Self::Wrong { .. })
    }

    pub(super) fn wrong(reported: impl Into<String>, ours: impl Into<String>) -> Self {
        Self::Wrong { reported: reported.into(), ours: ours.into() }
    }
}

/// Why our log cannot tell whether a field is right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Untold {
    /// What failed may have been found out before any connection.
    BeforeConnecting,
    /// What we published changed within the range.
    Changed,
    /// The report leaves out the range, the host or the number.
    NotSaid,
    /// Whoever practises neither DANE nor MTA-STS finds no policy.
    NotPractised,
    /// The address is a private one, which no peer sees.
    PrivateAddress,
    /// Links of that time are missing in our log.
    Incomplete,
}

impl Untold {
    /// The word for it in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::BeforeConnecting => "before-connecting",
            Self::Changed => "changed",
            Self::NotSaid => "not-said",
            Self::NotPractised => "not-practised",
            Self::PrivateAddress => "private-address",
            Self::Incomplete => "incomplete",
        }
    }
}
