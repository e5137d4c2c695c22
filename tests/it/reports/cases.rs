//! The cases of `tests/reports`, one function a folder.

use mailassay::evidence::{Authentication, DkimOutcome, DmarcOutcome, Result8601, SpfOutcome};
use mailassay::history::{Irregularity, Phase, Strength, TrialEnd};
use mailassay::trial::Tie;
use mailassay::verdict::sending::{FindingResult, Mechanism, Reason, Term};

use super::world::{Went, World, shown};

use FindingResult::{Broken, Inconclusive, NotPractised, Practised};

type Case = (&'static str, fn() -> World);

pub(crate) const CASES: [Case; 10] = [
    ("dane", dane),
    ("may", may),
    ("verify", verify),
    ("mta-sts", mta_sts),
    ("override", override_),
    ("patience", patience),
    ("our-fault", our_fault),
    ("one-address", one_address),
    ("two-sources", two_sources),
    ("hostile", hostile),
];

fn refused(host: &'static str) -> Went {
    Went::Refused { host: Some(host), phase: Phase::A, alert: None }
}

fn mail(host: Option<&'static str>, case: &'static str, code: u16) -> Went {
    Went::Mail { host, phase: Phase::A, case, code }
}

fn clear(case: &'static str) -> Went {
    Went::Clear { case, code: 451, offered: false }
}

/// The last two findings where nothing of the kind was seen.
fn steady(world: &mut World) {
    world.finding(Mechanism::LaxerOnRetry, NotPractised, Reason::NoOccasion, &[]);
    world.finding(Mechanism::FallsBackToClearText, NotPractised, Reason::NoOccasion, &[]);
}

fn dane() -> World {
    let mut world = World::new();
    for name in ["mx03", "mx04", "mx05", "mx06"] {
        world.query("22:47:48", "TLSA", &format!("_25._tcp.{name}.et.example.org"));
    }
    world.query("22:47:48", "MX", "et.example.org");
    world.query("22:47:48", "MX", "ut.example.org");
    world.link("22:47:49", "22:47:49", Went::Left);
    world.link("22:47:49", "22:47:50", Went::Left);
    world.link("22:47:50", "22:47:50", clear("ut"));
    world.link("22:51:02", "22:51:11", mail(None, "ut", 451));
    world.link("22:51:03", "22:51:04", refused("mx03.et"));
    world.link("22:51:04", "22:51:08", mail(Some("mx06.et"), "et", 451));
    world.link("22:51:08", "22:51:11", mail(Some("mx04.et"), "et", 451));
    world.link("22:52:04", "22:52:04", refused("mx05.et"));
    world.link("22:52:03", "22:52:06", mail(None, "ut", 250));
    world.link("22:52:04", "22:52:08", mail(Some("mx04.et"), "et", 250));
    world.end("22:52:08", TrialEnd::Settled);
    world.sent("22:52:10");
    world.judged()
}

fn may() -> World {
    let mut world = World::new();
    world.sender.authentication = Authentication {
        spf: SpfOutcome { result: Result8601::Pass, domain: "example.net".to_owned() },
        vouched: true,
        dmarc: DmarcOutcome { domain: "example.net".to_owned(), ..DmarcOutcome::default() },
        ..Authentication::default()
    };
    world.query("22:47:48", "MX", "et.example.org");
    world.link("22:47:49", "22:47:50", clear("et"));
    world.link("22:47:50", "22:47:50", clear("ut"));
    world.link("22:52:03", "22:52:04", mail(None, "et", 451));
    world.link("22:52:03", "22:52:04", mail(None, "ut", 451));
    world.link("22:57:03", "22:57:04", mail(None, "et", 250));
    world.link("22:57:03", "22:57:04", mail(None, "ut", 250));
    world.end("22:57:04", TrialEnd::Settled);
    world.judged()
}

fn verify() -> World {
    let mut world = World::new();
    world.query("22:47:48", "MX", "et.example.org");
    world.query("22:47:48", "MX", "ut.example.org");
    let without = |phase, alert| Went::Refused { host: None, phase, alert };
    let with_phase_b = |case, code| Went::Mail { host: None, phase: Phase::B, case, code };
    for (from, until) in [("22:47:49", "22:47:49"), ("22:47:50", "22:47:50")] {
        world.link(from, until, Went::Left).strength = Strength::Weak { tie: Tie::Address, shared: false };
    }
    for (from, until) in [("22:52:49", "22:52:49"), ("22:52:50", "22:52:50"), ("22:57:49", "22:57:50")] {
        world.link(from, until, without(Phase::A, Some(48))).strength =
            Strength::Weak { tie: Tie::Address, shared: false };
    }
    world.link("23:02:49", "23:02:51", with_phase_b("et", 250));
    world.link("23:02:49", "23:02:51", with_phase_b("ut", 250));
    world.end("23:02:51", TrialEnd::Settled);
    world.judged()
}

fn mta_sts() -> World {
    let mut world = World::new();
    world.query("22:47:47", "TXT", "_mta-sts.et.example.org");
    world.query("22:47:47", "TXT", "_mta-sts.ut.example.org");
    world.query("22:47:48", "A", "mta-sts.et.example.org");
    world.fetch("22:47:48", "Sendmail-mta-sts/1.0");
    world.link("22:47:49", "22:47:49", Went::Left);
    world.link("22:47:50", "22:47:51", clear("ut"));
    world.link("22:52:03", "22:52:04", refused("mx03.et"));
    world.link("22:52:04", "22:52:05", refused("mx04.et"));
    world.link("22:52:05", "22:52:06", mail(Some("mx05.et"), "et", 451));
    world.link("22:52:06", "22:52:07", mail(Some("mx06.et"), "et", 250));
    world.link("22:52:06", "22:52:07", mail(None, "ut", 250));
    world.end("22:52:07", TrialEnd::Settled);
    world.judged()
}

fn override_() -> World {
    let mut world = mta_sts();
    let dane = world.verdict.overall.findings.iter_mut().find(|finding| finding.mechanism == Mechanism::Dane);
    let dane = dane.expect("there is one");
    (dane.result, dane.reason) = (Broken, Reason::Overridden);
    dane.evidence = vec![world.history.links[4].link.first];
    world
}

fn patience() -> World {
    let mut world = World::new();
    world.query("22:47:47", "TXT", "_mta-sts.et.example.org");
    world.link("22:47:49", "22:47:49", Went::Left);
    world.link("22:47:50", "22:47:51", clear("ut"));
    world.link("22:52:04", "22:52:05", mail(Some("mx06.et"), "et", 451));
    world.link("23:22:04", "23:22:05", mail(Some("mx06.et"), "et", 250));
    world.link("23:22:04", "23:22:05", Went::Failed { our_limit: true });
    world.end("23:59:59", TrialEnd::Expired);
    world.judged()
}

fn our_fault() -> World {
    let mut world = World::new();
    let red = "no DS for example.org at its parent; publish what `mailassay zone ds` prints";
    world.self_check(red);
    let fault = || Reason::OurFault(red.to_owned());
    world.link("22:47:49", "22:47:50", Went::Left);
    world.link("22:52:03", "22:52:04", mail(Some("mx05.et"), "et", 250));
    world.link("22:52:03", "22:52:04", mail(Some("ut"), "ut", 250));
    world.candidates(&[Term::Encrypt, Term::EncryptSni, Term::VerifySni, Term::Dane]);
    world.finding(Mechanism::ClearTextEt, NotPractised, shown(&[], &[], &[], 1), &[1]);
    world.finding(Mechanism::ClearTextUt, Inconclusive, Reason::NotMet(vec![1]), &[]);
    world.finding(Mechanism::MandatoryTls, Inconclusive, Reason::Ambiguous, &[]);
    world.finding(Mechanism::CertificateChecking, Inconclusive, Reason::NoControl(vec![4]), &[]);
    world.finding(Mechanism::Dane, Inconclusive, fault(), &[]);
    world.finding(Mechanism::MtaSts, Inconclusive, Reason::SharedSource, &[]);
    world.finding(Mechanism::Sni, Practised, shown(&[], &[5, 7], &[], 0), &[2, 3]);
    steady(&mut world);
    world.end("22:52:04", TrialEnd::Settled);
    world
}

fn one_address() -> World {
    let mut world = World::new();
    world.link("22:47:49", "22:47:50", Went::Left);
    world.link("22:52:03", "22:52:04", refused("mx03.et"));
    world.link("22:52:04", "22:52:05", mail(Some("mx04.et"), "et", 451));
    world.link("22:52:05", "22:52:06", refused("mx05.et"));
    world.link("22:52:06", "22:52:07", mail(Some("mx06.et"), "et", 250));
    world.end("22:52:07", TrialEnd::Settled);
    world.judged()
}

fn two_sources() -> World {
    let mut world = World::new();
    world.link("22:47:49", "22:47:50", Went::Left);
    world.link("22:52:03", "22:52:04", refused("mx05.et"));
    world.link("22:52:05", "22:52:06", mail(Some("mx06.et"), "et", 451));
    world.sender.address = "198.51.100.8";
    world.sender.ehlo = "backup.example.net";
    world.link("22:57:03", "22:57:04", clear("et"));
    world.link("23:02:03", "23:02:04", mail(None, "et", 250));
    world.end("23:02:04", TrialEnd::Settled);
    world.judged()
}

fn hostile() -> World {
    let mut world = World::new();
    world.sender.ehlo = "<script>alert(1)</script>\u{202e}gro.elpmaxe\u{1b}[31m";
    world.sender.mailbox = "\"<b>\r\nBcc: x\"@ex\u{200b}ample.net<img src=x>";
    world.sender.authentication = Authentication {
        spf: SpfOutcome { result: Result8601::SoftFail, domain: "x\"><script>".to_owned() },
        dkim: vec![DkimOutcome {
            result: Result8601::PermError,
            domain: "d".repeat(500),
            selector: "s\r\nSubject: x".to_owned(),
            algorithm: "rsa-sha256</td>".to_owned(),
            reason: Some("key \u{2066}hidden\u{2069}".to_owned()),
        }],
        dmarc: DmarcOutcome {
            result: Result8601::Fail,
            domain: "&lt;".to_owned(),
            policy: Some("none\u{7}".to_owned()),
        },
        ..Authentication::default()
    };
    world.query("22:47:48", "TYPE65280", "\u{1b}]0;title\u{7}.et.example.org</li>");
    world.fetch("22:47:48", "Mozilla <img src=x onerror=alert(1)> \u{202e}");
    let link = world.link("22:47:49", "22:47:50", clear("et"));
    link.link.irregularities = vec![Irregularity::BareLf, Irregularity::FalseEndOfData, Irregularity::BareLf];
    link.link.starttls = Some(454);
    let link = world.link("22:52:03", "22:52:04", mail(None, "et", 451));
    link.strength = Strength::Weak { tie: Tie::Network, shared: true };
    if let Some(tls) = &mut link.link.tls {
        tls.hello.sni = Some("<svg/onload=alert(1)>".repeat(20));
    }
    world.history.links[1].link.closing = None;
    world.candidates(&Term::ALL);
    for mechanism in Mechanism::ALL {
        let reason = Reason::OurFault("red\r\n<script>\u{202e}".to_owned());
        world.finding(mechanism, Inconclusive, reason, &[1, 2]);
    }
    world
}
