//! The packed tables against the text they are packed from.

use std::collections::BTreeSet;

use super::escalation::RENAMED;
use super::*;
use crate::iam::assess::RECEIVERS;
use crate::iam::glob::Glob;
use crate::iam::policy::Policy;

const ACTIONS: &str = include_str!("../../../data/actions.tsv");
const MANAGED: &str = include_str!("../../../data/managed.jsonl");

#[test]
fn every_action_of_the_text_is_found() {
    let catalogue = Catalogue::embedded();
    let mut known = 0;
    for line in ACTIONS.lines().filter(|line| !line.starts_with('#')) {
        let columns: Vec<&str> = line.split('\t').collect();
        let id = catalogue.action_named(&format!("{}:{}", columns[0], columns[1].to_uppercase())).unwrap();
        let action = catalogue.action(id);
        assert_eq!((action.service, action.name), (columns[0], columns[1]));
        assert_eq!(action.level == AccessLevel::PermissionsManagement, columns[2] == "Permissions management");
        assert_eq!(action.passes_role, columns[3] == "passes-role");
        let types: Vec<String> = catalogue
            .resource_types(id)
            .map(|resource| format!("{}{}", resource.name, if resource.required { "*" } else { "" }))
            .collect();
        assert_eq!(types.join(","), columns[4]);
        known += 1;
    }
    let futures = catalogue.services().count();
    assert_eq!(known + futures, catalogue.universe() as usize);
}

#[test]
fn every_managed_policy_of_the_text_unpacks() {
    let catalogue = Catalogue::embedded();
    for line in MANAGED.lines() {
        let policy: serde_json::Value = serde_json::from_str(line).unwrap();
        let arn = policy["arn"].as_str().unwrap();
        let ManagedLookup::Found(found) = catalogue.managed_policy(arn) else { panic!("{arn} is not found") };
        assert_eq!(found.arn("aws"), arn);
        assert_eq!(found.version, policy["version"]);
        let document: serde_json::Value = serde_json::from_str(&catalogue.document(&found)).unwrap();
        assert_eq!(document, policy["document"]);
    }
}

#[test]
fn a_future_action_ends_each_service() {
    let catalogue = Catalogue::embedded();
    let s3 = catalogue.service("S3").unwrap();
    assert_eq!(s3.name, "s3");
    assert_eq!(catalogue.action(s3.future()).name, "");
    assert_eq!(catalogue.action(s3.future()).service, "s3");
    assert_eq!(catalogue.resource_types(s3.future()).count(), 0);
    assert!(s3.actions().all(|id| !catalogue.action(id).name.is_empty()));
}

#[test]
fn managed_policies_are_found_where_they_are() {
    let catalogue = Catalogue::embedded();
    let found = |written: &str| match catalogue.managed_policy(written) {
        ManagedLookup::Found(policy) => policy.arn("aws"),
        other => panic!("{written}: {other:?}"),
    };
    assert_eq!(found("PowerUserAccess"), "arn:aws:iam::aws:policy/PowerUserAccess");
    assert_eq!(found("job-function/ViewOnlyAccess"), "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess");
    assert_eq!(found("arn:aws-us-gov:iam::aws:policy/ReadOnlyAccess"), "arn:aws:iam::aws:policy/ReadOnlyAccess");

    let ManagedLookup::Elsewhere(right) = catalogue.managed_policy("ViewOnlyAccess") else { panic!() };
    assert_eq!(right.reference(), "job-function/ViewOnlyAccess");
    let ManagedLookup::Elsewhere(right) = catalogue.managed_policy("arn:aws:iam::aws:policy/powerUserAccess") else {
        panic!()
    };
    assert_eq!(right.reference(), "PowerUserAccess");
    let ManagedLookup::Unknown(Some(near)) = catalogue.managed_policy("ReadOnlyAcess") else { panic!() };
    assert_eq!(near.name, "ReadOnlyAccess");
    assert!(matches!(catalogue.managed_policy("arn:aws:iam::123456789012:policy/Own"), ManagedLookup::Unknown(None)));
}

#[test]
fn policies_of_service_linked_roles_cannot_be_attached() {
    let catalogue = Catalogue::embedded();
    let of_path = |path: &str| catalogue.managed_policies().find(|policy| policy.path == path).unwrap();
    assert!(!of_path("/aws-service-role/").is_attachable());
    assert!(!of_path("/root-task/").is_attachable());
    assert!(of_path("/service-role/").is_attachable());
}

#[test]
fn every_escalation_path_has_actions_and_words() {
    let catalogue = Catalogue::embedded();
    for path in catalogue.escalation_paths() {
        assert!(!path.actions.is_empty() && !path.says.is_empty() && !path.source.is_empty(), "{}", path.id);
        if path.class == PathClass::Pass {
            let action = catalogue.action(path.actions[0]);
            assert_eq!((action.service, action.name), ("iam", "PassRole"), "{}", path.id);
        }
        assert_eq!(path.passed_to.is_empty(), path.class != PathClass::Pass, "{}", path.id);
    }
}

/// Services that no AWS-managed policy names as the receiver of a role, as the Developer Guides of Data Pipeline, GameLift
/// and Managed Service for Apache Flink have roles trust them.
const PASSED_TO_BY_NO_POLICY: [&str; 3] =
    ["datapipeline.amazonaws.com", "gamelift.amazonaws.com", "kinesisanalytics.amazonaws.com"];

#[test]
fn roles_are_passed_to_services_that_aws_passes_roles_to() {
    let catalogue = Catalogue::embedded();
    let mut receivers = BTreeSet::new();
    for policy in catalogue.managed_policies().map(|policy| Policy::aws_managed(&policy)) {
        let atoms = policy.statements.iter().flat_map(|statement| &statement.conditions);
        let named = atoms.filter(|atom| &*atom.key == "iam:passedtoservice").flat_map(|atom| &atom.values);
        receivers.extend(named.map(ToString::to_string));
    }
    assert!(receivers.len() > 100);
    for path in catalogue.escalation_paths() {
        for name in &path.passed_to {
            assert_ne!(receivers.contains(*name), PASSED_TO_BY_NO_POLICY.contains(name), "{}: {name}", path.id);
        }
    }
    let is_named = |name: &str| receivers.iter().any(|pattern| Glob::new(pattern, false).matches(name));
    let takes = |service: &str| catalogue.role_passing_actions().any(|id| catalogue.action(id).service == service);
    assert!(RECEIVERS.is_sorted());
    for (service, names) in RECEIVERS {
        assert!(takes(service) && names.iter().all(|name| is_named(name)), "{service}");
    }
    for (_, here, there) in RENAMED {
        assert!(is_named(here) && is_named(there), "{there}");
        assert!(catalogue.escalation_paths().any(|path| path.passed_to.contains(&here)), "{here}");
    }
}

#[test]
fn condition_keys_with_a_part_of_ones_own_are_known() {
    let catalogue = Catalogue::embedded();
    let name = |key: &str| catalogue.condition_key(key).map(|key| key.name);
    assert_eq!(name("AWS:resourcetag/team"), Some("aws:ResourceTag/${TagKey}"));
    assert_eq!(name("aws:ResourceTag/"), None);
    assert_eq!(
        name("codebuild:secondarySources/main.auth.type"),
        Some("codebuild:secondarySources/${sourceIdentifier}.auth.type")
    );
    assert_eq!(name("iam:PassedToServices"), None);
    let principal_tag = catalogue.condition_key("aws:PrincipalTag/team").unwrap();
    assert!(principal_tag.is_global && !principal_tag.is_multivalued);
    let tag_keys = catalogue.condition_key("aws:tagkeys").unwrap();
    assert!(tag_keys.is_multivalued && !tag_keys.is_global && tag_keys.kind == KeyType::String);
    assert_eq!(catalogue.condition_key("aws:SourceIp").unwrap().kind, KeyType::IpAddress);
}

#[test]
fn actions_list_their_condition_keys() {
    let catalogue = Catalogue::embedded();
    let lists = |action: &str, key: &str| {
        catalogue.lists_key(catalogue.action_named(action).unwrap(), &catalogue.condition_key(key).unwrap())
    };
    assert!(lists("iam:PassRole", "iam:PassedToService"));
    assert!(!lists("iam:CreateRole", "iam:PassedToService"));
    assert!(lists("iam:CreateRole", "iam:ResourceTag/team"), "a key of its resource");
    assert!(lists("s3:PutObject", "s3:RequestObjectTag/team"));
    let service = catalogue.service("iam").unwrap();
    assert_eq!(catalogue.condition_keys_of(service.future()).count(), 0);
    assert!(!catalogue.lists_key(service.future(), &catalogue.condition_key("iam:PassedToService").unwrap()));
    for line in ACTIONS.lines().filter(|line| !line.starts_with('#')) {
        let columns: Vec<&str> = line.split('\t').collect();
        for key in columns[5].split(',').filter(|key| !key.is_empty()) {
            let Some(key) = catalogue.condition_key(key) else {
                assert_eq!(key, "kms:RecipientAttestation:PCR8:ServiceName");
                continue;
            };
            let action = catalogue.action_named(&columns[..2].join(":")).unwrap();
            assert!(catalogue.lists_key(action, &key), "{line}");
            assert!(catalogue.condition_keys_of(action).any(|known| known == key), "{line}");
        }
    }
}

#[test]
fn the_data_is_dated() {
    let catalogue = Catalogue::embedded();
    assert_eq!(ACTIONS.lines().next(), Some(format!("# as of {}", catalogue.actions_as_of()).as_str()));
    assert_eq!(catalogue.managed_policies_as_of().len(), 10);
}
