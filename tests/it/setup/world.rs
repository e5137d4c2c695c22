//! A world above the service: a signed root and `example`, by NSD, a resolver, by unbound. What a parent has and lacks,
//! and what the doctor says of it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::super::interop::rig;
use rig::run::say;
use rig::world::World;

/// How long a program of the world may take to answer.
const START: Duration = Duration::from_secs(60);

/// What is another here than on the Internet.
const LAB: &str = "
[resolver]
root_hints = [\"192.0.2.53:53\"]
trust_anchors_file = \"../anchors\"
cache_ttl_max_s = 0

[dial]
allowed = [\"192.0.2.0/24\", \"198.51.100.0/24\"]

[self_check]
sender_roots = \"certs/ca-root.pem\"
";

/// Ends with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn background(command: &mut Command, log: &Path) -> Running {
    let log = fs::OpenOptions::new().create(true).append(true).open(log).unwrap();
    command.stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log);
    Running(command.spawn().unwrap())
}

fn well(command: &mut Command) -> String {
    let output = command.output().unwrap();
    let said = [output.stdout, output.stderr].map(|octets| String::from_utf8_lossy(&octets).into_owned());
    assert!(output.status.success(), "{command:?}: {}{}", said[0], said[1]);
    said[0].clone()
}

/// Whether the world can be made here; says so where it cannot.
fn can_be_made() -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let has = |program: &&str| std::env::split_paths(&path).any(|folder| folder.join(program).is_file());
    let programs = ["ip", "unshare", "nsd", "unbound", "dnssec-signzone", "dnssec-keygen", "dig"];
    let missing = programs.iter().find(|program| !has(program));
    let is_root = well(Command::new("id").arg("-u")).trim() == "0";
    let why = match missing {
        Some(program) => format!("`{program}` is not installed"),
        None if !is_root => "network namespaces want root".to_owned(),
        None => return true,
    };
    let required = std::env::var("MAILASSAY_REQUIRE_PEERS").is_ok_and(|value| value == "1");
    assert!(!required, "the doctor's world: {why}; `.ci/peers` installs what is needed");
    say(&format!("the doctor's world: skipped, because {why}"));
    false
}

struct Host<'world> {
    world: &'world World,
    place: PathBuf,
    nsd: Running,
    _resolver: Running,
}

impl<'world> Host<'world> {
    fn start(world: &'world World) -> Self {
        let place = world.folder().to_owned();
        for folder in ["zones", "host"] {
            fs::create_dir_all(place.join(folder)).unwrap();
        }
        zones(&place.join("zones"), "");
        fs::copy(place.join("zones/dsset-."), place.join("anchors")).unwrap();
        let folder = place.display();
        fs::write(
            place.join("unbound.conf"),
            format!(
                "server:\n interface: 192.0.2.54\n access-control: 0.0.0.0/0 allow\n username: \"\"\n chroot: \"\"\n \
                 directory: \"{folder}\"\n pidfile: \"\"\n use-syslog: no\n do-ip6: no\n module-config: \"validator \
                 iterator\"\n root-hints: \"{folder}/hints\"\n trust-anchor-file: \"{folder}/anchors\"\n \
                 cache-max-ttl: 1\n cache-max-negative-ttl: 1\n infra-host-ttl: 1\n local-zone: \
                 \"2.0.192.in-addr.arpa.\" nodefault\nremote-control:\n control-enable: no\n"
            ),
        )
        .unwrap();
        fs::write(place.join("hints"), ". 3600 NS ns.lab.\nns.lab. 3600 A 192.0.2.53\n").unwrap();
        fs::write(place.join("resolv.conf"), "nameserver 192.0.2.54\n").unwrap();
        let nsd =
            world.at_receiver("nsd").arg("-d").arg("-c").arg(place.join("zones/nsd.conf")).spawn_to(&place);
        let resolver =
            world.at_receiver("unbound").arg("-d").arg("-c").arg(place.join("unbound.conf")).spawn_to(&place);
        let host = Self { world, place, nsd, _resolver: resolver };
        host.wait_for("@192.0.2.53", "example. SOA");
        host.wait_for("@192.0.2.54", "ns.lab. A");
        host
    }

    /// A command of the operator's, on a host whose resolver is the world's.
    fn operator(&self, arguments: &[&str]) -> Command {
        let mut command = self.world.at_receiver("unshare");
        command.args(["--mount", "--propagation", "private", "sh", "-c"]);
        command
            .arg("mount --bind \"$0\" /etc/resolv.conf && exec \"$@\"")
            .arg(self.place.join("resolv.conf"));
        command.arg(env!("CARGO_BIN_EXE_mailassay")).args(arguments);
        command.env("MAILASSAY_CONFIG", self.place.join("host/config.toml")).env_remove("RUST_LOG");
        command
    }

    /// What the operator reads, and the exit code. Broken lines are put together again.
    fn says(&self, arguments: &[&str]) -> (i32, String) {
        let output = self.operator(arguments).output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout).replace("\n  ", " ");
        (output.status.code().unwrap(), text + &String::from_utf8_lossy(&output.stderr))
    }

    /// Tells the parent.
    fn delegate(&self, lines: &str) {
        let zones_folder = self.place.join("zones");
        zones(&zones_folder, lines);
        well(Command::new("kill").args(["-HUP", &self.nsd.0.id().to_string()]));
        let serial = fs::read_to_string(zones_folder.join("serial")).unwrap();
        let began = Instant::now();
        while !self.dig("@192.0.2.53", "example. SOA").contains(&format!(" {serial} ")) {
            assert!(began.elapsed() < START, "NSD reads its zones again");
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    fn dig(&self, server: &str, question: &str) -> String {
        let mut dig = self.world.at_receiver("dig");
        dig.args(["+short", "+time=1", "+tries=1", server]).args(question.split(' '));
        String::from_utf8_lossy(&dig.output().unwrap().stdout).into_owned()
    }

    fn wait_for(&self, server: &str, question: &str) {
        let began = Instant::now();
        while self.dig(server, question).trim().is_empty() || self.dig(server, question).contains(";;") {
            let log = fs::read_to_string(self.place.join("log")).unwrap_or_default();
            assert!(began.elapsed() < START, "{server} {question}: {log}");
            std::thread::sleep(Duration::from_millis(100));
        }
    }
}

/// A command that runs beside the test.
trait SpawnTo {
    fn spawn_to(&mut self, place: &Path) -> Running;
}

impl SpawnTo for Command {
    fn spawn_to(&mut self, place: &Path) -> Running {
        background(self, &place.join("log"))
    }
}

/// Writes and signs the root and `example` with `delegation` in it.
fn zones(folder: &Path, delegation: &str) {
    let serial = fs::read_to_string(folder.join("serial")).map_or(1, |text| text.parse::<u32>().unwrap() + 1);
    fs::write(folder.join("serial"), serial.to_string()).unwrap();
    let head = |zone: &str| {
        format!("$TTL 1\n{zone} SOA ns.lab. x.lab. {serial} 3600 600 86400 1\n{zone} NS ns.lab.\n")
    };
    fs::write(folder.join("example.zone"), head("example.") + delegation).unwrap();
    let run = |name: &str, zone: &str| {
        if !folder.join(format!("{name}.keyed")).exists() {
            let mut keygen = Command::new("dnssec-keygen");
            well(keygen.args(["-q", "-a", "ECDSAP256SHA256", "-f", "KSK", zone]).current_dir(folder));
            fs::write(folder.join(format!("{name}.keyed")), "").unwrap();
        }
        let mut sign = Command::new("dnssec-signzone");
        sign.args(["-q", "-S", "-z", "-o", zone, "-f", &format!("{name}.signed"), &format!("{name}.zone")]);
        well(sign.current_dir(folder));
    };
    run("example", "example.");
    let ds = fs::read_to_string(folder.join("dsset-example.")).unwrap();
    let more = "ns.lab. A 192.0.2.53\nexample. NS ns.lab.\n25.2.0.192.in-addr.arpa. PTR mx.test.example.\n";
    fs::write(folder.join("root.zone"), head(".") + more + &ds).unwrap();
    run("root", ".");
    let place = folder.display();
    let zone =
        |name: &str, file: &str| format!("zone:\n name: \"{name}\"\n zonefile: \"{place}/{file}.signed\"\n");
    fs::write(
        folder.join("nsd.conf"),
        format!(
            "server:\n username: \"\"\n chroot: \"\"\n zonesdir: \"{place}\"\n database: \"\"\n pidfile: \
             \"{place}/nsd.pid\"\n xfrdfile: \"{place}/xfrd.state\"\n zonelistfile: \"{place}/zone.list\"\n \
             rrl-ratelimit: 0\n ip-address: 192.0.2.53\nremote-control:\n control-enable: no\n{}{}",
            zone(".", "root"),
            zone("example", "example")
        ),
    )
    .unwrap();
}

#[test]
fn the_doctor_sees_what_the_parent_has_and_lacks() {
    if !can_be_made() {
        return;
    }
    rig::world::sweep();
    let world = World::new("doctor");
    let host = Host::start(&world);
    let setup = ["setup", "--yes", "--no-unit", "--origin", "test.example", "--address", "192.0.2.25"];
    let (code, said) =
        host.says(&[&setup[..], &["--certificates", "private-ca", "--proxy", "--offline"]].concat());
    assert_eq!(code, 0, "{said}");
    let config = host.place.join("host/config.toml");
    let text = fs::read_to_string(&config).unwrap();
    fs::write(&config, text + LAB).unwrap();

    // The parent knows nothing yet, and the service does not run.
    let (code, said) = host.says(&["doctor"]);
    assert_eq!(code, 1, "{said}");
    for line in [
        "✘ service: it does not run",
        "✘ delegation of test.example: example delegates it to nobody yet",
        "✘ DS: example has none of test.example",
        "! from outside: the resolver 192.0.2.54",
        // Nobody vouches for the name yet.
        "– EHLO name: PTR of 192.0.2.25 is mx.test.example; whether that has the address could not be looked up",
    ] {
        assert!(said.contains(line), "{line}: {said}");
    }
    let (code, said) = host.says(&["setup", "--no-unit"]);
    assert!(code == 0 && said.contains("AT THE REGISTRAR of test.example"), "{said}");
    assert!(
        !said.contains("PTR of 192.0.2.25 should be") && said.contains("port 25 outwards should be"),
        "{said}"
    );

    let (_, parent) = host.says(&["zone", "parent"]);
    host.delegate(&parent);
    let _serving = background(&mut host.operator(&["serve"]), &host.place.join("service.log"));
    host.wait_for("@192.0.2.25", "test.example. SOA");
    // It remembers for a second that nothing was delegated.
    host.wait_for("@192.0.2.54", "et.test.example. MX");
    let (_, said) = host.says(&["doctor"]);
    for line in [
        "✔ service: it runs with this configuration",
        "✔ DNS and DNSSEC",
        "✔ delegation: example leads to ns1.test.example, at the right addresses",
        "✔ DS: example vouches for the key ",
        "✔ name server ns1.test.example (192.0.2.25): it answers over UDP and TCP",
        "✔ from outside: the resolver 192.0.2.54 finds the tests, with signatures that validate",
        "! certificates: they are of a private CA",
        "✔ EHLO name: PTR of 192.0.2.25 is mx.test.example, which has that address",
    ] {
        assert!(said.contains(line), "{line}: {said}");
    }
    let (code, said) = host.says(&["setup", "--no-unit"]);
    assert!(code == 0 && !said.contains("AT THE REGISTRAR") && said.contains("It runs."), "{said}");

    // Another address and another key at the parent.
    let wrong = parent.replace("192.0.2.25", "192.0.2.80");
    let wrong: Vec<&str> = wrong.lines().filter(|line| !line.contains(" DS ")).collect();
    host.delegate(&format!("{}\ntest.example. 1 IN DS 7 13 2 {}\n", wrong.join("\n"), "AB".repeat(32)));
    let (code, said) = host.says(&["doctor"]);
    assert_eq!(code, 1, "{said}");
    for line in [
        "✘ delegation of test.example: example has 192.0.2.80 for ns1.test.example, not 192.0.2.25",
        "✘ DS: example names the key 7, and ours is ",
    ] {
        assert!(said.contains(line), "{line}: {said}");
    }
}
