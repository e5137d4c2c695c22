//! Those who send TLS reports, and how right they are. Only what a DKIM signature vouches for counts, for the domain that
//! signed: nobody can make another look bad.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::program::archive::{Archive, ArchiveError, ReportScoreRow};
use crate::sending::verdict::{FieldResult, ReportFinding, Subject};
use crate::shared::text::{clean, clean_to};
use crate::shared::time::{Timestamp, UtcDay, before};

/// For how long it is kept what a report was worth, in days.
pub const SCORES_KEPT_DAYS: u32 = 730;
/// How many reporters a table names.
const REPORTERS_MAX: usize = 1_000;
/// How much is kept of what a reporter calls itself, in characters.
const ORGANIZATION_CHARS_MAX: usize = 100;
/// How many faults are shown of a reporter in a table, the most frequent first.
const FAULTS_SHOWN_MAX: usize = 3;

/// A line that is missing.
const LINE_MISSING: &str = "failure-details: missing";

/// What was wrong with reports: a field that says something else than our log, or a defect, and how often.
pub type Faults = BTreeMap<String, u64>;

/// What a report is worth, as it is kept; none where nobody vouches for it.
pub fn score(finding: &ReportFinding) -> Option<ReportScoreRow> {
    let reporter = finding.vouched_by.clone()?;
    let mut faults = Faults::new();
    let mut note = |fault: String| *faults.entry(fault).or_default() += 1;
    let (mut right, mut wrong, mut missing) = (0, 0, 0);
    for line in &finding.lines {
        if line.subject == Subject::Missing {
            missing += 1;
            note(LINE_MISSING.to_owned());
            continue;
        }
        for field in &line.fields {
            match field.result {
                FieldResult::Right => right += 1,
                FieldResult::Wrong { .. } => {
                    wrong += 1;
                    note(format!("{}: wrong", field.field));
                }
                FieldResult::Open(_) => {}
            }
        }
    }
    for defect in &finding.defects {
        let at = if defect.field.is_empty() { "report" } else { &defect.field };
        note(format!("{at}: {}", defect.kind.name()));
    }
    Some(ReportScoreRow {
        seq: finding.seq.0,
        reporter,
        organization: clean_to(&finding.organization, ORGANIZATION_CHARS_MAX),
        at: finding.at,
        fields_right: right,
        fields_wrong: wrong,
        lines_missing: missing,
        faults: serde_json::to_string(&faults).unwrap_or_default(),
    })
}

/// What a report is worth that is about two trials.
pub fn joined(one: &ReportScoreRow, other: &ReportScoreRow) -> ReportScoreRow {
    let mut faults = faults_of(one);
    let is_defect = |fault: &str| !fault.ends_with(": wrong") && fault != LINE_MISSING;
    for (fault, number) in faults_of(other) {
        let known = faults.entry(fault.clone()).or_default();
        // Its defects are the same in both.
        *known = if is_defect(&fault) { number.max(*known) } else { *known + number };
    }
    ReportScoreRow {
        fields_right: one.fields_right + other.fields_right,
        fields_wrong: one.fields_wrong + other.fields_wrong,
        lines_missing: one.lines_missing + other.lines_missing,
        faults: serde_json::to_string(&faults).unwrap_or_default(),
        ..one.clone()
    }
}

fn faults_of(row: &ReportScoreRow) -> Faults {
    serde_json::from_str(&row.faults).unwrap_or_default()
}

/// How right the reports of a domain are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reporter {
    /// The domain that signs them.
    pub domain: String,
    /// What it called itself last.
    pub organization: String,
    pub reports: u64,
    /// The first day and the last on which one came.
    pub first: String,
    pub last: String,
    pub right: u64,
    pub wrong: u64,
    pub missing: u64,
    /// In how many reports anything was wrong or missing, or had a defect.
    pub with_faults: u64,
    pub faults: Faults,
}

impl Reporter {
    fn add(&mut self, row: &ReportScoreRow) {
        let day = UtcDay::of(row.at).to_string();
        if self.reports == 0 {
            (self.domain, self.first) = (row.reporter.clone(), day.clone());
        }
        self.organization.clone_from(&row.organization);
        self.last = day;
        self.reports += 1;
        self.right += u64::from(row.fields_right);
        self.wrong += u64::from(row.fields_wrong);
        self.missing += u64::from(row.lines_missing);
        let faults = faults_of(row);
        self.with_faults += u64::from(!faults.is_empty());
        for (fault, number) in faults {
            *self.faults.entry(fault).or_default() += number;
        }
    }

    /// The most frequent faults, the most frequent first.
    fn worst(&self) -> Vec<&str> {
        let mut faults: Vec<_> = self.faults.iter().collect();
        faults.sort_by_key(|(fault, number)| (std::cmp::Reverse(**number), *fault));
        faults.into_iter().take(FAULTS_SHOWN_MAX).map(|(fault, _)| fault.as_str()).collect()
    }
}

/// The table of these reports, the reporters with the most first.
pub fn reporters(rows: &[ReportScoreRow]) -> Vec<Reporter> {
    let mut of: BTreeMap<&str, Reporter> = BTreeMap::new();
    for row in rows {
        of.entry(&row.reporter).or_default().add(row);
    }
    let mut all: Vec<Reporter> = of.into_values().collect();
    all.sort_by(|one, other| (other.reports, &one.domain).cmp(&(one.reports, &other.domain)));
    all.truncate(REPORTERS_MAX);
    all
}

/// The table of all that is kept at `now`.
///
/// # Errors
///
/// If the archive does not answer.
pub async fn kept_reporters(archive: &Archive, now: Timestamp) -> Result<Vec<Reporter>, ArchiveError> {
    let since = before(now, SCORES_KEPT_DAYS * 86_400);
    Ok(reporters(&archive.report_scores(since).await?))
}

/// The table as data.
pub fn reporters_json(reporters: &[Reporter]) -> Value {
    json!({ "reporters": reporters })
}

/// The table for a terminal: a reporter on two lines of at most 80 characters.
pub fn reporters_text(reporters: &[Reporter]) -> String {
    if reporters.is_empty() {
        return "No TLS report that a signature vouches for has come about a trial.\n".to_owned();
    }
    let mut text =
        format!("{:<34} {:>7} {:>8} {:>8} {:>8}\n", "reporter", "reports", "right", "wrong", "missing");
    for one in reporters {
        let Reporter { reports, right, wrong, missing, .. } = one;
        let domain = clean_to(&one.domain, 33);
        text.push_str(&format!("{domain:<34} {reports:>7} {right:>8} {wrong:>8} {missing:>8}\n"));
        let worst: BTreeSet<&str> = one.worst().into_iter().collect();
        for fault in worst {
            text.push_str(&format!("  {}\n", clean_to(&clean(fault), 76)));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use crate::sending::history::Seq;
    use crate::sending::verdict::{FieldFinding, LineFinding};
    use crate::shared::policy::tls_report::{Defect, DefectKind, PolicyType};

    use super::*;

    fn finding(vouched_by: Option<&str>, subject: Subject, results: &[FieldResult]) -> ReportFinding {
        let field = |result: &FieldResult| FieldFinding { field: "mx-host", result: result.clone() };
        ReportFinding {
            seq: Seq(7),
            at: Timestamp::UNIX_EPOCH,
            organization: "Example".to_owned(),
            vouched_by: vouched_by.map(str::to_owned),
            by_https: false,
            source: [192, 0, 2, 1].into(),
            start: None,
            end: None,
            defects: vec![Defect::new(DefectKind::Null, "contact-info")],
            lines: vec![LineFinding {
                case: "none".into(),
                policy_type: PolicyType::Sts,
                subject,
                fields: results.iter().map(field).collect(),
            }],
        }
    }

    #[test]
    fn only_what_a_signature_vouches_for_counts_and_for_whom_it_is() {
        let wrong = || FieldResult::Wrong { reported: "a".to_owned(), ours: "b".to_owned() };
        let results = [FieldResult::Right, wrong(), FieldResult::Right];
        assert_eq!(score(&finding(None, Subject::Policy, &results)), None);
        let rows = [
            score(&finding(Some("example.net"), Subject::Policy, &results)),
            score(&finding(Some("example.net"), Subject::Missing, &[wrong()])),
            score(&finding(Some("example.org"), Subject::Policy, &[FieldResult::Right])),
        ]
        .map(|row| row.expect("vouched for"));
        let all = reporters(&rows);
        let figures: Vec<_> =
            all.iter().map(|one| (&*one.domain, one.reports, one.right, one.wrong, one.missing)).collect();
        assert_eq!(figures, [("example.net", 2, 2, 1, 1), ("example.org", 1, 1, 0, 0)]);
        assert_eq!(all[0].faults["contact-info: null"], 2);
        assert_eq!(all[0].faults["mx-host: wrong"], 1);
        let both = joined(&rows[0], &rows[0]);
        assert_eq!((both.fields_right, both.fields_wrong), (4, 2));
        assert_eq!(both.faults, r#"{"contact-info: null":1,"mx-host: wrong":2}"#);
        let text = reporters_text(&all);
        assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
        assert!(text.contains("  mx-host: wrong"), "{text}");
    }
}
