//! A set of few things.

use serde::{Deserialize, Serialize};

/// A set of few things, in their order: what tens of thousands of past trials have one of each. A tree has room for
/// eleven even where it holds one, which is most of what such a trial takes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<T>", bound(deserialize = "T: Ord + Deserialize<'de>"))]
pub(super) struct Handful<T>(Vec<T>);

impl<T> Default for Handful<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: Ord> Handful<T> {
    /// Adds a thing; whether it is new.
    pub(super) fn insert(&mut self, thing: T) -> bool {
        match self.0.binary_search(&thing) {
            Ok(_) => false,
            Err(at) => {
                self.0.reserve_exact(1);
                self.0.insert(at, thing);
                true
            }
        }
    }

    /// Whether a thing is in it.
    pub(super) fn contains(&self, thing: &T) -> bool {
        self.0.binary_search(thing).is_ok()
    }

    /// Whether all of it is in another.
    pub(super) fn is_subset(&self, other: &Self) -> bool {
        self.0.iter().all(|thing| other.contains(thing))
    }

    /// Adds what is new.
    pub(super) fn extend(&mut self, things: impl IntoIterator<Item = T>) {
        for thing in things {
            self.insert(thing);
        }
    }
}

impl<T> Handful<T> {
    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<T: Ord> From<Vec<T>> for Handful<T> {
    fn from(mut things: Vec<T>) -> Self {
        things.sort();
        things.dedup();
        things.shrink_to_fit();
        Self(things)
    }
}

impl<T: Ord> FromIterator<T> for Handful<T> {
    fn from_iter<I: IntoIterator<Item = T>>(things: I) -> Self {
        things.into_iter().collect::<Vec<_>>().into()
    }
}

impl<'a, T> IntoIterator for &'a Handful<T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_thing_is_in_it_once_and_in_order() {
        let mut few: Handful<u8> = [3, 1, 3].into_iter().collect();
        assert!(few.insert(2) && !few.insert(1));
        assert_eq!(few.into_iter().copied().collect::<Vec<_>>(), [1, 2, 3]);
        assert!(few.contains(&2) && !few.contains(&4));
        let fewer: Handful<u8> = [1, 3].into_iter().collect();
        assert!(fewer.is_subset(&few) && !few.is_subset(&fewer));
        // As a set was written.
        let read: Handful<u8> = serde_json::from_str("[3,1,2,2]").expect("a list");
        assert_eq!((read.len(), serde_json::to_string(&read).expect("a list")), (3, "[1,2,3]".to_owned()));
    }
}
