//! The published part as static pages.

use std::fs;
use std::path::Path;

use super::super::ending::{CommandError, shown};
use crate::program::config::Settings;
use crate::program::providers::Register;
use crate::program::site::static_pages;
use crate::shared::time::Timestamp;

/// Writes the pages into a folder, which is made where there is none. What it has beside them stays.
pub(super) async fn write(
    register: &Register,
    settings: &Settings,
    out: &Path,
    now: Timestamp,
) -> Result<(), CommandError> {
    let pages = static_pages(register, &settings.report.site_url, now).await?;
    for page in pages {
        let place = out.join(&page.path);
        let made = place.parent().map_or(Ok(()), fs::create_dir_all);
        made.and_then(|()| fs::write(&place, page.content))
            .map_err(|error| CommandError::Unfit(format!("{}: {error}", shown(&place))))?;
    }
    Ok(())
}
