//! Whom the mail of a trial was for.

use crate::sending::history::{History, Received};
use crate::sending::persona::{CaseId, Catalogue};

/// Whether mail of a trial was for this case, as far as recipients and To/Cc tell.
pub(super) fn addressed(history: &History, case: &CaseId) -> bool {
    judged(history).any(|tx| tx.named().any(|recipient| recipient.case == *case))
}

/// Whether any mail of a trial was for the classic suite.
pub(super) fn is_classic(catalogue: &Catalogue, history: &History) -> bool {
    catalogue.classic_cases().any(|case| addressed(history, &case.id))
}

/// Whether a transaction of a trial was for this case.
pub(super) fn received(history: &History, case: &CaseId) -> bool {
    judged(history).any(|tx| tx.recipients.iter().any(|recipient| recipient.case == *case))
}

fn judged(history: &History) -> impl Iterator<Item = &Received> {
    history.transactions().filter(|(_, seq, _)| history.is_judged(*seq)).map(|(.., received)| received)
}
