//! The file as the operator writes it. What a room can read itself stands there under the room's own names.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use ipnet::IpNet;
use serde::Deserialize;

use crate::program::{reply, site};
use crate::sending::authority;
use crate::sending::identities;
use crate::sending::listener;
use crate::sending::trials::ReviewSettings;
use crate::sending::{journal, trial, trials};
use crate::shared::{dial, dns, mailauth};

/// All of it.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct File {
    pub(super) origin: String,
    pub(super) catalogue: Option<PathBuf>,
    pub(super) listen: super::Listen,
    pub(super) addresses: Addresses,
    pub(super) pace: trial::Pace,
    pub(super) trials: trials::Limits,
    pub(super) zone: Zone,
    pub(super) dns: authority::ServerSettings,
    pub(super) tls: Tls,
    pub(super) smtp: listener::Settings,
    pub(super) journal: journal::Settings,
    pub(super) mailauth: mailauth::Settings,
    pub(super) desk: Desk,
    pub(super) resolver: Resolver,
    pub(super) dial: Dial,
    pub(super) web: site::Settings,
    pub(super) site: Site,
    pub(super) reply: Reply,
    pub(super) scan: super::scan::File,
    pub(super) dkim: Dkim,
    pub(super) self_check: SelfCheck,
    pub(super) operator_mail: OperatorMail,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Addresses {
    pub(super) shared: Vec<IpAddr>,
    pub(super) own: BTreeMap<String, Vec<IpAddr>>,
    pub(super) policy_host: Option<Vec<IpAddr>>,
    pub(super) site: Option<Vec<IpAddr>>,
    pub(super) sends_from: Option<Vec<IpAddr>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Zone {
    pub(super) file: Option<PathBuf>,
    pub(super) keys: PathBuf,
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
        let authority::Settings { keys, signatures } = authority::Settings::default();
        let authority::SignatureSettings { validity_s, refresh_s, backdate_s } = signatures;
        Self {
            file: None,
            keys,
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
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Tls {
    pub(super) folder: PathBuf,
    pub(super) source: CertificateSource,
    pub(super) files: Vec<identities::CertificateFile>,
    pub(super) valid_days: u16,
    pub(super) renew_days: u16,
}

impl Default for Tls {
    fn default() -> Self {
        let identities::Settings { folder, source: _, valid_days, renew_days } =
            identities::Settings::default();
        Self { folder, source: CertificateSource::default(), files: Vec::new(), valid_days, renew_days }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Desk {
    pub(super) gather_ms: u64,
    pub(super) verdict_delay_s: u32,
}

impl Default for Desk {
    fn default() -> Self {
        let ReviewSettings { gather_ms, verdict_delay_s, .. } = ReviewSettings::default();
        Self { gather_ms, verdict_delay_s }
    }
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

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Dial {
    pub(super) allowed: Vec<IpNet>,
    pub(super) smtp_port: u16,
    pub(super) https_port: u16,
    pub(super) from: Vec<IpAddr>,
    pub(super) connect_timeout_s: u32,
}

impl Default for Dial {
    fn default() -> Self {
        let dial::Settings { rules, ports, from, connect_timeout_s } = dial::Settings::default();
        Self {
            allowed: rules.allowed,
            smtp_port: ports.smtp,
            https_port: ports.https,
            from,
            connect_timeout_s,
        }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Site {
    pub(super) url: Option<String>,
    pub(super) retention_days: Option<u32>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum DeliveryWay {
    #[default]
    Maildir,
    Smarthost,
    Mx,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Reply {
    pub(super) from: Option<String>,
    pub(super) delivery: DeliveryWay,
    pub(super) maildir: PathBuf,
    pub(super) smarthost: Smarthost,
    pub(super) per_address_day_max: u32,
    pub(super) per_domain_day_max: u32,
    pub(super) per_day_max: u32,
    pub(super) retry_first_s: u32,
    pub(super) retry_most_s: u32,
    pub(super) give_up_s: u32,
    pub(super) hand_over_timeout_s: u32,
    pub(super) poll_ms: u32,
    pub(super) hand_overs_max: usize,
}

impl Default for Reply {
    fn default() -> Self {
        let settings = reply::Settings::default();
        Self {
            from: settings.from,
            delivery: DeliveryWay::default(),
            maildir: "verdicts".into(),
            smarthost: Smarthost::default(),
            per_address_day_max: settings.limits.per_address,
            per_domain_day_max: settings.limits.per_domain,
            per_day_max: settings.limits.all,
            retry_first_s: settings.retry_first_s,
            retry_most_s: settings.retry_most_s,
            give_up_s: settings.give_up_s,
            hand_over_timeout_s: settings.hand_over_timeout_s,
            poll_ms: settings.poll_ms,
            hand_overs_max: settings.hand_overs_max,
        }
    }
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Smarthost {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) user: Option<String>,
    pub(super) password_file: Option<PathBuf>,
    pub(super) roots: Option<PathBuf>,
}

impl Default for Smarthost {
    /// The port of SMTP in TLS from the first octet (RFC 8314 §3.3).
    fn default() -> Self {
        Self { host: String::new(), port: 465, user: None, password_file: None, roots: None }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Dkim {
    pub(super) key: PathBuf,
    pub(super) selector: String,
}

impl Default for Dkim {
    fn default() -> Self {
        Self { key: "dkim.key.pem".into(), selector: "mailassay".to_owned() }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct SelfCheck {
    pub(super) every_s: u32,
    pub(super) sender_roots: Option<PathBuf>,
}

impl Default for SelfCheck {
    fn default() -> Self {
        Self { every_s: 3600, sender_roots: None }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct OperatorMail {
    pub(super) maildir: PathBuf,
    pub(super) forward_to: Option<String>,
}

impl Default for OperatorMail {
    fn default() -> Self {
        Self { maildir: "operator-mail".into(), forward_to: None }
    }
}
