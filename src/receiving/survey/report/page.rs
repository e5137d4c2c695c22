//! The page.

use std::collections::BTreeMap;

use askama::Template;

use super::chart::strip;
use super::words::{self, day, percent_of};
use super::{FAULTS_SHOWN_MAX, GROUPS_SHOWN_MAX, Report};
use crate::receiving::survey::row::Why;
use crate::receiving::survey::tally::{COLOURS, NO_VALUE, OTHERS, Tallies, Tally};
use crate::shared::text::{STYLE, Words};

/// A chart, the name of its text, and its file.
struct Chart {
    id: &'static str,
    file: String,
    svg: String,
}

/// The groups of one kind, such as the values of an attribute.
struct Groups {
    title: String,
    rows: Vec<GroupRow>,
    /// What is said of those that are not shown.
    more: Option<String>,
}

struct GroupRow {
    name: String,
    domains: u64,
    /// The share of each colour.
    colours: [String; 4],
    measured: u64,
    not_measured: u64,
    nothing: u64,
    strip: String,
}

#[derive(Template)]
#[template(path = "receiving/survey/report/report.html", config = ".askama.toml")]
struct ReportPage<'a> {
    words: &'a Words,
    language: &'static str,
    style: &'static str,
    title: String,
    of: String,
    rules: String,
    shares: String,
    charts: Vec<Chart>,
    groups: Vec<Groups>,
    why: Vec<(String, u64)>,
    faults_of: String,
    faults: Vec<(&'static str, u64, String)>,
}

pub(super) fn page(report: &Report) -> String {
    let (words, all) = (words::of(report.language), &report.tallies.all);
    let count = |why: &Why| all.why.get(why.name()).copied().unwrap_or(0);
    let told = |why: &Why| (words.say(&format!("why-{}", why.name())), count(why));
    let attributes = report.tallies.by_attribute.iter();
    let by = |name: &String| words.tell("by", &[("name", name.clone().into())]);
    let mut groups: Vec<Groups> =
        attributes.map(|(name, values)| of_groups(words, by(name), values)).collect();
    groups.push(of_groups(words, words.say("by-operator"), &report.tallies.by_operator));
    let share = |(check, count)| (check, count, percent_of(words, count, all.checked));
    let blanks = [("nothing", (all.domains - all.counted).into()), ("counted", all.counted.into())];
    let page = ReportPage {
        words,
        language: report.language.tag(),
        style: STYLE,
        title: words.tell("title", &[("name", report.title.clone().into())]),
        of: of(words, report),
        rules: words.tell("rules", &[("version", report.rules.clone().into())]),
        shares: words.tell("shares", &blanks),
        charts: report
            .charts()
            .into_iter()
            .map(|(id, svg)| Chart { id, file: format!("{id}.svg"), svg })
            .collect(),
        groups,
        why: Why::ALL.iter().map(told).filter(|(_, count)| *count > 0).collect(),
        faults_of: words.tell(
            "faults-of",
            &[
                ("checked", all.checked.into()),
                ("not", (all.counted - all.checked).into()),
                ("nothing", (all.domains - all.counted).into()),
            ],
        ),
        faults: all.top_faults(FAULTS_SHOWN_MAX).into_iter().map(share).collect(),
    };
    page.render().expect("writing to a String does not fail")
}

/// Of what the survey is.
fn of(words: &Words, report: &Report) -> String {
    let begun = &report.begun;
    let id = match begun.seed {
        _ if begun.domains >= begun.listed => "domains",
        None => "domains-drawn",
        Some(_) => "domains-seed",
    };
    let mut blanks = vec![("domains", report.tallies.all.domains.into())];
    if id != "domains" {
        blanks.push(("listed", begun.listed.into()));
    }
    if let ("domains-seed", Some(seed)) = (id, begun.seed) {
        // As text: no number of Fluent's is as large.
        blanks.push(("seed", seed.to_string().into()));
    }
    let mut parts =
        vec![words.tell(id, &blanks), words.tell("begun", &[("day", day(words, begun.began).into())])];
    if begun.dns_only {
        parts.push(words.say("dns-only"));
    }
    parts.join("; ")
}

fn of_groups(words: &Words, title: String, groups: &BTreeMap<String, Tally>) -> Groups {
    let largest = Tallies::largest(groups, GROUPS_SHOWN_MAX);
    let row = |(name, tally): &(&str, &Tally)| {
        let colours = &tally.colours;
        GroupRow {
            name: match *name {
                NO_VALUE => words.say("no-value"),
                OTHERS => words.say("others"),
                name => name.to_owned(),
            },
            domains: tally.domains,
            colours: COLOURS.map(|colour| percent_of(words, colours.count(colour), colours.measured)),
            measured: colours.measured,
            not_measured: colours.not_measured,
            nothing: colours.nothing_to_measure,
            strip: if colours.measured > 0 { strip(colours) } else { String::new() },
        }
    };
    let more = groups.len() - largest.len();
    let blanks = [("count", more.into()), ("file", "survey.json".into())];
    Groups {
        title,
        rows: largest.iter().map(row).collect(),
        more: (more > 0).then(|| words.tell("more", &blanks)),
    }
}
