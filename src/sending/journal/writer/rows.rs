//! The rows of facts and addresses.

use crate::sending::history::{ContactsLost, Fact, FetchesLost, Lost, Observation, QueriesLost, Seq};
use crate::sending::journal::database::{Connection, beside_octets, link_bits, query, write_beside};
use crate::sending::journal::replay;
use crate::sending::trial::{AddressId, LinkId};
use crate::shared::time::Timestamp;

use super::day::octets_of;

/// What a row of a server takes beside its JSON, in octets; the trigger that takes it away again says the same.
const ROW_OCTETS: u64 = 120;

/// What a transaction wrote.
#[derive(Default)]
pub(super) struct Written {
    /// On a server, the last observation that there is; a file counts by itself.
    pub(super) last: Option<i64>,
    /// Which node writes.
    pub(super) node: u16,
    /// How much is stored of the observations, in octets.
    pub(super) stored_octets: u64,
    /// Rows that are for a server, and go there together: each way costs more than a row.
    pub(super) waiting: Waiting,
    pub(super) observations: Vec<Observation>,
    /// How much of each of them counts for the limit of a day, in octets.
    pub(super) octets: Vec<u64>,
}

/// Columns of rows.
#[derive(Default)]
pub(super) struct Waiting {
    seqs: Vec<Option<i64>>,
    times: Vec<Option<i64>>,
    links: Vec<Option<i64>>,
    kinds: Vec<String>,
    facts: Vec<String>,
}

/// Writes what waits: before anything else is to see it, and before the end.
pub(super) async fn flush(connection: &mut Connection, written: &mut Written) -> sqlx::Result<()> {
    let Waiting { seqs, times, links, kinds, facts } = std::mem::take(&mut written.waiting);
    if seqs.is_empty() {
        return Ok(());
    }
    let insert = query(INTO_SERVER).bind(seqs).bind(times).bind(links).bind(kinds).bind(facts);
    insert.execute(connection).await.map(drop)
}

const INTO_FILE: &str = "INSERT INTO observations (at, link, kind, fact) VALUES ($1, $2, $3, $4)";
const INTO_SERVER: &str = "INSERT INTO observations (seq, at, link, kind, fact) \
    SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::text[], $5::text[])";

/// The kind of a fact, which its JSON begins with.
fn kind_of(json: &str) -> sqlx::Result<String> {
    let kind = json.strip_prefix("{\"fact\":\"").and_then(|rest| rest.split_once('"'));
    kind.map(|(kind, _)| kind.to_owned()).ok_or_else(|| sqlx::Error::Encode("a fact without its kind".into()))
}

pub(super) async fn insert(
    connection: &mut Connection,
    at: Timestamp,
    fact: &Fact,
    written: &mut Written,
) -> sqlx::Result<Seq> {
    let json = serde_json::to_string(fact).map_err(|error| sqlx::Error::Encode(Box::new(error)))?;
    // Subscribers get the instant as it is stored, so that a replay tells them the same.
    let microseconds = at.as_microsecond();
    let octets = octets_of(fact, &json) + beside_octets(fact);
    let at = Timestamp::from_microsecond(microseconds).unwrap_or(at);
    let kind = kind_of(&json)?;
    written.stored_octets += json.len() as u64 + ROW_OCTETS;
    let link = fact.link().map(link_bits);
    let seq = match &mut written.last {
        Some(last) => {
            *last += 1;
            let Waiting { seqs, times, links, kinds, facts } = &mut written.waiting;
            seqs.push(Some(*last));
            times.push(Some(microseconds));
            links.push(link);
            kinds.push(kind);
            facts.push(json);
            Seq(*last)
        }
        None => {
            let insert = query(INTO_FILE).bind(microseconds).bind(link).bind(kind).bind(json);
            Seq(insert.insert(connection).await?)
        }
    };
    write_beside(connection, (seq.0, microseconds), fact, octets).await?;
    written.octets.push(octets);
    written.observations.push(Observation { seq, at, fact: fact.clone() });
    Ok(seq)
}

pub(super) async fn keep_address(
    connection: &mut Connection,
    (link, number): (LinkId, u16),
    id: &AddressId,
    address: &str,
    at: Timestamp,
) -> sqlx::Result<()> {
    query(
        "INSERT INTO addresses (link, number, id, address, at) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (link, number) DO UPDATE SET id = excluded.id, address = excluded.address, at = excluded.at",
    )
    .bind(link_bits(link))
    .bind(number)
    .bind(&id.0)
    .bind(address)
    .bind(at.as_microsecond())
    .execute(connection)
    .await
    .map(|_| ())
}

pub(super) async fn forget_addresses(
    connection: &mut Connection,
    transactions: &[(LinkId, u16)],
) -> sqlx::Result<()> {
    for (link, number) in transactions {
        query("DELETE FROM addresses WHERE link = $1 AND number = $2")
            .bind(link_bits(*link))
            .bind(*number)
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

/// Notes in a journal that was put back from a backup that what came since is missing: neither questions nor links that are
/// not there are a sender's silence.
pub(in crate::sending::journal) async fn note_restoration(connection: &mut Connection) -> sqlx::Result<()> {
    let Some(until) = replay::restored_at(connection).await? else { return Ok(()) };
    let (network, why) = (None, Lost::Dropped);
    connection.begin().await?;
    for fact in [
        Fact::QueriesLost(QueriesLost { network, until, why }),
        Fact::FetchesLost(FetchesLost { network, until, why }),
        Fact::ContactsLost(ContactsLost { network, until, count: 1 }),
    ] {
        insert(connection, until, &fact, &mut Written::default()).await?;
    }
    replay::restoration_noted(connection).await?;
    connection.commit().await?;
    tracing::warn!(%until, "this journal is that of a backup: what came since is missing, and no test takes it for silence");
    Ok(())
}
