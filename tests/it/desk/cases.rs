//! The desk and trials of ruled cases: what is held and acknowledged, and what a restart knows of labels.

use std::collections::BTreeMap;
use std::sync::Arc;

use mailassay::sending::history::{
    Fact, LinkClosed, Recipient, Recorder, TrialEnd, TrialEnded, VerdictDelivery, VerdictHandled,
};
use mailassay::sending::journal::PAST_KEPT_S;
use mailassay::sending::persona::{CaseId, Entrance};
use mailassay::sending::trial::{CasePhase, CasePhases, Label, Pace, TrialId};
use mailassay::sending::trials::{Issuer, Wanted};
use mailassay::shared::evidence::Party;
use mailassay::shared::text::Language;
use mailassay::shared::time::Timestamp;

use super::{JANE, Link, LinkId, Mail, Service, at};

const SECRET: [u8; 32] = [7; 32];

fn label(text: &str) -> Label {
    text.parse().expect("a label")
}

fn to(case: &str, label: Option<&Label>) -> Recipient {
    Recipient { case: case.into(), language: Language::En, label: label.cloned() }
}

/// A mail whose To names these.
fn mail(message_id: &str, names: &[String]) -> Mail {
    let text = format!(
        "From: {JANE}\r\nTo: {}\r\nMessage-ID: <{message_id}>\r\nSubject: a test\r\n\r\nHello\r\n",
        names.join(", ")
    );
    Mail { path: Some(JANE.to_owned()), cases: Vec::new(), text }
}

/// A link to an entrance, in TLS without SNI.
async fn enter(service: &Service, at: Timestamp, entrance: Entrance) -> Link<'_> {
    service.connect_to(at, "192.0.2.1", Some(entrance)).await
}

async fn send(link: &mut Link<'_>, at: Timestamp, mail: &Mail, recipient: Recipient) -> (u16, String) {
    link.tls = true;
    let reply = link.send_to(at, mail, vec![recipient]).await;
    (reply.code, reply.text)
}

#[tokio::test]
async fn each_mail_is_held_until_its_case_has_ended() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = Service::open(folder.path(), 1).await;
    let once = mail("1@example.net", &["en@none.example.org".into(), "en@dane-mismatch.example.org".into()]);
    let mut link = enter(&service, at(0), Entrance::Trusted).await;
    let (code, text) = send(&mut link, at(1), &once, to("dane-mismatch", None)).await;
    assert_eq!(code, 250, "{text}");
    assert!(text.starts_with("This part of the test is complete"), "{text}");
    let mut link = enter(&service, at(2), Entrance::Good).await;
    assert_eq!(send(&mut link, at(2), &once, to("none", None)).await.0, 451);
    link.quit(at(2)).await;
    let mut link = enter(&service, at(302), Entrance::Good).await;
    assert_eq!(send(&mut link, at(302), &once, to("none", None)).await.0, 250);
    link.quit(at(302)).await;
    let trial = service.only_trial();
    service.reviewer.look_around(at(302)).await;
    assert!(!service.trials.has_ended(&trial), "more of the same attempt may come");
    let gap_s = Pace::default().attempt_gap_s;
    service.reviewer.look_around(at(302 + gap_s)).await;
    let history = service.history(&trial);
    assert_eq!(history.ended.as_ref().map(|ended| ended.what), Some(TrialEnd::Settled));
    assert!(service.claim(at(400)).await.is_some(), "one verdict is owed");
    assert!(service.claim(at(400)).await.is_none());
}

#[tokio::test]
async fn a_mail_to_the_classic_suite_waits_for_its_own_part() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = Service::open(folder.path(), 1).await;
    let once = mail("1@example.net", &["en@none.example.org".into(), "en@et.example.org".into()]);
    let mut link = enter(&service, at(0), Entrance::Untrusted).await;
    assert_eq!(send(&mut link, at(1), &once, to("none", None)).await.0, 250);
    link.quit(at(1)).await;
    let mut link = service.connect(at(2), "192.0.2.1").await;
    assert!(!link.offer.starttls, "its window begins with its first link");
    assert_eq!(link.send_to(at(2), &once, vec![to("et", None)]).await.code, 451);
    link.quit(at(2)).await;
    service.reviewer.look_around(at(6_000)).await;
    assert!(!service.has_ended());
}

#[tokio::test]
async fn a_restart_knows_whose_labels_are_and_which_trials_are_over() {
    let folder = tempfile::tempdir().expect("a folder");
    let (root, unused) = (label("k3f9a2m7"), label("unused42"));
    let issue = async |service: &Service, second, label: &Label| {
        let cases = ["none", "sts-good", "et"].map(CaseId::from).to_vec();
        let wanted = Wanted { label: label.clone(), cases, first: None, domain: None };
        let (journal, catalogue) = (Arc::clone(&service.journal), Arc::clone(&service.catalogue));
        let labels = service.trials.labels().clone();
        let issuer = Issuer { labels, journal, catalogue, pool_labels: 2 };
        issuer.issue(at(second), &wanted).await.expect("noted")
    };
    let service = Service::open(folder.path(), 1).await;
    let issued = issue(&service, 0, &root).await;
    let pooled = issued.get("sts-good").expect("one of the pool").clone();
    let expected = [("none".into(), root.clone()), ("sts-good".into(), pooled.clone())];
    assert!(pooled.is_of_pool());
    assert_eq!(issued, BTreeMap::from(expected));
    assert_eq!(issue(&service, 1, &root).await, issued, "who asks again gets the same");
    let other = issue(&service, 2, &unused).await.remove("sts-good").expect("there is one more");
    assert!(other.is_of_pool() && other != pooled, "{other}");
    let empty = issue(&service, 3, &label("toolate1")).await;
    assert_eq!(empty.get("sts-good"), None, "the pool is empty, and the permanent name is used");
    let names: Vec<String> =
        issued.iter().map(|(case, label)| format!("en@{label}.{case}.example.org")).collect();
    let once = mail("1@example.net", &names);
    let mut link = enter(&service, at(10), Entrance::Untrusted).await;
    assert_eq!(send(&mut link, at(10), &once, to("none", Some(&root))).await.0, 250);
    link.quit(at(10)).await;
    service.close().await;

    let service = Service::open(folder.path(), 100).await;
    let trial = TrialId::of_label(&SECRET, &root);
    assert_eq!(service.only_trial(), trial);
    assert_eq!(service.trials.labels().phase("sts-good", &pooled), CasePhase::First);
    assert_eq!(issue(&service, 20, &label("another1")).await.get("sts-good"), None, "a lease lasts");
    let mut link = enter(&service, at(21), Entrance::Good).await;
    assert_eq!(send(&mut link, at(21), &once, to("sts-good", Some(&pooled))).await.0, 451);
    link.quit(at(21)).await;
    assert_eq!(service.only_trial(), trial, "the label of the pool leads to the trial that has it");
    service.reviewer.look_around(at(10 + Pace::default().case_patience_s)).await;
    assert!(service.trials.has_ended(&trial));
    let told_at = at(20_000);
    let delivery = VerdictDelivery::Withheld { reason: "a test".to_owned() };
    let judged_to = Some(service.history(&trial).last);
    let handled = VerdictHandled { trial: trial.clone(), delivery, judged_to };
    service.journal.commit(told_at, Fact::VerdictHandled(handled)).await.expect("noted");
    let long_after = at(200_000);
    service.trials.put_away(&service.journal, long_after).await.expect("put away");
    assert!(service.trials.history(&trial).is_none(), "it has left memory");
    service.close().await;

    let service = Service::open(folder.path(), 200).await;
    for (case, label) in [("none", &root), ("sts-good", &pooled)] {
        assert_eq!(service.trials.labels().phase(case, label), CasePhase::Over, "{case}");
    }
    let read = service.trials.read(&trial, service.journal.reader()).await.expect("reads").expect("a trial");
    assert_eq!(read.labels, issued);
    assert_eq!(read.links.len(), 2);
    let mut link = enter(&service, long_after, Entrance::Good).await;
    let (code, text) = send(&mut link, long_after, &once, to("sts-good", Some(&pooled))).await;
    assert_eq!(code, 250, "{text}");
    let other = mail("2@example.net", &names);
    let (code, text) = send(&mut link, long_after, &other, to("none", Some(&root))).await;
    assert_eq!(code, 250, "what is queued is taken: {text}");
    assert!(text.starts_with("The test of this address is over"), "{text}");
    // It rested for longer than any policy is kept: the next trial may have it.
    let mut next = Vec::new();
    for label in ["nextone1", "nexttwo2"].map(label) {
        next.extend(issue(&service, 200_000, &label).await.remove("sts-good"));
    }
    assert!(next.len() == 2 && next.contains(&pooled), "{next:?}");
    service.close().await;
}

#[tokio::test]
async fn a_link_at_an_entrance_without_mail_is_no_trial() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = Service::open(folder.path(), 1).await;
    let link = enter(&service, at(0), Entrance::Reset).await;
    let id: LinkId = link.contact.link;
    let closed = LinkClosed { link: id, by: Party::Us, quit: false, alert: None };
    service.journal.commit(at(1), Fact::LinkClosed(closed)).await.expect("noted");
    assert_eq!(service.trials(), Vec::new());
}

/// A mail to a label settles its trial at once, whose verdict is told, and which is forgotten.
async fn settle_and_forget(service: &Service, began: u32, root: &Label, number: u32) -> TrialId {
    service.trials.forget_past(at(began));
    let once = mail(&format!("{number}@example.net"), &[format!("en@{root}.none.example.org")]);
    let mut link = enter(service, at(began), Entrance::Untrusted).await;
    assert_eq!(send(&mut link, at(began), &once, to("none", Some(root))).await.0, 250);
    link.quit(at(began)).await;
    let trial = service.only_trial();
    let ended = began + Pace::default().attempt_gap_s + 10;
    service.reviewer.look_around(at(ended)).await;
    assert!(service.trials.has_ended(&trial), "mail {number}");
    let entry = service.claim(at(ended + 10)).await.expect("a verdict is owed");
    assert_eq!(entry.trial, trial);
    let delivery = VerdictDelivery::Withheld { reason: "a test".to_owned() };
    let handled =
        VerdictHandled { trial: trial.clone(), delivery, judged_to: Some(service.history(&trial).last) };
    let noted = service.journal.handled(at(ended + 20), entry.attempts, handled, None, Vec::new()).await;
    assert!(noted.expect("noted").is_some());
    service.trials.put_away(&service.journal, at(ended + 200_000)).await.expect("put away");
    assert!(service.trials.history(&trial).is_none(), "it has left memory");
    trial
}

#[tokio::test]
async fn a_label_that_is_used_again_begins_another_trial_which_ends() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = label("k3f9a2m7");
    let (mut trials, mut began) = (Vec::new(), 10);
    for number in 1..=4_u32 {
        let restarts = number % 2 == 1;
        let service = Service::open(folder.path(), u64::from(number) * 100).await;
        trials.push(settle_and_forget(&service, began, &root, number).await);
        began += PAST_KEPT_S + 100_000;
        if !restarts {
            trials.push(settle_and_forget(&service, began, &root, number + 10).await);
            began += PAST_KEPT_S + 100_000;
        }
        let pages = service.journal.reader().told_trials().await.expect("reads");
        assert_eq!(pages, trials, "each has its own page");
        service.close().await;
    }
    assert_eq!(trials.first(), Some(&TrialId::of_label(&SECRET, &root)), "the first is found by the label");
}

/// The journal may have let go of a trial, to stay within its size, and still know that it ended.
#[tokio::test]
async fn a_trial_that_the_journal_had_put_an_end_to_is_dropped_and_the_next_mail_begins_another() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = Service::open(folder.path(), 1).await;
    let root = label("k3f9a2m7");
    let namesake = TrialId::of_label(&SECRET, &root);
    let ended = TrialEnded { trial: namesake.clone(), end: TrialEnd::Settled };
    service.journal.end_trial(at(0), ended, at(900_000)).await.expect("noted");
    let once = mail("1@example.net", &[format!("en@{root}.none.example.org")]);
    let mut link = enter(&service, at(10), Entrance::Untrusted).await;
    let (code, text) = send(&mut link, at(10), &once, to("none", Some(&root))).await;
    assert_eq!(code, 451, "its trial would end with it: {text}");
    assert!(!text.contains(namesake.as_str()), "the page is another's: {text}");
    link.quit(at(10)).await;
    assert_eq!(service.trials(), Vec::new(), "it does not stay open for ever");
    let trial = settle_and_forget(&service, 1_000, &root, 2).await;
    assert_ne!(trial, namesake);
}
