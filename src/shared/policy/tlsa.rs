//! TLSA records (RFC 6698, RFC 7671, for SMTP RFC 7672).

use std::fmt;
use std::str::FromStr;

use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256, Sha512};

/// One TLSA record, numbers as on the wire, since senders meet unknown ones, too.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Tlsa {
    /// 0 PKIX-TA, 1 PKIX-EE, 2 DANE-TA, 3 DANE-EE.
    pub usage: u8,
    /// 0 the whole certificate, 1 its SubjectPublicKeyInfo.
    pub selector: u8,
    /// 0 exact, 1 SHA-256, 2 SHA-512.
    pub matching: u8,
    /// The certificate association data.
    pub data: Vec<u8>,
}

impl Tlsa {
    /// `3 1 1`: the SHA-256 digest of a SubjectPublicKeyInfo (RFC 7672 §3.1.1 recommends it).
    pub fn dane_ee_spki(spki_der: &[u8]) -> Self {
        Self { usage: 3, selector: 1, matching: 1, data: Sha256::digest(spki_der).to_vec() }
    }

    /// Whether a DANE client for SMTP can use it: usages 0 and 1 are unusable (RFC 7672 §3.1.3), so are
    /// unknown numbers and digests of a wrong length (RFC 7671 §10.3).
    pub fn usable(&self) -> bool {
        let length = self.data.len();
        matches!(self.usage, 2 | 3)
            && matches!(self.selector, 0 | 1)
            && match self.matching {
                0 => length > 0,
                1 => length == 32,
                2 => length == 64,
                _ => false,
            }
    }

    /// Whether the association data match a certificate, given in both forms.
    pub fn matches(&self, certificate_der: &[u8], spki_der: &[u8]) -> bool {
        let selected = match self.selector {
            0 => certificate_der,
            1 => spki_der,
            _ => return false,
        };
        match self.matching {
            0 => self.data == selected,
            1 => self.data == Sha256::digest(selected).as_slice(),
            2 => self.data == Sha512::digest(selected).as_slice(),
            _ => false,
        }
    }
}

impl fmt::Display for Tlsa {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let data = HEXLOWER.encode(&self.data);
        write!(f, "{} {} {} {data}", self.usage, self.selector, self.matching)
    }
}

/// A text that is no TLSA record.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not `usage selector matching hexadecimal-data`")]
pub struct TlsaError(String);

impl FromStr for Tlsa {
    type Err = TlsaError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let error = || TlsaError(text.to_owned());
        let mut fields = text.split_whitespace();
        let mut number = || fields.next().and_then(|field| field.parse().ok()).ok_or_else(error);
        let (usage, selector, matching) = (number()?, number()?, number()?);
        let digits: Vec<u8> = fields
            .flat_map(str::chars)
            .map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
            .collect::<Option<_>>()
            .ok_or_else(error)?;
        if digits.is_empty() || !digits.len().is_multiple_of(2) {
            return Err(error());
        }
        let data = digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect();
        Ok(Self { usage, selector, matching, data })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_back_as_it_was_written() {
        let tlsa = Tlsa::dane_ee_spki(b"key");
        assert_eq!(tlsa.to_string().parse(), Ok(tlsa.clone()));
        assert!(tlsa.usable() && tlsa.matches(b"certificate", b"key") && !tlsa.matches(b"key", b"other"));
        for text in ["", "3 1 1", "3 1 1 0", "3 1 1 zz", "3 1 x 00", "300 1 1 00"] {
            assert!(text.parse::<Tlsa>().is_err(), "{text}");
        }
    }

    #[test]
    fn pkix_usages_unknown_numbers_and_short_digests_are_unusable() {
        let digest = vec![0; 32];
        for (usage, selector, matching, data, usable) in [
            (3, 1, 1, digest.clone(), true),
            (2, 0, 1, digest.clone(), true),
            (1, 1, 1, digest.clone(), false),
            (0, 1, 1, digest.clone(), false),
            (3, 1, 7, digest.clone(), false),
            (3, 9, 1, digest.clone(), false),
            (3, 1, 1, vec![0; 31], false),
            (3, 1, 2, digest, false),
        ] {
            let tlsa = Tlsa { usage, selector, matching, data };
            assert_eq!(tlsa.usable(), usable, "{tlsa}");
        }
    }
}
