//! The groups of the identity store.

use std::collections::HashSet;

use crate::python_random::PythonRandom;
use crate::{BUSINESS_UNITS, HEX, TEAMS};

/// A group.
#[derive(Debug)]
pub struct Group {
    /// Its display name, unique in the directory.
    pub name: String,
    /// Its id in the identity store: ten hexadecimal digits and a UUID.
    pub id: String,
}

const ROLES: [&str; 14] = [
    "engineers",
    "admins",
    "readonly",
    "oncall",
    "auditors",
    "analysts",
    "operators",
    "releasers",
    "dba",
    "sre",
    "security",
    "support",
    "partners",
    "finops",
];

pub(crate) fn draw(random: &mut PythonRandom, count: usize) -> Vec<Group> {
    let mut seen = HashSet::new();
    (0..count)
        .map(|i| {
            let unit = BUSINESS_UNITS[i % BUSINESS_UNITS.len()].to_lowercase();
            let team = random.choice(&TEAMS).to_lowercase();
            let role = ROLES[(i / BUSINESS_UNITS.len()) % ROLES.len()];
            let mut name = format!("aws-{unit}-{team}-{role}");
            if seen.contains(&name) {
                name = format!("{name}-{}", i + 1);
            }
            seen.insert(name.clone());
            let hex = random.identifier(HEX, 42);
            let id = [&hex[..10], &hex[10..18], &hex[18..22], &hex[22..26], &hex[26..30], &hex[30..]].join("-");
            Group { name, id }
        })
        .collect()
}
