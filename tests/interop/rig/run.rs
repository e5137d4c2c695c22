//! Senders against one service, from the first mail to the last verdict.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, ExitStatus};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::expect;
use super::mode::Mode;
use super::noise::Noise;
use super::row::{Group, Member};
use super::service::{ORIGIN, Service};
use super::world::{SENDER, World};

/// How long a run may take: a trial's patience, the start, and the mail before the first MAIL of a sender that
/// must first be shown a certificate that verifies. On a machine that is busy with other rows.
pub(crate) const RUN: Duration = Duration::from_secs(300);

/// A sender at work.
pub(crate) struct Sender {
    place: PathBuf,
    process: Child,
}

impl Sender {
    /// Starts the senders of a group, each with one mail a user, to both domains, in its queue. The first runs the
    /// resolver of all.
    pub(crate) fn start_all(world: &World, service: &Service<'_>, group: &Group, mode: Mode) -> Vec<Self> {
        world.add_to_sender(group.sender_addresses());
        let resolver = group.resolver.as_deref().unwrap_or_default();
        let mut senders = Vec::new();
        for member in &group.members {
            let own = if senders.is_empty() { "own" } else { "shared" };
            senders.push(Self::start(
                world,
                service,
                member,
                mode,
                &[("RESOLVER", own), ("RESOLVER_ADDRESS", resolver)],
            ));
        }
        senders
    }

    fn start(
        world: &World,
        service: &Service<'_>,
        member: &Member,
        mode: Mode,
        resolver: &[(&str, &str)],
    ) -> Self {
        let row = member.row();
        let place = world.folder().join("senders").join(&row.name);
        fs::create_dir_all(&place).expect("a folder for the sender");
        let (anchors, root) = service.anchors();
        for (file, text) in
            [("anchors", anchors.as_str()), ("ca.pem", &root), ("origin", ORIGIN), ("host", &row.host())]
        {
            fs::write(place.join(file), text).expect("a file for the sender");
        }
        let (pace, retry_s) = mode.retries();
        let users = member.users.to_string();
        // A sender binds to no address unless another than the first is its own.
        let address = if member.address == SENDER { "" } else { member.address.as_str() };
        let mut settings = resolver.to_vec();
        settings.extend([
            ("PACKAGES", row.packages.as_str()),
            ("PACE", pace),
            ("RETRY_S", retry_s),
            ("USERS", &users),
            ("ADDRESS", address),
        ]);
        let process = world.start_sender(&row.product, &format!("senders/{}", row.name), &place, &settings);
        Self::new(place, process)
    }

    /// One that was started, in its folder.
    pub(crate) fn new(place: PathBuf, process: Child) -> Self {
        Self { place, process }
    }

    /// What it logged.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.log_file()).unwrap_or_default()
    }

    /// The end of what it and its helpers logged.
    pub(crate) fn log_tail(&self) -> String {
        let own = tail(&self.place.join("sender.log"), 10);
        format!("{own}\n{}", tail(&self.log_file(), 40))
    }

    /// How it ended, if it did: a sender runs until the run is over.
    pub(crate) fn ended(&mut self) -> Option<ExitStatus> {
        self.process.try_wait().ok().flatten()
    }

    fn log_file(&self) -> PathBuf {
        let exim = self.place.join("log/mainlog");
        if exim.exists() { exim } else { self.place.join("log/mail") }
    }
}

/// Runs a group and compares; the error is what a reader needs to find out why. With a `database` the service is two nodes.
pub(crate) fn group(group: &Group, mode: Mode, time: u32, database: Option<&str>) -> Result<String, String> {
    let world = World::new(&format!("{}-{}-{time}", group.name, mode.name()));
    let service = match database {
        Some(url) => Service::start_nodes(&world, mode, url),
        None => Service::start(&world, mode, group.mx_addresses()),
    };
    let noise = mode.is_noisy().then(|| Noise::start(&world, &group.members[0].row().host()));
    if let Some(noise) = noise.as_ref().filter(|_| group.forged_first) {
        noise.forge();
        noise.wait_for_forgery();
    }
    let mut senders = Sender::start_all(&world, &service, group, mode);
    let began = Instant::now();
    let outcome = wait_for_verdicts(&service, &mut senders, group, noise.as_ref()).and_then(|trials| {
        let mut faults = Vec::new();
        for (member, trial) in &trials {
            let found = expect::faults(group, &group.members[*member], mode, trial);
            let found = found.into_iter().chain(group.nodes.then(|| expect::met_both(trial)).flatten());
            faults.extend(found.map(|fault| format!("{}: {fault}", group.members[*member].row().name)));
        }
        let ids: Vec<&str> = trials.iter().filter_map(|(_, trial)| trial["id"].as_str()).collect();
        if let Some(noise) = &noise {
            faults.extend(noise.faults(&ids));
        }
        if faults.is_empty() {
            let lines = trials.iter().map(|(_, trial)| summary(trial)).collect::<Vec<_>>();
            Ok(format!("{}, {} s", lines.join("; "), began.elapsed().as_secs()))
        } else {
            let shown = ids.iter().map(|id| service.show(id, "--text")).collect::<Vec<_>>();
            Err(format!("{}\n{}", faults.join("\n"), shown.join("\n")))
        }
    });
    outcome.map_err(|fault| {
        let senders = senders.iter().map(Sender::log_tail).collect::<Vec<_>>();
        format!("{fault}\n--- sender\n{}\n--- service\n{}", senders.join("\n---\n"), service.log_tail())
    })
}

fn summary(trial: &Value) -> String {
    let connections = trial["connections"].as_array().map_or(0, Vec::len);
    let mut summary = format!(
        "term {}, {connections} connections",
        trial["sending"]["policy"].as_str().unwrap_or("nothing")
    );
    for apart in trial["apart"].as_array().into_iter().flatten() {
        summary.push_str(&format!(", {} {}", apart["source"], apart["sending"]["policy"]));
    }
    summary
}

/// A trial, and the number of the member that it is of.
type Own = (usize, Value);

/// Waits until every member has a trial for each of its users, all have ended, and as many verdicts lie in the
/// maildir. The forger may begin when the first trial has.
pub(crate) fn wait_for_verdicts(
    service: &Service<'_>,
    senders: &mut [Sender],
    group: &Group,
    noise: Option<&Noise<'_>>,
) -> Result<Vec<Own>, String> {
    let began = Instant::now();
    let wanted: Vec<usize> = group.members.iter().map(|member| member.users).collect();
    let total = wanted.iter().sum::<usize>();
    // A trial that has ended with its verdict sent does not change any more.
    let mut known: BTreeMap<String, Option<Own>> = BTreeMap::new();
    loop {
        let trials = service.trials();
        if let Some(noise) = noise.filter(|_| !trials.is_empty()) {
            noise.forge();
        }
        for (id, _) in trials.iter().filter(|(_, state)| state != "open") {
            if !known.contains_key(id) {
                let trial = service.trial(id);
                if !trial["verdict"]["delivery"].is_null() && trial["verdict"]["delivery"] != "pending" {
                    known.insert(id.clone(), owner(group, &trial).map(|member| (member, trial)));
                }
            }
        }
        let own: Vec<Own> = known.values().flatten().cloned().collect();
        let mails = service.verdicts();
        let counts = |member: usize| own.iter().filter(|(of, _)| *of == member).count();
        if (0..wanted.len()).all(|member| counts(member) >= wanted[member]) && mails.len() >= total {
            if own.len() > total || mails.len() > total {
                return Err(format!("{} trials and {} verdict mails, not {total}", own.len(), mails.len()));
            }
            return match mails.iter().find(|mail| !mail.contains("Auto-Submitted: auto-replied")) {
                None => Ok(own),
                Some(mail) => Err(format!("this is no verdict mail: {mail}")),
            };
        }
        for sender in &mut *senders {
            if let Some(status) = sender.ended() {
                return Err(format!("the sender ended: {status}"));
            }
        }
        if began.elapsed() > RUN {
            let mut fault = format!("no verdict after {RUN:?}: trials {trials:?}, {} mails", mails.len());
            for (id, _) in &trials {
                fault.push_str(&format!("\n{}", service.show(id, "--text")));
            }
            return Err(fault);
        }
        std::thread::sleep(Duration::from_secs(1));
    }
}

/// Whose trial it is: of the member whose domain it is of and who has a mail from its address in it. A forger's has
/// the domain alone.
fn owner(group: &Group, trial: &Value) -> Option<usize> {
    let connections = trial["connections"].as_array().map_or(&[][..], Vec::as_slice);
    let exact: Vec<&Value> = connections.iter().filter(|one| one["attributed"] == "exact").collect();
    group.members.iter().position(|member| {
        let has_mail_from = |address: &str| exact.iter().any(|connection| connection["source"] == *address);
        trial["sender"]["domain"] == *member.row().host()
            && member.addresses().iter().any(|address| has_mail_from(address))
    })
}

/// Says a line on the terminal, also where the test's own output is captured.
pub(crate) fn say(line: &str) {
    // A terminal that is gone is no reason to fail.
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}

/// The last lines of a file.
pub(crate) fn tail(file: &Path, lines: usize) -> String {
    let text = fs::read(file).map(|octets| String::from_utf8_lossy(&octets).into_owned()).unwrap_or_default();
    let all: Vec<&str> = text.lines().collect();
    all[all.len().saturating_sub(lines)..].join("\n")
}
