//! The page of a trial.

use mailassay::sending::history::History;

use crate::browser::Browser;
use crate::hostile;
use crate::inspect::Inspector;
use crate::stage::Stage;

/// A trial that is over: the same page with scripts and without.
pub(super) async fn finished(
    stage: &Stage,
    browser: &Browser,
    inspector: &mut Inspector,
) -> Result<(), String> {
    let told = |history: &History| history.delivery.is_some();
    for (name, term) in [("dane", "DANE"), ("may", "")] {
        let history = stage.trial(&format!("{name}.test"), told).await?;
        let page = stage.page(&history);
        for language in ["en", "de"] {
            inspector
                .page(browser, &format!("trial-{name}"), &format!("{page}?lang={language}"), language)
                .await?;
            let text = browser.text("body").await?;
            inspector.expect(name, text.contains(term), || format!("does not say {term}"));
            browser.scripts(false).await?;
            browser.reload().await?;
            let without = browser.text("body").await?;
            browser.scripts(true).await?;
            inspector.expect(name, without.contains(term), || format!("does not say {term} without scripts"));
        }
    }
    Ok(())
}

/// What a sender writes is text, and what cannot be shown stands there as its number.
pub(super) async fn hostile(
    stage: &Stage,
    browser: &Browser,
    inspector: &mut Inspector,
) -> Result<(), String> {
    let heard = hostile::send(stage).await?;
    let history = stage.trial(hostile::DOMAIN, |_| true).await;
    let history = history.map_err(|error| format!("{error}; it was answered {heard}"))?;
    inspector.page(browser, "trial-hostile", &format!("{}?lang=en", stage.page(&history)), "en").await?;
    let text = browser.text("body").await?;
    for shown in ["<script>", "U+202E"] {
        inspector.expect("hostile", text.contains(shown), || format!("does not show {shown}"));
    }
    let strange =
        |c: &char| c.is_control() && *c != '\n' && *c != '\t' || ('\u{202A}'..='\u{202E}').contains(c);
    let strange: Vec<_> = text.chars().filter(strange).collect();
    inspector.expect("hostile", strange.is_empty(), || format!("shows {strange:?}"));
    Ok(())
}
