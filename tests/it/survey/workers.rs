//! Two processes that measure one survey in PostgreSQL: an operator sees two connections from both together, each address
//! is asked once, and the domains of a process that is killed are taken up by the other.

use std::fs;
use std::net::IpAddr;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use mailassay::receiving::survey::{PostgresStore, Store};
use mailassay::shared::database::postgres::Address;
use tokio::process::{Child, Command};

use super::world::{Servers, dns};
use crate::postgres::Server;

const DOMAINS: usize = 60;
/// The last two of them are one operator's, in two networks.
const NETWORKS: usize = 5;
/// How many domains are measured before one worker is killed.
const BEFORE_THE_KILL: i64 = 8;

fn operator(network: usize) -> usize {
    network.min(NETWORKS - 2)
}

fn whose(ip: IpAddr) -> String {
    match ip {
        IpAddr::V4(ip) => format!("op{}", operator(usize::from(ip.octets()[2]))),
        IpAddr::V6(ip) => ip.to_string(),
    }
}

/// Each domain has a host and an address of its own.
fn records() -> String {
    let record = |nth: usize| {
        let (network, host) = (nth % NETWORKS, nth / NETWORKS + 1);
        let name = format!("h{nth}.op{}", operator(network));
        format!("{name} IN A 127.9.{network}.{host}\nd{nth} IN MX 10 {name}\n")
    };
    (0..DOMAINS).map(record).collect()
}

fn patterns() -> String {
    let rule = |nth: usize| format!("[[operator]]\nname = \"op{nth}\"\nmx = [\"*.op{nth}.survey.test\"]\n");
    (0..NETWORKS - 1).map(rule).collect()
}

fn process(arguments: &[&str], folder: &Path, config: &Path) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mailassay"));
    command.arg("survey").args(arguments).arg("--config").arg(config);
    command.arg("--operators").arg(folder.join("operators.toml"));
    command.args(["--helo", "survey.example", "--at-once", "12", "--lease", "3", "--progress", "json"]);
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true).spawn().unwrap()
}

/// Waits until both workers have domains and some are measured; gives the worker that has the most, and its domains.
async fn both_work(address: &Address) -> Vec<(i64, i64)> {
    let mut connection = address.connect().await.unwrap();
    loop {
        let ended: i64 = sqlx::query_scalar("SELECT count(*) FROM survey.domains WHERE ended IS NOT NULL")
            .fetch_one(&mut connection)
            .await
            .unwrap();
        let leased: Vec<(i64, i64)> = sqlx::query_as(
            "SELECT worker, place FROM survey.domains WHERE worker IS NOT NULL AND ended IS NULL",
        )
        .fetch_all(&mut connection)
        .await
        .unwrap();
        let mut workers: Vec<i64> = leased.iter().map(|(worker, _)| *worker).collect();
        workers.sort_unstable();
        workers.dedup();
        if workers.len() == 2 && ended >= BEFORE_THE_KILL {
            return leased;
        }
        assert!(ended < DOMAINS as i64, "one of them did all");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_workers_share_a_survey_and_one_goes_on_for_the_other() {
    let Some(postgres) = Server::start("workers of a survey") else { return };
    let folder = tempfile::tempdir().unwrap();
    let (servers, port) = Servers::start(whose, Duration::from_millis(200)).await;
    let (_service, config) = dns(folder.path(), port, &records()).await;
    let list = folder.path().join("list");
    fs::write(&list, (0..DOMAINS).map(|nth| format!("d{nth}.survey.test\n")).collect::<String>()).unwrap();
    fs::write(folder.path().join("operators.toml"), patterns()).unwrap();
    let url = postgres.database("survey");
    let address: Address = url.parse().unwrap();

    let first = process(&["run", list.to_str().unwrap(), "--out", &url], folder.path(), &config);
    while !matches!(PostgresStore::read(&address).await, Ok(store) if store.begun().await.is_ok()) {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let mut second = process(&["work", &url], folder.path(), &config);
    let leased = both_work(&address).await;
    second.start_kill().unwrap();
    second.wait().await.unwrap();

    let ended = first.wait_with_output().await.unwrap();
    let (said, told) = (String::from_utf8(ended.stdout).unwrap(), String::from_utf8(ended.stderr).unwrap());
    assert!(ended.status.success(), "{said}{told}");
    assert!(said.starts_with(&format!("{DOMAINS} of {DOMAINS} domains are done")), "{said}");
    assert!(said.contains("survey report postgres://mailassay@"), "{said}");
    let store = PostgresStore::read(&address).await.unwrap();
    let all = store.page(i64::MIN, 1000).await.unwrap();
    assert_eq!(all.len(), DOMAINS);
    for measured in &all {
        let evidence = measured.evidence.as_ref().unwrap();
        assert!(
            evidence.servers[0].session.gives_no_starttls(),
            "{}: {:?}",
            measured.domain,
            evidence.servers
        );
    }
    assert!(leased.iter().all(|(_, place)| all.iter().any(|measured| measured.place == *place)));

    let most = servers.most.lock().clone();
    assert_eq!(most.len(), NETWORKS - 1);
    assert!(most.values().all(|most| *most <= 2), "{most:?}");
    // Two looks for STARTTLS at each; what the killed worker had under way, twelve domains at most, is asked again.
    let called = servers.called.lock().clone();
    assert_eq!(called.len(), DOMAINS);
    let again = called.values().filter(|count| **count > 2).count();
    assert!(called.values().all(|count| (2..=4).contains(count)) && again <= 12, "{called:?}");

    // Nothing is left for a third, and the report is of all.
    let third = process(&["work", &url], folder.path(), &config).wait_with_output().await.unwrap();
    assert!(third.status.success() && servers.called.lock().clone() == called);
    let out = folder.path().join("report");
    let reported = Command::new(env!("CARGO_BIN_EXE_mailassay"))
        .args(["survey", "report", &url, "--out"])
        .arg(&out)
        .output()
        .await
        .unwrap();
    assert!(reported.status.success(), "{reported:?}");
    let json: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(out.join("survey.json")).unwrap()).unwrap();
    assert_eq!(
        (&json["measured"], &json["all"]["colours"]["counts"]["red"]),
        (&DOMAINS.into(), &DOMAINS.into())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_goes_away_ends_a_survey_with_what_to_do() {
    let Some(mut postgres) = Server::start("a survey whose database goes away") else { return };
    let folder = tempfile::tempdir().unwrap();
    let (servers, port) = Servers::start(whose, Duration::from_millis(200)).await;
    let (_service, config) = dns(folder.path(), port, &records()).await;
    let list = folder.path().join("list");
    fs::write(&list, (0..DOMAINS).map(|nth| format!("d{nth}.survey.test\n")).collect::<String>()).unwrap();
    fs::write(folder.path().join("operators.toml"), patterns()).unwrap();
    let url = postgres.database("away");
    let address: Address = url.parse().unwrap();

    let arguments = ["run", list.to_str().unwrap(), "--out", &url];
    let child = process(&arguments, folder.path(), &config);
    let measured = async |at_least: u64| loop {
        if let Ok(store) = PostgresStore::read(&address).await
            && let Ok(begun) = store.begun().await
            && begun.ended >= at_least
        {
            return begun.ended;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    measured(8).await;
    postgres.kill();
    let ended = child.wait_with_output().await.unwrap();
    let told = String::from_utf8(ended.stderr).unwrap();
    assert_eq!(ended.status.code(), Some(2), "{told}");
    let (said, advice) =
        (told.contains("mailassay: postgres://mailassay@"), "What was measured until then is kept.");
    assert!(said && told.contains(advice) && told.ends_with("say the same again to go on\n"), "{told}");

    // It is, and the rest is measured.
    postgres.go_on(&[]);
    let before = measured(8).await;
    assert!(before < DOMAINS as u64, "{before}");
    let ended = process(&arguments, folder.path(), &config).wait_with_output().await.unwrap();
    assert!(ended.status.success(), "{ended:?}");
    assert_eq!((measured(0).await, servers.called.lock().len()), (DOMAINS as u64, DOMAINS));
}
