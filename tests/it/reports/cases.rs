//! The cases of `tests/reports`, one function a folder.

use std::sync::Arc;

use mailassay::sending::history::{Beyond, Irregularity, Phase, Strength, TrialEnd};
use mailassay::sending::trial::Tie;
use mailassay::sending::verdict::{FindingResult, Mechanism, Reason, Term};
use mailassay::shared::evidence::{Authentication, DkimOutcome, DmarcOutcome, Result8601, SpfOutcome};

use super::ruled;
use super::world::{Went, World, shown};

use FindingResult::{Broken, Inconclusive, NotPractised, Practised};

type Case = (&'static str, fn() -> World);

pub(crate) const CASES: [Case; 20] = [
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
    ("undone", undone),
    ("laxer", laxer),
    ("sound-refused", sound_refused),
    ("per-destination", per_destination),
    ("asked-for", asked_for),
    ("dane-only", dane_only),
    ("crowd", crowd),
    ("cases-first", ruled::first),
    ("cases-many", ruled::many),
    ("cases-and-classic", ruled::both_parts),
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
    world.finding(Mechanism::LaxerOnRetry, Inconclusive, Reason::NoOccasion, &[]);
    world.finding(Mechanism::FallsBackToClearText, Inconclusive, Reason::NoOccasion, &[]);
}

pub(super) fn dane() -> World {
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
    let of_link = Arc::make_mut(&mut link.link);
    of_link.irregularities = vec![Irregularity::BareLf, Irregularity::FalseEndOfData, Irregularity::BareLf];
    of_link.starttls = Some(454);
    let link = world.link("22:52:03", "22:52:04", mail(None, "et", 451));
    link.strength = Strength::Weak { tie: Tie::Network, shared: true };
    if let Some(tls) = &mut Arc::make_mut(&mut link.link).tls {
        tls.hello.sni = Some("<svg/onload=alert(1)>".repeat(20));
    }
    Arc::make_mut(&mut world.history.links[1].link).closing = None;
    world.candidates(&Term::ALL);
    for mechanism in Mechanism::ALL {
        let reason = Reason::OurFault("red\r\n<script>\u{202e}".to_owned());
        world.finding(mechanism, Inconclusive, reason, &[1, 2]);
    }
    world
}

/// Leaves where nothing is offered and checks certificates, and after a refusal sends in clear.
fn undone() -> World {
    let mut world = World::new();
    let by = || Reason::Undone(Mechanism::FallsBackToClearText);
    world.link("22:47:49", "22:47:50", Went::Left);
    world.link("22:52:03", "22:52:04", refused("mx04.et"));
    world.link("22:52:04", "22:52:05", Went::Clear { case: "et", code: 451, offered: true });
    world.link("22:57:03", "22:57:04", mail(Some("ut"), "ut", 250));
    world.link("22:57:04", "22:57:05", mail(Some("mx06.et"), "et", 250));
    world.candidates(&[Term::VerifySni]);
    world.finding(Mechanism::ClearTextEt, NotPractised, shown(&[], &[], &[], 1), &[1]);
    world.finding(Mechanism::ClearTextUt, NotPractised, shown(&[], &[], &[], 1), &[1]);
    world.finding(Mechanism::MandatoryTls, Broken, by(), &[1, 3]);
    world.finding(Mechanism::CertificateChecking, Broken, by(), &[2, 3]);
    world.finding(Mechanism::Dane, NotPractised, shown(&[], &[6], &[4], 0), &[2, 5]);
    world.finding(Mechanism::MtaSts, Inconclusive, Reason::NotMet(vec![3]), &[]);
    world.finding(Mechanism::Sni, Practised, shown(&[], &[6, 7], &[4], 0), &[2, 4, 5]);
    world.finding(Mechanism::LaxerOnRetry, Inconclusive, Reason::NoOccasion, &[]);
    world.finding(Mechanism::FallsBackToClearText, Practised, shown(&[1], &[], &[], 0), &[2, 3]);
    world.end("22:57:05", TrialEnd::Settled);
    world
}

/// DANE at first, any certificate on a retry.
fn laxer() -> World {
    let mut world = World::new();
    world.query("22:47:48", "TLSA", "_25._tcp.mx05.et.example.org");
    world.link("22:47:49", "22:47:50", Went::Left);
    world.link("22:47:50", "22:47:51", clear("ut"));
    world.link("22:52:03", "22:52:04", refused("mx05.et"));
    world.link("22:57:03", "22:57:04", mail(Some("mx05.et"), "et", 250));
    world.link("22:57:03", "22:57:04", mail(None, "ut", 250));
    world.candidates(&[Term::Dane]);
    world.finding(Mechanism::ClearTextEt, NotPractised, shown(&[], &[], &[], 1), &[1]);
    world.finding(Mechanism::ClearTextUt, Practised, shown(&[7], &[], &[], 0), &[2]);
    world.finding(Mechanism::MandatoryTls, NotPractised, shown(&[7], &[], &[], 0), &[2]);
    world.finding(Mechanism::CertificateChecking, NotPractised, shown(&[], &[7], &[], 0), &[5]);
    world.finding(Mechanism::Dane, Broken, Reason::Undone(Mechanism::LaxerOnRetry), &[3, 4]);
    world.finding(Mechanism::MtaSts, NotPractised, Reason::Silence, &[3]);
    world.finding(Mechanism::Sni, Practised, shown(&[], &[5], &[5], 0), &[3, 4]);
    world.finding(Mechanism::LaxerOnRetry, Practised, shown(&[], &[5], &[5], 0), &[3, 4]);
    world.finding(Mechanism::FallsBackToClearText, NotPractised, shown(&[], &[5], &[5], 0), &[3, 4]);
    world.end("22:57:04", TrialEnd::Settled);
    world
}

/// postfix-mta-sts-resolver with an empty smtp_tls_CAfile.
fn sound_refused() -> World {
    let mut world = World::new();
    let fetched = world.fetch("22:47:48", "Python/3.11 aiohttp/3.9");
    world.link("22:47:49", "22:47:50", Went::Left);
    world.link("22:47:50", "22:47:51", clear("ut"));
    for (from, until, host) in [
        ("22:52:03", "22:52:04", "mx04.et"),
        ("22:52:04", "22:52:05", "mx06.et"),
        ("22:57:03", "22:57:04", "mx05.et"),
        ("22:57:04", "22:57:05", "mx06.et"),
    ] {
        world.link(from, until, refused(host));
    }
    world.link("22:57:05", "22:57:06", mail(None, "ut", 250));
    world.candidates(&[Term::Dane, Term::MtaSts, Term::DaneMtaSts]);
    world.finding(Mechanism::ClearTextEt, NotPractised, shown(&[], &[], &[], 1), &[1]);
    world.finding(Mechanism::ClearTextUt, Practised, shown(&[7], &[], &[], 0), &[2]);
    world.finding(Mechanism::MandatoryTls, NotPractised, shown(&[7], &[], &[], 0), &[2]);
    world.finding(Mechanism::CertificateChecking, NotPractised, shown(&[], &[7], &[], 0), &[7]);
    world.finding(Mechanism::Dane, Inconclusive, Reason::SoundRefused, &[4, 6]);
    world.finding(Mechanism::MtaSts, Inconclusive, Reason::SoundRefused, &[4, 6]);
    world.cites(Mechanism::MtaSts, &[fetched]);
    world.finding(Mechanism::Sni, Practised, shown(&[], &[], &[4, 5, 6], 0), &[3, 4, 5, 6]);
    steady(&mut world);
    world.finding(Mechanism::RefusesSoundServer, Practised, shown(&[], &[], &[6], 0), &[4, 6]);
    world.end("23:30:00", TrialEnd::Expired);
    world
}

/// Postfix with `et = encrypt servername=hostname` in smtp_tls_policy_maps, `may` otherwise.
fn per_destination() -> World {
    let mut world = World::new();
    let asked = world.query("22:47:48", "MX", "et.example.org");
    world.link("22:47:49", "22:47:50", Went::Left);
    world.link("22:47:50", "22:47:51", clear("ut"));
    world.link("22:52:03", "22:52:04", mail(Some("mx05.et"), "et", 451));
    world.link("22:52:04", "22:52:05", mail(None, "ut", 451));
    world.link("22:57:03", "22:57:04", mail(Some("mx03.et"), "et", 250));
    world.link("22:57:04", "22:57:05", mail(None, "ut", 250));
    world.candidates(&[Term::PerDestination]);
    world.verdict.overall.per_destination = vec![("et".into(), Term::EncryptSni), ("ut".into(), Term::May)];
    world.finding(Mechanism::ClearTextEt, NotPractised, shown(&[], &[], &[], 1), &[1]);
    world.finding(Mechanism::ClearTextUt, Practised, shown(&[7], &[], &[], 0), &[2]);
    world.finding(Mechanism::MandatoryTls, NotPractised, shown(&[7], &[], &[], 0), &[2]);
    world.finding(Mechanism::CertificateChecking, NotPractised, shown(&[], &[7], &[], 0), &[4, 6]);
    world.finding(Mechanism::Dane, NotPractised, shown(&[], &[3, 5], &[], 0), &[3, 5]);
    world.finding(Mechanism::MtaSts, NotPractised, Reason::Silence, &[3, 5]);
    world.cites(Mechanism::MtaSts, &[asked]);
    world.finding(Mechanism::Sni, Inconclusive, Reason::Contradiction, &[3, 4]);
    steady(&mut world);
    world.end("22:57:05", TrialEnd::Settled);
    world
}

/// DANE, and a policy that is fetched: whether it is obeyed shows only where DANE is not.
fn asked_for() -> World {
    let mut world = dane();
    let asked = world.query("22:47:48", "TXT", "_mta-sts.et.example.org");
    let fetched = world.fetch("22:47:48", "postfix-tlspol");
    let is_mta_sts =
        |finding: &&mut mailassay::sending::verdict::Finding| finding.mechanism == Mechanism::MtaSts;
    let finding = world.verdict.overall.findings.iter_mut().find(is_mta_sts).expect("there is one");
    (finding.result, finding.reason) = (Inconclusive, Reason::AskedFor);
    finding.evidence = vec![asked, fetched];
    world
}

/// A Postfix that demands DANE of everybody.
fn dane_only() -> World {
    let mut world = World::new();
    world.link("22:47:49", "22:47:50", Went::Left);
    world.link("22:52:03", "22:52:04", refused("mx03.et"));
    world.link("22:52:04", "22:52:05", mail(Some("mx04.et"), "et", 451));
    world.link("22:57:03", "22:57:04", refused("mx05.et"));
    world.link("22:57:04", "22:57:05", mail(Some("mx06.et"), "et", 250));
    world.candidates(&[Term::DaneOnly]);
    world.finding(Mechanism::ClearTextEt, NotPractised, shown(&[], &[], &[], 1), &[1]);
    world.finding(Mechanism::ClearTextUt, NotPractised, Reason::Silence, &[3, 5]);
    world.finding(Mechanism::MandatoryTls, Practised, shown(&[], &[], &[], 1), &[1]);
    world.finding(Mechanism::CertificateChecking, NotPractised, shown(&[], &[4], &[], 0), &[3]);
    world.finding(Mechanism::Dane, Practised, shown(&[], &[4, 6], &[3, 5], 0), &[2, 3, 4, 5]);
    world.finding(Mechanism::MtaSts, NotPractised, Reason::Silence, &[3]);
    world.finding(Mechanism::Sni, Practised, shown(&[], &[4, 6], &[3, 5], 0), &[2, 3, 4, 5]);
    steady(&mut world);
    world.end("22:57:05", TrialEnd::Settled);
    world
}

/// Hundreds of connections of several nodes over days, beside strangers and the questions of others.
fn crowd() -> World {
    let mut world = World::new();
    world.sender.mailbox = "joachim@a-department.of-a-company.with-a-long-name.example.net";
    world.query("22:47:48", "MX", "et.example.org");
    for n in 0..40 {
        world.query_by(
            "203.0.113.9:5353",
            "22:47:48",
            "TLSA",
            &format!("_25._tcp.mx0{}.et.example.org", n % 9),
        );
    }
    const NODES: [&str; 4] = ["198.51.100.7", "198.51.100.8", "192.0.2.77", "2001:db8::25"];
    for n in 0..300_usize {
        world.sender.address = NODES[n % 4];
        let hour = 10 + n / 60;
        let (from, until) = (format!("{hour}:{:02}:03", n % 60), format!("{hour}:{:02}:04", n % 60));
        let went = match n % 7 {
            0 => Went::Left,
            1 => clear("ut"),
            // Alerts make lines that cannot be joined.
            2 => Went::Refused { host: Some("mx03.et"), phase: Phase::A, alert: Some((n / 7) as u8) },
            3 => Went::Refused { host: Some("mx05.et"), phase: Phase::A, alert: Some((n / 7) as u8 + 80) },
            4 => mail(Some("mx04.et"), "et", 451),
            5 => mail(Some("mx06.et"), "et", 451),
            _ => {
                Went::Mail { host: None, phase: Phase::A, case: "ut", code: if n > 290 { 250 } else { 451 } }
            }
        };
        world.link(&from, &until, went);
    }
    world.sender.address = "203.0.113.77";
    for n in 0..30_u8 {
        let time = format!("12:{n:02}:30");
        world.link(&time, &time, clear("et"));
        let stranger = world.history.links.pop().expect("just pushed");
        world.history.strangers.push(stranger.link);
    }
    let numbers: Vec<usize> = (1..=300).collect();
    let of = |rest: &[usize]| -> Vec<usize> {
        numbers.iter().copied().filter(|number| rest.contains(&((number - 1) % 7))).collect()
    };
    world.candidates(&[Term::Dane]);
    world.finding(Mechanism::ClearTextEt, NotPractised, shown(&[], &[], &[], 43), &of(&[0]));
    world.finding(Mechanism::ClearTextUt, Practised, shown(&[7], &[], &[], 0), &of(&[1]));
    world.finding(Mechanism::MandatoryTls, NotPractised, shown(&[7], &[], &[], 0), &of(&[1]));
    world.finding(Mechanism::CertificateChecking, NotPractised, shown(&[], &[7], &[], 0), &of(&[6]));
    world.finding(Mechanism::Dane, Practised, shown(&[], &[4, 6], &[3, 5], 0), &of(&[2, 3, 4, 5]));
    world.finding(Mechanism::MtaSts, NotPractised, Reason::Silence, &of(&[4, 5]));
    world.finding(Mechanism::Sni, Practised, shown(&[], &[4, 6], &[3, 5], 0), &of(&[2, 3, 4, 5]));
    world.finding(Mechanism::LaxerOnRetry, NotPractised, shown(&[], &[], &[3, 5], 0), &of(&[2, 3]));
    world.finding(Mechanism::FallsBackToClearText, NotPractised, shown(&[], &[], &[3, 5], 0), &of(&[2, 3]));
    world.end("23:52:08", TrialEnd::Settled);
    // More came than a trial holds.
    world.history.beyond = Beyond { links: 1, transactions: 12, questions: 4_000, fetches: 0 };
    world
}
