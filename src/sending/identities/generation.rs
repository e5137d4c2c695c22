//! One generation of what is shown: a key, a certificate and a configuration for every persona and every policy host.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rustls::pki_types::CertificateDer;

use super::cases::Hosts;
use super::certificates::{CertificatesError, Files};
use super::identity::{Beside, Identity, Making};
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
}
