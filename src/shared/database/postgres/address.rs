//! Where a database is.

use std::str::FromStr;
use std::time::Duration;
use std::{fmt, io};

use serde::Deserialize;
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, PgConnection};

/// How long it may take until a server has let us in, in seconds: one whose host is silent never says so.
const CONNECT_S: u64 = 10;

/// Where a database is, and as whom it is asked: `postgres://user:password@host:5432/database`. A socket's folder stands in
/// `?host=/run/postgresql`.
#[derive(Clone, Deserialize)]
#[serde(try_from = "String")]
pub struct Address {
    options: PgConnectOptions,
    /// Without the password.
    shown: String,
    has_password: bool,
}

/// Why a text is no address of a database.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}; a database is named `postgres://USER@HOST/DATABASE`")]
pub struct NotAnAddress(String);

impl Address {
    /// Whether a text names a database of PostgreSQL, and not a file.
    pub fn is_meant(text: &str) -> bool {
        ["postgres://", "postgresql://"].iter().any(|scheme| text.starts_with(scheme))
    }

    /// A connection of one's own.
    ///
    /// # Errors
    ///
    /// If the server does not answer, or does not let us in.
    pub async fn connect(&self) -> sqlx::Result<PgConnection> {
        let connected = tokio::time::timeout(Duration::from_secs(CONNECT_S), self.options.connect());
        let silent = |_| io::Error::new(io::ErrorKind::TimedOut, "the server does not answer");
        connected.await.map_err(|late| sqlx::Error::Io(silent(late)))?
    }

    /// Whether the text itself had a password.
    pub fn has_password(&self) -> bool {
        self.has_password
    }

    /// The same for a pool of connections, which makes its own.
    pub fn options(&self) -> &PgConnectOptions {
        &self.options
    }
}

impl FromStr for Address {
    type Err = NotAnAddress;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if !Self::is_meant(text) {
            return Err(NotAnAddress("it does not begin with `postgres://`".to_owned()));
        }
        // The library's own words may repeat the text, and the password with it.
        let options: PgConnectOptions =
            text.parse().map_err(|_: sqlx::Error| NotAnAddress("it cannot be read".to_owned()))?;
        let shown = format!(
            "postgres://{}@{}:{}/{}",
            options.get_username(),
            options
                .get_socket()
                .map_or_else(|| options.get_host().to_owned(), |socket| socket.display().to_string()),
            options.get_port(),
            options.get_database().unwrap_or(options.get_username()),
        );
        let authority = text.split_once("://").map_or("", |(_, rest)| rest);
        let authority = authority.split(['/', '?']).next().unwrap_or_default();
        let user = authority.rsplit_once('@').map_or("", |(user, _)| user);
        let has_password = user.contains(':') || text.contains("password=");
        Ok(Self { options: options.application_name("mailassay"), shown, has_password })
    }
}

impl PartialEq for Address {
    /// By what may be shown of them.
    fn eq(&self, other: &Self) -> bool {
        self.shown == other.shown
    }
}

impl Eq for Address {}

impl TryFrom<String> for Address {
    type Error = NotAnAddress;

    fn try_from(text: String) -> Result<Self, NotAnAddress> {
        text.parse()
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Address").field(&self.shown).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_never_shown() {
        let address: Address = "postgres://ma:secret@db.example:5433/mail".parse().unwrap();
        assert_eq!(address.to_string(), "postgres://ma@db.example:5433/mail");
        assert!(address.has_password());
        assert!(!"postgres://ma@db.example:5433/mail".parse::<Address>().unwrap().has_password());
        assert_eq!(format!("{address:?}"), r#"Address("postgres://ma@db.example:5433/mail")"#);
        let error = "postgres://ma:secret@db.example:port/mail".parse::<Address>().unwrap_err();
        assert!(!error.to_string().contains("secret"), "{error}");
    }
}
