//! What was rendered already: a page of something that does not change is made once, within a limit of octets.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;

/// How much is remembered, in octets.
const OCTETS_MAX: usize = 16 << 20;

/// A page's inner part, or a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::program::site) struct Part {
    /// What it says in one line.
    pub(in crate::program::site) title: String,
    pub(in crate::program::site) text: String,
}

/// Parts by what they are of. Beyond the limit those go that were not asked for the longest.
#[derive(Debug, Default)]
pub(in crate::program::site) struct Rendered(Mutex<Table>);

#[derive(Debug, Default)]
struct Table {
    parts: HashMap<String, (u64, Arc<Part>)>,
    /// How often something was asked for: the time of this table.
    asked: u64,
    octets: usize,
}

impl Rendered {
    /// The part that was made of `key`, if it is remembered.
    pub(in crate::program::site) fn get(&self, key: &str) -> Option<Arc<Part>> {
        let mut table = self.0.lock();
        table.asked += 1;
        let asked = table.asked;
        let (last, part) = table.parts.get_mut(key)?;
        *last = asked;
        Some(Arc::clone(part))
    }

    /// Remembers a part. What is larger than all that is remembered is not.
    pub(in crate::program::site) fn keep(&self, key: String, part: Arc<Part>) {
        let octets = octets(&key, &part);
        if octets > OCTETS_MAX {
            return;
        }
        let mut table = self.0.lock();
        table.remove(&key);
        while table.octets + octets > OCTETS_MAX {
            let oldest = table.parts.iter().min_by_key(|(_, (last, _))| *last).map(|(key, _)| key.clone());
            let Some(oldest) = oldest else { break };
            table.remove(&oldest);
        }
        let asked = table.asked;
        table.octets += octets;
        table.parts.insert(key, (asked, part));
    }

    /// Forgets what begins so.
    pub(in crate::program::site) fn forget(&self, begin: &str) {
        let mut table = self.0.lock();
        let gone: Vec<String> = table.parts.keys().filter(|key| key.starts_with(begin)).cloned().collect();
        for key in gone {
            table.remove(&key);
        }
    }
}

impl Table {
    fn remove(&mut self, key: &str) {
        if let Some((_, part)) = self.parts.remove(key) {
            self.octets -= octets(key, &part);
        }
    }
}

fn octets(key: &str, part: &Part) -> usize {
    key.len() + part.title.len() + part.text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_asked_for_goes_first() {
        let rendered = Rendered::default();
        let part = |octets: usize| Arc::new(Part { title: String::new(), text: "x".repeat(octets) });
        let third = OCTETS_MAX / 3;
        rendered.keep("a".to_owned(), part(third));
        rendered.keep("b".to_owned(), part(third));
        assert!(rendered.get("a").is_some());
        rendered.keep("c".to_owned(), part(OCTETS_MAX / 2));
        assert!(rendered.get("a").is_some() && rendered.get("b").is_none() && rendered.get("c").is_some());
        rendered.keep("d".to_owned(), part(OCTETS_MAX + 1));
        assert!(rendered.get("d").is_none() && rendered.get("c").is_some());
        rendered.forget("a");
        assert!(rendered.get("a").is_none());
        assert_eq!(rendered.0.lock().octets, octets("c", &part(OCTETS_MAX / 2)));
    }
}
