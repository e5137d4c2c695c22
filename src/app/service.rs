//! One process: SMTP, DNS, policy host, site, the desk, the reply mailer and the self-check.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use crate::config::Settings;
use crate::deliver::{self, OURS, Sender};
use crate::desk::TrialDesk;
use crate::dns::{Authority, Lookup, Server, Sockets};
use crate::evidence::scan::Evidence;
use crate::history::{Attribution, Fact, History, Notes, SelfChecked};
use crate::journal::{self, Follower, Journal};
use crate::mailauth::{Authenticator, DkimKey};
use crate::persona::Catalogue;
use crate::reply::{Direct, Tools, Worker};
use crate::smtp::Listener;
use crate::tls::Identities;
use crate::tls::client::Roots;
use crate::trial::LinkId;
use crate::trials::Trials;
use crate::verdict::sending;
use crate::web::{PolicyHost, Site};
use crate::{desk, mailauth, reply, smtp};

use super::Clock;
use super::adapters::{
    Condition, KnownTrials, LastSelfCheck, PAGES_AT_ONCE_MAX, PanicsIfTold, ScanIfNotTold, ToOperator,
    evidence, operator_mail,
};
use super::parts::{self, PartError};
use super::scanner::scanner;
use super::scans::{self, Ends, Scans};
use super::self_check::{Mirror, self_check};
use super::supervision::{Crew, Supervision, panic_if_told_at};

/// How often certificates are looked at and old observations expire, in seconds.
const UPKEEP_S: u64 = 3_600;
/// How many connections may wait to be accepted: a burst of thousands must not make others knock for seconds, since
/// what finds no room here is dropped in silence. The system may allow fewer (net.core.somaxconn).
const BACKLOG: u32 = 8_192;
/// How often told trials are put away and what nobody needs is forgotten, in seconds.
const PUT_AWAY_S: u64 = 10;

/// Why the service does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A part of it cannot be made.
    #[error(transparent)]
    Part(#[from] PartError),
    /// A socket cannot be bound.
    #[error("listen.{key}: {address}: {source}{}", advice(source))]
    Bind {
        /// The key of the setting.
        key: &'static str,
        /// The address.
        address: String,
        /// Why not.
        source: io::Error,
    },
    /// The journal cannot be opened.
    #[error("journal: {0}")]
    Journal(#[from] journal::OpenError),
    /// The place for verdicts cannot be opened.
    #[error("reply: {0}")]
    Reply(#[from] reply::OpenError),
    /// The operator's maildir cannot be opened.
    #[error("operator_mail.maildir: {0}; the service must be able to write there")]
    OperatorMail(io::Error),
    /// There is no resolver for mail authentication.
    #[error(transparent)]
    Authenticator(#[from] mailauth::ResolverError),
}

/// What to do about a socket that cannot be bound.
fn advice(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::PermissionDenied => {
            "; ports below 1024 need CAP_NET_BIND_SERVICE (systemd: AmbientCapabilities=CAP_NET_BIND_SERVICE)"
        }
        io::ErrorKind::AddrInUse => "; another server has it: stop that one, or name another address",
        io::ErrorKind::AddrNotAvailable => "; this host does not have the address",
        _ => "",
    }
}

/// A running service.
pub struct Service {
    smtp: Crew,
    others: Crew,
    workers: Crew,
    journal: Arc<Journal>,
    trials: Arc<KnownTrials>,
    health: Arc<LastSelfCheck>,
    /// Knows whether a part of it has died.
    pub supervision: Supervision,
    /// Where it listens, with the ports that were found for 0.
    pub bound: Bound,
}

/// The addresses of a running service.
#[derive(Clone, Debug, Default)]
pub struct Bound {
    /// SMTP.
    pub smtp: Vec<SocketAddr>,
    /// DNS.
    pub dns: Vec<SocketAddr>,
    /// The policy host.
    pub policy_host: Vec<SocketAddr>,
    /// The site.
    pub site: Vec<SocketAddr>,
}

/// Everything with a handle on everything else, before it runs.
struct Assembly {
    settings: Arc<Settings>,
    clock: Clock,
    catalogue: Arc<Catalogue>,
    identities: Arc<Identities>,
    dkim: Arc<DkimKey>,
    authority: Arc<Authority>,
    trials: Arc<Trials>,
    ends: Arc<Ends>,
    health: Arc<LastSelfCheck>,
    journal: Arc<Journal>,
    secret: [u8; 32],
    lookup: Arc<dyn Lookup>,
    roots: Roots,
}

struct Listening {
    smtp: Vec<TcpListener>,
    dns: Sockets,
    policy_host: Vec<TcpListener>,
    site: Vec<TcpListener>,
}

impl Service {
    /// Makes every part, binds every socket, resumes every trial of the journal, and serves. `new_secret` is
    /// asked for 32 random bytes when the journal is new.
    pub async fn start(
        settings: Settings,
        clock: Clock,
        new_secret: impl FnOnce() -> [u8; 32],
    ) -> Result<Self, StartError> {
        let (listening, bound) = bind(&settings).await?;
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
        let desk = assembly.desk(mail)?;
        assembly.spawn_workers(&desk, &workers)?;
        assembly.spawn_listeners(&desk, listening, &smtp, &others, &supervision);
        let (trials, health) = (assembly.known_trials(), Arc::clone(&assembly.health));
        Ok(Self { smtp, others, workers, journal: assembly.journal, trials, health, supervision, bound })
    }

    /// The histories of all its trials, in the order of their opening.
    pub async fn histories(&self) -> Vec<History> {
        self.trials.all().await
    }

    /// What the scan of a trial's sender saw, once it has ended.
    pub async fn evidence(&self, history: &History) -> Option<Evidence> {
        evidence(self.journal.reader(), history).await
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
        self.journal.close().await;
    }
}

async fn bind(settings: &Settings) -> Result<(Listening, Bound), StartError> {
    let listen = &settings.listen;
    let (smtp, smtp_bound) = bind_tcp("smtp", &listen.smtp).await?;
    let (policy_host, policy_host_bound) = bind_tcp("policy_host", &listen.policy_host).await?;
    let (site, site_bound) = bind_tcp("site", &listen.site).await?;
    let all = listen.dns.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let failed = |source| StartError::Bind { key: "dns", address: all.clone(), source };
    let dns = Sockets::bind(&listen.dns).await.map_err(failed)?;
    let dns_bound = dns.addresses().map_err(failed)?;
    let bound = Bound { smtp: smtp_bound, dns: dns_bound, policy_host: policy_host_bound, site: site_bound };
    Ok((Listening { smtp, dns, policy_host, site }, bound))
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

impl Assembly {
    async fn new(
        settings: Arc<Settings>,
        clock: Clock,
        new_secret: impl FnOnce() -> [u8; 32],
    ) -> Result<Self, StartError> {
        let now = clock();
        let catalogue = Arc::new(parts::catalogue(&settings).map_err(PartError::from)?);
        let identities = Arc::new(parts::identities(&settings, &catalogue, now).map_err(PartError::from)?);
        let dkim = Arc::new(parts::dkim_key(&settings).map_err(PartError::from)?);
        let authority =
            parts::authority(&settings, &catalogue, &identities, &dkim, now).map_err(PartError::from)?;
        let lookup = parts::resolver(&settings, &authority, Arc::clone(&clock)).map_err(PartError::from)?;
        let roots = parts::sender_roots(&settings).map_err(PartError::from)?;
        let opened = journal::Opened::open(settings.journal.clone(), new_secret).await?;
        let secret = *opened.secret();
        let (pace, limits) = (settings.pace.clone(), settings.trials.clone());
        let fold = Attribution::new(Arc::clone(&catalogue), pace, limits, secret.to_vec());
        let trials = Arc::new(Trials::new(fold));
        let health = Arc::new(LastSelfCheck::default());
        let ends = Arc::new(Ends::default());
        // The trials first: who hears of a trial's end looks it up there.
        let panics = Arc::new(PanicsIfTold::default());
        let followers: Vec<Arc<dyn Follower>> =
            vec![trials.clone(), health.clone(), ends.clone(), panics.clone()];
        let journal = Arc::new(opened.start(followers).await?);
        panics.begin();
        let (authority, lookup) = (Arc::new(authority), Arc::new(lookup));
        Ok(Self {
            settings,
            clock,
            catalogue,
            identities,
            dkim,
            authority,
            trials,
            ends,
            health,
            journal,
            secret,
            lookup,
            roots,
        })
    }

    fn desk(&self, operator: Arc<dyn desk::OperatorMail>) -> Result<Arc<TrialDesk>, StartError> {
        let desk = TrialDesk::new(desk::Parts {
            settings: self.settings.desk.clone(),
            catalogue: Arc::clone(&self.catalogue),
            pace: self.settings.pace.clone(),
            secret: self.secret,
            trials: Arc::clone(&self.trials),
            journal: Arc::clone(&self.journal),
            authenticator: Arc::new(Authenticator::new(self.settings.mailauth.clone())?),
            operator,
        });
        let (catalogue, pace) = (Arc::clone(&self.catalogue), self.settings.pace.clone());
        Ok(Arc::new(desk.judged_by(Arc::new(move |history, now| {
            panic_if_told_at(history, "judge");
            sending::progress(&catalogue, &pace, history, now)
        }))))
    }

    fn known_trials(&self) -> Arc<KnownTrials> {
        Arc::new(KnownTrials {
            trials: Arc::clone(&self.trials),
            catalogue: Arc::clone(&self.catalogue),
            pace: self.settings.pace.clone(),
            report: self.settings.report.clone(),
            journal: Arc::clone(&self.journal),
            clock: Arc::clone(&self.clock),
            pages: Semaphore::new(PAGES_AT_ONCE_MAX),
        })
    }

    fn spawn_workers(&self, desk: &Arc<TrialDesk>, crew: &Crew) -> Result<(), StartError> {
        let sender = deliver::Settings {
            ehlo: self.settings.smtp.host_name.clone(),
            dial: self.settings.dial.clone(),
            ..deliver::Settings::default()
        };
        let sender = Sender::new(OURS, sender, Arc::clone(&self.lookup), Roots::mozilla());
        let direct: Arc<dyn Direct> = Arc::new(sender);
        let worker = Worker::new(
            self.settings.reply.clone(),
            Tools {
                catalogue: Arc::clone(&self.catalogue),
                pace: self.settings.pace.clone(),
                report: self.settings.report.clone(),
                journal: Arc::clone(&self.journal),
                trials: self.known_trials(),
                key: Arc::clone(&self.dkim),
                direct: Some(direct),
                clock: Arc::clone(&self.clock),
            },
        )?;
        let (stopping, clock, desk) = (crew.stop.clone(), Arc::clone(&self.clock), Arc::clone(desk));
        crew.spawn("reply", Arc::new(worker).run(stopping));
        let stopping = crew.stop.clone();
        crew.spawn("desk", async move { desk.run(clock, stopping).await });
        if let Some(scans) = self.scans()? {
            crew.spawn("scans", Arc::new(scans).run(crew.stop.clone()));
        }
        crew.spawn("upkeep", self.upkeep(crew.stop.clone()));
        crew.spawn("put-away", self.put_away(crew.stop.clone()));
        crew.spawn("self-check", self.look_at_itself(crew.stop.clone()));
        Ok(())
    }

    /// None where they are off.
    fn scans(&self) -> Result<Option<Scans>, PartError> {
        let scan = parts::scan(&self.settings, &self.authority);
        if !scan.enabled {
            return Ok(None);
        }
        Ok(Some(Scans::new(scans::Parts {
            scan: Arc::new(ScanIfNotTold(scanner(&scan, &self.clock, rand::random)?)),
            trials: Arc::clone(&self.trials),
            ends: Arc::clone(&self.ends),
            journal: Arc::clone(&self.journal),
            helo: scan.helo,
            at_once_max: scan.scans_at_once_max,
            verdict_delay_s: self.settings.desk.verdict_delay_s,
            clock: Arc::clone(&self.clock),
        })))
    }

    fn spawn_listeners(
        &self,
        desk: &Arc<TrialDesk>,
        listening: Listening,
        smtp_crew: &Crew,
        crew: &Crew,
        supervision: &Supervision,
    ) {
        let notes: Arc<dyn Notes> = self.journal.clone();
        let clock = || Arc::clone(&self.clock);
        let dns = Arc::new(Server::new(
            Arc::clone(&self.authority),
            notes.clone(),
            clock(),
            self.settings.dns.clone(),
        ));
        crew.spawn("dns", dns.serve(listening.dns, crew.stop.clone()));
        let millis = u64::try_from((self.clock)().as_millisecond()).unwrap_or(0);
        // A clock that was set back must not give a link the identity of one in the journal.
        let last = self.trials.last_link().map_or(0, |LinkId(last)| last + 1);
        let first_link = LinkId((millis << 10).max(last));
        let smtp = Listener::new(smtp::Parts {
            settings: self.settings.smtp.clone(),
            catalogue: Arc::clone(&self.catalogue),
            addresses: self.settings.addresses.clone(),
            identities: Arc::clone(&self.identities),
            desk: desk.clone(),
            notes: notes.clone(),
            clock: clock(),
            // A thousand links in each millisecond of uptime before identities could meet again.
            first_link,
        });
        let stopping = smtp_crew.stop.clone();
        smtp_crew.spawn("smtp", async move { smtp.serve(listening.smtp, stopping).await });
        let web = || self.settings.web.clone();
        let identities = Arc::clone(&self.identities);
        let host = Arc::new(PolicyHost::new(&self.catalogue, identities, notes, clock(), web()));
        for socket in listening.policy_host {
            crew.spawn("policy-host", Arc::clone(&host).serve(socket, crew.stop.clone()));
        }
        let condition = Arc::new(Condition {
            checked: Arc::clone(&self.health),
            supervision: supervision.clone(),
            journal: Arc::clone(&self.journal),
        });
        let site = Arc::new(Site::new(Arc::clone(&self.catalogue), self.known_trials(), condition, web()));
        for socket in listening.site {
            crew.spawn("site", Arc::clone(&site).serve(socket, crew.stop.clone()));
        }
    }

    /// Renews certificates, and lets old observations expire.
    fn upkeep(&self, stop: CancellationToken) -> impl Future<Output = ()> + Send + 'static {
        let (journal, identities) = (Arc::clone(&self.journal), Arc::clone(&self.identities));
        let (authority, settings) = (Arc::clone(&self.authority), Arc::clone(&self.settings));
        let (catalogue, dkim, clock) =
            (Arc::clone(&self.catalogue), Arc::clone(&self.dkim), Arc::clone(&self.clock));
        let trials = Arc::clone(&self.trials);
        async move {
            while stop.run_until_cancelled(tokio::time::sleep(Duration::from_secs(UPKEEP_S))).await.is_some()
            {
                let now = clock();
                match identities.renew(now) {
                    // Files may come with another key; then the TLSA records follow it.
                    Ok(true) => {
                        let content = parts::content(&settings, &catalogue, &identities, &dkim);
                        if let Err(error) = authority.replace(content, now) {
                            tracing::error!(%error, "the zones could not follow the new certificates");
                        }
                    }
                    Ok(false) => {}
                    Err(error) => {
                        tracing::error!(%error, "certificates could not be renewed; the old ones stay")
                    }
                }
                trials.forget_past(now);
                if let Err(error) = journal.expire(now).await {
                    tracing::error!(%error, "old observations could not be removed; it is tried again");
                }
            }
        }
    }

    /// Lets told trials leave memory.
    fn put_away(&self, stop: CancellationToken) -> impl Future<Output = ()> + Send + 'static {
        let (journal, trials, clock) =
            (Arc::clone(&self.journal), Arc::clone(&self.trials), Arc::clone(&self.clock));
        async move {
            let pause = || tokio::time::sleep(Duration::from_secs(PUT_AWAY_S));
            while stop.run_until_cancelled(pause()).await.is_some() {
                // That the journal cannot be written is told by itself, once.
                if let Err(error) = trials.put_away(&journal, clock()).await {
                    tracing::debug!(%error, "told trials stay in memory; it is tried again");
                }
            }
        }
    }

    /// Looks at itself at the start and then every `self_check.every_s`.
    fn look_at_itself(&self, stop: CancellationToken) -> impl Future<Output = ()> + Send + 'static {
        let (journal, identities, settings) =
            (Arc::clone(&self.journal), Arc::clone(&self.identities), Arc::clone(&self.settings));
        let (catalogue, lookup, clock) =
            (Arc::clone(&self.catalogue), Arc::clone(&self.lookup), Arc::clone(&self.clock));
        let roots = self.roots.clone();
        async move {
            let every = Duration::from_secs(u64::from(settings.self_check.every_s.max(1)));
            let looking = async {
                loop {
                    let mirror = Mirror {
                        settings: &settings,
                        catalogue: &catalogue,
                        identities: &identities,
                        lookup: &*lookup,
                        roots: &roots,
                    };
                    let checked = self_check(&mirror, clock()).await;
                    say(&checked);
                    if let Err(error) = journal.commit(clock(), Fact::SelfChecked(checked)).await {
                        tracing::error!(%error, "the self-check could not be noted");
                    }
                    tokio::time::sleep(every).await;
                }
            };
            stop.run_until_cancelled(looking).await;
        }
    }
}

/// Tells the operator what is red.
fn say(checked: &SelfChecked) {
    use crate::history::SelfCheck;
    let parts = [
        ("dns", &checked.dns),
        ("certificates", &checked.certificates),
        ("policy host", &checked.policy_host),
    ];
    for (part, state) in parts {
        match state {
            SelfCheck::Green => tracing::info!(part, "self-check: as a sender should see it"),
            SelfCheck::Red { reason } => tracing::error!(part, %reason, "self-check: red"),
        }
    }
}
