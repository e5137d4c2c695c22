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
        inspector.page(browser, "not-found", "/no-such-page", language).await.ok();
    }
    Ok(())
}
