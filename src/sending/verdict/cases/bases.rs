//! The sender models that cases tell apart.

use crate::sending::verdict::model::{Certificates, Dane, Precedence, SenderModel, Sni, Starttls};

const MAY: SenderModel =
    SenderModel { starttls: Starttls::IfOffered, certificates: Certificates::Ignored, ..SenderModel::PLAIN };

/// A sender of DANE alone.
pub(super) const DANE: SenderModel = SenderModel { sni: Sni::ForPolicy, dane: Dane::WhereUsable, ..MAY };

/// A sender of MTA-STS alone.
pub(super) const MTA_STS: SenderModel = SenderModel { sni: Sni::ForPolicy, mta_sts: true, ..MAY };

/// A sender of both as RFC 8461 §2 wants it, that asks most of a host.
pub(super) const DANE_AND_MTA_STS: SenderModel =
    SenderModel { mta_sts: true, precedence: Precedence::BothMustPass, ..DANE };

/// Every model that cases can tell from another. Who heeds a policy names the host where it does (RFC 7672 §8.1, RFC 8461
/// §7.1): entrances tell hosts apart also without.
pub(super) fn bases() -> Vec<SenderModel> {
    let heeds_policies = |model: &SenderModel| model.dane != Dane::Off || model.mta_sts;
    let told = |model: &SenderModel| !heeds_policies(model) || model.sni == Sni::ForPolicy;
    SenderModel::all().into_iter().filter(told).collect()
}
