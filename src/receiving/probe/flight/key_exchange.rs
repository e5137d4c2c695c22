//! ServerKeyExchange: groups, primes and what signs them.

use tls_parser::{TlsCipherAu, TlsCipherKx, TlsCipherSuite};

use crate::shared::evidence::TlsVersion;
use crate::shared::evidence::scan::DhParameters;

use super::super::records::Fields;
use crate::shared::tls::fingerprint;

/// ECCurveType named_curve (RFC 8422 §5.4); explicit curves are forbidden there.
const NAMED_CURVE: u8 = 3;

/// What a ServerKeyExchange says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct KeyExchange {
    pub(super) group: Option<u16>,
    pub(super) dh: Option<DhParameters>,
    pub(super) scheme: Option<u16>,
    /// The server's point on the named curve.
    pub(super) public: Vec<u8>,
}

/// How the parameters are laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Layout {
    EllipticCurve,
    FiniteField,
    /// Export RSA, SRP, a PSK hint alone, and others: nothing in them is evidence.
    Other,
}

/// Reads the message for `suite`; none: it does not read.
pub(super) fn read(suite: u16, version: TlsVersion, body: &[u8]) -> Option<KeyExchange> {
    let known = TlsCipherSuite::from_id(suite);
    let mut fields = Fields(body);
    // RFC 4279 §3: with PSK a hint comes before the parameters.
    if known.is_some_and(|known| known.au == TlsCipherAu::Psk) {
        fields.medium()?;
    }
    let layout = match known.map(|known| known.kx) {
        Some(TlsCipherKx::Ecdhe | TlsCipherKx::Ecdh | TlsCipherKx::Aecdh) => Layout::EllipticCurve,
        Some(TlsCipherKx::Dhe | TlsCipherKx::Dh) => Layout::FiniteField,
        Some(_) => Layout::Other,
        None => guess(fields),
    };
    let mut exchange = KeyExchange::default();
    match layout {
        Layout::EllipticCurve if fields.u8()? == NAMED_CURVE => {
            exchange.group = Some(fields.u16()?);
            exchange.public = fields.short()?.to_vec();
        }
        // Where an explicit curve ends is not read, and so not what signs it.
        Layout::EllipticCurve | Layout::Other => return Some(exchange),
        Layout::FiniteField => exchange.dh = Some(finite_field(&mut fields)?),
    }
    // Nothing left: anonymous. Below TLS 1.2 the signature names no algorithm (RFC 4346 §7.4.3).
    if !fields.is_empty() && version == TlsVersion::TLS12 {
        exchange.scheme = Some(fields.u16()?);
        fields.medium()?;
    }
    Some(exchange)
}

/// Of a suite that the table does not have: the octet of a named curve would be the high octet of a prime of 768
/// octets, which nobody has together with a point that fits.
fn guess(fields: Fields<'_>) -> Layout {
    let mut curve = fields;
    let named = curve.u8() == Some(NAMED_CURVE) && curve.u16().is_some();
    if named && curve.short().is_some_and(|point| point.len() >= 32) {
        Layout::EllipticCurve
    } else if finite_field(&mut { fields }).is_some() {
        Layout::FiniteField
    } else {
        Layout::Other
    }
}

/// dh_p, dh_g, dh_Ys (RFC 5246 §7.4.3).
fn finite_field(fields: &mut Fields<'_>) -> Option<DhParameters> {
    let (prime, generator, _) = (fields.medium()?, fields.medium()?, fields.medium()?);
    let prime = without_zeros(prime);
    let high = prime.first()?;
    let bits = prime.len() * 8 - high.leading_zeros() as usize;
    Some(DhParameters {
        bits: bits.try_into().unwrap_or(u16::MAX),
        sha256: fingerprint(prime),
        generator: match without_zeros(generator) {
            [generator] => Some(*generator),
            _ => None,
        },
    })
}

fn without_zeros(number: &[u8]) -> &[u8] {
    &number[number.iter().take_while(|octet| **octet == 0).count()..]
}
