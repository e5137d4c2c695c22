//! Lines of plain text that are broken at spaces, and the colours of a terminal.

use crate::shared::text::tone::Tone;

/// RFC 5322 §2.1.1: a line should have no more characters.
const LINE_CHARS_MAX: usize = 78;

/// Where the result stands in a line of the table of mechanisms.
const RESULT_COLUMN: usize = 58;

/// Ends what a colour began (ECMA-48 §8.3.117).
const PLAIN: &str = "\u{1b}[0m";

/// What of a page text shows, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TextOptions {
    /// Whether only the answer, what to do, and what failed or can be better is shown. Default: no.
    pub failed_only: bool,
    /// Whether every line of evidence is shown, and not only the first few of what failed. Default: no.
    pub evidence: bool,
    /// Whether symbols and results have the colours of a terminal (SGR of ECMA-48). Default: no.
    pub colour: bool,
    /// How many columns a line has at most; addresses on the web and lines to be pasted are not broken.
    /// Default: 78.
    pub columns: usize,
}

impl Default for TextOptions {
    fn default() -> Self {
        Self { failed_only: false, evidence: false, colour: false, columns: LINE_CHARS_MAX }
    }
}

/// Text that grows line by line.
pub(super) struct Lines {
    pub(super) text: String,
    pub(super) options: TextOptions,
}

impl Lines {
    pub(super) fn new(options: TextOptions) -> Self {
        Self { text: String::new(), options }
    }

    pub(super) fn push(&mut self, line: impl AsRef<str>) {
        self.text.push_str(line.as_ref().trim_end());
        self.text.push('\n');
    }

    pub(super) fn blank(&mut self) {
        self.push("");
    }

    /// `text` in the colour of `tone`, where there are colours.
    pub(super) fn in_colour(&self, tone: Tone, text: &str) -> String {
        let code = match tone {
            _ if !self.options.colour => return text.to_owned(),
            Tone::Good => "32",
            Tone::Bad => "1;31",
            Tone::Warning | Tone::Inconclusive => "33",
            Tone::Info => "2",
        };
        format!("\u{1b}[{code}m{text}{PLAIN}")
    }

    pub(super) fn symbol(&self, tone: Tone) -> String {
        self.in_colour(tone, tone.symbol())
    }

    /// `text` in bold, where a terminal can show it.
    pub(super) fn bold(&self, text: &str) -> String {
        if self.options.colour { format!("\u{1b}[1m{text}{PLAIN}") } else { text.to_owned() }
    }

    /// `text` broken at spaces, the first line after `first`, the others after `rest`.
    pub(super) fn wrap(&mut self, first: &str, rest: &str, text: &str) {
        for line in wrapped(first, rest, text, self.options.columns) {
            self.push(line);
        }
    }

    /// "  ✔ STARTTLS ............... good".
    pub(super) fn dotted(&mut self, tone: Tone, label: &str, result: &str) {
        let columns = self.options.columns;
        let head = format!("  {} {label}", self.symbol(tone));
        let gap = RESULT_COLUMN.saturating_sub(width(&head) + 1).max(2);
        let result_shown = self.in_colour(tone, result);
        let dots = format!("{head} {} {result_shown}", ".".repeat(gap.saturating_sub(1)));
        if width(&dots) <= columns {
            self.push(dots);
            return;
        }
        // A long label takes as many lines as it needs, and the result ends the last one or stands on the next.
        self.wrap(&format!("  {} ", self.symbol(tone)), "    ", &format!("{label}: {result}"));
    }

    /// Lines that are to be copied: as they are, from the first column, so that a block of them can be pasted.
    /// A line that is too long is not broken, since that would change what it means; unless it is a comment.
    pub(super) fn verbatim(&mut self, lines: &[String]) {
        for line in lines {
            match line.strip_prefix("# ") {
                Some(comment) => self.wrap("# ", "# ", comment),
                None => self.push(line),
            }
        }
    }
}

/// `text` broken at spaces into lines of so many columns, the first behind `first`, the others behind `rest`. A word that is
/// longer than a line, such as an address on the web, stands on a line of its own; one that no line could hold is broken.
pub fn wrapped(first: &str, rest: &str, text: &str, columns: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = first.to_owned();
    let mut room = false;
    // A no-break space is not one to break at.
    for word in text.split([' ', '\n']).filter(|word| !word.is_empty()) {
        let mut word = word.to_owned();
        if room && width(&line) + 1 + width(&word) > columns {
            lines.push(std::mem::replace(&mut line, rest.to_owned()));
            room = false;
        }
        let is_address = word.starts_with("https://") || word.starts_with("http://");
        while !is_address && width(&line) + width(&word) > columns && !room {
            let head: String = word.chars().take(columns.saturating_sub(width(&line)).max(1)).collect();
            word = word.chars().skip(width(&head)).collect();
            line.push_str(&head);
            lines.push(std::mem::replace(&mut line, rest.to_owned()));
        }
        if room {
            line.push(' ');
        }
        line.push_str(&word);
        room = true;
    }
    lines.push(line);
    lines
}

/// Every character that is shown takes one column, as far as plain text can know; what switches colours takes none.
pub(super) fn width(text: &str) -> usize {
    let (mut count, mut switching) = (0, false);
    for character in text.chars() {
        match character {
            '\u{1b}' => switching = true,
            'm' if switching => switching = false,
            _ if switching => {}
            _ => count += 1,
        }
    }
    count
}
