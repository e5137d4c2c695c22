//! What an operator sees of a running service: metrics, the board and the alerts that are made of them, `mailassay status`,
//! the log as JSON. `watch/faults.rs` plays what goes wrong.

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::commands::{Serving, free_port, local, run};

#[path = "watch/faults.rs"]
mod faults;

fn monitoring(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("config/monitoring").join(file)
}

/// Gives a configuration a listener for metrics.
fn watched(config: &Path) -> SocketAddr {
    let address: SocketAddr = format!("127.0.0.1:{}", free_port()).parse().unwrap();
    let text = fs::read_to_string(config).unwrap();
    fs::write(config, text.replace("\n[addresses]\n", &format!("metrics = [\"{address}\"]\n[addresses]\n")))
        .unwrap();
    address
}

/// A service, and the lines of its log.
struct Watched {
    _serving: Serving,
    log: Box<dyn Iterator<Item = String>>,
}

impl Watched {
    fn start(config: &Path, arguments: &[&str], panic_in: &str) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mailassay"));
        command.args(["serve", "--config"]).arg(config).args(arguments).env_remove("RUST_LOG");
        let mut child = command.env("MAILASSAY_PANIC_IN", panic_in).stderr(Stdio::piped()).spawn().unwrap();
        let log = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
        Self { _serving: Serving(child), log: Box::new(log) }
    }

    fn log_to(&mut self, word: &str) -> String {
        self.log.find(|line| line.contains(word)).unwrap_or_else(|| panic!("no {word} in the log"))
    }
}

/// The whole answer to GET.
fn get(address: SocketAddr, path: &str) -> String {
    let mut link = TcpStream::connect(address).unwrap();
    write!(link, "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    link.read_to_string(&mut answer).unwrap();
    answer
}

/// The metrics of a service, without the head of the answer.
fn metrics(address: SocketAddr) -> String {
    let answer = get(address, "/metrics");
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.contains("text/plain; version=0.0.4") && head.contains("content-length"), "{head}");
    body.to_owned()
}

/// Sends one mail, up to the answer to its dot.
fn send(smtp: SocketAddr, path: &str) -> String {
    let mut link = TcpStream::connect(smtp).unwrap();
    let mut replies = BufReader::new(link.try_clone().unwrap()).lines().map(Result::unwrap);
    let mut last = move || replies.find(|line| line.as_bytes().get(3) == Some(&b' ')).unwrap();
    last();
    let message = format!("From: {path}\r\nMessage-ID: <1@{path}>\r\n\r\nTest.\r\n.");
    let mut reply = String::new();
    let from = format!("MAIL FROM:<{path}>");
    for command in
        ["EHLO mx.sender.example", &from, "RCPT TO:<en@et.test.localhost>", "DATA", &message, "QUIT"]
    {
        link.write_all(format!("{command}\r\n").as_bytes()).unwrap();
        let answer = last();
        if command != "QUIT" {
            reply = answer;
        }
    }
    reply
}

/// The names of metrics in a text.
fn names(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    words
        .filter(|word| ["mailassay_", "process_"].iter().any(|begin| word.starts_with(begin)))
        .map(str::to_owned)
        .collect()
}

/// Whether this machine has Prometheus' tool.
fn has_promtool() -> bool {
    let has = Command::new("promtool").arg("--version").output().is_ok();
    assert!(
        has || std::env::var_os("MAILASSAY_REQUIRE_PEERS").is_none(),
        "promtool of Debian's prometheus is missing"
    );
    if !has {
        eprintln!("skipped: promtool of Debian's prometheus is missing");
    }
    has
}

fn promtool(arguments: &[&str], input: Option<&str>) {
    let mut command = Command::new("promtool");
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.unwrap_or_default().as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&said));
}

#[test]
fn the_alerts_read_and_each_of_them_fires() {
    if !has_promtool() {
        return;
    }
    let (rules, tests) = (monitoring("alerts.yml"), monitoring("alerts_test.yml"));
    promtool(&["check", "rules", rules.to_str().unwrap()], None);
    promtool(&["test", "rules", tests.to_str().unwrap()], None);
    let (rules, tests) = (fs::read_to_string(rules).unwrap(), fs::read_to_string(tests).unwrap());
    let alerts: Vec<&str> = rules.lines().filter_map(|line| line.trim().strip_prefix("- alert: ")).collect();
    let untested: Vec<_> =
        alerts.iter().filter(|alert| !tests.contains(&format!("alertname=\"{alert}\""))).collect();
    assert!(alerts.len() > 15 && untested.is_empty(), "nobody tests {untested:?} of {}", alerts.len());
    let manual = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/operating.md");
    let manual = fs::read_to_string(manual).unwrap();
    if manual.contains("### When an alert fires") {
        let untold: Vec<_> =
            alerts.iter().filter(|alert| !manual.contains(&format!("| {alert} |"))).collect();
        assert!(untold.is_empty(), "docs/operating.md says nothing of {untold:?}");
    }
}

#[test]
fn every_metric_that_board_and_alerts_name_exists_and_is_shown() {
    let folder = tempfile::tempdir().unwrap();
    let config = local(folder.path());
    let address = watched(&config);
    let text = fs::read_to_string(&config).unwrap();
    fs::write(&config, text.replace("[journal]\n", "[journal]\nsize_mib = 100\n")).unwrap();
    let mut service = Watched::start(&config, &[], "nothing");
    service.log_to("part=\"policy host\"");
    let smtp = mailassay::program::config::load(&config).unwrap().listen.smtp[0];
    assert!(send(smtp, "joachim@secretsender.example").starts_with("451 4.7.1 "));

    // That a link ended is noted a moment after its end.
    let mut looks = (0..100).map(|_| {
        std::thread::sleep(std::time::Duration::from_millis(50));
        metrics(address)
    });
    let served = looks.find(|served| served.contains("outcome=\"held\"")).expect("a link that was held");
    if has_promtool() {
        promtool(&["check", "metrics"], Some(&served));
    }
    let mut existing = BTreeSet::new();
    for line in served.lines().filter_map(|line| line.strip_prefix("# TYPE ")) {
        let (name, kind) = line.split_once(' ').unwrap();
        let endings: &[&str] = if kind == "histogram" { &["_bucket", "_sum", "_count"] } else { &[""] };
        existing.extend(endings.iter().map(|ending| format!("{name}{ending}")));
    }
    let named: BTreeSet<String> = ["alerts.yml", "alerts_test.yml", "grafana.json"]
        .iter()
        .flat_map(|file| names(&fs::read_to_string(monitoring(file)).unwrap()))
        .collect();
    let unknown: Vec<_> = named.difference(&existing).collect();
    assert!(unknown.is_empty(), "no such metric: {unknown:?}");
    let unnamed: Vec<_> = existing.iter().filter(|name| !named.contains(*name)).collect();
    assert!(unnamed.is_empty(), "neither board nor alerts name {unnamed:?}");
    // What was done is counted, and nobody is named.
    for counted in [
        "mailassay_trials{state=\"open\"} 1.0",
        "mailassay_trials_opened_total 1\n",
        "outcome=\"held\"} 1\n",
        "mailassay_self_check_green{part=\"dns\"} 1.0",
        "mailassay_journal_bytes_max 104857600.0",
    ] {
        assert!(served.contains(counted), "{counted} is not in {served}");
    }
    assert!(!served.contains("secretsender") && !served.contains("127.0.0.1"), "{served}");
    let _: serde_json::Value = serde_json::from_str(&fs::read_to_string(monitoring("grafana.json")).unwrap())
        .expect("the board is JSON");
}

#[test]
fn status_says_in_ten_lines_how_the_service_is() {
    let folder = tempfile::tempdir().unwrap();
    let config = local(folder.path());
    let (code, output, _) = run(&["status"], Some(&config));
    assert!(code == 1 && output.starts_with("✘ service      it does not run"), "{code}: {output}");
    let mut service = Watched::start(&config, &[], "nothing");
    service.log_to("part=\"policy host\"");
    let (code, output, error) = run(&["status"], Some(&config));
    let lines: Vec<&str> = output.lines().filter(|line| !line.starts_with(' ')).collect();
    assert_eq!((code, lines.len(), error.as_str()), (0, 10, ""), "{output}");
    assert!(lines.iter().all(|line| line.starts_with("✔ ")), "{output}");
    assert!(output.lines().all(|line| line.chars().count() <= 80), "{output}");
    assert!(output.contains("✔ self-check   green "), "{output}");
    let (code, output, _) = run(&["status", "--json"], Some(&config));
    let told: serde_json::Value = serde_json::from_str(&output).unwrap();
    assert!(code == 0 && told["health"]["trouble"].is_null() && told["parts"]["smtp"] == true, "{output}");
    drop(service);
    let (code, output, _) = run(&["status"], Some(&config));
    assert!(
        code == 1 && output.contains("it does not run"),
        "what was left of a service answers nobody: {output}"
    );
}

#[test]
fn the_log_as_json_has_a_line_for_each_event_of_a_trial_and_no_secret() {
    let folder = tempfile::tempdir().unwrap();
    let config = local(folder.path());
    // No verdict waits for a scan.
    let text = fs::read_to_string(&config).unwrap();
    fs::write(&config, text.replace("\n[scan.world]\n", "\n[scan]\nenabled = false\n[scan.world]\n"))
        .unwrap();
    let mut service = Watched::start(&config, &["--log", "json"], "judge");
    let mut lines = vec![service.log_to("\"serving\"")];
    let smtp = mailassay::program::config::load(&config).unwrap().listen.smtp[0];
    assert!(send(smtp, "joachim@panic.example").starts_with("250 2.0.0 "));
    let told = service.log.by_ref().take_while(|line| !line.contains("verdict withheld"));
    lines.extend(told);
    let (_, list, _) = run(&["trial", "list", "--json"], Some(&config));
    let list: serde_json::Value = serde_json::from_str(&list).unwrap();
    let secret = list[0]["id"].as_str().unwrap().to_owned();
    let mut events = Vec::new();
    for line in &lines {
        let line: serde_json::Value =
            serde_json::from_str(line).unwrap_or_else(|_| panic!("no JSON: {line}"));
        assert!(line["timestamp"].is_string() && line["level"].is_string(), "{line}");
        let text = line.to_string();
        assert!(!text.contains(&secret) && !text.contains("joachim"), "{text}");
        events.push(line["message"].as_str().unwrap_or_default().to_owned());
    }
    for event in ["trial opened", "mail acknowledged", "trial ended"] {
        assert_eq!(events.iter().filter(|told| *told == event).count(), 1, "{event}: {events:?}");
    }
    assert!(events.iter().any(|told| told.starts_with("panicked: ")), "a panic is a line, too: {events:?}");
    let (code, output, _) = run(&["status"], Some(&config));
    // Words may stand on two lines.
    let said = output.split_whitespace().collect::<Vec<_>>().join(" ");
    let is_told = said.contains("1 of them could not be judged") && !said.contains(" 0 panics");
    assert!(code == 0 && is_told, "{code}: {output}");
}
