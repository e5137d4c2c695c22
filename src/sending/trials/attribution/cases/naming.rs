//! Whose mail is that names ruled cases, and which cases a link may be of.

use std::collections::BTreeSet;

use crate::sending::history::{Link, Recipient};
use crate::sending::persona::{CaseId, Entrance};
use crate::sending::trial::{Label, LinkId, TrialId};
use crate::sending::trials::attribution::Attribution;
use crate::sending::trials::attribution::tables::SeenLink;
use crate::sending::trials::labels::LabelBook;
use crate::sending::trials::ties::{Ties, is_loosely_tied, strongest_tie};

use super::Names;
use super::mail::Mail;

/// How many labels of one mail are looked at.
const LABELS_MAX: usize = 100;

/// What the labels of a mail lead to.
#[derive(Debug, Default)]
pub(in crate::sending::trials::attribution) struct Labelled {
    /// Whether there is any.
    pub(in crate::sending::trials::attribution) any: bool,
    /// Whether the trial that one of the envelope leads to is over: its names test nothing any more.
    pub(in crate::sending::trials::attribution) over: bool,
    /// The trials that have them, by their order, and whether an envelope says so.
    pub(in crate::sending::trials::attribution) trials: Vec<(TrialId, bool)>,
    /// The free labels that lead nowhere yet, and that the mail's sender may have.
    pub(in crate::sending::trials::attribution) vacant: Vec<Label>,
}

/// Where a link was made to, as far as it tells.
#[derive(Debug)]
pub(in crate::sending::trials::attribution) struct Met {
    /// The case, and the label of a trial, that its server name tells.
    named: Option<(CaseId, Option<Label>)>,
    entrance: Option<Entrance>,
}

impl Met {
    /// Whether it is known of which case it is.
    pub(in crate::sending::trials::attribution) fn is_named(&self) -> bool {
        self.named.is_some()
    }
}

impl Attribution {
    /// What the labels of a mail lead to: those of its envelope and of its header section, and where it came to no recipient
    /// that of the link's server name.
    pub(in crate::sending::trials::attribution) fn labelled(&self, mail: &Mail<'_>) -> Labelled {
        let named_by_link = self.links.get(mail.received.link).and_then(|kept| self.met(&kept.link).named);
        let by_link = mail.received.recipients.is_empty().then_some(named_by_link).flatten();
        let by_link = by_link.and_then(|(case, label)| Some((case, label?, true)));
        let names = |recipients: &[Recipient], by_envelope: bool| -> Vec<_> {
            let labelled = recipients.iter().filter_map(|to| Some((to.case.clone(), to.label.clone()?)));
            labelled.map(|(case, label)| (case, label, by_envelope)).collect()
        };
        let envelope = names(&mail.received.recipients, true);
        let header = mail.message.map(|message| names(&message.addressed, false)).unwrap_or_default();
        let mut labelled = Labelled::default();
        for (case, label, by_envelope) in envelope.into_iter().chain(by_link).chain(header).take(LABELS_MAX) {
            labelled.any |= by_envelope;
            let (root, trial, begins) = {
                let book = self.trials.labels().book();
                let Some(root) = book.root_of(&case, &label) else { continue };
                let trial = book.trial_of(&root).cloned();
                let begins =
                    !label.is_of_pool() || trial.is_none() && self.begins_by_pool(&book, &root, mail);
                (root, trial, begins)
            };
            labelled.over |= by_envelope && trial.as_ref().is_some_and(|trial| self.has_ended(trial));
            match trial {
                Some(trial) if !labelled.trials.iter().any(|(known, _)| *known == trial) => {
                    labelled.trials.push((trial, by_envelope));
                }
                Some(_) => {}
                None if !begins || labelled.vacant.contains(&root) => {}
                None => labelled.vacant.push(root),
            }
        }
        labelled
    }

    /// Whether a mail that names a label of the pool may begin the trial of its root. Who knows such a label may be anybody: the
    /// second part of a test is begun by whoever sent the first, as far as that is still known, and a trial with a free
    /// label, too, by whoever has that.
    fn begins_by_pool(&self, book: &LabelBook, root: &Label, mail: &Mail<'_>) -> bool {
        match book.first_part(root) {
            Some(first) => self.trials.ties(first).is_none_or(|ties| self.is_surely_of(&ties, mail)),
            None => book.issued(root).is_none_or(|labels| labels.values().all(Label::is_of_pool)),
        }
    }

    /// Whether a mail that names a trial by a label is from its sender. Who knows a free label has it from the trial: where he
    /// sends a message of it, the name in EHLO is enough.
    pub(in crate::sending::trials::attribution) fn is_of_label(&self, id: &TrialId, mail: &Mail<'_>) -> bool {
        let mut labels = mail.recipients().filter_map(|to| to.label.as_ref());
        let is_secret = labels
            .any(|label| !label.is_of_pool() && self.trials.labels().book().trial_of(label) == Some(id));
        let Some(ties) = self.trials.ties(id) else { return false };
        if !is_secret {
            return self.is_surely_of(&ties, mail);
        }
        let is_same = mail.message_id().is_some_and(|id| ties.message_ids.contains(id));
        let source = self.links.get(mail.received.link).map(|kept| kept.link.source());
        self.is_tied(id, mail)
            || is_same && source.is_some_and(|source| is_loosely_tied(&ties.sources, &source))
    }

    /// Whether a mail that names nothing secret is from the sender of a trial: from the same source, or vouched for and with
    /// the same reverse-path. That its domain is the same makes it anybody's at a mailbox provider.
    fn is_surely_of(&self, ties: &Ties, mail: &Mail<'_>) -> bool {
        let path = mail.received.reverse_path.as_ref();
        let source = self.links.get(mail.received.link).map(|kept| kept.link.source());
        self.is_vouched_for(ties, mail) && path.is_some_and(|path| ties.paths.contains(&path.id))
            || source.is_some_and(|source| strongest_tie(&ties.sources, &source).is_some())
    }

    /// Whether a transaction of a trial is surely of its sender: nobody else is told where its page is.
    pub fn is_of_its_sender(&self, id: &TrialId, link: LinkId, number: u16) -> bool {
        let received = self.links.get(link).and_then(|kept| {
            let mut transactions = kept.link.transactions.iter().map(|(_, received)| received);
            transactions.rfind(|received| received.number == number)
        });
        received.is_some_and(|received| self.is_tied(id, &Mail::of(received)))
    }

    /// The cases that a mail of a trial was for: those that labels of the trial name, and the others.
    pub(in crate::sending::trials::attribution) fn named_cases(
        &self,
        id: &TrialId,
        mail: &Mail<'_>,
    ) -> (BTreeSet<(Label, CaseId)>, BTreeSet<CaseId>) {
        let (mut labelled, mut others) = (BTreeSet::new(), BTreeSet::new());
        for recipient in mail.recipients() {
            let case = recipient.case.clone();
            let own = recipient
                .label
                .as_ref()
                .filter(|label| self.trial_of_label(&case, label).as_ref() == Some(id));
            match own {
                Some(label) => drop(labelled.insert((label.clone(), case))),
                None => drop(others.insert(case)),
            }
        }
        (labelled, others)
    }

    /// Where a link was made to.
    pub(in crate::sending::trials::attribution) fn met(&self, link: &Link) -> Met {
        let tls = link.tls.as_ref();
        let by_name = link.ruled_name(&self.catalogue).map(|(case, name)| (case.id.clone(), name.label));
        let named = by_name.or_else(|| {
            let persona = tls?.persona.as_ref()?;
            let ruled = self.catalogue.ruled_host(persona).map(|(case, _)| case.id.clone());
            Some((ruled.or_else(|| self.catalogue.persona(persona)?.case.clone())?, None))
        });
        Met { named, entrance: link.entrance }
    }

    /// Which look-ups led to a link; none where it is known by a label whose it is.
    pub(in crate::sending::trials::attribution) fn names_of_link(&self, kept: &SeenLink) -> Option<Names> {
        let link = &kept.link;
        let recipients = || link.transactions.iter().flat_map(|(_, received)| &received.recipients);
        match link.entrance {
            None => Some(Names::Fixed),
            Some(_) => {
                let labelled = kept.key.is_some() || recipients().any(|to| to.label.is_some());
                (!labelled).then_some(Names::Ruled)
            }
        }
    }

    /// Whether a link may be of a mail of these ties, by where it was made to.
    pub(in crate::sending::trials::attribution) fn may_be_of(&self, ties: &Ties, met: &Met) -> bool {
        match (&met.named, met.entrance) {
            (Some((case, Some(label))), _) => ties.labelled.contains(&(label.clone(), case.clone())),
            (Some((case, None)), _) => ties.cases.contains(case),
            (None, Some(entrance)) => {
                let cases = ties.cases.into_iter().chain(ties.labelled.into_iter().map(|(_, case)| case));
                cases
                    .filter_map(|case| self.catalogue.ruled_case(case))
                    .any(|case| case.roles_at(entrance).next().is_some())
            }
            (None, None) => self.names_of(ties).any(|names| names == Names::Fixed),
        }
    }

    /// Whether a link was made to where a trial's mail for fixed cases, or for ruled ones, goes.
    pub(in crate::sending::trials::attribution) fn is_met_by(&self, ties: &Ties, link: &Link) -> bool {
        match link.entrance {
            None => self.names_of(ties).any(|names| names == Names::Fixed),
            Some(_) => self.may_be_of(ties, &Met { named: None, entrance: link.entrance }),
        }
    }
}
