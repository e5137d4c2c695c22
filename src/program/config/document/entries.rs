//! Where the keys and values of a file stand.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

/// A value of the file: a key's, or an element of a list, which has its number for a name.
pub(super) struct Entry {
    /// With its tables. A name may itself have dots (`addresses.own."mx03.et"`).
    pub(super) key: String,
    /// Where the names of its tables and its own stand; of an element of a list, where it stands.
    pub(super) trail: Vec<Range<usize>>,
    pub(super) name: Range<usize>,
    pub(super) value: Range<usize>,
    pub(super) integer: Option<i64>,
}

/// Everything that stands in a table.
pub(super) fn entries(table: &DeTable<'_>) -> Vec<Entry> {
    let mut entries = Vec::new();
    for (name, value) in table {
        let place = Place { key: name.get_ref().to_string(), trail: Vec::new() };
        enter(place, name.span(), value, &mut entries);
    }
    entries
}

/// Where a value stands.
struct Place {
    key: String,
    trail: Vec<Range<usize>>,
}

/// Adds an entry, and those below it behind it.
fn enter(place: Place, name: Range<usize>, value: &Spanned<DeValue<'_>>, entries: &mut Vec<Entry>) {
    let Place { key, mut trail } = place;
    trail.push(name.clone());
    let integer = value.get_ref().as_integer();
    let integer = integer.and_then(|number| i64::from_str_radix(number.as_str(), number.radix()).ok());
    let below = |name: &str| Place { key: format!("{key}.{name}"), trail: trail.clone() };
    let entry = Entry { key: key.clone(), trail: trail.clone(), name, value: value.span(), integer };
    entries.push(entry);
    match value.get_ref() {
        DeValue::Table(table) => {
            for (name, value) in table {
                enter(below(name.get_ref()), name.span(), value, entries);
            }
        }
        DeValue::Array(list) => {
            for (number, value) in list.iter().enumerate() {
                enter(below(&number.to_string()), value.span(), value, entries);
            }
        }
        _ => {}
    }
}

/// Takes the value out to which `trail` leads. Whether it was there.
pub(super) fn set_aside(table: &mut DeTable<'_>, trail: &[Range<usize>]) -> bool {
    match trail {
        [] => false,
        [last] => {
            let name = table.keys().find(|name| name.span() == *last).cloned();
            name.is_some_and(|name| table.remove(&name).is_some())
        }
        [first, rest @ ..] => {
            let inner = table.iter_mut().find(|(name, _)| name.span() == *first);
            inner.is_some_and(|(_, value)| set_aside_within(value, rest))
        }
    }
}

fn set_aside_within(value: &mut Spanned<DeValue<'_>>, trail: &[Range<usize>]) -> bool {
    match (value.get_mut(), trail) {
        (DeValue::Table(table), _) => set_aside(table, trail),
        (DeValue::Array(list), [last]) => {
            let before = list.len();
            *list = std::mem::replace(list, DeArray::new())
                .into_iter()
                .filter(|element| element.span() != *last)
                .collect();
            list.len() < before
        }
        (DeValue::Array(list), [first, rest @ ..]) => {
            let element = list.iter_mut().find(|element| element.span() == *first);
            element.is_some_and(|element| set_aside_within(element, rest))
        }
        _ => false,
    }
}
