//! The sockets of a service.

use std::io;
use std::net::SocketAddr;

use tokio::net::{TcpListener, TcpSocket};

use crate::program::app::error::StartError;
use crate::program::config::Settings;
use crate::sending::authority::Sockets;

/// How many connections may wait to be accepted: a burst of thousands must not make others knock for seconds, since
/// what finds no room here is dropped in silence. The system may allow fewer (net.core.somaxconn).
const BACKLOG: u32 = 8_192;

/// The addresses of a running service.
#[derive(Clone, Debug, Default)]
pub struct Bound {
    pub smtp: Vec<SocketAddr>,
    pub dns: Vec<SocketAddr>,
    /// The policy host.
    pub policy_host: Vec<SocketAddr>,
    pub site: Vec<SocketAddr>,
    /// What sends visitors of the site to HTTPS.
    pub http_redirect: Vec<SocketAddr>,
    /// What tells whoever watches how the service is.
    pub metrics: Vec<SocketAddr>,
}

/// Its sockets, before anybody serves on them.
pub(super) struct Listening {
    pub(super) smtp: Vec<TcpListener>,
    pub(super) dns: Sockets,
    pub(super) policy_host: Vec<TcpListener>,
    pub(super) site: Vec<TcpListener>,
    pub(super) http_redirect: Vec<TcpListener>,
    pub(super) metrics: Vec<TcpListener>,
}

/// Binds all of them.
pub(super) async fn bind(settings: &Settings) -> Result<(Listening, Bound), StartError> {
    let listen = &settings.listen;
    let (mut smtp, mut smtp_bound) = bind_tcp("smtp", &listen.smtp).await?;
    let mut entrances = settings.addresses.entrance_sockets(&smtp_bound);
    entrances.retain(|address| settings.node.listens_at(address));
    let (entrances, entrances_bound) = bind_tcp("smtp (for addresses.cases)", &entrances).await?;
    smtp.extend(entrances);
    smtp_bound.extend(entrances_bound);
    let (policy_host, policy_host_bound) = bind_tcp("policy_host", &listen.policy_host).await?;
    let (site, site_bound) = bind_tcp("site", &listen.site).await?;
    let (http_redirect, redirect_bound) = bind_tcp("http_redirect", &listen.http_redirect).await?;
    let (metrics, metrics_bound) = bind_tcp("metrics", &listen.metrics).await?;
    let failed = |source| StartError::Bind { key: "dns", address: format!("{:?}", listen.dns), source };
    let dns = Sockets::bind(&listen.dns).await.map_err(failed)?;
    let dns_bound = dns.addresses().map_err(failed)?;
    let bound = Bound {
        smtp: smtp_bound,
        dns: dns_bound,
        policy_host: policy_host_bound,
        site: site_bound,
        http_redirect: redirect_bound,
        metrics: metrics_bound,
    };
    Ok((Listening { smtp, dns, policy_host, site, http_redirect, metrics }, bound))
}

async fn bind_tcp(
    key: &'static str,
    addresses: &[SocketAddr],
) -> Result<(Vec<TcpListener>, Vec<SocketAddr>), StartError> {
    let (mut listeners, mut bound) = (Vec::new(), Vec::new());
    for address in addresses {
        let failed = |source| StartError::Bind { key, address: address.to_string(), source };
        let listener = listen(*address).map_err(failed)?;
        bound.push(listener.local_addr().map_err(failed)?);
        listeners.push(listener);
    }
    Ok((listeners, bound))
}

/// A listener with room for a burst of connections.
fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv6() { TcpSocket::new_v6()? } else { TcpSocket::new_v4()? };
    // What an earlier process left in TIME_WAIT is not in the way.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}
