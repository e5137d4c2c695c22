//! HTML for mail programs and browsers: one file, no script, nothing from elsewhere.

use askama::Template;

use crate::shared::text::layout::{Body, Page};

/// The style sheet, which stands in the page. Its digest goes into the content security policy of the site.
/// Colours that carry a meaning stand in the markup as well, for mail programs that drop style sheets.
pub const STYLE: &str = include_str!("verdict.css");

#[derive(Template)]
#[template(path = "shared/text/form/verdict.html", config = ".askama.toml")]
struct Html<'a> {
    page: &'a Page,
    style: &'static str,
}

impl Page {
    /// The page as HTML. Everything is escaped.
    pub fn html(&self) -> String {
        Html { page: self, style: STYLE }.render().expect("writing to a String does not fail")
    }
}
