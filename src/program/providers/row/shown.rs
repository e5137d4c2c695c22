//! A trial as the page shows it: what of its redacted history a cell may be opened to.

use serde::{Deserialize, Serialize};

use crate::program::report::redact::{RedactedHistory, RedactedLink, Sni};
use crate::program::report::{LinkOutcome, server_of};
use crate::sending::history::Link;
use crate::sending::persona::Catalogue;
use crate::sending::verdict::Term;
use crate::shared::evidence::{Alert, Handshake};
use crate::shared::time::Timestamp;

use super::super::exhibit::Document;
use super::Counting;
use super::sending::Judged;

/// How many connections, and how many questions, of a trial are shown; the document has all.
const SHOWN_MAX: usize = 200;

/// A trial, with what its cells are opened to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrialShown {
    pub exhibit: i64,
    pub opened: Timestamp,
    pub counting: Counting,
    /// What it alone shows, one for each source where they contradict each other; empty where that is open.
    pub terms: Vec<Term>,
    pub connections: Vec<ConnectionShown>,
    /// The questions for TLSA records and for the policy's record.
    pub questions: Vec<QuestionShown>,
    pub fetches: Vec<FetchShown>,
    /// How many connections and questions are in the document alone.
    pub more: usize,
}

/// A connection, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConnectionShown {
    /// Its number in the trial, from 1.
    pub number: usize,
    pub at: Timestamp,
    /// The network it came from, and which of its addresses by number.
    pub source: String,
    /// The registrable domain of the EHLO name.
    pub ehlo: Option<String>,
    /// The number of the server that it met, as the method's page has it.
    pub server: Option<u8>,
    pub starttls_offered: Option<bool>,
    pub sni: Option<String>,
    /// The version of TLS.
    pub tls: Option<String>,
    /// What came of it, as JSON names outcomes of links.
    pub outcome: String,
    /// The alert that the sender ended TLS with.
    pub alert: Option<Alert>,
}

/// A question to our DNS.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuestionShown {
    pub at: Timestamp,
    pub source: String,
    pub name: String,
    pub rtype: String,
}

/// A fetch of the policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FetchShown {
    pub at: Timestamp,
    pub source: String,
    pub status: Option<u16>,
}

/// The trial as it is shown.
pub(super) fn trial(catalogue: &Catalogue, judged: &Judged<'_>) -> TrialShown {
    let terms = judged.judgements().into_iter().filter_map(|judgement| judgement.term()).collect();
    let mut shown = TrialShown {
        exhibit: judged.exhibit.number,
        opened: judged.history.opened,
        counting: judged.counting,
        terms,
        connections: Vec::new(),
        questions: Vec::new(),
        fetches: Vec::new(),
        more: 0,
    };
    let Document::Trial(redacted) = &judged.exhibit.document else { return shown };
    // A redacted history has its links in the order of the history that it stands for.
    let links = redacted.links.iter().zip(&judged.history.links);
    let connections = (1..)
        .zip(links)
        .map(|(number, (redacted, attributed))| connection(catalogue, number, redacted, &attributed.link));
    shown.connections = connections.collect();
    shown.questions = questions(redacted);
    let fetch = |fetch: &crate::program::report::redact::RedactedFetch| FetchShown {
        at: fetch.at,
        source: fetch.source.to_string(),
        status: fetch.status,
    };
    shown.fetches = redacted.fetches.iter().map(fetch).collect();
    let all = shown.connections.len() + shown.questions.len() + shown.fetches.len();
    shown.connections.truncate(SHOWN_MAX);
    shown.questions.truncate(SHOWN_MAX);
    shown.fetches.truncate(SHOWN_MAX);
    shown.more = all - shown.connections.len() - shown.questions.len() - shown.fetches.len();
    shown
}

fn connection(catalogue: &Catalogue, number: usize, redacted: &RedactedLink, link: &Link) -> ConnectionShown {
    let tls = redacted.tls.as_ref();
    ConnectionShown {
        number,
        at: redacted.opened,
        source: redacted.source.to_string(),
        ehlo: redacted.ehlo.last().cloned().flatten(),
        server: server_of(catalogue, link).map(|persona| persona.server),
        starttls_offered: redacted.offer.map(|(_, offer)| offer.starttls),
        sni: tls.and_then(|part| match &part.sni {
            Sni::Ours(name) => Some(name.clone()),
            Sni::None | Sni::Other => None,
        }),
        tls: tls.and_then(|part| match &part.handshake {
            Some(Handshake::Completed(negotiated)) => Some(negotiated.version.to_string()),
            _ => None,
        }),
        outcome: LinkOutcome::of(link).name().to_owned(),
        alert: link.alert(),
    }
}

/// The questions that say something of DANE and MTA-STS.
fn questions(redacted: &RedactedHistory) -> Vec<QuestionShown> {
    let all = redacted.earlier_policy_queries.iter().chain(&redacted.queries);
    let shown = all.filter_map(|query| {
        let name = query.name.clone()?;
        let tells = query.rtype == "TLSA" || name.starts_with("_mta-sts.");
        tells.then(|| QuestionShown {
            at: query.at,
            source: query.source.to_string(),
            name,
            rtype: query.rtype.clone(),
        })
    });
    shown.collect()
}
