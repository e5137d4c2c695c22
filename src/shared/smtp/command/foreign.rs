//! Lines of other protocols.

/// The methods of HTTP (RFC 9110 §9.3, RFC 5789), and the first word of HTTP/2 (RFC 9113 §3.4): a page in a browser can
/// make it send a form to any port, with a body that is taken for commands.
const HTTP_METHODS: [&[u8]; 10] =
    [b"CONNECT", b"GET", b"POST", b"PUT", b"HEAD", b"OPTIONS", b"DELETE", b"PATCH", b"TRACE", b"PRI"];

/// Whether a line, or its beginning, is another protocol's: a request of HTTP, a line that looks like a header field
/// (a name and a colon, which no command has), a banner of SSH (RFC 4253 §4.2), a record of TLS in clear. As
/// `smtpd_forbidden_commands` of Postfix.
pub fn is_foreign(line: &[u8]) -> bool {
    let word_end = line.iter().position(|octet| matches!(octet, b' ' | b'\t' | b'\r' | b'\n'));
    let (word, rest) = line.split_at(word_end.unwrap_or(line.len()));
    // A space that was forgotten is a bad command, and not a field of that name.
    let is_smtp =
        |name: &[u8]| [&b"MAILFROM"[..], b"RCPTTO"].iter().any(|verb| verb.eq_ignore_ascii_case(name));
    let is_name = |name: &[u8]| {
        !name.is_empty() && name.iter().all(|octet| matches!(octet, 33..=126)) && !is_smtp(name)
    };
    let colon = word.iter().position(|octet| *octet == b':');
    let is_field = match colon {
        Some(at) => is_name(&word[..at]),
        None => is_name(word) && rest.trim_ascii_start().starts_with(b":"),
    };
    is_field || begins_tls(line) || word.starts_with(b"SSH-") || HTTP_METHODS.contains(&word)
}

/// Whether it begins as a record of TLS does (RFC 8446 §5.1), which has no end of line to wait for.
pub fn begins_tls(octets: &[u8]) -> bool {
    matches!(octets, [0x14..=0x17, 0x03, ..])
}
