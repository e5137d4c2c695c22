//! Certificates of a CA: the real program with Debian's pebble, whose questions our own DNS answers.

mod peer;
mod service;

use std::fs;
use std::path::{Path, PathBuf};

use mailassay::shared::policy::Tlsa;
use mailassay::shared::tls::spki_of;

use super::commands::local;
use peer::Pebble;
use service::{Serving, Session};

/// A persona whose certificate is a CA's, and which has a TLSA record.
const HOST: &str = "mx06.et.test.localhost";

/// A configuration that orders certificates from the CA at `directory`, whose web server and whose certificates lead to
/// the roots in these files. Everything is quick.
fn ordering_from(folder: &Path, directory: &str, web_roots: &Path, roots: &Path) -> PathBuf {
    let config = local(folder);
    let text = fs::read_to_string(&config).unwrap();
    let roots = roots.display();
    let acme = format!(
        "[tls]\nsource = \"acme\"\nacme.directory = \"{directory}\"\nacme.roots = \"{}\"\nacme.retry_first_s = 1\n",
        web_roots.display()
    );
    let text = text
        .replace("[tls]\n", &acme)
        .replace("certs/ca-root.pem", &roots.to_string())
        .replace("[self_check]\n", "[self_check]\nevery_s = 1\n")
        // TLSA records have a TTL of one second.
        .replace("rotation_s = 10", "rotation_s = 2")
        .replace("window_s = 20", "window_s = 0");
    fs::write(&config, text).unwrap();
    config
}

/// The record that follows from the certificate that a host shows.
fn of_shown(chain: &[Vec<u8>]) -> Tlsa {
    Tlsa::dane_ee_spki(&spki_of(&chain[0]).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn certificates_are_issued_and_renewed_for_the_same_key_and_keys_change_without_a_gap() {
    let folder = tempfile::tempdir().unwrap();
    let Some(places) = Pebble::places(folder.path()) else { return };
    let config = ordering_from(folder.path(), &places.directory(), &places.web_root, &places.root);
    let pebble = Pebble::start(&places, service::dns_of(&config)).await;

    let mut serving = Serving::start(&config, &[]).await;
    serving.log_to("the CA issued a certificate").await;
    let first = serving.shown(HOST, &pebble.roots()).await.expect("it verifies");
    let key = of_shown(&first);
    assert_eq!(serving.tlsa(HOST).await, [key.clone()]);
    serving.log_to("part=\"certificates\"").await;
    let from = serving.green().await;

    let mut session = Session::begin(&config, HOST).await;
    let mut before = first;
    for _ in 0..10 {
        serving.command(&["certs", "renew"]);
        serving.log_to("the CA issued a certificate").await;
        let renewed = serving.shown(HOST, &pebble.roots()).await.expect("it verifies");
        assert_ne!(renewed[0], before[0], "another certificate");
        assert_eq!(of_shown(&renewed), key, "for the same key");
        assert_eq!(serving.tlsa(HOST).await, [key.clone()]);
        session.noop().await;
        before = renewed;
    }

    serving.command(&["certs", "change-key"]);
    serving.log_to("the next key's TLSA record is served").await;
    let both = serving.tlsa(HOST).await;
    assert_eq!(
        of_shown(&serving.shown(HOST, &pebble.roots()).await.unwrap()),
        key,
        "the old one is shown yet"
    );
    assert!(both.len() == 2 && both.contains(&key), "{both:?}");
    serving.log_to("the next key is shown").await;
    let changed = of_shown(&serving.shown(HOST, &pebble.roots()).await.expect("it verifies"));
    assert!(changed != key && both.contains(&changed));
    assert_eq!(serving.tlsa(HOST).await, [changed]);
    session.noop().await;
    serving.green().await;
    serving.never_since(from, "self-check: red");
    let state = serving.command(&["certs", "state"]);
    assert!(state.contains("key 2 is shown") && state.lines().all(|line| line.len() <= 80), "{state}");
    serving.stop().await;
}
