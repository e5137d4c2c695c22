//! The resolver: one hop at a time, each validated, with a cache.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use hickory_proto::op::{Message, ResponseCode};
use hickory_proto::rr::{Name, RData, RecordType};
use parking_lot::Mutex;
use tokio::sync::Semaphore;

use super::cache::Cached;
use super::exchange::NameServers;
use super::kept::Kept;
use super::own::{KnownZones, OwnZones};
use super::settings::{ResolverError, ResolverSettings, Servers, upstream};
use super::validate::{
    Aside, Judge, Step, Work, by_cname, by_dname, check_anchors, is_alias, reduced, validate,
};
use super::{Alias, Answer, Denial, Failure, Fault, Looking, Lookup, Mx, Question, Upstream, plain, weaker};
use crate::shared::evidence::Security;
use crate::shared::evidence::scan::{Broken, DnsLimit};
use crate::shared::policy::Tlsa;
use crate::shared::time::Timestamp;

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
        let (upstream, trust_anchors) = upstream(&settings, Arc::clone(&clock))?;
        Self::over(upstream, &trust_anchors, settings, clock)
    }

    /// The same, which knows by itself what zones of our own say, and asks nobody for that. What it says of their
    /// names is what they would be told, whether or not they are served already.
    pub fn with_own_zones(
        settings: ResolverSettings,
        known: Arc<dyn KnownZones>,
        clock: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    ) -> Result<Self, ResolverError> {
        let (beyond, trust_anchors) = upstream(&settings, Arc::clone(&clock))?;
        Self::over(Box::new(OwnZones { known, beyond }), &trust_anchors, settings, clock)
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
            clock: Arc::clone(&clock),
            answers: Mutex::new(Kept::new(settings.cache_entries_max, settings.cache_octets_max)),
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
        let mut times = 0;
        loop {
            let whole = self.asked(&question).await?;
            let Some(step) = self.step(&question, &whole).await? else {
                let mut answer = reduced(&whole, &question);
                way.zone = apex(&answer, &question.name);
                way.last = Some(answer.clone());
                let judged = self.judge_last(&question, &mut answer, &work).await;
                if self.is_elsewhere(&judged, &question, &mut times) {
                    continue;
                }
                let security = judged?;
                return Ok(End { owner: question.name, answer, security });
            };
            let judged = self.judge(&step.asked, &step.proof, &work).await;
            if self.is_elsewhere(&judged, &step.asked, &mut times) {
                continue;
            }
            let security =
                judged.as_ref().map_or_else(|fault| fault.failure.security(), |security| *security);
            let (from, to) = (plain(&question.name), plain(&step.target));
            way.hops.push(Alias { from, to, security, dname: step.dname().map(plain) });
            way.last = Some(step.proof);
            judged?;
            if way.hops.iter().any(|hop| hop.from == plain(&step.target)) {
                return Err(failed(&question, "the aliases lead nowhere").into());
            }
            if way.hops.len() > ALIASES_MAX {
                let question = question.to_string();
                return Err(Failure::OurLimit { question, limit: DnsLimit::Aliases }.into());
            }
            question.name = step.target;
            times = 0;
        }
    }

    /// Whether other servers are to be asked for what was found bogus: one of several may serve an old copy of the
    /// zone.
    fn is_elsewhere(
        &self,
        judged: &Result<Security, Box<Fault>>,
        asked: &Question,
        times: &mut usize,
    ) -> bool {
        let is_bogus = judged.as_ref().is_err_and(|fault| matches!(fault.failure, Failure::Bogus { .. }));
        let elsewhere = is_bogus && !self.upstream.distrust(asked, *times).is_empty();
        *times += usize::from(elsewhere);
        elsewhere
    }

    /// Judges what the aliases lead to. Some servers say of an empty non-terminal that there is no such name, and prove
    /// that there is no such type (RFC 8020 §5): what is proved counts.
    async fn judge_last(
        &self,
        question: &Question,
        answer: &mut Message,
        work: &Arc<Work>,
    ) -> Result<Security, Box<Fault>> {
        let judged = self.judge(question, answer, work).await;
        let is_no_name = answer.metadata.response_code == ResponseCode::NXDomain && answer.answers.is_empty();
        match judged {
            Err(fault) if is_no_name && fault.broken == Some(Broken::NoProof) => {
                let mut no_data = answer.clone();
                no_data.metadata.response_code = ResponseCode::NoError;
                match self.judge(question, &no_data, work).await {
                    Ok(Security::Secure) => {
                        *answer = no_data;
                        Ok(Security::Secure)
                    }
                    _ => Err(fault),
                }
            }
            judged => judged,
        }
    }

    /// The alias that an answer to `question` begins with, by a CNAME or by a DNAME above (RFC 6672).
    async fn step(&self, question: &Question, whole: &Message) -> Result<Option<Step>, Failure> {
        let unusable = |reason| failed(question, reason);
        if let Some(step) = by_dname(whole, &question.name) {
            return step.map(Some).map_err(unusable);
        }
        if !is_alias(whole, &question.name) {
            return Ok(None);
        }
        // Asked for by itself, the alias comes with its own proofs and nothing else.
        let itself = Question { name: question.name.clone(), rtype: RecordType::CNAME };
        let answer = self.ask(&itself).await?;
        if let Some(step) = by_dname(&answer, &itself.name) {
            return step.map(Some).map_err(unusable);
        }
        let step = by_cname(&answer, &itself);
        step.map(Some).ok_or_else(|| unusable("the alias was gone when it was asked for again"))
    }

    /// Asks, and of an error also what the resolver says beside it (RFC 8914).
    async fn asked(&self, question: &Question) -> Result<Message, Box<Fault>> {
        match self.ask(question).await {
            Err(failure @ Failure::ServerFailure { .. }) => {
                let extended_errors = self.upstream.explain(question.clone()).await;
                Err(Box::new(Fault { extended_errors, ..failure.into() }))
            }
            asked => asked.map_err(Into::into),
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

fn failed(question: &Question, reason: &str) -> Failure {
    Failure::ServerFailure { question: question.to_string(), reason: reason.to_owned() }
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
