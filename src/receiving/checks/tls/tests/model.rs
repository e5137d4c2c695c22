//! A server as a handful of settings, and everything that can be asked of it.

use crate::receiving::checks::Tables;
use crate::receiving::checks::tests::sample::LEAF;
use crate::receiving::checks::tls::shared::undecided::{carries, groups_of, is_finite_field};
use crate::shared::evidence::scan::{
    Answer, CodePoints, DhParameters, Evidence, Flight, Hello, Probe, Question, RealHandshake, Refusal,
    Renegotiated, Survey,
};
use crate::shared::evidence::{Alert, TlsVersion};

/// handshake_failure and protocol_version (RFC 5246 §7.2.2).
const HANDSHAKE_FAILURE: Alert = Alert(40);
const PROTOCOL_VERSION: Alert = Alert(70);

/// How a server is set up.
#[derive(Clone)]
pub(super) struct Model {
    pub(super) versions: Vec<u16>,
    /// In the server's order, TLS 1.3 apart from the rest.
    pub(super) suites_13: Vec<u16>,
    pub(super) suites: Vec<u16>,
    /// Whether it decides among them.
    pub(super) decides: bool,
    pub(super) groups: Vec<u16>,
    pub(super) schemes: Vec<u16>,
    pub(super) prime: Option<DhParameters>,
    pub(super) compression: bool,
    pub(super) extensions: Vec<u16>,
    pub(super) renegotiations: u8,
    pub(super) injected: bool,
    pub(super) ssl2: bool,
}

impl Model {
    /// TLS 1.3 and 1.2, forward-secret and authenticated suites only.
    pub(super) fn hardened() -> Self {
        Self {
            versions: vec![0x0304, 0x0303],
            suites_13: vec![0x1302, 0x1303, 0x1301],
            suites: vec![0xc02c, 0xcca9, 0xc02b],
            decides: true,
            groups: vec![0x11ec, 0x001d, 0x0017],
            schemes: vec![0x0403, 0x0503],
            prime: None,
            compression: false,
            extensions: vec![23, 65281],
            renegotiations: 0,
            injected: false,
            ssl2: false,
        }
    }

    /// With a prime of its own of 1024 bits.
    pub(super) fn with_prime(mut self) -> Self {
        self.prime = Some(DhParameters { bits: 1024, sha256: "ab".repeat(32), generator: Some(2) });
        self
    }

    fn answer(&self, hello: &Hello) -> Answer {
        let offered = hello.version.0;
        let Some(&version) = self.versions.iter().filter(|version| **version <= offered).max() else {
            return Answer::Alert { alert: PROTOCOL_VERSION };
        };
        // Hand-made hellos of TLS 1.3 offer nothing below it.
        if offered == 0x0304 && version != 0x0304 {
            return Answer::Alert { alert: PROTOCOL_VERSION };
        }
        let refuse = Answer::Alert { alert: HANDSHAKE_FAILURE };
        let own = if version == 0x0304 { &self.suites_13 } else { &self.suites };
        let both: Vec<u16> = match self.decides {
            true => own.iter().copied().filter(|suite| hello.suites.contains(*suite)).collect(),
            false => hello.suites.0.iter().copied().filter(|suite| own.contains(suite)).collect(),
        };
        let table = |suite: u16| Tables::embedded().suite(suite);
        let fits = |suite: &u16| {
            let carried = table(*suite).is_some_and(|suite| carries(TlsVersion(version), suite));
            carried && (!self.on_curve(version, *suite) || self.group(hello).is_some())
        };
        let Some(suite) = both.into_iter().find(fits) else { return refuse };
        let finite = table(suite).is_some_and(is_finite_field);
        let signed = Survey::is_signed(suite);
        let scheme = self.schemes.iter().copied().find(|scheme| hello.schemes.contains(*scheme));
        if version == 0x0303 && signed && scheme.is_none() {
            return refuse;
        }
        Answer::Flight(Flight {
            version: TlsVersion(version),
            suite,
            retry: version == 0x0304,
            group: self.on_curve(version, suite).then(|| self.group(hello)).flatten(),
            dh: self.prime.clone().filter(|_| finite && version < 0x0304),
            scheme: scheme.filter(|_| version == 0x0303 && signed),
            compression: u8::from(hello.compression && self.compression && version < 0x0304),
            extensions: CodePoints(self.extensions.clone()),
            chain: if version < 0x0304 { vec![LEAF.to_owned()] } else { Vec::new() },
            client_certificate: false,
            complete: true,
        })
    }

    fn on_curve(&self, version: u16, suite: u16) -> bool {
        version == 0x0304 || Survey::is_ecdhe(suite)
    }

    fn group(&self, hello: &Hello) -> Option<u16> {
        self.groups.iter().copied().find(|group| hello.groups.contains(*group))
    }

    /// The first address of the sample as this server, asked for everything.
    pub(super) fn play(&self, evidence: &mut Evidence) {
        evidence.examined[0].chain = vec![LEAF.to_owned()];
        let server = &mut evidence.servers[0];
        let rustls =
            self.versions[0] == 0x0304 || self.versions[0] == 0x0303 && Survey::is_ecdhe(self.suites[0]);
        if !rustls {
            let reason = "nothing in common".to_owned();
            server.handshake = Some(RealHandshake::Failed { alert: None, our_limit: true, reason });
        }
        if let Some(RealHandshake::Completed(completed)) = &mut server.handshake {
            completed.chain = vec![LEAF.to_owned()];
            completed.version = TlsVersion(self.versions[0]);
            completed.suite = if self.versions[0] == 0x0304 { self.suites_13[0] } else { self.suites[0] };
            completed.group = self.groups.first().copied();
            completed.scheme = self.schemes.first().copied();
        }
        let probes = &mut server.probes;
        for version in [0x0304, 0x0303, 0x0302, 0x0301, 0x0300] {
            self.strike(probes, version);
        }
        let accepted: Vec<u16> = self.suites.iter().rev().copied().collect();
        probes.push(self.probe("reversed", hello(TlsVersion::TLS12, accepted.clone())));
        probes.push(self.probe("forward", hello(TlsVersion::TLS12, self.suites.clone())));
        probes.push(
            self.probe("deflate", Hello { compression: true, ..hello(TlsVersion::TLS12, accepted.clone()) }),
        );
        for schemes in [[0x0201, 0x0203, 0x0202], [0x0301, 0x0303, 0x0302], [0x0101, 0x0101, 0x0101]] {
            let signed = self.suites.iter().copied().filter(|suite| Survey::is_signed(*suite)).collect();
            let weak = Hello { schemes: CodePoints(schemes.into()), ..hello(TlsVersion::TLS12, signed) };
            probes.push(self.probe("hash", weak));
        }
        let ssl2 = match self.ssl2 {
            true => Answer::Ssl2 { ciphers: vec!["010080".to_owned()], certificate: None },
            false => Answer::Alert { alert: PROTOCOL_VERSION },
        };
        probes.push(Probe { step: "ssl2".to_owned(), question: Question::Ssl2, answer: ssl2 });
        let first = hello(TlsVersion::TLS12, accepted);
        if let Answer::Flight(flight) = self.answer(&first) {
            let refused = (self.renegotiations < 11).then_some(Refusal::Alert { alert: Alert(100) });
            let accepted = self.renegotiations;
            let seen = Renegotiated { flight, accepted, refused, injected: Some(self.injected) };
            probes.push(Probe {
                step: "renegotiate".to_owned(),
                question: Question::Renegotiate { hello: first, tries: 11, inject: true },
                answer: Answer::Renegotiated(seen),
            });
        }
    }

    /// Offers what is left until it is refused: suites, then groups.
    fn strike(&self, probes: &mut Vec<Probe>, version: u16) {
        let wire = TlsVersion(version);
        let carried = Tables::embedded().suites().filter(|suite| carries(wire, suite));
        let mut left: Vec<u16> = carried.map(|suite| suite.code).collect();
        let mut suites = Vec::new();
        loop {
            let probe = self.probe("suites", hello(wire, left.clone()));
            let chosen = chosen(&probe).filter(|flight| flight.version == wire).map(|flight| flight.suite);
            probes.push(probe);
            let Some(suite) = chosen else { break };
            left.retain(|code| *code != suite);
            suites.push(suite);
        }
        suites.retain(|suite| self.on_curve(version, *suite));
        if suites.is_empty() || version < 0x0303 {
            return;
        }
        let mut left: Vec<u16> = groups_of(Tables::embedded(), version == 0x0304).collect();
        loop {
            let narrow = Hello { groups: CodePoints(left.clone()), ..hello(wire, suites.clone()) };
            let probe = self.probe("groups", narrow);
            let group = chosen(&probe).and_then(|flight| flight.group);
            probes.push(probe);
            let Some(group) = group else { break };
            left.retain(|code| *code != group);
        }
        // Beside the curve of its certificate, as the plan asks.
        if version < 0x0304 && self.groups.contains(&0x0017) {
            left.push(0x0017);
            let beside = Hello { groups: CodePoints(left), ..hello(wire, suites) };
            probes.push(self.probe("groups", beside));
        }
    }

    fn probe(&self, step: &str, hello: Hello) -> Probe {
        let answer = self.answer(&hello);
        Probe { step: step.to_owned(), question: Question::Hello(hello), answer }
    }
}

fn chosen(probe: &Probe) -> Option<&Flight> {
    match &probe.answer {
        Answer::Flight(flight) => Some(flight),
        _ => None,
    }
}

/// Narrow in nothing but its suites.
fn hello(version: TlsVersion, suites: Vec<u16>) -> Hello {
    let tls13 = version == TlsVersion::TLS13;
    let schemes = vec![
        0x0804, 0x0805, 0x0806, 0x0401, 0x0501, 0x0601, 0x0403, 0x0503, 0x0603, 0x0807, 0x0201, 0x0203,
        0x0301, 0x0303,
    ];
    Hello {
        version,
        suites: CodePoints(suites),
        groups: groups_of(Tables::embedded(), tls13).collect(),
        schemes: CodePoints(if version >= TlsVersion::TLS12 { schemes } else { Vec::new() }),
        compression: false,
        share: None,
    }
}
