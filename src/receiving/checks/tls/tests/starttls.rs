//! STARTTLS: whether it is offered, and whether mail is taken without it.

use crate::receiving::checks::tests::sample::{check_all, inconclusive, is, not_applicable, null_mx, reply};
use crate::receiving::checks::tls::starttls::starttls;
use crate::receiving::checks::tls::starttls_mandatory::mandatory;
use crate::receiving::checks::{Inapplicable, Unknown, Word};
use crate::shared::evidence::scan::{
    Answer, Evidence, NotTried, Reach, RealHandshake, Server, Session, SessionFault, Stage, Stopped,
};

/// The first address in clear only, with this session.
fn in_clear(evidence: &mut Evidence) -> &mut Server {
    let server = &mut evidence.servers[0];
    (server.handshake, server.session.starttls, server.session.ehlo_in_tls) = (None, None, None);
    server.probes.clear();
    server
}

fn fault(evidence: &mut Evidence, stage: Stage, code: u16) {
    let server = in_clear(evidence);
    server.session.ehlo = None;
    server.session.fault = Some(SessionFault::Reply { stage, reply: reply(code, &["no"]) });
}

/// Its only whole handshake failed, by a limit of ours or not.
fn fails(evidence: &mut Evidence, our_limit: bool) {
    let server = &mut evidence.servers[0];
    let reason = "received fatal alert: InternalError".to_owned();
    server.handshake = Some(RealHandshake::Failed { alert: None, our_limit, reason });
    server.probes.retain(|probe| !matches!(probe.answer, Answer::Renegotiated(_) | Answer::Injected { .. }));
}

#[test]
fn what_nobody_could_use_to_its_end_is_not_called_good() {
    check_all(
        starttls,
        vec![(|e| fails(e, false), inconclusive(Unknown::NoAnswer)), (|e| fails(e, true), is(Word::Present))],
    );
}

#[test]
fn tells_a_limit_from_a_refusal_and_a_refusal_from_absence() {
    check_all(
        starttls,
        vec![
            (|_| {}, is(Word::Present)),
            (|e| in_clear(e).session.ehlo = Some(reply(250, &["mx", "SIZE"])), is(Word::Absent)),
            (|e| in_clear(e).session.starttls = Some(reply(502, &["no"])), is(Word::Refused)),
            (|e| fault(e, Stage::Ehlo, 502), is(Word::Absent)),
            (|e| fault(e, Stage::Starttls, 554), is(Word::Refused)),
            (
                |e| in_clear(e).session.starttls = Some(reply(454, &["4.7.0 not now"])),
                inconclusive(Unknown::Limited),
            ),
            (|e| fault(e, Stage::Greeting, 554), inconclusive(Unknown::Rejected)),
            (|e| fault(e, Stage::Greeting, 421), inconclusive(Unknown::Limited)),
            (|e| fault(e, Stage::Ehlo, 504), inconclusive(Unknown::Rejected)),
            (|e| fault(e, Stage::Ehlo, 421), inconclusive(Unknown::Limited)),
            (
                |e| {
                    let server = in_clear(e);
                    server.session.ehlo = None;
                    server.session.fault = Some(SessionFault::TimedOut { stage: Stage::Greeting });
                },
                inconclusive(Unknown::NoAnswer),
            ),
            (|e| in_clear(e).stopped = Some(Stopped::OutOfTime), inconclusive(Unknown::OutOfTime)),
            (null_mx, not_applicable(Inapplicable::NoMail)),
        ],
    );
}

/// One look is no proof (R17).
#[test]
fn two_connections_must_agree_on_no_starttls() {
    let without =
        || Some(Box::new(Session { ehlo: Some(reply(250, &["mx", "SIZE"])), ..Session::default() }));
    let refused = || Some(Box::new(Session { starttls: Some(reply(554, &["no"])), ..Session::default() }));
    let cases: Vec<(crate::receiving::checks::tests::sample::Bent, _)> = vec![
        (|_| {}, is(Word::Absent)),
        (
            |e| {
                let session = std::mem::take(&mut e.servers[0].session);
                e.servers[0] = crate::receiving::checks::tests::sample::perfect().servers[0].clone();
                e.servers[0].earlier = Some(Box::new(session));
            },
            inconclusive(Unknown::Unsteady),
        ),
        (|e| fault(e, Stage::Greeting, 421), inconclusive(Unknown::Limited)),
        (
            |e| {
                e.servers[0].session = Session::default();
                e.servers[0].session.fault = Some(SessionFault::TimedOut { stage: Stage::Connect });
            },
            inconclusive(Unknown::NoAnswer),
        ),
    ];
    for earlier in [without, refused] {
        for (bend, expected) in &cases {
            let mut evidence = crate::receiving::checks::tests::sample::perfect();
            in_clear(&mut evidence).session.ehlo = Some(reply(250, &["mx", "SIZE"]));
            evidence.servers[0].earlier = earlier();
            bend(&mut evidence);
            let finding = &starttls(&evidence, crate::receiving::checks::tests::sample::now())[0];
            assert_eq!(finding.measured, *expected);
            assert!(finding.evidence[0].starts_with("connection 1: "), "{finding:?}");
        }
    }
    // The time for the second was over.
    check_all(
        starttls,
        vec![(
            |e| {
                in_clear(e).session.ehlo = Some(reply(250, &["mx", "SIZE"]));
                e.servers[0].stopped = Some(Stopped::OutOfTime);
            },
            inconclusive(Unknown::OutOfTime),
        )],
    );
}

#[test]
fn leaves_out_who_never_answers_and_waits_for_who_was_never_tried() {
    let not_tried = |why| Reach::NotTried { why };
    let cases = [
        (Reach::TimedOut, not_applicable(Inapplicable::OtherAddressCounts)),
        (not_tried(NotTried::SpecialAddress), not_applicable(Inapplicable::OtherAddressCounts)),
        (not_tried(NotTried::NotAsked), not_applicable(Inapplicable::OtherAddressCounts)),
        (not_tried(NotTried::OutOfTime), inconclusive(Unknown::OutOfTime)),
        (not_tried(NotTried::NoIpv6Here), not_applicable(Inapplicable::OtherAddressCounts)),
        (not_tried(NotTried::TriedOften), inconclusive(Unknown::NotTried { why: NotTried::TriedOften })),
    ];
    for (reach, expected) in cases {
        let mut evidence = crate::receiving::checks::tests::sample::perfect();
        evidence.servers[0].reach = reach.clone();
        let findings = starttls(&evidence, crate::receiving::checks::tests::sample::now());
        assert_eq!(findings[0].measured, expected, "{reach:?}");
    }
    check_all(
        starttls,
        vec![
            (
                |e| e.servers.iter_mut().for_each(|server| server.reach = Reach::TimedOut),
                inconclusive(Unknown::NoConnection),
            ),
            (
                |e| {
                    e.control.port_25 = Some(false);
                    e.servers.iter_mut().for_each(|server| server.reach = Reach::TimedOut);
                },
                inconclusive(Unknown::Port25ClosedHere),
            ),
        ],
    );
}

#[test]
fn mail_in_clear_shows_whether_tls_must_be() {
    let mail = |code: u16| {
        let mut evidence = crate::receiving::checks::tests::sample::perfect();
        evidence.servers[0].session.mail_in_clear = (code > 0).then(|| reply(code, &["."]));
        let findings = mandatory(&evidence, crate::receiving::checks::tests::sample::now());
        findings[0].measured.clone()
    };
    assert_eq!(mail(530), is(Word::Mandatory));
    assert_eq!(mail(250), is(Word::Optional));
    assert_eq!(mail(451), inconclusive(Unknown::Limited));
    assert_eq!(mail(550), inconclusive(Unknown::Rejected));
    assert_eq!(mail(0), inconclusive(Unknown::NoAnswer));
    check_all(
        mandatory,
        vec![(
            |e| in_clear(e).session.ehlo = Some(reply(250, &["mx"])),
            not_applicable(Inapplicable::NoStarttls),
        )],
    );
}
