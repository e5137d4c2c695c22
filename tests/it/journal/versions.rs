//! Files of earlier versions of the program: each is brought forward and loses nothing; files of later ones stay as they
//! are.

use mailassay::program::archive::{self, Archive};
use mailassay::sending::journal;

use super::*;

/// The texts that `tests/KIND/vN.sql` make a database of, by their versions.
fn stored(kind: &str) -> Vec<(i64, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(kind);
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().and_then(|name| name.to_str()).expect("a name");
        if let Some(version) = name.strip_prefix('v').and_then(|name| name.strip_suffix(".sql")) {
            let text = std::fs::read_to_string(&path).expect("read");
            found.push((version.parse().expect("a number"), text));
        }
    }
    found.sort();
    found
}

/// Those that a program before version 3 noted are found as if they had been noted today.
#[tokio::test]
async fn reports_and_labels_of_an_earlier_journal_are_found() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("journal.sqlite");
    database(&path, include_str!("../../journals/v2.sql")).await;
    let noted = [
        reports::report(true, &["k3f9a2m7qd5w.none.example.org"], 0),
        reports::report(false, &["k3f9a2m7qd5w.none.example.org", "a\"b\\.p0001.sts-badcert.example.org"], 0),
        reports::issued("aaaa1111bbbb", 1),
    ];
    for fact in &noted {
        let json = serde_json::to_string(fact).expect("JSON").replace('\'', "''");
        let at = start().as_microsecond();
        let insert = format!(
            "INSERT INTO observations (at, kind, fact) VALUES ({at}, json_extract('{json}', '$.fact'), '{json}')"
        );
        database(&path, &insert).await;
    }
    let (journal, _told) = open_with(settings(folder.path()), |_| ()).await;
    let found = journal.reader().vouched_reports(Seq(0), start()).await.expect("reads");
    assert_eq!(found.len(), 1);
    let first = found[0].seq.0;
    assert_eq!(reports::about(&journal, &["k3f9a2m7qd5w"], start()).await, [first, first + 1]);
    let root = journal.reader().root_of(&"p0001".parse().expect("a label"), start()).await.expect("reads");
    assert_eq!(root.map(|root| root.to_string()).as_deref(), Some("aaaa1111bbbb"));
}

pub(super) async fn numbers(path: &Path, sql: &str) -> Vec<i64> {
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(path).read_only(true);
    let mut connection = sqlx::ConnectOptions::connect(&options).await.expect("opened");
    let sql = sqlx::AssertSqlSafe(sql.to_owned());
    sqlx::query_scalar(sql).fetch_all(&mut connection).await.expect("read")
}

/// Whoever changes the tables without a new version, or makes a version without keeping a file of the last, fails here.
#[tokio::test]
async fn there_is_a_journal_of_each_version_and_today_s_has_today_s_shape() {
    let folder = tempfile::tempdir().expect("a folder");
    open(settings(folder.path())).await.0.close().await;
    let fresh = shape(&folder.path().join("journal.sqlite")).await;
    let all = stored("journals");
    let versions: Vec<i64> = all.iter().map(|(version, _)| *version).collect();
    assert_eq!(versions, (1..=journal::SCHEMA.version()).collect::<Vec<_>>());
    for (version, text) in all {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("journal.sqlite");
        database(&path, &text).await;
        assert_eq!(numbers(&path, "PRAGMA user_version").await, [version]);
        assert_eq!(shape(&path).await == fresh, version == journal::SCHEMA.version(), "version {version}");
        let before = numbers(&path, "SELECT seq FROM observations").await;
        let (journal, _told) = open_with(settings(folder.path()), |_| ()).await;
        let inspection = journal.reader().inspect().await.expect("reads");
        assert!(inspection.is_whole(), "version {version}: {:?}", inspection.faults);
        assert_eq!(inspection.kinds.values().sum::<u64>(), before.len() as u64);
        journal.close().await;
        assert_eq!(shape(&path).await, fresh, "version {version}");
        assert_eq!(numbers(&path, "SELECT seq FROM observations").await, before);
    }
}

#[tokio::test]
async fn told_trials_of_an_earlier_program_are_read() {
    let folder = tempfile::tempdir().expect("a folder");
    database(&folder.path().join("journal.sqlite"), include_str!("../../journals/v2.sql")).await;
    let (journal, _told) = open_with(settings(folder.path()), |_| ()).await;
    let told = journal.reader().told_trials().await.expect("reads");
    assert_eq!(told.len(), 3);
    let catalogue = CatalogueFiles::embedded().catalogue("mailassay.test").expect("fits");
    let attribution =
        Attribution::new(Arc::new(catalogue), Pace::default(), Limits::default(), SECRET.to_vec());
    let histories = Trials::new(attribution).read_all(journal.reader()).await.expect("reads");
    assert_eq!(histories.len(), 3);
    assert!(histories.iter().all(|history| history.ended.is_some() && !history.links.is_empty()));
}

/// As after a crash, or on a full disk: what was there is there.
#[tokio::test]
async fn a_step_that_fails_leaves_the_version_that_was_there() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("journal.sqlite");
    database(&path, include_str!("../../journals/v1.sql")).await;
    // The last thing that the step makes is there already.
    database(&path, "CREATE INDEX trials_by_end ON observations (at)").await;
    let before = shape(&path).await;
    let error = Opened::open(settings(folder.path()), || SECRET).await.err().expect("refused").to_string();
    assert!(error.contains("trials_by_end"), "{error}");
    assert_eq!(numbers(&path, "PRAGMA user_version").await, [1]);
    assert_eq!(shape(&path).await, before);
    database(&path, "DROP INDEX trials_by_end").await;
    let (_journal, told) = open_with(settings(folder.path()), |_| ()).await;
    assert_eq!(told.facts().len(), 233);
}

#[tokio::test]
async fn earlier_archives_are_brought_forward_and_lose_nothing() {
    let fresh = tempfile::tempdir().expect("a folder");
    let path = fresh.path().join("site.sqlite");
    Archive::open(&path).await.expect("made").close().await;
    let today = shape(&path).await;
    let all = stored("archives");
    let versions: Vec<i64> = all.iter().map(|(version, _)| *version).collect();
    assert_eq!(versions, (1..archive::SCHEMA.version()).collect::<Vec<_>>());
    for (version, text) in all {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("site.sqlite");
        database(&path, &text).await;
        assert_eq!(numbers(&path, "PRAGMA user_version").await, [version]);
        for _ in 0..2 {
            let archive = Archive::open(&path).await.expect("opens");
            assert!(archive.has_objection(&[vec![1, 2, 3, 4, 5]]).await.expect("reads"));
            assert_eq!(archive.scan(7).await.expect("reads").expect("is there").domain, "example.org");
            let batches = numbers(&path, "SELECT count(*) FROM batch_domains").await;
            assert_eq!(batches, [1]);
            archive.close().await;
            assert_eq!(shape(&path).await, today, "version {version}");
            let marks = numbers(&path, "PRAGMA application_id").await;
            assert_eq!(marks, [i64::from(archive::SCHEMA.application_id)]);
        }
    }
}

#[tokio::test]
async fn archives_of_later_versions_and_other_databases_are_left_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("site.sqlite");
    Archive::open(&path).await.expect("made").close().await;
    database(&path, "PRAGMA user_version = 99").await;
    let told = Archive::open(&path).await.err().expect("refused").to_string();
    assert!(told.contains("has schema 99, and this program knows up to 3; run the later"), "{told}");

    open(settings(folder.path())).await.0.close().await;
    let journal = folder.path().join("journal.sqlite");
    let before = shape(&journal).await;
    let told = Archive::open(&journal).await.err().expect("refused").to_string();
    assert!(told.contains("this is no archive of the site's; set `site.archive`"), "{told}");
    assert_eq!(shape(&journal).await, before);
    // Another program's, whose first version it is.
    let other = folder.path().join("other.sqlite");
    database(&other, "CREATE TABLE songs (title TEXT); PRAGMA user_version = 1").await;
    assert!(Archive::open(&other).await.is_err());
    assert_eq!(numbers(&other, "SELECT count(*) FROM sqlite_schema").await, [1]);
}
