//! `node`: who shares the journal, and which of them takes nothing new.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Subcommand;

use super::arguments::ConfigFile;
use super::ending::{CommandError, Exit, say, shown};
use crate::program::app::parts;
use crate::program::app::service::found;
use crate::program::archive::{Common, SEALING_KEY_OCTETS};
use crate::program::config::Settings;
use crate::sending::journal::{Node, NodeName, agree_anew, drain, list};
use crate::shared::database::postgres::Address;
use crate::shared::keyfile;

/// A node that has said nothing for so long is gone, in seconds.
const GONE_S: u64 = 15;

/// The nodes that share a journal.
#[derive(Debug, Subcommand)]
pub(super) enum NodeCommand {
    /// List the nodes: name, number, version, when each last said that it lives, and what it does for all.
    List(ConfigFile),
    /// Ask a node to take no new mail, to finish what it has, and to do nothing for others. Its next start takes it back.
    Drain {
        #[command(flatten)]
        config: ConfigFile,
        /// The node, by its name.
        name: String,
    },
    /// Have all nodes take the keys and certificates that this one has, after a key was changed on purpose. Nodes that
    /// have others must get these before their next start, or take them by themselves where node.seal_key is set.
    Agree(ConfigFile),
    /// Make a key that keys and certificates are sealed with in the database (node.seal_key). Every node needs a copy.
    SealKey {
        /// The file, which must not be there yet.
        file: PathBuf,
    },
}

impl NodeCommand {
    pub(super) async fn run(self) -> Result<Exit, CommandError> {
        match self {
            Self::Agree(config) => say(&agree(&config.settings()?).await?)?,
            Self::SealKey { file } => say(&make_seal_key(&file)?)?,
            Self::List(config) => say(&in_words(&list(&database(&config)?).await?))?,
            Self::Drain { config, name } => {
                let address = database(&config)?;
                let named: NodeName = name.parse().map_err(|_| unknown())?;
                if !drain(&address, &named).await? {
                    return Err(unknown());
                }
                say(&format!(
                    "{named} takes no new mail within a few seconds: senders go to another host.\n\
                     Stop it when `mailassay node list` shows no task of it.\n"
                ))?;
            }
        }
        Ok(Exit::Well)
    }
}

/// Has all nodes take what this one has.
async fn agree(settings: &Settings) -> Result<String, CommandError> {
    let address = of_nodes(settings)?;
    let unfit = |error: &dyn std::fmt::Display| CommandError::Unfit(error.to_string());
    let common = Common::of(Some(address)).await.map_err(|error| unfit(&error))?;
    let sharing = parts::sharing(settings, common.as_ref()).map_err(|error| unfit(&error))?;
    let mut changed = Vec::new();
    if let Some(mut sharing) = sharing {
        changed = sharing.agree_anew().await.map_err(|error| unfit(&error))?;
    } else {
        for (place, found) in found(settings).map_err(|error| unfit(&error))? {
            if agree_anew(address, place.name, &found).await? {
                changed.push(place.name);
            }
        }
    }
    if changed.is_empty() {
        return Ok("this node has what all have; nothing was changed\n".to_owned());
    }
    let then = match settings.node.seal_key {
        Some(_) => {
            "The other nodes take it within seconds; dkim.key and seal.key are used from\ntheir next start on.\n"
        }
        None => "Restart the other nodes; one that has anything else will not start.\n",
    };
    Ok(format!("all nodes are to have what this one has:\n{}\n{then}", changed.join(", ")))
}

#[expect(clippy::disallowed_methods, reason = "the roof draws")]
fn make_seal_key(file: &Path) -> Result<String, CommandError> {
    let failed = |error: &dyn std::fmt::Display| CommandError::Unfit(format!("{}: {error}", shown(file)));
    if file.exists() {
        return Err(failed(&"it is there already, and what was sealed with it opens with nothing else"));
    }
    let drawn: [u8; SEALING_KEY_OCTETS] = rand::random();
    keyfile::write(file, &drawn).map_err(|error| failed(&error))?;
    Ok(format!(
        "{} is the key that secrets are sealed with in the database.\n\
         Copy it to every node (mode 600) and name it there as node.seal_key.\n",
        shown(file)
    ))
}

fn unknown() -> CommandError {
    CommandError::Unfit("there is no node of that name; `mailassay node list` shows all".to_owned())
}

fn database(config: &ConfigFile) -> Result<Address, CommandError> {
    of_nodes(&config.settings()?).cloned()
}

fn of_nodes(settings: &Settings) -> Result<&Address, CommandError> {
    settings.journal.url.as_ref().ok_or_else(|| {
        CommandError::Unfit(
            "the journal is a file, which one service has alone; nodes share journal.url".to_owned(),
        )
    })
}

fn in_words(nodes: &[Node]) -> String {
    let mut text =
        format!("{:<20} {:>6}  {:<9} {:<14} {}\n", "name", "number", "version", "last seen", "does for all");
    for node in nodes {
        let is_gone = node.seen_ago > Duration::from_secs(GONE_S);
        let does = match (node.is_draining, is_gone, node.tasks.is_empty()) {
            (_, true, _) => "gone".to_owned(),
            (true, ..) => "takes nothing new".to_owned(),
            (_, _, true) => "-".to_owned(),
            _ => node.tasks.join(" "),
        };
        let line = format!(
            "{:<20} {:>6}  {:<9} {:<14} {does}",
            node.name,
            node.number,
            node.version,
            ago(node.seen_ago)
        );
        text += line.trim_end();
        text.push('\n');
    }
    text
}

/// How long ago something was, in its largest unit.
fn ago(ago: Duration) -> String {
    let seconds = ago.as_secs();
    match seconds {
        ..120 => format!("{seconds} s ago"),
        120..7_200 => format!("{} min ago", seconds / 60),
        7_200..172_800 => format!("{} h ago", seconds / 3_600),
        _ => format!("{} days ago", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shared::time::Timestamp;

    #[test]
    fn a_list_says_who_lives_and_what_each_does() {
        let node = |name: &str, number, seen_s, is_draining, tasks: &[&str]| Node {
            name: name.to_owned(),
            number,
            version: "0.1.0".to_owned(),
            seen_at: Timestamp::default(),
            seen_ago: Duration::from_secs(seen_s),
            is_draining,
            tasks: tasks.iter().map(|task| (*task).to_owned()).collect(),
        };
        let shown = in_words(&[
            node("mx04", 1, 2, false, &["expiry", "scans"]),
            node("mx05", 2, 1, true, &[]),
            node("old", 3, 200_000, false, &["keys"]),
        ]);
        let expected = "\
name                 number  version   last seen      does for all
mx04                      1  0.1.0     2 s ago        expiry scans
mx05                      2  0.1.0     1 s ago        takes nothing new
old                       3  0.1.0     2 days ago     gone
";
        assert_eq!(shown, expected);
    }
}
