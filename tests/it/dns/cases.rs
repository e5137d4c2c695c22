//! Zones of ruled cases: every name that a sender may ask for, permanent and of a trial, and what validators call it.

mod validators;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::Mutex;

use hickory_proto::op::{Message, ResponseCode};
use hickory_proto::rr::{RData, RecordType};
use mailassay::sending::authority::{Authority, Content, Origin, Role, ServerSettings, Stage, ZoneText};
use mailassay::sending::persona::{Catalogue, Entrance, Layout, LookupFault, RuledCase, TlsaOf, ZoneState};
use mailassay::sending::trial::{CasePhase, CasePhases, HostRole, Label, Part};
use mailassay::shared::policy::Tlsa;
use mailassay::shared::time::Timestamp;

use super::world::{World, origin, owners, query, settings, signatures};

/// A label of a trial.
const LABEL: &str = "k3f9a2m7";

fn label() -> Label {
    LABEL.parse().unwrap()
}

/// The origin with an address of each family for each entrance, and a TLSA set for each host that wants one.
pub(super) fn with_cases(mut origin: Origin) -> Origin {
    let count = u8::try_from(Entrance::ALL.len()).unwrap();
    let v4 = (1..=count).map(|n| std::net::IpAddr::from([127, 0, 9, n]));
    let v6 = (1..=count).map(|n| std::net::IpAddr::from([0xfd00, 0, 0, 0, 0, 0, 9, u16::from(n)]));
    let addresses: Vec<_> = v4.chain(v6).collect();
    origin.addresses = origin.addresses.with_entrances(&addresses);
    origin.text += "ns1 IN AAAA ::1\n";
    for case in origin.catalogue.ruled_cases() {
        for role in case.roles() {
            let id = Catalogue::ruled_host_id(&case.id, *role);
            let records: Vec<Tlsa> = case
                .tlsa_of(*role)
                .iter()
                .enumerate()
                .map(|(at, plan)| Tlsa {
                    usage: plan.usage,
                    selector: plan.selector,
                    matching: plan.matching,
                    data: vec![u8::try_from(at).unwrap(); if plan.of == TlsaOf::Short { 31 } else { 32 }],
                })
                .collect();
            if !records.is_empty() {
                origin.tlsa.insert(id, records);
            }
        }
    }
    origin
}

fn catalogue() -> Arc<Catalogue> {
    origin().catalogue
}

fn case<'a>(catalogue: &'a Catalogue, id: &str) -> &'a RuledCase {
    catalogue.ruled_case(&id.into()).unwrap()
}

fn name(catalogue: &Catalogue, id: &str, label: Option<&Label>, part: Part) -> String {
    catalogue.ruled_name(case(catalogue, id), label, part) + "."
}

fn mx_of(answer: &Message) -> Vec<(u16, String)> {
    let mx = answer.answers.iter().filter_map(|record| match &record.data {
        RData::MX(mx) => Some((mx.preference, mx.exchange.to_ascii())),
        _ => None,
    });
    mx.collect()
}

/// Trials as a test has them.
#[derive(Default)]
struct Trials(Mutex<BTreeMap<String, CasePhase>>);

impl CasePhases for Trials {
    fn phase(&self, _case: &str, label: &Label) -> CasePhase {
        self.0.lock().unwrap().get(label.as_str()).copied().unwrap_or_default()
    }
}

/// Every case, its permanent names and those of a trial: MX list, addresses, TLSA, as its file says.
#[tokio::test]
async fn every_case_is_answered_by_its_file() {
    let world = World::with_cases(ServerSettings::default()).await;
    let catalogue = catalogue();
    let mut seen = 0;
    for case in catalogue.ruled_cases() {
        for label in [None, Some(label())] {
            let named = |part| catalogue.ruled_name(case, label.as_ref(), part) + ".";
            let answer = world.ask(&named(Part::Domain), RecordType::MX).await;
            assert!(answer.metadata.authoritative && answer.metadata.response_code == ResponseCode::NoError);
            let mx = mx_of(&answer);
            let host = |role| named(Part::Host(role));
            match (case.layout, &mx[..]) {
                (Layout::Implicit, []) => {}
                (Layout::NullMx, [(0, host)]) => assert_eq!(host, "."),
                (_, [(10, bad), (20, good)]) if case.roles().len() == 2 => {
                    assert_eq!((bad, good), (&host(HostRole::Bad), &host(HostRole::Good)), "{}", case.id);
                }
                (Layout::Single, [(10, bad), ..]) => assert_eq!(*bad, host(HostRole::Bad)),
                // Too long for UDP.
                (Layout::Single, []) => assert!(answer.metadata.truncation, "{}: {answer:?}", case.id),
                _ => panic!("{}: {mx:?}", case.id),
            }
            for role in case.roles() {
                let (at, tlsa) = match (case.layout, role) {
                    (Layout::Implicit, _) => (Part::Domain, Part::DomainTlsa),
                    (Layout::Alias | Layout::InsecureAlias, HostRole::Bad) => (Part::Alias, Part::AliasTlsa),
                    _ => (Part::Host(*role), Part::Tlsa(*role)),
                };
                let v4 = owners(&world.ask(&named(at), RecordType::A).await.answers);
                let v6 = owners(&world.ask(&named(at), RecordType::AAAA).await.answers);
                assert!(
                    v4.len() <= 1 && v6.len() <= 1 && v4.len() + v6.len() > 0,
                    "{}: {v4:?} {v6:?}",
                    case.id
                );
                let fault = case.host(*role).tlsa_lookup;
                let bare =
                    matches!(fault, None | Some(LookupFault::BogusSignature | LookupFault::BogusDenial));
                if bare {
                    let answer = world.ask(&named(tlsa), RecordType::TLSA).await;
                    assert_eq!(answer.metadata.response_code, ResponseCode::NoError);
                    assert_eq!(owners(&answer.answers).len(), case.tlsa_of(*role).len(), "{}", case.id);
                }
                seen += 1;
            }
            let report = world.ask(&named(Part::ReportRecord), RecordType::TXT).await;
            assert_eq!(owners(&report.answers).len(), 1, "{}", case.id);
        }
    }
    assert!(seen > 200, "{seen}");
}

#[tokio::test]
async fn a_look_up_fails_as_the_file_says_and_is_noted() {
    let world = World::with_cases(ServerSettings::default()).await;
    let catalogue = catalogue();
    for (id, rcode) in [
        ("tlsa-servfail", ResponseCode::ServFail),
        ("tlsa-refused", ResponseCode::Refused),
        ("tlsa-formerr", ResponseCode::FormErr),
    ] {
        let bad = name(&catalogue, id, Some(&label()), Part::Tlsa(HostRole::Bad));
        let answer = world.ask(&bad, RecordType::TLSA).await;
        assert_eq!((answer.metadata.response_code, answer.answers.len()), (rcode, 0), "{id}");
        // Other types are there or not as at any other name.
        assert_eq!(world.ask(&bad, RecordType::A).await.metadata.response_code, ResponseCode::NoError);
        let good = name(&catalogue, id, Some(&label()), Part::Tlsa(HostRole::Good));
        assert_eq!(owners(&world.ask(&good, RecordType::TLSA).await.answers).len(), 1);
    }
    let silent = name(&catalogue, "tlsa-timeout", Some(&label()), Part::Tlsa(HostRole::Bad));
    let socket = tokio::net::UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let asked = |name: &str, rtype| query(name, rtype, Some(true)).to_vec().unwrap();
    socket.send_to(&asked(&silent, RecordType::TLSA), world.address).await.unwrap();
    socket.send_to(&asked(&silent, RecordType::A), world.address).await.unwrap();
    let mut answer = vec![0; 2048];
    let length = socket.recv(&mut answer).await.unwrap();
    let answer = Message::from_vec(&answer[..length]).unwrap();
    assert_eq!(answer.queries[0].query_type(), RecordType::A, "the one before was not answered");
    let noted = world.noted.queries();
    let silence =
        noted.iter().find(|query| format!("{}.", query.name) == silent && query.rtype == "TLSA").unwrap();
    assert_eq!(silence.rcode, "SILENCE");
    assert!(noted.iter().any(|query| query.rcode == "SERVFAIL" && query.rtype == "TLSA"));
}

/// What lies between is there without records; what nobody may ask for is not there, and neither spans another name.
#[tokio::test]
async fn denials_span_nothing_that_exists() {
    let world = World::with_cases(ServerSettings::default()).await;
    let labelled = format!("{LABEL}.bad.dane-good.service.test.");
    for (name, rtype) in [
        (format!("_tcp.{labelled}"), RecordType::A),
        ("_tcp.bad.dane-good.service.test.".to_owned(), RecordType::NS),
        (format!("_tls.{LABEL}.dane-good.service.test."), RecordType::A),
        (format!("_mta-sts.{LABEL}.dane-good.service.test."), RecordType::TXT),
        (format!("mta-sts.{LABEL}.dane-good.service.test."), RecordType::A),
        (format!("_25._tcp.{LABEL}.bad.none.service.test."), RecordType::TLSA),
        (labelled.clone(), RecordType::MX),
        ("dane-good.service.test.".to_owned(), RecordType::CAA),
    ] {
        let answer = world.ask(&name, rtype).await;
        assert_eq!(
            (answer.metadata.response_code, answer.answers.len()),
            (ResponseCode::NoError, 0),
            "{name}"
        );
        assert_eq!(owners(&answer.authorities)[1..], [format!("{name} NSEC")]);
        assert_eq!(signatures(&answer.authorities), 2);
        let RData::DNSSEC(hickory_proto::dnssec::rdata::DNSSECRData::NSEC(nsec)) =
            &answer.authorities.iter().find(|record| record.record_type() == RecordType::NSEC).unwrap().data
        else {
            panic!("{answer:?}")
        };
        assert_eq!(nsec.next_domain_name().to_ascii(), format!("\\000.{name}"));
    }
    for name in [
        "abc.dane-good.service.test.",
        "x.y.z.good.dane-good.service.test.",
        "_26._tcp.bad.dane-good.service.test.",
        "*.dane-good.service.test.",
        "bad.null-mx.service.test.",
        "good.sts-all-bad.service.test.",
        "_acme-challenge.bad.dane-good.service.test.",
    ] {
        let answer = world.ask(name, RecordType::A).await;
        assert_eq!(answer.metadata.response_code, ResponseCode::NXDomain, "{name}");
        let nsec = owners(&answer.authorities).len();
        assert!((2..=3).contains(&nsec) && signatures(&answer.authorities) == nsec, "{name}: {answer:?}");
        assert!(answer.authorities.iter().all(|record| record.ttl <= 60));
    }
    // Nothing is signed for those who do not ask for it.
    let asked = query("abc.dane-good.service.test.", RecordType::A, None).to_vec().unwrap();
    let answer = Message::from_vec(&world.udp(&asked).await).unwrap();
    assert_eq!(owners(&answer.authorities), ["dane-good.service.test. SOA"]);
    assert_eq!(answer.authorities.len(), 1);
}

#[tokio::test]
async fn spelling_is_kept_and_ds_is_the_parents() {
    let world = World::with_cases(ServerSettings::default()).await;
    let answer = world.ask("K3f9A2m7.BAD.dAne-good.Service.test.", RecordType::A).await;
    assert_eq!(answer.answers[0].name.to_ascii(), "K3f9A2m7.BAD.dAne-good.Service.test.");
    let counted = |zone: ZoneState| usize::from(zone != ZoneState::Insecure);
    for case in catalogue().ruled_cases() {
        let apex = format!("{}.service.test.", case.id);
        let answer = world.ask(&apex, RecordType::DS).await;
        assert_eq!(owners(&answer.answers).len(), counted(case.zone), "{apex}");
        assert!(answer.answers.iter().all(|record| record.ttl <= 60));
        assert_eq!(
            signatures(&answer.answers) + signatures(&answer.authorities),
            if counted(case.zone) == 1 { 1 } else { 2 }
        );
        let keys = world.ask(&apex, RecordType::DNSKEY).await;
        assert_eq!(owners(&keys.answers).len(), 2 * counted(case.zone), "{apex}");
        assert_eq!(owners(&world.ask(&apex, RecordType::SOA).await.answers), [format!("{apex} SOA")]);
        let servers = world.ask(&apex, RecordType::NS).await;
        assert_eq!(owners(&servers.answers), [format!("{apex} NS")]);
    }
}

/// When a trial is over its names are sound, and only its names.
#[tokio::test]
async fn faults_are_withdrawn_when_a_trial_is_over() {
    let world = World::with_cases(ServerSettings::default()).await;
    let trials = Arc::new(Trials::default());
    world.authority.follow_phases(trials.clone());
    let catalogue = catalogue();
    trials.0.lock().unwrap().insert(LABEL.to_owned(), CasePhase::Over);
    let other: Label = "another1".parse().unwrap();
    for (label, hosts, tlsa) in [(None, 2, 1), (Some(other), 2, 1), (Some(label()), 1, 0)] {
        let of = |id, part| name(&catalogue, id, label.as_ref(), part);
        let mx = mx_of(&world.ask(&of("dane-mismatch", Part::Domain), RecordType::MX).await);
        assert_eq!(mx.len(), hosts, "{label:?}");
        assert_eq!(mx.last().unwrap().1, of("dane-mismatch", Part::Host(HostRole::Good)));
        let bad = world.ask(&of("dane-mismatch", Part::Tlsa(HostRole::Bad)), RecordType::TLSA).await;
        assert_eq!(owners(&bad.answers).len(), tlsa, "{label:?}");
        let good = world.ask(&of("dane-mismatch", Part::Tlsa(HostRole::Good)), RecordType::TLSA).await;
        assert_eq!(owners(&good.answers).len(), 1);
        let failing = world.ask(&of("tlsa-servfail", Part::Tlsa(HostRole::Bad)), RecordType::TLSA).await;
        let expected = if tlsa == 1 { ResponseCode::ServFail } else { ResponseCode::NoError };
        assert_eq!(failing.metadata.response_code, expected, "{label:?}");
        // A host that is alone is then where sound ones are met.
        let at =
            async |part| world.ask(&of("sts-all-bad", part), RecordType::A).await.answers[0].data.clone();
        let sound = RData::A("127.0.9.1".parse().unwrap());
        assert_eq!(at(Part::Host(HostRole::Bad)).await == sound, tlsa == 0, "{label:?}");
    }
}

/// Nobody needs IPv6, IPv4 or TCP to be rid of what is queued for a trial that is over.
#[tokio::test]
async fn what_is_hard_to_reach_is_easy_when_a_trial_is_over() {
    let world = World::with_cases(ServerSettings::default()).await;
    let trials = Arc::new(Trials::default());
    world.authority.follow_phases(trials.clone());
    let catalogue = catalogue();
    let of = |id, label: &Label, part| name(&catalogue, id, Some(label), part);
    trials.0.lock().unwrap().insert(LABEL.to_owned(), CasePhase::Over);
    let other: Label = "another1".parse().unwrap();
    for (label, is_over) in [(&other, false), (&label(), true)] {
        let mx = mx_of(&world.ask(&of("big-dns", label, Part::Domain), RecordType::MX).await);
        assert_eq!(mx.len() == 1, is_over, "{label:?}");
        for (case, rtype) in [("v4only", RecordType::AAAA), ("v6only-mx", RecordType::A)] {
            let bad = world.ask(&of(case, label, Part::Host(HostRole::Bad)), rtype).await;
            assert_eq!(!owners(&bad.answers).is_empty(), is_over, "{case} {rtype}");
        }
    }
}

/// The MTA-STS record of a domain, its defects, and what becomes of it in the course of a trial.
#[tokio::test]
async fn policies_are_announced_as_the_file_says() {
    let world = World::with_cases(ServerSettings::default()).await;
    let trials = Arc::new(Trials::default());
    world.authority.follow_phases(trials.clone());
    let texts = async |name: &str| -> Vec<String> {
        let answer = world.ask(name, RecordType::TXT).await;
        let texts = answer.answers.iter().filter_map(|record| match &record.data {
            RData::TXT(txt) => Some(String::from_utf8(txt.txt_data.concat()).unwrap()),
            _ => None,
        });
        texts.collect()
    };
    let label = format!("{LABEL}.");
    for prefix in ["", &label] {
        let of = |case: &str| format!("_mta-sts.{prefix}{case}.service.test.");
        assert_eq!(texts(&of("sts-host-two-txt")).await.len(), 2);
        assert_eq!(texts(&of("sts-host-no-id")).await, ["v=STSv1;"]);
        assert_eq!(texts(&of("none")).await.len(), 0);
        let good = texts(&of("sts-good")).await;
        assert!(good.len() == 1 && good[0].starts_with("v=STSv1; id="), "{good:?}");
    }
    // The policy of the parent: not at the domain itself, and not at that of a trial.
    assert_eq!(texts("_mta-sts.sts-parent.service.test.").await.len(), 1);
    assert_eq!(texts("_mta-sts.child.sts-parent.service.test.").await.len(), 0);
    assert_eq!(texts(&format!("_mta-sts.{LABEL}.sts-parent.service.test.")).await.len(), 0);
    let of = |case: &str| format!("_mta-sts.{LABEL}.{case}.service.test.");
    let (refetch, cached) = (texts(&of("sts-refetch")).await, texts(&of("sts-cached")).await);
    assert_eq!((refetch.len(), cached.len()), (1, 1));
    trials.0.lock().unwrap().insert(LABEL.to_owned(), CasePhase::Second);
    assert_ne!(texts(&of("sts-refetch")).await, refetch);
    assert_eq!(texts(&of("sts-cached")).await.len(), 0);
    trials.0.lock().unwrap().insert(LABEL.to_owned(), CasePhase::Over);
    assert_eq!(texts(&of("sts-host-two-txt")).await.len(), 1);
}

/// A CA that asks for a name of a case is answered, and nobody else is told of such names.
#[tokio::test]
async fn a_ca_is_answered_below_cases() {
    let world = World::with_cases(ServerSettings::default()).await;
    let owner = "_acme-challenge.mta-sts.p0001.sts-good.service.test.";
    let domain = "mta-sts.p0001.sts-good.service.test".to_owned();
    let answers = BTreeMap::from([(domain, vec!["first".to_owned(), "second".to_owned()])]);
    world.authority.answer_challenges(&answers, Timestamp::now()).unwrap();
    let answer = world.ask(owner, RecordType::TXT).await;
    assert_eq!((owners(&answer.answers).len(), signatures(&answer.answers)), (2, 1));
    assert_eq!(world.ask(owner, RecordType::A).await.metadata.response_code, ResponseCode::NoError);
    world.authority.answer_challenges(&BTreeMap::new(), Timestamp::now()).unwrap();
    let answer = world.ask(owner, RecordType::TXT).await;
    assert_eq!(answer.metadata.response_code, ResponseCode::NXDomain);
}

/// Ruled zones are printed by their permanent names, are no secondary's to take, and their names are not the operator's.
#[tokio::test]
async fn ruled_zones_are_shown_and_not_handed_over() {
    let world = World::with_cases(ServerSettings::default()).await;
    let printed = world.authority.print_zone("half-dane.service.test").unwrap();
    for line in [
        "unsigned.half-dane.service.test.\t60\tIN\tMX\t10 unsigned.bad.half-dane.service.test.",
        "_25._tcp.unsigned.bad.half-dane.service.test.\t60\tIN\tTLSA\t",
        "half-dane.service.test.\t60\tIN\tSOA\t",
    ] {
        assert!(printed.lines().any(|printed| printed.starts_with(line)), "{line}: {printed}");
    }
    assert!(world.authority.print().contains("; zone dane-good.service.test., answered by rule"));
    assert!(!world.authority.zone_names().contains(&"dane-good.service.test.".to_owned()));
    let asked = query("dane-good.service.test.", RecordType::AXFR, None).to_vec().unwrap();
    let answer = Message::from_vec(&world.tcp(&asked).await).unwrap();
    assert_eq!(answer.metadata.response_code, ResponseCode::Refused);
    // The v6 zone is served by a name of its own, and its parent has the glue.
    let parent = world.authority.print_zone("service.test").unwrap();
    assert!(parent.contains("ns.v6only-zone.service.test.\t3600\tIN\tAAAA\t::1"), "{parent}");
    assert!(!parent.contains("ns.v6only-zone.service.test.\t3600\tIN\tA\t"));
}

#[test]
fn what_is_written_where_a_case_is_served_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let error = |change: &dyn Fn(&mut Content)| {
        let mut content = Content { origin: Some(with_cases(origin())), others: Vec::new() };
        change(&mut content);
        Authority::new(content, settings(folder.path()), Timestamp::now())
            .err()
            .map(|error| error.to_string())
    };
    assert_eq!(error(&|_| ()), None);
    let below = error(&|content| content.origin.as_mut().unwrap().text += "x.none IN A 192.0.2.1\n").unwrap();
    assert!(
        below.contains("x.none.service.test., which is a name of the case none.service.test."),
        "{below}"
    );
    let keyless =
        error(&|content| drop(content.origin.as_mut().unwrap().tlsa.remove(&"bad.dane-good".into())));
    assert!(keyless.unwrap().starts_with("case dane-good: bad.dane-good has TLSA records"));
    let text = "@ 60 IN SOA ns1 host 1 2 3 4 5\n@ 60 IN NS ns1\n".to_owned();
    let zone = ZoneText { apex: "none.service.test".into(), file: "x.zone".into(), text, signed: false };
    let twice = error(&|content| content.others.push(zone.clone())).unwrap();
    assert!(twice.starts_with("x.zone: none.service.test. is a case"), "{twice}");
}

/// The keys of all cases are one set, which is rolled like any other; what was signed before is signed anew.
#[tokio::test]
async fn the_keys_of_cases_are_rolled() {
    let folder = tempfile::tempdir().unwrap();
    let at = |day: i64| Timestamp::from_second(1_800_000_000 + day * 86_400).unwrap();
    let content = || Content { origin: Some(with_cases(origin())), others: Vec::new() };
    let authority = Authority::new(content(), settings(folder.path()), at(0)).unwrap();
    let keys = |authority: &Authority| {
        let keys = authority.keys();
        keys.into_iter().find(|(apex, _)| apex == "_cases.service.test.").unwrap().1
    };
    assert_eq!(keys(&authority).len(), 2);
    let zone = |authority: &Authority| authority.print_zone("dane-good.service.test").unwrap();
    let signatures = |zone: &str| -> Vec<String> {
        zone.lines().filter(|line| line.contains("RRSIG\tMX")).map(str::to_owned).collect()
    };
    let first = zone(&authority);
    assert_eq!(signatures(&first).len(), 1);
    assert_eq!(signatures(&zone(&authority)), signatures(&first), "what is remembered is not signed again");
    authority.refresh(at(1)).unwrap();
    assert_ne!(signatures(&zone(&authority)), signatures(&first), "another day");
    let before: Vec<_> = keys(&authority).iter().map(|key| key.tag).collect();
    for day in 2..160 {
        authority.refresh(at(day)).unwrap();
    }
    let after: Vec<_> = keys(&authority).iter().map(|key| key.tag).collect();
    assert_ne!(before, after, "the zone-signing key was replaced");
    let signed_by = signatures(&zone(&authority)).concat();
    let active = keys(&authority).into_iter().find(|key| key.role == Role::Zsk && key.stage == Stage::Active);
    assert!(signed_by.contains(&format!(" {} dane-good.service.test. ", active.unwrap().tag)), "{signed_by}");
}
