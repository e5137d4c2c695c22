//! What strangers' zones may cost: the shapes of KeyTrap (CVE-2023-50387), HashTrap and deep denials
//! (CVE-2023-50868), and long chains. Counted, not timed.
#![expect(clippy::disallowed_methods, reason = "signatures are made for now, and validated by it")]

mod dname;
mod signed;

use std::sync::Arc;

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use hickory_proto::dnssec::crypto::EcdsaSigningKey;
use hickory_proto::dnssec::rdata::{DNSKEY, DNSSECRData, DS, NSEC3, RRSIG};
use hickory_proto::dnssec::{
    Algorithm, DigestType, DnssecSigner, Nsec3HashAlgorithm, PublicKeyBuf, SigningKey,
};
use hickory_proto::op::{Message, Query, ResponseCode};
use hickory_proto::rr::rdata::{A, CNAME, SOA};
use hickory_proto::rr::{DNSClass, Name, RData, Record, RecordSet, RecordType};
use time::OffsetDateTime;

use super::work::{self, Work};
use super::{BlockingPool, Judge, validate};
use crate::shared::dns::{Asking, Fault, Lookup, Question, Resolver, ResolverSettings, Servers, Upstream};
use crate::shared::evidence::Security;
use crate::shared::evidence::scan::{DnsLimit, LookupResult, NameFailure};
use crate::shared::time::Timestamp;

/// Answers as they are laid down here, and how many were asked for.
#[derive(Default)]
struct Zones {
    answers: HashMap<Question, Message>,
    asked: AtomicUsize,
}

impl Upstream for Zones {
    fn ask(&self, question: Question) -> Asking<'_, Result<Vec<u8>, NameFailure>> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        let found = self.answers.get(&question).map(|answer| answer.to_vec().expect("octets"));
        Box::pin(async move { found.ok_or(NameFailure::Timeout) })
    }
}

fn name(text: &str) -> Name {
    Name::from_ascii(text).expect("a name")
}

fn question(of: &str, rtype: RecordType) -> Question {
    Question { name: name(of), rtype }
}

fn message(question: &Question, records: impl IntoIterator<Item = Record>) -> Message {
    let mut message = Message::response(0, hickory_proto::op::OpCode::Query);
    message.add_query(Query::query(question.name.clone(), question.rtype));
    message.add_answers(records);
    message
}

/// The key of a zone.
fn signer(zone: &str) -> DnssecSigner {
    let pkcs8 = EcdsaSigningKey::generate_pkcs8(Algorithm::ECDSAP256SHA256).expect("a key");
    let key = EcdsaSigningKey::from_pkcs8(&pkcs8, Algorithm::ECDSAP256SHA256).expect("a key");
    let public = key.to_public_key().expect("a key");
    DnssecSigner::new(DNSKEY::with_flags(257, public), Box::new(key), name(zone), Duration::from_secs(86_400))
}

/// Keys that are none, with the tag of another: the last word of a key makes it (RFC 4034 Appendix B).
fn of_tag(tag: u16, count: usize) -> Vec<DNSKEY> {
    let mut keys = Vec::new();
    for seed in 0u16.. {
        if keys.len() == count {
            break;
        }
        let mut octets = vec![7; 64];
        octets[..2].copy_from_slice(&seed.to_be_bytes());
        let key = |octets: &[u8]| {
            DNSKEY::with_flags(256, PublicKeyBuf::new(octets.to_vec(), Algorithm::ECDSAP256SHA256))
        };
        let off = tag.wrapping_sub(key(&octets).calculate_key_tag().expect("a tag"));
        // Carries may come between.
        for last in [0x0707u16.wrapping_add(off), 0x0707u16.wrapping_add(off).wrapping_sub(1)] {
            octets[62..].copy_from_slice(&last.to_be_bytes());
            if keys.len() < count && key(&octets).calculate_key_tag().ok() == Some(tag) {
                keys.push(key(&octets));
                break;
            }
        }
    }
    keys
}

fn set(owner: &str, data: impl IntoIterator<Item = RData>) -> RecordSet {
    let data: Vec<RData> = data.into_iter().collect();
    let mut set = RecordSet::with_ttl(name(owner), data[0].record_type(), 300);
    data.into_iter().for_each(|data| {
        set.add_rdata(data);
    });
    set
}

fn signature(set: &RecordSet, by: &DnssecSigner) -> Record {
    signature_from(set, by, -60)
}

/// A signature that begins so many seconds from now and is valid for a day.
fn signature_from(set: &RecordSet, by: &DnssecSigner, from_s: i64) -> Record {
    let begin = OffsetDateTime::from_unix_timestamp(Timestamp::now().as_second() + from_s).expect("a time");
    let signature = RRSIG::from_rrset(set, DNSClass::IN, begin, by).expect("a signature");
    Record::from_rdata(set.name().clone(), 300, RData::DNSSEC(DNSSECRData::RRSIG(signature)))
}

/// The set and its signature.
fn signed(set: &RecordSet, by: &DnssecSigner) -> Vec<Record> {
    set.records_without_rrsigs().cloned().chain([signature(set, by)]).collect()
}

/// Signatures over a set that were made over another: none of them verifies.
fn forged(over: &str, data: RData, by: &DnssecSigner, count: usize) -> Vec<Record> {
    let other = |n: usize| set(over, [RData::A(A::new(10, 9, 0, u8::try_from(n).expect("small")))]);
    let forged = (0..count).map(|n| signature(&other(n), by));
    [Record::from_rdata(name(over), 300, data)].into_iter().chain(forged).collect()
}

fn key(key: DNSKEY) -> RData {
    RData::DNSSEC(DNSSECRData::DNSKEY(key))
}

/// A root zone with these keys beside its own, and what it signs.
struct Root {
    signer: DnssecSigner,
    zones: Zones,
}

impl Root {
    fn new(more_keys: impl FnOnce(u16) -> Vec<DNSKEY>) -> Self {
        let signer = signer(".");
        let more = more_keys(signer.calculate_key_tag().expect("a tag"));
        let mut root = Self { signer, zones: Zones::default() };
        let keys = set(".", [key(root.signer.to_dnskey())].into_iter().chain(more.into_iter().map(key)));
        let records = signed(&keys, &root.signer);
        root.lay(&question(".", RecordType::DNSKEY), records);
        root
    }

    fn lay(&mut self, question: &Question, records: impl IntoIterator<Item = Record>) {
        let message = message(question, records);
        self.zones.answers.insert(question.clone(), message);
    }

    /// What comes of an answer, what it cost, and what was asked for it.
    async fn judge(self, asked: &Question, answer: &Message) -> (Result<Security, Box<Fault>>, usize, usize) {
        let work = Arc::new(Work::default());
        let zones = Arc::new(self.zones);
        let judge = Judge {
            upstream: Arc::clone(&zones) as Arc<dyn Upstream>,
            anchors: format!(". 3600 IN DNSKEY {}", self.signer.dnskey()).into(),
            now: Timestamp::now(),
            work: Arc::clone(&work),
        };
        let judged = validate(&BlockingPool::new(1), judge, asked, answer).await;
        (judged, work.verifications.load(Ordering::Relaxed), zones.asked.load(Ordering::Relaxed))
    }
}

fn limit(judged: &Result<Security, Box<Fault>>) -> Option<DnsLimit> {
    match judged.as_ref().map_err(|fault| &fault.failure) {
        Err(NameFailure::OurLimit { limit }) => Some(*limit),
        _ => None,
    }
}

fn is_bogus(judged: &Result<Security, Box<Fault>>) -> bool {
    judged.as_ref().is_err_and(|fault| fault.failure == NameFailure::Bogus)
}

fn address() -> RData {
    RData::A(A::new(192, 0, 2, 1))
}

#[tokio::test]
async fn what_is_sound_is_judged() {
    let root = Root::new(|_| Vec::new());
    let asked = question("a.", RecordType::A);
    let answer = message(&asked, signed(&set("a.", [address()]), &root.signer));
    let (judged, verifications, _) = root.judge(&asked, &answer).await;
    assert_eq!((judged, verifications), (Ok(Security::Secure), 2));
}

#[tokio::test]
async fn keys_of_a_tag_of_a_sound_zone_are_tried() {
    let root = Root::new(|tag| of_tag(tag, work::KEYS_OF_A_TAG_MAX - 1));
    let asked = question("a.", RecordType::A);
    let answer = message(&asked, forged("a.", address(), &root.signer, 1));
    let (judged, verifications, _) = root.judge(&asked, &answer).await;
    assert!(is_bogus(&judged), "{judged:?}");
    assert!(verifications > 4, "{verifications}");
}

#[tokio::test]
async fn key_trap_ends_before_any_signature_is_verified() {
    let root = Root::new(|tag| of_tag(tag, work::KEYS_OF_A_TAG_MAX));
    let asked = question("a.", RecordType::A);
    let answer = message(&asked, forged("a.", address(), &root.signer, 8));
    let (judged, verifications, asked) = root.judge(&asked, &answer).await;
    assert_eq!(limit(&judged), Some(DnsLimit::KeysOfATag), "{judged:?}");
    // Those of the answer itself are counted when it is let in; its keys were the one answer that was fetched.
    assert_eq!((verifications, asked), (2, 1));
}

#[tokio::test]
async fn few_keys_and_many_signatures_end_at_sixteen_verifications() {
    let root = Root::new(|tag| of_tag(tag, work::KEYS_OF_A_TAG_MAX - 1));
    let asked = question("a.", RecordType::A);
    let answer = message(&asked, forged("a.", address(), &root.signer, work::SIGNATURES_MAX));
    let (judged, verifications, _) = root.judge(&asked, &answer).await;
    assert_eq!(limit(&judged), Some(DnsLimit::Verifications), "{judged:?}");
    // Let in: two of the answer, one of the keys, these once more for the search; and the search's own.
    assert!(verifications <= 4 + work::ANSWER_VERIFICATIONS_MAX, "{verifications}");
}

#[tokio::test]
async fn many_signatures_over_one_set_are_not_looked_at() {
    let root = Root::new(|_| Vec::new());
    let asked = question("a.", RecordType::A);
    let answer = message(&asked, forged("a.", address(), &root.signer, work::SIGNATURES_MAX + 1));
    let (judged, verifications, fetched) = root.judge(&asked, &answer).await;
    assert_eq!((limit(&judged), verifications, fetched), (Some(DnsLimit::Signatures), 0, 0), "{judged:?}");
}

#[tokio::test]
async fn many_records_and_many_sets_are_not_looked_at() {
    let asked = question("a.", RecordType::A);
    let addresses = (0..=work::RECORDS_MAX).map(|n| {
        let [_, _, high, low] = u32::try_from(n).expect("small").to_be_bytes();
        RData::A(A::new(10, 0, high, low))
    });
    let records = set("a.", addresses);
    let answer = message(&asked, records.records_without_rrsigs().cloned());
    let (judged, ..) = Root::new(|_| Vec::new()).judge(&asked, &answer).await;
    assert_eq!(limit(&judged), Some(DnsLimit::Records), "{judged:?}");
    let mut answer = message(&asked, []);
    answer.add_authorities((0..=work::SETS_MAX).map(|n| hashed(&format!("h{n}."), 0)));
    let (judged, _, fetched) = Root::new(|_| Vec::new()).judge(&asked, &answer).await;
    assert_eq!((limit(&judged), fetched), (Some(DnsLimit::Sets), 0), "{judged:?}");
}

fn hashed(owner: &str, iterations: u16) -> Record {
    let denial =
        NSEC3::new(Nsec3HashAlgorithm::SHA1, false, iterations, vec![1], vec![9; 20], [RecordType::A]);
    Record::from_rdata(name(owner), 300, RData::DNSSEC(DNSSECRData::NSEC3(denial)))
}

/// A signed denial of `a.` by NSEC3.
fn denied(root: &Root, asked: &Question, iterations: u16) -> Message {
    let soa = SOA::new(name("ns."), name("hostmaster."), 1, 1, 1, 1, 300);
    let soa = set(".", [RData::SOA(soa)]);
    let hashed = hashed("0p9mhaveqvm6t7vbl5lop2u3t2rp3tom.", iterations);
    let hashed = set("0p9mhaveqvm6t7vbl5lop2u3t2rp3tom.", [hashed.data]);
    let mut answer = message(asked, []);
    answer.metadata.response_code = ResponseCode::NXDomain;
    answer.add_authorities(signed(&soa, &root.signer));
    answer.add_authorities(signed(&hashed, &root.signer));
    answer
}

#[tokio::test]
async fn many_nsec3_iterations_make_insecure() {
    let asked = question("a.", RecordType::A);
    for iterations in [work::NSEC3_ITERATIONS_SECURE_MAX + 1, 500, 501, u16::MAX] {
        // Nobody can make a zone insecure who does not have its keys.
        for is_signed in [true, false] {
            let root = Root::new(|_| Vec::new());
            let mut answer = denied(&root, &asked, iterations);
            let over_nsec3 = |signature: &RRSIG| signature.input().type_covered == RecordType::NSEC3;
            answer
                .authorities
                .retain(|record| is_signed || !super::signature(record).is_some_and(over_nsec3));
            let (judged, ..) = root.judge(&asked, &answer).await;
            let security =
                judged.as_ref().map_or_else(|fault| fault.failure.security(), |security| *security);
            assert_eq!(security == Security::Insecure, is_signed, "{iterations}: {judged:?}");
        }
    }
}

/// The search for the closest encloser hashes the name once for each of its labels.
#[tokio::test]
async fn a_denial_of_a_deep_name_is_hashed_only_so_often() {
    for (labels, beyond) in [(50, false), (61, true), (120, true)] {
        let asked = question(&"a.".repeat(labels), RecordType::A);
        let root = Root::new(|_| Vec::new());
        let answer = denied(&root, &asked, work::NSEC3_ITERATIONS_SECURE_MAX);
        let (judged, ..) = root.judge(&asked, &answer).await;
        assert_eq!(limit(&judged) == Some(DnsLimit::Nsec3Hashes), beyond, "{labels}: {judged:?}");
    }
}

#[test]
fn a_deep_name_asks_only_so_often() {
    // One answer for each label of the deepest name is let in, and it is an end.
    let work = Work::default();
    let asked = question("a.", RecordType::DS);
    let admitted = |_: &usize| work.admit(&message(&asked, [])).is_ok();
    assert_eq!((0..10 * work::ANSWERS_MAX).filter(admitted).count(), work::ANSWERS_MAX);
    assert_eq!(work.beyond(), Some(DnsLimit::Answers));
}

#[test]
fn a_look_up_verifies_only_so_many_signatures() {
    let work = Work::default();
    assert_eq!(
        (0..10 * work::VERIFICATIONS_MAX).filter(|_| work.verify().is_ok()).count(),
        work::VERIFICATIONS_MAX
    );
}

fn delegation(tag: u16, n: usize) -> RData {
    let digest = vec![u8::try_from(n).expect("small"); 32];
    RData::DNSSEC(DNSSECRData::DS(DS::new(tag, Algorithm::ECDSAP256SHA256, DigestType::SHA256, digest)))
}

#[tokio::test]
async fn hash_trap_ends_before_any_digest() {
    for (delegations, expected) in
        [(work::DELEGATIONS_MAX, None), (work::DELEGATIONS_MAX + 1, Some(DnsLimit::Delegations))]
    {
        let mut root = Root::new(|_| Vec::new());
        let child = signer("x.");
        let tag = child.calculate_key_tag().expect("a tag");
        let named = set("x.", (0..delegations).map(|n| delegation(tag, n)));
        let records = signed(&named, &root.signer);
        root.lay(&question("x.", RecordType::DS), records);
        let more = of_tag(tag, work::KEYS_OF_A_TAG_MAX - 1).into_iter().map(key);
        let keys = set("x.", [key(child.to_dnskey())].into_iter().chain(more));
        root.lay(&question("x.", RecordType::DNSKEY), signed(&keys, &child));
        let asked = question("a.x.", RecordType::A);
        let answer = message(&asked, signed(&set("a.x.", [address()]), &child));
        let (judged, verifications, _) = root.judge(&asked, &answer).await;
        assert_eq!(limit(&judged), expected, "{judged:?}");
        assert!(expected.is_some() || is_bogus(&judged), "{judged:?}");
        assert!(verifications <= work::ANSWER_VERIFICATIONS_MAX, "{verifications}");
    }
}

#[tokio::test]
async fn many_keys_are_not_looked_at() {
    let keys = |_| {
        let key = |n: usize| vec![u8::try_from(n).expect("small"); 64];
        let key = |n| DNSKEY::with_flags(256, PublicKeyBuf::new(key(n), Algorithm::ECDSAP256SHA256));
        (0..work::KEYS_MAX).map(key).collect()
    };
    let root = Root::new(keys);
    let asked = question("a.", RecordType::A);
    let answer = message(&asked, signed(&set("a.", [address()]), &root.signer));
    let (judged, ..) = root.judge(&asked, &answer).await;
    assert_eq!(limit(&judged), Some(DnsLimit::Keys), "{judged:?}");
}

#[tokio::test]
async fn a_long_rsa_key_is_beyond_us() {
    let long = |_| {
        let octets = [vec![3, 1, 0, 1], vec![0xff; 2048]].concat();
        vec![DNSKEY::with_flags(256, PublicKeyBuf::new(octets, Algorithm::RSASHA256))]
    };
    let root = Root::new(long);
    let asked = question("a.", RecordType::A);
    let answer = message(&asked, signed(&set("a.", [address()]), &root.signer));
    let (judged, ..) = root.judge(&asked, &answer).await;
    assert_eq!(limit(&judged), Some(DnsLimit::KeyBits), "{judged:?}");
}

/// A chain of aliases, and an address at its end.
async fn aliases(hops: usize, last: &str) -> LookupResult<std::net::IpAddr> {
    let mut root = Root::new(|_| Vec::new());
    for hop in 0..hops {
        let (owner, target) = (format!("n{hop}."), format!("n{}.", hop + 1));
        let target = if hop + 1 == hops { last } else { &target };
        let records = signed(&set(&owner, [RData::CNAME(CNAME(name(target)))]), &root.signer);
        root.lay(&question(&owner, RecordType::CNAME), records.clone());
        root.lay(&question(&owner, RecordType::A), records.clone());
        root.lay(&question(&owner, RecordType::AAAA), records);
    }
    let records = signed(&set(last, [address()]), &root.signer);
    root.zones
        .answers
        .entry(question(last, RecordType::A))
        .or_insert_with_key(|asked| message(asked, records));
    let anchors = format!(". 3600 IN DNSKEY {}", root.signer.dnskey());
    let servers = Servers::Forwarder { addresses: Vec::new(), trust_anchors: String::new() };
    let settings = ResolverSettings::new(servers);
    let resolver = Resolver::over(Box::new(root.zones), &anchors, settings, Arc::new(Timestamp::now));
    resolver.expect("a resolver").addresses("n0.").await
}

#[tokio::test]
async fn aliases_are_followed_eight_times() {
    let looked = aliases(8, "end.").await;
    assert_eq!((looked.records().len(), looked.hops.len()), (1, 8));
    let too_many = aliases(9, "end.").await;
    assert_eq!(too_many.failure(), Some(&NameFailure::OurLimit { limit: DnsLimit::Aliases }));
    // A loop is the domain's own fault.
    let looped = aliases(4, "n1.").await;
    assert!(matches!(looped.failure(), Some(NameFailure::ServerFailure { .. })), "{looped:?}");
}

#[tokio::test]
async fn whoever_stops_waiting_ends_the_work() {
    let (pool, work) = (BlockingPool::new(1), Arc::new(Work::default()));
    let (ended, end) = tokio::sync::oneshot::channel();
    let (began, begin) = tokio::sync::oneshot::channel();
    let inner = Arc::clone(&work);
    let endless = async move {
        let _ = began.send(());
        while inner.verify().is_ok() || inner.verify() != Err(DnsLimit::Time) {}
        let _ = ended.send(());
    };
    tokio::select! {
        _ = pool.run(&work, endless) => unreachable!("it is endless"),
        begun = begin => begun.expect("it began"),
    }
    end.await.expect("it ended");
}

#[tokio::test]
async fn so_many_compute_at_once_and_none_that_waits() {
    let pool = Arc::new(BlockingPool::new(2));
    let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let tasks = (0..16).map(|_| {
        let (pool, now, most) = (Arc::clone(&pool), Arc::clone(&now), Arc::clone(&most));
        tokio::spawn(async move {
            let task = async move {
                for _ in 0..8 {
                    most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    std::thread::yield_now();
                    now.fetch_sub(1, Ordering::SeqCst);
                    tokio::task::yield_now().await;
                }
            };
            pool.run(&Arc::new(Work::default()), task).await
        })
    });
    for task in tasks.collect::<Vec<_>>() {
        assert_eq!(task.await.expect("no panic"), Ok(()));
    }
    assert!((1..=2).contains(&most.load(Ordering::SeqCst)));
}

#[tokio::test]
async fn a_panic_of_the_validator_is_our_limit() {
    let panics = async { Some(()).map_or((), |()| panic!("on data of a stranger")) };
    let run = BlockingPool::new(1).run(&Arc::new(Work::default()), panics).await;
    assert_eq!(run, Err(DnsLimit::Validator));
}

/// Octets of a sound answer and of its keys, some of them changed: whatever they say, they are judged.
#[test]
fn no_answer_does_harm() {
    use proptest::prelude::*;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let asked = question("a.", RecordType::A);
    let changes = proptest::collection::vec((any::<u16>(), any::<u8>()), 1..6);
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig::with_cases(300));
    let run = runner.run(&changes, |changes| {
        let mut root = Root::new(|_| Vec::new());
        let change = |message: &Message| {
            let mut octets = message.to_vec().expect("octets");
            for (at, octet) in &changes {
                let at = usize::from(*at) % octets.len();
                octets[at] = *octet;
            }
            Message::from_vec(&octets).ok()
        };
        let keys = question(".", RecordType::DNSKEY);
        let sound = message(&asked, signed(&set("a.", [address()]), &root.signer));
        if let Some(changed) = root.zones.answers.get(&keys).and_then(change) {
            root.zones.answers.insert(keys, changed);
        }
        let answer = change(&sound).unwrap_or(sound);
        let (judged, ..) = runtime.block_on(root.judge(&asked, &answer));
        prop_assert_ne!(limit(&judged), Some(DnsLimit::Validator));
        Ok(())
    });
    run.expect("no harm");
}
