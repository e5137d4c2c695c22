//! Faked worlds, scanned, judged and rated: `tests/domains/` has a folder for each, with what is expected of it.
//!
//! `zone.txt` holds the names (`scan_names::zone` says how), `world.toml` the servers, certificates and networks,
//! `expected.txt` the findings that differ from those of `sound`, their outcome and the levels of the profiles that
//! the world names, then every profile's result. `UPDATE_GOLDENS=1` writes the latter anew, for eyes to read.

mod certificates;
mod expected;
mod scan;
mod server;
mod world;

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use mailassay::receiving::checks::{
    Check, Finding, Inapplicable, Item, Level, Measured, Outcome, Subject, Tables, Unknown, Word,
};
use mailassay::receiving::grades as grade;
use mailassay::receiving::grades::{Grade, Receiving};
use mailassay::receiving::profiles::{Profiles, Rule};
use mailassay::shared::evidence::scan::Evidence;
use tokio::sync::OnceCell;

use world::{World, now};

fn folders() -> Vec<PathBuf> {
    let domains = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/domains");
    let mut folders: Vec<_> = std::fs::read_dir(domains)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .collect();
    folders.sort();
    folders
}

struct Scanned {
    folder: PathBuf,
    evidence: Evidence,
    profiles: Vec<String>,
    alone: bool,
}

async fn scanned(folder: PathBuf) -> Scanned {
    let world = World::read(&folder);
    let (profiles, alone) = (world.profiles.clone(), world.alone);
    Scanned { folder, evidence: scan::scan(world).await, profiles, alone }
}

/// What is seen of one world. Its time is its own, whatever that of the caller is.
pub(crate) fn evidence_of(name: &str) -> Evidence {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/domains").join(name);
    let scanning = || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build();
        runtime.unwrap().block_on(scanned(folder)).evidence
    };
    std::thread::scope(|scope| scope.spawn(scanning).join().unwrap())
}

/// All worlds, scanned once for all tests.
async fn worlds() -> &'static [Scanned] {
    static WORLDS: OnceCell<Vec<Scanned>> = OnceCell::const_new();
    let all = || async {
        let mut all = Vec::new();
        for folder in folders() {
            all.push(scanned(folder).await);
        }
        all
    };
    WORLDS.get_or_init(all).await
}

/// What was seen of all worlds, by their names.
pub(crate) async fn evidences() -> Vec<(String, Evidence)> {
    let named = |world: &Scanned| {
        let name = world.folder.file_name().unwrap().to_string_lossy().into_owned();
        (name, world.evidence.clone())
    };
    worlds().await.iter().map(named).collect()
}

#[tokio::test(start_paused = true)]
async fn every_world_is_found_to_be_what_it_is() {
    let update = std::env::var_os("UPDATE_GOLDENS").is_some();
    let sound = worlds().await.iter().find(|world| world.folder.ends_with("sound")).unwrap();
    let sound = Receiving::of(&sound.evidence, now());
    let mut wrong = Vec::new();
    for Scanned { folder, evidence, profiles, alone } in worlds().await {
        let other = (!alone).then_some(&sound);
        let written = expected::written(&Receiving::of(evidence, now()), other, profiles);
        let golden = folder.join("expected.txt");
        if update {
            std::fs::write(&golden, &written).unwrap();
        }
        let expected = std::fs::read_to_string(&golden).unwrap_or_default();
        let differ = |(number, (is, should)): (usize, (&str, &str))| {
            let at = format!("{}:{}", golden.display(), number + 1);
            (is != should).then(|| format!("{at}\n  is     {is}\n  should {should}"))
        };
        wrong.extend(written.lines().zip(expected.lines()).enumerate().filter_map(differ));
        if written.lines().count() != expected.lines().count() {
            wrong.push(format!("{}: another number of lines", golden.display()));
        }
        assert!(folder.join("README.md").exists(), "{}: say what it is", folder.display());
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What a check may come to in our own profile: by its rule, and where the question does not arise or is not
/// answered.
fn possible(check: Check) -> BTreeSet<Outcome> {
    let own = Profiles::embedded().get(grade::OWN).unwrap();
    let mut outcomes = BTreeSet::from([Outcome::NotApplicable, Outcome::Inconclusive]);
    for entry in own.entries(check) {
        let marks: Vec<Level> = match &entry.rule {
            Rule::Always(mark) => vec![*mark],
            Rule::Words(marks) => marks.values().copied().collect(),
            Rule::Table(_) => vec![Level::Good, Level::Insufficient],
            Rule::Each { names, otherwise } => names.values().copied().chain([*otherwise]).collect(),
            Rule::AtMost { steps, otherwise } | Rule::AtLeast { steps, otherwise } => {
                steps.keys().copied().chain([*otherwise]).collect()
            }
            Rule::AnyOf(members) | Rule::NoneOf(members) => vec![members.kept, members.broken],
            Rule::Order(order) => vec![Level::Good, order.no_preference, order.wrong_level],
        };
        outcomes.extend(marks.into_iter().map(Level::outcome));
    }
    outcomes.into_iter().filter(|outcome| !NEVER.contains(&(check, *outcome))).collect()
}

/// What cannot be, whatever the world: these ask what arises with every domain.
const NEVER: &[(Check, Outcome)] = &[
    (Check::MxRecords, Outcome::NotApplicable),
    (Check::MxConsistency, Outcome::NotApplicable),
    (Check::NsAaaa, Outcome::NotApplicable),
    (Check::DomainSigned, Outcome::NotApplicable),
    (Check::MxRrset, Outcome::NotApplicable),
    (Check::Dmarc, Outcome::NotApplicable),
    (Check::DkimGuess, Outcome::NotApplicable),
    (Check::Spf, Outcome::NotApplicable),
    (Check::Bimi, Outcome::NotApplicable),
];

#[tokio::test(start_paused = true)]
async fn every_outcome_of_every_check_is_shown_by_some_world() {
    let mut shown = BTreeSet::new();
    for scanned in worlds().await {
        let receiving = Receiving::of(&scanned.evidence, now());
        let outcome = |(index, finding): (usize, &Finding)| (finding.check, receiving.ratings.outcome(index));
        shown.extend(receiving.findings.iter().enumerate().map(outcome));
    }
    let all =
        || Check::ALL.iter().flat_map(|check| possible(*check).into_iter().map(|outcome| (*check, outcome)));
    let name = |(check, outcome): (Check, Outcome)| format!("{} {}", check.id(), expected::word(outcome));
    let missing: Vec<String> = all().filter(|pair| !shown.contains(pair)).map(name).collect();
    assert!(missing.is_empty(), "no world shows {}:\n{}", missing.len(), missing.join("\n"));
    let beyond: Vec<String> =
        shown.into_iter().filter(|(check, outcome)| !possible(*check).contains(outcome)).map(name).collect();
    assert!(beyond.is_empty(), "said to be impossible, and shown:\n{}", beyond.join("\n"));
}

/// Findings that cite nothing, or one thing twice: whoever doubts a finding must be able to look up what decides it.
pub(crate) fn unproven(findings: &[Finding]) -> Vec<String> {
    let fault = |finding: &Finding| {
        let seen: BTreeSet<&String> = finding.evidence.iter().collect();
        if seen.len() < finding.evidence.len() {
            return Some("twice");
        }
        (seen.is_empty() && !asked_nobody(&finding.measured)).then_some("nothing")
    };
    let line = |finding: &Finding| {
        let fault = fault(finding)?;
        Some(format!("{} {:?} {:?} cites {fault}", finding.check.id(), finding.subject, finding.measured))
    };
    findings.iter().filter_map(line).collect()
}

/// Where nobody was asked there is no answer to cite. Nothing that was decided is among these.
fn asked_nobody(measured: &Measured) -> bool {
    match measured {
        Measured::NotApplicable { why } => matches!(
            why,
            // The mail of a trial and the intrusive questions are not part of this scan.
            Inapplicable::OnlyForTrials | Inapplicable::OnlyIntrusive | Inapplicable::OnlyFull
        ),
        Measured::Inconclusive { why } => matches!(
            why,
            // The operator has no source, or a limit or the sender's standing kept us from asking anybody.
            Unknown::NoSource | Unknown::Cut | Unknown::NotTried { .. }
        ),
        Measured::Is { .. } | Measured::Items { .. } | Measured::Count { .. } | Measured::Order(_) => false,
    }
}

#[tokio::test(start_paused = true)]
async fn every_finding_cites_what_decides_it() {
    let mut bare = Vec::new();
    for world in worlds().await {
        let receiving = Receiving::of(&world.evidence, now());
        let name = world.folder.file_name().unwrap().display();
        bare.extend(unproven(&receiving.findings).iter().map(|line| format!("{name}: {line}")));
    }
    assert!(bare.is_empty(), "{} findings prove nothing:\n{}", bare.len(), bare.join("\n"));
}

/// Things that are rated one by one each stand in some line; and nothing stands there of another server.
#[tokio::test(start_paused = true)]
async fn evidence_shows_each_thing_found_and_no_other_server() {
    let mut wrong = Vec::new();
    for world in worlds().await {
        let receiving = Receiving::of(&world.evidence, now());
        let name = world.folder.file_name().unwrap().display();
        let others =
            |own: IpAddr| world.evidence.servers.iter().map(|server| server.ip).filter(move |ip| *ip != own);
        for finding in &receiving.findings {
            let shown = |text: &str| finding.evidence.iter().any(|line| line.contains(text));
            if let Measured::Items { items, .. } = &finding.measured {
                let missing = items.iter().map(shown_as).filter(|text| !shown(text));
                wrong.extend(
                    missing.map(|text| format!("{name}: {} does not show {text}", finding.check.id())),
                );
            }
            if let Measured::Is { word } = &finding.measured {
                let proofs = PROOFS.iter().filter(|(check, of, _)| (*check, *of) == (finding.check, *word));
                let missing = proofs.filter(|(_, _, texts)| !texts.iter().any(|text| shown(text)));
                let line = |(_, _, texts): &(Check, Word, &[&str])| {
                    format!("{name}: {} {} does not show {texts:?}", finding.check.id(), expected::word(word))
                };
                wrong.extend(missing.map(line));
            }
            let Subject::Address { ip, .. } = finding.subject else { continue };
            // A look-up of the host's name brings all its addresses.
            let own = |line: &&String| !line.starts_with("A ") && !line.starts_with("AAAA ");
            let foreign = finding.evidence.iter().filter(own).filter(|line| {
                let words: Vec<&str> = line.split([' ', ',', '(', ')']).collect();
                others(ip).any(|other| words.contains(&other.to_string().as_str()))
            });
            wrong.extend(foreign.map(|line| format!("{name}: {} of {ip}: {line}", finding.check.id())));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What shows a check's word: a line with one of these texts.
const PROOFS: &[(Check, Word, &[&str])] = &[
    (Check::MxRecords, Word::Null, &["MX example.net: 0 . "]),
    (Check::MxRecords, Word::Absent, &["MX example.net: NODATA", "MX example.net: NXDOMAIN"]),
    (Check::MxRecords, Word::Fallback, &["A example.net: 1"]),
    (Check::MxTarget, Word::Alias, &["CNAME "]),
    (Check::MxTarget, Word::Literal, &["MX example.net: "]),
    (Check::MxTarget, Word::NoAddress, &["AAAA "]),
    (Check::MxTarget, Word::Private, &["not tried (special-purpose or own address)"]),
    (Check::NsReach, Word::Unreachable, &["no answer"]),
    (Check::MxAaaa, Word::Absent, &["NODATA", "NXDOMAIN"]),
    (Check::MxReach, Word::Unreachable, &["refused", "timeout", "unreachable"]),
    (Check::MxReach4, Word::All, &["connected"]),
    (Check::DomainSigned, Word::Absent, &["DS example.net: NODATA", "(insecure)"]),
    (Check::DomainValid, Word::Bogus, &["bogus"]),
    (Check::MxRrset, Word::Secure, &["(secure)"]),
    (Check::MxAddresses, Word::Insecure, &["(insecure)"]),
    (Check::Dmarc, Word::Absent, &["TXT _dmarc.example.net: N", "TXT _dmarc.example.net: V=DMARC1"]),
    (Check::DmarcReports, Word::Internal, &["rua=", "ruf="]),
    (Check::DkimGuess, Word::Absent, &["TXT _domainkey.example.net: NXDOMAIN"]),
    (Check::DkimGuess, Word::NotFound, &["TXT _domainkey.example.net: NXDOMAIN (insecure)"]),
    (Check::DkimGuess, Word::NoMail, &["v=spf1 -all"]),
    (Check::DkimSignature, Word::Valid, &["DKIM-Signature d="]),
    (Check::DkimSignature, Word::Absent, &["DKIM-Signature: none"]),
    (Check::SpfPolicy, Word::HardFail, &["-all", "redirect="]),
    (Check::Bimi, Word::Absent, &["TXT default._bimi.example.net: "]),
    (Check::Starttls, Word::Present, &["STARTTLS: 220"]),
    (Check::Starttls, Word::Refused, &["STARTTLS: 5"]),
    (Check::Starttls, Word::Absent, &["EHLO: "]),
    (Check::StarttlsMandatory, Word::Mandatory, &["MAIL FROM:<>: 530"]),
    (Check::StarttlsMandatory, Word::Optional, &["MAIL FROM:<>: 25"]),
    (Check::PostQuantum, Word::Present, &["MLKEM"]),
    (Check::PostQuantum, Word::Absent, &["11eb-11ee", "22 groups"]),
    (Check::Compression, Word::Present, &["compression 1"]),
    (Check::Compression, Word::Absent, &["no compression"]),
    (Check::SecureRenegotiation, Word::Present, &[", renegotiation_info"]),
    (Check::SecureRenegotiation, Word::Absent, &[", no renegotiation_info"]),
    (Check::ExtendedMasterSecret, Word::Present, &[", extended_master_secret"]),
    (Check::ExtendedMasterSecret, Word::Absent, &[", no extended_master_secret"]),
    (Check::ZeroRtt, Word::Absent, &["max_early_data_size 0", "max_early_data_size -"]),
    (Check::Injection, Word::Executed, &["NOOP was answered within TLS"]),
    (Check::Injection, Word::Discarded, &["NOOP was not answered", "STARTTLS + NOOP -> 5", "before TLS"]),
    (Check::CertTrust, Word::Trusted, &["path to the root "]),
    (Check::CertName, Word::Matched, &[" = "]),
    (Check::CertName, Word::Unmatched, &[" ≠ "]),
    (Check::Caa, Word::Absent, &["NODATA", "NXDOMAIN"]),
    (Check::CaaIssuer, Word::Disagrees, &["certificate "]),
    (Check::Tlsa, Word::Absent, &["NODATA", "NXDOMAIN"]),
    (Check::Tlsa, Word::Insecure, &["(insecure)"]),
    (Check::TlsaMatch, Word::Matched, &[": = "]),
    (Check::TlsaMatch, Word::Unmatched, &[": ≠ "]),
    (Check::MtaStsRecord, Word::Absent, &["TXT _mta-sts.example.net: "]),
    (Check::MtaStsPolicy, Word::Enforce, &["mode: enforce"]),
    (Check::MtaStsPolicy, Word::Testing, &["mode: testing"]),
    (Check::MtaStsHost, Word::Dangling, &["CNAME mta-sts.example.net: "]),
    (Check::MtaStsHost, Word::Orphaned, &["A mta-sts.example.net: 192.0.2.80"]),
    (Check::MtaStsMx, Word::Unlisted, &["mx: "]),
    (Check::MtaStsMx, Word::Matched, &["path to the root "]),
    (Check::TlsRpt, Word::Absent, &["TXT _smtp._tls.example.net: "]),
    (Check::MxRpkiValid, Word::Invalid, &[": invalid"]),
    (Check::Ptr, Word::Absent, &["NODATA", "NXDOMAIN"]),
    (Check::SmtpName, Word::Same, &["EHLO: 250 "]),
    (Check::RequireTls, Word::Present, &["EHLO in TLS: ", "REQUIRETLS"]),
    (Check::Postmaster, Word::Accepted, &["RCPT: 25"]),
    (Check::Relay, Word::Refused, &["RCPT: 5", "RCPT: 454"]),
];

/// What a line of evidence calls it.
fn shown_as(item: &Item) -> String {
    match item {
        Item::Prime { bits, .. } => {
            let name = Tables::embedded().name(item);
            if name.starts_with("DH ") { format!("{bits} bits") } else { name }
        }
        Item::Version(version) => version.to_string(),
        Item::Algorithm(number) | Item::Digest(number) => format!(" {number}"),
        item => Tables::embedded().name(item),
    }
}

/// `seed.txt` has internet.nl's own words of its version 1.9: a category or subtest and what it came to.
#[tokio::test(start_paused = true)]
async fn the_seeds_come_to_what_internet_nl_said_of_them() {
    let mut seeds = 0;
    for world in worlds().await {
        let Ok(seed) = std::fs::read_to_string(world.folder.join("seed.txt")) else { continue };
        let receiving = Receiving::of(&world.evidence, now());
        let Grade::Internetnl(score) = &receiving.ratings.of("internetnl-v2").unwrap().grade else {
            panic!()
        };
        let sections =
            score.sections.iter().map(|section| (section.section.name(), expected::word(section.verdict)));
        let subtests = score.sections.iter().flat_map(|section| &section.subtests);
        let subtests =
            subtests.filter_map(|test| Some((test.check.internetnl()?, expected::word(test.status))));
        let total = score.score.map(|score| ("score", score.to_string()));
        let said: Vec<(&str, String)> = sections.chain(subtests).chain(total).collect();
        for line in seed.lines().filter(|line| !line.starts_with('#')) {
            let (name, should) = line.split_once(' ').unwrap();
            let is = said.iter().find(|(said, _)| *said == name).map(|(_, is)| is.as_str());
            assert_eq!(is, Some(should), "{}: {name}", world.folder.display());
        }
        seeds += 1;
    }
    assert_eq!(seeds, 2);
}
