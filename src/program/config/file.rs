//! The file as the operator writes it. What a room can read itself stands there under the room's own names.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use serde::Deserialize;

use super::settings::{Dkim, Listen, Log, Node, OperatorMail, SealFile, SelfCheck};
use crate::operations::certificates;
use crate::program::{api, domains, providers, reply, site};
use crate::receiving::scan;
use crate::sending::trials::{self, ReviewSettings};
use crate::sending::{authority, identities, journal, listener, trial};
use crate::shared::{dial, dns, mailauth};

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct File {
    pub(super) origin: String,
    pub(super) catalogue: Option<PathBuf>,
    pub(super) profiles: Option<PathBuf>,
    pub(super) listen: Listen,
    pub(super) addresses: Addresses,
    pub(super) pace: trial::Pace,
    pub(super) trials: trials::Limits,
    pub(super) zone: Zone,
    pub(super) dns: authority::ServerSettings,
    pub(super) tls: Tls,
    pub(super) cases: Cases,
    pub(super) smtp: listener::Settings,
    pub(super) journal: journal::Settings,
    pub(super) node: Node,
    pub(super) mailauth: mailauth::Settings,
    pub(super) desk: ReviewSettings,
    pub(super) resolver: Resolver,
    pub(super) dial: dial::Settings,
    pub(super) web: site::Settings,
    pub(super) site: Site,
    pub(super) reply: reply::Settings,
    pub(super) scan: scan::Settings,
    pub(super) dkim: Dkim,
    pub(super) seal: SealFile,
    pub(super) self_check: SelfCheck,
    pub(super) operator_mail: OperatorMail,
    pub(super) log: Log,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Addresses {
    pub(super) shared: Vec<IpAddr>,
    pub(super) own: BTreeMap<String, Vec<IpAddr>>,
    pub(super) cases: Vec<IpAddr>,
    pub(super) policy_host: Option<Vec<IpAddr>>,
    pub(super) site: Option<Vec<IpAddr>>,
    pub(super) sends_from: Option<Vec<IpAddr>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Zone {
    pub(super) file: Option<PathBuf>,
    pub(super) keys: PathBuf,
    pub(super) zsk_days: u32,
    pub(super) validity_s: u32,
    pub(super) refresh_s: u32,
    pub(super) backdate_s: u32,
    pub(super) caa_issuer: Option<String>,
    pub(super) tls_reports: Option<Vec<String>>,
    pub(super) dmarc_reports: Option<Vec<String>>,
    pub(super) other: Vec<OtherZone>,
}

impl Default for Zone {
    fn default() -> Self {
        let authority::Settings { keys, zsk_days, signatures, shared: _ } = authority::Settings::default();
        let authority::SignatureSettings { validity_s, refresh_s, backdate_s } = signatures;
        Self {
            file: None,
            keys,
            zsk_days,
            validity_s,
            refresh_s,
            backdate_s,
            caa_issuer: None,
            tls_reports: None,
            dmarc_reports: None,
            other: Vec::new(),
        }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct OtherZone {
    pub(super) apex: String,
    pub(super) file: PathBuf,
    pub(super) signed: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum CertificateSource {
    #[default]
    PrivateCa,
    Files,
    Acme,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Tls {
    pub(super) folder: PathBuf,
    pub(super) source: CertificateSource,
    pub(super) files: Vec<identities::CertificateFile>,
    pub(super) valid_days: u16,
    pub(super) renew_days: u16,
    pub(super) acme: certificates::Settings,
}

impl Default for Tls {
    fn default() -> Self {
        let identities::Settings { folder, valid_days, renew_days, .. } = identities::Settings::default();
        let (source, acme) = (CertificateSource::default(), certificates::Settings::default());
        Self { folder, source, files: Vec::new(), valid_days, renew_days, acme }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Cases {
    pub(super) pool_labels: Option<u32>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Resolver {
    pub(super) servers: Vec<SocketAddr>,
    pub(super) root_hints: Vec<SocketAddr>,
    pub(super) trust_anchors_file: Option<PathBuf>,
    pub(super) trust_own_zones: bool,
    pub(super) from: Vec<IpAddr>,
    pub(super) query_timeout_ms: u32,
    pub(super) attempts_max: u32,
    pub(super) lookup_timeout_s: u32,
    pub(super) cache_ttl_max_s: u32,
    pub(super) cache_entries_max: usize,
}

impl Default for Resolver {
    fn default() -> Self {
        let settings = dns::ResolverSettings::default();
        Self {
            servers: Vec::new(),
            root_hints: Vec::new(),
            trust_anchors_file: None,
            trust_own_zones: false,
            from: settings.from,
            query_timeout_ms: settings.query_timeout_ms,
            attempts_max: settings.attempts_max,
            lookup_timeout_s: settings.lookup_timeout_s,
            cache_ttl_max_s: settings.cache_ttl_max_s,
            cache_entries_max: settings.cache_entries_max,
        }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Site {
    pub(super) url: Option<String>,
    pub(super) https: bool,
    pub(super) archive: Option<PathBuf>,
    pub(super) retention_days: Option<u32>,
    pub(super) security_contact: Option<String>,
    pub(super) style: Option<PathBuf>,
    pub(super) texts: Option<PathBuf>,
    pub(super) operator: site::Operator,
    pub(super) providers: providers::Settings,
    pub(super) checks: domains::Settings,
    pub(super) api: api::Settings,
}
