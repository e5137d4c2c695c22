//! Tables of what was seen, and of what LuxSci and Lindenberg say of it.

mod envelope;
mod hosts;
mod servers;

use super::Telling;
use crate::shared::text::{Body, Field, Section, Table};

/// All that have a row.
pub(super) fn sections(telling: Telling<'_>) -> Vec<Section> {
    let hosts = [hosts::lindenberg(telling), hosts::luxsci(telling)];
    hosts.into_iter().flatten().chain(servers::sections(telling)).collect()
}

/// A table whose columns have names of their own texts.
fn table(telling: Telling<'_>, name: &str, columns: &[&str], rows: Vec<Vec<Field>>) -> Body {
    let head = columns.iter().map(|column| telling.words.say(&format!("recv-{name}-{column}")));
    Body::Table(Table { head: head.collect(), rows })
}

/// A field without an opinion.
fn plain(text: impl Into<String>) -> Field {
    Field { tone: None, text: text.into() }
}
