//! A browser as a person uses it: pages are opened, read, clicked and typed into. What it complains of is kept.

mod driver;
mod look;

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;

use driver::Driver;

pub(crate) use look::Look;

/// How long something is waited for on a page, in milliseconds, and how often it is looked for.
const WAIT_MS: u64 = 60_000;
const GLANCE_MS: u64 = 50;
/// The name that WebDriver gives the identity of an element.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// One Chromium with one page.
pub(crate) struct Browser {
    driver: Driver,
}

/// What was seen behind a page since the last time.
#[derive(Debug, Default)]
pub(crate) struct Behind {
    /// What its console says is wrong; also what its content security policy stopped.
    pub(crate) complaints: Vec<String>,
    /// All that it asked for.
    pub(crate) requested: BTreeSet<String>,
    /// How many octets came.
    pub(crate) octets: u64,
}

impl Browser {
    /// Starts one with nothing in its memory.
    pub(crate) async fn start() -> Self {
        let driver = Driver::start().await;
        // A public page may be kept for minutes; here it has to show what was published a moment ago.
        let kept = driver.devtools("Network.setCacheDisabled", &json!({"cacheDisabled": true})).await;
        kept.expect("the cache can be turned off");
        Self { driver }
    }

    /// Opens an address.
    pub(crate) async fn open(&self, url: &str) -> Result<(), String> {
        self.driver.session("POST", "/url", &json!({"url": url})).await.map(drop)
    }

    /// Loads the page again, as whoever has no scripts must.
    pub(crate) async fn reload(&self) -> Result<(), String> {
        self.driver.session("POST", "/refresh", &json!({})).await.map(drop)
    }

    /// The address of the page.
    pub(crate) async fn url(&self) -> Result<String, String> {
        string(&self.driver.session("GET", "/url", &Value::Null).await?)
    }

    /// The title of the page.
    pub(crate) async fn title(&self) -> Result<String, String> {
        string(&self.driver.session("GET", "/title", &Value::Null).await?)
    }

    /// The language that the page says it is in.
    pub(crate) async fn language(&self) -> Result<String, String> {
        string(&self.script("return document.documentElement.lang").await?)
    }

    /// What an element reads, as it is shown.
    pub(crate) async fn text(&self, selector: &str) -> Result<String, String> {
        let element = self.element(selector).await?;
        string(&self.driver.session("GET", &format!("/element/{element}/text"), &Value::Null).await?)
    }

    /// Whether there is such an element.
    pub(crate) async fn has(&self, selector: &str) -> bool {
        self.element(selector).await.is_ok()
    }

    /// Clicks on an element, which must be visible and not covered.
    pub(crate) async fn click(&self, selector: &str) -> Result<(), String> {
        let element = self.element(selector).await?;
        self.driver.session("POST", &format!("/element/{element}/click"), &json!({})).await.map(drop)
    }

    /// Types into a field, in place of what was there.
    pub(crate) async fn fill(&self, selector: &str, text: &str) -> Result<(), String> {
        let element = self.element(selector).await?;
        self.driver.session("POST", &format!("/element/{element}/clear"), &json!({})).await?;
        let typed = json!({"text": text});
        self.driver.session("POST", &format!("/element/{element}/value"), &typed).await.map(drop)
    }

    /// Waits until an element reads so.
    pub(crate) async fn await_text(&self, selector: &str, part: &str) -> Result<String, String> {
        let mut last = String::new();
        let until = Instant::now() + Duration::from_millis(WAIT_MS);
        while Instant::now() < until {
            // While a page is replaced, an element may be gone.
            last = self.text(selector).await.unwrap_or_else(|error| error);
            if last.contains(part) {
                return Ok(last);
            }
            tokio::time::sleep(Duration::from_millis(GLANCE_MS)).await;
        }
        let url = self.url().await.unwrap_or_default();
        Err(format!("{url}: `{selector}` never reads `{part}`, but: {last}"))
    }

    /// Waits until a script gives true.
    pub(crate) async fn until(&self, script: &str) -> Result<(), String> {
        let until = Instant::now() + Duration::from_millis(WAIT_MS);
        while Instant::now() < until {
            // While a page is replaced, no script runs.
            if self.script(script).await.is_ok_and(|given| given == true) {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(GLANCE_MS)).await;
        }
        let url = self.url().await.unwrap_or_default();
        let text = self.text("main").await.unwrap_or_default();
        Err(format!("{url}: not so within {WAIT_MS} ms: {script}\n{text}"))
    }

    /// What a script gives, which sees the page, whatever its policy.
    pub(crate) async fn script(&self, script: &str) -> Result<Value, String> {
        let body = json!({"script": script, "args": []});
        self.driver.session("POST", "/execute/sync", &body).await
    }

    /// What a promise gives.
    pub(crate) async fn promise(&self, promise: &str) -> Result<Value, String> {
        let script = format!(
            "const done = arguments[arguments.length - 1]; \
             ({promise}).then(done, error => done({{failed: String(error)}}));"
        );
        let given =
            self.driver.session("POST", "/execute/async", &json!({"script": script, "args": []})).await?;
        match given["failed"].as_str() {
            Some(failed) => Err(failed.to_owned()),
            None => Ok(given),
        }
    }

    /// Lets pages run scripts from now on, or not.
    pub(crate) async fn scripts(&self, run: bool) -> Result<(), String> {
        let off = json!({"value": !run});
        self.driver.devtools("Emulation.setScriptExecutionDisabled", &off).await.map(drop)
    }

    /// Asks for pages in this language from now on.
    pub(crate) async fn speak(&self, language: &str) -> Result<(), String> {
        let headers = json!({"headers": {"Accept-Language": language}});
        self.driver.devtools("Network.setExtraHTTPHeaders", &headers).await.map(drop)
    }

    /// Forgets all cookies, as a new visitor.
    pub(crate) async fn forget(&self) -> Result<(), String> {
        self.driver.session("DELETE", "/cookie", &Value::Null).await.map(drop)
    }

    /// Shows pages in this way from now on.
    pub(crate) async fn look(&self, look: Look) -> Result<(), String> {
        look::set(&self.driver, look).await
    }

    /// A picture of the whole page.
    pub(crate) async fn picture(&self) -> Result<Vec<u8>, String> {
        look::picture(&self.driver).await
    }

    /// What was seen behind the page since this was asked last.
    pub(crate) async fn behind(&self) -> Result<Behind, String> {
        let log = async |kind: &str| self.driver.session("POST", "/se/log", &json!({"type": kind})).await;
        let mut behind = Behind::default();
        for entry in log("browser").await?.as_array().into_iter().flatten() {
            let is_grave = matches!(entry["level"].as_str(), Some("SEVERE" | "WARNING"));
            if is_grave {
                behind.complaints.push(entry["message"].as_str().unwrap_or_default().to_owned());
            }
        }
        let mut pages = BTreeSet::new();
        for entry in log("performance").await?.as_array().into_iter().flatten() {
            let message = entry["message"].as_str().unwrap_or_default();
            let message: Value = serde_json::from_str(message).unwrap_or_default();
            let message = &message["message"];
            match message["method"].as_str() {
                Some("Network.requestWillBeSent") => {
                    let url = message["params"]["request"]["url"].as_str().unwrap_or_default();
                    behind.requested.insert(url.to_owned());
                    // Not a page that a new Chromium shows of its own.
                    if url.starts_with("http") {
                        pages.insert(message["params"]["requestId"].to_string());
                    }
                }
                Some("Network.loadingFinished")
                    if pages.contains(&message["params"]["requestId"].to_string()) =>
                {
                    let octets = message["params"]["encodedDataLength"].as_f64().unwrap_or_default();
                    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a length")]
                    let octets = octets as u64;
                    behind.octets += octets;
                }
                _ => {}
            }
        }
        Ok(behind)
    }

    async fn element(&self, selector: &str) -> Result<String, String> {
        let by = json!({"using": "css selector", "value": selector});
        let element = self.driver.session("POST", "/element", &by).await?;
        string(&element[ELEMENT])
    }
}

fn string(value: &Value) -> Result<String, String> {
    value.as_str().map(str::to_owned).ok_or_else(|| format!("no text: {value}"))
}
