//! How far a survey is: two lines on a terminal, else a line of JSON now and then.

use std::io::{IsTerminal, Write};
use std::sync::Arc;
use std::time::Duration;

use clap::ValueEnum;
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use serde_json::json;

use crate::receiving::places::Turnstile;
use crate::receiving::survey::{Board, Snapshot, Store};

/// How often a terminal is told, in seconds.
const TERMINAL_S: u64 = 1;
/// How often others are, in seconds.
const LINES_S: u64 = 10;
/// How wide a line is, in columns.
const COLUMNS: usize = 79;

/// How progress is told, on the standard error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum ProgressForm {
    /// Two lines that change, for a terminal.
    Text,
    /// One JSON object a line.
    Json,
    /// Not at all.
    None,
}

impl ProgressForm {
    /// Where nothing was said: for people on a terminal, else for programs.
    pub(super) fn or_default(form: Option<Self>) -> Self {
        form.unwrap_or(if std::io::stderr().is_terminal() { Self::Text } else { Self::Json })
    }
}

/// Tells progress, and writes what was seen of servers, until it is dropped.
pub(super) async fn tell(form: ProgressForm, board: &Board, turnstile: &Turnstile, store: &Arc<dyn Store>) {
    let display = (form == ProgressForm::Text).then(Display::new);
    let every = if form == ProgressForm::Text { TERMINAL_S } else { LINES_S };
    let mut ticks = tokio::time::interval(Duration::from_secs(every));
    for tick in 0_u64.. {
        ticks.tick().await;
        // What all workers have measured; a store that fails is heard of when the next domain ends.
        if tick * every % LINES_S == 0
            && let Ok(begun) = store.begun().await
        {
            board.of_all(begun.ended);
        }
        let snapshot = board.snapshot(&turnstile.queues());
        match (form, &display) {
            (ProgressForm::Json, _) => line("progress", &snapshot),
            (_, Some(display)) => display.show(&snapshot),
            _ => {}
        }
        let _ = store.flush().await;
    }
}

/// One line of JSON.
pub(super) fn line(event: &str, snapshot: &Snapshot) {
    let mut value = json!(snapshot);
    if let Some(object) = value.as_object_mut() {
        object.insert("event".to_owned(), event.into());
    }
    // Whoever does not read it has read enough.
    let _ = writeln!(std::io::stderr().lock(), "{value}");
}

struct Display {
    lines: MultiProgress,
    bars: [ProgressBar; 2],
}

impl Display {
    fn new() -> Self {
        let lines = MultiProgress::new();
        let bar = || {
            let bar = lines.add(ProgressBar::new_spinner());
            let style = ProgressStyle::with_template("{wide_msg}");
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
            bar
        };
        let bars = [bar(), bar()];
        Self { lines, bars }
    }

    fn show(&self, snapshot: &Snapshot) {
        for (bar, line) in self.bars.iter().zip(snapshot.lines(COLUMNS)) {
            bar.set_message(line);
            bar.tick();
        }
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        // What it came to follows on the same terminal.
        let _ = self.lines.clear();
    }
}
