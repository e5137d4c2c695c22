//! The chains that an address sent, over all connections: RSA and ECDSA, and of several machines behind one address.

use jiff::Timestamp;

use crate::receiving::checks::shared::starttls::{over_tls, stopped};
use crate::receiving::checks::{Inapplicable, Measured, Unknown};
use crate::shared::evidence::TlsVersion;
use crate::shared::evidence::scan::{
    Answer, Certificate, Evidence, Examined, Flight, Path, Probe, RealHandshake, Server, Survey,
};

/// A chain with all that is known of it.
pub(in crate::receiving::checks) struct Chain<'a> {
    /// How it fits the host.
    pub(in crate::receiving::checks) examined: &'a Examined,
    /// Its certificates as they were sent, with their SHA-256.
    pub(in crate::receiving::checks) certificates: Vec<(&'a str, &'a Certificate)>,
    /// Where it was seen first: the real handshake, or the step of a probe.
    from: &'a str,
    /// When it was examined.
    at: Timestamp,
}

impl<'a> Chain<'a> {
    /// The server's own certificate.
    pub(in crate::receiving::checks) fn leaf(&self) -> (&'a str, &'a Certificate) {
        self.certificates[0]
    }

    /// The certificates that a verifier relies on, the server's own first, even if it signed itself: those on the path
    /// that was found, without the root, whose key and signature nobody takes from the wire. Where a DANE-TA record
    /// matches one and no root is reached, the path ends with that one (RFC 7671 §5.2).
    pub(in crate::receiving::checks) fn relied(&self) -> Vec<(&'a str, &'a Certificate)> {
        let mut path = match &self.examined.relied {
            Some(relied) => {
                let sent = |sha256: &String| self.certificates.iter().find(|(of, _)| of == sha256).copied();
                relied.iter().filter_map(sent).collect()
            }
            None => self.by_names(),
        };
        if let Path::Untrusted { .. } = self.examined.path {
            let vouched = |sha256: &str| {
                let mut matched = self.examined.tlsa.iter().filter(|(record, _)| record.usage == 2);
                matched.any(|(_, certificates)| certificates.iter().any(|one| one == sha256))
            };
            if let Some(end) = path.iter().position(|(sha256, _)| vouched(sha256)) {
                path.truncate(end + 1);
            }
        }
        if path.len() > 1 && path.last().is_some_and(|(_, last)| last.self_issued && last.ca) {
            path.pop();
        }
        if path.is_empty() { vec![self.leaf()] } else { path }
    }

    /// The path of evidence from before it was kept: by the names of subjects and issuers. One that was over or had not
    /// begun when a sound path was found was not on it.
    fn by_names(&self) -> Vec<(&'a str, &'a Certificate)> {
        let trusted = matches!(self.examined.path, Path::Trusted { .. });
        let may_lie = |certificate: &Certificate| {
            !trusted || (certificate.not_before..=certificate.not_after).contains(&self.at)
        };
        let mut path = vec![self.leaf()];
        let mut others: Vec<_> = self.certificates[1..].iter().filter(|(_, one)| may_lie(one)).collect();
        while let Some((_, last)) = path.last().filter(|(_, last)| !last.self_issued)
            && let Some(at) = others.iter().position(|(_, other)| other.subject == last.issuer)
        {
            path.push(*others.remove(at));
        }
        path
    }

    /// The certificates that were sent and that no path goes over, a root at the end apart.
    pub(in crate::receiving::checks) fn spare(&self) -> Vec<(&'a str, &'a Certificate)> {
        let relied = self.relied();
        let sent = &self.certificates[..self.certificates.len() - usize::from(self.sends_root())];
        sent.iter().filter(|sent| !relied.contains(sent)).copied().collect()
    }

    /// Whether the last certificate is a root, behind another.
    pub(in crate::receiving::checks) fn sends_root(&self) -> bool {
        let last = self.certificates.last().filter(|_| self.certificates.len() > 1);
        last.is_some_and(|(_, certificate)| certificate.self_issued && certificate.ca)
    }

    /// What was seen of one of its certificates, such as `handshake: certificate CN=mx1.example.net (…): RSA 2048`.
    pub(in crate::receiving::checks) fn line(&self, sent: (&str, &Certificate), what: &str) -> String {
        format!("{}: certificate {}: {what}", self.from, title(sent))
    }

    /// Likewise, of the server's own.
    pub(in crate::receiving::checks) fn own(&self, what: &str) -> String {
        self.line(self.leaf(), what)
    }

    /// The server's own certificate as a row of details begins.
    pub(in crate::receiving::checks) fn title(&self) -> String {
        title(self.leaf())
    }
}

/// A certificate as a row of details begins: subject and the first digits of its SHA-256.
pub(in crate::receiving::checks) fn title((sha256, certificate): (&str, &Certificate)) -> String {
    let digits = sha256.get(..16).unwrap_or(sha256);
    format!("{} ({digits}…)", certificate.subject)
}

/// The chains of an address, each once; never empty. Otherwise why there are none.
pub(in crate::receiving::checks) fn chains<'a>(
    evidence: &'a Evidence,
    server: &'a Server,
) -> Result<Vec<Chain<'a>>, Measured> {
    over_tls(evidence, server)?;
    let sent = Survey::of(server).chains;
    if sent.is_empty() {
        return Err(none(server));
    }
    let cut = Measured::Inconclusive { why: Unknown::Cut };
    let known = |chain: Vec<String>| {
        let examined = evidence.examined(&server.host, &chain)?;
        let certificate = |sha256: &'a String| Some((sha256.as_str(), evidence.certificates.get(sha256)?));
        let certificates = examined.chain.iter().map(certificate).collect::<Option<_>>()?;
        Some(Chain { examined, certificates, from: from(server, &examined.chain), at: evidence.to })
    };
    sent.into_iter().map(known).collect::<Option<_>>().ok_or(cut)
}

/// Where a chain was seen first.
fn from<'a>(server: &'a Server, chain: &[String]) -> &'a str {
    match &server.handshake {
        Some(RealHandshake::Completed(completed)) if completed.chain.first() == chain.first() => "handshake",
        _ => {
            let sent =
                |probe: &&Probe| flight(probe).is_some_and(|flight| flight.chain.first() == chain.first());
            server.probes.iter().find(sent).map_or("-", |probe| &probe.step)
        }
    }
}

fn flights(server: &Server) -> impl Iterator<Item = &Flight> {
    server.probes.iter().filter_map(flight)
}

fn flight(probe: &Probe) -> Option<&Flight> {
    match &probe.answer {
        Answer::Flight(flight) => Some(flight),
        Answer::Renegotiated(renegotiated) => Some(&renegotiated.flight),
        _ => None,
    }
}

/// Why no certificate was seen at an address that does STARTTLS.
fn none(server: &Server) -> Measured {
    if let Some(why) = stopped(server) {
        return Measured::Inconclusive { why };
    }
    // Up to TLS 1.2 certificates are sent in clear: a whole flight without one is anonymous.
    let anonymous = |flight: &Flight| flight.complete && !flight.retry && flight.version < TlsVersion::TLS13;
    let mut flights = flights(server).peekable();
    if flights.peek().is_some() && flights.all(anonymous) {
        return Measured::NotApplicable { why: Inapplicable::NoCertificate };
    }
    let our_limit = matches!(server.handshake, Some(RealHandshake::Failed { our_limit: true, .. }));
    Measured::Inconclusive { why: if our_limit { Unknown::OurLimit } else { Unknown::NoAnswer } }
}
