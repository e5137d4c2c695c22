//! Which trial a transaction belongs to, or whether it opens one.

use std::collections::BTreeSet;

use crate::sending::history::{Received, Recipient};
use crate::sending::trial::{Label, LinkId, Source, TrialId};
use crate::sending::trials::source_book::GroupId;
use crate::sending::trials::ties::{Ties, strongest_tie};
use crate::shared::time::after;

use super::cases::{Labelled, Mail};
use super::few::STRANGERS_MAX;
use super::tables::{Counted, Owner};
use super::{Attribution, domain_of};

/// How many sources of a trial are remembered.
const SOURCES_MAX: usize = 64;

impl Attribution {
    /// Finds the trial of a transaction, or opens one.
    pub(super) fn own(&mut self, received: &Received) {
        let mail = Mail::of(received);
        let labelled = self.labelled(&mail);
        let (same_mail, of_strangers) = self.trials_named(&mail, &labelled);
        // What is vouched for is the sender's own, and the trial that it names a forger's: he is told nothing of it.
        let unvouched = mail.message.is_some() && !mail.vouched;
        // What breaks off says less of whose it is, and opens no trial where it names one.
        let breaks_off =
            |id: &TrialId| mail.message.is_none() && labelled.trials.contains(&(id.clone(), true));
        let begins_nothing = labelled.trials.iter().any(|(id, _)| breaks_off(id));
        for id in of_strangers.into_iter().filter(|id| unvouched || breaks_off(id)) {
            let trial = self.trials.get_mut(&id).filter(|trial| trial.strangers.len() < STRANGERS_MAX);
            if let Some(trial) = trial {
                trial.strangers.insert(received.link);
            }
        }
        let names_somebody = mail.message_id().is_some() || received.reverse_path.is_some();
        let begins = !received.recipients.is_empty() && names_somebody && !labelled.over && !begins_nothing;
        let is_opened = same_mail.is_none();
        let owner = match same_mail {
            Some(id) => Some(Owner::Trial(id)),
            None => begins.then(|| self.begin(&mail, labelled.vacant.first())),
        };
        let Some(owner) = owner else { return };
        let Some(kept) = self.links.get_mut(received.link) else { return };
        kept.owners.push((received.number, owner.clone()));
        if let Owner::Trial(id) = owner {
            let is_sure = is_opened || self.is_tied(&id, &mail);
            if is_sure && !self.has_ended(&id) {
                self.bind(&id, &labelled.vacant);
            }
            self.join(&id, &mail, is_sure);
        }
    }

    /// Opens a trial with a transaction, unless there are too many.
    fn begin(&mut self, mail: &Mail<'_>, root: Option<&Label>) -> Owner {
        let received = mail.received;
        let by_mail = TrialId::new(&self.secret, received.link, received.number);
        let Some(kept) = self.links.get(received.link) else { return Owner::Trial(by_mail) };
        let domain = received.reverse_path.as_ref().map(domain_of);
        let counted = Counted::new(&kept.link.source(), domain, mail.vouched);
        if let Some(too_many) = self.trials.too_many(&self.limits, &counted) {
            return Owner::Nobody(too_many);
        }
        // Who knows the label finds the page, be it before the first mail. A label that is used again has had its own.
        let by_label = root.map(|root| TrialId::of_label(&self.secret, root));
        let is_new = |id: &TrialId| self.trials.ties(id).is_none() && !self.trials.is_spent(id);
        let id = by_label.filter(is_new).unwrap_or(by_mail);
        self.trials.open(&id, received.began, (received.link, received.number), counted);
        Owner::Trial(id)
    }

    /// Adds a transaction to its trial. What is not sure to be its sender's is shown, and ties nothing more to it.
    fn join(&mut self, id: &TrialId, mail: &Mail<'_>, is_sure: bool) {
        let received = mail.received;
        if let Some(message_id) = mail.message_id() {
            self.trials.name_message(id, message_id);
        }
        let links_max = self.trials.ties(id).map_or(0, |ties| self.share_of(&ties).links_max);
        let (labelled, cases) = self.named_cases(id, mail);
        let Some(trial) = self.trials.get_mut(id) else { return };
        if trial.ended.is_some() || !is_sure {
            if !trial.links.contains(&received.link) && trial.late.len() < STRANGERS_MAX {
                trial.late.insert(received.link);
            }
            return;
        }
        if trial.links.len() >= links_max && !trial.links.contains(&received.link) {
            trial.beyond.links = trial.beyond.links.saturating_add(1);
            return;
        }
        let is_new = trial.links.insert(received.link);
        trial.ties.domains.extend(received.reverse_path.as_ref().filter(|_| mail.vouched).map(domain_of));
        trial.ties.cases.extend(cases);
        trial.ties.labelled.extend(labelled);
        trial.ties.has_message |= mail.message.is_some();
        if let Some(date) = mail.message.and_then(|message| message.date.as_ref()) {
            self.trials.name_date(id, date);
        }
        if let Some(path) = &received.reverse_path {
            self.trials.name_path(id, &path.id);
        }
        if is_new {
            self.add_link(id, received.link);
        }
        let Some(kept) = self.links.get(received.link) else { return };
        let (source, group) = (kept.link.source(), kept.group);
        let entrance = kept.link.entrance;
        let Some(group) = group else { return };
        self.trials.add_group(id, group);
        match entrance {
            Some(_) => self.claim_entrance(id, mail, group),
            None if self.trials.ask_for_window(id, group) => self.claim_window(id, mail, (group, &source)),
            None => {}
        }
    }

    /// The trial claims what its source did at entrances since mail came from it there.
    fn claim_entrance(&mut self, id: &TrialId, mail: &Mail<'_>, group: GroupId) {
        let (began, within_s) = (mail.received.began, self.pace.case_patience_s);
        let from = self.sources.book().mailed_at_entrance(group, began, within_s);
        if let (Some(from), Some(trial)) = (from, self.trials.get_mut(id)) {
            trial.ties.claims_from = trial.ties.claims_from.min(from);
        }
    }

    /// A link carries mail of a trial: its source and the resolvers that led to it are the trial's.
    fn add_link(&mut self, id: &TrialId, link: LinkId) {
        let Some(kept) = self.links.get(link) else { return };
        let led = self.names_of_link(kept).map(|names| self.led_to(names, kept.link.opened));
        let source = kept.link.source();
        self.trials.add_resolvers(id, led.unwrap_or_default());
        let Some(trial) = self.trials.get(id) else { return };
        if trial.ties.sources.len() < SOURCES_MAX && !trial.ties.sources.contains(&source) {
            let sources = trial.ties.sources.iter().cloned().chain([source]).collect();
            self.trials.set_sources(id, sources);
        }
    }

    /// The trial claims the window of a source on which it began.
    fn claim_window(&mut self, id: &TrialId, mail: &Mail<'_>, (group, source): (GroupId, &Source)) {
        let owner = self.sources.book().owner(group).cloned();
        let owner = owner.and_then(|owner| self.trials.get(&owner));
        let shares = owner.is_some_and(|trial| {
            trial.ended.is_none()
                && trial.ties.has_message
                && self.trials.get(id).is_some_and(|own| own.ties.asks_no_more_than(&trial.ties))
                && trial.ties.sources.contains(source)
        });
        let began = mail.received.began;
        let from = self.sources.book().claim((group, source), (id, began), mail.vouched, shares);
        if let (Some(from), Some(trial)) = (from, self.trials.get_mut(id)) {
            trial.ties.claims_from = trial.ties.claims_from.min(from);
        }
    }

    /// A link named itself once more: the trials whose mail it carries have that name.
    pub(super) fn name_sources_anew(&mut self, link: LinkId) {
        let Some(kept) = self.links.get(link).filter(|kept| !kept.owners.is_empty()) else { return };
        let owners: BTreeSet<TrialId> = kept.trials().cloned().collect();
        for id in owners {
            // A long one has the name that it was greeted by first.
            let Some(trial) = self.trials.get(&id).filter(|trial| trial.links.len() <= SOURCES_MAX) else {
                continue;
            };
            let mut sources: Vec<Source> = Vec::new();
            for kept in trial.links.iter().filter_map(|link| self.links.get(*link)) {
                let source = kept.link.source();
                if !sources.contains(&source) {
                    sources.push(source);
                }
            }
            self.trials.set_sources(&id, sources);
        }
    }

    /// The trial that a transaction belongs to, and the trials that it only names. Reverse-path, Message-ID and the
    /// name in EHLO are known to others: a transaction joins a trial by them only from a source that is tied to it by
    /// address or network, or where SPF or DKIM vouches for it.
    ///
    /// A label decides before both, and who has a trial's Message-ID and no tie to a label's trial is in the former.
    fn trials_named(&self, mail: &Mail<'_>, labelled: &Labelled) -> (Option<TrialId>, Vec<TrialId>) {
        let message_id = mail.message_id();
        let path = mail.received.reverse_path.as_ref().map(|path| &path.id);
        let by_message = message_id.map(|id| self.trials.by_message_id(id)).unwrap_or_default();
        let by_message = by_message.iter().filter(|id| self.is_same_mail(id, mail));
        let path = path.filter(|_| !labelled.any);
        let by_path = path.map(|path| self.trials.open_by_path(path)).unwrap_or_default();
        let by_path = by_path.iter().filter(|id| self.takes_by_path(id, mail));
        // What shows no Message-ID cannot be a new mail for sure: a retry that was broken off, or of a mail that
        // has none. It starts nothing.
        let retried = path.filter(|_| message_id.is_none());
        let retried = retried.map(|path| self.trials.ended_by_path(path)).unwrap_or_default();
        let retried = retried.iter().rev().filter(|id| {
            let ended = self.trials.ties(id).and_then(|ties| ties.ended);
            ended.is_some_and(|ended| mail.received.began < after(ended, self.pace.patience_s))
        });
        let mut of_strangers = Vec::new();
        for (id, by_envelope) in &labelled.trials {
            if self.is_of_label(id, mail) {
                return (Some(id.clone()), Vec::new());
            }
            of_strangers.extend(by_envelope.then(|| id.clone()));
        }
        for id in by_message.chain(by_path).chain(retried) {
            if self.is_tied(id, mail) {
                return (Some(id.clone()), Vec::new());
            }
            of_strangers.push(id.clone());
        }
        of_strangers.sort();
        of_strangers.dedup();
        (None, of_strangers)
    }

    /// Whether mail that names a trial by its reverse-path alone may be the trial's: one that is known by a label takes none for
    /// other cases.
    fn takes_by_path(&self, id: &TrialId, mail: &Mail<'_>) -> bool {
        self.trials.ties(id).is_some_and(|ties| {
            let known = |to: &Recipient| ties.cases.contains(&to.case);
            ties.roots.is_empty() || mail.received.recipients.iter().all(known)
        })
    }

    /// Whether a message with a trial's Message-ID is the trial's: some programs use one for all mails, and then Date
    /// tells a new one.
    fn is_same_mail(&self, id: &TrialId, mail: &Mail<'_>) -> bool {
        let (Some(ties), Some(message)) = (self.trials.ties(id), mail.message) else { return false };
        message.date.as_ref().is_none_or(|date| ties.dates.is_empty() || ties.dates.contains(date))
    }

    /// Whether a transaction is surely from a trial's sender.
    pub(super) fn is_tied(&self, id: &TrialId, mail: &Mail<'_>) -> bool {
        let Some(ties) = self.trials.ties(id) else { return false };
        let source = self.links.get(mail.received.link).map(|kept| kept.link.source());
        self.is_vouched_for(&ties, mail)
            || source.is_some_and(|source| strongest_tie(&ties.sources, &source).is_some())
    }

    /// Whether SPF or DKIM vouches for a domain that they vouched for in a trial.
    pub(super) fn is_vouched_for(&self, ties: &Ties, mail: &Mail<'_>) -> bool {
        let path = mail.received.reverse_path.as_ref();
        mail.vouched && path.is_some_and(|path| ties.domains.contains(&domain_of(path)))
    }
}
