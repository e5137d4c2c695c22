//! The secret by which tests, links and objections are known. As a rule it lies in the journal; where nodes seal what they
//! share, in a file at each of them, and the database has only what tells whether a file is the right one.

use std::io;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::shared::keyfile;

use super::connection::{Connection, query};

/// How large it is, in octets.
pub(in crate::sending::journal) const SECRET_OCTETS: usize = 32;

/// Why there is no secret that fits the journal.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    #[error(transparent)]
    Database(#[from] sqlx::Error),
    /// The file cannot be read or written.
    #[error("{}: {source}", path.display())]
    File { path: PathBuf, source: io::Error },
    /// The file holds something else.
    #[error(
        "{}: it has {found} octets, and the journal's secret has {SECRET_OCTETS}; take it from a node that runs, or from a \
         backup of this one",
        path.display()
    )]
    Length { path: PathBuf, found: usize },
    /// The journal was written with another secret.
    #[error(
        "{}: this is not the secret of this journal, and tests, links and objections would not be known by it; move it \
         away, and the next start takes that of the other nodes (`node.seal_key`)",
        path.display()
    )]
    Another { path: PathBuf },
    /// The journal's secret lies in a file that this node does not have.
    #[error(
        "{}: it is not there, and this journal's secret lies in a file; set `node.seal_key` as the other nodes have it, or \
         copy the file from one of them (mode 600)",
        path.display()
    )]
    Elsewhere { path: PathBuf },
}

/// The secret of a journal that is written; what `new_secret` gives where there is none yet. A secret that lay in the database
/// goes from there once it lies in the file `beside`.
pub(in crate::sending::journal) async fn ensure_secret(
    connection: &mut Connection,
    beside: Option<&Path>,
    new_secret: impl FnOnce() -> [u8; SECRET_OCTETS],
) -> Result<[u8; SECRET_OCTETS], SecretError> {
    if let Some(path) = beside
        && let Some(secret) = in_file(path)?
    {
        agree(connection, path, &secret).await?;
        return Ok(secret);
    }
    if let Some(secret) = find_secret(connection, beside).await? {
        return Ok(secret);
    }
    let secret = new_secret();
    query("INSERT INTO meta (name, value) VALUES ('secret', $1) ON CONFLICT (name) DO NOTHING")
        .bind(secret.to_vec())
        .execute(connection)
        .await?;
    // Where two nodes begin at once, one of them was first.
    Ok(in_database(connection).await?.unwrap_or(secret))
}

/// The secret of a journal, if there is one.
pub(in crate::sending::journal) async fn find_secret(
    connection: &mut Connection,
    beside: Option<&Path>,
) -> Result<Option<[u8; SECRET_OCTETS]>, SecretError> {
    let digest = value(connection, "secret digest").await?;
    if let (Some(path), Some(digest)) = (beside, digest) {
        let path = path.to_owned();
        return match in_file(&path)? {
            Some(secret) if digest == digest_of(&secret) => Ok(Some(secret)),
            Some(_) => Err(SecretError::Another { path }),
            None => Err(SecretError::Elsewhere { path }),
        };
    }
    Ok(in_database(connection).await?)
}

/// Puts the secret into the file `path` where that is not there: the one that the database has, or else what `new_secret`
/// gives.
pub(in crate::sending::journal) async fn put_beside(
    connection: &mut Connection,
    path: &Path,
    new_secret: impl FnOnce() -> [u8; SECRET_OCTETS],
) -> Result<(), SecretError> {
    if in_file(path)?.is_some() {
        return Ok(());
    }
    let secret = find_secret(connection, Some(path)).await?.unwrap_or_else(new_secret);
    keyfile::write(path, &secret).map_err(|source| SecretError::File { path: path.to_owned(), source })
}

/// Sees that a file holds the secret of this journal, and takes it out of the database.
async fn agree(
    connection: &mut Connection,
    path: &Path,
    secret: &[u8; SECRET_OCTETS],
) -> Result<(), SecretError> {
    let another = || SecretError::Another { path: path.to_owned() };
    let in_clear = in_database(connection).await?;
    if in_clear.is_some_and(|in_clear| in_clear != *secret) {
        return Err(another());
    }
    query("INSERT INTO meta (name, value) VALUES ('secret digest', $1) ON CONFLICT (name) DO NOTHING")
        .bind(digest_of(secret))
        .execute(connection)
        .await?;
    if value(connection, "secret digest").await? != Some(digest_of(secret)) {
        return Err(another());
    }
    if in_clear.is_some() {
        query("DELETE FROM meta WHERE name = 'secret'").execute(connection).await?;
        tracing::info!(
            path = %path.display(),
            "the journal's secret lies in this file now, and no longer in the database; dumps from before still hold it"
        );
    }
    Ok(())
}

fn in_file(path: &Path) -> Result<Option<[u8; SECRET_OCTETS]>, SecretError> {
    let path = path.to_owned();
    match keyfile::read(&path) {
        Ok(octets) => {
            let found = octets.len();
            octets.try_into().map(Some).map_err(|_| SecretError::Length { path, found })
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(SecretError::File { path, source }),
    }
}

async fn in_database(connection: &mut Connection) -> sqlx::Result<Option<[u8; SECRET_OCTETS]>> {
    let Some(octets) = value(connection, "secret").await? else { return Ok(None) };
    let wrong = |octets: Vec<u8>| sqlx::Error::Decode(format!("a secret of {} octets", octets.len()).into());
    octets.try_into().map(Some).map_err(wrong)
}

async fn value(connection: &mut Connection, name: &str) -> sqlx::Result<Option<Vec<u8>>> {
    let row = query("SELECT value FROM meta WHERE name = $1").bind(name);
    let row = row.fetch_optional(connection).await?;
    row.map(|row| row.try_get(0)).transpose()
}

/// By this a file is known as the right one; from it nothing follows of a secret that is drawn.
fn digest_of(secret: &[u8; SECRET_OCTETS]) -> Vec<u8> {
    Sha256::new().chain_update(b"mailassay journal secret").chain_update(secret).finalize().to_vec()
}
