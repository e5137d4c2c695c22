//! One sender against one service, from the first mail to the verdict.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, ExitStatus};
use std::time::{Duration, Instant};

use super::cells::Seen;
use super::row::Row;
use super::service::{ORIGIN, Service};
use super::world::World;

/// How long a run may take: a trial's patience, the start, and the mail before the first MAIL of a sender that
/// must first be shown a certificate that verifies. On a machine that is busy with other rows.
pub(crate) const RUN: Duration = Duration::from_secs(240);

/// A sender at work.
pub(crate) struct Sender {
    place: PathBuf,
    process: Child,
}

impl Sender {
    /// Starts the sender of a row; it has one mail to both domains in its queue.
    pub(crate) fn start(world: &World, service: &Service<'_>, row: &Row) -> Self {
        let place = world.folder().join("sender");
        fs::create_dir_all(&place).expect("a folder for the sender");
        let (anchors, root) = service.anchors();
        let host = format!("{}.senders.example", row.name);
        for (file, text) in
            [("anchors", anchors.as_str()), ("ca.pem", &root), ("origin", ORIGIN), ("host", &host)]
        {
            fs::write(place.join(file), text).expect("a file for the sender");
        }
        let process = world.start_sender(&row.product, &row.name, &place);
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
    fn ended(&mut self) -> Option<ExitStatus> {
        self.process.try_wait().ok().flatten()
    }

    fn log_file(&self) -> PathBuf {
        let exim = self.place.join("log/mainlog");
        if exim.exists() { exim } else { self.place.join("log/mail") }
    }
}

/// Runs a row and compares; the error is what a reader needs to find out why.
pub(crate) fn row(row: &Row, settle: &str) -> Result<String, String> {
    let world = World::new(&format!("{}-{settle}", row.name));
    let service = Service::start(&world, settle, &row.addresses);
    let mut sender = Sender::start(&world, &service, row);
    let began = Instant::now();
    let outcome = wait_for_verdict(&service, &mut sender).and_then(|id| {
        let trial = service.trial(&id);
        let mut faults = Vec::new();
        let term = trial["sending"]["policy"].as_str().unwrap_or("nothing");
        if term != row.term {
            faults.push(format!("the term is {term}, not {} ({})", row.term, trial["sending"]["candidates"]));
        }
        let found = trial["sending"]["findings"].as_array().map_or(&[][..], Vec::as_slice);
        for (mechanism, result) in &row.findings {
            if !found.iter().any(|one| one["mechanism"] == *mechanism && one["result"] == *result) {
                faults.push(format!("{mechanism} is not {result}"));
            }
        }
        if settle == "patience" {
            faults.extend(Seen::of(&trial).differences(row));
        }
        if faults.is_empty() {
            let connections = trial["connections"].as_array().map_or(0, Vec::len);
            Ok(format!("term {term}, {connections} connections, {} s", began.elapsed().as_secs()))
        } else {
            Err(format!("{}\n{}", faults.join("\n"), service.show(&id, "--text")))
        }
    });
    outcome.map_err(|fault| {
        format!("{fault}\n--- sender\n{}\n--- service\n{}", sender.log_tail(), service.log_tail())
    })
}

/// Waits until one trial has ended and one verdict lies in the maildir; says which trial.
pub(crate) fn wait_for_verdict(service: &Service<'_>, sender: &mut Sender) -> Result<String, String> {
    let began = Instant::now();
    loop {
        let trials = service.trials();
        let mails = service.verdicts();
        if let [(id, state)] = trials.as_slice()
            && state != "open"
            && let [mail] = mails.as_slice()
        {
            return if mail.contains("Auto-Submitted: auto-replied") {
                Ok(id.clone())
            } else {
                Err(format!("this is no verdict mail: {mail}"))
            };
        }
        if let Some(status) = sender.ended() {
            return Err(format!("the sender ended: {status}"));
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
