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

/// How many facts one statement writes into a file where so many come one behind the other: the most first.
const MANY: usize = 64;
const SOME: usize = 8;

const INTO_FILE: &str = "INSERT INTO observations (at, link, kind, fact) VALUES ($1, $2, $3, $4)";
static SOME_INTO_FILE: LazyLock<String> = LazyLock::new(|| rows_into_file(SOME));
static MANY_INTO_FILE: LazyLock<String> = LazyLock::new(|| rows_into_file(MANY));

/// A statement for so many rows. OR FAIL: after an error all of the transaction is rolled back anyway, and SQLite writes no
/// temporary file with the pages as they were before the statement (sqlite.org/tempfiles.html, "Statement Journal Files").
fn rows_into_file(count: usize) -> String {
    let row = |n: usize| format!("(${}, ${}, ${}, ${})", 4 * n + 1, 4 * n + 2, 4 * n + 3, 4 * n + 4);
    let rows: Vec<String> = (0..count).map(row).collect();
    format!("INSERT OR FAIL INTO observations (at, link, kind, fact) VALUES {}", rows.join(", "))
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
        let [seq] = insert_into_file(connection, [(at, fact)], INTO_FILE, written).await?;
        return Ok(seq);
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
    // What goes to a server waits in `written` and goes together anyway.
    let is_file = written.last.is_none();
    let (many, rest) = if is_file { facts.as_chunks::<MANY>() } else { (&[][..], facts) };
    for chunk in many {
        seqs.extend(insert_into_file(connection, *chunk, &MANY_INTO_FILE, written).await?);
    }
    let (some, few) = if is_file { rest.as_chunks::<SOME>() } else { (&[][..], rest) };
    for chunk in some {
        seqs.extend(insert_into_file(connection, *chunk, &SOME_INTO_FILE, written).await?);
    }
    for (at, fact) in few {
        seqs.push(insert(connection, *at, fact, written).await?);
    }
    Ok(seqs)
}

/// Writes `N` facts into a file with a statement for so many.
async fn insert_into_file<const N: usize>(
    connection: &mut Connection,
    facts: [(Timestamp, &Fact); N],
    into_file: &'static str,
    written: &mut Written,
) -> sqlx::Result<[Seq; N]> {
    let mut statement = query(into_file);
    let mut beside = [(0, 0); N];
    for ((at, fact), beside) in facts.iter().zip(&mut beside) {
        let row = Row::of(*at, fact, written)?;
        *beside = (row.microseconds, row.octets);
        let link = fact.link().map(link_bits);
        statement = statement.bind(row.microseconds).bind(link).bind(row.kind).bind(row.json);
    }
    // A file has one writer, and numbers the rows of a statement one by one.
    let last = statement.insert(&mut *connection).await?;
    let mut seqs = [Seq(last); N];
    for (before, seq) in (0..).zip(seqs.iter_mut().rev()) {
        seq.0 -= before;
    }
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
