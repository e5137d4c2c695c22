//! `config check`: whether the configuration can be served, and whether what is served looks as it should.

use std::path::Path;
use std::sync::Arc;

use super::{CommandError, say, shown};
use crate::app::parts::{self, PartError};
use crate::app::self_check::{Mirror, self_check};
use crate::app::system_clock;
use crate::app::vantage::{Pointer, Port25, Vantage, vantage};
use crate::config::{self, Settings};
use crate::history::SelfCheck;
use crate::report::clean;
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
    if settings.scan.enabled {
        let scan = parts::scan(&settings, &authority);
        say("  looking at what this host can scan from …\n")?;
        let seen = vantage(&scan, &settings.zone.published.sends_from, &system_clock()).await?;
        say(&told(&seen, &scan.helo))?;
    }
    Ok(green)
}

/// What the host can and cannot do. Nothing of it stops a service: what cannot be measured is inconclusive.
fn told(seen: &Vantage, helo: &str) -> String {
    let mut lines = vec![match seen.ipv6 {
        Some(true) => "✔ IPv6: a root server answers over it".to_owned(),
        Some(false) => {
            "! IPv6: no root server answers over it; whether others can be reached is inconclusive".to_owned()
        }
        None => "– IPv6: not tried, no root server is known by an IPv6 address".to_owned(),
    }];
    lines.push(match &seen.port_25 {
        Port25::Open { host } => format!("✔ port 25: {host} takes connections"),
        Port25::Silent { tried } => format!(
            "! port 25 seems closed from here, and then nothing behind it can be measured; tried {}",
            tried.join("; ")
        ),
        Port25::Untried { why } => format!("– port 25: nobody could be tried ({why})"),
    });
    if seen.pointers.is_empty() {
        lines.push("– EHLO name: no address is known that mail is sent from".to_owned());
    }
    lines.extend(seen.pointers.iter().map(|(address, pointers)| match pointers {
        Ok(pointers) if pointers.iter().any(|pointer| pointer.name == helo && pointer.confirmed) => {
            format!("✔ EHLO name: PTR of {address} is {helo}, which has that address")
        }
        Ok(pointers) => {
            let names: Vec<_> = pointers
                .iter()
                .map(|Pointer { name, confirmed }| {
                    let not = if *confirmed { "" } else { " (which does not have that address)" };
                    format!("{}{not}", clean(name))
                })
                .collect();
            let names = if names.is_empty() { "missing".to_owned() } else { names.join(", ") };
            format!("! EHLO name: it is {helo}, and PTR of {address} is {names}; some servers refuse that")
        }
        Err(reason) => format!("– EHLO name: {}", clean(reason)),
    }));
    lines.into_iter().map(|line| line + "\n").collect()
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
