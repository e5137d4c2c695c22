//! Nodes that share a journal must show the same keys: looked at when one starts.

use std::io;
use std::path::Path;

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use crate::program::app::error::StartError;
use crate::program::config::Settings;
use crate::sending::journal::Opened;
use crate::shared::keyfile;

/// By this file nodes see that a folder is the same one for all.
const MARK: &str = ".mailassay-shared";

/// Refuses to start where another node has other keys, or folders of its own for keys that change.
pub(super) async fn agree_on_keys(opened: &mut Opened, settings: &Settings) -> Result<(), StartError> {
    if settings.journal.url.is_none() {
        return Ok(());
    }
    let digest = |path: &Path| keyfile::read(path).map(|key| HEXLOWER.encode(&Sha256::digest(key)));
    let found = [
        ("dkim.key", &settings.dkim.key, digest(&settings.dkim.key)),
        ("seal.key", &settings.seal.key, digest(&settings.seal.key)),
        ("zone.keys", &settings.zone.authority.keys, mark(&settings.zone.authority.keys)),
        ("tls.folder", &settings.tls.folder, mark(&settings.tls.folder)),
    ];
    let place = || settings.journal.place();
    for (key, path, found) in found {
        let found = found.map_err(|source| StartError::SharedKey { key, place: path.clone(), source })?;
        let agrees = opened.agree(key, &found).await;
        if !agrees.map_err(|source| StartError::Journal { source, place: place() })? {
            return Err(StartError::OtherKeys { key, place: path.clone() });
        }
    }
    Ok(())
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
