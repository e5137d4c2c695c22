//! What a site has after a while of use: checks of domains that somebody asked for.

use std::time::Duration;

use crate::program::app::clock::Clock;
use crate::program::app::service::Service;
use crate::program::demo::World;
use crate::program::domains::{CheckId, State};

use super::{GLANCE_MS, PATIENCE_MS};

/// A domain, and the page of its check.
pub(super) type Checked = (String, CheckId);

/// Has every domain of the samples checked, as a visitor of the site would, and waits for the results; those that are
/// late are left out.
pub(super) async fn checks(world: &World, service: &Service, clock: &Clock) -> Vec<Checked> {
    let domains = service.domains();
    let mut asked = Vec::new();
    for hosts in &world.hosts {
        match domains.start_trusted(hosts.domain(), clock()).await {
            Ok(id) => asked.push((hosts.domain().to_owned(), id)),
            Err(refused) => {
                tracing::warn!(domain = hosts.domain(), ?refused, "no check of a sample's domain")
            }
        }
    }
    let mut done = Vec::new();
    for _ in 0..PATIENCE_MS / GLANCE_MS {
        let mut open = Vec::new();
        for (domain, id) in asked {
            match domains.state(&id).await {
                Ok(Some(State::Done { .. })) => done.push((domain, id)),
                Ok(Some(State::Queued { .. } | State::Running { .. })) => open.push((domain, id)),
                Ok(Some(State::Failed { .. }) | None) | Err(_) => {}
            }
        }
        asked = open;
        if asked.is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(GLANCE_MS)).await;
    }
    done.sort_by(|(one, _), (other, _)| one.cmp(other));
    done
}
