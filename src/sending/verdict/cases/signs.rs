//! What was seen on the links of a case, or in its mail, beside where that came. Signs are facts with a meaning: `fits` and
//! `outcome` read them, and the report tells them.

use crate::sending::history::{History, Irregularity, Link, Seq};
use crate::sending::persona::{Entrance, SmtpBehaviour};
use crate::sending::trial::HostRole;
use crate::sending::verdict::model::SenderModel;
use crate::sending::verdict::model::ruled::{CaseModel, RequireTls, TraitValue, Traits};

use super::finding::{CaseSign, CaseWhy};
use super::fits::Observed;
use super::seen::{Asked, Seen};

/// The signs at a case, each with the observations that show it.
pub(super) struct Signs {
    pub(super) seen: Vec<(CaseSign, Vec<Seq>)>,
    /// Why it says nothing that commands came behind EHLO where an answer was injected, if they did and it says nothing.
    pub(super) ahead_says_nothing: Option<CaseWhy>,
}

impl Signs {
    /// Those of a case in a trial.
    pub(super) fn of(seen: &Seen<'_>, history: &History) -> Self {
        let mut signs = Self { seen: Vec::new(), ahead_says_nothing: None };
        signs.injection(seen, history);
        for (asked, sign) in
            [(Asked::NotRequired, CaseSign::TlsNotRequired), (Asked::Required, CaseSign::RequireTls)]
        {
            // One mail may ask for what others do not: then it is not known for which of them the case came out as it did.
            let came = seen.mails.iter().filter(|mail| mail.asked.is_some());
            if came.clone().all(|mail| mail.asked == Some(asked)) {
                signs.add(sign, came.map(|mail| mail.seq).collect());
            }
        }
        signs.resumption(seen);
        signs
    }

    fn add(&mut self, sign: CaseSign, places: Vec<Seq>) {
        if !places.is_empty() {
            self.seen.push((sign, places));
        }
    }

    fn injection(&mut self, seen: &Seen<'_>, history: &History) {
        let at_injecting =
            seen.sessions.iter().filter(|one| seen.case.host(one.role).smtp == SmtpBehaviour::Injecting);
        let ahead: Vec<Seq> = at_injecting.clone().filter(|one| one.ahead).map(|one| one.seq).collect();
        if ahead.is_empty() {
            // Who also in clear does not wait for answers is not seen to do so again within TLS.
            let waited = at_injecting.filter(|one| one.mail && !one.irregular);
            return self.add(CaseSign::InjectionDiscarded, waited.map(|one| one.seq).collect());
        }
        match ahead_elsewhere(history) {
            None => self.ahead_says_nothing = Some(CaseWhy::AheadWithoutControl),
            Some(true) => self.ahead_says_nothing = Some(CaseWhy::GoesAheadAnyway),
            Some(false) => self.add(CaseSign::InjectionBelieved, ahead),
        }
    }

    fn resumption(&mut self, seen: &Seen<'_>) {
        if seen.case.bad.smtp != SmtpBehaviour::Resuming {
            return;
        }
        let at_bad: Vec<_> = seen.sessions.iter().filter(|one| one.role == HostRole::Bad).collect();
        let resumed: Vec<Seq> = at_bad.iter().filter(|one| one.resumed).map(|one| one.seq).collect();
        match resumed.is_empty() {
            true => self.add(CaseSign::NotResumed, at_bad.iter().map(|one| one.seq).collect()),
            false => self.add(CaseSign::Resumed, resumed),
        }
    }

    pub(super) fn has(&self, sign: CaseSign) -> bool {
        self.seen.iter().any(|(one, _)| *one == sign)
    }
}

/// Whether the sender sends commands in groups that must end one also where nothing was injected: then it shows nothing of
/// what it believes. None: it sent no mail in TLS anywhere else.
fn ahead_elsewhere(history: &History) -> Option<bool> {
    let links = history.links.iter().map(|attributed| &attributed.link);
    let elsewhere = links.filter(|link| {
        let by_injection = link.entrance == Some(Entrance::Injecting)
            && link.tls.as_ref().is_some_and(|part| part.ahead.is_some());
        !by_injection
    });
    let is_ahead = |link: &Link| link.irregularities.contains(&Irregularity::UnsynchronisedPipelining);
    let in_tls = |link: &Link| link.transactions.iter().any(|(_, received)| received.tls);
    let telling = elsewhere.filter(|link| is_ahead(link) || in_tls(link));
    let found: Vec<bool> = telling.map(|link| is_ahead(link)).collect();
    (!found.is_empty()).then(|| found.contains(&true))
}

/// Whether it is the mail that takes a policy's force away: it said `TLS-Required: No`, and who obeys all policies and that
/// field does what was seen (RFC 8689 §5).
pub(super) fn is_lifted(observed: &Observed<'_>) -> bool {
    let does = |traits| {
        let ends = CaseModel { base: SenderModel::DANE_AND_MTA_STS, traits }.ends(observed.case);
        ends.contains(&observed.end)
    };
    let lifted = Traits::USUAL.with(TraitValue::RequireTls(RequireTls::No));
    observed.signs.contains(&CaseSign::TlsNotRequired) && !does(Traits::USUAL) && does(lifted)
}
