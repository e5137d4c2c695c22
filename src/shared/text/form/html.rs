//! HTML for mail programs and browsers: one file, no script, nothing from elsewhere.

use askama::Template;

use crate::shared::text::layout::{Body, Page};

/// The style sheet of mails and of the site. Colours that carry a meaning stand in the markup as well, for mail programs
/// that drop style sheets.
pub const STYLE: &str = include_str!("style.css");

/// What follows this line of the style sheet is of the site alone.
const SITE_ALONE: &str = "/* Of the site alone. */";

#[derive(Template)]
#[template(path = "shared/text/form/verdict.html", config = ".askama.toml")]
struct Html<'a> {
    page: &'a Page,
    style: &'static str,
}

#[derive(Template)]
#[template(path = "shared/text/form/fragment.html", config = ".askama.toml")]
struct Fragment<'a> {
    page: &'a Page,
}

impl Page {
    /// The page as HTML. Everything is escaped.
    pub fn html(&self) -> String {
        let style = STYLE.split_once(SITE_ALONE).map_or(STYLE, |(mail, _)| mail);
        Html { page: self, style }.render().expect("writing to a String does not fail")
    }

    /// What stands in the page's `main`, for a frame of somebody else's. Everything is escaped.
    pub fn fragment(&self) -> String {
        Fragment { page: self }.render().expect("writing to a String does not fail")
    }
}
