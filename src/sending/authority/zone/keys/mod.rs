//! The keys of zones: ECDSA P-256 (RFC 6605), key-signing and zone-signing ones, and how they are rolled over.

mod folder;
mod plan;
mod state;

use std::sync::Arc;

use hickory_proto::dnssec::rdata::{CDNSKEY, CDS, DNSKEY, DNSSECRData, DS};
use hickory_proto::dnssec::{Algorithm, DigestType, DnssecSigner, PublicKey};
use hickory_proto::rr::{Name, RData, RecordType};

use super::records::ZoneError;

pub use folder::KeyFolder;
pub use plan::{Next, Role, Stage};
pub use state::KeyRow;

pub(in crate::sending::authority) use folder::Opening;
pub(in crate::sending::authority) use plan::Waits;

pub(in crate::sending::authority) const DNSKEY_TTL_S: u32 = 3600;

/// The keys of one zone as they are used at one instant.
#[derive(Clone)]
pub(in crate::sending::authority) struct Keys {
    apex: Name,
    /// All that stand in the DNSKEY set.
    published: Vec<DNSKEY>,
    /// Those that sign the DNSKEY set: every key-signing key, so that an old DS record fits as a new one does.
    ksks: Vec<Arc<DnssecSigner>>,
    /// The one that signs all else.
    zsk: Arc<DnssecSigner>,
    /// Those that the parent is to have.
    for_parent: Vec<Arc<DnssecSigner>>,
    /// Of all keys, for those who look.
    rows: Vec<KeyRow>,
}

/// A key-signing key that its parent is to take in place of another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Announced {
    /// The zone, with the final dot.
    pub zone: String,
    /// The key's tag.
    pub tag: u16,
    /// The SHA-256 digest of its DS record.
    pub digest: Vec<u8>,
}

impl Keys {
    /// Who signs the sets of a type. RFC 4035 §2.2, RFC 6781 §3.1: the key-signing keys sign the DNSKEY records; RFC 7344
    /// §4.1: and what is announced to the parent, which trusts no other key.
    pub(in crate::sending::authority) fn signers(&self, rtype: RecordType) -> &[Arc<DnssecSigner>] {
        match rtype {
            RecordType::DNSKEY | RecordType::CDS | RecordType::CDNSKEY => &self.ksks,
            _ => std::slice::from_ref(&self.zsk),
        }
    }

    /// The records of the apex that follow from the keys: DNSKEY, and CDS and CDNSKEY (RFC 7344 §3, also where nothing is
    /// to be changed: then they are what the parent has). The root has no parent.
    pub(in crate::sending::authority) fn records(&self) -> Result<Vec<RData>, ZoneError> {
        let mut records: Vec<DNSSECRData> =
            self.published.iter().map(|key| DNSSECRData::DNSKEY(key.clone())).collect();
        if !self.apex.is_root() {
            for ds in self.ds()? {
                let cds =
                    CDS::new(ds.key_tag(), Some(ds.algorithm()), ds.digest_type(), ds.digest().to_vec());
                records.push(DNSSECRData::CDS(cds));
            }
            for key in &self.for_parent {
                let key = key.dnskey();
                let public = key.public_key();
                let octets = public.public_bytes().to_vec();
                records.push(DNSSECRData::CDNSKEY(CDNSKEY::with_flags(
                    key.flags(),
                    Some(public.algorithm()),
                    octets,
                )));
            }
        }
        Ok(records.into_iter().map(RData::DNSSEC).collect())
    }

    /// The data of the DS records for the parent, with SHA-256 (RFC 8624 §3.3).
    pub(in crate::sending::authority) fn ds(&self) -> Result<Vec<DS>, ZoneError> {
        let ds = |signer: &Arc<DnssecSigner>| {
            let key = signer.dnskey();
            let digest = key.to_digest(&self.apex, DigestType::SHA256)?.as_ref().to_vec();
            Ok(DS::new(key.calculate_key_tag()?, Algorithm::ECDSAP256SHA256, DigestType::SHA256, digest))
        };
        let all = self.for_parent.iter().map(ds).collect::<Result<_, hickory_proto::ProtoError>>();
        all.map_err(|error| self.failed(&error))
    }

    /// All that stand in the DNSKEY set.
    pub(in crate::sending::authority) fn published(&self) -> &[DNSKEY] {
        &self.published
    }

    /// Those whose DS records the parent is to have.
    pub(in crate::sending::authority) fn for_parent(&self) -> &[Arc<DnssecSigner>] {
        &self.for_parent
    }

    /// The key-signing keys that are in use as DNSKEY lines: trust anchors.
    pub(in crate::sending::authority) fn trust_anchors(&self) -> Vec<String> {
        let line =
            |key: &Arc<DnssecSigner>| format!("{} {DNSKEY_TTL_S} IN DNSKEY {}", self.apex, key.dnskey());
        self.ksks.iter().map(line).collect()
    }

    /// The key that waits for the parent's DS record, if one does.
    pub(in crate::sending::authority) fn announced(&self) -> Option<Announced> {
        let tag = self.rows.iter().find(|row| row.stage == Stage::Announced)?.tag;
        let ds = self.ds().ok()?.into_iter().find(|ds| ds.key_tag() == tag)?;
        Some(Announced { zone: self.apex.to_string(), tag, digest: ds.digest().to_vec() })
    }

    /// Each key, for those who look.
    pub(in crate::sending::authority) fn rows(&self) -> &[KeyRow] {
        &self.rows
    }

    pub(in crate::sending::authority) fn failed(&self, error: &dyn std::fmt::Display) -> ZoneError {
        ZoneError::Sign { zone: self.apex.to_string(), reason: error.to_string() }
    }
}
