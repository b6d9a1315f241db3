//! What is offered exists, can be used where it is offered, and grants no more than what was written reads like.

use super::*;
use crate::iam::catalogue::{ActionLookup, UnknownKey};

fn meant(action: &str) -> Meant {
    match Catalogue::embedded().look_up_action(action) {
        ActionLookup::UnknownAction(meant) | ActionLookup::UnknownService(meant) => meant,
        other => panic!("{action}: {other:?}"),
    }
}

fn instead(names: &[&str]) -> Meant {
    Meant::Instead(names.iter().map(|&name| name.to_owned()).collect())
}

fn near(name: &str) -> Meant {
    Meant::Near(name.to_owned())
}

fn rows() -> impl Iterator<Item = (&'static str, Vec<&'static str>)> {
    let rows = MISTAKEN.lines().filter(|line| !line.starts_with('#'));
    rows.map(|row| row.split_once('\t').unwrap()).map(|(name, meant)| (name, meant.split(',').collect()))
}

#[test]
fn what_the_table_offers_exists_and_what_it_answers_does_not() {
    let catalogue = Catalogue::embedded();
    let exists = |name: &str| match name {
        _ if name.starts_with("arn:") => {
            matches!(catalogue.managed_policy(name), ManagedLookup::Found(policy) if policy.is_attachable())
        }
        _ if name.contains(':') => catalogue.action_named(name).is_some_and(|id| {
            let action = catalogue.action(id);
            format!("{}:{}", action.service, action.name) == name
        }),
        _ => catalogue.service(name).is_some_and(|service| service.name == name),
    };
    for (name, meant) in rows() {
        assert!(!exists(name), "AWS has {name}");
        assert!(catalogue.tombstone(name).is_none(), "AWS had {name}");
        assert!(meant.iter().all(|name| exists(name)), "{name}: {meant:?}");
    }
}

#[test]
fn the_table_names_nothing_twice() {
    let mut seen = std::collections::BTreeSet::new();
    assert!(rows().all(|(name, _)| seen.insert(name.to_ascii_lowercase())));
}

#[test]
fn the_table_answers_no_reading_name_with_a_writing_one() {
    let catalogue = Catalogue::embedded();
    for (name, meant) in rows() {
        let Some((_, action)) = name.split_once(':').filter(|_| !name.starts_with("arn:")) else { continue };
        if matches!(level_of(verb(action)), AccessLevel::List | AccessLevel::Read) {
            for id in meant.iter().map(|name| catalogue.action_named(name).unwrap()) {
                assert!(
                    matches!(catalogue.action(id).level, AccessLevel::List | AccessLevel::Read),
                    "{name}: {meant:?}"
                );
            }
        }
    }
}

#[test]
fn operations_are_answered_with_their_permissions() {
    for (operation, permissions) in [
        ("s3:ListObjects", &["s3:ListBucket"][..]),
        ("s3:listobjectsv2", &["s3:ListBucket"]),
        ("s3:HeadBucket", &["s3:ListBucket"]),
        ("s3:HeadObject", &["s3:GetObject"]),
        ("s3:ListBuckets", &["s3:ListAllMyBuckets"]),
        ("s3:CopyObject", &["s3:GetObject", "s3:PutObject"]),
        ("lambda:Invoke", &["lambda:InvokeFunction"]),
        ("apigateway:GetRestApis", &["apigateway:GET"]),
        ("kms:ReEncrypt", &["kms:ReEncryptFrom", "kms:ReEncryptTo"]),
    ] {
        assert_eq!(meant(operation), instead(permissions), "{operation}");
    }
    assert_eq!(Catalogue::embedded().meant_pattern("s3:ListObjects*"), instead(&["s3:ListBucket"]));
    assert_eq!(Catalogue::embedded().meant_pattern("s3:Fetch*"), Meant::Nothing);
}

#[test]
fn services_are_answered_where_they_have_the_action() {
    assert_eq!(meant("cloudwatchlogs:PutLogEvents"), instead(&["logs:PutLogEvents"]));
    assert_eq!(meant("cloudwatchlogs:Put*"), instead(&["logs:Put*"]));
    assert_eq!(meant("cloudwatchlogs:*"), instead(&["logs:*"]));
    assert_eq!(meant("CloudWatchLogs:Frobnicate"), Meant::Service("logs"));
    assert_eq!(meant("cognito:GetId"), instead(&["cognito-identity:GetId"]));
    assert_eq!(meant("lamda:CreateFunction"), near("lambda:CreateFunction"));
    assert_eq!(meant("lamda:Invoke"), instead(&["lambda:InvokeFunction"]));
    assert_eq!(meant("ss3:GetObjekt"), near("s3:GetObject"));
    assert_eq!(meant("identity:Foo"), Meant::Nothing);
    // The verb and the noun under the wrong service; the nearest service does not have them.
    assert_eq!(meant("cloudwach:PutLogEvents"), near("logs:PutLogEvents"));
    assert_eq!(meant("ec2:UpdateFunctionCode"), near("lambda:UpdateFunctionCode"));
}

#[test]
fn services_of_arns_and_condition_keys_are_answered() {
    let catalogue = Catalogue::embedded();
    assert_eq!(catalogue.meant_arn_service("cloudwatchlogs"), Some("logs"));
    assert_eq!(catalogue.meant_arn_service("efs"), Some("elasticfilesystem"));
    assert_eq!(catalogue.meant_arn_service("nosuchthing"), None);
    let key = |written: &str| catalogue.look_up_unknown_key(written);
    assert_eq!(key("aws:PrincipalOrg"), UnknownKey::Unknown(Some("aws:PrincipalOrgID".to_owned())));
    assert_eq!(key("aws:PrincipalRegion"), UnknownKey::Unknown(None));
    assert_eq!(catalogue.spelled("aws:requestedregion"), "aws:RequestedRegion");
    assert_eq!(catalogue.spelled("aws:principaltag/cost-centre"), "aws:PrincipalTag/cost-centre");
    assert_eq!(catalogue.spelled("nosuchthing:key"), "nosuchthing:key");
}

#[test]
fn slips_are_answered_with_the_same_verb() {
    assert_eq!(meant("s3:GetObjekt"), near("s3:GetObject"));
    assert_eq!(meant("s3:GteObject"), near("s3:GetObject"));
    assert_eq!(meant("s3:getobjects"), near("s3:GetObject"));
    assert_eq!(meant("iam:AtachRolePolicy"), near("iam:AttachRolePolicy"));
    assert_eq!(meant("ec2:ListInstances"), near("ec2:DescribeInstances"));
    assert_eq!(meant("iam:DescribeRole"), near("iam:GetRole"));
    assert_eq!(meant("iam:DescribeRoles"), near("iam:ListRoles"));
    // The nearest names do something else, or change who may do what.
    assert_eq!(meant("s3:AddBucketPolicy"), Meant::Nothing);
    assert_eq!(meant("s3:GetBucketRegion"), Meant::Nothing);
}

#[test]
fn a_reading_name_is_never_answered_with_a_writing_one() {
    let catalogue = Catalogue::embedded();
    for service in ["iam", "s3"].map(|prefix| catalogue.service(prefix).unwrap()) {
        for known in service.actions().map(|id| catalogue.action_name(id.0)) {
            let noun = &known[verb(known).len()..];
            for reading in ["Head", "List", "Get", "Describe"] {
                let written = format!("{}:{reading}{noun}", service.name);
                let ActionLookup::UnknownAction(Meant::Near(near)) = catalogue.look_up_action(&written) else {
                    continue;
                };
                let action = catalogue.action(catalogue.action_named(&near).unwrap());
                let is_reading = matches!(action.level, AccessLevel::List | AccessLevel::Read);
                assert!(is_reading || has_verb(action.name, reading), "{written}: {near}");
            }
        }
    }
}

#[test]
fn policies_are_answered_with_ones_that_can_be_attached() {
    let catalogue = Catalogue::embedded();
    let meant = |written: &str| match catalogue.managed_policy(written) {
        ManagedLookup::Unknown(near) => near.map(|policy| policy.reference()),
        other => panic!("{written}: {other:?}"),
    };
    for (written, policy) in [
        ("ReadOnlyAcess", "ReadOnlyAccess"),
        ("AdminstratorAccess", "AdministratorAccess"),
        ("Administrator", "AdministratorAccess"),
        ("AWSLambdaFullAccess", "AWSLambda_FullAccess"),
        ("AmazonLambdaFullAccess", "AWSLambda_FullAccess"),
        ("AWSS3ReadOnlyAccess", "AmazonS3ReadOnlyAccess"),
        ("AWSConfigRole", "service-role/AWS_ConfigRole"),
        ("AmazonEC2ContainerServiceFullAccess", "AmazonECS_FullAccess"),
        ("AWSElasticBeanstalkFullAccess", "AdministratorAccess-AWSElasticBeanstalk"),
    ] {
        assert_eq!(meant(written).as_deref(), Some(policy), "{written}");
    }
    // EC2 is another service than ECS.
    assert_eq!(meant("AmazonECSReadOnlyAccess"), None);
    assert_eq!(meant("FrobnicateAccess"), None);
    // Its later name is withdrawn, too.
    assert!(matches!(catalogue.managed_policy("AWSOpsWorksFullAccess"), ManagedLookup::Removed(_)));
}
