//! The questions of one scan: each asked once, so many at once, so many in all, within so much time; and what was
//! left out.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::{OnceCell, Semaphore};
use tokio::time::{Instant, timeout_at};

use super::{Settings, weight};
use crate::receiving::request::{Progress, Step};
use crate::shared::dns::{Datum, Direct, Kind, Over, Survey, Surveyed};
use crate::shared::evidence::Security;
use crate::shared::evidence::scan::{
    CaaRecord, Cut, DsRecord, KeyRecord, Looked, MxRecord, NameAnswer, NameFailure, NameServerReach,
    Nsec3Parameters,
};
use crate::shared::policy::Tlsa;

/// How many records of one answer are kept.
pub(super) const RECORDS_MAX: usize = 128;
/// How much of one text is kept, in octets.
const TEXT_OCTETS_MAX: usize = 4096;

/// How much is kept, in octets as it is written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Room {
    /// Of the records of one answer.
    pub(super) answer_octets_max: usize,
    /// Of everything.
    pub(super) octets_max: usize,
}

/// What is kept of a question: whoever asks it again waits for the same answer.
type Kept<K, V> = Mutex<HashMap<K, Arc<OnceCell<V>>>>;

/// The questions of one scan.
pub(super) struct Inquiry<'a> {
    survey: &'a dyn Survey,
    progress: &'a dyn Progress,
    questions_max: u32,
    room: Room,
    deadline: Instant,
    slots: Semaphore,
    tally: Mutex<Tally>,
    answers: Kept<(String, Kind), Surveyed>,
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
        survey: &'a dyn Survey,
        progress: &'a dyn Progress,
        settings: &Settings,
        room: Room,
    ) -> Self {
        Self {
            survey,
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
    pub(super) async fn ask(&self, name: &str, kind: Kind) -> Surveyed {
        let cell = cell(&self.answers, (name.to_owned(), kind));
        let mut surveyed = cell.get_or_init(|| self.ask_now(name, kind)).await.clone();
        if !self.has_room(weight::of_look_up(&surveyed.looked)) {
            let of = surveyed.looked.records().len();
            self.cut(Cut::records(name, &kind.to_string()), Some(of), 0);
            surveyed.looked = Looked::not_asked(name, kind.to_string());
        }
        surveyed
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

    async fn ask_now(&self, name: &str, kind: Kind) -> Surveyed {
        let not_asked = || Surveyed { looked: Looked::not_asked(name, kind.to_string()), zone: None };
        if !may_exist(name) {
            // No question can be made of it, so nobody is asked: that is no failure of DNS.
            let looked = not_asked().looked;
            let looked = Looked { answer: NameAnswer::NoName, security: Security::Insecure, ..looked };
            return Surveyed { looked, zone: None };
        }
        let Some(_slot) = self.slot().await else { return not_asked() };
        self.progress.step(Step::Name { question: format!("{name} {kind}") });
        match timeout_at(self.deadline, self.survey.ask(name, kind)).await {
            Ok(surveyed) => Surveyed { looked: self.bounded(surveyed.looked), zone: surveyed.zone },
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
        kind: Kind,
    ) -> Option<Direct> {
        let _slot = self.slot().await?;
        self.progress.step(Step::Name { question: format!("{name} {kind} @{server}") });
        let asking = self.survey.ask_server(server, over, name, kind);
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
                self.ask_server(server, Over::Udp, zone, Kind::Soa),
                self.ask_server(server, Over::Tcp, zone, Kind::Soa)
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
    fn bounded(&self, mut looked: Looked<Datum>) -> Looked<Datum> {
        let NameAnswer::Records { records } = &mut looked.answer else { return looked };
        let of = records.len();
        let (mut octets, mut shortened) = (0, false);
        let mut kept = Vec::new();
        for mut record in std::mem::take(records).into_iter().take(RECORDS_MAX) {
            shortened |= shorten(&mut record);
            octets += weight::of_record(&record);
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

    pub(super) async fn addresses(&self, name: &str, kind: Kind) -> Looked<IpAddr> {
        self.ask(name, kind).await.looked.map(|datum| match datum {
            Datum::Address(address) => Some(address),
            _ => None,
        })
    }

    pub(super) async fn mx(&self, name: &str) -> Looked<MxRecord> {
        let mut looked = self.ask(name, Kind::Mx).await.looked.map(|datum| match datum {
            Datum::Mx(mx) => Some(mx),
            _ => None,
        });
        if let NameAnswer::Records { records } = &mut looked.answer {
            records.sort();
        }
        looked
    }

    pub(super) async fn texts(&self, name: &str) -> Looked<String> {
        self.ask(name, Kind::Txt).await.looked.map(|datum| match datum {
            Datum::Text(text) => Some(text),
            _ => None,
        })
    }

    /// TXT at a name below a domain.
    pub(super) async fn texts_below(&self, label: &str, domain: &str) -> Looked<String> {
        self.texts(&format!("{label}.{domain}")).await
    }

    pub(super) async fn names(&self, name: &str, kind: Kind) -> Looked<String> {
        names(self.ask(name, kind).await.looked)
    }

    /// SOA, and the apex of the zone that the name lies in.
    pub(super) async fn soa(&self, name: &str) -> (Looked<String>, Option<String>) {
        let surveyed = self.ask(name, Kind::Soa).await;
        (names(surveyed.looked), surveyed.zone)
    }

    pub(super) async fn tlsa(&self, host: &str) -> Looked<Tlsa> {
        // The name has port 25 whatever port a private world maps it to (RFC 7672 §2.2).
        self.ask(&format!("_25._tcp.{host}"), Kind::Tlsa).await.looked.map(|datum| match datum {
            Datum::Tlsa(tlsa) => Some(tlsa),
            _ => None,
        })
    }

    pub(super) async fn caa(&self, name: &str) -> Looked<CaaRecord> {
        self.ask(name, Kind::Caa).await.looked.map(|datum| match datum {
            Datum::Caa(caa) => Some(caa),
            _ => None,
        })
    }

    /// DS or CDS.
    pub(super) async fn ds(&self, zone: &str, kind: Kind) -> Looked<DsRecord> {
        self.ask(zone, kind).await.looked.map(|datum| match datum {
            Datum::Ds(ds) => Some(ds),
            _ => None,
        })
    }

    /// DNSKEY or CDNSKEY.
    pub(super) async fn keys(&self, zone: &str, kind: Kind) -> Looked<KeyRecord> {
        self.ask(zone, kind).await.looked.map(|datum| match datum {
            Datum::Key(key) => Some(key),
            _ => None,
        })
    }

    pub(super) async fn nsec3(&self, zone: &str) -> Looked<Nsec3Parameters> {
        self.ask(zone, Kind::Nsec3param).await.looked.map(|datum| match datum {
            Datum::Nsec3(parameters) => Some(parameters),
            _ => None,
        })
    }
}

/// Whether a name can be in DNS at all (RFC 1035 §2.3.4): labels of 1 to 63 octets, 253 in all. What people write into
/// records need not be such.
fn may_exist(name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name);
    let label = |label: &str| (1..=63).contains(&label.len());
    name.is_empty() || name.len() <= 253 && name.split('.').all(label)
}

fn names(looked: Looked<Datum>) -> Looked<String> {
    looked.map(|datum| match datum {
        Datum::Name(name) => Some(name),
        _ => None,
    })
}

fn cell<K: std::hash::Hash + Eq, V>(kept: &Kept<K, V>, key: K) -> Arc<OnceCell<V>> {
    let mut kept = kept.lock();
    Arc::clone(kept.entry(key).or_default())
}

/// Cuts a long text; whether it did.
fn shorten(datum: &mut Datum) -> bool {
    let text = match datum {
        Datum::Text(text) => text,
        Datum::Caa(caa) => &mut caa.value,
        _ => return false,
    };
    if text.len() <= TEXT_OCTETS_MAX {
        return false;
    }
    text.truncate(text.floor_char_boundary(TEXT_OCTETS_MAX));
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
