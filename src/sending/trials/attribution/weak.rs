//! The links without mail that a trial has a claim to.

use std::collections::{BTreeMap, BTreeSet};

use crate::sending::history::Strength;
use crate::sending::trial::{LinkId, Source, Tie, TrialId};
use crate::sending::trials::ties::{Ties, has_no_name, same_server, strongest_tie};
use crate::shared::time::{Timestamp, after, before};

use super::Attribution;
use super::cases::NamedLinks;
use super::few::{COUNTED_MAX, LOOKED_AT_MAX};
use super::rivals::Rivals;
use super::tables::{SeenLink, Trial};

/// How many links of others that give the sender's name are shown.
const KIN_MAX: usize = 50;

/// How long a link may last before its EHLO, in seconds, so that links that were opened before the time of a trial are
/// looked at, too.
const GREETING_S_MAX: u32 = 3_600;

/// The links without mail that a trial has a claim to.
pub(super) struct WeakLinks {
    pub(super) weak: BTreeMap<LinkId, Strength>,
    /// Those that name it, and that nothing ties to its sender.
    pub(super) strangers: BTreeSet<LinkId>,
    /// How many more there may be.
    pub(super) more: u32,
}

impl Attribution {
    /// The links of a trial's sources without mail, unless another trial has a stronger claim; those under the same domain in
    /// EHLO; and those that name the trial.
    pub(super) fn weak_links(&self, id: &TrialId, trial: &Trial) -> WeakLinks {
        let sources = &trial.ties.sources;
        // Its own come first: whoever gives its name in EHLO is not to crowd them out.
        let kin: BTreeSet<_> = {
            let book = self.sources.book();
            let names = sources.iter().filter_map(|source| source.domain.as_deref());
            names
                .flat_map(|domain| book.named(domain))
                .filter(|group| !trial.groups.contains(group))
                .collect()
        };
        let since = before(trial.ties.claims_from, self.pace.window_s.saturating_add(GREETING_S_MAX));
        let until = trial.ties.until().unwrap_or(Timestamp::MAX);
        let NamedLinks { own: mut weak, strangers, mut more } = self.named_links(trial);
        for (groups, max) in [(&trial.groups, self.share_of(&trial.ties).links_max), (&kin, KIN_MAX)] {
            let links = groups.iter().flat_map(|group| self.links.of_group(*group, since, until));
            let links = links.filter(|kept| {
                kept.owners.is_empty()
                    && kept.key.is_none()
                    && !trial.links.contains(&kept.link.id)
                    && !trial.late.contains(&kept.link.id)
            });
            let before = weak.len();
            for (n, kept) in links.take(COUNTED_MAX).enumerate() {
                if n >= LOOKED_AT_MAX || weak.len() - before >= max {
                    more += 1;
                } else if let Some(strength) = self.weak_claim(id, trial, kept) {
                    weak.insert(kept.link.id, strength);
                }
            }
        }
        WeakLinks { weak, strangers, more }
    }

    fn weak_claim(&self, id: &TrialId, trial: &Trial, kept: &SeenLink) -> Option<Strength> {
        let (ties, sources, link) = (&trial.ties, &trial.ties.sources, &kept.link);
        let greeted = link.greeted.unwrap_or(link.opened);
        // Another node may have begun before the one whose mail came.
        let reach = after(greeted, self.pace.window_s);
        // Mail for nobody here, for the operator or of another trial speaks of no trial but its own.
        if kept.trials().next().is_some() || link.has_mail() || !ties.is_active(link.opened, reach) {
            return None;
        }
        if !self.is_met_by(ties, link) {
            return None;
        }
        let source = link.source();
        let Some(tie) = strongest_tie(sources, &source).filter(|_| ties.is_active(link.opened, greeted))
        else {
            // Another node of the sender, or somebody under its name: it decides nothing.
            let kin = sources.iter().any(|other| other.tie(&source) == Some(Tie::Domain));
            return kin.then_some(Strength::Weak { tie: Tie::Domain, shared: true });
        };
        // A link that names a host is of a mail for the host's case.
        let met = self.met(link);
        let may_be_of = |ties: &Ties| self.may_be_of(ties, &met);
        if !may_be_of(ties) {
            return None;
        }
        // Of two servers behind one address, a link is of the one whose name it gives. Who stands behind that address,
        // too, and gives that name, could do so without a trial of his own.
        let gives_name_of = |sources: &[Source]| {
            sources.iter().any(|other| other.domain.is_some() && other.domain == source.domain)
        };
        let is_named = gives_name_of(sources);
        // Whose name it gives may have no trial yet, or never have one: who refuses all has no mail here.
        let is_anothers = !is_named && source.domain.is_some();
        let Rivals::Few(rivals) = self.rivals(id, &source, (link.opened, link.opened)) else {
            return Some(Strength::Weak { tie, shared: true });
        };
        let rivals: Vec<_> = rivals
            .into_iter()
            .filter(|other| may_be_of(other))
            .filter_map(|other| Some((strongest_tie(&other.sources, &source)?, other)))
            .collect();
        if rivals.iter().any(|(rival, _)| *rival > tie) {
            return None;
        }
        // Two users of one server, with mail for the same, make no doubt about the server; two servers behind one
        // address do.
        let alike = |other: &Ties| {
            same_server(sources, &other.sources, &source) && (met.is_named() || other.asks_no_more_than(ties))
        };
        let disputes =
            |other: &Ties| !is_named || gives_name_of(&other.sources) || has_no_name(&other.sources);
        let is_disputed =
            rivals.iter().any(|(rival, other)| *rival == tie && disputes(other) && !alike(other));
        Some(Strength::Weak { tie, shared: is_anothers || is_disputed })
    }
}
