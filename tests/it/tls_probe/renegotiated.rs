//! The mini TLS 1.2 client, against OpenSSL.

use mailassay::receiving::probe::{Renegotiation, renegotiate, renegotiating_hello};
use mailassay::shared::evidence::Alert;
use mailassay::shared::evidence::scan::{Answer, Hello, Refusal, Renegotiated};

use super::openssl::Server;
use super::{SNI, codes, limits, randomness};

async fn ask(server: &Server, hello: &Hello, tries: u8) -> Answer {
    let question = Renegotiation { hello, tries, inject: false, helo: "probe.example" };
    renegotiate(server.connect().await, question, SNI, &randomness(), &limits()).await.0
}

#[track_caller]
fn renegotiated(answer: Answer) -> Renegotiated {
    match answer {
        Answer::Renegotiated(renegotiated) => renegotiated,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn every_suite_and_group_that_we_speak_works() {
    let Some(server) = Server::start(&["-client_renegotiation", "-tls1_2"]) else { return };
    for suite in renegotiating_hello().suites.0 {
        for group in ["001d", "0017", "0018"] {
            let hello = Hello {
                suites: codes(&format!("{suite:04x}")),
                // The server's ECDSA key is on P-256, which it takes for refused where it is not offered.
                groups: codes(&format!("{group} 0017")),
                ..renegotiating_hello()
            };
            let seen = renegotiated(ask(&server, &hello, 2).await);
            assert_eq!((seen.flight.suite, seen.accepted, seen.refused), (suite, 2, None), "{group}");
            assert_eq!(seen.flight.group, u16::from_str_radix(group, 16).ok());
            assert!(seen.flight.extensions.contains(23), "extended_master_secret");
        }
    }
}

#[tokio::test]
async fn eleven_renegotiations_are_counted_and_a_refusal_is_told() {
    for (arguments, accepted, refused) in [
        (&["-client_renegotiation", "-tls1_2"][..], 11, None),
        // TLS 1.3 is above us; the session is of TLS 1.2 nevertheless.
        (&["-client_renegotiation"], 11, None),
        (&["-tls1_2"], 0, Some(Refusal::Alert { alert: Alert(100) })),
        (&["-tls1_2", "-no_renegotiation"], 0, Some(Refusal::Alert { alert: Alert(100) })),
        // A client certificate that is wished for, and not had.
        (&["-client_renegotiation", "-tls1_2", "-verify", "1"], 11, None),
    ] {
        let Some(server) = Server::start(arguments) else { return };
        let seen = renegotiated(ask(&server, &renegotiating_hello(), 11).await);
        assert_eq!((seen.accepted, seen.refused), (accepted, refused), "{arguments:?}");
        assert_eq!(seen.injected, None);
        assert_eq!(seen.flight.chain.len(), 1);
    }
}

#[tokio::test]
async fn without_extended_master_secret_it_works_as_well() {
    let configuration = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(
        configuration.path(),
        "openssl_conf = a\n[a]\nssl_conf = b\n[b]\nsystem_default = c\n[c]\nOptions = -ExtendedMasterSecret\n",
    )
    .unwrap();
    let Some(server) = Server::start_with(&["-client_renegotiation", "-tls1_2"], Some(configuration.path()))
    else {
        return;
    };
    let seen = renegotiated(ask(&server, &renegotiating_hello(), 1).await);
    assert!(!seen.flight.extensions.contains(23), "{:?}", seen.flight);
    assert_eq!((seen.accepted, seen.refused), (1, None));
}

#[tokio::test]
async fn what_we_do_not_speak_is_our_limit() {
    for arguments in [
        &["-tls1_3"][..],
        &["-tls1_2", "-cipher", "AES128-SHA"],
        &["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"],
        &["-tls1_2", "-Verify", "1", "-verify_return_error"],
    ] {
        let Some(server) = Server::start(arguments) else { return };
        let answer = ask(&server, &renegotiating_hello(), 1).await;
        assert!(matches!(answer, Answer::OurLimit { .. }), "{arguments:?}: {answer:?}");
    }
    let Some(server) = Server::start(&["-tls1_2"]) else { return };
    let answer = ask(&server, &Hello { suites: codes("0035"), ..renegotiating_hello() }, 1).await;
    assert!(matches!(answer, Answer::OurLimit { .. }), "{answer:?}");
}
