//! The plan against simulated servers: what it costs, and that what it finds is so.

use std::collections::BTreeSet;

use mailassay::receiving::checks::{Column, Item, Level, Tables, undecided};
use mailassay::receiving::probe::renegotiating_hello;
use mailassay::receiving::scan::{Plan, PlanLimits};
use mailassay::shared::evidence::scan::{
    Answer, Authentication, CodePoints, Depth, Gap, Hello, Known, Question, Server, SessionFault, Stage,
    Stopped, Survey,
};
use mailassay::shared::evidence::{Alert, TlsVersion};
use proptest::prelude::{Just, Strategy, any, prop_oneof, proptest};
use proptest::sample::subsequence;

use super::simulated::{Model, Refuses, TLS12, TLS13, openssl_suites, play};

fn plan(depth: Depth) -> Plan {
    Plan::new(depth, PlanLimits::default())
}

fn steps(server: &Server) -> Vec<&str> {
    server.probes.iter().map(|probe| probe.step.as_str()).collect()
}

/// What it takes at most of whatever a test throws at it.
fn unbounded(depth: Depth) -> Plan {
    let settings = PlanLimits { connections_max: 1000, full_connections_max: 1000, ..PlanLimits::default() };
    Plan::new(depth, settings)
}

#[test]
fn a_default_postfix_costs_at_most_twenty_connections() {
    for decides in [true, false] {
        for keys in [vec![Authentication::Rsa], Authentication::ALL.to_vec()] {
            let model = Model { decides, keys, ..Model::default_postfix() };
            let server = model.scan(&plan(Depth::Verdict));
            assert_eq!(server.stopped, None, "{:?}", steps(&server));
            assert!(server.connections <= 20, "{}: {:?}", server.connections, steps(&server));
            consistent(&model, &server);
        }
    }
}

#[test]
fn a_hardened_postfix_costs_at_most_sixteen_connections() {
    for decides in [true, false] {
        for keys in [vec![Authentication::Rsa], Authentication::ALL.to_vec()] {
            let model = Model { decides, keys, ..Model::hardened_postfix() };
            let server = model.scan(&plan(Depth::Verdict));
            assert_eq!(server.stopped, None, "{:?}", steps(&server));
            assert!(server.connections <= 16, "{}: {:?}", server.connections, steps(&server));
            consistent(&model, &server);
        }
    }
}

#[test]
fn everything_of_a_default_postfix_is_enumerated() {
    let model = Model::default_postfix();
    let server = model.scan(&unbounded(Depth::Full));
    let survey = Survey::of(&server);
    for version in [TLS13, TLS12, TlsVersion(0x0302), TlsVersion(0x0301)] {
        let all: BTreeSet<u16> =
            openssl_suites().into_iter().filter(|suite| model.takes(version, *suite)).collect();
        assert_eq!(survey.suites(version).iter().copied().collect::<BTreeSet<_>>(), all, "{version}");
    }
    assert_eq!(survey.all_groups(), model.groups.iter().copied().collect());
    assert_eq!(survey.favourite_group, Some(0x1d));
    assert_eq!(survey.primes.len(), 1);
    assert_eq!(model.scan(&plan(Depth::Full)).stopped, None);
    let few = PlanLimits { full_connections_max: 110, ..PlanLimits::default() };
    let bounded = model.scan(&Plan::new(Depth::Full, few));
    assert!(bounded.connections <= 110);
    // TLS 1.2 and the groups are whole all the same.
    let seen = Survey::of(&bounded);
    // And so is what comes last, though there is more to enumerate than connections.
    assert_eq!(bounded.stopped, Some(Stopped::OutOfConnections), "{:?}", steps(&bounded));
    assert!(bounded.unasked.iter().any(|step| step.starts_with("all-")), "{:?}", bounded.unasked);
    assert_eq!((seen.renegotiations, seen.injected), (Ok(0), Known::No));
    assert_eq!(seen.suites(TLS12).len(), survey.suites(TLS12).len());
    assert_eq!(seen.all_groups(), survey.all_groups());
}

/// Servers out of the ordinary: each is decided within the bound, and as well as by asking everything.
#[test]
fn odd_servers_are_decided_too() {
    let postfix = Model::default_postfix;
    let rsa_exchange = vec![0x009c, 0x009d, 0x002f, 0x0035, 0x000a];
    let curves = || vec![0xc030, 0xc02f, 0xcca8, 0xc014, 0x0035];
    let anonymous = |suite| Model {
        versions: [0x0300, 0x0303].into(),
        suites: vec![0xc018, 0xc02b, suite],
        keys: vec![Authentication::Ecdsa],
        ..postfix()
    };
    let odd = [
        ("TLS 1.3 only", Model { versions: [0x0304].into(), ..postfix() }),
        (
            "TLS 1.3 only, two certificates",
            Model { versions: [0x0304].into(), keys: Authentication::ALL.to_vec(), ..postfix() },
        ),
        ("RSA key exchange only", Model { suites: rsa_exchange, versions: [0x0303].into(), ..postfix() }),
        ("TLS 1.0 and 1.1", Model { versions: [0x0301, 0x0302].into(), ..postfix() }),
        ("TLS 1.0", Model { versions: [0x0301].into(), refuses: Refuses::ByDrop, ..postfix() }),
        ("SSL 3.0 and 2.0", Model { versions: [2, 0x0300].into(), ..postfix() }),
        (
            "no version above TLS 1.0 borne",
            Model { versions: [0x0300, 0x0301].into(), intolerant_above: 0x0301, ..postfix() },
        ),
        ("long offers not borne", Model { chokes_above: 64, ..Model::hardened_postfix() }),
        (
            "gives way to ChaCha20",
            Model { versions: [0x0303].into(), suites: curves(), chacha: true, ..postfix() },
        ),
        ("gives way, ChaCha20 first", Model { suites: vec![0xc030, 0xcca8], chacha: true, ..postfix() }),
        ("signs with SHA-256 always", Model { ignores_schemes: true, hashes: vec!["SHA-256"], ..postfix() }),
        ("signs with SHA-1 only", Model { hashes: vec!["SHA-1"], ..postfix() }),
        ("drops what it refuses", Model { refuses: Refuses::ByDrop, ..Model::hardened_postfix() }),
        ("hybrids", Model { groups: vec![0x11ec, 0x1d, 0x17], ..Model::hardened_postfix() }),
        ("weak curves", Model { groups: vec![0x17, 0x15, 0x01], ..postfix() }),
        ("TLS 1.0 and 1.2, not 1.1", Model { versions: [0x0301, 0x0303].into(), ..postfix() }),
        // Nothing else of SSL 3.0 goes with a key on a curve, and what TLS 1.2 chooses is as bad in every rule set.
        ("SSL 3.0 with DH_anon Camellia alone", anonymous(0x0046)),
        ("SSL 3.0 with the longer one", anonymous(0x0089)),
    ];
    for (name, model) in odd {
        agree(&model);
        let server = model.scan(&plan(Depth::Verdict));
        assert_eq!(server.stopped, None, "{name}: {:?}", steps(&server));
        let survey = Survey::of(&server);
        for version in (0x0300..=0x0304).map(TlsVersion) {
            let known = survey.version(version);
            assert_eq!(known.yes(), model.speaks(version), "{name}: {version} {:?}", steps(&server));
            assert!(!known.unknown(), "{name}: {version} {:?}", steps(&server));
        }
        for kind in Authentication::ALL {
            assert_eq!(survey.certificate(kind).yes(), model.keys.contains(&kind), "{name}: {kind:?}");
        }
    }
}

#[test]
fn only_a_key_exchange_that_uses_a_weak_hash_counts() {
    let model = Model { ignores_schemes: true, hashes: vec!["SHA-256"], ..Model::hardened_postfix() };
    let survey = Survey::of(&model.scan(&plan(Depth::Verdict)));
    assert_eq!(
        ["SHA-1", "SHA-224", "SHA-256"].map(|hash| survey.hash(hash)),
        [Known::No, Known::No, Known::Yes]
    );
}

/// A server that was busy is asked again at the end, for a bounded number of questions.
#[test]
fn what_was_not_answered_in_time_is_asked_again_at_the_end() {
    let (hardened, usual) = (Model::hardened_postfix, Model::default_postfix);
    for (step, model) in [
        ("tls12", hardened()),
        ("tls11", hardened()),
        ("ssl2", hardened()),
        ("hash-1", hardened()),
        ("tls13-groups-1", hardened()),
        ("certificate-ecdsa", usual()),
    ] {
        let whole = Survey::of(&model.scan(&plan(Depth::Verdict)));
        let mut busy = 0;
        let server = play(&plan(Depth::Verdict), Some(model.handshake()), |name, question| {
            busy += usize::from(name == step);
            if name == step { Answer::TimedOut } else { model.answer(question) }
        });
        assert_eq!(busy, 1, "{step}: {:?}", steps(&server));
        // A long offer may have been too long, so a short one takes its place.
        let late: Vec<_> = steps(&server).into_iter().filter(|name| name.starts_with("late-")).collect();
        assert_eq!(late.is_empty(), step == "tls12", "{step}: {:?}", steps(&server));
        assert_eq!(steps(&server).last(), Some(&"renegotiation"));
        let survey = Survey::of(&server);
        for version in (0x0300..=0x0304).map(TlsVersion).chain([TlsVersion(2)]) {
            assert_eq!(survey.version(version), whole.version(version), "{step} {version}");
        }
        for kind in Authentication::ALL {
            assert_eq!(survey.certificate(kind), whole.certificate(kind), "{step} {kind:?}");
        }
        assert_eq!(survey.hash("SHA-1"), Known::No, "{step}");
        assert!(undecided::groups(&survey, Tables::embedded(), true).is_empty(), "{step}");
    }
    // Who never answers some questions is not asked for ever.
    let model = hardened();
    let server = play(&plan(Depth::Verdict), Some(model.handshake()), |name, question| {
        let never = ["ssl2", "tls10", "hash-1", "tls11"].iter().any(|never| name.ends_with(never));
        if never { Answer::TimedOut } else { model.answer(question) }
    });
    let late = steps(&server).iter().filter(|name| name.starts_with("late-")).count();
    assert!(late <= 2 && server.connections <= 20, "{:?}", steps(&server));
}

/// A certificate on a curve is refused to clients without that curve: no refusal of the curves that were offered.
#[test]
fn weak_curves_are_found_beside_the_curve_of_the_certificate() {
    let ecdsa = vec![0xc02b, 0xc02c];
    for (suites, keys, groups, weak) in [
        (ecdsa.clone(), vec![Authentication::Ecdsa], vec![0x1d, 0x17, 0x18], false),
        (ecdsa.clone(), vec![Authentication::Ecdsa], vec![0x18, 0x15, 0x17], true),
        (vec![0xc02b, 0xc02f], Authentication::ALL.to_vec(), vec![0x17, 0x15], true),
        (vec![0xc02b, 0xc02f], Authentication::ALL.to_vec(), vec![0x17, 0x18], false),
    ] {
        for versions in [vec![0x0303], vec![0x0303, 0x0304]] {
            let model = Model {
                versions: versions.into_iter().collect(),
                suites: [&[0x1301], &suites[..]].concat(),
                keys: keys.clone(),
                groups: groups.clone(),
                key_curve: Some(0x17),
                ..Model::hardened_postfix()
            };
            let server = model.scan(&plan(Depth::Verdict));
            let survey = Survey::of(&server);
            let known = if weak { Known::Yes } else { Known::No };
            assert_eq!(survey.group(false, 0x15), known, "{model:#?} {:?}", steps(&server));
            assert_eq!(undecided::groups(&survey, Tables::embedded(), false), Vec::<u16>::new());
            assert_eq!(
                (server.stopped.is_none(), server.connections <= if weak { 20 } else { 16 }),
                (true, true),
                "{:?}",
                steps(&server)
            );
            let whole = Survey::of(&model.scan(&plan(Depth::Full)));
            for group in &groups[..2] {
                assert_eq!(whole.group(false, *group), Known::Yes, "{model:#?}");
            }
        }
    }
}

/// The mini client is asked for what it speaks, and the evidence names what goes out.
#[test]
fn renegotiation_is_asked_for_with_all_that_the_mini_client_speaks() {
    let all = renegotiating_hello();
    for suites in [vec![0xcca8], vec![0xc02f], vec![0xcca8, 0x002f], vec![0x002f]] {
        let model =
            Model { versions: [0x0303].into(), suites, renegotiations: 2, ..Model::default_postfix() };
        let server = model.scan(&plan(Depth::Verdict));
        let Question::Renegotiate { hello, .. } = &server.probes.last().unwrap().question else {
            panic!("{:?}", steps(&server))
        };
        let spoken: Vec<u16> =
            all.suites.0.iter().copied().filter(|suite| model.suites.contains(suite)).collect();
        let offered = if spoken.is_empty() { all.suites.0.clone() } else { spoken.clone() };
        assert_eq!(*hello, Hello { suites: CodePoints(offered), ..all.clone() });
        assert_eq!(Survey::of(&server).renegotiations.is_ok(), !spoken.is_empty());
    }
}

/// The order among levels: shown by a choice beside a better suite, or not at all.
#[test]
fn a_wrong_order_shows_and_a_right_one_is_not_blamed() {
    let model = |suites: &[u16]| Model { suites: suites.to_vec(), ..Model::default_postfix() };
    let wrong = |model: &Model| {
        let survey = Survey::of(&model.scan(&plan(Depth::Verdict)));
        assert_eq!(survey.server_decides, Some(model.decides), "{:?}", survey.choices);
        let level = |suite: u16| Tables::embedded().level(&Item::Suite(suite), Column::Ncsc2025).unwrap();
        survey.choices.iter().any(|choice| {
            level(choice.suite) == Level::PhaseOut
                && choice.accepted.iter().any(|suite| level(*suite) < Level::PhaseOut)
        })
    };
    // DHE before ECDHE of half the key, as OpenSSL orders by strength; and after it.
    assert!(wrong(&model(&[0xc030, 0x009f, 0xc02f, 0x009e])));
    assert!(wrong(&model(&[0x009f, 0xc030])));
    assert!(wrong(&model(&[0xc030, 0xcca8, 0xc028, 0xc02f])));
    assert!(!wrong(&model(&[0xc030, 0xc02f, 0x009f, 0x009e])));
    assert!(wrong(&Model { decides: false, ..model(&[0xc030, 0xc02f, 0x009f, 0x009e]) }));
}

/// Whatever a server answers, the plan comes to an end within its bound, and nothing is taken for a refusal.
#[test]
fn hostile_answers_end_the_plan_and_prove_nothing() {
    let fault = SessionFault::Dropped { stage: Stage::Greeting };
    let garbage = Answer::Garbage { reason: "485454502f312e31".into() };
    let real = Model::default_postfix().handshake();
    for (answer, most) in
        [(Answer::TimedOut, 4), (Answer::Dropped, 20), (garbage, 20), (Answer::NotPut { fault }, 20)]
    {
        for handshake in [None, Some(real.clone())] {
            let server = play(&plan(Depth::Verdict), handshake, |_, _| answer.clone());
            assert!(server.connections <= most, "{answer:?}: {} {:?}", server.connections, steps(&server));
            let survey = Survey::of(&server);
            assert!(!survey.version(TlsVersion(0x0301)).yes());
            if answer != Answer::Dropped {
                assert!(survey.version(TLS12).unknown(), "{answer:?} {:?}", survey.version(TLS12));
                assert!(survey.hash("SHA-1").unknown());
            }
            assert!(survey.renegotiations.is_err());
        }
    }
    // Silent in the midst: what was seen before stays.
    let model = Model::default_postfix();
    let mut asked = 0;
    let server = play(&plan(Depth::Verdict), Some(model.handshake()), |_, question| {
        asked += 1;
        if asked > 3 { Answer::TimedOut } else { model.answer(question) }
    });
    assert_eq!(server.stopped, Some(Stopped::Silent));
    assert!(!server.unasked.is_empty());
    let survey = Survey::of(&server);
    assert_eq!(survey.version(TLS12), Known::Yes);
    assert_eq!(survey.hash("SHA-1"), Known::Unknown(Gap::NoAnswer));
    // An alert to everything is no version's refusal alone, but of a server that never speaks it is one.
    let alert = Answer::Alert { alert: Alert(40) };
    let server = play(&plan(Depth::Verdict), None, |_, _| alert.clone());
    assert!(server.connections <= 20);
    assert_eq!(server.stopped, None);
}

/// Exim breaks off where a command follows STARTTLS: it is not executed, and renegotiation is asked for by itself.
#[test]
fn a_server_that_refuses_commands_behind_starttls_is_asked_without() {
    let model = Model::hardened_postfix();
    let server = play(&plan(Depth::Verdict), Some(model.handshake()), |_, question| match question {
        Question::Renegotiate { inject: true, .. } => {
            let fault = SessionFault::Dropped { stage: Stage::Starttls };
            Answer::NotPut { fault }
        }
        question => model.answer(question),
    });
    assert_eq!(steps(&server).last(), Some(&"renegotiation-alone"));
    let survey = Survey::of(&server);
    assert_eq!((survey.injected, survey.renegotiations), (Known::No, Ok(0)));
}

/// Where the mini client has nothing in common with the server, the injection goes before a handshake of TLS 1.3.
#[test]
fn an_injection_is_tried_with_tls_13_where_the_mini_client_cannot() {
    let only_13 = Model { versions: [0x0304].into(), ..Model::hardened_postfix() };
    let mini_cannot = Model { suites: vec![0x1301, 0x009f], ..Model::hardened_postfix() };
    for model in [only_13.clone(), mini_cannot] {
        for (injectable, known) in [(true, Known::Yes), (false, Known::No)] {
            let model = Model { injectable, ..model.clone() };
            for depth in [Depth::Verdict, Depth::Full] {
                let server = model.scan(&plan(depth));
                assert_eq!(steps(&server).last(), Some(&"injection"));
                assert_eq!(Survey::of(&server).injected, known);
                let most = if depth == Depth::Verdict { 20 } else { 120 };
                assert!(server.connections <= most, "{} {:?}", server.connections, steps(&server));
                assert_eq!((&server.stopped, &server.unasked), (&None, &vec![]));
            }
        }
    }
    // Who breaks off there, and answers again without the command, has not executed it; who does not, says nothing.
    let dropped = Answer::NotPut { fault: SessionFault::Dropped { stage: Stage::Starttls } };
    for (returns, known) in [(true, Known::No), (false, Known::Unknown(Gap::NoAnswer))] {
        let server = play(&plan(Depth::Verdict), Some(only_13.handshake()), |step, question| match step {
            "injection" => dropped.clone(),
            "again-without-injection" if !returns => dropped.clone(),
            _ => only_13.answer(question),
        });
        assert_eq!(steps(&server).last(), Some(&"again-without-injection"));
        assert_eq!(Survey::of(&server).injected, known);
    }
    // TLS 1.0 alone is beyond both clients.
    let ancient = Model { versions: [0x0301].into(), ..Model::default_postfix() };
    assert!(Survey::of(&ancient.scan(&plan(Depth::Verdict))).injected.unknown());
}

/// The survey says nothing that is not so.
fn consistent(model: &Model, server: &Server) {
    let survey = Survey::of(server);
    let check = |what: String, known: Known, truth: bool| match known {
        Known::Yes => assert!(truth, "{what}: {model:#?} {:#?}", steps(server)),
        Known::No => assert!(!truth, "{what} is not refused: {model:#?} {:#?}", steps(server)),
        Known::Unknown(_) => {}
    };
    check("SSL 2.0".into(), survey.version(TlsVersion(2)), model.versions.contains(&2));
    for version in (0x0300..=0x0304).map(TlsVersion) {
        check(format!("{version}"), survey.version(version), model.speaks(version));
        for suite in Tables::embedded().suites() {
            let takes = model.takes(version, suite.code) && model.speaks(version);
            check(format!("{version} {}", suite.iana), survey.suite(version, suite.code), takes);
        }
    }
    for tls13 in [true, false] {
        let own = model.groups_of(tls13);
        let on_curves = |suite: &u16| tls13 || Survey::is_ecdhe(*suite);
        let version = if tls13 { Some(TLS13) } else { survey.old_version() };
        let used = version.is_some_and(|version| {
            model.suites.iter().any(|suite| on_curves(suite) && model.takes(version, *suite))
        });
        for (group, name) in Tables::embedded().groups() {
            check(format!("{name} {tls13}"), survey.group(tls13, group), used && own.contains(&group));
        }
    }
    if model.speaks(TLS12) && !model.ignores_schemes {
        for hash in ["MD5", "SHA-1", "SHA-224", "SHA-256"] {
            let known = survey.hash(hash);
            if known.yes() {
                assert!(model.hashes.contains(&hash), "{hash}");
            }
            let signed = survey.suites(TLS12).iter().any(|suite| Survey::is_signed(*suite));
            if known.no() && signed {
                assert!(!model.hashes.contains(&hash), "{hash} is not refused: {model:#?}");
            }
        }
    }
    check("compression".into(), survey.compression, model.compression);
    check("RFC 5746".into(), survey.secure_renegotiation, model.secure_renegotiation);
    check("EMS".into(), survey.extended_master_secret, model.extended_master_secret);
    check("injection".into(), survey.injected, model.injectable);
    if let Ok(count) = survey.renegotiations {
        assert_eq!(count, model.renegotiations.min(11));
    }
    if let Some(decides) = survey.server_decides {
        assert_eq!(decides, model.decides, "{model:#?} {:#?}", survey.choices);
    }
    for kind in Authentication::ALL {
        if survey.certificate(kind).yes() {
            assert!(model.keys.contains(&kind));
        }
    }
}

/// The worst level of each column: versions, suites, groups with primes, hashes.
fn levels(survey: &Survey) -> Vec<(Column, [Option<Level>; 4])> {
    let tables = Tables::embedded();
    let worst =
        |column: Column, items: Vec<Item>| items.iter().filter_map(|item| tables.level(item, column)).max();
    [Column::Ncsc2025, Column::NcscV2, Column::Bsi]
        .into_iter()
        .map(|column| {
            let groups = survey.all_groups().into_iter().map(Item::Group);
            let primes =
                survey.primes.iter().map(|dh| Item::Prime { sha256: dh.sha256.clone(), bits: dh.bits });
            let all = [
                worst(column, survey.versions().map(Item::Version).collect()),
                worst(column, survey.all_suites().into_iter().map(Item::Suite).collect()),
                worst(column, groups.chain(primes).collect()),
                worst(column, survey.hashes().map(|hash| Item::Hash(hash.into())).collect()),
            ];
            (column, all)
        })
        .collect()
}

fn agree(model: &Model) {
    let verdict = model.scan(&unbounded(Depth::Verdict));
    let full = model.scan(&unbounded(Depth::Full));
    consistent(model, &verdict);
    consistent(model, &full);
    let (quick, whole) = (Survey::of(&verdict), Survey::of(&full));
    assert_eq!(levels(&quick), levels(&whole), "{model:#?} {:#?} {:#?}", steps(&verdict), steps(&full));
    let weak = |survey: &Survey| {
        let tables = Tables::embedded();
        survey
            .all_suites()
            .into_iter()
            .any(|suite| tables.suite(suite).is_some_and(|suite| !suite.weak.is_empty()))
    };
    assert_eq!(weak(&quick), weak(&whole));
    let forbidden = |survey: &Survey| {
        let suite = |code| Tables::embedded().suite(code);
        survey.all_suites().into_iter().any(|code| suite(code).is_some_and(undecided::is_forbidden))
    };
    assert_eq!(forbidden(&quick), forbidden(&whole), "{model:#?} {:#?}", steps(&verdict));
    assert!(verdict.connections <= 45, "{} {:?}", verdict.connections, steps(&verdict));
    let bounded = model.scan(&plan(Depth::Verdict));
    assert!(bounded.connections <= 20);
    let early = bounded.connections < verdict.connections;
    assert_eq!(bounded.stopped, early.then_some(Stopped::OutOfConnections));
}

fn models() -> impl Strategy<Value = Model> {
    let versions = subsequence(vec![2u16, 0x0300, 0x0301, 0x0302, 0x0303, 0x0304], 1..=6);
    let all: Vec<u16> = Tables::embedded().suites().map(|suite| suite.code).collect();
    let usual = openssl_suites();
    let suites = prop_oneof![
        subsequence(usual.clone(), 1..=usual.len())
            .prop_map(|suites| [suites, vec![0xc02f, 0x002f, 0xc009]].concat()),
        subsequence(all.clone(), 1..=all.len())
            .prop_map(|suites| [suites, vec![0x002f, 0xc009, 0x0018]].concat()),
        Just(usual),
        Just(vec![0x1301, 0x1302, 0xc02f, 0xc030, 0xcca8]),
        Just(vec![0x1302, 0x002f, 0x0035, 0x000a]),
    ];
    let groups = prop_oneof![
        Just(vec![0x1d, 0x17, 0x18, 0x19]),
        subsequence(Tables::embedded().groups().map(|(group, _)| group).collect::<Vec<_>>(), 1..=20),
    ];
    let hashes = subsequence(vec!["SHA-256", "SHA-384", "SHA-512", "SHA-224", "SHA-1", "MD5"], 1..=6);
    let keys = prop_oneof![
        Just(vec![Authentication::Rsa]),
        Just(vec![Authentication::Ecdsa]),
        Just(Authentication::ALL.to_vec())
    ];
    let flags = (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>());
    (versions, suites.prop_shuffle(), groups.prop_shuffle(), hashes, keys, flags).prop_map(
        |(versions, suites, groups, hashes, keys, (decides, chacha, compression, a, b, drops))| Model {
            versions: versions.into_iter().collect(),
            suites,
            groups,
            // There is no scheme of MD5 with ECDSA.
            hashes: match keys[..] {
                [Authentication::Rsa] => hashes,
                _ => [&hashes[..], &["SHA-256"]].concat().into_iter().filter(|hash| *hash != "MD5").collect(),
            },
            keys,
            decides,
            chacha,
            compression,
            extended_master_secret: a,
            secure_renegotiation: b,
            ignores_schemes: a && !b,
            injectable: b && drops,
            renegotiations: if a { 11 } else { 3 },
            refuses: if drops { Refuses::ByDrop } else { Refuses::WithAlert },
            ..Model::default_postfix()
        },
    )
}

proptest! {
    #![proptest_config(proptest::test_runner::Config { cases: 8, max_shrink_iters: 40, failure_persistence: None, ..Default::default() })]

    #[test]
    fn a_verdict_is_as_good_as_all(model in models()) {
        agree(&model);
    }
}
