//! What belongs to a trial since it names it by a label.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::sending::history::{Noted, Place, Queried, Strength};
use crate::sending::persona::CaseId;
use crate::sending::trial::{Label, LinkId, Network, Source};
use crate::sending::trials::archive::Claims;
use crate::sending::trials::attribution::Attribution;
use crate::sending::trials::attribution::few::{COUNTED_MAX, Few, LOOKED_AT_MAX, STRANGERS_MAX};
use crate::sending::trials::attribution::tables::{SeenLink, Trial};
use crate::sending::trials::labels::Key;
use crate::sending::trials::ties::{is_loosely_tied, nearest_tie, strongest_tie};
use crate::shared::time::{Timestamp, after, before};

/// The links that name a trial by a label.
#[derive(Debug, Default)]
pub(in crate::sending::trials::attribution) struct NamedLinks {
    /// Without mail, and tied to its sender.
    pub(in crate::sending::trials::attribution) own: BTreeMap<LinkId, Strength>,
    /// Those of others.
    pub(in crate::sending::trials::attribution) strangers: BTreeSet<LinkId>,
    /// How many more there may be.
    pub(in crate::sending::trials::attribution) more: u32,
}

impl Attribution {
    /// By what evidence of a trial is found, and from when on.
    fn keys_of(&self, trial: &Trial) -> Vec<(Key, Timestamp)> {
        let book = self.trials.labels().book();
        trial.ties.roots.into_iter().flat_map(|root| book.keys_of(root)).collect()
    }

    /// The labels of a trial, by case.
    pub(in crate::sending::trials::attribution) fn labels_of(
        &self,
        trial: &Trial,
    ) -> BTreeMap<CaseId, Label> {
        let book = self.trials.labels().book();
        let issued = trial.ties.roots.into_iter().filter_map(|root| book.issued(root)).flatten();
        let issued = issued.map(|(case, label)| (case.clone(), label.clone()));
        let named = trial.ties.labelled.into_iter().map(|(label, case)| (case.clone(), label.clone()));
        issued.chain(named).collect()
    }

    /// The links without mail whose server name carries a label of the trial.
    pub(in crate::sending::trials::attribution) fn named_links(&self, trial: &Trial) -> NamedLinks {
        let (mut named, max) = (NamedLinks::default(), self.share_of(&trial.ties).links_max);
        let until = trial.ties.until().unwrap_or(Timestamp::MAX);
        for (key, from) in self.keys_of(trial) {
            for (n, kept) in self.links.of_key(&key).take(COUNTED_MAX).enumerate() {
                let link = &kept.link;
                let is_others = kept.trials().next().is_some() || link.has_mail();
                if is_others || link.opened < from || link.opened > until {
                    continue;
                }
                if n >= LOOKED_AT_MAX || named.own.len() >= max {
                    named.more += 1;
                } else if let Some(strength) = named_claim(trial, &key, kept) {
                    named.own.insert(link.id, strength);
                } else if named.strangers.len() < STRANGERS_MAX {
                    named.strangers.insert(link.id);
                }
            }
        }
        named
    }

    /// The questions and visits that carry a label of the trial. A free label is known to its sender; those of the pool are
    /// public, and of what names them only what comes from where the sender is known to ask and to visit is the trial's.
    pub(in crate::sending::trials::attribution) fn claim_named(&self, trial: &Trial, claims: &mut Claims) {
        let keys = self.keys_of(trial);
        if keys.is_empty() {
            return;
        }
        let share = self.share_of(&trial.ties);
        let (mut questions, mut fetches) = (Few::new(share.questions_max), Few::new(share.fetches_max));
        let own = self.own_networks(trial, &keys);
        let mut others = Others::default();
        for (key, from) in &keys {
            // When a policy's record was asked for: by the sender, and by anybody else.
            let (mut asked, mut asked_by_others) = (BTreeSet::new(), BTreeSet::new());
            for place in self.cases.named.questions_of(key, *from).take(COUNTED_MAX) {
                let Some(question) = self.cases.named.question(&place) else { continue };
                let is_own = key.1.is_none() || own.contains(&network_of(&question));
                match is_own {
                    true => questions.insert(place),
                    false => others.ask(&question),
                }
                if question.what.is_for_mta_sts() {
                    let times = if is_own { &mut asked } else { &mut asked_by_others };
                    times.insert(question.at);
                }
            }
            for place in self.cases.named.fetches_of(key, *from).take(COUNTED_MAX) {
                match key.1.is_none() || self.is_own_visit(trial, &place, &asked) {
                    true => fetches.insert(place),
                    false if self.follows(place.0, &asked_by_others) => others.visit(place.0),
                    false => {}
                }
            }
        }
        let networks = questions.places.iter().filter_map(|place| self.cases.named.question(place));
        let networks: BTreeSet<Network> = networks.map(|question| network_of(&question)).collect();
        let from = trial.ties.claims_from;
        let known = (!networks.is_empty()).then_some(&networks);
        let since = before(from, self.pace.lookup_lead_s);
        let complete = keys.iter().map(|(key, _)| self.cases.named.is_complete_of(key, since));
        let (has_questions, has_fetches) =
            complete.fold((true, true), |all, one| (all.0 && one.0, all.1 && one.1));
        claims.queries_complete &= questions.beyond == 0
            && has_questions
            && others.asked.is_none_or(|asked| asked < since)
            && self.cases.questions.is_complete_from(from, known);
        claims.fetches_complete &= fetches.beyond == 0
            && has_fetches
            && others.visited.is_none_or(|visited| visited < since)
            && self.cases.fetches.is_complete_from(from, None);
        claims.beyond.questions = claims.beyond.questions.saturating_add(questions.beyond);
        claims.beyond.fetches = claims.beyond.fetches.saturating_add(fetches.beyond);
        if networks.len() == 1 {
            claims.main_resolver = claims.main_resolver.or(networks.first().copied());
        }
        claims.queries.extend(questions.places);
        claims.case_fetches.extend(fetches.places);
    }

    /// From where a trial's sender is known to ask: where its mail came from, the resolvers that led to its links by names
    /// without a label, and those that asked for names with a label that nobody else knows.
    fn own_networks(&self, trial: &Trial, keys: &[(Key, Timestamp)]) -> BTreeSet<Network> {
        let free = keys.iter().filter(|(key, _)| key.1.is_none());
        let asked =
            free.flat_map(|(key, from)| self.cases.named.questions_of(key, *from).take(LOOKED_AT_MAX));
        let asked = asked.filter_map(|place| self.cases.named.question(&place));
        let sources = trial.ties.sources.iter().map(|source| Network::of(source.address));
        let mut own = self.own_resolvers_of(trial);
        own.extend(sources.chain(asked.map(|asked| network_of(&asked))));
        own
    }

    /// Whether a visit to a policy host whose name is public was the sender's: it came from near it, or followed upon one of
    /// its questions for the policy's record, which were `asked` at these times.
    fn is_own_visit(&self, trial: &Trial, place: &Place, asked: &BTreeSet<Timestamp>) -> bool {
        let Some(visit) = self.cases.named.fetched(place) else { return false };
        let visitor = Source::new(visit.what.address(), None);
        nearest_tie(&trial.ties.sources, &visitor).is_some() || self.follows(visit.at, asked)
    }

    /// Whether a visit came in the time in which one follows upon a question.
    fn follows(&self, visited: Timestamp, asked: &BTreeSet<Timestamp>) -> bool {
        let last = asked.range(..=visited).next_back();
        last.is_some_and(|asked| after(*asked, self.pace.lookup_lead_s) >= visited)
    }
}

fn network_of(question: &Noted<Arc<Queried>>) -> Network {
    Network::of(question.what.source.ip())
}

/// What names a label of the pool and may be anybody's. Silence means nothing where the sender may have asked from there, as
/// one whose resolver has many addresses does; whoever reads the names in certificates asks for other records.
#[derive(Debug, Default)]
struct Others {
    /// When the last question came as one who delivers mail asks it.
    asked: Option<Timestamp>,
    /// When the last visit came that followed upon a question for the policy's record.
    visited: Option<Timestamp>,
}

impl Others {
    fn ask(&mut self, question: &Noted<Arc<Queried>>) {
        let of_delivery = matches!(question.what.rtype.as_str(), "MX" | "TLSA");
        if of_delivery || question.what.is_for_mta_sts() {
            self.asked = self.asked.max(Some(question.at));
        }
    }

    fn visit(&mut self, at: Timestamp) {
        self.visited = self.visited.max(Some(at));
    }
}

/// How surely a link without mail that names a trial is its sender's.
fn named_claim(trial: &Trial, key: &Key, kept: &SeenLink) -> Option<Strength> {
    let (sources, source) = (&trial.ties.sources, kept.link.source());
    let is_secret = key.1.is_none();
    let tie = strongest_tie(sources, &source).or_else(|| {
        let loosely = is_secret && is_loosely_tied(sources, &source);
        loosely.then(|| sources.iter().filter_map(|other| other.tie(&source)).max())?
    })?;
    Some(Strength::Weak { tie, shared: false })
}
