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
    /// How many octets are NUL.
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
    /// Within the line.
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
mod tests;
