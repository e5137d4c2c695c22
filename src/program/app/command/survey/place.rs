//! Where a survey is: a file, or a database.

use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;

use super::super::ending::{CommandError, shown};
use crate::receiving::survey::{PostgresStore, SqliteStore, Store, StoreError, Worker};
use crate::shared::database::postgres::Address;

/// A file of SQLite, or a database of PostgreSQL.
#[derive(Clone, Debug)]
pub(super) enum Place {
    File(PathBuf),
    Database(Box<Address>),
}

impl FromStr for Place {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if Address::is_meant(text) {
            return text
                .parse()
                .map(|address| Self::Database(Box::new(address)))
                .map_err(|error| format!("{error}"));
        }
        match text.split_once("://") {
            Some((scheme, _)) => {
                Err(format!("`{scheme}` is nothing that a survey is kept in; name a file, or postgres://"))
            }
            None => Ok(Self::File(text.into())),
        }
    }
}

impl Place {
    /// Opens it to work on it, and makes it where there is none.
    pub(super) async fn open(&self, worker: Worker) -> Result<Arc<dyn Store>, CommandError> {
        Ok(match self {
            Self::File(path) => Arc::new(SqliteStore::open(path).await.map_err(unfit)?),
            Self::Database(address) => Arc::new(PostgresStore::open(address, worker).await.map_err(unfit)?),
        })
    }

    /// Opens it only to read it.
    pub(super) async fn read(&self) -> Result<Arc<dyn Store>, CommandError> {
        Ok(match self {
            Self::File(path) => Arc::new(SqliteStore::read(path).await.map_err(unfit)?),
            Self::Database(address) => Arc::new(PostgresStore::read(address).await.map_err(unfit)?),
        })
    }

    /// What the survey is called: by its file or its database.
    pub(super) fn title(&self) -> String {
        match self {
            Self::File(path) => path.file_stem().unwrap_or_default().to_string_lossy().into_owned(),
            Self::Database(address) => address.to_string().rsplit('/').next().unwrap_or_default().to_owned(),
        }
    }

    /// As messages name it, without a password.
    pub(super) fn shown(&self) -> String {
        match self {
            Self::File(path) => shown(path),
            Self::Database(address) => address.to_string(),
        }
    }
}

/// What work on a store came to, once that is closed, however it ended: only then is a file whole.
pub(super) async fn closed<T>(store: &dyn Store, worked: Result<T, CommandError>) -> Result<T, CommandError> {
    let closed = store.close().await;
    let worked = worked?;
    closed.map_err(unfit)?;
    Ok(worked)
}

pub(super) fn unfit(error: StoreError) -> CommandError {
    CommandError::Unfit(error.to_string())
}
