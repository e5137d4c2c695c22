//! What is asked decides what is judged: after a whole plan no check of TLS is left open.

use std::sync::Arc;

use mailassay::receiving::checks::{Category, Finding, Measured, Unknown, judge};
use mailassay::receiving::request::Silent;
use mailassay::receiving::scan::Settings;
use mailassay::shared::evidence::scan::{Authentication, Evidence};

use super::lab::{Host, Lab, request, scanner};
use super::simulated::{Model, Refuses};

const ZONE: &str = "net. SOA a.nic.net. ; secure\nexample.net. SOA ns1.example.net. ; secure\n\
                    example.net. MX 10 mx.example.net.\nmx.example.net. A 192.0.2.1\n";

async fn findings(model: Model) -> (Evidence, Vec<Finding>) {
    let host = Arc::new(Host::new(model));
    let lab = Arc::new(Lab { hosts: [("192.0.2.1".parse().unwrap(), host)].into(), ..Lab::default() });
    let evidence = scanner(ZONE, &lab, Settings::default()).scan(&request("example.net"), &Silent).await;
    let findings = judge(&evidence, evidence.to);
    (evidence, findings)
}

#[tokio::test(start_paused = true)]
async fn no_check_of_tls_is_left_open() {
    let postfix = Model::default_postfix;
    let servers = [
        ("default", postfix()),
        ("default, the client decides", Model { decides: false, ..postfix() }),
        ("default, two certificates", Model { keys: Authentication::ALL.to_vec(), ..postfix() }),
        ("hardened", Model::hardened_postfix()),
        (
            "hardened, ECDSA",
            Model { keys: vec![Authentication::Ecdsa], key_curve: Some(0x17), ..Model::hardened_postfix() },
        ),
        ("drops what it refuses", Model { refuses: Refuses::ByDrop, ..Model::hardened_postfix() }),
        ("long offers not borne", Model { chokes_above: 64, ..Model::hardened_postfix() }),
        ("TLS 1.3 only", Model { versions: [0x0304].into(), ..postfix() }),
        ("TLS 1.2 only", Model { versions: [0x0303].into(), ..postfix() }),
        ("TLS 1.1 and 1.0", Model { versions: [0x0301, 0x0302].into(), ..postfix() }),
        ("signs with SHA-256 always", Model { ignores_schemes: true, hashes: vec!["SHA-256"], ..postfix() }),
        ("one suite", Model { suites: vec![0xc02f], versions: [0x0303].into(), ..postfix() }),
        ("RSA key exchange", Model { suites: vec![0x009c, 0x002f], versions: [0x0303].into(), ..postfix() }),
    ];
    let mut open = Vec::new();
    for (name, model) in servers {
        let (evidence, findings) = findings(model).await;
        assert_eq!(evidence.servers[0].stopped, None, "{name}");
        for finding in findings.iter().filter(|finding| finding.check.category() == Category::Tls) {
            if let Measured::Inconclusive { why } = finding.measured
                && why != Unknown::OurLimit
            {
                open.push(format!("{name}: {} {why:?}", finding.check.id()));
            }
        }
    }
    assert!(open.is_empty(), "{}", open.join("\n"));
}
