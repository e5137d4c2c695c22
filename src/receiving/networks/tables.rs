//! The tables of the operator: routes from files and payloads from a validator, kept and made new in good time.

use std::net::IpAddr;
use std::panic::AssertUnwindSafe;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use ipnet::IpNet;
use jiff::{SignedDuration, Timestamp};
use parking_lot::Mutex;
use tokio::net::lookup_host;

use crate::shared::dial;

use super::roa::Vrps;
use super::routes::{Routes, Versions, versions};
use super::rtr::{self, Fetched, RtrError};
use super::{Settings, Tools, kept};

/// How often files are looked at for changes, and a source that failed is asked again, in seconds.
const LOOK_AGAIN_S: i64 = 60;
/// How long a validator may take for everything it has, in seconds. A scan does not wait as long.
const FETCH_S: u64 = 120;

/// What a source gave, or why it gave nothing.
type Held<T> = Result<Arc<T>, String>;

/// Something that is kept, and made anew behind those who use it.
struct Table<T> {
    state: Mutex<State<T>>,
    made: tokio::sync::Notify,
}

struct State<T> {
    held: Option<Held<T>>,
    /// When to look again, and how long that was away when it was set.
    due: Timestamp,
    pause: SignedDuration,
    /// Until when what is held may be used; an older one is not.
    until: Timestamp,
    under_way: bool,
}

/// What came of an attempt.
struct Made<T> {
    /// None: what is held is still good.
    held: Option<Held<T>>,
    again_s: i64,
    good_s: i64,
}

impl<T: Send + Sync + 'static> Table<T> {
    fn new() -> Arc<Self> {
        let (due, until) = (Timestamp::MIN, Timestamp::MAX);
        let state = State { held: None, due, pause: SignedDuration::MAX, until, under_way: false };
        Arc::new(Self { state: Mutex::new(state), made: tokio::sync::Notify::new() })
    }

    /// What is held. Where it is time, `make` is begun behind; only who finds nothing at all waits for it, for
    /// `wait` at most.
    async fn get<F>(self: &Arc<Self>, now: Timestamp, wait: Duration, make: impl FnOnce() -> F) -> Held<T>
    where
        F: Future<Output = Made<T>> + Send + 'static,
    {
        {
            let mut state = self.state.lock();
            // A clock that was set back must not put off the next look by as much.
            let is_due = now >= state.due || state.due.duration_since(now) > state.pause;
            if is_due && !state.under_way {
                state.under_way = true;
                let (table, making) = (Arc::clone(self), make());
                tokio::spawn(async move {
                    let made = AssertUnwindSafe(making).catch_unwind().await.unwrap_or_else(|_| {
                        tracing::error!(
                            "reading a table of the operator's panicked; it is read again in {LOOK_AGAIN_S} s; please \
                             report this together with the lines above"
                        );
                        Made { held: Some(Err("reading it panicked".to_owned())), again_s: LOOK_AGAIN_S, good_s: 0 }
                    });
                    table.take(made, now);
                });
            }
        }
        let _too_late = tokio::time::timeout(wait, async {
            loop {
                let made = self.made.notified();
                tokio::pin!(made);
                made.as_mut().enable();
                if self.state.lock().held.is_some() {
                    return;
                }
                made.await;
            }
        })
        .await;
        let state = self.state.lock();
        match &state.held {
            Some(held) if now <= state.until => held.clone(),
            Some(_) => Err("what is known is too old".to_owned()),
            None => Err("it is still being read".to_owned()),
        }
    }

    fn take(&self, made: Made<T>, now: Timestamp) {
        let moved = |seconds| now.checked_add(SignedDuration::from_secs(seconds)).unwrap_or(Timestamp::MAX);
        let mut state = self.state.lock();
        state.under_way = false;
        state.due = moved(made.again_s);
        state.pause = SignedDuration::from_secs(made.again_s);
        match made.held {
            // What worked before is better than nothing, as long as it is good.
            Some(Err(_)) if matches!(state.held, Some(Ok(_))) && now <= state.until => {}
            Some(held) => {
                state.until = if held.is_ok() { moved(made.good_s) } else { Timestamp::MAX };
                state.held = Some(held);
            }
            None => {}
        }
        drop(state);
        self.made.notify_waiters();
    }
}

/// Routes and payloads.
pub(super) struct Tables {
    files: Vec<PathBuf>,
    rtr: Option<String>,
    wait: Duration,
    dial: dial::Settings,
    clock: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    routes: Arc<Table<(Routes, Versions)>>,
    vrps: Arc<Table<Vrps>>,
}

impl Tables {
    pub(super) fn new(settings: &Settings, tools: &Tools) -> Self {
        Self {
            files: settings.routes.clone(),
            rtr: settings.rtr.clone(),
            wait: Duration::from_secs(u64::from(settings.timeout_s)),
            dial: tools.dial.clone(),
            clock: Arc::clone(&tools.clock),
            routes: Table::new(),
            vrps: Table::new(),
        }
    }

    /// The route of an address: of nothing where it is not routed. None: there are no files, or none with routes of
    /// its family.
    pub(super) async fn route(&self, address: IpAddr) -> Option<Result<Option<(IpNet, Vec<u32>)>, String>> {
        if self.files.is_empty() {
            return None;
        }
        let (table, files) = (Arc::clone(&self.routes), self.files.clone());
        let make = move || async move {
            let read = tokio::task::spawn_blocking(move || read(&table, &files)).await;
            let held = read.unwrap_or_else(|error| Some(Err(error.to_string())));
            Made { held, again_s: LOOK_AGAIN_S, good_s: i64::MAX / 4 }
        };
        match self.routes.get((self.clock)(), self.wait, make).await {
            Ok(read) => {
                let (routes, _) = &*read;
                routes.has(address).then(|| Ok(routes.of(address)))
            }
            Err(reason) => Some(Err(format!("routes: {}", kept(&reason)))),
        }
    }

    /// The payloads of the validator. None: there is no validator.
    pub(super) async fn vrps(&self) -> Option<Held<Vrps>> {
        let host = self.rtr.clone()?;
        let (dial, shown) = (self.dial.clone(), host.clone());
        let make = move || async move {
            let fetching = tokio::time::timeout(Duration::from_secs(FETCH_S), ask(&dial, &host));
            match fetching.await.unwrap_or_else(|_| Err(format!("nothing whole within {FETCH_S} s"))) {
                Ok(Fetched { vrps, refresh_s, expire_s }) => Made {
                    held: Some(Ok(Arc::new(vrps))),
                    again_s: i64::from(refresh_s),
                    good_s: i64::from(expire_s),
                },
                Err(reason) => Made { held: Some(Err(reason)), again_s: LOOK_AGAIN_S, good_s: 0 },
            }
        };
        let held = self.vrps.get((self.clock)(), self.wait, make).await;
        Some(held.map_err(|reason| format!("RTR {shown}: {}", kept(&reason))))
    }
}

/// Reads the files, if they are others than those that were read.
fn read(table: &Table<(Routes, Versions)>, files: &[PathBuf]) -> Option<Held<(Routes, Versions)>> {
    let present = versions(files);
    let same = |held: &Held<(Routes, Versions)>| held.as_ref().is_ok_and(|read| read.1 == present);
    if table.state.lock().held.as_ref().is_some_and(same) {
        return None;
    }
    Some(Routes::read(files).map(|routes| Arc::new((routes, present))).map_err(|error| error.to_string()))
}

/// Asks the validator, in version 1 and then in the one that it speaks (RFC 8210 §7).
async fn ask(dial: &dial::Settings, host: &str) -> Result<Fetched, String> {
    match once(dial, host, 1).await {
        Err(Asked::Rtr(RtrError::Version(0))) => once(dial, host, 0).await,
        asked => asked,
    }
    .map_err(|error| match error {
        Asked::Rtr(error) => error.to_string(),
        Asked::Unreachable(reason) => reason,
    })
}

enum Asked {
    Rtr(RtrError),
    Unreachable(String),
}

/// The validator is a host of the operator's: its name is looked up by the system and its address may be any.
async fn once(dial: &dial::Settings, host: &str, version: u8) -> Result<Fetched, Asked> {
    let unreachable = |error: &dyn std::fmt::Display| Asked::Unreachable(error.to_string());
    let mut reason = Asked::Unreachable("it has no address".to_owned());
    for address in lookup_host(host).await.map_err(|error| unreachable(&error))?.take(4) {
        match dial.configured(address).await {
            Ok(stream) => return rtr::fetch(stream, version).await.map_err(Asked::Rtr),
            Err(error) => reason = unreachable(&error),
        }
    }
    Err(reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    const WAIT: Duration = Duration::from_secs(60);

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_000_000 + seconds).expect("an instant")
    }

    async fn good(held: u32) -> Made<u32> {
        Made { held: Some(Ok(Arc::new(held))), again_s: LOOK_AGAIN_S, good_s: 3_600 }
    }

    #[tokio::test]
    async fn a_table_whose_reading_panics_is_read_again() {
        let table = Table::<u32>::new();
        let panics = async || -> Made<u32> { panic!("a test") };
        let held = table.get(at(0), WAIT, panics).await;
        assert_eq!(held.unwrap_err(), "reading it panicked");
        let made = table.made.notified();
        assert!(table.get(at(59), WAIT, || good(1)).await.is_err(), "not at once");
        assert!(table.get(at(60), WAIT, || good(2)).await.is_err(), "it is begun behind");
        made.await;
        assert_eq!(table.get(at(61), WAIT, || good(3)).await, Ok(Arc::new(2)));
        // One that panics later leaves what there is, as long as that is good.
        let made = table.made.notified();
        assert_eq!(table.get(at(120), WAIT, panics).await, Ok(Arc::new(2)));
        made.await;
        assert_eq!(table.get(at(121), WAIT, || good(4)).await, Ok(Arc::new(2)));
    }

    #[tokio::test]
    async fn a_clock_that_is_set_back_does_not_put_off_the_next_look() {
        let table = Table::<u32>::new();
        table.get(at(86_400), WAIT, || good(1)).await.expect("made");
        let made = table.made.notified();
        assert_eq!(table.get(at(0), WAIT, || good(2)).await, Ok(Arc::new(1)));
        made.await;
        assert_eq!(table.get(at(1), WAIT, || good(3)).await, Ok(Arc::new(2)));
    }
}
