//! Hosts, records and policies of ruled cases by their permanent names.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use jiff::Timestamp;
use mailassay::sending::deliver::{Attempt, Mail, Sender, Settings};
use mailassay::sending::identities::{self, Identities};
use mailassay::sending::persona::{
    Addresses, Catalogue, CatalogueFiles, Entrance, Layout, LookupFault, Oddity, PolicyDefect, RuledCase,
    ZoneState,
};
use mailassay::sending::trial::{CaseName, CasePhase, HostRole, NoTrials, Part};
use mailassay::sending::verdict::model::ruled::{CaseModel, Validation};
use mailassay::shared::dial;
use mailassay::shared::dns::{Asking, Lookup, RecordType, Response};
use mailassay::shared::evidence::scan::{NameAnswer, NameFailure};
use mailassay::shared::evidence::{ClientHello, Security};
use mailassay::shared::tls::accept;
use mailassay::shared::tls::client::Roots;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::rdata;

const TIMEOUT_S: u32 = 20;

fn now() -> Timestamp {
    "2026-11-21T12:00:00Z".parse().unwrap()
}

fn address(entrance: Entrance) -> IpAddr {
    let place = Entrance::ALL.iter().position(|one| *one == entrance).unwrap();
    Ipv4Addr::new(127, 0, 3, 1 + u8::try_from(place).unwrap()).into()
}

/// Every entrance at an address of its own, and the policy host.
pub(super) struct Stage {
    pub(super) catalogue: Arc<Catalogue>,
    identities: Arc<Identities>,
    roots: Roots,
    smtp_port: u16,
    https_port: u16,
    _folder: tempfile::TempDir,
    _tasks: JoinSet<()>,
}

impl Stage {
    pub(super) async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let settings = identities::Settings {
            folder: folder.path().to_owned(),
            pool_labels: 1,
            ..identities::Settings::default()
        };
        let catalogue = CatalogueFiles::embedded().catalogue("example.org").unwrap();
        let all: Vec<IpAddr> = Entrance::ALL.iter().map(|entrance| address(*entrance)).collect();
        let addresses = Addresses::default().with_entrances(&all);
        let identities = Arc::new(Identities::open(settings, catalogue.clone(), addresses, now()).unwrap());
        let roots = Roots::from_pem(identities.ca_root_pem().unwrap().as_bytes()).unwrap();
        let (catalogue, mut tasks) = (Arc::new(catalogue), JoinSet::new());
        let mut smtp_port = 0;
        for entrance in Entrance::ALL {
            let listener = TcpListener::bind((address(*entrance), smtp_port)).await.unwrap();
            smtp_port = listener.local_addr().unwrap().port();
            tasks.spawn(serve(listener, *entrance, Arc::clone(&identities)));
        }
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let https_port = listener.local_addr().unwrap().port();
        tasks.spawn(serve_policies(listener, Arc::clone(&identities), Arc::clone(&catalogue)));
        Self { catalogue, identities, roots, smtp_port, https_port, _folder: folder, _tasks: tasks }
    }

    fn name(&self, case: &RuledCase, part: Part) -> String {
        self.catalogue.ruled_name(case, None, part)
    }

    /// Which host a name is.
    pub(super) fn role(&self, case: &RuledCase, host: &str) -> HostRole {
        let (named, role, _) = self.catalogue.ruled_host_named(host).unwrap();
        assert_eq!(named.id, case.id);
        role
    }

    pub(super) async fn attempt(&self, case: &RuledCase, model: CaseModel) -> Attempt {
        let (smtp_port, https_port) = (self.smtp_port, self.https_port);
        let mut dial = dial::Settings { smtp_port, https_port, ..dial::Settings::default() };
        dial.rules.allowed = vec!["127.0.0.0/8".parse().unwrap()];
        let settings = Settings { ehlo: "sender.example".to_owned(), dial, ..Settings::default() };
        let validates = model.traits.validation != Validation::No;
        let dns = Dns {
            catalogue: Arc::clone(&self.catalogue),
            identities: Arc::clone(&self.identities),
            validates,
        };
        let sender = Sender::new(model.base, settings, Arc::new(dns), self.roots.clone());
        let to = format!("en@{}", self.name(case, Part::Domain));
        let mail = Mail { from: Some("a@sender.example"), to: &to, message: b"Subject: x\r\n\r\n.\r\n" };
        sender.with_traits(model.traits).attempt(&mail, 1, now()).await
    }
}

/// What a resolver says of the names of ruled cases, by their files.
struct Dns {
    catalogue: Arc<Catalogue>,
    identities: Arc<Identities>,
    validates: bool,
}

impl Dns {
    fn security(case: &RuledCase, part: Part) -> Security {
        let of_domain = matches!(part, Part::Domain | Part::PolicyRecord | Part::PolicyHost);
        let fault = match part {
            Part::Tlsa(role) => case.host(role).tlsa_lookup,
            Part::DomainTlsa => case.bad.tlsa_lookup,
            _ => None,
        };
        match (case.zone, case.layout) {
            _ if matches!(fault, Some(LookupFault::BogusSignature | LookupFault::BogusDenial)) => {
                Security::Bogus
            }
            (ZoneState::WrongDs | ZoneState::Expired, _) => Security::Bogus,
            (ZoneState::Insecure | ZoneState::UnknownAlgorithm, _) => Security::Insecure,
            (ZoneState::Signed, Layout::Elsewhere) if of_domain => Security::Insecure,
            (ZoneState::Signed, _) => Security::Secure,
        }
    }

    fn response(&self, name: &str, rtype: RecordType) -> Response {
        let Some((case, read)) = self.catalogue.read_name(name) else {
            return rdata::response(name, rtype, Security::Secure, None);
        };
        let CaseName { part, .. } = read;
        let fails = |role: HostRole| {
            case.host(role)
                .tlsa_lookup
                .is_some_and(|fault| !matches!(fault, LookupFault::BogusSignature | LookupFault::BogusDenial))
        };
        let records = match (part, rtype) {
            (Part::Domain, RecordType::MX) if case.layout != Layout::Implicit => {
                let hosts = case.roles().iter().zip([10, 20]);
                let hosts = hosts.map(|(role, preference)| {
                    rdata::mx(preference, &self.catalogue.ruled_name(case, None, Part::Host(*role)))
                });
                hosts.collect()
            }
            (Part::Host(role), RecordType::A) => vec![rdata::address(address(case.entrance(role)))],
            (Part::Domain, RecordType::A) if case.layout == Layout::Implicit => {
                vec![rdata::address(address(case.entrance(HostRole::Bad)))]
            }
            (Part::PolicyHost, RecordType::A) => vec![rdata::address(Ipv4Addr::LOCALHOST.into())],
            (Part::Tlsa(role), RecordType::TLSA) => self.tlsa(case, role),
            (Part::DomainTlsa, RecordType::TLSA) => self.tlsa(case, HostRole::Bad),
            (Part::PolicyRecord, RecordType::TXT) => {
                texts(case).iter().map(|text| rdata::text(text)).collect()
            }
            _ => Vec::new(),
        };
        let state = match Self::security(case, part) {
            _ if !self.validates => Security::Insecure,
            state => state,
        };
        let mut response = rdata::response(name, rtype, state, Some(records));
        let tlsa = rtype == RecordType::TLSA;
        if tlsa && matches!(part, Part::Tlsa(role) if fails(role))
            || tlsa && part == Part::DomainTlsa && fails(HostRole::Bad)
        {
            response.looked.answer = NameAnswer::Failed { failure: NameFailure::Timeout };
        }
        response
    }

    fn tlsa(&self, case: &RuledCase, role: HostRole) -> Vec<mailassay::shared::dns::RData> {
        let records = self.identities.tlsa(&Catalogue::ruled_host_id(&case.id, role));
        records.iter().map(rdata::tlsa).collect()
    }
}

impl Lookup for Dns {
    fn ask<'a>(&'a self, name: &'a str, rtype: RecordType) -> Asking<'a, Response> {
        let response = self.response(name.trim_end_matches('.'), rtype);
        Box::pin(async { response })
    }
}

fn texts(case: &RuledCase) -> &'static [&'static str] {
    match case.mta_sts.as_ref().map(|spec| spec.defect) {
        None => &[],
        Some(Some(PolicyDefect::TwoRecords)) => &["v=STSv1; id=1;", "v=STSv1; id=2;"],
        Some(Some(PolicyDefect::NoId)) => &["v=STSv1;"],
        Some(_) => &["v=STSv1; id=1;"],
    }
}

/// The policy of a case, with its defect: status, media type, body.
fn policy(catalogue: &Catalogue, case: &RuledCase) -> (u16, &'static str, String) {
    let spec = case.mta_sts.as_ref().unwrap();
    let text = catalogue.ruled_policy(case, None, CasePhase::First).unwrap().to_string();
    let plain = "text/plain";
    match spec.defect {
        Some(PolicyDefect::NotFound) => (404, plain, text),
        Some(PolicyDefect::ServerError) => (500, plain, text),
        Some(PolicyDefect::Redirect) => (301, plain, text),
        Some(PolicyDefect::MediaType) => (200, "text/html", text),
        Some(PolicyDefect::Version) => (200, plain, text.replace("STSv1", "STSv9")),
        Some(PolicyDefect::MisspeltKey) => (200, plain, text.replace("mx:", "nmx:")),
        Some(PolicyDefect::NoMaxAge) => (
            200,
            plain,
            text.lines()
                .filter(|line| !line.starts_with("max_age"))
                .fold(String::new(), |all, line| all + line + "\r\n"),
        ),
        _ if spec.oddity == Some(Oddity::Lenient) => {
            (200, plain, format!("{}colour: red \n", text.replace("\r\n", " \n")))
        }
        _ => (200, plain, text),
    }
}

async fn serve_policies(listener: TcpListener, identities: Arc<Identities>, catalogue: Arc<Catalogue>) {
    let mut named: BTreeMap<u16, String> = BTreeMap::new();
    loop {
        let (stream, peer) = listener.accept().await.unwrap();
        let choose = |hello: &ClientHello| {
            let host = hello.sni.clone().unwrap();
            let config = identities.choose_policy_host(Some(&host)).unwrap().config;
            named.insert(peer.port(), host);
            config
        };
        let Ok((_, mut stream)) = accept(stream, TIMEOUT_S, choose).await.outcome else { continue };
        let mut request = [0; 1024];
        // A client that has given up is no reason to leave the next ones alone.
        if !stream.read(&mut request).await.is_ok_and(|octets| octets > 0) {
            continue;
        }
        let (case, _) = catalogue.read_name(&named[&peer.port()]).unwrap();
        let (status, media_type, body) = policy(&catalogue, case);
        let head = format!(
            "HTTP/1.1 {status} x\r\nContent-Type: {media_type}\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all(format!("{head}{body}").as_bytes()).await.ok();
        stream.shutdown().await.ok();
    }
}

async fn serve(listener: TcpListener, entrance: Entrance, identities: Arc<Identities>) {
    loop {
        let (mut stream, _) = listener.accept().await.unwrap();
        stream.write_all(b"220 ready\r\n").await.ok();
        let Some(mut stream): Option<TcpStream> = talk(stream, entrance, false).await else { continue };
        match entrance {
            // Both wait for the ClientHello, which tells that the answer to STARTTLS was read.
            Entrance::Garbage | Entrance::Reset => {
                assert!(stream.read(&mut [0; 4096]).await.unwrap() > 0);
                if entrance == Entrance::Garbage {
                    stream.write_all(b"no TLS here\r\n").await.ok();
                }
            }
            _ => {
                let choose = |hello: &ClientHello| {
                    identities.choose_at(entrance, hello.sni.as_deref(), &NoTrials).unwrap().config
                };
                if let Ok((_, stream)) = accept(stream, TIMEOUT_S, choose).await.outcome {
                    talk(stream, entrance, true).await;
                }
            }
        }
    }
}

/// A session up to its end, or to STARTTLS, which gives the stream back. Mail is held.
async fn talk<S>(stream: S, entrance: Entrance, in_tls: bool) -> Option<S>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let offers = match in_tls {
        false if entrance.offers_starttls() => "250-host\r\n250 STARTTLS",
        true if entrance == Entrance::RequireTls => "250-host\r\n250 REQUIRETLS",
        _ => "250 host",
    };
    let mut stream = BufReader::new(stream);
    let mut in_data = false;
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await.unwrap_or(0) == 0 {
            return None;
        }
        let reply = match line.trim_end() {
            "." if in_data => "451 4.7.1 once more",
            _ if in_data => continue,
            "STARTTLS" if entrance == Entrance::Starttls454 => "454 4.7.0 not now",
            "STARTTLS" => "220 go ahead",
            "DATA" => "354 go",
            "QUIT" => "221 2.0.0 bye",
            line if line.starts_with("EHLO") => offers,
            _ => "250 2.0.0 ok",
        };
        in_data = reply.starts_with("354");
        stream.write_all(format!("{reply}\r\n").as_bytes()).await.ok()?;
        stream.flush().await.ok()?;
        match &reply[..3] {
            "220" => return Some(stream.into_inner()),
            "221" => return None,
            _ => {}
        }
    }
}
