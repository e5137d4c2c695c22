//! The report of `mailassay check`, from the evidence in `tests/reports/<case>/evidence.json`.

use std::fs;

use mailassay::program::report::{Account, json_text};
use mailassay::receiving::checks::Outcome;
use mailassay::receiving::grades::Receiving;
use mailassay::receiving::report as receiving;
use mailassay::receiving::report::Half;
use mailassay::shared::evidence::scan::{Evidence, NameAnswer, RootsUsed};
use mailassay::shared::text::{Language, Page, Tone};
use serde_json::Value;

use super::cases::CASES;
use super::{account, compare, folder, settings};

/// The domains, by their folders.
pub(crate) fn domains() -> Vec<(String, Evidence)> {
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
fn every_finding_cites_what_decides_it() {
    for (case, evidence) in &domains() {
        let bare = crate::domains::unproven(&Receiving::of(evidence, evidence.to).findings);
        assert!(bare.is_empty(), "{case}: {} findings prove nothing:\n{}", bare.len(), bare.join("\n"));
    }
}

#[test]
fn evidence_that_differs_stands_under_the_name_of_its_server_the_worst_first() {
    let domains = domains();
    let (_, mixed) = domains.iter().find(|(case, _)| case == "receives-mixed").expect("the case");
    let page = page(mixed, Language::En);
    let place = |text: &str, wanted: &str| text.find(wanted).unwrap_or_else(|| panic!("{wanted}: {text}"));
    let (html, text) = (page.html(), page.text());
    let html = &html[place(&html, "<b>TLS versions</b>")..];
    let html = &html[place(html, "<details>")..place(html, "</details>")];
    let text = &text[place(&text, "✘ TLS versions ...")..place(&text, "✘ Cipher suites ...")];
    for (shown, arrow) in [(html, "-&#62;"), (text, "->")] {
        let name = place(shown, "mx1.example.net [192.0.2.1]:");
        let bad = place(shown, &format!("TLS 1.1, 179 suites, 31 groups {arrow} TLS 1.1"));
        assert!(name < bad, "{shown}");
    }
    assert!(place(html, "-&#62; TLS 1.0 ") < place(html, "mx1.example.net [2001:db8:1::1], mx2"), "{html}");
}

/// Roots that an operator set for a lab are not those that the public trusts (N11).
#[test]
fn trust_in_roots_of_the_operator_is_not_called_public() {
    let mut domains = domains();
    let (_, evidence) = domains.iter_mut().find(|(case, _)| case == "receives-well").expect("the case");
    evidence.roots = RootsUsed::Own;
    for (language, public, own) in [
        (Language::En, "leads to a root that is publicly trusted", "the operator of this test has set"),
        (Language::De, "öffentlich vertrauenswürdigen Wurzel", "der Betreiber dieses Tests vorgegeben hat"),
    ] {
        let text = page(evidence, language).text().replace("\n    ", " ");
        assert!(!text.contains(public) && text.contains(own), "{text}");
    }
    assert!(page(evidence, Language::En).html().contains("path to the root CN=Root, of mx_roots"));
}

/// Domains whose second half is shown beside a verdict on sending.
const HALVES: [&str; 3] = ["receives-mixed", "receives-unvouched", "receives-well"];

#[test]
fn a_verdict_has_both_halves() {
    let (_, dane) = CASES.iter().find(|(name, _)| *name == "dane").expect("the case is there");
    let world = dane();
    for (case, evidence) in domains().iter().filter(|(case, _)| HALVES.contains(&case.as_str())) {
        let receiving = Receiving::of(evidence, evidence.to);
        let account = Account { receiving: Half::Scanned(&receiving), ..account(&world) };
        for language in Language::ALL {
            let page = Page::new(account, language, &settings());
            compare(&folder(case).join(format!("verdict.{}.txt", language.tag())), &page.text());
        }
        compare(&folder(case).join("verdict.en.html"), &Page::new(account, Language::En, &settings()).html());
    }
    let running = Account { receiving: Half::Running, ..account(&world) };
    let text = Page::new(running, Language::De, &settings()).text();
    assert!(text.contains("wurde noch gemessen"), "{text}");
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

/// The exit code is of all checks, the grade of encryption: who reads the one must find the other.
#[test]
fn a_good_grade_beside_failed_checks_is_not_shown_as_if_all_were_well() {
    let (mut told, mut well) = (0, 0);
    for (case, evidence) in &domains() {
        let receiving = Receiving::of(evidence, evidence.to);
        let rating = receiving.ratings.of("mailassay").expect("our own");
        let page = page(evidence, Language::En);
        if page.tone == Tone::Good {
            well += 1;
            assert_ne!(rating.outcome(), Outcome::Fail, "{case}");
        }
        let tells = |line: &String| line.contains("check failed: ") || line.contains("checks failed: ");
        told += usize::from(page.answer.iter().any(tells));
    }
    assert!(told > 0 && well > 0, "{told} {well}");
}

#[test]
fn a_name_that_does_not_exist_is_said_to_be_none_and_asked_for_no_record_of_a_sender() {
    let domains = domains();
    let (_, nothing) = domains.iter().find(|(case, _)| case == "receives-nothing").expect("the case");
    let mut evidence = nothing.clone();
    evidence.names.mx.answer = NameAnswer::NoName;
    for policy in &mut evidence.names.spf.policies {
        policy.txt.answer = NameAnswer::NoName;
    }
    let text = page(&evidence, Language::En).text();
    assert!(text.contains("does not exist in DNS (NXDOMAIN)"), "{text}");
    assert!(!text.contains("v=spf1 mx"), "{text}");
    assert!(!page(nothing, Language::En).text().contains("does not exist in DNS"));
}

/// Those whose JSON is kept, which is long.
const JSON_GOLDENS: [&str; 2] = ["receives-mixed", "receives-nothing"];

/// The fields of a list's first entry, or of an object.
fn has(value: &Value, pointer: &str, fields: &[&str], case: &str) {
    let found = value.pointer(pointer).unwrap_or_else(|| panic!("{case}: {pointer}"));
    let object = match found.as_array() {
        Some(list) => match list.first() {
            Some(first) => first,
            None => return,
        },
        None => found,
    };
    for field in fields {
        assert!(object.get(field).is_some(), "{case}: {pointer}: {field}");
    }
}

#[test]
fn json_is_as_it_was_read_and_approved_and_has_the_fields_that_others_rely_on() {
    for (case, evidence) in &domains() {
        let value = receiving::json(&Receiving::of(evidence, evidence.to), evidence.to);
        if JSON_GOLDENS.contains(&case.as_str()) {
            compare(&folder(case).join("report.json"), &json_text(&value));
        }
        let top = ["domain", "profiles", "findings", "mx", "networks", "mta_sts", "tlsrpt", "cost"];
        has(&value, "", &top, case);
        let categories = ["ipv6", "dnssec", "auth", "tls", "rpki"];
        for era in ["internetnl-2025", "internetnl-v2"] {
            has(&value, &format!("/profiles/{era}"), &["score", "score_range"], case);
            has(&value, &format!("/profiles/{era}/categories"), &categories, case);
            for category in categories {
                has(&value, &format!("/profiles/{era}/categories/{category}"), &["score", "verdict"], case);
            }
        }
        has(&value, "/profiles/luxsci", &["grade", "mx"], case);
        has(&value, "/profiles/lindenberg", &["colour"], case);
        has(&value, "/profiles/qte", &["capable"], case);
        has(&value, "/profiles/bsi", &["medal", "missing"], case);
        has(&value, "/profiles/mailassay", &["grade"], case);
        let finding = ["id", "internetnl", "subject", "measured", "outcome", "levels", "why", "evidence"];
        has(&value, "/findings", &finding, case);
        has(&value, "/mx", &["host", "preference", "addresses"], case);
        let address = [
            "ip",
            "starttls",
            "versions",
            "suites",
            "suites_complete",
            "groups",
            "certificates",
            "tlsa",
            "connections",
        ];
        has(
            &value,
            "/networks",
            &["prefix", "name", "organisation", "country", "as", "rpki", "addresses"],
            case,
        );
        has(&value, "/cost", &["connections", "queries", "seconds"], case);
        if value.pointer("/mx/0").is_some() {
            has(&value, "/mx/0/addresses", &address, case);
        }
        if value.pointer("/mx/0/addresses/0").is_some() {
            has(&value, "/mx/0/addresses/0/suites", &["version", "code", "name"], case);
            has(&value, "/mx/0/addresses/0/groups", &["code", "name"], case);
            let certificate =
                ["sha256", "subject", "names", "not_after", "key", "signature", "root", "trusted"];
            has(&value, "/mx/0/addresses/0/certificates", &certificate, case);
            has(&value, "/mx/0/addresses/0/tlsa", &["record", "usable", "matched"], case);
        }
        let findings = value["findings"].as_array().expect("a list");
        let levels = |finding: &Value| finding["levels"].as_object().expect("an object").len();
        assert!(findings.iter().all(|finding| levels(finding) == 8), "{case}: a level of each profile");
        assert!(findings.iter().all(|finding| finding["why"].as_str().is_some_and(|why| !why.is_empty())));
        let subtests: std::collections::BTreeSet<&str> =
            findings.iter().filter_map(|finding| finding["internetnl"].as_str()).collect();
        assert_eq!(subtests.len(), 38, "{case}");
    }
}

/// Debug builds stop at a text that is missing.
#[test]
fn what_a_server_says_cannot_steer_a_terminal_from_json() {
    for (case, evidence) in &mut domains() {
        for server in &mut evidence.servers {
            if let Some(greeting) = &mut server.session.greeting {
                greeting.lines = vec!["\u{1b}[2Jmx\u{202e}gro".to_owned()];
            }
        }
        let text = json_text(&receiving::json(&Receiving::of(evidence, evidence.to), evidence.to));
        assert!(!text.replace('\n', "").chars().any(char::is_control), "{case}");
        assert!(!text.contains('\u{202e}'), "{case}");
    }
}
