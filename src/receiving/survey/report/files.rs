//! The files for other programs.

use std::io::Write;

use serde_json::json;

use super::Report;
use crate::receiving::survey::Row;

/// The survey as JSON.
pub(super) fn json(report: &Report) -> String {
    let begun = &report.begun;
    let value = json!({
        "format": 1,
        "rules": report.rules,
        "began": begun.began,
        "listed": begun.listed,
        "domains": begun.domains,
        "measured": begun.ended,
        "seed": begun.seed,
        "dns_only": begun.dns_only,
        "attributes": begun.attributes,
        "all": report.tallies.all,
        "by_attribute": report.tallies.by_attribute.iter().map(|(name, groups)| json!({ "attribute": name, "values": groups })).collect::<Vec<_>>(),
        "by_operator": report.tallies.by_operator,
        "earlier": report.earlier.iter().map(|point| json!({ "began": point.at, "all": point.tallies.all })).collect::<Vec<_>>(),
    });
    format!("{value:#}\n")
}

/// What the table of domains has beside the domain and the list's attributes.
pub(super) const OWN_COLUMNS: [&str; 7] =
    ["measured_at", "colour", "grade", "score", "not_measured", "operators", "faults"];

/// The table of domains, written row by row.
pub struct Table<W: Write>(csv::Writer<W>);

impl<W: Write> Table<W> {
    /// Writes the header: the domain, the list's attributes, and what was measured.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn new(to: W, attributes: &[String]) -> csv::Result<Self> {
        let mut writer = csv::Writer::from_writer(to);
        writer.write_record(
            ["domain"].into_iter().chain(attributes.iter().map(String::as_str)).chain(OWN_COLUMNS),
        )?;
        Ok(Self(writer))
    }

    /// Writes a domain.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn add(&mut self, row: &Row) -> csv::Result<()> {
        let said = |text: Option<&str>| text.unwrap_or_default().to_owned();
        let own = [
            row.at.map(|at| at.to_string()).unwrap_or_default(),
            said(row.colour),
            said(row.letter),
            row.score.map(|score| score.to_string()).unwrap_or_default(),
            said(row.why.map(super::super::row::Why::name)),
            row.operators.join(" "),
            row.faults.join(" "),
        ];
        let cells = [row.domain.clone()].into_iter().chain(row.values.iter().cloned()).chain(own);
        self.0.write_record(cells)
    }

    /// Ends it.
    ///
    /// # Errors
    /// If the rest cannot be written.
    pub fn end(mut self) -> csv::Result<()> {
        self.0.flush().map_err(csv::Error::from)
    }
}
