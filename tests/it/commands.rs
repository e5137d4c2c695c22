//! The command line, as an operator meets it: what it prints, and how it ends.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// How a command ended: its code, standard output and standard error.
pub(super) fn run(arguments: &[&str], config: Option<&Path>) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mailassay"));
    command.args(arguments).env_remove("RUST_LOG").env_remove("MAILASSAY_CONFIG").stdin(Stdio::null());
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
        // With what stands around it: a free port may hold the digits of the next one.
        let free = free_port();
        for (before, after) in [(":", "\""), ("_port = ", "\n")] {
            text = text.replace(&format!("{before}{port}{after}"), &format!("{before}{free}{after}"));
        }
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
    let text = fs::read_to_string(&config).unwrap();
    fs::write(&bad, text.replace("origin = \"test.localhost\"", "origin = 5")).unwrap();
    let nowhere = folder.path().join("nowhere.toml");
    for (arguments, config, said) in [
        (&["config", "check"][..], &bad, "bad.toml:4: origin: 5 does not fit; write text in quotes"),
        (&["serve"], &nowhere, "nowhere.toml: No such file or directory"),
        (&["trial", "new"], &config, "no case is offered here: `addresses.cases` in the configuration names no"),
        (&["trial", "new", "--suite", "none,nowhere"], &config, "the case `none` is not offered here"),
        (&["trial", "new", "--suite", "nowhere"], &config, "there is no case `nowhere`"),
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
    assert_eq!(run(&["keys"], Some(&config)).0, 0);
    let (code, output, error) = run(&["check", "jim@Gr\u{fc}ne.example", "--json"], Some(&config));
    let why = "mailassay: this host cannot reach any root server of DNS";
    assert!(code == 3 && error.starts_with(why) && error.lines().count() == 1, "{error}");
    let value: serde_json::Value = serde_json::from_str(&output).unwrap();
    assert_eq!(value["domain"], "xn--grne-1ra.example");
    assert_eq!(value["profiles"]["internetnl-2025"]["score"], serde_json::Value::Null);
    // Whoever reads gets one sentence, and no page on which everything is open.
    for form in ["--text", "--html", "--quiet"] {
        let (code, output, error) = run(&["check", "example.net", form], Some(&config));
        assert_eq!((code, output.as_str()), (3, ""), "{form}");
        assert!(error.starts_with(why) && error.lines().count() == 1, "{error}");
    }
}

#[test]
fn check_says_what_it_does_not_understand() {
    for (arguments, said) in [
        (&["check", "not a domain"][..], "`not a domain` is no domain; write a domain that receives mail"),
        (&["check", "192.0.2.1"], "`192.0.2.1` is no domain"),
        (&["check", "-foo.test"], "`-foo.test` is no domain; write a domain that receives mail"),
        (&["check", "mailto:jim@localhost"], "`mailto:jim@localhost` is no domain"),
        (&["check", "x.example", "--profile", "ssllabs"], "internetnl-2025, internetnl-v2"),
        (&["check", "x.example", "--no-such-option"], "unexpected argument '--no-such-option'"),
        (&["check", "x.example", "--quiet", "--failed"], "cannot be used with"),
        (&["check", "x.example", "--helo", "a b"], "write a host name, or an address in brackets"),
        (&["check", "x.example", "--ip", "mx"], "invalid IP address"),
        (&["check", "x.example", "--json", "--html"], "cannot be used with"),
    ] {
        let (code, output, error) = run(arguments, None);
        assert_eq!((code, output.as_str()), (2, ""), "{arguments:?}");
        assert!(error.contains(said), "{error}");
    }
}

/// What lies in the folder of a configuration beside what [`local`] puts there.
fn made(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| !["config.toml", "local.zone", "bad.toml"].contains(&name.as_str())).collect()
}

#[test]
fn what_serve_would_refuse_is_told_by_the_check() {
    let folder = tempfile::tempdir().unwrap();
    let config = local(folder.path());
    let text = fs::read_to_string(&config).unwrap();
    let smtp = text.lines().find(|line| line.starts_with("smtp = ")).unwrap();
    let text = text
        .replace(smtp, "smtp = [\"192.0.2.25:2525\"]")
        .replace("maildir = \"verdicts\"", "maildir = \"/proc/verdicts\"");
    fs::write(&config, text).unwrap();
    let (code, output, _) = run(&["config", "check"], Some(&config));
    assert_eq!(code, 1, "{output}");
    for said in [
        "✘ listen.smtp: this host does not have the address 192.0.2.25",
        "✘ reply.maildir: /proc belongs to ",
        "✘ service: it does not run",
        "! reply.delivery: verdicts are not mailed but put into /proc/verdicts",
        "– keys: ",
    ] {
        assert!(output.contains(said), "{said}: {output}");
    }
    assert_eq!(made(folder.path()), [""; 0], "a check writes nothing");
}

/// Root makes keys by mistake where another serves: the check says so before the service fails.
#[test]
fn files_of_others_are_told_with_the_remedy() {
    use std::os::unix::fs::chown;
    let folder = tempfile::tempdir().unwrap();
    let config = local(folder.path());
    assert_eq!(run(&["keys"], Some(&config)).0, 0);
    if chown(folder.path(), Some(4_321), Some(4_321)).is_err() {
        return;
    }
    let (_, output, _) = run(&["config", "check"], Some(&config));
    let said = format!(
        "dkim.key: {}/dkim.key.pem belongs to root, and this runs as the user 4321: `chown 4321 ",
        folder.path().display()
    );
    assert!(output.contains(&said), "{output}");
    // What is made from now on belongs to whoever has the folder.
    fs::remove_file(folder.path().join("dkim.key.pem")).unwrap();
    assert_eq!(run(&["keys"], Some(&config)).0, 0);
    let owner =
        std::os::unix::fs::MetadataExt::uid(&fs::metadata(folder.path().join("dkim.key.pem")).unwrap());
    assert_eq!(owner, 4_321);
}

/// systemd notes the time itself, and reads the priority of a line before it.
#[test]
fn the_log_is_fit_for_systemd() {
    use std::os::unix::fs::MetadataExt;
    let folder = tempfile::tempdir().unwrap();
    let config = local(folder.path());
    let path = folder.path().join("log");
    let log = fs::File::create(&path).unwrap();
    let stream = log.metadata().map(|found| format!("{}:{}", found.dev(), found.ino())).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_mailassay"));
    command.arg("serve").env("MAILASSAY_CONFIG", &config).env_remove("RUST_LOG");
    let _serving = Serving(command.env("JOURNAL_STREAM", stream).stderr(log).spawn().unwrap());
    let text = loop {
        let text = fs::read_to_string(&path).unwrap();
        if text.contains("policy host") {
            break text;
        }
        std::thread::sleep(std::time::Duration::from_millis(100));
    };
    assert!(text.starts_with("<6>serving origin=test.localhost "), "{text}");
    assert!(text.lines().all(|line| line.starts_with('<')) && !text.contains('\u{1b}'), "{text}");
    assert!(text.lines().any(|line| line.starts_with("<6>self-check: ")), "{text}");
}

/// The table of docs/operating.md is what `--help` says.
#[test]
fn exit_codes_are_told_alike() {
    let (code, help, _) = run(&["--help"], None);
    assert_eq!(code, 0);
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/operating.md");
    let document = fs::read_to_string(file).unwrap();
    let table = document.split_once("| exit code | means |").unwrap().1;
    let rows = table.lines().skip(2).take_while(|line| line.starts_with('|'));
    let codes: Vec<&str> = rows.filter_map(|row| row.split('|').nth(1)).map(str::trim).collect();
    assert_eq!(codes, ["0", "1", "2", "3", "4"]);
    for code in codes {
        assert!(help.lines().any(|line| line.starts_with(&format!("  {code}  "))), "{help}");
    }
    let (_, help, _) = run(&["check", "--help"], None);
    for said in ["Exit codes:", "MAILASSAY_CONFIG", "possible values: bsi, internetnl-2025"] {
        assert!(help.contains(said), "{help}");
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
    // What only looks makes nothing, and says what does.
    for words in [["zone", "ds"], ["zone", "parent"], ["zone", "print"], ["certs", "ca"]] {
        let (code, output, error) = run(&words, Some(&config));
        assert_eq!((code, output.as_str()), (2, ""), "{words:?}");
        assert!(error.contains("there is no such key yet; `mailassay serve` makes it"), "{error}");
    }
    assert_eq!(made(folder.path()), [""; 0]);
    let keys = ok(&["keys"]);
    assert!(
        keys.lines().count() == 4 && keys.contains("dkim.key.pem") && keys.contains("seal.key.pem"),
        "{keys}"
    );
    let ds = ok(&["zone", "ds"]);
    assert!(ds.starts_with("test.localhost. 3600 IN DS ") && ds.lines().count() == 1, "{ds}");
    assert_eq!(ok(&["zone", "ds"]), ds, "the keys are kept");
    let parent = ok(&["zone", "parent"]);
    assert!(parent.ends_with(&ds) && parent.lines().count() == 3, "{parent}");
    assert!(
        parent.starts_with("test.localhost. ") && parent.contains("\tNS\t") || parent.contains(" NS "),
        "{parent}"
    );
    assert!(parent.contains(" A 127.0.0.1\n") || parent.contains("\tA\t127.0.0.1\n"), "{parent}");
    let root = ok(&["certs", "ca"]);
    assert!(root.starts_with("-----BEGIN CERTIFICATE-----\n"), "{root}");
    assert_eq!(ok(&["certs", "ca"]), root, "the root is kept");

    let one = ok(&["zone", "print", "test.localhost"]);
    assert!(one.starts_with("test.localhost.\t") && one.lines().next().unwrap().contains("\tSOA\t"), "{one}");
    assert!(!one.lines().any(|line| line.starts_with(';')), "{one}");
    let (code, output, error) = run(&["zone", "print", "elsewhere.example"], Some(&config));
    assert_eq!((code, output.as_str()), (2, ""));
    assert!(error.contains("`elsewhere.example` is no zone") && error.contains("test.localhost."), "{error}");
    let zone = ok(&["zone", "print"]);
    assert!(zone.contains(&format!("; {ds}")), "{zone}");
    // The name follows from the key.
    let seal = zone.lines().find(|line| line.contains("._mailassay.") && line.contains("v=mailassay1"));
    let seal_owner =
        seal.and_then(|line| line.split(".test.localhost.").next()).unwrap_or("no key").to_owned();
    let has = |owner: &str, words: &str| {
        zone.lines().any(|line| line.starts_with(&format!("{owner}.test.localhost.")) && line.contains(words))
    };
    for (owner, words) in [
        ("_25._tcp.mx04.et", "TLSA\t3 1 1"),
        ("_25._tcp.mx04.et", "RRSIG\tTLSA"),
        ("_mta-sts.et", "v=STSv1"),
        ("_smtp._tls.et", "mailto:tls-reports@test.localhost"),
        ("mailassay._domainkey", "v=DKIM1"),
        (&seal_owner, "v=mailassay1; k=ed25519; p="),
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
pub(super) fn send(smtp: SocketAddr) {
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

/// Documents of the trial, and what their readers make of them.
fn hands_the_trial_on(config: &Path, id: &str) {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, arguments: &[&str]| {
        let (code, output, error) = run(&[&["trial", "show", id], arguments].concat(), Some(config));
        assert_eq!((code, error.as_str()), (0, ""), "{arguments:?}");
        assert!(
            !output.contains(id) && !output.contains("joachim") && !output.contains("127.0.0.1"),
            "{output}"
        );
        let path = folder.path().join(name);
        fs::write(&path, output).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let signed = file("signed.json", &["--json", "--signed"]);
    let plain = file("plain.json", &["--json", "--redacted"]);
    let history = file("history.json", &["--history"]);

    let (code, output, _) = run(&["verify", &signed], None);
    assert!(
        code == 3 && output.contains("dig +dnssec TXT ") && output.contains("it says test.localhost"),
        "{output}"
    );
    assert!(output.contains("What: a verdict on the mail of sender.example, trial "), "{output}");
    let key = output.lines().find_map(|line| line.trim().strip_prefix('"')?.strip_suffix('"')).unwrap();
    let (_, zone, _) = run(&["zone", "print"], Some(config));
    let record = zone.lines().find(|line| line.contains("v=mailassay1")).unwrap();
    for given in [key, record] {
        let (code, output, error) = run(&["verify", &signed, "--key", given], None);
        assert!(code == 0 && output.starts_with("✔ "), "{output}{error}");
    }
    let changed = fs::read_to_string(&signed).unwrap().replacen("sender.example", "other.example", 1);
    fs::write(folder.path().join("changed.json"), changed).unwrap();
    let changed = folder.path().join("changed.json");
    let (code, output, _) = run(&["verify", changed.to_str().unwrap(), "--key", key], None);
    assert!(code == 1 && output.starts_with("✘ The signature does not fit"), "{output}");
    let (code, _, error) = run(&["verify", &plain], None);
    assert!(code == 2 && error.contains("has no field `protected`"), "{error}");

    for (path, says) in [(&signed, true), (&plain, true), (&history, false)] {
        let (code, output, error) = run(&["trial", "replay", path], None);
        assert!(code == 0 && output.contains("127.0.0.0/24#1"), "{output}{error}");
        assert_eq!(output.contains("✔ The document says the same."), says, "{output}");
    }
    let (code, _, error) = run(&["trial", "replay", &history, "--language", "xx"], None);
    assert!(code == 2 && error.contains("there are en and de"), "{error}");
}

#[test]
fn a_file_without_end_is_not_read() {
    let key = "v=mailassay1; k=ed25519; p=Gb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=";
    for arguments in [&["verify", "/dev/zero", "--key", key][..], &["trial", "replay", "/dev/zero"]] {
        let (code, _, error) = run(arguments, None);
        assert!(code == 2 && error.contains("it has more than 16 MiB"), "{error}");
    }
    let (code, _, error) = run(&["verify", "/dev/null", "--key", "v=DKIM1"], None);
    assert!(code == 2 && error.contains("this is no key of signed documents"), "{error}");
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

    hands_the_trial_on(config, id);
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
    assert!(output.contains("✔ zones: ") && output.contains("✘ service: it does not run"), "{output}");
    assert!(!output.contains("DNS and DNSSEC"), "of what does not run nothing is said: {output}");

    let mut command = Command::new(env!("CARGO_BIN_EXE_mailassay"));
    command.args(["serve", "--config"]).arg(&config).env_remove("RUST_LOG").stderr(Stdio::piped());
    let mut serving = Serving(command.spawn().unwrap());
    let mut log = BufReader::new(serving.0.stderr.take().unwrap()).lines();
    let begun = log.by_ref().map(Result::unwrap).find(|line| line.contains("serving"));
    assert!(begun.expect("it serves").contains("origin=test.localhost"));

    let (code, output, error) = run(&["config", "check"], Some(&config));
    assert_eq!(code, 0, "{output}{error}");
    assert!(!output.contains('✘'), "{output}");
    assert!(output.contains("✔ service: it runs with this configuration"), "{output}");
    // What this host can scan from is said, and stops nothing; nobody outside of the private world is called.
    assert!(output.contains("– port 25: nobody could be tried ("), "{output}");
    assert!(output.contains("IPv6: ") && output.contains("EHLO name: "), "{output}");
    let (code, output, _) = run(&["trial", "list", "--json"], Some(&config));
    assert_eq!((code, output.as_str()), (0, "[]\n"));
    let text = fs::read_to_string(&config).unwrap();
    fs::write(&config, text.replace("window_s = 20", "window_s = 21")).unwrap();
    let (code, output, _) = run(&["config", "check"], Some(&config));
    assert!(code == 1 && output.contains("✘ service: it runs with another configuration"), "{output}");
    fs::write(&config, text).unwrap();
    let smtp = mailassay::program::config::load(&config).unwrap().listen.smtp[0];
    send(smtp);
    shows_the_trial(&config);

    let kill = Command::new("kill").args(["-TERM", &serving.0.id().to_string()]).status().unwrap();
    assert!(kill.success());
    let rest: Vec<String> = log.map(Result::unwrap).collect();
    assert!(rest.iter().any(|line| line.ends_with("stopped")), "{rest:?}");
    assert!(rest.iter().any(|line| line.contains("trial opened trial=")), "{rest:?}");
    assert!(!rest.iter().any(|line| line.contains("sender.example")), "{rest:?}");
    assert_eq!(serving.0.wait().unwrap().code(), Some(0));
}
