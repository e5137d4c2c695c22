//! The folder of keys: opened for signing, and changed by a roll.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use hickory_proto::dnssec::crypto::EcdsaSigningKey;
use hickory_proto::dnssec::rdata::DNSKEY;
use hickory_proto::dnssec::{Algorithm, DnssecSigner, SigningKey};
use hickory_proto::rr::Name;
use parking_lot::Mutex;
use rustls::pki_types::PrivatePkcs8KeyDer;
use sha2::{Digest, Sha256};

use super::Keys;
use super::plan::{self, Key, Role, Stage, Waits};
use super::state::{self, KeyRow, Names, fault};
use crate::sending::authority::zone::records::{ZoneError, name};
use crate::shared::keyfile::{self, Keeping};
use crate::shared::time::Timestamp;

const FLAGS_KSK: u16 = 257;
const FLAGS_ZSK: u16 = 256;
/// How often another key is drawn whose tag no other of the zone has. One in 65536 has it.
const DRAWS_MAX: u32 = 8;

/// The digest of a key's file, and what signs with it.
type Read = ([u8; 32], Arc<DnssecSigner>);

/// The keys of all zones, read and kept for signing.
pub(in crate::sending::authority) struct Opening {
    folder: PathBuf,
    keeping: Keeping,
    /// For how long their signatures are valid from their inception.
    valid: Duration,
    /// By the names of their files.
    /// By their files, with the digest of each: another key may come under the same name.
    signers: Mutex<BTreeMap<String, Read>>,
    /// Whether it is for this process to bring keys on.
    rolls: AtomicBool,
}

impl Opening {
    pub(in crate::sending::authority) fn new(
        folder: &Path,
        keeping: Keeping,
        valid: Duration,
        rolls: bool,
    ) -> Self {
        Self {
            folder: folder.to_owned(),
            keeping,
            valid,
            signers: Mutex::default(),
            rolls: AtomicBool::new(rolls),
        }
    }

    /// Leaves it to another process to draw new keys and to keep their stages, or takes it back.
    pub(in crate::sending::authority) fn set_rolls(&self, rolls: bool) {
        self.rolls.store(rolls, Ordering::Relaxed);
    }

    /// The keys of a zone as they are at `now`: made where it has none, and brought on where their time has come.
    /// `keeping` says whether any of that is kept; who only looks, or leaves that to another, begins no roll, and goes by the
    /// time like the other.
    pub(in crate::sending::authority) fn keys(
        &self,
        apex: &Name,
        waits: &Waits,
        now: Timestamp,
    ) -> Result<Keys, ZoneError> {
        let apex = apex.to_lowercase();
        let names = Names::new(&self.folder, &apex);
        let kept = match state::read(&names)? {
            Some(kept) => kept,
            None => self.first(&names, &apex, now)?,
        };
        let mut keys = kept.clone();
        let wears_out = plan::advance(&mut keys, now, waits);
        let rolls = self.keeping.writes() && self.rolls.load(Ordering::Relaxed);
        if (wears_out || keys != kept) && rolls {
            keys = self.change(&names, &apex, waits, now).unwrap_or_else(|error| {
                tracing::error!(%error, "the keys of {apex} stay as they are; it is tried again");
                kept
            });
        }
        self.used(&names, apex, &keys, waits)
    }

    /// The first keys of a zone, or those from before there were stages.
    fn first(&self, names: &Names, apex: &Name, now: Timestamp) -> Result<Vec<Key>, ZoneError> {
        let lock = self.keeping.writes().then(|| state::lock(names)).transpose()?;
        if let Some(kept) = lock.as_ref().and_then(|_| state::read(names).transpose()) {
            return kept;
        }
        let mut keys = Vec::new();
        for role in [Role::Ksk, Role::Zsk] {
            let file = names.first(role);
            if !self.signers.lock().contains_key(&file) {
                let path = names.path(&file);
                let der = match keyfile::read(&path) {
                    Ok(der) => der,
                    Err(error) if error.kind() == ErrorKind::NotFound => {
                        let der = draw().map_err(|reason| fault(&path, reason))?;
                        self.keep(&path, &der)?;
                        der
                    }
                    Err(error) => return Err(unread(&path, &error)),
                };
                let digest = digest_of(&der);
                let signer = signer(der, role, apex, self.valid).map_err(|reason| fault(&path, reason))?;
                self.signers.lock().insert(file.clone(), (digest, Arc::new(signer)));
            }
            let tag = tag_of(self.signer(names, &file, role, apex)?.as_ref(), &names.path(&file))?;
            keys.push(Key { role, tag, stage: Stage::Active, since: now, file });
        }
        if self.keeping.writes()
            && let Err(error) = state::write(names, &keys)
        {
            // They sign as ever; without a state they are not rolled.
            tracing::error!(%error, "the stages of the keys of {apex} cannot be kept, so that they stay as they are");
        }
        Ok(keys)
    }

    /// Keeps what time has brought, and another zone-signing key where it is time for one.
    fn change(
        &self,
        names: &Names,
        apex: &Name,
        waits: &Waits,
        now: Timestamp,
    ) -> Result<Vec<Key>, ZoneError> {
        let _lock = state::lock(names)?;
        let kept = state::read(names)?.ok_or_else(|| fault(&names.state(), "it is gone"))?;
        let mut keys = kept.clone();
        if plan::advance(&mut keys, now, waits) {
            keys.push(another(names, apex, Role::Zsk, &keys, now)?);
        }
        if keys != kept {
            state::write(names, &keys)?;
            tell(apex, &kept, &keys);
            remove_files(names, &kept, &keys);
        }
        Ok(keys)
    }

    /// Keys in their stages as those who sign.
    fn used(&self, names: &Names, apex: Name, keys: &[Key], waits: &Waits) -> Result<Keys, ZoneError> {
        let (mut published, mut ksks, mut for_parent, mut zsk) = (Vec::new(), Vec::new(), Vec::new(), None);
        for key in keys {
            let signer = self.signer(names, &key.file, key.role, &apex)?;
            let path = names.path(&key.file);
            if tag_of(&signer, &path)? != key.tag {
                let state = names.state();
                let reason = format!(
                    "it is not the key {} of {}; restore both from one backup",
                    key.tag,
                    state.display()
                );
                return Err(fault(&path, reason));
            }
            published.push(signer.to_dnskey());
            if plan::is_for_parent(keys, key) {
                for_parent.push(Arc::clone(&signer));
            }
            match (key.role, key.stage) {
                (Role::Ksk, _) => ksks.push(signer),
                (Role::Zsk, Stage::Active) => zsk = Some(signer),
                (Role::Zsk, _) => {}
            }
        }
        self.signers.lock().retain(|file, _| !names.are_of(file) || keys.iter().any(|key| key.file == *file));
        let zsk = zsk.ok_or_else(|| fault(&names.state(), "no zsk is active"))?;
        let row = |key: &Key| KeyRow {
            role: key.role,
            tag: key.tag,
            stage: key.stage,
            since: key.since,
            next: plan::next(keys, key, waits),
        };
        Ok(Keys { apex, published, ksks, zsk, for_parent, rows: keys.iter().map(row).collect() })
    }

    fn signer(
        &self,
        names: &Names,
        file: &str,
        role: Role,
        apex: &Name,
    ) -> Result<Arc<DnssecSigner>, ZoneError> {
        let path = names.path(file);
        let known = self.signers.lock().get(file).cloned();
        let der = match (keyfile::read(&path), known) {
            (Ok(der), Some((digest, signer))) if digest == digest_of(&der) => return Ok(signer),
            (Ok(der), _) => der,
            // What was read once signs on, whatever becomes of the disk.
            (Err(_), Some((_, signer))) => return Ok(signer),
            (Err(error), None) => return Err(unread(&path, &error)),
        };
        let digest = digest_of(&der);
        let signer = signer(der, role, apex, self.valid).map_err(|reason| fault(&path, reason))?;
        let signer = Arc::new(signer);
        self.signers.lock().insert(file.to_owned(), (digest, Arc::clone(&signer)));
        Ok(signer)
    }

    fn keep(&self, path: &Path, der: &[u8]) -> Result<(), ZoneError> {
        let kept = self.keeping.keep(path, der);
        kept.map_err(|error| fault(path, format!("{error}; the folder of keys must be writable")))
    }
}

fn digest_of(der: &[u8]) -> [u8; 32] {
    Sha256::digest(der).into()
}

/// The folder of keys, for those who order a roll. The service sees what they did at its next look, which is at the next
/// order of MX records and within the hour.
#[derive(Clone, Debug)]
pub struct KeyFolder(PathBuf);

impl KeyFolder {
    /// The folder of [`super::super::Settings::keys`].
    pub fn new(folder: &Path) -> Self {
        Self(folder.to_owned())
    }

    /// Begins the roll of a zone's key-signing key. Gives the tag of the new one.
    ///
    /// # Errors
    ///
    /// If the zone has no keys yet, a roll is under way, or the folder cannot be written to. The error says what to do.
    pub fn roll_ksk(&self, zone: &str, now: Timestamp) -> Result<u16, ZoneError> {
        self.changed(zone, |names, apex, keys| {
            if keys.iter().filter(|key| key.role == Role::Ksk).count() > 1 {
                let reason =
                    "the key-signing key is being rolled over; `mailassay zone keys` says how far it is";
                return Err(fault(&names.state(), reason));
            }
            let key = another(names, apex, Role::Ksk, keys, now)?;
            let tag = key.tag;
            keys.push(key);
            Ok(tag)
        })
    }

    /// Notes that the parent has the DS record that was announced, and no other, so that the old key may go. Gives the tag
    /// of the key that is in use from now on.
    ///
    /// # Errors
    ///
    /// If nothing was announced, or the folder cannot be written to. The error says what to do.
    pub fn parent_has_ds(&self, zone: &str, now: Timestamp) -> Result<u16, ZoneError> {
        self.changed(zone, |names, _, keys| {
            let announced = keys.iter().find(|key| key.stage == Stage::Announced).map(|key| key.tag);
            let tag = announced.ok_or_else(|| {
                let reason =
                    "no key-signing key waits for the parent; `mailassay zone keys` says how far a roll is";
                fault(&names.state(), reason)
            })?;
            plan::confirm(keys, now);
            Ok(tag)
        })
    }

    fn changed(
        &self,
        zone: &str,
        change: impl FnOnce(&Names, &Name, &mut Vec<Key>) -> Result<u16, ZoneError>,
    ) -> Result<u16, ZoneError> {
        let apex = name(zone)?.to_lowercase();
        let names = Names::new(&self.0, &apex);
        let _lock = state::lock(&names)?;
        let mut keys = state::read(&names)?.ok_or_else(|| {
            let path = names.state();
            fault(
                &path,
                "there is no such file: the zone is not signed here, or `mailassay serve` has never run, which makes it",
            )
        })?;
        let tag = change(&names, &apex, &mut keys)?;
        state::write(&names, &keys)?;
        Ok(tag)
    }
}

/// Makes another key of a role and keeps it, before any state names it: what a crash leaves is a file that nobody uses.
fn another(names: &Names, apex: &Name, role: Role, keys: &[Key], now: Timestamp) -> Result<Key, ZoneError> {
    for _ in 0..DRAWS_MAX {
        let state = names.state();
        let der = draw().map_err(|reason| fault(&state, reason))?;
        let signer =
            signer(der.clone(), role, apex, Duration::ZERO).map_err(|reason| fault(&state, reason))?;
        let tag = tag_of(&signer, &state)?;
        let file = names.later(role, tag);
        if keys.iter().any(|key| key.tag == tag) {
            continue;
        }
        let path = names.path(&file);
        keyfile::write(&path, &der).map_err(|error| fault(&path, error))?;
        return Ok(Key { role, tag, stage: Stage::Published, since: now, file });
    }
    Err(fault(&names.state(), "no key could be drawn whose tag no other has"))
}

/// A fresh key, as PKCS#8 DER.
fn draw() -> Result<Vec<u8>, String> {
    let der =
        EcdsaSigningKey::generate_pkcs8(Algorithm::ECDSAP256SHA256).map_err(|error| error.to_string())?;
    Ok(der.secret_pkcs8_der().to_vec())
}

fn signer(der: Vec<u8>, role: Role, apex: &Name, valid: Duration) -> Result<DnssecSigner, String> {
    let key = EcdsaSigningKey::from_pkcs8(&PrivatePkcs8KeyDer::from(der), Algorithm::ECDSAP256SHA256)
        .map_err(|error| format!("not a P-256 key as PKCS#8 DER ({error}); restore it from the backup"))?;
    let public = key.to_public_key().map_err(|error| error.to_string())?;
    let flags = match role {
        Role::Ksk => FLAGS_KSK,
        Role::Zsk => FLAGS_ZSK,
    };
    Ok(DnssecSigner::new(DNSKEY::with_flags(flags, public), Box::new(key), apex.clone(), valid))
}

fn tag_of(signer: &DnssecSigner, path: &Path) -> Result<u16, ZoneError> {
    signer.calculate_key_tag().map_err(|error| fault(path, error))
}

fn unread(path: &Path, error: &std::io::Error) -> ZoneError {
    fault(path, format!("{error}; restore it from the backup: what it signed is bogus without it"))
}

/// Says what became of keys.
fn tell(apex: &Name, before: &[Key], after: &[Key]) {
    for key in after.iter().filter(|key| !before.contains(key)) {
        let (tag, role) = (key.tag, key.role);
        match key.stage {
            Stage::Published => {
                tracing::info!(zone = %apex, tag, ?role, "key: another stands in the DNSKEY set")
            }
            Stage::Announced => tracing::info!(
                zone = %apex, tag, ?role,
                "key: the parent needs its DS record in place of the old one; see `mailassay zone ds`"
            ),
            Stage::Active => tracing::info!(zone = %apex, tag, ?role, "key: it is in use from now on"),
            Stage::Retired => {
                tracing::info!(zone = %apex, tag, ?role, "key: it is out of use, and stays for caches")
            }
        }
    }
    for key in before.iter().filter(|key| !after.iter().any(|other| other.file == key.file)) {
        tracing::info!(zone = %apex, tag = key.tag, role = ?key.role, "key: no cache needs it, and it is removed");
    }
}

/// Removes the files of keys that no state names any more.
fn remove_files(names: &Names, before: &[Key], after: &[Key]) {
    for key in before.iter().filter(|key| !after.iter().any(|other| other.file == key.file)) {
        let path = names.path(&key.file);
        if let Err(error) = fs::remove_file(&path) {
            tracing::warn!(%error, "the key {} is not used any more, and could not be removed", path.display());
        }
    }
}
