//! What TLS reports about a trial are worth, in words and as data: a postscript to its verdict, which it changes in nothing.

mod json;

use crate::sending::persona::CaseId;
use crate::sending::verdict::{FieldResult, LineFinding, ReportFinding, Reported, Subject};
use crate::shared::policy::tls_report::Defect;
use crate::shared::text::{Body, Findings, Found, Language, Page, Section, Tone, Words, clean, clean_to};
use crate::shared::time::UtcDay;

use super::words;

pub use json::reported_json;

/// How much of a value is shown, in characters: a policy has several names of hosts.
const VALUE_CHARS_MAX: usize = 400;
/// How many reports a page tells of.
const REPORTS_MAX: usize = 50;
/// How many sentences it tells of each.
const SENTENCES_MAX: usize = 100;

/// The parts of a trial's page on the reports about it: what they are worth, and `wish`, the page on which its sender may ask
/// to be told of them.
pub fn postscript(reported: &Reported, wish: &str, language: Language) -> Vec<Section> {
    let words = words::of(language);
    let intro = words.say(if reported.reports.is_empty() { "reported-none" } else { "reported-wish" });
    let link = Section { title: String::new(), intro, body: Body::Link(wish.to_owned()), detailed: false };
    section(words, reported).into_iter().chain([link]).collect()
}

/// The mail on the reports about a trial, whose page is `page`, to whoever may object at `objection`; none where none has
/// come.
pub fn postscript_mail(
    reported: &Reported,
    sender: &str,
    page: &str,
    objection: &str,
    language: Language,
) -> Option<Page> {
    let words = words::of(language);
    let section = section(words, reported)?;
    let (mut right, mut wrong) = (0, 0);
    for report in &reported.reports {
        let (of_right, of_wrong) = report.score();
        (right, wrong) = (right + of_right, wrong + of_wrong);
    }
    let figures =
        [("reports", reported.reports.len().into()), ("right", right.into()), ("wrong", wrong.into())];
    Some(Page {
        language,
        about: words.tell("reported-mail-about", &[("sender", clean(sender).into())]),
        subject: words.tell("reported-mail-subject", &figures),
        tone: if wrong == 0 { Tone::Good } else { Tone::Warning },
        answer: vec![words.say("reported-mail-why")],
        term: String::new(),
        sections: vec![section],
        evidence_title: String::new(),
        footer: vec![
            words.tell("reported-mail-page", &[("page", page.into())]),
            words::objection(language, objection),
        ],
    })
}

/// What the reports are worth; none where none has come.
fn section(words: &Words, reported: &Reported) -> Option<Section> {
    if reported.reports.is_empty() {
        return None;
    }
    let found = reported.reports.iter().take(REPORTS_MAX).map(|report| found(words, report)).collect();
    let without = |(case, day): &(CaseId, UtcDay)| {
        let said = words
            .tell("reported-without", &[("case", case.to_string().into()), ("day", day.to_string().into())]);
        (Tone::Inconclusive, said)
    };
    let besides = reported.without.iter().take(SENTENCES_MAX).map(without).collect();
    Some(Section {
        title: words.say("reported-title"),
        intro: words.say("reported-intro"),
        body: Body::Findings(Findings { found, besides, ..Findings::default() }),
        detailed: false,
    })
}

fn found(words: &Words, report: &ReportFinding) -> Found {
    let (right, wrong) = report.score();
    let mut sentences = vec![vouching(words, report)];
    sentences.extend(report.lines.iter().flat_map(|line| faults(words, line)));
    sentences.extend(report.defects.iter().map(|defect| self::defect(words, defect)));
    let left_out = sentences.len().saturating_sub(SENTENCES_MAX);
    sentences.truncate(SENTENCES_MAX);
    if left_out > 0 {
        sentences.push(words.tell("reported-left-out", &[("number", left_out.into())]));
    }
    let day =
        report.start.map_or_else(|| words.say("reported-no-day"), |start| UtcDay::of(start).to_string());
    let organization = match report.organization.is_empty() {
        true => words.say("reported-nameless"),
        false => clean(&report.organization),
    };
    Found {
        tone: tone(report, wrong),
        title: words.tell("reported-report", &[("organization", organization.into()), ("day", day.into())]),
        result: words.tell("reported-score", &[("right", right.into()), ("wrong", wrong.into())]),
        sentences,
        ..Found::default()
    }
}

fn tone(report: &ReportFinding, wrong: usize) -> Tone {
    match (wrong, report.defects.is_empty()) {
        (0, true) => Tone::Good,
        (0, false) => Tone::Info,
        _ => Tone::Warning,
    }
}

fn vouching(words: &Words, report: &ReportFinding) -> String {
    match (&report.vouched_by, report.by_https) {
        (Some(domain), _) => words.tell("reported-vouched", &[("domain", clean(domain).into())]),
        (None, true) => words.say("reported-by-https"),
        (None, false) => words.say("reported-not-vouched"),
    }
}

/// What is wrong with a line, a sentence for each field.
fn faults(words: &Words, line: &LineFinding) -> Vec<String> {
    let case = line.case.to_string();
    let wrong = line.fields.iter().filter_map(|field| match &field.result {
        FieldResult::Wrong { reported, ours } => Some((field.field, reported, ours)),
        _ => None,
    });
    if line.subject == Subject::Missing {
        let values: Vec<_> = wrong.map(|(_, _, ours)| clean_to(ours, VALUE_CHARS_MAX)).collect();
        let [host, number] = &values[..] else { return Vec::new() };
        let values =
            [("case", case.into()), ("host", host.as_str().into()), ("number", number.as_str().into())];
        return vec![words.tell("reported-missing", &values)];
    }
    let told = |(field, reported, ours): (&str, &String, &String)| {
        let (reported, ours) = (clean_to(reported, VALUE_CHARS_MAX), clean_to(ours, VALUE_CHARS_MAX));
        let key = if ours.is_empty() { "reported-wrong-none" } else { "reported-wrong" };
        let values = [
            ("case", case.clone().into()),
            ("field", field.into()),
            ("reported", reported.into()),
            ("ours", ours.into()),
        ];
        words.tell(key, &values)
    };
    wrong.map(told).collect()
}

fn defect(words: &Words, defect: &Defect) -> String {
    let key = format!("report-defect-{}", defect.kind.name());
    words.tell(&key, &[("field", clean(&defect.field).into())])
}

#[cfg(test)]
mod tests {
    use crate::sending::history::Seq;
    use crate::sending::verdict::FieldFinding;
    use crate::shared::policy::tls_report::{DefectKind, PolicyType};
    use crate::shared::time::Timestamp;

    use super::*;

    fn reported() -> Reported {
        let wrong = |field, reported: &str, ours: &str| FieldFinding {
            field,
            result: FieldResult::Wrong { reported: reported.to_owned(), ours: ours.to_owned() },
        };
        let line = |subject, fields| LineFinding {
            case: "none".into(),
            policy_type: PolicyType::Sts,
            subject,
            fields,
        };
        let report = ReportFinding {
            seq: Seq(7),
            at: Timestamp::UNIX_EPOCH,
            organization: "Evil\u{202e} <b>".to_owned(),
            vouched_by: None,
            by_https: true,
            source: [192, 0, 2, 1].into(),
            start: Some(Timestamp::UNIX_EPOCH),
            end: None,
            defects: DefectKind::ALL.into_iter().map(|kind| Defect::new(kind, "contact-info")).collect(),
            lines: vec![
                line(Subject::Policy, vec![wrong("policy-type", "tlsa", "sts"), wrong("mx-host", "a", "")]),
                line(
                    Subject::Missing,
                    vec![wrong("receiving-mx-hostname", "", "bad"), wrong("failure-details", "0", "2")],
                ),
            ],
        };
        Reported { reports: vec![report], without: vec![("none".into(), UtcDay(20_000))] }
    }

    #[test]
    fn every_defect_has_its_sentence_and_what_a_reporter_wrote_is_cleaned() {
        for language in Language::ALL {
            let sections = postscript(&reported(), "https://test.example/r/x/postscript", language);
            let Body::Findings(findings) = &sections[0].body else { panic!("findings") };
            assert_eq!(findings.besides.len(), 1);
            let found = &findings.found[0];
            assert!(found.title.contains("EvilU+202E"), "{}", found.title);
            assert_eq!(found.sentences.len(), 1 + 3 + DefectKind::ALL.len());
            for sentence in &found.sentences {
                assert!(!sentence.contains("report-defect-") && !sentence.contains("{$"), "{sentence}");
            }
        }
        let none = postscript(&Reported::default(), "https://test.example/r/x/postscript", Language::En);
        assert!(matches!(&none[..], [Section { body: Body::Link(_), .. }]), "{none:?}");
        assert_eq!(postscript_mail(&Reported::default(), "a", "b", "c", Language::En), None);
    }

    #[test]
    fn a_mail_says_whose_test_it_is_about_and_where_to_object() {
        for language in Language::ALL {
            let mail = postscript_mail(
                &reported(),
                "example.net",
                "https://p.example/r/x",
                "https://p.example/o",
                language,
            );
            let text = mail.expect("a report has come").text();
            for part in ["example.net", "https://p.example/r/x", "https://p.example/o", "EvilU+202E"] {
                assert!(text.contains(part), "{part}: {text}");
            }
            assert!(!text.contains("reported-"), "{text}");
        }
    }
}
