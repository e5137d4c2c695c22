//! MTA-STS (RFC 8461): the record, and the policy as a sender would fetch it.

use std::net::IpAddr;

use super::Names;
use super::inquiry::Inquiry;
use super::size::of_text;
use crate::shared::dial::{FetchLimits, https_get};
use crate::shared::dns::records::{A, AAAA};
use crate::shared::evidence::scan::MtaStsNames;
use crate::shared::evidence::{Fetch, FetchOutcome};
use crate::shared::policy::MtaStsRecord;

/// The record, and the addresses of the policy host, which may be left over where there is no record; where that is
/// sound and connections are allowed, the policy (RFC 8461 §3.3: without a sound record a sender fetches none).
pub(super) async fn gather(inquiry: &Inquiry<'_>, names: &Names, domain: &str, direct: bool) -> MtaStsNames {
    let record = inquiry.texts_below("_mta-sts", domain).await;
    let host = format!("mta-sts.{domain}");
    let read = MtaStsRecord::from_txt(record.records().iter().map(String::as_str));
    let (a, aaaa) = tokio::join!(inquiry.look_up(&host, A), inquiry.look_up(&host, AAAA));
    let addresses: Vec<IpAddr> = a.records().iter().chain(aaaa.records()).copied().collect();
    // A host whose addresses could not be had was not fetched from; one that has none was, in vain.
    let known = !addresses.is_empty() || (a.denied() && aaaa.denied());
    let mut fetch = None;
    if read.is_ok() && direct && known {
        let limits = FetchLimits { total_s: names.settings.policy_timeout_s, ..FetchLimits::default() };
        let path = "/.well-known/mta-sts.txt";
        let now = (names.clock)();
        let mut fetched = https_get(&names.dial, &host, path, &addresses, &names.roots, limits, now).await;
        shorten(&mut fetched);
        fetch = Some(fetched);
    }
    MtaStsNames { record, a, aaaa, fetch }
}

/// How large the body of a policy may be when written, in octets: no limit for a text of [`FetchLimits::body_octets`]
/// with the line ends of a policy, but one for what is no text.
const WRITTEN_OCTETS_MAX: usize = 72 * 1024;

/// Cuts a body that would be larger.
fn shorten(fetch: &mut Fetch) {
    let FetchOutcome::Answered { body, cut, .. } = &mut fetch.outcome else { return };
    let mut written = 0;
    let end = body.char_indices().find_map(|(at, c)| {
        // A line end takes two octets, other control characters six.
        written += if matches!(c, '\r' | '\n' | '\t') { 2 } else { of_text(c.encode_utf8(&mut [0; 4])) };
        (written > WRITTEN_OCTETS_MAX).then_some(at)
    });
    if let Some(end) = end {
        body.truncate(end);
        *cut = true;
    }
}
