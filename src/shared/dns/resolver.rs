//! The resolver: one hop at a time, each validated, with a cache.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use hickory_proto::op::{Message, ResponseCode};
use hickory_proto::rr::{Name, RData, RecordType};
use parking_lot::Mutex;
use tokio::sync::Semaphore;

use super::cache::Cached;
use super::kept::Kept;
use super::lookup::{Asking, Direct, DirectLookup, Lookup, Over, Response};
use super::name_servers::NameServers;
use super::own::{KnownZones, OwnZones};
use super::records::answering;
use super::settings::{ResolverError, ResolverSettings, Servers, upstream};
use super::validate::{
    Aside, Judge, Step, Work, by_cname, by_dname, check_anchors, first_to_expire, is_alias, reduced, validate,
};
use super::{Fault, Question, Upstream, cut, failed, plain};
use crate::shared::evidence::Security;
use crate::shared::evidence::scan::{Broken, DnsLimit, Hop, Looked, NameAnswer, NameFailure};
use crate::shared::time::Timestamp;

/// The longest chain of aliases.
const ALIASES_MAX: usize = 8;

/// Looks up and validates.
pub struct Resolver {
    upstream: Arc<dyn Upstream>,
    trust_anchors: Arc<str>,
    aside: Aside,
    clock: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    lookup_timeout: Duration,
    name_servers: NameServers,
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

    /// Follows aliases to the last owner.
    async fn walk(&self, way: &mut Way, name: &str, rtype: RecordType) -> Result<End, Box<Fault>> {
        let owner = owner(name).map_err(|error| failed(error.to_string()))?;
        let mut owner = owner.to_lowercase();
        owner.set_fqdn(true);
        let walked = self.follow(way, Question { name: owner, rtype });
        let walked = tokio::time::timeout(self.lookup_timeout, walked).await;
        walked.unwrap_or_else(|_| Err(NameFailure::Timeout.into()))
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
                return Ok(End { question, answer, security });
            };
            let judged = self.judge(&step.asked, &step.proof, &work).await;
            if self.is_elsewhere(&judged, &step.asked, &mut times) {
                continue;
            }
            let security =
                judged.as_ref().map_or_else(|fault| fault.failure.security(), |security| *security);
            let (from, to) = (plain(&question.name), plain(&step.target));
            way.hops.push(Hop { from, to, security, dname: step.dname().map(plain) });
            way.last = Some(step.proof);
            judged?;
            if way.hops.iter().any(|hop| hop.from == plain(&step.target)) {
                return Err(failed("the aliases lead nowhere").into());
            }
            if way.hops.len() > ALIASES_MAX {
                return Err(DnsLimit::Aliases.into());
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
        let is_bogus = judged.as_ref().is_err_and(|fault| fault.failure == NameFailure::Bogus);
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
    async fn step(&self, question: &Question, whole: &Message) -> Result<Option<Step>, NameFailure> {
        if let Some(step) = by_dname(whole, &question.name) {
            return step.map(Some).map_err(failed);
        }
        if !is_alias(whole, &question.name) {
            return Ok(None);
        }
        // Asked for by itself, the alias comes with its own proofs and nothing else.
        let itself = Question { name: question.name.clone(), rtype: RecordType::CNAME };
        let answer = self.ask(&itself).await?;
        if let Some(step) = by_dname(&answer, &itself.name) {
            return step.map(Some).map_err(failed);
        }
        let step = by_cname(&answer, &itself);
        step.map(Some).ok_or_else(|| failed("the alias was gone when it was asked for again"))
    }

    /// Asks, and of an error also what the resolver says beside it (RFC 8914).
    async fn asked(&self, question: &Question) -> Result<Message, Box<Fault>> {
        match self.ask(question).await {
            Err(failure @ NameFailure::ServerFailure { .. }) => {
                let mut fault: Box<Fault> = failure.into();
                fault.extended_errors = self.upstream.explain(question.clone()).await;
                Err(fault)
            }
            asked => asked.map_err(Into::into),
        }
    }

    async fn ask(&self, question: &Question) -> Result<Message, NameFailure> {
        let octets = self.upstream.ask(question.clone()).await?;
        let answer = Message::from_vec(&octets).map_err(|error| failed(error.to_string()))?;
        let has = |rtype| answer.authorities.iter().any(|record| record.record_type() == rtype);
        // A referral is no answer, and must not pass for a denial.
        if answer.answers.is_empty() && has(RecordType::NS) && !has(RecordType::SOA) {
            return Err(failed("the server refers to others and does not answer itself"));
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

/// What following aliases has come to.
#[derive(Default)]
struct Way {
    /// The aliases, the last one also if it is bogus.
    hops: Vec<Hop>,
    /// The last answer that was judged, whatever its state.
    last: Option<Message>,
    /// The apex that the last answer shows.
    zone: Option<String>,
}

/// The answer at the last owner.
struct End {
    question: Question,
    answer: Message,
    security: Security,
}

impl End {
    /// The records of the last owner, or their denial.
    fn answer(self) -> NameAnswer<RData> {
        let is_no_name = self.answer.metadata.response_code == ResponseCode::NXDomain;
        let records = answering(self.answer, &self.question);
        match records.is_empty() {
            false => NameAnswer::Records { records },
            true if is_no_name => NameAnswer::NoName,
            true => NameAnswer::NoData,
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
    fn ask<'a>(&'a self, name: &'a str, rtype: RecordType) -> Asking<'a, Response> {
        Box::pin(async move {
            let mut way = Way::default();
            let end = self.walk(&mut way, name, rtype).await;
            let mut looked = Looked {
                name: name.trim_end_matches('.').to_ascii_lowercase(),
                hops: way.hops,
                ..Looked::not_asked("", rtype.to_string())
            };
            match end {
                Ok(end) => {
                    looked.security = end.security;
                    looked.answer = end.answer();
                }
                Err(fault) => fail(&mut looked, *fault),
            }
            if matches!(looked.security, Security::Secure | Security::Bogus) {
                looked.signature = way.last.and_then(|last| first_to_expire(&last, (self.clock)()));
            }
            Response { looked, zone: way.zone }
        })
    }
}

fn fail(looked: &mut Looked<RData>, fault: Fault) {
    looked.extended_errors = fault.extended_errors;
    let failure = if fault.anchored {
        looked.security = fault.failure.security();
        looked.broken = fault.broken;
        fault.failure
    } else {
        // Our own fault is never theirs: wrong anchors, a wrong clock, a network that answers itself.
        let hops = looked.hops.iter_mut().filter(|hop| hop.security == Security::Bogus);
        hops.for_each(|hop| hop.security = Security::Indeterminate);
        NameFailure::Indeterminate {
            reason: "the keys of the trust anchor do not validate from here".to_owned(),
        }
    };
    looked.answer = NameAnswer::Failed { failure: shortened(failure) };
}

/// A failure whose reason is no longer than it may be.
fn shortened(mut failure: NameFailure) -> NameFailure {
    if let NameFailure::Indeterminate { reason }
    | NameFailure::NoRoot { reason }
    | NameFailure::ServerFailure { reason } = &mut failure
    {
        *reason = cut(reason.as_bytes());
    }
    failure
}

impl DirectLookup for Resolver {
    fn ask_server<'a>(
        &'a self,
        server: IpAddr,
        over: Over,
        name: &'a str,
        rtype: RecordType,
    ) -> Asking<'a, Direct> {
        Box::pin(async move {
            match Question::whole(name, rtype) {
                Ok(question) => self.name_servers.ask(server, over, &question).await,
                Err(error) => Direct::Forbidden(error.to_string()),
            }
        })
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
