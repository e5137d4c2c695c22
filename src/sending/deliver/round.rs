//! One round through the hosts of a domain.

use std::net::IpAddr;

use jiff::Timestamp;

use crate::sending::verdict::model::ruled::{FailedLookup, PolicyKnown, Reaching};
use crate::sending::verdict::model::{Intent, Published, Starttls, TlsaState};
use crate::shared::policy::Policy;

use super::habit::Doing;
use super::resolve::{self, Host, Hosts};
use super::session::{Ended, Plan};
use super::{Delivery, HostAttempt, HostOutcome, Mail, Sender};

/// A round and how far it came.
pub(super) struct Round<'a> {
    sender: &'a Sender,
    mail: &'a Mail<'a>,
    domain: &'a str,
    policy: Option<&'a Policy>,
    /// Whether an earlier attempt refused a certificate, or had no TLS.
    refused: bool,
    now: Timestamp,
    attempts: Vec<HostAttempt>,
    /// How many sessions came to MAIL.
    sessions: usize,
}

impl<'a> Round<'a> {
    pub(super) fn new(
        sender: &'a Sender,
        mail: &'a Mail<'a>,
        domain: &'a str,
        policy: Option<&'a Policy>,
        refused: bool,
        now: Timestamp,
    ) -> Self {
        Self { sender, mail, domain, policy, refused, now, attempts: Vec::new(), sessions: 0 }
    }

    /// Goes through the hosts, in order, until the mail is taken or refused for good, or a limit is reached.
    pub(super) async fn hosts(mut self, mx: &Hosts) -> (Delivery, Vec<HostAttempt>) {
        if let Some(fault) = self.waits(mx).await {
            return (Delivery::Transient(fault), self.attempts);
        }
        for (_, name) in mx.named.iter().take(self.sender.settings.hosts_max) {
            if let Some(delivery) = self.host(name, mx).await {
                return (delivery, self.attempts);
            }
        }
        let last =
            self.attempts.last().map(|attempt| format!("{}: {}", attempt.host, attempt.outcome.reason()));
        (Delivery::Transient(last.unwrap_or_else(|| "there is no host to send to".to_owned())), self.attempts)
    }

    async fn resolved(&self, name: &str, mx: &Hosts) -> Host {
        let Sender { model, habit, lookup, .. } = self.sender;
        let dane = habit.asks_for_tlsa(&model.base);
        let mut host = resolve::host(&**lookup, name, mx, &model.traits, dane).await;
        match model.traits.reach {
            Reaching::NoV6Hosts => host.addresses.retain(IpAddr::is_ipv4),
            Reaching::NoV4Hosts => host.addresses.retain(IpAddr::is_ipv6),
            Reaching::All | Reaching::NoV6Zone | Reaching::NoLargeAnswers => {}
        }
        host
    }

    /// Why the mail waits without any host being called, where that is the sender's way: TLSA records of one of them cannot
    /// be looked up.
    async fn waits(&self, mx: &Hosts) -> Option<String> {
        if self.sender.model.traits.failed_lookup != FailedLookup::HoldsMail {
            return None;
        }
        for (_, name) in mx.named.iter().take(self.sender.settings.hosts_max) {
            let host = self.resolved(name, mx).await;
            if let Some(fault) = host.fault.filter(|_| host.state == TlsaState::Failed) {
                return Some(fault);
            }
        }
        None
    }

    /// One host; what the round comes to, if it ends here.
    async fn host(&mut self, name: &str, mx: &Hosts) -> Option<Delivery> {
        let Sender { model, habit, .. } = self.sender;
        let host = self.resolved(name, mx).await;
        let policy = model.traits.policy_state(self.policy.map(|policy| known(policy, name)));
        let published = Published { tlsa: host.state, policy };
        let intent = model.intends(published);
        let blank = HostAttempt {
            host: name.to_owned(),
            address: None,
            published,
            intent,
            tls: None,
            tls_failed: false,
            outcome: HostOutcome::NoStarttls,
        };
        let Some(doing) = habit.does(intent, self.refused) else {
            let reason = match intent {
                Intent::Unlisted { .. } => "the MTA-STS policy does not list it".to_owned(),
                _ => host.fault.unwrap_or_else(|| "DANE is required and has no usable TLSA".to_owned()),
            };
            return self.push(HostAttempt { outcome: HostOutcome::Avoided(reason), ..blank });
        };
        if host.addresses.is_empty() {
            let reason = host.fault.unwrap_or_else(|| "it has no address".to_owned());
            return self.push(HostAttempt { outcome: HostOutcome::Failed(reason), ..blank });
        }
        for address in host.addresses.iter().take(self.sender.settings.addresses_per_host_max) {
            let plan = self.plan(&host, name, published, doing);
            if let Some(delivery) = self.address(plan, *address, &blank).await {
                return Some(delivery);
            }
        }
        None
    }

    async fn address(&mut self, plan: Plan<'_>, address: IpAddr, blank: &HostAttempt) -> Option<Delivery> {
        let attempt = |ended: &Ended| HostAttempt {
            address: Some(address),
            tls: ended.tls.clone(),
            tls_failed: ended.tls_failed,
            outcome: ended.outcome.clone(),
            ..blank.clone()
        };
        let mut ended = plan.run(address).await;
        let Doing { tls, check, .. } = plan.doing;
        let in_clear = self.sender.model.traits.failed_starttls.goes_in_clear(tls, check, self.refused);
        let again = match ended.outcome {
            HostOutcome::CertificateRefused(_) => self.sender.habit.does_again(plan.doing),
            _ if ended.tls_failed && in_clear => Some(Doing { tls: Starttls::Never, ..plan.doing }),
            _ => None,
        };
        if let Some(doing) = again {
            self.attempts.push(attempt(&ended));
            ended = Plan { doing, ..plan }.run(address).await;
        }
        self.sessions += usize::from(ended.reached_mail);
        let over = self.sessions >= self.sender.settings.sessions_max;
        let reason = format!("{}: {}", blank.host, ended.outcome.reason());
        self.push(attempt(&ended)).or_else(|| over.then_some(Delivery::Transient(reason)))
    }

    fn plan<'p>(&self, host: &'p Host, name: &'p str, published: Published, doing: Doing) -> Plan<'p>
    where
        'a: 'p,
    {
        let Sender { settings, roots, habit, model, .. } = self.sender;
        Plan {
            mail: self.mail,
            ehlo: &settings.ehlo,
            next_hop: self.domain,
            host: name,
            base: &host.base,
            tlsa: &host.tlsa,
            model,
            published,
            policy: self.policy,
            doing,
            habit: *habit,
            dial: &settings.dial,
            roots,
            client: settings.client,
            handshake_s: settings.handshake_s,
            now: self.now,
        }
    }

    fn push(&mut self, attempt: HostAttempt) -> Option<Delivery> {
        let delivery = match &attempt.outcome {
            HostOutcome::Delivered(_) => Some(Delivery::Delivered),
            HostOutcome::Rejected { text, .. } => Some(Delivery::Permanent(text.clone())),
            _ => None,
        };
        self.attempts.push(attempt);
        delivery
    }
}

/// What a policy that was found says of the host `name`. Whether what was fetched is one has been told by then.
fn known(policy: &Policy, name: &str) -> PolicyKnown {
    let below = |pattern: &String| {
        let name = name.trim_end_matches('.').to_ascii_lowercase();
        pattern.strip_prefix('*').is_some_and(|parent| name.ends_with(&parent.to_ascii_lowercase()))
    };
    let listed = policy.lists(name);
    let listed_deep = listed || policy.mx.iter().any(below);
    PolicyKnown { mode: policy.mode, listed, listed_deep, defect: None, oddity: None }
}
