//! Whether the present certificate's issuer is one that CAA allows. CAA binds authorities when they issue, and not
//! senders: a disagreement means that the next renewal will fail.

use jiff::Timestamp;

use crate::receiving::checks::certificate::shared::authorities::domains;
use crate::receiving::checks::certificate::shared::caa::{climb, cut, relevant};
use crate::receiving::checks::certificate::shared::chains::{Chain, chains};
use crate::receiving::checks::certificate::shared::trust::path_line;
use crate::receiving::checks::check::{Category, Check, Definition, Scale, Scope};
use crate::receiving::checks::shared::starttls::unasked;
use crate::receiving::checks::subjects::{Said, each_host};
use crate::receiving::checks::tls::shared::surveyed::unseen_certificate;
use crate::receiving::checks::{Finding, Inapplicable, Measured, Unknown, Word};
use crate::shared::evidence::scan::{CaaRecord, Evidence, MxHost, Path};
use crate::shared::policy::CaaProperty;

pub(super) static CHECK: Definition = Definition {
    id: "caa-issuer",
    category: Category::Certificate,
    scope: Scope::Mx,
    scale: Scale::Words(&[Word::Agrees, Word::Disagrees]),
    judge: issuer,
    en: r"CAA and the present issuer
    .agrees = The present certificate comes from an authority that CAA allows.
    .disagrees = As far as their names show, the present certificate comes from an authority that CAA does not allow.
    .why = The next renewal would fail. Which name in CAA belongs to which authority is known to us for the larger ones only.
    .todo = Add the present authority to the CAA records, or change over to one that they allow.",
    de: r"CAA und der jetzige Aussteller
    .agrees = Das jetzige Zertifikat kommt von einer Zertifizierungsstelle, die CAA erlaubt.
    .disagrees = Soweit ihre Namen es zeigen, kommt das jetzige Zertifikat von einer Zertifizierungsstelle, die CAA nicht erlaubt.
    .why = Die nächste Erneuerung würde scheitern. Welcher Name in CAA zu welcher Zertifizierungsstelle gehört, ist uns nur für die größeren bekannt.
    .todo = Nehmen Sie die jetzige Zertifizierungsstelle in die CAA-Einträge auf, oder wechseln Sie zu einer, die sie erlauben.",
    ..Definition::BARE
};

pub(in crate::receiving::checks) fn issuer(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    each_host(Check::CaaIssuer, evidence, |mx| match relevant(mx) {
        Err(why) => Said::inconclusive(why).seen(climb(mx)),
        Ok(records) if !records.iter().any(|record| record.tag == "issue") => cut(evidence, mx)
            .map_or(Said::not_applicable(Inapplicable::NoRecord), Said::inconclusive)
            .seen(climb(mx)),
        Ok(records) => compare(evidence, mx, records),
    })
}

fn compare(evidence: &Evidence, mx: &MxHost, records: &[CaaRecord]) -> Said {
    let (mut public, mut private, mut missing) = (Vec::new(), Vec::new(), None);
    for server in evidence.servers_of(&mx.host) {
        match chains(evidence, server) {
            Ok(chains) => {
                let (trusted, other): (Vec<_>, Vec<_>) = chains.into_iter().partition(is_public);
                private.extend(other.iter().map(|chain| path_line(evidence, chain)));
                public.extend(trusted);
                let unseen = unseen_certificate(evidence, server);
                missing = unseen.map(|why| Measured::Inconclusive { why }).or(missing);
            }
            Err(measured) => {
                private.extend(unasked(server));
                missing =
                    Some(measured).filter(|why| matches!(why, Measured::Inconclusive { .. })).or(missing);
            }
        }
    }
    if public.is_empty() {
        let none = Measured::NotApplicable { why: Inapplicable::NoCertificate };
        return Said::from(missing.unwrap_or(none)).seen(climb(mx)).seen(private);
    }
    let verdicts = public.iter().map(|chain| (chain, allowed(chain, &mx.host, records)));
    let mut verdicts: Vec<_> = verdicts.collect();
    let rows = verdicts.iter().map(|(chain, _)| format!("{}: {}", chain.title(), chain.leaf().1.issuer));
    let mut rows: Vec<_> = rows.collect();
    rows.dedup();
    // The worst first: disagreement, then what is not known.
    verdicts.sort_by_key(|(_, allowed)| match allowed {
        Some(false) => 0,
        None => 1,
        Some(true) => 2,
    });
    let said = match (verdicts.first().and_then(|(_, allowed)| *allowed), missing) {
        (Some(false), _) => cut(evidence, mx).map_or(Said::is(Word::Disagrees), Said::inconclusive),
        (None, _) => Said::inconclusive(Unknown::UnlistedIssuer),
        (Some(true), Some(measured)) => measured.into(),
        (Some(true), None) => Said::is(Word::Agrees),
    };
    let issued = public.iter().map(|chain| chain.own(&format!("< {}", chain.leaf().1.issuer)));
    said.details(rows).seen(climb(mx)).seen(issued)
}

fn is_public(chain: &Chain<'_>) -> bool {
    matches!(chain.examined.path, Path::Trusted { .. })
}

/// Whether CAA allows the issuer of a certificate; none: its CAA names are not known here. A certificate that is
/// for the host only by a wildcard goes by `issuewild`, where there is one (RFC 8659 §4.3).
fn allowed(chain: &Chain<'_>, host: &str, records: &[CaaRecord]) -> Option<bool> {
    let (_, leaf) = chain.leaf();
    let wildcard = !leaf.names.iter().any(|name| name.eq_ignore_ascii_case(host))
        && leaf.names.iter().any(|name| name.starts_with("*."));
    let wild = wildcard && records.iter().any(|record| record.tag == "issuewild");
    let tag = if wild { "issuewild" } else { "issue" };
    let issuers = records.iter().filter(|record| record.tag == tag);
    let issuers: Vec<_> = issuers.filter_map(named).collect();
    // The intermediate carries the authority's name; some carry a brand, whose owner is the root's.
    let root = match &chain.examined.path {
        Path::Trusted { root } => root.as_str(),
        Path::Untrusted { .. } => "",
    };
    // Nobody may issue: whoever did is not among them.
    if issuers.iter().all(String::is_empty) {
        return Some(false);
    }
    let known = domains(&leaf.issuer).or_else(|| domains(root))?;
    Some(issuers.iter().any(|issuer| known.contains(&issuer.as_str())))
}

/// The authority that a property names; empty: nobody. None: the value does not read, and so names nobody either.
fn named(record: &CaaRecord) -> Option<String> {
    match CaaProperty::read(&record.tag, &record.value).ok()? {
        CaaProperty::Issue(issuer) | CaaProperty::IssueWild(issuer) => {
            Some(issuer.domain.unwrap_or_default())
        }
        _ => None,
    }
}
