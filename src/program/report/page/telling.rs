//! What every part of a page is made from, and what several say alike.

use std::collections::BTreeSet;
use std::net::IpAddr;

use crate::program::report::account::{Account, Settings};
use crate::program::report::link::{observations, ruled_of};
use crate::sending::history::{Link, Seq};
use crate::sending::persona::{Case, Trait};
use crate::sending::trial::HostRole;
use crate::shared::text::{Body, Section, Words, clean};

/// What every part of a page is made from.
pub(super) struct Telling<'a> {
    pub(super) account: Account<'a>,
    pub(super) settings: &'a Settings,
    pub(super) words: &'static Words,
}

impl Telling<'_> {
    /// The section `name` with its title and introduction from the texts.
    pub(super) fn section(&self, name: &str, body: Body) -> Section {
        let words = self.words;
        Section {
            title: words.say(&format!("{name}-title")),
            intro: words.say(&format!("{name}-intro")),
            body,
            detailed: false,
        }
    }

    /// The section `name` with its title alone.
    pub(super) fn titled(&self, name: &str, body: Body) -> Section {
        let title = self.words.say(&format!("{name}-title"));
        Section { title, intro: String::new(), body, detailed: false }
    }

    /// Whether mail of the test came from more than one address.
    pub(super) fn several_sources(&self) -> bool {
        self.account.history.sources().len() > 1 || !self.account.verdict.apart.is_empty()
    }

    /// The observations that findings rest on.
    pub(super) fn cited(&self) -> BTreeSet<Seq> {
        let verdict = self.account.verdict;
        let judgements =
            std::iter::once(&verdict.overall).chain(verdict.apart.iter().map(|apart| &apart.judgement));
        let classic = judgements.flat_map(|judgement| &judgement.findings).map(|one| &one.evidence);
        let ruled = self.account.cases.findings.iter().map(|one| &one.evidence);
        classic.chain(ruled).flatten().copied().collect()
    }

    /// What was only counted, if anything was.
    pub(super) fn beyond(&self) -> Option<String> {
        let beyond = self.account.history.beyond;
        let kinds = [
            ("beyond-links", beyond.links),
            ("beyond-transactions", beyond.transactions),
            ("beyond-questions", beyond.questions),
            ("beyond-fetches", beyond.fetches),
        ];
        let kinds = kinds.into_iter().filter(|(_, count)| *count > 0);
        let list: Vec<String> =
            kinds.map(|(kind, count)| self.words.tell(kind, &[("count", count.into())])).collect();
        (!list.is_empty()).then(|| self.words.tell("beyond", &[("list", list.join(", ").into())]))
    }

    /// The test case that asks for TLS by MTA-STS, or one that does not.
    pub(super) fn case(&self, demands_tls: bool) -> Option<&Case> {
        self.account.catalogue.classic_cases().find(|case| case.mta_sts.is_some() == demands_tls)
    }

    /// The domain of that case.
    pub(super) fn domain(&self, demands_tls: bool) -> String {
        self.case(demands_tls).map(|case| self.account.catalogue.domain(case)).unwrap_or_default()
    }

    /// "server 3", "servers 3 and 4".
    pub(super) fn servers(&self, servers: &[u8]) -> String {
        let numbers: Vec<String> = servers.iter().map(ToString::to_string).collect();
        let blanks = [("count", numbers.len().into()), ("list", self.words.all_of(&numbers).into())];
        self.words.tell("servers", &blanks)
    }

    /// "dane-mismatch, first server": the host of a ruled case that a link met.
    pub(super) fn ruled(&self, link: &Link) -> String {
        let Some(met) = ruled_of(self.account.catalogue, link) else {
            return self.words.say("ruled-entrance");
        };
        let id = format!("ruled-{}", met.role.map_or("any", HostRole::name));
        self.words.tell(&id, &[("case", met.case.id.to_string().into())])
    }

    /// The sender's name and addresses as the answer names them, or those of one source.
    pub(super) fn sender(&self, source: Option<IpAddr>) -> String {
        let mut sources = self.account.history.sources();
        sources.retain(|known| source.is_none_or(|source| known.address == source));
        let exact = |link: &&crate::sending::history::Attributed| {
            let of_source = source.is_none_or(|source| link.link.address() == source);
            link.strength == crate::sending::history::Strength::Exact
                && !link.link.ehlo.is_empty()
                && of_source
        };
        let first = self.account.history.links.iter().find(exact);
        let name = first.and_then(|attributed| attributed.link.ehlo.last()).map(|name| clean(name));
        let address =
            sources.first().map(|source| source.address).or(source).map(|address| address.to_string());
        let named: Vec<String> = name.into_iter().chain(address).collect();
        if named.is_empty() {
            return String::new();
        }
        let more = sources.len().saturating_sub(1);
        let blanks = [("named", named.join(", ").into()), ("more", more.into())];
        self.words.tell("sender", &blanks)
    }

    /// The numbers on the page of the links that `evidence` lies on.
    pub(super) fn links_of(&self, evidence: &[Seq]) -> Vec<usize> {
        let mut numbers: Vec<usize> = Vec::new();
        for (n, attributed) in self.account.history.links.iter().enumerate() {
            let own = observations(&attributed.link);
            if evidence.iter().any(|seq| own.contains(seq)) {
                numbers.push(n + 1);
            }
        }
        numbers
    }

    /// What no line of the table says, and why.
    pub(super) fn unknown(&self) -> Option<Section> {
        let mut points: Vec<String> = Vec::new();
        if self.account.history.links.iter().any(|link| link.link.closing.is_none()) {
            points.push(self.words.say("unknown-unended"));
        }
        if !self.account.cases.traits.iter().any(|one| one.tells == Trait::Dnssec) {
            points.push(self.words.say("unknown-dnssec"));
        }
        if points.is_empty() {
            return None;
        }
        let mut section = self.section("unknown", Body::Points(points));
        section.detailed = true;
        Some(section)
    }
}
