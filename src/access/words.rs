//! Sets of accounts, in words: "all 12 accounts of `Workloads/NonProd`, `audit` and `shop-prod`".
//!
//! A unit is said to be covered only where all its active accounts are; few accounts are named, and where names would fill
//! a screen, accounts are counted by the unit that holds them. What is said is always true, and never long.

use fixedbitset::FixedBitSet;

use super::{Account, AccountId, Organization, OuId};
use crate::words::enumerated;

/// How many units are said, at most.
const UNITS: usize = 4;

/// How many accounts are named, at most.
const NAMED: usize = 6;

/// How many accounts of a unit are named rather than counted.
const FEW: usize = 3;

/// How many accounts may be missing from a unit that is said to be covered but for them.
const MISSING: usize = 2;

/// How many times as many must be there.
const PREVAILS: usize = 4;

/// A part of a set of accounts. Active accounts are what a unit has; the management account belongs to no unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Every account at or below a unit, or all but a few.
    Unit {
        /// The unit; the root stands for all member accounts.
        ou: OuId,
        /// How many accounts of the unit are in the set.
        accounts: usize,
        /// Those that are not.
        except: Vec<AccountId>,
    },
    /// Some accounts at or below a unit, too many to name.
    Some {
        /// The unit; the root stands for all member accounts.
        ou: OuId,
        /// How many.
        accounts: usize,
        /// How many the unit has.
        of: usize,
    },
    /// One account.
    Account(AccountId),
}

/// A set of accounts as a few parts, disjoint and together the set: units in the order of the tree, then accounts.
#[derive(Debug)]
pub struct Places<'o> {
    organization: &'o Organization,
    /// The parts.
    pub parts: Vec<Part>,
    /// Whether the parts are every active account, the management account included.
    pub everything: bool,
}

impl Organization {
    /// Describes a set of accounts.
    pub fn places(&self, accounts: impl IntoIterator<Item = AccountId>) -> Places<'_> {
        let mut set = FixedBitSet::with_capacity(self.accounts.len());
        set.extend(accounts.into_iter().map(AccountId::index));
        let members = |account: AccountId| self.is_active(account) && Some(account) != self.management_account;
        let mut census = Census { organization: self, set: &set, there: vec![0], chosen: vec![0] };
        for &account in &self.tree_order {
            let (there, chosen) = (members(account), set.contains(account.index()));
            census.there.push(census.there[census.there.len() - 1] + usize::from(there));
            census.chosen.push(census.chosen[census.chosen.len() - 1] + usize::from(there && chosen));
        }
        // What no unit counts is named: the management account, and what is not active.
        let apart: Vec<AccountId> =
            self.account_ids().filter(|&account| set.contains(account.index()) && !members(account)).collect();
        let mut parts = Vec::new();
        for depth in (0..=self.depth()).rev() {
            parts = apart.iter().copied().map(Part::Account).collect();
            census.cover(OuId::ROOT, 0, depth, &mut parts);
            let named = parts.iter().filter(|part| matches!(part, Part::Account(_))).count();
            if named <= NAMED.max(apart.len()) && parts.len() - named <= UNITS {
                break;
            }
        }
        parts.sort_by_key(|part| matches!(part, Part::Account(_)));
        let whole = |part: &Part| matches!(part, Part::Unit { ou: OuId::ROOT, except, .. } if except.is_empty());
        let management =
            |part: &Part| matches!(part, Part::Account(account) if Some(*account) == self.management_account);
        let everything = parts.len() == 2 && parts.iter().any(whole) && parts.iter().any(management);
        Places { organization: self, parts, everything }
    }

    /// How deep the tree is.
    fn depth(&self) -> usize {
        let mut depths = vec![0; self.units.len()];
        for index in 1..self.units.len() {
            depths[index] = self.units[index].parent.map_or(0, |parent| depths[parent.0 as usize] + 1);
        }
        depths.into_iter().max().unwrap_or(0)
    }

    /// What an account is called where its name alone says which it is: by its name, else by its id.
    pub fn name_of(&self, account: AccountId) -> &str {
        let Account { id, name, .. } = self.account(account);
        if self.accounts_called(name).len() == 1 { name } else { id }
    }
}

/// How many member accounts there are, and how many of them are in the set, up to each place of the tree's order.
struct Census<'o> {
    organization: &'o Organization,
    set: &'o FixedBitSet,
    there: Vec<usize>,
    chosen: Vec<usize>,
}

impl Census<'_> {
    /// The parts at or below a unit; what is not covered is counted by units of `deepest`.
    fn cover(&self, ou: OuId, depth: usize, deepest: usize, parts: &mut Vec<Part>) {
        let unit = self.organization.unit(ou);
        let range = unit.subtree.start as usize..unit.subtree.end as usize;
        let there = self.there[range.end] - self.there[range.start];
        let chosen = self.chosen[range.end] - self.chosen[range.start];
        let missing = there - chosen;
        let members = || {
            let members = self.organization.members_below(ou);
            members.filter(|&account| self.organization.is_active(account))
        };
        let is_chosen = |account: &AccountId| self.set.contains(account.index());
        if chosen == 0 {
            return;
        }
        if chosen == 1 {
            parts.extend(members().filter(is_chosen).map(Part::Account));
        } else if missing <= MISSING && chosen >= missing * PREVAILS {
            let except = if missing == 0 { Vec::new() } else { members().filter(|a| !is_chosen(a)).collect() };
            parts.push(Part::Unit { ou, accounts: chosen, except });
        } else if depth < deepest {
            let own = unit.accounts.iter().copied();
            let own = own.filter(|&account| {
                self.organization.is_active(account) && Some(account) != self.organization.management_account
            });
            parts.extend(own.filter(is_chosen).map(Part::Account));
            for &child in &unit.children {
                self.cover(child, depth + 1, deepest, parts);
            }
        } else if chosen <= FEW {
            parts.extend(members().filter(is_chosen).map(Part::Account));
        } else {
            parts.push(Part::Some { ou, accounts: chosen, of: there });
        }
    }
}

impl Places<'_> {
    /// A line for each unit and one for the accounts that are named; never more than five. `quote` marks names.
    pub fn lines(&self, quote: impl Fn(&str) -> String) -> Vec<String> {
        if self.everything {
            let active = self.organization.account_ids().filter(|&account| self.organization.is_active(account));
            return vec![format!("all {} accounts", active.count())];
        }
        let name = |account: &AccountId| quote(self.organization.name_of(*account));
        let path = |ou: OuId| quote(&self.organization.unit(ou).path);
        let mut lines = Vec::new();
        let mut named = Vec::new();
        let mut management = None;
        for part in &self.parts {
            match part {
                Part::Unit { ou: OuId::ROOT, accounts, except } if except.is_empty() => {
                    lines.push(format!("all {accounts} member accounts"));
                }
                Part::Unit { ou, accounts, except } => {
                    let of = if *ou == OuId::ROOT {
                        "member accounts".to_owned()
                    } else {
                        format!("accounts of {}", path(*ou))
                    };
                    let except: Vec<String> = except.iter().map(name).collect();
                    lines.push(match except.is_empty() {
                        true if *accounts == 2 => format!("both {of}"),
                        true => format!("all {accounts} {of}"),
                        false => format!("{accounts} {of}, all but {}", enumerated(&except)),
                    });
                }
                Part::Some { ou: OuId::ROOT, accounts, of } => {
                    lines.push(format!("{accounts} of {of} member accounts"))
                }
                Part::Some { ou, accounts, of } => lines.push(format!("{accounts} of {of} accounts of {}", path(*ou))),
                Part::Account(account) if Some(*account) == self.organization.management_account => {
                    management = Some(format!("the management account {}", name(account)));
                }
                Part::Account(account) => named.push(name(account)),
            }
        }
        named.sort_unstable();
        named.splice(0..0, management);
        if !named.is_empty() {
            lines.push(enumerated(&named));
        }
        lines
    }

    /// The lines as a part of a sentence.
    pub fn sentence(&self, quote: impl Fn(&str) -> String) -> String {
        let lines = self.lines(quote);
        if lines.is_empty() {
            return "no account".to_owned();
        }
        let plain = lines.iter().all(|line| !line.contains(", ") && !line.contains(" and "));
        if plain { enumerated(&lines) } else { lines.join("; ") }
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "a test writes its model")]
mod tests {
    use super::*;
    use crate::access::Access;
    use crate::load::Overlay;
    use crate::session::Session;

    fn access(organization: &str) -> Access {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a.yaml"), organization).unwrap();
        Session::read(folder.path(), &Overlay::new(), jiff::Timestamp::UNIX_EPOCH).unwrap().access.unwrap()
    }

    /// Ten accounts of nested units, one of them inactive, and the management account.
    const SMALL: &str = r#"
organization:
  management_account: boss
  root:
    accounts: { boss: "000000000000", alone: "000000000001" }
    ous:
      A:
        accounts: { a1: "000000000002", a2: "000000000003", a3: "000000000004" }
        ous:
          B: { accounts: { b1: "000000000005", b2: "000000000006", gone: { id: "000000000007", status: SUSPENDED } } }
      C: { accounts: { c1: "000000000008", c2: "000000000009" } }
      D: {}
"#;

    fn sentence(organization: &Organization, names: &[&str]) -> String {
        let accounts = names.iter().map(|name| organization.account_named(name).unwrap());
        organization.places(accounts).sentence(|name| format!("`{name}`"))
    }

    #[test]
    fn units_are_said_where_they_are_covered() {
        let access = access(SMALL);
        let organization = access.organization.as_ref().unwrap();
        let said = |names: &[&str]| sentence(organization, names);
        assert_eq!(said(&[]), "no account");
        assert_eq!(said(&["boss"]), "the management account `boss`");
        assert_eq!(said(&["c1"]), "`c1`");
        assert_eq!(said(&["c1", "c2", "b2"]), "both accounts of `C` and `b2`");
        assert_eq!(said(&["b1", "b2"]), "both accounts of `A/B`");
        assert_eq!(said(&["b1", "b2", "a1", "a2", "a3", "alone"]), "all 5 accounts of `A` and `alone`");
        assert_eq!(said(&["b1", "b2", "a1", "a3"]), "4 accounts of `A`, all but `a2`");
        assert_eq!(said(&["a1", "a2", "c1"]), "`a1`, `a2` and `c1`");
        let members = ["alone", "a1", "a2", "a3", "b1", "b2", "c1", "c2"];
        assert_eq!(said(&members), "all 8 member accounts");
        assert_eq!(said(&[&members[..], &["boss"]].concat()), "all 9 accounts");
        assert_eq!(
            said(&[&members[..7], &["boss"]].concat()),
            "7 member accounts, all but `c2`; the management account `boss`"
        );
    }

    #[test]
    fn the_parts_are_the_set() {
        let access = access(SMALL);
        let organization = access.organization.as_ref().unwrap();
        let all: Vec<AccountId> = organization.account_ids().collect();
        for subset in 0..1_usize << all.len() {
            let set: Vec<AccountId> = all.iter().copied().filter(|a| subset >> a.index() & 1 == 1).collect();
            let places = organization.places(set.iter().copied());
            let mut told: Vec<AccountId> = Vec::new();
            for part in &places.parts {
                match part {
                    Part::Account(account) => told.push(*account),
                    Part::Unit { ou, accounts, except } => {
                        let below = organization.members_below(*ou).filter(|&account| organization.is_active(account));
                        let told_of: Vec<_> = below.filter(|account| !except.contains(account)).collect();
                        assert_eq!(told_of.len(), *accounts);
                        told.extend(told_of);
                    }
                    Part::Some { ou, accounts, of } => {
                        let below = organization.members_below(*ou).filter(|&account| organization.is_active(account));
                        let (there, chosen): (Vec<_>, Vec<_>) =
                            below.map(|a| (a, set.contains(&a).then_some(a))).unzip();
                        let chosen: Vec<_> = chosen.into_iter().flatten().collect();
                        assert_eq!((chosen.len(), there.len()), (*accounts, *of));
                        told.extend(chosen);
                    }
                }
            }
            told.sort_unstable();
            assert_eq!(told, set, "each account once: {:?}", places.parts);
            assert!(places.lines(str::to_owned).len() <= UNITS + 1, "{:?}", places.parts);
        }
    }

    #[test]
    fn many_accounts_are_counted_by_unit() {
        let unit = |name: &str, first: usize| {
            let accounts: Vec<_> = (0..20).map(|n| format!("{name}{n}: \"{:012}\"", first + n)).collect();
            format!("      {name}: {{ ous: {{ X: {{ accounts: {{ {} }} }} }} }}\n", accounts.join(", "))
        };
        let units: String = (0..6).map(|n| unit(&format!("U{n}"), 100 * n)).collect();
        let access = access(&format!("organization:\n  root:\n    ous:\n{units}"));
        let organization = access.organization.as_ref().unwrap();
        let said = |wanted: &dyn Fn(usize) -> bool| {
            let accounts = organization.account_ids().filter(|account| wanted(account.index()));
            organization.places(accounts).lines(|name| name.to_owned())
        };
        assert_eq!(said(&|n| n < 10), ["10 of 20 accounts of U0/X"]);
        assert_eq!(said(&|n| n < 30), ["all 20 accounts of U0", "10 of 20 accounts of U1/X"]);
        assert_eq!(said(&|n| n % 20 < 10), ["60 of 120 member accounts"]);
        assert_eq!(said(&|n| n != 7), ["119 member accounts, all but U07"]);
        assert_eq!(said(&|n| n % 20 == 0), ["U00, U10, U20, U30, U40 and U50"]);
    }
}
