//! Tests of `tls`: what the service shows, and how handshakes end, with rustls, OpenSSL and GnuTLS as peers.

mod cases;
mod faulty;

use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;

use jiff::Timestamp;
use mailassay::sending::history::{Phase, SelfCheck};
use mailassay::sending::identities::{CertificateFile, Identities, Settings, Source};
use mailassay::sending::persona::{Addresses, Catalogue, CatalogueFiles, PersonaId};
use mailassay::shared::evidence::{ClientHello, Handshake, Party, TlsVersion};
use mailassay::shared::tls::client::{self, CertificateFault, Roots};
use mailassay::shared::tls::{Accepted, End, accept, end_of, spki_of};
use rustls::pki_types::ServerName;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::net::{TcpListener, TcpStream};

const LOCAL: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const ORIGIN: &str = "example.org";
const TIMEOUT_S: u32 = 10;

fn now() -> Timestamp {
    "2026-11-21T12:00:00Z".parse().unwrap()
}

fn catalogue() -> Catalogue {
    CatalogueFiles::embedded().catalogue(ORIGIN).unwrap()
}

fn open(folder: &Path, source: Source) -> Identities {
    let settings = Settings { folder: folder.to_owned(), source, ..Settings::default() };
    Identities::open(settings, catalogue(), Addresses::default(), now()).unwrap()
}

fn identities() -> (tempfile::TempDir, Arc<Identities>) {
    let folder = tempfile::tempdir().unwrap();
    let identities = open(folder.path(), Source::PrivateCa);
    (folder, Arc::new(identities))
}

/// What a client with our own connector is shown.
async fn shown(
    identities: &Identities,
    name: &str,
    sni: bool,
    phase: Phase,
) -> (Accepted<DuplexStream>, client::Connected<DuplexStream>) {
    let (ours, theirs) = duplex(65_536);
    let serve =
        accept(theirs, TIMEOUT_S, |hello| identities.choose(hello.sni.as_deref(), LOCAL, phase).config);
    let (served, connected) = tokio::join!(serve, client::connect(ours, name, sni, TIMEOUT_S));
    (served, connected.unwrap())
}

#[tokio::test]
async fn every_persona_shows_what_its_file_says() {
    let (_folder, identities) = identities();
    let roots = Roots::from_pem(identities.ca_root_pem().unwrap().as_bytes()).unwrap();
    for (persona, host, webpki, dane) in [
        ("mx03.et", "mx03.et.example.org", false, Some(false)),
        ("mx04.et", "mx04.et.example.org", false, Some(true)),
        ("mx05.et", "mx05.et.example.org", true, Some(false)),
        ("mx06.et", "MX06.et.example.org.", true, Some(true)),
        ("ut", "ut.example.org", true, None),
    ] {
        let persona = PersonaId::from(persona);
        let choice = identities.choose(Some(host), LOCAL, Phase::A);
        assert_eq!(choice.persona.as_ref(), Some(&persona));
        let (served, connected) = shown(&identities, host, true, Phase::A).await;
        assert_eq!(served.hello.unwrap().sni, Some(host.trim_end_matches('.').to_lowercase()));
        let judged = client::webpki(&connected.chain, host, &roots, now());
        assert_eq!(judged.is_ok(), webpki, "{host}: {judged:?}");
        let tlsa = identities.tlsa(&persona);
        assert_eq!(tlsa.is_empty(), dane.is_none(), "{host}");
        let matched = client::dane(&connected.chain, &[], &tlsa, now());
        assert_eq!(matched.is_ok(), dane == Some(true), "{host}");
        assert!(tlsa.iter().all(mailassay::shared::policy::Tlsa::usable));
    }
}

#[tokio::test]
async fn without_sni_the_phase_decides() {
    let (_folder, identities) = identities();
    let roots = Roots::from_pem(identities.ca_root_pem().unwrap().as_bytes()).unwrap();
    for host in catalogue().suite_host_names() {
        let (served, a) = shown(&identities, &host, false, Phase::A).await;
        assert_eq!(served.hello.unwrap().sni, None);
        assert_eq!(client::webpki(&a.chain, &host, &roots, now()), Err(CertificateFault::UnknownIssuer));
        let (_, b) = shown(&identities, &host, false, Phase::B).await;
        assert_eq!(
            client::webpki(&b.chain, &host, &roots, now()),
            Ok("CN=Mailassay private root".to_owned())
        );
        let (_, unknown) = shown(&identities, "elsewhere.example", true, Phase::B).await;
        assert_eq!(unknown.chain, b.chain);
    }
    for odd in ["", ".", "a..b", "mx06.et.example.org/", "mx06 .et.example.org", &"a".repeat(300)] {
        assert_eq!(identities.choose(Some(odd), LOCAL, Phase::A).persona, None, "{odd:?}");
    }
}

#[test]
fn an_own_address_speaks_where_sni_does_not() {
    let folder = tempfile::tempdir().unwrap();
    let own: IpAddr = "2001:db8::3".parse().unwrap();
    let addresses = Addresses {
        shared: vec![LOCAL],
        own: [("mx03.et".into(), vec![own])].into(),
        ..Addresses::default()
    };
    let settings = Settings { folder: folder.path().to_owned(), ..Settings::default() };
    let identities = Identities::open(settings, catalogue(), addresses, now()).unwrap();
    let persona = |sni, local| identities.choose(sni, local, Phase::A).persona;
    assert_eq!(persona(None, own), Some("mx03.et".into()));
    assert_eq!(persona(Some("mx04.et.example.org"), own), Some("mx04.et".into()));
    assert_eq!(persona(None, LOCAL), None);
}

#[tokio::test]
async fn keys_outlive_restarts_and_renewals() {
    let (folder, before) = identities();
    let mx06 = PersonaId::from("mx06.et");
    let tlsa = before.tlsa(&mx06);
    let (_, first) = shown(&before, "mx06.et.example.org", true, Phase::A).await;
    let later: Timestamp = "2027-01-25T12:00:00Z".parse().unwrap();
    assert!(!before.renew(now()).unwrap());
    assert!(before.renew(later).unwrap());
    let (_, second) = shown(&before, "mx06.et.example.org", true, Phase::A).await;
    assert_ne!(first.chain, second.chain);
    assert_eq!(spki_of(&first.chain[0]), spki_of(&second.chain[0]));
    let serial = |chain: &[rustls::pki_types::CertificateDer<'_>]| {
        x509_parser::parse_x509_certificate(&chain[0]).unwrap().1.raw_serial().to_vec()
    };
    assert_ne!(serial(&first.chain), serial(&second.chain));
    let roots = Roots::from_pem(before.ca_root_pem().unwrap().as_bytes()).unwrap();
    let end: Timestamp = "2027-03-01T12:00:00Z".parse().unwrap();
    assert_eq!(before.check(&roots, end), SelfCheck::Green);
    let red = before.check(&Roots::mozilla(), end);
    assert!(matches!(&red, SelfCheck::Red { reason } if reason.contains("no path to a trusted root")));
    let judged = |chain: &[_]| client::webpki(chain, "mx06.et.example.org", &roots, end);
    assert!(matches!(judged(&first.chain), Err(CertificateFault::Dates(_))));
    assert!(judged(&second.chain).is_ok());
    let root = before.ca_root_pem().unwrap().to_owned();
    drop(before);
    let after = open(folder.path(), Source::PrivateCa);
    assert_eq!(after.tlsa(&mx06), tlsa);
    assert_eq!(after.ca_root_pem(), Some(&root[..]));
}

#[test]
fn a_mismatch_differs_from_the_match_in_every_bit_and_is_always_the_same() {
    let (folder, identities) = identities();
    let mx05 = PersonaId::from("mx05.et");
    let choice = identities.tlsa(&mx05);
    let key = std::fs::read_to_string(folder.path().join("persona-mx05.et.key.pem")).unwrap();
    let key = rcgen::KeyPair::from_pem(&key).unwrap();
    let spki = rcgen::PublicKeyData::subject_public_key_info(&key);
    let matching = mailassay::shared::policy::Tlsa::dane_ee_spki(&spki);
    assert!(choice[0].data.iter().zip(&matching.data).all(|(a, b)| a ^ b == 0xff));
    assert_eq!(open(folder.path(), Source::PrivateCa).tlsa(&mx05), choice);
}

/// Writes a certificate for `names` and its key as PEM files.
fn certificate_files(folder: &Path, stem: &str, names: &[&str]) -> CertificateFile {
    let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
    let made = rcgen::generate_simple_self_signed(names).unwrap();
    let (chain, key) = (folder.join(format!("{stem}.pem")), folder.join(format!("{stem}.key.pem")));
    std::fs::write(&chain, made.cert.pem()).unwrap();
    mailassay::shared::keyfile::write(&key, made.signing_key.serialize_pem().as_bytes()).unwrap();
    CertificateFile { chain, key }
}

#[tokio::test]
async fn files_serve_the_hosts_that_they_name() {
    let folder = tempfile::tempdir().unwrap();
    let wild = certificate_files(folder.path(), "wild", &["*.et.example.org", "mx.example.org"]);
    let every = catalogue().suite_host_names();
    let every: Vec<_> = every.iter().map(String::as_str).collect();
    let every = certificate_files(folder.path(), "every", &every);
    let files = Source::Files(vec![wild.clone(), every.clone()]);
    let identities = open(&folder.path().join("own"), files);
    assert_eq!(identities.ca_root_pem(), None);
    let (_, mx06) = shown(&identities, "mx06.et.example.org", true, Phase::A).await;
    let (_, ut) = shown(&identities, "ut.example.org", true, Phase::A).await;
    let (_, b) = shown(&identities, "ut.example.org", false, Phase::B).await;
    assert_ne!(mx06.chain, ut.chain);
    assert_eq!(ut.chain, b.chain);
    let (_, mx04) = shown(&identities, "mx04.et.example.org", true, Phase::A).await;
    assert_ne!(mx04.chain, mx06.chain, "mx04 is self-signed, with a key of its own");
    assert!(identities.policy_host_config("mta-sts.et.example.org").is_some());

    let refusal = |files| {
        let settings = Settings {
            folder: folder.path().join("own"),
            source: Source::Files(files),
            ..Settings::default()
        };
        let opened = Identities::open(settings, catalogue(), Addresses::default(), now());
        opened.err().unwrap().to_string()
    };
    let error = refusal(vec![wild.clone()]);
    assert!(error.contains("ut.example.org") && error.contains("wild.pem"), "{error}");
    let error = refusal(vec![CertificateFile { chain: wild.chain.clone(), key: every.key.clone() }]);
    assert!(error.contains("every.key.pem: not the key of"), "{error}");
    let error = refusal(vec![CertificateFile { chain: "nowhere.pem".into(), key: every.key }]);
    assert!(error.contains("nowhere.pem"), "{error}");
}

/// The first flight of a rustls client for `name`.
fn client_hello(name: &str) -> Vec<u8> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth();
    let name = ServerName::try_from(name.to_owned()).unwrap();
    let mut connection = rustls::ClientConnection::new(Arc::new(config), name).unwrap();
    let mut flight = Vec::new();
    connection.write_tls(&mut flight).unwrap();
    flight
}

/// A ClientHello as one record for each `size` octets of it.
fn in_records_of(hello: &[u8], size: usize) -> Vec<u8> {
    let (header, message) = hello.split_at(5);
    message
        .chunks(size)
        .flat_map(|part| [&header[..3], &u16::try_from(part.len()).unwrap().to_be_bytes(), part].concat())
        .collect()
}

#[tokio::test]
async fn a_hello_in_pieces_is_a_hello() {
    let (_folder, identities) = identities();
    let hello = client_hello("mx05.et.example.org");
    for (record, segment) in [(1, 65_536), (1, 1), (65_536, 1), (3, 7)] {
        let (mut ours, theirs) = duplex(segment);
        let bytes = in_records_of(&hello, record);
        let client = async {
            ours.write_all(&bytes).await.unwrap();
            let mut content = [0];
            ours.read_exact(&mut content).await.unwrap();
            assert_eq!(content[0], 22, "a ServerHello comes back");
        };
        let choose = |hello: &ClientHello| identities.choose(hello.sni.as_deref(), LOCAL, Phase::A).config;
        let serve = accept(theirs, TIMEOUT_S, choose);
        tokio::select! {
            () = client => {}
            served = serve => panic!("{record}/{segment}: {:?}", served.outcome),
        }
    }
    let mut persona = None;
    let (mut ours, theirs) = duplex(65_536);
    ours.write_all(&in_records_of(&hello, 1)).await.unwrap();
    drop(ours);
    let served = accept(theirs, TIMEOUT_S, |hello| {
        let choice = identities.choose(hello.sni.as_deref(), LOCAL, Phase::A);
        persona = choice.persona;
        choice.config
    })
    .await;
    assert_eq!(persona, Some("mx05.et".into()));
    let hello = served.hello.unwrap();
    assert_eq!(hello.versions, [TlsVersion::TLS13, TlsVersion::TLS12]);
    assert_eq!(hello.groups[0], 0x11ec, "X25519MLKEM768 comes first");
}

/// Serves one handshake on TCP to `peer`, which is given the port, and what its stream ended with.
async fn against<F: Future>(
    identities: &Identities,
    peer: impl FnOnce(u16) -> F,
) -> (Accepted<TcpStream>, Option<End>, F::Output) {
    let listener = TcpListener::bind((LOCAL, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let serve = async {
        let (stream, _) = listener.accept().await.unwrap();
        let choose = |hello: &ClientHello| identities.choose(hello.sni.as_deref(), LOCAL, Phase::A).config;
        let mut served = accept(stream, TIMEOUT_S, choose).await;
        let end = match &mut served.outcome {
            Ok((_, stream)) => {
                let mut heard = [0; 512];
                loop {
                    let read = stream.read(&mut heard).await;
                    if let Some(end) = end_of(&read) {
                        break Some(end);
                    }
                }
            }
            Err(_) => None,
        };
        (served, end)
    };
    let ((served, end), output) = tokio::join!(serve, peer(port));
    (served, end, output)
}

async fn tcp(port: u16) -> TcpStream {
    TcpStream::connect((LOCAL, port)).await.unwrap()
}

#[tokio::test]
async fn who_ended_it_and_whether_a_certificate_was_out() {
    let (_folder, identities) = identities();
    let failed = |served: &Accepted<TcpStream>| match served.handshake() {
        Handshake::Failed(failure) => failure,
        Handshake::Completed(_) => panic!("completed"),
    };
    // The sender goes before it said anything.
    let (served, ..) = against(&identities, |port| async move { drop(tcp(port).await) }).await;
    let failure = failed(&served);
    assert_eq!((failure.by, failure.certificate_sent, served.hello.is_none()), (Party::Sender, false, true));
    // It speaks SMTP where TLS was to come.
    let (served, ..) = against(&identities, |port| async move {
        let mut stream = tcp(port).await;
        stream.write_all(b"EHLO sender.example\r\n").await.unwrap();
        stream.read_to_end(&mut Vec::new()).await.ok();
    })
    .await;
    let failure = failed(&served);
    assert_eq!((failure.by, failure.certificate_sent, failure.our_limit), (Party::Us, false, false));
    // It goes once our flight is there, without an alert, as node does.
    let (served, ..) = against(&identities, |port| async move {
        let mut stream = tcp(port).await;
        stream.write_all(&client_hello("mx03.et.example.org")).await.unwrap();
        let mut flight = [0; 1024];
        stream.read_exact(&mut flight).await.unwrap();
    })
    .await;
    let failure = failed(&served);
    assert_eq!((failure.by, failure.certificate_sent, failure.alert), (Party::Sender, true, None));
    assert_eq!(served.hello.unwrap().sni.as_deref(), Some("mx03.et.example.org"));
}

#[tokio::test]
async fn a_silent_sender_runs_into_the_timeout() {
    let (_folder, identities) = identities();
    let (mut ours, theirs) = duplex(65_536);
    ours.write_all(&client_hello("mx03.et.example.org")).await.unwrap();
    let choose = |hello: &ClientHello| identities.choose(hello.sni.as_deref(), LOCAL, Phase::A).config;
    let served = accept(theirs, 1, choose).await;
    let Handshake::Failed(failure) = served.handshake() else { panic!("completed") };
    assert_eq!((failure.by, failure.certificate_sent), (Party::Timeout, true));
    assert!(served.hello.is_some());
    drop(ours);
}

/// A rustls client that judges the certificate in the handshake, as a library's user would.
async fn strict_client(port: u16, versions: &[&'static rustls::SupportedProtocolVersion]) -> io::Result<()> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)
        .unwrap()
        .with_root_certificates(rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() })
        .with_no_client_auth();
    let name = ServerName::try_from("mx06.et.example.org").unwrap();
    let stream = tcp(port).await;
    tokio_rustls::TlsConnector::from(Arc::new(config)).connect(name, stream).await.map(drop)
}

#[tokio::test]
async fn alerts_come_with_their_code_and_after_the_certificate() {
    let (_folder, identities) = identities();
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        let (served, end, connected) =
            against(&identities, |port| async move { strict_client(port, &[version]).await }).await;
        assert!(connected.is_err());
        let (alert, certificate_sent) = match (served.handshake(), end) {
            (Handshake::Failed(failure), _) => (failure.alert.unwrap(), failure.certificate_sent),
            (Handshake::Completed(_), Some(End::Alert(alert))) => (alert, true),
            (_, end) => panic!("{end:?}"),
        };
        assert_eq!((alert.0, certificate_sent), (48, true), "{version:?}: unknown_ca");
        assert!(alert.is_about_the_certificate());
    }
}

#[tokio::test]
async fn nothing_is_resumed_and_both_ends_of_a_stream_differ() {
    let (_folder, identities) = identities();
    for (orderly, expected) in [(true, End::CloseNotify), (false, End::Bare)] {
        let (served, end, ()) = against(&identities, |port| async move {
            let stream = tcp(port).await;
            let connected = client::connect(stream, "mx06.et.example.org", true, TIMEOUT_S).await.unwrap();
            let mut stream = connected.stream;
            if orderly {
                stream.shutdown().await.unwrap();
            }
            assert_eq!(stream.get_ref().1.tls13_tickets_received(), 0);
        })
        .await;
        let Handshake::Completed(negotiated) = served.handshake() else { panic!("failed") };
        assert_eq!(negotiated.version, TlsVersion::TLS13);
        assert_eq!(negotiated.group.as_deref(), Some("X25519MLKEM768"));
        assert_eq!(negotiated.cipher_suite, "TLS_AES_256_GCM_SHA384");
        assert_eq!(end, Some(expected));
    }
}

/// Whether a program is there. Where peers are required its absence is a failure.
fn installed(program: &str) -> bool {
    let found = std::process::Command::new(program)
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .stdin(Stdio::null())
        .status()
        .is_ok();
    assert!(found || std::env::var_os("MAILASSAY_REQUIRE_PEERS").is_none(), "{program} is not installed");
    if !found {
        eprintln!("skipped: {program} is not installed");
    }
    found
}

async fn run(program: &str, arguments: &[String]) -> std::process::Output {
    let mut command = std::process::Command::new(program);
    command.args(arguments).stdin(Stdio::null());
    tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
}

#[tokio::test]
async fn openssl_is_understood() {
    if !installed("openssl") {
        return;
    }
    let (folder, identities) = identities();
    let root = folder.path().join("ca-root.pem").display().to_string();
    let s_client = |extra: &[&str]| {
        let extra: Vec<_> = extra.iter().map(|&text| text.to_owned()).collect();
        let root = root.clone();
        move |port: u16| async move {
            let connect = format!("127.0.0.1:{port}");
            let fixed = ["s_client", "-connect", &connect, "-CAfile", &root, "-verify_return_error"];
            let arguments: Vec<_> = fixed.iter().map(|&text| text.to_owned()).chain(extra).collect();
            run("openssl", &arguments).await
        }
    };
    let name = ["-servername", "mx06.et.example.org", "-verify_hostname", "mx06.et.example.org"];
    let (served, _, output) = against(&identities, s_client(&name)).await;
    assert!(matches!(served.handshake(), Handshake::Completed(_)), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stdout).contains("Verify return code: 0 (ok)"), "{output:?}");

    for version in ["-tls1_2", "-tls1_3"] {
        let refused = ["-servername", "mx03.et.example.org", version];
        let (served, end, _) = against(&identities, s_client(&refused)).await;
        let alert = match served.handshake() {
            Handshake::Failed(failure) => {
                assert!(failure.certificate_sent);
                failure.alert
            }
            Handshake::Completed(_) => match end {
                Some(End::Alert(alert)) => Some(alert),
                _ => None,
            },
        };
        assert!(alert.unwrap().is_about_the_certificate(), "{version}");
    }

    // TLS 1.1 alone: rustls fails before it shows a hello; ours is read from the wire.
    let old = ["-tls1_1", "-cipher", "ALL:@SECLEVEL=0", "-servername", "mx04.et.example.org"];
    let (served, ..) = against(&identities, s_client(&old)).await;
    let Handshake::Failed(failure) = served.handshake() else { panic!("completed") };
    assert_eq!((failure.our_limit, failure.certificate_sent, failure.by), (true, false, Party::Us));
    let hello = served.hello.unwrap();
    assert_eq!(hello.sni.as_deref(), Some("mx04.et.example.org"));
    assert_eq!(hello.versions, [TlsVersion(0x0302)]);

    let rsa = ["-tls1_2", "-cipher", "AES128-GCM-SHA256"];
    let (served, ..) = against(&identities, s_client(&rsa)).await;
    let Handshake::Failed(failure) = served.handshake() else { panic!("completed") };
    assert!(failure.our_limit && !failure.certificate_sent, "{failure:?}");
}

#[tokio::test]
async fn gnutls_is_understood() {
    if !installed("gnutls-cli") {
        return;
    }
    let (folder, identities) = identities();
    let root = folder.path().join("ca-root.pem").display().to_string();
    let gnutls = |host: &str| {
        let fixed = [format!("--x509cafile={root}"), format!("--sni-hostname={host}")];
        let verify = format!("--verify-hostname={host}");
        move |port: u16| async move {
            let arguments =
                fixed.into_iter().chain([verify, format!("--port={port}"), "127.0.0.1".to_owned()]);
            run("gnutls-cli", &arguments.collect::<Vec<_>>()).await
        }
    };
    let (served, end, output) = against(&identities, gnutls("mx06.et.example.org")).await;
    assert!(matches!(served.handshake(), Handshake::Completed(_)), "{output:?}");
    assert!(!matches!(end, Some(End::Alert(_))), "{output:?}");
    let (served, end, output) = against(&identities, gnutls("mx03.et.example.org")).await;
    let alert = match served.handshake() {
        Handshake::Failed(failure) => failure.alert,
        Handshake::Completed(_) => match end {
            Some(End::Alert(alert)) => Some(alert),
            _ => None,
        },
    };
    assert_eq!(alert.map(|alert| alert.0), Some(42), "{output:?}");
}
