//! Debian's pebble, a CA for tests. It refuses one good nonce of twenty, as it does by default.

use std::fs;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use mailassay::shared::dial::{self, FetchLimits};
use mailassay::shared::evidence::FetchOutcome;
use mailassay::shared::time::Timestamp;
use mailassay::shared::tls::client::Roots;
use rcgen::{CertificateParams, KeyPair};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use crate::dns::peers::peer;

const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// Where it listens and what it is measured by, known before it runs.
pub(super) struct Places {
    folder: PathBuf,
    port: u16,
    management: u16,
    /// The root of its web server.
    pub(super) web_root: PathBuf,
    /// The root that it issues from; the file is there when it runs.
    pub(super) root: PathBuf,
}

impl Places {
    pub(super) fn directory(&self) -> String {
        format!("https://{HERE}:{}/dir", self.port)
    }
}

/// A certificate of 127.0.0.1's own, and its key, as PEM.
pub(super) fn of_loopback() -> (String, String) {
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec![HERE.to_string()]).unwrap();
    (params.self_signed(&key).unwrap().pem(), key.serialize_pem())
}

pub(super) fn free_port() -> u16 {
    std::net::TcpListener::bind((HERE, 0)).unwrap().local_addr().unwrap().port()
}

pub(super) struct Pebble {
    _child: Child,
    root: PathBuf,
}

/// How often the root is asked for until pebble answers, and how long lies between.
const ROOTS_TRIES_MAX: u32 = 100;
const ROOTS_PAUSE: Duration = Duration::from_millis(200);

impl Pebble {
    /// Where one will be; none where it is not installed.
    pub(super) fn places(folder: &Path) -> Option<Places> {
        if !peer("pebble") {
            return None;
        }
        let folder = folder.join("pebble");
        fs::create_dir(&folder).unwrap();
        let (web_root, root) = (folder.join("web.pem"), folder.join("root.pem"));
        Some(Places { port: free_port(), management: free_port(), web_root, root, folder })
    }

    /// Starts one that asks the DNS server at `dns`, and fetches its root.
    pub(super) async fn start(places: &Places, dns: SocketAddr) -> Self {
        let folder = &places.folder;
        let (certificate, key) = of_loopback();
        fs::write(&places.web_root, certificate).unwrap();
        fs::write(folder.join("key.pem"), key).unwrap();
        let config = serde_json::json!({"pebble": {
            "listenAddress": format!("{HERE}:{}", places.port),
            "managementListenAddress": format!("{HERE}:{}", places.management),
            "certificate": places.web_root,
            "privateKey": folder.join("key.pem"),
            "httpPort": 1,
            "tlsPort": 1,
            "certificateValidityPeriod": 7_776_000,
        }});
        fs::write(folder.join("config.json"), config.to_string()).unwrap();
        let mut child = Command::new("pebble")
            .arg("-config")
            .arg(folder.join("config.json"))
            .args(["-strict", "-dnsserver", &dns.to_string()])
            .env("PEBBLE_VA_NOSLEEP", "1")
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut said = Vec::new();
        while !said.last().is_some_and(|line: &String| line.contains("ACME directory available at")) {
            let line = lines.next_line().await.unwrap();
            said.push(line.unwrap_or_else(|| panic!("pebble did not start: {said:#?}")));
        }
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        let web = Roots::read(&places.web_root).unwrap();
        let settings = dial::Settings {
            https_port: places.management,
            rules: dial::AddressRules { allowed: vec!["127.0.0.0/8".parse().unwrap()], ..Default::default() },
            ..dial::Settings::default()
        };
        let (host, limits) = (HERE.to_string(), FetchLimits::default());
        // The port of its roots opens a moment after the other.
        let mut tries = 0;
        let body = loop {
            let fetched =
                dial::https_get(&settings, &host, "/roots/0", &[HERE], &web, limits, Timestamp::now()).await;
            match fetched.outcome {
                FetchOutcome::Answered { status: 200, body, .. } => break body,
                FetchOutcome::Unreachable { .. } if tries < ROOTS_TRIES_MAX => tries += 1,
                _ => panic!("{fetched:?}"),
            }
            tokio::time::sleep(ROOTS_PAUSE).await;
        };
        fs::write(&places.root, body).unwrap();
        Self { _child: child, root: places.root.clone() }
    }

    /// The roots that it issues from.
    pub(super) fn roots(&self) -> Roots {
        Roots::read(&self.root).unwrap()
    }
}
