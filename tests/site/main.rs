//! The site as its users see it: headless Chromium against the real service in the demo's world on loopback, whose
//! samples send. Pictures of every page lie in `target/screenshots` afterwards. `README.md` says more.
//!
//! A test binary of its own, so that nothing else runs beside it: one Chromium, one scene after the other.
#![allow(clippy::unwrap_used)]
#![expect(clippy::disallowed_methods, reason = "the clock: tests run beside programs that run by it")]

mod browser;
mod hostile;
mod http;
mod inspect;
mod peers;
mod scanners;
mod scenes;
mod stage;
mod watched;

#[path = "../interop/rig/mod.rs"]
#[allow(dead_code, reason = "one sender of it is enough here")]
mod rig;

use browser::Browser;
use inspect::Inspector;
use stage::Stage;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_site_is_as_its_users_want_it() {
    if !peers::are_here() {
        return;
    }
    let _alone = peers::ALONE.lock().await;
    let folder = tempfile::tempdir().unwrap();
    let stage = Stage::start(folder.path()).await;
    let browser = Browser::start().await;
    let mut inspector = Inspector::new(stage.site());
    scenes::play(&stage, &browser, &mut inspector).await;
    drop(browser);
    let (site, visited) = (stage.site(), inspector.visited());
    let attacked = scanners::wapiti(&site, &visited, &mut inspector).await;
    inspector.note("wapiti", attacked);
    let attacked = scanners::schemathesis(&site, &mut inspector).await;
    inspector.note("schemathesis", attacked);
    stage.stop().await;
    let pages = inspector.close();
    println!("{pages} pages, each in light, dark, on a phone and in print");
}
