//! Cipher suites, and how a server chooses among them.

use jiff::Timestamp;

use super::probe_lines::{Chose, chosen, first_of_each, of_version, refused, suite_name};
use super::surveyed::{inconclusive, instead, old_version, open, surveyed};
use super::undecided;
use crate::receiving::checks::check::Check;
use crate::receiving::checks::finding::{
    Choice, Finding, Inapplicable, Item, Measured, Order, Unknown, Word,
};
use crate::receiving::checks::subjects::{Said, each_address};
use crate::receiving::checks::tables::Tables;
use crate::shared::evidence::TlsVersion;
use crate::shared::evidence::scan::{Depth, Evidence, Gap, Hello, Server, Survey};

/// [`Check::Suites`]: of TLS 1.3 and of the highest version below it, where a server's list is longest; complete
/// only where all was enumerated.
pub(in crate::receiving::checks) fn suites(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    each_address(Check::Suites, evidence, |_, server| match surveyed(evidence, server) {
        Err(measured) => measured.into(),
        Ok(survey) => {
            let ssl2 = survey.ssl2.iter().map(|kind| Item::Ssl2(kind.clone()));
            let items: Vec<_> = survey.all_suites().into_iter().map(Item::Suite).chain(ssl2).collect();
            let full = evidence.depth == Depth::Full;
            let complete = full && in_use(&survey).all(|version| complete(&survey, version));
            let open = suites_open(&survey);
            Said::items(items, complete).open(open).details(by_version(&survey)).seen(seen(server, &survey))
        }
    })
}

/// What first shows each suite, and the refusals that are about suites.
fn seen(server: &Server, survey: &Survey) -> Vec<String> {
    let ssl2 = TlsVersion(0x0002);
    let old = if survey.version(ssl2).yes() { of_version(server, ssl2) } else { Vec::new() };
    let accepted = first_of_each(server, |chose| vec![chose.suite()]);
    [accepted, old, refused(server, |hello| is_wide(hello) && !survey.version(hello.version).no())].concat()
}

fn is_wide(hello: &Hello) -> bool {
    Survey::any_group(hello) && Survey::any_scheme(hello)
}

/// The versions whose suites count: TLS 1.3, and the highest below it.
fn in_use(survey: &Survey) -> impl Iterator<Item = TlsVersion> {
    let tls13 = Some(TlsVersion::TLS13).filter(|version| !survey.version(*version).no());
    tls13.into_iter().chain(undecided::old_version(survey))
}

/// Why a suite that matters may have been missed.
fn suites_open(survey: &Survey) -> Option<Unknown> {
    let codes = |version| {
        let codes = undecided::suites(survey, Tables::embedded(), version);
        codes.into_iter().map(move |code| survey.suite(version, code))
    };
    // Those of SSL 2.0 are worse than any.
    open(in_use(survey).flat_map(codes).chain([survey.version(TlsVersion(0x0002))]))
}

/// Whether every suite that a version can carry was asked for.
fn complete(survey: &Survey, version: TlsVersion) -> bool {
    let mut carried = Tables::embedded().suites().filter(|suite| undecided::carries(version, suite));
    carried.all(|suite| !survey.suite(version, suite.code).unknown())
}

fn by_version(survey: &Survey) -> Vec<String> {
    let row = |version: TlsVersion| {
        let names: Vec<_> = survey.suites(version).iter().map(|code| suite_name(*code)).collect();
        (!names.is_empty()).then(|| format!("{version}: {}", names.join(" ")))
    };
    survey.versions().filter_map(row).collect()
}

/// [`Check::KeyExchange`]: what RFC 10015 forbids in TLS 1.2, and what is no better in versions before it. TLS 1.3 has
/// Diffie-Hellman over finite fields too, in groups that are sound.
pub(in crate::receiving::checks) fn key_exchange(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    each_address(Check::KeyExchange, evidence, |_, server| {
        let survey = match surveyed(evidence, server) {
            Err(measured) => return measured.into(),
            Ok(survey) => survey,
        };
        let version = match old_version(&survey) {
            Err(measured) => return instead(server, measured),
            Ok(version) => version,
        };
        let forbidden = |code: u16| Tables::embedded().suite(code).is_some_and(undecided::is_forbidden);
        let accepted: Vec<u16> = survey.all_suites().into_iter().filter(|code| forbidden(*code)).collect();
        let open = undecided::forbidden_suites(&survey, Tables::embedded(), version);
        let known = open.iter().map(|code| survey.suite(version, *code));
        let said = match undecided::why(known) {
            _ if !accepted.is_empty() => Said::is(Word::Present),
            // Older scans had no reason to ask once something as bad was known.
            Some(Gap::NotAsked) => Said::inconclusive(Unknown::NotAsked),
            Some(gap) => inconclusive(gap).into(),
            None => Said::is(Word::Absent),
        };
        let own = |chose: Chose<'_>| match forbidden(chose.suite()) {
            true => vec![chose.suite()],
            false => Vec::new(),
        };
        let offers = |hello: &Hello| {
            let old = hello.version < TlsVersion::TLS13 && is_wide(hello);
            old && hello.suites.0.iter().any(|code| forbidden(*code))
        };
        let seen = if accepted.is_empty() { refused(server, offers) } else { first_of_each(server, own) };
        said.details(accepted.into_iter().map(suite_name)).seen(seen)
    })
}

/// [`Check::SuiteOrder`].
pub(in crate::receiving::checks) fn order(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    each_address(Check::SuiteOrder, evidence, |_, server| {
        let survey = match surveyed(evidence, server) {
            Err(measured) => return measured.into(),
            Ok(survey) => survey,
        };
        match old_version(&survey) {
            Err(measured) => instead(server, measured),
            Ok(version) => choosing(&survey, version, server),
        }
    })
}

fn choosing(survey: &Survey, version: TlsVersion, server: &Server) -> Said {
    let choices: Vec<_> = survey
        .choices
        .iter()
        .map(|choice| Choice { accepted: choice.accepted.clone(), chosen: choice.suite })
        .collect();
    let rows: Vec<_> = choices.iter().map(row).collect();
    let own = survey.suites(version);
    let said: Said = match (suites_open(survey), survey.server_decides) {
        // Whether there is more to choose from, or who decides, was still to be asked.
        (Some(why), None) => Said::inconclusive(why),
        (_, server_decides) if !choices.is_empty() => {
            Measured::Order(Order { server_decides, choices }).into()
        }
        _ if own.len() < 2 && complete(survey, version) => Said::not_applicable(Inapplicable::NothingToOrder),
        // One example of the worst class is known, and nothing better: who decides among its like was not asked.
        _ if own.len() == 1 => {
            let choices = vec![Choice { accepted: own.to_vec(), chosen: own[0] }];
            Measured::Order(Order { server_decides: None, choices }).into()
        }
        _ => inconclusive(survey.rest()).into(),
    };
    said.details(rows).seen(seen_choosing(server, survey))
}

/// The choices from wide offers of TLS 1.2 and below, what first shows each suite there, and the refusals that show
/// which others there are not.
fn seen_choosing(server: &Server, survey: &Survey) -> Vec<String> {
    let old = |version| version < TlsVersion::TLS13;
    let in_use = |version| old(version) && !survey.version(version).no();
    let free = |chose: &Chose<'_>| chose.hello().is_some_and(|hello| old(hello.version) && is_wide(hello));
    let choices: Vec<String> = chosen(server).filter(free).map(Chose::line).collect();
    let own = |chose: Chose<'_>| if old(chose.version()) { vec![chose.suite()] } else { Vec::new() };
    let refused = refused(server, |hello| in_use(hello.version) && is_wide(hello));
    [choices, first_of_each(server, own), refused].concat()
}

/// Offer and choice: the accepted suites in the order offered, the chosen one last.
fn row(choice: &Choice) -> String {
    let offered: Vec<_> = choice.accepted.iter().map(|code| suite_name(*code)).collect();
    format!("{} -> {}", offered.join(" "), suite_name(choice.chosen))
}
