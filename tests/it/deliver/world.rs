//! A small world on loopback: hosts that do as they are told, a policy host, and a DNS that is a table.

use std::collections::{HashMap, HashSet};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::Timestamp;
use mailassay::sending::deliver::{Attempt, Delivery, Mail, Sender, Settings};
use mailassay::sending::history::Phase;
use mailassay::sending::identities::{self, Identities};
use mailassay::sending::persona::{Addresses, Catalogue, CatalogueFiles, Persona};
use mailassay::sending::verdict::model::SenderModel;
use mailassay::shared::dial;
use mailassay::shared::dns::{Asking, Lookup, RData, RecordType, Response};
use mailassay::shared::evidence::scan::{NameAnswer, NameFailure};
use mailassay::shared::evidence::{ClientHello, Security};
use mailassay::shared::policy::Tlsa;
use mailassay::shared::tls::accept;
use mailassay::shared::tls::client::Roots;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::rdata;

pub(crate) const ET: &str = "et.example.org";
pub(crate) const UT: &str = "ut.example.org";
const POLICY_HOST: &str = "mta-sts.et.example.org";
const TIMEOUT_S: u32 = 10;

fn now() -> Timestamp {
    "2026-11-21T12:00:00Z".parse().unwrap()
}

/// The classic suite's names, keys and certificates.
pub(crate) struct World {
    pub(crate) catalogue: Catalogue,
    identities: Arc<Identities>,
    roots: Roots,
    _folder: tempfile::TempDir,
}

/// What one host is told to do.
#[derive(Clone)]
pub(crate) struct Host {
    pub(crate) name: String,
    pub(crate) listens: bool,
    pub(crate) greeting: &'static str,
    pub(crate) starttls: bool,
    pub(crate) starttls_reply: &'static str,
    pub(crate) breaks_tls: bool,
    pub(crate) phase: Phase,
    pub(crate) dot: &'static str,
}

impl Host {
    pub(crate) fn sound(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            listens: true,
            greeting: "220 ready",
            starttls: true,
            starttls_reply: "220 go ahead",
            breaks_tls: false,
            phase: Phase::B,
            dot: "250 2.0.0 taken",
        }
    }
}

/// The hosts of a domain, at work until they are dropped.
pub(crate) struct Hosts {
    pub(crate) dns: Arc<Dns>,
    domain: &'static str,
    smtp_port: u16,
    https_port: u16,
    log: Log,
    _tasks: JoinSet<()>,
}

type Log = Arc<Mutex<Vec<&'static str>>>;

impl World {
    pub(crate) async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let settings =
            identities::Settings { folder: folder.path().to_owned(), ..identities::Settings::default() };
        let catalogue = CatalogueFiles::embedded().catalogue("example.org").unwrap();
        let identities = Identities::open(settings, catalogue.clone(), Addresses::default(), now()).unwrap();
        let roots = Roots::from_pem(identities.ca_root_pem().unwrap().as_bytes()).unwrap();
        Self { catalogue, identities: Arc::new(identities), roots, _folder: folder }
    }

    pub(crate) fn host_name(&self, persona: &Persona) -> String {
        self.catalogue.host_name(persona).unwrap()
    }

    /// Hosts for `domain`, first come first preferred, each at an address of its own and all at one port.
    pub(crate) async fn hosts(&self, domain: &'static str, hosts: Vec<Host>) -> Hosts {
        let (log, mut tasks) = (Log::default(), JoinSet::new());
        let dns = Arc::new(Dns::default());
        let policy_host = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let https = policy_host.local_addr().unwrap().port();
        let case = self.catalogue.case_of_domain(ET).unwrap();
        let policy = self.catalogue.policy(case).unwrap().to_string();
        tasks.spawn(serve_policy(policy_host, self.identities.clone(), policy));
        dns.set_addresses(POLICY_HOST, &[Ipv4Addr::LOCALHOST.into()]);
        dns.set_txt(&format!("_mta-sts.{ET}"), &["v=STSv1; id=1;"]);
        let mut smtp = 0;
        let mut mx = Vec::new();
        for (n, host) in (0..).zip(&hosts) {
            let address = IpAddr::from([127, 0, 0, 2 + n]);
            let listener = TcpListener::bind((address, smtp)).await.unwrap();
            smtp = listener.local_addr().unwrap().port();
            mx.push((u16::from(n), host.name.as_str()));
            dns.set_addresses(&host.name, &[address]);
            let persona = self.catalogue.persona_of_host(&host.name).unwrap();
            dns.set_tlsa(&format!("_25._tcp.{}", host.name), &self.identities.tlsa(&persona.id));
            if host.listens {
                tasks.spawn(serve(listener, self.identities.clone(), host.clone(), log.clone()));
            }
        }
        dns.set_mx(domain, Security::Secure, &mx);
        Hosts { dns, domain, smtp_port: smtp, https_port: https, log, _tasks: tasks }
    }

    pub(crate) fn sender(&self, model: SenderModel, hosts: &Hosts) -> Sender {
        let (smtp_port, https_port) = (hosts.smtp_port, hosts.https_port);
        let mut dial = dial::Settings { smtp_port, https_port, ..dial::Settings::default() };
        dial.rules.allowed = vec!["127.0.0.0/8".parse().unwrap()];
        let settings = Settings { ehlo: "sender.example".to_owned(), dial, ..Settings::default() };
        Sender::new(model, settings, hosts.dns.clone(), self.roots.clone())
    }
}

impl Hosts {
    pub(crate) async fn attempt(&self, sender: &Sender) -> Attempt {
        let to = format!("en@{}", self.domain);
        sender.attempt(&mail(&to), 1, now()).await
    }

    pub(crate) async fn insist(
        &self,
        sender: &Sender,
        attempts_max: u32,
        seen: impl FnMut(&Attempt),
    ) -> Delivery {
        let to = format!("en@{}", self.domain);
        sender.insist(&mail(&to), Duration::from_millis(1), attempts_max, &now, seen).await
    }

    /// What the hosts heard since the last time.
    pub(crate) fn log(&self) -> Vec<&'static str> {
        std::mem::take(&mut self.log.lock().unwrap())
    }
}

fn mail(to: &str) -> Mail<'_> {
    Mail { from: Some("a@sender.example"), to, message: b"Subject: x\r\n\r\n.\r\n" }
}

async fn serve_policy(listener: TcpListener, identities: Arc<Identities>, policy: String) {
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        let choose = |hello: &ClientHello| {
            assert_eq!(hello.sni.as_deref(), Some(POLICY_HOST));
            identities.policy_host_config(POLICY_HOST).unwrap()
        };
        let Ok((_, mut stream)) = accept(stream, TIMEOUT_S, choose).await.outcome else { continue };
        let mut request = [0; 1024];
        let length = stream.read(&mut request).await.unwrap();
        assert!(request[..length].starts_with(b"GET /.well-known/mta-sts.txt HTTP/1.1\r\n"));
        let head = "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length:";
        let answer = format!("{head} {}\r\n\r\n{policy}", policy.len());
        stream.write_all(answer.as_bytes()).await.unwrap();
        stream.shutdown().await.ok();
    }
}

async fn serve(listener: TcpListener, identities: Arc<Identities>, host: Host, log: Log) {
    loop {
        let (mut stream, peer) = listener.accept().await.unwrap();
        stream.write_all(format!("{}\r\n", host.greeting).as_bytes()).await.unwrap();
        let Some(mut stream): Option<TcpStream> = talk(stream, &host, host.starttls, &log).await else {
            continue;
        };
        if host.breaks_tls {
            // A ClientHello is answered with what is no TLS.
            assert!(stream.read(&mut [0; 512]).await.unwrap() > 0);
            stream.write_all(b"no TLS here\r\n").await.ok();
            continue;
        }
        let choose = |hello: &ClientHello| {
            let what = if hello.sni.is_some() { "TLS with SNI" } else { "TLS without SNI" };
            log.lock().unwrap().push(what);
            identities.choose(hello.sni.as_deref(), peer.ip(), host.phase).config
        };
        if let Ok((_, stream)) = accept(stream, TIMEOUT_S, choose).await.outcome {
            talk(stream, &host, false, &log).await;
        }
    }
}

/// A session up to its end, or to STARTTLS, which gives the stream back.
async fn talk<S>(stream: S, host: &Host, starttls: bool, log: &Log) -> Option<S>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut stream = BufReader::new(stream);
    let mut in_data = false;
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await.unwrap_or(0) == 0 {
            return None;
        }
        let (heard, reply) = match (&line[..], in_data) {
            (".\r\n", true) => ("dot", host.dot),
            (_, true) => continue,
            _ if line.starts_with("EHLO") && starttls => {
                ("EHLO", "250-host\r\n250-SIZE 1000\r\n250 STARTTLS")
            }
            _ if line.starts_with("EHLO") => ("EHLO", "250-host\r\n250 SIZE 1000"),
            ("MAIL FROM:<a@sender.example>\r\n", _) => ("MAIL alone", "250 2.1.0 ok"),
            ("RSET\r\n", _) => ("RSET", "250 2.0.0 ok"),
            ("MAIL FROM:<a@sender.example> SIZE=17\r\n", _) => ("MAIL", "250 2.1.0 ok"),
            _ if line.starts_with("RCPT TO:<en@") => ("RCPT", "250 2.1.5 ok"),
            ("DATA\r\n", _) => ("DATA", "354 go"),
            ("STARTTLS\r\n", _) => ("STARTTLS", host.starttls_reply),
            ("QUIT\r\n", _) => ("QUIT", "221 2.0.0 bye"),
            _ => panic!("{line:?}"),
        };
        in_data = heard == "DATA";
        log.lock().unwrap().push(heard);
        stream.write_all(format!("{reply}\r\n").as_bytes()).await.ok()?;
        stream.flush().await.ok()?;
        match heard {
            "STARTTLS" if reply.starts_with("220") => return Some(stream.into_inner()),
            "QUIT" => return None,
            _ => {}
        }
    }
}

/// A DNS that is a table: names without entry do not exist.
#[derive(Default)]
pub(crate) struct Dns(Mutex<Table>);

#[derive(Default)]
struct Table {
    records: HashMap<(String, RecordType), Vec<RData>>,
    security: HashMap<String, Security>,
    failing: HashSet<(String, RecordType)>,
    asked: Vec<(String, RecordType)>,
}

impl Dns {
    fn set(&self, name: &str, rtype: RecordType, records: impl Iterator<Item = RData>) {
        self.0.lock().unwrap().records.insert((name.to_owned(), rtype), records.collect());
    }

    pub(crate) fn set_mx(&self, domain: &str, security: Security, hosts: &[(u16, &str)]) {
        let records = hosts.iter().map(|(preference, host)| rdata::mx(*preference, host));
        self.set(domain, RecordType::MX, records);
        self.set_security(domain, security);
    }

    pub(crate) fn set_addresses(&self, host: &str, addresses: &[IpAddr]) {
        let (v4, v6): (Vec<IpAddr>, Vec<IpAddr>) = addresses.iter().partition(|address| address.is_ipv4());
        self.set(host, RecordType::A, v4.into_iter().map(rdata::address));
        self.set(host, RecordType::AAAA, v6.into_iter().map(rdata::address));
    }

    pub(crate) fn set_tlsa(&self, name: &str, records: &[Tlsa]) {
        self.set(name, RecordType::TLSA, records.iter().map(rdata::tlsa));
    }

    pub(crate) fn set_txt(&self, name: &str, texts: &[&str]) {
        self.set(name, RecordType::TXT, texts.iter().map(|text| rdata::text(text)));
    }

    pub(crate) fn set_security(&self, name: &str, security: Security) {
        self.0.lock().unwrap().security.insert(name.to_owned(), security);
    }

    pub(crate) fn remove_mx(&self, domain: &str) {
        self.0.lock().unwrap().records.remove(&(domain.to_owned(), RecordType::MX));
    }

    pub(crate) fn fail(&self, name: &str, rtype: RecordType) {
        self.0.lock().unwrap().failing.insert((name.to_owned(), rtype));
    }

    /// What was asked, name and type.
    pub(crate) fn asked(&self) -> Vec<(String, RecordType)> {
        self.0.lock().unwrap().asked.clone()
    }
}

impl Lookup for Dns {
    fn ask<'a>(&'a self, name: &'a str, rtype: RecordType) -> Asking<'a, Response> {
        let mut table = self.0.lock().unwrap();
        let question = (name.trim_end_matches('.').to_owned(), rtype);
        table.asked.push(question.clone());
        let security = table.security.get(&question.0).copied().unwrap_or(Security::Secure);
        let mut response = rdata::response(name, rtype, security, table.records.get(&question).cloned());
        if table.failing.contains(&question) {
            response.looked.answer = NameAnswer::Failed { failure: NameFailure::Timeout };
        }
        Box::pin(async { response })
    }
}
