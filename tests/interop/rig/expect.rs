//! A trial compared with the row of its sender.

use mailassay::sending::trial::LinkId;
use serde_json::Value;

use super::cells::Seen;
use super::mode::Mode;
use super::row::{Group, Member};

/// The servers whose refusal is a mechanism's own evidence, by the host that the sender named.
const PROOFS: [(&str, [&str; 2]); 2] = [("dane", ["mx03.", "mx05."]), ("mta-sts", ["mx04.", "mx04."])];

/// In what a trial of a member differs from what its row says.
pub(crate) fn faults(group: &Group, member: &Member, mode: Mode, trial: &Value) -> Vec<String> {
    let row = member.row();
    let mut faults = judgement(member, trial);
    for (address, term) in &row.apart {
        let apart = trial["apart"].as_array().into_iter().flatten();
        match apart.into_iter().find(|apart| apart["source"] == **address) {
            Some(apart) => {
                let sending = &apart["sending"];
                let found = sending["policy"].as_str().unwrap_or("nothing");
                if found != term {
                    faults.push(format!("the term of {address} is {found}, not {term}: {sending}"));
                }
                faults.extend(unproved(trial, sending, term));
            }
            None => faults.push(format!("{address} is not judged apart: {}", trial["apart"])),
        }
    }
    if row.apart.is_empty() && trial["apart"].as_array().is_some_and(|apart| !apart.is_empty()) {
        faults.push(format!("judged apart, though all its nodes are alike: {}", trial["apart"]));
    }
    // What several senders did on links that they share is no one's row.
    if mode.settle() == "patience" && row.has_cells() && group.members.len() == 1 {
        faults.extend(Seen::of(trial, &member.addresses()).differences(row));
    }
    if trial["verdict"]["sent_at"].is_null() {
        faults.push(format!("no verdict was sent: {}", trial["verdict"]));
    }
    faults
}

/// What is wrong with the judgement over all sources.
fn judgement(member: &Member, trial: &Value) -> Vec<String> {
    let (row, sending) = (member.row(), &trial["sending"]);
    let is_open = |found: &str| member.may_be_open && found == "inconclusive";
    let found = sending["policy"].as_str().unwrap_or("nothing");
    let mut faults = Vec::new();
    if let Some(term) = &row.term {
        if is_open(found) {
            let candidates = sending["candidates"].as_array();
            if !candidates.is_some_and(|candidates| candidates.iter().any(|one| *one == **term)) {
                faults.push(format!("{term} is not among {}", sending["candidates"]));
            }
        } else {
            if found != term {
                faults.push(format!("the term is {found}, not {term} ({})", sending["candidates"]));
            }
            faults.extend(unproved(trial, sending, term));
        }
    }
    for (case, term) in &row.per_destination {
        let found = &sending["per_destination"][case];
        if *found != **term {
            faults.push(format!("for {case} the term is {found}, not {term}"));
        }
    }
    let result = |mechanism: &str| finding(sending, mechanism)["result"].as_str().unwrap_or("absent");
    for (mechanism, wanted) in &row.findings {
        let found = result(mechanism);
        if found != wanted && !is_open(found) {
            faults.push(format!("{mechanism} is {found}, not {wanted}"));
        }
    }
    for (mechanism, unwanted) in &row.never {
        if result(mechanism) == unwanted {
            faults.push(format!("{mechanism} is {unwanted}"));
        }
    }
    faults
}

/// What is wrong where the MX hosts are two nodes: both must have been met.
pub(crate) fn met_both(trial: &Value) -> Option<String> {
    let connections = trial["connections"].as_array().map_or(&[][..], Vec::as_slice);
    let node = |connection: &Value| {
        let link = u64::from_str_radix(connection["link"].as_str()?, 16).ok()?;
        Some(LinkId(link).node())
    };
    let nodes: std::collections::BTreeSet<_> = connections.iter().filter_map(node).collect();
    (nodes.len() < 2).then(|| format!("only the nodes {nodes:?} were met"))
}

/// The mechanisms of a term that are practised without a refusal of their own among their evidence: whatever the
/// order of the MX hosts was, none may be said so.
fn unproved(trial: &Value, sending: &Value, term: &str) -> Vec<String> {
    let mechanisms: &[&str] = match term {
        "dane" | "dane-only" => &["dane"],
        "mta-sts" => &["mta-sts"],
        "dane+mta-sts" => &["dane", "mta-sts"],
        _ => &[],
    };
    let connections = trial["connections"].as_array().map_or(&[][..], Vec::as_slice);
    let mut faults = Vec::new();
    for (mechanism, hosts) in PROOFS.iter().filter(|(mechanism, _)| mechanisms.contains(mechanism)) {
        let evidence = finding(sending, mechanism)["evidence"].as_array().map_or(&[][..], Vec::as_slice);
        let proves = |connection: &Value| {
            let sni = connection["sni"].as_str().unwrap_or_default();
            let observations = connection["observations"].as_array().map_or(&[][..], Vec::as_slice);
            connection["outcome"] == "refused-certificate"
                && hosts.iter().any(|host| sni.starts_with(host))
                && observations.iter().any(|observation| evidence.contains(observation))
        };
        if !connections.iter().any(proves) {
            faults.push(format!(
                "{mechanism} has no refusal at {} among its evidence: {}",
                hosts[0],
                finding(sending, mechanism)
            ));
        }
    }
    faults
}

fn finding<'a>(sending: &'a Value, mechanism: &str) -> &'a Value {
    let findings = sending["findings"].as_array().map_or(&[][..], Vec::as_slice);
    findings.iter().find(|finding| finding["mechanism"] == *mechanism).unwrap_or(&Value::Null)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// A trial at `dane` whose finding rests on `evidence`; observation 7 is a refusal at server 3.
    fn trial(evidence: &Value) -> Value {
        json!({
            "connections": [
                { "sni": "mx03.et.example", "outcome": "refused-certificate", "observations": [5, 6, 7] },
                { "sni": "mx04.et.example", "outcome": "mail-in-tls", "observations": [8, 9] },
            ],
            "sending": { "findings": [{ "mechanism": "dane", "result": "practised", "evidence": evidence }] },
        })
    }

    #[test]
    fn a_mechanism_wants_a_refusal_of_its_own() {
        let faults = |evidence: Value, term: &str| {
            let trial = trial(&evidence);
            unproved(&trial, &trial["sending"], term).len()
        };
        assert_eq!(faults(json!([7, 9]), "dane"), 0);
        assert_eq!(faults(json!([9]), "dane"), 1, "a delivery proves nothing");
        assert_eq!(faults(json!([7, 9]), "dane+mta-sts"), 1, "server 4 was not refused");
        assert_eq!(faults(json!([]), "may"), 0);
    }
}
