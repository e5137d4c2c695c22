//! The first keys of a TLS 1.3 server (RFC 8446 §7.1): enough to read its certificate, which is all that is wanted.

use aws_lc_rs::aead::{
    AES_128_GCM, AES_256_GCM, Aad, Algorithm, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey,
};
use aws_lc_rs::digest::{SHA256, SHA384, digest};
use aws_lc_rs::hkdf::{HKDF_SHA256, HKDF_SHA384, KeyType, Prk, Salt};

use super::hello::prefixed;
use super::records::content;

const NONCE_OCTETS: usize = 12;

/// What opens a server's records until its Finished.
pub(super) struct ServerKeys {
    key: LessSafeKey,
    iv: [u8; NONCE_OCTETS],
    /// The number of the next record.
    sequence: u64,
}

impl ServerKeys {
    /// Of what the key exchange gave, and ClientHello and ServerHello; none: the suite is none of ours, as those
    /// with CCM.
    pub(super) fn new(suite: u16, shared: &[u8], hellos: &[u8]) -> Option<Self> {
        let (algorithm, key_octets): (&'static Algorithm, _) = match suite {
            0x1301 => (&AES_128_GCM, 16),
            0x1302 => (&AES_256_GCM, 32),
            0x1303 => (&CHACHA20_POLY1305, 32),
            _ => return None,
        };
        let (hkdf, hash) = if suite == 0x1302 { (HKDF_SHA384, &SHA384) } else { (HKDF_SHA256, &SHA256) };
        let zeros = vec![0; hash.output_len()];
        let early = Salt::new(hkdf, &[]).extract(&zeros);
        let derived = expand(&early, "derived", digest(hash, &[]).as_ref(), hash.output_len())?;
        let handshake = Salt::new(hkdf, &derived).extract(shared);
        let transcript = digest(hash, hellos);
        let traffic = expand(&handshake, "s hs traffic", transcript.as_ref(), hash.output_len())?;
        let traffic = Prk::new_less_safe(hkdf, &traffic);
        let key = expand(&traffic, "key", &[], key_octets)?;
        let key = LessSafeKey::new(UnboundKey::new(algorithm, &key).ok()?);
        let iv = expand(&traffic, "iv", &[], NONCE_OCTETS)?.try_into().ok()?;
        Some(Self { key, iv, sequence: 0 })
    }

    /// Opens the payload of a record in place; what it is, without its padding (§5.2, §5.4). None: it is not from
    /// the server.
    pub(super) fn open(&mut self, payload: &mut Vec<u8>) -> Option<u8> {
        let nonce = numbered(self.iv, self.sequence);
        let length = u16::try_from(payload.len()).ok()?.to_be_bytes();
        let aad = Aad::from([content::APPLICATION_DATA, 3, 3, length[0], length[1]]);
        let opened = self.key.open_in_place(Nonce::assume_unique_for_key(nonce), aad, payload).ok()?.len();
        self.sequence = self.sequence.checked_add(1)?;
        payload.truncate(opened);
        let padding = payload.iter().rev().take_while(|octet| **octet == 0).count();
        payload.truncate(opened - padding);
        payload.pop()
    }
}

/// The fixed part of a nonce and the number of a record, by exclusive or (RFC 8446 §5.3, RFC 7905 §2).
pub(super) fn numbered(mut nonce: [u8; NONCE_OCTETS], sequence: u64) -> [u8; NONCE_OCTETS] {
    let number = sequence.to_be_bytes();
    nonce[NONCE_OCTETS - number.len()..].iter_mut().zip(number).for_each(|(octet, other)| *octet ^= other);
    nonce
}

/// HKDF-Expand-Label.
fn expand(secret: &Prk, label: &str, context: &[u8], octets: usize) -> Option<Vec<u8>> {
    let mut info = octets.to_be_bytes()[size_of::<usize>() - 2..].to_vec();
    prefixed(&mut info, 1, |info| {
        info.extend(b"tls13 ");
        info.extend(label.as_bytes());
    });
    prefixed(&mut info, 1, |info| info.extend(context));
    let mut output = vec![0; octets];
    secret.expand(&[&info], Length(octets)).ok()?.fill(&mut output).ok()?;
    Some(output)
}

/// How much is expanded, in octets.
struct Length(usize);

impl KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}
