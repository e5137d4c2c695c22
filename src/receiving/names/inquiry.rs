//! The questions of one scan: each asked once, so many at once, so many in all, within so much time; and what was
//! left out.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use hickory_proto::rr::rdata::TXT as Txt;
use tokio::sync::{OnceCell, Semaphore};
use tokio::time::{Instant, timeout_at};

use super::{Settings, size};
use crate::receiving::request::{Progress, Step};
use crate::shared::dns::records::{MX, SOA, TLSA, TXT};
use crate::shared::dns::{Direct, DirectLookup, Over, RData, RecordType, Response, RrType};
use crate::shared::evidence::Security;
use crate::shared::evidence::scan::{Cut, LookupResult, MxRecord, NameAnswer, NameFailure, NameServerReach};
use crate::shared::policy::Tlsa;
use parking_lot::Mutex;

/// How many records of one answer are kept.
pub(super) const RECORDS_MAX: usize = 128;
/// How much of one text is kept, in octets.
const TEXT_OCTETS_MAX: usize = 4096;

/// How much is kept, in octets as it is written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Room {
    /// Of the records of one answer.
    pub(super) answer_octets_max: usize,
    /// How many octets everything together may have.
    pub(super) octets_max: usize,
}

/// What is kept of a question: whoever asks it again waits for the same answer.
type Kept<K, V> = Mutex<HashMap<K, Arc<OnceCell<V>>>>;

/// The questions of one scan.
pub(super) struct Inquiry<'a> {
    lookup: &'a dyn DirectLookup,
    progress: &'a dyn Progress,
    questions_max: u32,
    room: Room,
    deadline: Instant,
    slots: Semaphore,
    tally: Mutex<Tally>,
    answers: Kept<(String, RecordType), Response>,
    reaches: Kept<IpAddr, NameServerReach>,
}

#[derive(Default)]
struct Tally {
    asked: u32,
    not_asked: u32,
    octets: usize,
    cuts: Vec<Cut>,
}

impl<'a> Inquiry<'a> {
    pub(super) fn new(
        lookup: &'a dyn DirectLookup,
        progress: &'a dyn Progress,
        settings: &Settings,
        room: Room,
    ) -> Self {
        Self {
            lookup,
            progress,
            questions_max: settings.questions_max,
            room,
            deadline: Instant::now() + Duration::from_secs(u64::from(settings.dns_s)),
            slots: Semaphore::new(settings.at_once_max.max(1)),
            tally: Mutex::default(),
            answers: Mutex::default(),
            reaches: Mutex::default(),
        }
    }

    /// What was left out, and how many questions were asked.
    pub(super) fn end(self) -> (Vec<Cut>, u32) {
        let tally = self.tally.into_inner();
        let mut cuts = tally.cuts;
        if tally.not_asked > 0 {
            let of = Some(tally.asked + tally.not_asked);
            cuts.push(Cut { what: "queries".to_owned(), of, kept: tally.asked });
        }
        (cuts, tally.asked)
    }

    /// Says that something was left out.
    pub(super) fn cut(&self, what: String, of: Option<usize>, kept: usize) {
        let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        let cut = Cut { what, of: of.map(number), kept: number(kept) };
        let mut tally = self.tally.lock();
        if !tally.cuts.contains(&cut) {
            tally.cuts.push(cut);
        }
    }

    /// Asks, unless it has been asked before. What there is no room for counts as not asked, never as absent.
    pub(super) async fn ask(&self, name: &str, rtype: RecordType) -> Response {
        let cell = cell(&self.answers, (name.to_owned(), rtype));
        let mut response = cell.get_or_init(|| self.ask_now(name, rtype)).await.clone();
        if !self.has_room(size::of_look_up(&response.looked)) {
            let of = response.looked.records().len();
            self.cut(Cut::records(name, &rtype.to_string()), Some(of), 0);
            response.looked = LookupResult::not_asked(name, rtype.to_string());
        }
        response
    }

    /// Whether so much more may be kept; then it counts.
    pub(super) fn has_room(&self, octets: usize) -> bool {
        let mut tally = self.tally.lock();
        let fits = tally.octets + octets <= self.room.octets_max;
        if fits {
            tally.octets += octets;
        }
        fits
    }

    async fn ask_now(&self, name: &str, rtype: RecordType) -> Response {
        let not_asked = || Response { looked: LookupResult::not_asked(name, rtype.to_string()), zone: None };
        if !may_exist(name) {
            // No question can be made of it, so nobody is asked: that is no failure of DNS.
            let looked = not_asked().looked;
            let looked = LookupResult { answer: NameAnswer::NoName, security: Security::Insecure, ..looked };
            return Response { looked, zone: None };
        }
        let Some(_slot) = self.slot().await else { return not_asked() };
        self.progress.step(Step::Name { question: format!("{name} {rtype}") });
        match timeout_at(self.deadline, self.lookup.ask(name, rtype)).await {
            Ok(response) => Response { looked: self.bounded(response.looked), zone: response.zone },
            Err(_) => {
                let mut late = not_asked();
                late.looked.answer = NameAnswer::Failed { failure: NameFailure::Timeout };
                late
            }
        }
    }

    /// Asks one name server; none if there is nothing left to ask with, or no time to wait for it: our limit says
    /// nothing of the server.
    pub(super) async fn ask_server(
        &self,
        server: IpAddr,
        over: Over,
        name: &str,
        rtype: RecordType,
    ) -> Option<Direct> {
        let _slot = self.slot().await?;
        self.progress.step(Step::Name { question: format!("{name} {rtype} @{server}") });
        let asking = self.lookup.ask_server(server, over, name, rtype);
        let said = timeout_at(self.deadline, asking).await.ok();
        if said.is_none() {
            self.tally.lock().not_asked += 1;
        }
        said
    }

    /// Whether a name server answers at an address, tried with the SOA of a zone.
    pub(super) async fn reach(&self, server: IpAddr, zone: &str) -> NameServerReach {
        let cell = cell(&self.reaches, server);
        let trying = || async {
            let (udp, tcp) = tokio::join!(
                self.ask_server(server, Over::Udp, zone, SOA.code()),
                self.ask_server(server, Over::Tcp, zone, SOA.code())
            );
            let answered = |direct: Option<Direct>| direct.and_then(|direct| direct.answered());
            NameServerReach { ip: server, udp: answered(udp), tcp: answered(tcp) }
        };
        cell.get_or_init(trying).await.clone()
    }

    /// A place among the questions under way, if one more may be asked.
    async fn slot(&self) -> Option<tokio::sync::SemaphorePermit<'_>> {
        let slot = timeout_at(self.deadline, self.slots.acquire()).await;
        let mut tally = self.tally.lock();
        match slot {
            Ok(Ok(slot)) if tally.asked < self.questions_max && Instant::now() < self.deadline => {
                tally.asked += 1;
                Some(slot)
            }
            _ => {
                tally.not_asked += 1;
                None
            }
        }
    }

    /// What is kept of an answer: at least its first record, that one cut where it must be.
    fn bounded(&self, mut looked: LookupResult<RData>) -> LookupResult<RData> {
        let NameAnswer::Records { records } = &mut looked.answer else { return looked };
        let of = records.len();
        let (mut octets, mut shortened) = (0, false);
        let mut kept = Vec::new();
        for mut record in std::mem::take(records).into_iter().take(RECORDS_MAX) {
            shortened |= shorten(&mut record);
            octets += size::of_record(&record);
            if octets > self.room.answer_octets_max && !kept.is_empty() {
                break;
            }
            kept.push(record);
        }
        if kept.len() < of || shortened {
            self.cut(Cut::records(&looked.name, &looked.rtype), Some(of), kept.len());
        }
        *records = kept;
        looked
    }

    /// The same, and reads what comes.
    pub(super) async fn look_up<T>(&self, name: &str, rtype: RrType<T>) -> LookupResult<T> {
        rtype.of(self.ask(name, rtype.code()).await.looked)
    }

    pub(super) async fn mx(&self, name: &str) -> LookupResult<MxRecord> {
        self.look_up(name, MX).await.sorted()
    }

    /// TXT at a name below a domain.
    pub(super) async fn texts_below(&self, label: &str, domain: &str) -> LookupResult<String> {
        self.look_up(&format!("{label}.{domain}"), TXT).await
    }

    /// SOA, and the apex of the zone that the name lies in.
    pub(super) async fn soa(&self, name: &str) -> (LookupResult<String>, Option<String>) {
        let response = self.ask(name, SOA.code()).await;
        (SOA.of(response.looked), response.zone)
    }

    /// The name has port 25 whatever port a private world maps it to (RFC 7672 §2.2).
    pub(super) async fn tlsa(&self, host: &str) -> LookupResult<Tlsa> {
        self.look_up(&format!("_25._tcp.{host}"), TLSA).await
    }
}

/// Whether a name can be in DNS at all (RFC 1035 §2.3.4): labels of 1 to 63 octets, 253 in all. What people write into
/// records need not be such.
fn may_exist(name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name);
    let label = |label: &str| (1..=63).contains(&label.len());
    name.is_empty() || name.len() <= 253 && name.split('.').all(label)
}

fn cell<K: std::hash::Hash + Eq, V>(kept: &Kept<K, V>, key: K) -> Arc<OnceCell<V>> {
    let mut kept = kept.lock();
    Arc::clone(kept.entry(key).or_default())
}

/// Cuts a long text; whether it did.
fn shorten(data: &mut RData) -> bool {
    let text = match data {
        RData::TXT(txt) => String::from_utf8_lossy(&txt.txt_data.concat()).into_owned(),
        RData::CAA(caa) => String::from_utf8_lossy(&caa.value).into_owned(),
        _ => return false,
    };
    if text.len() <= TEXT_OCTETS_MAX {
        return false;
    }
    let kept = text[..text.floor_char_boundary(TEXT_OCTETS_MAX)].to_owned();
    match data {
        RData::TXT(txt) => *txt = Txt::new(vec![kept]),
        RData::CAA(caa) => caa.value = kept.into_bytes(),
        _ => {}
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_cannot_be_in_dns_is_known_without_asking() {
        let long = "a".repeat(64);
        for (name, may) in [
            ("example.net", true),
            ("example.net.", true),
            ("", true),
            ("mail..example.net", false),
            (".example.net", false),
            (&format!("{long}.example.net"), false),
            (&format!("{}example.net", "a.".repeat(130)), false),
            (&format!("{}.example.net", &long[1..]), true),
        ] {
            assert_eq!(may_exist(name), may, "{name}");
        }
    }
}
