//! Which name is in which lineage. What has a place keeps it, so that certificates change as little as can be.

use std::collections::BTreeSet;

use super::state::{Lineage, PoolState};

/// Names that are in one certificate, whichever that is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::sending::identities) struct Group {
    pub(in crate::sending::identities) names: Vec<String>,
    /// Names that must not be in the same.
    pub(in crate::sending::identities) apart: Vec<String>,
}

/// Gives every name a place: those of `together` in the first lineage, the `further` ones wherever there is room, and `groups`
/// in those behind it, so that no name of them can hold up the certificate of the others. No lineage has more than
/// `names_max` names. Whether anything changed.
///
/// # Errors
///
/// If `together` are more than fit into one certificate.
pub(super) fn assign(
    state: &mut PoolState,
    together: &[String],
    further: &[String],
    groups: &[Group],
    names_max: usize,
) -> Result<bool, String> {
    let largest = groups.iter().map(|group| group.names.len()).chain([together.len()]).max().unwrap_or(0);
    if largest > names_max {
        return Err(format!(
            "{largest} names must be in one certificate, and tls.acme.names_max is {names_max}; raise it, or choose a \
             profile of the CA that takes more"
        ));
    }
    let before = state.clone();
    if state.lineages.is_empty() {
        state.lineages.push(Lineage::new(1, Vec::new()));
    }
    let grouped: BTreeSet<&String> = groups.iter().flat_map(|group| &group.names).collect();
    let wanted: BTreeSet<&String> =
        together.iter().chain(further).filter(|name| !grouped.contains(name)).collect();
    let needed: BTreeSet<&String> = together.iter().collect();
    let mut placed: BTreeSet<String> = together.iter().cloned().collect();
    for (at, lineage) in state.lineages.iter_mut().enumerate() {
        let own = if at == 0 { together } else { &[] };
        let room = names_max - own.len();
        let mut kept: Vec<String> = Vec::new();
        for name in &lineage.names {
            let is_of_group = at > 0 && is_whole(groups, name, &lineage.names);
            let stays =
                (wanted.contains(name) || is_of_group) && !needed.contains(name) && !placed.contains(name);
            if stays && kept.len() < room {
                placed.insert(name.clone());
                kept.push(name.clone());
            }
        }
        lineage.names = own.iter().cloned().chain(kept).collect();
    }
    let alone = further.iter().map(|name| (std::slice::from_ref(name), &[][..], 0));
    let in_groups = groups.iter().map(|group| (&group.names[..], &group.apart[..], 1));
    for (names, apart, first) in alone.chain(in_groups) {
        let new: Vec<String> = names.iter().filter(|name| placed.insert((*name).clone())).cloned().collect();
        if new.is_empty() {
            continue;
        }
        let fits = |lineage: &&mut Lineage| {
            lineage.names.len() + new.len() <= names_max
                && !lineage.names.iter().any(|name| apart.contains(name))
        };
        match state.lineages.iter_mut().skip(first).find(fits) {
            Some(lineage) => lineage.names.extend(new),
            None => {
                let number = state.lineages.iter().map(|lineage| lineage.number).max().unwrap_or(0) + 1;
                state.lineages.push(Lineage::new(number, new));
            }
        }
    }
    // The first stays whatever it has: it is where the tests' names go.
    let first = state.lineages.first().map(|lineage| lineage.number);
    state.lineages.retain(|lineage| Some(lineage.number) == first || !lineage.names.is_empty());
    Ok(*state != before)
}

/// Whether `name` is of a group all of whose names are here, and nothing that must not be.
fn is_whole(groups: &[Group], name: &String, here: &[String]) -> bool {
    groups.iter().filter(|group| group.names.contains(name)).any(|group| {
        group.names.iter().all(|name| here.contains(name))
            && !group.apart.iter().any(|name| here.contains(name))
    })
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
        assert!(assign(&mut state, &together, &names(250), &[], 100).unwrap());
        let sizes: Vec<_> = state.lineages.iter().map(|lineage| lineage.names.len()).collect();
        assert_eq!(sizes, [100, 100, 52]);
        assert_eq!(&state.lineages[0].names[..2], &together);
        let before = state.clone();
        assert!(
            !assign(&mut state, &together, &names(250), &[], 100).unwrap(),
            "nothing changes the second time"
        );
        assert_eq!(state, before);
        // A name that goes leaves room, and the next one takes it; nobody else moves.
        let mut fewer = names(250);
        fewer.remove(0);
        fewer.push("late.example.org".to_owned());
        assert!(assign(&mut state, &together, &fewer, &[], 100).unwrap());
        assert_eq!(state.lineages[0].names.last().unwrap(), "late.example.org");
        assert_eq!(state.lineages[1..], before.lineages[1..]);
    }

    #[test]
    fn groups_stay_whole_and_apart_and_out_of_the_first() {
        let group = |names: [&str; 2], apart: [&str; 1]| Group {
            names: names.map(str::to_owned).to_vec(),
            apart: apart.map(str::to_owned).to_vec(),
        };
        let groups = [group(["a1", "a2"], ["b1"]), group(["c1", "c2"], ["d1"]), group(["b1", "b2"], ["a1"])];
        let mut state = PoolState::default();
        let together = ["x".to_owned()];
        assert!(assign(&mut state, &together, &[], &groups, 5).unwrap());
        let named = |state: &PoolState| {
            state.lineages.iter().map(|lineage| lineage.names.join(" ")).collect::<Vec<_>>()
        };
        assert_eq!(named(&state), ["x", "a1 a2 c1 c2", "b1 b2"]);
        assert!(!assign(&mut state, &together, &[], &groups, 5).unwrap(), "nothing changes the second time");
        // One that goes leaves the others where they are; the half of one goes as a whole to where there is room.
        assert!(assign(&mut state, &together, &[], &groups[1..], 5).unwrap());
        assert_eq!(named(&state), ["x", "c1 c2", "b1 b2"]);
        state.lineages[1].names.remove(0);
        assert!(assign(&mut state, &together, &[], &groups, 5).unwrap());
        assert_eq!(named(&state), ["x", "a1 a2 c1 c2", "b1 b2"]);
        assert!(assign(&mut state, &together, &[], &groups, 1).unwrap_err().contains("names_max is 1"));
    }

    #[test]
    fn what_must_be_together_takes_the_place_of_others() {
        let mut state = PoolState::default();
        assign(&mut state, &["a.example".to_owned()], &names(3), &[], 4).unwrap();
        let together = ["a.example".to_owned(), "b.example".to_owned()];
        assert!(assign(&mut state, &together, &names(3), &[], 4).unwrap());
        assert_eq!(state.lineages[0].names, ["a.example", "b.example", "h0.example.org", "h1.example.org"]);
        assert_eq!(state.lineages[1].names, ["h2.example.org"]);
        let error = assign(&mut state, &together, &[], &[], 1).unwrap_err();
        assert!(error.contains("names_max is 1"), "{error}");
    }
}
