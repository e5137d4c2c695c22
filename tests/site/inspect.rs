//! What must be so of every page, whoever made it: it can be read by all, on a phone, in the dark and on paper; it asks
//! nobody else for anything; nothing of it is stopped by its own policy.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use super::browser::{Behind, Browser, Look};
use super::hostile;
use super::peers;

/// The most octets that the first page may take, with all that it wants.
const FIRST_PAGE_OCTETS_MAX: u64 = 50 * 1_024;

/// Collects what is wrong.
pub(crate) struct Inspector {
    site: String,
    axe: String,
    pictures: PathBuf,
    pages: u32,
    visited: BTreeSet<String>,
    faults: Vec<String>,
}

impl Inspector {
    pub(crate) fn new(site: String) -> Self {
        let axe = fs::read_to_string(peers::axe()).expect("axe is there");
        let pictures = peers::target().join("screenshots");
        fs::create_dir_all(&pictures).expect("a folder for pictures");
        Self { site, axe, pictures, pages: 0, visited: BTreeSet::new(), faults: Vec::new() }
    }

    /// Says it at once, too: whoever waits for a long test wants to know.
    fn fault(&mut self, fault: String) {
        println!("{fault}");
        self.faults.push(fault);
    }

    /// What a scene came to.
    pub(crate) fn note(&mut self, scene: &str, played: Result<(), String>) {
        if let Err(fault) = played {
            self.fault(format!("{scene}: {fault}"));
        }
    }

    /// Notes what is not so.
    pub(crate) fn expect(&mut self, page: &str, is_so: bool, what: impl FnOnce() -> String) {
        if !is_so {
            self.fault(format!("{page}: {}", what()));
        }
    }

    /// Opens a page as a stranger in one language does, looks at it from all sides, and leaves it open. Its name is that
    /// of its pictures.
    pub(crate) async fn page(
        &mut self,
        browser: &Browser,
        name: &str,
        path: &str,
        language: &str,
    ) -> Result<(), String> {
        let name = format!("{name}-{language}");
        browser.forget().await?;
        browser.speak(language).await?;
        browser.behind().await?;
        browser.open(&self.address(path)).await?;
        self.shown(browser, &name).await?;
        let spoken = browser.language().await?;
        self.expect(&name, spoken == language, || format!("is in {spoken}"));
        Ok(())
    }

    /// The same of the page that is open.
    pub(crate) async fn shown(&mut self, browser: &Browser, name: &str) -> Result<(), String> {
        self.pages += 1;
        self.visited.insert(browser.url().await?);
        let behind = browser.behind().await?;
        self.asked(name, &behind);
        for look in Look::ALL {
            browser.look(look).await?;
            let picture = browser.picture().await?;
            let path = self.pictures.join(format!("{name}.{}.png", look.name()));
            fs::write(&path, picture).map_err(|error| format!("{}: {error}", path.display()))?;
            if matches!(look, Look::Light | Look::Dark) {
                self.readable(browser, &format!("{name} ({})", look.name())).await?;
            }
            if look == Look::Phone {
                let wide = browser.script(TOO_WIDE).await?;
                self.expect(name, wide.is_null(), || format!("is wider than a phone: {wide}"));
            }
        }
        let heads = browser.script("return document.querySelectorAll('h1').length").await?;
        self.expect(name, heads == 1, || format!("has {heads} headings of the first level"));
        let evil = browser.has(hostile::ELEMENT).await || browser.title().await? == "EVIL";
        self.expect(name, !evil, || "what a stranger wrote is markup".to_owned());
        let ids = browser.script(TWICE).await?;
        self.expect(name, ids.is_null(), || format!("two elements are called {ids}"));
        Ok(())
    }

    /// How much the page took that is open, and was loaded afresh.
    pub(crate) fn is_light(&mut self, name: &str, behind: &Behind) {
        let octets = behind.octets;
        self.expect(name, octets <= FIRST_PAGE_OCTETS_MAX, || format!("takes {octets} octets"));
    }

    /// What was seen behind a page.
    pub(crate) fn asked(&mut self, name: &str, behind: &Behind) {
        // That a page is not there is said by the page, and no fault of it.
        let missing = |complaint: &&String| !complaint.contains("no-such-page");
        for complaint in behind.complaints.iter().filter(missing) {
            self.fault(format!("{name}: the console says: {complaint}"));
        }
        let strange = |url: &&String| {
            // A new Chromium shows a page of its own.
            let own = ["about:", "data:", "chrome:"];
            !url.starts_with(&self.site) && !own.iter().any(|scheme| url.starts_with(scheme))
        };
        let strange: Vec<_> = behind.requested.iter().filter(strange).cloned().collect();
        self.expect(name, strange.is_empty(), || format!("asks others: {strange:?}"));
    }

    /// The addresses of all pages that were looked at.
    pub(crate) fn visited(&self) -> BTreeSet<String> {
        self.visited.clone()
    }

    fn address(&self, path: &str) -> String {
        if path.starts_with("http") { path.to_owned() } else { format!("{}{path}", self.site) }
    }

    /// axe finds nothing serious or critical.
    async fn readable(&mut self, browser: &Browser, name: &str) -> Result<(), String> {
        browser.script(&self.axe).await?;
        let found = browser.promise("axe.run(document, {resultTypes: ['violations']})").await?;
        for violation in found["violations"].as_array().into_iter().flatten() {
            if !matches!(violation["impact"].as_str(), Some("serious" | "critical")) {
                continue;
            }
            let nodes = violation["nodes"].as_array().into_iter().flatten();
            let nodes: Vec<_> = nodes.map(|node| node["html"].as_str().unwrap_or_default()).take(3).collect();
            let summary = violation["nodes"][0]["failureSummary"].as_str().unwrap_or_default();
            self.fault(format!("{name}: axe: {}: {summary}: {nodes:?}", text(&violation["id"])));
        }
        Ok(())
    }

    /// How many pages were looked at.
    ///
    /// # Panics
    /// If anything was wrong.
    pub(crate) fn close(self) -> u32 {
        assert!(self.faults.is_empty(), "{} faults\n{}", self.faults.len(), self.faults.join("\n"));
        self.pages
    }
}

/// The first elements that reach beyond the screen, if the page can be moved sideways.
const TOO_WIDE: &str = "const width = document.documentElement.clientWidth; \
    if (document.documentElement.scrollWidth <= width) return null; \
    return [...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > width + 1) \
        .slice(0, 3).map(e => e.outerHTML.slice(0, 120));";
/// An identity that two elements have.
const TWICE: &str = "const ids = [...document.querySelectorAll('[id]')].map(e => e.id); \
    return ids.find((id, n) => ids.indexOf(id) !== n) ?? null;";

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
