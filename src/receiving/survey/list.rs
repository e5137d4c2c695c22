//! The list of domains that a survey is of: one a line, or a table whose header names the column `domain`.

use std::collections::HashMap;

use sha2::{Digest, Sha256};

use crate::shared::domain_name::meant;
use crate::shared::text::clean_to;

/// How large a list may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListLimits {
    pub octets_max: u64,
    pub domains_max: usize,
    pub attributes_max: usize,
    /// Of one value.
    pub value_chars_max: usize,
    /// How many faults are told; the rest is counted.
    pub faults_max: usize,
}

impl Default for ListLimits {
    fn default() -> Self {
        Self {
            octets_max: 64 << 20,
            domains_max: 1_000_000,
            attributes_max: 16,
            value_chars_max: 100,
            faults_max: 20,
        }
    }
}

/// A domain of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// In A-labels.
    pub domain: String,
    /// What the list says of it, in the order of [`List::attributes`].
    pub values: Vec<String>,
}

/// A list that was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct List {
    /// The names of the columns beside the domain.
    pub attributes: Vec<String>,
    pub entries: Vec<Entry>,
}

/// What came of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listed {
    pub list: List,
    /// What is wrong, by line: `7: ...`.
    pub faults: Vec<String>,
    /// How many lines are wrong, those that [`Self::faults`] leaves out among them.
    pub wrong: usize,
    /// Domains that stand there again, with both lines; the first counts.
    pub duplicates: Vec<(String, u64, u64)>,
    /// How many there are.
    pub repeated: usize,
}

/// Which domains of a list are measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sample {
    /// None: all.
    pub size: Option<usize>,
    /// The same one draws the same domains.
    pub seed: u64,
}

impl List {
    /// Reads a list. What is wrong with single lines is in the result.
    ///
    /// # Errors
    /// If it is none as a whole, with the line.
    pub fn read(text: &str, limits: &ListLimits) -> Result<Listed, String> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut reading = Reading { limits, listed: Listed::default(), lines: HashMap::new() };
        match Form::of(text)? {
            Form::Lines => reading.lines(text)?,
            Form::Table { separator, line, header } => reading.table(text, separator, line, header)?,
        }
        let listed = reading.listed;
        if listed.list.entries.is_empty() && listed.wrong == 0 {
            return Err("there is no domain in it".to_owned());
        }
        Ok(listed)
    }

    /// The domains of a sample, in the order in which they are measured: that of a digest, so that neighbours in the list,
    /// who often share an operator, are not measured one after the other. A smaller sample is part of a larger one.
    pub fn drawn(mut self, sample: Sample) -> Self {
        self.entries.sort_by_cached_key(|entry| {
            let mut digest = Sha256::new();
            digest.update(sample.seed.to_be_bytes());
            digest.update(entry.domain.as_bytes());
            digest.finalize().to_vec()
        });
        self.entries.truncate(sample.size.unwrap_or(usize::MAX));
        self
    }

    /// By which the same list is known again, whatever the order of its lines.
    pub fn digest(&self) -> String {
        let mut lines: Vec<String> = self
            .entries
            .iter()
            .map(|entry| format!("{}\t{}", entry.domain, entry.values.join("\t")))
            .collect();
        lines.sort_unstable();
        let mut digest = Sha256::new();
        digest.update(self.attributes.join("\t"));
        for line in lines {
            digest.update(b"\n");
            digest.update(line);
        }
        data_encoding::HEXLOWER.encode(&digest.finalize())
    }
}

/// What a list is.
enum Form {
    /// One domain a line.
    Lines,
    /// A table, whose header is this.
    Table { separator: char, line: u64, header: Vec<String> },
}

/// What stands between columns.
const SEPARATORS: [char; 3] = [';', ',', '\t'];
const NO_HEADER: &str = "the header has no column `domain`; name the column with the domains `domain`, or write one domain a line";

impl Form {
    /// By the first line that has anything: a header names the column `domain`, and a domain is alone in its line.
    fn of(text: &str) -> Result<Self, String> {
        let first = numbered(text).map(|(number, line)| (number, without_remark(line)));
        let Some((line, first)) = first.into_iter().find(|(_, line)| !line.is_empty()) else {
            return Err("there is no domain in it".to_owned());
        };
        for separator in SEPARATORS {
            let Ok(mut header) = fields(first, separator) else { continue };
            if header.iter().any(|name| is_domain(name)) {
                // Spreadsheets write columns that nobody filled.
                header.truncate(header.iter().rposition(|name| !name.is_empty()).map_or(0, |last| last + 1));
                return Ok(Self::Table { separator, line, header });
            }
        }
        match is_alone(first) {
            true => Ok(Self::Lines),
            false => Err(format!("{line}: {NO_HEADER}")),
        }
    }
}

/// The lines with their numbers, however they end.
fn numbered(text: &str) -> impl Iterator<Item = (u64, &str)> {
    // Old programs end a line with the return alone.
    let old = text.contains('\r') && !text.contains('\n');
    (1..).zip(text.split(if old { '\r' } else { '\n' }))
}

/// A line without what a `#` begins that stands first or behind a space: in a link, or in a name, it is none.
fn without_remark(line: &str) -> &str {
    let begins = |(at, _): &(usize, &str)| line[..*at].chars().next_back().is_none_or(char::is_whitespace);
    let end = line.match_indices('#').find(begins).map_or(line.len(), |(at, _)| at);
    line[..end].trim()
}

fn is_domain(name: &str) -> bool {
    name.eq_ignore_ascii_case("domain")
}

/// Whether a line has one domain and no columns: an address may have a name before it, and a link anything behind it.
fn is_alone(line: &str) -> bool {
    let line = alone(line);
    let address = line.ends_with('>') && line.matches('<').count() == 1;
    address || line.contains("://") || !line.contains(SEPARATORS)
}

/// A line without columns that are empty.
fn alone(line: &str) -> &str {
    line.trim_matches(|c: char| SEPARATORS.contains(&c) || c.is_whitespace())
}

/// The columns of a line, of which each ends where the line does: a quote that was forgotten would else swallow
/// all lines up to the next one.
fn fields(line: &str, separator: char) -> Result<Vec<String>, &'static str> {
    enum At {
        Begin,
        Bare,
        Quoted,
        Behind,
    }
    const STRAY: &str =
        "a quote stands within a column; write the whole column in quotes, and each quote in it twice";
    let (mut all, mut field, mut at) = (Vec::new(), String::new(), At::Begin);
    for c in line.chars() {
        at = match (at, c) {
            (At::Begin, '"') => At::Quoted,
            (At::Quoted, '"') => At::Behind,
            (At::Behind, '"') => {
                field.push(c);
                At::Quoted
            }
            (At::Quoted, _) => {
                field.push(c);
                At::Quoted
            }
            (_, c) if c == separator => {
                all.push(std::mem::take(&mut field).trim().to_owned());
                At::Begin
            }
            (At::Begin, c) if c.is_whitespace() => At::Begin,
            (At::Behind, c) if c.is_whitespace() => At::Behind,
            (At::Behind, _) | (At::Bare, '"') => return Err(STRAY),
            (At::Begin | At::Bare, _) => {
                field.push(c);
                At::Bare
            }
        };
    }
    if matches!(at, At::Quoted) {
        return Err("a quote opens here that its line does not close; a column has one line");
    }
    all.push(field.trim().to_owned());
    Ok(all)
}

struct Reading<'a> {
    limits: &'a ListLimits,
    listed: Listed,
    /// Where each domain stands first.
    lines: HashMap<String, u64>,
}

impl Reading<'_> {
    fn lines(&mut self, text: &str) -> Result<(), String> {
        for (number, line) in numbered(text) {
            let line = alone(without_remark(line));
            if line.is_empty() {
                continue;
            }
            match is_alone(line) {
                true => self.take(number, line, Vec::new())?,
                false => self.fault(
                    number,
                    "it has several columns; write one domain a line, or a header that names the column `domain`",
                ),
            }
        }
        Ok(())
    }

    fn table(&mut self, text: &str, separator: char, above: u64, header: Vec<String>) -> Result<(), String> {
        let wrong = |what: &str| Err(format!("{above}: {what}"));
        let Some(place) = header.iter().position(|name| is_domain(name)) else { return wrong(NO_HEADER) };
        let others = || (0..header.len()).filter(|column| *column != place);
        if others().count() > self.limits.attributes_max {
            return wrong(&format!(
                "there are more than {} columns beside `domain`",
                self.limits.attributes_max
            ));
        }
        let name = |column: usize| clean_to(&header[column], self.limits.value_chars_max);
        let names: Vec<String> = others().map(name).collect();
        if let Some(column) = others().find(|column| header[*column].is_empty()) {
            return wrong(&format!("column {} has no name", column + 1));
        }
        let is_again = |(at, name): &(usize, &String)| is_domain(name) || names[..*at].contains(name);
        if let Some((_, twice)) = names.iter().enumerate().find(is_again) {
            return wrong(&format!("the column `{twice}` is there twice"));
        }
        self.listed.list.attributes = names;
        for (line, written) in numbered(text).skip_while(|(line, _)| *line <= above) {
            if written.trim().is_empty() || written.trim_start().starts_with('#') {
                continue;
            }
            let mut record = match fields(written, separator) {
                Ok(record) => record,
                Err(what) => {
                    self.fault(line, what);
                    continue;
                }
            };
            if record.iter().all(String::is_empty) {
                continue;
            }
            while record.len() > header.len() && record.last().is_some_and(String::is_empty) {
                record.pop();
            }
            if record.len() != header.len() {
                self.fault(line, &format!("{} columns stand under {}", record.len(), header.len()));
                continue;
            }
            let is_long = |at: &usize| record[*at].chars().count() > self.limits.value_chars_max;
            if let Some(long) = others().find(is_long) {
                let (column, most) = (name(long), self.limits.value_chars_max);
                self.fault(line, &format!("`{column}` has more than {most} characters"));
                continue;
            }
            let values =
                others().map(|column| clean_to(&record[column], self.limits.value_chars_max)).collect();
            self.take(line, &record[place], values)?;
        }
        Ok(())
    }

    fn take(&mut self, line: u64, written: &str, values: Vec<String>) -> Result<(), String> {
        let Ok(domain) = meant(written) else {
            self.fault(line, &format!("`{}` is no domain", clean_to(written, 60)));
            return Ok(());
        };
        if let Some(first) = self.lines.get(&domain) {
            self.listed.repeated += 1;
            if self.listed.duplicates.len() < self.limits.faults_max {
                self.listed.duplicates.push((domain, *first, line));
            }
            return Ok(());
        }
        if self.lines.len() >= self.limits.domains_max {
            return Err(format!(
                "{line}: there are more than {} domains; split the list",
                self.limits.domains_max
            ));
        }
        self.lines.insert(domain.clone(), line);
        self.listed.list.entries.push(Entry { domain, values });
        Ok(())
    }

    fn fault(&mut self, line: u64, what: &str) {
        self.listed.wrong += 1;
        if self.listed.faults.len() < self.limits.faults_max {
            self.listed.faults.push(format!("{line}: {what}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Listed {
        List::read(text, &ListLimits::default()).unwrap()
    }

    #[test]
    fn a_sample_is_the_same_each_time_and_part_of_a_larger_one() {
        let text: String = (0..200).map(|nth| format!("d{nth}.example\n")).collect();
        let list = read(&text).list;
        let drawn = |size, seed| {
            let drawn = list.clone().drawn(Sample { size: Some(size), seed });
            drawn.entries.into_iter().map(|entry| entry.domain).collect::<Vec<_>>()
        };
        assert_eq!(drawn(20, 1), drawn(20, 1));
        assert_eq!(drawn(20, 1)[..], drawn(50, 1)[..20]);
        assert_ne!(drawn(20, 1), drawn(20, 2));
        let mut turned = list.clone();
        turned.entries.reverse();
        assert_eq!(turned.digest(), list.digest());
    }

    #[test]
    fn tables_have_a_header_and_faults_a_line() {
        let listed = read(
            "Sector;domain;region\nlaw;B\u{fc}cher.example;north\n# a remark\nlaw;b\u{fc}cher.example;south\n;192.0.2.1;x\nlaw;b.example\n",
        );
        assert_eq!(listed.list.attributes, ["Sector", "region"]);
        assert_eq!(listed.list.entries.len(), 1);
        assert_eq!(listed.list.entries[0].domain, "xn--bcher-kva.example");
        assert_eq!(listed.duplicates, [("xn--bcher-kva.example".to_owned(), 2, 4)]);
        assert_eq!(listed.faults, ["5: `192.0.2.1` is no domain", "6: 2 columns stand under 3"]);
        let headless = List::read("a.example,law\n", &ListLimits::default()).unwrap_err();
        assert!(headless.contains("no column `domain`"), "{headless}");
        assert!(List::read("# nothing\n", &ListLimits::default()).is_err());
    }

    /// Whatever the first line looks like: it reads, or is told with its line.
    #[test]
    fn a_plain_list_is_none_the_less_for_what_stands_beside_its_domains() {
        for (text, domains) in [
            ("example.org # big, x\nb.example\n", &["example.org", "b.example"][..]),
            ("a.example,\nb.example;;\n", &["a.example", "b.example"]),
            ("  # indented, as; a remark\na.example\n", &["a.example"]),
            ("Jim, Example <jim@a.example>\nAnn <ann@b.example>\n", &["a.example", "b.example"]),
            ("https://a.example/x,y;z#w\r\nb.example\r\n", &["a.example", "b.example"]),
            ("a.example\rb.example\r", &["a.example", "b.example"]),
            ("domain;sector;;\na.example;law;;\nb.example;law\n;;;\n", &["a.example", "b.example"]),
            ("domain # all, of them\na.example\n", &["a.example"]),
            ("a,b;domain\nx,y;a.example\n", &["a.example"]),
            ("\"domain\" , \"sector\"\n\"a.example\", \"a, \"\"b\"\"\"\n", &["a.example"]),
        ] {
            let listed = read(text);
            let read: Vec<_> = listed.list.entries.iter().map(|entry| entry.domain.as_str()).collect();
            assert_eq!((read.as_slice(), listed.faults.len()), (domains, 0), "{text}: {:?}", listed.faults);
        }
        for (text, fault) in [
            ("a.example\nb.example, c.example\n", "2: it has several columns"),
            ("a.example\nJim <a@b.example>, Ann <c@d.example>\n", "2: it has several columns"),
            ("domain,sector\na.example,5\" pipes\n", "2: a quote stands within a column"),
        ] {
            let listed = read(text);
            assert_eq!(listed.wrong, 1, "{text}");
            assert!(listed.faults[0].starts_with(fault), "{text}: {:?}", listed.faults);
        }
        for (text, error) in [
            ("# one\n\na.example,law\n", "3: the header has no column `domain`"),
            ("domain;Domain\na.example;b.example\n", "1: the column `Domain` is there twice"),
            ("domain;;sector\na.example;;law\n", "1: column 2 has no name"),
        ] {
            let told = List::read(text, &ListLimits::default()).unwrap_err();
            assert!(told.starts_with(error), "{text}: {told}");
        }
    }

    #[test]
    fn a_quote_that_is_not_closed_takes_one_line_with_it() {
        let listed = read("domain,firm\na.example,\"A\nb.example,B\nc.example,\"C\nGmbH\"\nd.example,D\n");
        let read: Vec<_> = listed.list.entries.iter().map(|entry| entry.domain.as_str()).collect();
        assert_eq!(read, ["b.example", "d.example"]);
        let lines: Vec<_> = listed.faults.iter().map(|fault| fault.split(':').next().unwrap()).collect();
        assert_eq!(lines, ["2", "4", "5"]);
        assert!(listed.faults[0].contains("a quote opens here that its line does not close"));
    }

    #[test]
    fn what_is_too_much_is_refused() {
        let few = ListLimits { domains_max: 1, ..ListLimits::default() };
        let error = List::read("a.example\n# two\nb.example\n", &few).unwrap_err();
        assert!(error.starts_with("3: there are more than 1 domains"), "{error}");
    }
}
