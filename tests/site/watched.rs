//! A real Postfix, in the network of `tests/interop`, whose trial is watched in a browser beside the service.

use std::process::Stdio;
use std::time::Duration;

use tokio::time::Instant;

use super::browser::Browser;
use super::inspect::Inspector;
use super::rig::mode::Mode;
use super::rig::row::{Group, Row};
use super::rig::run::Sender;
use super::rig::service::Service;
use super::rig::world::World;
use super::scenes::trial;
use super::{peers, rig};

/// The file that is there, empty, when the browser in the network is ready, and then says where the trial's page is.
const PAGE: &str = "MAILASSAY_SITE_PAGE";
/// How long browser and Postfix may take until the trial is open, and how often it is looked whether it is.
const READY: Duration = Duration::from_secs(180);
const GLANCE: Duration = Duration::from_millis(200);

#[test]
fn a_trial_of_a_real_postfix_is_watched() {
    if !peers::are_here() || !rig::peers::are_here("a watched trial") {
        return;
    }
    let _alone = peers::ALONE.blocking_lock();
    let world = World::new("watched");
    let group = Group::alone(Row::read("postfix-dane"));
    let service = Service::start(&world, Mode::Slow, group.mx_addresses());
    // No thread of this process is in that network: a process of its own is. Its browser is ready when Postfix begins.
    let told = world.folder().join("page");
    let browser = world
        .at_receiver(std::env::current_exe().expect("this program"))
        .args(["--exact", "watched::from_inside", "--nocapture"])
        .env(PAGE, &told)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it runs");
    let began = Instant::now();
    while !told.exists() {
        assert!(began.elapsed() < READY, "no browser");
        std::thread::sleep(GLANCE);
    }
    let senders = Sender::start_all(&world, &service, &group, Mode::Slow);
    let id = loop {
        if let Some((id, _)) = service.trials().into_iter().next() {
            break id;
        }
        assert!(began.elapsed() < READY, "no trial: {}", senders[0].log_tail());
        std::thread::sleep(GLANCE);
    };
    std::fs::write(&told, format!("http://127.0.0.1:8025/r/{id}")).expect("the page can be told");
    let browser = browser.wait_with_output().expect("it ends");
    let said = String::from_utf8_lossy(&[browser.stdout, browser.stderr].concat()).into_owned();
    let log = || format!("{}\n{}", service.log_tail(), senders[0].log_tail());
    assert!(browser.status.success(), "{}\n{said}", log());
    println!("{said}");
}

/// The other half of the test above, in a process that stands in its network; on its own there is nothing to watch.
#[tokio::test]
async fn from_inside() {
    let Some(told) = std::env::var_os(PAGE) else { return };
    let browser = Browser::start().await;
    std::fs::write(&told, "").expect("the file can be written");
    let page = loop {
        let page = std::fs::read_to_string(&told).expect("the file");
        if !page.is_empty() {
            break page;
        }
        tokio::time::sleep(GLANCE).await;
    };
    let mut inspector = Inspector::new("http://127.0.0.1:8025".to_owned());
    let watched = trial::watch(&browser, &mut inspector, &page, "DANE").await;
    inspector.note("a real Postfix", watched);
    drop(browser);
    inspector.close();
}
