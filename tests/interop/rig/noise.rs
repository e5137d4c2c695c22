//! Strangers beside a run: scans, visits and questions from unrelated networks, and one who forges the sender.

use std::fs;
use std::process::Child;
use std::time::{Duration, Instant};

use super::service::ORIGIN;
use super::world::World;

/// They are at it until the world ends.
pub(crate) struct Noise<'world> {
    world: &'world World,
    _process: Child,
}

impl<'world> Noise<'world> {
    /// Starts them; `host` is the name of the sender that the forger knows.
    pub(crate) fn start(world: &'world World, host: &str) -> Self {
        let log = fs::File::create(world.folder().join("noise.log")).expect("a log");
        let mut command = world.at_receiver("python3");
        command.arg(super::peers::rig().join("noise.py")).arg(world.folder()).args([ORIGIN, host]);
        command.stdout(log.try_clone().expect("a second handle")).stderr(log);
        Self { world, _process: command.spawn().expect("python3 starts") }
    }

    /// Lets the forger begin.
    pub(crate) fn forge(&self) {
        fs::write(self.world.folder().join("forge"), "").expect("a file for the forger");
    }

    /// Waits until the forger's mail was answered.
    pub(crate) fn wait_for_forgery(&self) {
        let began = Instant::now();
        while !self.log().lines().any(|line| line.starts_with("forger") && line.contains("forger_mail")) {
            assert!(began.elapsed() < super::run::RUN, "nothing was forged: {}", self.log());
            std::thread::sleep(Duration::from_millis(200));
        }
    }

    fn log(&self) -> String {
        fs::read_to_string(self.world.folder().join("noise.log")).unwrap_or_default()
    }

    /// What is wrong with what strangers were told: `pages` are the addresses of the sender's results. Noise that
    /// was not made would prove nothing.
    pub(crate) fn faults(&self, pages: &[&str]) -> Vec<String> {
        let mut faults = Vec::new();
        let log = self.log();
        if log.contains("Traceback") {
            faults.push(format!("the noise broke: {log}"));
        }
        for kind in ["web", "dns", "smtp", "forger"] {
            if !log.lines().any(|line| line.starts_with(kind)) {
                faults.push(format!("no noise of kind {kind} was made: {log}"));
            }
        }
        for line in log.lines() {
            if let Some(page) = pages.iter().find(|page| line.contains(**page)) {
                faults.push(format!("a stranger was told {page}: {line}"));
            }
        }
        faults
    }
}
