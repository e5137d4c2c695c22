//! TLS reports by POST.

use std::io::Write;
use std::pin::Pin;

use flate2::Compression;
use flate2::write::GzEncoder;
use mailassay::sending::history::{Fact, NotRecorded, Recorder};
use mailassay::sending::web::{ReportHost, ReportReader};

use super::*;

#[derive(Default)]
struct Kept(Mutex<Vec<Fact>>);

impl Recorder for Kept {
    fn note(&self, _: Timestamp, fact: Fact) {
        self.0.lock().push(fact);
    }

    fn commit(
        &self,
        at: Timestamp,
        fact: Fact,
    ) -> Pin<Box<dyn Future<Output = Result<Seq, NotRecorded>> + Send + '_>> {
        self.note(at, fact);
        Box::pin(async { Ok(Seq(1)) })
    }
}

async fn post(address: SocketAddr, media_type: &str, body: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head = format!(
        "POST /tls-reports HTTP/1.1\r\nHost: test.example.org\r\nOrigin: https://elsewhere.example\r\n\
         Content-Type: {media_type}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    // One that is too long is answered before it is whole, and then the link may be cut.
    let _cut = stream.write_all(body).await;
    let mut answer = Vec::new();
    let _cut = stream.read_to_end(&mut answer).await;
    String::from_utf8(answer).unwrap()
}

#[tokio::test]
async fn reports_come_packed_and_plain_and_nothing_else_is_taken() {
    let kept = Arc::new(Kept::default());
    let host = ReportHost::new(ReportReader::new("example.org"), kept.clone(), Arc::new(now));
    let known = known(finished(), None, None);
    let parts = parts(&known, Settings::default()).await;
    let (address, _stop) = serve(Parts { reports: Some(Arc::new(host)), ..parts }).await;
    let report = include_str!("../../tls_reports/google.json").replace("test.example", "example.org");
    let mut packer = GzEncoder::new(Vec::new(), Compression::default());
    packer.write_all(report.as_bytes()).unwrap();
    let packed = packer.finish().unwrap();
    for (media_type, body) in
        [("application/tlsrpt+json", report.as_bytes()), ("application/tlsrpt+gzip", &packed)]
    {
        let answer = post(address, media_type, body).await;
        assert!(answer.starts_with("HTTP/1.1 201 "), "{answer}");
    }
    assert_eq!(kept.0.lock().len(), 2);
    for (body, status) in [(&b"{}"[..], "400"), (b"\x1f\x8b", "400"), (&[b' '; 1_048_577], "413")] {
        let answer = post(address, "application/tlsrpt+json", body).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{answer}");
    }
    assert_eq!(kept.0.lock().len(), 2);
}

#[tokio::test]
async fn a_site_that_takes_none_has_no_such_address() {
    let (_known, address, _stop) = site_with(finished(), Settings::default()).await;
    let answer = post(address, "application/tlsrpt+json", b"{}").await;
    assert!(answer.starts_with("HTTP/1.1 404 "), "{answer}");
}
