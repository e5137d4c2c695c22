//! SIGHUP: the configuration is read again while the service runs.

use super::manager;
use crate::program::app::command::arguments::ConfigFile;
use crate::program::app::{Service, logging};
use crate::program::config::{self, Loaded};

/// How many keys are named that wait for the next start; the rest is counted.
const WAITING_NAMED_MAX: usize = 10;

/// Takes what can be taken without ending a session, and says what waits for the next start. A configuration that cannot be
/// is not taken at all. `started` is what the service was started with.
pub(super) fn reload(config: &ConfigFile, started: &Loaded, service: &Service) {
    manager::reloading();
    match config::read(&config.config) {
        Err(errors) => {
            for error in errors.all() {
                tracing::error!("{error}");
            }
            tracing::error!(
                "the configuration was not read again, and the service goes on as it was; mend what is wrong, and reload \
                 it once more"
            );
        }
        Ok(read) => {
            read.settings.profiles.put_in_force();
            if let Err(error) = logging::set_filter(&read.settings.log.filter) {
                tracing::error!(%error, "log.filter could not be changed");
            }
            service.reload(&read.settings);
            tracing::info!(
                "the configuration was read again, and so were certificates, providers and profiles"
            );
            if let Some(waiting) = waiting(started, &read) {
                tracing::warn!("{waiting} for the next start (`systemctl restart mailassay`)");
            }
        }
    }
    manager::ready();
}

/// What was changed and is not taken yet, in words; none: nothing.
fn waiting(started: &Loaded, read: &Loaded) -> Option<String> {
    let keys = started.written.awaiting_start(&read.written);
    let further = keys.len().saturating_sub(WAITING_NAMED_MAX);
    let mut named: Vec<String> = keys.iter().take(WAITING_NAMED_MAX).cloned().collect();
    match (named.len(), further) {
        (0, _) if started.settings.fingerprint() == read.settings.fingerprint() => return None,
        (0, _) => {
            return Some(
                "what is in a file that the configuration names, such as the zone's, waits".to_owned(),
            );
        }
        (_, 0) => {}
        (_, further) => named.push(format!("{further} more")),
    }
    Some(format!("{} {}", named.join(", "), if keys.len() == 1 { "waits" } else { "wait" }))
}
