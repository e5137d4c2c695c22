//! What is written beside observations, so that some are found without reading all. It goes with them: `schema.sql` says
//! how.

use std::collections::BTreeSet;

use crate::sending::history::{Fact, ReportReceived};
use crate::sending::trial::Label;

use super::connection::{Connection, query};

/// How many parts of a policy domain are looked at for a label: some name the host, or the owner of its TLSA records,
/// `_25._tcp.LABEL.bad.CASE`.
const PARTS_MAX: usize = 3;
/// What a label of a report takes, with its indices, in octets.
const LABEL_OCTETS: u64 = 60;

/// What is written beside a fact, in octets, where strangers decide how much.
pub(in crate::sending::journal) fn beside_octets(fact: &Fact) -> u64 {
    match fact {
        Fact::ReportReceived(report) => labels_in(report).len() as u64 * LABEL_OCTETS,
        _ => 0,
    }
}

/// Writes what stands beside a fact that was written at this place, at a time in microseconds since 1970; `octets` is what
/// it takes.
pub(in crate::sending::journal) async fn write_beside(
    connection: &mut Connection,
    (seq, at): (i64, i64),
    fact: &Fact,
    octets: u64,
) -> sqlx::Result<()> {
    match fact {
        Fact::ReportReceived(report) => {
            query("INSERT INTO reports (seq, at, vouched, octets) VALUES ($1, $2, $3, $4)")
                .bind(seq)
                .bind(at)
                .bind(report.vouched_by().is_some())
                .bind(i64::try_from(octets).unwrap_or(i64::MAX))
                .execute(&mut *connection)
                .await?;
            for label in labels_in(report) {
                query("INSERT INTO report_labels (label, seq) VALUES ($1, $2)")
                    .bind(label.as_str())
                    .bind(seq)
                    .execute(&mut *connection)
                    .await?;
            }
        }
        Fact::LabelsIssued(issued) => {
            let leased: BTreeSet<&Label> =
                issued.labels.values().filter(|label| label.is_of_pool()).collect();
            for label in leased {
                query("INSERT INTO leases (label, at, seq, root) VALUES ($1, $2, $3, $4)")
                    .bind(label.as_str())
                    .bind(at)
                    .bind(seq)
                    .bind(issued.label.as_str())
                    .execute(&mut *connection)
                    .await?;
            }
        }
        _ => {}
    }
    Ok(())
}

/// What may be a label in the names of a report: names of cases may be among it, and nobody asks for those.
fn labels_in(report: &ReportReceived) -> BTreeSet<Label> {
    let policies = report.report().map_or(&[][..], |report| &report.policies);
    let domains = policies.iter().filter_map(|policy| policy.policy_domain.as_deref());
    let parts =
        domains.flat_map(|domain| domain.split('.').filter(|part| !part.starts_with('_')).take(PARTS_MAX));
    parts.filter_map(|part| part.parse().ok()).collect()
}
