//! Where the journals of a test lie: in a file, or on a server of PostgreSQL's. What holds for both is tested on both.

use std::sync::atomic::{AtomicU32, Ordering};

use mailassay::shared::database::postgres::Address;

use super::*;
use crate::postgres::Server;

/// A place for one journal.
pub(in crate::journal) struct Place {
    folder: tempfile::TempDir,
    url: Option<Address>,
}

/// Tells apart the databases of one run.
static NEXT: AtomicU32 = AtomicU32::new(0);

impl Place {
    pub(in crate::journal) fn file() -> Self {
        Self { folder: tempfile::tempdir().expect("a folder"), url: None }
    }

    /// A new database; none where PostgreSQL is missing, which is said.
    pub(in crate::journal) fn server(test: &str) -> Option<Self> {
        let server = Server::shared(test)?;
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let url = Some(server.address(&format!("journal_{number}")));
        Some(Self { url, ..Self::file() })
    }

    pub(in crate::journal) fn settings(&self) -> Settings {
        Settings { url: self.url.clone(), ..settings(self.folder.path()) }
    }

    /// How many rows a table has, as other programs see it.
    pub(in crate::journal) async fn rows(&self, table: &str) -> i64 {
        let Some(address) = &self.url else {
            let path = self.settings().path;
            return versions::numbers(&path, &format!("SELECT count(*) FROM {table}")).await[0];
        };
        let mut connection = address.connect().await.expect("connects");
        let count = sqlx::AssertSqlSafe(format!("SELECT count(*) FROM journal.{table}"));
        sqlx::query_scalar(count).fetch_one(&mut connection).await.expect("reads")
    }

    /// Lets time pass for claims where they go by a server's clock.
    pub(in crate::journal) async fn pass(&self, seconds: i64) {
        let Some(address) = &self.url else { return };
        let mut connection = address.connect().await.expect("connects");
        let pass =
            "UPDATE journal.outbox SET claimed_at = claimed_at - $1, claimed_until = claimed_until - $1";
        let passed = sqlx::query(pass).bind(seconds * 1_000_000).execute(&mut connection).await;
        passed.expect("changes");
    }

    /// All that the journal holds, as another process reads it.
    pub(in crate::journal) async fn stored(&self) -> Vec<Fact> {
        let told = Told::default();
        let reader = Reader::of(&self.settings()).await.expect("reads");
        reader.replay(&told).await.expect("replays");
        told.facts()
    }
}

/// Each of these tests in a file and on a server.
macro_rules! on_both {
    ($($test:ident),+ $(,)?) => {
        mod in_a_file {
            $(#[tokio::test]
            async fn $test() {
                super::$test($crate::journal::place::Place::file()).await;
            })+
        }

        mod on_a_server {
            $(#[tokio::test]
            async fn $test() {
                if let Some(place) = $crate::journal::place::Place::server(stringify!($test)) {
                    super::$test(place).await;
                }
            })+
        }
    };
}
pub(in crate::journal) use on_both;
