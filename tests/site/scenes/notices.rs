//! What the site owes to those it writes to, and to programs that look for files.

use crate::browser::Browser;
use crate::http;
use crate::inspect::Inspector;
use crate::stage::Stage;

pub(super) async fn play(stage: &Stage, browser: &Browser, inspector: &mut Inspector) -> Result<(), String> {
    for language in ["en", "de"] {
        inspector.page(browser, "privacy", "/privacy", language).await?;
        inspector.page(browser, "contact", "/contact", language).await?;
        inspector.page(browser, "imprint", "/imprint", language).await?;
    }
    for (path, part) in [
        ("/robots.txt", "User-agent"),
        ("/.well-known/security.txt", "Contact:"),
        ("/favicon.ico", "<svg"),
        ("/health", "green"),
    ] {
        let answer = http::get(&format!("{}{path}", stage.site())).await?;
        let text = String::from_utf8_lossy(answer.body()).into_owned();
        let fits = answer.status() == 200 && text.contains(part);
        inspector.expect("files", fits, || format!("{path} is {}: {text}", answer.status()));
    }
    objection(stage, browser, inspector).await
}

/// Who looks changes nothing; the button, or the one press of a mail program (RFC 8058 §3.1), does.
async fn objection(stage: &Stage, browser: &Browser, inspector: &mut Inspector) -> Result<(), String> {
    let page = stage.objection("jim@dane.test").await;
    for language in ["en", "de"] {
        inspector.page(browser, "objection", &page, language).await?;
    }
    let form = format!("main form[action='{}']", page.trim_start_matches(&stage.site()));
    browser.click(&format!("{form} button")).await?;
    browser.until("return !!document.querySelector(\"form[action$='/withdraw']\")").await?;
    inspector.shown(browser, "objection-kept-de").await?;
    browser.click("form[action$='/withdraw'] button").await?;
    browser.until("return !document.querySelector(\"form[action$='/withdraw']\")").await?;
    inspector.shown(browser, "objection-withdrawn-de").await?;
    let answer = http::post(&page, "List-Unsubscribe=One-Click").await?;
    inspector.expect("objection", answer.status() == 200, || format!("one press is {}", answer.status()));
    browser.open(&page).await?;
    let stands = browser.has("form[action$='/withdraw']").await;
    inspector.expect("objection", stands, || "the one press of a mail program changed nothing".to_owned());
    Ok(())
}
