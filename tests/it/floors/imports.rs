//! What a file of the program imports: every path that it names of the crate, from the root on.

/// The absolute paths that `code` names, in the module `module`, without the crate's name: `["shared", "dns", "Kind"]`.
/// Lists in braces are told one by one.
pub(super) fn named(code: &str, module: &[String]) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        if !code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '$') {
            tails(&code[at + "crate::".len()..], &[], &mut found);
        }
    }
    for (at, _) in code.match_indices("super::") {
        if code[..at].ends_with("super::") || code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_')
        {
            continue;
        }
        let (mut rest, mut above) = (&code[at..], module);
        while let Some(next) = rest.strip_prefix("super::") {
            (rest, above) = (next, &above[..above.len().saturating_sub(1)]);
        }
        tails(rest, above, &mut found);
    }
    found
}

/// The paths that follow `prefix`: one, or all in braces.
fn tails(text: &str, prefix: &[String], found: &mut Vec<Vec<String>>) {
    let text = text.trim_start();
    if let Some(list) = text.strip_prefix('{') {
        for item in items(list) {
            tails(item, prefix, found);
        }
        return;
    }
    let length = text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len());
    if length == 0 {
        return;
    }
    let path = [prefix, &[text[..length].to_owned()]].concat();
    match text[length..].strip_prefix("::") {
        Some(rest) if !rest.starts_with('<') => tails(rest, &path, found),
        _ => found.push(path),
    }
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
    let code = "use crate::{a::{b, c}, d,\n e as f}; let x = crate::g::h();\n\
                pub(in crate::j) fn k() { mycrate::l(); super::super::m::n(); super::o(); }";
    let module = ["x", "y", "z"].map(str::to_owned);
    let found: Vec<String> = named(code, &module).iter().map(|path| path.join("::")).collect();
    assert_eq!(found, ["a::b", "a::c", "d", "e", "g::h", "j", "x::m::n", "x::y::o"]);
}
