//! Findings and their items.

use serde_json::{Map, Value, json};

use super::code;
use crate::receiving::checks::{Check, Item, Measured, Order, Tables};
use crate::receiving::grades::Receiving;
use crate::receiving::profiles::Breach;

pub(super) fn all(receiving: &Receiving<'_>, why: impl Fn(usize) -> String) -> Vec<Value> {
    let profiles = &receiving.ratings.profiles;
    let one = |(index, finding): (usize, &crate::receiving::checks::Finding)| {
        let mut levels = Map::new();
        let mut statuses = Map::new();
        let mut points = Map::new();
        let mut orders = Map::new();
        for rating in profiles {
            let Some(rated) = rating.rated.get(index) else { continue };
            let name = &rating.profile.name;
            levels.insert(name.clone(), json!(rated.level));
            statuses.insert(name.clone(), json!(rated.status()));
            points.extend(rated.points.map(|points| (name.clone(), json!(points))));
            orders.extend(rated.breach.as_ref().map(|breach| (name.clone(), self::breach(breach))));
        }
        let mut value = json!({
            "id": finding.check,
            "internetnl": finding.check.internetnl(),
            "category": finding.check.category(),
            "subject": finding.subject,
            "measured": measured(receiving, finding.check, &finding.measured),
            "outcome": receiving.ratings.outcome(index),
            "levels": levels,
            "statuses": statuses,
            "why": why(index),
            "details": finding.details,
            "evidence": finding.evidence,
        });
        if !finding.notes.is_empty() {
            value["notes"] = json!(finding.notes);
        }
        for (field, of_profiles) in [("points", points), ("order", orders)] {
            if !of_profiles.is_empty() {
                value[field] = Value::Object(of_profiles);
            }
        }
        value
    };
    receiving.findings.iter().enumerate().map(one).collect()
}

/// What was measured, items with their names and levels.
fn measured(receiving: &Receiving<'_>, check: Check, measured: &Measured) -> Value {
    match measured {
        Measured::Items { items, complete, open } => {
            let items: Vec<Value> = items.iter().map(|item| self::item(receiving, check, item)).collect();
            json!({ "kind": "items", "items": items, "complete": complete, "open": open })
        }
        Measured::Order(Order { server_decides, choices }) => {
            let choices: Vec<Value> = choices
                .iter()
                .map(|choice| {
                    let accepted: Vec<Value> = choice.accepted.iter().map(|code| suite(*code)).collect();
                    json!({ "accepted": accepted, "chosen": suite(choice.chosen) })
                })
                .collect();
            json!({ "kind": "order", "server_decides": server_decides, "choices": choices })
        }
        other => json!(other),
    }
}

/// An item with its name and the level of each profile that rates such things one by one.
fn item(receiving: &Receiving<'_>, check: Check, item: &Item) -> Value {
    let mut value = json!(item);
    let mut levels = Map::new();
    for rating in &receiving.ratings.profiles {
        let level = rating.profile.item_level(check, item);
        levels.extend(level.map(|level| (rating.profile.name.clone(), json!(level))));
    }
    if let Some(fields) = value.as_object_mut() {
        fields.insert("name".to_owned(), json!(Tables::embedded().name(item)));
        fields.insert("levels".to_owned(), Value::Object(levels));
    }
    value
}

/// A suite by code point and name.
pub(super) fn suite(point: u16) -> Value {
    json!({ "code": code(point), "name": Tables::embedded().name(&Item::Suite(point)) })
}

fn breach(breach: &Breach) -> Value {
    json!({
        "rule": breach.rule.name(),
        "chosen": suite(breach.chosen),
        "better": breach.better.map(suite),
    })
}
