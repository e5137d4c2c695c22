//! Plain text of at most 78 columns (RFC 5322 §2.1.1), which reads well without any markup.

use crate::shared::text::layout::{
    Body, Check, Connection, Field, Findings, Found, Line, Lines as Log, Page, Practice, Section, Step,
    Table, Todo,
};
use crate::shared::text::tone::Tone;

use super::lines::{Lines, TextOptions, width};

/// Lines of a log that are broken go on under their text up to here.
const INDENT_CHARS_MAX: usize = 28;

/// How many lines of evidence a check shows where not all are asked for.
const EVIDENCE_SHOWN_MAX: usize = 4;

/// Fewer columns than this make no readable text.
const COLUMNS_MIN: usize = 40;

impl Page {
    /// The page as text, lines ended by LF.
    pub fn text(&self) -> String {
        self.text_as(TextOptions::default())
    }

    /// The same under the answer in one line, as a terminal shows it.
    pub fn text_as(&self, options: TextOptions) -> String {
        let options = TextOptions { columns: options.columns.max(COLUMNS_MIN), ..options };
        let mut lines = Lines::new(options);
        lines.wrap("", "", &self.about);
        lines.blank();
        for sentence in &self.answer {
            lines.wrap("", "", sentence);
        }
        if !self.term.is_empty() {
            lines.blank();
            lines.wrap("", "", &self.term);
        }
        let shown = |section: &&Section| !section.detailed && (!options.failed_only || has_failed(section));
        for section in self.sections.iter().filter(shown) {
            lines.section(section);
        }
        if !options.failed_only {
            lines.blank();
            lines.push("-".repeat(3));
            for sentence in &self.footer {
                lines.wrap("", "", sentence);
            }
        }
        lines.text
    }
}

/// Whether something failed or can be better.
fn is_failure(tone: Tone) -> bool {
    matches!(tone, Tone::Bad | Tone::Warning)
}

/// Whether a section has something for those who want to see nothing else.
fn has_failed(section: &Section) -> bool {
    match &section.body {
        Body::Link(_) | Body::Todo(_) | Body::Advice(_) => true,
        Body::Findings(findings) => findings.found.iter().any(|found| is_failure(found.tone)),
        Body::Practices(all) => all.practices.iter().any(|practice| is_failure(practice.tone)),
        _ => false,
    }
}

impl Lines {
    fn section(&mut self, section: &Section) {
        match &section.body {
            Body::Link(url) => return self.wrap("", "", &format!("{} {url}", section.intro)),
            Body::Divider => {
                self.blank();
                let head = format!("--- {} ", section.title);
                let rest = self.options.columns.saturating_sub(width(&head));
                return self.push(format!("{head}{}", "-".repeat(rest)));
            }
            // What is meant for a mail has no line to spare.
            Body::Practices(_) | Body::Todo(_) | Body::Lines(_) | Body::Folded(_) | Body::Grid(_) => {
                self.blank();
            }
            _ => {
                self.blank();
                self.blank();
            }
        }
        self.push(self.bold(&section.title.to_uppercase()));
        if !section.intro.is_empty() {
            self.wrap("", "", &section.intro);
        }
        let failed_only = self.options.failed_only;
        match &section.body {
            Body::Nothing | Body::Link(_) | Body::Divider => {}
            Body::Practices(all) => {
                let shown = all.practices.iter().filter(|one| !failed_only || is_failure(one.tone));
                shown.for_each(|practice| self.practice(practice, all.brief_in_text));
            }
            Body::Todo(todo) => self.todo(todo),
            Body::Grid(grid) => self.grid(grid),
            Body::Lines(log) | Body::Folded(log) => self.log(log),
            Body::Checks(checks) => {
                self.blank();
                checks.iter().for_each(|check| self.check(check));
            }
            Body::Points(points) => {
                self.blank();
                points.iter().for_each(|point| self.wrap("  - ", "    ", point));
            }
            Body::Connections(_, connections) => {
                connections.iter().for_each(|connection| self.connection(connection));
            }
            Body::Findings(findings) => self.findings(findings),
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
        let result = self.in_colour(*tone, result);
        self.wrap(&format!("  {} ", self.symbol(*tone)), "    ", &format!("{label}: {result}{how}"));
    }

    fn todo(&mut self, todo: &Todo) {
        let shown = todo.in_text;
        let last = todo.steps.len().saturating_sub(1);
        let some = todo.steps.iter().enumerate().filter(|(n, _)| *n < shown.steps || *n == last);
        // What is left out leaves no gap among the numbers.
        for (number, (n, step)) in (1..).zip(some) {
            let paragraphs = step.text.iter().filter(|_| n < shown.paragraphs);
            let text: Vec<&str> =
                std::iter::once(step.title.as_str()).chain(paragraphs.map(String::as_str)).collect();
            let ended = |text: &str| text.ends_with(['.', ':', '?', '"', '“']);
            let text = text.iter().map(|text| format!("{text}{}", if ended(text) { "" } else { "." }));
            self.wrap(&format!("{number:>3}. "), "     ", &text.collect::<Vec<_>>().join(" "));
            let settings = step.settings.iter().take(if n < shown.settings { shown.products } else { 0 });
            for (name, lines) in settings {
                self.push(format!("     {name}:"));
                self.verbatim(lines);
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
        self.dotted(check.tone, &check.label, &check.result);
        if !check.how.is_empty() {
            self.wrap("      ", "      ", &check.how);
        }
    }

    fn findings(&mut self, findings: &Findings) {
        let TextOptions { failed_only, evidence, .. } = self.options;
        let shown = findings.found.iter().filter(|found| !failed_only || is_failure(found.tone));
        shown.for_each(|found| self.found(found));
        if failed_only {
            return;
        }
        for found in &findings.fine {
            let sentences = found.sentences.join(" ");
            let text = format!("{}: {sentences}", found.title);
            self.wrap(&format!("  {} ", self.symbol(found.tone)), "    ", &text);
            if evidence {
                self.evidence(found);
            }
        }
        for (tone, text) in &findings.besides {
            self.wrap(&format!("  {} ", self.symbol(*tone)), "    ", text);
        }
    }

    /// Of what is not as it should be, the first evidence, unless all of it is asked for.
    fn found(&mut self, found: &Found) {
        self.dotted(found.tone, &found.title, &found.result);
        for sentence in &found.sentences {
            self.wrap("      ", "      ", sentence);
        }
        for detail in &found.details {
            self.wrap("      - ", "          ", detail);
        }
        if is_failure(found.tone) || self.options.evidence {
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
        let most = if self.options.evidence { shown.len() } else { shown.len().min(EVIDENCE_SHOWN_MAX) };
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
        self.wrap(&format!("{number:>3}. {} ", self.symbol(step.tone)), "       ", &step.title);
        for paragraph in &step.text {
            self.wrap("     ", "     ", paragraph);
        }
        for (name, lines) in &step.settings {
            self.push(format!("     {name}:"));
            self.verbatim(lines);
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
        if 2 * widths.len() + widths.iter().sum::<usize>() <= self.options.columns {
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
