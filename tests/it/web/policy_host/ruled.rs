//! The policies of ruled cases: what is at fault with each, and what is left of the fault when its trial is over.

use std::net::{IpAddr, Ipv4Addr};

use mailassay::sending::trial::{CasePhase, Label};
use mailassay::shared::policy::Mode;
use mailassay::shared::tls::client::{CertificateFault, Roots, webpki};

use super::*;

const PATH: &str = "/.well-known/mta-sts.txt";

/// The first label of the pool is of a trial that is over, the second of one whose first mail came.
struct Phases;

impl CasePhases for Phases {
    fn phase(&self, _: &str, label: &Label) -> CasePhase {
        match label.as_str() {
            "p0001" => CasePhase::Over,
            "p0002" => CasePhase::Second,
            _ => CasePhase::First,
        }
    }
}

async fn offering(limits: Settings) -> Host {
    let addresses: Vec<IpAddr> = (1..=13).map(|n| Ipv4Addr::new(127, 0, 1, n).into()).collect();
    let addresses = Addresses::default().with_entrances(&addresses);
    beside_with(limits, addresses, Arc::new(Phases), |_| None).await
}

/// Head and body of what a host answers.
async fn asked(host: &Host, name: &str, path: &str) -> (String, String) {
    let answer = host.ask(name, &get(path, name)).await;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("{name}: {answer:?}"));
    (head.to_owned(), body.to_owned())
}

fn name(label: &str, case: &str) -> String {
    format!("mta-sts.{label}{case}.example.org")
}

/// What there is at the permanent name of a case.
async fn permanent(host: &Host, case: &str) -> (String, String) {
    asked(host, &name("", case), PATH).await
}

fn lists(body: &str) -> Vec<String> {
    Policy::parse(body).unwrap_or_else(|fault| panic!("{fault:?}: {body}")).mx
}

#[tokio::test]
async fn sound_policies_name_the_hosts_of_the_trial_that_asks() {
    let host = offering(Settings::default()).await;
    let (head, body) = permanent(&host, "sts-good").await;
    assert!(head.starts_with("HTTP/1.1 200") && head.contains("text/plain"), "{head}");
    assert_eq!(lists(&body), ["bad.sts-good.example.org", "good.sts-good.example.org"]);
    let visit = host.book.visit().await;
    assert_eq!((visit.status, visit.sni.as_deref()), (Some(200), Some("mta-sts.sts-good.example.org")));
    let (_, body) = asked(&host, &name("p0003.", "sts-unlisted"), PATH).await;
    assert_eq!(lists(&body), ["p0003.good.sts-unlisted.example.org"]);
    let (_, body) = asked(&host, "mta-sts.deep.sts-wild.example.org", PATH).await;
    assert_eq!(lists(&body), ["*.sts-wild.example.org", "deep.good.sts-wild.example.org"]);
    let (_, body) = permanent(&host, "sts-odd-ok").await;
    assert!(!body.contains('\r') && !body.ends_with('\n') && body.contains("unknown"), "{body:?}");
    assert_eq!(lists(&body), ["good.sts-odd-ok.example.org"]);
    // What has no policy serves none, nor does what has its own name for it.
    for none in
        ["mta-sts.none.example.org", "mta-sts.sts-wild.example.org", "mta-sts.child.sts-parent.example.org"]
    {
        assert!(asked(&host, none, PATH).await.0.starts_with("HTTP/1.1 404"), "{none}");
    }
    let (_, body) = permanent(&host, "sts-parent").await;
    assert_eq!(lists(&body), ["*.good.sts-parent.example.org"]);
}

#[tokio::test]
async fn each_defect_is_served_as_its_word_says() {
    let host = offering(Settings { connection_timeout_s: 1, ..Settings::default() }).await;
    let (head, body) = permanent(&host, "sts-host-301").await;
    assert!(head.starts_with("HTTP/1.1 301") && Policy::parse(&body).is_err(), "{head}");
    let to = "location: https://mta-sts.sts-host-301.example.org/policy.txt";
    assert!(head.contains(to), "{head}");
    let (head, body) = asked(&host, &name("", "sts-host-301"), "/policy.txt").await;
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    assert_eq!(lists(&body), ["good.sts-host-301.example.org"]);
    for (case, status) in [("sts-host-404", 404), ("sts-host-500", 500)] {
        let (head, body) = permanent(&host, case).await;
        assert!(head.starts_with(&format!("HTTP/1.1 {status}")), "{head}");
        assert_eq!(lists(&body), [format!("good.{case}.example.org")], "the policy is there all the same");
    }
    let (_, body) = permanent(&host, "sts-host-big").await;
    assert!(body.len() > 65_536 * 3 / 2, "{} octets", body.len());
    let (head, body) = permanent(&host, "sts-host-html").await;
    assert!(head.contains("content-type: text/html") && Policy::parse(&body).is_ok(), "{head}");
    for (case, part) in [
        ("sts-host-version", "STSv2"),
        ("sts-host-nmx", "nmx: good."),
        ("sts-host-no-max-age", "mode: enforce"),
    ] {
        let (head, body) = permanent(&host, case).await;
        assert!(head.starts_with("HTTP/1.1 200") && body.contains(part), "{case}: {body}");
        assert!(Policy::parse(&body).is_err(), "{case}: {body}");
    }
    // Those are faults of its DNS.
    for case in ["sts-host-two-txt", "sts-host-no-id"] {
        assert_eq!(lists(&permanent(&host, case).await.1), [format!("good.{case}.example.org")]);
    }
    // Longer than a connection lasts, here and by default.
    let slow = name("", "sts-host-slow");
    assert_eq!(host.ask(&slow, &get(PATH, &slow)).await, "");
}

#[tokio::test]
async fn certificates_of_policy_hosts_verify_but_for_the_case_that_is_about_them() {
    let host = offering(Settings::default()).await;
    let roots = Roots::from_pem(host.identities.ca_root_pem().unwrap().as_bytes()).unwrap();
    for (case, expected) in [
        ("sts-good", Ok("CN=Mailassay private root".to_owned())),
        ("sts-host-badcert", Err(CertificateFault::UnknownIssuer)),
    ] {
        for label in ["", "p0001.", "p0002."] {
            let name = name(label, case);
            let stream = TcpStream::connect(host.address).await.unwrap();
            let chain = client::connect(stream, &name, true, 10).await.unwrap().chain;
            assert_eq!(webpki(&chain, &name, &roots, Timestamp::now()), expected, "{name}");
        }
    }
}

#[tokio::test]
async fn a_policy_goes_or_changes_after_the_first_mail_and_forbids_nothing_when_its_trial_is_over() {
    let host = offering(Settings::default()).await;
    let (head, _) = asked(&host, &name("p0002.", "sts-cached"), PATH).await;
    assert!(head.starts_with("HTTP/1.1 404"), "{head}");
    let (_, body) = asked(&host, &name("p0002.", "sts-refetch"), PATH).await;
    assert_eq!(lists(&body), ["p0002.good.sts-refetch.example.org"]);
    for case in ["sts-unlisted", "sts-cached", "sts-host-404", "sts-host-version", "sts-host-big"] {
        let (head, body) = asked(&host, &name("p0001.", case), PATH).await;
        let policy = Policy::parse(&body);
        assert!(head.starts_with("HTTP/1.1 200"), "{case}: {head}");
        assert_eq!(policy.map(|policy| (policy.mode, policy.mx.len())), Ok((Mode::None, 2)), "{case}");
    }
}
