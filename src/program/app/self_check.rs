//! The service looks at itself as a sender would. What is red here explains what senders do, and the judge
//! holds nothing against them that it could explain.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::time::Duration;

use ipnet::IpNet;

use crate::program::config::Settings;
use crate::sending::authority::{Authority, NameServer};
use crate::sending::history::{SelfCheck, SelfChecked};
use crate::sending::identities::Identities;
use crate::sending::persona::{Case, Catalogue, Dnssec, Persona};
use crate::sending::trials::Attribution;
use crate::shared::dial::{self, FetchLimits};
use crate::shared::dns::Lookup;
use crate::shared::evidence::scan::{LookupResult, NameAnswer};
use crate::shared::evidence::{FetchOutcome, Security};
use crate::shared::policy::{MtaStsRecord, Policy};
use crate::shared::time::Timestamp;
use crate::shared::tls::client::Roots;

/// How long all of it may take, in seconds; then what was not reached is red.
const ALL_S_MAX: u64 = 50;

/// What a self-check works with.
pub struct Mirror<'a> {
    pub settings: &'a Settings,
    /// Personas and cases.
    pub catalogue: &'a Catalogue,
    /// What is shown in TLS.
    pub identities: &'a Identities,
    /// Our own zones.
    pub authority: &'a Authority,
    /// A resolver that validates, as a sender would use one.
    pub lookup: &'a dyn Lookup,
    /// What senders are assumed to trust.
    pub roots: &'a Roots,
}

/// Looks at zones, certificates and policy host as a sender would.
pub async fn self_check(mirror: &Mirror<'_>, now: Timestamp) -> SelfChecked {
    // Our own questions are told from senders' by beginning with this name, whatever its answer.
    let mark = format!("{}.{}", Attribution::SELF_CHECK_LABEL, mirror.catalogue.origin());
    let limit = Duration::from_secs(ALL_S_MAX);
    let looking = async {
        let _ = mirror.lookup.txt(&mark).await;
        let dns = state(mirror.dns().await);
        let policy_host = state(mirror.policy_hosts(now).await);
        (dns, policy_host, mirror.unseen().await)
    };
    let red = |reason: &str| SelfCheck::Red { reason: reason.to_owned() };
    let certificates = mirror.identities.check(mirror.roots, now);
    let (dns, policy_host, unseen) = tokio::time::timeout(limit, looking).await.unwrap_or_else(|_| {
        let reason = format!(
            "the resolver did not answer within {ALL_S_MAX} s; check `resolver` and the name servers"
        );
        // Whoever is found by our zones alone is found without a resolver, too.
        let unseen = mirror.foreign(&[]).into_iter().map(|server| server.host).collect();
        (red(&reason), red(&reason), unseen)
    });
    SelfChecked { dns, certificates, policy_host, unseen, cases: BTreeMap::new(), unlooked: BTreeSet::new() }
}

fn state(result: Result<(), String>) -> SelfCheck {
    match result {
        Ok(()) => SelfCheck::Green,
        Err(reason) => SelfCheck::Red { reason },
    }
}

impl Mirror<'_> {
    /// The name servers of our zones that are not at an address of ours, `looked_up` included.
    fn foreign(&self, looked_up: &[NameServer]) -> Vec<NameServer> {
        // In labs the scanner may call our own addresses, which are then not among those that it must not.
        let Settings { scan, listen, dns, .. } = self.settings;
        let listens = |address: &IpAddr| listen.dns.iter().any(|socket| socket.ip() == *address);
        let is_own = |address: &IpAddr| {
            scan.dial.rules.own.contains(address) || listens(address) || dns.reached_at.contains(address)
        };
        let servers = self.authority.name_servers().into_iter().map(|server| {
            let found = looked_up.iter().find(|found| found.host == server.host);
            found.cloned().unwrap_or(server)
        });
        servers.filter(|server| server.addresses.is_empty() || !server.addresses.iter().all(is_own)).collect()
    }

    /// The same, by name. A name that nobody knows is somebody else's: of our own the addresses are in our zones.
    async fn unseen(&self) -> Vec<String> {
        let mut looked_up = self.foreign(&[]);
        for server in looked_up.iter_mut().filter(|server| server.addresses.is_empty()) {
            if let Ok(found) = self.lookup.addresses(&server.host).await.known() {
                server.addresses = found.records().to_vec();
            }
        }
        self.foreign(&looked_up).into_iter().map(|server| server.host).collect()
    }

    /// Every MX record, address and TLSA record of the suite is found, secure, and as it is derived.
    async fn dns(&self) -> Result<(), String> {
        for case in self.catalogue.classic_cases() {
            let domain = self.catalogue.domain(case);
            let mx = self.lookup.mx(&domain).await.known().map_err(|fault| hint(&fault))?;
            secure(case, &format!("MX {domain}"), &mx)?;
            let hosts: Vec<_> = self.catalogue.hosts_of(&case.id).collect();
            for persona in &hosts {
                let name = self.catalogue.host_name(persona).unwrap_or_default();
                if !mx.records().iter().any(|record| record.host == name) {
                    return Err(hint(&format!(
                        "MX {domain} does not name {name}; is another server authoritative?"
                    )));
                }
                self.host(case, persona, &name).await?;
            }
        }
        Ok(())
    }

    async fn host(&self, case: &Case, persona: &Persona, name: &str) -> Result<(), String> {
        let addresses = self.lookup.addresses(name).await.known().map_err(|fault| hint(&fault))?;
        secure(case, &format!("A/AAAA {name}"), &addresses)?;
        let published = self.settings.addresses.of(&persona.id);
        if !published.iter().all(|address| addresses.records().contains(address)) {
            let (is, should) = (listed(addresses.records()), listed(&published));
            return Err(hint(&format!("A/AAAA {name} is {is}, not {should}")));
        }
        let tlsa = self.lookup.tlsa(name).await.known().map_err(|fault| hint(&fault))?;
        secure(case, &format!("TLSA _25._tcp.{name}"), &tlsa)?;
        let expected = self.identities.tlsa(&persona.id);
        // While a key changes, the resolver may remember the records of before.
        let in_change = self.identities.tlsa_in_change(&persona.id);
        let found = tlsa.records();
        let fits = found == expected
            || !in_change.is_empty()
                && expected.first().is_none_or(|shown| found.contains(shown))
                && found.iter().all(|record| expected.contains(record) || in_change.contains(record));
        if !fits {
            return Err(hint(&format!("TLSA _25._tcp.{name} is not what follows from its key")));
        }
        Ok(())
    }

    /// Every policy is announced, fetched and as it is derived.
    async fn policy_hosts(&self, now: Timestamp) -> Result<(), String> {
        for case in self.catalogue.classic_cases() {
            if let Some(policy) = self.catalogue.policy(case) {
                self.policy_host(&self.catalogue.domain(case), &policy, now).await?;
            }
        }
        Ok(())
    }

    async fn policy_host(&self, domain: &str, policy: &Policy, now: Timestamp) -> Result<(), String> {
        let name = format!("_mta-sts.{domain}");
        let txt = self.lookup.txt(&name).await.known().map_err(|fault| hint(&fault))?;
        MtaStsRecord::from_txt(txt.records().iter().map(String::as_str))
            .map_err(|error| hint(&format!("TXT {name}: {error}")))?;
        let host = format!("mta-sts.{domain}");
        let addresses = self.lookup.addresses(&host).await.known().map_err(|fault| hint(&fault))?;
        // Our own addresses may be called whatever they are: they are the operator's.
        let mut dial = self.settings.dial.clone();
        dial.rules.allowed.extend(self.settings.zone.published.policy_host.iter().copied().map(IpNet::from));
        let fetched = fetch(&dial, &host, addresses.records(), self.roots, now).await;
        let body = fetched.map_err(|reason| {
            format!("https://{host}/.well-known/mta-sts.txt: {reason}; check `listen.policy_host`, port and certificate")
        })?;
        match Policy::parse(&body) {
            Ok(found) if found == *policy => Ok(()),
            Ok(_) => Err(format!(
                "https://{host} serves another policy than this catalogue's; is it an old process?"
            )),
            Err(error) => Err(format!("https://{host} serves no policy: {error}")),
        }
    }
}

async fn fetch(
    dial: &dial::Settings,
    host: &str,
    addresses: &[IpAddr],
    roots: &Roots,
    now: Timestamp,
) -> Result<String, String> {
    let limits = FetchLimits { total_s: 20, ..FetchLimits::default() };
    let fetch = dial::https_get(dial, host, "/.well-known/mta-sts.txt", addresses, roots, limits, now).await;
    match fetch.outcome {
        FetchOutcome::Answered { status: 200, body, .. } => Ok(body),
        FetchOutcome::Answered { status, .. } => Err(format!("status {status}")),
        FetchOutcome::Unreachable { reason } | FetchOutcome::TlsFailed { reason } => Err(reason),
        FetchOutcome::TimedOut => Err("no answer in time".to_owned()),
    }
}

/// A signed case is secure, also where something is denied.
fn secure<T>(case: &Case, what: &str, answer: &LookupResult<T>) -> Result<(), String> {
    let security = answer.weakest();
    if case.dnssec != Dnssec::Signed || security == Security::Secure {
        return Ok(());
    }
    let denied = match answer.answer {
        NameAnswer::NoData => " (and there is no such record)",
        NameAnswer::NoName => " (and there is no such name)",
        _ => "",
    };
    let security = match security {
        Security::Secure => "secure",
        Security::Insecure => "insecure",
        Security::Bogus => "bogus",
        Security::Indeterminate => "indeterminate",
    };
    Err(format!(
        "{what} is {security}{denied}, not secure; publish the DS record that `mailassay zone parent` prints at the parent"
    ))
}

/// Addresses in a line.
fn listed(addresses: &[IpAddr]) -> String {
    let all: Vec<String> = addresses.iter().map(ToString::to_string).collect();
    if all.is_empty() { "not there".to_owned() } else { all.join(", ") }
}

fn hint(reason: &str) -> String {
    format!(
        "{reason}; check the delegation (NS, glue, DS) and that port 53 reaches this server over UDP and TCP"
    )
}
