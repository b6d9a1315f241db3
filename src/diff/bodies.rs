//! Which policy documents decide in an account, and whether two documents say the same.

use rustc_hash::FxHashMap;
use serde_json::Value;

use super::accounts::Accounts;
use crate::access::{
    Access, AccountId, ControlChain, ControlId, CustomerPolicy, Document, PermissionsBoundary, PolicyId, PolicyUse,
    SetId,
};

/// A policy document, a policy of AWS, or a policy whose document nobody knows; equal numbers say the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct BodyNo(u32);

/// A chain of service control policies; equal numbers withhold the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct ChainNo(u32);

/// All that decides what a permission set allows in an account; equal keys allow the same.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Key {
    policies: Vec<BodyNo>,
    boundary: Option<BodyNo>,
    chain: ChainNo,
    /// Which session tags there are.
    facts: u32,
}

/// What only denies, the levels one of whose documents must allow, and whether a name points at nothing.
type Withheld = (Vec<BodyNo>, Vec<Vec<BodyNo>>, bool);

/// The documents of both models.
#[derive(Debug, Default)]
pub(super) struct Bodies<'a> {
    /// By the text as it stands, so that most texts are never taken apart.
    by_text: FxHashMap<&'a str, BodyNo>,
    by_meaning: FxHashMap<String, BodyNo>,
    chains: FxHashMap<Withheld, ChainNo>,
}

impl<'a> Bodies<'a> {
    /// The number of a document.
    pub(super) fn document(&mut self, document: &'a Document) -> BodyNo {
        let text: &str = &document.json;
        match self.by_text.get(text) {
            Some(&known) => known,
            None => {
                let meaning =
                    serde_json::from_str(text).map_or_else(|_| text.to_owned(), |json| normal(json).to_string());
                let body = self.named(meaning);
                self.by_text.insert(text, body);
                body
            }
        }
    }

    fn named(&mut self, name: String) -> BodyNo {
        let next = BodyNo(u32::try_from(self.by_meaning.len()).unwrap_or(u32::MAX));
        *self.by_meaning.entry(name).or_insert(next)
    }

    fn aws_managed(&mut self, name: &str) -> BodyNo {
        self.named(format!("aws {name}"))
    }

    fn unknown(&mut self, name: &str, path: &str) -> BodyNo {
        self.named(format!("unknown {path} {name}"))
    }

    fn chain(&mut self, access: &'a Access, chain: &ControlChain) -> ChainNo {
        let mut control = |id: &ControlId| match &access.organization {
            Some(organization) => {
                let control = organization.service_control_policy(*id);
                match &control.document {
                    Some(document) => self.document(document),
                    None => self.unknown(&control.name.value, "service control policy"),
                }
            }
            None => self.unknown("", ""),
        };
        let mut sorted = |ids: &[ControlId]| {
            let mut bodies: Vec<BodyNo> = ids.iter().map(&mut control).collect();
            bodies.sort_unstable();
            bodies.dedup();
            bodies
        };
        let denying = sorted(&chain.denying);
        let mut limiting: Vec<Vec<BodyNo>> = chain.limiting.iter().map(|level| sorted(level)).collect();
        limiting.sort_unstable();
        let next = ChainNo(u32::try_from(self.chains.len()).unwrap_or(u32::MAX));
        *self.chains.entry((denying, limiting, chain.unresolved)).or_insert(next)
    }
}

/// A policy document in one of the ways to write it. Every list in a policy is a set, and one element needs no list.
fn normal(json: Value) -> Value {
    match json {
        Value::Array(items) => {
            let mut items: Vec<Value> = items.into_iter().map(normal).collect();
            items.sort_by_cached_key(Value::to_string);
            items.dedup();
            match items.len() {
                1 => items.remove(0),
                _ => Value::Array(items),
            }
        }
        Value::Object(entries) => {
            let mut entries: Vec<(String, Value)> =
                entries.into_iter().map(|(key, value)| (key, normal(value))).collect();
            entries.sort_by(|a, b| a.0.cmp(&b.0));
            Value::Object(entries.into_iter().collect())
        }
        other => other,
    }
}

/// A policy of a permission set.
#[derive(Clone, Copy, Debug)]
enum Use {
    /// It says the same everywhere.
    Fixed(BodyNo),
    /// Its variants decide.
    Varies(PolicyId),
}

/// What one permission set is made of.
#[derive(Debug, Default)]
struct Uses {
    policies: Vec<Use>,
    boundary: Option<Use>,
}

/// One model, its documents numbered.
#[derive(Debug)]
pub(super) struct Numbered<'a> {
    pub(super) access: &'a Access,
    /// By policy: its own body, and those of its variants.
    policies: Vec<(BodyNo, Vec<BodyNo>)>,
    /// By permission set.
    sets: Vec<Uses>,
    /// By account.
    chains: Vec<ChainNo>,
    unrestricted: ChainNo,
    pub(super) facts: u32,
}

impl<'a> Numbered<'a> {
    pub(super) fn of(access: &'a Access, facts: u32, bodies: &mut Bodies<'a>) -> Self {
        let mut number = |policy: &'a CustomerPolicy| {
            let own = match &policy.document {
                Some(document) => bodies.document(document),
                None => bodies.unknown(&policy.name.value, &policy.path),
            };
            let variants = policy.variants.iter().map(|variant| bodies.document(&variant.document)).collect();
            (own, variants)
        };
        let policies: Vec<(BodyNo, Vec<BodyNo>)> = access.policies.iter().map(&mut number).collect();
        let customer = |used: &PolicyUse, bodies: &mut Bodies<'a>| match used.policy {
            None => Use::Fixed(bodies.unknown(&used.name, &used.path)),
            Some(id) => match &policies[id.index()] {
                (own, variants) if variants.is_empty() => Use::Fixed(*own),
                _ => Use::Varies(id),
            },
        };
        let mut sets = Vec::with_capacity(access.permission_sets.len());
        for set in &access.permission_sets {
            let mut uses = Uses::default();
            uses.policies
                .extend(set.aws_managed_policies.iter().map(|name| Use::Fixed(bodies.aws_managed(&name.value))));
            uses.policies.extend(set.customer_managed_policies.iter().map(|used| customer(used, bodies)));
            uses.policies.extend(set.inline_policy.iter().map(|document| Use::Fixed(bodies.document(document))));
            uses.boundary = set.permissions_boundary.as_ref().map(|boundary| match boundary {
                PermissionsBoundary::Customer(used) => customer(used, bodies),
                PermissionsBoundary::AwsManaged(name) => Use::Fixed(bodies.aws_managed(&name.value)),
            });
            sets.push(uses);
        }
        let unrestricted = bodies.chain(access, &ControlChain::default());
        let chains = match &access.organization {
            Some(organization) if organization.attached_controls().next().is_some() => {
                let mut known: FxHashMap<ControlChain, ChainNo> = FxHashMap::default();
                let mut number = |account| {
                    let chain = organization.control_chain(account);
                    *known.entry(chain).or_insert_with_key(|chain| bodies.chain(access, chain))
                };
                organization.account_ids().map(&mut number).collect()
            }
            Some(organization) => vec![unrestricted; organization.accounts.len()],
            None => Vec::new(),
        };
        Self { access, policies, sets, chains, unrestricted, facts }
    }

    /// The chain that holds in an account; nothing is withheld where none is given.
    pub(super) fn chain(&self, account: Option<AccountId>) -> ChainNo {
        account.map_or(self.unrestricted, |account| self.chains[account.index()])
    }

    /// Whether one of a set's policies has variants.
    pub(super) fn varies(&self, set: SetId) -> bool {
        let uses = &self.sets[set.index()];
        uses.policies.iter().chain(&uses.boundary).any(|used| matches!(used, Use::Varies(_)))
    }

    /// The body of a policy in an account; its own, where none is given.
    pub(super) fn body(&self, policy: PolicyId, account: Option<AccountId>) -> BodyNo {
        let (own, variants) = &self.policies[policy.index()];
        let holds = |variant: &crate::access::Variant| {
            account.is_some_and(|account| variant.accounts.contains(account.index()))
        };
        let variant = self.access.policy(policy).variants.iter().position(holds);
        variant.map_or(*own, |variant| variants[variant])
    }

    /// What decides about a set in an account; its policies' own bodies with nothing withheld, where none is given.
    pub(super) fn key(&self, set: SetId, account: Option<AccountId>) -> Key {
        self.key_with(set, self.chain(account), |policy| self.body(policy, account))
    }

    fn key_with(&self, set: SetId, chain: ChainNo, body: impl Fn(PolicyId) -> BodyNo) -> Key {
        let uses = &self.sets[set.index()];
        let number = |used: &Use| match *used {
            Use::Fixed(known) => known,
            Use::Varies(policy) => body(policy),
        };
        let mut policies: Vec<BodyNo> = uses.policies.iter().map(number).collect();
        policies.sort_unstable();
        policies.dedup();
        Key { policies, boundary: uses.boundary.as_ref().map(number), chain, facts: self.facts }
    }
}

/// The old policies over the new organization.
#[derive(Debug)]
pub(super) struct Between {
    /// By policy and variant, the accounts of the new organization; empty where both organizations are alike.
    variants: Vec<Vec<fixedbitset::FixedBitSet>>,
}

impl Between {
    pub(super) fn of(old: &Access, accounts: &Accounts<'_>) -> Self {
        if accounts.alike() {
            return Self { variants: Vec::new() };
        }
        let variants = |policy: &CustomerPolicy| {
            policy.variants.iter().map(|variant| accounts.reinterpret(&variant.selection)).collect()
        };
        Self { variants: old.policies.iter().map(variants).collect() }
    }

    /// The body that a policy of the old model has in an account of the new organization.
    pub(super) fn body(&self, old: &Numbered<'_>, policy: PolicyId, before: AccountId, now: AccountId) -> BodyNo {
        let Some(variants) = self.variants.get(policy.index()) else { return old.body(policy, Some(before)) };
        let (own, bodies) = &old.policies[policy.index()];
        let variant = variants.iter().position(|accounts| accounts.contains(now.index()));
        variant.map_or(*own, |variant| bodies[variant])
    }

    /// What decides about a set of the old model in an account of the new organization.
    pub(super) fn key(
        &self,
        old: &Numbered<'_>,
        new: &Numbered<'_>,
        set: SetId,
        (before, now): (AccountId, AccountId),
    ) -> Key {
        old.key_with(set, new.chain(Some(now)), |policy| self.body(old, policy, before, now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_says_the_same_however_it_is_written() {
        let one = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:Get*","s3:List*"],"Resource":"*"}]}"#;
        let other = r#"{"Statement":{"Resource":["*"],"Action":["s3:List*","s3:Get*"],"Effect":"Allow"},"Version":"2012-10-17"}"#;
        let third = r#"{"Statement":{"Resource":["*"],"Action":["s3:List*","s3:Put*"],"Effect":"Allow"},"Version":"2012-10-17"}"#;
        let [one, other, third] = [one, other, third].map(|text| normal(serde_json::from_str(text).unwrap()));
        assert_eq!(one, other);
        assert_ne!(one, third);
    }
}
