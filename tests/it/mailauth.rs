//! Mail authentication against messages that dkimpy signed, with a DNS server of the test's own.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use hickory_proto::op::{Message, ResponseCode};
use hickory_proto::rr::rdata::{A, TXT};
use hickory_proto::rr::{Name, RData, Record, RecordType};
use mailassay::shared::evidence::{Authentication, Result8601};
use mailassay::shared::mailauth::{Authenticator, DkimKey, Envelope, Settings};
use tokio::net::UdpSocket;
use tokio::task::JoinHandle;

/// A DNS server on loopback: TXT and A records as given, silence for the names that are to be silent, NXDOMAIN for
/// all others.
pub(crate) struct FakeDns {
    pub(crate) address: SocketAddr,
    task: JoinHandle<()>,
}

/// The text that makes a name silent.
pub(crate) const SILENT: &str = "(silent)";

impl FakeDns {
    pub(crate) async fn start(records: &[(&str, &str)]) -> Self {
        let lower = |(name, text): &(&str, &str)| (name.to_ascii_lowercase(), (*text).to_owned());
        let records: Arc<BTreeMap<String, String>> = Arc::new(records.iter().map(lower).collect());
        let socket = UdpSocket::bind("127.0.0.1:0").await.expect("a port");
        let address = socket.local_addr().expect("bound");
        let task = tokio::spawn(async move {
            let mut buffer = [0; 4096];
            while let Ok((length, peer)) = socket.recv_from(&mut buffer).await {
                let query = Message::from_vec(&buffer[..length]).expect("a query");
                if let Some(answer) = answer(&records, query) {
                    socket.send_to(&answer, peer).await.expect("sent");
                }
            }
        });
        Self { address, task }
    }

    pub(crate) fn settings(&self) -> Settings {
        Settings { servers: vec![self.address], ..Settings::default() }
    }

    pub(crate) fn authenticator(&self) -> Authenticator {
        Authenticator::new(self.settings()).expect("a resolver")
    }
}

impl Drop for FakeDns {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn answer(records: &BTreeMap<String, String>, query: Message) -> Option<Vec<u8>> {
    let question = query.queries.first().cloned().expect("a question");
    let name: Name = question.name().clone();
    let text = records.get(name.to_string().to_ascii_lowercase().trim_end_matches('.'));
    let mut response = query.into_response();
    response.edns = None;
    match text.map(String::as_str) {
        None => response.metadata.response_code = ResponseCode::NXDomain,
        Some(SILENT) => return None,
        Some(text) => {
            let rdata = match (question.query_type(), text.parse()) {
                (RecordType::A, Ok(address)) => Some(RData::A(A(address))),
                (RecordType::TXT, Err(_)) => {
                    let strings =
                        text.as_bytes().chunks(255).map(|part| String::from_utf8_lossy(part).into());
                    Some(RData::TXT(TXT::new(strings.collect())))
                }
                _ => None,
            };
            response.add_answers(rdata.map(|rdata| Record::from_rdata(name, 60, rdata)));
        }
    }
    Some(response.to_vec().expect("encodes"))
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/mailauth")
}

fn table(name: &str) -> Vec<Vec<String>> {
    let text = std::fs::read_to_string(folder().join(name)).expect(name);
    text.lines().map(|line| line.split('\t').map(str::to_owned).collect()).collect()
}

fn message(name: &str) -> Vec<u8> {
    std::fs::read(folder().join(name).with_extension("eml")).expect(name)
}

async fn dns_of_folder(more: &[(&str, &str)]) -> FakeDns {
    let keys = table("dns.tsv");
    let keys: Vec<_> = keys.iter().map(|row| (row[0].as_str(), row[1].as_str())).collect();
    FakeDns::start(&[&keys, more].concat()).await
}

fn envelope(reverse_path: Option<&str>) -> Envelope<'_> {
    let source = "192.0.2.25".parse().expect("an address");
    Envelope { source, ehlo: "mail.example.net", host: "mx.example.org", reverse_path }
}

fn dkim_of(authentication: &Authentication) -> String {
    let results: Vec<_> = authentication.dkim.iter().map(|outcome| outcome.result.to_string()).collect();
    if results.is_empty() { "none".to_owned() } else { results.join(",") }
}

#[tokio::test]
async fn agrees_with_dkimpy() {
    let dns = dns_of_folder(&[]).await;
    let authenticator = dns.authenticator();
    let mut wrong = Vec::new();
    let rows = table("expected.tsv");
    assert!(rows.len() > 40);
    for row in rows {
        let found = authenticator.verify(&message(&row[0]), envelope(Some("jane@example.net"))).await;
        let seen = [row[0].clone(), dkim_of(&found), found.arc.result.to_string()];
        if seen[..] != row[..] {
            wrong.push((row, seen, found.dkim));
        }
    }
    assert!(wrong.is_empty(), "expected, seen: {wrong:#?}");
}

#[tokio::test]
async fn names_what_it_verified() {
    let dns = dns_of_folder(&[("example.net", "v=spf1 ip4:192.0.2.0/24 -all")]).await;
    let found =
        dns.authenticator().verify(&message("two-signatures"), envelope(Some("jane@Example.NET"))).await;
    let named: Vec<_> = found
        .dkim
        .iter()
        .map(|outcome| (outcome.domain.as_str(), outcome.selector.as_str(), outcome.algorithm.as_str()))
        .collect();
    assert_eq!(named, [("example.net", "rsa", "rsa-sha256"), ("example.net", "ed", "ed25519-sha256")]);
    assert_eq!((found.spf.result, found.spf.domain.as_str()), (Result8601::Pass, "example.net"));
}

#[tokio::test]
async fn who_is_vouched_for() {
    let pass = ("example.net", "v=spf1 ip4:192.0.2.25 -all");
    let fail = ("example.net", "v=spf1 -all");
    let jane = Some("jane@example.net");
    for (records, mail, path, spf, vouched) in [
        (vec![pass], "unsigned", jane, Result8601::Pass, true),
        (vec![fail], "unsigned", jane, Result8601::Fail, false),
        (vec![("example.net", "v=spf1 ~all")], "unsigned", jane, Result8601::SoftFail, false),
        (vec![("example.net", "v=spf1 ?all")], "unsigned", jane, Result8601::Neutral, false),
        (
            vec![("example.net", "v=spf1 include:nowhere.example -all")],
            "unsigned",
            jane,
            Result8601::PermError,
            false,
        ),
        (
            vec![("example.net", "v=spf1 a:mail.example.net -all"), ("mail.example.net", "192.0.2.25")],
            "unsigned",
            jane,
            Result8601::Pass,
            true,
        ),
        (vec![], "unsigned", jane, Result8601::None, false),
        (vec![fail], "rsa-relaxed-relaxed", jane, Result8601::Fail, true),
        (vec![fail], "subdomain", jane, Result8601::Fail, true),
        (vec![fail], "third-party", jane, Result8601::Fail, false),
        (vec![fail], "body-changed", jane, Result8601::Fail, false),
        (vec![fail], "body-length", jane, Result8601::Fail, false),
        (vec![], "rsa-relaxed-relaxed", Some("victim@example.com"), Result8601::None, false),
        (
            vec![("mail.example.net", "v=spf1 ip4:192.0.2.25 -all")],
            "rsa-relaxed-relaxed",
            None,
            Result8601::Pass,
            false,
        ),
    ] {
        let dns = dns_of_folder(&records).await;
        let found = dns.authenticator().verify(&message(mail), envelope(path)).await;
        assert_eq!((found.spf.result, found.vouched), (spf, vouched), "{records:?} {mail} {path:?}");
    }
}

#[tokio::test]
async fn dmarc_in_words_of_rfc_8601() {
    let reject = ("_dmarc.example.net", "v=DMARC1; p=reject");
    for (records, mail, result, policy) in [
        (vec![reject], "rsa-relaxed-relaxed", Result8601::Pass, Some("reject")),
        (vec![reject], "unsigned", Result8601::Fail, Some("reject")),
        (
            vec![reject, ("example.net", "v=spf1 ip4:192.0.2.25 -all")],
            "unsigned",
            Result8601::Pass,
            Some("reject"),
        ),
        (vec![reject], "third-party", Result8601::Fail, Some("reject")),
        (vec![("_dmarc.example.net", "v=DMARC1; p=none")], "unsigned", Result8601::Fail, Some("none")),
        (vec![], "rsa-relaxed-relaxed", Result8601::None, None),
    ] {
        let dns = dns_of_folder(&records).await;
        let dmarc =
            dns.authenticator().verify(&message(mail), envelope(Some("jane@example.net"))).await.dmarc;
        assert_eq!((dmarc.result, dmarc.policy.as_deref()), (result, policy), "{records:?} {mail}");
        assert_eq!(dmarc.domain, "example.net");
    }
}

#[tokio::test]
async fn what_is_not_known_in_time_is_a_temperror() {
    let dns = FakeDns::start(&[
        ("rsa._domainkey.example.net", SILENT),
        ("example.net", SILENT),
        ("_dmarc.example.net", SILENT),
    ])
    .await;
    let settings = Settings { timeout_s: 1, ..dns.settings() };
    let authenticator = Authenticator::new(settings).expect("a resolver");
    let message = message("rsa-relaxed-relaxed");
    let verify = authenticator.verify(&message, envelope(Some("jane@example.net")));
    let limit = std::time::Duration::from_secs(5);
    let found = tokio::time::timeout(limit, verify).await.expect("ends soon after its limit");
    assert_eq!(found.spf.result, Result8601::TempError);
    assert_eq!(dkim_of(&found), "temperror");
    assert_eq!(found.dmarc.result, Result8601::TempError);
    assert!(!found.vouched);
}

#[tokio::test]
async fn our_signature_verifies_and_the_key_stays() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("dkim.pem");
    let key = DkimKey::open(&path, "example.org", "m1").expect("made");
    let again = DkimKey::open(&path, "example.org", "m1").expect("read");
    assert_eq!(key.dkim_txt(), again.dkim_txt());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&path).expect("is there").permissions().mode() & 0o777, 0o600);
    }
    let mail = b"From: test@example.org\r\nTo: jane@example.net\r\nSubject: Your verdict\r\n\
        Auto-Submitted: auto-replied\r\n\r\nHello,\r\n\r\nall is well.\r\n";
    let mut signed = key.sign(mail).expect("signed").into_bytes();
    assert!(signed.ends_with(b"\r\n"));
    signed.extend_from_slice(mail);
    let txt = key.dkim_txt();
    let dns = FakeDns::start(&[("m1._domainkey.example.org", &txt)]).await;
    let found = dns.authenticator().verify(&signed, envelope(Some("test@example.org"))).await;
    assert_eq!((dkim_of(&found).as_str(), found.vouched), ("pass", true), "{found:?}");

    std::fs::write(&path, "no key").expect("written");
    let error = DkimKey::open(&path, "example.org", "m1").expect_err("refused").to_string();
    assert!(error.contains("dkim.pem"), "{error}");
}

/// What mail-auth does with `h=` grows with its square: how much, the sender decides.
#[tokio::test]
async fn a_signature_over_very_many_fields_is_not_verified() {
    let dns = dns_of_folder(&[]).await;
    let fields = |count: usize| (0..count).map(|n| format!(":x{n}")).collect::<String>();
    for (count, reason) in [(255, None), (256, Some("it signs more header fields than we look at"))] {
        let mail = format!(
            "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.net; s=rsa; bh=AAAA; b=AAAA;\r\n \
             h=from{}\r\nFrom: a@example.net\r\n\r\nx\r\n",
            fields(count)
        );
        let found = dns.authenticator().verify(mail.as_bytes(), envelope(Some("a@example.net"))).await;
        let [one] = &found.dkim[..] else { panic!("{found:?}") };
        let told = one.reason.as_deref().filter(|told| told.starts_with("it signs"));
        assert_eq!((told, one.domain.as_str()), (reason, "example.net"), "{found:?}");
        assert!(!found.vouched);
    }
    let arc = format!(
        "ARC-Seal: i=1; a=rsa-sha256; t=1; cv=none; d=example.net; s=rsa; b=AAAA\r\n\
         ARC-Message-Signature: i=1; a=rsa-sha256; c=relaxed/relaxed; d=example.net; s=rsa; bh=AAAA; b=AAAA;\r\n \
         h=from{}\r\nARC-Authentication-Results: i=1; example.net; none\r\nFrom: a@example.net\r\n\r\nx\r\n",
        fields(256)
    );
    let found = dns.authenticator().verify(arc.as_bytes(), envelope(Some("a@example.net"))).await;
    assert_eq!((found.arc.result.to_string().as_str(), found.arc.sets), ("temperror", 1), "{found:?}");
}

#[tokio::test]
async fn hostile_messages_end_soon() {
    let dns = dns_of_folder(&[]).await;
    let authenticator = dns.authenticator();
    let signature = "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.net; s=rsa; h=from; bh=AAAA; b=AAAA; l=";
    let mut many: Vec<u8> = (1..2_000).flat_map(|n| format!("{signature}{n}\r\n").into_bytes()).collect();
    many.extend_from_slice(b"From: a@example.net\r\n\r\n");
    many.extend(std::iter::repeat_n(b"x\r\n", 300_000).flatten());
    for hostile in [Vec::new(), b"\r\n\r\n".to_vec(), vec![0xff; 100_000], b"From:\r\n".repeat(50_000), many]
    {
        let found = authenticator.verify(&hostile, envelope(Some("a@example.net"))).await;
        assert!(found.dkim.len() <= 8 && !found.vouched);
    }
}
