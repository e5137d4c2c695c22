//! `domain`'s validator over an upstream of ours.
//!
//! hickory-proto and `domain` each have types of their own: messages cross between them as octets, here and
//! nowhere else. The validator reads the system's clock itself, as the only part of the room that does.

mod adapter;
mod alias;
mod broken;
mod delegation;
mod pool;
mod signatures;
mod work;

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use domain::base::Message as Wire;
use domain::base::opt::ExtendedError as Explained;
use domain::dnssec::validator::anchor::TrustAnchors;
use domain::dnssec::validator::context::{Config, ValidationContext, ValidationState};
use hickory_proto::op::Message;
use hickory_proto::rr::rdata::SOA;
use hickory_proto::rr::{Name, RData, Record};
use parking_lot::Mutex;

use self::adapter::{Adapter, Fetched};
use self::broken::{Chain, Halt, ZONES_MAX};
use self::delegation::Delegation;
use self::work::NSEC3_ITERATIONS_SECURE_MAX;
use super::{Fault, Question, Upstream, cut, failed};
use crate::shared::evidence::Security;
use crate::shared::evidence::scan::{Broken, DnsLimit, NameFailure};
use crate::shared::time::Timestamp;

pub(super) use alias::{Step, by_cname, by_dname, is_alias};
pub(super) use broken::first_to_expire;
pub(super) use pool::BlockingPool;
pub(super) use signatures::{covered, reduced, signature};
use signatures::{for_validator, is_empty};
pub(super) use work::Work;

/// Whether a text is trust anchors: DS or DNSKEY records in master-file format.
pub(super) fn check_anchors(text: &str) -> Result<(), String> {
    TrustAnchors::from_u8(text.as_bytes()).map(|_| ()).map_err(|error| error.to_string())
}

/// What an answer is judged with.
pub(super) struct Judge {
    /// Where the keys above it come from.
    pub(super) upstream: Arc<dyn Upstream>,
    /// DS or DNSKEY records in master-file format.
    pub(super) anchors: Arc<str>,
    /// When it is judged, for the words about signatures out of their time.
    pub(super) now: Timestamp,
    /// What the look-up has cost so far.
    pub(super) work: Arc<Work>,
}

/// Judges an answer to `question`, one owner's records or their denial, off the threads that serve everybody.
pub(super) async fn validate(
    pool: &BlockingPool,
    judge: Judge,
    question: &Question,
    answer: &Message,
) -> Result<Security, Box<Fault>> {
    judge.work.admit(answer)?;
    let work = Arc::clone(&judge.work);
    let (question, answer) = (question.clone(), answer.clone());
    let judged = pool.run(&work, async move { judge.judged(&question, &answer).await }).await;
    judged.unwrap_or_else(|limit| Err(limit.into()))
}

/// What the validator's words begin with, in lower case, when an answer has more than it looks at.
const GIVES_UP: &str = "too many";
/// The same where a denial wants more hashes than it computes: of a name of very many labels.
const GIVES_UP_HASHING: &str = "too many nsec3 hash";

/// What it says of NSEC3 with more than 500 iterations: bogus, which cannot be set otherwise.
const TOO_MANY_ITERATIONS: &str = "nsec3 with too high iteration count";

/// What the validator said of an answer, and what it was told on the way.
struct Run {
    state: ValidationState,
    explained: Option<Explained<Vec<u8>>>,
    /// Why DS or DNSKEY records could not be had.
    missing: Option<String>,
    /// Delegations that it may have gone no further at.
    delegations: Vec<Delegation>,
}

impl Run {
    /// Whether the validator's words begin like this, in lower case.
    fn says(&self, words: &str) -> bool {
        let said = self.explained.as_ref().and_then(|explained| explained.text_slice()).unwrap_or_default();
        cut(said).to_ascii_lowercase().starts_with(words)
    }
}

impl Judge {
    /// Judges an answer, and again with each delegation as an anchor that the validator did not go down by itself.
    async fn judged(&self, question: &Question, answer: &Message) -> Result<Security, Box<Fault>> {
        let mut anchors = self.anchors.to_string();
        let mut tried: Vec<Name> = Vec::new();
        loop {
            let run = self.run(&anchors, question, answer).await?;
            let is_open = matches!(run.state, ValidationState::Insecure | ValidationState::Bogus);
            let is_next = |next: &&Delegation| next.is_passed_over() && !tried.contains(&next.question.name);
            let next = run.delegations.iter().find(is_next).filter(|_| is_open);
            let Some(next) = next else { return self.concluded(run, question, answer).await };
            if tried.len() == ZONES_MAX {
                return Err(DnsLimit::Answers.into());
            }
            // The validator has seen to that already, if it went so far; an anchor must not depend on it.
            self.work.admit(&next.answer)?;
            let proof = self.run(&anchors, &next.question, &next.answer).await?;
            match (proof.state, run.state) {
                (ValidationState::Secure, _) => {}
                // What could not be proved a second time does not make the zone unsigned.
                (ValidationState::Bogus | ValidationState::Indeterminate, ValidationState::Insecure) => {
                    return self.concluded(proof, &next.question, &next.answer).await;
                }
                _ => return self.concluded(run, question, answer).await,
            }
            anchors.push('\n');
            anchors.push_str(&next.anchors());
            tried.push(next.question.name.clone());
            self.work.admit(answer)?;
        }
    }

    /// Lets the validator judge, with DS and DNSKEY records from `upstream`. The context is made anew each time: what
    /// it would keep lies in our own cache already, under our own limit, and a key that could not be fetched belongs
    /// to this answer.
    async fn run(&self, anchors: &str, question: &Question, answer: &Message) -> Result<Run, Box<Fault>> {
        let answer = with_soa(answer, question);
        let octets = for_validator(&answer, self.now).to_vec().map_err(|error| failed(error.to_string()))?;
        let mut wire = Wire::from_octets(octets).map_err(|error| failed(error.to_string()))?;
        let anchors = TrustAnchors::from_u8(anchors.as_bytes());
        let anchors = anchors.map_err(|error| failed(error.to_string()))?;
        let fetched = Arc::new(Mutex::new(Fetched::default()));
        let adapter = Adapter {
            upstream: Arc::clone(&self.upstream),
            work: Arc::clone(&self.work),
            now: self.now,
            fetched: Arc::clone(&fetched),
        };
        let mut config = Config::new();
        config.set_nsec3_iter_insecure(NSEC3_ITERATIONS_SECURE_MAX);
        let context = ValidationContext::with_config(anchors, adapter, config);
        let validated = context.validate_msg::<Vec<u8>, Vec<u8>>(&mut wire).await;
        let (state, explained) = validated.map_err(|error| failed(error.to_string()))?;
        let fetched = std::mem::take(&mut *fetched.lock());
        Ok(Run { state, explained, missing: fetched.missing, delegations: fetched.delegations })
    }

    async fn concluded(
        &self,
        run: Run,
        question: &Question,
        answer: &Message,
    ) -> Result<Security, Box<Fault>> {
        match (run.state, self.work.beyond()) {
            (ValidationState::Secure, _) => Ok(Security::Secure),
            // What was kept from the validator may be why it says so.
            (_, Some(limit)) => Err(limit.into()),
            // Others go on where we end (RFC 8080).
            (ValidationState::Insecure, None)
                if run.delegations.iter().any(Delegation::is_by_ed448_alone) =>
            {
                Err(DnsLimit::Ed448.into())
            }
            (ValidationState::Insecure, None) => Ok(Security::Insecure),
            (ValidationState::Indeterminate, None) => Ok(Security::Indeterminate),
            // It has verified the signature over the number before it says so. RFC 9276 §3.2 leaves the choice.
            (ValidationState::Bogus, None) if run.says(TOO_MANY_ITERATIONS) => Ok(Security::Insecure),
            (ValidationState::Bogus, None) => Err(match run.missing {
                // The validator calls it bogus, too, when DS or DNSKEY records could not be had at all.
                Some(reason) => NameFailure::Indeterminate { reason }.into(),
                None => self.bogus(question, answer, run.explained).await,
            }),
        }
    }

    /// What is broken in a bogus answer.
    async fn bogus(
        &self,
        question: &Question,
        answer: &Message,
        explained: Option<Explained<Vec<u8>>>,
    ) -> Box<Fault> {
        let said = explained.map(|explained| cut(explained.text_slice().unwrap_or_default()));
        let said = said.unwrap_or_default();
        let gives_up = |words: &str| said.to_ascii_lowercase().starts_with(words);
        if gives_up(GIVES_UP_HASHING) {
            return DnsLimit::Nsec3Hashes.into();
        }
        let chain =
            Chain { upstream: &self.upstream, anchors: &self.anchors, now: self.now, work: &self.work };
        let searched = tokio::time::timeout(Duration::from_secs(SEARCH_S), chain.why(answer)).await;
        let broken = match searched {
            Ok(Ok(Some(broken))) => broken,
            Ok(Err(Halt::Limit(limit))) => return limit.into(),
            // It gave up, and there is nothing broken in what it did not look at.
            Ok(Ok(None)) if gives_up(GIVES_UP) => {
                return DnsLimit::Verifications.into();
            }
            Ok(Ok(None) | Err(Halt::Nothing)) | Err(_) => Broken::Other { reason: said },
        };
        let anchored = chain.is_anchored(&question.name);
        let anchored = tokio::time::timeout(Duration::from_secs(SEARCH_S), anchored).await;
        Box::new(Fault {
            failure: NameFailure::Bogus,
            broken: Some(broken),
            anchored: anchored.unwrap_or(false),
            // Those of the resolver, which the validator is not.
            extended_errors: Vec::new(),
        })
    }
}

/// An empty answer that names no zone gets an unsigned SOA for the validator, which takes it for bogus without one,
/// wherever it comes from; so that it is what any unsigned denial at that name is. Load balancers answer like this.
fn with_soa<'a>(answer: &'a Message, question: &Question) -> Cow<'a, Message> {
    if !is_empty(answer) {
        return Cow::Borrowed(answer);
    }
    let soa = SOA::new(question.name.clone(), question.name.clone(), 0, 0, 0, 0, 0);
    let mut answer = answer.clone();
    answer.add_authority(Record::from_rdata(question.name.clone(), 0, RData::SOA(soa)));
    Cow::Owned(answer)
}

/// How long the search for what is broken may take, in seconds: all but always the validator has fetched before
/// what it needs.
const SEARCH_S: u64 = 5;

#[cfg(test)]
mod tests;
