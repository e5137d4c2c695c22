//! The rows of facts and addresses.

use sqlx::{Connection, SqliteConnection};

use crate::sending::history::{ContactsLost, Fact, FetchesLost, Lost, Observation, QueriesLost, Seq};
use crate::sending::journal::database::{beside_octets, link_bits, write_beside};
use crate::sending::journal::replay;
use crate::sending::trial::{AddressId, LinkId};
use crate::shared::time::Timestamp;

use super::day::octets_of;

/// What a transaction wrote.
#[derive(Default)]
pub(super) struct Written {
    pub(super) observations: Vec<Observation>,
    /// How much of each of them counts for the limit of a day, in octets.
    pub(super) octets: Vec<u64>,
}

pub(super) async fn insert(
    connection: &mut SqliteConnection,
    at: Timestamp,
    fact: &Fact,
    written: &mut Written,
) -> sqlx::Result<Seq> {
    let json = serde_json::to_string(fact).map_err(|error| sqlx::Error::Encode(Box::new(error)))?;
    // Subscribers get the instant as it is stored, so that a replay tells them the same.
    let microseconds = at.as_microsecond();
    let octets = octets_of(fact, &json) + beside_octets(fact);
    let at = Timestamp::from_microsecond(microseconds).unwrap_or(at);
    let inserted = sqlx::query(
        "INSERT INTO observations (at, link, kind, fact) VALUES (?1, ?2, json_extract(?3, '$.fact'), ?3)",
    )
    .bind(microseconds)
    .bind(fact.link().map(link_bits))
    .bind(json)
    .execute(&mut *connection)
    .await?;
    let seq = Seq(inserted.last_insert_rowid());
    write_beside(connection, (seq.0, microseconds), fact, octets).await?;
    written.octets.push(octets);
    written.observations.push(Observation { seq, at, fact: fact.clone() });
    Ok(seq)
}

pub(super) async fn keep_address(
    connection: &mut SqliteConnection,
    (link, number): (LinkId, u16),
    id: &AddressId,
    address: &str,
    at: Timestamp,
) -> sqlx::Result<()> {
    sqlx::query(
        "INSERT OR REPLACE INTO addresses (link, number, id, address, at) VALUES (?1, ?2, ?3, ?4, ?5)",
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
    connection: &mut SqliteConnection,
    transactions: &[(LinkId, u16)],
) -> sqlx::Result<()> {
    for (link, number) in transactions {
        sqlx::query("DELETE FROM addresses WHERE link = ?1 AND number = ?2")
            .bind(link_bits(*link))
            .bind(*number)
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

/// Notes in a journal that was put back from a backup that what came since is missing: neither questions nor links that are
/// not there are a sender's silence.
pub(in crate::sending::journal) async fn note_restoration(
    connection: &mut SqliteConnection,
) -> sqlx::Result<()> {
    let Some(until) = replay::restored_at(connection).await? else { return Ok(()) };
    let (network, why) = (None, Lost::Dropped);
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
    for fact in [
        Fact::QueriesLost(QueriesLost { network, until, why }),
        Fact::FetchesLost(FetchesLost { network, until, why }),
        Fact::ContactsLost(ContactsLost { network, until, count: 1 }),
    ] {
        insert(&mut transaction, until, &fact, &mut Written::default()).await?;
    }
    replay::restoration_noted(&mut transaction).await?;
    transaction.commit().await?;
    tracing::warn!(%until, "this journal is that of a backup: what came since is missing, and no test takes it for silence");
    Ok(())
}
