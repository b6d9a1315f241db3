//! What an earlier build delivered where: the record that keeps policies in their StackSets.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::ops::Bound;

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

/// The label of the policy that a body belongs to. Labels of names hold no `__`, and that of a variant follows one.
pub(super) fn policy_of(body: &str) -> &str {
    split_label(body).0
}

/// The label of the StackSet that brings a body to single accounts.
pub(super) fn label_of_accounts(body: &str) -> String {
    format!("{body}__accounts")
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

    /// Whether nothing is delivered.
    pub fn is_empty(&self) -> bool {
        self.bodies.is_empty()
    }

    /// Bodies and the labels of the StackSets of units that deliver them.
    pub fn of_units(&self) -> impl Iterator<Item = (&str, &str)> {
        self.bodies
            .iter()
            .flat_map(|(body, delivery)| delivery.units.iter().map(move |unit| (body.as_str(), unit.as_str())))
    }

    /// Bodies and the ids of the single accounts they are delivered to.
    pub fn of_accounts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.bodies
            .iter()
            .flat_map(|(body, delivery)| delivery.accounts.iter().map(move |account| (body.as_str(), account.as_str())))
    }

    /// Bodies that the management account has.
    pub fn of_management(&self) -> impl Iterator<Item = &str> {
        self.bodies.iter().filter(|(_, delivery)| delivery.management).map(|(body, _)| body.as_str())
    }

    /// These without what `others` deliver as well.
    pub(super) fn without(&self, others: &Self) -> Self {
        let nothing = Delivery::default();
        let rest = self.bodies.iter().filter_map(|(body, delivery)| {
            let other = others.get(body).unwrap_or(&nothing);
            let rest = Delivery {
                units: delivery.units.iter().filter(|unit| !other.units.contains(unit)).cloned().collect(),
                accounts: delivery
                    .accounts
                    .iter()
                    .filter(|account| !other.accounts.contains(account))
                    .cloned()
                    .collect(),
                management: delivery.management && !other.management,
            };
            (rest != nothing).then(|| (body.clone(), rest))
        });
        Self { bodies: rest.collect() }
    }

    /// These and `others`.
    pub(super) fn with(mut self, others: &Self) -> Self {
        for (body, delivery) in &others.bodies {
            let sum = self.of(body.clone());
            sum.units.extend(delivery.units.iter().cloned());
            sum.accounts.extend(delivery.accounts.iter().cloned());
            sum.management |= delivery.management;
        }
        self.sort();
        self
    }

    /// The bodies of one policy, by its label.
    pub(super) fn bodies_of<'d>(&'d self, policy: &'d str) -> impl Iterator<Item = (&'d str, &'d Delivery)> {
        self.bodies
            .range::<str, _>((Bound::Included(policy), Bound::Unbounded))
            .take_while(move |(body, _)| body.starts_with(policy))
            .filter(move |(body, _)| policy_of(body) == policy)
            .map(|(body, delivery)| (body.as_str(), delivery))
    }

    /// Puts every list in order.
    pub(super) fn sort(&mut self) {
        for delivery in self.bodies.values_mut() {
            delivery.units.sort_unstable();
            delivery.units.dedup();
            delivery.accounts.sort_unstable();
            delivery.accounts.dedup();
        }
    }
}
