//! How many networks send how: whoever sends most counts once, and few are not counted at all.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::sending::history::History;
use crate::sending::trial::site_of;
use crate::sending::verdict::{Term, Verdict};

use super::settings::Settings;

/// The name of networks whose mail is sent differently, in the place of a term.
const DIFFERENT: &str = "different";

/// How many networks send how.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statistics {
    /// All networks that are counted here; none while they are few.
    pub networks: Option<usize>,
    /// How many of them have each term, by its name; those that are few are added to `few`.
    pub terms: BTreeMap<String, usize>,
    /// How many networks have terms that are too rare to be named.
    pub few: usize,
}

/// What is known of each network.
#[derive(Debug, Default)]
pub struct Count {
    networks: BTreeMap<String, Option<Term>>,
}

impl Count {
    /// Counts a trial for the networks that its mail came from: a /24 or /48 each.
    pub fn add(&mut self, history: &History, verdict: &Verdict) {
        let Some(term) = verdict.overall.term() else { return };
        for source in history.sources() {
            let network = site_of(source.address).to_string();
            let known = self.networks.entry(network).or_insert(Some(term));
            if *known != Some(term) {
                *known = None;
            }
        }
    }

    /// What may be shown of that.
    pub fn statistics(&self, settings: &Settings) -> Statistics {
        let least = settings.statistics_networks_min;
        if self.networks.len() < least {
            return Statistics::default();
        }
        let mut counts: BTreeMap<&'static str, usize> = BTreeMap::new();
        for term in self.networks.values() {
            *counts.entry(term.map_or(DIFFERENT, Term::name)).or_default() += 1;
        }
        let (shown, few): (Vec<_>, Vec<_>) = counts.into_iter().partition(|(_, count)| *count >= least);
        let few: usize = few.into_iter().map(|(_, count)| count).sum();
        // What the sum would tell of them is told of nobody.
        let few = if few >= least { few } else { 0 };
        let all = few + shown.iter().map(|(_, count)| count).sum::<usize>();
        Statistics {
            networks: (all > 0).then_some(all),
            terms: shown.into_iter().map(|(term, count)| (term.to_owned(), count)).collect(),
            few,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(networks: &[(usize, Option<Term>)]) -> Statistics {
        let mut count = Count::default();
        for (group, (many, term)) in networks.iter().enumerate() {
            for n in 0..*many {
                count.networks.insert(format!("{group}.{n}"), *term);
            }
        }
        count.statistics(&Settings::default())
    }

    #[test]
    fn few_are_not_counted() {
        assert_eq!(count(&[(9, Some(Term::May))]), Statistics::default());
        let shown = count(&[(12, Some(Term::May)), (3, Some(Term::Dane)), (2, None)]);
        assert_eq!(shown.networks, Some(12));
        assert_eq!(shown.terms, [("may".to_owned(), 12)].into());
        assert_eq!(shown.few, 0);
        let rare = count(&[(12, Some(Term::May)), (6, Some(Term::Dane)), (6, None)]);
        assert_eq!((rare.networks, rare.few), (Some(24), 12));
    }
}
