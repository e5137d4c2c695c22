//! Debian's stayrtr as the validator.

use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use mailassay::receiving::networks::Settings;
use mailassay::shared::evidence::scan::Rpki;

use super::{Dns, LOCAL, World, brief, write_routes};

const ROAS: &str = r#"{"metadata": {"buildtime": "2026-11-21T12:00:00Z"}, "roas": [
    {"prefix": "8.8.8.0/24", "maxLength": 24, "asn": "AS64500", "ta": "test"},
    {"prefix": "9.9.0.0/16", "maxLength": 20, "asn": "AS64501", "ta": "test"},
    {"prefix": "2a00:1450::/32", "maxLength": 48, "asn": "AS64500", "ta": "test"}]}"#;

/// A validator; it ends with the test.
struct Validator {
    child: Child,
    port: u16,
    _folder: tempfile::TempDir,
}

impl Drop for Validator {
    fn drop(&mut self) {
        let _ended = self.child.kill();
        let _reaped = self.child.wait();
    }
}

impl Validator {
    /// None: the program is not installed.
    fn start(protocol: &str) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let cache = folder.path().join("roas.json");
        std::fs::write(&cache, ROAS).unwrap();
        let port = TcpListener::bind((LOCAL, 0)).unwrap().local_addr().unwrap().port();
        let spawned = Command::new("stayrtr")
            .args(["-bind", &format!("{LOCAL}:{port}"), "-cache", cache.to_str().unwrap()])
            .args(["-checktime=false", "-metrics.addr", "", "-protocol", protocol])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let child = match spawned {
            Ok(child) => child,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let required = std::env::var_os("MAILASSAY_REQUIRE_PEERS").is_some_and(|value| value == "1");
                assert!(!required, "`stayrtr` is not installed, and MAILASSAY_REQUIRE_PEERS=1");
                return None;
            }
            Err(error) => panic!("stayrtr: {error}"),
        };
        let validator = Self { child, port, _folder: folder };
        for _ in 0..200 {
            if TcpStream::connect((LOCAL, port)).is_ok() {
                return Some(validator);
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("stayrtr does not listen")
    }
}

async fn validities(protocol: &str) -> Option<Vec<Option<Rpki>>> {
    let validator = Validator::start(protocol)?;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("routes");
    let routes = [
        (64500, "8.8.8.0/24"),
        (64501, "8.8.8.0/24"),
        (64501, "9.9.9.0/24"),
        (64502, "7.7.0.0/16"),
        (64500, "2a00:1450:1::/48"),
    ];
    write_routes(&path, &routes);
    let rtr = Some(format!("{LOCAL}:{}", validator.port));
    let world = World::new(Settings { routes: vec![path], rtr, ..Settings::default() }, Dns::default());
    let networks = world.of(&["8.8.8.8", "9.9.9.9", "7.7.7.7", "2a00:1450:1::1", "1.1.1.1"]).await;
    assert!(networks.iter().all(|network| network.missing.is_empty()), "{networks:?}");
    Some(networks.iter().flat_map(|network| brief(network).2).map(|(_, rpki)| rpki).collect())
}

#[tokio::test]
async fn announcements_are_measured_by_a_real_validator() {
    // By prefix: 2a00:1450:1::/48, 7.7.0.0/16, 8.8.8.0/24 twice, 9.9.9.0/24.
    let expected = [Rpki::Valid, Rpki::NotFound, Rpki::Valid, Rpki::Invalid, Rpki::Invalid].map(Some);
    for protocol in ["1", "0"] {
        let Some(seen) = validities(protocol).await else { return };
        assert_eq!(seen, expected, "version {protocol}");
    }
}

#[tokio::test]
async fn a_validator_that_is_not_there_is_a_reason_and_no_finding() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("routes");
    write_routes(&path, &[(64500, "8.8.8.0/24")]);
    let closed = TcpListener::bind((LOCAL, 0)).unwrap().local_addr().unwrap();
    let rtr = Some(closed.to_string());
    let world = World::new(Settings { routes: vec![path], rtr, ..Settings::default() }, Dns::default());
    let network = world.of(&["8.8.8.8"]).await.remove(0);
    assert_eq!(brief(&network).2, [(64500, None)]);
    assert!(network.missing[0].starts_with(&format!("RTR {closed}: ")), "{:?}", network.missing);
}
