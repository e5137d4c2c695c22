//! How a sender treats the cases of a suite: all by one model, or each by a policy of its own.

use super::term::Term;
use super::{Dane, SenderModel};

/// One way to send mail to all cases of a suite.
///
/// The models alone would let a sender that demands TLS of one domain and checks nothing pass for one that practises
/// DANE there, until it is seen to refuse something. So that is a reading of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in crate::sending::verdict) enum Reading {
    /// It treats all destinations alike, by this model.
    Uniform(SenderModel),
    /// By a policy for each destination, such as Postfix's `smtp_tls_policy_maps`: neither heeds what is published.
    PerDestination {
        /// For cases that publish something.
        published: SenderModel,
        /// For cases that publish nothing.
        bare: SenderModel,
    },
}

impl Reading {
    /// Every reading, each once: the models, then each two of the nine that heed nothing published.
    pub(in crate::sending::verdict) fn all() -> Vec<Self> {
        let models = SenderModel::all();
        let plain: Vec<_> =
            models.iter().copied().filter(|model| model.dane == Dane::Off && !model.mta_sts).collect();
        let pairs = plain.iter().flat_map(|published| {
            let others = plain.iter().filter(move |bare| *bare != published);
            others.map(|bare| Self::PerDestination { published: *published, bare: *bare })
        });
        models.iter().copied().map(Self::Uniform).chain(pairs).collect()
    }

    /// The model by which it treats a case that publishes something, or nothing.
    pub(in crate::sending::verdict) fn model(&self, bare: bool) -> &SenderModel {
        match self {
            Self::Uniform(model) => model,
            Self::PerDestination { published, .. } if !bare => published,
            Self::PerDestination { bare, .. } => bare,
        }
    }

    pub(in crate::sending::verdict) fn models(&self) -> [&SenderModel; 2] {
        [self.model(false), self.model(true)]
    }

    /// Whether one model is all of it.
    pub(in crate::sending::verdict) fn is_uniform(&self) -> bool {
        matches!(self, Self::Uniform(_))
    }

    pub(in crate::sending::verdict) fn term(&self) -> Term {
        match self {
            Self::Uniform(model) => Term::of(model),
            Self::PerDestination { .. } => Term::PerDestination,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nine_models_heed_nothing_and_make_72_pairs() {
        let readings = Reading::all();
        let pairs = readings.iter().filter(|reading| !reading.is_uniform()).count();
        assert_eq!((readings.len(), pairs), (117 + 72, 9 * 8));
    }
}
