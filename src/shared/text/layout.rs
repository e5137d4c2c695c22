//! What a page is made of, in words and without a form.

use super::grid::Grid;
use super::language::Language;
use super::tone::Tone;

/// A verdict in words: what text and HTML both say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    pub language: Language,
    /// Whose mail it is about, and when it came.
    pub about: String,
    /// One line that states the answer.
    pub subject: String,
    /// How good the answer is as a whole.
    pub tone: Tone,
    /// The answer for a person with a mailbox, a sentence each.
    pub answer: Vec<String>,
    /// The policy in the field's terms; empty where a section says it.
    pub term: String,
    /// The rest, in order.
    pub sections: Vec<Section>,
    /// What stands over evidence that is folded away.
    pub evidence_title: String,
    /// Where this page is kept and for how long.
    pub footer: Vec<String>,
}

impl Page {
    /// The answer in a single line with its symbol.
    pub fn headline(&self) -> String {
        format!("{} {}", self.tone.symbol(), self.subject)
    }

    /// The sentences of the footer, each with the address on the web that it ends in, if it does.
    pub fn footer_links(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        self.footer.iter().map(|sentence| match sentence.rsplit_once(' ') {
            Some((text, url)) if url.starts_with("https://") || url.starts_with("http://") => {
                (text, Some(url))
            }
            _ => (sentence.as_str(), None),
        })
    }
}

/// A part of a page under a title.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    pub title: String,
    /// What is said before the body; may be empty.
    pub intro: String,
    pub body: Body,
    /// Whether it is for those who want to know everything: shown as HTML only, so that a mail stays short.
    pub detailed: bool,
}

/// What a section holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// A line each: symbol, what, result, how it is known.
    Checks(Vec<Check>),
    /// An address on the web after the introduction; there is no title.
    Link(String),
    /// Nothing: the title draws a line between what is for everybody and what is for administrators.
    Divider,
    /// A line each: what a sender practises.
    Practices(Practices),
    /// Numbered steps with their settings, of which text shows only some.
    Todo(Todo),
    /// Lines of a log, of which text shows only some.
    Lines(Lines),
    /// Lines of a log that are folded away.
    Folded(Lines),
    Points(Vec<String>),
    /// The connection history in full, folded away under this line.
    Connections(String, Vec<Connection>),
    /// What the checks of a group found.
    Findings(Findings),
    /// Numbered steps with the settings that take them.
    Advice(Vec<Step>),
    Table(Table),
    /// A small table of rows and columns that both have names.
    Grid(Grid),
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
    pub how: String,
}

/// What a sender practises.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Practices {
    pub practices: Vec<Practice>,
    /// Whether text has room for no more than what shows it.
    pub brief_in_text: bool,
}

/// One thing that a sender practises or does not, so told that "yes" is good wherever it matters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Practice {
    /// How good it is.
    pub tone: Tone,
    /// What was looked at.
    pub label: String,
    /// "Yes", "no", "broken", or why there is neither.
    pub result: String,
    /// How we know, with the observations that show it.
    pub how: String,
    /// Those observations alone.
    pub evidence: String,
    /// What it means and where it is written; HTML has the room for it.
    pub meaning: String,
}

/// Steps for an administrator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Todo {
    /// The steps, the most urgent first.
    pub steps: Vec<Step>,
    /// How much of them text shows.
    pub in_text: TodoInText,
    /// What text says of the settings that it does not show; empty if there are none.
    pub left_out: String,
}

/// How much of a [`Todo`] text shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TodoInText {
    /// How many steps, from the first on, beside a last one for those who run no server themselves.
    pub steps: usize,
    /// Of how many steps, from the first on, the settings are shown.
    pub settings: usize,
    /// Of how many products, from the first on.
    pub products: usize,
    /// How many steps, from the first on, have more than their titles.
    pub paragraphs: usize,
}

/// Lines of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lines {
    pub lines: Vec<Line>,
    /// What is said of lines that are not here; empty if all are. Where they are folded away, it stands above them.
    pub more: String,
    /// How many of them text shows.
    pub in_text: usize,
    /// What text says of the lines that it does not show; empty if it shows all.
    pub more_in_text: String,
}

/// A line of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The numbers that evidence cites.
    pub numbers: String,
    pub time: String,
    pub text: String,
    /// How good it is; none where a single line cannot show that.
    pub tone: Option<Tone>,
}

/// What the checks of a group found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Findings {
    /// What is to be looked at, in full: what failed, what can be better, what is open.
    pub found: Vec<Found>,
    /// What is well or only for information, in a line each; HTML folds it away.
    pub fine: Vec<Found>,
    /// What stands over it there: "7 more are in order or for information".
    pub fine_title: String,
    /// What needs no line of its own, such as what does not apply, a sentence for each reason.
    pub besides: Vec<(Tone, String)>,
}

/// What a check of a domain found, at all its subjects.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// How good the worst of it is.
    pub tone: Tone,
    /// What was looked at.
    pub title: String,
    pub result: String,
    /// A sentence for each thing that was found, with the servers at which it was.
    pub sentences: Vec<String>,
    /// Why it matters; empty where it is well.
    pub why: String,
    /// Names and values as they were seen, a row each; empty where it is well.
    pub details: Vec<String>,
    /// What was seen, in the words of the protocols.
    pub evidence: Vec<String>,
}

/// Something to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// How urgent it is.
    pub tone: Tone,
    /// What it is about.
    pub title: String,
    /// What to do, and whom it may lock out; a paragraph each.
    pub text: Vec<String>,
    /// What the settings belong to, and their lines: `Postfix`, `smtpd_tls_protocols = >=TLSv1.2`.
    pub settings: Vec<(String, Vec<String>)>,
}

/// A table. Where a row does not fit into a line of text, it is told field by field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// The names of the columns.
    pub head: Vec<String>,
    /// The rows, each as long as the head.
    pub rows: Vec<Vec<Field>>,
}

impl Table {
    /// With more columns than this a table does not fit into a page, and is turned.
    const COLUMNS_MAX: usize = 7;

    /// Whether rows and columns change places in HTML.
    pub fn is_broad(&self) -> bool {
        self.head.len() > Self::COLUMNS_MAX
    }

    /// Each field of a row with the name of its column.
    pub fn labelled<'a>(&'a self, row: &'a [Field]) -> impl Iterator<Item = (&'a Field, &'a str)> {
        row.iter().zip(self.head.iter().map(String::as_str))
    }

    /// Each column with its name, each field with what its row is about.
    pub fn columns(&self) -> impl Iterator<Item = (&str, Vec<(&Field, &str)>)> {
        fn field(row: &[Field], n: usize) -> Option<(&Field, &str)> {
            Some((row.get(n)?, row.first()?.text.as_str()))
        }
        let column = |n: usize| self.rows.iter().filter_map(|row| field(row, n)).collect();
        self.head.iter().enumerate().map(move |(n, name)| (name.as_str(), column(n)))
    }
}

/// A field of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// How good it is; none: it is only named.
    pub tone: Option<Tone>,
    /// What stands there.
    pub text: String,
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
    /// What else was seen, a line each.
    pub details: Vec<String>,
}
