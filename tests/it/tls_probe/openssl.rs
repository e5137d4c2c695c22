//! Debian's `openssl s_server` as the server.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use mailassay::receiving::probe::ask;
use mailassay::shared::evidence::Alert;
use mailassay::shared::evidence::scan::{Answer, CodePoints, Hello, Key, RealHandshake};
use mailassay::shared::tls::client::record;
use rcgen::{CertificateParams, KeyPair, PKCS_RSA_SHA256, RsaKeySize};
use sha2::{Digest, Sha256};
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;

use super::{SNI, codes, flight, hello, limits, randomness};

/// Everything that Debian's OpenSSL still has.
const ALL: &str = "ALL:COMPLEMENTOFALL:@SECLEVEL=0";

/// A server; it ends with the test.
pub(super) struct Server {
    child: Child,
    pub(super) address: SocketAddr,
    _folder: tempfile::TempDir,
}

impl Server {
    /// Starts one with an RSA and an ECDSA certificate; none: the program is not installed.
    pub(super) fn start(arguments: &[&str]) -> Option<Self> {
        Self::start_with(arguments, None)
    }

    /// The same with a configuration of OpenSSL.
    pub(super) fn start_with(arguments: &[&str], configuration: Option<&Path>) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let rsa = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048).unwrap();
        write_certificate(folder.path(), "rsa", &rsa);
        write_certificate(folder.path(), "ec", &KeyPair::generate().unwrap());
        let spawned = Command::new("openssl")
            .args(["s_server", "-accept", "127.0.0.1:0"])
            .args(["-cert", "rsa.pem", "-key", "rsa.key", "-dcert", "ec.pem", "-dkey", "ec.key"])
            .args(arguments)
            .envs(configuration.map(|path| ("OPENSSL_CONF", path)))
            .current_dir(folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn();
        let mut child = match spawned {
            Ok(child) => child,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let required = std::env::var_os("MAILASSAY_REQUIRE_PEERS").is_some_and(|value| value == "1");
                assert!(!required, "`openssl` is not installed, and MAILASSAY_REQUIRE_PEERS=1");
                return None;
            }
            Err(error) => panic!("openssl: {error}"),
        };
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let address = lines.find_map(|line| line.unwrap().strip_prefix("ACCEPT ")?.parse().ok());
        // What it prints later must not fill the pipe.
        std::thread::spawn(move || lines.for_each(drop));
        Some(Self { child, address: address.expect("ACCEPT"), _folder: folder })
    }

    pub(super) async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    async fn answer(&self, hello: &Hello) -> Answer {
        ask(self.connect().await, hello, SNI, &randomness(), &limits()).await.0
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn write_certificate(folder: &Path, name: &str, key: &KeyPair) {
    let certificate = CertificateParams::new([SNI.to_owned()]).unwrap().self_signed(key).unwrap();
    std::fs::write(folder.join(format!("{name}.pem")), certificate.pem()).unwrap();
    std::fs::write(folder.join(format!("{name}.key")), key.serialize_pem()).unwrap();
}

#[tokio::test]
async fn every_version_is_told_apart() {
    let Some(server) = Server::start(&["-cipher", ALL]) else { return };
    for (version, suites) in [(0x0301, "c014"), (0x0302, "0035"), (0x0303, "c02f"), (0x0304, "1301-1303")] {
        let flight = flight(server.answer(&hello(version, suites)).await);
        assert_eq!(flight.version.0, version);
        assert!(flight.complete, "{flight:?}");
        assert_eq!(flight.retry, version == 0x0304);
        assert_eq!(flight.chain.is_empty(), version == 0x0304);
        if version < 0x0304 {
            assert!(flight.extensions.contains(23) && flight.extensions.contains(65281), "{flight:?}");
        }
    }
    // Debian's OpenSSL is built without SSL 3.0, whose alerts have no protocol_version: handshake_failure.
    assert_eq!(server.answer(&hello(0x0300, "0035")).await, Answer::Alert { alert: Alert(40) });
}

#[tokio::test]
async fn one_version_alone_is_all_there_is() {
    let Some(server) = Server::start(&["-cipher", ALL, "-tls1_2"]) else { return };
    assert_eq!(server.answer(&hello(0x0304, "1301-1303")).await, Answer::Alert { alert: Alert(70) });
    // A suite of TLS 1.2 in a hello of TLS 1.3 lets the server go down.
    assert_eq!(flight(server.answer(&hello(0x0304, "1301 c02f")).await).version.0, 0x0303);
    assert_eq!(server.answer(&hello(0x0302, "0035")).await, Answer::Alert { alert: Alert(70) });
}

#[tokio::test]
async fn key_exchanges_are_read() {
    let Some(server) = Server::start(&["-cipher", ALL]) else { return };
    // ECDHE with RSA and with ECDSA.
    for (suite, scheme) in [("c02f", 0x0804), ("c02b", 0x0403)] {
        let flight = flight(server.answer(&hello(0x0303, suite)).await);
        assert_eq!((flight.group, flight.scheme), (Some(0x001d), Some(scheme)), "{suite}");
        assert_eq!(flight.chain.len(), 1);
    }
    // One curve only.
    let p384 = Hello { groups: codes("0018"), ..hello(0x0303, "c02f") };
    assert_eq!(flight(server.answer(&p384).await).group, Some(0x0018));
    // SHA-1 only: the server really signs with it.
    let sha1 = Hello { schemes: codes("0201 0203"), ..hello(0x0303, "c02f c02b") };
    assert!(matches!(flight(server.answer(&sha1).await).scheme, Some(0x0201 | 0x0203)));
    // RSA key exchange has no ServerKeyExchange.
    let rsa = flight(server.answer(&hello(0x0303, "009c")).await);
    assert_eq!((rsa.group, rsa.dh, rsa.scheme, rsa.complete), (None, None, None, true));
    // Anonymous: no certificate, no signature.
    let anonymous = flight(server.answer(&hello(0x0303, "c018")).await);
    assert!(anonymous.chain.is_empty() && anonymous.scheme.is_none() && anonymous.group.is_some());
}

#[tokio::test]
async fn a_prime_is_known_by_its_fingerprint() {
    let tables: toml::Value = toml::from_str(include_str!("../../../config/tables/tls-levels.toml")).unwrap();
    let Some(server) = Server::start(&["-cipher", ALL]) else { return };
    let dh = flight(server.answer(&hello(0x0303, "009e")).await).dh.expect("DHE");
    let known = tables["dh_prime"].as_array().unwrap();
    let named = known.iter().find(|prime| prime["sha256_be"].as_str() == Some(&dh.sha256));
    let bits = named.unwrap_or_else(|| panic!("{dh:?} is not in the table"))["bits"].as_integer();
    assert_eq!(bits, Some(dh.bits.into()));
    assert_eq!(dh.generator, Some(2));
}

#[tokio::test]
async fn all_suites_are_found_by_striking_them_out() {
    let Some(server) = Server::start(&["-cipher", ALL]) else { return };
    let mut left: Vec<u16> = tls_parser::CIPHERS.keys().copied().filter(|code| code >> 8 != 0x13).collect();
    left.sort_unstable();
    let mut found = 0;
    loop {
        let offered = Hello { suites: CodePoints(left.clone()), ..hello(0x0303, "") };
        match server.answer(&offered).await {
            Answer::Flight(flight) => {
                assert!(left.contains(&flight.suite), "{flight:?} was not offered");
                left.retain(|suite| *suite != flight.suite);
                found += 1;
            }
            Answer::Alert { alert } => break assert_eq!(alert, Alert(40)),
            other => panic!("{other:?} after {found} suites"),
        }
    }
    assert!(found >= 60, "only {found} suites");
}

#[tokio::test]
async fn groups_are_named_by_hello_retry_request_and_taken_with_a_share() {
    let Some(server) = Server::start(&["-groups", "P-384:X25519"]) else { return };
    let mut offered = Hello { groups: codes("11ec 001d 0018"), ..hello(0x0304, "1301-1303") };
    let first = flight(server.answer(&offered).await);
    assert!(first.retry && matches!(first.group, Some(0x0018 | 0x001d)), "{first:?}");
    for group in [0x001d, 0x0018] {
        (offered.groups, offered.share) = (CodePoints(vec![group]), Some(group));
        let flight = flight(server.answer(&offered).await);
        assert_eq!((flight.retry, flight.group, flight.complete), (false, Some(group), true));
    }
    offered.groups = codes("0017");
    offered.share = None;
    assert_eq!(server.answer(&offered).await, Answer::Alert { alert: Alert(40) });
}

#[tokio::test]
async fn a_share_shows_both_certificates_of_tls_1_3() {
    let Some(server) = Server::start(&["-tls1_3", "-verify", "1"]) else { return };
    for (schemes, signed) in [("0403", 0x0403), ("0804-0806", 0x0804)] {
        for suite in ["1301", "1302", "1303"] {
            let offered = Hello { schemes: codes(schemes), share: Some(0x0017), ..hello(0x0304, suite) };
            let stream = server.connect().await;
            let (answer, chain) = ask(stream, &offered, SNI, &randomness(), &limits()).await;
            let seen = flight(answer);
            assert_eq!((seen.scheme, seen.chain.len(), seen.client_certificate), (Some(signed), 1, true));
            let key = mailassay::receiving::examine::certificate(&chain[0]).key;
            assert_eq!(matches!(key, Key::Rsa { bits: 2048 }), signed == 0x0804, "{key:?}");
        }
    }
}

#[tokio::test]
async fn the_recorder_shows_everything_of_both_versions() {
    for (arguments, version, ticket) in [
        (&["-tls1_3", "-max_early_data", "16000", "-rev"][..], 0x0304, Some(16000)),
        (&["-tls1_3", "-rev"], 0x0304, Some(0)),
        (&["-tls1_2", "-rev"], 0x0303, None),
        (&["-tls1_3", "-rev", "-verify", "1"], 0x0304, Some(0)),
        (&["-tls1_2", "-rev", "-verify", "1"], 0x0303, None),
    ] {
        let Some(server) = Server::start(arguments) else { return };
        let recorded = record(server.connect().await, SNI, 10).await;
        let RealHandshake::Completed(completed) = recorded.outcome else { panic!("{:?}", recorded.outcome) };
        assert_eq!(completed.version.0, version);
        assert_eq!(completed.group, Some(0x001d));
        assert!(completed.scheme.is_some());
        // Asked for one, and none was shown.
        assert_eq!(completed.client_certificate, Some(arguments.contains(&"-verify")), "{arguments:?}");
        let hashes: Vec<String> = recorded.chain.iter().map(|der| hex(&Sha256::digest(der))).collect();
        assert_eq!((completed.chain.len(), completed.chain), (1, hashes));
        // `-rev` answers a line with its reverse; tickets come before that.
        let mut stream = recorded.stream.unwrap();
        tokio::io::AsyncWriteExt::write_all(&mut stream, b"abc\n").await.unwrap();
        let mut line = [0; 4];
        stream.read_exact(&mut line).await.unwrap();
        assert_eq!(&line, b"cba\n");
        assert_eq!(recorded.tickets.early_data_octets(), ticket);
    }
}

#[tokio::test]
async fn the_recorder_says_what_is_its_own_limit() {
    for (arguments, our_limit) in [
        (&["-cipher", ALL, "-tls1_1"][..], true),
        (&["-cipher", "AES256-SHA", "-tls1_2"], true),
        (&["-cipher", "DHE-RSA-AES256-GCM-SHA384", "-tls1_2"], true),
        // A client certificate that is demanded is nothing that rustls could not have.
        (&["-Verify", "1", "-verify_return_error", "-tls1_2"], false),
    ] {
        let Some(server) = Server::start(arguments) else { return };
        let recorded = record(server.connect().await, SNI, 10).await;
        match recorded.outcome {
            RealHandshake::Failed { our_limit: said, alert, .. } => {
                assert_eq!(said, our_limit, "{arguments:?}");
                assert!(alert.is_some());
            }
            other => panic!("{arguments:?}: {other:?}"),
        }
    }
}

fn hex(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}
