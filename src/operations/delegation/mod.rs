//! Whether a parent has the DS record that a zone announces (RFC 7344 §4). A key that the parent still vouches for must
//! not go, and one that it does not vouch for yet cannot stand alone.

use std::collections::BTreeSet;

use hickory_proto::dnssec::rdata::DNSSECRData;

use crate::sending::authority::Announced;
use crate::shared::dns::{Lookup, RData, RecordType};
use crate::shared::evidence::Security;

/// What a parent has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    /// The DS record of the announced key and no other key's.
    Alone,
    /// DS records of these keys, by their tags.
    Others {
        /// Those of other keys.
        tags: Vec<u16>,
        /// Whether the announced key's is among them.
        has_it: bool,
    },
    /// No DS record.
    Nothing,
    /// It could not be found out, or nobody vouches for the answer.
    Unknown {
        /// Why not.
        reason: String,
    },
}

/// Asks for the DS records of the zone that announces a key. Only a validated answer counts.
pub async fn seen(lookup: &dyn Lookup, announced: &Announced) -> Seen {
    let looked = lookup.ask(&announced.zone, RecordType::DS).await.looked;
    let security = looked.weakest();
    let records = match looked.known() {
        Ok(looked) => looked.records().to_vec(),
        Err(reason) => return Seen::Unknown { reason },
    };
    if security != Security::Secure {
        return Seen::Unknown { reason: "no chain of trust reaches the answer".to_owned() };
    }
    let (mut tags, mut has_it) = (BTreeSet::new(), false);
    for record in &records {
        let RData::DNSSEC(DNSSECRData::DS(ds)) = record else { continue };
        if ds.key_tag() != announced.tag {
            tags.insert(ds.key_tag());
        } else if ds.digest() == announced.digest {
            has_it = true;
        }
    }
    match (tags.is_empty(), has_it) {
        (true, true) => Seen::Alone,
        (true, false) => Seen::Nothing,
        (false, has_it) => Seen::Others { tags: tags.into_iter().collect(), has_it },
    }
}

/// The same in words, with what to do.
pub fn told(announced: &Announced, seen: &Seen) -> String {
    let Announced { zone, tag, .. } = announced;
    match seen {
        Seen::Alone => format!("the parent of {zone} has the DS record of the key {tag} and no other"),
        Seen::Others { tags, has_it } => {
            let tags: Vec<_> = tags.iter().map(ToString::to_string).collect();
            let tags = tags.join(", ");
            let also = if *has_it { " also" } else { "" };
            let enter = if *has_it { "" } else { "enter the one that `mailassay zone ds` prints, and " };
            format!(
                "the parent of {zone}{also} has DS records of {tags}, and is to have that of the key {tag} alone; {enter}\
                 remove those"
            )
        }
        Seen::Nothing => format!(
            "the parent of {zone} has no DS record of the key {tag}; enter the one that `mailassay zone ds` prints"
        ),
        Seen::Unknown { reason } => format!("the DS records of {zone} could not be looked up: {reason}"),
    }
}

#[cfg(test)]
mod tests {
    use hickory_proto::dnssec::rdata::DS;
    use hickory_proto::dnssec::{Algorithm, DigestType};

    use super::*;
    use crate::shared::dns::{Asking, Response};
    use crate::shared::evidence::scan::{LookupResult, NameAnswer};

    struct Parent(Vec<(u16, u8)>, Security);

    impl Lookup for Parent {
        fn ask<'a>(&'a self, name: &'a str, rtype: RecordType) -> Asking<'a, Response> {
            assert_eq!((name, rtype), ("test.example.", RecordType::DS));
            let records = self.0.iter().map(|(tag, octet)| {
                let ds = DS::new(*tag, Algorithm::ECDSAP256SHA256, DigestType::SHA256, vec![*octet; 32]);
                RData::DNSSEC(DNSSECRData::DS(ds))
            });
            let records: Vec<_> = records.collect();
            let mut looked = LookupResult::not_asked(name, "DS");
            looked.answer =
                if records.is_empty() { NameAnswer::NoData } else { NameAnswer::Records { records } };
            looked.security = self.1;
            Box::pin(async { Response { looked, zone: None } })
        }
    }

    #[tokio::test]
    async fn only_the_new_key_alone_ends_the_wait() {
        let announced = Announced { zone: "test.example.".into(), tag: 7, digest: vec![1; 32] };
        let secure =
            async |records: &[(u16, u8)]| seen(&Parent(records.to_vec(), Security::Secure), &announced).await;
        assert_eq!(secure(&[(7, 1)]).await, Seen::Alone);
        assert_eq!(secure(&[(7, 1), (7, 2)]).await, Seen::Alone, "another digest of the same key");
        assert_eq!(secure(&[(7, 2)]).await, Seen::Nothing, "another key of the same tag");
        assert_eq!(secure(&[]).await, Seen::Nothing);
        assert_eq!(secure(&[(5, 1)]).await, Seen::Others { tags: vec![5], has_it: false });
        let both = secure(&[(7, 1), (5, 1)]).await;
        assert_eq!(both, Seen::Others { tags: vec![5], has_it: true });
        let both = told(&announced, &both);
        assert!(both.ends_with("that of the key 7 alone; remove those"), "{both}");
        for security in [Security::Insecure, Security::Bogus, Security::Indeterminate] {
            let seen = seen(&Parent(vec![(7, 1)], security), &announced).await;
            assert!(matches!(seen, Seen::Unknown { .. }), "{seen:?}");
        }
    }
}
