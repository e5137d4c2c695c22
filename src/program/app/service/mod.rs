//! One process: SMTP, DNS, policy host, site, the desk, the reply mailer and the self-check.

mod agreement;
mod beginning;
mod bind;
mod certificates;
mod chores;
mod delegations;
mod diary;
mod door;
mod faults;
mod monitor;
mod operator;
mod pages;
mod programs;
mod published;
mod reports;
mod scans;
mod second_part;

use std::sync::{Arc, OnceLock};

use parking_lot::Mutex;

use crate::operations::metrics::Tally;
use crate::program::api::Api;
use crate::program::archive::{Archive, Common, Sharing};
use crate::program::config::Settings;
use crate::program::domains::Domains;
use crate::program::providers::Register;
use crate::program::reply::{Direct, Postscripts, Tools, Worker};
use crate::program::rights::Objections;
use crate::program::site::{self, Redirect, Site};
use crate::receiving::scan::Scanner;
use crate::sending::authority::{Authority, CookieSecret, Server};
use crate::sending::deliver::{self, OURS, Sender};
use crate::sending::desk::{self, TrialDesk};
use crate::sending::history::{History, Recorder, SelfChecked};
use crate::sending::identities::Identities;
use crate::sending::journal::{self, Journal, Subscriber};
use crate::sending::listener::{self, Listener};
use crate::sending::persona::Catalogue;
use crate::sending::trial::{CasePhases, LinkId};
use crate::sending::trials::{Attribution, Issuer, Judge, Reviewer, Trials};
use crate::sending::verdict;
use crate::sending::web::{PolicyHost, ReportHost, ReportReader};
use crate::shared::dns::Lookup;
use crate::shared::evidence::scan::Evidence;
use crate::shared::keyfile::Keeping;
use crate::shared::mailauth::Authenticator;
use crate::shared::tls::client::Roots;

use super::clock::Clock;
use super::error::StartError;
use super::orders::Ends;
use super::parts::{self, OwnKeys, PartError};
use super::supervision::{Crew, Supervision, panic_if_told_at};

use agreement::agree_on_keys;
pub(super) use agreement::found;
pub(super) use beginning::{Begun, TRIALS_PATH};
use bind::{Bound, Listening, bind};
use certificates::Following;
use chores::Exchangeable;
use diary::Diary;
use faults::{HistoryIfNotTold, PanicsIfTold};
pub(super) use monitor::socket;
use monitor::{LastSelfCheck, Rounds};
use operator::{ToOperator, operator_mail};
use pages::{Pages, evidence};

/// A running service.
pub struct Service {
    smtp: Crew,
    others: Crew,
    workers: Crew,
    journal: Arc<Journal>,
    archive: Arc<Archive>,
    trials: Arc<Trials>,
    issuer: Issuer,
    domains: Arc<Domains>,
    health: Arc<LastSelfCheck>,
    exchangeable: Arc<Exchangeable>,
    /// Knows whether a part of it has died.
    pub supervision: Supervision,
    /// Where it listens, with the ports that were found for 0.
    pub bound: Bound,
}

/// Everything with a handle on everything else, before it runs.
struct Assembly {
    settings: Arc<Settings>,
    clock: Clock,
    catalogue: Arc<Catalogue>,
    identities: Arc<Identities>,
    keys: OwnKeys,
    authority: Arc<Authority>,
    trials: Arc<Trials>,
    ends: Arc<Ends>,
    health: Arc<LastSelfCheck>,
    tally: Arc<Tally>,
    rounds: Arc<Rounds>,
    journal: Arc<Journal>,
    archive: Arc<Archive>,
    objections: Arc<Objections>,
    common: Option<Arc<Common>>,
    /// What keeps secrets as all nodes have them, until somebody does it.
    sharing: Mutex<Option<Sharing>>,
    exchangeable: Arc<Exchangeable>,
    secret: [u8; 32],
    lookup: Arc<dyn Lookup>,
    roots: Roots,
    /// One for reports that are mailed and for those that are posted.
    reports: ReportReader,
    pages: OnceLock<Arc<Pages>>,
}

impl Service {
    /// Makes every part, binds every socket, resumes every trial of the journal, and serves. `new_secret` is
    /// asked for 32 random bytes when the journal is new.
    ///
    /// # Errors
    ///
    /// If a part cannot be made of the configuration, an address cannot be bound, or the journal cannot be opened.
    pub async fn start(
        settings: Settings,
        clock: Clock,
        new_secret: impl FnOnce() -> [u8; 32],
    ) -> Result<Self, StartError> {
        let (mut listening, bound) = bind(&settings).await?;
        let settings = Arc::new(settings);
        let assembly = Assembly::new(settings, Arc::clone(&clock), new_secret).await?;
        let supervision = Supervision::default();
        let [smtp, others, workers] = [(); 3].map(|()| Crew::new(&supervision));
        workers.watch(&assembly.journal);
        let ToOperator { mail, spool } = operator_mail(&assembly.settings)?;
        if let Some(spool) = spool {
            let stopping = workers.stop.clone();
            workers.spawn("operator-mail", async move { spool.run(clock, stopping).await });
        }
        let reviewer = assembly.reviewer();
        let desk = assembly.desk(&reviewer, Arc::clone(&mail))?;
        let scanner = assembly.scanner(&workers).await?;
        let domains = assembly.domains(&scanner);
        assembly.spawn_workers(reviewer, &scanner, &domains, &workers)?;
        let stopping = workers.stop.clone();
        workers.spawn("providers", assembly.care_for_published(&domains, mail, stopping));
        let api = assembly.api(&domains);
        workers.spawn("batches", Arc::clone(&api).run(workers.stop.clone()));
        let metrics = std::mem::take(&mut listening.metrics);
        assembly.spawn_monitor(&domains, metrics, &supervision, &others).await?;
        assembly.spawn_listeners(&desk, (Arc::clone(&domains), api), listening, &smtp, &others, &supervision);
        // Whoever is to take nothing new says so at its door: senders go to another host.
        let (drained, listener) = (assembly.journal.nodes().drained().clone(), smtp.stop.clone());
        let (stopping, addresses) = (others.stop.clone(), bound.smtp.clone());
        let host = assembly.settings.smtp.host_name.clone();
        others.spawn("door", async move {
            if stopping.run_until_cancelled(drained.cancelled()).await.is_some() {
                listener.cancel();
                door::turn_away(addresses, &host, &stopping).await;
            }
            stopping.cancelled().await;
        });
        let issuer = assembly.issuer();
        let Assembly { journal, archive, trials, health, exchangeable, .. } = assembly;
        Ok(Self {
            smtp,
            others,
            workers,
            journal,
            archive,
            trials,
            issuer,
            domains,
            health,
            exchangeable,
            supervision,
            bound,
        })
    }

    /// Takes of a configuration that was read again what needs no new start: the manners of publishing, what the operator
    /// adds to the site, and the certificates in the files that were named at the start. No session ends.
    pub fn reload(&self, settings: &Settings) {
        self.exchangeable.take(settings);
    }

    /// Whoever gives out labels for trials that are to begin.
    pub fn issuer(&self) -> &Issuer {
        &self.issuer
    }

    /// The histories of all its trials, in the order of their opening.
    pub async fn histories(&self) -> Vec<History> {
        self.trials.read_all(self.journal.reader()).await.unwrap_or_else(|error| {
            tracing::error!(%error, "the trials could not be read");
            Vec::new()
        })
    }

    /// What the scan of a trial's sender saw, once it has ended.
    pub async fn evidence(&self, history: &History) -> Option<Evidence> {
        evidence(self.journal.reader(), history).await
    }

    /// Checks of domains on request.
    pub fn domains(&self) -> &Domains {
        &self.domains
    }

    /// The last self-check; none before the first has ended.
    pub fn self_checked(&self) -> Option<SelfChecked> {
        self.health.last().map(|(_, checked)| checked)
    }

    /// Stops: SMTP first, so that nothing new comes in, while DNS still answers for the mails that are being
    /// authenticated; then the other listeners; then who works on what came; the journal last.
    pub async fn stop(self) {
        self.smtp.stop().await;
        self.others.stop().await;
        self.workers.stop().await;
        self.archive.close().await;
        self.journal.close().await;
    }
}

/// Who objects to mail; what a node kept alone, as far as it is known by the same secret, is all nodes' from now on.
async fn objections(
    settings: &Settings,
    archive: &Arc<Archive>,
    common: Option<&Arc<Common>>,
    secret: [u8; 32],
) -> Result<Arc<Objections>, StartError> {
    let former = match common {
        Some(_) => journal::former_secret(&settings.journal.path).await,
        None => None,
    };
    let site = settings.report.site_url.clone();
    Ok(Arc::new(Objections::of_service(archive, common, (secret, former), site).await?))
}

impl Assembly {
    async fn new(
        settings: Arc<Settings>,
        clock: Clock,
        new_secret: impl FnOnce() -> [u8; 32],
    ) -> Result<Self, StartError> {
        let now = clock();
        let catalogue = Arc::new(parts::catalogue(&settings).map_err(PartError::from)?);
        let common = Common::of(settings.journal.url.as_ref()).await?;
        // What others have comes before what this one would make.
        let beginning = agreement::begin(&settings, common.as_ref()).await?;
        let keeping = Keeping::in_files();
        let identities = parts::identities(&settings, &catalogue, &keeping, now).map_err(PartError::from)?;
        let keys = parts::own_keys(&settings, &keeping)?;
        let authority = parts::authority(&settings, &catalogue, &identities, &keys, &keeping, now)
            .map_err(PartError::from)?;
        let drawn = new_secret();
        let sharing = agreement::end(beginning, &settings, drawn).await?;
        let lookup = parts::resolver(&settings, &authority, Arc::clone(&clock)).map_err(PartError::from)?;
        let roots = parts::sender_roots(&settings).map_err(PartError::from)?;
        let place = settings.journal.place();
        let no_journal = |source| StartError::Journal { source, place: place.clone() };
        let opened = journal::Opened::open(settings.journal.clone(), || drawn).await;
        let mut opened = opened.map_err(no_journal)?;
        if let Err(error) = opened.leave(&settings.fingerprint()) {
            tracing::warn!(%error, "`config check` will not know with which configuration this runs");
        }
        agree_on_keys(&mut opened, &settings).await?;
        let archive = Arc::new(Archive::open(&settings.archive).await?);
        let secret = *opened.secret();
        let objections = objections(&settings, &archive, common.as_ref(), secret).await?;
        let register =
            Register::new(Arc::clone(&archive), Arc::clone(&catalogue), settings.providers.clone());
        let exchangeable = Arc::new(Exchangeable::new(register, &settings));
        let (pace, limits) = (settings.pace.clone(), settings.trials.clone());
        let projection = Attribution::new(Arc::clone(&catalogue), pace, limits, secret.to_vec());
        let trials = Arc::new(Trials::new(projection));
        let health = Arc::new(LastSelfCheck::default());
        let ends = Arc::new(Ends::default());
        // The trials first: who hears of a trial's end looks it up there.
        let panics = Arc::new(PanicsIfTold::default());
        let (tally, rounds) = (Arc::new(Tally::default()), Arc::new(Rounds::new(&settings, now)));
        let diary = Arc::new(Diary::new(Arc::clone(&trials), Arc::clone(&tally)));
        let subscribers: Vec<Arc<dyn Subscriber>> =
            vec![trials.clone(), health.clone(), ends.clone(), panics.clone(), diary.clone(), tally.clone()];
        let journal = Arc::new(opened.start(subscribers).await.map_err(no_journal)?);
        panics.begin();
        diary.begin();
        tally.begin();
        let (identities, authority, lookup) = (Arc::new(identities), Arc::new(authority), Arc::new(lookup));
        let reports = ReportReader::new(catalogue.origin());
        Ok(Self {
            settings,
            clock,
            catalogue,
            identities,
            keys,
            authority,
            trials,
            ends,
            health,
            tally,
            rounds,
            journal,
            archive,
            objections,
            common,
            sharing: Mutex::new(sharing),
            exchangeable,
            secret,
            lookup,
            roots,
            reports,
            pages: OnceLock::new(),
        })
    }

    fn reviewer(&self) -> Arc<Reviewer> {
        let (catalogue, pace) = (Arc::clone(&self.catalogue), self.settings.pace.clone());
        let judge: Judge = Arc::new(move |history, now| {
            panic_if_told_at(history, "judge");
            verdict::progress(&catalogue, &pace, history, now)
        });
        let (trials, journal) = (Arc::clone(&self.trials), Arc::clone(&self.journal));
        Arc::new(Reviewer::with(self.settings.review, judge, trials, journal))
    }

    fn desk(
        &self,
        reviewer: &Arc<Reviewer>,
        operator: Arc<dyn desk::OperatorMail>,
    ) -> Result<Arc<TrialDesk>, StartError> {
        Ok(Arc::new(TrialDesk::new(desk::Parts {
            settings: self.settings.desk.clone(),
            catalogue: Arc::clone(&self.catalogue),
            pace: self.settings.pace.clone(),
            secret: self.secret,
            trials: Arc::clone(&self.trials),
            reviewer: Arc::clone(reviewer),
            journal: Arc::clone(&self.journal),
            authenticator: Arc::new(Authenticator::new(self.settings.mailauth.clone())?),
            operator,
            objections: self.objections.clone(),
            reports: self.reports.clone(),
        })))
    }

    /// The register of providers.
    fn register(&self) -> Arc<Register> {
        Arc::clone(&self.exchangeable.register)
    }

    fn spawn_workers(
        &self,
        reviewer: Arc<Reviewer>,
        scanner: &Arc<Scanner>,
        domains: &Arc<Domains>,
        crew: &Crew,
    ) -> Result<(), StartError> {
        let sender = deliver::Settings {
            ehlo: self.settings.smtp.host_name.clone(),
            dial: self.settings.dial.clone(),
            ..deliver::Settings::default()
        };
        let sender = Sender::new(OURS, sender, Arc::clone(&self.lookup), Roots::mozilla());
        let direct: Arc<dyn Direct> = Arc::new(sender);
        let postscripts = Postscripts::new(
            self.settings.reply.clone(),
            self.catalogue.origin(),
            &self.settings.report.site_url,
            Arc::clone(&self.keys.dkim),
            self.objections.clone(),
            Some(Arc::clone(&direct)),
        )?;
        crew.spawn("reports", self.care_for_reports(postscripts, crew.stop.clone()));
        let worker = Worker::new(
            self.settings.reply.clone(),
            Tools {
                catalogue: Arc::clone(&self.catalogue),
                pace: self.settings.pace.clone(),
                report: self.settings.report.clone(),
                journal: Arc::clone(&self.journal),
                trials: Arc::new(HistoryIfNotTold(Arc::clone(&self.trials))),
                key: Arc::clone(&self.keys.dkim),
                objections: self.objections.clone(),
                second_parts: Arc::new(self.second_parts()),
                direct: Some(direct),
                clock: Arc::clone(&self.clock),
            },
        )?;
        let (stopping, clock) = (crew.stop.clone(), Arc::clone(&self.clock));
        crew.spawn("reply", Arc::new(worker).run(stopping));
        let stopping = crew.stop.clone();
        crew.spawn("desk", async move { reviewer.run(clock, stopping).await });
        if let Some(orders) = self.orders(scanner) {
            crew.spawn("scans", Arc::new(orders).run(crew.stop.clone()));
        }
        crew.spawn("checks", Arc::clone(domains).run(crew.stop.clone()));
        crew.spawn("old-checks", self.expire_checks(Arc::clone(domains), crew.stop.clone()));
        let following = Arc::new(Following::new(self));
        crew.spawn("challenges", self.follow_answers(crew.stop.clone()));
        if let Some(renewal) = self.renewal(&following)? {
            crew.spawn("certificates", renewal.run(crew.stop.clone()));
        }
        crew.spawn("secrets", self.share(Arc::clone(&following), crew.stop.clone()));
        crew.spawn("upkeep", self.upkeep(following, crew.stop.clone()));
        crew.spawn("forget", self.forget(crew.stop.clone()));
        crew.spawn("put-away", self.put_away(crew.stop.clone()));
        crew.spawn("self-check", self.look_at_itself(crew.stop.clone()));
        crew.spawn("delegations", self.keep_keys(crew.stop.clone()));
        let (nodes, stop) = (Arc::clone(self.journal.nodes()), crew.stop.clone());
        crew.spawn("node", async move { nodes.run(stop).await });
        Ok(())
    }

    /// Whoever knows how far trials of ruled cases are.
    fn phases(&self) -> Arc<dyn CasePhases> {
        Arc::new(self.trials.labels().clone())
    }

    /// A thousand links in each millisecond of uptime before identities of a node could meet again.
    fn first_link(&self) -> LinkId {
        let node = self.journal.nodes().number();
        let millis = u64::try_from((self.clock)().as_millisecond()).unwrap_or(0);
        let first = LinkId::of_node(node, millis << 10);
        // A clock that was set back must not give a link the identity of one in the journal.
        self.trials.last_link(node).map_or(first, |last| first.max(LinkId(last.0 + 1)))
    }

    fn spawn_listeners(
        &self,
        desk: &Arc<TrialDesk>,
        for_visitors: (Arc<Domains>, Arc<Api>),
        listening: Listening,
        smtp_crew: &Crew,
        crew: &Crew,
        supervision: &Supervision,
    ) {
        let (domains, api) = for_visitors;
        let recorder: Arc<dyn Recorder> = self.journal.clone();
        let clock = || Arc::clone(&self.clock);
        self.authority.follow_phases(self.phases());
        let dns = self.settings.dns.clone();
        let dns = Server::new(Arc::clone(&self.authority), recorder.clone(), clock(), dns);
        let dns = Arc::new(dns.with_cookies(CookieSecret::derived(&self.secret)));
        crew.spawn("dns", dns.serve(listening.dns, crew.stop.clone()));
        let smtp = Listener::new(listener::Parts {
            settings: self.settings.smtp.clone(),
            catalogue: Arc::clone(&self.catalogue),
            addresses: self.settings.addresses.clone(),
            identities: Arc::clone(&self.identities),
            desk: desk.clone(),
            recorder: recorder.clone(),
            clock: clock(),
            first_link: self.first_link(),
            phases: self.phases(),
        });
        let stopping = smtp_crew.stop.clone();
        smtp_crew.spawn("smtp", async move { smtp.serve(listening.smtp, stopping).await });
        let web = || self.settings.web.clone();
        let identities = Arc::clone(&self.identities);
        let site = Arc::new(Site::new(site::Parts {
            catalogue: Arc::clone(&self.catalogue),
            addresses: self.settings.addresses.clone(),
            results: self.pages(),
            health: self.condition(supervision),
            providers: Some(Arc::new(site::ProviderPages {
                register: self.register(),
                url: self.settings.report.site_url.clone(),
            })),
            domains,
            api,
            reports: Some(Arc::new(ReportHost::new(self.reports.clone(), recorder.clone(), clock()))),
            settings: web(),
            url: self.settings.report.site_url.clone(),
            objections: Arc::clone(&self.objections),
            notices: self.settings.notices.clone(),
            own: Arc::clone(&self.exchangeable.own),
            clock: clock(),
        }));
        let shown = Arc::clone(&identities);
        let mut host = PolicyHost::new(&self.catalogue, shown, recorder, clock(), web(), self.phases());
        if let Some(name) = &self.settings.tls.site {
            let shown = Arc::clone(&identities);
            host = host.beside(site.neighbour(name.clone(), Arc::new(move || shown.site_config())));
        }
        let host = Arc::new(host);
        for socket in listening.policy_host {
            crew.spawn("policy-host", Arc::clone(&host).serve(socket, crew.stop.clone()));
        }
        let redirect = Arc::new(Redirect::new(self.settings.report.site_url.clone(), web()));
        for socket in listening.http_redirect {
            crew.spawn("http-redirect", Arc::clone(&redirect).serve(socket, crew.stop.clone()));
        }
        for socket in listening.site {
            crew.spawn("site", Arc::clone(&site).serve(socket, crew.stop.clone()));
        }
    }
}
