//! The reference sender at ruled cases: their hosts' certificates, records and policies as the service has them, on loopback,
//! with a DNS that is a table. It never sees the catalogue, and does what the models say that are asked about the catalogue.

mod stage;

use std::collections::BTreeMap;

use mailassay::sending::deliver::{Attempt, HostOutcome};
use mailassay::sending::persona::{Layout, PolicyDefect, RuledCase, SmtpBehaviour, Suite};
use mailassay::sending::trial::{CasePhase, HostRole};
use mailassay::sending::verdict::model::ruled::{
    CaseAt, CaseModel, Passage, SENDER_CLASSES, TraitValue, Traits, Validation,
};
use mailassay::sending::verdict::model::{Act, Precedence, SenderModel};

use stage::Stage;

/// Whether this world can stage a case: no aliases, no resolver that has a reach, no TLS that rustls does not speak, no
/// policy host that is slow, large, a parent's or without a sound certificate. What is injected ends the sender's session at once, as one of its
/// own choice: no class of the table does that.
fn is_staged(case: &RuledCase) -> bool {
    let smtp = matches!(
        case.bad.smtp,
        SmtpBehaviour::Sound
            | SmtpBehaviour::NoStarttls
            | SmtpBehaviour::Starttls454
            | SmtpBehaviour::Garbage
            | SmtpBehaviour::Reset
            | SmtpBehaviour::Withheld
            | SmtpBehaviour::RequireTls
            | SmtpBehaviour::Resuming
    );
    let layout = matches!(case.layout, Layout::Pair | Layout::Single | Layout::Implicit | Layout::Elsewhere);
    let defect = case.mta_sts.as_ref().and_then(|spec| spec.defect);
    let served = !matches!(
        defect,
        Some(
            PolicyDefect::BadCertificate
                | PolicyDefect::TooLarge
                | PolicyDefect::Slow
                | PolicyDefect::AtParent
        )
    );
    smtp && layout && served && case.reach.is_none() && case.suite != Suite::Apart
}

/// What is to be seen of an act, without SNI.
fn shown(act: Act) -> &'static str {
    match act {
        Act::Avoids | Act::Shuns { .. } => "not called",
        Act::Leaves => "left",
        Act::Refuses { .. } => "refused",
        Act::Clear => "in clear",
        Act::Delivers { .. } => "in TLS",
    }
}

fn foretold(passage: &Passage) -> BTreeMap<HostRole, &'static str> {
    passage.acts.iter().map(|(role, act)| (*role, shown(*act))).collect()
}

/// What was done at each host at last: clear text follows where TLS fails.
fn done(stage: &Stage, case: &RuledCase, attempt: &Attempt) -> BTreeMap<HostRole, &'static str> {
    let of = |host: &mailassay::sending::deliver::HostAttempt| {
        let done = match &host.outcome {
            HostOutcome::Delivered(_) | HostOutcome::Held { .. } | HostOutcome::Rejected { .. } => {
                if host.tls.is_some() { "in TLS" } else { "in clear" }
            }
            HostOutcome::CertificateRefused(_) => "refused",
            HostOutcome::NoStarttls => "left",
            HostOutcome::Avoided(_) => "not called",
            HostOutcome::Failed(_) if host.tls_failed => "left",
            HostOutcome::Failed(reason) => panic!("{}: {reason}", case.id),
        };
        (stage.role(case, &host.host), done)
    };
    attempt.hosts.iter().map(of).collect()
}

async fn compare(stage: &Stage, case: &RuledCase, model: CaseModel, said: &mut Vec<String>) {
    let at = CaseAt { case, phase: CasePhase::First, policy_known: true };
    let foretold = foretold(&model.passage(at));
    let attempt = stage.attempt(case, model).await;
    let done = done(stage, case, &attempt);
    if done != foretold {
        let traits: Vec<_> = model.traits.values().into_iter().filter(|value| !value.is_usual()).collect();
        said.push(format!(
            "{} by {} {traits:?}: {done:?}, not {foretold:?}: {attempt:?}",
            case.id, model.base
        ));
    }
}

#[tokio::test]
async fn the_sender_does_at_cases_what_each_class_does() {
    let stage = Stage::new().await;
    let (mut said, mut attempts) = (Vec::new(), 0);
    let staged = stage.catalogue.ruled_cases().filter(|case| is_staged(case)).count();
    assert_eq!((staged, stage.catalogue.ruled_cases().count()), (65, 79));
    for case in stage.catalogue.ruled_cases().filter(|case| is_staged(case)) {
        for class in SENDER_CLASSES {
            attempts += 1;
            compare(&stage, case, class.model, &mut said).await;
        }
    }
    assert!(attempts > 500, "{attempts}");
    assert!(said.is_empty(), "{} of {attempts}:\n{}", said.len(), said.join("\n"));
}

/// Each unusual value of a trait, with a sender of DANE and one of MTA-STS, at the cases where it changes what is done.
#[tokio::test]
async fn the_sender_does_at_cases_what_each_value_of_a_trait_does() {
    let stage = Stage::new().await;
    let bases: Vec<SenderModel> = SENDER_CLASSES
        .iter()
        .map(|class| class.model.base)
        .filter(|base| base.precedence != Precedence::MtaStsOverrides)
        .collect();
    let (mut said, mut values) = (Vec::new(), std::collections::BTreeSet::new());
    for case in stage.catalogue.ruled_cases().filter(|case| is_staged(case)) {
        for value in TraitValue::all().into_iter().filter(|value| !value.is_usual() && is_ours(*value)) {
            let at = CaseAt { case, phase: CasePhase::First, policy_known: true };
            let with = |base: &SenderModel| CaseModel { base: *base, traits: Traits::USUAL.with(value) };
            let changes = |base: &&SenderModel| {
                with(base).passage(at).end() != CaseModel::usual(**base).passage(at).end()
            };
            if let Some(base) = bases.iter().find(changes) {
                values.insert(value);
                compare(&stage, case, with(base), &mut said).await;
            }
        }
    }
    assert!(values.len() >= 20, "{values:?}");
    assert!(said.is_empty(), "{}:\n{}", said.len(), said.join("\n"));
}

/// Whether the sender has the value by itself: what validates is its resolver, which here is a table.
fn is_ours(value: TraitValue) -> bool {
    !matches!(
        value,
        TraitValue::Validation(
            Validation::ExpiryIgnored | Validation::DenialsUnproved | Validation::UnknownRefused
        )
    )
}
