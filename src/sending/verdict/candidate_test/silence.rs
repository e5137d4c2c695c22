//! What was not seen, and what DNS and the policy host saw. The whole table of silence is here; nothing else is
//! concluded from absence.

use std::sync::Arc;

use crate::sending::history::{History, Noted, Queried, Seq};
use crate::sending::persona::{Case, Catalogue};
use crate::sending::trial::Network;
use crate::shared::time::{Timestamp, after, before};

use crate::sending::verdict::event::{Action, Event};
use crate::sending::verdict::finding::Mechanism;
use crate::sending::verdict::meeting::{Host, WAYS, Way, is_bare};
use crate::sending::verdict::model::reading::Reading;
use crate::sending::verdict::model::{Act, Dane};
use crate::sending::verdict::recipients::received;

use super::evidence::Evidence;

/// What absence eliminated, and where a case was passed by.
#[derive(Clone, Debug, Default)]
pub(in crate::sending::verdict) struct Absences {
    /// Readings with MTA-STS were eliminated, because nobody asked for the policy.
    pub(in crate::sending::verdict) policy_not_asked: bool,
    /// Readings with DANE were eliminated, because nobody asked for TLSA records.
    pub(in crate::sending::verdict) tlsa_not_asked: bool,
    /// A bare case was avoided although addressed.
    pub(in crate::sending::verdict) avoided: bool,
    /// A bare case was left without mail: its MX was looked up for a link that was left.
    pub(in crate::sending::verdict) left_bare: bool,
}

/// How many questions are cited where one is missing.
const SEEN_INSTEAD_MAX: usize = 4;

/// How many attempts at other cases must pass a case by before it counts as avoided.
const ATTEMPTS_MIN: usize = 3;

/// Eliminates by silence what transactions have left.
pub(super) fn listen(evidence: &Evidence<'_>, by_smtp: &[Reading]) -> (Vec<Reading>, Absences) {
    let mut absences = Absences::default();
    let mut readings = by_smtp.to_vec();
    for case in bare_cases(evidence.catalogue) {
        let hosts: Vec<_> = evidence.hosts.iter().filter(|host| host.case.id == case.id).collect();
        if avoided(evidence, case) {
            absences.avoided |= eliminate(&mut readings, |reading| {
                hosts.iter().any(|host| {
                    WAYS[1..]
                        .iter()
                        .any(|way| evidence.act(reading.model(host.bare), host, *way) != Act::Avoids)
                })
            });
        }
        for way in [WAYS[0], WAYS[1]] {
            if left_bare(evidence, case, way) {
                absences.left_bare |= eliminate(&mut readings, |reading| {
                    let takes = |act| matches!(act, Act::Clear | Act::Delivers { sni: false });
                    hosts.iter().any(|host| takes(evidence.act(reading.model(host.bare), host, way)))
                });
            }
        }
    }
    policy(evidence, &mut readings, &mut absences);
    tlsa(evidence, &mut readings, &mut absences);
    (readings, absences)
}

/// Removes the readings that `eliminates` names, unless that would leave none. Says whether any went.
fn eliminate(readings: &mut Vec<Reading>, eliminates: impl Fn(&Reading) -> bool) -> bool {
    let kept: Vec<_> = readings.iter().copied().filter(|reading| !eliminates(reading)).collect();
    let went = !kept.is_empty() && kept.len() < readings.len();
    if went {
        *readings = kept;
    }
    went
}

/// The cases of the suite with neither TLSA records nor a policy.
fn bare_cases(catalogue: &Catalogue) -> impl Iterator<Item = &Case> {
    catalogue.classic_cases().filter(|case| is_bare(catalogue, case))
}

/// `ut` avoided: To or Cc names it, `et` came in three attempts with STARTTLS offered, and there was neither a
/// transaction for `ut` nor a link in TLS that may have been one.
fn avoided(evidence: &Evidence<'_>, case: &Case) -> bool {
    let may_be_there = |event: &Event| {
        if event.kin {
            return false;
        }
        let there = evidence.hosts.iter().any(|host| host.case.id == case.id && event.may_be_at(host));
        there && (event.way.starttls || event.action.is_mail())
    };
    let others = evidence.events.iter().filter(|event| {
        event.way.starttls
            && event.action.is_mail()
            && event.case.as_ref().is_some_and(|other| *other != case.id)
    });
    evidence.addressed(&case.id)
        // Not even on a link that named another case's host, which is no event.
        && !received(evidence.history, &case.id)
        && !evidence.events.iter().any(may_be_there)
        && attempts(others.map(|event| event.at), evidence.pace.attempt_gap_s) >= ATTEMPTS_MIN
}

/// How many attempts these times make up: what is further apart than `gap_s` belongs to different ones.
pub(in crate::sending::verdict) fn attempts(times: impl Iterator<Item = Timestamp>, gap_s: u32) -> usize {
    let mut times: Vec<_> = times.collect();
    times.sort();
    let gaps = times.windows(2).filter(|pair| after(pair[0], gap_s) < pair[1]).count();
    if times.is_empty() { 0 } else { gaps + 1 }
}

/// A link that was left without mail tells no case: whether STARTTLS was missing, or the certificate for links
/// without SNI was refused. It was at the bare case if that case's MX was looked up for it, and not for mail that came
/// upon the same look-up; if mail for the case came in TLS later, and if none for it ever came in this way. A look-up that a
/// link left in another way explains as well tells nothing, nor one by a resolver that may have looked up for others.
fn left_bare(evidence: &Evidence<'_>, case: &Case, way: Way) -> bool {
    let domain = evidence.catalogue.domain(case);
    let same_way = |event: &Event| {
        let without_sni =
            !matches!(event.action, Action::Delivered { sni: true } | Action::Refused { sni: true, .. });
        event.way.starttls == way.starttls && (!way.starttls || without_sni && event.way.phase == way.phase)
    };
    let of_case = |event: &&Event| event.case.as_ref() == Some(&case.id);
    let in_this_way = evidence.events.iter().filter(of_case).any(|s| s.action.is_mail() && same_way(s));
    let in_tls =
        evidence.events.iter().filter(of_case).find(|s| matches!(s.action, Action::Delivered { .. }));
    let Some(in_tls) = in_tls.filter(|_| !in_this_way) else { return false };
    let own_host = |host: &&Host<'_>| host.case.id == case.id;
    let queries = evidence.history.queries.iter();
    let looked_up: Vec<_> = queries
        .filter(|query| query.what.rtype == "MX" && query.what.name.eq_ignore_ascii_case(&domain))
        .filter(|query| asks_for_the_sender(evidence, query))
        .map(|query| query.at)
        .collect();
    let mail: Vec<_> = evidence.events.iter().filter(of_case).filter(|e| e.action.is_mail()).collect();
    // What was looked up for mail that came was not looked up for what was left. A busy sender may take long from the one
    // to the other; then such mail is the first since, and nobody looked again behind the link that was left.
    let led_to_mail = |asked: Timestamp, left: Timestamp| {
        let soon = after(asked, evidence.pace.lookup_lead_s);
        let next = mail.iter().map(|mail| mail.at).filter(|at| *at >= asked).min();
        let Some(mail) = next else { return false };
        mail <= soon || !looked_up.iter().any(|again| *again > left && *again <= mail)
    };
    // The end of the window lies within an attempt, be it between the links for one case and those for the other.
    let led_elsewhere = |asked: Timestamp| {
        let soon = after(asked, evidence.pace.lookup_lead_s);
        let until = looked_up
            .iter()
            .copied()
            .filter(|again| *again > asked)
            .min()
            .map_or(soon, |again| again.min(soon));
        evidence.events.iter().any(|event| {
            (asked..=until).contains(&event.at)
                && !event.kin
                && !event.shared
                && !event.action.is_mail()
                && !same_way(event)
                && evidence.hosts.iter().filter(own_host).any(|host| event.may_be_at(host))
        })
    };
    let left = evidence.counting().filter(|event| !event.action.is_mail() && same_way(event));
    left.filter(|left| left.at < in_tls.at).any(|left| {
        let lead = before(left.at, evidence.pace.lookup_lead_s);
        let looked_up = looked_up
            .iter()
            .any(|at| (lead..=left.at).contains(at) && !led_to_mail(*at, left.at) && !led_elsewhere(*at));
        let by_address =
            left.persona.is_some() && evidence.hosts.iter().filter(own_host).any(|host| left.may_be_at(host));
        looked_up || by_address
    })
}

/// Policy not asked for: no TXT query and no fetch in the trial, nor within `max_age` before it. Then nothing that SMTP
/// leaves is MTA-STS (RFC 8461 §3.1: without the query there is no policy). That it was asked for eliminates nothing:
/// reporters, scanners and senders that do not obey ask, too.
fn policy(evidence: &Evidence<'_>, readings: &mut Vec<Reading>, absences: &mut Absences) {
    let history = evidence.history;
    let asked = asked_for_policy(history).next().is_some();
    if !asked && history.fetches_complete && sees_dns(history) {
        let obeys = |reading: &Reading| reading.models().iter().any(|model| model.mta_sts);
        absences.policy_not_asked = eliminate(readings, obeys);
    }
}

/// The questions for the policy's record and the fetches of the policy that may be the sender's.
pub(in crate::sending::verdict) fn asked_for_policy(history: &History) -> impl Iterator<Item = Seq> {
    let queries = history.earlier_policy_queries.iter().chain(&history.queries);
    let queries = queries.filter(|query| query.what.is_for_mta_sts()).map(|query| query.seq);
    history.fetches.iter().map(|fetch| fetch.seq).chain(queries)
}

/// TLSA not asked for: at no host of the suite, although the address of one was. Then nothing that SMTP leaves is DANE
/// (RFC 7672 §2.2: the look-up comes before the connection).
fn tlsa(evidence: &Evidence<'_>, readings: &mut Vec<Reading>, absences: &mut Absences) {
    let history = evidence.history;
    if !history.queries_complete || asked_for_tlsa(evidence).next().is_some() {
        return;
    }
    let asked = |host: &&Host<'_>| addresses_asked(evidence, host).next().is_some();
    // Whoever was told that `_mta-sts` does not exist below a bare domain may have been told so of `_25._tcp`, too
    // (RFC 8198): a resolver that uses such proofs asks no more.
    let denied = |host: &&Host<'_>| {
        let domain = evidence.catalogue.domain(host.case);
        history.queries.iter().any(|query| {
            query.what.is_for_mta_sts() && query.what.name.to_ascii_lowercase().ends_with(&domain)
        })
    };
    let mut hosts = evidence.hosts.iter().filter(asked);
    if hosts.any(|host| !host.bare || !denied(&host)) {
        let obeys = |reading: &Reading| reading.models().iter().any(|model| model.dane != Dane::Off);
        absences.tlsa_not_asked = eliminate(readings, obeys);
    }
}

/// The questions for TLSA records of the suite's hosts.
pub(in crate::sending::verdict) fn asked_for_tlsa(evidence: &Evidence<'_>) -> impl Iterator<Item = Seq> {
    tlsa_questions(evidence).map(|query| query.seq)
}

/// Whether the sender's own resolver, and no other's, asked for them.
pub(in crate::sending::verdict) fn surely_asked_for_tlsa(evidence: &Evidence<'_>) -> bool {
    tlsa_questions(evidence).any(|query| is_by_own_resolver(evidence, &query.what))
}

/// Whether a look-up is the sender's own: its resolver's, or, where none stands out, one that led to no other's link.
fn asks_for_the_sender(evidence: &Evidence<'_>, query: &Noted<Arc<Queried>>) -> bool {
    let History { main_resolver, disputed_queries, .. } = evidence.history;
    !disputed_queries.contains(&query.seq)
        && (main_resolver.is_none() || is_by_own_resolver(evidence, &query.what))
}

fn is_by_own_resolver(evidence: &Evidence<'_>, query: &Queried) -> bool {
    evidence.history.main_resolver == Some(Network::of(query.source.ip()))
}

fn tlsa_questions<'a>(evidence: &'a Evidence<'_>) -> impl Iterator<Item = &'a Noted<Arc<Queried>>> {
    let of_host = |query: &&Noted<Arc<Queried>>| {
        let prefix = "_25._tcp.";
        let name = &query.what.name;
        let at_port = name.get(..prefix.len()).is_some_and(|label| label.eq_ignore_ascii_case(prefix));
        query.what.rtype == "TLSA"
            && at_port
            && evidence.catalogue.persona_of_host(&name[prefix.len()..]).is_some()
    };
    evidence.history.queries.iter().filter(of_host)
}

/// The questions for the addresses of a host.
fn addresses_asked(evidence: &Evidence<'_>, host: &Host<'_>) -> impl Iterator<Item = Seq> {
    let name = evidence.catalogue.host_name(host.persona).unwrap_or_default();
    let queries = evidence.history.queries.iter().filter(move |query| {
        matches!(query.what.rtype.as_str(), "A" | "AAAA") && query.what.name.eq_ignore_ascii_case(&name)
    });
    queries.map(|query| query.seq)
}

/// The questions that were seen where one is missing: they show that our DNS would have seen it.
pub(in crate::sending::verdict) fn seen_instead(evidence: &Evidence<'_>, mechanism: Mechanism) -> Vec<Seq> {
    let mut seqs: Vec<Seq> = match mechanism {
        Mechanism::Dane => {
            evidence.hosts.iter().flat_map(|host| addresses_asked(evidence, host).take(1)).collect()
        }
        _ => {
            evidence.history.queries.iter().filter(|query| query.what.rtype == "MX").map(|q| q.seq).collect()
        }
    };
    seqs.sort();
    seqs.dedup();
    seqs.truncate(SEEN_INSTEAD_MAX);
    seqs
}

/// Whether our DNS saw anything of the trial, and still knows all of it: without that its silence means nothing.
fn sees_dns(history: &History) -> bool {
    history.queries_complete && history.queries.iter().any(|query| query.what.rtype == "MX")
}
