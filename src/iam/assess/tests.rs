//! Permission sets whose reach is known: the traps that detectors of escalation are measured by, and AWS's own policies.

use std::sync::Arc;

use super::*;
use crate::iam::catalogue::ManagedLookup;

/// A document of these statements, in the notation of JSON.
fn document(statements: &str) -> Attached {
    let json = format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#);
    let policy = Policy::of_json(&json);
    assert!(!policy.incomplete, "{json}");
    Attached { name: PolicyName::Inline, policy: Some(Arc::new(policy)) }
}

/// `Allow` of actions, separated by blanks, on a resource, with the content of a condition.
fn allow(actions: &str, resource: &str, condition: &str) -> String {
    statement("Allow", "Action", actions, resource, condition)
}

fn deny(actions: &str, resource: &str, condition: &str) -> String {
    statement("Deny", "Action", actions, resource, condition)
}

fn statement(effect: &str, element: &str, actions: &str, resource: &str, condition: &str) -> String {
    let actions: Vec<&str> = actions.split(' ').collect();
    format!(
        r#"{{"Effect":"{effect}","{element}":{},"Resource":"{resource}","Condition":{{{condition}}}}}"#,
        serde_json::to_string(&actions).unwrap()
    )
}

fn managed(reference: &str) -> Attached {
    match Catalogue::embedded().managed_policy(reference) {
        ManagedLookup::Found(policy) => Assessor::new(Facts::default()).attach_aws_managed(&policy),
        other => panic!("{reference}: {other:?}"),
    }
}

fn assess_with(facts: Facts, policies: Vec<Attached>, boundary: Option<Attached>) -> Assessment {
    Assessor::new(facts).assess(&PermissionSetPolicies { policies, boundary, ..PermissionSetPolicies::default() })
}

fn assess(policies: Vec<Attached>) -> Assessment {
    assess_with(Facts::default(), policies, None)
}

/// The findings that need a boundary on a member account: the path or the class, and the certainty.
fn dangers(assessment: &Assessment) -> Vec<String> {
    let word = |finding: &Finding| {
        let name = finding.path.map_or_else(|| format!("{:?}", finding.class), str::to_owned);
        format!("{name} {:?}", finding.certainty)
    };
    assessment.needs_boundary(AccountKind::Member).map(word).collect()
}

fn dangers_of(statements: &[String]) -> Vec<String> {
    dangers(&assess(vec![document(&statements.join(","))]))
}

const NOTHING: [&str; 0] = [];
/// One customer-managed boundary, demanded of whatever is made.
const HELD: &str = r#""StringEquals":{"iam:PermissionsBoundary":"arn:aws:iam::123456789012:policy/Held"}"#;
const UNLESS_HELD: &str = r#""StringNotEquals":{"iam:PermissionsBoundary":"arn:aws:iam::123456789012:policy/Held"}"#;

#[test]
fn administrator_access_is_full() {
    let assessment = assess(vec![managed("AdministratorAccess")]);
    let first = &assessment.findings[0];
    assert_eq!((first.class, first.certainty), (Class::FullAdmin, Certainty::Proven));
    assert!(assessment.reaches_iam_wildcard().is_some());
    assert_eq!(assessment.findings.len(), 1, "who can do everything needs no way to it");
}

#[test]
fn power_user_access_escalates_through_roles() {
    let assessment = assess(vec![managed("PowerUserAccess")]);
    assert_eq!(assessment.findings[0].class, Class::NearAdmin);
    assert_eq!(dangers(&assessment), ["assume-role Proven", "assume-root Proven"]);
    assert!(assessment.reaches_iam_wildcard().is_none());
    let administrative: Vec<_> =
        assessment.needs_boundary(AccountKind::Administrative).filter_map(|f| f.path).collect();
    assert!(administrative.contains(&"create-account-assignment"));
    assert!(assessment.findings.iter().any(|finding| finding.path == Some("update-function-code")));
}

#[test]
fn iam_is_recognized_by_what_it_grants() {
    let reaches = |statements: &[String]| {
        let assessment = assess(vec![document(&statements.join(","))]);
        assessment.reaches_iam_wildcard().map(|finding| finding.certainty)
    };
    assert_eq!(reaches(&[allow("iam:*", "*", "")]), Some(Certainty::Proven));
    assert_eq!(reaches(&[allow("iam:?*", "*", "")]), Some(Certainty::Proven));
    assert_eq!(reaches(&[allow("*", "*", "")]), Some(Certainty::Proven));
    assert_eq!(reaches(&[statement("Allow", "NotAction", "s3:*", "*", "")]), Some(Certainty::Proven));
    assert_eq!(reaches(&[allow("iam:*", "*", ""), deny("iam:*", "*", "")]), None);
    assert_eq!(reaches(&[allow("iam:Get* iam:List*", "*", "")]), None);
    assert_eq!(reaches(&[allow("iam:*", "arn:aws:iam::*:user/${aws:username}", "")]), None);
    let mfa = r#""BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}"#;
    assert_eq!(reaches(&[allow("iam:*", "*", ""), deny("iam:*", "*", mfa)]), Some(Certainty::Possible));
    let office = r#""IpAddress":{"aws:SourceIp":"203.0.113.0/24"}"#;
    assert_eq!(reaches(&[allow("iam:*", "*", office)]), Some(Certainty::Conditional));
    // A Deny that the Allow's own condition rules out takes nothing away.
    let elsewhere = r#""NotIpAddress":{"aws:SourceIp":"203.0.113.0/24"}"#;
    assert_eq!(reaches(&[allow("iam:*", "*", office), deny("iam:*", "*", elsewhere)]), Some(Certainty::Conditional));
}

#[test]
fn a_boundary_counts_for_what_it_stops() {
    let admin = || vec![managed("AdministratorAccess")];
    let with = |boundary: Attached| assess_with(Facts::default(), admin(), Some(boundary));

    let open = with(document(&allow("*:*", "*", "")));
    assert_eq!(open.boundary, BoundaryEffect::Unrestricting);
    assert_eq!(open.findings[0].class, Class::FullAdmin);
    let open = with(managed("AdministratorAccess"));
    assert_eq!(open.boundary, BoundaryEffect::Unrestricting);

    let tight = with(document(&allow("s3:* ec2:* logs:*", "*", "")));
    assert_eq!(tight.boundary, BoundaryEffect::Restricting);
    assert_eq!(dangers(&tight), NOTHING);
    assert!(tight.reaches_iam_wildcard().is_none());

    let denying = with(document(&[allow("*", "*", ""), deny("iam:* sts:*", "*", "")].join(",")));
    assert_eq!(dangers(&denying), NOTHING);
    assert_eq!(denying.findings[0].class, Class::NearAdmin);

    let power = with(managed("PowerUserAccess"));
    assert_eq!(dangers(&power), ["assume-role Proven", "assume-root Proven"]);
    assert!(power.reaches_iam_wildcard().is_none());
}

#[test]
fn everything_but_a_few_services_leaves_no_way_when_they_are_the_right_ones() {
    let near = [statement("Allow", "NotAction", "iam:* sts:* organizations:*", "*", "")];
    let assessment = assess(vec![document(&near.join(","))]);
    assert_eq!(assessment.findings[0].class, Class::NearAdmin);
    assert_eq!(dangers(&assessment), NOTHING);
    let denied = [statement("Allow", "NotAction", "iam:*", "*", ""), deny("sts:Assume*", "*", "")];
    assert_eq!(dangers_of(&denied), NOTHING);
}

#[test]
fn passing_a_role_needs_a_partner_that_receives_it() {
    let to = |service: &str| format!(r#""StringEquals":{{"iam:PassedToService":"{service}.amazonaws.com"}}"#);
    let pass = |service: &str| allow("iam:PassRole", "*", &to(service));
    let lambda = allow("lambda:CreateFunction lambda:InvokeFunction", "*", "");
    assert_eq!(dangers_of(&[pass("ec2"), lambda.clone()]), NOTHING);
    assert_eq!(dangers_of(&[pass("ec2"), allow("ec2:RunInstances", "*", "")]), ["pass-role-ec2 Proven"]);
    assert_eq!(dangers_of(&[pass("lambda"), lambda.clone()]), ["pass-role-lambda-invoke Proven"]);
    assert_eq!(dangers_of(&[allow("iam:PassRole", "*", "")]), NOTHING);
    // A cluster has a role of its own, and its instances have another.
    let emr = allow("elasticmapreduce:RunJobFlow", "*", "");
    assert_eq!(dangers_of(&[pass("ec2"), emr.clone()]), NOTHING);
    assert_eq!(dangers_of(&[pass("elasticmapreduce"), emr.clone()]), NOTHING);
    let split = [pass("elasticmapreduce"), pass("ec2"), emr];
    assert_eq!(dangers_of(&split), ["pass-role-emr Proven"]);
    let set = PermissionSetPolicies { policies: vec![document(&split.join(","))], ..Default::default() };
    let assessment = Assessor::new(Facts::default()).assess(&set);
    assert_eq!(
        assessment.findings[0].sentence(&set),
        "grants `iam:PassRole` (inline policy, statement 1); with `iam:PassRole` (inline policy, statement 2) and \
         `elasticmapreduce:RunJobFlow` (inline policy, statement 3) this allows running a cluster as any EMR role"
    );
    // The principal of EC2 has another name in China.
    let run = allow("ec2:RunInstances", "*", "");
    let china = Facts { partition: "aws-cn".to_owned(), ..Facts::default() };
    let there =
        |pass: String| dangers(&assess_with(china.clone(), vec![document(&[pass, run.clone()].join(","))], None));
    let to_cn = allow("iam:PassRole", "*", r#""StringEquals":{"iam:PassedToService":"ec2.amazonaws.com.cn"}"#);
    assert_eq!(there(to_cn), ["pass-role-ec2 Proven"]);
    assert_eq!(there(pass("ec2")), NOTHING);
    // A Deny of everything but one service leaves that one.
    let only_ec2 = deny("iam:PassRole", "*", r#""StringNotEquals":{"iam:PassedToService":"ec2.amazonaws.com"}"#);
    assert_eq!(dangers_of(&[allow("iam:PassRole", "*", ""), only_ec2, lambda.clone()]), NOTHING);
    // Named roles may be harmless; the sentence says on what it depends.
    let named = allow("iam:PassRole", "arn:aws:iam::*:role/app-*", "");
    assert_eq!(dangers_of(&[named, lambda]), ["pass-role-lambda-invoke Possible"]);
}

#[test]
fn a_role_may_be_handed_to_a_service_of_which_no_more_is_known() {
    let sink = |statements: &[String]| {
        let assessment = assess(vec![document(&statements.join(","))]);
        let sink = assessment.findings.iter().find(|finding| finding.class == Class::RoleSink)?;
        assert_eq!(sink.certainty, Certainty::Possible);
        let action = sink.steps.last().and_then(|step| step.action).unwrap();
        Some(Catalogue::embedded().action(action).name)
    };
    let pass = |service: &str| {
        let to = format!(r#""StringEquals":{{"iam:PassedToService":"{service}.amazonaws.com"}}"#);
        allow("iam:PassRole", "arn:aws:iam::*:role/*", &to)
    };
    let backup = allow("backup:StartRestoreJob", "*", "");
    assert_eq!(sink(&[allow("iam:PassRole", "*", ""), backup.clone()]), Some("StartRestoreJob"));
    assert_eq!(sink(&[pass("backup"), backup.clone()]), Some("StartRestoreJob"));
    assert_eq!(sink(&[pass("restore-testing.backup"), backup.clone()]), Some("StartRestoreJob"));
    assert_eq!(sink(&[pass("lambda"), backup.clone()]), None);
    assert_eq!(sink(std::slice::from_ref(&backup)), None);
    assert_eq!(sink(&[allow("iam:PassRole", "*", "")]), None);
    assert_eq!(sink(&[allow("iam:PassRole", "arn:aws:iam::*:role/aws-service-role/*", ""), backup]), None);
    // What a way to more is known of is told as that way.
    assert_eq!(sink(&[pass("ec2"), allow("ec2:RunInstances", "*", "")]), None);
    // Of a service whose principal is not known, any receiver may be it.
    assert_eq!(sink(&[pass("osis-pipelines"), allow("osis:CreatePipeline", "*", "")]), Some("CreatePipeline"));
    // Who administers IAM needs no way to it.
    assert_eq!(sink(&[allow("iam:* backup:*", "*", "")]), None);
}

#[test]
fn policies_are_judged_together() {
    let split = assess(vec![document(&allow("iam:PassRole", "*", "")), document(&allow("ec2:RunInstances", "*", ""))]);
    assert_eq!(dangers(&split), ["pass-role-ec2 Proven"]);
    let steps: Vec<_> =
        split.needs_boundary(AccountKind::Member).flat_map(|f| f.steps.iter().map(|s| s.policy)).collect();
    assert_eq!(steps, [0, 1]);
    assert!(dangers(&assess(vec![managed("AWSLambda_FullAccess")]))[0].starts_with("pass-role-lambda"));
    let together = assess(vec![managed("AWSCloudFormationFullAccess"), document(&allow("iam:PassRole", "*", ""))]);
    assert!(dangers(&together).contains(&"pass-role-cloudformation-stack Proven".to_owned()));
}

#[test]
fn traps_of_detectors() {
    // The grant is limited to one resource, or holds under a condition only: still a way.
    assert_eq!(dangers_of(&[allow("iam:PutRolePolicy", "arn:aws:iam::*:role/app", "")]), ["put-role-policy Proven"]);
    let office = r#""IpAddress":{"aws:SourceIp":"203.0.113.0/24"}"#;
    assert_eq!(dangers_of(&[allow("iam:CreatePolicyVersion", "*", office)]), ["create-policy-version Conditional"]);
    assert_eq!(
        dangers_of(&[allow("iam:CreateAccessKey", "arn:aws:iam::*:user/root", "")]),
        ["create-access-key Possible"]
    );
    assert_eq!(dangers_of(&[statement("Allow", "NotAction", "s3:* sts:*", "arn:aws:iam::*:role/x", "")]).len(), 5);
    // Policies of AWS cannot be changed, its reserved roles neither.
    assert_eq!(dangers_of(&[allow("iam:CreatePolicyVersion", "arn:aws:iam::aws:policy/*", "")]), NOTHING);
    let reserved = "arn:aws:iam::*:role/aws-reserved/sso.amazonaws.com/*";
    assert_eq!(dangers_of(&[allow("iam:PutRolePolicy iam:AttachRolePolicy", reserved, "")]), NOTHING);
    // A condition on time that no request meets any more.
    let past = r#""DateLessThan":{"aws:TokenIssueTime":"2020-01-01T00:00:00Z"}"#;
    let facts = || Facts { as_of: Some(1_800_000_000), ..Facts::default() };
    let dead = assess_with(facts(), vec![document(&allow("iam:PutRolePolicy", "*", past))], None);
    assert_eq!(dangers(&dead), NOTHING);
    // The Deny that revokes older sessions is as dead.
    let revoked = [allow("iam:PutRolePolicy", "*", ""), deny("*", "*", past)].join(",");
    assert_eq!(dangers(&assess_with(facts(), vec![document(&revoked)], None)), ["put-role-policy Proven"]);
    // A Deny on some resources leaves the others.
    let some = deny("iam:PutRolePolicy", "arn:aws:iam::*:role/admin*", "");
    assert_eq!(dangers_of(&[allow("iam:PutRolePolicy", "*", ""), some]), ["put-role-policy Proven"]);
    // Looking after one's own credentials is no way for a session of a role.
    let own = allow("iam:CreateAccessKey iam:UpdateLoginProfile", "arn:aws:iam::*:user/${aws:username}", "");
    assert_eq!(dangers_of(&[own]), NOTHING);
    // A condition that contradicts itself never holds.
    let never = r#""StringEquals":{"aws:x":"a"},"StringLike":{"aws:x":"b*"}"#;
    assert_eq!(dangers_of(&[allow("iam:PutRolePolicy", "*", never)]), NOTHING);
}

#[test]
fn assuming_roles_counts_when_it_is_not_limited() {
    assert_eq!(dangers_of(&[allow("sts:AssumeRole", "*", "")]), ["assume-role Proven"]);
    assert_eq!(dangers_of(&[allow("sts:AssumeRole", "arn:aws:iam::123456789012:role/*", "")]), ["assume-role Proven"]);
    assert_eq!(dangers_of(&[allow("sts:AssumeRole", "arn:aws:iam::*:role/Deploy", "")]), NOTHING);
}

#[test]
fn delegation_by_boundary_mitigates() {
    let make = "iam:CreateRole iam:PutRolePolicy iam:AttachRolePolicy";
    assert_eq!(dangers_of(&[allow(make, "*", HELD)]), NOTHING);
    assert_eq!(dangers_of(&[allow(make, "*", ""), deny(make, "*", UNLESS_HELD)]), NOTHING);
    // Taking the boundary off again is not delegated.
    let off = "iam:DeleteRolePermissionsBoundary";
    assert_eq!(
        dangers_of(&[allow(make, "*", HELD), allow(off, "*", HELD)]),
        ["delete-role-permissions-boundary Conditional"]
    );
    // A boundary that any policy can be, or that stops nothing, holds nobody.
    let any = r#""StringLike":{"iam:PermissionsBoundary":"*"}"#;
    assert_eq!(dangers_of(&[allow("iam:PutRolePolicy", "*", any)]), ["put-role-policy Conditional"]);
    let open = r#""StringEquals":{"iam:PermissionsBoundary":"arn:aws:iam::aws:policy/AdministratorAccess"}"#;
    assert_eq!(dangers_of(&[allow("iam:PutRolePolicy", "*", open)]), ["put-role-policy Conditional"]);
    // The boundary of the set can demand it too.
    let boundary = document(&allow(make, "*", HELD));
    let set = assess_with(Facts::default(), vec![document(&allow("iam:*", "*", ""))], Some(boundary));
    assert_eq!(dangers(&set), NOTHING);
}

#[test]
fn attaching_harmless_policies_mitigates() {
    let only =
        |policy: &str| allow("iam:AttachRolePolicy", "*", &format!(r#""ArnEquals":{{"iam:PolicyARN":"{policy}"}}"#));
    assert_eq!(dangers_of(&[only("arn:aws:iam::aws:policy/ReadOnlyAccess")]), NOTHING);
    assert_eq!(dangers_of(&[only("arn:aws:iam::aws:policy/IAMFullAccess")]), ["attach-role-policy Conditional"]);
    assert_eq!(dangers_of(&[only("arn:aws:iam::aws:policy/*")]), ["attach-role-policy Conditional"]);
    assert_eq!(dangers_of(&[only("arn:aws:iam::123456789012:policy/Team")]), ["attach-role-policy Possible"]);
}

#[test]
fn settled_roles_mitigate() {
    let facts = Facts {
        passable_roles: vec!["arn:aws:iam::*:role/PassableRoles/*".into()],
        assumable_roles: vec!["arn:aws:iam::*:role/*".into()],
        ..Facts::default()
    };
    let pass = allow("iam:PassRole", "arn:aws:iam::*:role/PassableRoles/ci-*", "");
    let statements = [pass, allow("ec2:RunInstances", "*", ""), allow("sts:AssumeRole", "arn:aws:iam::*:role/*", "")];
    assert_eq!(dangers(&assess_with(facts, vec![document(&statements.join(","))], None)), NOTHING);
}

#[test]
fn what_is_not_known_is_never_proven() {
    let missing = || Attached { name: PolicyName::CustomerManaged("TeamBase".into()), policy: None };
    let set = assess(vec![managed("AdministratorAccess"), missing()]);
    assert_eq!(set.undecided, [PolicyName::CustomerManaged("TeamBase".into())]);
    assert!(set.findings.iter().all(|finding| finding.certainty < Certainty::Proven));
    assert_eq!(set.findings[0].class, Class::FullAdmin);
    assert!(set.findings[0].caveats[0].contains("`TeamBase`"));

    let bounded = assess_with(Facts::default(), vec![managed("AdministratorAccess")], Some(missing()));
    assert_eq!(bounded.boundary, BoundaryEffect::Undecided);
    assert!(bounded.findings.iter().all(|finding| finding.certainty == Certainty::Possible));

    let alone = assess(vec![missing()]);
    assert_eq!((alone.findings.len(), alone.undecided.len()), (0, 1));
}

#[test]
fn unmapped_attributes_never_match() {
    let tag = r#""StringEquals":{"aws:PrincipalTag/Department":"ops"}"#;
    let set = |tags: Option<Vec<String>>| {
        let facts = Facts { session_tags: tags, ..Facts::default() };
        dangers(&assess_with(facts, vec![document(&allow("iam:PutRolePolicy", "*", tag))], None))
    };
    assert_eq!(set(Some(vec!["CostCenter".into()])), NOTHING);
    assert_eq!(set(Some(vec!["department".into()])), ["put-role-policy Conditional"]);
    assert_eq!(set(None), ["put-role-policy Conditional"]);
}

#[test]
fn policies_for_looking_are_clean() {
    for reference in [
        "ReadOnlyAccess",
        "SecurityAudit",
        "job-function/ViewOnlyAccess",
        "job-function/Billing",
        "job-function/SupportUser",
        "AmazonS3FullAccess",
        "AWSBillingReadOnlyAccess",
    ] {
        let assessment = assess(vec![managed(reference)]);
        let administrative: Vec<_> = assessment.needs_boundary(AccountKind::Administrative).collect();
        assert!(administrative.is_empty(), "{reference}: {administrative:#?}");
    }
}

#[test]
fn policies_that_escalate_where_identity_center_is_administered() {
    for reference in ["AWSSSOMasterAccountAdministrator", "AWSSSODirectoryAdministrator", "AWSOrganizationsFullAccess"]
    {
        let assessment = assess(vec![managed(reference)]);
        assert!(assessment.needs_boundary(AccountKind::Administrative).next().is_some(), "{reference}");
        assert!(dangers(&assessment).iter().all(|danger| !danger.ends_with("Proven")), "{reference}");
    }
}

#[test]
fn a_conditional_deny_of_aws_does_not_subtract() {
    let assessment = assess(vec![managed("aws-service-role/AWSEC2SpotServiceRolePolicy")]);
    assert!(assessment.findings.iter().any(|finding| finding.path == Some("pass-role-ec2")), "{assessment:#?}");
}

#[test]
fn findings_read_as_sentences() {
    let set = PermissionSetPolicies {
        policies: vec![managed("AWSLambda_FullAccess"), document(&allow("iam:PassRole", "*", ""))],
        ..PermissionSetPolicies::default()
    };
    let assessment = Assessor::new(Facts::default()).assess(&set);
    let Attached { name: PolicyName::AwsManaged(lambda), .. } = &set.policies[0] else { panic!() };
    let sentence = assessment.needs_boundary(AccountKind::Member).next().unwrap().sentence(&set);
    assert!(sentence.starts_with("grants `iam:PassRole` ("), "{sentence}");
    assert!(sentence.contains(&format!("(AWS-managed policy `AWSLambda_FullAccess` {}, statement 1)", lambda.version)));
    assert!(sentence.ends_with("this allows running code as any Lambda-trusted role"), "{sentence}");

    let plain = r#""Bool":{"aws:SecureTransport":"false"}"#;
    let set = PermissionSetPolicies {
        policies: vec![document(&[allow("iam:*", "*", ""), deny("iam:*", "*", plain)].join(","))],
        ..PermissionSetPolicies::default()
    };
    let assessment = Assessor::new(Facts::default()).assess(&set);
    assert_eq!(
        assessment.findings[0].sentence(&set),
        "grants the whole of `iam:*` (inline policy, statement 1): statement 2 of the inline policy does not deny it where \
         `aws:SecureTransport` is `true`"
    );
}

/// A level of service control policies with these documents.
fn level(full_aws_access: bool, policies: Vec<Attached>) -> ServiceControls {
    ServiceControls { full_aws_access, policies }
}

#[test]
fn service_control_policies_withhold() {
    let under = |policies: Vec<Attached>, service_controls: Vec<ServiceControls>| {
        let set = PermissionSetPolicies { policies, service_controls, ..PermissionSetPolicies::default() };
        dangers(&Assessor::new(Facts::default()).assess(&set))
    };
    let admin = || vec![managed("AdministratorAccess")];
    assert_eq!(under(admin(), vec![level(true, vec![])]), ["FullAdmin Proven"]);
    let storage = || document(&allow("s3:*", "*", ""));
    assert_eq!(under(admin(), vec![level(false, vec![storage()])]), NOTHING);
    assert_eq!(under(admin(), vec![level(false, vec![])]), NOTHING, "nothing is allowed where nothing is attached");
    // One Allow at every level, a Deny at any.
    let everything = || document(&allow("*", "*", ""));
    assert_eq!(under(admin(), vec![level(false, vec![everything()]), level(false, vec![storage()])]), NOTHING);
    assert_eq!(
        under(admin(), vec![level(false, vec![everything(), storage()]), level(true, vec![])]),
        ["FullAdmin Proven"]
    );
    let attach = || vec![document(&allow("iam:AttachUserPolicy", "*", ""))];
    assert_eq!(under(attach(), vec![level(true, vec![])]), ["attach-user-policy Proven"]);
    let denied = document(&deny("iam:*", "*", ""));
    assert_eq!(under(attach(), vec![level(true, vec![denied.clone()]), level(false, vec![everything()])]), NOTHING);
    assert_eq!(under(attach(), vec![level(false, vec![everything(), denied])]), NOTHING);
    // What an open level allows is no grant.
    assert_eq!(under(vec![storage()], vec![level(true, vec![everything()])]), NOTHING);
    // Conditions of two levels that cannot hold at once let nothing through for certain.
    let from = |vpc: &str| {
        let condition = format!(r#""StringEquals":{{"aws:SourceVpc":"{vpc}"}}"#);
        level(false, vec![document(&allow("*", "*", &condition))])
    };
    assert_eq!(under(attach(), vec![from("vpc-1"), from("vpc-1")]), ["attach-user-policy Conditional"]);
    assert_eq!(under(attach(), vec![from("vpc-1"), from("vpc-2")]), ["attach-user-policy Possible"]);
    // A policy that is not known could stop anything.
    let unknown = Attached { name: PolicyName::ServiceControl("X".to_owned()), policy: None };
    assert_eq!(under(attach(), vec![level(false, vec![unknown])]), ["attach-user-policy Possible"]);
}

#[test]
fn a_request_that_people_can_make_proves_what_a_deny_leaves() {
    let with = |condition: &str| {
        let facts = Facts { as_of: Some(1_800_000_000), session_tags: Some(vec!["team".into()]), ..Facts::default() };
        let statements = [allow("iam:PutRolePolicy", "*", ""), deny("*", "*", condition)].join(",");
        dangers(&assess_with(facts, vec![document(&statements)], None))
    };
    for avoided in [
        r#""Bool":{"aws:SecureTransport":"false"}"#,
        r#""NumericLessThan":{"ec2:RoleDelivery":"2.0"}"#,
        r#""NotIpAddress":{"aws:SourceIp":"203.0.113.0/24"}"#,
        r#""IpAddress":{"aws:SourceIp":"203.0.113.0/24"}"#,
        r#""DateGreaterThan":{"aws:CurrentTime":"2030-01-01T00:00:00Z"}"#,
        r#""Bool":{"aws:ViaAWSService":"true"}"#,
        r#""StringNotEquals":{"aws:SourceVpce":"vpce-1"}"#,
    ] {
        assert_eq!(with(avoided), ["put-role-policy Conditional"], "{avoided}");
    }
    // Nobody knows what the session carries, or it is not there to choose, or not yet.
    for open in [
        r#""StringNotEquals":{"aws:PrincipalTag/team":"ops"}"#,
        r#""StringNotEquals":{"aws:ResourceTag/team":"${aws:PrincipalTag/team}"}"#,
        r#""BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}"#,
        r#""DateLessThan":{"aws:CurrentTime":"2030-01-01T00:00:00Z"}"#,
        r#""Bool":{"aws:ViaAWSService":"false"}"#,
        r#""StringNotEquals":{"aws:SourceAccount":"123456789012"}"#,
        r#""StringNotEquals":{"saml:aud":"https://signin.aws.amazon.com/saml"}"#,
        r#""StringNotEquals":{"iam:PermissionsBoundary":"arn:aws:iam::aws:policy/AdministratorAccess"}"#,
    ] {
        assert_eq!(with(open), ["put-role-policy Possible"], "{open}");
    }
    // What the Allow demands is supposed to be met; the Deny is judged with it.
    let tag = r#""StringEquals":{"aws:PrincipalTag/team":"ops"}"#;
    let plain = r#""Bool":{"aws:SecureTransport":"false"}"#;
    let both = [allow("iam:PutRolePolicy", "*", tag), deny("*", "*", plain)];
    assert_eq!(dangers_of(&both), ["put-role-policy Conditional"]);
}

#[test]
fn a_proof_makes_no_use_of_what_takes_the_danger_off() {
    let only = |policy: &str| {
        let other = format!(r#""ArnNotEquals":{{"iam:PolicyARN":"{policy}"}}"#);
        dangers_of(&[allow("iam:AttachRolePolicy", "*", ""), deny("iam:AttachRolePolicy", "*", &other)])
    };
    assert_eq!(only("arn:aws:iam::aws:policy/ReadOnlyAccess"), ["attach-role-policy Possible"]);
    assert_eq!(only("arn:aws:iam::aws:policy/AdministratorAccess"), ["attach-role-policy Conditional"]);
    let any = r#""StringLike":{"iam:PermissionsBoundary":"*"}"#;
    let held = [allow("iam:PutRolePolicy", "*", any), deny("iam:PutRolePolicy", "*", UNLESS_HELD)];
    assert_eq!(dangers_of(&held), NOTHING);
    // Of roles that may be passed, those that have been judged harmless prove nothing.
    let facts = Facts { passable_roles: vec!["arn:aws:iam::*:role/workloads/*".into()], ..Facts::default() };
    let but = r#"{"Effect":"Deny","Action":"iam:PassRole","NotResource":"arn:aws:iam::*:role/workloads/*"}"#;
    let statements = [allow("iam:PassRole ec2:RunInstances", "*", ""), but.to_owned()].join(",");
    assert_eq!(dangers(&assess_with(facts, vec![document(&statements)], None)), ["pass-role-ec2 Possible"]);
}

#[test]
fn what_a_deny_leaves_out_is_granted_there() {
    let but = |actions: &str, left: &str| {
        format!(r#"{{"Effect":"Deny","Action":"{actions}","NotResource":"arn:aws:iam::*:role/{left}"}}"#)
    };
    let attach = allow("iam:AttachRolePolicy", "*", "");
    let left = assess(vec![document(&[attach.clone(), but("iam:AttachRolePolicy", "app/*")].join(","))]);
    assert_eq!(dangers(&left), ["attach-role-policy Proven"]);
    assert_eq!(left.findings[0].steps[0].limited_to.as_deref(), Some("arn:aws:iam::*:role/app/*"));
    // The role of nobody is left.
    assert_eq!(dangers_of(&[attach, but("iam:*", "aws-reserved/*")]), ["attach-role-policy Possible"]);
    // Assuming and passing roles of certain names depends on what these may do.
    assert_eq!(dangers_of(&[allow("sts:AssumeRole", "*", ""), but("sts:AssumeRole", "app/*")]), NOTHING);
    let pass = [allow("iam:PassRole ec2:RunInstances", "*", ""), but("iam:PassRole", "app/*")];
    assert_eq!(dangers_of(&pass), ["pass-role-ec2 Possible"]);
    // So does what a boundary lets through.
    let boundary = document(&allow("iam:AttachRolePolicy", "arn:aws:iam::*:role/app/*", ""));
    let bounded = assess_with(Facts::default(), vec![document(&allow("iam:*", "*", ""))], Some(boundary));
    assert_eq!(dangers(&bounded), ["attach-role-policy Proven"]);
}

/// The findings of `iam:PutRolePolicy` on everything but what is denied under a condition, to a session of `S`.
fn dangers_to_s(region: Option<&str>, account: Option<&str>, condition: &str) -> Vec<String> {
    let statements = [allow("iam:PutRolePolicy", "*", ""), deny("*", "*", condition)].join(",");
    let set = PermissionSetPolicies {
        policies: vec![document(&statements)],
        session: Some(Arc::new(Session::of("S", "aws", region, account))),
        ..PermissionSetPolicies::default()
    };
    let facts = Facts { organization: Some("o-abcdef1234".into()), ..Facts::default() };
    dangers(&Assessor::new(facts).assess(&set))
}

#[test]
fn what_is_known_of_who_asks_decides() {
    let all = |condition: &str| {
        let regions = [Some("us-east-1"), Some("eu-west-1"), None];
        let found = regions.map(|region| dangers_to_s(region, None, condition));
        assert!(found.iter().all(|one| *one == found[0]), "{condition}: {found:?}");
        found[0].clone()
    };
    for never in [
        r#""StringLike":{"aws:PrincipalArn":"arn:aws:iam::*:root"}"#,
        r#""ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/aws-reserved/sso.amazonaws.com/*AWSReservedSSO_S_*"}"#,
        r#""ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/*AWSReservedSSO_Admin_*"}"#,
        r#""StringNotLike":{"aws:PrincipalArn":["arn:aws:iam::*:role/ci","*AWSReservedSSO_S_????????????????"]}"#,
        r#""StringNotEquals":{"aws:PrincipalOrgID":"o-abcdef1234"}"#,
        r#""StringEquals":{"aws:PrincipalType":"Account"}"#,
        r#""Null":{"aws:PrincipalArn":"true"}"#,
    ] {
        assert_eq!(all(never), ["put-role-policy Proven"], "{never}");
    }
    for always in [
        r#""ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/aws-reserved/sso.amazonaws.com/*AWSReservedSSO_BreakGlass_*"}"#,
        r#""ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/aws-reserved/*"}"#,
        r#""StringNotEquals":{"aws:PrincipalOrgID":"o-other12345"}"#,
        r#""StringNotEquals":{"aws:PrincipalType":"User"}"#,
    ] {
        assert_eq!(all(always), NOTHING, "{always}");
    }
    // The digits of the suffix, and the account unless there is one only, are not known.
    for open in [
        r#""StringLike":{"aws:PrincipalArn":"*_0123456789abcdef"}"#,
        r#""ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::444444444444:role/*"}"#,
        r#""StringEquals":{"aws:PrincipalAccount":"444444444444"}"#,
        r#""StringLike":{"aws:userid":"*:somebody"}"#,
    ] {
        assert_eq!(all(open), ["put-role-policy Possible"], "{open}");
    }
    let in_account = |condition: &str| dangers_to_s(None, Some("444444444444"), condition);
    let other = r#""StringNotEquals":{"aws:PrincipalAccount":"444444444444"}"#;
    assert_eq!(in_account(other), ["put-role-policy Proven"]);
    assert_eq!(
        in_account(r#""ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::444444444444:role/*"}"#),
        ["put-role-policy Proven"]
    );
    // The Region of Identity Center is in the path of the role but for one.
    let in_ireland = r#""ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/*/eu-west-1/AWSReservedSSO_*"}"#;
    assert_eq!(dangers_to_s(Some("eu-west-1"), None, in_ireland), ["put-role-policy Proven"]);
    assert_eq!(dangers_to_s(Some("us-east-1"), None, in_ireland), NOTHING);
    assert_eq!(dangers_to_s(None, None, in_ireland), ["put-role-policy Possible"]);
}

#[test]
fn requests_to_global_services_are_made_to_one_region() {
    let ireland = r#""StringEquals":{"aws:RequestedRegion":"eu-west-1"}"#;
    let virginia = r#""StringEquals":{"aws:RequestedRegion":"us-east-1"}"#;
    let elsewhere = r#""StringNotEquals":{"aws:RequestedRegion":"eu-west-1"}"#;
    assert_eq!(dangers_of(&[allow("iam:PutRolePolicy", "*", ireland)]), NOTHING);
    assert_eq!(dangers_of(&[allow("iam:PutRolePolicy", "*", virginia)]), ["put-role-policy Proven"]);
    assert_eq!(dangers_of(&[allow("iam:PutRolePolicy", "*", ""), deny("*", "*", elsewhere)]), NOTHING);
    assert_eq!(dangers_of(&[allow("iam:PutRolePolicy", "*", ""), deny("*", "*", ireland)]), ["put-role-policy Proven"]);
    // A role is passed where its receiver is asked.
    let pass = [allow("iam:PassRole", "*", ireland), allow("ec2:RunInstances", "*", "")];
    assert_eq!(dangers_of(&pass), ["pass-role-ec2 Conditional"]);
    // Requests to others are made where one likes; in China, so are those.
    assert_eq!(dangers_of(&[allow("sts:AssumeRole", "*", ireland)]), ["assume-role Conditional"]);
    let china = Facts { partition: "aws-cn".to_owned(), ..Facts::default() };
    let there = assess_with(china, vec![document(&allow("iam:PutRolePolicy", "*", ireland))], None);
    assert_eq!(dangers(&there), ["put-role-policy Conditional"]);
}
