//! Pages of the site, over plain HTTP.

use super::*;

fn red() -> SelfChecked {
    let dns = SelfCheck::Red { reason: "no DS <at> the parent".to_owned() };
    SelfChecked { dns, certificates: SelfCheck::Green, policy_host: SelfCheck::Green, unseen: Vec::new(), cases: Default::default() }
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
