//! The lines of the result.

use std::io;

use crate::program::app::command::ending::say;
use crate::shared::text::Tone;

/// A line of the result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) tone: Tone,
    pub(super) text: String,
}

impl Line {
    pub(super) fn good(text: impl Into<String>) -> Self {
        Self { tone: Tone::Good, text: text.into() }
    }

    pub(super) fn bad(text: impl Into<String>) -> Self {
        Self { tone: Tone::Bad, text: text.into() }
    }

    pub(super) fn warning(text: impl Into<String>) -> Self {
        Self { tone: Tone::Warning, text: text.into() }
    }

    pub(super) fn open(text: &str) -> Self {
        Self { tone: Tone::Info, text: text.to_owned() }
    }
}

/// Says each line at once, since some take a while, and knows whether one was red.
#[derive(Default)]
pub(super) struct Teller {
    pub(super) red: bool,
}

impl Teller {
    pub(super) fn tell(&mut self, line: &Line) -> io::Result<()> {
        self.red |= line.tone == Tone::Bad;
        say(&format!("{} {}\n", line.tone.symbol(), line.text))
    }

    pub(super) fn all(&mut self, lines: &[Line]) -> io::Result<()> {
        lines.iter().try_for_each(|line| self.tell(line))
    }
}
