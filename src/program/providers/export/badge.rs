//! A badge: a picture to be hosted by whoever earned it, bound to its domain and a day. It calls nobody.

use askama::Template;

use crate::shared::text::Words;
use crate::shared::time::Timestamp;

use super::super::tell::{day, words};

/// How wide a letter of the badge is, in pixels: wide enough for all that it says.
const LETTER_PX: usize = 7;
/// What stands around a text, in pixels.
const MARGIN_PX: usize = 10;
/// The percentage that a badge is given for.
const FULL: u8 = 100;

/// What a badge says.
#[derive(Clone, Copy, Debug)]
pub struct Badge<'a> {
    pub domain: &'a str,
    /// When its last check was.
    pub measured: Timestamp,
    /// The site that measured, without a scheme.
    pub site: &'a str,
}

#[derive(Template)]
#[template(path = "program/providers/export/badge.svg", config = ".askama.toml")]
struct Picture<'a> {
    title: String,
    domain: &'a str,
    label: String,
    value: String,
    site: &'a str,
    width: usize,
    left: usize,
}

/// The badge as SVG, in the language of `words`.
pub fn badge(badge: Badge<'_>, language: crate::shared::text::Language) -> String {
    let words: &Words = words(language);
    let measured = [("score", FULL.into()), ("day", day(badge.measured).into())];
    let (label, value) = (words.say("prov-badge-label"), words.tell("prov-badge-measured", &measured));
    let px = |text: &str| text.chars().count() * LETTER_PX + MARGIN_PX;
    let left = px(badge.domain).max(px(&label));
    let about = [
        ("domain", badge.domain.to_owned().into()),
        ("score", FULL.into()),
        ("day", day(badge.measured).into()),
        ("site", badge.site.to_owned().into()),
    ];
    let picture = Picture {
        title: words.tell("prov-badge-title", &about),
        domain: badge.domain,
        label,
        width: left + px(&value).max(px(badge.site)),
        value,
        site: badge.site,
        left,
    };
    picture.render().expect("writing to a String does not fail")
}
