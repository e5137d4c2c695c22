//! The page.

use std::collections::BTreeMap;

use askama::Template;

use super::chart::{percent, strip};
use super::{FAULTS_SHOWN_MAX, GROUPS_SHOWN_MAX, Report};
use crate::receiving::survey::row::Why;
use crate::receiving::survey::tally::{Tallies, Tally};

/// The groups of one kind, such as the values of an attribute.
struct Groups {
    title: String,
    rows: Vec<GroupRow>,
    /// How many there are beside those that are shown.
    more: usize,
}

struct GroupRow {
    name: String,
    domains: u64,
    green: String,
    white: String,
    yellow: String,
    red: String,
    not_measured: u64,
    strip: String,
}

#[derive(Template)]
#[template(path = "receiving/survey/report/report.html", config = ".askama.toml")]
struct ReportPage<'a> {
    report: &'a Report,
    all: &'a Tally,
    began: String,
    charts: Vec<(&'static str, String)>,
    groups: Vec<Groups>,
    why: Vec<(&'static str, u64)>,
    nothing: u64,
    faults: Vec<(&'static str, u64, String)>,
}

pub(super) fn page(report: &Report) -> String {
    let all = &report.tallies.all;
    let count = |why: &Why| all.why.get(why.name()).copied().unwrap_or(0);
    let why = Why::ALL.iter().map(|why| (why.words(), count(why))).filter(|(_, count)| *count > 0).collect();
    let attributes = report.tallies.by_attribute.iter();
    let mut groups: Vec<Groups> =
        attributes.map(|(name, values)| of_groups(format!("By {name}"), values)).collect();
    groups.push(of_groups("By operator of the mail servers".to_owned(), &report.tallies.by_operator));
    let faults = all.top_faults(FAULTS_SHOWN_MAX);
    let page = ReportPage {
        report,
        all,
        began: report.begun.began.to_string().chars().take(10).collect(),
        charts: report.charts(),
        groups,
        why,
        nothing: all.domains - all.counted,
        faults: faults
            .into_iter()
            .map(|(check, count)| (check, count, percent(count, all.counted)))
            .collect(),
    };
    page.render().expect("writing to a String does not fail")
}

fn of_groups(title: String, groups: &BTreeMap<String, Tally>) -> Groups {
    let largest = Tallies::largest(groups, GROUPS_SHOWN_MAX);
    let row = |(name, tally): &(&str, &Tally)| {
        let colours = &tally.colours;
        let told = |colour: &str| percent(colours.count(colour), colours.measured);
        GroupRow {
            name: (*name).to_owned(),
            domains: tally.domains,
            green: told("green"),
            white: told("white"),
            yellow: told("yellow"),
            red: told("red"),
            not_measured: colours.not_measured,
            strip: strip(colours),
        }
    };
    Groups { title, rows: largest.iter().map(row).collect(), more: groups.len() - largest.len() }
}
