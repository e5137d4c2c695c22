//! A catalog zone (RFC 9432): by it secondaries learn which zones there are, and need no settings for each.

use std::collections::BTreeMap;
use std::sync::Arc;

use data_encoding::HEXLOWER;
use hickory_proto::rr::rdata::{NS, PTR, SOA, TXT};
use hickory_proto::rr::{LowerName, Name, RData, Record};
use parking_lot::Mutex;
use sha2::{Digest, Sha256};

use super::settings::{DomainName, Secondary};
use crate::sending::authority::zone::{Zone, Zones};

/// How often secondaries look, in seconds, if they miss a notice.
const REFRESH_S: i32 = 300;
/// How long they keep it without us, in seconds: RFC 9432 §7 warns of a short time, at whose end all zones go.
const EXPIRE_S: i32 = 2_147_483_646;
/// The octets of a digest that name a member.
const MEMBER_OCTETS: usize = 16;

/// The catalog zone of all zones that a secondary may take over.
pub(super) struct Catalog {
    apex: LowerName,
    /// By what secondaries may take over: the list as it was last asked for, and the serial that it has had since.
    /// There are as many as settings name.
    listed: Mutex<BTreeMap<Vec<DomainName>, (Vec<LowerName>, u32)>>,
}

impl Catalog {
    pub(super) fn new(apex: LowerName) -> Self {
        Self { apex, listed: Mutex::default() }
    }

    /// Whether a name is the zone's or lies below.
    pub(super) fn holds(&self, name: &LowerName) -> bool {
        self.apex.zone_of(name)
    }

    pub(super) fn is_apex(&self, name: &Name) -> bool {
        self.apex == name.into()
    }

    /// The zone's records, the SOA first.
    pub(super) fn records(&self, zones: &Arc<Zones>, secondary: &Secondary) -> Vec<Record> {
        let members: Vec<&Zone> = zones.all().filter(|zone| secondary.takes(&zone.apex)).collect();
        let names: Vec<LowerName> = members.iter().map(|zone| zone.apex.clone()).collect();
        // The highest serial of a member at the time when the list became this one: like those it never goes back.
        let highest = members.iter().filter_map(|zone| zone.serial()).max().unwrap_or(1);
        let serial = {
            let mut listed = self.listed.lock();
            let (known, serial) =
                listed.entry(secondary.zones.clone()).or_insert_with(|| (names.clone(), highest));
            if *known != names {
                (*known, *serial) = (names, highest.max(serial.wrapping_add(1)));
            }
            *serial
        };
        let apex = Name::from(&self.apex);
        let nowhere = Name::from_ascii("invalid.").unwrap_or_default();
        let soa = SOA::new(nowhere.clone(), nowhere.clone(), serial, REFRESH_S, REFRESH_S, EXPIRE_S, 0);
        let mut records = vec![
            Record::from_rdata(apex.clone(), 0, RData::SOA(soa)),
            Record::from_rdata(apex.clone(), 0, RData::NS(NS(nowhere))),
        ];
        // RFC 9432 §4.2.1: version 2 of the schema; §4.1: a PTR for each member, below a label of its own.
        let below = |labels: &str| Name::from_ascii(labels).and_then(|name| name.append_domain(&apex)).ok();
        let version = below("version")
            .map(|name| Record::from_rdata(name, 0, RData::TXT(TXT::new(vec!["2".to_owned()]))));
        records.extend(version);
        for zone in members {
            let digest = Sha256::digest(zone.apex.to_string());
            let label = HEXLOWER.encode(&digest[..MEMBER_OCTETS]);
            let member = below(&format!("{label}.zones"));
            let data = RData::PTR(PTR(Name::from(&zone.apex)));
            records.extend(member.map(|name| Record::from_rdata(name, 0, data)));
        }
        records
    }
}
