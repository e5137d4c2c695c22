//! What the code points of suites, groups and schemes say of themselves, as far as a hello's meaning depends on it.
//!
//! No opinion is here: how good a suite is, the tables of `verdict::receiving` say.

use super::super::super::TlsVersion;

/// What a certificate's key is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Authentication {
    Rsa,
    /// A key on an elliptic curve, Ed25519 and Ed448 among them (RFC 8422 §5.1.1).
    Ecdsa,
}

impl Authentication {
    /// Both kinds of key.
    pub const ALL: [Self; 2] = [Self::Rsa, Self::Ecdsa];

    /// What a suite of TLS 1.2 or below is authenticated with; none: anonymous, DSS, PSK, or of TLS 1.3.
    pub fn of_suite(suite: u16) -> Option<Self> {
        if ECDSA.contains(&suite) {
            Some(Self::Ecdsa)
        } else if RSA.iter().any(|(first, last)| (*first..=*last).contains(&suite)) {
            Some(Self::Rsa)
        } else {
            None
        }
    }

    /// What a signature scheme is for; none: DSA, or unknown.
    pub fn of_scheme(scheme: u16) -> Option<Self> {
        match scheme {
            0x0804..=0x0806 | 0x0809..=0x080b => Some(Self::Rsa),
            0x0807 | 0x0808 | 0x081a..=0x081c => Some(Self::Ecdsa),
            _ => match scheme & 0xff {
                0x01 if scheme < 0x0700 => Some(Self::Rsa),
                0x03 if scheme < 0x0700 => Some(Self::Ecdsa),
                _ => None,
            },
        }
    }

    /// Suites at least one of which every server with such a certificate accepts, if it accepts any.
    pub(super) fn main_suites(self, version: TlsVersion) -> &'static [u16] {
        match (self, version >= TlsVersion::TLS12) {
            (Self::Ecdsa, true) => &[0xc02b, 0xc02c, 0xcca9, 0xc009, 0xc00a],
            (Self::Ecdsa, false) => &[0xc009, 0xc00a],
            (Self::Rsa, true) => &[
                0xc02f, 0xc030, 0xcca8, 0x009e, 0x009f, 0x009c, 0x009d, 0xc013, 0xc014, 0x0033, 0x0039,
                0x002f, 0x0035,
            ],
            (Self::Rsa, false) => &[0xc013, 0xc014, 0x0033, 0x0039, 0x002f, 0x0035],
        }
    }
}

/// ECDHE_ECDSA and ECDH_ECDSA (RFC 8422, 5289, 6367, 6209, 7251, 7905, and the draft before it).
const ECDSA: &[u16] = &[
    0xc001, 0xc002, 0xc003, 0xc004, 0xc005, 0xc006, 0xc007, 0xc008, 0xc009, 0xc00a, 0xc023, 0xc024, 0xc025,
    0xc026, 0xc02b, 0xc02c, 0xc02d, 0xc02e, 0xc048, 0xc049, 0xc04a, 0xc04b, 0xc05c, 0xc05d, 0xc05e, 0xc05f,
    0xc072, 0xc073, 0xc074, 0xc075, 0xc086, 0xc087, 0xc088, 0xc089, 0xc0ac, 0xc0ad, 0xc0ae, 0xc0af, 0xcc14,
    0xcca9,
];

/// RSA, DHE_RSA, ECDHE_RSA and ECDH_RSA, in runs of consecutive code points.
const RSA: &[(u16, u16)] = &[
    (0x0001, 0x000a),
    (0x0014, 0x0016),
    (0x002f, 0x002f),
    (0x0033, 0x0033),
    (0x0035, 0x0035),
    (0x0039, 0x0039),
    (0x003b, 0x003d),
    (0x0041, 0x0041),
    (0x0045, 0x0045),
    (0x0060, 0x0062),
    (0x0064, 0x0064),
    (0x0067, 0x0067),
    (0x006b, 0x006b),
    (0x0084, 0x0084),
    (0x0088, 0x0088),
    (0x0096, 0x0096),
    (0x009a, 0x009a),
    (0x009c, 0x009f),
    (0x00ba, 0x00ba),
    (0x00be, 0x00be),
    (0x00c0, 0x00c0),
    (0x00c4, 0x00c4),
    (0xc00b, 0xc014),
    (0xc027, 0xc02a),
    (0xc02f, 0xc032),
    (0xc03c, 0xc03d),
    (0xc044, 0xc045),
    (0xc04c, 0xc04f),
    (0xc050, 0xc053),
    (0xc060, 0xc063),
    (0xc076, 0xc07d),
    (0xc08a, 0xc08d),
    (0xc09c, 0xc0a3),
    (0xcc13, 0xcc13),
    (0xcc15, 0xcc15),
    (0xcca8, 0xcca8),
    (0xccaa, 0xccaa),
];

/// Whether the suite's key exchange is ephemeral on a curve, authenticated or not.
pub(super) fn is_ecdhe(suite: u16) -> bool {
    matches!(suite,
        0xc006..=0xc00a | 0xc010..=0xc019 | 0xc023 | 0xc024 | 0xc027 | 0xc028 | 0xc02b | 0xc02c | 0xc02f
        | 0xc030 | 0xc033..=0xc03b | 0xc048 | 0xc049 | 0xc04c | 0xc04d | 0xc05c | 0xc05d | 0xc060 | 0xc061
        | 0xc070..=0xc073 | 0xc076 | 0xc077 | 0xc086 | 0xc087 | 0xc08a | 0xc08b | 0xc09a | 0xc09b
        | 0xc0ac..=0xc0af | 0xcc13 | 0xcc14 | 0xcca8 | 0xcca9 | 0xccac | 0xd001..=0xd005)
}

/// Whether the suite's key exchange is ephemeral in a finite field, with a certificate: TLS_DHE_RSA and TLS_DHE_DSS, by IANA's
/// registry.
pub fn is_dhe(suite: u16) -> bool {
    matches!(suite,
        0x0011..=0x0016 | 0x0032 | 0x0033 | 0x0038 | 0x0039 | 0x0040 | 0x0044 | 0x0045 | 0x0063 | 0x0065
        | 0x0066 | 0x0067 | 0x006a | 0x006b | 0x0087 | 0x0088 | 0x0099 | 0x009a | 0x009e | 0x009f | 0x00a2
        | 0x00a3 | 0x00bd | 0x00be | 0x00c3 | 0x00c4 | 0xc042..=0xc045 | 0xc052 | 0xc053 | 0xc056 | 0xc057
        | 0xc07c | 0xc07d | 0xc080 | 0xc081 | 0xc09e | 0xc09f | 0xc0a2 | 0xc0a3 | 0xcc15 | 0xccaa)
}

/// Whether the suite has no forward secrecy, since its key is sent under the RSA key of the certificate: TLS_RSA, by IANA's
/// registry.
pub fn is_rsa_key_transport(suite: u16) -> bool {
    matches!(suite,
        0x0001..=0x000a | 0x002f | 0x0035 | 0x003b..=0x003d | 0x0041 | 0x0060..=0x0062 | 0x0064 | 0x0084
        | 0x0096 | 0x009c | 0x009d | 0x00ba | 0x00c0 | 0xc03c | 0xc03d | 0xc050 | 0xc051 | 0xc07a | 0xc07b
        | 0xc09c | 0xc09d | 0xc0a0 | 0xc0a1)
}

/// Whether the server signs its key exchange with the certificate's key: ephemeral suites with RSA or ECDSA.
pub(super) fn is_signed(suite: u16) -> bool {
    is_dhe(suite) || is_ecdhe(suite) && Authentication::of_suite(suite).is_some()
}

/// Whether it is ChaCha20-Poly1305, which servers may prefer when a client names it first.
pub(super) fn is_chacha(suite: u16) -> bool {
    matches!(suite, 0xcc13..=0xcc15 | 0xcca8..=0xccae)
}

/// Groups with a post-quantum part, alone or beside a curve: ML-KEM and the Kyber drafts.
pub(super) fn is_post_quantum(group: u16) -> bool {
    matches!(group, 0x0200..=0x0202 | 0x11eb..=0x11ee | 0x6399 | 0x639a)
}

/// A hash of a signature scheme: of TLS 1.2 by its first octet (RFC 5246 §7.4.1.4.1), else by its name.
pub fn hash_of_scheme(scheme: u16) -> Option<&'static str> {
    match scheme {
        0x0804 | 0x0809 | 0x081a => Some("SHA-256"),
        0x0805 | 0x080a | 0x081b => Some("SHA-384"),
        // Ed25519 hashes with SHA-512 (RFC 8032 §5.1).
        0x0806 | 0x080b | 0x081c | 0x0807 => Some("SHA-512"),
        _ => match scheme >> 8 {
            1 => Some("MD5"),
            2 => Some("SHA-1"),
            3 => Some("SHA-224"),
            4 => Some("SHA-256"),
            5 => Some("SHA-384"),
            6 => Some("SHA-512"),
            _ => None,
        },
    }
}

/// The groups without which a hello narrows the choice: a refusal then says nothing of its suites.
pub(super) const COMMON_GROUPS: &[u16] = &[0x001d, 0x0017, 0x0018, 0x0019];

/// The schemes without which a hello narrows the choice; SHA-1 is among them, for the old.
pub(super) const COMMON_SCHEMES: &[u16] = &[0x0401, 0x0403, 0x0201, 0x0203];

/// The suites of TLS 1.3 (RFC 8446 §9.1), one of which every server has.
pub(super) const COMMON_13: &[u16] = &[0x1301, 0x1302, 0x1303];

/// Suites of TLS 1.1 and below: of every family that servers have in use, so that one that refuses all of these
/// refuses the version. Those without authentication are there with each of their ciphers: a server whose only key is
/// on a curve has no others in SSL 3.0. With those of TLS 1.2 no more than [`super::Survey::SUITES_BORNE_MAX`].
pub(super) const COMMON_OLD: &[u16] = &[
    0xc013, 0xc014, 0xc009, 0xc00a, 0x0033, 0x0039, 0x002f, 0x0035, 0xc012, 0xc008, 0x0016, 0x000a, 0x0041,
    0x0084, 0x0045, 0x0088, 0xc011, 0xc007, 0x0005, 0x0004, 0x0034, 0x003a, 0x0018, 0x001b, 0xc018, 0xc019,
    0x0032, 0x0038, 0x0013, 0x0009, 0x0015, 0x0001, 0x0002, 0x0003, 0x0006, 0x0008, 0x0014, 0x0017, 0x0046,
    0x0089, 0x009b, 0x0096, 0x009a,
];

/// Further ones of TLS 1.2.
pub(super) const COMMON_12: &[u16] = &[
    0xc02f, 0xc030, 0xcca8, 0xc02b, 0xc02c, 0xcca9, 0x009e, 0x009f, 0xccaa, 0x009c, 0x009d, 0xc027, 0xc028,
    0xc023, 0xc024, 0x0067, 0x006b, 0x003c, 0x003d, 0x00a6, 0x00a7,
];

/// Whether `offered` has a suite of each family that servers use with `version`.
pub(super) fn covers(offered: &dyn Fn(u16) -> bool, version: TlsVersion) -> bool {
    let all = |suites: &[u16]| suites.iter().all(|suite| offered(*suite));
    match version {
        TlsVersion::TLS13 => all(COMMON_13),
        TlsVersion::TLS12 => all(COMMON_OLD) && all(COMMON_12),
        _ => all(COMMON_OLD),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each suite that an RSA key authenticates sends its key, or agrees on it in one way.
    #[test]
    fn the_tables_of_suites_agree() {
        let is_static_ecdh = |suite: u16| {
            matches!(
                suite,
                0xc00b
                    ..=0xc00f
                        | 0xc029
                        | 0xc02a
                        | 0xc031
                        | 0xc032
                        | 0xc04e
                        | 0xc04f
                        | 0xc062
                        | 0xc063
                        | 0xc078
                        | 0xc079
                        | 0xc08c
                        | 0xc08d
            )
        };
        for suite in
            (0..=u16::MAX).filter(|suite| Authentication::of_suite(*suite) == Some(Authentication::Rsa))
        {
            let kinds = [is_dhe(suite), is_ecdhe(suite), is_rsa_key_transport(suite), is_static_ecdh(suite)];
            let count = kinds.into_iter().filter(|is| *is).count();
            assert_eq!(count, 1, "{suite:04x}: DHE, ECDHE, RSA, ECDH: {kinds:?}");
        }
        for suite in (0..=u16::MAX).filter(|suite| is_rsa_key_transport(*suite)) {
            assert_eq!(Authentication::of_suite(suite), Some(Authentication::Rsa), "{suite:04x}");
        }
    }
}
