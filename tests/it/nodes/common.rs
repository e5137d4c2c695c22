//! What nodes share besides their journal: who objects, keys, and what a CA is to be answered.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use mailassay::program::archive::{
    Archive, Beginning, Common, NotShared, ObjectionRow, Place, SealError, SealingKey, Sharing,
};
use mailassay::program::rights::{ObjectionStore, Objections, Subject, Way};
use mailassay::sending::journal::{Reader, put_secret_beside};

use super::*;
use crate::postgres::Server;

const JANE: &str = "jane@example.net";

async fn common(address: &Address) -> Arc<Common> {
    Arc::new(Common::join(address).await.unwrap())
}

/// Two who have the same store, one after the other at each step.
async fn whoever_asks_next_knows(one: Objections, other: Objections) {
    let (jane, domain): (Subject, Subject) = (JANE.parse().unwrap(), "example.com".parse().unwrap());
    assert!(!other.stand_against(JANE).await.unwrap());
    assert!(one.object(at(), &other.token(JANE)).await.unwrap());
    assert!(other.stand_against("Jane@Example.NET").await.unwrap());
    assert_eq!(other.of_token(&one.token(JANE)).await.unwrap(), Some(true));
    other.keep(at(), &jane, Way::Operator).await.unwrap();
    other.keep(at(), &domain, Way::Mail).await.unwrap();
    assert!(one.stand_against("who@mail.example.com").await.unwrap());
    let counted = one.count().await.unwrap();
    let count = |kind: &str, way: &str| (kind.to_owned(), way.to_owned(), 1);
    assert_eq!(counted, [count("address", "link"), count("domain", "mail")], "the first stays as it is");
    assert!(one.withdraw(&other.token(JANE)).await.unwrap());
    assert!(!other.stand_against(JANE).await.unwrap());
    assert!(other.lift(&domain).await.unwrap() && !one.lift(&domain).await.unwrap());
    assert_eq!(other.count().await.unwrap(), []);
}

fn objections(store: impl Into<ObjectionStore>) -> Objections {
    Objections::new(store, SECRET, "https://test.example.org".to_owned())
}

#[tokio::test]
async fn objections_are_known_at_once_in_either_store() {
    let folder = tempfile::tempdir().unwrap();
    let archive = Arc::new(Archive::open(&folder.path().join("site.sqlite")).await.unwrap());
    whoever_asks_next_knows(objections(Arc::clone(&archive)), objections(archive)).await;
    let Some(server) = Server::shared("objections of nodes") else { return };
    let address = server.address("objections");
    whoever_asks_next_knows(objections(common(&address).await), objections(common(&address).await)).await;
}

#[tokio::test]
async fn objections_of_one_who_was_alone_are_all_nodes_and_a_withdrawn_one_does_not_come_back() {
    let Some(server) = Server::shared("objections that move") else { return };
    let (folder, address) = (tempfile::tempdir().unwrap(), server.address("moved"));
    let archive = Arc::new(Archive::open(&folder.path().join("site.sqlite")).await.unwrap());
    let alone = objections(ObjectionStore::of(&archive, None, false).await.unwrap());
    let number = 1_200;
    for number in 0..number {
        let digest = [u8::try_from(number % 251).unwrap(), u8::try_from(number / 251).unwrap(), 7];
        let row = ObjectionRow { digest: &digest, kind: "domain", way: "mail", at: at() };
        archive.keep_objection(row).await.unwrap();
    }
    alone.keep(at(), &JANE.parse().unwrap(), Way::Link).await.unwrap();
    let begin = async || {
        let common = common(&address).await;
        objections(ObjectionStore::of(&archive, Some(&common), false).await.unwrap())
    };
    let node = begin().await;
    assert!(node.stand_against(JANE).await.unwrap());
    let counted: i64 = node.count().await.unwrap().iter().map(|(_, _, number)| number).sum();
    assert_eq!(counted, number + 1);
    assert!(node.withdraw(&node.token(JANE)).await.unwrap());
    assert!(!begin().await.stand_against(JANE).await.unwrap());
}

#[tokio::test]
async fn objections_under_another_secret_stay_where_they_are_and_hold_there() {
    let Some(server) = Server::shared("objections under another secret") else { return };
    let (folder, address) = (tempfile::tempdir().unwrap(), server.address("foreign"));
    let archive = Arc::new(Archive::open(&folder.path().join("site.sqlite")).await.unwrap());
    let (common, jane) = (common(&address).await, JANE.parse().unwrap());
    let site = || "https://test.example.org".to_owned();
    let former = [9; 32];
    let alone = Objections::new(Arc::clone(&archive), former, site());
    alone.keep(at(), &jane, Way::Link).await.unwrap();
    let node = Objections::of_service(&archive, Some(&common), (SECRET, Some(former)), site()).await.unwrap();
    assert!(node.stand_against(JANE).await.unwrap() && alone.stand_against(JANE).await.unwrap());
    assert_eq!(node.count().await.unwrap(), [], "to the others it is no use");
    assert!(node.lift(&jane).await.unwrap());
    assert!(!node.stand_against(JANE).await.unwrap());
    // Where the secret went on, it is everybody's.
    alone.keep(at(), &jane, Way::Link).await.unwrap();
    Objections::of_service(&archive, Some(&common), (former, Some(former)), site()).await.unwrap();
    assert!(objections_under(former, &common).stand_against(JANE).await.unwrap());
    assert!(!alone.stand_against(JANE).await.unwrap());
}

fn objections_under(secret: [u8; 32], common: &Arc<Common>) -> Objections {
    Objections::new(Arc::clone(common), secret, "https://test.example.org".to_owned())
}

/// The journal of a service that was alone gives nodes its secret: by it objections and links are known.
#[tokio::test]
async fn what_was_known_by_the_secret_of_a_file_is_known_to_nodes() {
    let Some(server) = Server::shared("a secret that goes on") else { return };
    let address = server.address("secret");
    let folder = tempfile::tempdir().unwrap();
    let settings = settings(&folder, &address, "mx04");
    let alone = Settings { url: None, ..settings.clone() };
    let opened = Opened::open(alone, || [9; 32]).await.unwrap();
    opened.start(Vec::new()).await.unwrap().close().await;
    assert_eq!(Opened::open(settings, || SECRET).await.unwrap().secret(), &[9; 32]);
    let other = Node::settings_of(&address, "mx05");
    assert_eq!(Opened::open(other.1, || SECRET).await.unwrap().secret(), &[9; 32]);
}

/// All that the database holds, as one who steals a dump of it reads it.
async fn holds_secret(address: &Address, secret: &[u8; 32]) -> bool {
    let mut connection = address.connect().await.unwrap();
    let meta: Vec<Vec<u8>> =
        sqlx::query_scalar("SELECT value FROM journal.meta").fetch_all(&mut connection).await.unwrap();
    meta.iter().any(|value| value.windows(32).any(|window| window == secret))
}

async fn refused(settings: &Settings) -> String {
    Opened::open(settings.clone(), || [8; 32]).await.err().expect("refused").to_string()
}

#[tokio::test]
async fn a_secret_that_lies_in_a_file_is_not_in_the_database_and_no_other_goes_for_it() {
    let Some(server) = Server::shared("a secret in a file") else { return };
    let address = server.address("secret_in_file");
    let of = |name: &str| {
        let (folder, settings) = Node::settings_of(&address, name);
        let path = settings.path.with_added_extension("secret");
        (folder, Settings { secret: Some(path.clone()), ..settings }, path)
    };
    // As before nodes sealed anything: it is in the database, and goes from there when it lies in the file.
    let (_one_folder, one, ones_path) = of("mx04");
    assert_eq!(Opened::open(one.clone(), || SECRET).await.unwrap().secret(), &SECRET);
    assert!(holds_secret(&address, &SECRET).await && !ones_path.exists());
    put_secret_beside(&one, || [8; 32]).await.unwrap();
    assert_eq!(fs::read(&ones_path).unwrap(), SECRET);
    let opened = Opened::open(one.clone(), || [8; 32]).await.unwrap();
    assert_eq!(opened.secret(), &SECRET);
    let journal = opened.start(Vec::new()).await.unwrap();
    assert!(!holds_secret(&address, &SECRET).await);
    let reader = Reader::of(&one).await.unwrap();
    assert_eq!(reader.secret().await.unwrap(), SECRET);
    let inspection = reader.inspect().await.unwrap();
    assert!(inspection.faults.is_empty(), "{:?}", inspection.faults);
    journal.close().await;

    // A node that does not have it makes no other.
    let (_other_folder, other, others_path) = of("mx05");
    let told = refused(&other).await;
    assert!(told.starts_with(&others_path.display().to_string()) && told.contains("node.seal_key"), "{told}");
    let told = put_secret_beside(&other, || [8; 32]).await.unwrap_err().to_string();
    assert!(told.contains("it is not there") && !others_path.exists(), "{told}");
    for (octets, says) in [(&[8; 32][..], "not the secret of this journal"), (&[7; 31], "it has 31 octets")] {
        mailassay::shared::keyfile::write(&others_path, octets).unwrap();
        let told = refused(&other).await;
        assert!(told.contains(says), "{told}");
        let told = Reader::of(&other).await.unwrap().secret().await.unwrap_err().to_string();
        assert!(told.contains(says), "{told}");
    }
    fs::copy(&ones_path, &others_path).unwrap();
    assert_eq!(Opened::open(other, || [8; 32]).await.unwrap().secret(), &SECRET);
}

/// A host with keys of its own in a folder.
struct Host {
    folder: tempfile::TempDir,
    common: Arc<Common>,
}

impl Host {
    async fn new(address: &Address, key: u8) -> Self {
        let folder = tempfile::tempdir().unwrap();
        mailassay::shared::keyfile::write(&folder.path().join("nodes.key"), &[key; 32]).unwrap();
        Self { folder, common: common(address).await }
    }

    fn sharing(&self) -> Sharing {
        let path = self.folder.path();
        let place = |name, file: &str, is_folder| Place { name, path: path.join(file), is_folder };
        let places = vec![place("dkim.key", "dkim.pem", false), place("zone.keys", "keys", true)];
        let key = SealingKey::read(&path.join("nodes.key")).unwrap();
        Sharing::new(Arc::clone(&self.common), key, places, path.join("journal.shared"))
    }

    async fn begin(&self) -> Result<Beginning, NotShared> {
        self.sharing().begin().await
    }

    fn make(&self, file: &str, text: &str) {
        mailassay::shared::keyfile::write(&self.folder.path().join(file), text.as_bytes()).unwrap();
    }

    fn has(&self, file: &str) -> Option<String> {
        fs::read_to_string(self.folder.path().join(file)).ok()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_takes_the_keys_that_the_first_one_made_and_follows_what_changes() {
    let Some(server) = Server::shared("sealed keys") else { return };
    let address = server.address("sealed");
    let (one, other) = (Host::new(&address, 1).await, Host::new(&address, 1).await);
    let beginning = one.begin().await.unwrap();
    // Who begins meanwhile waits, and makes nothing of its own.
    let (made, waiting) = (
        async {
            one.make("dkim.pem", "first");
            one.make("keys/a.p8", "secret");
            one.make("keys/serial", "1");
            beginning.end().await.unwrap()
        },
        other.begin(),
    );
    let (mut ones, begun) = tokio::join!(made, waiting);
    let begun = begun.unwrap();
    assert_eq!(
        (other.has("dkim.pem").as_deref(), other.has("keys/a.p8").as_deref()),
        (Some("first"), Some("secret"))
    );
    assert_eq!(other.has("keys/serial"), None, "each has serials of its own");
    let mut others = begun.end().await.unwrap();
    assert!(ones.follow().await.unwrap().is_empty() && others.follow().await.unwrap().is_empty());

    // What one changes the other takes, as a whole.
    one.make("keys/b.p8", "next");
    fs::remove_file(one.folder.path().join("keys/a.p8")).unwrap();
    assert!(ones.follow().await.unwrap().is_empty());
    assert_eq!(others.follow().await.unwrap(), ["zone.keys"]);
    assert_eq!((other.has("keys/a.p8"), other.has("keys/b.p8").as_deref()), (None, Some("next")));
    // Where both change something, the first holds.
    one.make("dkim.pem", "of one");
    other.make("dkim.pem", "of the other");
    assert!(others.follow().await.unwrap().is_empty());
    assert_eq!(ones.follow().await.unwrap(), ["dkim.key"]);
    assert_eq!(one.has("dkim.pem").as_deref(), Some("of the other"));
    // One that slept takes what it missed; what changed while it did not serve is everybody's.
    drop(ones);
    other.make("keys/b.p8", "later");
    others.follow().await.unwrap();
    let mut ones = one.begin().await.unwrap().end().await.unwrap();
    assert_eq!(one.has("keys/b.p8").as_deref(), Some("later"));
    drop(others);
    other.make("dkim.pem", "by hand");
    let mut others = other.begin().await.unwrap().end().await.unwrap();
    assert_eq!(ones.follow().await.unwrap(), ["dkim.key"]);
    assert_eq!(one.has("dkim.pem").as_deref(), Some("by hand"));
    // Files that are gone are no order to delete everybody's.
    fs::remove_dir_all(one.folder.path().join("keys")).unwrap();
    assert_eq!(ones.follow().await.unwrap(), ["zone.keys"]);
    assert!(others.follow().await.unwrap().is_empty());
    assert_eq!(one.has("keys/b.p8").as_deref(), Some("later"));

    // Nothing of them can be read in the database.
    let mut connection = address.connect().await.unwrap();
    let sealed: Vec<Vec<u8>> =
        sqlx::query_scalar("SELECT sealed FROM common.secrets").fetch_all(&mut connection).await.unwrap();
    assert_eq!(sealed.len(), 2);
    for text in [&b"by hand"[..], b"later", b"base64", b"dkim"] {
        assert!(!sealed.iter().any(|sealed| sealed.windows(text.len()).any(|window| window == text)));
    }
}

/// All rows of the database's secrets, to restore them later.
async fn dump(address: &Address) -> Vec<(String, i64, Vec<u8>)> {
    let mut connection = address.connect().await.unwrap();
    let all = sqlx::query_as("SELECT name, version, sealed FROM common.secrets");
    all.fetch_all(&mut connection).await.unwrap()
}

async fn restore(address: &Address, rows: &[(String, i64, Vec<u8>)]) {
    let mut connection = address.connect().await.unwrap();
    sqlx::query("DELETE FROM common.secrets").execute(&mut connection).await.unwrap();
    for (name, version, sealed) in rows {
        let put = sqlx::query("INSERT INTO common.secrets VALUES ($1, $2, $3)").bind(name).bind(version);
        put.bind(sealed).execute(&mut connection).await.unwrap();
    }
}

#[tokio::test]
async fn a_database_from_an_older_dump_takes_no_keys_away() {
    let Some(server) = Server::shared("an older dump") else { return };
    let address = server.address("older_dump");
    let host = Host::new(&address, 1).await;
    let beginning = host.begin().await.unwrap();
    host.make("keys/a.p8", "first");
    let mut sharing = beginning.end().await.unwrap();
    let older = dump(&address).await;
    host.make("keys/b.p8", "newer");
    sharing.follow().await.unwrap();
    let newer = dump(&address).await;
    assert!(older[0].1 > 1_000_000_000_000_000 && newer[0].1 > older[0].1, "by the clock");

    for rows in [&older[..], &[]] {
        restore(&address, rows).await;
        assert!(sharing.follow().await.unwrap().is_empty());
        assert_eq!(host.has("keys/b.p8").as_deref(), Some("newer"));
        assert_eq!(dump(&address).await, rows, "nothing is put there, either");
        let error = host.begin().await.err().unwrap().to_string();
        let there = rows.first().map_or(0, |row| row.1).to_string();
        for part in
            ["zone.keys", &address.to_string(), &there, &newer[0].1.to_string(), "`mailassay node agree`"]
        {
            assert!(error.contains(part), "{part}: {error}");
        }
    }
    restore(&address, &older).await;
    assert_eq!(host.sharing().agree_anew().await.unwrap(), ["zone.keys"]);
    assert!(dump(&address).await[0].1 > newer[0].1, "higher than any that was given out");
    host.begin().await.unwrap().end().await.unwrap();
    assert_eq!(host.has("keys/b.p8").as_deref(), Some("newer"));
    // A former row goes for no later version.
    let mut forged = older.clone();
    forged[0].1 = i64::MAX / 2;
    restore(&address, &forged).await;
    assert!(matches!(host.begin().await.err(), Some(NotShared::Seal(SealError::Unopened { .. }))));
}

#[tokio::test]
async fn a_lost_file_is_taken_again_and_what_is_removed_for_all_is_kept_aside() {
    let Some(server) = Server::shared("a lost file") else { return };
    let address = server.address("lost_file");
    let (one, other) = (Host::new(&address, 1).await, Host::new(&address, 1).await);
    let beginning = one.begin().await.unwrap();
    one.make("keys/a.p8", "first");
    one.make("keys/b.p8", "second");
    let mut ones = beginning.end().await.unwrap();
    let mut others = other.begin().await.unwrap().end().await.unwrap();
    let before = dump(&address).await;
    let lose = || fs::remove_file(one.folder.path().join("keys/a.p8")).unwrap();
    lose();
    assert_eq!(ones.follow().await.unwrap(), ["zone.keys"]);
    assert_eq!(one.has("keys/a.p8").as_deref(), Some("first"));
    lose();
    drop(one.begin().await.unwrap());
    assert_eq!(one.has("keys/a.p8").as_deref(), Some("first"), "before a start makes another");
    assert_eq!(dump(&address).await, before);
    // Whoever removes one on purpose changes what names it.
    lose();
    one.make("keys/a.keys.toml", "state");
    assert!(ones.follow().await.unwrap().is_empty());
    assert_eq!(others.follow().await.unwrap(), ["zone.keys"]);
    assert_eq!(other.has("keys/a.p8"), None);
    let former = format!("former/zone.keys/{}/a.p8", before[0].1);
    assert_eq!(other.has(&former).as_deref(), Some("first"));
}

#[tokio::test]
async fn what_was_half_taken_is_taken_at_the_next_start() {
    let Some(server) = Server::shared("half taken") else { return };
    let address = server.address("half_taken");
    let (one, other) = (Host::new(&address, 1).await, Host::new(&address, 1).await);
    let beginning = one.begin().await.unwrap();
    one.make("keys/a.p8", "first");
    one.make("keys/b.p8", "second");
    beginning.end().await.unwrap();
    // A folder where a file is to be: after a.p8 it goes no further.
    fs::create_dir_all(other.folder.path().join("keys/b.p8/in/the/way")).unwrap();
    other.begin().await.err().unwrap();
    assert_eq!(other.has("keys/a.p8").as_deref(), Some("first"));
    fs::remove_dir_all(other.folder.path().join("keys/b.p8")).unwrap();
    // As where what lies there is some of the one and some of the other.
    other.make("keys/a.p8", "of before");
    let before = dump(&address).await;
    other.begin().await.unwrap().end().await.unwrap();
    assert_eq!(
        (other.has("keys/a.p8").as_deref(), other.has("keys/b.p8").as_deref()),
        (Some("first"), Some("second"))
    );
    assert_eq!(dump(&address).await, before);
}

#[tokio::test]
async fn one_with_other_keys_or_another_seal_is_told_and_keys_are_agreed_anew() {
    let Some(server) = Server::shared("other keys") else { return };
    let address = server.address("other_keys");
    let first = Host::new(&address, 1).await;
    let beginning = first.begin().await.unwrap();
    first.make("dkim.pem", "first");
    let mut firsts = beginning.end().await.unwrap();

    let wrong = Host::new(&address, 2).await;
    let error = wrong.begin().await.err().unwrap();
    assert!(matches!(&error, NotShared::Seal(SealError::Unopened { .. })), "{error}");
    let error = error.to_string();
    assert!(
        error.starts_with("node.seal_key: ") && error.contains("nodes.key: this key does not open dkim.key"),
        "{error}"
    );
    assert_eq!(wrong.has("dkim.pem"), None);

    let own = Host::new(&address, 1).await;
    own.make("dkim.pem", "its own");
    let error = own.begin().await.err().unwrap().to_string();
    assert!(error.contains("dkim.key: ") && error.contains("move it away"), "{error}");
    assert_eq!(own.has("dkim.pem").as_deref(), Some("its own"), "nothing is overwritten");
    assert_eq!(own.sharing().agree_anew().await.unwrap(), ["dkim.key"]);
    assert_eq!(own.sharing().agree_anew().await.unwrap(), [""; 0]);
    assert_eq!(firsts.follow().await.unwrap(), ["dkim.key"]);
    assert_eq!(first.has("dkim.pem").as_deref(), Some("its own"));
    // A lost seal is replaced the same way.
    wrong.make("dkim.pem", "its own");
    assert_eq!(wrong.sharing().agree_anew().await.unwrap(), ["dkim.key"]);
    assert!(matches!(firsts.follow().await, Err(NotShared::Seal(_))));
    assert!(wrong.begin().await.is_ok());
}

#[tokio::test]
async fn a_ca_is_asked_when_all_who_live_answer() {
    let Some(server) = Server::shared("answers of nodes") else { return };
    let address = server.address("answers");
    let common = common(&address).await;
    let answers: BTreeMap<_, _> = [("example.org".to_owned(), vec!["text".to_owned()])].into();
    common.follows_answers("mx05", 0).await.unwrap();
    common.follows_answers("dead", 0).await.unwrap();
    let mut connection = address.connect().await.unwrap();
    let forget = "UPDATE common.answering SET seen_at = seen_at - 16000000 WHERE node = 'dead'";
    sqlx::query(forget).execute(&mut connection).await.unwrap();
    let version = common.set_answers(&answers).await.unwrap();
    assert_eq!(common.answers().await.unwrap(), (version, answers));
    let behind = async || common.behind_answers(version, "mx04").await.unwrap();
    assert_eq!(behind().await, ["mx04", "mx05"], "whoever asks, and whoever lives");
    common.follows_answers("mx04", version).await.unwrap();
    assert_eq!(behind().await, ["mx05"]);
    common.follows_answers("mx05", version).await.unwrap();
    assert_eq!(behind().await, [""; 0]);
    assert!(common.set_answers(&BTreeMap::new()).await.unwrap() > version);
}

#[test]
fn the_command_makes_a_key_once() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("nodes.key");
    let text = file.display().to_string();
    let (code, said, error) = crate::commands::run(&["node", "seal-key", &text], None::<&Path>);
    assert_eq!(code, 0, "{error}");
    assert!(said.contains("Copy it to every node"), "{said}");
    let made = fs::read(&file).unwrap();
    assert_eq!(made.len(), 32);
    assert!(SealingKey::read(&file).is_ok());
    let (code, _, error) = crate::commands::run(&["node", "seal-key", &text], None::<&Path>);
    assert!(code == 2 && error.contains("it is there already"), "{error}");
    assert_eq!(fs::read(&file).unwrap(), made);
}
