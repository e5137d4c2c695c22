//! A small world of names as text, which answers as the resolver would.
//!
//! One record a line: `name TYPE data ; state`. Names end in a dot. The state is `secure`, `secure until INSTANT`,
//! `insecure`, `indeterminate`, `timeout`, `servfail`, `ed448` (our limit), or `bogus REASON` with the reasons of [`Broken`] (`expired
//! INSTANT`, `not-yet-valid INSTANT`, `does-not-verify`, `no-signature`, `no-key`, `no-matching-ds`, `no-proof`).
//! Without one it is that of the zone, which is the state of its SOA line; without a zone, `insecure`. All records of
//! a name and type have the state of the first. `name TYPE -` is a denial with a state of its own. A name `*.parent`
//! answers for what does not exist. `#` begins a comment.
//!
//! Name servers answer with the same records at the addresses that they have here. `@ADDRESS silent`, `@ADDRESS
//! no-tcp` and `@ADDRESS forbidden` say otherwise, `@ADDRESS name TYPE data` gives one other records of that type.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Mutex;

use mailassay::shared::dns::{Asking, Direct, DirectLookup, Lookup, Over, RData, RecordType, Response};
use mailassay::shared::evidence::Security;
use mailassay::shared::evidence::scan::{
    Broken, DnsLimit, Hop, LookupResult, NameAnswer, NameFailure, SignatureSeen, Signed,
};

use crate::rdata;

/// The world.
#[derive(Debug, Default)]
pub(crate) struct Zone {
    lines: Vec<Line>,
    servers: Vec<(IpAddr, ServerSays)>,
    /// Every question, such as `example.net MX` and `example.net SOA @192.0.2.53 tcp`, in order.
    pub(crate) asked: Mutex<Vec<String>>,
}

#[derive(Clone, Debug)]
struct Line {
    name: String,
    rtype: String,
    data: String,
    state: Option<State>,
}

#[derive(Debug)]
enum ServerSays {
    Silent,
    NoTcp,
    Forbidden,
    Record(Line),
}

#[derive(Clone, Debug)]
enum State {
    Is(Security),
    Until(jiff::Timestamp),
    Bogus(Broken),
    Failed(NameFailure),
}

impl Zone {
    /// Reads a world; panics where a line cannot be read.
    pub(crate) fn read(text: &str) -> Self {
        let mut zone = Self::default();
        for line in text.lines().map(|line| line.split('#').next().unwrap().trim()) {
            if let Some(rest) = line.strip_prefix('@') {
                let (address, says) = rest.split_once(' ').unwrap_or_else(|| panic!("{line}"));
                let says = match says.trim() {
                    "silent" => ServerSays::Silent,
                    "no-tcp" => ServerSays::NoTcp,
                    "forbidden" => ServerSays::Forbidden,
                    record => ServerSays::Record(Line::read(record)),
                };
                zone.servers.push((address.parse().unwrap(), says));
            } else if !line.is_empty() {
                zone.lines.push(Line::read(line));
            }
        }
        zone
    }

    fn of<'a>(&'a self, name: &str, rtype: &str) -> Vec<&'a Line> {
        let found = |owner: &str| -> Vec<&'a Line> {
            self.lines.iter().filter(|line| line.name == owner && line.rtype == rtype).collect()
        };
        if self.exists(name) {
            return found(name);
        }
        let mut above = name;
        while let Some((_, parent)) = above.split_once('.') {
            let star = format!("*.{parent}");
            if self.lines.iter().any(|line| line.name == star) {
                return found(&star);
            }
            if self.exists(parent) {
                return Vec::new();
            }
            above = parent;
        }
        Vec::new()
    }

    fn exists(&self, name: &str) -> bool {
        let below = format!(".{name}");
        self.lines.iter().any(|line| line.name == name || line.name.ends_with(&below))
    }

    /// The zone that a name lies in.
    fn apex(&self, name: &str) -> Option<&Line> {
        let within = |apex: &str| apex.is_empty() || name == apex || name.ends_with(&format!(".{apex}"));
        let zones = self.lines.iter().filter(|line| line.rtype == "SOA" && within(&line.name));
        zones.max_by_key(|line| line.name.len())
    }

    fn state(&self, name: &str, line: Option<&Line>) -> State {
        let of_zone = || self.apex(name).and_then(|apex| apex.state.clone());
        line.and_then(|line| line.state.clone()).or_else(of_zone).unwrap_or(State::Is(Security::Insecure))
    }

    fn answer(&self, name: &str, rtype: RecordType) -> Response {
        let name = name.trim_end_matches('.').to_ascii_lowercase();
        let mut looked = LookupResult::<RData>::not_asked(name.clone(), rtype.to_string());
        let mut owner = name;
        while let Some(alias) = self.of(&owner, "CNAME").first() {
            let to = plain(&alias.data);
            let state = self.state(&owner, Some(alias));
            let (from, to_name) = (owner.clone(), to.clone());
            looked.hops.push(Hop { from, to: to_name, security: security(&state), dname: None });
            if matches!(state, State::Bogus(_) | State::Failed(_)) || looked.hops.len() > 8 {
                self.judge(&mut looked, &state, &owner);
                return Response { looked, zone: None };
            }
            owner = to;
        }
        let lines = self.of(&owner, &rtype.to_string());
        let records: Vec<RData> =
            lines.iter().filter(|line| line.data != "-").map(|line| line.rdata(rtype)).collect();
        looked.answer = match () {
            () if !records.is_empty() => NameAnswer::Records { records },
            () if self.exists(&owner) || !lines.is_empty() => NameAnswer::NoData,
            () => NameAnswer::NoName,
        };
        self.judge(&mut looked, &self.state(&owner, lines.first().copied()), &owner);
        // DS lies in the zone above, and its denial shows that one.
        let shows = rtype == RecordType::SOA || looked.denied();
        let zone = self.apex(&owner).filter(|_| shows).map(|apex| apex.name.clone());
        Response { looked, zone }
    }

    fn judge(&self, looked: &mut LookupResult<RData>, state: &State, owner: &str) {
        looked.security = security(state);
        let signer = self.apex(owner).map(|apex| apex.name.clone()).unwrap_or_default();
        // A name that exists has an NSEC record of its own; one that does not lies behind the one of another.
        let over = match &looked.answer {
            NameAnswer::NoData => Signed { owner: owner.to_owned(), rtype: "NSEC".to_owned() },
            NameAnswer::NoName => Signed { owner: signer.clone(), rtype: "NSEC".to_owned() },
            _ => Signed { owner: owner.to_owned(), rtype: looked.rtype.clone() },
        };
        let expires = |expiration: jiff::Timestamp| SignatureSeen {
            algorithm: 13,
            key_tag: 4711,
            signer,
            inception: "2020-01-01T00:00:00Z".parse().unwrap(),
            expiration,
            over: Some(over),
        };
        match state {
            State::Is(Security::Secure) => {
                looked.signature = Some(expires("2035-01-01T00:00:00Z".parse().unwrap()));
            }
            State::Is(_) => {}
            State::Until(instant) => looked.signature = Some(expires(*instant)),
            State::Bogus(broken) => {
                looked.answer = NameAnswer::Failed { failure: NameFailure::Bogus };
                looked.broken = Some(broken.clone());
            }
            State::Failed(failure) => looked.answer = NameAnswer::Failed { failure: failure.clone() },
        }
    }

    fn answer_of(&self, server: IpAddr, over: Over, name: &str, rtype: RecordType) -> Direct {
        let says: Vec<&ServerSays> =
            self.servers.iter().filter(|(ip, _)| *ip == server).map(|(_, says)| says).collect();
        let names: BTreeSet<&str> =
            self.lines.iter().filter(|line| line.rtype == "NS").map(|line| line.data.as_str()).collect();
        let known = self.lines.iter().any(|line| {
            matches!(line.rtype.as_str(), "A" | "AAAA")
                && line.data.parse() == Ok(server)
                && names.contains(format!("{}.", line.name).as_str())
        });
        for says in &says {
            match says {
                ServerSays::Forbidden => return Direct::Forbidden("special".to_owned()),
                ServerSays::Silent => return Direct::Silent("no answer in time".to_owned()),
                ServerSays::NoTcp if over == Over::Tcp => return Direct::Silent("refused".to_owned()),
                _ => {}
            }
        }
        if !known {
            return Direct::Silent("no answer in time".to_owned());
        }
        let own = says.iter().filter_map(|says| match says {
            ServerSays::Record(line) if line.name == name && line.rtype == rtype.to_string() => Some(line),
            _ => None,
        });
        let own: Vec<RData> = own.map(|line| line.rdata(rtype)).collect();
        if !own.is_empty() {
            return Direct::Records(own);
        }
        match self.answer(name, rtype).looked.answer {
            NameAnswer::Records { records } => Direct::Records(records),
            _ => Direct::Records(Vec::new()),
        }
    }
}

impl Lookup for Zone {
    fn ask<'a>(&'a self, name: &'a str, rtype: RecordType) -> Asking<'a, Response> {
        self.asked.lock().unwrap().push(format!("{name} {rtype}"));
        Box::pin(async move { self.answer(name, rtype) })
    }
}

impl DirectLookup for Zone {
    fn ask_server<'a>(
        &'a self,
        server: IpAddr,
        over: Over,
        name: &'a str,
        rtype: RecordType,
    ) -> Asking<'a, Direct> {
        let way = if over == Over::Udp { "udp" } else { "tcp" };
        self.asked.lock().unwrap().push(format!("{name} {rtype} @{server} {way}"));
        Box::pin(async move { self.answer_of(server, over, name, rtype) })
    }
}

impl Line {
    fn read(line: &str) -> Self {
        let (record, state) = split_state(line);
        let field = |text: &'_ str| -> Option<(String, String)> {
            let (field, rest) = text.split_once(char::is_whitespace)?;
            Some((field.to_owned(), rest.trim().to_owned()))
        };
        let (name, rest) = field(record).unwrap_or_else(|| panic!("{line}"));
        let (rtype, data) = field(&rest).unwrap_or_else(|| panic!("{line}"));
        Self { name: plain(&name), rtype, data, state: state.map(|state| read_state(state, line)) }
    }

    fn rdata(&self, rtype: RecordType) -> RData {
        rdata::parse(rtype, &self.data)
    }
}

/// The state stands behind the last `;` outside of quotes.
fn split_state(line: &str) -> (&str, Option<&str>) {
    let mut quoted = false;
    let mut at = None;
    for (index, c) in line.char_indices() {
        match c {
            '"' => quoted = !quoted,
            ';' if !quoted => at = Some(index),
            _ => {}
        }
    }
    match at {
        Some(at) => (line[..at].trim(), Some(line[at + 1..].trim())),
        None => (line.trim(), None),
    }
}

fn read_state(state: &str, line: &str) -> State {
    let words: Vec<&str> = state.split_whitespace().collect();
    let instant = |text: &str| text.parse().unwrap_or_else(|_| panic!("{line}"));
    match words[..] {
        ["secure"] => State::Is(Security::Secure),
        ["secure", "until", at] => State::Until(instant(at)),
        ["insecure"] => State::Is(Security::Insecure),
        ["indeterminate"] => State::Is(Security::Indeterminate),
        ["timeout"] => State::Failed(NameFailure::Timeout),
        ["ed448"] => State::Failed(NameFailure::OurLimit { limit: DnsLimit::Ed448 }),
        ["servfail"] => State::Failed(NameFailure::ServerFailure { reason: "Server Failure".to_owned() }),
        ["bogus", "expired", at] => State::Bogus(Broken::Expired { at: instant(at) }),
        ["bogus", "not-yet-valid", at] => State::Bogus(Broken::NotYetValid { at: instant(at) }),
        ["bogus", "does-not-verify"] => State::Bogus(Broken::DoesNotVerify { key_tag: 4711 }),
        ["bogus", "no-signature"] => State::Bogus(Broken::NoSignature),
        ["bogus", "no-key"] => State::Bogus(Broken::NoKey { key_tag: 4711 }),
        ["bogus", "no-matching-ds"] => State::Bogus(Broken::NoMatchingDs { zone: "example.net".to_owned() }),
        ["bogus", "no-proof"] => State::Bogus(Broken::NoProof),
        _ => panic!("no such state: {line}"),
    }
}

fn security(state: &State) -> Security {
    match state {
        State::Is(security) => *security,
        State::Until(_) => Security::Secure,
        State::Bogus(_) => Security::Bogus,
        State::Failed(_) => Security::Indeterminate,
    }
}

fn plain(name: &str) -> String {
    name.trim_end_matches('.').to_ascii_lowercase()
}
