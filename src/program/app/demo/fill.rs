//! What a site has after a while of use: checks of domains that somebody asked for, and providers that its operator
//! published.

use std::time::Duration;

use crate::program::app::clock::Clock;
use crate::program::app::service::Service;
use crate::program::demo::World;
use crate::program::domains::{CheckId, State};

use super::{GLANCE_MS, PATIENCE_MS};

/// Whom the operator publishes: the name, the title, and the sample that it is.
const PROVIDERS: [(&str, &str, &str); 2] =
    [("careful-mail", "Careful Mail", "dane+mta-sts"), ("easy-mail", "Easy Mail", "may")];
/// The day on which they were told: long enough before.
const TOLD: &str = "2026-01-02";

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

/// Publishes providers by the commands that an operator has; gives the names of those that are public.
pub(super) async fn providers(
    world: &World,
    operate: impl AsyncFn(Vec<String>) -> Result<(), String>,
) -> Vec<&'static str> {
    let config = world.configuration_file().display().to_string();
    let mut published = Vec::new();
    for (name, title, sample) in PROVIDERS {
        let Some(sample) = world.samples.iter().find(|known| known.name == sample) else { continue };
        let (domain, contact) = (sample.domain(), format!("postmaster@{}", sample.domain()));
        let add = ["add", name, "--title", title, "--domain", &domain, "--contact", &contact];
        let publish = ["publish", name, "--told", TOLD];
        let words = |words: &[&str]| {
            words.iter().chain(&["--config", &config]).map(|word| (*word).to_owned()).collect()
        };
        let (add, publish) = (words(&add), words(&publish));
        let done = match operate(add).await {
            Ok(()) => operate(publish).await,
            failed => failed,
        };
        match done {
            Ok(()) => published.push(name),
            Err(error) => tracing::warn!(name, error, "a provider of the demo is not public"),
        }
    }
    published
}
