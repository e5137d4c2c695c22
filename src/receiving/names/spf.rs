//! SPF: the policy, every policy that it includes or hands over to, and what its terms cost.

use futures_util::future::join_all;

use super::inquiry::Inquiry;
use crate::shared::dns::records::{A, AAAA, MX, TXT};
use crate::shared::dns::{RData, RecordType};
use crate::shared::evidence::Security;
use crate::shared::evidence::scan::{LookupResult, NameAnswer, SpfNames, SpfPolicy, SpfTerm};
use crate::shared::policy::SpfRecord;
use crate::shared::policy::spf::{DomainSpec, KnownNames, Mechanism, Term};

/// How many look-ups are counted, a few beyond the ten that are allowed (RFC 7208 §4.6.4): enough to see that they
/// are too many.
const LOOKUPS_MAX: usize = 20;

/// What one term wants looked up.
enum Want {
    /// Another policy.
    Policy(String),
    /// Whether there is anything.
    Anything(Vec<RecordType>, String),
    /// A name that depends on the mail, or none at all.
    Nothing,
}

/// Follows the policies as they are met. A policy that is included twice costs twice.
pub(super) async fn gather(inquiry: &Inquiry<'_>, domain: &str) -> SpfNames {
    let own = SpfPolicy { by: None, txt: inquiry.look_up(domain, TXT).await };
    let mut names = SpfNames { policies: vec![own], terms: Vec::new() };
    let (mut at, mut lookups) = (0, 0);
    while let Some(policy) = names.policies.get(at) {
        let record = SpfRecord::from_txt(policy.txt.records().iter().map(String::as_str));
        let of = policy.txt.name.clone();
        let known = KnownNames { domain: &of, sender: domain };
        let terms: Vec<Term> = record.iter().flat_map(SpfRecord::lookups).cloned().collect();
        let left = LOOKUPS_MAX - lookups;
        if terms.len() > left {
            inquiry.cut("SPF look-ups".to_owned(), None, LOOKUPS_MAX);
        }
        lookups += terms.len().min(left);
        let looking = terms.iter().take(left).map(|term| look(inquiry, known, at, term));
        for (policy, term) in join_all(looking).await {
            names.policies.extend(policy);
            names.terms.extend(term);
        }
        at += 1;
    }
    names
}

async fn look(
    inquiry: &Inquiry<'_>,
    known: KnownNames<'_>,
    at: usize,
    term: &Term,
) -> (Option<SpfPolicy>, Option<SpfTerm>) {
    let of_term = |void, hosts| SpfTerm { policy: at, term: term.to_string(), void, hosts };
    match want(known, term) {
        Want::Policy(name) => {
            let txt =
                if can_be_asked(&name) { inquiry.look_up(&name, TXT).await } else { cannot_exist(&name) };
            (Some(SpfPolicy { by: Some((at, term.to_string())), txt }), None)
        }
        // Nobody has to be asked to know that such a name has no records.
        Want::Anything(_, name) if !can_be_asked(&name) => (None, Some(of_term(Some(true), None))),
        Want::Anything(rtypes, name) => {
            // Which family an `a` asks for depends on the sender's address: it is void if it is for both.
            let (mut is_void, mut hosts) = (Some(true), None);
            for rtype in rtypes {
                let looked = inquiry.ask(&name, rtype).await.looked;
                if !looked.denied() {
                    is_void = if looked.unknown() { None } else { Some(false) };
                    hosts = mx_hosts(&looked);
                    break;
                }
            }
            (None, Some(of_term(is_void, hosts)))
        }
        Want::Nothing => (None, None),
    }
}

/// How many MX records name a host; none where these are not MX records.
fn mx_hosts(looked: &LookupResult<RData>) -> Option<u32> {
    let host = |data: &RData| MX.read(data).map(|mx| !mx.host.is_empty());
    let hosts: Option<Vec<bool>> = looked.records().iter().map(host).collect();
    let hosts = hosts.filter(|hosts| !hosts.is_empty())?;
    u32::try_from(hosts.into_iter().filter(|named| *named).count()).ok()
}

/// Whether a name can be asked for: labels of 1 to 63 octets (RFC 1035 §2.3.4). RFC 7208 §4.8 leaves open what becomes
/// of others; as of a name that does not exist is what receivers make of them (§4.3).
fn can_be_asked(name: &str) -> bool {
    name.len() <= 253 && name.split('.').all(|label| (1..=63).contains(&label.len()))
}

fn cannot_exist(name: &str) -> LookupResult<String> {
    let nothing = LookupResult::not_asked(name, "TXT");
    LookupResult { answer: NameAnswer::NoName, security: Security::Insecure, ..nothing }
}

fn want(known: KnownNames<'_>, term: &Term) -> Want {
    let or_own = |spec: &Option<DomainSpec>| match spec {
        Some(spec) => spec.expand(known),
        None => Some(known.domain.to_owned()),
    };
    let wanted = match term {
        Term::Redirect(spec) | Term::Directive(_, Mechanism::Include(spec)) => {
            spec.expand(known).map(Want::Policy)
        }
        Term::Directive(_, Mechanism::A(spec, _)) => {
            or_own(spec).map(|name| Want::Anything(vec![A.code(), AAAA.code()], name))
        }
        Term::Directive(_, Mechanism::Mx(spec, _)) => {
            or_own(spec).map(|name| Want::Anything(vec![MX.code()], name))
        }
        Term::Directive(_, Mechanism::Exists(spec)) => {
            spec.expand(known).map(|name| Want::Anything(vec![A.code()], name))
        }
        _ => None,
    };
    wanted.unwrap_or(Want::Nothing)
}
