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

/// How long labels of the pool are kept for the one who has not sent yet, in seconds. Every verdict that is mailed may name
/// some, and few are answered; who answers later may find that another has them, and keeps the free label.
const UNUSED_S: u32 = 3 * 3_600;
/// Which part of the pool the senders of one registrable domain may have at a time.
const DOMAIN_SHARE: usize = 4;
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
    /// Whether somebody visited its policy host: nobody else knows a policy of it.
    is_visited: bool,
    /// The registrable domain of whoever has it, if that is known.
    domain: Option<Arc<str>>,
}

/// Who wants labels.
#[derive(Clone, Copy, Debug)]
pub(super) struct Applicant<'a> {
    pub(super) root: &'a Label,
    /// The registrable domain; none for the operator.
    pub(super) domain: Option<&'a str>,
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
    /// Labels were issued, to a sender of this domain. `rest_s` says how long those of a case rest.
    pub(in crate::sending::trials) fn issue(
        &mut self,
        at: Timestamp,
        issued: &LabelsIssued,
        domain: Option<&str>,
        rest_s: impl Fn(&CaseId) -> u32,
    ) {
        let (root, domain) = (&issued.label, domain.map(Arc::from));
        for (case, label) in issued.labels.iter().filter(|(_, label)| label.is_of_pool()) {
            let (root, domain) = (root.clone(), domain.clone());
            let lease = Lease { root, from: at, rest_s: rest_s(case), is_visited: false, domain };
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

    /// Somebody visited a policy host. A start hears of leases before it hears of visits.
    pub(in crate::sending::trials) fn visit(&mut self, key: &Key, at: Timestamp) {
        if let Some(lease) = self.leases.get_mut(key) {
            lease.is_visited |= at >= lease.from;
        }
    }

    /// One of the labels of a pool of so many that nobody has at a case, and that have rested: which one follows from the
    /// root that wants it, and nobody else can tell. Those that nobody had lately come first, for the sake of whoever is
    /// late. None where the domain has its share.
    pub(super) fn vacant(
        &self,
        case: &CaseId,
        Applicant { root, domain }: Applicant<'_>,
        pool_labels: u32,
        now: Timestamp,
    ) -> Option<Label> {
        let (mut fresh, mut rested, mut of_domain) = (Vec::new(), Vec::new(), 0_usize);
        let all = pool_labels.min(Label::POOL_MAX);
        for label in (1..=all).map(Label::of_pool) {
            match self.leases.get(&key_of(case, &label)) {
                None => fresh.push(label),
                Some(lease) if self.is_over(lease, now) => rested.push(label),
                Some(lease) if domain.is_some() && lease.domain.as_deref() == domain => of_domain += 1,
                Some(_) => {}
            }
        }
        if of_domain >= usize::try_from(all).map_or(usize::MAX, |all| all.div_ceil(DOMAIN_SHARE)).max(1) {
            return None;
        }
        let mut vacant = if fresh.is_empty() { rested } else { fresh };
        let digest = Sha256::new().chain_update(root.as_str()).chain_update([0]).chain_update(&*case.0);
        let digest: [u8; 32] = digest.finalize().into();
        let lot = digest.iter().take(4).fold(0_usize, |lot, octet| lot << 8 | usize::from(*octet));
        (!vacant.is_empty()).then(|| vacant.swap_remove(lot % vacant.len()))
    }

    fn is_over(&self, lease: &Lease, now: Timestamp) -> bool {
        let (until, rests) = match self.known.get(&lease.root) {
            Some(known) => (known.over, true),
            None => (Some(after(lease.from, UNUSED_S)), lease.is_visited),
        };
        let rest_s = if rests { lease.rest_s } else { 0 };
        until.is_some_and(|until| after(until, rest_s) <= now)
    }

    fn phase(&self, case: &str, label: &Label) -> CasePhase {
        let root = self.root_of(&CaseId::from(case), label);
        match root.and_then(|root| self.known.get(&root)) {
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

    fn operator(root: &Label) -> Applicant<'_> {
        Applicant { root, domain: None }
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("a time")
    }

    fn label(text: &str) -> Label {
        text.parse().expect("a label")
    }

    fn issue(book: &mut LabelBook, second: i64, root: &str, pooled: Option<&Label>) {
        issue_to(book, second, root, pooled, None);
    }

    fn issue_to(book: &mut LabelBook, second: i64, root: &str, pooled: Option<&Label>, domain: Option<&str>) {
        let pooled = pooled.map(|label| (CaseId::from("sts-good"), label.clone()));
        let free = (CaseId::from("none"), label(root));
        let labels = pooled.into_iter().chain([free]).collect();
        let issued = LabelsIssued { label: label(root), labels, first: None };
        book.issue(at(second), &issued, domain, |_| REST_S);
    }

    #[test]
    fn a_label_of_the_pool_is_leased_to_one_trial_and_rests() {
        let (mut book, case) = (LabelBook::default(), CaseId::from("sts-good"));
        let vacant =
            |book: &LabelBook, second| book.vacant(&case, operator(&label("rootnext")), 2, at(second));
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
        let unused = 1 + i64::from(UNUSED_S);
        assert_eq!(vacant(&book, unused - 1), None);
        assert_eq!(vacant(&book, unused), Some(two.clone()), "none can know a policy of it");
        book.visit(&key_of(&case, &two), at(0));
        assert_eq!(vacant(&book, unused), Some(two.clone()), "that was before");
        book.visit(&key_of(&case, &two), at(2));
        assert_eq!(vacant(&book, unused), None, "somebody may");
        assert_eq!(vacant(&book, unused + i64::from(REST_S)), Some(two));
    }

    #[test]
    fn one_domain_has_a_quarter_of_the_pool_at_most() {
        let (mut book, case) = (LabelBook::default(), CaseId::from("sts-good"));
        let (next, pool_labels) = (label("rootnext"), 8);
        let to = |book: &LabelBook, domain, second| {
            book.vacant(&case, Applicant { root: &next, domain }, pool_labels, at(second))
        };
        let large = Some("example.net");
        for n in 0..2 {
            let leased = to(&book, large, n).expect("it has less than a quarter");
            issue_to(&mut book, n, &format!("rootlarge{n}"), Some(&leased), large);
        }
        assert_eq!(to(&book, large, 2), None);
        assert!(to(&book, Some("example.com"), 2).is_some(), "others have theirs");
        assert!(to(&book, None, 2).is_some(), "and so has the operator");
        assert!(to(&book, large, 2 + i64::from(UNUSED_S)).is_some());
    }

    #[test]
    fn nobody_knows_which_label_is_next() {
        let (book, case) = (LabelBook::default(), CaseId::from("sts-good"));
        let next = |n: u32| book.vacant(&case, operator(&label(&format!("root{n}"))), 20, at(0));
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
