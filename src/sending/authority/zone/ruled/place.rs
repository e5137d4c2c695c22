//! Where a name lies in the zone of a ruled case: which parts of the case exist is fixed, and so is what lies between.

use hickory_proto::rr::{LowerName, Name};

use super::case_zone::CaseZone;
use super::{Ruled, labels};
use crate::sending::trial::{CaseName, Label};

/// How many labels a name that exists has below its zone's apex, at most; challenges of a CA included.
const DEPTH_MAX: usize = 6;

/// Where a name lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// A part of the case.
    Part(CaseName),
    /// The zone's own name server.
    Server,
    /// A name that a CA asks for.
    Challenge,
    /// Others lie below it (RFC 4592 §2.2.2): of a trial those with this label.
    Empty(Option<Label>),
    Nowhere {
        /// The name one label longer than the closest that exists (RFC 5155 §1.3).
        next_closer: LowerName,
        /// The closest that exists.
        encloser: LowerName,
    },
}

impl Place {
    /// The label of the trial that the name belongs to.
    pub(super) fn label(&self) -> Option<&Label> {
        match self {
            Self::Part(at) => at.label.as_ref(),
            Self::Empty(label) => label.as_ref(),
            Self::Server | Self::Challenge | Self::Nowhere { .. } => None,
        }
    }
}

impl Ruled {
    /// Where `name` lies, which is in `zone`.
    pub(super) fn find(&self, zone: &CaseZone, name: &LowerName) -> Place {
        if let Some(place) = self.existing(zone, name) {
            return place;
        }
        let depth_max = labels(zone.apex()) + DEPTH_MAX;
        let mut next_closer = LowerName::from(Name::from(name).trim_to(depth_max));
        loop {
            let encloser = next_closer.base_name();
            if encloser == *zone.apex() || self.existing(zone, &encloser).is_some() {
                return Place::Nowhere { next_closer, encloser };
            }
            next_closer = encloser;
        }
    }

    /// The part of the case that `name` is, as text without escapes.
    fn read(&self, zone: &CaseZone, name: &str) -> Option<CaseName> {
        CaseName::read(&self.origin_text, name).filter(|name| zone.has(name.part))
    }

    fn existing(&self, zone: &CaseZone, name: &LowerName) -> Option<Place> {
        let text = Name::from(name).to_ascii();
        if let Some(read) = self.read(zone, &text) {
            return Some(Place::Part(read));
        }
        if zone.server_name() == Some(name) {
            return Some(Place::Server);
        }
        if self.challenges.contains_key(name) {
            return Some(Place::Challenge);
        }
        // `_tcp` and `_tls` are there because of what lies below them.
        let below = ["_25", "_smtp"].iter().find_map(|first| self.read(zone, &format!("{first}.{text}")));
        if let Some(below) = below {
            return Some(Place::Empty(below.label));
        }
        self.challenges.keys().any(|owner| name.zone_of(owner)).then_some(Place::Empty(None))
    }
}
