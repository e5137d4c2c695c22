//! Following aliases to the last owner of a name, one hop at a time, each validated.

use std::sync::Arc;

use hickory_proto::op::{Message, ResponseCode};
use hickory_proto::rr::{Name, RData, RecordType};

use super::records::answering;
use super::validate::{BlockingPool, Judge, Step, Work, by_cname, by_dname, is_alias, reduced, validate};
use super::{Fault, Question, Upstream, failed, plain};
use crate::shared::evidence::Security;
use crate::shared::evidence::scan::{Broken, DnsLimit, Hop, NameAnswer, NameFailure};
use crate::shared::time::Timestamp;

/// The longest chain of aliases.
const ALIASES_MAX: usize = 8;

/// Asks and validates.
pub(super) struct Follower {
    pub(super) upstream: Arc<dyn Upstream>,
    pub(super) trust_anchors: Arc<str>,
    pub(super) pool: BlockingPool,
    pub(super) clock: Arc<dyn Fn() -> Timestamp + Send + Sync>,
}

impl Follower {
    /// Follows aliases to the last owner; `way` tells also how far it came.
    pub(super) async fn follow(&self, way: &mut Way, mut question: Question) -> Result<End, Box<Fault>> {
        let work = Arc::new(Work::default());
        let mut times = 0;
        loop {
            let whole = self.asked(&question).await?;
            let Some(step) = self.step(&question, &whole).await? else {
                let mut answer = reduced(&whole, &question);
                way.zone = apex(&answer, &question.name);
                way.last = Some(answer.clone());
                let judged = self.judge_last(&question, &mut answer, &work).await;
                if self.is_elsewhere(&judged, &question, &mut times) {
                    continue;
                }
                let security = judged?;
                return Ok(End { question, answer, security });
            };
            let judged = self.judge(&step.asked, &step.proof, &work).await;
            if self.is_elsewhere(&judged, &step.asked, &mut times) {
                continue;
            }
            let security =
                judged.as_ref().map_or_else(|fault| fault.failure.security(), |security| *security);
            let (from, to) = (plain(&question.name), plain(&step.target));
            way.hops.push(Hop { from, to, security, dname: step.dname().map(plain) });
            way.last = Some(step.proof);
            judged?;
            if way.hops.iter().any(|hop| hop.from == plain(&step.target)) {
                return Err(failed("the aliases lead nowhere").into());
            }
            if way.hops.len() > ALIASES_MAX {
                return Err(DnsLimit::Aliases.into());
            }
            question.name = step.target;
            times = 0;
        }
    }

    /// Whether other servers are to be asked for what was found bogus: one of several may serve an old copy of the
    /// zone.
    fn is_elsewhere(
        &self,
        judged: &Result<Security, Box<Fault>>,
        asked: &Question,
        times: &mut usize,
    ) -> bool {
        let is_bogus = judged.as_ref().is_err_and(|fault| fault.failure == NameFailure::Bogus);
        let elsewhere = is_bogus && !self.upstream.demote_source(asked, *times).is_empty();
        *times += usize::from(elsewhere);
        elsewhere
    }

    /// Judges what the aliases lead to. Some servers say of an empty non-terminal that there is no such name, and prove
    /// that there is no such type (RFC 8020 §5): what is proved counts.
    async fn judge_last(
        &self,
        question: &Question,
        answer: &mut Message,
        work: &Arc<Work>,
    ) -> Result<Security, Box<Fault>> {
        let judged = self.judge(question, answer, work).await;
        let is_no_name = answer.metadata.response_code == ResponseCode::NXDomain && answer.answers.is_empty();
        match judged {
            Err(fault) if is_no_name && fault.broken == Some(Broken::NoProof) => {
                let mut no_data = answer.clone();
                no_data.metadata.response_code = ResponseCode::NoError;
                match self.judge(question, &no_data, work).await {
                    Ok(Security::Secure) => {
                        *answer = no_data;
                        Ok(Security::Secure)
                    }
                    _ => Err(fault),
                }
            }
            judged => judged,
        }
    }

    /// The alias that an answer to `question` begins with, by a CNAME or by a DNAME above (RFC 6672).
    async fn step(&self, question: &Question, whole: &Message) -> Result<Option<Step>, NameFailure> {
        if let Some(step) = by_dname(whole, &question.name) {
            return step.map(Some).map_err(failed);
        }
        if !is_alias(whole, &question.name) {
            return Ok(None);
        }
        // Asked for by itself, the alias comes with its own proofs and nothing else.
        let itself = Question { name: question.name.clone(), rtype: RecordType::CNAME };
        let answer = self.ask(&itself).await?;
        if let Some(step) = by_dname(&answer, &itself.name) {
            return step.map(Some).map_err(failed);
        }
        let step = by_cname(&answer, &itself);
        step.map(Some).ok_or_else(|| failed("the alias was gone when it was asked for again"))
    }

    /// Asks, and of an error also what the resolver says beside it (RFC 8914).
    async fn asked(&self, question: &Question) -> Result<Message, Box<Fault>> {
        match self.ask(question).await {
            Err(failure @ NameFailure::ServerFailure { .. }) => {
                let mut fault: Box<Fault> = failure.into();
                fault.extended_errors = self.upstream.explain(question.clone()).await;
                Err(fault)
            }
            asked => asked.map_err(Into::into),
        }
    }

    async fn ask(&self, question: &Question) -> Result<Message, NameFailure> {
        let octets = self.upstream.ask(question.clone()).await?;
        let answer = Message::from_vec(&octets).map_err(|error| failed(error.to_string()))?;
        let has = |rtype| answer.authorities.iter().any(|record| record.record_type() == rtype);
        // A referral is no answer, and must not pass for a denial.
        if answer.answers.is_empty() && has(RecordType::NS) && !has(RecordType::SOA) {
            return Err(failed("the server refers to others and does not answer itself"));
        }
        Ok(answer)
    }

    async fn judge(
        &self,
        question: &Question,
        answer: &Message,
        work: &Arc<Work>,
    ) -> Result<Security, Box<Fault>> {
        let judge = Judge {
            upstream: Arc::clone(&self.upstream),
            anchors: Arc::clone(&self.trust_anchors),
            now: (self.clock)(),
            work: Arc::clone(work),
        };
        let validated = validate(&self.pool, judge, question, answer).await;
        match validated {
            Err(mut fault) if fault.broken.is_some() => {
                let said = self.upstream.explain(question.clone()).await;
                fault.extended_errors.extend(said);
                Err(fault)
            }
            validated => validated,
        }
    }
}

/// What following aliases has come to.
#[derive(Default)]
pub(super) struct Way {
    /// The aliases, the last one also if it is bogus.
    pub(super) hops: Vec<Hop>,
    /// The last answer that was judged, whatever its state.
    pub(super) last: Option<Message>,
    /// The apex that the last answer shows.
    pub(super) zone: Option<String>,
}

/// The answer at the last owner.
pub(super) struct End {
    question: Question,
    answer: Message,
    pub(super) security: Security,
}

impl End {
    /// The records of the last owner, or their denial.
    pub(super) fn answer(self) -> NameAnswer<RData> {
        let is_no_name = self.answer.metadata.response_code == ResponseCode::NXDomain;
        let records = answering(self.answer, &self.question);
        match records.is_empty() {
            false => NameAnswer::Records { records },
            true if is_no_name => NameAnswer::NoName,
            true => NameAnswer::NoData,
        }
    }
}

/// The apex of the zone that `owner` lies in, where the SOA of an answer shows it.
fn apex(answer: &Message, owner: &Name) -> Option<String> {
    let mut all = answer.answers.iter().chain(&answer.authorities);
    let soa = all.find(|record| record.record_type() == RecordType::SOA && record.name.zone_of(owner));
    soa.map(|record| plain(&record.name))
}
