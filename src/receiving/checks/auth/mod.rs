//! What the domain publishes so that others cannot send in its name.

mod bimi;
mod dkim;
mod dmarc;
mod dmarc_policy;
mod dmarc_reports;
mod spf;
mod spf_policy;

pub(super) use bimi::bimi;
pub(super) use dkim::{dkim_guess, dkim_signature};
pub(super) use dmarc::dmarc;
pub(super) use dmarc_policy::{dmarc_policy, dmarc_tags};
pub(super) use dmarc_reports::dmarc_reports;
pub(super) use spf::{spf, spf_void_lookups};
pub(super) use spf_policy::spf_policy;
