//! The first page.

use crate::browser::Browser;
use crate::inspect::Inspector;
use crate::stage::Stage;

pub(super) async fn play(stage: &Stage, browser: &Browser, inspector: &mut Inspector) -> Result<(), String> {
    for language in ["en", "de"] {
        browser.behind().await?;
        browser.speak(language).await?;
        browser.open(&stage.site()).await?;
        let behind = browser.behind().await?;
        inspector.is_light("start", &behind);
        inspector.asked("start", &behind);
        inspector.page(browser, "start", "/", language).await?;
        let text = browser.text("body").await?;
        for case in ["et", "ut"] {
            let address = format!("{language}@{case}.mailassay.test");
            inspector.expect("start", text.contains(&address), || format!("does not name {address}"));
        }
        inspector.page(browser, "method", "/method", language).await?;
        inspector.page(browser, "second-part", "/second-part", language).await?;
        inspector.page(browser, "cases", "/cases", language).await?;
        inspector.page(browser, "case", "/cases/both-conflict", language).await?;
        inspector.page(browser, "not-found", "/no-such-page", language).await?;
    }
    copies(stage, browser, inspector).await?;
    switches(stage, browser, inspector).await
}

/// One button copies both addresses; without scripts there is none.
async fn copies(stage: &Stage, browser: &Browser, inspector: &mut Inspector) -> Result<(), String> {
    browser.speak("en").await?;
    browser.forget().await?;
    browser.open(&stage.site()).await?;
    browser.click("button[data-copies]").await?;
    browser.await_text("button[data-copies]", "Copied").await?;
    browser.scripts(false).await?;
    browser.open(&stage.site()).await?;
    let shown = browser.text("button[data-copies]").await?;
    inspector.expect("start", shown.is_empty(), || format!("shows {shown} without scripts"));
    let text = browser.text("main").await?;
    inspector.expect("start", text.contains("en@ut."), || "names no address without scripts".to_owned());
    browser.scripts(true).await
}

/// The switch keeps the page, and is remembered.
async fn switches(stage: &Stage, browser: &Browser, inspector: &mut Inspector) -> Result<(), String> {
    browser.open(&format!("{}/method", stage.site())).await?;
    browser.click("footer a[hreflang=de]").await?;
    let url = browser.url().await?;
    inspector.expect("switch", url.contains("/method"), || format!("leads to {url}"));
    browser.open(&stage.site()).await?;
    let spoken = browser.language().await?;
    inspector.expect("switch", spoken == "de", || format!("is forgotten: {spoken}"));
    browser.forget().await
}
