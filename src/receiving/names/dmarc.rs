//! DMARC: the record, up the tree, and whether those outside that shall get reports agreed to it.

use futures_util::future::join_all;

use super::inquiry::Inquiry;
use crate::shared::evidence::scan::{DmarcNames, LookupResult};
use crate::shared::policy::DmarcRecord;
use crate::shared::policy::dmarc::{DmarcError, Psd, applicable, tree_walk};

/// For how many domains outside it is asked whether they take reports.
const EXTERNAL_MAX: usize = 8;

/// Walks up the tree where the domain has no record of its own (RFC 9989 §4.10.1).
pub(super) async fn gather(inquiry: &Inquiry<'_>, domain: &str) -> DmarcNames {
    let mut walk: Vec<LookupResult<String>> = Vec::new();
    let mut found: Vec<(String, Option<DmarcRecord>)> = Vec::new();
    for name in tree_walk(domain) {
        let looked = inquiry.texts_below("_dmarc", &name).await;
        let record = DmarcRecord::from_txt(looked.records().iter().map(String::as_str));
        let unknown = looked.unknown();
        walk.push(looked);
        let ends = match (&record, found.is_empty()) {
            (Ok(_), true) => true,
            // RFC 9989 §4.10, steps 2 and 6.
            (Ok(record), false) => record.psd != Psd::Unknown,
            // What would have been found here decides, and is not known.
            (Err(DmarcError::Absent), first) => first && unknown,
            (Err(DmarcError::Several), _) => false,
        };
        found.push((name, record.ok()));
        if ends {
            break;
        }
    }
    let external = match applicable(&found) {
        Some(applicable) => external(inquiry, applicable.domain, applicable.record).await,
        None => Vec::new(),
    };
    DmarcNames { walk, organisational: organisational(domain), external }
}

/// Whether the domains outside that shall get reports say that they take them (RFC 9990 §4).
async fn external(
    inquiry: &Inquiry<'_>,
    domain: &str,
    record: &DmarcRecord,
) -> Vec<(String, LookupResult<String>)> {
    let home = organisational(domain);
    let mut outside: Vec<String> =
        record.report_domains().into_iter().filter(|to| organisational(to) != home).collect();
    if outside.len() > EXTERNAL_MAX {
        inquiry.cut("receivers of DMARC reports".to_owned(), Some(outside.len()), EXTERNAL_MAX);
        outside.truncate(EXTERNAL_MAX);
    }
    let asking = outside.into_iter().map(|to| async {
        let looked = inquiry.texts_below(&format!("{domain}._report._dmarc"), &to).await;
        (to, looked)
    });
    join_all(asking).await
}

/// The organisational domain by the public suffix list.
fn organisational(domain: &str) -> Option<String> {
    psl::domain_str(domain).map(str::to_owned)
}
