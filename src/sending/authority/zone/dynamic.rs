//! Records that come and go: the answers to a CA's questions whether a name is ours (RFC 8555 §8.4).

use std::collections::BTreeMap;

use hickory_proto::rr::{LowerName, Name};

use super::records::{Records, ZoneError, name};

/// The label that a CA asks below.
const CHALLENGE_LABEL: &str = "_acme-challenge";
/// How long resolvers may remember an answer, in seconds: the next attempt has another.
const TTL_S: u32 = 1;

/// The answers that are served now, by owner. A name and its wildcard have two at the same owner.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Challenges(BTreeMap<LowerName, Vec<String>>);

impl Challenges {
    /// Those for `answers`: the texts for each domain, without the label that they lie below.
    pub(super) fn new(answers: &BTreeMap<String, Vec<String>>) -> Result<Self, ZoneError> {
        let owned = answers.iter().map(|(domain, texts)| {
            Ok((LowerName::from(name(&format!("{CHALLENGE_LABEL}.{domain}"))?), texts.clone()))
        });
        Ok(Self(owned.collect::<Result<_, ZoneError>>()?))
    }

    /// Each owner with its texts.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&LowerName, &Vec<String>)> {
        self.0.iter()
    }

    /// Puts them into the deepest zones that hold them, but for those `elsewhere`. A domain that no zone holds is an error.
    pub(super) fn weave(
        &self,
        zones: &mut [(Records, bool)],
        elsewhere: impl Fn(&LowerName) -> bool,
    ) -> Result<(), ZoneError> {
        for (owner, texts) in self.0.iter().filter(|(owner, _)| !elsewhere(owner)) {
            let holds = |zone: &&mut (Records, bool)| zone.0.apex().zone_of(owner);
            let deepest = zones.iter_mut().filter(holds).max_by_key(|zone| zone.0.apex().num_labels());
            let Some((zone, _)) = deepest else {
                let reason = "no zone that is served here holds it".to_owned();
                return Err(ZoneError::Name { name: owner.to_string(), reason });
            };
            for text in texts {
                zone.add_text(&Name::from(owner), TTL_S, text);
            }
            zone.check()?;
        }
        Ok(())
    }
}

/// Whether `owner` is asked for by a CA, and by no sender.
pub(super) fn is_challenge(owner: &Name) -> bool {
    owner.iter().next().is_some_and(|label| label.eq_ignore_ascii_case(CHALLENGE_LABEL.as_bytes()))
}
