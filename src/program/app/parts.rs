//! What a service and the commands beside it are made of, from the settings.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use crate::program::archive::{Common, NotShared, Place, SealingKey, Sharing};
use crate::program::config::Settings;
use crate::program::seal::{SealKey, SealKeyError};
use crate::receiving::scan;
use crate::sending::authority::{Authority, Content, Origin, Published, ZoneError};
use crate::sending::identities::{CertificatesError, Identities};
use crate::sending::persona::{Catalogue, CatalogueError, CatalogueFiles};
use crate::shared::database::postgres::Address;
use crate::shared::dns::{Resolver, ResolverError, ResolverSettings, Servers};
use crate::shared::keyfile::Keeping;
use crate::shared::mailauth::{DkimKey, DkimKeyError};
use crate::shared::time::Timestamp;
use crate::shared::tls::client::{Roots, RootsError};

use super::clock::Clock;

/// Why a part cannot be made. Each says what to do.
#[derive(Debug, thiserror::Error)]
pub enum PartError {
    /// Personas and cases.
    #[error(transparent)]
    Catalogue(#[from] CatalogueError),
    /// Keys and certificates.
    #[error(transparent)]
    Certificates(#[from] CertificatesError),
    #[error(transparent)]
    Dkim(#[from] DkimKeyError),
    #[error(transparent)]
    Seal(#[from] SealKeyError),
    #[error(transparent)]
    Zone(#[from] ZoneError),
    #[error("resolver: {0}")]
    Resolver(#[from] ResolverError),
    /// The roots that senders trust.
    #[error(transparent)]
    Roots(#[from] RootsError),
}

/// Personas and cases: the operator's folder, or those that are part of the program.
///
/// # Errors
///
/// If a file does not read, or does not fit the others. The error names it, and the line.
pub fn catalogue(settings: &Settings) -> Result<Catalogue, CatalogueError> {
    let files = match &settings.catalogue {
        Some(folder) => CatalogueFiles::read(folder)?,
        None => CatalogueFiles::embedded(),
    };
    files.catalogue(&settings.origin)
}

/// Keys and certificates, made where there are none; `keeping` says whether those are kept.
///
/// # Errors
///
/// If a key or certificate cannot be read or made. The error names it and says what to do.
pub fn identities(
    settings: &Settings,
    catalogue: &Catalogue,
    keeping: &Keeping,
    now: Timestamp,
) -> Result<Identities, CertificatesError> {
    let (tls, addresses) = (settings.tls.clone(), settings.addresses.clone());
    Identities::keeping(keeping.clone(), tls, catalogue.clone(), addresses, now)
}

/// The keys of the service's own that its zone publishes.
#[derive(Clone, Debug)]
pub struct OwnKeys {
    /// The one that verdict mails are signed with.
    pub dkim: Arc<DkimKey>,
    /// The one that documents are signed with.
    pub seal: Arc<SealKey>,
}

/// The keys of the service's own.
///
/// # Errors
///
/// If a key cannot be read or made. The error names the file and says what to do.
pub fn own_keys(settings: &Settings, keeping: &Keeping) -> Result<OwnKeys, PartError> {
    let dkim = DkimKey::keeping(keeping, &settings.dkim.key, &settings.origin, &settings.dkim.selector)?;
    Ok(OwnKeys { dkim: Arc::new(dkim), seal: Arc::new(seal_key(settings, keeping)?) })
}

/// The key that documents are signed with.
///
/// # Errors
///
/// If the key cannot be read or made. The error names the file and says what to do.
pub fn seal_key(settings: &Settings, keeping: &Keeping) -> Result<SealKey, SealKeyError> {
    SealKey::keeping(keeping, &settings.seal.key, &settings.origin)
}

/// What all nodes must have the same of: keys, and the folders of keys that change by themselves.
pub fn shared_places(settings: &Settings) -> [Place; 4] {
    let place = |name, path: &std::path::Path, is_folder| Place { name, path: path.to_owned(), is_folder };
    [
        place("dkim.key", &settings.dkim.key, false),
        place("seal.key", &settings.seal.key, false),
        place("zone.keys", &settings.zone.authority.keys, true),
        place("tls.folder", &settings.tls.folder, true),
    ]
}

/// What keeps that the same by the database that nodes share; none where they see one folder, or there is one node.
///
/// # Errors
///
/// If the key that it is sealed with cannot be read. The error names the file and says what to do.
pub fn sharing(settings: &Settings, common: Option<&Arc<Common>>) -> Result<Option<Sharing>, NotShared> {
    let (Some(common), Some(key)) = (common, &settings.node.seal_key) else { return Ok(None) };
    let memory = settings.journal.path.with_added_extension("shared");
    let mut places = shared_places(settings).to_vec();
    let secret = settings.journal.secret.clone();
    places.extend(secret.map(|path| Place { name: "journal.secret", path, is_folder: false }));
    if let Some(place) = places.iter().find(|place| place.is_folder && key.starts_with(&place.path)) {
        let (name, folder, key) = (place.name, place.path.clone(), key.clone());
        return Err(NotShared::SealKeyInside { name, folder, key });
    }
    Ok(Some(Sharing::new(Arc::clone(common), SealingKey::read(key)?, places, memory)))
}

/// What the zones hold: the operator's text, and what follows from catalogue, certificates and keys.
pub fn content(
    settings: &Settings,
    catalogue: &Arc<Catalogue>,
    identities: &Identities,
    keys: &OwnKeys,
) -> Content {
    let personas = catalogue.personas().map(|persona| persona.id.clone());
    let tlsa: BTreeMap<_, _> = personas
        .chain(identities.ruled_hosts())
        .map(|id| (id.clone(), identities.tlsa(&id)))
        .filter(|(_, records)| !records.is_empty())
        .collect();
    let dkim = Some((settings.dkim.selector.clone(), keys.dkim.dkim_txt()));
    let public = keys.seal.public();
    let seal = Some((public.labels(), public.to_string()));
    let origin = Origin {
        text: settings.zone.text.clone(),
        file: settings.zone.file.clone(),
        catalogue: Arc::clone(catalogue),
        addresses: settings.addresses.clone(),
        tlsa,
        pace: settings.pace.clone(),
        published: Published { dkim, seal, ..settings.zone.published.clone() },
        answers_at: settings.dns.answers_at(&settings.listen.dns),
    };
    Content { origin: Some(origin), others: settings.zone.others.clone() }
}

/// The authoritative zones, signed.
///
/// # Errors
///
/// If a zone or a key does not read, or a zone cannot be served as it is. The error names the file.
pub fn authority(
    settings: &Settings,
    catalogue: &Arc<Catalogue>,
    identities: &Identities,
    keys: &OwnKeys,
    keeping: &Keeping,
    now: Timestamp,
) -> Result<Authority, ZoneError> {
    let content = content(settings, catalogue, identities, keys);
    Authority::keeping(keeping.clone(), content, settings.zone.authority.clone(), now)
}

/// The resolver for validated look-ups.
///
/// # Errors
///
/// If the settings name no server, or trust anchors that do not read.
pub fn resolver(settings: &Settings, authority: &Authority, clock: Clock) -> Result<Resolver, ResolverError> {
    Resolver::new(trusting(settings, &settings.resolver, authority), clock)
}

/// The resolver of the service's own scans. Who serves zones knows what these say, and does not ask its own servers.
///
/// # Errors
///
/// If the settings name no server, or trust anchors that do not read.
pub fn scan_resolver(
    scan: &scan::Settings,
    own_zones: &Arc<Authority>,
    clock: &Clock,
) -> Result<Resolver, ResolverError> {
    Resolver::with_own_zones(scan.resolver.clone(), Arc::<Authority>::clone(own_zones), Arc::clone(clock))
}

/// Where those who scan for one service share an operator's places.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ScanPlaces {
    /// Those of one host: in a folder beside the journal.
    Folder(PathBuf),
    /// Those of all nodes: in the database of the journal.
    Database(Box<Address>),
}

/// Where whoever scans as `settings` say shares an operator's places with others.
pub fn scan_places(settings: &Settings) -> ScanPlaces {
    match &settings.journal.url {
        Some(address) => ScanPlaces::Database(Box::new(address.clone())),
        None => ScanPlaces::Folder(settings.journal.path.with_file_name("places")),
    }
}

/// How long before a verdict is due its scan ends, in seconds: what was seen by then is in the verdict, the rest is
/// inconclusive.
const SCAN_LEAD_S: u32 = 10;

/// The settings of scans by the service itself, which may trust the keys of its own zones, too.
pub fn scan(settings: &Settings, authority: &Authority) -> scan::Settings {
    let scan::Settings { scan_s, verdict_wait_s, .. } = settings.scan;
    scan::Settings {
        scan_s: scan_s.min(verdict_wait_s.saturating_sub(SCAN_LEAD_S).max(1)),
        resolver: trusting(settings, &settings.scan.resolver, authority),
        ..settings.scan.clone()
    }
}

fn trusting(settings: &Settings, resolver: &ResolverSettings, authority: &Authority) -> ResolverSettings {
    let mut resolver = resolver.clone();
    if settings.trust_own_zones {
        let (Servers::Recursor { trust_anchors, .. } | Servers::Forwarder { trust_anchors, .. }) =
            &mut resolver.servers;
        for anchor in authority.trust_anchors() {
            trust_anchors.push('\n');
            trust_anchors.push_str(&anchor);
        }
    }
    resolver
}

/// The roots that senders are assumed to trust.
///
/// # Errors
///
/// If the file cannot be read, or holds no certificate.
pub fn sender_roots(settings: &Settings) -> Result<Roots, RootsError> {
    match &settings.self_check.sender_roots {
        Some(path) => Roots::read(path),
        None => Ok(Roots::mozilla()),
    }
}

/// What is to be said of certificates that end soon, in words.
pub fn expiry_warnings(identities: &Identities, now: Timestamp) -> Vec<String> {
    let told = |(name, ends): (String, Timestamp)| {
        let days = (ends.as_second() - now.as_second()).div_euclid(86_400);
        let left = match days {
            ..0 => "has ended".to_owned(),
            0 => "ends today".to_owned(),
            1 => "ends tomorrow".to_owned(),
            days => format!("ends in {days} days"),
        };
        let day = ends.strftime("%Y-%m-%d %H:%M UTC");
        let advice = match identities.pool() {
            Some(_) => "`mailassay certs state` says why it was not renewed",
            None => "see why it was not renewed; files are read again within the hour",
        };
        format!("the certificate for {name} {left} ({day}): {advice}")
    };
    let ending = identities.ending_soon(now).into_iter().map(told);
    ending.chain(setbacks(identities)).collect()
}

/// What went wrong with the orders of certificates, in words.
fn setbacks(identities: &Identities) -> Vec<String> {
    let lineages = identities.pool().map(|pool| pool.state().lineages).unwrap_or_default();
    let told = lineages.iter().filter_map(|lineage| {
        let (name, setback) = (lineage.names.first()?, lineage.setback.as_ref()?);
        let again = setback.not_before.strftime("%Y-%m-%d %H:%M UTC");
        Some(format!(
            "the CA issued no certificate for {name}: {}; it is tried again at {again}",
            setback.reason
        ))
    });
    told.collect()
}
