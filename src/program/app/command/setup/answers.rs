//! What the configuration is made of: what was said, what was found, and what was asked.

use std::io::BufRead;
use std::net::IpAddr;
use std::path::PathBuf;

use super::super::config_check::{Line, Teller};
use super::super::ending::CommandError;
use super::arguments::{CertificatesFrom, Delivery, SetupCommand};
use super::dialog::{Question, ask};
use crate::operations::host::{OwnAddress, own_addresses};
use crate::shared::dial::AddressRules;
use crate::shared::domain_name::a_labels;

/// How many public addresses may be named.
const ADDRESSES_MAX: usize = 32;

/// All that the configuration says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Answers {
    /// A-labels, in lower case.
    pub(super) origin: String,
    pub(super) addresses: Vec<IpAddr>,
    pub(super) listen: Vec<IpAddr>,
    pub(super) contact: Option<String>,
    pub(super) delivery: Delivery,
    pub(super) certificates: CertificatesFrom,
    pub(super) acme_directory: Option<String>,
    pub(super) acme_roots: Option<PathBuf>,
    /// Whether the service itself speaks HTTPS for the site.
    pub(super) https: bool,
}

impl SetupCommand {
    /// Asks what was not said, or takes what was found.
    pub(super) fn answers(&self, teller: &mut Teller) -> Result<Answers, CommandError> {
        let own = own_addresses().unwrap_or_default();
        let input = &mut std::io::stdin().lock();
        let origin = self.origin(input)?;
        let addresses = self.public_addresses(&own, input)?;
        let listen = self.local_addresses(&addresses, &own, teller)?;
        let contact = self.contact(&origin, input)?;
        let delivery = match (self.delivery, self.yes) {
            (Some(delivery), _) => delivery,
            (None, true) => Delivery::Mx,
            (None, false) => ask(
                input,
                Question {
                    text: "Verdicts are mailed from here (mx), or kept here to be read on the site (maildir)",
                    default: Some("mx".to_owned()),
                    flag: "--delivery mx",
                },
                |answer| match answer {
                    "mx" => Ok(Delivery::Mx),
                    "maildir" => Ok(Delivery::Maildir),
                    _ => Err("Write mx or maildir.".to_owned()),
                },
            )?,
        };
        let unfit =
            |url: &&String| !url.starts_with("https://") || !url.chars().all(|c| c.is_ascii_graphic());
        if let Some(url) = self.acme_directory.as_ref().filter(unfit) {
            return Err(CommandError::Unfit(format!(
                "--acme-directory: `{url}` is no address; begin it with https://"
            )));
        }
        let certificates = self.certificates.unwrap_or(DEFAULT_CERTIFICATES);
        if certificates == CertificatesFrom::PrivateCa && self.acme_directory.is_some() {
            let why = "--acme-directory: with `--certificates private-ca` no other CA is asked; leave one of them out";
            return Err(CommandError::Unfit(why.to_owned()));
        }
        if certificates == CertificatesFrom::Acme {
            let ca = self.acme_directory.as_deref().unwrap_or("Let's Encrypt");
            teller.tell(&Line::open(&format!(
                "certificates: the service orders them from {ca}, by which you agree to its terms"
            )))?;
        }
        let absolute = self.acme_roots.as_ref().map(std::path::absolute).transpose()?;
        Ok(Answers {
            origin,
            addresses,
            listen,
            contact,
            delivery,
            certificates,
            acme_directory: self.acme_directory.clone(),
            acme_roots: absolute,
            https: !self.proxy,
        })
    }

    fn origin(&self, input: &mut impl BufRead) -> Result<String, CommandError> {
        if let Some(said) = &self.origin {
            return read_origin(said).map_err(|why| CommandError::Unfit(format!("--origin: {why}")));
        }
        if self.yes {
            let why = "--origin: which domain is delegated to this service cannot be found out; say `--origin DOMAIN`";
            return Err(CommandError::Unfit(why.to_owned()));
        }
        let text = "The domain that is, or will be, delegated to this service, such as test.example";
        ask(input, Question { text, default: None, flag: "--origin DOMAIN" }, read_origin)
    }

    fn public_addresses(
        &self,
        own: &[OwnAddress],
        input: &mut impl BufRead,
    ) -> Result<Vec<IpAddr>, CommandError> {
        if !self.addresses.is_empty() {
            return fitting(self.addresses.clone())
                .map_err(|why| CommandError::Unfit(format!("--address: {why}")));
        }
        let found = chosen(own, |own| own.is_global);
        if self.yes {
            return match found.is_empty() {
                false => Ok(found),
                true => Err(CommandError::Unfit(
                    "--address: this host has no public address itself; say `--address` with the one that leads here"
                        .to_owned(),
                )),
            };
        }
        let listed = found.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
        let default = (!found.is_empty()).then_some(listed);
        let text = "The public addresses that lead to this host, IPv4 and IPv6";
        ask(input, Question { text, default, flag: "--address ADDRESS" }, read_addresses)
    }

    /// Where to listen: on the public addresses themselves, or on what they are translated to.
    fn local_addresses(
        &self,
        public: &[IpAddr],
        own: &[OwnAddress],
        teller: &mut Teller,
    ) -> Result<Vec<IpAddr>, CommandError> {
        if !self.listen.is_empty() {
            return fitting(self.listen.clone())
                .map_err(|why| CommandError::Unfit(format!("--listen: {why}")));
        }
        let rules = AddressRules::default();
        for (address, special) in
            public.iter().filter_map(|address| Some((address, rules.check(*address).err()?)))
        {
            teller.tell(&Line::warning(format!(
                "addresses: {address} is {special}, so that the world does not reach it: fit for a lab alone"
            )))?;
        }
        let (listen, translated) = listening(public, own);
        for (address, by) in translated {
            teller.tell(&Line::warning(format!(
                "addresses: this host does not have {address}, so that the service listens on {by}: whatever translates \
                 addresses before it must pass on TCP to ports 25, 53, 80 and 443, and UDP to port 53"
            )))?;
        }
        Ok(listen)
    }

    fn contact(&self, origin: &str, input: &mut impl BufRead) -> Result<Option<String>, CommandError> {
        if let Some(said) = &self.contact {
            let read = read_contact(said).map_err(|why| CommandError::Unfit(format!("--contact: {why}")))?;
            return Ok(Some(read));
        }
        if self.yes {
            return Ok(None);
        }
        let text = "Your mail address, best one elsewhere, for visitors of the site and for the CA";
        let own = format!("postmaster@{origin}");
        let question = Question { text, default: Some(own.clone()), flag: "--contact MAIL" };
        let answer = ask(input, question, read_contact)?;
        // What follows from the origin need not be written.
        Ok(Some(answer).filter(|answer| *answer != own))
    }
}

/// Where certificates come from where nothing is said.
const DEFAULT_CERTIFICATES: CertificatesFrom = CertificatesFrom::Acme;

fn read_origin(text: &str) -> Result<String, String> {
    let read = a_labels(text).filter(|name| !name.contains('_'));
    read.ok_or_else(|| {
        format!("`{text}` is no domain; write one of at least two labels, such as test.example")
    })
}

fn read_contact(text: &str) -> Result<String, String> {
    let fits = text.chars().all(|c| c.is_ascii_graphic() && !"<>()[]\\\",;:?&#%".contains(c));
    match text.rsplit_once('@') {
        Some((local, domain)) if fits && !local.is_empty() && a_labels(domain).is_some() => {
            Ok(text.to_owned())
        }
        _ => Err(format!("`{text}` is no mail address; write local@domain")),
    }
}

fn read_addresses(text: &str) -> Result<Vec<IpAddr>, String> {
    let words = text.split([' ', ',', '\t']).filter(|word| !word.is_empty());
    let addresses: Result<Vec<IpAddr>, String> = words
        .map(|word| {
            word.parse().map_err(|_| format!("`{word}` is no address; write such as 192.0.2.25 2001:db8::25"))
        })
        .collect();
    fitting(addresses?)
}

/// Addresses that a service can have, each once.
fn fitting(mut addresses: Vec<IpAddr>) -> Result<Vec<IpAddr>, String> {
    let mut known = std::collections::BTreeSet::new();
    addresses.retain(|address| known.insert(*address));
    if addresses.is_empty() {
        return Err("write at least one address".to_owned());
    }
    if addresses.len() > ADDRESSES_MAX {
        return Err(format!("write at most {ADDRESSES_MAX} addresses"));
    }
    match addresses.iter().find(|address| address.is_unspecified() || address.is_multicast()) {
        Some(address) => Err(format!("{address} is no address of a single host; name the addresses")),
        None => Ok(addresses),
    }
}

/// One address of each family: that which the system itself takes, else the first.
fn chosen(own: &[OwnAddress], fits: impl Fn(&OwnAddress) -> bool) -> Vec<IpAddr> {
    let of = |is_ipv6: bool| own.iter().find(|own| own.address.is_ipv6() == is_ipv6 && fits(own));
    [false, true].into_iter().filter_map(of).map(|own| own.address).collect()
}

/// Where to listen for `public` addresses, and which of them are others here: NAT.
fn listening(public: &[IpAddr], own: &[OwnAddress]) -> (Vec<IpAddr>, Vec<(IpAddr, IpAddr)>) {
    let (mut listen, mut translated) = (Vec::new(), Vec::new());
    for address in public {
        let is_here = address.is_loopback() || own.iter().any(|own| own.address == *address);
        let inner = own.iter().find(|own| {
            own.address.is_ipv4() && address.is_ipv4() && !own.is_global && own.is_chosen && !is_here
        });
        let by = inner.map_or(*address, |own| own.address);
        if by != *address {
            translated.push((*address, by));
        }
        if !listen.contains(&by) {
            listen.push(by);
        }
    }
    (listen, translated)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn own(text: &str, is_global: bool, is_chosen: bool) -> OwnAddress {
        OwnAddress { address: address(text), is_global, is_chosen }
    }

    #[test]
    fn one_public_address_of_each_family_is_offered() {
        let all = [
            own("9.9.9.1", true, true),
            own("9.9.9.2", true, false),
            own("10.0.0.1", false, false),
            own("2a00::1", true, true),
        ];
        assert_eq!(chosen(&all, |own| own.is_global), [address("9.9.9.1"), address("2a00::1")]);
        assert_eq!(chosen(&all[2..3], |own| own.is_global), [] as [IpAddr; 0]);
    }

    #[test]
    fn behind_a_translation_the_inner_address_is_listened_on() {
        let inner = [own("10.0.0.1", false, true), own("2a00::1", true, true)];
        let public = [address("9.9.9.1"), address("9.9.9.2"), address("2a00::1")];
        let (listen, translated) = listening(&public, &inner);
        assert_eq!(listen, [address("10.0.0.1"), address("2a00::1")]);
        assert_eq!(translated.len(), 2);
        // Where nothing is known, the host is asked for the address itself, and says that it lacks it.
        assert_eq!(listening(&public[..1], &[]).0, public[..1]);
    }

    #[test]
    fn what_is_none_is_told() {
        assert_eq!(read_origin(" Test.Example. "), Ok("test.example".to_owned()));
        assert_eq!(read_origin("gr\u{fc}n.example"), Ok("xn--grn-ioa.example".to_owned()));
        for text in ["", "localhost", "192.0.2.1", "a b.example", "_x.example", "x\"y.example"] {
            assert!(read_origin(text).is_err(), "{text}");
        }
        for text in ["jim", "jim@", "jim@host", "jim\"@a.example", "j im@a.example"] {
            assert!(read_contact(text).is_err(), "{text}");
        }
        assert_eq!(read_addresses("192.0.2.1, 2001:db8::1 192.0.2.1").unwrap().len(), 2);
        for text in ["", "mx", "0.0.0.0", "224.0.0.1"] {
            assert!(read_addresses(text).is_err(), "{text}");
        }
    }
}
