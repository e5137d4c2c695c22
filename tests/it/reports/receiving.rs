//! The report of `mailassay check`, from the evidence in `tests/reports/<case>/evidence.json`.

use std::fs;

use mailassay::evidence::scan::Evidence;
use mailassay::persona::Language;
use mailassay::report::{Page, receiving};
use mailassay::verdict::receiving::grade::Receiving;

use super::{compare, folder};

/// The domains, by their folders.
fn domains() -> Vec<(String, Evidence)> {
    let folders = fs::read_dir(folder("")).expect("the folder of goldens");
    let mut names: Vec<String> =
        folders.map(|entry| entry.expect("an entry").file_name().into_string().expect("UTF-8")).collect();
    names.sort();
    let read = |name: String| {
        let path = folder(&name).join("evidence.json");
        let text = fs::read_to_string(&path).ok()?;
        let evidence =
            serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        Some((name, evidence))
    };
    names.into_iter().filter_map(read).collect()
}

fn page(evidence: &Evidence, language: Language) -> Page {
    let now = evidence.to;
    receiving::page(&Receiving::of(evidence, now), "mailassay", language, now)
}

#[test]
fn reports_are_as_they_were_read_and_approved() {
    let domains = domains();
    assert!(domains.len() >= 5, "{} domains", domains.len());
    for (case, evidence) in &domains {
        for language in Language::ALL {
            let page = page(evidence, language);
            let text = format!("{}\n\n{}", page.subject, page.text());
            compare(&folder(case).join(format!("report.{}.txt", language.tag())), &text);
        }
        compare(&folder(case).join("report.en.html"), &page(evidence, Language::En).html());
        assert!(folder(case).join("README.md").exists(), "{case} lacks its README.md");
    }
}

#[test]
fn reports_keep_to_78_columns_and_printable_characters() {
    for (case, evidence) in &domains() {
        for language in Language::ALL {
            let page = page(evidence, language);
            for line in page.text().lines() {
                let unbroken = line.contains("https://");
                assert!(line.chars().count() <= 78 || unbroken, "{case} {}: {line}", language.tag());
                assert!(!line.chars().any(char::is_control), "{case} {}: {line:?}", language.tag());
                assert!(!line.contains(['\u{202e}', '\u{200b}', '\u{2066}']), "{case}: {line:?}");
            }
            let html = page.html();
            for tag in ["<script", "<img", "<svg", "onerror=alert(1)>"] {
                assert!(!html.contains(tag), "{case}: {tag}");
            }
        }
    }
}
