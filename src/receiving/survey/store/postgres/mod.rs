//! A survey in a database of PostgreSQL: several workers measure it, each domain is one's for as long as its lease lasts.

mod shelf;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions, PgRow};
use sqlx::{ConnectOptions, Connection, PgPool, Row};

use self::shelf::Shared;
use super::packed::{Packed, measured, pack};
use super::{Begun, Claimed, Doing, Measured, Never, NewSurvey, Store, StoreError, Task};
use crate::receiving::places::{Gate, Places};
use crate::receiving::scan::Shelf;
use crate::shared::database::postgres::{Address, Schema, check, ensure, ensure_durable};
use crate::shared::evidence::scan::Evidence;
use crate::shared::time::Timestamp;

/// What a database of a survey holds. A new version is one more step.
const SCHEMA: Schema = Schema { name: "survey", tables: include_str!("schema.sql"), steps: &[] };

/// How long a domain is a worker's without a sign of life, in seconds.
pub const LEASE_S: u32 = 60;
/// The shortest that this can be, in seconds.
pub const LEASE_S_MIN: u32 = 3;
/// How often in a lease a worker gives a sign of life.
const SIGNS_A_LEASE: u32 = 3;
/// How many connections a worker has beside the one that holds its places and the one that says that it lives.
const CONNECTIONS_MAX: u32 = 4;
/// How many domains are written by one statement.
const WRITTEN_AT_ONCE: usize = 10_000;

/// A process that measures, among others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Worker {
    /// By which the database knows it: no other worker has it.
    pub id: i64,
    /// How long its domains are its own without a sign of life.
    pub lease_s: u32,
}

/// A survey in a database.
pub struct PostgresStore {
    /// The database, as errors name it.
    at: String,
    pool: PgPool,
    options: PgConnectOptions,
    working: Option<Working>,
}

struct Working {
    worker: Worker,
    gate: Gate,
    shelf: Arc<Shared>,
}

impl PostgresStore {
    /// Opens a database to work on, and makes the tables where there are none.
    ///
    /// # Errors
    /// If it cannot be used.
    pub async fn open(address: &Address, worker: Worker) -> Result<Self, StoreError> {
        Self::begin_work(address, worker, true).await
    }

    /// Opens a database to help with a survey that somebody has begun.
    ///
    /// # Errors
    /// If it cannot be used, or has no survey.
    pub async fn join(address: &Address, worker: Worker) -> Result<Self, StoreError> {
        Self::begin_work(address, worker, false).await
    }

    /// Opens a database only to read it.
    ///
    /// # Errors
    /// If it has no survey of this version.
    pub async fn read(address: &Address) -> Result<Self, StoreError> {
        Self::connect(address, false).await
    }

    async fn begin_work(address: &Address, worker: Worker, makes: bool) -> Result<Self, StoreError> {
        let store = Self::connect(address, makes).await?;
        let database = StoreError::database(&store.at);
        let mut connection = store.pool.acquire().await.map_err(&database)?;
        let fault = |source| StoreError::NotDurable { at: store.at.clone(), source };
        ensure_durable(&mut connection).await.map_err(fault)?;
        drop(connection);
        let gate = Gate::open(address).await.map_err(&database)?;
        drop(database);
        let shelf = Arc::new(Shared::new(store.pool.clone(), gate.clone()));
        Ok(Self { working: Some(Working { worker, gate, shelf }), ..store })
    }

    async fn connect(address: &Address, makes: bool) -> Result<Self, StoreError> {
        let at = address.to_string();
        let mut connection = address.connect().await.map_err(StoreError::database(&at))?;
        let unfit = |source| StoreError::UnfitSchema { at: at.clone(), source };
        match makes {
            true => ensure(&mut connection, &SCHEMA).await.map(|_| ()).map_err(unfit)?,
            false => check(&mut connection, &SCHEMA).await.map_err(unfit)?,
        }
        // What was said is heard; that the connection ends is nothing to wait for.
        drop(connection.close().await);
        let options = address.options().clone().options([("search_path", "survey,public")]);
        let pool = PgPoolOptions::new().max_connections(CONNECTIONS_MAX);
        Ok(Self { pool: pool.connect_lazy_with(options.clone()), options, at, working: None })
    }

    fn failed(&self) -> impl Fn(sqlx::Error) -> StoreError + '_ {
        StoreError::database(&self.at)
    }

    fn working(&self) -> Result<&Working, StoreError> {
        let what = "it was opened to be read".to_owned();
        self.working.as_ref().ok_or_else(|| StoreError::Other { at: self.at.clone(), what })
    }

    fn garbled(&self, what: &str, source: serde_json::Error) -> StoreError {
        StoreError::Garbled { at: self.at.clone(), what: what.to_owned(), source: source.into() }
    }

    /// Writes the survey where there is none, and tells whether the one that is there is the same. Of those who begin at the
    /// same time one does, and the others find it.
    async fn begin_or_find(&self, survey: &NewSurvey, now: Timestamp) -> Result<(), StoreError> {
        let list = survey.list.digest();
        let mut connection = self.pool.acquire().await.map_err(self.failed())?;
        let mut changes = connection.begin().await.map_err(self.failed())?;
        let lock = sqlx::query("LOCK TABLE survey IN EXCLUSIVE MODE");
        lock.execute(&mut *changes).await.map_err(self.failed())?;
        let known: Option<(String, bool)> = sqlx::query_as("SELECT list, dns_only FROM survey")
            .fetch_optional(&mut *changes)
            .await
            .map_err(self.failed())?;
        if let Some((known, dns_only)) = known {
            return same(survey, &list, &known, dns_only)
                .map_err(|what| StoreError::Other { at: self.at.clone(), what: what.to_owned() });
        }
        let text = |values: &[String]| {
            serde_json::to_string(values).map_err(|error| self.garbled("the list", error))
        };
        let attributes = text(&survey.list.attributes)?;
        let insert = sqlx::query("INSERT INTO survey VALUES (1, $1, $2, $3, $4, $5, $6)")
            .bind(&list)
            .bind(attributes)
            .bind(i64::try_from(survey.listed).unwrap_or(i64::MAX))
            .bind(survey.seed.map(u64::cast_signed))
            .bind(survey.dns_only)
            .bind(now.as_microsecond());
        insert.execute(&mut *changes).await.map_err(self.failed())?;
        let mut place = 0_i64;
        for entries in survey.list.entries.chunks(WRITTEN_AT_ONCE) {
            let (mut places, mut names, mut values) = (Vec::new(), Vec::new(), Vec::new());
            for entry in entries {
                place += 1;
                places.push(place);
                names.push(entry.domain.as_str());
                values.push(text(&entry.values)?);
            }
            let insert = sqlx::query(
                "INSERT INTO domains (place, domain, attributes) SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[])",
            );
            let insert = insert.bind(places).bind(names).bind(values);
            insert.execute(&mut *changes).await.map_err(self.failed())?;
        }
        changes.commit().await.map_err(self.failed())
    }

    async fn take(&self, at_most: usize) -> Result<Claimed, StoreError> {
        let Worker { id, lease_s } = self.working()?.worker;
        let claim = sqlx::query_as::<_, (i64, String)>(
            "UPDATE domains SET worker = $1, leased_until = clock_timestamp() + make_interval(secs => $2)
             WHERE place IN (SELECT place FROM domains
                             WHERE ended IS NULL AND (worker IS NULL OR leased_until < clock_timestamp())
                             ORDER BY place LIMIT $3 FOR UPDATE SKIP LOCKED)
             RETURNING place, domain",
        )
        .bind(id)
        .bind(f64::from(lease_s))
        .bind(i64::try_from(at_most).unwrap_or(i64::MAX));
        let mut rows = claim.fetch_all(&self.pool).await.map_err(self.failed())?;
        rows.sort_unstable();
        if !rows.is_empty() {
            return Ok(Claimed::Tasks(
                rows.into_iter().map(|(place, domain)| Task { place, domain }).collect(),
            ));
        }
        let others = sqlx::query_scalar(
            "SELECT EXISTS (SELECT 1 FROM domains WHERE ended IS NULL AND worker IS DISTINCT FROM $1)",
        );
        let others: bool = others.bind(id).fetch_one(&self.pool).await.map_err(self.failed())?;
        Ok(if others { Claimed::Elsewhere } else { Claimed::Nothing })
    }

    /// Signs of life, until one cannot be given in time. They have a connection of their own: whatever else the worker asks,
    /// they wait behind nothing.
    async fn live(&self, worker: Worker) -> StoreError {
        let late = |_| sqlx::Error::Io(io::Error::new(io::ErrorKind::TimedOut, "the server does not answer"));
        let lease = Duration::from_secs(worker.lease_s.into());
        let connected = tokio::time::timeout(lease, self.options.connect()).await.map_err(late);
        let mut connection = match connected.flatten() {
            Ok(connection) => connection,
            Err(error) => return self.failed()(error),
        };
        let mut signs =
            tokio::time::interval(Duration::from_secs(u64::from((worker.lease_s / SIGNS_A_LEASE).max(1))));
        loop {
            signs.tick().await;
            let prolong = sqlx::query(
                "UPDATE domains SET leased_until = clock_timestamp() + make_interval(secs => $2)
                 WHERE worker = $1 AND ended IS NULL",
            )
            .bind(worker.id)
            .bind(f64::from(worker.lease_s));
            let prolonged = tokio::time::timeout(lease, prolong.execute(&mut connection)).await;
            if let Err(error) = prolonged.map_err(late).flatten() {
                return self.failed()(error);
            }
        }
    }
}

/// Whether a survey is of the same domains and questions as the one that is kept.
fn same(survey: &NewSurvey, list: &str, known: &str, dns_only: bool) -> Result<(), &'static str> {
    match dns_only {
        _ if known != list => Err("the list or the sample has changed"),
        true if !survey.dns_only => Err("it was begun with --dns-only"),
        false if survey.dns_only => Err("it was begun without --dns-only"),
        _ => Ok(()),
    }
}

fn begun(row: &PgRow) -> sqlx::Result<(String, Begun)> {
    let unfit = |error: jiff::Error| sqlx::Error::Decode(Box::new(error));
    let number = |at: usize| row.try_get::<i64, _>(at).map(i64::cast_unsigned);
    let (domains, left) = (number(5)?, number(6)?);
    let begun = Begun {
        attributes: Vec::new(),
        listed: number(1)?,
        seed: row.try_get::<Option<i64>, _>(2)?.map(i64::cast_unsigned),
        dns_only: row.try_get(3)?,
        began: Timestamp::from_microsecond(row.try_get(4)?).map_err(unfit)?,
        domains,
        ended: domains.saturating_sub(left),
    };
    Ok((row.try_get(0)?, begun))
}

impl Store for PostgresStore {
    fn begin<'a>(&'a self, survey: &'a NewSurvey, now: Timestamp) -> Doing<'a, Begun> {
        Box::pin(async move {
            self.begin_or_find(survey, now).await?;
            self.begun().await
        })
    }

    fn begun(&self) -> Doing<'_, Begun> {
        Box::pin(async move {
            let row = sqlx::query(
                "SELECT attributes, listed, seed, dns_only, began, (SELECT count(*) FROM domains),
                 (SELECT count(*) FROM domains WHERE ended IS NULL) FROM survey",
            );
            let Some(row) = row.fetch_optional(&self.pool).await.map_err(self.failed())? else {
                return Err(StoreError::NotBegun { at: self.at.clone() });
            };
            let (attributes, begun) = begun(&row).map_err(self.failed())?;
            let attributes =
                serde_json::from_str(&attributes).map_err(|error| self.garbled("the list", error))?;
            Ok(Begun { attributes, ..begun })
        })
    }

    fn claim(&self, at_most: usize) -> Doing<'_, Claimed> {
        Box::pin(self.take(at_most))
    }

    fn hold(&self) -> Doing<'_, Never> {
        Box::pin(async move {
            let working = self.working()?;
            tokio::select! {
                error = self.live(working.worker) => Err(error),
                why = working.gate.lost() => Err(StoreError::Lost { at: self.at.clone(), why }),
            }
        })
    }

    fn finish<'a>(&'a self, task: &'a Task, evidence: &'a Evidence) -> Doing<'a, ()> {
        Box::pin(async move {
            let packed = pack(evidence).map_err(|source| StoreError::Garbled {
                at: self.at.clone(),
                what: task.domain.clone(),
                source,
            })?;
            // Whose lease ran out has nothing to say: another worker measures it, or has.
            let update = sqlx::query(
                "UPDATE domains SET ended = $2, evidence = $3, worker = NULL, leased_until = NULL
                 WHERE place = $1 AND worker = $4 AND ended IS NULL",
            );
            let update = update.bind(task.place).bind(evidence.to.as_microsecond()).bind(packed);
            let update = update.bind(self.working()?.worker.id);
            update.execute(&self.pool).await.map(|_| ()).map_err(self.failed())
        })
    }

    fn give_back(&self) -> Doing<'_, ()> {
        Box::pin(async move {
            let update = sqlx::query(
                "UPDATE domains SET worker = NULL, leased_until = NULL WHERE worker = $1 AND ended IS NULL",
            );
            let update = update.bind(self.working()?.worker.id);
            update.execute(&self.pool).await.map(|_| ()).map_err(self.failed())
        })
    }

    fn reopen(&self, before: Timestamp, now: Timestamp) -> Doing<'_, u64> {
        Box::pin(async move {
            let mut changes = self.pool.begin().await.map_err(self.failed())?;
            let update = sqlx::query("UPDATE domains SET ended = NULL WHERE ended < $1");
            let update = update.bind(before.as_microsecond()).execute(&mut *changes);
            let reopened = update.await.map_err(self.failed())?.rows_affected();
            if reopened > 0 {
                let begin =
                    sqlx::query("UPDATE survey SET began = coalesce((SELECT min(ended) FROM domains), $1)");
                begin.bind(now.as_microsecond()).execute(&mut *changes).await.map_err(self.failed())?;
            }
            changes.commit().await.map_err(self.failed())?;
            Ok(reopened)
        })
    }

    fn forget_servers(&self, before: Timestamp) -> Doing<'_, ()> {
        Box::pin(async move {
            let delete = sqlx::query("DELETE FROM servers WHERE at < $1").bind(before.as_microsecond());
            delete.execute(&self.pool).await.map(|_| ()).map_err(self.failed())
        })
    }

    fn page(&self, after: i64, at_most: usize) -> Doing<'_, Vec<Measured>> {
        Box::pin(async move {
            let rows = sqlx::query_as::<_, Packed>(
                "SELECT place, domain, attributes, CASE WHEN ended IS NOT NULL THEN evidence END
                 FROM domains WHERE place > $1 ORDER BY place LIMIT $2",
            );
            let rows = rows.bind(after).bind(i64::try_from(at_most).unwrap_or(i64::MAX));
            let rows = rows.fetch_all(&self.pool).await.map_err(self.failed())?;
            rows.into_iter().map(|row| measured(&self.at, row)).collect()
        })
    }

    fn page_by_name<'a>(&'a self, after: &'a str, at_most: usize) -> Doing<'a, Vec<Measured>> {
        Box::pin(async move {
            let rows = sqlx::query_as::<_, Packed>(
                "SELECT place, domain, attributes, CASE WHEN ended IS NOT NULL THEN evidence END
                 FROM domains WHERE domain > $1 ORDER BY domain LIMIT $2",
            );
            let rows = rows.bind(after).bind(i64::try_from(at_most).unwrap_or(i64::MAX));
            let rows = rows.fetch_all(&self.pool).await.map_err(self.failed())?;
            rows.into_iter().map(|row| measured(&self.at, row)).collect()
        })
    }

    fn flush(&self) -> Doing<'_, ()> {
        Box::pin(async move { self.working()?.shelf.flush().await.map_err(self.failed()) })
    }

    fn close(&self) -> Doing<'_, ()> {
        // What the database confirmed is on its disk, and its sessions end with this process.
        Box::pin(std::future::ready(Ok(())))
    }

    fn shelf(self: Arc<Self>) -> Option<Arc<dyn Shelf>> {
        self.working.as_ref().map(|working| Arc::clone(&working.shelf) as _)
    }

    fn places(self: Arc<Self>) -> Option<Arc<dyn Places>> {
        self.working.as_ref().map(|working| Arc::new(working.gate.clone()) as _)
    }
}
