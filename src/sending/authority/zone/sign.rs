//! Keys and signatures: ECDSA P-256 (RFC 6605), a key-signing and a zone-signing key per zone, NSEC denial.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use hickory_proto::dnssec::crypto::EcdsaSigningKey;
use hickory_proto::dnssec::rdata::{DNSKEY, DNSSECRData, DS, NSEC, RRSIG};
use hickory_proto::dnssec::{Algorithm, DigestType, DnssecSigner, SigningKey};
use hickory_proto::rr::{DNSClass, LowerName, Name, RData, Record, RecordSet, RecordType};
use rustls::pki_types::PrivatePkcs8KeyDer;
use time::OffsetDateTime;

use super::records::{Records, ZoneError};
use super::snapshot::{Node, RrSet, Standing, Zone};
use crate::shared::keyfile::{self, Keeping};
use crate::shared::time::Timestamp;

/// The life of signatures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignatureSettings {
    /// How long a signature is valid from when it is made, in seconds. Default 14 days.
    pub validity_s: u32,
    /// A signature that ends within this many seconds is made anew. Default 7 days: longer than the SOA's
    /// expire, so that no secondary serves a dead signature (RFC 6781 §4.4.1).
    pub refresh_s: u32,
    /// How far back a signature begins, in seconds, for validators whose clock is slow. Default one hour.
    pub backdate_s: u32,
}

impl Default for SignatureSettings {
    fn default() -> Self {
        Self { validity_s: 14 * 86_400, refresh_s: 7 * 86_400, backdate_s: 3600 }
    }
}

const FLAGS_KSK: u16 = 257;
const FLAGS_ZSK: u16 = 256;
const DNSKEY_TTL_S: u32 = 3600;

/// The keys of one zone.
pub(in crate::sending::authority) struct Keys {
    apex: Name,
    ksk: DnssecSigner,
    zsk: DnssecSigner,
}

impl Keys {
    /// Reads the keys of the zone `apex` from `folder`, or makes and keeps them there: PKCS#8 DER in
    /// `<zone>ksk.p8` and `<zone>zsk.p8`, readable by their owner alone. `keeping` says what becomes of those that are made.
    pub(in crate::sending::authority) fn open(
        keeping: &Keeping,
        folder: &Path,
        apex: &Name,
        settings: &SignatureSettings,
    ) -> Result<Self, ZoneError> {
        let apex = apex.to_lowercase();
        let signer = |flags, role: &str| {
            // The final dot of the name stands before the role; the root is `root.`.
            let zone = if apex.is_root() { "root.".to_owned() } else { apex.to_ascii() };
            let path = folder.join(format!("{}{role}.p8", zone.replace('/', "_")));
            signer(keeping, &path, flags, &apex, settings)
                .map_err(|reason| ZoneError::Key { path: path.display().to_string(), reason })
        };
        Ok(Self { ksk: signer(FLAGS_KSK, "ksk")?, zsk: signer(FLAGS_ZSK, "zsk")?, apex })
    }

    /// The DS record's data for the parent, with SHA-256 (RFC 8624 §3.3).
    pub(in crate::sending::authority) fn ds(&self) -> Result<DS, ZoneError> {
        let ds = || {
            let key = self.ksk.dnskey();
            let digest = key.to_digest(&self.apex, DigestType::SHA256)?;
            let digest = digest.as_ref().to_vec();
            let tag = key.calculate_key_tag()?;
            Ok(DS::new(tag, Algorithm::ECDSAP256SHA256, DigestType::SHA256, digest))
        };
        ds().map_err(|error: hickory_proto::ProtoError| self.failed(&error))
    }

    /// The key-signing key as a DNSKEY line: a trust anchor.
    pub(in crate::sending::authority) fn trust_anchor(&self) -> String {
        format!("{} {DNSKEY_TTL_S} IN DNSKEY {}", self.apex, self.ksk.dnskey())
    }

    fn failed(&self, error: &dyn std::fmt::Display) -> ZoneError {
        ZoneError::Sign { zone: self.apex.to_string(), reason: error.to_string() }
    }
}

/// Reads or makes one key.
fn signer(
    keeping: &Keeping,
    path: &Path,
    flags: u16,
    apex: &Name,
    settings: &SignatureSettings,
) -> Result<DnssecSigner, String> {
    let der = match keyfile::read(path) {
        Ok(der) => der,
        Err(error) if error.kind() == ErrorKind::NotFound => make(keeping, path)?,
        Err(error) => {
            return Err(format!(
                "{error}; or remove it to have another made (the parent then needs the DS of that one)"
            ));
        }
    };
    let key = EcdsaSigningKey::from_pkcs8(&PrivatePkcs8KeyDer::from(der), Algorithm::ECDSAP256SHA256)
        .map_err(|error| format!("not a P-256 key as PKCS#8 DER ({error}); restore it from the backup"))?;
    let public = key.to_public_key().map_err(|error| error.to_string())?;
    let validity = Duration::from_secs(u64::from(settings.validity_s) + u64::from(settings.backdate_s));
    Ok(DnssecSigner::new(DNSKEY::with_flags(flags, public), Box::new(key), apex.clone(), validity))
}

/// Makes a key and keeps it.
fn make(keeping: &Keeping, path: &Path) -> Result<Vec<u8>, String> {
    let der =
        EcdsaSigningKey::generate_pkcs8(Algorithm::ECDSAP256SHA256).map_err(|error| error.to_string())?;
    let der = der.secret_pkcs8_der().to_vec();
    keeping.keep(path, &der).map_err(|error| format!("{error}; the folder of keys must be writable"))?;
    Ok(der)
}

/// Makes the snapshot of a zone. Signatures of `previous` over the same records are kept while they last
/// beyond the refresh; without `keys` the zone is unsigned.
pub(in crate::sending::authority) fn zone(
    records: Records,
    keys: Option<&Keys>,
    settings: &SignatureSettings,
    now: Timestamp,
    previous: Option<&Zone>,
) -> Result<Zone, ZoneError> {
    let apex = records.apex().clone();
    // RFC 9077 §3: NSEC records live as long as a negative answer.
    let negative_ttl_s = records.soa().map_or(0, |(soa, ttl_s)| ttl_s.min(soa.minimum));
    let mut owners = standings(&apex, records);
    let Some(keys) = keys else {
        let unsigned = |set| RrSet { records: set, signature: None, expires_s: 0 };
        return Ok(snapshot(apex, false, owners, unsigned));
    };
    if let Some((_, sets)) = owners.get_mut(&apex) {
        let mut set = RecordSet::with_ttl(Name::from(&apex), RecordType::DNSKEY, DNSKEY_TTL_S);
        for key in [&keys.ksk, &keys.zsk] {
            set.add_rdata(RData::DNSSEC(DNSSECRData::DNSKEY(key.to_dnskey())));
        }
        sets.insert(RecordType::DNSKEY, set);
    }
    add_nsec(&apex, negative_ttl_s, &mut owners);
    let signing = Signing { keys, settings, now_s: now.as_second(), previous };
    let mut failure = None;
    let zone = snapshot(apex, true, owners, |set| match signing.sign(&set) {
        Ok((signature, expires_s)) => RrSet { records: set, signature: Some(signature), expires_s },
        Err(error) => {
            failure = Some(error);
            RrSet { records: set, signature: None, expires_s: 0 }
        }
    });
    failure.map_or(Ok(zone), Err)
}

type Owners = BTreeMap<LowerName, (Standing, BTreeMap<RecordType, RecordSet>)>;

/// Sorts owners into the zone's own, its cuts, and what lies below those. In canonical order what lies below
/// a cut follows it at once.
fn standings(apex: &LowerName, records: Records) -> Owners {
    let mut cut: Option<LowerName> = None;
    let sets = records.into_sets().into_iter().filter(|(_, sets)| !sets.is_empty());
    sets.map(|(owner, sets)| {
        let standing = if cut.as_ref().is_some_and(|cut| cut.zone_of(&owner)) {
            Standing::BelowCut
        } else if owner != *apex && sets.contains_key(&RecordType::NS) {
            cut = Some(owner.clone());
            Standing::Cut
        } else {
            Standing::Authoritative
        };
        (owner, (standing, sets))
    })
    .collect()
}

/// Which sets of an owner are the zone's to sign: at a cut only DS and NSEC (RFC 4035 §2.2).
fn is_signed(standing: Standing, rtype: RecordType) -> bool {
    match standing {
        Standing::Authoritative => true,
        Standing::Cut => matches!(rtype, RecordType::DS | RecordType::NSEC),
        Standing::BelowCut => false,
    }
}

/// Ties every owner that is not glue to the next one (RFC 4035 §2.3).
fn add_nsec(apex: &LowerName, ttl_s: u32, owners: &mut Owners) {
    let chain: Vec<LowerName> = owners
        .iter()
        .filter(|(_, (standing, _))| *standing != Standing::BelowCut)
        .map(|(owner, _)| owner.clone())
        .collect();
    for (at, owner) in chain.iter().enumerate() {
        let next = chain.get(at + 1).unwrap_or(apex);
        let Some((standing, sets)) = owners.get_mut(owner) else { continue };
        let listed = |rtype: &RecordType| *rtype == RecordType::NS || is_signed(*standing, *rtype);
        let types: Vec<RecordType> = sets.keys().copied().filter(listed).collect();
        let mut set = RecordSet::with_ttl(Name::from(owner), RecordType::NSEC, ttl_s);
        set.add_rdata(RData::DNSSEC(DNSSECRData::NSEC(NSEC::new_cover_self(Name::from(next), types))));
        sets.insert(RecordType::NSEC, set);
    }
}

fn snapshot(apex: LowerName, signed: bool, owners: Owners, mut sign: impl FnMut(RecordSet) -> RrSet) -> Zone {
    let mut nodes = BTreeMap::new();
    for (owner, (standing, sets)) in owners {
        let mut finished = BTreeMap::new();
        for (rtype, set) in sets {
            let set = if is_signed(standing, rtype) {
                sign(set)
            } else {
                RrSet { records: set, signature: None, expires_s: 0 }
            };
            finished.insert(rtype, Arc::new(set));
        }
        nodes.insert(owner, Node { standing, sets: finished });
    }
    Zone { apex, signed, nodes }
}

struct Signing<'a> {
    keys: &'a Keys,
    settings: &'a SignatureSettings,
    now_s: i64,
    previous: Option<&'a Zone>,
}

impl Signing<'_> {
    /// The signature over `set` and when it ends.
    fn sign(&self, set: &RecordSet) -> Result<(Record, i64), ZoneError> {
        if let Some(kept) = self.kept(set) {
            return Ok(kept);
        }
        // RFC 4035 §2.2, RFC 6781 §3.1: the key-signing key signs the DNSKEY records and nothing else.
        let signer = match set.record_type() {
            RecordType::DNSKEY => &self.keys.ksk,
            _ => &self.keys.zsk,
        };
        let begin_s = self.now_s - i64::from(self.settings.backdate_s);
        let inception = OffsetDateTime::from_unix_timestamp(begin_s).map_err(|e| self.keys.failed(&e))?;
        let rrsig =
            RRSIG::from_rrset(set, DNSClass::IN, inception, signer).map_err(|e| self.keys.failed(&e))?;
        let data = RData::DNSSEC(DNSSECRData::RRSIG(rrsig));
        let record = Record::from_rdata(set.name().clone(), set.ttl(), data);
        Ok((record, self.now_s + i64::from(self.settings.validity_s)))
    }

    fn kept(&self, set: &RecordSet) -> Option<(Record, i64)> {
        let before = self.previous?.get(&set.name().into(), set.record_type())?;
        let same = before.records.ttl() == set.ttl() && before.iter().eq(set.records_without_rrsigs());
        let lasts = before.expires_s - i64::from(self.settings.refresh_s) > self.now_s;
        let signature = before.signature.clone()?;
        (same && lasts).then_some((signature, before.expires_s))
    }
}
