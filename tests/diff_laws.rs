//! Laws of the difference between two models, on random ones, and against slow answers that share nothing with it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use bailiwick::access::{Access, AccountId, SetId};
use bailiwick::diff::{AccessDiff, AccountNo, ActionsChange, Cause, SetKind, Side};
use bailiwick::iam::catalogue::{ActionId, Catalogue};
use bailiwick::iam::{Request, gained_action};
use bailiwick::lint::assessor;
use bailiwick::lint::reach::policies_in;
use bailiwick::load::Overlay;
use bailiwick::resolve::parse_as_of;
use bailiwick::session::Session;
use proptest::prelude::*;
use proptest::test_runner::Config;

use crate::support::command::put;
use crate::support::generate::{AS_OF, Choices, Generated, generate};
use crate::support::oracle::{GrantKey, Oracle};

/// How many models: `BAILIWICK_TEST_MODELS`, or enough to meet every feature in company of every other.
fn config(cases: u32) -> Config {
    let models = std::env::var("BAILIWICK_TEST_MODELS").ok();
    let cases = models.map_or(cases, |models| models.parse().expect("BAILIWICK_TEST_MODELS is a number"));
    Config { cases, failure_persistence: None, max_shrink_iters: 200, ..Config::default() }
}

/// A model on disk, read.
struct Read {
    session: Session,
    place: tempfile::TempDir,
}

impl Read {
    fn of(write: impl FnOnce(&Path)) -> Self {
        let place = tempfile::tempdir().expect("a temporary folder");
        write(place.path());
        let as_of = parse_as_of(AS_OF).expect("a moment");
        Self { session: Session::read(place.path(), &Overlay::new(), as_of).expect("readable"), place }
    }

    fn is_whole(&self) -> bool {
        self.session.diagnostics.errors() == 0 && self.session.access.is_some()
    }

    fn access(&self) -> &Access {
        assert!(self.is_whole(), "{:#?}", self.session.diagnostics);
        self.session.access.as_ref().expect("a whole model")
    }

    /// The grants of the oracle.
    fn grants(&self) -> BTreeSet<GrantKey> {
        Oracle::read(self.place.path(), AS_OF).grants().into_keys().collect()
    }
}

/// Some decisions, and the same with a few of them taken otherwise: a model, and edits of it.
fn edited() -> impl Strategy<Value = [Vec<u32>; 3]> {
    let edits = || prop::collection::vec((any::<prop::sample::Index>(), any::<u32>()), 0..8);
    (Choices::strategy(), edits(), edits()).prop_map(|(words, one, other)| {
        let edit = |words: &[u32], edits: Vec<(prop::sample::Index, u32)>| {
            let mut words = words.to_vec();
            for (at, word) in edits {
                let at = at.index(words.len());
                words[at] = word;
            }
            words
        };
        let second = edit(&words, one);
        let third = edit(&second, other);
        [words, second, third]
    })
}

/// The grants that are gained, and those that are lost, with what brought each about.
fn grants(diff: &AccessDiff<'_>) -> [BTreeMap<GrantKey, Cause>; 2] {
    let mut both = [BTreeMap::new(), BTreeMap::new()];
    let mut add =
        |side: usize, set: &str, principals: &[&bailiwick::access::Principal], accounts: &[AccountNo], cause| {
            for principal in principals {
                for &account in accounts {
                    let id = diff.accounts.get(account).id.to_owned();
                    let key = (set.to_owned(), principal.kind.as_str().to_owned(), principal.name.clone(), id);
                    let before = both[side].insert(key, cause);
                    assert_eq!(before, None, "told twice: {set}");
                }
            }
        };
    for (side, changes) in [(0, &diff.gained), (1, &diff.lost)] {
        for change in changes {
            for set in &change.permission_sets {
                add(side, set, &change.principals, &change.accounts, change.cause);
            }
        }
    }
    for change in &diff.replaced {
        add(0, change.to, &change.principals, &change.accounts, change.cause);
        add(1, change.from, &change.principals, &change.accounts, change.cause);
    }
    both
}

/// The model with fewer actions to compare: here they do not matter, and those of AWS are many.
fn without_managed_policies(mut model: Generated) -> Generated {
    for set in model.sections["permission_sets"].as_mapping_mut().expect("by name").values_mut() {
        let set = set.as_mapping_mut().expect("a permission set");
        set.remove("aws_managed_policies");
    }
    model
}

fn keys(grants: &BTreeMap<GrantKey, Cause>) -> BTreeSet<GrantKey> {
    grants.keys().cloned().collect()
}

proptest! {
    #![proptest_config(config(48))]

    /// Nothing differs between a model and itself, however it is written.
    #[test]
    fn a_model_has_the_access_of_itself(words in Choices::strategy()) {
        let model = generate(&mut Choices::new(words.clone()));
        let one = Read::of(|root| model.write(root));
        let other = Read::of(|root| model.write_differently(root, &mut Choices::new(words.into_iter().rev().collect())));
        let diff = AccessDiff::of(one.access(), other.access());
        prop_assert!(diff.is_empty(), "{:#?}", diff);
    }

    /// What is gained and lost is what the oracle says, and which of it newer data brings; the other way round it is swapped;
    /// on the way over a third model nothing comes from nowhere.
    #[test]
    fn grants_differ_as_brute_force_says(words in edited()) {
        let models = words.map(|words| without_managed_policies(generate(&mut Choices::new(words))));
        let read = models.each_ref().map(|model| Read::of(|root| model.write(root)));
        let access = read.each_ref().map(Read::access);
        let truth = read.each_ref().map(Read::grants);

        let diff = AccessDiff::of(access[0], access[1]);
        let [gained, lost] = grants(&diff);
        prop_assert_eq!(keys(&gained), &truth[1] - &truth[0]);
        prop_assert_eq!(keys(&lost), &truth[0] - &truth[1]);

        let back = AccessDiff::of(access[1], access[0]);
        let [gained_back, lost_back] = grants(&back);
        prop_assert_eq!(keys(&gained), keys(&lost_back));
        prop_assert_eq!(keys(&lost), keys(&gained_back));
        prop_assert_eq!(diff.ends.iter().filter(|end| end.is_longer()).count(), back.ends.iter().filter(|end| !end.is_longer()).count());
        let names = |diff: &AccessDiff<'_>| diff.permission_sets.iter().map(|set| set.name.to_owned()).collect::<Vec<_>>();
        prop_assert_eq!(names(&diff), names(&back));

        let [second, _] = grants(&AccessDiff::of(access[1], access[2]));
        let [whole, _] = grants(&AccessDiff::of(access[0], access[2]));
        let composed = &keys(&gained) | &keys(&second);
        prop_assert!(keys(&whole).is_subset(&composed));

        // The old rows over the new organization, written down.
        let mut between: Generated = models[0].clone();
        between.sections["organization"] = models[1].sections["organization"].clone();
        let between = Read::of(|root| between.write(root));
        let renamed = diff.permission_sets.iter().any(|set| matches!(set.kind, SetKind::Added { was: Some(_) }));
        if between.is_whole() && !renamed {
            let between = between.grants();
            for (key, cause) in &gained {
                prop_assert_eq!(*cause == Cause::Data, between.contains(key), "gained: {:?}", key);
            }
            for (key, cause) in &lost {
                prop_assert_eq!(*cause == Cause::Data, !between.contains(key), "lost: {:?}", key);
            }
        }
    }
}

/// A policy document of a few statements.
fn document(choices: &mut Choices) -> String {
    let actions =
        ["s3:GetObject", "s3:*", "iam:PassRole", "iam:*", "secretsmanager:Get*", "*", "ec2:Describe*", "iam:Create*"];
    let resources = ["*", "*", "arn:aws:s3:::logs/*", "arn:aws:iam::*:role/app-*"];
    let conditions = [
        "",
        "",
        r#", Condition: { StringEquals: { "aws:PrincipalTag/team": ops } }"#,
        r#", Condition: { Bool: { "aws:SecureTransport": "true" } }"#,
        r#", Condition: { StringNotEquals: { "aws:PrincipalTag/team": [ops, dev] } }"#,
    ];
    let statement = |choices: &mut Choices| {
        let effect = if choices.below(4) == 3 { "Deny" } else { "Allow" };
        let action = actions[choices.below(actions.len())];
        let element = if choices.below(8) == 7 { "NotAction" } else { "Action" };
        let resource = resources[choices.below(resources.len())];
        let condition = conditions[choices.below(conditions.len())];
        format!(r#"{{ Effect: {effect}, {element}: "{action}", Resource: "{resource}"{condition} }}"#)
    };
    let statements: Vec<String> = (0..choices.below(3) + 1).map(|_| statement(choices)).collect();
    format!(r#"{{ Version: "2012-10-17", Statement: [{}] }}"#, statements.join(", "))
}

/// A small model in which everything decides that can decide about an action: variants, boundaries, service control policies.
fn decisive(words: Vec<u32>) -> String {
    let choices = &mut Choices::new(words);
    let control = document(choices);
    let mut text =
        format!("organization:\n  management_account: boss\n  service_control_policies:\n    Guard: {control}\n");
    text += "  root:\n    accounts: { boss: \"999999999999\" }\n    ous:\n";
    let accounts: Vec<usize> = (0..4).map(|_| choices.below(2)).collect();
    for (unit, name) in ["One", "Two"].iter().enumerate() {
        let _ = writeln!(text, "      {name}:\n        id: ou-ab12-{unit:08}");
        let controls = ["", "[FullAWSAccess, Guard]", "[Guard]", ""][choices.below(4)];
        if !controls.is_empty() {
            let _ = writeln!(text, "        service_control_policies: {controls}");
        }
        let _ = writeln!(text, "        accounts:\n          anchor-{unit}: \"{unit:012}\"");
        for (account, _) in accounts.iter().enumerate().filter(|(_, at)| **at == unit) {
            let _ = writeln!(text, "          account-{account}: \"1{account:011}\"");
        }
    }
    let own = document(choices);
    let _ = writeln!(text, "policies:\n  Shared:\n    document: {own}");
    if choices.below(2) == 1 {
        let variant = document(choices);
        let _ = writeln!(text, "    variants: [{{ ous: [Two], document: {variant} }}]");
    }
    let _ = writeln!(text, "  Fence:\n    document: {}", document(choices));
    text += "permission_sets:\n";
    for set in 0..3 {
        let _ = writeln!(text, "  Set{set}:\n    session_duration: {}h", choices.below(3) + 1);
        if choices.below(3) > 0 {
            let _ = writeln!(text, "    inline_policy: {}", document(choices));
        }
        if choices.below(2) == 1 {
            text += "    customer_managed_policies: [Shared]\n";
        }
        match choices.below(4) {
            2 => text += "    permissions_boundary: Fence\n",
            3 => text += "    permissions_boundary: { aws_managed: PowerUserAccess }\n",
            _ => {}
        }
    }
    text += "assignments:\n";
    for _ in 0..choices.below(4) + 1 {
        let (group, set) = (choices.below(2), choices.below(3));
        let units = ["[One]", "[Two]", "[One, Two]", "[_root_]"][choices.below(4)];
        let _ = writeln!(text, "  - {{ group: group-{group}, permission_set: Set{set}, ous: {units} }}");
    }
    text
}

/// Requests that the palette of documents decides in every way.
fn requests() -> Vec<Request> {
    let resources: [(&str, &[&str]); 5] = [
        ("iam:PassRole", &["arn:aws:iam::123456789012:role/app-x", "arn:aws:iam::123456789012:role/zq7"]),
        ("iam:CreateUser", &["arn:aws:iam::123456789012:user/zq7"]),
        ("s3:GetObject", &["arn:aws:s3:::logs/a", "arn:aws:s3:::zq7/a"]),
        ("secretsmanager:GetSecretValue", &["arn:aws:secretsmanager:eu-west-1:123456789012:secret:zq7"]),
        ("ec2:DescribeInstances", &["*"]),
    ];
    let teams = [None, Some("ops"), Some("dev"), Some("hr")];
    let mut requests = Vec::new();
    for (action, resources) in resources {
        for resource in resources {
            for team in teams {
                for secure in ["true", "false"] {
                    let mut context = BTreeMap::from([("aws:securetransport".to_owned(), vec![secure.to_owned()])]);
                    context.extend(team.map(|team| ("aws:principaltag/team".to_owned(), vec![team.to_owned()])));
                    let (action, resources) = (action.to_owned(), vec![(*resource).to_owned()]);
                    requests.push(Request { action, resources, context });
                }
            }
        }
    }
    requests
}

fn action(request: &Request) -> ActionId {
    Catalogue::embedded().action_named(&request.action).expect("an action of the catalogue")
}

/// The changes of a permission set in an account.
fn changes<'d>(diff: &'d AccessDiff<'_>, set: &str, account: AccountNo) -> Vec<&'d ActionsChange> {
    let sets = diff.permission_sets.iter().filter(|change| change.name == set);
    sets.flat_map(|change| &change.actions).filter(|change| change.accounts.contains(&account)).collect()
}

/// What a slow answer is asked about: a permission set in an account of both models.
struct Held<'a> {
    name: &'a str,
    account: AccountNo,
    old: (SetId, AccountId),
    new: (SetId, AccountId),
}

/// Every permission set that both models have in an account.
fn held<'a>(diff: &AccessDiff<'a>) -> Vec<Held<'a>> {
    let mut all = Vec::new();
    let organization = diff.organization(Side::New).expect("an organization");
    let numbers = diff.accounts.numbers().collect::<Vec<_>>();
    for set in diff.new.set_ids() {
        let name = diff.new.permission_set(set).name.value.as_str();
        let Some(before) = diff.old.set_ids().find(|&old| diff.old.permission_set(old).name.value == name) else {
            continue;
        };
        for &account in &numbers {
            let known = diff.accounts.get(account);
            if let (Some(was), Some(is)) = (known.old, known.new)
                && diff.old.is_assigned(before, was)
                && diff.new.is_assigned(set, is)
            {
                assert!(organization.is_active(is));
                all.push(Held { name, account, old: (before, was), new: (set, is) });
            }
        }
    }
    all
}

proptest! {
    #![proptest_config(config(20))]

    /// Actions that a permission set allows more or less in an account are those that brute force over the actions finds,
    /// no request that the slow evaluator decides otherwise than before is missing, and every proof is one.
    #[test]
    fn actions_differ_as_the_slow_evaluator_says(words in edited()) {
        let texts = words.map(decisive);
        let read = texts.each_ref().map(|text| Read::of(|root| put(&root.join("model.yaml"), text)));
        let access = read.each_ref().map(Read::access);
        let diff = AccessDiff::of(access[0], access[1]);
        let later = AccessDiff::of(access[1], access[2]);
        let whole = AccessDiff::of(access[0], access[2]);
        let mut assessors = access.map(assessor);
        for held in held(&diff) {
            let before = policies_in(access[0], held.old.0, Some(held.old.1), &mut assessors[0]);
            let after = policies_in(access[1], held.new.0, Some(held.new.1), &mut assessors[1]);
            let (before, after) = (assessors[0].effective(&before), assessors[1].effective(&after));
            let told = changes(&diff, held.name, held.account);
            prop_assert!(told.len() <= 1, "an account is told once");
            let has = |gains: fn(&ActionsChange) -> &Vec<bailiwick::diff::ActionGain>, action: ActionId| {
                told.iter().any(|change| gains(change).iter().any(|gain| gain.actions.contains(&action)))
            };
            for request in requests() {
                let action = action(&request);
                let gained = has(|change| &change.gained, action);
                let lost = has(|change| &change.lost, action);
                prop_assert_eq!(gained, gained_action(&before, &after, action).is_some(), "{}", &request);
                prop_assert_eq!(lost, gained_action(&after, &before, action).is_some(), "{}", &request);
                match (before.decide(&request), after.decide(&request)) {
                    (Some(false), Some(true)) => prop_assert!(gained, "{} in {}: {}", held.name, texts[1], &request),
                    (Some(true), Some(false)) => prop_assert!(lost, "{} in {}: {}", held.name, texts[1], &request),
                    _ => {}
                }
            }
            for (gains, had, has) in told.iter().flat_map(|change| {
                [(&change.gained, &before, &after), (&change.lost, &after, &before)]
            }) {
                for gain in gains {
                    let Some(proof) = &gain.proof else { continue };
                    // The same statements decide about all of them.
                    let named = gain.actions.iter().map(|&action| Catalogue::embedded().action(action));
                    for action in named.filter(|action| !action.name.is_empty()).take(20) {
                        let request = Request { action: format!("{}:{}", action.service, action.name), ..proof.clone() };
                        prop_assert_eq!((had.decide(&request), has.decide(&request)), (Some(false), Some(true)), "{}", &request);
                    }
                }
            }
        }
        // What is proven of the whole way is told of one of its halves.
        for change in whole.permission_sets.iter() {
            for (actions, gain) in change.actions.iter().flat_map(|actions| actions.gained.iter().map(move |gain| (actions, gain))) {
                let (Some(proof), Some(&account)) = (&gain.proof, actions.accounts.first()) else { continue };
                let id = whole.accounts.get(account).id;
                let Some(middle) = middle(access[1], change.name, id) else { continue };
                let policies = policies_in(access[1], middle.0, Some(middle.1), &mut assessors[1]);
                let half = match assessors[1].effective(&policies).decide(proof) {
                    Some(true) => &diff,
                    Some(false) => &later,
                    None => continue,
                };
                let same = half.accounts.numbers().find(|&account| half.accounts.get(account).id == id);
                let told = same.map(|account| changes(half, change.name, account)).unwrap_or_default();
                let action = action(proof);
                prop_assert!(
                    told.iter().any(|change| change.gained.iter().any(|gain| gain.actions.contains(&action))),
                    "{} in {}", proof, id
                );
            }
        }
    }
}

/// A permission set that somebody has in an account.
fn middle(access: &Access, set: &str, account: &str) -> Option<(SetId, AccountId)> {
    let set = access.set_ids().find(|&id| access.permission_set(id).name.value == set)?;
    let account = access.organization.as_ref()?.account_named(account).ok()?;
    access.is_assigned(set, account).then_some((set, account))
}
