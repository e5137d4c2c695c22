//! Tables: the trials that there are, and what each policy does at each server.

use crate::sending::persona::{Catalogue, Certificate, Persona, StandsFor, TlsaSpec};
use crate::sending::trial::TrialId;
use crate::sending::verdict::model::{SenderModel, Sni};
use crate::sending::verdict::{Cell, Row, Term, table};
use crate::shared::time::Timestamp;

use super::account::Account;
use super::json::TrialState;
use super::link::sender_domain;
use super::page::{cases_summary, trial_verdict};
use crate::shared::text::clean_to;

/// How much of a domain a table shows, in characters.
const DOMAIN_CHARS_MAX: usize = 30;

/// One trial in a few words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrialRow {
    pub id: TrialId,
    /// When its first MAIL came.
    pub opened: Timestamp,
    /// `open`, `settled`, `expired` or `unjudged`.
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
        state: TrialState::of(history).name(),
        sender: clean_to(&sender_domain(history).unwrap_or_else(|| "-".to_owned()), DOMAIN_CHARS_MAX),
        connections: history.links.len(),
        verdict: match account.is_of_cases_alone() {
            true => cases_summary(account),
            false => trial_verdict(account.verdict),
        },
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

/// The servers that a mail of a suite can meet, as Markdown: what their files say.
pub fn server_table(catalogue: &Catalogue) -> String {
    let mut text = String::from(
        "| server | name | STARTTLS | certificate | TLSA | in the MTA-STS policy |\n|---|---|---|---|---|---|\n",
    );
    let tests = |persona: &&Persona| {
        let case = persona.case.as_ref().and_then(|case| catalogue.case(case));
        case.is_none_or(|case| case.suite.is_some())
    };
    for persona in catalogue.personas().filter(tests) {
        let certificate = |certificate| match certificate {
            Certificate::PublicCa => "public CA",
            Certificate::SelfSigned => "self-signed",
        };
        let own = certificate(persona.certificate);
        let (name, starttls, shown) = match (persona.stands_for, persona.certificate_phase_b) {
            (StandsFor::StarttlsWithheld, _) => ("any, while STARTTLS is withheld", "no", "–".to_owned()),
            (StandsFor::NoSni, Some(later)) => {
                let later = certificate(later);
                (
                    "any, in TLS without SNI",
                    "yes",
                    format!("{own} (phase A), {later} with every name (phase B)"),
                )
            }
            (StandsFor::NoSni, None) => ("any, in TLS without SNI", "yes", own.to_owned()),
            (StandsFor::Host, _) => (persona.id.0.as_str(), "yes", own.to_owned()),
        };
        let host = persona.stands_for == StandsFor::Host;
        let tlsa = match persona.tlsa {
            _ if !host => "–",
            TlsaSpec::Match => "matches",
            TlsaSpec::Mismatch => "does not match",
            TlsaSpec::None => "none",
        };
        let case = persona.case.as_ref().and_then(|case| catalogue.case(case));
        let listed = match case.and_then(|case| catalogue.policy(case)) {
            _ if !host => "–",
            None => "there is none",
            Some(_) if persona.in_policy => "yes",
            Some(_) => "no",
        };
        text += &format!("| {} | {name} | {starttls} | {shown} | {tlsa} | {listed} |\n", persona.server);
    }
    text
}

/// What each policy does at each server, as Markdown: the models' own output. A policy stands for several models;
/// shown is the plainest, which names the host in TLS where the standards ask for it.
pub fn policy_table(catalogue: &Catalogue) -> String {
    let policies: Vec<Row> = Term::OF_MODELS.iter().map(|term| table(catalogue, &plainest(*term))).collect();
    let mut text = String::from("| server |");
    text.extend(Term::OF_MODELS.iter().map(|term| format!(" {term} |")));
    text += "\n|---|";
    text += &"---|".repeat(Term::OF_MODELS.len());
    text.push('\n');
    let mut line = |server: String, cell: &dyn Fn(&Row) -> Cell| {
        text += &format!("| {server} |");
        text.extend(policies.iter().map(|row| format!(" {} |", cell(row).letter())));
        text.push('\n');
    };
    let number = |what| catalogue.standing_for(what).map_or(0, |persona| persona.server);
    let (withheld, no_sni) = (number(StandsFor::StarttlsWithheld), number(StandsFor::NoSni));
    for (n, case) in catalogue.classic_cases().enumerate() {
        line(format!("{withheld}: {}, no STARTTLS", case.id), &|row| row.withheld[n].1);
    }
    for (n, case) in catalogue.classic_cases().enumerate() {
        line(format!("{no_sni}: {}, no SNI, phase A", case.id), &|row| row.no_sni_a[n].1);
    }
    let hosts: Vec<_> = policies.first().map(|row| row.hosts.clone()).unwrap_or_default();
    for (n, (id, _)) in hosts.iter().enumerate() {
        let server = catalogue.persona(id).map_or(0, |persona| persona.server);
        line(format!("{server}: {id}"), &|row| row.hosts[n].1);
    }
    for (n, case) in catalogue.classic_cases().enumerate() {
        line(format!("{no_sni}: {}, no SNI, phase B", case.id), &|row| row.no_sni_b[n].1);
    }
    text += "\n`P` mail in clear, `q` leaves without a mail, `A` begins TLS and gives up, `D` mail in TLS, `-` not met.\n";
    text
}

/// The first model of a term that names the host only where a policy asks for it, else the first.
fn plainest(term: Term) -> SenderModel {
    let of_term = || SenderModel::all().into_iter().filter(move |model| Term::of(model) == term);
    let for_policy = of_term().find(|model| model.sni == Sni::ForPolicy);
    for_policy.or_else(|| of_term().next()).expect("every term is the term of a model")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sending::persona::CatalogueFiles;

    #[test]
    fn the_table_is_what_the_models_do() {
        let catalogue = CatalogueFiles::embedded().catalogue("example.org").expect("fits");
        let text = policy_table(&catalogue);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 15, "{text}");
        for line in [
            "| server | none | may | may+sni | may+verify | encrypt | encrypt+sni | verify | verify+sni | dane | \
             dane-only | mta-sts | dane+mta-sts |",
            "| 1: ut, no STARTTLS | P | P | P | P | q | q | q | q | P | - | P | P |",
            "| 5: mx05.et | - | - | D | - | - | D | - | D | A | A | D | A |",
            "| 2: et, no SNI, phase B | - | D | - | D | D | - | D | - | - | - | - | - |",
        ] {
            assert!(lines.contains(&line), "{line} in\n{text}");
        }
    }
}
