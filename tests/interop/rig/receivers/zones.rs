//! The private DNS world: a signed root, `example`, and a zone for every row, signed by BIND's tools and served by NSD.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::row::{Row, Signed, Tlsa};

/// The name servers, both families.
pub(crate) const SERVERS: [&str; 4] =
    ["198.18.0.53", "2001:db8:0:53::53", "198.18.0.54", "2001:db8:0:53::54"];
/// The policy hosts.
pub(crate) const POLICY_HOST: &str = "198.18.0.80";

/// Zone files and keys in a folder.
pub(crate) struct Zones {
    folder: PathBuf,
    /// Name and file of every zone that is served.
    served: Vec<(String, PathBuf)>,
}

/// The TLSA data of a row's certificates.
pub(crate) type Digests = Vec<String>;

impl Zones {
    /// Writes and signs all zones; `rows` with the digests of their certificates.
    pub(crate) fn make(folder: &Path, rows: &[(Row, Digests)]) -> Self {
        fs::create_dir_all(folder).expect("a folder for the zones");
        let mut zones = Self { folder: folder.to_owned(), served: Vec::new() };
        let mut delegations = String::new();
        let mut reverse = String::new();
        for (row, digests) in rows {
            let domain = row.domain();
            let ds = zones.add(&domain, &zone(row, digests), row.is.zone, row);
            writeln!(delegations, "{domain}. NS ns1.nic.example.\n{domain}. NS ns2.nic.example.\n{ds}")
                .expect("text");
            let [_, _, c, d] = row.ip4().octets();
            writeln!(reverse, "{d}.{c}.18.198.in-addr.arpa. PTR {}.", row.host()).expect("text");
            let nibbles: Vec<char> = row
                .ip6()
                .octets()
                .iter()
                .flat_map(|octet| format!("{octet:02x}").chars().collect::<Vec<_>>())
                .collect();
            let nibbles: Vec<String> = nibbles.iter().rev().map(char::to_string).collect();
            writeln!(reverse, "{}.ip6.arpa. PTR {}.", nibbles.join("."), row.host()).expect("text");
        }
        let [four, six, other_four, other_six] = SERVERS;
        let names = format!(
            "ns1.nic.example. A {four}\nns1.nic.example. AAAA {six}\nns2.nic.example. A {other_four}\nns2.nic.example. AAAA {other_six}\n"
        );
        let example =
            format!("example. NS ns1.nic.example.\nexample. NS ns2.nic.example.\n{names}{delegations}");
        let any = &rows[0].0;
        let ds = zones.add("example", &example, Signed::Secure, any);
        let root = format!(
            ". NS ns1.nic.example.\n. NS ns2.nic.example.\nexample. NS ns1.nic.example.\nexample. NS ns2.nic.example.\n{names}{ds}{reverse}"
        );
        let anchor = zones.add(".", &root, Signed::Secure, any);
        fs::write(zones.folder.join("anchors"), anchor).expect("the anchors");
        zones
    }

    /// Where the root's DS lies.
    pub(crate) fn anchors(&self) -> PathBuf {
        self.folder.join("anchors")
    }

    /// Writes a zone, signs it as it should be signed, and says the DS for its parent.
    fn add(&mut self, name: &str, records: &str, signed: Signed, row: &Row) -> String {
        let label = if name == "." { "root" } else { name };
        let file = self.folder.join(format!("{label}.zone"));
        let apex = if name == "." { ".".to_owned() } else { format!("{name}.") };
        let text = format!(
            "$TTL 300\n{apex} SOA ns1.nic.example. hostmaster.example. 1 3600 600 86400 60\n{records}"
        );
        fs::write(&file, text).expect("a zone");
        if signed == Signed::Insecure {
            self.served.push((name.to_owned(), file));
            return String::new();
        }
        let folder = self.folder.to_str().expect("a path in ASCII");
        run(Command::new("dnssec-keygen").args([
            "-q",
            "-K",
            folder,
            "-a",
            "ECDSAP256SHA256",
            "-f",
            "KSK",
            name,
        ]));
        let output = self.folder.join(format!("{label}.signed"));
        let mut sign = Command::new("dnssec-signzone");
        sign.current_dir(&self.folder)
            .args(["-q", "-S", "-z", "-K", folder, "-d", folder, "-o", name, "-f"])
            .arg(&output);
        match signed {
            // `-P`: what it made is wrong on purpose, and not to be verified.
            Signed::Expired => sign.args(["-P", "-s", "now-2592000", "-e", "now-86400"]),
            _ => sign.args(["-s", "now-3600", "-e", "now+1209600"]),
        };
        run(sign.arg(&file));
        if signed == Signed::Bogus {
            let text = fs::read_to_string(&output).expect("a signed zone");
            let forged = text.replace(&row.ip4().to_string(), "198.18.0.66");
            assert_ne!(text, forged, "{name}: there is no address to forge");
            fs::write(&output, forged).expect("a forged zone");
        }
        self.served.push((name.to_owned(), output));
        fs::read_to_string(self.folder.join(format!("dsset-{apex}"))).expect("the DS records")
    }

    /// Writes NSD's configuration.
    pub(crate) fn nsd_conf(&self) -> PathBuf {
        let folder = self.folder.display();
        let mut text = format!(
            "server:\n  username: \"\"\n  chroot: \"\"\n  zonesdir: \"{folder}\"\n  database: \"\"\n  pidfile: \"{folder}/nsd.pid\"\n  \
             xfrdfile: \"{folder}/xfrd.state\"\n  zonelistfile: \"{folder}/zone.list\"\n  rrl-ratelimit: 0\n"
        );
        for server in SERVERS {
            writeln!(text, "  ip-address: {server}").expect("text");
        }
        text.push_str("remote-control:\n  control-enable: no\n");
        for (name, file) in &self.served {
            writeln!(text, "zone:\n  name: \"{name}\"\n  zonefile: \"{}\"", file.display()).expect("text");
        }
        let file = self.folder.join("nsd.conf");
        fs::write(&file, text).expect("a configuration");
        file
    }
}

/// The records of a row's zone.
fn zone(row: &Row, digests: &[String]) -> String {
    let (domain, host) = (row.domain(), row.host());
    let mut text = format!("{domain}. NS ns1.nic.example.\n{domain}. NS ns2.nic.example.\n");
    if row.is.mx {
        writeln!(text, "{domain}. MX 10 {host}.\n{host}. A {}", row.ip4()).expect("text");
        if row.is.ipv6 {
            writeln!(text, "{host}. AAAA {}", row.ip6()).expect("text");
        }
    }
    let nobodys = ["ab".repeat(32)];
    let published = match row.is.tlsa {
        None => &[][..],
        Some(Tlsa::All) => digests,
        Some(Tlsa::First) => &digests[..1],
        Some(Tlsa::Mismatch) => &nobodys,
    };
    for digest in published {
        writeln!(text, "_25._tcp.{host}. TLSA 3 1 1 {digest}").expect("text");
    }
    if row.is.mta_sts.is_some() {
        writeln!(text, "_mta-sts.{domain}. TXT \"v=STSv1; id=1\"\nmta-sts.{domain}. A {POLICY_HOST}")
            .expect("text");
    }
    writeln!(text, "$ORIGIN {domain}.\n{}", row.is.records).expect("text");
    text
}

fn run(command: &mut Command) {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}
