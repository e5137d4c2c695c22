//! `setup` and `doctor`, as an operator meets them: what they write, what they say, and what they leave as it is.

mod world;

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What a command that is told `input` ends with: its code, standard output and standard error.
fn told(arguments: &[&str], input: &str) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mailassay"));
    command.args(arguments).env_remove("RUST_LOG").env_remove("MAILASSAY_CONFIG");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // One that asks nothing does not wait for it.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let output = child.wait_with_output().unwrap();
    let text = |octets| String::from_utf8(octets).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

/// Where the tests' services would listen: no other test has these.
const ADDRESS: &str = "127.0.77.25";

/// Sets up in `folder` without asking anybody. What it says.
fn set_up(folder: &Path, further: &[&str]) -> (i32, String, String) {
    let config = folder.join("config.toml");
    let mut arguments = vec!["setup", "--yes", "--offline", "--config", config.to_str().unwrap()];
    let unit = folder.join("unit.service");
    arguments.extend(["--unit", unit.to_str().unwrap()]);
    arguments.extend(further);
    told(&arguments, "")
}

/// Every file below a folder, with what it holds.
fn held(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => found.extend(held(&path)),
            false => {
                found.insert(path.clone(), fs::read(&path).unwrap());
            }
        }
    }
    found
}

/// Only text that is to be pasted whole is wider than a terminal.
fn fits_a_terminal(output: &str) {
    for line in output.lines().filter(|line| line.chars().count() > 80) {
        assert!(!line.trim().contains(' '), "{line}");
    }
}

#[test]
fn setup_writes_what_is_missing_and_nothing_twice() {
    let folder = tempfile::tempdir().unwrap();
    let flags = ["--origin", "Test.Example", "--address", ADDRESS, "--contact", "jim@example.net"];
    let (code, output, error) = set_up(folder.path(), &flags);
    assert_eq!((code, error.as_str()), (0, ""), "{output}");
    fits_a_terminal(&output);
    let place = folder.path().display();
    for said in [
        &format!("✔ zone file: wrote {place}/origin.zone")[..],
        "✔ configuration: wrote ",
        "– certificates: the service orders them from Let's Encrypt, by which you agree",
        "✔ unit: wrote ",
        "AT THE REGISTRAR of test.example:",
        &format!("    ns1.test.example  {ADDRESS}\n"),
        "    algorithm    13 (ECDSAP256SHA256)",
        &format!("    PTR of {ADDRESS} should be mx.test.example\n"),
        "    port 25 outwards should be open",
        "    systemctl enable --now mailassay\n    mailassay doctor --config ",
    ] {
        assert!(output.contains(said), "{said}: {output}");
    }
    let text = fs::read_to_string(folder.path().join("config.toml")).unwrap();
    for line in ["source = \"acme\"", "contact = \"jim@example.net\"", "caa_issuer = \"letsencrypt.org\""] {
        assert!(text.lines().any(|own| own == line), "{line}: {text}");
    }
    let unit = fs::read_to_string(folder.path().join("unit.service")).unwrap();
    assert!(unit.contains(&format!(" serve --config {place}/config.toml\n")), "{unit}");

    // The digest and the key are those of the zone.
    let config = folder.path().join("config.toml");
    let (_, parent, _) = super::commands::run(&["zone", "parent"], Some(&config));
    let ds = parent.lines().find(|line| line.contains(" DS ")).unwrap();
    let digest = ds.split_whitespace().last().unwrap().to_ascii_uppercase();
    assert!(output.lines().any(|line| line == digest), "{digest}: {output}");
    let (_, zone, _) = super::commands::run(&["zone", "print"], Some(&config));
    let key = zone.lines().find(|line| line.contains("DNSKEY") && line.contains("257 3 13")).unwrap();
    let key: String = key.split("257 3 13").nth(1).unwrap().split_whitespace().collect();
    assert!(output.lines().any(|line| line == key), "{key}: {output}");

    let before = held(folder.path());
    let others = ["--origin", "other.example", "--address", "127.0.77.26", "--contact", "x@example.net"];
    let (code, output, error) = set_up(folder.path(), &[&others[..], &["--delivery", "maildir"]].concat());
    assert_eq!((code, error.as_str()), (0, ""), "{output}");
    assert!(output.contains("stays as it is") && !output.contains("wrote"), "{output}");
    // Broken lines are put together again.
    let whole = output.replace("\n  ", " ");
    for said in [
        "! origin: the configuration says test.example, not other.example; what is there is not changed",
        &format!("! addresses.shared: the configuration says {ADDRESS}, not 127.0.77.26"),
        "! site.operator.mail: the configuration says jim@example.net, not x@example.net",
        "! reply.delivery: the configuration says mx, not maildir",
    ] {
        assert!(whole.contains(said), "{said}: {whole}");
    }
    assert_eq!(held(folder.path()), before);
}

#[test]
fn setup_completes_what_lost_its_zone() {
    let folder = tempfile::tempdir().unwrap();
    set_up(folder.path(), &["--origin", "test.example", "--address", ADDRESS]);
    let zone = folder.path().join("origin.zone");
    let before = held(folder.path());
    fs::remove_file(&zone).unwrap();
    let (code, output, _) = set_up(folder.path(), &[]);
    assert!(code == 0 && output.contains("✔ zone file: wrote "), "{output}");
    assert_eq!(held(folder.path()), before);
    // What an operator wrote stays, and what does not read is told with its place, and not replaced.
    fs::write(&zone, "@ IN NONSENSE\n").unwrap();
    let (code, _, error) = set_up(folder.path(), &[]);
    assert!(code == 2 && error.contains("origin.zone"), "{error}");
    assert_eq!(fs::read_to_string(&zone).unwrap(), "@ IN NONSENSE\n");
    fs::write(folder.path().join("config.toml"), "origin = 5\n").unwrap();
    let (code, _, error) = set_up(folder.path(), &[]);
    assert!(code == 2 && error.contains("config.toml:1: origin: "), "{error}");
}

#[test]
fn setup_asks_for_what_is_not_said() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("config.toml");
    let arguments = ["setup", "--offline", "--no-unit", "--certificates", "private-ca", "--config"];
    let arguments = [&arguments[..], &[config.to_str().unwrap()]].concat();
    let input = format!("localhost\ntest.example\n{ADDRESS}, {ADDRESS}\njim@example.net\nmaildir\n");
    let (code, output, error) = told(&arguments, &input);
    assert_eq!((code, error.as_str()), (0, ""), "{output}");
    assert!(output.contains("`localhost` is no domain"), "{output}");
    let text = fs::read_to_string(&config).unwrap();
    for line in [
        "origin = \"test.example\"",
        &format!("smtp = [\"{ADDRESS}:25\"]"),
        &format!("shared = [\"{ADDRESS}\"]"),
        "mail = \"jim@example.net\"",
        "delivery = \"maildir\"",
        "https = true",
    ] {
        assert!(text.lines().any(|own| own == line), "{line}: {text}");
    }
}

#[test]
fn setup_leaves_nothing_behind_where_an_answer_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("config.toml");
    let config = config.to_str().unwrap();
    for (further, said) in [
        (&["--yes"][..], "say `--origin DOMAIN`"),
        (&[], "say it as `--origin DOMAIN`"),
        (&["--yes", "--origin", "localhost"], "--origin: `localhost` is no domain"),
        (
            &["--origin", "a.example", "--address", "0.0.0.0"],
            "--address: 0.0.0.0 is no address of a single host",
        ),
        (
            &["--yes", "--origin", "a.example", "--address", ADDRESS, "--contact", "jim"],
            "--contact: `jim` is no mail address",
        ),
        (
            &["--yes", "--origin", "a.example", "--address", ADDRESS, "--acme-directory", "http://ca"],
            "--acme-directory: `http://ca` is no address",
        ),
    ] {
        let arguments = [&["setup", "--offline", "--no-unit", "--config", config], further].concat();
        let (code, _, error) = told(&arguments, "");
        assert!(code == 2 && error.contains(said), "{further:?}: {error}");
        assert_eq!(held(folder.path()).len(), 0, "{further:?}");
    }
}

/// N2 and N14: whoever looks writes nothing, and says what `serve` would refuse.
#[test]
fn the_doctor_writes_nothing_and_says_what_keeps_a_service_from_starting() {
    let folder = tempfile::tempdir().unwrap();
    let config = super::commands::local(folder.path());
    let text = fs::read_to_string(&config).unwrap();
    let smtp = text.lines().find(|line| line.starts_with("smtp = ")).unwrap();
    // Root servers that nobody has: no one is asked.
    let nowhere = super::commands::free_port();
    let own = text.lines().find(|line| line.starts_with("servers = ")).unwrap();
    let text = text
        .replace(smtp, "smtp = [\"192.0.2.25:2525\"]")
        .replacen(own, &format!("root_hints = [\"127.0.0.1:{nowhere}\"]"), 1)
        .replace("[scan.world]\n", &format!("[scan.world]\nroot_hints = [\"127.0.0.1:{nowhere}\"]\n"));
    fs::write(&config, text).unwrap();
    let before = held(folder.path());
    let (code, output, error) = super::commands::run(&["doctor"], Some(&config));
    assert_eq!((code, error.as_str()), (1, ""), "{output}");
    fits_a_terminal(&output);
    let whole = output.replace("\n  ", " ");
    for said in [
        "✘ listen.smtp: this host does not have the address 192.0.2.25",
        "✘ service: it does not run",
        " disk: ",
        "✔ addresses: this host has all 1 that it publishes",
        "✘ the world: this host cannot reach any root server of DNS",
        "What has a ✘ keeps the service from working",
    ] {
        assert!(whole.contains(said), "{said}: {whole}");
    }
    assert_eq!(held(folder.path()), before);
}
