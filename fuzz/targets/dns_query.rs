//! What anybody asks our name server (`dns::Server`), over a socket of loopback.
#![no_main]

use std::future::Future;
use std::io::ErrorKind;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::pin::Pin;
use std::sync::{Arc, LazyLock, mpsc};
use std::time::Duration;

use hickory_proto::op::{Message, MessageType, Query};
use hickory_proto::rr::{Name, RecordType};
use libfuzzer_sys::fuzz_target;
use mailassay::sending::authority::{
    Authority, Content, CookieSecret, Server, ServerSettings, Settings, Sockets, ZoneText,
};
use mailassay::sending::history::{Fact, NotRecorded, Recorder, Seq};
use mailassay::shared::time::Timestamp;
use mailassay_fuzz::now;
use tokio_util::sync::CancellationToken;

const ZONE: &str = "$TTL 3600
@ IN SOA ns hostmaster 1 3600 900 432000 60
@ IN NS ns
@ IN TXT \"a\" \"b\"
@ IN CAA 0 issue \"ca.example\"
ns IN A 127.0.0.1
ns IN AAAA ::1
mx IN MX 10 mx
_25._tcp.mx IN TLSA 3 1 1 00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff
a.b.c IN A 192.0.2.1
*.wild IN MX 10 mx
alias IN CNAME *.wild
loop IN CNAME loop
elsewhere IN NS ns.elsewhere
ns.elsewhere IN A 192.0.2.7
";
/// What a datagram may have where the question does not say otherwise (RFC 1035 §4.2.1).
const PLAIN_OCTETS_MAX: usize = 512;
const OCTETS_MAX: usize = 4096;

struct Nobody;

impl Recorder for Nobody {
    fn note(&self, _: Timestamp, _: Fact) {}

    fn commit(
        &self,
        _: Timestamp,
        _: Fact,
    ) -> Pin<Box<dyn Future<Output = Result<Seq, NotRecorded>> + Send + '_>> {
        Box::pin(async { Ok(Seq(1)) })
    }
}

static SOCKET: LazyLock<UdpSocket> = LazyLock::new(|| {
    let (told, address) = mpsc::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(serve(&told));
    });
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a socket");
    socket.connect(address.recv().expect("a server")).expect("a server");
    socket.set_read_timeout(Some(Duration::from_secs(5))).expect("a limit");
    socket
});

async fn serve(told: &mpsc::Sender<SocketAddr>) {
    let keys = std::env::temp_dir().join(format!("mailassay-fuzz-{}", std::process::id()));
    std::fs::create_dir_all(&keys).expect("a folder");
    let zone = |apex: &str, signed| ZoneText {
        apex: apex.to_owned(),
        file: apex.to_owned(),
        text: ZONE.to_owned(),
        signed,
    };
    let others = vec![zone("fuzz.example.", true), zone("plain.example.", false)];
    let settings = Settings { keys: keys.clone(), ..Settings::default() };
    let authority = Authority::new(Content { origin: None, others }, settings, now()).expect("zones");
    std::fs::remove_dir_all(&keys).expect("a folder of ours");
    let sockets = Sockets::bind(&[(Ipv4Addr::LOCALHOST, 0).into()]).await.expect("sockets");
    told.send(sockets.addresses().expect("addresses")[0]).expect("somebody who asks");
    // Loopback is answered without a limit.
    let settings = ServerSettings::default();
    let server = Arc::new(
        Server::new(Arc::new(authority), Arc::new(Nobody), Arc::new(now), settings)
            .with_cookies(CookieSecret::derived(&[7; 32])),
    );
    server.serve(sockets, CancellationToken::new()).await;
}

/// A question behind each input, so that an input without an answer is known by the next one's.
static LAST: LazyLock<(Message, Vec<u8>)> = LazyLock::new(|| {
    let mut message = Message::query();
    message.metadata.id = 1;
    message.add_query(Query::query(Name::from_ascii("last.fuzz.example.").expect("a name"), RecordType::A));
    let octets = message.to_vec().expect("a question");
    (message, octets)
});

fuzz_target!(|octets: &[u8]| {
    let (last, last_octets) = &*LAST;
    if Message::from_vec(octets).is_ok_and(|query| query.queries == last.queries) {
        return;
    }
    // An input that is longer than a datagram is none.
    if SOCKET.send(octets).is_err() {
        return;
    }
    SOCKET.send(last_octets).expect("a socket");
    let mut buffer = [0; 65_535];
    let mut answers = 0;
    loop {
        let length = match SOCKET.recv(&mut buffer) {
            // libFuzzer counts seconds by signals.
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            received => received.expect("an answer to the question behind"),
        };
        let answer = &buffer[..length];
        let read = Message::from_vec(answer).expect("an answer that reads");
        assert_eq!(read.metadata.message_type, MessageType::Response);
        if read.queries == last.queries {
            break;
        }
        answers += 1;
        assert_eq!(answer[..2], octets[..2], "the answer to another question");
        let query = Message::from_vec(octets).ok();
        let octets_max = match query.and_then(|query| query.edns) {
            Some(edns) => usize::from(edns.max_payload()).clamp(PLAIN_OCTETS_MAX, OCTETS_MAX),
            None => PLAIN_OCTETS_MAX,
        };
        assert!(length <= octets_max, "{length} octets, of {octets_max} at most");
    }
    assert!(answers <= 1, "{answers} answers");
});
