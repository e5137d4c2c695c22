//! A backup: made while the service runs, checked, restored whole or not at all, and over nothing.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use mailassay::operations::backup::{self, BackupError, Contents, Kind};
use mailassay::program::config;
use mailassay::sending::journal::{self, Opened, Reader};
use mailassay::shared::database::sqlite::Schema;
use mailassay::shared::time::Timestamp;

use crate::commands::{Serving, local, run, send};
use crate::journal::database;

const JOURNAL: Kind =
    Kind { name: "journal", schema: journal::SCHEMA, on_restore: Some(journal::ON_RESTORE) };

fn now() -> Timestamp {
    "2026-11-29T22:00:00Z".parse().unwrap()
}

/// All files below a folder, by their paths below it.
fn files(folder: &Path) -> BTreeMap<PathBuf, PathBuf> {
    let (mut found, mut folders) = (BTreeMap::new(), vec![folder.to_owned()]);
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => folders.push(path),
                false => drop(found.insert(path.strip_prefix(folder).unwrap().to_owned(), path)),
            }
        }
    }
    found
}

fn serve(config: &Path) -> Serving {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mailassay"));
    command.args(["serve", "--config"]).arg(config).env_remove("RUST_LOG").stderr(Stdio::piped());
    let mut serving = Serving(command.spawn().unwrap());
    let mut log = BufReader::new(serving.0.stderr.take().unwrap()).lines().map(Result::unwrap);
    assert!(log.any(|line| line.contains("serving")), "it serves");
    // Whoever logs must not meet a closed pipe.
    std::thread::spawn(move || log.for_each(drop));
    serving
}

fn stop(mut serving: Serving) {
    let kill = Command::new("kill").args(["-TERM", &serving.0.id().to_string()]).status().unwrap();
    assert!(kill.success() && serving.0.wait().unwrap().success());
}

/// What is in no backup: locks and sockets, what SQLite merges, and mail.
fn is_left_out(name: &Path) -> bool {
    let text = name.to_str().unwrap();
    let endings = [".lock", ".sock", "-wal", "-shm"];
    endings.iter().any(|ending| text.ends_with(ending))
        || text.starts_with("verdicts/")
        || text.starts_with("operator-mail/")
}

/// Every file that a service has made is in its backup, or is named here as one that is not. Whoever adds a file to a
/// service meets this test.
#[test]
fn a_backup_of_a_running_service_holds_all_that_it_made_and_goes_on_elsewhere() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("service");
    fs::create_dir(&home).unwrap();
    let config = local(&home);
    let file = folder.path().join("backup.tar.gz");
    let name = file.to_str().unwrap();
    let (code, _, error) = run(&["backup", name], Some(&config));
    assert!(code == 2 && error.contains("`mailassay serve` makes it at its first start"), "{error}");
    assert_eq!(files(folder.path()).len(), files(&home).len(), "nothing half is left");

    let serving = serve(&config);
    send(config::load(&config).unwrap().listen.smtp[0]);
    // State may be written anew at any time.
    let before: BTreeMap<_, _> =
        files(&home).into_iter().filter_map(|(name, path)| Some((name, fs::read(path).ok()?))).collect();
    let (code, output, error) = run(&["backup", name], Some(&config));
    assert_eq!(code, 0, "{output}{error}");
    assert!(output.contains("2 databases and") && output.contains("private keys"), "{output}");
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(files(folder.path()).len(), files(&home).len() + 1, "nothing half is left");
    let (code, _, error) = run(&["backup", name], Some(&config));
    assert!(code == 2 && error.contains("this is there already"), "{error}");
    let (code, output, _) = run(&["restore", "--check", name], None);
    assert!(code == 0 && output.contains("  journal  ") && output.contains("  archive  "), "{output}");
    let (code, _, error) = run(&["restore", name], None);
    assert!(code == 2 && error.contains("a mailassay runs with it; stop that one first"), "{error}");
    let (_, trials, _) = run(&["trial", "list", "--json"], Some(&config));
    assert!(trials.contains("joachim") || trials.contains("\"id\""), "{trials}");
    let (_, parent, _) = run(&["zone", "parent"], Some(&config));
    stop(serving);
    let (code, _, error) = run(&["restore", name], None);
    assert!(code == 2 && error.contains("are there already, and nothing is overwritten"), "{error}");

    // Below another folder.
    let other = folder.path().join("other");
    let (code, output, error) = run(&["restore", name, "--root", other.to_str().unwrap()], None);
    assert_eq!(code, 0, "{output}{error}");
    let restored = other.join(home.strip_prefix("/").unwrap());
    let made: BTreeMap<_, _> = files(&home).into_iter().filter(|(name, _)| !is_left_out(name)).collect();
    let back = files(&restored);
    assert_eq!(back.keys().collect::<Vec<_>>(), made.keys().collect::<Vec<_>>());
    assert!(made.len() > 10, "{made:?}");
    for (name, path) in &made {
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode();
        assert_eq!(mode(path), mode(&back[name]), "{}", name.display());
        if name.extension().is_none_or(|ending| ending != "sqlite") {
            let back = fs::read(&back[name]).unwrap();
            let was = [before.get(name), fs::read(path).ok().as_ref()].map(|was| was == Some(&back));
            assert!(was.contains(&true), "{}", name.display());
        }
    }
    let config = restored.join("config.toml");
    assert_eq!(run(&["journal", "check"], Some(&config)).0, 0);
    assert_eq!(run(&["trial", "list", "--json"], Some(&config)).1, trials);
    assert_eq!(run(&["zone", "parent"], Some(&config)).1, parent, "with the same keys");
    stop(serve(&config));

    // Where it lay, once nothing is there; a log that another database left would be taken for its own.
    fs::rename(&home, folder.path().join("gone")).unwrap();
    fs::create_dir(&home).unwrap();
    let log = home.join("mailassay.sqlite-wal");
    fs::write(&log, "of another").unwrap();
    let (code, _, error) = run(&["restore", name], None);
    assert!(code == 2 && error.contains("mailassay.sqlite-wal is there already"), "{error}");
    assert_eq!(files(&home).len(), 1);
    fs::remove_file(log).unwrap();
    assert_eq!(run(&["restore", name], None).0, 0);
    assert_eq!(files(&home).len(), made.len());
}

/// A journal with its configuration, and what is to be in a backup of them.
async fn small(folder: &Path) -> Contents {
    let home = folder.join("home");
    fs::create_dir_all(home.join("keys/deep")).unwrap();
    let (config, path) = (home.join("config.toml"), home.join("journal.sqlite"));
    fs::write(&config, "origin = \"test.example\"\n").unwrap();
    fs::write(home.join("keys/deep/one.pem"), "a key").unwrap();
    fs::write(home.join("keys/half.part"), "unfinished").unwrap();
    std::os::unix::fs::symlink("/etc/hostname", home.join("keys/link.pem")).unwrap();
    if !path.exists() {
        let settings = journal::Settings { path: path.clone(), ..journal::Settings::default() };
        let opened = Opened::open(settings, || [7; 32]).await.unwrap();
        opened.start(Vec::new()).await.unwrap().close().await;
        // Whoever reads may keep the log from being merged.
        database(&path, "PRAGMA wal_checkpoint(TRUNCATE)").await;
    }
    let own = vec![home.join("keys"), home.join("keys/deep/../deep")];
    Contents { config, databases: vec![(JOURNAL, path)], own, named: Vec::new(), without: Vec::new() }
}

#[tokio::test]
async fn links_and_what_is_unfinished_are_left_out_and_said() {
    let folder = tempfile::tempdir().unwrap();
    let contents = small(folder.path()).await;
    let file = folder.path().join("backup");
    let made = backup::make(&file, &contents, "1.2.3", now()).await.unwrap();
    assert_eq!((made.files, made.databases.len()), (2, 1));
    assert_eq!(made.left_out, [folder.path().join("home/keys/link.pem")]);
    let seen = backup::look(&file).unwrap();
    assert_eq!((seen.made, seen.program.as_str()), (now(), "1.2.3"));
    // Any other program can look into it.
    let listed = Command::new("tar").arg("tzf").arg(&file).output().unwrap();
    let listed = String::from_utf8(listed.stdout).unwrap();
    assert!(listed.starts_with("manifest.json\n") && listed.ends_with("keys/deep/one.pem\n"), "{listed}");
}

/// The archive with one bit of `at` changed, or of the first octet behind it where that changes what the archive holds: a
/// run of zeros is the same from wherever in the run it is copied.
fn changed_from(whole: &[u8], at: usize) -> Vec<u8> {
    let unpacked = |archive: &[u8]| {
        let mut octets = Vec::new();
        flate2::read::GzDecoder::new(archive).read_to_end(&mut octets).map(|_| octets).ok()
    };
    let held = unpacked(whole).expect("the archive is whole");
    let changed = (at..whole.len()).map(|at| {
        let mut changed = whole.to_vec();
        changed[at] ^= 0x10;
        changed
    });
    changed
        .into_iter()
        .find(|changed| unpacked(changed).as_ref() != Some(&held))
        .expect("some octet says something")
}

/// Cut anywhere, changed anywhere: nothing is written.
#[tokio::test]
async fn what_is_not_whole_is_not_restored() {
    let folder = tempfile::tempdir().unwrap();
    let contents = small(folder.path()).await;
    let file = folder.path().join("backup");
    backup::make(&file, &contents, "1.2.3", now()).await.unwrap();
    let whole = fs::read(&file).unwrap();
    let (damaged, root) = (folder.path().join("damaged"), folder.path().join("root"));
    let refused = async |octets: &[u8]| {
        fs::write(&damaged, octets).unwrap();
        let error = backup::restore(&damaged, &root, &[JOURNAL], now()).await.expect_err("refused");
        assert!(!root.exists(), "{error}");
        error
    };
    for part in 0..40 {
        let error = refused(&whole[..whole.len() * part / 40]).await;
        assert!(matches!(error, BackupError::Damaged { .. }), "{part}: {error}");
        // Not in what gzip keeps beside its data: the time and the system.
        let at = 10 + (whole.len() - 10) * part / 40;
        let error = refused(&changed_from(&whole, at)).await;
        assert!(!matches!(error, BackupError::InTheWay(_)), "{part}: {error}");
    }
    refused(b"no backup").await;
    backup::restore(&file, &root, &[JOURNAL], now()).await.unwrap();
}

fn packed(parts: &[(&str, &[u8])], file: &Path) {
    let encoder = flate2::write::GzEncoder::new(fs::File::create(file).unwrap(), flate2::Compression::fast());
    let mut archive = tar::Builder::new(encoder);
    for (name, octets) in parts {
        let mut header = tar::Header::new_gnu();
        header.set_size(octets.len() as u64);
        header.set_mode(0o600);
        archive.append_data(&mut header, name, *octets).unwrap();
    }
    archive.into_inner().unwrap().finish().unwrap();
}

/// A backup that somebody made by hand leads nowhere but below its root.
#[tokio::test]
async fn a_manifest_is_believed_only_as_far_as_it_can_be() {
    let folder = tempfile::tempdir().unwrap();
    let (file, root) = (folder.path().join("backup"), folder.path().join("root"));
    let manifest = |form: u32, path: &str, octets: usize| {
        format!(
            "{{\"form\":{form},\"program\":\"1\",\"made\":\"2026-11-29T22:00:00Z\",\"config\":\"/c\",\"folders\":[],\
             \"files\":[{{\"path\":\"{path}\",\"octets\":{octets},\"mode\":420,\
             \"sha256\":\"2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881\",\
             \"owner\":{{\"user\":\"root\",\"group\":\"root\"}}}}]}}"
        )
    };
    let x = |form, path: &str, octets| manifest(form, path, octets).into_bytes();
    let told = async |parts: &[(&str, &[u8])]| {
        packed(parts, &file);
        backup::restore(&file, &root, &[], now()).await.map(drop).map_err(|error| error.to_string())
    };
    let refused = async |parts: &[(&str, &[u8])], why: &str| {
        let error = told(parts).await.expect_err("refused");
        assert!(error.contains(why) && !root.exists(), "{error}");
    };
    let good = x(1, "/c", 1);
    refused(&[("manifest.json", &x(2, "/c", 1)), ("files/c", b"x")], "a later version of mailassay made")
        .await;
    refused(&[("manifest.json", &x(0, "/c", 1)), ("files/c", b"x")], "it has the form 0").await;
    refused(&[("manifest.json", &x(1, "/../c", 1)), ("files/c", b"x")], "is no whole path").await;
    refused(&[("manifest.json", &x(1, "c", 1)), ("files/c", b"x")], "is no whole path").await;
    refused(&[("manifest.json", &good), ("files/d", b"x")], "`/c` is missing").await;
    refused(&[("manifest.json", &good)], "`/c` is missing").await;
    refused(&[("manifest.json", &good), ("files/c", b"y")], "is not what the manifest says").await;
    refused(&[("manifest.json", &x(1, "/c", 2)), ("files/c", b"x")], "is not what the manifest says").await;
    refused(&[("manifest.json", &good), ("files/c", b"x"), ("files/d", b"x")], "more than its manifest")
        .await;
    refused(&[("files/c", b"x")], "does not begin with manifest.json").await;
    refused(&[("manifest.json", b"{}")], "does not read").await;
    fs::create_dir(&root).unwrap();
    told(&[("manifest.json", &good), ("files/c", b"x")]).await.unwrap();
    assert_eq!(fs::read(root.join("c")).unwrap(), b"x");
}

/// Who has just installed a later program makes a backup of what the earlier one wrote, and restores it; a database of a
/// later program is left to that, and nothing stays behind.
#[tokio::test]
async fn earlier_databases_are_taken_and_later_ones_are_not() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("home")).unwrap();
    let path = folder.path().join("home/journal.sqlite");
    database(&path, include_str!("../journals/v1.sql")).await;
    let contents = small(folder.path()).await;
    let file = folder.path().join("backup");
    backup::make(&file, &contents, "1.2.3", now()).await.unwrap();
    let root = folder.path().join("root");
    backup::restore(&file, &root, &[JOURNAL], now()).await.unwrap();
    let settings = journal::Settings {
        path: root.join(path.strip_prefix("/").unwrap()),
        ..journal::Settings::default()
    };
    let place = settings.path.clone();
    // Of what came since nobody knows, once.
    for _ in 0..2 {
        let opened = Opened::open(settings.clone(), || [7; 32]).await.expect("is brought forward");
        opened.start(Vec::new()).await.unwrap().close().await;
        let inspection = Reader::open(&place).await.unwrap().inspect().await.unwrap();
        let lost = ["queries-lost", "fetches-lost", "contacts-lost"].map(|kind| inspection.kinds[kind]);
        assert_eq!((lost, inspection.kinds.values().sum::<u64>()), ([1, 1, 1], 233 + 3));
        assert_eq!(inspection.span.unwrap().1, now());
    }

    database(&path, "PRAGMA user_version = 99").await;
    let later = folder.path().join("later");
    let error = backup::make(&later, &contents, "1.2.3", now()).await.expect_err("refused").to_string();
    assert!(error.contains("it has schema version 99, and this program knows 3"), "{error}");
    // As an earlier program sees a backup of today.
    let earlier = Kind { schema: Schema { steps: &[], ..journal::SCHEMA }, ..JOURNAL };
    database(&path, "PRAGMA user_version = 3").await;
    backup::make(&later, &contents, "1.2.3", now()).await.unwrap();
    let root = folder.path().join("earlier");
    let error = backup::restore(&later, &root, &[earlier], now()).await.expect_err("refused").to_string();
    assert!(error.contains("it has schema version 3, and this program knows 1"), "{error}");
    assert!(!root.exists() || files(&root).is_empty(), "nothing stays behind");
    let error = backup::restore(&later, &root, &[], now()).await.expect_err("refused").to_string();
    assert!(error.contains("nobody knows the database `journal`"), "{error}");
}

#[tokio::test]
async fn a_damaged_database_makes_no_backup() {
    let folder = tempfile::tempdir().unwrap();
    let contents = small(folder.path()).await;
    let path = folder.path().join("home/journal.sqlite");
    let mut octets = fs::read(&path).unwrap();
    let end = octets.len().min(9 * 4096);
    octets[4096..end].fill(0x5a);
    fs::write(&path, octets).unwrap();
    let file = folder.path().join("backup");
    let error = backup::make(&file, &contents, "1.2.3", now()).await.expect_err("refused").to_string();
    assert!(error.contains("journal.sqlite"), "{error}");
    assert_eq!(files(folder.path()).keys().filter(|name| !name.starts_with("home")).count(), 0);
}
