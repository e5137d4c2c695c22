//! A verdict in words and without a form.

mod advice;
mod answer;
mod attack;
mod brief;
mod cases;
mod connections;
mod findings;
mod lookups;
mod message;
mod steps;
mod telling;

use std::cell::OnceCell;
use std::net::IpAddr;

use crate::sending::history::{MessageFacts, Seq, VerdictDelivery};
use crate::sending::verdict::{AttackCell, Finding};
use crate::shared::text::Language;

use super::account::{Account, Settings};
use crate::receiving::report as receiving;
use crate::receiving::report::Half;
use crate::shared::text::{Body, Page, Section, TodoInText, clean};

pub(super) use answer::trial_verdict;
pub(super) use cases::summary as cases_summary;
pub(super) use lookups::Seen;
pub use steps::{StepKind, ToldStep, awaited, steps, steps_after};

use telling::Telling;

/// Why a finding is as it is.
pub fn reason(account: Account<'_>, settings: &Settings, finding: &Finding, language: Language) -> String {
    let words = crate::program::report::words::of(language);
    findings::reason(&Telling { account, settings, words }, finding)
}

/// The same in the language of JSON.
pub(super) fn reason_in_english(account: Account<'_>, settings: &Settings, finding: &Finding) -> String {
    reason(account, settings, finding, Language::En)
}

/// Why a cell of the attack view is as it is, in the language of JSON.
pub(super) fn attack_in_english(account: Account<'_>, settings: &Settings, cell: &AttackCell) -> String {
    let telling = Telling { account, settings, words: crate::program::report::words::of(Language::En) };
    attack::note(&telling, cell)
}

/// How long a mail is: short enough to be read, and under what Gmail cuts (102 kB of HTML).
#[derive(Clone, Copy)]
struct Room {
    /// How many lines the text of a mail has at most.
    text_lines_max: usize,
    /// Octets of HTML.
    html_octets_max: usize,
}

/// Of a mail about sending alone.
const SENDING: Room = Room { text_lines_max: 60, html_octets_max: 25_000 };

/// Of one about both halves.
const BOTH: Room = Room { text_lines_max: 120, html_octets_max: 60_000 };

/// With fewer lines of connections than this, settings go before them.
const CONNECTIONS_MIN: usize = 6;

/// How much a mail tells.
#[derive(Clone, Copy)]
struct Form {
    /// Whether text says no more of a practice than what shows it.
    terse: bool,
    /// What text shows of the steps.
    todo: TodoInText,
    /// How many failures of each group of checks are told.
    failures_max: usize,
    /// Of how many steps HTML shows the settings.
    settings_max: usize,
}

/// What a mail's text shows of the steps, from the most to the least, and how many failures of a group are told.
const TOLD: [(TodoInText, usize); 8] = [
    (in_text(ALL, ALL, 2, ALL), FAILURES_MAX),
    (in_text(8, 3, 2, ALL), 2),
    (in_text(8, 1, 2, ALL), 2),
    (in_text(8, 1, 2, 1), 1),
    (in_text(6, 1, 1, 1), 1),
    (in_text(5, 0, 0, 1), 0),
    (in_text(4, 0, 0, 0), 0),
    (in_text(2, 0, 0, 0), 0),
];

const ALL: usize = usize::MAX;

/// How many failures of a group a mail tells at most.
const FAILURES_MAX: usize = 3;

const fn in_text(steps: usize, settings: usize, products: usize, paragraphs: usize) -> TodoInText {
    TodoInText { steps, settings, products, paragraphs }
}

/// Of how many steps HTML shows the settings, from the most to the least.
const SETTINGS_IN_HTML: [usize; 4] = [ALL, 6, 3, 1];

impl Page {
    /// The verdict of `account` in words of `language`, as it is mailed: short, with a link to the whole.
    pub fn new(account: Account<'_>, language: Language, settings: &Settings) -> Self {
        let telling = Telling { account, settings, words: crate::program::report::words::of(language) };
        telling.fitting()
    }

    /// The verdict in full, as it stands at its address.
    pub fn whole(account: Account<'_>, language: Language, settings: &Settings) -> Self {
        let telling = Telling { account, settings, words: crate::program::report::words::of(language) };
        let mut sections = vec![advice::Steps::of(&telling).section(in_text(ALL, ALL, ALL, ALL), ALL)];
        sections.extend(findings::summary(&telling, false));
        sections.extend(findings::apart(&telling));
        sections.extend(cases::sections(&telling, true));
        sections.push(brief::Brief::of(&telling).section(brief::LINES_MAX, brief::LINES_MAX));
        sections.push(connections::section(&telling));
        sections.extend(lookups::whole(&telling));
        sections.extend(message::section(&telling));
        sections.extend(telling.besides());
        for section in &mut sections {
            section.detailed = false;
        }
        let senders = telling.senders();
        sections.extend(telling.receiving(ALL));
        sections.extend(receiving::details(account.receiving, telling.told(&senders)));
        let mut page = telling.page(sections);
        if let Some(attacks) = attack::View::of(&telling) {
            page.sections.insert(0, attacks.section(true));
        }
        if let Some(link) = page.sections.iter_mut().find(|section| matches!(section.body, Body::Link(_))) {
            link.intro = telling.words.say("answer-link-page");
        }
        page
    }
}

impl Telling<'_> {
    /// Both halves, with as much of connections, settings and failures as a mail has room for.
    fn fitting(&self) -> Page {
        let bare = self.page(Vec::new());
        let cases = cases::sections(self, false);
        let room = self.room(&bare, &cases);
        let attack = attack::View::of(self);
        let attacks =
            [true, false].map(|notes_in_text| attack.as_ref().map(|view| view.section(notes_in_text)));
        let summaries = [false, true].map(|brief| findings::summary(self, brief));
        let apart = findings::apart(self);
        let last = [lookups::cited(self), self.besides()].concat();
        let brief = brief::Brief::of(self);
        let steps = advice::Steps::of(self);
        let receiving: [OnceCell<Option<Section>>; FAILURES_MAX + 1] = Default::default();
        let page = |form: Form, lines, in_text| {
            let mut page = bare.clone();
            if let Some(attacks) = &attacks[usize::from(form.terse)] {
                page.sections.insert(0, attacks.clone());
            }
            page.sections.push(steps.section(form.todo, form.settings_max));
            page.sections.extend(summaries[usize::from(form.terse)].clone());
            page.sections.extend(apart.clone());
            page.sections.extend(cases.iter().cloned());
            let told = || self.receiving(form.failures_max);
            page.sections.extend(receiving[form.failures_max].get_or_init(told).clone());
            page.sections.push(brief.section(lines, in_text));
            page.sections.extend(last.iter().cloned());
            page
        };
        // The largest number up to the limit that keeps the page short enough.
        let most = |fits: &dyn Fn(usize) -> bool| {
            if fits(brief::LINES_MAX) {
                return brief::LINES_MAX;
            }
            let (mut fit, mut unfit) = (0, brief::LINES_MAX);
            while unfit - fit > 1 {
                let tried = fit.midpoint(unfit);
                if fits(tried) { fit = tried } else { unfit = tried }
            }
            fit
        };
        let is_short = |page: &Page| page.text().lines().count() <= room.text_lines_max;
        let is_light = |page: &Page| page.html().len() <= room.html_octets_max;
        let wanted = self.account.history.links.len().min(CONNECTIONS_MIN);
        let forms_of =
            |terse| TOLD.map(|(todo, failures_max)| Form { terse, todo, failures_max, settings_max: ALL });
        let forms = [forms_of(false), forms_of(true)].concat();
        let least = forms[forms.len() - 1];
        let short = |form: &Form| is_short(&page(*form, brief::LINES_MAX, wanted));
        let form = forms.into_iter().find(short).unwrap_or(least);
        let lighter = SETTINGS_IN_HTML.map(|settings_max| Form { settings_max, ..form });
        let light = |form: &Form| is_light(&page(*form, wanted, wanted));
        let form = lighter.into_iter().find(light).unwrap_or(lighter[lighter.len() - 1]);
        let in_text = most(&|in_text| is_short(&page(form, brief::LINES_MAX, in_text)));
        let lines = most(&|lines| is_light(&page(form, lines, in_text)));
        page(form, lines, in_text)
    }

    /// How long the mail may be: what is said of ruled cases comes on top.
    fn room(&self, bare: &Page, cases: &[Section]) -> Room {
        let room = if self.account.receiving.is_scanned() { BOTH } else { SENDING };
        let mut with = bare.clone();
        with.sections.extend(cases.iter().cloned());
        let lines = |page: &Page| page.text().lines().count();
        Room {
            text_lines_max: room.text_lines_max + lines(&with) - lines(bare),
            html_octets_max: room.html_octets_max + with.html().len() - bare.html().len(),
        }
    }

    /// A page of these sections under the answer.
    fn page(&self, sections: Vec<Section>) -> Page {
        let url = self.settings.result_url(&self.account.history.id);
        let title = String::new();
        let link =
            Section { title, intro: self.words.say("answer-link"), body: Body::Link(url), detailed: false };
        let divider = Section {
            title: self.words.say("for-administrators"),
            intro: String::new(),
            body: Body::Divider,
            detailed: false,
        };
        Page {
            language: self.words.language(),
            about: self.about(),
            subject: answer::subject(self),
            tone: answer::tone(self),
            answer: answer::paragraphs(self),
            term: String::new(),
            sections: [link, divider].into_iter().chain(sections).collect(),
            evidence_title: self.words.say("recv-evidence"),
            footer: self.footer(),
        }
    }

    /// What could not be told, and what does not count.
    fn besides(&self) -> Vec<Section> {
        [lookups::others(self), self.unknown()].into_iter().flatten().collect()
    }

    /// How well the sender's own domain receives, in short.
    fn receiving(&self, failures_max: usize) -> Option<Section> {
        let half = self.account.receiving;
        let senders = self.senders();
        let shown = !matches!(half, Half::NotScanned) || self.settings.scans;
        shown.then(|| receiving::section(half, self.told(&senders), failures_max))
    }

    /// The addresses from which the mail came.
    fn senders(&self) -> Vec<IpAddr> {
        self.account.history.sources().iter().map(|source| source.address).collect()
    }

    /// How the other half is told.
    fn told<'a>(&self, senders: &'a [IpAddr]) -> receiving::Told<'a> {
        receiving::Told { words: self.words, senders, now: self.account.now }
    }

    /// "connections 5–8, 10; names asked 3; fetch 1": where the page shows what a finding rests on.
    fn evidence(&self, seqs: &[Seq]) -> String {
        let of_entries = |entries: Vec<lookups::Entry>| -> Vec<usize> {
            let cited = entries
                .iter()
                .enumerate()
                .filter(|(_, entry)| entry.seqs.iter().any(|seq| seqs.contains(seq)));
            cited.map(|(n, _)| n + 1).collect()
        };
        let links = self.links_of(seqs);
        // What lies on links need not be looked for in the logs.
        let more = seqs.len() > links.len();
        let (names, fetches) = match more {
            true => (of_entries(lookups::asked(self)), of_entries(lookups::fetched(self))),
            false => (Vec::new(), Vec::new()),
        };
        let parts =
            [("evidence-connections", links), ("evidence-names", names), ("evidence-fetches", fetches)];
        let told = parts.into_iter().filter(|(_, numbers)| !numbers.is_empty()).map(|(id, numbers)| {
            let list = findings::listed(&numbers);
            self.words.tell(id, &[("count", numbers.len().into()), ("list", list.into())])
        });
        told.collect::<Vec<_>>().join("; ")
    }

    fn about(&self) -> String {
        let history = self.account.history;
        let domain = super::link::sender_domain(history).unwrap_or_else(|| "<>".to_owned());
        let day = self.words.moment(history.opened);
        self.words.tell("about", &[("domain", clean(&domain).into()), ("day", day.into())])
    }

    fn footer(&self) -> Vec<String> {
        let history = self.account.history;
        let kept = [("days", self.settings.retention_days.into())];
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
