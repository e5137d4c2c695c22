//! Questions, visits and self-checks of a redacted history.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::sending::history::{Noted, PolicyFetched, Queried, SelfCheck, SelfChecked, Seq, Transport};
use crate::sending::persona::CaseId;
use crate::shared::evidence::Alert;
use crate::shared::time::Timestamp;

use super::address::{Numbered, RedactedAddress};
use super::link::Sni;
use super::names::{self, Names, WITHHELD};

/// Where the policy lies (RFC 8461 §3.3); other paths are withheld.
const POLICY_PATH: &str = "/.well-known/mta-sts.txt";

/// A question to our DNS.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RedactedQuery {
    pub seq: Seq,
    pub at: Timestamp,
    pub source: RedactedAddress,
    pub transport: Transport,
    /// The name in lower case; none where it is not of the suite.
    pub name: Option<String>,
    /// The type.
    pub rtype: String,
    pub dnssec_ok: bool,
    /// The code of the answer.
    pub rcode: String,
}

/// A visit to the policy host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RedactedFetch {
    pub seq: Seq,
    pub at: Timestamp,
    pub source: RedactedAddress,
    pub sni: Sni,
    pub path: RedactedPath,
    pub status: Option<u16>,
    /// The product that `User-Agent` names.
    pub user_agent: Option<String>,
    pub alert: Option<Alert>,
}

/// What was asked for at the policy host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RedactedPath {
    /// Nothing: TLS ended before.
    None,
    Policy,
    /// Something else, which is withheld.
    Other,
}

/// A look of the service at itself. What was wrong was ours, and is said as it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RedactedSelfCheck {
    pub seq: Seq,
    pub at: Timestamp,
    pub dns: SelfCheck,
    pub certificates: SelfCheck,
    pub policy_host: SelfCheck,
    /// Name servers of the service's zones whose questions it does not see.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unseen: Vec<String>,
    /// The ruled cases that did not look as they should, each with what was wrong.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub cases: BTreeMap<CaseId, String>,
    /// Those that were not looked at yet.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub unlooked: BTreeSet<CaseId>,
}

impl RedactedQuery {
    pub(super) fn of(numbered: &Numbered, names: &Names<'_>, noted: &Noted<Arc<Queried>>) -> Self {
        let Queried { source, transport, name, rtype, dnssec_ok, rcode } = &*noted.what;
        Self {
            seq: noted.seq,
            at: noted.at,
            source: numbered.address(source.ip()),
            transport: *transport,
            name: names.ours(name),
            rtype: rtype.clone(),
            dnssec_ok: *dnssec_ok,
            rcode: rcode.clone(),
        }
    }

    pub(super) fn noted(&self) -> Noted<Arc<Queried>> {
        let queried = Queried {
            source: SocketAddr::new(self.source.stand_in(), 0),
            transport: self.transport,
            name: self.name.clone().unwrap_or_else(|| WITHHELD.to_owned()),
            rtype: self.rtype.clone(),
            dnssec_ok: self.dnssec_ok,
            rcode: self.rcode.clone(),
        };
        Noted { seq: self.seq, at: self.at, what: Arc::new(queried) }
    }
}

impl RedactedFetch {
    pub(super) fn of(numbered: &Numbered, names: &Names<'_>, noted: &Noted<Arc<PolicyFetched>>) -> Self {
        let PolicyFetched { source, sni, path, status, user_agent, alert } = &*noted.what;
        Self {
            seq: noted.seq,
            at: noted.at,
            source: numbered.address(source.ip()),
            sni: match sni {
                None => Sni::None,
                Some(name) => names.ours(name).map_or(Sni::Other, Sni::Ours),
            },
            path: match path.as_deref() {
                None => RedactedPath::None,
                Some(POLICY_PATH) => RedactedPath::Policy,
                Some(_) => RedactedPath::Other,
            },
            status: *status,
            user_agent: user_agent.as_deref().and_then(names::product),
            alert: *alert,
        }
    }

    pub(super) fn noted(&self) -> Noted<Arc<PolicyFetched>> {
        let fetched = PolicyFetched {
            source: SocketAddr::new(self.source.stand_in(), 0),
            sni: match &self.sni {
                Sni::None => None,
                Sni::Ours(name) => Some(name.clone()),
                Sni::Other => Some(WITHHELD.to_owned()),
            },
            path: match self.path {
                RedactedPath::None => None,
                RedactedPath::Policy => Some(POLICY_PATH.to_owned()),
                RedactedPath::Other => Some(WITHHELD.to_owned()),
            },
            status: self.status,
            user_agent: self.user_agent.clone(),
            alert: self.alert,
        };
        Noted { seq: self.seq, at: self.at, what: Arc::new(fetched) }
    }
}

impl RedactedSelfCheck {
    pub(super) fn of(noted: &Noted<Arc<SelfChecked>>) -> Self {
        let SelfChecked { dns, certificates, policy_host, unseen, cases, unlooked } =
            noted.what.as_ref().clone();
        Self { seq: noted.seq, at: noted.at, dns, certificates, policy_host, unseen, cases, unlooked }
    }

    pub(super) fn noted(&self) -> Noted<Arc<SelfChecked>> {
        let Self { seq, at, dns, certificates, policy_host, unseen, cases, unlooked } = self.clone();
        let what = SelfChecked { dns, certificates, policy_host, unseen, cases, unlooked };
        Noted { seq, at, what: Arc::new(what) }
    }
}
