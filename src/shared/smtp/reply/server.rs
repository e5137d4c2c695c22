//! A server's replies (RFC 5321 §4.2, RFC 2034, RFC 3463), read within limits.

/// How long a server's reply may be: no server that means well comes near.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReplyLimits {
    /// Octets of a line with its CRLF.
    pub line_octets_max: usize,
    /// Lines of a reply.
    pub lines_max: usize,
    /// Octets of a reply.
    pub reply_octets_max: usize,
}

impl Default for ReplyLimits {
    fn default() -> Self {
        Self { line_octets_max: 2048, lines_max: 128, reply_octets_max: 65_536 }
    }
}

/// A server's reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerReply {
    /// The code, 200 to 599.
    pub code: u16,
    /// The text of each line behind the code. What is not UTF-8 is replaced, control characters are kept.
    pub lines: Vec<String>,
}

impl ServerReply {
    /// Whether it is positive: 2yz (RFC 5321 §4.2.1).
    pub fn is_positive(&self) -> bool {
        self.code / 100 == 2
    }

    /// Whether it is a transient failure: 4yz (RFC 5321 §4.2.1).
    pub fn is_transient(&self) -> bool {
        self.code / 100 == 4
    }

    /// The enhanced status code of its first line (RFC 2034), such as `4.7.0`.
    pub fn status(&self) -> Option<&str> {
        let word = self.lines.first()?.split(' ').next()?;
        let mut parts = word.split('.');
        let class = parts.next()?.parse::<u16>().ok()?;
        let small = |part: Option<&str>| {
            part.is_some_and(|part| {
                (1..=3).contains(&part.len()) && part.bytes().all(|octet| octet.is_ascii_digit())
            })
        };
        let whole = small(parts.next()) && small(parts.next()) && parts.next().is_none();
        (whole && class == self.code / 100).then_some(word)
    }
}

impl std::fmt::Display for ServerReply {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.code, self.lines.join(" / ").escape_debug())
    }
}

/// Why a server's octets are no reply.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReplyError {
    /// A line beyond the limit.
    #[error("a reply line is longer than {0} octets")]
    LineTooLong(usize),
    /// More lines than the limit.
    #[error("a reply has more than {0} lines")]
    TooManyLines(usize),
    /// More octets than the limit.
    #[error("a reply is longer than {0} octets")]
    TooLong(usize),
    /// A line that ends in LF alone, or holds a bare CR.
    #[error("a reply line holds a bare CR or LF")]
    LineEnding,
    /// A line that does not begin with a code and a space or a hyphen.
    #[error("`{0}` is no reply line")]
    Malformed(String),
    /// Lines of one reply with different codes (RFC 5321 §4.2.1).
    #[error("a reply begins with {first} and goes on with {then}")]
    CodesDiffer {
        /// The code of the first line.
        first: u16,
        /// The code of a further line, which is another.
        then: u16,
    },
}

/// Reads a server's replies from octets in any chunks.
#[derive(Clone, Debug)]
pub struct ReplyReader {
    limits: ReplyLimits,
    buffer: Vec<u8>,
    octets: usize,
    code: Option<u16>,
    lines: Vec<String>,
}

impl ReplyReader {
    /// A reader at the beginning of a reply.
    pub fn new(limits: ReplyLimits) -> Self {
        Self { limits, buffer: Vec::new(), octets: 0, code: None, lines: Vec::new() }
    }

    /// Takes in octets. Call [`ReplyReader::next_reply`] until it has no reply before the next call.
    pub fn push(&mut self, octets: &[u8]) {
        self.buffer.extend_from_slice(octets);
    }

    /// Octets behind the last reply: none where the server waits for us.
    pub fn has_more(&self) -> bool {
        !self.buffer.is_empty()
    }

    /// The next whole reply.
    ///
    /// # Errors
    ///
    /// If what came is no reply, or larger than the limits.
    pub fn next_reply(&mut self) -> Result<Option<ServerReply>, ReplyError> {
        while let Some(end) = self.buffer.iter().position(|octet| *octet == b'\n') {
            let line: Vec<u8> = self.buffer.drain(..=end).collect();
            if let Some(reply) = self.line(&line)? {
                return Ok(Some(reply));
            }
        }
        match self.buffer.len() >= self.limits.line_octets_max {
            true => Err(ReplyError::LineTooLong(self.limits.line_octets_max)),
            false => Ok(None),
        }
    }

    fn line(&mut self, line: &[u8]) -> Result<Option<ServerReply>, ReplyError> {
        let limits = self.limits;
        self.octets += line.len();
        if line.len() > limits.line_octets_max {
            return Err(ReplyError::LineTooLong(limits.line_octets_max));
        }
        if self.octets > limits.reply_octets_max {
            return Err(ReplyError::TooLong(limits.reply_octets_max));
        }
        if self.lines.len() >= limits.lines_max {
            return Err(ReplyError::TooManyLines(limits.lines_max));
        }
        let line = line.strip_suffix(b"\r\n").ok_or(ReplyError::LineEnding)?;
        if line.contains(&b'\r') {
            return Err(ReplyError::LineEnding);
        }
        let text = String::from_utf8_lossy(line);
        let (code, last, text) = parse_line(&text).ok_or_else(|| {
            ReplyError::Malformed(text.chars().take(80).flat_map(char::escape_debug).collect())
        })?;
        match self.code {
            Some(first) if first != code => return Err(ReplyError::CodesDiffer { first, then: code }),
            _ => self.code = Some(code),
        }
        self.lines.push(text.to_owned());
        if !last {
            return Ok(None);
        }
        (self.octets, self.code) = (0, None);
        Ok(Some(ServerReply { code, lines: std::mem::take(&mut self.lines) }))
    }
}

/// Code, whether it is the reply's last line, and text.
fn parse_line(line: &str) -> Option<(u16, bool, &str)> {
    let digits = line.get(..3).filter(|digits| digits.bytes().all(|octet| octet.is_ascii_digit()))?;
    let code = digits.parse().ok().filter(|code| (200..600).contains(code))?;
    match line.as_bytes().get(3) {
        None => Some((code, true, "")),
        Some(b' ') => Some((code, true, &line[4..])),
        Some(b'-') => Some((code, false, &line[4..])),
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{LINE_OCTETS_MAX, Reply};
    use super::*;

    fn read(octets: &[u8]) -> Result<Option<ServerReply>, ReplyError> {
        let mut reader = ReplyReader::new(ReplyLimits::default());
        reader.push(octets);
        reader.next_reply()
    }

    #[test]
    fn text_cannot_forge_a_line() {
        let reply = Reply::new(451, "4.7.1", "a\r\n250 b\u{202e}".to_owned() + &"x".repeat(600));
        let wire = reply.to_wire();
        assert_eq!(wire.len(), LINE_OCTETS_MAX);
        assert!(wire.starts_with(b"451 4.7.1 a250 bxxx"));
        assert_eq!(read(&wire).map(|reply| reply.map(|reply| reply.code)), Ok(Some(451)));
    }

    #[test]
    fn several_lines_are_read_back() {
        let wire = Reply::plain(250, vec!["mx".into(), "SIZE 1".into(), "STARTTLS".into()]).to_wire();
        assert_eq!(wire, b"250-mx\r\n250-SIZE 1\r\n250 STARTTLS\r\n");
        for cut in 0..wire.len() {
            let mut reader = ReplyReader::new(ReplyLimits::default());
            reader.push(&wire[..cut]);
            assert_eq!(reader.next_reply(), Ok(None));
            reader.push(&wire[cut..]);
            let reply = reader.next_reply().expect("well-formed").expect("whole");
            assert_eq!(reply.lines, ["mx", "SIZE 1", "STARTTLS"]);
            assert!(!reader.has_more());
        }
    }

    #[test]
    fn endless_and_broken_replies_are_refused() {
        assert_eq!(read(&[b'2'; 2048]), Err(ReplyError::LineTooLong(2048)));
        assert_eq!(read("250-a\r\n".repeat(129).as_bytes()), Err(ReplyError::TooManyLines(128)));
        let long = format!("250-{}\r\n", "a".repeat(2000)).repeat(33);
        assert_eq!(read(long.as_bytes()), Err(ReplyError::TooLong(65_536)));
        assert_eq!(read(b"250 a\n"), Err(ReplyError::LineEnding));
        assert_eq!(read(b"250-a\r\n251 b\r\n"), Err(ReplyError::CodesDiffer { first: 250, then: 251 }));
        for malformed in ["hello", "99 a", "600 a", "250_a", "\u{e9}50 a", ""] {
            let read = read(format!("{malformed}\r\n").as_bytes());
            assert!(matches!(read, Err(ReplyError::Malformed(_))), "{malformed}");
        }
    }

    #[test]
    fn the_status_counts_where_its_class_is_the_codes() {
        let status =
            |code, text: &str| ServerReply { code, lines: vec![text.to_owned()] }.status().map(str::to_owned);
        assert_eq!(status(454, "4.7.0 not now"), Some("4.7.0".to_owned()));
        for (code, text) in [(454, "5.7.0 a"), (454, "4.7 a"), (454, "4.7.0.1 a"), (454, "later"), (454, "")]
        {
            assert_eq!(status(code, text), None, "{text}");
        }
    }

    /// All replies of octets that come in pieces of this length, and what ended them.
    fn read_all(octets: &[u8], piece: usize) -> (Vec<ServerReply>, Option<ReplyError>) {
        let limits = ReplyLimits { line_octets_max: 64, lines_max: 4, reply_octets_max: 150 };
        let mut reader = ReplyReader::new(limits);
        let mut replies = Vec::new();
        for piece in octets.chunks(piece) {
            reader.push(piece);
            loop {
                match reader.next_reply() {
                    Ok(Some(reply)) => replies.push(reply),
                    Ok(None) => break,
                    Err(error) => return (replies, Some(error)),
                }
            }
        }
        (replies, None)
    }

    proptest! {
        #[test]
        fn how_octets_are_cut_changes_nothing(
            octets in prop_oneof![
                prop::collection::vec(any::<u8>(), 0..300),
                prop::collection::vec("(2[0-9]{2}[ -]|é)?[a-z\u{e9}]{0,70}(\r\n|\n|\r)", 0..12)
                    .prop_map(|lines| lines.concat().into_bytes()),
            ],
            piece in 1_usize..100,
        ) {
            let (replies, error) = read_all(&octets, usize::MAX);
            let (in_pieces, error_in_pieces) = read_all(&octets, piece);
            prop_assert_eq!(&replies, &in_pieces);
            prop_assert_eq!(error.is_some(), error_in_pieces.is_some());
            prop_assert!(replies.iter().all(|reply| reply.lines.len() <= 4));
        }
    }
}
