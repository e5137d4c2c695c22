//! What this host can reach, and what it is called: IPv6, port 25, and the names that PTR gives its addresses. A scan that
//! fails for want of these says nothing of anybody else.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;

use crate::receiving::names::{self, Names};
use crate::receiving::request::Silent;
use crate::shared::dial;
use crate::shared::dns::{DirectLookup, Lookup};
use crate::shared::time::Timestamp;
use crate::shared::tls::client::Roots;

/// Whose MX hosts are called to see whether port 25 is open: always there, and large enough not to notice.
const WELL_KNOWN: [&str; 2] = ["gmail.com", "outlook.com"];
/// How long each look may take, in seconds.
const LOOK_S: u64 = 20;

/// What this host can reach, and what its addresses are called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vantage {
    /// Whether a root server answers over IPv6; none: none is known by an IPv6 address.
    pub ipv6: Option<bool>,
    /// Whether port 25 is open, and what was tried.
    pub port_25: Port25,
    /// For each address that is scanned from, as far as it is known, the names that PTR gives, or why there is none.
    pub pointers: Vec<(IpAddr, Result<Vec<Pointer>, String>)>,
}

/// A name that PTR gives an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pointer {
    pub name: String,
    /// Whether the name has the address; none: its addresses could not be looked up.
    pub confirmed: Option<bool>,
}

/// Port 25, outwards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Port25 {
    /// This host answered.
    Open {
        /// Name and address.
        host: String,
    },
    /// No server that was tried answered at port 25.
    Silent {
        /// Each that was tried, and what came of it.
        tried: Vec<String>,
    },
    /// None could be tried.
    Untried { why: String },
}

/// From where is looked.
pub struct Outlook<'a> {
    /// How others are called.
    pub dial: &'a dial::Settings,
    /// The root servers.
    pub roots: &'a [IpAddr],
    /// The addresses whose names are looked up.
    pub from: &'a [IpAddr],
    /// A resolver that knows what our own zones say.
    pub lookup: Arc<dyn DirectLookup>,
    /// Tells the time.
    pub clock: Arc<dyn Fn() -> Timestamp + Send + Sync>,
}

/// Looks around from here.
pub async fn vantage(outlook: Outlook<'_>) -> Vantage {
    let names = Names {
        lookup: Arc::clone(&outlook.lookup),
        dial: outlook.dial.clone(),
        roots: Roots::mozilla(),
        clock: outlook.clock,
        settings: names::Settings::default(),
    };
    let limit = Duration::from_secs(LOOK_S);
    let (ipv6, port_25, pointers) = tokio::join!(
        timeout(limit, names.has_ipv6(outlook.roots)),
        timeout(limit, port_25(outlook.dial, &*outlook.lookup)),
        pointers(&names, outlook.from, limit)
    );
    let late = || Port25::Untried { why: format!("no answer of DNS or of a host within {LOOK_S} s") };
    // Silence for so long is what a host without IPv6 hears.
    Vantage { ipv6: ipv6.unwrap_or(Some(false)), port_25: port_25.unwrap_or_else(|_| late()), pointers }
}

/// Calls an MX host of each of the well-known domains until one answers, and says goodbye.
async fn port_25(dial: &dial::Settings, lookup: &(impl Lookup + ?Sized)) -> Port25 {
    let (mut tried, mut why) = (Vec::new(), Vec::new());
    for domain in WELL_KNOWN {
        let (host, address) = match first_host(lookup, domain).await {
            Ok(found) => found,
            Err(reason) => {
                why.push(reason);
                continue;
            }
        };
        let shown = format!("{host} ({address})");
        match dial.smtp(address).await {
            Ok(mut stream) => {
                // RFC 5321 §3.1: the greeting is awaited, so that QUIT is in its place.
                let mut greeting = [0; 512];
                let said = timeout(Duration::from_secs(5), stream.read(&mut greeting)).await;
                if matches!(said, Ok(Ok(octets)) if octets > 0) {
                    let _gone = stream.write_all(b"QUIT\r\n").await;
                }
                return Port25::Open { host: shown };
            }
            Err(error) => tried.push(format!("{host}: {error}")),
        }
    }
    if tried.is_empty() { Port25::Untried { why: why.join("; ") } } else { Port25::Silent { tried } }
}

async fn first_host(lookup: &(impl Lookup + ?Sized), domain: &str) -> Result<(String, IpAddr), String> {
    let mx = lookup.mx(domain).await.known()?;
    let host = mx.records().first().map(|mx| mx.host.clone());
    let host = host.ok_or_else(|| format!("{domain} has no MX record here"))?;
    let addresses = lookup.addresses(&host).await.known()?;
    let addresses = addresses.records();
    // IPv6 is looked at by itself.
    let address = addresses.iter().find(|address| address.is_ipv4()).or(addresses.first());
    address.map(|address| (host.clone(), *address)).ok_or_else(|| format!("{host} has no address"))
}

async fn pointers(
    names: &Names,
    own: &[IpAddr],
    limit: Duration,
) -> Vec<(IpAddr, Result<Vec<Pointer>, String>)> {
    let mut found = Vec::new();
    for address in own {
        let reverse = timeout(limit, names.reverse(*address, &Silent)).await;
        let seen = match reverse {
            Ok(reverse) if reverse.ptr.unknown() => Err(format!("{} PTR: no answer", reverse.ptr.name)),
            Ok(reverse) => {
                let looked_up = |number: usize| {
                    let looked = reverse.addresses.get(number).filter(|looked| !looked.unknown())?;
                    Some(looked.records().contains(address))
                };
                let pointers = reverse
                    .ptr
                    .records()
                    .iter()
                    .enumerate()
                    .map(|(number, name)| Pointer { name: name.clone(), confirmed: looked_up(number) });
                Ok(pointers.collect())
            }
            Err(_) => Err(format!("PTR: no answer within {LOOK_S} s")),
        };
        found.push((*address, seen));
    }
    found
}
