//! Whether all name servers give the same MX records.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::receiving::checks::check::{Category, Check, Definition, Scale, Scope};
use crate::receiving::checks::lines::{self, Shown, unknown_after};
use crate::receiving::checks::subjects::{Said, domain};
use crate::receiving::checks::{Finding, Unknown, Word};
use crate::shared::evidence::scan::{Connections, Evidence, MxOfServer, MxRecord, NotTried};

pub(super) static CHECK: Definition = Definition {
    id: "mx-consistency",
    category: Category::Mx,
    scope: Scope::Domain,
    scale: Scale::Words(&[Word::Same, Word::Differs]),
    judge: mx_consistency,
    en: r"MX records on all name servers
    .same = All name servers that answered give the same MX records.
    .differs = Not all name servers give the same MX records.
    .why = Which of them a sender asks is chance. While a change spreads, a difference is normal; if it stays, a name server has an old copy of the zone. A name server that is silent or does not know the zone costs more than time: certificate authorities must look up CAA at each issue and refuse a certificate of a signed domain where that fails.
    .todo = Compare the serial numbers of the zone on all name servers, and repair the transfer to the one that is behind.",
    de: r"MX-Einträge auf allen Nameservern
    .same = Alle Nameserver, die geantwortet haben, nennen dieselben MX-Einträge.
    .differs = Nicht alle Nameserver nennen dieselben MX-Einträge.
    .why = Welchen davon ein Absender fragt, ist Zufall. Solange sich eine Änderung verbreitet, ist ein Unterschied normal; bleibt er, hat ein Nameserver einen alten Stand der Zone. Ein Nameserver, der schweigt oder die Zone nicht kennt, kostet mehr als Zeit: Zertifizierungsstellen müssen vor jeder Ausstellung nach CAA fragen und verweigern einer signierten Domain das Zertifikat, wenn das scheitert.
    .todo = Vergleichen Sie die Seriennummern der Zone auf allen Nameservern, und reparieren Sie die Übertragung zu dem, der zurückliegt.",
    ..Definition::BARE
};

/// A server that does not answer says nothing; one that does, and is not alone, has to be compared with another.
fn mx_consistency(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    let asked = &evidence.names.mx_of_servers;
    let sets: BTreeSet<_> =
        asked.iter().filter_map(|server| server.records.as_ref()).map(|records| sorted(records)).collect();
    let servers: BTreeSet<_> = asked.iter().map(|server| server.server.as_str()).collect();
    let answering: BTreeSet<_> =
        asked.iter().filter(|server| server.records.is_some()).map(|server| server.server.as_str()).collect();
    let names = &evidence.names;
    let several = servers.len().max(names.name_servers.len()) > 1;
    let said = if asked.is_empty() {
        Said::inconclusive(match evidence.connections {
            Connections::NotVouchedFor => Unknown::NotTried { why: NotTried::NotVouchedFor },
            Connections::Allowed => unknown_after(&names.ns, &names.soa).unwrap_or(Unknown::Cut),
        })
    } else if sets.len() > 1 {
        // Of what was cut each server may have sent another part.
        lines::cut(evidence, &names.mx).map_or(Said::is(Word::Differs), Said::inconclusive)
    } else if answering.is_empty() || answering.len() == 1 && several {
        Said::inconclusive(Unknown::NoAnswer)
    } else {
        Said::is(Word::Same)
    };
    let said = said.details(asked.iter().map(row)).seen(asked.iter().map(line));
    let unknown = asked.is_empty() && evidence.connections == Connections::Allowed;
    let said = if unknown { said.seen(lines::of(&names.soa)).seen(lines::of(&names.ns)) } else { said };
    domain(Check::MxConsistency, evidence, said)
}

fn sorted(records: &[MxRecord]) -> Vec<MxRecord> {
    let mut records = records.to_vec();
    records.sort();
    records
}

fn listed(server: &MxOfServer) -> Option<String> {
    let records: Vec<_> = server.records.as_ref()?.iter().map(Shown::shown).collect();
    Some(if records.is_empty() { "-".to_owned() } else { records.join(", ") })
}

fn row(server: &MxOfServer) -> String {
    format!("{} ({}): {}", server.server, server.ip, listed(server).as_deref().unwrap_or("?"))
}

fn line(server: &MxOfServer) -> String {
    format!("MX @{} ({}): {}", server.ip, server.server, listed(server).as_deref().unwrap_or("no answer"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::receiving::checks::tests::sample::{self, Bent, inconclusive, is};

    #[test]
    fn words() {
        let cases: Vec<(Bent, _)> = vec![
            (|_| {}, is(Word::Same)),
            (
                |e| {
                    let records = e.names.mx_of_servers[0].records.as_mut().unwrap();
                    records.reverse();
                },
                is(Word::Same),
            ),
            (
                |e| {
                    let records = e.names.mx_of_servers[0].records.as_mut().unwrap();
                    records[0].preference = 30;
                },
                is(Word::Differs),
            ),
            (|e| e.names.mx_of_servers[0].records = Some(Vec::new()), is(Word::Differs)),
            (
                |e| {
                    e.names.mx_of_servers[0].records.as_mut().unwrap()[0].preference = 30;
                    sample::leaves_out(e, |e| e.names.mx.clone());
                },
                inconclusive(Unknown::Cut),
            ),
            (
                |e| {
                    let silent = e.names.mx_of_servers[0].server.clone();
                    for server in &mut e.names.mx_of_servers {
                        if server.server == silent {
                            server.records = None;
                        }
                    }
                },
                inconclusive(Unknown::NoAnswer),
            ),
            (
                |e| e.names.mx_of_servers.iter_mut().for_each(|server| server.records = None),
                inconclusive(Unknown::NoAnswer),
            ),
            (|e| e.names.mx_of_servers.truncate(1), inconclusive(Unknown::NoAnswer)),
            (|e| e.names.mx_of_servers.clear(), inconclusive(Unknown::Cut)),
            (
                |e| {
                    e.names.mx_of_servers.clear();
                    sample::times_out(&mut e.names.ns);
                },
                inconclusive(Unknown::DnsFailed),
            ),
            (
                |e| {
                    e.names.mx_of_servers.clear();
                    e.connections = Connections::NotVouchedFor;
                },
                inconclusive(Unknown::NotTried { why: NotTried::NotVouchedFor }),
            ),
        ];
        sample::check_all(mx_consistency, cases);
    }
}
