//! The sender models that cases tell apart.

use crate::sending::verdict::model::{Dane, SenderModel, Sni};

/// Every model that cases can tell from another. Who heeds a policy names the host where it does (RFC 7672 §8.1, RFC 8461
/// §7.1): entrances tell hosts apart also without.
pub(super) fn bases() -> Vec<SenderModel> {
    let heeds_policies = |model: &SenderModel| model.dane != Dane::Off || model.mta_sts;
    let told = |model: &SenderModel| !heeds_policies(model) || model.sni == Sni::ForPolicy;
    SenderModel::all().into_iter().filter(told).collect()
}
