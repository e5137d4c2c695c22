//! What is played, in this order.

mod domain;
mod notices;
mod providers;
mod start;
pub(crate) mod trial;

use super::browser::Browser;
use super::inspect::Inspector;
use super::stage::Stage;

pub(crate) async fn play(stage: &Stage, browser: &Browser, inspector: &mut Inspector) {
    let played = start::play(stage, browser, inspector).await;
    inspector.note("start", played);
    let sending = [stage.send("dane"), stage.send("may")];
    let played = watched(stage, browser, inspector).await;
    inspector.note("live trial", played);
    let played = trial::reload(stage, browser, inspector).await;
    inspector.note("live trial without scripts", played);
    let played = trial::hostile(stage, browser, inspector).await;
    inspector.note("hostile sender", played);
    let played = trial::finished(stage, browser, inspector).await;
    inspector.note("finished trial", played);
    let played = notices::play(stage, browser, inspector).await;
    inspector.note("notices", played);
    let played = domain::play(stage, browser, inspector).await;
    inspector.note("check", played);
    let played = domain::changed(stage, browser, inspector).await;
    inspector.note("second check", played);
    let played = providers::play(stage, browser, inspector).await;
    inspector.note("providers", played);
    let played = trial::hostile_ended(stage, browser, inspector).await;
    inspector.note("hostile sender's end", played);
    let played = trial::deleted(stage, browser, inspector).await;
    inspector.note("deleted trial", played);
    for sending in sending {
        sending.abort();
    }
}

async fn watched(stage: &Stage, browser: &Browser, inspector: &mut Inspector) -> Result<(), String> {
    let history = stage.trial("dane.test", |_| true).await?;
    trial::watch(browser, inspector, &stage.page(&history), "DANE").await
}
