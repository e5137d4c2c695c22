//! Notices of changes (RFC 1996): who was told what, who has answered, and who is told again.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use hickory_proto::op::{Message, MessageType, OpCode, Query, ResponseCode};
use hickory_proto::rr::{LowerName, Record, RecordType, TSigVerifier};
use tokio::net::UdpSocket;
use tokio::time::timeout;

use super::settings::Secondary;
use super::soa_serial;
use super::tsig::TsigKeys;
use crate::shared::time::Timestamp;

/// How often a secondary is told of one change: after 1, 2, 4 seconds and so on. Then its own refresh finds it.
const TRIES_MAX: u32 = 6;
/// The octets of an answer that are read.
const ANSWER_OCTETS_MAX: usize = 1_232;
/// How many answers are read before others are told again.
const ANSWERS_MAX: usize = 64;

/// What a secondary is to know.
#[derive(Clone, Debug)]
pub(super) struct Change {
    /// Which of the settings' secondaries it is.
    pub(super) secondary: usize,
    /// Where it is told.
    pub(super) to: SocketAddr,
    /// The zone's SOA record.
    pub(super) soa: Record,
}

/// How far telling one secondary of one zone has come.
struct Telling {
    serial: u32,
    tries: u32,
    next_ms: i64,
    is_heard: bool,
    /// What came of it the last time, over all serials: zones change every few minutes, and what stays is not told anew.
    ended: Ended,
}

/// What came of a notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ended {
    /// It was taken, or nothing is known yet.
    Well,
    Unanswered,
    Refused(ResponseCode),
}

impl Telling {
    fn of(serial: u32, now_ms: i64, ended: Ended) -> Self {
        Self { serial, tries: 0, next_ms: now_ms, is_heard: false, ended }
    }

    /// Takes in what came of it; what was before, if that was something else.
    fn end(&mut self, ended: Ended) -> Option<Ended> {
        let before = std::mem::replace(&mut self.ended, ended);
        (before != ended).then_some(before)
    }
}

/// A notice that was sent and not answered.
struct Sent {
    place: (SocketAddr, LowerName),
    verifier: Option<TSigVerifier>,
}

/// Tells secondaries of changes.
pub(super) struct Herald {
    sockets: Vec<UdpSocket>,
    keys: Vec<Option<LowerName>>,
    told: BTreeMap<(SocketAddr, LowerName), Telling>,
    sent: BTreeMap<u16, Sent>,
    next_id: u16,
}

impl Herald {
    /// Opens a socket at one of our addresses of each family: that is where a secondary expects notices from.
    pub(super) async fn open(sources: &[SocketAddr], secondaries: &[Secondary]) -> Self {
        let mut sockets: Vec<UdpSocket> = Vec::new();
        for source in sources {
            let is_other = |socket: &UdpSocket| {
                socket.local_addr().is_ok_and(|known| known.is_ipv4() != source.is_ipv4())
            };
            if !sockets.iter().all(is_other) {
                continue;
            }
            match UdpSocket::bind((source.ip(), 0)).await {
                Ok(socket) => sockets.push(socket),
                Err(error) => tracing::warn!(%error, %source, "secondaries cannot be notified from here"),
            }
        }
        let keys = secondaries.iter().map(|one| one.key.as_ref().map(super::DomainName::to_name)).collect();
        Self { sockets, keys, told: BTreeMap::new(), sent: BTreeMap::new(), next_id: 1 }
    }

    /// The notices that are due.
    pub(super) fn due(&mut self, changes: Vec<Change>, now: Timestamp) -> Vec<Change> {
        let now_ms = now.as_millisecond();
        let mut due = Vec::new();
        for change in changes {
            let serial = soa_serial(&change.soa);
            let place = (change.to, LowerName::from(&change.soa.name));
            let fresh = |ended| Telling::of(serial, now_ms, ended);
            let telling = self.told.entry(place).or_insert_with(|| fresh(Ended::Well));
            if telling.serial != serial {
                *telling = fresh(telling.ended);
            }
            if telling.is_heard || telling.next_ms > now_ms || telling.tries > TRIES_MAX {
                continue;
            }
            if telling.tries == TRIES_MAX {
                if telling.end(Ended::Unanswered).is_some() {
                    let zone = &change.soa.name;
                    tracing::warn!(
                        secondary = %change.to, %zone, serial,
                        "a secondary does not answer notices; it will find changes at its next refresh. See whether it runs, and whether it takes notices from this address"
                    );
                }
            } else {
                due.push(change);
            }
            telling.next_ms = now_ms + (1_000_i64 << telling.tries);
            telling.tries += 1;
        }
        due
    }

    /// Sends notices.
    pub(super) async fn send(&mut self, due: Vec<Change>, keys: &TsigKeys, now: Timestamp) {
        for change in due {
            let place = (change.to, LowerName::from(&change.soa.name));
            let Some(id) = self.free_id() else { return };
            let notice = notice(id, &change.soa);
            let signed = match self.keys.get(change.secondary).and_then(Option::as_ref) {
                Some(key) => keys.sign(key, &notice, now).map(|(octets, verifier)| (octets, Some(verifier))),
                None => notice.to_vec().ok().map(|octets| (octets, None)),
            };
            let Some((octets, verifier)) = signed else { continue };
            self.sent.retain(|_, sent| sent.place != place);
            self.sent.insert(id, Sent { place, verifier });
            if let Some(socket) = self.socket_for(change.to.ip())
                && let Err(error) = socket.send_to(&octets, change.to).await
            {
                tracing::debug!(%error, secondary = %change.to, "a notice was not sent");
            }
        }
    }

    /// Reads answers for so long.
    pub(super) async fn hear(&mut self, wait: Duration) {
        let mut heard: Vec<(SocketAddr, Vec<u8>)> = Vec::new();
        let listening = async {
            let mut octets = vec![0; ANSWER_OCTETS_MAX];
            for _ in 0..ANSWERS_MAX {
                if self.sockets.is_empty() {
                    return std::future::pending().await;
                }
                let sockets = self.sockets.iter().map(|socket| Box::pin(socket.readable()));
                let (_, ready, _) = futures_util::future::select_all(sockets).await;
                match self.sockets[ready].try_recv_from(&mut octets) {
                    Ok((length, from)) => heard.push((from, octets[..length].to_vec())),
                    // A port that is closed says so here; the notice is sent again.
                    Err(error) => tracing::trace!(%error, "no answer to a notice"),
                }
            }
            std::future::pending::<()>().await;
        };
        let _ = timeout(wait, listening).await;
        for (from, octets) in heard {
            self.take(from, &octets);
        }
    }

    /// Takes an answer in.
    fn take(&mut self, from: SocketAddr, octets: &[u8]) {
        let Ok(answer) = Message::from_vec(octets) else { return };
        let id = answer.metadata.id;
        let is_answer = answer.metadata.message_type == MessageType::Response
            && answer.metadata.op_code == OpCode::Notify;
        let Some(sent) = self.sent.get_mut(&id).filter(|sent| is_answer && sent.place.0 == from) else {
            return;
        };
        // RFC 8945 §5.4: an answer to a signed request that is not signed is none, unless it is an error.
        let rcode = answer.metadata.response_code;
        if let Some(verifier) = &mut sent.verifier
            && rcode == ResponseCode::NoError
            && verifier.verify(octets).is_err()
        {
            return;
        }
        if let Some(telling) = self.told.get_mut(&sent.place) {
            telling.is_heard = true;
            let (secondary, zone) = &sent.place;
            let ended = if rcode == ResponseCode::NoError { Ended::Well } else { Ended::Refused(rcode) };
            match (ended, telling.end(ended)) {
                (Ended::Refused(rcode), Some(_)) => tracing::warn!(
                    %secondary, %zone, %rcode,
                    "a secondary refuses notices; see whether it has the zone, takes notices from this address, and has the same TSIG key"
                ),
                (Ended::Well, Some(_)) => {
                    tracing::info!(%secondary, %zone, "a secondary takes notices again")
                }
                _ => {}
            }
        }
        self.sent.remove(&id);
    }

    fn socket_for(&self, address: IpAddr) -> Option<&UdpSocket> {
        let same = |socket: &&UdpSocket| {
            socket.local_addr().is_ok_and(|local| local.is_ipv4() == address.to_canonical().is_ipv4())
        };
        self.sockets.iter().find(same)
    }

    /// An identity that no notice under way has. They need not be hard to guess: whoever forges an answer keeps a
    /// secondary from being told again, and where that matters the notice is signed.
    fn free_id(&mut self) -> Option<u16> {
        for _ in 0..=u16::MAX {
            self.next_id = self.next_id.wrapping_add(1);
            if !self.sent.contains_key(&self.next_id) {
                return Some(self.next_id);
            }
        }
        None
    }
}

/// A notice that a zone has this SOA record (RFC 1996 §3.7, §3.11).
fn notice(id: u16, soa: &Record) -> Message {
    let mut notice = Message::new(id, MessageType::Query, OpCode::Notify);
    notice.metadata.authoritative = true;
    notice.add_query(Query::query(soa.name.clone(), RecordType::SOA));
    notice.add_answer(soa.clone());
    notice
}

#[cfg(test)]
mod tests {
    use std::str::FromStr;

    use hickory_proto::rr::rdata::SOA;
    use hickory_proto::rr::{Name, RData};

    use super::*;

    fn change(serial: u32) -> Change {
        let name = Name::from_str("test.example.").expect("a name");
        let soa = SOA::new(name.clone(), name.clone(), serial, 60, 60, 60, 60);
        let to = SocketAddr::from(([192, 0, 2, 53], 53));
        Change { secondary: 0, to, soa: Record::from_rdata(name, 60, RData::SOA(soa)) }
    }

    fn answer(id: u16, rcode: ResponseCode) -> Vec<u8> {
        let mut answer = Message::new(id, MessageType::Response, OpCode::Notify);
        answer.metadata.response_code = rcode;
        answer.to_vec().expect("octets")
    }

    fn told(herald: &Herald) -> &Telling {
        herald.told.values().next().expect("one secondary")
    }

    /// How often the secondary is told, and what the log has to say when it never answers.
    async fn unanswered(herald: &mut Herald, serial: u32, second: i64) -> (usize, Ended) {
        let mut times = 0;
        for later in 0..200 {
            let now = Timestamp::from_second(second + later).expect("a time");
            times += herald.due(vec![change(serial)], now).len();
        }
        (times, told(herald).ended)
    }

    #[tokio::test]
    async fn what_stays_is_said_once_over_all_changes_of_a_zone() {
        let mut herald = Herald::open(&[], &[]).await;
        assert_eq!(unanswered(&mut herald, 1, 0).await, (6, Ended::Unanswered));
        // The next change is told as often, and ends as the last: nothing new.
        let now = Timestamp::from_second(1_000).expect("a time");
        assert_eq!(herald.due(vec![change(2)], now).len(), 1);
        assert_eq!((told(&herald).tries, told(&herald).ended), (1, Ended::Unanswered));
        let (keys, to) = (TsigKeys::new(&[]), change(2).to);
        herald.send(vec![change(2)], &keys, now).await;
        let id = *herald.sent.keys().next().expect("sent");
        herald.take(to, &answer(id, ResponseCode::Refused));
        assert_eq!(told(&herald).ended, Ended::Refused(ResponseCode::Refused));
        assert!(told(&herald).is_heard);
        let telling = herald.told.values_mut().next().expect("one secondary");
        assert_eq!(telling.end(Ended::Refused(ResponseCode::Refused)), None, "said before");
        assert_eq!(telling.end(Ended::Well), Some(Ended::Refused(ResponseCode::Refused)));
        assert_eq!(telling.end(Ended::Well), None);
    }
}
