//! Nodes that share a journal must show the same keys: looked at when one starts, and, where they lie sealed in the database,
//! kept the same for as long as it runs.

use std::future::Future;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};
use tokio_util::sync::CancellationToken;

use super::Assembly;
use super::certificates::Following;
use super::chores::OTHERS_S;
use crate::program::app::error::StartError;
use crate::program::app::parts;
use crate::program::archive::{Beginning, Common, Place, Sharing};
use crate::program::config::Settings;
use crate::sending::journal::{self, Opened};
use crate::shared::keyfile;

/// By this file nodes see that a folder is the same one for all.
const MARK: &str = ".mailassay-shared";

/// Refuses to start where another node has other keys, or folders of its own for keys that change.
pub(super) async fn agree_on_keys(opened: &mut Opened, settings: &Settings) -> Result<(), StartError> {
    if settings.journal.url.is_none() || settings.node.seal_key.is_some() {
        return Ok(());
    }
    for (Place { name: key, path, .. }, found) in found(settings)? {
        let agrees = opened.agree(key, &found).await;
        let failed = |source| StartError::Journal { source, place: settings.journal.place() };
        if !agrees.map_err(failed)? {
            return Err(StartError::OtherKeys { key, place: path });
        }
    }
    Ok(())
}

/// Takes the keys that other nodes have, where they lie sealed in the database, before this one makes what it lacks.
pub(super) async fn begin(
    settings: &Settings,
    common: Option<&Arc<Common>>,
) -> Result<Option<Beginning>, StartError> {
    match parts::sharing(settings, common)? {
        Some(sharing) => Ok(Some(sharing.begin().await?)),
        None => Ok(None),
    }
}

/// Leaves what was made to the others; and the journal's secret, which is `drawn` where there is none yet.
pub(super) async fn end(
    beginning: Option<Beginning>,
    settings: &Settings,
    drawn: [u8; 32],
) -> Result<Option<Sharing>, StartError> {
    let Some(beginning) = beginning else { return Ok(None) };
    let failed = |source| StartError::Journal { source, place: settings.journal.place() };
    journal::put_secret_beside(&settings.journal, || drawn).await.map_err(failed)?;
    Ok(Some(beginning.end().await?))
}

/// What this node has of what all must have the same: digests of keys, and what marks a folder.
pub(in crate::program::app) fn found(settings: &Settings) -> Result<Vec<(Place, String)>, StartError> {
    let found = parts::shared_places(settings).into_iter().map(|place| {
        let found = match place.is_folder {
            true => mark(&place.path),
            false => keyfile::read(&place.path).map(|key| HEXLOWER.encode(&Sha256::digest(key))),
        };
        let (key, path) = (place.name, place.path.clone());
        let found = found.map_err(|source| StartError::SharedKey { key, place: path, source })?;
        Ok((place, found))
    });
    found.collect()
}

/// What marks a folder, made where there is none.
#[expect(clippy::disallowed_methods, reason = "the roof draws")]
fn mark(folder: &Path) -> io::Result<String> {
    let path = folder.join(MARK);
    let found = match keyfile::read(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let drawn: [u8; 16] = rand::random();
            keyfile::write(&path, HEXLOWER.encode(&drawn).as_bytes())?;
            keyfile::read(&path)?
        }
        found => found?,
    };
    Ok(String::from_utf8_lossy(&found).into_owned())
}

impl Assembly {
    /// Keeps keys and certificates as all nodes have them, where they lie sealed in the database.
    pub(super) fn share(
        &self,
        following: Arc<Following>,
        stop: CancellationToken,
    ) -> impl Future<Output = ()> + Send + 'static {
        let sharing = self.sharing.lock().take();
        let (authority, clock) = (Arc::clone(&self.authority), Arc::clone(&self.clock));
        async move {
            let Some(mut sharing) = sharing else { return stop.cancelled().await };
            let pause = || tokio::time::sleep(Duration::from_secs(OTHERS_S));
            let mut last = None;
            while stop.run_until_cancelled(pause()).await.is_some() {
                let taken = match sharing.follow().await {
                    Ok(taken) => taken,
                    Err(error) => {
                        let told = Some(error.to_string());
                        if told != last {
                            tracing::error!(%error, "keys may not be those of the other nodes; it is tried again");
                            last = told;
                        }
                        continue;
                    }
                };
                last = None;
                for name in taken {
                    tracing::info!(secrets = name, "what the database has was taken");
                    let followed = match name {
                        "zone.keys" => authority.refresh(clock()).map_err(|error| error.to_string()),
                        "tls.folder" => following.follow(clock()).map(drop),
                        _ => {
                            tracing::warn!(key = name, "it is another now, and used from the next start on");
                            Ok(())
                        }
                    };
                    if let Err(reason) = followed {
                        tracing::error!(secrets = name, %reason, "what another node changed cannot be used");
                    }
                }
            }
        }
    }
}
