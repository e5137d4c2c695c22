//! What the service shows in TLS: a key, a certificate and a configuration for every persona and every policy
//! host, and the TLSA records that follow.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;

use arc_swap::ArcSwap;
use jiff::Timestamp;
use rustls::ServerConfig;
use rustls::pki_types::CertificateDer;
use rustls::server::NoServerSessionStorage;

use crate::sending::history::{Phase, SelfCheck};
use crate::sending::persona::{Addresses, Catalogue, Certificate, Persona, PersonaId, StandsFor, TlsaSpec};
use crate::shared::keyfile::Keeping;
use crate::shared::policy::Tlsa;

use super::certificates::{
    CertificateFile, CertificatesError, Certified, Files, KeyFolder, PrivateCa, self_signed,
};
use crate::shared::tls::client::{Roots, webpki};

/// Where keys and certificates are.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The folder of our own keys and of the private CA; default `certs`.
    pub folder: PathBuf,
    /// Where the certificates of public-CA personas and policy hosts come from; default the private CA.
    pub source: Source,
    /// How long the certificates that we make are valid, in days; default 90.
    pub valid_days: u16,
    /// How long before their end they are made anew, in days; default 30.
    pub renew_days: u16,
    /// The name of the site, where the service itself speaks HTTPS for it; default none.
    pub site: Option<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self { folder: "certs".into(), source: Source::PrivateCa, valid_days: 90, renew_days: 30, site: None }
    }
}

/// Where the certificates of public-CA personas and policy hosts come from. ACME will be a further variant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// Files that an ACME client of the operator's keeps. Which host a file serves follows from the names in
    /// its certificate; one may serve several.
    Files(Vec<CertificateFile>),
    /// The private CA in [`Settings::folder`]; for labs, tests and the demo.
    PrivateCa,
}

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
    catalogue: Catalogue,
    addresses: Addresses,
    keys: KeyFolder,
    private_ca: Option<PrivateCa>,
    shown: ArcSwap<Shown>,
}

/// One generation of certificates.
struct Shown {
    made: Timestamp,
    personas: BTreeMap<PersonaId, Identity>,
    by_name: BTreeMap<String, PersonaId>,
    no_sni_a: Identity,
    no_sni_b: Identity,
    policy_hosts: BTreeMap<String, Identity>,
    site: Option<Identity>,
}

impl Shown {
    fn all(&self) -> impl Iterator<Item = &Identity> {
        let no_sni = [&self.no_sni_a, &self.no_sni_b];
        self.personas.values().chain(no_sni).chain(self.policy_hosts.values()).chain(&self.site)
    }

    /// The certificates that a CA made, not we.
    fn public_leaves(&self) -> Vec<Option<&CertificateDer<'static>>> {
        let public = self.all().filter(|identity| identity.certificate == Certificate::PublicCa);
        public.map(|identity| identity.chain.first()).collect()
    }
}

/// When the life of a certificate begins and ends, in seconds of Unix time.
fn life_s(certificate: &CertificateDer<'_>) -> Option<(i64, i64)> {
    let (_, parsed) = x509_parser::parse_x509_certificate(certificate).ok()?;
    let validity = parsed.validity();
    Some((validity.not_before.timestamp(), validity.not_after.timestamp()))
}

struct Identity {
    config: Arc<ServerConfig>,
    spki: Vec<u8>,
    chain: Vec<CertificateDer<'static>>,
    names: Vec<String>,
    certificate: Certificate,
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
            Source::PrivateCa => Some(PrivateCa::open(&keys, now)?),
            Source::Files(_) => None,
        };
        let making = Making { settings: &settings, keys: &keys, private_ca: private_ca.as_ref(), now };
        let shown = ArcSwap::from_pointee(making.all(&catalogue)?);
        Ok(Self { settings, catalogue, addresses, keys, private_ca, shown })
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
        let private_ca = self.private_ca.as_ref();
        let making = Making { settings: &self.settings, keys: &self.keys, private_ca, now };
        if age_s >= days * 86_400 {
            self.shown.store(Arc::new(making.all(&self.catalogue)?));
            return Ok(true);
        }
        if matches!(self.settings.source, Source::PrivateCa) {
            return Ok(false);
        }
        let read = making.all(&self.catalogue)?;
        // Those that we sign ourselves are made with every reading, and not shown for that alone.
        let is_new = read.public_leaves() != before.public_leaves();
        if is_new {
            self.shown.store(Arc::new(read));
        }
        Ok(is_new)
    }

    /// Which certificates that must verify end soon: with the first name of each when it does, the first to end first.
    /// Soon is within `renew_days`, and within the last third of a shorter life: by then whoever renews should have.
    pub fn ending_soon(&self, now: Timestamp) -> Vec<(String, Timestamp)> {
        let shown = self.shown.load();
        let mut ending: Vec<(Timestamp, String)> = Vec::new();
        for identity in shown.all().filter(|identity| identity.certificate == Certificate::PublicCa) {
            let (Some(leaf), Some(name)) = (identity.chain.first(), identity.names.first()) else { continue };
            let Some((begins_s, ends_s)) = life_s(leaf) else { continue };
            let soon_s = (i64::from(self.settings.renew_days) * 86_400).min((ends_s - begins_s) / 3);
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

    /// The TLSA records to publish for a persona, as its file wants them to relate to its key.
    pub fn tlsa(&self, persona: &PersonaId) -> Vec<Tlsa> {
        let shown = self.shown.load();
        let Some(identity) = shown.personas.get(persona) else { return Vec::new() };
        let matching = Tlsa::dane_ee_spki(&identity.spki);
        match self.catalogue.persona(persona).map(|persona| persona.tlsa) {
            Some(TlsaSpec::Match) => vec![matching],
            Some(TlsaSpec::Mismatch) => vec![mismatch(matching)],
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
        let named = sni.and_then(host_name).and_then(|name| shown.policy_hosts.get(&name));
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
        let shown = self.shown.load();
        let public = shown.all().filter(|identity| identity.certificate == Certificate::PublicCa);
        let mut names = public.flat_map(|identity| identity.names.iter().map(move |name| (identity, name)));
        let fault = names.find_map(|(identity, name)| {
            webpki(&identity.chain, name, roots, now).err().map(|fault| (name, fault))
        });
        fault.map_or(SelfCheck::Green, |(name, fault)| SelfCheck::Red {
            reason: format!(
                "the certificate shown for {name} does not verify: {fault}; renew it or mend its chain"
            ),
        })
    }

    /// The configuration of one policy host, such as `mta-sts.et.example.org`.
    pub fn policy_host_config(&self, host: &str) -> Option<Arc<ServerConfig>> {
        Some(self.shown.load().policy_hosts.get(&host_name(host)?)?.config.clone())
    }
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
        let private_ca = self.private_ca.as_ref();
        let making = Making { settings: &self.settings, keys: &self.keys, private_ca, now };
        let identity = making.identity(certificate, &[name.to_owned()], &format!("host-{name}"), None)?;
        Ok(FurtherHost { config: identity.config, tlsa: Tlsa::dane_ee_spki(&identity.spki) })
    }
}

/// The policy hosts of a catalogue: `mta-sts.` before the domain of every case with a policy (RFC 8461 §3.3).
fn policy_hosts(catalogue: &Catalogue) -> Vec<String> {
    let with_policy = catalogue.cases().filter(|case| case.mta_sts.is_some());
    with_policy.map(|case| format!("mta-sts.{}", catalogue.domain(case))).collect()
}

/// `name` in lower case and without the final dot, if it is a host name: at most 253 octets in labels of 1 to
/// 63 letters, digits, hyphens and (met in practice) underscores.
fn host_name(name: &str) -> Option<String> {
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

/// The making of one generation.
struct Making<'a> {
    settings: &'a Settings,
    keys: &'a KeyFolder,
    private_ca: Option<&'a PrivateCa>,
    now: Timestamp,
}

impl Making<'_> {
    fn all(&self, catalogue: &Catalogue) -> Result<Shown, CertificatesError> {
        let files = match &self.settings.source {
            Source::Files(files) => Some(Files::read(files)?),
            Source::PrivateCa => None,
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
        })
    }

    fn identity(
        &self,
        certificate: Certificate,
        names: &[String],
        key: &str,
        files: Option<&Files>,
    ) -> Result<Identity, CertificatesError> {
        let days = self.settings.valid_days;
        let certified = match (certificate, files, self.private_ca) {
            (Certificate::PublicCa, Some(files), _) => files.covering(names, key)?,
            (Certificate::PublicCa, None, Some(ca)) => {
                ca.issue(names, &self.keys.key(key)?, self.now, days)?
            }
            (Certificate::SelfSigned, ..) | (Certificate::PublicCa, None, None) => {
                self_signed(names, &self.keys.key(key)?, self.now, days)?
            }
        };
        let (spki, chain) = (certified.spki.clone(), certified.chain.clone());
        let config = server_config(certified).map_err(|error| CertificatesError::Issue {
            name: names.first().cloned().unwrap_or_default(),
            reason: error.to_string(),
        })?;
        Ok(Identity { config: Arc::new(config), spki, chain, names: names.to_vec(), certificate })
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
