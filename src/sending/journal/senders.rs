//! Who sent what: the transactions of an address or a domain, for those who want them forgotten.

use crate::sending::history::NotRecorded;
use crate::sending::trial::{AddressId, LinkId, TrialId};

use super::Reader;
use super::database::query;

/// The most transactions that are read at once.
const READ_MAX: i64 = 100_000;
/// How many observations are looked through by one statement: what is read is in no index, and no statement is to take as long
/// as a large journal is.
const SEQS_AT_ONCE: i64 = 200_000;
const LAST: &str = "SELECT coalesce(max(seq), 0) FROM observations";

/// Whose transactions are meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SentBy {
    /// Those with one of these reverse-paths.
    Addresses(Vec<AddressId>),
    /// Those with a reverse-path or a From at this domain (in A-labels) or below it.
    Domain(String),
}

/// A transaction that is on disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    pub link: LinkId,
    pub number: u16,
    /// The trial that was put away with it, if it belongs to that alone.
    pub trial: Option<TrialId>,
}

const OF_ADDRESS: &str = "SELECT o.link, CAST(json_extract(o.fact, '$.number') AS bigint), t.trial \
    FROM observations o LEFT JOIN trials t ON t.number = o.trial \
    WHERE o.kind = 'received' AND json_extract(o.fact, '$.reverse_path.id') = $1 \
    AND o.seq > $2 AND o.seq <= $3 LIMIT $4";

/// A domain is below another where it ends in it behind a dot.
const OF_DOMAIN: &str = "SELECT o.link, CAST(json_extract(o.fact, '$.number') AS bigint), t.trial \
    FROM observations o LEFT JOIN trials t ON t.number = o.trial \
    WHERE o.kind = 'received' AND ( \
        '.' || lower(json_extract(o.fact, '$.reverse_path.domain')) LIKE $1 ESCAPE '\\' \
        OR '.' || lower(json_extract(o.fact, '$.ending.from_domain')) LIKE $1 ESCAPE '\\') \
    AND o.seq > $2 AND o.seq <= $3 LIMIT $4";

impl Reader {
    /// The transactions of a sender, 100,000 at most.
    ///
    /// # Errors
    ///
    /// If the journal cannot be read.
    pub async fn sent_by(&self, sender: &SentBy) -> Result<Vec<Sent>, NotRecorded> {
        let (statement, keys): (_, Vec<String>) = match sender {
            SentBy::Addresses(ids) => (OF_ADDRESS, ids.iter().map(|id| id.0.clone()).collect()),
            SentBy::Domain(domain) => {
                (OF_DOMAIN, vec![format!("%.{}", domain.to_ascii_lowercase().replace('_', "\\_"))])
            }
        };
        let unread = |error: &dyn std::fmt::Display| NotRecorded(error.to_string());
        let mut found = Vec::new();
        let mut connection = self.pages().await;
        let last = query(LAST).fetch_all(&mut connection).await.map_err(|error| unread(&error))?;
        let last: i64 = match last.first() {
            Some(row) => row.try_get(0).map_err(|error| unread(&error))?,
            None => 0,
        };
        for (key, from) in keys.iter().flat_map(|key| spans(last).map(move |from| (key, from))) {
            let left = READ_MAX - i64::try_from(found.len()).unwrap_or(READ_MAX);
            if left <= 0 {
                break;
            }
            let rows = query(statement).bind(key.clone()).bind(from).bind(from + SEQS_AT_ONCE).bind(left);
            let rows = rows.fetch_all(&mut connection).await;
            for row in rows.map_err(|error| unread(&error))? {
                let read = || -> sqlx::Result<(i64, i64, Option<String>)> {
                    Ok((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?))
                };
                let (link, number, trial) = read().map_err(|error| unread(&error))?;
                let number = u16::try_from(number).map_err(|error| unread(&error))?;
                let trial = trial.map(|trial| trial.parse()).transpose().map_err(|error| unread(&error))?;
                found.push(Sent { link: LinkId(link.cast_unsigned()), number, trial });
            }
        }
        Ok(found)
    }
}

/// From where the observations up to `last` are looked through.
fn spans(last: i64) -> impl Iterator<Item = i64> {
    (0..).map(|nth: i64| nth * SEQS_AT_ONCE).take_while(move |from| *from < last)
}
