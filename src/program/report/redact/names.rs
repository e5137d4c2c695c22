//! Names as a redacted history has them: whose they are, and no more.

use std::collections::{BTreeMap, BTreeSet};

use crate::sending::history::{Ending, History, Received, Recipient};
use crate::sending::persona::Catalogue;
use crate::sending::trial::Label;
use crate::shared::domain_name::{a_labels, registrable_domain};

/// Stands for a name that is withheld and has no domain; no name is written so (RFC 5321 §4.1.3).
pub(super) const WITHHELD: &str = "[withheld]";

/// What of a history's names may be shown, and how equal ones are told from different ones.
pub(super) struct Names<'a> {
    catalogue: &'a Catalogue,
    /// The domains of From: whose sending the trial is about.
    senders: BTreeSet<String>,
    mailboxes: BTreeMap<&'a str, u32>,
    message_ids: BTreeMap<&'a str, u32>,
    /// What stands for the labels of the trial's names: they lead to its sender.
    labels: BTreeMap<Label, Label>,
}

impl<'a> Names<'a> {
    /// Those of `history`.
    pub(super) fn of(catalogue: &'a Catalogue, history: &'a History) -> Self {
        let mut names = Self {
            catalogue,
            senders: BTreeSet::new(),
            mailboxes: BTreeMap::new(),
            message_ids: BTreeMap::new(),
            labels: labels(catalogue, history),
        };
        let from = history.transactions().filter_map(|(_, _, received)| match &received.ending {
            Ending::Complete(message) => message.from_domain.as_deref().and_then(a_labels),
            _ => None,
        });
        names.senders.extend(from);
        for (_, received) in history.links.iter().flat_map(|attributed| &attributed.link.transactions) {
            if let Some(path) = &received.reverse_path {
                number(&mut names.mailboxes, &path.id.0);
            }
            if let Ending::Complete(message) = &received.ending
                && let Some(id) = &message.message_id
            {
                number(&mut names.message_ids, id);
            }
        }
        names
    }

    /// A host or domain of a stranger's: a domain of From is whom the trial is about, of others the registrable
    /// domain is left. Nothing is left of what has none, such as an address.
    pub(super) fn domain(&self, name: &str) -> Option<String> {
        match a_labels(name) {
            Some(name) if self.senders.contains(&name) => Some(name),
            _ => host(name),
        }
    }

    /// What stands for a label.
    pub(super) fn label(&self, label: &Label) -> Label {
        self.labels.get(label).cloned().unwrap_or_else(|| stand_in(0))
    }

    /// A recipient, without the label of the trial.
    pub(super) fn recipient(&self, recipient: &Recipient) -> Recipient {
        let Recipient { case, language, label } = recipient;
        let label = label.as_ref().map(|label| self.label(label));
        Recipient { case: case.clone(), language: *language, label }
    }

    /// A name in a question or in SNI: those of the suite are ours. What stands below a ruled case is left only where it
    /// is read, without the label of the trial.
    pub(super) fn ours(&self, name: &str) -> Option<String> {
        let name = name.trim_end_matches('.').to_ascii_lowercase();
        if let Some((case, read)) = self.catalogue.read_name(&name) {
            let label = read.label.as_ref().map(|label| self.label(label));
            return Some(self.catalogue.ruled_name(case, label.as_ref(), read.part));
        }
        let is_below = |domain: &str| name.strip_suffix(domain).is_some_and(|left| left.ends_with('.'));
        let mut ruled = self.catalogue.ruled_cases();
        if ruled.any(|case| is_below(&format!("{}.{}", case.id, self.catalogue.origin()))) {
            return None;
        }
        let origin = self.catalogue.origin();
        let is_below = name.strip_suffix(origin).is_some_and(|left| left.is_empty() || left.ends_with('.'));
        is_below.then_some(name)
    }

    /// The number of a reverse-path.
    pub(super) fn mailbox(&self, id: &str) -> u32 {
        self.mailboxes.get(id).copied().unwrap_or_default()
    }

    /// The number of a Message-ID.
    pub(super) fn message_id(&self, id: &str) -> u32 {
        self.message_ids.get(id).copied().unwrap_or_default()
    }
}

/// What stands for each label of a trial: a word with a number, in the order in which they are met.
fn labels(catalogue: &Catalogue, history: &History) -> BTreeMap<Label, Label> {
    fn of_mail(received: &Received) -> impl Iterator<Item = &Label> {
        received.named().filter_map(|recipient| recipient.label.as_ref())
    }
    let links = || history.links.iter().map(|attributed| &attributed.link);
    let mails = links().flat_map(|link| &link.transactions).flat_map(|(_, received)| of_mail(received));
    let asked = history.queries.iter().chain(&history.earlier_policy_queries);
    let names = links()
        .filter_map(|link| link.tls.as_ref()?.hello.sni.as_deref())
        .chain(asked.map(|noted| noted.what.name.as_str()))
        .chain(history.fetches.iter().filter_map(|noted| noted.what.sni.as_deref()));
    let named = names.filter_map(|name| catalogue.read_name(name)?.1.label);
    let all = history.labels.values().chain(mails).cloned().chain(named);
    let mut labels = BTreeMap::new();
    for label in all {
        let number = labels.len() + 1;
        labels.entry(label).or_insert_with(|| stand_in(number));
    }
    labels
}

/// The label with a number that stands for one of a trial.
fn stand_in(number: usize) -> Label {
    format!("trial{number}").parse().unwrap_or_else(|_| unreachable!("letters and digits"))
}

/// What is left of the name of a host: its registrable domain.
pub(super) fn host(name: &str) -> Option<String> {
    registrable_domain(name).filter(|domain| a_labels(domain).as_ref() == Some(domain))
}

/// Numbers from 1, in the order in which they are met.
fn number<'a>(numbers: &mut BTreeMap<&'a str, u32>, name: &'a str) {
    let next = u32::try_from(numbers.len()).unwrap_or(u32::MAX).saturating_add(1);
    numbers.entry(name).or_insert(next);
}

/// The product of a `User-Agent`, such as `postfix-mta-sts-resolver/1.4`: what follows may name people.
pub(super) fn product(user_agent: &str) -> Option<String> {
    const CHARS_MAX: usize = 48;
    let product = user_agent.split([' ', '(', ';', ',']).next()?;
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./".contains(c);
    (!product.is_empty() && product.len() <= CHARS_MAX && product.chars().all(plain))
        .then(|| product.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_hosts_the_registrable_domain_is_left() {
        assert_eq!(host("Janes-Laptop.lan.Example.net").as_deref(), Some("example.net"));
        for none in ["janes-laptop", "[192.0.2.1]", "192.0.2.1", "", "a b.example.net evil", "com"] {
            assert_eq!(host(none), None, "{none}");
        }
    }

    #[test]
    fn of_programs_the_product_is_left() {
        assert_eq!(product("mox/1.2 (+mailto:jane@example.net)").as_deref(), Some("mox/1.2"));
        for none in ["", "jane@example.net", "(jane)", &"a".repeat(60)] {
            assert_eq!(product(none), None, "{none}");
        }
    }
}
