//! What belongs to a trial: which links, queries and fetches of a journal are its history.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::sending::trial::{LinkId, Network, Source, Tie, TrialId};
use crate::shared::policy::POLICY_PATH;
use crate::shared::time::{Timestamp, after, before};

use super::super::past::Place;
use super::super::{
    Attributed, Beyond, Claims, History, Link, Noted, PolicyFetched, SelfChecked, Seq, Strength, Ties,
};
use super::Attribution;
use super::links::Kept;
use super::resolvers::{Few, spans};
use super::trials::Trial;

/// How many trials of one network, or of one resolver, are compared with one; where there are more, what they could
/// dispute counts as disputed.
pub(super) const RIVALS_MAX: usize = 256;

/// How many links of others that give the sender's name are shown.
const KIN_MAX: usize = 50;

/// How many links and visits of strangers are looked at for a trial, to find its own.
const LOOKED_AT_MAX: usize = 4_000;

/// How many are counted of what is too much to be judged.
pub(super) const COUNTED_MAX: usize = 100_000;

/// How long a link may last before its EHLO, in seconds, so that links that were opened before the time of a trial are
/// looked at, too.
const GREETING_S_MAX: u32 = 3_600;

/// Other trials that a contact may belong to.
enum Rivals<'a> {
    Few(Vec<&'a Ties>),
    TooMany,
}

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
            seqs.iter().filter_map(|place| self.questions.get(place)).collect()
        };
        let fetches: Vec<_> = claims.fetches.iter().filter_map(|place| self.fetches.get(place)).collect();
        let strangers = trial.strangers.iter().filter_map(|link| self.links.get(*link));
        Some(History {
            id: id.clone(),
            opened: trial.ties.opened,
            ended: trial.ended.clone(),
            judged_to: trial.judged_to,
            last: self.last.0,
            window_until: self.window_until(trial),
            queries: questions(&claims.queries),
            queries_complete: claims.queries_complete,
            main_resolver: claims.main_resolver,
            earlier_policy_queries: questions(&claims.earlier_policy_queries),
            policy_known_from: claims.policy_known_from(&fetches),
            fetches,
            fetches_complete: claims.fetches_complete,
            beyond: beyond(trial, &claims, &links),
            strangers: strangers.map(|kept| Arc::clone(&kept.link)).collect(),
            self_checks: self.self_checks_in_force(&links, until),
            links,
            scan: trial.scan.clone(),
            delivery: trial.delivery.clone(),
        })
    }

    /// Until when STARTTLS is withheld from a trial's sources.
    pub(super) fn window_until(&self, trial: &Trial) -> Option<Timestamp> {
        let book = self.sources.book();
        trial.groups.iter().map(|group| book.window_until(*group)).max()
    }

    /// What a trial has a claim to, as a verdict told now would rest on it.
    pub(super) fn claims_up_to(&self, id: &TrialId, last: Seq) -> Claims {
        self.trials.get(id).map(|trial| self.claims(id, trial).up_to(last)).unwrap_or_default()
    }

    fn claims(&self, id: &TrialId, trial: &Trial) -> Claims {
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
            main_resolver: main.filter(|main| !self.leads_others(*main, id, from)),
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

    /// Whether a resolver is as near to a trial's sources as to any other trial's.
    fn is_nearest(&self, id: &TrialId, trial: &Trial, resolver: Network, from: Timestamp) -> bool {
        let resolver = Source::new(resolver.address(), None);
        nearest_tie(&trial.ties.sources, &resolver) >= self.nearest_rival(id, &resolver, from)
    }

    /// The nearest tie of other trials to somebody who gives no name.
    fn nearest_rival(&self, id: &TrialId, visitor: &Source, from: Timestamp) -> Option<Tie> {
        match self.rivals(id, visitor, (from, Timestamp::MAX)) {
            Rivals::Few(rivals) => {
                rivals.into_iter().filter_map(|rival| nearest_tie(&rival.sources, visitor)).max()
            }
            Rivals::TooMany => Some(Tie::Address),
        }
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
            let link = only(&kept.link, |number| kept.is_of(number, id));
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

    /// The links of a trial's sources without mail, unless another trial has a stronger claim; and those under the
    /// same domain in EHLO. Also how many more there may be.
    fn weak_links(&self, id: &TrialId, trial: &Trial) -> (BTreeMap<LinkId, Strength>, u32) {
        let sources = &trial.ties.sources;
        // Its own come first: whoever gives its name in EHLO is not to crowd them out.
        let kin: BTreeSet<_> = {
            let book = self.sources.book();
            let names = sources.iter().filter_map(|source| source.domain.as_deref());
            names
                .flat_map(|domain| book.named(domain))
                .filter(|group| !trial.groups.contains(group))
                .collect()
        };
        let since = before(trial.ties.claims_from, self.pace.window_s.saturating_add(GREETING_S_MAX));
        let until = trial.ties.until().unwrap_or(Timestamp::MAX);
        let (mut weak, mut more) = (BTreeMap::new(), 0);
        for (groups, max) in [(&trial.groups, self.limits.trial_links_max), (&kin, KIN_MAX)] {
            let links = groups.iter().flat_map(|group| self.links.of_group(*group, since, until));
            let links = links.filter(|kept| {
                kept.owners.is_empty()
                    && !trial.links.contains(&kept.link.id)
                    && !trial.late.contains(&kept.link.id)
            });
            let before = weak.len();
            for (n, kept) in links.take(COUNTED_MAX).enumerate() {
                if n >= LOOKED_AT_MAX || weak.len() - before >= max {
                    more += 1;
                } else if let Some(strength) = self.weak_claim(id, trial, kept) {
                    weak.insert(kept.link.id, strength);
                }
            }
        }
        (weak, more)
    }

    fn weak_claim(&self, id: &TrialId, trial: &Trial, kept: &Kept) -> Option<Strength> {
        let (ties, sources, link) = (&trial.ties, &trial.ties.sources, &kept.link);
        let greeted = link.greeted.unwrap_or(link.opened);
        // Another node may have begun before the one whose mail came.
        let reach = after(greeted, self.pace.window_s);
        // Mail for nobody here, for the operator or of another trial speaks of no trial but its own.
        if kept.trials().next().is_some() || link.has_mail() || !ties.is_active(link.opened, reach) {
            return None;
        }
        let source = link.source();
        let Some(tie) = strongest_tie(sources, &source).filter(|_| ties.is_active(link.opened, greeted))
        else {
            // Another node of the sender, or somebody under its name: it decides nothing.
            let kin = sources.iter().any(|other| other.tie(&source) == Some(Tie::Domain));
            return kin.then_some(Strength::Weak { tie: Tie::Domain, shared: true });
        };
        // A link that names a host is of a mail for the host's case.
        let named = link.tls.as_ref().and_then(|tls| tls.persona.as_ref());
        let named = named.and_then(|persona| self.catalogue.persona(persona)?.case.as_ref());
        let may_be_of = |ties: &Ties| named.is_none_or(|case| ties.cases.contains(case));
        if !may_be_of(ties) {
            return None;
        }
        let Rivals::Few(rivals) = self.rivals(id, &source, (link.opened, link.opened)) else {
            return Some(Strength::Weak { tie, shared: true });
        };
        let rivals: Vec<_> = rivals
            .into_iter()
            .filter(|other| may_be_of(other))
            .filter_map(|other| Some((strongest_tie(&other.sources, &source)?, other)))
            .collect();
        if rivals.iter().any(|(rival, _)| *rival > tie) {
            return None;
        }
        // Two users of one server, with mail for the same, make no doubt about the server; two servers behind one
        // address do.
        let alike = |other: &Ties| {
            same_server(sources, &other.sources, &source)
                && (named.is_some() || other.cases.is_subset(&ties.cases))
        };
        // Of two servers behind one address, a link is of the one whose name it gives. Who stands behind that address,
        // too, and gives that name, could do so without a trial of his own.
        let gives_name_of = |sources: &[Source]| {
            sources.iter().any(|other| other.domain.is_some() && other.domain == source.domain)
        };
        let is_named = gives_name_of(sources);
        let disputes =
            |other: &Ties| !is_named || gives_name_of(&other.sources) || has_no_name(&other.sources);
        let shared = rivals.iter().any(|(rival, other)| *rival == tie && disputes(other) && !alike(other));
        Some(Strength::Weak { tie, shared })
    }

    /// Other trials with a message and a source in the network of `near`, that were active at some time between `from`
    /// and `until`.
    fn rivals(&self, id: &TrialId, near: &Source, (from, until): (Timestamp, Timestamp)) -> Rivals<'_> {
        let mut rivals = Vec::new();
        for (looked_at, other) in self.trials.in_network(Network::of(near.address)).enumerate() {
            if looked_at >= RIVALS_MAX {
                return Rivals::TooMany;
            }
            let Some(ties) = self.trials.ties(other).filter(|_| other != id) else { continue };
            if ties.has_message && ties.claims_from <= until && ties.is_active(from, until) {
                rivals.push(ties);
            }
        }
        Rivals::Few(rivals)
    }

    fn self_checks_in_force(&self, links: &[Attributed], until: Timestamp) -> Vec<Noted<Arc<SelfChecked>>> {
        let first = links.first().map_or(Timestamp::MIN, |first| first.link.opened);
        let before_first = self.self_checks.iter().rfind(|check| check.at < first);
        let later = self.self_checks.iter().filter(|check| check.at >= first && check.at <= until);
        before_first.into_iter().chain(later).cloned().collect()
    }
}

impl Claims {
    /// From when on the sender knew a policy, if it fetched one, or may have. A fetch that nothing ties to the sender may
    /// have been a stranger's: it excuses, and never accuses.
    pub(in crate::sending::history) fn policy_known_from(
        &self,
        fetches: &[Noted<Arc<PolicyFetched>>],
    ) -> Option<Timestamp> {
        let known = fetches.iter().filter(|fetch| fetch.what.status == Some(200));
        let (by_itself, by_others): (Vec<_>, Vec<_>) =
            known.partition(|fetch| self.tied_fetches.contains(&(fetch.at, fetch.seq)));
        match by_itself.iter().map(|fetch| fetch.at).min() {
            Some(first) => Some(first),
            None => by_others.iter().map(|fetch| fetch.at).max(),
        }
    }
}

/// A link with only those transactions that `is_own`: one that is used again may carry mail of other trials, or of none.
pub(super) fn only(link: &Arc<Link>, is_own: impl Fn(u16) -> bool) -> Arc<Link> {
    let all_own = link.transactions.iter().all(|(_, received)| is_own(received.number))
        && link.answers.iter().all(|(number, _)| is_own(*number));
    if all_own {
        return Arc::clone(link);
    }
    let mut link = Link::clone(link);
    link.transactions.retain(|(_, received)| is_own(received.number));
    link.answers.retain(|(number, _)| is_own(*number));
    Arc::new(link)
}

/// What was too much of a trial: what was counted as it came, and what was found when its claims were made.
pub(super) fn beyond(trial: &Trial, claims: &Claims, links: &[Attributed]) -> Beyond {
    let transactions = links.iter().map(|attributed| attributed.link.transactions_beyond);
    Beyond {
        links: trial.beyond.links.saturating_add(claims.beyond.links),
        transactions: transactions.fold(0, u32::saturating_add),
        ..claims.beyond
    }
}

/// The strongest tie between any of `sources` and `other` that nobody else can make up: the same address, or the same
/// network and the same domain in EHLO. Neighbours at a hoster are strangers, and the name in EHLO alone ties nothing.
pub(super) fn strongest_tie(sources: &[Source], other: &Source) -> Option<Tie> {
    let ties = sources.iter().filter_map(|source| match source.tie(other)? {
        Tie::Address => Some(Tie::Address),
        Tie::Network if source.domain.is_some() && source.domain == other.domain => Some(Tie::Network),
        Tie::Network | Tie::Domain => None,
    });
    ties.max()
}

/// The strongest tie of a visitor who gives no name.
fn nearest_tie(sources: &[Source], other: &Source) -> Option<Tie> {
    sources.iter().filter_map(|source| source.tie(other)).filter(|tie| *tie > Tie::Domain).max()
}

/// Whether any of these gave no name in EHLO that could tell it from others.
fn has_no_name(sources: &[Source]) -> bool {
    sources.iter().any(|source| source.domain.is_none())
}

/// Whether a link from `source` came from one and the same server whichever of two trials it was for: both have links
/// from its address, and all of these give names of one domain.
fn same_server(ours: &[Source], theirs: &[Source], source: &Source) -> bool {
    let here = |sources: &[Source]| -> BTreeSet<Option<String>> {
        let here = sources.iter().filter(|other| other.address == source.address);
        here.map(|other| other.domain.clone()).collect()
    };
    let (ours, theirs) = (here(ours), here(theirs));
    ours.len() == 1 && ours == theirs
}
