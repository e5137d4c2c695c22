//! A world on loopback for surveys: one zone, and mail servers that offer no STARTTLS.

use std::collections::BTreeMap;
use std::fs;
use std::net::{IpAddr, TcpStream as Socket};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

use crate::commands::run;
use crate::killed::{Service, quick};

/// Mail servers on all of 127/8 that offer no STARTTLS, and how often each was called.
pub(crate) struct Servers {
    pub(crate) called: Mutex<BTreeMap<IpAddr, usize>>,
    /// Which connections are open, by whose they are and where each came from.
    open: Mutex<BTreeMap<String, BTreeMap<u64, Socket>>>,
    /// How many were open at one of them at a time, at most.
    pub(crate) most: Mutex<BTreeMap<String, usize>>,
    whose: fn(IpAddr) -> String,
    latency: Duration,
}

impl Servers {
    /// `whose` says which operator an address is of; each answer waits for `latency` before the greeting.
    pub(crate) async fn start(whose: fn(IpAddr) -> String, latency: Duration) -> (Arc<Self>, u16) {
        let listener = TcpListener::bind("0.0.0.0:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (called, open, most) = (Mutex::default(), Mutex::default(), Mutex::default());
        let servers = Arc::new(Self { called, open, most, whose, latency });
        let serving = Arc::clone(&servers);
        tokio::spawn(async move {
            let mut number = 0;
            while let Ok((stream, _)) = listener.accept().await {
                let serving = Arc::clone(&serving);
                number += 1;
                tokio::spawn(async move { serving.serve(stream, number).await });
            }
        });
        (servers, port)
    }

    async fn serve(&self, stream: TcpStream, number: u64) {
        let ip = stream.local_addr().unwrap().ip();
        let operator = (self.whose)(ip);
        *self.called.lock().entry(ip).or_default() += 1;
        let stream = stream.into_std().unwrap();
        {
            let mut open = self.open.lock();
            let at_operator = open.entry(operator.clone()).or_default();
            // Whoever was killed has no connection any more, though nobody came to see its end yet.
            at_operator.retain(|_, socket| is_open(socket));
            at_operator.insert(number, stream.try_clone().unwrap());
            let mut most = self.most.lock();
            let known = most.entry(operator.clone()).or_default();
            *known = (*known).max(at_operator.len());
        }
        let _ = self.talk(TcpStream::from_std(stream).unwrap()).await;
        if let Some(at_operator) = self.open.lock().get_mut(&operator) {
            at_operator.remove(&number);
        }
    }

    async fn talk(&self, stream: TcpStream) -> std::io::Result<()> {
        let mut stream = BufReader::new(stream);
        tokio::time::sleep(self.latency).await;
        stream.write_all(b"220 mx.survey.test\r\n").await?;
        let mut line = String::new();
        while stream.read_line(&mut line).await? > 0 {
            let answer: &[u8] = match line.get(..4) {
                Some("QUIT") => b"221 bye\r\n",
                _ => b"250 mx.survey.test\r\n",
            };
            stream.write_all(answer).await?;
            line.clear();
        }
        Ok(())
    }
}

fn is_open(socket: &Socket) -> bool {
    match socket.peek(&mut [0]) {
        Ok(octets) => octets > 0,
        Err(error) => error.kind() == std::io::ErrorKind::WouldBlock,
    }
}

/// A configuration whose DNS is `survey.test` with these records, and whose mail servers listen at `port`.
fn configuration(folder: &Path, port: u16, records: &str) -> PathBuf {
    let config = quick(folder);
    let head = "$TTL 600\n@ IN SOA ns1 hostmaster 1 3600 900 432000 60\n@ IN NS ns1\nns1 IN A 127.0.0.1\n";
    fs::write(folder.join("survey.zone"), format!("{head}{records}")).unwrap();
    let text = fs::read_to_string(&config).unwrap();
    let world = format!("[scan.world]\nsmtp_port = {port}\ntrust_anchors_file = \"anchors\"\n");
    let text =
        text.replace("[scan.world]\n", &world).replace("enabled = false\n[scan.world]", "[scan.world]");
    let zone = "[[zone.other]]\napex = \"survey.test\"\nfile = \"survey.zone\"\nsigned = true\n";
    fs::write(folder.join("anchors"), "").unwrap();
    fs::write(&config, format!("{text}{zone}")).unwrap();
    config
}

/// The DNS of such a world, and its configuration.
pub(crate) async fn dns(folder: &Path, port: u16, records: &str) -> (Service, PathBuf) {
    let config = configuration(folder, port, records);
    let service = Service::start(&config, &[]).await;
    let printed = run(&["zone", "print", "survey.test"], Some(&config)).1;
    let anchors: String = printed
        .lines()
        .filter(|line| line.contains("DNSKEY") && line.contains("257 3"))
        .map(|line| format!("{line}\n"))
        .collect();
    assert!(!anchors.is_empty(), "{printed}");
    fs::write(folder.join("anchors"), anchors).unwrap();
    (service, config)
}
