//! Tables: the trials that there are.

use crate::trial::{Timestamp, TrialId};

use super::clean::clean_to;
use super::json::sender_domain;
use super::page::trial_verdict;
use super::{Account, State};

/// How much of a domain a table shows, in characters.
const DOMAIN_CHARS_MAX: usize = 30;

/// One trial in a few words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrialRow {
    /// The trial.
    pub id: TrialId,
    /// When its first MAIL came.
    pub opened: Timestamp,
    /// `open`, `settled` or `expired`.
    pub state: &'static str,
    /// The sender's domain, fit to be shown.
    pub sender: String,
    /// How many links belong to it.
    pub connections: usize,
    /// The term, or what stands in its place.
    pub verdict: String,
}

/// `account` in a few words.
pub fn trial_row(account: Account<'_>) -> TrialRow {
    let history = account.history;
    TrialRow {
        id: history.id.clone(),
        opened: history.opened,
        state: State::of(history).name(),
        sender: clean_to(&sender_domain(history).unwrap_or_else(|| "-".to_owned()), DOMAIN_CHARS_MAX),
        connections: history.links.len(),
        verdict: trial_verdict(&account.verdict.overall),
    }
}

/// The rows under a head, a line each, for `mailassay trial list`.
pub fn trial_table(rows: &[TrialRow]) -> String {
    let mut text = line("TRIAL", "OPENED (UTC)", "STATE", "SENDER", "LINKS", "VERDICT");
    for row in rows {
        let opened = row.opened.strftime("%Y-%m-%d %H:%M:%S").to_string();
        let links = row.connections.to_string();
        text += &line(row.id.as_str(), &opened, row.state, &row.sender, &links, &row.verdict);
    }
    text
}

fn line(id: &str, opened: &str, state: &str, sender: &str, links: &str, verdict: &str) -> String {
    format!("{id:<26}  {opened:<19}  {state:<7}  {sender:<30}  {links:>5}  {verdict}\n")
}
