//! What was not seen, and what DNS and the policy host saw. The whole table of silence is here; nothing else is
//! concluded from absence.

use crate::history::{History, Noted, Queried};
use crate::persona::{Case, Catalogue, TlsaSpec};
use crate::trial::{Timestamp, after, before};

use super::examination::{Examination, WAYS, received};
use super::meeting::{Host, Way};
use super::model::{Act, Dane, SenderModel};
use super::sighting::{Deed, Sighting};

/// What DNS and the policy host told.
#[derive(Clone, Debug, Default)]
pub(super) struct Heard {
    /// Models without MTA-STS were kept and those with it struck, because nobody asked for the policy.
    pub(super) policy_not_asked: bool,
    /// A policy was fetched.
    pub(super) policy_fetched: bool,
    /// Models with DANE were struck, because nobody asked for TLSA records.
    pub(super) tlsa_not_asked: bool,
    /// A bare case was avoided although addressed.
    pub(super) avoided: bool,
    /// A bare case was left without mail: its MX was looked up for a link that was left.
    pub(super) left_bare: bool,
}

/// How many attempts at other cases must pass a case by before it counts as avoided.
const ATTEMPTS_MIN: usize = 3;

/// Strikes by silence what transactions have left.
pub(super) fn listen(examination: &Examination<'_>) -> (Vec<SenderModel>, Heard) {
    let mut heard = Heard::default();
    let mut models = examination.by_smtp.clone();
    for case in bare_cases(examination.catalogue) {
        let hosts: Vec<_> = examination.hosts.iter().filter(|host| host.case.id == case.id).collect();
        if avoided(examination, case) {
            heard.avoided |= strike(&mut models, |model| {
                hosts
                    .iter()
                    .any(|host| WAYS[1..].iter().any(|way| examination.act(model, host, *way) != Act::Avoids))
            });
        }
        for way in [WAYS[0], WAYS[1]] {
            if left_bare(examination, case, way) {
                heard.left_bare |= strike(&mut models, |model| {
                    let takes = |act| matches!(act, Act::Clear | Act::Delivers { sni: false });
                    hosts.iter().any(|host| takes(examination.act(model, host, way)))
                });
            }
        }
    }
    policy(examination, &mut models, &mut heard);
    tlsa(examination, &mut models, &mut heard);
    (models, heard)
}

/// Removes the models that `strikes` names, unless that would leave none. Says whether any went.
fn strike(models: &mut Vec<SenderModel>, strikes: impl Fn(&SenderModel) -> bool) -> bool {
    let kept: Vec<_> = models.iter().copied().filter(|model| !strikes(model)).collect();
    let went = !kept.is_empty() && kept.len() < models.len();
    if went {
        *models = kept;
    }
    went
}

/// Of models that SMTP leaves equal, keeps those for which `keep` holds, where there are any.
fn choose(
    examination: &Examination<'_>,
    models: &mut Vec<SenderModel>,
    keep: impl Fn(&SenderModel) -> bool,
) -> bool {
    let kept: Vec<_> =
        models.iter().filter(|model| keep(model)).map(|model| examination.signature(model)).collect();
    strike(models, |model| !keep(model) && kept.contains(&examination.signature(model)))
}

/// The cases of the suite with neither TLSA records nor a policy.
fn bare_cases(catalogue: &Catalogue) -> impl Iterator<Item = &Case> {
    catalogue.test_cases().filter(|case| {
        case.mta_sts.is_none() && catalogue.hosts_of(&case.id).all(|persona| persona.tlsa == TlsaSpec::None)
    })
}

/// `ut` avoided: To or Cc names it, `et` came in three attempts with STARTTLS offered, and there was neither a
/// transaction for `ut` nor a link in TLS that may have been one.
fn avoided(examination: &Examination<'_>, case: &Case) -> bool {
    let may_be_there = |sighting: &Sighting| {
        let there = examination.hosts.iter().any(|host| host.case.id == case.id && sighting.may_be_at(host));
        there && (sighting.way.starttls || sighting.deed.is_mail())
    };
    let others = examination.sightings.iter().filter(|sighting| {
        sighting.way.starttls
            && sighting.deed.is_mail()
            && sighting.case.as_ref().is_some_and(|other| *other != case.id)
    });
    examination.addressed(&case.id)
        // Not even on a link that named another case's host, which is no sighting.
        && !received(examination.history, &case.id)
        && !examination.sightings.iter().any(may_be_there)
        && attempts(others.map(|sighting| sighting.at), examination.pace.attempt_gap_s) >= ATTEMPTS_MIN
}

/// How many attempts these times make up: what is further apart than `gap_s` belongs to different ones.
pub(super) fn attempts(times: impl Iterator<Item = Timestamp>, gap_s: u32) -> usize {
    let mut times: Vec<_> = times.collect();
    times.sort();
    let gaps = times.windows(2).filter(|pair| after(pair[0], gap_s) < pair[1]).count();
    if times.is_empty() { 0 } else { gaps + 1 }
}

/// A link that was left without mail tells no case: whether STARTTLS was missing, or the certificate for links
/// without SNI was refused. It was at the bare case if that case's MX was looked up for it, if mail for the case
/// came in TLS later, and if none for it ever came in this way.
fn left_bare(examination: &Examination<'_>, case: &Case, way: Way) -> bool {
    let domain = examination.catalogue.domain(case);
    let same_way = |sighting: &Sighting| {
        let without_sni =
            !matches!(sighting.deed, Deed::Delivered { sni: true } | Deed::Refused { sni: true, .. });
        sighting.way.starttls == way.starttls
            && (!way.starttls || without_sni && sighting.way.phase == way.phase)
    };
    let of_case = |sighting: &&Sighting| sighting.case.as_ref() == Some(&case.id);
    let in_this_way = examination.sightings.iter().filter(of_case).any(|s| s.deed.is_mail() && same_way(s));
    let in_tls =
        examination.sightings.iter().filter(of_case).find(|s| matches!(s.deed, Deed::Delivered { .. }));
    let Some(in_tls) = in_tls.filter(|_| !in_this_way) else { return false };
    let own_host = |host: &&Host<'_>| host.case.id == case.id;
    let left = examination.counting().filter(|sighting| !sighting.deed.is_mail() && same_way(sighting));
    left.filter(|left| left.at < in_tls.at).any(|left| {
        let lead = before(left.at, examination.pace.lookup_lead_s);
        let looked_up = examination.history.queries.iter().any(|query| {
            query.what.rtype == "MX"
                && query.what.name.eq_ignore_ascii_case(&domain)
                && (lead..=left.at).contains(&query.at)
        });
        let by_address = left.persona.is_some()
            && examination.hosts.iter().filter(own_host).any(|host| left.may_be_at(host));
        looked_up || by_address
    })
}

/// Policy not asked for: no TXT query and no fetch in the trial, nor within `max_age` before it. A fetch chooses
/// the other way. A query alone may be a scanner's, and chooses nothing.
fn policy(examination: &Examination<'_>, models: &mut Vec<SenderModel>, heard: &mut Heard) {
    let history = examination.history;
    let fetched = history.fetches.iter().any(|fetch| fetch.what.status == Some(200));
    let asked = history.queries.iter().any(|query| query.what.is_for_mta_sts());
    if fetched {
        heard.policy_fetched = choose(examination, models, |model| model.mta_sts);
    } else if !asked
        && history.fetches.is_empty()
        && history.earlier_policy_queries.is_empty()
        && sees_dns(history)
    {
        heard.policy_not_asked = choose(examination, models, |model| !model.mta_sts);
    }
}

/// TLSA not asked for: at the host of a bare case to which mail came, although its address was asked for. A
/// query chooses the other way.
fn tlsa(examination: &Examination<'_>, models: &mut Vec<SenderModel>, heard: &mut Heard) {
    let queries = &examination.history.queries;
    let asked = |rtypes: &[&str], name: &str| {
        queries.iter().any(|query: &Noted<Queried>| {
            rtypes.contains(&query.what.rtype.as_str()) && query.what.name.eq_ignore_ascii_case(name)
        })
    };
    for case in bare_cases(examination.catalogue) {
        let came =
            examination.sightings.iter().any(|s| s.case.as_ref() == Some(&case.id) && s.deed.is_mail());
        let names: Vec<_> = examination
            .catalogue
            .hosts_of(&case.id)
            .filter_map(|host| examination.catalogue.host_name(host))
            .collect();
        if !came || !names.iter().any(|name| asked(&["A", "AAAA"], name)) {
            continue;
        }
        if names.iter().any(|name| asked(&["TLSA"], &format!("_25._tcp.{name}"))) {
            choose(examination, models, |model| model.dane != Dane::Off);
        } else if examination.history.queries_complete {
            heard.tlsa_not_asked |= choose(examination, models, |model| model.dane == Dane::Off);
        }
    }
}

/// Whether our DNS saw anything of the trial, and still knows all of it: without that its silence means nothing.
fn sees_dns(history: &History) -> bool {
    history.queries_complete && history.queries.iter().any(|query| query.what.rtype == "MX")
}
