//! What a sender does beside its model or against it: ways to send that are in no model, as they are met in the
//! world, and what may truly be said of them.

use crate::sending::verdict::Mechanism;
use crate::sending::verdict::model::{Certificates, Check, Dane, Intent, Precedence, SenderModel, Starttls};

/// No certificate is asked for anything.
const ANYTHING: Check = Check { webpki: false, tlsa: false };

/// A habit bends what is done; what is to be done the model decides.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Habit {
    /// It acts as its model decides.
    #[default]
    AsItsModel,
    /// It fetches MTA-STS policies, as a reporter does that keeps RFC 8460, and obeys its model alone.
    FetchesPolicies,
    /// It fetches MTA-STS policies and asks for TLSA records, and obeys its model alone.
    AsksForBoth,
    /// It demands TLS and names the host where its model says so, and takes any certificate.
    ChecksNothing,
    /// It knows no CA, so that for it no certificate verifies by WebPKI. It fetches policies all the same, as a
    /// policy daemon does that has roots of its own.
    KnowsNoCa,
    /// It refuses every certificate, whatever its model says.
    RefusesEverything,
    /// It checks certificates until an attempt has refused one; in later attempts it takes any.
    LaxerOnNextAttempt,
    /// It checks certificates, and takes any on a second link that follows a refusal at once.
    LaxerWithinAttempt,
    /// It checks certificates, and sends in clear on a second link that follows a refusal at once.
    FallsBackToClearText,
    /// It decides after MAIL, as Sendmail 8.18 does in `tls_rcpt`: what it refuses, or leaves without TLS, it
    /// tells MAIL, and then RSET and QUIT.
    RefusesAfterMail,
    /// It decides after EHLO in TLS, as chasquid does: what it refuses it tells EHLO, and then QUIT.
    RefusesAfterEhlo,
    /// It calls hosts that the policy does not list, too, and gives up after the handshake (RFC 8461 §5.1 allows
    /// that); others do not call them.
    CallsUnlistedHosts,
}

/// What is done at a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Doing {
    /// How TLS is used.
    pub(super) tls: Starttls,
    /// Whether the host is named in it.
    pub(super) sni: bool,
    /// What the certificate must pass.
    pub(super) check: Check,
    /// Whether it is refused whatever it is worth.
    pub(super) refuses: bool,
}

impl Habit {
    /// All habits that the reference sender knows.
    pub const ALL: [Self; 12] = [
        Self::AsItsModel,
        Self::FetchesPolicies,
        Self::AsksForBoth,
        Self::ChecksNothing,
        Self::KnowsNoCa,
        Self::RefusesEverything,
        Self::LaxerOnNextAttempt,
        Self::LaxerWithinAttempt,
        Self::FallsBackToClearText,
        Self::RefusesAfterMail,
        Self::RefusesAfterEhlo,
        Self::CallsUnlistedHosts,
    ];

    /// Whether a sender of `model` looks for MTA-STS policies.
    pub(super) fn fetches(self, model: &SenderModel) -> bool {
        model.mta_sts || matches!(self, Self::FetchesPolicies | Self::AsksForBoth)
    }

    /// Whether a sender of `model` asks for TLSA records.
    pub(super) fn asks_for_tlsa(self, model: &SenderModel) -> bool {
        model.dane != Dane::Off || self == Self::AsksForBoth
    }

    /// What is done about an intent; none where the host is not called. `refused` tells whether an earlier attempt
    /// refused a certificate.
    pub(super) fn does(self, intent: Intent, refused: bool) -> Option<Doing> {
        let lax = self == Self::ChecksNothing || self == Self::LaxerOnNextAttempt && refused;
        let doing = match intent {
            Intent::Avoid => return None,
            Intent::Unlisted { .. } if !lax && self != Self::CallsUnlistedHosts => return None,
            Intent::Unlisted { sni } => {
                let check = Check { webpki: true, tlsa: false };
                Doing { tls: Starttls::Required, sni, check, refuses: true }
            }
            Intent::Connect { tls, sni, check } => Doing { tls, sni, check, refuses: false },
        };
        let refuses = doing.refuses && !lax || self == Self::RefusesEverything;
        Some(Doing { check: if lax { ANYTHING } else { doing.check }, refuses, ..doing })
    }

    /// What is done on the link that follows a refusal at once, if one does.
    pub(super) fn does_again(self, refused: Doing) -> Option<Doing> {
        let lax = Doing { check: ANYTHING, refuses: false, ..refused };
        match self {
            Self::LaxerWithinAttempt => Some(lax),
            Self::FallsBackToClearText => Some(Doing { tls: Starttls::Never, ..lax }),
            _ => None,
        }
    }

    /// Whether a sender of `model` has `mechanism` at all, though it may not hold to it: who has not has not broken it
    /// either.
    pub fn has(model: &SenderModel, mechanism: Mechanism) -> bool {
        match mechanism {
            Mechanism::Dane => model.dane != Dane::Off,
            Mechanism::MtaSts => model.mta_sts,
            Mechanism::CertificateChecking => model.certificates == Certificates::Verified,
            Mechanism::MandatoryTls => model.starttls == Starttls::Required || model.dane == Dane::Required,
            _ => true,
        }
    }

    /// Whether it may truly be said that a sender of `model` practises `mechanism`: that it does so, that nothing
    /// undoes it, and that it could show at hosts that publish both TLSA records and a policy. For the mechanisms
    /// that protect; of the others nothing is said here.
    pub fn practises(self, model: &SenderModel, mechanism: Mechanism) -> Option<bool> {
        let both = model.dane != Dane::Off && model.mta_sts;
        let dane = model.dane != Dane::Off && !(both && model.precedence == Precedence::MtaStsOverrides);
        let mta_sts = model.mta_sts && !(both && model.precedence == Precedence::DaneWins);
        let verifies = Self::has(model, Mechanism::CertificateChecking);
        // Nothing is refused by who checks nothing, and nothing undone.
        let checks = dane || mta_sts || verifies;
        let falls_back = checks && self == Self::FallsBackToClearText;
        let laxer = matches!(self, Self::ChecksNothing | Self::LaxerOnNextAttempt | Self::LaxerWithinAttempt);
        let keeps = !(falls_back || checks && laxer || self == Self::RefusesEverything);
        // Who refuses the sound server, too, shows by no refusal what it is for.
        let sound_passes = self != Self::KnowsNoCa || !mta_sts;
        match mechanism {
            Mechanism::Dane => Some(dane && keeps && sound_passes),
            Mechanism::MtaSts => Some(mta_sts && keeps && sound_passes),
            Mechanism::CertificateChecking => Some(verifies && model.dane != Dane::Required && keeps),
            Mechanism::MandatoryTls => Some(Self::has(model, mechanism) && !falls_back),
            Mechanism::ClearTextEt
            | Mechanism::ClearTextUt
            | Mechanism::Sni
            | Mechanism::LaxerOnRetry
            | Mechanism::FallsBackToClearText
            | Mechanism::RefusesSoundServer => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sending::deliver::SAMPLES;

    #[test]
    fn what_may_be_said_follows_model_and_habit() {
        let [.., (_, verify), (_, dane), (_, dane_only), (_, mta_sts), (_, both)] = SAMPLES;
        let practises = |habit: Habit, model: SenderModel| {
            let mechanisms =
                [Mechanism::MandatoryTls, Mechanism::CertificateChecking, Mechanism::Dane, Mechanism::MtaSts];
            mechanisms.map(|mechanism| habit.practises(&model, mechanism) == Some(true))
        };
        for (habit, model, expected) in [
            (Habit::AsItsModel, verify, [true, true, false, false]),
            (Habit::FallsBackToClearText, verify, [false; 4]),
            (Habit::AsksForBoth, dane, [false, false, true, false]),
            (Habit::AsItsModel, dane_only, [true, false, true, false]),
            (Habit::KnowsNoCa, mta_sts, [false; 4]),
            (Habit::AsItsModel, both, [false, false, true, true]),
            (Habit::LaxerOnNextAttempt, both, [false; 4]),
            (
                Habit::AsItsModel,
                SenderModel { precedence: Precedence::DaneWins, ..both },
                [false, false, true, false],
            ),
        ] {
            assert_eq!(practises(habit, model), expected, "{habit:?} {model}");
        }
    }
}
