//! The configuration: the example shows every key at its default, and what cannot be is refused by file, line and
//! key.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use mailassay::program::config::{self, ConfigError};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

fn example() -> (PathBuf, String) {
    let file = root().join("config/example.toml");
    let text = fs::read_to_string(&file).unwrap();
    (file, text)
}

/// What the operator must say, with the values of the example.
const NEEDED: &str = r#"
origin = "test.example"
[listen]
smtp = ["192.0.2.25:25"]
dns = ["192.0.2.53:53"]
policy_host = ["192.0.2.25:443"]
site = ["127.0.0.1:8025"]
[addresses]
shared = ["192.0.2.25"]
[zone]
file = "../zones/origin.zone"
"#;

#[test]
fn the_example_is_at_the_defaults() {
    let (file, text) = example();
    let example = config::parse(&file, &text).unwrap_or_else(|error| panic!("{error}"));
    let default = config::parse(&file, NEEDED).unwrap_or_else(|error| panic!("{error}"));
    assert_same(&example, &default);
}

#[test]
fn what_follows_from_others_is_shown_as_it_follows() {
    let (file, text) = example();
    let following = ["policy_host", "site", "sends_from", "tls_reports", "dmarc_reports", "host_name"];
    let following = following.into_iter().chain(["info_url", "url", "retention_days", "helo"]);
    let following = following.chain(["smtp_port", "https_port", "allowed"]);
    // What stands in place of something else follows from nothing: where the journal lies.
    let (elsewhere, marked) = ("\n# url = \"postgres:", "\n#  url = \"postgres:");
    let shown = following.fold(text.replace(elsewhere, marked), |text, key| {
        let comment = format!("\n# {key} = ");
        assert!(text.contains(&comment), "{key} is not shown");
        text.replace(&comment, &format!("\n{key} = "))
    });
    let shown = config::parse(&file, &shown).unwrap_or_else(|error| panic!("{error}"));
    let default = config::parse(&file, NEEDED).unwrap_or_else(|error| panic!("{error}"));
    assert_same(&shown, &default);
}

fn assert_same(ours: &config::Settings, default: &config::Settings) {
    let (ours, default) = (format!("{ours:#?}"), format!("{default:#?}"));
    let other = ours.lines().zip(default.lines()).enumerate().find(|(_, (ours, default))| ours != default);
    assert_eq!(other, None);
    assert_eq!(ours, default);
}

/// The example with its commented keys and tables, too.
fn whole_example() -> toml::Table {
    let key =
        |line: &str| line.split_once(" = ").is_some_and(|(key, _)| !key.trim_matches('"').contains(' '));
    let uncomment = |line: &str| match line.strip_prefix("# ") {
        Some(rest) if key(rest) || rest.starts_with('[') => rest.to_owned(),
        _ => line.to_owned(),
    };
    let text: Vec<_> = example().1.lines().map(uncomment).collect();
    text.join("\n").parse().unwrap_or_else(|error| panic!("{error}"))
}

/// Every table with its place; the names of hosts in `addresses.own` are not keys of ours.
fn tables(table: &toml::Table, place: &[String], found: &mut Vec<Vec<String>>) {
    if place.last().is_some_and(|name| name == "own") {
        return;
    }
    found.push(place.to_vec());
    for (name, value) in table {
        let mut place = place.to_vec();
        place.push(name.clone());
        match value {
            toml::Value::Table(table) => tables(table, &place, found),
            toml::Value::Array(list) => {
                if let Some(toml::Value::Table(table)) = list.first() {
                    tables(table, &place, found);
                }
            }
            _ => {}
        }
    }
}

fn table_at<'t>(table: &'t mut toml::Table, place: &[String]) -> &'t mut toml::Table {
    place.iter().fold(table, |table, name| match table.get_mut(name).unwrap() {
        toml::Value::Array(list) => list[0].as_table_mut().unwrap(),
        value => value.as_table_mut().unwrap(),
    })
}

/// The program lists the keys of a table when it meets one that it does not know: these are in the example, and
/// no others.
#[test]
fn the_example_shows_every_key() {
    let mut found = Vec::new();
    let whole = whole_example();
    tables(&whole, &[], &mut found);
    assert!(found.len() > 20, "{found:?}");
    for place in found {
        let mut odd = whole.clone();
        let table = table_at(&mut odd, &place);
        let shown: BTreeSet<String> = table.keys().cloned().collect();
        table.insert("no-such-key".to_owned(), true.into());
        let errors = config::parse(Path::new("example"), &odd.to_string()).unwrap_err();
        let is_odd =
            |error: &&ConfigError| error.key.as_deref().is_some_and(|key| key.ends_with("no-such-key"));
        let error = errors.all().iter().find(is_odd).unwrap_or_else(|| panic!("{errors}"));
        assert_eq!(error.key.as_deref().unwrap().rsplit('.').next(), Some("no-such-key"), "{error}");
        let (_, words) = error.problem.split_once("expected ").unwrap();
        let known: BTreeSet<String> = words.split('`').skip(1).step_by(2).map(str::to_owned).collect();
        assert_eq!(shown, known, "[{}]", place.join("."));
    }
}

#[test]
fn the_local_configuration_fits() {
    let file = root().join("config/local.toml");
    let settings = config::load(&file).unwrap_or_else(|error| panic!("{error}"));
    let listen = &settings.listen;
    let all = [&listen.smtp, &listen.dns, &listen.policy_host, &listen.site];
    assert!(all.into_iter().flatten().all(|address| address.ip().is_loopback() && address.port() > 1024));
    let made = [
        &settings.journal.path,
        &settings.tls.folder,
        &settings.zone.authority.keys,
        &settings.dkim.key,
        &settings.seal.key,
    ];
    assert!(made.into_iter().all(|path| path.starts_with(root().join("config/../target/local"))));
}

/// `tests/bad_configs/<why>/config.toml` is refused in the words of `expected.txt`.
#[test]
fn what_cannot_be_is_refused_with_file_line_and_key() {
    let folder = root().join("tests/bad_configs");
    let mut cases: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.retain(|case| case.is_dir());
    cases.sort();
    assert!(cases.len() > 20, "{cases:?}");
    let mut wrong = Vec::new();
    for case in cases {
        let said = match config::load(&case.join("config.toml")) {
            Ok(_) => "nothing: it was taken".to_owned(),
            Err(error) => error.to_string(),
        };
        // The folder is another one on each machine.
        let said = said.replace(&format!("{}/", case.display()), "");
        let expected = case.join("expected.txt");
        if std::env::var_os("MAILASSAY_BLESS").is_some() {
            fs::write(&expected, format!("{said}\n")).unwrap();
        }
        if fs::read_to_string(&expected).unwrap_or_default().trim_end() != said {
            wrong.push(format!("{}: {said}", case.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_password_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let case = root().join("tests/bad_configs/password-file-missing");
    let text = fs::read_to_string(case.join("config.toml")).unwrap();
    let file = folder.path().join("case/config.toml");
    let password = file.with_file_name("missing");
    mailassay::shared::keyfile::write(&password, b"secret\n").unwrap();
    fs::copy(root().join("tests/bad_configs/origin.zone"), folder.path().join("origin.zone")).unwrap();
    let smarthost = config::parse(&file, &text).unwrap_or_else(|error| panic!("{error}")).reply;
    assert!(format!("{smarthost:?}").contains("relay.example"));
    fs::set_permissions(&password, fs::Permissions::from_mode(0o644)).unwrap();
    let error = config::parse(&file, &text).unwrap_err().to_string();
    assert!(error.contains("config.toml:21: reply.smarthost.password_file: "), "{error}");
    assert!(error.contains(&format!("chmod 600 {}", password.display())), "{error}");
}

/// Keys whose values follow from others.
const FOLLOWING: [&str; 15] = [
    "addresses.policy_host",
    "addresses.site",
    "addresses.sends_from",
    "zone.tls_reports",
    "zone.dmarc_reports",
    "smtp.host_name",
    "smtp.info_url",
    "site.url",
    "site.retention_days",
    "site.operator.mail",
    "reply.from",
    "scan.helo",
    "scan.world.smtp_port",
    "scan.world.https_port",
    "scan.world.allowed",
];

/// What `config show` prints is a configuration that says the same.
#[test]
fn what_is_shown_is_in_force() {
    let own = NEEDED
        .replace("[zone]\n", "[zone]\nother = [{ apex = \"x.example\", file = \"../zones/origin.zone\" }]\n");
    let own = format!("{own}refresh_s = 7\n[addresses.own]\n\"mx03.et\" = [\n  \"2001:db8::3\",\n]\n");
    for text in [NEEDED.to_owned(), own, example().1] {
        let written = tempfile::tempdir().unwrap();
        let other = written.path().join("other.toml");
        let text = text.replace("../zones", &root().join("zones").display().to_string());
        fs::write(&other, &text).unwrap();
        let read = config::read(&other).unwrap_or_else(|error| panic!("{error}"));
        let shown = read.show(&[]);
        let again = config::parse(&other, &shown).unwrap_or_else(|error| panic!("{error}\n{shown}"));
        assert_same(&again, &read.settings);
        assert!(
            shown.lines().filter(|line| line.contains("  # ")).all(|line| line.chars().count() <= 80),
            "{shown}"
        );
    }
    let text = NEEDED.replace("[listen]", "[pace]\nwindow_s = 60\n[listen]");
    let path = tempfile::tempdir().unwrap();
    let other = path.path().join("other.toml");
    let zone = root().join("zones");
    fs::write(&other, text.replace("../zones", &zone.display().to_string())).unwrap();
    let shown = config::read(&other).unwrap().show(&[("log.filter", "RUST_LOG", "debug".to_owned())]);
    for line in [
        "origin = \"test.example\"  # line 2",
        "pace.window_s = 60  # line 4",
        "pace.patience_s = 28800  # default",
        "addresses.site = [\"192.0.2.25\"]  # follows from addresses.shared",
        "site.url = \"https://test.example\"  # follows from origin",
        "# catalogue: not set",
        "log.filter = \"debug\"  # environment: RUST_LOG",
    ] {
        assert!(shown.lines().any(|shown| shown == line), "{line}:\n{shown}");
    }
    // As the example has it in its comments.
    let whole = toml::Value::Table(whole_example());
    for key in FOLLOWING {
        let value = key.split('.').fold(&whole, |value, name| &value[name]);
        assert!(shown.contains(&format!("\n{key} = {value}")), "{key} = {value}:\n{shown}");
    }
}

/// Every key of the example is shown, set or not.
#[test]
fn every_key_is_shown() {
    let (file, text) = example();
    let settings = config::parse(&file, &text);
    assert!(settings.is_ok());
    let shown = config::read(&file).unwrap().show(&[]);
    let mut keys = Vec::new();
    leaves(&whole_example(), "", &mut keys);
    for key in keys {
        let is_shown =
            |line: &str| line.starts_with(&format!("{key} = ")) || line.starts_with(&format!("# {key}: "));
        assert!(shown.lines().any(is_shown), "{key}:\n{shown}");
    }
}

/// The keys of a table that are no tables; what is below a list is a matter of its own.
fn leaves(table: &toml::Table, place: &str, found: &mut Vec<String>) {
    for (name, value) in table {
        let key = if place.is_empty() { name.clone() } else { format!("{place}.{name}") };
        match value {
            toml::Value::Table(_) if key == "addresses.own" => {}
            toml::Value::Table(table) => leaves(table, &key, found),
            _ => found.push(key),
        }
    }
}

#[test]
fn a_credential_is_a_file_that_systemd_hands_over() {
    let folder = tempfile::tempdir().unwrap();
    let text =
        fs::read_to_string(root().join("tests/bad_configs/password-file-missing/config.toml")).unwrap();
    let text = text.replace("\"missing\"", "\"credential:relay\"").replace("../origin.zone", "origin.zone");
    fs::copy(root().join("tests/bad_configs/origin.zone"), folder.path().join("origin.zone")).unwrap();
    let file = folder.path().join("config.toml");
    fs::write(&file, text).unwrap();
    let credentials = folder.path().join("credentials");
    let show = |credentials: Option<&Path>| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_mailassay"));
        command.args(["config", "show", "--config"]).arg(&file).env_remove("CREDENTIALS_DIRECTORY");
        if let Some(credentials) = credentials {
            command.env("CREDENTIALS_DIRECTORY", credentials);
        }
        let output = command.output().unwrap();
        (output.status.code().unwrap(), String::from_utf8([output.stdout, output.stderr].concat()).unwrap())
    };
    let (code, said) = show(None);
    assert!(
        code == 2 && said.contains("reply.smarthost.password_file: credentials are handed over by systemd"),
        "{said}"
    );
    fs::create_dir(&credentials).unwrap();
    let (code, said) = show(Some(&credentials));
    assert!(
        code == 2 && said.contains("write LoadCredential=relay:/path/of/the/file into the unit"),
        "{said}"
    );
    mailassay::shared::keyfile::write(&credentials.join("relay"), b"let me in\n").unwrap();
    let (code, said) = show(Some(&credentials));
    assert!(code == 0 && said.contains("password_file = \"credential:relay\"  # line "), "{said}");
    assert!(!said.contains("let me in"), "{said}");
}
