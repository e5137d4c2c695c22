//! The records of a zone before it is signed: read from master-file text, then added to.

use std::collections::BTreeMap;

use hickory_proto::rr::rdata::{SOA, TXT};
use hickory_proto::rr::{DNSClass, LowerName, Name, RData, Record, RecordSet, RecordType};
use hickory_proto::serialize::txt::Parser;

/// Why a zone cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum ZoneError {
    /// Text that is no master file (RFC 1035 §5).
    #[error("{file}:{line}: {reason}")]
    Parse {
        /// Where the text came from.
        file: String,
        /// The line on which the entry begins that is wrong.
        line: usize,
        reason: String,
    },
    /// Records that do not make a zone.
    #[error("{file}: {reason}")]
    Unfit {
        /// Where the text came from.
        file: String,
        /// What is missing or one too many.
        reason: String,
    },
    /// A text that is no domain name.
    #[error("`{name}` is no domain name: {reason}")]
    Name { name: String, reason: String },
    /// A key that cannot be read, made or kept.
    #[error("{path}: {reason}")]
    Key {
        /// The key's file.
        path: String,
        /// What is wrong and what to do.
        reason: String,
    },
    /// A signature that could not be made.
    #[error("zone {zone}: signing failed: {reason}")]
    Sign {
        zone: String,
        /// In ring's words.
        reason: String,
    },
}

/// Reads a domain name as absolute, with or without the final dot.
pub(in crate::sending::authority) fn name(text: &str) -> Result<Name, ZoneError> {
    let mut name = Name::from_ascii(text)
        .map_err(|error| ZoneError::Name { name: text.to_owned(), reason: error.to_string() })?;
    name.set_fqdn(true);
    Ok(name)
}

/// Ordinary records of one zone, by owner and type.
#[derive(Clone, Debug)]
pub(in crate::sending::authority) struct Records {
    apex: LowerName,
    file: String,
    sets: BTreeMap<LowerName, BTreeMap<RecordType, RecordSet>>,
}

impl Records {
    /// Reads master-file text. `file` is its name in errors. The apex needs a SOA and an NS record; every
    /// owner must lie in the zone; DNSSEC records are ours to make, except DS.
    pub(in crate::sending::authority) fn parse(
        apex: &Name,
        file: &str,
        text: &str,
    ) -> Result<Self, ZoneError> {
        let parse = |text: &str| Parser::new(text.to_owned(), None, Some(apex.clone())).parse();
        let (_, parsed) = parse(text).map_err(|error| ZoneError::Parse {
            file: file.to_owned(),
            line: first_bad_line(text, |prefix| parse(prefix).is_ok()),
            reason: error.to_string(),
        })?;
        let mut records = Self { apex: apex.into(), file: file.to_owned(), sets: BTreeMap::new() };
        for (key, mut set) in parsed {
            if !records.apex.zone_of(&key.name) {
                return Err(records.unfit(format!("{} lies outside of the zone {apex}", key.name)));
            }
            if set.dns_class() != DNSClass::IN
                || (key.record_type.is_dnssec() && key.record_type != RecordType::DS)
            {
                return Err(records.unfit(format!(
                    "{} {}: only class IN, and of DNSSEC only DS; keys and signatures are made by us",
                    key.name, key.record_type
                )));
            }
            // RFC 2181 §5.2: the records of a set have one TTL.
            set.set_ttl(set.records_without_rrsigs().map(|record| record.ttl).min().unwrap_or_default());
            records.sets.entry(key.name).or_default().insert(key.record_type, set);
        }
        records.check().map(|()| records)
    }

    /// Whether the records make a zone: also after something was added.
    pub(in crate::sending::authority) fn check(&self) -> Result<(), ZoneError> {
        let apex = self.apex.clone();
        for (rtype, example) in [
            (RecordType::SOA, "@ 3600 IN SOA ns1 hostmaster 1 3600 900 1209600 60"),
            (RecordType::NS, "@ 3600 IN NS ns1"),
        ] {
            if self.get(&apex, rtype).is_none() {
                let apex = &apex;
                return Err(
                    self.unfit(format!("{apex} has no {rtype} record; write one such as `{example}`"))
                );
            }
        }
        let lone = |(_, sets): &(&LowerName, &BTreeMap<RecordType, RecordSet>)| {
            sets.contains_key(&RecordType::CNAME) && sets.len() > 1
        };
        if let Some((owner, _)) = self.sets.iter().find(lone) {
            return Err(self.unfit(format!("{owner} has a CNAME and other records (RFC 2181 §10.1)")));
        }
        Ok(())
    }

    /// A zone whose apex records are those of `parent`: the same servers serve it.
    pub(in crate::sending::authority) fn like(parent: &Self, apex: &Name) -> Self {
        let mut records = Self { apex: apex.into(), file: parent.file.clone(), sets: BTreeMap::new() };
        for rtype in [RecordType::SOA, RecordType::NS] {
            for record in
                parent.get(&parent.apex, rtype).into_iter().flat_map(|set| set.records_without_rrsigs())
            {
                records.add(apex, record.ttl, record.data.clone());
            }
        }
        records
    }

    pub(in crate::sending::authority) fn apex(&self) -> &LowerName {
        &self.apex
    }

    /// An error about this zone's text.
    pub(in crate::sending::authority) fn unfit(&self, reason: String) -> ZoneError {
        ZoneError::Unfit { file: self.file.clone(), reason }
    }

    pub(in crate::sending::authority) fn get(
        &self,
        owner: &LowerName,
        rtype: RecordType,
    ) -> Option<&RecordSet> {
        self.sets.get(owner)?.get(&rtype)
    }

    pub(in crate::sending::authority) fn owners(
        &self,
    ) -> impl Iterator<Item = (&LowerName, &BTreeMap<RecordType, RecordSet>)> {
        self.sets.iter()
    }

    pub(in crate::sending::authority) fn into_sets(
        self,
    ) -> BTreeMap<LowerName, BTreeMap<RecordType, RecordSet>> {
        self.sets
    }

    /// Adds one record; the set takes the lowest TTL of its records.
    pub(in crate::sending::authority) fn add(&mut self, owner: &Name, ttl_s: u32, data: RData) {
        let rtype = data.record_type();
        let sets = self.sets.entry(owner.into()).or_default();
        let set = sets.entry(rtype).or_insert_with(|| RecordSet::with_ttl(owner.clone(), rtype, ttl_s));
        let ttl_s = ttl_s.min(set.ttl());
        set.insert(Record::from_rdata(owner.clone(), ttl_s, data), 0);
        set.set_ttl(ttl_s);
    }

    /// Removes a whole set.
    pub(in crate::sending::authority) fn remove(&mut self, owner: &Name, rtype: RecordType) {
        if let Some(sets) = self.sets.get_mut(&LowerName::from(owner)) {
            sets.remove(&rtype);
        }
    }

    /// Adds a TXT record, unless the operator wrote one of the same kind, that is with the same beginning.
    pub(in crate::sending::authority) fn add_txt(
        &mut self,
        owner: &Name,
        ttl_s: u32,
        kind: &str,
        text: &str,
    ) {
        let begins = |record: &Record| match &record.data {
            RData::TXT(txt) => txt.txt_data.concat().starts_with(kind.as_bytes()),
            _ => false,
        };
        let written = self.get(&owner.into(), RecordType::TXT);
        if !written.is_some_and(|set| set.records_without_rrsigs().any(begins)) {
            self.add(owner, ttl_s, RData::TXT(txt(text)));
        }
    }

    /// Adds a TXT record beside whatever there is.
    pub(in crate::sending::authority) fn add_text(&mut self, owner: &Name, ttl_s: u32, text: &str) {
        self.add(owner, ttl_s, RData::TXT(txt(text)));
    }

    /// The SOA's data.
    pub(in crate::sending::authority) fn soa(&self) -> Option<(&SOA, u32)> {
        let set = self.get(&self.apex, RecordType::SOA)?;
        match &set.record()?.data {
            RData::SOA(soa) => Some((soa, set.ttl())),
            _ => None,
        }
    }

    /// The longest TTL of its records, in seconds.
    pub(in crate::sending::authority) fn ttl_s_max(&self) -> u32 {
        self.sets.values().flat_map(BTreeMap::values).map(RecordSet::ttl).max().unwrap_or_default()
    }

    /// Puts `serial` into the SOA.
    pub(in crate::sending::authority) fn set_serial(&mut self, serial: u32) {
        let Some((mut soa, ttl_s)) = self.soa().map(|(soa, ttl_s)| (soa.clone(), ttl_s)) else { return };
        soa.serial = serial;
        let apex = Name::from(&self.apex);
        self.remove(&apex, RecordType::SOA);
        self.add(&apex, ttl_s, RData::SOA(soa));
    }
}

/// A text as character-strings of at most 255 octets (RFC 1035 §3.3.14).
pub(super) fn txt(text: &str) -> TXT {
    TXT::from_bytes(text.as_bytes().chunks(255).collect())
}

/// The line behind the longest run of leading lines that still reads well.
fn first_bad_line(text: &str, reads: impl Fn(&str) -> bool) -> usize {
    let ends: Vec<usize> = text.match_indices('\n').map(|(at, _)| at + 1).collect();
    let good = ends.iter().rposition(|end| reads(&text[..*end])).map_or(0, |line| line + 1);
    good + 1
}
