//! Early data, by what its tickets say.

use jiff::Timestamp;

use crate::receiving::checks::check::{Category, Check, Definition, Scale, Scope};
use crate::receiving::checks::shared::probe_lines::{of_version, whole};
use crate::receiving::checks::subjects::{Said, each_address};
use crate::receiving::checks::tls::shared::handshake::{said, word};
use crate::receiving::checks::tls::shared::surveyed::surveyed;
use crate::receiving::checks::{Finding, Inapplicable, Word};
use crate::shared::evidence::TlsVersion;
use crate::shared::evidence::scan::{Evidence, Known, RealHandshake, Server};

pub(super) static CHECK: Definition = Definition {
    id: "tls-zero-rtt",
    category: Category::Tls,
    scope: Scope::Address,
    scale: Scale::Words(&[Word::Absent, Word::Present]),
    internetnl: Some("zero_rtt"),
    judge: zero_rtt,
    en: r"Early data (0-RTT)
    .absent = The server allows no early data.
    .present = The server allows early data, which an attacker can play back.
    .why = SMTP has no use for early data, as the server speaks first.
    .todo = Turn off early data.",
    de: r"Vorab gesendete Daten (0-RTT)
    .absent = Der Server erlaubt keine vorab gesendeten Daten.
    .present = Der Server erlaubt vorab gesendete Daten, die ein Angreifer wiederholen kann.
    .why = SMTP hat für vorab gesendete Daten keine Verwendung, da der Server zuerst spricht.
    .todo = Schalten Sie vorab gesendete Daten (0-RTT) ab.",
    ..Definition::BARE
};

pub(in crate::receiving::checks) fn zero_rtt(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    each_address(Check::ZeroRtt, evidence, |_, server| {
        said(
            server,
            surveyed(evidence, server).map(|survey| match survey.version(TlsVersion::TLS13) {
                Known::No => {
                    let why = Said::not_applicable(Inapplicable::NoTls13);
                    why.seen(of_version(server, TlsVersion::TLS13))
                }
                _ => word(survey.early_data, Word::Present, Word::Absent)
                    .seen(whole(server).into_iter().chain(ticket(server))),
            }),
        )
    })
}

fn ticket(server: &Server) -> Option<String> {
    let Some(RealHandshake::Completed(completed)) = &server.handshake else { return None };
    let octets = completed.early_data_octets;
    Some(format!(
        "{}: max_early_data_size {}",
        completed.version,
        octets.map_or("-".to_owned(), |n| n.to_string())
    ))
}
