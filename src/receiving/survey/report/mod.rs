//! A survey as pages and files: what it comes to, with what was not measured beside each share.

mod chart;
mod files;
mod page;

use serde::Serialize;

use super::store::Begun;
use super::tally::Tallies;
use crate::shared::time::Timestamp;

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
}

/// A file of a report, by its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportFile {
    pub name: &'static str,
    pub content: String,
}

impl Report {
    /// All files but the table of domains.
    pub fn files(&self) -> Vec<ReportFile> {
        let mut files = vec![
            ReportFile { name: "index.html", content: page::page(self) },
            ReportFile { name: "survey.json", content: files::json(self) },
        ];
        let charts = self.charts().into_iter().map(|(name, content)| ReportFile { name, content });
        files.extend(charts);
        files
    }

    /// The charts, by the names of their files.
    fn charts(&self) -> Vec<(&'static str, String)> {
        let all = &self.tallies.all;
        let mut charts = vec![
            ("colours.svg", chart::colours(&all.colours)),
            ("grades.svg", chart::letters(&all.letters)),
            ("scores.svg", chart::scores(&all.scores)),
            ("faults.svg", chart::faults(&all.top_faults(FAULTS_SHOWN_MAX), all.counted)),
        ];
        if !self.earlier.is_empty() {
            charts.push(("time.svg", chart::time(&self.points())));
        }
        charts
    }

    /// Shares of green and white over time: instant, share of the measured, and how many were not.
    fn points(&self) -> Vec<(Timestamp, f64, u64)> {
        let point = |at: Timestamp, tallies: &Tallies| {
            let colours = &tallies.all.colours;
            let good = colours.count("green") + colours.count("white");
            (at, chart::share(good, colours.measured), colours.not_measured)
        };
        let earlier = self.earlier.iter().map(|earlier| point(earlier.at, &earlier.tallies));
        earlier.chain([point(self.begun.began, &self.tallies)]).collect()
    }
}
