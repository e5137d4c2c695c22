//! Programs that attack whatever site they are shown: wapiti the pages, schemathesis the API. The last scene, since they
//! press every button.

use std::collections::BTreeSet;
use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;
use tokio::process::Command;

use super::inspect::Inspector;
use super::peers;

/// How long one of them may take, in seconds; wapiti ends by itself before.
const SCANNER_S: u64 = 240;
const CRAWL_S: &str = "45";
const ATTACK_S: &str = "12";
/// What wapiti tries: all that it has for a site without logins, but what wants a host of wapiti's own in the Internet
/// (ssrf, log4shell) or measures the time of answers, which a busy machine decides (blindsql).
const MODULES: &str =
    "backup,cookieflags,crlf,csp,exec,file,http_headers,methods,permanentxss,redirect,sql,xss";
/// What it says of every site that is served over HTTP, as this one is here, and what no browser reads any more.
const NO_FAULTS: [&str; 3] = ["X-XSS-Protection", "Strict-Transport-Security", "Secure flag is not set"];

/// Lets wapiti at the pages; it finds others from there.
pub(crate) async fn wapiti(
    site: &str,
    pages: &BTreeSet<String>,
    inspector: &mut Inspector,
) -> Result<(), String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let report = folder.path().join("report.json");
    let mut command = Command::new("wapiti");
    command.args(["--url", &format!("{site}/"), "--scope", "folder", "--module", MODULES]);
    command.args(["--max-scan-time", CRAWL_S, "--max-attack-time", ATTACK_S, "--max-links-per-page", "40"]);
    command.args(["--no-bugreport", "--flush-session", "--format", "json", "--output"]).arg(&report);
    command.arg("--store-session").arg(folder.path()).arg("--store-config").arg(folder.path());
    for page in pages {
        command.args(["--start", page]);
    }
    let (_, said) = said(command).await?;
    let report = std::fs::read(&report).map_err(|error| format!("no report ({error}): {said}"))?;
    let report: Value = serde_json::from_slice(&report).map_err(|error| error.to_string())?;
    for kind in ["vulnerabilities", "anomalies"] {
        for (name, found) in report[kind].as_object().into_iter().flatten() {
            for one in found.as_array().into_iter().flatten() {
                let info = one["info"].as_str().unwrap_or_default();
                let is_none = NO_FAULTS.iter().any(|no_fault| info.contains(no_fault));
                inspector.expect("wapiti", is_none, || {
                    format!("{name}: {info}: {}", one["http_request"].as_str().unwrap_or_default())
                });
            }
        }
    }
    Ok(())
}

/// Lets schemathesis at the API, by its own description.
pub(crate) async fn schemathesis(site: &str, inspector: &mut Inspector) -> Result<(), String> {
    let mut command = Command::new(peers::schemathesis());
    command.args(["run", &format!("{site}/api/v1/openapi.json"), "--no-color"]);
    // It leaves a folder of what it saw where it runs.
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    command.current_dir(folder.path());
    command.args(["--max-examples", "15", "--generation-deterministic", "--request-timeout", "20"]);
    let (is_content, said) = said(command).await?;
    inspector.expect("schemathesis", is_content, || said);
    Ok(())
}

/// Whether a scanner was content, and what it printed.
async fn said(mut command: Command) -> Result<(bool, String), String> {
    command.stdin(Stdio::null()).kill_on_drop(true);
    let name = command.as_std().get_program().display().to_string();
    let output = tokio::time::timeout(Duration::from_secs(SCANNER_S), command.output()).await;
    let output = output.map_err(|_| format!("{name}: not done within {SCANNER_S} s"))?;
    let output = output.map_err(|error| format!("{name}: {error}"))?;
    let said = [output.stdout, output.stderr].concat();
    Ok((output.status.success(), String::from_utf8_lossy(&said).into_owned()))
}
