//! What the sample senders do: each one mail to both test addresses, tried until it is taken.

use std::collections::btree_map::{BTreeMap, Entry};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;

use crate::sending::deliver::{self, Delivery, HostOutcome, Mail, Sender};
use crate::shared::dns::{Lookup, Resolver, ResolverError};
use crate::shared::smtp::ClientSettings;
use crate::shared::time::Timestamp;
use crate::shared::tls::client::Roots;

use super::hosts::Hosts;
use super::samples::Sample;
use super::world::World;

/// How long a sample waits between attempts, in milliseconds: longer than the second that tells attempts apart.
pub const RETRY_MS: u64 = 1_700;
/// How often it tries.
const ATTEMPTS_MAX: u32 = 40;

/// The resolvers of the samples, by where they ask from.
///
/// # Errors
/// A resolver cannot be made.
pub fn resolvers(
    world: &World,
    trust_anchors: &str,
    clock: &Arc<dyn Fn() -> Timestamp + Send + Sync>,
) -> Result<BTreeMap<IpAddr, Arc<dyn Lookup>>, ResolverError> {
    let mut resolvers: BTreeMap<IpAddr, Arc<dyn Lookup>> = BTreeMap::new();
    for sample in &world.samples {
        if let Entry::Vacant(place) = resolvers.entry(sample.resolver) {
            let settings = world.resolver(vec![sample.resolver], trust_anchors.to_owned());
            place.insert(Arc::new(Resolver::new(settings, Arc::clone(clock))?));
        }
    }
    Ok(resolvers)
}

/// What a sample tells while it works.
pub trait SampleProgress: Send + Sync {
    /// An attempt at a recipient is over, in which so many hosts were called.
    fn attempted(&self, sample: &Sample, calls: usize, last: &str);
    /// What became of the mail to each recipient, when all is delivered or given up.
    fn done(&self, sample: &Sample, deliveries: &[Delivery]);
}

impl Sample {
    /// Sends one mail to all test addresses of `world`, as a delivery for each side by side.
    pub async fn send(
        &self,
        (world, recipients): (&World, &[String]),
        lookup: Arc<dyn Lookup>,
        roots: &Roots,
        clock: &Arc<dyn Fn() -> Timestamp + Send + Sync>,
        progress: &dyn SampleProgress,
    ) {
        let began = clock();
        let settings = deliver::Settings {
            ehlo: format!("mail.{}", self.domain()),
            dial: world.dial(vec![self.address]),
            client: ClientSettings::default(),
            ..deliver::Settings::default()
        };
        let sender = Sender::new(self.model, settings, lookup, roots.clone()).with_habit(self.habit);
        let message = self.message(recipients, began);
        let key = world.hosts_of(&self.domain()).and_then(Hosts::key);
        // A mail that cannot be signed goes as it is, and its verdict says so.
        let signature = key.and_then(|key| key.sign(message.as_bytes()).ok()).unwrap_or_default();
        let message = signature + &message;
        let deliver = async |to: &str| {
            let from = self.mailbox();
            let mail = Mail { from: Some(&from), to, message: message.as_bytes() };
            let pause = Duration::from_millis(RETRY_MS);
            let seen = |attempt: &deliver::Attempt| {
                let called =
                    attempt.hosts.iter().filter(|host| !matches!(host.outcome, HostOutcome::Avoided(_)));
                progress.attempted(self, called.count(), &last_words(attempt));
            };
            sender.insist(&mail, pause, ATTEMPTS_MAX, &**clock, seen).await
        };
        let deliveries = join_all(recipients.iter().map(|to| deliver(to))).await;
        progress.done(self, &deliveries);
    }

    fn message(&self, recipients: &[String], now: Timestamp) -> String {
        let date = now.strftime("%a, %d %b %Y %H:%M:%S +0000");
        let domain = self.domain();
        format!(
            "From: Jim <jim@{domain}>\r\nTo: {}\r\nSubject: A test\r\nDate: {date}\r\n\
             Message-ID: <{}@{domain}>\r\n\r\nHow do I send?\r\n",
            recipients.join(", "),
            now.as_nanosecond()
        )
    }
}

fn last_words(attempt: &deliver::Attempt) -> String {
    let outcome = |outcome: &HostOutcome| match outcome {
        HostOutcome::Delivered(_) => "taken".to_owned(),
        HostOutcome::Held { code, .. } => format!("held with {code}"),
        HostOutcome::Rejected { code, .. } => format!("rejected with {code}"),
        HostOutcome::CertificateRefused(_) => "certificate refused".to_owned(),
        HostOutcome::NoStarttls => "no STARTTLS".to_owned(),
        HostOutcome::Avoided(_) => "not called".to_owned(),
        HostOutcome::Failed(reason) => reason.clone(),
    };
    match attempt.hosts.last() {
        Some(host) => format!("{}: {}", host.host, outcome(&host.outcome)),
        None => match &attempt.delivery {
            Delivery::Delivered => "taken".to_owned(),
            Delivery::Transient(reason) | Delivery::Permanent(reason) => reason.clone(),
        },
    }
}
