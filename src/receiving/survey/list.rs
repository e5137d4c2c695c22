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
        let first = text.lines().find(|line| !line.trim().is_empty() && !line.starts_with('#'));
        let Some(first) = first else { return Err("there is no domain in it".to_owned()) };
        let separator =
            [b';', b',', b'\t'].into_iter().find(|separator| first.as_bytes().contains(separator));
        let headed = separator.is_some() || first.trim().eq_ignore_ascii_case("domain");
        let mut reading = Reading { limits, listed: Listed::default(), lines: HashMap::new() };
        if headed {
            reading.table(text, separator.unwrap_or(b','))?
        } else {
            reading.lines(text)?
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

struct Reading<'a> {
    limits: &'a ListLimits,
    listed: Listed,
    /// Where each domain stands first.
    lines: HashMap<String, u64>,
}

impl Reading<'_> {
    fn lines(&mut self, text: &str) -> Result<(), String> {
        for (number, line) in (1..).zip(text.lines()) {
            let line = line.split('#').next().unwrap_or_default().trim();
            if !line.is_empty() {
                self.take(number, line, Vec::new())?;
            }
        }
        Ok(())
    }

    fn table(&mut self, text: &str, separator: u8) -> Result<(), String> {
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(separator)
            .comment(Some(b'#'))
            .flexible(true)
            .trim(csv::Trim::All)
            .from_reader(text.as_bytes());
        let header = reader.headers().map_err(|error| clean_to(&error.to_string(), 200))?.clone();
        let named = |name: &str| name.eq_ignore_ascii_case("domain");
        let Some(place) = header.iter().position(named) else {
            let advice = "name the column with the domains `domain`, or write one domain a line";
            return Err(format!("1: the header has no column `domain`; {advice}"));
        };
        let others = || (0..header.len()).filter(|column| *column != place);
        if others().count() > self.limits.attributes_max {
            return Err(format!(
                "1: there are more than {} columns beside `domain`",
                self.limits.attributes_max
            ));
        }
        let name = |column| clean_to(header.get(column).unwrap_or_default(), self.limits.value_chars_max);
        let names: Vec<String> = others().map(name).collect();
        if let Some(twice) = names.iter().enumerate().find(|(at, name)| names[..*at].contains(name)) {
            return Err(format!("1: the column `{}` is there twice", twice.1));
        }
        self.listed.list.attributes = names;
        for record in reader.records() {
            let record = match record {
                Ok(record) => record,
                Err(error) => {
                    let line = error.position().map_or(0, csv::Position::line);
                    self.fault(line, "the line does not read as CSV in UTF-8");
                    continue;
                }
            };
            let line = record.position().map_or(0, |at| own_line(text, at));
            if record.len() != header.len() {
                self.fault(line, &format!("{} columns stand under {}", record.len(), header.len()));
                continue;
            }
            let value = |column: usize| record.get(column).unwrap_or_default();
            if let Some(long) = others().find(|at| value(*at).chars().count() > self.limits.value_chars_max) {
                let (column, most) = (name(long), self.limits.value_chars_max);
                self.fault(line, &format!("`{column}` has more than {most} characters"));
                continue;
            }
            let values =
                others().map(|column| clean_to(value(column), self.limits.value_chars_max)).collect();
            self.take(line, value(place), values)?;
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

/// The line of a record: the position that the reader tells is that of the remarks above it.
fn own_line(text: &str, at: &csv::Position) -> u64 {
    let from = usize::try_from(at.byte()).unwrap_or(usize::MAX);
    let lines = text.get(from..).unwrap_or_default().lines();
    let above = lines.take_while(|line| line.is_empty() || line.starts_with('#')).count();
    at.line().saturating_add(u64::try_from(above).unwrap_or(0))
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

    #[test]
    fn what_is_too_much_is_refused() {
        let few = ListLimits { domains_max: 1, ..ListLimits::default() };
        let error = List::read("a.example\n# two\nb.example\n", &few).unwrap_err();
        assert!(error.starts_with("3: there are more than 1 domains"), "{error}");
    }
}
