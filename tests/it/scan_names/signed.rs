//! A private world of real zones: signed by BIND's dnssec-signzone, some of them then broken, and served by NSD.

use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::{TcpListener, UdpSocket};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// What is done to a zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    /// Signed as it should be, with these arguments.
    Signed(&'static [&'static str]),
    /// No DS, no signatures.
    Plain,
    /// A DS, but no signatures.
    Stripped,
    /// The DS is another key's.
    WrongDs,
    /// The signature over one name's addresses is changed.
    WrongSignature,
    /// The signature over one name's addresses names a key that is not there.
    UnknownKey,
    /// The records that deny are gone.
    NoDenials,
    /// A further DS, of a key by ECDSA P-256 that is not there.
    StaleDs,
    /// The DS names an algorithm that nobody knows.
    UnknownAlgorithm,
}

const NSEC3: &[&str] = &["-3", "-", "-H", "0"];
const OPT_OUT: &[&str] = &["-3", "-", "-H", "0", "-A"];
const EXPIRED: &[&str] = &["-s", "20200101000000", "-e", "20200201000000"];
const FUTURE: &[&str] = &["-s", "20350101000000", "-e", "20350201000000"];
const KEYS_EXPIRED: &[&str] = &["-s", "20190101000000", "-e", "now+864000", "-X", "20200201000000"];

/// The zones below `test.`, the deepest first.
const ZONES: [(&str, Fate, &str, &str); 26] = [
    ("nsec.test", Fate::Signed(&[]), "13", COMMON),
    ("nsec3.test", Fate::Signed(NSEC3), "13", COMMON),
    ("rsa.test", Fate::Signed(&[]), "8", COMMON),
    ("optout.test", Fate::Signed(OPT_OUT), "13", "mail IN A 192.0.2.1\n"),
    ("plain.optout.test", Fate::Plain, "13", COMMON),
    (OTHER, Fate::Signed(&[]), "13", COMMON),
    ("plain.test", Fate::Plain, "13", COMMON),
    ("expired.test", Fate::Signed(EXPIRED), "13", COMMON),
    ("future.test", Fate::Signed(FUTURE), "13", COMMON),
    ("keys.test", Fate::Signed(KEYS_EXPIRED), "13", COMMON),
    ("stripped.test", Fate::Stripped, "13", COMMON),
    ("ds.test", Fate::WrongDs, "13", COMMON),
    ("signature.test", Fate::WrongSignature, "13", COMMON),
    ("key.test", Fate::UnknownKey, "13", COMMON),
    ("denial.test", Fate::NoDenials, "13", COMMON),
    ("sha512.test", Fate::Signed(&[]), "10", COMMON),
    ("p384.test", Fate::Signed(&[]), "14", COMMON),
    ("ed25519.test", Fate::Signed(NSEC3), "15", COMMON),
    ("deep.ed25519.test", Fate::Signed(&[]), "13", COMMON),
    ("plain.ed25519.test", Fate::Plain, "15", COMMON),
    ("late.test", Fate::Signed(EXPIRED), "15", COMMON),
    ("forged.test", Fate::WrongSignature, "14", COMMON),
    ("gap.test", Fate::NoDenials, "15", COMMON),
    ("ed448.test", Fate::Signed(&[]), "16", COMMON),
    ("stale.test", Fate::StaleDs, "15", COMMON),
    ("unknown.test", Fate::UnknownAlgorithm, "13", COMMON),
];

/// The one zone with a name server at an address of its own.
const OTHER: &str = "other.test";

const COMMON: &str = "@ IN MX 10 mail
mail IN A 192.0.2.1
mail IN AAAA 2001:db8::1
_25._tcp.mail IN TLSA 3 1 1 00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff
*.wild IN TXT \"any\"
*.star IN CNAME mail
alias IN CNAME mail
over IN CNAME mail.nsec3.test.
out IN CNAME mail.plain.test.
back IN CNAME out.nsec.test.
bad IN CNAME mail.expired.test.
lost IN CNAME nowhere.nsec3.test.
dn IN DNAME nsec3.test.
into IN CNAME mail.dn
dnout IN DNAME plain.test.
dnbad IN DNAME expired.test.
dnnew IN DNAME dn.ed25519.test.
dn448 IN DNAME ed448.test.
@ IN CAA 0 issue \"ca.example\"
";

/// The world.
pub(super) struct World {
    nsd: Child,
    pub(super) port: u16,
    /// DS of the root.
    pub(super) anchors: String,
    pub(super) folder: tempfile::TempDir,
}

impl World {
    /// Signs all zones and serves them on 127.0.0.1, 127.0.0.2 and ::1.
    pub(super) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path();
        let (mut delegations, mut deeper) = (String::new(), Vec::<(&str, String)>::new());
        // A zone comes before the one above it, which takes its DS.
        for (apex, fate, algorithm, records) in ZONES.iter().rev() {
            let below = deeper.iter().filter(|(parent, _)| parent == apex).map(|(_, text)| text.as_str());
            let ds = make(at, apex, *fate, algorithm, &format!("{records}{}", below.collect::<String>()));
            let delegation = format!("{apex}. IN NS {}\n{ds}", name_server(apex));
            match apex.split_once('.') {
                Some((_, "test")) | None => delegations.push_str(&delegation),
                Some((_, parent)) => deeper.push((parent, delegation)),
            }
        }
        let test =
            format!("ns IN A 127.0.0.1\nns IN AAAA ::1\nns2 IN A 127.0.0.2\nfar IN NS ns2\n{delegations}");
        let ds = make(at, "test", Fate::Signed(&[]), "13", &test);
        let root = format!("test. IN NS ns.test.\nns.test. IN A 127.0.0.1\nns.test. IN AAAA ::1\n{ds}");
        let anchors = make(at, ".", Fate::Signed(&[]), "13", &root);
        let (nsd, port) = serve(at);
        Self { nsd, port, anchors, folder }
    }
}

impl Drop for World {
    fn drop(&mut self) {
        // NSD has children of its own, which it ends only if it is asked to end.
        let pid = rustix::process::Pid::from_child(&self.nsd);
        let _ = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
        let _ = self.nsd.wait();
    }
}

fn name_server(apex: &str) -> &'static str {
    if apex == OTHER { "ns2.test." } else { "ns.test." }
}

fn file(apex: &str) -> String {
    format!("{}.zone", if apex == "." { "root" } else { apex })
}

/// Writes a zone, signed or not, and gives the DS records that its parent shall have.
fn make(folder: &Path, apex: &str, fate: Fate, algorithm: &str, records: &str) -> String {
    let dot = if apex == "." { String::new() } else { format!("{apex}.") };
    let origin = if dot.is_empty() { "." } else { dot.as_str() };
    let text = format!(
        "$ORIGIN {origin}\n$TTL 3600\n@ IN SOA ns.test. hostmaster.test. 1 3600 900 432000 60\n@ IN NS {}\n{records}",
        name_server(apex)
    );
    fs::write(folder.join(file(apex)), &text).unwrap();
    if fate == Fate::Plain {
        return String::new();
    }
    let mut keys = Vec::new();
    for flags in [&[][..], &["-f", "KSK"]] {
        let bits: &[&str] = if matches!(algorithm, "8" | "10") { &["-b", "2048"] } else { &[] };
        let arguments = [&["-q", "-a", algorithm], bits, flags, &[origin]].concat();
        keys.push(run(folder, "dnssec-keygen", &arguments).trim().to_owned());
    }
    let with_keys: String =
        keys.iter().map(|key| fs::read_to_string(folder.join(format!("{key}.key"))).unwrap()).collect();
    let unsigned = folder.join("unsigned");
    fs::write(&unsigned, format!("{text}{with_keys}")).unwrap();
    let signed = file(apex);
    let arguments = match fate {
        Fate::Signed(arguments) => arguments,
        _ => &[],
    };
    let common = ["-P", "-x", "-O", "full", "-o", origin, "-f", &signed];
    let mut all = [arguments, &common, &["unsigned"]].concat();
    all.extend(keys.iter().map(String::as_str));
    run(folder, "dnssec-signzone", &all);
    let ds = fs::read_to_string(folder.join(format!("dsset-{origin}"))).unwrap();
    let path = folder.join(&signed);
    let whole = fs::read_to_string(&path).unwrap();
    match fate {
        Fate::Signed(_) | Fate::Plain => ds,
        Fate::StaleDs => format!("{ds}{origin} IN DS 4711 13 2 {}\n", "7".repeat(64)),
        Fate::UnknownAlgorithm => format!("{origin} IN DS 4711 250 2 {}\n", "7".repeat(64)),
        Fate::Stripped => {
            fs::write(&path, text).unwrap();
            ds
        }
        Fate::WrongDs => {
            let end = ds.trim_end().len() - 1;
            let digit = if ds[end..].starts_with('0') { "1" } else { "0" };
            format!("{}{digit}\n", &ds[..end])
        }
        Fate::WrongSignature => {
            fs::write(&path, changed(&whole, |fields| flip(fields.last_mut().unwrap()))).unwrap();
            ds
        }
        Fate::UnknownKey => {
            let other =
                |fields: &mut Vec<String>| fields[10] = (fields[10].parse::<u16>().unwrap() ^ 1).to_string();
            fs::write(&path, changed(&whole, other)).unwrap();
            ds
        }
        Fate::NoDenials => {
            let kept = |line: &&str| {
                let fields: Vec<&str> = line.split_whitespace().collect();
                fields.get(3) != Some(&"NSEC") && fields.get(3..5) != Some(&["RRSIG", "NSEC"])
            };
            let lines: Vec<&str> = whole.lines().filter(kept).collect();
            fs::write(&path, lines.join("\n") + "\n").unwrap();
            ds
        }
    }
}

/// The zone with the signature over the addresses of `mail` changed. The fields of an RRSIG: owner, TTL, class,
/// type, covered, algorithm, labels, original TTL, expiration, inception, key tag, signer, signature.
fn changed(zone: &str, change: impl Fn(&mut Vec<String>)) -> String {
    let lines = zone.lines().map(|line| {
        let mut fields: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        let is_it = fields.first().is_some_and(|owner| owner.starts_with("mail."))
            && fields.get(3).is_some_and(|rtype| rtype == "RRSIG")
            && fields.get(4).is_some_and(|covered| covered == "A");
        if is_it {
            change(&mut fields);
        }
        fields.join(" ") + "\n"
    });
    lines.collect()
}

/// Another signature of the same length: the last characters may be padding.
fn flip(signature: &mut String) {
    let first = if signature.starts_with('A') { "B" } else { "A" };
    signature.replace_range(..1, first);
}

fn run(folder: &Path, program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).current_dir(folder).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{program} {arguments:?}: {said}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn serve(folder: &Path) -> (Child, u16) {
    // A port that is free on both addresses and for both protocols.
    let free = |port: u16| {
        ["127.0.0.1", "127.0.0.2", "[::1]"].iter().all(|ip| {
            UdpSocket::bind(format!("{ip}:{port}")).is_ok()
                && TcpListener::bind(format!("{ip}:{port}")).is_ok()
        })
    };
    let any = || UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let port = std::iter::repeat_with(any).take(100).find(|port| free(*port)).unwrap();
    let place = folder.display();
    let mut config = format!(
        "server:
  ip-address: 127.0.0.1@{port}
  ip-address: 127.0.0.2@{port}
  ip-address: ::1@{port}
  username: \"\"
  chroot: \"\"
  database: \"\"
  zonesdir: \"{place}\"
  pidfile: \"{place}/nsd.pid\"
  xfrdfile: \"{place}/xfrd.state\"
  zonelistfile: \"{place}/zone.list\"
  xfrdir: \"{place}\"
  server-count: 1
  verbosity: 1
  rrl-ratelimit: 0
remote-control:
  control-enable: no
"
    );
    let apexes = ZONES.iter().map(|(apex, ..)| *apex).chain(["test", "."]);
    for apex in apexes {
        write!(config, "zone:\n  name: \"{apex}\"\n  zonefile: \"{}\"\n", file(apex)).unwrap();
    }
    fs::write(folder.join("nsd.conf"), config).unwrap();
    let mut nsd = Command::new("nsd")
        .args(["-d", "-c"])
        .arg(folder.join("nsd.conf"))
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = String::new();
    let mut log = BufReader::new(nsd.stderr.take().unwrap());
    while !said.contains("nsd started") {
        let before = said.len();
        log.read_line(&mut said).unwrap();
        assert!(said.len() > before, "nsd did not start: {said}");
    }
    std::thread::spawn(move || std::io::copy(&mut log, &mut std::io::sink()));
    (nsd, port)
}
