//! What the parser says, in the words of whoever writes the file.

/// An error of serde's, at a key and what is written there.
pub(super) fn explain(message: &str, key: &str, literal: &str) -> String {
    if let Some((_, keys)) = split(message, "unknown field `", "`, ") {
        return format!("there is no such key here; {keys}");
    }
    if let Some((got, words)) = split(message, "unknown variant `", "`, ") {
        return format!("`{got}` is no choice; {words}");
    }
    let expected = message.rsplit_once("expected ").map(|(_, expected)| expected);
    let literal = if literal.contains('\n') || literal.len() > 60 { "this" } else { literal };
    let network = NETWORKS.contains(&key).then_some("a network in quotes, such as \"192.0.2.0/24\"");
    match network.or_else(|| hint(message, expected.unwrap_or_default())) {
        Some(hint) => format!("{literal} does not fit; write {hint}"),
        None => message.to_owned(),
    }
}

fn split<'m>(message: &'m str, before: &str, between: &str) -> Option<(&'m str, &'m str)> {
    message.strip_prefix(before)?.split_once(between)
}

/// The keys with networks, whose parser says nothing of its own.
const NETWORKS: [&str; 4] = ["dial.allowed", "dns.rate.exempt", "scan.exclude", "scan.world.allowed"];

fn hint(message: &str, expected: &str) -> Option<&'static str> {
    Some(match (message, expected) {
        ("invalid IP address syntax", _) | (_, "IP address") => {
            "an address in quotes, such as \"192.0.2.25\" or \"2001:db8::25\""
        }
        ("invalid socket address syntax", _) | (_, "socket address") => {
            "address and port in quotes, such as \"192.0.2.25:25\" or \"[2001:db8::25]:25\""
        }
        (_, "u8") => "a whole number from 0 to 255",
        (_, "u16") => "a whole number from 0 to 65535",
        (_, "u32") => "a whole number from 0 to 4294967295, without quotes",
        (_, "u64" | "usize") => "a whole number that is not negative, without quotes",
        (_, "a string") => "text in quotes",
        (_, "path string") => "a path in quotes",
        (_, "a boolean") => "true or false",
        (_, "a sequence") => "a list in brackets, such as [\"one\", \"two\"]",
        (_, "a map") => "a table",
        (_, expected) if expected.starts_with("struct ") => "a table",
        _ => return None,
    })
}
