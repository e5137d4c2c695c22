//! The tables of MX hosts: Lindenberg's and LuxSci's.

use super::super::Telling;
use super::super::checks::sentences::word_name;
use super::super::results::yes;
use super::{plain, table};
use crate::receiving::checks::Word;
use crate::receiving::grades::{Cell, Grade, LindenbergMx, LuxsciMx};
use crate::shared::text::{Field, Section, Tone, clean};

/// Lindenberg's table.
pub(super) fn lindenberg(telling: Telling<'_>) -> Option<Section> {
    let Some(Grade::Lindenberg(lindenberg)) = telling.grade("lindenberg") else { return None };
    if lindenberg.mx.is_empty() {
        return None;
    }
    let rows = lindenberg.mx.iter().map(|mx| lindenberg_row(telling, mx)).collect();
    let columns =
        ["host", "addresses", "root", "dnssec", "starttls", "versions", "certificate", "tlsa", "mta-sts"];
    Some(telling.section("servers", table(telling, "servers", &columns, rows)))
}

fn host(name: &str, preferences: &[u16]) -> Field {
    let preferences: Vec<String> = preferences.iter().map(ToString::to_string).collect();
    match preferences.as_slice() {
        [] => plain(clean(name)),
        _ => plain(format!("{} ({})", clean(name), preferences.join(", "))),
    }
}

fn lindenberg_row(telling: Telling<'_>, mx: &LindenbergMx) -> Vec<Field> {
    let list = |list: Vec<String>| plain(if list.is_empty() { "–".to_owned() } else { list.join(", ") });
    let signed: Vec<&str> = [("MX", mx.mx), ("A", mx.a), ("TLSA", mx.tlsa)]
        .into_iter()
        .filter_map(|(name, cell)| (cell == Cell::Is(Word::Secure)).then_some(name))
        .collect();
    let dnssec = [mx.mx, mx.a, mx.tlsa].into_iter().map(|cell| cell_tone(cell, &[Word::Secure])).max();
    let mut starttls = cell_field(telling, "starttls", mx.starttls, &[Word::Present]);
    if mx.starttls == Cell::Is(Word::Present) && matches!(mx.mandatory, Cell::Is(_)) {
        let mandatory = cell_field(telling, "mandatory", mx.mandatory, &[Word::Mandatory]);
        starttls.text = format!("{}, {}", starttls.text, mandatory.text);
    }
    let trust = cell_field(telling, "trust", mx.trust, &[Word::Trusted]);
    let certificate = match mx.name {
        Cell::Is(Word::Unmatched) => {
            let name = cell_field(telling, "name", mx.name, &[Word::Matched]);
            Field { tone: name.tone, text: format!("{}, {}", trust.text, name.text) }
        }
        _ => trust,
    };
    vec![
        host(&mx.host, &mx.preferences),
        list(mx.addresses.iter().map(ToString::to_string).collect()),
        list(mx.roots.iter().map(|root| clean(root)).collect()),
        Field { tone: dnssec, text: if signed.is_empty() { "–".to_owned() } else { signed.join(", ") } },
        starttls,
        list(mx.versions.iter().map(ToString::to_string).collect()),
        certificate,
        cell_field(telling, "tlsa", mx.tlsa_match, &[Word::Matched]),
        cell_field(telling, "sts", mx.mta_sts, &[Word::Matched]),
    ]
}

fn cell_tone(cell: Cell, good: &[Word]) -> Tone {
    match cell {
        Cell::Is(word) if good.contains(&word) => Tone::Good,
        Cell::Is(_) => Tone::Bad,
        Cell::NotApplicable => Tone::Info,
        Cell::Unknown => Tone::Inconclusive,
    }
}

/// A cell in a word or two.
fn cell_field(telling: Telling<'_>, column: &str, cell: Cell, good: &[Word]) -> Field {
    let text = match cell {
        Cell::Is(word) => telling.words.say(&format!("recv-cell-{column}.{}", word_name(word))),
        Cell::NotApplicable => telling.words.say("recv-cell-none"),
        Cell::Unknown => telling.words.say("recv-level-inconclusive"),
    };
    let tone = match cell_tone(cell, good) {
        Tone::Info => None,
        // Few servers demand TLS, and a public one may not.
        Tone::Bad if column == "mandatory" => None,
        tone => Some(tone),
    };
    Field { tone, text }
}

/// LuxSci's table.
pub(super) fn luxsci(telling: Telling<'_>) -> Option<Section> {
    let Some(Grade::Luxsci(luxsci)) = telling.grade("luxsci") else { return None };
    if luxsci.mx.is_empty() {
        return None;
    }
    let rows = luxsci.mx.iter().map(|mx| luxsci_row(telling, mx)).collect();
    let columns = [
        "host",
        "grade",
        "tls",
        "certificate",
        "verifiable",
        "ssl3",
        "tls10",
        "tls12",
        "weak",
        "r1",
        "r2",
        "mta-sts",
        "advice",
    ];
    Some(telling.section("luxsci", table(telling, "luxsci", &columns, rows)))
}

fn luxsci_row(telling: Telling<'_>, mx: &LuxsciMx) -> Vec<Field> {
    let answer = |answer: Option<bool>| {
        let (tone, name) = yes(answer);
        Field { tone: Some(tone), text: telling.words.say(&format!("recv-{name}")) }
    };
    // Either is fine with LuxSci.
    let information = |known: Option<bool>| Field { tone: None, ..answer(known) };
    let recommended: Vec<String> = mx
        .recommendations
        .iter()
        .filter_map(|advice| Some(serde_json::to_value(advice).ok()?.as_str()?.to_owned()))
        .map(|name| telling.words.say(&format!("recv-luxsci-{name}")))
        .collect();
    vec![
        host(&mx.host, &mx.preferences),
        plain(mx.letter.map_or_else(|| "?".to_owned(), |letter| letter.name().replace('-', "−"))),
        answer(mx.starttls),
        plain(mx.certificate.as_deref().map_or_else(|| "–".to_owned(), clean)),
        answer(mx.verifiable),
        answer(mx.ssl3_off),
        information(mx.tls10),
        answer(mx.tls12),
        answer(mx.weak_off),
        answer(mx.nist_r1),
        answer(mx.nist_r2),
        answer(mx.mta_sts),
        plain(if recommended.is_empty() { "–".to_owned() } else { recommended.join(" ") }),
    ]
}
