//! The fold: first what was accepted, then what that makes of the refusals, then what is left open.

use std::collections::{BTreeMap, BTreeSet};

use super::super::super::TlsVersion;
use super::super::{Answer, Flight, Question, RealHandshake, Server};
use super::asked::{Asked, Gap, Outcome, PROTOCOL_VERSION, hellos, refused_injection, speaks, ssl2};
use super::families::{Authentication, COMMON_OLD, covers, hash_of_scheme, is_chacha, is_ecdhe, is_signed};
use super::{Chosen, Known, SSL3, Sorted, Survey};

const SSL2: TlsVersion = TlsVersion(0x0002);
/// extended_master_secret (RFC 7627 §5.1).
const EXTENDED_MASTER_SECRET: u16 = 23;
/// renegotiation_info (RFC 5746 §3.2).
const RENEGOTIATION_INFO: u16 = 65281;

pub(super) fn fold(server: &Server) -> Survey {
    let asked = hellos(server);
    let mut survey = Survey {
        speaks: speaks(server),
        versions: BTreeMap::new(),
        suites: BTreeMap::new(),
        groups_13: Sorted::default(),
        groups_old: Sorted::default(),
        hashes: BTreeMap::new(),
        certificates: BTreeMap::new(),
        rest: rest(server),
        choices: Vec::new(),
        server_decides: None,
        favourite_group: None,
        primes: Vec::new(),
        ssl2: Vec::new(),
        compression: Known::Unknown(Gap::NotAsked),
        secure_renegotiation: Known::Unknown(Gap::NotAsked),
        extended_master_secret: Known::Unknown(Gap::NotAsked),
        early_data: early_data(server),
        injected: Known::Unknown(Gap::NotAsked),
        renegotiations: Err(Gap::NotAsked),
        chains: Vec::new(),
    };
    survey.take_handshake(server);
    for (hello, flight) in chosen(&asked) {
        survey.take_flight(hello, flight);
    }
    survey.refuse_versions(&asked);
    let passed_over = passed_over(&asked);
    for asked in &asked {
        survey.take_refusal(asked, &passed_over);
    }
    survey.refuse_what_is_covered();
    for asked in &asked {
        survey.take_gap(asked);
    }
    survey.take_ssl2(server);
    survey.take_renegotiation(server);
    survey.choices = choices(&survey, &asked);
    survey.server_decides = server_decides(&survey, &asked);
    survey.certificates = certificates(&survey, server, &asked);
    survey.compression = compression(&asked, survey.rest);
    survey.secure_renegotiation = extension(&asked, RENEGOTIATION_INFO, SSL3, survey.rest);
    survey.extended_master_secret = extension(&asked, EXTENDED_MASTER_SECRET, TlsVersion::TLS12, survey.rest);
    survey
}

/// Why what was not asked was not.
fn rest(server: &Server) -> Gap {
    match (&server.stopped, &server.session.fault) {
        (Some(stopped), _) => stopped.into(),
        (None, Some(fault)) => fault.into(),
        (None, None) => Gap::NotAsked,
    }
}

fn chosen<'a>(asked: &[Asked<'a>]) -> impl Iterator<Item = (Asked<'a>, &'a Flight)> {
    asked.iter().filter_map(|asked| match asked.outcome {
        Outcome::Chose(flight) => Some((*asked, flight)),
        _ => None,
    })
}

impl Survey {
    fn take_handshake(&mut self, server: &Server) {
        let Some(RealHandshake::Completed(completed)) = &server.handshake else { return };
        self.versions.insert(completed.version, Known::Yes);
        self.suites.entry(completed.version).or_default().accept(completed.suite);
        if let Some(group) = completed.group {
            self.groups_mut(completed.version).accept(group);
        }
        if completed.version == TlsVersion::TLS12
            && let Some(hash) = completed.scheme.and_then(hash_of_scheme)
        {
            self.hashes.insert(hash, Known::Yes);
        }
        self.take_chain(&completed.chain);
        // The client offers both, and a server takes the highest that it has (RFC 8446 §4.2.1).
        if completed.version == TlsVersion::TLS12 {
            self.versions.entry(TlsVersion::TLS13).or_insert(Known::No);
        }
    }

    fn take_flight(&mut self, asked: Asked<'_>, flight: &Flight) {
        self.versions.insert(flight.version, Known::Yes);
        self.suites.entry(flight.version).or_default().accept(flight.suite);
        let tls13 = flight.version == TlsVersion::TLS13;
        if let Some(group) = flight.group {
            self.groups_mut(flight.version).accept(group);
            if tls13 && asked.wide() && self.favourite_group.is_none() {
                self.favourite_group = Some(group);
            }
        }
        if let Some(dh) = &flight.dh
            && !self.primes.contains(dh)
        {
            self.primes.push(dh.clone());
        }
        if flight.version == TlsVersion::TLS12
            && let Some(scheme) = flight.scheme
            && let Some(hash) = hash_of_scheme(scheme)
        {
            self.hashes.insert(hash, Known::Yes);
        }
        self.take_chain(&flight.chain);
    }

    fn take_chain(&mut self, chain: &[String]) {
        if !chain.is_empty() && !self.chains.iter().any(|known| known.first() == chain.first()) {
            self.chains.push(chain.to_vec());
        }
    }

    fn groups_mut(&mut self, version: TlsVersion) -> &mut Sorted {
        if version == TlsVersion::TLS13 { &mut self.groups_13 } else { &mut self.groups_old }
    }

    /// Versions that are refused whatever the suites. What was accepted once stays accepted.
    fn refuse_versions(&mut self, all: &[Asked<'_>]) {
        let mut refused = BTreeSet::new();
        let highest = self.versions().next();
        for asked in all {
            let offered = asked.hello.version;
            match asked.outcome {
                // A server takes the highest version that it has, not above the one offered (RFC 5246 §E.1).
                Outcome::Chose(flight) if flight.version < offered => {
                    refused.extend(versions().filter(|v| flight.version < *v && *v <= offered));
                }
                // "Only versions greater than the client's" (RFC 5246 §E.1): those below, too. Of a server that
                // is not known to have a greater one, it may be that it cannot bear the number.
                Outcome::Refused(Some(PROTOCOL_VERSION)) => {
                    refused.insert(offered);
                    if highest.is_some_and(|highest| highest > offered) {
                        refused.extend(versions().filter(|v| *v < offered));
                    }
                }
                _ => {}
            }
        }
        for version in refused {
            self.versions.entry(version).or_insert(Known::No);
        }
    }

    fn take_refusal(&mut self, asked: &Asked<'_>, passed_over: &BTreeSet<u16>) {
        let hello = asked.hello;
        let version = hello.version;
        let tls13 = version == TlsVersion::TLS13;
        let accepted = self.suites(version).to_vec();
        let has = |suite: &u16| accepted.contains(suite);
        match asked.outcome {
            Outcome::Refused(_) if asked.wide() => {
                let sorted = self.suites.entry(version).or_default();
                sorted.refused.extend(hello.suites.0.iter().filter(|suite| !has(suite)));
            }
            // Only groups were narrow: if a suite of the offer is accepted with others, the groups are refused.
            Outcome::Refused(_) if asked.any_scheme() => {
                let on_curves = tls13 || hello.suites.0.iter().all(|suite| is_ecdhe(*suite));
                let free = |suite: &u16| {
                    tls13
                        || is_ecdhe(*suite) && Authentication::of_suite(*suite) != Some(Authentication::Ecdsa)
                };
                let usable: Vec<u16> = hello.suites.0.iter().copied().filter(has).collect();
                if on_curves && usable.iter().any(free) {
                    self.refuse_groups(tls13, &hello.groups.0);
                } else if on_curves && !usable.is_empty() && !accepted.iter().any(free) {
                    let refused = hello.groups.0.iter().copied().filter(|group| passed_over.contains(group));
                    self.refuse_groups(tls13, &refused.collect::<Vec<_>>());
                }
            }
            // Only schemes were narrow.
            Outcome::Refused(_) if asked.any_group() && version == TlsVersion::TLS12 => {
                let signed = hello.suites.0.iter().all(|suite| is_signed(*suite));
                if signed && hello.suites.0.iter().any(has) {
                    self.refuse_hashes(&hello.schemes.0);
                }
            }
            Outcome::Chose(flight) => {
                // A server that takes another group or hash than offered has none of those offered.
                if let Some(group) = flight.group
                    && !asked.any_group()
                    && !hello.groups.contains(group)
                {
                    self.refuse_groups(tls13, &hello.groups.0);
                }
                if flight.version == TlsVersion::TLS12
                    && let Some(scheme) = flight.scheme
                    && !asked.any_scheme()
                    && !hello.schemes.contains(scheme)
                {
                    self.refuse_hashes(&hello.schemes.0);
                }
            }
            _ => {}
        }
    }

    fn refuse_groups(&mut self, tls13: bool, groups: &[u16]) {
        let sorted = if tls13 { &mut self.groups_13 } else { &mut self.groups_old };
        let fresh = groups.iter().filter(|group| !sorted.accepted.contains(group)).copied();
        sorted.refused.extend(fresh.collect::<Vec<_>>());
    }

    fn refuse_hashes(&mut self, schemes: &[u16]) {
        for hash in schemes.iter().filter_map(|scheme| hash_of_scheme(*scheme)) {
            self.hashes.entry(hash).or_insert(Known::No);
        }
    }

    /// A version is refused if suites that the server accepts in another one were, or suites of every family in use.
    fn refuse_what_is_covered(&mut self) {
        let mut refused = Vec::new();
        for version in versions().filter(|version| self.version(*version).unknown()) {
            let Some(sorted) = self.suites.get(&version) else { continue };
            let elsewhere = |suite: &u16| {
                let accepted_in = |other: &TlsVersion| {
                    *other != TlsVersion::TLS13
                        && (*other < version || COMMON_OLD.contains(suite))
                        && self.suites(*other).contains(suite)
                };
                version != TlsVersion::TLS13 && self.suites.keys().any(accepted_in)
            };
            let offered = |suite: u16| sorted.refused.contains(&suite);
            if sorted.refused.iter().any(elsewhere) || covers(&offered, version) {
                refused.push(version);
            }
        }
        self.versions.extend(refused.into_iter().map(|version| (version, Known::No)));
    }

    fn take_gap(&mut self, asked: &Asked<'_>) {
        let Outcome::Open(gap) = asked.outcome else { return };
        let version = asked.hello.version;
        if asked.wide() {
            self.versions.entry(version).or_insert(Known::Unknown(gap));
            let sorted = self.suites.entry(version).or_default();
            sorted.open.extend(asked.hello.suites.0.iter().map(|suite| (*suite, gap)));
        }
        if version == TlsVersion::TLS13 || !asked.any_group() {
            let groups = &asked.hello.groups.0;
            self.groups_mut(version).open.extend(groups.iter().map(|group| (*group, gap)));
        }
        if version == TlsVersion::TLS12 && !asked.any_scheme() {
            for hash in asked.hello.schemes.0.iter().filter_map(|scheme| hash_of_scheme(*scheme)) {
                self.hashes.entry(hash).or_insert(Known::Unknown(gap));
            }
        }
    }

    fn take_ssl2(&mut self, server: &Server) {
        let known = match ssl2(server) {
            Some(Ok(ciphers)) => {
                self.ssl2 = ciphers.to_vec();
                Known::Yes
            }
            Some(Err(None)) => Known::No,
            Some(Err(Some(gap))) => Known::Unknown(gap),
            None => return,
        };
        self.versions.insert(SSL2, known);
    }

    fn take_renegotiation(&mut self, server: &Server) {
        self.injected = Known::Unknown(self.rest);
        self.renegotiations = Err(self.rest);
        for (at, probe) in server.probes.iter().enumerate() {
            let renegotiates = matches!(probe.question, Question::Renegotiate { .. });
            let inject = probe.question.injects();
            if !renegotiates && !inject {
                continue;
            }
            let executed = |executed: Option<bool>| match executed {
                Some(true) => Known::Yes,
                Some(false) => Known::No,
                None => Known::Unknown(Gap::NoAnswer),
            };
            let injected = match &probe.answer {
                Answer::Renegotiated(seen) => {
                    self.renegotiations = Ok(seen.accepted);
                    executed(seen.injected)
                }
                Answer::Injected { executed: seen } => executed(*seen),
                _ if inject && refused_injection(server, at) => Known::No,
                answer => {
                    let gap = match answer {
                        Answer::NotPut { fault } if inject && fault.refuses_pipelining() => Gap::NoAnswer,
                        Answer::NotPut { fault } => fault.into(),
                        Answer::OurLimit { .. } => Gap::OurLimit,
                        _ => Gap::NoAnswer,
                    };
                    if renegotiates {
                        self.renegotiations = self.renegotiations.or(Err(gap));
                    }
                    Known::Unknown(gap)
                }
            };
            if inject && self.injected.unknown() {
                self.injected = injected;
            }
        }
    }
}

/// The curves that a server below TLS 1.3 did not choose though only the one it chose stood behind them. Refused alone,
/// with a certificate on a curve, they may have been refused for want of the certificate's curve (RFC 8422 §5.3);
/// refused and passed over, they are never used, if all its suites on curves are with such a certificate.
fn passed_over(all: &[Asked<'_>]) -> BTreeSet<u16> {
    let old = chosen(all).filter(|(_, flight)| flight.version < TlsVersion::TLS13);
    old.filter_map(|(asked, flight)| {
        let (last, before) = asked.hello.groups.0.split_last()?;
        (flight.group == Some(*last)).then(|| before.iter().copied())
    })
    .flatten()
    .collect()
}

fn versions() -> impl Iterator<Item = TlsVersion> {
    (SSL3.0..=TlsVersion::TLS13.0).map(TlsVersion)
}

fn early_data(server: &Server) -> Known {
    match &server.handshake {
        Some(RealHandshake::Completed(completed)) => match completed.early_data_octets {
            Some(octets) if octets > 0 => Known::Yes,
            // Without a ticket there is nothing to send early data with (RFC 8446 §2.3).
            _ => Known::No,
        },
        Some(RealHandshake::Failed { our_limit: true, .. }) => Known::Unknown(Gap::OurLimit),
        Some(RealHandshake::Failed { .. }) => Known::Unknown(Gap::NoAnswer),
        None => Known::Unknown(rest(server)),
    }
}

/// The suites that a server accepts in a version, as far as known: also those that it accepts in a lower one, unless
/// they were refused. A server has one list of suites for all versions that can carry them.
fn acceptable(survey: &Survey, version: TlsVersion) -> Vec<u16> {
    let lower = versions().filter(|lower| *lower < version && version < TlsVersion::TLS13);
    let lower = lower.flat_map(|lower| survey.suites(lower)).copied();
    let mut all = survey.suites(version).to_vec();
    for suite in lower.filter(|suite| !survey.suite(version, *suite).no()) {
        if !all.contains(&suite) {
            all.push(suite);
        }
    }
    all
}

/// Choices from wide offers only: a narrow one can force a suite.
fn choices(survey: &Survey, all: &[Asked<'_>]) -> Vec<Chosen> {
    let mut choices = Vec::new();
    for (asked, flight) in chosen(all) {
        if !asked.wide() || asked.hello.version > TlsVersion::TLS12 {
            continue;
        }
        let known = acceptable(survey, flight.version);
        let accepted: Vec<u16> =
            asked.hello.suites.0.iter().copied().filter(|suite| known.contains(suite)).collect();
        let choice = Chosen { version: flight.version, accepted, suite: flight.suite };
        if choice.accepted.len() > 1 && !choices.contains(&choice) {
            choices.push(choice);
        }
    }
    choices
}

/// Two offers of the same suites in another order. A choice of ChaCha20 that the client named first proves
/// nothing: servers that decide may give way there to clients without AES hardware.
fn server_decides(survey: &Survey, all: &[Asked<'_>]) -> Option<bool> {
    let offers: Vec<_> = chosen(all)
        .filter(|(asked, flight)| asked.wide() && flight.version < TlsVersion::TLS13)
        .map(|(asked, flight)| (asked.hello, flight))
        .collect();
    let mut decides = None;
    for (at, (hello, flight)) in offers.iter().enumerate() {
        for (other, second) in &offers[at + 1..] {
            let set = |hello: &super::super::Hello| hello.suites.0.iter().copied().collect::<BTreeSet<_>>();
            if flight.version != second.version || set(hello) != set(other) || hello.suites == other.suites {
                continue;
            }
            let accepted = acceptable(survey, flight.version);
            let order = |hello: &super::super::Hello| -> Vec<u16> {
                hello.suites.0.iter().copied().filter(|suite| accepted.contains(suite)).collect()
            };
            let (first, last) = (order(hello), order(other));
            let gives_way = [(&first, flight), (&last, second)]
                .iter()
                .any(|(order, flight)| order.first() == Some(&flight.suite) && is_chacha(flight.suite));
            if flight.suite != second.suite {
                if !gives_way {
                    return Some(false);
                }
            } else if first.first() != last.first() {
                decides = Some(true);
            }
        }
    }
    decides
}

fn certificates(survey: &Survey, server: &Server, all: &[Asked<'_>]) -> BTreeMap<Authentication, Known> {
    let mut known = BTreeMap::new();
    if let Some(RealHandshake::Completed(completed)) = &server.handshake
        && let Some(own) = completed.scheme.and_then(Authentication::of_scheme)
    {
        known.insert(own, Known::Yes);
    }
    for asked in all {
        // With TLS 1.3 the schemes say which certificate is wanted, below the suites do.
        let narrow = || {
            let mut kinds = asked.hello.schemes.0.iter().map(|scheme| Authentication::of_scheme(*scheme));
            let first = kinds.next()??;
            kinds.all(|kind| kind == Some(first)).then_some(first)
        };
        match asked.outcome {
            Outcome::Chose(flight) if flight.version < TlsVersion::TLS13 => {
                if let Some(own) = Authentication::of_suite(flight.suite) {
                    known.insert(own, Known::Yes);
                }
            }
            Outcome::Chose(_) => {
                if let Some(own) = narrow() {
                    known.insert(own, Known::Yes);
                }
            }
            Outcome::Refused(_) if asked.hello.version == TlsVersion::TLS13 && asked.any_group() => {
                if let Some(other) = narrow() {
                    known.entry(other).or_insert(Known::No);
                }
            }
            _ => {}
        }
    }
    if let Some(version) = survey.old_version() {
        for kind in Authentication::ALL {
            let mut suites = kind.main_suites(version).iter().map(|suite| survey.suite(version, *suite));
            match suites.find(|suite| !suite.no()) {
                None => known.entry(kind).or_insert(Known::No),
                Some(Known::Unknown(gap)) => known.entry(kind).or_insert(Known::Unknown(gap)),
                Some(_) => known.entry(kind).or_insert(Known::Yes),
            };
        }
    }
    known
}

fn compression(all: &[Asked<'_>], rest: Gap) -> Known {
    let mut known = Known::Unknown(rest);
    for (asked, flight) in chosen(all).filter(|(asked, _)| asked.hello.compression) {
        match flight.compression {
            0 if asked.hello.version < TlsVersion::TLS13 => known = Known::No,
            0 => {}
            _ => return Known::Yes,
        }
    }
    known
}

/// Whether the answers of `from` up to TLS 1.2 have an extension that every hello asks for.
fn extension(all: &[Asked<'_>], extension: u16, from: TlsVersion, rest: Gap) -> Known {
    let mut known = Known::Unknown(rest);
    for (_, flight) in chosen(all).filter(|(_, f)| (from..=TlsVersion::TLS12).contains(&f.version)) {
        match flight.extensions.contains(extension) {
            true => return Known::Yes,
            false => known = Known::No,
        }
    }
    known
}
