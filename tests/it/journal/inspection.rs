//! What a look at the whole journal finds.

use crate::commands::{local, run};

use super::*;

#[tokio::test]
async fn each_row_that_does_not_read_is_found() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("journal.sqlite");
    let (journal, _told) = open(settings(folder.path())).await;
    journal.commit(start(), irregular(1)).await.expect("noted");
    journal.commit(start(), queried("et.example.org")).await.expect("noted");
    journal.end_trial(start(), ended(1), start()).await.expect("ended");
    let sound = journal.reader().inspect().await.expect("reads");
    assert_eq!((sound.faults.as_slice(), sound.span), (&[][..], Some((start(), start()))));
    assert_eq!((sound.kinds["queried"], sound.outbox["pending"]), (1, 1));
    assert!(sound.used_octets > 0 && sound.used_octets <= sound.file_octets);
    journal.close().await;

    for (damage, told) in [
        (
            "UPDATE observations SET fact = '{\"fact\":\"of tomorrow\"}' WHERE seq = 1",
            "observation #1: unknown",
        ),
        (
            "UPDATE observations SET kind = 'queried' WHERE seq = 1",
            "#1 stands among those of the kind `queried`",
        ),
        ("UPDATE observations SET link = 7 WHERE seq = 1", "#1 stands with another link"),
        (
            "UPDATE observations SET trial = 5 WHERE seq = 1",
            "1 observations are of trials that are not there",
        ),
        (
            "DELETE FROM observations WHERE kind = 'trial-ended'",
            "1 verdicts wait for trials whose end is not there",
        ),
        ("DELETE FROM meta WHERE name = 'secret'", "the secret is missing"),
        (
            "INSERT INTO trials (trial, ended_at, past, record) VALUES ('x', 1, '{}', '{')",
            "trial number 1 does not read",
        ),
    ] {
        let damaged = folder.path().join("damaged.sqlite");
        let _ = std::fs::remove_file(&damaged);
        std::fs::copy(&path, &damaged).expect("copied");
        database(&damaged, damage).await;
        let found = Reader::open(&damaged).await.expect("opens").inspect().await.expect("reads");
        assert!(!found.is_whole() && found.faults.iter().any(|fault| fault.contains(told)), "{found:?}");
        assert_eq!(found.faults.len(), 1, "{found:?}");
    }
}

#[tokio::test]
async fn the_command_says_whether_both_databases_are_whole() {
    let folder = tempfile::tempdir().expect("a folder");
    let config = local(folder.path());
    let (code, _, error) = run(&["journal", "check"], Some(&config));
    assert!(code == 2 && error.contains("`mailassay serve` makes it"), "{error}");
    let settings = mailassay::program::config::load(&config).expect("fits");
    let (journal, _told) = open_with(settings.journal.clone(), |_| ()).await;
    journal.commit(start(), irregular(1)).await.expect("noted");
    mailassay::program::archive::Archive::open(&settings.archive).await.expect("made").close().await;
    // Whoever writes goes on meanwhile.
    let (code, output, error) = run(&["journal", "check"], Some(&config));
    assert_eq!(code, 0, "{output}{error}");
    assert_eq!(output.matches("whole:         yes, every row was read").count(), 2, "{output}");
    assert!(output.contains("irregular") && output.contains("4096 MiB at most"), "{output}");
    let lines = || output.lines().filter(|line| !line.contains(".sqlite"));
    assert!(lines().all(|line| line.chars().count() <= 80), "{output}");
    journal.close().await;
    let damage = "INSERT INTO checks VALUES ('k', 'example.org', 1, 99)";
    database(&settings.archive, &format!("PRAGMA foreign_keys = OFF; {damage}")).await;
    database(&settings.journal.path, "UPDATE observations SET fact = '\u{1b}[31m'").await;
    let (code, output, _) = run(&["journal", "check"], Some(&config));
    assert_eq!(code, 1, "{output}");
    assert!(output.contains("- a row of `checks` names one of `scans`"), "{output}");
    assert!(output.contains("- observation #1: ") && !output.contains('\u{1b}'), "{output}");
    assert!(output.contains("`mailassay restore`"), "{output}");
}
