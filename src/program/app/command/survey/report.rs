//! `survey report` and `survey diff`: what surveys come to, by the rules of this version.

use std::cmp::Ordering;
use std::fs;
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;

use super::super::arguments::{CONFIG_VARIABLE, language};
use super::super::ending::{CommandError, Exit, say, shown};
use super::place::{Place, unfit};
use super::read;
use crate::program::config;
use crate::program::domains::rules;
use crate::receiving::places::Operators;
use crate::receiving::survey::{Columns, Difference, Measured, Point, Report, Row, Store, Table, Tallies};
use crate::shared::text::Language;

/// How many domains are read at a time.
const PAGE: usize = 50;
/// How many domains that moved a text lists.
const MOVED_MAX: usize = 50;

/// By which rules surveys are read.
#[derive(Debug, Args)]
struct Rules {
    /// Whose mail servers are whose: a file of patterns instead of the program's own.
    #[arg(long, value_name = "FILE")]
    operators: Option<PathBuf>,
    /// A configuration, whose profiles are heeded.
    #[arg(long, value_name = "FILE", env = CONFIG_VARIABLE)]
    config: Option<PathBuf>,
}

impl Rules {
    fn put_in_force(&self) -> Result<Operators, CommandError> {
        if let Some(file) = &self.config {
            config::load(file)?.profiles.put_in_force();
        }
        read::operators(self.operators.as_deref())
    }
}

#[derive(Debug, Args)]
pub(in crate::program::app::command) struct ReportCommand {
    /// The survey's file or database.
    #[arg(value_name = "SURVEY")]
    survey: Place,
    /// The folder for index.html, charts, domains.csv, domains.parquet and survey.json.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// An earlier survey of the same domains, for the chart over time; may be said several times.
    #[arg(long, value_name = "SURVEY")]
    before: Vec<Place>,
    /// The language of the page and its charts.
    #[arg(long, value_name = "LANGUAGE", default_value = "en", value_parser = language)]
    language: Language,
    #[command(flatten)]
    rules: Rules,
}

impl ReportCommand {
    /// Judges, and writes the files.
    pub(super) async fn run(self) -> Result<Exit, CommandError> {
        let operators = self.rules.put_in_force()?;
        let mut earlier = Vec::new();
        for place in &self.before {
            let store = place.read().await?;
            let begun = store.begun().await.map_err(unfit)?;
            let mut tallies = Tallies::new(&begun.attributes);
            each(&*store, &operators, |row| {
                tallies.add(&row);
                Ok(())
            })
            .await?;
            earlier.push(Point { at: begun.began, tallies: tallies.counted() });
        }
        earlier.sort_by_key(|point| point.at);
        let store = self.survey.read().await?;
        let begun = store.begun().await.map_err(unfit)?;
        fs::create_dir_all(&self.out).map_err(|error| unwritten(&self.out, &error))?;
        let mut tables = Tables::create(&self.out, &begun.attributes)?;
        let mut tallies = Tallies::new(&begun.attributes);
        each(&*store, &operators, |row| {
            tallies.add(&row);
            tables.add(&row)
        })
        .await?;
        tables.end()?;
        let (rules, tallies) = (rules().to_owned(), tallies.counted());
        let report =
            Report { title: self.survey.title(), begun, tallies, earlier, rules, language: self.language };
        let files = report.files();
        for name in Report::SOME_FILES {
            // Of an earlier report in the same folder; there may be none.
            if !files.iter().any(|file| file.name == name) {
                drop(fs::remove_file(self.out.join(name)));
            }
        }
        for file in files {
            let path = self.out.join(&file.name);
            fs::write(&path, file.content).map_err(|error| unwritten(&path, &error))?;
        }
        say(&format!("{}\n", shown(&self.out.join("index.html"))))?;
        Ok(Exit::Well)
    }
}

/// The files that have a row for each domain.
struct Tables {
    csv: (PathBuf, Table<BufWriter<fs::File>>),
    parquet: (PathBuf, Columns<fs::File>),
}

impl Tables {
    fn create(folder: &Path, attributes: &[String]) -> Result<Self, CommandError> {
        let create = |name: &str| {
            let path = folder.join(name);
            let file = fs::File::create(&path).map_err(|error| unwritten(&path, &error))?;
            Ok::<_, CommandError>((path, file))
        };
        let ((csv, csv_file), (parquet, parquet_file)) = (create("domains.csv")?, create("domains.parquet")?);
        let table =
            Table::new(BufWriter::new(csv_file), attributes).map_err(|error| unwritten(&csv, &error))?;
        let columns = Columns::new(parquet_file, attributes).map_err(|error| unwritten(&parquet, &error))?;
        Ok(Self { csv: (csv, table), parquet: (parquet, columns) })
    }

    fn add(&mut self, row: &Row) -> Result<(), CommandError> {
        self.csv.1.add(row).map_err(|error| unwritten(&self.csv.0, &error))?;
        self.parquet.1.add(row).map_err(|error| unwritten(&self.parquet.0, &error))
    }

    fn end(self) -> Result<(), CommandError> {
        self.csv.1.end().map_err(|error| unwritten(&self.csv.0, &error))?;
        self.parquet.1.end().map_err(|error| unwritten(&self.parquet.0, &error))
    }
}

#[derive(Debug, Args)]
pub(in crate::program::app::command) struct DiffCommand {
    /// The earlier survey.
    #[arg(value_name = "A")]
    first: Place,
    /// The later one.
    #[arg(value_name = "B")]
    second: Place,
    /// As JSON, with all domains that moved.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    rules: Rules,
}

impl DiffCommand {
    /// Judges both by the same rules, and tells what changed. Both are read in the order of their names, side by side.
    pub(super) async fn run(self) -> Result<Exit, CommandError> {
        let operators = self.rules.put_in_force()?;
        let mut first = ByName::new(self.first.read().await?, &operators);
        let mut second = ByName::new(self.second.read().await?, &operators);
        let mut difference = Difference::listing(if self.json { usize::MAX } else { MOVED_MAX });
        let (mut earlier, mut later) = (first.next().await?, second.next().await?);
        loop {
            let order = match (&earlier, &later) {
                (Some(one), Some(other)) => one.domain.as_bytes().cmp(other.domain.as_bytes()),
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (None, None) => break,
            };
            match order {
                Ordering::Less => difference.only_in_first(),
                Ordering::Greater => difference.only_in_second(),
                Ordering::Equal => {
                    if let (Some(one), Some(other)) = (&earlier, &later) {
                        difference.both(one, other);
                    }
                }
            }
            if order.is_le() {
                earlier = first.next().await?;
            }
            if order.is_ge() {
                later = second.next().await?;
            }
        }
        match self.json {
            true => say(&crate::program::report::json_text(&serde_json::json!(difference)))?,
            false => say(&difference.text())?,
        }
        Ok(Exit::Well)
    }
}

/// The domains of a survey in the order of their names, a page of them in memory.
struct ByName<'a> {
    store: Arc<dyn Store>,
    operators: &'a Operators,
    page: std::vec::IntoIter<Measured>,
    after: String,
}

impl<'a> ByName<'a> {
    fn new(store: Arc<dyn Store>, operators: &'a Operators) -> Self {
        Self { store, operators, page: Vec::new().into_iter(), after: String::new() }
    }

    async fn next(&mut self) -> Result<Option<Row>, CommandError> {
        if self.page.len() == 0 {
            self.page = self.store.page_by_name(&self.after, PAGE).await.map_err(unfit)?.into_iter();
        }
        let Some(measured) = self.page.next() else { return Ok(None) };
        self.after.clone_from(&measured.domain);
        Ok(Some(row(measured, self.operators)))
    }
}

/// Gives each domain of a survey as the rules in force have it, in the order of its places.
async fn each(
    store: &dyn Store,
    operators: &Operators,
    mut take: impl FnMut(Row) -> Result<(), CommandError>,
) -> Result<(), CommandError> {
    let mut after = i64::MIN;
    loop {
        let page = store.page(after, PAGE).await.map_err(unfit)?;
        let Some(last) = page.last() else { return Ok(()) };
        after = last.place;
        for measured in page {
            take(row(measured, operators))?;
        }
    }
}

/// A domain as the rules in force have it.
fn row(measured: Measured, operators: &Operators) -> Row {
    match measured.evidence {
        Some(evidence) => Row::of(&evidence, measured.values, operators),
        None => Row::not_begun(&measured.domain, measured.values),
    }
}

fn unwritten(path: &Path, error: &dyn std::fmt::Display) -> CommandError {
    CommandError::Unfit(format!("{}: {error}", shown(path)))
}
