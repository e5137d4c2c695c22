//! What is given away: the unit, the manual pages, what shells complete, the version, and the Debian package from its
//! installation to its purge.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::process::Command;

use super::debian::{Host, START, is_here, packages, said, wait, well};
use super::interop::rig::run::say;
use super::interop::rig::world::World;

/// The exposure of the unit, in tenths, as `systemd-analyze security` counts it: as issue 12 wants it.
const EXPOSURE_MAX: &str = "20";

fn source() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Whether a program of Debian's is here; where peers are required, it must be.
fn has(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let is_here = std::env::split_paths(&path).any(|folder| folder.join(program).is_file());
    let required = std::env::var("MAILASSAY_REQUIRE_PEERS").is_ok_and(|value| value == "1");
    assert!(is_here || !required, "`{program}` is not installed; .ci/peers does it");
    is_here
}

#[test]
fn the_unit_may_do_no_more_than_it_must() {
    if !has("systemd-analyze") {
        return;
    }
    let unit = source().join("config/systemd/mailassay.service");
    let analyze = |file: &Path| {
        let mut analyze = Command::new("systemd-analyze");
        analyze.args(["security", "--offline=true", "--no-pager", "--threshold", EXPOSURE_MAX]).arg(file);
        analyze.output().unwrap()
    };
    well(&analyze(&unit), "systemd-analyze security");
    // It can fail: without one of its walls the unit is too much exposed.
    let folder = tempfile::tempdir().unwrap();
    let open = folder.path().join("mailassay.service");
    let text = fs::read_to_string(&unit).unwrap();
    let without = |line: &&str| !line.starts_with("SystemCall") && !line.starts_with("ProtectSystem");
    fs::write(&open, text.lines().filter(without).collect::<Vec<_>>().join("\n")).unwrap();
    assert!(!analyze(&open).status.success(), "{}", said(&analyze(&open)));
    // What is misspelt is only warned of, and then does not hold.
    let runnable = text.replace("/usr/bin/mailassay", "/bin/true");
    fs::write(&open, runnable).unwrap();
    let verify = Command::new("systemd-analyze").args(["verify", "--man=no"]).arg(&open).output().unwrap();
    assert_eq!(said(&verify), "", "systemd-analyze verify");
}

/// Every command has its page, and mandoc finds no fault in it.
#[test]
fn every_command_has_a_manual_page() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().to_str().unwrap();
    let (code, output, error) = super::commands::run(&["man", "--out", out], None);
    assert_eq!((code, output.as_str(), error.as_str()), (0, "", ""));
    let (_, help, _) = super::commands::run(&["--help"], None);
    let listed = help.split("Commands:").nth(1).unwrap().split("Options:").next().unwrap();
    let commands = listed.lines().filter_map(|line| line.strip_prefix("  ")?.split_whitespace().next());
    let mut pages = 0;
    for command in commands.filter(|command| *command != "help") {
        assert!(folder.path().join(format!("mailassay-{command}.1")).exists(), "{command}");
        pages += 1;
    }
    assert!(pages > 10, "{help}");
    let page = fs::read_to_string(folder.path().join("mailassay-config-check.1")).unwrap();
    for words in ["EXIT STATUS", "MAILASSAY_CONFIG", "/var/lib/mailassay", "mailassay\\-config(1)"] {
        assert!(page.contains(words), "{words}: {page}");
    }
    if !has("mandoc") {
        return;
    }
    let files = fs::read_dir(folder.path()).unwrap().flatten().map(|entry| entry.path());
    let lint = Command::new("mandoc").args(["-T", "lint", "-W", "warning"]).args(files).output().unwrap();
    // A debug build has no date, and clap's own parts break lines twice.
    let known = ["cannot parse date", "skipping paragraph macro"];
    let said = said(&lint);
    let faults = said.lines().filter(|line| !known.iter().any(|fault| line.contains(fault)));
    assert_eq!(faults.collect::<Vec<_>>(), [""; 0]);
}

#[test]
fn shells_complete_commands() {
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("mailassay");
    let (code, text, _) = super::commands::run(&["completions", "bash"], None);
    assert_eq!(code, 0);
    fs::write(&script, text).unwrap();
    let asked = format!(
        ". {}; COMP_WORDS=(mailassay conf); COMP_CWORD=1; _mailassay mailassay conf mailassay; echo \"${{COMPREPLY[*]}}\"",
        script.display()
    );
    let bash = Command::new("bash").args(["-c", &asked]).output().unwrap();
    assert_eq!(said(&bash).trim(), "config");
    for (shell, begins) in [("zsh", "#compdef mailassay"), ("fish", "# Print")] {
        let (code, text, _) = super::commands::run(&["completions", shell], None);
        assert!(code == 0 && text.starts_with(begins), "{shell}: {text}");
    }
    assert_eq!(super::commands::run(&["completions", "dos"], None).0, 2);
}

/// Every command that the operator is told to type is one.
#[test]
fn documented_commands_exist() {
    let mut told = BTreeSet::new();
    for file in ["README.md", "docs/operating.md", "docs/data.md", "config/monitoring/README.md"] {
        let text = fs::read_to_string(source().join(file)).unwrap();
        let inline = text.split('`').skip(1).step_by(2);
        let typed = inline.chain(text.lines().map(str::trim_start)).filter_map(|code| {
            let words = code.strip_prefix("mailassay ")?.split_whitespace();
            let is_name = |word: &&str| word.chars().all(|c| c.is_ascii_lowercase() || c == '-');
            let words = words.take_while(|word| is_name(word) && !word.starts_with('-'));
            Some(words.map(str::to_owned).collect::<Vec<_>>())
        });
        // A line that goes on with a sentence is prose.
        told.extend(typed.filter(|words| (1..=2).contains(&words.len())));
    }
    assert!(told.len() > 15, "{told:?}");
    for words in told {
        let mut words: Vec<&str> = words.iter().map(String::as_str).collect();
        words.push("--help");
        let (code, _, error) = super::commands::run(&words, None);
        assert_eq!(code, 0, "mailassay {}: {error}", words.join(" "));
    }
}

/// `build.rs`, built alone and run in a clone, in a tarball of one, in a tree that has neither, and within another's.
#[test]
fn the_version_says_from_which_commit() {
    let (_, version, _) = super::commands::run(&["--version"], None);
    let begin = concat!("mailassay ", env!("CARGO_PKG_VERSION"), " (");
    assert!(version.starts_with(begin) && version.ends_with(")\n"), "{version}");
    if let Some(commit) = option_env!("MAILASSAY_COMMIT") {
        let (name, date) = commit.split_once(' ').unwrap();
        assert_eq!(version, format!("{begin}{}, {date})\n", &name[..12]));
    }

    let folder = tempfile::tempdir().unwrap();
    let place = folder.path();
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let mut build = Command::new(rustc);
    build.args(["--edition", "2024", "-o"]).arg(place.join("build")).arg(source().join("build.rs"));
    well(&build.output().unwrap(), "rustc");
    let said_in = |at: &Path, profile: &str, commit: Option<&str>| {
        let mut build = Command::new(place.join("build"));
        build.env("CARGO_MANIFEST_DIR", at).env("CARGO_PKG_VERSION", "1.2.3").env("PROFILE", profile);
        build.env_remove("MAILASSAY_COMMIT").envs(commit.map(|commit| ("MAILASSAY_COMMIT", commit)));
        let output = said(&build.current_dir(at).output().unwrap());
        let line = output.lines().find_map(|line| line.strip_prefix("cargo::rustc-env=MAILASSAY_VERSION="));
        line.unwrap_or_else(|| panic!("{output}")).to_owned()
    };
    let sh = |at: &Path, script: &str| {
        let mut sh = Command::new("sh");
        sh.args(["-ec", script]).current_dir(at).env("GIT_CONFIG_GLOBAL", "/dev/null");
        let output = sh.output().unwrap();
        well(&output, script);
        said(&output).trim().to_owned()
    };
    let clone = place.join("clone");
    fs::create_dir_all(clone.join("packaging")).unwrap();
    for file in [".gitattributes", "packaging/commit.txt", "build.rs"] {
        fs::copy(source().join(file), clone.join(file)).unwrap();
    }
    let commit = "git init -q && git add -A && \
        GIT_COMMITTER_DATE=2026-11-29T12:00:00Z git -c user.name=x -c user.email=x@example.org commit -qm x && \
        git rev-parse --short=12 HEAD";
    let name = sh(&clone, commit);
    let expected = format!("1.2.3 ({name}, 2026-11-29)");
    assert_eq!(said_in(&clone, "release", None), expected);
    assert_eq!(said_in(&clone, "debug", None), "1.2.3 (a debug build)");
    let told = "0123456789abcdef 2026-01-02";
    assert_eq!(said_in(&clone, "debug", Some(told)), "1.2.3 (0123456789ab, 2026-01-02)");
    // A tarball knows its commit without git; one of our files alone knows nothing, also in another's clone.
    sh(&clone, "mkdir ../tarball && git archive HEAD | tar -x -C ../tarball");
    assert_eq!(said_in(&place.join("tarball"), "release", None), expected);
    assert_eq!(said_in(&place.join("tarball"), "debug", None), expected);
    let within = clone.join("vendored");
    fs::create_dir_all(&within).unwrap();
    assert_eq!(said_in(&within, "release", None), "1.2.3 (commit unknown)");
    fs::write(clone.join("build.rs"), "").unwrap();
    assert_eq!(said_in(&clone, "release", None), format!("1.2.3 ({name}, 2026-11-29, with changes)"));
}

/// What lies on the host, but for what its package manager, its log and its processes write.
fn files(host: &Host<'_>) -> BTreeSet<String> {
    let find = "find / -xdev \\( -path /proc -o -path /sys -o -path /dev -o -path /run -o -path /tmp -o -path /rig \
        -o -path /var/log -o -path /var/cache -o -path /var/lib/dpkg -o -path /var/lib/apt -o -path /var/lib/systemd \
        -o -path /root \\) -prune -o -print";
    host.must(find).lines().map(str::to_owned).collect()
}

/// A configuration for the package's folder that needs no world around it.
const CONFIGURATION: &str = r#"
install -o mailassay -g mailassay -m 600 /dev/stdin /var/lib/mailassay/config.toml <<'END'
origin = "test.example"
[listen]
smtp = ["192.0.2.25:25"]
dns = ["192.0.2.25:53"]
policy_host = ["192.0.2.25:443"]
site = ["127.0.0.1:8025"]
[addresses]
shared = ["192.0.2.25"]
[zone]
file = "origin.zone"
END
install -o mailassay -g mailassay -m 600 /dev/stdin /var/lib/mailassay/origin.zone <<'END'
$TTL 3600
@    IN SOA ns1 hostmaster 1 3600 900 432000 60
@    IN NS  ns1
ns1  IN A   192.0.2.25
END
"#;

fn state(host: &Host<'_>) -> String {
    host.run("for what in ActiveState SubState UnitFileState; do systemctl show mailassay --property $what --value; done").1
}

/// The process of the service, as the host counts.
fn process(host: &Host<'_>) -> String {
    host.must("systemctl show mailassay --property MainPID --value").trim().to_owned()
}

#[test]
fn a_package_is_installed_upgraded_removed_and_purged() {
    if !is_here("the Debian package", &["lintian", "systemd-analyze"]) {
        return;
    }
    let [first, second] = packages();
    let mut lint = Command::new("lintian");
    let lint = lint.args(["--allow-root", "--fail-on", "error"]).arg(first).output().unwrap();
    assert!(lint.status.success(), "lintian: {}", said(&lint));

    let world = World::new("packages");
    let place = world.folder().join("host");
    let host = Host::boot(&world, place.clone());
    let before = files(&host);
    for (file, name) in [(first, "first.deb"), (second, "second.deb")] {
        fs::copy(file, place.join(name)).unwrap();
    }
    installed(&host);
    serves(&host);
    let had = kept(&host);
    upgraded(&host, &had);

    // Removed: nothing runs, and all is kept for who installs it again.
    host.must("apt-get remove --yes mailassay");
    assert!(host.run("systemctl is-active mailassay").0 != 0 && !host.path("/usr/bin/mailassay").exists());
    assert_eq!(kept(&host), had);
    host.must("apt-get install --yes /rig/second.deb && systemctl start mailassay");
    assert_eq!(kept(&host), had);

    // Purged: nothing is left.
    host.must("apt-get purge --yes mailassay");
    let left: Vec<String> = files(&host).difference(&before).cloned().collect();
    assert!(left.iter().all(|path| is_a_trace_of_adduser(path)), "{left:?}");
    assert!(host.run("getent passwd mailassay").0 != 0, "the user is left");
    say("the Debian package     installed, upgraded, removed and purged");
}

/// What must not be lost.
fn kept(host: &Host<'_>) -> [Vec<u8>; 2] {
    ["config.toml", "dkim.key.pem"].map(|file| fs::read(host.path("/var/lib/mailassay").join(file)).unwrap())
}

/// A user and a folder, and nothing runs that nobody configured.
fn installed(host: &Host<'_>) {
    let told = host.must("apt-get install --yes /rig/first.deb");
    assert!(told.contains("mailassay setup"), "{told}");
    assert!(state(host).starts_with("inactive\ndead\ndisabled\n"), "{}", state(host));
    let folder = fs::metadata(host.path("/var/lib/mailassay")).unwrap();
    assert_eq!(folder.permissions().mode() & 0o7777, 0o700);
    assert_ne!(folder.uid(), 0);
    assert!(host.must("mailassay --version").starts_with("mailassay "));
    for file in [
        "usr/share/man/man1/mailassay.1.gz",
        "usr/share/man/man1/mailassay-config-check.1.gz",
        "usr/share/bash-completion/completions/mailassay",
        "usr/share/doc/mailassay/operating.md",
        "usr/share/doc/mailassay/example.toml",
        "usr/share/doc/mailassay/monitoring/alerts.yml",
    ] {
        assert!(host.path(file).exists(), "{file}");
    }
}

/// It serves as its user, with one capability, and writes to its folder alone.
fn serves(host: &Host<'_>) {
    host.must(CONFIGURATION);
    host.must("systemctl enable --now mailassay");
    let status = host.must(&format!("cat /proc/{}/status", process(host)));
    let value = |key: &str| status.lines().find_map(|line| line.strip_prefix(key)).unwrap().trim().to_owned();
    let owner = fs::metadata(host.path("/var/lib/mailassay")).unwrap().uid();
    assert!(value("Uid:").starts_with(&format!("{owner}\t")), "{status}");
    for set in ["CapEff:", "CapPrm:", "CapBnd:", "CapAmb:"] {
        // CAP_NET_BIND_SERVICE is the tenth.
        assert_eq!(u64::from_str_radix(&value(set), 16), Ok(1 << 10), "{set} {status}");
    }
    assert_eq!((value("NoNewPrivs:").as_str(), value("Seccomp:").as_str()), ("1", "2"));
    // In a world without a root the self-check is red; the unit is in nobody's way.
    let log = host.log();
    for words in ["could not be told", "not permitted", "denied", "Read-only"] {
        assert!(!log.contains(words), "{log}");
    }
    assert!(log.contains("<6>serving "), "{log}");
    // Read again, it is the same process.
    let pid = process(host);
    host.must("systemctl reload mailassay && systemctl is-active mailassay");
    assert_eq!(process(host), pid);
    wait(START, || host.log(), || host.log().contains("the configuration was read again"));
    // Whatever ends it unasked, it is started again.
    host.must("systemctl kill --signal=KILL mailassay");
    let is_another = || process(host) != pid && state(host).starts_with("active\nrunning\n");
    wait(START, || host.log(), is_another);
}

/// What ran is started anew, with all that it had; what was stopped by hand stays so.
fn upgraded(host: &Host<'_>, had: &[Vec<u8>; 2]) {
    let pid = process(host);
    host.must("apt-get install --yes /rig/second.deb");
    wait(START, || state(host), || state(host).starts_with("active\nrunning\nenabled\n"));
    assert_ne!(process(host), pid, "it is the old program that runs");
    assert_eq!(kept(host), *had);
    host.must("systemctl stop mailassay && apt-get install --yes --allow-downgrades /rig/first.deb");
    host.must("systemctl disable mailassay && apt-get install --yes /rig/second.deb");
    assert!(state(host).starts_with("inactive\ndead\ndisabled\n"), "{}", state(host));
    host.must("systemctl enable --now mailassay");
}

/// adduser keeps the lists as they were before.
fn is_a_trace_of_adduser(path: &str) -> bool {
    ["/etc/passwd-", "/etc/group-", "/etc/shadow-", "/etc/gshadow-"].contains(&path)
}
