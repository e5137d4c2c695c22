//! The rows of facts and addresses.

use std::sync::LazyLock;

use crate::sending::history::{ContactsLost, Fact, FetchesLost, Lost, Observation, QueriesLost, Seq};
use crate::sending::journal::database::{
    Connection, beside_octets, link_bits, query, timestamp, write_beside,
};
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

impl Waiting {
    fn add(&mut self, seq: Seq, link: Option<i64>, row: Row) {
        self.seqs.push(Some(seq.0));
        self.times.push(Some(row.microseconds));
        self.links.push(link);
        self.kinds.push(row.kind);
        self.facts.push(row.json);
    }
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

/// The most facts that one statement writes into a file; fewer go by statements for half as many, and half of that.
const MANY: usize = 64;

/// By the power of two of its rows.
static INTO_FILE: LazyLock<[String; 7]> =
    LazyLock::new(|| std::array::from_fn(|power| rows_into_file(1 << power)));

/// A statement for so many rows. OR FAIL: after an error all of the transaction is rolled back anyway, and SQLite writes no
/// temporary file with the pages as they were before the statement (sqlite.org/tempfiles.html, "Statement Journal Files"). Its
/// parameters have no names: whoever binds would look for each of them among all.
fn rows_into_file(count: usize) -> String {
    let rows = vec!["(?, ?, ?, ?)"; count].join(", ");
    format!("INSERT OR FAIL INTO observations (at, link, kind, fact) VALUES {rows}")
}

const INTO_SERVER: &str = "INSERT INTO observations (seq, at, link, kind, fact) \
    SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::text[], $5::text[])";

/// The kind of a fact, which its JSON begins with.
fn kind_of(json: &str) -> sqlx::Result<String> {
    let kind = json.strip_prefix("{\"fact\":\"").and_then(|rest| rest.split_once('"'));
    kind.map(|(kind, _)| kind.to_owned()).ok_or_else(|| sqlx::Error::Encode("a fact without its kind".into()))
}

/// Writes a fact; gives its place.
pub(super) async fn insert(
    connection: &mut Connection,
    at: Timestamp,
    fact: &Fact,
    written: &mut Written,
) -> sqlx::Result<Seq> {
    let Some(last) = &mut written.last else {
        let seqs = insert_into_file(connection, &[(at, fact)], written).await?;
        return seqs.first().copied().ok_or(sqlx::Error::RowNotFound);
    };
    *last += 1;
    let seq = Seq(*last);
    let row = Row::of(at, fact, written)?;
    let (microseconds, octets) = (row.microseconds, row.octets);
    written.waiting.add(seq, fact.link().map(link_bits), row);
    keep_beside(connection, (seq, microseconds, octets), fact, written).await?;
    Ok(seq)
}

/// Writes facts that came one behind the other; gives their places. What a statement costs beside its row is more than the row.
pub(super) async fn insert_all(
    connection: &mut Connection,
    facts: &[(Timestamp, &Fact)],
    written: &mut Written,
) -> sqlx::Result<Vec<Seq>> {
    let mut seqs = Vec::with_capacity(facts.len());
    if written.last.is_some() {
        // What goes to a server waits in `written` and goes together anyway.
        for (at, fact) in facts {
            seqs.push(insert(connection, *at, fact, written).await?);
        }
        return Ok(seqs);
    }
    for part in parts(facts) {
        seqs.extend(insert_into_file(connection, part, written).await?);
    }
    Ok(seqs)
}

/// Parts of which each has as many facts as there is a statement for: a power of two.
fn parts<T>(mut rest: &[T]) -> impl Iterator<Item = &[T]> {
    std::iter::from_fn(move || {
        let power = rest.len().min(MANY).checked_ilog2()?;
        let part;
        (part, rest) = rest.split_at(1 << power);
        Some(part)
    })
}

/// Writes facts into a file with one statement; as many as one of [`parts`] has.
async fn insert_into_file(
    connection: &mut Connection,
    facts: &[(Timestamp, &Fact)],
    written: &mut Written,
) -> sqlx::Result<Vec<Seq>> {
    let power = facts.len().trailing_zeros() as usize;
    let mut statement = query(&INTO_FILE[power]);
    let mut beside = Vec::with_capacity(facts.len());
    for (at, fact) in facts {
        let row = Row::of(*at, fact, written)?;
        beside.push((row.microseconds, row.octets));
        let link = fact.link().map(link_bits);
        statement = statement.bind(row.microseconds).bind(link).bind(row.kind).bind(row.json);
    }
    // A file has one writer, and numbers the rows of a statement one by one.
    let last = statement.insert(&mut *connection).await?;
    let first = last + 1 - i64::try_from(facts.len()).unwrap_or_default();
    let seqs: Vec<_> = (first..=last).map(Seq).collect();
    for (((_, fact), (microseconds, octets)), seq) in facts.iter().zip(beside).zip(&seqs) {
        keep_beside(connection, (*seq, microseconds, octets), fact, written).await?;
    }
    Ok(seqs)
}

/// A fact as it is stored.
struct Row {
    microseconds: i64,
    kind: String,
    json: String,
    /// What it counts for in the day's share, in octets.
    octets: u64,
}

impl Row {
    fn of(at: Timestamp, fact: &Fact, written: &mut Written) -> sqlx::Result<Self> {
        let json = serde_json::to_string(fact).map_err(|error| sqlx::Error::Encode(Box::new(error)))?;
        let octets = octets_of(fact, &json) + beside_octets(fact);
        written.stored_octets += json.len() as u64 + ROW_OCTETS;
        Ok(Self { microseconds: at.as_microsecond(), kind: kind_of(&json)?, json, octets })
    }
}

/// Writes what stands beside a fact, and tells of it as a replay will: with the instant as it is stored.
async fn keep_beside(
    connection: &mut Connection,
    (seq, microseconds, octets): (Seq, i64, u64),
    fact: &Fact,
    written: &mut Written,
) -> sqlx::Result<()> {
    write_beside(connection, (seq.0, microseconds), fact, octets).await?;
    let at = timestamp(microseconds).map_err(|error| sqlx::Error::Decode(error.into()))?;
    written.octets.push(octets);
    written.observations.push(Observation { seq, at, fact: fact.clone() });
    Ok(())
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
