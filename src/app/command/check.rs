//! `config check`: whether the configuration can be served, and whether what is served looks as it should.

use std::path::Path;
use std::sync::Arc;

use super::{CommandError, say, shown};
use crate::app::parts::{self, PartError};
use crate::app::self_check::{Mirror, self_check};
use crate::app::system_clock;
use crate::config::{self, Settings};
use crate::history::SelfCheck;
use crate::tls;

/// Opens all that the file names, then looks at the running service. Whether all is green.
pub(super) async fn check(file: &Path) -> Result<bool, CommandError> {
    let clock = system_clock();
    let now = clock();
    let settings = config::load(file)?;
    good(&format!("configuration: {}", shown(file)))?;

    let catalogue = parts::catalogue(&settings).map_err(PartError::from)?;
    let (personas, cases) = (catalogue.personas().count(), catalogue.cases().count());
    good(&format!("catalogue: {personas} personas, {cases} cases"))?;
    let identities = parts::identities(&settings, &catalogue, now).map_err(PartError::from)?;
    good(&format!("keys and certificates: {}", certificates(&settings)))?;
    let dkim = parts::dkim_key(&settings).map_err(PartError::from)?;
    good(&format!("DKIM key: {}", shown(&settings.dkim.key)))?;
    let catalogue = Arc::new(catalogue);
    let authority =
        parts::authority(&settings, &catalogue, &identities, &dkim, now).map_err(PartError::from)?;
    good(&format!("zones: {}", authority.zone_names().join(" ")))?;
    let lookup = parts::resolver(&settings, &authority, clock).map_err(PartError::from)?;
    let roots = parts::sender_roots(&settings).map_err(PartError::from)?;

    say("  looking at the running service as a sender would …\n")?;
    let mirror = Mirror {
        settings: &settings,
        catalogue: &catalogue,
        identities: &identities,
        lookup: &lookup,
        roots: &roots,
    };
    let checked = self_check(&mirror, now).await;
    let parts = [
        ("DNS and DNSSEC", checked.dns),
        ("certificates", checked.certificates),
        ("MTA-STS policy host", checked.policy_host),
    ];
    let mut green = true;
    for (part, state) in parts {
        match state {
            SelfCheck::Green => good(part)?,
            SelfCheck::Red { reason } => {
                green = false;
                say(&format!("✘ {part}: {reason}\n"))?;
            }
        }
    }
    Ok(green)
}

fn good(what: &str) -> std::io::Result<()> {
    say(&format!("✔ {what}\n"))
}

fn certificates(settings: &Settings) -> String {
    match &settings.tls.source {
        tls::Source::PrivateCa => format!("a private CA in {}", shown(&settings.tls.folder)),
        tls::Source::Files(files) => {
            format!("{} from files, keys in {}", files.len(), shown(&settings.tls.folder))
        }
    }
}
