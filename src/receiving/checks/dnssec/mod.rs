//! Signed names. That an answer is bogus is what these checks look for; to all others it is an answer they cannot use.

use super::check::checks;

pub(super) mod shared;
#[cfg(test)]
mod tests;

checks! {
    domain_signed DomainSigned,
    domain_valid DomainValid,
    mx_signed MxSigned,
    mx_valid MxValid,
    mx_rrset MxRrset,
    addresses MxAddresses,
    tlsa TlsaState,
    algorithm DnssecAlgorithm,
    ds_digest DsDigest,
    cds DsWanted,
    nsec3_iterations Nsec3Iterations,
    expiry SignatureExpiry,
}
