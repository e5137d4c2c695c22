//! `node`: who shares the journal, and which of them takes nothing new.

use std::time::Duration;

use clap::Subcommand;

use super::arguments::ConfigFile;
use super::ending::{CommandError, Exit, say};
use crate::sending::journal::{Node, NodeName, drain, list};
use crate::shared::database::postgres::Address;

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
}

impl NodeCommand {
    pub(super) async fn run(self) -> Result<Exit, CommandError> {
        match self {
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

fn unknown() -> CommandError {
    CommandError::Unfit("there is no node of that name; `mailassay node list` shows all".to_owned())
}

fn database(config: &ConfigFile) -> Result<Address, CommandError> {
    config.settings()?.journal.url.ok_or_else(|| {
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
