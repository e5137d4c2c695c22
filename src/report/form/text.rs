//! Plain text of at most 78 columns (RFC 5322 §2.1.1), which reads well without any markup.

use crate::report::layout::{
    Body, Check, Connection, Field, Found, Line, Lines as Log, Page, Practice, Section, Step, Table, Todo,
    Tone,
};

/// RFC 5322 §2.1.1: a line should have no more characters.
const LINE_CHARS_MAX: usize = 78;

/// Lines of a log that are broken go on under their text up to here.
const INDENT_CHARS_MAX: usize = 28;

/// How many lines of evidence a check shows.
const EVIDENCE_SHOWN_MAX: usize = 4;

/// Where the result stands in a line of the table of mechanisms.
const RESULT_COLUMN: usize = 58;

/// What of a page text shows, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TextOptions {
    pub failed_only: bool,
    pub evidence: bool,
    pub colour: bool,
    pub columns: usize,
}
impl Default for TextOptions {
    fn default() -> Self {
        Self { failed_only: false, evidence: false, colour: false, columns: LINE_CHARS_MAX }
    }
}
impl Page {
    pub fn headline(&self) -> String {
        format!("{} {}", self.tone.symbol(), self.subject)
    }
    pub fn text_as(&self, _: TextOptions) -> String {
        self.text()
    }
}

impl Page {
    /// The page as text, lines ended by LF.
    pub fn text(&self) -> String {
        let mut lines = Lines::default();
        lines.wrap("", "", &self.about);
        lines.blank();
        for sentence in &self.answer {
            lines.wrap("", "", sentence);
        }
        if !self.term.is_empty() {
            lines.blank();
            lines.wrap("", "", &self.term);
        }
        for section in self.sections.iter().filter(|section| !section.detailed) {
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
        match &section.body {
            Body::Link(url) => return self.wrap("", "", &format!("{} {url}", section.intro)),
            Body::Divider => {
                self.blank();
                let head = format!("--- {} ", section.title);
                return self
                    .push(format!("{head}{}", "-".repeat(LINE_CHARS_MAX.saturating_sub(width(&head)))));
            }
            // What is meant for a mail has no line to spare.
            Body::Practices(_) | Body::Todo(_) | Body::Lines(_) | Body::Folded(_) => self.blank(),
            _ => {
                self.blank();
                self.blank();
            }
        }
        self.push(section.title.to_uppercase());
        if !section.intro.is_empty() {
            self.wrap("", "", &section.intro);
        }
        match &section.body {
            Body::Nothing | Body::Link(_) | Body::Divider => {}
            Body::Practices(all) => {
                all.practices.iter().for_each(|practice| self.practice(practice, all.brief_in_text));
            }
            Body::Todo(todo) => self.todo(todo),
            Body::Lines(log) | Body::Folded(log) => self.log(log),
            Body::Checks(checks) => {
                self.blank();
                checks.iter().for_each(|check| self.check(check));
            }
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
            Body::Connections(_, connections) => {
                connections.iter().for_each(|connection| self.connection(connection));
            }
            Body::Findings(found) => {
                self.blank();
                found.iter().for_each(|found| self.found(found));
            }
            Body::Advice(steps) => steps.iter().enumerate().for_each(|(n, step)| self.step(n + 1, step)),
            Body::Table(table) => {
                self.blank();
                self.table(table);
            }
        }
    }

    /// "  ✔ DANE: yes. Servers 3 and 5 were refused (connections 5 and 8)."
    fn practice(&mut self, practice: &Practice, brief: bool) {
        let Practice { tone, label, result, .. } = practice;
        let how = match brief {
            false if practice.how.is_empty() => String::new(),
            false => format!(". {}", practice.how),
            true if practice.evidence.is_empty() => String::new(),
            true => format!(" ({})", practice.evidence),
        };
        self.wrap(&format!("  {} ", tone.symbol()), "    ", &format!("{label}: {result}{how}"));
    }

    fn todo(&mut self, todo: &Todo) {
        let shown = todo.in_text;
        for (n, step) in todo.steps.iter().enumerate() {
            let paragraphs = step.text.iter().filter(|_| n < shown.paragraphs);
            let text: Vec<&str> =
                std::iter::once(step.title.as_str()).chain(paragraphs.map(String::as_str)).collect();
            let ended = |text: &str| text.ends_with(['.', ':', '?', '"', '“']);
            let text = text.iter().map(|text| format!("{text}{}", if ended(text) { "" } else { "." }));
            self.wrap(&format!("{:>3}. ", n + 1), "     ", &text.collect::<Vec<_>>().join(" "));
            let settings = step.settings.iter().take(if n < shown.settings { shown.products } else { 0 });
            for (name, lines) in settings {
                for (n, line) in lines.iter().enumerate() {
                    let name = if n == 0 { name.as_str() } else { "" };
                    self.wrap(&format!("       {name:<8} "), "                  ", line);
                }
            }
        }
        if !todo.left_out.is_empty() {
            self.wrap("     ", "     ", &todo.left_out);
        }
    }

    fn log(&mut self, log: &Log) {
        let shown = log.lines.iter().take(log.in_text);
        let widest =
            |of: fn(&Line) -> &str| shown.clone().map(|line| width(of(line))).max().unwrap_or_default();
        let (numbers, times) = (widest(|line| &line.numbers), widest(|line| &line.time));
        for line in shown.clone() {
            let head = format!("{:>numbers$}  {:<times$}  ", line.numbers, line.time);
            // Under the text, unless that would leave a narrow column.
            let indent = if width(&head) <= INDENT_CHARS_MAX { width(&head) + 2 } else { 8 };
            self.wrap(&format!("  {head}"), &" ".repeat(indent), &line.text);
        }
        if !log.more_in_text.is_empty() {
            self.wrap("  ", "  ", &log.more_in_text);
        }
    }

    fn check(&mut self, check: &Check) {
        self.dotted(check.tone.symbol(), &check.label, &check.result);
        if !check.how.is_empty() {
            self.wrap("      ", "      ", &check.how);
        }
    }

    /// "  ✔ STARTTLS ............... good".
    fn dotted(&mut self, symbol: &str, label: &str, result: &str) {
        let head = format!("  {symbol} {label}");
        let gap = RESULT_COLUMN.saturating_sub(width(&head) + 1).max(2);
        let dots = format!("{head} {} {result}", ".".repeat(gap.saturating_sub(1)));
        if width(&dots) <= LINE_CHARS_MAX {
            self.push(dots);
        } else {
            self.wrap(&format!("  {symbol} "), "    ", label);
            let dots = (RESULT_COLUMN - 5).min(LINE_CHARS_MAX.saturating_sub(width(result) + 5));
            self.push(format!("    {} {result}", ".".repeat(dots)));
        }
    }

    /// Of what is not as it should be, the first evidence; all of it stands in HTML and JSON.
    fn found(&mut self, found: &Found) {
        self.dotted(found.tone.symbol(), &found.title, &found.result);
        for sentence in &found.sentences {
            self.wrap("      ", "      ", sentence);
        }
        for detail in &found.details {
            self.wrap("      - ", "          ", detail);
        }
        if matches!(found.tone, Tone::Bad | Tone::Warning) {
            self.evidence(found);
        }
        if !found.why.is_empty() {
            self.wrap("      ", "      ", &found.why);
        }
    }

    /// The first lines of what was seen, without those that a detail repeats; and no server's name above nothing.
    fn evidence(&mut self, found: &Found) {
        let told = |line: &String| found.details.iter().any(|detail| line.contains(detail.as_str()));
        let lines: Vec<_> = found.evidence.iter().filter(|line| !told(line)).collect();
        let names = |line: &str| line.ends_with(':');
        let empty = |at: usize| names(lines[at]) && lines.get(at + 1).is_none_or(|next| names(next));
        let shown: Vec<&str> =
            (0..lines.len()).filter(|at| !empty(*at)).map(|at| lines[at].as_str()).collect();
        let most = shown.len().min(EVIDENCE_SHOWN_MAX);
        let most = if most > 0 && names(shown[most - 1]) { most - 1 } else { most };
        for line in &shown[..most] {
            self.wrap("      | ", "      |   ", line);
        }
        if most < shown.len() {
            self.push("      | …");
        }
    }

    fn step(&mut self, number: usize, step: &Step) {
        self.blank();
        self.wrap(&format!("{number:>3}. {} ", step.tone.symbol()), "       ", &step.title);
        for paragraph in &step.text {
            self.wrap("     ", "     ", paragraph);
        }
        for (name, lines) in &step.settings {
            self.push(format!("     {name}:"));
            lines.iter().for_each(|line| self.wrap("       ", "           ", line));
        }
    }

    /// In columns if every row fits into a line, else each row field by field.
    fn table(&mut self, table: &Table) {
        let widest = |n: usize| {
            let fields = table.rows.iter().filter_map(|row| row.get(n)).map(|field| width(&shown(field)));
            fields.chain([width(&table.head[n])]).max().unwrap_or_default()
        };
        let widths: Vec<usize> = (0..table.head.len()).map(widest).collect();
        let line = |fields: Vec<String>| {
            let padded = fields.iter().zip(&widths).map(|(field, width)| format!("{field:<width$}"));
            format!("  {}", padded.collect::<Vec<_>>().join("  "))
        };
        if 2 * widths.len() + widths.iter().sum::<usize>() <= LINE_CHARS_MAX {
            self.push(line(table.head.clone()));
            table.rows.iter().for_each(|row| self.push(line(row.iter().map(shown).collect())));
            return;
        }
        let names = table.head.iter().skip(1).map(|name| width(name)).max().unwrap_or_default();
        for (n, row) in table.rows.iter().enumerate() {
            let [first, rest @ ..] = row.as_slice() else { continue };
            if n > 0 {
                self.blank();
            }
            self.wrap("  ", "  ", &shown(first));
            for (name, field) in table.head.iter().skip(1).zip(rest) {
                let indent = " ".repeat(names + 6);
                self.wrap(&format!("    {name:<names$}  "), &indent, &shown(field));
            }
        }
    }

    fn connection(&mut self, connection: &Connection) {
        if let Some(day) = &connection.day {
            self.blank();
            self.wrap("  ", "  ", day);
        }
        let Connection { number, time, server, transport, .. } = connection;
        self.wrap(&format!("{number:>4}  "), "      ", &format!("{time}  {server}, {transport}"));
        for detail in &connection.details {
            self.wrap("        ", "          ", detail);
        }
    }
}

/// A field with its symbol, which alone carries its meaning in text.
fn shown(field: &Field) -> String {
    match field.tone {
        Some(tone) => format!("{} {}", tone.symbol(), field.text),
        None => field.text.clone(),
    }
}

/// Every character that is shown takes one column, as far as plain text can know.
fn width(text: &str) -> usize {
    text.chars().count()
}
