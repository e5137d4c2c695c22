//! The real program, several times at one operator on one host: a service, a survey and a check beside it.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use mailassay::receiving::places::{FolderPlaces, Places, Sign};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::process::Command;

use crate::survey::world::{Servers, dns};

const BY_SURVEY: usize = 10;
const BY_SITE: usize = 6;

/// Each domain has a host and an address of its own, in two networks; all hosts are one operator's.
fn records() -> String {
    let record = |nth: usize| {
        let (network, host) = (nth % 2, nth / 2 + 1);
        format!("mx{nth} IN A 127.9.{network}.{host}\nd{nth} IN MX 10 mx{nth}\n")
    };
    (0..=BY_SURVEY + BY_SITE).map(record).collect()
}

fn address(nth: usize) -> String {
    format!("127.9.{}.{}", nth % 2, nth / 2 + 1)
}

fn program(arguments: &[&str], config: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mailassay"));
    command.args(arguments).arg("--config").arg(config).args(["--helo", "survey.example"]);
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    command
}

fn list(folder: &Path, domains: std::ops::Range<usize>) -> String {
    let list = folder.join("list");
    fs::write(&list, domains.map(|nth| format!("d{nth}.survey.test\n")).collect::<String>()).unwrap();
    list.to_str().unwrap().to_owned()
}

/// Orders a check on the site of a service.
async fn order(config: &Path, domain: &str) {
    let site = mailassay::program::config::load(config).unwrap().listen.site[0];
    let form = format!("domain={domain}");
    let request = format!(
        "POST /check HTTP/1.1\r\nHost: {site}\r\nContent-Type: application/x-www-form-urlencoded\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{form}",
        form.len()
    );
    let mut stream = TcpStream::connect(site).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.contains("location: /d/"), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_a_survey_and_a_check_show_an_operator_two_connections_together() {
    let folder = tempfile::tempdir().unwrap();
    let (servers, port) = Servers::start(|_| "the only one".to_owned(), Duration::from_millis(100)).await;
    let (mut service, config) = dns(folder.path(), port, &records()).await;
    let list = list(folder.path(), 0..BY_SURVEY);
    let out = folder.path().join("survey.sqlite");
    let survey = ["survey", "run", &list, "--out", out.to_str().unwrap(), "--progress", "none"];
    let survey = program(&survey, &config).spawn().unwrap();
    let site = BY_SURVEY..BY_SURVEY + BY_SITE;
    for nth in site.clone() {
        order(&config, &format!("d{nth}.survey.test")).await;
    }
    let last = BY_SURVEY + BY_SITE;
    let check = program(&["check", "--json", &format!("d{last}.survey.test")], &config);
    let (survey, check) = tokio::join!(survey.wait_with_output(), { check }.output());
    let (survey, check) = (survey.unwrap(), check.unwrap());
    assert!(survey.status.success(), "{survey:?}");
    assert!(String::from_utf8_lossy(&check.stdout).contains("127.9."), "{check:?}");
    assert!(check.stderr.is_empty(), "{}", String::from_utf8_lossy(&check.stderr));
    // Two looks for STARTTLS at each address.
    let is_asked = |nth: usize| {
        let called = servers.called.lock();
        called.get(&address(nth).parse().unwrap()).is_some_and(|count| *count >= 2)
    };
    while !(0..=last).all(is_asked) {
        assert_eq!(service.child.try_wait().unwrap(), None);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(servers.most.lock().clone(), [("the only one".to_owned(), 2)].into());
    let mode = fs::metadata(folder.path().join("places")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_places_of_a_killed_survey_are_free() {
    let folder = tempfile::tempdir().unwrap();
    // Nobody is ever greeted.
    let (servers, port) = Servers::start(|ip| ip.to_string(), Duration::from_secs(3600)).await;
    let (_service, config) = dns(folder.path(), port, &records()).await;
    let list = list(folder.path(), 0..BY_SURVEY);
    let out = folder.path().join("survey.sqlite");
    let survey = ["survey", "run", &list, "--out", out.to_str().unwrap(), "--progress", "none"];
    let mut survey = program(&survey, &config).spawn().unwrap();
    while servers.called.lock().len() < 2 {
        assert_eq!(survey.try_wait().unwrap(), None);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let places = Arc::new(FolderPlaces::beside(&folder.path().join("places")).unwrap());
    let operator = Sign::Operator("survey.test".to_owned());
    assert!(places.take(&operator, 2).now_or_never().is_none(), "the survey has both");
    let waiting = tokio::spawn({
        let (places, operator) = (Arc::clone(&places), operator.clone());
        async move { (places.take(&operator, 2).await, places.take(&operator, 2).await) }
    });
    survey.start_kill().unwrap();
    survey.wait().await.unwrap();
    let _both = waiting.await.unwrap();
    assert!(places.take(&operator, 2).now_or_never().is_none());
}

/// Whoever may not look into the folder is told whose user scans here; a check goes on all the same.
#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_share_is_told_whose_places_they_are() {
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let (_servers, port) = Servers::start(|ip| ip.to_string(), Duration::ZERO).await;
    let (_service, config) = dns(folder.path(), port, &records()).await;
    let list = list(folder.path(), 0..1);
    // The configuration is for everybody, what the service writes is not.
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o777)).unwrap();
    let certs = folder.path().join("certs");
    fs::set_permissions(&certs, fs::Permissions::from_mode(0o755)).unwrap();
    fs::set_permissions(certs.join("ca-root.pem"), fs::Permissions::from_mode(0o644)).unwrap();
    let nobody = |arguments: &[&str]| {
        let mut command = Command::new("setpriv");
        command.args(["--reuid=65534", "--regid=65534", "--clear-groups"]);
        command.arg(env!("CARGO_BIN_EXE_mailassay")).args(arguments).arg("--config").arg(&config);
        command
    };
    let out = folder.path().join("survey.sqlite");
    let survey = nobody(&["survey", "run", &list, "--out", out.to_str().unwrap()]).output().await.unwrap();
    let told = String::from_utf8(survey.stderr).unwrap();
    assert_eq!(survey.status.code(), Some(2), "{told}");
    assert!(told.contains("/places: the service that scans from this host runs as root"), "{told}");
    assert!(told.contains("run this as root (`sudo -u root mailassay ...`)"), "{told}");
    let check = nobody(&["check", "--json", "d0.survey.test"]).output().await.unwrap();
    let told = String::from_utf8(check.stderr).unwrap();
    assert!(String::from_utf8_lossy(&check.stdout).contains("127.9.0.1"), "{told}");
    assert_eq!(told.matches("this goes on by itself").count(), 1, "{told}");
}

/// Whoever finds that places are not shared says so, though a command logs only what is wrong.
#[tokio::test(flavor = "multi_thread")]
async fn a_check_that_cannot_share_goes_on_and_says_so_once() {
    let folder = tempfile::tempdir().unwrap();
    let (_servers, port) = Servers::start(|ip| ip.to_string(), Duration::ZERO).await;
    let (_service, config) = dns(folder.path(), port, &records()).await;
    let places = folder.path().join("places");
    fs::remove_dir_all(&places).unwrap();
    fs::write(&places, "").unwrap();
    let check = program(&["check", "--json", "d0.survey.test"], &config).output().await.unwrap();
    let told = String::from_utf8(check.stderr).unwrap();
    assert!(String::from_utf8_lossy(&check.stdout).contains("127.9.0.1"), "{told}");
    assert_eq!(told.matches("an operator's places are not shared").count(), 1, "{told}");
}
