//! Certificates: paths, names, keys, dates, and who may issue them.

use super::check::checks;

pub(super) mod shared;
#[cfg(test)]
mod tests;

checks! {
    trust CertTrust,
    name CertName,
    key CertKey,
    signature CertSignature,
    expiry CertExpiry,
    renewal CertRenewal,
    chain_order ChainOrder,
    caa Caa,
    caa_issuer CaaIssuer,
}
