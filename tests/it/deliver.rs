//! Tests of `deliver`: the reference sender against hosts on loopback that do as they are told, with a faked DNS.

mod cases;
mod world;

use mailassay::sending::deliver::{Delivery, Habit, HostOutcome, OURS, SAMPLES};
use mailassay::sending::history::Phase;
use mailassay::sending::persona::{Catalogue, Certificate, Persona, TlsaSpec};
use mailassay::sending::verdict::Term;
use mailassay::sending::verdict::model::{
    Act, Dane, Offered, PolicyState, Published, SenderModel, Shown, TlsaState,
};
use mailassay::shared::dns::RecordType;
use mailassay::shared::evidence::{FetchOutcome, Security};

use world::{ET, Host, UT, World};

/// What of a session shows in the log of a host, by the act that a model foretells.
fn foretold(act: Act) -> &'static [&'static str] {
    match act {
        Act::Avoids | Act::Shuns { .. } => &[],
        Act::Leaves => &["EHLO", "QUIT"],
        Act::Clear => &["EHLO", "MAIL", "RCPT", "DATA", "dot", "QUIT"],
        Act::Refuses { sni: true } => &["EHLO", "STARTTLS", "TLS with SNI", "QUIT"],
        Act::Refuses { sni: false } => &["EHLO", "STARTTLS", "TLS without SNI", "QUIT"],
        Act::Delivers { sni: true } => {
            &["EHLO", "STARTTLS", "TLS with SNI", "EHLO", "MAIL", "RCPT", "DATA", "dot", "QUIT"]
        }
        Act::Delivers { sni: false } => {
            &["EHLO", "STARTTLS", "TLS without SNI", "EHLO", "MAIL", "RCPT", "DATA", "dot", "QUIT"]
        }
    }
}

fn published(catalogue: &Catalogue, persona: &Persona) -> Published {
    let case = persona.case.as_ref().and_then(|case| catalogue.case(case)).unwrap();
    let tlsa = if persona.tlsa == TlsaSpec::None { TlsaState::None } else { TlsaState::Usable };
    let policy = match (case.mta_sts.is_some(), persona.in_policy) {
        (false, _) => PolicyState::None,
        (true, true) => PolicyState::Listed,
        (true, false) => PolicyState::Unlisted,
    };
    Published { tlsa, policy }
}

/// Every model at every host, with STARTTLS and without, in both phases: the sender does what the model says.
#[tokio::test]
async fn the_sender_does_what_its_model_says() {
    let world = World::new().await;
    for persona in world.catalogue.personas().filter(|persona| persona.case.is_some()) {
        let Some(case) = persona.case.as_ref().filter(|case| ["et", "ut"].contains(&case.0.as_str())) else {
            continue;
        };
        let domain = if case.0 == "et" { ET } else { UT };
        let published = published(&world.catalogue, persona);
        for (starttls, phase) in [(false, Phase::A), (true, Phase::A), (true, Phase::B)] {
            let with_sni = Shown {
                webpki: persona.certificate == Certificate::PublicCa,
                tlsa: persona.tlsa == TlsaSpec::Match,
            };
            let without_sni = Shown { webpki: phase == Phase::B, tlsa: false };
            let offered = Offered { starttls, with_sni, without_sni };
            let host = Host { starttls, phase, ..Host::sound(&world.host_name(persona)) };
            let hosts = world.hosts(domain, vec![host]).await;
            for model in SenderModel::all() {
                let act = model.acts(published, offered);
                let attempt = hosts.attempt(&world.sender(model, &hosts)).await;
                assert_eq!(hosts.log(), foretold(act), "{} {starttls} {phase:?}: {model}", persona.id);
                let delivered = matches!(act, Act::Clear | Act::Delivers { .. });
                assert_eq!(attempt.delivery == Delivery::Delivered, delivered);
            }
        }
    }
}

/// What each habit makes of a model: at a host whose certificate DANE, MTA-STS and WebPKI forbid, at the sound one,
/// and where STARTTLS is not offered. Two attempts each; their logs are joined.
#[tokio::test]
async fn a_habit_bends_what_is_done() {
    let world = World::new().await;
    let index = |wanted: Term| SAMPLES.into_iter().find(|(term, _)| *term == wanted).unwrap().1;
    let (dane, mta_sts, verify) = (index(Term::Dane), index(Term::MtaSts), index(Term::Verify));
    let refuses = "EHLO STARTTLS TLS+ QUIT";
    let delivers = "EHLO STARTTLS TLS+ EHLO MAIL RCPT DATA dot QUIT";
    let clear = "EHLO MAIL RCPT DATA dot QUIT";
    let joined = |parts: &[&str]| parts.join(" ");
    for (habit, model, host, starttls, expected) in [
        (Habit::AsItsModel, dane, "mx03", true, joined(&[refuses, refuses])),
        (Habit::FetchesPolicies, dane, "mx03", true, joined(&[refuses, refuses])),
        (Habit::AsksForBoth, index(Term::None), "mx03", true, joined(&[clear, clear])),
        (Habit::ChecksNothing, dane, "mx03", true, joined(&[delivers, delivers])),
        (Habit::ChecksNothing, mta_sts, "mx03", true, joined(&[delivers, delivers])),
        (Habit::ChecksNothing, dane, "mx03", false, "EHLO QUIT EHLO QUIT".to_owned()),
        (Habit::KnowsNoCa, mta_sts, "mx06", true, joined(&[refuses, refuses])),
        (Habit::KnowsNoCa, dane, "mx06", true, joined(&[delivers, delivers])),
        (Habit::RefusesEverything, dane, "mx06", true, joined(&[refuses, refuses])),
        (Habit::LaxerOnNextAttempt, dane, "mx03", true, joined(&[refuses, delivers])),
        (Habit::LaxerWithinAttempt, dane, "mx03", true, joined(&[refuses, delivers, refuses, delivers])),
        (Habit::FallsBackToClearText, dane, "mx03", true, joined(&[refuses, clear, refuses, clear])),
        (Habit::RefusesAfterEhlo, dane, "mx03", true, {
            "EHLO STARTTLS TLS+ EHLO QUIT EHLO STARTTLS TLS+ EHLO QUIT".to_owned()
        }),
        (Habit::RefusesAfterMail, dane, "mx03", true, {
            let refuses = "EHLO STARTTLS TLS+ EHLO MAIL-alone RSET QUIT";
            joined(&[refuses, refuses])
        }),
        (Habit::RefusesAfterMail, verify, "mx06", false, {
            "EHLO MAIL-alone RSET QUIT EHLO MAIL-alone RSET QUIT".to_owned()
        }),
        (Habit::CallsUnlistedHosts, mta_sts, "mx03", true, joined(&[refuses, refuses])),
        (Habit::AsItsModel, mta_sts, "mx03", true, String::new()),
    ] {
        let host = Host { starttls, ..Host::sound(&format!("{host}.et.example.org")) };
        let hosts = world.hosts(ET, vec![host]).await;
        let sender = world.sender(model, &hosts).with_habit(habit);
        let first = hosts.attempt(&sender).await;
        hosts.attempt(&sender).await;
        let heard: Vec<_> = hosts.log().iter().map(|heard| heard.replace("TLS with SNI", "TLS+")).collect();
        let heard = heard.join(" ").replace("MAIL alone", "MAIL-alone");
        assert_eq!(heard, expected, "{habit:?} {model}");
        let asked = hosts.dns.asked();
        let asks = |wanted: RecordType| asked.iter().any(|(_, rtype)| *rtype == wanted);
        let fetches = matches!(habit, Habit::FetchesPolicies | Habit::AsksForBoth) || model.mta_sts;
        assert_eq!((first.fetch.is_some(), asks(RecordType::TXT)), (fetches, fetches), "{habit:?} {model}");
        assert_eq!(
            asks(RecordType::TLSA),
            habit == Habit::AsksForBoth || model.dane != Dane::Off,
            "{habit:?} {model}"
        );
    }
}

#[tokio::test]
async fn goes_on_to_the_next_host_and_stops_after_two_that_hold() {
    let world = World::new().await;
    let held = |name: &str| Host { dot: "451 4.7.1 later", ..Host::sound(name) };
    let names = ["mx03.et.example.org", "mx04.et.example.org", "mx05.et.example.org", "mx06.et.example.org"];
    let hosts = world.hosts(ET, names.map(held).into()).await;
    let (_, dane) = SAMPLES.into_iter().find(|(term, _)| *term == Term::Dane).unwrap();
    let attempt = hosts.attempt(&world.sender(dane, &hosts)).await;
    assert!(matches!(&attempt.delivery, Delivery::Transient(reason) if reason.contains("451 4.7.1 later")));
    let outcomes: Vec<_> = attempt.hosts.iter().map(|host| (&host.host[..4], &host.outcome)).collect();
    assert!(
        matches!(
            &outcomes[..],
            [
                ("mx03", HostOutcome::CertificateRefused(_)),
                ("mx04", HostOutcome::Held { code: 451, .. }),
                ("mx05", HostOutcome::CertificateRefused(_)),
                ("mx06", HostOutcome::Held { code: 451, .. }),
            ]
        ),
        "{outcomes:?}"
    );
    let (_, may) = SAMPLES[1];
    let attempt = hosts.attempt(&world.sender(may, &hosts)).await;
    assert_eq!(attempt.hosts.len(), 2, "two sessions that came to MAIL end an attempt");
}

#[tokio::test]
async fn insists_while_it_is_held_and_no_longer() {
    let world = World::new().await;
    for (dot, attempts) in [("451 4.7.1 later", 3), ("250 2.0.0 taken", 1), ("550 5.7.1 never", 1)] {
        let hosts = world.hosts(UT, vec![Host { dot, ..Host::sound(UT) }]).await;
        let mut seen = 0;
        let delivery = hosts.insist(&world.sender(SAMPLES[1].1, &hosts), 3, |_| seen += 1).await;
        assert_eq!((seen, matches!(delivery, Delivery::Transient(_))), (attempts, attempts == 3), "{dot}");
    }
}

#[tokio::test]
async fn a_refusal_for_good_ends_it_and_a_dead_host_does_not() {
    let world = World::new().await;
    let dead = Host { listens: false, ..Host::sound("mx04.et.example.org") };
    let busy = Host { greeting: "421 4.3.2 busy", ..Host::sound("mx05.et.example.org") };
    let strict = Host { dot: "550 5.7.1 never", ..Host::sound("mx06.et.example.org") };
    let unheard = Host::sound("mx03.et.example.org");
    let hosts = world.hosts(ET, vec![dead, busy, strict, unheard]).await;
    let attempt = hosts.attempt(&world.sender(OURS, &hosts)).await;
    assert!(matches!(&attempt.delivery, Delivery::Permanent(text) if text.contains("550 5.7.1 never")));
    let outcomes: Vec<_> = attempt.hosts.iter().map(|host| &host.outcome).collect();
    assert!(
        matches!(
            outcomes[..],
            [HostOutcome::Failed(_), HostOutcome::Failed(_), HostOutcome::Rejected { code: 550, .. }]
        ),
        "{outcomes:?}"
    );
}

#[tokio::test]
async fn opportunistic_tls_that_fails_falls_back_and_required_tls_does_not() {
    let world = World::new().await;
    for (index, delivered) in [(1, true), (2, false), (4, true), (5, false)] {
        let (term, model) = SAMPLES[index];
        let broken = Host { breaks_tls: true, ..Host::sound(UT) };
        let hosts = world.hosts(UT, vec![broken]).await;
        let attempt = hosts.attempt(&world.sender(model, &hosts)).await;
        assert_eq!(attempt.delivery == Delivery::Delivered, delivered, "{term}: {attempt:?}");
    }
    for (index, delivered) in [(1, true), (2, false)] {
        let (term, model) = SAMPLES[index];
        let refusing = Host { starttls_reply: "454 4.7.0 not now", ..Host::sound(UT) };
        let hosts = world.hosts(UT, vec![refusing]).await;
        let attempt = hosts.attempt(&world.sender(model, &hosts)).await;
        assert_eq!(attempt.delivery == Delivery::Delivered, delivered, "{term}: {attempt:?}");
    }
}

#[tokio::test]
async fn mx_records_are_read_as_the_standards_say() {
    let world = World::new().await;
    let hosts = world.hosts(UT, vec![Host::sound(UT)]).await;
    let sender = |hosts: &world::Hosts| world.sender(SAMPLES[1].1, hosts);
    hosts.dns.set_mx(UT, Security::Secure, &[]);
    assert_eq!(hosts.attempt(&sender(&hosts)).await.delivery, Delivery::Delivered, "implicit MX");
    hosts.dns.set_mx(UT, Security::Secure, &[(0, ".")]);
    let delivery = hosts.attempt(&sender(&hosts)).await.delivery;
    assert!(matches!(&delivery, Delivery::Permanent(reason) if reason.contains("null MX")), "{delivery:?}");
    hosts.dns.remove_mx(UT);
    let delivery = hosts.attempt(&sender(&hosts)).await.delivery;
    assert!(matches!(&delivery, Delivery::Permanent(reason) if reason.contains("no domain")), "{delivery:?}");
    hosts.dns.fail(UT, RecordType::MX);
    assert!(matches!(hosts.attempt(&sender(&hosts)).await.delivery, Delivery::Transient(_)));
}

#[tokio::test]
async fn dane_follows_the_state_of_every_answer() {
    let world = World::new().await;
    let name = "mx03.et.example.org";
    let dane = SAMPLES[4].1;
    let state = async |change: &dyn Fn(&world::Dns)| {
        let hosts = world.hosts(ET, vec![Host::sound(name)]).await;
        change(&hosts.dns);
        let attempt = hosts.attempt(&world.sender(dane, &hosts)).await;
        let tlsa_asked = hosts.dns.asked().iter().any(|(_, rtype)| *rtype == RecordType::TLSA);
        (attempt.hosts[0].published.tlsa, tlsa_asked)
    };
    let record = |text: &str| text.parse().unwrap();
    let tlsa = format!("_25._tcp.{name}");
    assert_eq!(state(&|_| {}).await, (TlsaState::Usable, true));
    let insecure = Security::Insecure;
    assert_eq!(state(&|dns| dns.set_mx(ET, insecure, &[(1, name)])).await, (TlsaState::None, false));
    assert_eq!(state(&|dns| dns.set_security(name, insecure)).await, (TlsaState::None, false));
    assert_eq!(state(&|dns| dns.set_security(&tlsa, insecure)).await, (TlsaState::None, true));
    assert_eq!(state(&|dns| dns.set_tlsa(&tlsa, &[])).await, (TlsaState::None, true));
    assert_eq!(state(&|dns| dns.fail(&tlsa, RecordType::TLSA)).await, (TlsaState::Failed, true));
    assert_eq!(state(&|dns| dns.set_security(&tlsa, Security::Bogus)).await, (TlsaState::Failed, true));
    assert_eq!(state(&|dns| dns.fail(name, RecordType::A)).await, (TlsaState::Failed, false));
    let unusable = &|dns: &world::Dns| dns.set_tlsa(&tlsa, &[record("1 1 1 00"), record("3 1 7 00")]);
    assert_eq!(state(unusable).await, (TlsaState::Unusable, true));
}

#[tokio::test]
async fn a_policy_is_fetched_once_and_kept_while_its_id_is_the_same() {
    let world = World::new().await;
    let hosts = world.hosts(ET, vec![Host::sound("mx06.et.example.org")]).await;
    let sender = world.sender(SAMPLES[6].1, &hosts);
    let first = hosts.attempt(&sender).await;
    assert!(matches!(first.fetch.unwrap().outcome, FetchOutcome::Answered { status: 200, .. }));
    assert_eq!(first.hosts[0].published.policy, PolicyState::Listed);
    let second = hosts.attempt(&sender).await;
    assert_eq!((second.fetch, second.hosts[0].published.policy), (None, PolicyState::Listed));
    hosts.dns.set_txt("_mta-sts.et.example.org", &["v=STSv1; id=another;"]);
    let third = hosts.attempt(&sender).await;
    assert!(third.fetch.is_some());
    // RFC 8461 §5.1: without record and without fetch the kept policy still counts.
    hosts.dns.set_txt("_mta-sts.et.example.org", &[]);
    let fourth = hosts.attempt(&sender).await;
    assert_eq!((fourth.fetch, fourth.hosts[0].published.policy), (None, PolicyState::Listed));
    let without = world.sender(SAMPLES[6].1, &hosts);
    let fifth = hosts.attempt(&without).await;
    assert_eq!((fifth.fetch, fifth.hosts[0].published.policy), (None, PolicyState::None));
}
