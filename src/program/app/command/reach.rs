//! Whether DNS can be asked from here at all.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;

use crate::program::app::Clock;
use crate::program::app::parts::PartError;
use crate::shared::dns::{Direct, DirectLookup, Over, RecordType, Resolver, ResolverSettings, Servers};

/// How long root servers may take to answer, in seconds.
const ANSWER_S: u64 = 6;

/// Why nothing can be asked from here; none: a root server answers, or a resolver of the operator's is to be asked, of
/// whom nobody knows what it can answer.
pub(super) async fn cut_off(
    settings: &ResolverSettings,
    clock: &Clock,
) -> Result<Option<&'static str>, PartError> {
    let Servers::Recursor { root_hints, .. } = &settings.servers else { return Ok(None) };
    let mut settings = settings.clone();
    settings.name_server_port = root_hints.first().map_or(settings.name_server_port, SocketAddr::port);
    let resolver = Resolver::new(settings.clone(), Arc::clone(clock))?;
    let roots = settings.servers.roots();
    let asked = roots.iter().map(|root| resolver.ask_server(*root, Over::Udp, ".", RecordType::SOA));
    let mut asked: FuturesUnordered<_> = asked.collect();
    let answered = async {
        while let Some(said) = asked.next().await {
            match said {
                Direct::Records(records) if records.is_empty() => {}
                // Of one that may not be asked nothing is known.
                Direct::Records(_) | Direct::Cut | Direct::Forbidden(_) => return true,
                // Whatever stands in a root server's place and knows no root is none.
                Direct::Other(_) | Direct::Silent(_) => {}
            }
        }
        false
    };
    let answered = tokio::time::timeout(Duration::from_secs(ANSWER_S), answered).await.unwrap_or(false);
    Ok((!answered).then_some(
        "this host cannot reach any root server of DNS: is it connected, is port 53 open outwards, over UDP and TCP, or does something else answer in their place?",
    ))
}
