//! Ruled cases: whose questions, visits, links and mail are that name them, by a label or without.

mod evidence;
mod mail;
mod naming;

use ipnet::IpNet;

use crate::sending::history::{Fact, LabelsIssued, Noted, Observation, PolicyFetched, Queried, Seq};
use crate::sending::persona::{CaseId, Layout, RuledCase};
use crate::sending::trial::{Label, LinkId, Part, TrialId};
use crate::sending::trials::labels::{Key, Labels, key_of};
use crate::sending::trials::ties::Ties;
use crate::shared::policy::POLICY_PATH;
use crate::shared::time::Timestamp;

use super::Attribution;
use super::tables::{FetchTable, NamedTable, QuestionTable};

pub(super) use evidence::NamedLinks;
pub(super) use mail::Mail;
pub(super) use naming::Labelled;

/// How many links, questions and visits each ruled case of a trial may have beside those that any trial may have; a whole
/// suite of them is one trial, and has several links a case.
const LINKS_OF_CASE_MAX: usize = 20;
const QUESTIONS_OF_CASE_MAX: usize = 100;
const FETCHES_OF_CASE_MAX: usize = 10;
/// How many cases of one trial have such a share.
const CASES_MAX: usize = 200;

/// How much is judged with a trial.
#[derive(Clone, Copy, Debug)]
pub(super) struct Share {
    pub(super) links_max: usize,
    pub(super) questions_max: usize,
    pub(super) fetches_max: usize,
}

/// What is remembered of look-ups for ruled cases.
#[derive(Debug, Default)]
pub(super) struct CaseTables {
    /// For permanent names.
    pub(super) questions: QuestionTable,
    /// Of permanent policy hosts.
    pub(super) fetches: FetchTable,
    /// For names with a label.
    pub(super) named: NamedTable,
}

/// Kinds of names, whose look-ups have nothing to do with each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Names {
    /// Of fixed cases.
    Fixed,
    /// Permanent ones of ruled cases.
    Ruled,
}

impl CaseTables {
    /// Some questions up to a time are missing, of one site or of anybody; with `deleted`, none of that time is kept.
    pub(super) fn lost_questions(&mut self, network: Option<IpNet>, until: Timestamp, deleted: bool) {
        self.questions.lost(network, until, deleted);
        if deleted {
            self.named.forget_questions(until);
        }
    }

    /// The same of visits.
    pub(super) fn lost_fetches(&mut self, network: Option<IpNet>, until: Timestamp, deleted: bool) {
        self.fetches.lost(network, until, deleted);
        if deleted {
            self.named.forget_fetches(until);
        }
    }
}

impl Attribution {
    /// The questions for names of a kind.
    pub(super) fn questions_for(&self, names: Names) -> &QuestionTable {
        match names {
            Names::Fixed => &self.questions,
            Names::Ruled => &self.cases.questions,
        }
    }

    /// The visits to policy hosts of a kind.
    pub(super) fn fetches_of(&self, names: Names) -> &FetchTable {
        match names {
            Names::Fixed => &self.fetches,
            Names::Ruled => &self.cases.fetches,
        }
    }

    /// How long a sender may keep a policy of a kind, in seconds.
    pub(super) fn policy_kept_s(&self, names: Names) -> u32 {
        match names {
            Names::Fixed => self.max_age_s,
            Names::Ruled => self.ruled_max_age_s,
        }
    }

    /// The kinds of names that a trial's mail was for.
    pub(super) fn names_of(&self, ties: &Ties) -> impl Iterator<Item = Names> + use<> {
        let is_ruled = |case: &CaseId| self.catalogue.ruled_case(case).is_some();
        let fixed = ties.cases.into_iter().any(|case| !is_ruled(case));
        let ruled = ties.cases.into_iter().any(is_ruled);
        let nothing = ties.cases.is_empty() && ties.labelled.is_empty();
        [(fixed || nothing, Names::Fixed), (ruled, Names::Ruled)]
            .into_iter()
            .filter_map(|(is, names)| is.then_some(names))
    }

    /// Whether mail of a trial was for ruled cases.
    pub fn is_of_cases(&self, id: &TrialId) -> bool {
        self.trials.ties(id).is_some_and(|ties| self.ruled_count(&ties) > 0)
    }

    /// How many ruled cases a trial's mail was for.
    fn ruled_count(&self, ties: &Ties) -> usize {
        let permanent = ties.cases.into_iter().filter(|case| self.catalogue.ruled_case(case).is_some());
        permanent.count() + ties.labelled.len()
    }

    /// How much is judged with a trial: of ruled cases each has its own share.
    pub(super) fn share_of(&self, ties: &Ties) -> Share {
        let (limits, cases) = (&self.limits, self.ruled_count(ties).min(CASES_MAX));
        Share {
            links_max: limits.trial_links_max.saturating_add(cases * LINKS_OF_CASE_MAX),
            questions_max: limits.trial_questions_max.saturating_add(cases * QUESTIONS_OF_CASE_MAX),
            fetches_max: limits.trial_fetches_max.saturating_add(cases * FETCHES_OF_CASE_MAX),
        }
    }

    /// What a name of a ruled case is found by, if it carries the label of a trial.
    fn key_in(&self, name: &str) -> Option<Key> {
        let (case, name) = self.catalogue.read_name(name)?;
        name.label.map(|label| key_of(&case.id, &label))
    }

    /// Keeps a question for a name of a ruled case. `own`: a self-check may have asked.
    pub(super) fn note_case_query(&mut self, query: &Noted<Queried>, own: bool) {
        let Some((case, name)) = self.catalogue.read_name(&query.what.name) else { return };
        if let Some(label) = &name.label {
            let key = key_of(&case.id, label);
            let is_somebodys = self.trials.labels().book().is_somebodys(&key);
            self.cases.named.ask(key, is_somebodys, query);
            return;
        }
        let leads = match (query.what.rtype.as_str(), name.part) {
            ("MX", Part::Domain) | ("A" | "AAAA", Part::Host(_)) => true,
            ("A" | "AAAA", Part::Domain) => is_its_own_host(case),
            _ => false,
        };
        self.cases.questions.insert(query, leads, own);
    }

    /// Keeps a visit to the policy host of a ruled case.
    pub(super) fn note_case_fetch(&mut self, (seq, at): (Seq, Timestamp), fetched: &PolicyFetched) {
        let sni = fetched.sni.as_deref().unwrap_or_default();
        let Some((case, name)) = self.catalogue.read_name(sni) else { return };
        let for_policy = fetched.path.as_deref().is_none_or(|path| path == POLICY_PATH);
        if name.part != Part::PolicyHost || !case.has_policy() || !for_policy {
            return;
        }
        match &name.label {
            Some(label) => {
                let key = key_of(&case.id, label);
                let is_somebodys = {
                    let mut book = self.trials.labels().book();
                    book.visit(&key, at);
                    book.is_somebodys(&key)
                };
                self.cases.named.fetch(key, is_somebodys, (at, seq), fetched);
            }
            None => self.cases.fetches.insert(seq, at, fetched),
        }
    }

    /// A link gave a server name in TLS.
    pub(super) fn note_server_name(&mut self, link: LinkId, sni: Option<&str>) {
        if let Some(key) = sni.and_then(|sni| self.key_in(sni)) {
            self.links.name(link, key);
        }
    }

    /// Labels were given out.
    pub(super) fn note_labels(&mut self, at: Timestamp, issued: &LabelsIssued) {
        self.take_over(&issued.label);
        let catalogue = &self.catalogue;
        let rest_s = |case: &CaseId| {
            let policy = catalogue.ruled_case(case).and_then(|case| case.mta_sts.as_ref());
            policy.map_or(0, |policy| policy.max_age_s)
        };
        let domain = issued.first.as_ref().and_then(|first| self.sender_domain(first));
        self.trials.labels().book().issue(at, issued, domain.as_deref(), rest_s);
    }

    /// The registrable domain of a trial's sender, if SPF or DKIM vouched for one.
    pub fn sender_domain(&self, id: &TrialId) -> Option<String> {
        self.trials.ties(id)?.domains.into_iter().next().cloned()
    }

    /// Free labels lead to a trial from now on.
    pub(super) fn bind(&mut self, id: &TrialId, roots: &[Label]) {
        for root in roots {
            self.take_over(root);
            self.trials.bind(id, root);
        }
    }

    /// A free label becomes somebody's, with what was asked and visited before.
    fn take_over(&mut self, root: &Label) {
        let key: Key = (root.clone(), None);
        let is_somebodys = self.trials.labels().book().is_somebodys(&key);
        if !is_somebodys {
            self.cases.named.take_over(&key);
        }
    }

    /// A mail was acknowledged: cases with two mails go on to what is said of the second.
    pub(super) fn note_acknowledged(&mut self, link: LinkId, number: u16) {
        let Some(kept) = self.links.get(link) else { return };
        let received = kept.link.transactions.iter().map(|(_, received)| received);
        let recipients = received.filter(|received| received.number == number).flat_map(|tx| &tx.recipients);
        let mut book = self.trials.labels().book();
        for recipient in recipients {
            let wants_two =
                self.catalogue.ruled_case(&recipient.case).is_some_and(|case| case.then.is_some());
            if let Some(label) = recipient.label.as_ref().filter(|_| wants_two)
                && let Some(root) = book.root_of(&recipient.case, label)
                && book.trial_of(&root).is_some_and(|trial| kept.is_of(number, trial))
            {
                book.begin_second(&root, &recipient.case);
            }
        }
    }

    /// The open trial that a question or a visit names by a label.
    pub(super) fn touched_by_name(&self, fact: &Fact) -> Option<TrialId> {
        let name = match fact {
            Fact::Queried(queried) => queried.name.as_str(),
            Fact::PolicyFetched(fetched) => fetched.sni.as_deref()?,
            _ => return None,
        };
        let (case, name) = self.catalogue.read_name(name)?;
        let trial = self.trial_of_label(&case.id, name.label.as_ref()?)?;
        (!self.has_ended(&trial)).then_some(trial)
    }

    /// The trial that a label leads to at a case.
    pub fn trial_of_label(&self, case: &CaseId, label: &Label) -> Option<TrialId> {
        let book = self.trials.labels().book();
        let root = book.root_of(case, label)?;
        book.trial_of(&root).cloned()
    }

    /// The labels, for whoever answers for the names of cases.
    pub fn labels(&self) -> Labels {
        self.trials.labels().clone()
    }

    /// Whether a transaction opened its trial.
    pub fn has_opened(&self, observation: &Observation) -> bool {
        let Fact::Received(received) = &observation.fact else { return false };
        let trial = self.trial_of(received.link, received.number);
        trial
            .and_then(|id| self.trials.get(&id))
            .is_some_and(|trial| trial.opened_by == (received.link, received.number))
    }
}

/// Whether a case's domain is its host.
fn is_its_own_host(case: &RuledCase) -> bool {
    case.layout == Layout::Implicit
}
