//! What README.md tells an operator to do, done as it stands there: `tests/interop/readme/README.md` says in which world.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use super::interop::rig;
use rig::run::{say, tail};
use rig::world::World;

/// How long a sender may take until its verdict is in its mailbox: the patience, and the scan behind it.
const VERDICT: Duration = Duration::from_secs(300);
/// How long the service may take until it answers: it makes keys and signs zones.
const START: Duration = Duration::from_secs(60);

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

/// The commands of the operator's section, block by block. All are indented, since they stand in a list.
fn blocks() -> Vec<String> {
    let text = fs::read_to_string(source().join("README.md")).unwrap();
    let (_, section) = text.split_once("\n## Your own service").expect("the operator's section");
    let section = section.split("\n## ").next().unwrap();
    let mut blocks = Vec::new();
    let mut block: Option<(usize, String)> = None;
    for line in section.lines() {
        match &mut block {
            None if line.trim() == "```sh" => {
                block = Some((line.len() - line.trim_start().len(), String::new()))
            }
            None => {}
            Some(_) if line.trim() == "```" => blocks.extend(block.take().map(|(_, text)| text)),
            Some((indent, text)) => {
                let (margin, rest) = line.split_at((*indent).min(line.len()));
                assert_eq!(margin.trim(), "", "{line}");
                *text += &format!("{rest}\n");
            }
        }
    }
    blocks
}

/// The two commands of a new clone are those that this clone knows.
#[test]
fn the_commands_of_a_new_clone_are_understood() {
    let text = fs::read_to_string(source().join("README.md")).unwrap();
    let commands: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("    cargo run ")).collect();
    assert_eq!(commands, ["-- demo", "--release -- check example.org"]);
    for (words, known) in [(&["demo", "--help"][..], "--stay"), (&["check", "--help"], "--profile")] {
        let (code, output, _) = super::commands::run(words, None);
        assert!(code == 0 && output.contains(known), "{output}");
    }
}

/// Whatever runs as a child, and ends with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The host on which the commands are run, and the world around it.
struct Host<'world> {
    world: &'world World,
    place: PathBuf,
    /// Its mount namespace is that of this process.
    init: Running,
    nsd: Running,
    _resolver: Running,
}

impl<'world> Host<'world> {
    fn start(world: &'world World) -> Self {
        let place = world.folder().join("host");
        fs::create_dir_all(place.join("ca")).unwrap();
        let program = place.join("mailassay");
        fs::hard_link(env!("CARGO_BIN_EXE_mailassay"), &program)
            .or_else(|_| fs::copy(env!("CARGO_BIN_EXE_mailassay"), &program).map(drop))
            .unwrap();
        let authority = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 \
                         -subj /CN=world -addext basicConstraints=critical,CA:TRUE -keyout ca.key -out ca.pem";
        let mut openssl = Command::new("sh");
        openssl.args(["-c", authority]).current_dir(place.join("ca"));
        well(openssl.output().unwrap(), "openssl");
        let mut address = world.at_receiver("ip");
        address.args(["addr", "add", "192.0.2.1/32", "dev", "lo"]);
        well(address.output().unwrap(), "ip");
        let zones = place.join("zones");
        make_zones(&zones, None);
        let nsd =
            background(world.at_receiver("nsd").arg("-d").arg("-c").arg(zones.join("nsd.conf")), &zones);
        let resolver = resolver(&place.join("resolver"), &zones, "192.0.2.54");
        let resolver = background(world.at_receiver("unbound").arg("-d").arg("-c").arg(resolver), &zones);
        let mut init = world.at_receiver("unshare");
        init.args(["--mount", "--propagation", "private", "sh"]).arg(here().join("host.sh"));
        let init = background(init.arg(rig::peers::folder()).arg(&place), &zones);
        let host = Self { world, place, init, nsd, _resolver: resolver };
        wait(START, || "the host is made".to_owned(), || host.place.join("ready").exists());
        host
    }

    /// Runs a block with what earlier ones exported. What it says, and its exit code.
    fn run(&self, name: &str, exports: &str, block: &str) -> (i32, String) {
        let script = format!("set -eu\ncd /rig/clone\n{exports}\n{block}");
        fs::write(self.place.join(name), script).unwrap();
        let mut command = self.world.at_receiver("nsenter");
        command.arg(format!("--mount=/proc/{}/ns/mnt", self.init.0.id()));
        command.arg("chroot").arg(self.place.join("root")).args(["sh", &format!("/rig/{name}")]);
        // What a shell has after a login; nothing of this test's.
        command.env_clear().env("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
        let Output { status, stdout, stderr } = command.output().unwrap();
        let said = [stdout, stderr].map(|octets| String::from_utf8_lossy(&octets).into_owned()).concat();
        (status.code().unwrap_or(-1), said)
    }

    /// Tells the parent what `mailassay zone parent` printed.
    fn delegate(&self, printed: &str) {
        let zones = self.place.join("zones");
        fs::write(zones.join("delegation"), printed).unwrap();
        make_zones(&zones, Some(&zones.join("delegation")));
        // NSD reads its zones again.
        let told = Command::new("kill").args(["-HUP", &self.nsd.0.id().to_string()]).status().unwrap();
        assert!(told.success());
    }

    /// A path on the host, seen from outside.
    fn path(&self, path: &str) -> PathBuf {
        // The upper layer of the overlay has what was made; the root itself is seen in its namespace alone.
        Path::new(&format!("/proc/{}/root", self.init.0.id()))
            .join(self.place.join("root").strip_prefix("/").unwrap())
            .join(path)
    }

    fn log(&self) -> String {
        fs::read_to_string(self.place.join("log/mailassay")).unwrap_or_default()
    }
}

fn here() -> PathBuf {
    rig::peers::rig().join("readme")
}

/// Starts a program whose output goes to a log in `folder`.
fn background(command: &mut Command, folder: &Path) -> Running {
    let log = fs::OpenOptions::new().create(true).append(true).open(folder.join("log")).unwrap();
    command.stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log);
    Running(command.spawn().unwrap())
}

fn make_zones(folder: &Path, delegation: Option<&Path>) {
    let mut zones = Command::new("sh");
    zones.arg(here().join("zones.sh")).arg(folder).args(delegation);
    well(zones.output().unwrap(), "zones.sh");
}

/// Writes the configuration of a resolver at `address` that begins at the world's root.
fn resolver(folder: &Path, zones: &Path, address: &str) -> PathBuf {
    fs::create_dir_all(folder).unwrap();
    fs::copy(zones.join("anchors"), folder.join("anchors")).unwrap();
    fs::write(folder.join("hints"), ". 3600 NS ns.lab.\nns.lab. 3600 A 192.0.2.1\n").unwrap();
    let text = fs::read_to_string(here().join("unbound.conf")).unwrap();
    // The sender's is seen as /rig inside.
    let shown = if address == "127.0.0.1" { Path::new("/rig") } else { folder };
    let text = text.replace("@ADDRESS@", address).replace("@FOLDER@", &shown.display().to_string());
    let file = folder.join("unbound.conf");
    fs::write(&file, text).unwrap();
    file
}

fn well(output: Output, what: &str) {
    assert!(output.status.success(), "{what}: {}", String::from_utf8_lossy(&output.stderr));
}

fn wait(limit: Duration, what: impl Fn() -> String, is_so: impl Fn() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < limit, "not after {limit:?}: {}", what());
        std::thread::sleep(Duration::from_millis(200));
    }
}

/// From `mkdir` to a verdict in the mailbox.
#[test]
fn the_readme_ends_with_a_verdict_in_the_mailbox() {
    if !rig::peers::are_here("README.md followed literally") {
        return;
    }
    let began = Instant::now();
    let world = World::new("readme");
    let host = Host::start(&world);
    let mut exports = String::new();
    let mut checks = 0;
    for (number, block) in blocks().iter().enumerate() {
        let (code, said) = host.run(&format!("block-{number}"), &exports, block);
        let expected = match block.trim() {
            // The first time the service does not run yet.
            "mailassay config check" => i32::from(checks == 0),
            _ => 0,
        };
        let log = || tail(&host.place.join("log/mailassay"), 30);
        assert_eq!(code, expected, "block {number}:\n{block}\n{said}\n{}", log());
        for line in block.lines().filter(|line| line.starts_with("export ")) {
            exports += &format!("{line}\n");
        }
        let configures = block.contains("cat >/var/lib/mailassay/config.toml");
        if configures {
            let lab = fs::read_to_string(here().join("lab.toml")).unwrap();
            let (code, said) =
                host.run("lab", "", &format!("cat >>/var/lib/mailassay/config.toml <<'END'\n{lab}END"));
            assert_eq!(code, 0, "{said}");
        }
        if block.trim() == "mailassay config check" {
            checks += 1;
            after_check(&host, checks, &said);
        }
        if block.contains("systemctl ") {
            wait(START, || format!("it serves: {}", log()), || host.resolves_itself());
        }
        if block.trim() == "mailassay zone parent" {
            host.delegate(&said);
            // As README.md says: until the check finds the names.
            let look = || host.run("wait", &exports, "mailassay config check || true").1;
            let why = || format!("the delegation is secure: {}", look());
            wait(START, why, || look().contains("✔ DNS and DNSSEC"));
        }
    }
    assert_eq!(checks, 2, "README.md checks before the start and at the end");
    let verdict = verdict(&world, &host);
    assert!(verdict.contains("Auto-Submitted: auto-replied") && verdict.contains("(dane)"), "{verdict}");
    what_check_says(&host, &exports);
    everything_belongs_to_whoever_serves(&host);
    the_log_names_nobody(&host.log());
    say(&format!("README.md            followed literally: a verdict in {} s", began.elapsed().as_secs()));
}

impl Host<'_> {
    /// Whether its own DNS answers, asked as the world will.
    fn resolves_itself(&self) -> bool {
        let mut dig = self.world.at_receiver("dig");
        dig.args(["+short", "+time=1", "+tries=1", "@192.0.2.25", "mx.test.example", "A"]);
        String::from_utf8_lossy(&dig.output().unwrap().stdout).trim() == "192.0.2.25"
    }
}

fn after_check(host: &Host<'_>, checks: u32, said: &str) {
    let red: Vec<&str> = said.lines().filter(|line| line.starts_with('✘')).collect();
    if checks == 1 {
        assert!(red.len() == 1 && red[0].contains("it does not run"), "{said}");
        assert!(said.contains("such as ") && said.contains("mailassay may use them all"), "{said}");
        for made in ["keys", "certs", "dkim.key.pem", "mailassay.sqlite"] {
            assert!(!host.path(&format!("var/lib/mailassay/{made}")).exists(), "a check made {made}");
        }
    } else {
        assert!(red.is_empty() && said.contains("✔ MTA-STS policy host"), "{said}");
        assert!(said.contains("✔ EHLO name: PTR of 192.0.2.25 is mx.test.example"), "{said}");
    }
}

/// Lets somebody send, and waits for what comes back.
fn verdict(world: &World, host: &Host<'_>) -> String {
    let place = world.folder().join("sender");
    fs::create_dir_all(&place).unwrap();
    resolver(&place, &host.place.join("zones"), "127.0.0.1");
    let log = fs::File::create(place.join("sender.log")).unwrap();
    let mut sender = world.at_sender("unshare");
    sender.args(["--mount", "--propagation", "private", "sh"]).arg(here().join("sender.sh"));
    sender.arg(rig::peers::folder()).arg(&place).stdout(log.try_clone().unwrap()).stderr(log);
    let mut sender = Running(sender.spawn().unwrap());
    let began = Instant::now();
    let mailbox = place.join("mailbox/joachim/new");
    loop {
        let mail = fs::read_dir(&mailbox).into_iter().flatten().flatten().next();
        if let Some(mail) = mail {
            return fs::read_to_string(mail.path()).unwrap();
        }
        let ended = sender.0.try_wait().unwrap();
        let logs = || {
            [place.join("sender.log"), place.join("log/mail"), host.place.join("log/mailassay")]
                .map(|file| tail(&file, 40))
                .join("\n---\n")
        };
        assert!(ended.is_none(), "the sender ended: {}", logs());
        assert!(began.elapsed() < VERDICT, "no verdict after {VERDICT:?}:\n{}", logs());
        std::thread::sleep(Duration::from_millis(500));
    }
}

/// `check` in a world with a root of its own: the headline and the code are those of the rules that were chosen.
fn what_check_says(host: &Host<'_>, exports: &str) {
    for (words, code, headline) in [
        ("nowhere.example", 3, "– nowhere.example does not exist"),
        (
            "https://nowhere.example/ --profile internetnl-2025 --language de",
            3,
            "– nowhere.example gibt es nicht",
        ),
        ("joachim@sender.example --quiet", 1, "✘ sender.example does not receive mail safely (F)"),
        (
            "sender.example:25 --profile no-mail",
            3,
            "– \"Domain without mail\" does not apply to sender.example",
        ),
        (
            "sender.example --profile lindenberg",
            1,
            "✘ sender.example does not pass \"Lindenberg's inbound test\": red",
        ),
    ] {
        let (ended, said) = host.run("check", exports, &format!("mailassay check {words}"));
        assert!(ended == code && said.starts_with(&format!("{headline}\n")), "{words}: {ended} {said}");
    }
}

/// Nothing in the service's folder is root's but what README.md's commands write there as root, and secrets are its owner's
/// alone.
fn everything_belongs_to_whoever_serves(host: &Host<'_>) {
    let folder = host.path("var/lib/mailassay");
    let owner = fs::metadata(&folder).unwrap().uid();
    assert_ne!(owner, 0);
    let mut looked_at = 0;
    let mut folders = vec![folder];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().flatten() {
            let (path, found) = (entry.path(), entry.metadata().unwrap());
            let name = entry.file_name().into_string().unwrap();
            if found.is_dir() {
                folders.push(path.clone());
            }
            if ["config.toml", "origin.zone"].contains(&name.as_str()) {
                continue;
            }
            looked_at += 1;
            assert_eq!(found.uid(), owner, "{}", path.display());
            let secret = name.ends_with(".key.pem") || name.ends_with(".p8") || name == "privkey.pem";
            assert!(!secret || found.permissions().mode() & 0o077 == 0, "{}", path.display());
        }
    }
    assert!(looked_at > 10, "{looked_at}");
}

/// For systemd: a priority before each line, no time, no colour; and of senders and libraries nothing.
fn the_log_names_nobody(log: &str) {
    for line in log.lines() {
        assert!(["<3>", "<4>", "<6>"].iter().any(|priority| line.starts_with(priority)), "{line}");
    }
    for words in ["trial opened", "trial ended", "scan ended", "verdict sent"] {
        assert!(log.lines().any(|line| line.starts_with("<6>") && line.contains(words)), "{words}: {log}");
    }
    for words in ["sender.example", "198.51.100.2", "joachim", "hickory", "\u{1b}["] {
        assert!(!log.contains(words), "{words}: {log}");
    }
}
