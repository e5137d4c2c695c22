//! What the samples do, as it is shown while they do it.

use std::io::{self, IsTerminal};
use std::sync::Arc;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use parking_lot::Mutex;

use crate::program::demo::{Sample, SampleProgress};
use crate::sending::deliver::Delivery;

/// What the samples do at the moment: moving lines on a terminal, else a line for each that is done. It counts what
/// each called.
pub(super) struct Display {
    lines: Vec<Line>,
}

struct Line {
    name: &'static str,
    bar: Option<ProgressBar>,
    calls: Mutex<usize>,
}

impl Display {
    pub(super) fn new(samples: &[Sample]) -> Arc<Self> {
        let terminal = io::stderr().is_terminal();
        let lines = MultiProgress::new();
        let style = ProgressStyle::with_template("   {prefix:13} {spinner} {wide_msg}");
        let style = style.unwrap_or_else(|_| ProgressStyle::default_spinner());
        let bar = || lines.add(ProgressBar::new_spinner().with_style(style.clone()));
        let line = |sample: &Sample| Line {
            name: sample.name,
            bar: terminal.then(|| bar().with_prefix(sample.name)),
            calls: Mutex::default(),
        };
        Arc::new(Self { lines: samples.iter().map(line).collect() })
    }

    /// How many hosts a sample called.
    pub(super) fn calls(&self, sample: &Sample) -> usize {
        self.line(sample).map_or(0, |line| *line.calls.lock())
    }

    fn line(&self, sample: &Sample) -> Option<&Line> {
        self.lines.iter().find(|line| line.name == sample.name)
    }

    /// Clears the moving lines: the table follows.
    pub(super) fn finish(&self) {
        self.lines.iter().filter_map(|line| line.bar.as_ref()).for_each(ProgressBar::finish_and_clear);
    }
}

impl SampleProgress for Display {
    fn attempted(&self, sample: &Sample, calls: usize, last: &str) {
        let Some(line) = self.line(sample) else { return };
        let mut all = line.calls.lock();
        *all += calls;
        if let Some(bar) = &line.bar {
            bar.set_message(format!("{all:>3} calls; {last}"));
            bar.tick();
        }
    }

    fn done(&self, sample: &Sample, deliveries: &[Delivery]) {
        let taken = deliveries.iter().all(|delivery| *delivery == Delivery::Delivered);
        let end = if taken { "its mail was taken" } else { "it gave up" };
        let said = format!("{:>3} calls, then {end}", self.calls(sample));
        match self.line(sample) {
            Some(Line { bar: Some(bar), .. }) => bar.finish_with_message(said),
            _ => println!("   {:<13} {said}", sample.name),
        }
    }
}
