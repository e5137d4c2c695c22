//! The pages over HTTP: what may be cached, and what there is not.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use mailassay::program::providers::Register;
use mailassay::program::site::{Health, Parts, ProviderPages, Report, Results, Settings, Site};
use mailassay::sending::history::SelfChecked;
use mailassay::sending::trial::TrialId;
use mailassay::sending::verdict::Term;
use mailassay::shared::text::Language;
use mailassay::shared::time::Timestamp;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::{CancellationToken, DropGuard};

use super::{SITE, at, catalogue, fill, name, provider, register};

const NOW: &str = "2026-11-29T12:00:00Z";

struct Nothing;

impl Results for Nothing {
    fn report<'a>(
        &'a self,
        _: &'a TrialId,
        _: Option<Language>,
    ) -> Pin<Box<dyn Future<Output = Option<Report>> + Send + 'a>> {
        Box::pin(async { None })
    }
}

impl Health for Nothing {
    fn last_self_check(&self) -> Option<(Timestamp, SelfChecked)> {
        None
    }

    fn trouble(&self) -> Option<String> {
        None
    }
}

async fn site(register: Arc<Register>) -> (std::net::SocketAddr, DropGuard) {
    let site = Arc::new(Site::new(Parts {
        catalogue: Arc::new(catalogue()),
        results: Arc::new(Nothing),
        health: Arc::new(Nothing),
        domains: crate::domain_checks::nobodys().await,
        providers: Some(Arc::new(ProviderPages { register, url: SITE.to_owned() })),
        clock: Arc::new(|| at(NOW)),
        settings: Settings::default(),
    }));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let stop = CancellationToken::new();
    tokio::spawn(site.serve(listener, stop.clone()));
    (address, stop.drop_guard())
}

async fn get(address: std::net::SocketAddr, path: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: test.example\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    String::from_utf8(answer).unwrap()
}

#[tokio::test]
async fn what_is_published_may_be_cached_and_the_rest_is_not_there() {
    let kept = register().await;
    let register = &kept.register;
    register.describe(provider(), at(NOW)).await.unwrap();
    fill(register, Term::Dane).await;
    let (address, _stop) = site(Arc::clone(register)).await;
    for path in [
        "/providers/sound-mail",
        "/providers/sound-mail/evidence/1",
        "/providers/nobody",
        "/badge/example.net.svg",
    ] {
        assert!(get(address, path).await.starts_with("HTTP/1.1 404 "), "{path}");
    }
    assert!(get(address, "/providers").await.contains("Nothing is published yet."));

    register.told(&name(), at("2026-11-01T00:00:00Z"), at(NOW)).await.unwrap();
    register.publish(&name(), at(NOW)).await.unwrap();
    for (path, kind, part) in [
        ("/providers", "text/html; charset=utf-8", "Sound &#60;Mail&#62;"),
        ("/providers/sound-mail?lang=de", "text/html; charset=utf-8", "Empfangen"),
        ("/providers/sound-mail/evidence/3", "text/html; charset=utf-8", "STARTTLS"),
        ("/providers/sound-mail/evidence/1.json", "application/json", "mailassay-history/1"),
        ("/hall-of-fame", "text/html; charset=utf-8", "Both directions"),
        ("/statistics", "text/html; charset=utf-8", "Fewer than 10 networks"),
        ("/providers.csv", "text/csv; charset=utf-8; header=present", "sound-mail,"),
        ("/providers.json", "application/json", "mailassay-providers/1"),
        (
            "/providers.atom",
            "application/atom+xml; charset=utf-8",
            "<feed xmlns=\"http://www.w3.org/2005/Atom\"",
        ),
        ("/badge/example.net.svg", "image/svg+xml", "<svg "),
    ] {
        let answer = get(address, path).await;
        assert!(answer.starts_with("HTTP/1.1 200 "), "{path}: {answer}");
        assert!(answer.contains(&format!("content-type: {kind}\r\n")), "{path}: {answer}");
        assert!(answer.contains("cache-control: public, max-age="), "{path}: {answer}");
        assert!(!answer.contains("noindex"), "{path}: {answer}");
        assert!(answer.contains(part), "{path}: {answer}");
    }
}
