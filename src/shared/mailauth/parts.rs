//! The parts of a message that hold something (RFC 2045), decoded.

use mail_parser::{MessageParser, MimeHeaders, PartType};

/// How many parts of a message are looked at.
const PARTS_MAX: usize = 32;

/// A part of a message, or the whole of one that has no parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailPart {
    /// Its media type in lower case, such as `text/plain`.
    pub media_type: String,
    /// The name that its sender gave it.
    pub file_name: Option<String>,
    /// What it holds, without its transfer encoding.
    pub content: Vec<u8>,
}

/// The parts of `message`, at most [`PARTS_MAX`], without those that only hold others. What is in messages that are
/// attached is not looked at.
pub fn parts(message: &[u8]) -> Vec<MailPart> {
    let Some(parsed) = MessageParser::new().parse(message) else { return Vec::new() };
    let holding = |part: &&mail_parser::MessagePart<'_>| {
        !matches!(part.body, PartType::Multipart(_) | PartType::Message(_))
    };
    let holding = parsed.parts.iter().filter(holding).take(PARTS_MAX);
    holding
        .map(|part| {
            let media_type = part.content_type().map_or("text/plain".to_owned(), |kind| {
                format!("{}/{}", kind.ctype(), kind.subtype().unwrap_or_default()).to_ascii_lowercase()
            });
            let file_name = part.attachment_name().map(str::to_owned);
            MailPart { media_type, file_name, content: part.contents().to_vec() }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_decoded_and_what_holds_them_is_none() {
        let message = b"Content-Type: multipart/report; report-type=tlsrpt; boundary=x\r\n\r\n--x\r\n\
            Content-Type: text/plain\r\n\r\nfor people\r\n--x\r\n\
            Content-Type: application/TLSRPT+json; name=\"a.json\"\r\nContent-Transfer-Encoding: base64\r\n\r\n\
            e30=\r\n--x--\r\n";
        let parts = parts(message);
        assert_eq!(parts.len(), 2, "{parts:?}");
        assert_eq!(parts[1].media_type, "application/tlsrpt+json");
        assert_eq!(parts[1].file_name.as_deref(), Some("a.json"));
        assert_eq!(parts[1].content, b"{}");
    }

    #[test]
    fn many_and_deep_parts_cost_little() {
        let many =
            format!("Content-Type: multipart/mixed; boundary=x\r\n\r\n{}", "--x\r\n\r\na\r\n".repeat(1000));
        assert_eq!(parts(many.as_bytes()).len(), PARTS_MAX);
        let deep: String = (0..1000)
            .map(|n| format!("Content-Type: multipart/mixed; boundary=x{n}\r\n\r\n--x{n}\r\n"))
            .collect();
        assert!(parts(deep.as_bytes()).len() <= PARTS_MAX);
    }
}
