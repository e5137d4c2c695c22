//! Fields of JSON as reporters write them: read as they are meant, with each departure noted.

use serde_json::{Map, Value};

use super::defect::{Defect, DefectKind, add};

/// How much is kept of one text, in octets: the longest name of a host has 253.
const TEXT_OCTETS_MAX: usize = 255;

/// Reads fields and notes what is wrong with them.
#[derive(Default)]
pub(super) struct Lenient {
    pub(super) defects: Vec<Defect>,
}

impl Lenient {
    pub(super) fn note(&mut self, kind: DefectKind, field: &str) {
        add(&mut self.defects, kind, field);
    }

    /// The value of a field, if there is one; whether it must be there.
    fn value<'a>(&mut self, of: &'a Map<String, Value>, field: &str, wanted: bool) -> Option<&'a Value> {
        match of.get(field) {
            Some(Value::Null) => {
                self.note(DefectKind::Null, field);
                None
            }
            None if wanted => {
                self.note(DefectKind::Missing, field);
                None
            }
            value => value,
        }
    }

    /// A text; an empty one where it must be there is none.
    pub(super) fn text(&mut self, of: &Map<String, Value>, field: &str, wanted: bool) -> Option<String> {
        let text = match self.value(of, field, wanted)? {
            Value::String(text) => cut(text.trim()),
            Value::Number(number) => {
                self.note(DefectKind::Unfit, field);
                number.to_string()
            }
            _ => {
                self.note(DefectKind::Unfit, field);
                return None;
            }
        };
        if text.is_empty() {
            if wanted {
                self.note(DefectKind::Missing, field);
            }
            return None;
        }
        Some(text)
    }

    /// The name of a host or domain, in lower case and without a final dot.
    pub(super) fn host(&mut self, of: &Map<String, Value>, field: &str, wanted: bool) -> Option<String> {
        let text = self.text(of, field, wanted)?;
        let name = text.trim_end_matches('.').to_lowercase();
        Some(name).filter(|name| !name.is_empty())
    }

    /// What a text reads as.
    pub(super) fn parsed<T: std::str::FromStr>(
        &mut self,
        of: &Map<String, Value>,
        field: &str,
        wanted: bool,
    ) -> Option<T> {
        let text = self.text(of, field, wanted)?;
        let read = text.parse().ok();
        if read.is_none() {
            self.note(DefectKind::Unfit, field);
        }
        read
    }

    /// A number of sessions.
    pub(super) fn count(&mut self, of: &Map<String, Value>, field: &str, wanted: bool) -> Option<u64> {
        match self.value(of, field, wanted)? {
            Value::Number(number) if number.as_u64().is_some() => number.as_u64(),
            Value::String(text) if text.trim().parse::<u64>().is_ok() => {
                self.note(DefectKind::NumberAsText, field);
                text.trim().parse().ok()
            }
            _ => {
                self.note(DefectKind::Unfit, field);
                None
            }
        }
    }

    /// A list of texts, at most `max` of them.
    pub(super) fn texts(&mut self, of: &Map<String, Value>, field: &str, max: usize) -> Vec<String> {
        match self.value(of, field, false) {
            None => Vec::new(),
            Some(Value::String(text)) => {
                self.note(DefectKind::TextForList, field);
                // Some put all lines of a policy into one text.
                text.lines().map(|line| cut(line.trim())).filter(|line| !line.is_empty()).take(max).collect()
            }
            Some(Value::Array(values)) => {
                if values.iter().any(|value| !value.is_string()) {
                    self.note(DefectKind::Unfit, field);
                }
                let texts = values.iter().filter_map(Value::as_str).map(|text| cut(text.trim()));
                texts.take(max).collect()
            }
            Some(_) => {
                self.note(DefectKind::Unfit, field);
                Vec::new()
            }
        }
    }

    /// An object that must be there.
    pub(super) fn object<'a>(
        &mut self,
        of: &'a Map<String, Value>,
        field: &str,
    ) -> Option<&'a Map<String, Value>> {
        let value = self.value(of, field, true)?;
        if value.as_object().is_none() {
            self.note(DefectKind::Unfit, field);
        }
        value.as_object()
    }

    /// The objects of a list; whether it must be there.
    pub(super) fn objects<'a>(
        &mut self,
        of: &'a Map<String, Value>,
        field: &str,
        wanted: bool,
    ) -> Vec<&'a Map<String, Value>> {
        match self.value(of, field, wanted) {
            None => Vec::new(),
            // One that stands alone is not always put into a list.
            Some(Value::Object(only)) => {
                self.note(DefectKind::Unfit, field);
                vec![only]
            }
            Some(Value::Array(values)) => {
                if values.iter().any(|value| !value.is_object()) {
                    self.note(DefectKind::Unfit, field);
                }
                values.iter().filter_map(Value::as_object).collect()
            }
            Some(_) => {
                self.note(DefectKind::Unfit, field);
                Vec::new()
            }
        }
    }
}

fn cut(text: &str) -> String {
    text[..text.floor_char_boundary(TEXT_OCTETS_MAX)].to_owned()
}
