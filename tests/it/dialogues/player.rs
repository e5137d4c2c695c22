//! Plays a dialogue.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use mailassay::sending::identities::{self, Identities};
use mailassay::sending::listener::{Listener, Parts, Settings};
use mailassay::sending::persona::{Addresses, Catalogue, CatalogueFiles, Entrance};
use mailassay::sending::trial::{CasePhase, CasePhases, Label, LinkId};
use mailassay::shared::time::Timestamp;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::desk::{Journal, Scripted};
use super::peer::Peer;
use super::script::{Step, What};

/// An address that belongs to one persona alone.
const OWN_ADDRESS: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);
const OWN_PERSONA: &str = "mx05.et";

/// The label of a trial that is over.
const OVER: &str = "over0001";

/// All trials are in their first phase but one.
struct Over;

impl CasePhases for Over {
    fn phase(&self, _: &str, label: &Label) -> CasePhase {
        if label.as_str() == OVER { CasePhase::Over } else { CasePhase::First }
    }
}

/// The address of an entrance.
fn entrance_address(number: usize) -> IpAddr {
    Ipv4Addr::new(127, 0, 1, u8::try_from(number + 1).unwrap()).into()
}

/// What all dialogues share: making certificates takes the most time.
#[derive(Clone)]
pub(super) struct World {
    catalogue: Arc<Catalogue>,
    identities: Arc<Identities>,
    addresses: Addresses,
    _folder: Arc<tempfile::TempDir>,
}

impl World {
    pub(super) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let catalogue = CatalogueFiles::embedded().catalogue("test.example").unwrap();
        let own = [(OWN_PERSONA.into(), vec![OWN_ADDRESS.into()])].into();
        let entrances: Vec<_> = (0..Entrance::ALL.len()).map(entrance_address).collect();
        let addresses = Addresses { shared: vec![Ipv4Addr::LOCALHOST.into()], own, ..Addresses::default() }
            .with_entrances(&entrances);
        let settings =
            identities::Settings { folder: folder.path().to_owned(), ..identities::Settings::default() };
        let identities = Identities::open(settings, catalogue.clone(), addresses.clone(), start()).unwrap();
        Self {
            catalogue: Arc::new(catalogue),
            identities: Arc::new(identities),
            addresses,
            _folder: Arc::new(folder),
        }
    }
}

fn start() -> Timestamp {
    "2026-11-21T12:00:00Z".parse().unwrap()
}

/// A service in which a dialogue is played.
pub(super) struct Stage {
    pub(super) address: SocketAddr,
    own_address: Option<SocketAddr>,
    entrances: BTreeMap<&'static str, SocketAddr>,
    desk: Arc<Scripted>,
    pub(super) journal: Arc<Journal>,
    now: Arc<Mutex<Timestamp>>,
    stop: CancellationToken,
    serving: tokio::task::JoinHandle<()>,
    peers: BTreeMap<String, Peer>,
    current: String,
    last: Vec<String>,
}

/// Plays `steps`; what went wrong begins with the line.
pub(super) async fn play(world: &World, steps: &[Step]) -> Result<(), String> {
    let mut stage = Stage::build(world, steps).await?;
    for step in steps {
        stage.step(&step.what).await.map_err(|error| format!("line {}: {error}", step.line))?;
    }
    stage.peers.values_mut().for_each(Peer::close);
    let (journal, desk) = (stage.journal.clone(), stage.desk.clone());
    tokio::time::timeout(Duration::from_secs(20), journal.all_closed())
        .await
        .map_err(|_| "at its end: a link was not closed".to_owned())?;
    stage.stop.cancel();
    stage.serving.await.unwrap();
    let facts = journal.facts();
    let (mut fact, mut seen, saw) = (0, 0, desk.saw());
    for step in steps {
        let fail = |what: &str, all: String| Err(format!("line {}: {what} in\n{all}", step.line));
        let all = || facts.iter().map(Value::to_string).collect::<Vec<_>>().join("\n");
        match &step.what {
            What::Note(want) => match facts[fact..].iter().position(|fact| fits(fact, want)) {
                Some(at) => fact += at + 1,
                None => return fail("no such fact (in this order)", all()),
            },
            What::Never(want) if facts.iter().any(|fact| fits(fact, want)) => {
                return fail("such a fact", all());
            }
            What::Saw(want) => match saw[seen..].iter().position(|saw| saw.starts_with(want.as_str())) {
                Some(at) => seen += at + 1,
                None => return fail("the desk saw nothing of this", saw.join("\n")),
            },
            What::SawNever(want) if saw.iter().any(|saw| saw.starts_with(want.as_str())) => {
                return fail("the desk saw this", saw.join("\n"));
            }
            What::SawOnce(want) if saw.iter().filter(|saw| saw.starts_with(want.as_str())).count() != 1 => {
                return fail("the desk did not see this once", saw.join("\n"));
            }
            What::Refused { link, refused } if journal.refused(LinkId(*link)) != Some(*refused) => {
                return fail("the judge sees it otherwise", all());
            }
            _ => {}
        }
    }
    Ok(())
}

/// `kind key=value key.key=value`.
fn fits(fact: &Value, want: &str) -> bool {
    let mut words = want.split(' ');
    let kind = words.next().is_some_and(|kind| fact["fact"] == kind);
    kind && words.all(|word| {
        let Some((path, value)) = word.split_once('=') else { return false };
        let found = path.split('.').fold(fact, |at, key| &at[key]);
        match found {
            Value::String(text) => text == value,
            other => serde_json::from_str::<Value>(value).is_ok_and(|value| *other == value),
        }
    })
}

impl Stage {
    async fn build(world: &World, steps: &[Step]) -> Result<Self, String> {
        let mut settings = "early_talker_wait_ms = 0\ninfo_url = \"https://test.example/\"\n".to_owned();
        let mut desk = Scripted::new();
        for step in steps {
            match &step.what {
                What::Set(line) => {
                    let key = line.split(' ').next().unwrap_or_default();
                    settings =
                        settings.lines().filter(|line| !line.starts_with(key)).collect::<Vec<_>>().join("\n");
                    settings.push_str(&format!("\n{line}\n"));
                }
                What::Desk(line) => {
                    desk.follow(line).ok_or_else(|| format!("line {}: no desk does this", step.line))?;
                }
                _ => {}
            }
        }
        let settings: Settings = toml::from_str(&settings).map_err(|error| error.to_string())?;
        let wanted = steps.iter().filter_map(|step| match &step.what {
            What::Connect(name) => Some(name.split_once(" entrance ")?.1.to_owned()),
            _ => None,
        });
        Ok(Self::open_at(world, settings, desk, &wanted.collect::<Vec<_>>()).await)
    }

    /// A service that was just started.
    pub(super) async fn open(world: &World, settings: Settings, desk: Scripted) -> Self {
        Self::open_at(world, settings, desk, &[]).await
    }

    /// The same, which listens also at these entrances.
    async fn open_at(world: &World, settings: Settings, desk: Scripted, wanted: &[String]) -> Self {
        let socket = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let own = TcpListener::bind((OWN_ADDRESS, 0)).await.ok();
        let address = socket.local_addr().unwrap();
        let own_address = own.as_ref().map(|own| own.local_addr().unwrap());
        let (desk, journal) = (Arc::new(desk), Arc::new(Journal::new()));
        let now = Arc::new(Mutex::new(start()));
        let clock = now.clone();
        let listener = Listener::new(Parts {
            settings,
            catalogue: world.catalogue.clone(),
            addresses: world.addresses.clone(),
            identities: world.identities.clone(),
            desk: desk.clone(),
            recorder: journal.clone(),
            clock: Arc::new(move || *clock.lock().unwrap()),
            first_link: LinkId(1),
            phases: Arc::new(Over),
        });
        let stop = CancellationToken::new();
        let stopping = stop.clone();
        let mut sockets: Vec<_> = std::iter::once(socket).chain(own).collect();
        let mut entrances = BTreeMap::new();
        for (number, entrance) in Entrance::ALL.iter().enumerate() {
            if wanted.iter().any(|wanted| wanted == entrance.word()) {
                let socket = TcpListener::bind((entrance_address(number), 0)).await.unwrap();
                entrances.insert(entrance.word(), socket.local_addr().unwrap());
                sockets.push(socket);
            }
        }
        let serving = tokio::spawn(async move { listener.serve(sockets, stopping).await });
        let (peers, current, last) = (BTreeMap::new(), "one".to_owned(), Vec::new());
        Self { address, own_address, entrances, desk, journal, now, stop, serving, peers, current, last }
    }

    async fn peer(&mut self) -> &mut Peer {
        if !self.peers.contains_key(&self.current) {
            self.peers.insert(self.current.clone(), Peer::connect(self.address).await);
        }
        self.peers.get_mut(&self.current).unwrap()
    }

    async fn step(&mut self, what: &What) -> Result<(), String> {
        match what {
            What::Connect(name) => {
                let (name, source) = match name.split_once(" from ") {
                    Some((name, source)) => (name, source.parse().map_err(|_| "no address")?),
                    None => (name.as_str(), Ipv4Addr::LOCALHOST),
                };
                let (name, address) = match name.split_once(" entrance ") {
                    Some((name, entrance)) => {
                        (name, Some(*self.entrances.get(entrance).ok_or("there is no such entrance")?))
                    }
                    None => (name, None),
                };
                let (name, address) = match name.strip_suffix(" own address") {
                    Some(name) => (name, self.own_address.ok_or("there is no 127.0.0.2")?),
                    None => (name, address.unwrap_or(self.address)),
                };
                self.current = name.to_owned();
                self.peers.insert(name.to_owned(), Peer::connect_from(source, address).await);
            }
            What::Use(name) => self.current.clone_from(name),
            What::Send(octets) => {
                self.peer().await.send(octets).await.map_err(|error| error.to_string())?;
            }
            What::Reply(want) => self.expect(want).await?,
            What::Has(keyword) if !self.last_has(keyword) => {
                return Err(format!("`{keyword}` is not in {:?}", self.last));
            }
            What::Lacks(keyword) if self.last_has(keyword) => {
                return Err(format!("`{keyword}` is in {:?}", self.last));
            }
            What::Repeat { times, line, reply } => {
                for _ in 0..*times {
                    let line = format!("{line}\r\n");
                    self.peer().await.send(line.as_bytes()).await.map_err(|error| error.to_string())?;
                    self.expect(reply).await?;
                }
            }
            What::Tls { how, sni } => self.peer().await.tls(*how, sni.as_deref()).await?,
            What::Alert => self.peer().await.alert().await?,
            What::Close => self.peer().await.close(),
            What::Reset => self.peer().await.reset(),
            What::Eof => self.peer().await.eof().await?,
            What::Pass(time) => *self.now.lock().unwrap() += *time,
            What::Stop => self.stop.cancel(),
            What::Wait(want) => self.desk.sees(want).await,
            _ => {}
        }
        Ok(())
    }

    async fn expect(&mut self, want: &str) -> Result<(), String> {
        self.last = self.peer().await.reply().await.map_err(|got| format!("`{want}` expected, got {got}"))?;
        match self.last[0].starts_with(want) {
            true => Ok(()),
            false => Err(format!("`{want}` expected, got {:?}", self.last)),
        }
    }

    fn last_has(&self, keyword: &str) -> bool {
        self.last.iter().any(|line| line.get(4..).is_some_and(|text| text.starts_with(keyword)))
    }
}
