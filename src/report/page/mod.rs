//! A verdict in words and without a form.

mod advice;
mod answer;
mod connections;
mod findings;
mod lookups;
mod message;
mod unknown;

use crate::history::{MessageFacts, Seq, VerdictDelivery};
use crate::persona::{Case, Language};
use crate::verdict::sending::Finding;

use super::clean::clean;
use super::layout::{Body, Check, Connection, Entry, Page, Section, Tone};
use super::receiving;
use super::words::Words;
use super::{Account, Settings};

pub(super) use answer::trial_verdict;

/// Why a finding is as it is, in the language of JSON.
pub(super) fn reason_in_english(account: Account<'_>, settings: &Settings, finding: &Finding) -> String {
    findings::reason(&Telling { account, settings, words: Words::of(Language::En) }, finding)
}

/// What every part of a page is made from.
pub(super) struct Telling<'a> {
    pub(super) account: Account<'a>,
    pub(super) settings: &'a Settings,
    pub(super) words: &'static Words,
}

impl Page {
    /// The verdict of `account` in words of `language`.
    pub fn new(account: Account<'_>, language: Language, settings: &Settings) -> Self {
        let telling = Telling { account, settings, words: Words::of(language) };
        let sections = [
            Some(findings::summary(&telling)),
            findings::apart(&telling),
            Some(telling.receiving()),
            advice::section(&telling),
            findings::analysis(&telling),
            message::section(&telling),
            Some(connections::section(&telling)),
            lookups::queries(&telling),
            lookups::fetches(&telling),
            Some(unknown::section(&telling)),
        ];
        let details = receiving::details(account.receiving, telling.words, account.now);
        Self {
            language,
            about: telling.about(),
            subject: answer::subject(&telling),
            tone: answer::tone(&telling),
            answer: answer::sentences(&telling),
            term: answer::term_line(&telling),
            sections: sections.into_iter().flatten().chain(details).collect(),
            evidence_title: telling.words.say("recv-evidence"),
            footer: telling.footer(),
        }
    }
}

impl Telling<'_> {
    /// The section `name` with its title and introduction from the texts.
    fn section(&self, name: &str, body: Body) -> Section {
        let words = self.words;
        Section {
            title: words.say(&format!("{name}-title")),
            intro: words.say(&format!("{name}-intro")),
            body,
            detailed: false,
        }
    }

    /// How well the sender's own domain receives, in short.
    fn receiving(&self) -> Section {
        receiving::section(self.account.receiving, self.words, self.account.now)
    }

    /// The test case that asks for TLS by MTA-STS, or one that does not.
    fn case(&self, demands_tls: bool) -> Option<&Case> {
        self.account.catalogue.test_cases().find(|case| case.mta_sts.is_some() == demands_tls)
    }

    /// The domain of that case.
    fn domain(&self, demands_tls: bool) -> String {
        self.case(demands_tls).map(|case| self.account.catalogue.domain(case)).unwrap_or_default()
    }

    /// "server 3", "servers 3 and 4".
    fn servers(&self, servers: &[u8]) -> String {
        let numbers: Vec<String> = servers.iter().map(ToString::to_string).collect();
        let blanks = [("count", numbers.len().into()), ("list", self.words.all_of(&numbers).into())];
        self.words.tell("servers", &blanks)
    }

    /// The sender's name and addresses as the answer names them.
    fn sender(&self) -> String {
        let sources = self.account.history.sources();
        let exact = |link: &&crate::history::Attributed| {
            link.strength == crate::history::Strength::Exact && !link.link.ehlo.is_empty()
        };
        let first = self.account.history.links.iter().find(exact);
        let name = first.and_then(|attributed| attributed.link.ehlo.last()).map(|name| clean(name));
        let address = sources.first().map(|source| source.address.to_string());
        let named: Vec<String> = name.into_iter().chain(address).collect();
        if named.is_empty() {
            return String::new();
        }
        let blanks = [("named", named.join(", ").into()), ("more", (sources.len() - 1).into())];
        self.words.tell("sender", &blanks)
    }

    /// The numbers on the page of the links that `evidence` lies on.
    fn links_of(&self, evidence: &[Seq]) -> Vec<usize> {
        let mut numbers: Vec<usize> = Vec::new();
        for (n, attributed) in self.account.history.links.iter().enumerate() {
            if evidence.iter().any(|seq| super::json::observations(&attributed.link).contains(seq)) {
                numbers.push(n + 1);
            }
        }
        numbers
    }

    fn about(&self) -> String {
        let history = self.account.history;
        let domain = super::json::sender_domain(history).unwrap_or_else(|| "<>".to_owned());
        let day = history.opened.strftime("%Y-%m-%d %H:%M UTC").to_string();
        self.words.tell("about", &[("domain", clean(&domain).into()), ("day", day.into())])
    }

    fn footer(&self) -> Vec<String> {
        let history = self.account.history;
        let url = self.settings.result_url(&history.id);
        let kept = [("days", self.settings.retention_days.into()), ("url", url.into())];
        let answered = |message: &MessageFacts| message.authentication.vouched && message.no_reply.is_none();
        let vouched = history.message().is_some_and(answered);
        let withheld = match history.delivery.as_ref().map(|noted| &noted.what) {
            Some(VerdictDelivery::Withheld { reason }) => {
                let id = format!("withheld-{reason}");
                Some(if self.words.has(&id) { self.words.say(&id) } else { clean(reason) })
            }
            Some(VerdictDelivery::Failed { reason }) => Some(clean(reason)),
            _ => None,
        };
        let why = match withheld {
            Some(reason) => Some(self.words.tell("footer-withheld", &[("reason", reason.into())])),
            None => vouched.then(|| self.words.say("footer-vouched")),
        };
        why.into_iter().chain([self.words.tell("footer-kept", &kept)]).collect()
    }
}
