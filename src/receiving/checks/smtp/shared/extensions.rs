//! What a server announces.

use crate::receiving::checks::shared::starttls::stopped;
use crate::receiving::checks::{Unknown, reach};
use crate::shared::evidence::scan::{RealHandshake, Server, Session, SmtpReply};

/// An answer to EHLO, in clear or in TLS.
pub(in crate::receiving::checks) fn lines(session: &Session, reply: &SmtpReply) -> Vec<String> {
    let command = if session.ehlo_in_tls.as_ref() == Some(reply) { "EHLO in TLS: " } else { "EHLO: " };
    let last = reply.lines.len().saturating_sub(1);
    let line = move |(at, line): (usize, &String)| {
        let before = if at == 0 { command } else { "" };
        format!("{before}{}{}{line}", reply.code, if at == last { ' ' } else { '-' })
    };
    reply.lines.iter().enumerate().map(line).collect()
}

/// Why nothing was announced in TLS. Where rustls cannot speak what the server does, there was no TLS for us to say
/// EHLO in.
pub(in crate::receiving::checks) fn unseen(server: &Server) -> Unknown {
    match (&server.handshake, &server.session.fault) {
        (Some(RealHandshake::Failed { our_limit: true, .. }), _) => Unknown::OurLimit,
        (_, Some(fault)) => reach::ended(fault),
        (_, None) => stopped(server).unwrap_or(Unknown::NoAnswer),
    }
}
