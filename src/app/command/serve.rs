//! `serve`.

use rustix::process::{Resource, getrlimit, setrlimit};
use tokio::signal::unix::{SignalKind, signal};

use super::CommandError;
use crate::app::{Service, system_clock};
use crate::config::Settings;

/// Raises the limit of open files as far as the system allows. Service managers start with 1024, which the
/// limits on links of the listeners together exceed.
fn raise_open_files() {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    if let Err(error) = setrlimit(Resource::Nofile, limit) {
        tracing::warn!(%error, "the limit of open files stays as it is");
    }
}

/// Serves until SIGTERM or SIGINT.
pub(super) async fn serve(
    settings: Settings,
    new_secret: impl FnOnce() -> [u8; 32],
) -> Result<(), CommandError> {
    raise_open_files();
    // Before anything is bound, so that a signal during the start is not lost.
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let origin = settings.origin.clone();
    let service = Service::start(settings, system_clock(), new_secret).await?;
    let bound = &service.bound;
    tracing::info!(
        %origin, smtp = ?bound.smtp, dns = ?bound.dns, policy_host = ?bound.policy_host, site = ?bound.site,
        "serving"
    );
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    tracing::info!("stopping; a second signal ends it at once");
    tokio::select! {
        () = service.stop() => tracing::info!("stopped"),
        _ = terminate.recv() => tracing::warn!("ended at once"),
        _ = interrupt.recv() => tracing::warn!("ended at once"),
    }
    Ok(())
}
