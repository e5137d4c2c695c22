//! What time it is elsewhere.

use crate::shared::dial::{self, Get};
use crate::shared::dns::Lookup;
use crate::shared::time::Timestamp;

/// How long the host that is asked may take, in seconds.
const ANSWER_S: u32 = 10;

/// What another host says the time is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// The host.
    pub host: String,
    /// The time, to the second.
    pub time: Timestamp,
}

/// Asks the web server of `host` for the time; `path` is one that it serves to anybody.
///
/// # Errors
///
/// Why it is not known, in words.
pub async fn clock_of(
    dial: &dial::Settings,
    lookup: &(impl Lookup + ?Sized),
    host: &str,
    path: &str,
) -> Result<Said, String> {
    let addresses = lookup.addresses(host).await.known()?;
    let get = Get { host, path, accept: "*/*" };
    let time = dial::date(dial, get, addresses.records(), ANSWER_S).await;
    time.map(|time| Said { host: host.to_owned(), time }).map_err(|why| format!("{host}: {why}"))
}
