//! What a trial still waits for, and until when.

use crate::program::report::account::{Account, Settings};
use crate::program::report::words;
use crate::sending::verdict::{self, Awaited};
use crate::shared::text::Language;
use crate::shared::time::Timestamp;

use super::super::telling::Telling;

/// What a trial still waits for at the account's time, a sentence each, and when it ends at the latest; nothing once it
/// has ended.
pub fn awaited(account: Account<'_>, settings: &Settings, language: Language) -> Vec<String> {
    let telling = Telling { account, settings, words: words::of(language) };
    let words = telling.words;
    let awaited = verdict::awaited(account.catalogue, account.pace, account.history, account.now);
    let Some((all, deadline)) = awaited else { return Vec::new() };
    let until = |id: &str, at: Timestamp| words.tell(id, &[("time", words.moment(at).into())]);
    let at_servers = |id: &str, servers: &[u8]| match servers {
        [] => words.say(&format!("{id}-any")),
        servers => {
            let list: Vec<String> = servers.iter().map(ToString::to_string).collect();
            let blanks = [
                ("count", servers.len().into()),
                ("servers", telling.servers(servers).into()),
                ("list", list.join(", ").into()),
            ];
            words.tell(id, &blanks)
        }
    };
    let one = |awaited: &Awaited| match awaited {
        Awaited::Window(at) if *at == Timestamp::MAX => words.say("awaited-window-again"),
        Awaited::Window(at) => until("awaited-window", *at),
        Awaited::OtherAddress(at) => until("awaited-other-address", *at),
        Awaited::Message => words.say("awaited-message"),
        Awaited::Attempts => words.say("awaited-attempts"),
        Awaited::Proof(servers) => at_servers("awaited-proof", servers),
        Awaited::Retry => words.say("awaited-retry"),
        Awaited::Explanation => words.say("awaited-explanation"),
        Awaited::Servers(servers) => at_servers("awaited-servers", servers),
        Awaited::Cases(cases) => {
            let list: Vec<&str> = cases.iter().map(|case| case.0.as_str()).collect();
            let blanks = [("count", cases.len().into()), ("list", list.join(", ").into())];
            words.tell("awaited-cases", &blanks)
        }
    };
    all.iter().map(one).chain([until("awaited-deadline", deadline)]).collect()
}
