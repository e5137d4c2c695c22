//! When whoever wished is told of the reports about a trial: he gets one mail, so it waits until no more are to be expected.

use std::collections::BTreeSet;

use ipnet::IpNet;

use super::DAY_S;
use crate::sending::history::{History, Strength};
use crate::sending::trial::site_of;
use crate::sending::verdict::{ReportFinding, Reported};
use crate::shared::time::{Timestamp, after};

/// How long after the last report whoever wished is told, in seconds: more may come.
const GATHER_S: u32 = 6 * 3_600;
/// How long a wish is kept where no report comes, in seconds.
const WISH_KEPT_S: u32 = 7 * DAY_S;

/// The sites from which the mail of a trial came.
pub(super) fn sites_of(history: &History) -> BTreeSet<IpNet> {
    let own = history.links.iter().filter(|found| found.strength == Strength::Exact);
    own.map(|found| site_of(found.link.peer.ip().to_canonical())).collect()
}

/// Whether the mail waits for more reports. What nobody vouches for and what comes from elsewhere than the trial's mail, which
/// anybody may have sent, neither ends the wait nor prolongs it.
pub(super) fn waits(asked: Timestamp, sites: &BTreeSet<IpNet>, reported: &Reported, now: Timestamp) -> bool {
    let is_own =
        |report: &&ReportFinding| report.vouched_by.is_some() || sites.contains(&site_of(report.source));
    let last = reported.reports.iter().filter(is_own).map(|report| report.at).max();
    last.is_none_or(|last| after(last, GATHER_S) > now) && after(asked, WISH_KEPT_S) > now
}

#[cfg(test)]
mod tests {
    use crate::sending::history::Seq;

    use super::*;

    fn report(hour: u32, vouched_by: Option<&str>, source: &str) -> ReportFinding {
        ReportFinding {
            seq: Seq(7),
            at: after(Timestamp::UNIX_EPOCH, hour * 3_600),
            organization: "Example".to_owned(),
            vouched_by: vouched_by.map(str::to_owned),
            by_https: vouched_by.is_none(),
            source: source.parse().expect("an address"),
            start: None,
            end: None,
            defects: Vec::new(),
            lines: Vec::new(),
        }
    }

    #[test]
    fn what_a_stranger_posts_neither_ends_the_wait_nor_prolongs_it() {
        let sites = BTreeSet::from([site_of([192, 0, 2, 25].into())]);
        let waits = |reports: &[ReportFinding], hour: u32| {
            let reported = Reported { reports: reports.to_vec(), without: Vec::new() };
            waits(Timestamp::UNIX_EPOCH, &sites, &reported, after(Timestamp::UNIX_EPOCH, hour * 3_600))
        };
        let stranger = |hour| report(hour, None, "203.0.113.9");
        let (vouched, own) =
            (report(30, Some("example.net"), "198.51.100.7"), report(30, None, "192.0.2.200"));
        assert!(waits(&[], 100) && waits(&[stranger(1)], 100), "a report of its own may still come");
        for of_its_own in [vouched, own] {
            assert!(waits(std::slice::from_ref(&of_its_own), 35), "more may come");
            assert!(!waits(std::slice::from_ref(&of_its_own), 36));
            assert!(
                !waits(&[stranger(1), of_its_own, stranger(35)], 36),
                "and a stranger's is not waited for"
            );
        }
        assert!(!waits(&[], 7 * 24), "a wish is not kept for ever");
    }
}
