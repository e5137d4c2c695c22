//! `survey run`: measures the domains of a list.

use std::path::PathBuf;

use clap::Args;

use super::super::ending::{CommandError, Exit, shown};
use super::place::{Place, closed, unfit};
use super::read;
use super::work::Working;
use crate::program::app::system_clock;
use crate::receiving::survey::{List, Listed, NewSurvey, Sample, Store, StoreError};
use crate::shared::time::Timestamp;

#[derive(Debug, Args)]
pub(in crate::program::app::command) struct RunCommand {
    /// The domains: one a line, or CSV with a header, whose column `domain` has them; the others are attributes.
    #[arg(value_name = "LIST")]
    list: PathBuf,
    /// The survey's file, or its database: postgres://USER@HOST/DATABASE. What it has already is not measured again.
    #[arg(long, value_name = "SURVEY")]
    out: Place,
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
    /// Leave out lines of the list that are wrong.
    #[arg(long)]
    skip_bad: bool,
    #[command(flatten)]
    working: Working,
}

impl RunCommand {
    /// Begins the survey or goes on with it, and measures.
    pub(super) async fn run(self) -> Result<Exit, CommandError> {
        let clock = system_clock();
        let listed = read::list(&self.list, self.skip_bad)?;
        self.tell_list(&listed);
        let ready = self.working.ready()?;
        let survey = self.survey(listed.list);
        let store = self.out.open(self.working.worker()).await?;
        let worked = match self.begin(&*store, &survey, clock()).await {
            Ok(()) => ready.work(&store, &self.out.shown()).await,
            Err(error) => Err(unfit(error)),
        };
        closed(&*store, worked).await
    }

    async fn begin(&self, store: &dyn Store, survey: &NewSurvey, now: Timestamp) -> Result<(), StoreError> {
        store.begin(survey, now).await?;
        if let Some(since) = self.since {
            store.reopen(since, now).await?;
            store.forget_servers(since).await?;
        }
        Ok(())
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
}

/// An instant (RFC 3339), or the beginning of a day in UTC.
fn instant(text: &str) -> Result<Timestamp, String> {
    let whole = if text.len() == 10 { format!("{text}T00:00:00Z") } else { text.to_owned() };
    whole
        .parse()
        .map_err(|_| "write an instant such as 2026-11-30T12:00:00Z, or a day such as 2026-11-30".to_owned())
}
