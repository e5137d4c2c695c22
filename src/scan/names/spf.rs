//! SPF: the policy, every policy that it includes or hands over to, and what its terms cost.

use futures_util::future::join_all;

use super::inquiry::Inquiry;
use crate::dns::Kind;
use crate::evidence::scan::{SpfNames, SpfPolicy, SpfTerm};
use crate::policy::SpfRecord;
use crate::policy::spf::{DomainSpec, Mechanism, Term};

/// How many look-ups are counted, a few beyond the ten that are allowed (RFC 7208 §4.6.4): enough to see that they
/// are too many.
const LOOKUPS_MAX: usize = 20;

/// What one term wants looked up.
enum Want {
    /// Another policy.
    Policy(String),
    /// Whether there is anything.
    Anything(Vec<Kind>, String),
    /// A name that depends on the mail, or none at all.
    Nothing,
}

/// Follows the policies as they are met. A policy that is included twice costs twice.
pub(super) async fn gather(inquiry: &Inquiry<'_>, domain: &str) -> SpfNames {
    let own = SpfPolicy { by: None, txt: inquiry.texts(domain).await };
    let mut names = SpfNames { policies: vec![own], terms: Vec::new() };
    let (mut at, mut lookups) = (0, 0);
    while let Some(policy) = names.policies.get(at) {
        let record = SpfRecord::from_txt(policy.txt.records().iter().map(String::as_str));
        let of = policy.txt.name.clone();
        let terms: Vec<Term> = record.iter().flat_map(SpfRecord::lookups).cloned().collect();
        let left = LOOKUPS_MAX - lookups;
        if terms.len() > left {
            inquiry.cut("SPF look-ups".to_owned(), None, LOOKUPS_MAX);
        }
        lookups += terms.len().min(left);
        let looking = terms.iter().take(left).map(|term| look(inquiry, &of, at, term));
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
    of: &str,
    at: usize,
    term: &Term,
) -> (Option<SpfPolicy>, Option<SpfTerm>) {
    match want(of, term) {
        Want::Policy(name) => {
            let policy = SpfPolicy { by: Some((at, term.to_string())), txt: inquiry.texts(&name).await };
            (Some(policy), None)
        }
        Want::Anything(kinds, name) => {
            // Which family an `a` asks for depends on the sender's address: it is void if it is for both.
            let mut is_void = Some(true);
            for kind in kinds {
                let looked = inquiry.ask(&name, kind).await.looked;
                if !looked.denied() {
                    is_void = if looked.unknown() { None } else { Some(false) };
                    break;
                }
            }
            (None, Some(SpfTerm { policy: at, term: term.to_string(), void: is_void }))
        }
        Want::Nothing => (None, None),
    }
}

fn want(of: &str, term: &Term) -> Want {
    let plain = |spec: &DomainSpec| spec.plain().map(str::to_ascii_lowercase);
    let or_own = |spec: &Option<DomainSpec>| match spec {
        Some(spec) => plain(spec),
        None => Some(of.to_owned()),
    };
    let wanted = match term {
        Term::Redirect(spec) | Term::Directive(_, Mechanism::Include(spec)) => plain(spec).map(Want::Policy),
        Term::Directive(_, Mechanism::A(spec, _)) => {
            or_own(spec).map(|name| Want::Anything(vec![Kind::A, Kind::Aaaa], name))
        }
        Term::Directive(_, Mechanism::Mx(spec, _)) => {
            or_own(spec).map(|name| Want::Anything(vec![Kind::Mx], name))
        }
        Term::Directive(_, Mechanism::Exists(spec)) => {
            plain(spec).map(|name| Want::Anything(vec![Kind::A], name))
        }
        _ => None,
    };
    wanted.unwrap_or(Want::Nothing)
}
