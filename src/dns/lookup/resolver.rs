//! The resolver: one hop at a time, each validated, with a cache.

use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use hickory_proto::op::{Message, ResponseCode};
use hickory_proto::rr::rdata::CNAME;
use hickory_proto::rr::{Name, RData, Record, RecordType};
use tokio::sync::Semaphore;

use super::cache::Cached;
use super::exchange::{Forwarder, NameServers};
use super::recursor::Recursor;
use super::root;
use super::validate::{Aside, Judge, Work, check_anchors, reduced, validate};
use super::{Alias, Answer, Denial, Failure, Fault, Looking, Lookup, Mx, Question, Upstream, plain, weaker};
use crate::dial::AddressRules;
use crate::evidence::Security;
use crate::evidence::scan::DnsLimit;
use crate::policy::Tlsa;
use crate::trial::Timestamp;

/// Whom to ask.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Servers {
    /// Nobody but the authoritative servers themselves, from the root on.
    Recursor {
        /// The root servers. All servers are asked on their port, which must be one.
        root_hints: Vec<SocketAddr>,
        /// DS or DNSKEY records in master-file format.
        trust_anchors: String,
    },
    /// A resolver of the operator's, or a server that is authoritative for the root and all below it. It is
    /// asked with CD and DO, and what it says is validated here.
    Forwarder {
        /// Asked in this order.
        addresses: Vec<SocketAddr>,
        /// DS or DNSKEY records in master-file format.
        trust_anchors: String,
    },
}

impl Servers {
    /// The addresses of the root servers: those that are named, else those of the public DNS.
    pub fn roots(&self) -> Vec<IpAddr> {
        match self {
            Self::Recursor { root_hints, .. } => root_hints.iter().map(SocketAddr::ip).collect(),
            Self::Forwarder { .. } => root::servers().iter().map(SocketAddr::ip).collect(),
        }
    }
}

impl Default for Servers {
    /// The public DNS.
    fn default() -> Self {
        Self::Recursor { root_hints: root::servers(), trust_anchors: root::TRUST_ANCHORS.to_owned() }
    }
}

/// The resolver's limits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResolverSettings {
    /// Whom to ask.
    pub servers: Servers,
    /// The local addresses to ask a forwarder from, at most one of each family counts. Default none: the
    /// system chooses.
    pub from: Vec<IpAddr>,
    /// Which addresses of name servers may be asked, by the recursor and directly; by default only those that are
    /// globally reachable. Root servers and forwarders that the operator names are always asked.
    pub rules: AddressRules,
    /// The port of name servers that are asked directly. Default 53. With a recursor it is that of the root hints.
    pub name_server_port: u16,
    /// How long a name server that is asked directly may take to answer, in milliseconds. Default 5000.
    pub name_server_timeout_ms: u32,
    /// How long a forwarder may take to answer, in milliseconds; the recursor has times of its own.
    /// Default 2000.
    pub query_timeout_ms: u32,
    /// How often each forwarder is asked before the look-up fails. Default 2.
    pub attempts_max: u32,
    /// How long a look-up may take in all, in seconds. Default 20.
    pub lookup_timeout_s: u32,
    /// How long an answer is kept at most, whatever its TTL, in seconds. Default 3600. Zero: no cache.
    pub cache_ttl_max_s: u32,
    /// How many answers are kept. Default 10 000.
    pub cache_entries_max: usize,
    /// How much of answers is kept, in octets. Default 8 388 608.
    pub cache_octets_max: usize,
    /// How many questions are under way at once; others wait. Default 256: an answer may have 64 KiB.
    pub at_once_max: usize,
    /// How many answers are validated at once, each on a thread beside those that serve; others wait. Default 2.
    pub validating_at_once_max: usize,
}

impl Default for ResolverSettings {
    fn default() -> Self {
        Self::new(Servers::default())
    }
}

impl ResolverSettings {
    /// The defaults for these servers.
    pub fn new(servers: Servers) -> Self {
        Self {
            servers,
            from: Vec::new(),
            rules: AddressRules::default(),
            name_server_port: 53,
            name_server_timeout_ms: 5000,
            query_timeout_ms: 2000,
            attempts_max: 2,
            lookup_timeout_s: 20,
            cache_ttl_max_s: 3600,
            cache_entries_max: 10_000,
            cache_octets_max: 8 * 1024 * 1024,
            at_once_max: 256,
            validating_at_once_max: 2,
        }
    }
}

/// Settings that no resolver can be made from.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ResolverError {
    /// The trust anchors cannot be read.
    #[error(
        "trust anchors: {0}; they are DS or DNSKEY records in master-file format, such as `. IN DS 20326 8 2 E06D…`"
    )]
    Anchors(String),
    /// Root servers on different ports.
    #[error("the root servers are on different ports; all servers are asked on one")]
    Ports,
    /// The recursor cannot begin.
    #[error("the recursor cannot begin: {0}")]
    Recursor(String),
    /// There is no server to ask.
    #[error("no server is named that could be asked; give at least one `address:port`")]
    NoServer,
}

/// What the settings ask for, and its trust anchors.
fn upstream(settings: &ResolverSettings) -> Result<(Box<dyn Upstream>, String), ResolverError> {
    match &settings.servers {
        Servers::Forwarder { addresses, .. } if addresses.is_empty() => Err(ResolverError::NoServer),
        Servers::Forwarder { addresses, trust_anchors } => {
            let forwarder = Forwarder {
                servers: addresses.clone(),
                from: settings.from.clone(),
                timeout: Duration::from_millis(u64::from(settings.query_timeout_ms)),
                attempts_max: settings.attempts_max.max(1),
            };
            Ok((Box::new(forwarder), trust_anchors.clone()))
        }
        Servers::Recursor { root_hints, trust_anchors } => {
            let port = root_hints.first().ok_or(ResolverError::NoServer)?.port();
            if root_hints.iter().any(|hint| hint.port() != port) {
                return Err(ResolverError::Ports);
            }
            let roots: Vec<IpAddr> = root_hints.iter().map(SocketAddr::ip).collect();
            let cache_ttl_max = Duration::from_secs(u64::from(settings.cache_ttl_max_s));
            let recursor = Recursor::new(&roots, port, cache_ttl_max, settings.rules.clone());
            let recursor = recursor.map_err(|error| ResolverError::Recursor(error.to_string()))?;
            Ok((Box::new(recursor), trust_anchors.clone()))
        }
    }
}

/// The longest chain of aliases.
const ALIASES_MAX: usize = 8;

/// Looks up and validates.
pub struct Resolver {
    upstream: Arc<dyn Upstream>,
    trust_anchors: Arc<str>,
    aside: Aside,
    pub(super) clock: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    lookup_timeout: Duration,
    pub(super) name_servers: NameServers,
}

impl Resolver {
    /// A resolver; `clock` tells the age of what is kept.
    pub fn new(
        settings: ResolverSettings,
        clock: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    ) -> Result<Self, ResolverError> {
        let (upstream, trust_anchors) = upstream(&settings)?;
        Self::over(upstream, &trust_anchors, settings, clock)
    }

    /// A resolver over an upstream that is there already.
    pub(super) fn over(
        upstream: Box<dyn Upstream>,
        trust_anchors: &str,
        settings: ResolverSettings,
        clock: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    ) -> Result<Self, ResolverError> {
        check_anchors(trust_anchors).map_err(ResolverError::Anchors)?;
        let cached = Cached {
            upstream,
            ttl_max_s: settings.cache_ttl_max_s,
            entries_max: settings.cache_entries_max,
            clock: Arc::clone(&clock),
            octets_max: settings.cache_octets_max,
            entries: Mutex::default(),
            slots: Semaphore::new(settings.at_once_max.max(1)),
        };
        let lookup_timeout = Duration::from_secs(u64::from(settings.lookup_timeout_s));
        let name_servers = NameServers {
            rules: settings.rules,
            port: match &settings.servers {
                Servers::Recursor { root_hints, .. } => root_hints.first().map_or(53, SocketAddr::port),
                Servers::Forwarder { .. } => settings.name_server_port,
            },
            from: settings.from,
            timeout: Duration::from_millis(u64::from(settings.name_server_timeout_ms)),
        };
        Ok(Self {
            upstream: Arc::new(cached),
            trust_anchors: trust_anchors.into(),
            aside: Aside::new(settings.validating_at_once_max),
            clock,
            lookup_timeout,
            name_servers,
        })
    }

    /// Looks up one type and reads its records.
    async fn look_up<T>(
        &self,
        name: &str,
        rtype: RecordType,
        read: impl Fn(&RData) -> Option<T>,
    ) -> Result<Answer<T>, Failure> {
        let trail = self.walk(name, rtype).await;
        let end = trail.end.map_err(|fault| fault.failure)?;
        let security = trail.hops.iter().fold(end.security, |state, hop| weaker(state, hop.security));
        let records: Vec<T> = end.records().filter_map(read).collect();
        let denial = if records.is_empty() { Some(end.denial()) } else { None };
        Ok(Answer { security, aliases: trail.hops, records, denial })
    }

    /// Follows aliases to the last owner.
    pub(super) async fn walk(&self, name: &str, rtype: RecordType) -> Trail {
        let question = format!("{name} {rtype}");
        let owner = match owner(name) {
            Ok(owner) => owner,
            Err(error) => {
                let failure = Failure::ServerFailure { question, reason: error.to_string() };
                return Trail { hops: Vec::new(), last: None, zone: None, end: Err(failure.into()) };
            }
        };
        let mut owner = owner.to_lowercase();
        owner.set_fqdn(true);
        let mut way = Way::default();
        let walked = self.follow(&mut way, Question { name: owner, rtype });
        let walked = tokio::time::timeout(self.lookup_timeout, walked).await;
        let end = walked.unwrap_or_else(|_| Err(Failure::Timeout { question }.into()));
        Trail { hops: way.hops, last: way.last, zone: way.zone, end }
    }

    async fn follow(&self, way: &mut Way, mut question: Question) -> Result<End, Box<Fault>> {
        let work = Arc::new(Work::default());
        loop {
            let whole = self.ask(&question).await?;
            let alias =
                |record: &Record| record.name == question.name && record.record_type() == RecordType::CNAME;
            if !whole.answers.iter().any(alias) {
                let answer = reduced(&whole, &question);
                way.zone = apex(&answer, &question.name);
                way.last = Some(answer.clone());
                let security = self.judge(&question, &answer, &work).await?;
                return Ok(End { owner: question.name, answer, security });
            }
            // Asked for by itself, the alias comes with its own proofs and nothing else.
            let itself = Question { name: question.name.clone(), rtype: RecordType::CNAME };
            let answer = reduced(&self.ask(&itself).await?, &itself);
            let target = answer.answers.iter().find_map(|record| match &record.data {
                RData::CNAME(CNAME(target)) if record.name == itself.name => Some(target.to_lowercase()),
                _ => None,
            });
            let failed = |reason: &str| Failure::ServerFailure {
                question: question.to_string(),
                reason: reason.to_owned(),
            };
            let target = target.ok_or_else(|| failed("the alias was gone when it was asked for again"))?;
            let judged = self.judge(&itself, &answer, &work).await;
            let security =
                judged.as_ref().map_or_else(|fault| fault.failure.security(), |security| *security);
            way.hops.push(Alias { from: plain(&question.name), to: plain(&target), security });
            way.last = Some(answer);
            judged?;
            if way.hops.iter().any(|hop| hop.from == plain(&target)) {
                return Err(failed("the aliases lead nowhere").into());
            }
            if way.hops.len() > ALIASES_MAX {
                let question = question.to_string();
                return Err(Failure::OurLimit { question, limit: DnsLimit::Aliases }.into());
            }
            question.name = target;
        }
    }

    async fn ask(&self, question: &Question) -> Result<Message, Failure> {
        let octets = self.upstream.ask(question.clone()).await?;
        let failed = |reason: String| Failure::ServerFailure { question: question.to_string(), reason };
        let answer = Message::from_vec(&octets).map_err(|error| failed(error.to_string()))?;
        let has = |rtype| answer.authorities.iter().any(|record| record.record_type() == rtype);
        // A referral is no answer, and must not pass for a denial.
        if answer.answers.is_empty() && has(RecordType::NS) && !has(RecordType::SOA) {
            return Err(failed("the server refers to others and does not answer itself".to_owned()));
        }
        Ok(answer)
    }

    async fn judge(
        &self,
        question: &Question,
        answer: &Message,
        work: &Arc<Work>,
    ) -> Result<Security, Box<Fault>> {
        let judge = Judge {
            upstream: Arc::clone(&self.upstream),
            anchors: Arc::clone(&self.trust_anchors),
            now: (self.clock)(),
            work: Arc::clone(work),
        };
        let validated = validate(&self.aside, judge, question, answer).await;
        match validated {
            Err(mut fault) if fault.broken.is_some() => {
                let said = self.upstream.explain(question.clone()).await;
                fault.extended_errors.extend(said);
                Err(fault)
            }
            validated => validated,
        }
    }
}

/// What following aliases came to.
pub(super) struct Trail {
    /// The aliases, the last one also if it is bogus.
    pub(super) hops: Vec<Alias>,
    /// The last answer that was judged, whatever its state.
    pub(super) last: Option<Message>,
    /// The apex that the last answer shows.
    pub(super) zone: Option<String>,
    /// The records, or their denial.
    pub(super) end: Result<End, Box<Fault>>,
}

/// A trail that is being followed.
#[derive(Default)]
struct Way {
    hops: Vec<Alias>,
    last: Option<Message>,
    zone: Option<String>,
}

/// The answer at the last owner.
pub(super) struct End {
    owner: Name,
    answer: Message,
    pub(super) security: Security,
}

impl End {
    /// The records of the last owner.
    pub(super) fn records(&self) -> impl Iterator<Item = &RData> {
        let owned = self.answer.answers.iter().filter(|record| record.name == self.owner);
        owned.map(|record| &record.data)
    }

    /// How records are denied, if there are none.
    pub(super) fn denial(&self) -> Denial {
        match self.answer.metadata.response_code {
            ResponseCode::NXDomain => Denial::NoName,
            _ => Denial::NoData,
        }
    }
}

/// The apex of the zone that `owner` lies in, where the SOA of an answer shows it.
fn apex(answer: &Message, owner: &Name) -> Option<String> {
    let mut all = answer.answers.iter().chain(&answer.authorities);
    let soa = all.find(|record| record.record_type() == RecordType::SOA && record.name.zone_of(owner));
    soa.map(|record| plain(&record.name))
}

impl Lookup for Resolver {
    fn mx<'a>(&'a self, domain: &'a str) -> Looking<'a, Mx> {
        Box::pin(async move {
            let read = |data: &RData| match data {
                RData::MX(mx) => Some(Mx { preference: mx.preference, host: plain(&mx.exchange) }),
                _ => None,
            };
            let mut answer = self.look_up(domain, RecordType::MX, read).await?;
            answer.records.sort();
            Ok(answer)
        })
    }

    fn addresses<'a>(&'a self, host: &'a str) -> Looking<'a, IpAddr> {
        Box::pin(async move {
            let read = |data: &RData| match data {
                RData::A(address) => Some(IpAddr::V4(address.0)),
                RData::AAAA(address) => Some(IpAddr::V6(address.0)),
                _ => None,
            };
            let (v4, v6) = tokio::join!(
                self.look_up(host, RecordType::A, read),
                self.look_up(host, RecordType::AAAA, read)
            );
            both(v4, v6)
        })
    }

    fn tlsa<'a>(&'a self, host: &'a str) -> Looking<'a, Tlsa> {
        Box::pin(async move {
            let read = |data: &RData| match data {
                RData::TLSA(tlsa) => Some(Tlsa {
                    usage: tlsa.cert_usage.into(),
                    selector: tlsa.selector.into(),
                    matching: tlsa.matching.into(),
                    data: tlsa.cert_data.clone(),
                }),
                _ => None,
            };
            self.look_up(&format!("_25._tcp.{host}"), RecordType::TLSA, read).await
        })
    }

    fn txt<'a>(&'a self, name: &'a str) -> Looking<'a, String> {
        Box::pin(async move {
            let read = |data: &RData| match data {
                RData::TXT(txt) => Some(String::from_utf8_lossy(&txt.txt_data.concat()).into_owned()),
                _ => None,
            };
            self.look_up(name, RecordType::TXT, read).await
        })
    }
}

/// The addresses of both families as one answer.
fn both(
    v4: Result<Answer<IpAddr>, Failure>,
    v6: Result<Answer<IpAddr>, Failure>,
) -> Result<Answer<IpAddr>, Failure> {
    match (v4, v6) {
        (Err(failure @ Failure::Bogus { .. }), _) | (_, Err(failure @ Failure::Bogus { .. })) => Err(failure),
        (Ok(answer), Err(_)) | (Err(_), Ok(answer)) if answer.denial.is_none() => Ok(answer),
        (Err(failure), _) | (_, Err(failure)) => Err(failure),
        (Ok(mut v4), Ok(v6)) => {
            // A denial of one family says nothing of the addresses of the other.
            v4.security = match (v4.denial, v6.denial) {
                (None, Some(_)) => v4.security,
                (Some(_), None) => v6.security,
                _ => weaker(v4.security, v6.security),
            };
            v4.records.extend(v6.records);
            v4.denial = v4.denial.filter(|_| v4.records.is_empty());
            Ok(v4)
        }
    }
}

/// A name as it is asked for. DNS takes any octet (RFC 2181 §11), and a policy may name what no host is called, with
/// a colon or a slash (RFC 7208 §7.1).
fn owner(name: &str) -> Result<Name, hickory_proto::ProtoError> {
    Name::from_ascii(name).or_else(|error| {
        let labels = name.trim_end_matches('.').split('.').map(str::as_bytes);
        Name::from_labels(labels).map_err(|_| error)
    })
}
