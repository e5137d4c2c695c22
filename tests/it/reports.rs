//! The forms of a verdict, compared with `tests/reports/<case>/`. `UPDATE_GOLDENS=1` writes them anew.

mod bounds;
pub(crate) mod cases;
mod fields;
mod missing;
pub(crate) mod receiving;
mod ruled;
mod steps;
pub(crate) mod world;

use std::sync::Arc;

use std::fs;
use std::path::{Path, PathBuf};

use mailassay::program::report::{Account, LinkOutcome, Settings, json, json_text, trial_row, trial_table};
use mailassay::receiving::grades::Receiving;
use mailassay::receiving::report::Half;
use mailassay::sending::history::{Ending, Received};
use mailassay::sending::trial::Mailbox;
use mailassay::sending::verdict::{CasesVerdict, FindingResult, Mechanism, Reason, Term};
use mailassay::shared::evidence::scan::Evidence;
use mailassay::shared::text::{Body, Language, Page, Tone};

use cases::CASES;
use world::{World, at, shown};

fn folder(case: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reports").join(case)
}

fn account(world: &World) -> Account<'_> {
    let World { catalogue, history, verdict, cases, pace, .. } = world;
    Account { catalogue, history, verdict, cases, pace, receiving: Half::NotScanned, now: at("23:59:59") }
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
        // The page at its address, of one case that has all of it.
        if case == "asked-for" {
            let page = Page::whole(account, Language::En, &settings());
            compare(&folder(case).join("page.en.html"), &page.html());
        }
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
fn servers_count_as_lindenberg_counts() {
    let world = cases::CASES[0].1();
    let value = json(account(&world), &settings());
    let servers: Vec<_> =
        value["connections"].as_array().expect("a list").iter().map(|link| &link["server"]).collect();
    assert_eq!(servers, [1, 1, 7, 7, 3, 6, 4, 5, 7, 4]);
}

/// The sending half of a mail is one that is read.
#[test]
fn a_mail_keeps_to_its_limits() {
    for (case, make) in CASES {
        let world = make();
        for language in Language::ALL {
            let page = Page::new(account(&world), language, &settings());
            let (text, html) = (page.text(), page.html());
            let tag = language.tag();
            // What is said of ruled cases comes on top: at most so much of each.
            let cases = world.cases.findings.len();
            let head = usize::from(cases > 0);
            let (lines, octets) = (60 + 15 * head + 6 * cases, 25_000 + 3_000 * head + 1_500 * cases);
            assert!(text.lines().count() <= lines, "{case} {tag}: {} lines\n{text}", text.lines().count());
            assert!(html.len() <= octets, "{case} {tag}: {} octets of HTML", html.len());
            for section in &page.sections {
                let Body::Lines(log) = &section.body else { continue };
                assert!(log.lines.len() <= 40 && log.in_text <= 40, "{case} {tag}: {}", section.title);
            }
            assert!(text.contains("https://test.example.org/r/"), "{case} {tag}");
            let whole = Page::whole(account(&world), language, &settings()).html();
            for (form, said) in [("text", &text), ("html", &html), ("whole", &whole)] {
                for word in ["practise", "praktizier", "TlsStarted", "Acked", "SniSeen", "STARTTLS offered"] {
                    assert!(!said.contains(word), "{case} {tag} {form}: {word}");
                }
            }
        }
    }
}

#[test]
fn a_subject_names_the_domain_and_fits_a_line() {
    let mut world = cases::CASES[0].1();
    let long = "a-department.of-a-company.with-a-very-long-name-indeed.example.net";
    let domains = [
        ("example.net", "example.net"),
        ("m\u{fc}nchen.example", "xn--mnchen-3ya.example"),
        (long, "indeed.example.net"),
        ("exam<b>ple.net", "exam?b?ple.net"),
    ];
    for (domain, shown) in domains {
        for received in transactions(&mut world) {
            let mailbox = format!("joachim@{domain}");
            received.reverse_path = Some(Mailbox::new(b"a test", &mailbox));
        }
        for ended in [true, false] {
            if !ended {
                world.history.ended = None;
            }
            for term in Term::ALL {
                world.verdict.overall.candidates = vec![term];
                for language in Language::ALL {
                    let subject = Page::new(account(&world), language, &settings()).subject;
                    assert!(subject.chars().count() <= 100, "{subject}");
                    assert!(subject.contains(shown) && !subject.contains('<'), "{shown} in {subject}");
                    assert!(!subject.ends_with('…'), "{subject}");
                }
            }
        }
        world = cases::CASES[0].1();
    }
}

/// Debug builds stop at a text that is missing or lacks a blank.
#[test]
fn there_are_words_for_every_finding() {
    use FindingResult::{Broken, Inconclusive, NotPractised, Practised};
    let mut world = cases::CASES[0].1();
    for (n, reason) in reasons().into_iter().enumerate() {
        for (m, result) in [Practised, NotPractised, Broken, Inconclusive].into_iter().enumerate() {
            world.verdict.overall.findings.clear();
            for mechanism in Mechanism::ALL {
                world.finding(mechanism, result, reason.clone(), &[2, 3]);
            }
            let term = Term::ALL[(4 * n + m) % Term::ALL.len()];
            world.verdict.overall.candidates = vec![term];
            for language in Language::ALL {
                let page = Page::new(account(&world), language, &settings());
                assert!(page.subject.chars().count() <= 100, "{}", page.subject);
                let text = page.text();
                assert!(text.contains(term.name()), "{term}");
                assert!(text.lines().count() <= 60, "{} lines\n{text}", text.lines().count());
            }
        }
    }
}

#[test]
fn there_are_words_for_every_policy() {
    let mut world = cases::CASES[0].1();
    for term in Term::ALL {
        world.verdict.overall.candidates = vec![term];
        for language in Language::ALL {
            let page = Page::whole(account(&world), language, &settings());
            assert!(page.text().contains(term.name()), "{term}");
        }
    }
}

fn reasons() -> Vec<Reason> {
    vec![
        shown(&[], &[], &[], 0),
        shown(&[1], &[2, 7], &[3], 4),
        Reason::Silence,
        Reason::NoOccasion,
        Reason::BeforePolicy,
        Reason::Overridden,
        Reason::Undone(Mechanism::FallsBackToClearText),
        Reason::Undone(Mechanism::LaxerOnRetry),
        Reason::AskedFor,
        Reason::NotProved(Vec::new()),
        Reason::NotProved(vec![3, 5]),
        Reason::SoundRefused,
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
    ]
}

/// What a finding rests on stands in its line, by the numbers of the page.
#[test]
fn a_decided_finding_cites_what_it_rests_on() {
    for (case, make) in CASES {
        let world = make();
        let page = Page::new(account(&world), Language::En, &settings());
        let sending = page.sections.iter().find(|section| section.title == "Sending");
        assert_eq!(sending.is_none(), account(&world).is_of_cases_alone(), "{case}");
        let Some(sending) = sending else { continue };
        let Body::Practices(practices) = &sending.body else { panic!("{case}: no practices") };
        let findings = world.verdict.overall.findings.iter().filter(|finding| {
            let shown = finding.mechanism != Mechanism::RefusesSoundServer
                || finding.result == FindingResult::Practised;
            shown && finding.result != FindingResult::Inconclusive
        });
        let decided = practices.practices.iter().filter(|practice| practice.tone != Tone::Inconclusive);
        let cited = decided.filter(|practice| !practice.evidence.is_empty());
        assert_eq!(cited.count(), findings.count(), "{case}");
        assert!(
            practices.practices.iter().all(|practice| !practice.how.contains("all that was seen.")),
            "{case}"
        );
    }
    let asked = Page::new(account(&case("asked-for")), Language::En, &settings()).text();
    assert!(asked.replace("\n    ", " ").contains("(name asked 7; fetch 1)"), "{asked}");
}

/// What undoes a policy is in the subject, the first sentence, the colour and the line.
#[test]
fn the_headline_is_the_whole_truth() {
    let told = [
        (
            "undone",
            Language::En,
            "in clear after a failed check",
            "Demands encryption of every server: broken",
        ),
        ("undone", Language::De, "bei Fehlern aber unverschlüsselt", "von jedem Server verlangt: unwirksam"),
        ("laxer", Language::En, "gives up checking on a retry", "DANE: broken"),
        ("laxer", Language::De, "beim erneuten Versuch aber auf", "DANE: unwirksam"),
        (
            "sound-refused",
            Language::En,
            "refuses even sound servers",
            "Takes a sound server's certificate: no",
        ),
        ("sound-refused", Language::De, "lehnt selbst einwandfreie Server ab", "einwandfreien Servers: nein"),
    ];
    for (name, language, subject, line) in told {
        let page = Page::new(account(&case(name)), language, &settings());
        assert!(page.subject.contains(subject), "{name}: {}", page.subject);
        assert_eq!(page.tone, Tone::Bad, "{name}");
        let text = page.text().replace("\n    ", " ");
        assert!(text.contains(line), "{name}: {line} in {text}");
        assert!(!page.answer[0].contains("only to the right server"), "{name}: {}", page.answer[0]);
    }
    let page = Page::new(account(&case("two-sources")), Language::En, &settings());
    assert!(page.subject.contains("at its weakest server, "), "{}", page.subject);
    assert!(page.answer[0].contains("198.51.100.8") && page.tone == Tone::Bad, "{:?}", page.answer);
    let page = Page::new(account(&case("per-destination")), Language::En, &settings());
    assert!(page.subject.contains("et: encrypt+sni, ut: may") && page.tone == Tone::Bad, "{}", page.subject);
    assert_eq!(Page::new(account(&case("dane-only")), Language::En, &settings()).tone, Tone::Warning);
}

/// A sending half that is good beside a receiving half that is bad is not green as a whole.
#[test]
fn the_colour_is_of_both_halves() {
    let world = case("dane");
    for (domain, tone) in [("receives-mixed", Tone::Warning), ("receives-well", Tone::Good)] {
        let text = fs::read_to_string(folder(domain).join("evidence.json")).expect("the evidence");
        let evidence: Evidence = serde_json::from_str(&text).expect("evidence");
        let receiving = Receiving::of(&evidence, evidence.to);
        let account = Account { receiving: Half::Scanned(&receiving), ..account(&world) };
        assert_eq!(Page::new(account, Language::En, &settings()).tone, tone, "{domain}");
    }
}

#[test]
fn another_mail_is_asked_for_only_where_it_can_change_the_answer() {
    let again = |world: &World| {
        let text = Page::new(account(world), Language::En, &settings()).text();
        text.contains("Send the mail again")
    };
    let mut world = case("our-fault");
    for (reason, asks) in [
        (Reason::NotMet(vec![3]), true),
        (Reason::NotProved(vec![3]), true),
        (Reason::NoControl(vec![3]), true),
        (Reason::SharedSource, true),
        (Reason::OurFault("x".to_owned()), true),
        (Reason::OurLimit, true),
        (Reason::AskedFor, false),
        (Reason::SoundRefused, false),
        (Reason::Contradiction, false),
        (Reason::Ambiguous, false),
    ] {
        for finding in &mut world.verdict.overall.findings {
            if finding.result == FindingResult::Inconclusive && finding.reason != Reason::NoOccasion {
                finding.reason = reason.clone();
            }
        }
        assert_eq!(again(&world), asks, "{reason:?}");
    }
    world.verdict.overall.candidates.clear();
    assert!(!again(&world), "a contradiction comes out the same");
    for name in ["per-destination", "sound-refused", "asked-for", "two-sources", "dane"] {
        assert!(!again(&case(name)), "{name}");
    }
}

/// Several machines are named only where there are several.
#[test]
fn several_machines_are_named_only_where_there_may_be_several() {
    let mut world = case("may");
    world.verdict.overall.candidates.clear();
    let text = Page::new(account(&world), Language::En, &settings()).text();
    assert!(!text.contains("several"), "{text}");
    let mut world = case("two-sources");
    world.verdict.apart.clear();
    let text = Page::new(account(&world), Language::En, &settings()).text();
    assert!(text.contains("Often several machines"), "{text}");
}

/// The page has what the mail has no room for, and nobody else's addresses.
#[test]
fn the_page_shows_all_but_strangers() {
    let world = case("crowd");
    for language in Language::ALL {
        let page = Page::whole(account(&world), language, &settings());
        let html = page.html();
        let connections = page.sections.iter().find_map(|section| match &section.body {
            Body::Connections(_, connections) => Some(connections.len()),
            _ => None,
        });
        assert_eq!(connections, Some(250));
        assert!(html.contains("<details><summary>"));
        for private in ["203.0.113.9", "203.0.113.77"] {
            assert!(
                !html.contains(&format!("{private}<")) && !html.contains(&format!("{private})")),
                "{private}"
            );
        }
        let others = ["Others, not counted", "Anderes, nicht gewertet"];
        let others = page.sections.iter().find(|section| others.contains(&section.title.as_str()));
        let Some(Body::Lines(log)) = others.map(|section| &section.body) else { panic!("no section") };
        assert_eq!(log.lines.len(), 10);
    }
    let value = json(account(&world), &settings());
    assert_eq!(value["strangers"].as_array().map(Vec::len), Some(30));
    assert_eq!(value["strangers"][0]["attributed"], "stranger");
}

/// MAIL without RCPT is no mail: Sendmail 8.18 decides between the two.
#[test]
fn a_sender_without_a_recipient_is_no_mail() {
    for (case, make) in CASES {
        let mut world = make();
        world.cases = CasesVerdict::default();
        for received in transactions(&mut world) {
            received.recipients.clear();
            received.ending = Ending::Aborted;
        }
        for attributed in &world.history.links {
            let outcome = LinkOutcome::of(&attributed.link);
            assert!(
                !matches!(outcome, LinkOutcome::MailInClear | LinkOutcome::MailInTls),
                "{case}: {outcome:?}"
            );
        }
        let text = Page::whole(account(&world), Language::En, &settings()).text();
        assert!(!text.contains(": mail in clear") && !text.contains(": mail in TLS"), "{text}");
    }
}

#[test]
fn json_names_the_policy_of_each_destination() {
    let value = json(account(&case("per-destination")), &settings());
    assert_eq!(value["sending"]["policy"], "per-destination");
    assert_eq!(value["sending"]["per_destination"], serde_json::json!({"et": "encrypt+sni", "ut": "may"}));
    let value = json(account(&case("dane")), &settings());
    assert!(value["sending"]["per_destination"].is_null());
}

fn case(name: &str) -> World {
    let (_, make) = CASES.iter().find(|(case, _)| *case == name).expect("the case is there");
    make()
}

/// Every transaction, to be changed.
fn transactions(world: &mut World) -> impl Iterator<Item = &mut Received> {
    let links = world.history.links.iter_mut();
    links
        .flat_map(|attributed| &mut Arc::make_mut(&mut attributed.link).transactions)
        .map(|(_, received)| received)
}

#[test]
fn a_trial_is_one_line() {
    let rows: Vec<_> = CASES.iter().map(|(_, make)| make()).map(|world| trial_row(account(&world))).collect();
    let table = trial_table(&rows);
    assert_eq!(table.lines().count(), rows.len() + 1);
    assert!(table.lines().nth(1).expect("a row").contains("settled  example.net"), "{table}");
}
