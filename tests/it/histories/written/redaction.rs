//! What is left of a history that may be shown to anybody: it is judged as the whole, and says nothing of people.

use mailassay::program::report::redact::{RedactedHistory, redacted};
use mailassay::sending::history::{Ending, History, Received};
use mailassay::sending::persona::Catalogue;
use mailassay::sending::trial::Pace;
use mailassay::sending::verdict::{Verdict, judge};

/// Redacts `history`, writes and reads it, and judges what comes of it, which must be `found` again.
pub(super) fn changes_nothing(
    catalogue: &Catalogue,
    pace: &Pace,
    history: &History,
    found: &Verdict,
) -> Result<(), String> {
    let redacted = redacted(catalogue, pace, history);
    let written = serde_json::to_string(&redacted).expect("a redacted history is JSON");
    let read: RedactedHistory = serde_json::from_str(&written).map_err(|error| error.to_string())?;
    if read != redacted {
        return Err("the redacted history is not read as it was written".to_owned());
    }
    let shown = read.history();
    let mut again = judge(catalogue, &read.pace, &shown);
    // Sources that are judged apart are named by what stands for them.
    let stand_ins: Vec<_> = history.links.iter().zip(&shown.links).collect();
    for apart in &mut again.apart {
        let of = |(_, stand_in): &&(&_, &mailassay::sending::history::Attributed)| {
            stand_in.link.address() == apart.source
        };
        let (original, _) = stand_ins.iter().find(of).ok_or("a source that has no link")?;
        apart.source = original.link.address();
    }
    if again != *found {
        return Err(format!("redacted, it is judged otherwise:\n{again:#?}"));
    }
    match leaks(history).into_iter().find(|secret| written.contains(secret.as_str())) {
        Some(secret) => Err(format!("redacted, it still says `{secret}`")),
        None => Ok(()),
    }
}

/// What must not be found in a redacted history.
fn leaks(history: &History) -> Vec<String> {
    let mut leaks = vec![history.id.to_string()];
    let sources = history.links.iter().map(|attributed| attributed.link.peer.ip());
    let asked =
        history.queries.iter().chain(&history.earlier_policy_queries).map(|noted| noted.what.source.ip());
    let fetched = history.fetches.iter().map(|noted| noted.what.source.ip());
    leaks.extend(sources.chain(asked).chain(fetched).map(|address| format!("\"{address}\"")));
    for attributed in &history.links {
        let hosts = attributed.link.ehlo.iter().filter(|name| name.matches('.').count() > 1);
        leaks.extend(hosts.map(|name| format!("\"{name}\"")));
        leaks.extend(attributed.link.transactions.iter().flat_map(|(_, received)| of_mail(received)));
    }
    leaks
}

fn of_mail(received: &Received) -> Vec<String> {
    let path = received.reverse_path.iter();
    let mut leaks: Vec<String> = path.flat_map(|path| [path.redacted.clone(), path.id.0.clone()]).collect();
    if let Ending::Complete(message) = &received.ending {
        leaks.extend(message.message_id.clone());
        leaks.extend(message.date.clone());
    }
    leaks
}
