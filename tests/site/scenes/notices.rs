//! What the site owes to those it writes to, and to programs that look for files.

use crate::browser::Browser;
use crate::http;
use crate::inspect::Inspector;
use crate::stage::Stage;

pub(super) async fn play(
    stage: &Stage,
    browser: &Browser,
    inspector: &mut Inspector,
) -> Result<(), String> {
    for language in ["en", "de"] {
        inspector.page(browser, "privacy", "/privacy", language).await?;
        inspector.page(browser, "contact", "/contact", language).await?;
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
    Ok(())
}
