//! Certificates of a CA: the real program with Debian's pebble, whose questions our own DNS answers.

mod peer;
mod scripted;
mod service;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use mailassay::shared::database::postgres::Address;
use mailassay::shared::policy::Tlsa;
use mailassay::shared::tls::spki_of;

use super::commands::local;
use peer::Pebble;
use scripted::{Ca, Script};
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
    assert_eq!(serving.tlsa(HOST).await, std::slice::from_ref(&key));
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
        assert_eq!(serving.tlsa(HOST).await, std::slice::from_ref(&key));
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

/// With a service that has its first certificate from a CA that does as it is told.
async fn with_first(folder: &Path, script: impl FnOnce(&mut Script)) -> (Arc<Ca>, PathBuf, Serving) {
    let ca = Ca::start(folder).await;
    ca.set(script);
    let config = ordering_from(folder, &ca.directory(), &ca.web_root, &ca.root);
    let mut serving = Serving::start(&config, &[]).await;
    serving.log_to("the CA issued a certificate").await;
    (ca, config, serving)
}

/// RFC 9773: the first certificate is to be renewed at once, and the order says which one it replaces; the second in a
/// month.
#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_is_renewed_when_the_ca_wants() {
    let folder = tempfile::tempdir().unwrap();
    let day_s = 86_400;
    let windows = vec![(-2 * day_s, -day_s), (30 * day_s, 31 * day_s)];
    let (ca, _, mut serving) = with_first(folder.path(), |script| script.windows = windows).await;
    serving.log_to("the CA issued a certificate").await;
    serving.log_to("the CA suggests when to renew").await;
    let orders = ca.orders();
    assert_eq!(orders.len(), 2);
    assert_eq!(orders[0].replaces, None);
    assert!(orders[1].replaces.as_ref().is_some_and(|id| id.ends_with(".AQ")), "{:?}", orders[1].replaces);
    let state = serving.command(&["certs", "state"]);
    assert!(state.contains("the CA suggests to renew from"), "{state}");
    serving.stop().await;
}

/// Without anybody's doing, while it is still good.
#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_is_renewed_before_it_ends() {
    let folder = tempfile::tempdir().unwrap();
    let (ca, _, mut serving) = with_first(folder.path(), |script| script.life_s = Some(24)).await;
    let first = serving.shown(HOST, &ca.roots()).await.unwrap();
    ca.set(|script| script.life_s = None);
    serving.log_to("the CA issued a certificate").await;
    let second = serving.shown(HOST, &ca.roots()).await.unwrap();
    assert_ne!(first[0], second[0]);
    assert_eq!(of_shown(&first), of_shown(&second));
    assert_eq!(ca.orders().len(), 2);
    serving.stop().await;
}

/// What goes wrong with a CA leaves the old certificate where it is, and the operator is told.
#[tokio::test(flavor = "multi_thread")]
async fn whatever_a_ca_does_the_old_certificate_serves_on_and_the_operator_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let (ca, _, mut serving) = with_first(folder.path(), |_| {}).await;
    let first = serving.shown(HOST, &ca.roots()).await.unwrap();

    // It limits us for an hour.
    let limited = Some((429, "rateLimited", "too many certificates\u{202e}", Some(3600)));
    ca.set(|script| script.refusal = limited);
    serving.command(&["certs", "renew"]);
    let said = serving.log_to("the CA limits how often it issues: too many certificates").await;
    assert!(said.contains("the old one serves on until") && !said.contains('\u{202e}'), "{said}");
    assert_eq!(serving.shown(HOST, &ca.roots()).await.unwrap(), first);
    let (code, state) = serving.any_command(&["certs", "state"]);
    assert!(code == Some(1) && state.contains("too many certificates"), "{state}");
    serving.log_to("self-check: the CA issued no certificate").await;

    // The operator may try again all the same. Two nonces are refused, which is no matter.
    ca.set(|script| (script.refusal, script.bad_nonces) = (None, 2));
    serving.command(&["certs", "renew"]);
    serving.log_to("the CA issued a certificate").await;
    serving.command(&["certs", "state"]);

    // The account is refused: that is told with the file to remove. One that it does not know is made anew.
    ca.set(|script| script.refusal = Some((403, "unauthorized", "account is deactivated", None)));
    serving.command(&["certs", "renew"]);
    let said = serving.log_to("account is deactivated").await;
    assert!(said.contains("remove ") && said.contains("/acme/account-"), "{said}");
    ca.set(|script| (script.refusal, script.forgotten) = (None, [1].into()));
    serving.log_to("the CA does not know the account").await;
    serving.log_to("the CA issued a certificate").await;
    assert_eq!(ca.accounts(), 2);

    // It is down, and comes back.
    ca.set(|script| script.is_down = true);
    serving.command(&["certs", "renew"]);
    serving.log_to("the CA cannot be reached").await;
    let (before, _) =
        (serving.shown(HOST, &ca.roots()).await.unwrap(), ca.set(|script| script.is_down = false));
    serving.log_to("the CA issued a certificate").await;
    let last = serving.shown(HOST, &ca.roots()).await.unwrap();
    assert_ne!(last, before);
    assert_eq!(of_shown(&last), of_shown(&first));
    serving.stop().await;
}

/// A profile is asked for by name; one that the CA does not have is told with those that it has. Names are spread over
/// certificates, and a wildcard is proved below its domain.
#[tokio::test(flavor = "multi_thread")]
async fn certificates_for_many_names_are_issued_ahead_with_the_profile_that_is_set() {
    let folder = tempfile::tempdir().unwrap();
    let ca = Ca::start(folder.path()).await;
    ca.set(|script| script.profiles = vec!["classic", "short"]);
    let config = ordering_from(folder.path(), &ca.directory(), &ca.web_root, &ca.root);
    let text = fs::read_to_string(&config).unwrap();
    let further: Vec<String> = (0..120).map(|n| format!("\"h{n}.test.localhost\"")).collect();
    let more = |profile: &str| {
        let names = format!("acme.further_names = [\"*.et.test.localhost\", {}]\n", further.join(", "));
        text.replace("[tls]\n", &format!("[tls]\nacme.profile = \"{profile}\"\n{names}"))
    };
    fs::write(&config, more("long")).unwrap();
    let mut serving = Serving::start(&config, &[]).await;
    let said = serving.log_to("there is no profile `long`").await;
    assert!(said.contains("the CA has classic, short"), "{said}");
    serving.stop().await;

    fs::write(&config, more("short")).unwrap();
    let mut serving = Serving::start(&config, &[]).await;
    for _ in 0..2 {
        serving.log_to("the CA issued a certificate").await;
    }
    let orders = ca.orders();
    assert!(orders.iter().all(|order| order.profile.as_deref() == Some("short")), "{orders:?}");
    let counts: Vec<usize> = orders.iter().map(|order| order.names.len()).collect();
    assert!(counts.len() == 2 && counts.iter().all(|count| *count <= 100), "{counts:?}");
    let named: BTreeSet<&str> = orders.iter().flat_map(|order| &order.names).map(String::as_str).collect();
    assert_eq!(named.len(), counts.iter().sum::<usize>(), "each name once");
    assert!((0..120).all(|n| named.contains(&*format!("h{n}.test.localhost"))));
    // Beside a wildcard a CA takes no name that it stands for.
    assert!(named.contains("*.et.test.localhost") && !named.contains(HOST), "{named:?}");
    serving.shown(HOST, &ca.roots()).await.expect("it verifies");
    serving.command(&["certs", "state"]);
    serving.stop().await;
}

/// Killed in the middle of a renewal and of a change of keys: what is shown always has its TLSA record, and all comes to
/// its end by itself.
#[tokio::test(flavor = "multi_thread")]
async fn killed_in_a_renewal_and_in_a_change_of_keys_nothing_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let (ca, config, mut serving) = with_first(folder.path(), |_| {}).await;
    let first = serving.shown(HOST, &ca.roots()).await.unwrap();
    let key = of_shown(&first);
    for path in ["/order", "/finalize", "/cert"] {
        ca.set(|script| script.stands_still_at = Some(path));
        serving.command(&["certs", "renew"]);
        ca.still.notified().await;
        serving.kill().await;
        serving = Serving::start(&config, &[]).await;
        let shown = serving.shown(HOST, &ca.roots()).await.expect("the old certificate is shown");
        assert_eq!((of_shown(&shown), serving.tlsa(HOST).await), (key.clone(), vec![key.clone()]));
        // It begins anew by itself.
        ca.still.notified().await;
        ca.set(|script| script.stands_still_at = None);
        serving.kill().await;
        serving = Serving::start(&config, &[]).await;
        serving.log_to("the CA issued a certificate").await;
        assert_eq!(of_shown(&serving.shown(HOST, &ca.roots()).await.unwrap()), key);
    }

    ca.set(|script| script.stands_still_at = Some("/finalize"));
    serving.command(&["certs", "change-key"]);
    serving.log_to("a key is to change").await;
    for word in ["serving", "the next key's TLSA record is served", "the next key is shown"] {
        serving.kill().await;
        if word == "the next key is shown" {
            ca.set(|script| script.stands_still_at = None);
        }
        serving = Serving::start(&config, &[]).await;
        let shown = of_shown(&serving.shown(HOST, &ca.roots()).await.expect("a certificate that verifies"));
        let published = serving.tlsa(HOST).await;
        assert!(published.contains(&shown), "{published:?} has no {shown:?}");
        if word == "the next key is shown" {
            serving.log_to(word).await;
        }
    }
    // Killed at once behind the change.
    serving.kill().await;
    let serving = Serving::start(&config, &[]).await;
    let changed = of_shown(&serving.shown(HOST, &ca.roots()).await.unwrap());
    assert_ne!(changed, key);
    assert_eq!(serving.tlsa(HOST).await, [changed]);
    serving.stop().await;
}

/// Two nodes with keys of their own make: the database has them, sealed, and what a CA is to be answered.
#[tokio::test(flavor = "multi_thread")]
async fn all_name_servers_answer_before_the_ca_looks_and_all_nodes_show_what_it_issued() {
    let Some(server) = super::postgres::Server::shared("a CA and two nodes") else { return };
    let (folder, url) = (tempfile::tempdir().unwrap(), server.database("acme_of_nodes"));
    let ca = Ca::start(folder.path()).await;
    let key = folder.path().join("nodes.key");
    mailassay::shared::keyfile::write(&key, &[7; 32]).unwrap();
    let configs = ["mx04", "mx05"].map(|name| {
        let own = folder.path().join(name);
        fs::create_dir(&own).unwrap();
        let config = ordering_from(&own, &ca.directory(), &ca.web_root, &ca.root);
        let text = fs::read_to_string(&config).unwrap();
        let path = text.lines().find(|line| line.starts_with("path = ")).unwrap().to_owned();
        let text = text.replace(&path, &format!("url = \"{url}\""));
        let node = format!("\n[node]\nname = \"{name}\"\nseal_key = \"{}\"\n", key.display());
        fs::write(&config, text + &node).unwrap();
        config
    });
    ca.set(|script| script.is_down = true);
    let mut one = Serving::start(&configs[0], &[]).await;
    let other = Serving::start(&configs[1], &[]).await;
    ca.set(|script| {
        script.is_down = false;
        script.servers = configs.iter().map(|config| service::dns_of(config)).collect();
    });
    one.log_to("the CA issued a certificate").await;
    let looked = ca.looked();
    assert!(
        !looked.is_empty() && looked.iter().all(|(_, texts)| texts.len() == 2 && !texts.contains(&0)),
        "{looked:?}"
    );
    let shown = one.shown(HOST, &ca.roots()).await.expect("it verifies");
    let began = std::time::Instant::now();
    while other.shown(HOST, &ca.roots()).await.ok().as_ref() != Some(&shown) {
        assert!(began.elapsed().as_secs() < 60, "the other node shows another");
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    let key = of_shown(&shown);
    assert_eq!(one.tlsa(HOST).await, std::slice::from_ref(&key));
    assert_eq!(other.tlsa(HOST).await, [key]);
    let keys = |node: &Serving| node.command(&["zone", "ds"]);
    assert_eq!(keys(&one), keys(&other), "one set of zone keys");
    // What trials are known by is sealed like the keys.
    let secrets = ["mx04", "mx05"].map(|name| {
        let files = fs::read_dir(folder.path().join(name)).unwrap().map(|file| file.unwrap().path());
        let secret = files.filter(|path| path.extension().is_some_and(|extension| extension == "secret"));
        secret.map(|path| fs::read(path).unwrap()).collect::<Vec<_>>()
    });
    assert_eq!(secrets[0], secrets[1]);
    assert_eq!(secrets[0].iter().map(Vec::len).collect::<Vec<_>>(), [32]);
    let mut connection = url.parse::<Address>().unwrap().connect().await.unwrap();
    let in_clear: Vec<Vec<u8>> =
        sqlx::query_scalar("SELECT value FROM journal.meta").fetch_all(&mut connection).await.unwrap();
    assert!(!in_clear.contains(&secrets[0][0]));
    let sealed: i64 = sqlx::query_scalar("SELECT count(*) FROM common.secrets WHERE name = 'journal.secret'")
        .fetch_one(&mut connection)
        .await
        .unwrap();
    assert_eq!(sealed, 1);
    one.stop().await;
    other.stop().await;
}
