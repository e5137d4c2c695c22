//! A journal with a crowd in it.

use std::error::Error;
use std::path::Path;
use std::sync::Arc;

use mailassay::sending::journal::{Opened, Settings};
use mailassay::sending::persona::CatalogueFiles;
use mailassay::sending::trial::Pace;
use mailassay::sending::trials::{Attribution, Limits, Trials};
use mailassay::shared::time::Timestamp;

use super::crowd::{Crowd, fill};
use super::world::ORIGIN;

/// The first link's number: far below those that the service gives by its clock.
pub(crate) const FIRST_LINK: u64 = 1_000;
/// The secret of the journal.
pub(crate) const SECRET: [u8; 32] = [7; 32];

/// Makes a journal at `path` with so many trials, up to now: nine in ten ended and told.
pub(crate) async fn filled(path: &Path, trials: u32) -> Result<(), Box<dyn Error>> {
    let catalogue = Arc::new(CatalogueFiles::embedded().catalogue(ORIGIN)?);
    let projection = Attribution::new(catalogue, Pace::default(), Limits::default(), SECRET.to_vec());
    let store = Arc::new(Trials::new(projection));
    let settings = Settings { path: path.to_owned(), ..Settings::default() };
    let journal = Opened::open(settings, || SECRET).await?.start(vec![store.clone()]).await?;
    let mut crowd = Crowd::new(ORIGIN, SECRET, FIRST_LINK);
    fill(&mut crowd, (&journal, &store), (0, trials), Timestamp::now()).await?;
    journal.close().await;
    Ok(())
}
