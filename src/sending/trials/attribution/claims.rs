//! What belongs to a trial: which links, queries and fetches of a journal are its history.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::sending::history::{Beyond, Noted, PolicyFetched, Seq, Strength};
use crate::sending::trial::{LinkId, Network, Source, TrialId};
use crate::sending::trials::archive::Claims;
use crate::sending::trials::ties::nearest_tie;
use crate::shared::policy::POLICY_PATH;
use crate::shared::time::{Timestamp, after, before};

use super::Attribution;
use super::few::{COUNTED_MAX, Few, LOOKED_AT_MAX, spans};
use super::tables::Trial;

impl Attribution {
    /// What a trial has a claim to, as a verdict told now would rest on it.
    pub(super) fn claims_up_to(&self, id: &TrialId, last: Seq) -> Claims {
        self.trials.get(id).map(|trial| self.claims(id, trial).up_to(last)).unwrap_or_default()
    }

    pub(super) fn claims(&self, id: &TrialId, trial: &Trial) -> Claims {
        let (weak, more_links) = self.weak_links(id, trial);
        let from = before(trial.ties.claims_from, self.pace.lookup_lead_s);
        let kept_from = before(from, self.max_age_s);
        let shared = |strength: &&Strength| matches!(strength, Strength::Weak { shared: true, .. });
        let of_links = weak.iter().filter(|(_, strength)| !shared(strength)).map(|(link, _)| link);
        let opened: Vec<_> = self.opened(of_links.chain(&trial.links));
        let (main, mut ours) = self.resolvers_of(&opened);
        // Who asks from his own address, or as its neighbour, asks for himself, if anybody else asked for the trial.
        let own: BTreeSet<_> =
            ours.iter().copied().filter(|resolver| self.is_nearest(id, trial, *resolver, from)).collect();
        if !own.is_empty() {
            ours = own;
        }
        let mut claims = Claims {
            weak,
            main_resolver: main.filter(|main| ours.contains(main) && !self.leads_others(*main, id, from)),
            beyond: Beyond { links: more_links, ..Beyond::default() },
            ..Claims::default()
        };
        if !self.links.is_complete_from(trial.ties.claims_from) {
            claims.beyond.links = claims.beyond.links.max(1);
        }
        self.claim_silence(&mut claims, trial, (&ours, &opened), kept_from);
        self.claim_questions(&mut claims, &ours, &opened, (kept_from, from));
        self.claim_fetches(id, trial, &mut claims, (kept_from, from));
        claims
    }

    /// The fetches of the policy that the trial's sources made, or that followed upon a question of its resolvers.
    fn claim_fetches(
        &self,
        id: &TrialId,
        trial: &Trial,
        claims: &mut Claims,
        (kept_from, from): (Timestamp, Timestamp),
    ) {
        let max = self.limits.trial_fetches_max;
        let (mut tied, mut following) = (Few::new(max), Few::new(max));
        let networks: BTreeSet<_> =
            trial.ties.sources.iter().map(|source| Network::of(source.address)).collect();
        for network in networks {
            for (n, place) in self.fetches.of_network(network, kept_from).enumerate() {
                if n >= LOOKED_AT_MAX {
                    tied.beyond = tied.beyond.saturating_add(1);
                    break;
                }
                if self.fetches.get(&place).is_some_and(|fetch| self.is_tied_fetch(id, trial, &fetch, from)) {
                    tied.insert(place);
                }
            }
        }
        let asked = claims.queries.iter().filter(|place| self.questions.is_for_policy(place));
        let asked: Vec<_> = asked.map(|place| after(place.0, self.pace.lookup_lead_s)).collect();
        for (from, until) in spans(&asked, self.pace.lookup_lead_s, from) {
            self.fetches.between(from, until).take(COUNTED_MAX).for_each(|place| following.insert(place));
        }
        let beyond = tied.beyond + following.beyond;
        claims.beyond.fetches = claims.beyond.fetches.saturating_add(beyond);
        claims.fetches_complete &= beyond == 0;
        claims.fetches = tied.places.union(&following.places).copied().collect();
        claims.tied_fetches = tied.places;
    }

    /// Whether a visitor is a trial's source, or near one, and nearer to no other trial's.
    fn is_tied_fetch(
        &self,
        id: &TrialId,
        trial: &Trial,
        fetch: &Noted<Arc<PolicyFetched>>,
        from: Timestamp,
    ) -> bool {
        let visitor = Source::new(fetch.what.address(), None);
        let own = nearest_tie(&trial.ties.sources, &visitor);
        own.is_some() && own >= self.nearest_rival(id, &visitor, from)
    }

    /// When these links were opened.
    pub(super) fn opened<'a>(&self, links: impl IntoIterator<Item = &'a LinkId>) -> Vec<Timestamp> {
        links.into_iter().filter_map(|link| Some(self.links.get(*link)?.link.opened)).collect()
    }

    /// Whether a visit to the policy host may have been a sender's: it asked for the policy under the name of its
    /// host, or would have, had TLS not failed. Everything else is a scan; hosts on the Internet are visited on port
    /// 443 many times an hour.
    pub(super) fn is_policy_fetch(&self, fetched: &PolicyFetched) -> bool {
        let host = fetched.sni.as_deref().unwrap_or_default().strip_prefix("mta-sts.").unwrap_or_default();
        let published = self.catalogue.case_of_domain(host).is_some_and(|case| case.mta_sts.is_some());
        published && fetched.path.as_deref().is_none_or(|path| path == POLICY_PATH)
    }
}
