//! Every outgoing connection: which addresses may be called, on which port for which purpose, from where, and
//! for how long; and a GET over HTTPS that keeps every fact.

mod https;
mod prompt;
mod rules;

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use serde::Deserialize;
use tokio::net::{TcpSocket, TcpStream};

pub use https::{FetchLimits, Get, date, fetch, https_get};
pub use prompt::Prompt;
pub use rules::{AddressRules, Special, destination};

/// How the service calls others. Other ports than the standard ones are for labs, tests and the demo.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Which addresses may be called; by default only those that are globally reachable.
    #[serde(rename = "allowed")]
    pub rules: AddressRules,
    /// The port of SMTP to an MX host; default 25.
    pub smtp_port: u16,
    /// The port of HTTPS to a policy host; default 443.
    pub https_port: u16,
    /// The local addresses to call from, at most one of each family counts; by default the system chooses.
    pub from: Vec<IpAddr>,
    /// How long a connection may take to be established, in seconds; default 30 (as Postfix's
    /// `smtp_connect_timeout`).
    pub connect_timeout_s: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            rules: AddressRules::default(),
            smtp_port: 25,
            https_port: 443,
            from: Vec::new(),
            connect_timeout_s: 30,
        }
    }
}

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
pub enum DialError {
    /// The rules forbid the address.
    #[error("{address} is not called: it is {special} (allow it by dial.allowed)")]
    Forbidden { address: IpAddr, special: Special },
    /// It took too long.
    #[error("{address}: no connection within {timeout_s} s")]
    TimedOut {
        /// Who was called.
        address: SocketAddr,
        /// The limit, in seconds.
        timeout_s: u32,
    },
    /// The system says no.
    #[error("{address}: {source}")]
    Failed {
        /// Who was called.
        address: SocketAddr,
        /// In the system's words.
        source: std::io::Error,
    },
}

impl Settings {
    /// Connects to an MX host's `address`.
    ///
    /// # Errors
    ///
    /// If the address may not be called, cannot be reached, or does not answer in time.
    pub async fn smtp(&self, address: IpAddr) -> Result<TcpStream, DialError> {
        self.connect(SocketAddr::new(address, self.smtp_port)).await
    }

    /// The same for whoever asks much and sends little: the stream acknowledges at once.
    ///
    /// # Errors
    ///
    /// If the address may not be called, cannot be reached, or does not answer in time.
    pub async fn smtp_prompt(&self, address: IpAddr) -> Result<Prompt, DialError> {
        self.smtp(address).await.map(Prompt::new)
    }

    /// Connects to `address`, which the operator wrote down, such as that of a validator: the rules are for what
    /// strangers publish.
    ///
    /// # Errors
    ///
    /// If the address cannot be reached, or does not answer in time.
    pub async fn configured(&self, address: SocketAddr) -> Result<TcpStream, DialError> {
        self.establish(address).await
    }

    /// Connects to `address`. The rules are asked about this very address, so that no name can be looked up
    /// twice with different answers in between.
    ///
    /// # Errors
    ///
    /// If the address may not be called, cannot be reached, or does not answer in time.
    pub async fn connect(&self, address: SocketAddr) -> Result<TcpStream, DialError> {
        self.rules
            .check(address.ip())
            .map_err(|special| DialError::Forbidden { address: address.ip(), special })?;
        self.establish(address).await
    }

    async fn establish(&self, address: SocketAddr) -> Result<TcpStream, DialError> {
        let timeout_s = self.connect_timeout_s;
        let connecting = async {
            let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
            if let Some(from) = self.from.iter().find(|from| from.is_ipv4() == address.is_ipv4()) {
                socket.bind(SocketAddr::new(*from, 0))?;
            }
            let stream = socket.connect(address).await?;
            stream.set_nodelay(true)?;
            Ok(stream)
        };
        match tokio::time::timeout(Duration::from_secs(u64::from(timeout_s)), connecting).await {
            Ok(connected) => connected.map_err(|source| DialError::Failed { address, source }),
            Err(_) => Err(DialError::TimedOut { address, timeout_s }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCAL: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

    #[tokio::test]
    async fn calls_only_what_the_rules_allow_and_from_where_it_should() {
        let listener = tokio::net::TcpListener::bind((LOCAL, 0)).await.unwrap();
        let smtp = listener.local_addr().unwrap().port();
        let from: IpAddr = "127.0.0.7".parse().unwrap();
        let mut settings = Settings { smtp_port: smtp, from: vec![from], ..Settings::default() };
        let error = settings.smtp(LOCAL).await.unwrap_err().to_string();
        assert_eq!(error, "127.0.0.1 is not called: it is loopback (allow it by dial.allowed)");
        settings.rules.allowed = vec!["127.0.0.0/8".parse().unwrap()];
        let (connected, accepted) = tokio::join!(settings.smtp(LOCAL), listener.accept());
        assert_eq!(connected.unwrap().local_addr().unwrap().ip(), from);
        assert_eq!(accepted.unwrap().1.ip(), from);
        let refused = settings.connect(SocketAddr::new(LOCAL, 1)).await.unwrap_err();
        assert!(matches!(refused, DialError::Failed { .. }), "{refused}");
    }
}
