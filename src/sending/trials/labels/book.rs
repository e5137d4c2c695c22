//! What is known of labels.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use parking_lot::{Mutex, MutexGuard};
use sha2::{Digest, Sha256};

use crate::sending::history::LabelsIssued;
use crate::sending::journal::ISSUED_KEPT_S;
use crate::sending::persona::CaseId;
use crate::sending::trial::{CasePhase, CasePhases, Label, TrialId};
use crate::shared::time::{Timestamp, after, before};

use super::{Key, key_of};

/// How long labels that were issued are kept for the one who has not sent yet, in seconds; those of the pool rest after
/// that. Who answers a verdict does so within a day, or meets names that are nobody's any more.
const UNUSED_S: u32 = 86_400;
/// How many trials with issued labels are known; the oldest are forgotten where there are more.
const ISSUED_MAX: usize = 20_000;

/// What is known of labels, for whoever projects the journal, and for those who answer for the names.
#[derive(Clone, Debug, Default)]
pub struct Labels {
    book: Arc<Mutex<LabelBook>>,
    /// Held by whoever gives out labels.
    pub(super) issuing: Arc<tokio::sync::Mutex<()>>,
}

impl Labels {
    /// The book itself.
    pub(in crate::sending::trials) fn book(&self) -> MutexGuard<'_, LabelBook> {
        self.book.lock()
    }
}

impl CasePhases for Labels {
    fn phase(&self, case: &str, label: &Label) -> CasePhase {
        self.book().phase(case, label)
    }
}

/// A trial that has a label.
#[derive(Clone, Debug)]
struct Known {
    trial: TrialId,
    /// When it ended.
    over: Option<Timestamp>,
    /// The cases with two mails whose first was acknowledged.
    second: BTreeSet<CaseId>,
}

/// A label of the pool at one case.
#[derive(Clone, Debug)]
struct Lease {
    /// The free label of the trial that has it.
    root: Label,
    from: Timestamp,
    /// How long it rests after that, in seconds.
    rest_s: u32,
}

/// Labels that were given out before any mail.
#[derive(Clone, Debug)]
struct Issued {
    at: Timestamp,
    labels: BTreeMap<CaseId, Label>,
    first: Option<TrialId>,
}

/// Whose labels are. A trial is known by its free labels, its *roots*; those of the pool lead to them.
#[derive(Debug, Default)]
pub(in crate::sending::trials) struct LabelBook {
    known: HashMap<Label, Known>,
    leases: HashMap<Key, Lease>,
    issued: HashMap<Label, Issued>,
    issued_by_age: BTreeSet<(Timestamp, Label)>,
}

impl LabelBook {
    /// Labels were issued. `rest_s` says how long those of a case rest.
    pub(in crate::sending::trials) fn issue(
        &mut self,
        at: Timestamp,
        issued: &LabelsIssued,
        rest_s: impl Fn(&CaseId) -> u32,
    ) {
        let root = &issued.label;
        for (case, label) in issued.labels.iter().filter(|(_, label)| label.is_of_pool()) {
            let lease = Lease { root: root.clone(), from: at, rest_s: rest_s(case) };
            self.leases.insert(key_of(case, label), lease);
        }
        let (labels, first) = (issued.labels.clone(), issued.first.clone());
        if let Some(before) = self.issued.insert(root.clone(), Issued { at, labels, first }) {
            self.issued_by_age.remove(&(before.at, root.clone()));
        }
        self.issued_by_age.insert((at, root.clone()));
        self.forget_issued(before(at, ISSUED_KEPT_S));
    }

    fn forget_issued(&mut self, horizon: Timestamp) {
        while let Some((at, root)) = self.issued_by_age.first().cloned() {
            if at >= horizon && self.issued.len() <= ISSUED_MAX {
                return;
            }
            self.issued_by_age.remove(&(at, root.clone()));
            let Some(issued) = self.issued.remove(&root) else { continue };
            for (case, label) in &issued.labels {
                let key = key_of(case, label);
                if self.leases.get(&key).is_some_and(|lease| lease.root == root) {
                    self.leases.remove(&key);
                }
            }
        }
    }

    /// The free label that leads to the trial which a name belongs to; none for one of the pool that nobody has.
    pub(in crate::sending::trials) fn root_of(&self, case: &CaseId, label: &Label) -> Option<Label> {
        if !label.is_of_pool() {
            return Some(label.clone());
        }
        self.leases.get(&key_of(case, label)).map(|lease| lease.root.clone())
    }

    /// The trial of a root, once it is open.
    pub(in crate::sending::trials) fn trial_of(&self, root: &Label) -> Option<&TrialId> {
        self.known.get(root).map(|known| &known.trial)
    }

    /// The trial whose second part a root was issued for.
    pub(in crate::sending::trials) fn first_part(&self, root: &Label) -> Option<&TrialId> {
        self.issued.get(root)?.first.as_ref()
    }

    /// The labels that a root was issued with, by case.
    pub(in crate::sending::trials) fn issued(&self, root: &Label) -> Option<&BTreeMap<CaseId, Label>> {
        self.issued.get(root).map(|issued| &issued.labels)
    }

    /// Whether what a name is found by is a trial's, or was given out for one.
    pub(in crate::sending::trials) fn is_somebodys(&self, key: &Key) -> bool {
        let (label, _) = key;
        self.leases.contains_key(key) || self.known.contains_key(label) || self.issued.contains_key(label)
    }

    /// By what evidence of a root's trial is found, and from when on that is its.
    pub(in crate::sending::trials) fn keys_of(&self, root: &Label) -> Vec<(Key, Timestamp)> {
        let leased = self.issued(root).into_iter().flatten().filter_map(|(case, label)| {
            let key = key_of(case, label);
            let lease = self.leases.get(&key).filter(|lease| lease.root == *root)?;
            label.is_of_pool().then(|| (key.clone(), lease.from))
        });
        leased.chain([((root.clone(), None), Timestamp::MIN)]).collect()
    }

    /// A root leads to a trial from now on.
    pub(in crate::sending::trials) fn bind(&mut self, root: &Label, trial: &TrialId) {
        let known = Known { trial: trial.clone(), over: None, second: BTreeSet::new() };
        self.known.entry(root.clone()).or_insert(known);
    }

    /// The first mail of a case was acknowledged.
    pub(in crate::sending::trials) fn begin_second(&mut self, root: &Label, case: &CaseId) {
        if let Some(known) = self.known.get_mut(root) {
            known.second.insert(case.clone());
        }
    }

    /// The trial of a root is over: its faults are withdrawn.
    pub(in crate::sending::trials) fn end(&mut self, root: &Label, at: Timestamp) {
        if let Some(known) = self.known.get_mut(root) {
            known.over.get_or_insert(at);
        }
    }

    /// The trial of a root is not known any more.
    pub(in crate::sending::trials) fn forget(&mut self, root: &Label, trial: &TrialId) {
        if self.trial_of(root) == Some(trial) {
            self.known.remove(root);
        }
    }

    /// One of the labels of a pool of so many that nobody has at a case, and that have rested: which one follows from the
    /// root that wants it, and nobody else can tell.
    pub(super) fn vacant(
        &self,
        case: &CaseId,
        root: &Label,
        pool_labels: u32,
        now: Timestamp,
    ) -> Option<Label> {
        let all = (1..=pool_labels.min(Label::POOL_MAX)).map(Label::of_pool);
        let vacant = all.filter(|label| {
            self.leases.get(&key_of(case, label)).is_none_or(|lease| self.is_over(lease, now))
        });
        let mut vacant: Vec<Label> = vacant.collect();
        let digest = Sha256::new().chain_update(root.as_str()).chain_update([0]).chain_update(&*case.0);
        let digest: [u8; 32] = digest.finalize().into();
        let lot = digest.iter().take(4).fold(0_usize, |lot, octet| lot << 8 | usize::from(*octet));
        (!vacant.is_empty()).then(|| vacant.swap_remove(lot % vacant.len()))
    }

    fn is_over(&self, lease: &Lease, now: Timestamp) -> bool {
        let until = match self.known.get(&lease.root) {
            Some(known) => known.over,
            None => Some(after(lease.from, UNUSED_S)),
        };
        until.is_some_and(|until| after(until, lease.rest_s) <= now)
    }

    fn phase(&self, case: &str, label: &Label) -> CasePhase {
        let root = if label.is_of_pool() {
            match self.leases.get(&key_of(&CaseId::from(case), label)) {
                Some(lease) => &lease.root,
                None => return CasePhase::First,
            }
        } else {
            label
        };
        match self.known.get(root) {
            Some(Known { over: Some(_), .. }) => CasePhase::Over,
            Some(known) if known.second.contains(case) => CasePhase::Second,
            _ => CasePhase::First,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sending::trial::LinkId;

    const REST_S: u32 = 100;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("a time")
    }

    fn label(text: &str) -> Label {
        text.parse().expect("a label")
    }

    fn issue(book: &mut LabelBook, second: i64, root: &str, pooled: Option<&Label>) {
        let pooled = pooled.map(|label| (CaseId::from("sts-good"), label.clone()));
        let free = (CaseId::from("none"), label(root));
        let labels = pooled.into_iter().chain([free]).collect();
        book.issue(at(second), &LabelsIssued { label: label(root), labels, first: None }, |_| REST_S);
    }

    #[test]
    fn a_label_of_the_pool_is_leased_to_one_trial_and_rests() {
        let (mut book, case) = (LabelBook::default(), CaseId::from("sts-good"));
        let vacant = |book: &LabelBook, second| book.vacant(&case, &label("rootnext"), 2, at(second));
        let one = vacant(&book, 0).expect("all are vacant");
        issue(&mut book, 0, "rootone1", Some(&one));
        let two = vacant(&book, 1).expect("one more is vacant");
        assert_ne!(one, two);
        issue(&mut book, 1, "roottwo2", Some(&two));
        assert_eq!(vacant(&book, 2), None);
        let trial = TrialId::new(b"secret", LinkId(1), 0);
        book.bind(&label("rootone1"), &trial);
        assert_eq!(book.root_of(&case, &one), Some(label("rootone1")));
        assert_eq!(book.root_of(&CaseId::from("sts-testing"), &one), None, "a lease is of one case");
        book.end(&label("rootone1"), at(10));
        assert_eq!(vacant(&book, 10 + i64::from(REST_S) - 1), None);
        assert_eq!(vacant(&book, 10 + i64::from(REST_S)), Some(one.clone()));
        assert_eq!(book.phase(&case.0, &one), CasePhase::Over);
        issue(&mut book, 200, "rootthree3", Some(&one));
        assert_eq!(book.phase(&case.0, &one), CasePhase::First, "the next trial meets the faults");
        // Whoever never sends keeps nothing for ever.
        let unused = 1 + i64::from(UNUSED_S) + i64::from(REST_S);
        assert_eq!(vacant(&book, unused), Some(two));
    }

    #[test]
    fn nobody_knows_which_label_is_next() {
        let (book, case) = (LabelBook::default(), CaseId::from("sts-good"));
        let next = |n: u32| book.vacant(&case, &label(&format!("root{n}")), 20, at(0));
        let drawn: BTreeSet<_> = (0..200).filter_map(next).collect();
        assert_eq!(drawn.len(), 20, "each comes");
        assert_eq!(next(1), next(1), "who asks again gets the same");
    }

    #[test]
    fn names_are_sound_once_their_trial_is_over() {
        let (mut book, case) = (LabelBook::default(), CaseId::from("none"));
        let (free, trial) = (label("k3f9a2m7"), TrialId::new(b"secret", LinkId(1), 0));
        assert_eq!(book.phase(&case.0, &free), CasePhase::First);
        book.bind(&free, &trial);
        book.begin_second(&free, &case);
        assert_eq!(book.phase(&case.0, &free), CasePhase::Second);
        assert_eq!(book.phase("sts-good", &free), CasePhase::First);
        book.end(&free, at(5));
        assert_eq!(book.phase(&case.0, &free), CasePhase::Over);
        book.forget(&free, &trial);
        assert_eq!(book.phase(&case.0, &free), CasePhase::First);
    }

    #[test]
    fn labels_that_nobody_used_are_forgotten() {
        let mut book = LabelBook::default();
        for n in 0..ISSUED_MAX + 10 {
            issue(
                &mut book,
                0,
                &format!("root{n}"),
                Some(&Label::of_pool(u32::try_from(n % 9_999 + 1).expect("small"))),
            );
        }
        assert_eq!((book.issued.len(), book.issued_by_age.len()), (ISSUED_MAX, ISSUED_MAX));
        issue(&mut book, i64::from(ISSUED_KEPT_S) + 1, "rootlast", None);
        assert_eq!((book.issued.len(), book.leases.len()), (1, 0));
    }
}
