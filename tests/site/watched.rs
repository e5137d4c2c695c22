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

/// What tells the browser in the network where the trial's page is.
const PAGE: &str = "MAILASSAY_SITE_PAGE";
/// How long Postfix may take until its trial is open.
const OPEN: Duration = Duration::from_secs(120);

#[test]
fn a_trial_of_a_real_postfix_is_watched() {
    if !peers::are_here() || !rig::peers::are_here("a watched trial") {
        return;
    }
    let _alone = peers::ALONE.blocking_lock();
    let world = World::new("watched");
    let group = Group::alone(Row::read("postfix-dane"));
    let service = Service::start(&world, Mode::Early, group.mx_addresses());
    let senders = Sender::start_all(&world, &service, &group, Mode::Early);
    let began = Instant::now();
    let id = loop {
        if let Some((id, _)) = service.trials().into_iter().next() {
            break id;
        }
        assert!(began.elapsed() < OPEN, "no trial: {}", senders[0].log_tail());
        std::thread::sleep(Duration::from_millis(300));
    };
    // No name and no thread of this process is in that network: a process of its own is.
    let browser = world
        .at_receiver(std::env::current_exe().expect("this program"))
        .args(["--exact", "watched::from_inside", "--ignored", "--nocapture"])
        .env(PAGE, format!("http://127.0.0.1:8025/r/{id}"))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .output()
        .expect("it runs");
    let said = String::from_utf8_lossy(&[browser.stdout, browser.stderr].concat()).into_owned();
    let log = || format!("{}\n{}", service.log_tail(), senders[0].log_tail());
    assert!(browser.status.success(), "{said}\n{}", log());
}

#[tokio::test]
#[ignore = "runs in the network of the test above"]
async fn from_inside() {
    let page = std::env::var(PAGE).expect("the address of a page");
    let browser = Browser::start().await;
    let mut inspector = Inspector::new("http://127.0.0.1:8025".to_owned());
    let watched = trial::watch(&browser, &mut inspector, &page, "DANE").await;
    inspector.note("a real Postfix", watched);
    drop(browser);
    inspector.close();
}
