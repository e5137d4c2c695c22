//! The first hour, as `docs/operating.md` tells it: from the Debian package to a verdict in the sender's mailbox, by the
//! commands that stand there and no others. `tests/first_hour/README.md` says in which world.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use super::debian::{Host, Running, START, background, is_here, packages, said, scripts, wait, well};
use super::interop::rig;
use rig::run::{say, tail};
use rig::world::World;

/// How long a sender may take until its verdict is in its mailbox: the patience, and the scan behind it.
const VERDICT: Duration = Duration::from_secs(300);
/// The CA of this world, in place of Let's Encrypt: what `setup` is told besides what stands in the document.
const AUTHORITY: &str =
    "mailassay setup --acme-directory https://192.0.2.1:14000/dir --acme-roots /rig/directory.pem";
/// How long it may take until the CA has issued what is needed.
const CERTIFICATES: Duration = Duration::from_secs(120);

/// A block of commands, and the title it stands under.
struct Block {
    step: String,
    commands: String,
}

/// The commands of the section on the first hour. All are indented, since they stand in a list.
fn blocks() -> Vec<Block> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/operating.md");
    let text = fs::read_to_string(file).unwrap();
    let (_, section) = text.split_once("\n## The first hour\n").expect("the first hour");
    let section = section.split("\n## ").next().unwrap();
    let mut blocks = Vec::new();
    let mut block: Option<(usize, String)> = None;
    let mut step = String::new();
    for line in section.lines() {
        match &mut block {
            None if line.trim() == "```sh" => {
                block = Some((line.len() - line.trim_start().len(), String::new()));
            }
            None => {
                if let Some((title, _)) = line.split_once("**").and_then(|(_, rest)| rest.split_once("**")) {
                    title.clone_into(&mut step);
                }
            }
            Some(_) if line.trim() == "```" => {
                let commands = block.take().map(|(_, text)| text).unwrap_or_default();
                blocks.push(Block { step: step.clone(), commands });
            }
            Some((indent, text)) => {
                let (margin, rest) = line.split_at((*indent).min(line.len()));
                assert_eq!(margin.trim(), "", "{line}");
                *text += &format!("{rest}\n");
            }
        }
    }
    blocks
}

/// Whoever is woken by an alert finds in the document what to do, and the document names no alert that never comes.
#[test]
fn every_alert_has_its_advice() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |file: &str| fs::read_to_string(source.join(file)).unwrap();
    let (rules, document) = (read("config/monitoring/alerts.yml"), read("docs/operating.md"));
    let alerts: Vec<&str> = rules.lines().filter_map(|line| line.trim().strip_prefix("- alert: ")).collect();
    let (_, table) = document.split_once("\n### When an alert fires\n").unwrap();
    let table = table.split("\n#").next().unwrap();
    let rows = table.lines().filter_map(|line| line.strip_prefix("| Mailassay")?.split(' ').next());
    let told: Vec<String> = rows.map(|name| format!("Mailassay{name}")).collect();
    assert_eq!(told, alerts);
}

/// What is around the host: the DNS above it, a resolver, and a CA.
struct Around<'world> {
    world: &'world World,
    place: PathBuf,
    named: Running,
    _resolver: Running,
    _authority: Running,
}

impl<'world> Around<'world> {
    fn start(world: &'world World) -> Self {
        let place = world.folder().join("around");
        fs::create_dir_all(&place).unwrap();
        let mut address = world.at_receiver("ip");
        address.args(["addr", "add", "192.0.2.1/32", "dev", "lo"]);
        well(&address.output().unwrap(), "ip");
        make_zones(&place, None);
        let mut named = world.at_receiver("named");
        let named = background(named.args(["-g", "-c"]).arg(place.join("named.conf")), &place, "named.log");
        let resolver = resolver(&place.join("resolver"), &place, "192.0.2.54");
        let mut unbound = world.at_receiver("unbound");
        let resolver = background(unbound.args(["-d", "-c"]).arg(resolver), &place, "unbound.log");
        let mut authority = world.at_receiver("sh");
        let authority = background(authority.arg(scripts().join("ca.sh")).arg(&place), &place, "pebble.log");
        let around = Self { world, place, named, _resolver: resolver, _authority: authority };
        around.fetch_root();
        around
    }

    /// The root that the CA has made for itself at its start.
    fn fetch_root(&self) {
        let log = || tail(&self.place.join("pebble.log"), 20);
        wait(START, log, || {
            let mut curl = self.world.at_receiver("curl");
            curl.args(["--silent", "--fail", "--cacert"]).arg(self.place.join("directory.pem"));
            curl.arg("--output").arg(self.place.join("root.pem")).arg("https://192.0.2.1:15000/roots/0");
            curl.status().unwrap().success()
        });
    }

    /// Enters at the registrar's what the operator was told to.
    fn delegate(&self, printed: &str) {
        let file = self.place.join("delegation");
        // What is no record is for people.
        let is_record =
            |line: &&str| line.split_whitespace().any(|word| ["NS", "DS", "A", "AAAA"].contains(&word));
        let is_comment = |line: &&str| line.trim_start().starts_with([';', '#']);
        let records = printed.lines().filter(|line| is_record(line) && !is_comment(line));
        fs::write(&file, records.map(|line| format!("{line}\n")).collect::<String>()).unwrap();
        make_zones(&self.place, Some(&file));
        let told = Command::new("kill").args(["-HUP", &self.named.0.id().to_string()]).status().unwrap();
        assert!(told.success());
    }
}

fn make_zones(folder: &Path, delegation: Option<&Path>) {
    let mut zones = Command::new("sh");
    zones.arg(scripts().join("zones.sh")).arg(folder).args(delegation);
    well(&zones.output().unwrap(), "zones.sh");
}

/// Writes the configuration of a resolver at `address` that begins at the world's root.
fn resolver(folder: &Path, zones: &Path, address: &str) -> PathBuf {
    fs::create_dir_all(folder).unwrap();
    fs::copy(zones.join("anchors"), folder.join("anchors")).unwrap();
    fs::write(folder.join("hints"), ". 3600 NS ns.lab.\nns.lab. 3600 A 192.0.2.1\n").unwrap();
    let text = fs::read_to_string(scripts().join("unbound.conf")).unwrap();
    // The sender's is seen as /rig inside.
    let shown = if address == "127.0.0.1" { Path::new("/rig") } else { folder };
    let text = text.replace("@ADDRESS@", address).replace("@FOLDER@", &shown.display().to_string());
    let file = folder.join("unbound.conf");
    fs::write(&file, text).unwrap();
    file
}

#[test]
fn the_first_hour_ends_with_a_verdict_in_the_mailbox() {
    if !is_here("the first hour", &["named", "pebble", "curl"]) {
        return;
    }
    let began = Instant::now();
    let world = World::new("first-hour");
    let around = Around::start(&world);
    let host = Host::boot(&world, world.folder().join("host"));
    for file in ["anchors", "root.pem", "directory.pem"] {
        fs::copy(around.place.join(file), host.place.join(file)).unwrap();
    }
    // As if it had been fetched into the folder where the operator is.
    fs::copy(&packages()[0], host.path("/root").join(packages()[0].file_name().unwrap())).unwrap();

    let blocks = blocks();
    for block in &blocks {
        follow(&host, &around, block);
    }
    for step in
        ["apt", "mailassay setup", "systemctl enable --now mailassay", "mailassay certs", "mailassay doctor"]
    {
        assert!(blocks.iter().any(|block| block.commands.starts_with(step)), "docs/operating.md: {step}");
    }
    let verdict = verdict(&world, &around, &host);
    assert!(verdict.contains("Auto-Submitted: auto-replied") && verdict.contains("(dane)"), "{verdict}");
    what_check_says(&host);
    everything_belongs_to_whoever_serves(&host);
    the_log_names_nobody(&host.log());
    say(&format!("docs/operating.md    followed literally: a verdict in {} s", began.elapsed().as_secs()));
}

/// Does what a block says, and what the world has to do with it.
fn follow(host: &Host<'_>, around: &Around<'_>, block: &Block) {
    let commands = block.commands.trim();
    let told = commands.replace("mailassay setup", AUTHORITY);
    let run = || host.run(&told);
    let title = &block.step;
    if commands == "mailassay doctor" {
        // As the document says: certificates come by themselves once the names are found.
        let why =
            || format!("{title}: the doctor is content: {}\n{}\n{}", run().1, host.log(), around.pebble());
        wait(CERTIFICATES, why, || run().0 == 0);
        let said = run().1;
        assert!(!said.lines().any(|line| line.starts_with('✘')), "{said}");
        assert!(said.contains("PTR of 192.0.2.25 is mx.test.example"), "{said}");
        return;
    }
    let (code, said) = run();
    assert_eq!(code, 0, "{title}:\n{commands}\n{said}\n{}", host.log());
    if commands.starts_with("mailassay setup") {
        let lab = fs::read_to_string(scripts().join("lab.toml")).unwrap();
        host.must(&format!("cat >>/var/lib/mailassay/config.toml <<'END'\n{lab}END"));
        // As the document says: run again, it changes nothing.
        let files = "cd /var/lib/mailassay; cat config.toml origin.zone; ls -lR . | grep -v sqlite";
        let before = host.must(files);
        assert_eq!(run().0, 0, "{}", run().1);
        assert_eq!(host.must(files), before);
    }
    if commands.starts_with("mailassay zone parent") {
        around.delegate(&said);
        wait(START, || format!("{title}: the parent shows it"), || around.shows_the_delegation());
    }
    if commands.starts_with("systemctl ") {
        wait(START, || format!("{title}: it serves: {}", host.log()), || resolves_itself(around.world));
    }
}

impl Around<'_> {
    fn shows_the_delegation(&self) -> bool {
        let mut dig = self.world.at_receiver("dig");
        dig.args(["+short", "+time=1", "+tries=1", "@192.0.2.54", "test.example", "DS"]);
        !said(&dig.output().unwrap()).trim().is_empty()
    }

    fn pebble(&self) -> String {
        tail(&self.place.join("pebble.log"), 20)
    }
}

/// Whether the service's own DNS answers, asked as the world will.
fn resolves_itself(world: &World) -> bool {
    let mut dig = world.at_receiver("dig");
    dig.args(["+short", "+time=1", "+tries=1", "@192.0.2.25", "mx.test.example", "A"]);
    said(&dig.output().unwrap()).trim() == "192.0.2.25"
}

/// Lets somebody send, and waits for what comes back.
fn verdict(world: &World, around: &Around<'_>, host: &Host<'_>) -> String {
    let place = world.folder().join("sender");
    fs::create_dir_all(&place).unwrap();
    resolver(&place, &around.place, "127.0.0.1");
    let mut sender = world.at_sender("unshare");
    sender.args(["--mount", "--propagation", "private", "sh"]).arg(scripts().join("sender.sh"));
    sender.arg(rig::peers::folder()).arg(&place);
    let mut sender = background(&mut sender, &place, "sender.log");
    let began = Instant::now();
    let mailbox = place.join("mailbox/joachim/new");
    loop {
        let mail = fs::read_dir(&mailbox).into_iter().flatten().flatten().next();
        if let Some(mail) = mail {
            return fs::read_to_string(mail.path()).unwrap();
        }
        let ended = sender.0.try_wait().unwrap();
        let logs = || {
            let sender = ["sender.log", "log/mail"].map(|file| tail(&place.join(file), 40)).join("\n---\n");
            format!("{sender}\n---\n{}", host.log())
        };
        assert!(ended.is_none(), "the sender ended: {}", logs());
        assert!(began.elapsed() < VERDICT, "no verdict after {VERDICT:?}:\n{}", logs());
        std::thread::sleep(Duration::from_millis(500));
    }
}

/// `check` in a world with a root of its own: the headline and the code are those of the rules that were chosen.
fn what_check_says(host: &Host<'_>) {
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
        let (ended, said) =
            host.run(&format!("mailassay check --config /var/lib/mailassay/config.toml {words}"));
        assert!(ended == code && said.starts_with(&format!("{headline}\n")), "{words}: {ended} {said}");
    }
}

/// Nothing in the service's folder is root's but what the commands write there as root, and secrets are its owner's
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
