//! A provider that is told, published, contested, corrected and taken back.

use mailassay::program::providers::{Cause, ChangeKind, Colour, Counting, ProviderName, RegisterError, tell};
use mailassay::program::site::{StaticPage, static_pages};
use mailassay::sending::verdict::Term;
use mailassay::shared::text::Language;

use super::{SITE, at, check, fill, name, provider, register, trial};

const TOLD: &str = "2026-11-10T00:00:00Z";
const NOW: &str = "2026-11-29T12:00:00Z";
const LATER: &str = "2026-12-01T12:00:00Z";

#[tokio::test]
async fn nothing_is_public_without_the_operators_word_and_before_the_provider_was_told() {
    let kept = register().await;
    let register = &kept.register;
    assert!(matches!(register.publish(&name(), at(NOW)).await, Err(RegisterError::NoSuch(_))));
    register.describe(provider(), at(NOW)).await.unwrap();
    fill(register, Term::Dane).await;
    assert!(matches!(register.publish(&name(), at(NOW)).await, Err(RegisterError::NotTold { .. })));
    register.told(&name(), at("2026-11-20T00:00:00Z"), at(NOW)).await.unwrap();
    assert!(matches!(register.publish(&name(), at(NOW)).await, Err(RegisterError::ToldTooLate { .. })));
    let future = register.told(&name(), at(LATER), at(NOW)).await;
    assert!(matches!(future, Err(RegisterError::NotYet)));
    assert_eq!(register.published(at(NOW)).await.unwrap(), []);
    assert_eq!(register.changes().await.unwrap(), []);
    assert_eq!(register.evidence(&name(), 1).await.unwrap(), None);
    let row = register.row(&name(), at(NOW)).await.unwrap();
    let draft = tell::draft(&provider(), &row, &register.settings(), at(NOW), SITE);
    for part in [
        "To: postmaster@example.net\n",
        "2026-12-13",
        "https://test.example/providers/sound-mail",
        "DANE: ja",
    ] {
        assert!(draft.contains(part), "{part}:\n{draft}");
    }
}

fn page<'a>(pages: &'a [StaticPage], path: &str) -> &'a str {
    let found = pages.iter().find(|page| page.path == path);
    let paths: Vec<&String> = pages.iter().map(|page| &page.path).collect();
    &found.unwrap_or_else(|| panic!("no {path} in {paths:?}")).content
}

#[tokio::test]
async fn published_contested_corrected_and_taken_back() {
    let kept = register().await;
    let register = &kept.register;
    register.describe(provider(), at(TOLD)).await.unwrap();
    fill(register, Term::Dane).await;
    register.told(&name(), at(TOLD), at(NOW)).await.unwrap();

    let changes = register.publish(&name(), at(NOW)).await.unwrap();
    let kinds: Vec<&ChangeKind> = changes.iter().map(|change| &change.kind).collect();
    let entered = ChangeKind::HallEntered { domain: "example.net".to_owned() };
    assert_eq!(kinds, [&ChangeKind::Published { colour: Colour::Green }, &entered]);
    let hall = register.hall(at(NOW)).await.unwrap();
    assert_eq!(hall.len(), 1);
    assert!(hall[0].both_directions);
    let pages = static_pages(register, SITE, at(NOW)).await.unwrap();
    shows_what_is_public(&pages);

    register.reply(&name(), "We <em>disagree</em>.".to_owned(), at(NOW)).await.unwrap();
    register.remark(&name(), Some("Measured twice.".to_owned()), at(NOW)).await.unwrap();
    // It turns worse, and the new trial contradicts the others.
    register
        .add(&name(), &trial(Term::May, "2026-11-28T12:00:00Z"), &["third".to_owned()], true)
        .await
        .unwrap();
    let changes = register.refresh(&name(), at(NOW)).await.unwrap();
    let (before, after) = (Colour::Green, Colour::Grey);
    assert_eq!(changes[0].kind, ChangeKind::Row { before, after, cause: Cause::Evidence });

    // What the operator has not published stays away, whatever is looked after by itself.
    let unpublished = trial(Term::None, "2026-11-27T12:00:00Z");
    register.add(&name(), &unpublished, &["fourth".to_owned()], false).await.unwrap();
    assert_eq!(register.refresh(&name(), at(NOW)).await.unwrap(), []);
    let entry = register.entry(&name()).await.unwrap();
    assert_eq!(entry.published.unwrap().row.trials.len(), 3);

    let number = |row: &mailassay::program::providers::Row| row.trials.last().unwrap().exhibit;
    let wrong = number(&register.entry(&name()).await.unwrap().published.unwrap().row);
    let missing = register.correct(&name(), "It was not theirs.".to_owned(), &[99], at(LATER)).await;
    assert!(matches!(missing, Err(RegisterError::NoEvidence { number: 99, .. })));
    let changes =
        register.correct(&name(), "It was not theirs.".to_owned(), &[wrong], at(LATER)).await.unwrap();
    let (before, after) = (Colour::Grey, Colour::Green);
    assert_eq!(changes[1].kind, ChangeKind::Row { before, after, cause: Cause::Correction });
    let row = register.entry(&name()).await.unwrap().published.unwrap().row;
    assert_eq!(row.trials.last().unwrap().counting, Counting::SetAside);
    let pages = static_pages(register, SITE, at(LATER)).await.unwrap();
    let shown = page(&pages, "en/providers/sound-mail.html");
    for part in [
        "We &#60;em&#62;disagree&#60;/em&#62;.",
        "Measured twice.",
        "2026-12-01: It was not theirs.",
        "set aside by a correction",
    ] {
        assert!(shown.contains(part), "{part}:\n{shown}");
    }

    register.retract(&name(), "We mixed up two providers.".to_owned(), at(LATER)).await.unwrap();
    let pages = static_pages(register, SITE, at(LATER)).await.unwrap();
    let shown = page(&pages, "de/providers/sound-mail.html");
    assert!(shown.contains("wurde am 2026-12-01 zurückgezogen"), "{shown}");
    assert!(shown.contains("We mixed up two providers.") && shown.contains("It was not theirs."), "{shown}");
    assert!(!shown.contains("DANE") && !shown.contains("disagree"), "{shown}");
    assert!(!pages.iter().any(|page| page.path.contains("evidence/") || page.path.starts_with("badge/")));
    let feed = page(&pages, "providers.en.atom");
    assert!(feed.contains("Sound &#60;Mail&#62;: taken back. We mixed up two providers."), "{feed}");
    // Whoever is to be published again is told again.
    assert!(matches!(register.publish(&name(), at(LATER)).await, Err(RegisterError::NotTold { .. })));
}

fn shows_what_is_public(pages: &[StaticPage]) {
    let table = page(pages, "en/providers.html");
    for part in [
        "<a href=\"../en/providers/sound-mail.html\">Sound &#60;Mail&#62;</a>",
        "<span class=\"colour green\">green</span>",
        "<a href=\"../en/providers/sound-mail.html#dane\">yes</a>",
        "href=\"../assets/style.css\"",
        "href=\"https://test.example/method\"",
        "CC BY 4.0",
    ] {
        assert!(table.contains(part), "{part}:\n{table}");
    }
    let german = page(pages, "de/providers/sound-mail.html");
    assert!(german.contains("<b>DANE</b>: ja") && german.contains("id=\"dane\""), "{german}");
    let hall = page(pages, "en/hall-of-fame.html");
    assert!(hall.contains("example.net") && hall.contains("2026-11-22"), "{hall}");
    let badge = page(pages, "badge/example.net.en.svg");
    assert!(badge.contains("example.net") && badge.contains("100 %, measured 2026-11-22"), "{badge}");
    assert!(!badge.contains("href"), "{badge}");
    let csv = page(pages, "providers.csv");
    let line = "sound-mail,Sound <Mail>,green,green,dane,not-practised";
    assert!(csv.lines().nth(1).unwrap().starts_with(line), "{csv}");
    assert!(csv.lines().nth(1).unwrap().ends_with("example.net,green,100,100,A+,true"), "{csv}");
    let json: serde_json::Value = serde_json::from_str(page(pages, "providers.json")).unwrap();
    assert_eq!(json["schema"], "mailassay-providers/1");
    assert_eq!(json["licence"]["name"], "CC BY 4.0");
    assert_eq!(json["providers"][0]["colour"], "green");
    assert_eq!(json["hall_of_fame"][0]["domain"], "example.net");
    for page in pages {
        assert!(!page.content.contains("postmaster@example.net"), "{}", page.path);
        assert!(!page.content.contains("203.0.113."), "{}", page.path);
    }
    every_link_leads_somewhere(pages);
}

/// Relative links lead to a file, from where their page lies.
fn every_link_leads_somewhere(pages: &[StaticPage]) {
    for page in pages.iter().filter(|page| page.path.ends_with(".html")) {
        for link in page.content.split(" href=\"").skip(1).filter_map(|rest| rest.split('"').next()) {
            let file = link.split('#').next().unwrap();
            if file.is_empty() || file.contains("://") || file.starts_with("mailto:") {
                continue;
            }
            let folder = std::path::Path::new(&page.path).parent().unwrap();
            let mut place = folder.to_owned();
            for part in std::path::Path::new(file).components() {
                match part {
                    std::path::Component::ParentDir => assert!(place.pop(), "{}: {link}", page.path),
                    part => place.push(part),
                }
            }
            let path = place.to_str().unwrap();
            assert!(pages.iter().any(|page| page.path == path), "{}: {link} is no file", page.path);
        }
    }
}

#[tokio::test]
async fn published_domains_come_due_and_leave_the_hall_after_three_failures() {
    let kept = register().await;
    let register = &kept.register;
    register.describe(provider(), at(TOLD)).await.unwrap();
    fill(register, Term::May).await;
    register.told(&name(), at(TOLD), at(NOW)).await.unwrap();
    register.publish(&name(), at(NOW)).await.unwrap();
    assert_eq!(register.due(at(NOW)).await.unwrap(), []);
    let due: Vec<(ProviderName, String)> = vec![(name(), "example.net".to_owned())];
    assert_eq!(register.due(at("2026-12-06T13:00:00Z")).await.unwrap(), due);
    for (day, stands) in [("2026-12-06", true), ("2026-12-20", true), ("2027-01-03", false)] {
        let when = format!("{day}T13:00:00Z");
        register.add(&name(), &check("no-starttls", &when), &[], true).await.unwrap();
        let changes = register.refresh(&name(), at(&when)).await.unwrap();
        let left = ChangeKind::HallLeft { domain: "example.net".to_owned() };
        assert_eq!(changes.iter().any(|change| change.kind == left), !stands, "{day}: {changes:?}");
        assert_eq!(register.hall(at(&when)).await.unwrap().len(), usize::from(stands), "{day}");
        let words = tell::words(Language::En);
        for change in changes {
            assert!(!tell::change(&change, "Sound", words).is_empty());
        }
    }
}
