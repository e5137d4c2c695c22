//! `serve`.

mod manager;
mod reload;

use std::time::Duration;

use rustix::process::{Resource, getrlimit, setrlimit};
use tokio::signal::unix::{SignalKind, signal};

use super::arguments::ConfigFile;
use super::ending::{CommandError, Exit};
use crate::program::app::supervision::{TROUBLE_ADVICE, TROUBLE_EXIT_CODE};
use crate::program::app::{Service, logging, system_clock};
use crate::program::config::Settings;
use crate::shared::keyfile::Who;

/// Raises the limit of open files as far as the system allows. Service managers start with 1024, which the
/// limits on links of the listeners together exceed.
fn raise_open_files() {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    if let Err(error) = setrlimit(Resource::Nofile, limit) {
        tracing::warn!(%error, "the limit of open files stays as it is");
    }
}

/// Whose the folder of the journal is, where root serves in another's.
fn owner_beside_root(settings: &Settings) -> Option<String> {
    let owner = Who::owns(settings.journal.path.parent()?).ok()?;
    (Who::this().is_root() && !owner.is_root()).then(|| owner.name())
}

/// How long a service whose part died may take to stop in order, in seconds. Whatever is left then is read from the
/// journal by the next one.
const TROUBLED_STOP_S: u64 = 10;

/// Serves until SIGTERM or SIGINT, or until a part of it dies. SIGHUP reads the configuration again.
pub(super) async fn serve(
    config: &ConfigFile,
    new_secret: impl FnOnce() -> [u8; 32],
) -> Result<Exit, CommandError> {
    logging::tell_panics();
    // Before anything else, so that no signal ends what has just begun.
    let mut hangup = signal(SignalKind::hangup())?;
    let started = config.read()?;
    let settings = &started.settings;
    // It was read before, with the configuration.
    let _ = logging::set_filter(&settings.log.filter);
    raise_open_files();
    if let Some(owner) = owner_beside_root(settings) {
        tracing::warn!(
            "this runs as root in a folder of {owner}'s: what is stored will be root's, and a service of {owner}'s could not \
             go on with it; start it as {owner} (`systemctl start mailassay`)"
        );
    }
    // Before anything is bound, so that a signal during the start is not lost.
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let origin = settings.origin.clone();
    let service = Service::start(settings.clone(), system_clock(), new_secret).await?;
    let bound = &service.bound;
    tracing::info!(
        %origin, smtp = ?bound.smtp, dns = ?bound.dns, policy_host = ?bound.policy_host, site = ?bound.site, metrics = ?bound.metrics,
        "serving"
    );
    let supervision = service.supervision.clone();
    manager::ready();
    let died = loop {
        tokio::select! {
            _ = terminate.recv() => break None,
            _ = interrupt.recv() => break None,
            trouble = supervision.died() => break Some(trouble),
            _ = hangup.recv() => reload::reload(config, &started, &service),
        }
    };
    manager::stopping();
    if let Some(trouble) = died {
        tracing::error!("{trouble}: the service ends with exit code {TROUBLE_EXIT_CODE}; {TROUBLE_ADVICE}");
        let limit = Duration::from_secs(TROUBLED_STOP_S);
        if tokio::time::timeout(limit, service.stop()).await.is_err() {
            tracing::warn!("it did not stop in order within {TROUBLED_STOP_S} s");
        }
        return Ok(Exit::Trouble);
    }
    tracing::info!("stopping; a second signal ends it at once");
    tokio::select! {
        () = service.stop() => tracing::info!("stopped"),
        _ = terminate.recv() => tracing::warn!("ended at once"),
        _ = interrupt.recv() => tracing::warn!("ended at once"),
    }
    // A part that died while it stopped has lost nothing either, and yet is no orderly end.
    Ok(if supervision.trouble().is_some() { Exit::Trouble } else { Exit::Well })
}
