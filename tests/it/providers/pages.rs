//! The pages over HTTP: what may be cached, and what there is not.

use std::sync::Arc;

use mailassay::program::providers::Register;
use mailassay::program::site::{Parts, ProviderPages, Settings};
use mailassay::sending::verdict::Term;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_util::sync::DropGuard;

use super::{SITE, at, fill, name, provider, register};
use crate::web::{self, Known, parts};

const NOW: &str = "2026-11-29T12:00:00Z";

async fn site(register: Arc<Register>) -> (std::net::SocketAddr, DropGuard) {
    let nobodys = parts(&Known::nothing(), Settings::default()).await;
    let providers = Some(Arc::new(ProviderPages { register, url: SITE.to_owned() }));
    web::serve(Parts { providers, clock: Arc::new(|| at(NOW)), ..nobodys }).await
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
