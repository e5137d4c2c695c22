//! What a scan saw of a domain: bounded, serialisable, no opinion.

mod certificate;
mod chain;
mod code_points;
mod dns_limit;
mod names;
mod network;
mod probe;
mod server;
mod session;
mod survey;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::DkimOutcome;

pub use certificate::{Certificate, Examined, Key, Path, PathFault};
pub use chain::{Broken, DsRecord, ExtendedError, KeyRecord, Nsec3Parameters, SignatureSeen, Signed};
pub use code_points::{CodePoints, CodePointsError};
pub use dns_limit::DnsLimit;
pub use names::{
    CaaRecord, DmarcNames, DomainNames, Hop, KeyUpkeep, LookupResult, MtaStsNames, MxOfServer, MxRecord,
    NameAnswer, NameFailure, NameServer, NameServerReach, SpfNames, SpfPolicy, SpfTerm, TlsaNames,
};
pub use network::{Network, Origin, Purpose, Rpki};
pub use probe::{Answer, DhParameters, Flight, Hello, Probe, Question, Refusal, Renegotiated};
pub use server::{Completed, Intrusive, NotTried, Reach, RealHandshake, Server, Session, Stopped};
pub use session::{SessionFault, SmtpReply, Stage};
pub use survey::{Authentication, Chosen, Gap, Known, Survey, hash_of_scheme, is_dhe, is_rsa_key_transport};

/// Everything that was gathered of one domain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// The domain, in A-labels, in lower case, without the final dot.
    pub domain: String,
    /// How much was asked.
    pub depth: Depth,
    /// The name that was said in EHLO.
    pub helo: String,
    /// Whether connections to its servers were allowed.
    pub connections: Connections,
    pub from: Timestamp,
    pub to: Timestamp,
    /// What the scanning host itself can do.
    pub control: Control,
    /// What "trusted" means for the certificates of MX hosts.
    #[serde(default, skip_serializing_if = "RootsUsed::are_public")]
    pub roots: RootsUsed,
    /// What the domain publishes.
    pub names: DomainNames,
    /// Its MX hosts, by preference; without MX records the domain itself, if it has addresses (RFC 5321 §5.1).
    pub mx: Vec<MxHost>,
    /// Each address of each MX host.
    pub servers: Vec<Server>,
    /// Every certificate that was seen, by SHA-256.
    pub certificates: BTreeMap<String, Certificate>,
    /// Every chain, examined for the host that sent it.
    pub examined: Vec<Examined>,
    pub networks: Vec<Network>,
    /// The registrar, of RDAP.
    pub registrar: Option<String>,
    /// The domain of MAIL FROM, where its organisational domain is another; from DNS alone.
    pub envelope: Option<Envelope>,
    /// The DKIM signatures of the mail received, for a trial.
    pub signatures: Option<Vec<DkimOutcome>>,
    /// What was left out, and by which limit.
    pub cuts: Vec<Cut>,
    pub cost: Cost,
}

impl Evidence {
    /// How many MX hosts are looked at.
    pub const MX_HOSTS_MAX: usize = 10;
    /// How many addresses of each MX host are looked at.
    pub const ADDRESSES_MAX: usize = 4;
    /// How many name servers of a zone are looked at.
    pub const NAME_SERVERS_MAX: usize = 12;
    /// How large it may be when written, in octets.
    pub const WRITTEN_OCTETS_MAX: usize = 256 * 1024;

    /// Of `domain`, before anything was asked, at `at`.
    pub fn not_gathered(domain: &str, helo: &str, at: Timestamp) -> Self {
        Self {
            domain: domain.to_owned(),
            depth: Depth::default(),
            helo: helo.to_owned(),
            connections: Connections::Allowed,
            from: at,
            to: at,
            control: Control { ipv6: None, port_25: None },
            roots: RootsUsed::default(),
            names: DomainNames::not_asked(domain),
            mx: Vec::new(),
            servers: Vec::new(),
            certificates: BTreeMap::new(),
            examined: Vec::new(),
            networks: Vec::new(),
            registrar: None,
            envelope: None,
            signatures: None,
            cuts: Vec::new(),
            cost: Cost::default(),
        }
    }

    /// The servers of an MX host.
    pub fn servers_of<'a>(&'a self, host: &'a str) -> impl Iterator<Item = &'a Server> + 'a {
        self.servers.iter().filter(move |server| server.host == host)
    }

    /// Whether no record of an answer was left out or cut.
    pub fn is_whole<T>(&self, looked: &LookupResult<T>) -> bool {
        let what = Cut::records(&looked.name, &looked.rtype);
        !self.cuts.iter().any(|cut| cut.what == what)
    }

    /// How a chain fits a host.
    pub fn examined(&self, host: &str, chain: &[String]) -> Option<&Examined> {
        self.examined.iter().find(|examined| examined.host == host && examined.chain == chain)
    }
}

/// How much is asked of a server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Depth {
    /// What decides every profile.
    #[default]
    Verdict,
    /// Everything is enumerated.
    Full,
}

/// Whether connections were allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Connections {
    /// Somebody at this host asked, or SPF or DKIM in alignment vouches for the domain.
    Allowed,
    /// Nothing vouches for it: DNS and cached evidence only.
    NotVouchedFor,
}

/// The roots that certificates of MX hosts were measured by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RootsUsed {
    /// Those that the public trusts, as Mozilla lists them.
    #[default]
    Public,
    /// Those that the operator set instead, for a lab.
    Own,
}

impl RootsUsed {
    fn are_public(&self) -> bool {
        *self == Self::Public
    }
}

/// The scanning host is a control, too: what it cannot do says nothing about the domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Control {
    /// Whether it has IPv6: a route, and a root server answers over it. None: not tried.
    pub ipv6: Option<bool>,
    /// Whether port 25 is open from here: some connection came up or was refused; false if every one timed out.
    /// None: none was tried.
    pub port_25: Option<bool>,
}

/// One MX host and what DNS says of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MxHost {
    /// Its name, as in the MX record.
    pub host: String,
    /// Its preferences; more than one if the record is doubled.
    pub preferences: Vec<u16>,
    /// SOA at its name, which shows the state of the zone it lies in.
    pub soa: LookupResult<String>,
    /// Its IPv4 addresses.
    pub a: LookupResult<std::net::IpAddr>,
    /// Its IPv6 addresses.
    pub aaaa: LookupResult<std::net::IpAddr>,
    /// Its TLSA records.
    pub tlsa: TlsaNames,
    /// CAA at its name and each name above, until one has records (RFC 8659 §3).
    pub caa: Vec<LookupResult<CaaRecord>>,
    /// The apex of its zone, if known.
    pub zone: Option<String>,
    /// The name servers of that zone.
    pub name_servers: Vec<NameServer>,
}

/// The domain of MAIL FROM, from DNS alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Envelope {
    pub domain: String,
    /// Its MX records.
    pub mx: LookupResult<MxRecord>,
    /// SOA, for its state.
    pub soa: LookupResult<String>,
    /// Its TXT records, for SPF.
    pub spf: LookupResult<String>,
}

/// Something that was left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cut {
    /// What: such as `mx`, `addresses of mx1.example.net`, `certificates`, `queries`.
    pub what: String,
    /// How many there were or would have been, where known.
    pub of: Option<u32>,
    /// How many are left.
    pub kept: u32,
}

impl Cut {
    /// What is left out where records of an answer are.
    pub fn records(name: &str, rtype: &str) -> String {
        format!("records of {name} {rtype}")
    }
}

/// What a scan cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cost {
    /// TCP connections to mail servers.
    pub connections: u32,
    /// DNS questions that were asked.
    pub queries: u32,
    /// Other connections: policy host, RDAP, name servers.
    pub others: u32,
    /// How long it took, in milliseconds.
    pub milliseconds: u64,
}
