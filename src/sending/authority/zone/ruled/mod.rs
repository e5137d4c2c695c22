//! Zones of ruled cases: one below the origin for each, whose names follow by rule from the case's file, for its
//! permanent name and for every label. What is answered is made and signed at the time of the answer.

mod answer;
mod asking;
mod case_zone;
mod denial;
mod online;
mod parent;
mod place;
mod records;

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, OnceLock};

use hickory_proto::rr::{LowerName, Name, RecordType};

use super::build::Origin;
use super::dynamic::Challenges;
use super::keys::Keys;
use super::records::{Records, ZoneError, name};
use super::sign::SignatureSettings;
use super::snapshot::line;
use crate::sending::trial::{CasePhase, CasePhases, Label, Part};
use crate::shared::time::Timestamp;

pub(in crate::sending::authority) use asking::RuledAnswer;
pub(super) use online::SignedSets;

pub(super) use case_zone::CaseZone;
pub use case_zone::has_server_in_v6;

use case_zone::Common;
use online::Online;

/// The label below the origin that the keys of all ruled zones are kept under. No host or domain can have it.
const KEYS_LABEL: &str = "_cases";

/// The name that the keys of the ruled zones of an origin are kept under.
pub(super) fn keys_name(origin: &Origin) -> Result<Name, ZoneError> {
    name(&format!("{KEYS_LABEL}.{}", origin.catalogue.origin()))
}

/// Whoever knows how far trials are; nobody, until the service has told.
#[derive(Clone, Default)]
pub(super) struct Phases(Arc<OnceLock<Arc<dyn CasePhases>>>);

impl Phases {
    /// Sets who is asked from now on. A second call changes nothing.
    pub(super) fn follow(&self, phases: Arc<dyn CasePhases>) {
        let _ = self.0.set(phases);
    }

    fn of(&self, case: &str, label: &Label) -> CasePhase {
        self.0.get().map(|phases| phases.phase(case, label)).unwrap_or_default()
    }
}

impl std::fmt::Debug for Phases {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Phases").field(&self.0.get().is_some()).finish()
    }
}

/// All ruled zones of one instant.
#[derive(Debug)]
pub(in crate::sending::authority) struct Ruled {
    origin: LowerName,
    /// The origin as text, without the final dot.
    origin_text: String,
    /// By the label of the case, which no label of a trial is.
    zones: HashMap<Vec<u8>, CaseZone>,
    common: Common,
    online: Online,
    phases: Phases,
    /// Answers to a CA's questions below ruled zones, by owner.
    challenges: BTreeMap<LowerName, Vec<String>>,
}

/// What ruled zones are made of beside the catalogue.
pub(super) struct Making<'a> {
    pub(super) signatures: &'a SignatureSettings,
    pub(super) signed: &'a Arc<SignedSets>,
    pub(super) phases: &'a Phases,
    pub(super) challenges: &'a Challenges,
    pub(super) now: Timestamp,
}

/// The ruled cases that are offered, as zones without keys. `own` is the origin's zone.
pub(super) fn case_zones(origin: &Origin, own: &Records) -> Result<Vec<CaseZone>, ZoneError> {
    let servers = case_zone::Servers::of(own, &origin.answers_at);
    let cases = origin.catalogue.ruled_cases().filter(|case| origin.addresses.offers(case));
    cases.map(|case| CaseZone::new(case, origin, &servers)).collect()
}

/// How many labels a name has, that of a wildcard included.
fn labels(name: &LowerName) -> usize {
    let name: &Name = name;
    name.iter().count()
}

/// Whether a name lies in one of these zones.
pub(super) fn hold(zones: &[CaseZone], name: &LowerName) -> bool {
    zones.iter().any(|zone| zone.apex().zone_of(name))
}

pub(super) use parent::delegate;

impl Ruled {
    pub(super) fn new(
        origin: &Origin,
        own: &Records,
        zones: Vec<CaseZone>,
        keys: &Keys,
        making: &Making<'_>,
    ) -> Result<Self, ZoneError> {
        let apex = name(origin.catalogue.origin())?;
        let online = Online::new(keys, making.signatures, Arc::clone(making.signed), making.now)?;
        let challenges = making.challenges.iter().filter(|(owner, _)| hold(&zones, owner));
        Ok(Self {
            origin: LowerName::from(&apex),
            origin_text: origin.catalogue.origin().to_owned(),
            challenges: challenges.map(|(owner, texts)| (owner.clone(), texts.clone())).collect(),
            common: Common::new(origin, own, making.now)?,
            zones: zones.into_iter().map(|zone| (zone.id().as_bytes().to_vec(), zone)).collect(),
            online,
            phases: making.phases.clone(),
        })
    }

    /// The permanent names of the zone `apex` as lines of a master file, with their signatures.
    pub(super) fn print(&self, apex: &LowerName) -> Option<String> {
        let zone = self.zones.values().find(|zone| zone.apex() == apex)?;
        let mut text =
            format!("; zone {apex}, answered by rule: its permanent names, and any label as theirs\n");
        let permanent = Part::ALL.into_iter().filter(|part| zone.has(*part));
        let names = permanent.map(|part| self.common.catalogue.ruled_name(zone.case(), None, part));
        let mut owners: Vec<LowerName> = names.filter_map(|text| Some((&name(&text).ok()?).into())).collect();
        owners.extend(zone.server_name().cloned());
        owners.insert(0, apex.clone());
        owners.dedup();
        let types = [
            RecordType::SOA,
            RecordType::NS,
            RecordType::DNSKEY,
            RecordType::MX,
            RecordType::CNAME,
            RecordType::A,
            RecordType::AAAA,
            RecordType::TLSA,
            RecordType::TXT,
        ];
        for (owner, rtype) in owners.iter().flat_map(|owner| types.map(|rtype| (owner, rtype))) {
            let sets = self.answer(owner, rtype, true).map(|answer| answer.answers).unwrap_or_default();
            for set in sets.iter().filter(|set| {
                set.records.record_type() == rtype && *owner == LowerName::from(set.records.name())
            }) {
                text.extend(set.iter().chain(&set.signatures).map(|record| line(record) + "\n"));
            }
        }
        Some(text)
    }

    /// The zones, by name, with the final dot.
    pub(super) fn apexes(&self) -> Vec<LowerName> {
        let mut apexes: Vec<_> = self.zones.values().map(|zone| zone.apex().clone()).collect();
        apexes.sort();
        apexes
    }

    /// Whether a name is in a ruled zone.
    pub(in crate::sending::authority) fn holds(&self, name: &LowerName) -> bool {
        self.zone_of(name).is_some()
    }

    fn zone_of(&self, name: &LowerName) -> Option<&CaseZone> {
        if !self.origin.zone_of(name) {
            return None;
        }
        let beyond = labels(name).checked_sub(labels(&self.origin) + 1)?;
        let name: &Name = name;
        self.zones.get(name.iter().nth(beyond)?)
    }

    fn phase(&self, zone: &CaseZone, label: Option<&Label>) -> CasePhase {
        let label = label.filter(|label| zone.fixed_label() != Some(label));
        label.map(|label| self.phases.of(zone.id(), label)).unwrap_or_default()
    }
}
