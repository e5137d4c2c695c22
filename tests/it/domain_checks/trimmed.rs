//! The archive's size.

use mailassay::program::archive::{CheckRow, EndedScan};

use super::*;

#[tokio::test]
async fn beyond_its_size_the_archive_lets_the_oldest_results_go() {
    let folder = tempfile::tempdir().unwrap();
    let archive = Archive::open(&folder.path().join("site.sqlite")).await.unwrap();
    let name = |number: u32| format!("check-{number}");
    for number in 0..60 {
        let (domain, asked) = ("example.org".to_owned(), after(now(), number));
        archive.note_check(&name(number), &CheckRow { domain, asked, scan: None }).await.unwrap();
        let (verdict, links) = ("{}", [name(number)]);
        let ended =
            EndedScan { domain: "example.org", at: asked, verdict, evidence: &[7; 50_000], links: &links };
        archive.note_scan(&ended).await.unwrap();
    }
    assert_eq!(archive.trim_checks(4 << 20).await.unwrap(), 0, "3 MB fit");
    let trimmed = archive.trim_checks(2 << 20).await.unwrap();
    assert!((20..=40).contains(&trimmed), "{trimmed}");
    let oldest = u32::try_from(trimmed).unwrap();
    assert_eq!(archive.check(&name(oldest - 1)).await.unwrap(), None, "the oldest are gone");
    let kept = archive.check(&name(oldest)).await.unwrap().expect("later ones are kept");
    assert!(archive.scan(kept.scan.unwrap()).await.unwrap().is_some(), "with what they lead to");
    assert_eq!(archive.past_scans("example.org").await.unwrap().len() as u64, 60 - trimmed);
    // What runs is not taken for what is old, and nothing else goes.
    let (domain, asked) = ("example.net".to_owned(), now());
    archive.note_check("runs", &CheckRow { domain, asked, scan: None }).await.unwrap();
    assert_eq!(archive.trim_checks(0).await.unwrap(), 60 - trimmed);
    assert!(archive.check("runs").await.unwrap().is_some());
}
