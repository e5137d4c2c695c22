//! `doctor`: `config check`, and beside it all that makes a service be found and trusted: this host, the parent of the
//! zone, its name servers, the CAs, and how others see it. It writes nothing.

mod certificates;
mod delegated;
mod machine;
mod outside;
mod served;

use std::path::Path;
use std::time::Duration;

use super::config_check::{self, Line, Opened, Running, Teller};
use super::ending::{CommandError, say};
use super::reach;
use crate::operations::host;
use crate::program::app::parts::{self, PartError};
use crate::program::app::system_clock;
use crate::shared::dns::Resolver;

pub(super) use delegated::{Wanted, told as delegation_told};

/// How long each look at the world may take, in seconds.
const LOOK_S: u64 = 45;

/// Looks at everything. Whether nothing is red.
pub(super) async fn doctor(file: &Path) -> Result<bool, CommandError> {
    let mut teller = Teller::wrapping();
    let opened = config_check::open(file, &mut teller)?;
    let runs = config_check::look(file, &opened, &mut teller).await?;
    teller.all(&certificates::ordered(&opened.settings, &opened.identities, system_clock()()))?;
    teller.all(&machine::disks(&opened.settings))?;
    teller.all(&machine::addresses(&opened.settings))?;
    let clock = system_clock();
    match reach::cut_off(&opened.settings.resolver, &clock).await? {
        Some(why) => teller.tell(&Line::bad(format!("the world: {why}")))?,
        None => look_at_the_world(&opened, runs, &mut teller).await?,
    }
    config_check::look_outwards(&opened, &mut teller).await?;
    let ended = match (teller.red, teller.warnings) {
        (true, _) => "\nWhat has a ✘ keeps the service from working, or from being believed.\n",
        (false, 0) => "\nAll is well.\n",
        (false, _) => "\nNothing is red. What has a ! is worth a look.\n",
    };
    say(ended)?;
    Ok(!teller.red)
}

/// Asks the parent, the name servers, a resolver elsewhere, the CAs' records, and for the time.
async fn look_at_the_world(opened: &Opened, runs: Running, teller: &mut Teller) -> Result<(), CommandError> {
    let Opened { settings, authority, catalogue, .. } = opened;
    let clock = system_clock();
    let lookup = parts::resolver(settings, authority, clock.clone()).map_err(PartError::from)?;
    let scan = parts::scan(settings, authority);
    let own = parts::scan_resolver(&scan, authority, &clock).map_err(PartError::from)?;
    let wanted = Wanted::of(authority, &settings.origin).map_err(PartError::from)?;
    say(&format!("  asking how the world finds {} …\n", settings.origin))?;
    teller.all(&delegation(&lookup, &wanted).await)?;
    let ours = machine::known(settings);
    let suite = served::suite_zones(&authority.zone_names(), catalogue);
    let serving = served::look(&lookup, &own, served::Zones { wanted: &wanted, suite: &suite }, &ours, runs);
    teller.all(&in_time("name servers", serving).await)?;
    let seeing = outside::look(&settings.resolver, catalogue, clock.clone());
    teller.all(&in_time("from outside", seeing).await)?;
    let issuing = certificates::look(settings, &own);
    teller.all(&in_time("CAA", issuing).await)?;
    let timing = machine::clock(&settings.dial, &lookup, clock.clone());
    teller.all(&in_time("clock", timing).await)?;
    Ok(())
}

/// What the parent says, beside what it should say.
pub(super) async fn delegation(lookup: &Resolver, wanted: &Wanted) -> Vec<Line> {
    let asking = async {
        match host::delegation(lookup, &wanted.zone).await {
            Ok(seen) => delegation_told(wanted, &seen),
            Err(why) => {
                vec![Line::open(&format!("delegation: the parent's servers could not be asked: {why}"))]
            }
        }
    };
    in_time("delegation", asking).await
}

async fn in_time(what: &str, looking: impl Future<Output = Vec<Line>>) -> Vec<Line> {
    let looked = tokio::time::timeout(Duration::from_secs(LOOK_S), looking).await;
    looked.unwrap_or_else(|_| vec![Line::open(&format!("{what}: no answer within {LOOK_S} s"))])
}
