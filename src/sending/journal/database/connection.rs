//! One connection, to a file or to a server, and statements that both understand: parameters are `$1`, integers are signed
//! and have 64 bits, truths are integers. What only the one understands is written out for each ([`Connection::either`]).

use std::io;
use std::time::Duration;

use futures_util::stream::{self, BoxStream};
use futures_util::{StreamExt, TryStreamExt};
use sqlx::postgres::{PgArguments, PgRow};
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{
    Arguments, ColumnIndex, Connection as _, Decode, PgConnection, Postgres, Row as _, Sqlite,
    SqliteConnection, Type,
};
use tokio::time::Instant;

/// A connection to a journal, wherever that is.
pub(in crate::sending::journal) enum Connection {
    File(SqliteConnection),
    Server {
        connection: Box<PgConnection>,
        /// How long a statement may take, or each row of many.
        in_time: Duration,
    },
    /// It was one to a server, which did not answer in time: it is thrown away, since an answer that comes late would be
    /// taken for that to the next question.
    Away {
        why: String,
        since: Instant,
    },
}

/// What is said of a server that does not answer.
pub(super) fn silent() -> sqlx::Error {
    sqlx::Error::Io(io::Error::new(io::ErrorKind::TimedOut, "the server does not answer"))
}

/// What comes within a time.
async fn within<T>(time: Duration, asking: impl Future<Output = sqlx::Result<T>>) -> sqlx::Result<T> {
    tokio::time::timeout(time, asking).await.unwrap_or_else(|_| Err(silent()))
}

fn is_silence(error: &sqlx::Error) -> bool {
    matches!(error, sqlx::Error::Io(error) if error.kind() == io::ErrorKind::TimedOut)
}

fn away(why: &str) -> sqlx::Error {
    sqlx::Error::Io(io::Error::new(io::ErrorKind::NotConnected, why.to_owned()))
}

impl Connection {
    /// To a server, where a statement may take so long.
    pub(super) fn to_server(connection: PgConnection, in_time: Duration) -> Self {
        Self::Server { connection: Box::new(connection), in_time }
    }

    /// None to a server, as of now.
    pub(in crate::sending::journal) fn away(why: String) -> Self {
        Self::Away { why, since: Instant::now() }
    }

    /// Whether it was thrown away, or could not be made again, less than so long ago.
    pub(in crate::sending::journal) fn is_away_since(&self, time: Duration) -> bool {
        matches!(self, Self::Away { since, .. } if since.elapsed() < time)
    }

    /// Throws the connection away where an answer did not come.
    fn heed<T>(&mut self, answer: sqlx::Result<T>) -> sqlx::Result<T> {
        if let Err(error) = &answer
            && is_silence(error)
        {
            *self = Self::away(error.to_string());
        }
        answer
    }

    pub(in crate::sending::journal) fn is_server(&self) -> bool {
        !matches!(self, Self::File(_))
    }

    /// What each of the two has a way of its own for.
    pub(in crate::sending::journal) fn either<T>(&self, file: T, server: T) -> T {
        match self {
            Self::File(_) => file,
            Self::Server { .. } | Self::Away { .. } => server,
        }
    }

    /// Runs statements without parameters.
    pub(in crate::sending::journal) async fn run(&mut self, sql: impl sqlx::SqlSafeStr) -> sqlx::Result<()> {
        match self {
            Self::File(file) => sqlx::raw_sql(sql).execute(file).await.map(drop),
            Self::Server { connection, in_time } => {
                let ran = within(*in_time, sqlx::raw_sql(sql).execute(&mut **connection)).await;
                self.heed(ran.map(drop))
            }
            Self::Away { why, .. } => Err(away(why)),
        }
    }

    /// Begins a transaction. BEGIN and COMMIT are written out: sqlx's transaction counts its depth, and loses count where
    /// SQLite has rolled back by itself, as it does when the disk is full; then no later transaction would begin.
    pub(in crate::sending::journal) async fn begin(&mut self) -> sqlx::Result<()> {
        self.run(self.either("BEGIN IMMEDIATE", "BEGIN")).await
    }

    /// Begins a transaction that sees all as it is now, whatever others write meanwhile; a file has one writer, who asks.
    pub(in crate::sending::journal) async fn begin_to_read(&mut self) -> sqlx::Result<()> {
        self.run(self.either("BEGIN", "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")).await
    }

    pub(in crate::sending::journal) async fn commit(&mut self) -> sqlx::Result<()> {
        self.run("COMMIT").await
    }

    pub(in crate::sending::journal) async fn rollback(&mut self) -> sqlx::Result<()> {
        self.run("ROLLBACK").await
    }

    /// Whether a server answers on it; a file does.
    pub(in crate::sending::journal) async fn lives(&mut self) -> bool {
        match self {
            Self::File(_) => true,
            Self::Server { connection, in_time } => within(*in_time, connection.ping()).await.is_ok(),
            Self::Away { .. } => false,
        }
    }

    pub(in crate::sending::journal) async fn close(self) -> sqlx::Result<()> {
        match self {
            Self::File(file) => file.close().await,
            Self::Server { connection, in_time } => within(in_time, connection.close()).await,
            Self::Away { .. } => Ok(()),
        }
    }
}

/// A parameter.
pub(in crate::sending::journal) enum Value {
    Integer(Option<i64>),
    Text(Option<String>),
    Octets(Vec<u8>),
    /// For a server alone.
    Integers(Vec<Option<i64>>),
    Texts(Vec<String>),
}

macro_rules! value_of {
    ($($from:ty => $into:expr),+ $(,)?) => {$(
        impl From<$from> for Value {
            fn from(value: $from) -> Self {
                let into: fn($from) -> Value = $into;
                into(value)
            }
        }
    )+};
}

value_of! {
    i64 => |value| Value::Integer(Some(value)),
    u16 => |value| Value::Integer(Some(value.into())),
    bool => |value| Value::Integer(Some(value.into())),
    Option<i64> => Value::Integer,
    String => |value| Value::Text(Some(value)),
    &str => |value| Value::Text(Some(value.to_owned())),
    &String => |value| Value::Text(Some(value.clone())),
    Option<&str> => |value| Value::Text(value.map(str::to_owned)),
    Vec<u8> => Value::Octets,
    Vec<Option<i64>> => Value::Integers,
    Vec<String> => Value::Texts,
}

/// A statement with its parameters.
pub(in crate::sending::journal) struct Query {
    sql: &'static str,
    values: Vec<Value>,
}

/// A statement.
pub(in crate::sending::journal) fn query(sql: &'static str) -> Query {
    Query { sql, values: Vec::new() }
}

fn of_file(values: Vec<Value>) -> sqlx::Result<SqliteArguments> {
    let mut arguments = SqliteArguments::default();
    for value in values {
        match value {
            Value::Integer(value) => arguments.add(value),
            Value::Text(value) => arguments.add(value),
            Value::Octets(value) => arguments.add(value),
            Value::Integers(_) | Value::Texts(_) => Err("a file knows no lists".into()),
        }
        .map_err(sqlx::Error::Encode)?;
    }
    Ok(arguments)
}

fn of_server(values: Vec<Value>) -> sqlx::Result<PgArguments> {
    let mut arguments = PgArguments::default();
    for value in values {
        match value {
            Value::Integer(value) => arguments.add(value),
            Value::Text(value) => arguments.add(value),
            Value::Octets(value) => arguments.add(value),
            Value::Integers(values) => arguments.add(values),
            Value::Texts(values) => arguments.add(values),
        }
        .map_err(sqlx::Error::Encode)?;
    }
    Ok(arguments)
}

impl Query {
    pub(in crate::sending::journal) fn bind(mut self, value: impl Into<Value>) -> Self {
        self.values.push(value.into());
        self
    }

    /// Gives how many rows it was about.
    pub(in crate::sending::journal) async fn execute(self, connection: &mut Connection) -> sqlx::Result<u64> {
        match connection {
            Connection::File(file) => {
                let arguments = of_file(self.values)?;
                Ok(sqlx::query_with(self.sql, arguments).execute(file).await?.rows_affected())
            }
            Connection::Server { connection: server, in_time } => {
                let arguments = of_server(self.values)?;
                let executing = sqlx::query_with(self.sql, arguments).execute(&mut **server);
                let executed = within(*in_time, executing).await;
                connection.heed(executed.map(|executed| executed.rows_affected()))
            }
            Connection::Away { why, .. } => Err(away(why)),
        }
    }

    /// Gives the number of the row that it made in a file.
    pub(in crate::sending::journal) async fn insert(self, connection: &mut Connection) -> sqlx::Result<i64> {
        let Connection::File(file) = connection else { return Err(sqlx::Error::RowNotFound) };
        let arguments = of_file(self.values)?;
        Ok(sqlx::query_with(self.sql, arguments).execute(file).await?.last_insert_rowid())
    }

    pub(in crate::sending::journal) async fn fetch_all(
        self,
        connection: &mut Connection,
    ) -> sqlx::Result<Vec<Row>> {
        let rows: sqlx::Result<Vec<Row>> = self.fetch(connection)?.try_collect().await;
        connection.heed(rows)
    }

    pub(in crate::sending::journal) async fn fetch_optional(
        self,
        connection: &mut Connection,
    ) -> sqlx::Result<Option<Row>> {
        match connection {
            Connection::File(file) => {
                let arguments = of_file(self.values)?;
                let row = sqlx::query_with(self.sql, arguments).fetch_optional(file).await?;
                Ok(row.map(Row::File))
            }
            Connection::Server { connection: server, in_time } => {
                let arguments = of_server(self.values)?;
                let asking = sqlx::query_with(self.sql, arguments).fetch_optional(&mut **server);
                let row = within(*in_time, asking).await;
                connection.heed(row.map(|row| row.map(Row::Server)))
            }
            Connection::Away { why, .. } => Err(away(why)),
        }
    }

    pub(in crate::sending::journal) async fn fetch_one(
        self,
        connection: &mut Connection,
    ) -> sqlx::Result<Row> {
        self.fetch_optional(connection).await?.ok_or(sqlx::Error::RowNotFound)
    }

    /// Rows one by one.
    pub(in crate::sending::journal) fn fetch(
        self,
        connection: &mut Connection,
    ) -> sqlx::Result<BoxStream<'_, sqlx::Result<Row>>> {
        Ok(match connection {
            Connection::File(file) => {
                let arguments = of_file(self.values)?;
                sqlx::query_with(self.sql, arguments).fetch(file).map_ok(Row::File).boxed()
            }
            Connection::Server { connection: server, in_time } => {
                let arguments = of_server(self.values)?;
                let (rows, in_time) = (sqlx::query_with(self.sql, arguments).fetch(&mut **server), *in_time);
                // After an error nothing more is asked.
                let next = stream::unfold(Some(rows), move |rows| async move {
                    let mut rows = rows?;
                    match within(in_time, rows.try_next()).await.transpose()? {
                        Ok(row) => Some((Ok(Row::Server(row)), Some(rows))),
                        Err(error) => Some((Err(error), None)),
                    }
                });
                next.boxed()
            }
            Connection::Away { why, .. } => return Err(away(why)),
        })
    }

    /// The first column of the one row.
    pub(in crate::sending::journal) async fn scalar<T: for<'r> Column<'r>>(
        self,
        connection: &mut Connection,
    ) -> sqlx::Result<T> {
        self.fetch_one(connection).await?.try_get(0)
    }

    /// The first column of the one row that there may be.
    pub(in crate::sending::journal) async fn scalar_optional<T: for<'r> Column<'r>>(
        self,
        connection: &mut Connection,
    ) -> sqlx::Result<Option<T>> {
        self.fetch_optional(connection).await?.map(|row| row.try_get(0)).transpose()
    }

    /// The first column of each row.
    pub(in crate::sending::journal) async fn scalars<T: for<'r> Column<'r>>(
        self,
        connection: &mut Connection,
    ) -> sqlx::Result<Vec<T>> {
        self.fetch_all(connection).await?.iter().map(|row| row.try_get(0)).collect()
    }
}

/// A row of either.
pub(in crate::sending::journal) enum Row {
    File(SqliteRow),
    Server(PgRow),
}

/// What both have as a column.
pub(in crate::sending::journal) trait Column<'r>:
    Decode<'r, Sqlite> + Type<Sqlite> + Decode<'r, Postgres> + Type<Postgres>
{
}

impl<'r, T> Column<'r> for T where T: Decode<'r, Sqlite> + Type<Sqlite> + Decode<'r, Postgres> + Type<Postgres>
{}

impl Row {
    /// A column by its place or its name.
    pub(in crate::sending::journal) fn try_get<'r, T, I>(&'r self, index: I) -> sqlx::Result<T>
    where
        T: Column<'r>,
        I: ColumnIndex<SqliteRow> + ColumnIndex<PgRow>,
    {
        match self {
            Self::File(row) => row.try_get(index),
            Self::Server(row) => row.try_get(index),
        }
    }

    /// A number that is not negative.
    pub(in crate::sending::journal) fn number(&self, index: usize) -> sqlx::Result<u64> {
        self.try_get::<i64, _>(index).map(i64::unsigned_abs)
    }
}
