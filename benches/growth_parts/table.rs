//! The figures, and how they are printed: at most 80 columns wide.

use std::collections::BTreeMap;
use std::error::Error;

/// What one part measured, by name: nanoseconds, bytes or a number.
#[derive(Clone, Debug, Default)]
pub(crate) struct Figures(BTreeMap<String, f64>);

/// One column: a size.
#[derive(Clone, Debug)]
pub(crate) struct Column {
    pub(crate) title: String,
    pub(crate) figures: Figures,
}

#[derive(Clone, Copy)]
enum Unit {
    Time,
    Bytes,
    Number,
}

/// Where a figure is to stay the same.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Held {
    Nowhere,
    /// However many trials there are. What one trial itself costs grows with it, up to its limits.
    WithTrials,
    /// However long one trial is, too.
    Everywhere,
}

/// A line of the table.
struct Row {
    name: &'static str,
    label: &'static str,
    unit: Unit,
    held: Held,
}

const fn row(name: &'static str, label: &'static str, unit: Unit, held: Held) -> Row {
    Row { name, label, unit, held }
}

const ROWS: [Row; 25] = [
    row("fixed", "a fixed piece of work", Unit::Time, Held::Nowhere),
    row("contact", "contact: the store", Unit::Time, Held::Everywhere),
    row("contact-journal", "  with the journal", Unit::Time, Held::Everywhere),
    row("offer", "  what to offer it", Unit::Time, Held::Everywhere),
    row("mail", "mail held: the store", Unit::Time, Held::Everywhere),
    row("mail-journal", "  with the journal", Unit::Time, Held::Everywhere),
    row("question", "question: the store", Unit::Time, Held::Everywhere),
    row("question-journal", "  with the journal", Unit::Time, Held::Everywhere),
    row("fetch", "fetch: the store", Unit::Time, Held::Everywhere),
    row("fetch-journal", "  with the journal", Unit::Time, Held::Everywhere),
    row("history", "a trial's history", Unit::Time, Held::WithTrials),
    row("judge", "  judging it", Unit::Time, Held::WithTrials),
    row("history-big", "  of a big resolver", Unit::Time, Held::Nowhere),
    row("judge-big", "  judging that", Unit::Time, Held::Nowhere),
    row("schedule", "its place in time", Unit::Time, Held::WithTrials),
    row("page", "page of one long told", Unit::Time, Held::Nowhere),
    row("upkeep", "upkeep, each 10 s", Unit::Time, Held::Nowhere),
    row("in-memory", "trials in memory", Unit::Number, Held::Nowhere),
    row("links", "links in memory", Unit::Number, Held::Nowhere),
    row("questions", "questions in memory", Unit::Number, Held::Nowhere),
    row("memory", "memory (VmRSS)", Unit::Bytes, Held::Nowhere),
    row("database", "database", Unit::Bytes, Held::Nowhere),
    row("restart", "restart, CPU", Unit::Time, Held::Nowhere),
    row("restart-wall", "restart, wall clock", Unit::Time, Held::Nowhere),
    row("restart-memory", "memory after it", Unit::Bytes, Held::Nowhere),
];

impl Figures {
    /// Reads lines of a name and a number.
    pub(crate) fn read(text: &str) -> Result<Self, Box<dyn Error>> {
        let line = |line: &str| -> Result<(String, f64), Box<dyn Error>> {
            let (name, value) = line.split_once(' ').ok_or_else(|| format!("`{line}` is no figure"))?;
            Ok((name.to_owned(), value.parse()?))
        };
        text.lines().map(line).collect::<Result<_, _>>().map(Self)
    }
}

/// Prints a table whose first column is the measure of the others.
pub(crate) fn print(title: &str, columns: &[Column]) {
    println!("{title}");
    print!("{:22}", "");
    columns.iter().enumerate().for_each(|(at, column)| print!("{:>1$}", column.title, width(at)));
    println!();
    for row in &ROWS {
        if !columns.iter().skip(1).any(|column| column.figures.0.contains_key(row.name)) {
            continue;
        }
        let mut line = format!("{:22}", row.label);
        for (at, column) in columns.iter().enumerate() {
            let value = column.figures.0.get(row.name).copied();
            let text = value.map_or_else(|| "-".to_owned(), |value| shown(value, row.unit));
            line += &match (at, ratio(columns, column, row)) {
                (0, _) => format!("{text:>9}"),
                (_, Some(ratio)) if matches!(row.unit, Unit::Time) => {
                    let digits = if ratio < 100.0 { 2 } else { 0 };
                    format!("{text:>10}{ratio:>6.digits$}")
                }
                _ => format!("{text:>10}      "),
            };
        }
        println!("{}", line.trim_end());
    }
    println!();
}

fn width(at: usize) -> usize {
    if at == 0 { 9 } else { 16 }
}

fn ratio(columns: &[Column], column: &Column, row: &Row) -> Option<f64> {
    let empty = columns.first()?.figures.0.get(row.name).filter(|empty| **empty > 0.0)?;
    Some(column.figures.0.get(row.name)? / empty)
}

/// What is to stay the same in these columns, which is what is held at least so, and grew by more than `ratio_max` and than the fixed piece of work did, which the machine
/// made dearer.
pub(crate) fn beyond(columns: &[Column], held: Held, ratio_max: f64) -> Vec<String> {
    let mut lines = Vec::new();
    let fixed = |column: &Column| ROWS.first().and_then(|fixed| ratio(columns, column, fixed)).unwrap_or(1.0);
    for row in ROWS.iter().filter(|row| row.held >= held) {
        for column in columns {
            if let Some(ratio) =
                ratio(columns, column, row).filter(|ratio| *ratio > ratio_max * fixed(column).max(1.0))
            {
                lines.push(format!("{}: {ratio:.2} at {}", row.name, column.title));
            }
        }
    }
    lines
}

fn shown(value: f64, unit: Unit) -> String {
    match unit {
        Unit::Number => format!("{value}"),
        Unit::Bytes => format!("{:.1} MiB", value / 1024.0 / 1024.0),
        Unit::Time if value < 1e6 => format!("{:.1} us", value / 1e3),
        Unit::Time if value < 1e9 => format!("{:.1} ms", value / 1e6),
        Unit::Time => format!("{:.1} s", value / 1e9),
    }
}

/// A number with commas.
pub(crate) fn grouped(number: u32) -> String {
    match number / 1_000 {
        0 => number.to_string(),
        thousands => format!("{},{:03}", grouped(thousands), number % 1_000),
    }
}
