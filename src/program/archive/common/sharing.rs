//! Keeps the secrets of this host and those of all nodes the same.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::program::archive::ArchiveError;
use crate::shared::keyfile;

use super::Common;
use super::bundle::{Bundle, Place, thin_out};
use super::secrets::{SecretRow, Turn};
use super::vault::{SealError, SealingKey};

/// Why secrets are not shared.
#[derive(Debug, thiserror::Error)]
pub enum NotShared {
    #[error(transparent)]
    Common(#[from] ArchiveError),
    #[error("node.seal_key: {0}")]
    Seal(#[from] SealError),
    /// A file of this host's cannot be read or written.
    #[error("{name}: {}: {source}", path.display())]
    File { name: &'static str, path: PathBuf, source: io::Error },
    /// This host has others than all nodes, and never had those.
    #[error(
        "{name}: {}: this is not what the other nodes have; move it away, and the next start takes theirs, or have all take \
         this one with `mailassay node agree`",
        path.display()
    )]
    Others { name: &'static str, path: PathBuf },
    /// Another node put something there just now.
    #[error(
        "{name}: another node changed it meanwhile, and it stays as that left it (changed before: {changed}); see that this \
         node has what you mean, and give `mailassay node agree` again"
    )]
    Meanwhile { name: &'static str, changed: String },
    /// The database has a version from before that which this host has had.
    #[error("{0}")]
    Older(Older),
    /// The key that all is sealed with would be among what is sealed.
    #[error(
        "node.seal_key: {}: it lies in a folder that nodes share ({name}: {}), and would be sealed with itself; move it \
         elsewhere",
        key.display(), folder.display()
    )]
    SealKeyInside { name: &'static str, folder: PathBuf, key: PathBuf },
}

/// Secrets that went back in the database, as after it was restored from a dump.
#[derive(Clone, Debug, thiserror::Error)]
#[error(
    "{name}: {}: the database {database} has version {there} of this (0: none), and this node had version {had} already, so \
     the database was restored from an older dump or is another; on a node that has the newer keys give `mailassay node \
     agree`, then start the others",
    path.display()
)]
pub struct Older {
    name: &'static str,
    path: PathBuf,
    database: String,
    there: i64,
    had: i64,
}

/// What this host and all nodes had the last time that it was the same.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Same {
    version: i64,
    digest: String,
    /// The version whose files are being written: what lies there may be some of the one and some of the other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    taking: Option<i64>,
}

impl Same {
    fn of(version: i64, bundle: &Bundle) -> Self {
        Self { version, digest: bundle.digest(), taking: None }
    }

    /// The highest version that this host has had anything of.
    fn highest(&self) -> i64 {
        self.taking.unwrap_or(0).max(self.version)
    }
}

/// Secrets that this host has, and all nodes.
pub struct Sharing {
    common: Arc<Common>,
    key: SealingKey,
    places: Vec<Place>,
    /// Where it is kept what was the same.
    memory: PathBuf,
    same: BTreeMap<String, Same>,
    /// Of what it was told that the database has a former version, and which.
    told: BTreeMap<&'static str, i64>,
}

/// Whoever begins: no other node does meanwhile.
pub struct Beginning(Sharing, Turn);

impl Sharing {
    /// Of these places, sealed with `key`. What was the same the last time is kept in the file `memory`.
    pub fn new(common: Arc<Common>, key: SealingKey, places: Vec<Place>, memory: PathBuf) -> Self {
        let text = keyfile::read(&memory).ok();
        // Without it a node with other secrets than all is asked which are meant.
        let same = text.and_then(|text| serde_json::from_slice(&text).ok()).unwrap_or_default();
        Self { common, key, places, memory, same, told: BTreeMap::new() }
    }

    /// Before this host makes what it lacks: takes what all nodes have.
    ///
    /// # Errors
    ///
    /// If they cannot be had, or this host has others.
    pub async fn begin(mut self) -> Result<Beginning, NotShared> {
        let turn = self.common.turn().await?;
        for place in self.places.clone() {
            let row = self.common.secret(place.name).await?;
            self.none_older(&place, row.as_ref().map_or(0, |row| row.version)).map_err(NotShared::Older)?;
            let Some(row) = row else { continue };
            let (own, all) = (self.own(&place)?, self.opened(&place, &row)?);
            let same = self.same.get(place.name);
            let had = same.is_some_and(|same| same.digest == own.digest());
            let is_half_taken = same.is_some_and(|same| same.taking.is_some());
            let changed_here = same.is_some_and(|same| same.version == row.version);
            let has_lost = changed_here && self.has_lost(&place, &own, &all);
            if own == all || own.is_empty() || had || is_half_taken || has_lost {
                self.take(&place, &own, &all, row.version)?;
            } else if !changed_here {
                return Err(NotShared::Others { name: place.name, path: place.path });
            }
        }
        self.remember()?;
        Ok(Beginning(self, turn))
    }

    /// Makes the two the same: what changed here is put there, what changed there is taken. Where both did, what is there
    /// holds, and a former version never does. Gives the names of what was taken.
    ///
    /// # Errors
    ///
    /// If the one or the other cannot be read or written.
    pub async fn follow(&mut self) -> Result<Vec<&'static str>, NotShared> {
        let versions = self.common.secret_versions().await?;
        let mut taken = Vec::new();
        for place in self.places.clone() {
            let there = versions.get(place.name).copied().unwrap_or(0);
            if let Err(older) = self.none_older(&place, there) {
                // Once, not every few seconds.
                if self.told.insert(place.name, there) != Some(there) {
                    tracing::error!(error = %older, "this node keeps its own");
                }
                continue;
            }
            self.told.remove(place.name);
            let own = self.own(&place)?;
            let same = self.same.get(place.name).cloned().unwrap_or_default();
            let is_half_taken = same.taking.is_some();
            let (is_mine, is_theirs) = (same.digest == own.digest(), same.version == there && !is_half_taken);
            if is_mine && is_theirs || own.is_empty() && there == 0 {
                continue;
            }
            let row = match there {
                0 => None,
                _ => self.common.secret(place.name).await?,
            };
            let all = row.as_ref().map(|row| self.opened(&place, row)).transpose()?;
            let has_lost = is_theirs && all.as_ref().is_some_and(|all| self.has_lost(&place, &own, all));
            if is_theirs && !own.is_empty() && !has_lost {
                self.put(&place, &own, there).await?;
                continue;
            }
            if !is_mine && !is_theirs && !is_half_taken && same.version > 0 && !own.is_empty() {
                tracing::warn!(
                    secrets = place.name,
                    "this node changed what another had changed already; the other's hold"
                );
            }
            let (Some(row), Some(all)) = (row, all) else { continue };
            // It may have been restored just now.
            if self.none_older(&place, row.version).is_ok() {
                self.take(&place, &own, &all, row.version)?;
                taken.push(place.name);
            }
        }
        self.remember()?;
        Ok(taken)
    }

    /// Makes what this host has what all nodes have, whatever that was. Gives the names of what changed by it.
    ///
    /// # Errors
    ///
    /// If the one or the other cannot be read or written, or another node put something there meanwhile.
    pub async fn agree_anew(&mut self) -> Result<Vec<&'static str>, NotShared> {
        let _turn = self.common.turn().await?;
        let mut changed = Vec::new();
        for place in self.places.clone() {
            let own = self.own(&place)?;
            let row = self.common.secret(place.name).await?;
            let there = row.as_ref().map_or(0, |row| row.version);
            let opened = row.as_ref().map(|row| self.opened(&place, row));
            let is_older = self.none_older(&place, there).is_err();
            if own.is_empty() || !is_older && matches!(&opened, Some(Ok(all)) if *all == own) {
                continue;
            }
            if !self.put(&place, &own, there).await? {
                return Err(NotShared::Meanwhile { name: place.name, changed: changed.join(", ") });
            }
            changed.push(place.name);
        }
        self.remember()?;
        Ok(changed)
    }

    /// Whether the version that is there is no former one.
    fn none_older(&self, place: &Place, there: i64) -> Result<(), Older> {
        let had = self.same.get(place.name).map_or(0, Same::highest);
        if there >= had {
            return Ok(());
        }
        let database = self.common.address.to_string();
        Err(Older { name: place.name, path: place.path.clone(), database, there, had })
    }

    /// Whether nothing changed here but that files are gone. Whoever removes one on purpose changes another that named it.
    fn has_lost(&self, place: &Place, own: &Bundle, all: &Bundle) -> bool {
        let lost = all.vanished(own);
        if !lost.is_empty() && !own.is_empty() {
            let files = lost.join(", ");
            tracing::warn!(secrets = place.name, %files, "files are gone at this node; they are taken from the database");
        }
        !lost.is_empty()
    }

    fn others<'a>(&'a self, place: &Place) -> Vec<&'a Path> {
        let others = self.places.iter().filter(|other| other.name != place.name);
        others.map(|other| other.path.as_path()).collect()
    }

    fn own(&self, place: &Place) -> Result<Bundle, NotShared> {
        Bundle::read(place, &self.others(place)).map_err(|source| failed(place, source))
    }

    fn opened(&self, place: &Place, row: &SecretRow) -> Result<Bundle, NotShared> {
        let opened = self.key.open(place.name, row.version, &row.sealed)?;
        let unread = || io::Error::new(io::ErrorKind::InvalidData, "a later version of mailassay sealed it");
        Bundle::from_octets(&opened).ok_or_else(|| failed(place, unread()))
    }

    /// Writes a version where there is `own`. What is not written whole is known at the next start.
    fn take(&mut self, place: &Place, own: &Bundle, all: &Bundle, version: i64) -> Result<(), NotShared> {
        if own != all {
            let same = self.same.entry(place.name.to_owned()).or_default();
            same.taking = Some(version);
            let before = same.version;
            self.remember()?;
            let former = self.memory.with_file_name("former").join(place.name);
            let written = all.write(place, &self.others(place), &former.join(before.to_string()));
            written.and_then(|()| thin_out(&former)).map_err(|source| failed(place, source))?;
        }
        self.same.insert(place.name.to_owned(), Same::of(version, all));
        self.remember()
    }

    /// Puts there what this host has, where version `there` is; whether it was. Where another was first, its own is taken
    /// the next time.
    async fn put(&mut self, place: &Place, own: &Bundle, there: i64) -> Result<bool, NotShared> {
        let had = self.same.get(place.name).map_or(0, Same::highest);
        let next = self.common.next_secret_version(had.max(there)).await?;
        let unsealed = || failed(place, io::Error::other("it could not be sealed"));
        let sealed = self.key.seal(place.name, next, &own.to_octets()).ok_or_else(unsealed)?;
        let is_put = self.common.put_secret(place.name, (there, next), &sealed).await?;
        if is_put {
            self.same.insert(place.name.to_owned(), Same::of(next, own));
            self.remember()?;
        }
        Ok(is_put)
    }

    fn remember(&self) -> Result<(), NotShared> {
        let text = serde_json::to_vec(&self.same).unwrap_or_default();
        let kept = keyfile::read(&self.memory).ok();
        if kept.as_deref() == Some(&text) {
            return Ok(());
        }
        let failed = |source| NotShared::File { name: "journal.path", path: self.memory.clone(), source };
        keyfile::write(&self.memory, &text).map_err(failed)
    }
}

impl Beginning {
    /// After this host has made what it lacked: all nodes have that, too, from now on.
    ///
    /// # Errors
    ///
    /// If the one or the other cannot be read or written.
    pub async fn end(self) -> Result<Sharing, NotShared> {
        let Self(mut sharing, _turn) = self;
        sharing.follow().await?;
        Ok(sharing)
    }
}

fn failed(place: &Place, source: io::Error) -> NotShared {
    NotShared::File { name: place.name, path: place.path.clone(), source }
}
