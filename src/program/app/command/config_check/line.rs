//! The lines of the result.

use std::io;

use crate::program::app::command::ending::say;
use crate::shared::text::Tone;

/// A line of the result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::program::app::command) struct Line {
    pub(in crate::program::app::command) tone: Tone,
    pub(in crate::program::app::command) text: String,
}

impl Line {
    pub(in crate::program::app::command) fn good(text: impl Into<String>) -> Self {
        Self { tone: Tone::Good, text: text.into() }
    }

    pub(in crate::program::app::command) fn bad(text: impl Into<String>) -> Self {
        Self { tone: Tone::Bad, text: text.into() }
    }

    pub(in crate::program::app::command) fn warning(text: impl Into<String>) -> Self {
        Self { tone: Tone::Warning, text: text.into() }
    }

    pub(in crate::program::app::command) fn open(text: &str) -> Self {
        Self { tone: Tone::Info, text: text.to_owned() }
    }
}

/// How many columns a terminal has at least.
const COLUMNS: usize = 80;

/// Says each line at once, since some take a while, and knows whether one was red.
#[derive(Default)]
pub(in crate::program::app::command) struct Teller {
    pub(in crate::program::app::command) red: bool,
    /// How many warnings there were.
    pub(in crate::program::app::command) warnings: usize,
    is_wrapped: bool,
    hides_good: bool,
}

impl Teller {
    /// One that breaks lines for a terminal. Those of `config check` stay whole, as programs read them.
    pub(in crate::program::app::command) fn wrapping() -> Self {
        Self { is_wrapped: true, ..Self::default() }
    }

    /// One that says only what is not as it should be.
    pub(in crate::program::app::command) fn of_faults() -> Self {
        Self { hides_good: true, ..Self::wrapping() }
    }

    pub(in crate::program::app::command) fn tell(&mut self, line: &Line) -> io::Result<()> {
        self.red |= line.tone == Tone::Bad;
        self.warnings += usize::from(line.tone == Tone::Warning);
        if self.hides_good && line.tone == Tone::Good {
            return Ok(());
        }
        let text = format!("{} {}", line.tone.symbol(), line.text);
        let text = if self.is_wrapped { wrapped(&text, "  ") } else { text };
        say(&format!("{text}\n"))
    }

    pub(in crate::program::app::command) fn all(&mut self, lines: &[Line]) -> io::Result<()> {
        lines.iter().try_for_each(|line| self.tell(line))
    }
}

/// `text` broken at spaces, further lines behind `margin`. What stands between backquotes is pasted, and is not broken.
pub(in crate::program::app::command) fn wrapped(text: &str, margin: &str) -> String {
    let (mut lines, mut line, mut is_empty) = (String::new(), String::new(), true);
    let mut quoted = false;
    let words = text.split_inclusive(|c: char| {
        quoted ^= c == '`';
        c == ' ' && !quoted
    });
    for word in words.map(str::trim_end) {
        if !is_empty && line.chars().count() + 1 + word.chars().count() > COLUMNS {
            lines.push_str(&line);
            lines.push('\n');
            line = margin.to_owned();
            is_empty = true;
        }
        if !is_empty {
            line.push(' ');
        }
        line.push_str(word);
        is_empty = false;
    }
    lines + &line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_fits_a_terminal_and_commands_stay_whole() {
        let text = "✘ service: it does not run with this journal, and this is a long way to say so; start it: \
                    `systemctl enable --now mailassay`, and look again with `mailassay doctor --config FILE`";
        let lines = wrapped(text, "  ");
        assert!(lines.lines().all(|line| line.chars().count() <= COLUMNS), "{lines}");
        assert!(lines.lines().skip(1).all(|line| line.starts_with("  ")), "{lines}");
        assert!(lines.contains("`systemctl enable --now mailassay`"), "{lines}");
        assert_eq!(lines.replace("\n  ", " "), text);
        assert_eq!(wrapped("short", "  "), "short");
    }
}
