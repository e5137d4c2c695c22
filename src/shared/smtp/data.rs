//! The end of data, and what comes before it (RFC 5321 §4.1.1.4, §4.5.2).
//!
//! Only CRLF.CRLF ends a message. Whatever some servers take for an end and the standard does not is counted,
//! since a sender that lets it through lets mail be smuggled (2023, SMTP Smuggling). How the octets are cut
//! into chunks makes no difference.

/// What was odd in the octets of a message, and how large it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Findings {
    /// CRs that ended no line.
    pub bare_cr: u64,
    /// LFs without a CR.
    pub bare_lf: u64,
    /// NULs.
    pub nul: u64,
    /// A dot alone between line ends of which not both are CRLF: LF.LF, LF.CRLF, CRLF.LF, CR.CR,
    /// CRLF.CR CR LF and so on.
    pub false_ends: u64,
    /// The size after unstuffing, with its CRLFs, in octets.
    pub octets: u64,
    /// The size of the header with the empty line that ends it, in octets.
    pub header_octets: u64,
    /// The longest line with its CRLF, in octets.
    pub longest_line_octets: u64,
    /// `Received` fields in the part of the header that was kept.
    pub hops: u64,
    /// The message was dropped while it came in, since too much of others was held.
    pub dropped: bool,
}

impl Findings {
    /// Whether two servers might disagree on where this message ends: it smuggles.
    pub fn smuggles(&self) -> bool {
        self.bare_cr + self.bare_lf + self.nul + self.false_ends > 0
    }
}

/// Where in a line the last octet was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    /// At its beginning: behind CRLF, or behind DATA.
    Start,
    /// Behind a dot at its beginning.
    Dot,
    /// Behind a dot and a CR at its beginning.
    DotCr,
    /// Within it.
    Text,
    /// Behind a CR within it.
    Cr,
}

/// Receives a message octet by octet.
#[derive(Clone, Debug)]
pub struct DataReceiver {
    at: At,
    /// The last octet was a CR or an LF, or there was none.
    behind_any_end: bool,
    /// The last octet was a dot, and the one before it a CR or an LF.
    behind_lone_dot: bool,
    in_header: bool,
    line_octets: u64,
    keep_octets_max: usize,
    message: Vec<u8>,
    findings: Findings,
}

impl DataReceiver {
    /// Begins behind the answer to DATA; of the message at most `keep_octets_max` octets are kept.
    pub fn new(keep_octets_max: usize) -> Self {
        Self {
            at: At::Start,
            behind_any_end: true,
            behind_lone_dot: false,
            in_header: true,
            line_octets: 0,
            keep_octets_max,
            message: Vec::new(),
            findings: Findings::default(),
        }
    }

    /// How many octets may be kept without the memory growing, and how many are.
    pub fn room(&self) -> (usize, usize) {
        (self.message.capacity(), self.message.len())
    }

    /// Makes room for a message of `octets`, and for not one more.
    pub fn reserve(&mut self, octets: usize) {
        self.message.reserve_exact(octets.saturating_sub(self.message.len()));
    }

    /// Forgets what came, and keeps nothing of what is to come: there is no room for it. The end is still found.
    pub fn drop_message(&mut self) {
        (self.message, self.keep_octets_max, self.findings.dropped) = (Vec::new(), 0, true);
    }

    /// Whether what came was forgotten.
    pub fn is_dropped(&self) -> bool {
        self.findings.dropped
    }

    /// Takes octets up to the end of data: how many of `octets` belong to the message with its end, if the end
    /// is among them.
    pub fn push(&mut self, octets: &[u8]) -> Option<usize> {
        octets.iter().position(|octet| self.take(*octet)).map(|last| last + 1)
    }

    /// The message without its dots, and what was odd. Cut where it is longer than what was to be kept.
    pub fn finish(self) -> (Vec<u8>, Findings) {
        let header_octets = usize::try_from(self.findings.header_octets).unwrap_or(usize::MAX);
        let header = &self.message[..header_octets.min(self.message.len())];
        let is_hop = |line: &&[u8]| line.get(..9).is_some_and(|name| name.eq_ignore_ascii_case(b"Received:"));
        let hops = header.split(|octet| *octet == b'\n').filter(is_hop).count() as u64;
        (self.message, Findings { hops, ..self.findings })
    }

    /// Takes one octet; true if it ends the data.
    fn take(&mut self, octet: u8) -> bool {
        self.watch(octet);
        self.at = match (self.at, octet) {
            (At::DotCr, b'\n') => return true,
            (At::Start, b'.') => At::Dot,
            (At::Dot, b'\r') => At::DotCr,
            // The dot was stuffing and is not kept; neither was the CR the end of a line.
            (At::DotCr, _) => {
                self.keep(b'\r');
                self.text(octet, true)
            }
            (At::Cr, _) => self.text(octet, true),
            (At::Start | At::Dot | At::Text, _) => self.text(octet, false),
        };
        false
    }

    /// Keeps an octet of a line; where in the line it leaves us.
    fn text(&mut self, octet: u8, behind_cr: bool) -> At {
        self.keep(octet);
        match octet {
            b'\n' if behind_cr => {
                self.end_line();
                return At::Start;
            }
            b'\n' => self.findings.bare_lf += 1,
            0 => self.findings.nul += 1,
            _ => {}
        }
        self.findings.bare_cr += u64::from(behind_cr);
        if octet == b'\r' { At::Cr } else { At::Text }
    }

    fn keep(&mut self, octet: u8) {
        self.line_octets += 1;
        self.findings.octets += 1;
        self.findings.header_octets += u64::from(self.in_header);
        self.findings.longest_line_octets = self.findings.longest_line_octets.max(self.line_octets);
        if self.message.len() < self.keep_octets_max {
            self.message.push(octet);
        }
    }

    fn end_line(&mut self) {
        self.in_header &= self.line_octets > 2;
        self.line_octets = 0;
    }

    /// Counts false ends: a lone dot behind any line end and before any other, but for the true end.
    fn watch(&mut self, octet: u8) {
        let any_end = matches!(octet, b'\r' | b'\n');
        let may_be_true = self.at == At::Dot && octet == b'\r';
        let proves_false = self.at == At::DotCr && octet != b'\n';
        if (self.behind_lone_dot && any_end && !may_be_true) || proves_false {
            self.findings.false_ends += 1;
        }
        self.behind_lone_dot = self.behind_any_end && octet == b'.';
        self.behind_any_end = any_end;
    }
}

/// `message` as it goes over the wire behind DATA: dots stuffed, ended by CRLF.CRLF. Its lines end in CRLF.
pub fn stuff(message: &[u8]) -> Vec<u8> {
    let mut wire = Vec::with_capacity(message.len() + message.len() / 32 + 5);
    for line in message.split_inclusive(|octet| *octet == b'\n') {
        if line.starts_with(b".") {
            wire.push(b'.');
        }
        wire.extend_from_slice(line);
    }
    if !wire.is_empty() && !wire.ends_with(b"\r\n") {
        wire.extend_from_slice(b"\r\n");
    }
    wire.extend_from_slice(b".\r\n");
    wire
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn receive(chunks: &[&[u8]]) -> (Option<usize>, Vec<u8>, Findings) {
        let mut receiver = DataReceiver::new(1 << 20);
        let mut taken = 0;
        for chunk in chunks {
            if let Some(end) = receiver.push(chunk) {
                let (message, findings) = receiver.finish();
                return (Some(taken + end), message, findings);
            }
            taken += chunk.len();
        }
        let (message, findings) = receiver.finish();
        (None, message, findings)
    }

    /// Octets that matter to the machine, more often than others.
    fn wire() -> impl Strategy<Value = Vec<u8>> {
        let octet = prop_oneof![
            6 => Just(b'\r'), 6 => Just(b'\n'), 6 => Just(b'.'), 1 => Just(0u8), 2 => any::<u8>()
        ];
        let piece = prop_oneof![2 => Just(b"\r\n".to_vec()), 3 => octet.prop_map(|octet| vec![octet])];
        prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn chunks_make_no_difference(wire in wire(), cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..5)) {
            let mut cuts: Vec<_> = cuts.iter().map(|cut| cut.index(wire.len() + 1)).collect();
            cuts.extend([0, wire.len()]);
            cuts.sort_unstable();
            let chunks: Vec<_> = cuts.windows(2).map(|pair| &wire[pair[0]..pair[1]]).collect();
            prop_assert_eq!(receive(&chunks), receive(&[&wire]));
        }

        #[test]
        fn the_end_is_where_a_naive_search_finds_it(wire in wire()) {
            // DATA's own CRLF is the first of the five octets where the message is empty.
            let searched = [b"\r\n".as_slice(), &wire].concat();
            let naive = searched.windows(5).position(|window| window == b"\r\n.\r\n").map(|at| at + 5 - 2);
            prop_assert_eq!(receive(&[&wire]).0, naive);
        }

        #[test]
        fn what_was_stuffed_comes_back(lines in prop::collection::vec("[.a\u{e9} ]{0,6}", 0..12)) {
            let message: String = lines.iter().map(|line| format!("{line}\r\n")).collect();
            let wire = stuff(message.as_bytes());
            let (end, received, findings) = receive(&[&wire]);
            prop_assert_eq!(end, Some(wire.len()));
            prop_assert_eq!(received, message.as_bytes());
            prop_assert!(!findings.smuggles());
        }

        #[test]
        fn an_odd_line_end_is_always_counted(wire in wire()) {
            let (end, _, findings) = receive(&[&wire]);
            let Some(end) = end else { return Ok(()) };
            let message = String::from_utf8_lossy(&wire[..end]).replace("\r\n", "");
            prop_assert_eq!(message.contains(['\r', '\n', '\0']), findings.smuggles());
        }

        #[test]
        fn smtp_proto_agrees_where_it_is_right(lines in prop::collection::vec("[.a ]{0,6}", 1..12)) {
            // Not on a first line that begins with a dot, which it neither ends at nor unstuffs.
            prop_assume!(!lines[0].starts_with('.'));
            let message: String = lines.iter().map(|line| format!("{line}\r\n")).collect();
            let wire = stuff(message.as_bytes());
            let mut oracle = smtp_proto::request::receiver::DataReceiver::new();
            let mut theirs = Vec::new();
            let mut octets = wire.iter();
            prop_assert!(oracle.ingest(&mut octets, &mut theirs));
            prop_assert_eq!(octets.len(), 0);
            prop_assert_eq!(theirs, receive(&[&wire]).1);
        }
    }

    #[test]
    fn false_ends_are_counted_and_end_nothing() {
        let false_ends: [&[u8]; 13] = [
            b"\n.\n",
            b"\n.\r\n",
            b"\r\n.\n",
            b"\r\n.\r",
            b"\r.\r",
            b"\r.\n",
            b"\r.\r\n",
            b"\n.\r",
            b"\n\n.\r\n",
            b"\r\n.\r\r\n",
            b"\r\r\n.\r\r\n",
            b"\r\n\n.\r\n",
            b"\n\r.\r\n",
        ];
        for end in false_ends {
            let wire = [b"a".as_slice(), end, b"MAIL FROM:<smuggled@example.net>\r\n.\r\n"].concat();
            let (at, _, findings) = receive(&[&wire]);
            assert_eq!(at, Some(wire.len()), "{:?}", String::from_utf8_lossy(end));
            assert_eq!(findings.false_ends, 1, "{:?}", String::from_utf8_lossy(end));
        }
    }

    #[test]
    fn sizes_are_counted_also_beyond_what_is_kept() {
        let mut receiver = DataReceiver::new(4);
        assert_eq!(receiver.push(b"A: b\r\n\r\n..long\r\n.\r\nQUIT\r\n"), Some(19));
        let (message, findings) = receiver.finish();
        assert_eq!(message, b"A: b");
        assert_eq!((findings.octets, findings.header_octets, findings.longest_line_octets), (15, 8, 7));
    }

    #[test]
    fn hops_are_counted_in_the_header_alone() {
        let message = b"Received: a\r\n b\r\nreceived: c\r\nX-Received: d\r\n\r\nReceived: e\r\n.\r\n";
        assert_eq!(receive(&[message]).2.hops, 2);
    }

    #[test]
    fn an_empty_message_ends() {
        assert_eq!(receive(&[b".\r\n"]).0, Some(3));
    }
}
