//! MTA-STS policies as a sender finds and keeps them (RFC 8461 §3, §5).

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};
use parking_lot::Mutex;

use crate::sending::verdict::model::ruled::{PolicyDefects, Traits};
use crate::shared::dial::{self, FetchLimits, https_get};
use crate::shared::dns::Lookup;
use crate::shared::evidence::{Fetch, FetchOutcome};
use crate::shared::policy::{MtaStsRecord, Policy};
use crate::shared::tls::client::Roots;

/// How many policies are kept; beyond it those whose time is over go, then any.
const POLICIES_MAX: usize = 10_000;
/// How long after a failed fetch the same policy is not fetched again, in seconds. RFC 8461 §3.3 asks for five
/// minutes or longer.
const REFETCH_WAIT_S: u32 = 300;

/// The policies that were fetched, kept for their `max_age`.
#[derive(Debug, Default)]
pub struct Policies {
    kept: Mutex<HashMap<String, Kept>>,
}

/// What is known of one domain's policy.
#[derive(Clone, Debug, Default)]
struct Kept {
    /// The policy, the `id` under which it was fetched, and when its `max_age` is over.
    policy: Option<(Policy, String, Timestamp)>,
    /// The `id` whose fetch failed, and until when it is not tried again.
    failed: Option<(String, Timestamp)>,
}

/// What looking for a policy gave.
#[derive(Clone, Debug, Default)]
pub(super) struct Found {
    /// The policy to obey.
    pub(super) policy: Option<Policy>,
    /// The fetch, if one was made.
    pub(super) fetch: Option<Fetch>,
}

/// What a fetch needs.
pub(super) struct Fetching<'a> {
    pub(super) lookup: &'a dyn Lookup,
    pub(super) dial: &'a dial::Settings,
    pub(super) roots: &'a Roots,
    pub(super) limits: FetchLimits,
    pub(super) traits: &'a Traits,
    pub(super) now: Timestamp,
}

impl Policies {
    /// The policy of `domain`: the kept one while the record's `id` is its own, else the one that is fetched;
    /// where neither record nor fetch gives one, the kept one still counts while its time lasts (RFC 8461
    /// §5.1).
    pub(super) async fn find(&self, domain: &str, fetching: &Fetching<'_>) -> Found {
        let now = fetching.now;
        let kept = self.of(domain);
        let live = kept.policy.clone().filter(|(_, _, until)| *until > now);
        let policy = live.as_ref().map(|(policy, ..)| policy.clone());
        if policy.is_some() && !fetching.traits.refetches() {
            return Found { policy, fetch: None };
        }
        let texts = fetching.lookup.txt(&format!("_mta-sts.{domain}")).await;
        let Some(id) = fetching.id(texts.records()) else {
            return Found { policy: policy.filter(|_| fetching.traits.keeps_policies()), fetch: None };
        };
        let fresh = live.is_some_and(|(_, under, _)| under == id);
        let waits = kept.failed.is_some_and(|(failed, until)| failed == id && until > now);
        if fresh || waits {
            return Found { policy, fetch: None };
        }
        let fetch = fetching.fetch(domain).await;
        let fetched = fetching.read(&fetch.outcome);
        self.keep(domain, &id, fetched.clone(), now);
        let policy = policy.filter(|_| fetching.traits.keeps_policies());
        Found { policy: fetched.or(policy), fetch: Some(fetch) }
    }

    fn of(&self, domain: &str) -> Kept {
        let kept = self.kept.lock();
        kept.get(domain).cloned().unwrap_or_default()
    }

    fn keep(&self, domain: &str, id: &str, fetched: Option<Policy>, now: Timestamp) {
        let mut kept = self.kept.lock();
        if kept.len() >= POLICIES_MAX && !kept.contains_key(domain) {
            kept.retain(|_, kept| kept.policy.as_ref().is_some_and(|(_, _, until)| *until > now));
            let any = kept.keys().next().filter(|_| kept.len() >= POLICIES_MAX).cloned();
            any.map(|domain| kept.remove(&domain));
        }
        let entry = kept.entry(domain.to_owned()).or_default();
        match fetched {
            Some(policy) => {
                let until = after(now, policy.max_age_s);
                *entry = Kept { policy: Some((policy, id.to_owned(), until)), failed: None };
            }
            None => entry.failed = Some((id.to_owned(), after(now, REFETCH_WAIT_S))),
        }
    }
}

impl Fetching<'_> {
    /// The `id` of the record, or what stands for one to who takes any record.
    fn id(&self, texts: &[String]) -> Option<String> {
        let texts = || texts.iter().map(String::as_str);
        match MtaStsRecord::from_txt(texts()) {
            Ok(MtaStsRecord { id }) => Some(id),
            Err(_) if self.traits.policy_defects == PolicyDefects::Obeyed => {
                texts().find(|text| text.starts_with("v=STSv1")).map(str::to_owned)
            }
            Err(_) => None,
        }
    }

    /// The policy in what was fetched, as this sender reads it.
    fn read(&self, outcome: &FetchOutcome) -> Option<Policy> {
        let policy = read(outcome);
        match (self.traits.policy_defects, outcome) {
            (PolicyDefects::Obeyed, _) => policy.or_else(|| read_laxly(outcome)),
            // Who knows no other form than ours.
            (PolicyDefects::OddIgnored, FetchOutcome::Answered { body, .. }) => {
                policy.filter(|policy| policy.to_string() == *body)
            }
            _ => policy,
        }
    }

    async fn fetch(&self, domain: &str) -> Fetch {
        let host = format!("mta-sts.{domain}");
        // Whatever keeps us from the addresses is told by the fetch that has none to call.
        let addresses = self.lookup.addresses(&host).await;
        let path = "/.well-known/mta-sts.txt";
        https_get(self.dial, &host, path, addresses.records(), self.roots, self.limits, self.now).await
    }
}

/// The policy in an answer: status 200 and nothing else (RFC 8461 §3.3), `text/plain` whatever its parameters
/// (§3.2), and whole.
fn read(outcome: &FetchOutcome) -> Option<Policy> {
    let FetchOutcome::Answered { status: 200, content_type: Some(content_type), body, cut: false, .. } =
        outcome
    else {
        return None;
    };
    let media_type = content_type.split(';').next().unwrap_or_default().trim();
    if media_type.eq_ignore_ascii_case("text/plain") { Policy::parse(body).ok() } else { None }
}

/// What looks like a policy in an answer, for who obeys that: whatever its status and media type, its version, a word
/// misspelt, or `max_age` left out.
fn read_laxly(outcome: &FetchOutcome) -> Option<Policy> {
    let FetchOutcome::Answered { body, .. } = outcome else { return None };
    let mut text = String::from("version: STSv1\n");
    for line in body.lines().filter(|line| !line.starts_with("version")) {
        text += line.strip_prefix('n').filter(|rest| rest.starts_with("mx:")).unwrap_or(line);
        text.push('\n');
    }
    if !text.contains("\nmax_age:") {
        text += "max_age: 86400\n";
    }
    Policy::parse(&text).ok()
}

fn after(at: Timestamp, seconds: u32) -> Timestamp {
    at.checked_add(SignedDuration::from_secs(i64::from(seconds))).unwrap_or(Timestamp::MAX)
}
