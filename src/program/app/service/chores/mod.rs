//! What the service does by itself, over and over: certificates, expiry, trials that leave memory, the self-check.

mod reload;
mod shared;

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::Assembly;
use super::certificates::Following;
use crate::program::app::case_check::{CaseMirror, Known};
use crate::program::app::parts;
use crate::program::app::self_check::{Mirror, self_check};
use crate::program::rights::{Forgetting, NotForgotten, Upkeep};
use crate::sending::history::{Fact, Recorder, SelfCheck, SelfChecked};
use crate::sending::identities::Source;
use crate::sending::journal::{Lease, Task};
use crate::sending::persona::{CaseId, Suite};
use crate::shared::time::before;

pub(super) use reload::Exchangeable;
use shared::SharedFiles;

/// How often certificates are looked at and old observations expire, in seconds.
const UPKEEP_S: u64 = 3_600;
/// How long after a red look at itself the service looks again, in seconds, where it would not do so earlier.
const RED_S: u64 = 300;
/// How often it is looked for orders to forget, in seconds.
const ORDERS_S: u64 = 5;
/// After so many looks what had to wait for the end of trials is tried again: every five minutes.
const RESUME_LOOKS: u64 = 60;
/// After so many looks what the archive has kept for long enough is deleted: every hour.
const EXPIRE_LOOKS: u64 = 720;
/// How often a node asks whether what another does has become its own, in seconds.
pub(super) const OTHERS_S: u64 = 5;
/// How often told trials are put away and what nobody needs is forgotten, in seconds.
const PUT_AWAY_S: u64 = 10;
/// What is kept of past trials goes in so many parts of its time, or every hour.
const PAST_PARTS: u32 = 10;

impl Assembly {
    /// Renews certificates, and lets old observations expire.
    pub(super) fn upkeep(
        &self,
        following: Arc<Following>,
        stop: CancellationToken,
    ) -> impl Future<Output = ()> + Send + 'static {
        let (journal, settings) = (Arc::clone(&self.journal), Arc::clone(&self.settings));
        let clock = Arc::clone(&self.clock);
        let (exchangeable, authority) = (Arc::clone(&self.exchangeable), Arc::clone(&self.authority));
        async move {
            // Whoever is alone knows what it writes itself, and an operator tells it of the rest.
            let mut shared = (journal.nodes().number() > 0).then(|| SharedFiles::of(&settings));
            let pause = async |shared: &mut Option<SharedFiles>| {
                let others = async {
                    match shared {
                        Some(shared) => shared.changed().await,
                        None => std::future::pending().await,
                    }
                };
                tokio::select! {
                    () = tokio::time::sleep(Duration::from_secs(UPKEEP_S)) => false,
                    () = exchangeable.certificates() => false,
                    () = others => true,
                }
            };
            while let Some(by_others) = stop.run_until_cancelled(pause(&mut shared)).await {
                let now = clock();
                // Files may come with another key; then the TLSA records follow it.
                match following.follow(now) {
                    Ok(true) => tracing::info!("{}", renewed(&settings.tls.source)),
                    Ok(false) => {}
                    Err(reason) => tracing::error!("{reason}"),
                }
                if by_others {
                    match authority.refresh(now) {
                        Ok(()) => {
                            tracing::info!("keys or certificates were written, and are as they are there")
                        }
                        Err(error) => {
                            tracing::error!(%error, "the zones cannot follow the keys that were written")
                        }
                    }
                    continue;
                }
                if journal.nodes().holds(Task::Expiry).await
                    && let Err(error) = journal.expire(now).await
                {
                    tracing::error!(%error, "old observations could not be removed; it is tried again");
                }
            }
        }
    }

    /// Carries out what the operator orders to be forgotten, and deletes from the archive what has been there for long
    /// enough.
    pub(super) fn forget(&self, stop: CancellationToken) -> impl Future<Output = ()> + Send + 'static {
        let archive = || Arc::clone(&self.archive);
        let (journal, trials, clock) =
            (Arc::clone(&self.journal), Arc::clone(&self.trials), Arc::clone(&self.clock));
        let forgetting = Forgetting::new(archive(), journal, trials, self.secret);
        let upkeep = Upkeep::new(archive());
        async move {
            let pause = || tokio::time::sleep(Duration::from_secs(ORDERS_S));
            for look in 1_u64.. {
                if stop.run_until_cancelled(pause()).await.is_none() {
                    return;
                }
                let now = clock();
                let forgot = async {
                    while forgetting.carry_out_next(now).await? {}
                    if look.is_multiple_of(RESUME_LOOKS) {
                        forgetting.resume(now).await?;
                    }
                    if look.is_multiple_of(EXPIRE_LOOKS) {
                        upkeep.expire(now).await?;
                    }
                    Ok::<(), NotForgotten>(())
                };
                if let Err(error) = forgot.await {
                    tracing::error!(%error, "not all could be forgotten that is to be; it is tried again");
                }
            }
        }
    }

    /// Lets told trials leave memory, and what is kept of them for later mail when that is over.
    pub(super) fn put_away(&self, stop: CancellationToken) -> impl Future<Output = ()> + Send + 'static {
        let (journal, trials, clock) =
            (Arc::clone(&self.journal), Arc::clone(&self.trials), Arc::clone(&self.clock));
        let past_kept_s = self.settings.journal.past_kept_s;
        // All that is kept is gone through for it.
        let every_s = u64::from(past_kept_s / PAST_PARTS).min(UPKEEP_S);
        async move {
            let pause = || tokio::time::sleep(Duration::from_secs(PUT_AWAY_S));
            let mut looks = 0;
            while stop.run_until_cancelled(pause()).await.is_some() {
                // That the journal cannot be written is told by itself, once.
                if let Err(error) = trials.put_away(&journal, clock()).await {
                    tracing::debug!(%error, "told trials stay in memory; it is tried again");
                }
                looks += 1;
                if looks * PUT_AWAY_S >= every_s {
                    looks = 0;
                    trials.forget_past(before(clock(), past_kept_s));
                }
            }
        }
    }

    /// Looks at itself at the start and then every `self_check.every_s`, sooner while that is red, and when the clock was
    /// set.
    pub(super) fn look_at_itself(
        &self,
        stop: CancellationToken,
    ) -> impl Future<Output = ()> + Send + 'static {
        let (journal, identities, settings) =
            (Arc::clone(&self.journal), Arc::clone(&self.identities), Arc::clone(&self.settings));
        let (catalogue, lookup, clock) =
            (Arc::clone(&self.catalogue), Arc::clone(&self.lookup), Arc::clone(&self.clock));
        let (roots, rounds) = (self.roots.clone(), Arc::clone(&self.rounds));
        let authority = Arc::clone(&self.authority);
        // What was found before the start holds until the cases are looked at again: it is no time at which all are sound.
        let last = self.trials.last_self_check();
        async move {
            let every_s = u64::from(settings.self_check.every_s.max(1));
            let cases = CaseMirror {
                settings: &settings,
                catalogue: &catalogue,
                lookup: &lookup,
                roots: &roots,
                clock: &clock,
            };
            let mut known = Known::before(cases.offered().map(|case| case.id.clone()), last.as_deref());
            let looking = async {
                loop {
                    // What one node sees is noted for all.
                    if !journal.nodes().holds(Task::SelfCheck).await {
                        tokio::time::sleep(Duration::from_secs(OTHERS_S)).await;
                        continue;
                    }
                    let mirror = Mirror {
                        settings: &settings,
                        catalogue: &catalogue,
                        identities: &identities,
                        authority: &authority,
                        lookup: &*lookup,
                        roots: &roots,
                    };
                    // What the cases were found to be the last time holds until they are looked at again.
                    let mut checked = known.with(self_check(&mirror, clock()).await);
                    // Whoever reads of it in the log finds it noted.
                    let noted = journal.commit(clock(), Fact::SelfChecked(checked.clone())).await;
                    say(&checked);
                    let is_green = checked.is_green();
                    for warning in parts::expiry_warnings(&identities, clock()) {
                        tracing::warn!("self-check: {warning}");
                    }
                    if let Err(error) = noted {
                        tracing::error!(%error, "the self-check could not be noted");
                    }
                    // Most come to the first suite, and it takes no time; others are slow by design.
                    for first in [true, false] {
                        cases.look(&mut known, |case| (case.suite == Suite::First) == first).await;
                        say_red(&known.red, &checked.cases);
                        let found = known.with(checked.clone());
                        // What was noted before holds where nothing changed.
                        if found == checked {
                            continue;
                        }
                        checked = found;
                        if let Err(error) = journal.commit(clock(), Fact::SelfChecked(checked.clone())).await
                        {
                            tracing::error!(%error, "the self-check of the cases could not be noted");
                        }
                    }
                    let pause_s = if is_green { every_s } else { every_s.min(RED_S) };
                    tokio::select! {
                        () = tokio::time::sleep(Duration::from_secs(pause_s)) => {}
                        () = rounds.look_again.notified() => {}
                    }
                }
            };
            stop.run_until_cancelled(looking).await;
        }
    }
}

/// That other certificates are shown from now on.
fn renewed(source: &Source) -> &'static str {
    match source {
        Source::Files(_) => "other certificates are in tls.files, and shown from now on",
        Source::Acme(_) => "other certificates of the CA's are shown from now on",
        Source::PrivateCa => "certificates were made anew by the private CA, with the same keys",
    }
}

/// Tells the operator which cases are red, once.
fn say_red(red: &BTreeMap<CaseId, String>, before: &BTreeMap<CaseId, String>) {
    for (case, reason) in red.iter().filter(|(case, reason)| before.get(*case) != Some(reason)) {
        tracing::error!(%case, %reason, "self-check: a case is red, and held against nobody");
    }
    for case in before.keys().filter(|case| !red.contains_key(*case)) {
        tracing::info!(%case, "self-check: a case is as it should be again");
    }
}

/// Tells the operator what is red.
fn say(checked: &SelfChecked) {
    for (part, state) in ["dns", "certificates", "policy host"].into_iter().zip(checked.parts()) {
        match state {
            SelfCheck::Green => tracing::info!(part, "self-check: as a sender should see it"),
            SelfCheck::Red { reason } => tracing::error!(part, %reason, "self-check: red"),
        }
    }
    if !checked.unseen.is_empty() {
        let servers = checked.unseen.join(", ");
        tracing::warn!(
            %servers,
            "self-check: other name servers answer for the origin, too; what they are asked is not seen, so that in trials the absence of a question proves nothing"
        );
    }
}
