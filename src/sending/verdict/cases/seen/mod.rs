//! What was seen of one ruled case: mail, visits without mail, questions, fetches. No opinion yet.

mod attempt;
mod session;

use std::collections::BTreeMap;
use std::net::IpAddr;

use crate::sending::history::{Attributed, Ending, History, Link, Received, Seq, Strength};
use crate::sending::persona::{CaseId, Catalogue, PolicyDefect, RuledCase, Trait};
use crate::sending::trial::{HostRole, Pace, Part, Tie};
use crate::sending::verdict::model::SenderModel;
use crate::sending::verdict::model::ruled::{CaseAt, CaseModel, PolicyDefects, TraitValue, Traits};
use crate::shared::evidence::{Handshake, Party};
use crate::shared::time::{Timestamp, after};

pub(in crate::sending::verdict) use attempt::{Attempt, attempts, first_attempts};
pub(super) use attempt::{laxer_on_retry, perhaps_laxer};
pub(in crate::sending::verdict) use session::{Asked, Session};

/// Mail for a case at one of its hosts.
#[derive(Clone, Debug)]
pub(in crate::sending::verdict) struct Mail {
    pub(in crate::sending::verdict) seq: Seq,
    /// When the sender had decided on it.
    pub(in crate::sending::verdict) at: Timestamp,
    /// Until when its sender was busy with it, if that is known: till its link had ended, unless other mail followed on that.
    pub(in crate::sending::verdict) left: Option<Timestamp>,
    pub(in crate::sending::verdict) address: IpAddr,
    pub(in crate::sending::verdict) role: HostRole,
    pub(in crate::sending::verdict) tls: bool,
    /// Whether the host was named in TLS.
    pub(in crate::sending::verdict) sni: bool,
    /// Whether it is for a name of a trial's own.
    pub(in crate::sending::verdict) labelled: bool,
    /// Whether the message itself came, and was answered with 250.
    pub(in crate::sending::verdict) acknowledged: bool,
    /// What it asked of TLS on its way; none where that is not known.
    pub(in crate::sending::verdict) asked: Option<Asked>,
}

/// A link to a host of a case that was left without mail.
#[derive(Clone, Debug)]
pub(in crate::sending::verdict) struct Visit {
    pub(in crate::sending::verdict) seqs: Vec<Seq>,
    pub(in crate::sending::verdict) at: Timestamp,
    pub(in crate::sending::verdict) address: IpAddr,
    pub(in crate::sending::verdict) role: HostRole,
    /// Whether SNI names the host; else it may be that of another case with the same entrance.
    pub(in crate::sending::verdict) surely: bool,
    /// Whether the sender refused what it saw: the certificate, or that there was no STARTTLS.
    pub(in crate::sending::verdict) refused: bool,
    /// Whether the sender went on in a handshake that is at fault by design.
    pub(in crate::sending::verdict) went_on: bool,
    /// Whether TLS failed because of what we lack.
    pub(in crate::sending::verdict) our_limit: bool,
}

/// What was seen of one case, each in order.
#[derive(Clone, Debug)]
pub(in crate::sending::verdict) struct Seen<'a> {
    pub(in crate::sending::verdict) case: &'a RuledCase,
    pub(in crate::sending::verdict) mails: Vec<Mail>,
    pub(in crate::sending::verdict) visits: Vec<Visit>,
    pub(in crate::sending::verdict) sessions: Vec<Session>,
    /// Questions for the domain and its hosts.
    pub(in crate::sending::verdict) looked_up: Vec<(Seq, Timestamp)>,
    pub(in crate::sending::verdict) tlsa_asked: Vec<(Seq, Timestamp)>,
    /// Questions for the policy's record.
    pub(in crate::sending::verdict) policy_asked: Vec<(Seq, Timestamp)>,
    /// Visits to the policy host that gave what it has to give.
    pub(in crate::sending::verdict) fetched: Vec<(Seq, Timestamp)>,
}

impl<'a> Seen<'a> {
    fn nothing(case: &'a RuledCase) -> Self {
        Self {
            case,
            mails: Vec::new(),
            visits: Vec::new(),
            sessions: Vec::new(),
            looked_up: Vec::new(),
            tlsa_asked: Vec::new(),
            policy_asked: Vec::new(),
            fetched: Vec::new(),
        }
    }

    /// What a history shows of each of `cases`, in their order.
    pub(in crate::sending::verdict) fn all(
        catalogue: &'a Catalogue,
        history: &History,
        cases: &[CaseId],
    ) -> Vec<Self> {
        let cases = cases.iter().filter_map(|id| catalogue.ruled_case(id));
        let mut all: Vec<Self> = cases.map(Self::nothing).collect();
        for attributed in &history.links {
            let named = named(catalogue, &attributed.link);
            for seen in &mut all {
                if let Some(role) = role_of(&attributed.link, named, seen.case) {
                    seen.note_link(history, attributed, role, named.is_some());
                }
            }
        }
        note_names(&mut all, catalogue, history);
        for seen in &mut all {
            seen.mails.sort_by_key(|mail| (mail.at, mail.seq));
            seen.visits.sort_by_key(|visit| visit.at);
        }
        all
    }

    fn note_link(&mut self, history: &History, attributed: &Attributed, role: HostRole, sni: bool) {
        let link = &attributed.link;
        let address = link.address();
        if attributed.strength == Strength::Exact {
            for (seq, received) in &link.transactions {
                let own = received.recipients.iter().find(|one| one.case == self.case.id);
                // An envelope in TLS that was broken off shows nothing that its next attempt will not; in clear it was read.
                let came = !received.tls || matches!(received.ending, Ending::Complete(_));
                if let Some(own) = own.filter(|_| came && shows(history, *seq)) {
                    self.mails.push(Mail {
                        seq: *seq,
                        at: decided(link, received),
                        left: left(link, received),
                        address,
                        role,
                        tls: received.tls,
                        sni,
                        labelled: own.label.is_some(),
                        acknowledged: link.answers.contains(&(received.number, 250)),
                        asked: Asked::of(received),
                    });
                }
            }
        }
        let certain = match attributed.strength {
            Strength::Exact => true,
            Strength::Weak { tie, shared } => tie != Tie::Domain && !shared,
        };
        if certain && !link.has_mail() && shows(history, link.first) {
            self.visits.extend(visit(link, role, sni));
        }
        let in_tls = link.transactions.iter().filter(|(_, received)| received.tls);
        let mail = in_tls.flat_map(|(_, received)| &received.recipients).any(|one| one.case == self.case.id);
        if certain && (sni || mail) {
            self.sessions.extend(Session::of(link, role, mail).filter(|one| shows(history, one.seq)));
        }
    }

    fn note_query(&mut self, part: Part, place: (Seq, Timestamp)) {
        match part {
            Part::Domain | Part::Host(_) | Part::Alias => self.looked_up.push(place),
            Part::Tlsa(_) | Part::DomainTlsa | Part::AliasTlsa => self.tlsa_asked.push(place),
            Part::PolicyRecord => self.policy_asked.push(place),
            Part::PolicyHost | Part::ReportRecord => {}
        }
    }

    fn note_fetch(&mut self, part: Part, status: Option<u16>, place: (Seq, Timestamp)) {
        let defect = self.case.mta_sts.as_ref().and_then(|spec| spec.defect);
        if part == Part::PolicyHost && (defect.is_some() || status == Some(200)) {
            self.fetched.push(place);
        }
    }

    /// The same with mail and visits of one address alone.
    pub(super) fn of_address(&self, address: IpAddr) -> Self {
        let mut own = self.clone();
        own.mails.retain(|mail| mail.address == address);
        own.visits.retain(|visit| visit.address == address);
        own.sessions.retain(|session| session.address == address);
        own
    }

    /// The first that was seen of it.
    pub(in crate::sending::verdict) fn first_contact(&self) -> Option<Timestamp> {
        let asked =
            self.looked_up.iter().chain(&self.tlsa_asked).chain(&self.policy_asked).map(|(_, at)| *at);
        let visits = self.visits.iter().filter(|visit| visit.surely).map(|visit| visit.at);
        asked.chain(visits).chain(self.mails.iter().map(|mail| mail.at)).min()
    }

    /// From when on an attempt shows what the sender makes of the case's policy; none where that changes nothing, or
    /// nothing was seen. The first attempt may be made before it is known (RFC 8461 §5.1).
    pub(in crate::sending::verdict) fn policy_known_from(&self, pace: &Pace) -> Option<Timestamp> {
        if !policy_matters(self.case) {
            return None;
        }
        let record = matches!(
            self.case.mta_sts.as_ref().and_then(|spec| spec.defect),
            Some(PolicyDefect::TwoRecords | PolicyDefect::NoId | PolicyDefect::AtParent)
        );
        // Where the record itself is none, there is nothing to be fetched.
        let known = if record { self.policy_asked.first() } else { self.fetched.first() };
        // Who has not fetched it by the end of its time delivers by what it knows in a later attempt, too.
        let met = self.mails.iter().map(|mail| mail.at).chain(self.visits.iter().map(|visit| visit.at)).min();
        let again = met.map_or(Timestamp::MIN, |met| after(met, pace.attempt_gap_s));
        let patient = after(self.first_contact()?, pace.sts_grace_s).max(again);
        Some(known.map_or(patient, |(_, at)| patient.min(*at)))
    }

    /// When its second phase began, where it has one: what changes does so behind the first mail that is acknowledged.
    pub(in crate::sending::verdict) fn second_from(&self) -> Option<Seq> {
        self.case.then?;
        self.mails.iter().filter(|mail| mail.acknowledged).map(|mail| mail.seq).min()
    }
}

/// Notes the questions and fetches of a history with the cases whose names they hold; those under another trial's label with
/// none.
fn note_names(all: &mut [Seen<'_>], catalogue: &Catalogue, history: &History) {
    let places: BTreeMap<CaseId, usize> =
        all.iter().enumerate().map(|(n, seen)| (seen.case.id.clone(), n)).collect();
    let own = |name: &str| -> Option<(usize, Part)> {
        let (case, name) = catalogue.read_name(name)?;
        let label = history.labels.get(&case.id);
        let is_own = name.label.is_none() || label.is_none_or(|own| Some(own) == name.label.as_ref());
        Some((*places.get(&case.id)?, name.part)).filter(|_| is_own)
    };
    for query in history.queries.iter().filter(|query| shows(history, query.seq)) {
        if let Some((n, part)) = own(&query.what.name) {
            all[n].note_query(part, (query.seq, query.at));
        }
    }
    for fetch in history.fetches.iter().filter(|fetch| shows(history, fetch.seq)) {
        if let Some((n, part)) = fetch.what.sni.as_deref().and_then(own) {
            all[n].note_fetch(part, fetch.what.status, (fetch.seq, fetch.at));
        }
    }
}

/// Whether an observation shows something: when a trial ends its faults are withdrawn, and what is queued is taken then.
fn shows(history: &History, seq: Seq) -> bool {
    history.is_judged(seq) && history.ended.as_ref().is_none_or(|ended| seq <= ended.seq)
}

/// When the sender had decided on a transaction: who has connected has, and who sends again on an open link does so anew.
pub(in crate::sending::verdict) fn decided(link: &Link, received: &Received) -> Timestamp {
    let is_first = link.transactions.first().is_none_or(|(_, first)| first.number == received.number);
    if is_first { link.opened } else { received.began }
}

/// Until when a sender was busy with a transaction, if that is known. Who sends more on its link kept that, and was done.
fn left(link: &Link, received: &Received) -> Option<Timestamp> {
    match link.transactions.last() {
        Some((_, last)) if last.number != received.number => Some(received.began),
        _ => link.closing.as_ref().map(|closing| closing.at),
    }
}

/// Whether a sender of MTA-STS does at a case what it would not do without having the policy.
fn policy_matters(case: &RuledCase) -> bool {
    let differs = |base: SenderModel, traits: Traits| {
        let model = CaseModel { base, traits };
        let known = CaseAt::judged(case);
        let end = |at: CaseAt<'_>| model.passage(at).end();
        end(known) != end(CaseAt { policy_known: false, ..known })
    };
    let obeyed = Traits::USUAL.with(TraitValue::PolicyDefects(PolicyDefects::Obeyed));
    let enforced = TraitValue::of(Trait::Testing);
    let readings = enforced.into_iter().map(|value| obeyed.with(value));
    readings.into_iter().any(|traits| {
        [SenderModel::MTA_STS, SenderModel::DANE_AND_MTA_STS].iter().any(|base| differs(*base, traits))
    })
}

/// The host that a link named in TLS, if it named one.
fn named<'c>(catalogue: &'c Catalogue, link: &Link) -> Option<(&'c RuledCase, HostRole)> {
    link.ruled_host(catalogue)
}

/// Which host of `case` a link was at that named `named`, if it may have been at one.
fn role_of(link: &Link, named: Option<(&RuledCase, HostRole)>, case: &RuledCase) -> Option<HostRole> {
    let entrance = link.entrance?;
    if let Some((other, role)) = named {
        return (other.id == case.id).then_some(role);
    }
    case.roles_at(entrance).next()
}

/// A link without mail, once it has ended.
fn visit(link: &Link, role: HostRole, surely: bool) -> Option<Visit> {
    let closing = link.closing.as_ref()?;
    let hello = link.tls.as_ref().map(|tls| tls.seq);
    let failure = link.tls_failed();
    let handshake = link.tls.as_ref().and_then(|tls| tls.handshake.as_ref());
    Some(Visit {
        seqs: [link.first].into_iter().chain(hello).chain([closing.seq]).collect(),
        at: link.opened,
        address: link.address(),
        role,
        surely,
        refused: link.refused_certificate() || link.left_without_starttls(),
        went_on: matches!(handshake, Some(Handshake::Failed(failure)) if failure.went_on),
        our_limit: failure.is_some_and(|failure| failure.our_limit && failure.by != Party::Sender),
    })
}
