//! What a file of the program imports: every path that it names of the crate, from the root on.

use std::collections::BTreeMap;

/// The absolute paths that `code` names, in the module `module`, without the crate's name: `["shared", "dns", "Kind"]`.
/// Lists in braces are told one by one.
pub(super) fn named(code: &str, module: &[String]) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices("crate::").chain(code.match_indices("super::")) {
        if !code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '$' || c == ':') {
            from(&code[at..], module, &mut found);
        }
    }
    found.into_iter().map(|import| import.path).collect()
}

/// What `code` imports into the module `module`, each under the name that it has there.
pub(super) fn imported(code: &str, module: &[String]) -> BTreeMap<String, Vec<String>> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices("use ") {
        if code[..at].ends_with(['\n', ' ']) || at == 0 {
            from(&code[at + "use ".len()..], module, &mut found);
        }
    }
    found.into_iter().map(|import| (import.name, import.path)).collect()
}

/// A path, and the name that its end has where it is imported.
struct Import {
    path: Vec<String>,
    name: String,
}

/// The paths that begin here: at the root, above `module`, or in it.
fn from(text: &str, module: &[String], found: &mut Vec<Import>) {
    if let Some(rest) = text.strip_prefix("crate::") {
        return tails(rest, &[], found);
    }
    let (mut rest, mut above) = (text.strip_prefix("self::").unwrap_or(text), module);
    while let Some(next) = rest.strip_prefix("super::") {
        (rest, above) = (next, &above[..above.len().saturating_sub(1)]);
    }
    tails(rest, above, found);
}

/// The paths that follow `prefix`: one, or all in braces.
fn tails(text: &str, prefix: &[String], found: &mut Vec<Import>) {
    let text = text.trim_start();
    if let Some(list) = text.strip_prefix('{') {
        for item in items(list) {
            tails(item, prefix, found);
        }
        return;
    }
    let (word, rest) = word(text);
    if word.is_empty() {
        return;
    }
    let path = if word == "self" { prefix.to_vec() } else { [prefix, &[word.to_owned()]].concat() };
    match rest.strip_prefix("::") {
        Some(rest) if !rest.starts_with('<') => tails(rest, &path, found),
        _ => {
            let alias = rest.strip_prefix(" as ").map(|rest| self::word(rest).0.to_owned());
            let Some(name) = alias.or_else(|| path.last().cloned()) else { return };
            found.push(Import { path, name });
        }
    }
}

/// The word that a text begins with, and the rest.
fn word(text: &str) -> (&str, &str) {
    text.split_at(text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len()))
}

/// The items of a list, up to the brace that ends it.
fn items(list: &str) -> Vec<&str> {
    let (mut depth, mut begin, mut items) = (0, 0, Vec::new());
    for (at, c) in list.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            ',' | '}' if depth == 0 => {
                items.push(&list[begin..at]);
                begin = at + 1;
                if c == '}' {
                    break;
                }
            }
            _ => {}
        }
    }
    items
}

#[test]
fn reads_what_is_imported() {
    let code = "use crate::{a::{self, b, c}, d,\n e as f}; let x = crate::g::h();\n\
                pub(in crate::j) fn k() { mycrate::l(); super::super::m::n(); super::o(); }";
    let module = ["x", "y", "z"].map(str::to_owned);
    let found: Vec<String> = named(code, &module).iter().map(|path| path.join("::")).collect();
    assert_eq!(found, ["a", "a::b", "a::c", "d", "e", "g::h", "j", "x::m::n", "x::y::o"]);

    let code = "pub use b::{C, D as E};\npub(super) use super::f;\nuse self::g::H;";
    let found: Vec<String> =
        imported(code, &module).iter().map(|(name, path)| format!("{name}={}", path.join("::"))).collect();
    assert_eq!(found, ["C=x::y::z::b::C", "E=x::y::z::b::D", "H=x::y::z::g::H", "f=x::y::f"]);
}
