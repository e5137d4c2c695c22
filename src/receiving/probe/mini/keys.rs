//! The keys of a TLS 1.2 session with an AEAD (RFC 5246, RFC 5288, RFC 7905).

use aws_lc_rs::aead::{
    AES_128_GCM, AES_256_GCM, Aad, Algorithm, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey,
};
use rustls::SupportedCipherSuite;
use rustls::crypto::aws_lc_rs::ALL_CIPHER_SUITES;
use rustls::crypto::tls12::Prf;
use sha2::{Digest, Sha256, Sha384};

use crate::shared::evidence::TlsVersion;

use super::super::hello::prefixed;
use super::super::schedule::numbered;

const MASTER_SECRET_OCTETS: usize = 48;
pub(super) const VERIFY_DATA_OCTETS: usize = 12;
const NONCE_OCTETS: usize = 12;
/// The part of a GCM nonce that a record carries (RFC 5288 §3).
const EXPLICIT_NONCE_OCTETS: usize = 8;
const SHA384_SUITES: [u16; 2] = [0xc02c, 0xc030];

/// A suite that the mini client speaks.
#[derive(Clone, Copy)]
pub(super) struct Suite {
    algorithm: &'static Algorithm,
    /// The key, and the part of the nonce that comes with it.
    key_octets: usize,
    iv_octets: usize,
    sha384: bool,
    prf: &'static dyn Prf,
}

impl Suite {
    pub(super) fn of(code: u16) -> Option<Self> {
        let (algorithm, key_octets, iv_octets) = match code {
            0xc02b | 0xc02f => (&AES_128_GCM, 16, NONCE_OCTETS - EXPLICIT_NONCE_OCTETS),
            0xc02c | 0xc030 => (&AES_256_GCM, 32, NONCE_OCTETS - EXPLICIT_NONCE_OCTETS),
            0xcca8 | 0xcca9 => (&CHACHA20_POLY1305, 32, NONCE_OCTETS),
            _ => return None,
        };
        let prf = ALL_CIPHER_SUITES.iter().find_map(|suite| match suite {
            SupportedCipherSuite::Tls12(suite) if u16::from(suite.common.suite) == code => {
                Some(suite.prf_provider)
            }
            _ => None,
        })?;
        Some(Self { algorithm, key_octets, iv_octets, sha384: SHA384_SUITES.contains(&code), prf })
    }
}

/// The handshake messages so far, under both hashes that a suite may want: which one is known only with the
/// ServerHello.
#[derive(Default)]
pub(super) struct Transcript {
    sha256: Sha256,
    sha384: Sha384,
}

impl Transcript {
    pub(super) fn add(&mut self, message: &[u8]) {
        self.sha256.update(message);
        self.sha384.update(message);
    }

    fn hash(&self, suite: &Suite) -> Vec<u8> {
        if suite.sha384 {
            self.sha384.clone().finalize().to_vec()
        } else {
            self.sha256.clone().finalize().to_vec()
        }
    }
}

/// The master secret of one handshake.
pub(super) struct Secrets {
    suite: Suite,
    master: [u8; MASTER_SECRET_OCTETS],
    /// Server first, then client, as the key expansion wants them.
    randoms: [u8; 64],
}

impl Secrets {
    /// `extended`: whether the server agreed to extended_master_secret; then `transcript`, which goes to
    /// ClientKeyExchange, takes the place of the randoms (RFC 7627 §4).
    pub(super) fn new(
        suite: Suite,
        shared: &[u8],
        (client, server): (&[u8; 32], &[u8; 32]),
        extended: bool,
        transcript: &Transcript,
    ) -> Self {
        let mut master = [0; MASTER_SECRET_OCTETS];
        if extended {
            let seed = transcript.hash(&suite);
            suite.prf.for_secret(&mut master, shared, b"extended master secret", &seed);
        } else {
            suite.prf.for_secret(&mut master, shared, b"master secret", &pair(client, server));
        }
        Self { suite, master, randoms: pair(server, client) }
    }

    /// The keys of either direction: ours, theirs (RFC 5246 §6.3). An AEAD has no MAC keys.
    pub(super) fn keys(&self) -> Option<(Keys, Keys)> {
        let Suite { key_octets, iv_octets, .. } = self.suite;
        let mut block = vec![0; 2 * (key_octets + iv_octets)];
        self.suite.prf.for_secret(&mut block, &self.master, b"key expansion", &self.randoms);
        let (keys, ivs) = block.split_at(2 * key_octets);
        let direction = |at: usize| {
            let key = &keys[at * key_octets..][..key_octets];
            Keys::new(self.suite.algorithm, key, &ivs[at * iv_octets..][..iv_octets])
        };
        Some((direction(0)?, direction(1)?))
    }

    /// The verify_data of a Finished message (RFC 5246 §7.4.9).
    pub(super) fn verify_data(&self, label: &[u8], transcript: &Transcript) -> [u8; VERIFY_DATA_OCTETS] {
        let mut data = [0; VERIFY_DATA_OCTETS];
        self.suite.prf.for_secret(&mut data, &self.master, label, &transcript.hash(&self.suite));
        data
    }
}

/// The keys of one direction, with the number of the next record.
pub(super) struct Keys {
    key: LessSafeKey,
    iv: Vec<u8>,
    sequence: u64,
}

impl Keys {
    fn new(algorithm: &'static Algorithm, key: &[u8], iv: &[u8]) -> Option<Self> {
        let key = LessSafeKey::new(UnboundKey::new(algorithm, key).ok()?);
        Some(Self { key, iv: iv.to_vec(), sequence: 0 })
    }

    /// The payload of a record that holds `plain`; none: the key is used up, which no session comes near.
    pub(super) fn seal(&mut self, content: u8, plain: &[u8]) -> Option<Vec<u8>> {
        let explicit = self.sequence.to_be_bytes();
        let nonce = self.nonce(&explicit);
        let mut sealed = plain.to_vec();
        let aad = self.aad(content, plain.len());
        self.key.seal_in_place_append_tag(nonce, aad, &mut sealed).ok()?;
        self.sequence = self.sequence.checked_add(1)?;
        if self.explicit_octets() > 0 {
            sealed.splice(..0, explicit);
        }
        Some(sealed)
    }

    /// What the payload of a record holds; none: it is not from the server.
    pub(super) fn open(&mut self, content: u8, mut sealed: Vec<u8>) -> Option<Vec<u8>> {
        let overhead = self.explicit_octets() + self.key.algorithm().tag_len();
        let length = sealed.len().checked_sub(overhead)?;
        let explicit: Vec<u8> = sealed.drain(..self.explicit_octets()).collect();
        let nonce = self.nonce(&explicit);
        let aad = self.aad(content, length);
        self.key.open_in_place(nonce, aad, &mut sealed).ok()?;
        sealed.truncate(length);
        self.sequence = self.sequence.checked_add(1)?;
        Some(sealed)
    }

    fn explicit_octets(&self) -> usize {
        NONCE_OCTETS - self.iv.len()
    }

    /// GCM: the fixed part and the record's own; ChaCha20-Poly1305: the fixed part and the record's number, by
    /// exclusive or (RFC 7905 §2).
    fn nonce(&self, explicit: &[u8]) -> Nonce {
        let mut nonce = [0; NONCE_OCTETS];
        nonce[..self.iv.len()].copy_from_slice(&self.iv);
        if self.explicit_octets() > 0 {
            nonce[self.iv.len()..].copy_from_slice(explicit);
        } else {
            nonce = numbered(nonce, self.sequence);
        }
        Nonce::assume_unique_for_key(nonce)
    }

    /// RFC 5246 §6.2.3.3.
    fn aad(&self, content: u8, length: usize) -> Aad<Vec<u8>> {
        let mut aad = self.sequence.to_be_bytes().to_vec();
        aad.push(content);
        aad.extend(TlsVersion::TLS12.0.to_be_bytes());
        aad.extend(&length.to_be_bytes()[size_of::<usize>() - 2..]);
        Aad::from(aad)
    }
}

/// A record of TLS 1.2, sealed if there are keys.
pub(super) fn record(content: u8, plain: &[u8], keys: Option<&mut Keys>) -> Option<Vec<u8>> {
    let payload = match keys {
        Some(keys) => keys.seal(content, plain)?,
        None => plain.to_vec(),
    };
    let mut record = vec![content];
    record.extend(TlsVersion::TLS12.0.to_be_bytes());
    prefixed(&mut record, 2, |record| record.extend(payload));
    Some(record)
}

fn pair(first: &[u8; 32], second: &[u8; 32]) -> [u8; 64] {
    let mut both = [0; 64];
    both[..32].copy_from_slice(first);
    both[32..].copy_from_slice(second);
    both
}
