//! Another host on the sockets of the policy host, told apart by SNI: the site.

use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;

use rustls::ServerConfig;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_util::sync::CancellationToken;

use crate::sending::trial::Place;

/// A connection to it whose handshake is done.
pub struct Visited {
    pub stream: Box<dyn Transport>,
    pub peer: SocketAddr,
    /// Its place among the connections of the policy host, which goes back as soon as it has one of its own.
    pub place: Place,
    pub stop: CancellationToken,
}

/// What octets go over in both directions.
pub trait Transport: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Transport for T {}

/// Serves a connection until it ends.
type Serve = dyn Fn(Visited) -> Pin<Box<dyn Future<Output = ()> + Send>> + Send + Sync;

/// Another host that shares the sockets. Visits to it are no fetches of a policy, and are not noted.
#[derive(Clone)]
pub struct Neighbour {
    /// Its name, in lower case.
    pub name: String,
    /// What it shows in TLS, as it is now.
    pub config: Arc<dyn Fn() -> Option<Arc<ServerConfig>> + Send + Sync>,
    pub serve: Arc<Serve>,
}
