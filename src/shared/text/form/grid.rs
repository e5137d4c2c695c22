//! A grid as plain text: in columns where they fit into a line, else row by row.

use crate::shared::text::grid::{Grid, GridCell};

use super::lines::{Lines, width};

/// Between two columns.
const GAP: &str = "  ";

impl Lines {
    /// "  removes the encryption  ✔ not read a  ✘ read b  ✘ read b", and the notes in a paragraph.
    pub(super) fn grid(&mut self, grid: &Grid) {
        let grid = grid.for_text();
        let cell = |cell: &GridCell| {
            let letter = grid.letter(cell).map(|letter| format!(" {letter}")).unwrap_or_default();
            format!("{} {}{letter}", cell.tone.symbol(), cell.text)
        };
        let rows: Vec<Vec<String>> =
            grid.rows.iter().map(|row| row.cells.iter().map(&cell).collect()).collect();
        let labels = grid.rows.iter().map(|row| width(&row.label)).max().unwrap_or_default();
        let widths: Vec<usize> = (0..grid.columns.len())
            .map(|n| {
                let cells = rows.iter().filter_map(|row| row.get(n)).map(|cell| width(cell));
                cells.chain([width(&grid.columns[n])]).max().unwrap_or_default()
            })
            .collect();
        let total: usize = widths.iter().map(|width| width + GAP.len()).sum();
        if GAP.len() + labels + total <= self.options.columns {
            let line = |label: &str, cells: &[String]| {
                let cells = cells.iter().zip(&widths).map(|(cell, width)| format!("{GAP}{cell:<width$}"));
                format!("{GAP}{label:<labels$}{}", cells.collect::<String>())
            };
            self.push(line("", &grid.columns));
            for (row, cells) in grid.rows.iter().zip(&rows) {
                self.push(line(&row.label, cells));
            }
        } else {
            for (row, cells) in grid.rows.iter().zip(&rows) {
                let told = cells.iter().zip(&grid.columns).map(|(cell, column)| format!("{column}: {cell}"));
                let told = told.collect::<Vec<_>>().join(", ");
                self.wrap(GAP, "    ", &format!("{}: {told}", row.label));
            }
        }
        let notes = grid.lettered().into_iter().map(|(letter, note)| format!("{letter}: {note}"));
        let notes = notes.collect::<Vec<_>>().join(" ");
        if !notes.is_empty() {
            self.wrap(GAP, GAP, &notes);
        }
    }
}
