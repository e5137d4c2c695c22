//! Takes one step of the plan after the other, for as long as the service runs.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::CertificateDer;
use tokio_util::sync::CancellationToken;

use super::answer::Answer;
use super::ca::Ca;
use super::failure::{Failure, Kind};
use super::https::Https;
use super::order::{Prover, Wanted, obtain};
use super::plan::{Rules, Step, ahead_s, next, ordered};
use super::rules;
use super::settings::Settings;
use crate::sending::identities::{
    CertificatesError, FormerKey, Lineage, NextKey, Pool, Setback, View, Window, Wish,
};
use crate::shared::dial;
use crate::shared::dns::Lookup;
use crate::shared::time::{Timestamp, after};
use crate::shared::tls::client::Roots;

/// How often it is looked for an operator's wishes, in milliseconds.
const WISHES_MS: u64 = 1000;
/// How long to wait after what could not be read or written here, in seconds.
const PAUSE_S: u64 = 30;
/// How long to wait where our own resolver does not see our zones, in seconds.
const NOT_SEEN_S: u32 = 60;
/// Of a certificate's life this part is the longest wait after a failure.
const WAIT_PART: i64 = 60;
/// The shortest such wait of a short life, in seconds.
const WAIT_LEAST_S: i64 = 10;
/// How soon and how late a CA is asked again when it wants a certificate renewed, in seconds (RFC 9773 §4.3.2): a minute, a
/// day, and six hours where it did not say.
const ASK_AGAIN_S: (u64, u64) = (60, 86_400);
const ASK_AGAIN_ELSE_S: u64 = 21_600;
/// The same as parts of a certificate's life: a short one is asked about more often.
const ASK_PART: u64 = 20;

/// How long after another cared it is asked again whether that is now ours, in seconds.
const OTHERS_S: u64 = 10;

/// What certificates are cared for with.
pub struct Parts {
    /// Which CA, and how.
    pub settings: Settings,
    /// Keys, certificates, and how far each lineage is.
    pub pool: Arc<Pool>,
    /// Has our zones prove names.
    pub answer: Answer,
    /// A resolver that sees them from outside, and finds the CA.
    pub lookup: Arc<dyn Lookup>,
    /// How the CA is called.
    pub dial: dial::Settings,
    /// The roots that the CA's own web server is measured by.
    pub roots: Roots,
    /// The TTL of TLSA records, in seconds.
    pub tlsa_ttl_s: u32,
    pub clock: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    /// Shows what the pool has, and lets the zones follow.
    pub follow: Follow,
    /// Whether it is this service that cares, where several share the pool: asked before each step.
    pub is_ours: IsOurs,
}

/// Whether it is this service that cares for certificates at the moment.
type IsOurs = Arc<dyn Fn() -> Pin<Box<dyn Future<Output = bool> + Send>> + Send + Sync>;

/// Shows what the pool has, and lets the zones follow. The reason of a failure says what to do.
pub type Follow = Arc<dyn Fn(Timestamp) -> Result<(), String> + Send + Sync>;

/// Cares for certificates.
pub struct Renewal {
    parts: Parts,
    ca: Ca,
}

/// Why a step was not taken: the reason, which the operator is told.
struct NotTaken(String);

impl From<CertificatesError> for NotTaken {
    fn from(error: CertificatesError) -> Self {
        Self(error.to_string())
    }
}

impl Renewal {
    /// Cares for the certificates of the pool.
    pub fn new(parts: Parts) -> Self {
        let directory = parts.settings.directory_url().to_owned();
        let (dial, lookup, clock) = (parts.dial.clone(), Arc::clone(&parts.lookup), Arc::clone(&parts.clock));
        let ca = Ca {
            https: Https::new(&directory, dial, lookup, parts.roots.clone(), Arc::clone(&clock)),
            account_path: parts.pool.account_path(&directory),
            contact: parts.settings.contact.clone(),
            directory,
            clock,
        };
        Self { parts, ca }
    }

    /// Takes every step when it is due, until it is asked to stop.
    pub async fn run(self, stop: CancellationToken) {
        let stepping = async {
            loop {
                if !(self.parts.is_ours)().await {
                    tokio::time::sleep(Duration::from_secs(OTHERS_S)).await;
                    continue;
                }
                let wait = match self.step().await {
                    Ok(wait) => wait,
                    Err(NotTaken(reason)) => {
                        tracing::error!("certificates: {reason}; it is tried again in {PAUSE_S} s");
                        Duration::from_secs(PAUSE_S)
                    }
                };
                tokio::time::sleep(wait).await;
            }
        };
        stop.run_until_cancelled(stepping).await;
    }

    /// Takes the step that is due, and says how long to wait for the next one.
    async fn step(&self) -> Result<Duration, NotTaken> {
        let pool = &self.parts.pool;
        for wish in pool.wishes() {
            self.grant(wish)?;
        }
        let now = self.now();
        let views = pool.views()?;
        let step = next(&views, self.rules(), now);
        let of = |number: u32| views.iter().find(|view| view.lineage.number == number);
        match step {
            Step::Wait(until) => {
                let wait_ms = until.as_millisecond().saturating_sub(now.as_millisecond()).max(1);
                return Ok(Duration::from_millis(wait_ms.unsigned_abs().min(WISHES_MS)));
            }
            Step::Publish(number) => self.publish(number)?,
            Step::Switch(number) => self.switch(number)?,
            Step::Retire(number) => self.retire(number)?,
            Step::Order(number, key) => {
                if let Some(view) = of(number) {
                    self.order(view, key).await?;
                }
            }
            Step::Ask(number) => {
                if let Some(view) = of(number) {
                    self.ask(view).await?;
                }
            }
        }
        Ok(Duration::ZERO)
    }

    fn now(&self) -> Timestamp {
        (self.parts.clock)()
    }

    fn rules(&self) -> Rules<'_> {
        rules(&self.parts.settings, self.parts.tlsa_ttl_s)
    }

    fn follow(&self) -> Result<(), NotTaken> {
        (self.parts.follow)(self.now()).map_err(NotTaken)
    }

    /// Does what the operator asked for: first in the state, so that it is not lost.
    fn grant(&self, wish: Wish) -> Result<(), NotTaken> {
        let pool = &self.parts.pool;
        for lineage in pool.state().lineages {
            match wish {
                Wish::Renew => pool.change(lineage.number, |lineage| {
                    lineage.renewal_wanted = true;
                    lineage.setback = None;
                })?,
                Wish::ChangeKey if lineage.next.is_none() => {
                    let key = lineage.key + 1;
                    pool.make_key(lineage.number, key)?;
                    pool.change(lineage.number, |lineage| {
                        lineage.next = Some(NextKey { key, published: None });
                        lineage.setback = None;
                    })?;
                    tracing::info!(
                        lineage = lineage.number,
                        "a key is to change: its TLSA record is published ahead"
                    );
                }
                Wish::ChangeKey => {}
            }
        }
        pool.fulfil(wish)?;
        Ok(())
    }

    fn publish(&self, number: u32) -> Result<(), NotTaken> {
        self.follow()?;
        let now = self.now();
        self.parts.pool.change(number, |lineage| {
            if let Some(next) = &mut lineage.next {
                next.published = Some(now);
            }
        })?;
        let ahead_s = ahead_s(self.parts.tlsa_ttl_s);
        tracing::info!(
            lineage = number,
            "the next key's TLSA record is served; in {ahead_s} s the key may be shown"
        );
        Ok(())
    }

    /// From here on the next key is the present one. A crash before the write leaves all as it was; one behind it, and the
    /// new start shows the new key, whose TLSA record has been served all along.
    fn switch(&self, number: u32) -> Result<(), NotTaken> {
        let now = self.now();
        self.parts.pool.change(number, |lineage| {
            if let Some(next) = lineage.next.take() {
                lineage.former = Some(FormerKey { key: lineage.key, replaced: now });
                lineage.key = next.key;
                lineage.window = None;
                lineage.renewal_wanted = false;
            }
        })?;
        self.follow()?;
        tracing::info!(lineage = number, "the next key is shown, and the former one's TLSA record is gone");
        Ok(())
    }

    fn retire(&self, number: u32) -> Result<(), NotTaken> {
        let state = self.parts.pool.state();
        let former = state.lineages.iter().find(|lineage| lineage.number == number);
        let former = former.and_then(|lineage| lineage.former.as_ref()).map(|former| former.key);
        self.parts.pool.change(number, |lineage| lineage.former = None)?;
        if let Some(key) = former {
            self.parts.pool.remove_key(number, key)?;
        }
        self.follow()
    }

    async fn order(&self, view: &View, key: u32) -> Result<(), NotTaken> {
        let lineage = &view.lineage;
        let (pool, number) = (&self.parts.pool, lineage.number);
        let names = ordered(&lineage.names);
        let request = pool.request(number, key, &names)?;
        let profile = self.parts.settings.profile.as_deref();
        let replaced = view.issued.as_ref().filter(|issued| {
            // Where the CA answered about it, it wants to know.
            issued.window(lineage).is_some_and(|window| window.suggested.is_some())
        });
        let replaces: Option<&CertificateDer<'static>> = replaced.and_then(|issued| issued.chain.first());
        let wanted = Wanted { names: &names, request: &request, profile, replaces };
        let prover = Prover { answer: &self.parts.answer, lookup: &*self.parts.lookup };
        let first = lineage.names.first().cloned().unwrap_or_default();
        tracing::info!(lineage = number, names = names.len(), "ordering a certificate for {first}");
        self.begin(view)?;
        let obtained = obtain(&self.ca, &prover, &wanted).await;
        let kept = obtained.and_then(|pem| {
            let kept = pool.keep((number, key), &pem, &self.ca.directory, profile);
            kept.map_err(|error| Failure::new(error.to_string()))
        });
        match kept {
            Ok(issued) => {
                let is_shown = key == lineage.key;
                pool.change(number, |lineage| {
                    lineage.setback = None;
                    if is_shown {
                        (lineage.renewal_wanted, lineage.window) = (false, None);
                    }
                })?;
                self.follow()?;
                tracing::info!(lineage = number, ends = %issued.ends, "the CA issued a certificate for {first}");
                Ok(())
            }
            Err(failure) => self.set_back(view, &failure),
        }
    }

    /// Notes that an order begins, before the CA hears of it: whoever dies over it, or cannot write any more, must not ask
    /// again at once, since CAs count orders.
    fn begin(&self, view: &View) -> Result<(), NotTaken> {
        let now = self.now();
        let failures = view.lineage.setback.as_ref().map_or(0, |setback| setback.failures) + 1;
        let not_before = after(now, wait_s(&self.parts.settings, view, failures));
        let reason = "an order was begun, and its end is not known".to_owned();
        self.parts.pool.change(view.lineage.number, |lineage| {
            lineage.setback = Some(Setback { failures, at: now, not_before, reason });
        })?;
        Ok(())
    }

    /// Notes a failure, and when to try again.
    fn set_back(&self, view: &View, failure: &Failure) -> Result<(), NotTaken> {
        let now = self.now();
        if failure.kind == Kind::NoAccount
            && let Err(failure) = self.ca.put_account_aside()
        {
            tracing::warn!("certificates: {}", failure.reason);
        }
        let failures = view.lineage.setback.as_ref().map_or(0, |setback| setback.failures) + 1;
        // What cost the CA nothing is tried again soon: a delegation that is entered today is to be found today.
        let wait_s = match failure.kind {
            Kind::NotSeen => self.parts.settings.retry_first_s.min(NOT_SEEN_S),
            _ => wait_s(&self.parts.settings, view, failures),
        };
        let not_before = after(now, wait_s).max(failure.not_before.unwrap_or(Timestamp::MIN));
        let reason = failure.reason.clone();
        self.parts.pool.change(view.lineage.number, |lineage| {
            lineage.setback = Some(Setback { failures, at: now, not_before, reason });
        })?;
        let name = view.lineage.names.first().map_or("", String::as_str);
        let meanwhile = match &view.issued {
            Some(issued) if issued.ends > now => format!("the old one serves on until {}", issued.ends),
            Some(_) => "the old one has ended".to_owned(),
            None => "there is none yet".to_owned(),
        };
        let said = format!(
            "no certificate for {name}: {}; {meanwhile}; the next attempt is at {not_before}",
            failure.reason
        );
        // What fails alike every minute is told ever more seldom.
        let was = view.lineage.setback.as_ref().map(|setback| &setback.reason);
        if was != Some(&failure.reason) || failures.is_power_of_two() {
            tracing::error!("{said}");
        } else {
            tracing::debug!("{said}");
        }
        Ok(())
    }

    /// Asks when the CA wants a certificate renewed. That it does not say is no failure.
    async fn ask(&self, view: &View) -> Result<(), NotTaken> {
        let Some(issued) = &view.issued else { return Ok(()) };
        let Some(leaf) = issued.chain.first() else { return Ok(()) };
        let (suggested, again_s) = match self.ca.suggestion(leaf).await {
            Ok(suggestion) => {
                let known = issued.window(&view.lineage).and_then(|window| window.suggested);
                let (start, end) = (suggestion.start, suggestion.end);
                if known != Some((start, end)) {
                    let why = suggestion.explanation.unwrap_or_default();
                    tracing::info!(%start, %end, why, "the CA suggests when to renew the certificate");
                }
                (Some((start, end)), suggestion.again_s)
            }
            Err(failure) if failure.kind == Kind::Unsupported => (None, ASK_AGAIN_S.1),
            Err(failure) => {
                tracing::debug!(reason = failure.reason, "the CA does not say when to renew");
                let known = issued.window(&view.lineage);
                (known.and_then(|window| window.suggested), ASK_AGAIN_ELSE_S)
            }
        };
        let life_s = u64::try_from(issued.life_s()).unwrap_or(0);
        let most_s = ASK_AGAIN_S.1.min((life_s / ASK_PART).max(ASK_AGAIN_S.0));
        let again_s = u32::try_from(again_s.clamp(ASK_AGAIN_S.0, most_s)).unwrap_or(u32::MAX);
        let window = Window { suggested, of_end: issued.ends, ask_again: after(self.now(), again_s) };
        self.parts.pool.change(view.lineage.number, |lineage: &mut Lineage| lineage.window = Some(window))?;
        Ok(())
    }
}

/// How long to wait after so many failures in a row, in seconds: twice as long each time.
fn wait_s(settings: &Settings, view: &View, failures: u32) -> u32 {
    let doubled = 1_u32.checked_shl(failures.saturating_sub(1)).unwrap_or(u32::MAX);
    let wait_s = settings.retry_first_s.saturating_mul(doubled).min(settings.retry_most_s);
    let Some(issued) = &view.issued else { return wait_s };
    let most_s = (issued.life_s() / WAIT_PART).max(WAIT_LEAST_S);
    wait_s.min(u32::try_from(most_s).unwrap_or(u32::MAX))
}
