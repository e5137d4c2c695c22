//! Entrances: the addresses at which the hosts of ruled cases are met.
//!
//! What a host does before it knows whom it is called for, that is before SNI and RCPT, follows from the address that was
//! called. Hosts that behave alike up to there share an entrance, and a faulty host never has that of the sound ones, so
//! that it is known which of the two took a mail, or was refused, also without SNI.

use crate::sending::trial::HostRole;

use super::spec::{HostSpec, RuledCase, SmtpBehaviour};
use super::words::words;

words! {
    /// A kind of entrance.
    Entrance {
        /// Sound hosts behind faulty ones.
        Good = "good",
        /// Faulty hosts whose certificate verifies, also without SNI.
        Trusted = "trusted",
        /// Faulty hosts whose certificate does not.
        Untrusted = "untrusted",
        NoStarttls = "no-starttls",
        Withheld = "withheld",
        Starttls454 = "starttls-454",
        Garbage = "garbage",
        Reset = "reset",
        Tls10 = "tls-1.0",
        RsaKeyTransport = "rsa-key-transport",
        Injecting = "injecting",
        RequireTls = "requiretls",
        /// Faulty hosts that resume the sessions of sound ones.
        Resuming = "resuming",
    }
}

impl RuledCase {
    /// Through which entrance a host is met.
    pub fn entrance(&self, role: HostRole) -> Entrance {
        Entrance::of(role, self.host(role))
    }
}

impl Entrance {
    /// That of a host.
    pub fn of(role: HostRole, host: &HostSpec) -> Self {
        match (host.smtp, role) {
            (SmtpBehaviour::Sound, HostRole::Good) => Self::Good,
            (SmtpBehaviour::Sound, HostRole::Bad) if host.certificate.verifies() => Self::Trusted,
            (SmtpBehaviour::Sound, HostRole::Bad) => Self::Untrusted,
            (SmtpBehaviour::NoStarttls, _) => Self::NoStarttls,
            (SmtpBehaviour::Withheld, _) => Self::Withheld,
            (SmtpBehaviour::Starttls454, _) => Self::Starttls454,
            (SmtpBehaviour::Garbage, _) => Self::Garbage,
            (SmtpBehaviour::Reset, _) => Self::Reset,
            (SmtpBehaviour::Tls10, _) => Self::Tls10,
            (SmtpBehaviour::RsaKeyTransport, _) => Self::RsaKeyTransport,
            (SmtpBehaviour::Injecting, _) => Self::Injecting,
            // What these do differently they do once the name is known, so that the sound one is met where all sound ones are.
            (SmtpBehaviour::RequireTls | SmtpBehaviour::Resuming, HostRole::Good) => Self::Good,
            (SmtpBehaviour::RequireTls, HostRole::Bad) => Self::RequireTls,
            (SmtpBehaviour::Resuming, HostRole::Bad) => Self::Resuming,
        }
    }

    /// Whether STARTTLS is offered to a sender that comes for the first time.
    pub fn offers_starttls(self) -> bool {
        !matches!(self, Self::NoStarttls | Self::Withheld)
    }

    /// Whether the certificate that is shown without SNI verifies.
    pub fn is_trusted(self) -> bool {
        !matches!(self, Self::Untrusted)
    }
}
