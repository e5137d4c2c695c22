//! `survey report` and `survey diff`: what surveys come to, by the rules of this version.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;

use super::super::arguments::CONFIG_VARIABLE;
use super::super::ending::{CommandError, Exit, say, shown};
use super::read;
use crate::program::config;
use crate::program::domains::rules;
use crate::receiving::survey::{
    Earlier, Operators, Point, Report, Row, SqliteStore, Store, StoreError, Table, Tallies,
};

/// How many domains are read at a time.
const PAGE: usize = 200;
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
    /// The survey's file.
    #[arg(value_name = "SURVEY")]
    survey: PathBuf,
    /// The folder for index.html, charts, domains.csv and survey.json.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// An earlier survey of the same domains, for the chart over time; may be said several times.
    #[arg(long, value_name = "SURVEY")]
    before: Vec<PathBuf>,
    #[command(flatten)]
    rules: Rules,
}

impl ReportCommand {
    /// Judges, and writes the files.
    pub(super) async fn run(self) -> Result<Exit, CommandError> {
        let operators = self.rules.put_in_force()?;
        let mut earlier = Vec::new();
        for path in &self.before {
            let store = SqliteStore::read(path).await.map_err(unfit)?;
            let begun = store.begun().await.map_err(unfit)?;
            let mut tallies = Tallies::new(&begun.attributes);
            each(&store, &operators, |row| {
                tallies.add(&row);
                Ok(())
            })
            .await?;
            earlier.push(Point { at: begun.began, tallies });
        }
        earlier.sort_by_key(|point| point.at);
        let store = SqliteStore::read(&self.survey).await.map_err(unfit)?;
        let begun = store.begun().await.map_err(unfit)?;
        fs::create_dir_all(&self.out).map_err(|error| unwritten(&self.out, &error))?;
        let path = self.out.join("domains.csv");
        let file = fs::File::create(&path).map_err(|error| unwritten(&path, &error))?;
        let failed = |error: csv::Error| unwritten(&path, &error);
        let mut table = Table::new(std::io::BufWriter::new(file), &begun.attributes).map_err(failed)?;
        let mut tallies = Tallies::new(&begun.attributes);
        each(&store, &operators, |row| {
            tallies.add(&row);
            table.add(&row).map_err(failed)
        })
        .await?;
        table.end().map_err(failed)?;
        let title = self.survey.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let rules = rules().to_owned();
        let report = Report { title, begun, tallies, earlier, rules };
        for file in report.files() {
            let path = self.out.join(file.name);
            fs::write(&path, file.content).map_err(|error| unwritten(&path, &error))?;
        }
        say(&format!("{}\n", shown(&self.out.join("index.html"))))?;
        Ok(Exit::Well)
    }
}

#[derive(Debug, Args)]
pub(in crate::program::app::command) struct DiffCommand {
    /// The earlier survey.
    #[arg(value_name = "A")]
    first: PathBuf,
    /// The later one.
    #[arg(value_name = "B")]
    second: PathBuf,
    /// As JSON, with all domains that moved.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    rules: Rules,
}

impl DiffCommand {
    /// Judges both by the same rules, and tells what changed.
    pub(super) async fn run(self) -> Result<Exit, CommandError> {
        let operators = self.rules.put_in_force()?;
        let (mut earlier, mut rows) = (Earlier::default(), Vec::new());
        let first = SqliteStore::read(&self.first).await.map_err(unfit)?;
        each(&first, &operators, |row| {
            earlier.add(&row);
            Ok(())
        })
        .await?;
        let second = SqliteStore::read(&self.second).await.map_err(unfit)?;
        each(&second, &operators, |row| {
            rows.push(row);
            Ok(())
        })
        .await?;
        let difference = earlier.against(rows);
        match self.json {
            true => say(&crate::program::report::json_text(&serde_json::json!(difference)))?,
            false => say(&difference.text(MOVED_MAX))?,
        }
        Ok(Exit::Well)
    }
}

/// Gives each domain of a survey as the rules in force have it, in the order of its places.
async fn each(
    store: &SqliteStore,
    operators: &Operators,
    mut take: impl FnMut(Row) -> Result<(), CommandError>,
) -> Result<(), CommandError> {
    let mut after = i64::MIN;
    loop {
        let page = store.page(after, PAGE).await.map_err(unfit)?;
        let Some(last) = page.last() else { return Ok(()) };
        after = last.place;
        for measured in page {
            take(match measured.evidence {
                Some(evidence) => Row::of(&evidence, measured.values, operators),
                None => Row::not_begun(&measured.domain, measured.values),
            })?;
        }
    }
}

fn unfit(error: StoreError) -> CommandError {
    CommandError::Unfit(error.to_string())
}

fn unwritten(path: &Path, error: &dyn std::fmt::Display) -> CommandError {
    CommandError::Unfit(format!("{}: {error}", shown(path)))
}
