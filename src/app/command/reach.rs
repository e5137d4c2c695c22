//! Whether DNS can be asked from here at all.

use std::sync::Arc;
use std::time::Duration;

use crate::app::Clock;
use crate::app::parts::PartError;
use crate::dns::{Kind, Resolver, ResolverSettings, Servers, Survey};
use crate::evidence::scan::{NameAnswer, NameFailure};

/// How long root servers may take to answer, in seconds.
const ANSWER_S: u64 = 10;

/// Why nothing can be asked from here; none: somebody answers, or a resolver of the operator's is to be asked, of whom
/// nobody knows what it can answer.
pub(super) async fn cut_off(settings: &ResolverSettings, clock: &Clock) -> Result<Option<&'static str>, PartError> {
    if matches!(settings.servers, Servers::Forwarder { .. }) {
        return Ok(None);
    }
    let resolver = Resolver::new(settings.clone(), Arc::clone(clock))?;
    let asked = tokio::time::timeout(Duration::from_secs(ANSWER_S), resolver.ask(".", Kind::Ns)).await;
    let silent = match asked.map(|surveyed| surveyed.looked.answer) {
        Ok(NameAnswer::Failed { failure }) => {
            matches!(failure, NameFailure::Timeout | NameFailure::ServerFailure { .. })
        }
        Ok(_) => false,
        Err(_) => true,
    };
    Ok(silent.then_some(
        "this host cannot reach any root server of DNS: is it connected, and is port 53 open outwards, over UDP and TCP?",
    ))
}
