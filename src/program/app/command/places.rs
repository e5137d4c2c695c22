//! The places of the service that a configuration is of: whoever scans beside it takes part in them.

use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::timeout;

use crate::program::app::parts::ScanPlaces;
use crate::receiving::places::{DatabasePlaces, FolderPlaces, Places, Sign};
use crate::shared::database::postgres::Address;
use crate::shared::keyfile::{Want, Who, told};

/// How long a database may take to give a place that nobody else asks for, in seconds.
const PROBE_S: u64 = 10;

/// An operator's places, as a service shares them.
pub(super) struct ServicePlaces {
    port: Arc<dyn Places>,
    database: Option<(Address, Arc<DatabasePlaces>)>,
}

impl ServicePlaces {
    /// Those of a service, which may also come later. An error says what to do.
    pub(super) async fn open(at: &ScanPlaces) -> Result<Self, String> {
        match at {
            ScanPlaces::Folder(folder) => {
                let places = FolderPlaces::beside(folder).map_err(|error| closed(folder, error))?;
                Ok(Self { port: Arc::new(places), database: None })
            }
            ScanPlaces::Database(address) => {
                let places = Arc::new(DatabasePlaces::new((**address).clone()));
                places.open().await.map_err(|error| unreached(address, &error.to_string()))?;
                let database = Some(((**address).clone(), Arc::clone(&places)));
                Ok(Self { port: places, database })
            }
        }
    }

    pub(super) fn port(&self) -> Arc<dyn Places> {
        Arc::clone(&self.port)
    }

    /// Whether these are the places of a survey's database, whatever both are called: what is taken there is taken here.
    /// `probe` is a name that nobody has.
    pub(super) async fn are_those_of(&self, survey: &dyn Places, probe: String) -> Result<bool, String> {
        let Some((address, database)) = &self.database else { return Ok(false) };
        let sign = Sign::Operator(probe);
        let taken = timeout(Duration::from_secs(PROBE_S), survey.take(&sign, 1)).await;
        let _place = taken.map_err(|_| "the database of the survey does not answer".to_owned())?;
        database.is_taken(&sign).await.map_err(|why| unreached(address, &why))
    }

    /// Sees to it that they are shared again after they were not, for as long as this is asked on.
    pub(super) async fn keep(&self) {
        match &self.database {
            Some((_, database)) => database.keep().await,
            None => std::future::pending().await,
        }
    }
}

/// The places for a short scan, which is made all the same where they cannot be had; they are seen to until the program ends.
pub(super) async fn for_once(at: &ScanPlaces) -> Option<Arc<dyn Places>> {
    match ServicePlaces::open(at).await {
        Ok(places) => {
            let port = places.port();
            tokio::spawn(async move { places.keep().await });
            Some(port)
        }
        Err(why) => {
            eprintln!("mailassay: {why}; this goes on by itself");
            None
        }
    }
}

/// That a database is not reached, why, and what to do.
fn unreached(address: &Address, why: &str) -> String {
    format!(
        "{address}: {why}; there the nodes of this configuration share an operator's places: run this where they reach it, \
         and as their user, who knows its password"
    )
}

/// That the folder is another user's, who he is, and what to do.
fn closed(folder: &Path, error: std::io::Error) -> String {
    let (this, shown) = (Who::this(), folder.display());
    match Who::owns(folder) {
        Ok(owner) if error.kind() == ErrorKind::PermissionDenied && owner.name() != this.name() => {
            let (name, word) = (owner.name(), owner.word());
            let user =
                if word.starts_with(|c: char| c.is_ascii_digit()) { format!("'#{word}'") } else { word };
            format!(
                "{shown}: the service that scans from this host runs as {name}, and this runs as {}, who may not look \
                 there: run this as {name} (`sudo -u {user} mailassay ...`), so that both together show an operator two \
                 connections at a time",
                this.name()
            )
        }
        _ => format!("{shown}: {}", told(folder, Want::Write, error)),
    }
}
