//! What is seen beside how a case came out: what was injected, what a mail asked for, what was resumed, and whether we had
//! looked at the case ourselves.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::sending::history::{
    Ending, History, Irregularity, Noted, SelfCheck, SelfChecked, Seq, TlsRequired,
};
use crate::sending::persona::{Catalogue, Entrance, Standing, Trait};
use crate::sending::trial::Pace;
use crate::sending::verdict::cases::{
    CaseFinding, CaseOutcome, CaseSign, CaseWhy, CasesVerdict, judge_cases,
};
use crate::sending::verdict::model::SenderModel;
use crate::sending::verdict::model::ruled::{
    CaseModel, Injection, RequireTls, Resumption, TraitValue, Traits,
};
use crate::shared::time::{Timestamp, after};

use super::catalogue;
use super::player::{Manner, Player};

/// The history of a sender of DANE with this value, at cases.
fn played(catalogue: &Catalogue, value: Option<TraitValue>, ids: &[&str]) -> History {
    let cases: Vec<_> = ids.iter().filter_map(|id| catalogue.ruled_case(&(*id).into())).collect();
    assert_eq!(cases.len(), ids.len());
    let traits = value.map_or(Traits::USUAL, |value| Traits::USUAL.with(value));
    let model = CaseModel { base: SenderModel::DANE, traits };
    Player::new(catalogue, model, Manner::ALL[0]).play(&cases)
}

fn verdict(catalogue: &Catalogue, history: &History) -> CasesVerdict {
    judge_cases(catalogue, &Pace::default(), history)
}

fn finding<'v>(verdict: &'v CasesVerdict, id: &str) -> &'v CaseFinding {
    verdict.finding(&id.into()).expect("a finding")
}

fn told(verdict: &CasesVerdict, tells: Trait) -> Vec<&'static str> {
    let of_trait = verdict.traits.iter().filter(|one| one.tells == tells);
    of_trait.flat_map(|one| one.values.iter().copied()).collect()
}

const INJECTED: [&str; 3] = ["none-inject", "none", "dane-good"];

#[test]
fn who_takes_for_an_answer_what_was_injected_is_told_and_who_does_not_passes() {
    let catalogue = catalogue();
    let believed = TraitValue::Injection(Injection::Believed);
    let history = played(&catalogue, Some(believed), &INJECTED);
    let verdict_of = |history: &History| verdict(&catalogue, history);
    let found = verdict_of(&history);
    let one = finding(&found, "none-inject");
    assert_eq!((one.outcome, one.standing), (CaseOutcome::Delivered, Some(Standing::Fault)));
    assert_eq!((one.signs.as_slice(), &one.why), (&[CaseSign::InjectionBelieved][..], &CaseWhy::Shown));
    let link = history.links.iter().find(|one| one.link.entrance == Some(Entrance::Injecting));
    let tls = link.and_then(|one| one.link.tls.as_ref()).expect("a link in TLS");
    assert!(one.evidence.contains(&tls.seq), "{:?}", one.evidence);
    assert_eq!(told(&found, Trait::Injection), ["believed"]);

    let found = verdict_of(&played(&catalogue, None, &INJECTED));
    let one = finding(&found, "none-inject");
    assert_eq!(
        (one.standing, one.signs.as_slice()),
        (Some(Standing::Conforms), &[CaseSign::InjectionDiscarded][..])
    );
    assert_eq!(told(&found, Trait::Injection), ["discarded"]);
}

#[test]
fn who_sends_ahead_elsewhere_too_is_told_nothing_of_what_was_injected() {
    let catalogue = catalogue();
    let believed = TraitValue::Injection(Injection::Believed);
    let mut history = played(&catalogue, Some(believed), &INJECTED);
    let other = history.links.iter_mut().find(|one| one.link.entrance != Some(Entrance::Injecting));
    let link = Arc::make_mut(&mut other.expect("another link").link);
    link.irregularities.push(Irregularity::UnsynchronisedPipelining);
    let found = verdict(&catalogue, &history);
    let one = finding(&found, "none-inject");
    assert_eq!((one.standing, &one.why), (None, &CaseWhy::GoesAheadAnyway));
    assert!(told(&found, Trait::Injection).is_empty(), "{:?}", found.traits);
}

#[test]
fn who_refuses_the_host_that_injects_is_told_nothing_of_what_was_injected() {
    let catalogue = catalogue();
    let mut history = played(&catalogue, None, &INJECTED);
    for one in history.links.iter_mut().filter(|one| one.link.entrance == Some(Entrance::Injecting)) {
        let link = Arc::make_mut(&mut one.link);
        link.transactions.clear();
        link.answers.clear();
    }
    let found = verdict(&catalogue, &history);
    assert!(finding(&found, "none-inject").signs.is_empty());
    let told = told(&found, Trait::Injection);
    assert!(!told.contains(&"believed") && told != ["discarded"], "{told:?}");
}

#[test]
fn what_a_mail_asks_for_excuses_where_it_stands_in_the_mail_and_nowhere_else() {
    let catalogue = catalogue();
    let ids = ["dane-good", "dane-mismatch", "requiretls", "none"];
    let asked = TraitValue::RequireTls(RequireTls::No);
    let mut history = played(&catalogue, Some(asked), &ids);
    let found = verdict(&catalogue, &history);
    for id in ["dane-mismatch", "requiretls"] {
        let one = finding(&found, id);
        assert_eq!((one.outcome, one.standing), (CaseOutcome::Delivered, Some(Standing::Allowed)), "{id}");
        assert_eq!(one.signs, [CaseSign::TlsNotRequired], "{id}");
    }
    assert_eq!(told(&found, Trait::RequireTls), ["tls-required-no"]);

    change_mails(&mut history, |asks| *asks = Some(TlsRequired::Other));
    let found = verdict(&catalogue, &history);
    let one = finding(&found, "dane-mismatch");
    assert_eq!((one.standing, one.signs.is_empty()), (Some(Standing::NotPractised), true));
    assert_eq!(told(&found, Trait::RequireTls), ["nothing"]);
}

fn change_mails(history: &mut History, change: impl Fn(&mut Option<TlsRequired>)) {
    for one in &mut history.links {
        for (_, received) in &mut Arc::make_mut(&mut one.link).transactions {
            if let Ending::Complete(message) = &mut received.ending {
                change(&mut message.tls_required);
            }
        }
    }
}

#[test]
fn requiretls_is_told_by_what_mail_said() {
    let catalogue = catalogue();
    let mut history = played(&catalogue, None, &["dane-good", "requiretls"]);
    for one in &mut history.links {
        for (_, received) in &mut Arc::make_mut(&mut one.link).transactions {
            received.require_tls = received.recipients.iter().any(|to| to.case.0 == "requiretls");
        }
    }
    let found = verdict(&catalogue, &history);
    assert_eq!(finding(&found, "requiretls").signs, [CaseSign::RequireTls]);
    assert_eq!(told(&found, Trait::RequireTls), ["requiretls"]);
}

#[test]
fn the_case_of_resumption_says_whether_anything_was_resumed() {
    let catalogue = catalogue();
    let ids = ["resume", "dane-good", "dane-mismatch", "none"];
    let found = verdict(&catalogue, &played(&catalogue, None, &ids));
    let one = finding(&found, "resume");
    assert_eq!((one.outcome, one.standing, &one.why), (CaseOutcome::Refused, None, &CaseWhy::NotResumed));
    assert!(told(&found, Trait::Resumption).is_empty(), "{:?}", found.traits);

    let trusted = TraitValue::Resumption(Resumption::Trusted);
    let mut history = played(&catalogue, Some(trusted), &ids);
    let found = verdict(&catalogue, &history);
    let one = finding(&found, "resume");
    assert_eq!((one.outcome, one.standing), (CaseOutcome::Delivered, Some(Standing::Fault)));
    assert!(one.signs.contains(&CaseSign::Resumed), "{:?}", one.signs);

    // Mail came where it must not, and no session was resumed: that is another fault.
    for one in &mut history.links {
        let tls = Arc::make_mut(&mut one.link).tls.as_mut();
        if let Some(crate::shared::evidence::Handshake::Completed(negotiated)) =
            tls.and_then(|part| part.handshake.as_mut())
        {
            negotiated.resumed = false;
        }
    }
    let found = verdict(&catalogue, &history);
    assert!(!told(&found, Trait::Resumption).contains(&"trusted"), "{:?}", found.traits);
}

/// A look of the service at itself.
fn checked(at: Timestamp, unlooked: &[&str], red: &[&str]) -> Noted<Arc<SelfChecked>> {
    let reason = || "its records are gone".to_owned();
    let what = SelfChecked {
        dns: SelfCheck::Green,
        certificates: SelfCheck::Green,
        policy_host: SelfCheck::Green,
        unseen: Vec::new(),
        cases: red.iter().map(|id| ((*id).into(), reason())).collect::<BTreeMap<_, _>>(),
        unlooked: unlooked.iter().map(|id| (*id).into()).collect::<BTreeSet<_>>(),
    };
    Noted { seq: Seq(0), at, what: Arc::new(what) }
}

#[test]
fn what_was_not_looked_at_yet_counts_against_nobody_until_a_look_finds_it_sound() {
    let catalogue = catalogue();
    let mut history = played(&catalogue, None, &["dane-mismatch", "dane-good"]);
    let begun = history.opened;
    let found = |history: &History| {
        let verdict = verdict(&catalogue, history);
        let one = finding(&verdict, "dane-mismatch");
        (one.standing, one.why.clone())
    };
    history.self_checks = vec![checked(begun, &["dane-mismatch"], &[])];
    assert_eq!(found(&history), (None, CaseWhy::NotLookedAt));
    history.self_checks.push(checked(after(begun, 6_000), &[], &[]));
    assert_eq!(
        found(&history),
        (Some(Standing::Conforms), CaseWhy::Shown),
        "it was sound when it was looked at"
    );
    history.self_checks[1] = checked(after(begun, 6_000), &[], &["dane-mismatch"]);
    assert_eq!(found(&history), (None, CaseWhy::OurFault("its records are gone".to_owned())));
    history.self_checks = vec![checked(begun, &["none"], &[])];
    assert_eq!(found(&history), (Some(Standing::Conforms), CaseWhy::Shown), "another's");
}
