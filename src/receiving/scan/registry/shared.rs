//! What of that which an address showed under one host name holds for another of its names: many domains have names of
//! their own for one server of their operator.

use rustls::pki_types::ServerName;
use webpki::EndEntityCert;

use crate::receiving::scan::shelf::Certificates;
use crate::shared::evidence::scan::{Answer, Reach, RealHandshake, Server};

/// How much of it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Holds {
    /// All: nobody said the name, or the certificate is for both.
    Whole,
    /// The answers of the probes. Which certificate it shows under the name is open.
    Probes,
}

/// How much of what was seen of a server holds for `host`.
pub(super) fn holds(server: &Server, certificates: &Certificates, host: &str) -> Holds {
    // Before STARTTLS a client says no name of the server's.
    if server.reach != Reach::Reached || server.session.gives_no_starttls() {
        return Holds::Whole;
    }
    let completed = match &server.handshake {
        Some(RealHandshake::Completed(completed)) => completed,
        // The name may be why.
        Some(RealHandshake::Failed { .. }) => return Holds::Probes,
        // It never came to TLS: whoever limits us is not asked again for another name.
        None => return Holds::Whole,
    };
    let leaf = completed.chain.first().and_then(|sha256| certificates.get(sha256));
    let (leaf, name) = (leaf.map(EndEntityCert::try_from), ServerName::try_from(host));
    match (leaf, name) {
        (Some(Ok(leaf)), Ok(name)) if leaf.verify_is_valid_for_subject_name(&name).is_ok() => Holds::Whole,
        _ => Holds::Probes,
    }
}

/// Takes out which certificates were shown, which hang on the name.
pub(super) fn without_chains(server: &mut Server) {
    for probe in &mut server.probes {
        match &mut probe.answer {
            Answer::Flight(flight) => flight.chain.clear(),
            Answer::Renegotiated(renegotiated) => renegotiated.flight.chain.clear(),
            Answer::Ssl2 { certificate, .. } => *certificate = None,
            _ => {}
        }
    }
}
