//! `check DOMAIN`: how well a domain receives.

use std::io::IsTerminal;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::path::PathBuf;
use std::sync::Mutex;

use clap::Args;
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use super::{CommandError, Ending, Form, say};
use crate::app::scanner::scanner;
use crate::app::system_clock;
use crate::config::{self, Scan};
use crate::dns::Servers;
use crate::evidence::scan::{Connections, Depth};
use crate::journal::lock;
use crate::persona::Language;
use crate::report::{clean, json_text, receiving};
use crate::scan::{Progress, Request, Silent, Step};
use crate::trial::a_labels;
use crate::verdict::receiving::Outcome;
use crate::verdict::receiving::grade::{OWN, Receiving};
use crate::verdict::receiving::profile::Profiles;

/// How wide a line of progress is at most, in characters.
const LINE_CHARS_MAX: usize = 100;

#[derive(Debug, Args)]
pub(super) struct Check {
    /// The domain, such as example.org.
    domain: String,
    #[command(flatten)]
    form: Form,
    /// The language of text and HTML: en or de.
    #[arg(long, value_name = "LANGUAGE", default_value = "en", value_parser = language)]
    language: Language,
    /// List every suite and group; this takes many more connections.
    #[arg(long)]
    full: bool,
    /// Look at this address of its mail servers alone.
    #[arg(long, value_name = "ADDRESS")]
    ip: Option<IpAddr>,
    /// The rules whose levels are shown first, and that decide the exit code.
    #[arg(long, value_name = "NAME", default_value = OWN, value_parser = profile)]
    profile: String,
    /// The name to say in EHLO. Default: that of this host, or its address.
    #[arg(long, value_name = "NAME", value_parser = helo)]
    helo: Option<String>,
    /// Try recipients, too: postmaster, an unknown one, and a foreign one. Only for servers of your own.
    #[arg(long)]
    intrusive: bool,
    /// A configuration, whose [scan] is heeded.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

impl Check {
    /// Scans, shows the result, and says what it comes to.
    pub(super) async fn run(self) -> Result<Ending, CommandError> {
        let Some(domain) = a_labels(&self.domain) else {
            let domain = clean(&self.domain);
            let advice = "write a domain that receives mail, such as example.org";
            return Err(CommandError::Unfit(format!("`{domain}` is no domain; {advice}")));
        };
        let scan = match &self.config {
            Some(file) => config::load(file)?.scan,
            None => {
                let helo = own_name();
                Scan::without_file(helo)
            }
        };
        let request = Request {
            domain,
            envelope: None,
            signatures: None,
            connections: Connections::Allowed,
            depth: if self.full { Depth::Full } else { Depth::Verdict },
            intrusive: self.intrusive,
            only: self.ip,
            helo: self.helo.clone().unwrap_or_else(|| scan.helo.clone()),
        };
        let clock = system_clock();
        let scanner = scanner(&scan, &clock, rand::random)?;
        let display = std::io::stderr().is_terminal().then(Display::new);
        let evidence = match &display {
            Some(display) => scanner.scan(&request, display).await,
            None => scanner.scan(&request, &Silent).await,
        };
        drop(display);
        if let Some(ip) = self.ip {
            let known: Vec<IpAddr> = evidence.servers.iter().map(|server| server.ip).collect();
            of_a_server(&evidence.domain, &known, ip)?;
        }
        let now = clock();
        let receiving = Receiving::of(&evidence, now);
        if self.form.json {
            say(&json_text(&receiving::json(&receiving, now)))?;
        } else {
            let page = receiving::page(&receiving, &self.profile, self.language, now);
            if self.form.html {
                say(&page.html())?;
            } else {
                say(&format!("{} {}\n\n{}", page.tone.symbol(), page.subject, page.text()))?;
            }
        }
        let outcome =
            receiving.ratings.of(&self.profile).map(crate::verdict::receiving::grade::Rating::outcome);
        Ok(match outcome {
            Some(Outcome::Pass) => Ending::Well,
            Some(Outcome::Fail) => Ending::Failed,
            // What does not apply has not passed.
            Some(Outcome::NotApplicable | Outcome::Inconclusive) | None => Ending::Open,
        })
    }
}

/// Whether `--ip` names one of the addresses of the mail servers, as far as these are known.
fn of_a_server(domain: &str, known: &[IpAddr], ip: IpAddr) -> Result<(), CommandError> {
    if known.is_empty() || known.contains(&ip) {
        return Ok(());
    }
    let list = known.iter().map(IpAddr::to_string).collect::<Vec<_>>().join(", ");
    let domain = clean(domain);
    Err(CommandError::Unfit(format!("{ip} is no address of the mail servers of {domain}, which have {list}")))
}

fn profile(name: &str) -> Result<String, String> {
    let profiles = Profiles::embedded();
    match profiles.get(name) {
        Some(profile) => Ok(profile.name.clone()),
        None => Err(format!("there are {}", profiles.names().collect::<Vec<_>>().join(", "))),
    }
}

fn language(tag: &str) -> Result<Language, String> {
    let known = Language::ALL.into_iter().find(|language| language.tag() == tag);
    known.ok_or_else(|| "there are en and de".to_owned())
}

/// A host name, or an address literal (RFC 5321 §4.1.3).
fn helo(name: &str) -> Result<String, String> {
    let literal = name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let address = literal.map(|literal| literal.strip_prefix("IPv6:").unwrap_or(literal));
    let is_address = address.is_some_and(|address| address.parse::<IpAddr>().is_ok());
    match a_labels(name) {
        _ if is_address => Ok(name.to_owned()),
        Some(name) => Ok(name),
        None => Err("write a host name, or an address in brackets such as [192.0.2.1]".to_owned()),
    }
}

/// The name of this host, if it is a full one; else the address it calls from (RFC 5321 §4.1.4).
fn own_name() -> String {
    let name = rustix::system::uname().nodename().to_string_lossy().into_owned();
    a_labels(&name).unwrap_or_else(|| match own_address() {
        Some(IpAddr::V4(ip)) => format!("[{ip}]"),
        Some(IpAddr::V6(ip)) => format!("[IPv6:{ip}]"),
        None => "localhost.localdomain".to_owned(),
    })
}

/// The address that the system would call a root server from. Nothing is sent.
fn own_address() -> Option<IpAddr> {
    let Servers::Recursor { root_hints, .. } = Servers::default() else { return None };
    let from = |server: &SocketAddr| {
        let any: SocketAddr = if server.is_ipv4() { ([0; 4], 0).into() } else { ([0; 16], 0).into() };
        let socket = UdpSocket::bind(any).ok()?;
        socket.connect(server).ok()?;
        Some(socket.local_addr().ok()?.ip())
    };
    root_hints.iter().find_map(from)
}

/// A line for names and networks, and one for each address.
struct Display {
    lines: MultiProgress,
    names: ProgressBar,
    addresses: Mutex<Vec<(IpAddr, ProgressBar)>>,
}

impl Display {
    fn new() -> Self {
        let lines = MultiProgress::new();
        let names = lines.add(ProgressBar::new_spinner());
        names.set_style(style("{spinner} {wide_msg}"));
        names.enable_steady_tick(std::time::Duration::from_millis(120));
        Self { lines, names, addresses: Mutex::default() }
    }

    fn bar(&self, ip: IpAddr) -> ProgressBar {
        let mut addresses = lock(&self.addresses);
        if let Some((_, bar)) = addresses.iter().find(|(known, _)| *known == ip) {
            return bar.clone();
        }
        let bar = self.lines.add(ProgressBar::new(1));
        bar.set_style(style("  {prefix:<40} {bar:20} {pos:>3}/{len:<3} {wide_msg}"));
        bar.set_prefix(ip.to_string());
        addresses.push((ip, bar.clone()));
        bar
    }
}

/// The templates are ours, and a wrong one shows less.
fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

/// What a server says is shown as it is in reports.
fn line(text: &str) -> String {
    clean(text).chars().take(LINE_CHARS_MAX).collect()
}

impl Progress for Display {
    fn step(&self, step: Step) {
        match step {
            Step::Name { question } => self.names.set_message(line(&format!("DNS {question}"))),
            Step::Servers { addresses } => self.names.set_message(format!("{addresses} addresses")),
            Step::Server { ip, step, connections, of } => {
                let bar = self.bar(ip);
                bar.set_length(u64::from(of.max(connections)));
                bar.set_position(u64::from(connections));
                bar.set_message(line(&step));
            }
            Step::Waiting { ip, seconds, why } => {
                self.bar(ip).set_message(line(&format!("waits {seconds} s: {why}")));
            }
            Step::Networks => self.names.set_message("networks"),
        }
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        // A report follows on the same terminal.
        let _ = self.lines.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_and_address_literals_are_said_in_ehlo() {
        for (name, said) in [
            ("Mail.Example.NET", Some("mail.example.net")),
            ("[192.0.2.1]", Some("[192.0.2.1]")),
            ("[IPv6:2001:db8::1]", Some("[IPv6:2001:db8::1]")),
            ("localhost", None),
            ("[mail.example.net]", None),
            ("a\r\nQUIT", None),
        ] {
            assert_eq!(helo(name).ok().as_deref(), said, "{name}");
        }
    }

    #[test]
    fn profiles_are_those_there_are() {
        assert_eq!(profile("mailassay").as_deref(), Ok("mailassay"));
        assert!(profile("ssllabs").is_err_and(|error| error.contains("internetnl-2025")));
    }

    #[test]
    fn an_address_of_nobody_is_no_result() {
        let [theirs, other]: [IpAddr; 2] = [[192, 0, 2, 1].into(), [192, 0, 2, 2].into()];
        assert!(of_a_server("example.net", &[], other).is_ok(), "nothing is known");
        assert!(of_a_server("example.net", &[theirs], theirs).is_ok());
        let error = of_a_server("example.net", &[theirs], other).expect_err("of nobody").to_string();
        assert_eq!(error, "192.0.2.2 is no address of the mail servers of example.net, which have 192.0.2.1");
    }

    #[test]
    fn this_host_has_a_name_or_an_address_to_say() {
        assert!(own_name() == "localhost.localdomain" || helo(&own_name()).is_ok(), "{}", own_name());
    }
}
