//! Sessions of one host that another resumes, which senders should not ask for (RFC 8446 §4.6.1).

use std::sync::Arc;

use rustls::ServerConfig;
use rustls::server::ProducesTickets;

use crate::sending::identities::certificates::CertificatesError;

/// Tickets that all resuming hosts read.
pub(in crate::sending::identities) fn tickets() -> Result<Arc<dyn ProducesTickets>, CertificatesError> {
    rustls::crypto::aws_lc_rs::Ticketer::new().map_err(|error| CertificatesError::Issue {
        name: "tickets of TLS sessions".to_owned(),
        reason: error.to_string(),
    })
}

/// The configuration of a host that resumes whatever session was begun with `tickets`, under any name, and gives tickets itself
/// if `gives`.
pub(in crate::sending::identities) fn resuming(
    config: &ServerConfig,
    tickets: &Arc<dyn ProducesTickets>,
    sni: Option<&str>,
    gives: bool,
) -> Arc<ServerConfig> {
    let mut config = config.clone();
    config.send_tls13_tickets = usize::from(gives);
    config.ticketer = Arc::new(UnderAnyName { tickets: Arc::clone(tickets), sni: sni.map(str::to_owned) });
    Arc::new(config)
}

/// Tickets whose sessions rustls takes for those of the name that a sender says now: it would not resume them under another (RFC
/// 6066 §3), and that is what is at fault here by design.
#[derive(Debug)]
struct UnderAnyName {
    tickets: Arc<dyn ProducesTickets>,
    sni: Option<String>,
}

impl ProducesTickets for UnderAnyName {
    fn enabled(&self) -> bool {
        true
    }

    fn lifetime(&self) -> u32 {
        self.tickets.lifetime()
    }

    fn encrypt(&self, plain: &[u8]) -> Option<Vec<u8>> {
        self.tickets.encrypt(plain)
    }

    fn decrypt(&self, cipher: &[u8]) -> Option<Vec<u8>> {
        renamed(&self.tickets.decrypt(cipher)?, self.sni.as_deref())
    }
}

/// A session as rustls writes it, under another name: it begins with 0, or with 1, an octet of length and the name. A test tells
/// when that changes; then nothing is resumed.
fn renamed(session: &[u8], name: Option<&str>) -> Option<Vec<u8>> {
    let rest = match session {
        [0, rest @ ..] => rest,
        [1, length, rest @ ..] => rest.get(usize::from(*length)..)?,
        _ => return None,
    };
    let name = match name {
        Some(name) => [&[1, u8::try_from(name.len()).ok()?], name.as_bytes()].concat(),
        None => vec![0],
    };
    Some([&name, rest].concat())
}
