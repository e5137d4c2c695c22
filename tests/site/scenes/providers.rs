//! What the operator publishes of a provider: added, published, answered, corrected, retracted.

use serde_json::Value;

use crate::browser::Browser;
use crate::http;
use crate::inspect::Inspector;
use crate::stage::Stage;

const NAME: &str = "dane-mail";
const TITLE: &str = "Dane Mail <x-evil>";

pub(super) async fn play(stage: &Stage, browser: &Browser, inspector: &mut Inspector) -> Result<(), String> {
    let add = ["add", NAME, "--title", TITLE, "--domain", "dane.test", "--contact", "jim@dane.test"];
    stage.provider(&add).await?;
    stage.provider(&["check", NAME]).await?;
    let list = format!("{}/providers", stage.site());
    let public =
        async || Ok::<_, String>(String::from_utf8_lossy(http::get(&list).await?.body()).contains(NAME));
    let shown = public().await?;
    inspector.expect("providers", !shown, || "a provider is public without the operator's word".to_owned());
    let untold = stage.provider(&["publish", NAME]).await;
    inspector.expect("providers", untold.is_err(), || "it is published before it was told".to_owned());
    stage.provider(&["publish", NAME, "--told", "2026-01-02"]).await?;
    pages(browser, inspector).await?;
    exports(stage, inspector).await?;
    answered(stage, browser, inspector).await?;
    stage.provider(&["retract", NAME, "--reason", "The trial was forged."]).await?;
    let shown = public().await?;
    inspector.expect("providers", !shown, || "it is listed although it was retracted".to_owned());
    inspector.page(browser, "provider-retracted", &format!("/providers/{NAME}"), "en").await?;
    browser.await_text("main", "The trial was forged.").await.map(drop)
}

/// Every page, and behind each cell the evidence.
async fn pages(browser: &Browser, inspector: &mut Inspector) -> Result<(), String> {
    for language in ["en", "de"] {
        for (name, path) in [("hall-of-fame", "/hall-of-fame"), ("statistics", "/statistics")] {
            inspector.page(browser, name, path, language).await?;
        }
        inspector.page(browser, "provider", &format!("/providers/{NAME}"), language).await?;
        inspector.page(browser, "providers", "/providers", language).await?;
    }
    let cells = "return [...document.querySelectorAll('td a')].map(a => a.href)";
    let cells = browser.script(cells).await?;
    let cells: Vec<&str> = cells.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    inspector.expect("providers", cells.len() > 3, || format!("few cells lead to evidence: {cells:?}"));
    if let Some(evidence) = cells.iter().find(|cell| cell.contains("/evidence/")) {
        inspector.page(browser, "provider-evidence", evidence, "en").await?;
    }
    for cell in cells.iter().filter(|cell| cell.contains('#')) {
        browser.open(cell).await?;
        let target = browser.script("return !!document.getElementById(location.hash.slice(1))").await?;
        inspector.expect("providers", target == true, || format!("{cell} leads nowhere"));
    }
    Ok(())
}

async fn exports(stage: &Stage, inspector: &mut Inspector) -> Result<(), String> {
    let site = stage.site();
    for (path, kind) in [
        ("/providers.csv", "text/csv"),
        ("/providers.json", "application/json"),
        ("/providers.atom", "application/atom+xml"),
        ("/badge/dane.test.svg", "image/svg+xml"),
    ] {
        let answer = http::get(&format!("{site}{path}")).await?;
        let given =
            answer.headers().get("content-type").and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        inspector
            .expect("exports", given.starts_with(kind), || format!("{path} is {} {given}", answer.status()));
        let text = String::from_utf8_lossy(answer.body()).into_owned();
        for secret in ["jim@", "/r/", "127.1."] {
            inspector.expect("exports", !text.contains(secret), || format!("{path} tells {secret}: {text}"));
        }
    }
    Ok(())
}

/// The provider's reply stands beside the row, a correction with its day and reason.
async fn answered(stage: &Stage, browser: &Browser, inspector: &mut Inspector) -> Result<(), String> {
    let reply = stage.world().folder.join("reply.txt");
    std::fs::write(&reply, "We have \u{202E}<script>document.title='EVIL'</script> changed that.\n")
        .map_err(|error| error.to_string())?;
    stage.provider(&["reply", NAME, &reply.display().to_string()]).await?;
    stage.provider(&["remark", NAME, "Seen on a day of snow."]).await?;
    stage.provider(&["correct", NAME, "--reason", "The check was of another host."]).await?;
    inspector.page(browser, "provider-answered", &format!("/providers/{NAME}"), "en").await?;
    let text = browser.text("main").await?;
    for part in ["<script>", "U+202E", "Seen on a day of snow.", "The check was of another host."] {
        inspector.expect("providers", text.contains(part), || format!("does not say {part}: {text}"));
    }
    Ok(())
}
