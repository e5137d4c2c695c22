//! What becomes of a mail by one reading.

use super::super::model::reading::Reading;
use super::super::model::{
    Act, Certificates, Dane, Intent, Offered, PolicyState, Published, SenderModel, Shown, Starttls, TlsaState,
};
use super::cell::{Attack, Beyond, Exposure, Target};

/// What becomes of a mail by a reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fate {
    Known(Exposure),
    /// It hangs on something that is in no model.
    Hangs(Beyond),
}

impl Fate {
    /// That of `reading`. A policy per destination is known for the destinations of the suite alone: of others only where
    /// both parts agree.
    pub(super) fn of(reading: &Reading, attack: Attack, target: Target) -> Self {
        let [one, other] = reading.models().map(|model| of_model(model, attack, target));
        if one == other { one } else { Self::Hangs(Beyond::Destination) }
    }
}

/// What `model` can know of such a domain, all being well.
fn published(target: Target) -> Published {
    match target {
        Target::Dane => Published { tlsa: TlsaState::Usable, policy: PolicyState::None },
        Target::MtaSts => Published { tlsa: TlsaState::None, policy: PolicyState::Listed },
        Target::Nothing => NOTHING,
    }
}

const NOTHING: Published = Published { tlsa: TlsaState::None, policy: PolicyState::None };

/// A certificate that the attacker made himself.
const FORGED: Shown = Shown { webpki: false, tlsa: false };

fn of_model(model: &SenderModel, attack: Attack, target: Target) -> Fate {
    match attack {
        Attack::RemovesEncryption => Fate::Known(without_offer(model, published(target))),
        Attack::ForgesCertificate => Fate::Known(at_forged(model, published(target))),
        Attack::ForgesDns => at_forged_host(model, target),
        Attack::BlocksPolicy => without_policy(model, target),
    }
}

fn without_offer(model: &SenderModel, published: Published) -> Exposure {
    exposure(model.acts(published, Offered { starttls: false, with_sni: FORGED, without_sni: FORGED }))
}

fn at_forged(model: &SenderModel, published: Published) -> Exposure {
    exposure(model.acts(published, Offered { starttls: true, with_sni: FORGED, without_sni: FORGED }))
}

fn exposure(act: Act) -> Exposure {
    match act {
        Act::Clear | Act::Delivers { .. } => Exposure::Read,
        Act::Avoids | Act::Shuns { .. } | Act::Leaves | Act::Refuses { .. } => Exposure::NotRead,
    }
}

/// Mail goes to a host of the attacker, with a valid certificate for its own name. Whether a certificate must name the
/// domain or may name what DNS says, and what becomes of a valid host that the policy does not list, no host shows.
fn at_forged_host(model: &SenderModel, target: Target) -> Fate {
    if target == Target::Dane {
        return Fate::Hangs(Beyond::Dnssec);
    }
    let heeds_policy = target == Target::MtaSts && model.mta_sts;
    let plain = matches!(model.intends(NOTHING), Intent::Connect { .. })
        && (model.certificates == Certificates::Ignored || model.starttls == Starttls::Never);
    if heeds_policy || !plain { Fate::Hangs(Beyond::ForgedHost) } else { Fate::Known(Exposure::Read) }
}

/// What was published cannot be had; then the encryption is removed, or the certificate forged.
fn without_policy(model: &SenderModel, target: Target) -> Fate {
    let either = without_offer(model, NOTHING).min(at_forged(model, NOTHING));
    match target {
        Target::Nothing => Fate::Known(Exposure::NothingToBlock),
        Target::Dane if model.dane != Dane::Off => Fate::Hangs(Beyond::FailedLookup),
        Target::MtaSts if model.mta_sts && either == Exposure::Read => Fate::Known(Exposure::ReadUntilKnown),
        Target::Dane | Target::MtaSts => Fate::Known(either),
    }
}

/// Whether a mail that is not read owes that to a trait that these readings have: without it, one would be read.
pub(super) fn owes_it_to(
    without: impl Fn(&SenderModel) -> SenderModel,
    readings: &[Reading],
    attack: Attack,
    target: Target,
) -> bool {
    let models = readings.iter().flat_map(|reading| reading.models());
    models.map(without).any(|model| of_model(&model, attack, target) != Fate::Known(Exposure::NotRead))
}
