//! The world that is surveyed: its DNS, which is our own service with one signed zone, behind a way that may be slow.

use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::runtime::Runtime;

use super::servers::Servers;

/// The zone that all are in.
pub(crate) const ZONE: &str = "survey.test";
/// How long the service may take until it answers.
const START_MAX: Duration = Duration::from_secs(120);
/// One domain in so many has names of its own for its operator's servers.
const OWN_NAMES: usize = 10;

/// How large the world is, and how slow.
pub(crate) struct Shape {
    pub(crate) domains: usize,
    pub(crate) operators: usize,
    /// How late answers come.
    pub(crate) late: Duration,
}

pub(crate) struct World {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) config: PathBuf,
    pub(crate) operators: usize,
    pub(crate) late: Duration,
    domains: usize,
    /// The port of the service's DNS, and that of the way to it.
    dns: [u16; 2],
}

/// The service; it ends with this.
pub(crate) struct Service(Child);

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The address of an operator, each in a network of its own.
pub(crate) fn address(operator: usize) -> Ipv4Addr {
    let [high, low] = [operator / 250, operator % 250].map(|part| u8::try_from(part).unwrap_or(u8::MAX));
    Ipv4Addr::new(127, 10 + high, low, 1)
}

/// The name of its server.
pub(crate) fn host(operator: usize) -> String {
    format!("mx.op{operator}.{ZONE}")
}

impl World {
    pub(crate) fn new(shape: &Shape) -> Result<Self, Box<dyn Error>> {
        let folder = tempfile::tempdir()?;
        let config = folder.path().join("config.toml");
        let dns = [free_port()?, free_port()?];
        let list = (0..shape.domains).map(|nth| format!("d{nth}.{ZONE}\n")).collect::<String>();
        fs::write(folder.path().join("list"), list)?;
        let patterns = (0..shape.operators)
            .map(|nth| format!("[[operator]]\nname = \"op{nth}\"\nmx = [\"*.op{nth}.{ZONE}\"]\n"))
            .collect::<String>();
        fs::write(folder.path().join("operators.toml"), patterns)?;
        let Shape { domains, operators, late } = *shape;
        Ok(Self { folder, config, operators, late, domains, dns })
    }

    pub(crate) fn list(&self) -> PathBuf {
        self.folder.path().join("list")
    }

    /// Serves the zone.
    pub(crate) fn serve(&self, runtime: &Runtime, servers: &Servers) -> Result<Service, Box<dyn Error>> {
        self.write(servers)?;
        // Before the service, so that they are there when it answers.
        let keys = Command::new(env!("CARGO_BIN_EXE_mailassay"))
            .arg("keys")
            .arg("--config")
            .arg(&self.config)
            .output()?;
        if !keys.status.success() {
            return Err(String::from_utf8_lossy(&keys.stderr).into());
        }
        let log = fs::File::create(self.folder.path().join("log"))?;
        let mut command = Command::new(env!("CARGO_BIN_EXE_mailassay"));
        command.args(["serve", "--config"]).arg(&self.config).stdout(Stdio::null()).stderr(log);
        let service = Service(command.spawn()?);
        let began = Instant::now();
        while std::net::TcpStream::connect((Ipv4Addr::LOCALHOST, self.dns[0])).is_err() {
            if began.elapsed() > START_MAX {
                let log = fs::read_to_string(self.folder.path().join("log"))?;
                return Err(format!("the world's DNS does not start: {log}").into());
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        let printed = Command::new(env!("CARGO_BIN_EXE_mailassay"))
            .args(["zone", "print", ZONE, "--config"])
            .arg(&self.config)
            .output()?;
        let said = String::from_utf8_lossy(&printed.stderr).into_owned();
        let printed = String::from_utf8(printed.stdout)?;
        let keys = printed.lines().filter(|line| line.contains("DNSKEY") && line.contains("257 3"));
        let anchors: String = keys.map(|line| format!("{line}\n")).collect();
        if anchors.is_empty() {
            return Err(format!("the zone has no key: {said}").into());
        }
        fs::write(self.folder.path().join("anchors"), anchors)?;
        let [service_port, way] = self.dns;
        runtime.block_on(slow_way(way, service_port, self.late))?;
        Ok(service)
    }

    fn write(&self, servers: &Servers) -> Result<(), Box<dyn Error>> {
        let source = Path::new(env!("CARGO_MANIFEST_DIR"));
        let folder = self.folder.path();
        fs::copy(source.join("zones/local.zone"), folder.join("local.zone"))?;
        fs::write(folder.join("anchors"), "")?;
        fs::write(folder.join("roots.pem"), servers.root())?;
        fs::write(folder.join("survey.zone"), self.zone(servers)?)?;
        let mut text = fs::read_to_string(source.join("config/local.toml"))?;
        for (port, free) in [(2525, free_port()?), (4443, free_port()?), (8025, free_port()?)] {
            text = text.replace(&format!(":{port}\""), &format!(":{free}\""));
            text = text.replace(&format!("_port = {port}\n"), &format!("_port = {free}\n"));
        }
        let [service, way] = self.dns;
        // Who listens is the service; who asks takes the slow way.
        text = text.replacen(":5300\"", &format!(":{service}\""), 1);
        text =
            text.replace(":5300\"", &format!(":{way}\"")).replace("_port = 5300", &format!("_port = {way}"));
        let text = text.replace("../target/local/", "").replace("../zones/", "");
        let scan = format!(
            "[scan]\nenabled = false\n[scan.world]\nsmtp_port = {}\ntrust_anchors_file = \"anchors\"\n",
            servers.port
        );
        let text = text.replace("[scan.world]\n", &scan);
        let text = text.replace("mx_roots = \"certs/ca-root.pem\"", "mx_roots = \"roots.pem\"");
        let zone = format!("[[zone.other]]\napex = \"{ZONE}\"\nfile = \"survey.zone\"\nsigned = true\n");
        Ok(fs::write(&self.config, format!("{text}\n{zone}"))?)
    }

    fn zone(&self, servers: &Servers) -> Result<String, std::fmt::Error> {
        let mut zone = String::from(
            "$TTL 600\n@ IN SOA ns1 hostmaster 1 3600 900 432000 60\n@ IN NS ns1\nns1 IN A 127.0.0.1\n",
        );
        for operator in 0..self.operators {
            writeln!(zone, "mx.op{operator} IN A {}", address(operator))?;
            if let Some(digest) = servers.tlsa(operator) {
                writeln!(zone, "_25._tcp.mx.op{operator} IN TLSA 3 1 1 {digest}")?;
            }
        }
        for nth in 0..self.domains {
            let operator = nth % self.operators;
            writeln!(zone, "d{nth} IN TXT \"v=spf1 mx -all\"")?;
            if (nth / self.operators) % OWN_NAMES == 1 {
                let own = format!("mx{nth}.op{operator}");
                writeln!(zone, "{own} IN A {}\nd{nth} IN MX 10 {own}", address(operator))?;
            } else {
                writeln!(zone, "d{nth} IN MX 10 mx.op{operator}")?;
            }
        }
        Ok(zone)
    }
}

fn free_port() -> std::io::Result<u16> {
    // One that is free for both.
    loop {
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
        if UdpSocket::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return Ok(port);
        }
    }
}

/// The way to the world's DNS, on which each answer takes its time.
async fn slow_way(port: u16, to: u16, late: Duration) -> std::io::Result<()> {
    let here = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let there = SocketAddr::from((Ipv4Addr::LOCALHOST, to));
    let socket = Arc::new(tokio::net::UdpSocket::bind(here).await?);
    let listener = tokio::net::TcpListener::bind(here).await?;
    tokio::spawn(async move {
        let mut question = [0; 4096];
        while let Ok((octets, from)) = socket.recv_from(&mut question).await {
            let (question, socket) = (question[..octets].to_vec(), Arc::clone(&socket));
            tokio::spawn(async move {
                tokio::time::sleep(late).await;
                let onward = tokio::net::UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await?;
                onward.connect(there).await?;
                onward.send(&question).await?;
                let mut answer = [0; 4096];
                let octets = tokio::time::timeout(Duration::from_secs(5), onward.recv(&mut answer)).await??;
                socket.send_to(&answer[..octets], from).await
            });
        }
    });
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                tokio::time::sleep(late).await;
                let mut onward = tokio::net::TcpStream::connect(there).await?;
                tokio::io::copy_bidirectional(&mut stream, &mut onward).await
            });
        }
    });
    Ok(())
}
