//! What is told to the service manager, if one wants to hear it (sd_notify(3)).

use sd_notify::NotifyState;

/// All is bound, and the service does its work.
pub(super) fn ready() {
    tell(&[NotifyState::Ready]);
}

/// It reads its configuration again.
pub(super) fn reloading() {
    // systemd takes a reload for one that it asked for by the time at which it began.
    match NotifyState::monotonic_usec_now() {
        Ok(now) => tell(&[NotifyState::Reloading, now]),
        Err(error) => tracing::debug!(%error, "systemd was not told of a reload"),
    }
}

/// It stops in order.
pub(super) fn stopping() {
    tell(&[NotifyState::Stopping]);
}

fn tell(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::warn!(%error, "the service manager could not be told of the service's state");
    }
}
