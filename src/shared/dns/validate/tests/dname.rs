//! Aliases by DNAME: it is signed, the CNAME that it makes is not (RFC 6672 §5.3.1).

use hickory_proto::rr::rdata::NULL;
use hickory_proto::serialize::binary::BinEncodable;

use super::signed::{ds, signer_of};
use super::*;
use crate::shared::dns::records;

fn dname(target: &str) -> RData {
    RData::Unknown { code: RecordType::DNAME, rdata: NULL::with(name(target).to_bytes().expect("octets")) }
}

/// The DNAME at `owner` with the CNAME that it makes, as servers answer whatever is asked below it.
fn made(owner: &str, target: &str, below: &str, by: &DnssecSigner) -> Vec<Record> {
    let (from, to) = (name(&format!("{below}.{owner}")), name(&format!("{below}.{target}")));
    let made = Record::from_rdata(from, 300, RData::CNAME(CNAME(to)));
    signed(&set(owner, [dname(target)]), by).into_iter().chain([made]).collect()
}

impl Root {
    /// The same answer to every question of a look-up for addresses.
    fn lay_alias(&mut self, of: &str, records: &[Record]) {
        for rtype in [RecordType::A, RecordType::AAAA, RecordType::CNAME, RecordType::TLSA] {
            self.lay(&question(of, rtype), records.to_vec());
        }
    }

    fn resolver(self) -> Resolver {
        let anchors = format!(". 3600 IN DNSKEY {}", self.signer.dnskey());
        let servers = Servers::Forwarder { addresses: Vec::new(), trust_anchors: String::new() };
        let settings = ResolverSettings::new(servers);
        let resolver = Resolver::over(Box::new(self.zones), &anchors, settings, Arc::new(Timestamp::now));
        resolver.expect("a resolver")
    }

    async fn addresses(self, of: &str) -> LookupResult<std::net::IpAddr> {
        self.resolver().addresses(of).await
    }
}

/// A root with an address at `a.to.`, and what `lay` adds.
fn root(lay: impl FnOnce(&mut Root)) -> Root {
    let mut root = Root::new(|_| Vec::new());
    let records = signed(&set("a.to.", [address()]), &root.signer);
    root.lay(&question("a.to.", RecordType::A), records);
    lay(&mut root);
    root
}

#[tokio::test]
async fn a_signed_dname_is_followed_and_secure() {
    let root = root(|root| {
        let records = made("from.", "to.", "a", &root.signer);
        root.lay_alias("a.from.", &records);
    });
    let looked = records::A.of(root.resolver().ask("a.from.", RecordType::A).await.looked);
    assert_eq!(looked.weakest(), Security::Secure, "{looked:?}");
    assert_eq!(looked.records(), [std::net::IpAddr::from([192, 0, 2, 1])]);
    let hop = &looked.hops[0];
    assert_eq!((hop.from.as_str(), hop.to.as_str()), ("a.from", "a.to"));
    assert_eq!(hop.dname.as_deref(), Some("from"));
}

/// What the CNAME says that came with it nobody signed: the target is that of the DNAME.
#[tokio::test]
async fn the_cname_beside_it_counts_for_nothing() {
    let root = root(|root| {
        let mut records = made("from.", "to.", "a", &root.signer);
        let forged = RData::CNAME(CNAME(name("a.elsewhere.")));
        let last = records.last_mut().expect("a CNAME");
        *last = Record::from_rdata(name("a.from."), 300, forged);
        root.lay_alias("a.from.", &records);
    });
    let answer = root.addresses("a.from.").await;
    assert_eq!((answer.weakest(), answer.hops[0].to.as_str()), (Security::Secure, "a.to"));
}

#[tokio::test]
async fn a_dname_that_does_not_validate_leads_nowhere() {
    for (case, forge, expected) in
        [("forged", true, "does not verify"), ("without its signature", false, "there is no signature")]
    {
        let root = root(|root| {
            let mut records = made("from.", "to.", "a", &root.signer);
            if forge {
                records[0] = Record::from_rdata(name("from."), 300, dname("elsewhere."));
            } else {
                records.remove(1);
                root.deny_ds(None, "from.", RecordType::DNAME);
            }
            root.lay_alias("a.from.", &records);
        });
        let fault = root.addresses("a.from.").await.known().expect_err("bogus");
        assert!(fault.contains("bogus") && fault.contains(expected), "{case}: {fault}");
    }
}

#[tokio::test]
async fn aliases_of_both_kinds_follow_each_other() {
    // A CNAME into a DNAME, from there to a CNAME, in a zone by Ed25519.
    let zone = signer_of("x.", Algorithm::ED25519);
    let root = root(|root| {
        root.delegate(None, &zone, vec![ds(&zone, DigestType::SHA256)]);
        let first = signed(&set("first.", [RData::CNAME(CNAME(name("b.d.x.")))]), &root.signer);
        root.lay_alias("first.", &first);
        root.lay_alias("b.d.x.", &made("d.x.", "e.x.", "b", &zone));
        let last = signed(&set("b.e.x.", [RData::CNAME(CNAME(name("a.to.")))]), &zone);
        root.lay_alias("b.e.x.", &last);
    });
    let answer = root.addresses("first.").await;
    let way: Vec<&str> = answer.hops.iter().map(|hop| hop.to.as_str()).collect();
    assert_eq!((answer.weakest(), way), (Security::Secure, vec!["b.d.x", "b.e.x", "a.to"]));
}

#[tokio::test]
async fn an_unsigned_dname_is_followed_and_insecure() {
    let root = root(|root| {
        root.leave_unsigned(None, "u.");
        let made = Record::from_rdata(name("a.u."), 300, RData::CNAME(CNAME(name("a.to."))));
        root.lay_alias("a.u.", &[Record::from_rdata(name("u."), 300, dname("to.")), made]);
    });
    let answer = root.addresses("a.u.").await;
    assert_eq!((answer.weakest(), answer.hops[0].to.as_str()), (Security::Insecure, "a.to"));
}

#[tokio::test]
async fn so_many_are_followed_and_no_more() {
    // Each leads one label deeper into itself.
    let endless = root(|root| {
        let mut below = "a".to_owned();
        for _ in 0..12 {
            let records = made("d.", "e.d.", &below, &root.signer);
            root.lay_alias(&format!("{below}.d."), &records);
            below.push_str(".e");
        }
    });
    let too_many = endless.addresses("a.d.").await;
    assert_eq!(too_many.failure(), Some(&NameFailure::OurLimit { limit: DnsLimit::Aliases }));
    let long = format!("{0}.{0}.{0}", "l".repeat(60));
    let too_long = root(|root| {
        let mut records = made("d.", "to.", &long, &root.signer);
        let target = format!("{}.to.", "t".repeat(63));
        let set = set("d.", [dname(&format!("{}.{target}", "t".repeat(63)))]);
        records.splice(0..2, signed(&set, &root.signer));
        root.lay_alias(&format!("{long}.d."), &records);
    });
    let too_long = too_long.addresses(&format!("{long}.d.")).await;
    assert!(matches!(too_long.failure(), Some(NameFailure::ServerFailure { .. })), "{too_long:?}");
}

proptest::proptest! {
    /// Whatever a stranger's DNAME says, it is read or refused.
    #[test]
    fn no_dname_does_harm(octets in proptest::collection::vec(proptest::prelude::any::<u8>(), 1..300)) {
        let asked = question("a.from.", RecordType::A);
        let data = RData::Unknown { code: RecordType::DNAME, rdata: NULL::with(octets) };
        let answer = message(&asked, [Record::from_rdata(name("from."), 300, data)]);
        proptest::prop_assert!(super::super::by_dname(&answer, &asked.name).is_some());
    }
}
