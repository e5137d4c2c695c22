//! The command line, as an operator meets it: what it prints, and how it ends.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// How a command ended: its code, standard output and standard error.
pub(super) fn run(arguments: &[&str], config: Option<&Path>) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mailassay"));
    command.args(arguments).env_remove("RUST_LOG").stdin(Stdio::null());
    if let Some(config) = config {
        command.arg("--config").arg(config);
    }
    let output = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

/// A port that is free for UDP and TCP; whoever serves takes it right away.
pub(super) fn free_port() -> u16 {
    loop {
        let tcp = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = tcp.local_addr().unwrap().port();
        if UdpSocket::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

/// `config/local.toml` with a folder and ports of its own.
pub(super) fn local(folder: &Path) -> PathBuf {
    let source = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut text = fs::read_to_string(source.join("config/local.toml")).unwrap();
    for port in [2525, 5300, 4443, 8025] {
        text = text.replace(&port.to_string(), &free_port().to_string());
    }
    let text = text.replace("../target/local/", "").replace("../zones/", "");
    fs::copy(source.join("zones/local.zone"), folder.join("local.zone")).unwrap();
    let file = folder.join("config.toml");
    fs::write(&file, text).unwrap();
    file
}

#[test]
fn what_is_wrong_is_said_in_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let config = local(folder.path());
    let bad = folder.path().join("bad.toml");
    fs::write(&bad, "origin = 5\n").unwrap();
    let nowhere = folder.path().join("nowhere.toml");
    for (arguments, config, said) in [
        (&["config", "check"][..], &bad, "bad.toml:1: origin: 5 does not fit; write text in quotes"),
        (&["serve"], &nowhere, "nowhere.toml: No such file or directory"),
        (&["trial", "list"], &config, "there is no journal yet; `mailassay serve` makes it"),
        (&["trial", "show", "x"], &config, "`x` is no trial: an ID has 26 lower-case letters and digits"),
    ] {
        let (code, output, error) = run(arguments, Some(config));
        assert_eq!((code, output.as_str()), (2, ""), "{arguments:?}");
        assert!(error.starts_with("mailassay: ") && error.contains(said), "{error}");
        assert_eq!(error.lines().count(), 1, "{error}");
    }
    assert_eq!(run(&["dance"], None).0, 2);
    assert_eq!(run(&["trial", "show", "x", "--json", "--html"], Some(&config)).0, 2);
}

/// Names that cannot be looked up say nothing of a domain: neither pass nor failure, in each form.
#[test]
fn check_does_not_blame_a_domain_for_dns_that_is_down() {
    let folder = tempfile::tempdir().unwrap();
    let config = local(folder.path());
    let text = fs::read_to_string(&config).unwrap();
    // Nobody listens there.
    let port = free_port();
    let hints = format!("[scan.world]\nroot_hints = [\"127.0.0.1:{port}\"]\n");
    fs::write(&config, text.replace("[scan.world]\n", &hints)).unwrap();
    // Makes the roots that [scan.world] names.
    assert_eq!(run(&["certs", "ca"], Some(&config)).0, 0);
    let (code, output, error) = run(&["check", "Gr\u{fc}ne.example", "--json"], Some(&config));
    assert_eq!((code, error.as_str()), (3, ""), "{output}");
    let value: serde_json::Value = serde_json::from_str(&output).unwrap();
    assert_eq!(value["domain"], "xn--grne-1ra.example");
    assert_eq!(value["profiles"]["internetnl-2025"]["score"], serde_json::Value::Null);
    let german = ["check", "example.net", "--text", "--language", "de", "--profile", "qte"];
    let (code, output, _) = run(&german, Some(&config));
    assert!(
        code == 3 && output.starts_with("? Nicht eindeutig: Wie sicher example.net Mail empf"),
        "{output}"
    );
    let (code, output, _) = run(&["check", "example.net", "--html"], Some(&config));
    assert!(code == 3 && output.starts_with("<!DOCTYPE html>"), "{output}");
}

#[test]
fn check_says_what_it_does_not_understand() {
    for (arguments, said) in [
        (&["check", "not a domain"][..], "`not a domain` is no domain; write a domain that receives mail"),
        (&["check", "192.0.2.1"], "`192.0.2.1` is no domain"),
        (&["check", "x.example", "--profile", "ssllabs"], "there are bsi, internetnl-2025"),
        (&["check", "x.example", "--helo", "a b"], "write a host name, or an address in brackets"),
        (&["check", "x.example", "--ip", "mx"], "invalid IP address"),
        (&["check", "x.example", "--json", "--html"], "cannot be used with"),
    ] {
        let (code, output, error) = run(arguments, None);
        assert_eq!((code, output.as_str()), (2, ""), "{arguments:?}");
        assert!(error.contains(said), "{error}");
    }
}

#[test]
fn what_is_published_stays_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let config = local(folder.path());
    let ok = |arguments: &[&str]| {
        let (code, output, error) = run(arguments, Some(&config));
        assert_eq!((code, error.as_str()), (0, ""), "{arguments:?}");
        output
    };
    let ds = ok(&["zone", "ds"]);
    assert!(ds.starts_with("test.localhost. 3600 IN DS ") && ds.lines().count() == 1, "{ds}");
    assert_eq!(ok(&["zone", "ds"]), ds, "the keys are kept");
    let root = ok(&["certs", "ca"]);
    assert!(root.starts_with("-----BEGIN CERTIFICATE-----\n"), "{root}");
    assert_eq!(ok(&["certs", "ca"]), root, "the root is kept");

    let zone = ok(&["zone", "print"]);
    assert!(zone.contains(&format!("; {ds}")), "{zone}");
    let has = |owner: &str, words: &str| {
        zone.lines().any(|line| line.starts_with(&format!("{owner}.test.localhost.")) && line.contains(words))
    };
    for (owner, words) in [
        ("_25._tcp.mx04.et", "TLSA\t3 1 1"),
        ("_25._tcp.mx04.et", "RRSIG\tTLSA"),
        ("_mta-sts.et", "v=STSv1"),
        ("_smtp._tls.et", "mailto:tls-reports@test.localhost"),
        ("mailassay._domainkey", "v=DKIM1"),
        ("et", "MX"),
    ] {
        assert!(has(owner, words), "{owner} {words} is not in:\n{zone}");
    }
}

/// Ends with the test, however that ends.
pub(super) struct Serving(pub(super) Child);

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// One mail to one of the test addresses, in clear as the window wants it.
fn send(smtp: SocketAddr) {
    let mut link = TcpStream::connect(smtp).unwrap();
    let mut replies = BufReader::new(link.try_clone().unwrap()).lines().map(Result::unwrap);
    let mut last = move || replies.find(|line| line.as_bytes().get(3) == Some(&b' ')).unwrap();
    assert!(last().starts_with("220 "));
    for (command, code) in [
        ("EHLO mx.sender.example", "250"),
        ("MAIL FROM:<joachim@sender.example>", "250"),
        ("RCPT TO:<en@et.test.localhost>", "250"),
        ("DATA", "354"),
        ("From: joachim@sender.example\r\nMessage-ID: <1@sender.example>\r\n\r\nTest.\r\n.", "451"),
        ("QUIT", "221"),
    ] {
        link.write_all(format!("{command}\r\n").as_bytes()).unwrap();
        let reply = last();
        assert!(reply.starts_with(code), "{command}: {reply}");
    }
}

fn shows_the_trial(config: &Path) {
    let ok = |arguments: &[&str]| {
        let (code, output, error) = run(arguments, Some(config));
        assert_eq!((code, error.as_str()), (0, ""), "{arguments:?}");
        output
    };
    let list: serde_json::Value = serde_json::from_str(&ok(&["trial", "list", "--json"])).unwrap();
    assert_eq!((&list[0]["state"], &list[0]["sender"]), (&"open".into(), &"sender.example".into()), "{list}");
    let id = list[0]["id"].as_str().unwrap();
    assert!(ok(&["trial", "list"]).contains(id));

    let shown: serde_json::Value = serde_json::from_str(&ok(&["trial", "show", id, "--json"])).unwrap();
    assert_eq!(shown["id"], id);
    assert_eq!(shown["connections"][0]["outcome"], "mail-in-clear", "{shown}");
    assert_eq!(shown["sending"]["policy"], "inconclusive", "{shown}");
    let text = ok(&["trial", "show", id]);
    // The end of the link may be noted in between; the head is the same.
    let head = |text: &str| text.lines().next().unwrap_or_default()[..20].to_owned();
    assert_eq!(head(&text), head(&ok(&["trial", "show", id, "--text"])));
    assert!(text.contains("sender.example") && !text.contains("joachim@"), "{text}");
    assert!(ok(&["trial", "show", id, "--html"]).starts_with("<!DOCTYPE html>"));

    let unknown = "00000000000000000000000000";
    let (code, _, error) = run(&["trial", "show", unknown], Some(config));
    assert!(code == 2 && error.contains("there is no trial 0000"), "{error}");
}

#[test]
fn serves_until_it_is_told_to_stop() {
    let folder = tempfile::tempdir().unwrap();
    let config = local(folder.path());
    let (code, output, _) = run(&["config", "check"], Some(&config));
    assert_eq!(code, 1, "nobody serves yet: {output}");
    assert!(output.contains("✔ zones: ") && output.contains("✘ DNS and DNSSEC: "), "{output}");

    let mut command = Command::new(env!("CARGO_BIN_EXE_mailassay"));
    command.args(["serve", "--config"]).arg(&config).env_remove("RUST_LOG").stderr(Stdio::piped());
    let mut serving = Serving(command.spawn().unwrap());
    let mut log = BufReader::new(serving.0.stderr.take().unwrap()).lines();
    let begun = log.by_ref().map(Result::unwrap).find(|line| line.contains("serving"));
    assert!(begun.expect("it serves").contains("origin=test.localhost"));

    let (code, output, error) = run(&["config", "check"], Some(&config));
    assert_eq!(code, 0, "{output}{error}");
    assert!(!output.contains('✘'), "{output}");
    // What this host can scan from is said, and stops nothing; nobody outside of the private world is called.
    assert!(output.contains("– port 25: nobody could be tried ("), "{output}");
    assert!(output.contains("IPv6: ") && output.contains("EHLO name: "), "{output}");
    let (code, output, _) = run(&["trial", "list", "--json"], Some(&config));
    assert_eq!((code, output.as_str()), (0, "[]\n"));
    let smtp = mailassay::config::load(&config).unwrap().listen.smtp[0];
    send(smtp);
    shows_the_trial(&config);

    let kill = Command::new("kill").args(["-TERM", &serving.0.id().to_string()]).status().unwrap();
    assert!(kill.success());
    assert!(log.map(Result::unwrap).any(|line| line.ends_with("stopped")));
    assert_eq!(serving.0.wait().unwrap().code(), Some(0));
}
