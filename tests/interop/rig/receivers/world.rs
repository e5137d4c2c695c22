//! The namespace and everything that runs in it.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use super::super::peers;
use super::super::run::say;
use super::super::world::end;
use super::certificates::Authority;
use super::row::{Certificate, Roa, Row, folder};
use super::zones::{POLICY_HOST, SERVERS, Zones};

/// Where unbound answers, to be compared with us.
pub(crate) const RESOLVER: &str = "198.18.0.90";
/// Where the RPKI validator answers.
const VALIDATOR: &str = "198.18.0.91";
/// Who announces all networks of the world.
const ORIGIN: u32 = 64_500;

/// How long all servers may take to answer.
const START: Duration = Duration::from_secs(60);

/// Everything, until it is dropped.
pub(crate) struct World {
    namespace: String,
    pub(crate) folder: PathBuf,
    pub(crate) rows: Vec<Row>,
    /// Waited for when the world ends.
    processes: Mutex<Vec<Child>>,
}

impl World {
    /// A world of these rows, its servers answering.
    pub(crate) fn new(rows: Vec<Row>) -> Self {
        let process = std::process::id();
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("receivers-{process}"));
        fs::create_dir_all(&folder).expect("a folder for the world");
        let world = Self {
            namespace: format!("mailassay-{process}-receivers"),
            folder,
            rows,
            processes: Mutex::default(),
        };
        world.build();
        world.populate();
        world
    }

    /// Leaves the world as it is for as long as `MAILASSAY_INTEROP_HOLD_S` says, for a look at it by hand.
    pub(crate) fn hold(&self) {
        let seconds = std::env::var("MAILASSAY_INTEROP_HOLD_S").ok().and_then(|text| text.parse().ok());
        if let Some(seconds) = seconds {
            say(&format!("ip netns exec {} bash; {}", self.namespace, self.folder.display()));
            std::thread::sleep(Duration::from_secs(seconds));
        }
    }

    fn build(&self) {
        self.ip(&["netns", "add", &self.namespace]);
        self.ip(&["-n", &self.namespace, "link", "set", "lo", "up"]);
        // The scanner's own addresses, so that it has routes of both families.
        let fixed = ["198.18.0.1", "2001:db8::1", POLICY_HOST, RESOLVER, VALIDATOR];
        let hosts = self.rows.iter().flat_map(|row| [row.ip4().to_string(), row.ip6().to_string()]);
        for address in fixed.into_iter().chain(SERVERS).map(str::to_owned).chain(hosts) {
            self.ip(&["-n", &self.namespace, "addr", "add", &address, "dev", "lo"]);
        }
        self.ip(&["-n", &self.namespace, "route", "add", "default", "dev", "lo", "src", "198.18.0.1"]);
        self.ip(&["-n", &self.namespace, "-6", "route", "add", "default", "dev", "lo", "src", "2001:db8::1"]);
    }

    fn populate(&self) {
        let authority = Authority::new();
        fs::write(self.folder.join("ca.pem"), authority.pem()).expect("the CA");
        let policies = self.folder.join("policies");
        fs::create_dir_all(&policies).expect("a folder for the policies");
        let mut rows = Vec::new();
        for row in &self.rows {
            let place = self.folder.join(&row.name);
            fs::create_dir_all(&place).expect("a folder for the host");
            let mut digests = Vec::new();
            let (mut chains, mut keys) = (String::new(), String::new());
            for (number, kind) in row.is.certificates.iter().enumerate() {
                let identity = authority.issue(*kind, &row.host());
                let suffix = if number == 0 { String::new() } else { format!("{}", number + 1) };
                let pair = format!("{}{}", identity.key, identity.chain);
                fs::write(place.join(format!("pair{suffix}.pem")), pair).expect("a certificate");
                (chains, keys) = if number == 0 { (identity.chain, identity.key) } else { (chains, keys) };
                digests.push(identity.spki_sha256);
            }
            fs::write(place.join("chain.pem"), chains).expect("a chain");
            fs::write(place.join("key.pem"), keys).expect("a key");
            self.policy(row, &authority, &policies);
            rows.push((row.clone(), digests));
        }
        let zones = Zones::make(&self.folder.join("zones"), &rows);
        let nsd = zones.nsd_conf();
        self.start("nsd", [OsStr::new("nsd"), OsStr::new("-d"), OsStr::new("-c"), nsd.as_os_str()]);
        let policy_host = folder().join("policy_host.py");
        self.start(
            "policy_host",
            [OsStr::new("python3"), policy_host.as_os_str(), OsStr::new(POLICY_HOST), policies.as_os_str()],
        );
        self.start_resolver(&zones);
        self.start_validator();
        for row in &self.rows {
            self.start_host(row);
        }
        self.configure(&zones);
        self.wait();
    }

    /// What the scan is told of this world.
    fn configure(&self, zones: &Zones) {
        let template = fs::read_to_string(folder().join("world.toml")).expect("world.toml");
        let anchors = fs::read_to_string(zones.anchors()).expect("the anchors");
        let text = template
            .replace("@FOLDER@", &self.folder.display().to_string())
            .replace("@ANCHORS@", anchors.trim())
            .replace("@VALIDATOR@", VALIDATOR);
        fs::write(self.folder.join("world.toml"), text).expect("a configuration");
        // A configuration wants a zone, although a scan has no use for one.
        let zone = fs::read_to_string(peers::rig().join("origin.zone")).expect("origin.zone");
        fs::write(self.folder.join("own.zone"), zone.replace("@ORIGIN@", "scanner.example")).expect("a zone");
    }

    fn start_resolver(&self, zones: &Zones) {
        let hints = format!(". 3600 NS ns1.nic.example.\nns1.nic.example. 3600 A {}\n", SERVERS[0]);
        fs::write(self.folder.join("root.hints"), hints).expect("the hints");
        let folder = self.folder.display();
        let conf = format!(
            "server:\n  chroot: \"\"\n  username: \"\"\n  directory: \"{folder}\"\n  pidfile: \"\"\n  use-syslog: no\n  \
             interface: {RESOLVER}\n  access-control: 0.0.0.0/0 allow\n  do-not-query-localhost: no\n  \
             root-hints: \"{folder}/root.hints\"\n  trust-anchor-file: \"{}\"\nremote-control:\n  control-enable: no\n",
            zones.anchors().display()
        );
        let file = self.folder.join("unbound.conf");
        fs::write(&file, conf).expect("a configuration");
        self.start("unbound", [OsStr::new("unbound"), OsStr::new("-d"), OsStr::new("-c"), file.as_os_str()]);
    }

    /// stayrtr, with a ROA for every network but those of rows that want none, and the routes as a file.
    fn start_validator(&self) {
        let shared =
            ["198.18.0.0/24".to_owned(), "2001:db8::/48".to_owned()].map(|prefix| (prefix, Roa::Valid));
        let own = self.rows.iter().flat_map(|row| {
            let prefixes = [format!("198.18.{}.0/24", row.number), format!("2001:db8:{:x}::/48", row.number)];
            prefixes.map(|prefix| (prefix, row.is.roa))
        });
        let networks: Vec<(String, Roa)> = shared.into_iter().chain(own).collect();
        let roas: Vec<_> = networks
            .iter()
            .filter(|(_, roa)| *roa != Roa::Absent)
            .map(|(prefix, roa)| {
                let length: u8 =
                    prefix.rsplit('/').next().and_then(|length| length.parse().ok()).expect("a length");
                let asn = if *roa == Roa::Valid { ORIGIN } else { ORIGIN + 1 };
                serde_json::json!({"prefix": prefix, "maxLength": length, "asn": format!("AS{asn}")})
            })
            .collect();
        let file = self.folder.join("roas.json");
        fs::write(&file, serde_json::json!({"metadata": {}, "roas": roas}).to_string()).expect("the ROAs");
        let routes: Vec<String> =
            networks.iter().map(|(prefix, _)| format!("{ORIGIN}\t{prefix}\t200\n")).collect();
        fs::write(self.folder.join("routes"), routes.concat()).expect("the routes");
        let words = [
            "stayrtr",
            "-checktime=false",
            "-bind",
            &format!("{VALIDATOR}:8282"),
            "-metrics.addr",
            "",
            "-cache",
        ];
        self.start("stayrtr", words.map(OsStr::new).into_iter().chain([file.as_os_str()]));
    }

    fn policy(&self, row: &Row, authority: &Authority, policies: &Path) {
        let Some(mode) = &row.is.mta_sts else { return };
        let name = format!("mta-sts.{}", row.domain());
        let place = policies.join(&name);
        fs::create_dir_all(&place).expect("a folder for the policy");
        let identity = authority.issue(row.is.policy_host.unwrap_or(Certificate::Ecdsa), &name);
        fs::write(place.join("chain.pem"), identity.chain).expect("a chain");
        fs::write(place.join("key.pem"), identity.key).expect("a key");
        let policy = format!("version: STSv1\r\nmode: {mode}\r\nmx: {}\r\nmax_age: 2592000\r\n", row.host());
        fs::write(place.join("mta-sts.txt"), policy).expect("a policy");
    }

    fn start_host(&self, row: &Row) {
        let Some(product) = &row.is.product else { return };
        let place = self.folder.join(&row.name);
        let addresses =
            if row.is.ipv6 { format!("{},{}", row.ip4(), row.ip6()) } else { row.ip4().to_string() };
        let environment = format!(
            "HOST={}\nDOMAIN={}\nIP4={}\nIP6={}\nADDRESSES={addresses}\nPORT={}\n",
            row.host(),
            row.domain(),
            row.ip4(),
            row.ip6(),
            20_000 + u32::from(row.number),
        );
        fs::write(place.join("environment"), environment).expect("the environment");
        let script = folder().join("receiver.sh");
        let peers = peers::folder();
        self.start(
            &row.name,
            [
                OsStr::new("unshare"),
                OsStr::new("--mount"),
                OsStr::new("--propagation"),
                OsStr::new("private"),
                OsStr::new("sh"),
                script.as_os_str(),
                peers.as_os_str(),
                OsStr::new(product),
                OsStr::new(&row.name),
                place.as_os_str(),
            ],
        );
    }

    /// Waits until every host that runs accepts connections, and DNS and the policy host answer.
    fn wait(&self) {
        let began = Instant::now();
        let mut wanted: Vec<String> =
            vec![format!("{}:53", SERVERS[0]), format!("{RESOLVER}:53"), format!("{VALIDATOR}:8282")];
        if self.rows.iter().any(|row| row.is.mta_sts.is_some()) {
            wanted.push(format!("{POLICY_HOST}:443"));
        }
        wanted.extend(
            self.rows.iter().filter(|row| row.is.product.is_some()).map(|row| format!("{}:25", row.ip4())),
        );
        while !wanted.is_empty() {
            let listening = self.output(&["ss", "-Hltn"]);
            wanted.retain(|one| !listening.contains(&format!("{one} ")));
            let logs = || wanted.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
            assert!(
                began.elapsed() < START,
                "not listening after {START:?}: {}; see {}",
                logs(),
                self.folder.display()
            );
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// A program in the namespace.
    pub(crate) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new("ip");
        command.args(["netns", "exec", &self.namespace]).arg(program);
        command.stdin(Stdio::null()).process_group(0);
        command
    }

    fn output(&self, words: &[&str]) -> String {
        let output = self.command(words[0]).args(&words[1..]).output().expect("a program starts");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    fn start<'a>(&self, name: &str, words: impl IntoIterator<Item = &'a OsStr>) {
        let log = fs::File::create(self.folder.join(format!("{name}.log"))).expect("a log");
        let mut words = words.into_iter();
        let mut command = self.command(words.next().expect("a program"));
        command.args(words).stdout(log.try_clone().expect("a second handle")).stderr(log);
        let process = command.spawn().unwrap_or_else(|error| panic!("{name}: {error}"));
        self.processes.lock().expect("the processes").push(process);
    }

    fn ip(&self, arguments: &[&str]) {
        let output = Command::new("ip").args(arguments).output().expect("ip starts");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "ip {}: {said}", arguments.join(" "));
    }
}

impl Drop for World {
    fn drop(&mut self) {
        end(&self.namespace);
        for mut process in self.processes.lock().expect("the processes").drain(..) {
            // It was killed: how it ended says nothing.
            let _ = process.wait();
        }
        if !std::thread::panicking() && std::env::var_os("MAILASSAY_INTEROP_KEEP").is_none() {
            let _ = fs::remove_dir_all(&self.folder);
        }
    }
}
