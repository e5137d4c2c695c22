//! All zones that are served, made anew when an order or a signature ends.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use hickory_proto::dnssec::rdata::DNSSECRData;
use hickory_proto::rr::rdata::NS;
use hickory_proto::rr::{LowerName, Name, RData, RecordType};
use parking_lot::Mutex;

use super::build::{self, Origin};
use super::dynamic::{Challenges, is_challenge};
use super::keys::{Announced, DNSKEY_TTL_S, KeyRow, Keys, Opening, Waits};
use super::records::{Records, ZoneError, name};
use super::ruled::{self, CaseZone, Making, Phases, Ruled, SignedSets};
use super::serial::{Serials, digest};
use super::sign::{self, SignatureSettings};
use super::snapshot::{RrSet, Zone};
use crate::sending::trial::CasePhases;
use crate::shared::keyfile::Keeping;
use crate::shared::time::Timestamp;

/// How zones are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The folder of the zones' keys. They are made where there are none. Default `keys`.
    pub keys: PathBuf,
    /// After how many days another zone-signing key is used; 0: never. Default 90.
    pub zsk_days: u32,
    /// The life of signatures.
    pub signatures: SignatureSettings,
    /// Whether other services sign the same zones, so that what has one serial may have other signatures elsewhere. Default no.
    pub shared: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self { keys: "keys".into(), zsk_days: 90, signatures: SignatureSettings::default(), shared: false }
    }
}

/// A zone given as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ZoneText {
    pub apex: String,
    /// Where the text came from, for errors.
    pub file: String,
    /// Its records in master-file format; the SOA's serial is ours to set.
    pub text: String,
    /// Whether it is signed, with keys of its own.
    pub signed: bool,
}

/// What is served.
#[derive(Clone, Debug, Default)]
pub struct Content {
    /// The service's own zones.
    pub origin: Option<Origin>,
    /// Any others. A zone that encloses another delegates to it.
    pub others: Vec<ZoneText>,
}

/// The zones of one instant.
#[derive(Debug, Default)]
pub(in crate::sending::authority) struct Zones {
    zones: BTreeMap<LowerName, Zone>,
    origin: Option<LowerName>,
    /// The zones of ruled cases.
    ruled: Option<Arc<Ruled>>,
    shared: bool,
}

impl Zones {
    /// Whether a secondary may have another zone with a serial of ours: then it is sent no changes, but the whole
    /// (RFC 1995 §4 allows it).
    pub(in crate::sending::authority) fn are_shared(&self) -> bool {
        self.shared
    }

    /// Whether questions for `name` are observations: it lies under the service's origin, and is not a CA's to ask for.
    pub(in crate::sending::authority) fn observes(&self, name: &Name) -> bool {
        self.origin.as_ref().is_some_and(|origin| origin.zone_of(&name.into())) && !is_challenge(name)
    }

    /// The zone with this apex.
    pub(in crate::sending::authority) fn zone(&self, apex: &LowerName) -> Option<&Zone> {
        self.zones.get(apex)
    }

    /// All zones, parents before children.
    pub(in crate::sending::authority) fn all(&self) -> impl Iterator<Item = &Zone> {
        self.zones.values()
    }

    /// The zones of ruled cases.
    pub(in crate::sending::authority) fn ruled(&self) -> Option<&Ruled> {
        self.ruled.as_deref()
    }

    /// The deepest zone that holds `name`; with `above`, the deepest of which `name` is not the apex.
    pub(in crate::sending::authority) fn holding(&self, name: &LowerName, above: bool) -> Option<&Zone> {
        let mut apex = name.clone();
        loop {
            if let Some(zone) = self.zones.get(&apex).filter(|_| !(above && apex == *name)) {
                return Some(zone);
            }
            if apex.is_root() {
                return None;
            }
            apex = apex.base_name();
        }
    }
}

struct State {
    content: Content,
    challenges: Challenges,
    serials: Serials,
    /// The keys of each signed zone as they were used last.
    keys: BTreeMap<LowerName, Keys>,
}

/// The service's authoritative DNS, without its sockets: zones, their keys, and the current snapshot.
pub struct Authority {
    settings: Settings,
    opening: Opening,
    state: Mutex<State>,
    zones: ArcSwap<Zones>,
    signed: Arc<SignedSets>,
    phases: Phases,
}

impl Authority {
    /// Reads or makes the keys, builds and signs every zone.
    ///
    /// # Errors
    ///
    /// If a zone or a key does not read, or a zone cannot be served as it is. The error names the file.
    pub fn new(content: Content, settings: Settings, now: Timestamp) -> Result<Self, ZoneError> {
        Self::keeping(Keeping::in_files(), content, settings, now)
    }

    /// As [`Self::new`]; `keeping` says what becomes of keys that are made.
    ///
    /// # Errors
    ///
    /// If a zone or a key does not read, or a zone cannot be served as it is. The error names the file.
    pub fn keeping(
        keeping: Keeping,
        content: Content,
        settings: Settings,
        now: Timestamp,
    ) -> Result<Self, ZoneError> {
        let serials = Serials::open(&settings.keys, keeping.clone(), settings.shared)?;
        let challenges = Challenges::default();
        let state = Mutex::new(State { content, challenges, serials, keys: BTreeMap::new() });
        let SignatureSettings { validity_s, backdate_s, .. } = settings.signatures;
        let valid = Duration::from_secs(u64::from(validity_s) + u64::from(backdate_s));
        let opening = Opening::new(&settings.keys, keeping, valid, !settings.shared);
        let (signed, phases) = (Arc::default(), Phases::default());
        let authority = Self { settings, opening, state, zones: ArcSwap::default(), signed, phases };
        authority.refresh(now)?;
        Ok(authority)
    }

    /// Whether it is for this process to bring the keys of zones on; where several have the same keys, one does. Until this is
    /// said it is so where nobody else signs the same zones.
    pub fn set_rolls_keys(&self, rolls: bool) {
        self.opening.set_rolls(rolls);
    }

    /// Asks `phases` from now on how far trials are, so that the faults of one that is over are withdrawn.
    pub fn follow_phases(&self, phases: Arc<dyn CasePhases>) {
        self.phases.follow(phases);
    }

    /// Puts other content in place of the present one, when certificates or settings changed. An error
    /// leaves all as it was.
    ///
    /// # Errors
    ///
    /// If a zone or a key does not read, or a zone cannot be served as it is. The error names the file.
    pub fn replace(&self, content: Content, now: Timestamp) -> Result<(), ZoneError> {
        let mut state = self.state.lock();
        self.serve(&mut state, &content, now)?;
        state.content = content;
        Ok(())
    }

    /// Serves these answers to a CA's challenges and no others: for each domain its texts (RFC 8555 §8.4). An error leaves
    /// all as it was.
    ///
    /// # Errors
    ///
    /// If no zone here holds a domain, or a zone cannot be made.
    pub fn answer_challenges(
        &self,
        answers: &BTreeMap<String, Vec<String>>,
        now: Timestamp,
    ) -> Result<(), ZoneError> {
        let challenges = Challenges::new(answers)?;
        let mut state = self.state.lock();
        if challenges == state.challenges {
            return Ok(());
        }
        let before = std::mem::replace(&mut state.challenges, challenges);
        let content = state.content.clone();
        if let Err(error) = self.serve(&mut state, &content, now) {
            state.challenges = before;
            return Err(error);
        }
        Ok(())
    }

    /// Brings the zones to `now`: the order of the MX records, keys, signatures that end soon, serials.
    ///
    /// # Errors
    ///
    /// If a zone or a key does not read, or a zone cannot be served as it is. The error names the file.
    pub fn refresh(&self, now: Timestamp) -> Result<(), ZoneError> {
        let mut state = self.state.lock();
        let content = state.content.clone();
        self.serve(&mut state, &content, now)
    }

    /// How long the zones stay as they are: until the next order, and in any case not longer than an hour.
    pub fn next_refresh(&self, now: Timestamp) -> Duration {
        let rotation_ms = self.state.lock().content.origin.as_ref().map(|origin| {
            let ends_s = build::epoch_start_s(&origin.pace, now) + i64::from(origin.pace.rotation_s.max(1));
            ends_s * 1000 - now.as_millisecond()
        });
        let hour_ms = 3_600_000;
        let signatures_ms = i64::from(self.settings.signatures.validity_s) * 1000 / 4;
        let wait_ms = rotation_ms.unwrap_or(hour_ms).min(hour_ms).min(signatures_ms).max(1);
        Duration::from_millis(wait_ms.unsigned_abs())
    }

    /// Keeps the zones fresh for ever. A failure leaves the last good snapshot in place and is tried again.
    pub async fn keep_fresh(&self, clock: Arc<dyn Fn() -> Timestamp + Send + Sync>) {
        loop {
            tokio::time::sleep(self.next_refresh(clock())).await;
            if let Err(error) = self.refresh(clock()) {
                tracing::error!(%error, "the zones could not be brought up to date; serving the last good ones");
            }
        }
    }

    /// When the first signature of each signed zone ends.
    pub fn signatures_end(&self) -> Vec<(String, Timestamp)> {
        let zones = self.zones.load();
        let ends = zones.zones.values().filter_map(|zone| {
            let ends = Timestamp::from_second(zone.expires_s()?).ok()?;
            Some((zone.apex.to_string(), ends))
        });
        ends.collect()
    }

    /// DS lines for the parents of signed zones whose parent is not served here.
    ///
    /// # Errors
    ///
    /// If a zone or a key does not read, or a zone cannot be served as it is. The error names the file.
    pub fn ds(&self) -> Result<Vec<String>, ZoneError> {
        let mut lines = Vec::new();
        for (apex, keys) in self.topmost() {
            lines.extend(keys.ds()?.into_iter().map(|ds| format!("{apex} {DNSKEY_TTL_S} IN DS {ds}")));
        }
        Ok(lines)
    }

    /// The same zones' key-signing keys as DNSKEY lines: trust anchors.
    pub fn trust_anchors(&self) -> Vec<String> {
        self.topmost().iter().flat_map(|(_, keys)| keys.trust_anchors()).collect()
    }

    /// The keys of every signed zone, by the zone's name with the final dot.
    pub fn keys(&self) -> Vec<(String, Vec<KeyRow>)> {
        let state = self.state.lock();
        state.keys.iter().map(|(apex, keys)| (apex.to_string(), keys.rows().to_vec())).collect()
    }

    /// The key-signing keys of topmost zones that wait for their parents' DS records.
    pub fn announced(&self) -> Vec<Announced> {
        self.topmost().iter().filter_map(|(_, keys)| keys.announced()).collect()
    }

    /// What the parents of the topmost zones need beside DS: each zone's NS records, and the addresses of those name
    /// servers that lie below it (glue, RFC 1034 §4.2.1).
    pub fn delegations(&self) -> Vec<String> {
        let zones = self.zones.load();
        let topmost = zones.zones.iter().filter(|(apex, _)| zones.holding(apex, true).is_none());
        let mut lines = Vec::new();
        for (_, zone) in topmost.filter(|(apex, _)| !apex.is_root()) {
            let of = |owner: &LowerName, rtype| zone.nodes.get(owner).and_then(|node| node.get(rtype));
            let servers: Vec<_> =
                of(&zone.apex, RecordType::NS).map(|set| set.iter().collect()).unwrap_or_default();
            lines.extend(servers.iter().map(|record| record.to_string()));
            for server in &servers {
                let RData::NS(NS(host)) = &server.data else { continue };
                let glue = [RecordType::A, RecordType::AAAA].map(|rtype| of(&LowerName::from(host), rtype));
                lines.extend(glue.into_iter().flatten().flat_map(RrSet::iter).map(ToString::to_string));
            }
        }
        lines
    }

    /// The names of all zones, with the final dot, parents before children.
    pub fn zone_names(&self) -> Vec<String> {
        self.zones.load().zones.keys().map(ToString::to_string).collect()
    }

    /// One zone as master-file text with its signatures; of one that is answered by rule its permanent names.
    pub fn print_zone(&self, apex: &str) -> Option<String> {
        let (apex, zones) = (LowerName::from(name(apex).ok()?), self.zones.load());
        match zones.zones.get(&apex) {
            Some(zone) => Some(zone.print()),
            None => zones.ruled()?.print(&apex),
        }
    }

    /// Every zone as master-file text, each under a comment that names it.
    pub fn print(&self) -> String {
        let zones = self.zones.load();
        let signed_ahead = zones.zones.values().map(|zone| format!("; zone {}\n{}", zone.apex, zone.print()));
        let ruled = zones
            .ruled()
            .into_iter()
            .flat_map(|ruled| ruled.apexes().into_iter().filter_map(|apex| ruled.print(&apex)));
        signed_ahead.chain(ruled).collect()
    }

    pub(in crate::sending::authority) fn zones(&self) -> Arc<Zones> {
        self.zones.load_full()
    }

    fn topmost(&self) -> Vec<(LowerName, Keys)> {
        let state = self.state.lock();
        let zones = self.zones.load();
        let topmost = state.keys.iter().filter(|(apex, _)| zones.holding(apex, true).is_none());
        topmost.map(|(apex, keys)| (apex.clone(), keys.clone())).collect()
    }

    /// Makes the zones of `content` at `now` and serves them.
    fn serve(&self, state: &mut State, content: &Content, now: Timestamp) -> Result<(), ZoneError> {
        let mut zones = records(content, now)?;
        let by_rule =
            content.origin.as_ref().map(|origin| ruled::case_zones(origin, &zones[0].0)).transpose()?;
        let by_rule = by_rule.unwrap_or_default();
        state.challenges.weave(&mut zones, |owner| ruled::hold(&by_rule, owner))?;
        let mut keys = self.keys_of(&zones, now)?;
        let ruled = self.ruled(state, content, by_rule, &mut zones, &mut keys, now)?;
        build::delegate(&mut zones, |apex| {
            let ds = keys.get(apex).map(Keys::ds).transpose()?.unwrap_or_default();
            Ok(ds.into_iter().map(|ds| RData::DNSSEC(DNSSECRData::DS(ds))).collect())
        })?;
        let before = self.zones.load();
        let mut serials = state.serials.begin(now);
        let signatures = &self.settings.signatures;
        let mut made = BTreeMap::new();
        for (mut records, _) in zones {
            let apex = records.apex().clone();
            let (keys, before) = (keys.get(&apex), before.zones.get(&apex));
            let content = digest(&records, keys);
            // Whether anything but the serial is new shows when the zone is made with the old one.
            let old = before.and_then(Zone::soa).map(|soa| soa.serial);
            records.set_serial(old.unwrap_or(serials.first()));
            let mut zone = sign::zone(records.clone(), keys, signatures, now, before)?;
            let is_new = !before.is_some_and(|before| zone.is_as(before));
            if let Some(serial) = serials.of(&apex, &content, old, is_new) {
                records.set_serial(serial);
                zone = sign::zone(records, keys, signatures, now, Some(&zone))?;
            }
            made.insert(apex, zone);
        }
        serials.end();
        let origin = content.origin.as_ref().map(|origin| name(origin.catalogue.origin())).transpose()?;
        self.zones.store(Arc::new(Zones {
            shared: self.settings.shared,
            zones: made,
            origin: origin.as_ref().map(LowerName::from),
            ruled,
        }));
        state.keys = keys;
        Ok(())
    }

    /// The zones of ruled cases, delegated from those above them. Their keys join the others.
    fn ruled(
        &self,
        state: &State,
        content: &Content,
        by_rule: Vec<CaseZone>,
        zones: &mut [(Records, bool)],
        keys: &mut BTreeMap<LowerName, Keys>,
        now: Timestamp,
    ) -> Result<Option<Arc<Ruled>>, ZoneError> {
        let Some(origin) = content.origin.as_ref().filter(|_| !by_rule.is_empty()) else { return Ok(None) };
        let own = zones[0].0.clone();
        let expire_s = own.soa().map_or(0, |(soa, _)| i64::from(soa.expire));
        let waits = Waits::new(expire_s, DNSKEY_TTL_S, self.settings.zsk_days, true);
        let name = ruled::keys_name(origin)?;
        let their_keys = self.opening.keys(&name, &waits, now)?;
        ruled::delegate(zones, &by_rule, &their_keys)?;
        let making = Making {
            signatures: &self.settings.signatures,
            signed: &self.signed,
            phases: &self.phases,
            challenges: &state.challenges,
            now,
        };
        let ruled = Ruled::new(origin, &own, by_rule, &their_keys, &making)?;
        keys.insert(LowerName::from(&name), their_keys);
        Ok(Some(Arc::new(ruled)))
    }

    /// The keys of the signed ones among zones.
    fn keys_of(
        &self,
        zones: &[(Records, bool)],
        now: Timestamp,
    ) -> Result<BTreeMap<LowerName, Keys>, ZoneError> {
        let mut keys = BTreeMap::new();
        for (at, (records, _)) in zones.iter().enumerate().filter(|(_, (_, signed))| *signed) {
            let expire_s = records.soa().map_or(0, |(soa, _)| i64::from(soa.expire));
            let ttl_s_max = records.ttl_s_max().max(DNSKEY_TTL_S);
            let parent_is_here = build::has_parent_here(zones, at);
            let waits = Waits::new(expire_s, ttl_s_max, self.settings.zsk_days, parent_is_here);
            let apex = records.apex();
            keys.insert(apex.clone(), self.opening.keys(&Name::from(apex), &waits, now)?);
        }
        Ok(keys)
    }
}

/// The records of all zones, before they are tied together and signed, and whether each is signed.
fn records(content: &Content, now: Timestamp) -> Result<Vec<(Records, bool)>, ZoneError> {
    let mut zones = Vec::new();
    if let Some(origin) = &content.origin {
        zones.extend(build::build(origin, now)?);
    }
    for other in &content.others {
        let records = Records::parse(&name(&other.apex)?, &other.file, &other.text)?;
        if zones.iter().any(|(zone, _)| zone.apex() == records.apex()) {
            return Err(records.unfit(format!("the zone {} is given twice", records.apex())));
        }
        zones.push((records, other.signed));
    }
    Ok(zones)
}
