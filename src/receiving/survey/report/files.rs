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
pub(super) const OWN_COLUMNS: [&str; 8] =
    ["measured_at", "measured", "colour", "grade", "score", "not_measured", "operators", "faults"];

/// What the columns of the list's attributes are called: as there, but for those that would be called as another column.
pub(super) fn column_names(attributes: &[String]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for attribute in attributes {
        let mut name = attribute.clone();
        let is_had = |name: &str| {
            let own = OWN_COLUMNS.into_iter().chain(["domain", ""]);
            own.chain(names.iter().map(String::as_str)).any(|other| other.eq_ignore_ascii_case(name))
        };
        while is_had(&name) {
            name.insert_str(0, "list_");
        }
        names.push(name);
    }
    names
}

/// A cell that no spreadsheet takes for a formula: what one would begin has an apostrophe before it.
fn cell(text: &str) -> String {
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    if is_formula { format!("'{text}") } else { text.to_owned() }
}

/// The table of domains, written row by row.
pub struct Table<W: Write>(csv::Writer<W>);

impl<W: Write> Table<W> {
    /// Writes the header: the domain, the list's attributes, and what was measured.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn new(to: W, attributes: &[String]) -> csv::Result<Self> {
        let mut writer = csv::Writer::from_writer(to);
        let names = column_names(attributes).into_iter().map(|name| cell(&name));
        let own = OWN_COLUMNS.map(str::to_owned);
        writer.write_record(["domain".to_owned()].into_iter().chain(names).chain(own))?;
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
            row.extent().name().to_owned(),
            said(row.colour),
            said(row.letter),
            row.score.map(|score| score.to_string()).unwrap_or_default(),
            said(row.why.map(super::super::row::Why::name)),
            row.operators.join(" "),
            row.faults.join(" "),
        ];
        let cells = [row.domain.clone()].into_iter().chain(row.values.iter().cloned()).chain(own);
        self.0.write_record(cells.map(|text| cell(&text)))
    }

    /// Ends it.
    ///
    /// # Errors
    /// If the rest cannot be written.
    pub fn end(mut self) -> csv::Result<()> {
        self.0.flush().map_err(csv::Error::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_have_names_of_their_own_and_no_cell_is_a_formula() {
        let attributes = ["sector", "score", "list_score", "Domain", "=x"].map(str::to_owned);
        let mut table = Vec::new();
        let mut writer = Table::new(&mut table, &attributes).unwrap();
        let values = ["=1+1", "+49", "-", "@a", "a=b"].map(str::to_owned).to_vec();
        writer.add(&Row::not_begun("a.example", values)).unwrap();
        writer.end().unwrap();
        let table = String::from_utf8(table).unwrap();
        assert!(
            table.starts_with(
                "domain,sector,list_score,list_list_score,list_Domain,'=x,measured_at,measured,"
            ),
            "{table}"
        );
        assert!(table.contains("\na.example,'=1+1,'+49,'-,'@a,a=b,,no,,,,not-begun,,\n"), "{table}");
    }
}
