//! `config check`: whether the configuration can be served, and whether what is served looks as it should. It writes
//! nothing: keys are made by whoever serves.

mod line;
mod outwards;
mod places;
mod running;

use std::path::Path;
use std::sync::Arc;

use super::ending::{CommandError, say, shown};
use super::reach;
use crate::operations::host::{Outlook, Vantage, vantage};
use crate::program::app::parts::{self, PartError};
use crate::program::app::self_check::{Mirror, self_check};
use crate::program::app::system_clock;
use crate::program::config::{self, Settings};
use crate::program::reply::DeliveryWay;
use crate::sending::authority::Authority;
use crate::sending::history::{SelfCheck, SelfChecked};
use crate::sending::identities::{self, Identities};
use crate::sending::persona::Catalogue;
use crate::shared::keyfile::Keeping;

pub(super) use line::{Line, Teller, wrapped};
pub(super) use outwards::told as outwards_told;
pub(super) use places::{files, listeners};
pub(super) use running::{Running, running};

/// What the configuration describes, as it would be served.
pub(super) struct Opened {
    pub(super) settings: Settings,
    pub(super) catalogue: Arc<Catalogue>,
    pub(super) identities: Identities,
    pub(super) authority: Arc<Authority>,
    /// Whether all keys are there.
    is_whole: bool,
}

/// Opens all that the file names, then looks at the running service. Whether nothing is red.
pub(super) async fn check(file: &Path) -> Result<bool, CommandError> {
    let mut teller = Teller::default();
    let opened = open(file, &mut teller)?;
    let runs = look(file, &opened, &mut teller).await?;
    if opened.settings.scan.enabled && runs != Running::No {
        look_outwards(&opened, &mut teller).await?;
    }
    Ok(!teller.red)
}

/// Opens all that the file names, without writing anything.
pub(super) fn open(file: &Path, teller: &mut Teller) -> Result<Opened, CommandError> {
    let now = system_clock()();
    let settings = config::load(file)?;
    teller.tell(&Line::good(format!("configuration: {}", shown(file))))?;

    let keeping = Keeping::nothing();
    let catalogue = parts::catalogue(&settings).map_err(PartError::from)?;
    let (personas, cases) = (catalogue.personas().count(), catalogue.fixed_cases().count());
    teller.tell(&Line::good(format!("catalogue: {personas} personas, {cases} cases")))?;
    let identities = parts::identities(&settings, &catalogue, &keeping, now).map_err(PartError::from)?;
    teller.tell(&Line::good(format!("keys and certificates: {}", certificates(&settings))))?;
    let keys = parts::own_keys(&settings, &keeping)?;
    teller.tell(&Line::good(format!("DKIM key: {}", shown(&settings.dkim.key))))?;
    teller.tell(&Line::good(format!("key for documents: {}", shown(&settings.seal.key))))?;
    let catalogue = Arc::new(catalogue);
    let authority = parts::authority(&settings, &catalogue, &identities, &keys, &keeping, now);
    let authority = Arc::new(authority.map_err(PartError::from)?);
    teller.tell(&Line::good(format!("zones: {}", authority.zone_names().join(" "))))?;
    let missing = keeping.missing();
    if let Some(first) = missing.first() {
        let (count, first) = (missing.len(), shown(first));
        let text = format!(
            "keys: {count} are not there yet, such as {first}; `mailassay serve` makes them at its first start, \
             `mailassay keys` without serving"
        );
        teller.tell(&Line::open(&text))?;
    }

    let is_whole = missing.is_empty();
    Ok(Opened { settings, catalogue, identities, authority, is_whole })
}

/// Looks at what whoever serves may use, and at the running service as a sender would. Whether it runs.
pub(super) async fn look(file: &Path, opened: &Opened, teller: &mut Teller) -> Result<Running, CommandError> {
    let Opened { settings, catalogue, identities, authority, is_whole } = opened;
    let clock = system_clock();
    let now = clock();
    let (runs, running) = running(settings);
    teller.all(&listeners(settings, runs != Running::No))?;
    teller.all(&files(file, settings))?;
    teller.all(&remarks(settings))?;
    let ending = parts::expiry_warnings(identities, now);
    teller.all(&ending.into_iter().map(Line::warning).collect::<Vec<_>>())?;
    teller.tell(&running)?;
    if runs == Running::Yes && *is_whole {
        let lookup = parts::resolver(settings, authority, clock.clone()).map_err(PartError::from)?;
        let roots = parts::sender_roots(settings).map_err(PartError::from)?;
        let mirror = Mirror { settings, catalogue, identities, authority, lookup: &lookup, roots: &roots };
        say("  looking at the running service as a sender would …\n")?;
        match reach::cut_off(&settings.resolver, &clock).await? {
            Some(why) => teller.tell(&Line::bad(format!("DNS and DNSSEC: {why}")))?,
            None => teller.all(&seen(self_check(&mirror, now).await))?,
        }
    }
    Ok(runs)
}

/// Looks at what this host can scan and mail from.
pub(super) async fn look_outwards(opened: &Opened, teller: &mut Teller) -> Result<(), CommandError> {
    say("  looking at what this host can scan from …\n")?;
    let (vantage, helo) = vantage_of(opened).await?;
    teller.all(&outwards::told(&vantage, &helo))?;
    Ok(())
}

/// What this host can scan and mail from, and what it says in EHLO.
pub(super) async fn vantage_of(opened: &Opened) -> Result<(Vantage, String), CommandError> {
    let Opened { settings, authority, .. } = opened;
    let clock = system_clock();
    let scan = parts::scan(settings, authority);
    let lookup = parts::scan_resolver(&scan, authority, &clock).map_err(PartError::from)?;
    let sends_from = &settings.zone.published.sends_from;
    let mut from = if scan.dial.from.is_empty() { sends_from.clone() } else { scan.dial.from.clone() };
    from.dedup();
    let roots = scan.resolver.servers.roots();
    let outlook = Outlook { dial: &scan.dial, roots: &roots, from: &from, lookup: Arc::new(lookup), clock };
    Ok((vantage(outlook).await, scan.helo))
}

/// What the self-check saw.
fn seen(checked: SelfChecked) -> Vec<Line> {
    let unseen = (!checked.unseen.is_empty()).then(|| {
        Line::warning(format!(
            "name servers: {} answer for the origin, too, and what they are asked is not seen here: in trials the \
             absence of a question proves nothing. Keep them for zones above the origin; if one of them is this \
             host, list its address in `dns.reached_at`",
            checked.unseen.join(", ")
        ))
    });
    let parts = [
        ("DNS and DNSSEC", checked.dns),
        ("certificates", checked.certificates),
        ("MTA-STS policy host", checked.policy_host),
    ];
    let line = |(part, state): (&str, SelfCheck)| match state {
        SelfCheck::Green => Line::good(part),
        SelfCheck::Red { reason } => Line::bad(format!("{part}: {reason}")),
    };
    parts.into_iter().map(line).chain(unseen).collect()
}

/// What can be served and may not be meant.
fn remarks(settings: &Settings) -> Vec<Line> {
    let mut remarks = Vec::new();
    if settings.reply.delivery == DeliveryWay::Maildir {
        remarks.push(Line::warning(format!(
            "reply.delivery: verdicts are not mailed but put into {}, and senders are told the address of their page; \
             write \"mx\" or \"smarthost\" to have them mailed",
            shown(&settings.reply.maildir)
        )));
    }
    if settings.pace.window_s == 0 {
        remarks.push(Line::warning(
            "pace.window_s: with 0 STARTTLS is never withheld, and whether a sender falls back to clear text is not seen",
        ));
    }
    remarks
}

fn certificates(settings: &Settings) -> String {
    match &settings.tls.source {
        identities::Source::PrivateCa => format!("a private CA in {}", shown(&settings.tls.folder)),
        identities::Source::Acme(_) => "kept by ACME; `mailassay certs state` says how far".to_owned(),
        identities::Source::Files(files) => {
            format!("{} from files, keys in {}", files.len(), shown(&settings.tls.folder))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verdicts_in_a_folder_and_no_window_are_remarked() {
        let mut settings = crate::program::demo::World {
            folder: "/nowhere".into(),
            places: crate::program::demo::Places { smtp: 1, dns: 2, policy_host: 3, site: 4 },
            played: crate::program::demo::Played::Classic,
            samples: Vec::new(),
            hosts: Vec::new(),
        }
        .settings();
        let said = |settings: &Settings| {
            remarks(settings).into_iter().map(|line| line.text).collect::<Vec<_>>().join("\n")
        };
        assert!(said(&settings).contains("not mailed but put into /nowhere/verdicts"));
        settings.reply.delivery = DeliveryWay::Mx;
        assert_eq!(said(&settings), "");
        settings.pace.window_s = 0;
        assert!(said(&settings).contains("pace.window_s"));
    }
}
