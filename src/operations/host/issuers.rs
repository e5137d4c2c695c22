//! Who may issue certificates for a name.

use crate::shared::dns::Lookup;
use crate::shared::dns::records::CAA;
use crate::shared::evidence::scan::CaaRecord;

/// How many names are asked on the way up.
const NAMES_MAX: usize = 16;

/// The CAA records that hold for a name (RFC 8659 §3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issuers {
    /// Where they stand: at the name, or the nearest one above it that has some.
    pub owner: String,
    pub records: Vec<CaaRecord>,
}

impl Issuers {
    /// The domains of the CAs that may issue for the name itself, parameters left out; with `wildcard` for the wildcard below
    /// it (RFC 8659 §4.3). None: there is no such property, and any CA may.
    pub fn named(&self, wildcard: bool) -> Option<Vec<String>> {
        let of = |tag: &str| -> Vec<String> {
            let records = self.records.iter().filter(|record| record.tag == tag);
            let domain =
                |record: &CaaRecord| record.value.split(';').next().unwrap_or_default().trim().to_owned();
            records.map(domain).collect()
        };
        let found = match (wildcard, of("issuewild")) {
            (true, wild) if !wild.is_empty() => wild,
            _ => of("issue"),
        };
        (!found.is_empty()).then(|| found.into_iter().filter(|domain| !domain.is_empty()).collect())
    }
}

/// Climbs from `name` to the top until CAA records are found; none: any CA may issue.
///
/// # Errors
///
/// If a look-up failed: a CA that sees the same must not issue (RFC 8659 §5.2).
pub async fn issuers(lookup: &(impl Lookup + ?Sized), name: &str) -> Result<Option<Issuers>, String> {
    let mut owner = name.trim_end_matches('.');
    for _ in 0..NAMES_MAX {
        let looked = CAA.of(lookup.ask(owner, CAA.code()).await.looked).known()?;
        if !looked.records().is_empty() {
            return Ok(Some(Issuers { owner: owner.to_owned(), records: looked.records().to_vec() }));
        }
        match owner.split_once('.') {
            Some((_, above)) => owner = above,
            None => break,
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_have_their_own_property_or_that_of_all() {
        let record =
            |tag: &str, value: &str| CaaRecord { flags: 0, tag: tag.to_owned(), value: value.to_owned() };
        let of = |records: &[CaaRecord]| Issuers { owner: "example".to_owned(), records: records.to_vec() };
        let both = of(&[record("issue", "a.example; x=1"), record("issuewild", "b.example")]);
        assert_eq!(both.named(false), Some(vec!["a.example".to_owned()]));
        assert_eq!(both.named(true), Some(vec!["b.example".to_owned()]));
        assert_eq!(of(&[record("issue", ";")]).named(true), Some(Vec::new()));
        assert_eq!(of(&[record("iodef", "mailto:x@a.example")]).named(false), None);
    }
}
