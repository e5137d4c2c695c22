//! What a sender makes of the answers of DNS (RFC 5321 §5.1, RFC 7505, RFC 7672 §2).

use std::net::IpAddr;

use crate::sending::verdict::model::TlsaState;
use crate::sending::verdict::model::ruled::{Chain, InsecureTlsa, TlsaAnswer, TlsaPlace, Traits, Trust};
use crate::shared::dns::Lookup;
use crate::shared::evidence::Security;
use crate::shared::evidence::scan::{LookupResult, NameAnswer};
use crate::shared::policy::Tlsa;

/// How many MX records of a domain are read.
const MX_MAX: usize = 64;

/// How many TLSA records of a host are compared with its certificates.
const TLSA_MAX: usize = 128;

/// The hosts of a domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Hosts {
    /// Preference and name, in no order.
    pub(super) named: Vec<(u16, String)>,
    /// Whether the answer is secure.
    pub(super) secure: bool,
    /// Whether the domain itself is the host.
    pub(super) implicit: bool,
}

/// Why there are no hosts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum NoHosts {
    /// To be asked again.
    Transient(String),
    /// The domain takes no mail.
    Permanent(String),
}

/// A host's addresses and TLSA records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Host {
    /// The addresses, in the order of the answer.
    pub(super) addresses: Vec<IpAddr>,
    /// The TLSA base domain.
    pub(super) base: String,
    /// The TLSA records, when they are secure.
    pub(super) tlsa: Vec<Tlsa>,
    /// What they come to.
    pub(super) state: TlsaState,
    /// What went wrong with a look-up.
    pub(super) fault: Option<String>,
}

/// The MX hosts of `domain`: its MX records, or itself where it has none (RFC 5321 §5.1).
pub(super) async fn hosts(lookup: &dyn Lookup, domain: &str, traits: &Traits) -> Result<Hosts, NoHosts> {
    let answer = lookup.mx(domain).await.known().map_err(NoHosts::Transient)?;
    if answer.answer == NameAnswer::NoName {
        return Err(NoHosts::Permanent(format!("there is no domain {domain}")));
    }
    let secure = trusts(traits, answer.weakest());
    if answer.denied() {
        return Ok(Hosts { named: vec![(0, domain.to_owned())], secure, implicit: true });
    }
    // RFC 7505 §3: an MX without a name says that the domain takes no mail; beside others it means nothing.
    let records = answer.records().iter().filter(|mx| !mx.host.is_empty());
    let named: Vec<_> = records.map(|mx| (mx.preference, mx.host.clone())).take(MX_MAX).collect();
    if named.is_empty() {
        return Err(NoHosts::Permanent(format!("{domain} takes no mail (null MX)")));
    }
    Ok(Hosts { named, secure, implicit: false })
}

/// Whether a sender with these traits takes an answer for secure.
fn trusts(traits: &Traits, security: Security) -> bool {
    security == Security::Secure && traits.validation.of(Chain::Secure) == Trust::Secure
}

/// Addresses and, where `dane` is wanted, TLSA records of the MX host `name`. Addresses come first: where they
/// are insecure the TLSA records are not asked for, since some name servers fail that (RFC 7672 §2.2.2).
pub(super) async fn host(lookup: &dyn Lookup, name: &str, mx: &Hosts, traits: &Traits, dane: bool) -> Host {
    let nothing =
        |state, fault| Host { addresses: Vec::new(), base: name.to_owned(), tlsa: Vec::new(), state, fault };
    let answer = match lookup.addresses(name).await.known() {
        Ok(answer) => answer,
        // RFC 7672 §2.1.2: where the addresses cannot be had the host is not to be used.
        Err(fault) => return nothing(TlsaState::Failed, Some(fault)),
    };
    let mut host = Host { addresses: answer.records().to_vec(), ..nothing(TlsaState::None, None) };
    let mut bases = bases(name, &answer);
    let place = TlsaPlace {
        domain_secure: mx.secure,
        host_secure: !bases.is_empty() && trusts(traits, Security::Secure),
        addresses_secure: trusts(traits, answer.weakest()),
        alias: !answer.hops.is_empty(),
        implicit: mx.implicit,
    };
    // RFC 7672 §2.2.1: where the MX records are insecure DANE need not apply, and usually it does not.
    if !dane || !traits.looks_at(place) {
        return host;
    }
    if bases.is_empty() && traits.insecure_tlsa == InsecureTlsa::Obeyed {
        bases.push(name.to_owned());
    }
    for base in bases {
        match lookup.tlsa(&base).await.known() {
            Ok(found) if found.denied() => {}
            Ok(found) => {
                let used = found.records().iter().filter(|record| traits.uses(record.usage, record.usable()));
                let used: Vec<Tlsa> = used.take(TLSA_MAX).cloned().collect();
                let secure = trusts(traits, found.weakest());
                let answer = TlsaAnswer::Records { secure, usable: !used.is_empty() };
                host.state = traits.tlsa_state(place, answer);
                if host.state != TlsaState::None {
                    return Host { tlsa: used, base, ..host };
                }
            }
            Err(fault) => {
                host.state = traits.tlsa_state(place, TlsaAnswer::Failed);
                if host.state == TlsaState::Failed {
                    return Host { fault: Some(fault), ..host };
                }
            }
        }
    }
    host
}

/// The TLSA base domains to try (RFC 7672 §2.2.2): behind secure aliases to secure addresses the name at their
/// end, then the name itself; where only the name's own alias is secure the name alone; none where the
/// addresses are insecure.
fn bases(name: &str, answer: &LookupResult<IpAddr>) -> Vec<String> {
    let secure = answer.weakest() == Security::Secure;
    match (answer.hops.first(), answer.hops.last()) {
        (Some(_), Some(last)) if secure => vec![last.to.clone(), name.to_owned()],
        (Some(first), _) if first.security == Security::Secure => vec![name.to_owned()],
        (None, _) if secure => vec![name.to_owned()],
        _ => Vec::new(),
    }
}
