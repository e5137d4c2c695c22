//! The published part as JSON. Fields may be added under the same schema; none is renamed.

use serde_json::{Value, json};

use super::super::hall::sends_well;
use super::super::register::{Dated, Entry, HallEntry};
use super::super::tell::day;
use super::Export;

/// The schema of the document.
pub const SCHEMA: &str = "mailassay-providers/1";

/// The published part as one document.
pub fn document(export: Export<'_>) -> Value {
    let Export { entries, hall, settings, site, now } = export;
    json!({
        "schema": SCHEMA,
        "site": site,
        "made": now,
        "licence": { "name": settings.licence, "url": settings.licence_url },
        "order": "by colour, then by title; no order within a colour says anything",
        "providers": entries.iter().filter_map(|entry| provider(export, entry)).collect::<Vec<_>>(),
        "hall_of_fame": hall.iter().map(member).collect::<Vec<_>>(),
    })
}

fn provider(export: Export<'_>, entry: &Entry) -> Option<Value> {
    let Export { settings, site, now, .. } = export;
    let published = entry.published.as_ref()?;
    let (provider, row) = (&published.provider, &published.row);
    let page = format!("{site}/providers/{}", provider.name);
    let trials = row.trials.iter().map(|trial| ("trial", trial.exhibit, trial.opened));
    let checks = row.checks.iter().map(|check| ("check", check.exhibit, check.at));
    let evidence = trials.chain(checks).map(|(kind, number, at)| {
        json!({ "number": number, "kind": kind, "at": at, "url": format!("{page}/evidence/{number}.json") })
    });
    Some(json!({
        "name": provider.name,
        "title": provider.title,
        "domains": provider.domains,
        "mx": provider.mx,
        "remark": provider.remark,
        "url": page,
        "published": published.since,
        "updated": published.updated,
        "colour": row.colour(settings, now).name(),
        "sending_colour": row.sending.colour_at(settings, now).name(),
        "sends_well": sends_well(row, settings, now),
        "newest": row.newest(),
        "row": row,
        "evidence": evidence.collect::<Vec<_>>(),
        "replies": dated(&entry.replies),
        "corrections": dated(&entry.corrections),
    }))
}

fn dated(list: &[Dated]) -> Vec<Value> {
    list.iter().map(|one| json!({ "day": day(one.at), "text": one.text })).collect()
}

fn member(entry: &HallEntry) -> Value {
    json!({
        "domain": entry.domain,
        "provider": entry.provider,
        "since": day(entry.standing.since),
        "checked": day(entry.standing.newest),
        "failures": entry.standing.failures,
        "both_directions": entry.both_directions,
    })
}
