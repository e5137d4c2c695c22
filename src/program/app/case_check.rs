//! The service looks at its ruled cases as a sender would: the reference sender tries each, and must come out as the
//! standards want. A case that is red here is held against nobody.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream;
use ipnet::IpNet;

use crate::program::app::Clock;
use crate::program::config::Settings;
use crate::sending::deliver::{self, Attempt, HostOutcome, Mail, OURS, Sender};
use crate::sending::history::SelfChecked;
use crate::sending::persona::{CaseId, Catalogue, RuledCase, Standing};
use crate::sending::trial::HostRole;
use crate::sending::trials::Attribution;
use crate::sending::verdict::{CaseOutcome, standing};
use crate::shared::dns::Lookup;
use crate::shared::tls::client::Roots;

/// How many cases are tried at a time.
const AT_ONCE_MAX: usize = 4;
/// How long one may take, in seconds: what is not answered by design takes its time.
const CASE_S_MAX: u64 = 100;
/// The mail that is tried: it names nobody, so that it is no test (RFC 5321 §4.5.5).
const MESSAGE: &[u8] = b"Subject: self-check\r\n\r\nThe service looks at itself.\r\n";

/// What the cases are tried with.
pub(super) struct CaseMirror<'a> {
    pub(super) settings: &'a Settings,
    pub(super) catalogue: &'a Catalogue,
    /// A resolver that validates, as a sender would use one.
    pub(super) lookup: &'a Arc<dyn Lookup>,
    /// What senders are assumed to trust.
    pub(super) roots: &'a Roots,
    pub(super) clock: &'a Clock,
}

/// What is known of the cases.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Known {
    /// Those that do not look as they should, each with what is wrong.
    pub(super) red: BTreeMap<CaseId, String>,
    /// Those that were not looked at yet.
    pub(super) unlooked: BTreeSet<CaseId>,
}

impl Known {
    /// What is known before the first look, where the last look of all was `last`: what that found holds until then.
    pub(super) fn before(offered: impl Iterator<Item = CaseId>, last: Option<&SelfChecked>) -> Self {
        let Some(last) = last else { return Self { red: BTreeMap::new(), unlooked: offered.collect() } };
        let offered: BTreeSet<CaseId> = offered.collect();
        let red = last.cases.iter().filter(|(case, _)| offered.contains(*case));
        Self {
            red: red.map(|(case, reason)| (case.clone(), reason.clone())).collect(),
            unlooked: offered.intersection(&last.unlooked).cloned().collect(),
        }
    }

    /// Takes in a look at some of them: those of them that are red.
    fn take_in(&mut self, looked: &[CaseId], red: BTreeMap<CaseId, String>) {
        self.red.retain(|case, _| !looked.contains(case));
        self.red.extend(red);
        self.unlooked.retain(|case| !looked.contains(case));
    }

    /// The look of the service at itself, with what is known of the cases.
    pub(super) fn with(&self, checked: SelfChecked) -> SelfChecked {
        SelfChecked { cases: self.red.clone(), unlooked: self.unlooked.clone(), ..checked }
    }
}

impl CaseMirror<'_> {
    /// The cases that are looked at: what changes after a first mail is not shown by one.
    pub(super) fn offered(&self) -> impl Iterator<Item = &RuledCase> {
        let offers = move |case: &&RuledCase| case.then.is_none() && self.settings.addresses.offers(case);
        self.catalogue.ruled_cases().filter(offers)
    }

    /// Looks at those that are so, and takes it in.
    pub(super) async fn look(&self, known: &mut Known, is_so: impl Fn(&RuledCase) -> bool) {
        let cases: Vec<&RuledCase> = self.offered().filter(|case| is_so(case)).collect();
        let looked: Vec<CaseId> = cases.iter().map(|case| case.id.clone()).collect();
        // One by one they would take minutes, all at once they would be a flood.
        let tries: Vec<_> = cases.into_iter().map(|case| self.try_case(case)).collect();
        let tried: Vec<_> = stream::iter(tries).buffer_unordered(AT_ONCE_MAX).collect().await;
        known.take_in(&looked, tried.into_iter().flatten().collect());
    }

    async fn try_case(&self, case: &RuledCase) -> Option<(CaseId, String)> {
        let limit = Duration::from_secs(CASE_S_MAX);
        let tried = tokio::time::timeout(limit, self.attempt(case)).await;
        let reason = match tried {
            Ok(attempt) => self.wrong(case, &attempt)?,
            Err(_) => format!("no result within {CASE_S_MAX} s"),
        };
        Some((case.id.clone(), reason))
    }

    async fn attempt(&self, case: &RuledCase) -> Attempt {
        // Our own questions are told from senders' by this name before them, which no cache must answer.
        let now = (self.clock)();
        let (seconds, label) = (now.as_second(), Attribution::SELF_CHECK_LABEL);
        let mark = format!("{}-{seconds}.{label}.{}", case.id, self.catalogue.origin());
        let _ = self.lookup.txt(&mark).await;
        let mut dial = self.settings.dial.clone();
        // Our own addresses may be called whatever they are: they are the operator's.
        let own = self.settings.addresses.entrances.values().flatten();
        let own = own.chain(&self.settings.zone.published.policy_host);
        dial.rules.allowed.extend(own.copied().map(IpNet::from));
        let settings = deliver::Settings {
            ehlo: self.settings.smtp.host_name.clone(),
            dial,
            ..deliver::Settings::default()
        };
        let sender = Sender::new(OURS, settings, Arc::clone(self.lookup), self.roots.clone());
        let to = self.catalogue.ruled_address(case, None, "en");
        let mail = Mail { from: None, to: &to, message: MESSAGE };
        sender.attempt(&mail, 0, now).await
    }

    /// What is wrong with how a case came out.
    fn wrong(&self, case: &RuledCase, attempt: &Attempt) -> Option<String> {
        let outcome = self.outcome(case, attempt);
        match standing(case, outcome) {
            Some(Standing::Conforms | Standing::Allowed) => None,
            _ => {
                let last = attempt.hosts.last().map(|host| format!(", {}: {:?}", host.host, host.outcome));
                Some(format!(
                    "a sender that does all that the standards want comes out as `{}`{}",
                    outcome.name(),
                    last.unwrap_or_else(|| format!(", {:?}", attempt.delivery)),
                ))
            }
        }
    }

    fn outcome(&self, case: &RuledCase, attempt: &Attempt) -> CaseOutcome {
        let bad = self.catalogue.ruled_host_name(case, HostRole::Bad, None);
        let came = |outcome: &HostOutcome| {
            matches!(
                outcome,
                HostOutcome::Delivered(_) | HostOutcome::Held { .. } | HostOutcome::Rejected { .. }
            )
        };
        let at_bad = attempt.hosts.iter().filter(|host| host.host == bad);
        let mut met = false;
        for host in at_bad {
            match (came(&host.outcome), host.tls.is_some()) {
                (true, true) => return CaseOutcome::Delivered,
                (true, false) => return CaseOutcome::Clear,
                (false, _) => met |= !matches!(host.outcome, HostOutcome::Avoided(_)),
            }
        }
        let at_good = attempt.hosts.iter().any(|host| host.host != bad && came(&host.outcome));
        match (at_good, met) {
            (true, true) => CaseOutcome::Refused,
            (true, false) => CaseOutcome::PassedOver,
            (false, _) => CaseOutcome::Held,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sending::history::SelfCheck;

    fn ids(ids: &[&str]) -> BTreeSet<CaseId> {
        ids.iter().map(|id| (*id).into()).collect()
    }

    fn red(ids: &[&str]) -> BTreeMap<CaseId, String> {
        ids.iter().map(|id| ((*id).into(), "red".to_owned())).collect()
    }

    fn checked(known: &Known) -> SelfChecked {
        let green = || SelfCheck::Green;
        let (cases, unlooked) = (BTreeMap::new(), BTreeSet::new());
        let checked = SelfChecked {
            dns: green(),
            certificates: green(),
            policy_host: green(),
            unseen: Vec::new(),
            cases,
            unlooked,
        };
        known.with(checked)
    }

    #[test]
    fn after_a_start_no_case_is_taken_for_sound_that_was_not_looked_at() {
        let offered = || ids(&["none", "dane-good", "bogus-ds"]).into_iter();
        let mut known = Known::before(offered(), None);
        assert_eq!((known.red.len(), &known.unlooked), (0, &ids(&["none", "dane-good", "bogus-ds"])));
        known.take_in(&["none".into(), "dane-good".into()], red(&["dane-good"]));
        assert_eq!((&known.red, &known.unlooked), (&red(&["dane-good"]), &ids(&["bogus-ds"])));
        // The next start begins from what was noted last.
        let again = Known::before(offered(), Some(&checked(&known)));
        assert_eq!(again, known);
        // A case that is offered no more is forgotten.
        let fewer = Known::before(ids(&["none"]).into_iter(), Some(&checked(&known)));
        assert_eq!(fewer, Known::default());
        let mut mended = again;
        mended.take_in(&["none".into(), "dane-good".into(), "bogus-ds".into()], red(&[]));
        assert_eq!(mended, Known::default());
    }
}
