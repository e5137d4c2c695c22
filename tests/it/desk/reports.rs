//! TLS reports by mail: what can be read is on disk and no mail of the operator's; none of them starts a trial.

use mailassay::sending::history::{Observation, ReportCame, ReportReading, ReportReceived};
use mailassay::shared::policy::tls_report::DefectKind;

use super::*;

/// A sample of `tests/tls_reports`, about names of the service here.
fn sample(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tls_reports").join(name);
    let text = String::from_utf8(std::fs::read(path).expect("a sample")).expect("text");
    text.replace("test.example", "example.org").into_bytes()
}

/// The reports that are in a journal.
#[derive(Default)]
struct Heard(Mutex<Vec<ReportReceived>>);

impl Subscriber for Heard {
    fn committed(&self, observation: &Observation) {
        if let Fact::ReportReceived(report) = &observation.fact {
            self.0.lock().push((**report).clone());
        }
    }
}

/// The answer to a mail for the address of reports, and what of reports is in the journal then.
async fn received(mail: Vec<u8>) -> (DotReply, Vec<ReportReceived>, usize) {
    let folder = tempfile::tempdir().expect("a folder");
    let operator = Arc::new(Operator::default());
    let service = Service::with(folder.path(), 1, operator.clone()).await;
    let recipients = Recipients::Operator(vec!["tls-reports@example.org".to_owned()]);
    let mut link = service.connect(at(0), "192.0.2.1").await;
    let transaction = link.transaction(at(1), Some("tlsrpt@example.net".to_owned()), recipients);
    let reply = service.desk.answer(at(1), transaction, mail).await;
    assert_eq!(service.trials(), [], "a report is no test");
    let heard = Heard::default();
    service.journal.reader().replay(&heard).await.expect("reads");
    let handed_on = operator.mail.lock().len();
    service.close().await;
    (reply, heard.0.into_inner(), handed_on)
}

#[tokio::test]
async fn a_report_that_can_be_read_is_noted_and_not_handed_on() {
    let (reply, reports, handed_on) = received(sample("mail-plain.eml")).await;
    assert_eq!((reply.code, handed_on), (250, 0), "{}", reply.text);
    assert!(reply.text.contains("report was read"), "{}", reply.text);
    let [ReportReceived { came, reading: ReportReading::Read { report, .. } }] = &reports[..] else {
        panic!("one report, not {reports:?}")
    };
    assert!(report.has(DefectKind::NotSigned, "DKIM-Signature"));
    assert_eq!(report.policies[0].policy_domain.as_deref(), Some("k3f9a2m7qd5w.none.example.org"));
    let ReportCame::Mail { source, from_domain, signed_by } = came else { panic!("by mail") };
    assert_eq!(
        (source.to_string().as_str(), from_domain.as_deref()),
        ("192.0.2.1", Some("reporter.example"))
    );
    assert!(signed_by.is_empty() && reports[0].vouched_by().is_none());
}

#[tokio::test]
async fn what_cannot_be_read_is_noted_and_the_operators() {
    for bad in ["mail-bomb.eml", "mail-broken-gzip.eml"] {
        let (reply, reports, handed_on) = received(sample(bad)).await;
        assert_eq!((reply.code, handed_on), (250, 1), "{bad}: {}", reply.text);
        assert!(
            matches!(&reports[..], [ReportReceived { reading: ReportReading::Unread { .. }, .. }]),
            "{bad}"
        );
    }
}

#[tokio::test]
async fn what_is_no_report_about_us_is_the_operators_alone() {
    let large = [sample("mail-plain.eml"), vec![b'\n'; 2_097_152]].concat();
    for other in
        [sample("mail-foreign.eml"), sample("mail-dmarc.eml"), b"Subject: x\r\n\r\nHi\r\n".to_vec(), large]
    {
        let (reply, reports, handed_on) = received(other).await;
        assert_eq!((reply.code, reports.len(), handed_on), (250, 0, 1), "{}", reply.text);
    }
}

/// A day has only so much room for the reports of one network.
#[tokio::test]
async fn reports_beyond_a_days_share_are_to_come_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = Service::with(folder.path(), 1, Arc::new(Operator::default())).await;
    for _ in 0..8 {
        let came = ReportCame::Https { source: [192, 0, 2, 99].into() };
        let reading = ReportReading::Unread { why: "x".repeat(1 << 20) };
        let fact = Fact::ReportReceived(Box::new(ReportReceived { came, reading }));
        service.journal.commit(at(0), fact).await.expect("noted");
    }
    for (source, code) in [("192.0.2.1", 452), ("198.51.100.1", 250)] {
        let recipients = Recipients::Operator(vec!["tls-reports@example.org".to_owned()]);
        let mut link = service.connect(at(0), source).await;
        let transaction = link.transaction(at(1), Some("tlsrpt@example.net".to_owned()), recipients);
        let reply = service.desk.answer(at(1), transaction, sample("mail-plain.eml")).await;
        assert_eq!(reply.code, code, "{source}: {}", reply.text);
    }
    service.close().await;
}

/// By mail and by POST a network has one number of reports in an hour.
#[tokio::test]
async fn a_network_that_posted_its_reports_mails_no_more() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = Service::with(folder.path(), 1, Arc::new(Operator::default())).await;
    while service.reports.admits([192, 0, 2, 9].into(), at(0)) {}
    for (source, code) in [("192.0.2.1", 452), ("198.51.100.1", 250)] {
        let recipients = Recipients::Operator(vec!["tls-reports@example.org".to_owned()]);
        let mut link = service.connect(at(0), source).await;
        let transaction = link.transaction(at(1), Some("tlsrpt@example.net".to_owned()), recipients);
        let reply = service.desk.answer(at(1), transaction, sample("mail-plain.eml")).await;
        assert_eq!(reply.code, code, "{source}: {}", reply.text);
    }
    service.close().await;
}
