//! DNS: the zones as validators see them, and answers as they stand on the wire.

mod cases;
mod lookups;
pub(crate) mod peers;
mod rolls;
mod secondaries;
mod transfers;
mod world;

use hickory_proto::op::{Message, MessageType, OpCode, Query, ResponseCode};
use hickory_proto::rr::{Name, RData, RecordType};
use mailassay::sending::authority::{Authority, Content, ServerSettings, Sockets, ZoneText};
use mailassay::sending::history::{Lost, QueriesLost, Transport};
use mailassay::shared::time::Timestamp;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};

use world::{World, content, origin, owners, query, settings, signatures};

#[tokio::test]
async fn what_is_woven_is_answered() {
    let world = World::new().await;
    for (name, rtype, expected) in [
        ("et.service.test.", RecordType::MX, 4),
        ("ut.service.test.", RecordType::MX, 1),
        ("service.test.", RecordType::MX, 1),
        ("bare.service.test.", RecordType::MX, 1),
        ("mx03.et.service.test.", RecordType::A, 1),
        ("mx03.et.service.test.", RecordType::AAAA, 1),
        ("ut.service.test.", RecordType::A, 1),
        ("_25._tcp.mx03.et.service.test.", RecordType::TLSA, 1),
        ("_25._tcp.ut.service.test.", RecordType::TLSA, 0),
        ("_25._tcp.ut.service.test.", RecordType::TXT, 1),
        ("_mta-sts.et.service.test.", RecordType::TXT, 1),
        ("mta-sts.et.service.test.", RecordType::A, 1),
        ("_mta-sts.ut.service.test.", RecordType::TXT, 0),
        ("_smtp._tls.et.service.test.", RecordType::TXT, 1),
        ("_dmarc.service.test.", RecordType::TXT, 1),
        ("s1._domainkey.service.test.", RecordType::TXT, 1),
        ("service.test.", RecordType::TXT, 1),
        ("service.test.", RecordType::CAA, 1),
        ("service.test.", RecordType::AAAA, 1),
        ("service.test.", RecordType::DNSKEY, 2),
    ] {
        let answer = world.ask(name, rtype).await;
        assert!(answer.metadata.authoritative, "{name} {rtype}");
        assert_eq!(owners(&answer.answers).len(), expected, "{name} {rtype}: {:?}", answer.answers);
    }
    let mx = world.ask("et.service.test.", RecordType::MX).await;
    let preferences: Vec<u16> = mx
        .answers
        .iter()
        .filter_map(|record| match &record.data {
            RData::MX(mx) => Some(mx.preference),
            _ => None,
        })
        .collect();
    assert_eq!(preferences, [10, 20, 30, 40]);
    assert!(mx.answers.iter().all(|record| record.ttl == 60));
}

#[tokio::test]
async fn denials_carry_their_proof() {
    let world = World::new().await;
    // An existing name without the type: its own NSEC.
    let answer = world.ask("_25._tcp.ut.service.test.", RecordType::TLSA).await;
    assert_eq!(answer.metadata.response_code, ResponseCode::NoError);
    assert_eq!(owners(&answer.authorities), ["service.test. SOA", "_25._tcp.ut.service.test. NSEC"]);
    assert_eq!(signatures(&answer.authorities), 2);
    // An empty non-terminal: the NSEC that leaps over it.
    let answer = world.ask("b.c.sender.test.", RecordType::A).await;
    assert_eq!(answer.metadata.response_code, ResponseCode::NoError);
    assert_eq!(owners(&answer.authorities), ["sender.test. SOA", "alias.sender.test. NSEC"]);
    // A name that does not exist: the NSEC around it and the one around the wildcard.
    let answer = world.ask("x.mx.sender.test.", RecordType::A).await;
    assert_eq!(answer.metadata.response_code, ResponseCode::NXDomain);
    assert_eq!(owners(&answer.authorities), ["sender.test. SOA", "mx.sender.test. NSEC"]);
    let answer = world.ask("zz.sender.test.", RecordType::A).await;
    assert_eq!(answer.metadata.response_code, ResponseCode::NXDomain);
    assert_eq!(
        owners(&answer.authorities),
        ["sender.test. SOA", "*.wild.sender.test. NSEC", "sender.test. NSEC"]
    );
    // Without DO there is no proof, and the SOA has the TTL of a denial.
    let octets = world.udp(&query("zz.sender.test.", RecordType::A, None).to_vec().unwrap()).await;
    let answer = Message::from_vec(&octets).unwrap();
    assert_eq!(owners(&answer.authorities), ["sender.test. SOA"]);
    assert_eq!((answer.authorities[0].ttl, answer.authorities.len()), (60, 1));
    assert!(answer.edns.is_none());
}

#[tokio::test]
async fn wildcards_answer_for_what_does_not_exist() {
    let world = World::new().await;
    let answer = world.ask("x.y.wild.sender.test.", RecordType::MX).await;
    assert_eq!(owners(&answer.answers), ["x.y.wild.sender.test. MX"]);
    assert_eq!(owners(&answer.authorities), ["*.wild.sender.test. NSEC"], "the name itself does not exist");
    let answer = world.ask("x.wild.sender.test.", RecordType::A).await;
    assert_eq!(answer.metadata.response_code, ResponseCode::NoError);
    assert_eq!(owners(&answer.authorities), ["sender.test. SOA", "*.wild.sender.test. NSEC"]);
    // An existing name stops the wildcard, an empty one, too (RFC 4592 §2.2.2).
    let answer = world.ask("wild.sender.test.", RecordType::TXT).await;
    assert_eq!((answer.metadata.response_code, answer.answers.len()), (ResponseCode::NoError, 0));
}

#[tokio::test]
async fn aliases_are_followed_within_the_zone() {
    let world = World::new().await;
    let answer = world.ask("alias.sender.test.", RecordType::A).await;
    assert_eq!(owners(&answer.answers), ["alias.sender.test. CNAME", "mx.sender.test. A"]);
    let answer = world.ask("alias.sender.test.", RecordType::AAAA).await;
    assert_eq!(owners(&answer.answers), ["alias.sender.test. CNAME"]);
    assert_eq!(owners(&answer.authorities), ["sender.test. SOA", "mx.sender.test. NSEC"]);
    let answer = world.ask("over.sender.test.", RecordType::A).await;
    assert_eq!(owners(&answer.answers), ["over.sender.test. CNAME"]);
    assert!(answer.authorities.is_empty());
    let answer = world.ask("loop1.sender.test.", RecordType::A).await;
    assert_eq!(owners(&answer.answers), ["loop1.sender.test. CNAME", "loop2.sender.test. CNAME"]);
}

#[tokio::test]
async fn zones_end_at_their_cuts() {
    let world = World::new().await;
    let answer = world.ask("www.elsewhere.test.", RecordType::A).await;
    assert!(!answer.metadata.authoritative && answer.answers.is_empty());
    assert_eq!(owners(&answer.authorities), ["elsewhere.test. NS", "elsewhere.test. NSEC"]);
    assert_eq!(signatures(&answer.authorities), 1, "the NSEC is signed, the NS is not");
    assert_eq!(owners(&answer.additionals), ["ns.elsewhere.test. A"]);
    let answer = world.ask("sealed.test.", RecordType::MX).await;
    assert!(!answer.metadata.authoritative);
    assert_eq!(owners(&answer.authorities), ["sealed.test. NS", "sealed.test. DS"]);
    // Glue is not an answer.
    let answer = world.ask("ns.elsewhere.test.", RecordType::A).await;
    assert!(!answer.metadata.authoritative && answer.answers.is_empty());
    // DS lies above the cut, whoever serves the child.
    for (name, count) in [("service.test.", 1), ("plain.test.", 0), ("bare.service.test.", 0), ("test.", 1)] {
        let answer = world.ask(name, RecordType::DS).await;
        assert!(answer.metadata.authoritative, "{name}");
        assert_eq!(owners(&answer.answers).len(), count, "{name}");
        if count == 0 {
            assert_eq!(owners(&answer.authorities)[1], format!("{name} NSEC"));
        }
    }
    // The child answers for its own apex.
    let answer = world.ask("plain.test.", RecordType::MX).await;
    assert!(answer.metadata.authoritative);
    assert_eq!(answer.answers.len(), 1);
}

#[tokio::test]
async fn what_is_not_served_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let content = Content { origin: Some(origin()), others: Vec::new() };
    let authority = Authority::new(content, settings(folder.path()), Timestamp::now()).unwrap();
    assert_eq!(authority.ds().unwrap().len(), 1);
    let world = World::new().await;
    world
        .authority
        .replace(Content { origin: Some(origin()), others: Vec::new() }, Timestamp::now())
        .unwrap();
    for (name, rtype) in [
        ("example.org.", RecordType::A),
        ("test.", RecordType::DS),
        ("service.test.", RecordType::AXFR),
        ("service.test.", RecordType::IXFR),
    ] {
        let octets = world.tcp(&query(name, rtype, Some(true)).to_vec().unwrap()).await;
        let answer = Message::from_vec(&octets).unwrap();
        assert_eq!(answer.metadata.response_code, ResponseCode::Refused, "{name} {rtype}");
        assert!(answer.answers.is_empty() && !answer.metadata.authoritative);
    }
    // Nobody here serves the parent, so the child says that it has no DS itself.
    let answer = world.ask("service.test.", RecordType::DS).await;
    assert_eq!((answer.metadata.response_code, answer.answers.len()), (ResponseCode::NoError, 0));
}

#[tokio::test]
async fn the_question_comes_back_as_it_was_spelled() {
    let world = World::new().await;
    let answer = world.ask("MX.sEnDeR.tESt.", RecordType::A).await;
    assert_eq!(answer.queries[0].name().to_ascii(), "MX.sEnDeR.tESt.");
    assert_eq!(answer.answers[0].name.to_ascii(), "MX.sEnDeR.tESt.");
    assert_eq!(answer.metadata.id, 4711);
    let _ = world.ask("_25._TCP.ut.service.test.", RecordType::TLSA).await;
    let noted = world.noted.queries();
    assert_eq!(noted.len(), 1, "only the service's own names are observed");
    assert_eq!((noted[0].name.as_str(), noted[0].rtype.as_str()), ("_25._TCP.ut.service.test", "TLSA"));
    assert_eq!(
        (noted[0].transport, noted[0].dnssec_ok, noted[0].rcode.as_str()),
        (Transport::Udp, true, "NOERROR")
    );
}

#[tokio::test]
async fn what_is_too_long_for_udp_comes_over_tcp() {
    let world = World::new().await;
    for (edns, udp_max) in [(None, 512), (Some(true), 1232)] {
        let asked = query("large.sender.test.", RecordType::TXT, edns).to_vec().unwrap();
        let octets = world.udp(&asked).await;
        assert!(octets.len() <= udp_max);
        let answer = Message::from_vec(&octets).unwrap();
        assert!(answer.metadata.truncation && answer.answers.is_empty());
        assert_eq!(answer.edns.is_some(), edns.is_some(), "OPT stays when the answer is cut");
        let answer = Message::from_vec(&world.tcp(&asked).await).unwrap();
        assert!(!answer.metadata.truncation);
        assert_eq!(owners(&answer.answers).len(), 5);
    }
}

#[tokio::test]
async fn odd_queries_get_the_answer_that_their_rfc_wants() {
    let world = World::new().await;
    let mut asked = query("sender.test.", RecordType::A, Some(true));
    asked.edns.as_mut().unwrap().set_version(1);
    let answer = Message::from_vec(&world.udp(&asked.to_vec().unwrap()).await).unwrap();
    // The code has two names: BADSIG of TSIG and BADVERS.
    let badvers = u16::from(ResponseCode::BADVERS);
    assert_eq!(u16::from(answer.metadata.response_code), badvers, "RFC 6891 §6.1.3");
    assert_eq!(answer.edns.unwrap().version(), 0);

    let answer = world.ask("sender.test.", RecordType::ANY).await;
    assert_eq!(owners(&answer.answers), ["sender.test. NS"], "RFC 8482 §4.1");

    let mut notify = query("sender.test.", RecordType::SOA, None);
    notify.metadata.op_code = OpCode::Notify;
    let answer = Message::from_vec(&world.udp(&notify.to_vec().unwrap()).await).unwrap();
    assert_eq!(answer.metadata.response_code, ResponseCode::NotImp);

    let update = Message::new(4711, MessageType::Query, OpCode::Update);
    let answer = Message::from_vec(&world.udp(&update.to_vec().unwrap()).await).unwrap();
    assert_eq!(answer.metadata.response_code, ResponseCode::NotImp, "also without a question");

    let mut two = query("sender.test.", RecordType::A, None);
    two.add_query(Query::query(Name::from_ascii("plain.test.").unwrap(), RecordType::A));
    let answer = Message::from_vec(&world.udp(&two.to_vec().unwrap()).await).unwrap();
    assert_eq!(answer.metadata.response_code, ResponseCode::FormErr);

    let mut cut = query("sender.test.", RecordType::A, None).to_vec().unwrap();
    cut.truncate(20);
    let answer = world.udp(&cut).await;
    assert_eq!((answer.len(), answer[3] & 0x0f, &answer[..2]), (12, 1, &cut[..2]), "FORMERR");
}

#[tokio::test]
async fn rate_limiting_spares_tcp_and_notes_nothing() {
    let mut server_settings = ServerSettings::default();
    server_settings.rate.exempt.clear();
    (server_settings.rate.responses_per_s, server_settings.rate.burst, server_settings.rate.slip) = (1, 1, 1);
    let world = World::with(server_settings).await;
    let asked = query("ut.service.test.", RecordType::MX, None).to_vec().unwrap();
    let first = Message::from_vec(&world.udp(&asked).await).unwrap();
    assert!(!first.metadata.truncation);
    let mut limited = 0;
    for _ in 0..5 {
        let answer = Message::from_vec(&world.udp(&asked).await).unwrap();
        limited += usize::from(answer.metadata.truncation && answer.answers.is_empty());
    }
    assert!(limited >= 3, "{limited}");
    assert_eq!(world.server.counters().limited(), limited as u64);
    assert_eq!(world.noted.queries().len(), 6 - limited);
    let answer = Message::from_vec(&world.tcp(&asked).await).unwrap();
    assert!(!answer.metadata.truncation);
}

#[tokio::test]
async fn questions_beyond_the_limit_of_notes_are_said_to_be_missing() {
    let at = Timestamp::now();
    let world =
        World::with_limits_at(ServerSettings { notes_per_s_max: 2, ..ServerSettings::default() }, at).await;
    for _ in 0..5 {
        world.ask("ut.service.test.", RecordType::MX).await;
    }
    assert_eq!(world.noted.queries().len(), 2);
    let end_of_second = Timestamp::from_second(at.as_second() + 1).unwrap();
    assert_eq!(world.noted.lost(), [QueriesLost { network: None, until: end_of_second, why: Lost::Dropped }]);
    assert_eq!(world.server.counters().unnoted(), 3);
}

/// One resolver's flood is not in the way of what others ask, neither in its second nor in its hour.
#[tokio::test]
async fn the_questions_of_one_network_leave_room_for_those_of_others() {
    let server_settings = |in_second, in_hour| ServerSettings {
        notes_per_network_s_max: in_second,
        notes_per_network_hour_max: in_hour,
        ..ServerSettings::default()
    };
    for limits in [server_settings(3, 0), server_settings(0, 3)] {
        let at = Timestamp::now();
        let world = World::with_limits_at(limits, at).await;
        let asked = query("ut.service.test.", RecordType::MX, None).to_vec().unwrap();
        for (from, times) in [("127.0.0.1", 10), ("127.0.0.9", 10), ("127.1.0.1", 2)] {
            let socket = UdpSocket::bind((from, 0)).await.unwrap();
            for _ in 0..times {
                socket.send_to(&asked, world.address).await.unwrap();
                socket.recv(&mut [0; 512]).await.unwrap();
            }
        }
        let noted = world.noted.queries();
        let of = |network: &str| {
            noted.iter().filter(|query| query.source.ip().to_string().starts_with(network)).count()
        };
        assert_eq!((of("127.0.0."), of("127.1.0.")), (3, 2));
        let until = Timestamp::from_second((at.as_second() / 60 + 1) * 60).unwrap();
        let network = Some("127.0.0.0/24".parse().unwrap());
        assert_eq!(world.noted.lost(), [QueriesLost { network, until, why: Lost::Dropped }], "said once");
    }
}

/// While the thread that reads them is away, questions wait, more of them than a bare socket keeps.
#[tokio::test]
async fn no_question_of_a_burst_stays_unanswered() {
    const SOCKETS: usize = 8;
    const QUESTIONS: usize = 50;
    let world = World::new().await;
    // It has begun to serve.
    world.ask("ut.service.test.", RecordType::MX).await;
    let mut sockets = Vec::new();
    for _ in 0..SOCKETS {
        sockets.push(tokio::net::UdpSocket::bind("127.0.0.1:0").await.unwrap().into_std().unwrap());
    }
    // Nothing is awaited here, so that the server, on the same thread, reads none of them yet.
    for id in 0..u16::try_from(QUESTIONS).unwrap() {
        let mut question = query("ut.service.test.", RecordType::MX, Some(true));
        question.metadata.id = id;
        for socket in &sockets {
            socket.send_to(&question.to_vec().unwrap(), world.address).unwrap();
        }
    }
    let mut answered = 0;
    for socket in sockets {
        let socket = tokio::net::UdpSocket::from_std(socket).unwrap();
        let mut answer = [0; 2048];
        let mut ids = std::collections::BTreeSet::new();
        while ids.len() < QUESTIONS {
            let waited = std::time::Duration::from_secs(2);
            let Ok(length) = tokio::time::timeout(waited, socket.recv(&mut answer)).await else { break };
            assert!(length.unwrap() > 12);
            ids.insert([answer[0], answer[1]]);
        }
        answered += ids.len();
    }
    assert_eq!(answered, SOCKETS * QUESTIONS);
}

#[tokio::test]
async fn links_over_tcp_are_limited() {
    let server_settings = ServerSettings {
        tcp_connections_per_address_max: 2,
        tcp_idle_s: 1,
        tcp_queries_max: 2,
        ..ServerSettings::default()
    };
    let world = World::with(server_settings).await;
    let connect = || async { TcpStream::connect(world.address).await.unwrap() };
    let (mut first, _second, mut third) = (connect().await, connect().await, connect().await);
    assert_eq!(third.read(&mut [0]).await.unwrap_or(0), 0, "one too many is closed at once");
    // Silence ends a link, and its place is free again.
    assert_eq!(first.read(&mut [0]).await.unwrap_or(0), 0);
    let asked = query("ut.service.test.", RecordType::MX, None).to_vec().unwrap();
    for _ in 0..3 {
        assert_eq!(world.tcp(&asked).await[..2], asked[..2]);
    }
    // So do too many queries.
    let mut link = connect().await;
    let framed = [&u16::try_from(asked.len()).unwrap().to_be_bytes()[..], &asked].concat();
    link.write_all(&framed.repeat(3)).await.unwrap();
    let mut answers = Vec::new();
    let _ = link.read_to_end(&mut answers).await;
    let length = usize::from(u16::from_be_bytes([answers[0], answers[1]]));
    assert_eq!(answers.len(), 2 * (length + 2));
}

/// Two sockets have their places together.
#[tokio::test]
async fn links_over_tcp_are_limited_over_all_sockets() {
    let server_settings = ServerSettings { tcp_connections_max: 2, ..ServerSettings::default() };
    let world = World::with(server_settings).await;
    let more = Sockets::bind(&["127.0.0.1:0".parse().unwrap()]).await.unwrap();
    let other = more.addresses().unwrap()[0];
    tokio::spawn(world.server.clone().serve(more, world.stop.clone()));
    let asked = query("ut.service.test.", RecordType::MX, None).to_vec().unwrap();
    let framed = [&u16::try_from(asked.len()).unwrap().to_be_bytes()[..], &asked].concat();
    let mut held = Vec::new();
    for (address, answers) in [(world.address, true), (other, true), (world.address, false), (other, false)] {
        let mut link = TcpStream::connect(address).await.unwrap();
        let _ = link.write_all(&framed).await;
        let read = link.read_u16().await;
        assert_eq!(read.is_ok(), answers, "{address}: {read:?}");
        held.push(link);
    }
}

#[test]
fn what_contradicts_the_catalogue_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let error = |change: &dyn Fn(&mut mailassay::sending::authority::Origin)| {
        let mut origin = origin();
        change(&mut origin);
        let content = Content { origin: Some(origin), others: Vec::new() };
        Authority::new(content, settings(folder.path()), Timestamp::UNIX_EPOCH).err().unwrap().to_string()
    };
    let delegated = error(&|origin| origin.text += "et IN NS ns1\n");
    assert!(delegated.starts_with("origin.zone: it delegates et.service.test."), "{delegated}");
    let alias = error(&|origin| origin.text += "mx03.et IN CNAME ns1\n");
    assert!(alias.contains("mx03.et.service.test. has a CNAME and other records"), "{alias}");
    let keyless = error(&|origin| drop(origin.tlsa.remove(&"mx06.et".into())));
    assert!(keyless.starts_with("persona mx06.et: "), "{keyless}");
    let twice = |apex: &str| {
        let text = "@ 60 IN SOA ns1 host 1 2 3 4 5\n@ 60 IN NS ns1\n".to_owned();
        let zone = ZoneText { apex: apex.into(), file: "x".into(), text, signed: false };
        let content = Content { origin: Some(origin()), others: vec![zone] };
        Authority::new(content, settings(folder.path()), Timestamp::UNIX_EPOCH).err()
    };
    assert!(twice("Service.Test").unwrap().to_string().contains("given twice"));
    assert!(twice("other.test").is_none());
}

#[test]
fn what_the_operator_wrote_stays() {
    let folder = tempfile::tempdir().unwrap();
    let mut origin = origin();
    origin.text += "@ IN TXT \"v=spf1 include:smarthost.example -all\"\n@ IN TXT \"other\"\n";
    let content = Content { origin: Some(origin), others: Vec::new() };
    let authority = Authority::new(content, settings(folder.path()), Timestamp::UNIX_EPOCH).unwrap();
    let printed = authority.print_zone("service.test").unwrap();
    let spf: Vec<_> =
        printed.lines().filter(|line| line.starts_with("service.test.") && line.contains("v=spf1")).collect();
    assert_eq!(spf.len(), 1);
    assert!(spf[0].ends_with("\"v=spf1 include:smarthost.example -all\""));
}

#[tokio::test]
async fn several_addresses_are_served() {
    let addresses = ["127.0.0.1:0", "[::1]:0"].map(|address| address.parse().unwrap());
    let Ok(sockets) = Sockets::bind(&addresses).await else {
        eprintln!("skipped: no IPv6 on loopback");
        return;
    };
    let world = World::new().await;
    let served = sockets.addresses().unwrap();
    tokio::spawn(world.server.clone().serve(sockets, world.stop.clone()));
    for address in served {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let asked = query("ut.service.test.", RecordType::MX, None).to_vec().unwrap();
        stream.write_u16(u16::try_from(asked.len()).unwrap()).await.unwrap();
        stream.write_all(&asked).await.unwrap();
        assert!(stream.read_u16().await.unwrap() > 12);
    }
    let taken = Sockets::bind(&[world.address]).await.err().unwrap().to_string();
    assert!(taken.contains(&world.address.to_string()), "{taken}");
}

#[test]
fn orders_rotate_and_signatures_are_renewed_without_a_gap() {
    let folder = tempfile::tempdir().unwrap();
    let at = |second: i64| Timestamp::from_second(1_800_000_000 + second).unwrap();
    let authority = Authority::new(content(), settings(folder.path()), at(0)).unwrap();
    let zone = |authority: &Authority| authority.print_zone("service.test").unwrap();
    let lines = |zone: &str, what: &str| -> Vec<String> {
        zone.lines().filter(|line| line.contains(what)).map(str::to_owned).collect()
    };
    let first = zone(&authority);
    assert_eq!(authority.next_refresh(at(0)).as_secs(), 300);

    let mut orders = Vec::new();
    let mut serials = Vec::new();
    for epoch in 0..40 {
        authority.refresh(at(epoch * 300)).unwrap();
        let text = zone(&authority);
        orders.push(lines(&text, "et.service.test.\t60\tIN\tMX"));
        serials.push(lines(&text, "\tSOA\t").remove(0));
        // What did not change keeps its signature.
        assert_eq!(lines(&text, "RRSIG\tTLSA"), lines(&first, "RRSIG\tTLSA"));
    }
    for (orders, serials) in orders.windows(2).zip(serials.windows(2)) {
        assert_eq!(
            orders[0] == orders[1],
            serials[0] == serials[1],
            "the serial moves with what the zone holds"
        );
    }
    let drawn: std::collections::BTreeSet<_> = orders.into_iter().collect();
    assert!(drawn.len() > 15, "40 draws from 24 orders gave {}", drawn.len());

    // A day before the refresh all is as it was; at the refresh everything is signed anew, a week early.
    let day = 86_400;
    authority.refresh(at(6 * day)).unwrap();
    assert_eq!(lines(&zone(&authority), "RRSIG\tTLSA"), lines(&first, "RRSIG\tTLSA"));
    authority.refresh(at(7 * day)).unwrap();
    assert_ne!(lines(&zone(&authority), "RRSIG\tTLSA"), lines(&first, "RRSIG\tTLSA"));

    // A restart keeps the keys and does not go back in the serial.
    let again = Authority::new(content(), settings(folder.path()), at(7 * day + 10)).unwrap();
    assert_eq!(again.ds().unwrap(), authority.ds().unwrap());
    let serial = |authority: &Authority| -> u32 {
        let zone = zone(authority);
        zone.lines().next().unwrap().split_whitespace().nth(6).unwrap().parse().unwrap()
    };
    assert!(serial(&again) > serial(&authority));
}

/// As where nodes agree on keys anew, or somebody restores the folder: the files have the names that they had.
#[test]
fn other_keys_under_the_same_names_sign_from_the_next_look_on() {
    let [own, others] = [(); 2].map(|()| tempfile::tempdir().unwrap());
    let at = |second: i64| Timestamp::from_second(1_800_000_000 + second).unwrap();
    let new = |folder: &std::path::Path| Authority::new(content(), settings(folder), at(0)).unwrap();
    let (authority, other) = (new(own.path()), new(others.path()));
    assert_ne!(authority.ds().unwrap(), other.ds().unwrap());
    for entry in std::fs::read_dir(others.path()).unwrap() {
        let entry = entry.unwrap();
        if entry.file_name() != "serial" {
            std::fs::copy(entry.path(), own.path().join(entry.file_name())).unwrap();
        }
    }
    authority.refresh(at(300)).unwrap();
    assert_eq!(authority.ds().unwrap(), other.ds().unwrap());
    // One that cannot be read any more signs on.
    std::fs::remove_file(own.path().join("service.test.zsk.p8")).unwrap();
    authority.refresh(at(600)).unwrap();
    assert_eq!(authority.ds().unwrap(), other.ds().unwrap());
}

#[test]
fn keys_are_for_their_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let new = || Authority::new(content(), settings(folder.path()), Timestamp::UNIX_EPOCH);
    new().unwrap();
    let key = folder.path().join("service.test.zsk.p8");
    assert_eq!(std::fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o640)).unwrap();
    let error = new().err().unwrap().to_string();
    assert!(error.contains("service.test.zsk.p8") && error.contains("chmod 600"), "{error}");
}

#[test]
fn errors_name_file_and_line() {
    let folder = tempfile::tempdir().unwrap();
    let error = |text: &str| {
        let zone =
            ZoneText { apex: "x.test".into(), file: "zones/x.zone".into(), text: text.into(), signed: false };
        let content = Content { origin: None, others: vec![zone] };
        Authority::new(content, settings(folder.path()), Timestamp::UNIX_EPOCH).err().unwrap().to_string()
    };
    let soa = "@ 60 IN SOA ns1 host 1 2 3 4 5\n";
    assert!(error(&format!("{soa}\n@ 60 IN NO ns1\n@ 60 IN NS ns1\n")).starts_with("zones/x.zone:3: "));
    assert!(error(soa).contains("has no NS record"));
    assert!(error(&format!("{soa}@ 60 IN NS ns1\na.example. 60 IN A 192.0.2.1\n")).contains("outside"));
}
