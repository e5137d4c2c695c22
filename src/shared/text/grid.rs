//! A small table of rows and columns that both have names, with notes below it.

use super::tone::Tone;

/// What holds in each row for each column. A few words a cell; what is longer is a note.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grid {
    /// The names of the columns.
    pub columns: Vec<String>,
    pub rows: Vec<GridRow>,
    /// Whether text has room for the notes.
    pub notes_in_text: bool,
}

/// A row of a grid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GridRow {
    pub label: String,
    /// As many as there are columns.
    pub cells: Vec<GridCell>,
}

/// A cell of a grid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GridCell {
    /// How good it is: its symbol stands before the text.
    pub tone: Tone,
    pub text: String,
    /// The observations that show it, in a few words; empty where none do.
    pub evidence: String,
    /// Why it is so, in a whole sentence; may be empty.
    pub note: String,
}

impl Grid {
    /// The notes of the cells, each once, in the order of their letters.
    pub fn notes(&self) -> Vec<&str> {
        let mut notes: Vec<&str> = Vec::new();
        for cell in self.rows.iter().flat_map(|row| &row.cells) {
            if !cell.note.is_empty() && !notes.contains(&cell.note.as_str()) {
                notes.push(&cell.note);
            }
        }
        notes
    }

    /// The same with their letters.
    pub fn lettered(&self) -> Vec<(char, &str)> {
        ('a'..='z').zip(self.notes()).collect()
    }

    /// The letter of a cell's note, if it has one.
    pub fn letter(&self, cell: &GridCell) -> Option<char> {
        self.lettered().into_iter().find(|(_, note)| *note == cell.note).map(|(letter, _)| letter)
    }

    /// Each cell of a row with the name of its column.
    pub fn labelled<'a>(&'a self, row: &'a GridRow) -> impl Iterator<Item = (&'a GridCell, &'a str)> {
        row.cells.iter().zip(self.columns.iter().map(String::as_str))
    }

    /// The grid as text has it: what shows a cell is part of its note.
    pub(super) fn for_text(&self) -> Self {
        let mut grid = self.clone();
        for cell in grid.rows.iter_mut().flat_map(|row| &mut row.cells) {
            let evidence = std::mem::take(&mut cell.evidence);
            cell.note = match (evidence.is_empty(), cell.note.is_empty()) {
                _ if !self.notes_in_text => String::new(),
                (true, _) => std::mem::take(&mut cell.note),
                (false, true) => format!("{evidence}."),
                (false, false) => format!("{evidence}. {}", cell.note),
            };
        }
        grid
    }
}
