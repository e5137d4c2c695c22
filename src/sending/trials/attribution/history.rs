//! A trial's history, as far as it is in memory.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::sending::history::{
    Attributed, Beyond, History, Noted, Place, PolicyFetched, Queried, SelfChecked, Strength,
};
use crate::sending::trial::{LinkId, TrialId};
use crate::sending::trials::archive::Claims;
use crate::shared::time::Timestamp;

use super::Attribution;
use super::cases::CaseTables;
use super::tables::Trial;

impl Attribution {
    /// A trial's history; none of those whose pages are read from the journal.
    pub fn history(&self, id: &TrialId) -> Option<History> {
        let trial = self.trials.get(id)?;
        let claims = match &trial.told {
            Some(told) => Arc::clone(told),
            None => Arc::new(self.claims(id, trial)),
        };
        let links = self.attributed_links(id, trial, &claims.weak);
        let until = trial.ties.until().unwrap_or(Timestamp::MAX);
        let questions = |seqs: &BTreeSet<Place>| -> Vec<_> {
            seqs.iter().filter_map(|place| self.question(place)).collect()
        };
        let fetches: Vec<_> = claims.all_fetches().filter_map(|place| self.fetched(place)).collect();
        // The claims of a told trial stay as they were; what of its time went since, to make room, is no silence. What came
        // long before it may have left memory alone.
        let is_own = |place: &&Place| place.0 >= trial.ties.claims_from;
        let has_all_queries =
            claims.queries.iter().filter(is_own).all(|place| self.question(place).is_some());
        let has_all_fetches = claims.all_fetches().filter(is_own).all(|place| self.fetched(place).is_some());
        let strangers = trial.strangers.union(&claims.strangers).filter_map(|link| self.links.get(*link));
        Some(History {
            id: id.clone(),
            labels: self.labels_of(trial),
            opened: trial.ties.opened,
            ended: trial.ended.clone(),
            judged_to: trial.judged_to,
            last: self.last.0,
            window_until: self.window_until(trial),
            queries: questions(&claims.queries),
            queries_complete: claims.queries_complete && has_all_queries,
            main_resolver: claims.main_resolver,
            disputed_queries: claims.disputed_queries.clone(),
            earlier_policy_queries: questions(&claims.earlier_policy_queries),
            policy_known_from: claims.policy_known_from(&fetches),
            fetches,
            fetches_complete: claims.fetches_complete && has_all_fetches,
            beyond: beyond(trial, &claims, &links),
            strangers: strangers.map(|kept| Arc::clone(&kept.link)).collect(),
            self_checks: self.self_checks_in_force(&links, until),
            links,
            scan: trial.scan.clone(),
            delivery: trial.delivery.clone(),
        })
    }

    /// A question for a name of the suite.
    fn question(&self, place: &Place) -> Option<Noted<Arc<Queried>>> {
        let CaseTables { questions, named, .. } = &self.cases;
        self.questions.get(place).or_else(|| questions.get(place)).or_else(|| named.question(place))
    }

    /// A visit to a policy host.
    fn fetched(&self, place: &Place) -> Option<Noted<Arc<PolicyFetched>>> {
        let CaseTables { fetches, named, .. } = &self.cases;
        self.fetches.get(place).or_else(|| fetches.get(place)).or_else(|| named.fetched(place))
    }

    /// Until when STARTTLS is withheld from a trial's sources.
    pub(super) fn window_until(&self, trial: &Trial) -> Option<Timestamp> {
        let book = self.sources.book();
        trial.groups.iter().map(|group| book.window_until(*group)).max()
    }

    /// The links with a transaction of the trial, and the others that it has a claim to.
    fn attributed_links(
        &self,
        id: &TrialId,
        trial: &Trial,
        weak: &BTreeMap<LinkId, Strength>,
    ) -> Vec<Attributed> {
        let exact = trial.links.iter().chain(&trial.late).collect::<BTreeSet<_>>();
        let exact = exact.into_iter().filter_map(|link| {
            let kept = self.links.get(*link)?;
            let link = kept.link.only(|number| kept.is_of(number, id));
            Some(Attributed { link, strength: Strength::Exact })
        });
        let others = weak.iter().filter_map(|(link, strength)| {
            let link = Arc::clone(&self.links.get(*link)?.link);
            Some(Attributed { link, strength: *strength })
        });
        let mut links: Vec<_> = exact.chain(others).collect();
        links.sort_by_key(|attributed| (attributed.link.opened, attributed.link.first));
        links
    }

    fn self_checks_in_force(&self, links: &[Attributed], until: Timestamp) -> Vec<Noted<Arc<SelfChecked>>> {
        let first = links.first().map_or(Timestamp::MIN, |first| first.link.opened);
        let before_first = self.self_checks.iter().rfind(|check| check.at < first);
        let later = self.self_checks.iter().filter(|check| check.at >= first && check.at <= until);
        before_first.into_iter().chain(later).cloned().collect()
    }
}

/// What was too much of a trial: what was counted as it came, and what was found when its claims were made.
fn beyond(trial: &Trial, claims: &Claims, links: &[Attributed]) -> Beyond {
    let transactions = links.iter().map(|attributed| attributed.link.transactions_beyond);
    Beyond {
        links: trial.beyond.links.saturating_add(claims.beyond.links),
        transactions: transactions.fold(0, u32::saturating_add),
        ..claims.beyond
    }
}
