//! Reports about a trial as data.

use serde_json::{Value, json};

use crate::sending::verdict::{FieldResult, LineFinding, ReportFinding, Reported, Subject};
use crate::shared::text::{clean, clean_to};

use super::VALUE_CHARS_MAX;

/// The reports about a trial, each with what is right, wrong and missing in it.
pub fn reported_json(reported: &Reported) -> Value {
    let reports: Vec<_> = reported.reports.iter().map(report).collect();
    let without = reported.without.iter().map(|(case, day)| json!({ "case": case, "day": day.to_string() }));
    json!({ "reports": reports, "without": without.collect::<Vec<_>>() })
}

fn report(report: &ReportFinding) -> Value {
    let (right, wrong) = report.score();
    let defects = report.defects.iter();
    let defects = defects.map(|defect| json!({ "kind": defect.kind.name(), "field": clean(&defect.field) }));
    json!({
        "observation": report.seq.0,
        "received": report.at.to_string(),
        "organization": clean(&report.organization),
        "vouched_by": report.vouched_by.as_deref().map(clean),
        "way": if report.by_https { "https" } else { "mail" },
        "start": report.start.map(|start| start.to_string()),
        "end": report.end.map(|end| end.to_string()),
        "right": right,
        "wrong": wrong,
        "defects": defects.collect::<Vec<_>>(),
        "lines": report.lines.iter().map(line).collect::<Vec<_>>(),
    })
}

fn line(line: &LineFinding) -> Value {
    let subject = match &line.subject {
        Subject::Policy => "policy".to_owned(),
        Subject::Failure(result) => clean(result.name()),
        Subject::Missing => "missing".to_owned(),
    };
    let fields = line.fields.iter().map(|field| match &field.result {
        FieldResult::Right => json!({ "field": field.field, "result": "right" }),
        FieldResult::Wrong { reported, ours } => json!({
            "field": field.field,
            "result": "wrong",
            "reported": clean_to(reported, VALUE_CHARS_MAX),
            "ours": clean_to(ours, VALUE_CHARS_MAX),
        }),
        FieldResult::Open(why) => json!({ "field": field.field, "result": "open", "why": why.name() }),
    });
    json!({
        "case": line.case,
        "policy_type": line.policy_type.name(),
        "subject": subject,
        "fields": fields.collect::<Vec<_>>(),
    })
}
