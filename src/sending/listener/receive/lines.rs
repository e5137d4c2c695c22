//! From octets to command lines.

use crate::sending::history::Irregularity;
use crate::shared::smtp::command::{begins_tls, is_foreign};

/// A command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// One that ended in CRLF, without it.
    Whole(Vec<u8>),
    /// One beyond the limit; its octets are gone.
    TooLong,
    /// One that cannot be run, and is another protocol's by its beginning.
    Foreign,
    /// One that holds what no line may: each kind once.
    Broken(Vec<Irregularity>),
}

/// Collects octets and gives lines. It keeps no more than a line and what one read brought behind it.
///
/// Only CRLF ends a line that is run. What comes with a bare LF is refused together with all that stands
/// behind it up to the next CRLF, or up to the end of what came in: nothing behind a line end that only some
/// servers know is run.
#[derive(Debug)]
pub(super) struct Lines {
    octets_max: usize,
    buffer: Vec<u8>,
    too_long: bool,
    /// What is too long began as another protocol's.
    foreign: bool,
}

impl Lines {
    /// `octets_max`: the longest line with its CRLF.
    pub(super) fn new(octets_max: u32) -> Self {
        Self { octets_max: octets_max as usize, buffer: Vec::new(), too_long: false, foreign: false }
    }

    pub(super) fn push(&mut self, octets: &[u8]) {
        self.buffer.extend_from_slice(octets);
    }

    /// Whether octets came in behind the last line.
    pub(super) fn has_more(&self) -> bool {
        !self.buffer.is_empty()
    }

    /// All octets behind the last line, which are no commands: a message.
    pub(super) fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.buffer)
    }

    pub(super) fn next(&mut self) -> Option<Line> {
        let crlf = self.buffer.windows(2).position(|pair| pair == b"\r\n");
        let (line_octets, end_octets) = match crlf {
            Some(at) => (at, 2),
            None if self.buffer.ends_with(b"\n") => (self.buffer.len(), 0),
            None if !self.too_long && begins_tls(&self.buffer) => {
                self.buffer.clear();
                return Some(Line::Foreign);
            }
            None => {
                if self.buffer.len() >= self.octets_max {
                    self.foreign |= !self.too_long && is_foreign(&self.buffer);
                    self.too_long = true;
                    // The CR may be the half of an end.
                    let keep = usize::from(self.buffer.ends_with(b"\r"));
                    self.buffer.drain(..self.buffer.len() - keep);
                }
                return None;
            }
        };
        let mut line: Vec<u8> = self.buffer.drain(..line_octets + end_octets).collect();
        let was_kept = !self.too_long;
        let too_long = std::mem::take(&mut self.too_long) || line.len() > self.octets_max;
        line.truncate(line_octets);
        let kinds = [(b'\n', Irregularity::BareLf), (b'\r', Irregularity::BareCr), (0, Irregularity::Nul)];
        let broken: Vec<_> =
            kinds.into_iter().filter(|(octet, _)| line.contains(octet)).map(|(_, what)| what).collect();
        let foreign = std::mem::take(&mut self.foreign) || (was_kept && is_foreign(&line));
        Some(match (too_long, broken.is_empty()) {
            (true, _) | (_, false) if foreign => Line::Foreign,
            (true, _) => Line::TooLong,
            (false, false) => Line::Broken(broken),
            (false, true) => Line::Whole(line),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(chunks: &[&[u8]]) -> Vec<Line> {
        let mut lines = Lines::new(16);
        let mut found = Vec::new();
        for chunk in chunks {
            lines.push(chunk);
            found.extend(std::iter::from_fn(|| lines.next()));
        }
        assert!(lines.buffer.len() < 32);
        found
    }

    #[test]
    fn only_crlf_ends_a_line_that_is_run() {
        use Irregularity::{BareCr, BareLf, Nul};
        assert_eq!(lines(&[b"a\r\nb\r", b"\nc"]), [Line::Whole(b"a".to_vec()), Line::Whole(b"b".to_vec())]);
        assert_eq!(lines(&[b"a\nb\r\n"]), [Line::Broken(vec![BareLf])]);
        assert_eq!(lines(&[b"a\n", b"b\r\n"]), [Line::Broken(vec![BareLf]), Line::Whole(b"b".to_vec())]);
        assert_eq!(lines(&[b"a\rb\r\n"]), [Line::Broken(vec![BareCr])]);
        assert_eq!(lines(&[b"a\r\r\n"]), [Line::Broken(vec![BareCr])]);
        assert_eq!(lines(&[b"a\0\r\n"]), [Line::Broken(vec![Nul])]);
    }

    #[test]
    fn another_protocol_is_known_by_its_beginning_alone() {
        assert_eq!(lines(&[b"\x16\x03", b"\x01\0\xff"]), [Line::Foreign]);
        assert_eq!(lines(&[b"GET / HTTP/1.1\nA: b\n\n"]), [Line::Foreign]);
        assert_eq!(lines(&[b"GET /aaaaaaaaaaaaaaaa", b"aaaaaaaaaaaaaaaa\r\n"]), [Line::Foreign]);
        assert_eq!(lines(&[b"aaaaaaaaaaaaaaaaaaaaaaa", b"\x16\x03 a: b\r\n"]), [Line::TooLong]);
        // What may run is the grammar's to tell.
        assert_eq!(lines(&[b"GET /\r\n"]), [Line::Whole(b"GET /".to_vec())]);
    }

    #[test]
    fn a_long_line_is_counted_once_and_not_kept() {
        let long = [b'a'; 15];
        assert_eq!(lines(&[&long, b"\r\nb\r\n"]), [Line::TooLong, Line::Whole(b"b".to_vec())]);
        assert_eq!(
            lines(&[&long, &long, &long, b"\r", b"\nb\r\n"]),
            [Line::TooLong, Line::Whole(b"b".to_vec())]
        );
        assert_eq!(lines(&[&long[..14], b"\r\n"]), [Line::Whole(long[..14].to_vec())]);
    }
}
