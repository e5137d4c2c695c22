//! What the names of a domain say: everything that DNS, its name servers and its policy host tell of a domain and of
//! its MX hosts. Questions run beside each other; what matters most is asked first, so that a limit cuts the rest.

mod dmarc;
mod domain;
mod hosts;
mod inquiry;
mod mta_sts;
mod servers;
mod size;
mod spf;

use std::net::IpAddr;
use std::sync::Arc;

use futures_util::future::join_all;
use jiff::Timestamp;

use crate::receiving::request::{Progress, Request};
use crate::shared::dial;
use crate::shared::dns::records::{A, AAAA, PTR};
use crate::shared::dns::{Direct, DirectLookup, Over, RecordType, reverse_name};
use crate::shared::evidence::scan::{Connections, Cut, DomainNames, Envelope, LookupResult, MxHost};
use crate::shared::tls::client::Roots;

use inquiry::{Inquiry, Room};

pub use hosts::chosen_addresses;

/// The limits of what is asked of names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// How many questions a scan asks in all. Default 300.
    pub questions_max: u32,
    /// How long all of them may take, in seconds. Default 30.
    pub dns_s: u32,
    /// How many are under way at once. Default 16.
    pub at_once_max: usize,
    /// How long the fetch of an MTA-STS policy may take, in seconds. Default 20; RFC 8461 §3.3 suggests 60, and a
    /// verdict does not wait so long.
    pub policy_timeout_s: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self { questions_max: 300, dns_s: 30, at_once_max: 16, policy_timeout_s: 20 }
    }
}

/// Asks DNS and the policy host what a domain publishes.
pub struct Names {
    pub lookup: Arc<dyn DirectLookup>,
    /// How the policy host is called.
    pub dial: dial::Settings,
    /// What its certificate must lead to.
    pub roots: Roots,
    /// Tells when certificates must be valid.
    pub clock: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    pub settings: Settings,
}

/// What was gathered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gathered {
    pub names: DomainNames,
    /// Its MX hosts by preference; where it has none the domain itself, if it has addresses (RFC 5321 §5.1).
    pub mx: Vec<MxHost>,
    /// Of the domain of MAIL FROM, if another was given.
    pub envelope: Option<Envelope>,
    /// What was left out.
    pub cuts: Vec<Cut>,
    /// How many questions were asked of DNS.
    pub queries: u32,
    /// How many other connections were opened: to the policy host.
    pub others: u32,
}

/// The names of an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reverse {
    pub ptr: LookupResult<String>,
    /// For each name the addresses of the same family.
    pub addresses: Vec<LookupResult<IpAddr>>,
    /// How many questions were asked.
    pub queries: u32,
    /// What was left out.
    pub cuts: Vec<Cut>,
}

/// What is kept of the names of a domain and its MX hosts.
const OF_A_DOMAIN: Room = Room { answer_octets_max: 16 * 1024, octets_max: 128 * 1024 };
/// What is kept of the names of one address.
const OF_AN_ADDRESS: Room = Room { answer_octets_max: 1024, octets_max: 4 * 1024 };
/// How many PTR names of an address are looked up.
const PTR_NAMES_MAX: usize = 4;

impl Names {
    /// Gathers everything of one domain. Only where connections are allowed its name servers are asked one by one
    /// and its policy host is called; DNS by itself goes through the resolver.
    pub async fn gather(&self, request: &Request, progress: &dyn Progress) -> Gathered {
        let inquiry = Inquiry::new(&*self.lookup, progress, &self.settings, OF_A_DOMAIN);
        let direct = request.connections == Connections::Allowed;
        let (mut names, mx, mta_sts, envelope) = {
            let (envelope, mta_sts, (names, mx)) = tokio::join!(
                domain::envelope(&inquiry, request.envelope.as_deref()),
                mta_sts::gather(&inquiry, self, &request.domain, direct),
                async {
                    let mut names = domain::records(&inquiry, &request.domain).await;
                    let mut mx = hosts::gather(&inquiry, &request.domain, &names).await;
                    domain::servers(&inquiry, &request.domain, &mut names, direct).await;
                    hosts::servers(&inquiry, &mut mx, direct).await;
                    (names, mx)
                }
            );
            (names, mx, mta_sts, envelope)
        };
        let others = u32::from(mta_sts.fetch.is_some());
        names.mta_sts = mta_sts;
        let (cuts, queries) = inquiry.end();
        Gathered { names, mx, envelope, cuts, queries, others }
    }

    /// PTR of an address, and whether the names that it gives have the address (FCrDNS).
    pub async fn reverse(&self, address: IpAddr, progress: &dyn Progress) -> Reverse {
        let inquiry = Inquiry::new(&*self.lookup, progress, &self.settings, OF_AN_ADDRESS);
        let ptr = inquiry.look_up(&reverse_name(address), PTR).await;
        let family = if address.is_ipv4() { A } else { AAAA };
        let names = ptr.records().iter().take(PTR_NAMES_MAX);
        let addresses = join_all(names.map(|name| inquiry.look_up(name, family))).await;
        let (cuts, queries) = inquiry.end();
        Reverse { ptr, addresses, queries, cuts }
    }

    /// Whether this host has IPv6: a route, and a root server answers over it. None: no root server is known by an
    /// IPv6 address that may be asked.
    pub async fn has_ipv6(&self, roots: &[IpAddr]) -> Option<bool> {
        let asked = roots.iter().filter(|root| root.is_ipv6()).take(ROOTS_MAX);
        let asking = asked.map(|root| self.lookup.ask_server(*root, Over::Udp, ".", RecordType::SOA));
        let answers: Vec<Option<bool>> = join_all(asking).await.iter().map(Direct::answered).collect();
        answers.into_iter().flatten().reduce(|any, answered| any || answered)
    }
}

/// How many root servers are asked whether they answer over IPv6.
const ROOTS_MAX: usize = 4;
