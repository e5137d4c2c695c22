//! How long a mail is, and whether what it shows can be pasted.

use hickory_proto::rr::Name;
use hickory_proto::serialize::txt::Parser;
use mailassay::program::report::{Account, json, json_compact, json_for_sender};
use mailassay::receiving::grades::Receiving;
use mailassay::receiving::report as receiving;
use mailassay::receiving::report::Half;
use mailassay::shared::evidence::scan::Evidence;
use mailassay::shared::policy::{Mode, Policy, is_mx_pattern};
use mailassay::shared::text::{Body, Language, Page, Step, TextOptions};

use super::receiving::domains;
use super::{account, case, settings};

/// All domains there are: those whose reports are kept, and the faked worlds.
async fn all() -> Vec<(String, Evidence)> {
    let mut all = domains();
    all.extend(crate::domains::evidences().await);
    assert!(all.len() > 80, "{}", all.len());
    all
}

/// Every step of a page.
fn steps(page: &Page) -> impl Iterator<Item = &Step> {
    page.sections.iter().flat_map(|section| match &section.body {
        Body::Advice(steps) => steps.as_slice(),
        Body::Todo(todo) => todo.steps.as_slice(),
        _ => &[],
    })
}

/// N20: a mail is read to its end, and no mail program cuts it.
#[tokio::test(start_paused = true)]
async fn a_mail_about_both_halves_keeps_to_its_limits() {
    let dane = case("dane");
    for (domain, evidence) in &all().await {
        let receiving = Receiving::of(evidence, evidence.to);
        let account = Account { receiving: Half::Scanned(&receiving), ..account(&dane) };
        // German is longer.
        fits(domain, &Page::new(account, Language::De, &settings()));
    }
    for sender in ["dane", "crowd", "hostile", "two-sources", "undone"] {
        let world = case(sender);
        // The two that say most.
        let most = ["receives-mixed", "receives-old"];
        for (domain, evidence) in domains().iter().filter(|(domain, _)| most.contains(&domain.as_str())) {
            let receiving = Receiving::of(evidence, evidence.to);
            let account = Account { receiving: Half::Scanned(&receiving), ..account(&world) };
            let language = if sender == "dane" { Language::En } else { Language::De };
            fits(&format!("{sender} {domain}"), &Page::new(account, language, &settings()));
        }
    }
}

fn fits(case: &str, page: &Page) {
    let (text, html) = (page.text(), page.html());
    let (lines, tag) = (text.lines().count(), page.language.tag());
    assert!(lines <= 120, "{case} {tag}: {lines} lines\n{text}");
    assert!(html.len() <= 60_000, "{case} {tag}: {} octets", html.len());
    for line in text.lines().filter(|line| !line.contains("https://")) {
        assert!(line.chars().count() <= 78, "{case} {tag}: {line}");
    }
    // The answer, then the link, then a line before all that is for administrators, and what to do above all of that.
    let place = |wanted: &str| text.find(wanted).unwrap_or_else(|| panic!("{case} {tag}: {wanted}\n{text}"));
    let todo = if page.language == Language::En { "WHAT TO DO" } else { "WAS ZU TUN IST" };
    assert!(place("https://test.example.org/r/") < place("--- ") && place("--- ") < place(todo), "{text}");
    assert!(text[place("--- ")..].lines().nth(2) == Some(todo), "{text}");
}

/// N10: whatever is offered as a record is one, whatever as a policy is one, and no word stands in a line of
/// configuration that is none of it.
#[tokio::test(start_paused = true)]
async fn what_is_to_be_pasted_can_be_pasted() {
    let (mut records, mut policies) = (0, 0);
    for (domain, evidence) in &all().await {
        let page =
            receiving::page(&Receiving::of(evidence, evidence.to), "mailassay", Language::En, evidence.to);
        for (system, lines) in steps(&page).flat_map(|step| &step.settings) {
            let text = lines.join("\n");
            for alien in ["(OpenSSL)", "(GnuTLS)", "(SHA-256)", " or "] {
                assert!(!text.contains(alien), "{domain}: {text}");
            }
            if system == "DNS zone" {
                // The parser knows no quotes between parentheses, which RFC 1035 §5.1 allows.
                let plain =
                    text.replace(" TXT (\n", " TXT").replace("\"\n    \"", "\" \"").replace("\" )", "\"");
                let zone = format!("$TTL 3600\n{plain}\n");
                let parsed = Parser::new(zone, None, Some(Name::root())).parse();
                assert!(parsed.is_ok(), "{domain}: {text}\n{:?}", parsed.err());
                records += 1;
            }
            if system.starts_with("The file https://mta-sts.") {
                let policy = Policy::parse(&(lines.join("\r\n") + "\r\n")).unwrap_or_else(|error| {
                    panic!("{domain}: {text}: {error}");
                });
                assert!(policy.mode != Mode::None, "{domain}: {text}");
                let mut named = evidence.mx.iter().filter(|mx| is_mx_pattern(&mx.host));
                assert!(named.all(|mx| policy.lists(&mx.host)), "{domain}: {text}");
                policies += 1;
            }
        }
    }
    assert!(records > 50 && policies > 10, "{records} {policies}");
}

/// N10: the digest of the key that the certificate in the evidence has (as `openssl dgst` computed it).
#[test]
fn a_tlsa_record_is_made_from_the_certificate_that_was_seen() {
    let domains = domains();
    let (_, mixed) = domains.iter().find(|(case, _)| case == "receives-mixed").expect("the case");
    let page = receiving::page(&Receiving::of(mixed, mixed.to), "mailassay", Language::En, mixed.to);
    let record = "_25._tcp.mx2.example.net. IN TLSA 3 1 1 (\n    \
                  13f650f45e231734a702f7435fcaf6050b670ef9655a8e80cf7f25be764d2cf4 )";
    assert!(page.text().contains(record), "{}", page.text());
}

/// N36: less, more and colours.
#[test]
fn text_can_be_short_long_and_coloured() {
    let domains = domains();
    let (_, mixed) = domains.iter().find(|(case, _)| case == "receives-mixed").expect("the case");
    let page = receiving::page(&Receiving::of(mixed, mixed.to), "mailassay", Language::En, mixed.to);
    let text = |options| page.text_as(options);
    let all = text(TextOptions::default());
    assert_eq!(all, page.text());
    let failed = text(TextOptions { failed_only: true, ..TextOptions::default() });
    assert!(failed.contains("✘ TLS versions") && !failed.contains("✔"), "{failed}");
    assert!(failed.lines().count() * 3 < all.lines().count() * 2, "{failed}");
    let evidence = text(TextOptions { evidence: true, ..TextOptions::default() });
    assert!(evidence.lines().count() > all.lines().count() + 50 && !evidence.contains("| …"), "{evidence}");
    let coloured = text(TextOptions { colour: true, ..TextOptions::default() });
    assert!(coloured.contains("\u{1b}[1;31m✘\u{1b}[0m"), "{coloured}");
    let mut plain = String::new();
    let mut parts = coloured.split('\u{1b}');
    plain.push_str(parts.next().unwrap_or_default());
    parts.for_each(|part| plain.push_str(part.split_once('m').map_or("", |(_, rest)| rest)));
    assert_eq!(plain, all, "colours move nothing");
    let narrow = text(TextOptions { columns: 60, ..TextOptions::default() });
    let pasted: Vec<&String> =
        steps(&page).flat_map(|step| &step.settings).flat_map(|(_, all)| all).collect();
    let broken = |line: &&str| !line.contains("https://") && !pasted.iter().any(|pasted| pasted == line);
    for line in narrow.lines().filter(broken) {
        assert!(line.chars().count() <= 60, "{line}");
    }
    assert!(page.headline().starts_with("✘ example.net does not receive mail safely"));
}

/// N8: where it is known which, it is said, and nothing else.
#[tokio::test(start_paused = true)]
async fn the_answer_says_which() {
    for (domain, evidence) in &all().await {
        let page =
            receiving::page(&Receiving::of(evidence, evidence.to), "mailassay", Language::En, evidence.to);
        let first =
            page.answer.iter().find(|sentence| !sentence.contains("does not exist")).expect("an answer");
        for vague in [", or ", "At least one mail server offers", " or they do not"] {
            assert!(!first.contains(vague), "{domain}: {first}");
        }
    }
}

/// N30: where others think better of a domain, it is said why.
#[tokio::test(start_paused = true)]
async fn results_that_differ_say_why() {
    let all = all().await;
    for (world, language, why) in [
        ("dane-mismatch", Language::En, "do not look at whether TLSA records match"),
        ("dane-mismatch", Language::De, "beachten nicht, ob TLSA-Einträge passen"),
        ("ipv4-only", Language::En, "internet.nl marks down more: IPv6"),
    ] {
        let (_, evidence) = all.iter().find(|(name, _)| name == world).expect("the world");
        let page = receiving::page(&Receiving::of(evidence, evidence.to), "mailassay", language, evidence.to);
        assert!(page.term.contains(why), "{world}: {}", page.term);
    }
    // That an operator has no source for routes is no news of the domain.
    let (_, evidence) = all.iter().find(|(name, _)| name == "rpki-no-source").expect("the world");
    let page = receiving::page(&Receiving::of(evidence, evidence.to), "mailassay", Language::En, evidence.to);
    assert!(!page.answer.iter().any(|line| line.contains("could not be made")), "{:?}", page.answer);
}

/// N23: what turns mail away now goes first, and to sign is said once.
#[tokio::test(start_paused = true)]
async fn what_turns_mail_away_goes_first() {
    let mut world = case("dane-only");
    for received in super::transactions(&mut world) {
        if let mailassay::sending::history::Ending::Complete(message) = &mut received.ending {
            message.authentication.dkim.clear();
        }
    }
    let (_, evidence) = all().await.into_iter().find(|(name, _)| name == "dane-mismatch").expect("the world");
    let receiving = Receiving::of(&evidence, evidence.to);
    let account = Account { receiving: Half::Scanned(&receiving), ..account(&world) };
    let page = Page::new(account, Language::En, &settings());
    let titles: Vec<&str> = steps(&page).map(|step| step.title.as_str()).collect();
    assert!(
        titles[0].starts_with("Sending: Use DANE where it is published, and deliver elsewhere"),
        "{titles:?}"
    );
    assert!(titles[1].starts_with("Receiving: Publish the TLSA record"), "{titles:?}");
    let sign = titles.iter().filter(|title| title.contains("ign your mail with DKIM"));
    assert_eq!(sign.count(), 1, "{titles:?}");
    assert!(page.subject.ends_with("; receiving is bad"), "{}", page.subject);
}

/// N13: what goes out with a mail names nobody else's resolver and no stranger's address.
#[test]
fn the_json_for_the_sender_names_no_strangers() {
    let world = case("crowd");
    let value = json_for_sender(account(&world), &settings());
    let text = json_compact(&value);
    assert!(!text.contains("203.0.113.9\"") && !text.contains("203.0.113.77\""), "{text}");
    assert!(text.contains("203.0.113.0/24"), "{text}");
    let count = |value: &serde_json::Value| value["dns"].as_array().map_or(0, Vec::len);
    let whole = json(account(&world), &settings());
    assert!(count(&value) <= count(&whole) && value["connections"] == whole["connections"]);
}
