//! The reference sender: acts on what it resolved and fetched.
//!
//! One [`Sender`] is one way to send mail: a [`SenderModel`] with its [`Traits`], a [`Habit`], a resolver, roots, an address. It makes
//! one attempt at a time ([`Sender::attempt`]); queue and retries are the caller's. It never sees a persona or the
//! catalogue: what it knows of a domain it has asked DNS and the policy host, so that what is concluded from
//! its behaviour can be wrong.

mod habit;
mod outcome;
mod policies;
mod presets;
mod resolve;
mod round;
mod session;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use parking_lot::Mutex;
use sha2::{Digest, Sha256};

use crate::sending::verdict::model::SenderModel;
use crate::sending::verdict::model::ruled::{CaseModel, Retry, Traits};
use crate::shared::dial::{self, FetchLimits};
use crate::shared::dns::Lookup;
use crate::shared::smtp::ClientSettings;
use crate::shared::tls::client::Roots;

pub use habit::Habit;
pub use outcome::{Attempt, Delivery, HostAttempt, HostOutcome};
pub use policies::Policies;
pub use presets::{OURS, SAMPLES};

use policies::{Fetching, Found};
use resolve::NoHosts;
use round::Round;

/// How a sender goes about it.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The name given in EHLO.
    pub ehlo: String,
    /// Outgoing connections.
    pub dial: dial::Settings,
    /// Waits and limits of SMTP.
    pub client: ClientSettings,
    /// The limits of a policy fetch.
    pub fetch: FetchLimits,
    /// How long a handshake may take, in seconds; default 30.
    pub handshake_s: u32,
    /// How many hosts of a domain are considered in one attempt; default 5.
    pub hosts_max: usize,
    /// How many addresses of a host are called in one attempt; default 2.
    pub addresses_per_host_max: usize,
    /// After how many sessions that came to MAIL an attempt ends; default 2 (as Postfix's
    /// `smtp_mx_session_limit`).
    pub sessions_max: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            ehlo: "localhost".to_owned(),
            dial: dial::Settings::default(),
            client: ClientSettings::default(),
            fetch: FetchLimits::default(),
            handshake_s: 30,
            hosts_max: 5,
            addresses_per_host_max: 2,
            sessions_max: 2,
        }
    }
}

/// A mail for one recipient.
#[derive(Clone, Copy, Debug)]
pub struct Mail<'a> {
    /// The reverse-path as `local@domain`; none is the null one.
    pub from: Option<&'a str>,
    /// The recipient as `local@domain`.
    pub to: &'a str,
    /// The message, CRLF line ends, dots not stuffed.
    pub message: &'a [u8],
}

/// One way to send mail.
pub struct Sender {
    model: CaseModel,
    habit: Habit,
    settings: Settings,
    lookup: Arc<dyn Lookup>,
    roots: Roots,
    policies: Policies,
    /// The domains at which a certificate was refused, or TLS failed.
    refused: Mutex<BTreeSet<String>>,
}

/// At how many domains a refused certificate is remembered.
const REFUSED_MAX: usize = 10_000;

impl Sender {
    /// A sender that resolves by `lookup`, trusts `roots`, acts as its model and has no policies yet.
    pub fn new(model: SenderModel, settings: Settings, lookup: Arc<dyn Lookup>, roots: Roots) -> Self {
        let (habit, policies, refused) = (Habit::default(), Policies::default(), Mutex::default());
        let model = CaseModel::usual(model);
        Self { model, habit, settings, lookup, roots, policies, refused }
    }

    /// The same with a habit.
    pub fn with_habit(self, habit: Habit) -> Self {
        Self { habit, ..self }
    }

    /// The same with other traits. What a resolver makes of bogus answers is the resolver's: who validates nothing is to be
    /// given one that does not. The versions of TLS, resumption and what comes behind the answer to STARTTLS are rustls'.
    pub fn with_traits(self, traits: Traits) -> Self {
        let model = CaseModel { traits, ..self.model };
        let laxer = traits.retry == Retry::Laxer && self.habit == Habit::AsItsModel;
        Self { model, habit: if laxer { Habit::LaxerOnNextAttempt } else { self.habit }, ..self }
    }

    /// Tries once to deliver `mail` at `now`. `seed` puts hosts of equal preference in order (RFC 5321 §5.1
    /// wants that random).
    pub async fn attempt(&self, mail: &Mail<'_>, seed: u64, now: Timestamp) -> Attempt {
        let ends = |delivery| Attempt { delivery, hosts: Vec::new(), fetch: None };
        let Some((_, domain)) = mail.to.rsplit_once('@').filter(|(_, domain)| !domain.starts_with('['))
        else {
            return ends(Delivery::Permanent(format!("`{}` has no domain to send to", mail.to)));
        };
        let domain = domain.trim_end_matches('.').to_ascii_lowercase();
        let mut mx = match resolve::hosts(&*self.lookup, &domain, &self.model.traits).await {
            Ok(mx) => mx,
            Err(NoHosts::Transient(reason)) => return ends(Delivery::Transient(reason)),
            Err(NoHosts::Permanent(reason)) => return ends(Delivery::Permanent(reason)),
        };
        mx.named.sort_by_cached_key(|(preference, host)| (*preference, lot(seed, host)));
        let fetches = self.habit.fetches(&self.model.base);
        let found = if fetches { self.policy(&domain, now).await } else { Found::default() };
        let refused = self.has_refused(&domain);
        let round = Round::new(self, mail, &domain, found.policy.as_ref(), refused, now);
        let (delivery, hosts) = round.hosts(&mx).await;
        let failed = |host: &HostAttempt| {
            host.tls_failed || matches!(host.outcome, HostOutcome::CertificateRefused(_))
        };
        if hosts.iter().any(failed) {
            self.remember_refused(domain);
        }
        Attempt { delivery, hosts, fetch: found.fetch }
    }

    /// Tries to deliver `mail` until it is delivered or refused for good, at most `attempts_max` times with
    /// `pause` in between; what the last attempt came to. `seen` is told of every attempt. For the demo; the
    /// queue of real mail outlives a restart and is not here.
    pub async fn insist(
        &self,
        mail: &Mail<'_>,
        pause: Duration,
        attempts_max: u32,
        clock: &(dyn Fn() -> Timestamp + Send + Sync),
        mut seen: impl FnMut(&Attempt),
    ) -> Delivery {
        let mut delivery = Delivery::Transient("there was no attempt".to_owned());
        for n in 0..attempts_max {
            if n > 0 {
                tokio::time::sleep(pause).await;
            }
            let attempt = self.attempt(mail, n.into(), clock()).await;
            seen(&attempt);
            delivery = attempt.delivery;
            if !matches!(delivery, Delivery::Transient(_)) {
                break;
            }
        }
        delivery
    }

    fn has_refused(&self, domain: &str) -> bool {
        self.refused.lock().contains(domain)
    }

    fn remember_refused(&self, domain: String) {
        let mut refused = self.refused.lock();
        if refused.len() >= REFUSED_MAX {
            refused.pop_first();
        }
        refused.insert(domain);
    }

    async fn policy(&self, domain: &str, now: Timestamp) -> Found {
        let fetching = Fetching {
            lookup: &*self.lookup,
            dial: &self.settings.dial,
            roots: &self.roots,
            limits: self.settings.fetch,
            traits: &self.model.traits,
            now,
        };
        self.policies.find(domain, &fetching).await
    }
}

/// The place of `host` among hosts of equal preference.
fn lot(seed: u64, host: &str) -> [u8; 32] {
    Sha256::new().chain_update(seed.to_be_bytes()).chain_update(host).finalize().into()
}
