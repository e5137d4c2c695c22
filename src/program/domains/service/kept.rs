//! What is kept of a scan, and how it is written.

use std::io::{Read, Write};

use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;

use crate::program::archive::{PastScan, ScanRow};
use crate::program::domains::verdict::Verdict;
use crate::receiving::grades::Receiving;
use crate::shared::evidence::scan::Evidence;
use crate::shared::time::Timestamp;

/// How many octets of evidence are read: more than are ever written.
const READ_OCTETS_MAX: u64 = 4 * Evidence::WRITTEN_OCTETS_MAX as u64;

/// What a scan saw, and what the rules of its time made of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// The scan's number.
    pub scan: i64,
    /// What the rules of its time made of it.
    pub then: Verdict,
    pub evidence: Evidence,
}

/// A scan in the history of a domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Past {
    /// The scan's number.
    pub scan: i64,
    /// When it ended.
    pub at: Timestamp,
    /// What the rules of its time made of it.
    pub then: Verdict,
}

impl Kept {
    /// None where a row does not read, which the log says.
    pub(super) fn read(row: ScanRow) -> Option<Self> {
        let ScanRow { scan, verdict, evidence, .. } = row;
        let read = || -> std::io::Result<Self> {
            let mut text = Vec::new();
            ZlibDecoder::new(evidence.as_slice()).take(READ_OCTETS_MAX).read_to_end(&mut text)?;
            let (then, evidence) = (serde_json::from_str(&verdict)?, serde_json::from_slice(&text)?);
            Ok(Self { scan, then, evidence })
        };
        read()
            .map_err(|error| tracing::error!(scan, %error, "a scan in the site's archive does not read"))
            .ok()
    }
}

impl Past {
    /// None where a row does not read, which the log says.
    pub(super) fn read(row: PastScan) -> Option<Self> {
        let PastScan { scan, at, verdict } = row;
        match serde_json::from_str(&verdict) {
            Ok(then) => Some(Self { scan, at, then }),
            Err(error) => {
                tracing::error!(scan, %error, "a verdict in the site's archive does not read");
                None
            }
        }
    }
}

/// What the rules of this program make of evidence, as JSON.
pub(super) fn judged(evidence: &Evidence) -> String {
    let verdict = Verdict::of(&Receiving::of(evidence, evidence.to));
    serde_json::to_string(&verdict).expect("texts and numbers can be written")
}

/// Evidence as it is kept: JSON, compressed, since it repeats itself.
pub(super) fn packed(evidence: &Evidence) -> Vec<u8> {
    let text = serde_json::to_vec(evidence).expect("evidence is made to be written");
    let mut packed = ZlibEncoder::new(Vec::new(), Compression::default());
    packed.write_all(&text).and_then(|()| packed.finish()).expect("writing to memory does not fail")
}
