//! The tree walk (RFC 9989 §4.10): which names are asked, and which of the records that are found applies.

use super::record::{DmarcRecord, Psd};

/// How many labels a name of the walk has at most behind the first (RFC 9989 §4.10).
const WALK_LABELS_MAX: usize = 7;

/// The names of the tree walk of `domain`, itself first: at most eight (RFC 9989 §4.10).
pub fn tree_walk(domain: &str) -> Vec<String> {
    let labels: Vec<&str> = domain.split('.').collect();
    let first = labels.len().saturating_sub(WALK_LABELS_MAX).max(1);
    let above = (first..labels.len()).map(|from| labels[from..].join("."));
    std::iter::once(domain.to_owned()).chain(above).collect()
}

/// Which record of a walk applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Applicable<'a> {
    /// Its place in the walk; 0: the domain's own.
    pub at: usize,
    /// The domain it stands at.
    pub domain: &'a str,
    pub record: &'a DmarcRecord,
}

/// Which record of a walk applies to the first name of it: its own; else that of the organisational domain; else
/// that of a public suffix above it (RFC 9989 §4.10.1). `walk` has the names of [`tree_walk`] with the record that
/// was found at each.
pub fn applicable<'a>(walk: &'a [(String, Option<DmarcRecord>)]) -> Option<Applicable<'a>> {
    let found = |at: usize| {
        let (domain, record) = walk.get(at)?;
        Some(Applicable { at, domain, record: record.as_ref()? })
    };
    if let Some(own) = found(0) {
        return Some(own);
    }
    let mut last = None;
    for (at, (_, record)) in walk.iter().enumerate() {
        let Some(record) = record else { continue };
        match record.psd {
            Psd::No => return found(at),
            // RFC 9989 §4.10.2: the organisational domain is one label below, and its record comes first.
            Psd::Yes => return found(at - 1).or_else(|| found(at)),
            Psd::Unknown => last = Some(at),
        }
    }
    found(last?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> DmarcRecord {
        DmarcRecord::from_txt([text]).expect(text)
    }

    /// The examples of RFC 9989 §4.10 and its appendix B.
    #[test]
    fn walks() {
        assert_eq!(
            tree_walk("a.mail.example.com"),
            ["a.mail.example.com", "mail.example.com", "example.com", "com"]
        );
        assert_eq!(tree_walk("com"), ["com"]);
        let long = tree_walk("a.b.c.d.e.f.g.h.i.j.mail.example.com");
        assert_eq!(long[..2], ["a.b.c.d.e.f.g.h.i.j.mail.example.com", "g.h.i.j.mail.example.com"]);
        assert_eq!((long.len(), long.last().map(String::as_str)), (8, Some("com")));
        assert_eq!(tree_walk("1.2.3.4.5.6.7.8").len(), 8);
    }

    #[test]
    fn which_record_applies() {
        for (found, expected) in [
            (&[("a.b.example.com", ""), ("example.com", "")][..], Some("a.b.example.com")),
            (&[("b.example.com", ""), ("example.com", "")], Some("example.com")),
            (&[("b.example.com", "psd=n"), ("example.com", "")], Some("b.example.com")),
            (&[("com", "psd=y")], Some("com")),
            (&[("example.com", ""), ("com", "psd=y")], Some("example.com")),
            (&[("b.example.com", ""), ("com", "psd=y")], Some("com")),
            (&[("com", "")], Some("com")),
            (&[], None),
        ] {
            let walk: Vec<_> = tree_walk("a.b.example.com")
                .into_iter()
                .map(|name| {
                    let tags = found.iter().find(|(at, _)| *at == name);
                    let record = tags.map(|(_, tags)| read(&format!("v=DMARC1; p=none; {tags}")));
                    (name, record)
                })
                .collect();
            assert_eq!(applicable(&walk).map(|applicable| applicable.domain), expected, "{found:?}");
        }
    }
}
