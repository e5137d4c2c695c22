//! STARTTLS and what a server accepts in TLS.

use super::check::checks;

pub(super) mod shared;
#[cfg(test)]
mod tests;

checks! {
    starttls Starttls,
    starttls_mandatory StarttlsMandatory,
    versions Versions,
    suites Suites,
    key_exchange KeyExchange,
    suite_order SuiteOrder,
    groups Groups,
    post_quantum PostQuantum,
    handshake_hash HandshakeHash,
    compression Compression,
    secure_renegotiation SecureRenegotiation,
    client_renegotiation ClientRenegotiation,
    extended_master_secret ExtendedMasterSecret,
    zero_rtt ZeroRtt,
    client_certificate ClientCertificate,
    starttls_injection Injection,
}
