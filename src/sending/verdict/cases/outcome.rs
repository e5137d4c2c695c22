//! How one case came out: the worst of its attempts that count.

use crate::sending::history::{History, SelfCheck, SelfChecked, Seq};
use crate::sending::persona::{CaseId, Catalogue, Family, RuledCase, SmtpBehaviour, Standing};
use crate::sending::trial::{HostRole, Pace};
use crate::sending::verdict::event::in_force;
use crate::sending::verdict::model::SenderModel;
use crate::sending::verdict::model::ruled::{CaseAt, CaseEnd, CaseModel};
use crate::shared::time::Timestamp;

use super::finding::{CaseFinding, CaseOutcome, CaseSign, CaseWhy};
use super::seen::{Attempt, Seen, Visit, attempts, laxer_on_retry};
use super::signs::Signs;

/// How many questions are cited for a domain that was looked up and got no mail.
const QUESTIONS_CITED_MAX: usize = 4;

impl CaseOutcome {
    /// The same in the words of what an outcome is worth; none where not enough was seen.
    pub fn end(self) -> Option<CaseEnd> {
        match self {
            Self::Clear => Some(CaseEnd::Clear),
            Self::Delivered => Some(CaseEnd::Delivered),
            Self::Refused | Self::PassedOver => Some(CaseEnd::Turned),
            Self::Held => Some(CaseEnd::Held),
            Self::Unseen => None,
        }
    }
}

/// What an outcome is worth in a case.
pub fn standing(case: &RuledCase, outcome: CaseOutcome) -> Option<Standing> {
    outcome.end().map(|end| match end {
        CaseEnd::Clear => case.expect.clear,
        CaseEnd::Delivered => case.expect.delivered,
        CaseEnd::Turned => case.expect.turned,
        CaseEnd::Held => case.expect.held,
    })
}

/// How often a host that has held mail, or whose links are missing, must be passed over before that says something.
const PASSED_OVER_MIN: usize = 2;

/// What is worse of two standings is greater.
pub(super) fn badness(standing: Option<Standing>) -> u8 {
    match standing {
        None => 0,
        Some(Standing::Conforms) => 1,
        Some(Standing::Allowed) => 2,
        Some(Standing::NotPractised) => 3,
        Some(Standing::Fault) => 4,
    }
}

/// What an attempt, or what there was none of, comes to.
struct Came {
    outcome: CaseOutcome,
    why: CaseWhy,
    evidence: Vec<Seq>,
}

impl Came {
    fn unseen(why: CaseWhy) -> Self {
        Self { outcome: CaseOutcome::Unseen, why, evidence: Vec::new() }
    }

    /// The same with what was seen beside: it is evidence of its own, or what the case is about did not show.
    fn beside(mut self, case: &RuledCase, signs: &Signs) -> Self {
        let has_come = matches!(self.outcome, CaseOutcome::Clear | CaseOutcome::Delivered);
        let not_resumed = case.bad.smtp == SmtpBehaviour::Resuming && !signs.has(CaseSign::Resumed);
        self.why = match self.why {
            _ if signs.has(CaseSign::InjectionBelieved) => CaseWhy::Shown,
            CaseWhy::Shown | CaseWhy::Ambiguous if not_resumed && !has_come => CaseWhy::NotResumed,
            CaseWhy::Shown if signs.goes_ahead_anyway && has_come => CaseWhy::GoesAheadAnyway,
            why => why,
        };
        if signs.seen.is_empty() {
            return self;
        }
        self.evidence.extend(signs.seen.iter().flat_map(|(_, places)| places.iter().copied()));
        self.evidence.sort();
        self.evidence.dedup();
        self
    }
}

/// What the other cases of a trial are asked for.
pub(super) struct Trial<'t> {
    pub(super) catalogue: &'t Catalogue,
    pub(super) pace: &'t Pace,
    pub(super) history: &'t History,
    /// What was seen of each case of the trial.
    pub(super) seen: &'t [Seen<'t>],
}

impl Trial<'_> {
    /// The finding on a case by its own evidence and its control's.
    pub(super) fn finding(&self, seen: &Seen<'_>) -> CaseFinding {
        let attempts = attempts(self.pace, seen);
        let came = self.came(seen, &attempts);
        let times = attempts.iter().filter_map(Attempt::from).chain(seen.looked_up.iter().map(|(_, at)| *at));
        let fault = self.our_fault(seen.case, times);
        let signs = Signs::of(seen, self.history);
        let came = came.beside(seen.case, &signs);
        let judged = fault.is_none()
            && matches!(came.why, CaseWhy::Shown | CaseWhy::Ambiguous | CaseWhy::PractisedElsewhere(_));
        // Against a MUST wherever mail came afterwards (RFC 3207 §4.2).
        let believed = signs.has(CaseSign::InjectionBelieved).then_some(Standing::Fault);
        CaseFinding {
            case: seen.case.id.clone(),
            outcome: came.outcome,
            standing: believed.or(standing(seen.case, came.outcome)).filter(|_| judged),
            why: fault.unwrap_or(came.why),
            laxer_on_retry: laxer_on_retry(seen, &attempts, self.shares_entrance(seen.case))
                || self.gave_in(seen),
            policy_asked_for: !seen.policy_asked.is_empty() || !seen.fetched.is_empty(),
            tlsa_asked_for: !seen.tlsa_asked.is_empty(),
            signs: signs.seen.iter().map(|(sign, _)| *sign).collect(),
            evidence: came.evidence,
        }
    }

    fn came(&self, seen: &Seen<'_>, attempts: &[Attempt<'_>]) -> Came {
        let known_from = seen.policy_known_from(self.pace);
        let mut all: Vec<Came> = Vec::new();
        let (mut uncounted, mut unsure) = (false, false);
        // Attempts since mail came at the faulty host, if any did.
        let mut since: Vec<&Attempt<'_>> = Vec::new();
        let mut been_at_bad = false;
        // Who went on in a handshake that is at fault by design would have delivered; that we cut it is why mail went in clear.
        let is_cut = attempts.iter().any(Attempt::went_on);
        for attempt in attempts {
            since.push(attempt);
            match attempt.at_bad() {
                Some(_) => {
                    been_at_bad = true;
                    since.clear();
                    let shown = |outcome| Came { outcome, why: CaseWhy::Shown, evidence: attempt.seqs() };
                    match attempt.counts(known_from) {
                        true => {
                            let came = attempt.each_at_bad();
                            all.extend(
                                came.filter(|came| !is_cut || *came == CaseOutcome::Delivered).map(shown),
                            );
                        }
                        false => uncounted = true,
                    }
                }
                None if attempt.at_good() && self.is_turned(&since, been_at_bad.then_some(known_from)) => {
                    all.push(self.turned(seen, &since));
                }
                None if attempt.at_good() && !been_at_bad => unsure = true,
                None => {}
            }
        }
        let weight = |came: &Came| {
            let worth = badness(standing(seen.case, came.outcome));
            (worth, std::cmp::Reverse(came.outcome))
        };
        // Of the same weight the earliest is shown.
        let worst = all.into_iter().rev().max_by_key(weight);
        match worst {
            Some(came) => came,
            None if uncounted && !since.iter().any(|attempt| attempt.refused()) => {
                Came::unseen(CaseWhy::BeforePolicy)
            }
            None if unsure => Came::unseen(CaseWhy::Incomplete),
            None => self.without_mail(seen, attempts),
        }
    }

    /// Whether a visit without SNI that refused what it saw was at this case, and was given up later: at every case that
    /// it may have been at, mail came at the faulty host later, and at none of them before.
    fn gave_in(&self, seen: &Seen<'_>) -> bool {
        let at_bad = |seen: &Seen<'_>, earlier: bool, visit: &Visit| {
            let mails = seen.mails.iter().filter(|mail| mail.role == HostRole::Bad && mail.tls);
            mails.map(|mail| mail.at).any(|at| (at < visit.at) == earlier)
        };
        let same =
            |other: &&Seen<'_>| other.case.entrance(HostRole::Bad) == seen.case.entrance(HostRole::Bad);
        let refused = |visit: &&Visit| visit.role == HostRole::Bad && visit.refused && !visit.surely;
        seen.case.bad.smtp == SmtpBehaviour::Sound
            && seen.visits.iter().filter(refused).any(|visit| {
                let mut others = self.seen.iter().filter(same);
                others.all(|other| at_bad(other, false, visit) && !at_bad(other, true, visit))
            })
    }

    /// Whether the faulty host is shown to have been given up. Who has left mail there, with when it may know the policy, may
    /// leave it aside next time, and where we turned links away it may have been called: then it must have been refused, or
    /// passed over more than once.
    fn is_turned(&self, since: &[&Attempt<'_>], been_at_bad: Option<Option<Timestamp>>) -> bool {
        let unmet = self.history.beyond.links > 0 && since.iter().all(|attempt| attempt.met().is_none());
        let known = |attempt: &&&Attempt<'_>| been_at_bad.is_none_or(|known_from| attempt.counts(known_from));
        let turned = since.iter().filter(known).filter(|attempt| attempt.at_good()).count();
        !(been_at_bad.is_some() || unmet)
            || turned >= PASSED_OVER_MIN
            || since.iter().any(|attempt| attempt.refused())
    }

    /// Mail came at the sound host, and none at the faulty one.
    fn turned(&self, seen: &Seen<'_>, since: &[&Attempt<'_>]) -> Came {
        let evidence = since.iter().flat_map(|attempt| attempt.seqs()).collect();
        let our_limit = since.iter().any(|attempt| attempt.our_limit());
        let shown = |outcome, why| Came { outcome, why, evidence };
        match since.iter().filter_map(|attempt| attempt.met()).max() {
            _ if our_limit && seen.case.bad.smtp == SmtpBehaviour::Sound => {
                shown(CaseOutcome::Refused, CaseWhy::OurLimit)
            }
            // Nobody asked for the faulty host, and who came may have come for another case's.
            Some(false) if self.shares_entrance(seen.case) && seen.looked_up.is_empty() => {
                Came::unseen(self.not_complete(CaseWhy::NotLookedUp))
            }
            Some(false) if self.shares_entrance(seen.case) => shown(CaseOutcome::Refused, CaseWhy::Ambiguous),
            Some(_) => shown(CaseOutcome::Refused, CaseWhy::Shown),
            None if seen.looked_up.is_empty() => Came::unseen(self.not_complete(CaseWhy::NotLookedUp)),
            None => shown(CaseOutcome::PassedOver, CaseWhy::Shown),
        }
    }

    /// No mail came that counts.
    fn without_mail(&self, seen: &Seen<'_>, attempts: &[Attempt<'_>]) -> Came {
        let met = attempts.iter().any(|attempt| attempt.met() == Some(true));
        if self.history.ended.is_none() {
            return Came::unseen(CaseWhy::Running);
        }
        if seen.looked_up.is_empty() && !met {
            return Came::unseen(self.not_complete(CaseWhy::NeverReached));
        }
        if seen.case.then.is_some() && attempts.is_empty() {
            return Came::unseen(CaseWhy::NoSecondMail);
        }
        let questions = seen.looked_up.iter().map(|(seq, _)| *seq).take(QUESTIONS_CITED_MAX);
        let mut evidence: Vec<Seq> = questions.chain(attempts.iter().flat_map(Attempt::seqs)).collect();
        let held = |why, evidence| Came { outcome: CaseOutcome::Held, why, evidence };
        if attempts.iter().any(Attempt::our_limit) && seen.case.bad.smtp == SmtpBehaviour::Sound {
            return held(CaseWhy::OurLimit, evidence);
        }
        match self.control(seen.case) {
            Ok(control) => {
                evidence.push(control);
                evidence.sort();
                evidence.dedup();
                held(CaseWhy::Shown, evidence)
            }
            Err(Some(control)) => {
                let is_tried = self.seen.iter().any(|other| other.case.id == control);
                let why =
                    if is_tried { CaseWhy::NoControl(control) } else { CaseWhy::ControlNotTried(control) };
                held(why, evidence)
            }
            Err(None) => held(CaseWhy::NeverReached, evidence),
        }
    }

    /// Why, where what is missing may be all there was.
    fn not_complete(&self, why: CaseWhy) -> CaseWhy {
        let complete = self.history.queries_complete && self.history.beyond.is_nothing();
        if complete { why } else { CaseWhy::Incomplete }
    }

    /// Whether another case of the trial has its faulty host at the same entrance.
    fn shares_entrance(&self, case: &RuledCase) -> bool {
        let entrance = case.entrance(HostRole::Bad);
        let others = self.seen.iter().map(|seen| seen.case).filter(|other| other.id != case.id);
        others.into_iter().any(|other| other.entrance(HostRole::Bad) == entrance)
    }

    /// Mail of another case that came at a sound host under the same rules: without it no mail says nothing of the case.
    /// If there is none, the case that would have shown it.
    fn control(&self, case: &RuledCase) -> Result<Seq, Option<CaseId>> {
        let sound = |seen: &Seen<'_>, role| role == HostRole::Good || is_control(seen.case);
        let mail = self
            .seen
            .iter()
            .filter(|other| other.case.id != case.id && controls(other.case, case))
            .flat_map(|other| other.mails.iter().filter(|mail| sound(other, mail.role)))
            .map(|mail| mail.seq)
            .min();
        let named = || self.catalogue.ruled_cases().find(|other| is_control(other) && controls(other, case));
        mail.ok_or_else(|| named().map(|control| control.id.clone()))
    }

    /// What of us was not as it should be while the case was tried, if anything was.
    fn our_fault(&self, case: &RuledCase, times: impl Iterator<Item = Timestamp>) -> Option<CaseWhy> {
        let checks = &self.history.self_checks;
        let looked = |checked: &SelfChecked| !checked.unlooked.contains(&case.id);
        times.filter_map(|at| Some((at, in_force(checks, at)?))).find_map(|(at, checked)| {
            // What the first look finds is as it was up to then.
            let later = || checks.iter().find(|later| later.at > at && looked(later.what.as_ref()));
            let of_case = if looked(checked) { Some(checked) } else { later().map(|later| &*later.what) };
            match of_case.map(|checked| checked.cases.get(&case.id)) {
                Some(Some(reason)) => return Some(CaseWhy::OurFault(reason.clone())),
                Some(None) => {}
                None => return Some(CaseWhy::NotLookedAt),
            }
            let mut parts = vec![&checked.dns, &checked.certificates];
            parts.extend(case.has_policy().then_some(&checked.policy_host));
            parts.into_iter().find_map(|part| match part {
                SelfCheck::Red { reason } => Some(CaseWhy::OurFault(reason.clone())),
                SelfCheck::Green => None,
            })
        })
    }
}

/// Whether nothing of a case keeps a sender away that keeps all standards.
fn is_control(case: &RuledCase) -> bool {
    case.then.is_none()
        && CaseModel::usual(SenderModel::DANE_AND_MTA_STS).passage(CaseAt::judged(case)).end()
            == CaseEnd::Delivered
}

/// Whether mail of one case shows that mail of another would have come: it is under the same rules.
fn controls(control: &RuledCase, case: &RuledCase) -> bool {
    let signed = |family| matches!(family, Family::Dane | Family::Both | Family::Dnssec | Family::Reports);
    let policy = |family| matches!(family, Family::MtaSts | Family::Both | Family::Reports);
    match case.family {
        Family::Plain | Family::Reach => true,
        family => (!signed(family) || signed(control.family)) && (!policy(family) || policy(control.family)),
    }
}
