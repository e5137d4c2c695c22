//! A survey as pages and files: what it comes to, with what was not measured beside each share.

mod chart;
mod columns;
mod files;
mod page;
mod words;

use serde::Serialize;

use self::chart::{Moment, Parts};
use super::store::Begun;
use super::tally::Tallies;
use crate::shared::text::Language;
use crate::shared::time::Timestamp;

pub use columns::Columns;
pub use files::Table;

/// How many operators, and how many values of an attribute, a page shows; files have all.
const GROUPS_SHOWN_MAX: usize = 30;
/// How many faults are shown.
const FAULTS_SHOWN_MAX: usize = 25;

/// A survey at a moment, for the chart over time.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Point {
    pub at: Timestamp,
    pub tallies: Tallies,
}

/// What a report is made of.
#[derive(Clone, Debug)]
pub struct Report {
    /// Its title: the name of the file.
    pub title: String,
    pub begun: Begun,
    pub tallies: Tallies,
    /// Earlier surveys under the same rules, the oldest first.
    pub earlier: Vec<Point>,
    /// What the rules are: the program's version.
    pub rules: String,
    pub language: Language,
}

/// A file of a report, by its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportFile {
    pub name: String,
    pub content: String,
}

impl Report {
    /// The files that only some reports have: where this one has none, one of an earlier report is to go.
    pub const SOME_FILES: [&str; 2] = ["time.svg", "faults.svg"];

    /// All files but the table of domains.
    pub fn files(&self) -> Vec<ReportFile> {
        let mut files = vec![
            ReportFile { name: "index.html".to_owned(), content: page::page(self) },
            ReportFile { name: "survey.json".to_owned(), content: files::json(self) },
        ];
        let charts =
            self.charts().into_iter().map(|(id, content)| ReportFile { name: format!("{id}.svg"), content });
        files.extend(charts);
        files
    }

    /// The charts, by what they are of.
    fn charts(&self) -> Vec<(&'static str, String)> {
        let (words, all) = (words::of(self.language), &self.tallies.all);
        let mut charts = vec![
            ("colours", chart::colours(words, &all.colours)),
            ("grades", chart::letters(words, &all.letters)),
            ("scores", chart::scores(words, &all.scores)),
        ];
        if !self.earlier.is_empty() {
            charts.push(("time", chart::time(words, &self.points())));
        }
        let faults = all.top_faults(FAULTS_SHOWN_MAX);
        if !faults.is_empty() {
            let parts = Parts {
                measured: all.checked,
                not_measured: all.counted - all.checked,
                nothing: all.domains - all.counted,
            };
            charts.push(("faults", chart::faults(words, &faults, parts)));
        }
        charts
    }

    /// Green and white over time, the oldest first, wherever this survey stands among the others.
    fn points(&self) -> Vec<Moment> {
        let point = |at: Timestamp, tallies: &Tallies| {
            let colours = &tallies.all.colours;
            let good = colours.count("green") + colours.count("white");
            Moment { at, good, parts: Parts::of(colours) }
        };
        let earlier = self.earlier.iter().map(|earlier| point(earlier.at, &earlier.tallies));
        let mut points: Vec<Moment> = earlier.chain([point(self.begun.began, &self.tallies)]).collect();
        points.sort_by_key(|point| point.at);
        points
    }
}
