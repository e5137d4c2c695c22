//! Our resolver, as `check` and `serve` have it without a forwarder.

use std::net::SocketAddr;
use std::sync::Arc;

use mailassay::shared::dial::AddressRules;
use mailassay::shared::dns::{Lookup, Resolver, ResolverSettings, Servers};
use mailassay::shared::evidence::Security;
use mailassay::shared::evidence::scan::{NameAnswer, NameFailure};
use mailassay::shared::time::Timestamp;

use super::Outcome;
use super::plan::Question;
use super::unbound::line;
use super::world::{ROOTS, World};

/// As many as `MAILASSAY_ZOO_TIMES` says, by default two, each with a cache of its own: which server of a zone is asked
/// first is left to chance.
pub(super) fn resolvers(world: &World) -> Vec<Resolver> {
    let times = std::env::var("MAILASSAY_ZOO_TIMES").map_or(2, |times| times.parse().expect("a number"));
    (0..times).map(|_| resolver(world)).collect()
}

fn resolver(world: &World) -> Resolver {
    let servers = Servers::Recursor {
        root_hints: ROOTS.iter().map(|root| SocketAddr::new(root.parse().expect("an address"), 53)).collect(),
        trust_anchors: world.anchor(),
    };
    let allowed = ["198.18.0.0/15", "2001:db8::/32"].map(|network| network.parse().expect("a network"));
    let rules = AddressRules { allowed: allowed.into(), ..AddressRules::default() };
    let settings = ResolverSettings { rules, ..ResolverSettings::new(servers) };
    Resolver::new(settings, Arc::new(Timestamp::now)).expect("a resolver")
}

/// Asks.
pub(super) async fn ask(resolver: &Resolver, question: &Question) -> Outcome {
    let looked = resolver.ask(&question.name, question.rtype).await.looked;
    let is_secure = looked.hops.iter().map(|hop| hop.security).chain([looked.security]);
    let security = match is_secure.into_iter().all(|security| security == Security::Secure) {
        true => "secure",
        false => "insecure",
    };
    let mut records: Vec<String> = looked.hops.iter().map(|hop| hop.to.clone()).collect();
    let (state, reason) = match &looked.answer {
        NameAnswer::Records { records: found } => {
            let mut found: Vec<String> = found.iter().filter_map(line).collect();
            found.sort();
            records.extend(found);
            (security.to_owned(), String::new())
        }
        NameAnswer::NoData => (format!("{security} no-data"), String::new()),
        NameAnswer::NoName => (format!("{security} no-name"), String::new()),
        NameAnswer::NotAsked => ("not asked".to_owned(), String::new()),
        NameAnswer::Failed { failure } => {
            // What unbound says of an alias that fails names no records.
            records.clear();
            (state(failure), format!("{failure:?} {:?}", looked.broken))
        }
    };
    Outcome { state, records, reason }
}

fn state(failure: &NameFailure) -> String {
    match failure {
        NameFailure::Bogus => "bogus".to_owned(),
        NameFailure::Indeterminate { .. } => "indeterminate".to_owned(),
        NameFailure::NoRoot { .. } | NameFailure::ServerFailure { .. } | NameFailure::Timeout => {
            "fails".to_owned()
        }
        NameFailure::OurLimit { limit } => {
            let name = serde_json::to_value(limit).expect("a name");
            format!("our limit: {}", name.as_str().expect("a name"))
        }
    }
}
