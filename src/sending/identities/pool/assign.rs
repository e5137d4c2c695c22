//! Which name is in which lineage. What has a place keeps it, so that certificates change as little as can be.

use std::collections::BTreeSet;

use super::state::{Lineage, PoolState};

/// Gives every name a place: those of `together` in the first lineage, the `further` ones wherever there is room. No
/// lineage has more than `names_max` names. Whether anything changed.
///
/// # Errors
///
/// If `together` are more than fit into one certificate.
pub(super) fn assign(
    state: &mut PoolState,
    together: &[String],
    further: &[String],
    names_max: usize,
) -> Result<bool, String> {
    if together.len() > names_max {
        return Err(format!(
            "{} names must be in one certificate, and tls.acme.names_max is {names_max}; raise it, or choose a \
             profile of the CA that takes more",
            together.len()
        ));
    }
    let before = state.clone();
    if state.lineages.is_empty() {
        state.lineages.push(Lineage::new(1, Vec::new()));
    }
    let wanted: BTreeSet<&String> = together.iter().chain(further).collect();
    let needed: BTreeSet<&String> = together.iter().collect();
    let mut placed: BTreeSet<String> = together.iter().cloned().collect();
    for (at, lineage) in state.lineages.iter_mut().enumerate() {
        let own = if at == 0 { together } else { &[] };
        let room = names_max - own.len();
        let mut kept: Vec<String> = Vec::new();
        for name in &lineage.names {
            let stays = wanted.contains(name) && !needed.contains(name) && !placed.contains(name);
            if stays && kept.len() < room {
                placed.insert(name.clone());
                kept.push(name.clone());
            }
        }
        lineage.names = own.iter().cloned().chain(kept).collect();
    }
    for name in further {
        if !placed.insert(name.clone()) {
            continue;
        }
        match state.lineages.iter_mut().find(|lineage| lineage.names.len() < names_max) {
            Some(lineage) => lineage.names.push(name.clone()),
            None => {
                let number = state.lineages.iter().map(|lineage| lineage.number).max().unwrap_or(0) + 1;
                state.lineages.push(Lineage::new(number, vec![name.clone()]));
            }
        }
    }
    // The first stays whatever it has: it is where the tests' names go.
    let first = state.lineages.first().map(|lineage| lineage.number);
    state.lineages.retain(|lineage| Some(lineage.number) == first || !lineage.names.is_empty());
    Ok(*state != before)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(count: usize) -> Vec<String> {
        (0..count).map(|n| format!("h{n}.example.org")).collect()
    }

    #[test]
    fn names_keep_their_place_and_no_certificate_has_too_many() {
        let together = ["mx.example.org".to_owned(), "mta-sts.example.org".to_owned()];
        let mut state = PoolState::default();
        assert!(assign(&mut state, &together, &names(250), 100).unwrap());
        let sizes: Vec<_> = state.lineages.iter().map(|lineage| lineage.names.len()).collect();
        assert_eq!(sizes, [100, 100, 52]);
        assert_eq!(&state.lineages[0].names[..2], &together);
        let before = state.clone();
        assert!(!assign(&mut state, &together, &names(250), 100).unwrap(), "nothing changes the second time");
        assert_eq!(state, before);
        // A name that goes leaves room, and the next one takes it; nobody else moves.
        let mut fewer = names(250);
        fewer.remove(0);
        fewer.push("late.example.org".to_owned());
        assert!(assign(&mut state, &together, &fewer, 100).unwrap());
        assert_eq!(state.lineages[0].names.last().unwrap(), "late.example.org");
        assert_eq!(state.lineages[1..], before.lineages[1..]);
    }

    #[test]
    fn what_must_be_together_takes_the_place_of_others() {
        let mut state = PoolState::default();
        assign(&mut state, &["a.example".to_owned()], &names(3), 4).unwrap();
        let together = ["a.example".to_owned(), "b.example".to_owned()];
        assert!(assign(&mut state, &together, &names(3), 4).unwrap());
        assert_eq!(state.lineages[0].names, ["a.example", "b.example", "h0.example.org", "h1.example.org"]);
        assert_eq!(state.lineages[1].names, ["h2.example.org"]);
        let error = assign(&mut state, &together, &[], 1).unwrap_err();
        assert!(error.contains("names_max is 1"), "{error}");
    }
}
