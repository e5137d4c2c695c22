//! What belongs to a trial since it names it by a label.

use std::collections::{BTreeMap, BTreeSet};

use crate::sending::history::{Place, Strength};
use crate::sending::persona::CaseId;
use crate::sending::trial::{Label, LinkId, Network, Source};
use crate::sending::trials::archive::Claims;
use crate::sending::trials::attribution::Attribution;
use crate::sending::trials::attribution::few::{COUNTED_MAX, Few, LOOKED_AT_MAX, STRANGERS_MAX};
use crate::sending::trials::attribution::tables::{SeenLink, Trial};
use crate::sending::trials::labels::Key;
use crate::sending::trials::ties::{is_loosely_tied, nearest_tie, strongest_tie};
use crate::shared::time::{Timestamp, after};

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

    /// The questions and visits that carry a label of the trial.
    pub(in crate::sending::trials::attribution) fn claim_named(&self, trial: &Trial, claims: &mut Claims) {
        let keys = self.keys_of(trial);
        if keys.is_empty() {
            return;
        }
        let share = self.share_of(&trial.ties);
        let mut questions = Few::new(share.questions_max);
        let mut fetches = Few::new(share.fetches_max);
        for (key, from) in &keys {
            let asked = self.cases.named.questions_of(key, *from).take(COUNTED_MAX);
            asked.for_each(|place| questions.insert(place));
        }
        let asked = self.asked(&questions.places);
        for (key, from) in &keys {
            let visits = self.cases.named.fetches_of(key, *from).take(COUNTED_MAX);
            let visits = visits.filter(|place| key.1.is_none() || self.is_own_visit(trial, place, &asked));
            visits.for_each(|place| fetches.insert(place));
        }
        let networks: BTreeSet<Network> = asked.iter().map(|(_, network, _)| *network).collect();
        let from = trial.ties.claims_from;
        let known = (!networks.is_empty()).then_some(&networks);
        let (has_questions, has_fetches) = self.cases.named.is_complete_from(from);
        claims.queries_complete &=
            questions.beyond == 0 && has_questions && self.cases.questions.is_complete_from(from, known);
        claims.fetches_complete &=
            fetches.beyond == 0 && has_fetches && self.cases.fetches.is_complete_from(from, None);
        claims.beyond.questions = claims.beyond.questions.saturating_add(questions.beyond);
        claims.beyond.fetches = claims.beyond.fetches.saturating_add(fetches.beyond);
        if networks.len() == 1 {
            claims.main_resolver = claims.main_resolver.or(networks.first().copied());
        }
        claims.queries.extend(questions.places);
        claims.case_fetches.extend(fetches.places);
    }

    /// When questions were asked, from where, and whether for an MTA-STS record.
    fn asked(&self, places: &BTreeSet<Place>) -> Vec<(Timestamp, Network, bool)> {
        let questions = places.iter().filter_map(|place| self.cases.named.question(place));
        let asked = questions
            .map(|asked| (asked.at, Network::of(asked.what.source.ip()), asked.what.is_for_mta_sts()));
        asked.collect()
    }

    /// Whether a visit to a policy host whose name is public was the sender's: it came from near it, or followed upon a
    /// question for the policy's record by a resolver that asked for other names of the trial, too.
    fn is_own_visit(&self, trial: &Trial, place: &Place, asked: &[(Timestamp, Network, bool)]) -> bool {
        let Some(visit) = self.cases.named.fetched(place) else { return false };
        let visitor = Source::new(visit.what.address(), None);
        if nearest_tie(&trial.ties.sources, &visitor).is_some() {
            return true;
        }
        let follows = |(at, _, for_policy): &&(Timestamp, Network, bool)| {
            *for_policy && *at <= visit.at && after(*at, self.pace.lookup_lead_s) >= visit.at
        };
        asked
            .iter()
            .filter(follows)
            .any(|(_, network, _)| asked.iter().any(|(_, other, for_policy)| other == network && !for_policy))
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
