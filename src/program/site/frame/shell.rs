//! The frame of every page: what stands around its content, and how it may be kept.

use askama::Template;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};

use crate::shared::text::{Language, Words};

use super::visitor::{Furnished, LANGUAGE_COOKIE, Visitor};
use crate::program::site::words;

/// The places that every page leads to, in their order.
const AREAS: [Area; 4] = [Area::Start, Area::Check, Area::Providers, Area::Method];

/// A place that every page leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::program::site) enum Area {
    Start,
    Check,
    Providers,
    Method,
}

impl Area {
    fn path(self) -> &'static str {
        match self {
            Self::Start => "/",
            Self::Providers => "/providers",
            Self::Check => "/check",
            Self::Method => "/method",
        }
    }

    fn text(self) -> &'static str {
        match self {
            Self::Start => "nav-start",
            Self::Providers => "nav-providers",
            Self::Check => "nav-check",
            Self::Method => "nav-method",
        }
    }
}

/// Who may keep a page, and find it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::program::site) enum Reach {
    /// Anybody; caches may keep it for so many seconds.
    Public { max_age_s: u32 },
    /// Whoever knows its address: neither indexed nor kept.
    Private,
}

/// What stands around a page's content.
pub(in crate::program::site) struct Shell {
    pub(in crate::program::site) words: &'static Words,
    pub(in crate::program::site) title: String,
    pub(in crate::program::site) reach: Reach,
    area: Option<Area>,
    pub(in crate::program::site) switch: Vec<Switch>,
    /// Scripts below `/assets/`.
    pub(in crate::program::site) scripts: &'static [&'static str],
    furnished: Furnished,
    /// Whether a cookie is to keep the language.
    keeps_language: bool,
}

/// A language that the page can be read in.
pub(in crate::program::site) struct Switch {
    pub(in crate::program::site) language: Language,
    pub(in crate::program::site) name: &'static str,
    pub(in crate::program::site) href: String,
    pub(in crate::program::site) is_current: bool,
}

/// A link of the navigation.
pub(in crate::program::site) struct Link {
    pub(in crate::program::site) href: &'static str,
    pub(in crate::program::site) text: String,
    pub(in crate::program::site) is_current: bool,
}

impl Shell {
    /// The frame of a page for `visitor`.
    pub(in crate::program::site) fn new(visitor: &Visitor, title: String, reach: Reach) -> Self {
        Self::in_language(visitor, visitor.language, title, reach)
    }

    /// The frame of a page that is in a language of its own.
    pub(in crate::program::site) fn in_language(
        visitor: &Visitor,
        language: Language,
        title: String,
        reach: Reach,
    ) -> Self {
        let switch = Language::ALL.map(|other| Switch {
            language: other,
            name: match other {
                Language::En => "English",
                Language::De => "Deutsch",
            },
            href: visitor.place_in(other),
            is_current: other == language,
        });
        let area = AREAS
            .into_iter()
            .find(|area| visitor.place.split('?').next().is_some_and(|path| path == area.path()));
        Self {
            words: words::of(language),
            title,
            reach,
            area,
            switch: switch.into(),
            scripts: &[],
            furnished: visitor.furnished.clone(),
            keeps_language: visitor.chooses_language,
        }
    }

    /// The same with scripts.
    pub(in crate::program::site) fn with_scripts(self, scripts: &'static [&'static str]) -> Self {
        Self { scripts, ..self }
    }

    pub(in crate::program::site) fn links(&self) -> Vec<Link> {
        let link = |area: Area| Link {
            href: area.path(),
            text: self.words.say(area.text()),
            is_current: self.area == Some(area),
        };
        AREAS.map(link).into()
    }

    /// Places that every page leads to at its end, with their texts.
    pub(in crate::program::site) fn notices(&self) -> Vec<(&'static str, String)> {
        let notice = |(path, text)| (path, self.words.say(text));
        let imprint = self.furnished.imprint.then_some(("/imprint", "imprint-title"));
        let all = [("/privacy", "privacy-title"), ("/contact", "contact-title")];
        all.into_iter().chain(imprint).map(notice).collect()
    }

    /// Where the operator's style sheet is, if there is one.
    pub(in crate::program::site) fn own_style(&self) -> Option<&str> {
        self.furnished.style.as_deref()
    }

    pub(in crate::program::site) fn is_private(&self) -> bool {
        self.reach == Reach::Private
    }
}

/// Answers with a page.
pub(in crate::program::site) fn show(shell: &Shell, page: &impl Template) -> Response {
    let html = page.render().expect("writing to a String does not fail");
    let mut response = Html(html).into_response();
    let headers = response.headers_mut();
    let mut set = |name: HeaderName, value: &str| {
        headers.append(name, value.parse().expect("our own values are headers"));
    };
    match shell.reach {
        Reach::Private => {
            set(header::CACHE_CONTROL, "no-store");
            set(HeaderName::from_static("x-robots-tag"), "noindex, nofollow");
        }
        Reach::Public { max_age_s } => {
            let max_age_s = if shell.keeps_language { 0 } else { max_age_s };
            set(header::CACHE_CONTROL, &format!("public, max-age={max_age_s}"));
            set(header::VARY, "accept-language, cookie");
        }
    }
    if shell.keeps_language {
        let language = shell.words.language().tag();
        // A year, and for this site alone; it says nothing of who the visitor is.
        let cookie =
            format!("{LANGUAGE_COOKIE}={language}; Path=/; Max-Age=31536000; SameSite=Lax; HttpOnly");
        set(header::SET_COOKIE, &cookie);
    }
    response
}

#[derive(Template)]
#[template(path = "program/site/not_found.html", config = ".askama.toml")]
struct NotFound {
    shell: Shell,
}

/// The same for what is no address of ours, what is no trial's identity and a trial that there is not.
pub(in crate::program::site) async fn not_found(visitor: Visitor) -> Response {
    let title = words::of(visitor.language).say("not-found-title");
    let page = NotFound { shell: Shell::new(&visitor, title, Reach::Private) };
    let mut response = show(&page.shell, &page);
    *response.status_mut() = StatusCode::NOT_FOUND;
    response
}

/// A redirection to another place of this site, by GET (RFC 9110 §15.4.4).
pub(in crate::program::site) fn see_other(place: &str) -> Response {
    let location = HeaderValue::from_str(place).expect("a place of ours is a header's value");
    (StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response()
}

/// A link that begins a mail to these addresses. RFC 6068 §2: several stand with commas between them; spaces are encoded.
pub(in crate::program::site) fn mailto(addresses: &[String], subject: &str) -> String {
    format!("mailto:{}?subject={}", addresses.join(","), subject.replace(' ', "%20"))
}
