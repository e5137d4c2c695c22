//! The sample senders: each one mail to both test addresses, tried until it is taken.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

use crate::deliver::{self, Delivery, HostOutcome, Mail, SAMPLES, Sender};
use crate::dns::{Resolver, ResolverError};
use crate::persona::Language;
use crate::smtp::ClientSettings;
use crate::tls::client::Roots;
use crate::trial::Timestamp;
use crate::verdict::sending::Term;
use crate::verdict::sending::model::SenderModel;

use super::{Hosts, World};

/// How long a sample waits between attempts, in milliseconds: longer than the second that tells attempts apart.
pub const RETRY_MS: u64 = 1_700;
/// How often it tries.
const ATTEMPTS_MAX: u32 = 40;

/// A sender of the demo.
#[derive(Clone, Debug)]
pub struct Sample {
    /// What its policy is.
    pub term: Term,
    /// How it decides.
    pub model: SenderModel,
    /// Where it sends from.
    pub address: IpAddr,
    /// The language it asks for.
    pub language: Language,
}

/// The samples: `addresses` gives each its own, the languages take turns.
pub fn samples(address: impl Fn(u8) -> Ipv4Addr) -> Vec<Sample> {
    let sample = |((term, model), n): ((Term, SenderModel), u8)| {
        let language = if n % 2 == 0 { Language::De } else { Language::En };
        Sample { term, model, address: address(n).into(), language }
    };
    SAMPLES.into_iter().zip(1..).map(sample).collect()
}

/// What a sample tells while it works.
pub trait Progress: Send + Sync {
    /// An attempt at a recipient is over.
    fn attempted(&self, sample: &Sample, contacts: usize, last: &str);
    /// Both recipients have the mail, or it was given up.
    fn done(&self, sample: &Sample, played: &Played);
}

/// What a sample did.
#[derive(Clone, Debug)]
pub struct Played {
    /// Who.
    pub sample: Sample,
    /// How many hosts it called.
    pub contacts: usize,
    /// What became of the mail to each recipient.
    pub deliveries: Vec<Delivery>,
    /// How long it took.
    pub took: Duration,
}

impl Sample {
    /// Its domain.
    pub fn domain(&self) -> String {
        format!("{}.test", self.term.name().replace('+', "-and-"))
    }

    /// Its address.
    pub fn mailbox(&self) -> String {
        format!("jim@{}", self.domain())
    }

    /// Sends one mail to both test addresses of `world`, as two deliveries side by side.
    pub async fn send(
        &self,
        world: &World,
        trust_anchors: &str,
        roots: &Roots,
        clock: &Arc<dyn Fn() -> Timestamp + Send + Sync>,
        progress: &dyn Progress,
    ) -> Result<Played, ResolverError> {
        let began = clock();
        let resolver = world.resolver(vec![self.address], trust_anchors.to_owned());
        let lookup = Arc::new(Resolver::new(resolver, Arc::clone(clock))?);
        let settings = deliver::Settings {
            ehlo: format!("mail.{}", self.domain()),
            dial: world.dial(vec![self.address]),
            client: ClientSettings::default(),
            ..deliver::Settings::default()
        };
        let sender = Sender::new(self.model, settings, lookup, roots.clone());
        let origin = world.settings().origin;
        let recipients = ["et", "ut"].map(|case| format!("{}@{case}.{origin}", self.language.tag()));
        let message = self.message(&recipients, began);
        let key = world.hosts_of(&self.domain()).and_then(Hosts::key);
        // A mail that cannot be signed goes as it is, and its verdict says so.
        let signature = key.and_then(|key| key.sign(message.as_bytes()).ok()).unwrap_or_default();
        let message = signature + &message;
        let contacts = std::sync::atomic::AtomicUsize::new(0);
        let deliver = async |to: &str| {
            let from = self.mailbox();
            let mail = Mail { from: Some(&from), to, message: message.as_bytes() };
            let pause = Duration::from_millis(RETRY_MS);
            let seen = |attempt: &deliver::Attempt| {
                let called =
                    attempt.hosts.iter().filter(|host| !matches!(host.outcome, HostOutcome::Avoided(_)));
                let before = contacts.fetch_add(called.clone().count(), std::sync::atomic::Ordering::Relaxed);
                progress.attempted(self, before + called.count(), &last_words(attempt));
            };
            sender.insist(&mail, pause, ATTEMPTS_MAX, &**clock, seen).await
        };
        let (et, ut) = tokio::join!(deliver(&recipients[0]), deliver(&recipients[1]));
        let took = Duration::try_from(clock().duration_since(began)).unwrap_or_default();
        let contacts = contacts.into_inner();
        let played = Played { sample: self.clone(), contacts, deliveries: vec![et, ut], took };
        progress.done(self, &played);
        Ok(played)
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
