//! The servers of a faked world: the simulated server of the plan's tests, with an SMTP session before it.

use std::net::IpAddr;

use mailassay::shared::evidence::TlsVersion;
use mailassay::shared::evidence::scan::{
    Answer, Authentication, Intrusive, Question, Reach, RealHandshake, Session, SessionFault, SmtpReply,
    Stage,
};
use mailassay::shared::tls::fingerprint;
use serde::Deserialize;

use super::certificates::Chain;
use crate::scan::simulated::{Model, Refuses};

/// `[[server]]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Host {
    /// Its addresses, all of one machine.
    pub(super) ip: Vec<IpAddr>,
    /// Whether it can be reached; otherwise how not.
    #[serde(default)]
    reach: Reachable,
    /// What it is set up like; `tls` says how it differs.
    #[serde(default)]
    like: Like,
    /// Its certificates, at most one of a kind.
    #[serde(default)]
    pub(super) certificates: Vec<String>,
    #[serde(default)]
    tls: Tls,
    #[serde(default)]
    smtp: Smtp,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Reachable {
    #[default]
    Reached,
    Refused,
    TimedOut,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Like {
    #[default]
    Hardened,
    Default,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Tls {
    /// As on the wire, in hexadecimal.
    versions: Option<Vec<String>>,
    suites: Option<Vec<String>>,
    groups: Option<Vec<String>>,
    hashes: Option<Vec<String>>,
    decides: Option<bool>,
    /// The fingerprint and length of its prime.
    prime: Option<(String, u16)>,
    compression: Option<bool>,
    extended_master_secret: Option<bool>,
    secure_renegotiation: Option<bool>,
    renegotiations: Option<u8>,
    injectable: Option<bool>,
    /// Whether it asks for a certificate of the client, in whole handshakes.
    client_certificate: Option<bool>,
    /// What its tickets allow.
    early_data_octets: Option<u32>,
}

/// How its SMTP differs from a sound one. Replies are `CODE text`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Smtp {
    /// How it calls itself.
    name: Option<String>,
    greeting: Option<String>,
    /// What it announces beside STARTTLS.
    announces: Option<Vec<String>>,
    /// Whether it announces STARTTLS.
    starttls_announced: Option<bool>,
    /// At every so many connections only, counted from 1.
    starttls_every: Option<usize>,
    starttls: Option<String>,
    mail: Option<String>,
    /// How many connections it allows before it says 421.
    connections: Option<usize>,
    /// After so many connections it says nothing more.
    silent_after: Option<usize>,
    postmaster: Option<String>,
    unknown_recipient: Option<String>,
    relay: Option<String>,
}

/// A server.
#[derive(Clone, Debug)]
pub(super) struct Server {
    pub(super) host: Host,
    model: Model,
    chains: Vec<(Authentication, Chain)>,
}

fn reply(text: &str) -> SmtpReply {
    let (code, text) = text.split_once(' ').unwrap_or((text, ""));
    SmtpReply { code: code.parse().unwrap(), lines: vec![text.to_owned()] }
}

fn codes(texts: &[String]) -> Vec<u16> {
    texts.iter().map(|text| u16::from_str_radix(text, 16).unwrap()).collect()
}

impl Server {
    pub(super) fn new(host: Host, chains: Vec<(Authentication, Chain)>) -> Self {
        let mut model = match host.like {
            Like::Hardened => Model { groups: vec![0x11ec, 0x1d, 0x17], ..Model::hardened_postfix() },
            Like::Default => Model::default_postfix(),
        };
        model.keys = chains.iter().map(|(kind, _)| *kind).collect();
        model.refuses = Refuses::WithAlert;
        let tls = host.tls.clone();
        if let Some(versions) = &tls.versions {
            model.versions = codes(versions).into_iter().collect();
        }
        if let Some(suites) = &tls.suites {
            model.suites = codes(suites);
        }
        if let Some(groups) = &tls.groups {
            model.groups = codes(groups);
        }
        if let Some(hashes) = tls.hashes {
            model.hashes = hashes.into_iter().map(|hash| &*hash.leak()).collect();
        }
        if let Some((sha256, bits)) = tls.prime {
            model.prime = (sha256.leak(), bits);
        }
        model.decides = tls.decides.unwrap_or(model.decides);
        model.compression = tls.compression.unwrap_or(model.compression);
        model.extended_master_secret = tls.extended_master_secret.unwrap_or(model.extended_master_secret);
        model.secure_renegotiation = tls.secure_renegotiation.unwrap_or(model.secure_renegotiation);
        model.renegotiations = tls.renegotiations.unwrap_or(model.renegotiations);
        model.injectable = tls.injectable.unwrap_or(model.injectable);
        Self { host, model, chains }
    }

    pub(super) fn reach(&self) -> Reach {
        match self.host.reach {
            Reachable::Reached => Reach::Reached,
            Reachable::Refused => Reach::Refused,
            Reachable::TimedOut => Reach::TimedOut,
        }
    }

    /// Whether connection number `nth`, from 0, comes to STARTTLS.
    fn limit(&self, nth: usize) -> Option<SessionFault> {
        let smtp = &self.host.smtp;
        if smtp.connections.is_some_and(|most| nth >= most) {
            let reply = reply("421 4.7.0 too many connections");
            return Some(SessionFault::Reply { stage: Stage::Greeting, reply });
        }
        let silent = smtp.silent_after.is_some_and(|most| nth >= most);
        silent.then_some(SessionFault::TimedOut { stage: Stage::Greeting })
    }

    /// Whether connection number `nth`, from 0, is one at which STARTTLS is announced.
    fn its_turn(&self, nth: usize) -> bool {
        self.host.smtp.starttls_every.is_none_or(|every| (nth + 1).is_multiple_of(every))
    }

    /// The session of connection number `nth`, and the real handshake in it with its chain.
    pub(super) fn session(&self, nth: usize, host: &str) -> (Session, Option<RealHandshake>, Chain) {
        let smtp = &self.host.smtp;
        let mut session = Session::default();
        if let Some(fault) = self.limit(nth) {
            session.fault = Some(fault);
            return (session, None, Chain::new());
        }
        let name = smtp.name.as_deref().unwrap_or(host);
        let greeting = smtp.greeting.as_deref().map_or_else(|| reply(&format!("220 {name} ESMTP")), reply);
        if greeting.code != 220 {
            session.fault = Some(SessionFault::Reply { stage: Stage::Greeting, reply: greeting });
            return (session, None, Chain::new());
        }
        session.greeting = Some(greeting);
        session.greeting_ms = Some(20);
        let announces = smtp.announces.clone().unwrap_or_else(|| {
            ["PIPELINING", "SIZE 52428800", "8BITMIME", "REQUIRETLS", "SMTPUTF8", "CHUNKING"]
                .map(str::to_owned)
                .into()
        });
        let ehlo = |starttls: bool| {
            let mut lines = vec![name.to_owned()];
            lines.extend(announces.iter().cloned());
            if starttls {
                lines.push("STARTTLS".to_owned());
            }
            SmtpReply { code: 250, lines }
        };
        let announced = smtp.starttls_announced.unwrap_or(!self.chains.is_empty()) && self.its_turn(nth);
        session.ehlo = Some(ehlo(announced));
        session.mail_in_clear = Some(
            smtp.mail
                .as_deref()
                .map_or_else(|| reply("530 5.7.0 Must issue a STARTTLS command first"), reply),
        );
        if !announced {
            return (session, None, Chain::new());
        }
        let starttls = smtp.starttls.as_deref().map_or_else(|| reply("220 2.0.0 Ready to start TLS"), reply);
        if starttls.code != 220 {
            session.fault = Some(SessionFault::Reply { stage: Stage::Starttls, reply: starttls.clone() });
        }
        let begun = starttls.code == 220;
        session.starttls = Some(starttls);
        if !begun {
            return (session, None, Chain::new());
        }
        let mut handshake = self.model.handshake();
        let mut chain = Chain::new();
        if let RealHandshake::Completed(completed) = &mut handshake {
            chain = self.sent(&mut completed.chain);
            let octets = if completed.version == TlsVersion::TLS13 { Some(0) } else { None };
            completed.client_certificate = Some(self.host.tls.client_certificate.unwrap_or(false));
            completed.early_data_octets = self.host.tls.early_data_octets.or(octets);
            session.ehlo_in_tls = Some(ehlo(false));
        }
        (session, Some(handshake), chain)
    }

    /// The answer to the question of connection number `nth`, and the chain in it.
    pub(super) fn answer(&self, nth: usize, question: &Question) -> (Answer, Chain) {
        if let Some(fault) = self.limit(nth) {
            return (Answer::NotPut { fault }, Chain::new());
        }
        if !self.its_turn(nth) {
            let reason = "STARTTLS was not announced".to_owned();
            let fault = SessionFault::Garbage { stage: Stage::Starttls, reason };
            return (Answer::NotPut { fault }, Chain::new());
        }
        let mut answer = self.model.answer(question);
        let chain = match (&mut answer, question) {
            // Who sent a key share can read the certificate of TLS 1.3.
            (Answer::Flight(flight), Question::Hello(hello)) if hello.share.is_some() => {
                let mut wanted =
                    hello.schemes.0.iter().filter_map(|scheme| Authentication::of_scheme(*scheme));
                let kind = wanted.find(|kind| self.chains.iter().any(|(own, _)| own == kind));
                flight.chain = kind.map(|kind| format!("{kind:?}")).into_iter().collect();
                self.sent(&mut flight.chain)
            }
            (Answer::Flight(flight), _) => self.sent(&mut flight.chain),
            (Answer::Renegotiated(seen), _) => self.sent(&mut seen.flight.chain),
            _ => Chain::new(),
        };
        (answer, chain)
    }

    /// The model names the kind of certificate; sent is the chain of that kind.
    fn sent(&self, named: &mut Vec<String>) -> Chain {
        let of = |(own, _): &&(Authentication, Chain)| {
            named.first().is_some_and(|kind| *kind == format!("{own:?}"))
        };
        let chain = self.chains.iter().find(of).map(|(_, chain)| chain.clone()).unwrap_or_default();
        *named = chain.iter().map(|der| fingerprint(der)).collect();
        chain
    }

    pub(super) fn intrusive(&self) -> Intrusive {
        let smtp = &self.host.smtp;
        let of = |text: &Option<String>, sound: &str| Some(reply(text.as_deref().unwrap_or(sound)));
        Intrusive {
            postmaster: of(&smtp.postmaster, "250 2.1.5 Ok"),
            unknown_recipient: of(&smtp.unknown_recipient, "550 5.1.1 User unknown"),
            relay: of(&smtp.relay, "554 5.7.1 Relay access denied"),
        }
    }
}
