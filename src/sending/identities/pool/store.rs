//! Keys, certificates and state of the pool, in the folder `acme` below that of the other keys.

use std::fs;
use std::io::ErrorKind;
use std::path::PathBuf;

use data_encoding::HEXLOWER;
use jiff::Timestamp;
use parking_lot::Mutex;
use rcgen::{CertificateParams, DistinguishedName, KeyPair, PublicKeyData};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use sha2::{Digest, Sha256};

use super::assign::{Group, assign};
use super::chain::Issued;
use super::state::{Lineage, PoolState, VERSION};
use crate::sending::identities::certificates::{CertificatesError, Certified, KeyFolder, self_signed};
use crate::shared::keyfile::{self, Want, told};

/// How long a certificate of our own is valid that stands in for one that the CA has not issued yet, in days.
const STAND_IN_DAYS: u16 = 90;
/// How many octets of the digest of a directory's address are in the name of the account's file.
const ACCOUNT_OCTETS: usize = 4;
const FOLDER: &str = "acme";

/// What the pool is to have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PoolSettings {
    /// How many names one certificate has at most; default 100, as public CAs allow.
    pub names_max: usize,
    /// Names that certificates are issued for ahead, besides those that the tests need.
    pub further_names: Vec<String>,
}

impl Default for PoolSettings {
    fn default() -> Self {
        Self { names_max: 100, further_names: Vec::new() }
    }
}

/// What an operator asks of a service that runs, for all lineages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// To renew certificates whatever their end, and to try again what failed.
    Renew,
    /// To change keys, with the next one's TLSA record ahead.
    ChangeKey,
}

impl Wish {
    /// Every wish that an operator can have.
    pub const ALL: [Self; 2] = [Self::Renew, Self::ChangeKey];

    fn file(self) -> &'static str {
        match self {
            Self::Renew => "acme/renew.wish",
            Self::ChangeKey => "acme/change-key.wish",
        }
    }
}

/// A lineage with its certificates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct View {
    /// How far it is.
    pub lineage: Lineage,
    /// The certificate for the key that is shown.
    pub issued: Option<Issued>,
    /// The certificate for the key that is to come.
    pub next_issued: Option<Issued>,
}

/// What hosts of one lineage show.
pub(in crate::sending::identities) struct Shown {
    /// The CA's certificate, or one of our own for the same key until there is one.
    pub(in crate::sending::identities) certified: Certified,
    /// Whether it is the CA's.
    pub(in crate::sending::identities) is_issued: bool,
    /// The SubjectPublicKeyInfo of the key that is to come.
    pub(in crate::sending::identities) next: Option<Vec<u8>>,
    /// The one of the key that was shown before.
    pub(in crate::sending::identities) former: Option<Vec<u8>>,
}

/// The pool of certificates.
pub struct Pool {
    keys: KeyFolder,
    state: Mutex<PoolState>,
}

impl Pool {
    /// The pool below the folder of `keys`, with the names of `together` in one certificate, and those of each group.
    pub(in crate::sending::identities) fn open(
        keys: &KeyFolder,
        settings: &PoolSettings,
        together: &[String],
        groups: &[Group],
    ) -> Result<Self, CertificatesError> {
        let pool = Self { keys: keys.clone(), state: Mutex::default() };
        let path = pool.state_path();
        let unfit = |reason: String| CertificatesError::Content { path: path.clone(), reason };
        let mut state = match keys.read(&path)? {
            None => PoolState::default(),
            Some(text) => serde_json::from_str(&text).map_err(|error| {
                unfit(format!(
                    "this does not read ({error}); restore it from a backup: it says which key is shown"
                ))
            })?,
        };
        if state.version != VERSION {
            let version = state.version;
            return Err(unfit(format!(
                "it has form {version}, and this program knows {VERSION}; use the newer one"
            )));
        }
        let assigned = assign(&mut state, together, &settings.further_names, groups, settings.names_max);
        let changed = assigned
            .map_err(|reason| CertificatesError::Issue { name: "the tests' hosts".to_owned(), reason })?;
        if changed {
            pool.write(&state)?;
        }
        *pool.state.lock() = state;
        Ok(pool)
    }

    /// How far each lineage is.
    pub fn state(&self) -> PoolState {
        self.state.lock().clone()
    }

    /// Each lineage with its certificates.
    ///
    /// # Errors
    ///
    /// If a file does not read. The error names it and says what to do.
    pub fn views(&self) -> Result<Vec<View>, CertificatesError> {
        let lineages = self.state().lineages.into_iter();
        let views = lineages.map(|lineage| {
            let issued = self.issued(lineage.number, lineage.key)?;
            let next = lineage.next.as_ref().map(|next| self.issued(lineage.number, next.key));
            Ok(View { issued, next_issued: next.transpose()?.flatten(), lineage })
        });
        views.collect()
    }

    /// Changes a lineage, on disk first.
    ///
    /// # Errors
    ///
    /// If it cannot be written; then nothing has changed.
    pub fn change(&self, number: u32, change: impl FnOnce(&mut Lineage)) -> Result<(), CertificatesError> {
        let mut state = self.state.lock();
        let mut changed = state.clone();
        if let Some(lineage) = changed.lineages.iter_mut().find(|lineage| lineage.number == number) {
            change(lineage);
            self.write(&changed)?;
            *state = changed;
        }
        Ok(())
    }

    /// A certification request (RFC 2986, DER) for the names of a lineage by one of its keys, which is made where there is none.
    ///
    /// # Errors
    ///
    /// If the key cannot be read or made, or the request cannot be made.
    pub fn request(&self, number: u32, key: u32, names: &[String]) -> Result<Vec<u8>, CertificatesError> {
        let pair = self.key(number, key)?;
        let request = || {
            let mut params = CertificateParams::new(names.to_vec())?;
            // CAs take names from the SAN alone, and some refuse a subject.
            params.distinguished_name = DistinguishedName::new();
            params.serialize_request(&pair)
        };
        let request = request().map_err(|error| CertificatesError::Issue {
            name: names.first().cloned().unwrap_or_default(),
            reason: error.to_string(),
        })?;
        Ok(request.der().to_vec())
    }

    /// Keeps what the CA issued for a key of a lineage, if it is for that key. Until the file is whole the former one
    /// stays.
    ///
    /// # Errors
    ///
    /// If it is not for that key, does not read or cannot be written; then nothing has changed.
    pub fn keep(
        &self,
        (number, key): (u32, u32),
        pem: &str,
        directory: &str,
        profile: Option<&str>,
    ) -> Result<Issued, CertificatesError> {
        let path = self.chain_path(number, key);
        let text = Issued::text(pem, directory, profile);
        let spki = self.key(number, key)?.subject_public_key_info();
        let issued = Issued::read(&text, &spki).map_err(|reason| CertificatesError::Content {
            path: path.clone(),
            reason: format!("what the CA sent is not what was ordered: {reason}"),
        })?;
        self.keys.write(&path, &text, 0o644)?;
        Ok(issued)
    }

    /// Makes the key `key` of a lineage where there is none.
    ///
    /// # Errors
    ///
    /// If it cannot be read or made.
    pub fn make_key(&self, number: u32, key: u32) -> Result<(), CertificatesError> {
        self.key(number, key).map(drop)
    }

    /// Removes a key that is shown no more, and its certificate.
    ///
    /// # Errors
    ///
    /// If a file is there and cannot be removed.
    pub fn remove_key(&self, number: u32, key: u32) -> Result<(), CertificatesError> {
        let key_path = self.keys.path(&format!("{}.key.pem", name(number, key)));
        for path in [self.chain_path(number, key), key_path] {
            match fs::remove_file(&path) {
                Ok(()) => {}
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => {
                    let source = told(&path, Want::Write, error);
                    return Err(CertificatesError::File { path, source });
                }
            }
        }
        Ok(())
    }

    /// The file of the account at a CA's directory.
    pub fn account_path(&self, directory: &str) -> PathBuf {
        let digest = HEXLOWER.encode(&Sha256::digest(directory)[..ACCOUNT_OCTETS]);
        self.keys.path(&format!("{FOLDER}/account-{digest}.json"))
    }

    /// Leaves a wish for the service that runs.
    ///
    /// # Errors
    ///
    /// If it cannot be written.
    pub fn leave(&self, wish: Wish) -> Result<(), CertificatesError> {
        let path = self.keys.path(wish.file());
        keyfile::write(&path, b"").map_err(|source| CertificatesError::File { path, source })
    }

    /// The wishes that were left.
    pub fn wishes(&self) -> Vec<Wish> {
        Wish::ALL.into_iter().filter(|wish| self.keys.path(wish.file()).exists()).collect()
    }

    /// Takes a wish away, once it is in the state.
    ///
    /// # Errors
    ///
    /// If it cannot be removed.
    pub fn fulfil(&self, wish: Wish) -> Result<(), CertificatesError> {
        let path = self.keys.path(wish.file());
        let removed = fs::remove_file(&path).map_err(|error| told(&path, Want::Write, error));
        removed.map_err(|source| CertificatesError::File { path, source })
    }

    /// What `hosts` show at `now`; none where no lineage has all of them.
    pub(in crate::sending::identities) fn shown(
        &self,
        hosts: &[String],
        now: Timestamp,
    ) -> Result<Option<Shown>, CertificatesError> {
        let state = self.state();
        let covers =
            |lineage: &&Lineage| hosts.iter().all(|host| lineage.names.iter().any(|own| is_for(own, host)));
        let Some(lineage) = state.lineages.iter().find(covers) else { return Ok(None) };
        let key = self.key(lineage.number, lineage.key)?;
        let spki =
            |key: u32| Ok::<_, CertificatesError>(self.key(lineage.number, key)?.subject_public_key_info());
        let next = lineage.next.as_ref().map(|next| spki(next.key)).transpose()?;
        let former = lineage.former.as_ref().map(|former| spki(former.key)).transpose()?;
        let issued = self.issued(lineage.number, lineage.key)?;
        let is_issued = issued.is_some();
        let certified = match issued {
            Some(issued) => Certified {
                chain: issued.chain,
                key: PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der())),
                spki: key.subject_public_key_info(),
            },
            None => self_signed(&lineage.names, &key, now, STAND_IN_DAYS)?,
        };
        Ok(Some(Shown { certified, is_issued, next, former }))
    }

    fn key(&self, number: u32, key: u32) -> Result<KeyPair, CertificatesError> {
        self.keys.key(&name(number, key))
    }

    fn issued(&self, number: u32, key: u32) -> Result<Option<Issued>, CertificatesError> {
        let path = self.chain_path(number, key);
        let Some(text) = self.keys.read(&path)? else { return Ok(None) };
        let spki = self.key(number, key)?.subject_public_key_info();
        let unfit = |reason| {
            let reason = format!("{reason}; delete it, and it is ordered again for the same key");
            CertificatesError::Content { path: path.clone(), reason }
        };
        Issued::read(&text, &spki).map(Some).map_err(unfit)
    }

    fn chain_path(&self, number: u32, key: u32) -> PathBuf {
        self.keys.path(&format!("{}.chain.pem", name(number, key)))
    }

    fn state_path(&self) -> PathBuf {
        self.keys.path("acme/pool.json")
    }

    /// Writes the state, if what is made is kept at all.
    fn write(&self, state: &PoolState) -> Result<(), CertificatesError> {
        if !self.keys.writes() {
            return Ok(());
        }
        let path = self.state_path();
        let text = serde_json::to_string_pretty(state)
            .map_err(|error| CertificatesError::Content { path: path.clone(), reason: error.to_string() })?;
        self.keys.write(&path, &(text + "\n"), 0o600)
    }
}

fn name(number: u32, key: u32) -> String {
    format!("{FOLDER}/{number}-{key}")
}

/// Whether the name of a certificate is for `host`: a wildcard stands for one label (RFC 9525 §6.3).
fn is_for(own: &str, host: &str) -> bool {
    let wild = || {
        let (_, domain) = host.split_once('.')?;
        Some(domain.eq_ignore_ascii_case(own.strip_prefix("*.")?))
    };
    own.eq_ignore_ascii_case(host) || wild().unwrap_or(false)
}
