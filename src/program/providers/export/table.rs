//! The table as CSV: a line for each provider and domain.

use super::super::register::Published;
use super::super::row::{Cell, DomainRow, Freshness, Seen};
use super::super::tell::day;
use super::Export;

const COLUMNS: [&str; 21] = [
    "provider",
    "title",
    "colour",
    "sending_colour",
    "policy",
    "clear_where_forbidden",
    "clear_elsewhere",
    "dane",
    "mta_sts",
    "certificates",
    "notes",
    "trials",
    "days",
    "sources",
    "sending_newest",
    "domain",
    "receiving_colour",
    "internetnl_least",
    "internetnl_most",
    "letter",
    "qte",
];

/// The table. What is not known is empty; what contradicts itself has all values with `|` between them.
pub fn table(export: Export<'_>) -> String {
    let mut lines = csv::Writer::from_writer(Vec::new());
    let mut write = |record: &[String]| {
        lines.write_record(record).expect("a vector takes any octets");
    };
    write(&COLUMNS.map(str::to_owned));
    for entry in export.entries {
        let Some(published) = &entry.published else { continue };
        let sending = sending(export, published);
        let domains = &published.row.receiving;
        for domain in domains {
            write(&[sending.clone(), receiving(export, Some(domain))].concat());
        }
        if domains.is_empty() {
            write(&[sending.clone(), receiving(export, None)].concat());
        }
    }
    let octets = lines.into_inner().expect("a vector takes any octets");
    String::from_utf8(octets).expect("what was written is text")
}

fn sending(export: Export<'_>, published: &Published) -> Vec<String> {
    let (row, settings, now) = (&published.row, export.settings, export.now);
    let sending = &row.sending;
    let fresh = sending.freshness(settings, now) == Freshness::Fresh;
    let if_fresh = |value: String| if fresh { value } else { String::new() };
    let notes: Vec<&str> = row.notes.iter().map(|noted| noted.note.name()).collect();
    let mut cells = vec![
        published.provider.name.to_string(),
        published.provider.title.clone(),
        row.colour(settings, now).name().to_owned(),
        sending.colour_at(settings, now).name().to_owned(),
        if_fresh(value(&sending.term, |term| term.name())),
    ];
    let mechanisms = sending.mechanisms().into_iter();
    cells.extend(mechanisms.map(|(_, cell)| if_fresh(value(cell, |result| result.name()))));
    cells.extend([
        notes.join("|"),
        sending.amount.trials.to_string(),
        sending.amount.days.to_string(),
        sending.amount.sources.to_string(),
        sending.newest.map(day).unwrap_or_default(),
    ]);
    cells
}

fn receiving(export: Export<'_>, domain: Option<&DomainRow>) -> Vec<String> {
    let Some(domain) = domain else { return vec![String::new(); 6] };
    let fresh = domain.freshness(export.settings, export.now) == Freshness::Fresh;
    let measure = Some(&domain.measure).filter(|_| fresh);
    let range = measure.and_then(|measure| measure.internetnl);
    let qte = measure.and_then(|measure| measure.qte);
    vec![
        domain.domain.clone(),
        domain.colour_at(export.settings, export.now).name().to_owned(),
        range.map(|(least, _)| least.to_string()).unwrap_or_default(),
        range.map(|(_, most)| most.to_string()).unwrap_or_default(),
        measure.and_then(|measure| measure.letter.clone()).unwrap_or_default(),
        qte.map(|capable| capable.to_string()).unwrap_or_default(),
    ]
}

fn value<T: Copy>(cell: &Cell<T>, name: impl Fn(T) -> &'static str) -> String {
    match &cell.seen {
        Seen::Agreed(value) => name(*value).to_owned(),
        Seen::Contradictory(values) => values.iter().map(|value| name(*value)).collect::<Vec<_>>().join("|"),
        Seen::NotSeen => String::new(),
    }
}
