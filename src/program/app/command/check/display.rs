//! How far a scan is, on a terminal.

use std::net::IpAddr;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use parking_lot::Mutex;

use crate::receiving::request::{Progress, Step};
use crate::shared::text::clean;

/// How wide a line of progress is at most, in characters.
const LINE_CHARS_MAX: usize = 100;

/// A line for names and networks, and one for each address.
pub(super) struct Display {
    lines: MultiProgress,
    names: ProgressBar,
    addresses: Mutex<Vec<(IpAddr, ProgressBar)>>,
}

impl Display {
    pub(super) fn new() -> Self {
        let lines = MultiProgress::new();
        let names = lines.add(ProgressBar::new_spinner());
        names.set_style(style("{spinner} {wide_msg}"));
        names.enable_steady_tick(std::time::Duration::from_millis(120));
        Self { lines, names, addresses: Mutex::default() }
    }

    fn bar(&self, ip: IpAddr) -> ProgressBar {
        let mut addresses = self.addresses.lock();
        if let Some((_, bar)) = addresses.iter().find(|(known, _)| *known == ip) {
            return bar.clone();
        }
        let bar = self.lines.add(ProgressBar::new(1));
        // What a server is asked has room beside the longest address in 80 columns.
        bar.set_style(style("  {prefix:<39} {bar:8} {pos:>2}/{len:<2} {wide_msg}"));
        bar.set_prefix(ip.to_string());
        addresses.push((ip, bar.clone()));
        bar
    }
}

/// The templates are ours, and a wrong one shows less.
fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

/// What a server says is shown as it is in reports.
fn line(text: &str) -> String {
    clean(text).chars().take(LINE_CHARS_MAX).collect()
}

impl Progress for Display {
    fn step(&self, step: Step) {
        match step {
            Step::Name { question } => self.names.set_message(line(&format!("DNS {question}"))),
            Step::Servers { addresses } => self.names.set_message(format!("{addresses} addresses")),
            Step::Server { ip, step, connections, of } => {
                let bar = self.bar(ip);
                bar.set_length(u64::from(of.max(connections)));
                bar.set_position(u64::from(connections));
                bar.set_message(line(&step));
            }
            Step::Waiting { ip, seconds, why } => {
                self.bar(ip).set_message(line(&format!("waits {seconds} s: {why}")));
            }
            Step::Networks => self.names.set_message("networks"),
            Step::Idle => {}
        }
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        // A report follows on the same terminal.
        let _ = self.lines.clear();
    }
}
