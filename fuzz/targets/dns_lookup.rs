//! Whole look-ups: the iteration from the root and the validation (`dns::Resolver`), with a server on loopback that
//! says what the input has it say.
#![no_main]

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::sync::{Arc, LazyLock, Mutex};

use hickory_proto::op::{Message, MessageType, ResponseCode};
use libfuzzer_sys::{Corpus, fuzz_target};
use mailassay::shared::dns::{Lookup, RecordType, Resolver, ResolverSettings, Servers};
use mailassay::shared::evidence::Security;
use mailassay_fuzz::now;
use tokio::runtime::{Builder, Runtime};

/// The root's key of the seeds, which `seeds.py` made.
const TRUST_ANCHORS: &str = include_str!("../seeds/root.key");
const ANSWERS_MAX: usize = 32;
const TYPES: [RecordType; 4] = [RecordType::MX, RecordType::TLSA, RecordType::TXT, RecordType::A];

/// The answers of the input under way.
static ANSWERS: Mutex<Vec<Message>> = Mutex::new(Vec::new());
static SERVER: LazyLock<SocketAddr> = LazyLock::new(|| {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a socket");
    let address = socket.local_addr().expect("an address");
    std::thread::spawn(move || serve(&socket));
    address
});
static RUNTIME: LazyLock<Runtime> =
    LazyLock::new(|| Builder::new_current_thread().enable_all().build().expect("a runtime"));

// The first octet says what is asked; then come answers, each behind its length in two octets.
fuzz_target!(|input: &[u8]| -> Corpus {
    let Some((asked, rest)) = input.split_first() else { return Corpus::Reject };
    let answers = answers(rest);
    if answers.is_empty() {
        return Corpus::Reject;
    }
    *ANSWERS.lock().expect("nobody panics with it") = answers;
    let settings = ResolverSettings {
        // A socket of loopback sends nothing to anybody else, whatever addresses the answers name.
        from: vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()],
        cache_ttl_max_s: 0,
        ..ResolverSettings::new(Servers::Recursor {
            root_hints: vec![*SERVER],
            trust_anchors: TRUST_ANCHORS.to_owned(),
        })
    };
    let resolver = Resolver::new(settings, Arc::new(now)).expect("settings");
    let rtype = TYPES[usize::from(*asked) % TYPES.len()];
    let looked = RUNTIME.block_on(resolver.ask("mx.fuzz.example", rtype)).looked;
    assert!(looked.hops.len() <= 10 && looked.extended_errors.len() <= 16);
    // A signature is told of what was validated alone.
    assert!(looked.signature.is_none() || matches!(looked.security, Security::Secure | Security::Bogus));
    Corpus::Keep
});

fn answers(mut rest: &[u8]) -> Vec<Message> {
    let mut answers = Vec::new();
    while let [high, low, behind @ ..] = rest {
        let length = usize::from(u16::from_be_bytes([*high, *low])).min(behind.len());
        let (octets, behind) = behind.split_at(length);
        // What is no message is thrown away by whoever asks, and waited for in vain; `dns_answer` has such.
        answers.extend(Message::from_vec(octets));
        rest = behind;
        if answers.len() == ANSWERS_MAX {
            break;
        }
    }
    answers
}

/// Gives each question the answer that has it, else the first.
fn serve(socket: &UdpSocket) {
    let mut octets = [0; 2048];
    loop {
        let Ok((length, from)) = socket.recv_from(&mut octets) else { continue };
        let Ok(query) = Message::from_vec(&octets[..length]) else { continue };
        let answers = ANSWERS.lock().expect("nobody panics with it");
        let fitting = answers.iter().find(|answer| answer.queries == query.queries);
        let Some(mut answer) = fitting.or(answers.first()).cloned() else { continue };
        drop(answers);
        answer.metadata.id = query.metadata.id;
        answer.metadata.message_type = MessageType::Response;
        // Nobody listens to TCP here.
        answer.metadata.truncation = false;
        answer.queries = query.queries.clone();
        let fits = |octets: &Vec<u8>| octets.len() <= 4096 && Message::from_vec(octets).is_ok();
        let octets = answer.to_vec().ok().filter(fits).or_else(|| {
            let mut failure = Message::new(query.metadata.id, MessageType::Response, query.metadata.op_code);
            failure.metadata.response_code = ResponseCode::ServFail;
            failure.queries = query.queries;
            failure.to_vec().ok()
        });
        octets.iter().for_each(|octets| drop(socket.send_to(octets, from)));
    }
}
