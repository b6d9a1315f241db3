//! What an earlier build delivered where: the record that keeps policies in their StackSets.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// By which targets each body of a policy was delivered, by the label of the body.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Deliveries {
    pub(super) bodies: BTreeMap<String, Delivery>,
}

/// The targets of one body.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Delivery {
    /// Labels of StackSets: the id of the unit, and `__` with the name of the part where a unit has several.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub units: Vec<String>,
    /// Ids of single accounts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub accounts: Vec<String>,
    /// Whether the management account has it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub management: bool,
}

/// The unit of a StackSet's label, and the name of the part.
pub(super) fn split_label(label: &str) -> (&str, &str) {
    label.split_once("__").unwrap_or((label, ""))
}

impl Delivery {
    /// Whether a StackSet of the unit with this id delivers it.
    pub(super) fn reaches_unit(&self, id: &str) -> bool {
        self.units.iter().any(|label| split_label(label).0 == id)
    }
}

impl Deliveries {
    /// The targets of a body.
    pub(super) fn get(&self, body: &str) -> Option<&Delivery> {
        self.bodies.get(body)
    }

    /// The targets of a body, to add to.
    pub(super) fn of(&mut self, body: String) -> &mut Delivery {
        self.bodies.entry(body).or_default()
    }

    /// In which part of a unit a body was.
    pub(super) fn part_of(&self, body: &str, unit: &str) -> Option<String> {
        let labels = self.get(body)?.units.iter().map(|label| split_label(label));
        labels.into_iter().find(|(id, _)| *id == unit).map(|(_, part)| part.to_owned())
    }

    /// Puts every list in order.
    pub(super) fn sort(&mut self) {
        for delivery in self.bodies.values_mut() {
            delivery.units.sort_unstable();
            delivery.accounts.sort_unstable();
        }
    }
}
