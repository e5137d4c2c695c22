//! DNS cookies (RFC 7873), made as RFC 9018 says so that servers of different makes could share a secret: whoever
//! shows one has proved its address, and is no spoofed source.

use std::fmt;
use std::hash::Hasher;
use std::net::IpAddr;

use hickory_proto::op::Edns;
use hickory_proto::rr::rdata::opt::EdnsOption;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use siphasher::sip::SipHasher24;

use super::COOKIE;
use crate::shared::time::Timestamp;

/// The octets of a client cookie (RFC 7873 §4).
const CLIENT_OCTETS: usize = 8;
/// The octets of our server cookies (RFC 9018 §4).
const SERVER_OCTETS: usize = 16;
/// The octets of a server cookie of whatever make (RFC 7873 §4).
const SERVER_OCTETS_ANY: std::ops::RangeInclusive<usize> = 8..=32;
/// RFC 9018 §4.3: how old a cookie may be, in seconds.
const AGE_S_MAX: i64 = 3_600;
/// RFC 9018 §4.3: how far ahead of our clock one may be, in seconds, where several servers share a secret.
const AHEAD_S_MAX: i64 = 300;
/// How long a secret is used, in seconds: RFC 7873 §7.1 wants another after 26 hours.
const SECRET_LIFE_S: i64 = 86_400;

/// What the secrets of the days follow from.
#[derive(Clone, Copy)]
pub struct CookieSecret([u8; 32]);

impl CookieSecret {
    /// The secret that follows from one which has other uses, too.
    pub fn derived(from: &[u8; 32]) -> Self {
        let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(from).expect("HMAC takes any key");
        mac.update(b"DNS cookies");
        Self(mac.finalize().into_bytes().into())
    }
}

impl fmt::Debug for CookieSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CookieSecret")
    }
}

/// What a query showed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::sending::authority::serve) enum Presented {
    None,
    /// An option of a length that none has.
    Malformed,
    /// A client cookie, with no server cookie of ours.
    Client([u8; CLIENT_OCTETS]),
    /// A server cookie that we gave to this address.
    Valid([u8; CLIENT_OCTETS]),
}

impl Presented {
    /// The client's part.
    pub(super) fn client(self) -> Option<[u8; CLIENT_OCTETS]> {
        match self {
            Self::Client(client) | Self::Valid(client) => Some(client),
            Self::None | Self::Malformed => None,
        }
    }

    /// Whether it proves the address of whoever asks.
    pub(in crate::sending::authority::serve) fn proves(self) -> bool {
        matches!(self, Self::Valid(_))
    }
}

/// Makes and checks cookies.
#[derive(Debug)]
pub(in crate::sending::authority::serve) struct Cookies(CookieSecret);

impl Cookies {
    pub(in crate::sending::authority::serve) fn new(secret: CookieSecret) -> Self {
        Self(secret)
    }

    /// Reads the cookie of a query.
    pub(super) fn presented(&self, edns: &Edns, address: IpAddr, now: Timestamp) -> Presented {
        let Some(EdnsOption::Unknown(_, octets)) = edns.option(COOKIE.into()) else { return Presented::None };
        let Some((client, server)) = octets.split_first_chunk::<CLIENT_OCTETS>() else {
            return Presented::Malformed;
        };
        // RFC 7873 §5.2.2: any other length is a fault of form.
        if !server.is_empty() && !SERVER_OCTETS_ANY.contains(&server.len()) {
            return Presented::Malformed;
        }
        match self.is_ours(client, server, address, now) {
            true => Presented::Valid(*client),
            false => Presented::Client(*client),
        }
    }

    /// The whole cookie that goes back: always a fresh one (RFC 9018 §4.3 would let a young one be).
    pub(super) fn answer(&self, client: [u8; CLIENT_OCTETS], address: IpAddr, now: Timestamp) -> Vec<u8> {
        // RFC 9018 §4.3: seconds of Unix time modulo 2^32.
        let made = u32::try_from(now.as_second() & 0xffff_ffff).unwrap_or_default();
        let mut octets = client.to_vec();
        octets.extend(self.server_part(&client, made, address, now));
        octets
    }

    fn is_ours(&self, client: &[u8; CLIENT_OCTETS], server: &[u8], address: IpAddr, now: Timestamp) -> bool {
        let Ok(server) = <[u8; SERVER_OCTETS]>::try_from(server) else { return false };
        let made = u32::from_be_bytes([server[4], server[5], server[6], server[7]]);
        let now_s = u32::try_from(now.as_second() & 0xffff_ffff).unwrap_or_default();
        // RFC 1982 arithmetic; what is ahead of us has a negative age.
        let age_s = i64::from(now_s.wrapping_sub(made).cast_signed());
        let young = (-AHEAD_S_MAX..=AGE_S_MAX).contains(&age_s);
        young && same(&self.server_part(client, made, address, now), &server)
    }

    /// RFC 9018 §4: version, three octets reserved, the time, and a SipHash-2-4 over all that and the address.
    fn server_part(
        &self,
        client: &[u8; CLIENT_OCTETS],
        made: u32,
        address: IpAddr,
        now: Timestamp,
    ) -> [u8; SERVER_OCTETS] {
        let now_s = now.as_second();
        let behind = u32::try_from(now_s & 0xffff_ffff).unwrap_or_default().wrapping_sub(made).cast_signed();
        let day = (now_s - i64::from(behind)).div_euclid(SECRET_LIFE_S);
        let mut part = [0; SERVER_OCTETS];
        part[0] = 1;
        part[4..8].copy_from_slice(&made.to_be_bytes());
        let hash = hashed(&self.of_day(day), client, &part[..8], address);
        part[8..].copy_from_slice(&hash);
        part
    }

    /// The secret of a day.
    fn of_day(&self, day: i64) -> [u8; 16] {
        let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(&self.0.0).expect("HMAC takes any key");
        mac.update(&day.to_be_bytes());
        let mut secret = [0; 16];
        secret.copy_from_slice(&mac.finalize().into_bytes()[..16]);
        secret
    }
}

/// RFC 9018 §4.4: SipHash-2-4 over client cookie, the beginning of the server cookie, and the address.
fn hashed(secret: &[u8; 16], client: &[u8; CLIENT_OCTETS], begin: &[u8], address: IpAddr) -> [u8; 8] {
    let mut hasher = SipHasher24::new_with_key(secret);
    hasher.write(client);
    hasher.write(begin);
    match address.to_canonical() {
        IpAddr::V4(address) => hasher.write(&address.octets()),
        IpAddr::V6(address) => hasher.write(&address.octets()),
    }
    // In SipHash's own order of octets, as the RFC's examples have it.
    hasher.finish().to_le_bytes()
}

/// Compares without telling by its time where they differ.
fn same(one: &[u8; SERVER_OCTETS], other: &[u8; SERVER_OCTETS]) -> bool {
    one.iter().zip(other).fold(0, |differs, (one, other)| differs | (one ^ other)) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("a time")
    }

    fn shown(octets: Vec<u8>) -> Edns {
        let mut edns = Edns::new();
        edns.options_mut().insert(EdnsOption::Unknown(COOKIE, octets));
        edns
    }

    /// RFC 9018, Appendix A.1.
    #[test]
    fn the_example_of_the_rfc_comes_out() {
        let secret = 0xe5e9_73e5_a6b2_a43f_48e7_dc84_9e37_bfcf_u128.to_be_bytes();
        let client = 0x2464_c4ab_cf10_c957_u64.to_be_bytes();
        let begin = 0x0100_0000_5cf7_9f11_u64.to_be_bytes();
        let address = "198.51.100.100".parse().expect("an address");
        assert_eq!(hashed(&secret, &client, &begin, address), 0x1f81_30c3_eee2_9480_u64.to_be_bytes());
    }

    #[test]
    fn a_cookie_proves_the_address_that_it_was_given_to_for_an_hour() {
        let cookies = Cookies::new(CookieSecret([7; 32]));
        let address: IpAddr = "192.0.2.1".parse().expect("an address");
        let client = *b"12345678";
        // Shortly before midnight, when the secret changes.
        let given = at(86_400 * 20_000 - 60);
        let whole = cookies.answer(client, address, given);
        assert_eq!(whole.len(), CLIENT_OCTETS + SERVER_OCTETS);
        let presented =
            |octets: &[u8], address, now| cookies.presented(&shown(octets.to_vec()), address, now);
        let (valid, client_alone) = (Presented::Valid(client), Presented::Client(client));
        assert_eq!(presented(&whole, address, given), valid);
        assert_eq!(presented(&whole, address, at(given.as_second() + 3_600)), valid, "over midnight");
        assert_eq!(presented(&whole, address, at(given.as_second() + 3_601)), client_alone, "too old");
        assert_eq!(presented(&whole, address, at(given.as_second() - 301)), client_alone, "too far ahead");
        assert_eq!(presented(&whole, "192.0.2.2".parse().expect("an address"), given), client_alone);
        assert_eq!(presented(&whole, "::ffff:192.0.2.1".parse().expect("an address"), given), valid);
        let mut forged = whole.clone();
        forged[23] ^= 1;
        assert_eq!(presented(&forged, address, given), client_alone);
        let mut other_version = whole.clone();
        other_version[8] = 2;
        assert_eq!(presented(&other_version, address, given), client_alone);
        assert_eq!(presented(&whole[..8], address, given), client_alone);
        for length in [0, 7, 9, 15, 41] {
            assert_eq!(presented(&vec![0; length], address, given), Presented::Malformed, "{length}");
        }
        let others = Cookies::new(CookieSecret([8; 32]));
        assert_eq!(others.presented(&shown(whole), address, given), client_alone, "another secret");
    }
}
