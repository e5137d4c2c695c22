//! What unbound, BIND and Knot resolver call the names of every case: secure, insecure or bogus.

use std::time::Duration;

use futures_util::StreamExt;
use hickory_proto::op::{Message, ResponseCode};
use hickory_proto::rr::RecordType;
use tokio::net::UdpSocket;
use tokio::time::timeout;

use mailassay::sending::authority::ServerSettings;
use mailassay::sending::persona::{Layout, LookupFault, RuledCase, ZoneState};
use mailassay::sending::trial::{HostRole, Label, Part};

use super::super::peers::{Unbound, peer};
use super::super::world::{World, query};
use super::{catalogue, label};

/// What a validator is to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Word {
    Secure,
    Insecure,
    /// Bogus, or not to be had: SERVFAIL.
    Failed,
}

/// A question, and what a validator is to say.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) name: String,
    pub(super) rtype: RecordType,
    pub(super) nxdomain: bool,
    pub(super) word: Word,
}

fn of_zone(case: &RuledCase) -> Word {
    match case.zone {
        ZoneState::Signed => Word::Secure,
        ZoneState::Insecure | ZoneState::UnknownAlgorithm => Word::Insecure,
        ZoneState::WrongDs | ZoneState::Expired => Word::Failed,
    }
}

/// The questions that senders ask of a case, answered and denied.
fn questions(case: &RuledCase, label: Option<&Label>) -> Vec<Asked> {
    let catalogue = catalogue();
    let zone = of_zone(case);
    let domain = if case.layout == Layout::Elsewhere { Word::Insecure } else { zone };
    let mut asked = Vec::new();
    let mut ask = |part, rtype, word| {
        let name = catalogue.ruled_name(case, label, part) + ".";
        asked.push(Asked { name, rtype, nxdomain: false, word });
    };
    for rtype in [RecordType::MX, RecordType::A, RecordType::TXT, RecordType::CAA] {
        ask(Part::Domain, rtype, domain);
    }
    ask(Part::PolicyRecord, RecordType::TXT, domain);
    ask(Part::PolicyHost, RecordType::A, domain);
    ask(Part::ReportRecord, RecordType::TXT, domain);
    for role in case.roles() {
        let alias = *role == HostRole::Bad && matches!(case.layout, Layout::Alias | Layout::InsecureAlias);
        let end = if case.layout == Layout::InsecureAlias { Word::Insecure } else { zone };
        let tlsa = match case.host(*role).tlsa_lookup {
            Some(LookupFault::Silence) => continue,
            Some(_) => Word::Failed,
            None => zone,
        };
        ask(Part::Host(*role), RecordType::A, if alias { end } else { zone });
        ask(Part::Host(*role), RecordType::AAAA, if alias { end } else { zone });
        ask(Part::Tlsa(*role), RecordType::TLSA, tlsa);
        if alias {
            ask(Part::Alias, RecordType::A, end);
            ask(Part::AliasTlsa, RecordType::TLSA, end);
        }
        if case.layout == Layout::Implicit {
            ask(Part::DomainTlsa, RecordType::TLSA, zone);
        }
    }
    let apex = format!("{}.service.test.", case.id);
    let between = label.map(|label| format!("{label}.")).unwrap_or_default();
    asked.push(Asked { name: apex.clone(), rtype: RecordType::NS, nxdomain: false, word: zone });
    for (name, nxdomain) in [
        (format!("_tls.{between}{apex}"), false),
        (format!("_tcp.{between}bad.{apex}"), case.roles().is_empty()),
        (format!("x.{between}{apex}"), true),
        (format!("_9._tcp.{between}good.{apex}"), true),
        (format!("abc.{apex}"), true),
    ] {
        let word = if name.ends_with(&format!("{between}{apex}"))
            && !between.is_empty()
            && !name.contains(".bad.")
            && !name.contains(".good.")
            && !name.starts_with("abc.")
        {
            domain
        } else {
            zone
        };
        asked.push(Asked { name, rtype: RecordType::A, nxdomain, word });
    }
    asked
}

/// All questions of all cases.
pub(super) fn all_questions() -> Vec<Asked> {
    let catalogue = catalogue();
    let cases: Vec<_> = catalogue.ruled_cases().collect();
    let label = label();
    cases.iter().flat_map(|case| [None, Some(&label)].map(|label| questions(case, label))).flatten().collect()
}

/// How many questions a resolver is asked at once.
const AT_ONCE: usize = 16;

/// What is wrong with the answer of the resolver at `port`.
async fn wrong(port: u16, asked: Asked) -> Option<String> {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let mut question = query(&asked.name, asked.rtype, Some(true));
    question.metadata.recursion_desired = true;
    let octets = question.to_vec().unwrap();
    let mut answer = vec![0; 4096];
    let mut tries = 0;
    let length = loop {
        socket.send_to(&octets, ("127.0.0.1", port)).await.unwrap();
        match timeout(Duration::from_secs(10), socket.recv(&mut answer)).await {
            Ok(length) => break length.unwrap(),
            Err(_) if tries < 3 => tries += 1,
            Err(_) => return Some(format!("{} {}: no answer", asked.name, asked.rtype)),
        }
    };
    let answer = Message::from_vec(&answer[..length]).unwrap();
    let rcode = match (asked.word, asked.nxdomain) {
        (Word::Failed, _) => ResponseCode::ServFail,
        (_, true) => ResponseCode::NXDomain,
        _ => ResponseCode::NoError,
    };
    let is = (answer.metadata.response_code, answer.metadata.authentic_data);
    let wanted = (rcode, asked.word == Word::Secure);
    (is != wanted).then(|| format!("{} {}: {is:?}, not {wanted:?}", asked.name, asked.rtype))
}

/// Asks all questions of all cases; gives what is wrong.
async fn all_wrong(port: u16) -> Vec<String> {
    let questions = all_questions();
    assert!(questions.len() > 2000, "{}", questions.len());
    let answers = futures_util::stream::iter(questions).map(|asked| wrong(port, asked));
    answers.buffer_unordered(AT_ONCE).filter_map(std::future::ready).collect().await
}

#[tokio::test(flavor = "multi_thread")]
async fn unbound_calls_every_case_what_it_is() {
    if !peer("unbound") {
        return;
    }
    let world = World::with_cases(ServerSettings::default()).await;
    let anchors = world.authority.trust_anchors().join("\n");
    let unbound = Unbound::start(world.folder.path(), &anchors, world.address.port());
    let wrong = all_wrong(unbound.port).await;
    assert!(wrong.is_empty(), "{} wrong\n{}", wrong.len(), wrong[..wrong.len().min(40)].join("\n"));
}
