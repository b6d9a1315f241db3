//! The OU tree and the accounts in it.

use std::collections::{BTreeMap, HashSet};

use crate::python_random::{PythonRandom, running_sums};
use crate::{BUSINESS_UNITS, DIGITS, LOWER, TEAMS};

/// An organization.
#[derive(Debug)]
pub struct Organization {
    /// `o-…`
    pub id: String,
    /// The root, then every OU; a parent stands before its children.
    pub ous: Vec<Ou>,
}

/// An OU, or the root.
#[derive(Debug)]
pub struct Ou {
    /// `ou-…`, or `r-…` for the root.
    pub id: String,
    /// Names from the root, joined by `/`; empty for the root itself.
    pub path: String,
    /// Indices into [`Organization::ous`].
    pub children: Vec<usize>,
    /// The accounts directly in this OU.
    pub accounts: Vec<Account>,
    /// The number of active accounts in it and below it.
    pub active: usize,
}

impl Ou {
    /// The last name of the path.
    pub fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }
}

/// An account.
#[derive(Debug)]
pub struct Account {
    /// Twelve digits.
    pub id: String,
    /// Unique in the organization.
    pub name: String,
    /// Only active accounts receive access.
    pub status: Status,
    /// Keys and values, in the order in which they are written.
    pub tags: [(&'static str, String); 3],
}

/// The status of an account, as AWS Organizations names it.
#[derive(Copy, Clone, Eq, PartialEq, Debug)]
pub enum Status {
    /// `ACTIVE`
    Active,
    /// `SUSPENDED`
    Suspended,
    /// `PENDING_CLOSURE`
    PendingClosure,
}

impl Status {
    /// The name AWS gives it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "ACTIVE",
            Self::Suspended => "SUSPENDED",
            Self::PendingClosure => "PENDING_CLOSURE",
        }
    }
}

impl Organization {
    pub(crate) fn draw(random: &mut PythonRandom, ous: usize, accounts: usize) -> Self {
        let mut ous = grow_tree(ous);
        let tag = random.identifier(LOWER, 4);
        let id = format!("o-{}", random.identifier(LOWER, 10));
        ous[0].id = format!("r-{tag}");
        for ou in &mut ous[1..] {
            ou.id = format!("ou-{tag}-{}", random.identifier(LOWER, 8));
        }
        place_accounts(random, &mut ous, accounts);
        count_active(&mut ous);
        Self { id, ous }
    }

    /// The account that stands in the root.
    pub fn management_account(&self) -> &Account {
        &self.ous[0].accounts[0]
    }

    /// Every account, in no particular order.
    pub fn accounts(&self) -> impl Iterator<Item = &Account> {
        self.ous.iter().flat_map(|ou| &ou.accounts)
    }

    /// The ids of the active accounts in and below each OU, by its path.
    pub fn active_accounts(&self) -> BTreeMap<&str, Vec<&str>> {
        let mut below = BTreeMap::new();
        for top in &self.ous[0].children {
            self.collect_active(*top, &mut below);
        }
        below
    }

    fn collect_active<'a>(&'a self, ou: usize, below: &mut BTreeMap<&'a str, Vec<&'a str>>) {
        let ou = &self.ous[ou];
        let mut ids: Vec<&str> = ou
            .accounts
            .iter()
            .filter(|account| account.status == Status::Active)
            .map(|account| account.id.as_str())
            .collect();
        for child in &ou.children {
            self.collect_active(*child, below);
            ids.extend(&below[self.ous[*child].path.as_str()]);
        }
        below.insert(&ou.path, ids);
    }
}

/// The root and `count` OUs, at most four levels deep (AWS allows five).
fn grow_tree(count: usize) -> Vec<Ou> {
    let mut ous =
        vec![Ou { id: String::new(), path: String::new(), children: Vec::new(), accounts: Vec::new(), active: 0 }];
    let add = |ous: &mut Vec<Ou>, path: &str| {
        if ous.len() > count || ous.iter().any(|ou| ou.path == path) {
            return;
        }
        let parent = path.rsplit_once('/').map_or("", |(parent, _)| parent);
        let Some(parent) = ous.iter().position(|ou| ou.path == parent) else {
            return;
        };
        let index = ous.len();
        ous[parent].children.push(index);
        ous.push(Ou {
            id: String::new(),
            path: path.to_owned(),
            children: Vec::new(),
            accounts: Vec::new(),
            active: 0,
        });
    };
    for path in [
        "Security",
        "Infrastructure",
        "Workloads",
        "Workloads/NonProd",
        "Workloads/Prod",
        "Sandbox",
        "Suspended",
        "Deployments",
        "PolicyStaging",
        "Exceptions",
    ] {
        add(&mut ous, path);
    }
    let left = (count + 1).saturating_sub(ous.len());
    if left > 0 {
        let units = (left as f64 / 2.0).sqrt().round_ties_even().max(2.0) as usize;
        let units: Vec<String> = (0..units).map(|i| numbered(&BUSINESS_UNITS, i)).collect();
        for unit in &units {
            add(&mut ous, &format!("Workloads/NonProd/{unit}"));
            add(&mut ous, &format!("Workloads/Prod/{unit}"));
        }
        for depth in 0.. {
            if ous.len() > count {
                break;
            }
            let team = numbered(&TEAMS, depth);
            for unit in &units {
                add(&mut ous, &format!("Workloads/NonProd/{unit}/{team}"));
                add(&mut ous, &format!("Workloads/Prod/{unit}/{team}"));
            }
        }
    }
    ous
}

/// The name at an index, with a number behind it from the second round on.
fn numbered(names: &[&str], index: usize) -> String {
    match index / names.len() {
        0 => names[index].to_owned(),
        round => format!("{}{}", names[index % names.len()], round + 1),
    }
}

/// The management account in the root, one account in each OU, and the rest mostly in leaves.
fn place_accounts(random: &mut PythonRandom, ous: &mut [Ou], count: usize) {
    let weights: Vec<f64> = ous[1..]
        .iter()
        .map(|ou| match top(&ou.path) {
            "Workloads" if ou.children.is_empty() => 1.0 + random.random() * 2.0,
            "Workloads" => 0.15,
            "Sandbox" => 6.0,
            "Infrastructure" => 3.0,
            "Security" => 2.0,
            "Suspended" => 1.5,
            _ => 1.0,
        })
        .collect();

    let mut used = HashSet::new();
    let management = draw_account(random, &mut used, "", "management".to_owned(), Status::Active, "prod");
    ous[0].accounts.push(management);

    let mut homes: Vec<usize> = (1..ous.len()).collect();
    let sums = running_sums(&weights);
    let every: Vec<usize> = homes.clone();
    for _ in 0..(count - 1).saturating_sub(every.len()) {
        homes.push(*random.weighted(&every, &sums));
    }
    for (number, home) in homes.into_iter().take(count - 1).enumerate() {
        let path = ous[home].path.clone();
        let lower = path.to_lowercase();
        let environment = if path.contains("/Prod") {
            "prod"
        } else if path.contains("/NonProd") {
            "nonprod"
        } else {
            top(&lower)
        };
        let status = if path == "Suspended" {
            Status::Suspended
        } else if random.random() < 0.01 {
            *random.choice(&[Status::Suspended, Status::PendingClosure])
        } else {
            Status::Active
        };
        // The last two names of the path.
        let start = lower.rmatch_indices('/').nth(1).map_or(0, |(at, _)| at + 1);
        let name = format!("{}-{number:04}", lower[start..].replace('/', "-"));
        let account = draw_account(random, &mut used, &path, name, status, environment);
        ous[home].accounts.push(account);
    }
}

fn draw_account(
    random: &mut PythonRandom,
    used: &mut HashSet<String>,
    path: &str,
    name: String,
    status: Status,
    environment: &str,
) -> Account {
    let id = loop {
        let id = random.identifier(DIGITS, 12);
        if id != "000000000000" && used.insert(id.clone()) {
            break id;
        }
    };
    let team = match path.rsplit('/').next() {
        None | Some("") => "root".to_owned(),
        Some(name) => name.to_lowercase(),
    };
    Account {
        id,
        name,
        status,
        tags: [
            ("Environment", environment.to_owned()),
            ("Team", team),
            ("CostCenter", format!("CC{:04}", random.below(10_000))),
        ],
    }
}

fn top(path: &str) -> &str {
    path.split('/').next().unwrap_or_default()
}

fn count_active(ous: &mut [Ou]) {
    // Children stand behind their parents.
    for index in (0..ous.len()).rev() {
        let own = ous[index].accounts.iter().filter(|account| account.status == Status::Active).count();
        let below: usize = ous[index].children.iter().map(|&child| ous[child].active).sum();
        ous[index].active = own + below;
    }
}
