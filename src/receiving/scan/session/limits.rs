//! How long a session may take, and how much may be read in it.

use std::time::Duration;

use tokio::time::Instant;

use crate::receiving::probe::Limits;
use crate::shared::smtp::{ClientSettings, ReplyLimits, Timeouts};

/// The limits of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionLimits {
    /// How long a greeting is awaited, in seconds; default 60: tarpits and postscreen make clients wait.
    pub greeting_s: u32,
    /// How long each other reply is awaited, in seconds; default 30.
    pub command_s: u32,
    /// How long the real handshake may take, in seconds; default 20.
    pub handshake_s: u32,
    /// How long a whole connection may take, in seconds; default 120.
    pub session_s: u32,
    /// How long a server may take to close its side once we closed ours, in milliseconds and within the whole
    /// connection's time; default 700. Only then the connection is over.
    pub linger_ms: u32,
    /// How much is read in clear, in octets; default 256 KiB.
    pub clear_octets_max: usize,
    /// How much of TLS is read, and for how long.
    pub tls: Limits,
}

impl Default for SessionLimits {
    fn default() -> Self {
        Self {
            greeting_s: 60,
            command_s: 30,
            handshake_s: 20,
            session_s: 120,
            linger_ms: 700,
            clear_octets_max: 256 * 1024,
            tls: Limits::default(),
        }
    }
}

impl SessionLimits {
    pub(super) fn client(&self) -> ClientSettings {
        let command_s = self.command_s;
        let timeouts = Timeouts {
            greeting_s: self.greeting_s,
            command_s,
            mail_s: command_s,
            rcpt_s: command_s,
            ..Timeouts::default()
        };
        ClientSettings { timeouts, limits: ReplyLimits::default() }
    }

    /// Until when a connection that begins now may last.
    pub(super) fn deadline(&self) -> Instant {
        Instant::now() + Duration::from_secs(u64::from(self.session_s))
    }

    /// Until when its end is awaited, if it comes now.
    pub(super) fn linger(&self, deadline: Instant) -> Instant {
        deadline.min(Instant::now() + Duration::from_millis(u64::from(self.linger_ms)))
    }
}
