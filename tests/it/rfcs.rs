//! `docs/rfcs.md` says which standards are kept, and how far: it knows all that the program cites, and its places exist.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The numbers of the RFCs in a text: `RFC 5321`, and `RFC 5321, 7208` of lists.
fn cited(text: &str) -> BTreeSet<u32> {
    let mut numbers = BTreeSet::new();
    for (_, behind) in text.match_indices("RFC").map(|(at, _)| text.split_at(at + 3)) {
        let mut behind = behind.trim_start_matches([' ', '-']);
        loop {
            let digits = behind.find(|c: char| !c.is_ascii_digit()).unwrap_or(behind.len());
            let (number, rest) = behind.split_at(digits);
            if !(3..=5).contains(&number.len()) {
                break;
            }
            numbers.insert(number.parse().unwrap());
            let Some(next) = rest.strip_prefix(", ") else { break };
            behind = next;
        }
    }
    numbers
}

/// What all files below `folder` cite.
fn cited_below(folder: &Path) -> BTreeSet<u32> {
    let mut numbers = BTreeSet::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => numbers.extend(cited_below(&path)),
            // A picture or a key is no text, and cites nothing.
            false => numbers.extend(cited(&fs::read_to_string(&path).unwrap_or_default())),
        }
    }
    numbers
}

/// The rows: standard, about, kept, place, what is missing.
fn rows(text: &str) -> Vec<[&str; 5]> {
    text.lines()
        .filter_map(|line| line.strip_prefix("| ")?.strip_suffix('|'))
        .map(|line| {
            let cells: Vec<_> = line.split('|').map(str::trim).collect();
            cells.try_into().unwrap_or_else(|cells| panic!("a row has five cells: {cells:?}"))
        })
        .filter(|cells: &[&str; 5]| cells[0] != "standard")
        .collect()
}

#[test]
fn every_rfc_that_is_cited_has_a_row() {
    let text = fs::read_to_string(root().join("docs/rfcs.md")).unwrap();
    let known: BTreeSet<u32> = rows(&text).iter().flat_map(|[standard, ..]| cited(standard)).collect();
    let mut used = cited_below(&root().join("src"));
    used.extend(cited_below(&root().join("config")));
    let unknown: Vec<_> = used.difference(&known).collect();
    assert!(unknown.is_empty(), "docs/rfcs.md has no row for RFC {unknown:?}");
}

#[test]
fn every_row_says_how_far_and_where() {
    let text = fs::read_to_string(root().join("docs/rfcs.md")).unwrap();
    let rows = rows(&text);
    assert!(rows.len() > 100, "{}", rows.len());
    let mut seen = BTreeSet::new();
    for [standard, _, kept, place, missing] in rows {
        assert!(seen.insert(standard), "{standard} has two rows");
        assert!(["yes", "partly", "no", "named"].contains(&kept), "{standard}: {kept}");
        assert!(kept != "partly" || missing.ends_with('.'), "{standard}: what is missing?");
        assert!(kept == "no" || !place.is_empty(), "{standard}: where?");
        for place in place.split_whitespace().map(|place| place.trim_matches('`')) {
            assert!(root().join(place).exists(), "{standard}: there is no {place}");
        }
    }
}
