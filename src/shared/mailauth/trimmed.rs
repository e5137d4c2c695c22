//! A body without the white lines at its end.

/// mail-auth up to 0.14.1 keeps lines of white space alone at the end of a body, where the relaxed
/// canonicalisation makes them empty first and then drops them (RFC 6376 §3.4.4), so that right signatures come
/// out as wrong. A copy of `message` without such lines gives the right hash; none if it has none.
pub(super) fn without_white_lines_at_end(message: &[u8]) -> Option<Vec<u8>> {
    let body_at = message.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let body = &message[body_at..];
    let mut end = body.len();
    let mut white = false;
    while let Some(line_end) = body[..end].strip_suffix(b"\r\n").map(<[u8]>::len) {
        let line_at = body[..line_end].windows(2).rposition(|two| two == b"\r\n").map_or(0, |at| at + 2);
        let line = &body[line_at..line_end];
        if !line.iter().all(|byte| matches!(byte, b' ' | b'\t')) {
            break;
        }
        white |= !line.is_empty();
        end = line_at;
    }
    white.then(|| message[..body_at + end].to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cuts_white_lines_and_only_those() {
        let cut = |body: &str| {
            let message = format!("A: b\r\n\r\n{body}");
            without_white_lines_at_end(message.as_bytes())
                .map(|cut| String::from_utf8(cut).expect("text").replacen("A: b\r\n\r\n", "", 1))
        };
        assert_eq!(cut("one\r\n \r\n\t\r\n\r\n").as_deref(), Some("one\r\n"));
        assert_eq!(cut(" \r\n").as_deref(), Some(""));
        assert_eq!(cut("one\r\n \r\ntwo\r\n"), None);
        assert_eq!(cut("one\r\n\r\n\r\n"), None, "empty lines are no fault of anybody");
        assert_eq!(cut("one"), None);
        assert_eq!(cut(""), None);
        assert_eq!(without_white_lines_at_end(b"no body"), None);
    }
}
