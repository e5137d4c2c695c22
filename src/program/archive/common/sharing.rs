//! Keeps the secrets of this host and those of all nodes the same.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::program::archive::ArchiveError;
use crate::shared::keyfile;

use super::Common;
use super::bundle::{Bundle, Place};
use super::secrets::Turn;
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
}

/// What this host and all nodes had the last time that it was the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Same {
    version: i64,
    digest: String,
}

/// Secrets that this host has, and all nodes.
pub struct Sharing {
    common: Arc<Common>,
    key: SealingKey,
    places: Vec<Place>,
    /// Where it is kept what was the same.
    memory: PathBuf,
    same: BTreeMap<String, Same>,
}

/// Whoever begins: no other node does meanwhile.
pub struct Beginning(Sharing, Turn);

impl Sharing {
    /// Of these places, sealed with `key`. What was the same the last time is kept in the file `memory`.
    pub fn new(common: Arc<Common>, key: SealingKey, places: Vec<Place>, memory: PathBuf) -> Self {
        let text = keyfile::read(&memory).ok();
        // Without it a node with other secrets than all is asked which are meant.
        let same = text.and_then(|text| serde_json::from_slice(&text).ok()).unwrap_or_default();
        Self { common, key, places, memory, same }
    }

    /// Before this host makes what it lacks: takes what all nodes have.
    ///
    /// # Errors
    ///
    /// If they cannot be had, or this host has others.
    pub async fn begin(mut self) -> Result<Beginning, NotShared> {
        let turn = self.common.turn().await?;
        for place in self.places.clone() {
            let Some(row) = self.common.secret(place.name).await? else {
                self.same.remove(place.name);
                continue;
            };
            let (own, all) = (self.own(&place)?, self.opened(&place, &row.sealed)?);
            let same = self.same.get(place.name);
            let had = same.is_some_and(|same| same.digest == own.digest());
            let changed_here = same.is_some_and(|same| same.version == row.version);
            if own == all || own.is_empty() || had {
                self.take(&place, &all, row.version)?;
            } else if !changed_here {
                return Err(NotShared::Others { name: place.name, path: place.path });
            }
        }
        self.remember()?;
        Ok(Beginning(self, turn))
    }

    /// Makes the two the same: what changed here is put there, what changed there is taken. Where both did, what is there
    /// holds. Gives the names of what was taken.
    ///
    /// # Errors
    ///
    /// If the one or the other cannot be read or written.
    pub async fn follow(&mut self) -> Result<Vec<&'static str>, NotShared> {
        let versions = self.common.secret_versions().await?;
        let mut taken = Vec::new();
        for place in self.places.clone() {
            let own = self.own(&place)?;
            let same = self.same.get(place.name).cloned();
            let is_mine = same.as_ref().is_some_and(|same| same.digest == own.digest());
            let there = versions.get(place.name).copied();
            let is_theirs = same.as_ref().map(|same| same.version) == there;
            if is_mine && is_theirs || own.is_empty() && there.is_none() {
                continue;
            }
            if (is_theirs || there.is_none()) && !own.is_empty() {
                self.put(&place, &own, there.unwrap_or(0)).await?;
                continue;
            }
            if !is_mine && same.is_some() && !own.is_empty() {
                tracing::warn!(
                    secrets = place.name,
                    "this node changed what another had changed already; the other's hold"
                );
            }
            let Some(row) = self.common.secret(place.name).await? else { continue };
            let all = self.opened(&place, &row.sealed)?;
            self.take(&place, &all, row.version)?;
            taken.push(place.name);
        }
        self.remember()?;
        Ok(taken)
    }

    /// Makes what this host has what all nodes have, whatever that was. Gives the names of what changed by it.
    ///
    /// # Errors
    ///
    /// If the one or the other cannot be read or written.
    pub async fn agree_anew(&mut self) -> Result<Vec<&'static str>, NotShared> {
        let _turn = self.common.turn().await?;
        let mut changed = Vec::new();
        for place in self.places.clone() {
            let own = self.own(&place)?;
            let row = self.common.secret(place.name).await?;
            let opened = row.as_ref().map(|row| self.opened(&place, &row.sealed));
            if own.is_empty() || matches!(&opened, Some(Ok(all)) if *all == own) {
                continue;
            }
            self.put(&place, &own, row.map_or(0, |row| row.version)).await?;
            changed.push(place.name);
        }
        self.remember()?;
        Ok(changed)
    }

    fn others<'a>(&'a self, place: &Place) -> Vec<&'a Path> {
        let others = self.places.iter().filter(|other| other.name != place.name);
        others.map(|other| other.path.as_path()).collect()
    }

    fn own(&self, place: &Place) -> Result<Bundle, NotShared> {
        Bundle::read(place, &self.others(place)).map_err(|source| failed(place, source))
    }

    fn opened(&self, place: &Place, sealed: &[u8]) -> Result<Bundle, NotShared> {
        let opened = self.key.open(place.name, sealed)?;
        let unread = || io::Error::new(io::ErrorKind::InvalidData, "a later version of mailassay sealed it");
        Bundle::from_octets(&opened).ok_or_else(|| failed(place, unread()))
    }

    fn take(&mut self, place: &Place, all: &Bundle, version: i64) -> Result<(), NotShared> {
        all.write(place, &self.others(place)).map_err(|source| failed(place, source))?;
        self.same.insert(place.name.to_owned(), Same { version, digest: all.digest() });
        Ok(())
    }

    async fn put(&mut self, place: &Place, own: &Bundle, after: i64) -> Result<(), NotShared> {
        let unsealed = || failed(place, io::Error::other("it could not be sealed"));
        let sealed = self.key.seal(place.name, &own.to_octets()).ok_or_else(unsealed)?;
        // Where another was first, its own is taken the next time.
        if let Some(version) = self.common.put_secret(place.name, after, &sealed).await? {
            self.same.insert(place.name.to_owned(), Same { version, digest: own.digest() });
        }
        Ok(())
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
