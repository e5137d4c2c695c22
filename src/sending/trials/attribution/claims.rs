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
use super::cases::Names;
use super::few::{Few, LOOKED_AT_MAX, spans};
use super::tables::Trial;
use super::weak::WeakLinks;

impl Attribution {
    /// What a trial has a claim to, as a verdict told now would rest on it.
    pub(super) fn claims_up_to(&self, id: &TrialId, last: Seq) -> Claims {
        self.trials.get(id).map(|trial| self.claims(id, trial).up_to(last)).unwrap_or_default()
    }

    pub(super) fn claims(&self, id: &TrialId, trial: &Trial) -> Claims {
        let WeakLinks { weak, strangers, more } = self.weak_links(id, trial);
        let mut claims = Claims {
            weak,
            strangers,
            queries_complete: true,
            fetches_complete: true,
            beyond: Beyond { links: more, ..Beyond::default() },
            ..Claims::default()
        };
        if !self.links.is_complete_from(trial.ties.claims_from) {
            claims.beyond.links = claims.beyond.links.max(1);
        }
        for names in self.names_of(&trial.ties) {
            self.claim_lookups(names, (id, trial), &mut claims);
        }
        self.claim_named(trial, &mut claims);
        claims
    }

    /// The questions and visits for names of a kind.
    fn claim_lookups(&self, names: Names, (id, trial): (&TrialId, &Trial), claims: &mut Claims) {
        let from = before(trial.ties.claims_from, self.pace.lookup_lead_s);
        let kept_from = before(from, self.policy_kept_s(names));
        let shared = |strength: &&Strength| matches!(strength, Strength::Weak { shared: true, .. });
        let of_links = claims.weak.iter().filter(|(_, strength)| !shared(strength)).map(|(link, _)| link);
        let opened: Vec<_> = self.opened(names, of_links.chain(&trial.links));
        let (main, mut ours) = self.resolvers_of(names, &opened);
        // Who asks from his own address, or as its neighbour, asks for himself, if anybody else asked for the trial.
        let own: BTreeSet<_> =
            ours.iter().copied().filter(|resolver| self.is_nearest(id, trial, *resolver, from)).collect();
        if !own.is_empty() {
            ours = own;
        }
        let main = main.filter(|main| ours.contains(main) && !self.leads_others(names, *main, id, from));
        claims.main_resolver = claims.main_resolver.or(main);
        self.claim_silence(names, claims, trial, (&ours, &opened), kept_from);
        let max = self.share_of(&trial.ties).questions_max;
        self.claim_questions(names, claims, (&ours, &opened), (kept_from, from), max);
        // A resolver that stands out asked for this trial alone.
        if matches!(names, Names::Fixed) && claims.main_resolver.is_none() {
            self.dispute_questions(id, claims, &ours, from);
        }
        self.claim_fetches(names, (id, trial), claims, (kept_from, from));
    }

    /// The fetches of the policy that the trial's sources made, or that followed upon a question of its resolvers.
    fn claim_fetches(
        &self,
        names: Names,
        (id, trial): (&TrialId, &Trial),
        claims: &mut Claims,
        (kept_from, from): (Timestamp, Timestamp),
    ) {
        let (questions, fetches) = (self.questions_for(names), self.fetches_of(names));
        let max = self.share_of(&trial.ties).fetches_max;
        let (mut tied, mut following) = (Few::new(max), Few::new(max));
        let networks: BTreeSet<_> =
            trial.ties.sources.iter().map(|source| Network::of(source.address)).collect();
        for network in networks {
            for (n, place) in fetches.of_network(network, kept_from).enumerate() {
                if n >= LOOKED_AT_MAX {
                    tied.beyond = tied.beyond.saturating_add(1);
                    break;
                }
                if fetches.get(&place).is_some_and(|fetch| self.is_tied_fetch(id, trial, &fetch, from)) {
                    tied.insert(place);
                }
            }
        }
        let asked = claims.queries.iter().filter(|place| questions.is_for_policy(place));
        let asked: Vec<_> = asked.map(|place| after(place.0, self.pace.lookup_lead_s)).collect();
        for (from, until) in spans(&asked, self.pace.lookup_lead_s, from) {
            following.extend(fetches.between(from, until));
        }
        let beyond = tied.beyond + following.beyond;
        claims.beyond.fetches = claims.beyond.fetches.saturating_add(beyond);
        claims.fetches_complete &= beyond == 0;
        let all = tied.places.union(&following.places).copied();
        match names {
            Names::Fixed => (claims.fetches, claims.tied_fetches) = (all.collect(), tied.places),
            Names::Ruled => claims.case_fetches.extend(all),
        }
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

    /// When those of these links were opened that look-ups for names of a kind led to.
    pub(super) fn opened<'a>(
        &self,
        names: Names,
        links: impl IntoIterator<Item = &'a LinkId>,
    ) -> Vec<Timestamp> {
        let links = links.into_iter().filter_map(|link| self.links.get(*link));
        links.filter(|kept| self.names_of_link(kept) == Some(names)).map(|kept| kept.link.opened).collect()
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
