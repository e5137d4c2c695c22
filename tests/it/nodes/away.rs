//! A service whose PostgreSQL goes away and comes back, as senders and resolvers meet it.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;

use mailassay::sending::journal::Reader;
use tokio::net::UdpSocket;

use super::*;
use crate::killed::{Held, Service, quick, send};
use crate::postgres::Server;

/// A question for an MX record, and how many answers it got; none where nothing came back.
async fn answers(dns: SocketAddr, name: &str) -> Option<u16> {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    socket.connect(dns).await.unwrap();
    // RFC 1035 §4.1: identity, recursion not desired, one question; its name, MX, IN.
    let mut message = vec![0, 7, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    for label in name.split('.') {
        message.push(u8::try_from(label.len()).unwrap());
        message.extend(label.as_bytes());
    }
    message.extend([0, 0, 15, 0, 1]);
    socket.send(&message).await.unwrap();
    let mut reply = [0; 4096];
    let received = tokio::time::timeout(PATIENCE, socket.recv(&mut reply)).await.ok()?.ok()?;
    let no_error = received > 12 && reply[3] & 0x0f == 0;
    no_error.then(|| u16::from_be_bytes([reply[6], reply[7]]))
}

async fn verdicts(config: &Path) -> usize {
    let held = Held::default();
    let settings = mailassay::program::config::load(config).unwrap().journal;
    let Ok(reader) = Reader::of(&settings).await else { return 0 };
    if reader.replay(&held).await.is_err() {
        return 0;
    }
    held.verdicts.into_inner().len()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_service_without_its_database_takes_no_mail_and_answers_all_else() {
    let Some(mut server) = Server::start("a service without its database") else { return };
    let folder = tempfile::tempdir().unwrap();
    let config = quick(folder.path());
    let text = fs::read_to_string(&config).unwrap();
    let path = text.lines().find(|line| line.starts_with("path = ")).unwrap().to_owned();
    let text = text.replace(&path, &format!("url = \"{}\"", server.database("away")));
    fs::write(&config, format!("{text}\n[node]\nname = \"mx04\"\n")).unwrap();
    let dns = mailassay::program::config::load(&config).unwrap().listen.dns[0];
    let service = Service::start(&config, &[]).await;
    let from = Ipv4Addr::new(127, 1, 3, 1);
    assert!(answers(dns, "et.test.localhost").await.is_some_and(|answers| answers >= 4));

    server.kill();
    // A sender who is here for the first time is greeted, shown what it came for, and told to come again.
    let reply = send(service.smtp, from, 1, "en@et.test.localhost").await.expect("it serves");
    assert!(reply.starts_with("451 4.3.0 ") && reply.contains("database"), "{reply}");
    assert!(answers(dns, "et.test.localhost").await.is_some_and(|answers| answers >= 4));

    server.go_on(&[]);
    until("mail is held once more", async || {
        let reply = send(service.smtp, from, 1, "en@et.test.localhost").await;
        reply.is_some_and(|reply| reply.starts_with("451 4.7.1 ") && reply.contains("held on purpose"))
    })
    .await;
    until("its verdict is told", async || verdicts(&config).await == 1).await;
    service.stop().await;
}
