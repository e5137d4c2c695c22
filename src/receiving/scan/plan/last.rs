//! What is asked again, and what is asked last, since some servers ban a client for it.

use crate::receiving::probe::renegotiating_hello;
use crate::shared::evidence::TlsVersion;
use crate::shared::evidence::scan::{Answer, Probe, Question};

use super::state::{PlanState, Step};

/// How many questions that ended in a dropped connection are asked again, to tell refusal from fault.
const AGAIN_MAX: usize = 2;
/// How many questions that were not answered in time are asked again, at the end.
const LATE_MAX: usize = 2;

/// A question whose connection was dropped, where the drop may be a fault as well as a refusal.
pub(super) fn again(state: &PlanState<'_>) -> Option<Step> {
    (state.probes("again-").count() < AGAIN_MAX && state.survey.speaks_tls()).then_some(())?;
    let probes = &state.server.probes;
    let last = probes.last()?;
    // What came before is vouched for by what came after.
    let once = probes.iter().filter(|probe| probe.question == last.question).count() == 1;
    let last_steps = matches!(last.question, Question::Renegotiate { .. } | Question::Inject);
    (last.answer == Answer::Dropped && once && !last_steps)
        .then(|| (format!("again-{}", last.step), last.question.clone()))
}

/// Questions that were not answered in time, as it happens with a server that serves one connection after the other
/// and is asked at two addresses. Not an offer that was too long, perhaps.
pub(super) fn late(state: &PlanState<'_>) -> Option<Step> {
    (state.probes("late-").count() < LATE_MAX && state.survey.speaks_tls()).then_some(())?;
    let probes = &state.server.probes;
    let suites_max = state.suites_max();
    let late = probes.iter().find(|probe| {
        let again = match &probe.question {
            Question::Hello(hello) => hello.suites.0.len() <= suites_max,
            Question::Ssl2 => true,
            Question::Renegotiate { .. } | Question::Inject => false,
        };
        let once = || probes.iter().filter(|other| other.question == probe.question).count() == 1;
        again && probe.answer == Answer::TimedOut && once()
    })?;
    Some((format!("late-{}", late.step), late.question.clone()))
}

/// The mini client: secure and client-initiated renegotiation, and a command in clear behind STARTTLS; without that
/// command, where the server does not take STARTTLS with it.
pub(super) fn renegotiation(state: &PlanState<'_>) -> Option<Step> {
    state.survey.version(TlsVersion::TLS12).yes().then_some(())?;
    let mut hello = renegotiating_hello();
    let accepted = state.survey.suites(TlsVersion::TLS12);
    if hello.suites.0.iter().any(|suite| accepted.contains(suite)) {
        hello.suites.0.retain(|suite| accepted.contains(suite));
    }
    let tries = state.renegotiations;
    let refused = |probe: &Probe| matches!(probe.answer, Answer::NotPut { .. });
    // A server that will not have a command behind STARTTLS is asked without.
    let (step, inject) = match state.probes("renegotiation").any(refused) {
        false => ("renegotiation", true),
        true => ("renegotiation-alone", false),
    };
    Some((step.to_owned(), Question::Renegotiate { hello, tries, inject }))
}

/// A command in clear behind STARTTLS where the mini client has nothing in common with the server, but TLS 1.3 is there.
pub(super) fn injection(state: &PlanState<'_>) -> Option<Step> {
    let open = state.survey.injected.unknown() && state.survey.version(TlsVersion::TLS13).yes();
    let mut mini = state.probes("renegotiation").peekable();
    let its_turn = !state.survey.version(TlsVersion::TLS12).yes() || mini.peek().is_some();
    // Whether the server takes STARTTLS with a command behind it is known then.
    let put = mini.all(|probe| matches!(probe.answer, Answer::OurLimit { .. } | Answer::Alert { .. }));
    (open && its_turn && put).then(|| ("injection".to_owned(), Question::Inject))
}

/// A server that broke off there is asked something that it answered before: whether it was the command's doing.
pub(super) fn after_injection(state: &PlanState<'_>) -> Option<Step> {
    let last = state.server.probes.last().filter(|probe| probe.question == Question::Inject)?;
    let Answer::NotPut { fault } = &last.answer else { return None };
    let answered = |probe: &&Probe| {
        matches!(probe.answer, Answer::Flight(_) | Answer::Alert { .. } | Answer::Ssl2 { .. })
    };
    let known = state.server.probes.iter().find(answered).filter(|_| fault.refuses_pipelining())?;
    Some(("again-without-injection".to_owned(), known.question.clone()))
}
