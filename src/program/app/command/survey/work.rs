//! `survey work`, and how every worker measures.

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use super::super::arguments::CONFIG_VARIABLE;
use super::super::check::{helo, own_name};
use super::super::ending::{CommandError, Exit, say};
use super::super::places::ServicePlaces;
use super::place::{closed, unfit};
use super::progress::{self, ProgressForm};
use super::read;
use crate::program::app::parts::{PartError, ScanPlaces, scan_places};
use crate::program::app::{Clock, system_clock};
use crate::program::config;
use crate::receiving::places::{Both, OPERATOR_AT_ONCE_MAX, Operators, Places, Turnstile};
use crate::receiving::scan::{Ports, Scanner, Settings};
use crate::receiving::survey::{
    Begun, Board, Extents, LEASE_S, LEASE_S_MIN, PostgresStore, Run, RunError, Snapshot, Store, Why, Worker,
};
use crate::shared::database::postgres::Address;
use crate::shared::dns::Resolver;

/// How long one scan may take in a survey at least, in seconds: it waits for its turn at its servers in that time.
const SCAN_S_MIN: u32 = 900;

/// How a worker measures.
#[derive(Debug, Args)]
pub(super) struct Working {
    /// How long what a mail server showed counts for all domains that it serves, in hours.
    #[arg(long, value_name = "HOURS", default_value_t = 24, value_parser = clap::value_parser!(u32).range(1..=720))]
    fresh: u32,
    /// How many domains this process measures at a time.
    #[arg(long, value_name = "N", default_value_t = 40, value_parser = clap::value_parser!(u16).range(1..=100))]
    at_once: u16,
    /// In a database: after how many seconds without a sign of life the domains of this process are taken up by others.
    #[arg(long, value_name = "SECONDS", default_value_t = LEASE_S, value_parser = clap::value_parser!(u32).range(i64::from(LEASE_S_MIN)..=3600))]
    lease: u32,
    /// Whose mail servers are whose: a file of patterns instead of the program's own.
    #[arg(long, value_name = "FILE")]
    operators: Option<PathBuf>,
    /// How progress is told on the standard error. Default: text on a terminal, else JSON.
    #[arg(long, value_name = "FORM", value_enum)]
    progress: Option<ProgressForm>,
    /// The name to say in EHLO. Default: that of this host, or its address.
    #[arg(long, value_name = "NAME", value_parser = helo)]
    helo: Option<String>,
    /// A configuration, whose [scan] is heeded.
    #[arg(long, value_name = "FILE", env = CONFIG_VARIABLE)]
    config: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(in crate::program::app::command) struct WorkCommand {
    /// The database in which `survey run` began the survey: postgres://USER@HOST/DATABASE.
    #[arg(value_name = "DATABASE")]
    survey: Address,
    #[command(flatten)]
    working: Working,
}

impl WorkCommand {
    /// Measures what no other worker has, until nothing is left.
    pub(super) async fn run(self) -> Result<Exit, CommandError> {
        let ready = self.working.ready()?;
        let store = PostgresStore::join(&self.survey, self.working.worker()).await.map_err(unfit)?;
        let store: Arc<dyn Store> = Arc::new(store);
        let worked = ready.work(&store, &self.survey.to_string()).await;
        closed(&*store, worked).await
    }
}

/// A worker whose files were read.
pub(super) struct Ready {
    scan: Settings,
    /// Where the service of the configuration shares an operator's places; none: there is no configuration.
    service: Option<ScanPlaces>,
    operators: Operators,
    helo: String,
    at_once_max: usize,
    form: ProgressForm,
}

impl Working {
    /// Who this process is among the workers on a database.
    #[expect(clippy::disallowed_methods, reason = "the roof draws")]
    pub(super) fn worker(&self) -> Worker {
        Worker { id: rand::random(), lease_s: self.lease }
    }

    /// Reads what it was given.
    pub(super) fn ready(&self) -> Result<Ready, CommandError> {
        let operators = read::operators(self.operators.as_deref())?;
        let (scan, service) = self.settings()?;
        let helo = self.helo.clone().unwrap_or_else(|| scan.helo.clone());
        let form = ProgressForm::or_default(self.progress);
        Ok(Ready { scan, service, operators, helo, at_once_max: usize::from(self.at_once), form })
    }

    /// How is scanned: as the configuration says, and so that addresses are shared; and beside which service.
    fn settings(&self) -> Result<(Settings, Option<ScanPlaces>), CommandError> {
        let (scan, service) = match &self.config {
            Some(file) => {
                let settings = config::load(file)?;
                settings.profiles.put_in_force();
                let service = scan_places(&settings);
                (settings.scan, Some(service))
            }
            None => (Settings { helo: own_name(), ..Settings::default() }, None),
        };
        let scan = Settings {
            cache_s: self.fresh * 3_600,
            scan_s: scan.scan_s.max(SCAN_S_MIN),
            scans_at_once_max: Run::scans_max(usize::from(self.at_once)),
            shares_addresses: true,
            is_patient: true,
            ..scan
        };
        Ok((scan, service))
    }
}

impl Ready {
    /// The places of a service that scans beside this; none: nobody is called, or there is no configuration.
    async fn service_places(&self, dns_only: bool) -> Result<Option<ServicePlaces>, CommandError> {
        match &self.service {
            Some(at) if !dns_only => ServicePlaces::open(at).await.map(Some).map_err(CommandError::Unfit),
            _ => Ok(None),
        }
    }

    /// Measures, tells how far it is, and what it came to. `out` is where the survey is, as people write it.
    pub(super) async fn work(self, store: &Arc<dyn Store>, out: &str) -> Result<Exit, CommandError> {
        let clock = system_clock();
        let begun = store.begun().await.map_err(unfit)?;
        let service = self.service_places(begun.dns_only).await?;
        let (places, service) = together(Arc::clone(store).places(), service).await?;
        let (scanner, turnstile) = scanner(self.scan, self.operators.clone(), places, store, &clock)?;
        let board = Arc::new(Board::new(begun.domains, begun.ended));
        let run = Arc::new(Run {
            store: Arc::clone(store),
            measures: Arc::new(scanner),
            board: Arc::clone(&board),
            operators: self.operators,
            at_once_max: self.at_once_max,
            helo: self.helo,
            dns_only: begun.dns_only,
            clock,
        });
        let form = self.form;
        let ended = until_it_ends(&run, form, &turnstile, service.as_ref()).await?;
        if let Err(RunError::Store(error)) = ended {
            let advice = "What was measured until then is kept. See to it, and say the same again to go on";
            return Err(CommandError::Unfit(format!("{error}\n{advice}")));
        }
        board.of_all(store.begun().await.map_err(unfit)?.ended);
        let snapshot = board.snapshot(&turnstile.queues());
        if form == ProgressForm::Json {
            progress::line("end", &snapshot);
        }
        say(&summary(&begun, &snapshot, out))?;
        ended.map_err(|error| CommandError::Unfit(format!("{error}. Then say the same again")))?;
        Ok(if snapshot.done == snapshot.of { Exit::Well } else { Exit::Open })
    }
}

/// Measures until all is, or a signal ends it; tells meanwhile how far it is.
async fn until_it_ends(
    run: &Arc<Run>,
    form: ProgressForm,
    turnstile: &Turnstile,
    service: Option<&ServicePlaces>,
) -> io::Result<Result<(), RunError>> {
    let stop = CancellationToken::new();
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let stopping = async {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        stop.cancel();
        std::future::pending::<()>().await;
    };
    Ok(tokio::select! {
        ended = run.run(&stop) => ended,
        () = progress::tell(form, &run.board, turnstile, &run.store) => Ok(()),
        () = stopping => Ok(()),
        () = keep(service) => Ok(()),
    })
}

/// The places of a survey's workers and those of a service beside them, as far as there are any; and the service's, where
/// they are others than the survey's.
#[expect(clippy::disallowed_methods, reason = "the roof draws")]
async fn together(
    survey: Option<Arc<dyn Places>>,
    service: Option<ServicePlaces>,
) -> Result<(Option<Arc<dyn Places>>, Option<ServicePlaces>), CommandError> {
    let Some(service) = service else { return Ok((survey, None)) };
    let Some(first) = survey else { return Ok((Some(service.port()), Some(service))) };
    let probe = format!("probe {:016x}", rand::random::<u64>());
    if service.are_those_of(&*first, probe).await.map_err(CommandError::Unfit)? {
        return Ok((Some(first), None));
    }
    Ok((Some(Arc::new(Both { first, second: service.port() })), Some(service)))
}

/// Sees to the places of a service, until it is dropped.
async fn keep(service: Option<&ServicePlaces>) {
    match service {
        Some(service) => service.keep().await,
        None => std::future::pending().await,
    }
}

/// What scans, never more than two connections to an operator at a time, and what it shares.
#[expect(clippy::disallowed_methods, reason = "the roof draws")]
fn scanner(
    settings: Settings,
    operators: Operators,
    places: Option<Arc<dyn Places>>,
    store: &Arc<dyn Store>,
    clock: &Clock,
) -> Result<(Scanner, Arc<Turnstile>), PartError> {
    let resolver = Resolver::new(settings.resolver.clone(), Arc::clone(clock))?;
    let mut ports = Ports::of(&settings, resolver, Arc::clone(clock), rand::random)?;
    let turnstile = Turnstile::new(Arc::clone(&ports.calls), operators, OPERATOR_AT_ONCE_MAX);
    let turnstile = Arc::new(turnstile.among(places));
    ports.calls = Arc::clone(&turnstile) as _;
    let scanner = Scanner::new(settings, ports);
    Ok(match Arc::clone(store).shelf() {
        Some(shelf) => (scanner.with_shelf(shelf), turnstile),
        None => (scanner, turnstile),
    })
}

/// What it came to, in lines of 80 columns.
fn summary(begun: &Begun, snapshot: &Snapshot, out: &str) -> String {
    let mut text = format!("{} of {} domains are done", snapshot.done, snapshot.of);
    if begun.domains < begun.listed {
        text += &format!(", drawn from {}", begun.listed);
    }
    text += &format!("; {} connections to mail servers.\n", snapshot.connections);
    let Extents { measured, in_part, not_at_all, nothing_to_measure } = snapshot.in_this_run;
    text += &format!(
        "In this run {measured} were measured, {in_part} in part, {not_at_all} not at all;\n\
         {nothing_to_measure} have nothing to measure.\n"
    );
    text += &reasons(&snapshot.not_measured);
    if !snapshot.given_back.is_empty() {
        text += "Given back, to be measured again, for reasons that lie here:\n";
        text += &reasons(&snapshot.given_back);
        for why in Why::ALL.iter().filter(|why| snapshot.given_back.contains_key(why.name())) {
            text += &format!("{}.\n", why.advice());
        }
    }
    match snapshot.done == snapshot.of {
        true => text + &format!("See it: mailassay survey report {out} --out DIR\n"),
        false => text + "Say the same again to go on.\n",
    }
}

/// How many for which reason, one a line.
fn reasons(counts: &BTreeMap<&'static str, u64>) -> String {
    let line = |why: &Why| Some(format!("  {:>7}  {}\n", counts.get(why.name())?, why.words()));
    Why::ALL.iter().filter_map(line).collect()
}
