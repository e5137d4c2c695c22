//! What the demo says, on a terminal of 80 columns.

use std::fmt::Write as _;

use crate::program::demo::{Places, Played, World};
use crate::receiving::grades::Letter;

use super::fill::Checked;
use super::outcome::{SampleOutcome, Worth};

/// What is about to happen.
pub(super) fn introduction(world: &World) -> String {
    let Places { smtp, dns, policy_host, site } = world.places;
    let origin = world.settings().origin;
    let strangers = if world.has_addresses() { ", while strangers scan all ports" } else { "" };
    format!(
        "A private world on 127.0.0.1, in which minutes are seconds: DNS on port {dns},\n\
         signed from the root, SMTP on {smtp}, the MTA-STS policy host on {policy_host}, and\n\
         the site at http://127.0.0.1:{site}.\n\n\
         {} sample senders mail en@ or de@ at {to}{strangers}.\n",
        world.samples.len(),
        to = match world.played {
            Played::Classic => format!("et.{origin} and\nut.{origin}"),
            Played::First => format!("the first nine\ncases below {origin} (`mailassay cases`)"),
        }
    )
}

/// All samples beside what was said of them.
pub(super) fn table(outcomes: &[SampleOutcome]) -> String {
    let mut table = format!(
        "\n   {:<13}{:>5}  {:<20}  {}\n   {:<13}{:>5}  {:<13}{:>7}  {:<28} {}\n",
        "the sender",
        "",
        "its verdict",
        "its own domain",
        "was",
        "calls",
        "says",
        "after",
        "receives with",
        "grade"
    );
    for outcome in outcomes {
        let mark = match outcome.told() {
            Worth::Right => '✔',
            Worth::NotInTime => '?',
            Worth::Wrong => '✘',
        };
        let _ = writeln!(
            table,
            " {mark} {:<13}{:>5}  {:<13}{:>7}  {:<28} {}",
            outcome.sample.name,
            outcome.calls,
            outcome.verdict(),
            outcome.took_s().map_or("–".to_owned(), |took_s| format!("{took_s:.1} s")),
            outcome.reception.map_or("–".to_owned(), |(reception, _)| reception.words()),
            outcome.reception.map_or("–", |(_, grade)| grade.map_or("?", Letter::name)),
        );
        if let Some(terms) = outcome.open() {
            let _ = writeln!(table, "     not told apart: {terms}");
        }
        if let Some((result, mechanism)) = outcome.untrue() {
            let _ = writeln!(table, "     not so: {} is {}", mechanism.name(), result.name());
        }
        if let Some((reception, Some(grade))) =
            outcome.reception.filter(|(own, grade)| *grade != Some(own.grade))
        {
            let _ =
                writeln!(table, "     the grade should be {}, not {}", reception.grade.name(), grade.name());
        }
    }
    table + "\n   calls: how often it connected; after: from its first connection on\n"
}

/// What it comes to, and what to do next.
pub(super) fn conclusion(outcomes: &[SampleOutcome]) -> String {
    let count = |told: Worth| outcomes.iter().filter(|outcome| outcome.told() == told).count();
    let (all, wrong, late) = (outcomes.len(), count(Worth::Wrong), count(Worth::NotInTime));
    let mut said = String::new();
    if wrong > 0 {
        let _ = writeln!(said, "{wrong} of {all} verdicts are WRONG.");
    }
    if late > 0 {
        let _ = writeln!(
            said,
            "{late} of {all} verdicts could not be told apart in time. They are not wrong. That\n\
             happens where the machine is busy: try again."
        );
    }
    if wrong + late == 0 {
        let _ = writeln!(said, "All {all} verdicts are right.");
    }
    let pages = || outcomes.iter().filter_map(SampleOutcome::page);
    if let Some(page) =
        pages().find(|page| page.file_stem().is_some_and(|name| name == "dane")).or(pages().next())
    {
        let _ = writeln!(
            said,
            "\nLook at one: {} in a browser;\nthe mail itself lies beside it, as .eml.",
            page.display()
        );
    }
    let _ = writeln!(said, "\nNext, check your own domain: {} check example.org", program());
    said.trim_end().to_owned()
}

/// How this program is called again.
fn program() -> &'static str {
    // Cargo tells what it runs.
    match std::env::var_os("CARGO") {
        Some(_) => "cargo run --release --",
        None => "mailassay",
    }
}

/// Where all that the service has is shown while it stays.
pub(super) fn pages(
    world: &World,
    outcomes: &[SampleOutcome],
    checks: &[Checked],
    providers: &[&str],
) -> String {
    let site = format!("http://127.0.0.1:{}", world.places.site);
    let mut said = format!("\nThe service stays until Ctrl-C; look around at {site}\n");
    let _ = writeln!(said, "\nEvery trial has a page:");
    for outcome in outcomes {
        if let Some(id) = outcome.id() {
            let _ = writeln!(said, "  {:<17} {site}/r/{id}", outcome.sample.name);
        }
    }
    if !checks.is_empty() {
        let _ = writeln!(said, "\nAnd the check of every domain:");
    }
    for (domain, id) in checks {
        let _ = writeln!(said, "  {domain:<17} {site}/d/{id}");
    }
    if !providers.is_empty() {
        let _ = writeln!(said, "\nAnd providers that an operator published:");
    }
    for name in providers {
        let _ = writeln!(said, "  {name:<17} {site}/providers/{name}");
    }
    if let Some(hosts) = world.hosts.last() {
        let _ = writeln!(
            said,
            "\nTo look at a domain of this world from another terminal:\n  {} check {} \\\n    --config {}",
            program(),
            hosts.domain(),
            world.configuration_file().display()
        );
    }
    said
}
