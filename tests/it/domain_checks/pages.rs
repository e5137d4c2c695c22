//! The pages of checks: form, progress, result, its document, deletion.

use std::net::SocketAddr;
use std::sync::Arc;

use mailassay::program::domains::Settings;
use mailassay::program::site;
use mailassay::program::site::Parts;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_util::sync::DropGuard;

use super::{World, now, world};
use crate::domains::evidence_of;
use crate::web::{self, Known, parts};

async fn serve(world: &World) -> (SocketAddr, DropGuard) {
    let nobodys = parts(&Known::nothing(), site::Settings::default()).await;
    web::serve(Parts { domains: Arc::clone(&world.domains), clock: Arc::new(now), ..nobodys }).await
}

async fn ask(address: SocketAddr, request: String) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    String::from_utf8(answer).unwrap()
}

async fn get(address: SocketAddr, path: &str) -> String {
    ask(address, format!("GET {path} HTTP/1.1\r\nHost: test.example.org\r\nConnection: close\r\n\r\n")).await
}

async fn post(address: SocketAddr, path: &str, form: &str) -> String {
    ask(
        address,
        format!(
            "POST {path} HTTP/1.1\r\nHost: test.example.org\r\nOrigin: http://test.example.org\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{form}",
            form.len()
        ),
    )
    .await
}

fn location(answer: &str) -> String {
    let line = answer.lines().find_map(|line| line.strip_prefix("location: "));
    line.unwrap_or_else(|| panic!("no place in {answer}")).to_owned()
}

#[tokio::test]
async fn a_check_goes_from_the_form_over_its_progress_to_its_result_and_is_deleted() {
    let world = world(Settings::default(), 0).await;
    world.played.seen.lock().unwrap().insert("example.net".to_owned(), evidence_of("sound"));
    let (address, _guard) = serve(&world).await;
    let form = get(address, "/check?lang=de").await;
    assert!(
        form.starts_with("HTTP/1.1 200") && form.contains("Wie gut empfängt eine Domain Mail?"),
        "{form}"
    );

    let place = location(&post(address, "/check", "domain=https%3A%2F%2Fexample.net%2F").await);
    assert!(place.starts_with("/d/"), "{place}");
    let id = place.trim_start_matches("/d/").parse().unwrap();
    // While it runs: the page reloads where there is no script, and is told of each step where there is one.
    let mut following = world.domains.follow(&id).unwrap();
    let asked = |stage: &mailassay::program::domains::Stage| format!("{stage:?}").contains("slow");
    following.wait_for(asked).await.unwrap();
    let page = get(address, &place).await;
    for shown in [
        "http-equiv=\"refresh\"",
        "example.net is being checked",
        "192.0.2.1",
        "3/17",
        "450 U+202Eslow &#60;script&#62;",
        "x-robots-tag: noindex, nofollow",
        "cache-control: no-store",
    ] {
        assert!(page.contains(shown), "{shown} in {page}");
    }
    assert!(get(address, &format!("{place}.json")).await.starts_with("HTTP/1.1 404"));
    let events = tokio::spawn({
        let place = place.clone();
        async move { get(address, &format!("{place}/events")).await }
    });
    world.played.ends.add_permits(1);
    let events = events.await.unwrap();
    assert!(events.contains("text/event-stream") && events.contains("event: end"), "{events}");

    // The result, which keeps no stream.
    assert!(get(address, &format!("{place}/events")).await.starts_with("HTTP/1.1 204"));
    let page = get(address, &place).await;
    for shown in ["x-robots-tag: noindex", "Who would not deliver here", "This is the only check", "STARTTLS"]
    {
        assert!(page.contains(shown), "{shown} in {page}");
    }
    assert!(!page.contains("event-stream") && !page.contains("check.js") && !page.contains("refresh"));
    // The link is the same in every language.
    let german = get(address, &format!("{place}?lang=de")).await;
    assert!(
        german.contains("Wer hier nicht zustellen würde") && german.contains(&format!("href=\"{place}\""))
    );
    let document = get(address, &format!("{place}.json")).await;
    let (head, body) = document.split_once("\r\n\r\n").unwrap();
    assert!(head.contains("application/json") && head.contains("noindex"), "{head}");
    let body = body.trim_start_matches(|c: char| c.is_ascii_hexdigit()).trim_start();
    assert!(body.starts_with('{') && document.contains("\"domain\": \"example.net\""), "{body:.200}");

    assert_eq!(location(&post(address, &format!("{place}/delete"), "").await), "/check?deleted");
    assert!(get(address, "/check?deleted").await.contains("The result is deleted."));
    for gone in [place.clone(), format!("{place}.json")] {
        assert!(get(address, &gone).await.starts_with("HTTP/1.1 404"), "{gone}");
    }
    assert!(post(address, &format!("{place}/delete"), "").await.starts_with("HTTP/1.1 404"));
}

#[tokio::test]
async fn a_second_result_tells_what_changed_and_no_link_of_others() {
    let world = world(Settings::default(), 10).await;
    world.played.seen.lock().unwrap().insert("example.net".to_owned(), evidence_of("sound"));
    let (address, _guard) = serve(&world).await;
    let first = world.check("example.net", 0).await;
    world.played.seen.lock().unwrap().insert("example.net".to_owned(), evidence_of("dane-mismatch"));
    let second = world.check("example.net", 60).await;
    let page = get(address, &format!("/d/{second}")).await;
    for shown in [
        "What changed since 2026-11-21, 12:00 UTC",
        "It was: passed. It is: failed.",
        "TLSA records",
        "No TLSA record fits the certificate of",
        "Earlier checks",
        "2026-11-21, 13:00 UTC <b>(this check)</b>",
    ] {
        assert!(page.contains(shown), "{shown} in {page}");
    }
    assert!(!page.contains(&first.to_string()), "the link of whoever asked first");
    // The first one knows nothing of what came later but that it came.
    let page = get(address, &format!("/d/{first}")).await;
    assert!(!page.contains("What changed since") && page.contains("Earlier checks"), "{page}");
    // When the first is gone there is nothing to compare with.
    world.domains.delete(&first).await.unwrap();
    let page = get(address, &format!("/d/{second}")).await;
    assert!(!page.contains("What changed since") && page.contains("This is the only check"), "{page}");
}

#[tokio::test]
async fn what_cannot_be_checked_is_told_in_words() {
    let settings = Settings { per_client_hour_max: 1, ..Settings::default() };
    let world = world(settings, 10).await;
    let (address, _guard) = serve(&world).await;
    for (typed, status, said) in [
        ("", 422, "Please write a domain"),
        ("192.0.2.1", 422, "That is an IP address."),
        ("localhost", 422, "only one part"),
        ("a+b%3Cscript%3Ec", 422, "only one part"),
        ("a+%22%3Cscript", 422, "That is no domain"),
        ("panics.example", 303, ""),
        ("example.org", 429, "as many checks as one visitor may"),
    ] {
        let answer = post(address, "/check", &format!("domain={typed}")).await;
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status}")) && answer.contains(said),
            "{typed}: {answer}"
        );
        assert!(!answer.contains("<script"), "{answer}");
        assert_eq!(answer.contains("retry-after: "), status == 429, "{answer}");
        if status == 303 {
            let place = location(&answer);
            world.ended(&place.trim_start_matches("/d/").parse().unwrap()).await;
            assert!(get(address, &place).await.contains("was cut off on our side"));
        }
    }
    for path in ["/d/x", "/d/aaaaaaaaaaaaaaaaaaaaaaaaaa", "/d/aaaaaaaaaaaaaaaaaaaaaaaaaa.json"] {
        assert!(get(address, path).await.starts_with("HTTP/1.1 404"), "{path}");
    }
    let large = format!("domain={}", "a".repeat(10_000));
    assert!(post(address, "/check", &large).await.starts_with("HTTP/1.1 422"));
}
