//! The real program, killed in the midst of a survey of a world on loopback: what was measured stays, what was not is
//! measured by the next run, and each address is asked once.

use std::fs;
use std::path::Path;
use std::process::{Output, Stdio};
use std::time::Duration;

use mailassay::receiving::survey::{SqliteStore, Store};
use tokio::process::{Child, Command};

use super::world::{Servers, dns};

const DOMAINS: usize = 60;
const OPERATORS: usize = 6;

fn records() -> String {
    let hosts = (0..OPERATORS).map(|operator| format!("mx{operator} IN A 127.9.{operator}.1\n"));
    let domains = (0..DOMAINS).map(|nth| format!("d{nth} IN MX 10 mx{}\n", nth % OPERATORS));
    hosts.chain(domains).collect()
}

fn survey(config: &Path, list: &Path, out: &Path) -> Command {
    survey_of(config, list, out, "10")
}

fn survey_of(config: &Path, list: &Path, out: &Path, at_once: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mailassay"));
    command.args(["survey", "run"]).arg(list).arg("--out").arg(out).arg("--config").arg(config);
    command.args(["--helo", "survey.example", "--at-once", at_once, "--progress", "json"]);
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    command
}

async fn ended(path: &Path) -> u64 {
    match SqliteStore::read(path).await {
        Ok(store) => store.begun().await.map_or(0, |begun| begun.ended),
        Err(_) => 0,
    }
}

/// Waits until so many domains are measured, then kills it as `kill -9` does.
async fn kill_at(mut child: Child, out: &Path, domains: u64) -> u64 {
    loop {
        let done = ended(out).await;
        if done >= domains {
            child.start_kill().unwrap();
            child.wait().await.unwrap();
            return done;
        }
        assert_eq!(child.try_wait().unwrap(), None, "it ended before it was killed");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_survey_goes_on_and_asks_no_address_twice() {
    let folder = tempfile::tempdir().unwrap();
    // Slow enough for a survey to be under way when it is killed.
    let (servers, port) = Servers::start(|ip| ip.to_string(), Duration::from_millis(300)).await;
    let (_service, config) = dns(folder.path(), port, &records()).await;
    let (list, out) = (folder.path().join("list"), folder.path().join("survey.sqlite"));
    fs::write(&list, (0..DOMAINS).map(|nth| format!("d{nth}.survey.test\n")).collect::<String>()).unwrap();

    let child = survey(&config, &list, &out).spawn().unwrap();
    let first = kill_at(child, &out, 5).await;
    let whole = DOMAINS as u64;
    assert!((5..whole).contains(&first), "{first}");
    let before = ended(&out).await;

    // Nobody works on it now, so that the next may; two at a time may not.
    let going = survey(&config, &list, &out).spawn().unwrap();
    let Output { status, stdout, stderr } = going.wait_with_output().await.unwrap();
    let (said, told) = (String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap());
    assert!(status.success(), "{said}{told}");
    assert!(said.starts_with(&format!("{DOMAINS} of {DOMAINS} domains are done")), "{said}");
    let end: serde_json::Value = serde_json::from_str(told.lines().last().unwrap()).unwrap();
    assert_eq!((&end["event"], &end["before"], &end["done"]), (&"end".into(), &before.into(), &whole.into()));

    // All of them were reached, by two looks for STARTTLS at each address; one kill can cost those under way another.
    let store = SqliteStore::read(&out).await.unwrap();
    let mut red = 0;
    for measured in store.page(i64::MIN, 1000).await.unwrap() {
        let evidence = measured.evidence.unwrap();
        assert_eq!(evidence.servers.len(), 1, "{}: {:?}", measured.domain, evidence.names.mx);
        red += usize::from(evidence.servers[0].session.gives_no_starttls());
    }
    assert_eq!(red, DOMAINS);
    let called = servers.called.lock().clone();
    assert_eq!(called.len(), OPERATORS);
    assert!(called.values().all(|count| (2..=4).contains(count)), "{called:?}");
    assert!(servers.most.lock().values().all(|most| *most <= 2));

    // The file alone is the survey then.
    assert_eq!(alone(folder.path(), &out).await, whole);

    // A third run has nothing to do, and another list is another survey.
    let again = survey(&config, &list, &out).output().await.unwrap();
    assert!(again.status.success());
    assert_eq!(servers.called.lock().clone(), called);
    fs::write(&list, "d1.survey.test\n").unwrap();
    let other = survey(&config, &list, &out).output().await.unwrap();
    assert_eq!(other.status.code(), Some(2));
    assert!(String::from_utf8(other.stderr).unwrap().contains("the list or the sample has changed"));
}

/// How many domains are measured by the survey's file, without what may lie beside it.
async fn alone(folder: &Path, out: &Path) -> u64 {
    let copy = folder.join("copy.sqlite");
    fs::copy(out, &copy).unwrap();
    ended(&copy).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_survey_that_is_stopped_is_one_file_and_measures_again_what_is_old() {
    let folder = tempfile::tempdir().unwrap();
    let (servers, port) = Servers::start(|ip| ip.to_string(), Duration::from_millis(300)).await;
    let (_service, config) = dns(folder.path(), port, &records()).await;
    let (list, out) = (folder.path().join("list"), folder.path().join("survey.sqlite"));
    fs::write(&list, (0..DOMAINS).map(|nth| format!("d{nth}.survey.test\n")).collect::<String>()).unwrap();

    let child = survey(&config, &list, &out).spawn().unwrap();
    while ended(&out).await < 5 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let pid = rustix::process::Pid::from_raw(child.id().unwrap().try_into().unwrap()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    let stopped = child.wait_with_output().await.unwrap();
    assert_eq!(stopped.status.code(), Some(3), "{stopped:?}");
    let measured = alone(folder.path(), &out).await;
    assert!((5..DOMAINS as u64).contains(&measured), "{measured}");

    // So it is where nothing is begun, and at the end.
    let other = folder.path().join("other");
    fs::write(&other, "d1.survey.test\n").unwrap();
    let refused = survey(&config, &other, &out).output().await.unwrap();
    assert_eq!(refused.status.code(), Some(2));
    assert_eq!(alone(folder.path(), &out).await, measured);
    assert!(survey(&config, &list, &out).output().await.unwrap().status.success());
    assert_eq!(alone(folder.path(), &out).await, DOMAINS as u64);

    // All of it again: each address is asked once for all that it serves, however short ago that instant is. Domain by domain,
    // so that this takes longer than a second.
    let before = servers.called.lock().clone();
    let now = mailassay::shared::time::Timestamp::now().to_string();
    let again = survey_of(&config, &list, &out, "1").args(["--since", &now]).output().await.unwrap();
    assert!(again.status.success(), "{again:?}");
    let called = servers.called.lock().clone();
    for (ip, count) in &called {
        assert_eq!(*count, before[ip] + 2, "{ip}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_this_host_cannot_do_is_told_and_nothing_is_done_by_it() {
    let folder = tempfile::tempdir().unwrap();
    let (servers, port) = Servers::start(|ip| ip.to_string(), Duration::ZERO).await;
    let (_service, config) = dns(folder.path(), port, &records()).await;
    let (list, out) = (folder.path().join("list"), folder.path().join("survey.sqlite"));
    fs::write(&list, (0..DOMAINS).map(|nth| format!("d{nth}.survey.test\n")).collect::<String>()).unwrap();
    // No root server is there.
    let deaf = folder.path().join("deaf.toml");
    let hints = format!("[scan.world]\nroot_hints = [\"127.0.0.1:{}\"]\n", crate::commands::free_port());
    fs::write(&deaf, fs::read_to_string(&config).unwrap().replace("[scan.world]\n", &hints)).unwrap();
    let Output { status, stdout, stderr } = survey(&deaf, &list, &out).output().await.unwrap();
    let (said, told) = (String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap());
    assert_eq!(status.code(), Some(2), "{said}{told}");
    assert!(
        told.contains("since this host could ask no DNS. See whether this host may ask name servers"),
        "{told}"
    );
    assert!(said.starts_with(&format!("0 of {DOMAINS} domains are done; 0 connections")), "{said}");
    assert!(
        said.contains("for reasons that lie here:") && said.ends_with("Say the same again to go on.\n"),
        "{said}"
    );
    assert_eq!((alone(folder.path(), &out).await, servers.called.lock().len()), (0, 0));

    // The next run measures all of them.
    let Output { status, stdout, .. } = survey(&config, &list, &out).output().await.unwrap();
    let said = String::from_utf8(stdout).unwrap();
    assert!(status.success(), "{said}");
    // What TLS would show stays open: these servers offer none.
    let line = format!(
        "In this run 0 were measured, {DOMAINS} in part, 0 not at all;\n0 have nothing to measure.\n"
    );
    assert!(said.contains(&line), "{said}");
}
