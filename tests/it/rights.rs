//! The rights of those who are tested: objections and their page, what is forgotten, what is said to be kept.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use mailassay::program::archive::{Archive, CheckRow};
use mailassay::program::rights::{Forgetting, Forgotten, Objections, Retention, Subject, Upkeep, Way};
use mailassay::program::site::{self, Notices, Operator, Parts, told};
use mailassay::program::{config, domains};
use mailassay::sending::journal::{self, Opened};
use mailassay::sending::persona::CatalogueFiles;
use mailassay::sending::trials::{Attribution, Trials};
use mailassay::shared::text::Language;
use mailassay::shared::time::{Timestamp, after};
use tokio::net::TcpStream;
use tokio_util::sync::DropGuard;

use super::commands::{local, run};
use super::trials::{SECRET, World, at, mail};
use super::web::{Known, ask, fetch, parts, post, serve};

const JANE: &str = "jane@example.net";

fn now() -> Timestamp {
    "2026-11-29T12:00:00Z".parse().unwrap()
}

async fn archive(folder: &Path) -> Arc<Archive> {
    Arc::new(Archive::open(&folder.join("site.sqlite")).await.unwrap())
}

pub(crate) async fn objections(folder: &Path) -> Arc<Objections> {
    Arc::new(Objections::new(archive(folder).await, SECRET, "https://test.example.org".to_owned()))
}

pub(crate) fn notices() -> Notices {
    Notices {
        operator: Operator::default(),
        origin: "example.org".to_owned(),
        security_contact: "mailto:postmaster@example.org".to_owned(),
        kept: Retention::of_journal(&journal::Settings::default(), false).kept(),
    }
}

/// A site with nothing to show but what it says of itself.
async fn site_with(objections: Arc<Objections>, notices: Notices) -> (SocketAddr, DropGuard) {
    let nobodys = parts(&Known::nothing(), site::Settings::default()).await;
    serve(Parts { objections, notices, ..nobodys }).await
}

/// Sends a form, or what a mail program sends in place of one.
async fn send(address: SocketAddr, path: &str, body: &str) -> String {
    ask(TcpStream::connect(address).await.unwrap(), &post(path, "Sec-Fetch-Site: cross-site\r\n", body)).await
}

#[tokio::test]
async fn whoever_looks_changes_nothing_and_one_click_objects() {
    let folder = tempfile::tempdir().unwrap();
    let objections = objections(folder.path()).await;
    let (address, _guard) = site_with(Arc::clone(&objections), notices()).await;
    let place = format!("/objection/{}", objections.token(JANE));
    for path in [&place, &format!("{place}/withdraw")] {
        let page = fetch(address, path).await;
        assert!(page.starts_with("HTTP/1.1 200") && page.contains("Nothing has happened yet."), "{page}");
        assert!(page.to_lowercase().contains("x-robots-tag: noindex"), "{page}");
        assert!(!page.contains("jane"), "{page}");
    }
    assert!(!objections.stand_against(JANE).await.unwrap(), "a GET objects to nothing");
    // RFC 8058 §3.2: what a mail program sends, with no cookie and no other fields; the answer is no redirection.
    let answer = send(address, &place, "List-Unsubscribe=One-Click").await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("Done: "), "{answer}");
    assert!(objections.stand_against("Jane@Example.NET").await.unwrap());
    assert!(!objections.stand_against("jim@example.net").await.unwrap());
    let page = fetch(address, &format!("{place}?lang=de")).await;
    assert!(page.contains("sendet dieser Dienst keine Mails."), "{page}");
    let answer = send(address, &format!("{place}/withdraw"), "").await;
    assert!(answer.contains("Withdrawn: "), "{answer}");
    assert!(!objections.stand_against(JANE).await.unwrap());
}

#[tokio::test]
async fn nobody_objects_for_another() {
    let folder = tempfile::tempdir().unwrap();
    let objections = objections(folder.path()).await;
    let (address, _guard) = site_with(Arc::clone(&objections), notices()).await;
    let elsewhere = tempfile::tempdir().unwrap();
    let forged =
        Objections::new(archive(elsewhere.path()).await, [8; 32], String::new()).token(JANE).to_string();
    let (jane, jim) = (objections.token(JANE).to_string(), objections.token("jim@example.net").to_string());
    let crossed = format!("{}{}", &jane[..26], &jim[26..]);
    for token in [forged.as_str(), &crossed, "", "a", JANE, &jane[1..], &format!("{jane}a")] {
        for answer in [
            fetch(address, &format!("/objection/{token}")).await,
            send(address, &format!("/objection/{token}"), "List-Unsubscribe=One-Click").await,
            send(address, &format!("/objection/{token}/withdraw"), "").await,
        ] {
            assert!(answer.starts_with("HTTP/1.1 404"), "{token}: {answer}");
        }
    }
    assert!(!objections.stand_against(JANE).await.unwrap());
    // What is kept is a digest: nothing of an address lies in the file.
    objections.keep(now(), &JANE.parse().unwrap(), Way::Link).await.unwrap();
    objections.keep(now(), &"example.com".parse().unwrap(), Way::Operator).await.unwrap();
    assert!(objections.stand_against("who@mail.example.com").await.unwrap());
    for file in std::fs::read_dir(folder.path()).unwrap() {
        let octets = std::fs::read(file.unwrap().path()).unwrap();
        for name in [&b"jane"[..], b"example.net", b"example.com"] {
            assert!(!octets.windows(name.len()).any(|window| window.eq_ignore_ascii_case(name)));
        }
    }
    assert!(objections.lift(&"example.com".parse::<Subject>().unwrap()).await.unwrap());
    assert!(!objections.stand_against("who@mail.example.com").await.unwrap());
}

#[tokio::test]
async fn the_notices_say_who_runs_the_site_and_what_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let objections = objections(folder.path()).await;
    let (address, _guard) = site_with(Arc::clone(&objections), notices()).await;
    assert!(fetch(address, "/imprint").await.starts_with("HTTP/1.1 404"), "of nobody there is none");
    let start = fetch(address, "/").await;
    assert!(start.contains("href=\"/privacy\"") && !start.contains("href=\"/imprint\""), "{start}");
    let operator = Operator {
        name: Some("Ex & Co".to_owned()),
        address: vec!["Long Street 1".to_owned(), "12345 Town".to_owned()],
        mail: Some("post@example.net".to_owned()),
        phone: Some("+49 (0)30 12 34".to_owned()),
        country: Some("Germany".to_owned()),
    };
    let (address, _guard) = site_with(objections, Notices { operator, ..notices() }).await;
    let imprint = fetch(address, "/imprint?lang=de").await;
    for text in
        ["Ex &#38; Co", "12345 Town", "Germany", "mailto:post@example.net", "tel:+49301234", "Impressum"]
    {
        assert!(imprint.contains(text), "{text} in {imprint}");
    }
    let privacy = fetch(address, "/privacy").await;
    for text in
        ["post@example.net", "at most 90 days", "<td data-label=\"How long\" valign=\"top\">30 days</td>"]
    {
        assert!(privacy.contains(text), "{text} in {privacy}");
    }
    assert!(privacy.contains("href=\"/imprint\""), "{privacy}");
    assert!(fetch(address, "/contact").await.contains("tel:+49301234"));
}

#[tokio::test]
async fn programs_find_what_they_look_for() {
    let folder = tempfile::tempdir().unwrap();
    let (address, _guard) = site_with(objections(folder.path()).await, notices()).await;
    let security = fetch(address, "/.well-known/security.txt").await;
    let (head, body) = security.split_once("\r\n\r\n").unwrap();
    assert!(head.to_lowercase().contains("content-type: text/plain; charset=utf-8"), "{head}");
    // The clock of the site stands at 2026-11-21.
    assert_eq!(
        body,
        "Contact: mailto:postmaster@example.org\nExpires: 2027-05-20T00:00:00Z\nPreferred-Languages: en, de\n\
         Canonical: https://test.example.org/.well-known/security.txt\n"
    );
    let robots = fetch(address, "/robots.txt").await;
    for place in ["/r/", "/d/", "/objection/", "/api/"] {
        assert!(robots.contains(&format!("\nDisallow: {place}\n")), "{robots}");
    }
    assert!(fetch(address, "/favicon.ico").await.to_lowercase().contains("content-type: image/svg+xml"));
}

/// The table of `docs/privacy.md` is what the default settings make of it; `MAILASSAY_BLESS=1` writes it anew.
#[test]
fn the_documentation_says_what_is_kept() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/privacy.md");
    let text = std::fs::read_to_string(&path).unwrap();
    let checks = Some(domains::Settings::default().retention_days);
    let retention = Retention::of_journal(&journal::Settings::default(), true);
    let retention = retention.with_checks(checks).with_verdicts(true);
    let mut table = "| what | what for | how long | who can see it |\n|---|---|---|---|\n".to_owned();
    for row in told(&retention.kept(), Language::En) {
        table += &format!("| {} | {} | {} | {} |\n", row.what, row.why, row.how_long, row.who);
    }
    let (begin, end) = ("<!-- kept -->\n", "<!-- end -->");
    let (before, rest) = text.split_once(begin).expect("the table's place");
    let (_, behind) = rest.split_once(end).expect("the table's end");
    let expected = format!("{before}{begin}{table}{end}{behind}");
    if std::env::var_os("MAILASSAY_BLESS").is_some() {
        std::fs::write(&path, &expected).unwrap();
    }
    assert_eq!(std::fs::read_to_string(&path).unwrap(), expected);
}

#[tokio::test]
async fn orders_that_are_done_are_forgotten_and_objections_are_not() {
    let folder = tempfile::tempdir().unwrap();
    let archive = archive(folder.path()).await;
    let objections = Objections::new(Arc::clone(&archive), SECRET, String::new());
    objections.keep(now(), &JANE.parse().unwrap(), Way::Link).await.unwrap();
    let done = archive.order_to_forget(now(), JANE).await.unwrap();
    let waits = archive.order_to_forget(now(), "example.com").await.unwrap();
    archive.has_forgotten(done, "{}", true).await.unwrap();
    let upkeep = Upkeep::new(Arc::clone(&archive));
    upkeep.expire(after(now(), 86_400)).await.unwrap();
    assert!(archive.outcome_of_forgetting(done).await.unwrap().is_some(), "for a day it is known");
    upkeep.expire(after(now(), 10_000 * 86_400)).await.unwrap();
    assert_eq!(archive.outcome_of_forgetting(done).await.unwrap(), None);
    assert_eq!(archive.next_order_to_forget().await.unwrap(), Some((waits, "example.com".to_owned())));
    assert!(objections.stand_against(JANE).await.unwrap());
}

#[tokio::test]
async fn an_address_and_a_domain_are_forgotten_and_nobody_else() {
    let folder = tempfile::tempdir().unwrap();
    let archive = archive(folder.path()).await;
    let mut world = World::open(folder.path()).await;
    let jane = world.whole_trial(0, &mail("192.0.2.1", JANE, "1@example.net")).await;
    // One that has left memory is found as well.
    world.trials.put_away(&world.journal, at(200_000)).await.unwrap();
    assert_eq!(world.trials.history(&jane), None);
    let jim = world.whole_trial(210_000, &mail("192.0.2.2", "jim@example.net", "2@example.net")).await;
    let other = world.whole_trial(220_000, &mail("192.0.2.3", "jane@notexample.net", "3@example.com")).await;
    let ann = mail("192.0.2.4", "ann@mail.example.net", "4@example.net");
    let (_, ann) = world.send(at(230_000), &ann).await;
    let ann = ann.unwrap();
    for (id, domain) in [("a", "example.net"), ("b", "mail.example.net"), ("c", "notexample.net")] {
        let row = CheckRow { domain: domain.to_owned(), asked: at(0), scan: None };
        archive.note_check(id, &row).await.unwrap();
    }
    let (journal, trials) = (Arc::clone(&world.journal), Arc::clone(&world.trials));
    let forgetting = Forgetting::new(Arc::clone(&archive), journal, trials, SECRET);
    let now = at(230_001);

    let first = archive.order_to_forget(now, "Jane@example.net").await.unwrap();
    assert!(forgetting.carry_out_next(now).await.unwrap());
    assert!(!forgetting.carry_out_next(now).await.unwrap(), "an order is carried out once");
    let outcome = |text: Option<String>| serde_json::from_str::<Forgotten>(&text.unwrap()).unwrap();
    let first = outcome(archive.outcome_of_forgetting(first).await.unwrap());
    assert_eq!(first, Forgotten { trials: 1, ..Forgotten::default() });
    let known = async |trial| world.trials.read(trial, world.journal.reader()).await.unwrap().is_some();
    assert!(!known(&jane).await && known(&jim).await && known(&ann).await && known(&other).await);

    // Of a trial that runs nothing can go before its end; the order waits for it.
    let second = archive.order_to_forget(now, "example.net").await.unwrap();
    assert!(forgetting.carry_out_next(now).await.unwrap());
    let begun = outcome(archive.outcome_of_forgetting(second).await.unwrap());
    assert_eq!(begun, Forgotten { trials: 1, running: 1, checks: 2 });
    assert!(archive.check("b").await.unwrap().is_none() && archive.check("c").await.unwrap().is_some());
    assert!(!known(&jim).await && known(&ann).await);
    world.end(at(240_000), &ann).await;
    world.tell(at(240_001), &ann).await;
    forgetting.resume(at(240_300)).await.unwrap();
    assert!(outcome(archive.outcome_of_forgetting(second).await.unwrap()).is_done());
    assert!(!known(&ann).await && known(&other).await);
    assert_eq!(archive.begun_orders_to_forget().await.unwrap(), []);

    // A restart does not bring them back.
    world.journal.close().await;
    drop((world, forgetting));
    let world = World::open(folder.path()).await;
    let left = world.trials.read_all(world.journal.reader()).await.unwrap();
    assert_eq!(left.iter().map(|history| &history.id).collect::<Vec<_>>(), [&other]);
}

#[tokio::test]
async fn the_command_forgets_by_itself_or_has_the_service_do_it() {
    let folder = tempfile::tempdir().unwrap();
    let config = local(folder.path());
    let (code, _, error) = run(&["forget", JANE], Some(&config));
    assert!(code == 2 && error.contains("there is no journal yet"), "{error}");
    assert!(run(&["forget", "com"], Some(&config)).2.contains("neither an address nor a domain"));
    assert_eq!(run(&["forget"], Some(&config)).0, 2);

    let settings = config::load(&config).unwrap();
    let catalogue = Arc::new(CatalogueFiles::embedded().catalogue(&settings.origin).unwrap());
    let projection = Attribution::new(catalogue, settings.pace, settings.trials, SECRET.to_vec());
    let trials = Arc::new(Trials::new(projection));
    let opened = Opened::open(settings.journal, || SECRET).await.unwrap();
    let journal = Arc::new(opened.start(vec![Arc::<Trials>::clone(&trials)]).await.unwrap());
    let archive = Arc::new(Archive::open(&settings.archive).await.unwrap());
    let forgetting = Forgetting::new(Arc::clone(&archive), Arc::clone(&journal), trials, SECRET);
    let by_service = config.clone();
    let command = tokio::task::spawn_blocking(move || run(&["forget", JANE, "--object"], Some(&by_service)));
    while !forgetting.carry_out_next(now()).await.unwrap() {
        tokio::task::yield_now().await;
    }
    let (code, said, _) = command.await.unwrap();
    assert_eq!(code, 0);
    assert!(said.contains("no verdict is mailed to jane@example.net from now on"), "{said}");
    assert!(said.contains("0 tests of jane@example.net forgotten"), "{said}");
    let objections = Objections::new(Arc::clone(&archive), SECRET, String::new());
    assert!(objections.stand_against(JANE).await.unwrap());
    journal.close().await;

    // Nobody serves any more.
    let (code, said, _) = run(&["forget", "example.net"], Some(&config));
    assert_eq!((code, said.as_str()), (0, "0 tests of example.net forgotten\n"));
    let (_, said, _) = run(&["forget", "--list-objections"], Some(&config));
    assert!(said.contains("addresses          0        0                1"), "{said}");
    let (_, said, _) = run(&["forget", "--allow", JANE], Some(&config));
    assert_eq!(said, "verdicts are mailed to jane@example.net again\n");
    assert!(!objections.stand_against(JANE).await.unwrap());
}
