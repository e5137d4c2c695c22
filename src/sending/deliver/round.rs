//! One round through the hosts of a domain.

use std::net::IpAddr;

use jiff::Timestamp;

use crate::sending::verdict::model::{Intent, PolicyState, Published, Starttls};
use crate::shared::policy::{Mode, Policy};

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
    /// Whether an earlier attempt refused a certificate.
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
        for (_, name) in mx.named.iter().take(self.sender.settings.hosts_max) {
            if let Some(delivery) = self.host(name, mx.secure).await {
                return (delivery, self.attempts);
            }
        }
        let last =
            self.attempts.last().map(|attempt| format!("{}: {}", attempt.host, attempt.outcome.reason()));
        (Delivery::Transient(last.unwrap_or_else(|| "there is no host to send to".to_owned())), self.attempts)
    }

    /// One host; what the round comes to, if it ends here.
    async fn host(&mut self, name: &str, mx_secure: bool) -> Option<Delivery> {
        let Sender { model, habit, lookup, .. } = self.sender;
        let host = resolve::host(&**lookup, name, mx_secure, habit.asks_for_tlsa(model)).await;
        let published = Published { tlsa: host.state, policy: self.policy_state(name) };
        let intent = model.intends(published);
        let blank = HostAttempt {
            host: name.to_owned(),
            address: None,
            published,
            intent,
            tls: None,
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
            let plan = self.plan(&host, name, doing);
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
            outcome: ended.outcome.clone(),
            ..blank.clone()
        };
        let mut ended = plan.run(address).await;
        // Opportunistic TLS that asks for no certificate falls back to clear text rather than not to deliver
        // (RFC 7435 §3).
        let Doing { tls, check, .. } = plan.doing;
        let opportunistic = tls == Starttls::IfOffered && !check.webpki && !check.tlsa;
        let again = match ended.outcome {
            HostOutcome::CertificateRefused(_) => self.sender.habit.does_again(plan.doing),
            _ if ended.tls_failed && opportunistic => Some(Doing { tls: Starttls::Never, ..plan.doing }),
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

    fn plan<'p>(&self, host: &'p Host, name: &'p str, doing: Doing) -> Plan<'p>
    where
        'a: 'p,
    {
        let Sender { settings, roots, habit, .. } = self.sender;
        Plan {
            mail: self.mail,
            ehlo: &settings.ehlo,
            next_hop: self.domain,
            host: name,
            base: &host.base,
            tlsa: &host.tlsa,
            doing,
            habit: *habit,
            dial: &settings.dial,
            roots,
            client: settings.client,
            handshake_s: settings.handshake_s,
            now: self.now,
        }
    }

    /// Only a policy in mode enforce binds (RFC 8461 §5).
    fn policy_state(&self, name: &str) -> PolicyState {
        match self.policy {
            Some(policy) if policy.mode == Mode::Enforce && policy.lists(name) => PolicyState::Listed,
            Some(policy) if policy.mode == Mode::Enforce => PolicyState::Unlisted,
            _ => PolicyState::None,
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
