//! The mail on reports is written, signed and handed over once.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::pin::Pin;

use crate::program::reply::HandOverError;
use crate::sending::history::{Beyond, Seq};
use crate::sending::trial::LinkId;
use crate::sending::verdict::ReportFinding;

use super::*;

/// One address objects.
struct Objecting;

impl Objections for Objecting {
    fn stand_against<'a>(
        &'a self,
        address: &'a str,
    ) -> Pin<Box<dyn Future<Output = Result<bool, HandOverError>> + Send + 'a>> {
        Box::pin(async move { Ok(address == "objects@example.net") })
    }

    fn page(&self, _: &str) -> String {
        "https://test.example/objection/x".to_owned()
    }
}

fn history() -> History {
    History {
        id: TrialId::new(b"secret", LinkId(1), 0),
        labels: BTreeMap::new(),
        opened: Timestamp::UNIX_EPOCH,
        ended: None,
        judged_to: None,
        last: Seq(1),
        window_until: None,
        links: Vec::new(),
        queries: Vec::new(),
        queries_complete: true,
        fetches: Vec::new(),
        fetches_complete: true,
        beyond: Beyond::default(),
        policy_known_from: None,
        strangers: Vec::new(),
        main_resolver: None,
        disputed_queries: BTreeSet::new(),
        earlier_policy_queries: Vec::new(),
        self_checks: Vec::new(),
        scan: None,
        delivery: None,
    }
}

fn reported() -> Reported {
    let report = ReportFinding {
        seq: Seq(7),
        at: Timestamp::UNIX_EPOCH,
        organization: "Example".to_owned(),
        vouched_by: Some("example.net".to_owned()),
        by_https: false,
        source: [192, 0, 2, 1].into(),
        start: None,
        end: None,
        defects: Vec::new(),
        lines: Vec::new(),
    };
    Reported { reports: vec![report], without: Vec::new() }
}

#[tokio::test]
async fn a_postscript_is_signed_answers_the_verdict_and_goes_to_nobody_who_objects() {
    let folder = tempfile::tempdir().expect("a folder");
    let key = Arc::new(DkimKey::open(&folder.path().join("dkim.pem"), "test.example", "m").expect("a key"));
    let settings = Settings { maildir: folder.path().join("out"), ..Settings::default() };
    let site = "https://test.example";
    let postscripts = Postscripts::new(settings, "test.example", site, key, Arc::new(Objecting), None);
    let postscripts = postscripts.expect("a maildir");
    let (history, now) = (history(), Timestamp::UNIX_EPOCH);
    for (reported, address, expected) in [
        (Reported::default(), "jane@example.net", Err(Untold::Nothing)),
        (reported(), "objects@example.net", Err(Untold::Objected)),
        (reported(), "jane@example.net", Ok(())),
    ] {
        assert_eq!(postscripts.tell(&history, &reported, address, now).await, expected);
    }
    let mails: Vec<_> = std::fs::read_dir(folder.path().join("out/new")).expect("a maildir").collect();
    assert_eq!(mails.len(), 1);
    let mail = std::fs::read_to_string(mails[0].as_ref().expect("an entry").path()).expect("a mail");
    let verdict = verdict_id(&history.id, "test.example");
    for part in [
        "DKIM-Signature: ",
        "Auto-Submitted: ",
        "To: jane@example.net",
        &format!("In-Reply-To: <{verdict}>"),
        "postscript.json",
        "List-Unsubscribe: ",
    ] {
        assert!(mail.contains(part), "{part}: {mail}");
    }
    assert!(!mail.contains(&format!("Message-ID: <{verdict}>")), "another mail than the verdict");
}
