//! What belongs to a trial: which links, queries and fetches of a journal are its history.

use std::collections::{BTreeMap, BTreeSet};

use crate::policy::POLICY_PATH;
use crate::trial::{LinkId, Network, Source, Tie, Timestamp, TrialId, after, before};

use super::attribution::{Attribution, Trial, domain_of};
use super::{
    Attributed, History, Link, MessageFacts, Noted, PolicyFetched, Queried, Received, SelfChecked, Seq,
    Strength,
};

/// From so many networks on, a trial's resolver is one of many addresses, as public ones are: each question may come
/// from another, and none can be told from a stranger's.
const RESOLVER_NETWORKS_FEW: usize = 3;

/// What comes in this part of the lead before a link comes just before it.
const JUST_BEFORE_SHARE: u32 = 8;

/// A resolver that led to less than this part of the links that another led to is a stranger's.
const LED_SHARE: usize = 3;

/// What belongs to a trial beside the links that its mail was on. It stays as it was when the verdict was told.
#[derive(Clone, Debug, Default)]
pub(super) struct Claims {
    /// Links without mail.
    weak: BTreeMap<LinkId, Strength>,
    queries: BTreeSet<Seq>,
    earlier_policy_queries: BTreeSet<Seq>,
    fetches: BTreeSet<Seq>,
    tied_fetches: BTreeSet<Seq>,
    queries_complete: bool,
    main_resolver: Option<Network>,
}

impl Claims {
    /// Without what was noted after `last`.
    fn up_to(mut self, last: Seq) -> Self {
        let seqs =
            [&mut self.queries, &mut self.earlier_policy_queries, &mut self.fetches, &mut self.tied_fetches];
        for seqs in seqs {
            seqs.retain(|seq| *seq <= last);
        }
        self
    }
}

impl Attribution {
    /// A trial's history.
    pub fn history(&self, id: &TrialId) -> Option<History> {
        let trial = self.trials.get(id)?;
        let claims = trial.told.clone().unwrap_or_else(|| self.claims(id, trial));
        let links = self.attributed_links(id, trial, &claims.weak);
        let until = trial.until().unwrap_or(Timestamp::MAX);
        let noted = |seqs: &BTreeSet<Seq>| -> Vec<_> {
            self.queries.iter().filter(|query| seqs.contains(&query.seq)).cloned().collect()
        };
        let fetches = self.fetches.iter().filter(|fetch| claims.fetches.contains(&fetch.seq)).cloned();
        let fetched = |fetch: Noted<PolicyFetched>| {
            let tied = claims.tied_fetches.contains(&fetch.seq);
            (fetch, tied)
        };
        let (fetches, tied): (Vec<_>, Vec<_>) = fetches.map(fetched).unzip();
        let known = fetches.iter().zip(tied).filter(|(fetch, _)| fetch.what.status == Some(200));
        let (by_itself, by_others): (Vec<_>, Vec<_>) = known.partition(|(_, tied)| *tied);
        // A fetch that nothing ties to the sender may have been a stranger's: it excuses, and never accuses.
        let policy_known_from = match by_itself.iter().map(|(fetch, _)| fetch.at).min() {
            Some(first) => Some(first),
            None => by_others.iter().map(|(fetch, _)| fetch.at).max(),
        };
        let strangers = trial.strangers.iter().filter_map(|link| Some(self.links.get(link)?.0.clone()));
        let windows = trial.groups.iter().map(|group| self.sources.window_until(*group, &self.pace));
        Some(History {
            id: id.clone(),
            opened: trial.opened,
            ended: trial.ended.clone(),
            judged_to: trial.judged_to,
            last: self.last,
            window_until: windows.max(),
            queries: noted(&claims.queries),
            queries_complete: claims.queries_complete,
            main_resolver: claims.main_resolver,
            earlier_policy_queries: noted(&claims.earlier_policy_queries),
            policy_known_from,
            fetches,
            strangers: strangers.collect(),
            self_checks: self.self_checks_in_force(&links, until),
            links,
            scan: trial.scan.clone(),
            delivery: trial.delivery.clone(),
        })
    }

    /// What a trial has a claim to, as a verdict told now would rest on it.
    pub(super) fn claims_up_to(&self, id: &TrialId, last: Seq) -> Claims {
        self.trials.get(id).map(|trial| self.claims(id, trial).up_to(last)).unwrap_or_default()
    }

    fn claims(&self, id: &TrialId, trial: &Trial) -> Claims {
        let weak = self.weak_links(id, trial);
        let from = before(trial.claims_from, self.pace.lookup_lead_s);
        let kept_from = before(from, self.max_age_s);
        let sources = self.sources_of(trial);
        let others: Vec<_> = self.rivals(id, from, Timestamp::MAX).collect();
        let shared = |strength: &&Strength| matches!(strength, Strength::Weak { shared: true, .. });
        let of_links = weak.iter().filter(|(_, strength)| !shared(strength)).map(|(link, _)| link);
        let opened: Vec<_> = self.opened(of_links.chain(&trial.links));
        let (main, mut ours) = self.resolvers_of(&opened);
        let rivals: Vec<_> = others.iter().map(|other| self.sources_of(other)).collect();
        // Who asks from his own address, or as its neighbour, asks for himself, if anybody else asked for the trial.
        let nearest = |resolver: &Network, sources: &Vec<Source>| {
            nearest_tie(sources, &Source::new(resolver.address(), None))
        };
        let own: BTreeSet<_> = ours
            .iter()
            .copied()
            .filter(|resolver| {
                nearest(resolver, &sources)
                    >= rivals.iter().filter_map(|rival| nearest(resolver, rival)).max()
            })
            .collect();
        if !own.is_empty() {
            ours = own;
        }
        let many = self.is_of_many_addresses(&opened);
        let shortly_before_a_link = |at: Timestamp| {
            opened.iter().any(|opened| (before(*opened, self.pace.lookup_lead_s)..=*opened).contains(&at))
        };
        let mut claims = Claims {
            weak,
            queries_complete: self.queries_lost_until < kept_from,
            main_resolver: main.filter(|main| !self.leads_others(*main, &others)),
            ..Claims::default()
        };
        for query in &self.queries {
            let ours = ours.contains(&resolver(query));
            let is_policys = query.what.is_for_mta_sts();
            if query.at >= from && (ours || many && shortly_before_a_link(query.at)) {
                claims.queries.insert(query.seq);
            } else if (kept_from..from).contains(&query.at) && (ours || many) && is_policys {
                claims.earlier_policy_queries.insert(query.seq);
            }
        }
        self.claim_fetches(&mut claims, &sources, &rivals, (kept_from, from));
        claims
    }

    /// The fetches of the policy that the trial's sources made, or that followed upon a question of its resolvers.
    fn claim_fetches(
        &self,
        claims: &mut Claims,
        sources: &[Source],
        rivals: &[Vec<Source>],
        (kept_from, from): (Timestamp, Timestamp),
    ) {
        let asked: Vec<Timestamp> = self
            .queries
            .iter()
            .filter(|query| claims.queries.contains(&query.seq) && query.what.is_for_mta_sts())
            .map(|query| query.at)
            .collect();
        for fetch in self.fetches.iter().filter(|fetch| fetch.at >= kept_from) {
            let visitor = Source::new(fetch.what.address(), None);
            let own = nearest_tie(sources, &visitor);
            let tied = own.is_some() && own >= rivals.iter().filter_map(|r| nearest_tie(r, &visitor)).max();
            let lead = before(fetch.at, self.pace.lookup_lead_s);
            let follows = fetch.at >= from && asked.iter().any(|asked| (lead..=fetch.at).contains(asked));
            if tied || follows {
                claims.fetches.insert(fetch.seq);
            }
            if tied {
                claims.tied_fetches.insert(fetch.seq);
            }
        }
    }

    /// When these links were opened.
    fn opened<'a>(&self, links: impl IntoIterator<Item = &'a LinkId>) -> Vec<Timestamp> {
        links.into_iter().filter_map(|link| Some(self.links.get(link)?.0.opened)).collect()
    }

    /// Whether a message with a trial's Message-ID is the trial's: some programs use one for all mails, and then Date
    /// tells a new one.
    pub(super) fn is_same_mail(&self, id: &TrialId, message: Option<&MessageFacts>) -> bool {
        let (Some(trial), Some(message)) = (self.trials.get(id), message) else { return false };
        message.date.as_ref().is_none_or(|date| trial.dates.is_empty() || trial.dates.contains(date))
    }

    /// Whether a transaction is surely from a trial's sender.
    pub(super) fn is_tied(&self, id: &TrialId, received: &Received, message: Option<&MessageFacts>) -> bool {
        let Some(trial) = self.trials.get(id) else { return false };
        let vouched = message.is_some_and(|message| message.authentication.vouched)
            && received.reverse_path.as_ref().is_some_and(|path| trial.domains.contains(&domain_of(path)));
        let source = self.links.get(&received.link).map(|(link, _)| link.source());
        vouched || source.is_some_and(|source| strongest_tie(&self.sources_of(trial), &source).is_some())
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
            // A link that is used again may carry mail of other trials, or of none: not this one's.
            let mut link = self.links.get(link)?.0.clone();
            let owns = |number: u16| self.owners.get(&(link.id, number)) == Some(id);
            link.transactions.retain(|(_, received)| owns(received.number));
            link.answers.retain(|(number, _)| owns(*number));
            Some(Attributed { link, strength: Strength::Exact })
        });
        let others = weak.iter().filter_map(|(link, strength)| {
            let link = self.links.get(link)?.0.clone();
            Some(Attributed { link, strength: *strength })
        });
        let mut links: Vec<_> = exact.chain(others).collect();
        links.sort_by_key(|attributed| (attributed.link.opened, attributed.link.first));
        links
    }

    /// The links of a trial's sources without mail, unless another trial has a stronger claim; and those under the
    /// same domain in EHLO.
    fn weak_links(&self, id: &TrialId, trial: &Trial) -> BTreeMap<LinkId, Strength> {
        let sources = self.sources_of(trial);
        let kin = sources.iter().filter_map(|source| source.domain.as_deref());
        let kin = kin.flat_map(|domain| self.sources.named(domain));
        let groups: BTreeSet<_> = trial.groups.iter().copied().chain(kin).collect();
        let candidates = groups.iter().filter_map(|group| self.links_of.get(group)).flatten();
        candidates
            .filter(|link| !trial.links.contains(link) && !trial.late.contains(link))
            .filter_map(|link| {
                let (link, _) = self.links.get(link)?;
                Some((link.id, self.weak_claim(id, trial, &sources, link)?))
            })
            .collect()
    }

    fn weak_claim(&self, id: &TrialId, trial: &Trial, sources: &[Source], link: &Link) -> Option<Strength> {
        // Mail for nobody here, for the operator or of another trial speaks of no trial but its own.
        let owned = link
            .transactions
            .iter()
            .any(|(_, received)| self.owners.contains_key(&(link.id, received.number)));
        let greeted = link.greeted.unwrap_or(link.opened);
        // Another node may have begun before the one whose mail came.
        let reach = after(greeted, self.pace.window_s);
        if owned || link.has_mail() || !trial.is_active(link.opened, reach) {
            return None;
        }
        let source = link.source();
        let Some(tie) = strongest_tie(sources, &source).filter(|_| trial.is_active(link.opened, greeted))
        else {
            // Another node of the sender, or somebody under its name: it decides nothing.
            let kin = sources.iter().any(|other| other.tie(&source) == Some(Tie::Domain));
            return kin.then_some(Strength::Weak { tie: Tie::Domain, shared: true });
        };
        // A link that names a host is of a mail for the host's case.
        let named = link.tls.as_ref().and_then(|tls| tls.persona.as_ref());
        let named = named.and_then(|persona| self.catalogue.persona(persona)?.case.as_ref());
        let may_be_of = |trial: &Trial| named.is_none_or(|case| trial.cases.contains(case));
        if !may_be_of(trial) {
            return None;
        }
        let rivals: Vec<_> = self
            .rivals(id, link.opened, link.opened)
            .filter(|other| may_be_of(other))
            .map(|other| (other, self.sources_of(other)))
            .filter_map(|(other, theirs)| Some((strongest_tie(&theirs, &source)?, other, theirs)))
            .collect();
        if rivals.iter().any(|(rival, ..)| *rival > tie) {
            return None;
        }
        // Two users of one server, with mail for the same, make no doubt about the server; two servers behind one
        // address do.
        let alike = |other: &Trial, theirs: &[Source]| {
            same_server(sources, theirs, &source) && (named.is_some() || other.cases.is_subset(&trial.cases))
        };
        let shared = rivals.iter().any(|(rival, other, theirs)| *rival == tie && !alike(other, theirs));
        Some(Strength::Weak { tie, shared })
    }

    /// Other trials with a message that were active at some time between `from` and `until`.
    fn rivals(&self, id: &TrialId, from: Timestamp, until: Timestamp) -> impl Iterator<Item = &Trial> {
        self.trials
            .iter()
            .filter(move |(other, trial)| {
                *other != id
                    && trial.has_message
                    && trial.claims_from <= until
                    && trial.is_active(from, until)
            })
            .map(|(_, trial)| trial)
    }

    /// The sources of a trial's exact links, each once.
    pub(super) fn sources_of(&self, trial: &Trial) -> Vec<Source> {
        let mut sources: Vec<_> = Vec::new();
        for (link, _) in trial.links.iter().filter_map(|link| self.links.get(link)) {
            let source = link.source();
            if !sources.contains(&source) {
                sources.push(source);
            }
        }
        sources
    }

    /// The networks of the resolvers that led to links opened at these times: that asked last, or just before, for the
    /// suite's MX records or for the address of a host of it. Others ask at other times: whoever led to far fewer links
    /// is not the sender's.
    ///
    /// The one that led to most of them stands before all.
    fn resolvers_of(&self, opened: &[Timestamp]) -> (Option<Network>, BTreeSet<Network>) {
        let leads_to_a_host = |query: &&Noted<Queried>| match query.what.rtype.as_str() {
            "MX" => true,
            "A" | "AAAA" => self.catalogue.persona_of_host(&query.what.name).is_some(),
            _ => false,
        };
        let mut led: BTreeMap<Network, usize> = BTreeMap::new();
        for opened in opened {
            let from = before(*opened, self.pace.lookup_lead_s);
            let end = self.queries.partition_point(|query| query.at <= *opened);
            let lead = self.queries[..end].iter().rev().take_while(|query| query.at >= from);
            let led_here =
                lead.filter(|query| !self.own_queries.contains(&query.seq)).filter(leads_to_a_host);
            let last = led_here.clone().next().map_or(*opened, |query| query.at);
            // Several may have asked at nearly the same time: each of them may have led here.
            let just_before = last.min(before(*opened, self.pace.lookup_lead_s / JUST_BEFORE_SHARE));
            let last: BTreeSet<_> =
                led_here.take_while(|query| query.at >= just_before).map(resolver).collect();
            for network in last {
                *led.entry(network).or_default() += 1;
            }
        }
        let most = led.iter().max_by_key(|(_, links)| **links).map(|(network, links)| (*network, *links));
        let (main, most) = most.map_or((None, 0), |(network, links)| (Some(network), links));
        let ours = led.into_iter().filter(|(_, links)| links * LED_SHARE >= most).map(|(network, _)| network);
        (main, ours.collect())
    }

    /// Whether a resolver led others to us, too. A forger, for whom nothing vouches, comes when he likes, and no resolver
    /// leads to him.
    fn leads_others(&self, main: Network, others: &[&Trial]) -> bool {
        let mut vouched = others.iter().filter(|other| !other.domains.is_empty());
        vouched.any(|other| self.resolvers_of(&self.opened(&other.links)).1.contains(&main))
    }

    /// Whether the trial's resolver is one of many addresses, as public ones are: of those that asked just before its
    /// links, none asked for both an MX record and an address, as a resolver of one address does.
    fn is_of_many_addresses(&self, opened: &[Timestamp]) -> bool {
        let just_before = (self.pace.lookup_lead_s / JUST_BEFORE_SHARE).max(1);
        let mut asked: BTreeMap<Network, (bool, bool)> = BTreeMap::new();
        for opened in opened {
            let from = before(*opened, just_before);
            let end = self.queries.partition_point(|query| query.at <= *opened);
            for query in self.queries[..end].iter().rev().take_while(|query| query.at >= from) {
                let (mx, address) = asked.entry(resolver(query)).or_default();
                *mx |= query.what.rtype == "MX";
                *address |= matches!(query.what.rtype.as_str(), "A" | "AAAA");
            }
        }
        asked.len() >= RESOLVER_NETWORKS_FEW && !asked.values().any(|(mx, address)| *mx && *address)
    }

    fn self_checks_in_force(&self, links: &[Attributed], until: Timestamp) -> Vec<Noted<SelfChecked>> {
        let first = links.first().map_or(Timestamp::MIN, |first| first.link.opened);
        let before_first = self.self_checks.iter().rfind(|check| check.at < first);
        let later = self.self_checks.iter().filter(|check| check.at >= first && check.at <= until);
        before_first.into_iter().chain(later).cloned().collect()
    }
}

/// The strongest tie between any of `sources` and `other` that nobody else can make up: the same address, or the same
/// network and the same domain in EHLO. Neighbours at a hoster are strangers, and the name in EHLO alone ties nothing.
fn strongest_tie(sources: &[Source], other: &Source) -> Option<Tie> {
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

/// The network that a question came from: a resolver may ask from neighbouring addresses.
fn resolver(query: &Noted<Queried>) -> Network {
    Network::of(query.what.source.ip())
}
