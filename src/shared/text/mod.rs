//! Texts of both halves: what a page holds, how it looks as text and as HTML, and the words of each language.
//!
//! A [`Page`] is what is said, in words and without a form; [`Page::text`] and [`Page::html`] give it one. Whatever a
//! stranger controls passes through [`clean`](mod@clean) first.

mod clean;
mod form;
mod grid;
mod language;
mod layout;
mod tone;
mod words;

pub use clean::{clean, clean_to, is_treacherous};
pub use form::{STYLE, TextOptions, wrapped};
pub use grid::{Grid, GridCell, GridRow};
pub use language::Language;
pub use layout::{
    Body, Check, Connection, Field, Findings, Found, Line, Lines, Page, Practice, Practices, Section, Step,
    Table, Todo, TodoInText,
};
pub use tone::Tone;
pub use words::{EachLanguage, Texts, Words};
