//! What binds senders to TLS and to a certificate: DANE, MTA-STS; and TLSRPT, by which they report.

use super::check::checks;

pub(super) mod shared;
#[cfg(test)]
mod tests;

checks! {
    tlsa Tlsa,
    tlsa_match TlsaMatch,
    tlsa_rollover TlsaRollover,
    tlsa_renewal TlsaRenewal,
    tlsa_stale TlsaStale,
    tlsa_unusable TlsaUnusable,
    mta_sts_record MtaStsRecord,
    mta_sts_policy MtaStsPolicy,
    mta_sts_max_age MtaStsMaxAge,
    mta_sts_host MtaStsHost,
    mta_sts_mx MtaStsMx,
    tlsrpt TlsRpt,
    bindings_agree BindingsAgree,
}
