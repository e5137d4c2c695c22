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
    pub(super) observations: Vec<Observation>,
    /// How much of each of them counts for the limit of a day, in octets.
    pub(super) octets: Vec<u64>,
}

/// How many facts one statement writes where so many come one behind the other.
const MANY: usize = 8;

macro_rules! into_file {
    ($($row:literal),+) => {
        concat!("INSERT INTO observations (at, link, kind, fact) VALUES ", $($row),+)
    };
}

macro_rules! into_server {
    ($($row:literal),+) => {
        concat!("INSERT INTO observations (at, link, kind, fact, seq) VALUES ", $($row),+)
    };
}

const INTO_FILE: &str = into_file!("($1, $2, $3, $4)");
const INTO_SERVER: &str = into_server!("($1, $2, $3, $4, $5)");
const MANY_INTO_FILE: &str = into_file!(
    "($1, $2, $3, $4), ($5, $6, $7, $8), ($9, $10, $11, $12), ($13, $14, $15, $16), ",
    "($17, $18, $19, $20), ($21, $22, $23, $24), ($25, $26, $27, $28), ($29, $30, $31, $32)"
);
const MANY_INTO_SERVER: &str = into_server!(
    "($1, $2, $3, $4, $5), ($6, $7, $8, $9, $10), ($11, $12, $13, $14, $15), ($16, $17, $18, $19, $20), ",
    "($21, $22, $23, $24, $25), ($26, $27, $28, $29, $30), ($31, $32, $33, $34, $35), ($36, $37, $38, $39, $40)"
);

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
    let seqs = insert_rows(connection, [(at, fact)], (INTO_FILE, INTO_SERVER), written).await?;
    Ok(seqs[0])
}

/// Writes facts that came one behind the other; gives their places. What a statement costs beside its row is more than the row.
pub(super) async fn insert_all(
    connection: &mut Connection,
    facts: &[(Timestamp, &Fact)],
    written: &mut Written,
) -> sqlx::Result<Vec<Seq>> {
    let mut seqs = Vec::with_capacity(facts.len());
    let (many, few) = facts.as_chunks::<MANY>();
    for chunk in many {
        let into = (MANY_INTO_FILE, MANY_INTO_SERVER);
        seqs.extend(insert_rows(connection, *chunk, into, written).await?);
    }
    for (at, fact) in few {
        seqs.push(insert(connection, *at, fact, written).await?);
    }
    Ok(seqs)
}

/// Writes `N` facts with a statement for so many, as a file and as a server have it.
async fn insert_rows<const N: usize>(
    connection: &mut Connection,
    facts: [(Timestamp, &Fact); N],
    (into_file, into_server): (&'static str, &'static str),
    written: &mut Written,
) -> sqlx::Result<[Seq; N]> {
    let mut statement = query(connection.either(into_file, into_server));
    let mut all_octets = [0; N];
    for ((at, fact), octets) in facts.iter().zip(&mut all_octets) {
        let json = serde_json::to_string(fact).map_err(|error| sqlx::Error::Encode(Box::new(error)))?;
        *octets = octets_of(fact, &json) + beside_octets(fact);
        let kind = kind_of(&json)?;
        written.stored_octets += json.len() as u64 + ROW_OCTETS;
        statement =
            statement.bind(at.as_microsecond()).bind(fact.link().map(link_bits)).bind(kind).bind(json);
        if let Some(last) = &mut written.last {
            *last += 1;
            statement = statement.bind(*last);
        }
    }
    let last = match written.last {
        Some(last) => {
            statement.execute(connection).await?;
            last
        }
        // A file has one writer, and numbers the rows of a statement one by one.
        None => statement.insert(connection).await?,
    };
    let mut seqs = [Seq(last); N];
    for (before, seq) in (0..).zip(seqs.iter_mut().rev()) {
        seq.0 -= before;
    }
    for (((at, fact), octets), seq) in facts.iter().zip(all_octets).zip(&seqs) {
        // Subscribers get the instant as it is stored, so that a replay tells them the same.
        let microseconds = at.as_microsecond();
        let at = Timestamp::from_microsecond(microseconds).unwrap_or(*at);
        write_beside(connection, (seq.0, microseconds), fact, octets).await?;
        written.octets.push(octets);
        written.observations.push(Observation { seq: *seq, at, fact: (*fact).clone() });
    }
    Ok(seqs)
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
