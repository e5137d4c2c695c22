//! What internet.nl's rules of today make of a domain, in the form of its batch API.

use serde_json::{Map, Value, json};

use crate::receiving::checks::Measured;
use crate::receiving::grades::{Grade, OWN, Receiving, Score, SectionScore, SectionVerdict, Subtest};
use crate::receiving::profiles::Status;

use super::tree::{PROFILE, TREE, plain_verdict, status_of, test_of, word_of};

/// The results of a domain whose page is at `url`; none: internet.nl's rules say nothing of it.
pub(super) fn results(receiving: &Receiving<'_>, url: &str) -> Option<Value> {
    let Grade::Internetnl(score) = &receiving.ratings.of(PROFILE)?.grade else { return None };
    let mut categories = Map::new();
    let mut tests = Map::new();
    for section in &score.sections {
        let Some(category) = TREE.iter().find(|category| category.section == section.section) else {
            continue;
        };
        // What the operator has no source for is left out, as theirs leaves out what an instance does not test.
        if section.verdict == SectionVerdict::NotMeasured {
            continue;
        }
        categories.insert(category.name.to_owned(), self::category(score, section));
        for subtest in &section.subtests {
            let (Some(name), Some(status)) = (test_of(subtest.check), status_of(subtest.status)) else {
                continue;
            };
            tests
                .insert(name.to_owned(), json!({ "status": status, "verdict": verdict(receiving, subtest) }));
        }
    }
    Some(json!({
        "status": "ok",
        // Certain: what could not be found out counts as bad.
        "scoring": { "percentage": score.range.0 },
        "report": { "url": url },
        "results": { "categories": categories, "tests": tests, "custom": custom(receiving, score) },
    }))
}

fn category(score: &Score, section: &SectionScore) -> Value {
    let (status, verdict) = match section.verdict {
        SectionVerdict::Passed => ("passed", "passed"),
        SectionVerdict::Failed => ("failed", "failed"),
        SectionVerdict::Recommendation => ("warning", "warning"),
        SectionVerdict::Info => ("info", "info"),
        SectionVerdict::Inconclusive | SectionVerdict::NotMeasured => ("error", "error"),
    };
    // Where there is no MX host, that is why nothing was measured.
    let no_host = score.mx_case.filter(|_| section.verdict == SectionVerdict::Info);
    json!({ "status": status, "verdict": no_host.map_or(json!(verdict), |case| json!(case)) })
}

/// The word of the finding that decides, where there is one; where all is well, of the first.
fn verdict(receiving: &Receiving<'_>, subtest: &Subtest) -> String {
    let decides = subtest.culprit.or(subtest.findings.first().copied());
    let decides = decides.and_then(|index| receiving.findings.get(index));
    match decides.map(|finding| &finding.measured) {
        Some(Measured::Is { word })
            if !matches!(subtest.status, Status::NotApplicable | Status::Inconclusive) =>
        {
            word_of(*word)
        }
        _ => plain_verdict(subtest.status).to_owned(),
    }
}

/// What this service knows beyond: the range of the percentage, and our own letter.
fn custom(receiving: &Receiving<'_>, score: &Score) -> Value {
    let letter = match receiving.ratings.of(OWN).map(|rating| &rating.grade) {
        Some(Grade::Mailassay(own)) => own.letter,
        _ => None,
    };
    json!({
        "score_range": { "least": score.range.0, "most": score.range.1 },
        "mailassay_grade": letter,
    })
}
