//! What the rules of its time said of a scan: kept beside the evidence, so that a change of the rules can be told from a
//! change of the domain.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::receiving::checks::{Check, Tables};
use crate::receiving::grades::{Grade, OWN, Receiving};
use crate::receiving::profiles::{Profiles, Status};
use crate::shared::evidence::scan::NameAnswer;

/// internet.nl's rules of today, whose percentage is shown in a history.
const INTERNETNL: &str = "internetnl-2025";
/// How many octets of a digest tell rules apart.
const RULES_OCTETS: usize = 4;

/// The version of the rules by which this program judges: its own, and a digest of all profiles and tables.
pub fn rules() -> &'static str {
    static RULES: LazyLock<String> = LazyLock::new(|| {
        let text = format!("{:?} {:?}", Profiles::embedded(), Tables::embedded());
        let digest = HEXLOWER.encode(&Sha256::digest(text)[..RULES_OCTETS]);
        format!("{}-{digest}", env!("CARGO_PKG_VERSION"))
    });
    &RULES
}

/// What rules said of a scan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// Their version.
    pub rules: String,
    /// Whether the domain is there.
    pub exists: bool,
    /// Our own letter; none: it does not apply, or is open.
    pub letter: Option<String>,
    /// internet.nl's percentage at the least and at the most; none: nothing was measured.
    pub score: Option<(u8, u8)>,
    /// What each check came to by our own profile, the worst of its findings; by the checks' identifiers.
    pub statuses: BTreeMap<String, Status>,
}

impl Verdict {
    /// What the rules of this program say.
    pub fn of(receiving: &Receiving<'_>) -> Self {
        let ratings = &receiving.ratings;
        let mx = &receiving.evidence.names.mx;
        let exists = mx.answer != NameAnswer::NoName || !mx.hops.is_empty();
        let letter = match ratings.of(OWN).map(|rating| &rating.grade) {
            Some(Grade::Mailassay(own)) if exists => own.letter.map(|letter| letter.name().to_owned()),
            _ => None,
        };
        let score = match ratings.of(INTERNETNL).map(|rating| &rating.grade) {
            Some(Grade::Internetnl(score)) if exists => Some(score.range),
            _ => None,
        };
        let mut statuses: BTreeMap<String, Status> = BTreeMap::new();
        let rated = ratings.of(OWN).map(|rating| rating.rated.as_slice()).unwrap_or_default();
        for (finding, rated) in receiving.findings.iter().zip(rated) {
            let (check, status): (Check, Status) = (finding.check, rated.status());
            let worst = statuses.entry(check.id().to_owned()).or_insert(status);
            if status.rank() > worst.rank() {
                *worst = status;
            }
        }
        Self { rules: rules().to_owned(), exists, letter, score, statuses }
    }
}
