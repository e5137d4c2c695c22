//! A persona more is one file more: the service serves it, and the judge reckons with it.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use mailassay::program::app::{Service, parts, system_clock};
use mailassay::program::config::{self, ConfigErrors, Settings};
use mailassay::program::report::{case_table, policy_table, server_table};
use mailassay::sending::persona::{Catalogue, CatalogueFiles, PersonaId};
use mailassay::sending::verdict::model::SenderModel;
use mailassay::sending::verdict::{Cell, table};
use mailassay::shared::dns::{Lookup, Resolver, ResolverSettings, Servers};
use mailassay::shared::evidence::Security;
use mailassay::shared::policy::Policy;
use mailassay::shared::time::Timestamp;
use mailassay::shared::tls::client::{self, Roots};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

const HOST: &str = "mx08.et.test.example";

const CONFIG: &str = r#"
origin = "test.example"
catalogue = "catalogue"
[listen]
smtp = ["127.0.0.1:0"]
dns = ["127.0.0.1:0"]
policy_host = ["127.0.0.1:0"]
site = ["127.0.0.1:0"]
[addresses]
shared = ["127.0.0.1"]
[pace]
window_s = 0
[zone]
file = "origin.zone"
[mailauth]
servers = ["127.0.0.1:9"]
[resolver]
servers = ["127.0.0.1:9"]
"#;

/// A folder with a configuration whose catalogue is the one built in and one persona more.
fn settings(folder: &Path, persona: &str) -> Result<Settings, ConfigErrors> {
    let built_in = Path::new(env!("CARGO_MANIFEST_DIR")).join("config");
    for kind in ["personas", "cases"] {
        let copy = folder.join("catalogue").join(kind);
        fs::create_dir_all(&copy).unwrap();
        for file in fs::read_dir(built_in.join(kind)).unwrap() {
            let file = file.unwrap();
            fs::copy(file.path(), copy.join(file.file_name())).unwrap();
        }
    }
    fs::write(folder.join("catalogue/personas/mx08.et.toml"), persona).unwrap();
    let zone = "$TTL 60\n@ SOA ns1 hostmaster 1 3600 900 432000 60\n@ NS ns1\nns1 A 127.0.0.1\n";
    fs::write(folder.join("origin.zone"), zone).unwrap();
    let file = folder.join("config.toml");
    fs::write(&file, CONFIG).unwrap();
    config::load(&file)
}

#[tokio::test]
async fn one_file_more_is_one_server_more() {
    let folder = tempfile::tempdir().unwrap();
    let settings = settings(folder.path(), "server = 8\ncase = \"et\"\nin_policy = false\n").unwrap();
    let clock = system_clock();
    let now = clock();
    let catalogue = Arc::new(parts::catalogue(&settings).unwrap());
    let keeping = mailassay::shared::keyfile::Keeping::in_files();
    let identities = parts::identities(&settings, &catalogue, &keeping, now).unwrap();
    let keys = parts::own_keys(&settings, &keeping).unwrap();
    let authority = parts::authority(&settings, &catalogue, &identities, &keys, &keeping, now).unwrap();
    let root = Roots::from_pem(identities.ca_root_pem().unwrap().as_bytes()).unwrap();
    let service = Service::start(settings, clock.clone(), || [7; 32]).await.unwrap();

    let trust_anchors = authority.trust_anchors().join("\n");
    let servers = Servers::Forwarder { addresses: service.bound.dns.clone(), trust_anchors };
    let lookup = Resolver::new(ResolverSettings::new(servers), clock).unwrap();
    dns_and_tls(&service, &lookup, &root, now).await;
    service.stop().await;
    the_rest_follows(&catalogue);
}

async fn dns_and_tls(service: &Service, lookup: &Resolver, root: &Roots, now: Timestamp) {
    let mx = lookup.mx("et.test.example").await;
    assert_eq!(mx.security, Security::Secure);
    assert_eq!(mx.records().len(), 5, "{mx:?}");
    assert!(mx.records().iter().any(|mx| mx.host == HOST), "{mx:?}");
    let addresses = lookup.addresses(HOST).await;
    assert_eq!(addresses.security, Security::Secure);
    assert_eq!(addresses.records(), [std::net::Ipv4Addr::LOCALHOST]);
    let tlsa = lookup.tlsa(HOST).await;
    assert_eq!(tlsa.security, Security::Secure);
    assert_eq!(tlsa.records().len(), 1, "{tlsa:?}");

    let (greeting, stream) = starttls(service).await;
    assert!(greeting.starts_with("220 "), "{greeting}");
    let connected = client::connect(stream, HOST, true, 10).await.unwrap();
    client::webpki(&connected.chain, HOST, root, now).unwrap();
    client::dane(&connected.chain, &[], tlsa.records(), now).unwrap();
    // Another host shows another certificate: the name chose this one.
    let (_, stream) = starttls(service).await;
    let other = client::connect(stream, "mx06.et.test.example", true, 10).await.unwrap();
    assert!(client::dane(&other.chain, &[], tlsa.records(), now).is_err());
}

/// The greeting, and the link after the reply to STARTTLS. A source's first EHLO opens the window in which STARTTLS
/// is withheld; it lasts no time here, so the next link that comes after the journal has it is offered STARTTLS.
async fn starttls(service: &Service) -> (String, TcpStream) {
    let offered = async {
        loop {
            let mut link = BufReader::new(TcpStream::connect(service.bound.smtp[0]).await.unwrap());
            let greeting = reply(&mut link).await;
            link.write_all(b"EHLO sender.example\r\n").await.unwrap();
            if reply(&mut link).await.contains("STARTTLS") {
                return (greeting, link);
            }
        }
    };
    let (greeting, mut link) = tokio::time::timeout(Duration::from_secs(10), offered).await.unwrap();
    link.write_all(b"STARTTLS\r\n").await.unwrap();
    let ready = reply(&mut link).await;
    assert!(ready.starts_with("220 "), "{ready}");
    (greeting, link.into_inner())
}

async fn reply(link: &mut BufReader<TcpStream>) -> String {
    let mut reply = String::new();
    loop {
        let begin = reply.len();
        assert_ne!(link.read_line(&mut reply).await.unwrap(), 0, "the link ended after {reply}");
        if reply.as_bytes().get(begin + 3) == Some(&b' ') {
            return reply;
        }
    }
}

/// The policy does not list it, as its file says; phase B names it; every sender model is asked what it does there.
fn the_rest_follows(catalogue: &Catalogue) {
    let case = catalogue.case(&"et".into()).unwrap();
    let policy = Policy::parse(&catalogue.policy(case).unwrap().to_string()).unwrap();
    assert!(!policy.mx.is_empty() && !policy.mx.iter().any(|mx| mx == HOST), "{policy:?}");
    assert!(catalogue.suite_host_names().iter().any(|host| host == HOST));

    let persona = PersonaId::from("mx08.et");
    let at_it = |model: &SenderModel| {
        table(catalogue, model).hosts.into_iter().find(|(host, _)| *host == persona).map(|(_, cell)| cell)
    };
    let met: Vec<_> =
        SenderModel::all().iter().map(|model| at_it(model).expect("a host of the judge's")).collect();
    // DANE delivers there, MTA-STS does not: it has the right TLSA record and is not in the policy.
    assert!(met.contains(&Cell::Delivers) && met.contains(&Cell::Refuses) && met.contains(&Cell::Never));
}

/// What stands in a document between the marks of a table, such as `<!-- servers -->`, is the program's own output.
/// `MAILASSAY_BLESS=1` writes it anew.
fn are_the_programs_own(document: &str, tables: &[(&str, String)]) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(document);
    let mut text = fs::read_to_string(&file).unwrap();
    for (name, table) in tables {
        let (begin, end) = (format!("<!-- {name} -->\n"), format!("<!-- end of {name} -->"));
        let (before, rest) = text.split_once(&begin).unwrap_or_else(|| panic!("{document}: no {begin}"));
        let (shown, after) = rest.split_once(&end).unwrap_or_else(|| panic!("{document}: no {end}"));
        if std::env::var_os("MAILASSAY_BLESS").is_none() {
            assert_eq!(shown.trim(), table.trim(), "the table of {name} in {document}");
        }
        text = format!("{before}{begin}\n{}\n\n{end}{after}", table.trim());
    }
    if std::env::var_os("MAILASSAY_BLESS").is_some() {
        fs::write(&file, text).unwrap();
    }
}

#[test]
fn the_tables_of_the_readme_are_the_programs_own() {
    let catalogue = CatalogueFiles::embedded().catalogue("test.example").unwrap();
    let tables = [("servers", server_table(&catalogue)), ("policies", policy_table(&catalogue))];
    are_the_programs_own("README.md", &tables);
}

#[test]
fn the_table_of_cases_is_the_programs_own() {
    let catalogue = CatalogueFiles::embedded().catalogue("test.example").unwrap();
    are_the_programs_own("docs/cases.md", &[("cases", case_table(&catalogue))]);
}

#[test]
fn a_file_that_does_not_fit_is_named_with_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let said = settings(folder.path(), "server = 8\ncase = \"et\"\ncolour = 1\n").unwrap_err().to_string();
    assert!(said.contains("config.toml:3: catalogue: "), "{said}");
    assert!(said.contains("personas/mx08.et.toml:3: ") && said.contains("colour"), "{said}");
    assert!(!said.contains('\n'), "{said}");
}
