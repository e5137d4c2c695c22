//! The real program, killed in the midst of a survey of a world on loopback: what was measured stays, what was not is
//! measured by the next run, and each address is asked once.

use std::collections::BTreeMap;
use std::fs;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::sync::Arc;
use std::time::Duration;

use mailassay::receiving::survey::{SqliteStore, Store};
use parking_lot::Mutex;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, Command};

use crate::commands::run;
use crate::killed::{Service, quick};

const DOMAINS: usize = 60;
const OPERATORS: usize = 6;

/// Mail servers on all of 127/8 that offer no STARTTLS, and how often each was called.
#[derive(Default)]
struct Servers {
    called: Mutex<BTreeMap<IpAddr, usize>>,
    open: Mutex<BTreeMap<IpAddr, usize>>,
    most: Mutex<usize>,
}

impl Servers {
    async fn start() -> (Arc<Self>, u16) {
        let listener = TcpListener::bind("0.0.0.0:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let servers = Arc::new(Self::default());
        let serving = Arc::clone(&servers);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let serving = Arc::clone(&serving);
                tokio::spawn(async move { serving.serve(stream).await });
            }
        });
        (servers, port)
    }

    async fn serve(&self, stream: TcpStream) {
        let ip = stream.local_addr().unwrap().ip();
        *self.called.lock().entry(ip).or_default() += 1;
        let open = {
            let mut open = self.open.lock();
            let count = open.entry(ip).or_default();
            *count += 1;
            *count
        };
        let most = (*self.most.lock()).max(open);
        *self.most.lock() = most;
        let _ = Self::talk(stream).await;
        *self.open.lock().entry(ip).or_default() -= 1;
    }

    async fn talk(stream: TcpStream) -> std::io::Result<()> {
        let mut stream = BufReader::new(stream);
        // Slow enough for a survey to be under way when it is killed.
        tokio::time::sleep(Duration::from_millis(300)).await;
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

/// A configuration whose DNS is `survey.test`, and whose mail servers listen at `port`.
fn world(folder: &Path, port: u16) -> PathBuf {
    let config = quick(folder);
    let mut zone = String::from(
        "$TTL 600\n@ IN SOA ns1 hostmaster 1 3600 900 432000 60\n@ IN NS ns1\nns1 IN A 127.0.0.1\n",
    );
    for operator in 0..OPERATORS {
        zone.push_str(&format!("mx{operator} IN A 127.9.{operator}.1\n"));
    }
    for nth in 0..DOMAINS {
        zone.push_str(&format!("d{nth} IN MX 10 mx{}\n", nth % OPERATORS));
    }
    fs::write(folder.join("survey.zone"), zone).unwrap();
    let text = fs::read_to_string(&config).unwrap();
    let world = format!("[scan.world]\nsmtp_port = {port}\ntrust_anchors_file = \"anchors\"\n");
    let text =
        text.replace("[scan.world]\n", &world).replace("enabled = false\n[scan.world]", "[scan.world]");
    let zone = "[[zone.other]]\napex = \"survey.test\"\nfile = \"survey.zone\"\nsigned = true\n";
    fs::write(folder.join("anchors"), "").unwrap();
    fs::write(&config, format!("{text}{zone}")).unwrap();
    config
}

fn survey(config: &Path, list: &Path, out: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mailassay"));
    command.args(["survey", "run"]).arg(list).arg("--out").arg(out).arg("--config").arg(config);
    command.args(["--helo", "survey.example", "--at-once", "10", "--progress", "json"]);
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    command
}

async fn ended(path: &Path) -> u64 {
    match SqliteStore::read(path).await {
        Ok(store) => store.begun().await.map_or(0, |begun| begun.ended),
        Err(_) => 0,
    }
}

/// Waits until so many domains are measured, then kills it as `kill -9` does.
async fn kill_at(mut child: Child, out: &Path, domains: u64) -> u64 {
    loop {
        let done = ended(out).await;
        if done >= domains {
            child.start_kill().unwrap();
            child.wait().await.unwrap();
            return done;
        }
        assert_eq!(child.try_wait().unwrap(), None, "it ended before it was killed");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_survey_goes_on_and_asks_no_address_twice() {
    let folder = tempfile::tempdir().unwrap();
    let (servers, port) = Servers::start().await;
    let config = world(folder.path(), port);
    let _service = Service::start(&config, &[]).await;
    let printed = run(&["zone", "print", "survey.test"], Some(&config)).1;
    let anchors: String = printed
        .lines()
        .filter(|line| line.contains("DNSKEY") && line.contains("257 3"))
        .map(|line| format!("{line}\n"))
        .collect();
    assert!(!anchors.is_empty(), "{printed}");
    fs::write(folder.path().join("anchors"), anchors).unwrap();
    let (list, out) = (folder.path().join("list"), folder.path().join("survey.sqlite"));
    fs::write(&list, (0..DOMAINS).map(|nth| format!("d{nth}.survey.test\n")).collect::<String>()).unwrap();

    let child = survey(&config, &list, &out).spawn().unwrap();
    let first = kill_at(child, &out, 5).await;
    let whole = DOMAINS as u64;
    assert!((5..whole).contains(&first), "{first}");
    let before = ended(&out).await;

    // Nobody works on it now, so that the next may; two at a time may not.
    let going = survey(&config, &list, &out).spawn().unwrap();
    let Output { status, stdout, stderr } = going.wait_with_output().await.unwrap();
    let (said, told) = (String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap());
    assert!(status.success(), "{said}{told}");
    assert!(said.starts_with(&format!("{DOMAINS} of {DOMAINS} domains are measured")), "{said}");
    let end: serde_json::Value = serde_json::from_str(told.lines().last().unwrap()).unwrap();
    assert_eq!((&end["event"], &end["before"], &end["done"]), (&"end".into(), &before.into(), &whole.into()));

    // All of them were reached, by two looks for STARTTLS at each address; one kill can cost those under way another.
    let store = SqliteStore::read(&out).await.unwrap();
    let mut red = 0;
    for measured in store.page(i64::MIN, 1000).await.unwrap() {
        let evidence = measured.evidence.unwrap();
        assert_eq!(evidence.servers.len(), 1, "{}: {:?}", measured.domain, evidence.names.mx);
        red += usize::from(evidence.servers[0].session.gives_no_starttls());
    }
    assert_eq!(red, DOMAINS);
    let called = servers.called.lock().clone();
    assert_eq!(called.len(), OPERATORS);
    assert!(called.values().all(|count| (2..=4).contains(count)), "{called:?}");
    assert!(*servers.most.lock() <= 2);

    // A third run has nothing to do, and another list is another survey.
    let again = survey(&config, &list, &out).output().await.unwrap();
    assert!(again.status.success());
    assert_eq!(servers.called.lock().clone(), called);
    fs::write(&list, "d1.survey.test\n").unwrap();
    let other = survey(&config, &list, &out).output().await.unwrap();
    assert_eq!(other.status.code(), Some(2));
    assert!(String::from_utf8(other.stderr).unwrap().contains("the list or the sample has changed"));
}
