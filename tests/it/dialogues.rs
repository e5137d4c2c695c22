//! Tests of the SMTP listener: dialogues as text against the real listener on loopback, with real handshakes
//! and a scripted desk. `tests/dialogues/README.md` has the notation; every folder beside it is a dialogue.

mod desk;
mod peer;
mod player;
mod script;

use std::path::Path;

use mailassay::sending::listener::Settings;

/// Plays every dialogue and reports all that fail, each with its line.
#[tokio::test]
async fn dialogues() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/dialogues");
    let mut names: Vec<_> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .collect();
    names.sort();
    assert!(names.len() > 20, "only {} dialogues found in {}", names.len(), folder.display());
    let world = player::World::new();
    let plays = names.into_iter().map(|path| {
        let world = world.clone();
        tokio::spawn(async move {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            assert!(path.join("README.md").exists(), "{name} has no README.md");
            let text = std::fs::read_to_string(path.join("dialogue.txt")).unwrap();
            let played = match script::parse(&text) {
                Ok(steps) => player::play(&world, &steps).await,
                Err(error) => Err(error),
            };
            played.err().map(|error| format!("{name}/dialogue.txt {error}"))
        })
    });
    let plays: Vec<_> = plays.collect();
    let mut failures = Vec::new();
    for play in plays {
        failures.extend(play.await.unwrap());
    }
    assert!(failures.is_empty(), "\n\n{}\n", failures.join("\n\n"));
}

/// A full scanner opens 600 connections within seconds: concurrency is limited, the rate is not.
#[tokio::test]
async fn a_scanner_gets_through() {
    let stage = player::Stage::open(&player::World::new(), Settings::default(), desk::Scripted::new()).await;
    let address = stage.address;
    let scanning = (0..20).map(|_| {
        tokio::spawn(async move {
            for _ in 0..30 {
                let mut peer = peer::Peer::connect(address).await;
                assert!(peer.reply().await.unwrap()[0].starts_with("220 "));
                peer.send(b"QUIT\r\n").await.unwrap();
                assert!(peer.reply().await.unwrap()[0].starts_with("221 "));
                peer.eof().await.unwrap();
            }
        })
    });
    for scan in scanning.collect::<Vec<_>>() {
        scan.await.unwrap();
    }
    stage.journal.all_closed().await;
    assert_eq!(stage.journal.facts().iter().filter(|fact| fact["fact"] == "link-closed").count(), 600);
}

/// Five hundred connections from one address: as many are served as may be, others are told to wait, and
/// other addresses are served at once.
#[tokio::test]
async fn a_flood_shuts_nobody_out() {
    let stage = player::Stage::open(&player::World::new(), Settings::default(), desk::Scripted::new()).await;
    let (mut held, mut turned_away) = (Vec::new(), 0);
    for _ in 0..500 {
        let mut peer = peer::Peer::connect(stage.address).await;
        match peer.reply().await.unwrap()[0].split(' ').next().unwrap() {
            "220" => held.push(peer),
            "421" => turned_away += 1,
            other => panic!("{other}"),
        }
    }
    assert_eq!((held.len(), turned_away), (50, 450));
    let mut other = peer::Peer::connect_from([127, 0, 0, 3].into(), stage.address).await;
    assert!(other.reply().await.unwrap()[0].starts_with("220 "));
}
