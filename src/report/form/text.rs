//! Plain text of at most 78 columns (RFC 5322 §2.1.1), which reads well without any markup.

use crate::report::page::{Body, Check, Connection, Entry, Page, Section};

/// RFC 5322 §2.1.1: a line should have no more characters.
const LINE_CHARS_MAX: usize = 78;

/// Where the result stands in a line of the table of mechanisms.
const RESULT_COLUMN: usize = 58;

impl Page {
    /// The page as text, lines ended by LF.
    pub fn text(&self) -> String {
        let mut lines = Lines::default();
        lines.wrap("", "", &self.about);
        lines.blank();
        for sentence in &self.answer {
            lines.wrap("", "", sentence);
        }
        lines.blank();
        lines.wrap("", "", &self.term);
        for section in &self.sections {
            lines.section(section);
        }
        lines.blank();
        lines.push("-".repeat(3));
        for sentence in &self.footer {
            lines.wrap("", "", sentence);
        }
        lines.0
    }
}

#[derive(Default)]
struct Lines(String);

impl Lines {
    fn push(&mut self, line: impl AsRef<str>) {
        self.0.push_str(line.as_ref().trim_end());
        self.0.push('\n');
    }

    fn blank(&mut self) {
        self.push("");
    }

    /// `text` broken at spaces, the first line after `first`, the others after `rest`. A word that is longer
    /// than a line, such as an address on the web, stands on a line of its own; one that no line could hold is
    /// broken.
    fn wrap(&mut self, first: &str, rest: &str, text: &str) {
        let mut line = first.to_owned();
        let mut room = false;
        for word in text.split_whitespace() {
            let mut word = word.to_owned();
            if room && width(&line) + 1 + width(&word) > LINE_CHARS_MAX {
                self.push(std::mem::replace(&mut line, rest.to_owned()));
                room = false;
            }
            let is_address = word.starts_with("https://") || word.starts_with("http://");
            while !is_address && width(&line) + width(&word) > LINE_CHARS_MAX && !room {
                let head: String = word.chars().take(LINE_CHARS_MAX - width(&line)).collect();
                word = word.chars().skip(width(&head)).collect();
                line.push_str(&head);
                self.push(std::mem::replace(&mut line, rest.to_owned()));
            }
            if room {
                line.push(' ');
            }
            line.push_str(&word);
            room = true;
        }
        self.push(line);
    }

    fn section(&mut self, section: &Section) {
        self.blank();
        self.blank();
        self.push(section.title.to_uppercase());
        if !section.intro.is_empty() {
            self.wrap("", "", &section.intro);
        }
        match &section.body {
            Body::Nothing => {}
            Body::Checks(checks) => {
                self.blank();
                checks.iter().for_each(|check| self.check(check));
            }
            Body::Entries(entries) => entries.iter().for_each(|entry| self.entry(entry)),
            Body::Steps(steps) => {
                self.blank();
                for (n, step) in steps.iter().enumerate() {
                    self.wrap(&format!("{:>3}. ", n + 1), "     ", step);
                }
            }
            Body::Points(points) => {
                self.blank();
                points.iter().for_each(|point| self.wrap("  - ", "    ", point));
            }
            Body::Connections(connections) => {
                connections.iter().for_each(|connection| self.connection(connection));
            }
            Body::Log(log) => {
                self.blank();
                log.iter().for_each(|line| self.wrap("  ", "      ", line));
            }
        }
    }

    fn check(&mut self, check: &Check) {
        let head = format!("  {} {}", check.tone.symbol(), check.label);
        let gap = RESULT_COLUMN.saturating_sub(width(&head) + 1).max(2);
        let dots = format!("{head} {} {}", ".".repeat(gap.saturating_sub(1)), check.result);
        if width(&dots) <= LINE_CHARS_MAX {
            self.push(dots);
        } else {
            self.wrap(&format!("  {} ", check.tone.symbol()), "    ", &check.label);
            self.push(format!("    {} {}", ".".repeat(RESULT_COLUMN - 5), check.result));
        }
        if !check.how.is_empty() {
            self.wrap("      ", "      ", &check.how);
        }
    }

    fn entry(&mut self, entry: &Entry) {
        self.blank();
        self.wrap(&format!("  {} ", entry.tone.symbol()), "    ", &entry.title);
        for paragraph in &entry.text {
            self.wrap("    ", "    ", paragraph);
        }
        if !entry.rests_on.is_empty() {
            self.wrap("    ", "    ", &entry.rests_on);
        }
    }

    fn connection(&mut self, connection: &Connection) {
        if let Some(day) = &connection.day {
            self.blank();
            self.wrap("  ", "  ", day);
        }
        let Connection { number, time, server, transport, state, .. } = connection;
        self.wrap(&format!("{number:>4}  "), "      ", &format!("{time}  {server}, {transport}, {state}"));
        for detail in &connection.details {
            self.wrap("        ", "          ", detail);
        }
    }
}

/// Every character that is shown takes one column, as far as plain text can know.
fn width(text: &str) -> usize {
    text.chars().count()
}
