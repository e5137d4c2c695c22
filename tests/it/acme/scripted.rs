//! A CA that does as it is told: what pebble cannot (RFC 9773, profiles), refuses, or stands still in the middle of an
//! order. It believes every name, and no signature is looked at: pebble sees to both.

use std::collections::BTreeSet;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use data_encoding::BASE64URL_NOPAD;
use hickory_proto::op::{Message, MessageType, OpCode, Query};
use hickory_proto::rr::{Name, RecordType};
use mailassay::shared::time::Timestamp;
use mailassay::shared::tls::client::Roots;
use parking_lot::Mutex;
use rcgen::{
    BasicConstraints, CertificateParams, CertificateSigningRequestParams, CertifiedIssuer, IsCa, KeyPair,
    SerialNumber,
};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, CertificateSigningRequestDer, PrivateKeyDer};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::sync::Notify;
use tokio_rustls::TlsAcceptor;

use super::peer::{free_port, of_loopback};

/// What the CA does. It may be changed while it runs.
#[derive(Default)]
pub(super) struct Script {
    /// The profiles that it has.
    pub(super) profiles: Vec<&'static str>,
    /// For the certificate with this number, from one: the window that is suggested, in seconds from now.
    pub(super) windows: Vec<(i64, i64)>,
    /// How long its certificates live, in seconds; 90 days if it is not set.
    pub(super) life_s: Option<i64>,
    /// What an order is refused with: status, kind, detail, Retry-After.
    pub(super) refusal: Option<(u16, &'static str, &'static str, Option<u32>)>,
    /// How many nonces are refused from now on.
    pub(super) bad_nonces: u32,
    /// At a request for such a path it stands still for ever.
    pub(super) stands_still_at: Option<&'static str>,
    /// Whether links end before anything is said.
    pub(super) is_down: bool,
    /// The accounts that it has forgotten.
    pub(super) forgotten: BTreeSet<usize>,
    /// The name servers that it asks when it is told to look.
    pub(super) servers: Vec<SocketAddr>,
}

/// An order as it came.
#[derive(Clone, Debug, Default)]
pub(super) struct Placed {
    pub(super) names: Vec<String>,
    pub(super) profile: Option<String>,
    pub(super) replaces: Option<String>,
    ready: BTreeSet<usize>,
    chain: Option<String>,
}

#[derive(Default)]
struct State {
    script: Script,
    accounts: usize,
    nonces: u64,
    orders: Vec<Placed>,
    issued: u8,
    /// How many texts each of its name servers had for a name.
    looked: Vec<(String, Vec<usize>)>,
}

pub(super) struct Ca {
    state: Mutex<State>,
    issuer: CertifiedIssuer<'static, KeyPair>,
    url: String,
    /// Told when it stands still.
    pub(super) still: Notify,
    pub(super) web_root: PathBuf,
    pub(super) root: PathBuf,
}

type Answer = (u16, Vec<(&'static str, String)>, String);

impl Ca {
    /// Begins to serve; its roots are files in `folder`.
    pub(super) async fn start(folder: &Path) -> Arc<Self> {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let (certificate, key) = of_loopback();
        let (web_root, root) = (folder.join("web.pem"), folder.join("root.pem"));
        fs::write(&web_root, &certificate).unwrap();
        fs::write(&root, issuer.pem()).unwrap();
        let chain = vec![CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap()];
        let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, free_port()));
        let listener = TcpListener::bind(address).await.unwrap();
        let (state, url) = (Mutex::default(), format!("https://{address}"));
        let ca = Arc::new(Self { state, issuer, url, still: Notify::new(), web_root, root });
        let serving = Arc::clone(&ca);
        tokio::spawn(async move {
            loop {
                let (link, _) = listener.accept().await.unwrap();
                let (ca, acceptor) = (Arc::clone(&serving), acceptor.clone());
                tokio::spawn(async move { ca.serve(link, acceptor).await });
            }
        });
        ca
    }

    pub(super) fn directory(&self) -> String {
        format!("{}/dir", self.url)
    }

    /// The roots that it issues from.
    pub(super) fn roots(&self) -> Roots {
        Roots::read(&self.root).unwrap()
    }

    /// Changes what it does.
    pub(super) fn set(&self, change: impl FnOnce(&mut Script)) {
        change(&mut self.state.lock().script);
    }

    /// The orders that it took.
    pub(super) fn orders(&self) -> Vec<Placed> {
        self.state.lock().orders.clone()
    }

    /// What it found when it was told to look: for a name, how many texts each of its name servers had.
    pub(super) fn looked(&self) -> Vec<(String, Vec<usize>)> {
        self.state.lock().looked.clone()
    }

    /// Asks its name servers for what proves a name, if it is told to look.
    async fn look(&self, path: &str) {
        let Some(challenge) = path.strip_prefix("/chall/") else { return };
        let (order, at) = challenge.split_once('/').unwrap();
        let (name, servers) = {
            let state = self.state.lock();
            let order = &state.orders[order.parse::<usize>().unwrap()];
            (order.names[at.parse::<usize>().unwrap()].clone(), state.script.servers.clone())
        };
        let mut texts = Vec::new();
        for server in servers {
            let mut message = Message::new(7, MessageType::Query, OpCode::Query);
            let owner = format!("_acme-challenge.{}.", name.trim_start_matches("*."));
            message.add_query(Query::query(Name::from_ascii(owner).unwrap(), RecordType::TXT));
            let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
            socket.send_to(&message.to_vec().unwrap(), server).await.unwrap();
            let mut octets = [0; 1500];
            let (read, _) = socket.recv_from(&mut octets).await.unwrap();
            texts.push(Message::from_vec(&octets[..read]).unwrap().answers.len());
        }
        self.state.lock().looked.push((name, texts));
    }

    /// How many accounts were made.
    pub(super) fn accounts(&self) -> usize {
        self.state.lock().accounts
    }

    async fn serve(&self, link: TcpStream, acceptor: TlsAcceptor) {
        if self.state.lock().script.is_down {
            return;
        }
        let Ok(stream) = acceptor.accept(link).await else { return };
        let mut stream = BufReader::new(stream);
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            if stream.read_until(b'\n', &mut head).await.unwrap_or(0) == 0 {
                return;
            }
        }
        let head = String::from_utf8(head).unwrap().to_lowercase();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
        let mut body = vec![0; length.map_or(0, |length| length.trim().parse().unwrap())];
        stream.read_exact(&mut body).await.unwrap();
        let mut words = head.split(' ');
        let (method, path) = (words.next().unwrap(), words.next().unwrap().to_owned());
        let still = self.state.lock().script.stands_still_at;
        if still.is_some_and(|still| path.starts_with(still)) {
            self.still.notify_one();
            return std::future::pending().await;
        }
        if method == "post" {
            self.look(&path).await;
        }
        let (status, fields, text) = self.answer(method, &path, &body);
        let nonce = {
            let mut state = self.state.lock();
            state.nonces += 1;
            state.nonces
        };
        let mut reply = format!(
            "HTTP/1.1 {status} X\r\nreplay-nonce: n{nonce}\r\ncontent-length: {}\r\nconnection: close\r\n",
            text.len()
        );
        for (name, value) in fields {
            reply += &format!("{name}: {value}\r\n");
        }
        let text = if method == "head" { "" } else { &text };
        let _ = stream.write_all(format!("{reply}\r\n{text}").as_bytes()).await;
        let _ = stream.shutdown().await;
    }

    fn answer(&self, method: &str, path: &str, body: &[u8]) -> Answer {
        let mut state = self.state.lock();
        let url = &self.url;
        if method != "post" {
            return match path {
                "/dir" => self.described(&state),
                _ if path.starts_with("/ari/") => suggested(&state, path),
                _ => (200, vec![], String::new()),
            };
        }
        let signed: Value = serde_json::from_slice(body).unwrap();
        let part = |name: &str| BASE64URL_NOPAD.decode(signed[name].as_str().unwrap().as_bytes()).unwrap();
        let protected: Value = serde_json::from_slice(&part("protected")).unwrap();
        let payload: Value = serde_json::from_slice(&part("payload")).unwrap_or(Value::Null);
        if state.script.bad_nonces > 0 {
            state.script.bad_nonces -= 1;
            return refused(400, "badNonce", "try again", None);
        }
        let account = protected["kid"].as_str().and_then(|kid| kid.rsplit('/').next()?.parse().ok());
        if account.is_some_and(|account: usize| state.script.forgotten.contains(&account)) {
            return refused(400, "accountDoesNotExist", "who are you?", None);
        }
        let parts: Vec<&str> = path.split('/').skip(1).collect();
        let number = |at: usize| parts.get(at).and_then(|part| part.parse::<usize>().ok()).unwrap_or(0);
        match parts[0] {
            "account" => {
                state.accounts += 1;
                (201, vec![("location", format!("{url}/acct/{}", state.accounts))], "{}".to_owned())
            }
            "order" if parts.len() == 1 => match state.script.refusal {
                Some((status, kind, detail, again)) => refused(status, kind, detail, again),
                None => {
                    state.orders.push(placed(&payload));
                    let number = state.orders.len() - 1;
                    let located = vec![("location", format!("{url}/order/{number}"))];
                    (201, located, self.told(&state, number))
                }
            },
            "order" => (200, vec![], self.told(&state, number(1))),
            "authz" => {
                let order = &state.orders[number(1)];
                let name = order.names[number(2)].clone();
                let is_ready = order.ready.contains(&number(2));
                let status = if is_ready { "valid" } else { "pending" };
                let challenge = json!({"type": "dns-01", "token": format!("t{}", number(2)), "status": status,
                    "url": format!("{url}/chall/{}/{}", number(1), number(2))});
                let wildcard = name.starts_with("*.");
                let name = name.trim_start_matches("*.");
                let authorization = json!({"status": status, "wildcard": wildcard, "challenges": [challenge],
                    "identifier": {"type": "dns", "value": name}});
                (200, vec![], authorization.to_string())
            }
            "chall" => {
                state.orders[number(1)].ready.insert(number(2));
                let challenge =
                    json!({"type": "dns-01", "token": "t", "status": "valid", "url": format!("{url}{path}")});
                (200, vec![], challenge.to_string())
            }
            "finalize" => {
                let request = BASE64URL_NOPAD.decode(payload["csr"].as_str().unwrap().as_bytes()).unwrap();
                state.issued += 1;
                let chain = self.issue(&request, state.issued, state.script.life_s);
                state.orders[number(1)].chain = Some(chain);
                (200, vec![], self.told(&state, number(1)))
            }
            "cert" => (200, vec![], state.orders[number(1)].chain.clone().unwrap()),
            other => panic!("a request for {other}"),
        }
    }

    fn described(&self, state: &State) -> Answer {
        let url = &self.url;
        let mut directory = json!({"newNonce": format!("{url}/nonce"), "newAccount": format!("{url}/account"),
            "newOrder": format!("{url}/order"), "meta": {}});
        let profiles = state.script.profiles.iter().map(|name| ((*name).to_owned(), json!("for tests")));
        directory["meta"]["profiles"] = Value::Object(profiles.collect());
        if !state.script.windows.is_empty() {
            directory["renewalInfo"] = json!(format!("{url}/ari"));
        }
        (200, vec![], directory.to_string())
    }

    /// How far an order is.
    fn told(&self, state: &State, number: usize) -> String {
        let (order, url) = (&state.orders[number], &self.url);
        let status = match (&order.chain, order.ready.len() == order.names.len()) {
            (Some(_), _) => "valid",
            (None, true) => "ready",
            (None, false) => "pending",
        };
        let names = order.names.iter().map(|name| json!({"type": "dns", "value": name}));
        let authorizations = (0..order.names.len()).map(|at| format!("{url}/authz/{number}/{at}"));
        let mut told = json!({"status": status, "finalize": format!("{url}/finalize/{number}"),
            "identifiers": names.collect::<Vec<_>>(), "authorizations": authorizations.collect::<Vec<_>>(),
            "certificate": format!("{url}/cert/{number}")});
        if let Some(replaces) = &order.replaces {
            told["replaces"] = json!(replaces);
        }
        told.to_string()
    }

    /// Signs a request. The serial number says which certificate it is.
    fn issue(&self, request: &[u8], number: u8, life_s: Option<i64>) -> String {
        let request = CertificateSigningRequestDer::from(request.to_vec());
        let mut request = CertificateSigningRequestParams::from_der(&request).unwrap();
        let now_s = Timestamp::now().as_second();
        let at = |second| time::OffsetDateTime::from_unix_timestamp(second).unwrap();
        request.params.not_before = at(now_s);
        request.params.not_after = at(now_s + life_s.unwrap_or(90 * 86_400));
        request.params.serial_number = Some(SerialNumber::from(vec![number]));
        request.params.use_authority_key_identifier_extension = true;
        format!("{}{}", request.signed_by(&self.issuer).unwrap().pem(), self.issuer.pem())
    }
}

/// An order as the client wrote it.
fn placed(payload: &Value) -> Placed {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let names = payload["identifiers"].as_array().unwrap().iter();
    Placed {
        names: names.map(|name| text(&name["value"]).unwrap()).collect(),
        profile: text(&payload["profile"]),
        replaces: text(&payload["replaces"]),
        ..Placed::default()
    }
}

/// The window for the certificate whose serial number ends the path (RFC 9773 §4.1); of those beyond the script the last.
fn suggested(state: &State, path: &str) -> Answer {
    let serial = path.rsplit('.').next().unwrap();
    // A head in lower case has lost what it was; so small a number is found by trying.
    let number = (1..=u8::MAX).find(|n| BASE64URL_NOPAD.encode(&[*n]).to_lowercase() == serial);
    let at = usize::from(number.unwrap()).min(state.script.windows.len()) - 1;
    let (start_s, end_s) = state.script.windows[at];
    let instant =
        |offset_s| Timestamp::from_second(Timestamp::now().as_second() + offset_s).unwrap().to_string();
    let told = json!({"suggestedWindow": {"start": instant(start_s), "end": instant(end_s)}});
    (200, vec![("retry-after", "21600".to_owned())], told.to_string())
}

fn refused(status: u16, kind: &str, detail: &str, again: Option<u32>) -> Answer {
    let problem =
        json!({"type": format!("urn:ietf:params:acme:error:{kind}"), "detail": detail, "status": status});
    let again = again.map(|again| ("retry-after", again.to_string()));
    (status, again.into_iter().collect(), problem.to_string())
}
