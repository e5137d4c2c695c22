//! `setup`: from an empty host to a configuration, a zone and a unit, and to what is to be entered elsewhere. What is
//! there already stays as it is.

mod answers;
mod arguments;
mod contradictions;
mod dialog;
mod elsewhere;
mod files;
mod texts;
mod unit;

use std::path::Path;

use super::config_check::{self, Line, Opened, Running, Teller};
use super::doctor::{self, Wanted};
use super::ending::{CommandError, Exit, say, shown};
use super::{reach, zone};
use crate::program::app::parts::{self, PartError};
use crate::program::app::system_clock;
use crate::program::config::{self, Settings};
use crate::shared::keyfile::Keeping;
use crate::shared::text::Tone;

pub(super) use arguments::SetupCommand;

use contradictions::contradictions;
use elsewhere::Elsewhere;

impl SetupCommand {
    /// Writes what is missing, and says what is missing elsewhere.
    pub(super) async fn run(self) -> Result<Exit, CommandError> {
        let mut teller = Teller::wrapping();
        if let Some(why) = files::obstacle(&self.config) {
            teller.tell(&Line::bad(why))?;
            return Ok(Exit::Failed);
        }
        let file = std::path::absolute(&self.config)?;
        let settings = self.configuration(&file, &mut teller)?;
        teller.all(files::of_root(&file).as_slice())?;
        // Where none is missing nothing is written: a service that runs counts its serials by itself.
        if misses_keys(&settings)? {
            zone::keys(&settings, system_clock()())?;
        }
        let keys = shown(&settings.zone.authority.keys);
        teller
            .tell(&Line::good(format!("keys: they lie in {keys} and beside it; have them in your backup")))?;
        teller.tell(&unit::provide(&self, &file, &settings)?)?;

        let opened = config_check::open(&file, &mut Teller::of_faults())?;
        let (runs, _) = config_check::running(&settings);
        teller.all(&config_check::listeners(&settings, runs != Running::No))?;
        teller.all(&config_check::files(&file, &settings))?;
        let is_ready = !teller.red;
        let wanted = Wanted::of(&opened.authority, &settings.origin).map_err(PartError::from)?;
        let elsewhere = match self.offline {
            true => Elsewhere { wanted, is_delegated: false, vantage: None },
            false => look_elsewhere(&opened, wanted, &mut teller).await?,
        };
        say(&elsewhere.told(&settings))?;
        say(&next(runs, is_ready, &self.config))?;
        Ok(Exit::of(is_ready))
    }

    /// The configuration: that which is there, or one made of what is asked.
    fn configuration(&self, file: &Path, teller: &mut Teller) -> Result<Settings, CommandError> {
        if file.exists() {
            files::complete(file, teller)?;
            let settings = config::load(file)?;
            teller
                .tell(&Line::good(format!("configuration: {} is there and stays as it is", shown(file))))?;
            teller.all(&contradictions(self, &settings))?;
            return Ok(settings);
        }
        let answers = self.answers(teller)?;
        files::write(file, &answers, teller)
    }
}

/// Whether a key is missing that the service would make.
fn misses_keys(settings: &Settings) -> Result<bool, PartError> {
    let keeping = Keeping::nothing();
    zone::authority(settings, &keeping, system_clock()())?;
    Ok(!keeping.missing().is_empty())
}

/// Looks at what others keep for this service. What is missing there is to be done, and no fault of this host's.
async fn look_elsewhere(
    opened: &Opened,
    wanted: Wanted,
    teller: &mut Teller,
) -> Result<Elsewhere, CommandError> {
    let Opened { settings, authority, .. } = opened;
    let clock = system_clock();
    say("  asking how the world finds this host …\n")?;
    if let Some(why) = reach::cut_off(&settings.resolver, &clock).await? {
        teller.tell(&Line::warning(format!("the world: {why}")))?;
        return Ok(Elsewhere { wanted, is_delegated: false, vantage: None });
    }
    let lookup = parts::resolver(settings, authority, clock).map_err(PartError::from)?;
    let (delegated, seen) =
        tokio::join!(doctor::delegation(&lookup, &wanted), config_check::vantage_of(opened));
    let (vantage, helo) = seen?;
    let is_delegated = delegated.iter().all(|line| line.tone == Tone::Good);
    for mut line in delegated.into_iter().chain(config_check::outwards_told(&vantage, &helo)) {
        if line.tone == Tone::Bad {
            line.tone = Tone::Info;
        }
        teller.tell(&line)?;
    }
    Ok(Elsewhere { wanted, is_delegated, vantage: Some(vantage) })
}

/// What to do now on this host.
fn next(runs: Running, is_ready: bool, config: &Path) -> String {
    let named = match config == Path::new(arguments::CONFIG) {
        true => String::new(),
        false => format!(" --config {}", shown(config)),
    };
    let look = format!("    mailassay doctor{named}\n");
    match (is_ready, runs) {
        (false, _) => format!("\nMEND what has a ✘, then again:\n\n    mailassay setup{named}\n"),
        (true, Running::No) => {
            format!("\nNEXT, on this host:\n\n    systemctl enable --now mailassay\n{look}")
        }
        (true, Running::Otherwise) => {
            format!("\nNEXT, on this host:\n\n    systemctl restart mailassay\n{look}")
        }
        (true, Running::Yes) => format!("\nIt runs. Whether all is right says:\n\n{look}"),
    }
}
