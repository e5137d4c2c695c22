//! Certificates of our own that end soon: noticed before they have ended, and not shown when others have taken their place.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Stdio};

use mailassay::sending::identities::{CertificateFile, Identities, Settings, Source};
use mailassay::sending::persona::{Addresses, CatalogueFiles, PersonaId};
use mailassay::shared::time::Timestamp;
use mailassay::shared::tls::client::{Roots, webpki};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use super::commands::{Serving, local, run};

const DAY_S: i64 = 86_400;

/// Writes a certificate for `names` that lives from `begins` to `ends`, with its key.
pub(super) fn certificate(
    folder: &Path,
    names: &[String],
    begins: Timestamp,
    ends: Timestamp,
) -> CertificateFile {
    let at = |at: Timestamp| time::OffsetDateTime::from_unix_timestamp(at.as_second()).unwrap();
    let mut params = rcgen::CertificateParams::new(names.to_vec()).unwrap();
    (params.not_before, params.not_after) = (at(begins), at(ends));
    let key = rcgen::KeyPair::generate().unwrap();
    let (chain, path) = (folder.join("chain.pem"), folder.join("key.pem"));
    fs::write(&chain, params.self_signed(&key).unwrap().pem()).unwrap();
    mailassay::shared::keyfile::write(&path, key.serialize_pem().as_bytes()).unwrap();
    CertificateFile { chain, key: path }
}

/// All names that need a certificate of a public CA below `origin`.
pub(super) fn names(origin: &str) -> Vec<String> {
    let catalogue = CatalogueFiles::embedded().catalogue(origin).unwrap();
    let hosts = catalogue.suite_host_names().into_iter();
    hosts.chain([format!("mx.{origin}"), format!("mta-sts.et.{origin}")]).collect()
}

fn at(days: i64) -> Timestamp {
    let now: Timestamp = "2026-11-21T12:00:00Z".parse().unwrap();
    Timestamp::from_second(now.as_second() + days * DAY_S).unwrap()
}

fn opened(folder: &Path, source: Source) -> Identities {
    let settings = Settings { folder: folder.join("own"), source, ..Settings::default() };
    let catalogue = CatalogueFiles::embedded().catalogue("example.org").unwrap();
    Identities::open(settings, catalogue, Addresses::default(), at(0)).unwrap()
}

#[test]
fn a_certificate_is_warned_of_before_its_end_and_once() {
    for (lives, warned_from) in [(90, 60), (45, 30), (6, 4), (398, 368)] {
        let folder = tempfile::tempdir().unwrap();
        let file = certificate(folder.path(), &names("example.org"), at(0), at(lives));
        let identities = opened(folder.path(), Source::Files(vec![file]));
        assert_eq!(identities.ending_soon(at(warned_from)), [], "of {lives} days");
        let warned = identities.ending_soon(at(warned_from + 1));
        assert_eq!(warned.len(), 1, "all hosts have the same: {warned:?}");
        assert_eq!(warned[0].1, at(lives));
    }
    // Those of the private CA are made anew in time.
    let folder = tempfile::tempdir().unwrap();
    let private = opened(folder.path(), Source::PrivateCa);
    assert_eq!(private.ending_soon(at(61)).len(), 1);
    assert!(private.renew(at(61)).unwrap());
    assert_eq!(private.ending_soon(at(61)), []);
}

#[test]
fn files_are_read_again_and_shown_only_if_they_are_others() {
    let folder = tempfile::tempdir().unwrap();
    let (names, mx) = (names("example.org"), PersonaId::from("mx06.et"));
    let file = certificate(folder.path(), &names, at(0), at(90));
    let identities = opened(folder.path(), Source::Files(vec![file]));
    let before = identities.tlsa(&mx);
    assert!(!identities.renew(at(1)).unwrap(), "the files are what they were");
    certificate(folder.path(), &names, at(1), at(91));
    assert!(identities.renew(at(1)).unwrap());
    assert_ne!(identities.tlsa(&mx), before, "another key came with them");
    fs::write(folder.path().join("chain.pem"), "no certificate").unwrap();
    assert!(identities.renew(at(2)).is_err());
    assert_eq!(identities.ending_soon(at(70))[0].1, at(91), "the last good one is shown");
}

#[test]
fn an_end_is_told_in_words() {
    let folder = tempfile::tempdir().unwrap();
    let file = certificate(folder.path(), &names("example.org"), at(0), at(90));
    let pem = fs::read(&file.chain).unwrap();
    let chain = [CertificateDer::from_pem_slice(&pem).unwrap()];
    let roots = Roots::from_pem(&pem).unwrap();
    let said = |now| webpki(&chain, "ut.example.org", &roots, now).unwrap_err().to_string();
    assert!(!said(at(91)).contains("UnixTime"), "{}", said(at(91)));
}

/// In the check, in the log and at `/health`, while all is still green.
#[test]
fn the_operator_hears_of_it_everywhere() {
    let folder = tempfile::tempdir().unwrap();
    let config = local(folder.path());
    let now = Timestamp::now();
    let day = |days: i64| Timestamp::from_second(now.as_second() + days * DAY_S + 3_600).unwrap();
    certificate(folder.path(), &names("test.localhost"), day(-87), day(3));
    let text = fs::read_to_string(&config).unwrap();
    let files = "source = \"files\"\nfiles = [{ chain = \"chain.pem\", key = \"key.pem\" }]\n";
    let text = text.replace("[tls]\n", &format!("[tls]\n{files}"));
    let text = text.replace("certs/ca-root.pem", "chain.pem");
    fs::write(&config, text).unwrap();

    let mut command = Command::new(env!("CARGO_BIN_EXE_mailassay"));
    command.args(["serve", "--config"]).arg(&config).env_remove("RUST_LOG").stderr(Stdio::piped());
    let mut serving = Serving(command.spawn().unwrap());
    let log = BufReader::new(serving.0.stderr.take().unwrap()).lines();
    let mut log = log.map(Result::unwrap);
    let heard = log.by_ref().find(|line| line.contains("self-check: the certificate ")).unwrap();
    assert!(heard.contains("WARN") && heard.contains(" ends in 3 days ("), "{heard}");

    let site = mailassay::program::config::load(&config).unwrap().listen.site[0];
    let mut link = TcpStream::connect(site).unwrap();
    link.write_all(b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").unwrap();
    let mut health = String::new();
    link.read_to_string(&mut health).unwrap();
    assert!(
        health.contains("\"warnings\":[\"the certificate for ") && health.contains(" ends in 3 days ("),
        "{health}"
    );
    let (_, output, _) = run(&["config", "check"], Some(&config));
    assert!(output.contains("! the certificate for ") && output.contains(" ends in 3 days ("), "{output}");
}
