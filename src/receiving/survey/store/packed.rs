//! How what was seen is written: JSON, compressed.

use std::io::{self, Read, Write};

use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Measured, StoreError};
use crate::shared::evidence::scan::Evidence;

/// A domain as tables have it: place, domain, attributes, evidence.
pub(super) type Packed = (i64, String, String, Option<Vec<u8>>);

/// How many octets are read of one value: more than are ever written.
const READ_OCTETS_MAX: u64 = 4 * Evidence::WRITTEN_OCTETS_MAX as u64;

pub(super) fn pack(value: &impl Serialize) -> io::Result<Vec<u8>> {
    let mut packer = ZlibEncoder::new(Vec::new(), Compression::default());
    packer.write_all(&serde_json::to_vec(value)?)?;
    packer.finish()
}

pub(super) fn unpack<T: DeserializeOwned>(packed: &[u8]) -> io::Result<T> {
    let mut text = Vec::new();
    ZlibDecoder::new(packed).take(READ_OCTETS_MAX).read_to_end(&mut text)?;
    Ok(serde_json::from_slice(&text)?)
}

/// A domain as it is read from the store at `at`.
pub(super) fn measured(at: &str, row: Packed) -> Result<Measured, StoreError> {
    let (place, domain, attributes, evidence) = row;
    let failed = |source: io::Error| StoreError::Garbled { at: at.to_owned(), what: domain.clone(), source };
    let values = serde_json::from_str(&attributes).map_err(|error| failed(error.into()))?;
    let evidence = evidence.map(|packed| unpack(&packed)).transpose().map_err(failed)?;
    Ok(Measured { place, domain, values, evidence })
}
