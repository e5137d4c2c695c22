//! How what was seen is written: JSON, compressed.

use std::io::{self, Read, Write};

use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::shared::evidence::scan::Evidence;

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
