//! Faults played: nothing that was acknowledged is lost, status, metrics and log say why, and all comes back by itself as
//! far as it can.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use mailassay::sending::journal::Reader;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::Command;

use super::super::commands::free_port;
use super::super::killed::{
    Held, Service, hand_on, may_mount, program, quick, send, send_held, until_all_are_told,
};
use super::watched;

/// How often it is looked in vain, each quarter of a second.
const LOOKS_MAX: usize = 480;

async fn get(address: SocketAddr, path: &str) -> String {
    let mut link = tokio::net::TcpStream::connect(address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    link.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    link.read_to_string(&mut answer).await.unwrap();
    answer
}

/// Waits until an answer is as it should be: time passes in the service.
async fn until(address: SocketAddr, path: &str, is: impl Fn(&str) -> bool) -> String {
    for _ in 0..LOOKS_MAX {
        let answer = get(address, path).await;
        if is(&answer) {
            return answer;
        }
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
    panic!("{path} does not change: {}", get(address, path).await);
}

/// What `mailassay status` says within the mounts of a service, and its exit code.
async fn status(service: &Service, config: &Path) -> (i32, String) {
    let id = service.child.id().unwrap().to_string();
    let mut command = Command::new("nsenter");
    command.args(["-t", &id, "-m", &program(), "status", "--config"]).arg(config);
    let output = command.output().await.unwrap();
    // Words may stand on two lines.
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    (output.status.code().unwrap(), text.split_whitespace().collect::<Vec<_>>().join(" "))
}

fn red(answer: &str) -> bool {
    answer.starts_with("HTTP/1.1 503")
}

/// A configuration whose journal lies in a folder of its own, which may become a disk.
fn on_disk(folder: &Path) -> (PathBuf, PathBuf, SocketAddr) {
    let config = quick(folder);
    let address = watched(&config);
    let disk = folder.join("disk");
    fs::create_dir(&disk).unwrap();
    let text = fs::read_to_string(&config).unwrap();
    fs::write(&config, text.replace("\"mailassay.sqlite\"", "\"disk/mailassay.sqlite\"")).unwrap();
    (config, disk, address)
}

#[tokio::test]
async fn a_full_disk_is_told_with_advice_until_it_has_room() {
    if !may_mount() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let (config, disk, address) = on_disk(folder.path());
    let service = Service::start_on_small_disk(&config, &disk).await;
    until(address, "/ready", |answer| !red(answer)).await;
    let filler =
        PathBuf::from(format!("/proc/{}/root{}/filler", service.child.id().unwrap(), disk.display()));
    let mut file = fs::File::create(&filler).unwrap();
    while std::io::Write::write_all(&mut file, &[0; 4_096]).is_ok() {}
    // Nobody has to send a mail for that to be seen.
    let told = until(address, "/ready", |answer| answer.contains("MiB are left")).await;
    assert!(told.contains("free some space on that disk"), "{told}");
    let mut number = 1;
    while send(service.smtp, Ipv4Addr::new(127, 1, 3, 1), number, "en@et.test.localhost")
        .await
        .unwrap()
        .starts_with("451 4.7.1")
    {
        number += 1;
        assert!(number < 2_000, "a full disk takes everything");
    }
    let told = until(address, "/ready", red).await;
    assert!(
        told.contains("\"status\":\"trouble\"") && told.contains("free some space on the disk"),
        "{told}"
    );
    assert!(get(address, "/health").await.starts_with("HTTP/1.1 200"), "to start it anew would not help");
    assert!(get(address, "/metrics").await.contains("mailassay_trouble 1.0"));
    let (code, said) = status(&service, &config).await;
    assert!(code == 1 && said.contains("✘ trouble the journal cannot be written"), "{code}: {said}");
    assert!(said.contains("free some space on the disk"), "{said}");
    fs::remove_file(&filler).unwrap();
    drop(file);
    until(address, "/ready", |answer| !red(answer)).await;
    assert!(get(address, "/metrics").await.contains("mailassay_trouble 0.0"));
    service.stop().await;
}

/// A disk that fails under a service: the kernel lets nobody write any more (`errors=remount-ro`).
#[tokio::test]
async fn a_journal_that_becomes_read_only_is_told_and_read_again_after_a_repair() {
    let Some(image) = disk_image().await else { return };
    let folder = tempfile::tempdir().unwrap();
    let (config, disk, address) = on_disk(folder.path());
    let mount = "mount -o loop,errors=remount-ro \"$0\" \"$1\" && shift && exec \"$@\"";
    let mounted = || {
        let mut command = Command::new("unshare");
        command.args(["-m", "sh", "-c", mount]).arg(image.path()).arg(&disk).arg(program());
        command
    };
    let mut service = Service::run(mounted(), &config, &[]).await;
    send_held(service.smtp, 1..4).await;
    until(address, "/ready", |answer| !red(answer)).await;
    let fail = "echo 1 >/sys/fs/ext4/$(basename $(findmnt -n -o SOURCE \"$0\"))/trigger_fs_error";
    let id = service.child.id().unwrap().to_string();
    let mut failed = Command::new("nsenter");
    failed.args(["-t", &id, "-m", "sh", "-c", fail]).arg(&disk);
    assert!(failed.status().await.unwrap().success());

    let reply = send(service.smtp, Ipv4Addr::new(127, 1, 1, 9), 9, "en@et.test.localhost").await.unwrap();
    assert!(reply.starts_with("452 4.3.1 ") || reply.starts_with("451 4.3.0 "), "{reply}");
    let told = until(address, "/ready", |answer| answer.contains("\"status\":\"trouble\"")).await;
    assert!(told.contains("the journal cannot be written"), "{told}");
    until(address, "/metrics", |text| text.contains("mailassay_place_writable{place=\"journal\"} 0.0")).await;
    let (code, said) = status(&service, &config).await;
    assert!(code == 1 && said.contains("cannot be written: journal"), "{code}: {said}");
    let said = service.log_to("nothing can be written to").await;
    assert!(said.contains("`dmesg`"), "{said}");
    service.kill().await;

    let checked = Command::new("e2fsck").arg("-fy").arg(image.path()).output().await.unwrap();
    // 1: errors were corrected.
    assert!(matches!(checked.status.code(), Some(0 | 1)), "{checked:?}");
    let service = Service::run(mounted(), &config, &[]).await;
    let seen = PathBuf::from(format!("/proc/{}/root{}", service.child.id().unwrap(), disk.display()));
    let held = Held::default();
    // Nobody writes now; the disk goes with the service.
    for name in ["mailassay.sqlite", "mailassay.sqlite-wal"] {
        fs::copy(seen.join(name), folder.path().join(name)).unwrap();
    }
    Reader::open(&folder.path().join("mailassay.sqlite")).await.unwrap().replay(&held).await.unwrap();
    let mails = held.mails.lock().clone();
    for number in 1..4 {
        assert!(mails.contains(&format!("{number}@senders.test")), "{number} is lost: {mails:?}");
    }
    service.stop().await;
}

/// An empty file system in a file; none where this process may not mount it.
async fn disk_image() -> Option<tempfile::NamedTempFile> {
    if !may_mount() {
        return None;
    }
    let image = tempfile::NamedTempFile::new().unwrap();
    image.as_file().set_len(16 << 20).unwrap();
    let made = Command::new("mkfs.ext4").args(["-q", "-F"]).arg(image.path()).output().await;
    let mut tried = Command::new("unshare");
    tried.args(["-m", "mount", "-o", "loop"]).arg(image.path()).arg("/mnt");
    let may = made.is_ok_and(|made| made.status.success())
        && tried.output().await.is_ok_and(|tried| tried.status.success());
    // Not every container that may mount has loop devices.
    let wanted = std::env::var_os("MAILASSAY_REQUIRE_PEERS").is_some();
    assert!(
        may || !wanted || !Path::new("/dev/loop-control").exists(),
        "a disk that fails needs ext4 on a loop device"
    );
    if !may {
        eprintln!("skipped: a disk that fails needs ext4 on a loop device");
    }
    may.then_some(image)
}

#[tokio::test]
async fn a_resolver_that_is_gone_is_told_and_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let config = quick(folder.path());
    let address = watched(&config);
    let text = fs::read_to_string(&config).unwrap();
    let dns = mailassay::program::config::load(&config).unwrap().listen.dns[0];
    let gone: SocketAddr = format!("127.0.0.1:{}", free_port()).parse().unwrap();
    let text = text.replace(&format!("servers = [\"{dns}\"]"), &format!("servers = [\"{gone}\"]"));
    fs::write(&config, text.replace("\n[self_check]\n", "\n[self_check]\nevery_s = 1\n")).unwrap();
    let service = Service::start(&config, &[]).await;
    let told = until(address, "/ready", |answer| answer.contains("\"status\":\"red\"")).await;
    assert!(told.contains("port 53") || told.contains("`resolver`"), "{told}");
    assert!(get(address, "/metrics").await.contains("mailassay_self_check_green{part=\"dns\"} 0.0"));
    let (code, said) = status(&service, &config).await;
    assert!(code == 1 && said.contains("✘ self-check red"), "{code}: {said}");
    let answers = tokio::spawn(hand_on(gone, dns));
    until(address, "/ready", |answer| !red(answer)).await;
    answers.abort();
    service.stop().await;
}

#[tokio::test]
async fn a_clock_that_is_set_is_told_and_the_service_looks_at_itself_again() {
    let folder = tempfile::tempdir().unwrap();
    let config = quick(folder.path());
    let address = watched(&config);
    let clock = folder.path().join("clock");
    let set = |seconds: i64| {
        fs::write(clock.with_extension("new"), seconds.to_string()).unwrap();
        fs::rename(clock.with_extension("new"), &clock).unwrap();
    };
    set(0);
    let mut service = Service::start(&config, &[("MAILASSAY_CLOCK_FILE", clock.to_str().unwrap())]).await;
    service.log_to("self-check: as a sender should see it part=\"policy host\"").await;
    send_held(service.smtp, 1..3).await;
    set(86_400);
    let said = service.log_to("the clock of this host was set forward by").await;
    assert!(said.contains("WARN") && said.contains("timedatectl"), "{said}");
    service.log_to("part=\"policy host\"").await;
    set(0);
    service.log_to("the clock of this host was set back by").await;
    service.log_to("part=\"policy host\"").await;
    let told = until(address, "/ready", |answer| answer.contains("was set back by")).await;
    assert!(told.contains("\"warnings\":[\"the clock"), "{told}");
    assert!(get(address, "/metrics").await.contains("mailassay_clock_jumps_total 2\n"));
    let (_, said) = status(&service, &config).await;
    assert!(said.contains("! warning the clock of this host was set back by"), "{said}");
    // Those of the day that is yet to come are told then.
    set(86_400);
    let held = until_all_are_told(&config).await;
    assert_eq!(held.verdicts.lock().len(), 2);
    service.stop().await;
}
