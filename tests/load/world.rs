//! The service on loopback: its folder, its ports, its process.

use std::error::Error;
use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use super::Playing;

/// The domain under which the tests lie.
pub(crate) const ORIGIN: &str = "test.localhost";
/// How long no STARTTLS is offered to a new source, in seconds.
pub(crate) const WINDOW_S: u64 = 2;
/// How long a start may take before it counts as failed.
const START_MAX: Duration = Duration::from_secs(60);
/// How long an end may.
const END_MAX: Duration = Duration::from_secs(30);

/// The zone of all senders, each of which may send from loopback.
const SENDERS: &str = "$TTL 60\n@ IN SOA ns hostmaster 1 3600 900 432000 60\n@ IN NS ns\nns IN A 127.0.0.1\n\
                       * IN TXT \"v=spf1 ip4:127.0.0.0/8 -all\"\n* IN MX 10 ns\n";
const OWN: &str = "$TTL 60\n@ IN SOA ns1 hostmaster 1 3600 900 432000 60\n@ IN NS ns1\nns1 IN A 127.0.0.1\n";

/// Where the service is met.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Places {
    pub(crate) smtp: SocketAddr,
    pub(crate) dns: SocketAddr,
    pub(crate) policy_host: SocketAddr,
    #[allow(dead_code, reason = "benches/live.rs asks for pages")]
    pub(crate) site: SocketAddr,
}

/// A folder with a configuration.
pub(crate) struct World {
    folder: tempfile::TempDir,
    pub(crate) places: Places,
}

/// A service that runs; it ends with this.
pub(crate) struct Service {
    child: Child,
    log: PathBuf,
}

impl World {
    pub(crate) fn new(playing: &Playing) -> Result<Self, Box<dyn Error>> {
        let mut folder = tempfile::tempdir()?;
        if playing.keep {
            folder.disable_cleanup(true);
            println!("folder {}", folder.path().display());
        }
        let here = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let [smtp, dns, policy_host, site] = free_ports()?.map(here);
        fs::write(folder.path().join("own.zone"), OWN)?;
        fs::write(folder.path().join("senders.zone"), SENDERS)?;
        let text = format!(
            "origin = \"{ORIGIN}\"\n{}\n[listen]\nsmtp = [\"{smtp}\"]\ndns = [\"{dns}\"]\n\
             policy_host = [\"{policy_host}\"]\nsite = [\"{site}\"]\n{}",
            playing.config,
            include_str!("config.toml")
                .replace("DNS", &dns.to_string())
                .replace("HTTPS", &policy_host.port().to_string())
        );
        fs::write(folder.path().join("config.toml"), text)?;
        Ok(Self { folder, places: Places { smtp, dns, policy_host, site } })
    }

    /// Puts `other` into the configuration in place of `text`.
    #[allow(dead_code, reason = "benches/answers.rs has cases")]
    pub(crate) fn change(&self, text: &str, other: &str) -> std::io::Result<()> {
        let path = self.folder.path().join("config.toml");
        fs::write(&path, fs::read_to_string(&path)?.replace(text, other))
    }

    /// The database.
    pub(crate) fn journal(&self) -> PathBuf {
        self.folder.path().join("mailassay.sqlite")
    }

    /// Starts the program; it need not serve yet.
    pub(crate) fn start(&self, playing: &Playing) -> Result<Service, Box<dyn Error>> {
        let log = self.folder.path().join("log");
        let mut command = match playing.core {
            Some(core) => {
                let mut pinned = Command::new("taskset");
                pinned.arg("-c").arg(core.to_string()).arg(&playing.program);
                pinned
            }
            None => Command::new(&playing.program),
        };
        let output = File::create(&log)?;
        command.arg("serve").arg("--config").arg(self.folder.path().join("config.toml"));
        // As config/systemd/mailassay.service has it.
        command.env("MALLOC_ARENA_MAX", "2");
        command.stdin(Stdio::null()).stdout(output.try_clone()?).stderr(output);
        let child = command.spawn().map_err(|error| format!("{command:?}: {error}"))?;
        Ok(Service { child, log })
    }

    /// Starts the program, and waits until it greets.
    pub(crate) fn serving(&self, playing: &Playing) -> Result<Service, Box<dyn Error>> {
        let mut service = self.start(playing)?;
        self.until_greeted(&mut service)?;
        Ok(service)
    }

    /// Waits for the first greeting.
    pub(crate) fn until_greeted(&self, service: &mut Service) -> Result<(), Box<dyn Error>> {
        let began = Instant::now();
        loop {
            if let Some(status) = service.child.try_wait()? {
                return Err(format!("the service ended with {status}:\n{}", service.tail()).into());
            }
            if greets(self.places.smtp) {
                return Ok(());
            }
            if began.elapsed() > START_MAX {
                return Err(format!("no greeting within {START_MAX:?}:\n{}", service.tail()).into());
            }
            std::thread::sleep(Duration::from_millis(2));
        }
    }
}

fn greets(address: SocketAddr) -> bool {
    let Ok(stream) = TcpStream::connect(address) else { return false };
    let mut line = String::new();
    let limited = stream.set_read_timeout(Some(START_MAX));
    limited.is_ok() && BufReader::new(stream).read_line(&mut line).is_ok() && line.starts_with("220")
}

impl Service {
    /// The process.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// The end of its log.
    pub(crate) fn tail(&self) -> String {
        let log = fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<_> = log.lines().collect();
        lines[lines.len().saturating_sub(10)..].join("\n")
    }

    /// How many lines of its log hold a text.
    pub(crate) fn logged(&self, text: &str) -> usize {
        let log = fs::read_to_string(&self.log).unwrap_or_default();
        log.lines().filter(|line| line.contains(text)).count()
    }

    /// Whether it still runs.
    pub(crate) fn runs(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    fn ended(&mut self) {
        if !self.runs() {
            return;
        }
        if let Some(id) = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw) {
            // It may have ended by now.
            let _ = kill_process(id, Signal::TERM);
        }
        let began = Instant::now();
        while self.runs() && began.elapsed() < END_MAX {
            std::thread::sleep(Duration::from_millis(10));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.ended();
    }
}

/// Ports that are free for UDP and TCP; the service takes them right away.
fn free_ports() -> std::io::Result<[u16; 4]> {
    let mut held = Vec::new();
    let mut ports = [0; 4];
    for port in &mut ports {
        let (tcp, udp) = loop {
            let tcp = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
            if let Ok(udp) = UdpSocket::bind(tcp.local_addr()?) {
                break (tcp, udp);
            }
        };
        *port = tcp.local_addr()?.port();
        held.push((tcp, udp));
    }
    Ok(ports)
}
