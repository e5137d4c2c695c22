//! What may be said to `setup`.

use std::net::IpAddr;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::program::app::command::arguments::CONFIG_VARIABLE;

/// Where the configuration lies that the unit names.
pub(super) const CONFIG: &str = "/var/lib/mailassay/config.toml";

/// All can be said here; what is not said is asked.
#[derive(Debug, Args)]
pub(in crate::program::app::command) struct SetupCommand {
    /// The configuration to write. One that is there stays as it is, and what it lacks is said.
    #[arg(long, value_name = "FILE", env = CONFIG_VARIABLE, default_value = CONFIG)]
    pub(super) config: PathBuf,
    /// The domain that is delegated to this service.
    #[arg(long, value_name = "DOMAIN")]
    pub(super) origin: Option<String>,
    /// A public address of this host, IPv4 or IPv6; may be said several times. Of those that the host has, by default
    /// one of each family.
    #[arg(long = "address", value_name = "ADDRESS")]
    pub(super) addresses: Vec<IpAddr>,
    /// An address of this host to listen on, where the public ones are translated on the way (NAT).
    #[arg(long, value_name = "ADDRESS")]
    pub(super) listen: Vec<IpAddr>,
    /// A mail address, best one elsewhere, where visitors and the CA reach you.
    #[arg(long, value_name = "MAIL")]
    pub(super) contact: Option<String>,
    /// How verdicts are handed over.
    #[arg(long, value_enum)]
    pub(super) delivery: Option<Delivery>,
    /// Where certificates come from.
    #[arg(long, value_enum)]
    pub(super) certificates: Option<CertificatesFrom>,
    /// Another CA than Let's Encrypt: the address of its ACME directory.
    #[arg(long, value_name = "URL")]
    pub(super) acme_directory: Option<String>,
    /// A file of roots (PEM) that the CA's own web server is measured by, where no public root vouches for it.
    #[arg(long, value_name = "FILE")]
    pub(super) acme_roots: Option<PathBuf>,
    /// A proxy of yours speaks HTTPS for the site; by default the service does it itself.
    #[arg(long)]
    pub(super) proxy: bool,
    /// Where the systemd unit is written; by default where systemd finds it, or beside the configuration for all but root.
    #[arg(long, value_name = "FILE")]
    pub(super) unit: Option<PathBuf>,
    /// Write no systemd unit.
    #[arg(long, conflicts_with = "unit")]
    pub(super) no_unit: bool,
    /// Look at this host alone: call no other, and say all that is to be done elsewhere.
    #[arg(long)]
    pub(super) offline: bool,
    /// Ask nothing: take what was found where nothing is said.
    #[arg(long)]
    pub(super) yes: bool,
}

/// How verdicts are handed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Delivery {
    /// By mail, from this host.
    Mx,
    /// Not: they are put into a folder, and senders read them on the site.
    Maildir,
}

/// Where certificates come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum CertificatesFrom {
    /// From a CA that speaks ACME, ordered and renewed by the service itself.
    Acme,
    /// From a CA of the service's own, which no sender trusts: for labs.
    PrivateCa,
}
