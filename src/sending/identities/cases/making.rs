//! The making of what the hosts of ruled cases show.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use rustls::pki_types::CertificateDer;

use crate::sending::identities::certificates::{CertificatesError, Certified, Files, self_signed};
use crate::sending::identities::identity::{Beside, Identity, Making};
use crate::sending::persona::{
    Addresses, CaseCertificate, Catalogue, Certificate, Entrance, PersonaId, RuledCase, Then,
};
use crate::sending::trial::HostRole;
use crate::shared::policy::Tlsa;

use super::names::{self, has_bad_certificate, is_certifiable, of_host, of_nobody, of_policy_host};
use super::tlsa::{self, Subject};

/// How many names one certificate of ours has at most, as public CAs allow.
const NAMES_PER_CERTIFICATE_MAX: usize = 100;
/// How long ago an expired certificate ended, in days: more than any clock is wrong.
const EXPIRED_DAYS: u16 = 7;

/// The names of the keys. Those that verify are apart from those that do not, and the sound hosts' from all others.
const GOOD: &str = "cases-good";
const TRUSTED: &str = "cases-trusted";
const UNTRUSTED: &str = "cases-untrusted";
const POLICY: &str = "cases-policy";
const RSA: &str = "cases-rsa";

/// What all hosts of ruled cases show.
#[derive(Default)]
pub(in crate::sending::identities) struct Hosts {
    hosts: BTreeMap<PersonaId, Host>,
    /// What a host shows after the first mail of a trial, where that differs.
    later: BTreeMap<PersonaId, Identity>,
    /// What is shown at an entrance where no host of it is named.
    unnamed: BTreeMap<Entrance, Identity>,
    policy_hosts: BTreeMap<String, Arc<Identity>>,
    /// A chain of an RSA key, once it was wanted: making the key takes a moment.
    rsa_chain: OnceLock<Vec<CertificateDer<'static>>>,
}

/// What a host shows, and the records about it.
struct Host {
    identity: Identity,
    tlsa: Vec<Tlsa>,
    /// Records that resolvers may remember, or will find, while a key changes.
    in_change: Vec<Tlsa>,
}

impl Hosts {
    pub(in crate::sending::identities) fn all(&self) -> impl Iterator<Item = &Identity> {
        let hosts = self.hosts.values().map(|host| &host.identity);
        let policy_hosts = self.policy_hosts.values().map(AsRef::as_ref);
        hosts.chain(self.later.values()).chain(self.unnamed.values()).chain(policy_hosts)
    }

    pub(in crate::sending::identities) fn host(&self, id: &PersonaId) -> Option<&Identity> {
        Some(&self.hosts.get(id)?.identity)
    }

    pub(in crate::sending::identities) fn later(&self, id: &PersonaId) -> Option<&Identity> {
        self.later.get(id)
    }

    pub(in crate::sending::identities) fn unnamed(&self, at: Entrance) -> Option<&Identity> {
        self.unnamed.get(&at)
    }

    /// Those that have records of their own, or could have.
    pub(in crate::sending::identities) fn ids(&self) -> impl Iterator<Item = &PersonaId> {
        self.hosts.keys()
    }

    pub(in crate::sending::identities) fn tlsa(&self, id: &PersonaId) -> Option<&[Tlsa]> {
        Some(&self.hosts.get(id)?.tlsa)
    }

    pub(in crate::sending::identities) fn tlsa_in_change(&self, id: &PersonaId) -> Option<&[Tlsa]> {
        Some(&self.hosts.get(id)?.in_change)
    }

    /// What the policy host of this name shows, which is in lower case.
    pub(in crate::sending::identities) fn policy_host(&self, name: &str) -> Option<&Identity> {
        self.policy_hosts.get(name).map(AsRef::as_ref)
    }
}

impl Making<'_> {
    /// What the hosts of the offered ruled cases show.
    pub(in crate::sending::identities) fn cases(
        &self,
        catalogue: &Catalogue,
        addresses: &Addresses,
        files: Option<&Files>,
    ) -> Result<Hosts, CertificatesError> {
        let mut made = Hosts::default();
        let mut together: BTreeMap<Entrance, Vec<String>> = BTreeMap::new();
        for case in names::offered(catalogue, addresses) {
            for role in names::roles(case) {
                let id = Catalogue::ruled_host_id(&case.id, role);
                let entrance = case.entrance(role);
                let identity = self.case_host(catalogue, case, role, files)?;
                if self.private_ca.is_some() || !entrance.is_trusted() {
                    together.entry(entrance).or_default().extend(of_host(catalogue, case, role));
                } else if identity.certificate == Certificate::PublicCa {
                    // What a CA issued has the names of many hosts: that of the first suite is for whoever names none.
                    made.unnamed.entry(entrance).or_insert_with(|| identity.clone());
                }
                if case.then == Some(Then::PolicyGone) && role == HostRole::Bad {
                    let names = of_host(catalogue, case, role);
                    let bad = self.identity(Certificate::SelfSigned, &names, UNTRUSTED, files)?;
                    made.later.insert(id.clone(), bad);
                }
                made.hosts.insert(id, self.with_records(case, role, identity));
            }
            self.case_policy_hosts(catalogue, case, files, &mut made.policy_hosts)?;
        }
        for (entrance, names) in together {
            let (certificate, key) = of_entrance(entrance);
            let identity = self.identity(certificate, &names, key, files)?;
            made.unnamed.insert(entrance, identity);
        }
        Ok(made)
    }

    fn case_host(
        &self,
        catalogue: &Catalogue,
        case: &RuledCase,
        role: HostRole,
        files: Option<&Files>,
    ) -> Result<Identity, CertificatesError> {
        let names = of_host(catalogue, case, role);
        let nobody = || vec![of_nobody(catalogue)];
        let (_, key) = of_entrance(case.entrance(role));
        match case.host(role).certificate {
            // What no CA can look at has none, unless the CA is ours.
            CaseCertificate::PublicCa if self.private_ca.is_none() && !is_certifiable(case) => {
                self.identity(Certificate::SelfSigned, &names, key, files)
            }
            CaseCertificate::PublicCa => self.identity(Certificate::PublicCa, &names, key, files),
            CaseCertificate::SelfSigned => self.identity(Certificate::SelfSigned, &names, UNTRUSTED, files),
            CaseCertificate::Expired => {
                let days = self.settings.valid_days;
                let before_s = i64::from(days + EXPIRED_DAYS) * 86_400;
                let then = self.now - jiff::SignedDuration::from_secs(before_s);
                let key = self.keys.key(UNTRUSTED)?;
                let certified = match self.private_ca.or(self.nobodys_ca) {
                    Some(ca) => ca.issue(&names, &key, then, days)?,
                    None => self_signed(&names, &key, then, days)?,
                };
                self.shown(certified, &names, Certificate::SelfSigned, Beside::default())
            }
            CaseCertificate::OtherName => {
                let issued = self.identity(Certificate::PublicCa, &nobody(), UNTRUSTED, files);
                match (issued, files) {
                    // An operator's files need not have what is only good for being wrong.
                    (Err(CertificatesError::Uncovered { .. }), Some(_)) => {
                        self.of_nobodys_ca(&nobody(), UNTRUSTED, true)
                    }
                    (issued, _) => issued,
                }
            }
            CaseCertificate::OfOtherHost => {
                let other = if role == HostRole::Bad { HostRole::Good } else { HostRole::Bad };
                let names = of_host(catalogue, case, other);
                let (_, key) = of_entrance(case.entrance(other));
                self.identity(Certificate::PublicCa, &names, key, files)
            }
            CaseCertificate::PrivateCa => self.of_nobodys_ca(&names, UNTRUSTED, true),
            CaseCertificate::PrivateCaOtherName => self.of_nobodys_ca(&nobody(), UNTRUSTED, true),
            CaseCertificate::PrivateCaNotSent => self.of_nobodys_ca(&names, UNTRUSTED, false),
        }
    }

    /// A certificate of the CA that nobody trusts, which is sent along or not (RFC 7672 §3.1.2).
    fn of_nobodys_ca(&self, names: &[String], key: &str, sent: bool) -> Result<Identity, CertificatesError> {
        let key = self.keys.key(key)?;
        let days = self.settings.valid_days;
        let certified = match self.nobodys_ca {
            Some(ca) => {
                let issued = ca.issue(names, &key, self.now, days)?;
                let root = sent.then(|| ca.root().clone());
                Certified { chain: issued.chain.into_iter().chain(root).collect(), ..issued }
            }
            None => self_signed(names, &key, self.now, days)?,
        };
        self.shown(certified, names, Certificate::SelfSigned, Beside::default())
    }

    /// A chain of an RSA key with the names of the hosts whose handshakes never complete.
    pub(in crate::sending::identities) fn rsa_chain(
        &self,
        catalogue: &Catalogue,
        addresses: &Addresses,
        made: &Hosts,
    ) -> Result<Vec<CertificateDer<'static>>, CertificatesError> {
        if let Some(chain) = made.rsa_chain.get() {
            return Ok(chain.clone());
        }
        let is_old = |case: &&RuledCase| {
            matches!(case.entrance(HostRole::Bad), Entrance::Tls10 | Entrance::RsaKeyTransport)
        };
        let cases = names::offered(catalogue, addresses).into_iter().filter(is_old);
        let names: Vec<String> = cases.flat_map(|case| of_host(catalogue, case, HostRole::Bad)).collect();
        let (key, days) = (self.keys.rsa_key(RSA)?, self.settings.valid_days);
        let certified = match self.private_ca {
            Some(ca) => ca.issue(&names, &key, self.now, days)?,
            None => self_signed(&names, &key, self.now, days)?,
        };
        Ok(made.rsa_chain.get_or_init(|| certified.chain).clone())
    }

    fn with_records(&self, case: &RuledCase, role: HostRole, identity: Identity) -> Host {
        let plans = case.tlsa_of(role);
        let authority = match case.host(role).certificate {
            CaseCertificate::PrivateCa
            | CaseCertificate::PrivateCaOtherName
            | CaseCertificate::PrivateCaNotSent => self.nobodys_ca.map(|ca| ca.root().as_ref()),
            _ => identity.chain.last().map(AsRef::as_ref),
        };
        let leaf = identity.chain.first().map(AsRef::as_ref);
        let of = |leaf, spki: &Vec<u8>| tlsa::records(plans, &Subject { leaf, spki, authority });
        let beside = &identity.beside;
        let next = beside.next.as_ref().map(|spki| of(None, spki)).unwrap_or_default();
        let former = beside.former.as_ref().map(|spki| of(None, spki)).unwrap_or_default();
        let in_change = next.iter().cloned().chain(former).collect();
        let tlsa = of(leaf, &identity.spki).into_iter().chain(next).collect();
        Host { tlsa, in_change, identity }
    }

    fn case_policy_hosts(
        &self,
        catalogue: &Catalogue,
        case: &RuledCase,
        files: Option<&Files>,
        made: &mut BTreeMap<String, Arc<Identity>>,
    ) -> Result<(), CertificatesError> {
        let certificate =
            match has_bad_certificate(case) || self.private_ca.is_none() && !is_certifiable(case) {
                true => Certificate::SelfSigned,
                false => Certificate::PublicCa,
            };
        let names = of_policy_host(catalogue, case, self.settings.pool_labels);
        // What a CA issues is in the certificates where there was room; ours are for many names at a time.
        let is_ours = certificate == Certificate::SelfSigned || self.private_ca.is_some();
        let at_a_time = if is_ours { NAMES_PER_CERTIFICATE_MAX } else { 1 };
        for names in names.chunks(at_a_time) {
            let identity = Arc::new(self.identity(certificate, names, POLICY, files)?);
            made.extend(names.iter().map(|name| (name.clone(), Arc::clone(&identity))));
        }
        Ok(())
    }
}

/// What is shown at an entrance where no host of it is named, and with which key; hosts have the same key.
fn of_entrance(entrance: Entrance) -> (Certificate, &'static str) {
    match entrance {
        Entrance::Good => (Certificate::PublicCa, GOOD),
        entrance if entrance.is_trusted() => (Certificate::PublicCa, TRUSTED),
        _ => (Certificate::SelfSigned, UNTRUSTED),
    }
}
