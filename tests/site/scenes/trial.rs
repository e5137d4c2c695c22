//! The page of a trial, as it runs and when it is over.

use mailassay::sending::history::History;
use serde_json::Value;

use crate::browser::Browser;
use crate::hostile;
use crate::http;
use crate::inspect::Inspector;
use crate::stage::Stage;

/// What the page of a running trial notes of itself: that it was not loaded anew, and how late each step came, in
/// milliseconds behind the instant that the step names.
const NOTES: &str = "window.late = []; const known = new Set(); \
    const steps = document.getElementById('steps'); \
    for (const step of steps.children) known.add(step.id); \
    new MutationObserver(() => { for (const step of steps.children) { \
        if (known.has(step.id)) continue; \
        known.add(step.id); \
        const time = step.querySelector('time'); \
        window.late.push(Date.now() - Date.parse(time.dateTime)); \
    } }).observe(steps, {childList: true}); return known.size;";

/// Watches a trial that runs until it is over, and then reads its answer.
pub(crate) async fn watch(
    browser: &Browser,
    inspector: &mut Inspector,
    page: &str,
    answer: &str,
) -> Result<(), String> {
    browser.speak("en").await?;
    browser.behind().await?;
    browser.open(&format!("{page}?lang=en")).await?;
    let before = browser.script(NOTES).await?.as_u64().unwrap_or_default();
    let grown = browser.until("return (window.late || []).length > 2").await;
    let late = browser.script("return window.late ?? null").await?;
    let late: Vec<i64> = late.as_array().into_iter().flatten().filter_map(Value::as_i64).collect();
    grown.map_err(|error| format!("the page does not grow by itself from {before} steps on: {error}"))?;
    println!("steps are on the page after {late:?} ms");
    let behind = browser.behind().await?;
    inspector.asked("trial", &behind);
    let streams = behind.requested.iter().any(|url| url.contains("/events"));
    inspector.expect("trial", streams, || "no stream was opened".to_owned());
    // It may be over meanwhile, and the page another.
    let looked = inspector.shown(browser, "trial-running-en").await;
    let runs = browser.has("#steps").await;
    looked.or_else(|fault| if runs { Err(fault) } else { Ok(()) })?;
    // The answer takes the place of the steps; nothing is awaited any more then.
    browser.until("return !document.getElementById('live') && !!document.querySelector('nav.tools')").await?;
    browser.await_text("main", answer).await?;
    inspector.shown(browser, "trial-watched-en").await
}

/// The same without scripts: the page is loaded anew. It is the second trial of this sender.
pub(super) async fn reload(
    stage: &Stage,
    browser: &Browser,
    inspector: &mut Inspector,
) -> Result<(), String> {
    let first = stage.trial("may.test", |history| history.delivery.is_some()).await?;
    let sending = stage.send("may");
    let history = stage.trial("may.test", |history| history.id != first.id).await?;
    browser.scripts(false).await?;
    browser.open(&format!("{}?lang=en", stage.page(&history))).await?;
    let before = browser.text("main").await?;
    let refreshes = browser.has("meta[http-equiv=refresh]").await;
    inspector.expect("without scripts", refreshes, || format!("the page is not loaded anew: {before}"));
    stage.trial("may.test", |now| now.id == history.id && now.delivery.is_some()).await?;
    sending.abort();
    browser.reload().await?;
    let last = browser.text("main").await?;
    inspector.expect("without scripts", before != last, || format!("the page stays as it was: {last}"));
    browser.scripts(true).await
}

/// A trial that is over: the same page with scripts and without; what can be had from it.
pub(super) async fn finished(
    stage: &Stage,
    browser: &Browser,
    inspector: &mut Inspector,
) -> Result<(), String> {
    let history = stage.trial("may.test", |history| history.delivery.is_some()).await?;
    let page = stage.page(&history);
    for language in ["en", "de"] {
        inspector.page(browser, "trial-may", &format!("{page}?lang={language}"), language).await?;
        let with = browser.text("h1").await?;
        browser.scripts(false).await?;
        browser.reload().await?;
        let without = browser.text("h1").await?;
        browser.scripts(true).await?;
        inspector.expect("trial", with == without, || format!("{with}, but without scripts {without}"));
        inspector
            .page(browser, "trial-compare", &format!("{page}/compare?lang={language}"), language)
            .await?;
        inspector.page(browser, "trial-delete", &format!("{page}/delete?lang={language}"), language).await?;
    }
    downloads(inspector, &page).await?;
    compared(stage, browser, inspector, &history).await
}

async fn downloads(inspector: &mut Inspector, page: &str) -> Result<(), String> {
    let json = http::get(&format!("{page}/verdict.json")).await?;
    let document: Value = serde_json::from_slice(json.body()).map_err(|error| error.to_string())?;
    let named = document.to_string().contains("may.test");
    inspector.expect("download", named, || format!("names no sender: {document}"));
    let mail = http::get(&format!("{page}/verdict.eml")).await?;
    let mail = String::from_utf8_lossy(mail.body()).into_owned();
    inspector
        .expect("download", mail.contains("Auto-Submitted: auto-replied"), || format!("no mail: {mail}"));
    for path in ["", "/verdict.json", "/verdict.eml", "/compare", "/delete"] {
        let answer = http::get(&format!("{page}{path}")).await?;
        let robots = answer.headers().get("x-robots-tag").and_then(|value| value.to_str().ok());
        let hidden = robots.is_some_and(|robots| robots.contains("noindex"));
        inspector.expect("trial", hidden, || format!("{path} may be indexed"));
    }
    Ok(())
}

/// Two trials of a sender side by side, by the address of the earlier one as it is pasted; never those of two senders.
async fn compared(
    stage: &Stage,
    browser: &Browser,
    inspector: &mut Inspector,
    earlier: &History,
) -> Result<(), String> {
    let later = stage.trial("may.test", |history| history.id != earlier.id).await?;
    let stranger = stage.trial("dane.test", |history| history.delivery.is_some()).await?;
    for (pasted, name) in [(&stranger, "trial-not-compared-en"), (earlier, "trial-compared-en")] {
        browser.open(&format!("{}/compare?lang=en", stage.page(&later))).await?;
        browser.fill("#earlier", &stage.page(pasted)).await?;
        browser.click("main form button").await?;
        browser.until("return !!document.querySelector('[role=alert], main h2, main .answer')").await?;
        let turned_away = browser.has("[role=alert]").await;
        let wanted = pasted.id == stranger.id;
        inspector.expect(name, turned_away == wanted, || "the wrong ones are compared".to_owned());
        inspector.shown(browser, name).await?;
    }
    Ok(())
}

/// Whoever has the address may delete the result; then there is none.
pub(super) async fn deleted(
    stage: &Stage,
    browser: &Browser,
    inspector: &mut Inspector,
) -> Result<(), String> {
    let history = stage.trial("dane.test", |history| history.delivery.is_some()).await?;
    let page = stage.page(&history);
    browser.open(&format!("{page}/delete?lang=en")).await?;
    browser.click("main form button").await?;
    browser.until("return !document.querySelector('main form')").await?;
    inspector.shown(browser, "trial-deleted-en").await?;
    let answer = http::get(&page).await?;
    inspector.expect("deleted", answer.status() == 404, || format!("is still there: {}", answer.status()));
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
    shown_as_text(browser, inspector, "hostile sender").await
}

/// The page that is open shows markup as text, and nothing that turns or hides text.
pub(super) async fn shown_as_text(
    browser: &Browser,
    inspector: &mut Inspector,
    name: &str,
) -> Result<(), String> {
    let text = browser.text("body").await?;
    for shown in ["<script>", "U+202E"] {
        inspector.expect(name, text.contains(shown), || format!("does not show {shown}"));
    }
    let strange =
        |c: &char| c.is_control() && *c != '\n' && *c != '\t' || ('\u{202A}'..='\u{202E}').contains(c);
    let strange: Vec<_> = text.chars().filter(strange).collect();
    inspector.expect(name, strange.is_empty(), || format!("shows {strange:?}"));
    Ok(())
}
