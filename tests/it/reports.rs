//! The forms of a verdict, compared with `tests/reports/<case>/`. `UPDATE_GOLDENS=1` writes them anew.

pub(crate) mod cases;
mod receiving;
pub(crate) mod world;

use std::fs;
use std::path::{Path, PathBuf};

use mailassay::persona::Language;
use mailassay::report::{Account, Half, Page, Settings, json, json_text, trial_row, trial_table};
use mailassay::verdict::sending::{FindingResult, Mechanism, Reason, Term};

use cases::CASES;
use world::{World, at, shown};

fn folder(case: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reports").join(case)
}

fn account(world: &World) -> Account<'_> {
    let World { catalogue, history, verdict, .. } = world;
    Account { catalogue, history, verdict, receiving: Half::NotScanned, now: at("23:59:59") }
}

fn settings() -> Settings {
    Settings { site_url: "https://test.example.org".to_owned(), ..Settings::default() }
}

fn compare(path: &Path, text: &str) {
    if std::env::var_os("UPDATE_GOLDENS").is_some() {
        fs::create_dir_all(path.parent().expect("a file lies in a folder")).expect("the folder can be made");
        fs::write(path, text).expect("a golden can be written");
        return;
    }
    let golden = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    for (n, (got, wanted)) in text.lines().zip(golden.lines()).enumerate() {
        assert_eq!(got, wanted, "{}:{}: UPDATE_GOLDENS=1 writes it anew", path.display(), n + 1);
    }
    assert_eq!(text.lines().count(), golden.lines().count(), "{}", path.display());
}

#[test]
fn the_forms_are_as_they_were_read_and_approved() {
    for (case, make) in CASES {
        let world = make();
        let account = account(&world);
        for language in Language::ALL {
            let page = Page::new(account, language, &settings());
            let text = format!("Subject: {}\n\n{}", page.subject, page.text());
            compare(&folder(case).join(format!("verdict.{}.txt", language.tag())), &text);
        }
        let page = Page::new(account, Language::En, &settings());
        compare(&folder(case).join("verdict.en.html"), &page.html());
        compare(&folder(case).join("verdict.json"), &json_text(&json(account, &settings())));
        assert!(folder(case).join("README.md").exists(), "{case} lacks its README.md");
    }
}

#[test]
fn every_folder_is_a_case() {
    let folders = fs::read_dir(folder("")).expect("the folder of goldens");
    let mut names: Vec<String> =
        folders.map(|entry| entry.expect("an entry").file_name().into_string().expect("UTF-8")).collect();
    // The others are domains that receive.
    names.retain(|name| !folder(name).join("evidence.json").exists());
    names.sort();
    let mut cases: Vec<&str> = CASES.iter().map(|(name, _)| *name).collect();
    cases.sort_unstable();
    assert_eq!(names, cases);
}

#[test]
fn text_keeps_to_78_columns_and_printable_characters() {
    for (case, make) in CASES {
        let world = make();
        for language in Language::ALL {
            let text = Page::new(account(&world), language, &settings()).text();
            for line in text.lines() {
                let is_address = line.contains("https://");
                assert!(line.chars().count() <= 78 || is_address, "{case} {}: {line}", language.tag());
                assert!(!line.chars().any(char::is_control), "{case} {}: {line:?}", language.tag());
                assert!(!line.contains(['\u{202e}', '\u{200b}', '\u{2066}']), "{case}: {line:?}");
            }
        }
    }
}

#[test]
fn what_a_sender_controls_is_only_text() {
    let (_, hostile) = CASES.iter().find(|(name, _)| *name == "hostile").expect("the case is there");
    let world = hostile();
    for language in Language::ALL {
        let page = Page::new(account(&world), language, &settings());
        let html = page.html();
        for tag in ["<script", "<img", "<svg", "onerror=alert(1)>", "</li><"] {
            assert!(!html.contains(tag), "{tag}");
        }
        assert!(!page.subject.contains('<') && !page.subject.contains("elpmaxe"), "{}", page.subject);
    }
    let text = json_text(&json(account(&world), &settings()));
    assert!(!text.contains('\u{202e}') && text.contains("\\u202e"));
    assert!(!text.replace('\n', "").chars().any(char::is_control));
}

#[test]
fn json_has_the_fields_that_others_rely_on() {
    for (case, make) in CASES {
        let world = make();
        let value = json(account(&world), &settings());
        for pointer in [
            "/id",
            "/state",
            "/sender/domain",
            "/sender/sources",
            "/sending/policy",
            "/sending/candidates",
            "/sending/findings/0/mechanism",
            "/sending/findings/0/result",
            "/sending/findings/0/why",
            "/sending/findings/0/evidence",
            "/message/dkim",
            "/message/spf",
            "/message/dmarc",
            "/message/arc",
            "/connections/0/start",
            "/connections/0/end",
            "/connections/0/source",
            "/connections/0/server",
            "/connections/0/persona",
            "/connections/0/sni",
            "/connections/0/tls",
            "/connections/0/state",
            "/connections/0/outcome",
            "/connections/0/from",
            "/connections/0/to",
            "/connections/0/attributed",
            "/dns",
            "/policy_fetches",
            "/verdict/sent_at",
            "/verdict/to",
            "/verdict/delivery",
        ] {
            assert!(value.pointer(pointer).is_some(), "{case}: {pointer}");
        }
    }
}

#[test]
fn servers_count_as_lindenberg_counts() {
    let world = cases::CASES[0].1();
    let value = json(account(&world), &settings());
    let servers: Vec<_> =
        value["connections"].as_array().expect("a list").iter().map(|link| &link["server"]).collect();
    assert_eq!(servers, [1, 1, 7, 7, 3, 6, 4, 5, 7, 4]);
}

/// Debug builds stop at a text that is missing or lacks a blank.
#[test]
fn there_are_words_for_every_finding() {
    let reasons = [
        shown(&[], &[], &[], 0),
        shown(&[1], &[2, 7], &[3], 4),
        Reason::Silence,
        Reason::NoOccasion,
        Reason::BeforePolicy,
        Reason::Overridden,
        Reason::NotMet(Vec::new()),
        Reason::NotMet(vec![3, 5]),
        Reason::NoControl(vec![4]),
        Reason::NotAddressed("ut".to_owned()),
        Reason::NotAddressed("nowhere".to_owned()),
        Reason::SharedSource,
        Reason::OurFault("x".to_owned()),
        Reason::OurLimit,
        Reason::Ambiguous,
        Reason::Contradiction,
    ];
    use FindingResult::{Broken, Inconclusive, NotPractised, Practised};
    let mut world = cases::CASES[0].1();
    for term in Term::ALL {
        world.verdict.overall.candidates = vec![term];
        for (n, reason) in reasons.iter().enumerate() {
            for (result, links) in
                [(Practised, vec![1]), (NotPractised, vec![]), (Broken, vec![2, 3]), (Inconclusive, vec![])]
            {
                world.verdict.overall.findings.clear();
                for mechanism in Mechanism::ALL {
                    world.finding(mechanism, result, reason.clone(), &links);
                }
                let language = Language::ALL[n % 2];
                let page = Page::new(account(&world), language, &settings());
                assert!(page.subject.chars().count() <= 100, "{}", page.subject);
                assert!(page.text().contains(term.name()), "{term}");
            }
        }
    }
}

#[test]
fn a_trial_is_one_line() {
    let rows: Vec<_> = CASES.iter().map(|(_, make)| make()).map(|world| trial_row(account(&world))).collect();
    let table = trial_table(&rows);
    assert_eq!(table.lines().count(), rows.len() + 1);
    assert!(table.lines().nth(1).expect("a row").contains("settled  example.net"), "{table}");
}
