//! Senders at cases against one service, from their mail to the last result.

use std::collections::BTreeMap;
use std::fs;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::super::run::Sender;
use super::super::service::{CasePace, ORIGIN, Service};
use super::super::world::{Elsewhere, World};
use super::expect;
use super::row::{CaseRow, Names, Resolver, all_cases};

/// A held case is so when patience ends: that is how long a run takes.
const PACE: CasePace = CasePace { patience_s: 75, sts_grace_s: 8 };

/// The same with the whole suite: Exim needs more than a minute for one attempt at all of it.
const PACE_OF_ALL: CasePace = CasePace { patience_s: 300, ..PACE };

/// How many cases are more than a row names.
const ALL_MIN: usize = 40;

/// How long a run may take behind the patience, on a machine that is busy with other rows.
const MORE: Duration = Duration::from_secs(90);

/// How many seconds lie between the attempts of a sender.
const RETRY_S: &str = "5";

/// What is said of a sender without a result.
const NO_RESULT: &str = "it has no result";

/// A row behind one of the resolvers, writing to one kind of names.
#[derive(Clone, Debug)]
pub(crate) struct Run {
    pub(crate) row: CaseRow,
    pub(crate) resolver: Resolver,
    pub(crate) names: Names,
    /// The cases that it writes to.
    pub(crate) cases: Vec<String>,
}

impl Run {
    /// What is run: each row behind either resolver, labelled names behind the validating one and permanent behind the
    /// other; or, with `MAILASSAY_INTEROP_NAMES=all`, everything. With `MAILASSAY_INTEROP_SUITE=all` the mail goes to all
    /// cases.
    pub(crate) fn wanted() -> Vec<Self> {
        let is_all = |key: &str| std::env::var(key).is_ok_and(|value| value == "all");
        let (all, suite) = (is_all("MAILASSAY_INTEROP_NAMES"), is_all("MAILASSAY_INTEROP_SUITE"));
        let mut runs = Vec::new();
        for row in CaseRow::wanted() {
            for (resolver, own) in Resolver::ALL.into_iter().zip([Names::Labelled, Names::Permanent]) {
                let names = Names::ALL.into_iter().filter(|names| match row.names {
                    Some(only) => *names == only,
                    None => all || *names == own,
                });
                let cases = if suite { all_cases() } else { row.cases().map(str::to_owned).collect() };
                runs.extend(names.map(|names| Self {
                    row: row.clone(),
                    resolver,
                    names,
                    cases: cases.clone(),
                }));
            }
        }
        runs
    }

    /// Its name.
    pub(crate) fn name(&self) -> String {
        format!("{}-{}-{}", self.row.name, self.resolver.name(), self.names.name())
    }

    /// The name of its mail host, and the domain of its mail: no two are of one organisation.
    fn host(&self) -> String {
        format!("{}.example", self.name())
    }

    /// Whether no mail of it leaves: then it has no result, and nobody could be told of one.
    fn is_silent(&self) -> bool {
        self.row.cases().all(|case| self.row.outcome(case, self.resolver) == "held")
    }

    /// The mail, to addresses that the service names.
    fn letter(&self, service: &Service<'_>) -> String {
        let addresses = match self.names {
            Names::Permanent => service.permanent_addresses(),
            Names::Labelled => service.new_addresses(&self.cases),
        };
        let of =
            |case: &String| addresses.get(case).unwrap_or_else(|| panic!("{case} is not offered")).as_str();
        let (bcc, to): (Vec<_>, Vec<_>) = self.cases.iter().partition(|case| self.goes_by_bcc(case));
        // RFC 5322 §2.1.1: no line of more than 998 characters; Exim bounces such a mail. Scripts that hand a mail on read one
        // line.
        let between = if self.cases.len() >= ALL_MIN { ",\n " } else { ", " };
        let named = |cases: &[&String]| cases.iter().map(|case| of(case)).collect::<Vec<_>>().join(between);
        let bcc = if bcc.is_empty() { String::new() } else { format!("Bcc: {}\n", named(&bcc)) };
        let (to, name, host) = (named(&to), self.name(), self.host());
        format!(
            "From: user1@{host}\nTo: {to}\n{bcc}Subject: a test of cases\nDate: Sat, 21 Nov 2026 12:00:00 +0000\n\
             Message-ID: <{name}@{host}>\n\nHello\n"
        )
    }

    /// Whether a case is named in no field that is sent.
    fn goes_by_bcc(&self, case: &str) -> bool {
        let own = self.row.cases().any(|own| own == case);
        self.row.bcc && own && self.row.outcome(case, self.resolver) == "held"
    }

    /// The cases that the service can know of: not those whose permanent name stood in no field, and to which no mail came.
    fn known_cases(&self) -> Vec<String> {
        let is_unknown = |case: &str| self.names == Names::Permanent && self.goes_by_bcc(case);
        self.cases.iter().filter(|case| !is_unknown(case)).cloned().collect()
    }
}

/// A sender at work, in its namespace.
struct AtWork<'world> {
    run: &'world Run,
    sender: Sender,
    _namespace: Elsewhere,
}

/// Runs senders side by side against one service: for each what came out, or what is wrong.
pub(crate) fn together(name: &str, runs: &[Run]) -> Vec<Result<String, String>> {
    let world = World::new(name);
    let is_all = runs.iter().any(|run| run.cases.len() >= ALL_MIN);
    let pace = if is_all { PACE_OF_ALL } else { PACE };
    let service = Service::start_with_cases(&world, pace);
    let mut senders: Vec<AtWork<'_>> =
        runs.iter().enumerate().map(|(number, run)| start(&world, &service, run, number)).collect();
    let trials = wait(&service, pace, &mut senders);
    let results = senders.iter().zip(trials);
    results
        .map(|(at_work, trial)| {
            judge(&service, at_work.run, trial).map_err(|fault| {
                format!(
                    "{fault}\n--- sender\n{}\n--- service\n{}",
                    at_work.sender.log_tail(),
                    service.log_tail()
                )
            })
        })
        .collect()
}

fn start<'world>(
    world: &'world World,
    service: &Service<'_>,
    run: &'world Run,
    number: usize,
) -> AtWork<'world> {
    let last = u8::try_from(number + 1).expect("a few senders");
    let namespace = world.add_sender(last);
    let place = world.folder().join("senders").join(run.name());
    fs::create_dir_all(&place).expect("a folder for the sender");
    let (anchors, root) = service.anchors();
    for (file, text) in [
        ("anchors", anchors.as_str()),
        ("ca.pem", &root),
        ("origin", ORIGIN),
        ("host", &run.host()),
        ("letter.eml", &run.letter(service)),
    ] {
        fs::write(place.join(file), text).expect("a file for the sender");
    }
    let settings = [
        ("PACKAGES", run.row.packages.as_str()),
        ("RETRY_S", RETRY_S),
        ("OWN_ADDRESS", &namespace.address),
        ("VALIDATES", if run.resolver == Resolver::Validating { "yes" } else { "no" }),
    ];
    let process = namespace.start_sender(&run.row.product, &run.row.settings, &place, &settings);
    AtWork { run, sender: Sender::new(place, process), _namespace: namespace }
}

/// Waits until every sender has a trial that has ended, with its result sent; those that have none by then get none.
fn wait(service: &Service<'_>, pace: CasePace, senders: &mut [AtWork<'_>]) -> Vec<Result<Value, String>> {
    let limit = Duration::from_secs(pace.patience_s.into()) + MORE;
    let began = Instant::now();
    let mut known: BTreeMap<String, Value> = BTreeMap::new();
    loop {
        for (id, _) in service.trials().iter().filter(|(_, state)| state != "open") {
            if !known.contains_key(id) {
                let trial = service.trial(id);
                if !trial["verdict"]["delivery"].is_null() && trial["verdict"]["delivery"] != "pending" {
                    known.insert(id.clone(), trial);
                }
            }
        }
        let own = |run: &Run| known.values().filter(|trial| is_of(run, trial)).collect::<Vec<_>>();
        let all_are_here =
            senders.iter().all(|at_work| at_work.run.is_silent() || !own(at_work.run).is_empty());
        // Of those who send nothing it must be seen that nothing comes.
        let long_enough = began.elapsed() > Duration::from_secs(pace.patience_s.into());
        let any_silent = senders.iter().any(|at_work| at_work.run.is_silent());
        if all_are_here && (long_enough || !any_silent) || began.elapsed() > limit {
            return senders.iter_mut().map(|at_work| only(service, &own(at_work.run), at_work)).collect();
        }
        std::thread::sleep(Duration::from_secs(1));
    }
}

fn is_of(run: &Run, trial: &Value) -> bool {
    trial["sender"]["domain"] == *run.host()
}

/// The only ended trial of a sender.
fn only(service: &Service<'_>, own: &[&Value], at_work: &mut AtWork<'_>) -> Result<Value, String> {
    match own {
        [one] => Ok((*one).clone()),
        [] => {
            let mut fault = NO_RESULT.to_owned();
            if let Some(status) = at_work.sender.ended() {
                fault.push_str(&format!("; the sender ended: {status}"));
            }
            for (id, state) in service.trials() {
                let trial = service.trial(&id);
                if is_of(at_work.run, &trial) {
                    fault.push_str(&format!("\n{state}: {}", service.show(&id, "--text")));
                }
            }
            Err(fault)
        }
        more => Err(format!("it has {} results, not one", more.len())),
    }
}

fn judge(service: &Service<'_>, run: &Run, trial: Result<Value, String>) -> Result<String, String> {
    if run.is_silent() {
        return match trial {
            Ok(trial) => Err(format!("no mail of it should leave: {}", trial["connections"])),
            Err(fault) if fault == NO_RESULT => Ok("no mail left, and there is no result".to_owned()),
            Err(fault) => Err(fault),
        };
    }
    let trial = trial?;
    let mut faults = expect::faults(&run.row, run.resolver, &run.known_cases(), &trial);
    let to = format!("To: user1@{}", run.host());
    let mails = service.verdicts().iter().filter(|mail| mail.contains(&to)).count();
    if mails != 1 {
        faults.push(format!("it was answered {mails} times"));
    }
    let connections = trial["connections"].as_array().map_or(0, Vec::len);
    if faults.is_empty() {
        return Ok(format!("{connections} connections; {}", expect::summary(&run.cases, &trial)));
    }
    let id = trial["id"].as_str().unwrap_or_default();
    Err(format!("{}\n{}", faults.join("\n"), service.show(id, "--text")))
}
