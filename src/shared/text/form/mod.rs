//! A page as text and as HTML.

mod grid;
mod html;
mod lines;
mod text;

pub use html::STYLE;
pub use lines::{TextOptions, wrapped};
