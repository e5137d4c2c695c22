//! `forget`: what the operator does for somebody who wants to be forgotten, or to get no more mails.

use std::sync::Arc;
use std::time::Duration;

use clap::Args;

use super::arguments::ConfigFile;
use super::ending::{CommandError, Exit, say, shown};
use crate::program::app::parts::{self, PartError};
use crate::program::app::system_clock;
use crate::program::archive::{Archive, Common};
use crate::program::config::Settings;
use crate::program::rights::{Forgetting, Forgotten, Objections, Subject, Way};
use crate::sending::journal::{Holder, Opened, Reader, former_secret, holder};
use crate::sending::trials::{Attribution, Trials};

/// How long a running service may take to carry out an order, in seconds.
const SERVICE_S: u64 = 90;
/// How often it is looked whether it has, in milliseconds.
const LOOK_MS: u64 = 500;

/// Forget an address or a domain: its tests with their results, addresses and verdicts, and checks of the domain.
#[derive(Debug, Args)]
pub(super) struct ForgetCommand {
    #[command(flatten)]
    config: ConfigFile,
    /// An address, or a domain with all below it.
    #[arg(required_unless_present = "list_objections")]
    subject: Option<String>,
    /// Keep its objection, too: from now on no verdict is mailed to it.
    #[arg(long)]
    object: bool,
    /// Lift its objection, and forget nothing: verdicts are mailed to it again.
    #[arg(long, conflicts_with = "object")]
    allow: bool,
    /// Say how many objections there are, and do nothing else.
    #[arg(long, conflicts_with_all = ["subject", "object", "allow"])]
    list_objections: bool,
}

impl ForgetCommand {
    /// Does it. `new_secret` is that of `serve`; the journal has one.
    pub(super) async fn run(self, new_secret: impl FnOnce() -> [u8; 32]) -> Result<Exit, CommandError> {
        let settings = self.config.settings()?;
        let subject = self.subject.map(|subject| subject.parse::<Subject>());
        let subject = subject.transpose().map_err(|error| CommandError::Unfit(error.to_string()))?;
        let path = &settings.journal.path;
        if !settings.journal.is_there() {
            let why = format!("{}: there is no journal yet; `mailassay serve` makes it", shown(path));
            return Err(CommandError::Unfit(why));
        }
        let secret = Reader::of(&settings.journal).await?.secret().await?;
        let archive = Archive::open(&settings.archive).await;
        let archive = Arc::new(archive.map_err(|error| CommandError::Unfit(error.to_string()))?);
        let common = Common::of(settings.journal.url.as_ref()).await.map_err(unanswered)?;
        let former = former_secret(path).await;
        let site = settings.report.site_url.clone();
        let objections = Objections::of_service(&archive, common.as_ref(), (secret, former), site);
        let objections = objections.await.map_err(unanswered)?;
        let exit = match subject {
            None => list(&objections).await,
            Some(subject) if self.allow => allow(&objections, &subject).await,
            Some(subject) => {
                if self.object {
                    let now = system_clock()();
                    objections.keep(now, &subject, Way::Operator).await.map_err(unanswered)?;
                    say(&format!("no verdict is mailed to {subject} from now on\n"))?;
                }
                forget(&settings, &archive, secret, &subject, new_secret).await
            }
        };
        archive.close().await;
        exit
    }
}

async fn list(objections: &Objections) -> Result<Exit, CommandError> {
    let counts = objections.count().await.map_err(unanswered)?;
    let number = |kind: &str, way: &str| {
        let row = counts.iter().find(|(of, by, _)| of == kind && by == way);
        row.map_or(0, |(_, _, number)| *number)
    };
    let mut text = "objections   by link  by mail  by the operator\n".to_owned();
    for (kind, name) in [("address", "addresses"), ("domain", "domains")] {
        let [link, mail, operator] = ["link", "mail", "operator"].map(|way| number(kind, way));
        text += &format!("{name:<11}  {link:>7}  {mail:>7}  {operator:>15}\n");
    }
    say(&text)?;
    Ok(Exit::Well)
}

async fn allow(objections: &Objections, subject: &Subject) -> Result<Exit, CommandError> {
    let lifted = objections.lift(subject).await.map_err(unanswered)?;
    say(&match lifted {
        true => format!("verdicts are mailed to {subject} again\n"),
        false => format!("there was no objection of {subject}\n"),
    })?;
    Ok(Exit::Well)
}

/// Forgets, or has the service that holds the journal do so.
async fn forget(
    settings: &Settings,
    archive: &Arc<Archive>,
    secret: [u8; 32],
    subject: &Subject,
    new_secret: impl FnOnce() -> [u8; 32],
) -> Result<Exit, CommandError> {
    let now = system_clock()();
    let order = archive.order_to_forget(now, &subject.to_string()).await.map_err(unanswered)?;
    let is_served = matches!(holder(&settings.journal.path)?, Holder::Somebody(_));
    if !is_served {
        carry_out(settings, archive, secret, new_secret).await?;
    }
    let looks = if is_served { SERVICE_S * 1_000 / LOOK_MS } else { 1 };
    for look in 0..looks {
        if look > 0 {
            tokio::time::sleep(Duration::from_millis(LOOK_MS)).await;
        }
        let outcome = archive.outcome_of_forgetting(order).await.map_err(unanswered)?;
        if let Some(forgotten) = outcome.and_then(|outcome| serde_json::from_str(&outcome).ok()) {
            say(&in_words(forgotten, subject))?;
            return Ok(Exit::Well);
        }
    }
    eprintln!(
        "mailassay: the service that holds the journal has not done it within {SERVICE_S} s; it is ordered, and its log will \
         tell when it is done"
    );
    Ok(Exit::Open)
}

/// Carries out all orders, in the place of the service.
async fn carry_out(
    settings: &Settings,
    archive: &Arc<Archive>,
    secret: [u8; 32],
    new_secret: impl FnOnce() -> [u8; 32],
) -> Result<(), CommandError> {
    let catalogue = Arc::new(parts::catalogue(settings).map_err(PartError::from)?);
    let (pace, limits) = (settings.pace.clone(), settings.trials.clone());
    let trials = Arc::new(Trials::new(Attribution::new(catalogue, pace, limits, secret.to_vec())));
    let opened = Opened::open(settings.journal.clone(), new_secret).await?;
    let journal = Arc::new(opened.start(vec![Arc::<Trials>::clone(&trials)]).await?);
    let forgetting = Forgetting::new(Arc::clone(archive), Arc::clone(&journal), trials, secret);
    let carried_out = async {
        while forgetting.carry_out_next(system_clock()()).await? {}
        Ok(())
    };
    let carried_out = carried_out.await;
    journal.close().await;
    carried_out.map_err(unanswered::<crate::program::rights::NotForgotten>)
}

fn in_words(forgotten: Forgotten, subject: &Subject) -> String {
    let Forgotten { trials, running, checks } = forgotten;
    let tests = |number: usize| if number == 1 { "1 test".to_owned() } else { format!("{number} tests") };
    let mut text = format!("{} of {subject} forgotten", tests(trials));
    match checks {
        0 => {}
        1 => text += ", and 1 check",
        _ => text += &format!(", and {checks} checks"),
    }
    if running > 0 {
        text += &format!(
            "; {} not over yet, and forgotten by the service within minutes of the end",
            tests(running)
        );
    }
    text + "\n"
}

fn unanswered<E: std::error::Error>(error: E) -> CommandError {
    CommandError::Unfit(error.to_string())
}
