//! A database whose host falls silent: no answer comes, and no end of a connection either.

use std::path::PathBuf;
use std::time::Duration;

use mailassay::sending::journal::Reader;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, UnixStream};
use tokio::sync::watch;

use super::*;
use crate::postgres::Server;

/// How long a call may take where nobody answers: it ends by itself long before, but in vain it would never.
const ENDS: Duration = Duration::from_secs(45);

/// What lies between a node and its database, and may swallow all that comes.
struct Wire {
    port: u16,
    passes: watch::Sender<bool>,
}

impl Wire {
    async fn to(server: &Server) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (passes, seen) = watch::channel(true);
        tokio::spawn(carry(listener, server.socket(), seen));
        Self { port, passes }
    }

    fn address(&self, database: &str) -> Address {
        format!("postgres://mailassay@127.0.0.1:{}/{database}", self.port).parse().unwrap()
    }
}

async fn carry(listener: TcpListener, socket: PathBuf, passes: watch::Receiver<bool>) {
    while let Ok((client, _)) = listener.accept().await {
        let (socket, passes) = (socket.clone(), passes.clone());
        tokio::spawn(async move {
            let server = UnixStream::connect(socket).await.unwrap();
            let (from_client, to_client) = client.into_split();
            let (from_server, to_server) = server.into_split();
            tokio::join!(pour(from_client, to_server, passes.clone()), pour(from_server, to_client, passes));
        });
    }
}

/// Passes octets on, and nothing at all, not even an end, while it does not.
async fn pour(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    mut passes: watch::Receiver<bool>,
) {
    let mut octets = vec![0; 16_384];
    loop {
        let read = from.read(&mut octets).await.unwrap_or(0);
        if passes.wait_for(|passes| *passes).await.is_err() || read == 0 {
            return;
        }
        if to.write_all(&octets[..read]).await.is_err() {
            return;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_falls_silent_holds_nobody_who_asks_and_is_asked_anew() {
    let Some(server) = Server::shared("PostgreSQL falls silent") else { return };
    let direct = server.address("silent");
    let wire = Wire::to(server).await;
    let address = wire.address("silent");
    let node = Node::join(&address, "mx04").await;
    node.commit(1).await;
    let reader = Reader::of(&settings(&node.folder, &address, "mx04")).await.unwrap();
    assert_eq!(reader.next_due().await, Ok(None));

    // In the midst of a question: it waits for a lock, and the answer never comes.
    let mut locker = direct.connect().await.unwrap();
    sqlx::raw_sql("BEGIN; LOCK TABLE journal.outbox IN ACCESS EXCLUSIVE MODE")
        .execute(&mut locker)
        .await
        .unwrap();
    let asking = tokio::spawn(async move {
        let answer = reader.next_due().await;
        (reader, answer)
    });
    let waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'journal.outbox'::regclass \
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
    until("the question is under way", async || {
        sqlx::query_scalar::<_, i64>(waiting).fetch_one(&mut locker).await.unwrap() == 1
    })
    .await;
    wire.passes.send(false).unwrap();
    let (reader, answer) = tokio::time::timeout(ENDS, asking).await.expect("it ends by itself").unwrap();
    assert!(answer.is_err(), "{answer:?}");
    sqlx::raw_sql("ROLLBACK").execute(&mut locker).await.unwrap();

    // Between questions: who asks now is told, and so are those behind, at once.
    let asked = async || reader.next_due().await;
    let many = futures_util::future::join_all((0..20).map(|_| asked()));
    let answers = tokio::time::timeout(ENDS, many).await.expect("they end by themselves");
    assert!(answers.iter().all(Result::is_err), "{answers:?}");
    let asked = node.journal.reader().next_due();
    assert!(tokio::time::timeout(ENDS, asked).await.expect("it ends by itself").is_err());

    wire.passes.send(true).unwrap();
    until("it is asked anew", async || reader.next_due().await == Ok(None)).await;
    until("and by the service", async || node.journal.reader().next_due().await == Ok(None)).await;
    until("and written", async || node.journal.commit(at(), irregular(node.link(2))).await.is_ok()).await;
}
