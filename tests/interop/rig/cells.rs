//! The measured table's cells, computed from `trial show --json`.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::Value;

use super::row::Row;

/// What a sender may meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Column {
    /// Server 1: STARTTLS was not offered.
    StarttlsWithheld,
    /// STARTTLS was offered, and the sender did without.
    StarttlsDeclined,
    /// Server 2 with the certificate that nobody trusts.
    NoSniA,
    /// Server 3 by SNI.
    Mx03,
    /// Server 4 by SNI.
    Mx04,
    /// Server 5 by SNI.
    Mx05,
    /// Server 6 by SNI.
    Mx06,
    /// Server 7 by SNI.
    Ut,
    /// Server 2 with the certificate that names every host.
    NoSniB,
}

impl Column {
    const ALL: [Self; 9] = [
        Self::StarttlsWithheld,
        Self::StarttlsDeclined,
        Self::NoSniA,
        Self::Mx03,
        Self::Mx04,
        Self::Mx05,
        Self::Mx06,
        Self::Ut,
        Self::NoSniB,
    ];

    /// Whether mail to both domains may come here, so that a cell has two letters.
    fn is_shared(self) -> bool {
        matches!(self, Self::StarttlsWithheld | Self::StarttlsDeclined | Self::NoSniA | Self::NoSniB)
    }
}

/// What came of a connection. `q` and `A` show no recipient: they stand for `et` and `ut` alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Outcome {
    /// P: mail in clear.
    MailInClear,
    /// q: left without mail, because STARTTLS was not offered, be it behind MAIL (Sendmail).
    Left,
    /// A: the certificate was refused, be it behind the EHLO within TLS (chasquid) or behind MAIL (Sendmail).
    Refused,
    /// D: mail in TLS.
    MailInTls,
}

impl Outcome {
    fn of_letter(letter: &str) -> Result<Option<Self>, String> {
        match letter {
            "P" => Ok(Some(Self::MailInClear)),
            "q" => Ok(Some(Self::Left)),
            "A" => Ok(Some(Self::Refused)),
            "D" => Ok(Some(Self::MailInTls)),
            "-" => Ok(None),
            other => Err(format!("`{other}` is none of P, q, A, D and -")),
        }
    }

    fn letter(self) -> char {
        match self {
            Self::MailInClear => 'P',
            Self::Left => 'q',
            Self::Refused => 'A',
            Self::MailInTls => 'D',
        }
    }

    /// Whether a connection with this outcome shows whom the mail was for.
    fn has_recipient(self) -> bool {
        matches!(self, Self::MailInClear | Self::MailInTls)
    }
}

/// A cell of the table: for the mail to `et`, and to `ut`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Cell {
    et: Option<Outcome>,
    ut: Option<Outcome>,
}

impl TryFrom<String> for Cell {
    type Error = String;

    /// `D`, or `q,P` where mail to both domains may come.
    fn try_from(text: String) -> Result<Self, String> {
        match text.split_once(',') {
            Some((et, ut)) => Ok(Self { et: Outcome::of_letter(et)?, ut: Outcome::of_letter(ut)? }),
            None => Ok(Self { et: Outcome::of_letter(&text)?, ut: Outcome::of_letter(&text)? }),
        }
    }
}

/// What was seen: for each column the outcomes, with the domain where it shows.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    outcomes: BTreeMap<Column, BTreeSet<(Outcome, Option<&'static str>)>>,
    /// What no cell of the table can say.
    odd: Vec<String>,
}

impl Seen {
    /// Reads the connections of a trial that came from `sources`: what strangers did is no one's row.
    pub(crate) fn of(trial: &Value, sources: &[&str]) -> Self {
        let mut seen = Self::default();
        for connection in trial["connections"].as_array().into_iter().flatten() {
            if sources.iter().any(|source| connection["source"] == **source) {
                seen.take(connection);
            }
        }
        seen
    }

    fn take(&mut self, connection: &Value) {
        let outcome = connection["outcome"].as_str().unwrap_or("no outcome");
        // One that the sender has open while we look.
        if outcome == "open" {
            return;
        }
        let column = match column(connection) {
            Ok(column) => column,
            Err(problem) => return self.odd.push(format!("{problem}: {connection}")),
        };
        let mut outcomes = BTreeSet::new();
        for transaction in connection["transactions"].as_array().into_iter().flatten() {
            let outcome = if transaction["tls"] == true { Outcome::MailInTls } else { Outcome::MailInClear };
            for to in transaction["to"].as_array().into_iter().flatten().filter_map(Value::as_str) {
                outcomes.insert((outcome, Some(if to.contains("@ut.") { "ut" } else { "et" })));
            }
        }
        match outcome {
            _ if !outcomes.is_empty() => {}
            "left-without-mail" => drop(outcomes.insert((Outcome::Left, None))),
            "refused-certificate" => drop(outcomes.insert((Outcome::Refused, None))),
            other => self.odd.push(format!("{other}: {connection}")),
        }
        self.outcomes.entry(column).or_default().extend(outcomes);
    }

    /// Where this differs from the row: outcomes that its cells do not have, and outcomes that they have and
    /// that were not seen.
    pub(crate) fn differences(&self, row: &Row) -> Vec<String> {
        let mut differences = self.odd.clone();
        for column in Column::ALL {
            let cell = row.cell(column);
            let seen = self.outcomes.get(&column).cloned().unwrap_or_default();
            let expected = expected(column, cell);
            for (outcome, domain) in seen.difference(&expected) {
                let domain = domain.unwrap_or("either");
                differences
                    .push(format!("{column:?}: saw {} for {domain}, not so measured", outcome.letter()));
            }
            if must_be_seen(row, column) {
                for (outcome, domain) in expected.difference(&seen) {
                    let domain = domain.unwrap_or("either");
                    differences.push(format!("{column:?}: {} for {domain} was not seen", outcome.letter()));
                }
            }
        }
        differences
    }
}

/// The connections that a cell promises.
fn expected(column: Column, cell: Cell) -> BTreeSet<(Outcome, Option<&'static str>)> {
    let of = |outcome: Option<Outcome>, domain| {
        outcome.map(|outcome| (outcome, outcome.has_recipient().then_some(domain)))
    };
    if column.is_shared() {
        [of(cell.et, "et"), of(cell.ut, "ut")].into_iter().flatten().collect()
    } else {
        let domain = if column == Column::Ut { "ut" } else { "et" };
        of(cell.et, domain).into_iter().collect()
    }
}

/// Whether the row's sender is bound to meet a column within a trial. The certificate of phase B shows only
/// where that of phase A was refused; whoever refuses no certificate is not bound to come back in phase B.
fn must_be_seen(row: &Row, column: Column) -> bool {
    match column {
        Column::NoSniB => row.cell(Column::NoSniA).et == Some(Outcome::Refused),
        Column::Mx03 | Column::Mx04 | Column::Mx05 | Column::Mx06 => !row.one_mx_per_attempt,
        _ => true,
    }
}

/// What a connection met.
fn column(connection: &Value) -> Result<Column, String> {
    let tls = &connection["tls"];
    if tls.is_null() {
        return match connection["starttls_offered"].as_bool() {
            Some(true) => Ok(Column::StarttlsDeclined),
            // Without an EHLO nothing was offered either.
            Some(false) | None => Ok(Column::StarttlsWithheld),
        };
    }
    let Some(sni) = connection["sni"].as_str() else {
        return match tls["phase"].as_str() {
            Some("A") => Ok(Column::NoSniA),
            Some("B") => Ok(Column::NoSniB),
            _ => Err("TLS without SNI and without phase".to_owned()),
        };
    };
    match sni.split('.').next() {
        Some("mx03") => Ok(Column::Mx03),
        Some("mx04") => Ok(Column::Mx04),
        Some("mx05") => Ok(Column::Mx05),
        Some("mx06") => Ok(Column::Mx06),
        Some("ut") => Ok(Column::Ut),
        _ => Err(format!("SNI {sni}")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// The connections of a Postfix at `dane`, without those that `leave_out` names by host.
    fn dane(leave_out: &str) -> Value {
        let mail = |tls: bool, to: &str| json!([{ "tls": tls, "to": [format!("en@{to}.example")] }]);
        let by_sni = |host: &str, outcome: &str, transactions: Value| {
            json!({ "sni": format!("{host}.et.example"), "tls": {}, "outcome": outcome,
                    "transactions": transactions })
        };
        let mut connections = vec![
            json!({ "tls": null, "starttls_offered": false, "outcome": "left-without-mail", "transactions": [] }),
            json!({ "tls": null, "starttls_offered": false, "outcome": "mail-in-clear",
                    "transactions": mail(false, "ut") }),
            json!({ "tls": { "phase": "A" }, "sni": null, "outcome": "mail-in-tls",
                    "transactions": mail(true, "ut") }),
            by_sni("mx03", "refused-certificate", json!([])),
            by_sni("mx04", "mail-in-tls", mail(true, "et")),
            by_sni("mx05", "refused-certificate", json!([])),
            by_sni("mx06", "mail-in-tls", mail(true, "et")),
        ];
        for connection in &mut connections {
            connection["source"] = json!("198.51.100.2");
        }
        connections.retain(|one| !one["sni"].as_str().is_some_and(|sni| sni.starts_with(leave_out)));
        json!({ "connections": connections })
    }

    #[test]
    fn a_trial_is_compared_with_its_row() {
        let seen = Seen::of(&dane("none"), &["198.51.100.2"]);
        assert_eq!(seen.differences(&Row::read("postfix-dane")), [""; 0]);
        let differences = seen.differences(&Row::read("postfix-mta-sts"));
        assert_eq!(
            differences,
            [
                "Mx04: saw D for et, not so measured",
                "Mx04: A for either was not seen",
                "Mx05: saw A for either, not so measured",
                "Mx05: D for et was not seen",
            ]
        );
        let partly = Seen::of(&dane("mx05"), &["198.51.100.2"]);
        assert_eq!(partly.differences(&Row::read("postfix-dane")), ["Mx05: A for either was not seen"]);
        assert_eq!(partly.differences(&Row::read("exim")), [""; 0], "one MX an attempt");
    }
}
