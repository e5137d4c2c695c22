//! A domain checked because somebody asked: form, progress, result, what changed, deletion.

use std::time::Duration;

use crate::browser::Browser;
use crate::hostile;
use crate::http;
use crate::inspect::Inspector;
use crate::stage::Stage;

use super::trial;

/// How long a result is given to the next who asks, in the demo's world, and a second.
const REUSED: Duration = Duration::from_secs(11);

pub(super) async fn play(stage: &Stage, browser: &Browser, inspector: &mut Inspector) -> Result<(), String> {
    for language in ["en", "de"] {
        inspector.page(browser, "check", "/check", language).await?;
    }
    mistaken(stage, browser, inspector).await?;
    let result = check(stage, browser, inspector, "jim@dane.test", "check").await?;
    for language in ["en", "de"] {
        inspector.page(browser, "check-result", &result, language).await?;
        let with = browser.text("h1").await?;
        inspector.expect("check", with.contains("dane.test"), || format!("is headed {with}"));
        browser.scripts(false).await?;
        browser.reload().await?;
        let without = browser.text("h1").await?;
        browser.scripts(true).await?;
        inspector.expect("check", with == without, || format!("{with}, but without scripts {without}"));
    }
    let json = http::get(&format!("{result}.json")).await?;
    let document = String::from_utf8_lossy(json.body()).into_owned();
    inspector.expect("check", document.contains("dane.test"), || format!("no document: {document}"));
    let robots = json.headers().get("x-robots-tag").and_then(|value| value.to_str().ok()).unwrap_or_default();
    inspector.expect("check", robots.contains("noindex"), || format!("may be indexed: {robots}"));
    without_scripts(stage, browser, inspector).await?;
    delete(browser, inspector, &result).await
}

/// What is no domain is said to be none, and stands in the field to be corrected.
async fn mistaken(stage: &Stage, browser: &Browser, inspector: &mut Inspector) -> Result<(), String> {
    browser.speak("en").await?;
    browser.open(&format!("{}/check", stage.site())).await?;
    browser.fill("#domain", "\"><script>document.title='EVIL'</script>").await?;
    browser.click("form.act button").await?;
    browser.until("return !!document.querySelector('[role=alert]')").await?;
    // That it is answered with 4xx is no fault of the page.
    browser.behind().await?;
    inspector.shown(browser, "check-mistaken-en").await
}

/// Types a domain, presses the button and waits for the result; gives its address.
async fn check(
    stage: &Stage,
    browser: &Browser,
    inspector: &mut Inspector,
    typed: &str,
    name: &str,
) -> Result<String, String> {
    browser.speak("en").await?;
    browser.open(&format!("{}/check", stage.site())).await?;
    browser.fill("#domain", typed).await?;
    browser.click("form.act button").await?;
    browser.until("return location.pathname.startsWith('/d/')").await?;
    if browser.has("#steps").await {
        // It may be over meanwhile, and the page another.
        let looked = inspector.shown(browser, &format!("{name}-running-en")).await;
        let runs = browser.has("#steps").await;
        looked.or_else(|fault| if runs { Err(fault) } else { Ok(()) })?;
    }
    browser.until("return !!document.getElementById('link')").await?;
    browser.url().await
}

/// Without scripts the page of the progress comes again by itself until there is a result.
async fn without_scripts(stage: &Stage, browser: &Browser, inspector: &mut Inspector) -> Result<(), String> {
    browser.scripts(false).await?;
    browser.open(&format!("{}/check", stage.site())).await?;
    browser.fill("#domain", "https://may.test/").await?;
    browser.click("form.act button").await?;
    let done = browser.until("return !!document.getElementById('link')").await;
    browser.scripts(true).await?;
    done?;
    let head = browser.text("h1").await?;
    inspector.expect("check", head.contains("may.test"), || format!("without scripts: {head}"));
    Ok(())
}

/// A second check tells what the servers changed; and what they say is text.
pub(super) async fn changed(
    stage: &Stage,
    browser: &Browser,
    inspector: &mut Inspector,
) -> Result<(), String> {
    let first = check(stage, browser, inspector, hostile::DOMAIN, "check-hostile").await?;
    inspector.page(browser, "check-hostile", &first, "en").await?;
    trial::shown_as_text(browser, inspector, "hostile server").await?;
    hostile::withhold_starttls();
    // So long the result is given to the next who asks.
    tokio::time::sleep(REUSED).await;
    let second = check(stage, browser, inspector, hostile::DOMAIN, "check-again").await?;
    inspector.expect("second check", first != second, || "is the first".to_owned());
    for language in ["en", "de"] {
        inspector.page(browser, "check-changed", &second, language).await?;
    }
    browser.speak("en").await?;
    browser.reload().await?;
    browser.await_text("main", "What changed since").await?;
    let text = browser.text("main").await?;
    inspector.expect("second check", text.contains("worse"), || format!("nothing is worse: {text}"));
    Ok(())
}

async fn delete(browser: &Browser, inspector: &mut Inspector, result: &str) -> Result<(), String> {
    browser.open(result).await?;
    let opened = "document.querySelector(\"form[action$='/delete']\").closest('details').open = true";
    browser.script(opened).await?;
    browser.click("form[action$='/delete'] button").await?;
    browser.until("return location.pathname === '/check'").await?;
    inspector.shown(browser, "check-deleted-en").await?;
    let answer = http::get(result).await?;
    inspector.expect("deleted check", answer.status() == 404, || format!("{} is there", answer.status()));
    Ok(())
}
