//! What unbound, BIND and Knot resolver call the names of every case: secure, insecure or bogus.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use futures_util::StreamExt;
use hickory_proto::op::{Message, ResponseCode};
use hickory_proto::rr::RecordType;
use tokio::net::UdpSocket;
use tokio::time::timeout;

use mailassay::sending::authority::ServerSettings;
use mailassay::sending::persona::{Layout, LookupFault, RuledCase, ZoneState};
use mailassay::sending::trial::{CasePhase, HostRole, Label, Part};

use super::super::peers::{Unbound, peer};
use super::super::world::{World, query};
use super::{Trials, catalogue, label};

/// What a validator is to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Word {
    Secure,
    Insecure,
    /// Bogus, or not to be had: SERVFAIL.
    Failed,
}

/// A question, and what a validator is to say.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) name: String,
    pub(super) rtype: RecordType,
    pub(super) nxdomain: bool,
    pub(super) word: Word,
}

fn of_zone(case: &RuledCase) -> Word {
    match case.zone {
        ZoneState::Signed => Word::Secure,
        ZoneState::Insecure | ZoneState::UnknownAlgorithm => Word::Insecure,
        ZoneState::WrongDs | ZoneState::Expired => Word::Failed,
    }
}

/// The questions that senders ask of a case, answered and denied.
fn questions(case: &RuledCase, label: Option<&Label>) -> Vec<Asked> {
    let catalogue = catalogue();
    let zone = of_zone(case);
    let domain = if case.layout == Layout::Elsewhere { Word::Insecure } else { zone };
    let mut asked = Vec::new();
    let mut ask = |part, rtype, word| {
        let name = catalogue.ruled_name(case, label, part) + ".";
        asked.push(Asked { name, rtype, nxdomain: false, word });
    };
    for rtype in [RecordType::MX, RecordType::A, RecordType::TXT, RecordType::CAA] {
        ask(Part::Domain, rtype, domain);
    }
    ask(Part::PolicyRecord, RecordType::TXT, domain);
    ask(Part::PolicyHost, RecordType::A, domain);
    ask(Part::ReportRecord, RecordType::TXT, domain);
    for role in case.roles() {
        let alias = *role == HostRole::Bad && matches!(case.layout, Layout::Alias | Layout::InsecureAlias);
        let end = if case.layout == Layout::InsecureAlias { Word::Insecure } else { zone };
        let tlsa = match case.host(*role).tlsa_lookup {
            Some(LookupFault::Silence) => continue,
            Some(_) => Word::Failed,
            None => zone,
        };
        ask(Part::Host(*role), RecordType::A, if alias { end } else { zone });
        ask(Part::Host(*role), RecordType::AAAA, if alias { end } else { zone });
        ask(Part::Tlsa(*role), RecordType::TLSA, tlsa);
        if alias {
            ask(Part::Alias, RecordType::A, end);
            ask(Part::AliasTlsa, RecordType::TLSA, end);
        }
        if case.layout == Layout::Implicit {
            ask(Part::DomainTlsa, RecordType::TLSA, zone);
        }
    }
    let apex = format!("{}.service.test.", case.id);
    let between = label.map(|label| format!("{label}.")).unwrap_or_default();
    asked.push(Asked { name: apex.clone(), rtype: RecordType::NS, nxdomain: false, word: zone });
    for (name, nxdomain) in [
        (format!("_tls.{between}{apex}"), false),
        (format!("_tcp.{between}bad.{apex}"), case.roles().is_empty()),
        (format!("x.{between}{apex}"), true),
        (format!("_9._tcp.{between}good.{apex}"), true),
        (format!("abc.{apex}"), true),
    ] {
        let word = if name.ends_with(&format!("{between}{apex}"))
            && !between.is_empty()
            && !name.contains(".bad.")
            && !name.contains(".good.")
            && !name.starts_with("abc.")
        {
            domain
        } else {
            zone
        };
        asked.push(Asked { name, rtype: RecordType::A, nxdomain, word });
    }
    asked
}

/// All questions of all cases.
pub(super) fn all_questions() -> Vec<Asked> {
    let catalogue = catalogue();
    let cases: Vec<_> = catalogue.ruled_cases().collect();
    let label = label();
    cases.iter().flat_map(|case| [None, Some(&label)].map(|label| questions(case, label))).flatten().collect()
}

/// How many questions a resolver is asked at once.
const AT_ONCE: usize = 16;

/// What is wrong with the answer of the resolver at `port`.
async fn wrong(port: u16, asked: Asked) -> Option<String> {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let mut question = query(&asked.name, asked.rtype, Some(true));
    question.metadata.recursion_desired = true;
    let octets = question.to_vec().unwrap();
    let mut answer = vec![0; 4096];
    let mut tries = 0;
    let length = loop {
        socket.send_to(&octets, ("127.0.0.1", port)).await.unwrap();
        match timeout(Duration::from_secs(10), socket.recv(&mut answer)).await {
            Ok(length) => break length.unwrap(),
            Err(_) if tries < 3 => tries += 1,
            Err(_) => return Some(format!("{} {}: no answer", asked.name, asked.rtype)),
        }
    };
    let answer = Message::from_vec(&answer[..length]).unwrap();
    let rcode = match (asked.word, asked.nxdomain) {
        (Word::Failed, _) => ResponseCode::ServFail,
        (_, true) => ResponseCode::NXDomain,
        _ => ResponseCode::NoError,
    };
    let is = (answer.metadata.response_code, answer.metadata.authentic_data);
    let wanted = (rcode, asked.word == Word::Secure);
    (is != wanted).then(|| format!("{} {}: {is:?}, not {wanted:?}", asked.name, asked.rtype))
}

/// Asks all questions of all cases; gives what is wrong.
async fn all_wrong(port: u16) -> Vec<String> {
    let questions = all_questions();
    assert!(questions.len() > 2000, "{}", questions.len());
    let answers = futures_util::stream::iter(questions).map(|asked| wrong(port, asked));
    answers.buffer_unordered(AT_ONCE).filter_map(std::future::ready).collect().await
}

#[tokio::test(flavor = "multi_thread")]
async fn unbound_calls_every_case_what_it_is() {
    if !peer("unbound") {
        return;
    }
    let world = World::with_cases(ServerSettings::default()).await;
    let anchors = world.authority.trust_anchors().join("\n");
    let unbound = Unbound::start(world.folder.path(), &anchors, world.address.port());
    let wrong = all_wrong(unbound.port).await;
    assert!(wrong.is_empty(), "{} wrong\n{}", wrong.len(), wrong[..wrong.len().min(40)].join("\n"));
}

/// A validating kresd that asks one server for everything.
struct Kresd {
    child: Child,
    port: u16,
}

impl Kresd {
    /// Begins to serve on a port of its own; `folder` takes its files.
    async fn start(folder: &Path, anchor: &str, server_port: u16) -> Self {
        let port = std::net::UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let config = format!(
            "net.listen('127.0.0.1', {port}, {{ kind = 'dns' }})
net.ipv6 = false
cache.open(20 * MB, 'lmdb://{folder}/cache')
modules.unload('ta_update')
modules.unload('ta_signal_query')
modules.unload('priming')
modules.unload('detect_time_jump')
modules.unload('detect_time_skew')
trust_anchors.remove('.')
trust_anchors.add('{anchor}')
policy.add(policy.all(policy.FORWARD({{'127.0.0.1@{server_port}'}})))
",
            folder = folder.display(),
        );
        let path = folder.join("kresd.conf");
        std::fs::write(&path, config).unwrap();
        let log = std::fs::File::create(folder.join("kresd.log")).unwrap();
        let mut command = Command::new("kresd");
        command.arg("-n").arg("-c").arg(&path).arg(folder).stdin(Stdio::null());
        let child = command.stdout(log.try_clone().unwrap()).stderr(log).spawn().unwrap();
        let kresd = Self { child, port };
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let mut question = query(".", RecordType::SOA, None);
        question.metadata.recursion_desired = true;
        let octets = question.to_vec().unwrap();
        for _ in 0..100 {
            socket.send_to(&octets, ("127.0.0.1", port)).await.unwrap();
            if timeout(Duration::from_millis(200), socket.recv(&mut [0; 2048])).await.is_ok() {
                return kresd;
            }
        }
        let said = std::fs::read_to_string(folder.join("kresd.log")).unwrap_or_default();
        panic!("kresd did not start: {said}");
    }
}

impl Drop for Kresd {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn knot_resolver_calls_every_case_what_it_is() {
    if !peer("kresd") {
        return;
    }
    let world = World::with_cases(ServerSettings::default()).await;
    let anchor = world.authority.trust_anchors().remove(0);
    let kresd = Kresd::start(world.folder.path(), &anchor, world.address.port()).await;
    let wrong = all_wrong(kresd.port).await;
    assert!(wrong.is_empty(), "{} wrong\n{}", wrong.len(), wrong[..wrong.len().min(40)].join("\n"));
}

/// The root's key as delv wants it.
fn delv_anchor(world: &World) -> PathBuf {
    let anchor = world.authority.trust_anchors().remove(0);
    let (flags, key) = anchor.split_once("DNSKEY ").unwrap().1.split_once(" 3 13 ").unwrap();
    let path = world.folder.path().join("delv.anchor");
    let text = format!("trust-anchors {{ \".\" static-key {flags} 3 13 \"{key}\"; }};\n");
    std::fs::write(&path, text).unwrap();
    path
}

/// What BIND's delv says of an answer, by how it begins.
fn in_delvs_words(asked: &Asked) -> &'static [&'static str] {
    match asked.word {
        Word::Secure => &["; fully validated", "; negative response, fully validated"],
        Word::Insecure => &["; unsigned answer", "; negative response, unsigned answer"],
        Word::Failed => &[";; resolution failed: "],
    }
}

/// One of each kind for every case: delv is a process for each question.
#[tokio::test(flavor = "multi_thread")]
async fn delv_calls_every_case_what_it_is() {
    if !peer("delv") {
        return;
    }
    let world = World::with_cases(ServerSettings::default()).await;
    let path = delv_anchor(&world);
    let wanted = |asked: &Asked| {
        let labelled = asked.name.contains(super::LABEL);
        match asked.rtype {
            RecordType::MX => true,
            RecordType::TLSA => labelled && asked.name.contains(".bad."),
            RecordType::A => asked.nxdomain && asked.name.starts_with("x.") && labelled,
            _ => false,
        }
    };
    let questions: Vec<_> = all_questions().into_iter().filter(wanted).collect();
    assert!(questions.len() > 250, "{}", questions.len());
    let address = world.address;
    let answers = futures_util::stream::iter(questions).map(|asked| {
        let mut delv = tokio::process::Command::new("delv");
        delv.arg(format!("@{}", address.ip())).arg("-p").arg(address.port().to_string());
        delv.arg("-a").arg(&path).args(["+root=.", &asked.name]).arg(asked.rtype.to_string());
        async move {
            let output = delv.output().await.unwrap();
            let said = [output.stdout, output.stderr]
                .map(|text| String::from_utf8_lossy(&text).into_owned())
                .concat();
            let right = in_delvs_words(&asked).iter().any(|words| said.contains(words));
            (!right).then(|| format!("{} {}, which is {:?}: {said}", asked.name, asked.rtype, asked.word))
        }
    });
    let wrong: Vec<_> = answers.buffer_unordered(4).filter_map(std::future::ready).collect().await;
    assert!(wrong.is_empty(), "{} wrong\n{}", wrong.len(), wrong[..wrong.len().min(10)].join("\n"));
}

/// What is queued for names of a trial is taken when it is over, where the zone as a whole can be believed.
#[tokio::test(flavor = "multi_thread")]
async fn names_of_a_trial_that_is_over_are_sound_to_validators() {
    if !peer("unbound") {
        return;
    }
    let world = World::with_cases(ServerSettings::default()).await;
    let trials = std::sync::Arc::new(Trials::default());
    trials.0.lock().unwrap().insert(super::LABEL.to_owned(), CasePhase::Over);
    world.authority.follow_phases(trials);
    let anchors = world.authority.trust_anchors().join("\n");
    let unbound = Unbound::start(world.folder.path(), &anchors, world.address.port());
    let catalogue = catalogue();
    for case in catalogue.ruled_cases() {
        let word = match case.zone {
            ZoneState::Expired => Word::Secure,
            _ if case.layout == Layout::Elsewhere => Word::Insecure,
            _ => of_zone(case),
        };
        let mut questions = vec![(Part::Domain, RecordType::MX, word)];
        let hosts = if case.layout == Layout::InsecureAlias { of_zone(case) } else { word };
        if case.layout != Layout::Elsewhere {
            questions.extend(case.roles().iter().map(|role| (Part::Tlsa(*role), RecordType::TLSA, hosts)));
        }
        for (part, rtype, word) in questions {
            let name = catalogue.ruled_name(case, Some(&label()), part) + ".";
            let asked = Asked { name, rtype, nxdomain: false, word };
            assert_eq!(wrong(unbound.port, asked).await, None);
        }
    }
}
