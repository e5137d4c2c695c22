//! 400 days of DNS: the real program, unbound and Postfix's `posttls-finger` in a network namespace, under
//! `libfaketime`. At each step unbound says secure, and DANE verifies.
//!
//! The test plays the parent, which takes what CDS says (RFC 7344 §6), and whoever sets the service's clock wrong by a day.
//! Every other step finds the service killed and started again.

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::interop::rig::peers;

const DAYS: i64 = 400;
const STEP_DAYS: i64 = 8;
const DAY_S: i64 = 86_400;
/// On which days somebody rolls the key-signing key.
const KSK_ROLLS: [i64; 2] = [48, 248];
/// How long is waited for what takes a second or two.
const WAIT: Duration = Duration::from_secs(60);
/// How many links may be left without STARTTLS: the first after each start and each leap of the clock, and those that
/// come before the end of the one before was noted.
const LINKS_MAX: usize = 50;
const ORIGIN: &str = "mail.example";

/// What is missing for this test, if something is.
fn missing() -> Option<String> {
    let may_unshare =
        Command::new("unshare").args(["-mn", "true"]).status().is_ok_and(|status| status.success());
    if !may_unshare {
        return Some("network namespaces want root".to_owned());
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let is_there = |program: &&str| std::env::split_paths(&path).any(|folder| folder.join(program).is_file());
    if let Some(program) =
        ["ip", "nsenter", "dpkg", "unbound", "dig"].iter().find(|program| !is_there(program))
    {
        return Some(format!("`{program}` is not installed"));
    }
    if library().is_none() {
        return Some("libfaketime is not installed".to_owned());
    }
    let packages = peers::folder().join("debs/postfix");
    (!packages.is_dir()).then(|| format!("{} is missing", packages.display()))
}

/// libfaketime for programs with threads.
fn library() -> Option<PathBuf> {
    let folders = fs::read_dir("/usr/lib").ok()?.flatten();
    folders.map(|folder| folder.path().join("faketime/libfaketimeMT.so.1")).find(|path| path.is_file())
}

/// A process that ends with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Running {
    /// Starts it and waits until its standard error has `word`.
    fn start(mut command: Command, word: &str) -> Self {
        let mut child = command.stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        let mut log = BufReader::new(child.stderr.take().unwrap());
        let running = Self(child);
        let mut said = String::new();
        while !said.contains(word) {
            assert!(log.read_line(&mut said).unwrap() > 0, "it ended: {said}");
        }
        std::thread::spawn(move || std::io::copy(&mut log, &mut std::io::sink()));
        running
    }
}

/// A network of its own, in which the service's ports are free, and its folder.
struct World {
    folder: tempfile::TempDir,
    holder: Running,
    began: Instant,
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path();
        let config =
            fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("config/local.toml")).unwrap();
        let mut config = config.replace("../target/local/", "").replace("../zones/local.zone", "origin.zone");
        for (before, after) in [
            ("test.localhost", ORIGIN),
            ("2525", "25"),
            ("5300", "53"),
            ("4443", "443"),
            ("rotation_s = 10", "rotation_s = 1"),
            ("window_s = 20", "window_s = 0"),
        ] {
            assert!(config.contains(before), "{before}");
            config = config.replace(before, after);
        }
        fs::write(place.join("config.toml"), config).unwrap();
        let zone =
            "$TTL 3600\n@ IN SOA ns1 hostmaster 1 3600 900 432000 60\n@ IN NS ns1\nns1 IN A 127.0.0.1\n";
        fs::write(place.join("origin.zone"), zone).unwrap();
        fs::write(place.join("resolv.conf"), "nameserver 127.0.0.2\noptions edns0 trust-ad\n").unwrap();
        fs::create_dir(place.join("postfix")).unwrap();
        let main = "compatibility_level = 3.7\nmail_owner = daemon\nsetgid_group = mail\n";
        fs::write(place.join("postfix/main.cf"), main).unwrap();
        for package in fs::read_dir(peers::folder().join("debs/postfix")).unwrap().flatten() {
            if package.file_name().to_string_lossy().starts_with("postfix_") {
                let unpacked =
                    Command::new("dpkg").arg("-x").arg(package.path()).arg(place.join("deb")).status();
                assert!(unpacked.unwrap().success());
            }
        }
        for clock in ["service", "resolver"] {
            fs::write(place.join(clock), "+0").unwrap();
        }
        let mut holder = Command::new("unshare");
        let script = "ip link set lo up && mount --bind \"$0/resolv.conf\" /etc/resolv.conf && echo ready >&2 && exec sleep infinity";
        holder.args(["-mn", "sh", "-c", script]).arg(place);
        let holder = Running::start(holder, "ready");
        Self { folder, holder, began: Instant::now() }
    }

    fn path(&self, file: &str) -> PathBuf {
        self.folder.path().join(file)
    }

    /// A program in there.
    fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new("nsenter");
        command.args(["-m", "-n", "-t", &self.holder.0.id().to_string(), "--"]).arg(program);
        command
    }

    /// A program whose time is that of the file `clock`.
    fn at_time_of(&self, clock: &str, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = self.command("env");
        command
            .arg(format!("LD_PRELOAD={}", library().unwrap().display()))
            .arg(format!("FAKETIME_TIMESTAMP_FILE={}", self.path(clock).display()))
            .args(["FAKETIME_NO_CACHE=1", "FAKETIME_DONT_FAKE_MONOTONIC=1", "NO_FAKE_STAT=1"])
            .arg(program);
        command
    }

    /// Sets a clock to so many seconds after now.
    fn set(&self, clock: &str, ahead_s: i64) {
        fs::write(self.path("clock.new"), format!("+{ahead_s}")).unwrap();
        fs::rename(self.path("clock.new"), self.path(clock)).unwrap();
    }

    fn serve(&self) -> Running {
        let mut command = self.at_time_of("service", env!("CARGO_BIN_EXE_mailassay"));
        command.args(["serve", "--config"]).arg(self.path("config.toml")).env_remove("RUST_LOG");
        Running::start(command, "serving")
    }

    /// A command of the operator; what it prints.
    fn operate(&self, arguments: &[&str]) -> String {
        let mut command = self.at_time_of("service", env!("CARGO_BIN_EXE_mailassay"));
        let output = command.args(arguments).arg("--config").arg(self.path("config.toml")).output().unwrap();
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{arguments:?}: {told}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// The resolver, which knows of the parent what `ds` says.
    fn resolve(&self, ds: &BTreeSet<String>) -> Running {
        let anchors: String = ds.iter().map(|ds| format!("{ORIGIN}. IN DS {ds}\n")).collect();
        fs::write(self.path("anchors"), anchors).unwrap();
        let place = self.folder.path().display();
        let config = format!(
            "server:
  interface: 127.0.0.2
  directory: \"{place}\"
  chroot: \"\"
  username: \"\"
  pidfile: \"\"
  use-syslog: no
  verbosity: 1
  do-ip6: no
  do-not-query-localhost: no
  local-zone: \".\" static
  local-zone: \"{ORIGIN}.\" transparent
  trust-anchor-file: \"{place}/anchors\"
remote-control:
  control-enable: no
stub-zone:
  name: \"{ORIGIN}\"
  stub-addr: 127.0.0.1
"
        );
        fs::write(self.path("unbound.conf"), config).unwrap();
        let mut command = self.at_time_of("resolver", "unbound");
        command.arg("-dc").arg(self.path("unbound.conf"));
        Running::start(command, "start of service")
    }

    fn dig(&self, server: &str, arguments: &[&str]) -> String {
        let mut command = self.command("dig");
        let output = command.arg(server).args(["+time=5", "+tries=2"]).args(arguments).output().unwrap();
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// The serial that the service has.
    fn serial(&self) -> u32 {
        let said = self.dig("@127.0.0.1", &["+short", ORIGIN, "SOA"]);
        said.split_whitespace()
            .nth(2)
            .and_then(|serial| serial.parse().ok())
            .unwrap_or_else(|| panic!("{said}"))
    }

    /// Asks the resolver; what it says must be secure, or be denied so.
    fn secure(&self, name: &str, rtype: &str, code: &str, day: i64) -> String {
        let said = self.dig("@127.0.0.2", &["+dnssec", name, rtype]);
        let flags = said.lines().find(|line| line.starts_with(";; flags:")).unwrap_or_default();
        let ad = flags.split([' ', ';']).any(|flag| flag == "ad");
        assert!(ad && said.contains(&format!("status: {code}")), "day {day}: {name} {rtype}: {said}");
        said
    }

    /// DANE, as Postfix sees it. The first link of a source is not offered STARTTLS, which is the test; the next is.
    fn verify_dane(&self, day: i64) {
        let mut said = String::new();
        for _ in 0..LINKS_MAX {
            let mut command = self.command("env");
            let output = command
                .arg(format!("LD_LIBRARY_PATH={}", self.path("deb/usr/lib/postfix").display()))
                .arg(format!("MAIL_CONFIG={}", self.path("postfix").display()))
                .arg(self.path("deb/usr/sbin/posttls-finger"))
                .args(["-c", "-t", "20", "-T", "20", "-l", "dane-only", "-L", "summary", ORIGIN])
                .output()
                .unwrap();
            for stream in [&output.stdout, &output.stderr] {
                said += &String::from_utf8_lossy(stream);
            }
            if said.contains("Verified TLS connection established") {
                return;
            }
        }
        panic!("day {day}: DANE is not verified: {said}");
    }

    /// Waits until the service has made its zones anew.
    fn until_later_than(&self, serial: u32, day: i64) -> u32 {
        let began = Instant::now();
        loop {
            let now = self.serial();
            assert!(
                now.wrapping_sub(serial) < 1 << 31,
                "day {day}: the serial went from {serial} back to {now}"
            );
            if now != serial {
                return now;
            }
            assert!(began.elapsed() < WAIT, "day {day}: the zone stays at {serial}");
        }
    }
}

/// What records of a type hold, as dig prints them.
fn data(said: &str, rtype: &str) -> BTreeSet<String> {
    let of_type = |line: &&str| line.split_whitespace().nth(3) == Some(rtype) && !line.starts_with(';');
    let rest = |line: &str| {
        let fields: Vec<&str> = line.split_whitespace().skip(4).collect();
        // dig breaks long digests and keys into groups.
        format!("{} {}", fields[..3].join(" "), fields[3..].concat())
    };
    said.lines().filter(of_type).map(rest).collect()
}

#[test]
fn four_hundred_days_of_dns_have_no_gap() {
    if let Some(reason) = missing() {
        let required = std::env::var_os("MAILASSAY_REQUIRE_PEERS").is_some_and(|value| value == "1");
        assert!(!required, "{reason}; `.ci/peers` installs what is needed");
        eprintln!("skipped: {reason}");
        return;
    }
    let world = World::new();
    let mut service = Some(world.serve());
    let mut parent = data(&world.dig("@127.0.0.1", &[ORIGIN, "CDS"]), "CDS");
    assert_eq!(parent.len(), 1);
    let mut resolver = world.resolve(&parent);
    let (mut serial, mut zsks, mut ksks) = (world.serial(), BTreeSet::new(), BTreeSet::new());
    for step in 0..=DAYS / STEP_DAYS {
        let day = step * STEP_DAYS;
        // Right, a day fast, right, a day slow.
        let wrong_s = [0, DAY_S, 0, -DAY_S][usize::try_from(step % 4).unwrap()];
        world.set("resolver", day * DAY_S);
        world.set("service", (day * DAY_S + wrong_s).max(0));
        if step % 2 == 1 {
            // It is killed whatever it does at the moment.
            drop(service.take());
            service = Some(world.serve());
        }
        serial = world.until_later_than(serial, day);
        if KSK_ROLLS.contains(&day) {
            let said = world.operate(&["zone", "roll-ksk"]);
            assert!(said.contains("Change nothing at the parent yet"), "{said}");
        }
        world.secure(ORIGIN, "SOA", "NOERROR", day);
        world.secure(&format!("et.{ORIGIN}"), "MX", "NOERROR", day);
        world.secure(&format!("nowhere{day}.{ORIGIN}"), "A", "NXDOMAIN", day);
        let keys = data(&world.secure(ORIGIN, "DNSKEY", "NOERROR", day), "DNSKEY");
        zsks.extend(keys.iter().filter(|key| key.starts_with("256 ")).cloned());
        ksks.extend(keys.iter().filter(|key| key.starts_with("257 ")).cloned());
        world.verify_dane(day);
        // RFC 7344 §6: the parent takes what is signed by a key that it knows.
        let wanted = data(&world.secure(ORIGIN, "CDS", "NOERROR", day), "CDS");
        if wanted != parent {
            parent = wanted;
            drop(resolver);
            resolver = world.resolve(&parent);
            world.secure(ORIGIN, "SOA", "NOERROR", day);
            let said = world.operate(&["zone", "ds-seen", "--unchecked"]);
            assert!(said.contains("the old one is removed when no cache has its DS record"), "{said}");
        }
    }
    let said = world.operate(&["zone", "keys"]);
    assert!(said.lines().all(|line| line.chars().count() <= 80), "{said}");
    let of = |role: &str, stage: &str| {
        said.lines().filter(|line| line.contains(role) && line.contains(stage)).count()
    };
    assert_eq!((of("KSK", "active"), of("KSK", ""), of("ZSK", "active")), (1, 1, 1), "{said}");
    assert_eq!(ksks.len(), 1 + KSK_ROLLS.len(), "{said}");
    assert!(zsks.len() >= 4, "{} zone-signing keys in {DAYS} days", zsks.len());
    println!(
        "{DAYS} days in {:?}: {} zone-signing and {} key-signing keys, each step secure and verified",
        world.began.elapsed(),
        zsks.len(),
        ksks.len()
    );
}
