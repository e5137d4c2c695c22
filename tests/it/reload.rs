//! SIGHUP: what is read again while sessions go on, what is not, and what becomes of a configuration that cannot be.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use mailassay::program::config;
use mailassay::shared::time::Timestamp;

use super::commands::{Serving, local};
use super::expiry::{certificate, names};

/// How long the service may take to say something, in seconds.
const SAYS_S: u64 = 120;

/// A service that tells its state as it would tell systemd.
struct World {
    serving: Serving,
    manager: UnixDatagram,
    log: Box<dyn Iterator<Item = String>>,
    config: PathBuf,
}

impl World {
    fn start(folder: &Path, config: PathBuf) -> Self {
        let socket = folder.join("notify");
        let manager = UnixDatagram::bind(&socket).unwrap();
        manager.set_read_timeout(Some(Duration::from_secs(SAYS_S))).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_mailassay"));
        command.args(["serve", "--config"]).arg(&config).env_remove("RUST_LOG").env("NOTIFY_SOCKET", &socket);
        let mut serving = Serving(command.stderr(Stdio::piped()).spawn().unwrap());
        let log = BufReader::new(serving.0.stderr.take().unwrap()).lines().map(Result::unwrap);
        let world = Self { serving, manager, log: Box::new(log), config };
        assert_eq!(world.told(), "READY=1");
        world
    }

    fn told(&self) -> String {
        let mut told = [0; 256];
        let length = self.manager.recv(&mut told).unwrap();
        String::from_utf8(told[..length].to_vec()).unwrap().trim().to_owned()
    }

    /// Writes the configuration anew and has it read. What is logged up to a line with `last`.
    fn reload(&mut self, text: &str, last: &str) -> String {
        fs::write(&self.config, text).unwrap();
        let id = self.serving.0.id().to_string();
        assert!(Command::new("kill").args(["-HUP", &id]).status().unwrap().success());
        let began = self.told();
        assert!(began.starts_with("RELOADING=1\nMONOTONIC_USEC="), "{began}");
        assert_eq!(self.told(), "READY=1");
        let mut lines = Vec::new();
        for line in self.log.by_ref() {
            let is_last = line.contains(last);
            lines.push(line);
            if is_last {
                return lines.join("\n");
            }
        }
        panic!("no {last} in {lines:#?}");
    }
}

/// One session that is open all the time.
struct Session {
    link: TcpStream,
    replies: Box<dyn Iterator<Item = String>>,
}

impl Session {
    fn begin(smtp: SocketAddr) -> Self {
        let link = TcpStream::connect(smtp).unwrap();
        let replies = BufReader::new(link.try_clone().unwrap()).lines().map(Result::unwrap);
        let mut session = Self { link, replies: Box::new(replies) };
        assert!(session.reply().starts_with("220 "));
        session
    }

    fn reply(&mut self) -> String {
        self.replies.find(|line| line.as_bytes().get(3) == Some(&b' ')).unwrap()
    }

    fn say(&mut self, command: &str) -> String {
        self.link.write_all(format!("{command}\r\n").as_bytes()).unwrap();
        self.reply()
    }
}

fn fetch(site: SocketAddr, path: &str) -> String {
    let mut link = TcpStream::connect(site).unwrap();
    write!(link, "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").unwrap();
    let mut page = String::new();
    link.read_to_string(&mut page).unwrap();
    page
}

/// The local configuration with certificates in files, and with files of the operator's own.
fn configuration(folder: &Path) -> String {
    let text = fs::read_to_string(local(folder)).unwrap();
    let files = "source = \"files\"\nfiles = [{ chain = \"chain.pem\", key = \"key.pem\" }]\n";
    let text = text.replace("[tls]\n", &format!("[tls]\n{files}")).replace("certs/ca-root.pem", "chain.pem");
    let text = text.replace("[site]\n", "[site]\nstyle = \"own.css\"\ntexts = \"texts\"\n");
    fs::create_dir(folder.join("texts")).unwrap();
    fs::create_dir(folder.join("profiles")).unwrap();
    fs::write(folder.join("own.css"), "h1 { color: teal }").unwrap();
    format!("profiles = \"profiles\"\n{text}\n[log]\nfilter = \"error\"\n")
}

#[test]
fn what_can_be_is_read_again_and_no_session_ends() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let now = Timestamp::now().as_second();
    let day = |days: i64| Timestamp::from_second(now + days * 86_400).unwrap();
    let names = names("test.localhost");
    certificate(folder, &names, day(-1), day(60));
    let (text, file) = (configuration(folder), folder.join("config.toml"));
    fs::write(&file, &text).unwrap();
    let mut world = World::start(folder, file);
    let listen = config::load(&world.config).unwrap().listen;
    let (smtp, site) = (listen.smtp[0], listen.site[0]);
    let mut session = Session::begin(smtp);
    assert!(session.say("EHLO mx.sender.example").starts_with("250 "));

    // A bad one: all is told, and nothing is taken, not even what is good in it.
    fs::write(folder.join("own.css"), "h1 { color: red }").unwrap();
    let bad =
        text.replace("window_s = 20", "window_s = \"20\"").replace("patience_s = 600", "patience = 600");
    let said = world.reload(&bad, "reload it once more");
    for fault in ["pace.window_s: \"20\" does not fit", "pace.patience: there is no such key"] {
        assert!(said.contains(fault), "{said}");
    }
    assert!(session.say("NOOP").starts_with("250 "));
    let page = fetch(site, "/imprint");
    assert!(page.starts_with("HTTP/1.1 404"), "{page}");
    assert!(fetch(site, "/assets/operator.css").contains("teal"));

    // A good one. That it is said at all shows the filter of the log.
    fs::write(folder.join("texts/imprint.de.md"), "Wir, *hier*.").unwrap();
    fs::copy("config/profiles/qte.toml", folder.join("profiles/own-rules.toml")).unwrap();
    let good = text.replace("filter = \"error\"", "filter = \"warn,mailassay=info\"");
    let good = good.replace("window_s = 20", "window_s = 21");
    let said = world.reload(&good, "for the next start");
    assert!(
        said.contains("was read again") && said.contains("pace.window_s waits for the next start"),
        "{said}"
    );
    let page = fetch(site, "/imprint");
    assert!(page.contains("<p>Wir, <em>hier</em>.</p>") && page.contains("lang=\"de\""), "{page}");
    assert!(page.contains("href=\"/assets/operator.css?v="), "{page}");
    assert!(fetch(site, "/assets/operator.css").contains("red"));
    assert!(session.say("NOOP").starts_with("250 "));

    // Other certificates in the same files.
    certificate(folder, &names, day(-1), day(61));
    let said = world.reload(&text.replace("filter = \"error\"", "filter = \"info\""), "shown from now on");
    assert!(said.contains("other certificates are in tls.files"), "{said}");
    assert!(session.say("QUIT").starts_with("221 "));
}
