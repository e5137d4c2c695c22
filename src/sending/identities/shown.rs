//! What the service shows in TLS: a key, a certificate and a configuration for every persona and every policy
//! host, and the TLSA records that follow.

use std::net::IpAddr;
use std::sync::Arc;

use arc_swap::ArcSwap;
use jiff::Timestamp;
use rustls::ServerConfig;
use rustls::server::ProducesTickets;

use crate::sending::history::{Phase, SelfCheck};
use crate::sending::persona::{Addresses, Catalogue, Certificate, PersonaId, TlsaSpec};
use crate::shared::keyfile::Keeping;
use crate::shared::policy::Tlsa;

use super::cases::{groups, tickets};
use super::certificates::{CertificatesError, KeyFolder, LAB, NOBODYS, PrivateCa};
use super::generation::{Shown, public_names};
use super::identity::{Identity, Making, life_s};
use super::pool::Pool;
use super::settings::{Settings, Source};
use crate::shared::tls::client::{Roots, webpki};

/// What a handshake is answered with.
#[derive(Clone, Debug)]
pub struct Choice {
    /// The persona that is shown; none is the one for links without SNI.
    pub persona: Option<PersonaId>,
    /// Its configuration.
    pub config: Arc<ServerConfig>,
}

/// All that the service shows in TLS. Shared by the listeners; renewed while they run.
pub struct Identities {
    settings: Settings,
    pub(super) catalogue: Catalogue,
    pub(super) addresses: Addresses,
    keys: KeyFolder,
    private_ca: Option<PrivateCa>,
    /// The CA of ruled cases that nobody trusts; none where no case is offered.
    nobodys_ca: Option<PrivateCa>,
    pool: Option<Arc<Pool>>,
    /// The tickets of the hosts whose sessions are resumed; none where no case is offered.
    pub(super) tickets: Option<Arc<dyn ProducesTickets>>,
    pub(super) shown: ArcSwap<Shown>,
}

impl Identities {
    /// Reads or makes all keys and makes or reads all certificates, at `now`.
    ///
    /// # Errors
    ///
    /// If a key or certificate cannot be read or made. The error names it and says what to do.
    pub fn open(
        settings: Settings,
        catalogue: Catalogue,
        addresses: Addresses,
        now: Timestamp,
    ) -> Result<Self, CertificatesError> {
        Self::keeping(Keeping::in_files(), settings, catalogue, addresses, now)
    }

    /// As [`Self::open`]; `keeping` says what becomes of keys that are made.
    ///
    /// # Errors
    ///
    /// If a key or certificate cannot be read or made. The error names it and says what to do.
    pub fn keeping(
        keeping: Keeping,
        settings: Settings,
        catalogue: Catalogue,
        addresses: Addresses,
        now: Timestamp,
    ) -> Result<Self, CertificatesError> {
        let keys = KeyFolder::open(&settings.folder, keeping)?;
        let private_ca = match settings.source {
            Source::PrivateCa => Some(PrivateCa::open(&keys, LAB, now)?),
            Source::Files(_) | Source::Acme(_) => None,
        };
        let offers_cases = catalogue.ruled_cases().any(|case| addresses.offers(case));
        let nobodys_ca = offers_cases.then(|| PrivateCa::open(&keys, NOBODYS, now)).transpose()?;
        let tickets = offers_cases.then(tickets).transpose()?;
        let pool = match &settings.source {
            Source::Acme(wanted) => {
                let together = public_names(&catalogue, &settings);
                let groups = groups(&catalogue, &addresses, settings.pool_labels);
                Some(Arc::new(Pool::open(&keys, wanted, &together, &groups)?))
            }
            Source::Files(_) | Source::PrivateCa => None,
        };
        let making = Making {
            settings: &settings,
            keys: &keys,
            private_ca: private_ca.as_ref(),
            nobodys_ca: nobodys_ca.as_ref(),
            pool: pool.as_deref(),
            now,
        };
        let shown = ArcSwap::from_pointee(making.all(&catalogue, &addresses)?);
        Ok(Self { settings, catalogue, addresses, keys, private_ca, nobodys_ca, pool, tickets, shown })
    }

    /// The pool of certificates, where a public CA issues them.
    pub fn pool(&self) -> Option<&Arc<Pool>> {
        self.pool.as_ref()
    }

    /// Makes certificates anew when their end is near, and reads the files again. To be called at least once
    /// a day. Whether anything was replaced; after an error the old certificates stay.
    ///
    /// # Errors
    ///
    /// If a key or certificate cannot be read or made. The error names it and says what to do.
    pub fn renew(&self, now: Timestamp) -> Result<bool, CertificatesError> {
        let before = self.shown.load();
        let age_s = now.as_second() - before.made.as_second();
        let days = i64::from(self.settings.valid_days.saturating_sub(self.settings.renew_days));
        let making = self.making(now);
        if age_s >= days * 86_400 {
            self.shown.store(Arc::new(making.all(&self.catalogue, &self.addresses)?));
            return Ok(true);
        }
        if matches!(self.settings.source, Source::PrivateCa) {
            return Ok(false);
        }
        let read = making.all(&self.catalogue, &self.addresses)?;
        // Those that we sign ourselves are made with every reading, and not shown for that alone.
        let is_new = read.public() != before.public();
        if is_new {
            self.shown.store(Arc::new(read));
        }
        Ok(is_new)
    }

    pub(super) fn making(&self, now: Timestamp) -> Making<'_> {
        let (private_ca, nobodys_ca) = (self.private_ca.as_ref(), self.nobodys_ca.as_ref());
        let pool = self.pool.as_deref();
        Making { settings: &self.settings, keys: &self.keys, private_ca, nobodys_ca, pool, now }
    }

    /// Which certificates that must verify end soon: with the first name of each when it does, the first to end first.
    /// Soon is within `renew_days`, and within the last third of a shorter life: by then whoever renews should have.
    pub fn ending_soon(&self, now: Timestamp) -> Vec<(String, Timestamp)> {
        let shown = self.shown.load();
        let mut ending: Vec<(Timestamp, String)> = Vec::new();
        let all = shown.all().chain(shown.cases.all());
        for identity in all.filter(|identity| identity.certificate == Certificate::PublicCa) {
            let (Some(leaf), Some(name)) = (identity.chain.first(), identity.names.first()) else { continue };
            let Some((begins_s, ends_s)) = life_s(leaf) else { continue };
            // What we renew ourselves is renewed when a third of its life is left.
            let part = if self.pool.is_some() { 4 } else { 3 };
            let soon_s = (i64::from(self.settings.renew_days) * 86_400).min((ends_s - begins_s) / part);
            let Ok(ends) = Timestamp::from_second(ends_s) else { continue };
            // Files serve several hosts: each certificate is told of once.
            let is_known = ending.iter().any(|(known, _)| *known == ends);
            if now.as_second() > ends_s - soon_s && !is_known {
                ending.push((ends, name.clone()));
            }
        }
        ending.sort();
        ending.into_iter().map(|(ends, name)| (name, ends)).collect()
    }

    /// When each certificate that must verify ends, by its first name; the first to end first.
    pub fn ends(&self) -> Vec<(String, Timestamp)> {
        let shown = self.shown.load();
        let mut ends: Vec<(Timestamp, String)> = Vec::new();
        for identity in shown.all().filter(|identity| identity.certificate == Certificate::PublicCa) {
            let end = identity
                .chain
                .first()
                .and_then(life_s)
                .and_then(|(_, ends_s)| Timestamp::from_second(ends_s).ok());
            ends.extend(end.zip(identity.names.first().cloned()));
        }
        ends.sort();
        ends.dedup();
        ends.into_iter().map(|(ends, name)| (name, ends)).collect()
    }

    /// The root of the private CA as PEM, when that is the source.
    pub fn ca_root_pem(&self) -> Option<&str> {
        self.private_ca.as_ref().map(PrivateCa::root_pem)
    }

    /// The TLSA records to publish for a persona or the host of a ruled case, as its file wants them to relate to its key.
    pub fn tlsa(&self, persona: &PersonaId) -> Vec<Tlsa> {
        let shown = self.shown.load();
        if let Some(records) = shown.cases.tlsa(persona) {
            return records.to_vec();
        }
        let Some(identity) = shown.personas.get(persona) else { return Vec::new() };
        let keys = [Some(&identity.spki), identity.beside.next.as_ref()];
        self.as_its_file_wants(persona, keys.into_iter().flatten())
    }

    /// The TLSA records that a resolver may find besides those of [`Self::tlsa`], since it still remembers them or does not know them yet:
    /// while a key changes.
    pub fn tlsa_in_change(&self, persona: &PersonaId) -> Vec<Tlsa> {
        let shown = self.shown.load();
        if let Some(records) = shown.cases.tlsa_in_change(persona) {
            return records.to_vec();
        }
        let Some(identity) = shown.personas.get(persona) else { return Vec::new() };
        let keys = [identity.beside.next.as_ref(), identity.beside.former.as_ref()];
        self.as_its_file_wants(persona, keys.into_iter().flatten())
    }

    fn as_its_file_wants<'a>(
        &self,
        persona: &PersonaId,
        keys: impl Iterator<Item = &'a Vec<u8>>,
    ) -> Vec<Tlsa> {
        let matching = keys.map(|spki| Tlsa::dane_ee_spki(spki));
        match self.catalogue.persona(persona).map(|persona| persona.tlsa) {
            Some(TlsaSpec::Match) => matching.collect(),
            Some(TlsaSpec::Mismatch) => matching.map(mismatch).collect(),
            Some(TlsaSpec::None) | None => Vec::new(),
        }
    }

    /// What a sender is shown that named `sni` at our address `local`: the persona of that name, else the one
    /// that alone has the address, else the certificate for links without SNI of `phase`.
    pub fn choose(&self, sni: Option<&str>, local: IpAddr, phase: Phase) -> Choice {
        let shown = self.shown.load();
        let by_name = sni.and_then(host_name).and_then(|name| shown.by_name.get(&name));
        let persona = by_name.or_else(|| self.addresses.persona_at(local));
        if let Some((id, identity)) = persona.and_then(|id| shown.personas.get_key_value(id)) {
            return Choice { persona: Some(id.clone()), config: identity.config.clone() };
        }
        let identity = match phase {
            Phase::A => &shown.no_sni_a,
            Phase::B => &shown.no_sni_b,
        };
        Choice { persona: None, config: identity.config.clone() }
    }

    /// What a visitor of the policy host is shown: the certificate of the host it named, else of the first.
    /// None where no case publishes an MTA-STS policy.
    pub fn choose_policy_host(&self, sni: Option<&str>) -> Option<Choice> {
        let shown = self.shown.load();
        let named = sni
            .and_then(host_name)
            .and_then(|name| shown.policy_hosts.get(&name).or_else(|| shown.cases.policy_host(&name)));
        let identity = named.or_else(|| shown.policy_hosts.values().next())?;
        Some(Choice { persona: None, config: identity.config.clone() })
    }

    /// What a visitor of the site is shown, where the service itself speaks HTTPS for it.
    pub fn site_config(&self) -> Option<Arc<ServerConfig>> {
        Some(self.shown.load().site.as_ref()?.config.clone())
    }

    /// Whether a sender that trusts `roots` finds every certificate good at `now` that should be: those of the
    /// public-CA personas, of phase B and of the policy hosts, for all of their names.
    pub fn check(&self, roots: &Roots, now: Timestamp) -> SelfCheck {
        check(self.shown.load().all(), roots, now)
    }

    /// The configuration of one policy host, such as `mta-sts.et.example.org`.
    pub fn policy_host_config(&self, host: &str) -> Option<Arc<ServerConfig>> {
        Some(self.shown.load().policy_hosts.get(&host_name(host)?)?.config.clone())
    }
}

/// Whether all of them that should be good are, for all of their names.
fn check<'a>(shown: impl Iterator<Item = &'a Identity>, roots: &Roots, now: Timestamp) -> SelfCheck {
    let public: Vec<_> = shown.filter(|identity| identity.certificate == Certificate::PublicCa).collect();
    if let Some(name) = public.iter().find(|identity| identity.beside.stands_in) {
        let name = name.names.first().map_or("the tests' hosts", String::as_str);
        let reason = format!(
            "the CA has not issued a certificate for {name} yet; `mailassay certs state` says how far it is"
        );
        return SelfCheck::Red { reason };
    }
    let mut names =
        public.iter().flat_map(|identity| identity.names.iter().map(move |name| (identity, name)));
    let fault = names.find_map(|(identity, name)| {
        // A wildcard names what a host in its place would be (RFC 9525 §6.3).
        let host = name.replacen("*.", "wildcard.", 1);
        webpki(&identity.chain, &host, roots, now).err().map(|fault| (name, fault))
    });
    fault.map_or(SelfCheck::Green, |(name, fault)| SelfCheck::Red {
        reason: format!(
            "the certificate shown for {name} does not verify: {fault}; renew it or mend its chain"
        ),
    })
}

/// What a further host shows, that is no persona: in a lab, where the private CA is.
#[derive(Clone, Debug)]
pub struct FurtherHost {
    /// Its side of TLS.
    pub config: Arc<ServerConfig>,
    /// The TLSA record that follows from its key.
    pub tlsa: Tlsa,
}

impl Identities {
    /// A certificate for `name` by itself, of the private CA or self-signed, with a key of its own in the folder.
    ///
    /// # Errors
    ///
    /// If a key or certificate cannot be read or made. The error names it and says what to do.
    pub fn further_host(
        &self,
        name: &str,
        certificate: Certificate,
        now: Timestamp,
    ) -> Result<FurtherHost, CertificatesError> {
        let making = self.making(now);
        let identity = making.identity(certificate, &[name.to_owned()], &format!("host-{name}"), None)?;
        Ok(FurtherHost { config: identity.config, tlsa: Tlsa::dane_ee_spki(&identity.spki) })
    }
}

/// `name` in lower case and without the final dot, if it is a host name: at most 253 octets in labels of 1 to
/// 63 letters, digits, hyphens and (met in practice) underscores.
pub(super) fn host_name(name: &str) -> Option<String> {
    let name = name.strip_suffix('.').unwrap_or(name);
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
    };
    (name.len() <= 253 && name.split('.').all(label)).then(|| name.to_ascii_lowercase())
}

/// A record that no certificate with the key can match: every bit of its digest is another.
fn mismatch(mut tlsa: Tlsa) -> Tlsa {
    tlsa.data.iter_mut().for_each(|byte| *byte = !*byte);
    tlsa
}
