//! What the sender's administrator may do.

use crate::evidence::Result8601;
use crate::verdict::sending::{FindingResult, Mechanism, Reason, Term};

use crate::report::receiving;

use super::{Body, Section, Telling};

/// What to do, the most urgent first; none where nothing follows from the evidence.
pub(super) fn section(telling: &Telling<'_>) -> Option<Section> {
    let mut steps: Vec<&str> = Vec::new();
    let judgement = &telling.account.verdict.overall;
    let result = |mechanism| judgement.finding(mechanism).map(|finding| finding.result);
    let practised = |mechanism| result(mechanism) == Some(FindingResult::Practised);
    if practised(Mechanism::LaxerOnRetry) {
        steps.push("advice-laxer");
    }
    if practised(Mechanism::FallsBackToClearText) {
        steps.push("advice-fallback");
    }
    match judgement.term() {
        Some(Term::None) => steps.extend(["advice-starttls", "advice-dane"]),
        Some(Term::May | Term::MaySni | Term::MayVerify) => steps.push("advice-dane"),
        Some(Term::Encrypt | Term::EncryptSni) => steps.push("advice-encrypt"),
        Some(Term::Verify) => steps.extend(["advice-sni", "advice-verify"]),
        Some(Term::VerifySni) => steps.push("advice-verify"),
        Some(Term::MtaSts) if result(Mechanism::Dane) == Some(FindingResult::Broken) => {
            steps.push("advice-override");
        }
        Some(Term::MtaSts) => steps.push("advice-dane-too"),
        Some(Term::Dane) => steps.push("advice-mta-sts-too"),
        Some(Term::DaneOnly | Term::DaneMtaSts | Term::PerDestination) | None => {}
    }
    if practised(Mechanism::ClearTextUt)
        && matches!(judgement.term(), Some(Term::Dane | Term::MtaSts | Term::DaneMtaSts))
    {
        steps.push("advice-partners");
    }
    if judgement.findings.iter().any(|finding| matches!(finding.reason, Reason::NotAddressed(_))) {
        steps.push("advice-both-addresses");
    } else if !telling.account.verdict.apart.is_empty() {
        steps.push("advice-alike");
    } else if judgement.term().is_none() {
        steps.push("advice-again");
    }
    steps.extend(authentication(telling));
    if steps.is_empty() {
        steps.push("advice-nothing");
    }
    let steps = steps.into_iter().map(|id| {
        let blanks = [("et", telling.domain(true).into()), ("ut", telling.domain(false).into())];
        telling.words.tell(id, &blanks)
    });
    let receiving = receiving::steps(telling.account.receiving, telling.words, telling.account.now);
    Some(telling.section("advice", Body::Steps(steps.chain(receiving).collect())))
}

/// What the message's own authentication asks for.
fn authentication(telling: &Telling<'_>) -> Vec<&'static str> {
    let Some(message) = telling.account.history.message() else { return Vec::new() };
    let seen = &message.authentication;
    let steps = [
        seen.dkim.is_empty().then_some("advice-dkim"),
        (seen.spf.result == Result8601::None).then_some("advice-spf"),
        (seen.dmarc.result == Result8601::None).then_some("advice-dmarc"),
    ];
    steps.into_iter().flatten().collect()
}
