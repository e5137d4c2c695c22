//! The service looks at its ruled cases as a sender would: the reference sender tries each, and must come out as the
//! standards want. A case that is red here is held against nobody.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream;
use ipnet::IpNet;

use crate::program::app::Clock;
use crate::program::config::Settings;
use crate::sending::deliver::{self, Attempt, HostOutcome, Mail, OURS, Sender};
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

/// The cases that do not look as they should, each with what is wrong.
pub(super) async fn red_cases(mirror: &CaseMirror<'_>) -> BTreeMap<CaseId, String> {
    let settings = mirror.settings;
    // What changes after a first mail is not shown by one.
    let offered = mirror.catalogue.ruled_cases();
    let offered = offered.filter(|case| case.then.is_none() && settings.addresses.offers(case));
    // One by one they would take minutes, all at once they would be a flood.
    let tries: Vec<_> = offered.map(|case| mirror.try_case(case)).collect();
    let tried: Vec<_> = stream::iter(tries).buffer_unordered(AT_ONCE_MAX).collect().await;
    tried.into_iter().flatten().collect()
}

impl CaseMirror<'_> {
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
