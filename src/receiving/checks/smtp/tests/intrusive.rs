//! What recipients a server takes, where the operator asked for that to be tried.

use crate::receiving::checks::smtp::postmaster::postmaster;
use crate::receiving::checks::smtp::relay::relay;
use crate::receiving::checks::smtp::unknown_recipient::unknown_recipient;
use crate::receiving::checks::tests::sample::{self, inconclusive, is, not_applicable, reply};
use crate::receiving::checks::{Inapplicable, Unknown, Word};
use crate::shared::evidence::scan::{Evidence, Intrusive, Reach, SmtpReply};

#[test]
fn words() {
    for check in [postmaster, unknown_recipient, relay] {
        let measured = |evidence: &Evidence| check(evidence, sample::now())[0].measured.clone();
        let mut evidence = sample::perfect();
        assert_eq!(measured(&evidence), not_applicable(Inapplicable::OnlyIntrusive));
        for (answer, expected) in [
            (Some(reply(250, &["2.1.5 Ok"])), is(Word::Accepted)),
            (Some(reply(550, &["5.1.1 no such user"])), is(Word::Refused)),
            (Some(reply(450, &["4.2.0 greylisted"])), inconclusive(Unknown::Limited)),
            (Some(reply(354, &["?"])), inconclusive(Unknown::NoAnswer)),
            (None, inconclusive(Unknown::NoAnswer)),
        ] {
            evidence.servers[0].intrusive = Some(Intrusive {
                postmaster: answer.clone(),
                unknown_recipient: answer.clone(),
                relay: answer,
            });
            assert_eq!(measured(&evidence), expected);
        }
        evidence.servers[1].intrusive = evidence.servers[0].intrusive.take();
        evidence.servers[0].reach = Reach::TimedOut;
        assert_eq!(measured(&evidence), not_applicable(Inapplicable::OtherAddressCounts));
        evidence.servers[1].reach = Reach::TimedOut;
        assert_eq!(measured(&evidence), inconclusive(Unknown::NoConnection));
        sample::null_mx(&mut evidence);
        assert_eq!(measured(&evidence), not_applicable(Inapplicable::NoMail));
    }
}

#[test]
fn a_relay_that_is_denied_for_now_is_denied() {
    let mut evidence = sample::perfect();
    let mut measured = |answer: SmtpReply| {
        evidence.servers[0].intrusive = Some(Intrusive {
            postmaster: Some(answer.clone()),
            unknown_recipient: None,
            relay: Some(answer),
        });
        [relay, postmaster].map(|check| check(&evidence, sample::now())[0].measured.clone())
    };
    let limited = || inconclusive(Unknown::Limited);
    let denied = reply(454, &["4.7.1 <mailassay@example.org>: Relay access denied"]);
    assert_eq!(measured(denied), [is(Word::Refused), limited()]);
    assert_eq!(measured(reply(451, &["4.7.1 Greylisted"])), [limited(), limited()]);
}

#[test]
fn each_check_has_its_own_recipient() {
    let mut evidence = sample::perfect();
    evidence.servers[0].intrusive = Some(Intrusive {
        postmaster: Some(reply(250, &["Ok"])),
        unknown_recipient: Some(reply(550, &["no"])),
        relay: None,
    });
    let measured = [postmaster, unknown_recipient, relay].map(|check| check(&evidence, sample::now()));
    let expected = [is(Word::Accepted), is(Word::Refused), inconclusive(Unknown::NoAnswer)];
    assert_eq!(measured.map(|findings| findings[0].measured.clone()), expected);
}
