//! The terms of a policy (RFC 7208 §4.6.1, §5, §6, §12).

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use ipnet::{Ipv4Net, Ipv6Net};

use super::SpfError;
use super::domain_spec::{DomainSpec, after_last_macro};

/// One term of a policy (RFC 7208 §4.6.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Term {
    /// A mechanism and what a match means.
    Directive(Qualifier, Mechanism),
    /// `redirect=`: another policy instead of the default.
    Redirect(DomainSpec),
    /// `exp=`: an explanation for a fail.
    Explanation(DomainSpec),
    /// Another modifier, which is passed over.
    Unknown { name: String, value: String },
}

/// What a match means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Qualifier {
    /// `+`, and where nothing is written.
    Pass,
    /// `-`: such mail is not the domain's.
    Fail,
    /// `~`: such mail is probably not the domain's.
    SoftFail,
    /// `?`: the domain does not say.
    Neutral,
}

/// What is matched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mechanism {
    /// `all`, which everything matches.
    All,
    /// What another policy passes.
    Include(DomainSpec),
    /// The addresses of a name; without one, of the domain itself.
    A(Option<DomainSpec>, DualCidr),
    /// The addresses of its MX hosts.
    Mx(Option<DomainSpec>, DualCidr),
    /// What PTR says; not to be used (RFC 7208 §5.5).
    Ptr(Option<DomainSpec>),
    Ip4(Ipv4Net),
    Ip6(Ipv6Net),
    /// Whether a name has an IPv4 address.
    Exists(DomainSpec),
}

impl Mechanism {
    /// Whether it counts against the limit of look-ups (RFC 7208 §4.6.4).
    pub fn costs_a_lookup(&self) -> bool {
        match self {
            Self::Include(_) | Self::A(..) | Self::Mx(..) | Self::Ptr(_) | Self::Exists(_) => true,
            Self::All | Self::Ip4(_) | Self::Ip6(_) => false,
        }
    }
}

/// The prefix lengths for both families, where they are given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DualCidr {
    /// For IPv4; default 32.
    pub v4: Option<u8>,
    /// For IPv6; default 128.
    pub v6: Option<u8>,
}

impl FromStr for Term {
    type Err = SpfError;

    fn from_str(text: &str) -> Result<Self, SpfError> {
        read(text).ok_or_else(|| SpfError::Term(text.to_owned()))
    }
}

fn read(text: &str) -> Option<Term> {
    // A modifier is a name and `=`; in a mechanism `:` or `/` comes first.
    if let Some((name, value)) = text.split_once('=')
        && is_name(name)
    {
        return match name.to_ascii_lowercase().as_str() {
            "redirect" => Some(Term::Redirect(DomainSpec::read(value)?)),
            "exp" => Some(Term::Explanation(DomainSpec::read(value)?)),
            _ => {
                after_last_macro(value)?;
                Some(Term::Unknown { name: name.to_owned(), value: value.to_owned() })
            }
        };
    }
    let (qualifier, rest) = match text.as_bytes().first()? {
        b'+' => (Qualifier::Pass, &text[1..]),
        b'-' => (Qualifier::Fail, &text[1..]),
        b'~' => (Qualifier::SoftFail, &text[1..]),
        b'?' => (Qualifier::Neutral, &text[1..]),
        _ => (Qualifier::Pass, text),
    };
    Some(Term::Directive(qualifier, mechanism(rest)?))
}

/// A letter, then letters, digits and `-_.`.
fn is_name(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
}

fn mechanism(text: &str) -> Option<Mechanism> {
    let end = text.find([':', '/']).unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    let of_name = rest.strip_prefix(':');
    match name.to_ascii_lowercase().as_str() {
        "all" if rest.is_empty() => Some(Mechanism::All),
        "include" => Some(Mechanism::Include(DomainSpec::read(of_name?)?)),
        "exists" => Some(Mechanism::Exists(DomainSpec::read(of_name?)?)),
        "ptr" if rest.is_empty() => Some(Mechanism::Ptr(None)),
        "ptr" => Some(Mechanism::Ptr(Some(DomainSpec::read(of_name?)?))),
        "a" => host(rest).map(|(domain, cidr)| Mechanism::A(domain, cidr)),
        "mx" => host(rest).map(|(domain, cidr)| Mechanism::Mx(domain, cidr)),
        "ip4" => {
            let (address, length) = network(of_name?)?;
            let net = Ipv4Net::new(address.parse::<Ipv4Addr>().ok()?, length.unwrap_or(32));
            net.ok().map(Mechanism::Ip4)
        }
        "ip6" => {
            let (address, length) = network(of_name?)?;
            let net = Ipv6Net::new(address.parse::<Ipv6Addr>().ok()?, length.unwrap_or(128));
            net.ok().map(Mechanism::Ip6)
        }
        _ => None,
    }
}

/// `[:domain-spec][/v4][//v6]`. A name may have slashes, but not in its last label or behind a macro that ends it
/// (RFC 7208 §7.1): the first slash there begins the lengths.
fn host(text: &str) -> Option<(Option<DomainSpec>, DualCidr)> {
    let literals = after_last_macro(text)?;
    let last = text[literals..].rfind('.').map_or(literals, |dot| literals + dot + 1);
    let slash = text[last..].find('/').map_or(text.len(), |at| last + at);
    let (domain, lengths) = text.split_at(slash);
    let domain = match domain.strip_prefix(':') {
        Some(domain) => Some(DomainSpec::read(domain)?),
        None if domain.is_empty() => None,
        None => return None,
    };
    let (v4, v6) = match lengths.split_once("//") {
        Some((v4, v6)) => (v4, Some(prefix_length(v6, 128)?)),
        None => (lengths, None),
    };
    let v4 = match v4.strip_prefix('/') {
        Some(v4) => Some(prefix_length(v4, 32)?),
        None if v4.is_empty() => None,
        None => return None,
    };
    Some((domain, DualCidr { v4, v6 }))
}

/// An address and the length of its prefix.
fn network(text: &str) -> Option<(&str, Option<u8>)> {
    match text.split_once('/') {
        Some((address, length)) => Some((address, Some(prefix_length(length, 128)?))),
        None => Some((text, None)),
    }
}

/// Digits without a leading zero.
fn prefix_length(text: &str, most: u8) -> Option<u8> {
    let digits = !text.is_empty() && text.bytes().all(|octet| octet.is_ascii_digit());
    let plain = digits && (text == "0" || !text.starts_with('0'));
    plain.then(|| text.parse().ok()).flatten().filter(|length| *length <= most)
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Directive(qualifier, mechanism) => write!(f, "{qualifier}{mechanism}"),
            Self::Redirect(domain) => write!(f, "redirect={domain}"),
            Self::Explanation(domain) => write!(f, "exp={domain}"),
            Self::Unknown { name, value } => write!(f, "{name}={value}"),
        }
    }
}

impl fmt::Display for Qualifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Pass => "",
            Self::Fail => "-",
            Self::SoftFail => "~",
            Self::Neutral => "?",
        })
    }
}

impl fmt::Display for Mechanism {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let named = |f: &mut fmt::Formatter<'_>, name: &str, domain: &Option<DomainSpec>| {
            f.write_str(name)?;
            domain.iter().try_for_each(|domain| write!(f, ":{domain}"))
        };
        match self {
            Self::All => f.write_str("all"),
            Self::Include(domain) => write!(f, "include:{domain}"),
            Self::Exists(domain) => write!(f, "exists:{domain}"),
            Self::Ptr(domain) => named(f, "ptr", domain),
            Self::A(domain, cidr) => named(f, "a", domain).and_then(|()| write!(f, "{cidr}")),
            Self::Mx(domain, cidr) => named(f, "mx", domain).and_then(|()| write!(f, "{cidr}")),
            Self::Ip4(net) if net.prefix_len() == 32 => write!(f, "ip4:{}", net.addr()),
            Self::Ip4(net) => write!(f, "ip4:{net}"),
            Self::Ip6(net) if net.prefix_len() == 128 => write!(f, "ip6:{}", net.addr()),
            Self::Ip6(net) => write!(f, "ip6:{net}"),
        }
    }
}

impl fmt::Display for DualCidr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.v4.iter().try_for_each(|length| write!(f, "/{length}"))?;
        self.v6.iter().try_for_each(|length| write!(f, "//{length}"))
    }
}
