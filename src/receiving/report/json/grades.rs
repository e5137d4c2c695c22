//! The results of the profiles.

use serde_json::{Map, Value, json};

use crate::receiving::checks::{Check, Subject};
use crate::receiving::grades::{
    Bsi, Grade, Lindenberg, Luxsci, NoMail, Own, Qte, Rating, Receiving, Score, SectionScore, Subtest,
};

/// One profile: what it is, and its result.
pub(super) fn rating(receiving: &Receiving<'_>, rating: &Rating) -> Value {
    let mut value = match &rating.grade {
        Grade::Internetnl(score) => internetnl(receiving, score),
        Grade::Luxsci(result) => luxsci(result),
        Grade::Lindenberg(result) => lindenberg(result),
        Grade::Qte(Qte { applies, capable, mx }) => {
            json!({ "applies": applies, "capable": capable, "mx": mx })
        }
        Grade::Bsi(Bsi { applies, medal, range, missing, open }) => json!({
            "applies": applies,
            "medal": medal,
            "medal_range": range.map(|(worst, best)| [worst, best]),
            "missing": missing,
            "open": open,
        }),
        Grade::Mailassay(result) => own(result),
        Grade::NoMail(NoMail { applies, null_mx, spf, dmarc, kept }) => json!({
            "applies": applies, "null_mx": null_mx, "spf": spf, "dmarc": dmarc, "kept": kept,
        }),
    };
    if let Some(fields) = value.as_object_mut() {
        fields.insert("title".to_owned(), json!(rating.profile.title));
        fields.insert("date".to_owned(), json!(rating.profile.date));
        fields.insert("outcome".to_owned(), json!(rating.outcome()));
    }
    value
}

fn internetnl(receiving: &Receiving<'_>, score: &Score) -> Value {
    let categories: Map<String, Value> = score
        .sections
        .iter()
        .map(|section| (section.section.name().to_owned(), category(receiving, section)))
        .collect();
    json!({
        "score": score.score,
        "score_range": [score.range.0, score.range.1],
        "mx_case": score.mx_case,
        "not_measured": score.not_measured().collect::<Vec<_>>(),
        "categories": categories,
    })
}

fn category(receiving: &Receiving<'_>, section: &SectionScore) -> Value {
    let subtests: Vec<Value> =
        section.subtests.iter().map(|subtest| self::subtest(receiving, subtest)).collect();
    json!({
        "score": section.score,
        "score_range": section.range.map(|(least, most)| [least, most]),
        "maximum": section.maximum,
        "verdict": section.verdict,
        "subtests": subtests,
    })
}

fn subtest(receiving: &Receiving<'_>, subtest: &Subtest) -> Value {
    json!({
        "id": subtest.check,
        "internetnl": subtest.check.internetnl(),
        "status": subtest.status,
        "points": subtest.points,
        "culprit": subtest.culprit.and_then(|index| subject(receiving, index)),
    })
}

fn subject<'a>(receiving: &'a Receiving<'_>, index: usize) -> Option<&'a Subject> {
    receiving.findings.get(index).map(|finding| &finding.subject)
}

fn luxsci(Luxsci { applies, letter, forced_tls, mx, open }: &Luxsci) -> Value {
    json!({
        "applies": applies,
        "grade": letter,
        "forced_tls": forced_tls,
        "mx": mx,
        "inconclusive": ids(open),
    })
}

fn ids(checks: &[Check]) -> Vec<&'static str> {
    checks.iter().map(|check| check.id()).collect()
}

fn lindenberg(result: &Lindenberg) -> Value {
    let Lindenberg { applies, colour, qte, rfc7672, rfc8461, mx } = result;
    let mut rows = json!(mx);
    for (row, written) in mx.iter().zip(rows.as_array_mut().into_iter().flatten()) {
        let versions: Vec<String> =
            row.versions.iter().map(|version| super::servers::version_name(*version)).collect();
        written["versions"] = json!(versions);
    }
    json!({
        "applies": applies, "colour": colour, "qte": qte, "rfc7672": rfc7672, "rfc8461": rfc8461, "mx": rows,
    })
}

/// `?` where something that could not be found out could change the letter; null where there is nothing to grade.
fn own(result: &Own) -> Value {
    let Own { applies, letter, range, ground, culprit, open } = result;
    let grade = match letter {
        Some(letter) => json!(letter),
        None if *applies => json!("?"),
        None => Value::Null,
    };
    json!({
        "applies": applies,
        "grade": grade,
        "grade_range": range.map(|(worst, best)| [worst, best]),
        "ground": ground,
        "culprit": culprit.as_ref().map(|(host, ip)| json!({ "host": host, "ip": ip })),
        "inconclusive": ids(open),
    })
}

/// What internet.nl's new rules changed for this domain.
pub(super) fn changes(receiving: &Receiving<'_>) -> Vec<Value> {
    let changes = receiving.ratings.changes.iter();
    changes
        .map(|change| {
            json!({
                "id": change.check,
                "internetnl": change.check.internetnl(),
                "subject": subject(receiving, change.finding),
                "before": change.before,
                "after": change.after,
            })
        })
        .collect()
}
