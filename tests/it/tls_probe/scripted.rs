//! Servers that say what no server of today says any more.

use mailassay::receiving::probe::{Limits, ask, ask_ssl2};
use mailassay::shared::evidence::Alert;
use mailassay::shared::evidence::scan::{Answer, Flight};
use rustls::pki_types::CertificateDer;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};

use super::{SNI, flight, hello, limits, randomness};

/// A record.
fn record(content: u8, payload: &[u8]) -> Vec<u8> {
    let mut record = vec![content, 3, 3];
    record.extend(u16::try_from(payload.len()).unwrap().to_be_bytes());
    record.extend(payload);
    record
}

/// A handshake message.
fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    let mut message = vec![kind];
    message.extend(&u32::try_from(body.len()).unwrap().to_be_bytes()[1..]);
    message.extend(body);
    message
}

/// A ServerHello without extensions.
fn server_hello(version: u16, suite: u16, compression: u8, extensions: &[u8]) -> Vec<u8> {
    let mut body = version.to_be_bytes().to_vec();
    body.extend([7; 32]);
    body.push(0);
    body.extend(suite.to_be_bytes());
    body.push(compression);
    if !extensions.is_empty() {
        body.extend(u16::try_from(extensions.len()).unwrap().to_be_bytes());
        body.extend(extensions);
    }
    message(2, &body)
}

/// A Certificate message with one certificate of three octets.
fn certificate() -> Vec<u8> {
    message(11, &[0, 0, 6, 0, 0, 3, 0x30, 0x01, 0x00])
}

const DONE: [u8; 4] = [14, 0, 0, 0];

/// Answers a hello with `said`, in pieces of `piece` octets, and closes if `close`.
async fn serve(mut stream: DuplexStream, said: &[u8], piece: usize, close: bool) -> Vec<u8> {
    let mut hello = vec![0; 5];
    stream.read_exact(&mut hello).await.unwrap();
    let length = usize::from(u16::from_be_bytes([hello[3], hello[4]]));
    hello.resize(5 + length, 0);
    stream.read_exact(&mut hello[5..]).await.unwrap();
    for piece in said.chunks(piece) {
        if stream.write_all(piece).await.is_err() {
            break;
        }
    }
    if !close {
        // Until the client goes.
        let mut rest = Vec::new();
        let _ = stream.read_to_end(&mut rest).await;
        return rest;
    }
    hello
}

async fn answer_to(
    said: &[u8],
    piece: usize,
    close: bool,
    limits: &Limits,
) -> (Answer, Vec<CertificateDer<'static>>, Vec<u8>) {
    let (ours, theirs) = duplex(4096);
    let question = hello(0x0303, "c02f 0035 0003 009e");
    let randomness = randomness();
    let asked = ask(ours, &question, SNI, &randomness, limits);
    let ((answer, chain), heard) = tokio::join!(asked, serve(theirs, said, piece, close));
    (answer, chain, heard)
}

async fn answer(said: &[u8]) -> Answer {
    answer_to(said, usize::MAX >> 1, true, &limits()).await.0
}

#[tokio::test]
async fn a_flight_in_records_of_one_octet_is_a_flight() {
    let whole = [server_hello(0x0303, 0x0035, 0, &[]), certificate(), DONE.to_vec()].concat();
    let at_once = record(22, &whole);
    let octet_by_octet: Vec<u8> = whole.iter().flat_map(|octet| record(22, &[*octet])).collect();
    let expected = flight(answer(&at_once).await);
    assert!(expected.complete);
    assert_eq!(expected.chain.len(), 1);
    for (said, piece) in [(&at_once, 1), (&octet_by_octet, 1), (&octet_by_octet, 7), (&octet_by_octet, 4000)]
    {
        let (answer, chain, _) = answer_to(said, piece, false, &limits()).await;
        assert_eq!(flight(answer), expected);
        assert_eq!(chain.len(), 1);
    }
}

#[tokio::test]
async fn goodbye_is_said() {
    let whole = record(22, &[server_hello(0x0302, 0x0035, 0, &[]), DONE.to_vec()].concat());
    let (_, _, heard) = answer_to(&whole, 100, false, &limits()).await;
    assert_eq!(heard, [21, 3, 2, 0, 2, 1, 0]);
}

#[tokio::test]
async fn what_is_cut_keeps_what_is_known() {
    let hello = record(22, &server_hello(0x0303, 0x0035, 0, &[]));
    let whole = [hello.clone(), record(22, &certificate()), record(22, &DONE)].concat();
    for length in 0..whole.len() {
        let known = answer(&whole[..length]).await;
        if length < hello.len() {
            assert_eq!(known, Answer::Dropped, "{length}");
        } else {
            let Flight { complete, suite, chain, .. } = flight(known);
            assert_eq!((complete, suite), (false, 0x0035));
            assert_eq!(chain.is_empty(), length < whole.len() - 9, "{length}");
        }
    }
}

#[tokio::test]
async fn compression_and_a_server_without_rfc_5746_are_seen() {
    let whole = [server_hello(0x0301, 0x0035, 1, &[]), certificate(), DONE.to_vec()].concat();
    let seen = flight(answer(&record(22, &whole)).await);
    assert_eq!((seen.version.0, seen.compression), (0x0301, 1));
    assert!(seen.extensions.is_empty());
}

#[tokio::test]
async fn export_keys_and_client_certificates_are_no_hindrance() {
    // RSA_EXPORT: modulus, exponent, signature; MD5 with SHA-1, so without a scheme.
    let export = message(12, &[0, 2, 0xc0, 0x01, 0, 1, 3, 0, 2, 9, 9]);
    let request = message(13, &[1, 1, 0, 0]);
    let whole =
        [server_hello(0x0301, 0x0003, 0, &[]), certificate(), export, request, DONE.to_vec()].concat();
    let seen = flight(answer(&record(22, &whole)).await);
    assert_eq!((seen.suite, seen.complete, seen.client_certificate), (0x0003, true, true));
    assert_eq!((seen.dh, seen.group, seen.scheme), (None, None, None));
}

#[tokio::test]
async fn a_prime_is_measured_without_its_leading_zeros() {
    // A prime of 15 bits, generator 5, public value, then rsa_pkcs1_sha256 and its signature.
    let exchange = message(12, &[0, 4, 0, 0, 0x40, 0x03, 0, 1, 5, 0, 1, 9, 4, 1, 0, 1, 0xff]);
    let whole = [server_hello(0x0303, 0x009e, 0, &[]), exchange, DONE.to_vec()].concat();
    let seen = flight(answer(&record(22, &whole)).await);
    let dh = seen.dh.unwrap();
    assert_eq!((dh.bits, dh.generator, seen.scheme), (15, Some(5), Some(0x0401)));
    // printf '\x40\x03' | sha256sum
    assert_eq!(dh.sha256, "e5ed0d1a0a3ead13dc848a4f16518252a4d9a15a182c64a272e56489cb7e58bb");
}

#[tokio::test]
async fn alerts_end_it_and_warnings_do_not() {
    let fatal = record(21, &[2, 40]);
    let warning = record(21, &[1, 112]);
    assert_eq!(answer(&fatal).await, Answer::Alert { alert: Alert(40) });
    // close_notify is a refusal in good manners.
    assert_eq!(answer(&record(21, &[1, 0])).await, Answer::Alert { alert: Alert(0) });
    // The warning was the reason of an end right after it.
    assert_eq!(answer(&warning).await, Answer::Alert { alert: Alert(112) });
    let whole = record(22, &[server_hello(0x0303, 0x0035, 0, &[]), DONE.to_vec()].concat());
    assert!(flight(answer(&[warning, whole].concat()).await).complete);
}

#[tokio::test]
async fn garbage_is_shown_in_hexadecimal() {
    for (said, reason) in [
        (b"421 4.7.0 too many\r\n".to_vec(), "no TLS record: 3432312034"),
        (vec![22, 2, 0, 0, 4], "no TLS record: 1602000004"),
        (vec![22, 3, 3, 0xff, 0xff], "no TLS record: 160303ffff"),
        (
            record(22, &message(11, &[0, 0, 0])),
            "another handshake message where ServerHello is due: 0b000003000000",
        ),
        (record(22, &message(2, &[3, 3])), "a ServerHello that does not read: 020000020303"),
        (record(22, &[2, 1, 0, 0]), "a handshake message of more than 21504 octets: 02010000"),
        (record(21, &[2]), "an alert that does not read: 02"),
        (record(23, &[1, 2]), "a record of type 23 where a ServerHello is due: 0102"),
    ] {
        assert_eq!(answer(&said).await, Answer::Garbage { reason: reason.to_owned() });
    }
}

#[tokio::test]
async fn endless_data_ends_at_the_limit() {
    let limits = Limits { octets_max: 30_000, ..limits() };
    let warnings: Vec<u8> = record(21, &[1, 90]).repeat(10_000);
    let (answer, ..) = answer_to(&warnings, 4096, false, &limits).await;
    assert_eq!(answer, Answer::Garbage { reason: "more octets than are read".to_owned() });
    // What came before is kept.
    let hello = record(22, &server_hello(0x0303, 0x0035, 0, &[]));
    let (answer, ..) = answer_to(&[hello, warnings].concat(), 4096, false, &limits).await;
    assert!(!flight(answer).complete);
}

#[tokio::test]
async fn silence_is_no_refusal() {
    // All that the server says is there before it is asked, so that no test waits for the time to be over.
    let limits = Limits { timeout_s: 0, ..limits() };
    let hello = record(22, &server_hello(0x0303, 0x0035, 0, &[]));
    for said in [&[][..], &hello[..20], &hello] {
        let (ours, mut theirs) = duplex(4096);
        theirs.write_all(said).await.unwrap();
        let (answer, _) = ask(ours, &super::hello(0x0303, "0035"), SNI, &randomness(), &limits).await;
        match answer {
            Answer::TimedOut => assert!(said.len() < hello.len()),
            answer => assert!(!flight(answer).complete && said.len() == hello.len()),
        }
    }
}

#[tokio::test]
async fn a_retry_names_its_group() {
    let mut hello = server_hello(0x0303, 0x1302, 0, &[0, 43, 0, 2, 3, 4, 0, 51, 0, 2, 0x11, 0xec]);
    // SHA-256 of "HelloRetryRequest" (RFC 8446 §4.1.3).
    hello[6..38].copy_from_slice(&<sha2::Sha256 as sha2::Digest>::digest("HelloRetryRequest"));
    let seen = flight(answer(&record(22, &hello)).await);
    assert_eq!((seen.version.0, seen.retry, seen.group, seen.complete), (0x0304, true, Some(0x11ec), true));
}

/// A server of SSL 2.0 that answers with `said`.
async fn ssl2(said: &[u8]) -> (Answer, Vec<CertificateDer<'static>>) {
    let (ours, mut theirs) = duplex(4096);
    let serve = async {
        let mut hello = vec![0; 2 + 9 + 24 + 16];
        theirs.read_exact(&mut hello).await.unwrap();
        assert_eq!(hello[..11], [0x80, 9 + 24 + 16, 1, 0, 2, 0, 24, 0, 0, 0, 16]);
        for octet in said {
            theirs.write_all(&[*octet]).await.unwrap();
        }
        drop(theirs);
    };
    let (randomness, limits) = (randomness(), limits());
    tokio::join!(ask_ssl2(ours, &randomness, &limits), serve).0
}

#[tokio::test]
async fn ssl_2_is_recognised() {
    let body = [&[4, 0, 1, 0, 2, 0, 3, 0, 6, 0, 2][..], b"DER", &[1, 0, 0x80, 7, 0, 0xc0], b"id"].concat();
    let said = [&[0x80, u8::try_from(body.len()).unwrap()][..], &body].concat();
    let (answer, chain) = ssl2(&said).await;
    let Answer::Ssl2 { ciphers, certificate } = answer else { panic!("{answer:?}") };
    assert_eq!(ciphers, ["010080", "0700c0"]);
    assert_eq!(chain, [CertificateDer::from(b"DER".to_vec())]);
    assert_eq!(certificate.map(|hash| hash.len()), Some(64));

    let none = Answer::Ssl2 { ciphers: Vec::new(), certificate: None };
    assert_eq!(ssl2(&[0x80, 3, 0, 0, 1]).await.0, none);
    assert_eq!(ssl2(&record(21, &[2, 70])).await.0, Answer::Alert { alert: Alert(70) });
    assert_eq!(ssl2(&[]).await.0, Answer::Dropped);
    for garbage in [&said[..20], b"500 what?\r\n", &[0x80, 1, 9]] {
        assert!(matches!(ssl2(garbage).await.0, Answer::Garbage { .. }), "{garbage:?}");
    }
}
