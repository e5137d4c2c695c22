//! `survey run`: measures the domains of a list.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use tokio_util::sync::CancellationToken;

use super::super::arguments::CONFIG_VARIABLE;
use super::super::check::{helo, own_name};
use super::super::ending::{CommandError, Exit, say, shown};
use super::progress::{self, ProgressForm};
use super::read;
use crate::program::app::parts::PartError;
use crate::program::app::{Clock, system_clock};
use crate::program::config;
use crate::receiving::scan::{Ports, Scanner, Settings};
use crate::receiving::survey::{
    Begun, Board, List, Listed, NewSurvey, Operators, Run, Sample, Snapshot, SqliteStore, Store, Turnstile,
    Why,
};
use crate::shared::dns::Resolver;
use crate::shared::time::Timestamp;

/// How long one scan may take in a survey at least, in seconds: it waits for its turn at its servers in that time.
const SCAN_S_MIN: u32 = 900;
/// How many connections an operator sees at a time.
const OPERATOR_AT_ONCE_MAX: usize = 2;

#[derive(Debug, Args)]
pub(in crate::program::app::command) struct RunCommand {
    /// The domains: one a line, or CSV with a header, whose column `domain` has them; the others are attributes.
    #[arg(value_name = "LIST")]
    list: PathBuf,
    /// The survey's file. What it has already is not measured again.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Measure so many domains of the list, drawn by the seed.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    sample: Option<u32>,
    /// What a sample is drawn by: the same seed draws the same domains.
    #[arg(long, value_name = "NUMBER", default_value_t = 0, requires = "sample")]
    seed: u64,
    /// Ask DNS and policy hosts alone, and call no mail server.
    #[arg(long)]
    dns_only: bool,
    /// Measure again what was measured before this instant or day (UTC).
    #[arg(long, value_name = "TIME", value_parser = instant)]
    since: Option<Timestamp>,
    /// How long what a mail server showed counts for all domains that it serves, in hours.
    #[arg(long, value_name = "HOURS", default_value_t = 24, value_parser = clap::value_parser!(u32).range(1..=720))]
    fresh: u32,
    /// How many domains are measured at a time.
    #[arg(long, value_name = "N", default_value_t = 40, value_parser = clap::value_parser!(u16).range(1..=100))]
    at_once: u16,
    /// Whose mail servers are whose: a file of patterns instead of the program's own.
    #[arg(long, value_name = "FILE")]
    operators: Option<PathBuf>,
    /// Leave out lines of the list that are wrong.
    #[arg(long)]
    skip_bad: bool,
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

impl RunCommand {
    /// Measures, tells how far it is, and what it came to.
    pub(super) async fn run(self) -> Result<Exit, CommandError> {
        let clock = system_clock();
        if self.out.to_string_lossy().contains("://") {
            let advice = "name a file; surveys in PostgreSQL are not yet possible";
            return Err(CommandError::Unfit(format!("{}: {advice}", shown(&self.out))));
        }
        let listed = read::list(&self.list, self.skip_bad)?;
        self.tell_list(&listed);
        let operators = read::operators(self.operators.as_deref())?;
        let scan = self.settings(clock())?;
        let survey = self.survey(listed.list);
        let store: Arc<dyn Store> = Arc::new(SqliteStore::open(&self.out).await.map_err(unfit)?);
        store.begin(&survey, clock()).await.map_err(unfit)?;
        if let Some(since) = self.since {
            store.reopen(since).await.map_err(unfit)?;
        }
        let begun = store.begun().await.map_err(unfit)?;
        let (scanner, turnstile) = scanner(scan.clone(), operators.clone(), &store, &clock)?;
        let board = Arc::new(Board::new(begun.domains, begun.ended));
        let run = Run {
            store: Arc::clone(&store),
            measures: Arc::new(scanner),
            board: Arc::clone(&board),
            operators,
            at_once_max: usize::from(self.at_once),
            helo: self.helo.clone().unwrap_or(scan.helo),
            dns_only: self.dns_only,
            clock,
        };
        let stop = CancellationToken::new();
        let form = ProgressForm::or_default(self.progress);
        tokio::select! {
            ended = run.run(&stop) => ended.map_err(unfit)?,
            () = progress::tell(form, &board, &turnstile, &store) => {}
            _ = tokio::signal::ctrl_c() => {}
        }
        store.flush().await.map_err(unfit)?;
        let snapshot = board.snapshot(&turnstile.queues());
        if form == ProgressForm::Json {
            progress::line("end", &snapshot);
        }
        say(&summary(&begun, &snapshot, &self.out.display().to_string()))?;
        Ok(if snapshot.done == snapshot.of { Exit::Well } else { Exit::Open })
    }

    fn tell_list(&self, listed: &Listed) {
        let file = shown(&self.list);
        for (domain, first, again) in &listed.duplicates {
            eprintln!("{file}:{again}: {domain} stands in line {first} already");
        }
        let more = listed.repeated - listed.duplicates.len();
        if more > 0 {
            eprintln!("{file}: {more} more stand there again");
        }
        for fault in &listed.faults {
            eprintln!("{file}:{fault}; it is left out");
        }
    }

    fn survey(&self, list: List) -> NewSurvey {
        let listed = list.entries.len();
        let size = self.sample.and_then(|size| usize::try_from(size).ok());
        NewSurvey {
            list: list.drawn(Sample { size, seed: self.seed }),
            listed,
            seed: self.sample.map(|_| self.seed),
            dns_only: self.dns_only,
        }
    }

    /// How is scanned: as the configuration says, and so that addresses are shared.
    fn settings(&self, now: Timestamp) -> Result<Settings, CommandError> {
        let scan = match &self.config {
            Some(file) => {
                let settings = config::load(file)?;
                settings.profiles.put_in_force();
                settings.scan
            }
            None => Settings { helo: own_name(), ..Settings::default() },
        };
        let since_s = self.since.map(|since| now.as_second().saturating_sub(since.as_second()).max(1));
        let fresh_s = i64::from(self.fresh) * 3_600;
        let cache_s =
            u32::try_from(since_s.map_or(fresh_s, |since_s| since_s.min(fresh_s))).unwrap_or(u32::MAX);
        Ok(Settings {
            cache_s,
            scan_s: scan.scan_s.max(SCAN_S_MIN),
            scans_at_once_max: usize::from(self.at_once),
            shares_addresses: true,
            ..scan
        })
    }
}

/// What scans, never more than two connections to an operator at a time, and what it shares.
#[expect(clippy::disallowed_methods, reason = "the roof draws")]
fn scanner(
    settings: Settings,
    operators: Operators,
    store: &Arc<dyn Store>,
    clock: &Clock,
) -> Result<(Scanner, Arc<Turnstile>), PartError> {
    let resolver = Resolver::new(settings.resolver.clone(), Arc::clone(clock))?;
    let mut ports = Ports::of(&settings, resolver, Arc::clone(clock), rand::random)?;
    let turnstile = Arc::new(Turnstile::new(Arc::clone(&ports.calls), operators, OPERATOR_AT_ONCE_MAX));
    ports.calls = Arc::clone(&turnstile) as _;
    Ok((Scanner::new(settings, ports).with_shelf(Arc::clone(store).shelf()), turnstile))
}

/// What it came to, in lines of 80 columns.
fn summary(begun: &Begun, snapshot: &Snapshot, out: &str) -> String {
    let mut text = format!("{} of {} domains are measured", snapshot.done, snapshot.of);
    if begun.domains < begun.listed {
        text += &format!(", drawn from {}", begun.listed);
    }
    text += &format!("; {} connections to mail servers.\n", snapshot.connections);
    if !snapshot.not_measured.is_empty() {
        text += "In this run something was not measured, or there is nothing to measure:\n";
    }
    for why in Why::ALL {
        if let Some(count) = snapshot.not_measured.get(why.name()) {
            text += &format!("  {count:>7}  {}\n", why.words());
        }
    }
    match snapshot.done == snapshot.of {
        true => text + &format!("See it: mailassay survey report {out} --out DIR\n"),
        false => text + "Say the same again to go on.\n",
    }
}

fn unfit(error: crate::receiving::survey::StoreError) -> CommandError {
    CommandError::Unfit(error.to_string())
}

/// An instant (RFC 3339), or the beginning of a day in UTC.
fn instant(text: &str) -> Result<Timestamp, String> {
    let whole = if text.len() == 10 { format!("{text}T00:00:00Z") } else { text.to_owned() };
    whole
        .parse()
        .map_err(|_| "write an instant such as 2026-11-30T12:00:00Z, or a day such as 2026-11-30".to_owned())
}
