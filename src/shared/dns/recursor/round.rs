//! The servers of one zone, asked until one of them answers as it should (RFC 1034 §5.3.3).
//!
//! The next one is asked when one fails, and also when it takes its time; so a silent server costs a moment and not
//! the look-up. First come those whose addresses came with the delegation, then those whose addresses have to be
//! looked for, last those that were silent or lame a short time ago.

use std::io;
use std::net::IpAddr;
use std::time::Duration;

use futures_util::stream::{FuturesUnordered, StreamExt};
use hickory_proto::op::{Message, ResponseCode};
use hickory_proto::rr::RecordType;
use tokio::time::{Instant, sleep, timeout};

use super::Recursor;
use super::delegation::Delegation;
use super::look::{Halt, Look, Refusal, Tally};
use super::memory::Way;
use super::reply::{Reading, read};
use crate::shared::dns::Question;
use crate::shared::dns::upstream::exchange::{code, is_cut, local, over_tcp, over_udp, route, to_authority};
use crate::shared::evidence::scan::DnsLimit;

/// How many servers of a zone are asked at once.
const AT_ONCE_MAX: usize = 3;
/// How many addresses of a zone's servers are asked.
const ADDRESSES_TRIED_MAX: usize = 16;
/// For how many name servers of a zone addresses are looked for.
const GLUELESS_MAX: usize = 6;
/// How many servers are asked again that were silent or lame a short time ago, or failed just now.
const AGAIN_MAX: usize = 2;
/// How many servers are asked in unusual ways where all were silent.
const LAST_RESORTS_MAX: usize = 2;
/// How many answers that another server may give better are waited for.
const WEAK_MAX: usize = 3;
/// How long an answer of a name server may be over TCP, in octets: any length that fits its frame.
const ANSWER_OCTETS_MAX: usize = 65_535;

/// How long servers are waited for.
#[derive(Clone, Debug)]
pub(super) struct Patience {
    /// How long a first datagram is waited for until it is sent once more, and how long then, in milliseconds.
    pub(super) datagram_ms: [u64; 2],
    /// How long an answer over TCP may take, in milliseconds.
    pub(super) stream_ms: u64,
    /// How long a server may take until the next one is asked, too, in milliseconds.
    pub(super) next_ms: u64,
    /// How long one server may take in all, in milliseconds.
    pub(super) server_ms: u64,
    /// How long one question may take in all, in milliseconds.
    pub(super) question_ms: u64,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            datagram_ms: [1000, 1500],
            stream_ms: 2500,
            next_ms: 400,
            server_ms: 4000,
            question_ms: 12_000,
        }
    }
}

impl Recursor {
    /// Asks the servers of a zone: an answer, or a referral to another zone.
    pub(super) async fn round(
        &self,
        zone: &Delegation,
        question: &Question,
        look: &Look<'_>,
    ) -> Result<Reading, Halt> {
        let mut tally = Tally::default();
        let (good, mut again) = self.memory.sorted(&zone.zone, zone.addresses());
        if let Some(reading) = self.ask_some(good, zone, question, look, &mut tally).await? {
            return Ok(reading);
        }
        // Addresses beside a delegation are hints only where the host lies elsewhere.
        let unknown = zone
            .servers
            .iter()
            .filter(|server| server.addresses.is_empty() || !zone.zone.zone_of(&server.name));
        let families = self.families();
        for server in unknown.take(GLUELESS_MAX) {
            for rtype in families {
                let addresses = match self.addresses(&server.name, rtype, look).await {
                    Ok(addresses) => addresses,
                    Err(Halt::Failed { reason, .. }) => {
                        tally.refuse(server.name.to_string(), Refusal::Unreachable(reason));
                        continue;
                    }
                    Err(Halt::Limit(limit @ DnsLimit::Glueless)) => {
                        tally.beyond = Some(limit);
                        continue;
                    }
                    Err(halt) => return Err(halt),
                };
                if addresses.is_empty() {
                    let words = format!("has no {rtype} record");
                    tally.refuse(server.name.to_string(), Refusal::Unreachable(words));
                }
                let (good, bad) = self.memory.sorted(&zone.zone, addresses);
                again.extend(bad);
                if let Some(reading) = self.ask_some(good, zone, question, look, &mut tally).await? {
                    return Ok(reading);
                }
            }
        }
        if tally.weak.is_none() {
            let silent = tally.silent.clone();
            again.retain(|server| !tally.tried.contains(server));
            again.append(&mut tally.failing);
            again.truncate(AGAIN_MAX);
            tally.tried.retain(|server| !again.contains(server));
            if let Some(reading) = self.ask_some(again, zone, question, look, &mut tally).await? {
                return Ok(reading);
            }
            if let Some(reading) = self.ask_otherwise(&silent, zone, question, look, &mut tally).await? {
                return Ok(reading);
            }
        }
        if let Some(weak) = tally.weak {
            return Ok(Reading::Answer(weak));
        }
        let is_deaf = zone.zone.is_root() && !tally.was_answered();
        match tally.halt() {
            Halt::Failed { reason, .. } if is_deaf => Err(Halt::NoRoot(reason)),
            halt => Err(halt),
        }
    }

    /// Asks some addresses, the next one whenever one fails or is slow. None: nothing that another could not give
    /// better.
    async fn ask_some(
        &self,
        servers: Vec<IpAddr>,
        zone: &Delegation,
        question: &Question,
        look: &Look<'_>,
        tally: &mut Tally,
    ) -> Result<Option<Reading>, Halt> {
        let mut waiting = servers.into_iter();
        let mut running = FuturesUnordered::new();
        let mut since: Vec<(IpAddr, Instant)> = Vec::new();
        loop {
            if running.len() < AT_ONCE_MAX
                && tally.asked < ADDRESSES_TRIED_MAX
                && let Some(server) = self.next(&mut waiting, tally)
            {
                tally.asked += 1;
                since.push((server, Instant::now()));
                let way = self.memory.way(server);
                let asking = self.ask_one(server, way, zone, question, look);
                running.push(async move { (server, asking.await) });
            }
            if running.is_empty() {
                return Ok(None);
            }
            let next = Duration::from_millis(self.patience.next_ms);
            let came = tokio::select! {
                came = running.next() => came,
                () = sleep(next), if waiting.len() > 0 && running.len() < AT_ONCE_MAX => None,
            };
            let Some((server, came)) = came else { continue };
            since.retain(|(asked, _)| *asked != server);
            match came? {
                Ok(Reading::Weak(message)) => {
                    tally.weak.get_or_insert(message);
                    tally.weak_answers += 1;
                    if tally.weak_answers >= WEAK_MAX {
                        return Ok(tally.weak.take().map(Reading::Answer));
                    }
                }
                Ok(Reading::Lame(words)) => {
                    self.memory.note_lame(server, &zone.zone);
                    tally.refuse(server.to_string(), Refusal::Said(words));
                }
                Ok(Reading::Failing(words)) => {
                    self.memory.note_lame(server, &zone.zone);
                    tally.failing.push(server);
                    tally.refuse(server.to_string(), Refusal::Said(words));
                }
                Ok(reading) => {
                    since.iter().for_each(|(slow, asked)| self.memory.note_slow(*slow, asked.elapsed()));
                    return Ok(Some(reading));
                }
                Err(refusal) => {
                    if refusal == Refusal::Silent {
                        tally.silent.push(server);
                    }
                    tally.refuse(server.to_string(), refusal);
                }
            }
        }
    }

    /// The next server that was not tried and can be reached from here. Those that cannot, and those that must not be
    /// called, are none of the servers' faults, and do not count.
    fn next(&self, waiting: &mut impl Iterator<Item = IpAddr>, tally: &mut Tally) -> Option<IpAddr> {
        for server in waiting {
            if tally.tried.contains(&server) {
                continue;
            }
            tally.tried.push(server);
            let refused = match (self.rules.check(server), route(server)) {
                (Ok(()), Ok(())) => return Some(server),
                (Err(special), _) => format!("not asked, it is {special}"),
                (_, Err(error)) => error.to_string(),
            };
            tally.refuse(server.to_string(), Refusal::Unreachable(refused));
        }
        None
    }

    /// Asks those that became silent just now, where no other said anything: without EDNS, which some drop, and over
    /// TCP. Both are faults of the server that resolvers bear.
    async fn ask_otherwise(
        &self,
        silent: &[IpAddr],
        zone: &Delegation,
        question: &Question,
        look: &Look<'_>,
        tally: &mut Tally,
    ) -> Result<Option<Reading>, Halt> {
        if tally.was_answered() || tally.weak.is_some() {
            return Ok(None);
        }
        let mut running = FuturesUnordered::new();
        for server in silent.iter().take(LAST_RESORTS_MAX) {
            for way in [Way::Plain, Way::Stream] {
                let asking = self.ask_one(*server, way, zone, question, look);
                running.push(async move { (*server, way, asking.await) });
            }
        }
        let mut unsigned = None;
        while let Some((server, way, came)) = running.next().await {
            match came? {
                // Without EDNS there are no signatures; over TCP it may yet come with them.
                Ok(reading @ (Reading::Weak(_) | Reading::Referral(..)))
                    if way == Way::Plain && zone.signed =>
                {
                    unsigned.get_or_insert((server, reading));
                }
                Ok(Reading::Lame(words) | Reading::Failing(words)) => {
                    tally.refuse(server.to_string(), Refusal::Said(words));
                }
                Ok(Reading::Weak(message)) => {
                    self.memory.note_way(server, way);
                    return Ok(Some(Reading::Answer(message)));
                }
                Ok(reading) => {
                    self.memory.note_way(server, way);
                    return Ok(Some(reading));
                }
                Err(_) => {}
            }
        }
        Ok(unsigned.map(|(server, reading)| {
            self.memory.note_way(server, Way::Plain);
            match reading {
                Reading::Weak(message) => Reading::Answer(message),
                reading => reading,
            }
        }))
    }

    /// Asks one address, and remembers how it behaved.
    async fn ask_one(
        &self,
        server: IpAddr,
        way: Way,
        zone: &Delegation,
        question: &Question,
        look: &Look<'_>,
    ) -> Result<Result<Reading, Refusal>, Halt> {
        let begin = Instant::now();
        let limit = Duration::from_millis(self.patience.server_ms);
        let said = match timeout(limit, self.exchange(server, way, question, look)).await {
            Ok(said) => said?,
            Err(_) => Err(Refusal::Silent),
        };
        Ok(match said {
            Ok((answer, plain)) => {
                let reading = read(&answer, question, zone, plain);
                if !matches!(reading, Reading::Lame(_) | Reading::Failing(_)) {
                    self.memory.note_sound(server, &zone.zone, begin.elapsed());
                }
                if matches!(reading, Reading::Answer(_)) {
                    self.memory.note_answered(question, server, &zone.zone);
                }
                Ok(reading)
            }
            Err(refusal) => {
                match refusal {
                    Refusal::Said(_) => self.memory.note_lame(server, &zone.zone),
                    Refusal::Silent | Refusal::Unreachable(_) => self.memory.note_silent(server),
                }
                Err(refusal)
            }
        })
    }

    /// An answer, and whether it was asked for without EDNS.
    async fn exchange(
        &self,
        server: IpAddr,
        way: Way,
        question: &Question,
        look: &Look<'_>,
    ) -> Result<Result<(Message, bool), Refusal>, Halt> {
        let mut plain = way == Way::Plain;
        let mut answer = self.send(server, to_authority(question, !plain), way, look).await?;
        // RFC 6891 §6.1.3 and §7. What a server that knows no EDNS says to it may be malformed itself.
        let refuses = |octets: &Vec<u8>| {
            matches!(code(octets), Some(ResponseCode::FormErr | ResponseCode::NotImp))
                || Message::from_vec(octets).is_ok_and(|answer| {
                    // hickory-proto takes code 16 for that of TSIG.
                    let code = answer.metadata.response_code;
                    matches!(code, ResponseCode::BADVERS | ResponseCode::BADSIG)
                })
        };
        if !plain && answer.as_ref().is_ok_and(refuses) {
            plain = true;
            answer = self.send(server, to_authority(question, false), way, look).await?;
            let helps = |octets: &Vec<u8>| {
                matches!(code(octets), Some(ResponseCode::NoError | ResponseCode::NXDomain))
            };
            if answer.as_ref().is_ok_and(helps) {
                self.memory.note_way(server, Way::Plain);
            }
        }
        let unreadable = |_| Refusal::Said("its answer cannot be read".to_owned());
        Ok(answer
            .and_then(|octets| Message::from_vec(&octets).map_err(unreadable))
            .map(|answer| (answer, plain)))
    }

    /// Sends a question over UDP, and over TCP where the answer is cut (RFC 7766 §5) or UDP does not help.
    async fn send(
        &self,
        server: IpAddr,
        query: Message,
        way: Way,
        look: &Look<'_>,
    ) -> Result<Result<Vec<u8>, Refusal>, Halt> {
        let server = (server, self.port).into();
        let local = local(&self.from, server);
        let refused = |error: io::Error| match error.kind() {
            io::ErrorKind::TimedOut => Refusal::Silent,
            _ => Refusal::Unreachable(error.to_string()),
        };
        let Ok(octets) = query.to_vec() else {
            return Ok(Err(Refusal::Unreachable("the question cannot be written".to_owned())));
        };
        if way != Way::Stream {
            look.allowance.take()?;
            let waits = self.patience.datagram_ms.map(Duration::from_millis);
            match over_udp(local, server, &query, &octets, &waits).await {
                Ok(answer) if is_cut(&answer) => {}
                answered => return Ok(answered.map_err(refused)),
            }
        }
        look.allowance.take()?;
        let limit = Duration::from_millis(self.patience.stream_ms);
        let streamed = timeout(limit, over_tcp(local, server, &query, &octets, ANSWER_OCTETS_MAX)).await;
        let streamed = streamed.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()));
        Ok(streamed.map_err(|error| match (way, error.kind()) {
            (Way::Stream, _) => refused(error),
            (_, io::ErrorKind::TimedOut) => {
                Refusal::Said("its answer is cut, and over TCP there is none in time".to_owned())
            }
            _ => Refusal::Said(format!("its answer is cut, and over TCP: {error}")),
        }))
    }

    /// The types of addresses, that of the family first that this host has.
    fn families(&self) -> [RecordType; 2] {
        let has_v4 = self.hints.iter().any(|hint| hint.is_ipv4() && route(*hint).is_ok());
        match has_v4 {
            true => [RecordType::A, RecordType::AAAA],
            false => [RecordType::AAAA, RecordType::A],
        }
    }
}
