//! The table of all that is published.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;

use crate::program::providers::tell::{self, ToldRow};
use crate::program::providers::{Colour, Note, Published, RegisterError};
use crate::shared::text::{Words, clean};

use super::{Framed, Shell, Site, View, Visitor, answer};

#[derive(Template)]
#[template(path = "program/site/providers/table.html", config = ".askama.toml")]
pub(super) struct TablePage {
    shell: Shell,
    told: &'static Words,
    rows: Vec<TableRow>,
    colours: Vec<(Colour, String, String)>,
    /// The notes that rows refer to.
    notes: Vec<(usize, String)>,
    licence: (String, String),
    evidence_days: u32,
}

/// A provider in the table.
struct TableRow {
    name: String,
    title: String,
    told: ToldRow,
}

impl Framed for TablePage {
    fn shell(&self) -> &Shell {
        &self.shell
    }
}

pub(super) async fn page(State(site): State<Arc<Site>>, visitor: Visitor) -> Response {
    let made = match View::of(&site, &visitor) {
        Some(view) => made(view).await.map(Some),
        None => Ok(None),
    };
    answer(made, visitor).await
}

pub(super) async fn made(view: View<'_>) -> Result<TablePage, RegisterError> {
    let published = view.register.published(view.now).await?;
    let told = tell::words(view.visitor.language);
    let settings = view.register.settings();
    let row = |one: &Published| TableRow {
        name: one.provider.name.to_string(),
        title: clean(&one.provider.title),
        told: tell::row(&one.row, &settings, view.now, told),
    };
    let rows: Vec<TableRow> = published.iter().map(row).collect();
    let mentioned =
        |note: &Note| rows.iter().any(|row| row.told.notes.iter().any(|told| told.number == note.number()));
    let notes = Note::ALL.into_iter().filter(mentioned);
    let notes = notes.map(|note| (note.number(), told.say(&format!("prov-note-{}", note.name()))));
    let colour = |colour: Colour| {
        let id = format!("prov-colour-{}", colour.name());
        (colour, told.say(&id), told.say(&format!("{id}-means")))
    };
    Ok(TablePage {
        shell: view.shell(view.words().say("providers-title")),
        told,
        notes: notes.collect(),
        rows,
        colours: Colour::ALL.map(colour).into(),
        licence: (settings.licence.clone(), settings.licence_url.clone()),
        evidence_days: settings.evidence_days,
    })
}
