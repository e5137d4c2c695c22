//! Senders as they are met in the world, as models.

use crate::sending::verdict::Term;
use crate::sending::verdict::model::SenderModel;

/// The sample senders of the demo, each with the term that the verdict on it must be: Postfix's levels without
/// SNI where no policy asks for it (as Postfix is shipped), and DANE, MTA-STS and both above `may`.
pub const SAMPLES: [(Term, SenderModel); 8] = [
    (Term::None, SenderModel::PLAIN),
    (Term::May, SenderModel::MAY),
    (Term::Encrypt, SenderModel::ENCRYPT),
    (Term::Verify, SenderModel::VERIFY),
    (Term::Dane, SenderModel::DANE),
    (Term::DaneOnly, SenderModel::DANE_ONLY),
    (Term::MtaSts, SenderModel::MTA_STS),
    (Term::DaneMtaSts, SenderModel::DANE_AND_MTA_STS),
];

/// How our own mail is sent: DANE and MTA-STS, and where both apply both must pass. RFC 8461 §2 forbids that
/// MTA-STS override a failing DANE validation, and §5 forbids delivery to a host that fails a policy in mode
/// enforce; neither names an exception for the other.
pub const OURS: SenderModel = SenderModel::DANE_AND_MTA_STS;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sample_has_its_term_and_is_a_model() {
        let models = SenderModel::all();
        for (term, model) in SAMPLES.into_iter().chain([(Term::DaneMtaSts, OURS)]) {
            assert_eq!(Term::of(&model), term, "{model}");
            // `Never` and `ForPolicy` are one model where there is no policy to ask for SNI.
            assert!(models.contains(&model), "{model}");
        }
    }
}
