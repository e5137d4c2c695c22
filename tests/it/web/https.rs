//! The site over HTTPS on the sockets of the policy host.

use mailassay::program::site::Redirect;
use mailassay::sending::history::Fact;
use mailassay::shared::tls::client;

use super::policy_host::{HOST, beside};
use super::*;

const NAME: &str = "test.example.org";

async fn site_on_policy_host(settings: Settings) -> (Arc<Known>, policy_host::Host) {
    let known = known(finished(), None, None);
    let site = made(&known, settings.clone()).await;
    (known, beside(settings, |shown| site.neighbour(NAME.to_owned(), shown)).await)
}

#[tokio::test]
async fn the_site_is_told_apart_by_the_name_and_its_visits_are_no_fetches() {
    let (_known, host) = site_on_policy_host(Settings::default()).await;
    let page = host.ask(NAME, &get(&format!("/r/{}", trial()), NAME)).await;
    assert!(page.starts_with("HTTP/1.1 200") && page.contains("a verdict"), "{page}");
    assert!(page.to_lowercase().contains("strict-transport-security: max-age=31536000"), "{page}");
    let policy = "/.well-known/mta-sts.txt";
    for (sni, asked, status) in [
        (NAME, get(policy, HOST), 421),
        (NAME, get(policy, NAME), 404),
        (NAME, get("/", "TEST.example.org.:443"), 200),
        (NAME, get("/", "x").replace("Host: x\r\n", ""), 421),
    ] {
        let answer = host.ask(sni, &asked).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{sni} {asked} {answer}");
    }
    // A visitor that leaves before it asks is none, either.
    let stream = TcpStream::connect(host.address).await.unwrap();
    let mut left = client::connect(stream, NAME, true, 10).await.unwrap();
    left.stream.shutdown().await.unwrap();
    assert!(host.ask(HOST, &get(policy, HOST)).await.starts_with("HTTP/1.1 200"));
    assert!(host.ask(HOST, &get("/", NAME)).await.starts_with("HTTP/1.1 421"));
    let facts = host.book.facts.lock().unwrap();
    let visited = |fact: &Fact| match fact {
        Fact::PolicyFetched(visit) => visit.sni.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(facts.iter().map(visited).collect::<Vec<_>>(), [Some(HOST.to_owned()), Some(HOST.to_owned())]);
}

#[tokio::test]
async fn who_reads_the_site_takes_no_place_from_senders() {
    let settings = Settings { connections_max: 2, ..Settings::default() };
    let (_known, host) = site_on_policy_host(settings).await;
    let mut held = Vec::new();
    for _ in 0..2 {
        let stream = TcpStream::connect(host.address).await.unwrap();
        let mut reader = client::connect(stream, NAME, true, 10).await.unwrap().stream;
        reader.write_all(b"GET /health HTTP/1.1\r\nHost: test.example.org\r\n\r\n").await.unwrap();
        assert!(reader.read(&mut [0; 1]).await.unwrap() > 0);
        held.push(reader);
    }
    let answer = host.ask(HOST, &get("/.well-known/mta-sts.txt", HOST)).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[tokio::test]
async fn plain_http_leads_to_the_site_whatever_host_is_asked_for() {
    let redirect = Arc::new(Redirect::new("https://test.example.org".to_owned(), Settings::default()));
    let (listener, address) = listener().await;
    let stop = CancellationToken::new();
    tokio::spawn(redirect.serve(listener, stop.clone()));
    let _guard = stop.drop_guard();
    for (path, location) in [
        ("/r/x?lang=de", "https://test.example.org/r/x?lang=de"),
        ("http://example.net/a", "https://test.example.org/a"),
        ("//example.net", "https://test.example.org//example.net"),
    ] {
        let answer = ask(TcpStream::connect(address).await.unwrap(), &get(path, "example.net")).await;
        assert!(
            answer.starts_with("HTTP/1.1 308") && answer.contains(&format!("location: {location}\r\n")),
            "{answer}"
        );
    }
}
