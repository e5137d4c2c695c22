//! A server as a pure model: what it accepts and prefers, and its quirks. Hello in, answer out.

use std::collections::BTreeSet;

use mailassay::receiving::checks::{Suite, Tables, undecided};
use mailassay::receiving::scan::{Next, Plan};
use mailassay::shared::evidence::scan::{
    Answer, Authentication, CodePoints, Completed, DhParameters, Flight, Hello, Probe, Question,
    RealHandshake, Refusal, Renegotiated, Server, SmtpReply, Survey, hash_of_scheme,
};
use mailassay::shared::evidence::{Alert, TlsVersion};

use super::survey::{flight, server};

pub(crate) const TLS12: TlsVersion = TlsVersion::TLS12;
pub(crate) const TLS13: TlsVersion = TlsVersion::TLS13;

/// What it does with an offer that it cannot take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refuses {
    WithAlert,
    ByDrop,
}

/// A server.
#[derive(Clone, Debug)]
pub(crate) struct Model {
    /// SSL 2.0 too.
    pub(crate) versions: BTreeSet<u16>,
    /// Of all versions, by preference.
    pub(crate) suites: Vec<u16>,
    pub(crate) decides: bool,
    /// Gives way to clients that name ChaCha20 first.
    pub(crate) chacha: bool,
    /// By preference, each only in the versions that can carry it.
    pub(crate) groups: Vec<u16>,
    pub(crate) hashes: Vec<&'static str>,
    /// Signs with SHA-256 whatever is offered.
    pub(crate) ignores_schemes: bool,
    pub(crate) keys: Vec<Authentication>,
    /// The curve of the ECDSA key, if a client must offer it below TLS 1.3 (RFC 8422 §5.3).
    pub(crate) key_curve: Option<u16>,
    pub(crate) prime: (&'static str, u16),
    pub(crate) compression: bool,
    pub(crate) extended_master_secret: bool,
    pub(crate) secure_renegotiation: bool,
    pub(crate) renegotiations: u8,
    pub(crate) injectable: bool,
    pub(crate) refuses: Refuses,
    /// Hellos with more suites are dropped.
    pub(crate) chokes_above: usize,
    /// Hellos of a version above are refused instead of answered with a lower one.
    pub(crate) intolerant_above: u16,
}

/// What OpenSSL 3 has at its lowest security level, in the order of its strength.
pub(crate) fn openssl_suites() -> Vec<u16> {
    let has = |suite: &&Suite| {
        let kx = matches!(suite.kx.as_str(), "ECDH" | "DH" | "RSA");
        let auth = matches!(suite.auth.as_str(), "RSA" | "ECDSA" | "None");
        let enc =
            ["AES", "CAMELLIA", "Camellia", "ChaCha", "CHACHA"].iter().any(|enc| suite.enc.starts_with(enc));
        kx && auth && enc && suite.code >> 8 != 0xcc || matches!(suite.code, 0xcca8..=0xccaa)
    };
    let mut suites: Vec<&Suite> = Tables::embedded().suites().filter(|s| !s.tls13()).filter(has).collect();
    suites.sort_by_key(|suite| (std::cmp::Reverse(suite.bits), !suite.aead, !suite.fs, suite.kx != "ECDH"));
    [0x1302, 0x1303, 0x1301].into_iter().chain(suites.into_iter().map(|suite| suite.code)).collect()
}

impl Model {
    /// As Debian's Postfix is out of the box.
    pub(crate) fn default_postfix() -> Self {
        Self {
            versions: [0x0301, 0x0302, 0x0303, 0x0304].into(),
            suites: openssl_suites(),
            decides: true,
            chacha: false,
            groups: vec![0x1d, 0x17, 0x1e, 0x19, 0x18],
            hashes: vec!["SHA-256", "SHA-384", "SHA-512", "SHA-224"],
            ignores_schemes: false,
            keys: vec![Authentication::Rsa],
            key_curve: None,
            prime: ("8ad1", 2048),
            compression: false,
            extended_master_secret: true,
            secure_renegotiation: true,
            renegotiations: 0,
            injectable: false,
            refuses: Refuses::WithAlert,
            chokes_above: usize::MAX,
            intolerant_above: u16::MAX,
        }
    }

    /// As an operator with a guideline at hand sets it.
    pub(crate) fn hardened_postfix() -> Self {
        Self {
            versions: [0x0303, 0x0304].into(),
            suites: vec![0x1302, 0x1303, 0x1301, 0xc02c, 0xc030, 0xcca9, 0xcca8, 0xc02b, 0xc02f],
            hashes: vec!["SHA-256", "SHA-384", "SHA-512"],
            keys: vec![Authentication::Rsa, Authentication::Ecdsa],
            ..Self::default_postfix()
        }
    }

    /// Whether it takes a suite in a version, if groups and schemes are to its liking.
    pub(crate) fn takes(&self, version: TlsVersion, suite: u16) -> bool {
        self.usable(version, suite, &|_| true, &|_| true)
    }

    /// Whether it takes a version with anything at all.
    pub(crate) fn speaks(&self, version: TlsVersion) -> bool {
        self.suites.iter().any(|suite| self.takes(version, *suite))
            && (version == TLS13 || version.0 <= self.intolerant_above)
    }

    /// Its groups in TLS 1.3, or below.
    pub(crate) fn groups_of(&self, tls13: bool) -> Vec<u16> {
        let carried: BTreeSet<u16> = undecided::groups_of(Tables::embedded(), tls13).collect();
        self.groups.iter().copied().filter(|group| carried.contains(group)).collect()
    }

    fn usable(
        &self,
        version: TlsVersion,
        suite: u16,
        group: &dyn Fn(u16) -> bool,
        scheme: &dyn Fn(u16) -> bool,
    ) -> bool {
        let Some(row) = Tables::embedded().suite(suite) else { return false };
        if !self.versions.contains(&version.0)
            || !self.suites.contains(&suite)
            || !undecided::carries(version, row)
        {
            return false;
        }
        let tls13 = version == TLS13;
        let on_curves = tls13 || Survey::is_ecdhe(suite);
        let ecdsa = !tls13 && Authentication::of_suite(suite) == Some(Authentication::Ecdsa);
        let own_curve = !ecdsa || self.key_curve.is_none_or(group);
        let curve = own_curve && (!on_curves || self.groups_of(tls13).into_iter().any(group));
        let key = |key: &Authentication| {
            self.keys.contains(key)
                && (version < TLS12
                    || !(tls13 || Survey::is_signed(suite))
                    || self.ignores_schemes && !tls13
                    || self.scheme(*key, tls13, scheme).is_some())
        };
        let signed = match Authentication::of_suite(suite) {
            Some(kind) => key(&kind),
            None if tls13 => self.keys.iter().any(key),
            // Anonymous: no key is needed. DSS and PSK this server has none for.
            None => row.auth == "None",
        };
        curve && signed
    }

    fn scheme(&self, key: Authentication, tls13: bool, offered: &dyn Fn(u16) -> bool) -> Option<u16> {
        let own = [
            0x0804, 0x0805, 0x0806, 0x0403, 0x0503, 0x0603, 0x0401, 0x0501, 0x0601, 0x0301, 0x0303, 0x0201,
            0x0203, 0x0101,
        ];
        own.into_iter().find(|scheme| {
            Authentication::of_scheme(*scheme) == Some(key)
                && hash_of_scheme(*scheme).is_some_and(|hash| self.hashes.contains(&hash))
                && (!tls13 || matches!(scheme, 0x0804..=0x0806 | 0x0403 | 0x0503 | 0x0603))
                && offered(*scheme)
        })
    }

    fn refusal(&self, alert: u8) -> Answer {
        match self.refuses {
            Refuses::WithAlert => Answer::Alert { alert: Alert(alert) },
            Refuses::ByDrop => Answer::Dropped,
        }
    }

    /// What it says to a question.
    pub(crate) fn answer(&self, question: &Question) -> Answer {
        match question {
            Question::Ssl2 if self.versions.contains(&2) => {
                Answer::Ssl2 { ciphers: vec!["010080".into()], certificate: None }
            }
            Question::Ssl2 => self.refusal(70),
            Question::Hello(hello) => match self.choose(hello) {
                Ok(flight) => Answer::Flight(flight),
                Err(answer) => answer,
            },
            Question::Renegotiate { hello, tries, inject } => match self.choose(hello) {
                Ok(flight) => {
                    let accepted = self.renegotiations.min(*tries);
                    let refused = (accepted < *tries).then_some(Refusal::Alert { alert: Alert(100) });
                    let injected = inject.then_some(self.injectable);
                    Answer::Renegotiated(Renegotiated { flight, accepted, refused, injected })
                }
                // As the mini client takes it: nothing in common.
                Err(Answer::Alert { .. }) => Answer::OurLimit { reason: "nothing in common".into() },
                Err(answer) => answer,
            },
            Question::Inject => match self.handshake() {
                RealHandshake::Completed(_) => Answer::Injected { executed: Some(self.injectable) },
                RealHandshake::Failed { reason, .. } => Answer::OurLimit { reason },
            },
        }
    }

    fn choose(&self, hello: &Hello) -> Result<Flight, Answer> {
        if hello.suites.0.len() > self.chokes_above {
            return Err(Answer::Dropped);
        }
        let legacy = hello.version.min(TLS12);
        if legacy.0 > self.intolerant_above {
            return Err(self.refusal(70));
        }
        let only_13 = hello.suites.0.iter().all(|suite| suite >> 8 == 0x13);
        let highest =
            if hello.version == TLS13 && !self.versions.contains(&TLS13.0) { legacy } else { hello.version };
        if highest < hello.version && only_13 {
            return Err(self.refusal(40));
        }
        let version = self.versions.iter().rev().copied().find(|v| *v >= 0x0300 && *v <= highest.0);
        let version = TlsVersion(version.ok_or_else(|| self.refusal(70))?);
        let group = |group: u16| hello.groups.is_empty() || hello.groups.contains(group);
        let scheme = |scheme: u16| hello.schemes.contains(scheme);
        let usable = |suite: &u16| self.usable(version, *suite, &group, &scheme);
        let offered: Vec<u16> = hello.suites.0.iter().copied().filter(usable).collect();
        let first = *offered.first().ok_or_else(|| self.refusal(40))?;
        let is_chacha = |suite: u16| (0xcca8..=0xccaa).contains(&suite) || suite == 0x1303;
        let preferred = self.suites.iter().copied().filter(|suite| offered.contains(suite));
        let suite = if !self.decides {
            first
        } else if self.chacha && is_chacha(first) {
            preferred.clone().find(|suite| is_chacha(*suite)).unwrap_or(first)
        } else {
            preferred.clone().next().unwrap_or(first)
        };
        Ok(self.flight(hello, version, suite))
    }

    fn flight(&self, hello: &Hello, version: TlsVersion, suite: u16) -> Flight {
        let tls13 = version == TLS13;
        let row = Tables::embedded().suite(suite).unwrap();
        let on_curves = tls13 || Survey::is_ecdhe(suite);
        let groups = self.groups_of(tls13);
        let group = groups.into_iter().find(|group| hello.groups.is_empty() || hello.groups.contains(*group));
        let finite = !tls13 && undecided::is_finite_field(row);
        let kind = Authentication::of_suite(suite);
        let signs = version == TLS12 && Survey::is_signed(suite);
        let scheme = kind.filter(|_| signs).map(|kind| {
            let fixed = if kind == Authentication::Rsa { 0x0401 } else { 0x0403 };
            let chosen = self.scheme(kind, false, &|scheme| hello.schemes.contains(scheme));
            if self.ignores_schemes { fixed } else { chosen.unwrap_or(fixed) }
        });
        let mut extensions = vec![];
        if self.secure_renegotiation && !tls13 {
            extensions.push(65281);
        }
        if self.extended_master_secret && version == TLS12 {
            extensions.push(23);
        }
        Flight {
            group: group.filter(|_| on_curves),
            dh: finite.then(|| DhParameters {
                bits: self.prime.1,
                sha256: self.prime.0.into(),
                generator: Some(2),
            }),
            scheme,
            compression: u8::from(self.compression && hello.compression && !tls13),
            extensions: CodePoints(extensions),
            chain: kind
                .filter(|_| !tls13)
                .map(|kind| vec![format!("{kind:?}")])
                .into_iter()
                .collect::<Vec<_>>()
                .concat(),
            retry: tls13 && hello.share.is_none(),
            ..flight(version, suite)
        }
    }

    /// A real handshake, as rustls offers it.
    pub(crate) fn handshake(&self) -> RealHandshake {
        let hello = |version: TlsVersion, suites: &[u16]| Hello {
            version,
            suites: CodePoints(suites.to_vec()),
            groups: CodePoints(vec![0x11ec, 0x1d, 0x17, 0x18]),
            schemes: CodePoints(vec![0x0403, 0x0503, 0x0603, 0x0804, 0x0805, 0x0806, 0x0401, 0x0501, 0x0601]),
            compression: false,
            share: Some(0x11ec),
        };
        let suites = [0xc02b, 0xc02c, 0xc02f, 0xc030, 0xcca8, 0xcca9];
        let modern = hello(TLS13, &[0x1301, 0x1302, 0x1303]);
        let flight = match self.versions.contains(&TLS13.0) {
            true => self.choose(&modern),
            false => self.choose(&hello(TLS12, &suites)),
        };
        match flight {
            Ok(flight) => {
                let scheme = flight.scheme.or_else(|| {
                    let offered = |scheme| modern.schemes.contains(scheme);
                    self.keys.iter().find_map(|key| self.scheme(*key, true, &offered))
                });
                let own = scheme.and_then(Authentication::of_scheme);
                RealHandshake::Completed(Completed {
                    version: flight.version,
                    suite: flight.suite,
                    group: flight.group,
                    scheme,
                    chain: own.map(|kind| vec![format!("{kind:?}")]).unwrap_or_default(),
                    ocsp: false,
                    client_certificate: Some(false),
                    early_data_octets: Some(0),
                })
            }
            Err(_) => {
                RealHandshake::Failed { alert: None, our_limit: true, reason: "nothing in common".into() }
            }
        }
    }

    /// All that `plan` asks of it.
    pub(crate) fn scan(&self, plan: &Plan) -> Server {
        play(plan, Some(self.handshake()), |_, question| self.answer(question))
    }
}

/// What a plan asks of a server, whose answers are a function of step and question.
pub(crate) fn play(
    plan: &Plan,
    handshake: Option<RealHandshake>,
    mut answer: impl FnMut(&str, &Question) -> Answer,
) -> Server {
    let mut server = server(vec![]);
    server.connections = 0;
    loop {
        match plan.next(&server) {
            Next::Session => {
                let reply = |code| Some(SmtpReply { code, lines: vec![] });
                server.session.greeting = reply(220);
                server.session.ehlo = reply(250);
                server.session.starttls = reply(220);
                server.handshake.clone_from(&handshake);
            }
            Next::Ask { step, question } => {
                let answer = answer(&step, &question);
                server.probes.push(Probe { step, question, answer });
            }
            Next::Done { stopped } => {
                server.unasked = plan.unasked(&server);
                server.stopped = stopped;
                return server;
            }
        }
        server.connections += 1;
        assert!(server.connections < 2000, "the plan does not end: {:#?}", server.probes.last());
    }
}
