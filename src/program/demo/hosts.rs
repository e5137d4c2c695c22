//! How the samples' own domains receive: an MX host and, where there is one, a policy host each, good and bad.

use std::fmt::Write as _;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use rustls::ServerConfig;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::receiving::grades::Letter;
use crate::sending::deliver::Habit;
use crate::sending::identities::{CertificatesError, Identities};
use crate::sending::persona::Certificate;
use crate::sending::verdict::Term;
use crate::shared::mailauth::DkimKey;
use crate::shared::policy::Tlsa;
use crate::shared::time::Timestamp;

use super::host;
use super::places::Places;
use super::samples::Sample;

/// The selector of every DKIM key of the demo.
pub const SELECTOR: &str = "demo";

/// How a domain receives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reception {
    /// Whether its MX host offers STARTTLS, and with which certificate.
    pub certificate: Option<Certificate>,
    /// Its TLSA record.
    pub tlsa: TlsaRecord,
    /// Whether it has an MTA-STS policy, enforced.
    pub mta_sts: bool,
    /// Whether it wants TLS reports.
    pub tls_reports: bool,
    /// Whether its mail is signed.
    pub signs: bool,
    /// The grade that follows.
    pub grade: Letter,
}

/// How the TLSA record of an MX host relates to its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TlsaRecord {
    None,
    Right,
    /// It is that of another key.
    Wrong,
}

const PLAIN: Reception = Reception {
    certificate: None,
    tlsa: TlsaRecord::None,
    mta_sts: false,
    tls_reports: false,
    signs: false,
    grade: Letter::F,
};
const SELF_SIGNED: Reception =
    Reception { certificate: Some(Certificate::SelfSigned), grade: Letter::C, ..PLAIN };
const TRUSTED: Reception = Reception { certificate: Some(Certificate::PublicCa), grade: Letter::B, ..PLAIN };

impl Reception {
    /// That of a sample's domain: one of each kind.
    pub fn of(sample: &Sample) -> Self {
        match sample.term {
            _ if sample.habit != Habit::AsItsModel => TRUSTED,
            Term::None => PLAIN,
            Term::May => SELF_SIGNED,
            Term::Verify => Self { mta_sts: true, grade: Letter::A, ..TRUSTED },
            Term::Dane => Self { tlsa: TlsaRecord::Right, grade: Letter::A, ..SELF_SIGNED },
            Term::DaneOnly => Self { tlsa: TlsaRecord::Wrong, grade: Letter::F, ..TRUSTED },
            Term::MtaSts => Self { mta_sts: true, grade: Letter::F, ..SELF_SIGNED },
            Term::DaneMtaSts => Self {
                tlsa: TlsaRecord::Right,
                mta_sts: true,
                tls_reports: true,
                signs: true,
                grade: Letter::APlus,
                ..TRUSTED
            },
            _ => TRUSTED,
        }
    }

    /// What it is, in the words of the field.
    pub fn words(&self) -> String {
        let mut words = match self.certificate {
            None => vec!["no STARTTLS"],
            Some(Certificate::SelfSigned) => vec!["self-signed"],
            Some(Certificate::PublicCa) => vec!["valid"],
        };
        words.extend(match self.tlsa {
            TlsaRecord::None => None,
            TlsaRecord::Right => Some("DANE"),
            TlsaRecord::Wrong => Some("wrong TLSA"),
        });
        words.extend(self.mta_sts.then_some("MTA-STS"));
        words.extend(self.tls_reports.then_some("TLSRPT"));
        words.join(", ")
    }
}

/// The hosts of one domain.
#[derive(Clone, Debug)]
pub struct Hosts {
    domain: String,
    /// Where both are met.
    address: IpAddr,
    reception: Reception,
    mx: Option<(Arc<ServerConfig>, Tlsa)>,
    policy: Option<Arc<ServerConfig>>,
    key: Option<Arc<DkimKey>>,
}

impl Hosts {
    /// Those of a sample, with keys of their own. Each domain has a network of its own, or scans would have to wait for
    /// each other.
    ///
    /// # Errors
    ///
    /// If a key or certificate cannot be read or made. The error names it and says what to do.
    pub fn of(
        sample: &Sample,
        number: u8,
        identities: &Identities,
        key: Option<Arc<DkimKey>>,
        now: Timestamp,
    ) -> Result<Self, CertificatesError> {
        let (domain, reception) = (sample.domain(), Reception::of(sample));
        let certified = |name: String, certificate| identities.further_host(&name, certificate, now);
        let mx = match reception.certificate {
            Some(certificate) => {
                let host = certified(format!("mx.{domain}"), certificate)?;
                Some((host.config, host.tlsa))
            }
            None => None,
        };
        let policy = match reception.mta_sts {
            true => Some(certified(format!("mta-sts.{domain}"), Certificate::PublicCa)?.config),
            false => None,
        };
        let address = Ipv4Addr::new(127, 0, 10 + number, 1).into();
        Ok(Self { domain, address, reception, mx, policy, key })
    }

    /// The domain that this host receives mail for.
    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// The key that signs its mail, if it is signed.
    pub fn key(&self) -> Option<&DkimKey> {
        self.key.as_deref()
    }

    /// The records of its zone, beside those of a sender.
    pub fn records(&self) -> String {
        let Self { domain, address, reception, .. } = self;
        let mut zone = format!("@ IN MX 10 mx\nmx IN A {address}\n_dmarc IN TXT \"v=DMARC1; p=reject\"\n");
        if let Some((_, tlsa)) = self.mx.as_ref().filter(|_| reception.tlsa != TlsaRecord::None) {
            let mut tlsa = tlsa.clone();
            if reception.tlsa == TlsaRecord::Wrong {
                tlsa.data.iter_mut().for_each(|octet| *octet = !*octet);
            }
            let _ = writeln!(zone, "_25._tcp.mx IN TLSA {tlsa}");
        }
        if reception.mta_sts {
            let _ = write!(zone, "_mta-sts IN TXT \"v=STSv1; id=1\"\nmta-sts IN A {address}\n");
        }
        if reception.tls_reports {
            let _ = writeln!(zone, "_smtp._tls IN TXT \"v=TLSRPTv1; rua=mailto:tls-reports@{domain}\"");
        }
        if let Some(key) = &self.key {
            // RFC 1035 §3.3.14: a string has at most 255 octets.
            let text = key.dkim_txt();
            let strings: Vec<_> = text.as_bytes().chunks(255).map(String::from_utf8_lossy).collect();
            let strings: Vec<_> = strings.iter().map(|string| format!("\"{string}\"")).collect();
            let _ = writeln!(zone, "{SELECTOR}._domainkey IN TXT {}", strings.join(" "));
        }
        zone
    }

    /// The PTR record of its address, below `127.in-addr.arpa`.
    pub fn pointer(&self) -> String {
        match self.address {
            IpAddr::V4(address) => {
                let [_, b, c, d] = address.octets();
                format!("{d}.{c}.{b} IN PTR mx.{}.\n", self.domain)
            }
            IpAddr::V6(_) => String::new(),
        }
    }

    /// Serves until `stop`.
    ///
    /// # Errors
    /// Its address or a port of it cannot be bound.
    pub async fn serve(
        &self,
        places: Places,
        tasks: &TaskTracker,
        stop: &CancellationToken,
    ) -> io::Result<()> {
        let bind = async |port: u16| TcpListener::bind(SocketAddr::new(self.address, port)).await;
        let name = format!("mx.{}", self.domain);
        let config = self.mx.as_ref().map(|(config, _)| Arc::clone(config));
        tasks.spawn(host::mail(bind(places.smtp).await?, name, config, stop.clone()));
        if let Some(config) = &self.policy {
            let policy =
                format!("version: STSv1\r\nmode: enforce\r\nmx: mx.{}\r\nmax_age: 2419200\r\n", self.domain);
            tasks.spawn(host::policy(
                bind(places.policy_host).await?,
                policy,
                Arc::clone(config),
                stop.clone(),
            ));
        }
        Ok(())
    }
}
