//! Random models: what the program says they grant, and what its output would deploy, against the oracle.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use proptest::prelude::*;
use proptest::test_runner::Config;
use serde_json::Value as Json;

use crate::program::judge;
use crate::reformatting::said;
use crate::support::command::{bailiwick, build, succeed};
use crate::support::generate::{AS_OF, Choices, Generated, generate, tree};
use crate::support::module::Module;
use crate::support::oracle::{Grant, GrantKey, Oracle, end};
use crate::support::state::assert_same;

/// How many models: `BAILIWICK_TEST_MODELS`, or enough to meet every feature in company of every other.
fn config() -> Config {
    let models = std::env::var("BAILIWICK_TEST_MODELS").ok();
    let cases = models.map_or(120, |models| models.parse().expect("BAILIWICK_TEST_MODELS is a number"));
    Config { cases, failure_persistence: None, max_shrink_iters: 300, ..Config::default() }
}

/// A model, and the decisions on how else to write it.
#[derive(Clone)]
struct Input {
    model: Generated,
    words: Vec<u32>,
}

impl fmt::Debug for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", serde_yaml::to_string(&self.model.sections).expect("YAML"))
    }
}

fn model() -> impl Strategy<Value = Input> {
    let generated = |words: Vec<u32>| {
        let mut choices = Choices::new(words.clone());
        Input { model: generate(&mut choices), words: words.into_iter().rev().collect() }
    };
    Choices::strategy().prop_map(generated)
}

/// What `bailiwick grants --format json` says, in its order.
pub(crate) fn grants(model: &Path, as_of: &str) -> Vec<(GrantKey, Grant)> {
    let arguments = ["grants".as_ref(), model.as_os_str(), "--format".as_ref(), "json".as_ref()];
    let output = succeed(bailiwick(arguments).args(["--as-of", as_of]));
    let grants: Vec<Json> = serde_json::from_slice(&output.stdout).expect("an array");
    let text = |json: &Json| json.as_str().expect("text").to_owned();
    let number = |json: &Json| usize::try_from(json.as_u64().expect("a number")).expect("a small one");
    let grant = |grant: &Json| {
        let key = ["permission_set", "principal_type", "principal", "account_id"].map(|key| text(&grant[key]));
        let [set, kind, principal, account] = key;
        let origins = grant["origins"].as_array().expect("a list").iter();
        let origins = origins.map(|at| (text(&at["file"]), number(&at["line"]), number(&at["column"]))).collect();
        let expires = grant["expires"].as_str().map(str::to_owned);
        ((set, kind, principal, account), Grant { expires, origins })
    };
    grants.iter().map(grant).collect()
}

/// The grants of the program are those of the oracle: same order, same ends, same origins.
#[track_caller]
pub(crate) fn assert_grants(model: &Path, oracle: &Oracle, as_of: &str) {
    let found = grants(model, as_of);
    let expected = oracle.grants();
    // Ordered by permission set, principal, account; a group comes before a user of the same name.
    let in_order = found.is_sorted_by(|a, b| (&a.0.0, &a.0.1, &a.0.2, &a.0.3) < (&b.0.0, &b.0.1, &b.0.2, &b.0.3))
        || found.is_sorted_by(|a, b| (&a.0.0, &a.0.2, &a.0.1, &a.0.3) < (&b.0.0, &b.0.2, &b.0.1, &b.0.3));
    assert!(in_order, "out of order, or twice: {found:#?}");
    let found: BTreeMap<_, _> = found.into_iter().collect();
    let keys = |grants: &BTreeMap<GrantKey, Grant>| grants.keys().cloned().collect::<Vec<_>>();
    assert_eq!(keys(&found), keys(&expected));
    for (key, grant) in &found {
        let expected = &expected[key];
        let moment = |grant: &Grant| grant.expires.as_deref().map(end);
        assert_eq!(moment(grant), moment(expected), "when {key:?} ends");
        let mut origins = grant.origins.clone();
        origins.sort();
        let mut expected: Vec<_> = expected.origins.clone();
        expected.sort();
        assert_eq!(origins, expected, "the rows of {key:?}");
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn grants_and_output_are_what_the_oracle_computes(input in model()) {
        let Input { model: generated, words } = input;
        let place = tempfile::tempdir().expect("a temporary folder");
        let root = place.path().join("model");
        generated.write(&root);
        let oracle = Oracle::read(&root, AS_OF);
        assert_grants(&root, &oracle, AS_OF);

        let out = place.path().join("out");
        build(&root, &out, AS_OF);
        let module = Module::read(&out);
        assert_same(&module.state(&oracle), &oracle.state(), "the module");
        module.assert_policies_come_from_management(&oracle);

        let mut choices = Choices::new(words);
        let other = place.path().join("other");
        generated.write_differently(&other, &mut choices);
        let mut rewritten = oracle_grants(&Oracle::read(&other, AS_OF));
        prop_assert_eq!(&mut rewritten, &mut oracle_grants(&oracle), "the test itself writes another model");
        prop_assert_eq!(said(judge(&root, AS_OF)), said(judge(&other, AS_OF)), "findings without their places");
        let again = place.path().join("again");
        let arguments = ["build", ".", "--out", "../again", "--as-of", AS_OF];
        succeed(
            bailiwick(arguments).current_dir(&other).env("TZ", "Pacific/Kiritimati").env("LC_ALL", "tr_TR.UTF-8").env("LANG", "C"),
        );
        prop_assert_eq!(tree(&out), tree(&again), "the same model, written differently");
    }

    /// The second StackSet would fail on the name that the first still holds, and the first cannot give up a policy that
    /// a role uses.
    #[test]
    fn a_row_that_is_added_moves_no_policy_between_stack_sets(input in model()) {
        let mut fewer = input.model.clone();
        fewer.rows_mut().pop();
        let place = tempfile::tempdir().expect("a temporary folder");
        let (root, out) = (place.path().join("model"), place.path().join("out"));
        let delivered = |model: &Generated| {
            model.write(&root);
            build(&root, &out, AS_OF);
            Module::read(&out).delivered_by(&Oracle::read(&root, AS_OF))
        };
        let (before, after) = (delivered(&fewer), delivered(&input.model));
        for (place, address) in &before {
            prop_assert_eq!(after.get(place), Some(address), "{:?}", place);
        }
    }
}

/// Grants without their rows, which are elsewhere in another file.
fn oracle_grants(oracle: &Oracle) -> Vec<(GrantKey, Option<jiff::Timestamp>)> {
    oracle.grants().into_iter().map(|(key, grant)| (key, grant.expires.as_deref().map(end))).collect()
}
