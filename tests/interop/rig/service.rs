//! The service under test, in the receiver's namespace.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::mode::Mode;
use super::world::World;

/// What the test domains lie under.
pub(crate) const ORIGIN: &str = "classic.example";

/// How long the service may take until it answers: it makes keys and signs zones.
const START: Duration = Duration::from_secs(60);

/// The paces of trials of cases, in seconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CasePace {
    /// How long a trial waits.
    pub(crate) patience_s: u32,
    /// How long a policy may take to be fetched.
    pub(crate) sts_grace_s: u32,
}

/// The service and the resolver that it asks.
pub(crate) struct Service<'world> {
    world: &'world World,
    config: PathBuf,
    process: Option<Child>,
    /// A second node, where there is one.
    _node: Option<Child>,
    _resolver: Child,
}

/// Where the service listens, and the address of a second node.
const SMTP: &str = "\"192.0.2.25:25\", \"[2001:db8:2::25]:25\"";
const DNS: &str = "\"192.0.2.53:53\"";
const POLICY: &str = "\"192.0.2.80:443\"";
const NODE: &str = "192.0.2.26";

fn with_node(listens: &str, port: u16) -> String {
    format!("{listens}, \"{NODE}:{port}\"")
}

impl<'world> Service<'world> {
    /// Writes a configuration, starts a resolver and the service, and waits until it answers.
    pub(crate) fn start(world: &'world World, mode: Mode, addresses: &[String]) -> Self {
        let (window_s, patience_s) = mode.pace_s();
        Self::with(
            world,
            &[
                ("SETTLE", mode.settle()),
                ("SHARED", &quoted(addresses)),
                ("WINDOW_S", &window_s.to_string()),
                ("PATIENCE_S", &patience_s.to_string()),
                ("ENTRANCES", ""),
                ("CASE_PATIENCE_S", "5400"),
                ("STS_GRACE_S", "600"),
            ],
        )
    }

    /// The same as two nodes on the database at `url`, each with an address of every MX host.
    pub(crate) fn start_nodes(world: &'world World, mode: Mode, url: &str) -> Self {
        let journal = format!("url = \"{url}\"");
        let addresses = quoted(&["192.0.2.25".to_owned(), NODE.to_owned()]);
        let (window_s, patience_s) = mode.pace_s();
        let (window_s, patience_s) = (window_s.to_string(), patience_s.to_string());
        // One configuration for both, in which each has a name and its part of the addresses.
        let (smtp, dns, policy) = (with_node(SMTP, 25), with_node(DNS, 53), with_node(POLICY, 443));
        let values = [
            ("SETTLE", mode.settle()),
            ("SHARED", &addresses),
            ("WINDOW_S", &window_s),
            ("PATIENCE_S", &patience_s),
            ("ENTRANCES", ""),
            ("CASE_PATIENCE_S", "5400"),
            ("STS_GRACE_S", "600"),
            ("JOURNAL", &journal),
            ("SMTP", &smtp),
            ("DNS", &dns),
            ("POLICY", &policy),
        ];
        let named = |name: &str, listens: &[&str]| {
            let listens: Vec<_> = listens.iter().map(|address| (*address).to_owned()).collect();
            format!("\n[node]\nname = \"{name}\"\nlistens = [{}]", quoted(&listens))
        };
        let first = named("a", &["192.0.2.25", "2001:db8:2::25", "192.0.2.53", "192.0.2.80", "127.0.0.1"]);
        let second = named("b", &[NODE]);
        let with_name = |name| values.into_iter().chain([("NODE", name)]).collect::<Vec<_>>();
        let mut service = Self::with(world, &with_name(first.as_str()));
        let shared = service.folder();
        let folder = shared.join("node-b");
        fs::create_dir_all(&folder).expect("a folder for the other node");
        let values = with_name(second.as_str());
        let config = place_in(&folder, &shared, "service.toml", &values);
        let log = folder.join("log");
        service._node = Some(service.start_process(&config, &log));
        service.wait_for(&log, |service| service.is_open(NODE));
        service
    }

    /// The same with all entrances of cases, and what `cases` compresses.
    pub(crate) fn start_with_cases(world: &'world World, pace: CasePace) -> Self {
        Self::with(
            world,
            &[
                ("SETTLE", "early"),
                ("SHARED", "\"192.0.2.25\""),
                ("WINDOW_S", "8"),
                ("PATIENCE_S", &pace.patience_s.to_string()),
                ("ENTRANCES", &quoted(&super::world::entrances())),
                ("CASE_PATIENCE_S", &pace.patience_s.to_string()),
                ("STS_GRACE_S", &pace.sts_grace_s.to_string()),
            ],
        )
    }

    /// The same with the placeholders of the configuration filled.
    fn with(world: &'world World, values: &[(&str, &str)]) -> Self {
        let folder = world.folder().join("service");
        fs::create_dir_all(&folder).expect("a folder for the service");
        let place = |name: &str| place(&folder, name, values);
        let config = place("service.toml");
        place("origin.zone");
        let resolver = place("resolver.conf");
        let log = fs::File::create(folder.join("resolver.log")).expect("a log");
        let mut unbound = world.at_receiver("unbound");
        unbound
            .args(["-d", "-c"])
            .arg(resolver)
            .stdout(log.try_clone().expect("a second handle"))
            .stderr(log);
        let resolver = unbound.spawn().expect("unbound starts");
        let mut service = Self { world, config, process: None, _node: None, _resolver: resolver };
        service.publish();
        service.serve();
        service
    }

    /// Lets the service itself trust what senders must: its DS records and its CA. Both exist before it runs.
    fn publish(&self) {
        let write = |file: &str, text: &str| fs::write(self.folder().join(file), text).expect("a file");
        write("anchors", "");
        let mut keys = self.command();
        keys.args(["keys", "--config"]).arg(&self.config);
        output(keys).unwrap_or_else(|error| panic!("mailassay keys: {error}"));
        let (anchors, root) = self.anchors();
        write("anchors", &anchors);
        write("ca-root.pem", &root);
    }

    /// Starts the process, which must not run.
    pub(crate) fn serve(&mut self) {
        let log = self.folder().join("log");
        self.process = Some(self.start_process(&self.config, &log));
        self.wait_for(&log, Self::answers);
    }

    fn start_process(&self, config: &Path, log: &Path) -> Child {
        let log = fs::OpenOptions::new().create(true).append(true).open(log).expect("a log");
        let mut command = self.command();
        command.args(["serve", "--config"]).arg(config);
        command.stdout(log.try_clone().expect("a second handle")).stderr(log);
        command.spawn().expect("the service starts")
    }

    fn wait_for(&mut self, log: &Path, is_there: impl Fn(&Self) -> bool) {
        let began = Instant::now();
        while !is_there(self) {
            let processes = [&mut self.process, &mut self._node];
            let ended = processes.into_iter().flatten().find_map(|process| process.try_wait().ok().flatten());
            let log = || fs::read_to_string(log).unwrap_or_default();
            assert!(ended.is_none(), "the service ended: {}", log());
            assert!(began.elapsed() < START, "the service does not answer after {START:?}: {}", log());
            std::thread::sleep(Duration::from_millis(200));
        }
    }

    /// Ends it as a power cut would.
    pub(crate) fn kill(&mut self) {
        let mut process = self.process.take().expect("the service runs");
        process.kill().expect("SIGKILL can be sent");
        process.wait().expect("it can be waited for");
    }

    /// Whether DNS answers and port 25 is open.
    fn answers(&self) -> bool {
        let mut dig = self.world.at_receiver("dig");
        dig.args(["+time=1", "+tries=1", "@192.0.2.53", &format!("et.{ORIGIN}"), "MX"]);
        output(dig).is_ok() && self.is_open("192.0.2.25")
    }

    fn is_open(&self, address: &str) -> bool {
        let mut ports = self.world.at_receiver("ss");
        ports.args(["-Hltn", "src", &format!("{address}:25")]);
        output(ports).is_ok_and(|ports| !ports.is_empty())
    }

    /// The DS records for our zones, and the private CA's root: what a sender must be told.
    pub(crate) fn anchors(&self) -> (String, String) {
        let ask = |words: [&str; 2]| {
            let mut command = self.command();
            command.args(words).arg("--config").arg(&self.config);
            output(command).unwrap_or_else(|error| panic!("mailassay {}: {error}", words.join(" ")))
        };
        (ask(["zone", "ds"]), ask(["certs", "ca"]))
    }

    /// The permanent address of every case that is offered.
    pub(crate) fn permanent_addresses(&self) -> BTreeMap<String, String> {
        let list = self.json(&["cases", "--json"]);
        let cases = list["cases"].as_array().cloned().unwrap_or_default();
        let offered = cases.iter().filter(|case| case["offered"] == true);
        offered.map(|case| (word(&case["id"]), word(&case["addresses"][0]))).collect()
    }

    /// Addresses of cases for a trial that is to begin.
    pub(crate) fn new_addresses(&self, cases: &[String]) -> BTreeMap<String, String> {
        let begun = self.json(&["trial", "new", "--json", "--suite", &cases.join(",")]);
        let addresses = begun["addresses"].as_array().cloned().unwrap_or_default();
        assert!(addresses.iter().all(|one| one["permanent"] == false), "the pool is empty: {begun}");
        addresses.iter().map(|one| (word(&one["case"]), word(&one["address"]))).collect()
    }

    /// What a command prints as JSON.
    fn json(&self, words: &[&str]) -> Value {
        let mut command = self.command();
        command.args(words).arg("--config").arg(&self.config);
        let text = output(command).unwrap_or_else(|error| panic!("mailassay {}: {error}", words.join(" ")));
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
    }

    /// The identities and states of all trials.
    pub(crate) fn trials(&self) -> Vec<(String, String)> {
        let list = self.json(&["trial", "list", "--json"]);
        let list = list.as_array().or_else(|| list["trials"].as_array()).cloned().unwrap_or_default();
        list.iter().map(|trial| (word(&trial["id"]), word(&trial["state"]))).collect()
    }

    /// A trial as other tools see it.
    pub(crate) fn trial(&self, id: &str) -> Value {
        self.json(&["trial", "show", id, "--json"])
    }

    /// A trial as `--json` or `--text`.
    pub(crate) fn show(&self, id: &str, form: &str) -> String {
        let mut command = self.command();
        command.args(["trial", "show", id, form, "--config"]).arg(&self.config);
        output(command).unwrap_or_else(|error| format!("mailassay trial show {id} {form}: {error}"))
    }

    /// The verdict mails, as they lie in the maildir.
    pub(crate) fn verdicts(&self) -> Vec<String> {
        let mut mails = Vec::new();
        for part in ["new", "cur"] {
            let Ok(entries) = fs::read_dir(self.folder().join("verdicts").join(part)) else { continue };
            for entry in entries.flatten() {
                mails.push(fs::read_to_string(entry.path()).unwrap_or_default());
            }
        }
        mails
    }

    /// The end of its log.
    pub(crate) fn log_tail(&self) -> String {
        super::run::tail(&self.folder().join("log"), 40)
    }

    fn command(&self) -> Command {
        self.world.at_receiver(env!("CARGO_BIN_EXE_mailassay"))
    }

    fn folder(&self) -> PathBuf {
        self.world.folder().join("service")
    }
}

fn word(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// Addresses as a list in TOML holds them.
fn quoted(addresses: &[String]) -> String {
    addresses.iter().map(|address| format!("\"{address}\"")).collect::<Vec<_>>().join(", ")
}

/// Writes a file of this folder to `folder`, its placeholders filled: with what stands first for them.
fn place(folder: &Path, name: &str, values: &[(&str, &str)]) -> PathBuf {
    place_in(folder, folder, name, values)
}

fn place_in(folder: &Path, shared: &Path, name: &str, values: &[(&str, &str)]) -> PathBuf {
    let mut text = fs::read_to_string(super::peers::rig().join(name)).expect("a file of the rig");
    let path = shared.display().to_string();
    let usual = [
        ("SMTP", SMTP),
        ("DNS", DNS),
        ("POLICY", POLICY),
        ("JOURNAL", "path = \"@FOLDER@/mailassay.sqlite\""),
        ("NODE", ""),
        ("ORIGIN", ORIGIN),
        ("FOLDER", &path),
    ];
    for (key, value) in values.iter().chain(&usual) {
        text = text.replace(&format!("@{key}@"), value);
    }
    let file = folder.join(name);
    fs::write(&file, text).expect("a configuration can be written");
    file
}

/// What a program prints; what it says on its standard error if it fails.
fn output(mut command: Command) -> Result<String, String> {
    let output = command.stdin(Stdio::null()).output().map_err(|error| error.to_string())?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        Err(String::from_utf8_lossy(&output.stderr).into_owned())
    }
}
