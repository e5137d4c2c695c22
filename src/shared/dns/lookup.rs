//! What may be asked of DNS: names, through a resolver that validates, and name servers by themselves.

use std::future::Future;
use std::net::IpAddr;
use std::pin::Pin;

use hickory_proto::rr::{RData, RecordType};

use super::records::{A, AAAA, MX, TLSA, TXT};
use crate::shared::evidence::scan::{LookupResult, MxRecord, NameAnswer, NameFailure};
use crate::shared::policy::Tlsa;

/// What came of a question, its records unread.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// The answer and its state.
    pub looked: LookupResult<RData>,
    /// The apex of the zone that the last owner lies in, where the answer shows it: its SOA does, asked for or
    /// beside a denial. Not validated.
    pub zone: Option<String>,
}

/// A question under way.
pub type Asking<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Looks names up. They are given with or without the final dot.
pub trait Lookup: Send + Sync {
    /// The records of a name, one alias at a time, each validated.
    fn ask<'a>(&'a self, name: &'a str, rtype: RecordType) -> Asking<'a, Response>;

    /// The MX records of a domain, by preference.
    fn mx<'a>(&'a self, domain: &'a str) -> Asking<'a, LookupResult<MxRecord>> {
        Box::pin(async move { MX.of(self.ask(domain, MX.code()).await.looked).sorted() })
    }

    /// The IPv4 and IPv6 addresses of a host. If one family fails and the other has addresses, these are the
    /// answer; a bogus one always fails.
    fn addresses<'a>(&'a self, host: &'a str) -> Asking<'a, LookupResult<IpAddr>> {
        Box::pin(async move {
            let (v4, v6) = tokio::join!(self.ask(host, A.code()), self.ask(host, AAAA.code()));
            both(A.of(v4.looked), AAAA.of(v6.looked))
        })
    }

    /// The TLSA records at `_25._tcp.<host>`. The name has port 25 whatever port a test connects to (RFC 7672 §2.2).
    fn tlsa<'a>(&'a self, host: &'a str) -> Asking<'a, LookupResult<Tlsa>> {
        Box::pin(async move { TLSA.of(self.ask(&format!("_25._tcp.{host}"), TLSA.code()).await.looked) })
    }

    /// The TXT records at a name.
    fn txt<'a>(&'a self, name: &'a str) -> Asking<'a, LookupResult<String>> {
        Box::pin(async move { TXT.of(self.ask(name, TXT.code()).await.looked) })
    }
}

/// Also asks name servers, each for what it says by itself.
pub trait DirectLookup: Lookup {
    /// Asks the name server at `server` and no other, without recursion; nothing is validated.
    fn ask_server<'a>(
        &'a self,
        server: IpAddr,
        over: Over,
        name: &'a str,
        rtype: RecordType,
    ) -> Asking<'a, Direct>;
}

/// How a name server is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Over {
    Udp,
    Tcp,
}

/// What one name server says by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Direct {
    /// The records; none where there are none.
    Records(Vec<RData>),
    /// The answer is cut: it is to be had over TCP.
    Cut,
    /// It answers, and not this: an error code, or without authority.
    Other(String),
    /// No answer in time, or none can come.
    Silent(String),
    /// It was not asked: the address is one that must not be called.
    Forbidden(String),
}

impl Direct {
    /// Whether it answered at all; none if it was not asked.
    pub fn answered(&self) -> Option<bool> {
        match self {
            Self::Records(_) | Self::Cut | Self::Other(_) => Some(true),
            Self::Silent(_) => Some(false),
            Self::Forbidden(_) => None,
        }
    }
}

/// The addresses of both families as one answer.
fn both(mut v4: LookupResult<IpAddr>, v6: LookupResult<IpAddr>) -> LookupResult<IpAddr> {
    let is_bogus = |looked: &LookupResult<IpAddr>| looked.failure() == Some(&NameFailure::Bogus);
    match (v4.records().is_empty(), v6.records().is_empty()) {
        _ if is_bogus(&v4) => v4,
        _ if is_bogus(&v6) => v6,
        // A denial of one family says nothing of the addresses of the other.
        (false, true) => v4,
        (true, false) => v6,
        (true, true) if v4.unknown() => v4,
        (true, true) if v6.unknown() => v6,
        _ => {
            v4.security = v4.security.weaker(v6.weakest());
            if let (NameAnswer::Records { records }, NameAnswer::Records { records: more }) =
                (&mut v4.answer, v6.answer)
            {
                records.extend(more);
            }
            v4
        }
    }
}
