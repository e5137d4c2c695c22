//! One generation of what is shown: a key, a certificate and a configuration for every persona and every policy host.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use rustls::ServerConfig;
use rustls::pki_types::CertificateDer;
use rustls::server::NoServerSessionStorage;

use super::cases::Hosts;
use super::certificates::{CertificatesError, Certified, Files, KeyFolder, PrivateCa, self_signed};
use super::pool::Pool;
use super::settings::{Settings, Source};
use crate::sending::persona::{Addresses, Catalogue, Certificate, Persona, PersonaId, StandsFor};

/// One generation of certificates.
pub(super) struct Shown {
    pub(super) made: Timestamp,
    pub(super) personas: BTreeMap<PersonaId, Identity>,
    pub(super) by_name: BTreeMap<String, PersonaId>,
    pub(super) no_sni_a: Identity,
    pub(super) no_sni_b: Identity,
    pub(super) policy_hosts: BTreeMap<String, Identity>,
    pub(super) site: Option<Identity>,
    /// What the hosts of ruled cases show.
    pub(super) cases: Hosts,
}

impl Shown {
    /// What all show but the hosts of ruled cases.
    pub(super) fn all(&self) -> impl Iterator<Item = &Identity> {
        let no_sni = [&self.no_sni_a, &self.no_sni_b];
        self.personas.values().chain(no_sni).chain(self.policy_hosts.values()).chain(&self.site)
    }

    /// The certificates that a CA made, not we, and the keys beside theirs.
    pub(super) fn public(&self) -> Vec<(Option<&CertificateDer<'static>>, &Beside)> {
        let public = self
            .all()
            .chain(self.cases.all())
            .filter(|identity| identity.certificate == Certificate::PublicCa);
        let issued = public.map(|identity| {
            let leaf = identity.chain.first().filter(|_| !identity.beside.stands_in);
            (leaf, &identity.beside)
        });
        issued.collect()
    }
}

/// When the life of a certificate begins and ends, in seconds of Unix time.
pub(super) fn life_s(certificate: &CertificateDer<'_>) -> Option<(i64, i64)> {
    let (_, parsed) = x509_parser::parse_x509_certificate(certificate).ok()?;
    let validity = parsed.validity();
    Some((validity.not_before.timestamp(), validity.not_after.timestamp()))
}

/// What one host shows.
#[derive(Clone)]
pub(super) struct Identity {
    pub(super) config: Arc<ServerConfig>,
    pub(super) spki: Vec<u8>,
    pub(super) chain: Vec<CertificateDer<'static>>,
    pub(super) names: Vec<String>,
    pub(super) certificate: Certificate,
    pub(super) beside: Beside,
}

/// What there is beside a certificate that is shown, while a CA has yet to issue one or a key changes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Beside {
    /// Whether it is ours, and stands in for one that the CA has not issued yet.
    pub(super) stands_in: bool,
    /// The SubjectPublicKeyInfo of the key that is to come.
    pub(super) next: Option<Vec<u8>>,
    /// The one of the key that was shown before, whose TLSA record resolvers may remember.
    pub(super) former: Option<Vec<u8>>,
}

/// The policy hosts of a catalogue: `mta-sts.` before the domain of every case with a policy (RFC 8461 §3.3).
fn policy_hosts(catalogue: &Catalogue) -> Vec<String> {
    let with_policy = catalogue.fixed_cases().filter(|case| case.mta_sts.is_some());
    with_policy.map(|case| format!("mta-sts.{}", catalogue.domain(case))).collect()
}

/// The names that need a certificate of a public CA: all in one, since a link without SNI is shown every MX host's.
pub(super) fn public_names(catalogue: &Catalogue, settings: &Settings) -> Vec<String> {
    let public = |persona: &&Persona| persona.certificate == Certificate::PublicCa;
    let of_personas = catalogue.personas().filter(public).filter_map(|persona| catalogue.host_name(persona));
    let in_phase_b = catalogue.standing_for(StandsFor::NoSni).is_some_and(|persona| {
        persona.certificate_phase_b == Some(Certificate::PublicCa) || public(&persona)
    });
    let suite = if in_phase_b { catalogue.suite_host_names() } else { Vec::new() };
    let mut names: Vec<String> = Vec::new();
    for name in of_personas.chain(suite).chain(policy_hosts(catalogue)).chain(settings.site.clone()) {
        let name = name.to_ascii_lowercase();
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// The making of one generation.
pub(super) struct Making<'a> {
    pub(super) settings: &'a Settings,
    pub(super) keys: &'a KeyFolder,
    pub(super) private_ca: Option<&'a PrivateCa>,
    /// The CA of ruled cases that nobody trusts.
    pub(super) nobodys_ca: Option<&'a PrivateCa>,
    pub(super) pool: Option<&'a Pool>,
    pub(super) now: Timestamp,
}

impl Making<'_> {
    pub(super) fn all(
        &self,
        catalogue: &Catalogue,
        addresses: &Addresses,
    ) -> Result<Shown, CertificatesError> {
        let files = match &self.settings.source {
            Source::Files(files) => Some(Files::read(files)?),
            Source::PrivateCa | Source::Acme(_) => None,
        };
        let files = files.as_ref();
        let mut personas = BTreeMap::new();
        let mut by_name = BTreeMap::new();
        for persona in catalogue.personas() {
            let Some(name) = catalogue.host_name(persona) else { continue };
            let key = format!("persona-{}", persona.id);
            let identity = self.identity(persona.certificate, std::slice::from_ref(&name), &key, files)?;
            by_name.insert(name.to_ascii_lowercase(), persona.id.clone());
            personas.insert(persona.id.clone(), identity);
        }
        let every = catalogue.suite_host_names();
        let no_sni = catalogue.standing_for(StandsFor::NoSni);
        let key = format!("persona-{}", no_sni.map_or("no-sni", |persona| persona.id.0.as_str()));
        let phase_a = no_sni.map_or(Certificate::SelfSigned, |persona| persona.certificate);
        let phase_b = no_sni.and_then(|persona: &Persona| persona.certificate_phase_b);
        let mut policy = BTreeMap::new();
        for host in policy_hosts(catalogue) {
            let key = format!("policy-{host}");
            let identity = self.identity(Certificate::PublicCa, std::slice::from_ref(&host), &key, files)?;
            policy.insert(host, identity);
        }
        let site = |name: &String| {
            let key = format!("site-{name}");
            self.identity(Certificate::PublicCa, std::slice::from_ref(name), &key, files)
        };
        let site = self.settings.site.as_ref().map(site).transpose()?;
        Ok(Shown {
            made: self.now,
            personas,
            by_name,
            no_sni_a: self.identity(phase_a, &every, &key, files)?,
            no_sni_b: self.identity(phase_b.unwrap_or(phase_a), &every, &format!("{key}.b"), files)?,
            policy_hosts: policy,
            site,
            cases: self.cases(catalogue, addresses, files)?,
        })
    }

    pub(super) fn identity(
        &self,
        certificate: Certificate,
        names: &[String],
        key: &str,
        files: Option<&Files>,
    ) -> Result<Identity, CertificatesError> {
        let days = self.settings.valid_days;
        let mut beside = Beside::default();
        let certified = match (certificate, files, self.private_ca) {
            (Certificate::PublicCa, _, _) if self.pool.is_some() => {
                let (certified, found) = self.of_pool(names, key)?;
                beside = found;
                certified
            }
            (Certificate::PublicCa, Some(files), _) => files.covering(names, key)?,
            (Certificate::PublicCa, None, Some(ca)) => {
                ca.issue(names, &self.keys.key(key)?, self.now, days)?
            }
            (Certificate::SelfSigned, ..) | (Certificate::PublicCa, None, None) => {
                self_signed(names, &self.keys.key(key)?, self.now, days)?
            }
        };
        self.shown(certified, names, certificate, beside)
    }

    pub(super) fn shown(
        &self,
        certified: Certified,
        names: &[String],
        certificate: Certificate,
        beside: Beside,
    ) -> Result<Identity, CertificatesError> {
        let (spki, chain) = (certified.spki.clone(), certified.chain.clone());
        let config = server_config(certified).map_err(|error| CertificatesError::Issue {
            name: names.first().cloned().unwrap_or_default(),
            reason: error.to_string(),
        })?;
        Ok(Identity { config: Arc::new(config), spki, chain, names: names.to_vec(), certificate, beside })
    }

    /// What the pool has for `names`.
    fn of_pool(&self, names: &[String], purpose: &str) -> Result<(Certified, Beside), CertificatesError> {
        let found = self.pool.map(|pool| pool.shown(names, self.now)).transpose()?.flatten();
        let found = found.ok_or_else(|| CertificatesError::NotInPool {
            host: names.join(", "),
            purpose: purpose.to_owned(),
        })?;
        let beside = Beside { stands_in: !found.is_issued, next: found.next, former: found.former };
        Ok((found.certified, beside))
    }
}

/// TLS 1.2 and 1.3, no client certificate. Nothing is resumed, by ticket or by session id: a link that resumes
/// a session shows no certificate and would prove nothing.
fn server_config(certified: Certified) -> Result<ServerConfig, rustls::Error> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(certified.chain, certified.key)?;
    config.send_tls13_tickets = 0;
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.ignore_client_order = true;
    Ok(config)
}
