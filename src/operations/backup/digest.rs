//! A digest of what is read.

use std::io::{self, Read};

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

/// Counts and digests what is read through it.
pub(super) struct Digesting<R> {
    from: R,
    digest: Sha256,
    octets: u64,
}

impl<R: Read> Digesting<R> {
    pub(super) fn new(from: R) -> Self {
        Self { from, digest: Sha256::new(), octets: 0 }
    }

    /// How many octets were read, and their SHA-256 in hexadecimal.
    pub(super) fn end(self) -> (u64, String) {
        (self.octets, HEXLOWER.encode(&self.digest.finalize()))
    }
}

impl<R: Read> Read for Digesting<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.from.read(into)?;
        self.digest.update(&into[..count]);
        self.octets += count as u64;
        Ok(count)
    }
}

/// The digest of all that there is to read.
pub(super) fn digest(from: impl Read) -> io::Result<(u64, String)> {
    let mut digesting = Digesting::new(from);
    io::copy(&mut digesting, &mut io::sink())?;
    Ok(digesting.end())
}
