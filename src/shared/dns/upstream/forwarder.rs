//! Asking resolvers of the operator's.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use hickory_proto::op::{Message, ResponseCode};
use hickory_proto::rr::rdata::opt::EdnsOption;
use tokio::time::timeout;

use super::exchange::{code, exchange, local, query};
use super::{Upstream, cut, failed};
use crate::shared::dns::lookup::Asking;
use crate::shared::dns::question::Question;
use crate::shared::evidence::scan::{ExtendedError, NameFailure};

/// Resolvers, or an authoritative server that answers for the private root and all below it.
pub(in crate::shared::dns) struct Forwarder {
    /// Asked in this order.
    pub(in crate::shared::dns) servers: Vec<SocketAddr>,
    /// Asked from the first of these that is of the server's family; else from where the system chooses.
    pub(in crate::shared::dns) from: Vec<IpAddr>,
    /// How long one of them may take.
    pub(in crate::shared::dns) timeout: Duration,
    /// How often each is asked.
    pub(in crate::shared::dns) attempts_max: u32,
}

impl Upstream for Forwarder {
    fn ask(&self, question: Question) -> Asking<'_, Result<Vec<u8>, NameFailure>> {
        Box::pin(self.ask_all(question))
    }

    /// Asks once more, and lets the resolver validate.
    fn explain(&self, question: Question) -> Asking<'_, Vec<ExtendedError>> {
        Box::pin(async move {
            let Some(server) = self.servers.first() else { return Vec::new() };
            let mut query = query(&question);
            query.metadata.checking_disabled = false;
            let local = local(&self.from, *server);
            let answer = timeout(self.timeout, exchange(local, *server, &query, self.timeout)).await;
            let Ok(Ok(answer)) = answer else { return Vec::new() };
            Message::from_vec(&answer).map(|answer| extended_errors(&answer)).unwrap_or_default()
        })
    }
}

impl Forwarder {
    async fn ask_all(&self, question: Question) -> Result<Vec<u8>, NameFailure> {
        let mut failure = NameFailure::Timeout;
        for server in (0..self.attempts_max).flat_map(|_| &self.servers) {
            let failed = |reason: &str| failed(format!("{server}: {reason}"));
            let (local, query) = (local(&self.from, *server), query(&question));
            match timeout(self.timeout, exchange(local, *server, &query, self.timeout)).await {
                Ok(Ok(answer)) => match code(&answer) {
                    Some(ResponseCode::NoError | ResponseCode::NXDomain) => return Ok(answer),
                    Some(other) => failure = failed(&other.to_string()),
                    None => failure = failed("its answer cannot be read"),
                },
                Ok(Err(error)) if error.kind() != io::ErrorKind::TimedOut => {
                    failure = failed(&error.to_string())
                }
                Ok(Err(_)) | Err(_) => failure = NameFailure::Timeout,
            }
        }
        Err(failure)
    }
}

/// How many extended errors of an answer are kept.
pub(in crate::shared::dns) const EXTENDED_ERRORS_MAX: usize = 4;

/// RFC 8914 §2: a code and a text.
pub(in crate::shared::dns) fn extended_errors(answer: &Message) -> Vec<ExtendedError> {
    let options = answer.edns.iter().flat_map(|edns| edns.options().as_ref());
    let errors = options.filter_map(|(_, option)| match option {
        EdnsOption::Unknown(15, data) => {
            let (code, text) = data.split_first_chunk()?;
            Some(ExtendedError { code: u16::from_be_bytes(*code), text: cut(text) })
        }
        _ => None,
    });
    errors.take(EXTENDED_ERRORS_MAX).collect()
}
