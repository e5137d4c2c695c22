//! The resolver: one hop at a time, each validated, with a cache.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use hickory_proto::rr::{Name, RData, RecordType};
use parking_lot::Mutex;
use tokio::sync::Semaphore;

use super::follow::{End, Follower, Way};
use super::lookup::{Asking, Direct, DirectLookup, Lookup, Over, Response};
use super::settings::{ResolverError, ResolverSettings, Servers, upstream};
use super::ttl_table::TtlTable;
use super::upstream::{Cached, KnownZones, NameServers, OwnZones, Referral};
use super::validate::{BlockingPool, check_anchors, first_to_expire};
use super::{Fault, Question, Upstream, cut, failed};
use crate::shared::evidence::Security;
use crate::shared::evidence::scan::{LookupResult, NameAnswer, NameFailure};
use crate::shared::time::Timestamp;

/// Looks up and validates.
pub struct Resolver {
    follower: Follower,
    lookup_timeout: Duration,
    name_servers: NameServers,
}

impl Resolver {
    /// A resolver; `clock` tells the age of what is kept.
    ///
    /// # Errors
    ///
    /// If the settings name no server, or trust anchors that do not read.
    pub fn new(
        settings: ResolverSettings,
        clock: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    ) -> Result<Self, ResolverError> {
        let (upstream, trust_anchors) = upstream(&settings, Arc::clone(&clock))?;
        Self::over(upstream, &trust_anchors, settings, clock)
    }

    /// The same, which knows by itself what zones of our own say, and asks nobody for that. What it says of their
    /// names is what they would be told, whether or not they are served already.
    ///
    /// # Errors
    ///
    /// If the settings name no server, or trust anchors that do not read.
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
            answers: Mutex::new(TtlTable::new(settings.cache_entries_max, settings.cache_octets_max)),
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
        let follower = Follower {
            upstream: Arc::new(cached),
            trust_anchors: trust_anchors.into(),
            pool: BlockingPool::new(settings.validating_at_once_max),
            clock,
        };
        Ok(Self { follower, lookup_timeout, name_servers })
    }

    /// Asks one server of a parent zone, without recursion, whom it delegates `zone` to. Nothing is validated.
    ///
    /// # Errors
    ///
    /// Why there is no answer, in words.
    pub async fn referral(&self, server: IpAddr, zone: &str) -> Result<Referral, String> {
        self.name_servers.refer(server, zone).await
    }

    /// Follows aliases to the last owner.
    async fn walk(&self, way: &mut Way, name: &str, rtype: RecordType) -> Result<End, Box<Fault>> {
        let owner = owner(name).map_err(|error| failed(error.to_string()))?;
        let mut owner = owner.to_lowercase();
        owner.set_fqdn(true);
        let walked = self.follower.follow(way, Question { name: owner, rtype });
        let walked = tokio::time::timeout(self.lookup_timeout, walked).await;
        walked.unwrap_or_else(|_| Err(NameFailure::Timeout.into()))
    }
}

impl Lookup for Resolver {
    fn ask<'a>(&'a self, name: &'a str, rtype: RecordType) -> Asking<'a, Response> {
        Box::pin(async move {
            let mut way = Way::default();
            let end = self.walk(&mut way, name, rtype).await;
            let mut looked = LookupResult {
                name: name.trim_end_matches('.').to_ascii_lowercase(),
                hops: way.hops,
                ..LookupResult::not_asked("", rtype.to_string())
            };
            match end {
                Ok(end) => {
                    looked.security = end.security;
                    looked.answer = end.answer();
                }
                Err(fault) => fail(&mut looked, *fault),
            }
            if matches!(looked.security, Security::Secure | Security::Bogus) {
                looked.signature = way.last.and_then(|last| first_to_expire(&last, (self.follower.clock)()));
            }
            Response { looked, zone: way.zone }
        })
    }
}

fn fail(looked: &mut LookupResult<RData>, fault: Fault) {
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
