//! NSD, Knot and BIND take our zones over, signed by TSIG, follow each change on a notice, and read the catalog.

use std::io::Read as _;
use std::net::Ipv4Addr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use mailassay::sending::authority::{Secondary, ServerSettings, TsigAlgorithm, TsigKey};
use mailassay::shared::time::Timestamp;

use super::peers::peer;
use super::transfers::domain;
use super::world::{World, content};

/// The secret of the key `transfer.`, as `tsig-keygen` would print it.
const SECRET: &str = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
const SECRET_OCTETS: &[u8] = b"0123456789abcdef0123456789abcdef";
/// The zones that go over. Both are signed.
const ZONES: [&str; 2] = ["service.test", "sender.test"];
/// How long a secondary may take to start, or to follow a change, in seconds.
const WAIT_S: u64 = 40;

/// A key, and secondaries that are told at these ports.
fn with_key(ports: &[u16]) -> ServerSettings {
    let key = TsigKey {
        name: domain("transfer"),
        algorithm: TsigAlgorithm::HmacSha256,
        secret_file: "transfer.tsig".into(),
        secret: SECRET_OCTETS.to_vec(),
    };
    let secondary = Secondary {
        key: Some(domain("transfer")),
        notify: ports.iter().map(|port| (Ipv4Addr::LOCALHOST, *port).into()).collect(),
        zones: ZONES.map(domain).to_vec(),
        ..Secondary::default()
    };
    ServerSettings {
        secondary: vec![secondary],
        tsig: vec![key],
        catalog: Some(domain("catalog.invalid")),
        ..ServerSettings::default()
    }
}

/// A world whose zone `sender.test` needs several messages.
async fn world(settings: ServerSettings) -> World {
    let world = World::with(settings).await;
    world.authority.replace(long(0), Timestamp::now()).unwrap();
    world
}

/// The content, with a record of its own for each round.
fn long(round: u32) -> mailassay::sending::authority::Content {
    let mut long = content();
    let sender = long.others.iter_mut().find(|zone| zone.apex == "sender.test.").unwrap();
    for n in 0..600 {
        sender.text += &format!("n{n} IN TXT \"number {n}\"\n");
    }
    sender.text += &format!("round IN TXT \"round {round}\"\n");
    long
}

fn run(program: &str, port: u16, arguments: &[&str]) -> String {
    let port = port.to_string();
    let output = Command::new(program).args(["@127.0.0.1", "-p", &port]).args(arguments).output().unwrap();
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_zone_goes_out_in_many_signed_messages() {
    if !peer("dig") {
        return;
    }
    let world = world(with_key(&[])).await;
    let port = world.address.port();
    let key = |secret: &str| format!("hmac-sha256:transfer:{secret}");
    let ask = move |key: Option<String>| {
        let mut arguments = vec!["axfr", "sender.test", "+time=5", "+tries=1"];
        if let Some(key) = &key {
            arguments.extend(["-y", key]);
        }
        run("dig", port, &arguments)
    };
    let [good, bad, none, unknown] = tokio::task::spawn_blocking(move || {
        let wrong = "YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXphYmNkZWY=";
        let unknown = format!("hmac-sha256:other:{SECRET}");
        [ask(Some(key(SECRET))), ask(Some(key(wrong))), ask(None), ask(Some(unknown))]
    })
    .await
    .unwrap();
    let messages = good.lines().find_map(|line| line.strip_prefix(";; XFR size: ")).expect("a transfer");
    let count: u32 = messages.split("messages ").nth(1).unwrap().split(',').next().unwrap().parse().unwrap();
    assert!(count > 2, "{messages}");
    assert!(!good.contains("verify failure") && good.contains("n599.sender.test."), "{messages}");
    assert!(bad.contains("BADSIG") || bad.contains("tsig verify failure"), "{bad}");
    assert!(none.contains("Transfer failed"), "{none}");
    assert!(unknown.contains("BADKEY") || unknown.contains("tsig indicates error"), "{unknown}");
    assert_eq!(world.server.counters().transfers(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_know_our_cookies() {
    if !peer("dig") || !peer("kdig") {
        return;
    }
    let world = World::with_cookies(ServerSettings::default()).await;
    let port = world.address.port();
    let asked = move || {
        let dig = run("dig", port, &["+cookie", "plain.test", "SOA"]);
        let kdig = run("kdig", port, &["+cookie", "plain.test", "SOA"]);
        let extended = run("dig", port, &["nowhere.example", "A"]);
        [dig, kdig, extended]
    };
    let [dig, kdig, extended] = tokio::task::spawn_blocking(asked).await.unwrap();
    assert!(dig.contains("(good)"), "{dig}");
    assert!(kdig.contains("COOKIE") && kdig.contains("NOERROR"), "{kdig}");
    assert!(
        extended.contains("EDE: 20 (Not Authoritative)") && extended.contains("delegation"),
        "{extended}"
    );
}

/// A server of somebody else's, and what it has said.
struct Server {
    name: &'static str,
    child: Child,
    port: u16,
    said: Arc<Mutex<String>>,
}

impl Server {
    fn start(name: &'static str, port: u16, mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let said: Arc<Mutex<String>> = Arc::default();
        let (mut log, kept) = (child.stderr.take().unwrap(), Arc::clone(&said));
        std::thread::spawn(move || {
            let mut octets = [0; 4_096];
            while let Ok(length @ 1..) = log.read(&mut octets) {
                kept.lock().unwrap().push_str(&String::from_utf8_lossy(&octets[..length]));
            }
        });
        Self { name, child, port, said }
    }

    /// The serial of a zone as the server has it.
    fn serial(&self, zone: &str) -> Option<u32> {
        let said = run("dig", self.port, &["+short", "+norecurse", "+time=1", "+tries=1", zone, "SOA"]);
        said.split_whitespace().nth(2)?.parse().ok()
    }

    /// Waits until it has a zone with this serial.
    fn follows(&self, zone: &str, serial: u32) {
        let begin = Instant::now();
        while self.serial(zone) != Some(serial) {
            assert!(
                begin.elapsed() < Duration::from_secs(WAIT_S),
                "{} has {:?} of {zone}, not {serial}: {}",
                self.name,
                self.serial(zone),
                self.said.lock().unwrap()
            );
            std::thread::sleep(Duration::from_millis(100));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn free_port() -> u16 {
    let udp = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let port = udp.local_addr().unwrap().port();
    // TCP is wanted at the same one.
    std::net::TcpListener::bind(("127.0.0.1", port)).map(|_| port).unwrap_or_else(|_| free_port())
}

fn knot(folder: &Path, port: u16, primary: u16) -> Server {
    let place = folder.display();
    let config = format!(
        "server:
    rundir: {place}
    listen: 127.0.0.1@{port}
database:
    storage: {place}
control:
    listen: {place}/control
log:
  - target: stderr
    any: info
key:
  - id: transfer
    algorithm: hmac-sha256
    secret: {SECRET}
remote:
  - id: primary
    address: 127.0.0.1@{primary}
    key: transfer
acl:
  - id: notices
    address: 127.0.0.1
    key: transfer
    action: notify
template:
  - id: default
    storage: {place}
  - id: member
    storage: {place}
    master: primary
    acl: notices
    dnssec-validation: on
zone:
  - domain: catalog.invalid
    master: primary
    acl: notices
    catalog-role: interpret
    catalog-template: member
"
    );
    let path = folder.join("knot.conf");
    std::fs::write(&path, config).unwrap();
    let mut command = Command::new("knotd");
    command.arg("-c").arg(path);
    Server::start("Knot", port, command)
}

fn bind(folder: &Path, port: u16, primary: u16) -> Server {
    let place = folder.display();
    let config = format!(
        "key \"transfer\" {{ algorithm hmac-sha256; secret \"{SECRET}\"; }};
controls {{ }};
options {{
    directory \"{place}\"; pid-file none; session-keyfile none; recursion no; notify no; dnssec-validation no;
    listen-on port {port} {{ 127.0.0.1; }}; listen-on-v6 {{ none; }}; allow-new-zones yes;
    catalog-zones {{
        zone \"catalog.invalid\" default-primaries {{ 127.0.0.1 port {primary} key \"transfer\"; }}
            in-memory yes min-update-interval 1;
    }};
}};
zone \"catalog.invalid\" {{ type secondary; primaries {{ 127.0.0.1 port {primary} key \"transfer\"; }}; }};
"
    );
    let path = folder.join("named.conf");
    std::fs::write(&path, config).unwrap();
    let mut command = Command::new("named");
    command.arg("-g").arg("-c").arg(path);
    Server::start("BIND", port, command)
}

/// Debian's NSD does not read catalogs yet: its zones are named.
fn nsd(folder: &Path, port: u16, primary: u16) -> Server {
    let place = folder.display();
    let zones = ZONES.map(|zone| {
        format!(
            "zone:
    name: \"{zone}\"
    zonefile: \"{place}/{zone}.zone\"
    request-xfr: 127.0.0.1@{primary} transfer
    allow-notify: 127.0.0.1 transfer
"
        )
    });
    let config = format!(
        "server:
    ip-address: 127.0.0.1
    port: {port}
    server-count: 1
    username: \"\"
    chroot: \"\"
    zonesdir: \"{place}\"
    database: \"\"
    xfrdfile: \"{place}/xfrd.state\"
    xfrdir: \"{place}\"
    zonelistfile: \"{place}/zone.list\"
    pidfile: \"{place}/nsd.pid\"
    verbosity: 2
remote-control:
    control-enable: no
key:
    name: \"transfer\"
    algorithm: hmac-sha256
    secret: \"{SECRET}\"
{}",
        zones.concat()
    );
    let path = folder.join("nsd.conf");
    std::fs::write(&path, config).unwrap();
    let mut command = Command::new("nsd");
    command.arg("-d").arg("-c").arg(path);
    Server::start("NSD", port, command)
}

#[tokio::test(flavor = "multi_thread")]
async fn other_servers_take_over_what_we_serve_and_follow_changes() {
    if !["dig", "nsd", "knotd", "named"].into_iter().all(peer) {
        return;
    }
    let ports = [(); 3].map(|()| free_port());
    let world = world(with_key(&ports)).await;
    let primary = world.address.port();
    let authority = Arc::clone(&world.authority);
    let wait = move || {
        let folders = [(); 3].map(|()| tempfile::tempdir().unwrap());
        let [knot_folder, bind_folder, nsd_folder] = folders.each_ref().map(tempfile::TempDir::path);
        let servers = [
            knot(knot_folder, ports[0], primary),
            bind(bind_folder, ports[1], primary),
            nsd(nsd_folder, ports[2], primary),
        ];
        let ours = |zone: &str| -> u32 {
            let said = run("dig", primary, &["+short", "+norecurse", zone, "SOA"]);
            said.split_whitespace().nth(2).and_then(|serial| serial.parse().ok()).expect("our SOA")
        };
        let all_follow = || {
            for (server, zone) in servers.iter().flat_map(|server| ZONES.map(|zone| (server, zone))) {
                server.follows(zone, ours(zone));
            }
        };
        all_follow();
        // Their own refresh would come after an hour: what they know sooner they know by our notice.
        for round in 1..=2 {
            let now = Timestamp::from_second(i64::from(ours("sender.test")) + 1).unwrap();
            authority.replace(long(round), now).unwrap();
            all_follow();
        }
        for (name, rtype) in
            [("round.sender.test", "TXT"), ("et.service.test", "MX"), ("sender.test", "NSEC")]
        {
            let asked = ["+short", "+norecurse", "+dnssec", name, rtype];
            let sorted = |port| {
                let said = run("dig", port, &asked);
                let mut lines: Vec<_> = said.lines().map(str::to_owned).collect();
                lines.sort();
                lines
            };
            let ours = sorted(primary);
            assert!(ours.len() > 1, "{ours:?}");
            for server in &servers {
                assert_eq!(sorted(server.port), ours, "{}", server.name);
            }
        }
        // The records of one round are fewer than the zone: nobody took all of it again.
        let said = servers[0].said.lock().unwrap().clone();
        let increments =
            said.lines().filter(|line| line.contains("sender.test.") && line.contains("IXFR")).count();
        assert!(increments > 0, "Knot took no increment: {said}");
        assert!(!said.contains("fallback to AXFR") && !said.contains("DNSSEC, validation failed"), "{said}");
        drop(servers);
    };
    tokio::task::spawn_blocking(wait).await.unwrap();
    assert!(world.server.counters().transfers() >= 6);
}
