//! Pages of the site, over plain HTTP.

use super::*;

fn red() -> SelfChecked {
    let dns = SelfCheck::Red { reason: "no DS <at> the parent".to_owned() };
    SelfChecked {
        dns,
        certificates: SelfCheck::Green,
        policy_host: SelfCheck::Green,
        unseen: Vec::new(),
        cases: Default::default(),
        unlooked: Default::default(),
    }
}

#[tokio::test]
async fn a_result_is_shown_to_who_knows_its_address_and_to_no_crawler() {
    let (address, _guard) = site(None, Settings::default()).await;
    let page = fetch(address, &format!("/r/{}", trial())).await;
    assert!(page.starts_with("HTTP/1.1 200") && page.contains("<p>a verdict</p>"), "{page}");
    let head = page.to_lowercase();
    for header in [
        "x-robots-tag: noindex, nofollow",
        "referrer-policy: no-referrer",
        "x-content-type-options: nosniff",
        "cache-control: no-store",
        "content-security-policy: default-src 'none'; style-src 'self'; script-src 'self';",
    ] {
        assert!(head.contains(header), "{header} in {page}");
    }
}

#[tokio::test]
async fn what_there_is_not_looks_alike() {
    let (address, _guard) = site(None, Settings::default()).await;
    let unknown_path = format!("/r/{}", TrialId::new(b"other", LinkId(9), 0));
    let unknown = fetch(address, &unknown_path).await;
    assert!(unknown.starts_with("HTTP/1.1 404"), "{unknown}");
    // Beside the address itself, which the switch of languages repeats, and the length.
    let without = |answer: &str, path: &str| {
        let varies = |line: &&str| {
            ["date:", "content-length:"].iter().any(|name| line.to_lowercase().starts_with(name))
        };
        let lines: Vec<_> = answer.lines().filter(|line| !varies(line)).collect();
        lines.join("\n").replace(&format!("\"{path}?lang"), "\"PATH?lang")
    };
    let unknown = without(&unknown, &unknown_path);
    for path in ["/r/nonsense", "/r/..%2f..%2fetc%2fpasswd", "/wp-login.php", "/r/"] {
        assert_eq!(without(&fetch(address, path).await, path), unknown, "{path}");
    }
}

#[tokio::test]
async fn start_and_method_derive_from_the_catalogue() {
    let (address, _guard) = site(Some(red()), Settings::default()).await;
    let start = fetch(address, "/").await;
    assert!(start.contains("en@et.example.org, en@ut.example.org"), "{start}");
    let page = fetch(address, "/method").await;
    for text in
        ["mx03.et.example.org", "self-signed, then public CA", "not listed", "no DS &#60;at&#62; the parent"]
    {
        assert!(page.contains(text), "{text} in {page}");
    }
    assert!(!page.contains("mx.example.org"), "no trial meets the service's own MX");
}

#[tokio::test]
async fn a_service_whose_self_check_is_red_lives_and_is_not_ready() {
    let (address, _guard) = site(Some(red()), Settings::default()).await;
    let answer = fetch(address, "/ready").await;
    assert!(answer.starts_with("HTTP/1.1 503") && answer.contains(r#""status":"red""#), "{answer}");
    let answer = fetch(address, "/health").await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains(r#""status":"red""#), "{answer}");
    let (address, _guard) = site(None, Settings::default()).await;
    let answer = fetch(address, "/ready").await;
    assert!(answer.starts_with("HTTP/1.1 503") && answer.contains(r#""status":"unchecked""#), "{answer}");
    let answer = fetch(address, "/health").await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[tokio::test]
async fn a_service_in_trouble_lives_and_is_not_ready() {
    let green = || SelfChecked {
        dns: SelfCheck::Green,
        certificates: SelfCheck::Green,
        policy_host: SelfCheck::Green,
        unseen: Vec::new(),
        cases: Default::default(),
        unlooked: Default::default(),
    };
    let (address, _guard) = site(Some(green()), Settings::default()).await;
    let answer = fetch(address, "/ready").await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains(r#""trouble":null"#), "{answer}");
    let trouble = "the journal cannot be written: the disk is full";
    let (address, _guard) = site_in(Some(trouble.to_owned()), Some(green()), Settings::default()).await;
    let answer = fetch(address, "/ready").await;
    assert!(answer.starts_with("HTTP/1.1 503") && answer.contains(r#""status":"trouble""#), "{answer}");
    assert!(answer.contains(trouble), "{answer}");
    let answer = fetch(address, "/health").await;
    assert!(answer.starts_with("HTTP/1.1 200"), "a full disk is no reason to start it anew: {answer}");
}

#[tokio::test]
async fn the_second_part_is_a_mail_to_the_first_cases_that_are_offered() {
    let (address, _guard) = site(None, Settings::default()).await;
    let page = fetch(address, "/second-part").await;
    let named = page.split("<code id=\"addresses\">").nth(1).unwrap().split("</code>").next().unwrap();
    let named: Vec<&str> = named.split(", ").collect();
    // All nine but the one whose server offers no STARTTLS: its entrance has no address here.
    assert_eq!(named.len(), 8, "{named:?}");
    assert!(named.contains(&"en@dane-mismatch.example.org"), "{named:?}");
    assert!(!named.contains(&"en@none-nostarttls.example.org"), "{named:?}");
    let mailto = format!("href=\"mailto:{}?subject=", named.join(","));
    assert!(page.contains(&mailto), "{mailto} in {page}");
    let start = fetch(address, "/").await;
    assert!(start.contains("href=\"/second-part\"") && start.contains("href=\"/cases\""), "{start}");
    let german = fetch(address, "/second-part?lang=de").await;
    assert!(german.contains("de@dane-mismatch.example.org"), "{german}");
}

#[tokio::test]
async fn every_case_has_a_page_that_derives_from_its_file() {
    let (address, _guard) = site(None, Settings::default()).await;
    let all = fetch(address, "/cases").await;
    let catalogue = catalogue();
    for case in catalogue.ruled_cases() {
        assert!(all.contains(&format!("href=\"/cases/{}\"", case.id)), "{}", case.id);
    }
    let page = fetch(address, "/cases/dane-mismatch").await;
    for text in [
        "A server that DANE forbids",
        "en@dane-mismatch.example.org",
        "bad.dane-mismatch.example.org",
        "3 1 1 wrong",
        "RFC 7672 §2.2",
        "192.0.2.11",
        "mail at the second server alone or no mail",
        "The faults of these names never go away",
    ] {
        assert!(page.contains(text), "{text} in {page}");
    }
    let page = fetch(address, "/cases/none-garbage").await;
    assert!(page.contains("Not offered here.") && !page.contains("mailto:"), "{page}");
    assert!(fetch(address, "/cases/no-such-case").await.starts_with("HTTP/1.1 404"));
    assert!(fetch(address, "/cases/et").await.starts_with("HTTP/1.1 404"));
}
