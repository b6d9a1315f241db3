//! Several Terraform states: where each permission set lives.
//!
//! A plan reads every assignment it has in its state, so a state of some thousand of them takes minutes. With
//! `emit.terraform.states`, the output is several root modules, each with its own state: one for what all share, and one
//! for each group of permission sets.

use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The most states an output is divided into.
const MAX_STATES: u32 = 64;

/// In which state each permission set lives, by name; the states are numbered from 1.
///
/// INVARIANT (a set stays in its state): what an earlier build has placed is never placed elsewhere, because leaving a
/// state is the end of every assignment of the set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct States {
    /// How many there are; one means that the output is a single root module.
    pub count: u32,
    /// The state of each permission set, where there are several.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub placed: BTreeMap<String, u32>,
}

impl Default for States {
    fn default() -> Self {
        Self { count: 1, placed: BTreeMap::new() }
    }
}

/// Why an output cannot be divided as the model wants it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undividable {
    /// How many states the output has.
    pub has: u32,
    /// How many the model wants.
    pub wants: u32,
}

impl States {
    /// Reads a setting: a number from 1 to 64.
    pub fn parse(text: &str) -> Option<u32> {
        text.parse().ok().filter(|count| (1..=MAX_STATES).contains(count))
    }

    /// Whether a record can be one.
    pub fn is_valid(&self) -> bool {
        (1..=MAX_STATES).contains(&self.count) && self.placed.values().all(|state| (1..=self.count).contains(state))
    }

    /// Places `sets` in `wants` states, given where an earlier build has placed them.
    ///
    /// # Errors
    ///
    /// When sets that live somewhere would have to move: fewer states than before, or a single root module divided.
    pub fn place<'s>(
        before: Option<&Self>,
        wants: u32,
        sets: impl Iterator<Item = &'s str>,
    ) -> Result<Self, Undividable> {
        if let Some(before) = before
            && (wants < before.count || (before.count == 1 && wants > 1))
        {
            return Err(Undividable { has: before.count, wants });
        }
        if wants == 1 {
            return Ok(Self::default());
        }
        let known = |set: &str| before.and_then(|before| before.placed.get(set).copied());
        let placed = sets.map(|set| (set.to_owned(), known(set).unwrap_or_else(|| home(set, wants)))).collect();
        Ok(Self { count: wants, placed })
    }

    /// The state of a permission set.
    pub fn of(&self, set: &str) -> u32 {
        self.placed.get(set).copied().unwrap_or(1)
    }
}

/// The state of a set that lives nowhere yet: the one that scores highest for its name, so that a further state takes
/// over only what it scores highest for.
fn home(set: &str, count: u32) -> u32 {
    let score = |state: u32| Sha256::digest(format!("{state}\n{set}").as_bytes()).to_vec();
    (1..=count).max_by_key(|&state| score(state)).unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(count: usize) -> Vec<String> {
        (0..count).map(|index| format!("Set{index}")).collect()
    }

    fn place(before: Option<&States>, wants: u32, names: &[String]) -> Result<States, Undividable> {
        States::place(before, wants, names.iter().map(String::as_str))
    }

    #[test]
    fn a_set_stays_in_its_state_when_sets_and_states_are_added() {
        let few = place(None, 4, &names(100)).unwrap();
        let more_sets = place(Some(&few), 4, &names(200)).unwrap();
        let more_states = place(Some(&more_sets), 8, &names(300)).unwrap();
        for name in names(100) {
            assert_eq!(few.of(&name), more_sets.of(&name));
            assert_eq!(few.of(&name), more_states.of(&name));
        }
        assert!((1..=8).all(|state| more_states.placed.values().any(|&of| of == state)), "every state is used");
    }

    #[test]
    fn what_would_move_live_sets_is_refused() {
        let four = place(None, 4, &names(10)).unwrap();
        assert_eq!(place(Some(&four), 2, &names(10)), Err(Undividable { has: 4, wants: 2 }));
        assert_eq!(place(Some(&States::default()), 2, &names(10)), Err(Undividable { has: 1, wants: 2 }));
        assert_eq!(place(Some(&States::default()), 1, &names(10)), Ok(States::default()));
    }
}
