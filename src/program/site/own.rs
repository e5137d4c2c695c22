//! What the operator adds to the site without a build: a style sheet after ours, and texts of its own.
//!
//! Texts are Markdown. HTML in them is shown as it is written, so that no page can be broken by one.

use std::collections::BTreeMap;
use std::sync::Arc;

use data_encoding::HEXLOWER;
use pulldown_cmark::{Event, Options, Parser, html};
use sha2::{Digest, Sha256};

use crate::shared::text::Language;

/// Where the style sheet is.
pub(super) const STYLE: &str = "/assets/operator.css";
/// How many octets of a digest tell style sheets apart.
const VERSION_OCTETS: usize = 4;

/// A page that the operator may write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum OwnPage {
    /// In the place of the one that follows from `[site.operator]`.
    Imprint,
    /// Before what the service itself says of what it keeps.
    Privacy,
}

impl OwnPage {
    /// The pages that there are.
    pub const ALL: [Self; 2] = [Self::Imprint, Self::Privacy];

    /// The name, as that of its files begins.
    pub fn name(self) -> &'static str {
        match self {
            Self::Imprint => "imprint",
            Self::Privacy => "privacy",
        }
    }
}

/// A text of the operator's, as HTML.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct OwnText {
    pub(super) language: Language,
    pub(super) html: String,
}

/// What the operator adds to the site.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Own {
    style: Option<Arc<str>>,
    texts: BTreeMap<OwnPage, Vec<OwnText>>,
}

impl Own {
    /// The same with a style sheet.
    #[must_use]
    pub fn with_style(self, css: &str) -> Self {
        Self { style: Some(css.into()), ..self }
    }

    /// The same with a text, in Markdown.
    #[must_use]
    pub fn with_text(mut self, page: OwnPage, language: Language, markdown: &str) -> Self {
        let text = OwnText { language, html: html_of(markdown) };
        self.texts.entry(page).or_default().push(text);
        self
    }

    /// Whether the operator wrote a page, in whatever language.
    pub fn has(&self, page: OwnPage) -> bool {
        self.texts.contains_key(&page)
    }

    /// A page in the language that is wanted, else in the one that there is.
    pub(super) fn text(&self, page: OwnPage, language: Language) -> Option<OwnText> {
        let texts = self.texts.get(&page)?;
        let wanted = texts.iter().find(|text| text.language == language);
        wanted.or_else(|| texts.first()).cloned()
    }

    /// The style sheet, if there is one.
    pub(super) fn style(&self) -> Option<Arc<str>> {
        self.style.clone()
    }

    /// Where pages find the style sheet, if there is one.
    pub(super) fn style_href(&self) -> Option<String> {
        let digest = Sha256::digest(self.style.as_ref()?.as_bytes());
        Some(format!("{STYLE}?v={}", HEXLOWER.encode(&digest[..VERSION_OCTETS])))
    }
}

/// Markdown as HTML. What is HTML already is text.
fn html_of(markdown: &str) -> String {
    let events = Parser::new_ext(markdown, Options::ENABLE_TABLES).map(|event| match event {
        Event::Html(text) | Event::InlineHtml(text) => Event::Text(text),
        other => other,
    });
    let mut made = String::with_capacity(markdown.len() * 2);
    html::push_html(&mut made, events);
    made
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_in_the_language_that_there_is_and_breaks_no_page() {
        let own =
            Own::default().with_text(OwnPage::Privacy, Language::De, "# Daten\n\n<script>x</script></main>");
        assert!(own.text(OwnPage::Imprint, Language::De).is_none() && own.has(OwnPage::Privacy));
        let text = own.text(OwnPage::Privacy, Language::En).expect("the German one");
        assert_eq!(text.language, Language::De);
        assert!(text.html.starts_with("<h1>Daten</h1>"), "{}", text.html);
        assert!(!text.html.contains("<script") && !text.html.contains("</main"), "{}", text.html);
        let both = own.with_text(OwnPage::Privacy, Language::En, "Data");
        assert_eq!(both.text(OwnPage::Privacy, Language::En).expect("both").html, "<p>Data</p>\n");
    }

    #[test]
    fn another_style_sheet_has_another_address() {
        let [one, other] = ["a {}", "b {}"].map(|css| Own::default().with_style(css).style_href());
        assert!(one.is_some() && one != other);
        assert_eq!(Own::default().style_href(), None);
    }
}
