//! Why a finding on a case is as it is.

use crate::sending::persona::RuledCase;
use crate::sending::verdict::{CaseFinding, CaseOutcome, CaseSign, CaseWhy};
use crate::shared::text::{Words, clean};

/// Why, in whole sentences; empty where what was seen says it. What was asked for is told where the case has it: else the
/// answer was that there is none, and there is nothing to be obeyed.
pub(in crate::program::report) fn why(
    words: &Words,
    case: Option<&RuledCase>,
    finding: &CaseFinding,
) -> String {
    let mut told: Vec<String> = Vec::new();
    told.extend(reason(words, &finding.why));
    // What is the reason itself is said once.
    let signs = finding.signs.iter().filter(|sign| {
        **sign != CaseSign::NotResumed || !matches!(finding.why, CaseWhy::NotResumed | CaseWhy::OurFault(_))
    });
    told.extend(signs.map(|sign| words.say(&format!("cases-sign-{}", sign.name()))));
    if finding.laxer_on_retry {
        told.push(words.say("cases-laxer"));
    }
    let came_first = matches!(finding.outcome, CaseOutcome::Clear | CaseOutcome::Delivered);
    let has_policy = case.is_none_or(RuledCase::has_policy);
    let has_tlsa = case.is_none_or(|case| case.roles().iter().any(|role| !case.tlsa_of(*role).is_empty()));
    if came_first && has_policy && finding.policy_asked_for {
        told.push(words.say("cases-asked-policy"));
    }
    if came_first && has_tlsa && finding.tlsa_asked_for {
        told.push(words.say("cases-asked-tlsa"));
    }
    told.join(" ")
}

fn reason(words: &Words, why: &CaseWhy) -> Option<String> {
    let say = |id: &str| Some(words.say(&format!("cases-why-{id}")));
    match why {
        CaseWhy::Shown => None,
        CaseWhy::PractisedElsewhere(cases) => {
            let list: Vec<String> = cases.iter().map(ToString::to_string).collect();
            let blanks = [("count", list.len().into()), ("list", words.all_of(&list).into())];
            Some(words.tell("cases-why-practised-elsewhere", &blanks))
        }
        CaseWhy::NeverReached => say("never-reached"),
        CaseWhy::NotLookedUp => say("not-looked-up"),
        CaseWhy::BeforePolicy => say("before-policy"),
        CaseWhy::NoControl(case) => {
            Some(words.tell("cases-why-no-control", &[("case", clean(&case.to_string()).into())]))
        }
        CaseWhy::ControlNotTried(case) => {
            Some(words.tell("cases-why-control-not-tried", &[("case", clean(&case.to_string()).into())]))
        }
        CaseWhy::NoSecondMail => say("no-second-mail"),
        CaseWhy::Ambiguous => say("ambiguous"),
        CaseWhy::NotResumed => say("not-resumed"),
        CaseWhy::GoesAheadAnyway => say("goes-ahead-anyway"),
        CaseWhy::OurFault(_) => say("our-fault"),
        CaseWhy::NotLookedAt => say("not-looked-at"),
        CaseWhy::OurLimit => say("our-limit"),
        CaseWhy::Incomplete => say("incomplete"),
        CaseWhy::Running => say("running"),
    }
}
