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
use super::words::Words;
use super::{Account, Settings};

pub(super) use answer::trial_verdict;

/// Why a finding is as it is, in the language of JSON.
pub(super) fn reason_in_english(account: Account<'_>, settings: &Settings, finding: &Finding) -> String {
    findings::reason(&Telling { account, settings, words: Words::of(Language::En) }, finding)
}

/// A verdict in words: what text and HTML both say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// The language.
    pub language: Language,
    /// Whose mail it is about, and when it came.
    pub about: String,
    /// One line that states the answer.
    pub subject: String,
    /// How good the answer is as a whole.
    pub tone: Tone,
    /// The answer for a person with a mailbox, a sentence each.
    pub answer: Vec<String>,
    /// The policy in the field's terms.
    pub term: String,
    /// The rest, in order.
    pub sections: Vec<Section>,
    /// Where this page is kept and for how long.
    pub footer: Vec<String>,
}

/// How good something is. Shown by a symbol as well as by a colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tone {
    /// It protects.
    Good,
    /// It does not.
    Bad,
    /// Neither.
    Info,
    /// It could not be told.
    Inconclusive,
}

impl Tone {
    /// Its symbol.
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Good => "✔",
            Self::Bad => "✘",
            Self::Info => "–",
            Self::Inconclusive => "?",
        }
    }

    /// Its name, which is its class in HTML.
    pub fn name(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Bad => "bad",
            Self::Info => "info",
            Self::Inconclusive => "inconclusive",
        }
    }

    /// Its colour where no style sheet is heeded, as some mail programs do: dark enough on white for WCAG AA.
    pub fn colour(self) -> &'static str {
        match self {
            Self::Good => "#0a6b2d",
            Self::Bad => "#b3161b",
            Self::Info => "#4a5560",
            Self::Inconclusive => "#8a5300",
        }
    }
}

/// A part of a page under a title.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// The title.
    pub title: String,
    /// What is said before the body; may be empty.
    pub intro: String,
    /// The body.
    pub body: Body,
}

/// What a section holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// A line each: symbol, what, result, how it is known.
    Checks(Vec<Check>),
    /// A paragraph each, under a title of its own.
    Entries(Vec<Entry>),
    /// Numbered steps.
    Steps(Vec<String>),
    /// Points.
    Points(Vec<String>),
    /// The connection history.
    Connections(Vec<Connection>),
    /// Lines of a log.
    Log(Vec<String>),
    /// The introduction is all there is.
    Nothing,
}

/// A line of the table of mechanisms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// How good it is.
    pub tone: Tone,
    /// What was looked at.
    pub label: String,
    /// What was found.
    pub result: String,
    /// How we know.
    pub how: String,
}

/// A paragraph of the analysis.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// How good it is.
    pub tone: Tone,
    /// What it is about, with the result.
    pub title: String,
    /// The paragraphs.
    pub text: Vec<String>,
    /// The connections that show it and the sections of RFCs.
    pub rests_on: String,
}

/// A link in the connection history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connection {
    /// Its number on the page, from 1.
    pub number: usize,
    /// How good it is, as far as a single link can show that.
    pub tone: Tone,
    /// The day in UTC, where it is another than the line before shows.
    pub day: Option<String>,
    /// "22:51:03–22:51:04".
    pub time: String,
    /// "Server 3 (mx03.et)".
    pub server: String,
    /// "plain text" or "TLS 1.3".
    pub transport: String,
    /// `None`, `SniSeen`, `TlsStarted`, `Mail` or `Acked`.
    pub state: &'static str,
    /// What else was seen, a line each.
    pub details: Vec<String>,
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
            Some(telling.section("receiving", Body::Nothing)),
            advice::section(&telling),
            findings::analysis(&telling),
            message::section(&telling),
            Some(connections::section(&telling)),
            lookups::queries(&telling),
            lookups::fetches(&telling),
            Some(unknown::section(&telling)),
        ];
        Self {
            language,
            about: telling.about(),
            subject: answer::subject(&telling),
            tone: answer::tone(&telling),
            answer: answer::sentences(&telling),
            term: answer::term_line(&telling),
            sections: sections.into_iter().flatten().collect(),
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
        }
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
