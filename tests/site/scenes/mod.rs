//! What is played, in this order.

mod start;
mod trial;

use super::browser::Browser;
use super::inspect::Inspector;
use super::stage::Stage;

pub(crate) async fn play(stage: &Stage, browser: &Browser, inspector: &mut Inspector) {
    let sending = [stage.send("may"), stage.send("dane")];
    let played = start::play(stage, browser, inspector).await;
    inspector.note("start", played);
    let played = trial::hostile(stage, browser, inspector).await;
    inspector.note("hostile sender", played);
    let played = trial::finished(stage, browser, inspector).await;
    inspector.note("finished trial", played);
    for sending in sending {
        sending.abort();
    }
}
