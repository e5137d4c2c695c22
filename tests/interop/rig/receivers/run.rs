//! One scan of one row, compared.

use std::time::Instant;

use serde_json::Value;

use super::row::{Expected, Row};
use super::world::{RESOLVER, World};

/// Scans a row's domain and compares; the error is what a reader needs to find out why.
pub(crate) fn row(world: &World, row: &Row) -> Result<String, String> {
    let began = Instant::now();
    let mut check = world.command(env!("CARGO_BIN_EXE_mailassay"));
    check.args(["check", "--json", "--config"]).arg(world.folder.join("world.toml"));
    let output =
        check.arg(row.domain()).args(&row.is.arguments).output().map_err(|error| error.to_string())?;
    let (said, complained) = (text(&output.stdout), text(&output.stderr));
    let result: Value =
        serde_json::from_str(&said).map_err(|error| format!("{error}: {said}\n{complained}"))?;
    let mut faults = Vec::new();
    if output.status.code() != Some(row.is.exit) {
        faults.push(format!("it ended with {:?}, not {}", output.status.code(), row.is.exit));
    }
    for (pointer, wanted) in &row.is.expect {
        let found = result.pointer(pointer).unwrap_or(&Value::Null);
        if found != wanted {
            faults.push(format!("{pointer} is {found}, not {wanted}"));
        }
    }
    for expected in &row.is.findings {
        faults.extend(compare(&result, expected));
    }
    if row.is.mx {
        let theirs = unbound_says(world, &row.host())?;
        let findings = result["findings"].as_array().map_or(&[][..], Vec::as_slice);
        let ours = findings.iter().find(|finding| finding["id"] == "dnssec-addresses");
        // Where the domain itself is bogus, nobody knows its hosts.
        let unknown = if theirs == "bogus" { "bogus" } else { "nothing" };
        let ours = ours.and_then(|finding| finding["measured"]["word"].as_str()).unwrap_or(unknown);
        if ours != theirs {
            faults.push(format!("the addresses of {} are {theirs} for unbound, {ours} for us", row.host()));
        }
    }
    for (ip, connections) in connections(&result) {
        if connections > row.is.connections_max {
            faults.push(format!("{ip} took {connections} connections, more than {}", row.is.connections_max));
        }
    }
    if faults.is_empty() {
        let grade = &result["profiles"]["mailassay"]["grade"];
        let most = connections(&result).into_iter().map(|(_, count)| count).max().unwrap_or_default();
        Ok(format!("grade {grade}, {most} connections, {:.1} s", began.elapsed().as_secs_f32()))
    } else {
        let mut shown = world.command(env!("CARGO_BIN_EXE_mailassay"));
        shown.args(["check", "--text", "--config"]).arg(world.folder.join("world.toml")).arg(row.domain());
        let shown = shown.output().map(|output| text(&output.stdout)).unwrap_or_default();
        Err(format!("{}\n{shown}\n{complained}", faults.join("\n")))
    }
}

/// What is wrong with the findings of one check: every one must be as expected.
fn compare(result: &Value, expected: &Expected) -> Vec<String> {
    let all = result["findings"].as_array().map_or(&[][..], Vec::as_slice);
    let findings: Vec<&Value> = all.iter().filter(|finding| finding["id"] == expected.id.as_str()).collect();
    if findings.is_empty() {
        return vec![format!("there is no finding {}", expected.id)];
    }
    let mut faults = Vec::new();
    for finding in findings {
        let measured = finding["measured"].to_string();
        if finding["outcome"] != expected.outcome.as_str() {
            faults.push(format!(
                "{} is {}, not {}: {finding}",
                expected.id, finding["outcome"], expected.outcome
            ));
        }
        if expected.measured.as_ref().is_some_and(|part| !measured.contains(part.as_str())) {
            faults.push(format!("{} measured {measured}", expected.id));
        }
    }
    faults
}

/// The connections that each address took.
fn connections(result: &Value) -> Vec<(String, u64)> {
    let hosts = result["mx"].as_array().map_or(&[][..], Vec::as_slice);
    let addresses = hosts.iter().flat_map(|host| host["addresses"].as_array().map_or(&[][..], Vec::as_slice));
    addresses
        .map(|address| (address["ip"].to_string(), address["connections"].as_u64().unwrap_or_default()))
        .collect()
}

/// What unbound says of the addresses of a row's host, in the words of `dnssec-mx-valid`.
fn unbound_says(world: &World, host: &str) -> Result<&'static str, String> {
    let mut dig = world.command("dig");
    let asked = dig.args(["+time=5", "+tries=2", &format!("@{RESOLVER}"), host, "A"]).output();
    let said = text(&asked.map_err(|error| error.to_string())?.stdout);
    let header =
        said.lines().find(|line| line.contains("status:")).ok_or_else(|| format!("unbound: {said}"))?;
    let flags = said.lines().find(|line| line.contains("flags:")).unwrap_or_default();
    Ok(match header {
        bogus if bogus.contains("SERVFAIL") => "bogus",
        _ if flags.split(';').any(|part| part.contains(" ad")) => "secure",
        _ => "insecure",
    })
}

fn text(octets: &[u8]) -> String {
    String::from_utf8_lossy(octets).into_owned()
}
