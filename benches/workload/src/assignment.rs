//! The rows of the matrix.

use std::collections::HashSet;

use crate::directory::Group;
use crate::organization::{Organization, Ou};
use crate::permission_set::PermissionSet;
use crate::python_random::{PythonRandom, running_sums};

/// One row: a group gets a permission set in every active account below some OUs.
#[derive(Clone, Eq, PartialEq, Debug)]
pub struct Row {
    /// Name of the group.
    pub group: String,
    /// Name of the permission set.
    pub permission_set: String,
    /// Paths from the root.
    pub ous: Vec<String>,
}

/// How many OUs a row names, and how often.
const FAN_OUT: [(usize, f64); 3] = [(1, 0.70), (2, 0.20), (3, 0.10)];

/// Draws `count` rows whose expansion lands near `grants_aimed_at`: an OU is drawn with the weight
/// `active.powf(alpha)`, and `alpha` is found by bisection.
pub(crate) fn draw(
    random: &mut PythonRandom,
    organization: &Organization,
    groups: &[Group],
    permission_sets: &[PermissionSet],
    count: usize,
    grants_aimed_at: f64,
) -> Vec<Row> {
    let usable: Vec<&Ou> = organization.ous[1..].iter().filter(|ou| ou.active > 0).collect();
    let mean_fan_out: f64 = FAN_OUT.iter().map(|(ous, p)| *ous as f64 * p).sum();
    let alpha = find_exponent(&usable, grants_aimed_at / count as f64 / mean_fan_out);
    let ou_sums = running_sums(&weights(&usable, alpha));
    let fan_out = FAN_OUT.map(|(ous, _)| ous);
    let fan_out_sums = running_sums(&FAN_OUT.map(|(_, p)| p));

    let mut rows: Vec<Row> = Vec::new();
    let mut seen = HashSet::new();
    while rows.len() < count {
        // The first rows name each group and permission set once, so that none is unused.
        let group = match groups.get(rows.len()) {
            Some(group) => group,
            None => random.choice(groups),
        };
        let permission_set = match permission_sets.get(rows.len()) {
            Some(permission_set) => permission_set,
            None => random.choice(permission_sets),
        };
        if !seen.insert((&group.name, &permission_set.name)) {
            continue;
        }
        let ous = *random.weighted(&fan_out, &fan_out_sums);
        let mut chosen: Vec<&Ou> = Vec::new();
        while chosen.len() < ous.min(usable.len()) {
            let ou = *random.weighted(&usable, &ou_sums);
            if !chosen.iter().any(|other| other.path == ou.path) {
                chosen.push(ou);
            }
        }
        if random.random() < 0.03 && !chosen[0].children.is_empty() {
            let below = &organization.ous[*random.choice(&chosen[0].children)];
            if !chosen.iter().any(|other| other.path == below.path) {
                chosen.push(below);
            }
        }
        rows.push(Row {
            group: group.name.clone(),
            permission_set: permission_set.name.clone(),
            ous: chosen.iter().map(|ou| ou.path.clone()).collect(),
        });
    }
    rows.sort_by(|a, b| (&a.group, &a.permission_set).cmp(&(&b.group, &b.permission_set)));
    rows
}

fn weights(ous: &[&Ou], alpha: f64) -> Vec<f64> {
    ous.iter().map(|ou| (ou.active as f64).powf(alpha)).collect()
}

/// The exponent at which the mean number of active accounts below a drawn OU is `wanted`.
fn find_exponent(ous: &[&Ou], wanted: f64) -> f64 {
    let mean = |alpha: f64| {
        let weights = weights(ous, alpha);
        let weighted: f64 = weights.iter().zip(ous).map(|(weight, ou)| weight * ou.active as f64).sum();
        weighted / weights.iter().sum::<f64>()
    };
    let (mut low, mut high) = (-3.0, 3.0);
    for _ in 0..60 {
        let middle = (low + high) / 2.0;
        if mean(middle) < wanted {
            low = middle;
        } else {
            high = middle;
        }
    }
    low
}
