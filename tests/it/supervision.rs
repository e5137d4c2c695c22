//! No part of the service dies silently: what becomes of a part that panics, seen from outside.
//!
//! `MAILASSAY_PANIC_IN` makes a part of a debug build panic; what is done for one sender does so for those in `panic.*`.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};

use super::commands::{Serving, local, run};

/// Starts the service with a part that panics.
fn serve(config: &Path, panic_in: &str) -> Serving {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mailassay"));
    command.args(["serve", "--config"]).arg(config).env_remove("RUST_LOG").stderr(Stdio::piped());
    Serving(command.env("MAILASSAY_PANIC_IN", panic_in).spawn().unwrap())
}

/// The lines of its log up to the one that has `word`.
fn log_to(log: &mut impl Iterator<Item = String>, word: &str) -> Vec<String> {
    let mut lines = Vec::new();
    for line in log {
        let is_it = line.contains(word);
        lines.push(line);
        if is_it {
            return lines;
        }
    }
    panic!("no {word} in {lines:#?}");
}

fn lines(serving: &mut Serving) -> impl Iterator<Item = String> + use<> {
    BufReader::new(serving.0.stderr.take().unwrap()).lines().map(Result::unwrap)
}

/// The reply at the dot to one mail.
fn send(smtp: SocketAddr, path: &str) -> String {
    let mut link = TcpStream::connect(smtp).unwrap();
    let mut replies = BufReader::new(link.try_clone().unwrap()).lines().map(Result::unwrap);
    let mut last = move || replies.find(|line| line.as_bytes().get(3) == Some(&b' ')).unwrap();
    assert!(last().starts_with("220 "));
    let message = format!("From: {path}\r\nMessage-ID: <1@{path}>\r\n\r\nTest.\r\n.");
    let mut reply = String::new();
    for command in [
        "EHLO mx.sender.example",
        &format!("MAIL FROM:<{path}>"),
        "RCPT TO:<en@et.test.localhost>",
        "DATA",
        &message,
    ] {
        link.write_all(format!("{command}\r\n").as_bytes()).unwrap();
        reply = last();
    }
    reply
}

fn smtp(config: &Path) -> SocketAddr {
    mailassay::program::config::load(config).unwrap().listen.smtp[0]
}

#[test]
fn a_part_that_panics_ends_the_service_with_a_code_of_its_own() {
    let parts = ["smtp", "dns", "policy-host", "site", "desk", "reply", "upkeep", "put-away", "self-check"];
    for part in parts.into_iter().chain(["delegations", "watch", "status"]) {
        let folder = tempfile::tempdir().unwrap();
        let config = local(folder.path());
        let mut serving = serve(&config, part);
        let mut log = lines(&mut serving);
        let told = log_to(&mut log, "ends with exit code 4").join("\n");
        assert!(told.contains(&format!("{part} panicked")) && told.contains("start it again"), "{told}");
        let rest: Vec<String> = log.collect();
        assert_eq!(serving.0.wait().unwrap().code(), Some(4), "{part}: {rest:?}");
    }
}

#[test]
fn a_mail_at_which_the_service_dies_is_neither_lost_nor_taken_for_no_test() {
    let folder = tempfile::tempdir().unwrap();
    let config = local(folder.path());
    let mut serving = serve(&config, "follower");
    let mut log = lines(&mut serving);
    log_to(&mut log, "serving");
    let reply = send(smtp(&config), "joachim@sender.example");
    assert!(reply.starts_with("451 4.3.0 "), "{reply}");
    log_to(&mut log, "ends with exit code 4");
    drop(log);
    assert_eq!(serving.0.wait().unwrap().code(), Some(4));

    let (code, list, _) = run(&["trial", "list", "--json"], Some(&config));
    assert!(code == 0 && list.contains("sender.example"), "it is in the journal: {list}");
    let mut serving = serve(&config, "nothing");
    log_to(&mut lines(&mut serving), "serving");
    let reply = send(smtp(&config), "joachim@sender.example");
    assert!(reply.starts_with("451 4.7.1 "), "{reply}");
}

#[test]
fn a_trial_that_cannot_be_judged_is_told_and_no_other_suffers() {
    let folder = tempfile::tempdir().unwrap();
    let config = local(folder.path());
    let mut serving = serve(&config, "judge");
    let mut log = lines(&mut serving);
    log_to(&mut log, "serving");
    let smtp = smtp(&config);
    let reply = send(smtp, "joachim@panic.example");
    assert!(reply.starts_with("250 2.0.0 ") && reply.contains("could not be judged"), "{reply}");
    let told = log_to(&mut log, "could not be judged").join("\n");
    assert!(told.contains("please report this"), "{told}");
    let reply = send(smtp, "joachim@sender.example");
    assert!(reply.starts_with("451 4.7.1 "), "{reply}");

    let (_, list, _) = run(&["trial", "list", "--json"], Some(&config));
    let list: serde_json::Value = serde_json::from_str(&list).unwrap();
    let state = |domain: &str| {
        let mut trials = list.as_array().unwrap().iter();
        trials.find(|trial| trial["sender"] == domain).unwrap().clone()
    };
    assert_eq!(
        (&state("panic.example")["state"], &state("sender.example")["state"]),
        (&"unjudged".into(), &"open".into())
    );
    let site = mailassay::program::config::load(&config).unwrap().listen.site[0];
    let mut page = TcpStream::connect(site).unwrap();
    let id = state("panic.example")["id"].as_str().unwrap().to_owned();
    write!(page, "GET /r/{id} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").unwrap();
    let mut html = String::new();
    page.read_to_string(&mut html).unwrap();
    assert!(html.starts_with("HTTP/1.1 200") && html.contains("our program failed at it"), "{html}");
    assert!(serving.0.try_wait().unwrap().is_none(), "it serves on");
}
