//! Sessions with STARTTLS and the host's name in SNI, beside a bare rustls server's: what noting costs.

use std::error::Error;
use std::net::SocketAddr;
use std::time::Duration;

use mailassay::shared::smtp::{Client, ClientSettings, Starttls};
use mailassay::shared::tls::client;
use tokio::task::JoinSet;

use super::held::LIMITS;
use super::peers::bare::Bare;
use super::turns::{Bar, Pair, rounds};
use crate::Playing;
use crate::process::cpu;
use crate::sender::{Failure, address, domain, greeted, look};
use crate::world::{ORIGIN, WINDOW_S, World};

/// How many sessions a turn has, and how many run at a time.
const SESSIONS: u32 = 2_000;
const AT_ONCE: u32 = 20;
/// The sources: so many of 127.101.0.0/16, one behind the other.
const SOURCES: u32 = 400;
const SECOND: u8 = 101;
const NETWORKS: u32 = 200;
const HANDSHAKE_S: u32 = 30;
/// The bar.
const CPU_OF_BARE: f64 = 1.2;

pub(super) fn play(playing: &Playing) -> Result<bool, Box<dyn Error>> {
    let playing = playing.with(LIMITS);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let world = World::new(&playing)?;
    let service = world.serving(&playing)?;
    let bare = Bare::start(playing.core)?;
    runtime.block_on(come_to_know(world.places.smtp, SOURCES))?;
    let count = playing.number(SESSIONS);
    let turn = |to: SocketAddr, id: u32| -> Result<f64, Box<dyn Error>> {
        let spent = cpu(id);
        runtime.block_on(all(to, count))?;
        // What is noted is written a moment later.
        std::thread::sleep(Duration::from_millis(500));
        Ok((cpu(id) - spent).as_secs_f64() * 1e3 / f64::from(count))
    };
    let mut ours = |_| turn(world.places.smtp, service.id());
    let mut peer = |_| turn(bare.address, bare.id());
    rounds(1, &mut [&mut ours, &mut peer])?;
    let mut pair = Pair::default();
    for round in rounds(playing.rounds, &mut [&mut ours, &mut peer])? {
        pair.add((round[0], round[1]));
    }
    Ok(pair.tell("CPU of a session with STARTTLS", "bare rustls", "ms", Bar::AtMost(CPU_OF_BARE)))
}

/// Lets sources come for the first time, which opens their window, and be over with it.
pub(super) async fn come_to_know(smtp: SocketAddr, sources: u32) -> Result<(), Box<dyn Error>> {
    for n in 0..sources {
        look(address(SECOND, NETWORKS, n), smtp, n).await.map_err(|error| error.to_string())?;
    }
    tokio::time::sleep(Duration::from_secs(WINDOW_S) + Duration::from_millis(200)).await;
    Ok(())
}

async fn all(to: SocketAddr, count: u32) -> Result<(), Box<dyn Error>> {
    let mut running = JoinSet::new();
    for n in 0..count {
        while running.len() >= AT_ONCE as usize {
            ended(running.join_next().await)?;
        }
        running.spawn(async move {
            let mut client = opened(to, n % SOURCES).await?;
            client.ehlo(&format!("mail.{}", domain(n % SOURCES))).await?;
            client.quit().await?;
            Ok(())
        });
    }
    while !running.is_empty() {
        ended(running.join_next().await)?;
    }
    Ok(())
}

fn ended(done: Option<Result<Result<(), Failure>, tokio::task::JoinError>>) -> Result<(), Box<dyn Error>> {
    match done {
        Some(done) => done?.map_err(|error| error.to_string().into()),
        None => Ok(()),
    }
}

/// A session within TLS, before its EHLO there.
pub(super) async fn opened(
    to: SocketAddr,
    n: u32,
) -> Result<Client<impl tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send>, Failure> {
    let mut client = greeted(address(SECOND, NETWORKS, n), to).await?;
    if !client.ehlo(&format!("mail.{}", domain(n))).await?.starttls() {
        return Err("STARTTLS was not offered".into());
    }
    let stream = match client.starttls().await? {
        Starttls::Go(stream) => stream,
        Starttls::Refused(_, reply) => return Err(format!("STARTTLS: {}", reply.code).into()),
    };
    let connected = client::connect(stream, &format!("mx04.et.{ORIGIN}"), true, HANDSHAKE_S).await?;
    Ok(Client::in_tls(connected.stream, ClientSettings::default()))
}
