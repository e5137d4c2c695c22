//! `certs`: how far certificates of a public CA are, and what an operator asks of the service that keeps them.

use std::fmt::Write;

use clap::Subcommand;

use super::arguments::ConfigFile;
use super::ending::{CommandError, Exit, say};
use super::zone;
use crate::operations::certificates::{self, ahead_s, renewed_from, shown_from};
use crate::program::app::parts::{self, PartError};
use crate::program::config::Settings;
use crate::sending::identities::{Identities, Pool, View, Wish};
use crate::shared::keyfile::Keeping;
use crate::shared::text::wrapped;
use crate::shared::time::Timestamp;

/// How wide the output is, in columns.
const COLUMNS: usize = 80;

#[derive(Debug, Subcommand)]
pub(super) enum CertsCommand {
    /// Print the root of the private CA.
    Ca(ConfigFile),
    /// Say how far the certificates are that a CA issues: until when, from when on they are renewed, what went wrong.
    State(ConfigFile),
    /// Have the running service renew all certificates now, with the same keys, and try again what failed.
    Renew(ConfigFile),
    /// Have the running service change the keys: the TLSA records of the next ones are served ahead.
    ChangeKey(ConfigFile),
}

impl CertsCommand {
    pub(super) fn run(self, now: Timestamp) -> Result<Exit, CommandError> {
        match self {
            Self::Ca(config) => say(&zone::ca(&config.settings()?, now)?)?,
            Self::State(config) => {
                let settings = config.settings()?;
                let (text, is_well) = state(&settings, now)?;
                say(&text)?;
                return Ok(Exit::of(is_well));
            }
            Self::Renew(config) => {
                leave(&config.settings()?, Wish::Renew, now)?;
                say(
                    "The service orders new certificates for the same keys within a second, or when it starts.\n\
                     `mailassay certs state` says what comes of it.\n",
                )?;
            }
            Self::ChangeKey(config) => {
                let settings = config.settings()?;
                leave(&settings, Wish::ChangeKey, now)?;
                let ahead_s = ahead_s(settings.pace.mx_ttl_s());
                say(&format!(
                    "The service makes the next keys within a second, or when it starts, and serves\n\
                     their TLSA records beside the present ones. It shows the next keys when the CA\n\
                     has issued certificates for them, and not before {ahead_s} s have gone by.\n\
                     `mailassay certs state` says how far it is.\n"
                ))?;
            }
        }
        Ok(Exit::Well)
    }
}

/// Opens what is shown, without writing anything.
fn opened(settings: &Settings, now: Timestamp) -> Result<Identities, CommandError> {
    let catalogue = parts::catalogue(settings).map_err(PartError::from)?;
    let identities = parts::identities(settings, &catalogue, &Keeping::nothing(), now);
    Ok(identities.map_err(PartError::from)?)
}

fn pool(identities: &Identities) -> Result<&Pool, CommandError> {
    identities.pool().map(AsRef::as_ref).ok_or_else(|| {
        CommandError::Unfit("no certificates are ordered here: `tls.source` is not \"acme\"".to_owned())
    })
}

fn leave(settings: &Settings, wish: Wish, now: Timestamp) -> Result<(), CommandError> {
    let identities = opened(settings, now)?;
    Ok(pool(&identities)?.leave(wish).map_err(PartError::from)?)
}

/// How far all lineages are, and whether all is well.
fn state(settings: &Settings, now: Timestamp) -> Result<(String, bool), CommandError> {
    let identities = opened(settings, now)?;
    let views = pool(&identities)?.views().map_err(PartError::from)?;
    let acme = &settings.acme;
    let mut text = format!("CA: {}\n", acme.directory_url());
    let mut is_well = true;
    for view in &views {
        text.push('\n');
        is_well &= lineage(&mut text, view, acme, settings.pace.mx_ttl_s(), now);
    }
    Ok((text, is_well))
}

/// One lineage; whether all is well with it.
fn lineage(
    text: &mut String,
    view: &View,
    acme: &certificates::Settings,
    ttl_s: u32,
    now: Timestamp,
) -> bool {
    let lineage = &view.lineage;
    let mut line = |words: String| lines(text, &words);
    line(format!("Certificate {} for {}", lineage.number, lineage.names.join(" ")));
    let valid = view.issued.as_ref().filter(|issued| issued.ends > now);
    match (&view.issued, valid) {
        (_, Some(issued)) => {
            line(format!("  ends {}, in {}", day(issued.ends), days(now, issued.ends)));
            let from = renewed_from(acme, view, ttl_s);
            line(match from > now {
                true => format!("  is renewed from {} on", day(from)),
                false => "  is to be renewed now".to_owned(),
            });
        }
        (Some(issued), None) => line(format!("  ended {}", day(issued.ends))),
        (None, None) => line("  was not issued yet; one of our own for the same key stands in".to_owned()),
    }
    let window = view.issued.as_ref().and_then(|issued| issued.window(lineage));
    if let Some((start, end)) = window.and_then(|window| window.suggested) {
        line(format!("  the CA suggests to renew from {} to {}", day(start), day(end)));
    }
    line(format!("  key {} is shown", lineage.key));
    if let Some(next) = &lineage.next {
        line(match (next.published, shown_from(acme, view, ttl_s)) {
            (None, _) => format!("  key {} is next; its TLSA record is about to be served", next.key),
            (Some(since), None) => {
                format!("  key {} is next; TLSA served since {}, certificate to come", next.key, day(since))
            }
            (Some(since), Some(from)) => format!(
                "  key {} is next; TLSA served since {}, shown from {} on",
                next.key,
                day(since),
                day(from)
            ),
        });
    }
    if let Some(setback) = &lineage.setback {
        line(format!(
            "  failed {} times in a row, last {}: {}",
            setback.failures,
            day(setback.at),
            setback.reason
        ));
        line(format!("  is tried again {}", day(setback.not_before)));
    }
    valid.is_some() && lineage.setback.is_none()
}

fn day(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}

fn days(now: Timestamp, ends: Timestamp) -> String {
    let left_s = ends.as_second() - now.as_second();
    match left_s / 86_400 {
        0 => format!("{} minutes", left_s / 60),
        1 => "1 day".to_owned(),
        days => format!("{days} days"),
    }
}

/// Adds words in lines of at most 80 columns; further lines are indented.
fn lines(text: &mut String, words: &str) {
    let indent = " ".repeat(words.len() - words.trim_start().len());
    for line in wrapped(&indent, &format!("{indent}  "), words, COLUMNS) {
        let _ = writeln!(text, "{}", line.trim_end());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_have_eighty_columns() {
        let mut text = String::new();
        lines(&mut text, &format!("  {}", "word ".repeat(40)));
        assert!(text.lines().count() > 2 && text.lines().all(|line| line.len() <= COLUMNS), "{text}");
        assert!(
            text.starts_with("  word ") && text.lines().nth(1).unwrap().starts_with("    word"),
            "{text}"
        );
    }
}
