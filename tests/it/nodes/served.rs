//! Two services on one PostgreSQL, as their senders meet them.

mod keys;

use std::fs;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};

use mailassay::sending::history::VerdictDelivery;
use mailassay::sending::journal::Reader;
use tokio::io::AsyncBufReadExt;

use super::*;
use crate::commands::run;
use crate::killed::{Held, Service, quick, send};
use crate::postgres::Server;

/// Two configurations for one service: addresses and folders of their own, and the keys are one's.
struct Pair {
    folder: tempfile::TempDir,
    configs: [PathBuf; 2],
}

fn pair(url: &str, patience_s: u32) -> Pair {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("shared")).unwrap();
    let configs = ["mx04", "mx05"].map(|name| {
        let own = folder.path().join(name);
        fs::create_dir(&own).unwrap();
        let config = quick(&own);
        let text = fs::read_to_string(&config).unwrap();
        let shared = folder.path().join("shared");
        let path = text.lines().find(|line| line.starts_with("path = ")).unwrap().to_owned();
        let text = text
            .replace(&path, &format!("url = \"{url}\""))
            .replace("patience_s = 3", &format!("patience_s = {patience_s}"));
        let text = format!("{text}\n[node]\nname = \"{name}\"\n");
        let keys = ["keys", "certs", "dkim.key.pem", "seal.key.pem", "certs/ca-root.pem"];
        let text = keys.iter().fold(text, |text, key| {
            text.replace(&format!("= \"{key}\""), &format!("= \"{}/{key}\"", shared.display()))
        });
        fs::write(&config, text).unwrap();
        config
    });
    Pair { folder, configs }
}

async fn held(config: &Path) -> Held {
    let held = Held::default();
    let settings = mailassay::program::config::load(config).unwrap().journal;
    Reader::of(&settings).await.unwrap().replay(&held).await.unwrap();
    held
}

async fn until_told(config: &Path, trials: usize) -> Held {
    let began = Instant::now();
    loop {
        let held = held(config).await;
        if held.verdicts.lock().len() >= trials {
            return held;
        }
        assert!(began.elapsed() < 4 * PATIENCE, "{trials} trials were not told");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

fn letters(pair: &Pair) -> usize {
    let of = |name: &str| fs::read_dir(pair.folder.path().join(name).join("verdicts/new"));
    ["mx04", "mx05"].into_iter().filter_map(|name| Some(of(name).ok()?.count())).sum()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_meets_two_nodes_within_a_second_is_one_trial_with_one_verdict() {
    let Some(server) = Server::shared("two services") else { return };
    let pair = pair(&server.database("served"), 3);
    let one = Service::start(&pair.configs[0], &[]).await;
    let other = Service::start(&pair.configs[1], &[]).await;
    let from = Ipv4Addr::new(127, 1, 1, 1);
    // The same mail, which its sender tries at the next host at once.
    for smtp in [one.smtp, other.smtp] {
        let reply = send(smtp, from, 1, "en@et.test.localhost").await.expect("it serves");
        assert!(reply.starts_with("451 4.7.1 "), "{reply}");
    }
    let trials = run(&["trial", "list", "--json"], Some(&pair.configs[1]));
    let listed: serde_json::Value = serde_json::from_str(&trials.1).unwrap_or_else(|_| panic!("{trials:?}"));
    assert_eq!(listed.as_array().or(listed["trials"].as_array()).map(Vec::len), Some(1), "{}", trials.1);
    let held = until_told(&pair.configs[0], 1).await;
    let told: Vec<_> = held.verdicts.lock().values().flatten().cloned().collect();
    assert!(matches!(told[..], [VerdictDelivery::Sent { .. }]), "{told:?}");
    assert_eq!(letters(&pair), 1);

    // Whoever objects at one node gets no mail of the other's, which is asked who did.
    let one_s = Some(pair.configs[0].clone());
    let objecting = tokio::task::spawn_blocking(move || {
        run(&["forget", "--object", "u2@senders.test"], one_s.as_deref())
    });
    assert_eq!(objecting.await.unwrap().0, 0);
    one.stop().await;
    let listed = run(&["forget", "--list-objections"], Some(&pair.configs[1])).1;
    assert!(listed.contains("addresses          0        0                1"), "{listed}");
    let reply = send(other.smtp, Ipv4Addr::new(127, 1, 3, 1), 2, "en@et.test.localhost").await;
    assert!(reply.is_some_and(|reply| reply.starts_with("451 4.7.1 ")));
    let held = until_told(&pair.configs[1], 2).await;
    let told: Vec<_> = held.verdicts.lock().values().flatten().cloned().collect();
    let withheld = |told: &VerdictDelivery| matches!(told, VerdictDelivery::Withheld { .. });
    assert_eq!(told.iter().filter(|told| withheld(told)).count(), 1, "{told:?}");
    assert_eq!(letters(&pair), 1);
    other.stop().await;

    // Whoever has other keys is not let in.
    let text = fs::read_to_string(&pair.configs[1]).unwrap();
    let dkim = pair.folder.path().join("shared/dkim.key.pem");
    let foreign = text.replace(&dkim.display().to_string(), "other.key.pem");
    assert_ne!(foreign, text);
    fs::write(&pair.configs[1], foreign).unwrap();
    let (code, _, error) = run(&["serve"], Some(&pair.configs[1]));
    assert!(
        code == 2 && error.contains("dkim.key: ") && error.contains("what the other nodes have"),
        "{error}"
    );
    // Unless it was changed on purpose.
    let (code, said, error) = run(&["node", "agree"], Some(&pair.configs[1]));
    assert!(code == 0 && said.contains("what this one has:\ndkim.key\n"), "{said}{error}");
    assert!(run(&["node", "agree"], Some(&pair.configs[1])).1.contains("nothing was changed"));
    Service::start(&pair.configs[1], &[]).await.stop().await;
    let (_, _, error) = run(&["serve"], Some(&pair.configs[0]));
    assert!(error.contains("dkim.key: ") && error.contains("`mailassay node agree`"), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_node_that_is_killed_began_the_other_ends() {
    let Some(server) = Server::shared("a service is killed") else { return };
    let pair = pair(&server.database("mid_trial"), 8);
    let one = Service::start(&pair.configs[0], &[]).await;
    let other = Service::start(&pair.configs[1], &[]).await;
    for number in 1..4 {
        let from = Ipv4Addr::new(127, 1, 2, u8::try_from(number).unwrap());
        let reply = send(one.smtp, from, number, "en@et.test.localhost").await.expect("it serves");
        assert!(reply.starts_with("451 4.7.1 "), "{reply}");
    }
    one.kill().await;
    let held = until_told(&pair.configs[1], 3).await;
    let told = held.verdicts.lock().clone();
    assert!(told.values().all(|told| told.len() == 1), "each once: {told:?}");
    let sent = told.values().flatten().filter(|told| matches!(told, VerdictDelivery::Sent { .. })).count();
    assert_eq!(letters(&pair), sent);
    let (code, output, error) = run(&["node", "list"], Some(&pair.configs[1]));
    assert_eq!(code, 0, "{error}");
    assert!(output.contains("mx05") && output.contains("mx04"), "{output}");
    assert!(output.lines().all(|line| line.chars().count() <= 80), "{output}");
    // One that is asked to take nothing new closes its door, and goes on with what it has.
    assert_eq!(run(&["node", "drain", "mx05"], Some(&pair.configs[1])).0, 0);
    until("whoever comes is told so", async || {
        let Ok(link) = tokio::net::TcpStream::connect(other.smtp).await else { return false };
        let mut greeting = String::new();
        tokio::io::BufReader::new(link).read_line(&mut greeting).await.is_ok()
            && greeting.starts_with("421 4.3.2 ")
            && greeting.ends_with("try another host, or come again later\r\n")
    })
    .await;
    other.stop().await;
}
